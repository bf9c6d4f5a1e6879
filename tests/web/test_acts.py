"""What forms of acts come to: the core's events, and sentences for what cannot be meant."""

from typing import Any

import msgspec
import pytest

from telecared.core.alert_commands import (
    Acknowledged,
    Called,
    Declined,
    EscalatedNow,
    HandedOver,
    InterimPlanned,
    Linked,
    MessageSent,
    Resolved,
    Snoozed,
    Updated,
)
from telecared.core.asking import note_of
from telecared.core.events import Promised, PromiseKept, StoredEvent
from telecared.core.vocabulary import (
    DAY,
    MINUTE,
    CallResult,
    Cause,
    Channel,
    Outcome,
    Progress,
)
from telecared.orders import STATED, StatedOrder
from telecared.web.acts import ACTS, Command, read
from telecared.web.errors import BadForm, NotThere

NAME = "Olive Operator"
ONE: dict[str, Any] = {"input": 0, "at": 0, "alert": 3, "by": NAME}


def asked(act: str, **fields: str) -> Command:
    """What the fields of an act on larch-12/3 come to."""
    return read(act, home="larch-12", alert=3, by=NAME, fields=fields)


def problems(act: str, **fields: str) -> dict[str, str]:
    """What is wrong with the fields of an act."""
    with pytest.raises(BadForm) as told:
        asked(act, **fields)
    return told.value.problems


@pytest.mark.parametrize(
    ("act", "fields", "event"),
    [
        ("take", {}, Acknowledged(**ONE)),
        ("take", {"minutes": "45"}, Acknowledged(**ONE, lease=45 * MINUTE)),
        ("take-over", {"note": "mine"}, HandedOver(**ONE, to=NAME, note="mine", take_over=True)),
        ("hand-over", {"to": "Omar"}, HandedOver(**ONE, to="Omar")),
        ("hand-over", {"contact": "ben"}, HandedOver(**ONE, to="ben", contact="ben")),
        ("snooze", {"minutes": "15"}, Snoozed(**ONE, duration=15 * MINUTE)),
        ("on-the-way", {"minutes": "10"}, Updated(**ONE, progress=Progress.ON_THE_WAY, minutes=10)),
        ("arrived", {}, Updated(**ONE, progress=Progress.ARRIVED)),
        ("note", {"note": " rang \r\n"}, Updated(**ONE, progress=Progress.NOTE, note="rang")),
        (
            "answer",
            {"question": "Is she up?", "answer": "Yes"},
            Updated(**ONE, progress=Progress.NOTE, note=note_of("Is she up?", "Yes")),
        ),
        ("escalate", {}, EscalatedNow(**ONE)),
        ("decline", {"contact": "ben"}, Declined(**ONE, contact="ben")),
        (
            "called",
            {"contact": "ben", "result": "no_answer", "note": "x"},
            Called(**ONE, contact="ben", result=CallResult.NO_ANSWER, note="x"),
        ),
        ("message", {"to": "ben", "text": "Hello"}, MessageSent(**ONE, to="ben", text="Hello")),
        (
            "message",
            {"to": "ben", "text": "Hello", "channel": "email"},
            MessageSent(**ONE, to="ben", text="Hello", channel=Channel.EMAIL),
        ),
        ("link", {"to": "larch-12/7"}, Linked(**ONE, to=7)),
        ("link", {"to": "7", "note": "same"}, Linked(**ONE, to=7, note="same")),
        ("resolve", {"outcome": "test"}, Resolved(**ONE, outcome=Outcome.TEST)),
        (
            "resolve",
            {"outcome": "false_activation", "cause": "pet", "note": "the cat"},
            Resolved(
                **ONE, outcome=Outcome.FALSE_ACTIVATION, cause=Cause.PET, note="the cat"
            ),
        ),
        ("kept", {"number": "4"}, PromiseKept(input=0, at=0, by=NAME, number=4)),
    ],
)  # fmt: skip
def test_a_form_becomes_the_event_that_the_terminal_would_give(
    act: str, fields: dict[str, str], event: StoredEvent
) -> None:
    """The page, the API and the terminal ask the core for the same."""
    assert asked(act, **fields).what == event


@pytest.mark.parametrize(
    ("act", "fields", "order"),
    [
        (
            "plan",
            {"note": "A neighbour looks in.", "days": "3"},
            StatedOrder(
                event=InterimPlanned(**ONE, until=0, note="A neighbour looks in."), lasts=3 * DAY
            ),
        ),
        (
            "promise",
            {"what": "Call back", "until": "2026-03-01T14:30"},
            StatedOrder(
                event=Promised(input=0, at=0, by=NAME, what="Call back", due_at=0, alert=3),
                local_until="2026-03-01T14:30",
            ),
        ),
    ],
)
def test_what_has_an_end_is_an_order_whose_end_each_home_works_out(
    act: str, fields: dict[str, str], order: StatedOrder
) -> None:
    """By minutes or days from when it is carried out, or by the clocks of the home."""
    found = asked(act, **fields)

    assert found.kind in STATED
    assert found.what == msgspec.json.encode(order)


@pytest.mark.parametrize(
    ("act", "fields", "wrong"),
    [
        ("take", {"minutes": "soon"}, {"minutes": "Write a whole number from 1 to 1440."}),
        ("take", {"minutes": "0"}, {"minutes": "Write a whole number from 1 to 1440."}),
        ("take", {"minutes": "99999999999999999999"}, {"minutes": "Write a whole number"}),
        ("snooze", {}, {"minutes": "Write how many minutes"}),
        ("on-the-way", {}, {"minutes": "Write how many minutes"}),
        ("note", {"note": "  "}, {"note": "Write a note."}),
        ("note", {"note": "x" * 2_001}, {"note": "This is longer than 2000 characters"}),
        ("answer", {}, {"question": "Say which question.", "answer": "Choose or write an answer."}),
        ("hand-over", {}, {"to": "Choose one operator or one contact"}),
        ("hand-over", {"to": "Omar", "contact": "ben"}, {"to": "Choose one operator"}),
        ("decline", {}, {"contact": "Choose who it is."}),
        ("called", {}, {"contact": "Choose who it is.", "result": "Say what came of the call."}),
        ("called", {"contact": "ben", "result": "busy"}, {"result": "There are: answered,"}),
        ("called", {"contact": "resident", "result": "going"}, {"result": "The resident lives"}),
        ("message", {}, {"to": "Choose who it is.", "text": "Write the message."}),
        ("message", {"to": "ben", "text": "x" * 401}, {"text": "This is longer than 400"}),
        ("message", {"to": "ben", "text": "x", "channel": "pigeon"}, {"channel": "There are: sms"}),
        ("link", {}, {"to": "Choose the other alert."}),
        ("link", {"to": "the other"}, {"to": "Write the other alert's number, like larch-12/3."}),
        ("link", {"to": "larch-14/1"}, {"to": "A duplicate is of the same home"}),
        ("link", {"to": "3"}, {"to": "This is the alert itself"}),
        ("resolve", {}, {"outcome": "Say how it ended."}),
        ("resolve", {"outcome": "duplicate"}, {"outcome": "Say how it ended. There are:"}),
        ("resolve", {"outcome": "false_activation"}, {"cause": "Say why it was a false"}),
        ("resolve", {"outcome": "test", "cause": "pet"}, {"cause": "A cause is of a false"}),
        ("plan", {}, {"note": "Write a note."}),
        ("plan", {"note": "x"}, {"days": "Say in how many days, or until when; one of them."}),
        ("plan", {"note": "x", "days": "91"}, {"days": "Write a whole number from 1 to 90."}),
        ("promise", {}, {"what": "Write what is promised."}),
        (
            "promise",
            {"what": "x", "minutes": "5", "until": "2026-03-01T14:30"},
            {"minutes": "one of them"},
        ),
        ("promise", {"what": "x", "until": "tomorrow"}, {"until": "Write it like 2026-03-01T14"}),
        ("kept", {}, {"number": "Say which promise."}),
    ],
)
def test_what_cannot_be_meant_is_answered_in_a_sentence_for_each_field(
    act: str, fields: dict[str, str], wrong: dict[str, str]
) -> None:
    """All problems of a form at once, each with what to write instead."""
    found = problems(act, **fields)

    assert found.keys() == wrong.keys()
    for name, words in wrong.items():
        assert words in found[name]


def test_there_is_nothing_else_that_can_be_done() -> None:
    """An act that nobody knows is not there."""
    with pytest.raises(NotThere):
        asked("explode")


def test_every_field_of_the_table_can_be_described() -> None:
    """The API makes its description of the table: words, choices and limits are there."""
    for deed in ACTS.values():
        assert deed.label
        assert deed.done.endswith(".")
        for field in deed.fields:
            assert field.what.endswith(".")
            assert field.ask.endswith(".")
            assert (field.shape == "choice") == bool(field.choices)
