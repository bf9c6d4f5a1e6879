"""Texts that people read: what they hold, and that they are never too long."""

from typing import Any

import pytest

from telecared.core.events import ReplyNotUnderstood
from telecared.core.messages import (
    DEFAULT_SAY,
    FIELDS,
    MAX_HELPS_A_DAY,
    Reader,
    dealt_with,
    fields_of,
    going,
    lapsed,
    recovered,
    render,
    reply_code,
    thanks,
    with_note,
)
from telecared.core.plan import Rule
from telecared.core.policy import Policy, Step
from telecared.core.segments import MAX_SEGMENTS, MAX_TEXT, first_segment, segments
from telecared.core.state import Alert
from telecared.core.technical import FINDINGS
from telecared.core.vocabulary import MINUTE, Priority
from telecared.core.when import ReadingIs
from tests.core.conftest import Story
from tests.core.world import CENTRE, plan_of, record_of

VALUES = {"home.address": "12 Larch Close", "code": "4711", "rule": "fall"}

READER = Reader("en")


def an_alert(text: str, **changes: Any) -> Alert:  # noqa: ANN401 - any field of an alert
    """An alert as it opened, with the code 4711."""
    fields = {
        "n": 1, "rule": "fall", "key": "fall", "priority": Priority.LIFE_SAFETY, "opened_at": 0,
        "text": text, "about": "fall at 12 Larch Close", "code": "4711",
        "policy": Policy(name="p", steps=(Step(notify=("carer",)),)),
    }  # fmt: skip
    return Alert(**{**fields, **changes})


def test_a_template_is_filled() -> None:
    """Known fields are replaced, an unknown one stays readable, blanks at the ends go."""
    said = render(" {rule} at {home.address}, {colour}. Reply {code}. ", VALUES)
    assert said == "fall at 12 Larch Close, colour. Reply 4711."


def test_a_text_without_its_code_is_given_one() -> None:
    """Nobody can answer a text without a code; a house number is none."""
    assert render("Fall.", VALUES) == "Fall. Reply 4711 if you take it."
    assert render("At 4711 Elm Row.", VALUES) == "At 4711 Elm Row. Reply 4711 if you take it."
    assert render("Fall.", {}) == "Fall."


@pytest.mark.parametrize("code", ["4711", ""])
def test_a_text_is_never_longer_than_two_segments_and_keeps_its_code(code: str) -> None:
    """What is cut off is the middle, not the way to answer, which stands in the first of them."""
    said = render("x" * 1000 + " {code}", {"code": code})
    assert len(said) == MAX_TEXT
    assert said.endswith("... Reply 4711." if code else "...")
    assert said.startswith("4711: xxx" if code else "xxx")


@pytest.mark.parametrize(("letter", "most"), [("ž", 134), ("😀", 80), ("€", 165), ("é", MAX_TEXT)])
def test_letters_that_take_more_room_are_counted_so(letter: str, most: int) -> None:
    """An address in another alphabet costs two segments at most as well, and keeps its code."""
    said = render(letter * 1000 + " {code}", {"code": "4711"})
    assert segments(said) == 2
    assert most * 0.8 < len(said) <= most
    assert said.endswith("... Reply 4711.")
    within = "x" * 45 + " ž"
    assert render(within + " {code}", {"code": "4711"}) == within + " 4711"


def test_an_address_with_braces_is_an_address(story: Story) -> None:
    """Nothing that a person typed is read as a template, however late the alarm is."""
    assert with_note("At {2. 4711", " (late by 5m)", "4711") == "At {2. 4711 (late by 5m)"
    rule = Rule(
        name="fall", when=ReadingIs(property="fall", values=("detected",)),
        priority=Priority.LIFE_SAFETY,
    )  # fmt: skip
    world = story(plan=plan_of([rule]), record=record_of(address="Flat {2, Larch {} House"))
    world.hears("unit", fall="detected", stamp=world.at - 5 * MINUTE)
    world.expect_sms("ben", "Flat {2, Larch {} House")


def test_fields_of_a_template() -> None:
    """In order; braces that do not match are refused."""
    assert fields_of("{rule} at {home.address}.") == ["rule", "home.address"]
    with pytest.raises(ValueError, match="expected '}'"):
        fields_of("{rule")


def test_every_text_that_ships_names_known_fields_alone() -> None:
    """And each lets people answer."""
    texts = [*DEFAULT_SAY.values(), *(finding.say for finding in FINDINGS.values())]
    for text in texts:
        assert set(fields_of(text)) <= FIELDS
        assert "code" in fields_of(text)


def test_a_code_has_four_digits_and_comes_from_the_alert() -> None:
    """The same alert gives the same code."""
    codes = {reply_code(f"larch-12/{n}") for n in range(500)}
    assert all(len(code) == 4 and 1000 <= int(code) <= 9999 for code in codes)
    assert reply_code("larch-12/1") == reply_code("larch-12/1")
    assert len(codes) > 450


def test_what_we_say_beside_the_alert_is_capped_too() -> None:
    """The name stands first, the code survives."""
    long = an_alert("x", about="y" * 1000)
    for wording in (going("Cara", long), dealt_with("Cara", long), recovered(long), lapsed(long)):
        assert segments(wording(READER)) <= MAX_SEGMENTS
    assert going("Cara", long)(READER).startswith("Cara is going")
    for asking in (thanks("09:00", long), lapsed(long)):
        assert "4711" in first_segment(asking(READER))


def test_help_is_given_a_few_times_a_day_to_each_number(story: Story) -> None:
    """Two robots cannot talk for ever; the next local day begins anew, the old is forgotten."""
    world = story()

    def asks(sender: str) -> None:
        world.happens(
            ReplyNotUnderstood(
                input=world.next_input(), at=world.at, sender=sender, number="+447700900200",
                help="stranger",
            )
        )  # fmt: skip

    for _ in range(MAX_HELPS_A_DAY + 3):
        asks("a robot")
    asks("a friend")
    told = [one.id for one in world.notifications()]
    assert told == [f"larch-12/0-{k}" for k in range(1, MAX_HELPS_A_DAY + 2)]
    assert world.notifications()[0].number == "+447700900200"
    world.advance(days=1)
    asks("a robot")
    assert set(world.state.helped) == {"a robot"}
    assert len(world.notifications()) == MAX_HELPS_A_DAY + 2
    world.forget_messages()
    assert CENTRE not in [one.to for one in world.notifications()]


def test_the_minutes_of_a_stretch_can_be_told(story: Story) -> None:
    """`{minutes}` is how long it has lasted when it opened."""
    rule = Rule(
        name="fall", when=ReadingIs(property="fall", values=("detected",)), say="{minutes} minutes",
        priority=Priority.LIFE_SAFETY,
    )  # fmt: skip
    world = story(rules=[rule])
    world.hears("unit", fall="detected", stamp=world.at - 7 * MINUTE)
    world.expect_sms("ben", "7 minutes Reply")
