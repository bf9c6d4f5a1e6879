"""Whether the daemon lives: it turns, and what it decides becomes durable.

One judgement for systemd's watchdog, the outward heartbeat and the synthetic resident. Who is told
of it is theirs.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Final, Protocol

from telecared.store_port import Batch

STUCK_SECONDS: Final = 10.0
"""An engine whose last turn began longer ago than this is stuck."""

COMMIT_SECONDS: Final = 35.0
"""An engine that commits nothing for this long is stuck: a sign of life is due every ten."""


class Beat(StrEnum):
    """How the daemon stands."""

    FINE = "fine"
    DEGRADED = "degraded"
    STUCK = "stuck"


class Turning(Protocol):
    """What is asked of the engine."""

    turned_at: float

    @property
    def is_degraded(self) -> bool:
        """Whether decisions go on in memory because the disk is full."""
        ...


class Pulse:
    """Notes commits, and judges.

    Args:
        engine: what should turn.
        seconds: the event loop's clock.
    """

    def __init__(self, engine: Turning, seconds: Callable[[], float]) -> None:
        self._engine = engine
        self._seconds = seconds
        self._committed_at = seconds()

    def committed(self, batch: Batch) -> None:
        """Note that a batch is durable, or in force on a full disk."""
        if not batch.is_empty():
            self._committed_at = self._seconds()

    def beat(self) -> Beat:
        """Return how the daemon stands now."""
        now = self._seconds()
        if now - self._engine.turned_at > STUCK_SECONDS:
            return Beat.STUCK
        if now - self._committed_at > COMMIT_SECONDS:
            return Beat.STUCK
        return Beat.DEGRADED if self._engine.is_degraded else Beat.FINE
