"""A device has sent nothing at all for a time: the alarm unit is dead, whatever the broker says.

Any message is a sign that the device works, also one that cannot be decoded.
"""

from collections.abc import Iterator

from telecared.core.conditions.base import (
    Change,
    Due,
    Tracer,
    Verdict,
    View,
    due_after,
    finding_key,
    matching,
    place,
    running_since,
)
from telecared.core.conditions.stretches import Lasting
from telecared.core.plan import Device, Rule
from telecared.core.vocabulary import Instant
from telecared.core.when import Silent
from telecared.core.windows import clock_text, duration_text


class _Silent(Lasting):
    tracers: tuple[Tracer, ...] = ()
    absence = True
    reads: frozenset[tuple[str, str]] = frozenset()

    def __init__(self, condition: Silent, rule: Rule, devices: tuple[Device, ...]) -> None:
        super().__init__(rule, condition.limit, ())
        self._condition = condition
        self._rule = rule
        self._devices = matching(devices, condition.at)
        self._keys = {one.id: finding_key(rule.name, one) for one in self._devices}
        self.hears = frozenset(device.id for device in self._devices)

    def on_change(self, view: View, change: Change) -> Verdict:
        return None

    def deadlines(self, view: View) -> Iterator[Due]:
        state = view.state
        for device, since in self.running(view):
            finding = state.findings.get(self._keys[device.id])
            running = running_since(finding, since, self._rule)
            if running is None:
                continue
            start, not_before = running
            at = due_after(
                start,
                self._condition.limit,
                windows=(),
                rule=self._rule,
                view=view,
            )
            if at is not None:
                yield Due(max(at, not_before), device, since)

    def running(self, view: View) -> Iterator[tuple[Device, Instant]]:
        """Yield when each registered device was last heard; before that, since when it is known."""
        for device in self._devices:
            known = view.state.known.get(device.id)
            if known is not None:
                yield device, max(known, view.state.heard.get(device.id, known))

    def reason(self, view: View, device: Device | None, since: Instant) -> str:
        lasted = duration_text(self._condition.limit)
        seen = clock_text(since, view.zone, view.site.offset(since))
        where = place(device) if device else ""
        return f"{where} has sent nothing for {lasted}; last heard at {seen}"


def compile_silent(condition: Silent, rule: Rule, devices: tuple[Device, ...]) -> _Silent:
    """Compile a `silent` condition for a home with these devices."""
    return _Silent(condition, rule, devices)
