"""How often somebody may ask in a minute, by whatever they are known by; counted in memory.

For what is open to everybody. Signing in has limits of its own, which are kept.
"""

import threading
from collections.abc import Callable
from typing import Final

from telecared.core.vocabulary import MINUTE, Duration, Instant

MAX_KNOWN: Final = 10_000
"""Whom it remembers; the oldest are forgotten first."""


class Tries:
    """Counts within a stretch of time. May be asked from any thread.

    Args:
        most: how often within `within`.
        now: wall time.
    """

    def __init__(self, most: int, now: Callable[[], Instant], *, within: Duration = MINUTE) -> None:
        self._most = most
        self._now = now
        self._within = within
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[Instant, int]] = {}

    def count(self, who: str) -> None:
        """Count once more."""
        now = self._now()
        with self._lock:
            began, count = self._counts.pop(who, (now, 0))
            if not 0 <= now - began < self._within:
                began, count = now, 0
            self._counts[who] = (began, count + 1)
            while len(self._counts) > MAX_KNOWN:
                del self._counts[next(iter(self._counts))]

    def are_too_many(self, who: str) -> bool:
        """Whether somebody has to wait."""
        with self._lock:
            began, count = self._counts.get(who, (0, 0))
        return count >= self._most and 0 <= self._now() - began < self._within
