"""What a simulated phone does, as values: no HTTP and no waiting."""

import pytest

from telecared.core.vocabulary import MINUTE, SECOND, NotificationState
from telecared.errors import ConfigError
from telecared.sim.behaviour import (
    Behaviour,
    Fault,
    Reaction,
    ReactionKind,
    fault_for,
    parse_behaviour,
    reactions,
    reply_code,
)

TEXT = "Alarm: fall at 1200 Larch Close. Reply 4711 if you are going."
RECEIPT, REPLY = ReactionKind.RECEIPT, ReactionKind.REPLY


def test_by_default_a_message_arrives_after_five_seconds_and_nobody_answers() -> None:
    """What `replay` assumes without a file of phones."""
    assert reactions(Behaviour(), TEXT) == [
        Reaction(SECOND, RECEIPT, "sent"),
        Reaction(5 * SECOND, RECEIPT, "delivered"),
    ]
    assert parse_behaviour("silent") == Behaviour()


def test_cara_replies_with_the_code_after_forty_seconds() -> None:
    """The form that scenarios use."""
    cara = parse_behaviour({"reply": "{code}", "after": "40s"})

    assert reactions(cara, TEXT)[-1] == Reaction(40 * SECOND, REPLY, "4711")


def test_nobody_sends_a_code_back_that_was_not_asked_for() -> None:
    """A thank-you message is not answered, or two machines would talk all night."""
    cara = parse_behaviour({"reply": "YES {code}"})
    thanks = "Thank you. If you cannot go after all, reply NO 4711."

    for text in ("Ben Hall is going.", thanks, "Call +447700900123.", "Take 12345."):
        assert [one for one in reactions(cara, text) if one.kind is REPLY] == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (TEXT, "4711"),
        ("At 1200 Larch Close. Send 0042 back.", "0042"),
        ("reply with 0815", "0815"),
        ("No digits", None),
        ("Reply 47111", None),
    ],
)
def test_the_code_is_found_in_the_text(text: str, code: str | None) -> None:
    """What follows `reply` wins over house numbers."""
    assert reply_code(text) == code


def test_who_was_not_reached_does_not_answer() -> None:
    """An undelivered message has no reader."""
    behaviour = parse_behaviour({"reply": "4711", "state": "undelivered", "code": 30003})

    assert reactions(behaviour, TEXT)[1:] == [
        Reaction(5 * SECOND, RECEIPT, NotificationState.UNDELIVERED, "30003")
    ]


def test_receipts_may_come_twice_in_the_wrong_order_or_never() -> None:
    """What real providers do to receipts."""
    odd = parse_behaviour({"copies": 2, "reordered": True, "settled": "3s"})
    words = [one.payload for one in reactions(odd, TEXT)]

    assert words == ["delivered", "delivered", "sent", "sent"]
    assert reactions(parse_behaviour("no_receipt"), TEXT) == []
    assert reactions(parse_behaviour({"settled": "never"}), TEXT) == [
        Reaction(SECOND, RECEIPT, "sent")
    ]


def test_a_quick_delivery_is_not_told_before_the_sending() -> None:
    """Without `reordered`, receipts keep their order however short the delays."""
    quick = parse_behaviour({"sent": "2m", "settled": "1m"})

    assert [one.payload for one in reactions(quick, TEXT)] == ["sent", "delivered"]
    assert reactions(quick, TEXT)[1].delay == MINUTE


def test_a_fault_befalls_as_many_messages_as_it_says() -> None:
    """A provider that fails twice and then works."""
    behaviour = parse_behaviour({"fault": 429, "fault_times": 2})

    faults = [fault_for(behaviour, earlier) for earlier in range(4)]
    assert faults == [Fault.RATE_LIMITED, Fault.RATE_LIMITED, Fault.NONE, Fault.NONE]
    assert fault_for(parse_behaviour(500), 99) is Fault.SERVER_ERROR_BEFORE


def test_who_opts_out_answers_stop() -> None:
    """Instead of any other answer."""
    assert reactions(parse_behaviour("opt_out"), TEXT)[-1][1:3] == (REPLY, "STOP")


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("asleep", "'asleep' is not a phone's behaviour; write one of silent"),
        (None, "a phone's behaviour is a word or a mapping"),
        (True, "a phone's behaviour is a word or a mapping"),
        ({"respond": "1"}, "'respond' is not known of a phone; write one of reply"),
        ({"after": 40}, "after: '40' has no unit; write 40s"),
        ({"after": "40"}, "after: '40' has no unit; write 40s"),
        ({"after": "400d"}, "after: longer than 7d"),
        ({"reply": ""}, "reply: must be a text"),
        ({"state": "sent"}, "state: 'sent' is not how delivery ends; write one of delivered"),
        ({"code": "busy"}, "code: 'busy' is not a provider's error code; write five digits"),
        ({"reply": 4711}, "reply: must be a text"),
        ({"copies": 0}, "copies: 0 is not a number from 1 to 10"),
        ({"reordered": "yes"}, "reordered: 'yes' is neither true nor false"),
        ({"fault": "smoke"}, "fault: 'smoke' is not a fault; write one of none"),
    ],
)
def test_a_mistake_is_told_with_what_to_write(value: object, problem: str) -> None:
    """The person who wrote it can mend it."""
    with pytest.raises(ConfigError) as caught:
        parse_behaviour(value)

    assert caught.value.problems[0].startswith(problem)


def test_all_mistakes_are_told_at_once() -> None:
    """One run, one list."""
    with pytest.raises(ConfigError) as caught:
        parse_behaviour({"after": "x", "copies": 99, "nope": 1})

    assert len(caught.value.problems) == 3
