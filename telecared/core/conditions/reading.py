"""A reading arrives: an edge of a level, or any message of a momentary property.

Decided on the message itself; a deadline it has only where it was held back.
"""

from collections.abc import Iterator

from telecared.core.conditions.base import (
    Change,
    Due,
    Ended,
    FoundNow,
    Tracer,
    Verdict,
    View,
    fact_of,
    finding_key,
    matching,
    place,
    value_test,
)
from telecared.core.conditions.stretches import (
    Lasting,
    current_fact,
    ending_due,
    fact_turns,
)
from telecared.core.plan import Device, Rule
from telecared.core.vocabulary import PROPERTIES, Instant, Priority
from telecared.core.when import ReadingIs


class _Reading(Lasting):
    tracers: tuple[Tracer, ...] = ()
    absence = False
    hears: frozenset[str] = frozenset()

    def __init__(self, condition: ReadingIs, rule: Rule, devices: tuple[Device, ...]) -> None:
        super().__init__(rule, 0, condition.between)
        self._condition = condition
        self._matches = value_test(condition.values)
        # An old stamp alone never suppresses life safety (design 3.1, decision 1).
        self._hears_the_past = rule.priority is Priority.LIFE_SAFETY
        self._rule = rule
        self._level = not PROPERTIES[condition.property].momentary
        # One word alone is one stretch; of several the last value may differ from the first.
        self._several = len(condition.values) > 1 or PROPERTIES[condition.property].numeric
        self._devices = matching(devices, condition.at)
        self._keys = [(one, finding_key(rule.name, one)) for one in self._devices if self._level]
        self.reads = frozenset((device.id, condition.property) for device in self._devices)

    def on_change(self, view: View, change: Change) -> Verdict:
        if not self._matches(change.after):
            ended = not change.late_order and self._matches(change.before)
            return Ended() if ended else None
        if change.late_order and not self._hears_the_past:
            return None
        if not change.momentary and self._matches(change.before):
            return None
        if not self._is_inside(view, change.at):
            return None
        return FoundNow(since=change.at)

    def _is_inside(self, view: View, at: Instant) -> bool:
        """Whether an act counts; to life safety also when only its arrival lies in the window."""
        between = self._condition.between
        if view.inside(between, at):
            return True
        return self._hears_the_past and view.inside(between, view.state.at)

    def deadlines(self, view: View) -> Iterator[Due]:
        """Yield what was held back when it came and has not changed since: it is told after all.

        And when what was told ends, because the level clears by itself.
        """
        findings = view.state.findings
        for device, key in self._keys if findings else ():
            finding = findings.get(key)
            if finding is None:
                continue
            fact = fact_of(view.state, device.id, self._condition.property)
            if fact is None or not self._matches(fact.value):
                continue
            if finding.alert is not None:
                if fact.expires_at is not None:
                    ending = ending_due(view, self._rule, device, fact.expires_at)
                    yield from () if ending is None else (ending,)
                continue
            if not finding.held_until or (fact.since != finding.since and not self._several):
                continue
            if fact.expires_at is None or finding.held_until < fact.expires_at:
                yield Due(finding.held_until, device, finding.since)

    def running(self, view: View) -> Iterator[tuple[Device, Instant]]:
        """Yield the devices that have that value now; a momentary reading never lasts."""
        facts, name = view.state.facts, self._condition.property
        for device in self._devices if self._level else ():
            if name not in facts.get(device.id, ()):
                continue  # it has told nothing of it: most devices never do
            fact = current_fact(view, device.id, name)
            if fact is not None and self._matches(fact.value):
                yield device, fact.since

    def turns(self, view: View) -> Iterator[Instant]:
        """Yield besides when a value clears by itself."""
        yield from super().turns(view)
        for device, _ in self.running(view):
            yield from fact_turns(view, device.id, self._condition.property)

    def reason(self, view: View, device: Device | None, since: Instant) -> str:
        if device is None:
            return self._condition.property
        fact = fact_of(view.state, device.id, self._condition.property)
        value = fact.value if fact and self._matches(fact.value) else self._condition.values[0]
        return f"{place(device)} told {self._condition.property}: {value}"


def compile_reading(condition: ReadingIs, rule: Rule, devices: tuple[Device, ...]) -> _Reading:
    """Compile a `reading` condition for a home with these devices."""
    return _Reading(condition, rule, devices)
