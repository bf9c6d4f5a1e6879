"""What proves a device by test: a trigger, a test button, a call that turned out to be a test.

When each was last proven, and by when its user should test it. A walk test is `walking`.
"""

from typing import Final

from telecared.core.conditions.base import Change
from telecared.core.facts import LIFE_SAFETY_KINDS
from telecared.core.plan import Device
from telecared.core.profiles import PRECEDENCE
from telecared.core.state import Alert, HomeState
from telecared.core.vocabulary import (
    ANY_DEVICE,
    DAY,
    PROPERTIES,
    DeviceKind,
    Duration,
    Instant,
    Priority,
    may_tell,
)
from telecared.core.work import Work

USER_TEST_EVERY: Final[Duration] = 35 * DAY
"""Residents are asked to press once a month (chosen: a month and a few days of grace)."""

TESTED_BY_USERS: Final = frozenset(
    {
        DeviceKind.ALARM_UNIT,
        DeviceKind.PERSONAL_TRIGGER,
        DeviceKind.FIXED_TRIGGER,
        DeviceKind.FALL_DETECTOR,
        DeviceKind.SMOKE_DETECTOR,
        DeviceKind.CARBON_MONOXIDE_DETECTOR,
        DeviceKind.HEAT_DETECTOR,
        DeviceKind.GAS_DETECTOR,
    }
)
"""Kinds that somebody in the home can test by hand, and should."""

_PROVEN_BY_ANYTHING: Final = frozenset({DeviceKind.ALARM_UNIT, DeviceKind.OTHER})


def note_user_test(work: Work, alert: Alert) -> None:
    """Note that the alert of a device was a test, as a named person found out.

    What is a fault of the device was no test of it, whatever somebody calls it.
    """
    device = alert.key.partition("|")[2]
    if alert.priority is not Priority.TECHNICAL and not alert.ages and device in work.home.devices:
        note_tested(work, device)


def note_tested(work: Work, device: str) -> None:
    """Note that a device has just been proven."""
    work.state.tested = {**work.state.tested, device: work.at}


def proves(change: Change) -> bool:
    """Whether a change shows that somebody triggered the device.

    A detector that merely reports at its usual hour that all is well proves nothing.
    """
    kind, name = change.device.kind, change.property
    if name == "test" or kind in _PROVEN_BY_ANYTHING:
        return True
    if name in ANY_DEVICE or not may_tell(kind, name):
        return False
    if kind in LIFE_SAFETY_KINDS and not PROPERTIES[name].alarm:
        return False  # a smoke detector that tells how warm it is, a radar that sees somebody walk
    order = PRECEDENCE.get(name)
    if PROPERTIES[name].momentary or order is None:
        return True
    return change.before is not None or change.after in order[:-1]


def next_test_by(state: HomeState, device: Device) -> Instant | None:
    """Return by when a device should be tested by its user, None for kinds that nobody tests.

    It counts from the last test, else from when the device was registered.
    """
    if device.kind not in TESTED_BY_USERS:
        return None
    last = state.tested.get(device.id, state.known.get(device.id))
    return None if last is None else last + USER_TEST_EVERY
