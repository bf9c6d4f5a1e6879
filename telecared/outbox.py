"""The outbox: sends what is owed, with the attempt on record before and the result after.

It decides nothing about alerts. A message whose fate is unknown is asked about at the provider
before it is sent again; for life safety doubt means sending (promise P4).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from heapq import heappop, heappush
from typing import Final

import msgspec
import structlog

from telecared.core.events import ConditionFound, NotificationReported
from telecared.core.vocabulary import SECOND, Instant, NotificationState, Priority
from telecared.errors import GatewayError, StoreError
from telecared.hearing import Reported
from telecared.ports import Gateway, Outgoing, Sent
from telecared.store_port import Batch, OutboxRow, Store

log = structlog.get_logger(__name__)

SENDERS: Final = 8
"""Messages that are sent at the same time. One that waits for its next try keeps nobody busy."""

GIVE_UP_SECONDS: Final = 900.0
"""After this long a message that the provider never took counts as failed."""

LOOK_BACK_SECONDS: Final = 5.0
"""How long before an attempt the provider's list is searched. Tight: a repeat has the same text."""

NUMBER_REFUSED: Final = frozenset({"21610", "21211", "21614"})
"""Twilio's codes for a number whose owner said STOP, that does not exist, that takes no SMS."""

ABOUT_ONE_NUMBER: Final = NUMBER_REFUSED | {"21265", "21408", "21612", "21617"}
"""Refusals that say nothing about the provider: this number, its country, this text. Any other
(a wrong password, a closed account, a wrong sender) refuses everybody's messages."""

RECEIPT_SECONDS: Final = 6 * 3600.0
"""How long a receipt is asked for. Some networks never give one, and each is asked for in every
round: without an end they would stand between us and people's replies."""

FAILING_AFTER: Final = 3
"""Messages in a row that the provider did not take before people are told of it."""


class Pauses(msgspec.Struct, frozen=True):
    """Real seconds between tries.

    Attributes:
        retry: after a message that the provider did not take; the last one repeats.
        settle: before each question about a message whose fate is unknown.
    """

    retry: tuple[float, ...] = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
    settle: tuple[float, ...] = (0.5, 2.0, 5.0, 10.0, 20.0, 30.0)


class _Owed(msgspec.Struct):
    """One message on its way.

    Attributes:
        began: when it was first tried, by the wall clock.
        tried: how often the provider did not take it.
        attempted_at: begins the attempt whose fate is unknown, or None.
        asked: how often the provider was asked what became of that attempt.
    """

    row: OutboxRow
    message: Outgoing
    began: Instant | None = None
    tried: int = 0
    attempted_at: Instant | None = None
    asked: int = 0


Tell = Callable[[Reported | ConditionFound], Awaitable[None]]
"""Returns once what became of a notification, or a finding of the machinery, is durable."""


class Outbox:
    """Sends SMS, the most dangerous first.

    Args:
        gateway: the provider, or None when none is configured.
        tell: takes results, and that the provider fails or works again.
        wall: the machine's wall clock.
        allowed: in pilot mode the only numbers that are sent to; None for everybody.
        pauses: between tries.
    """

    def __init__(
        self,
        store: Store,
        gateway: Gateway | None,
        *,
        tell: Tell,
        wall: Callable[[], Instant],
        allowed: frozenset[str] | None = None,
        pauses: Pauses = Pauses(),  # noqa: B008 - frozen
    ) -> None:
        self._store = store
        self._gateway = gateway
        self._tell = tell
        self._wall = wall
        self._allowed = allowed
        self._pauses = pauses
        self._queue: list[tuple[int, int, _Owed]] = []
        self._order = 0
        self._known: set[str] = set()
        self._withdrawn: set[str] = set()
        self._ready = asyncio.Semaphore(0)
        self._refused_in_a_row = 0
        self._awaiting: dict[str, Instant] = {}

    # --- what is owed ---------------------------------------------------------------------------

    def committed(self, batch: Batch) -> None:
        """Take over what a batch owes, and what it takes back."""
        for row in batch.notifications:
            notify = row.notify
            self._owe(
                OutboxRow(
                    id=notify.id,
                    home=row.home,
                    priority=notify.priority,
                    queued_at=notify.at,
                    to=notify.to,
                    channel=notify.channel,
                    number=notify.number,
                    text=notify.text,
                    state=NotificationState.QUEUED,
                )
            )
        for update in batch.notification_updates:
            if update.withdrawn and update.id in self._known:
                self._withdrawn.add(update.id)

    def _owe(self, row: OutboxRow) -> None:
        if row.id in self._known:
            return
        self._known.add(row.id)
        message = Outgoing(notification=row.id, number=row.number, text=row.text)
        owed = _Owed(row, message, attempted_at=row.attempted_at)
        if row.attempted_at is None:
            self._queue_up(owed)
        else:
            # An earlier process had begun to send it and died: ask before sending again.
            self._later(owed, self._pauses.settle[0])

    def _queue_up(self, owed: _Owed) -> None:
        self._order += 1
        heappush(self._queue, (owed.row.priority.rank, self._order, owed))
        self._ready.release()

    def _later(self, owed: _Owed, pause: float) -> None:
        asyncio.get_running_loop().call_later(pause, self._queue_up, owed)

    def awaiting(self) -> Sequence[str]:
        """Return the provider's ids of messages that it is still asked about."""
        oldest = self._wall() - int(RECEIPT_SECONDS * SECOND)
        self._awaiting = {key: since for key, since in self._awaiting.items() if since >= oldest}
        return tuple(self._awaiting)

    def settled(self, provider_id: str) -> None:
        """Note that a final receipt is on record."""
        self._awaiting.pop(provider_id, None)

    async def recover(self) -> None:
        """Take up what an earlier process owed; call once, before `run`."""
        for row in await self._store.outbox():
            self._owe(row)
        for _, provider_id in await self._store.awaiting_receipts():
            self._awaiting[provider_id] = self._wall()

    # --- sending --------------------------------------------------------------------------------

    async def run(self) -> None:
        """Send until cancelled."""
        async with asyncio.TaskGroup() as group:
            for number in range(SENDERS):
                group.create_task(self._sender(), name=f"outbox-{number}")

    async def _sender(self) -> None:
        while True:
            await self._ready.acquire()
            _, _, owed = heappop(self._queue)
            pause = await self._move(owed)
            if pause is not None:
                self._later(owed, pause)
            else:
                self._withdrawn.discard(owed.row.id)
                self._known.discard(owed.row.id)

    async def _move(self, owed: _Owed) -> float | None:
        """Take a message one move further; return the pause before the next, None at its end."""
        row = owed.row
        if self._gateway is None:
            await self._result(row, NotificationState.FAILED, code="no-provider")
            return None
        if self._allowed is not None and row.number not in self._allowed:
            await self._result(row, NotificationState.FAILED, code="pilot")
            return None
        if owed.attempted_at is not None:
            return await self._ask(self._gateway, owed, owed.attempted_at)
        return await self._send(self._gateway, owed)

    async def _send(self, gateway: Gateway, owed: _Owed) -> float | None:
        row = owed.row
        if row.id in self._withdrawn:
            return None
        attempted_at = self._wall()
        owed.began = attempted_at if owed.began is None else owed.began
        await self._begin_attempt(row, attempted_at)
        try:
            sent = await gateway.send(owed.message)
        except GatewayError as error:
            log.warning("sms.not_taken", notification=row.id, code=error.code)
            about_one = error.permanent and error.code in ABOUT_ONE_NUMBER
            await self._count_refusal(refused=not about_one)
            if error.permanent:
                await self._result(row, NotificationState.FAILED, code=error.code or "refused")
                return None
            if error.sent_unknown:
                owed.attempted_at, owed.asked = attempted_at, 0
                return self._pauses.settle[0]
            return await self._try_later(owed)
        await self._count_refusal(refused=False)
        await self._sent(row, sent)
        return None

    async def _try_later(self, owed: _Owed) -> float | None:
        """Return the pause before the next try; None when it was tried for too long."""
        if owed.began is not None and self._wall() - owed.began > GIVE_UP_SECONDS * SECOND:
            await self._result(owed.row, NotificationState.FAILED, code="given-up")
            return None
        pause = self._pauses.retry[min(owed.tried, len(self._pauses.retry) - 1)]
        owed.tried += 1
        return pause

    async def _ask(self, gateway: Gateway, owed: _Owed, attempted_at: Instant) -> float | None:
        """Find out what became of an attempt before the message is sent again."""
        since = (self._wall() - attempted_at) / SECOND + LOOK_BACK_SECONDS
        owed.asked += 1
        try:
            found = await gateway.find(owed.message, since_seconds=since)
        except GatewayError:
            if owed.row.priority is Priority.LIFE_SAFETY:
                owed.attempted_at = None
                return await self._try_later(owed)
            if owed.asked < len(self._pauses.settle):
                return self._pauses.settle[owed.asked]
            await self._result(owed.row, NotificationState.FAILED, code="fate-unknown")
            return None
        if found is not None:
            await self._sent(owed.row, found)
            return None
        owed.attempted_at = None
        return await self._try_later(owed)

    async def _begin_attempt(self, row: OutboxRow, at: Instant) -> None:
        try:
            await self._store.begin_attempt(row.id, at)
        except StoreError:
            # A full disk must not keep an alert back: a double is better than a miss (P4).
            log.error("attempt.not_on_record", notification=row.id)

    async def _sent(self, row: OutboxRow, sent: Sent) -> None:
        final = sent.state in (
            NotificationState.DELIVERED,
            NotificationState.UNDELIVERED,
            NotificationState.FAILED,
        )
        if not final:
            self._awaiting[sent.provider_id] = self._wall()
        await self._result(row, NotificationState.SENT, provider_id=sent.provider_id)
        if final:
            await self._result(row, sent.state, provider_id=sent.provider_id)

    async def _result(
        self,
        row: OutboxRow,
        state: NotificationState,
        *,
        code: str = "",
        provider_id: str = "",
    ) -> None:
        event = NotificationReported(
            input=0,
            at=0,
            notification=row.id,
            state=state,
            code=code,
            number_refused=code in NUMBER_REFUSED,
        )
        await self._tell(Reported(event, provider_id))

    async def _count_refusal(self, *, refused: bool) -> None:
        """Tell people when the provider takes nothing any more, and when it does again."""
        before = self._refused_in_a_row
        self._refused_in_a_row = before + 1 if refused else 0
        if self._refused_in_a_row == FAILING_AFTER:
            await self._tell(ConditionFound(input=0, at=0, name="sms-failing"))
        elif before >= FAILING_AFTER and not refused:
            await self._tell(ConditionFound(input=0, at=0, name="sms-failing", over=True))
