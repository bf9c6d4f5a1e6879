"""Acts that follow each other in time: the bed left, then the front door opened.

Met by the last of them, by the devices' times and in whatever order they are told: an act that is
told late confirms a sequence. It lasts no time and has no deadline.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from telecared.core.conditions.base import Change, Due, FoundNow, Tracer, Verdict, View
from telecared.core.conditions.traces import (
    IN_ORDER,
    TOLD_LATE,
    Acts,
    act_text,
    time_of,
    told_text,
)
from telecared.core.plan import Device, Rule
from telecared.core.state import Mark
from telecared.core.vocabulary import Duration, Instant, Priority
from telecared.core.when import Followed


class _Chain(NamedTuple):
    """One act after the other, as far as a step of the sequence."""

    marks: tuple[Mark, ...]

    @property
    def order(self) -> tuple[bool, Instant]:
        """What makes one better than another that ends alike: told in order, and begun later."""
        return any(mark.value == IN_ORDER for mark in self.marks), self.marks[0].at

    @property
    def last(self) -> Mark:
        """The act that it has come to."""
        return self.marks[-1]


class _Followed:
    absence = False
    hears: frozenset[str] = frozenset()

    def __init__(self, condition: Followed, rule: Rule, devices: tuple[Device, ...]) -> None:
        self._condition = condition
        self._rule = rule
        self._devices = devices
        # An old stamp alone never suppresses life safety (design 3.1, decision 1).
        self._life_safety = rule.priority is Priority.LIFE_SAFETY
        keep = sum(follow.within for follow in condition.then) + TOLD_LATE
        patterns = (condition.first, *(follow.act for follow in condition.then))
        self._steps = tuple(Acts(pattern, devices, keep=keep) for pattern in patterns)
        self.tracers: tuple[Tracer, ...] = self._steps
        self.reads = frozenset[tuple[str, str]]().union(*(one.reads for one in self._steps))

    def on_change(self, view: View, change: Change) -> Verdict:
        if not any(step.is_act(view, change) for step in self._steps):
            return None
        known = {chain.last for chain in self._chains(view, but=change)}
        new = [chain for chain in self._chains(view) if chain.last not in known]
        counted = [chain for chain in new if self._counts(view, chain)]
        if not counted:
            return None
        newest = max(counted, key=lambda chain: time_of(chain.last))
        return FoundNow(since=newest.last.at, whole=True)

    def _counts(self, view: View, chain: _Chain) -> bool:
        """Whether a sequence may be told: some of it in order, and none of it told before."""
        if self._life_safety:
            return True
        in_order, began_at = chain.order
        finding = view.state.findings.get(self._rule.name)
        return in_order and (finding is None or began_at > finding.since)

    def _chains(self, view: View, *, but: Change | None = None) -> list[_Chain]:
        """Return the best sequence to each last act, as if one act had not happened."""
        chains = [_Chain((mark,)) for mark in self._acts(view, 0, but)]
        for number, follow in enumerate(self._condition.then, start=1):
            further = []
            for mark in self._acts(view, number, but):
                before = [one for one in chains if _follows(one.last, mark, follow.within)]
                if before:
                    best = max(before, key=lambda chain: chain.order)
                    further.append(_Chain((*best.marks, mark)))
            chains = further
        return chains

    def _acts(self, view: View, number: int, but: Change | None) -> Sequence[Mark]:
        step = self._steps[number]
        marks = step.marks(view)
        if but is None or but.property != step.pattern.property:
            return marks
        return [one for one in marks if time_of(one) != (but.at, but.device.id)]

    def deadlines(self, view: View) -> Iterator[Due]:
        return iter(())

    def holds(self, view: View) -> Instant | None:
        return None

    def turns(self, view: View) -> Iterator[Instant]:
        return iter(())

    def reason(self, view: View, device: Device | None, since: Instant) -> str:
        patterns = [step.pattern for step in self._steps]
        for chain in self._chains(view):
            if chain.last.at == since:
                told = [
                    told_text(view, self._devices, mark, pattern)
                    for mark, pattern in zip(chain.marks, patterns, strict=True)
                ]
                return ", then ".join(told)
        return ", then ".join(act_text(pattern) for pattern in patterns)


def _follows(before: Mark, after: Mark, within: Duration) -> bool:
    """Whether an act follows another in time: later, or of another device at the same instant."""
    if after.at == before.at:
        return after.device != before.device
    return before.at < after.at <= before.at + within


def compile_followed(condition: Followed, rule: Rule, devices: tuple[Device, ...]) -> _Followed:
    """Compile a `then` condition for a home with these devices."""
    return _Followed(condition, rule, devices)
