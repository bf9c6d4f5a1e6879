"""How each device of a home stands: when it was heard last, its battery, its link, its tests.

Read from a state for people who look after equipment. What is wrong enough to tell anybody is
decided by rules, not here.
"""

from collections.abc import Iterable, Mapping

import msgspec

from telecared.core.compile import HomePlan
from telecared.core.facts import current
from telecared.core.plan import Device
from telecared.core.state import HomeState
from telecared.core.tested import next_test_by
from telecared.core.vocabulary import ANY_DEVICE, DeviceKind, Duration, Instant, Value
from telecared.core.when import Silent


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How one device stands.

    Attributes:
        heard_at: when it last spoke, None for never; what the broker had kept is no speaking.
        told: what it told last about itself: battery, link, mains, tamper, radio.
        may_be_silent: how long its supervision rule lets it be silent, None without such a rule.
        silent_too_long: it has been silent for longer than that.
        missed: messages that the gaps of its counter show missing.
        tested_at, test_by: when it was last proven by a test, and by when its user should do so.
        test_overdue: that time has passed.
        alerts: numbers of the unresolved alerts about it, oldest first.
    """

    device: Device
    heard_at: Instant | None
    told: dict[str, Value]
    may_be_silent: Duration | None
    silent_too_long: bool
    missed: int
    tested_at: Instant | None
    test_by: Instant | None
    test_overdue: bool
    alerts: tuple[int, ...]

    @property
    def needs_attention(self) -> bool:
        """Whether somebody should look after it."""
        return bool(self.alerts) or self.silent_too_long or self.test_overdue


def equipment(home: HomePlan, state: HomeState, now: Instant) -> list[Standing]:
    """Return how each device stands at `now`, in the order in which they are registered.

    A device that the state does not know yet counts as registered now, one that is yet to be
    installed from then. One that was removed is left out.
    """
    return standings(home.devices.values(), silence_limits(home), state, now)


def silence_limits(home: HomePlan) -> dict[str, Duration]:
    """Return device -> how long it may be silent, of those that a rule supervises."""
    limits = ((device.id, silence_limit(home, device)) for device in home.devices.values())
    return {device: limit for device, limit in limits if limit is not None}


def standings(
    devices: Iterable[Device], limits: Mapping[str, Duration], state: HomeState, now: Instant
) -> list[Standing]:
    """Return what `equipment` does where the rules have been asked already (`silence_limits`)."""
    return [
        _standing(device, limits.get(device.id), state, now)
        for device in devices
        if device.until is None or now < device.until
    ]


def _standing(device: Device, limit: Duration | None, state: HomeState, now: Instant) -> Standing:
    heard_at = state.heard.get(device.id)
    since = max(heard_at or 0, state.known.get(device.id, now), device.since or 0)
    test_by = next_test_by(state, device)
    facts = state.facts.get(device.id, {})
    told = {
        name: value
        for name in sorted(ANY_DEVICE)
        if name in facts and (value := current(facts[name], now)) is not None
    }
    return Standing(
        device=device,
        heard_at=heard_at,
        told=told,
        may_be_silent=limit,
        silent_too_long=limit is not None and now > since + limit,
        missed=state.missed.get(device.id, 0),
        tested_at=state.tested.get(device.id),
        test_by=test_by,
        test_overdue=test_by is not None and now > test_by,
        alerts=_alerts_about(state, device.id),
    )


def silence_limit(home: HomePlan, device: Device) -> Duration | None:
    """Return how long a device may be silent: the shortest of its supervision rules, or None."""
    limits = [
        when.limit
        for when in (compiled.rule.when for compiled in home.listeners.get(device.id, ()))
        # What stands behind an alarm unit listens to the unit too, and is not about it.
        if isinstance(when, Silent) and not (when.behind and device.kind is DeviceKind.ALARM_UNIT)
    ]
    return min(limits, default=None)


def _alerts_about(state: HomeState, device: str) -> tuple[int, ...]:
    found = {
        finding.alert
        for key, finding in state.findings.items()
        if finding.alert is not None and key.partition("|")[2] == device
    }
    return tuple(sorted(found))
