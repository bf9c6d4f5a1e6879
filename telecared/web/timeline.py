"""What happened in a home over a span, as lanes: movement by room, doors, rest, appliances, alarms.

The values, and local days in engine time. What readings make of lanes is `timeline_lanes`, drawing
them `timeline_svg`, the same in words `timeline_table`, reading the store `home_past`.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from telecared.core.readings import Reading
from telecared.core.site import SiteFacts
from telecared.core.vocabulary import MINUTE, Duration, Instant
from telecared.core.windows import Span, local, wall_instant


class LaneKind(StrEnum):
    """What a lane tells, in the order in which lanes stand."""

    ALERT = "alert"
    ALARM = "alarm"
    ROOM = "room"
    DOOR = "door"
    REST = "rest"
    APPLIANCE = "appliance"
    LINK = "link"
    PAUSE = "pause"


class Piece(NamedTuple):
    """One stretch or moment on a lane.

    Attributes:
        until: equal to `since` for a moment.
        what: in words, without the lane's name.
        tone: how it is drawn: an alert's priority, `alarm`, or "" for as the lane is.
        ref: the alert's id, "" for what is none.
        runs: it goes on beyond the end that is known.
    """

    since: Instant
    until: Instant
    what: str
    tone: str = ""
    ref: str = ""
    runs: bool = False


class Lane(NamedTuple):
    """One row of a timeline; until `unknown_until` nothing is known of it."""

    kind: LaneKind
    name: str
    pieces: tuple[Piece, ...]
    unknown_until: Instant | None = None


class LocalTime(NamedTuple):
    """The clocks of a home: its zone, and the steps of the wall clock."""

    zone: ZoneInfo
    site: SiteFacts

    def of(self, at: Instant) -> datetime:
        """Return what they show at an instant of engine time."""
        return local(at, self.zone, self.site.offset(at))

    def text(self, at: Instant, form: str = "%H:%M") -> str:
        """Return it as text."""
        return self.of(at).strftime(form)


class Timeline(NamedTuple):
    """What happened in a home over a span.

    Attributes:
        span: what was asked for; nothing is known after `now`.
        notes: sentences about what is left out.
    """

    span: Span
    now: Instant
    clock: LocalTime
    lanes: tuple[Lane, ...]
    notes: tuple[str, ...] = ()


class Heard(NamedTuple):
    """What one device said in one message; `retained` when the broker had kept it."""

    at: Instant
    device: str
    readings: tuple[Reading, ...]
    retained: bool = False


# --- local days -------------------------------------------------------------------------------


def day_span(day: date, clock: LocalTime) -> Span:
    """Return a local day in engine time: 23, 24 or 25 hours, longer where the clock was set back.

    A day that a step of the clock skipped altogether is empty.
    """
    start = _midnight(day, clock)
    return start, max(start, _midnight(day + timedelta(days=1), clock))


def _midnight(day: date, clock: LocalTime) -> Instant:
    wall = wall_instant(day, 0, clock.zone, last=False)
    for since, until, offset in _offsets(clock.site):
        at = wall - offset
        if at < until:
            return max(at, since)
    return wall


def _offsets(site: SiteFacts) -> Iterator[tuple[Instant, Instant, Duration]]:
    """Yield (since, until, offset) of each stretch of engine time with one wall clock."""
    steps = [(-(2**62), 0), *site.clock]
    for place, (since, offset) in enumerate(steps):
        until = steps[place + 1][0] if place + 1 < len(steps) else 2**62
        yield since, until, offset


def days_of(span: Span, clock: LocalTime) -> list[tuple[date, Span]]:
    """Return the local days that a span touches, each cut to it, in order."""
    day, last = clock.of(span[0]).date(), clock.of(max(span[0], span[1] - 1)).date()
    found = []
    while day <= last:
        start, end = day_span(day, clock)
        cut = max(start, span[0]), min(end, span[1])
        if cut[0] < cut[1]:
            found.append((day, cut))
        day += timedelta(days=1)
    return found


def ticks(span: Span, clock: LocalTime, every: int) -> list[Instant]:
    """Return when clocks show a multiple of `every` minutes of the day; the end is left out.

    An hour that comes twice has its ticks twice, one that is skipped has none.
    """
    quarter = 15 * MINUTE
    start = span[0] + clock.site.offset(span[0])
    at = span[0] + -start % quarter
    found = []
    while at < span[1]:
        shown = clock.of(at)
        if (shown.hour * 60 + shown.minute) % every == 0:
            found.append(at)
        at += quarter
    return found
