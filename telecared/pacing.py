"""How fast one provider may be used, and by whom first; whether it works at the moment.

`Pace` gives out turns, the most dangerous first, at the provider's rate and around the pauses that
it asks for. `Circuit` notes failures in a row, `Proof` whether receipts come. Time is the event
loop's; nothing is sent here.
"""

import asyncio
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Final

from telecared.core.vocabulary import Priority

FAILING_AFTER: Final = 3
"""Messages in a row that a provider did not take before it is tried last and people are told."""

REST_SECONDS: Final = 60.0
"""How long a failing provider is tried last before one message probes it."""

RETRY_AFTER_SECONDS: Final = 5.0
"""How long a provider that takes no more at this rate is left alone when it does not say."""

LONGEST_RETRY_AFTER: Final = 300.0
"""The longest pause that a provider may ask for: one that says `tomorrow` is asked before that."""

UNPROVEN_AFTER: Final = 3
"""Messages that a provider took, with no receipt of anything since, before alarms go by another."""

UNPROVEN_SECONDS: Final = 120.0
"""How old the last of them is by then."""

SHORTEST_RATE: Final = 0.01
"""Messages a second; a slower provider is none."""

Seconds = Callable[[], float]


def loop_seconds() -> float:
    """Return the time of the running event loop, which a simulation may run at any speed."""
    return asyncio.get_running_loop().time()


class Pace:
    """Turns at one provider, in order of danger; within one danger, first come first served.

    The time between two turns is one slot. Whoever is in most danger has the next turn, however
    many wait: a queue delays life safety by one slot at most.

    Args:
        rate: messages a second, None for any number.
        seconds: the time; the event loop's when it is left out.
    """

    def __init__(self, rate: float | None = None, *, seconds: Seconds = loop_seconds) -> None:
        self._slot = 0.0 if rate is None else 1.0 / max(rate, SHORTEST_RATE)
        self._seconds = seconds
        self._next = float("-inf")
        self._paused_at = float("-inf")
        self._paused_until = float("-inf")
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = 0
        self._alarm: asyncio.TimerHandle | None = None

    def pause(self, seconds: float | None) -> None:
        """Give no turns for as long as the provider asks, within `LONGEST_RETRY_AFTER`."""
        now = self._seconds()
        asked = RETRY_AFTER_SECONDS if seconds is None else max(0.0, seconds)
        self._paused_at = now
        self._paused_until = max(self._paused_until, now + min(asked, LONGEST_RETRY_AFTER))

    def delay(self, priority: Priority) -> float:
        """Return about how many seconds a message would wait for its turn if it came now."""
        ahead = sum(rank <= priority.rank for rank, _, turn in self._waiting if not turn.done())
        return max(0.0, self._free_at(priority.rank) - self._seconds()) + ahead * self._slot

    async def turn(self, priority: Priority) -> None:
        """Return when a message of this priority may be sent."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._order += 1
        heappush(self._waiting, (priority.rank, self._order, turn))
        self._give()
        await turn

    def _free_at(self, rank: int) -> float:
        """Return when the next turn may be given to somebody of this rank.

        Life safety does not stand through a long pause where there is no other provider.
        """
        until = self._paused_until
        if rank == Priority.LIFE_SAFETY.rank:
            until = min(until, self._paused_at + RETRY_AFTER_SECONDS)
        return max(self._next, until)

    def _give(self) -> None:
        """Give the turns that are due, and look again when the next one is."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        now = self._seconds()
        while self._waiting:
            rank, _, turn = self._waiting[0]
            if turn.done():  # whoever waited has been cancelled
                heappop(self._waiting)
                continue
            free_at = self._free_at(rank)
            if free_at > now:
                loop = asyncio.get_running_loop()
                self._alarm = loop.call_later(free_at - now, self._give)
                return
            heappop(self._waiting)
            self._next = max(self._next, now) + self._slot if self._slot else now
            turn.set_result(None)


class Circuit:
    """Whether a provider works: closed while it does, open after several failures in a row.

    Args:
        seconds: the time; the event loop's when it is left out.
    """

    def __init__(self, *, seconds: Seconds = loop_seconds) -> None:
        self._seconds = seconds
        self._failures = 0
        self._rests_until = float("-inf")

    @property
    def is_open(self) -> bool:
        """Whether the provider is tried last."""
        return self._failures >= FAILING_AFTER

    def may_be_probed(self) -> bool:
        """Whether one message may try it first again; whoever asks is the one."""
        if not self.is_open or self._seconds() < self._rests_until:
            return False
        self._rests_until = self._seconds() + REST_SECONDS
        return True

    def restore(self) -> None:
        """Take up that people were told of its failing before this process began."""
        self._failures = FAILING_AFTER

    def failed(self) -> bool:
        """Note a failure; return whether it opened the circuit."""
        self._failures += 1
        if self.is_open:
            self._rests_until = self._seconds() + REST_SECONDS
        return self._failures == FAILING_AFTER

    def worked(self) -> bool:
        """Note that a message was taken; return whether that closed the circuit."""
        was_open = self.is_open
        self._failures = 0
        return was_open


class Proof:
    """Whether a provider proves what becomes of what it takes: by any final receipt.

    One that takes everything and tells nothing may be losing everything.

    Args:
        seconds: the time; the event loop's when it is left out.
    """

    def __init__(self, *, seconds: Seconds = loop_seconds) -> None:
        self._seconds = seconds
        self._unproven: list[float] = []
        self._has_proven = False
        self._told = False

    @property
    def is_missing(self) -> bool:
        """Whether several messages were taken a while ago and nothing was heard since."""
        if len(self._unproven) < UNPROVEN_AFTER:
            return False
        return self._seconds() - self._unproven[-1] >= UNPROVEN_SECONDS

    def restore(self) -> None:
        """Take up that people were told that proof is missing before this process began."""
        self._has_proven = self._told = True

    def took(self) -> None:
        """Note that a message was taken whose receipt is to come."""
        if len(self._unproven) < UNPROVEN_AFTER:
            self._unproven.append(self._seconds())

    def came(self) -> None:
        """Note a final receipt of any message."""
        self._unproven.clear()
        self._has_proven = True

    def turned(self) -> bool | None:
        """Return once that proof is missing now (True) or is back (False); else None.

        A provider that never gave any since the start is as it was meant to be: nothing turns.
        """
        missing = self.is_missing and self._has_proven
        if missing is self._told:
            return None
        self._told = missing
        return missing
