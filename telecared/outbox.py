"""The outbox: sends what is owed, with the attempt on record before and the result after.

It decides nothing about alerts. A message whose fate is unknown is asked about at the provider
before it is sent again; for life safety doubt means sending (promise P4).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from heapq import heappop, heappush
from typing import Final

import structlog

from telecared.core.events import ConditionFound, NotificationReported
from telecared.core.vocabulary import SECOND, Instant, NotificationState, Priority
from telecared.errors import GatewayError, StoreError
from telecared.hearing import Reported
from telecared.ports import OutgoingSms, SentSms, SmsGateway
from telecared.store_port import Batch, OutboxRow, Store

log = structlog.get_logger(__name__)

SENDERS: Final = 8
"""Messages that are sent at the same time."""

RETRY_SECONDS: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
"""Pauses between tries of a message that the provider did not take; the last one repeats."""

GIVE_UP_SECONDS: Final = 900.0
"""After this long a message that the provider never took counts as failed."""

SETTLE_SECONDS: Final = (0.5, 2.0, 5.0, 10.0, 20.0, 30.0)
"""Pauses between questions about a message whose fate is unknown."""

LOOK_BACK_SECONDS: Final = 5.0
"""How long before an attempt the provider's list is searched. Tight: a repeat has the same text."""

OPTED_OUT: Final = frozenset({"21610"})
"""Twilio's code for a number whose owner said STOP."""

FAILING_AFTER: Final = 3
"""Messages in a row that the provider did not take before people are told of it."""

Tell = Callable[[Reported | ConditionFound], Awaitable[None]]
"""Returns once what became of a notification, or a finding of the machinery, is durable."""


class Outbox:
    """Sends SMS, the most dangerous first.

    Args:
        gateway: the provider, or None when none is configured.
        tell: takes results, and that the provider fails or works again.
        wall: the machine's wall clock.
        allowed: in pilot mode the only numbers that are sent to; None for everybody.
    """

    def __init__(
        self,
        store: Store,
        gateway: SmsGateway | None,
        *,
        tell: Tell,
        wall: Callable[[], Instant],
        allowed: frozenset[str] | None = None,
    ) -> None:
        self._store = store
        self._gateway = gateway
        self._tell = tell
        self._wall = wall
        self._allowed = allowed
        self._queue: list[tuple[int, int, OutboxRow]] = []
        self._order = 0
        self._known: set[str] = set()
        self._withdrawn: set[str] = set()
        self._ready = asyncio.Semaphore(0)
        self._refused_in_a_row = 0
        self._awaiting: dict[str, str] = {}

    # --- what is owed ---------------------------------------------------------------------------

    def committed(self, batch: Batch) -> None:
        """Take over what a batch owes, and what it takes back."""
        for update in batch.notification_updates:
            if update.withdrawn:
                self._withdrawn.add(update.id)
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

    def _owe(self, row: OutboxRow) -> None:
        if row.id in self._known:
            return
        self._known.add(row.id)
        self._order += 1
        heappush(self._queue, (row.priority.rank, self._order, row))
        self._ready.release()

    def awaiting(self) -> Sequence[str]:
        """Return the provider's ids of messages without a final state."""
        return tuple(self._awaiting)

    def settled(self, provider_id: str) -> None:
        """Note that a final receipt is on record."""
        self._awaiting.pop(provider_id, None)

    async def recover(self) -> None:
        """Take up what an earlier process owed; call once, before `run`."""
        for row in await self._store.outbox():
            self._owe(row)
        for notification, provider_id in await self._store.awaiting_receipts():
            self._awaiting[provider_id] = notification

    # --- sending --------------------------------------------------------------------------------

    async def run(self) -> None:
        """Send until cancelled."""
        async with asyncio.TaskGroup() as group:
            for number in range(SENDERS):
                group.create_task(self._sender(), name=f"outbox-{number}")

    async def _sender(self) -> None:
        while True:
            await self._ready.acquire()
            _, _, row = heappop(self._queue)
            if row.id not in self._withdrawn:
                await self._deliver(row)
            self._withdrawn.discard(row.id)
            self._known.discard(row.id)

    async def _deliver(self, row: OutboxRow) -> None:
        if self._gateway is None:
            await self._result(row, NotificationState.FAILED, code="no-provider")
            return
        if self._allowed is not None and row.number not in self._allowed:
            await self._result(row, NotificationState.FAILED, code="pilot")
            return
        message = OutgoingSms(notification=row.id, number=row.number, text=row.text)
        begun = row.attempted_at
        # An earlier process had begun to send it and died: ask before sending again.
        if begun is not None and await self._settle(self._gateway, row, message, begun):
            return
        await self._send(self._gateway, row, message)

    async def _send(self, gateway: SmsGateway, row: OutboxRow, message: OutgoingSms) -> None:
        began = self._wall()
        tried = 0
        while True:
            await self._begin_attempt(row)
            attempted_at = self._wall()
            try:
                sent = await gateway.send(message)
            except GatewayError as error:
                log.warning("sms.not_taken", notification=row.id, code=error.code)
                await self._count_refusal(refused=not error.permanent)
                if error.permanent:
                    await self._result(row, NotificationState.FAILED, code=error.code or "refused")
                    return
                if error.sent_unknown and await self._settle(gateway, row, message, attempted_at):
                    return
            else:
                await self._count_refusal(refused=False)
                await self._sent(row, sent)
                return
            if self._wall() - began > GIVE_UP_SECONDS * SECOND:
                await self._result(row, NotificationState.FAILED, code="given-up")
                return
            if row.id in self._withdrawn:
                return
            await asyncio.sleep(RETRY_SECONDS[min(tried, len(RETRY_SECONDS) - 1)])
            tried += 1

    async def _begin_attempt(self, row: OutboxRow) -> None:
        try:
            await self._store.begin_attempt(row.id, self._wall())
        except StoreError:
            # A full disk must not keep an alert back: a double is better than a miss (P4).
            log.error("attempt.not_on_record", notification=row.id)

    async def _settle(
        self, gateway: SmsGateway, row: OutboxRow, message: OutgoingSms, attempted_at: Instant
    ) -> bool:
        """Find out what became of an attempt; return whether it needs no sending again."""
        for pause in SETTLE_SECONDS:
            await asyncio.sleep(pause)
            since = (self._wall() - attempted_at) / SECOND + LOOK_BACK_SECONDS
            try:
                found = await gateway.find(message, since_seconds=since)
            except GatewayError:
                if row.priority is Priority.LIFE_SAFETY:
                    return False
                continue
            if found is not None:
                await self._sent(row, found)
            return found is not None
        await self._result(row, NotificationState.FAILED, code="fate-unknown")
        return True

    async def _sent(self, row: OutboxRow, sent: SentSms) -> None:
        final = sent.state in (
            NotificationState.DELIVERED,
            NotificationState.UNDELIVERED,
            NotificationState.FAILED,
        )
        if not final:
            self._awaiting[sent.provider_id] = row.id
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
            opted_out=code in OPTED_OUT,
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
