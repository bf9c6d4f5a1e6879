"""The broker of a night: keeps what is not acknowledged, redelivers it, loses a session at times.

Messages of one topic keep their order, those of different topics need not. It stands at the place
of the MQTT adapter (ports.Subscriber); what a message means is nobody's concern here.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from telecared.ports import Arrival, Connected, Disconnected, Drained, Inbox
from telecared.sim.nights.world import World


class Message(msgspec.Struct):
    """One message that a device gave to the broker.

    Attributes:
        at: the loop's time at which it may be handed over.
        lost: the broker lost it, as it may: nobody promised anything.
    """

    number: int
    topic: str
    payload: bytes
    qos: int
    at: float
    lost: bool = False


class Life(Protocol):
    """What the broker knows of a life of the daemon."""

    alive: bool

    @property
    def inbox(self) -> Inbox:
        """Where messages go."""
        ...


class Broker:
    """One broker with one session, ours.

    Attributes:
        published: every message, oldest first.
        acknowledged: told what is acknowledged, at that moment.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._chance = world.chance("broker")
        self.acknowledged: Callable[[Message], None] = lambda _: None
        self._session = False
        self._queue: list[Message] = []
        self._in_flight: dict[int, Message] = {}
        self._last_of_topic: dict[str, float] = {}
        self._packet = 0
        self._life: Life | None = None
        self._connection = 0
        self._connections = 0
        self._of: Life | None = None
        self.published: list[Message] = []

    @property
    def is_linked(self) -> bool:
        """Whether somebody is connected."""
        return self._life is not None

    @property
    def waits(self) -> bool:
        """Whether something is not acknowledged yet."""
        return bool(self._queue or self._in_flight)

    def publish(self, topic: str, payload: bytes, *, qos: int, delay: float = 0.0) -> Message:
        """Take a message from a device and hand it over after `delay` seconds at the earliest."""
        delay = 0.0 if self._world.calm else delay
        at = max(self._world.loop.time() + delay, self._last_of_topic.get(topic, 0.0))
        self._last_of_topic[topic] = at
        message = Message(len(self.published), topic, payload, qos, at)
        self.published.append(message)
        if not self._session or (qos == 0 and self._life is None):
            message.lost = True
            return message
        self._queue.append(message)
        self._world.loop.call_at(at, self._pump)
        return message

    def hurry(self) -> None:
        """Hand over at once what is held back."""
        now = self._world.loop.time()
        for message in self._queue:
            message.at = min(message.at, now)
        self._last_of_topic.clear()
        self._pump()

    # --- the link -------------------------------------------------------------------------------

    def connect(self, life: Life, *, lose_session: bool = False, drains_in: float | None) -> None:
        """Accept a connection; `drains_in` None loses the canary."""
        if not life.alive:
            return
        if lose_session:
            for message in (*self._queue, *self._in_flight.values()):
                message.lost = True
            self._queue.clear()
            self._in_flight.clear()
            self._session = False
        resumed, self._session = self._session, True
        self._life = life
        self._connections = self._connections + 1 if self._of is life else 1
        self._of = life
        self._connection = self._connections
        self._world.trace(f"broker: connection {self._connection}, resumed {resumed}")
        life.inbox.link(Connected(self._connection, session_present=resumed, protocol=5))
        again = [
            self._arrival(message, packet, redelivered=True)
            for packet, message in self._in_flight.items()
        ]
        if again:
            life.inbox.arrived(again)
        self._pump()
        if drains_in is not None:
            connection = self._connection
            self._world.loop.call_later(drains_in, self._drained, life, connection)

    def _drained(self, life: Life, connection: int) -> None:
        if self._life is life and self._connection == connection:
            life.inbox.link(Drained(connection))

    def disconnect(self) -> None:
        """The link breaks, and both ends know."""
        if self._life is not None:
            self._world.trace("broker: the link is lost")
            self._life.inbox.link(Disconnected(self._connection, "the broker is gone"))
            self._life = None

    def forget(self, life: Life) -> None:
        """The daemon died: its connection is gone, and nobody is told."""
        if self._life is life:
            self._life = None

    # --- messages -------------------------------------------------------------------------------

    def _pump(self) -> None:
        if self._life is None:
            return
        now = self._world.loop.time()
        due = [message for message in self._queue if message.at <= now]
        if not due:
            return
        self._queue = [message for message in self._queue if message.at > now]
        arrivals = []
        for message in due:
            packet = 0
            if message.qos:
                packet = self._free_packet()
                self._in_flight[packet] = message
            arrivals.append(self._arrival(message, packet, redelivered=False))
        self._life.inbox.arrived(arrivals)

    def _free_packet(self) -> int:
        # Few numbers, used again soon: that is what redelivery must be told apart by.
        while True:
            self._packet = self._packet % 20 + 1 if len(self._in_flight) < 15 else self._packet + 1
            if self._packet not in self._in_flight:
                return self._packet

    def _arrival(self, message: Message, packet: int, *, redelivered: bool) -> Arrival:
        return Arrival(
            topic=message.topic,
            payload=message.payload,
            qos=message.qos,
            retained=False,
            redelivered=redelivered,
            packet_id=packet,
            connection=self._connection,
        )

    def acknowledge(self, life: Life, messages: Sequence[Arrival]) -> None:
        """Take acknowledgements; they travel, and a link that breaks meanwhile loses them."""
        for arrival in messages:
            known = self._in_flight.get(arrival.packet_id)
            if life is not self._life or arrival.connection != self._connection:
                continue
            if known is not None and known.payload == arrival.payload:
                self.acknowledged(known)
        travel = self._chance.choice((0.0, 0.0, 0.01, 0.3))
        self._world.loop.call_later(travel, self._forget, life, self._connection, list(messages))

    def _forget(self, life: Life, connection: int, messages: list[Arrival]) -> None:
        if life is not self._life or connection != self._connection:
            return
        for arrival in messages:
            if arrival.connection == connection:
                self._in_flight.pop(arrival.packet_id, None)


class Session:
    """Our end of the session, of one life of the daemon (ports.Subscriber)."""

    def __init__(self, broker: Broker, life: Life) -> None:
        self._broker = broker
        self._life = life

    async def run(self) -> None:
        """The links of a night are made and broken by its faults."""

    def acknowledge(self, messages: Sequence[Arrival]) -> None:
        """Acknowledge what is committed."""
        if self._life.alive:
            self._broker.acknowledge(self._life, messages)

    def subscribe_to(self, filters: Sequence[str], *, drop: Sequence[str] = ()) -> None:
        """Everything is delivered; filters are the real adapter's matter."""
