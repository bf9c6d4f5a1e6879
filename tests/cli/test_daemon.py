"""`telecared run` as systemd would start it: a real process, a real broker, a real database."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from telecared.adapters.mqtt_publish import MqttPublisher
from telecared.ports import BrokerSettings
from telecared.pulse_file import path_of, read_pulse
from telecared.sim.broker import MosquittoBroker, find_mosquitto
from tests.cli.conftest import DEPLOYMENT, Call
from tests.conftest import REPOSITORY

pytestmark = pytest.mark.skipif(find_mosquitto() is None, reason="mosquitto is not installed")

FALL = "telecare/northside/larch-12/watch"
PATIENCE = 10.0
STOP_WITHIN = 5.0

RULES = """
rules:
  fall: {when: {property: fall, is: detected}, priority: life_safety}
"""


class Systemd:
    """The notify socket that systemd listens on."""

    def __init__(self, folder: Path) -> None:
        self.address = str(folder / "notify")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.address)
        self._socket.settimeout(0.05)
        self.heard: list[str] = []

    def hears(self, pattern: str) -> str:
        """Wait until a line matches, from the last one that was waited for on."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                lines = self._socket.recv(65_536).decode().splitlines()
            except TimeoutError:
                continue
            self.heard += lines
            for line in lines:
                if re.search(pattern, line):
                    return line
        raise AssertionError(f"{pattern} was not heard: {self.heard[-5:]}")

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()


class Running:
    """A daemon that runs."""

    def __init__(self, site: Path, systemd: Systemd, *options: str) -> None:
        self.systemd = systemd
        self.log = site / "daemon.log"
        environment = {
            **os.environ,
            "NOTIFY_SOCKET": systemd.address,
            "WATCHDOG_USEC": "1000000",
            "PYTHONPATH": str(REPOSITORY),
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "telecared", "run", *options],
                cwd=site,
                env=environment,
                stdout=log,
                stderr=log,
            )

    def stop(self) -> float:
        """Ask it to stop as systemd does and return how long that took."""
        began = time.monotonic()
        self.process.terminate()
        self.process.wait(PATIENCE)
        return time.monotonic() - began


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[MosquittoBroker]:
    """A mosquitto of its own."""
    with MosquittoBroker(tmp_path / "mosquitto") as broker:
        yield broker


@pytest.fixture
def systemd() -> Iterator[Systemd]:
    """A service manager; its socket's path must be short."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        manager = Systemd(Path(folder))
        yield manager
        manager.close()


@pytest.fixture
def start(
    registered: Path, broker: MosquittoBroker, systemd: Systemd
) -> Iterator[Callable[..., Running]]:
    """Start the daemon of the site on that broker."""
    write_deployment(registered, broker)
    started: list[Running] = []

    def begin(*options: str) -> Running:
        running = Running(registered, systemd, *options)
        started.append(running)
        return running

    yield begin
    for running in started:
        running.process.kill()
        running.process.wait()


def write_deployment(site: Path, broker: MosquittoBroker, more: str = "") -> None:
    """Write the site's file for that broker, with rules of its own."""
    url = f'broker: {{url: "mqtt://127.0.0.1:{broker.port}"}}\n'
    (site / "rules").mkdir(exist_ok=True)
    (site / "rules" / "own.yaml").write_text(RULES + more, encoding="utf-8")
    (site / "telecared.yaml").write_text(f"{url}rules: [rules/]\n{DEPLOYMENT}", encoding="utf-8")


def publish(broker: MosquittoBroker, topic: str, payload: bytes) -> None:
    """Have a device send one message."""

    async def send() -> None:
        settings = BrokerSettings(host="127.0.0.1", port=broker.port, client_id="device")
        async with MqttPublisher(settings) as publisher:
            await publisher.publish(topic, payload)

    asyncio.run(send())


def until(question: Callable[[], bool]) -> None:
    """Ask until the answer is yes."""
    deadline = time.monotonic() + PATIENCE
    while not question():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_a_fall_reaches_the_running_daemon_and_is_taken(
    start: Callable[..., Running], broker: MosquittoBroker, registered: Path, call: Call
) -> None:
    """Ready, linked, a fall by MQTT, its alert, an acknowledgement beside the daemon, a stop."""
    daemon = start()
    daemon.systemd.hears("^READY=1$")
    daemon.systemd.hears("^WATCHDOG=1$")
    daemon.systemd.hears("^STATUS=2 homes, .* linked$")

    publish(broker, FALL, b'{"fall": "detected"}')
    until(lambda: len(call("alerts", "--json").objects) == 1)
    began = time.monotonic()
    taken = call("ack", "larch-12/1", "--by", "Ben Hall", "--json")
    lane_seconds = time.monotonic() - began
    (alert,) = call("alerts", "--json").objects
    (event,) = call("events", "--json").objects
    late = call("ack", "larch-12/1", "--by", "Cara Singh", "--json")
    second = call("verify", "--json")
    ports = re.findall(r'"port": (\d+), "event": "console.ready"', daemon.log.read_text("utf-8"))
    page = httpx.get(f"http://127.0.0.1:{ports[0]}/sign-in")
    pulse = read_pulse(path_of(registered / "telecared.db"))
    took = daemon.stop()

    assert taken.objects == [
        {"command": taken.objects[0]["command"], "state": "done", "reason": ""}
    ]
    assert lane_seconds < 2
    assert "no daemon" not in taken.err
    assert (alert["state"], alert["owner"]) == ("acknowledged", "Ben Hall")
    assert (event["qos"], event["payload"]) == (1, '{"fall": "detected"}')
    assert late.code == 1
    assert str(late.objects[0]["reason"]).startswith("Ben Hall already has it since ")
    assert second.objects[0]["sound"], second.objects[0]["problems"]
    assert daemon.process.returncode == 0
    assert took < STOP_WITHIN
    assert page.status_code == 200
    daemon.systemd.hears("^STOPPING=1$")
    assert pulse is not None
    assert (pulse.pid, pulse.speed, pulse.linked) == (daemon.process.pid, 1.0, True)
    assert read_pulse(path_of(registered / "telecared.db")) is None
    assert call("replay", "--from-store", "--verify").code == 0
    log = daemon.log.read_text(encoding="utf-8")
    assert "Traceback" not in log
    assert "Ben Hall" not in log


def test_a_bad_reload_changes_nothing_and_is_told_a_good_one_counts(
    start: Callable[..., Running], broker: MosquittoBroker, registered: Path, call: Call
) -> None:
    """After a bad edit the old rules stay in force and an alert says so; the next edit is taken."""
    daemon = start()
    daemon.systemd.hears("linked$")

    write_deployment(registered, broker, "  broken: {when: {property: nonsense}}\n")
    daemon.process.send_signal(signal.SIGHUP)
    daemon.systemd.hears("^STATUS=reading the configuration again$")
    until(lambda: bool(call("alerts", "--state", "open", "--json").objects))
    (told,) = call("alerts", "--json").objects
    publish(broker, FALL, b'{"fall": "detected"}')
    until(lambda: len(call("alerts", "--home", "larch-12", "--json").objects) == 1)

    hall = "  moved: {when: {property: motion, is: detected}, priority: routine}\n"
    write_deployment(registered, broker, hall)
    daemon.process.send_signal(signal.SIGHUP)
    until(
        lambda: bool(call("alerts", "--home", "@site", "--state", "resolved").out != "no alerts\n")
    )
    publish(broker, "telecare/northside/larch-12/hall", b'{"motion": "detected"}')
    until(lambda: len(call("alerts", "--home", "larch-12", "--json").objects) == 2)

    assert (told["home"], told["rule"]) == ("@site", "reload-refused")
    assert call("alerts", "--home", "larch-12", "--json").objects[0]["rule"] == "moved"
    assert daemon.stop() < STOP_WITHIN
    assert daemon.process.returncode == 0


def test_a_second_daemon_on_the_same_store_is_refused(
    start: Callable[..., Running], registered: Path
) -> None:
    """Two engines on one database would each believe that they decide."""
    first = start()
    first.systemd.hears("^READY=1$")
    second = start()

    assert second.process.wait(PATIENCE) == 1
    assert "another telecared is running" in second.log.read_text(encoding="utf-8")
    assert first.process.poll() is None


def test_a_rehearsal_is_loud_and_never_near_a_real_provider(
    start: Callable[..., Running], registered: Path, call: Call
) -> None:
    """The fast clock says so on stderr; with Twilio itself configured it is refused."""
    daemon = start("--start", "2026-03-28T23:50:00Z", "--speed", "60")
    daemon.systemd.hears("^READY=1$")
    assert daemon.stop() < STOP_WITHIN
    assert "REHEARSAL: engine time runs 60 times as fast" in daemon.log.read_text(encoding="utf-8")

    deployment = (registered / "telecared.yaml").read_text(encoding="utf-8")
    for real in ("null", '"https://api.twilio.com"'):
        (registered / "telecared.yaml").write_text(
            deployment.replace('"http://127.0.0.1:9"', real), encoding="utf-8"
        )
        said = call("run", "--speed", "60")
        assert said.code == 1
        assert "would page them" in said.err


def test_a_rehearsal_never_shares_a_time_that_its_store_is_past(
    registered: Path, call: Call
) -> None:
    """Engine time never falls: another process on the same epoch would live in another year."""
    said = call("run", "--start", "2001-01-01T00:00:00Z", "--epoch", "2026-01-01T00:00:00Z")

    assert registered.is_dir()
    assert said.code == 1
    assert "Give the rehearsal a store of its own" in said.err


@pytest.mark.parametrize(
    "options",
    [
        ("--speed", "0"),
        ("--start", "tomorrow"),
        ("--epoch", "2026-03-28T23:50:00Z"),
        ("--epoch", "2026-03-28T23:50:00Z", "--speed", "2"),
    ],
)
def test_slips_of_a_rehearsal_are_usage_errors(
    registered: Path, call: Call, options: tuple[str, ...]
) -> None:
    """A clock that makes no sense never starts anything."""
    assert call("run", *options).code == 2


def test_a_broken_configuration_does_not_start(registered: Path, call: Call) -> None:
    """All mistakes are told with their place, with exit 1 and no traceback."""
    (registered / "telecared.yaml").write_text("brokr: {}\nsite: {policy: 1}\n", encoding="utf-8")

    said = call("run")

    assert said.code == 1
    assert [line.split(":")[:2] for line in said.err.splitlines()] == [
        ["telecared.yaml", "1"],
        ["telecared.yaml", "2"],
    ]


def test_the_program_is_a_module_too() -> None:
    """`python -m telecared` is the same program."""
    said = subprocess.run(
        [sys.executable, "-m", "telecared", "--version"],
        cwd=REPOSITORY, check=True, capture_output=True, text=True,
    )  # fmt: skip

    assert re.fullmatch(r"\d+\.\d+\.\d+\S*\n", said.stdout)


def test_the_log_says_why_the_broker_cannot_be_reached(registered: Path, systemd: Systemd) -> None:
    """Whoever set up a wrong address reads in the log what to look at."""
    text = (registered / "telecared.yaml").read_text(encoding="utf-8")
    nowhere = 'broker: {url: "mqtt://127.0.0.1:9"}\n'
    (registered / "telecared.yaml").write_text(nowhere + text, encoding="utf-8")
    running = Running(registered, systemd)
    try:
        systemd.hears("READY=1")
        until = time.monotonic() + PATIENCE
        while "127.0.0.1:9 is not there" not in running.log.read_text(encoding="utf-8"):
            assert time.monotonic() < until, running.log.read_text(encoding="utf-8")
            time.sleep(0.05)
    finally:
        running.process.kill()
        running.process.wait()


def test_an_installer_walks_round_a_home_and_each_device_is_ticked_off(
    start: Callable[..., Running], broker: MosquittoBroker, registered: Path, call: Call
) -> None:
    """Falls and presses that call nobody; what was not triggered is named, and all on record."""
    daemon = start()
    daemon.systemd.hears("linked$")
    walk = subprocess.Popen(
        [sys.executable, "-m", "telecared", "walk-test", "larch-12", "--by", "Ivy Cole"],
        cwd=registered,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert walk.stdout is not None
    heard = ""
    while "hall (activity detector" not in heard:
        heard += walk.stdout.readline()
    publish(broker, FALL, b'{"fall": "detected"}')
    heard += walk.stdout.readline()
    publish(broker, "telecare/northside/larch-12/pendant", b'{"trigger": "pressed"}')
    heard += walk.stdout.readline()
    walk.send_signal(signal.SIGINT)
    rest, _ = walk.communicate(timeout=PATIENCE)
    listed = call("devices", "larch-12", "--json", "--by", "Ann Lee")
    daemon.stop()

    assert "watch (fall detector): works, heard at" in heard
    assert "2/3 pendant (personal trigger): works, heard at" in heard
    assert "2 of 3 devices of larch-12 work." in rest
    assert walk.returncode == 1
    assert call("alerts", "--json").objects == []
    tested = {one["device"]: one["tested_at"] is not None for one in listed.objects}
    assert tested == {"pendant": True, "watch": True, "hall": False}
    assert call("replay", "--from-store", "--verify").code == 0
