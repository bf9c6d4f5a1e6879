"""Fifty open consoles beside ingest at two thousand messages a second and a thousand open alerts.

One daemon; stretches with and without consoles take turns, so that both see the same machine.
What a message costs then is its processor time in the process that `telecared run` is.
"""

import json
import os
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
from pathlib import Path

import httpx
import msgspec
import pytest
from argon2 import PasswordHasher

from telecared.accounts_port import Draft
from telecared.adapters.console_db import ConsoleDb, console_path
from telecared.adapters.entropy import salt
from telecared.adapters.sqlite import CommandDesk
from telecared.adapters.system_clock import EngineClock, wall_now
from telecared.config.deployment import load_deployment
from telecared.core.operators import Role
from telecared.core.plan import Device, HomeRecord
from telecared.core.vocabulary import DeviceKind
from telecared.orders import ImportOrder
from telecared.shard import apply_waiting, open_shard
from telecared.sim.broker import MosquittoBroker, find_mosquitto
from telecared.store_port import CommandRow
from tests.bench.devices import connect, packet
from tests.conftest import REPOSITORY

HOMES = 1_000
RATE = 2_000
CONSOLES = 50
ROUNDS = 9
STRETCH_SECONDS = 4.0
NEW_ALERTS = 4
"""So many pendants are pressed in each stretch."""

MOST_MORE = 0.10
P99_SECONDS = 1.0
PAGE_SECONDS = 0.3
PATIENCE_SECONDS = 180.0
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

pytestmark = pytest.mark.bench

Process = subprocess.Popen[str]


def _start(*arguments: str, log: Path) -> Process:
    with log.open("a") as errors:
        return subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )


def _cpu_seconds(process: Process) -> float:
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _says(process: Process, line: str) -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()
    return process.stdout.readline()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _device(home: int, name: str, kind: DeviceKind) -> Device:
    where = f"telecare/bench/h{home:05d}/{name}"
    return Device(id=name, kind=kind, profile="native", topic=where)


async def _prepare(folder: Path, broker: int, port: int, *, embedded: bool) -> Path:
    config = folder / "telecared.yaml"
    config.write_text(
        f'broker: {{url: "mqtt://127.0.0.1:{broker}"}}\n'
        f'console: {{listen: "127.0.0.1:{port}", with_daemon: {str(embedded).lower()}}}\n'
    )
    deployment = load_deployment(config)
    async with open_shard(deployment, clock_from=EngineClock):
        pass
    homes = tuple(
        HomeRecord(
            id=f"h{home:05d}",
            scheme="bench",
            timezone="Europe/London",
            address=f"{home} Bench Row",
            resident_name=f"Resident {home}",
            devices=(
                *(_device(home, f"d{n}", DeviceKind.ACTIVITY_DETECTOR) for n in range(9)),
                _device(home, "pendant", DeviceKind.PERSONAL_TRIGGER),
                _device(home, "open", DeviceKind.ACTIVITY_DETECTOR),
            ),
        )
        for home in range(HOMES)
    )
    desk = CommandDesk(deployment.store_path, sleep=time.sleep, seconds=time.monotonic)
    body = msgspec.json.encode(ImportOrder(homes))
    desk.add(CommandRow(id=0, kind="import", by="bench", via="cli", given_at=wall_now(), body=body))
    await apply_waiting(deployment, clock_from=EngineClock)
    return config


class Bench:
    """A daemon, its traffic, and consoles that come and go."""

    def __init__(self, folder: Path, config: Path, broker: int, port: int) -> None:
        self.folder, self.config, self.broker, self.port = folder, config, broker, port
        self.store = folder / "telecared.db"
        self.look = sqlite3.connect(f"file:{self.store}?mode=ro", uri=True)
        self.pressed: dict[str, float] = {}
        self.link = connect(broker, "bench-pendants")
        self.watched: list[int] = []
        self.sent = 0
        self.cookies = self._cookies()

    def _cookies(self) -> list[str]:
        accounts = ConsoleDb(console_path(self.store), chance=salt, hasher=CHEAP)
        found = []
        for number in range(CONSOLES):
            name = f"Operator {number}"
            draft = Draft(name=name, role=Role.OPERATOR)
            accounts.add(draft, "a long password", must_change=False, by=None, now=wall_now())
            tried = accounts.sign_in(
                name, "a long password", address="127.0.0.1", browser="", now=wall_now()
            )
            found.append(tried.token)
        accounts.close()
        return found

    def close(self) -> None:
        """Let go of the broker and the store."""
        self.link.close()
        self.look.close()

    def until(self, statement: str, least: int) -> None:
        """Wait until a count in the store is as large."""
        end = time.monotonic() + PATIENCE_SECONDS
        while self.look.execute(statement).fetchone()[0] < least:
            assert time.monotonic() < end, statement
            time.sleep(0.05)

    def tells(self, home: int, device: str, payload: bytes) -> None:
        """A device says something."""
        self.sent += 1
        self.link.sendall(packet(f"telecare/bench/h{home:05d}/{device}", payload, self.sent))
        self.link.recv(4_096)

    def press(self, home: int) -> None:
        """Somebody presses a pendant, for the first time in that home."""
        self.pressed[f"h{home:05d}"] = time.monotonic()
        self.tells(home, "pendant", b'{"trigger": "pressed"}')

    def until_committed(self) -> None:
        """Wait until every press is an alert, and a while for it to be on screens."""
        pressed = "SELECT count(*) FROM alerts WHERE rule = 'pendant-pressed'"
        self.until(pressed, len(self.pressed))
        time.sleep(P99_SECONDS)

    def newest(self) -> int:
        """The newest input."""
        return int(self.look.execute("SELECT max(id) FROM inputs").fetchone()[0])

    def stretch(self, daemon: Process, first_home: int) -> float:
        """Let the traffic flow for a while; return microseconds of processor an event."""
        began, cpu, inputs = time.monotonic(), _cpu_seconds(daemon), self.newest()
        for number in range(NEW_ALERTS):
            self.press(first_home + number)
            time.sleep(
                max(0, began + (number + 1) * STRETCH_SECONDS / NEW_ALERTS - time.monotonic())
            )
        return (_cpu_seconds(daemon) - cpu) / (self.newest() - inputs) * 1e6


@pytest.mark.parametrize("embedded", [True, False], ids=["run", "console"])
async def test_fifty_consoles_beside_two_thousand_messages_a_second(
    tmp_path: Path, embedded: bool
) -> None:
    """A new alert is on every screen within a second; consoles cost ingest a tenth at most."""
    if find_mosquitto() is None:
        pytest.skip("mosquitto is not installed")
    log = tmp_path / "log"
    with MosquittoBroker(tmp_path / "broker", persistence=False) as broker:
        port = _free_port()
        config = await _prepare(tmp_path, broker.port, port, embedded=embedded)
        bench = Bench(tmp_path, config, broker.port, port)
        daemon = _start("telecared", "run", "-c", str(config), log=log)
        other = None if embedded else _start("telecared", "console", "-c", str(config), log=log)
        try:
            _measure(bench, daemon, other, log, embedded=embedded)
        finally:
            bench.close()
            for process in (daemon, other):
                if process is not None:
                    process.terminate()
                    process.communicate(timeout=20)


def _measure(
    bench: Bench, daemon: Process, other: Process | None, log: Path, *, embedded: bool
) -> None:
    bench.until("SELECT count(*) FROM inputs WHERE kind = 'drained'", 1)
    for home in range(HOMES):
        bench.tells(home, "open", b'{"tamper": "open"}')
    bench.until("SELECT count(*) FROM alerts WHERE state <> 'resolved'", HOMES)
    page = _page_seconds(bench)
    consoles = _start("tests.bench.consoles", str(bench.port), log=log)
    stretches = 2 * ROUNDS * (STRETCH_SECONDS + 2) + 20
    flow = _start(
        "tests.bench.devices", str(bench.broker), str(int(RATE * stretches)), str(HOMES), "2000",
        str(RATE), log=log,
    )  # fmt: skip
    with_them, without, own = list[float](), list[float](), list[float]()
    time.sleep(3)
    cookies = " ".join(bench.cookies)
    for number in range(ROUNDS):
        for opens in ((True, False), (False, True))[number % 2]:
            home = (2 * number + opens) * NEW_ALERTS
            if opens:
                assert _says(consoles, f"open {cookies}") == "open\n"
            before = 0.0 if other is None else _cpu_seconds(other)
            took = bench.stretch(daemon, home)
            (with_them if opens else without).append(took)
            if opens:
                if other is not None:
                    own.append((_cpu_seconds(other) - before) / STRETCH_SECONDS)
                bench.until_committed()
                bench.watched += list(range(home, home + NEW_ALERTS))
                assert _says(consoles, "close") == "closed\n"
    seen = json.loads(_says(consoles, "seen"))
    for process in (consoles, flow):
        process.terminate()
        process.communicate(timeout=20)
    _tell(bench, seen, with_them, without, own, page, embedded=embedded)


def _page_seconds(bench: Bench) -> float:
    """The median time of the whole queue, over HTTP."""
    took = []
    with httpx.Client(cookies={"tc-session": bench.cookies[0]}, timeout=60) as client:
        for _ in range(6):
            began = time.monotonic()
            answer = client.get(f"http://127.0.0.1:{bench.port}/")
            took.append(time.monotonic() - began)
            assert answer.status_code == 200
            assert answer.text.count("data-order") >= HOMES
    return statistics.median(took[1:])


def _tell(
    bench: Bench,
    seen: dict[str, dict[str, float]],
    with_them: list[float],
    without: list[float],
    own: list[float],
    page: float,
    *,
    embedded: bool,
) -> None:
    waits, missing = list[float](), list[str]()
    screens = {alert.partition("/")[0]: times for alert, times in seen.items()}
    for home in (f"h{number:05d}" for number in bench.watched):
        times = screens.get(home, {})
        if len(times) == CONSOLES:
            waits.append(max(times.values()) - bench.pressed[home])
        else:
            missing.append(home)
    waits.sort()
    worst = waits[-(-99 * len(waits) // 100) - 1]
    more = statistics.median(a / b for a, b in zip(with_them, without, strict=True)) - 1
    print(
        f"\n{'telecared run' if embedded else 'telecared console beside it'}: from the pendant to"
        f" the last of {CONSOLES} screens: median {statistics.median(waits):.3f} s,"
        f" p99 {worst:.3f} s of {len(waits)} alerts; {len(missing)} were not on every screen"
        f"\nmicroseconds of processor a message with consoles {statistics.median(with_them):.0f},"
        f" without {statistics.median(without):.0f}: {more:+.1%} (median of {ROUNDS} pairs)"
        f"\nthe queue of {HOMES} alerts as a page: {page:.3f} s"
    )
    if own:
        print(f"the console's own processor: {statistics.median(own):.0%} of one")
    assert not missing
    assert len(waits) >= ROUNDS * NEW_ALERTS
    assert worst <= P99_SECONDS
    assert page <= PAGE_SECONDS
    if embedded:
        assert more <= MOST_MORE
