"""The outbox: sends what is owed, with the attempt on record before and the result after.

What is owed, in lanes by channel and danger, and whose receipt is awaited. How one message moves on
is `delivery`; nothing is decided about alerts.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from heapq import heappop, heappush
from typing import Final

from telecared.core.links import token_of, with_token
from telecared.core.machinery import technical_key
from telecared.core.vocabulary import SECOND, Channel, Instant, NotificationState
from telecared.delivery import AT_ONCE, Delivery, Owed, Pauses, Tell
from telecared.evidence import Evidence
from telecared.ports import Gateway, Outgoing
from telecared.sending import Attempt, Providers
from telecared.store_port import Batch, OutboxRow, Store

SENDERS: Final = 8
"""Messages of one lane that are sent at the same time. One that waits for its next try keeps nobody
busy, and what is lesser never stands before what is more dangerous."""

LEAST_PRESSING: Final = 2
"""The lane of everything that is neither life safety nor urgent."""

RECEIPT_SECONDS: Final = 6 * 3600.0
"""How long a receipt is asked for. Some networks never give one, and each is asked for in every
round: without an end they would stand between us and people's replies."""

TOLD: Final = (
    NotificationState.SENT,
    NotificationState.DELIVERED,
    NotificationState.UNDELIVERED,
)
"""States of which a provider has told: it had taken the message, so that it is not sent again."""

Lane = tuple[Channel, int]
"""A channel, and how much it presses: life safety, urgent, everything else."""


class Outbox:
    """Sends by every channel, the most dangerous first.

    Args:
        gateways: channel -> its providers, first choice first; none for a channel without.
        tell: takes results, and that a provider fails or works again.
        wall: the machine's wall clock.
        allowed: in pilot mode the only addresses that are sent to; None for everybody.
        pauses: between tries.
        rates: name of a provider -> messages a second that it takes.
        now: engine time; the wall clock when it is left out.
        link_secret: signs the links in texts.
    """

    def __init__(
        self,
        store: Store,
        gateways: Mapping[Channel, Sequence[Gateway]],
        *,
        tell: Tell,
        wall: Callable[[], Instant],
        allowed: frozenset[str] | None = None,
        pauses: Pauses = Pauses(),  # noqa: B008 - frozen
        rates: Mapping[str, float] | None = None,
        now: Callable[[], Instant] | None = None,
        link_secret: bytes = b"",
    ) -> None:
        self._providers = Providers(gateways, rates or {})
        self._delivery = Delivery(
            self._providers,
            Evidence(store, now or wall),
            tell=tell,
            wall=wall,
            now=now or wall,
            owner_of=store.notification_of,
            allowed=allowed,
            pauses=pauses,
            taken=self._await_receipt,
        )
        self._store = store
        self._link_secret = link_secret
        self._wall = wall
        self._settle = pauses.settle[0]
        self._queues: dict[Lane, list[tuple[int, int, Owed]]] = {}
        self._busy: dict[Lane, int] = {}
        self._order = 0
        self._known: set[str] = set()
        self._told: set[str] = set()
        self._awaiting: dict[tuple[str, str], Instant] = {}
        self._group: asyncio.TaskGroup | None = None
        self._senders: set[asyncio.Task[None]] = set()
        self._is_resting = False

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
                    language=notify.language,
                )
            )
        for update in batch.notification_updates:
            if update.withdrawn and update.id in self._known:
                self._delivery.withdrawn.add(update.id)
            elif update.state in TOLD and update.id in self._known:
                self._told.add(update.id)
        for erasure in batch.erasures:
            of_home = (one for one in self._known if one.rpartition("/")[0] == erasure.home)
            self._delivery.withdrawn.update(of_home)

    def _owe(self, row: OutboxRow) -> None:
        if row.id in self._known:
            return
        self._known.add(row.id)
        message = Outgoing(
            notification=row.id,
            number=row.number,
            text=with_token(row.text, token_of(self._link_secret, row.id)),
            language=row.language,
            priority=row.priority,
        )
        owed = Owed(row, message)
        if row.attempted_at is None:
            self._queue_up(owed)
        else:
            # An earlier process had begun to send it and died: ask before sending again.
            owed.unknown = Attempt(row.provider, row.queued_at, row.attempted_at)
            self._later(owed, self._settle)

    def _await_receipt(self, provider: str, provider_id: str) -> None:
        self._awaiting[provider, provider_id] = self._wall()
        for one in self._providers:
            if one.name == provider:
                one.proof.took()

    def awaiting(self, provider: str | None = None) -> Sequence[str]:
        """Return the ids of messages that a provider is still asked about; None for any one."""
        oldest = self._wall() - int(RECEIPT_SECONDS * SECOND)
        self._awaiting = {key: since for key, since in self._awaiting.items() if since >= oldest}
        return tuple(key for name, key in self._awaiting if provider in (None, name))

    def settled(self, provider_id: str) -> None:
        """Note that a final receipt is on record."""
        self._awaiting.pop(("", provider_id), None)  # as an older version kept it
        for one in self._providers:
            if self._awaiting.pop((one.name, provider_id), None) is not None:
                one.proof.came()

    async def recover(self) -> None:
        """Take up what an earlier process owed; call once, before `run`."""
        for row in await self._store.outbox():
            self._owe(row)
        first = next((one.name for one in self._providers.of(Channel.SMS)), "")
        for _, provider, provider_id in await self._store.awaiting_receipts():
            self._awaiting[provider or first, provider_id] = self._wall()

    def restore(self, findings: Collection[str]) -> None:
        """Take up what people were told of providers, so that they hear when it is over.

        Args:
            findings: keys of what the machinery has found about the site.
        """
        for one in self._providers:
            failing = (
                technical_key("provider-failing", one.name),
                technical_key("channel-failing", one.channel),
                *((technical_key("sms-failing", ""),) if one.channel is Channel.SMS else ()),
            )
            if any(key in findings for key in failing):
                one.circuit.restore()
            if technical_key("provider-unproven", one.name) in findings:
                one.proof.restore()

    # --- the lanes ------------------------------------------------------------------------------

    def _queue_up(self, owed: Owed) -> None:
        lane = Channel(owed.row.channel), min(owed.row.priority.rank, LEAST_PRESSING)
        self._order += 1
        queue = self._queues.setdefault(lane, [])
        heappush(queue, (owed.row.priority.rank, self._order, owed))
        self._start(lane)

    def _later(self, owed: Owed, pause: float) -> None:
        asyncio.get_running_loop().call_later(pause, self._queue_up, owed)

    def _start(self, lane: Lane) -> None:
        """Start senders while a lane has room and messages."""
        queue = self._queues[lane]
        while self._group is not None and queue and self._busy.get(lane, 0) < SENDERS:
            if self._is_resting:
                return
            _, _, owed = heappop(queue)
            self._busy[lane] = self._busy.get(lane, 0) + 1
            sender = self._group.create_task(self._sender(lane, owed), name=f"outbox-{lane[0]}")
            self._senders.add(sender)
            sender.add_done_callback(self._senders.discard)

    async def run(self) -> None:
        """Send until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            try:
                for lane in sorted(self._queues, key=lambda lane: lane[1]):
                    self._start(lane)
                await asyncio.Event().wait()
            finally:
                self._group = None

    async def rest(self, seconds: float) -> None:
        """Begin nothing more, and wait at most `seconds` for what is under way.

        Before a clean stop: a message cut off amid its sending has to be asked about, or sent twice
        where its provider cannot be asked. The rest stays on record for the next start.
        """
        self._is_resting = True
        if self._senders:
            await asyncio.wait(self._senders, timeout=seconds)

    async def _sender(self, lane: Lane, owed: Owed) -> None:
        """Move messages of a lane on, one after another, until none waits."""
        queue = self._queues[lane]
        while True:
            pause: float | None = AT_ONCE
            while pause == AT_ONCE and not (self._is_resting and owed.began is not None):
                # A receipt may tell what became of an attempt before the provider can be asked.
                is_told = owed.row.id in self._told
                pause = None if is_told else await self._delivery.move(owed)
            if pause is None:
                self._told.discard(owed.row.id)
                self._delivery.withdrawn.discard(owed.row.id)
                self._known.discard(owed.row.id)
            else:
                self._later(owed, pause)
            if not queue or self._is_resting:
                self._busy[lane] -= 1
                return
            _, _, owed = heappop(queue)
