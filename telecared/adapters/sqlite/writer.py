"""The store as the engine sees it: one writer thread, one transaction per batch.

Everything that touches the write connection runs on that thread, one after another. How a batch
becomes rows is `batch`; what is asked is `queries`.
"""

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Final, TypeVar

from telecared.adapters.sqlite import queries
from telecared.adapters.sqlite.ballast import BALLAST_BYTES, Ballast
from telecared.adapters.sqlite.batch import BatchTables
from telecared.adapters.sqlite.connection import (
    BUSY_MILLISECONDS,
    open_reader,
    open_writer,
    store_error,
    telling,
)
from telecared.adapters.sqlite.erase import erase_home
from telecared.adapters.sqlite.retention import Retention, RetentionClass
from telecared.adapters.sqlite.schema import MIGRATIONS, migrate, remove_copies
from telecared.core.vocabulary import SECOND, Duration, Instant
from telecared.errors import StoreError, StoreFull
from telecared.store_port import (
    Batch,
    CommandRow,
    EvidenceRow,
    Loaded,
    OpenNotified,
    OutboxRow,
)

INSERT_COMMAND: Final = """
    INSERT INTO commands(kind, by, via, given_at, home, body, state, reason)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""

Result = TypeVar("Result")


class SqliteStore:
    """`store_port.Store` on one SQLite file. Implements no decision.

    Migrates on opening (see `kept_copies`). The engine lock is the caller's to hold.

    Args:
        path: the database; made when it is missing.
        salt: makes a new salt of 32 bytes.
        ballast_bytes: the room that is set aside for a full disk; 0 for none.
        executor: does the work in the place of the writer thread, one after another and in order;
            a simulation gives one of its own. None for the thread. Shut down with the store.

    Raises:
        StoreError: it cannot be opened or migrated, or a newer program wrote it.
    """

    def __init__(
        self,
        path: Path,
        *,
        salt: Callable[[], bytes],
        ballast_bytes: int = BALLAST_BYTES,
        executor: Executor | None = None,
    ) -> None:
        self.path = path
        self._connection = open_writer(path)
        try:
            self.kept_copies = migrate(path, self._connection, MIGRATIONS)
            with telling(path, "open"):
                self._tables = BatchTables(self._connection, salt)
            # Looked at on the event loop's thread only, and never for longer than one row.
            self._watch = open_reader(path, same_thread=False)
        except BaseException:
            self._connection.close()
            raise
        self._version = -1
        self._ballast = Ballast(path, ballast_bytes)
        self._ballast.fill()
        self._closed = False
        self._unsettled = False
        self._journal_owed = False
        self._full = threading.Event()
        self._thread = executor or ThreadPoolExecutor(1, thread_name_prefix="store-writer")

    # --- the writer thread ---------------------------------------------------------------------

    async def _run(self, work: Callable[[], Result]) -> Result:
        if self._closed:
            raise StoreError(f"{self.path.name} is closed")
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _ask(self, question: Callable[[sqlite3.Connection], Result]) -> Result:
        def work() -> Result:
            with telling(self.path, "read"):
                return question(self._connection)

        return await self._run(work)

    def _transaction(self, work: Callable[[], Result]) -> Result:
        """Run `work` in one transaction: all of it is on disk on return, or nothing."""
        if self._unsettled:
            self._undo()
        self._unsettled = True
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            result = work()
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            told = store_error(error, self.path, "write to")
            if isinstance(told, StoreFull):
                self._full.set()
                self._ballast.free()
            with contextlib.suppress(StoreError):  # what cannot be undone now is undone first then
                self._undo()
            raise told from error
        except BaseException:
            self._undo()
            raise
        self._tables.settle()
        self._unsettled = False
        return result

    def _undo(self) -> None:
        """Roll back what is begun, and know only what is on disk."""
        with telling(self.path, "undo a transaction on"):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            self._tables.forget()
        self._unsettled = False

    # --- writing -------------------------------------------------------------------------------

    async def commit(self, batch: Batch) -> Duration:
        """Commit one transaction; see `store_port.Store.commit`."""

        def work() -> Duration:
            begun = perf_counter()
            self._transaction(lambda: self._write(batch))
            took = round((perf_counter() - begun) * SECOND)
            if batch.erasures:
                self._forget_erased()
            elif self._journal_owed:
                self._journal_owed = not self._emptied_journal()
            return took

        return await self._run(work)

    def _write(self, batch: Batch) -> None:
        self._tables.write(batch)
        for erasure in batch.erasures:
            erase_home(self._connection, self._tables, erasure.home, erasure.command, batch.at)

    def _forget_erased(self) -> None:
        """Let nothing of an erased home stand in memory, beside the database or in its journal."""
        self._tables.forget()
        remove_copies(self.path)
        # Somebody may be reading: then it is asked again after the next transaction.
        self._journal_owed = not self._emptied_journal()

    async def add_command(self, command: CommandRow) -> int:
        """Make a command durable and return its id; it enters the chain at once."""

        def insert() -> int:
            number = self._connection.execute(INSERT_COMMAND, command_columns(command)).lastrowid
            self._tables.chain_commands()
            self._tables.write_chain()
            return number or 0

        return await self._run(lambda: self._transaction(insert))

    async def begin_attempt(
        self,
        notification: str,
        wall: Instant,
        *,
        provider: str = "",
        evidence: Sequence[EvidenceRow] = (),
    ) -> None:
        """Make durable that a send is about to begin. Raises StoreError for an unknown one."""

        def begin() -> None:
            begun = self._connection.execute(
                "UPDATE notifications SET attempted_at = ?, attempts = attempts + 1,"
                " provider = ? WHERE id = ?",
                (wall, provider or None, notification),
            )
            if not begun.rowcount:
                raise StoreError(f"there is no notification {notification}")
            self._tables.evidence(evidence)
            self._tables.write_chain()

        await self._run(lambda: self._transaction(begin))

    async def keep_evidence(self, evidence: Sequence[EvidenceRow]) -> list[EvidenceRow]:
        """Append moments of notifications; return those whose notification is not stored yet."""

        def keep() -> list[EvidenceRow]:
            too_early = self._tables.evidence(evidence)
            self._tables.write_chain()
            return too_early

        return await self._run(lambda: self._transaction(keep))

    async def snapshot(self, day: str) -> None:
        """Keep every home's state under the name of the local day; the first of a day stays.

        Refused with StoreFull while the disk is full.
        """
        await self._unless_full(lambda: queries.snapshot(self._connection, day))

    async def remember(self, key: str, value: str) -> None:
        """Keep a small setting; `queries.FILTERS_KEY` and `COMMIT_SECONDS_KEY` are read by load."""

        def keep() -> None:
            self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

        await self._run(lambda: self._transaction(keep))

    async def _unless_full(self, work: Callable[[], Result]) -> Result:
        if self._full.is_set():
            raise StoreFull(f"the disk that holds {self.path.name} is full; this has to wait")
        return await self._run(lambda: self._transaction(work))

    async def apply_retention(
        self, classes: Mapping[RetentionClass, Duration], now: Instant
    ) -> dict[RetentionClass, int]:
        """Drop what is older than its class may be; see `retention`.

        Every chunk is a transaction of its own, so batches are committed in between. Returns how
        many rows each class lost. Works on a full disk too: it makes room.
        """
        counts: dict[RetentionClass, int] = {}
        retention = Retention(self._connection, self._tables)
        for name, term in classes.items():
            counts[name] = 0
            while True:
                count, more = await self._run(
                    lambda name=name, term=term: self._transaction(  # type: ignore[misc]
                        lambda: retention.chunk(name, now - term, now)
                    )
                )
                counts[name] += count
                if not more:
                    break
        return counts

    async def erase(self, home: str, command: int, now: Instant) -> bool:
        """Erase a home's personal data; see `erase`. False when there is no such home.

        Snapshots and the copies that migrations kept go with it; let `empty_journal` follow.
        Backups are files of the operator's and expire by their rotation. The engine must not
        hold the home any more, or it writes its state again.
        """

        def work() -> bool:
            done = self._transaction(
                lambda: erase_home(self._connection, self._tables, home, command, now)
            )
            if done:
                self._forget_erased()
            return done

        return await self._run(work)

    async def empty_journal(self) -> bool:
        """Move the journal into the database and empty it; False while somebody reads.

        Does not wait, so that no alarm has to: ask again later.
        """
        return await self._run(self._emptied_journal)

    def _emptied_journal(self) -> bool:
        with telling(self.path, "empty the journal of"):
            self._connection.execute("PRAGMA busy_timeout = 0").fetchall()
            try:
                busy = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                self._connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}").fetchall()
            return not busy[0][0]

    async def restore_ballast(self) -> bool:
        """Set the ballast aside again; True when it stands there and the disk is not full."""
        held = await self._run(self._ballast.fill)
        if held:
            self._full.clear()
        return held

    # --- asking --------------------------------------------------------------------------------

    async def load(self) -> Loaded:
        """Read everything the engine starts from."""
        return await self._ask(queries.load)

    async def waiting_commands(self, limit: int) -> list[CommandRow]:
        """Return the oldest commands that no input carries yet."""
        return await self._ask(lambda connection: queries.waiting_commands(connection, limit))

    def commands_may_wait(self) -> bool:
        """Whether something was committed since the last call and a command waits."""
        with telling(self.path, "read"):
            version = self._watch.execute("PRAGMA data_version").fetchall()[0][0]
            if version == self._version:
                return False
            self._version = version
            waiting = self._watch.execute("SELECT 1 FROM commands WHERE input_id IS NULL LIMIT 1")
            return bool(waiting.fetchall())

    async def outbox(self) -> list[OutboxRow]:
        """Return what is owed to people, oldest first."""
        return await self._ask(queries.outbox)

    async def awaiting_receipts(self) -> list[tuple[str, str, str]]:
        """Return (notification, provider, provider id) of what was sent and is not final."""
        return await self._ask(queries.awaiting_receipts)

    async def notification_of(self, provider_id: str, provider: str = "") -> str | None:
        """Return the notification that a provider's id belongs to; "" for any provider."""
        return await self._ask(
            lambda connection: queries.notification_of(connection, provider_id, provider)
        )

    async def attempt_of(self, notification: str) -> tuple[str, str]:
        """Return (provider, provider id) of a notification as it stands."""
        return await self._ask(lambda connection: queries.attempt_of(connection, notification))

    async def recipient_of(self, notification: str) -> str | None:
        """Return whom a notification was for."""
        return await self._ask(lambda connection: queries.recipient_of(connection, notification))

    async def spoken(self, notification: str) -> tuple[str, str] | None:
        """Return text and language of a call."""
        return await self._ask(lambda connection: queries.spoken(connection, notification))

    async def home_of_notification(self, notification: str) -> str | None:
        """Return the home that a notification belongs to."""
        return await self._ask(
            lambda connection: queries.home_of_notification(connection, notification)
        )

    async def open_alerts_told_to(self, number: str) -> list[OpenNotified]:
        """Return the unresolved alerts of which this number was told, newest first."""
        return await self._ask(lambda connection: queries.open_alerts_told_to(connection, number))

    async def contacts_with(self, number: str) -> list[tuple[str, str]]:
        """Return (home, contact id) of every registered contact with this number."""
        return await self._ask(lambda connection: queries.contacts_with(connection, number))

    async def seen_inbound(self, provider_id: str) -> bool:
        """Whether an SMS with this provider id is already an input."""
        return await self._ask(lambda connection: queries.seen_inbound(connection, provider_id))

    async def close(self) -> None:
        """Finish what was begun, take the last commands into the chain, checkpoint, close."""

        def work() -> None:
            try:
                self._transaction(self._last_words)
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            except (StoreError, sqlite3.Error):
                return  # a full or broken disk keeps the journal; the next start reads it
            finally:
                self._connection.close()

        if self._closed:
            return
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(self._thread, work)
        self._watch.close()
        self._thread.shutdown()

    def _last_words(self) -> None:
        self._tables.chain_commands()
        self._tables.chain_reads()
        self._tables.write_chain()


def command_columns(command: CommandRow) -> tuple[str | int | None, ...]:
    """Return a command in the order of INSERT_COMMAND."""
    return (
        command.kind,
        command.by,
        command.via,
        command.given_at,
        command.home,
        command.body.decode(),
        command.state,
        command.reason,
    )
