"""A month as a centre reports it to its commissioner: one pure fold over what the store has.

Every figure is defined in `report_parts` and in docs/reports.md. Reading the store, and writing a
report as text, CSV or HTML, is done elsewhere.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from telecared.core.answers import AlertSeen, Answered, MessageSeen, answers, latencies
from telecared.core.effects import Record
from telecared.core.outage_spans import spans_of
from telecared.core.report_parts import (
    Answering,
    Attendance,
    FalseCount,
    Lateness,
    MessageCount,
    OpenFault,
    PathTiming,
    Period,
    Report,
    Tests,
    TypeCount,
    Untested,
)
from telecared.core.site import SiteEvent
from telecared.core.timing import timing_of
from telecared.core.vocabulary import (
    DAY,
    MINUTE,
    SECOND,
    Channel,
    Duration,
    Instant,
    NotificationState,
    Outcome,
    Priority,
    Progress,
)

TARGETS: Final = (60 * SECOND, 180 * SECOND)
"""Within which the field asks for 97.5 % and 99 % of alerts to be answered."""

DELIVERED_LATE: Final[Duration] = MINUTE
"""A message whose delivery was known later than this is late."""

TOP: Final = 10
"""Devices and rules with the most false activations that are told."""

TO_CHECK_MAX: Final = 500
"""People to check that are told, the longest untested first."""

FROM_SENSOR: Final = "sensor"
FROM_CENTRE: Final = "centre"
RECOVERED: Final = "recovered"
UNRESOLVED: Final = "unresolved"
WITHDRAWN: Final = "withdrawn"
NO_CAUSE: Final = "(not said)"
"""Stands for the cause of a false activation that nobody named, as by SMS."""

NOBODY_MOVED: Final = "(time)"
"""Stands for the device of an alert that no message opened."""

FORGOTTEN_RULE: Final = "suspension-ran-out"
_LATER_STEP: Final = re.compile(r"step (?!1 )\d+ of ")
"""How the record tells of every step but the first, which may be told again too."""
_FAILED: Final = frozenset({NotificationState.UNDELIVERED, NotificationState.FAILED})


class ProgressSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody said on the way to an alert, as it was carried out."""

    home: str
    alert: int
    at: Instant
    progress: Progress


class DeviceSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A device that its user should test, as it stood when the store was read.

    Attributes:
        tested_at: when it was last proven, None for never; `known_at` since when it is registered.
    """

    home: str
    device: str
    known_at: Instant
    tested_at: Instant | None = None


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a report is made of; of other times and homes nothing may be among it.

    Attributes:
        alerts: that opened before the period's end and were not resolved before it began.
        records: (home, line) of these homes, in the order in which they were written.
        messages: of these homes.
        site: the site's events, also from before the period.
        replies: instants at which SMS came in.
        synthetic: (instant, it succeeded) of presses of the synthetic resident.
        homes: how many are registered.
    """

    alerts: Sequence[AlertSeen] = ()
    records: Sequence[tuple[str, Record]] = ()
    messages: Sequence[MessageSeen] = ()
    site: Sequence[SiteEvent] = ()
    replies: Sequence[Instant] = ()
    progress: Sequence[ProgressSeen] = ()
    devices: Sequence[DeviceSeen] = ()
    synthetic: Sequence[tuple[Instant, bool]] = ()
    homes: int = 0


def make_report(period: Period, facts: Facts, *, untested_days: int) -> Report:
    """Return the report of a period.

    Args:
        period: the month.
        facts: what the store has.
        untested_days: people whose device was not tested for so many days are to be checked.
    """
    opened = [one for one in facts.alerts if period.holds(one.opened_at)]
    paging = [one for one in opened if not one.watch]
    records = [(home, one) for home, one in facts.records if period.holds(one.at)]
    messages = [one for one in facts.messages if period.holds(one.queued_at)]
    # An answer after the end of the month is an answer of that month's alert all the same.
    found = answers(paging, facts.records, facts.messages)
    return Report(
        period=period,
        homes=facts.homes,
        alerts=len(paging),
        watched=len(opened) - len(paging),
        types=_types(paging, period),
        answering=_answering(found),
        paths=tuple(PathTiming(path=path, timing=took) for path, took in latencies(found)),
        false_devices=_false(paging, _device_of),
        false_rules=_false(paging, lambda one: one.rule),
        false_causes=_causes(paging, lambda _: ""),
        false_rule_causes=_causes(paging, lambda one: one.rule),
        false_device_causes=_causes(paging, _device_of),
        late=_lateness(found, facts.alerts, records, messages),
        messages=_messages(messages),
        replies=sum(period.holds(at) for at in facts.replies),
        helped=sum(_is_help(one) for one in messages),
        forgotten=tuple((one.home, one.opened_at) for one in opened if one.rule == FORGOTTEN_RULE),
        faults=_faults(facts.alerts, period),
        tests=_tests(paging, records, facts, period),
        outages=spans_of(period, facts.site, facts.alerts),
        attendance=_attendance(paging, facts.progress),
        to_check=_to_check(facts.devices, period, untested_days),
    )


def _types(alerts: Iterable[AlertSeen], period: Period) -> tuple[TypeCount, ...]:
    """Count alerts by rule and priority, each with how it stood when the period ended."""
    kinds: dict[tuple[int, str, Priority], Counter[str]] = defaultdict(Counter)
    for one in alerts:
        kinds[one.priority.rank, one.rule, one.priority][_outcome(one, period)] += 1
    return tuple(
        TypeCount(
            rule=rule,
            priority=priority,
            count=outcomes.total(),
            outcomes=dict(sorted(outcomes.items())),
        )
        for (_, rule, priority), outcomes in sorted(kinds.items())
    )


def _outcome(one: AlertSeen, period: Period) -> str:
    if one.resolved_at is None or one.resolved_at >= period.until:
        return UNRESOLVED
    return RECOVERED if one.outcome is None else one.outcome.value


def _answering(found: Iterable[Answered]) -> tuple[Answering, ...]:
    """Tell answers by priority: from the sensor of every alert, from the centre of what it got."""
    told = []
    every = list(found)
    for priority in Priority:
        mine = [one for one in every if one.seen.priority is priority]
        told.append(_within(priority, FROM_SENSOR, [one.from_sensor for one in mine]))
        centre = [one.from_centre for one in mine if one.was_at_the_centre]
        told.append(_within(priority, FROM_CENTRE, centre))
    return tuple(one for one in told if one.count)


def _within(priority: Priority, start: str, took: Sequence[Duration | None]) -> Answering:
    done = [one for one in took if one is not None]
    first, second = (sum(one <= target for one in done) for target in TARGETS)
    return Answering(
        priority=priority,
        measured_from=start,
        count=len(took),
        within_60=first,
        within_180=second,
        worst=max(done, default=None),
        unanswered=len(took) - len(done),
    )


def _device_of(one: AlertSeen) -> str:
    return f"{one.home}/{one.device or NOBODY_MOVED}"


def _false(
    alerts: Iterable[AlertSeen], name_of: Callable[[AlertSeen], str]
) -> tuple[FalseCount, ...]:
    """Return what gave most false activations, the worst first."""
    every: Counter[str] = Counter()
    false: Counter[str] = Counter()
    for one in alerts:
        every[name_of(one)] += 1
        false[name_of(one)] += one.outcome is Outcome.FALSE_ACTIVATION
    worst = sorted((-count, name) for name, count in false.items() if count)
    return tuple(
        FalseCount(name=name, false=-count, count=every[name]) for count, name in worst[:TOP]
    )


def _causes(
    alerts: Iterable[AlertSeen], name_of: Callable[[AlertSeen], str]
) -> tuple[FalseCount, ...]:
    """Return the causes of false activations, of each device or rule, the most frequent first."""
    of_all: Counter[str] = Counter()
    found: Counter[tuple[str, str]] = Counter()
    for one in alerts:
        if one.outcome is Outcome.FALSE_ACTIVATION:
            of_all[name_of(one)] += 1
            found[name_of(one), one.cause or NO_CAUSE] += 1
    worst = sorted((-count, name, cause) for (name, cause), count in found.items())
    return tuple(
        FalseCount(name=f"{name}/{cause}" if name else cause, false=-count, count=of_all[name])
        for count, name, cause in worst[:TOP]
    )


def _lateness(
    found: Iterable[Answered],
    alerts: Iterable[AlertSeen],
    records: Sequence[tuple[str, Record]],
    messages: Iterable[MessageSeen],
) -> Lateness:
    pressing = [one for one in found if one.seen.priority.closed_only_by_a_person]
    took = [one.from_sensor for one in pressing]
    # The words of an erased home are gone; at which step its alert stood is not.
    went_on = {(one.home, one.n) for one in alerts if one.step}
    escalated = {
        (home, one.alert)
        for home, one in records
        if one.event == "alert.escalated"
        and (_LATER_STEP.match(one.reason) or (not one.reason and (home, one.alert) in went_on))
    }
    # One decision writes several lines: that it opened, and what it owes to whom.
    late = {(home, one.alert, one.at): one.late for home, one in records if one.late}
    sent = [one for one in messages if not one.withdrawn]
    return Lateness(
        unanswered=took.count(None),
        beyond_180=sum(one is not None and one > TARGETS[1] for one in took),
        escalated=len(escalated),
        lapsed=sum(one.event == "alert.lapsed" for _, one in records),
        delivered_late=sum(
            one.delivered_at is not None and one.delivered_at - one.queued_at > DELIVERED_LATE
            for one in sent
        ),
        never_delivered=sum(one.state in _FAILED for one in sent),
        decided_late=len(late),
        worst_decision=max(late.values(), default=0),
    )


def _messages(messages: Iterable[MessageSeen]) -> tuple[MessageCount, ...]:
    channels = {channel.value: rank for rank, channel in enumerate(Channel)}
    counts = Counter(
        (one.channel.value, WITHDRAWN if one.withdrawn else one.state.value) for one in messages
    )
    return tuple(
        MessageCount(channel=channel, state=state, count=count)
        for (channel, state), count in sorted(
            counts.items(), key=lambda each: (channels[each[0][0]], each[0][1])
        )
    )


def _is_help(one: MessageSeen) -> bool:
    return one.alert == 0 and one.to == "sender"


def _faults(alerts: Iterable[AlertSeen], period: Period) -> tuple[OpenFault, ...]:
    """Return technical alerts that were unresolved when the period ended, the oldest first."""
    faults = [
        OpenFault(
            alert=one.alert,
            home=one.home,
            rule=one.rule,
            priority=one.priority,
            age=period.until - one.opened_at,
            device=one.device,
        )
        for one in alerts
        if _is_fault(one)
        and one.opened_at < period.until
        and (one.resolved_at is None or one.resolved_at >= period.until)
    ]
    return tuple(sorted(faults, key=lambda one: (-one.age, one.alert)))


def _is_fault(one: AlertSeen) -> bool:
    return one.priority is Priority.TECHNICAL and not one.watch


def _tests(
    alerts: Iterable[AlertSeen],
    records: Iterable[tuple[str, Record]],
    facts: Facts,
    period: Period,
) -> Tests:
    events = Counter(one.event for _, one in records)
    pressed = [done for at, done in facts.synthetic if period.holds(at)]
    return Tests(
        user=sum(one.outcome is Outcome.TEST for one in alerts),
        walk=events["walk_test.begun"],
        walk_devices=events["walk_test.device"],
        synthetic=len(pressed),
        synthetic_failed=pressed.count(False),
    )


def _attendance(alerts: Iterable[AlertSeen], progress: Iterable[ProgressSeen]) -> Attendance:
    """Return how soon people were under way and there; the first word of each kind counts."""
    said: dict[tuple[str, int, Progress], Instant] = {}
    for one in progress:
        said.setdefault((one.home, one.alert, one.progress), one.at)
    under_way, arrived, travel = [], [], []
    for alert in alerts:
        left = said.get((alert.home, alert.n, Progress.ON_THE_WAY))
        there = said.get((alert.home, alert.n, Progress.ARRIVED))
        if left is not None:
            under_way.append(left - alert.sensed_at)
        if there is not None:
            arrived.append(there - alert.sensed_at)
        if left is not None and there is not None and left <= there:
            travel.append(there - left)
    return Attendance(
        under_way=timing_of(under_way), arrived=timing_of(arrived), travel=timing_of(travel)
    )


def _to_check(
    devices: Iterable[DeviceSeen], period: Period, untested_days: int
) -> tuple[Untested, ...]:
    """Return whose device was not proven for too long when the period ended."""
    found = []
    for one in devices:
        last = one.known_at if one.tested_at is None else one.tested_at
        days = (period.until - last) // DAY
        if days >= untested_days:
            found.append(
                Untested(
                    home=one.home, device=one.device, days=days, ever=one.tested_at is not None
                )
            )
    found.sort(key=lambda one: (-one.days, one.home, one.device))
    return tuple(found[:TO_CHECK_MAX])
