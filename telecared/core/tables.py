"""The fields of one JSON object, compiled for one device, and what such an object tells.

Used for whole messages and for their sections alike. Time, counter and name around the readings
are `decode`'s part.
"""

import sys
from collections.abc import Callable, Iterable
from operator import getitem, itemgetter
from typing import Any, Final, Literal, TypeAlias

import msgspec
from msgspec.structs import replace

from telecared.core.fields import (
    UNKNOWN,
    FieldPlan,
    Unknown,
    find,
    holds,
    pair_in,
    plan,
    read,
    wins,
)
from telecared.core.profiles import FieldMap, Path
from telecared.core.readings import Reading
from telecared.core.vocabulary import PROPERTIES, DeviceKind, Duration, Instant, Value

MAX_LAYOUTS: Final = 512
"""Sets of keys that a table remembers; a device has a handful, and nobody can fill the memory."""

MAX_SEEN: Final = 1_024
"""Values that a field remembers the meaning of."""

MAX_NUMBER: Final = sys.float_info.max
"""No finite number is larger."""

MAX_SEEN_CHARS: Final = 64
"""A longer text is not remembered."""

MAX_LAYOUT_CHARS: Final = 2_048
"""Letters of all keys of an object; a longer one is not remembered."""

Told: TypeAlias = Value | Literal[Unknown.UNKNOWN] | None


_SCALARS: Final = frozenset({str, bool, int, float, type(None)})

_Telling: TypeAlias = tuple[str, Value, Duration | None, Duration | None, bool]
"""A reading without its device and time."""


class Meanings(dict[Any, _Telling | None]):
    """What the values of one field tell: those that came before, and any other when asked for.

    A device tells most values again and again; to look those up costs no call.
    """

    __slots__ = ("_high", "_is_number", "_low", "_offset", "_scale", "plan")

    def __init__(self, how: FieldPlan) -> None:
        super().__init__()
        field = how.map
        self.plan = how
        self._is_number = field.number and how.switch is None and not how.table
        self._scale, self._offset = field.scale, field.offset
        self._low = -MAX_NUMBER if field.low is None else field.low
        self._high = MAX_NUMBER if field.high is None else field.high

    def __missing__(self, value: Any) -> _Telling | None:  # noqa: ANN401 - any JSON scalar
        """Return what a value tells, and remember it where that is safe.

        To a table of Python 1 and true are the same; where they are not, neither is remembered.

        Raises:
            KeyError: the profile does not know it.
        """
        how, kind = self.plan, value.__class__
        if (
            self._is_number
            and len(self) >= MAX_SEEN
            and (kind is float or kind is int)
            and -MAX_NUMBER <= value <= MAX_NUMBER
        ):  # most of what is new, as `read` has it
            number = float(value) * self._scale + self._offset
            if self._low <= number <= self._high:
                return how.property, number, how.clears_after, how.burst, how.history
        told = read(how, value)
        if told is UNKNOWN:
            raise KeyError
        telling = (
            None if told is None else (how.property, told, how.clears_after, how.burst, how.history)
        )
        if (
            len(self) < MAX_SEEN
            and (kind is not str or len(value) <= MAX_SEEN_CHARS)
            and not ((how.map.number or how.switch is not None) and value in (0, 1))
        ):
            self[value] = telling
        return telling


_Field: TypeAlias = tuple[str, Meanings, bool]
"""A key of an object, what its values tell, and whether that asks for no other key."""


class Layout(msgspec.Struct, frozen=True):
    """The part of a table that matters to an object with certain keys, in their order.

    Attributes:
        has_rare: whether there is anything besides `fields`.
        is_strange: a key is none that the table has or may have beside its own.
        names_device: a key is there that may name the device in the whole world.
        is_easy: looking up what each value tells is all. The rest is for that way: how the values
            are taken, what each tells, and which two places tell the same property.
    """

    fields: tuple[_Field, ...]
    deep: tuple[tuple[Path, FieldPlan], ...]
    constant: tuple[FieldPlan, ...]
    pairs: tuple[FieldPlan, ...]
    has_rare: bool
    is_strange: bool
    names_device: bool
    is_easy: bool
    values: Callable[[dict[str, Any]], tuple[Any, ...]]
    meanings: tuple[Meanings, ...]
    doubles: tuple[tuple[int, int, FieldPlan], ...]


class Table(msgspec.Struct, frozen=True):
    """Compiled fields.

    Attributes:
        keys: by key of the object's top level.
        meanings: what the values of these tell, likewise.
        deep: fields inside its objects.
        constant: what its mere presence tells.
        pairs: two fields that make one place.
        known: keys that may stand beside; None where any may.
        identity: keys of what names the device in the whole world.
        layouts: what of it matters to objects with these keys; filled as they come, since a
            device sends the same keys again and again.
    """

    keys: dict[str, tuple[FieldPlan, ...]]
    meanings: dict[str, tuple[Meanings, ...]]
    deep: tuple[tuple[Path, FieldPlan], ...]
    constant: tuple[FieldPlan, ...]
    pairs: tuple[FieldPlan, ...]
    known: frozenset[str] | None
    identity: frozenset[str]
    layouts: dict[tuple[str, ...], Layout]


def plans_of(
    fields: Iterable[FieldMap],
    kind: DeviceKind,
    invert: tuple[str, ...],
    burst: Duration | None,
) -> list[FieldPlan]:
    """Compile those fields that are for a device of `kind`.

    Raises:
        ValueError: as `fields.plan`.
    """
    plans = []
    for field in fields:
        bursts = field.burst is None and PROPERTIES[field.property].momentary
        how = plan(replace(field, burst=burst) if bursts else field, kind, invert)
        if how is not None:
            plans.append(how)
    return plans


def table_of(
    plans: Iterable[FieldPlan],
    known: frozenset[str] | None = None,
    identity: frozenset[str] = frozenset(),
) -> Table:
    """Arrange compiled fields by where they are looked for.

    With `known`, a key that is neither a field nor one of these is a problem.
    """
    keys: dict[str, list[FieldPlan]] = {}
    deep: list[tuple[Path, FieldPlan]] = []
    constant: list[FieldPlan] = []
    pairs: list[FieldPlan] = []
    for how in plans:
        if how.map.pair is not None:
            pairs.append(how)
        elif not how.map.paths:
            constant.append(how)
        for path in how.map.paths:
            if len(path) == 1:
                keys.setdefault(path[0], []).append(how)
            else:
                deep.append((path, how))
    found = {key: tuple(each) for key, each in keys.items()}
    meanings = {key: tuple(map(Meanings, each)) for key, each in found.items()}
    return Table(found, meanings, tuple(deep), tuple(constant), tuple(pairs), known, identity, {})


def layout_of(table: Table, data: dict[str, Any]) -> Layout:
    """Return what of a table matters to an object with the keys of this one."""
    keys = tuple(data)
    layout = table.layouts.get(keys)
    return _remembered(table, keys) if layout is None else layout


def tell(
    layout: Layout, data: dict[str, Any], device: str, at: Instant | None
) -> tuple[list[Reading], str | None]:
    """Return what an object of this layout tells of a device, in its own order, and a problem."""
    problem = "a key is not one of its properties" if layout.is_strange else None
    if layout.is_easy:
        try:
            told = list(map(getitem, layout.meanings, layout.values(data)))
        except (KeyError, TypeError):  # a value that nobody knows, or that is a list
            pass
        else:
            for first, second, how in layout.doubles:  # keep one of two that tell the same
                earlier, later = told[first], told[second]
                if earlier and later:
                    if wins(how, later[1], earlier[1]):
                        told[first] = later
                    told[second] = None
            readings = []
            for telling in told:  # nearly every message comes here: a comprehension takes longer
                if telling:
                    name, value, clears_after, burst, history = telling
                    readings.append(Reading(device, name, value, at, clears_after, burst, history))
            return readings, problem
    readings, complaint = _tell_carefully(layout, data, device, at)
    return readings, complaint or problem


def _tell_carefully(
    layout: Layout, data: dict[str, Any], device: str, at: Instant | None
) -> tuple[list[Reading], str | None]:
    """As `tell`, for messages with values that nobody knows, or with fields that ask."""
    readings: list[Reading] = []
    problem: str | None = None
    for key, meanings, is_plain in layout.fields:
        how, told = meanings.plan, _told(meanings, data[key])
        if told is None or not (is_plain or holds(how.map, data)):
            continue
        if told is UNKNOWN:
            problem = f'it does not know the value of "{key}"'
        else:
            _keep(readings, how, told, device, at)
    if layout.has_rare:
        problem = _rare(layout, data, readings, device, at) or problem
    return readings, problem


def _told(meanings: Meanings, value: object) -> Told:
    """As `fields.read`, by what is remembered where the value can be."""
    if value.__class__ not in _SCALARS:
        return read(meanings.plan, value)
    try:
        telling = meanings[value]
    except KeyError:
        return UNKNOWN
    return None if telling is None else telling[1]


def _remembered(table: Table, keys: tuple[str, ...]) -> Layout:
    layout = _layout(table, keys)
    if len(table.layouts) < MAX_LAYOUTS and sum(map(len, keys)) <= MAX_LAYOUT_CHARS:
        table.layouts[keys] = layout
    return layout


def _layout(table: Table, keys: tuple[str, ...]) -> Layout:
    """As `layout_of`, for keys that were not seen before."""
    there = frozenset(keys)
    fields: list[_Field] = []
    for key in keys:
        for meanings in table.meanings.get(key, ()):
            field = meanings.plan.map
            if _may_hold(meanings.plan, there):
                is_plain = not field.where and not _asks(field.unless, there)
                fields.append((key, meanings, is_plain))
    deep = tuple(
        (path, how) for path, how in table.deep if path[0] in there and _may_hold(how, there)
    )
    constant = tuple(how for how in table.constant if _may_hold(how, there))
    has_rare = bool(deep or constant or table.pairs)
    plans = tuple(meanings.plan for _, meanings, _ in fields)
    names = tuple(how.property for how in plans)
    return Layout(
        fields=tuple(fields),
        deep=deep,
        constant=constant,
        pairs=table.pairs,
        has_rare=has_rare,
        is_strange=table.known is not None and not there <= (table.known | table.keys.keys()),
        names_device=not there.isdisjoint(table.identity),
        is_easy=not has_rare
        and all(is_plain for _, _, is_plain in fields)
        and all(names.count(name) <= 2 for name in names),
        values=_values_at(tuple(key for key, _, _ in fields)),
        meanings=tuple(meanings for _, meanings, _ in fields),
        doubles=tuple(
            (names.index(name), place, plans[place])
            for place, name in enumerate(names)
            if names.index(name) < place
        ),
    )


def _values_at(keys: tuple[str, ...]) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    if len(keys) > 1:
        return itemgetter(*keys)
    if not keys:
        return lambda _: ()
    key = keys[0]
    return lambda data: (data[key],)


def _may_hold(how: FieldPlan, there: frozenset[str]) -> bool:
    """Whether the keys that `where` asks for are all there."""
    return all(path[0] in there for path, _ in how.map.where)


def _asks(others: tuple[tuple[Path, tuple[str, ...]], ...], there: frozenset[str]) -> bool:
    return any(path[0] in there for path, _ in others)


def numbered(readings: list[Reading], act: int | None, *, history: bool = False) -> list[Reading]:
    """Return readings with the number of their act, which momentary ones have, or as history."""
    if act is None and not history:
        return readings
    return [
        replace(
            each,
            history=history or each.history,
            act=act if PROPERTIES[each.property].momentary else None,
        )
        for each in readings
    ]


def reading_of(how: FieldPlan, told: Value, device: str, at: Instant | None = None) -> Reading:
    """Return the reading of a value that a field told."""
    return Reading(device, how.property, told, at, how.clears_after, how.burst, how.history)


def _rare(
    layout: Layout,
    data: dict[str, object],
    readings: list[Reading],
    device: str,
    at: Instant | None,
) -> str | None:
    """Add what nested fields, places and the message's mere presence tell; return a problem."""
    problem: str | None = None
    for path, how in layout.deep:
        told = read(how, find(data, path))
        if told is None or not holds(how.map, data):
            continue
        if told is UNKNOWN:
            problem = f'it does not know the value of "{".".join(path)}"'
        else:
            _keep(readings, how, told, device, at)
    for how in layout.pairs:
        told = pair_in(how, data)
        if told is None or not holds(how.map, data):
            continue
        if told is UNKNOWN:
            problem = "it cannot read a place"
        else:
            _keep(readings, how, told, device, at)
    for how in layout.constant:
        if how.map.constant is not None and holds(how.map, data):
            _keep(readings, how, how.map.constant, device, at)
    return problem


def _keep(
    readings: list[Reading], how: FieldPlan, told: Value, device: str, at: Instant | None
) -> None:
    """Add a reading, unless an earlier one of the same property is to be kept before it."""
    for place, earlier in enumerate(readings):
        if earlier.property == how.property:
            if wins(how, told, earlier.value):
                readings[place] = reading_of(how, told, device, at)
            return
    readings.append(reading_of(how, told, device, at))
