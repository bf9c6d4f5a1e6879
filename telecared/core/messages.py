"""Texts that people read, and the replies that they write.

Every word that leaves by SMS is made here, and every word that comes back is read here. Who gets
a text, and when, is `escalation`.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from string import Formatter
from typing import Final, NamedTuple

from telecared.core.state import Alert
from telecared.core.vocabulary import Channel, Priority


class Reader(NamedTuple):
    """Who a text is for: their language, and the channel by which it reaches them."""

    language: str
    channel: Channel


Wording = Callable[[Reader], str]
"""A text that is put into words for its reader."""


FIELDS: Final = frozenset(
    {
        "home.id",
        "home.address",
        "resident.name",
        "device.id",
        "device.location",
        "rule",
        "minutes",
        "code",
    }
)
"""What a rule's `say` may name in braces."""

MAX_TEXT: Final = 459
"""Characters of one text: three concatenated segments of the GSM alphabet (3GPP TS 23.040)."""

MAX_WIDE_TEXT: Final = 201
"""The same where one letter is outside that alphabet: then every letter takes two bytes."""

_GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_DOUBLE: Final = frozenset("^{}\\[~]|€")
"""Letters of the GSM alphabet that take the place of two (3GPP TS 23.038)."""

MAX_HELPS_A_DAY: Final = 5
"""Help texts to one number on one local day, so that two robots cannot talk for ever."""

MAX_LISTED: Final = 20
"""Codes that one help text lists: more do not fit into `MAX_TEXT`."""

STOP_WORDS: Final = frozenset(
    {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
)
"""Words that the provider itself takes as "send me nothing more" (Twilio's default list)."""

START_WORDS: Final = frozenset({"START", "YES", "UNSTOP"})
"""Words with which the provider takes messages up again; `YES` only without a code."""

DEFAULT_SAY: Final[Mapping[Priority, str]] = {
    Priority.LIFE_SAFETY: "Alarm: {rule} at {home.address}. Reply {code} if you are going.",
    Priority.URGENT: "Please check: {rule} at {home.address}. Reply {code} if you are going.",
    Priority.ROUTINE: "To look at: {rule} at {home.address}. Reply {code} if you take it.",
    Priority.TECHNICAL: "Fault: {rule} at {home.address}. Reply {code} if you take it.",
}


def fields_of(template: str) -> list[str]:
    """Return the fields that a template names.

    Raises:
        ValueError: the braces do not match.
    """
    return [name for _, name, _, _ in Formatter().parse(template) if name is not None]


def render(template: str, values: Mapping[str, str]) -> str:
    """Fill a template; a field that is not known stays readable as its own name.

    The reply code is always in the text, and the text never exceeds `MAX_TEXT`.
    """
    parts: list[str] = []
    named: set[str] = set()
    for literal, name, _, _ in Formatter().parse(template):
        parts.append(literal)
        if name is not None:
            named.add(name)
            parts.append(values.get(name, name))
    text = "".join(parts).strip()
    code = values.get("code", "")
    if code and "code" not in named:
        # Looking for its digits would find them in a house number too.
        text = f"{text} Reply {code} if you take it."
    return _capped(text, code)


def with_note(text: str, note: str, code: str) -> str:
    """Add a note to a finished text; braces in it are somebody's address, not fields."""
    return _capped(text + note, code)


def _capped(text: str, code: str) -> str:
    if _room_left(text) >= 0:
        return text
    ending = f"... Reply {code}." if code else "..."
    # What is cut off may have been all that was wide, or not: one letter more is tried at a time.
    kept = text[: MAX_TEXT - len(ending)]
    while (missing := -_room_left(kept + ending)) > 0:
        kept = kept[: -max(1, missing // 2)]
    return kept + ending


def _room_left(text: str) -> int:
    """Return how many letters more fit into three segments; negative when it is too long."""
    letters = frozenset(text)
    if letters <= _GSM | _GSM_DOUBLE:
        return MAX_TEXT - len(text) - sum(letter in _GSM_DOUBLE for letter in text)
    return MAX_WIDE_TEXT - len(text.encode("utf-16-le")) // 2


def reply_code(alert: str) -> str:
    """Return the four digits by which people answer for the alert `{home}/{n}`.

    Derived, so that a replay gives the same; not unique, so it is matched only among the
    unresolved alerts that a number was told (design 3.1, decision 9).
    """
    digest = hashlib.sha256(alert.encode()).digest()
    return str(1000 + int.from_bytes(digest[:4], "big") % 9000)


def stand_in(number: str) -> str:
    """Return what a number is counted by in the state, so that the number itself is not kept."""
    return hashlib.sha256(number.encode()).hexdigest()[:16]


# --- what we say beside the alert itself --------------------------------------------------------


def about(rule: str, place: str) -> str:
    """Return the few words by which later messages name an alert: what, and where."""
    return f"{rule.replace('-', ' ')} at {place}"


def alarm(alert: Alert) -> Wording:
    """Tell what an alert is about, in the words that were frozen when it opened."""
    return lambda _: alert.text


def going(who: str, what: str) -> Wording:
    """Tell the others who has taken the alert; the name stands first, where it is seen."""
    return lambda _: _capped(f"{who} is going: {what}. You need not do anything more.", "")


def dealt_with(who: str, what: str) -> Wording:
    """Tell those who were told that it is over."""
    return lambda _: _capped(f"{who} has dealt with it: {what}. It is over.", "")


def recovered(what: str) -> Wording:
    """Tell those who were told that it ended by itself."""
    return lambda _: _capped(f"It is over by itself: {what}.", "")


def thanks(until: str, code: str) -> Wording:
    """Confirm an acknowledgement and say for how long it holds."""
    return lambda _: (
        f"Thank you. You have it until {until}. If you cannot go after all, reply NO {code}."
    )


def again(alert: Alert) -> Wording:
    """Page the owner of an acknowledged alert when it happens again."""
    return lambda _: _answer_soon(f"AGAIN: {alert.text}", alert.code)


def confirmed(text: str, code: str) -> str:
    """Return an alert's text from the moment at which a second sensor has confirmed it."""
    return _capped(f"CONFIRMED: {text}", code)


def answer_soon(alert: Alert) -> Wording:
    """Page the owner of an acknowledged alert, who must answer or loses it."""
    return lambda _: _answer_soon(alert.text, alert.code)


def _answer_soon(text: str, code: str) -> str:
    return _capped(f"{text} Reply {code} within 2 minutes or others are told.", code)


def unfixed(lasted: str, *, planned: bool) -> str:
    """Return what stands before the text of a fault that nobody has mended for so long."""
    return f"NOT MENDED for {lasted}{', and the interim plan has ended' if planned else ''}: "


def aged(text: str, note: str, code: str) -> str:
    """Return the text of a fault with the note of its age before it."""
    return _capped(f"{note}{text}", code)


def planned(who: str, until: str, what: str) -> Wording:
    """Tell those who were told that somebody has planned for a fault."""
    return lambda _: _capped(
        f"{who} has an interim plan until {until}: {what}. It is told again then.", ""
    )


def cancelled(what: str) -> Wording:
    """Tell those who were told that the resident cancelled what a person must still look at."""
    return lambda _: _capped(
        f"The resident has cancelled: {what}. Please make sure all the same.", ""
    )


def lapsed(what: str, code: str) -> Wording:
    """Ask the owner of a lapsed acknowledgement."""
    return lambda _: _capped(
        f"Are you still there? Reply {code} to keep it; others are told: {what}.", ""
    )


# --- what people write back ---------------------------------------------------------------------


class Meaning(StrEnum):
    """What a reply means before anything is known of the alerts it may be about."""

    ACCEPT = "accept"
    ACCEPT_ONLY_ONE = "accept_only_one"
    DECLINE = "decline"
    DECLINE_ONLY_ONE = "decline_only_one"
    STOP = "stop"
    START = "start"
    NOT_UNDERSTOOD = "not_understood"


class Reply(NamedTuple):
    """A reply's meaning, and the code it names."""

    meaning: Meaning
    code: str = ""


_CODE: Final = re.compile(r"[0-9]{4}")
_ACCEPT_WORDS: Final = frozenset({"ACK", "YES", "OK", "Y"})
_DECLINE_WORDS: Final = frozenset({"NO", "N"})


def parse_reply(text: str) -> Reply:
    """Read an SMS: `4711`, `ACK 4711`, `YES 4711`, `NO 4711`, a bare `ACK` or `NO`, `STOP`.

    Case, blanks and punctuation around the words do not matter. A text with two different codes
    is not understood: guessing could take the wrong alert. Nor is one that says yes and no.
    """
    words = re.findall(r"[A-Za-z]+|\d+", text)
    upper = [word.upper() for word in words]
    codes = {word for word in upper if _CODE.fullmatch(word)}
    verbs = [word for word in upper if not word.isdigit()]
    digits = {word for word in upper if word.isdigit()}
    both = not _ACCEPT_WORDS.isdisjoint(verbs) and not _DECLINE_WORDS.isdisjoint(verbs)
    if not words or both or len(codes) > 1 or len(digits) > len(codes):
        return Reply(Meaning.NOT_UNDERSTOOD)
    code = next(iter(codes), "")
    first = verbs[0] if verbs else ""
    if not code and len(upper) == 1 and first in STOP_WORDS:
        return Reply(Meaning.STOP)
    if not code and len(upper) == 1 and first in START_WORDS - {"YES"}:
        return Reply(Meaning.START)
    if first in _DECLINE_WORDS:
        return Reply(Meaning.DECLINE, code) if code else Reply(Meaning.DECLINE_ONLY_ONE)
    if code and (not verbs or first in _ACCEPT_WORDS):
        return Reply(Meaning.ACCEPT, code)
    if not code and first in _ACCEPT_WORDS and len(upper) == 1:
        return Reply(Meaning.ACCEPT_ONLY_ONE)
    return Reply(Meaning.NOT_UNDERSTOOD)


class Help(StrEnum):
    """Why a sender is helped."""

    NOTHING_OPEN = "nothing_open"
    WHICH_ONE = "which_one"
    UNKNOWN_CODE = "unknown_code"
    NOT_UNDERSTOOD = "not_understood"
    STRANGER = "stranger"


_REASONS: Final = frozenset(Help)


def help_text(why: str, codes: Sequence[str]) -> str:
    """Return the helpful answer to a reply that could not be carried out.

    Args:
        why: one of `Help`, or the sentence with which the home refused it.
        codes: of the sender's open alerts.
    """
    listed = ", ".join(codes[:MAX_LISTED])
    match why:
        case Help.WHICH_ONE:
            return f"Which one? Reply with its code: {listed}. NO and the code if you cannot go."
        case Help.UNKNOWN_CODE if codes:
            return f"That code is not open for you. Open: {listed}."
        case Help.NOT_UNDERSTOOD if len(codes) > 1:
            # Naming one of several would make people take the wrong one.
            return (
                f"Not understood. Reply with the code if you are going: {listed}. NO and the code "
                f"if you cannot. In an emergency call 999."
            )
        case Help.NOT_UNDERSTOOD if codes:
            return (
                f"Not understood. Reply {codes[0]} if you are going, NO {codes[0]} if you "
                f"cannot. In an emergency call 999."
            )
        case Help.STRANGER:
            return "This number sends telecare alerts only. In an emergency call 999."
        case _ if why not in _REASONS:
            # The home's own refusal is the best help: "Ben Hall already has it".
            return _capped(f"{why[:1].upper()}{why[1:]}. In an emergency call 999.", "")
        case _:
            return "Nothing is open for you now. In an emergency call 999."
