"""`replay --compare`: which alerts would be new under other rules, and which gone.

Gathering and matching is `sim.comparing`; here both pasts are played and the differences shown.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from telecared.cli.common import Exit
from telecared.cli.lines import CompareAlert, CompareChanged, CompareLine, CompareMoved
from telecared.cli.output import count_of, put, say, table
from telecared.core.vocabulary import Duration, Priority
from telecared.core.windows import local, rfc3339
from telecared.sim.comparing import HomeComparison, Moved, Opened, Outcomes, compare
from telecared.sim.lines import ReplayLine

SHOWN: Final = 40
"""Differences of one kind that are listed; --json has them all."""


class Played(NamedTuple):
    """A past that is being played.

    Attributes:
        lines: what it sets off.
        zones: home -> time zone.
        lasts: returns how long it is, once its lines were taken.
    """

    lines: Iterator[ReplayLine]
    zones: Mapping[str, ZoneInfo]
    lasts: Callable[[], Duration]


def show_comparison(before: Played, after: Played, *, as_json: bool) -> Exit:
    """Play both, and tell what differs; FINDINGS when anything does."""
    found = _compared(before, after)
    if as_json:
        for one in found:
            put(_line(one))
    else:
        _show(found, before.zones)
    return Exit.FINDINGS if any(one.differs for one in found) else Exit.FINE


def _compared(before: Played, after: Played) -> list[HomeComparison]:
    gathered = []
    for played in (before, after):
        outcomes = Outcomes(played.zones)
        for line in played.lines:
            outcomes.take(line)
        gathered.append(outcomes)
    old, new = gathered
    return [
        compare(home, old.of(home), new.of(home), lasted=before.lasts())
        for home in sorted(before.zones)
    ]


def _line(one: HomeComparison) -> CompareLine:
    return CompareLine(
        home=one.home,
        days=round(one.days, 3),
        same=one.same,
        new=[_alert(each) for each in one.new],
        gone=[_alert(each) for each in one.gone],
        moved=[
            CompareMoved(each.after.rule, rfc3339(each.before.at), rfc3339(each.after.at))
            for each in one.moved
        ],
        changed=[
            CompareChanged(
                rfc3339(each.after.at), each.after.rule, _kind(each.before), _kind(each.after)
            )
            for each in one.changed
        ],
        before=len(one.before.alerts),
        after=len(one.after.alerts),
        before_a_month=round(one.a_month(len(one.before.alerts)), 2),
        after_a_month=round(one.a_month(len(one.after.alerts)), 2),
        night_wakings_before=len(one.before.wakings),
        night_wakings_after=len(one.after.wakings),
    )


def _alert(one: Opened) -> CompareAlert:
    return CompareAlert(rfc3339(one.at), one.rule, Priority(one.priority), one.alert, one.watch)


def _kind(one: Opened) -> str:
    return f"{one.priority}, watched" if one.watch else one.priority


# --- for people ---------------------------------------------------------------------------------


def _show(found: Sequence[HomeComparison], zones: Mapping[str, ZoneInfo]) -> None:
    new = [(one.home, each) for one in found for each in one.new]
    gone = [(one.home, each) for one in found for each in one.gone]
    _list(f"{count_of(len(new), 'alert')} would be new", [_text(*one, zones) for one in new])
    _list(f"{count_of(len(gone), 'alert')} would be gone", [_text(*one, zones) for one in gone])
    changed = [
        f"{_text(one.home, each.before, zones)} -> {_kind(each.after)}"
        for one in found
        for each in one.changed
    ]
    _list(f"{count_of(len(changed), 'alert')} would be another kind", changed)
    moved = [_moved_text(one.home, each, zones) for one in found for each in one.moved]
    _list(f"{count_of(len(moved), 'alert')} would come at another time", moved)
    same = sum(one.same for one in found)
    say(f"{count_of(same, 'alert')} would be the same")
    columns = (
        "home",
        "days",
        "alerts now",
        "then",
        "a month now",
        "then",
        "night wakings now",
        "then",
    )
    table(columns, [_row(one) for one in found])


def _row(one: HomeComparison) -> tuple[object, ...]:
    before, after = len(one.before.alerts), len(one.after.alerts)
    return (
        one.home,
        f"{one.days:.1f}",
        before,
        after,
        f"{one.a_month(before):.1f}",
        f"{one.a_month(after):.1f}",
        len(one.before.wakings),
        len(one.after.wakings),
    )


def _list(heading: str, rows: Sequence[str]) -> None:
    if not rows:
        return
    say(f"{heading}:")
    for row in rows[:SHOWN]:
        say(f"  {row}")
    if len(rows) > SHOWN:
        say(f"  and {len(rows) - SHOWN} more (--json lists all)")


def _text(home: str, one: Opened, zones: Mapping[str, ZoneInfo]) -> str:
    when = local(one.at, zones[home]).strftime("%a %d %b %Y %H:%M:%S")
    return f"{when}  {home}  {one.rule} ({_kind(one)})"


def _moved_text(home: str, moved: Moved, zones: Mapping[str, ZoneInfo]) -> str:
    was, will = (local(each.at, zones[home]) for each in moved)
    return f"{was:%a %d %b %Y %H:%M:%S} -> {will:%a %H:%M:%S}  {home}  {moved.after.rule}"
