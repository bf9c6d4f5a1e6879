"""A report as one HTML page: tables, and a plot where a picture says more. Nothing leaves the page.

Text only; what the figures are is `report_rows`.
"""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Final

from telecared.core.plots import Bar, bars
from telecared.core.report_parts import Report
from telecared.core.report_rows import (
    TITLES,
    Figure,
    Value,
    answering_name,
    figures,
    per_cent,
    shown,
)
from telecared.core.vocabulary import DAY, SECOND
from telecared.core.windows import duration_text

_STYLE: Final = """
:root{color-scheme:light dark;--ink:#1b1b1b;--paper:#fff;--line:#c9c9c9;--bar:#1f5f99}
@media (prefers-color-scheme:dark){:root{
--ink:#ececec;--paper:#161616;--line:#484848;--bar:#7ab6ea}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);margin:2rem auto;
max-width:60rem;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:.25rem .6rem .25rem 0;border-bottom:1px solid var(--line);
vertical-align:top;overflow-wrap:anywhere}
th:last-child,td:last-child{text-align:right}
svg{width:100%;height:auto;max-width:45rem}svg text{fill:var(--ink);font-size:13px}
svg rect{fill:var(--bar)}
@media print{:root{--ink:#000;--paper:#fff;--line:#999;--bar:#555}body{margin:0;max-width:none}
section{break-inside:avoid}}
"""

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
"""The browser itself refuses to fetch anything for this page."""


def page(report: Report, names: Mapping[str, str] | None = None) -> str:
    """Return the page.

    Args:
        report: what it tells.
        names: home -> what people call it, for readers who may see names; None for ids only.
    """
    scheme = f", scheme {report.period.scheme}" if report.period.scheme else ""
    title = f"Report of {report.period.name}{scheme}"
    parts = [
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
            '<meta name="viewport" content="width=device-width,initial-scale=1">'
            f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>"
        ),
        f"<h1>{escape(title)}</h1>",
        (
            "<p>Times are in UTC and durations in seconds where nothing else is said."
            " docs/reports.md defines every figure.</p>"
        ),
    ]
    for section, told in groupby(figures(report), key=lambda one: one.section):
        parts.append(_section(section, list(told), report, names or {}))
    return "".join((*parts, "</main></body></html>\n"))


def _section(section: str, told: Sequence[Figure], report: Report, names: Mapping[str, str]) -> str:
    plot = PLOTS[section](report) if section in PLOTS else ""
    head = '<tr><th scope="col">about</th><th scope="col">what</th><th scope="col">figure</th></tr>'
    rows = "".join(
        f"<tr><td>{escape(named(one.name, names))}</td><td>{escape(one.key.replace('_', ' '))}</td>"
        f"{_cell(one.value)}</tr>"
        for one in told
    )
    title = escape(TITLES[section])
    return (
        f'<section><h2>{title}</h2>{plot}<table aria-label="{title}"><thead>{head}</thead>'
        f"<tbody>{rows}</tbody></table></section>"
    )


def named(name: str, names: Mapping[str, str]) -> str:
    """Return what a figure is about, with the name of its home where names may be shown."""
    home = name.partition("/")[0]
    return f"{name} ({names[home]})" if home in names else name


def _cell(value: Value) -> str:
    return f"<td>{escape('-' if value is None else shown(value))}</td>"


def _plain(label: str) -> str:
    return label.replace("_", " ")


def _plot_types(report: Report) -> str:
    told = [Bar(one.rule, one.count, str(one.count)) for one in report.types]
    said = f"{report.alerts} alerts of {len(report.types)} rules."
    return bars("alerts", TITLES["alerts"], said, told)


def _plot_answering(report: Report) -> str:
    told = [
        Bar(_plain(answering_name(one)), share, f"{share:g} % in 60 s")
        for one in report.answering
        if (share := per_cent(one.within_60, one.count)) is not None
    ]
    return bars(
        "answered",
        TITLES["answered"],
        "Share answered within 60 seconds, by priority.",
        told,
        whole=100,
    )


def _plot_paths(report: Report) -> str:
    told = [
        Bar(
            _plain(f"{one.path.priority} {one.path.channel} {one.path.who}"),
            one.timing.p95 / SECOND,
            duration_text(one.timing.p95),
        )
        for one in report.paths
        if one.timing.p95 is not None
    ]
    said = "Within how long 95 of 100 alerts had a named person, by path."
    return bars("paths", TITLES["sensor_to_human"], said, told)


def _plot_false(report: Report) -> str:
    told = [Bar(one.name, one.false, f"{one.false} of {one.count}") for one in report.false_devices]
    return bars("false", TITLES["false_by_device"], "False activations, the most first.", told)


def _plot_false_rules(report: Report) -> str:
    told = [Bar(one.name, one.false, f"{one.false} of {one.count}") for one in report.false_rules]
    return bars("false-rules", TITLES["false_by_rule"], "False activations of each rule.", told)


def _plot_messages(report: Report) -> str:
    told = [Bar(f"{one.channel} {one.state}", one.count, str(one.count)) for one in report.messages]
    return bars("messages", TITLES["notifications"], "Notifications by channel and state.", told)


def _plot_faults(report: Report) -> str:
    told = [Bar(one.alert, one.age / DAY, duration_text(one.age)) for one in report.faults]
    return bars("faults", TITLES["faults_open"], "Age of each fault, the oldest first.", told)


PLOTS: Final[Mapping[str, Callable[[Report], str]]] = {
    "alerts": _plot_types,
    "answered": _plot_answering,
    "sensor_to_human": _plot_paths,
    "false_by_device": _plot_false,
    "false_by_rule": _plot_false_rules,
    "notifications": _plot_messages,
    "faults_open": _plot_faults,
}
"""Section -> what draws it, where a picture says more than its table."""
