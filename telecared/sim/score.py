"""Alerts held against what really happened: found, how soon, missed, and false alarms.

Pure: truth and alerts in, a score out. Where alerts come from (a replay, a list) is `scoring`, how
a score is shown is the command's.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from telecared.core.streams import parse_stamp
from telecared.core.vocabulary import DAY, MINUTE, SECOND, Duration, Instant, Priority
from telecared.core.windows import rfc3339
from telecared.errors import ReplayError
from telecared.sim.lines import ReplayLine
from telecared.sim.occurring import Kind, What
from telecared.sim.truth import Truth, TruthLine

AFTERWARDS: Final[Duration] = 15 * MINUTE
"""After a happening is over an alert may still be about it: a delay between sensor and rule."""

IN_TIME: Final[Duration] = MINUTE
"""Added to every limit: what sensors and radio may take."""

DEMANDED: Final = (Kind.LIFE_SAFETY, Kind.INACTIVITY)
"""What must be found."""

_LEAST: Final[Mapping[Kind, frozenset[str]]] = {
    Kind.LIFE_SAFETY: frozenset({Priority.LIFE_SAFETY}),
    Kind.INACTIVITY: frozenset({Priority.LIFE_SAFETY, Priority.URGENT}),
    Kind.URGENT: frozenset({Priority.LIFE_SAFETY, Priority.URGENT}),
}
"""How urgent an alert must be that finds something; anything will do for the rest."""

_WEEK: Final = 7 * DAY


class Alert(msgspec.Struct, frozen=True):
    """An alert, as far as a score looks at it.

    Attributes:
        repeat: it was open already, and something made it ring again.
    """

    at: Instant
    home: str
    rule: str
    priority: str
    name: str
    repeat: bool = False


class Missed(msgspec.Struct, frozen=True):
    """Something that no alert found; `limit` is by when one had to, null where none has to."""

    home: str
    what: What
    at: str
    limit: str | None
    kind: Kind = msgspec.field(name="class")


class Late(msgspec.Struct, frozen=True):
    """Something that was found after its limit; both in seconds."""

    home: str
    what: What
    at: str
    delay: float
    within: float


class FalseAlert(msgspec.Struct, frozen=True):
    """An alert that nothing explains."""

    alert: str
    home: str
    rule: str
    priority: str
    at: str


class Share(msgspec.Struct, frozen=True):
    """How much was found of one class, of one thing, or by one rule; delays in seconds.

    `sensitivity` and the delays are null where nothing happened, or nothing was found.
    """

    name: str
    happened: int
    found: int
    in_time: int
    sensitivity: float | None
    median: float | None
    p95: float | None
    longest: float | None


class FalseRate(msgspec.Struct, frozen=True):
    """False alerts of one rule; `rate` is per home and week."""

    rule: str
    priority: str
    count: int
    rate: float


class Score(msgspec.Struct, frozen=True):
    """What a comparison came to.

    Attributes:
        home_weeks: homes times weeks.
        alerts: opened in all; `explained` of them by something that happened, `again` by something
            that the same rule had told already, and the rest are false.
        undecided: happenings of which the simulation ended before somebody had to be told; they
            are in no share.
        false_urgent: false alerts of priority urgent or life safety, per home and week.
    """

    homes: int
    weeks: float
    alerts: int
    explained: int
    again: int
    by_class: list[Share]
    by_what: list[Share]
    by_rule: list[Share]
    false_by_rule: list[FalseRate]
    false_by_priority: dict[str, float]
    false_urgent: float
    missed: list[Missed]
    late: list[Late]
    false: list[FalseAlert]
    undecided: int = 0


class _Outcome:
    """What came of one line of the truth."""

    def __init__(self, line: TruthLine) -> None:
        self.line = line
        self.begins, self.ends = line.begins, line.ends
        self.rules: dict[str, Instant] = {}
        self.told_by: set[str] = set()

    @property
    def delay(self) -> float | None:
        if not self.rules:
            return None
        return (min(self.rules.values()) - self.begins) / SECOND

    @property
    def in_time(self) -> bool:
        delay, within = self.delay, self.line.within
        return delay is not None and (within is None or delay <= within + IN_TIME / SECOND)

    def is_open(self, end: Instant) -> bool:
        """Whether the simulation ended before it had to be found, and it was not found yet."""
        within = self.line.within
        return (
            not self.rules
            and within is not None
            and self.begins + int(within * SECOND) + IN_TIME > end
        )

    def is_due(self, at: Instant) -> bool:
        """Whether the quickest of its rules may have spoken by then."""
        return at >= self.begins + int((self.line.within or 0) * SECOND) - IN_TIME

    def covers(self, alert: Alert) -> bool:
        return self.begins <= alert.at <= self.ends + AFTERWARDS


def score_of(truth: Truth, alerts: Iterable[Alert]) -> Score:
    """Hold alerts against the truth.

    An alert finds one happening at most: the earliest of its home that is going on, that its rule
    is there to find and that the same rule has not found already. It must be urgent enough for it.
    One of which no rule could have spoken yet comes after those of which one could.
    An alert from before a happening explains nothing. Repeats of an open alert may find something,
    and are never false alarms.

    Args:
        truth: what happened.
        alerts: in any order; those of `@site` and other places without residents are left out.
    """
    by_home: dict[str, list[_Outcome]] = defaultdict(list)
    for line in sorted(truth.lines, key=lambda one: one.begins):
        by_home[line.home].append(_Outcome(line))
    counts: Counter[str] = Counter()
    false: list[Alert] = []
    for alert in sorted(alerts, key=lambda one: (one.at, one.name)):
        if alert.home.startswith("@"):
            continue
        verdict = _match(alert, by_home.get(alert.home, ()))
        if alert.repeat:
            continue
        counts[verdict] += 1
        if verdict == "false":
            false.append(alert)
    outcomes = [one for home in sorted(by_home) for one in by_home[home]]
    return _score(truth, outcomes, counts, false)


def _match(alert: Alert, outcomes: Sequence[_Outcome]) -> str:
    """Note what an alert finds; return `explained`, `again` or `false`."""
    near = [one for one in outcomes if one.covers(alert)]
    # Two batteries: what is told of the low one is no word about the one that dies tomorrow.
    for one in sorted(near, key=lambda each: not each.is_due(alert.at)):
        urgent_enough = alert.priority in _LEAST.get(one.line.kind, (alert.priority,))
        if alert.rule in one.line.found_by and urgent_enough and alert.rule not in one.rules:
            one.rules[alert.rule] = alert.at
            return "explained"
    for one in near:
        if alert.rule in one.line.explains:
            again = alert.rule in one.told_by
            one.told_by.add(alert.rule)
            return "again" if again else "explained"
    if any(alert.rule in one.rules for one in near):
        return "again"
    return "false"


def _score(
    truth: Truth, outcomes: Sequence[_Outcome], counts: Counter[str], false: Sequence[Alert]
) -> Score:
    start, end = parse_stamp(truth.simulation.start), parse_stamp(truth.simulation.end)
    weeks = (end - start) / _WEEK
    home_weeks = max(weeks * truth.simulation.homes, 1e-9)
    asked = [one for one in outcomes if one.line.found_by]
    wanted = [one for one in asked if not one.is_open(end)]
    rates = Counter((alert.rule, alert.priority) for alert in false)
    by_priority = Counter(alert.priority for alert in false)
    urgent = by_priority[Priority.URGENT] + by_priority[Priority.LIFE_SAFETY]
    kinds = [kind for kind in Kind if any(one.line.kind is kind for one in wanted)]
    whats = [what for what in What if any(one.line.what is what for one in wanted)]
    return Score(
        homes=truth.simulation.homes,
        weeks=round(weeks, 3),
        alerts=counts.total(),
        explained=counts["explained"],
        again=counts["again"],
        by_class=[_share(kind, [one for one in wanted if one.line.kind is kind]) for kind in kinds],
        by_what=[_share(what, [one for one in wanted if one.line.what is what]) for what in whats],
        by_rule=_by_rule(wanted),
        false_by_rule=[
            FalseRate(rule, priority, count, round(count / home_weeks, 4))
            for (rule, priority), count in rates.most_common()
        ],
        false_by_priority={
            priority: round(by_priority[priority] / home_weeks, 4) for priority in Priority
        },
        false_urgent=round(urgent / home_weeks, 4),
        missed=[_missed(one) for one in wanted if one.delay is None],
        late=[_late(one) for one in wanted if one.delay is not None and not one.in_time],
        undecided=len(asked) - len(wanted),
        false=[
            FalseAlert(one.name, one.home, one.rule, one.priority, rfc3339(one.at)) for one in false
        ],
    )


def _share(name: str, outcomes: Sequence[_Outcome]) -> Share:
    delays = sorted(delay for one in outcomes if (delay := one.delay) is not None)
    return _shared(str(name), len(outcomes), sum(one.in_time for one in outcomes), delays)


def _by_rule(wanted: Sequence[_Outcome]) -> list[Share]:
    rules = sorted({rule for one in wanted for rule in one.line.found_by})
    found = []
    for rule in rules:
        asked = [one for one in wanted if rule in one.line.found_by]
        timely = sum(
            one.line.within is None
            or one.rules[rule] - one.begins <= one.line.within * SECOND + IN_TIME
            for one in asked
            if rule in one.rules
        )
        delays = sorted(
            (one.rules[rule] - one.begins) / SECOND for one in asked if rule in one.rules
        )
        found.append(_shared(rule, len(asked), timely, delays))
    return found


def _shared(name: str, happened: int, in_time: int, delays: Sequence[float]) -> Share:
    return Share(
        name=name,
        happened=happened,
        found=len(delays),
        in_time=in_time,
        sensitivity=len(delays) / happened if happened else None,
        median=quantile(delays, 0.5),
        p95=quantile(delays, 0.95),
        longest=delays[-1] if delays else None,
    )


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """Return the least value that a share of ordered values does not exceed; None of none."""
    if not ordered:
        return None
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def _missed(one: _Outcome) -> Missed:
    within = one.line.within
    limit = None if within is None else rfc3339(one.begins + int(within * SECOND))
    return Missed(one.line.home, one.line.what, one.line.at, limit, one.line.kind)


def _late(one: _Outcome) -> Late:
    return Late(one.line.home, one.line.what, one.line.at, one.delay or 0.0, one.line.within or 0.0)


# --- alerts from elsewhere ----------------------------------------------------------------------


class _Line(msgspec.Struct):
    """A line of `replay --json` or of `alerts --json`; the rest of it is left alone."""

    home: str
    rule: str | None = None
    priority: str | None = None
    alert: str | None = None
    at: str | None = None
    event: str | None = None
    opened_at: str | None = None


_OPENED: Final = "alert.opened"
_REPEATED: Final = "alert.repeated"


def read_alerts(lines: Iterable[str]) -> list[Alert]:
    """Return the alerts of lines as `replay --json` or `alerts --json` writes them.

    Raises:
        ReplayError: a line is neither; the sentence says which one.
    """
    found = []
    for number, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        try:
            line = msgspec.json.decode(text, type=_Line)
        except msgspec.DecodeError as error:
            raise ReplayError(
                f"line {number} is no alert ({error}); give what replay --json prints"
            ) from None
        alert = _alert(line.event, line.opened_at or line.at, line)
        if alert is not None:
            found.append(alert)
    return found


def alert_of_line(line: ReplayLine) -> Alert | None:
    """Return the alert that a line of a replay opens or repeats; None for any other line."""
    return _alert(line.event, line.at, line)


def _alert(event: str | None, at: str | None, line: "_Line | ReplayLine") -> Alert | None:
    if event not in (None, _OPENED, _REPEATED) or line.rule is None or at is None:
        return None
    return Alert(
        parse_stamp(at),
        line.home,
        line.rule,
        line.priority or "",
        line.alert or "",
        repeat=event == _REPEATED,
    )
