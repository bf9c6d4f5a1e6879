"""MQTT out at full speed, over paho on the event loop: for simulated homes by the ten thousand.

Messages leave in pipelined batches, with a bound on those that the broker has not answered. Never
for receiving, and never for alerts. A lost link is an error here; whoever publishes decides.
"""

import asyncio
import socket
import ssl
from types import TracebackType
from typing import Final, Self

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from telecared.errors import PublishError
from telecared.ports import BrokerSettings, TlsFiles

IN_FLIGHT: Final = 200
"""Messages handed to the broker and not yet answered, before `publish` waits."""

BATCH: Final = 50
"""Messages that are put together before they are written."""

ANSWER_SECONDS: Final = 10.0
"""How long the broker may take for a connect, or may answer nothing while we wait."""

TICK_SECONDS: Final = 1.0
"""Between two looks at the keepalive."""


class FloodPublisher:
    """A clean, short-lived session that publishes in order, whatever the QoS.

    Args:
        settings: where and who. The client id gets `-publish` appended.
        in_flight: how many messages may be unanswered.

    Raises:
        PublishError: on entering, publishing or flushing, when the broker cannot be reached, hangs
            up or does not answer in time.
    """

    def __init__(self, settings: BrokerSettings, *, in_flight: int = IN_FLIGHT) -> None:
        self._settings = settings
        self._in_flight = in_flight
        self._under_way = 0
        self._queued = 0
        self._answers = 0
        self._fd = -1
        self._failure = ""
        self._writing = False
        self._changed: asyncio.Future[None] | None = None
        self._ticking: asyncio.Task[None] | None = None
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"{settings.client_id}-publish",
            clean_session=True,
            protocol=MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
        )
        client.connect_timeout = ANSWER_SECONDS
        client.max_inflight_messages_set(in_flight + 1)  # the bound is kept here
        client.max_queued_messages_set(0)
        if settings.username:
            client.username_pw_set(settings.username, settings.password or None)
        client.on_connect = self._on_connect
        client.on_publish = self._on_publish
        client.on_disconnect = self._on_disconnect
        self._client = client
        self._accepted = False

    async def __aenter__(self) -> Self:
        settings, client = self._settings, self._client
        try:
            if settings.tls is not None:
                client.tls_set_context(_tls(settings.tls))
                client.tls_insecure_set(settings.tls.insecure)
            await asyncio.to_thread(
                client.connect, settings.host, settings.port, settings.keepalive_seconds
            )
        except (OSError, ValueError) as error:
            raise self._error(str(error)) from error
        link = client.socket()
        if link is None:
            raise self._error("the link closed at once")
        if isinstance(link, socket.socket):
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._fd = link.fileno()
        # From here on paho only queues what is to be sent, and we write it in one visit.
        client.on_socket_register_write = lambda *_: None
        client.on_socket_close = lambda *_: self._detach()
        asyncio.get_running_loop().add_reader(self._fd, self._read)
        self._write()
        while not self._accepted:
            await self._wait()
        self._ticking = asyncio.create_task(self._tick())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                await self.flush()
        finally:
            if self._ticking is not None:
                self._ticking.cancel()
            self._client.on_disconnect = None
            if not self._failure:
                self._client.disconnect()
                self._client.loop_write()
            self._detach()

    async def publish(
        self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False
    ) -> None:
        """Take a message; it leaves with its batch. Waits only while too many are unanswered."""
        if self._failure:
            raise self._error(self._failure)
        while qos and self._under_way >= self._in_flight:
            self._write()
            await self._wait()
        self._client.publish(topic, payload, qos, retain)
        self._under_way += 1
        self._queued += 1
        if self._queued >= BATCH:
            self._write()

    def push(self) -> None:
        """Write what has been taken; a batch that is not full does not wait for more."""
        if self._queued:
            self._write()

    async def flush(self) -> None:
        """Wait until the broker has answered for everything published so far."""
        self._write()
        while self._under_way:
            await self._wait()
        if self._failure:
            raise self._error(self._failure)

    # --- the socket -----------------------------------------------------------------------------

    def _write(self) -> None:
        self._queued = 0
        if self._fd < 0:
            return
        self._client.loop_write()
        blocked = self._fd >= 0 and self._client.want_write()
        if blocked != self._writing and self._fd >= 0:
            loop = asyncio.get_running_loop()
            if blocked:
                loop.add_writer(self._fd, self._write)
            else:
                loop.remove_writer(self._fd)
            self._writing = blocked

    def _read(self) -> None:
        for _ in range(self._in_flight):
            before = self._answers
            result = self._client.loop_read()
            if result != MQTTErrorCode.MQTT_ERR_SUCCESS or self._answers == before:
                break
        self._tell()

    def _tell(self) -> None:
        changed, self._changed = self._changed, None
        if changed is not None and not changed.done():
            changed.set_result(None)

    async def _wait(self) -> None:
        """Wait until the broker has said something."""
        if self._failure:
            raise self._error(self._failure)
        if self._changed is None:
            self._changed = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait_for(asyncio.shield(self._changed), ANSWER_SECONDS)
        except TimeoutError:
            raise self._error("it does not answer") from None
        if self._failure:
            raise self._error(self._failure)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self._client.loop_misc()
            self._write()

    def _detach(self) -> None:
        if self._fd >= 0:
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._fd)
            loop.remove_writer(self._fd)
        self._fd = -1

    # --- what paho calls ------------------------------------------------------------------------

    def _on_connect(
        self,
        _client: Client,
        _data: object,
        _flags: ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._answers += 1
        if reason.is_failure:
            self._failure = reason.getName()
        self._accepted = not reason.is_failure

    def _on_publish(
        self,
        _client: Client,
        _data: object,
        _request: int,
        _reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._answers += 1
        self._under_way -= 1

    def _on_disconnect(
        self,
        _client: Client,
        _data: object,
        _flags: DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._failure = self._failure or reason.getName() or "the link was lost"
        self._tell()

    def _error(self, why: str) -> PublishError:
        return PublishError(
            f"Publishing to the broker at {self._settings.host}:{self._settings.port} failed"
            f" ({why}): check that it runs, broker.url and our access rights."
        )


def _tls(files: TlsFiles) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=files.ca_file or None)
    if files.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if files.cert_file:
        context.load_cert_chain(files.cert_file, files.key_file or None)
    return context
