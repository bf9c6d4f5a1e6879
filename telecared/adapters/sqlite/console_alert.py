"""What the page of one alert asks of the store: its record, its messages, how people were reached.

Read-only, each call a look of its own. Who may see what is read, and that the look is on record,
is decided by the caller.
"""

import sqlite3
from pathlib import Path
from typing import Final, NamedTuple

from telecared.adapters.sqlite import rows
from telecared.adapters.sqlite.connection import reading
from telecared.adapters.sqlite.evidence import TABLE as EVIDENCE
from telecared.core.calls import NO_ANSWER
from telecared.core.effects import Record
from telecared.core.reach import Rung, Sent
from telecared.core.state import MAX_OPEN_ALERTS
from telecared.core.vocabulary import Channel, Instant, NotificationState, Stage
from telecared.store_port import AlertRow, InputRow

MAX_LINES: Final = 2_000
"""Lines of the record of one alert that a page shows: the last ones, and how it opened."""

MAX_MESSAGES: Final = 500
"""The last messages to people of a home from which it is told how they can be reached."""

_RECORD: Final = """
    SELECT h.name, r.at, r.event, r.rule, r.alert, r.priority, r.recipient, r.channel, r.late,
        r.input_id, c.body
    FROM records r JOIN homes h ON h.id = r.home_id LEFT JOIN contents c ON c.id = r.content_id
    WHERE h.name = ? AND r.alert = ? ORDER BY r.id DESC LIMIT ?"""
_OPENING: Final = _RECORD.replace("DESC LIMIT ?", "LIMIT 1")
_UNRESOLVED: Final = f"""
    {rows.SELECT_ALERTS} WHERE h.name = ? AND a.state <> 'resolved' AND NOT a.watch
    ORDER BY a.n LIMIT ?"""
_TEXTS: Final = """
    SELECT n.id, c.body
    FROM notifications n JOIN homes h ON h.id = n.home_id JOIN contents c ON c.id = n.content_id
    WHERE h.name = ? AND n.alert = ? AND c.body IS NOT NULL"""
# By the home, whose index is there; the provider's own words are kept by evidence.
_SENT: Final = """
    SELECT n.seq, n.recipient, n.channel, n.queued_at, n.state, n.changed_at, n.code, c.body
    FROM notifications n JOIN homes h ON h.id = n.home_id
        JOIN contents c ON c.id = n.content_id
    WHERE h.name = ? AND c.body IS NOT NULL ORDER BY n.seq DESC LIMIT ?"""
_CALLS: Final = """
    SELECT r.recipient, r.at, r.event FROM records r
    WHERE r.home_id = (SELECT id FROM homes WHERE name = ?) AND r.event LIKE 'call.%'
    ORDER BY r.id DESC LIMIT ?"""
_MOMENTS: Final = f"SELECT stage, at, code FROM {EVIDENCE} WHERE notification = ? ORDER BY id"  # noqa: S608 - a constant


class RecordVersion(NamedTuple):
    """A version of a home's record: since when, and the content; None where it was deleted."""

    at: Instant
    content: bytes | None


class ConsoleAlert:
    """Questions about one alert on one SQLite file.

    Raises:
        StoreError: from every method, when the database cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def record(self, home: str, n: int) -> list[Record]:
        """Return the first line of the record about one alert and the last ones, oldest first."""
        with reading(self._path) as connection:
            found = connection.execute(_RECORD, (home, n, MAX_LINES)).fetchall()
            if len(found) == MAX_LINES:
                first = connection.execute(_OPENING, (home, n)).fetchall()
                found += first if first != found[-1:] else []
        return [rows.stored_record(row).record for row in reversed(found)]

    def unresolved(self, home: str) -> list[AlertRow]:
        """Return the alerts of a home that page people and are not resolved, oldest first."""
        with reading(self._path) as connection:
            found = connection.execute(_UNRESOLVED, (home, MAX_OPEN_ALERTS)).fetchall()
        return [rows.alert_row(row) for row in found]

    def opener(self, number: int) -> InputRow | None:
        """Return an input by its id; None where retention has dropped it."""
        with reading(self._path) as connection:
            found = connection.execute(rows.SELECT_INPUTS + "WHERE i.id = ?", (number,)).fetchall()
        return rows.input_row(found[0]) if found else None

    def texts(self, home: str, n: int) -> dict[str, str]:
        """Return notification -> its text, of those of an alert that were not erased."""
        with reading(self._path) as connection:
            found = connection.execute(_TEXTS, (home, n)).fetchall()
        return {name: rows.text_of(body) for name, body in found}

    def sent(self, home: str) -> list[Sent]:
        """Return the last messages to people of a home, oldest first."""
        with reading(self._path) as connection:
            found = connection.execute(_SENT, (home, MAX_MESSAGES)).fetchall()
            return [_sent(connection, row) for row in reversed(found)]

    def calls(self, home: str) -> list[Rung]:
        """Return the calls that operators made by hand to people of a home, oldest first."""
        with reading(self._path) as connection:
            found = connection.execute(_CALLS, (home, MAX_MESSAGES)).fetchall()
        return [Rung(to, at, event != NO_ANSWER) for to, at, event in reversed(found)]

    def versions(self, home: str) -> list[RecordVersion]:
        """Return every version of a home's record, oldest first."""
        with reading(self._path) as connection:
            found = connection.execute(
                "SELECT r.at, r.content FROM home_records r JOIN homes h ON h.id = r.home_id"
                " WHERE h.name = ? ORDER BY r.id",
                (home,),
            ).fetchall()
        return [RecordVersion(*row) for row in found]


def _sent(connection: sqlite3.Connection, row: tuple) -> Sent:  # type: ignore[type-arg]  # any row
    seq, to, channel, queued_at, state, changed_at, code, body = row
    moments = connection.execute(_MOMENTS, (seq,)).fetchall()
    return Sent(
        to=to,
        channel=Channel(channel),
        number=rows.number_of(body) or "",
        queued_at=queued_at,
        state=NotificationState(state),
        changed_at=changed_at,
        code=code,
        moments=tuple((Stage(stage), at, code) for stage, at, code in moments),
    )
