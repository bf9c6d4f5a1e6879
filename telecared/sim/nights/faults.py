"""What goes wrong in a night: the daemon dies, links break, clocks are put, disks fill.

When and how long is drawn from the night's chance. What must hold all the same is `checkers`.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from telecared.core.vocabulary import HOUR, MINUTE, SECOND
from telecared.sim.nights.life import Life, Setting

CLOCK_STEPS: Final = (-2 * HOUR, -90 * SECOND, -5 * SECOND, 5 * SECOND, 10 * MINUTE, 2 * HOUR)
DOWN: Final = (0.5, 3.0, 60.0, 400.0)
"""Seconds for which the daemon is down."""

FULL_FOR: Final = (3.0, 45.0, 400.0)


class Faults:
    """Draws faults, and keeps a daemon running through them.

    Args:
        setting: of the night.
        seconds: how long the troubled part of it lasts.

    Attributes:
        life: the present life of the daemon.
        was_full: the disk has been full since this life began.
    """

    def __init__(self, setting: Setting, seconds: float) -> None:
        self._setting = setting
        self._world = setting.world
        self._loop = setting.world.loop
        self._chance = setting.world.chance("faults")
        self._seconds = seconds
        self._lives = 0
        self._crashes_left = self._chance.choice((0, 1, 2, 4, 8))
        self._hot = self._chance.choice((0.0, 0.01, 0.05, 0.2))
        self._crash_at: int | None = None
        self._revived = 0
        self._stopping: asyncio.Task[None] | None = None
        self.was_full = False
        self.life: Life
        self._kinds: tuple[Callable[[], None], ...] = tuple(
            kind
            for kind in (self._link, self._provider, self._clock, self._disk, self._stop)
            if self._chance.random() < 0.6
        )

    # --- the daemon -----------------------------------------------------------------------------

    def begin(self) -> None:
        """Start the daemon, and plan the faults of the night."""
        self._new_life()
        hours = self._seconds / 3600.0
        for _ in range(self._chance.randrange(0, 5 + round(2 * hours)) if self._kinds else 0):
            at = self._chance.uniform(0.0, self._seconds)
            self._loop.call_later(at, self._now, self._chance.choice(self._kinds))
        for _ in range(self._crashes_left // 2):
            self._loop.call_later(self._chance.uniform(0.0, self._seconds), self.crash_soon)

    def _now(self, fault: Callable[[], None]) -> None:
        if not self._world.calm:
            fault()

    def _new_life(self) -> None:
        self._lives += 1
        self.was_full = self._setting.disk.is_full
        self.life = Life(self._setting, self._lives)
        self.life.begin()
        self._loop.call_later(self._chance.choice((0.2, 1.0, 30.0)), self._connect, self.life)

    def _connect(self, life: Life) -> None:
        broker = self._setting.broker
        if life is not self.life or not life.alive or broker.is_linked:
            return
        if not life.ready:
            self._loop.call_later(0.5, self._connect, life)
            return
        broker.connect(
            life,
            lose_session=not self._world.calm and self._chance.random() < 0.05,
            drains_in=None if self._chance.random() < 0.1 else self._chance.choice((0.1, 4.0)),
        )

    def step(self) -> None:
        """Die here, if it was drawn so. Called after every step of the loop."""
        if self._crash_at is not None and self._loop.steps >= self._crash_at:
            self._crash_at = None
            self.crash()

    def crash_soon(self) -> None:
        """Die within the next few steps: between any two awaits of what goes on."""
        if self._crash_at is None and not self._world.calm and self.life.alive:
            self._crash_at = self._loop.steps + self._chance.choice((1, 1, 2, 3, 5, 8, 13, 40))

    def moment(self) -> None:
        """Something delicate happens: a good moment to die."""
        if self._crashes_left and self._hot and self._chance.random() < self._hot:
            self._crashes_left -= 1
            self.crash_soon()

    def crash(self) -> None:
        """End the daemon's life, and begin another after a while."""
        if self.life.alive:
            self._world.counts["crashes"] += 1
            self.life.die()
            self._revive(self.life)

    def _revive(self, life: Life) -> None:
        if self._revived != life.number:
            self._revived = life.number
            self._loop.call_later(self._chance.choice(DOWN), self._new_life)

    def _stop(self) -> None:
        if self.life.ready and self.life.alive and not self._setting.disk.is_full:
            self._stopping = self._loop.create_task(self._stopped(self.life))

    async def _stopped(self, life: Life) -> None:
        await life.stop()
        if not life.alive:
            self._revive(life)

    # --- everything else ------------------------------------------------------------------------

    def _link(self) -> None:
        broker = self._setting.broker
        if broker.is_linked:
            broker.disconnect()
            pause = self._chance.choice((0.3, 20.0, 900.0))
            self._loop.call_later(pause, lambda: self._connect(self.life))

    def _provider(self) -> None:
        provider = self._chance.choice([*self._setting.providers, *self._setting.callers])
        provider.is_down = True
        self._world.trace(f"{provider.name}: is down")

        def up() -> None:
            provider.is_down = False

        self._loop.call_later(self._chance.choice((5.0, 120.0, 900.0)), up)

    def _clock(self) -> None:
        step = self._chance.choice(CLOCK_STEPS)
        self._world.clock_is_off_by += step
        self._world.clock_was_put = True
        self._world.trace(f"clock: put by {step // SECOND} s")

    def _disk(self) -> None:
        self._setting.disk.is_full = self.was_full = True
        self._world.trace("disk: is full")
        self._loop.call_later(self._chance.choice(FULL_FOR), self._disk_is_well)

    def _disk_is_well(self) -> None:
        if self._setting.disk.is_full:
            self._setting.disk.is_full = False
            self._world.trace("disk: has room")

    def end(self) -> None:
        """Nothing goes wrong any more."""
        self._crash_at = None
        self._disk_is_well()
        for provider in (*self._setting.providers, *self._setting.callers):
            provider.is_down = False
        self._connect(self.life)
