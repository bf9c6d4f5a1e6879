"""API tokens: made, listed, ended, and recognised when a centre's own system sends one.

What its role may do is the guard's; the token itself is kept nowhere.
"""

from typing import Final

from telecared.accounts_port import ApiToken, Draft
from telecared.adapters.console_db.base import (
    Base,
    is_token,
    kept_schemes,
    key_of,
    note,
    read_schemes,
)
from telecared.adapters.console_db.hashing import digest
from telecared.core.operators import Operator, Role
from telecared.core.sign_in import LONGEST_TOKEN_LIFE, TOKEN_ROLES, clean_name, session_holds
from telecared.core.vocabulary import MINUTE, Duration, Instant
from telecared.errors import Refused

PREFIX: Final = "tc_"
"""By this people and their tools see what has leaked."""

MAX_TOKENS: Final = 1_000
SEEN_EVERY: Final[Duration] = MINUTE
"""That a token was used is kept at most so often."""


class Tokens(Base):
    """API tokens (accounts_port.People)."""

    def bearer(self, token: str, now: Instant) -> Operator | None:
        """Return on whose behalf an API token acts, or None; its id is below zero."""
        if not is_token(token) or not token.startswith(PREFIX):
            return None
        with self._file.reading() as connection:
            row = connection.execute(
                "SELECT * FROM tokens WHERE digest = ? AND revoked_at IS NULL", (digest(token),)
            ).fetchone()
        if row is None or not session_holds(row["created_at"], row["expires_at"], now):
            return None
        if row["used_at"] is None or abs(now - row["used_at"]) >= SEEN_EVERY:
            with self._file.writing() as connection:
                connection.execute("UPDATE tokens SET used_at = ? WHERE id = ?", (now, row["id"]))
        return Operator(
            id=-row["id"],
            name=row["name"],
            role=Role(row["role"]),
            schemes=read_schemes(row["schemes"]),
        )

    def tokens(self) -> list[ApiToken]:
        """Return every API token, newest first, ended ones too."""
        with self._file.reading() as connection:
            rows = connection.execute("SELECT * FROM tokens ORDER BY id DESC").fetchall()
        return [
            ApiToken(
                id=row["id"],
                name=row["name"],
                role=Role(row["role"]),
                schemes=read_schemes(row["schemes"]),
                created_at=row["created_at"],
                created_by=row["created_by"],
                expires_at=row["expires_at"],
                used_at=row["used_at"],
                revoked_at=row["revoked_at"],
            )
            for row in rows
        ]

    def add_token(
        self, draft: Draft, *, lasts: Duration, by: int | None, now: Instant
    ) -> tuple[int, str]:
        """Make an API token; return its id and the token, which cannot be shown again."""
        if draft.role not in TOKEN_ROLES:
            raise Refused("A token cannot be an administrator: people are made by people.")
        token = self._hashing.token(PREFIX)
        with self._file.writing() as connection:
            (count,) = connection.execute(
                "SELECT count(*) FROM tokens WHERE revoked_at IS NULL AND expires_at > ?", (now,)
            ).fetchone()
            if count >= MAX_TOKENS:
                raise Refused(f"There are {MAX_TOKENS} tokens already: end one that nobody uses.")
            taken = connection.execute(
                "SELECT 1 FROM operators WHERE key = ?", (key_of(draft.name),)
            ).fetchone()
            if taken is not None:
                raise Refused("This is somebody's name: name the system that will act.")
            done = connection.execute(
                """INSERT INTO tokens(digest, name, role, schemes, created_at, created_by,
                    expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)""",
                (
                    digest(token),
                    clean_name(draft.name),
                    draft.role.value,
                    kept_schemes(draft.schemes),
                    now,
                    by,
                    now + min(lasts, LONGEST_TOKEN_LIFE),
                ),
            )
            made = done.lastrowid or 0
            detail = f"token {made}, {draft.role}"
            note(connection, "token_made", now, by=by, detail=detail)
        return made, token

    def revoke_token(self, token: int, *, by: int | None, now: Instant) -> None:
        """End an API token."""
        with self._file.writing() as connection:
            done = connection.execute(
                "UPDATE tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", (now, token)
            )
            if not done.rowcount:
                raise Refused("There is no such token, or it has ended already.")
            note(connection, "token_ended", now, by=by, detail=f"token {token}")
