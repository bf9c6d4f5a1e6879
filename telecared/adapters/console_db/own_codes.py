"""One's own second step: a new secret for a phone, its first code, and doing without.

Trying a code at sign-in is `signing_in`.
"""

from telecared.adapters.console_db.base import Base, note, row_of
from telecared.adapters.console_db.codes import (
    drop_recovery_codes,
    new_recovery_codes,
    new_secret,
    step_of,
)
from telecared.core.vocabulary import Instant


class OwnCodes(Base):
    """Secrets for codes (accounts_port.SigningIn)."""

    def begin_code(self, operator: int, now: Instant) -> str:
        """Return a new secret for codes, which counts once a code made with it was shown."""
        secret = new_secret(self._hashing)
        with self._file.writing() as connection:
            row_of(connection, operator)
            connection.execute(
                "UPDATE operators SET pending_secret = ? WHERE id = ?", (secret, operator)
            )
            note(connection, "code_begun", now, operator=operator, by=operator)
        return secret

    def pending_code(self, operator: int) -> str:
        """Return the secret that waits for its first code, or ""."""
        with self._file.reading() as connection:
            return str(row_of(connection, operator)["pending_secret"] or "")

    def take_code(self, operator: int, code: str, now: Instant) -> tuple[str, ...]:
        """Take the first code of a new secret; return codes for recovery, () when it is wrong."""
        with self._file.writing() as connection:
            secret = row_of(connection, operator)["pending_secret"]
            step = None if secret is None else step_of(secret, code, after=0, now=now)
            if step is None:
                return ()
            connection.execute(
                """UPDATE operators SET secret = pending_secret, pending_secret = NULL,
                    code_step = ? WHERE id = ?""",
                (step, operator),
            )
            note(connection, "code_taken", now, operator=operator, by=operator)
            return new_recovery_codes(connection, self._hashing, operator)

    def drop_code(self, operator: int, *, by: int | None, now: Instant) -> None:
        """Ask an operator for no code any more."""
        with self._file.writing() as connection:
            row_of(connection, operator)
            connection.execute(
                """UPDATE operators SET secret = NULL, pending_secret = NULL, code_step = 0
                    WHERE id = ?""",
                (operator,),
            )
            drop_recovery_codes(connection, operator)
            note(connection, "code_dropped", now, operator=operator, by=by)
