"""A reading arrives: an edge of a level, or any message of a momentary property.

Decided on the message itself; it has no deadline.
"""

from collections.abc import Iterator

from telecared.core.conditions.base import (
    Change,
    Due,
    Ended,
    FoundNow,
    Verdict,
    View,
    fact_of,
    matching,
    place,
    value_test,
)
from telecared.core.plan import Device, ReadingIs, Rule
from telecared.core.vocabulary import Instant, Priority
from telecared.core.windows import inside


class _Reading:
    absence = False
    hears: frozenset[str] = frozenset()

    def __init__(self, condition: ReadingIs, rule: Rule, devices: tuple[Device, ...]) -> None:
        self._condition = condition
        self._matches = value_test(condition.values)
        # An old stamp alone never suppresses life safety (design 3.1, decision 1).
        self._hears_the_past = rule.priority is Priority.LIFE_SAFETY
        named = matching(devices, condition.at)
        self.reads = frozenset((device.id, condition.property) for device in named)

    def on_change(self, view: View, change: Change) -> Verdict:
        if not self._matches(change.after):
            ended = not change.late_order and self._matches(change.before)
            return Ended() if ended else None
        if change.late_order and not self._hears_the_past:
            return None
        if not change.momentary and self._matches(change.before):
            return None
        if not inside(self._condition.between, view.zone, view.site.clock, change.at):
            return None
        return FoundNow(since=change.at)

    def deadlines(self, view: View) -> Iterator[Due]:
        return iter(())

    def reason(self, view: View, device: Device | None, since: Instant) -> str:
        if device is None:
            return self._condition.property
        fact = fact_of(view.state, device.id, self._condition.property)
        value = fact.value if fact and self._matches(fact.value) else self._condition.values[0]
        return f"{place(device)} told {self._condition.property}: {value}"


def compile_reading(condition: ReadingIs, rule: Rule, devices: tuple[Device, ...]) -> _Reading:
    """Compile a `reading` condition for a home with these devices."""
    return _Reading(condition, rule, devices)
