"""One field of a device's message turned into one value: tables made once, looked up often.

Here are makers' words, numbers in strings, switches and inversion. Which message a field belongs
to, and what surrounds it, is `decode`'s part.
"""

import math
from collections.abc import Mapping
from enum import Enum
from typing import Final, Literal

import msgspec

from telecared.core.profiles import PRECEDENCE, FieldMap, Path, inverted
from telecared.core.readings import accepted_value
from telecared.core.vocabulary import PROPERTIES, DeviceKind, Duration, Value

MAX_NUMBER_CHARS: Final = 40
"""A number in a string is no longer than this; more is not a measurement."""

MAX_VALUES: Final = 100
"""More values of one list are not looked at."""

_NUMBER_CHARS: Final = frozenset("0123456789+-.eE")

ANY: Final = "*"
"""In `where` and `unless`: the field is there, whatever it holds."""


class Unknown(Enum):
    """What `read` returns for a value that the profile does not know."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN


class FieldPlan(msgspec.Struct, frozen=True, gc=False):
    """A compiled `FieldMap` for one device kind and one set of inversions.

    `switch` has what a bit that is not
    set, or a number below the threshold, tells, and the opposite; the table is then empty.
    """

    property: str
    table: dict[str | int | float, str]
    map: FieldMap
    rank: dict[str, int] | None
    plain: bool
    clears_after: Duration | None
    burst: Duration | None
    history: bool
    switch: tuple[str | None, str | None] | None = None


def plan(field: FieldMap, kind: DeviceKind, invert: tuple[str, ...]) -> FieldPlan | None:
    """Compile `field` for a device of `kind`; None when it is not for that kind.

    Raises:
        ValueError: the property cannot be inverted or does not have such a word.
    """
    if (field.kinds and kind not in field.kinds) or kind in field.except_kinds:
        return None
    words = dict(field.words)
    if field.as_is:
        words.update({word: word for word in PROPERTIES[field.property].values})
    turned = field.invert != (field.property in invert)
    table: dict[str | int | float, str] = {}
    for word, ours in words.items():
        told = inverted(field.property, ours) if turned else ours
        if accepted_value(field.property, told) is None:
            raise ValueError(f'"{told}" is not a word of "{field.property}"')
        for key in _spellings(word):
            table[key] = told
    switch: tuple[str | None, str | None] | None = None
    if field.bit is not None or field.threshold is not None:
        switch, table = (table.get(False), table.get(True)), {}
    order = PRECEDENCE.get(field.property)
    return FieldPlan(
        property=field.property,
        table=table,
        map=field,
        rank=None if order is None else {word: place for place, word in enumerate(order)},
        plain=not (field.where or field.unless),
        clears_after=field.clears_after,
        burst=field.burst,
        history=field.history,
        switch=switch,
    )


def read(how: FieldPlan, value: object) -> Value | Literal[Unknown.UNKNOWN] | None:
    """Return our value for the maker's `value`, None for nothing, or `UNKNOWN`.

    null and empty text are nothing, never a value. Of a list of words (the buttons of a remote)
    the first that tells something counts, or the one that must not be missed.
    """
    if value is None or value == "":
        return None
    field = how.map
    if isinstance(value, list) and not (field.as_is or field.number):
        return _of_several(how, value)
    if how.switch is not None:
        return _switched(how, how.switch, value)
    if isinstance(value, str | int | float):  # covers the switches true and false
        word = how.table.get(value)
        if word is None and isinstance(value, str):
            word = how.table.get(value.strip().casefold())
        if word is not None:
            return word
        if field.number and not isinstance(value, bool):
            number = _number(field, value)
            if number is not None:
                return number
    elif field.as_is:
        accepted = accepted_value(field.property, value)
        if accepted is not None:
            return accepted
    return None if field.ignore_unknown else UNKNOWN


def find(data: object, path: Path) -> object:
    """Return the value at `path` in decoded JSON, or None when there is none."""
    for key in path:
        if not isinstance(data, dict):
            return None
        data = data.get(key)
    return data


def holds(field: FieldMap, data: Mapping[str, object]) -> bool:
    """Whether the other fields have the words that `where` asks for, and none of `unless`."""
    return all(_has(data, path, words) for path, words in field.where) and not any(
        _has(data, path, words) for path, words in field.unless
    )


def _has(data: Mapping[str, object], path: Path, words: tuple[str, ...]) -> bool:
    value = find(data, path)
    return value is not None and (ANY in words or spelled(value) in words)


def pair_in(how: FieldPlan, data: Mapping[str, object]) -> Value | Literal[Unknown.UNKNOWN] | None:
    """Return the place that two fields tell, None when one is missing, or `UNKNOWN`."""
    values = [find(data, path) for path in how.map.pair or ()]
    if None in values or "" in values:
        return None
    place = accepted_value(how.property, tuple(map(plain_number, values)))
    if place is not None:
        return place
    return None if how.map.ignore_unknown else UNKNOWN


def spelled(value: object) -> str | None:
    """Return a JSON scalar as folded text (`true`, `1`, `fall`), or None for anything else."""
    if isinstance(value, str):
        return value.strip().casefold()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if value.bit_length() < 128 else None
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    return None


def wins(how: FieldPlan, new: Value, old: Value) -> bool:
    """Whether `new` replaces what another field of the same message told of the property.

    The word that must not be missed wins (`open` over `closed`). Of a battery, `low` is kept
    before the number and the number before `ok`. Otherwise the first told stays.
    """
    if how.property == "battery":
        return new == "low" or (old == "ok" and isinstance(new, float))
    if how.rank is None or not isinstance(new, str) or not isinstance(old, str):
        return False
    return how.rank[new] < how.rank[old]


def _of_several(how: FieldPlan, values: list[object]) -> Value | Literal[Unknown.UNKNOWN] | None:
    best: Value | Literal[Unknown.UNKNOWN] | None = None
    for value in values[:MAX_VALUES]:
        told = None if isinstance(value, list) else read(how, value)
        if told is None or told is UNKNOWN:
            best = told if best is None else best
        elif best is None or best is UNKNOWN or wins(how, told, best):
            best = told
    return best


def _switched(
    how: FieldPlan, switch: tuple[str | None, str | None], value: object
) -> Value | Literal[Unknown.UNKNOWN] | None:
    """Return what a bit or a threshold makes of a number; nothing where no word was given."""
    field = how.map
    if field.bit is not None:
        whole = whole_number(value)
        if whole is not None:
            return switch[whole >> field.bit & 1]
    elif field.threshold is not None and isinstance(value, str | int | float):
        number = None if isinstance(value, bool) else _number(field, value)
        if number is not None:
            return switch[number >= field.threshold]
    return None if field.ignore_unknown else UNKNOWN


def whole_number(value: object) -> int | None:
    """Return a whole number as JSON or text has it, hexadecimal with 0x; None for all else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    text = value.strip().casefold()
    if len(text) > MAX_NUMBER_CHARS or not text.isascii() or "_" in text:
        return None
    digits = text.removeprefix("0x")
    try:
        return int(digits, 10 if digits == text else 16)
    except ValueError:
        return None


def plain_number(value: object) -> object:
    """Return the number that a text holds, or the value as it is."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if len(text) > MAX_NUMBER_CHARS or not _NUMBER_CHARS.issuperset(text):
        return value
    try:
        return float(text)
    except ValueError:
        return value


def _number(field: FieldMap, value: str | int | float) -> float | None:
    if isinstance(value, str):
        text = value.strip()
        if len(text) > MAX_NUMBER_CHARS or not _NUMBER_CHARS.issuperset(text):
            return None
        value = text
    try:
        number = float(value) * field.scale + field.offset
    except (ValueError, OverflowError):
        return None
    if not math.isfinite(number):
        return None
    if (field.low is not None and number < field.low) or (
        field.high is not None and number > field.high
    ):
        return None
    return number


def _spellings(word: str) -> list[str | int | float]:
    """Return the JSON values that a word of a table stands for, the folded text first."""
    folded = word.strip().casefold()
    found: list[str | int | float] = [folded]
    if word not in found:
        found.append(word)
    if folded in ("true", "false"):
        found.append(folded == "true")
    elif folded.lstrip("-").isdecimal() and len(folded) < 16:
        found.append(int(folded))
    return found
