"""A home's day as a naive reader sees it: local time, how long something lasted, what was news.

Shares no code with the conditions. All times are ticks of ten minutes since the home was
registered. What each kind of condition makes of it is `oracle`.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from telecared.core.plan import Rule
from telecared.core.vocabulary import MINUTE, PROPERTIES, Duration, Value
from telecared.core.when import ReadingIs, Window

TICK = 10 * MINUTE
BEFORE = 3 * 144
"""Ticks before the beginning whose local time is looked at: windows that are open already."""


class Said(NamedTuple):
    """A device told something: heard at one tick, by its own clock at another."""

    heard: int
    device: str
    property: str
    value: Value
    stamp: int


class Told(NamedTuple):
    """Something said that was news: in order, or (late) of a time before what was known."""

    said: Said
    late: bool


class Gap(NamedTuple):
    """A stretch without link (the end is when all was read), or one of a stated absence."""

    since: int
    until: int


class Life(NamedTuple):
    """What happened in a home until a tick, as far as was known then."""

    now: int
    said: Sequence[Said]
    outages: Sequence[Gap]
    away: Sequence[Gap]


class Day:
    """One home, as far as one rule needs it.

    Args:
        places: device -> its location; a pattern's `at` names either.
        start: when the home was registered, an aware time.
    """

    def __init__(
        self, rule: Rule, places: dict[str, str], start: datetime, zone: str, ticks: int
    ) -> None:
        self.rule = rule
        self.places = places
        began = start.astimezone(UTC)
        self.local = {
            tick: _shown(began + tick * timedelta(minutes=10), ZoneInfo(zone))
            for tick in range(-BEFORE, ticks + 2 * 144)
        }
        self.known_inside: dict[tuple[Window, ...], set[int]] = {}

    # --- local time -----------------------------------------------------------------------------

    def span(self, window: Window, day: datetime) -> Gap:
        """The opening of a window on a day: from its first minute to its last, however named."""
        end = day + timedelta(days=1) if window.end <= window.start else day
        opens = day + timedelta(minutes=window.start)
        closes = end + timedelta(minutes=window.end)
        since = min(tick for tick, shown in self.local.items() if shown >= opens)
        if window.end == window.start:
            until = min((t for t, shown in self.local.items() if shown >= closes), default=10**6)
        else:
            until = max(tick for tick, shown in self.local.items() if shown < closes) + 1
        return Gap(since, until)

    def openings(self, window: Window) -> Iterator[Gap]:
        """All openings of a window whose day lies within what is looked at."""
        days = sorted({shown.replace(hour=0, minute=0) for shown in self.local.values()})
        for day in days[1:-1]:
            if day.weekday() in window.days:
                yield self.span(window, day)

    def inside(self, windows: tuple[Window, ...]) -> Callable[[int], bool]:
        """Whether a tick lies in any of the windows; always, when there are none."""
        if not windows:
            return lambda _: True
        if windows not in self.known_inside:
            spans = [gap for window in windows for gap in self.openings(window)]
            self.known_inside[windows] = {
                tick for tick in self.local for gap in spans if gap.since <= tick < gap.until
            }
        return self.known_inside[windows].__contains__

    # --- how long -------------------------------------------------------------------------------

    def full(
        self,
        life: Life,
        start: int,
        needed: Duration,
        windows: tuple[Window, ...] = (),
        rests: Sequence[Gap] = (),
    ) -> int | None:
        """When a count from `start` was full, by windows, rests, absences and outages."""
        inside, pauses = self.inside(windows), [*rests, *life.away]
        if self.rule.downtime.kind == "pause":
            pauses += life.outages
        done, due = 0, None
        for tick in range(start, life.now + 1):
            if done * TICK >= needed and (inside(tick) or (tick > start and inside(tick - 1))):
                due = tick
                break
            if not inside(tick):
                done = 0
            elif not any(gap.since <= tick < gap.until for gap in pauses):
                done += 1
        if due is not None and self.rule.downtime.kind == "grace":
            for gap in life.outages:
                if gap.since < due and gap.until > start:
                    due = max(due, gap.until + self.rule.downtime.grace // TICK)
        return due if due is not None and due <= life.now else None

    # --- what was told --------------------------------------------------------------------------

    def named(self, at: tuple[str, ...]) -> set[str]:
        """The devices that `at` names."""
        found = set()
        for name in at:
            ids = {one for one in self.places if one == name}
            found |= ids or {one for one, place in self.places.items() if place == name}
        return found if at else set(self.places)

    def news(self, life: Life, name: str, at: tuple[str, ...]) -> Iterator[tuple[Told, bool]]:
        """What was news of a property, as it was heard, and whether the value before was its."""
        devices = self.named(at)
        last: dict[str, tuple[int, int, Value]] = {}
        for said in life.said:
            if said.property != name or said.device not in devices:
                continue
            since, told, value = last.get(said.device, (-(10**6), -(10**6), ""))
            if PROPERTIES[name].momentary:
                last[said.device] = max(since, said.stamp), max(told, said.stamp), said.value
                yield Told(said, said.stamp < since), False
            elif said.stamp < told:
                if said.value != value or said.stamp < since:
                    yield Told(said, True), False
            elif said.value == value:
                last[said.device] = since, said.stamp, value
            else:
                last[said.device] = said.stamp, said.stamp, said.value
                yield Told(said, False), True

    def acts(self, life: Life, pattern: ReadingIs) -> list[Told]:
        """The acts of a pattern, in the order in which they were heard."""
        inside = self.inside(pattern.between)
        found: list[Told] = []
        values: dict[str, Value] = {}
        for told, _ in self.news(life, pattern.property, pattern.at):
            said = told.said
            before = values.get(said.device)
            if not told.late:
                values[said.device] = said.value
            level = not PROPERTIES[pattern.property].momentary
            same = level and not told.late and before in pattern.values
            moved = said.value in PROPERTIES[pattern.property].activity and before != said.value
            again = any((said.stamp, said.device) == (one.said.stamp, one.said.device)
                        for one in found)  # fmt: skip
            counts = said.value in pattern.values and (not same or moved) and not again
            if counts and inside(said.stamp):
                found.append(told)
        return found

    def stretches(
        self,
        life: Life,
        name: str,
        at: tuple[str, ...],
        begins: Callable[[Value], bool],
        ends: Callable[[Value], bool],
    ) -> dict[str, int]:
        """Since when each device's value is as asked; what was told out of order says nothing."""
        found: dict[str, int] = {}
        for told, _ in self.news(life, name, at):
            said = told.said
            if told.late:
                continue
            if said.device in found and ends(said.value):
                del found[said.device]
            elif said.device not in found and begins(said.value):
                found[said.device] = said.stamp
        return found


def _shown(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)
