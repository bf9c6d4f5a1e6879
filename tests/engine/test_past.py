"""The past decided once more, kept, copied and dropped (promise P9, decision 2)."""

import asyncio
import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace

from telecared.adapters.sqlite import RetentionClass, SqliteReader, verify
from telecared.app import nightly_backup, retention_of
from telecared.config.deployment import Deployment, default_deployment
from telecared.core.alert_commands import Acknowledged, Resolved
from telecared.core.plan import HomeRecord
from telecared.core.vocabulary import DAY, HOUR, MINUTE, AlertState, Outcome
from telecared.shard import Shard
from telecared.sim.replay import replay_store
from tests.engine.conftest import MakeNight
from tests.engine.night import Night
from tests.engine.scenery import DOOR_OPEN, NO_MOVEMENT, PENDANT, UNIT_SILENT, home, plan_of

PLAN = plan_of(PENDANT, DOOR_OPEN, NO_MOVEMENT, UNIT_SILENT)


async def live_a_day(night: Night) -> None:
    """Movement, a press that somebody sees to, an outage, a crash, a step of the clock."""
    await night.moves()
    await night.press()
    n = night.engine.homes.states["h001"].next_alert - 1
    await night.passes(minutes=3)
    await night.orders(Acknowledged(input=0, at=0, alert=n, by="Olu"))
    await night.orders(Resolved(input=0, at=0, alert=n, by="Olu", outcome=Outcome.TEST))
    await night.hears(night.message("door", contact="open"))
    await night.passes(minutes=10)
    await night.hears(night.message("door", contact="closed"))
    await night.disconnects()
    await night.passes(hours=5)
    await night.connects()
    await night.restarts(clean=False, down=20 * MINUTE)
    await night.wall_clock_is_put(30 * MINUTE)
    await see_to_everything(night)
    await night.hears(night.message("unit", heartbeat="seen"))
    for _ in range(6):
        await night.moves()
        await night.hears(night.message("unit", heartbeat="seen"))
        await night.passes(hours=3)
        await see_to_everything(night)


def only_a_door(number: int) -> HomeRecord:
    """A home of which only its door is watched."""
    whole = home(number)
    door = next(one for one in whole.devices if one.id == "door")
    return replace(whole, devices=(door,))


async def see_to_everything(night: Night) -> None:
    """The operator ends what is open in the first home and of the site."""
    for home_id in ("@site", "h001"):
        for alert in list(night.engine.homes.states[home_id].alerts.values()):
            event = Resolved(input=0, at=0, alert=alert.n, by="Olu", outcome=Outcome.TEST)
            await night.orders(event, home_id)


async def test_a_replay_begins_with_a_snapshot_when_the_first_inputs_are_gone(
    night: MakeNight,
) -> None:
    """Decision 2: retention dropped the beginning; the rest is decided the same once more."""
    async with night(plan=PLAN, homes=(home(1), only_a_door(2))) as it:
        await it.hears(it.message("door", 2, contact="open"))
        for _ in range(3):
            await live_a_day(it)
        whole = replay_store(it.path)
        assert whole.lines == whole.live

        terms = {
            RetentionClass.MESSAGES: DAY,
            RetentionClass.ALIVE: DAY,
            RetentionClass.OTHER_INPUTS: DAY,
        }
        counts = await it.store.apply_retention(terms, it.clock.at)
        assert sum(counts.values()) > 20
        ids = [row.id for row in it.inputs()]
        assert ids != list(range(ids[0], ids[-1] + 1)), "an open alert keeps what it came from"
        rest = replay_store(it.path)

        assert 0 < len(rest.lines) < len(whole.lines)
        assert rest.lines == rest.live
        one = replay_store(it.path, home="h001")
        assert one.lines == one.live


async def test_one_home_is_replayed_by_itself(night: MakeNight) -> None:
    """P9: its own inputs and those of the site are enough to decide the same."""
    async with night(plan=PLAN, homes=(home(1), home(2))) as it:
        await live_a_day(it)
        await it.press(2)
        one = replay_store(it.path, home="h001")

        assert one.lines
        assert {line.home for line in one.lines} == {"h001"}
        assert one.lines == one.live


async def test_a_changed_decision_shows_in_the_replay(
    night: MakeNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P9: the comparison is worth something: a program that words things otherwise is noticed."""
    async with night(plan=PLAN) as it:
        await it.press()
        with monkeypatch.context() as patched:
            patched.setattr("telecared.core.messages.reply_code", lambda alert: "4711")
            again = replay_store(it.path)
            assert not again.agrees


async def test_snapshots_are_kept_for_each_local_day(night: MakeNight) -> None:
    """Decision 2: one at the first turn of each day, by the site's own midnight."""
    async with night(plan=PLAN, start="2026-06-01T22:30:00Z") as it:
        await it.passes(minutes=20)
        assert [day for day, _ in it.reader.snapshot_days()] == ["2026-06-01"]
        await it.passes(minutes=20)

        assert [day for day, _ in it.reader.snapshot_days()] == ["2026-06-01", "2026-06-02"]


# --- backups and retention ----------------------------------------------------------------------


def shard_of(night: Night, folder: Path) -> Shard:
    """The parts that the nightly backup needs, around a night."""
    deployment: Deployment = default_deployment(folder)
    shard = Shard.__new__(Shard)
    shard.deployment = deployment
    shard.clock = night.clock
    shard.engine = night.engine
    return shard


async def back_up(night: Night, shard: Shard) -> None:
    """Make the backup while the engine turns."""
    task = asyncio.ensure_future(nightly_backup(shard))
    async with asyncio.timeout(10):
        while not task.done():
            await night.turn()
            await asyncio.sleep(0)
    await task


async def test_the_nightly_backup_is_a_verified_copy(night: MakeNight, folder: Path) -> None:
    """Design 3.3: it opens, verifies, and holds what the store holds."""
    async with night(plan=PLAN) as it:
        await it.press()
        await back_up(it, shard_of(it, folder))

        [copy] = (folder / "backups").iterdir()
        assert copy.name == "telecared-2026-03-01.db"
        assert verify(copy).problems == []
        assert len(SqliteReader(copy).records()) >= 1


async def test_a_backup_that_fails_is_an_alert_until_one_succeeds(
    night: MakeNight, folder: Path
) -> None:
    """P8: the failure is told to people, and the next success ends it."""
    async with night(plan=PLAN) as it:
        shard = shard_of(it, folder)
        (folder / "backups").write_text("a file stands in the way")
        await back_up(it, shard)
        assert it.alert("backup-failed").state is AlertState.OPEN

        (folder / "backups").unlink()
        await back_up(it, shard)

        assert it.alert("backup-failed").state is AlertState.RESOLVED
        shutil.rmtree(folder / "backups")


def test_every_class_of_rows_has_a_term(tmp_path: Path) -> None:
    """Decision 15: nothing is kept for ever, and what inquests ask for is kept for years."""
    terms = retention_of(default_deployment(tmp_path))

    assert set(terms) == set(RetentionClass)
    assert terms[RetentionClass.ALERTS] > 6 * 365 * DAY
    assert terms[RetentionClass.MESSAGES] == 90 * DAY
    assert min(terms.values()) > HOUR
