"""One batch into the tables and the chain, inside a transaction that somebody else began.

Every row that the chain covers is committed to here, in the same transaction. When to commit, on
which thread, and what an error means is the writer's matter.
"""

import sqlite3
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from telecared.adapters.sqlite import rows
from telecared.adapters.sqlite.chain import (
    GENESIS,
    Field,
    Links,
    canonical,
    commit_to,
    digest_of,
    plain_digest,
)
from telecared.adapters.sqlite.evidence import append_evidence
from telecared.adapters.sqlite.holds import write_hold
from telecared.adapters.sqlite.names import NAMES_MAX, Names, Salts
from telecared.adapters.sqlite.schema import SITE_SALT
from telecared.core.vocabulary import Instant, NotificationState
from telecared.store_port import (
    AlertRow,
    Batch,
    CommandResult,
    EvidenceRow,
    HomeRecordWrite,
    HomeWrite,
    InputRow,
    NotificationUpdate,
    NotifyRow,
    PacketMemory,
    PlanWrite,
    Quarantine,
    RecordRow,
)

PLAN_KEY: Final = "plan"
"""The key of `meta` that holds the newest plan's hash."""

_INSERT_INPUT: Final = "INSERT INTO inputs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_UPSERT_ALERT: Final = """
    INSERT INTO alerts(home_id, n, alert, rule, priority, state, opened_at, code, watch, owner,
        lease_until, step, next_at, repeats, resolved_at, resolved_by, outcome, cause,
        linked_to)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (home_id, n) DO UPDATE SET alert = excluded.alert, rule = excluded.rule,
        priority = excluded.priority, state = excluded.state, opened_at = excluded.opened_at,
        code = excluded.code, watch = excluded.watch, owner = excluded.owner,
        lease_until = excluded.lease_until, step = excluded.step, next_at = excluded.next_at,
        repeats = excluded.repeats, resolved_at = excluded.resolved_at,
        resolved_by = excluded.resolved_by, outcome = excluded.outcome,
        cause = excluded.cause, linked_to = excluded.linked_to"""
_INSERT_RECORD: Final = "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_NOTIFICATION: Final = """
    INSERT INTO notifications(seq, id, home_id, queued_at, alert, k, priority, recipient, channel,
        content_id, state, withdrawn, code, attempts, changed_at, language)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', 0, '', 0, ?, ?)"""
# What is final stays: a `sent` may come after it, from the provider or from the sender itself.
_UPDATE_NOTIFICATION: Final = """
    UPDATE notifications SET state = CASE WHEN state IN ('delivered', 'undelivered', 'failed')
        THEN state ELSE coalesce(?, state) END,
        withdrawn = max(withdrawn, ? AND state = 'queued'),
        provider_id = coalesce(?, provider_id), provider = coalesce(?, provider),
        code = CASE WHEN ? = '' THEN code ELSE ? END,
        attempted_at = NULL, changed_at = ? WHERE id = ?"""


class _Contact(msgspec.Struct, frozen=True):
    id: str
    phone: str


class _Contacts(msgspec.Struct, frozen=True):
    contacts: tuple[_Contact, ...] = ()


_decode_contacts = msgspec.json.Decoder(_Contacts).decode


class BatchTables:
    """The tables as the writer fills them.

    Args:
        connection: the writer's, with every migration applied.
        salt: makes a new salt of 32 bytes.
    """

    def __init__(self, connection: sqlite3.Connection, salt: Callable[[], bytes]) -> None:
        self._connection = connection
        self._salt = salt
        self.homes = Names(connection, "homes")
        self._devices = Names(connection, "devices")
        self._topics = Names(connection, "topics")
        self._salts = Salts(connection, salt)
        self._due: dict[int, Instant | None] = {}
        self._next: dict[str, int] = {}
        self.links = Links(0, GENESIS)
        self.forget()

    def forget(self) -> None:
        """Read again from the tables what is held in memory; after a failed transaction."""
        for cache in (self.homes, self._devices, self._topics, self._salts):
            cache.forget()
        self._due.clear()
        head = self._connection.execute(
            "SELECT id, hash FROM chain ORDER BY id DESC LIMIT 1"
        ).fetchone()
        self.links = Links(*head) if head else Links(0, GENESIS)
        counted = self._connection.execute("SELECT name, seq FROM sqlite_sequence")
        self._next = {name: seq + 1 for name, seq in counted.fetchall()}

    def write(self, batch: Batch) -> None:
        """Write every part of a batch and the chain entries of all of it."""
        at = batch.at
        self.chain_commands()
        if not batch.critical_only:
            self.chain_reads()
        self._plans(batch.plans, at)
        self._home_records(batch.home_records, at)
        self._inputs(batch.inputs, at)
        self._homes(batch.homes)
        if batch.site is not None:
            self._connection.execute("INSERT OR REPLACE INTO site VALUES (1, ?)", (batch.site,))
        self._alerts(batch.alerts)
        self._records(batch.records, at)
        self._notifications(batch.notifications, at)
        self.evidence(batch.evidence)
        self._notification_updates(batch.notification_updates)
        self._command_results(batch.command_results, at)
        self._packets(batch.packets, forget=batch.forget_packets)
        self._quarantine(batch.quarantined)
        for hold in batch.holds:
            write_hold(self._connection, self, hold, at)
        self.write_chain()

    def write_chain(self) -> None:
        """Write the chain entries that were built."""
        entries = self.links.unwritten()
        if entries:
            self._connection.executemany("INSERT INTO chain VALUES (?, ?, ?, ?, ?, ?, ?)", entries)

    def settle(self) -> None:
        """The transaction is on disk."""
        self.links.settle()

    def number(self, table: str) -> int:
        """Return the next id of a table whose ids are never used twice."""
        number = self._next.get(table, 1)
        self._next[table] = number + 1
        return number

    # --- what other processes inserted ---------------------------------------------------------

    def chain_commands(self) -> None:
        """Take commands into the chain that were inserted since the last transaction."""
        waiting = self._connection.execute(
            "SELECT id, kind, by, via, given_at, home, body FROM commands"
            " WHERE salt IS NULL AND removed_by IS NULL ORDER BY id"
        ).fetchall()
        for row in waiting:
            salt = self._salt()
            self._connection.execute("UPDATE commands SET salt = ? WHERE id = ?", (salt, row[0]))
            content = rows.command_content(*row)
            self.links.add(row[4], "command", str(row[0]), commit_to(salt, content))

    def chain_reads(self) -> None:
        """Take logged reads into the chain that were inserted since the last transaction."""
        waiting = self._connection.execute(
            "SELECT id, at, by, what, home FROM reads WHERE salt IS NULL ORDER BY id"
        ).fetchall()
        for row in waiting:
            salt = self._salt()
            self._connection.execute("UPDATE reads SET salt = ? WHERE id = ?", (salt, row[0]))
            self.links.add(row[1], "read", str(row[0]), commit_to(salt, canonical(("read", *row))))

    # --- inputs and states ---------------------------------------------------------------------

    def _inputs(self, inputs: list[InputRow], at: Instant) -> None:
        """Write inputs and one digest over them: the loop that a storm of messages runs through."""
        if not inputs:
            return
        home_ids, device_ids, topic_ids = self.homes.known, self._devices.known, self._topics.known
        salts, content_of, hashed = self._salts.known, rows.input_parts, commit_to
        written: list[tuple[Field, ...]] = []
        commitments: list[bytes] = []
        for row in inputs:
            parts = content_of(row)
            home, device, topic = parts[3:6]
            home_id = device_id = topic_id = None
            if home is not None:
                home_id = home_ids.get(home) or self.homes.id_of(home)
            if device is not None:
                device_id = device_ids.get(device) or self._devices.id_of(device)
            if topic is not None:
                topic_id = topic_ids.get(topic) or self._topics.id_of(topic)
            owner = home_id or SITE_SALT
            salt = salts.get(owner) or self._salts.of(owner)
            commitments.append(hashed(salt, canonical(parts)))
            written.append((*parts[:3], home_id, device_id, topic_id, *parts[6:]))
        self._connection.executemany(_INSERT_INPUT, written)
        first, last = inputs[0].id, inputs[-1].id
        self._connection.execute("INSERT INTO batches VALUES (?, ?)", (last, first))
        self.links.add(at, "inputs", f"{first}-{last}", digest_of(commitments))

    def _homes(self, homes: list[HomeWrite]) -> None:
        """Write states; the index of due instants is touched only where one has moved."""
        moved: list[tuple[Field, ...]] = []
        stayed: list[tuple[Field, ...]] = []
        for write in {write.home: write for write in homes}.values():
            home_id = self.homes.id_of(write.home)
            if home_id in self._due and self._due[home_id] == write.due_at:
                stayed.append((write.state, home_id))
                continue
            if len(self._due) >= NAMES_MAX:
                self._due.clear()
            self._due[home_id] = write.due_at
            moved.append((write.state, write.due_at, home_id))
        if stayed:
            self._connection.executemany("UPDATE homes SET state = ? WHERE id = ?", stayed)
        if moved:
            self._connection.executemany(
                "UPDATE homes SET state = ?, due_at = ? WHERE id = ?", moved
            )

    def _packets(self, packets: list[PacketMemory], *, forget: bool) -> None:
        if forget:
            self._connection.execute("DELETE FROM packets")
        if packets:
            self._connection.executemany(
                "INSERT OR REPLACE INTO packets VALUES (?, ?, ?, ?)",
                [(each.packet_id, each.digest, int(each.skip), each.input) for each in packets],
            )

    def _quarantine(self, quarantined: list[Quarantine]) -> None:
        for each in quarantined:
            self._connection.execute(
                "INSERT INTO quarantine(input_id, home_id, what, key, error, at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (
                    each.input,
                    self.homes.id_of(each.home),
                    each.what,
                    each.key,
                    each.error,
                    each.at,
                ),
            )

    # --- plans and what people registered ------------------------------------------------------

    def _plans(self, plans: list[PlanWrite], at: Instant) -> None:
        for plan in plans:
            self._connection.execute(
                "INSERT INTO plans VALUES (?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING",
                (plan.hash, at, plan.content, self._salt()),
            )
            content, salt = self._connection.execute(
                "SELECT content, salt FROM plans WHERE hash = ?", (plan.hash,)
            ).fetchone()
            self._connection.execute(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)", (PLAN_KEY, plan.hash)
            )
            commitment = commit_to(salt, canonical(("plan", plan.hash, content)))
            self.links.add(at, "plan", plan.hash, commitment)

    def _home_records(self, writes: list[HomeRecordWrite], at: Instant) -> None:
        for write in writes:
            home_id = self.homes.id_of(write.home)
            number, salt = self.number("home_records"), self._salt()
            self._connection.execute(
                "INSERT INTO home_records VALUES (?, ?, ?, ?, ?, ?, NULL)",
                (number, home_id, at, write.hash, write.content, salt),
            )
            self._connection.execute(
                "UPDATE homes SET record_id = ? WHERE id = ?",
                (None if write.content is None else number, home_id),
            )
            self._connection.execute("DELETE FROM contact_numbers WHERE home_id = ?", (home_id,))
            contacts = () if write.content is None else _decode_contacts(write.content).contacts
            self._connection.executemany(
                "INSERT INTO contact_numbers VALUES (?, ?, ?)",
                [(contact.phone, home_id, contact.id) for contact in contacts],
            )
            content = canonical(("home_record", number, write.home, write.hash, write.content))
            self.links.add(at, "home_record", str(number), commit_to(salt, content))

    # --- alerts, the record, notifications -----------------------------------------------------

    def _alerts(self, alerts: list[AlertRow]) -> None:
        if alerts:
            self._connection.executemany(
                _UPSERT_ALERT,
                [rows.alert_columns(alert, self.homes.id_of(alert.home)) for alert in alerts],
            )

    def _content(self, home_id: int, body: bytes) -> tuple[int, bytes]:
        """Keep personal content apart and return its id and its salted digest."""
        number, salt = self.number("contents"), self._salt()
        digest = commit_to(salt, body)
        self._connection.execute(
            "INSERT INTO contents VALUES (?, ?, ?, ?, ?, NULL)",
            (number, home_id, salt, body.decode(), digest),
        )
        return number, digest

    def _records(self, records: list[RecordRow], at: Instant) -> None:
        for row in records:
            record, home_id = row.record, self.homes.id_of(row.home)
            body = rows.personal(record.text, record.reason, row.home)
            content_id, digest = self._content(home_id, body)
            columns = rows.record_columns(record, self.number("records"), home_id)
            self._connection.execute(_INSERT_RECORD, (*columns, content_id))
            self.links.add(
                at, "record", str(columns[0]), plain_digest(("record", *columns, digest))
            )

    def _notifications(self, notifications: list[NotifyRow], at: Instant) -> None:
        for row in notifications:
            notify, home_id = row.notify, self.homes.id_of(row.home)
            body = rows.personal(notify.number, notify.text, row.home)
            content_id, digest = self._content(home_id, body)
            columns = rows.notification_columns(notify, self.number("notifications"), home_id)
            self._connection.execute(
                _INSERT_NOTIFICATION, (*columns, content_id, notify.at, notify.language)
            )
            commitment = plain_digest(("notification", *columns, digest))
            self.links.add(at, "notification", str(columns[0]), commitment)

    def evidence(self, evidence: Iterable[EvidenceRow]) -> list[EvidenceRow]:
        """Append moments of notifications; return those whose notification is not stored yet."""
        return append_evidence(self._connection, self.links, self.number, self._salt, evidence)

    def _notification_updates(self, updates: list[NotificationUpdate]) -> None:
        for update in updates:
            state: NotificationState | None = update.state
            self._connection.execute(
                _UPDATE_NOTIFICATION,
                (
                    None if state is None else state.value,
                    int(update.withdrawn),
                    update.provider_id,
                    update.provider,
                    update.code,
                    update.code,
                    update.at,
                    update.id,
                ),
            )

    def _command_results(self, results: list[CommandResult], at: Instant) -> None:
        for result in results:
            row = self._connection.execute(
                "UPDATE commands SET state = ?, reason = ?, input_id = ? WHERE id = ?"
                " RETURNING salt",
                (result.state, result.reason, result.input, result.id),
            ).fetchall()
            if not row or row[0][0] is None:
                continue  # erased meanwhile: there is nothing left to commit to
            content = rows.result_content(result.id, result.state, result.reason, result.input)
            self.links.add(at, "result", str(result.id), commit_to(row[0][0], content))
