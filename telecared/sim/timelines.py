"""How the outcome of a scenario is shown: what was expected and what came, side by side.

Rows and text only; nothing is judged here. Texts of messages are in it, so it is for the people
who write the rules, never for a log.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from telecared.config.scenario_expect import QUEUED
from telecared.config.scenario_format import Expectation, Scenario
from telecared.core.vocabulary import DAY, SECOND, Instant
from telecared.core.windows import local
from telecared.sim.judging import OPENED, Got, Outcome, described

SHOWN: Final = frozenset(
    {
        OPENED,
        QUEUED,
        "alert.repeated",
        "alert.escalated",
        "alert.acknowledged",
        "alert.snoozed",
        "alert.lapsed",
        "alert.planned",
        "alert.aged",
        "alert.resolved",
    }
)
"""Events that a timeline shows though nobody expected them: they tell the story."""

WIDEST: Final = 44
"""Columns that what was expected may take before it is cut."""

LONGEST: Final = 60
"""Rows of a timeline that are shown as text; the rest is counted."""


class Row(NamedTuple):
    """One row of a timeline.

    Attributes:
        at: by which rows are sorted; of what did not come, when it was due at the latest.
        when, expected: how it was written, "" for what nobody expected.
        since_start, local_time: when it came, "" for what did not.
        got: what came, "" for nothing.
        fits: false where the two differ.
    """

    at: Instant
    when: str
    expected: str
    since_start: str
    local_time: str
    got: str
    fits: bool


def rows_of(outcome: Outcome) -> list[Row]:
    """Return the timeline of an outcome, in order of time.

    What happened and nobody expected is in it when it tells the story.
    """
    scenario = outcome.scenario
    shown: set[int] = set()
    rows = []
    for each, one in outcome.met:
        rows.append(_row(scenario, each, one, fits=True))
        shown.add(id(one))
    for wrong in outcome.mismatches:
        if wrong.expected is not None or (wrong.got is not None and id(wrong.got) not in shown):
            rows.append(_row(scenario, wrong.expected, wrong.got, fits=False))
            shown.add(id(wrong.got))
        for one in wrong.others:
            if id(one) not in shown:
                rows.append(_row(scenario, None, one, fits=False))
                shown.add(id(one))
    rows += [
        _row(scenario, None, one, fits=True)
        for one in outcome.got
        if id(one) not in shown and one.line.event in SHOWN
    ]
    return sorted(rows, key=lambda row: row.at)


def _row(scenario: Scenario, each: Expectation | None, got: Got | None, *, fits: bool) -> Row:
    when = expected = ""
    at = scenario.start
    if each is not None:
        when, expected = each.shown, each.what
        expected += f' "{each.says}"' if each.says is not None else ""
        at = min(each.last, scenario.until)
    if got is None:
        return Row(at, when, expected, "", "", "", fits)
    zone = ZoneInfo(scenario.home.timezone)
    since, shown = since_start(got.at, scenario), local_text(got.at, scenario, zone)
    return Row(got.at, when, expected, since, shown, described(got.line), fits)


def since_start(at: Instant, scenario: Scenario) -> str:
    """Return how long after the start something came, as scenarios write it: `+2m5s`."""
    passed = at - scenario.start
    whole, rest = passed // SECOND, passed % SECOND
    days, seconds = divmod(whole, DAY // SECOND)
    hours, seconds = divmod(seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s")]
    text = "".join(f"{count}{unit}" for count, unit in parts if count) or "0s"
    return f"+{text}" + (f" {rest // 1000}ms" if rest else "")


def local_text(at: Instant, scenario: Scenario, zone: ZoneInfo) -> str:
    """Return local time in the home; with its day where that is not the day of the start."""
    shown = local(at, zone)
    same = shown.date() == local(scenario.start, zone).date()
    return shown.strftime("%H:%M:%S" if same else "%a %H:%M:%S")


def text_of(rows: Sequence[Row]) -> list[str]:
    """Return a timeline as lines of text; `!` marks where expected and got differ."""
    wide = _Widths(
        when=max([0, *(len(row.when) for row in rows)]),
        expected=max([len("expected"), *(min(len(row.expected), WIDEST) for row in rows)]),
        since=max([0, *(len(row.since_start) for row in rows)]),
        local=max([0, *(len(row.local_time) for row in rows)]),
    )
    left_out = max(0, len(rows) - LONGEST)
    more = [f"  ... {left_out} more"] if left_out else []
    head = f"  {'expected':<{wide.when + 2 + wide.expected}} | got"
    return [head, *(_line(row, wide) for row in rows[:LONGEST]), *more]


class _Widths(NamedTuple):
    when: int
    expected: int
    since: int
    local: int


def _line(row: Row, wide: _Widths) -> str:
    mark = " " if row.fits else "!"
    expected = row.expected
    if len(expected) > WIDEST:
        expected = f"{expected[: WIDEST - 3]}..."
    got = "-"
    if row.got:
        got = f"{row.since_start:<{wide.since}}  {row.local_time:<{wide.local}}  {row.got}"
    return f"{mark} {row.when:<{wide.when}}  {expected:<{wide.expected}} | {got}"
