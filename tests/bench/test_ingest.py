"""Durable messages a second through a real mosquitto, next to a subscriber that keeps nothing.

Ratios of one run count; absolute numbers are this machine's. Three rounds, interleaved.
"""

import os
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from telecared.adapters.sqlite import CommandDesk
from telecared.adapters.system_clock import EngineClock, wall_now
from telecared.config.deployment import load_deployment
from telecared.core.plan import Device, HomeRecord
from telecared.core.vocabulary import DeviceKind
from telecared.orders import ImportOrder
from telecared.shard import apply_waiting, open_shard
from telecared.sim.broker import MosquittoBroker, find_mosquitto
from telecared.store_port import CommandRow
from tests.bench.devices import topic
from tests.conftest import REPOSITORY

MESSAGES = 40_000
HOMES = 1_000
WINDOW = 2_000
ROUNDS = 3
PATIENCE_SECONDS = 120.0

pytestmark = pytest.mark.bench


def _start(*arguments: str, log: Path) -> "subprocess.Popen[str]":
    with log.open("a") as errors:
        return subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )


def _cpu_seconds(process: "subprocess.Popen[str]") -> float:
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def _publish(port: int, log: Path) -> "subprocess.Popen[str]":
    numbers = (port, MESSAGES, HOMES, WINDOW, 0)
    return _start("tests.bench.devices", *map(str, numbers), log=log)


def _null(folder: Path) -> tuple[float, float]:
    log = folder / "log"
    with MosquittoBroker(folder / "broker", persistence=False) as broker:
        null = _start("tests.bench.null_paho", str(broker.port), str(MESSAGES), log=log)
        assert null.stdout is not None
        assert null.stdout.readline() == "ready\n"
        began, cpu = time.perf_counter(), _cpu_seconds(null)
        devices = _publish(broker.port, log)
        assert null.stdout.readline() == "done\n"
        took, cpu = time.perf_counter() - began, _cpu_seconds(null) - cpu
        devices.communicate()
        null.communicate()
    return MESSAGES / took, cpu / MESSAGES * 1e6


def _spy(daemon: "subprocess.Popen[str]", folder: Path) -> "subprocess.Popen[bytes] | None":
    """With TELECARED_BENCH_SPY=1, sample the daemon: the stacks are kept beside the database."""
    if not os.environ.get("TELECARED_BENCH_SPY"):
        return None
    stacks = folder / "stacks.txt"
    command = ["py-spy", "record", "-d", "4", "-r", "200", "-f", "raw", "-o", str(stacks)]
    return subprocess.Popen(
        [*command, "--pid", str(daemon.pid)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


async def _prepare(folder: Path, port: int) -> Path:
    config = folder / "telecared.yaml"
    config.write_text(f'broker: {{url: "mqtt://127.0.0.1:{port}"}}\n')
    deployment = load_deployment(config)
    async with open_shard(deployment, clock_from=EngineClock):
        pass
    homes = tuple(
        HomeRecord(
            id=f"h{home:05d}",
            scheme="bench",
            timezone="Europe/London",
            devices=tuple(
                Device(
                    id=f"d{device}",
                    kind=DeviceKind.ACTIVITY_DETECTOR,
                    profile="native",
                    topic=topic(home, device),
                )
                for device in range(9)
            ),
        )
        for home in range(HOMES)
    )
    desk = CommandDesk(deployment.store_path, sleep=time.sleep, seconds=time.monotonic)
    body = msgspec.json.encode(ImportOrder(homes))
    desk.add(CommandRow(id=0, kind="import", by="bench", via="cli", given_at=wall_now(), body=body))
    await apply_waiting(deployment, clock_from=EngineClock)
    return config


async def _durable(folder: Path) -> tuple[float, float]:
    log = folder / "log"
    with MosquittoBroker(folder / "broker", persistence=False) as broker:
        config = await _prepare(folder, broker.port)
        database = folder / "telecared.db"
        with closing(sqlite3.connect(database)) as look:

            def count(kind: str) -> int:
                found = look.execute("SELECT count(*) FROM inputs WHERE kind = ?", (kind,))
                return int(found.fetchone()[0])

            def newest() -> int:
                return int(look.execute("SELECT max(id) FROM inputs").fetchone()[0])

            daemon = _start("tests.faults.daemon", str(config), log=log)
            _until(lambda: count("drained") > 0)
            first, began, cpu = newest(), time.perf_counter(), _cpu_seconds(daemon)
            spy = _spy(daemon, folder)
            devices = _publish(broker.port, log)
            _until(lambda: newest() >= first + MESSAGES)
            _until(lambda: count("message") >= MESSAGES)
            took, cpu = time.perf_counter() - began, _cpu_seconds(daemon) - cpu
            if spy is not None:
                spy.wait()
            devices.communicate()
            daemon.terminate()
            daemon.communicate()
            assert daemon.returncode == 0
    return MESSAGES / took, cpu / MESSAGES * 1e6


async def test_durable_messages_a_second_beside_a_null_subscriber(tmp_path: Path) -> None:
    """Print both rates, both costs, and their ratios."""
    if find_mosquitto() is None:
        pytest.skip("mosquitto is not installed")
    null: list[tuple[float, float]] = []
    durable: list[tuple[float, float]] = []
    for number in range(ROUNDS):
        for results, name in ((null, "null"), (durable, "durable")):
            folder = tmp_path / f"{name}-{number}"
            folder.mkdir()
            results.append(_null(folder) if name == "null" else await _durable(folder))
    print("\n| subscriber | messages/s | CPU us a message |\n|---|---|---|")
    for name, results in (("null paho", null), ("telecared, durable", durable)):
        rates = ", ".join(f"{rate:,.0f}" for rate, _ in results)
        print(f"| {name} | {rates} | {', '.join(f'{cpu:.1f}' for _, cpu in results)} |")
    rate = statistics.median(a[0] / b[0] for a, b in zip(durable, null, strict=True))
    cpu = statistics.median(a[1] / b[1] for a, b in zip(durable, null, strict=True))
    print(f"median ratios: rate {rate:.2f}, CPU a message {cpu:.2f}")
