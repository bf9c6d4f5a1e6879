"""Plays the demo: broker, fake phones, daemon, residents and the people who come, in one process.

Starts and ends them in order. What they say is `narrator` and `screen`, what happens is `script`.
"""

import asyncio
import contextlib
import logging
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from telecared.adapters.entropy import salt
from telecared.adapters.logs import set_up_logs
from telecared.adapters.mqtt_publish import MqttPublisher, PublishError
from telecared.adapters.system_clock import FastClock
from telecared.app import Daemon
from telecared.bodies import decode_site_event
from telecared.config.deployment import Deployment
from telecared.config.load import LoadedPlan
from telecared.core.site import LinkDrained
from telecared.core.vocabulary import DAY, SECOND, Instant
from telecared.demo.ledger import Ending, read_ending
from telecared.demo.people import People
from telecared.demo.phones import Phones
from telecared.demo.script import DAYS, PENDANT_HOME, START, script
from telecared.demo.setting import (
    ACCOUNT_SID,
    choose_broker,
    import_homes,
    load_patient_plan,
    prepare_folder,
    read_street,
    write_deployment,
)
from telecared.demo.staff import add_staff
from telecared.errors import TelecaredError
from telecared.outside import Part
from telecared.ports import BrokerSettings
from telecared.serving import running
from telecared.shard import Shard
from telecared.sim.broker import Broker, free_port
from telecared.sim.happenings import Happening
from telecared.sim.phone_network import PhoneNetwork
from telecared.sim.phones import FakeTwilio
from telecared.sim.publish import Pace, publish_stream
from telecared.sim.residents import street_stream
from telecared.sim.street import (
    CENTRE_NAME,
    CENTRE_NUMBER,
    OUR_NUMBER,
    SCHEME,
    STREET_HOMES,
    Household,
    behaviours,
    homes_yaml,
    make_street,
)
from telecared.store_port import Batch
from telecared.twilio_wire import inbound_url
from telecared.web.serve import console_beside

LOG_NAME: Final = "telecared.log"

CONSOLE_PORT: Final = 8080

PRESSED: Final = b'{"trigger": "pressed"}'

LEAD_SECONDS: Final = 0.5
"""Real time between the clock's start and the street's first message: the daemon gets ready."""

LINK_SECONDS: Final = 10.0
"""How long the daemon may take to reach its broker."""

VOICE_SECONDS: Final = 5.0
"""Real seconds in which the daemon's own canary comes back; a broker may refuse to carry it."""

CANCEL_SECONDS: Final = 0.5
"""After so long a task that goes on although it was cancelled is cancelled again."""

_LOOK_SECONDS: Final = 0.005


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What the user asked for.

    Attributes:
        seconds: real time that the street is played; None until Ctrl-C.
        keep: a folder that stays; None for one that is deleted.
        console: somebody watches: the console is served, and a phone or two wait for a hand.
    """

    seconds: float | None
    speed: float
    seed: int
    keep: Path | None
    console: bool = False


class Scene(msgspec.Struct, frozen=True):
    """What runs where, once it runs."""

    folder: Path
    broker: Broker
    provider_url: str
    shard: Shard
    console_url: str | None


class DemoError(TelecaredError):
    """The demo could not be played; the sentence says why."""


def play(wishes: Wishes, on_scene: Callable[[Scene], Callable[[Batch], None]]) -> Ending:
    """Play the demo and return how it ended.

    Args:
        wishes: what the user asked for.
        on_scene: called once everything runs; returns who watches the batches.

    Raises:
        TelecaredError: it could not be played.
    """
    folder = wishes.keep or Path(tempfile.mkdtemp(prefix="telecared-demo-"))
    try:
        if wishes.keep is not None:
            prepare_folder(folder)
        _log_into(folder / LOG_NAME)
        broker = choose_broker(folder / "broker")
        # Before the event loop and its threads: mosquitto is forked here, and dies with us.
        broker.start()
        try:
            path = asyncio.run(_Stage(wishes, folder, broker, on_scene).play())
        finally:
            broker.stop()
        return read_ending(path)
    finally:
        if wishes.keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def _log_into(path: Path) -> None:
    """Let the daemon and the libraries write their log beside the store: the terminal is ours."""
    file = path.open("a", encoding="utf-8")
    set_up_logs(to=file)
    logging.basicConfig(stream=file, level=logging.WARNING, force=True)


class _Stage:
    def __init__(
        self,
        wishes: Wishes,
        folder: Path,
        broker: Broker,
        on_scene: Callable[[Scene], Callable[[Batch], None]],
    ) -> None:
        self._wishes = wishes
        self._folder = folder
        self._broker = broker
        self._on_scene = on_scene
        self._street = make_street(STREET_HOMES)
        self._happenings = script(self._street, wishes.seed, watched=wishes.console)
        self._ended = asyncio.Event()

    async def play(self) -> Path:
        """Play, and return where the store is."""
        loop = asyncio.get_running_loop()
        # A terminal that is closed ends it, too: the folder holds what people would not keep.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._ended.set)
        webhook_port = free_port()
        public_url = f"http://127.0.0.1:{webhook_port}"
        token = salt().hex()
        phones = _phones(self._street, self._wishes, token, inbound_url(public_url))
        async with running(phones):
            deployment = write_deployment(
                self._folder,
                broker=self._broker,
                webhook_port=webhook_port,
                base_url=phones.base_url,
                token=token,
                console_port=_console_port() if self._wishes.console else None,
            )
            loaded = load_patient_plan(deployment, self._wishes.speed)
            homes = read_street(self._folder, homes_yaml(self._street), loaded)
            await import_homes(deployment.store_path, homes, START)
            if self._wishes.console:
                add_staff(deployment.store_path)
            await self._with_daemon(deployment, loaded, phones)
        return deployment.store_path

    async def _with_daemon(
        self, deployment: Deployment, loaded: LoadedPlan, phones: FakeTwilio
    ) -> None:
        ready: asyncio.Future[Shard] = asyncio.get_running_loop().create_future()
        shown = Phones(phones, self._street, held=self._held(), press=self._press)
        served = asyncio.Event()
        served.set()

        def beside(shard: Shard) -> list[Part]:
            nonlocal served
            if not self._wishes.console:
                return []
            console = console_beside(deployment, shard, shown.entries())
            served = console.started
            return [("console", console.run)]

        daemon = Daemon(
            deployment,
            loaded,
            clock_from=self._clock_from,
            ready=ready.set_result,
            beside=beside,
        )
        running_daemon = asyncio.create_task(daemon.run(), name="daemon")
        try:
            either: set[asyncio.Future[Any]] = {running_daemon, ready}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if ready.done():
                await _until_served(served)
                scene = Scene(
                    self._folder,
                    self._broker,
                    phones.base_url,
                    ready.result(),
                    deployment.console.public_url,
                )
                await self._with_street(scene, running_daemon)
        finally:
            daemon.stop()
            await _until_stopped(running_daemon)

    def _held(self) -> list[str]:
        """Return the numbers of the phones that wait for whoever watches to answer."""
        if not self._wishes.console:
            return []
        carers = next(one.contacts for one in self._street if one.home == PENDANT_HOME)
        return [CENTRE_NUMBER, *(one.number for one in carers if "carer" in one.roles)]

    async def _press(self, home: str) -> None:
        """Press the pendant of a home as its resident would."""
        settings = BrokerSettings(
            host="127.0.0.1", port=self._broker.port, client_id=f"pendant-{home}"
        )
        async with MqttPublisher(settings) as publisher:
            await publisher.publish(f"telecare/{SCHEME}/{home}/pendant", PRESSED)

    def _clock_from(self, last_at: Instant) -> FastClock:
        speed = self._wishes.speed
        start = START - int(LEAD_SECONDS * speed * SECOND)
        return FastClock(start=start, speed=speed, last_at=last_at)

    async def _with_street(self, scene: Scene, daemon: "asyncio.Task[None]") -> None:
        shard = scene.shard
        names = {person.name for one in self._street for person in one.contacts}
        people = People(shard.store, shard.clock, self._happenings, names | {CENTRE_NAME})
        heard = asyncio.Event()
        shard.watchers += [people.committed, self._on_scene(scene), _on_own_voice(heard)]
        try:
            await _until_linked(shard, heard)
            street = asyncio.create_task(
                _play_street(self._street, self._happenings, self._wishes, scene), name="street"
            )
            ended = asyncio.create_task(self._ended.wait(), name="ended")
            try:
                any_of: set[asyncio.Task[Any]] = {daemon, street, ended}
                await asyncio.wait(
                    any_of, timeout=self._wishes.seconds, return_when=asyncio.FIRST_COMPLETED
                )
            finally:
                await _cancelled(ended)
                await _cancelled(street)
        finally:
            await people.stop()


def _console_port() -> int:
    """Return where people look first, or any other port where something listens there."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", CONSOLE_PORT))
        except OSError:
            return free_port()
    return CONSOLE_PORT


def _phones(street: Sequence[Household], wishes: Wishes, token: str, replies_to: str) -> FakeTwilio:
    network = PhoneNetwork(seed=wishes.seed)
    for number, behaviour in behaviours(street).items():
        network.set_behaviour(number, behaviour)
    return FakeTwilio(
        network,
        account_sid=ACCOUNT_SID,
        auth_token=token,
        our_number=OUR_NUMBER,
        inbound_url=replies_to,
        speed=wishes.speed,
    )


async def _play_street(
    street: Sequence[Household], happenings: Sequence[Happening], wishes: Wishes, scene: Scene
) -> None:
    by_home: dict[str, list[Happening]] = {household.home: [] for household in street}
    for happening in happenings:
        by_home[happening.home].append(happening)
    messages = street_stream(
        [household.resident for household in street],
        lambda resident: by_home[resident.home],
        start=START,
        end=START + DAYS * DAY,
        seed=wishes.seed,
    )
    settings = BrokerSettings(host="127.0.0.1", port=scene.broker.port, client_id="street")
    async with MqttPublisher(settings) as publisher:
        await publish_stream(messages, publisher, scene.shard.clock, pace=Pace())


def _on_own_voice(heard: asyncio.Event) -> Callable[[Batch], None]:
    """Note when the daemon has heard its own canary: from then on its subscription stands."""

    def committed(batch: Batch) -> None:
        for row in batch.inputs:
            if row.kind == "drained" and row.body is not None:
                event = decode_site_event(row.body)
                if isinstance(event, LinkDrained) and event.canary:
                    heard.set()

    return committed


async def _until_linked(shard: Shard, heard: asyncio.Event) -> None:
    """Wait until the daemon hears: a broker keeps nothing for a session that it never saw.

    That it is drained does not tell: in fast time the two minutes that end the wait for a canary
    may be over before a busy machine has subscribed.
    """
    try:
        async with asyncio.timeout(LINK_SECONDS):
            while shard.engine.homes.site.held:  # noqa: ASYNC110 - the engine tells nobody
                await asyncio.sleep(_LOOK_SECONDS)
    except TimeoutError:
        raise DemoError(
            f"The daemon did not reach the demo's own broker within {LINK_SECONDS:.0f} s: is the"
            " machine very busy? Try again."
        ) from None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(VOICE_SECONDS):
            await heard.wait()


async def _until_served(served: asyncio.Event) -> None:
    """Wait for the console, so that the address that is told answers at once."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LINK_SECONDS):
            await served.wait()


async def _cancelled(task: "asyncio.Task[Any]") -> None:
    """End a task, and raise what had ended it before."""
    while not task.done():
        # Asked again: what ends in the very moment in which it is cancelled may go on.
        task.cancel()
        await asyncio.wait({task}, timeout=CANCEL_SECONDS)
    try:
        await task
    except asyncio.CancelledError:
        return
    except PublishError as error:
        raise DemoError(f"The street could not be played: {error}") from error


async def _until_stopped(daemon: "asyncio.Task[None]") -> None:
    try:
        await daemon
    except* TelecaredError as group:
        first: BaseException = group
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        raise DemoError(f"The daemon stopped: {first}") from group
