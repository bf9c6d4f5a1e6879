"""By when a rule has to find what happens, worked out from its condition and what devices told.

An answer that owes nothing to the engine: the acts of a simulated home are read from beginning to
end, without states, deadlines or the order of inputs. What rules really did is `score`.
"""

from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from telecared.core.conditions.base import matching, value_test
from telecared.core.plan import HomeRecord, Rule
from telecared.core.vocabulary import PROPERTIES, DeviceKind, Duration, Instant
from telecared.core.when import (
    AllOf,
    AnyOf,
    Changes,
    Compare,
    Condition,
    Count,
    HeldFor,
    InactiveFor,
    NoneOf,
    ReadingIs,
    Silent,
    Window,
    Without,
)
from telecared.core.windows import inside, pieces, reach
from telecared.sim.occurring import Happening
from telecared.sim.routine import Act

MOST_OPENINGS: Final = 40
"""Openings of a window that a count is followed through."""

_RESTING: Final = (DeviceKind.BED_MONITOR, DeviceKind.CHAIR_MONITOR)
_NO_STEPS: Final = ()


class Told(NamedTuple):
    """One piece of news from one device."""

    at: Instant
    device: str
    property: str
    value: str | float


def news_of(acts: Sequence[Act], record: HomeRecord) -> list[Told]:
    """Return what some acts of a home tell that is new: edges of levels, every momentary word."""
    known = {device.id for device in record.devices}
    last: dict[tuple[str, str], str | float] = {}
    found = []
    for act in acts:
        if act.device not in known:
            continue
        for name, value in act.readings.items():
            if not PROPERTIES[name].momentary:
                if last.get((act.device, name)) == value:
                    continue
                last[act.device, name] = value
            found.append(Told(act.at, act.device, name, value))
    return found


def limit_of(
    rule: Rule, happening: Happening, record: HomeRecord, acts: Sequence[Act]
) -> Instant | None:
    """Return by when a rule must have found a happening; None when it cannot.

    Args:
        rule: as it is in this home.
        happening: what happens.
        record: the home.
        acts: what its devices told, in order: from some hours before it until it is over.
    """
    if not acts:
        return None
    return _Reader(happening, record, acts).due(rule.when)


class _Reader:
    """Reads the acts around one happening."""

    def __init__(self, happening: Happening, record: HomeRecord, acts: Sequence[Act]) -> None:
        self._record = record
        self._acts = acts
        self._zone = ZoneInfo(record.timezone)
        self._at, self._end = happening.at, happening.end
        self._whose = happening.whose
        self._news = news_of(acts, record)

    def _devices(self, at: Sequence[str]) -> set[str]:
        """Return which devices are asked: the one whose trouble it is, when it is among them."""
        named = {device.id for device in matching(self._record.devices, at)}
        return {self._whose} if self._whose in named else named

    def due(self, when: Condition) -> Instant | None:
        """Return when a condition is met for the first time after the happening began."""
        # Its first acts may come a little before it, such as leaving the bed.
        found = self._due(when)
        return None if found is None or found > self._end else max(found, self._at)

    def _due(self, when: Condition) -> Instant | None:
        match when:
            case ReadingIs():
                return next((one.at for one in self._matching(when)), None)
            case HeldFor():
                return self._held(when)
            case InactiveFor():
                return self._inactive(when)
            case NoneOf():
                return self._none_of(when)
            case Without():
                return self._without(when)
            case Count():
                return self._count(when)
            case Compare():
                return self._compare(when)
            case Changes():
                return self._changes(when)
            case Silent():
                return self._silent(when)
            case AllOf():
                parts = [self._due(one) for one in when.of]
                known = [one for one in parts if one is not None]
                return max(known, default=None) if len(known) == len(parts) else None
            case AnyOf():
                return min(
                    (due for one in when.of if (due := self._due(one)) is not None), default=None
                )
            case _:
                # A sequence, a place on a map and a negation find nothing that is simulated.
                return None

    # --- one after the other --------------------------------------------------------------------

    def _matching(self, when: ReadingIs | HeldFor, since: Instant | None = None) -> Iterator[Told]:
        """Yield the news that a reading waits for, from a little before the happening on."""
        devices = self._devices(when.at)
        fits = value_test(when.values)
        first = self._at - 5 * 60_000_000 if since is None else since
        for one in self._news:
            if one.at >= first and one.property == when.property and one.device in devices:
                if not fits(one.value):
                    continue
                if isinstance(when, ReadingIs) and not self._inside(one.at, when.between):
                    continue
                yield one

    def _inside(self, at: Instant, windows: Sequence[Window]) -> bool:
        return not windows or inside(windows, self._zone, _NO_STEPS, at)

    def _reach(
        self,
        at: Instant,
        needed: Duration,
        windows: Sequence[Window],
        pauses: Sequence[tuple[Instant, Instant]] = (),
    ) -> Instant | None:
        openings = islice(pieces(windows, self._zone, _NO_STEPS, at), MOST_OPENINGS)
        return reach(at, needed, openings, pauses)

    def _held(self, when: HeldFor) -> Instant | None:
        fits = value_test(when.values)
        # What lasts may have begun long before: in bed since two o'clock, ill since six.
        for one in self._matching(when, self._acts[0].at):
            due = self._reach(one.at, when.duration, when.between)
            undone = next(
                (
                    other.at
                    for other in self._news
                    if other.at > one.at
                    and (other.device, other.property) == (one.device, one.property)
                    and not fits(other.value)
                ),
                None,
            )
            if due is not None and due >= self._at and (undone is None or due < undone):
                return due
        return None

    def _signs(self, when: InactiveFor) -> list[Instant]:
        devices = {device.id for device in matching(self._record.devices, when.at)}
        return [
            one.at
            for one in self._news
            if one.property in when.of
            and one.device in devices
            and one.value in PROPERTIES[one.property].activity
        ]

    def _inactive(self, when: InactiveFor) -> Instant | None:
        """The first gap between two signs of life that is long enough, and ends after it began."""
        signs = self._signs(when)
        pauses = self._rests(when.occupied_at_most)
        for sign, following in pairwise([*signs, self._end + when.duration]):
            if following <= self._at:
                continue
            due = self._reach(sign, when.duration, when.between, pauses)
            if due is not None and self._at < due <= following:
                return due
        return None

    def _rests(self, at_most: Duration) -> list[tuple[Instant, Instant]]:
        resting = {device.id for device in self._record.devices if device.kind in _RESTING}
        since: dict[str, Instant] = {}
        found = []
        for one in self._news:
            if one.device in resting and one.property == "occupancy":
                if one.value == "occupied":
                    since[one.device] = one.at
                elif one.device in since:
                    begun = since.pop(one.device)
                    found.append((begun, min(one.at, begun + at_most)))
        found += [(begun, begun + at_most) for begun in since.values()]
        return sorted(found)

    def _none_of(self, when: NoneOf) -> Instant | None:
        wanted = [one.at for part in when.of for one in self._matching(part, self._acts[0].at)]
        first = self._acts[0].at
        for opens, closes in pieces((when.window,), self._zone, _NO_STEPS, first):
            if closes > self._end:
                return None
            seen = any(opens <= at < closes for at in wanted)
            if closes > self._at and opens >= first and not seen:
                return closes
        return None

    def _without(self, when: Without) -> Instant | None:
        answers = sorted(
            one.at for part in when.without for one in self._matching(part, self._at - 10**9)
        )
        for one in self._matching(when.first):
            due = one.at + when.within
            if not any(one.at < answer <= due for answer in answers):
                return due
        return None

    def _count(self, when: Count) -> Instant | None:
        counted: list[Instant] = []
        for one in self._matching(when.of, self._acts[0].at):
            if counted and one.at - counted[-1] < when.apart:
                continue
            counted.append(one.at)
            recent = [at for at in counted if at > one.at - when.within]
            if len(recent) >= when.at_least and one.at >= self._at:
                return one.at
        return None

    # --- numbers and silence --------------------------------------------------------------------

    def _numbers(self, name: str, at: tuple[str, ...]) -> Iterator[list[Told]]:
        for device in sorted(self._devices(at)):
            told = [one for one in self._news if one.device == device and one.property == name]
            if told:
                yield told

    def _compare(self, when: Compare) -> Instant | None:
        dues = []
        for told in self._numbers(when.property, when.at):
            since: Instant | None = None
            for one, following in pairwise([*told, None]):
                if one is None or isinstance(one.value, str):
                    continue
                beyond, back = _beyond(when, one.value)
                if beyond and since is None:
                    since = one.at
                elif back:
                    since = None
                if since is None:
                    continue
                due = self._reach(since, when.duration, when.between)
                if (
                    due is not None
                    and due >= self._at
                    and (following is None or due < following.at)
                ):
                    dues.append(due)
                    break
        return min(dues, default=None)

    def _changes(self, when: Changes) -> Instant | None:
        dues = []
        for told in self._numbers(when.property, when.at):
            for one in told:
                if one.at < self._at or isinstance(one.value, str):
                    continue
                lately = [
                    other.value
                    for other in told
                    if one.at - when.within <= other.at <= one.at
                    and not isinstance(other.value, str)
                ]
                fell = when.falls_by is not None and max(lately) - one.value >= when.falls_by
                rose = when.rises_by is not None and one.value - min(lately) >= when.rises_by
                if fell or rose:
                    dues.append(one.at)
                    break
        return min(dues, default=None)

    def _silent(self, when: Silent) -> Instant | None:
        dues = []
        for device in sorted(self._devices(when.at)):
            spoken = [act.at for act in self._acts if act.device == device]
            for at, following in pairwise([*spoken, self._end]):
                due = at + when.limit
                if self._at < due < following:
                    dues.append(due)
                    break
        return min(dues, default=None)


def _beyond(when: Compare, value: float) -> tuple[bool, bool]:
    """Return whether a number is beyond the limit, and whether it is back on the way."""
    if when.below is not None:
        clear = when.below if when.clear is None else when.clear
        return value < when.below, value >= clear
    above = when.above if when.above is not None else 0.0
    clear = above if when.clear is None else when.clear
    return value > above, value <= clear
