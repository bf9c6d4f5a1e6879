"""Names as small integers: homes, devices and topics are written once and counted ever after.

What is remembered here is only a cache of the tables, filled as names are met and thrown away
whenever a transaction fails, so that it never knows a row that is not on disk.
"""

import sqlite3
from collections.abc import Callable
from typing import Final

NAMES_MAX: Final = 200_000
"""A table's names that are held in memory; beyond it the memory is begun anew."""

_SELECT: Final = {
    "homes": "SELECT id FROM homes WHERE name = ?",
    "devices": "SELECT id FROM devices WHERE name = ?",
    "topics": "SELECT id FROM topics WHERE name = ?",
}
_INSERT: Final = {
    "homes": "INSERT INTO homes(name) VALUES (?)",
    "devices": "INSERT INTO devices(name) VALUES (?)",
    "topics": "INSERT INTO topics(name) VALUES (?)",
}


class Names:
    """The integer ids of one table's names.

    Args:
        connection: the writer's.
        table: `homes`, `devices` or `topics`.
    """

    def __init__(self, connection: sqlite3.Connection, table: str) -> None:
        self._connection = connection
        self._select, self._insert = _SELECT[table], _INSERT[table]
        self.known: dict[str, int] = {}

    def id_of(self, name: str) -> int:
        """Return the id of a name, which is written into the running transaction if it is new."""
        known = self.known.get(name)
        if known is not None:
            return known
        row = self._connection.execute(self._select, (name,)).fetchone()
        found: int = (
            row[0] if row else self._connection.execute(self._insert, (name,)).lastrowid or 0
        )
        if len(self.known) >= NAMES_MAX:
            self.known.clear()
        self.known[name] = found
        return found

    def forget(self) -> None:
        """Read everything from the table again."""
        self.known.clear()


class Salts:
    """The salt of each home, for commitments to its inputs.

    Args:
        connection: the writer's.
        salt: makes a new salt.
    """

    def __init__(self, connection: sqlite3.Connection, salt: Callable[[], bytes]) -> None:
        self._connection = connection
        self._salt = salt
        self.known: dict[int, bytes] = {}

    def of(self, home_id: int) -> bytes:
        """Return a home's salt (`SITE_SALT` for none's), written now when there is none yet."""
        row = self._connection.execute(
            "SELECT salt FROM home_salts WHERE home_id = ?", (home_id,)
        ).fetchone()
        salt: bytes = row[0] if row else self._salt()
        if row is None:
            self._connection.execute("INSERT INTO home_salts VALUES (?, ?)", (home_id, salt))
        if len(self.known) >= NAMES_MAX:
            self.known.clear()
        self.known[home_id] = salt
        return salt

    def forget(self) -> None:
        """Read everything from the table again."""
        self.known.clear()
