"""What a condition reads: the one walk through conditions, however they are combined.

Which properties, acts and places it names, what must be there for it to hold, and what a home's
devices lack of that. When a condition holds is `core.conditions`; what is said of it is `lint` and
`homecheck`.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from telecared.config.positions import Path
from telecared.core.conditions.base import matching
from telecared.core.plan import Device
from telecared.core.vocabulary import may_tell
from telecared.core.when import (
    AllOf,
    AnyOf,
    Changes,
    Compare,
    Condition,
    Count,
    Followed,
    Geofence,
    HeldFor,
    InactiveFor,
    NoneOf,
    Not,
    ReadingIs,
    Silent,
    Without,
    parts_of,
)

LOCATION = "location"
"""The property that an area is about."""


class Reads(NamedTuple):
    """One thing that a condition looks at: any of some properties, at some places.

    Attributes:
        properties: empty for any message at all.
        at, never: as in a condition.
    """

    properties: tuple[str, ...]
    at: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


Need = tuple[Reads, ...]
"""What must be there for a condition to hold: any one of these will do."""


class Lack(NamedTuple):
    """A need that no device of a home meets.

    Attributes:
        need: what is missing.
        elsewhere: a device of the right kind is there, but not at these places.
    """

    need: Need
    elsewhere: bool

    @property
    def properties(self) -> tuple[str, ...]:
        """The properties, any of which would do; empty for any message at all."""
        return tuple(dict.fromkeys(name for reads in self.need for name in reads.properties))

    @property
    def at(self) -> tuple[str, ...]:
        """The places at which a device was looked for."""
        return tuple(dict.fromkeys(name for reads in self.need for name in reads.at))


def every_part(condition: Condition, path: Path = ()) -> Iterator[tuple[Path, Condition]]:
    """Yield a condition and all conditions inside it, each with its path in the file."""
    yield path, condition
    for step, part in zip(_steps(condition), parts_of(condition), strict=True):
        yield from every_part(part, (*path, *step))


def _steps(condition: Condition) -> list[Path]:
    if isinstance(condition, Not):
        return [("not",)]
    word = "all" if isinstance(condition, AllOf) else "any"
    return [(word, index) for index in range(len(parts_of(condition)))]


def patterns_of(condition: Condition) -> tuple[ReadingIs, ...]:
    """Return every act that a condition and those inside it name."""
    return tuple(act for _, part in every_part(condition) for act in _own_patterns(part))


def _own_patterns(part: Condition) -> tuple[ReadingIs, ...]:
    match part:
        case ReadingIs():
            return (part,)
        case NoneOf():
            return part.of
        case Without():
            return (part.first, *part.without)
        case Followed():
            return (part.first, *(follow.act for follow in part.then))
        case Count():
            return (part.of,)
        case _:
            return ()


def properties_of(condition: Condition) -> frozenset[str]:
    """Return every property that a condition reads; none for `silent`, which hears everything."""
    return frozenset(name for reads in _all_reads(condition) for name in reads.properties)


def places_of(condition: Condition) -> frozenset[str]:
    """Return every name that an `at`, `never` or `silent` of a condition says."""
    return frozenset(name for reads in _all_reads(condition) for name in (*reads.at, *reads.never))


def _all_reads(condition: Condition) -> Iterator[Reads]:
    for _, part in every_part(condition):
        for need in needs_of(part):
            yield from need
        if isinstance(part, Without):
            yield from reads_of(part.without)


def reads_of(acts: Iterable[ReadingIs]) -> Need:
    """Return what acts read."""
    return tuple(Reads((act.property,), act.at) for act in acts)


def needs_of(part: Condition) -> tuple[Need, ...]:
    """Return what must be there for a condition to hold; none for combinations.

    What answers a `without` need not be there.
    """
    match part:
        case ReadingIs() | HeldFor() | Compare() | Changes():
            return ((Reads((part.property,), part.at),),)
        case Geofence():
            return ((Reads((LOCATION,), part.at),),)
        case InactiveFor():
            return ((Reads(part.of, part.at, part.never),),)
        case NoneOf():
            return (reads_of(part.of),)
        case Without():
            return (reads_of((part.first,)),)
        case Followed() | Count():
            return tuple(reads_of((act,)) for act in _own_patterns(part))
        case Silent():
            return ((Reads((), part.at),),)
        case _:
            return ()


def lacks(condition: Condition, devices: Sequence[Device]) -> tuple[Lack, ...]:
    """Return what a condition needs and no device gives; empty when it can hold in the home.

    All parts of `all` are needed and any part of `any`; `not` needs nothing.
    """
    inside = [lacks(part, devices) for part in parts_of(condition)]
    if isinstance(condition, Not) or (isinstance(condition, AnyOf) and not all(inside)):
        return ()
    if inside:
        return tuple(dict.fromkeys(lack for found in inside for lack in found))
    return tuple(
        lack for need in needs_of(condition) if (lack := lack_of(need, devices)) is not None
    )


def lack_of(need: Need, devices: Sequence[Device]) -> Lack | None:
    """Return what is missing of one need, or None when a device meets it."""
    if any(devices_of(reads, devices) for reads in need):
        return None
    able = any(_tells(device, reads) for reads in need for device in devices)
    return Lack(need, elsewhere=able)


def devices_of(reads: Reads, devices: Sequence[Device]) -> tuple[Device, ...]:
    """Return the devices that may tell what is read, at the places that are named."""
    never = matching(devices, reads.never) if reads.never else ()
    return tuple(
        device
        for device in matching(devices, reads.at)
        if device not in never and _tells(device, reads)
    )


def _tells(device: Device, reads: Reads) -> bool:
    if not reads.properties:
        # Any message counts, so that only the name can miss.
        return bool(matching((device,), reads.at))
    return any(may_tell(device.kind, name) for name in reads.properties)
