"""An event loop whose time is virtual: it jumps to the next timer when nothing is ready.

What is ready together runs in a seeded order, each once before any runs again, so that another
seed is another interleaving. Where nothing is ready and no timer stands, it says so.
"""

import asyncio
import heapq
import random
from collections import deque
from collections.abc import Callable
from typing import Final

MAX_STEPS_AT_ONCE: Final = 20_000
"""Steps without time passing: more is a circle."""


class Deadlock(RuntimeError):
    """Nothing is ready and no timer stands: whoever waits, waits for ever."""


class Circle(RuntimeError):
    """Steps follow steps and time does not pass."""


class VirtualLoop(asyncio.BaseEventLoop):
    """No sockets, no threads, no real time; steps and their order come from `chance` alone.

    Args:
        chance: orders what is ready together; None keeps the order in which it became ready.

    Attributes:
        steps: how many callbacks have run.
        before_jump: told before time passes, with the instant to which it will.
        after_step: told after each callback.
    """

    _ready: deque[asyncio.Handle]
    _scheduled: list[asyncio.TimerHandle]

    def __init__(self, chance: random.Random | None = None) -> None:
        super().__init__()
        self._chance = chance
        self._now = 0.0
        self.steps = 0
        self.before_jump: Callable[[float], None] = lambda _: None
        self.after_step: Callable[[], None] = lambda: None
        self._since_jump = 0

    def time(self) -> float:
        """Return the virtual time in seconds; 0 at the beginning."""
        return self._now

    def _run_once(self) -> None:
        """Run everything that is ready now, once; jump to the next timer before, if need be."""
        if not self._ready:
            self._jump()
        while self._scheduled and self._scheduled[0].when() <= self._now:
            self._ready.append(heapq.heappop(self._scheduled))
        batch = list(self._ready)
        self._ready.clear()
        if self._chance is not None and len(batch) > 1:
            self._chance.shuffle(batch)
        for handle in batch:
            if not handle.cancelled():
                self.steps += 1
                handle._run()  # noqa: SLF001 - what the loop's own `_run_once` does
                self.after_step()
        self._since_jump += len(batch)
        if self._since_jump > MAX_STEPS_AT_ONCE:
            self._since_jump = 0
            raise Circle(f"{MAX_STEPS_AT_ONCE} steps and no time passes, at {self._now:.3f} s")

    def _jump(self) -> None:
        while self._scheduled and self._scheduled[0].cancelled():
            heapq.heappop(self._scheduled)
        if not self._scheduled:
            raise Deadlock(f"nothing is ready and no timer stands, at {self._now:.3f} s")
        when = self._scheduled[0].when()
        if when > self._now:
            self.before_jump(when)
            self._since_jump = 0
            self._now = when

    def _timer_handle_cancelled(self, _handle: asyncio.TimerHandle) -> None:
        """Nothing to count: cancelled timers are dropped where they stand."""

    def _write_to_self(self) -> None:
        """Nobody sleeps in a selector who had to be woken."""

    def _process_events(self, _event_list: object) -> None:
        """There are no events from outside."""
