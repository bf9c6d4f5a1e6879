"""Committing a batch and what may only happen after it; and going on when the disk is full.

Acknowledgements to the broker and answers to people are let go only when everything before them
is durable (promise P1). Nothing is decided about alerts.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from telecared.core.vocabulary import SECOND
from telecared.errors import StoreFull
from telecared.ports import Arrival
from telecared.store_port import Batch, Store

log = structlog.get_logger(__name__)

RETRY_FULL_SECONDS: Final = 1.0
"""How often a full disk is tried again."""

MAX_HELD_BACK: Final = 100_000
"""Inputs that wait in memory for a full disk before we take none without a guarantee any more."""

_SMOOTHING: Final = 0.1

Committed = Callable[[Batch], None]


class Committing:
    """Commits batches in order.

    Args:
        committed: is told every batch once it is durable, or in force on a full disk: what it
            owes to people must go out either way.
        acknowledge: takes messages that are durable.

    Attributes:
        seconds: the smoothed time of a commit.
        disk_is_low: the disk was found full and the ballast does not stand yet.
    """

    def __init__(
        self,
        store: Store,
        *,
        committed: Committed,
        acknowledge: Callable[[Sequence[Arrival]], None],
        seconds: float,
    ) -> None:
        self._store = store
        self._committed = committed
        self._acknowledge = acknowledge
        self._held_back: list[Batch] = []
        self._inputs_held_back = 0
        self._unacknowledged: list[Arrival] = []
        self._answers: list[asyncio.Future[None]] = []
        self._answers_even_if_full: list[asyncio.Future[None]] = []
        self._tried_at = float("-inf")
        self.seconds = seconds
        self.disk_is_low = False

    @property
    def is_degraded(self) -> bool:
        """Whether batches wait for the disk: decisions go on in memory (decision 16)."""
        return bool(self._held_back)

    @property
    def holds_too_much(self) -> bool:
        """Whether so much waits for the disk that memory has to be thought of."""
        return self._inputs_held_back > MAX_HELD_BACK

    def owe_acknowledgement(self, arrival: Arrival) -> None:
        """Acknowledge a message after the commit of what is being built now."""
        self._unacknowledged.append(arrival)

    def owe_answer(self, answer: asyncio.Future[None], *, even_if_full: bool) -> None:
        """Let somebody know after the commit of what is being built now.

        `even_if_full` is for our own parts: on a full disk they go on with what is in force, or
        the sending of alerts would wait for the disk.
        """
        (self._answers_even_if_full if even_if_full else self._answers).append(answer)

    async def commit(self, batch: Batch) -> None:
        """Commit, then let go of what was owed; on a full disk keep the batch and go on."""
        if self._held_back:
            self._hold_back(batch)
            await self._try_again()
            return
        if not batch.is_empty():
            try:
                took = await self._store.commit(batch)
            except StoreFull:
                self.disk_is_low = True
                log.error("disk.full")
                self._hold_back(batch)
                # The store has freed its ballast: this very batch may fit now.
                await self._try_again(at_once=True)
                return
            self.seconds += _SMOOTHING * (took / SECOND - self.seconds)
            self._committed(batch)
        self._let_go()

    def _hold_back(self, batch: Batch) -> None:
        if not batch.is_empty():
            batch.critical_only = True
            self._held_back.append(batch)
            self._inputs_held_back += len(batch.inputs)
            self._committed(batch)
        self._answers_even_if_full = _answer(self._answers_even_if_full)

    async def _try_again(self, *, at_once: bool = False) -> None:
        now = asyncio.get_running_loop().time()
        if not at_once and now - self._tried_at < RETRY_FULL_SECONDS:
            return
        self._tried_at = now
        while self._held_back:
            try:
                await self._store.commit(self._held_back[0])
            except StoreFull:
                return
            del self._held_back[0]
        self._inputs_held_back = 0
        self._let_go()

    def _let_go(self) -> None:
        done, self._unacknowledged = self._unacknowledged, []
        if done:
            self._acknowledge(done)
        self._answers = _answer(self._answers)
        self._answers_even_if_full = _answer(self._answers_even_if_full)

    async def is_disk_well_again(self) -> bool:
        """Try to set the ballast aside again; True when that ends a full disk."""
        now = asyncio.get_running_loop().time()
        if self._held_back or now - self._tried_at < RETRY_FULL_SECONDS:
            return False
        self._tried_at = now
        self.disk_is_low = not await self._store.restore_ballast()
        return not self.disk_is_low


def _answer(waiting: list[asyncio.Future[None]]) -> list[asyncio.Future[None]]:
    """Let everybody know, and return who waits from now on: nobody yet."""
    for answer in waiting:
        if not answer.done():
            answer.set_result(None)
    return []
