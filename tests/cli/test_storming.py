"""Incidents, outage lists and what was held back are shown and worked on from the command line."""

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec

from telecared.adapters.system_clock import wall_now
from telecared.cli.storm_lines import HeldLine, IncidentLine, OutageLine
from telecared.core.held_back import HeldKind
from telecared.core.state import HomeState, encode_state
from telecared.core.storms import Incident, Listed, OutageList, Silent, Storms
from telecared.core.vocabulary import HOUR, MINUTE
from tests.cli.conftest import Call, Hear

BY = ("--by", "Ann Lee")
SCHEME = "@scheme/northside"


def stormy(site: Path) -> None:
    """The scheme remembers an incident and the outage list of it."""
    at = wall_now() - HOUR
    members = (
        Silent("larch-12", 1, at, True, 2, judged=True, incident=1),
        Silent("larch-14", 1, at, False, 1, back_at=at + MINUTE, judged=True, incident=1),
    )
    incident = Incident(
        n=1, cause="power", opened_at=at, last_at=at, units=2, until=at + HOUR, members=members,
        closed_at=at + 2 * MINUTE,
    )  # fmt: skip
    outage = OutageList(
        n=1, cause="power", since=at, opened_at=at, tell_at=at + MINUTE, incident=1, more=1,
        told=True,
        homes=(
            Listed("larch-12", 2, 1, at, 1, 2, True, heard_at=at + MINUTE),
            Listed("larch-14", 1, 0, 0, 0, 1, False),
        ),
    )  # fmt: skip
    storms = Storms(units=2, next_incident=2, incidents=(incident,), next_list=2, lists=(outage,))
    state = HomeState(home=SCHEME, at=at, storms=storms)
    with closing(sqlite3.connect(site / "telecared.db")) as store:
        store.execute(
            "INSERT OR REPLACE INTO homes (name, state) VALUES (?, ?)",
            (SCHEME, encode_state(state)),
        )
        store.commit()


def test_incidents_are_listed(registered: Path, call: Call) -> None:
    """For scripts all of them; for people those that run, with --all the others too."""
    assert call("incidents", *BY).out == "no incident runs\n"
    stormy(registered)
    [found] = call("incidents", "--json").objects
    line = msgspec.convert(found, IncidentLine)
    assert (line.incident, line.cause, line.silent) == ("northside#1", "power", 1)
    assert [one.home for one in line.homes] == ["larch-12", "larch-14"]
    assert call("incidents").out == "no incident runs\n"
    shown = call("incidents", "--all", "--scheme", "northside").out
    assert "northside#1: likely power" in shown
    assert "1 of 2 homes are silent" in shown
    assert call("incidents", "--scheme", "elsewhere", "--json").objects == []


def test_an_outage_list_is_worked_to_zero(registered: Path, call: Call) -> None:
    """Each home is ticked off by name; what says nothing is refused."""
    assert call("outages").out == "no outage list is open\n"
    stormy(registered)
    shown = call("outages").out
    assert "2 of 2 homes to look after, and 1 more that are not listed" in shown
    assert "heard again at" in shown
    assert call("outage-check", "larch-12", "--outcome", "fine", *BY).code == 2
    assert call("outage-check", "elm-1", "--outcome", "ok", *BY).code == 2
    long = call("outage-check", "larch-12", "--outcome", "ok", "--note", "x" * 2_001, *BY)
    assert long.code == 2
    first = call("outage-check", "larch-12", "--outcome", "no-answer", "--json", *BY)
    assert first.code == 0
    assert call("outage-check", "larch-12", "--outcome", "visited", *BY).code == 0
    assert call("outage-check", "larch-14", "--outcome", "ok", "--note", "Well.", *BY).code == 0
    [found] = call("outages", "--json").objects
    line = msgspec.convert(found, OutageLine)
    assert (line.left, line.more) == (0, 1)
    assert line.closed_at is None, "one more is not listed, and nobody has looked after it"
    assert [(one.outcome, one.by) for one in line.homes] == [
        ("visited", "Ann Lee"),
        ("ok", "Ann Lee"),
    ]
    assert "0 of 2 homes to look after, and 1 more" in call("outages").out
    assert "visited, Ann Lee" in call("outages", "--all").out


def test_what_was_held_back_is_listed(registered: Path, call: Call, hear: Hear) -> None:
    """By home, by scheme, since a time; who silenced it is told."""
    assert call("held").out == "nothing was held back\n"
    call("silence", "larch-12", "--for", "2h", *BY)
    hear("telecare/northside/larch-12/hall", b'{"tamper": "open"}')
    [found] = call("held", "--json", "--home", "larch-12").objects
    line = msgspec.convert(found, HeldLine)
    assert (line.home, line.kind, line.rule) == ("larch-12", HeldKind.SILENCE, "tamper")
    assert "silenced by Ann Lee until" in line.reason
    assert len(call("held", "--scheme", "northside", "--json").objects) == 1
    assert call("held", "--scheme", "elsewhere", "--json").objects == []
    assert call("held", "--home", "larch-14", "--json").objects == []
    assert call("held", "--since", "1s", "--limit", "5").code == 0
    assert "silenced by Ann Lee" in call("held").out
    assert call("held", "--home", "larch-12", "--scheme", "northside").code == 2
