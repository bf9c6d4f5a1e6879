"""A report as tidy rows: one figure a row, for tables, CSV and JSON alike.

Durations become seconds and instants RFC 3339. Nothing is counted or left out here.
"""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from telecared.core.report_parts import Answering, Lateness, Report
from telecared.core.timing import Timing
from telecared.core.vocabulary import DAY, SECOND, Duration
from telecared.core.windows import rfc3339

Value = str | int | float | None


class Figure(NamedTuple):
    """One figure of a report."""

    section: str
    name: str
    key: str
    value: Value


def seconds(duration: Duration | None) -> float | None:
    """Return a duration in seconds, to the microsecond; None where nothing was measured."""
    return None if duration is None else duration / SECOND


def shown(value: str | float) -> str:
    """Return a value as people read it: thousandths at most, and no powers of ten."""
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def per_cent(part: int, whole: int) -> float | None:
    """Return a share in per cent with one decimal, rounded down: 97.49 is not 97.5."""
    return None if not whole else part * 1000 // whole / 10


def figures(report: Report) -> Iterator[Figure]:
    """Yield every figure of a report, section by section, in a fixed order."""
    for section in _SECTIONS:
        yield from section(report)


def _period(report: Report) -> Iterator[Figure]:
    period = report.period
    told: tuple[tuple[str, Value], ...] = (
        ("month", period.name),
        ("since", rfc3339(period.since)),
        ("until", rfc3339(period.until)),
        ("timezone", period.timezone),
        ("scheme", period.scheme),
        ("homes", report.homes),
        ("alerts", report.alerts),
        ("alerts_on_watch", report.watched),
    )
    for key, value in told:
        yield Figure("period", "", key, value)


def _types(report: Report) -> Iterator[Figure]:
    for one in report.types:
        name = f"{one.priority}/{one.rule}"
        yield Figure("alerts", name, "count", one.count)
        for outcome, count in one.outcomes.items():
            yield Figure("alerts", name, outcome, count)


def answering_name(one: Answering) -> str:
    """Return by which words one line of answers is named."""
    return f"{one.priority} from the {one.measured_from}"


def _answering(report: Report) -> Iterator[Figure]:
    for one in report.answering:
        told: tuple[tuple[str, Value], ...] = (
            ("count", one.count),
            ("within_60_s", one.within_60),
            ("within_60_s_per_cent", per_cent(one.within_60, one.count)),
            ("within_180_s", one.within_180),
            ("within_180_s_per_cent", per_cent(one.within_180, one.count)),
            ("worst_s", seconds(one.worst)),
            ("unanswered", one.unanswered),
        )
        for key, value in told:
            yield Figure("answered", answering_name(one), key, value)


def timing_figures(section: str, name: str, timing: Timing) -> Iterator[Figure]:
    """Yield how long something took, in seconds."""
    yield Figure(section, name, "count", timing.count)
    for key in ("p50", "p95", "p99", "worst"):
        yield Figure(section, name, f"{key}_s", seconds(getattr(timing, key)))


def _paths(report: Report) -> Iterator[Figure]:
    for one in report.paths:
        name = f"{one.path.priority}/{one.path.channel}/{one.path.who}"
        yield from timing_figures("sensor_to_human", name, one.timing)


def _false(report: Report) -> Iterator[Figure]:
    for section, counts in (
        ("false_by_device", report.false_devices),
        ("false_by_rule", report.false_rules),
    ):
        for one in counts:
            yield Figure(section, one.name, "false_activations", one.false)
            yield Figure(section, one.name, "alerts", one.count)
    for section, counts in (
        ("false_by_cause", report.false_causes),
        ("false_by_rule_and_cause", report.false_rule_causes),
        ("false_by_device_and_cause", report.false_device_causes),
    ):
        for one in counts:
            yield Figure(section, one.name, "false_activations", one.false)
            yield Figure(section, one.name, "of_false_activations", one.count)


def _late(report: Report) -> Iterator[Figure]:
    for key in Lateness.__struct_fields__:
        value = getattr(report.late, key)
        if key == "worst_decision":
            yield Figure("missed_and_late", "", "worst_decision_s", seconds(value))
        else:
            yield Figure("missed_and_late", "", key, value)


def _messages(report: Report) -> Iterator[Figure]:
    for one in report.messages:
        yield Figure("notifications", one.channel, one.state, one.count)
    yield Figure("notifications", "sms", "replies", report.replies)
    yield Figure("notifications", "sms", "answered_with_help", report.helped)


def _forgotten(report: Report) -> Iterator[Figure]:
    yield Figure("suspensions_forgotten", "", "count", len(report.forgotten))
    for home, at in report.forgotten:
        yield Figure("suspensions_forgotten", home, "ran_out", rfc3339(at))


def _faults(report: Report) -> Iterator[Figure]:
    yield Figure("faults_open", "", "count", len(report.faults))
    for one in report.faults:
        yield Figure("faults_open", one.alert, "rule", one.rule)
        yield Figure("faults_open", one.alert, "device", one.device)
        yield Figure("faults_open", one.alert, "age_days", one.age // DAY)


def _tests(report: Report) -> Iterator[Figure]:
    tests = report.tests
    for key in tests.__struct_fields__:
        yield Figure("tests", "", key, getattr(tests, key))


def _outages(report: Report) -> Iterator[Figure]:
    for what in ("daemon", "link", "provider"):
        spans = [one for one in report.outages if one.what == what]
        yield Figure("outages", what, "count", len(spans))
        total = sum(one.until - one.since for one in spans)
        yield Figure("outages", what, "seconds", seconds(total))
    for number, one in enumerate(report.outages, 1):
        name = f"{one.what} {number}"
        yield Figure("outages", name, "since", rfc3339(one.since))
        yield Figure("outages", name, "until", rfc3339(one.until))
        yield Figure("outages", name, "planned", "yes" if one.planned else "no")


def _attendance(report: Report) -> Iterator[Figure]:
    came = report.attendance
    for name in came.__struct_fields__:
        yield from timing_figures("attendance", name, getattr(came, name))


def _to_check(report: Report) -> Iterator[Figure]:
    yield Figure("people_to_check", "", "count", len(report.to_check))
    for one in report.to_check:
        key = "days_since_test" if one.ever else "days_never_tested"
        yield Figure("people_to_check", f"{one.home}/{one.device}", key, one.days)


_SECTIONS: Final[tuple[Callable[[Report], Iterator[Figure]], ...]] = (
    _period,
    _types,
    _answering,
    _paths,
    _false,
    _late,
    _messages,
    _forgotten,
    _faults,
    _tests,
    _outages,
    _attendance,
    _to_check,
)

TITLES: Final = {
    "period": "What this is about",
    "alerts": "Alerts by type and outcome",
    "answered": "Answered within 60 and 180 seconds",
    "sensor_to_human": "From the sensor to a named person",
    "false_by_device": "False activations by device",
    "false_by_rule": "False activations by rule",
    "false_by_cause": "False activations by cause",
    "false_by_rule_and_cause": "False activations by rule and cause",
    "false_by_device_and_cause": "False activations by device and cause",
    "missed_and_late": "Missed and late",
    "notifications": "Notifications",
    "suspensions_forgotten": "Suspensions that nobody ended",
    "faults_open": "Faults that stood open",
    "tests": "Test calls",
    "outages": "Outages",
    "attendance": "How soon people came",
    "people_to_check": "People to check: no test for too long",
}
"""Section -> its title for people, in the order of a report."""
