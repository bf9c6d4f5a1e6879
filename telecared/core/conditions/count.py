"""An act happens too often within a time: eight times to the bathroom in a night.

Met by the act that makes it so many, over by time alone when the oldest of them lies too far back.
Acts before the last resolve do not count again. An outage takes nothing away from what was told.
"""

from collections.abc import Iterator, Sequence

from telecared.core.conditions.base import Change, Due, FoundNow, Started, Tracer, Verdict, View
from telecared.core.conditions.stretches import ending_due
from telecared.core.conditions.traces import (
    IN_ORDER,
    TOLD_LATE,
    Acts,
    at_text,
    close_runs,
    time_of,
    who_text,
)
from telecared.core.plan import Device, Rule
from telecared.core.state import Finding, Mark
from telecared.core.vocabulary import Instant, Priority
from telecared.core.when import Count
from telecared.core.windows import duration_text


class _Count:
    absence = False
    hears: frozenset[str] = frozenset()

    def __init__(self, condition: Count, rule: Rule, devices: tuple[Device, ...]) -> None:
        self._condition = condition
        self._rule = rule
        self._devices = devices
        # An old stamp alone never suppresses life safety (design 3.1, decision 1).
        self._late_too = rule.priority is Priority.LIFE_SAFETY
        keep = condition.within + TOLD_LATE
        self._acts = Acts(condition.of, devices, keep=keep, apart=condition.apart)
        self.tracers: tuple[Tracer, ...] = (self._acts,)
        self.reads = self._acts.reads

    def on_change(self, view: View, change: Change) -> Verdict:
        if not self._acts.is_act(view, change):
            return None
        finding = self._finding(view)
        if finding is None or finding.alert is None:
            due = next(self.deadlines(view), None)
            return None if due is None else Started(due.at)
        told = (change.at, change.device.id)
        marks = self._counted(view, finding)
        again = any(time_of(marks[last]) == told for _, last in self._runs(marks))
        return FoundNow(since=change.at, whole=True) if again else None

    def deadlines(self, view: View) -> Iterator[Due]:
        finding = self._finding(view)
        marks = self._counted(view, finding)
        if finding is not None and finding.alert is not None:
            ends = self._falls_below(marks)
            ending = ending_due(view, self._rule, None, finding.last_at if ends is None else ends)
            if ending is not None:
                yield ending
            return
        not_before = self._not_before(finding)
        for first, last in self._runs(marks):
            at = max(marks[last].at, not_before)
            if max(at, view.state.at) < marks[first].at + self._condition.within:
                yield Due(at, None, marks[first].at)
                return

    def _finding(self, view: View) -> Finding | None:
        return view.state.findings.get(self._rule.name)

    def _not_before(self, finding: Finding | None) -> Instant:
        if finding is None:
            return 0
        return max(finding.resolved_at + self._rule.cooldown, finding.held_until)

    def _counted(self, view: View, finding: Finding | None) -> list[Mark]:
        """Return the acts since the last resolve."""
        resolved_at = finding.resolved_at if finding else 0
        return [mark for mark in self._acts.marks(view) if mark.at > resolved_at]

    def _runs(self, marks: Sequence[Mark]) -> Iterator[tuple[int, int]]:
        """Yield the runs of enough acts; what is told late counts, but completes none alone."""
        for first, last in close_runs(marks, self._condition.at_least, self._condition.within):
            if self._late_too or marks[last].value == IN_ORDER:
                yield first, last

    def _falls_below(self, marks: Sequence[Mark]) -> Instant | None:
        """Return when there are no longer enough of them, or None when there never were."""
        number = self._condition.at_least
        return marks[-number].at + self._condition.within if len(marks) >= number else None

    def holds(self, view: View) -> Instant | None:
        marks = self._acts.marks(view)
        began: Instant | None = None
        until: Instant = 0
        for first, last in self._runs(marks):
            if began is None or marks[last].at >= until:
                began = marks[last].at
            until = marks[first].at + self._condition.within
        return began if view.state.at < until else None

    def turns(self, view: View) -> Iterator[Instant]:
        marks = self._acts.marks(view)
        for first, _ in list(self._runs(marks))[-1:]:
            yield marks[first].at + self._condition.within

    def reason(self, view: View, device: Device | None, since: Instant) -> str:
        marks = self._counted(view, self._finding(view))
        lately = [mark for mark in marks if mark.at > marks[-1].at - self._condition.within]
        words = " or ".join(str(value) for value in self._condition.of.values)
        told = f"{self._condition.of.property}: {words}"
        within = duration_text(self._condition.within)
        if not lately:
            return f"{told} at least {self._condition.at_least} times within {within}"
        first, last = lately[0], lately[-1]
        who = who_text(self._devices, last)
        return (
            f"{told} {len(lately)} times within {within}, first at {at_text(view, first.at)}, "
            f"last told by {who} at {at_text(view, last.at)}"
        )


def compile_count(condition: Count, rule: Rule, devices: tuple[Device, ...]) -> _Count:
    """Compile a `count` condition for a home with these devices."""
    return _Count(condition, rule, devices)
