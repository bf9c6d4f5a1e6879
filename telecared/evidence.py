"""Evidence of the outbox: attempts, and what became of those that no result tells.

It goes to the store beside the sequence of inputs, since nothing is decided from it. A disk that
is full never keeps a message back: what could not be kept waits in memory, up to a limit.
"""

from collections.abc import Callable
from typing import Final

import structlog

from telecared.core.vocabulary import Instant, Stage
from telecared.errors import StoreError
from telecared.store_port import EvidenceRow, Store

MAX_UNKEPT: Final = 10_000
"""Moments that wait for the store; beyond it the oldest are lost, and that is logged."""

log = structlog.get_logger(__name__)


class Evidence:
    """Keeps moments of notifications.

    Args:
        store: where they are kept.
        now: engine time.
    """

    def __init__(self, store: Store, now: Callable[[], Instant]) -> None:
        self._store = store
        self._now = now
        self._unkept: list[EvidenceRow] = []

    def note(self, notification: str, stage: Stage, *, provider: str = "", code: str = "") -> None:
        """Note a moment; it is kept with the next attempt or the next `keep`."""
        row = EvidenceRow(
            notification=notification, at=self._now(), stage=stage, provider=provider, code=code
        )
        self._unkept.append(row)
        if len(self._unkept) > MAX_UNKEPT:
            log.error("evidence.lost")
            del self._unkept[0]

    async def begin_attempt(self, notification: str, wall: Instant, provider: str) -> None:
        """Put an attempt on record before it begins, with what was noted until then.

        A full disk must not keep an alert back: a double is better than a miss (P4).
        """
        self.note(notification, Stage.ATTEMPT, provider=provider)
        taken, self._unkept = self._unkept, []
        try:
            await self._store.begin_attempt(notification, wall, provider=provider, evidence=taken)
        except StoreError:
            log.error("attempt.not_on_record", notification=notification)
            self._unkept = [*taken, *self._unkept]

    async def keep(self) -> None:
        """Keep what was noted and no attempt has taken along."""
        if not self._unkept:
            return
        taken, self._unkept = self._unkept, []
        try:
            too_early = await self._store.keep_evidence(taken)
        except StoreError:
            too_early = taken
        self._unkept = [*too_early, *self._unkept]
