"""Whether a database is what the engine wrote: sound, unbroken, and explained where rows are gone.

Reads only. What each chain entry stands for is checked in `verify_entries`, how tables agree with
one another in `verify_tables`.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from telecared.adapters.sqlite.chain import GENESIS, entry_hash
from telecared.adapters.sqlite.connection import reading
from telecared.adapters.sqlite.schema import require_current
from telecared.adapters.sqlite.verify_entries import Entries
from telecared.adapters.sqlite.verify_tables import (
    alerts_against_records,
    alerts_against_states,
    homes_against_records,
    notifications_against_records,
    rows_without_entry,
    times_against_records,
)
from telecared.errors import StoreError
from telecared.store_port import AlertRow

PROBLEMS_MAX: Final = 1_000
"""Verifying ends after so many problems: a database this broken is restored, not read."""

AlertsOfState = Callable[[bytes], list[AlertRow]]
"""Returns the unresolved alerts that a home's state holds."""


class Verification(msgspec.Struct, kw_only=True):
    """What verifying found.

    Attributes:
        problems: sentences that name table and id; empty when all is well.
        explained: sentences about what is rightly gone, counted by reason.
        counts: how many of each kind were looked at.
        head: hex hash of the newest chain entry, "" for an empty chain.
    """

    problems: list[str] = []
    explained: dict[str, int] = {}
    counts: dict[str, int] = {}
    head: str = ""

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def verify(path: Path, *, alerts_of_state: AlertsOfState | None = None) -> Verification:
    """Check a database from end to end; it may be in use.

    One look at one moment: the engine's journal cannot shrink meanwhile, so a large busy database
    is better verified as a backup.

    Args:
        path: the database or a backup.
        alerts_of_state: when given, homes' states are held against the table of alerts.
    """
    found = Verification()
    try:
        with reading(path) as connection:
            require_current(connection, path)
            connection.execute("BEGIN")
            _sound(connection, found)
            if found.is_sound:
                _verify(connection, found, alerts_of_state)
    except StoreError as error:
        found.problems.append(str(error))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        # Its text may quote a row.
        found.problems.append(f"a row cannot be read any more ({type(error).__name__})")
    return found


def _sound(connection: sqlite3.Connection, found: Verification) -> None:
    for row in connection.execute("PRAGMA integrity_check"):
        if row[0] != "ok":
            found.problems.append(f"the file is damaged: {row[0]}")


def _verify(
    connection: sqlite3.Connection, found: Verification, alerts_of_state: AlertsOfState | None
) -> None:
    _chain(connection, found)
    for check in (
        rows_without_entry,
        alerts_against_records,
        times_against_records,
        notifications_against_records,
        homes_against_records,
    ):
        found.problems.extend(check(connection))
    if alerts_of_state is not None:
        found.problems.extend(alerts_against_states(connection, alerts_of_state))
    for table, statement in _COUNTED.items():
        found.counts[table] = connection.execute(statement).fetchone()[0]


_COUNTED: Final = {
    "inputs": "SELECT count(*) FROM inputs",
    "records": "SELECT count(*) FROM records",
    "notifications": "SELECT count(*) FROM notifications",
    "commands": "SELECT count(*) FROM commands",
    "alerts": "SELECT count(*) FROM alerts",
    "unresolved alerts": "SELECT count(*) FROM alerts WHERE state <> 'resolved'",
    "commands not in the chain yet": "SELECT count(*) FROM commands"
    " WHERE salt IS NULL AND removed_by IS NULL",
    "reads not in the chain yet": "SELECT count(*) FROM reads WHERE salt IS NULL",
}


def _chain(connection: sqlite3.Connection, found: Verification) -> None:
    """Walk the chain from its first entry and check what each stands for."""
    entries = Entries(connection, found.problems, found.explained)
    before, expected = GENESIS, 1
    for row in connection.execute(
        "SELECT id, at, kind, ref, commitment, previous, hash FROM chain ORDER BY id"
    ):
        number, at, kind, ref, commitment, previous, linked = row
        if number != expected:
            found.problems.append(f"chain: entry {expected} is missing")
        if previous != before:
            found.problems.append(f"chain: entry {number} does not hold the entry before it")
        if linked != entry_hash(at, kind, ref, commitment, previous):
            found.problems.append(f"chain: entry {number} has been changed")
        else:
            entries.check(number, kind, ref, commitment)
        before, expected = linked, number + 1
        if len(found.problems) > PROBLEMS_MAX:
            found.problems.append("too many problems; the rest was not looked at")
            return
    found.counts["chain"] = expected - 1
    found.head = "" if before == GENESIS else before.hex()
    entries.finish()
