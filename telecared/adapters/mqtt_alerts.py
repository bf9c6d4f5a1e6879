"""Alert topics at the broker, over aiomqtt: what should be retained there is, and nothing else.

For lamps and screens that follow alerts; nobody is told by it who must act. A session of its own:
when the link is lost it comes back and puts everything right, and the engine never waits for it.
"""

import asyncio
import contextlib
from typing import Final

import aiomqtt
import structlog

from telecared.core.plan import decode_home
from telecared.mqtt_client import client_for
from telecared.ports import BrokerSettings
from telecared.signposts import OFFLINE, ONLINE, Signposts
from telecared.store_port import Batch

FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 60.0
"""Between two tries to connect, each pause twice the one before."""

QOS: Final = 1

log = structlog.get_logger(__name__)


class AlertTopics:
    """Keeps the alert topics as they should be.

    Args:
        settings: the broker, and who we are there.
        posts: what should be retained.
        filters: below these stand retained messages that may be ours from before.

    Attributes:
        connected: set while the session stands.
    """

    def __init__(self, settings: BrokerSettings, posts: Signposts, filters: list[str]) -> None:
        self._settings = settings
        self._posts = posts
        self._filters = filters
        self._wake = asyncio.Event()
        self.connected = asyncio.Event()

    def committed(self, batch: Batch) -> None:
        """Take in a durable batch. Never waits, and sends nothing by itself."""
        for record in batch.home_records:
            if record.content is None:
                self._posts.gone(record.home)
            else:
                self._posts.home(record.home, decode_home(record.content).scheme)
        self._posts.alerts(batch.alerts)
        if self._posts.changed:
            self._wake.set()

    async def run(self) -> None:
        """Publish until cancelled; then say that we are gone."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                await self._session()
            except (aiomqtt.MqttError, OSError) as error:
                log.warning("alert_topics.link_lost", error=type(error).__name__)
            if self.connected.is_set():
                self.connected.clear()
                pause = FIRST_PAUSE_SECONDS
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _session(self) -> None:
        will = aiomqtt.Will(self._posts.availability, OFFLINE, QOS, retain=True)
        async with client_for(self._settings, "alerts", will=will) as client:
            # The broker may have forgotten everything, and may remember what is over.
            self._posts.changed.update(dict.fromkeys(self._posts.wanted))
            for each in self._filters:
                await client.subscribe(each, qos=QOS)
            await client.publish(self._posts.availability, ONLINE, qos=QOS, retain=True)
            self.connected.set()
            hearing = asyncio.create_task(self._take_away(client))
            publishing = asyncio.create_task(self._publish(client))
            try:
                await asyncio.wait({hearing, publishing}, return_when=asyncio.FIRST_COMPLETED)
                for task in (hearing, publishing):
                    if task.done():
                        task.result()
            finally:
                for task in (hearing, publishing):
                    task.cancel()
                await asyncio.gather(hearing, publishing, return_exceptions=True)
                with contextlib.suppress(aiomqtt.MqttError):
                    await client.publish(self._posts.availability, OFFLINE, qos=QOS, retain=True)

    async def _publish(self, client: aiomqtt.Client) -> None:
        while True:
            while self._posts.changed:
                topic = next(iter(self._posts.changed))
                payload = self._posts.wanted.get(topic, b"")
                await client.publish(topic, payload, qos=QOS, retain=True)
                # Only now: what the link took with it is published again with the next one.
                if self._posts.wanted.get(topic, b"") == payload:
                    self._posts.changed.pop(topic, None)
            await self._wake.wait()
            self._wake.clear()

    async def _take_away(self, client: aiomqtt.Client) -> None:
        """Remove what an earlier run of ours left behind."""
        async for message in client.messages:
            topic = message.topic.value
            if not message.retain or not message.payload or topic in self._posts.wanted:
                continue
            if self._posts.is_ours(topic, bytes(message.payload)):
                self._posts.changed[topic] = None
                self._wake.set()
