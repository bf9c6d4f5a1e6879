"""One field of a device's message turned into one value: tables made once, looked up often.

Here are makers' words, numbers in strings, switches and inversion. Which message a field belongs
to, and what surrounds it, is `decode`'s part.
"""

import math
import sys
from collections.abc import Mapping
from enum import Enum
from typing import Final, Literal

import msgspec

from telecared.core.profiles import PRECEDENCE, FieldMap, Path, inverted
from telecared.core.readings import accepted_value
from telecared.core.vocabulary import PROPERTIES, DeviceKind, Duration, Value

MAX_NUMBER_CHARS: Final = 40
"""A number in a string is no longer than this; more is not a measurement."""

_NUMBER_CHARS: Final = frozenset("0123456789+-.eE")


class Unknown(Enum):
    """What `read` returns for a value that the profile does not know."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN


class FieldPlan(msgspec.Struct, frozen=True, gc=False):
    """A compiled `FieldMap` for one device kind and one set of inversions.

    `low` and `high` bound the numbers that are taken exactly as they come; for a field that is no
    number, or one to be scaled, nothing lies between them.
    """

    property: str
    table: dict[str | int | float, str]
    map: FieldMap
    rank: dict[str, int] | None
    low: float
    high: float
    plain: bool
    clears_after: Duration | None
    burst: Duration | None
    history: bool


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
    order = PRECEDENCE.get(field.property)
    low, high = math.inf, -math.inf
    if field.number and not table and field.scale == 1 and field.offset == 0:
        low = -sys.float_info.max if field.low is None else field.low
        high = sys.float_info.max if field.high is None else field.high
    return FieldPlan(
        property=field.property,
        table=table,
        map=field,
        rank=None if order is None else {word: place for place, word in enumerate(order)},
        low=low,
        high=high,
        plain=not field.where,
        clears_after=field.clears_after,
        burst=field.burst,
        history=field.history,
    )


def read(how: FieldPlan, value: object) -> Value | Literal[Unknown.UNKNOWN] | None:
    """Return our value for the maker's `value`, None for nothing, or `UNKNOWN`.

    null and empty text are nothing, never a value.
    """
    if value is None or value == "":
        return None
    field = how.map
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
    """Whether every other field that `where` asks for has one of its words."""
    return all(spelled(find(data, path)) in words for path, words in field.where)


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
