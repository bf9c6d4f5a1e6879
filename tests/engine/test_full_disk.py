"""A full disk: alerts go out from memory, nothing is acknowledged, people hear (decision 16)."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from telecared.adapters.sqlite import SqliteStore
from telecared.adapters.system_clock import EngineClock
from telecared.app import Daemon
from telecared.config.deployment import load_deployment
from telecared.config.load import load_plan
from telecared.core.alert_commands import Acknowledged
from telecared.core.events import encode_event
from telecared.core.vocabulary import AlertState, NotificationState
from telecared.errors import StoreFull
from telecared.ports import Arrival, InboundSms
from telecared.shard import Shard
from telecared.sim.broker import free_port
from telecared.store_port import Batch
from tests.engine.conftest import MakeNight
from tests.engine.night import Night, report_of
from tests.engine.scenery import BEN, CENTRE, PENDANT, WATER, plan_of

PLAN = plan_of(PENDANT, WATER)


def is_degraded(night: Night) -> bool:
    """Whether the engine goes on in memory."""
    return night.engine.is_degraded


class Disk:
    """Makes commits fail while it is full; counts those that did not."""

    def __init__(self, night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_full = False
        self.committed: list[Batch] = []
        commit, ballast = night.store.commit, night.store.restore_ballast

        async def committing(batch: Batch) -> int:
            if self.is_full:
                raise StoreFull("the disk is full")
            self.committed.append(batch)
            return await commit(batch)

        async def restoring() -> bool:
            return not self.is_full and await ballast()

        monkeypatch.setattr(night.store, "commit", committing)
        monkeypatch.setattr(night.store, "restore_ballast", restoring)
        monkeypatch.setattr("telecared.committing.RETRY_FULL_SECONDS", 0.0)


async def test_alerts_go_out_and_nothing_is_acknowledged(
    night: MakeNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 16, P1: the family and the centre hear; the broker keeps what it has."""
    async with night(plan=PLAN, delivers=False) as it:
        disk = Disk(it, monkeypatch)
        disk.is_full = True
        presses = [it.message("pendant", trigger="pressed"), it.message("water", water="wet")]
        await it.hears(*presses)

        assert is_degraded(it)
        assert it.session.acknowledged == []
        assert it.inputs("message") == []
        assert len(it.texts_to(BEN)) == 2
        assert "disk is full" in it.texts_to(CENTRE)[0]

        await it.passes(minutes=3)
        assert it.engine.homes.states["h001"].alerts[1].step >= 1

        disk.is_full = False
        await it.turn()
        assert not is_degraded(it)
        assert it.session.acknowledged == presses
        ids = [row.id for batch in disk.committed for row in batch.inputs]
        assert ids == sorted(ids)
        await it.settle()
        await it.settle()
        assert len(it.inputs("message")) == 2
        assert len(it.texts_to(BEN)) == 2
        recovered = it.alert("disk-full")
        # It is urgent: recovery is noted, and a person still closes it (P2).
        assert recovered.state is AlertState.OPEN
        assert [
            row for row in it.records("alert.updated", "@site") if "recovered" in row.record.reason
        ]


@pytest.mark.parametrize("pressed", [False, True])
async def test_a_receipt_of_what_a_full_disk_swallowed_says_nothing_of_what_is_told_now(
    night: MakeNight, monkeypatch: pytest.MonkeyPatch, *, pressed: bool
) -> None:
    """P5: an id of a life that left nothing on disk is given again; its old receipt comes late."""
    async with night(plan=PLAN, delivers=False) as it:
        disk = Disk(it, monkeypatch)
        disk.is_full = True
        if pressed:
            await it.press()
        late = "h001/1-2" if pressed else "h001/1-1"
        told = asyncio.ensure_future(it.engine.tell(report_of(late, NotificationState.DELIVERED)))
        await asyncio.sleep(0)
        await it.turn()
        await it.press()
        await it.passes(minutes=3)
        disk.is_full = False
        await it.turn()
        await it.settle()
        await told
        rows = it.store._connection.execute("SELECT id, state FROM notifications").fetchall()
        assert late in dict(rows)
        assert NotificationState.DELIVERED not in dict(rows).values()


async def test_memory_is_thought_of_while_the_disk_is_full(
    night: MakeNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 16: for hours of a full disk, what has no guarantee is counted and not kept."""
    monkeypatch.setattr("telecared.committing.MAX_HELD_BACK", 10)
    async with night(plan=PLAN, delivers=False) as it:
        disk = Disk(it, monkeypatch)
        disk.is_full = True
        for _ in range(20):
            await it.hears(it.message("pir", qos=0, motion="detected"))
        held = it.engine.dropped
        assert 0 < held < 20
        await it.press()
        assert len(it.texts_to(BEN)) == 1

        disk.is_full = False
        await it.settle()
        await it.hears(it.message("pir", qos=0, motion="clear"))
        assert it.engine.dropped == held
        assert len(it.inputs("message")) == 20 - held + 2


async def test_the_outbox_is_answered_on_a_full_disk_and_the_provider_is_not(
    night: MakeNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 16: senders must go on; who would repeat it must not believe that it is kept."""
    async with night(plan=PLAN, delivers=False) as it:
        disk = Disk(it, monkeypatch)
        disk.is_full = True
        await it.press()
        await it.tells(report_of(it.open_notification("ben"), NotificationState.SENT))

        code = it.engine.homes.states["h001"].alerts[1].code
        reply = asyncio.ensure_future(it.engine.tell(InboundSms("SM1", BEN, code)))
        again = asyncio.ensure_future(it.engine.tell(InboundSms("SM1", BEN, code)))
        await asyncio.sleep(0)
        await it.turn()
        await asyncio.sleep(0)
        assert not reply.done()
        # What Ben decided is in force all the same, once.
        assert it.engine.homes.states["h001"].alerts[1].owner == "Ben Hall"

        disk.is_full = False
        await it.turn()
        await asyncio.gather(reply, again)
        assert len(it.inputs("sms")) == 1
        assert it.alert("pendant-pressed").state is AlertState.ACKNOWLEDGED


async def test_a_command_on_a_full_disk_is_carried_out_once(
    night: MakeNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 16: it stays accepted until its end is on disk, and is not taken again meanwhile."""
    async with night(plan=PLAN, delivers=False) as it:
        await it.press()
        disk = Disk(it, monkeypatch)
        disk.is_full = True
        body = encode_event(Acknowledged(input=0, at=0, alert=1, by="Olu"))
        first = it.hand_in("ack", "h001", body)
        await it.turn()
        second = it.hand_in("ack", "h001", body)
        await it.turn()
        await it.turn()
        assert it.result(first).state == "accepted"

        disk.is_full = False
        await it.settle()
        assert it.result(first).state == it.result(second).state == "done"
        assert len(it.inputs("command")) == 2


async def test_a_start_on_a_full_disk_does_not_run_in_circles(
    night: MakeNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 16: commands that wait are taken once, and the engine starts."""
    async with night(plan=PLAN, delivers=False) as it:
        await it.press()
        it.hand_in("ack", "h001", encode_event(Acknowledged(input=0, at=0, alert=1, by="Olu")))
        disk = Disk(it, monkeypatch)
        disk.is_full = True
        async with asyncio.timeout(5):
            await it.engine.start(it.plan)
        assert it.engine.homes.states["h001"].alerts[1].owner == "Olu"

        disk.is_full = False
        await it.settle()


async def test_a_daemon_starts_although_the_disk_is_full(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 16: whoever restarts it on a full disk has a daemon that hears, not a crash loop."""
    config = folder / "telecared.yaml"
    broker = f'broker: {{url: "mqtt://127.0.0.1:{free_port()}"}}'
    config.write_text(f'{broker}\nstore: {{url: "sqlite:telecared.db"}}\n', encoding="utf-8")
    deployment = load_deployment(config)

    async def full(*_: object) -> None:
        raise StoreFull("the disk is full")

    monkeypatch.setattr(SqliteStore, "commit", full)
    monkeypatch.setattr(SqliteStore, "remember", full)
    degraded: list[bool] = []

    def ready(shard: Shard) -> None:
        degraded.append(shard.engine.is_degraded)
        daemon.stop()

    daemon = Daemon(deployment, load_plan(deployment), clock_from=EngineClock, ready=ready)
    await daemon.run()
    assert degraded == [True]


async def test_a_snapshot_that_does_not_fit_stops_nothing(
    night: MakeNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 16: writes that are not critical wait; people are told; the day is kept later."""
    async with night(plan=PLAN, delivers=False) as it:
        monkeypatch.setattr("telecared.committing.RETRY_FULL_SECONDS", 0.0)
        snapshot = it.store.snapshot

        async def full(day: str) -> None:
            raise StoreFull("the disk is full")

        monkeypatch.setattr(it.store, "snapshot", full)
        await it.passes(days=1)
        assert it.alert("disk-full").home == "@site"
        monkeypatch.setattr(it.store, "snapshot", snapshot)
        await it.settle()
        await it.settle()

        assert [day for day, _ in it.reader.snapshot_days()] == ["2026-03-01", "2026-03-02"]


async def test_a_stop_on_a_full_disk_is_clean(
    night: MakeNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 16: what is not on disk comes again from the broker; the stop does not fail."""
    async with night(plan=PLAN, delivers=False) as it:
        with monkeypatch.context() as patched:
            disk = Disk(it, patched)
            disk.is_full = True

            async def full(key: str, value: str) -> None:
                raise StoreFull("the disk is full")

            patched.setattr(it.store, "remember", full)
            await it.press()
            await it.engine.finish()
        await it.store.close()
        assert it.session.acknowledged == []
        await it._start()
        assert it.alerts("pendant-pressed") == []
        await it.connects()
        await it.press()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few MiB, where the tests may mount one."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small file system can only be mounted by root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Fill a file system to its last byte; return the file to remove."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65_536, 4_096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return filler


async def test_a_disk_that_really_fills_up_is_lived_through(
    night: MakeNight, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 16: first the ballast goes, then the disk; with room again all is on record."""
    monkeypatch.setattr("telecared.committing.RETRY_FULL_SECONDS", 0.0)
    async with night(folder=small_disk, plan=PLAN, ballast=256 * 1024, delivers=False) as it:
        ballast = small_disk / "telecared.db.ballast"
        assert ballast.exists()
        filler = fill(small_disk)
        heard: list[Arrival] = []
        while not is_degraded(it):
            heard.append(it.message("pir", motion="detected", seq=len(heard), test="pressed"))
            heard.append(it.message("pendant", trigger="pressed"))
            await it.hears(*heard[-2:])
            assert len(heard) < 2_000
        assert not ballast.exists()
        assert len(it.session.acknowledged) < len(heard)
        assert any("disk is full" in text for text in it.texts_to(CENTRE))
        before = len(it.texts_to(BEN))
        await it.hears(it.message("water", water="wet"))
        assert len(it.texts_to(BEN)) == before + 1

        filler.unlink()
        for _ in range(4):
            await it.settle()
        assert not is_degraded(it)
        assert ballast.exists()
        assert len(it.session.acknowledged) == len(heard) + 1
        assert len(it.inputs("message")) == len(heard) + 1
