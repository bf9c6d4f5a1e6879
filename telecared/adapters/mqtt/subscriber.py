"""The port's Subscriber over paho-mqtt: connect, serve, and connect again until cancelled.

When to try again, in which version, and what to tell the inbox about outages. What happens within
a connection is in `connection`; nothing here looks at a message.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from telecared.adapters.mqtt import sentences
from telecared.adapters.mqtt.canary import canary_topic
from telecared.adapters.mqtt.connection import Connection, Loss, Wish
from telecared.adapters.mqtt.retry import Backoff, Version, VersionChoice
from telecared.ports import Arrival, BrokerSettings, Disconnected, Inbox

DEFAULT_RECEIVE_MAXIMUM: Final = 2000
"""Messages under way before the first commit has been measured."""

STABLE_SECONDS: Final = 30.0
"""A connection that lasted this long was a good one: the next outage starts with short waits."""

FRUITLESS_LIMIT: Final = 2
"""Connections without a canary, in a row, after which the broker is thought to keep them back."""

CANARY_AGAIN_SECONDS: Final = 3600.0
"""How long no canary is sent after the broker has refused one; access rules may be mended."""


def _log(sentence: str) -> None:
    structlog.get_logger("telecared.mqtt").warning("broker", problem=sentence)


class PahoSubscriber:
    """A persistent session that acknowledges only what it is told to (ports.Subscriber).

    It subscribes at QoS 1, filters as they are: that they do not overlap is the caller's care.
    All methods belong to the event loop's thread; the inbox is called on it.

    Args:
        settings: where and who.
        inbox: takes messages and changes of the link.
        filters: what to subscribe to.
        drop: stale filters of the stored session, to be unsubscribed.
        receive_maximum: asked at each connect how many messages may be under way (MQTT 5).
        report: takes sentences about what works less well than it should, and about failed
            attempts whose reason is new. The log by default.
    """

    def __init__(
        self,
        settings: BrokerSettings,
        inbox: Inbox,
        *,
        filters: Sequence[str] = (),
        drop: Sequence[str] = (),
        receive_maximum: Callable[[], int] = lambda: DEFAULT_RECEIVE_MAXIMUM,
        report: Callable[[str], object] = _log,
    ) -> None:
        self._settings = settings
        self._inbox = inbox
        self._filters = tuple(dict.fromkeys(filters))
        self._drop = tuple(each for each in dict.fromkeys(drop) if each not in self._filters)
        self._receive_maximum = receive_maximum
        self._report = report
        self._backoff = Backoff(settings.client_id)
        self._choice = VersionChoice(settings.protocol)
        self._connection: Connection | None = None
        self._connections = 0
        self._fruitless = 0
        self._no_canary_until = float("-inf")
        self._told = ""

    async def run(self) -> None:
        """Connect and reconnect with backoff until cancelled; never returns by itself.

        Cancelled, it sends DISCONNECT; the broker keeps the session and what is not acknowledged.
        Raises what the inbox raises.
        """
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            version = self._choice.next(began)
            connection = Connection(
                self._settings, self._wish(version, began), self._inbox, self._report
            )
            self._connection = connection
            try:
                loss = await connection.run()
            finally:
                self._connection = None
            again_at_once = self._learn(connection, version, loss, loop.time() - began)
            if again_at_once:
                continue
            self._tell(loss.reason)
            await asyncio.sleep(self._backoff.next_seconds())

    def acknowledge(self, messages: Sequence[Arrival]) -> None:
        """Acknowledge committed messages, the very objects that arrived, in the order received.

        One that is committed out of turn waits for those before it. Messages of QoS 0 and of
        connections that have ended are passed over.
        """
        if self._connection is not None:
            self._connection.acknowledge(messages)

    def subscribe_to(self, filters: Sequence[str], *, drop: Sequence[str] = ()) -> None:
        """Replace the filters; what is no longer among them, and `drop`, is unsubscribed."""
        new = tuple(dict.fromkeys(filters))
        stale = tuple(
            each for each in dict.fromkeys((*self._drop, *self._filters, *drop)) if each not in new
        )
        added = [each for each in new if each not in self._filters]
        self._filters, self._drop = new, stale
        if self._connection is not None:
            self._connection.subscribe(added, stale)

    def _wish(self, version: Version, now: float) -> Wish:
        return Wish(
            number=self._connections + 1,
            version=version,
            receive_maximum=self._receive_maximum(),
            filters=self._filters,
            drop=self._drop,
            send_canary=now >= self._no_canary_until,
            trust_canary=self._fruitless < FRUITLESS_LIMIT,
        )

    def _learn(self, connection: Connection, version: Version, loss: Loss, seconds: float) -> bool:
        """Draw conclusions from an ended attempt; True when another version is worth a try now."""
        now = asyncio.get_running_loop().time()
        if loss.version_refused:
            return self._choice.refused(version, now)
        if loss.hung_up:
            self._choice.dropped(version)
        if connection.was_accepted:
            self._connections = connection.number
            self._choice.accepted(version, now)
            self._told = ""
            if seconds >= STABLE_SECONDS:
                self._backoff.reset()
        if loss.unreadable:
            self._choice.refused(version, now)
        if connection.canary_refused:
            self._no_canary_until = now + CANARY_AGAIN_SECONDS
        if connection.canary_returned:
            self._fruitless = 0
        elif loss.path_dead:
            self._fruitless += 1
            if self._fruitless == FRUITLESS_LIMIT:
                topic = canary_topic(self._settings.client_id)
                self._report(sentences.canary_withheld(topic, self._settings))
        return False

    def _tell(self, reason: str) -> None:
        """Tell the inbox once an outage; later attempts only report a reason that is new."""
        if self._told == "":
            self._inbox.link(Disconnected(self._connections, reason))
        elif self._told != reason:
            self._report(reason)
        self._told = reason
