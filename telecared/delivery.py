"""One message on its way: which provider is asked, what its answer means, when it is tried again.

The attempt is on record before it begins and the result after. A message whose fate is unknown is
asked about where it was attempted before it is sent again; for life safety doubt means sending, by
the next provider (promise P4). Which message has its turn is the outbox's.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
import structlog

from telecared.core.events import ConditionFound, NotificationReported
from telecared.core.vocabulary import (
    SECOND,
    Channel,
    Instant,
    NotificationState,
    Priority,
    Stage,
)
from telecared.errors import GatewayError, StoreError
from telecared.evidence import Evidence
from telecared.hearing import Reported
from telecared.ports import Outgoing, OwnerOf, Sent
from telecared.sending import (
    PRESSING,
    Attempt,
    Provider,
    Providers,
    is_about_one_number,
    refuses_the_number,
)
from telecared.store_port import OutboxRow

log = structlog.get_logger(__name__)

GIVE_UP_SECONDS: Final = 900.0
"""After this long a message that no provider ever took counts as failed."""

LOOK_BACK_SECONDS: Final = 5.0
"""How long before an attempt the provider's list is searched. Tight: a repeat has the same text."""

MAX_OWNERS: Final = 1_000
"""Messages whose owner is known here before the store has it, and on a full disk only here."""

FINAL: Final = (
    NotificationState.DELIVERED,
    NotificationState.UNDELIVERED,
    NotificationState.FAILED,
)

AT_ONCE: Final = -1.0
"""In place of a pause: the message goes on at once, by the next provider."""


class Pauses(msgspec.Struct, frozen=True):
    """Real seconds between tries.

    Attributes:
        retry: after a message that no provider took; the last one repeats.
        settle: before each question about a message whose fate is unknown.
    """

    retry: tuple[float, ...] = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
    settle: tuple[float, ...] = (0.5, 2.0, 5.0, 10.0, 20.0, 30.0)


class Owed(msgspec.Struct):
    """One message on its way.

    Attributes:
        began: when it was first tried, in real seconds that no step of a clock changes.
        rounds: how often all providers were tried in vain.
        asked_already: names of the providers that were tried in this round.
        refused: provider -> the code with which it will never take this message.
        unknown: the attempt whose fate is unknown, or None.
        questions: how often the provider was asked what became of that attempt.
        doubts: provider -> its first attempt of which it has not answered.
    """

    row: OutboxRow
    message: Outgoing
    began: float | None = None
    rounds: int = 0
    asked_already: set[str] = msgspec.field(default_factory=set)
    refused: dict[str, str] = msgspec.field(default_factory=dict)
    unknown: Attempt | None = None
    questions: int = 0
    doubts: dict[str, Attempt] = msgspec.field(default_factory=dict)


Tell = Callable[[Reported | ConditionFound], Awaitable[None]]
"""Returns once what became of a notification, or a finding of the machinery, is durable."""


def _real_seconds() -> float:
    return asyncio.get_running_loop().time()


class Delivery:
    """Moves messages on.

    Args:
        providers: of every channel.
        evidence: takes what no result tells.
        tell: takes results, and that a provider fails or works again.
        wall: the machine's wall clock; `now` engine time.
        owner_of: the notification that a provider's id (and its name) belongs to, on record.
        allowed: in pilot mode the only addresses that are sent to; None for everybody.
        pauses: between tries.
        taken: is told provider and provider's id of what awaits its receipt.

    Attributes:
        withdrawn: notifications that must not leave any more.
    """

    def __init__(
        self,
        providers: Providers,
        evidence: Evidence,
        *,
        tell: Tell,
        wall: Callable[[], Instant],
        now: Callable[[], Instant],
        owner_of: Callable[[str, str], Awaitable[str | None]],
        allowed: frozenset[str] | None,
        pauses: Pauses,
        taken: Callable[[str, str], None],
    ) -> None:
        self._providers = providers
        self._evidence = evidence
        self._tell = tell
        self._wall = wall
        self._now = now
        self._owner_of = owner_of
        self._owners: dict[tuple[str, str], str] = {}
        self._allowed = None if allowed is None else {one.casefold() for one in allowed}
        self._pauses = pauses
        self._taken = taken
        self.withdrawn: set[str] = set()

    async def move(self, owed: Owed) -> float | None:
        """Take a message one move further; return the pause before the next, None at its end."""
        row = owed.row
        channel = Channel(row.channel)
        if not self._of(row):
            await self._failed(row, "no-provider")
            return None
        if self._allowed is not None and row.number.casefold() not in self._allowed:
            await self._failed(row, "pilot")
            return None
        if owed.unknown is not None:
            return await self._ask(owed, owed.unknown)
        if row.id in self.withdrawn:
            return None
        provider = self._providers.next(
            channel, row.number, row.priority, owed.asked_already | owed.refused.keys()
        )
        if provider is None:
            return await self._next_round(owed)
        await self._tell_of_proof(channel)
        await provider.pace.turn(row.priority)
        if row.id in self.withdrawn:
            return None
        return await self._send(provider, owed)

    async def _send(self, provider: Provider, owed: Owed) -> float | None:
        row, attempted_at = owed.row, self._wall()
        attempt = Attempt(provider.name, self._now())
        owed.began = _real_seconds() if owed.began is None else owed.began
        owed.asked_already.add(provider.name)
        await self._evidence.begin_attempt(row.id, attempted_at, provider.name)
        try:
            sent = await provider.send(owed.message)
        except GatewayError as error:
            return await self._not_taken(provider, owed, error, attempt)
        await self._worked(provider)
        await self._sent(row, provider.name, sent)
        return None

    async def _not_taken(
        self, provider: Provider, owed: Owed, error: GatewayError, attempt: Attempt
    ) -> float | None:
        """Go on after an attempt that failed, or of which nobody knows what became."""
        row = owed.row
        log.warning(
            "message.not_taken", notification=row.id, provider=provider.name, code=error.code
        )
        if error.too_fast:
            provider.pace.pause(error.retry_after)
            if row.priority not in PRESSING:  # the others wait for it
                owed.asked_already.discard(provider.name)
        elif is_about_one_number(error):
            await self._worked(provider)
        else:
            await self._erred(provider)
        if error.sent_unknown:
            owed.unknown, owed.questions = attempt, 0
            return self._pauses.settle[0]
        code = error.code or ("refused" if error.permanent else "not-taken")
        if refuses_the_number(error):
            await self._failed(row, code, provider=provider.name, number_refused=True)
            return None
        if error.permanent:
            owed.refused[provider.name] = code
        self._evidence.note(row.id, Stage.FAILED, provider=provider.name, code=code)
        if self._left(owed) and not self._tried_too_long(owed):
            return AT_ONCE
        return await self._next_round(owed)

    def _of(self, row: OutboxRow) -> tuple[Provider, ...]:
        """Return the providers by which a message may go."""
        return self._providers.of(Channel(row.channel), row.number)

    def _tried_too_long(self, owed: Owed) -> bool:
        return owed.began is not None and _real_seconds() - owed.began > GIVE_UP_SECONDS

    def _left(self, owed: Owed) -> bool:
        """Whether a provider is left in this round."""
        tried = owed.asked_already | owed.refused.keys()
        return any(one.name not in tried for one in self._of(owed.row))

    async def _next_round(self, owed: Owed) -> float | None:
        """Return the pause before all are tried again; None when that is over or in vain."""
        several = self._of(owed.row)
        if all(one.name in owed.refused for one in several):
            await self._failed(owed.row, owed.refused[several[-1].name])
            return None
        if self._tried_too_long(owed):
            await self._failed(owed.row, "given-up")
            return None
        owed.asked_already.clear()
        pause = self._pauses.retry[min(owed.rounds, len(self._pauses.retry) - 1)]
        owed.rounds += 1
        return pause

    async def _ask(self, owed: Owed, attempt: Attempt) -> float | None:
        """Find out what became of an attempt before the message is sent again."""
        row = owed.row
        provider = self._providers.named(Channel(row.channel), row.number, attempt.provider)
        # As far back as the first attempt of which this provider could not be asked.
        first = owed.doubts.setdefault(attempt.provider, attempt)
        since = first.age(self._now(), self._wall()) / SECOND + LOOK_BACK_SECONDS
        owed.questions += 1
        try:
            if provider is None:
                raise GatewayError("it is not configured any more", permanent=False)
            found = await provider.find(
                owed.message, since_seconds=since, owner_of=self._owner_at(attempt.provider)
            )
        except GatewayError:
            if row.priority is Priority.LIFE_SAFETY:
                return await self._send_again(owed)
            if provider is not None and owed.questions < len(self._pauses.settle):
                return self._pauses.settle[owed.questions]
            await self._failed(row, "fate-unknown", provider=attempt.provider)
            return None
        del owed.doubts[attempt.provider]
        if found is not None:
            await self._sent(row, attempt.provider, found)
            return None
        return await self._send_again(owed)

    def _owner_at(self, provider: str) -> OwnerOf:
        """Return what knows whose a provider's message is: a repeat has the same text."""

        async def owner_of(provider_id: str) -> str | None:
            known = self._owners.get((provider, provider_id))
            if known is not None:
                return known
            try:
                return await self._owner_of(provider_id, provider)
            except StoreError:  # a disk in trouble must not keep an alert back
                return None

        return owner_of

    async def _send_again(self, owed: Owed) -> float | None:
        """Send what did not go, or may not have gone: by the next provider, else after a pause."""
        attempt, owed.unknown = owed.unknown, None
        if attempt is not None:
            code = "fate-unknown"
            self._evidence.note(owed.row.id, Stage.FAILED, provider=attempt.provider, code=code)
            owed.asked_already.add(attempt.provider)
        return AT_ONCE if self._left(owed) else await self._next_round(owed)

    # --- what became of it ----------------------------------------------------------------------

    async def _sent(self, row: OutboxRow, provider: str, sent: Sent) -> None:
        self._owners[provider, sent.provider_id] = row.id
        if len(self._owners) > MAX_OWNERS:
            del self._owners[next(iter(self._owners))]
        final = sent.state in FINAL
        if not final:
            self._taken(provider, sent.provider_id)
        stages = [Stage.ACCEPTED]
        if sent.state is NotificationState.SENT:
            stages.append(Stage.SENT)
        await self._result(
            row,
            NotificationState.SENT,
            provider_id=sent.provider_id,
            provider=provider,
            stages=tuple(stages),
        )
        if final:
            await self._result(row, sent.state, provider_id=sent.provider_id, provider=provider)

    async def _failed(
        self, row: OutboxRow, code: str, *, provider: str = "", number_refused: bool = False
    ) -> None:
        await self._result(
            row,
            NotificationState.FAILED,
            code=code,
            provider=provider,
            number_refused=number_refused,
        )

    async def _result(
        self,
        row: OutboxRow,
        state: NotificationState,
        *,
        code: str = "",
        provider_id: str = "",
        provider: str = "",
        number_refused: bool = False,
        stages: tuple[Stage, ...] = (),
    ) -> None:
        await self._evidence.keep()
        event = NotificationReported(
            input=0,
            at=0,
            notification=row.id,
            state=state,
            code=code,
            number_refused=number_refused,
        )
        await self._tell(Reported(event, provider_id, provider=provider, stages=stages))

    # --- how the providers do -------------------------------------------------------------------

    async def _erred(self, provider: Provider) -> None:
        if provider.circuit.failed():
            await self._tell_of(provider)

    async def _tell_of_proof(self, channel: Channel) -> None:
        """Tell people that a provider takes messages and tells nothing of them any more."""
        for one in self._providers.of(channel):
            missing = one.proof.turned()
            if missing is not None:
                found = ConditionFound(
                    input=0, at=0, name="provider-unproven", subject=one.name, over=not missing
                )
                await self._tell(found)

    async def _worked(self, provider: Provider) -> None:
        all_failed = self._providers.all_fail(provider.channel)
        if provider.circuit.worked():
            await self._tell_of(provider, over=True, channel=all_failed)

    async def _tell_of(
        self, provider: Provider, *, over: bool = False, channel: bool | None = None
    ) -> None:
        """Tell people that a provider fails, or a whole channel; or that it works again."""
        several = self._providers.of(provider.channel)
        if len(several) > 1 or provider.system is not None:
            await self._tell(
                ConditionFound(
                    input=0, at=0, name="provider-failing", subject=provider.name, over=over
                )
            )
        if not (self._providers.all_fail(provider.channel) if channel is None else channel):
            return
        if provider.channel is Channel.SMS:
            found = ConditionFound(input=0, at=0, name="sms-failing", over=over)
        else:
            found = ConditionFound(
                input=0, at=0, name="channel-failing", subject=provider.channel, over=over
            )
        await self._tell(found)
