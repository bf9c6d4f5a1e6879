"""Where an alert stands in a centre's queue: who is asked, its rank, its age against targets.

Reads an alert and decides nothing about it. What comes next, and when it reaches the centre, is
`forecast`; how it is shown is the console's.
"""

from enum import StrEnum
from typing import Final, NamedTuple

from telecared.core.state import Alert
from telecared.core.vocabulary import SECOND, AlertState, Duration, Instant, Priority

LATE_AFTER: Final[Duration] = 60 * SECOND
OVERDUE_AFTER: Final[Duration] = 180 * SECOND
"""What commissioners hold centres to: nearly all alarms answered within one, and within three."""

HELD_TO_TARGETS: Final = (Priority.LIFE_SAFETY, Priority.URGENT)
"""Whose answer times are held against the targets: a low battery has none."""


class Standing(StrEnum):
    """Who is asked about an unresolved alert now."""

    AT_CENTRE = "at_centre"
    WITH_FAMILY = "with_family"
    HELD = "held"
    WATCHED = "watched"


class Target(StrEnum):
    """An age against the targets; `none` where there is none, or nobody waits any more."""

    NONE = "none"
    OK = "ok"
    LATE = "late"
    OVERDUE = "overdue"


class Ages(NamedTuple):
    """How long somebody has waited for an answer, in microseconds, and what that is worth.

    Attributes:
        centre: since it reached the centre; None while it does not stand there unanswered.
        sensor: since it opened, whoever has it.
        by_centre, by_sensor: the same against the targets.
    """

    centre: Duration | None
    sensor: Duration
    by_centre: Target
    by_sensor: Target


def standing_of(alert: Alert) -> Standing:
    """Return who is asked about an unresolved alert now; `watched` where nobody is, ever."""
    if alert.watch:
        return Standing.WATCHED
    if alert.state is AlertState.ACKNOWLEDGED:
        return Standing.HELD
    return Standing.WITH_FAMILY if alert.centre_at is None else Standing.AT_CENTRE


def sort_key(home: str, alert: Alert) -> tuple[int, Instant, str, int]:
    """Return what orders a queue: life safety first, then by priority, then the oldest.

    The age is that of the alert: one that its family could not take is not younger for it.
    """
    return (alert.priority.rank, alert.opened_at, home, alert.n)


def ages_of(alert: Alert, now: Instant) -> Ages:
    """Return how old an unresolved alert is at an instant of engine time, never below 0.

    While somebody has it, or it pages nobody, no target runs.
    """
    standing = standing_of(alert)
    sensor = max(now - alert.opened_at, 0)
    centre = None
    if standing is Standing.AT_CENTRE and alert.centre_at is not None:
        centre = max(now - alert.centre_at, 0)
    waits = standing in (Standing.AT_CENTRE, Standing.WITH_FAMILY)
    by_sensor = target_of(sensor if waits else None, alert.priority)
    return Ages(centre, sensor, target_of(centre, alert.priority), by_sensor)


def target_of(age: Duration | None, priority: Priority) -> Target:
    """Return an age against the targets; `none` for no age, and for priorities without targets."""
    if age is None or priority not in HELD_TO_TARGETS:
        return Target.NONE
    if age > OVERDUE_AFTER:
        return Target.OVERDUE
    return Target.LATE if age > LATE_AFTER else Target.OK
