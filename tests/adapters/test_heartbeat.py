"""The outward heartbeat: pings over real HTTP, a retained message at a real broker, and silence."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from telecared.adapters.heartbeat import Heartbeat, failing
from telecared.adapters.mqtt_listen import listening
from telecared.adapters.mqtt_publish import MqttPublisher
from telecared.adapters.paging import post_page
from telecared.core.vocabulary import SECOND
from telecared.errors import GatewayError
from telecared.pulse import COMMIT_SECONDS, STUCK_SECONDS, Beat, Pulse
from telecared.serving import EmbeddedServer, running
from telecared.sim.broker import MosquittoBroker, free_port
from telecared.store_port import Batch, InputRow
from tests.adapters.mqtt_parts import to, until

AT = 1_772_352_000 * SECOND


class Watcher:
    """A watcher elsewhere, which notes pings; `refusing` so many of them."""

    def __init__(self, port: int = 0) -> None:
        self.pings: list[str] = []
        self.bodies: list[bytes] = []
        self.refusing = 0
        routes = [Route("/{path:path}", self._ping, methods=["GET", "POST"])]
        self.server = EmbeddedServer(Starlette(routes=routes), f"127.0.0.1:{port}")

    @property
    def url(self) -> str:
        """Where it is pinged."""
        return f"http://127.0.0.1:{self.server.port}/ping/x"

    async def _ping(self, request: Request) -> Response:
        self.pings.append(request.url.path)
        self.bodies.append(await request.body())
        if self.refusing:
            self.refusing -= 1
            return PlainTextResponse("later", status_code=503)
        return PlainTextResponse("OK")


@pytest.fixture
async def watcher() -> AsyncIterator[Watcher]:
    """A running watcher."""
    made = Watcher()
    async with running(made.server):
        yield made


class Engine:
    """What a pulse asks of an engine."""

    turned_at = 0.0
    is_degraded = False


@contextlib.asynccontextmanager
async def beating(heartbeat: Heartbeat) -> AsyncIterator[None]:
    """A heartbeat that beats while the block runs."""
    task = asyncio.create_task(heartbeat.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def once(heartbeat: Heartbeat) -> None:
    """One beat."""
    async with aiohttp.ClientSession() as session:
        await heartbeat.once(session)


def heart(url: str | None, beat: Beat = Beat.FINE, **more: object) -> Heartbeat:
    """A heartbeat of a daemon that stands as told."""
    return Heartbeat(lambda: beat, lambda: AT, 0.02, url=url, try_again_seconds=0, **more)  # type: ignore[arg-type]


async def test_a_daemon_that_lives_pings_again_and_again(watcher: Watcher) -> None:
    """The watcher raises the alarm when this ends."""
    heartbeat = heart(watcher.url + "/")
    async with beating(heartbeat):
        await until(lambda: heartbeat.sent >= 3)

    assert set(watcher.pings) == {"/ping/x"}


async def test_a_full_disk_is_told_as_a_failure(watcher: Watcher) -> None:
    """Alerts go out and nothing is kept: somebody must look, though we live."""
    await once(heart(watcher.url, Beat.DEGRADED))

    assert watcher.pings == ["/ping/x/fail"]


async def test_a_stuck_daemon_says_nothing(watcher: Watcher) -> None:
    """A ping from a process that decides nothing would be worse than none."""
    told: list[bytes] = []

    async def publish(payload: bytes) -> None:
        told.append(payload)

    heartbeat = heart(watcher.url, Beat.STUCK, publish=publish)
    await once(heartbeat)

    assert (watcher.pings, told, heartbeat.sent) == ([], [], 0)


async def test_a_packet_lost_on_the_way_wakes_nobody(watcher: Watcher) -> None:
    """A ping is tried a few times before it counts as not taken."""
    watcher.refusing = 2
    heartbeat = heart(watcher.url)
    await once(heartbeat)
    assert (heartbeat.sent, heartbeat.failed) == (1, 0)

    watcher.refusing = 3
    await once(heartbeat)
    assert (heartbeat.sent, heartbeat.failed) == (1, 1)
    await once(heartbeat)
    assert (heartbeat.sent, heartbeat.failed) == (2, 0)


async def test_a_watcher_that_is_away_stops_nothing() -> None:
    """The heart goes on beating, and is heard when the watcher is back."""
    port = free_port()
    heartbeat = heart(f"http://127.0.0.1:{port}/ping/x")
    async with beating(heartbeat):
        await until(lambda: heartbeat.failed >= 2)
        back = Watcher(port)
        async with running(back.server):
            await until(lambda: heartbeat.sent >= 1)

    assert set(back.pings) == {"/ping/x"}


async def test_the_broker_keeps_the_last_beat(mosquitto: MosquittoBroker) -> None:
    """Whoever looks at the topic sees how we stood, and when."""
    settings = to(mosquitto.port, "beating")

    async def publish(payload: bytes) -> None:
        async with MqttPublisher(settings) as publisher:
            await publisher.publish("telecared/heartbeat", payload, retain=True)

    heartbeat = heart(None, publish=publish)
    await once(heartbeat)

    assert heartbeat.sent == 1
    async with listening(settings, ["telecared/heartbeat"]) as messages:
        async for heard in messages:
            told = json.loads(heard.payload)
            assert told == {"state": "fine", "at": "2026-03-01T08:00:00.000000Z"}
            assert heard.retain
            break


async def test_a_broker_that_is_away_does_not_hold_up_the_ping(watcher: Watcher) -> None:
    """Two ways, so that one failing is seen by the other."""

    async def publish(payload: bytes) -> None:
        async with MqttPublisher(to(9, "beating")) as publisher:
            await publisher.publish("telecared/heartbeat", payload)

    heartbeat = heart(watcher.url, publish=publish)
    await once(heartbeat)

    assert (watcher.pings, heartbeat.failed) == (["/ping/x"], 1)


def test_the_pulse_stops_with_the_turns_and_with_the_commits() -> None:
    """The same condition as systemd's watchdog, and a store that takes nothing more."""
    now = [100.0]
    engine = Engine()
    engine.turned_at = 100.0
    pulse = Pulse(engine, lambda: now[0])
    sign_of_life = Batch(at=AT, inputs=[InputRow(id=1, kind="alive", at=AT)])
    assert pulse.beat() is Beat.FINE

    now[0] += STUCK_SECONDS + 1
    assert pulse.beat() is Beat.STUCK
    engine.turned_at = now[0]
    assert pulse.beat() is Beat.FINE

    now[0] = engine.turned_at = 101.0 + COMMIT_SECONDS
    pulse.committed(Batch(at=AT))
    assert pulse.beat() is Beat.STUCK
    pulse.committed(sign_of_life)
    assert pulse.beat() is Beat.FINE
    engine.is_degraded = True
    assert pulse.beat() is Beat.DEGRADED


async def test_the_last_way_posts_one_sentence(watcher: Watcher) -> None:
    """An ntfy topic or a chat's hook takes it; what is refused is an error without the address."""
    async with aiohttp.ClientSession() as session:
        await post_page(session, watcher.url, "the self-test failed")
        assert watcher.bodies == [b"the self-test failed"]

        watcher.refusing = 1
        for url in (watcher.url, "http://127.0.0.1:9/secret"):
            with pytest.raises(GatewayError) as caught:
                await post_page(session, url, "again")
            assert url not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://hc.example/ping/x", "https://hc.example/ping/x/fail"),
        ("https://up.example/push/x?status=up", "https://up.example/push/x/fail?status=up"),
    ],
)
def test_a_failure_is_told_behind_the_path_and_never_inside_a_query(url: str, told: str) -> None:
    """P8: a watcher whose address says `status=up` must not take a full disk for well."""
    assert failing(url) == told
