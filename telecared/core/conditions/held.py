"""A level has kept its value for a time: a door open for five minutes at night.

The count runs from the edge, only inside `between`, and fires once for one stretch.
"""

from collections.abc import Iterator

from telecared.core.conditions.base import (
    Change,
    Due,
    Ended,
    Started,
    Verdict,
    View,
    due_after,
    fact_of,
    finding_key,
    matching,
    place,
    running_since,
    value_test,
)
from telecared.core.plan import Device, HeldFor, Rule
from telecared.core.vocabulary import Instant
from telecared.core.windows import duration_text


class _Held:
    absence = False
    hears: frozenset[str] = frozenset()

    def __init__(self, condition: HeldFor, rule: Rule, devices: tuple[Device, ...]) -> None:
        self._condition = condition
        self._rule = rule
        self._matches = value_test(condition.values)
        self._devices = matching(devices, condition.at)
        self.reads = frozenset((device.id, condition.property) for device in self._devices)

    def on_change(self, view: View, change: Change) -> Verdict:
        if change.late_order:
            return None
        matches, matched = self._matches(change.after), self._matches(change.before)
        if matches and not matched:
            due = self._due(view, change.device, change.at)
            return Started(due.at if due else None)
        return Ended() if matched and not matches else None

    def deadlines(self, view: View) -> Iterator[Due]:
        for device in self._devices:
            fact = fact_of(view.state, device.id, self._condition.property)
            if fact is None or not self._matches(fact.value):
                continue
            due = self._due(view, device, fact.since)
            if due is not None and (fact.expires_at is None or due.at < fact.expires_at):
                yield due

    def _due(self, view: View, device: Device, since: Instant) -> Due | None:
        finding = view.state.findings.get(finding_key(self._rule.name, device))
        running = running_since(finding, since, self._rule.cooldown)
        if running is None:
            return None
        start, not_before = running
        at = due_after(
            start,
            self._condition.duration,
            windows=self._condition.between,
            downtime=self._rule.downtime,
            pauses=(),
            view=view,
        )
        return None if at is None else Due(max(at, not_before), device, since)

    def reason(self, view: View, device: Device | None, since: Instant) -> str:
        words = " or ".join(str(value) for value in self._condition.values)
        lasted = duration_text(self._condition.duration)
        where = place(device) if device else ""
        return f"{where} has been {self._condition.property}: {words} for {lasted}"


def compile_held(condition: HeldFor, rule: Rule, devices: tuple[Device, ...]) -> _Held:
    """Compile a `held` condition for a home with these devices."""
    return _Held(condition, rule, devices)
