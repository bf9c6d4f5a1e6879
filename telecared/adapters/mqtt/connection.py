"""One connection to the broker, from CONNECT to the loss of the link.

What is owed to the broker, the canary, and which filters were granted. Whether to connect again
is the subscriber's part; sockets are the wire's; what messages mean is nobody's here.
"""

import asyncio
import contextlib
import os
import threading
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
from paho.mqtt.client import topic_matches_sub

from telecared.adapters.mqtt import sentences
from telecared.adapters.mqtt.canary import Canary, canary_topic
from telecared.adapters.mqtt.owed import Owed
from telecared.adapters.mqtt.retry import Version
from telecared.adapters.mqtt.wire import ANSWER_SECONDS, UNREADABLE, Wire
from telecared.ports import Arrival, BrokerSettings, Connected, Drained, Inbox, LinkEvent

TICK_SECONDS: Final = 1.0
"""Longest time between two looks at the keepalive."""

REFUSED_FROM: Final = 0x80
"""Reason codes from here on are failures, in MQTT 5 and in a SUBACK of 3.1.1."""

UNSUPPORTED_VERSION: Final = "Unsupported protocol version"
"""How MQTT names the refusal of a version."""

KEEPALIVE_PASSED: Final = "Keep alive timeout"
"""How MQTT names the silence of a peer."""


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """How a connection ended.

    Attributes:
        reason: one sentence.
        hung_up: the broker closed the connection before it had answered CONNECT.
        version_refused: the broker does not speak this version of MQTT.
        path_dead: nothing came from the broker any more, not even our canaries.
        unreadable: what the broker sent could not be read in MQTT 5. Some message carries it, and
            would come again; older MQTT leaves out what a sender adds beside the payload.
    """

    reason: str
    hung_up: bool = False
    version_refused: bool = False
    path_dead: bool = False
    unreadable: bool = False


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a connection is to be like.

    Attributes:
        number: its number, should the broker accept it.
        version: which MQTT to speak.
        receive_maximum: messages the broker may hand over unacknowledged (MQTT 5).
        filters: what to subscribe to.
        drop: what an earlier run had subscribed to in this session and nobody wants any more.
        send_canary: not when the broker has just refused one: mosquitto 2.0 hangs up over it.
        trust_canary: hang up when canaries stay away; not when the broker is known to keep them.
    """

    number: int
    version: Version
    receive_maximum: int
    filters: tuple[str, ...]
    drop: tuple[str, ...]
    send_canary: bool
    trust_canary: bool


class Connection:
    """A connection that feeds an inbox. All methods belong to the event loop's thread.

    Args:
        settings: where and who.
        wish: what this connection is to be like.
        inbox: what it hears goes there.
        report: takes sentences about what works less well than it should.
    """

    def __init__(
        self,
        settings: BrokerSettings,
        wish: Wish,
        inbox: Inbox,
        report: Callable[[str], object],
    ) -> None:
        self._settings = settings
        self._wish = wish
        self._inbox = inbox
        self._report = report
        self._loop = asyncio.get_running_loop()
        self._lost: asyncio.Future[Loss] = self._loop.create_future()
        self._accepted: asyncio.Future[None] = self._loop.create_future()
        self._wire = Wire(settings, wish.version, wish.number, self)
        self._owed = Owed()
        self._batch: list[Arrival] = []
        self._before: list[tuple[list[Arrival], LinkEvent]] = []
        # The process and its monotonic clock tell this connection from those of earlier
        # processes, whose canaries the session may still hold.
        self._canary = Canary(f"{os.getpid()}-{self._loop.time():.6f}-{wish.number}")
        self._canary_topic = canary_topic(settings.client_id)
        self._canary_allowed = wish.send_canary
        self._canary_refused = False
        self._asked: dict[int, tuple[str, ...]] = {}
        self._granted: set[str] = set()
        self._refused: set[str] = set()
        self._sign_of_life = False
        self._next_beat = float("inf")

    # --- from the outside ---------------------------------------------------------------------

    @property
    def number(self) -> int:
        """The number that its messages bear."""
        return self._wish.number

    @property
    def was_accepted(self) -> bool:
        """Whether the broker took our CONNECT."""
        return self._accepted.done()

    @property
    def canary_returned(self) -> bool:
        """Whether any canary of this connection has come back."""
        return self._canary.returned

    @property
    def canary_refused(self) -> bool:
        """Whether the broker has said that it will not carry our canary."""
        return self._canary_refused

    async def run(self) -> Loss:
        """Connect, serve and return how it ended. Cancelled, it disconnects and keeps the session.

        Raises whatever the inbox raises: its troubles are not the broker's.
        """
        connecting = self._connecting()
        try:
            if failure := await asyncio.shield(connecting):
                return Loss(reason=failure)
            self._wire.attach()
            self._next_beat = self._loop.time() + self._settings.keepalive_seconds
            self._tick()
            return await self._serve()
        finally:
            if connecting.done():
                self._close()
            else:
                connecting.add_done_callback(lambda _: self._close())

    def _connecting(self) -> asyncio.Future[str]:
        """Open the socket in a thread that no stop waits for: a name server may take minutes."""
        opened: asyncio.Future[str] = self._loop.create_future()

        def tell(failure: str, error: BaseException | None) -> None:
            if error is not None:
                opened.set_exception(error)
            else:
                opened.set_result(failure)

        def connect() -> None:
            failure, raised = "", None
            try:
                failure = self._wire.connect(self._wish.receive_maximum)
            except BaseException as error:  # noqa: BLE001 - whoever awaits it gets it
                raised = error
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(tell, failure, raised)

        threading.Thread(target=connect, name="mqtt-connect", daemon=True).start()
        return opened

    async def _serve(self) -> Loss:
        waiting_for: tuple[asyncio.Future[None], asyncio.Future[Loss]]
        waiting_for = (self._accepted, self._lost)
        first = asyncio.FIRST_COMPLETED
        await asyncio.wait(waiting_for, timeout=ANSWER_SECONDS, return_when=first)
        if not self._accepted.done():
            self._lose(Loss(reason=sentences.mute(self._settings)))
        loss = await self._lost
        self.read_through()
        return loss

    def acknowledge(self, messages: Sequence[Arrival]) -> None:
        """Acknowledge what is committed, as far as it is its turn."""
        due = self._owed.committed(messages)
        if due and not self._lost.done():
            self._wire.acknowledge(due)

    def subscribe(self, filters: Sequence[str], drop: Sequence[str]) -> None:
        """Ask for `filters` and give up `drop`: at once, or as soon as the broker accepts us."""
        if not self._accepted.done():
            wish = self._wish
            wanted = dict.fromkeys((*wish.filters, *filters))
            self._wish = msgspec.structs.replace(
                wish,
                filters=tuple(each for each in wanted if each not in drop),
                drop=tuple(
                    each for each in dict.fromkeys((*wish.drop, *drop)) if each not in filters
                ),
            )
            return
        if self._lost.done():
            return
        # First the new comes, then the old goes: a message may come twice, never not at all.
        if filters:
            self._asked[self._wire.subscribe(filters)] = tuple(filters)
        if drop:
            self._granted.difference_update(drop)
            self._refused.difference_update(drop)
            self._wire.unsubscribe(drop)

    def _close(self) -> None:
        self._lose(Loss(reason="We have stopped listening."))
        self._wire.close(politely=self._accepted.done())

    def _lose(self, loss: Loss) -> None:
        if not self._lost.done():
            self._lost.set_result(loss)

    # --- signs of life ------------------------------------------------------------------------

    def _tick(self) -> None:
        if self._lost.done():
            return
        self._wire.read()  # what waits in the socket is a sign of life: look before judging
        self._wire.keep_alive()
        now = self._loop.time()
        if now >= self._next_beat:
            self._next_beat = now + self._settings.keepalive_seconds
            self._beat()
        self._loop.call_later(min(TICK_SECONDS, self._settings.keepalive_seconds / 4), self._tick)

    def _beat(self) -> None:
        if not self._accepted.done() or self._lost.done():
            return
        # A broker whose window is full hands over nothing, its canaries neither, and lives.
        alive = self._sign_of_life or len(self._owed) > 0
        self._sign_of_life = False
        dead = self._canary.period_passed(alive=alive)
        if dead and self._canary_allowed and self._wish.trust_canary:
            reason = sentences.path_dead(self._canary_topic, self._settings)
            self._lose(Loss(reason=reason, path_dead=True))
            return
        if self._granted:
            self._send_canary()
        if self._refused:
            self.subscribe(sorted(self._refused), ())

    def _send_canary(self) -> None:
        payload = self._canary.next_payload() if self._canary_allowed else None
        if payload is not None:
            self._wire.publish(self._canary_topic, payload)

    def _do_without_canary(self) -> None:
        self._canary_refused = True
        if self._canary_allowed:
            self._canary_allowed = False
            self._report(sentences.canary_withheld(self._canary_topic, self._settings))

    # --- what the wire tells ------------------------------------------------------------------

    def accepted(self, *, session_present: bool, session_expiry: int | None) -> None:
        """Announce the connection, then ask for the filters: kept messages may come at once."""
        wish = self._wish
        if self._accepted.done() or self._lost.done():
            return
        self._accepted.set_result(None)
        self._announce(Connected(wish.number, session_present, int(wish.version)))
        if session_expiry is not None and session_expiry < self._settings.session_expiry_seconds:
            self._report(sentences.session_shortened(session_expiry, self._settings))
        filters = wish.filters
        if wish.send_canary and not any(
            topic_matches_sub(each, self._canary_topic) for each in filters
        ):
            filters = (*filters, self._canary_topic)
        self.subscribe(filters, wish.drop if session_present else ())

    def refused(self, reason: str) -> None:
        """End here: the broker does not want us, or not like this."""
        sentence = sentences.refused(reason, self._settings)
        self._lose(Loss(reason=sentence, version_refused=reason == UNSUPPORTED_VERSION))

    def granted(self, request: int, answers: Sequence[tuple[int, str]]) -> None:
        """Note what was granted; a link that was granted nothing is no link."""
        why = ""
        asked = self._asked.pop(request, ())
        for topic_filter, (code, name) in zip(asked, answers, strict=False):
            if code < REFUSED_FROM:
                self._refused.discard(topic_filter)
                self._granted.add(topic_filter)
                if code == 0:
                    self._report(sentences.filter_weakened(topic_filter, self._settings))
            elif topic_filter == self._canary_topic:
                self._do_without_canary()
            else:
                why = sentences.filter_refused(topic_filter, name, self._settings)
                if topic_filter not in self._refused:
                    self._report(why)
                self._refused.add(topic_filter)
        if why and not self._granted - {self._canary_topic}:
            self._lose(Loss(reason=why))
        elif self._granted:
            self._send_canary()

    def published(self, *, taken: bool) -> None:
        """Note that the broker will not carry our canary."""
        if not taken:
            self._do_without_canary()

    def heard(self, message: Arrival) -> None:
        """Take a message; our canary goes no further than here."""
        self._sign_of_life = True
        if message.qos:
            self._owed.took(message)
        if message.topic != self._canary_topic:
            self._batch.append(message)
            return
        # Nobody commits a canary: it is acknowledged once what came before it is.
        self.acknowledge((message,))
        first = not self._canary.returned
        if self._canary.came_back(message.payload) and first:
            self._announce(Drained(self._wish.number))

    def gone(self, reason: str) -> None:
        """Note that the connection has ended."""
        if reason == UNREADABLE and self._wish.version == 5:
            self._lose(Loss(reason=sentences.unreadable(self._settings), unreadable=True))
        elif self._accepted.done():
            self._lose(Loss(reason=sentences.ended(reason, self._settings)))
        elif reason == KEEPALIVE_PASSED:
            self._lose(Loss(reason=sentences.mute(self._settings)))
        else:
            self._lose(Loss(reason=sentences.hung_up(self._settings), hung_up=True))

    def _announce(self, event: LinkEvent) -> None:
        self._before.append((self._batch, event))
        self._batch = []

    def read_through(self) -> None:
        """Hand over what was heard, in order. Never inside paho, which must not be re-entered."""
        while self._before:
            batch, event = self._before.pop(0)
            if batch:
                self._inbox.arrived(batch)
            self._inbox.link(event)
        if self._batch:
            batch, self._batch = self._batch, []
            self._inbox.arrived(batch)

    def failed(self, error: Exception) -> None:
        """Pass the inbox's failure to whoever awaits `run`."""
        if self._lost.done():
            about = {"message": "the inbox failed after the link had ended", "exception": error}
            self._loop.call_exception_handler(about)
        else:
            self._lost.set_exception(error)
