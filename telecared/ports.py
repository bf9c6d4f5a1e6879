"""The ports between the engine and the world: what an adapter must offer, in the project's words.

Protocols and the plain values that cross them. No adapter is named here, and nothing is decided.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, Protocol

import msgspec

from telecared.core.prompts import Prompt
from telecared.core.vocabulary import Duration, Instant, NotificationState, Priority, Stage


class Clock(Protocol):
    """Engine time: it never falls and is never stepped (design 3.1, decision 4)."""

    def now(self) -> Instant:
        """Return the engine time in microseconds UTC."""
        ...

    def wall_offset(self) -> Duration:
        """Return wall clock minus engine time, for local windows only."""
        ...

    def real_seconds_until(self, instant: Instant) -> float:
        """Return how many real seconds to wait until `instant`; negative when it is past."""
        ...


# --- the broker ---------------------------------------------------------------------------------

LONGEST_KEEPALIVE = 15
"""Seconds: a half-open link takes up to two keepalives to show, and people wait meanwhile."""


class TlsFiles(msgspec.Struct, frozen=True):
    """How the link to the broker is secured.

    Attributes:
        ca_file: the authority that signed the broker's certificate; "" for the system's own list.
        cert_file: our own certificate, for brokers that ask for one; "" for none.
        key_file: its key; "" when it stands in `cert_file`.
        insecure: accept any certificate. For a test bench only: anybody can then read along.
    """

    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    insecure: bool = False


class BrokerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where the broker is and who we are to it, with secrets resolved.

    Attributes:
        host: name or address.
        port: 1883 plain, 8883 TLS by custom.
        tls: None for a plain link.
        username: "" for none.
        password: never shown by `repr`.
        client_id: fixed, and nobody else's: the session that keeps our messages hangs on it.
        keepalive_seconds: 1 to LONGEST_KEEPALIVE.
        session_expiry_seconds: how long the broker keeps our session while we are away (MQTT 5).
        protocol: `auto` tries MQTT 5 first and falls back to 3.1.1.

    Raises:
        ValueError: a value is out of its range; the sentence says which.
    """

    host: str
    port: int = 1883
    tls: TlsFiles | None = None
    username: str = ""
    password: str = ""
    client_id: str = "telecared"
    keepalive_seconds: int = 10
    session_expiry_seconds: int = 7 * 86_400
    protocol: Literal["auto", "5", "3.1.1"] = "auto"

    def __post_init__(self) -> None:
        if not 1 <= self.keepalive_seconds <= LONGEST_KEEPALIVE:
            raise ValueError(f"broker.keepalive must be 1 to {LONGEST_KEEPALIVE} seconds.")
        if not self.client_id or set(self.client_id) & set("/+#"):
            raise ValueError("broker.client_id must be set and hold none of / + #.")

    def __repr__(self) -> str:
        return f"BrokerSettings({self.host}:{self.port}, client_id={self.client_id!r})"


# --- messages in ------------------------------------------------------------------------------


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """One MQTT message as it came off the wire.

    Attributes:
        topic: as the broker named it.
        payload: the bytes, whatever they are.
        qos: 0, 1 or 2 as delivered.
        retained: delivered because it was kept by the broker, not because it just happened.
        redelivered: the broker's DUP flag.
        packet_id: the id to acknowledge; 0 for QoS 0.
        connection: counts the connections of this process from 1. A packet id means something
            only within its connection (and the session that it resumes).
    """

    topic: str
    payload: bytes
    qos: int
    retained: bool
    redelivered: bool
    packet_id: int
    connection: int


class Connected(msgspec.Struct, frozen=True):
    """The broker accepted the session.

    Attributes:
        connection: counts from 1 in this process.
        session_present: the broker still had our session and will hand over what it kept.
        protocol: 5 or 4 (3.1.1).
    """

    connection: int
    session_present: bool
    protocol: int


class Disconnected(msgspec.Struct, frozen=True):
    """The link to the broker is gone, or never came up; the adapter keeps trying.

    Attributes:
        connection: the one that ended; 0 when none had come up since the start.
        reason: one sentence, without secrets.
    """

    connection: int
    reason: str


class Drained(msgspec.Struct, frozen=True):
    """Our canary came back on this connection: everything the broker had kept was handed over."""

    connection: int


LinkEvent = Connected | Disconnected | Drained


class Inbox(Protocol):
    """Where the MQTT adapter puts what it hears. Called on the event loop's thread only."""

    def arrived(self, messages: Sequence[Arrival]) -> None:
        """Take messages in the order in which the broker delivered them."""
        ...

    def link(self, event: LinkEvent) -> None:
        """Take a change of the link, in order with the messages around it."""
        ...


class Subscriber(Protocol):
    """A persistent MQTT session that acknowledges only what it is told to."""

    async def run(self) -> None:
        """Connect and reconnect with backoff until cancelled; never returns by itself."""
        ...

    def acknowledge(self, messages: Sequence[Arrival]) -> None:
        """Acknowledge committed messages in the order received.

        Messages of QoS 0 and of connections that have ended are passed over: the broker sends
        the latter again.
        """
        ...

    def subscribe_to(self, filters: Sequence[str], *, drop: Sequence[str] = ()) -> None:
        """Replace the filters; `drop` names stale ones of the stored session to unsubscribe."""
        ...


# --- messages out -----------------------------------------------------------------------------


class Outgoing(msgspec.Struct, frozen=True):
    """One message by one channel to one address.

    Attributes:
        notification: the id of the notification, used in the status callback's URL.
        number: E.164, an e-mail address, or a system's id. Personal data: never logged.
        text: personal data: never logged.
        language: in which it is put, for a voice that reads it.
        priority: of its alert, for channels that mark what is urgent.
    """

    notification: str
    number: str
    text: str
    language: str = "en"
    priority: Priority = Priority.URGENT


class Sent(msgspec.Struct, frozen=True):
    """The provider took a message: its own id and the state it reported."""

    provider_id: str
    state: NotificationState


class Receipt(msgspec.Struct, frozen=True):
    """The provider's word on a message that it had taken.

    Attributes:
        notification: our id, when the callback URL or a look-up told it; else "".
        provider_id: the provider's id.
        state: mapped to our states; late or repeated receipts are passed on as they come.
        code: the provider's error code, or "".
        stage: what happened, where that says more than the state: `called`, `answered`.
    """

    notification: str
    provider_id: str
    state: NotificationState
    code: str = ""
    stage: Stage | None = None


class InboundSms(msgspec.Struct, frozen=True):
    """An SMS that somebody sent to us.

    Attributes:
        provider_id: the provider's id: the same message may come by webhook and by polling.
        number: the sender, E.164. Personal data.
        text: as written. Personal data.
    """

    provider_id: str
    number: str
    text: str


class PressedKey(msgspec.Struct, frozen=True):
    """Somebody who was called pressed a key: only that is an answer, picking up is none.

    Attributes:
        notification: of the call.
        provider_id: of the call; the same key of the same call may be told twice.
        key: one character of `0123456789*#`.
    """

    notification: str
    provider_id: str
    key: str


class Spoken(msgspec.Struct, frozen=True):
    """What a call says. Personal data: served to signed requests only, never logged.

    Attributes:
        asks: a key is asked for; False for news, which asks nothing of anybody.
    """

    text: str
    language: str = "en"
    asks: bool = True


OwnerOf = Callable[[str], Awaitable[str | None]]
"""Returns the notification that a provider's id is known to belong to; None for an unknown one."""


class Gateway(Protocol):
    """One way to send by one channel. Raises GatewayError; never retries a send by itself.

    Attributes:
        name: of the provider, unique in the deployment; kept with every attempt.
    """

    name: str

    async def send(self, message: Outgoing) -> Sent:
        """Send one message, once.

        A channel without receipts answers `delivered` when the other side has taken it.
        """
        ...

    async def find(
        self, message: Outgoing, *, since_seconds: float, owner_of: OwnerOf
    ) -> Sent | None:
        """Look for a message that may have been sent within the last `since_seconds`.

        Matches the address and, where the provider keeps it, the exact text; passes over what
        `owner_of` knows as another notification's, since a repeat has the same text. None when the
        provider has no such message. Raises GatewayError where it cannot be asked at all.
        """
        ...

    async def receipts(self, provider_ids: Sequence[str]) -> list[Receipt]:
        """Ask for the state of messages, for sites that no webhook can reach.

        [] where the provider tells no more than `send` did.
        """
        ...

    async def inbound(self, *, since_seconds: float) -> list[InboundSms]:
        """List what was received within the last `since_seconds`, oldest first.

        [] for a channel by which nobody answers.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


ReceiptHandler = Callable[[Receipt], Awaitable[None]]
"""Returns once the receipt is durable; only then is the provider answered."""

InboundHandler = Callable[[InboundSms], Awaitable[None]]
"""Returns once the message is durable; only then is the provider answered."""

KeyHandler = Callable[[PressedKey], Awaitable[Prompt]]
"""Returns once the key is durable, with what it came to; only then does the voice say so."""

CallText = Callable[[str], Awaitable[Spoken | None]]
"""What the call of a notification says; None where there is no such call, or it was erased."""
