"""Words that stand in for a name: made up, and speaking of the same kind and place as the name.

Which name gets which is `pseudonyms`; what names speak of is `core.hints`.
"""

from collections.abc import Mapping
from typing import Final

from telecared.core.hints import kind_of_name, place_of_name, words_of
from telecared.core.vocabulary import DeviceKind

_CONSONANTS: Final = "ghjkmnpqrstvwxyz"
"""No letters of hexadecimal numbers and no vowels: no stand-in is a serial or a word."""

_WORD_OF_KIND: Final[Mapping[DeviceKind | None, str]] = {
    DeviceKind.FIXED_TRIGGER: "pull cord",
    DeviceKind.FALL_DETECTOR: "fall",
    DeviceKind.BOGUS_CALLER_BUTTON: "bogus caller",
    DeviceKind.PERSONAL_TRIGGER: "sos",
    DeviceKind.CARBON_MONOXIDE_DETECTOR: "carbon monoxide",
    DeviceKind.DOOR_SENSOR: "door",
    DeviceKind.BED_MONITOR: "bed",
    DeviceKind.ALARM_UNIT: "hub",
}
"""What makes a stand-in speak of a kind, where no single word of the name does."""


_SURNAMES: Final = frozenset({"garden", "hall", "loft", "porch"})
"""Words of places that are people's names, too."""

_PLAIN_WORDS: Final = frozenset({"button", "detector", "device", "sensor", "switch"})
"""Words of a name that are nobody's."""


def token(number: int) -> str:
    """Return letters and digits in turn: nothing that is a word."""
    signs = []
    for _ in range(3):
        number, letter = divmod(number, len(_CONSONANTS))
        number, digit = divmod(number, 10)
        signs += [_CONSONANTS[letter], str(digit)]
    return "".join(signs)


def speaking_of(name: str) -> str:
    """Return words that speak of the same kind and place as a name; "" where it needs none."""
    kind, place = kind_of_name(name), place_of_name(name)
    if place is not None and _may_be_a_person(name, kind):
        place = None
    own = [word for word in words_of(name) if kind is not None and kind_of_name(word) is kind]
    usual = [_WORD_OF_KIND[kind]] if kind in _WORD_OF_KIND else []
    places = [] if place is None else [place]
    for words in (places + own, own + places, places + usual, usual + places, own, usual, places):
        told = "-".join(words).replace(" ", "-")
        if kind_of_name(told) is kind and place_of_name(told) == place:
            return told
    return "-".join(own or usual).replace(" ", "-")


def _may_be_a_person(name: str, kind: DeviceKind | None) -> bool:
    """Whether the place in a name may be a surname: beside other words, or on what is worn."""
    words = [word for word in words_of(name) if not word.isdecimal()]
    if _SURNAMES.isdisjoint(words):
        return False
    return kind is DeviceKind.PERSONAL_TRIGGER or any(
        word not in _PLAIN_WORDS and kind_of_name(word) is None and place_of_name(word) is None
        for word in words
    )
