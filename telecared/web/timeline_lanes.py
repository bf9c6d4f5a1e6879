"""What devices told, folded into the lanes of a timeline: stretches of levels, movements, moments.

Pure. What a lane is and where local days begin is `timeline`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from telecared.core.facts import plausible_at
from telecared.core.plan import Device
from telecared.core.vocabulary import MINUTE, PROPERTIES, DeviceKind, Duration, Instant, Value
from telecared.core.windows import Span
from telecared.web.timeline import Heard, Lane, LaneKind, LocalTime, Piece

MOVEMENT_SHOWN: Final[Duration] = MINUTE
"""A movement is drawn so long: many sensors never say that it is over."""

MOVEMENT_JOINS: Final[Duration] = 5 * MINUTE
"""Movements in a room that are less than this apart are one stretch."""

MAX_LANES: Final = 24
"""Lanes of one timeline; what a larger home has beside them is named below it."""

MAX_PIECES: Final = 2_000
"""Pieces of one lane; the latest of more are kept, and the timeline says so."""

_ORDER: Final = {kind: place for place, kind in enumerate(LaneKind)}

_ON: Final[Mapping[str, tuple[LaneKind, str, str]]] = {
    "presence": (LaneKind.ROOM, "present", "somebody there"),
    "contact": (LaneKind.DOOR, "open", "open"),
    "occupancy": (LaneKind.REST, "occupied", "occupied"),
    "appliance": (LaneKind.APPLIANCE, "on", "on"),
    "link": (LaneKind.LINK, "offline", "link lost"),
    "mains": (LaneKind.LINK, "lost", "mains lost"),
}
"""Level -> the lane on which it stands, the word that makes a piece, and how it is told."""

_ALARMS: Final[Mapping[str, str]] = {
    "fall": "fall",
    "smoke": "smoke",
    "co": "carbon monoxide",
    "gas": "gas",
    "heat": "heat",
    "seizure": "seizure",
    "water": "water",
    "enuresis": "enuresis",
    "tamper": "tampered with",
}
_QUIET: Final = frozenset({"clear", "dry", "closed"})

_MOMENTS: Final[Mapping[str, str]] = {
    "trigger": "pressed",
    "cancel": "cancelled",
    "test": "test button pressed",
    "medication": "medication",
}

_MOVES: Final = frozenset({"motion", "vibration"})


_EXPECTED: Final[Mapping[DeviceKind, str]] = {
    DeviceKind.ACTIVITY_DETECTOR: "motion",
    DeviceKind.OCCUPANCY_DETECTOR: "presence",
    DeviceKind.DOOR_SENSOR: "contact",
    DeviceKind.BED_MONITOR: "occupancy",
    DeviceKind.CHAIR_MONITOR: "occupancy",
    DeviceKind.APPLIANCE_MONITOR: "appliance",
}
"""What a device of some kinds has a lane for although it told nothing: silence is news too."""

_Wanted = Callable[[Value], bool]


class _Told(NamedTuple):
    at: Instant
    value: Value
    clears_after: Duration | None


def lanes_of(
    heard: Iterable[Heard],
    devices: Sequence[Device],
    span: Span,
    now: Instant,
    *,
    clock: LocalTime,
    known: Mapping[tuple[str, str], Value] | None = None,
) -> list[Lane]:
    """Return the lanes that devices tell of, in the order in which they stand.

    Args:
        heard: their messages, in the order in which they were received; those from before the
            span tell how it begins.
        devices: those of the home; what others said is left out.
        span: what is asked for; pieces are cut to it and to `now`.
        now: until when anything is known.
        clock: of the home.
        known: (device, property) -> its value when the span begins, where messages do not tell.
    """
    end = min(span[1], now)
    told = _told(heard, clock, end)
    lanes: dict[tuple[LaneKind, str], list[Lane]] = {}
    for device in devices:
        for name in PROPERTIES:
            words = told.get((device.id, name), [])
            before = (known or {}).get((device.id, name))
            if not words and before is None and not _is_expected(device, name, told):
                continue
            lane = _lane(device, name, words, before, (span[0], end))
            if lane is not None:
                lanes.setdefault((lane.kind, lane.name), []).append(lane)
    joined = [_joined(parts) for parts in lanes.values()]
    return sorted(joined, key=lambda lane: _ORDER[lane.kind])


def _is_expected(device: Device, name: str, told: Mapping[tuple[str, str], object]) -> bool:
    """Whether a device that told nothing has an empty lane for a property."""
    wanted = _EXPECTED.get(device.kind)
    other = "motion" if wanted == "presence" else ""
    return name == wanted and (device.id, other) not in told


def _told(
    heard: Iterable[Heard], clock: LocalTime, end: Instant
) -> dict[tuple[str, str], list[_Told]]:
    """Return what was told of each property of each device, in order of its own time."""
    told: dict[tuple[str, str], list[_Told]] = {}
    for one in heard:
        for reading in one.readings:
            at = one.at
            if reading.at is not None:
                at = plausible_at(reading.at, one.at, clock.site.offset(one.at))
            momentary = PROPERTIES[reading.property].momentary
            if at >= end or reading.history or (momentary and one.retained):
                continue
            word = _Told(at, reading.value, reading.clears_after)
            told.setdefault((reading.device, reading.property), []).append(word)
    for words in told.values():
        words.sort(key=lambda word: word.at)
    return told


def _lane(
    device: Device, name: str, words: Sequence[_Told], before: Value | None, span: Span
) -> Lane | None:
    """Return what one property of one device puts on a lane, None for one that is not drawn."""
    label = _label(device)
    if name in _MOVES:
        place = device.location or device.id
        # Of one that was never heard nobody can say that nothing moved.
        unknown = None if words or before is not None else span[1]
        return Lane(LaneKind.ROOM, place.replace("-", " "), tuple(_movements(words, span)), unknown)
    if name in _MOMENTS:
        moments = tuple(
            Piece(word.at, word.at, _moment(label, name, word.value), "alarm" if name == "trigger"
                  or word.value == "missed" else "moment")
            for word in words
            if span[0] <= word.at
        )  # fmt: skip
        return Lane(LaneKind.ALARM, "Alarms", moments)
    if name in _ALARMS:
        stretches, _ = _stretches(words, before, lambda value: value not in _QUIET, span)
        pieces = tuple(
            Piece(since, until, f"{label}: {_ALARMS[name]}", "alarm", runs=runs)
            for since, until, runs in stretches
        )
        return Lane(LaneKind.ALARM, "Alarms", pieces)
    if name not in _ON:
        return None
    kind, wanted, what = _ON[name]
    stretches, unknown = _stretches(words, before, lambda value: value == wanted, span)
    if kind is LaneKind.LINK:
        pieces = tuple(
            Piece(since, until, f"{label}: {what}", runs=runs) for since, until, runs in stretches
        )
        return Lane(kind, "Link or mains lost", pieces)
    pieces = tuple(Piece(since, until, what, runs=runs) for since, until, runs in stretches)
    place = (device.location or device.id).replace("-", " ") if kind is LaneKind.ROOM else label
    return Lane(kind, place, pieces, unknown)


def _label(device: Device) -> str:
    """Return a device in words: its id, and where it is unless the one says the other."""
    name = device.id.replace("-", " ")
    place = (device.location or "").replace("-", " ")
    return name if place in name or name in place else f"{name}, {place}"


def _moment(label: str, name: str, value: Value) -> str:
    told = f"{_MOMENTS[name]} {value}" if name == "medication" else _MOMENTS[name]
    return f"{label}: {told}"


def _movements(words: Sequence[_Told], span: Span) -> Iterator[Piece]:
    since = until = None
    for word in words:
        if word.value != "detected" or word.at < span[0]:
            continue
        if since is not None and until is not None and word.at - until > MOVEMENT_JOINS:
            yield Piece(since, min(until, span[1]), "movement")
            since = None
        since = word.at if since is None else since
        until = word.at + MOVEMENT_SHOWN
    if since is not None and until is not None:
        yield Piece(since, min(until, span[1]), "movement")


def _stretches(
    words: Sequence[_Told],
    before: Value | None,
    wanted: _Wanted,
    span: Span,
) -> tuple[list[tuple[Instant, Instant, bool]], Instant | None]:
    """Return (since, until, goes on) of a level's stretches, and until when it is not known."""
    found: list[tuple[Instant, Instant, bool]] = []
    began: Instant | None = None
    clears: Instant | None = None
    unknown: Instant | None = None
    if before is not None and wanted(before):
        began = span[0]
    elif before is None:
        unknown = span[0]
    for word in words:
        at = max(word.at, span[0])
        if unknown == span[0]:
            unknown = at if at > span[0] else None
        if began is not None and clears is not None and clears < at:
            found.append((began, clears, False))
            began = None
        if wanted(word.value):
            began = at if began is None else began
            clears = None if word.clears_after is None else word.at + word.clears_after
        elif began is not None:
            found.append((began, at, False))
            began = clears = None
    if began is not None:
        if clears is not None and clears < span[1]:
            found.append((began, max(began, clears), False))
        else:
            found.append((began, span[1], True))
    if unknown == span[0]:
        unknown = span[1]
    # A door may open and close in one second of its own clock; what ended before is not of today.
    return [one for one in found if one[1] > span[0]], unknown


def _joined(parts: Sequence[Lane]) -> Lane:
    """Return lanes of one name as one: movement of a room is told by several devices."""
    first = parts[0]
    pieces = sorted(piece for part in parts for piece in part.pieces)
    unknown = [part.unknown_until for part in parts if part.unknown_until is not None]
    known = len(unknown) < len(parts)
    return Lane(first.kind, first.name, tuple(pieces), None if known else min(unknown))


def bounded(lanes: Sequence[Lane]) -> tuple[tuple[Lane, ...], tuple[str, ...]]:
    """Return as many lanes and pieces as a timeline may have, and sentences about the others."""
    notes = []
    if len(lanes) > MAX_LANES:
        left = ", ".join(lane.name for lane in lanes[MAX_LANES:])
        notes.append(f"There is no room for {left}.")
    kept = []
    for lane in lanes[:MAX_LANES]:
        if len(lane.pieces) > MAX_PIECES:
            notes.append(f"Of {lane.name} only the latest {MAX_PIECES} are shown.")
            lane = lane._replace(pieces=lane.pieces[-MAX_PIECES:])  # noqa: PLW2901 - the same lane, cut
        kept.append(lane)
    return tuple(kept), tuple(notes)
