"""`score`: alerts held against what the simulator knows to have happened.

Options, files and tables. Playing a stream is `sim.trying`, matching and counting `sim.score`.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from telecared.cli.common import Config, Exit, Json, UsageError
from telecared.cli.files import Homes, Rules
from telecared.cli.output import NONE, count_of, put, say, table, warn
from telecared.cli.planning import plan_and_homes
from telecared.cli.recordings import open_messages
from telecared.cli.streams import open_lines
from telecared.core.streams import parse_stamp
from telecared.core.vocabulary import Priority
from telecared.errors import ReplayError
from telecared.sim.occurring import Kind
from telecared.sim.score import DEMANDED, Alert, Score, Share, read_alerts, score_of
from telecared.sim.truth import Truth, read_truth
from telecared.sim.trying import tried

SHOWN: Final = 40
"""What was missed, late or false is listed up to here; --json has all of it."""

_MINUTE: Final = 60.0
_HOUR: Final = 3_600.0


_Truth = Annotated[Path, Parameter(name="--truth", help="What happened, as simulate wrote it.")]
_Alerts = Annotated[
    Path | None,
    Parameter(name="--alerts", help="What replay --json or alerts --json printed."),
]
_Streams = Annotated[
    tuple[Path, ...],
    Parameter(
        name="--stream",
        negative=(),
        show_default=False,
        help="Instead of --alerts: the simulated stream, which is replayed under the rules.",
    ),
]
_Sensitivity = Annotated[
    float | None,
    Parameter(
        name="--sensitivity",
        help="Fail when a smaller share of life-safety or inactivity events, 0 to 1, was found"
        " in time.",
    ),
]
_FalseUrgent = Annotated[
    float | None,
    Parameter(
        name="--false-urgent",
        help="Fail when a home had more false urgent alerts a week on average.",
    ),
]


def score(
    *,
    truth: _Truth,
    alerts: _Alerts = None,
    streams: _Streams = (),
    homes: Homes = (),
    rules: Rules = (),
    sensitivity: _Sensitivity = None,
    false_urgent: _FalseUrgent = None,
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Hold alerts against what happened in simulated homes."""
    if (alerts is None) == (not streams):
        raise UsageError("write --alerts FILE, or --stream FILE --homes FILE")
    if streams and not homes:
        raise UsageError("--stream needs --homes FILE: the homes that simulate wrote")
    if alerts is not None and (homes or rules):
        raise UsageError("--homes and --rules belong to --stream; leave them out")
    if sensitivity is not None and not 0 <= sensitivity <= 1:
        raise UsageError(f"--sensitivity {sensitivity}: write a share from 0 to 1, such as 0.95")
    if false_urgent is not None and false_urgent < 0:
        raise UsageError(f"--false-urgent {false_urgent}: write 0 or more, such as 0.1")
    with open_lines(truth) as lines:
        told = read_truth(lines)
    found = score_of(told, _alerts(told, alerts, streams, homes, rules, config))
    if as_json:
        put(found)
    else:
        show_score(found)
    problems = failures(found, sensitivity=sensitivity, false_urgent=false_urgent)
    for problem in problems:
        warn(problem)
    return Exit.FINDINGS if problems else Exit.FINE


def _alerts(
    told: Truth,
    alerts: Path | None,
    streams: tuple[Path, ...],
    homes: tuple[Path, ...],
    rules: tuple[Path, ...],
    config: Path | None,
) -> list[Alert]:
    if alerts is not None:
        with open_lines(alerts) as lines:
            return read_alerts(lines)
    loaded, records = plan_and_homes(homes, rules, config)
    strangers = {one.home for one in told.lines} - {record.id for record in records}
    if strangers:
        raise ReplayError(
            f"the truth names {count_of(len(strangers), 'home')} that --homes does not have, such"
            f" as {min(strangers)}; give the homes of the same simulation"
        )
    with open_messages(streams) as messages:
        end = parse_stamp(told.simulation.end)
        return list(tried(messages, homes=records, loaded=loaded, truth=told.lines, end=end))


def failures(found: Score, *, sensitivity: float | None, false_urgent: float | None) -> list[str]:
    """Return one sentence for each demand that a score does not meet."""
    problems = []
    for kind in DEMANDED if sensitivity is not None else ():
        share = next((one for one in found.by_class if one.name == kind), None)
        if share is not None and share.in_time < (sensitivity or 0.0) * share.happened:
            problems.append(
                f"{_words(kind)}: {share.in_time} of {share.happened} found in time, which is less"
                f" than --sensitivity {sensitivity}"
            )
    if false_urgent is not None and found.false_urgent > false_urgent:
        problems.append(
            f"false urgent alerts: {found.false_urgent} per home and week, more than"
            f" --false-urgent {false_urgent}"
        )
    return problems


# --- for people ---------------------------------------------------------------------------------


def show_score(found: Score) -> None:
    """Write a score as tables."""
    say(
        f"{count_of(found.homes, 'home')}, {found.weeks:.1f} weeks:"
        f" {count_of(found.alerts, 'alert')}, {found.explained} of something that happened,"
        f" {found.again} of it once more, {len(found.false)} of nothing"
    )
    if found.undecided:
        say(f"Left out, since the simulation ended before their limit: {found.undecided}")
    _shares("class", found.by_class)
    _shares("event", found.by_what)
    _shares("rule", found.by_rule)
    say("")
    say("False alerts per home and week")
    per_rule = [
        [one.rule, one.priority, one.count, f"{one.rate:.3f}"] for one in found.false_by_rule
    ]
    totals = [
        [f"all {_words(priority)}", priority, NONE, f"{found.false_by_priority[priority]:.3f}"]
        for priority in Priority
    ]
    table(("rule", "priority", "count", "rate"), [*per_rule, *totals])
    _list("Missed", [f"{one.home} {one.at} {_words(one.what)}" for one in found.missed])
    _list(
        "Late",
        [
            f"{one.home} {one.at} {_words(one.what)}: after {_time(one.delay)},"
            f" limit {_time(one.within)}"
            for one in found.late
        ],
    )
    _list(
        "False",
        [f"{one.home} {one.at} {one.rule} ({one.priority})" for one in found.false],
    )


def _shares(title: str, shares: Sequence[Share]) -> None:
    rows = [
        [
            _words(one.name) if title != "rule" else one.name,
            one.happened,
            one.found,
            one.in_time,
            NONE if one.sensitivity is None else f"{100 * one.sensitivity:.1f} %",
            _time(one.median),
            _time(one.p95),
            _time(one.longest),
        ]
        for one in shares
    ]
    if rows:
        say("")
        columns = (title, "happened", "found", "in time", "sensitivity", "median", "p95", "longest")
        table(columns, rows)


def _list(title: str, sentences: Iterable[str]) -> None:
    told = list(sentences)
    if not told:
        return
    say("")
    say(f"{title} ({len(told)})")
    for one in told[:SHOWN]:
        say(f"  {one}")
    if len(told) > SHOWN:
        say(f"  ... and {len(told) - SHOWN} more; --json has all of them")


def _words(name: str | Kind) -> str:
    return str(name).replace("_", " ")


def _time(seconds: float | None) -> str:
    if seconds is None:
        return NONE
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.1f} h"
