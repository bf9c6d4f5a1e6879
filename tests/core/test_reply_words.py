"""What people write back: the words that are read, and guesses that are not made."""

import re
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telecared.core.messages import Reader
from telecared.core.reading_replies import (
    MAX_WORDS,
    NOT_UNDERSTOOD,
    STOP_WORDS,
    Help,
    Meaning,
    Reply,
    help_text,
    parse_reply,
)
from telecared.core.reply_words import REPLY_WORDS
from telecared.core.segments import MAX_SEGMENTS, MAX_TEXT, is_wide, segments
from telecared.core.vocabulary import Outcome
from telecared.core.words import WORDS

ACCEPT: Final = Reply(Meaning.ACCEPT, "4711")
DECLINE: Final = Reply(Meaning.DECLINE, "4711")
THERE: Final = Reply(Meaning.ARRIVED, "4711")
TEN: Final = Reply(Meaning.ON_THE_WAY, "4711", 10)


def ended(outcome: Outcome, code: str = "4711") -> Reply:
    """A reply that says how it ended."""
    return Reply(Meaning.ENDED, code, outcome=outcome)


@pytest.mark.parametrize(
    "text",
    [
        "4711", " 4711. ", "ACK 4711", "ack4711!", "Yes, 4711", "ok 4711 on my way", "4711 yes",
        "4711 4711", "y 4711", "I am going 4711", "I\u2019m coming \u2013 4711",
        "\uff14\uff17\uff11\uff11", "\u0664\u0667\u0661\u0661", "yes\u200b4711",
        "Ja, 4711", "oui 4711", "J\u2019y vais 4711", "s\u00ed 4711", "Tak 4711", "id\u0119 4711",
        "ydw 4711", "rwy ar fy ffordd 4711", "yes 4711 ?", "ok 4711",
    ],
)  # fmt: skip
def test_who_goes_is_understood_however_it_is_spelled(text: str) -> None:
    """Case, blanks, marks, punctuation and the alphabet of the digits do not matter."""
    assert parse_reply(text) == ACCEPT


@pytest.mark.parametrize(
    "text",
    [
        "NO 4711", "no - 4711", "4711 no", "n 4711", "sorry, I can't go 4711",
        "No, I can\u2019t 4711",
        "Nein 4711", "ich kann nicht 4711", "non 4711", "je ne peux pas 4711", "no puedo ir 4711",
        "nie mog\u0119 4711", "na 4711",
    ],
)  # fmt: skip
def test_who_cannot_go_is_understood(text: str) -> None:
    """In the words of any of the languages."""
    assert parse_reply(text) == DECLINE


@pytest.mark.parametrize(
    "text",
    ["4711 10", "10 min 4711", "10 minutes away, 4711",
     "4711 in 10 minutes", "on my way 4711 10", "10mins, 4711",
     "ich komme in 10 Minuten 4711", "dans 10 minutes 4711", "za 10 minut 4711",
     "4711 10 munud"],
)  # fmt: skip
def test_who_is_on_the_way_says_how_long(text: str) -> None:
    """A number beside the code, or one of minutes."""
    assert parse_reply(text) == TEN


@pytest.mark.parametrize(
    "text",
    ["HERE 4711", "arrived 4711", "I am here, 4711", "bin da 4711", "je suis sur place 4711",
     "he llegado 4711", "jestem na miejscu 4711", "rwy yma 4711"],
)  # fmt: skip
def test_who_is_there_says_so(text: str) -> None:
    """In the words of any of the languages."""
    assert parse_reply(text) == THERE


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("HELPED 4711", ended(Outcome.ASSISTANCE_GIVEN)),
        ("4711 helped", ended(Outcome.ASSISTANCE_GIVEN)),
        ("false alarm 4711", ended(Outcome.FALSE_ACTIVATION)),
        ("TEST 4711", ended(Outcome.TEST)),
        ("999 4711", ended(Outcome.EMERGENCY_SERVICES)),
        ("4711 called 999", ended(Outcome.EMERGENCY_SERVICES)),
        ("112 4711", ended(Outcome.EMERGENCY_SERVICES)),
        ("NOBODY 4711", ended(Outcome.NO_CONTACT)),
        ("it is fixed 4711", ended(Outcome.TECHNICAL_FIXED)),
        ("Za\u0142atwione 4711", ended(Outcome.ASSISTANCE_GIVEN)),
        ("helped", ended(Outcome.ASSISTANCE_GIVEN, "")),
        ("nobody", ended(Outcome.NO_CONTACT, "")),
        ("112 min 4711", Reply(Meaning.ON_THE_WAY, "4711", 112)),
    ],
)
def test_how_it_ended_can_be_replied(text: str, reply: Reply) -> None:
    """With a word or an emergency number, beside the code or where only one is open."""
    assert parse_reply(text) == reply


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("ACK", Reply(Meaning.ACCEPT)),
        ("yes", Reply(Meaning.ACCEPT)),
        ("on my way", Reply(Meaning.ACCEPT)),
        ("10 min", Reply(Meaning.ON_THE_WAY, "", 10)),
        ("here", Reply(Meaning.ARRIVED)),
        ("No", Reply(Meaning.DECLINE)),
        ("STOP", Reply(Meaning.STOP)),
        ("stop.", Reply(Meaning.STOP)),
        ("cancel", Reply(Meaning.STOP)),
        ("START", Reply(Meaning.START)),
        ("unstop", Reply(Meaning.START)),
    ],
)
def test_words_without_a_code_mean_the_only_one(text: str, reply: Reply) -> None:
    """And STOP and START mean the number itself."""
    assert parse_reply(text) == reply


@pytest.mark.parametrize(
    "text",
    [
        "", "?!", "\U0001f44d", "4711 0815", "471", "47110", "yes no 4711", "ok I cannot, no 4711",
        "yes of course", "STOP 4711", "please stop", "who is this", "no problem 4711",
        "I am not going 4711", "I am away 4711", "ok 4711 but I will not go", "10", "4711 10 20",
        "4711 0", "4711 600", "HERE 10 4711", "NO 10 4711", "HELPED 10 4711", "yes helped 4711",
        "helped false 4711", "999", "test", "999 please", "puedo 4711", "ich kann 4711",
        "na miejscu 4711", "yes " * (MAX_WORDS + 1), "4711 nie ja tak",
        "nobody can go 4711", "nobody is on it 4711", "niemand kann 4711", "personne en 4711",
        "neb ar y ffordd 4711", "is it false alarm? 4711", "4711 test?", "I am going away 4711",
        "OK", "okay.", "ok ok", "ok thanks", "4711 away", "going at 8 4711",
    ],
)  # fmt: skip
def test_nothing_is_guessed(text: str) -> None:
    """Two codes, yes and no, a word that is not known: asked back, never taken for something.

    Whoever writes 999 may be in danger, and whoever writes TEST tries the number.
    """
    assert parse_reply(text) == NOT_UNDERSTOOD


def test_a_word_that_languages_read_differently_is_not_understood(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is yes here and no there asks back."""
    english = REPLY_WORDS["en"]
    other = english._replace(accept=frozenset({"NO"}), decline=frozenset())
    monkeypatch.setattr("telecared.core.reading_replies.REPLY_WORDS", {"en": english, "xx": other})

    assert parse_reply("no 4711") == NOT_UNDERSTOOD
    assert parse_reply("yes 4711") == ACCEPT


def test_no_word_of_ours_is_one_that_stops_messages() -> None:
    """A provider would take it for STOP before we ever saw it."""
    for words in REPLY_WORDS.values():
        known = {*words.accept, *words.decline, *words.arrived, *words.outcomes, *words.beside}
        known |= words.ending
        assert known.isdisjoint(STOP_WORDS)


@pytest.mark.parametrize("language", sorted(WORDS))
def test_every_word_that_a_text_asks_for_is_read(language: str) -> None:
    """What people are told to reply is what is understood, in their own language."""
    texts = WORDS[language]
    asked = re.findall(r"([A-Z0-9]+) \{code\}", texts["how_ended"] + texts["lapsed"])
    refusing = re.findall(r"([A-Z]+) \{code\}", texts["thanks"] + texts["thanks_of"])

    assert len(asked) == 6
    outcomes = [parse_reply(f"{word} 4711").outcome for word in asked]
    assert set(outcomes) == {one for one in Outcome if one.stated} - {Outcome.TEST}
    assert len(refusing) == 2
    assert {parse_reply(f"{word} 4711") for word in refusing} == {DECLINE}


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.one_of(st.text(max_size=40), st.from_regex(r"[ A-Za-z]{0,6} ?\d{0,5} ?[A-Za-z]{0,4}")))
def test_no_reply_is_too_strange(text: str) -> None:
    """Whatever is written, it means something or is not understood."""
    reply = parse_reply(text)
    assert len(reply.code) in (0, 4)
    assert (reply.outcome is not None) is (reply.meaning is Meaning.ENDED)
    assert (reply.minutes is not None) is (reply.meaning is Meaning.ON_THE_WAY)


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


def test_a_refusal_is_told_in_its_own_words() -> None:
    """The second carer who answers hears who has it, not that nothing is open."""
    text = help_text(Help.TAKEN, (), who="Ben Hall")

    assert text == "Ben Hall already has it. In an emergency call 999."
    assert help_text("larch-12 has no such contact", ()) == "Larch-12 has no such contact."


@pytest.mark.parametrize("language", list(WORDS))
def test_help_is_in_the_language_of_whoever_is_helped(language: str) -> None:
    """With the words of that language, which are understood, and within the room of two SMS."""
    reader = Reader(language)
    texts = [help_text(why, ("4711", "5822"), reader, who="Ann Lee") for why in Help]
    one = help_text(Help.NOT_UNDERSTOOD, ("4711",), reader)
    refusing = re.findall(r"([A-Z]+) 4711", one)

    assert texts == list(dict.fromkeys(texts))
    assert all(segments(text) <= MAX_SEGMENTS and not is_wide(text) for text in (*texts, one))
    assert [parse_reply(f"{word} 4711") for word in refusing] == [DECLINE]
    assert language == "en" or "emergency" not in " ".join((*texts, one))
