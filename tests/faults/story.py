"""A site for fault tests: real broker, real daemon in its own process, fake phones over HTTP.

The tests say what breaks and what must still be true afterwards; here is only the scenery.
"""

import asyncio
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from telecared.adapters.mqtt_publish import MqttPublisher
from telecared.adapters.sqlite import CommandDesk, SqliteReader, verify
from telecared.adapters.system_clock import EngineClock, wall_now
from telecared.config.deployment import load_deployment
from telecared.core.events import StoredEvent, encode_event
from telecared.core.plan import Device, HomeRecord
from telecared.core.policy import Contact
from telecared.core.vocabulary import DeviceKind
from telecared.orders import ImportOrder
from telecared.ports import BrokerSettings
from telecared.reader_port import AlertFilter, StoredRecord
from telecared.shard import apply_waiting, open_shard
from telecared.sim.broker import MosquittoBroker, free_port
from telecared.sim.phone_network import PhoneMessage
from telecared.sim.replay import StoreReplay, replay_store
from telecared.store_port import AlertRow, CommandRow, InputRow
from telecared.twilio_wire import inbound_url
from tests.adapters.provider import ACCOUNT, OUR_NUMBER, TOKEN, fake_twilio
from tests.conftest import REPOSITORY

PATIENCE_SECONDS = 25.0
BEN = "+447700900123"
CENTRE = "+447700900900"

CONFIG = """
broker: {{url: "mqtt://127.0.0.1:{broker}", client_id: faults}}
store: {{url: "sqlite:telecared.db"}}
rules: [rules.yaml]
sms:
  - provider: twilio
    account_sid: {account}
    from: "{number}"
    auth_token: {{file: token}}
    base_url: "{provider}"
webhooks: {{listen: "127.0.0.1:{webhooks}", public_url: "http://127.0.0.1:{webhooks}"}}
monitoring_centre: {{name: Riverside Centre, sms: "{centre}", repeat: {repeat}}}
"""

PENDANT = """
rules:
  pendant-pressed:
    when: {property: trigger, is: pressed}
    priority: life_safety
    say: "Pendant at {home.address}. Reply {code} if you are going."
"""

NO_MOVEMENT = """
  no-movement:
    when: {inactive_for: 3s, of: [motion]}
"""

POLICIES = """
policies:
  family-then-centre:
    steps:
      - {notify: carers, by: [sms], wait: 5s}
      - {notify: monitoring_centre}
    receipt: 20s
  technical:
    steps:
      - {notify: monitoring_centre}
"""


def home(number: int) -> HomeRecord:
    """A home with a pendant and a motion sensor, whose carer is Ben."""
    name = f"h{number:03d}"
    topic = f"telecare/north/{name}"
    return HomeRecord(
        id=name,
        scheme="north",
        timezone="Europe/London",
        address=f"{number} Larch Close",
        devices=(
            Device(
                id="pendant",
                kind=DeviceKind.PERSONAL_TRIGGER,
                profile="native",
                topic=f"{topic}/pendant",
            ),
            Device(
                id="pir",
                kind=DeviceKind.ACTIVITY_DETECTOR,
                profile="native",
                topic=f"{topic}/pir",
                location="hall",
            ),
        ),
        contacts=(Contact(id="ben", name="Ben Hall", phone=BEN, roles=("carer",)),),
    )


class Site:
    """Everything around one daemon. Use as an async context."""

    def __init__(
        self, folder: Path, *, homes: int = 1, rules: str = PENDANT, repeat: str = "30s"
    ) -> None:
        self.folder = folder
        self.broker = MosquittoBroker(folder / "broker")
        self.phones = fake_twilio(speed=50.0)
        self._homes = [home(number) for number in range(1, homes + 1)]
        self._rules = rules
        self._repeat = repeat
        self._webhooks = free_port()
        self._daemon: subprocess.Popen[bytes] | None = None
        self._provider: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self.broker.start()
        self.phones._inbound_url = inbound_url(f"http://127.0.0.1:{self._webhooks}")
        self._provider = asyncio.create_task(self.phones.run())
        await self.phones.started.wait()
        (self.folder / "token").write_text(TOKEN)
        (self.folder / "rules.yaml").write_text(self._rules + POLICIES)
        self.config.write_text(
            CONFIG.format(
                broker=self.broker.port,
                account=ACCOUNT,
                number=OUR_NUMBER,
                provider=self.phones.base_url,
                webhooks=self._webhooks,
                centre=CENTRE,
                repeat=self._repeat,
            )
        )
        await self._register()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        self.kill()
        if self._provider is not None:
            self._provider.cancel()
        self.broker.stop()
        if kind is not None:
            sys.stderr.write((self.folder / "daemon.log").read_text()[-6000:])

    async def _register(self) -> None:
        deployment = load_deployment(self.config)
        async with open_shard(deployment, clock_from=EngineClock):
            pass
        body = msgspec.json.encode(ImportOrder(tuple(self._homes)))
        self.command("import", None, body)
        await apply_waiting(deployment, clock_from=EngineClock)

    @property
    def config(self) -> Path:
        """The deployment's file."""
        return self.folder / "telecared.yaml"

    @property
    def database(self) -> Path:
        """The store's file."""
        return self.folder / "telecared.db"

    # --- the daemon -----------------------------------------------------------------------------

    def start(self, *fault: str) -> None:
        """Start the daemon, with a fault if one is named."""
        with (self.folder / "daemon.log").open("ab") as log:
            self._daemon = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.daemon", str(self.config), *fault],
                cwd=REPOSITORY,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """`kill -9`."""
        if self._daemon is not None:
            self._daemon.kill()
            self._daemon.wait()

    async def died(self) -> None:
        """Wait until the fault has struck."""
        daemon = self._daemon
        assert daemon is not None
        await self.until(lambda: daemon.poll() is not None, "the fault to strike")
        assert daemon.returncode == -signal.SIGKILL

    async def stop(self) -> int:
        """Ask for a clean stop and return the exit code."""
        daemon = self._daemon
        assert daemon is not None
        daemon.terminate()
        await self.until(lambda: daemon.poll() is not None, "a clean stop")
        return daemon.returncode

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for a condition, patiently but not for ever."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < end, f"waited {PATIENCE_SECONDS} s for {what}"
            await asyncio.sleep(0.05)

    async def linked(self, times: int = 1) -> None:
        """Wait until the daemon has drained its session so many times."""
        await self.until(lambda: self.count("drained") >= times, "the link")

    # --- devices and people ---------------------------------------------------------------------

    def publisher(self) -> MqttPublisher:
        """A connection for devices."""
        return MqttPublisher(
            BrokerSettings(host="127.0.0.1", port=self.broker.port, client_id="devices")
        )

    async def press(self, number: int = 1, **more: object) -> None:
        """Somebody presses a pendant."""
        async with self.publisher() as devices:
            payload = msgspec.json.encode({"trigger": "pressed", **more})
            await devices.publish(f"telecare/north/h{number:03d}/pendant", payload)

    def command(self, kind: str, home_id: str | None, body: bytes) -> int:
        """Hand in a command as another process does; return its id."""
        desk = CommandDesk(self.database, sleep=time.sleep, seconds=time.monotonic)
        return desk.add(
            CommandRow(
                id=0,
                kind=kind,
                by="Test Operator",
                via="cli",
                given_at=wall_now(),
                home=home_id,
                body=body,
            )
        )

    def order(self, home_id: str, event: StoredEvent) -> int:
        """Hand in what a person does to an alert."""
        return self.command(type(event).__name__.lower(), home_id, encode_event(event))

    # --- what is on record ----------------------------------------------------------------------

    def inputs(self, kind: str) -> list[InputRow]:
        """Return the inputs of one kind."""
        return [row for row in SqliteReader(self.database).inputs() if row.kind == kind]

    def count(self, kind: str) -> int:
        """Count the inputs of one kind."""
        return len(self.inputs(kind))

    def alerts(self, rule: str) -> list[AlertRow]:
        """Return the alerts of a rule."""
        found = SqliteReader(self.database).alerts(AlertFilter(limit=10_000))
        return [row for row in found if row.rule == rule]

    def records(self, home_id: str) -> list[StoredRecord]:
        """Return a home's record."""
        return list(SqliteReader(self.database).records(home=home_id))

    def sent_to(self, number: str) -> Sequence[PhoneMessage]:
        """Return the messages that a phone was sent."""
        return [message for message in self.phones.messages if message.to == number]

    def assert_log_names_nobody(self) -> None:
        """P11: no name, number, address, text or topic in a line of the log."""
        log = (self.folder / "daemon.log").read_text()
        assert "ready" in log
        assert [word for word in PERSONAL if word in log] == []

    def replayed(self) -> StoreReplay:
        """Decide the stored inputs once more."""
        return replay_store(self.database)

    def assert_sound(self) -> None:
        """The store verifies, its inputs decide the same once more, and the log names nobody."""
        self.assert_log_names_nobody()
        assert verify(self.database).problems == []
        again = self.replayed()
        assert again.lines == again.live


PERSONAL = (BEN, CENTRE, "Ben Hall", "Test Operator", "Larch Close", "Reply ", "telecare/north")
"""What the daemon has seen and no log line may hold."""


def doubled(rows: Sequence[InputRow]) -> dict[tuple[str | None, str | None, int | None], int]:
    """Return the (home, device, counter) that were stored more than once."""
    seen = Counter((row.home, row.device, row.seq) for row in rows)
    return {key: count for key, count in seen.items() if count > 1}
