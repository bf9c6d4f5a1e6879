"""Traces of acts: when a pattern happened lately, because the last value alone does not tell it.

A trace is a fact about the home, shared by the rules that ask for the same pattern. Traces of
numbers are `latches`.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from telecared.core.conditions.base import Change, View, fact_of, matching, place, value_test
from telecared.core.plan import Device
from telecared.core.state import Fact, Mark
from telecared.core.vocabulary import HOUR, PROPERTIES, Duration, Instant
from telecared.core.when import ReadingIs
from telecared.core.windows import clock_text

MAX_MARKS: Final = 256
"""Marks of one trace; the oldest are dropped first."""

NEWEST: Final = 2
"""Marks that a trace keeps however old they are: the last act, and the one before it."""

TOLD_LATE: Final[Duration] = HOUR
"""How much longer acts are kept than a rule asks for, so that what is told late finds them."""

IN_ORDER: Final = 0.0
"""The value of a mark that was told in order."""

OUT_OF_ORDER: Final = 1.0
"""The value of a mark that was told after what came later: alone it opens no more than an old
stamp may (`reading`)."""


class Acts:
    """Keeps when an act happened: an edge of a level, or any message of a momentary property.

    What is told late takes its place in time. What the broker had kept is no act.

    Args:
        pattern: the act; its `between` says which acts count.
        devices: of the home.
        keep: how far back, 0 for the newest only.
        apart: an act closer than this to the last one kept is the same act.
        never: ids, locations or kinds of devices whose acts never count.
    """

    def __init__(
        self,
        pattern: ReadingIs,
        devices: Sequence[Device],
        *,
        keep: Duration,
        apart: Duration = 0,
        never: Sequence[str] = (),
    ) -> None:
        self.pattern = pattern
        self.keep = keep
        self.key = f"act:{pattern_text(pattern)}!{','.join(never)}~{apart}"
        self.reads = pairs_of(pattern, without_those(devices, never))
        self.devices = frozenset(device for device, _ in self.reads)
        self._apart = apart
        self._matches = value_test(pattern.values)

    def begin(self, view: View) -> tuple[Mark, ...]:
        """Return the marks that the known facts give: the last act of each device, if known."""
        found = []
        for device, name in sorted(self.reads):
            fact = fact_of(view.state, device, name)
            at = None if fact is None else self._last_act(view, device, fact)
            if at is not None and view.inside(self.pattern.between, at):
                found.append(Mark(at, device))
        return tuple(sorted(found, key=time_of))

    def _last_act(self, view: View, device: str, fact: Fact) -> Instant | None:
        """Return the last act that a fact proves: a value that the broker had kept proves none."""
        spec = PROPERTIES[self.pattern.property]
        if spec.activity and spec.activity <= set(self.pattern.values):
            return fact.active_at or None
        if not self._matches(fact.value):
            return None
        if spec.momentary:
            return fact.since
        if fact.value in spec.activity:
            return fact.since if fact.active_at >= fact.since else None
        return fact.since if view.state.heard.get(device, 0) >= fact.received_at else None

    def is_act(self, view: View, change: Change) -> bool:
        """Whether a change of a fact is such an act.

        Of what is told late nobody knows what was before it: it happened.
        """
        if (change.device.id, change.property) not in self.reads:
            return False
        if change.retained or not self._matches(change.after):
            return False
        edge = change.momentary or change.late_order or not self._matches(change.before)
        if not edge:
            # A door that opens and one that closes are two acts, also where both are asked for.
            edge = (
                change.after in PROPERTIES[change.property].activity
                and change.after != change.before
            )
        return edge and view.inside(self.pattern.between, change.at)

    def note(self, marks: tuple[Mark, ...], view: View, change: Change | None) -> tuple[Mark, ...]:
        """Return the marks after a change of a fact."""
        if change is None or not self.is_act(view, change):
            return marks
        mark = mark_of(change)
        if any(time_of(mark) == time_of(other) for other in marks):
            return marks
        if self._apart and any(abs(mark.at - other.at) < self._apart for other in marks):
            return marks
        return recent(sorted((*marks, mark), key=time_of), self.keep)

    def marks(self, view: View) -> tuple[Mark, ...]:
        """Return what is kept, oldest first, of the devices that the pattern names today."""
        return tuple(mark for mark in marks_of(view, self.key) if mark.device in self.devices)


def mark_of(change: Change) -> Mark:
    """Return the mark of a change, with how it was told."""
    return Mark(change.at, change.device.id, OUT_OF_ORDER if change.late_order else IN_ORDER)


def without_those(devices: Sequence[Device], never: Sequence[str]) -> tuple[Device, ...]:
    """Return the devices but for those that are named."""
    named = set(matching(devices, never)) if never else ()
    return tuple(device for device in devices if device not in named)


def pairs_of(pattern: ReadingIs, devices: Sequence[Device]) -> frozenset[tuple[str, str]]:
    """Return the (device, property) pairs that a pattern reads in a home."""
    return frozenset((device.id, pattern.property) for device in matching(devices, pattern.at))


def pattern_text(pattern: ReadingIs) -> str:
    """Return a pattern as the text that names its trace."""
    values = ",".join(str(value) for value in pattern.values)
    windows = ";".join(repr(window) for window in pattern.between)
    return f"{pattern.property}={values}@{','.join(pattern.at)}[{windows}]"


def default_values(property_: str) -> tuple[str, ...]:
    """Return the words of a property that show life: what an act of it is when none is named."""
    return tuple(sorted(PROPERTIES[property_].activity))


def marks_of(view: View, key: str) -> tuple[Mark, ...]:
    """Return the marks of a trace, oldest first; none when nothing has happened."""
    return view.state.traces.get(key, ())


def last_mark(view: View, several: Iterable[Acts]) -> Mark | None:
    """Return the newest mark of several traces, or None."""
    newest = [marks[-1] for acts in several if (marks := acts.marks(view))]
    return max(newest, key=time_of, default=None)


def recent(marks: Sequence[Mark], keep: Duration) -> tuple[Mark, ...]:
    """Return the marks that reach back as far as asked: the `NEWEST` in any case, of many the last.

    Args:
        marks: sorted by time, at least one.
        keep: how far back from the newest.
    """
    since = min(marks[-1].at - keep, marks[-NEWEST:][0].at)
    return tuple(mark for mark in marks if mark.at >= since)[-MAX_MARKS:]


def time_of(mark: Mark) -> tuple[Instant, str]:
    """Return what marks are ordered by, and what makes two of them the same."""
    return mark.at, mark.device


def close_runs(marks: Sequence[Mark], number: int, within: Duration) -> Iterator[tuple[int, int]]:
    """Yield (first, last) indices of each run of `number` marks in less than `within`."""
    for last in range(number - 1, len(marks)):
        first = last - number + 1
        if marks[last].at - marks[first].at < within:
            yield first, last


def act_text(pattern: ReadingIs) -> str:
    """Return a pattern as a sentence names it: `motion: detected at hall or kitchen`."""
    words = " or ".join(str(value) for value in pattern.values)
    return f"{pattern.property}: {words}" + (f" at {' or '.join(pattern.at)}" if pattern.at else "")


def told_text(view: View, devices: Collection[Device], mark: Mark, pattern: ReadingIs) -> str:
    """Return who told an act and when: `bed (bedroom) told occupancy: vacant at 02:10`."""
    words = " or ".join(str(value) for value in pattern.values)
    return f"{who_text(devices, mark)} told {pattern.property}: {words} at {at_text(view, mark.at)}"


def who_text(devices: Collection[Device], mark: Mark) -> str:
    """Return how a sentence names the device of a mark."""
    return next((place(device) for device in devices if device.id == mark.device), mark.device)


def at_text(view: View, at: Instant) -> str:
    """Return the home's local `HH:MM` of an instant."""
    return clock_text(at, view.zone, view.site.offset(at))
