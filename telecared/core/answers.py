"""When each alert was sensed, reached the centre, and was taken by a named human; and by which way.

A pure fold over the record and the messages of a store. What is made of it is `report`.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from telecared.core.effects import Record
from telecared.core.policy import MONITORING_CENTRE
from telecared.core.timing import Path, Timing, timing_of
from telecared.core.vocabulary import (
    DAY,
    AlertState,
    Cause,
    Channel,
    Duration,
    Instant,
    NotificationState,
    Outcome,
    Priority,
    Stage,
)

DEVICE_TIME_WITHIN: Final[Duration] = DAY
"""A device's own time further back than this is not taken for when it was sensed."""

QUEUE: Final = "queue"
"""The way of somebody who took an alert without a message: from a list or a screen."""

OPERATOR: Final = "operator"
CONTACT: Final = "contact"

_HANDED_OVER: Final = "alert.handed_over"
_TAKEN: Final = frozenset({"alert.acknowledged", "alert.snoozed", "alert.planned", _HANDED_OVER})
_LAST_STEP: Final = re.compile(r"step (\d+) of \1\b")
"""How the record tells of the step at which every policy ends, also where nothing is sent to it."""
_BY_HAND: Final = frozenset({Stage.REPLIED, Stage.KEY_PRESSED})


class AlertSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An alert as the store tells it.

    Attributes:
        device: which device's message opened it, None where time did (nobody moved).
        sensed_at: when it was sensed, see `sensed`.
        by_person: a named person resolved it.
        late: how long after its due instant it was opened, where we were not running.
        step: at which step it stands, or stood last; 0 for the first.
    """

    home: str
    n: int
    rule: str
    priority: Priority
    state: AlertState
    opened_at: Instant
    sensed_at: Instant
    device: str | None = None
    watch: bool = False
    resolved_at: Instant | None = None
    by_person: bool = False
    outcome: Outcome | None = None
    cause: Cause | None = None
    late: Duration = 0
    step: int = 0

    @property
    def alert(self) -> str:
        """The alert's id."""
        return f"{self.home}/{self.n}"


class MessageSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A notification as the store tells it; neither number nor text.

    Attributes:
        alert: the alert's number, 0 for help that belongs to none.
        stages: what is known of its life, with when.
        delivered_at: when its delivery was known, None while it is not.
    """

    id: str
    home: str
    alert: int
    to: str
    channel: Channel
    priority: Priority
    queued_at: Instant
    state: NotificationState
    withdrawn: bool = False
    stages: tuple[tuple[Stage, Instant], ...] = ()
    delivered_at: Instant | None = None


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one alert on its way to a named human.

    Attributes:
        centre_at: when it first stood at the monitoring centre, None for never.
        answered_at: when a named person first took it or ended it, None while nobody has.
        path: by which way, None while nobody has.
    """

    seen: AlertSeen
    centre_at: Instant | None = None
    answered_at: Instant | None = None
    path: Path | None = None

    @property
    def from_sensor(self) -> Duration | None:
        """How long from the sensor to a named human."""
        if self.answered_at is None:
            return None
        return max(0, self.answered_at - self.seen.sensed_at)

    @property
    def from_centre(self) -> Duration | None:
        """How long the centre took; None where it was not needed or nobody has answered."""
        if self.answered_at is None or self.centre_at is None or self.answered_at < self.centre_at:
            return None
        return self.answered_at - self.centre_at

    @property
    def was_at_the_centre(self) -> bool:
        """Whether the centre had to answer: it reached it before anybody took it."""
        reached, taken = self.centre_at, self.answered_at
        return reached is not None and (taken is None or taken >= reached)


def sensed(received_at: Instant, told: Iterable[Instant | None]) -> Instant:
    """Return when something was sensed: by the device's own earliest time, else when it came.

    A device's time counts where it is neither after the message nor more than
    `DEVICE_TIME_WITHIN` before it: clocks that were never set are no measure.
    """
    plausible = [
        at for at in told if at is not None and received_at - DEVICE_TIME_WITHIN <= at < received_at
    ]
    return min(plausible, default=received_at)


def answers(
    alerts: Iterable[AlertSeen],
    records: Iterable[tuple[str, Record]],
    messages: Iterable[MessageSeen],
    roles: Mapping[tuple[str, str], str] | None = None,
) -> list[Answered]:
    """Return what became of each alert, in the order in which they are given.

    Args:
        alerts: those that are asked about.
        records: (home, line), in the order in which they were written; of other alerts too.
        messages: of these and other alerts.
        roles: (home, contact) -> the role that is told for them.
    """
    lines: dict[tuple[str, int], list[Record]] = defaultdict(list)
    for home, record in records:
        if record.alert is not None:
            lines[home, record.alert].append(record)
    sent: dict[tuple[str, int], list[MessageSeen]] = defaultdict(list)
    for message in messages:
        sent[message.home, message.alert].append(message)
    return [
        _answered(one, lines[one.home, one.n], sent[one.home, one.n], roles or {}) for one in alerts
    ]


def _answered(
    seen: AlertSeen,
    records: Iterable[Record],
    messages: Iterable[MessageSeen],
    roles: Mapping[tuple[str, str], str],
) -> Answered:
    centre_at: Instant | None = None
    taken: Record | None = None
    for record in records:
        if centre_at is None and _reaches_centre(record):
            centre_at = record.at + record.late
        if record.event in _TAKEN and taken is None:
            taken = record
    answered_at = None if taken is None else taken.at + taken.late
    # A hand-over names whom it was given to; whoever gave it had looked after it.
    to = None if taken is None or taken.event == _HANDED_OVER else taken.to
    if answered_at is None and seen.by_person:
        answered_at = seen.resolved_at
    if answered_at is None:
        return Answered(seen=seen, centre_at=centre_at)
    path = Path(
        seen.priority.rank,
        seen.priority,
        _channel(messages, to, answered_at),
        _who(seen.home, to, roles),
    )
    return Answered(seen=seen, centre_at=centre_at, answered_at=answered_at, path=path)


def _reaches_centre(record: Record) -> bool:
    """Whether a line tells that the alert stands at the monitoring centre from then on."""
    if record.event == "alert.escalated" and _LAST_STEP.match(record.reason):
        return True
    return record.to == MONITORING_CENTRE and record.event not in _TAKEN


def _who(home: str, to: str | None, roles: Mapping[tuple[str, str], str]) -> str:
    if to is None:
        return OPERATOR
    return MONITORING_CENTRE if to == MONITORING_CENTRE else roles.get((home, to), CONTACT)


def _channel(messages: Iterable[MessageSeen], to: str | None, until: Instant) -> str:
    """Return by which channel whoever answered had been told.

    The one they replied on where that is on record, else that of the last message to them.
    """
    mine = [one for one in messages if one.to == to and one.queued_at <= until]
    replied = [
        one for one in mine if any(stage in _BY_HAND and at <= until for stage, at in one.stages)
    ]
    chosen = (replied or mine)[-1:]
    return chosen[0].channel.value if chosen else QUEUE


def latencies(found: Iterable[Answered]) -> list[tuple[Path, Timing]]:
    """Return how long it took from the sensor to a named human, path by path."""
    paths: dict[Path, list[Duration]] = defaultdict(list)
    for one in found:
        if one.path is not None and one.from_sensor is not None and not one.seen.watch:
            paths[one.path].append(one.from_sensor)
    return [(path, timing_of(took)) for path, took in sorted(paths.items())]
