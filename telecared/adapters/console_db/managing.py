"""What administrators do: operators, their sessions, and the log of it all.

API tokens are `tokens`. Whether somebody is an administrator is the guard's question.
"""

import sqlite3
from typing import Final

from telecared.accounts_port import Account, Draft, LogEntry, Session
from telecared.adapters.console_db.base import (
    Base,
    account_of,
    end_sessions,
    kept_schemes,
    key_of,
    note,
    read_schemes,
    row_of,
)
from telecared.adapters.console_db.codes import drop_recovery_codes
from telecared.core.operators import Role
from telecared.core.sign_in import clean_name, is_idle, session_holds
from telecared.core.vocabulary import Instant
from telecared.errors import Refused

MAX_OPERATORS: Final = 10_000

LAST_ADMINISTRATOR: Final = (
    "This is the last administrator who can sign in: make somebody else one first."
)


class Manages(Base):
    """Operators (accounts_port.People)."""

    def operators(self) -> list[Account]:
        """Return every operator in the order of their names."""
        with self._file.reading() as connection:
            rows = connection.execute("SELECT * FROM operators ORDER BY key").fetchall()
        return [account_of(row) for row in rows]

    def operator(self, operator: int) -> Account | None:
        """Return one operator."""
        with self._file.reading() as connection:
            row = connection.execute("SELECT * FROM operators WHERE id = ?", (operator,)).fetchone()
        return None if row is None else account_of(row)

    def named(self, name: str) -> Account | None:
        """Return the operator of a name, however its letters are written."""
        with self._file.reading() as connection:
            row = connection.execute(
                "SELECT * FROM operators WHERE key = ?", (key_of(name),)
            ).fetchone()
        return None if row is None else account_of(row)

    def add(
        self, draft: Draft, password: str | None, *, must_change: bool, by: int | None, now: Instant
    ) -> int:
        """Add an operator and return their id. Without a password they use the provider."""
        kept = None if password is None else self._hashing.password(password)
        with self._file.writing() as connection:
            (count,) = connection.execute("SELECT count(*) FROM operators").fetchone()
            if count >= MAX_OPERATORS:
                raise Refused(f"There are {MAX_OPERATORS} operators already, which is the most.")
            _require_free(connection, draft, None)
            done = connection.execute(
                """INSERT INTO operators(name, key, role, schemes, known_as, password, must_change,
                    created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
                (*_columns(draft), kept, int(must_change and kept is not None), now),
            )
            operator = done.lastrowid or 0
            detail = f"{draft.role}, {_schemes_text(draft.schemes)}"
            note(connection, "added", now, operator=operator, by=by, detail=detail)
        return operator

    def change(self, operator: int, draft: Draft, *, by: int | None, now: Instant) -> None:
        """Write down something else about an operator; it holds from their next request on."""
        with self._file.writing() as connection:
            row = row_of(connection, operator)
            _require_free(connection, draft, operator)
            is_less = draft.schemes is not None and row["schemes"] is None
            if draft.role is not Role.ADMINISTRATOR or is_less:
                _require_another(connection, row)
            connection.execute(
                """UPDATE operators SET name = ?, key = ?, role = ?, schemes = ?, known_as = ?
                    WHERE id = ?""",
                (*_columns(draft), operator),
            )
            detail = _differences(account_of(row), draft)
            note(connection, "changed", now, operator=operator, by=by, detail=detail)

    def reset(self, operator: int, password: str, *, by: int | None, now: Instant) -> None:
        """Give a password that must be changed; codes, sessions and known browsers are gone."""
        kept = self._hashing.password(password)
        with self._file.writing() as connection:
            row_of(connection, operator)
            connection.execute(
                """UPDATE operators SET password = ?, must_change = 1, secret = NULL,
                    pending_secret = NULL, code_step = 0 WHERE id = ?""",
                (kept, operator),
            )
            drop_recovery_codes(connection, operator)
            _forget_ways_in(connection, operator)
            note(connection, "reset", now, operator=operator, by=by)

    def disable(self, operator: int, *, by: int | None, now: Instant) -> None:
        """Let an operator in no more, from their next request on."""
        with self._file.writing() as connection:
            row = row_of(connection, operator)
            _require_another(connection, row)
            connection.execute(
                "UPDATE operators SET disabled_at = coalesce(disabled_at, ?) WHERE id = ?",
                (now, operator),
            )
            _forget_ways_in(connection, operator)
            note(connection, "disabled", now, operator=operator, by=by)

    def enable(self, operator: int, *, by: int | None, now: Instant) -> None:
        """Let an operator in again."""
        with self._file.writing() as connection:
            row_of(connection, operator)
            connection.execute("UPDATE operators SET disabled_at = NULL WHERE id = ?", (operator,))
            note(connection, "enabled", now, operator=operator, by=by)

    def sessions(self, now: Instant, *, operator: int | None = None) -> list[Session]:
        """Return the sessions that have not ended, of one operator or of all, newest first."""
        with self._file.reading() as connection:
            rows = connection.execute(
                """SELECT * FROM sessions WHERE :operator IS NULL OR operator_id = :operator
                    ORDER BY id DESC""",
                {"operator": operator},
            ).fetchall()
        return [
            Session(
                id=row["id"],
                operator=row["operator_id"],
                created_at=row["created_at"],
                used_at=row["used_at"],
                expires_at=row["expires_at"],
                address=row["address"],
                locked=bool(row["locked"]) or is_idle(row["used_at"], now, self._idle),
            )
            for row in rows
            if session_holds(row["created_at"], row["expires_at"], now)
        ]

    def revoke(
        self,
        operator: int,
        *,
        session: int | None = None,
        but: int | None = None,
        by: int | None,
        now: Instant,
    ) -> int:
        """End one session of an operator, or all (but one); return how many."""
        with self._file.writing() as connection:
            row_of(connection, operator)
            ended = end_sessions(connection, operator, session=session, but=but)
            if session is None and but is None:
                _forget_ways_in(connection, operator)
            detail = f"{ended} ended"
            note(connection, "sessions_ended", now, operator=operator, by=by, detail=detail)
        return ended

    def log(self, *, limit: int, before: int | None = None) -> list[LogEntry]:
        """Return what was done, newest first; `before` is the id at which a page begins."""
        with self._file.reading() as connection:
            rows = connection.execute(
                """SELECT * FROM log WHERE :before IS NULL OR id < :before
                    ORDER BY id DESC LIMIT :limit""",
                {"before": before, "limit": limit},
            ).fetchall()
        return [
            LogEntry(
                id=row["id"],
                at=row["at"],
                kind=row["kind"],
                operator=row["operator_id"],
                by=row["by_id"],
                address=row["address"],
                detail=row["detail"],
            )
            for row in rows
        ]


def _columns(draft: Draft) -> tuple[str, str, str, str | None, str | None]:
    name = clean_name(draft.name)
    schemes = kept_schemes(draft.schemes)
    return name, key_of(name), draft.role.value, schemes, draft.known_as.strip() or None


def _require_free(connection: sqlite3.Connection, draft: Draft, but: int | None) -> None:
    """Raise Refused where another operator has this name, or is called so by the provider."""
    _, key, _, _, known_as = _columns(draft)
    for column, value, what in (
        ("key", key, "This name is taken: everything one does is on record under one's own name."),
        ("known_as", known_as, "Another operator is already called so by the provider."),
    ):
        taken = connection.execute(
            f"SELECT 1 FROM operators WHERE {column} = ? AND id IS NOT ?",  # noqa: S608 - our own words
            (value, but),
        ).fetchone()
        if taken is not None:
            raise Refused(what)


def _require_another(connection: sqlite3.Connection, row: sqlite3.Row) -> None:
    """Raise Refused where without this one no administrator who sees as much could sign in."""
    if row["role"] != Role.ADMINISTRATOR or row["disabled_at"] is not None:
        return
    another = connection.execute(
        """SELECT 1 FROM operators WHERE role = ? AND disabled_at IS NULL AND id <> ?
            AND (password IS NOT NULL OR known_as IS NOT NULL) AND (schemes IS NULL OR ?)""",
        (Role.ADMINISTRATOR.value, row["id"], row["schemes"] is not None),
    ).fetchone()
    if another is None:
        raise Refused(LAST_ADMINISTRATOR)


def _forget_ways_in(connection: sqlite3.Connection, operator: int) -> None:
    end_sessions(connection, operator)
    connection.execute("DELETE FROM half_sessions WHERE operator_id = ?", (operator,))
    connection.execute("DELETE FROM browsers WHERE operator_id = ?", (operator,))


def _schemes_text(schemes: tuple[str, ...] | None) -> str:
    return "every scheme" if schemes is None else f"schemes {' '.join(schemes)}"


def _differences(before: Account, after: Draft) -> str:
    """Return what changed, without names."""
    changed = []
    if before.role is not after.role:
        changed.append(f"role {before.role} -> {after.role}")
    kept = read_schemes(kept_schemes(after.schemes))
    if before.schemes != kept:
        changed.append(f"{_schemes_text(before.schemes)} -> {_schemes_text(kept)}")
    if before.name != clean_name(after.name):
        changed.append("name")
    if before.known_as != after.known_as.strip():
        changed.append("what the provider calls them")
    return ", ".join(changed) or "nothing"
