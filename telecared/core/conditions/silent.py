"""A device has sent nothing at all for a time: the alarm unit is dead, whatever the broker says.

Any message is a sign that the device works, also one that cannot be decoded.
"""

from collections.abc import Iterator

from telecared.core.conditions.base import (
    Change,
    Due,
    Verdict,
    View,
    due_after,
    finding_key,
    matching,
    place,
    running_since,
)
from telecared.core.plan import Device, Rule, Silent
from telecared.core.vocabulary import Instant
from telecared.core.windows import clock_text, duration_text


class _Silent:
    absence = True
    reads: frozenset[tuple[str, str]] = frozenset()

    def __init__(self, condition: Silent, rule: Rule, devices: tuple[Device, ...]) -> None:
        self._condition = condition
        self._rule = rule
        self._devices = matching(devices, condition.at)
        self.hears = frozenset(device.id for device in self._devices)

    def on_change(self, view: View, change: Change) -> Verdict:
        return None

    def deadlines(self, view: View) -> Iterator[Due]:
        state = view.state
        for device in self._devices:
            known = state.known.get(device.id)
            if known is None:
                continue
            since = max(known, state.heard.get(device.id, known))
            finding = state.findings.get(finding_key(self._rule.name, device))
            running = running_since(finding, since, self._rule.cooldown)
            if running is None:
                continue
            start, not_before = running
            at = due_after(
                start,
                self._condition.duration,
                windows=(),
                downtime=self._rule.downtime,
                pauses=(),
                view=view,
            )
            if at is not None:
                yield Due(max(at, not_before), device, since)

    def reason(self, view: View, device: Device | None, since: Instant) -> str:
        lasted = duration_text(self._condition.duration)
        seen = clock_text(since, view.zone, view.site.offset(since))
        where = place(device) if device else ""
        return f"{where} has sent nothing for {lasted}; last heard at {seen}"


def compile_silent(condition: Silent, rule: Rule, devices: tuple[Device, ...]) -> _Silent:
    """Compile a `silent` condition for a home with these devices."""
    return _Silent(condition, rule, devices)
