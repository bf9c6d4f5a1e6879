"""The port between commands and a store: what can be asked, read-only.

Every call is a look of its own. Who may see what is read, and that it is logged, is decided by
whoever asks.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from telecared.core.effects import Record
from telecared.core.vocabulary import AlertState, Channel, Instant, NotificationState, Priority
from telecared.store_port import AlertRow, EvidenceRow, InputRow


class StoredRecord(msgspec.Struct, frozen=True):
    """A line of the record as the store has it, with its home."""

    home: str
    record: Record


class StrangerMessage(msgspec.Struct, frozen=True):
    """What a device sent that nobody registered; home and device None for a bridge's own message.

    Attributes:
        home: `@site` or `@scheme/ID`.
        device: how it is named to people.
        payload: as far as it is kept.
    """

    home: str | None
    device: str | None
    topic: str
    at: Instant
    payload: bytes


class NotificationLife(msgspec.Struct, frozen=True, kw_only=True):
    """One notification and every moment of it, oldest first; no number and no text.

    Attributes:
        alert: `{home}/{n}`.
        to: the recipient's id.
        withdrawn: it was taken back before it had left.
        provider: the one of the last attempt, "" for none.
    """

    id: str
    alert: str
    to: str
    channel: Channel
    priority: Priority
    queued_at: Instant
    state: NotificationState
    withdrawn: bool
    attempts: int
    provider: str
    moments: tuple[EvidenceRow, ...]


class AlertFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which alerts a reader wants; None means every one."""

    home: str | None = None
    state: AlertState | None = None
    since: Instant | None = None
    limit: int = 1000


class Reader(Protocol):
    """Read-only questions, for commands and checks; every call opens and closes its own look."""

    def alerts(self, wanted: AlertFilter) -> list[AlertRow]:
        """Return alerts, newest first."""
        ...

    def evidence_of(
        self, home: str, alert: int, notification: str | None = None
    ) -> list[NotificationLife]:
        """Return the lives of an alert's notifications, or of one of them, oldest first."""
        ...

    def events(self, *, home: str | None, since: Instant | None, limit: int) -> list[InputRow]:
        """Return message inputs, newest last: the last `limit` of those that match."""
        ...

    def inputs(self, *, after: int = 0, home: str | None = None) -> Sequence[InputRow]:
        """Return the sequence of inputs in order; with `home`, its own and those of the site."""
        ...

    def records(self, *, home: str | None = None) -> Sequence[StoredRecord]:
        """Return the record in the order in which it was written."""
        ...
