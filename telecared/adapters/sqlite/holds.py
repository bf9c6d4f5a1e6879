"""Legal holds: while one stands, nothing of its home is erased, and retention passes it over.

Each hold and each release is an entry of the chain. Why it was placed stands in its command, which
the hold keeps too. Whether somebody may place one is decided elsewhere.
"""

import sqlite3
from typing import Final, Protocol

from telecared.adapters.sqlite.chain import Links, plain_digest
from telecared.adapters.sqlite.names import Names
from telecared.core.legal_holds import HoldRow, HoldWrite
from telecared.core.vocabulary import Instant

_SELECT: Final = """
    SELECT n.name, h.command_id, h.at, h.until FROM holds h JOIN homes n ON n.id = h.home_id
    WHERE h.released_by IS NULL ORDER BY n.name, h.id"""


class ChainedTables(Protocol):
    """What is needed of the tables of a batch to write a row that the chain covers."""

    homes: Names
    links: Links

    def number(self, table: str) -> int:
        """Return the next id of a table."""
        ...


def write_hold(
    connection: sqlite3.Connection, tables: ChainedTables, write: HoldWrite, now: Instant
) -> None:
    """Place or release a hold in the running transaction, with its entry of the chain."""
    home_id = tables.homes.id_of(write.home)
    if write.released:
        waiting = connection.execute(
            "SELECT id FROM holds WHERE home_id = ? AND released_by IS NULL", (home_id,)
        ).fetchall()
        for (number,) in waiting:
            connection.execute(
                "UPDATE holds SET released_by = ?, released_at = ? WHERE id = ?",
                (write.command, now, number),
            )
            digest = plain_digest(("hold_end", number, write.command, now))
            tables.links.add(now, "hold_end", str(number), digest)
        return
    columns = (tables.number("holds"), now, home_id, write.command, write.until)
    connection.execute("INSERT INTO holds VALUES (?, ?, ?, ?, ?, NULL, NULL)", columns)
    tables.links.add(now, "hold", str(columns[0]), plain_digest(("hold", *columns)))


def standing_holds(connection: sqlite3.Connection) -> list[HoldRow]:
    """Return the holds that nobody has released; one may have run out."""
    return [HoldRow(*row) for row in connection.execute(_SELECT).fetchall()]
