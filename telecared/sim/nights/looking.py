"""What the file holds, looked at from outside after every transaction.

A connection of its own sees only what is committed. It reads what is new and tells the checkers;
it judges nothing.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from telecared.adapters.sqlite.connection import open_reader
from telecared.core.state import HomeState, decode_state
from telecared.core.vocabulary import Instant


class SeenInput(msgspec.Struct, frozen=True):
    """A row of the sequence of inputs."""

    id: int
    kind: str
    at: Instant
    home: str | None
    topic: str | None
    payload: bytes | None


class SeenRecord(msgspec.Struct, frozen=True):
    """A line of the record."""

    id: int
    home: str
    at: Instant
    event: str
    rule: str | None
    alert: int | None
    priority: str | None
    input: int


class SeenNotification(msgspec.Struct, frozen=True):
    """A notification as its table shows it."""

    id: str
    home: str
    priority: str
    state: str
    withdrawn: bool
    attempts: int
    queued_at: Instant


EVERYTHING_EVERY: Final = 50
"""Looks after which every notification is read again, changed or not."""


class Looking:
    """Reads the file after each transaction.

    Attributes:
        states: home -> its state as it is stored; `due` home -> its stored deadline.
        notifications: as they stand.
        changed: told each home whose state is another; `inputs`, `records`, `notified` likewise.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = open_reader(path)
        self._blobs: dict[str, bytes] = {}
        self._input = 0
        self._record = 0
        self._seq = 0
        self._changed_at: Instant = 0
        self._looks = 0
        self.states: dict[str, HomeState] = {}
        self.due: dict[str, Instant | None] = {}
        self.notifications: dict[str, SeenNotification] = {}
        self.on_input: Callable[[SeenInput], None] = lambda _: None
        self.on_record: Callable[[SeenRecord], None] = lambda _: None
        self.on_home: Callable[[str, HomeState], None] = lambda *_: None
        self.on_notification: Callable[[SeenNotification | None, SeenNotification], None]

    def refresh(self) -> None:
        """Read what is new: inputs, then homes, then notifications, then the record."""
        ask = self._connection.execute
        ask("BEGIN")  # one look, and one lock, for all of it
        inputs = ask(_INPUTS, (self._input,)).fetchall()
        homes = ask(_HOMES).fetchall()
        notified = self._changed_notifications()
        records = ask(_RECORDS, (self._record,)).fetchall()
        ask("COMMIT")
        for row in inputs:
            self._input = row[0]
            self.on_input(SeenInput(*row))
        changed = []
        for home, blob, due in homes:
            self.due[home] = due
            if self._blobs.get(home) != blob:
                self._blobs[home] = blob
                self.states[home] = decode_state(blob)
                changed.append(home)
        self._notifications(notified)
        for row in records:
            self._record = row[0]
            self.on_record(SeenRecord(*row))
        for home in changed:
            self.on_home(home, self.states[home])

    def _changed_notifications(self) -> list[tuple[Any, ...]]:  # a row is of any types
        """Read what is new, what may be tried now, and what has changed since; often, everything.

        A change that forgets to say when it was is seen by the next look at everything.
        """
        ask = self._connection.execute
        self._looks += 1
        if self._looks % EVERYTHING_EVERY == 0:
            return ask(_NOTIFICATIONS + _IN_ORDER).fetchall()
        return ask(_CHANGED, (self._seq, self._changed_at)).fetchall()

    def _notifications(self, rows: list[tuple[Any, ...]]) -> None:
        for row in rows:
            one = SeenNotification(
                row[0],
                row[0].rpartition("/")[0],
                row[1],
                row[2],
                bool(row[3]),
                attempts=row[4],
                queued_at=row[5],
            )
            self._seq = max(self._seq, row[6])
            self._changed_at = max(self._changed_at, row[7])
            before = self.notifications.get(one.id)
            if before != one:
                self.notifications[one.id] = one
                self.on_notification(before, one)

    def unanswered_commands(self) -> list[int]:
        """Return the commands that nobody has answered."""
        found = self._connection.execute("SELECT id FROM commands WHERE state = 'accepted'")
        return [row[0] for row in found.fetchall()]

    def closed_by_nobody(self) -> list[str]:
        """Return the alerts that only a person may end and no person has."""
        return [row[0] for row in self._connection.execute(_CLOSED_BY_NOBODY).fetchall()]

    def has_key(self, provider_id: str, key: str) -> bool:
        """Whether a key that was pressed in a call is on record."""
        return bool(self._connection.execute(_KEY, (provider_id, key)).fetchall())

    def quarantined(self) -> list[str]:
        """Return what was set aside."""
        found = self._connection.execute(
            "SELECT what || ' ' || key || ' ' || error FROM quarantine"
        )
        return [row[0] for row in found.fetchall()]

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


_INPUTS = (
    "SELECT i.id, i.kind, i.at, h.name, t.name, i.payload FROM inputs i"
    " LEFT JOIN homes h ON h.id = i.home_id LEFT JOIN topics t ON t.id = i.topic_id"
    " WHERE i.id > ? ORDER BY i.id"
)
_HOMES = "SELECT name, state, due_at FROM homes WHERE state IS NOT NULL ORDER BY id"
_NOTIFICATIONS = (
    "SELECT id, priority, state, withdrawn, attempts, queued_at, seq, changed_at FROM notifications"
)
_IN_ORDER = " ORDER BY seq"
_CHANGED = (
    f"{_NOTIFICATIONS} WHERE seq > ? OR changed_at >= ? OR (state = 'queued' AND withdrawn = 0)"
    f"{_IN_ORDER}"
)
_RECORDS = (
    "SELECT r.id, h.name, r.at, r.event, r.rule, r.alert, r.priority, r.input_id"
    " FROM records r JOIN homes h ON h.id = r.home_id WHERE r.id > ? ORDER BY r.id"
)
_KEY = (
    "SELECT 1 FROM notification_evidence"
    " WHERE stage = 'key_pressed' AND provider_id = ? AND code = ? LIMIT 1"
)
_CLOSED_BY_NOBODY = (
    "SELECT alert FROM alerts WHERE state = 'resolved' AND resolved_by IS NULL"
    " AND priority IN ('life_safety', 'urgent')"
)
