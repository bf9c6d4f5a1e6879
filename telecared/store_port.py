"""The port between the engine and its store: the rows of one transaction, and what can be asked.

Plain values and one protocol. What a row means is decided in `core`; how it is kept, in an
adapter. Everything of one `Batch` is committed in one transaction or not at all.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from telecared.core.effects import Notify, Record
from telecared.core.legal_holds import ErasureWrite, HoldRow, HoldWrite
from telecared.core.readings import Reading
from telecared.core.vocabulary import (
    AlertState,
    Cause,
    Duration,
    Instant,
    NotificationState,
    Outcome,
    Priority,
    Stage,
)


class InputRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One row of the one sequence of inputs (design 3.1, decision 2).

    Attributes:
        id: rises by one; the order in which decisions were taken.
        kind: `message`, `command`, `receipt`, `result`, `sms`, `connected`, `disconnected`,
            `drained`, `start`, `stop`, `stall`, `alive`, `advance`, `clock`, `plan`, `home`,
            `finding`, `rota`, `key`.
        at: engine time at which it was received.
        home: the home it was stepped for, or None (an unknown device, a change of the link).
        device, topic, qos, retained, redelivered, seq, payload, readings: of a message.
        error: why it could not be decoded or stepped, one sentence; None when all is well.
        body: canonical JSON of the event, for everything but messages.
    """

    id: int
    kind: str
    at: Instant
    home: str | None = None
    device: str | None = None
    topic: str | None = None
    qos: int = 0
    retained: bool = False
    redelivered: bool = False
    seq: int | None = None
    payload: bytes | None = None
    readings: tuple[Reading, ...] = ()
    error: str | None = None
    body: bytes | None = None


class HomeWrite(msgspec.Struct, frozen=True):
    """A home's new state: the truth, of which the other tables are the projection."""

    home: str
    state: bytes
    due_at: Instant | None


class AlertRow(msgspec.Struct, frozen=True, kw_only=True):
    """An alert as the `alerts` command shows it (design, section 7); no personal data but names.

    Attributes:
        alert: `{home}/{n}`.
        code: the reply code, four digits.
        owner, resolved_by: the named person. Personal data.
        watch: opened by a rule in mode `watch`: pages nobody, not counted in the ledger.
        cause: of a false activation, None where nobody said.
        linked_to: the alert of which it was a duplicate, "" for none.
    """

    alert: str
    home: str
    n: int
    rule: str
    priority: Priority
    state: AlertState
    opened_at: Instant
    code: str
    watch: bool = False
    owner: str | None = None
    lease_until: Instant | None = None
    step: int = 0
    next_at: Instant | None = None
    repeats: int = 0
    resolved_at: Instant | None = None
    resolved_by: str | None = None
    outcome: Outcome | None = None
    cause: Cause | None = None
    linked_to: str = ""


class RecordRow(msgspec.Struct, frozen=True):
    """One line of the record, for one home."""

    home: str
    record: Record


class NotifyRow(msgspec.Struct, frozen=True):
    """One message that is owed to a person from this transaction on."""

    home: str
    notify: Notify


class NotificationUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a notification; `withdrawn` ones were never attempted."""

    id: str
    at: Instant
    state: NotificationState | None = None
    withdrawn: bool = False
    provider_id: str | None = None
    code: str = ""
    provider: str | None = None


class EvidenceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One moment in the life of a notification, kept as it came; nothing is ever overwritten.

    Attributes:
        at: engine time at which we knew it.
        provider: name of the provider that it is about, "" where it is about none.
        code: the provider's code, a pressed key, or "".
    """

    notification: str
    at: Instant
    stage: Stage
    provider: str = ""
    provider_id: str = ""
    code: str = ""


class CommandRow(msgspec.Struct, frozen=True, kw_only=True):
    """Something a person asked for, durable before anybody hears an answer.

    Attributes:
        id: 0 while it is not stored yet.
        kind: `ack`, `snooze`, `decline`, `resolve`, `home`, `unreachable`, `reachable`, ...
        by: the named person. Personal data.
        via: `cli`, `sms`, `console`, `import`.
        body: canonical JSON of what is asked.
        state: `accepted`, `done` or `refused`.
        reason: one sentence when refused.
    """

    id: int
    kind: str
    by: str
    via: str
    given_at: Instant
    home: str | None = None
    body: bytes = b"{}"
    state: str = "accepted"
    reason: str = ""


class CommandResult(msgspec.Struct, frozen=True):
    """How a command ended, and the input that carried it out."""

    id: int
    state: str
    reason: str
    input: int


class PacketMemory(msgspec.Struct, frozen=True):
    """A committed message whose acknowledgement may not have reached the broker (decision 7).

    Attributes:
        digest: SHA-256 over topic and payload, first 16 bytes.
        skip: a redelivery may be acknowledged without storing it again (it carries a `seq`, or
            no momentary and no life-safety reading).
    """

    packet_id: int
    digest: bytes
    skip: bool
    input: int


class Quarantine(msgspec.Struct, frozen=True):
    """An input that made `step` fail. `error` names the exception's type and place, no content."""

    input: int
    home: str
    what: str
    key: str
    error: str
    at: Instant


class PlanWrite(msgspec.Struct, frozen=True):
    """A plan version, whole."""

    hash: str
    content: bytes


class HomeRecordWrite(msgspec.Struct, frozen=True):
    """A version of a home's record, whole; `content` None deletes the home from now on."""

    home: str
    hash: str
    content: bytes | None


class Batch(msgspec.Struct, kw_only=True):
    """One transaction. Lists are in the order in which things happened."""

    at: Instant
    inputs: list[InputRow] = []
    homes: list[HomeWrite] = []
    site: bytes | None = None
    alerts: list[AlertRow] = []
    records: list[RecordRow] = []
    notifications: list[NotifyRow] = []
    notification_updates: list[NotificationUpdate] = []
    evidence: list[EvidenceRow] = []
    command_results: list[CommandResult] = []
    packets: list[PacketMemory] = []
    forget_packets: bool = False
    plans: list[PlanWrite] = []
    home_records: list[HomeRecordWrite] = []
    quarantined: list[Quarantine] = []
    holds: list[HoldWrite] = []
    erasures: list[ErasureWrite] = []
    critical_only: bool = False

    def is_empty(self) -> bool:
        """Whether committing it would change nothing."""
        others = ("at", "critical_only")
        return not any(getattr(self, name) for name in self.__struct_fields__ if name not in others)


class OutboxRow(msgspec.Struct, frozen=True, kw_only=True):
    """A notification as the outbox needs it. `number` and `text` are personal data.

    Attributes:
        language: in which it is put.
        attempted_at: wall time (microseconds) of the open attempt, or None; after a crash the
            provider is asked what became of it.
        attempts: how many were begun.
        provider: the name of the one that the last attempt was begun at, "" for none.
    """

    id: str
    home: str
    priority: Priority
    queued_at: Instant
    to: str
    channel: str
    number: str
    text: str
    state: NotificationState
    provider_id: str | None = None
    attempted_at: Instant | None = None
    attempts: int = 0
    provider: str = ""
    language: str = "en"


class StoredHome(msgspec.Struct, frozen=True):
    """A home as it stands in the store; `record` None for `@site` and deleted homes."""

    home: str
    state: bytes | None
    due_at: Instant | None
    record_hash: str | None
    record: bytes | None


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """What the engine starts from.

    Attributes:
        last_input: the highest id, 0 for a new store.
        last_at: the latest engine time on record, 0 for a new store.
        clean_stop: the last input is a `stop`.
        site: the stored site facts, or None.
        plan: content of the newest plan, or None.
        commit_seconds: the last measured commit time, for the receive maximum.
        filters: the topic filters of the stored MQTT session.
        holds: legal holds that nobody has released.
        link_secret: signs the links in texts; empty in a store that has none yet.
        erased: home that was erased -> the command that did; its id is not used again.
    """

    last_input: int
    last_at: Instant
    clean_stop: bool
    site: bytes | None
    plan: bytes | None
    homes: list[StoredHome]
    packets: list[PacketMemory]
    commit_seconds: float
    filters: tuple[str, ...]
    holds: tuple[HoldRow, ...] = ()
    link_secret: bytes = b""
    erased: Mapping[str, int] = {}


class OpenNotified(msgspec.Struct, frozen=True):
    """An unresolved alert of which a number was told: a candidate for a reply's meaning."""

    home: str
    n: int
    code: str
    contact: str


class Store(Protocol):
    """The engine's store. Every method is called from the event loop and may raise StoreError.

    Writes run one after another in one writer thread; `commit` returns after the sync to disk.
    """

    async def load(self) -> Loaded:
        """Read everything the engine starts from."""

    async def commit(self, batch: Batch) -> Duration:
        """Commit one transaction and return how long it took, in microseconds.

        Raises StoreFull when the disk is full (the ballast file has then been freed for the next
        try) and StoreError for anything else; in both cases nothing was written.
        """

    async def waiting_commands(self, limit: int) -> list[CommandRow]:
        """Return the oldest commands that no input carries yet."""

    def commands_may_wait(self) -> bool:
        """Whether another process has written since the last call; cheap (`data_version`)."""

    async def add_command(self, command: CommandRow) -> int:
        """Make a command durable and return its id."""

    async def outbox(self) -> list[OutboxRow]:
        """Return every notification that is queued or was attempted without a known result."""

    async def begin_attempt(
        self,
        notification: str,
        wall: Instant,
        *,
        provider: str = "",
        evidence: Sequence[EvidenceRow] = (),
    ) -> None:
        """Make durable, before it begins, that a send is about to begin, and at which provider."""

    async def keep_evidence(self, evidence: Sequence[EvidenceRow]) -> list[EvidenceRow]:
        """Make moments durable that no input tells; return those whose notification is not yet."""

    async def awaiting_receipts(self) -> list[tuple[str, str, str]]:
        """Return (notification, provider, provider id) of what was sent and is not final."""

    async def notification_of(self, provider_id: str, provider: str = "") -> str | None:
        """Return the notification that a provider's id belongs to; "" for any provider."""

    async def attempt_of(self, notification: str) -> tuple[str, str]:
        """Return (provider, provider id) of a notification as it stands; "" for what is unknown."""

    async def recipient_of(self, notification: str) -> str | None:
        """Return whom a notification was for, or None when there is no such one."""

    async def spoken(self, notification: str) -> tuple[str, str] | None:
        """Return text and language of a call; None when it is unknown, erased, or no call."""

    async def home_of_notification(self, notification: str) -> str | None:
        """Return the home that a notification belongs to, or None when there is no such one."""

    async def open_alerts_told_to(self, number: str) -> list[OpenNotified]:
        """Return the unresolved alerts of which this number was told, newest first."""

    async def contacts_with(self, number: str) -> list[tuple[str, str]]:
        """Return (home, contact id) of every registered contact with this number."""

    async def seen_inbound(self, provider_id: str) -> bool:
        """Whether an SMS with this provider id is already an input."""

    async def snapshot(self, day: str) -> None:
        """Keep every home's state as it stands now under the name of the local day."""

    async def restore_ballast(self) -> bool:
        """Set the ballast file aside again; True when it stands and the disk is not full."""

    async def remember(self, key: str, value: str) -> None:
        """Keep a small setting of the engine (filters of the session, commit time)."""

    async def close(self) -> None:
        """Finish what was begun, checkpoint, and close."""
