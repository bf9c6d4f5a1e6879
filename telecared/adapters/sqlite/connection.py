"""Connections to the database file: how each kind is opened, copied, and how its errors are told.

The settings that promises rest on stand here: full sync, secure delete, a bounded journal.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from telecared.errors import StoreError, StoreFull

BUSY_MILLISECONDS: Final = 5_000
"""How long one process waits for another's transaction."""

JOURNAL_BYTES_MAX: Final = 64 * 1024 * 1024
CHECKPOINT_PAGES: Final = 4_000
"""A home that changes in every batch is copied into the database once in so many pages."""

CACHE_KIBIBYTES: Final = 32 * 1024
DATABASE_MODE: Final = 0o660
"""The engine's group may hand in commands; the process's umask takes from it."""

COPY_MODE: Final = 0o600
FREE_BYTES_MIN: Final = 1024 * 1024
"""Below this much room an input/output error is taken for a full disk."""

_SQLITE_PRIMARY: Final = 0xFF


def open_writer(path: Path) -> sqlite3.Connection:
    """Open the connection that the writer thread owns; creates the file when it is missing."""
    _create(path)
    connection = _open(f"{path.absolute().as_uri()}?mode=rw", path, same_thread=False)
    try:
        for pragma in (
            "PRAGMA journal_mode = WAL",
            "PRAGMA synchronous = FULL",
            "PRAGMA secure_delete = ON",
            "PRAGMA foreign_keys = ON",
            f"PRAGMA journal_size_limit = {JOURNAL_BYTES_MAX}",
            f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}",
            f"PRAGMA cache_size = -{CACHE_KIBIBYTES}",
        ):
            connection.execute(pragma).fetchall()
    except sqlite3.Error as error:
        connection.close()
        raise store_error(error, path, "open") from error
    return connection


def _create(path: Path) -> None:
    """Make a missing file so that the umask decides about the group; SQLite would leave it out."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, DATABASE_MODE))
    except FileExistsError:
        return
    except OSError as error:
        raise StoreError(f"{path} cannot be opened: {error.strerror}; make its folder") from error


def open_desk(path: Path) -> sqlite3.Connection:
    """Open a connection of another process that inserts single rows beside a running engine."""
    connection = _open(f"{path.absolute().as_uri()}?mode=rw", path, same_thread=True)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    return connection


def open_reader(path: Path, *, same_thread: bool = True) -> sqlite3.Connection:
    """Open a connection that cannot write. The file must exist."""
    return _open(f"{path.absolute().as_uri()}?mode=ro", path, same_thread=same_thread)


def _open(uri: str, path: Path, *, same_thread: bool) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(
            uri,
            uri=True,
            isolation_level=None,
            timeout=BUSY_MILLISECONDS / 1000,
            check_same_thread=same_thread,
            cached_statements=256,
        )
    except sqlite3.Error as error:
        raise store_error(error, path, "open") from error
    return connection


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a read-only connection for one look and close it; errors become StoreError."""
    with closing(open_reader(path)) as connection, telling(path, "read"):
        yield connection


@contextmanager
def telling(path: Path, doing: str) -> Iterator[None]:
    """Turn SQLite's errors into sentences."""
    try:
        yield
    except sqlite3.Error as error:
        raise store_error(error, path, doing) from error


def store_error(error: sqlite3.Error, path: Path, doing: str) -> StoreError:
    """Return the error that telecared raises for an error of SQLite.

    StoreFull when the disk is full, which SQLite also tells as an input/output error when the
    journal's index cannot grow. Row contents never stand in it.
    """
    code = getattr(error, "sqlite_errorcode", 0)
    primary = code & _SQLITE_PRIMARY
    if primary == sqlite3.SQLITE_FULL or (primary == sqlite3.SQLITE_IOERR and _no_room(path)):
        return StoreFull(f"the disk that holds {path.name} is full; free some space on it")
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreError(f"{path.name} is damaged ({error}); restore a backup")
    if primary == sqlite3.SQLITE_CANTOPEN:
        return StoreError(f"{path} cannot be opened; check that it exists and may be written")
    if primary == sqlite3.SQLITE_BUSY:
        return StoreError(f"{path.name} is held by another process for too long; try again")
    return StoreError(f"could not {doing} {path.name}: {error}")


def _no_room(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.absolute().parent).free < FREE_BYTES_MIN
    except OSError:
        return False


def copy_database(
    path: Path, target: Path, *, verified: Callable[[Path], None] | None = None
) -> None:
    """Copy a database that may be in use, check the copy, and put it in place as a whole.

    The copy is written under a temporary name with mode 0600, synced, checked for integrity and
    then renamed; an older file at `target` is replaced only then. The copy is one file, without
    a journal. `verified` looks at it before it counts, and raises when it is not sound.

    Raises:
        StoreError: it could not be written, or the copy is not sound.
    """
    temporary = target.with_name(f".{target.name}.part")
    try:
        _discard(temporary)
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, COPY_MODE))
        with telling(path, "copy"):
            with closing(open_reader(path)) as source, closing(sqlite3.connect(temporary)) as copy:
                source.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE").fetchall()
            with closing(open_reader(temporary)) as copy:
                problems = [row[0] for row in copy.execute("PRAGMA integrity_check")]
        if problems != ["ok"]:
            raise StoreError(f"the copy of {path.name} is not sound: {problems[0]}")
        if verified is not None:
            verified(temporary)
        _sync(temporary)
        temporary.replace(target)
        _sync(target.absolute().parent)
    except OSError as error:
        raise StoreError(f"could not write {target}: {error.strerror}") from error
    finally:
        _discard(temporary)


def _discard(temporary: Path) -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):
        temporary.with_name(temporary.name + suffix).unlink(missing_ok=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
