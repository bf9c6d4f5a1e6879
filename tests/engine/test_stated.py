"""Suspensions and silences through crashes and replays, and for a whole scheme at once."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from msgspec.structs import replace

from telecared.adapters.sqlite import verify
from telecared.core.events import Silenced, SilenceEnded, Suspended, SuspensionEnded
from telecared.core.plan import Absence
from telecared.core.vocabulary import DAY, HOUR, MINUTE, Duration, Instant, SuspensionKind
from telecared.core.windows import local, to_instant
from telecared.orders import HOMES_IN_ONE_GO, StatedOrder
from telecared.sim.replay import replay_store
from telecared.store_port import CommandResult
from tests.engine.conftest import MakeNight
from tests.engine.night import Night
from tests.engine.scenery import DOOR_OPEN, NO_MOVEMENT, PENDANT, SCHEME, WATER, home, plan_of
from tests.engine.soundness import alerts_of_state

ASKS = replace(NO_MOVEMENT, unless=(Absence.AWAY,))
PLAN = plan_of(PENDANT, DOOR_OPEN, replace(WATER, unless=(Absence.AWAY,)), ASKS)


async def states(
    night: Night,
    event: Suspended | SuspensionEnded | Silenced | SilenceEnded,
    home_id: str | None = "h001",
    **ending: int | str,
) -> CommandResult:
    """Somebody states something from the command line."""
    kind = "suspend" if isinstance(event, Suspended | SuspensionEnded) else "silence"
    order = StatedOrder(event=event, **ending)  # type: ignore[arg-type] # fields of the order
    return await night.command(kind, home_id, msgspec.json.encode(order))


def away(kind: SuspensionKind = SuspensionKind.AWAY) -> Suspended:
    """Ann says that nobody is in; when it ends is the order's."""
    return Suspended(input=0, at=0, by="Ann Lee", kind=kind, until=0)


def quiet(rule: str = "") -> Silenced:
    """Ann wants silence; when it ends is the order's."""
    return Silenced(input=0, at=0, by="Ann Lee", until=0, rule=rule)


def held_back(night: Night) -> Sequence[str]:
    """What was held back, and why."""
    lines = night.records("alert.updated")
    return [one.record.reason for one in lines if one.record.reason.startswith("held back")]


@pytest.mark.parametrize("clean", [True, False], ids=["stopped", "died"])
async def test_what_was_stated_outlives_the_daemon(night: MakeNight, *, clean: bool) -> None:
    """It dies in the middle of a stay and of a silence, which end at their times all the same."""
    async with night(plan=PLAN) as it:
        assert (await states(it, away(), lasts=6 * HOUR)).state == "done"
        assert (await states(it, quiet("door-open"), lasts=2 * HOUR)).state == "done"
        await it.hears(it.message("water", water="wet"))
        await it.restarts(clean=clean, down=20 * MINUTE)
        await it.passes(minutes=10)
        await it.hears(it.message("door", contact="open"))
        await it.passes(minutes=50)
        rules = [row.rule for row in it.alerts() if row.rule != "outage-list"]
        assert rules == ["activity-while-away"]
        await it.passes(hours=1)
        assert len(it.alerts("door-open")) == 1
        await it.restarts(clean=clean, down=5 * HOUR)
        await it.passes(minutes=10)
        assert len(it.alerts("suspension-ran-out")) == 1
        assert len(it.alerts("flood")) == 1
        assert it.alert("flood").opened_at == it.alert("suspension-ran-out").opened_at
        assert it.engine.homes.states["h001"].forgotten == 1
        assert len(held_back(it)) == 2
        replayed = replay_store(it.path)
    assert replayed.lines == replayed.live


async def test_a_day_with_outings_is_decided_the_same_once_more(night: MakeNight) -> None:
    """Promise P9: doors, signs of life, a stay that is ended early and a silence."""
    two = home(2, exits=("door",))
    async with night(plan=PLAN, homes=(home(1, exits=("hall",)), two)) as it:
        for number in (1, 2):
            await it.hears(it.message("door", number, contact="closed"))
        for _ in range(3):
            await it.passes(minutes=40)
            for number in (1, 2):
                await it.hears(it.message("door", number, contact="open"))
                await it.hears(it.message("door", number, contact="closed"))
            await it.passes(hours=1)
            await it.hears(it.message("water", 1, water="wet"))
            await it.passes(hours=2)
            await it.hears(it.message("water", 1, water="dry"))
            await it.moves(1)
        assert (await states(it, away(), "h002", lasts=DAY)).state == "done"
        await it.restarts(clean=False, down=HOUR)
        await it.passes(hours=6)
        ended = SuspensionEnded(input=0, at=0, by="Ann Lee")
        assert (await states(it, ended, "h002")).state == "done"
        await it.passes(hours=6)
        assert "door, then silence" in held_back(it)[0]
        assert it.alerts("no-movement", home_id="h002")
        replayed = replay_store(it.path)
    assert replayed.lines == replayed.live


async def test_a_scheme_is_silenced_home_by_home_in_one_go(night: MakeNight) -> None:
    """More homes than are worked on at once; each has its own row, and its own end."""
    number = HOMES_IN_ONE_GO + 2
    homes = [home(n) for n in range(1, number + 1)]
    async with night(plan=PLAN, homes=homes) as it:
        result = await states(it, quiet(), None, scheme=SCHEME, lasts=HOUR)
        assert (result.state, result.reason) == ("done", f"in {number} homes")
        rows = [row for row in it.inputs("command") if row.home is not None]
        assert [row.home for row in rows] == [one.id for one in homes]
        assert len({row.at for row in rows}) == 1
        assert all(state.silences for state in it.engine.homes.states.values() if state.known)
        other = await states(it, quiet(), "@site", lasts=HOUR)
        assert other.state == "refused"


@pytest.mark.parametrize("by", [0, 30 * MINUTE, -30 * MINUTE])
async def test_a_named_end_is_meant_by_the_clock_on_the_wall(
    night: MakeNight, by: Duration
) -> None:
    """Also after the wall clock was put, and in the zone of each home."""
    zones = ("Europe/London", "America/New_York")
    homes = [home(n + 1, timezone=zone) for n, zone in enumerate(zones)]
    async with night(plan=PLAN, homes=homes) as it:
        if by:
            await it.wall_clock_is_put(by)

        def shown(instant: Instant) -> Instant:
            return instant + it.engine.homes.site.offset(instant)

        result = await states(it, quiet(), None, scheme=SCHEME, local_until="2026-03-02T12:00")
        assert result.state == "done"
        for one in homes:
            (silence,) = it.engine.homes.states[one.id].silences.values()
            there = local(shown(silence.until), ZoneInfo(one.timezone))
            assert there.strftime("%Y-%m-%dT%H:%M") == "2026-03-02T12:00"
        noon = to_instant(datetime.fromisoformat("2026-03-02T12:00:00+00:00"))
        await states(it, away(), until=noon)
        (suspension,) = it.engine.homes.states["h001"].suspensions.values()
        assert shown(suspension.until) == noon
        replayed = replay_store(it.path)
    assert replayed.lines == replayed.live


async def test_a_home_that_nobody_registered_is_refused(night: MakeNight) -> None:
    """With a local time as well, which no clock of it could show."""
    async with night(plan=PLAN) as it:
        result = await states(it, away(), "h009", local_until="2026-03-02T12:00")
        assert result.state == "refused"
        assert "there is no home h009" in result.reason


@pytest.mark.parametrize("zone", ["Europe/London", "Asia/Tokyo", "America/New_York"])
@pytest.mark.parametrize(
    "ending",
    [
        {"local_until": "0001-01-01T00:00"},
        {"local_until": "9999-12-31T23:59"},
        {"until": -62_135_596_800_000_000},
        {"until": 253_402_300_799_000_000},
    ],
)
async def test_an_end_at_the_ends_of_the_calendar_is_refused(
    night: MakeNight, zone: str, ending: dict[str, Any]
) -> None:
    """With a sentence, in every zone; nothing is set aside, and nobody is alarmed by a slip."""
    async with night(plan=PLAN, homes=(home(1, timezone=zone),)) as it:
        result = await states(it, away(), **ending)
        assert result.state == "refused"
        assert "needs an end" in result.reason or "at most" in result.reason
        assert it.alerts() == []


@pytest.mark.parametrize(
    ("shown", "meant"),
    [("2026-03-29T01:30", "2026-03-29T01:30:00Z"), ("2026-10-25T01:30", "2026-10-25T00:30:00Z")],
    ids=["an hour that does not exist", "an hour that exists twice"],
)
async def test_an_end_in_the_hour_of_the_clock_change_is_one_instant(
    night: MakeNight, shown: str, meant: str
) -> None:
    """In spring the half hour after the change, in autumn the first of the two."""
    day = datetime.fromisoformat(meant)
    start = f"{day.date().isoformat()}T00:00:00Z"
    async with night(plan=PLAN, start=start) as it:
        assert (await states(it, quiet(), local_until=shown)).state == "done"
        (silence,) = it.engine.homes.states["h001"].silences.values()
        assert silence.until == to_instant(day)


async def test_two_who_state_the_same_at_once_make_one_silence(night: MakeNight) -> None:
    """Handed in together, worked out together: the later word holds, and both hear theirs."""
    async with night(plan=PLAN) as it:
        body = msgspec.json.encode
        first = it.hand_in("silence", "h001", body(StatedOrder(event=quiet(), lasts=HOUR)))
        second = it.hand_in(
            "silence", None, body(StatedOrder(event=quiet(), lasts=2 * HOUR, scheme=SCHEME))
        )
        await it.settle()
        assert [it.result(one).state for one in (first, second)] == ["done", "done"]
        (silence,) = it.engine.homes.states["h001"].silences.values()
        assert silence.until == it.clock.at + 2 * HOUR


async def test_nothing_that_was_stated_outlives_an_erasure(night: MakeNight, folder: Path) -> None:
    """P11: neither note nor name in any file; a command on its scheme names others, and stays."""
    by, note = "Zed Zulu", "to the ward with her sister"
    async with night(plan=PLAN, homes=(home(1), home(2))) as it:
        stay = replace(away(SuspensionKind.HOSPITAL), by=by, note=note)
        await states(it, stay, lasts=DAY)
        await states(it, replace(quiet("door-open"), by=by, note=note), lasts=DAY)
        everywhere = replace(quiet(), by="Ann Lee", note="her name in a scheme's note")
        await states(it, everywhere, None, scheme=SCHEME, lasts=DAY)
        await states(it, SilenceEnded(input=0, at=0, by="Ann Lee"), "h002")
        await it.store.snapshot("2026-03-01")
        await it.imports(delete=("h001",))
        number = it.hand_in("erase", None, b"{}")
        await it.settle()
        await it.engine.finish()
        assert await it.store.erase("h001", number, it.clock.at)
        assert await it.store.empty_journal()
        it.sound_in_the_end = False  # the home's past cannot be replayed any more
    found = verify(it.path, alerts_of_state=alerts_of_state)
    assert found.problems == []
    assert found.explained[f"commands removed by command {number}"] == 4
    left = b"".join(file.read_bytes() for file in folder.iterdir())
    for personal in (by.encode(), note.encode(), b"1 Larch Close", b"hospital"):
        assert personal not in left
    with closing(sqlite3.connect(it.path)) as connection:
        bodies = connection.execute("SELECT group_concat(body) FROM commands").fetchone()
    assert "scheme's note" not in str(bodies)
