"""Asks the provider instead of being told, for sites that no webhook can reach.

Both receipts and messages that people sent to us. It remembers within the process what it has
passed on; remembering across restarts is for whoever stores it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import structlog

from telecared.errors import TelecaredError
from telecared.ports import Gateway, InboundHandler, Receipt, ReceiptHandler

FIRST_LOOK_SECONDS: Final = 24 * 3600.0
"""The first round after a start looks this far back: people answer while we are down."""

OVERLAP_SECONDS: Final = 300.0
"""Each later round looks again at this much before the last good one: lists lag behind."""

LONGEST_PAUSE_SECONDS: Final = 60.0
"""Failures double the pause up to this."""

UNHEARD_AFTER: Final = 3
"""Rounds that failed in a row before people are told: nobody's reply is heard meanwhile."""

RECEIPTS_A_ROUND: Final = 200
"""Receipts asked for in one round: people's replies must not wait behind thousands of them."""

REMEMBERED: Final = 10_000
"""Inbound messages remembered as passed on; more than the overlap can hold."""

_log = structlog.get_logger(__name__)


class Poller:
    """Asks for receipts and inbound messages at an interval.

    Args:
        gateway: the provider.
        pending: returns the provider's ids of messages that await a final state.
        on_receipt: told of each change of a receipt; it is durable on return.
        on_inbound: told of each message once; it is durable on return.
        interval_seconds: the pause between rounds, in real time.
        unheard: told that several rounds failed in a row, and when all is well, also the first
            time; None where nobody is told.

    Attributes:
        failures: failed rounds in a row; 0 when the last one went well.
    """

    def __init__(
        self,
        gateway: Gateway,
        pending: Callable[[], Sequence[str]],
        on_receipt: ReceiptHandler,
        on_inbound: InboundHandler,
        interval_seconds: float,
        unheard: Callable[[bool], Awaitable[None]] | None = None,
    ) -> None:
        self._gateway = gateway
        self._pending = pending
        self._on_receipt = on_receipt
        self._on_inbound = on_inbound
        self._interval_seconds = interval_seconds
        self._told: dict[str, Receipt] = {}
        self._asked: dict[str, int] = {}
        self._passed_on: dict[str, None] = {}
        self._last_good: float | None = None
        self._unheard = unheard
        self._told_well: bool | None = None
        self.failures = 0

    async def run(self) -> None:
        """Poll until cancelled; failures are logged and tried again after a longer pause."""
        while True:
            # Replies first: they take an alert from somebody's shoulders, receipts only inform.
            inbound_went_well = await self._supervised("inbound", self._inbound_round())
            receipts_went_well = await self._supervised("receipts", self._receipt_round())
            if inbound_went_well and receipts_went_well:
                if self.failures:
                    _log.info("sms_polling_recovered", after_failures=self.failures)
                self.failures = 0
            else:
                self.failures += 1
            await self._tell()
            await asyncio.sleep(self._pause())

    async def _tell(self) -> None:
        well = self.failures == 0
        if self._unheard is None or well is self._told_well or 0 < self.failures < UNHEARD_AFTER:
            return
        if await self._supervised("trouble", self._unheard(not well)):
            self._told_well = well

    def _pause(self) -> float:
        doubled = self._interval_seconds * 2.0 ** min(self.failures, 16)
        return min(doubled, max(LONGEST_PAUSE_SECONDS, self._interval_seconds))

    async def _supervised(self, what: str, doing: Awaitable[bool | None]) -> bool:
        """Return whether it went well; what it raised is logged."""
        try:
            return await doing is not False
        except TelecaredError as failure:
            _log.warning("sms_polling_failed", what=what, error=str(failure))
        except Exception as failure:  # noqa: BLE001 - this loop is the edge: the next round tries again
            # Only the kind: a message could quote what was being stored.
            _log.error("sms_polling_failed", what=what, error=type(failure).__name__)
        return False

    async def _inbound_round(self) -> bool:
        begun = asyncio.get_running_loop().time()
        since = FIRST_LOOK_SECONDS
        if self._last_good is not None:
            since = begun - self._last_good + OVERLAP_SECONDS
        all_stored = True
        for message in await self._gateway.inbound(since_seconds=since):
            if message.provider_id in self._passed_on:
                continue
            # One message that cannot be stored does not hold up the replies behind it.
            if await self._supervised("inbound", self._on_inbound(message)):
                self._remember(message.provider_id)
            else:
                all_stored = False
        if all_stored:  # otherwise the next round looks as far back as this one
            self._last_good = begun
        return all_stored

    def _remember(self, provider_id: str) -> None:
        self._passed_on[provider_id] = None
        if len(self._passed_on) > REMEMBERED:
            del self._passed_on[next(iter(self._passed_on))]

    def _in_turn(self, pending: list[str]) -> list[str]:
        """Return whose turn it is: half of a round for the newest, the rest in turn."""
        waiting = set(pending)
        self._told = {key: told for key, told in self._told.items() if key in waiting}
        self._asked = {key: count for key, count in self._asked.items() if key in waiting}
        if len(pending) > RECEIPTS_A_ROUND:
            half = RECEIPTS_A_ROUND // 2
            older = sorted(pending[:-half], key=lambda key: self._asked.get(key, 0))
            pending = pending[-half:] + older[:half]
        for key in pending:
            self._asked[key] = self._asked.get(key, 0) + 1
        return pending

    async def _receipt_round(self) -> bool:
        pending = self._in_turn(list(self._pending()))
        if not pending:
            return True
        all_stored = True
        for receipt in await self._gateway.receipts(pending):
            if self._told.get(receipt.provider_id) == receipt:
                continue
            if await self._supervised("receipts", self._on_receipt(receipt)):
                self._told[receipt.provider_id] = receipt
            else:
                all_stored = False
        return all_stored
