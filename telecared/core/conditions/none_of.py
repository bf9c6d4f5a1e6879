"""None of some acts between two times of a day: not up by eleven, no medicine taken by nine.

Judged once for each day, at the time by which one of them is expected, and not before the signs
that an outage held up have been read. Over as soon as one of them happens.
"""

from collections.abc import Iterator
from typing import Final

from telecared.core.conditions.base import (
    Change,
    Due,
    Ended,
    Tracer,
    Verdict,
    View,
    due_after,
    matching,
)
from telecared.core.conditions.traces import Acts, act_text, last_mark, time_of, who_text
from telecared.core.plan import Device, Rule
from telecared.core.state import Finding, Mark
from telecared.core.vocabulary import DAY, Duration, Instant, may_tell
from telecared.core.when import NoneOf
from telecared.core.windows import Span, clock_text, local

LOOK_BACK: Final[Duration] = 8 * DAY
"""How far back a span that was not judged yet is looked for: what an outage may have held up."""


class _NoneOf:
    absence = True
    hears: frozenset[str] = frozenset()

    def __init__(self, condition: NoneOf, rule: Rule, devices: tuple[Device, ...]) -> None:
        self._condition = condition
        self._rule = rule
        self._devices = devices
        self._acts = tuple(Acts(one, devices, keep=0) for one in condition.of)
        self.tracers: tuple[Tracer, ...] = self._acts
        self.reads = frozenset[tuple[str, str]]().union(*(one.reads for one in self._acts))
        # A home without a device that could tell one of them would be alarmed every day.
        self._tellers = {
            device.id
            for one in condition.of
            for device in matching(devices, one.at)
            if may_tell(device.kind, one.property)
        }

    def on_change(self, view: View, change: Change) -> Verdict:
        finding = view.state.findings.get(self._rule.name)
        if finding is None or finding.alert is None or change.at < finding.since:
            return None
        if not any(one.is_act(view, change) for one in self._acts):
            return None
        told = (change.at, change.device.id)
        before = any(
            mark.at >= finding.since and time_of(mark) != told
            for one in self._acts
            for mark in one.marks(view)
        )
        return None if before else Ended()

    def deadlines(self, view: View) -> Iterator[Due]:
        # What was held is judged as of the release, whenever it is looked at.
        now = max(view.state.at, view.site.released_at)
        finding = view.state.findings.get(self._rule.name)
        overdue: Due | None = None
        for start, at in self._dues(view, now):
            not_before = self._not_before(finding, start)
            if not_before is None:
                continue
            due = Due(max(at, not_before), None, start)
            if due.at > now:
                yield due
                break
            overdue = due
        if overdue is not None:
            yield overdue

    def _not_before(self, finding: Finding | None, start: Instant) -> Instant | None:
        """Return the earliest instant at which a day's span may be told; None when it was."""
        if finding is None:
            return 0
        waits = finding.alert is None and finding.held_until
        if finding.since > start or (finding.since == start and not waits):
            return None
        if finding.alert is not None:
            return 0
        return max(finding.resolved_at + self._rule.cooldown, finding.held_until)

    def _dues(self, view: View, now: Instant) -> Iterator[Span]:
        """Yield (start, due) of each span, past and to come, in which nothing has happened.

        Also an act after the span counts: what has happened by now is not missing.
        """
        watched = self._watched_since(view)
        if watched is None:
            return
        newest = last_mark(view, self._acts)
        since = max(watched, newest.at + 1 if newest else 0)
        held_back = view.held_back(self._rule)
        for start, by in self._spans(view, max(since, now - LOOK_BACK)):
            if start < since:
                continue
            if any(began < by < ended for began, ended in held_back):
                # Nobody was expected to do it by then; who comes home at night did not oversleep.
                continue
            at = due_after(start, by - start, windows=(), rule=self._rule, view=view)
            if at is not None:
                yield start, at
            elif start > now:
                # An outage or an absence without an end pauses it, and every span after it.
                return

    def _watched_since(self, view: View) -> Instant | None:
        """Return since when a device that could tell an act is registered, or None."""
        known = view.state.known
        return min((known[one] for one in self._tellers if one in known), default=None)

    def _spans(self, view: View, since: Instant) -> Iterator[Span]:
        """Yield the day's spans that end after `since`, each whole although the clock was put."""
        steps = {stepped for stepped, _ in view.site.clock}
        whole: Span | None = None
        for opens, closes in view.pieces((self._condition.window,), since):
            if whole is not None and whole[1] == opens and opens in steps:
                whole = whole[0], closes
                continue
            if whole is not None and not _cut_short(view, whole[1]):
                yield whole
            whole = opens, closes
        if whole is not None:
            yield whole

    def holds(self, view: View) -> Instant | None:
        first = next(self._dues(view, view.state.at), None)
        return first[1] if first is not None and first[1] <= view.state.at else None

    def turns(self, view: View) -> Iterator[Instant]:
        now = view.state.at
        coming = next((at for _, at in self._dues(view, now) if at > now), None)
        return iter(() if coming is None else (coming,))

    def reason(self, view: View, device: Device | None, since: Instant) -> str:
        acts = " or ".join(act_text(one) for one in self._condition.of)
        start, by = clock_of(self._condition.start), clock_of(self._condition.by)
        newest = last_mark(view, self._acts)
        last = "" if newest is None else f"; the last was {self._when(view, newest)}"
        return f"no {acts} from {start} to {by}{last}"

    def _when(self, view: View, mark: Mark) -> str:
        offset = view.site.offset(mark.at)
        day = local(mark.at, view.zone, offset).date()
        at = clock_text(mark.at, view.zone, offset)
        return f"{who_text(self._devices, mark)} at {at} on {day.isoformat()}"


def _cut_short(view: View, end: Instant) -> bool:
    """Whether a span ends because the clock was put back: it opens again, and ends later."""
    return any(
        stepped == end and offset < view.site.offset(end - 1) for stepped, offset in view.site.clock
    )


def clock_of(minutes: int) -> str:
    """Return minutes after midnight as `HH:MM`."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def compile_none_of(condition: NoneOf, rule: Rule, devices: tuple[Device, ...]) -> _NoneOf:
    """Compile a `none_of` condition for a home with these devices."""
    return _NoneOf(condition, rule, devices)
