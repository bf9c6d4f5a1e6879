"""Questions of people and checks: read-only, each with a look of its own.

No transaction outlives a call. Whether somebody may see what is read, and that it is logged, is
decided by the caller.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from telecared.adapters.sqlite import queries, rows
from telecared.adapters.sqlite.connection import reading
from telecared.adapters.sqlite.evidence import life_of
from telecared.adapters.sqlite.holds import standing_holds
from telecared.adapters.sqlite.retention import first_input_since
from telecared.adapters.sqlite.schema import require_current
from telecared.core.events import SITE
from telecared.core.legal_holds import HoldRow
from telecared.core.vocabulary import Instant
from telecared.reader_port import AlertFilter, NotificationLife, StoredRecord, StrangerMessage
from telecared.store_port import AlertRow, HomeRecordWrite, InputRow, Loaded, StoredHome

PAGE_INPUTS: Final = 5_000
"""Inputs that are read in one look."""

_ALL: Final = rows.SELECT_INPUTS + "WHERE i.id > ? ORDER BY i.id LIMIT ?"
# Each arm walks the index on the home in order of ids, and the arms are merged.
_IDS_OF_HOME: Final = """i.id IN (
        SELECT id FROM inputs WHERE home_id = (SELECT id FROM homes WHERE name = ?) AND id > ?
        UNION ALL
        SELECT id FROM inputs WHERE home_id = (SELECT id FROM homes WHERE name = ?) AND id > ?
        UNION ALL
        SELECT id FROM inputs WHERE home_id IS NULL AND id > ?
        ORDER BY id LIMIT ?)"""
_OF_HOME: Final = f"{rows.SELECT_INPUTS} WHERE {_IDS_OF_HOME} ORDER BY i.id"
# Of a message that tells of several devices only the first row has the payload.
_OF_STRANGERS: Final = """
    SELECT h.name, d.name, t.name, i.at, coalesce(i.payload, (
        SELECT p.payload FROM inputs p WHERE p.topic_id = i.topic_id AND p.id < i.id
        AND p.id >= i.id - 1000 AND p.payload IS NOT NULL ORDER BY p.id DESC LIMIT 1))
    FROM (
        SELECT id, home_id, device_id, topic_id, at, payload, row_number() OVER (
            PARTITION BY home_id, device_id, topic_id ORDER BY id DESC) AS back
        FROM inputs WHERE kind = 'message' AND (
            home_id IS NULL OR home_id IN (SELECT id FROM homes WHERE name GLOB '@*'))) i
    LEFT JOIN homes h ON h.id = i.home_id LEFT JOIN devices d ON d.id = i.device_id
        LEFT JOIN topics t ON t.id = i.topic_id
    WHERE i.back <= ? ORDER BY i.id DESC LIMIT ?"""
_RECORDS: Final = """
    SELECT h.name, r.at, r.event, r.rule, r.alert, r.priority, r.recipient, r.channel, r.late,
        r.input_id, c.body
    FROM records r JOIN homes h ON h.id = r.home_id LEFT JOIN contents c ON c.id = r.content_id """
_SNAPSHOT: Final = """
    SELECT h.name, s.state, s.due_at, r.hash, r.content
    FROM snapshots s JOIN homes h ON h.id = s.home_id LEFT JOIN home_records r ON r.id = s.record_id
    WHERE s.day = ? ORDER BY h.id"""
_ERASED: Final = """
    SELECT name, max(command) FROM (
        SELECT h.name AS name, e.command_id AS command
        FROM erasures e JOIN homes h ON h.id = e.home_id
        UNION ALL SELECT h.name, b.command_id FROM buried_inputs b JOIN homes h ON h.id = b.home_id
        WHERE b.command_id IS NOT NULL
        UNION ALL SELECT h.name, c.removed_by FROM contents c JOIN homes h ON h.id = c.home_id
        WHERE c.removed_by IS NOT NULL) GROUP BY name"""


class SqliteReader:
    """`store_port.Reader` on one SQLite file, which must exist and be of this version.

    Raises:
        StoreError: from every method, when the database cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with reading(path) as connection:
            require_current(connection, path)

    def alerts(self, wanted: AlertFilter) -> list[AlertRow]:
        """Return alerts, newest first."""
        conditions, values = ["1 = 1"], list[str | int]()
        for condition, value in (
            ("h.name = ?", wanted.home),
            ("a.state = ?", None if wanted.state is None else wanted.state.value),
            ("a.opened_at >= ?", wanted.since),
        ):
            if value is not None:
                conditions.append(condition)
                values.append(value)
        statement = (
            f"{rows.SELECT_ALERTS} WHERE {' AND '.join(conditions)}"
            " ORDER BY a.opened_at DESC, a.home_id, a.n DESC LIMIT ?"
        )
        with reading(self._path) as connection:
            found = connection.execute(statement, (*values, wanted.limit)).fetchall()
        return [rows.alert_row(row) for row in found]

    def evidence_of(
        self, home: str, alert: int, notification: str | None = None
    ) -> list[NotificationLife]:
        """Return the lives of an alert's notifications, or of one of them, oldest first."""
        with reading(self._path) as connection:
            return life_of(connection, home, alert, notification)

    def events(self, *, home: str | None, since: Instant | None, limit: int) -> list[InputRow]:
        """Return message inputs, newest last: the last `limit` of those that match."""
        condition = "" if home is None else " AND i.home_id = (SELECT id FROM homes WHERE name = ?)"
        values: list[str | int] = [] if home is None else [home]
        with reading(self._path) as connection:
            first = 0 if since is None else first_input_since(connection, since)
            found = connection.execute(
                f"{rows.SELECT_INPUTS} WHERE i.kind = 'message' AND i.id >= ?{condition}"
                " ORDER BY i.id DESC LIMIT ?",
                (first, *values, limit),
            ).fetchall()
        return [rows.input_row(row) for row in reversed(found)]

    def site(self) -> bytes | None:
        """Return the facts of the site as they are stored; None before the first start."""
        with reading(self._path) as connection:
            found = connection.execute("SELECT facts FROM site").fetchone()
        return None if found is None else bytes(found[0])

    def strangers(self, *, each: int, limit: int) -> list[StrangerMessage]:
        """Return what devices that nobody registered sent, and topics of no device, newest last.

        Args:
            each: the last so many messages of each device and topic.
            limit: at most so many in all, the newest.
        """
        with reading(self._path) as connection:
            found = connection.execute(_OF_STRANGERS, (each, limit)).fetchall()
        return [
            StrangerMessage(home, device, topic, at, payload or b"")
            for home, device, topic, at, payload in reversed(found)
            if topic is not None
        ]

    def inputs(self, *, after: int = 0, home: str | None = None) -> Sequence[InputRow]:
        """Return the sequence of inputs in order; see `each_input` for what does not fit memory."""
        return list(self.each_input(after=after, home=home))

    def home_states(self, *, home: str | None = None) -> list[tuple[str, bytes]]:
        """Return (home, stored state) of one home or of all, in the order of their ids."""
        with reading(self._path) as connection:
            return connection.execute(
                "SELECT name, state FROM homes"
                " WHERE state IS NOT NULL AND (? IS NULL OR name = ?) ORDER BY name",
                (home, home),
            ).fetchall()

    def input_span(self) -> tuple[Instant, Instant] | None:
        """Return when the first and the last stored input were received; None for none."""
        with reading(self._path) as connection:
            found = connection.execute(
                "SELECT (SELECT at FROM inputs ORDER BY id LIMIT 1),"
                " (SELECT at FROM inputs ORDER BY id DESC LIMIT 1)"
            ).fetchone()
        return None if found[0] is None else (found[0], found[1])

    def last_input_before(self, at: Instant) -> int:
        """Return the id of the last input received before an instant, 0 for none."""
        with reading(self._path) as connection:
            return first_input_since(connection, at) - 1

    def each_input(self, *, after: int = 0, home: str | None = None) -> Iterator[InputRow]:
        """Yield the sequence of inputs in order, a page a look.

        With `home`, its own, those of `@site` and those that belong to no home. What is committed
        while it runs is yielded too.
        """
        while True:
            with reading(self._path) as connection:
                if home is None:
                    found = connection.execute(_ALL, (after, PAGE_INPUTS)).fetchall()
                else:
                    other = SITE if home != SITE else None
                    found = connection.execute(
                        _OF_HOME, (home, after, other, after, after, PAGE_INPUTS)
                    ).fetchall()
            for row in found:
                yield rows.input_row(row)
            if len(found) < PAGE_INPUTS:
                return
            after = found[-1][0]

    def records(self, *, home: str | None = None) -> Sequence[StoredRecord]:
        """Return the record in the order in which it was written; erased texts are empty."""
        condition = "" if home is None else "WHERE h.name = ? "
        with reading(self._path) as connection:
            found = connection.execute(
                _RECORDS + condition + "ORDER BY r.id", () if home is None else (home,)
            ).fetchall()
        return [rows.stored_record(row) for row in found]

    def updates(self, *, home: str | None, since: Instant) -> Sequence[StoredRecord]:
        """Return what became of alerts beside their states, from an instant on, oldest first."""
        with reading(self._path) as connection:
            found = connection.execute(
                _RECORDS + "WHERE r.event = 'alert.updated' AND r.at >= ?"
                " AND (? IS NULL OR h.name = ?) ORDER BY r.id",
                (since, home, home),
            ).fetchall()
        return [rows.stored_record(row) for row in found]

    def notification_states(self) -> dict[str, int]:
        """Return how many notifications stand in which state, without those taken back unsent."""
        with reading(self._path) as connection:
            return dict(
                connection.execute(
                    "SELECT state, count(*) FROM notifications"
                    " WHERE NOT withdrawn OR state <> 'queued' GROUP BY state"
                ).fetchall()
            )

    def load(self) -> Loaded:
        """Return what an engine would start from."""
        with reading(self._path) as connection:
            return queries.load(connection)

    def remembered(self, key: str) -> str | None:
        """Return a small setting that the engine keeps (`links.SECRET_KEY`), or None."""
        with reading(self._path) as connection:
            return queries.remembered(connection, key)

    def plans(self) -> list[tuple[Instant, bytes]]:
        """Return (since when, content) of every plan version that is kept, oldest first."""
        with reading(self._path) as connection:
            return connection.execute("SELECT at, content FROM plans ORDER BY at, rowid").fetchall()

    def plan(self, plan_hash: str) -> bytes | None:
        """Return a plan version, whole."""
        with reading(self._path) as connection:
            found = connection.execute(
                "SELECT content FROM plans WHERE hash = ?", (plan_hash,)
            ).fetchall()
        return found[0][0] if found else None

    def home_record(self, record_hash: str) -> bytes | None:
        """Return a version of a home's record, whole; None when it was erased or dropped."""
        with reading(self._path) as connection:
            found = connection.execute(
                "SELECT content FROM home_records WHERE hash = ? AND content IS NOT NULL",
                (record_hash,),
            ).fetchall()
        return found[0][0] if found else None

    def home_records(self, home: str) -> list[HomeRecordWrite]:
        """Return every version of a home's record, oldest first; None where deleted or erased."""
        with reading(self._path) as connection:
            found = connection.execute(
                "SELECT h.name, r.hash, r.content FROM home_records r"
                " JOIN homes h ON h.id = r.home_id WHERE h.name = ? ORDER BY r.id",
                (home,),
            ).fetchall()
        return [HomeRecordWrite(*row) for row in found]

    def snapshot_days(self) -> list[tuple[str, int]]:
        """Return (local day, last input it holds) of every snapshot, oldest first."""
        with reading(self._path) as connection:
            return connection.execute(
                "SELECT day, input_id FROM snapshot_days ORDER BY input_id"
            ).fetchall()

    def snapshot(self, day: str) -> tuple[bytes | None, str | None, list[StoredHome]]:
        """Return (site facts, plan hash, homes) as they stood; nothing for an unknown day."""
        with reading(self._path) as connection:
            found = connection.execute(
                "SELECT site, plan_hash FROM snapshot_days WHERE day = ?", (day,)
            ).fetchall()
            homes = connection.execute(_SNAPSHOT, (day,)).fetchall()
        site, plan = found[0] if found else (None, None)
        return site, plan, [StoredHome(*row) for row in homes]

    def last_dropped_input(self) -> int:
        """Return the highest id of an input that retention has dropped, 0 for none.

        Older ones may still stand: those that an unresolved alert was decided from are kept.
        """
        with reading(self._path) as connection:
            found = connection.execute(
                "SELECT max(coalesce((SELECT max(last) FROM dropped WHERE kind = 'inputs'), 0),"
                " coalesce((SELECT max(input_id) FROM buried_inputs WHERE command_id IS NULL), 0))"
            ).fetchall()
        return int(found[0][0])

    def is_erased(self, home: str) -> int | None:
        """Return the command that erased a home's past, which then cannot be replayed."""
        with reading(self._path) as connection:
            found = connection.execute(
                "SELECT e.command_id FROM erasures e JOIN homes h ON h.id = e.home_id"
                " WHERE h.name = ? ORDER BY e.id DESC LIMIT 1",
                (home,),
            ).fetchall()
        return found[0][0] if found else None

    def erased_homes(self) -> dict[str, int]:
        """Return home -> the last command that removed its past or a part of it.

        Of a scheme, or the site, that is what it had been told about an erased home.
        """
        with reading(self._path) as connection:
            return dict(connection.execute(_ERASED).fetchall())

    def holds(self) -> list[HoldRow]:
        """Return the legal holds that nobody has released; one may have run out."""
        with reading(self._path) as connection:
            return standing_holds(connection)

    def chain_head(self) -> tuple[int, str]:
        """Return (entries, hex hash of the newest): what leaves the machine daily."""
        with reading(self._path) as connection:
            found = connection.execute(
                "SELECT id, hash FROM chain ORDER BY id DESC LIMIT 1"
            ).fetchall()
        return (found[0][0], found[0][1].hex()) if found else (0, "")
