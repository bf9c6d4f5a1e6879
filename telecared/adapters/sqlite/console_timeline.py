"""What pages about one home ask of the store: its messages, alerts and statements of a span.

By the index on the home and by ids, which follow time: a week of a busy home takes some ten
milliseconds. Read-only; who may see it is decided by the caller.
"""

from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from telecared.adapters.sqlite import rows
from telecared.adapters.sqlite.connection import reading
from telecared.adapters.sqlite.retention import first_input_since
from telecared.core.readings import Reading
from telecared.core.vocabulary import Instant
from telecared.reader_port import StoredRecord
from telecared.store_port import AlertRow

MAX_MESSAGES: Final = 40_000
"""Messages of one span that are read, the latest; a busy home sends so many in a week."""

MESSAGES_BEFORE: Final = 3_000
"""Messages from before a span in which is looked for how it begins."""

_MESSAGES: Final = """
    SELECT i.at, d.name, i.readings, i.retained FROM inputs i INDEXED BY inputs_home
        JOIN devices d ON d.id = i.device_id
    WHERE i.home_id = (SELECT id FROM homes WHERE name = ?) AND i.id >= ? AND i.id < ?
        AND i.readings IS NOT NULL
    ORDER BY i.id DESC LIMIT ?"""
_ALERTS: Final = """
    WHERE a.home_id = (SELECT id FROM homes WHERE name = ?1) AND a.opened_at < ?3
        AND (a.resolved_at IS NULL OR a.resolved_at >= ?2)
    ORDER BY a.opened_at DESC, a.n DESC LIMIT ?4"""
_PAST_ALERTS: Final = """
    WHERE a.home_id = (SELECT id FROM homes WHERE name = ?) AND a.n < ? ORDER BY a.n DESC LIMIT ?"""
_STATED: Final = """
    SELECT h.name, r.at, r.event, r.rule, r.alert, r.priority, r.recipient, r.channel, r.late,
        r.input_id, c.body
    FROM records r JOIN homes h ON h.id = r.home_id LEFT JOIN contents c ON c.id = r.content_id
    WHERE r.home_id = (SELECT id FROM homes WHERE name = ?) AND r.alert IS NULL AND r.at < ?
        AND r.event IN ('suspension.begun', 'suspension.ended', 'silence.begun', 'silence.ended')
    ORDER BY r.id DESC LIMIT ?"""

_NONE: Final = 2**62
"""Above every id."""

_decode_readings = msgspec.json.Decoder(tuple[Reading, ...]).decode

Message = tuple[Instant, str, tuple[Reading, ...], bool]
"""When it was received, which device sent it, what it told, whether the broker had kept it."""


class Messages(NamedTuple):
    """What a home's devices sent in a span and just before it, oldest first; `more` was left."""

    heard: tuple[Message, ...]
    more: bool


class Done(NamedTuple):
    """A command about a home: who gave it when and by what, and how it ended. Personal data."""

    id: int
    at: Instant
    kind: str
    by: str
    via: str
    state: str
    reason: str


class Looked(NamedTuple):
    """That somebody was shown something of a home."""

    id: int
    at: Instant
    by: str
    what: str


class TimelineStore:
    """Questions of timelines on one SQLite file.

    Raises:
        StoreError: from every method, when the database cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def messages(self, home: str, since: Instant, until: Instant) -> Messages:
        """Return what a home's devices sent in a span, and the last that they sent before it."""
        with reading(self._path) as connection:
            first = first_input_since(connection, since)
            end = first_input_since(connection, until)
            inside = connection.execute(_MESSAGES, (home, first, end, MAX_MESSAGES + 1)).fetchall()
            before = connection.execute(_MESSAGES, (home, 0, first, MESSAGES_BEFORE)).fetchall()
        more = len(inside) > MAX_MESSAGES
        found = [*inside[:MAX_MESSAGES], *([] if more else before)]
        return Messages(
            tuple(
                (at, device, _decode_readings(told), bool(retained))
                for at, device, told, retained in reversed(found)
            ),
            more,
        )

    def alerts(self, home: str, since: Instant, until: Instant, *, limit: int) -> list[AlertRow]:
        """Return a home's alerts that were unresolved in a span, oldest first, the latest ones."""
        with reading(self._path) as connection:
            found = connection.execute(
                rows.SELECT_ALERTS + _ALERTS, (home, since, until, limit)
            ).fetchall()
        return [rows.alert_row(row) for row in reversed(found)]

    def stated(self, home: str, until: Instant, *, limit: int) -> list[StoredRecord]:
        """Return when suspensions and silences began and ended before an instant, oldest first."""
        with reading(self._path) as connection:
            found = connection.execute(_STATED, (home, until, limit)).fetchall()
        return [rows.stored_record(row) for row in reversed(found)]

    def past_alerts(self, home: str, *, before: int | None, limit: int) -> list[AlertRow]:
        """Return a home's alerts with numbers below `before`, newest first."""
        with reading(self._path) as connection:
            found = connection.execute(
                rows.SELECT_ALERTS + _PAST_ALERTS,
                (home, _NONE if before is None else before, limit),
            ).fetchall()
        return [rows.alert_row(row) for row in found]

    def acts(self, home: str, *, before: int | None, limit: int) -> list[Done]:
        """Return the commands about a home with ids below `before`, newest first."""
        with reading(self._path) as connection:
            found = connection.execute(
                "SELECT id, given_at, kind, by, via, state, reason FROM commands"
                " WHERE home = ? AND id < ? ORDER BY id DESC LIMIT ?",
                (home, _NONE if before is None else before, limit),
            ).fetchall()
        return [Done(*row) for row in found]

    def reads(self, home: str, *, before: int | None, limit: int) -> list[Looked]:
        """Return who was shown data of a home, looks with ids below `before`, newest first."""
        with reading(self._path) as connection:
            found = connection.execute(
                "SELECT id, at, by, what FROM reads WHERE home = ? AND id < ?"
                " ORDER BY id DESC LIMIT ?",
                (home, _NONE if before is None else before, limit),
            ).fetchall()
        return [Looked(*row) for row in found]
