"""The clocks: engine time that never falls, a fast one for demos, and the machine's wall clock.

The only module besides the simulator that reads the machine's time. Nothing is decided here.
"""

import time
from typing import Final

from telecared.core.vocabulary import SECOND, Duration, Instant

_NANOSECONDS_PER_TICK: Final = 1_000


def wall_now() -> Instant:
    """Return the wall clock in microseconds UTC, wherever it stands."""
    return time.time_ns() // _NANOSECONDS_PER_TICK


def monotonic_seconds() -> float:
    """Return a clock that only rises, in seconds, for measuring and waiting."""
    return time.monotonic()


def pause(seconds: float) -> None:
    """Wait in a process that has no event loop."""
    time.sleep(seconds)


def _boot_now() -> Instant:
    # Unlike the monotonic clock it goes on while the machine is suspended: a resident does too.
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // _NANOSECONDS_PER_TICK


class EngineClock:
    """Engine time at the speed of life, on the clock since boot (ports.Clock).

    It begins at the wall clock, or at `last_at` when the wall clock stands behind it: engine time
    never falls (design 3.1, decision 4).
    """

    def __init__(self, last_at: Instant = 0) -> None:
        self._booted = _boot_now()
        self._began = max(wall_now(), last_at)

    def now(self) -> Instant:
        """Return the engine time."""
        return self._began + _boot_now() - self._booted

    def wall_offset(self) -> Duration:
        """Return wall clock minus engine time."""
        return wall_now() - self.now()

    def real_seconds_until(self, instant: Instant) -> float:
        """Return how many real seconds to wait until `instant`."""
        return (instant - self.now()) / SECOND


class FastClock:
    """Engine time that runs `speed` times as fast from `start`, for demos and rehearsals.

    Processes that are given the same `epoch` (the wall clock's instant at which `start` was)
    share one time.
    """

    def __init__(
        self, *, start: Instant, speed: float, epoch: Instant | None = None, last_at: Instant = 0
    ) -> None:
        self._speed = speed
        self._booted = _boot_now()
        passed = wall_now() - epoch if epoch is not None else 0
        self._began = max(start + int(passed * speed), last_at)

    def now(self) -> Instant:
        """Return the engine time."""
        return self._began + int((_boot_now() - self._booted) * self._speed)

    def wall_offset(self) -> Duration:
        """Return 0: the fast clock is its own wall clock."""
        return 0

    def real_seconds_until(self, instant: Instant) -> float:
        """Return how many real seconds to wait until `instant`."""
        return (instant - self.now()) / self._speed / SECOND
