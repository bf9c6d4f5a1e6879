"""What the console asks of the store beside `SqliteReader`: what is registered, states, few alerts.

Read-only, each call a look of its own. Who may see what is read is decided by the caller.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from telecared.adapters.sqlite import rows
from telecared.adapters.sqlite.batch import PLAN_KEY
from telecared.adapters.sqlite.connection import reading
from telecared.store_port import AlertRow

HIGHEST_INTEGER: Final = 2**63 - 1
"""SQLite takes none above it, and an address may hold any."""

MAX_NAMES: Final = 500
"""Names in one question: SQLite takes 32,766 values, a page never needs as many."""


class ConsoleStore:
    """Questions of the console on one SQLite file.

    Raises:
        StoreError: from every method, when the database cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def registered_version(self) -> tuple[int, int, str]:
        """Return what changes whenever a home's record or the plan does; the plan's hash last."""
        with reading(self._path) as connection:
            newest = connection.execute("SELECT max(id) FROM home_records").fetchone()[0]
            # Erasing empties a version in place.
            erased = connection.execute("SELECT count(*) FROM erasures").fetchone()[0]
            plan = connection.execute(
                "SELECT value FROM meta WHERE key = ?", (PLAN_KEY,)
            ).fetchone()
        return newest or 0, erased, plan[0] if plan else ""

    def plan_content(self) -> bytes | None:
        """Return the plan in force, whole."""
        with reading(self._path) as connection:
            found = connection.execute(
                "SELECT content FROM plans WHERE hash = (SELECT value FROM meta WHERE key = ?)",
                (PLAN_KEY,),
            ).fetchone()
        return found[0] if found else None

    def record_ids(self) -> dict[str, int]:
        """Return home -> which version of its record holds, in the order of the homes' ids."""
        with reading(self._path) as connection:
            return dict(
                connection.execute(
                    "SELECT h.name, r.id FROM homes h JOIN home_records r ON r.id = h.record_id"
                    " WHERE r.content IS NOT NULL ORDER BY h.name"
                ).fetchall()
            )

    def record_contents(self, versions: Sequence[int]) -> dict[int, bytes]:
        """Return version -> record of some versions of records, but for those erased since."""
        found: dict[int, bytes] = {}
        with reading(self._path) as connection:
            for first in range(0, len(versions), MAX_NAMES):
                found.update(
                    connection.execute(
                        "SELECT id, content FROM home_records WHERE content IS NOT NULL"
                        " AND id IN (SELECT value FROM json_each(?))",
                        (json.dumps(list(versions[first : first + MAX_NAMES])),),
                    ).fetchall()
                )
        return found

    def states(self, homes: Sequence[str]) -> dict[str, bytes]:
        """Return home -> stored state of some homes, `@site` and `@scheme/ID` among them."""
        found: dict[str, bytes] = {}
        with reading(self._path) as connection:
            for first in range(0, len(homes), MAX_NAMES):
                names = homes[first : first + MAX_NAMES]
                found.update(
                    connection.execute(
                        "SELECT name, state FROM homes WHERE state IS NOT NULL"
                        " AND name IN (SELECT value FROM json_each(?))",
                        (json.dumps(list(names)),),
                    ).fetchall()
                )
        return found

    def alert(self, home: str, n: int) -> AlertRow | None:
        """Return one alert, resolved or not."""
        if n > HIGHEST_INTEGER:
            return None
        with reading(self._path) as connection:
            found = connection.execute(
                f"{rows.SELECT_ALERTS} WHERE h.name = ? AND a.n = ?", (home, n)
            ).fetchall()
        return rows.alert_row(found[0]) if found else None

    def unresolved(self) -> list[AlertRow]:
        """Return every alert that is not resolved, oldest first; `watch` ones are left out."""
        with reading(self._path) as connection:
            found = connection.execute(
                f"{rows.SELECT_ALERTS} WHERE a.state <> 'resolved' AND NOT a.watch"
                " ORDER BY a.opened_at, a.home_id, a.n"
            ).fetchall()
        return [rows.alert_row(row) for row in found]
