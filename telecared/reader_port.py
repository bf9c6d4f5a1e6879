"""The port between commands and a store: what can be asked, read-only.

Every call is a look of its own. Who may see what is read, and that it is logged, is decided by
whoever asks.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from telecared.core.effects import Record
from telecared.core.vocabulary import AlertState, Instant
from telecared.store_port import AlertRow, InputRow


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

    def events(self, *, home: str | None, since: Instant | None, limit: int) -> list[InputRow]:
        """Return message inputs, newest last: the last `limit` of those that match."""
        ...

    def inputs(self, *, after: int = 0, home: str | None = None) -> Sequence[InputRow]:
        """Return the sequence of inputs in order; with `home`, its own and those of the site."""
        ...

    def records(self, *, home: str | None = None) -> Sequence[StoredRecord]:
        """Return the record in the order in which it was written."""
        ...
