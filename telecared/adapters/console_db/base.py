"""What every part of the accounts stands on: the file, the hashing, rows as values, the log.

Who may do what is the guard's; what an attempt costs, `attempts`.
"""

import json
import sqlite3
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog
from argon2 import PasswordHasher

from telecared.accounts_port import Account
from telecared.adapters.console_db.files import File
from telecared.adapters.console_db.hashing import HASHED_WELL, LONGEST_TOKEN, Hashing
from telecared.core.operators import Operator, Role
from telecared.core.sign_in import IDLE, SESSION
from telecared.core.vocabulary import Duration, Instant
from telecared.errors import Refused

LOG_LINES_MAX: Final = 1_000_000
"""Lines of the log that are kept: ten thousand sign-ins a month for eight years."""

LOG_TRIMMED_EVERY: Final = 1_000

LONGEST_ADDRESS: Final = 64
LONGEST_DETAIL: Final = 2_000

log = structlog.get_logger(__name__)


class Base:
    """The open database.

    Args:
        path: made when it is missing; see `console_path`.
        chance: returns unpredictable bytes, 32 at least.
        idle: after how long without an act a session locks.
        session: how long a session lasts, whatever is done.
        hasher: of passwords; tests take a cheaper one.

    Raises:
        StoreError: it cannot be used. Also from every method.
    """

    def __init__(
        self,
        path: Path,
        *,
        chance: Callable[[], bytes],
        idle: Duration = IDLE,
        session: Duration = SESSION,
        hasher: PasswordHasher = HASHED_WELL,
    ) -> None:
        self._file = File(path)
        self._hashing = Hashing(chance, hasher=hasher)
        self._idle = idle
        self._session = session

    def close(self) -> None:
        """Close the database."""
        self._file.close()


def note(
    connection: sqlite3.Connection,
    kind: str,
    now: Instant,
    *,
    operator: int | None = None,
    by: int | None = None,
    address: str = "",
    detail: str = "",
) -> None:
    """Write one line into the log, in the transaction of what it tells."""
    done = connection.execute(
        """INSERT INTO log(at, kind, operator_id, by_id, address, detail)
            VALUES (?, ?, ?, ?, ?, ?)""",
        (now, kind, operator, by, address[:LONGEST_ADDRESS], detail[:LONGEST_DETAIL]),
    )
    line = done.lastrowid or 0
    if line % LOG_TRIMMED_EVERY == 0:
        connection.execute("DELETE FROM log WHERE id <= ?", (line - LOG_LINES_MAX,))
    # Ids only: neither a name nor an address belongs into a log file.
    log.info("console.people", what=kind, operator=operator, by_operator=by)


def operator_of(row: sqlite3.Row) -> Operator:
    """Return an operator from a row of `operators`."""
    return Operator(
        id=row["id"], name=row["name"], role=Role(row["role"]), schemes=read_schemes(row["schemes"])
    )


def account_of(row: sqlite3.Row) -> Account:
    """Return an account from a row of `operators`."""
    return Account(
        id=row["id"],
        name=row["name"],
        role=Role(row["role"]),
        schemes=read_schemes(row["schemes"]),
        known_as=row["known_as"] or "",
        has_password=row["password"] is not None,
        has_code=row["secret"] is not None,
        must_change_password=bool(row["must_change"]),
        created_at=row["created_at"],
        disabled_at=row["disabled_at"],
        signed_in_at=row["signed_in_at"],
    )


def read_schemes(kept: str | None) -> tuple[str, ...] | None:
    """Return schemes as they are kept."""
    return None if kept is None else tuple(json.loads(kept))


def kept_schemes(schemes: tuple[str, ...] | None) -> str | None:
    """Return schemes as they are to be kept."""
    return None if schemes is None else json.dumps(sorted(set(schemes)))


def key_of(name: str) -> str:
    """Return a name as it is compared: `ann  LEE` is Ann Lee, however its letters are coded."""
    return unicodedata.normalize("NFKC", " ".join(name.split()).casefold())


def row_of(connection: sqlite3.Connection, operator: int) -> sqlite3.Row:
    """Return the row of an operator. Raises Refused."""
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM operators WHERE id = ?", (operator,)
    ).fetchone()
    if row is None:
        raise Refused("There is no such operator any more.")
    return row


def end_sessions(
    connection: sqlite3.Connection,
    operator: int,
    *,
    session: int | None = None,
    but: int | None = None,
) -> int:
    """End one session of an operator, or all (but one); return how many."""
    return connection.execute(
        """DELETE FROM sessions WHERE operator_id = :operator
            AND (:session IS NULL OR id = :session) AND (:but IS NULL OR id <> :but)""",
        {"operator": operator, "session": session, "but": but},
    ).rowcount


def is_token(token: str) -> bool:
    """Whether it may have been made here at all."""
    return 0 < len(token) <= LONGEST_TOKEN
