"""An act that none of some others follows in time: left bed and not back, opened and nobody in.

Counted from the first act that is still unanswered, each device by itself. An act that is told
late answers what it followed; alone it opens nothing but for life safety.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from telecared.core.conditions.base import (
    Change,
    Due,
    Ended,
    Started,
    Tracer,
    Verdict,
    View,
    due_after,
    finding_key,
    matching,
    running_since,
)
from telecared.core.conditions.traces import (
    IN_ORDER,
    OUT_OF_ORDER,
    Acts,
    act_text,
    mark_of,
    marks_of,
    pattern_text,
    time_of,
    told_text,
)
from telecared.core.plan import Device, Rule
from telecared.core.state import Finding, Mark, earliest
from telecared.core.vocabulary import Duration, Instant, Priority
from telecared.core.when import ReadingIs, Without
from telecared.core.windows import duration_text

ANSWER: Final = 2.0
"""The value of a mark that answers; those of first acts say how they were told."""

ANSWERS_KEPT: Final = 2
"""The newest act answers everything before it; the one before tells what it has not answered."""

FIRSTS_KEPT: Final = 8
"""Unanswered acts of one device and way of telling: the first and the last ones, so that an answer
that is told late finds what came after it."""


class Unanswered:
    """Keeps, for each device, the acts that nothing has answered yet, and the newest answers.

    Args:
        first: the act that asks.
        answers: the acts that answer.
        devices: of the home.
    """

    keep: Duration = 0

    def __init__(
        self, first: ReadingIs, answers: Sequence[ReadingIs], devices: Sequence[Device]
    ) -> None:
        self.first = Acts(first, devices, keep=0)
        self.answers = tuple(Acts(one, devices, keep=0) for one in answers)
        told = "|".join(pattern_text(one) for one in answers)
        self.key = f"unanswered:{pattern_text(first)}:{told}"
        self.reads = self.first.reads.union(*(one.reads for one in self.answers))

    def begin(self, view: View) -> tuple[Mark, ...]:
        """Return the marks that the known facts give."""
        answers = [
            Mark(mark.at, mark.device, ANSWER) for one in self.answers for mark in one.begin(view)
        ]
        return _tidy((*answers, *self.first.begin(view)))

    def note(self, marks: tuple[Mark, ...], view: View, change: Change | None) -> tuple[Mark, ...]:
        """Return the marks after a change of a fact."""
        if change is None:
            return marks
        added = []
        if any(one.is_act(view, change) for one in self.answers):
            added.append(Mark(change.at, change.device.id, ANSWER))
        if self.first.is_act(view, change):
            added.append(mark_of(change))
        noted = _tidy((*marks, *added)) if added else marks
        return marks if noted == marks else noted

    def since(self, view: View, device: Device, *, late_too: bool) -> Instant | None:
        """Return the first act of a device that is unanswered, or None."""
        for mark in marks_of(view, self.key):
            if mark.device == device.id and _asks(mark, late_too=late_too):
                return mark.at
        return None

    def newly_answered(self, view: View, change: Change, asked: Mark) -> bool:
        """Whether a change is the first that answers an act."""
        answers = [mark for mark in marks_of(view, self.key) if mark.value == ANSWER]
        before = [mark for mark in answers if time_of(mark) != time_of(mark_of(change))]
        return _answers(mark_of(change), asked) and not any(
            _answers(mark, asked) for mark in before
        )


def _asks(mark: Mark, *, late_too: bool) -> bool:
    return mark.value == IN_ORDER or (late_too and mark.value == OUT_OF_ORDER)


def _answers(answer: Mark, asked: Mark) -> bool:
    """Whether one act answers another: later, or of another device at the same instant."""
    return answer.at > asked.at or (answer.at == asked.at and answer.device != asked.device)


def _tidy(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Return the newest answers and what none of them answers, each once and sorted."""
    answers = sorted({mark for mark in marks if mark.value == ANSWER}, key=time_of)
    answers = answers[-ANSWERS_KEPT:]
    asked: dict[tuple[str, float], list[Mark]] = {}
    for mark in sorted({mark for mark in marks if mark.value != ANSWER}, key=time_of):
        if not any(_answers(answer, mark) for answer in answers):
            asked.setdefault((mark.device, mark.value), []).append(mark)
    firsts = [
        mark
        for several in asked.values()
        for number, mark in enumerate(several)
        if number == 0 or number > len(several) - FIRSTS_KEPT
    ]
    return (*answers, *sorted(firsts, key=time_of))


class _Without:
    absence = True
    hears: frozenset[str] = frozenset()

    def __init__(self, condition: Without, rule: Rule, devices: tuple[Device, ...]) -> None:
        self._condition = condition
        self._rule = rule
        # An old stamp alone never suppresses life safety (design 3.1, decision 1).
        self._late_too = rule.priority is Priority.LIFE_SAFETY
        self._devices = matching(devices, condition.first.at)
        self._trace = Unanswered(condition.first, condition.without, devices)
        self.tracers: tuple[Tracer, ...] = (self._trace,)
        self.reads = self._trace.reads

    def on_change(self, view: View, change: Change) -> Verdict:
        if change.retained:
            return None
        about = tuple(device for device in self._devices if self._ends(view, change, device))
        due = earliest(*(due.at for due in self.deadlines(view)))
        if about:
            return Ended(about, due)
        return None if due is None else Started(due)

    def _ends(self, view: View, change: Change, device: Device) -> bool:
        """Whether a change is the first answer to what was found about a device."""
        finding = self._finding(view, device)
        if finding is None or finding.alert is None:
            return False
        if not any(one.is_act(view, change) for one in self._trace.answers):
            return False
        return self._trace.newly_answered(view, change, Mark(finding.since, device.id))

    def deadlines(self, view: View) -> Iterator[Due]:
        for device in self._devices:
            since = self._trace.since(view, device, late_too=self._late_too)
            if since is None:
                continue
            running = self._running(self._finding(view, device), since)
            if running is None:
                continue
            start, not_before = running
            at = self._after(view, start)
            if at is not None:
                yield Due(max(at, not_before), device, since)

    def _finding(self, view: View, device: Device) -> Finding | None:
        return view.state.findings.get(finding_key(self._rule.name, device))

    def _running(self, finding: Finding | None, since: Instant) -> tuple[Instant, Instant] | None:
        """Return (count from, not before) of a stretch; None when it was told and is open.

        One that began after what is open is told as a repeat. One that is heard of afterwards
        and began before what was found belongs to it.
        """
        if finding is not None:
            since = max(since, finding.since)
            if finding.alert is not None and since > finding.since:
                return since, 0
        return running_since(finding, since, self._rule)

    def _after(self, view: View, start: Instant) -> Instant | None:
        return due_after(start, self._condition.within, windows=(), rule=self._rule, view=view)

    def holds(self, view: View) -> Instant | None:
        return earliest(*(at for at, _, _ in self._met(view) if at <= view.state.at))

    def turns(self, view: View) -> Iterator[Instant]:
        return (at for at, _, _ in self._met(view) if at > view.state.at)

    def evidence(self, view: View) -> tuple[Device | None, Instant] | None:
        """Return the act that has been unanswered for too long, the first of several."""
        met = [(at, one, since) for at, one, since in self._met(view) if at <= view.state.at]
        first = min(met, key=lambda one: (one[0], one[1].id), default=None)
        return None if first is None else (first[1], first[2])

    def _met(self, view: View) -> Iterator[tuple[Instant, Device, Instant]]:
        """Yield when each device's act has been unanswered for too long, and since when."""
        for device in self._devices:
            since = self._trace.since(view, device, late_too=self._late_too)
            at = None if since is None else self._after(view, since)
            if at is not None and since is not None:
                yield at, device, since

    def reason(self, view: View, device: Device | None, since: Instant) -> str:
        asked = told_text(view, self._devices, Mark(since, device.id if device else ""),
                          self._condition.first)  # fmt: skip
        missing = " or ".join(act_text(one) for one in self._condition.without)
        return f"{asked}, without {missing} within {duration_text(self._condition.within)}"


def compile_without(condition: Without, rule: Rule, devices: tuple[Device, ...]) -> _Without:
    """Compile a `without` condition for a home with these devices."""
    return _Without(condition, rule, devices)
