"""The parts of a month's report as values: what each figure is, and in which unit.

Durations are microseconds, instants microseconds UTC. How they are worked out is `report`, how they
are written `report_rows` and the commands.
"""

import msgspec

from telecared.core.timing import Path, Timing
from telecared.core.vocabulary import Duration, Instant, Priority


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """What is reported on: from `since` on, before `until`; `name` is like `2026-10`."""

    name: str
    since: Instant
    until: Instant
    timezone: str
    scheme: str | None = None

    def holds(self, at: Instant | None) -> bool:
        """Whether an instant is in it."""
        return at is not None and self.since <= at < self.until


class TypeCount(msgspec.Struct, frozen=True, kw_only=True):
    """Alerts of one rule that opened in the period.

    Attributes:
        outcomes: outcome -> count; `recovered` where nobody had to end it, `unresolved` where it
            stood open when the period ended.
    """

    rule: str
    priority: Priority
    count: int
    outcomes: dict[str, int]


class Answering(msgspec.Struct, frozen=True, kw_only=True):
    """How quickly people answered the alerts of one priority.

    Attributes:
        count: alerts that are counted; an unanswered one counts as not in time.
        within_60, within_180: of these, answered within so many seconds.
        worst: the longest of those that were answered.
        unanswered: nobody had taken them when the period ended.
    """

    priority: Priority
    measured_from: str
    count: int
    within_60: int
    within_180: int
    worst: Duration | None
    unanswered: int


class PathTiming(msgspec.Struct, frozen=True, kw_only=True):
    """How long it took from the sensor to a named human by one path."""

    path: Path
    timing: Timing


class FalseCount(msgspec.Struct, frozen=True, kw_only=True):
    """False activations of one device or one rule, and how often it went off in all.

    Of a cause: how many had it, of all false ones; those of a rule or device, where it names one.
    """

    name: str
    false: int
    count: int


class Lateness(msgspec.Struct, frozen=True, kw_only=True):
    """What was missed or late in the period.

    Attributes:
        unanswered: alerts of life safety or urgency that nobody had taken when it ended.
        beyond_180: of these priorities, taken more than 180 s after they were sensed.
        escalated: alerts that went on beyond their first step, because nobody there took them.
        lapsed: acknowledgements that ended without a word from their owner.
        delivered_late: messages whose delivery was known more than a minute after they were owed.
        never_delivered: messages that were undelivered or failed.
        decided_late: decisions that were due while we were not running, and the worst delay.
    """

    unanswered: int = 0
    beyond_180: int = 0
    escalated: int = 0
    lapsed: int = 0
    delivered_late: int = 0
    never_delivered: int = 0
    decided_late: int = 0
    worst_decision: Duration = 0


class MessageCount(msgspec.Struct, frozen=True, kw_only=True):
    """Messages of one channel in one state; `withdrawn` is a state of its own here."""

    channel: str
    state: str
    count: int


class OpenFault(msgspec.Struct, frozen=True, kw_only=True):
    """A technical alert that stood unresolved when the period ended, and how old it was then."""

    alert: str
    home: str
    rule: str
    priority: Priority
    age: Duration
    device: str | None = None


class Tests(msgspec.Struct, frozen=True, kw_only=True):
    """Calls for test.

    Attributes:
        user: alerts that a named person resolved as a test.
        walk: walk tests that were begun, and `walk_devices` what was triggered during them.
        synthetic: presses of the synthetic resident, of which `synthetic_failed` failed.
    """

    user: int = 0
    walk: int = 0
    walk_devices: int = 0
    synthetic: int = 0
    synthetic_failed: int = 0


class OutageSpan(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of the period in which something did not work.

    Attributes:
        what: `daemon` (we did not run), `link` (no broker, until what it kept was handed over),
            `provider` (messages were not taken).
        planned: we had been stopped cleanly.
    """

    what: str
    since: Instant
    until: Instant
    planned: bool = False


class Attendance(msgspec.Struct, frozen=True, kw_only=True):
    """How soon people said that they were on the way and that they had arrived.

    Attributes:
        under_way: from the sensor to the first "on my way".
        arrived: from the sensor to the first "arrived".
        travel: from the one to the other, where both were said.
    """

    under_way: Timing = Timing()
    arrived: Timing = Timing()
    travel: Timing = Timing()


class Untested(msgspec.Struct, frozen=True, kw_only=True):
    """A home in which a device has not been proven for too long.

    Attributes:
        days: since the last test of it, or since it was registered where there was none.
        ever: it has been tested before.
    """

    home: str
    device: str
    days: int
    ever: bool


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A month of a site or a scheme. Holds ids, never a name, number or text.

    Attributes:
        homes: registered homes that it is about.
        watched: alerts of rules in mode `watch`, which page nobody and are counted nowhere else.
        replies: SMS that came in.
        helped: of these, answered with help because they could not be carried out.
        forgotten: suspensions that ran out and that nobody had ended, as home and instant.
    """

    period: Period
    homes: int
    alerts: int
    watched: int
    types: tuple[TypeCount, ...]
    answering: tuple[Answering, ...]
    paths: tuple[PathTiming, ...]
    false_devices: tuple[FalseCount, ...]
    false_rules: tuple[FalseCount, ...]
    false_causes: tuple[FalseCount, ...]
    false_rule_causes: tuple[FalseCount, ...]
    false_device_causes: tuple[FalseCount, ...]
    late: Lateness
    messages: tuple[MessageCount, ...]
    replies: int
    helped: int
    forgotten: tuple[tuple[str, Instant], ...]
    faults: tuple[OpenFault, ...]
    tests: Tests
    outages: tuple[OutageSpan, ...]
    attendance: Attendance
    to_check: tuple[Untested, ...]
