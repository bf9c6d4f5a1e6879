"""When to try the broker again, and in which version of MQTT.

Nothing is left to chance: the jitter comes from the client id, so that many installations do not
return in step and one installation always behaves the same. No sleeping here.
"""

import zlib
from typing import Final, Literal

Version = Literal[4, 5]
"""MQTT's own protocol level: 5, or 4 for 3.1.1."""

FIRST_SECONDS: Final = 0.2
LONGEST_SECONDS: Final = 10.0

TRY_5_AGAIN_SECONDS: Final = 3600.0
"""How long a broker that refused MQTT 5 is taken at its word; it may be upgraded meanwhile."""

DROPS_BEFORE_OLD: Final = 2
"""Connects that the broker drops without a word before 3.1.1 is tried instead."""


class Backoff:
    """Seconds to wait before the next attempt: doubling, never above LONGEST_SECONDS."""

    def __init__(self, client_id: str) -> None:
        self._client_id = client_id
        self._attempt = 0

    def next_seconds(self) -> float:
        """Return the next wait, between half of the step and the whole of it."""
        step = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(self._attempt, 16))
        spread = zlib.crc32(f"{self._client_id}:{self._attempt}".encode()) / 2**32
        self._attempt += 1
        return step * (0.5 + 0.5 * spread)

    def reset(self) -> None:
        """Start over: the link has shown that it works."""
        self._attempt = 0


class VersionChoice:
    """Which version to speak next; times are the event loop's, in seconds."""

    def __init__(self, preference: Literal["auto", "5", "3.1.1"]) -> None:
        self._fixed: Version | None = {"auto": None, "5": 5, "3.1.1": 4}[preference]
        self._old_until = float("-inf")
        self._drops = 0

    def next(self, now: float) -> Version:
        """Return the version for the next connect."""
        if self._fixed is not None:
            return self._fixed
        return 4 if now < self._old_until or self._drops >= DROPS_BEFORE_OLD else 5

    def accepted(self, version: Version, now: float) -> None:
        """Note that the broker took the connect."""
        if version == 4 and self._drops >= DROPS_BEFORE_OLD:
            self._old_until = now + TRY_5_AGAIN_SECONDS
        self._drops = 0

    def refused(self, version: Version, now: float) -> bool:
        """Note that the broker does not speak the version; True when another is left to try."""
        self._old_until = now + TRY_5_AGAIN_SECONDS if version == 5 else float("-inf")
        self._drops = 0
        return self._fixed is None and version == 5

    def dropped(self, version: Version) -> None:
        """Note that the broker hung up on a connect without an answer."""
        self._drops = self._drops + 1 if version == 5 else 0
