"""What everybody in a simulated night shares: the time, the chance, the trace, the first failure.

Nothing happens here by itself.
"""

import random
from collections import Counter
from typing import Final

from telecared.core.vocabulary import SECOND, Duration, Instant
from telecared.errors import TelecaredError
from telecared.sim.virtual_loop import VirtualLoop

REPEAT: Final = "python -m telecared.sim.nights --seed {seed} --trace"
"""The command that plays a night again."""


def chance_of(seed: int, who: str) -> random.Random:
    """Return somebody's own chance of a night."""
    return random.Random(f"{seed}/{who}")


class Broken(TelecaredError):
    """A promise was broken.

    Attributes:
        seed: of the night; `checker` names what noticed it, `what` says what was wrong.
    """

    def __init__(self, seed: int, checker: str, what: str) -> None:
        self.seed = seed
        self.checker = checker
        self.what = what
        super().__init__(f"{checker}: {what}. To see it again: {REPEAT.format(seed=seed)}")


class World:
    """The common ground of one night.

    Args:
        seed: of the night.
        loop: its time.
        start: the true time at its beginning.

    Attributes:
        clock_is_off_by: wall clock of the machine minus the true time; clock_was_put: ever.
        lines: what happened, in order.
        broken: the first broken promise.
        calm: from now on nothing fails any more.
        counts: how often what happened, for whoever plays many nights.
    """

    def __init__(self, seed: int, loop: VirtualLoop, start: Instant) -> None:
        self.seed = seed
        self.loop = loop
        self.start = start
        self.clock_is_off_by: Duration = 0
        self.clock_was_put = False
        self.lines: list[str] = []
        self.broken: Broken | None = None
        self.calm = False
        self.counts: Counter[str] = Counter()

    def chance(self, who: str) -> random.Random:
        """Return somebody's own chance, so that what one draws changes nothing for the others."""
        return chance_of(self.seed, who)

    def now(self) -> Instant:
        """Return the true time."""
        return self.start + round(self.loop.time() * SECOND)

    def wall(self) -> Instant:
        """Return what the machine's clock on the wall shows."""
        return self.now() + self.clock_is_off_by

    def trace(self, what: str) -> None:
        """Note what happens."""
        self.lines.append(f"{self.loop.time():12.6f} {what}")

    def fail(self, checker: str, what: str) -> None:
        """Note a broken promise; only the first counts, the night ends after this step."""
        if self.broken is None:
            self.broken = Broken(self.seed, checker, what)
            self.trace(f"BROKEN {checker}: {what}")

    def stop_if_broken(self) -> None:
        """Raise what was noted. Called by the loop, never inside of what is tested."""
        if self.broken is not None:
            raise self.broken


class NightClock:
    """Engine time of one life of the daemon (ports.Clock): never falls, is never stepped."""

    def __init__(self, world: World, last_at: Instant) -> None:
        self._world = world
        self._booted = world.now()
        self._began = max(world.wall(), last_at)

    def now(self) -> Instant:
        """Return the engine time."""
        return self._began + self._world.now() - self._booted

    def wall_offset(self) -> Duration:
        """Return wall clock minus engine time."""
        return self._world.wall() - self.now()

    def real_seconds_until(self, instant: Instant) -> float:
        """Return the seconds until `instant`; 0 for what is past: this machine never sleeps.

        The engine of a night looks up only when something is due, which must not look to it like
        a machine that was suspended.
        """
        return max(0, instant - self.now()) / SECOND
