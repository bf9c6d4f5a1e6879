"""What people write back: the grammar of replies, and the help for those that cannot be read.

Nothing is known here of who writes or of what is open for them: that is `replies`. The words
themselves are `reply_words`.
"""

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from telecared.core.messages import Reader, with_note
from telecared.core.reply_words import REPLY_WORDS, Words
from telecared.core.vocabulary import Outcome

MAX_LISTED: Final = 20
"""Codes that one help text lists: more do not fit into `MAX_TEXT`."""

MAX_WORDS: Final = 12
"""Words of a reply that is read; a letter to somebody is not an answer."""

STOP_WORDS: Final = frozenset(
    {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
)
"""Words that the provider itself takes as "send me nothing more" (Twilio's default list)."""

START_WORDS: Final = frozenset({"START", "YES", "UNSTOP"})
"""Words with which the provider takes messages up again; `YES` only without a code."""

EMERGENCY_NUMBERS: Final = frozenset({"999", "112"})
"""With a code: the emergency services were called. Never minutes, and nothing by themselves."""

LONGEST_WAY: Final = 240
"""Minutes until somebody arrives, at most: who needs longer is not on the way yet."""


class Meaning(StrEnum):
    """What a reply means before anything is known of the alerts."""

    ACCEPT = "accept"
    DECLINE = "decline"
    ON_THE_WAY = "on_the_way"
    ARRIVED = "arrived"
    ENDED = "ended"
    STOP = "stop"
    START = "start"
    NOT_UNDERSTOOD = "not_understood"


class Reply(NamedTuple):
    """A reply's meaning.

    Attributes:
        code: the code it names, "" where the only open alert is meant.
        minutes: until they arrive, of somebody who is on the way.
        outcome: of what has ended.
    """

    meaning: Meaning
    code: str = ""
    minutes: int | None = None
    outcome: Outcome | None = None


NOT_UNDERSTOOD: Final = Reply(Meaning.NOT_UNDERSTOOD)

_SAYS_YES: Final = frozenset().union(*(one.accept for one in REPLY_WORDS.values())) - {"OK", "OKAY"}
"""Without a code OK does not say that somebody goes."""

_TOKEN: Final = re.compile(r"[^\W\d_]+|\d+")
_PLAIN: Final = str.maketrans({"Ł": "L", "Ø": "O", "Đ": "D", "Æ": "AE", "Œ": "OE"})
"""Letters that no decomposition takes apart."""


def parse_reply(text: str) -> Reply:
    """Read an SMS: `4711`, `YES 4711`, `NO 4711`, `4711 10`, `HERE 4711`, `HELPED 4711`, `STOP`.

    Case, blanks, marks on letters and punctuation do not matter, nor from which alphabet the digits
    are. Every word must be known in one and the same language, and languages must not differ: a
    text with two codes, or one that says yes and no, is not understood. Guessing could take the
    wrong alert.
    """
    tokens = _TOKEN.findall(folded(text))
    if not tokens or len(tokens) > MAX_WORDS:
        return NOT_UNDERSTOOD
    if len(tokens) == 1 and tokens[0] in STOP_WORDS:
        return Reply(Meaning.STOP)
    if len(tokens) == 1 and tokens[0] in START_WORDS - {"YES"}:
        return Reply(Meaning.START)
    digits = list(dict.fromkeys(one for one in tokens if one.isdecimal()))
    codes = [one for one in digits if len(one) == 4]
    numbers = [one for one in digits if len(one) < 4]
    if len(codes) > 1 or len(numbers) > 1 or len(codes) + len(numbers) < len(digits):
        return NOT_UNDERSTOOD
    said = [one for one in tokens if not one.isdecimal()]
    code, number = "".join(codes), "".join(numbers)
    read = {_read(said, code, number, words) for words in REPLY_WORDS.values()}
    understood = read - {NOT_UNDERSTOOD}
    if len(understood) != 1:
        return NOT_UNDERSTOOD
    reply = understood.pop()
    # "False alarm?" asks; a question ends nothing. "OK" alone may only say that it was read.
    asks = reply.meaning is Meaning.ENDED and "?" in folded(text)
    read_only = reply.meaning is Meaning.ACCEPT and not code and _SAYS_YES.isdisjoint(said)
    return NOT_UNDERSTOOD if asks or read_only else reply


def folded(text: str) -> str:
    """Return a text in capitals, without marks on its letters, with digits as ASCII has them."""
    apart = unicodedata.normalize("NFKD", text)
    kept = []
    for letter in apart:
        category = unicodedata.category(letter)
        if category == "Nd":
            kept.append(str(unicodedata.decimal(letter)))
        elif category not in ("Mn", "Cf"):
            kept.append(letter)
    return "".join(kept).upper().translate(_PLAIN)


def _read(said: Sequence[str], code: str, number: str, words: Words) -> Reply:
    """Read a text in one language; what stands in it must be known, every word of it."""
    meanings: set[Meaning] = set()
    outcomes: set[Outcome] = set()
    timed = False
    for word in said:
        if number and word in words.minutes:
            timed = True
        elif word in words.outcomes:
            outcomes.add(words.outcomes[word])
        elif word in words.accept:
            meanings.add(Meaning.ACCEPT)
        elif word in words.decline:
            meanings.add(Meaning.DECLINE)
        elif word in words.arrived:
            meanings.add(Meaning.ARRIVED)
        elif word not in words.ending | words.beside:
            return NOT_UNDERSTOOD
    if number in EMERGENCY_NUMBERS and not timed:
        outcomes.add(Outcome.EMERGENCY_SERVICES)
        number = ""
    if number:
        return _on_the_way(meanings, outcomes, code, int(number), timed=timed)
    if outcomes:
        meant = words.beside.isdisjoint(said)
        return _ended(meanings, outcomes, code) if meant else NOT_UNDERSTOOD
    if len(meanings) == 1:
        return Reply(meanings.pop(), code)
    bare = code and not said
    return Reply(Meaning.ACCEPT, code) if bare else NOT_UNDERSTOOD


def _on_the_way(
    meanings: set[Meaning], outcomes: set[Outcome], code: str, minutes: int, *, timed: bool
) -> Reply:
    """Read `4711 10` and `10 MIN`: a number alone is only that of minutes beside a code."""
    if outcomes or meanings - {Meaning.ACCEPT} or not (code or timed):
        return NOT_UNDERSTOOD
    if not 0 < minutes <= LONGEST_WAY:
        return NOT_UNDERSTOOD
    return Reply(Meaning.ON_THE_WAY, code, minutes)


def _ended(meanings: set[Meaning], outcomes: set[Outcome], code: str) -> Reply:
    """Read how it ended; `TEST` and an emergency number mean that only beside a code.

    Somebody who tries the number writes TEST, and somebody in danger 999.
    """
    needs_code = not outcomes.isdisjoint({Outcome.TEST, Outcome.EMERGENCY_SERVICES})
    if meanings or len(outcomes) > 1 or (needs_code and not code):
        return NOT_UNDERSTOOD
    return Reply(Meaning.ENDED, code, outcome=outcomes.pop())


class Help(StrEnum):
    """Why a sender is helped."""

    NOTHING_OPEN = "nothing_open"
    WHICH_ONE = "which_one"
    UNKNOWN_CODE = "unknown_code"
    SAME_CODE = "same_code"
    NOT_UNDERSTOOD = "not_understood"
    STRANGER = "stranger"
    TAKEN = "taken"
    NOT_YOURS = "not_yours"
    OVER = "over"


_REASONS: Final = frozenset(Help)


def help_text(
    why: str, codes: Sequence[str], reader: Reader | None = None, *, who: str = ""
) -> str:
    """Return the helpful answer to a reply that could not be carried out.

    Args:
        why: one of `Help`, or the sentence with which the home refused it.
        codes: of the sender's open alerts.
        reader: the sender, where it is known who that is.
        who: has the alert, where it is taken.
    """
    reader = reader or Reader("en")
    if why not in _REASONS:
        # What no text of ours says is told as the home said it.
        return with_note(f"{why[:1].upper()}{why[1:]}.", "", "", reader)
    name, asked = why, why in (Help.UNKNOWN_CODE, Help.NOT_UNDERSTOOD)
    if asked and not codes:
        name = Help.NOTHING_OPEN
    elif why == Help.NOT_UNDERSTOOD and len(codes) > 1:
        # Naming one of several would make people take the wrong one.
        name = "not_understood_of"
    listed = ", ".join(codes[:MAX_LISTED])
    code = codes[0] if codes else ""
    return with_note(reader.text(f"help.{name}", codes=listed, code=code, who=who), "", "", reader)
