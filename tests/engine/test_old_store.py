"""What the first version stored is read, and goes on: new fields have the values they meant."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from telecared.core.plan import DEFAULT_EXITS, decode_home, decode_plan
from telecared.core.state import HomeState, Outing, decode_state, encode_state
from telecared.core.vocabulary import HOUR, MINUTE
from tests.engine.conftest import MakeNight
from tests.engine.scenery import (
    DOOR_AT_NIGHT,
    DOOR_OPEN,
    NO_MOVEMENT,
    PENDANT,
    UNIT_SILENT,
    home,
    plan_of,
    with_downtime,
)

SINCE_THEN_IN_HOME = (
    "traces", "next_suspension", "suspensions", "silences", "forgotten", "gaps", "outing",
    "opened_today",
)  # fmt: skip
SINCE_THEN_IN_ALERT = ("begins_at", "confirm_by", "cancelled_at")
FIELDS_OF_A_FINDING_THEN = 4

APPLIES = b'"applies_to":{"tags":[],"schemes":[],"homes":[]},"cooldown":0'
REST = b'"clear":{"kind":"auto","condition":null},"downtime":{"kind":"count","grace":0}'
PLAN_THEN = (
    b'{"rules":[{"name":"door-at-night","when":{"type":"held","property":"contact","values":'
    b'["open"],"duration":300000000,"at":[],"between":[{"start":1320,"end":360,"days":'
    b'[0,1,2,3,4,5,6]}]},"priority":"urgent","mode":"page","say":null,' + APPLIES + b"," + REST
    + b',"policy":null,"source":""},{"name":"no-movement","when":{"type":"inactive","duration":'
    b'14400000000,"of":["motion"],"at":[],"between":[],"occupied_at_most":50400000000},'
    b'"priority":"urgent","mode":"page","say":null,' + APPLIES + b',"clear":{"kind":"auto",'
    b'"condition":null},"downtime":{"kind":"grace","grace":1800000000},"policy":null,"source":""},'
    b'{"name":"unit-silent","when":{"type":"silent","at":["alarm_unit"],"duration":2700000000},'
    b'"priority":"technical","mode":"page","say":null,' + APPLIES + b"," + REST
    + b',"policy":null,"source":""}],"policies":[],"centre":{"name":"Riverside Centre","sms":'
    b'"+447700900900","repeat":180000000},"default_policy":"family-then-centre","site_policy":'
    b'"technical","site_timezone":"Europe/London","channels":["sms"]}'
)  # fmt: skip
HOME_THEN = (
    b'{"id":"h001","scheme":"north","timezone":"Europe/London","address":"1 Larch Close","tags":[],'
    b'"resident_name":"","resident_phone":null,"resident_language":"en","resident_born":null,'
    b'"resident_notes":"","access":{},"devices":[{"id":"pendant","kind":"personal_trigger",'
    b'"profile":"native","topic":"telecare/north/h001/pendant","location":null,"address":null,'
    b'"invert":[]}],"contacts":[],"policy":null,"rule_values":{}}'
)


def test_a_plan_of_the_first_version_means_what_it_meant() -> None:
    """P9: a decision of then can be repeated now."""
    graceful = with_downtime(NO_MOVEMENT, "grace", 30 * MINUTE)
    meant = plan_of(DOOR_AT_NIGHT, graceful, UNIT_SILENT, policies=())
    assert decode_plan(PLAN_THEN) == meant


def test_a_homes_record_of_the_first_version_has_the_usual_exits() -> None:
    """Nobody has named any then."""
    plain = home(1, contacts=(), devices=home(1).devices[:1])
    assert decode_home(HOME_THEN) == plain
    assert plain.exits == DEFAULT_EXITS


def as_then(blob: bytes) -> bytes:
    """A state as the first version would have stored it."""
    fields: dict[str, Any] = msgspec.msgpack.decode(blob)
    for name in SINCE_THEN_IN_HOME:
        fields.pop(name, None)
    for alert in fields["alerts"].values():
        for name in SINCE_THEN_IN_ALERT:
            alert.pop(name, None)
    for key, finding in fields["findings"].items():
        fields["findings"][key] = finding[:FIELDS_OF_A_FINDING_THEN]
    return msgspec.msgpack.encode(fields)


def make_old(path: Path) -> int:
    """Store every home's state as the first version did; return how many."""
    with closing(sqlite3.connect(path)) as connection, connection:
        found = connection.execute("SELECT id, state FROM homes WHERE state IS NOT NULL").fetchall()
        old = [(as_then(state), number) for number, state in found]
        connection.executemany("UPDATE homes SET state = ? WHERE id = ?", old)
    return len(old)


def test_a_state_of_the_first_version_has_nothing_stated() -> None:
    """No suspension, no outing, no trace; numbering begins with one."""
    state = decode_state(as_then(encode_state(HomeState(home="h001", at=HOUR))))
    assert state == HomeState(home="h001", at=HOUR)
    assert (state.next_suspension, state.outing, state.gaps) == (1, Outing(), ())


async def test_the_timers_of_an_old_store_go_on(night: MakeNight) -> None:
    """P3: a door that stood open before the upgrade is told at its time, a call goes on."""
    plan = plan_of(PENDANT, DOOR_OPEN, NO_MOVEMENT)
    async with night(plan=plan, homes=(home(1), home(2))) as it:
        await it.moves(1)
        await it.press(1)
        await it.hears(it.message("door", 2, contact="open"))
        await it.passes(minutes=3)
        opened = it.clock.at - 3 * MINUTE
        await it.engine.finish()
        await it.store.close()
        assert make_old(it.path) >= 2
        it.clock.at += MINUTE
        await it._start()
        await it.connects(resumed=True)
        await it.passes(minutes=2)
        assert it.alert("door-open").opened_at == opened + 5 * MINUTE
        assert it.alert("pendant-pressed").step > 0
        await it.passes(hours=4)
        assert {row.home for row in it.alerts("no-movement")} == {"h001", "h002"}
