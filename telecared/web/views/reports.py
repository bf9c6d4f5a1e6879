"""Reports: a month as a centre owes it to its commissioner, with plots, and every figure as CSV.

What is counted is `core.report`, `core.daily` and docs/reports.md; here a store is asked and the
answer shown. A month is folded in a worker thread and remembered for a while.
"""

import threading
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from markupsafe import Markup
from starlette.responses import JSONResponse, Response

from telecared.core.answers import answers
from telecared.core.daily import Day, TextCost, days_of, text_costs
from telecared.core.months import month_period
from telecared.core.operators import Act
from telecared.core.plots import Bar, bars
from telecared.core.report import make_report
from telecared.core.report_page import PLOTS
from telecared.core.report_parts import Period, Report
from telecared.core.report_rows import TITLES, Figure, figures, per_cent, seconds, shown
from telecared.core.vocabulary import MINUTE, Duration, Instant
from telecared.gathering import gather
from telecared.web.errors import BadForm, NotThere
from telecared.web.routes import Entry
from telecared.web.tables import csv_answer, wants_csv
from telecared.web.visit import Visit

UNTESTED_DAYS: Final = 35
"""As `telecared report` has it."""

KEPT_FOR: Final[Duration] = 5 * MINUTE
"""A month that was folded this lately is shown again as it was; the page says as of when."""

KEPT_MONTHS: Final = 12
"""Months that are remembered, whatever their scheme; the oldest is forgotten first."""


class Month(msgspec.Struct, frozen=True):
    """A month as it was folded.

    Attributes:
        as_of: engine time up to which it tells; `folded_at` is wall time.
    """

    report: Report
    days: list[Day]
    costs: list[TextCost]
    as_of: Instant
    folded_at: Instant


IN_WORDS: Final = frozenset(
    {"answered", "attendance", "false_by_cause", "notifications", "sensor_to_human"}
)
"""Sections in which no name is somebody's own: an id is shown as it is written."""

NO_RULE: Final = "no alert of this month"

_lock = threading.Lock()
"""One month is folded at a time: it takes a core for seconds."""


class Months:
    """Months that were folded lately."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str | None], Month] = {}

    def month(self, visit: Visit, period: Period) -> Month:
        """Return a month, folded now unless it was a moment ago."""
        key = (str(visit.console.store_path), period.name, period.scheme)
        with _lock:
            known = self._known.get(key)
            if known is not None and 0 <= visit.wall - known.folded_at < KEPT_FOR:
                return known
            found = _fold(visit, period)
            self._known.pop(key, None)
            while len(self._known) >= KEPT_MONTHS:
                del self._known[next(iter(self._known))]
            self._known[key] = found
            return found


_months = Months()


def _fold(visit: Visit, period: Period) -> Month:
    gathered = gather(visit.console.store_path, period)
    facts = gathered.facts
    answered = answers(facts.alerts, facts.records, facts.messages, gathered.roles)
    return Month(
        report=make_report(period, facts, untested_days=UNTESTED_DAYS),
        days=days_of(period, answered),
        costs=text_costs(gathered.texts, period, visit.console.settings.sms_price),
        as_of=period.until,
        folded_at=visit.wall,
    )


def reports(visit: Visit) -> Response:
    """Show a month; `?as=csv` gives every figure of it."""
    period = _period(visit)
    month = _months.month(visit, period)
    if wants_csv(visit):
        rows = ((one.section, one.name, one.key, one.value) for one in figures(month.report))
        return csv_answer(f"report-{period.name}", ("section", "name", "key", "value"), rows)
    return visit.render(
        "reports.html",
        month=month,
        period=period,
        sections=_sections(month.report),
        cost_plot=_cost_plot(month.costs, visit.console.settings.currency),
        schemes=visit.sight.schemes(),
        everywhere=visit.operator.schemes is None,
        shown=shown,
        no_rule=NO_RULE,
        in_words=IN_WORDS,
        series=_table(month.days),
        currency=visit.console.settings.currency,
    )


def series(visit: Visit) -> Response:
    """Return the days of a month for the plots, as columns."""
    month = _months.month(visit, _period(visit))
    return JSONResponse(_columns(month.days))


def series_csv(visit: Visit) -> Response:
    """Return the days of a month as a file."""
    period = _period(visit)
    return csv_answer(f"days-{period.name}", _HEADS, _table(_months.month(visit, period).days))


def costs_csv(visit: Visit) -> Response:
    """Return what the SMS of a month cost, rule by rule, as a file."""
    period = _period(visit)
    rows = (
        (one.rule, one.texts, one.segments, one.cost) for one in _months.month(visit, period).costs
    )
    return csv_answer(f"sms-{period.name}", ("rule", "texts", "SMS paid for", "cost"), rows)


_HEADS: Final = (
    "day",
    "alerts",
    "of them life safety",
    "answered in 60 s, %",
    "answered in 180 s, %",
    "median to a named person, s",
    "slowest, s",
)


def _table(days: Sequence[Day]) -> list[tuple[object, ...]]:
    return [
        (
            one.day.isoformat(),
            sum(one.opened.values()),
            next(iter(one.opened.values()), 0),
            per_cent(one.within_60, one.answered),
            per_cent(one.within_180, one.answered),
            seconds(one.median),
            seconds(one.slowest),
        )
        for one in days
    ]


def _columns(days: Sequence[Day]) -> dict[str, list[object]]:
    """Return the days as columns; a day is named by its first moment in UTC, in seconds."""
    first = [int(datetime.fromisoformat(f"{one.day}T00:00:00+00:00").timestamp()) for one in days]
    rows = _table(days)
    return {
        "day": list(first),
        "alerts": [row[1] for row in rows],
        "life_safety": [row[2] for row in rows],
        "within_60": [row[3] for row in rows],
        "within_180": [row[4] for row in rows],
        "median": [row[5] for row in rows],
        "slowest": [row[6] for row in rows],
    }


class Section(msgspec.Struct, frozen=True):
    """One section of a report: its title, its plot, and every figure."""

    name: str
    title: str
    plot: Markup | None
    rows: list[Figure]


def _sections(report: Report) -> list[Section]:
    found = []
    for name, rows in groupby(figures(report), key=lambda one: one.section):
        # What `core.plots` writes is escaped there.
        told = list(rows)
        is_drawn = name in PLOTS and any(one.value for one in told)
        plot = Markup(PLOTS[name](report)) if is_drawn else None  # noqa: S704
        found.append(Section(name, TITLES[name], plot, told))
    return found


def _cost_plot(costs: Sequence[TextCost], currency: str) -> Markup:
    told = [
        Bar(one.rule or NO_RULE, one.segments, f"{one.segments} SMS")
        if one.cost is None
        else Bar(one.rule or NO_RULE, one.cost, f"{one.cost:.2f} {currency}")
        for one in costs
    ]
    return Markup(bars("sms-cost", "What the SMS cost", "By rule, the dearest first.", told))  # noqa: S704 - as above


def _period(visit: Visit) -> Period:
    """Return the month that is asked for, of a scheme that they may see. Raises BadForm, NotThere.

    Who sees some schemes only is told of one of them: figures of the whole site are of others too.
    """
    scheme = visit.query.get("scheme") or None
    own = visit.sight.schemes()
    if scheme is None and visit.operator.schemes is not None:
        scheme = next(iter(own), None)
        if scheme is None:
            raise NotThere("There are no homes in your schemes yet.")
    if scheme is not None and scheme not in own:
        raise NotThere(f"There is no scheme {scheme}.")
    zone = visit.sight.plan.site_timezone
    if scheme is not None:
        homes = visit.sight.homes().values()
        zone = next((one.timezone for one in homes if one.scheme == scheme), zone)
    now = datetime.fromtimestamp(visit.now / 1_000_000, tz=ZoneInfo(zone))
    asked = visit.query.get("month") or now.strftime("%Y-%m")
    try:
        return month_period(asked, scheme, zone, visit.now)
    except ValueError as error:
        raise BadForm({"month": str(error)}) from None


ENTRIES: Final = (
    Entry(path="/reports", name="reports", endpoint=reports, act=Act.SEE_REPORTS),
    Entry(path="/reports/days.json", name="report_days", endpoint=series, act=Act.SEE_REPORTS),
    Entry(
        path="/reports/days.csv", name="report_days_csv", endpoint=series_csv, act=Act.SEE_REPORTS
    ),
    Entry(path="/reports/sms.csv", name="report_sms_csv", endpoint=costs_csv, act=Act.SEE_REPORTS),
)
