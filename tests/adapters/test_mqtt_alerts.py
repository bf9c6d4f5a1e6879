"""Alert topics at a real broker: what stands there, what is taken away, and who hears it."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiomqtt
import pytest

from telecared.adapters.mqtt_alerts import AlertTopics
from telecared.adapters.mqtt_listen import Heard, listening
from telecared.adapters.mqtt_publish import MqttPublisher
from telecared.core.plan import HomeRecord, encode_home
from telecared.core.vocabulary import SECOND, AlertState, Instant, Priority
from telecared.signposts import Signposts
from telecared.sim.broker import MosquittoBroker
from telecared.store_port import AlertRow, Batch, HomeRecordWrite
from tests.adapters.mqtt_parts import to, until

PREFIX = "telecared/alerts"
LARCH = f"{PREFIX}/northside/larch-12"
AT: Instant = 1_772_352_000 * SECOND
PEOPLE = ("Ada Hall", "Ben Hall", "+447700900123", "Larch Close", "4711")


def alert(n: int = 3, state: AlertState = AlertState.OPEN, **more: object) -> AlertRow:
    """An alert of larch-12; its table names people, its topic must not."""
    fields: dict[str, object] = {
        "alert": f"larch-12/{n}",
        "home": "larch-12",
        "n": n,
        "rule": "fall",
        "priority": Priority.LIFE_SAFETY,
        "state": state,
        "opened_at": AT,
        "code": "4711",
        "owner": "Ben Hall" if state is AlertState.ACKNOWLEDGED else None,
        **more,
    }
    return AlertRow(**fields)  # type: ignore[arg-type]


def posts_with_larch(discovery: str | None = None) -> Signposts:
    """What should stand for one home without an alert."""
    posts = Signposts(PREFIX, discovery)
    posts.home("larch-12", "northside")
    return posts


@contextlib.asynccontextmanager
async def publishing(
    broker: MosquittoBroker, posts: Signposts, name: str
) -> AsyncIterator[AlertTopics]:
    """Alert topics that are kept while the block runs."""
    filters = [f"{PREFIX}/#", "homeassistant/binary_sensor/+/config"]
    topics = AlertTopics(to(broker.port, name), posts, filters)
    task = asyncio.create_task(topics.run())
    try:
        await asyncio.wait_for(topics.connected.wait(), 5)
        yield topics
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


class Screen:
    """A lamp or a screen that follows what is retained."""

    def __init__(self) -> None:
        self.shown: dict[str, bytes] = {}
        self.all: list[Heard] = []

    def take(self, heard: Heard) -> None:
        """Show a message, or take it away."""
        self.all.append(heard)
        self.shown.pop(heard.topic, None)
        if heard.payload:
            self.shown[heard.topic] = heard.payload

    def is_now(self, topic: str, payload: bytes | None) -> Callable[[], bool]:
        """Whether a topic shows a payload."""
        return lambda: self.shown.get(topic) == payload


@contextlib.asynccontextmanager
async def watching(broker: MosquittoBroker, name: str) -> AsyncIterator[Screen]:
    """A screen that is switched on now: it sees what is retained, then what changes."""
    screen = Screen()
    async with listening(to(broker.port, name), ["telecared/#", "homeassistant/#"]) as messages:

        async def follow() -> None:
            async for heard in messages:
                screen.take(heard)

        task = asyncio.create_task(follow())
        yield screen
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def broker(own_mosquitto: MosquittoBroker) -> MosquittoBroker:
    """A broker of this test's own: what is retained stays."""
    own_mosquitto.start()
    return own_mosquitto


async def test_a_lamp_is_lit_by_an_alert_and_goes_out_when_it_is_resolved(
    broker: MosquittoBroker,
) -> None:
    """The alert's own topic comes and goes; the home's state is the worst of what is open."""
    async with publishing(broker, posts_with_larch(), "a") as topics, watching(broker, "s") as lamp:
        await until(lamp.is_now(f"{LARCH}/state", b"ok"))

        topics.committed(Batch(at=AT, alerts=[alert(), alert(4, priority=Priority.ROUTINE)]))
        await until(lamp.is_now(f"{LARCH}/state", b"life_safety"))
        await until(lambda: f"{LARCH}/4" in lamp.shown)
        told = json.loads(lamp.shown[f"{LARCH}/3"])
        assert told == {
            "alert": "larch-12/3",
            "home": "larch-12",
            "scheme": "northside",
            "rule": "fall",
            "priority": "life_safety",
            "state": "open",
            "opened_at": "2026-03-01T08:00:00.000000Z",
            "step": 0,
            "repeats": 0,
        }

        topics.committed(Batch(at=AT, alerts=[alert(state=AlertState.RESOLVED)]))
        await until(lamp.is_now(f"{LARCH}/state", b"routine"))
        await until(lamp.is_now(f"{LARCH}/3", None))


async def test_no_topic_names_anybody(broker: MosquittoBroker) -> None:
    """P11: whoever may read the broker reads no name, number, address or code."""
    async with publishing(broker, posts_with_larch("homeassistant"), "a") as topics:
        topics.committed(Batch(at=AT, alerts=[alert(state=AlertState.ACKNOWLEDGED)]))
        async with watching(broker, "s") as screen:
            await until(lambda: f"{LARCH}/3" in screen.shown)
            everything = repr(screen.shown)

    for secret in PEOPLE:
        assert secret not in everything


async def test_what_was_resolved_while_we_were_down_is_taken_away_at_the_start(
    broker: MosquittoBroker,
) -> None:
    """A lamp must not burn for an alert that is over, nor a home stay that is gone."""
    posts = posts_with_larch("homeassistant")
    posts.home("elm-1", "northside")
    posts.alerts([alert()])
    async with publishing(broker, posts, "a"), watching(broker, "s") as screen:
        await until(lambda: len(screen.shown) == 6)

    again = posts_with_larch("homeassistant")
    async with watching(broker, "s") as screen, publishing(broker, again, "a"):
        expected = {f"{PREFIX}/available": b"online", **again.wanted}
        await until(lambda: screen.shown == expected)


async def test_other_peoples_topics_are_left_alone(broker: MosquittoBroker) -> None:
    """Home Assistant's other entities, and another telecared's, are not ours to remove."""
    theirs = Signposts("elsewhere/alerts", "homeassistant")
    theirs.home("oak-1", "southside")
    twin = "homeassistant/binary_sensor/telecared_southside_oak-1/config"
    others = {
        "homeassistant/binary_sensor/kitchen/config": b"{}",
        f"{PREFIX}/chain": b"{}",
        twin: theirs.wanted[twin],
    }
    async with MqttPublisher(to(broker.port, "other")) as somebody:
        for topic, payload in others.items():
            await somebody.publish(topic, payload, retain=True)

    async with publishing(broker, posts_with_larch("homeassistant"), "a") as topics:
        topics.committed(Batch(at=AT, alerts=[alert()]))
        async with watching(broker, "s") as screen:
            await until(lambda: f"{LARCH}/3" in screen.shown)
            assert others.items() <= screen.shown.items()


async def test_home_assistant_finds_each_home_by_itself(broker: MosquittoBroker) -> None:
    """A sensor that is on while anything is unresolved, and knows when we are not there."""
    async with (
        publishing(broker, posts_with_larch("homeassistant"), "a"),
        watching(broker, "s") as screen,
    ):
        topic = "homeassistant/binary_sensor/telecared_northside_larch-12/config"
        await until(lambda: topic in screen.shown)
        entity = json.loads(screen.shown[topic])

    assert entity["unique_id"] == "telecared_northside_larch-12"
    assert entity["state_topic"] == f"{LARCH}/state"
    assert (entity["payload_on"], entity["payload_off"]) == ("ON", "OFF")
    assert entity["device_class"] == "safety"
    assert entity["availability_topic"] == f"{PREFIX}/available"


async def test_a_lamp_learns_that_we_are_gone_by_a_clean_stop_and_by_a_death(
    broker: MosquittoBroker,
) -> None:
    """Last will and last words say the same; a dark lamp must not pass for a quiet night."""
    online, offline = b"online", b"offline"
    async with watching(broker, "s") as screen:
        async with publishing(broker, posts_with_larch(), "a"):
            await until(screen.is_now(f"{PREFIX}/available", online))
        await until(screen.is_now(f"{PREFIX}/available", offline))

        topics = AlertTopics(to(broker.port, "a"), posts_with_larch(), [f"{PREFIX}/#"])
        task = asyncio.create_task(topics.run())
        await until(screen.is_now(f"{PREFIX}/available", online))
        # Another session of the same name throws ours out without a goodbye, as a death would.
        await _throw_out(broker, "a-alerts")
        await until(screen.is_now(f"{PREFIX}/available", offline))
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _throw_out(broker: MosquittoBroker, client_id: str) -> None:
    """Connect once under a client's own name."""
    async with aiomqtt.Client("127.0.0.1", broker.port, identifier=client_id):
        pass


async def test_after_a_broker_that_forgot_everything_all_stands_there_again(
    broker: MosquittoBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker that lost its disk is told everything, what changed meanwhile included."""
    monkeypatch.setattr("telecared.adapters.mqtt_alerts.FIRST_PAUSE_SECONDS", 0.05)
    posts = posts_with_larch()
    async with publishing(broker, posts, "a") as topics:
        await until(lambda: not posts.changed)
        broker.kill()
        topics.committed(Batch(at=AT, alerts=[alert()]))
        for file in tmp_path.rglob("*.db"):
            file.unlink()
        broker.start()
        async with watching(broker, "s") as screen:
            await until(screen.is_now(f"{LARCH}/state", b"life_safety"))
            await until(lambda: f"{LARCH}/3" in screen.shown)


async def test_homes_come_and_go_with_their_registration(broker: MosquittoBroker) -> None:
    """An imported home is told of at once; a deleted or moved one leaves nothing behind."""

    def write(home: str, scheme: str | None) -> HomeRecordWrite:
        content = None
        if scheme is not None:
            content = encode_home(HomeRecord(id=home, scheme=scheme, timezone="Europe/London"))
        return HomeRecordWrite(home, "hash", content)

    async with (
        publishing(broker, posts_with_larch("homeassistant"), "a") as topics,
        watching(broker, "s") as screen,
    ):
        elm = f"{PREFIX}/northside/elm-1"
        topics.committed(Batch(at=AT, home_records=[write("elm-1", "northside")]))
        await until(screen.is_now(f"{elm}/state", b"ok"))

        topics.committed(Batch(at=AT, home_records=[write("elm-1", "southside")]))
        await until(screen.is_now(f"{elm}/state", None))
        await until(lambda: f"{PREFIX}/southside/elm-1/state" in screen.shown)

        gone = [write("elm-1", None), write("larch-12", None), write("never", None)]
        topics.committed(Batch(at=AT, home_records=gone))
        await until(lambda: list(screen.shown) == [f"{PREFIX}/available"])


def test_alerts_without_a_home_and_odd_names_have_usable_topics() -> None:
    """`@scheme/ID` stands with its scheme; what no topic may hold is replaced, and stays apart."""
    posts = Signposts(PREFIX, "ha")
    posts.alerts(
        [
            alert(1, home="@site", alert="@site/1"),
            alert(1, home="@scheme/northside", alert="@scheme/northside/1"),
        ]
    )
    posts.home("a+b/c", "n#1")
    posts.home("a_b_c", "n_1")

    assert f"{PREFIX}/@site/@site/1" in posts.wanted
    assert f"{PREFIX}/northside/@scheme/1" in posts.wanted
    configs = [topic for topic in posts.wanted if topic.startswith("ha/")]
    assert len(configs) == 4
    assert not any(set("+#") & set(topic) for topic in posts.wanted)


def test_what_is_only_watched_has_no_topic_and_lights_no_lamp() -> None:
    """A rule on trial pages nobody, by no way."""
    posts = posts_with_larch()
    posts.alerts([alert(watch=True)])
    assert posts.wanted == {f"{LARCH}/state": b"ok"}


def test_a_storm_is_bounded_and_what_changes_often_is_told_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However many alerts there are, the home's state is right; nothing waits twice."""
    monkeypatch.setattr("telecared.signposts.MAX_ALERTS", 2)
    posts = posts_with_larch()
    posts.changed.clear()
    for step in range(100):
        posts.alerts([alert(n, step=step) for n in range(1, 6)])

    assert len(posts.changed) == 3
    posts.alerts([alert(n, AlertState.RESOLVED) for n in range(1, 6)])
    assert posts.wanted == {f"{LARCH}/state": b"ok"}
