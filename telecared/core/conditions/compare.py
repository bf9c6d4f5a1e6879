"""A number stands above or below a limit, for a time; each device by itself.

One that wavers around the limit is one stretch: it ends when the number has passed `clear`.
"""

from collections.abc import Callable

from telecared.core.conditions.base import View, fact_of, matching, place
from telecared.core.conditions.latched import Latched, Stretch
from telecared.core.conditions.latches import Latch
from telecared.core.plan import Device, Rule
from telecared.core.vocabulary import Instant, Value
from telecared.core.when import Compare
from telecared.core.windows import clock_text, duration_text

Test = Callable[[Value], bool]


class _Compare(Latched):
    def __init__(self, condition: Compare, rule: Rule, devices: tuple[Device, ...]) -> None:
        named = matching(devices, condition.at)
        reads = frozenset((device.id, condition.property) for device in named)
        key = f"{condition.property} {_limits(condition)}@{','.join(condition.at)}"
        enters, leaves = _tests(condition)
        latch = Latch(key, reads, enters=enters, leaves=leaves)
        stretch = Stretch(rule, condition.duration, condition.between)
        super().__init__(named, condition.property, stretch, (latch,))
        self._condition = condition

    def reason(self, view: View, device: Device | None, since: Instant) -> str:
        """Return what was told last, the limit, and since when it was passed."""
        condition = self._condition
        met = _side(condition)
        if condition.duration:
            met += f" for {duration_text(condition.duration)}"
        fact = fact_of(view.state, device.id, condition.property) if device else None
        if device is None or fact is None:
            return f"{condition.property} is {met}"
        began = clock_text(since, view.zone, view.site.offset(since))
        told = number_text(fact.value)
        return f"{place(device)} told {condition.property}: {told}, {met}, since {began}"


def _side(condition: Compare) -> str:
    if condition.above is not None:
        return f"above {condition.above:g}"
    return f"below {_limit(condition):g}"


def _limit(condition: Compare) -> float:
    return condition.below or 0.0


def _limits(condition: Compare) -> str:
    return f"{_side(condition)} clear {condition.clear}"


def _tests(condition: Compare) -> tuple[Test, Test]:
    """Return whether a value is beyond the limit, and whether it is back.

    Beyond is strictly beyond. Back is the limit itself, or strictly beyond `clear`.
    """
    sign = -1.0 if condition.above is None else 1.0
    limit = sign * (_limit(condition) if condition.above is None else condition.above)
    clear = None if condition.clear is None else sign * condition.clear

    def enters(value: Value) -> bool:
        return not isinstance(value, str | tuple) and sign * value > limit

    def leaves(value: Value) -> bool:
        if isinstance(value, str | tuple):
            return False
        return sign * value <= limit if clear is None else sign * value < clear

    return enters, leaves


def number_text(value: Value) -> str:
    """Return a number as people write it; anything else as it is."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def compile_compare(condition: Compare, rule: Rule, devices: tuple[Device, ...]) -> _Compare:
    """Compile a `compare` condition for a home with these devices."""
    return _Compare(condition, rule, devices)
