"""What surrounds the engine in a story: a clock that is set, a session that notes, salts."""

from collections.abc import Sequence
from itertools import count

from telecared.core.vocabulary import SECOND, Duration, Instant
from telecared.ports import Arrival


class StageClock:
    """Engine time that a story sets (ports.Clock)."""

    def __init__(self, at: Instant) -> None:
        self.at = at
        self.offset: Duration = 0
        self.suspended = 0.0

    def now(self) -> Instant:
        """The engine time."""
        return self.at

    def wall_offset(self) -> Duration:
        """Wall clock minus engine time."""
        return self.offset

    def real_seconds_until(self, instant: Instant) -> float:
        """Only what a story calls a suspended machine lies between two turns in real time."""
        return (instant - self.at) / SECOND if instant > self.at else -self.suspended


class NotingSubscriber:
    """Notes what the engine asks of the session at the broker (ports.Subscriber)."""

    def __init__(self) -> None:
        self.acknowledged: list[Arrival] = []
        self.filters: list[str] = []

    async def run(self) -> None:
        """Nothing to run."""

    def acknowledge(self, messages: Sequence[Arrival]) -> None:
        """Note acknowledgements in order."""
        self.acknowledged.extend(messages)

    def subscribe_to(self, filters: Sequence[str], *, drop: Sequence[str] = ()) -> None:
        """Note the filters."""
        self.filters = list(filters)


class Salts:
    """A new salt of 32 bytes at each call."""

    def __init__(self) -> None:
        self._count = count(1)

    def __call__(self) -> bytes:
        """The next one."""
        return next(self._count).to_bytes(32, "big")
