"""How many SMS a text costs, and texts cut so that they cost no more than they may.

Arithmetic of the GSM alphabet and UCS-2 (3GPP TS 23.038 and 23.040). The words are `messages`.
"""

from typing import Final

MAX_SEGMENTS: Final = 2
"""SMS that one text may cost: a third is paid for and read by nobody at night."""

ONE: Final = 160
MANY: Final = 153
"""Letters of the GSM alphabet in a text of one segment, and in each of several."""

ONE_WIDE: Final = 70
MANY_WIDE: Final = 67
"""The same in UTF-16 units, where one letter is outside that alphabet: then all take two bytes."""

MAX_TEXT: Final = MAX_SEGMENTS * MANY
"""Characters of the longest text that may be sent."""

_GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_DOUBLE: Final = frozenset("^{}\\[~]|€")
"""Letters of the GSM alphabet that take the place of two."""

_PLAIN: Final = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u2032\u00b4`", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\u2022", "-"),
        **dict.fromkeys("\u00a0\u2009\u202f\t", " "),
        **dict.fromkeys("\u200b\ufeff\u00ad", ""),
        "\u2026": "...",
        "\u00e7": "c",
    }
)
"""Typographic signs that word processors put in; each would halve the room of the whole text."""


def plain(text: str) -> str:
    """Return a text with typographic signs as a typewriter has them; letters stay as they are."""
    return text.translate(_PLAIN)


def is_wide(text: str) -> bool:
    """Whether a text needs UCS-2: a letter of it is outside the GSM alphabet."""
    return not frozenset(text) <= _GSM | _GSM_DOUBLE


def units(text: str, *, wide: bool) -> list[int]:
    """Return how many places each character takes: septets, or UTF-16 units where it is `wide`."""
    if wide:
        return [2 if ord(letter) > 0xFFFF else 1 for letter in text]
    return [2 if letter in _GSM_DOUBLE else 1 for letter in text]


def segments(text: str) -> int:
    """Return how many SMS a text costs; 1 for an empty one.

    A letter that takes two places is never parted: it begins the next segment.
    """
    return len(_starts(text))


def first_segment(text: str) -> str:
    """Return what of a text is in its first SMS."""
    starts = _starts(text)
    return text if len(starts) == 1 else text[: starts[1]]


def _starts(text: str) -> list[int]:
    """Return where each segment begins."""
    wide = is_wide(text)
    places = units(text, wide=wide)
    if sum(places) <= (ONE_WIDE if wide else ONE):
        return [0]
    room = MANY_WIDE if wide else MANY
    starts, used = [0], 0
    for position, place in enumerate(places):
        if used + place > room:
            starts.append(position)
            used = 0
        used += place
    return starts


def fitted(text: str, code: str, ending: str, *, most: int = MAX_SEGMENTS) -> str:
    """Return a text that costs at most `most` SMS, with the code in the first of them.

    Args:
        text: whatever is to be said.
        code: the reply code, or "" for a text that nobody answers. Where it would stand behind
            the first segment it is put in front: the second may be lost.
        ending: closes a text that had to be cut off; it must hold the code, where there is one.
        most: SMS that it may cost.
    """
    text = plain(text)
    if segments(text) > most:
        text = _cut(text, ending, most)
    if not code or names_code(first_segment(text), code):
        return text
    text = f"{code}: {text}"
    return text if segments(text) <= most else _cut(text, ending, most)


def _cut(text: str, ending: str, most: int) -> str:
    """Return as much of the beginning as fits before `ending`, found by halving."""
    low, high = 0, len(text)
    # What is cut off may have been all that was wide: a longer beginning never costs less.
    while low < high:
        middle = (low + high + 1) // 2
        if segments(text[:middle] + ending) <= most:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + ending


def names_code(text: str, code: str) -> bool:
    """Whether a code stands in a text by itself, not as a part of a longer number."""
    at = text.find(code)
    while at >= 0:
        before, after = text[at - 1 : at] if at else "", text[at + len(code) : at + len(code) + 1]
        if not before.isalnum() and not after.isalnum():
            return True
        at = text.find(code, at + 1)
    return False
