"""What reports, contacts' health and exports ask of a store: read-only, each a look of its own.

Whether somebody may see it, and that the look is on record, is decided by the caller.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from telecared.adapters.sqlite import rows
from telecared.adapters.sqlite.connection import reading
from telecared.adapters.sqlite.evidence import TABLE as EVIDENCE
from telecared.adapters.sqlite.personal import personal_of, teach
from telecared.adapters.sqlite.retention import first_input_since
from telecared.adapters.sqlite.schema import require_current
from telecared.core.calls import NO_ANSWER
from telecared.core.reach import Rung
from telecared.core.vocabulary import Channel, Instant, NotificationState, Priority, Stage
from telecared.reader_port import StoredRecord
from telecared.store_port import AlertRow, EvidenceRow, InputRow

_RECORDS: Final = """
    SELECT h.name, r.at, r.event, r.rule, r.alert, r.priority, r.recipient, r.channel, r.late,
        r.input_id, c.body
    FROM records r JOIN homes h ON h.id = r.home_id LEFT JOIN contents c ON c.id = r.content_id
    WHERE r.at >= ? ORDER BY r.id"""
_MESSAGES: Final = """
    SELECT n.seq, n.id, h.name, n.alert, n.recipient, n.channel, n.priority, n.queued_at, n.state,
        n.withdrawn, n.changed_at, n.code, c.body
    FROM notifications n JOIN homes h ON h.id = n.home_id
        LEFT JOIN contents c ON c.id = n.content_id
    WHERE n.queued_at >= ?1 AND (?2 IS NULL OR h.name = ?2) ORDER BY n.seq"""
_CALLS: Final = """
    SELECT h.name, r.recipient, r.at, r.event FROM records r JOIN homes h ON h.id = r.home_id
    WHERE r.event LIKE 'call.%' AND (?1 IS NULL OR h.name = ?1) ORDER BY r.id"""
_OF_ALERTS: Final = """WHERE a.opened_at < ?2 AND (a.resolved_at IS NULL OR a.resolved_at >= ?1)
    ORDER BY a.opened_at, a.home_id, a.n"""


class KeptMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A notification with what is known of its life.

    Attributes:
        number: where it went, and `text` what it said; None once they were erased. Personal data.
        changed_at: when its state was last told.
        moments: its evidence, oldest first.
    """

    id: str
    home: str
    alert: int
    to: str
    channel: Channel
    priority: Priority
    queued_at: Instant
    state: NotificationState
    withdrawn: bool
    changed_at: Instant
    code: str
    number: str | None
    text: str | None
    moments: tuple[EvidenceRow, ...] = ()


class History:
    """Questions about longer times on one SQLite file, which must exist and be of this version.

    Raises:
        StoreError: from every method, when the database cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with reading(path) as connection:
            require_current(connection, path)

    def alerts(self, since: Instant, until: Instant) -> list[AlertRow]:
        """Return the alerts that were unresolved at some instant of a time, oldest first."""
        with reading(self._path) as connection:
            found = connection.execute(rows.SELECT_ALERTS + _OF_ALERTS, (since, until)).fetchall()
        return [rows.alert_row(row) for row in found]

    def records(self, since: Instant) -> list[StoredRecord]:
        """Return the record from an instant on, in the order in which it was written."""
        with reading(self._path) as connection:
            return [rows.stored_record(row) for row in connection.execute(_RECORDS, (since,))]

    def messages(self, since: Instant, *, home: str | None = None) -> list[KeptMessage]:
        """Return the notifications that were owed from an instant on, oldest first."""
        with reading(self._path) as connection:
            moments = _moments(connection, since)
            return [
                _message(row, moments.get(row[0], []))
                for row in connection.execute(_MESSAGES, (since, home)).fetchall()
            ]

    def calls(self, *, home: str | None = None) -> list[tuple[str, Rung]]:
        """Return (home, call) of every call that an operator made by hand, oldest first."""
        with reading(self._path) as connection:
            found = connection.execute(_CALLS, (home,)).fetchall()
        return [(name, Rung(to, at, event != NO_ANSWER)) for name, to, at, event in found]

    def openers(self, ids: list[int]) -> dict[int, InputRow]:
        """Return inputs by their ids; those that retention dropped are left out."""
        found: dict[int, InputRow] = {}
        with reading(self._path) as connection:
            for number in ids:
                for row in connection.execute(
                    rows.SELECT_INPUTS + "WHERE i.id = ?", (number,)
                ).fetchall():
                    found[number] = rows.input_row(row)
        return found

    def inputs_of(self, since: Instant, kinds: tuple[str, ...]) -> list[InputRow]:
        """Return inputs of some kinds from an instant on, in order."""
        marks = ", ".join("?" * len(kinds))
        with reading(self._path) as connection:
            first = first_input_since(connection, since)
            found = connection.execute(
                f"{rows.SELECT_INPUTS} WHERE i.id >= ? AND i.kind IN ({marks}) ORDER BY i.id",
                (first, *kinds),
            ).fetchall()
        return [rows.input_row(row) for row in found]

    def reads(self, home: str) -> list[tuple[Instant, str, str]]:
        """Return (when, who, what) of every look that is on record about a home, or about all."""
        with reading(self._path) as connection:
            return connection.execute(
                "SELECT at, by, what FROM reads WHERE home = ? OR home IS NULL ORDER BY id", (home,)
            ).fetchall()

    def set_aside(self, home: str) -> list[tuple[Instant, str, str, str]]:
        """Return (when, what, key, error) of everything of one home that was quarantined."""
        with reading(self._path) as connection:
            return connection.execute(
                "SELECT q.at, q.what, q.key, q.error FROM quarantine q"
                " JOIN homes h ON h.id = q.home_id WHERE h.name = ? ORDER BY q.id",
                (home,),
            ).fetchall()

    def commands(self, home: str) -> list[dict[str, str | int | None]]:
        """Return every command about one home, with what was asked and how it ended."""
        columns = ("id", "given_at", "kind", "by", "via", "body", "state", "reason", "input_id")
        with reading(self._path) as connection:
            found = connection.execute(
                f"SELECT {', '.join(columns)} FROM commands WHERE home = ? ORDER BY id",  # noqa: S608
                (home,),
            ).fetchall()
        return [dict(zip(columns, row, strict=True)) for row in found]

    def inputs(self, home: str) -> list[InputRow]:
        """Return every stored input of one home, in order."""
        with reading(self._path) as connection:
            found = connection.execute(
                rows.SELECT_INPUTS + "WHERE h.name = ? ORDER BY i.id",
                (home,),
            ).fetchall()
        return [rows.input_row(row) for row in found]

    def strangers_of(self, home: str) -> list[InputRow]:
        """Return what belongs to no home and is about one: as erasing it would find it, in order.

        Messages on its topics, and texts of all who ever were its people.
        """
        with reading(self._path) as connection:
            row = connection.execute("SELECT id FROM homes WHERE name = ?", (home,)).fetchone()
            if row is None:
                return []
            personal = personal_of(connection, row[0], home)
            teach(connection, "tells_of", personal.needles)
            teach(connection, "tells_of_person", (*personal.needles, *personal.shared))
            found = connection.execute(
                rows.SELECT_INPUTS + "WHERE (h.name IS NULL OR h.name GLOB '@*') AND ("
                "i.kind = 'sms' AND tells_of_person(i.body) OR i.kind = 'message' AND"
                " (tells_of(t.name) OR tells_of(i.body) OR tells_of(i.payload))) ORDER BY i.id"
            ).fetchall()
        return [rows.input_row(one) for one in found]

    def record_times(self, home: str) -> list[tuple[Instant, bytes | None]]:
        """Return (since when, content) of every version of a home's record, oldest first."""
        with reading(self._path) as connection:
            return connection.execute(
                "SELECT r.at, r.content FROM home_records r JOIN homes h ON h.id = r.home_id"
                " WHERE h.name = ? ORDER BY r.id",
                (home,),
            ).fetchall()


def _moments(connection: sqlite3.Connection, since: Instant) -> dict[int, list[EvidenceRow]]:
    found: dict[int, list[EvidenceRow]] = {}
    for seq, name, at, stage, provider, provider_id, code in _each_moment(connection, since):
        found.setdefault(seq, []).append(
            EvidenceRow(
                notification=name,
                at=at,
                stage=Stage(stage),
                provider=provider,
                provider_id=provider_id,
                code=code,
            )
        )
    return found


def _each_moment(
    connection: sqlite3.Connection, since: Instant
) -> Iterator[tuple[int, str, Instant, str, str, str, str]]:
    yield from connection.execute(
        "SELECT n.seq, n.id, e.at, e.stage, e.provider, e.provider_id, e.code"  # noqa: S608
        f" FROM {EVIDENCE} e JOIN notifications n ON n.seq = e.notification"
        " WHERE n.queued_at >= ? ORDER BY e.id",
        (since,),
    )


def _message(row: tuple, moments: list[EvidenceRow]) -> KeptMessage:  # type: ignore[type-arg]
    body = row[12]
    return KeptMessage(
        id=row[1],
        home=row[2],
        alert=row[3],
        to=row[4],
        channel=Channel(row[5]),
        priority=Priority(row[6]),
        queued_at=row[7],
        state=NotificationState(row[8]),
        withdrawn=bool(row[9]),
        changed_at=row[10],
        code=row[11],
        number=rows.number_of(body),
        text=None if body is None else rows.text_of(body),
        moments=tuple(moments),
    )
