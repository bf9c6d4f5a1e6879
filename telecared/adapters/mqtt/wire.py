"""paho-mqtt driven by the event loop: sockets, system calls and paho's callbacks, nothing else.

The only module that imports paho for receiving. What a message, a refusal or silence means is
decided by the `Listener`; a second transport replaces this module and keeps the rest.
"""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from typing import Final, Protocol

import structlog
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from telecared.adapters.mqtt import sentences
from telecared.adapters.mqtt.retry import Version
from telecared.ports import Arrival, BrokerSettings, TlsFiles

ANSWER_SECONDS: Final = 10.0
"""How long opening the connection may take, and then the answer to CONNECT."""

BATCH_MESSAGES: Final = 256
"""Packets read before other work on the event loop gets its turn."""

REST_SECONDS: Final = 0.002
"""How long a busy socket is left alone. A quiet one is read at once."""

MAXIMUM_PACKET_BYTES: Final = 1 << 20
"""MQTT 5 brokers drop larger ones: one message must not fill our memory, now or redelivered."""

UNREADABLE: Final = "Protocol error"
"""How MQTT names a packet that cannot be read."""

LARGEST_RECEIVE_MAXIMUM: Final = 65_535
"""The protocol's own limit."""


_log = structlog.get_logger("telecared.mqtt")


class Listener(Protocol):
    """Who hears what comes over the wire.

    Called inside paho: it must not call the wire's `read` or `close`; asking to send is fine.
    """

    def accepted(self, *, session_present: bool, session_expiry: int | None) -> None:
        """The broker took our CONNECT; `session_expiry` only where it named its own."""
        ...

    def refused(self, reason: str) -> None:
        """The broker refused our CONNECT; MQTT's name of the reason."""
        ...

    def granted(self, request: int, answers: Sequence[tuple[int, str]]) -> None:
        """A SUBACK: code and name for each filter of that request."""
        ...

    def published(self, *, taken: bool) -> None:
        """The broker answered our own publish."""
        ...

    def heard(self, message: Arrival) -> None:
        """A message."""
        ...

    def gone(self, reason: str) -> None:
        """The connection ended; MQTT's name of the reason, or "" when nobody said any."""
        ...

    def read_through(self) -> None:
        """One visit to the socket is over. Called outside paho: everything is allowed."""
        ...

    def failed(self, error: Exception) -> None:
        """`read_through` raised."""
        ...


def tls_context(files: TlsFiles) -> ssl.SSLContext:
    """Return the context for a secured link. Raises OSError when a file cannot be used."""
    context = ssl.create_default_context(cafile=files.ca_file or None)
    if files.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if files.cert_file:
        context.load_cert_chain(files.cert_file, files.key_file or None)
    return context


class Wire:
    """One connection's socket. Everything but `connect` belongs to the event loop's thread.

    Args:
        settings: where and who.
        version: which MQTT to speak.
        number: the connection's, written into each Arrival.
        listener: hears everything.
    """

    def __init__(
        self, settings: BrokerSettings, version: Version, number: int, listener: Listener
    ) -> None:
        self._settings = settings
        self._version = version
        self._number = number
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        self._fd = -1
        self._tls: ssl.SSLSocket | None = None
        self._reading = False
        self._writing = False
        self._packets = 0
        self._last_read = float("-inf")
        v5 = version == 5
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=settings.client_id,
            clean_session=None if v5 else False,
            protocol=MQTTProtocolVersion.MQTTv5 if v5 else MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.connect_timeout = ANSWER_SECONDS
        if settings.username:
            client.username_pw_set(settings.username, settings.password or None)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        client.on_disconnect = self._on_disconnect
        client.on_socket_close = lambda _client, _data, _socket: self._detach()
        self._client = client

    @property
    def is_open(self) -> bool:
        """Whether there is a socket on the event loop."""
        return self._fd >= 0

    def connect(self, receive_maximum: int) -> str:
        """Open the socket and send CONNECT; blocks, so call it in a thread.

        Returns the sentence that says why it failed, or "".
        """
        settings, client = self._settings, self._client
        if settings.tls is not None:
            try:
                client.tls_set_context(tls_context(settings.tls))
            except OSError as error:
                return sentences.tls_unreadable(error)
            if settings.tls.insecure:
                client.tls_insecure_set(True)
        try:
            if self._version == 5:
                client.connect(
                    settings.host,
                    settings.port,
                    settings.keepalive_seconds,
                    clean_start=False,
                    properties=self._connect_properties(receive_maximum),
                )
            else:
                client.connect(settings.host, settings.port, settings.keepalive_seconds)
        except OSError as error:
            return sentences.not_reached(error, settings)
        except UnicodeError:  # a host that cannot even be asked for
            return sentences.not_reached(socket.gaierror(), settings)
        return ""

    def _connect_properties(self, receive_maximum: int) -> Properties:
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = self._settings.session_expiry_seconds
        properties.ReceiveMaximum = max(1, min(receive_maximum, LARGEST_RECEIVE_MAXIMUM))
        properties.MaximumPacketSize = MAXIMUM_PACKET_BYTES
        return properties

    def attach(self) -> None:
        """Put the connected socket on the event loop; from here on the listener hears."""
        link = self._client.socket()
        if link is None:
            self._listener.gone("")
            return
        if isinstance(link, socket.socket):
            # Otherwise a request may wait 40 ms for the broker to confirm what went before it.
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._fd = link.fileno()
        self._tls = link if isinstance(link, ssl.SSLSocket) else None
        # From here on paho only queues what is to be sent, and we write it in one visit.
        self._client.on_socket_register_write = self._on_want_write
        self._loop.add_reader(self._fd, self.read)
        self._reading = True
        self._write()
        self.read()

    def _detach(self) -> None:
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)
            self._loop.remove_writer(self._fd)
        self._fd = -1
        self._reading = self._writing = False
        self._tls = None

    def close(self, *, politely: bool) -> None:
        """Let go of the socket; politely with a DISCONNECT, which keeps the session."""
        link = self._client.socket()
        if link is None:
            return
        if politely:
            self._client.disconnect()
            self._client.loop_write()
        self._detach()
        link.close()

    # --- sending ------------------------------------------------------------------------------

    def acknowledge(self, messages: Sequence[Arrival]) -> None:
        """Queue acknowledgements, in this order; they leave in the loop's next round."""
        ack = self._client.ack
        for message in messages:
            ack(message.packet_id, message.qos)

    def subscribe(self, filters: Sequence[str]) -> int:
        """Ask for filters at QoS 1 and return the request's number for `granted`."""
        _, request = self._client.subscribe([(topic_filter, 1) for topic_filter in filters])
        return request or 0

    def unsubscribe(self, filters: Sequence[str]) -> None:
        """Give filters up."""
        self._client.unsubscribe(list(filters))

    def publish(self, topic: str, payload: bytes) -> None:
        """Publish at QoS 1."""
        self._client.publish(topic, payload, qos=1)

    def _write(self) -> None:
        if self._fd < 0:
            return
        self._client.loop_write()
        blocked = self._fd >= 0 and self._client.want_write()
        if blocked and not self._writing:
            self._loop.add_writer(self._fd, self._write)
        elif self._writing and not blocked and self._fd >= 0:
            self._loop.remove_writer(self._fd)
        self._writing = blocked

    # --- receiving ----------------------------------------------------------------------------

    def read(self) -> None:
        """Read what is there as one batch, then leave a busy socket alone for a moment."""
        if self._fd < 0:
            return
        client, first = self._client, self._packets
        for _ in range(BATCH_MESSAGES):
            before = self._packets
            try:
                result = client.loop_read()
            except Exception as error:  # noqa: BLE001 - paho would stumble over it again and again
                # Its type only: the text of such an error may quote the packet.
                _log.warning("packet.unreadable", error=type(error).__name__)
                self._listener.gone(UNREADABLE)
                break
            # paho reports "nothing there" as success: only a callback tells that a packet came.
            if result != MQTTErrorCode.MQTT_ERR_SUCCESS or self._packets == before:
                break
        try:
            self._listener.read_through()
        except Exception as error:  # noqa: BLE001 - handed to whoever supervises the connection
            self._listener.failed(error)
        if self._fd >= 0:
            self._plan_next_read(self._packets - first)

    def _plan_next_read(self, got: int) -> None:
        now = self._loop.time()
        busy = got > 0 and now - self._last_read < 2 * REST_SECONDS
        self._last_read = now
        if got >= BATCH_MESSAGES or (self._tls is not None and self._tls.pending()):
            self._loop.call_soon(self.read)
        elif busy:
            # A broker writes one packet a system call: an eager reader wakes once a packet.
            if self._reading:
                self._loop.remove_reader(self._fd)
                self._reading = False
            self._loop.call_later(REST_SECONDS, self.read)
        elif not self._reading:
            self._loop.add_reader(self._fd, self.read)
            self._reading = True

    def keep_alive(self) -> None:
        """Look after pings; a peer that no longer answers them ends in `gone`."""
        if self._fd >= 0:
            self._client.loop_misc()

    # --- what paho calls ----------------------------------------------------------------------

    def _on_want_write(self, _client: Client, _data: object, _socket: object) -> None:
        self._loop.call_soon(self._write)

    def _on_connect(
        self,
        _client: Client,
        _data: object,
        flags: ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        self._packets += 1
        if reason.is_failure:
            self._listener.refused(reason.getName())
        else:
            expiry = getattr(properties, "SessionExpiryInterval", None)
            self._listener.accepted(session_present=flags.session_present, session_expiry=expiry)

    def _on_subscribe(
        self,
        _client: Client,
        _data: object,
        request: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        self._packets += 1
        self._listener.granted(request, [(reason.value, reason.getName()) for reason in reasons])

    def _on_publish(
        self,
        _client: Client,
        _data: object,
        _request: int,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._packets += 1
        self._listener.published(taken=not reason.is_failure)

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self._packets += 1
        try:
            topic = message.topic
        except UnicodeDecodeError as error:  # a broken input is a fact: it is passed on readable
            topic = error.object.decode("utf-8", "backslashreplace")
        self._listener.heard(
            Arrival(
                topic,
                bytes(message.payload),
                message.qos,
                message.retain,
                message.dup,
                message.mid,
                self._number,
            )
        )

    def _on_disconnect(
        self,
        _client: Client,
        _data: object,
        _flags: DisconnectFlags,
        reason: ReasonCode | None,
        _properties: Properties | None,
    ) -> None:
        self._packets += 1
        self._listener.gone("" if reason is None else reason.getName())
