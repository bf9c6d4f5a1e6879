"""The change feed of a console: what the engine has put on record since somebody last looked.

One connection that stays open and cannot write; a look at a store in which nothing new is on
record costs some microseconds, whatever else is committed. What a change means is the caller's.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from telecared.adapters.sqlite.connection import open_reader, telling

MAX_CHANGES: Final = 2_000
"""Lines of the record that one look takes; what is more is taken by the next."""


class Change(NamedTuple):
    """One line of the record.

    Attributes:
        id: rises by one a line.
        home: a home, `@scheme/ID` or `@site`.
        alert: the alert's number in the home; None for what is about no alert.
    """

    id: int
    home: str
    alert: int | None


class ConsoleFeed:
    """Looks for changes. One thread at a time may use it.

    Args:
        path: the database, which must exist.

    Raises:
        StoreError: from every method, when the database cannot be read; the next call opens it
            again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._version = -1
        self._file = (0, 0)

    def stirred(self) -> bool:
        """Whether anything was committed since the last call, by whomever; at first it was."""
        with self._using() as connection:
            version = connection.execute("PRAGMA data_version").fetchone()[0]
        changed: bool = version != self._version
        self._version = version
        return changed

    def newest(self) -> int:
        """Return the id of the newest line of the record, 0 for none."""
        with self._using() as connection:
            found = connection.execute("SELECT max(id) FROM records").fetchone()
        return found[0] or 0

    def changes(self, after: int, limit: int = MAX_CHANGES) -> list[Change]:
        """Return the lines of the record after one, in order, at most `limit`."""
        with self._using() as connection:
            found = connection.execute(
                "SELECT r.id, h.name, r.alert FROM records r JOIN homes h ON h.id = r.home_id"
                " WHERE r.id > ? ORDER BY r.id LIMIT ?",
                (after, limit),
            ).fetchall()
        return [Change(*row) for row in found]

    def standing(self) -> Sequence[tuple[str | int | None, ...]]:
        """Return (home, n, ...) of every unresolved alert: all that people see change of it."""
        with self._using() as connection:
            return connection.execute(
                "SELECT h.name, a.n, a.state, a.priority, a.owner, a.lease_until, a.step,"
                " a.next_at, a.repeats FROM alerts a JOIN homes h ON h.id = a.home_id"
                " WHERE a.state <> 'resolved'"
            ).fetchall()

    def was_replaced(self) -> bool:
        """Whether another file stands in the place of the one that was read: a restored backup.

        It is opened anew by the next call.
        """
        if self._connection is None or self._file == _identity(self._path):
            return False
        self.close()
        return True

    def close(self) -> None:
        """Close the connection; the next call opens it again."""
        connection, self._connection = self._connection, None
        self._version = -1
        if connection is not None:
            connection.close()

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        with telling(self._path, "read"):
            if self._connection is None:
                self._file = _identity(self._path)
                self._connection = open_reader(self._path, same_thread=False)
            try:
                yield self._connection
            except sqlite3.Error:
                self.close()
                raise


def _identity(path: Path) -> tuple[int, int]:
    """Return what tells one file from another of the same name."""
    try:
        status = os.stat(path)
    except OSError:
        return (0, 0)
    return (status.st_dev, status.st_ino)
