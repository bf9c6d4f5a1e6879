"""`report` and `latency`: what a centre owes its commissioner, and how long people took.

Every figure is the core's; here a store is asked and the answer is written down.
"""

import csv
import io
import os
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from telecared.adapters.system_clock import wall_now
from telecared.cli.common import (
    Config,
    Exit,
    Json,
    ReadBy,
    Since,
    UsageError,
    reader_of,
    require_config,
    since_of,
)
from telecared.cli.output import NONE, count_of, put, say, table
from telecared.cli.record_lines import LatencyLine, ReportLine
from telecared.cli.store import log_read, require_store
from telecared.config.deployment import Deployment, load_deployment
from telecared.core.answers import answers, latencies
from telecared.core.months import month_period
from telecared.core.report import make_report
from telecared.core.report_page import named, page
from telecared.core.report_parts import Period, Report
from telecared.core.report_rows import TITLES, figures, seconds, shown
from telecared.core.vocabulary import Duration
from telecared.core.windows import duration_text
from telecared.errors import Refused, StoreError
from telecared.gathering import Gathered, gather

UNTESTED_DAYS: Final = 35
"""People whose device nobody tested for so long are to be checked, where nobody says otherwise."""

FILE_MODE: Final = 0o600

_FORMULA: Final = tuple("=+-@\t\r")
"""What a spreadsheet takes for the beginning of a formula."""


def report(
    *,
    month: Annotated[str, Parameter(name="--month", help="The local month, like 2026-10.")],
    scheme: Annotated[str | None, Parameter(name="--scheme", help="One scheme only.")] = None,
    csv_file: Annotated[
        Path | None, Parameter(name="--csv", help="Write one tidy table to FILE.")
    ] = None,
    html_file: Annotated[
        Path | None, Parameter(name="--html", help="Write a page with plots to FILE.")
    ] = None,
    untested: Annotated[
        int, Parameter(name="--untested", help="Days without a test after which to check people.")
    ] = UNTESTED_DAYS,
    names: Annotated[
        bool, Parameter(name="--names", negative=(), help="Name residents beside their homes.")
    ] = False,
    by: ReadBy = None,
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Tell what happened in a month, as a centre reports it to its commissioner."""
    deployment = load_deployment(require_config(config))
    path = deployment.store_path
    require_store(path)
    if untested < 1:
        raise UsageError(f"--untested: {untested} is less than one day; write a number of days")
    period = period_of(month, scheme, deployment)
    what = f"report of {period.name}" + (" with names" if names else "")
    log_read(path, by=reader_of(by), what=what, home=None)
    gathered = gather(path, period)
    if scheme is not None and not gathered.homes:
        raise Refused(f"there is no home in a scheme {scheme}; `telecared import` registers one")
    told = make_report(period, gathered.facts, untested_days=untested)
    called = _names(gathered) if names else {}
    if csv_file is not None:
        _write(csv_file, csv_text(told, called))
    if html_file is not None:
        _write(html_file, page(told, called))
    if as_json:
        for one in figures(told):
            put(ReportLine(one.section, named(one.name, called), one.key, one.value))
    elif csv_file is None and html_file is None:
        _show(told, called)
    else:
        for written in (csv_file, html_file):
            if written is not None:
                say(f"{written} is the report of {period.name}")
    return Exit.FINE


def period_of(month: str, scheme: str | None, deployment: Deployment) -> Period:
    """Return the local month that is meant, by the scheme's clocks, else the site's.

    Raises:
        UsageError: it is no month, or it has not begun.
    """
    zone_name = deployment.site.timezone
    if scheme is not None:
        zone_name = deployment.scheme_timezones.get(scheme, zone_name)
    try:
        return month_period(month, scheme, zone_name, wall_now())
    except ValueError as error:
        raise UsageError(f"--month: {error}") from None


def csv_text(told: Report, names: dict[str, str]) -> str:
    """Return a report as one tidy table: section, name, key, value."""
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(("section", "name", "key", "value"))
    for one in figures(told):
        value = "" if one.value is None else one.value
        rows.writerow((one.section, _plain(named(one.name, names)), one.key, _plain(value)))
    return written.getvalue()


def _plain(value: str | float) -> str | float:
    """Keep a spreadsheet from taking text for a formula: rules and devices are named by people."""
    return f"'{value}" if isinstance(value, str) and value[:1] in _FORMULA else value


def _names(gathered: Gathered) -> dict[str, str]:
    return {
        home: record.resident_name
        for home, record in gathered.homes.items()
        if record.resident_name
    }


def _write(file: Path, text: str) -> None:
    """Write a file for its owner only, whole or not at all."""
    temporary = file.with_name(f".{file.name}.part")
    try:
        temporary.unlink(missing_ok=True)
        handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as opened:
            opened.write(text)
        temporary.replace(file)
    except OSError as error:
        raise StoreError(f"{file} cannot be written: {error.strerror}; name another file") from None


def _show(told: Report, names: dict[str, str]) -> None:
    scheme = f", scheme {told.period.scheme}" if told.period.scheme else ""
    say(
        f"{told.period.name}{scheme}: {count_of(told.homes, 'home')},"
        f" {count_of(told.alerts, 'alert')}"
    )
    for section, title in TITLES.items():
        rows = [
            (
                named(one.name, names) or NONE,
                one.key.replace("_", " "),
                None if one.value is None else shown(one.value),
            )
            for one in figures(told)
            if one.section == section and section != "period"
        ]
        if rows:
            say(f"\n{title}")
            table(("about", "what", "figure"), rows)
    say("Durations are in seconds, times in UTC. docs/reports.md defines every figure.")


# --- latency ------------------------------------------------------------------------------------


def latency(
    *, since: Since = None, by: ReadBy = None, config: Config = None, as_json: Json = False
) -> Exit:
    """Tell how long it took from a sensor to a named person, by path: p50, p95, p99."""
    deployment = load_deployment(require_config(config))
    path = deployment.store_path
    require_store(path)
    log_read(path, by=reader_of(by), what="latency", home=None)
    first = since_of(since) or 0
    zone = deployment.site.timezone
    period = Period(name="", since=first, until=wall_now() + 1, timezone=zone)
    gathered = gather(path, period)
    facts = gathered.facts
    alerts = [one for one in facts.alerts if period.holds(one.opened_at)]
    found = latencies(answers(alerts, facts.records, facts.messages, gathered.roles))
    if as_json:
        for way, took in found:
            put(
                LatencyLine(
                    priority=way.priority,
                    channel=way.channel,
                    who=way.who,
                    count=took.count,
                    p50=seconds(took.p50),
                    p95=seconds(took.p95),
                    p99=seconds(took.p99),
                    worst=seconds(took.worst),
                )
            )
    elif not found:
        say("nobody has taken an alert in this time")
    else:
        columns = ("priority", "by", "who", "alerts", "p50", "p95", "p99", "worst")
        rows = []
        for way, took in found:
            times = (took.p50, took.p95, took.p99, took.worst)
            rows.append((way.priority, way.channel, way.who, took.count, *map(_text, times)))
        table(columns, rows)
        waiting = len(alerts) - sum(took.count for _, took in found)
        say(f"{count_of(waiting, 'alert')} of this time nobody has taken (or they are on watch).")
    return Exit.FINE


def _text(took: Duration | None) -> str:
    return NONE if took is None else duration_text(took)
