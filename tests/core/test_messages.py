"""Texts that people read and the replies they write: caps, codes, guesses that are not made."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telecared.core.events import ReplyNotUnderstood
from telecared.core.messages import (
    DEFAULT_SAY,
    FIELDS,
    MAX_HELPS_A_DAY,
    MAX_TEXT,
    Help,
    Meaning,
    Reader,
    Reply,
    dealt_with,
    fields_of,
    going,
    help_text,
    lapsed,
    parse_reply,
    recovered,
    render,
    reply_code,
    thanks,
    with_note,
)
from telecared.core.plan import Rule
from telecared.core.technical import FINDINGS
from telecared.core.vocabulary import MINUTE, Channel, Priority
from telecared.core.when import ReadingIs
from tests.core.conftest import Story
from tests.core.world import CENTRE, plan_of, record_of

VALUES = {"home.address": "12 Larch Close", "code": "4711", "rule": "fall"}

READER = Reader("en", Channel.SMS)


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
def test_a_text_is_never_longer_than_three_segments_and_keeps_its_code(code: str) -> None:
    """What is cut off is the middle, not the way to answer."""
    said = render("x" * 1000 + " {code}", {"code": code})
    assert len(said) == MAX_TEXT
    assert said.endswith("... Reply 4711." if code else "...")


@pytest.mark.parametrize(("letter", "most"), [("ž", 201), ("😀", 110), ("€", 238), ("é", MAX_TEXT)])
def test_letters_that_take_more_room_are_counted_so(letter: str, most: int) -> None:
    """An address in another alphabet costs three segments at most as well, and keeps its code."""
    said = render(letter * 1000 + " {code}", {"code": "4711"})
    assert len(said) <= most
    assert len(said) > most * 0.8
    assert said.endswith("... Reply 4711.")
    within = "x" * 185 + " ž"
    assert render(within + " {code}", {"code": "4711"}) == within + " 4711"


def test_an_address_with_braces_is_an_address(story: Story) -> None:
    """Nothing that a person typed is read as a template, however late the alarm is."""
    assert with_note("At {2.", " (late by 5m)", "4711") == "At {2. (late by 5m)"
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
    long = "y" * 1000
    for wording in (going("Cara", long), dealt_with("Cara", long), recovered(long),
                    lapsed(long, "4711")):  # fmt: skip
        assert len(wording(READER)) <= MAX_TEXT
    assert going("Cara", long)(READER).startswith("Cara is going")
    assert "4711" in thanks("09:00", "4711")(READER)
    assert "4711" in lapsed("short", "4711")(READER)


@pytest.mark.parametrize(
    ("text", "meaning", "code"),
    [
        ("4711", Meaning.ACCEPT, "4711"),
        (" 4711. ", Meaning.ACCEPT, "4711"),
        ("ACK 4711", Meaning.ACCEPT, "4711"),
        ("ack4711!", Meaning.ACCEPT, "4711"),
        ("Yes, 4711", Meaning.ACCEPT, "4711"),
        ("ok 4711 on my way", Meaning.ACCEPT, "4711"),
        ("4711 yes", Meaning.ACCEPT, "4711"),
        ("4711 4711", Meaning.ACCEPT, "4711"),
        ("y 4711", Meaning.ACCEPT, "4711"),
        ("NO 4711", Meaning.DECLINE, "4711"),
        ("no - 4711", Meaning.DECLINE, "4711"),
        ("4711 no", Meaning.DECLINE, "4711"),
        ("n 4711", Meaning.DECLINE, "4711"),
        ("ACK", Meaning.ACCEPT_ONLY_ONE, ""),
        ("yes", Meaning.ACCEPT_ONLY_ONE, ""),
        ("No", Meaning.DECLINE_ONLY_ONE, ""),
        ("no I am away", Meaning.DECLINE_ONLY_ONE, ""),
        ("STOP", Meaning.STOP, ""),
        ("stop.", Meaning.STOP, ""),
        ("unsubscribe", Meaning.STOP, ""),
        ("START", Meaning.START, ""),
        ("unstop", Meaning.START, ""),
        ("", Meaning.NOT_UNDERSTOOD, ""),
        ("?!", Meaning.NOT_UNDERSTOOD, ""),
        ("👍", Meaning.NOT_UNDERSTOOD, ""),
        ("4711 0815", Meaning.NOT_UNDERSTOOD, ""),
        ("4711 in 10 minutes", Meaning.NOT_UNDERSTOOD, ""),
        ("471", Meaning.NOT_UNDERSTOOD, ""),
        ("47110", Meaning.NOT_UNDERSTOOD, ""),
        ("\uff14\uff17\uff11\uff11", Meaning.NOT_UNDERSTOOD, ""),
        ("I am going 4711", Meaning.NOT_UNDERSTOOD, ""),
        ("yes no 4711", Meaning.NOT_UNDERSTOOD, ""),
        ("ok I cannot, no 4711", Meaning.NOT_UNDERSTOOD, ""),
        ("yes of course", Meaning.NOT_UNDERSTOOD, ""),
        ("STOP 4711", Meaning.NOT_UNDERSTOOD, ""),
        ("please stop", Meaning.NOT_UNDERSTOOD, ""),
        ("who is this", Meaning.NOT_UNDERSTOOD, ""),
    ],
)
def test_what_people_write_back(text: str, meaning: Meaning, code: str) -> None:
    """Clear words are understood however they are spelled; nothing is guessed."""
    assert parse_reply(text) == Reply(meaning, code)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.one_of(st.text(max_size=40), st.from_regex(r"[ A-Za-z]{0,6} ?\d{0,5} ?[A-Za-z]{0,4}")))
def test_no_reply_is_too_strange(text: str) -> None:
    """Whatever is written, it means something or is not understood; a code is in the text."""
    reply = parse_reply(text)
    needs_code = reply.meaning in (Meaning.ACCEPT, Meaning.DECLINE)
    assert bool(reply.code) is needs_code
    assert reply.code in text


@pytest.mark.parametrize(
    ("why", "codes", "says"),
    [
        (Help.WHICH_ONE, ("4711", "0815"), "Which one? Reply with its code: 4711, 0815."),
        (Help.UNKNOWN_CODE, ("4711",), "That code is not open for you. Open: 4711."),
        (Help.UNKNOWN_CODE, (), "Nothing is open for you now."),
        (Help.NOT_UNDERSTOOD, ("4711",), "Reply 4711 if you are going, NO 4711 if you cannot."),
        (Help.NOT_UNDERSTOOD, ("4711", "0815"), "with the code if you are going: 4711, 0815."),
        (Help.NOT_UNDERSTOOD, (), "Nothing is open for you now."),
        (Help.NOTHING_OPEN, (), "Nothing is open for you now."),
        (Help.STRANGER, (), "This number sends telecare alerts only."),
    ],
)
def test_help_says_what_to_write_instead(why: Help, codes: tuple[str, ...], says: str) -> None:
    """With the codes that are open, where there are any."""
    assert says in help_text(why, codes)


def test_help_fits_into_a_message_however_many_are_open() -> None:
    """Twenty codes are listed, no more."""
    codes = tuple(str(1000 + number) for number in range(500))
    for why in Help:
        assert len(help_text(why, codes)) <= MAX_TEXT


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


def test_a_refusal_is_told_in_its_own_words() -> None:
    """The second carer who answers hears who has it, not that nothing is open."""
    text = help_text("Ben Hall already has it", ())

    assert text == "Ben Hall already has it. In an emergency call 999."
