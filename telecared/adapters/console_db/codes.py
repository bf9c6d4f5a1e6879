"""Codes from a phone (RFC 6238), each of which counts once, and codes for when the phone is lost.

Counting failures is `attempts`.
"""

import base64
import hmac
import sqlite3
from typing import Final

import pyotp

from telecared.adapters.console_db.hashing import Hashing, digest
from telecared.core.sign_in import CLOCK_LEEWAY
from telecared.core.vocabulary import SECOND, Instant

PERIOD_SECONDS: Final = 30
LEEWAY: Final = 1
"""Periods before and after now whose codes count: phones' clocks are off."""

SECRET_BYTES: Final = 20
RECOVERY_CODES: Final = 10
RECOVERY_BYTES: Final = 10
"""Eighty bits: a digest of it tells nobody the code."""

_GROUP: Final = 4
_CLOCK_PERIODS: Final = CLOCK_LEEWAY // SECOND // PERIOD_SECONDS


def new_secret(hashing: Hashing) -> str:
    """Return a new secret as phones take it."""
    return base64.b32encode(hashing.bytes(SECRET_BYTES)).decode()


def provisioning_address(secret: str, name: str, issuer: str) -> str:
    """Return what a phone's camera reads to make codes of a secret."""
    return str(
        pyotp.TOTP(secret, interval=PERIOD_SECONDS).provisioning_uri(name=name, issuer_name=issuer)
    )


def step_of(secret: str, code: str, *, after: int, now: Instant) -> int | None:
    """Return the period of which this is the code, or None.

    Args:
        secret: of the phone.
        code: as typed.
        now: wall time.
        after: the last period whose code was used: it and those before count no more. One of a
            future that a wrong clock told keeps nobody out.
    """
    typed = "".join(code.split())
    totp = pyotp.TOTP(secret, interval=PERIOD_SECONDS)
    current = now // SECOND // PERIOD_SECONDS
    used = after if after <= current + _CLOCK_PERIODS else 0
    found = None
    for step in range(max(0, current - LEEWAY), current + LEEWAY + 1):
        is_it = hmac.compare_digest(totp.generate_otp(step).encode(), typed.encode())
        if is_it and step > used:
            found = step
    return found


def new_recovery_codes(
    connection: sqlite3.Connection, hashing: Hashing, operator: int
) -> tuple[str, ...]:
    """Put new codes for recovery in the place of an operator's old ones, and return them."""
    drop_recovery_codes(connection, operator)
    codes = [
        base64.b32encode(hashing.bytes(RECOVERY_BYTES)).decode() for _ in range(RECOVERY_CODES)
    ]
    connection.executemany(
        "INSERT INTO recovery_codes(digest, operator_id) VALUES (?, ?)",
        [(_kept(operator, code), operator) for code in codes],
    )
    return tuple(
        "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP)) for code in codes
    )


def drop_recovery_codes(connection: sqlite3.Connection, operator: int) -> None:
    """Remove an operator's codes for recovery."""
    connection.execute("DELETE FROM recovery_codes WHERE operator_id = ?", (operator,))


def use_recovery_code(connection: sqlite3.Connection, operator: int, code: str) -> bool:
    """Use up a code for recovery; whether it was one."""
    typed = "".join(code.upper().replace("-", "").split())
    done = connection.execute(
        "DELETE FROM recovery_codes WHERE digest = ?", (_kept(operator, typed),)
    )
    return done.rowcount == 1


def _kept(operator: int, code: str) -> bytes:
    return digest(f"recovery:{operator}:{code}")
