"""Passwords and tokens: what of them is kept, and how one that is shown is held against it.

Passwords by argon2id; tokens, which nobody can guess, by SHA-256. No secret is kept as it is.
"""

import base64
import hashlib
import threading
from collections.abc import Callable
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

AT_ONCE: Final = 2
"""Passwords that are looked at together: each takes 64 MB and a core for a tenth of a second."""

LONGEST_TOKEN: Final = 100
"""Anything longer was not made here, and is not looked at."""

HASHED_WELL: Final = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
"""As RFC 9106 recommends where memory is dear: 64 MB, three passes."""


class Hashing:
    """Makes and checks what is kept instead of passwords and tokens.

    Args:
        chance: returns unpredictable bytes, 32 at least.
        hasher: of passwords; tests take a cheaper one.
    """

    def __init__(
        self, chance: Callable[[], bytes], *, hasher: PasswordHasher = HASHED_WELL
    ) -> None:
        self._chance = chance
        self._hasher = hasher
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        # Whoever tries a name that does not exist waits as long as for one that does.
        self._nobody = hasher.hash(chance())

    def password(self, password: str) -> str:
        """Return what is kept of a password."""
        with self._turns:
            return self._hasher.hash(password)

    def is_password(self, kept: str | None, password: str) -> bool:
        """Whether it is that password; for None it takes as long and is not."""
        with self._turns:
            try:
                self._hasher.verify(self._nobody if kept is None else kept, password)
            except (VerificationError, InvalidHashError):
                return False
        return kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Whether a password should be hashed again, at the cost of today."""
        return self._hasher.check_needs_rehash(kept)

    def token(self, prefix: str = "") -> str:
        """Return a token that nobody can guess."""
        return prefix + base64.urlsafe_b64encode(self._chance()[:32]).decode().rstrip("=")

    def bytes(self, length: int) -> bytes:
        """Return unpredictable bytes, 32 at most."""
        return self._chance()[:length]


def digest(text: str) -> bytes:
    """Return what is kept of a token, a code for recovery, or a place of failures."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def csrf_of(token: str) -> str:
    """Return what the forms of a session carry: who knows it cannot tell the cookie from it."""
    return hashlib.sha256(f"form:{token}".encode("utf-8", "surrogatepass")).hexdigest()
