"""A level has kept its value for a time: a door open for five minutes at night.

The count runs from the edge, only inside `between`, and fires once for one stretch.
"""

from collections.abc import Iterator

from telecared.core.conditions.base import (
    Change,
    Due,
    Ended,
    FoundNow,
    Started,
    Tracer,
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
from telecared.core.conditions.latches import OldStamps, Stays, latched
from telecared.core.conditions.stretches import (
    Lasting,
    current_fact,
    ending_due,
    fact_turns,
)
from telecared.core.conditions.traces import marks_of
from telecared.core.plan import Device, Rule
from telecared.core.state import Fact, Finding
from telecared.core.vocabulary import PROPERTIES, Instant, Priority
from telecared.core.when import HeldFor
from telecared.core.windows import duration_text


class _Held(Lasting):
    absence = False
    hears: frozenset[str] = frozenset()

    def __init__(self, condition: HeldFor, rule: Rule, devices: tuple[Device, ...]) -> None:
        super().__init__(rule, condition.duration, condition.between)
        self._condition = condition
        self._rule = rule
        self._matches = value_test(condition.values)
        self._devices = matching(devices, condition.at)
        self.reads = frozenset((device.id, condition.property) for device in self._devices)
        words = ",".join(str(value) for value in condition.values)
        key = f"{condition.property}={words}@{','.join(condition.at)}"
        spec = PROPERTIES[condition.property]
        # One word alone is kept for as long as the last value says.
        several = len(condition.values) > 1 or spec.numeric or bool(spec.alarm)
        self._stays = Stays(key, self.reads, self._matches) if several else None
        # An old stamp alone never suppresses life safety (design 3.1, decision 1).
        life_safety = rule.priority is Priority.LIFE_SAFETY
        self._old = OldStamps(key, self.reads, self._matches) if life_safety else None
        self.tracers: tuple[Tracer, ...] = tuple(one for one in (self._stays, self._old) if one)

    def on_change(self, view: View, change: Change) -> Verdict:
        matches, matched = self._matches(change.after), self._matches(change.before)
        if change.late_order:
            due = self._old_due(view, change.device) if matches else None
            return None if due is None else Started(due.at)
        if not matches:
            return Ended() if matched else None
        finding = self._finding(view, change.device)
        held_already = finding is not None and finding.alert is not None
        if change.again and held_already and self._old is not None:
            # A second fall, told by a detector that never says that the first is over.
            return FoundNow(since=change.at)
        due = self._fact_due(view, change.device)
        return None if due is None else Started(due.at)

    def deadlines(self, view: View) -> Iterator[Due]:
        facts = view.state.facts
        for device in self._devices:
            if self._condition.property not in facts.get(device.id, ()):
                continue  # it has told nothing of it: most devices never do
            for due in (self._fact_due(view, device), self._old_due(view, device)):
                if due is not None:
                    yield due
            fact = self._fact(view, device)
            if fact is not None and fact.expires_at is not None:
                ending = ending_due(view, self._rule, device, fact.expires_at)
                if ending is not None:
                    yield ending

    def _fact(self, view: View, device: Device) -> Fact | None:
        """Return the fact of a device that has one of the values, cleared by itself or not."""
        fact = fact_of(view.state, device.id, self._condition.property)
        return fact if fact is not None and self._matches(fact.value) else None

    def _since(self, view: View, device: Device, fact: Fact) -> Instant:
        """Return since when a device has kept one of the values, whichever of them."""
        if self._stays is None:
            return fact.since
        mark = latched(marks_of(view, self._stays.key), device.id)
        return fact.since if mark is None else min(mark.at, fact.since)

    def _fact_due(self, view: View, device: Device) -> Due | None:
        fact = self._fact(view, device)
        due = None if fact is None else self._due(view, device, self._since(view, device, fact))
        if fact is None or due is None:
            return None
        return due if fact.expires_at is None or due.at < fact.expires_at else None

    def _old_due(self, view: View, device: Device) -> Due | None:
        """Return the deadline of what was told with an old stamp, counted from its arrival."""
        if self._old is None:
            return None
        mark = latched(marks_of(view, self._old.key), device.id)
        finding = self._finding(view, device)
        if mark is None or (finding is not None and finding.since >= mark.at):
            return None
        return self._due(view, device, mark.at)

    def _finding(self, view: View, device: Device) -> Finding | None:
        return view.state.findings.get(finding_key(self._rule.name, device))

    def _due(self, view: View, device: Device, since: Instant) -> Due | None:
        running = running_since(self._finding(view, device), since, self._rule)
        if running is None:
            return None
        start, not_before = running
        at = due_after(
            start,
            self._condition.duration,
            windows=self._condition.between,
            rule=self._rule,
            view=view,
        )
        return None if at is None else Due(max(at, not_before), device, since)

    def running(self, view: View) -> Iterator[tuple[Device, Instant]]:
        """Yield the devices that keep that value now, and since when."""
        facts, name = view.state.facts, self._condition.property
        for device in self._devices:
            if name not in facts.get(device.id, ()):
                continue
            fact = current_fact(view, device.id, name)
            if fact is not None and self._matches(fact.value):
                yield device, self._since(view, device, fact)

    def turns(self, view: View) -> Iterator[Instant]:
        """Yield besides when a value clears by itself."""
        yield from super().turns(view)
        for device, _ in self.running(view):
            yield from fact_turns(view, device.id, self._condition.property)

    def reason(self, view: View, device: Device | None, since: Instant) -> str:
        words = " or ".join(str(value) for value in self._condition.values)
        lasted = duration_text(self._condition.duration)
        where = place(device) if device else ""
        return f"{where} has been {self._condition.property}: {words} for {lasted}"


def compile_held(condition: HeldFor, rule: Rule, devices: tuple[Device, ...]) -> _Held:
    """Compile a `held` condition for a home with these devices."""
    return _Held(condition, rule, devices)
