"""The file: how it is made, opened, brought up to date, and how its errors are told.

Migrations run through sqlite-utils. Statements that read or write rows live with the code that
runs them.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from sqlite_utils import Database, Migrations

from telecared.errors import StoreError, StoreFull

BUSY_MILLISECONDS: Final = 5_000
"""How long one process waits for another's transaction."""

JOURNAL_BYTES_MAX: Final = 4 * 1024 * 1024
DATABASE_MODE: Final = 0o660
"""For the console and the commands of its group; the process's umask takes from it."""

SUFFIX: Final = "-console.db"

MIGRATIONS: Final = Migrations("telecared-console")

_PRIMARY: Final = 0xFF

_TABLES: Final = (
    # `key` is the name as it is compared; `code_step` the last period whose code was used.
    """CREATE TABLE operators(
        id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, key TEXT NOT NULL UNIQUE,
        role TEXT NOT NULL, schemes TEXT, known_as TEXT UNIQUE, password TEXT, secret TEXT,
        pending_secret TEXT, code_step INTEGER NOT NULL DEFAULT 0,
        must_change INTEGER NOT NULL, created_at INTEGER NOT NULL, disabled_at INTEGER,
        signed_in_at INTEGER) STRICT""",
    """CREATE TABLE recovery_codes(
        digest BLOB PRIMARY KEY, operator_id INTEGER NOT NULL REFERENCES operators(id)) STRICT""",
    """CREATE TABLE sessions(
        id INTEGER PRIMARY KEY AUTOINCREMENT, digest BLOB NOT NULL UNIQUE,
        operator_id INTEGER NOT NULL REFERENCES operators(id), created_at INTEGER NOT NULL,
        used_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, address TEXT NOT NULL,
        locked INTEGER NOT NULL DEFAULT 0) STRICT""",
    "CREATE INDEX sessions_operator ON sessions(operator_id)",
    # Between the password and the code.
    """CREATE TABLE half_sessions(
        digest BLOB PRIMARY KEY, operator_id INTEGER NOT NULL REFERENCES operators(id),
        created_at INTEGER NOT NULL) STRICT""",
    # A desk is shared: one browser may be known to be several people's.
    """CREATE TABLE browsers(
        digest BLOB NOT NULL, operator_id INTEGER NOT NULL REFERENCES operators(id),
        created_at INTEGER NOT NULL, PRIMARY KEY (digest, operator_id)) STRICT""",
    # What was typed as a name may be a password: only digests stand here.
    """CREATE TABLE failures(
        place BLOB PRIMARY KEY, failures INTEGER NOT NULL, last_at INTEGER NOT NULL) STRICT""",
    "CREATE INDEX failures_last ON failures(last_at)",
    """CREATE TABLE tokens(
        id INTEGER PRIMARY KEY AUTOINCREMENT, digest BLOB NOT NULL UNIQUE, name TEXT NOT NULL,
        role TEXT NOT NULL, schemes TEXT, created_at INTEGER NOT NULL, created_by INTEGER,
        expires_at INTEGER NOT NULL, used_at INTEGER, revoked_at INTEGER) STRICT""",
    """CREATE TABLE log(
        id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, kind TEXT NOT NULL,
        operator_id INTEGER, by_id INTEGER, address TEXT NOT NULL, detail TEXT NOT NULL) STRICT""",
)


@MIGRATIONS()
def m001_first_tables(db: Database) -> None:
    """Create everything that the first release keeps."""
    for statement in _TABLES:
        db.execute(statement)


def console_path(store: Path) -> Path:
    """Return where the console's database of a store is: beside it."""
    return store.with_name(f"{store.stem}{SUFFIX}")


class File:
    """One connection to the database, shared by threads, one transaction at a time.

    Args:
        path: made when it is missing, brought up to date when it is old.

    Raises:
        StoreError: it cannot be used; the sentence says why. Also from `reading` and `writing`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        _create(path)
        with self._telling("open"):
            self._connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=rw",
                uri=True,
                isolation_level=None,
                timeout=BUSY_MILLISECONDS / 1000,
                check_same_thread=False,
            )
        try:
            with self._telling("open"):
                for pragma in (
                    "PRAGMA journal_mode = WAL",
                    "PRAGMA synchronous = FULL",
                    "PRAGMA secure_delete = ON",
                    "PRAGMA foreign_keys = ON",
                    f"PRAGMA journal_size_limit = {JOURNAL_BYTES_MAX}",
                ):
                    self._connection.execute(pragma).fetchall()
                self._migrate()
        except StoreError:
            self._connection.close()
            raise
        self._connection.row_factory = sqlite3.Row

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Hold the connection for a look."""
        with self._lock, self._telling("read"):
            yield self._connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Hold the connection for one short transaction, rolled back on any error."""
        with self._lock, self._telling("write"):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.rollback()
                raise
            self._connection.commit()

    def _migrate(self) -> None:
        database = Database(self._connection)
        with closing(sqlite3.connect(":memory:")) as empty:
            known = {each.name for each in MIGRATIONS.pending(Database(empty))}
        for applied in MIGRATIONS.applied(database):
            if applied.name not in known:
                raise StoreError(
                    f"{self._path.name} was written by a newer telecared (migration"
                    f" {applied.name} is unknown); install that version"
                )
        try:
            MIGRATIONS.apply(database)
        except sqlite3.OperationalError:
            # Another process may have brought it up to date at the same time.
            if MIGRATIONS.pending(database):
                raise

    @contextmanager
    def _telling(self, doing: str) -> Iterator[None]:
        """Turn SQLite's errors into sentences."""
        try:
            yield
        except sqlite3.Error as error:
            raise _store_error(error, self._path, doing) from error


def _create(path: Path) -> None:
    """Make a missing file so that the umask decides about the group; SQLite would leave it out."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, DATABASE_MODE))
    except FileExistsError:
        return
    except OSError as error:
        raise StoreError(f"{path} cannot be opened: {error.strerror}; make its folder") from error


def _store_error(error: sqlite3.Error, path: Path, doing: str) -> StoreError:
    primary = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    if primary == sqlite3.SQLITE_FULL:
        return StoreFull(f"the disk that holds {path.name} is full; free some space on it")
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreError(
            f"{path.name} is damaged ({error}); move it away, and add operators again with"
            " `telecared operator add`"
        )
    if primary in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
        return StoreError(f"{path} cannot be opened; check that it may be written")
    if primary == sqlite3.SQLITE_BUSY:
        return StoreError(f"{path.name} is held by another process for too long; try again")
    return StoreError(f"could not {doing} {path.name}: {error}")
