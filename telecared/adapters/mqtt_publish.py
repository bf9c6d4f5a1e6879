"""MQTT out, over aiomqtt: for the simulator, the demo and preflight.

Many messages may be under way at once, up to a bound. Never for receiving: aiomqtt acknowledges
before anything is safe. A lost link is an error here; whoever publishes decides what then.
"""

import asyncio
import ssl
from types import TracebackType
from typing import Final, Self

import aiomqtt

from telecared.errors import PublishError
from telecared.ports import BrokerSettings

__all__ = ["MqttPublisher", "PublishError"]

IN_FLIGHT: Final = 200
"""Messages handed to the broker and not yet answered, before `publish` waits."""

ANSWER_SECONDS: Final = 10.0
"""How long the broker may take for a connect or for one message."""


class MqttPublisher:
    """A clean, short-lived session that publishes.

    `publish` returns once the message is on its way; leaving the context, or `flush`, waits until
    the broker has answered for all of them. Order within a topic is kept for one QoS.

    Args:
        settings: where and who. The client id gets `-publish` appended, so that the subscriber's
            session is left alone.
        in_flight: how many messages may be under way.

    Raises:
        PublishError: on entering, publishing or flushing, when the broker cannot be reached, hangs
            up or does not answer in time.
    """

    def __init__(self, settings: BrokerSettings, *, in_flight: int = IN_FLIGHT) -> None:
        self._settings = settings
        self._in_flight = in_flight
        self._room = asyncio.Semaphore(in_flight)
        self._under_way: set[asyncio.Task[None]] = set()
        self._failure: aiomqtt.MqttError | None = None
        self._client: aiomqtt.Client | None = None
        self._watch: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        settings = self._settings
        tls = settings.tls
        client = aiomqtt.Client(
            settings.host,
            settings.port,
            username=settings.username or None,
            password=settings.password or None,
            identifier=f"{settings.client_id}-publish",
            keepalive=settings.keepalive_seconds,
            timeout=ANSWER_SECONDS,
            max_inflight_messages=self._in_flight,
            tls_params=None
            if tls is None
            else aiomqtt.TLSParameters(
                ca_certs=tls.ca_file or None,
                certfile=tls.cert_file or None,
                keyfile=tls.key_file or None,
                cert_reqs=ssl.CERT_NONE if tls.insecure else ssl.CERT_REQUIRED,
            ),
            tls_insecure=None if tls is None else tls.insecure,
        )
        client.pending_calls_threshold = self._in_flight + 1  # it would warn of what we mean to do
        try:
            await client.__aenter__()
        except (aiomqtt.MqttError, OSError) as error:
            raise self._error(error) from error
        self._client = client
        self._watch = asyncio.create_task(self._until_gone(client))
        return self

    async def _until_gone(self, client: aiomqtt.Client) -> None:
        """Fail at once what is under way when the link goes, instead of waiting for each answer."""
        try:
            async for _ in client.messages:
                pass  # we subscribe to nothing
        except aiomqtt.MqttError as error:
            self._failure = error
            for task in self._under_way:
                task.cancel()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        client, self._client = self._client, None
        try:
            if kind is None:
                await self.flush()
        finally:
            for task in (*self._under_way, *filter(None, (self._watch,))):
                task.cancel()
            if client is not None:
                await self._leave(client)

    async def _leave(self, client: aiomqtt.Client) -> None:
        try:
            await client.__aexit__(None, None, None)
        except aiomqtt.MqttError:
            return  # it was gone already, and whoever still waited for an answer was told

    async def publish(
        self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False
    ) -> None:
        """Send a message; waits only while too many are under way."""
        if self._client is None:
            raise PublishError("The publisher is not connected: use it with `async with`.")
        await self._room.acquire()
        if self._failure is not None:
            self._room.release()
            raise self._error(self._failure)
        task = asyncio.create_task(self._one(self._client, topic, payload, qos, retain))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _one(
        self,
        client: aiomqtt.Client,
        topic: str,
        payload: bytes,
        qos: int,
        retain: bool,
    ) -> None:
        try:
            await client.publish(topic, payload, qos=qos, retain=retain)
        except aiomqtt.MqttError as error:
            self._failure = error
        finally:
            self._room.release()

    async def flush(self) -> None:
        """Wait until the broker has answered for everything published so far."""
        while self._under_way:
            await asyncio.wait(tuple(self._under_way))
        if self._failure is not None:
            raise self._error(self._failure)

    def _error(self, error: Exception) -> PublishError:
        return PublishError(
            f"Publishing to the broker at {self._settings.host}:{self._settings.port} failed"
            f" ({error}): check that it runs, broker.url and our access rights."
        )
