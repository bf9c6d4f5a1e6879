"""Dropping what is older than its class may be, in small chunks, without breaking the chain.

Digests stay. Of a dropped input its commitment stays too, until its whole batch is gone; then one
row of `dropped`, itself in the chain, says so. How old each class may be is the caller's matter,
and so is the transaction around each chunk.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

from telecared.adapters.sqlite import rows
from telecared.adapters.sqlite.batch import BatchTables
from telecared.adapters.sqlite.chain import canonical, commit_to, plain_digest
from telecared.adapters.sqlite.evidence import TABLE as EVIDENCE
from telecared.adapters.sqlite.personal import personal_of, teach
from telecared.adapters.sqlite.schema import SITE_SALT
from telecared.core.vocabulary import Instant

SCANNED_INPUTS_MAX: Final = 400
"""Inputs that one chunk looks at: an alarm waits for it, so it is a matter of milliseconds."""

DROPPED_ROWS_MAX: Final = 200
"""Alerts, records without one, or days that one chunk drops."""


class RetentionClass(StrEnum):
    """What has a term of its own."""

    MESSAGES = "messages"
    UNDECODABLE = "undecodable"
    ALIVE = "alive"
    OTHER_INPUTS = "other_inputs"
    ALERTS = "alerts"
    SNAPSHOTS = "snapshots"
    QUARANTINE = "quarantine"
    COMMANDS = "commands"
    HOME_RECORDS = "home_records"


_KINDS: Final = {
    RetentionClass.MESSAGES: "i.kind = 'message' AND i.error IS NULL",
    RetentionClass.UNDECODABLE: "i.kind = 'message' AND i.error IS NOT NULL",
    RetentionClass.ALIVE: "i.kind IN ('alive', 'advance')",
    RetentionClass.OTHER_INPUTS: "i.kind NOT IN ('message', 'alive', 'advance')",
}

# Whatever an unresolved alert was decided from, and everything of its home since it opened, stays;
# so does the newest input, from which the next start counts on.
_UNNEEDED: Final = """
    i.id BETWEEN ? AND ? AND i.at < ?
    AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.home_id = i.home_id
        AND a.state <> 'resolved' AND a.opened_at <= i.at)
    AND i.id NOT IN (SELECT r.input_id FROM alerts a INDEXED BY alerts_unresolved
        CROSS JOIN records r ON r.home_id = a.home_id AND r.alert = a.n
        WHERE a.state <> 'resolved')
    AND i.id <> (SELECT max(id) FROM inputs)
    AND (i.home_id IS NULL OR i.home_id NOT IN (SELECT home_id FROM held))
    AND NOT (EXISTS (SELECT 1 FROM held)
        AND (i.home_id IS NULL OR i.home_id IN (SELECT id FROM homes WHERE name GLOB '@*'))
        AND (tells_of_held(i.body) OR tells_of_held(i.payload)
            OR tells_of_held((SELECT name FROM topics WHERE id = i.topic_id)))) AND """

# An ended command is held by nothing; an old version of a home's record by the snapshots that
# stand on it.
_OLD_ROWS: Final = {
    RetentionClass.COMMANDS: """SELECT id FROM commands WHERE given_at < ?
        AND state <> 'accepted' AND input_id IS NOT NULL AND (salt IS NOT NULL
        OR removed_by IS NOT NULL) AND (home IS NULL OR home NOT IN (SELECT name FROM homes
            WHERE id IN (SELECT home_id FROM held)))
        AND NOT ((home IS NULL OR home GLOB '@*') AND tells_of_held(body))
        ORDER BY id LIMIT ?""",
    RetentionClass.HOME_RECORDS: """SELECT r.id FROM home_records r WHERE r.at < ?
        AND EXISTS (SELECT 1 FROM home_records later
            WHERE later.home_id = r.home_id AND later.id > r.id AND later.at < ?)
        AND NOT EXISTS (SELECT 1 FROM snapshots s
            WHERE s.home_id = r.home_id AND s.record_id = r.id)
        AND NOT EXISTS (SELECT 1 FROM homes h WHERE h.record_id = r.id)
        AND r.home_id NOT IN (SELECT home_id FROM held)
        ORDER BY r.id LIMIT ?""",
}
_DELETE: Final = {
    RetentionClass.COMMANDS: "DELETE FROM commands WHERE id = ?",
    RetentionClass.HOME_RECORDS: "DELETE FROM home_records WHERE id = ?",
}

_OLD_ALERTS: Final = """
    SELECT a.home_id, a.n FROM alerts a
    WHERE a.state = 'resolved' AND a.resolved_at < ?
        AND a.home_id NOT IN (SELECT home_id FROM held) AND NOT EXISTS (
        SELECT 1 FROM notifications n WHERE n.home_id = a.home_id AND n.alert = a.n
        AND n.state = 'queued' AND n.withdrawn = 0)
    AND NOT (EXISTS (SELECT 1 FROM held) AND EXISTS (
        SELECT 1 FROM records r JOIN contents c ON c.id = r.content_id
        WHERE r.home_id = a.home_id AND r.alert = a.n
        AND a.home_id IN (SELECT id FROM homes WHERE name GLOB '@*') AND tells_of_held(c.body)))
    ORDER BY a.resolved_at LIMIT ?"""


_NOT_HELD: Final = """
    AND home_id NOT IN (SELECT home_id FROM held) AND NOT (EXISTS (SELECT 1 FROM held)
        AND tells_of_held((SELECT body FROM contents c WHERE c.id = content_id))) LIMIT ?"""


_OLD_LINES: Final = f"""
    SELECT id, content_id FROM records WHERE alert IS NULL AND at < ? {_NOT_HELD}"""  # noqa: S608
_OLD_HELP: Final = f"""
    SELECT seq, content_id FROM notifications WHERE alert = 0 AND queued_at < ?
    AND (state <> 'queued' OR withdrawn = 1) {_NOT_HELD}"""  # noqa: S608 - a constant


def first_input_since(connection: sqlite3.Connection, since: Instant) -> int:
    """Return the lowest id of an input received at or after an instant; ids follow time.

    Beyond the newest input it is one more than the highest id.
    """
    # Asked apart, each is one look at an end of the tree; together they would read all of it.
    low, high = connection.execute(
        "SELECT coalesce((SELECT min(id) FROM inputs), 1),"
        " coalesce((SELECT max(id) FROM inputs), 0) + 1"
    ).fetchone()
    while low < high:
        middle = (low + high) // 2
        row = connection.execute(
            "SELECT id, at FROM inputs WHERE id >= ? ORDER BY id LIMIT 1", (middle,)
        ).fetchone()
        if row is None or row[1] >= since:
            high = middle
        else:
            low = row[0] + 1
    return int(low)


class Retention:
    """One night's work over one database; remembers how far each class has come.

    Args:
        connection: the writer's, inside a transaction for every chunk.
        tables: writes the chain entries.
    """

    def __init__(self, connection: sqlite3.Connection, tables: BatchTables) -> None:
        self._connection = connection
        self._tables = tables
        self._reached: dict[RetentionClass, int] = {}
        self._held: tuple[int, ...] | None = None

    def chunk(self, name: RetentionClass, before: Instant, now: Instant) -> tuple[int, bool]:
        """Drop some rows of a class from before an instant; return how many, and if more wait."""
        held = hold_back(self._connection, now)
        if held != self._held:
            know_held(self._connection, held)
            self._held = held
        if name in _KINDS:
            count, more = self._inputs(name, before, now)
        elif name is RetentionClass.ALERTS:
            count = self._alerts(before, now)
            more = count > 0
        elif name is RetentionClass.SNAPSHOTS:
            count = self._snapshots(before)
            more = count > 0
        elif name in _OLD_ROWS:
            count = self._rows(name, before, now)
            more = count > 0
        else:
            count = self._connection.execute(
                "DELETE FROM quarantine WHERE id IN"
                " (SELECT id FROM quarantine WHERE at < ?"
                " AND home_id NOT IN (SELECT home_id FROM held) LIMIT ?)",
                (before, DROPPED_ROWS_MAX),
            ).rowcount
            more = count > 0
        self._tables.write_chain()
        return count, more

    def _inputs(self, name: RetentionClass, before: Instant, now: Instant) -> tuple[int, bool]:
        start = self._reached.get(name)
        if start is None:
            start = self._connection.execute("SELECT coalesce(min(id), 1) FROM inputs").fetchone()[
                0
            ]
        last = first_input_since(self._connection, before) - 1
        until = min(start + SCANNED_INPUTS_MAX - 1, last)
        self._reached[name] = until + 1
        count = bury_inputs(
            self._connection, _UNNEEDED + _KINDS[name], (start, until, before), None
        )
        if count:
            self._collapse(start, until, now)
        return count, until < last

    def _collapse(self, first: int, last: int, now: Instant) -> None:
        """Replace the tombstones of batches that are gone as a whole by one row."""
        gone = self._connection.execute(
            "SELECT first, last FROM batches b WHERE last >= ? AND first <= ?"
            " AND NOT EXISTS (SELECT 1 FROM inputs WHERE id BETWEEN b.first AND b.last)"
            " AND NOT EXISTS (SELECT 1 FROM buried_inputs WHERE command_id IS NOT NULL"
            "     AND input_id BETWEEN b.first AND b.last) ORDER BY last LIMIT ?",
            (first, last, SCANNED_INPUTS_MAX),
        ).fetchall()
        for one in gone:
            self._connection.execute("DELETE FROM batches WHERE last = ?", (one[1],))
            self._connection.execute(
                "DELETE FROM buried_inputs WHERE input_id BETWEEN ? AND ?", one
            )
        self._dropped("inputs", _joined(gone), now)

    def _dropped(self, kind: str, ranges: Iterable[tuple[int, int]], now: Instant) -> None:
        """Say for good, in the chain, which rows have gone."""
        for first, last in ranges:
            number = self._tables.number("dropped")
            columns = (number, now, kind, first, last)
            self._connection.execute("INSERT INTO dropped VALUES (?, ?, ?, ?, ?)", columns)
            self._tables.links.add(now, "dropped", str(number), plain_digest(("dropped", *columns)))

    def _alerts(self, before: Instant, now: Instant) -> int:
        """Drop resolved alerts with all that was said about them, and lines of no alert."""
        old = self._connection.execute(_OLD_ALERTS, (before, DROPPED_ROWS_MAX)).fetchall()
        records: list[tuple[int, int]] = []
        notifications: list[tuple[int, int]] = []
        for alert in old:
            records += self._connection.execute(
                "SELECT id, content_id FROM records WHERE home_id = ? AND alert = ?", alert
            ).fetchall()
            notifications += self._connection.execute(
                "SELECT seq, content_id FROM notifications WHERE home_id = ? AND alert = ?", alert
            ).fetchall()
            self._connection.execute("DELETE FROM alerts WHERE home_id = ? AND n = ?", alert)
        records += self._connection.execute(_OLD_LINES, (before, DROPPED_ROWS_MAX)).fetchall()
        notifications += self._connection.execute(_OLD_HELP, (before, DROPPED_ROWS_MAX)).fetchall()
        contents = [(each[1],) for each in (*records, *notifications)]
        self._connection.executemany("DELETE FROM contents WHERE id = ?", contents)
        self._connection.executemany(
            "DELETE FROM records WHERE id = ?", [(each[0],) for each in records]
        )
        self._evidence([each[0] for each in notifications], now)
        self._connection.executemany(
            "DELETE FROM notifications WHERE seq = ?", [(each[0],) for each in notifications]
        )
        self._dropped("records", _runs(each[0] for each in records), now)
        self._dropped("notifications", _runs(each[0] for each in notifications), now)
        return len(old) + len(records) + len(notifications)

    def _evidence(self, notifications: list[int], now: Instant) -> None:
        """Drop the moments of notifications that go."""
        gone: list[int] = []
        for seq in notifications:
            found = self._connection.execute(
                "DELETE FROM notification_evidence WHERE notification = ? RETURNING id", (seq,)
            )
            gone += [row[0] for row in found.fetchall()]
        self._dropped(EVIDENCE, _runs(gone), now)

    def _rows(self, name: RetentionClass, before: Instant, now: Instant) -> int:
        """Drop ended commands, or versions of home records that a later one has long replaced."""
        statement = _OLD_ROWS[name]
        instants = (before,) * (statement.count("?") - 1)
        old = self._connection.execute(statement, (*instants, DROPPED_ROWS_MAX)).fetchall()
        self._connection.executemany(_DELETE[name], old)
        self._dropped(name.value, _runs(row[0] for row in old), now)
        return len(old)

    def _snapshots(self, before: Instant) -> int:
        """Drop the oldest day that is too old; the newest day of all stays."""
        day = self._connection.execute(
            "SELECT day FROM snapshot_days d WHERE at < ? AND input_id <"
            " (SELECT max(input_id) FROM snapshot_days) AND NOT EXISTS (SELECT 1 FROM snapshots s"
            " WHERE s.day = d.day AND s.home_id IN (SELECT home_id FROM held))"
            " ORDER BY input_id LIMIT 1",
            (before,),
        ).fetchone()
        if day is None:
            return 0
        self._connection.execute("DELETE FROM snapshot_days WHERE day = ?", day)
        return self._connection.execute("DELETE FROM snapshots WHERE day = ?", day).rowcount + 1


def hold_back(connection: sqlite3.Connection, now: Instant) -> tuple[int, ...]:
    """Note for this connection which homes are under legal hold at an instant; return their ids."""
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS held(home_id INTEGER PRIMARY KEY)")
    connection.execute("DELETE FROM temp.held")
    connection.execute(
        "INSERT OR IGNORE INTO temp.held SELECT home_id FROM holds"
        " WHERE released_by IS NULL AND (until IS NULL OR until > ?)",
        (now,),
    )
    found = connection.execute("SELECT home_id FROM temp.held ORDER BY home_id").fetchall()
    return tuple(row[0] for row in found)


def know_held(connection: sqlite3.Connection, held: Iterable[int]) -> None:
    """Teach a connection what tells of held homes: texts of their people belong to no home."""
    words: set[str] = set()
    for home_id in held:
        (name,) = connection.execute("SELECT name FROM homes WHERE id = ?", (home_id,)).fetchone()
        personal = personal_of(connection, home_id, name)
        words |= {*personal.needles, *personal.shared}
    teach(connection, "tells_of_held", sorted(words))


def bury_inputs(
    connection: sqlite3.Connection,
    condition: str,
    values: tuple[str | int, ...],
    command: int | None,
) -> int:
    """Delete inputs and keep their commitments; return how many.

    Args:
        connection: the writer's, inside a transaction.
        condition: SQL over `i` (inputs), a constant of this package.
        values: for the condition's parameters.
        command: the command that erases them, None for retention.
    """
    found = connection.execute(rows.SELECT_INPUTS + "WHERE " + condition, values).fetchall()
    homes: dict[str | None, tuple[int | None, bytes]] = {}
    buried = []
    for parts in found:
        name = parts[3]
        if name not in homes:
            row = connection.execute("SELECT id FROM homes WHERE name = ?", (name,)).fetchone()
            home_id = row[0] if row else None
            salt = connection.execute(
                "SELECT salt FROM home_salts WHERE home_id = ?", (home_id or SITE_SALT,)
            ).fetchone()[0]
            homes[name] = (home_id, salt)
        home_id, salt = homes[name]
        buried.append((parts[0], commit_to(salt, canonical(parts)), home_id, command))
    connection.executemany("INSERT INTO buried_inputs VALUES (?, ?, ?, ?)", buried)
    connection.executemany("DELETE FROM inputs WHERE id = ?", [(row[0],) for row in buried])
    return len(buried)


def _runs(ids: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield ids as ranges without holes."""
    return _joined((one, one) for one in sorted(ids))


def _joined(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield sorted ranges with neighbours made one."""
    first: int | None = None
    last = 0
    for low, high in ranges:
        if first is not None and low == last + 1:
            last = high
            continue
        if first is not None:
            yield first, last
        first, last = low, high
    if first is not None:
        yield first, last
