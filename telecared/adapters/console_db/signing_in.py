"""Signing in, locking, unlocking, and one's own password: sessions from their begin to their end.

Codes from phones are `own_codes`; what administrators do to operators, `managing`.
"""

import sqlite3
from contextlib import suppress
from typing import Final

from telecared.accounts_port import SignIn, Tried, Visitor
from telecared.adapters.console_db.attempts import Place, begin, places_of_name, succeed
from telecared.adapters.console_db.base import (
    Base,
    end_sessions,
    is_token,
    key_of,
    note,
    operator_of,
    row_of,
)
from telecared.adapters.console_db.codes import step_of, use_recovery_code
from telecared.adapters.console_db.hashing import csrf_of, digest
from telecared.core.sign_in import (
    CODE_TIME,
    KNOWN_BROWSER,
    LONGEST_NAME,
    LONGEST_PASSWORD,
    is_idle,
    session_holds,
)
from telecared.core.vocabulary import SECOND, Duration, Instant
from telecared.errors import StoreFull

MAX_SESSIONS: Final = 20
"""Of one operator; the one that was used longest ago ends."""

MAX_BROWSERS: Final = 20
TOUCHED_EVERY: Final[Duration] = 10 * SECOND
"""An act is kept at most so often: every request would else wait for the disk."""

LONGEST_CODE: Final = 40

_SESSION: Final = """SELECT s.id AS session, s.created_at AS began, s.used_at, s.expires_at,
    s.locked, o.* FROM sessions s JOIN operators o ON o.id = s.operator_id
    WHERE s.digest = ? AND o.disabled_at IS NULL"""


class SignsIn(Base):
    """Sessions (accounts_port.SigningIn)."""

    def visitor(self, token: str, now: Instant, *, acts: bool) -> Visitor | None:
        """Return whose session a cookie's token is, or None."""
        if not is_token(token):
            return None
        with self._file.reading() as connection:
            row = connection.execute(_SESSION, (digest(token),)).fetchone()
        if row is None or not session_holds(row["began"], row["expires_at"], now):
            return None
        locked = bool(row["locked"]) or is_idle(row["used_at"], now, self._idle)
        if acts and not locked and abs(now - row["used_at"]) >= TOUCHED_EVERY:
            # On a full disk nobody is kept from an alarm because their hand cannot be noted.
            with suppress(StoreFull), self._file.writing() as connection:
                # Only while it is open: it may have been locked in another tab meanwhile.
                connection.execute(
                    "UPDATE sessions SET used_at = ? WHERE id = ? AND locked = 0",
                    (now, row["session"]),
                )
        return Visitor(
            session=row["session"],
            operator=operator_of(row),
            csrf=csrf_of(token),
            locked=locked,
            must_change_password=bool(row["must_change"]),
        )

    def sign_in(
        self, name: str, password: str, *, address: str, browser: str, now: Instant
    ) -> SignIn:
        """Try a name and a password."""
        key = key_of(name[: 2 * LONGEST_NAME])
        with self._file.writing() as connection:
            row = connection.execute("SELECT * FROM operators WHERE key = ?", (key,)).fetchone()
            places = places_of_name(key, address)
            if row is not None and _is_known(connection, browser, row["id"], now):
                places = [Place("browser", f"{row['id']} {browser}")]
            wait = begin(connection, places, now)
        if wait:
            return SignIn(tried=Tried.WAIT, wait=wait)
        kept = None if row is None or row["disabled_at"] is not None else row["password"]
        if not self._is_password(kept, password):
            operator = None if row is None else int(row["id"])
            self._failed("sign_in_failed", operator, address, now)
            return SignIn(tried=Tried.WRONG)
        with self._file.writing() as connection:
            succeed(connection, places)
            # It may have been changed while the password was looked at.
            again = row_of(connection, row["id"])
            if again["disabled_at"] is not None or again["password"] != kept:
                return SignIn(tried=Tried.WRONG)
            self._hash_again(connection, again, password)
            if again["secret"] is not None:
                return self._half(connection, again["id"], now)
            return self._begin(connection, again["id"], address, browser, now)

    def confirm(self, token: str, code: str, *, address: str, browser: str, now: Instant) -> SignIn:
        """Try the code of the second step: from the phone, or one of those for recovery."""
        with self._file.writing() as connection:
            row = connection.execute(
                """SELECT h.created_at AS began, o.* FROM half_sessions h
                    JOIN operators o ON o.id = h.operator_id
                    WHERE h.digest = ? AND o.disabled_at IS NULL""",
                (digest(token),),
            ).fetchone()
            if row is None or not 0 <= now - row["began"] < CODE_TIME:
                return SignIn(tried=Tried.WRONG)
            operator = int(row["id"])
            places = [Place("code", str(operator))]
            wait = begin(connection, places, now)
            if wait:
                return SignIn(tried=Tried.WAIT, wait=wait)
            if not _code_counts(connection, row, code, now):
                note(connection, "code_failed", now, operator=operator, address=address)
                return SignIn(tried=Tried.CODE, token=token)
            succeed(connection, places)
            connection.execute("DELETE FROM half_sessions WHERE digest = ?", (digest(token),))
            return self._begin(connection, operator, address, browser, now)

    def sign_in_known(self, known_as: str, *, address: str, now: Instant) -> SignIn:
        """Sign in whom an identity provider has proven to be there."""
        with self._file.writing() as connection:
            row = connection.execute(
                "SELECT * FROM operators WHERE known_as = ? AND disabled_at IS NULL", (known_as,)
            ).fetchone()
            if row is None or not known_as:
                note(connection, "provider_unknown", now, address=address)
                return SignIn(tried=Tried.WRONG)
            return self._begin(connection, row["id"], address, "", now, how="by the provider")

    def sign_out(self, token: str, now: Instant) -> None:
        """End a session."""
        with self._file.writing() as connection:
            row = connection.execute(
                "DELETE FROM sessions WHERE digest = ? RETURNING operator_id", (digest(token),)
            ).fetchone()
            if row is not None:
                note(connection, "sign_out", now, operator=row["operator_id"])

    def lock(self, token: str, now: Instant) -> None:
        """Lock a session as if nobody had been there for long."""
        with self._file.writing() as connection:
            row = connection.execute(
                "UPDATE sessions SET locked = 1 WHERE digest = ? AND locked = 0"
                " RETURNING operator_id",
                (digest(token),),
            ).fetchone()
            if row is not None:
                note(connection, "locked", now, operator=row["operator_id"])

    def unlock(self, token: str, password: str, *, address: str, now: Instant) -> SignIn:
        """Try the password of whoever locked a session. Never asks for a code."""
        with self._file.reading() as connection:
            row = connection.execute(_SESSION, (digest(token),)).fetchone()
        if row is None or not session_holds(row["began"], row["expires_at"], now):
            return SignIn(tried=Tried.WRONG)
        tried = self._proven(row, row["session"], password, "unlock_failed", address, now)
        if tried.tried is not Tried.DONE:
            return tried
        with self._file.writing() as connection:
            connection.execute(
                "UPDATE sessions SET locked = 0, used_at = ? WHERE id = ?", (now, row["session"])
            )
            note(connection, "unlocked", now, operator=row["id"], address=address)
        return tried

    def prove(self, session: int, password: str, *, address: str, now: Instant) -> SignIn:
        """Try the password of whoever has a session, before something grave."""
        row = self._owner(session)
        if row is None:
            return SignIn(tried=Tried.WRONG)
        return self._proven(row, session, password, "password_failed", address, now)

    def change_password(
        self, session: int, old: str, new: str, *, address: str, now: Instant
    ) -> SignIn:
        """Change one's own password; every other session of theirs ends."""
        tried = self.prove(session, old, address=address, now=now)
        row = self._owner(session)
        if tried.tried is not Tried.DONE or row is None:
            return tried
        kept = self._hashing.password(new)
        with self._file.writing() as connection:
            # It may have been changed while the new one was hashed.
            changed = connection.execute(
                """UPDATE operators SET password = ?, must_change = 0
                    WHERE id = ? AND password = ?""",
                (kept, row["id"], row["password"]),
            )
            if not changed.rowcount:
                return SignIn(tried=Tried.WRONG)
            end_sessions(connection, row["id"], but=session)
            connection.execute("DELETE FROM half_sessions WHERE operator_id = ?", (row["id"],))
            note(connection, "password_changed", now, operator=row["id"], by=row["id"])
        return tried

    # --- parts ----------------------------------------------------------------------------------

    def _owner(self, session: int) -> sqlite3.Row | None:
        with self._file.reading() as connection:
            row: sqlite3.Row | None = connection.execute(
                """SELECT o.* FROM sessions s JOIN operators o ON o.id = s.operator_id
                    WHERE s.id = ? AND o.disabled_at IS NULL""",
                (session,),
            ).fetchone()
        return row

    def _proven(
        self,
        row: sqlite3.Row,
        session: int,
        password: str,
        kind: str,
        address: str,
        now: Instant,
    ) -> SignIn:
        """Whether somebody with a session knows the password of whoever it belongs to."""
        # Whoever holds the session's cookie is counted alone: nobody else can keep them out.
        places = [Place("browser", f"session {session}")]
        with self._file.writing() as connection:
            wait = begin(connection, places, now)
        if wait:
            return SignIn(tried=Tried.WAIT, wait=wait)
        if not self._is_password(row["password"], password):
            self._failed(kind, row["id"], address, now)
            return SignIn(tried=Tried.WRONG)
        with self._file.writing() as connection:
            succeed(connection, places)
        return SignIn(tried=Tried.DONE)

    def _is_password(self, kept: str | None, password: str) -> bool:
        return self._hashing.is_password(kept, password[: LONGEST_PASSWORD + 1])

    def _failed(self, kind: str, operator: int | None, address: str, now: Instant) -> None:
        with self._file.writing() as connection:
            note(connection, kind, now, operator=operator, address=address)

    def _hash_again(self, connection: sqlite3.Connection, row: sqlite3.Row, password: str) -> None:
        if self._hashing.is_outdated(row["password"]):
            connection.execute(
                "UPDATE operators SET password = ? WHERE id = ?",
                (self._hashing.password(password), row["id"]),
            )

    def _half(self, connection: sqlite3.Connection, operator: int, now: Instant) -> SignIn:
        token = self._hashing.token()
        connection.execute("DELETE FROM half_sessions WHERE created_at <= ?", (now - CODE_TIME,))
        connection.execute(
            "INSERT INTO half_sessions(digest, operator_id, created_at) VALUES (?, ?, ?)",
            (digest(token), operator, now),
        )
        return SignIn(tried=Tried.CODE, token=token, lasts=CODE_TIME)

    def _begin(
        self,
        connection: sqlite3.Connection,
        operator: int,
        address: str,
        browser: str,
        now: Instant,
        *,
        how: str = "",
    ) -> SignIn:
        """Begin a session under a token of its own, whatever the browser had before."""
        token = self._hashing.token()
        connection.execute("DELETE FROM sessions WHERE expires_at <= ?", (now,))
        connection.execute(
            """INSERT INTO sessions(digest, operator_id, created_at, used_at, expires_at, address)
                VALUES (?, ?, ?, ?, ?, ?)""",
            (digest(token), operator, now, now, now + self._session, address),
        )
        _keep_newest(connection, "sessions", "used_at", operator, MAX_SESSIONS)
        connection.execute("UPDATE operators SET signed_in_at = ? WHERE id = ?", (now, operator))
        note(connection, "sign_in", now, operator=operator, address=address, detail=how)
        known = self._know(connection, operator, browser, now)
        return SignIn(tried=Tried.DONE, token=token, lasts=self._session, browser=known)

    def _know(
        self, connection: sqlite3.Connection, operator: int, browser: str, now: Instant
    ) -> str:
        """Have a browser known; return the cookie for it, "" where it has one."""
        if _is_known(connection, browser, operator, now):
            return ""
        connection.execute("DELETE FROM browsers WHERE created_at <= ?", (now - KNOWN_BROWSER,))
        # Whose desk it is, too, keeps their cookie: it is one browser.
        is_shared = (
            is_token(browser)
            and connection.execute(
                "SELECT 1 FROM browsers WHERE digest = ?", (digest(browser),)
            ).fetchone()
        )
        token = browser if is_shared else self._hashing.token()
        connection.execute(
            "INSERT OR REPLACE INTO browsers(digest, operator_id, created_at) VALUES (?, ?, ?)",
            (digest(token), operator, now),
        )
        _keep_newest(connection, "browsers", "created_at", operator, MAX_BROWSERS)
        return token


def _is_known(connection: sqlite3.Connection, browser: str, operator: int, now: Instant) -> bool:
    if not is_token(browser):
        return False
    row = connection.execute(
        "SELECT created_at FROM browsers WHERE digest = ? AND operator_id = ?",
        (digest(browser), operator),
    ).fetchone()
    return row is not None and session_holds(row[0], row[0] + KNOWN_BROWSER, now)


def _keep_newest(
    connection: sqlite3.Connection, table: str, order: str, operator: int, keep: int
) -> None:
    connection.execute(
        f"DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table} WHERE operator_id = ?"  # noqa: S608 - our own words
        f" ORDER BY {order} DESC, rowid DESC LIMIT -1 OFFSET ?)",
        (operator, keep),
    )


def _code_counts(connection: sqlite3.Connection, row: sqlite3.Row, code: str, now: Instant) -> bool:
    """Whether a code counts; it is used up then."""
    typed = code[:LONGEST_CODE]
    step = None
    if row["secret"] is not None:
        step = step_of(row["secret"], typed, after=row["code_step"], now=now)
    if step is not None:
        connection.execute("UPDATE operators SET code_step = ? WHERE id = ?", (step, row["id"]))
        return True
    if use_recovery_code(connection, row["id"], typed):
        note(connection, "recovery_code_used", now, operator=row["id"])
        return True
    return False
