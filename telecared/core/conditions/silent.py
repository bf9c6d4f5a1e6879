"""A device has sent nothing at all for a time: the alarm unit is dead, whatever the broker says.

Any message is a sign that the device works, also one that cannot be decoded. What stands behind an
alarm unit waits while that is silent (`behind`). A device that was removed is missed by nobody.
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
from telecared.core.conditions.behind import Spell, silent_unit, spells, whole_time_from
from telecared.core.conditions.stretches import Lasting, met_since
from telecared.core.plan import Device, Rule
from telecared.core.state import earliest
from telecared.core.vocabulary import DeviceKind, Instant
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
        self._behind = bool(condition.behind)
        self._devices = tuple(
            device
            for device in matching(devices, condition.at)
            # A unit stands behind no other.
            if not (self._behind and device.kind is DeviceKind.ALARM_UNIT)
        )
        units = {one.id for one in devices if one.kind is DeviceKind.ALARM_UNIT}
        self._keys = {one.id: finding_key(rule.name, one) for one in self._devices}
        self.hears = frozenset(device.id for device in self._devices)
        if self._behind and self._devices:
            self.hears |= units

    def on_change(self, view: View, change: Change) -> Verdict:
        return None

    def deadlines(self, view: View) -> Iterator[Due]:
        state = view.state
        known, look = self._spells(view), None
        for device, since in self._running(view, known):
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
            if at is None:
                continue
            due = max(at, not_before)
            if not device.is_there(due):
                continue
            unit = silent_unit(since, due, known)
            if unit is None:
                yield Due(due, device, since)
            elif unit > state.at:
                # Any word of the unit before then makes this due again, and it wakes nobody.
                look = earliest(look, unit)
        if look is not None:
            yield Due(look, None, look, look=True)

    def running(self, view: View) -> Iterator[tuple[Device, Instant]]:
        """Yield when each registered device was last heard; before that, since when it is known.

        One that is yet to be installed counts from then.
        What stands behind a unit has its whole time from the unit's return.
        """
        return self._running(view, self._spells(view))

    def _running(self, view: View, known: list[Spell]) -> Iterator[tuple[Device, Instant]]:
        for device in self._devices:
            heard = _last_heard(view, device)
            is_gone = device.until is not None and device.until <= view.state.at
            if heard is not None and not is_gone:
                yield device, whole_time_from(heard, known, view.state.at)

    def _spells(self, view: View) -> list[Spell]:
        return spells(view) if self._behind else []

    def _met(self, view: View) -> Iterator[tuple[Instant, Device, Instant]]:
        known = self._spells(view)
        for device, since in self._running(view, known):
            met = met_since(view, self._rule, since, self._condition.limit, ())
            if met is not None and silent_unit(since, met, known) is None:
                yield met, device, since

    def reason(self, view: View, device: Device | None, since: Instant) -> str:
        lasted = duration_text(self._condition.limit)
        heard = since if device is None else _last_heard(view, device) or since
        seen = clock_text(heard, view.zone, view.site.offset(heard))
        where = place(device) if device else ""
        told = f"{where} has sent nothing for {lasted}; last heard at {seen}"
        if heard >= since:
            return told
        back = clock_text(since, view.zone, view.site.offset(since))
        return f"{told}, before the alarm unit was back at {back}"


def _last_heard(view: View, device: Device) -> Instant | None:
    known = view.state.known.get(device.id)
    if known is None:
        return None
    return max(known, view.state.heard.get(device.id, known), device.since or known)


def compile_silent(condition: Silent, rule: Rule, devices: tuple[Device, ...]) -> _Silent:
    """Compile a `silent` condition for a home with these devices."""
    return _Silent(condition, rule, devices)
