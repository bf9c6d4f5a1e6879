"""The providers of a night: they take messages or say so, lose, double, delay, and report badly.

Each is a `ports.Gateway` towards one life of the daemon, and outlives it: a request on the wire
arrives although its sender has died. What people do with a message is `people`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Final

import msgspec

from telecared.core.vocabulary import SECOND, NotificationState
from telecared.errors import GatewayError, TelecaredError
from telecared.ports import InboundSms, Outgoing, OwnerOf, Receipt, Sent
from telecared.sim.nights.broker import Life
from telecared.sim.nights.world import World

MOST_TRIES: Final = 4
"""How often a provider tells something that nobody takes; then only asking it helps."""

TELLS_SENT: Final = 0.4
"""How often a provider also tells that it sent on what it took."""

SENT, DELIVERED, UNDELIVERED = (
    NotificationState.SENT,
    NotificationState.DELIVERED,
    NotificationState.UNDELIVERED,
)


class Taken(msgspec.Struct):
    """One message that a provider took, as it keeps it."""

    provider_id: str
    message: Outgoing
    at: int
    state: NotificationState = SENT
    code: str = ""


class Attempt(msgspec.Struct):
    """One send, as the world saw it.

    Attributes:
        ending: how it ended for its sender: `sent`, `refused`, `unknown`; "" while it has not.
        taken: the provider took it, whether or not anybody learns of it.
        asked: the provider was asked about it since; `answered`: and answered.
        excused: it was made on a full disk, of which a crash forgets what was decided.
        life: of the daemon, in which it was made; `clock` how far the clock was off then.
    """

    provider: str
    ending: str = ""
    taken: bool = False
    asked: bool = False
    answered: bool = False
    excused: bool = False
    life: int = 0
    clock: int = 0


class Heard(msgspec.Struct):
    """What the rest of the night wants to hear of a provider.

    Attributes:
        sending: a send begins.
        asking: a look-up was made and (True) answered.
        found: a look-up for the first message found the second, which has the same text.
        arrived: a message reached its phone.
    """

    sending: Callable[[str, Outgoing], Attempt]
    asking: Callable[[str, Outgoing, bool], None]
    found: Callable[[str, Outgoing, Outgoing], None]
    arrived: Callable[[Outgoing], None]


class Provider:
    """One provider.

    Args:
        name: unique in the night.
        trouble: how likely anything goes wrong, 0 to 1.

    Attributes:
        heard: who is told what happens.
        is_down: it errs on everything.
        stopped: numbers that said STOP.
        on_receipt, on_inbound: where it reports to; they raise where nobody listens.
    """

    finds_by_text = True

    def __init__(self, world: World, name: str, trouble: float) -> None:
        self.name = name
        self._world = world
        self._chance = world.chance(f"provider {name}")
        self._trouble = trouble
        self._by_id: dict[str, Taken] = {}
        self._had: set[str] = set()
        self._inbound: list[tuple[int, InboundSms]] = []
        self._count = 0
        self.is_down = False
        self.stopped: set[str] = set()
        self.heard: Heard
        self.on_receipt: Callable[[Receipt], Awaitable[None]]
        self.on_inbound: Callable[[InboundSms], Awaitable[None]]
        self._tasks: set[asyncio.Task[None]] = set()

    def goes_wrong(self, often: float = 1.0) -> bool:
        """Whether something goes wrong now; nothing does once the night is calm."""
        return not self._world.calm and self._chance.random() < self._trouble * often

    # --- taking messages ------------------------------------------------------------------------

    async def send(self, message: Outgoing) -> Sent:
        """Take a message or not, and answer or not; see `ports.Gateway.send`."""
        chance = self._chance
        attempt = self.heard.sending(self.name, message)
        await asyncio.sleep(chance.choice((0.0, 0.05, 0.2)))
        fate = self._fate(message)
        self._world.trace(f"{self.name}: {message.notification} {fate}")
        taken: Taken | None = None
        if fate in ("taken", "taken-no-answer", "taken-error"):
            taken = self._take(message)
            attempt.taken = True
        if fate.endswith("no-answer"):
            await asyncio.sleep(chance.choice((5.0, 15.0)))
        else:
            await asyncio.sleep(chance.choice((0.0, 0.05, 0.2, 3.0)))
        if fate == "taken" and taken is not None:
            attempt.ending = "sent"
            return Sent(taken.provider_id, SENT)
        attempt.ending = "unknown" if fate.endswith(("no-answer", "-error")) else "refused"
        raise _error(fate)

    def _fate(self, message: Outgoing) -> str:
        if self.is_down:
            return self._chance.choice(("busy", "gone-no-answer", "gone-error"))
        if message.number in self.stopped:
            return "stopped"
        if not self.goes_wrong():
            return "taken"
        return self._chance.choice(
            ("busy", "busy", "taken-no-answer", "gone-no-answer", "taken-error", "gone-error")
        )

    def _take(self, message: Outgoing) -> Taken:
        self._count += 1
        taken = Taken(f"{self.name}-{self._count}", message, self._world.now())
        self._world.counts["messages"] += 1
        if message.notification in self._had:
            self._world.counts["doubles"] += 1
        self._had.add(message.notification)
        self._by_id[taken.provider_id] = taken
        self._plan(taken)
        return taken

    async def find(
        self, message: Outgoing, *, since_seconds: float, owner_of: OwnerOf
    ) -> Sent | None:
        """Look for a message by its number and text, as far back as it was asked to."""
        await asyncio.sleep(self._chance.choice((0.0, 0.1)))
        answers = not (self.is_down or self.goes_wrong())
        self.heard.asking(self.name, message, False)
        self._world.trace(f"{self.name}: asked for {message.notification}, answers {answers}")
        if not answers:
            raise GatewayError("the provider does not answer questions", permanent=False)
        since = self._world.now() - since_seconds * SECOND
        for taken in reversed(list(self._by_id.values())):
            same = taken.message.number == message.number
            if self.finds_by_text:
                same = same and taken.message.text == message.text
            if not same or taken.at < since:
                continue
            if await owner_of(taken.provider_id) in (None, message.notification):
                self.heard.found(self.name, message, taken.message)
                self.heard.asking(self.name, message, True)
                return Sent(taken.provider_id, taken.state)
        # Only now: whoever asked may have lost patience while it was looked up whose each is.
        self.heard.asking(self.name, message, True)
        return None

    async def receipts(self, provider_ids: Sequence[str]) -> list[Receipt]:
        """Tell how messages stand."""
        if self.is_down:
            raise GatewayError("the provider does not answer questions", permanent=False)
        found = (self._by_id.get(one) for one in provider_ids)
        return [_receipt(taken) for taken in found if taken is not None]

    async def inbound(self, *, since_seconds: float) -> list[InboundSms]:
        """List what people wrote."""
        if self.is_down:
            raise GatewayError("the provider does not answer questions", permanent=False)
        since = self._world.now() - since_seconds * SECOND
        return [message for at, message in self._inbound if at >= since]

    async def close(self) -> None:
        """Nothing to let go of."""

    # --- what becomes of them -------------------------------------------------------------------

    def _plan(self, taken: Taken) -> None:
        """Decide what becomes of a message, and what is told of it."""
        chance, loop = self._chance, self._world.loop
        travel = chance.choice((0.5, 2.0, 6.0))
        if self.goes_wrong(0.3):
            travel = chance.uniform(600.0, 3 * 3600.0)
        if chance.random() < TELLS_SENT:
            loop.call_later(0.1, self._report, taken.provider_id, SENT, "")
        if self.goes_wrong(0.5):
            code = chance.choice(("30003", "30005", "30008"))
            loop.call_later(travel, self._report, taken.provider_id, UNDELIVERED, code)
            return
        if not self.goes_wrong(0.2):  # otherwise it is lost without a word
            loop.call_later(travel, self._arrive, taken)
            if self.goes_wrong(0.2):
                loop.call_later(travel + 1.0, self.heard.arrived, taken.message)
            loop.call_later(travel + 0.2, self._report, taken.provider_id, DELIVERED, "")

    def _arrive(self, taken: Taken) -> None:
        self.heard.arrived(taken.message)

    def _report(self, provider_id: str, state: NotificationState, code: str) -> None:
        """Tell a state: perhaps never, late, twice, and so in any order."""
        taken = self._by_id[provider_id]
        taken.state, taken.code = state, code
        if self.goes_wrong(0.5):
            return
        late = 0.0 if not self.goes_wrong() else self._chance.choice((1.0, 30.0, 7200.0))
        for _ in range(2 if self.goes_wrong(0.5) else 1):
            receipt = msgspec.structs.replace(_receipt(taken), state=state, code=code)
            self._world.loop.call_later(late, self._spawn, receipt)

    def _spawn(self, what: Receipt | InboundSms) -> None:
        task = self._world.loop.create_task(self._push(what))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _push(self, what: Receipt | InboundSms) -> None:
        for attempt in range(MOST_TRIES):
            try:
                if isinstance(what, Receipt):
                    await self.on_receipt(what)
                else:
                    await self.on_inbound(what)
            except (TelecaredError, asyncio.CancelledError):
                await asyncio.sleep(5.0 * 4**attempt)
            else:
                return

    def writes(self, number: str, text: str) -> None:
        """Take an SMS of somebody for us."""
        if text.upper() == "STOP":
            self.stopped.add(number)
        elif text.upper() == "START":
            self.stopped.discard(number)
        self._count += 1
        message = InboundSms(f"{self.name}-in-{self._count}", number, text)
        self._inbound.append((self._world.now(), message))
        for _ in range(2 if self.goes_wrong(0.5) else 1):
            late = 0.1 if not self.goes_wrong(0.3) else self._chance.uniform(1.0, 1800.0)
            self._world.loop.call_later(late, self._spawn, message)


class Line:
    """One provider as one life of the daemon has it (ports.Gateway): it dies with that."""

    def __init__(self, provider: Provider, life: Life) -> None:
        self.name = provider.name
        self._provider = provider
        self._life = life

    def _lives(self) -> None:
        if not self._life.alive:
            raise asyncio.CancelledError

    async def send(self, message: Outgoing) -> Sent:
        """Send; the request goes on its way even if we die meanwhile."""
        self._lives()
        request = asyncio.ensure_future(self._provider.send(message))
        request.add_done_callback(_heard_by_nobody)
        return await asyncio.shield(request)

    async def find(
        self, message: Outgoing, *, since_seconds: float, owner_of: OwnerOf
    ) -> Sent | None:
        """Look up."""
        self._lives()
        return await self._provider.find(message, since_seconds=since_seconds, owner_of=owner_of)

    async def receipts(self, provider_ids: Sequence[str]) -> list[Receipt]:
        """Ask for receipts."""
        self._lives()
        return await self._provider.receipts(provider_ids)

    async def inbound(self, *, since_seconds: float) -> list[InboundSms]:
        """Ask for replies."""
        self._lives()
        return await self._provider.inbound(since_seconds=since_seconds)

    async def close(self) -> None:
        """Nothing to let go of."""


def _heard_by_nobody(request: asyncio.Future[Sent]) -> None:
    """Take the answer to a request whose sender has died."""
    if not request.cancelled():
        request.exception()


def _receipt(taken: Taken) -> Receipt:
    return Receipt(taken.message.notification, taken.provider_id, taken.state, taken.code)


def _error(fate: str) -> GatewayError:
    """Return how a fate looks to the sender."""
    if fate == "busy":
        return GatewayError("too fast", permanent=False, code="20429", too_fast=True)
    if fate == "stopped":
        return GatewayError("they said STOP", permanent=True, code="21610", recipient_refuses=True)
    code = "" if fate.endswith("no-answer") else "500"
    return GatewayError("nobody knows", permanent=False, sent_unknown=True, code=code)


def some_trouble(chance: Random) -> float:
    """Return how troubled a provider is tonight: often hardly, sometimes very."""
    return chance.choice((0.0, 0.02, 0.05, 0.1, 0.3, 0.6))
