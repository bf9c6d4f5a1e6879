"""The outbox: evidence before and after each send, the most dangerous first (P4, P5, P8)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

import pytest

from telecared.core.alert_commands import Acknowledged
from telecared.core.vocabulary import SECOND, AlertState, Channel, Instant, NotificationState
from telecared.delivery import GIVE_UP_SECONDS, Pauses
from telecared.errors import GatewayError
from telecared.outbox import SENDERS, Outbox
from telecared.ports import InboundSms, Outgoing, OwnerOf, Receipt, Sent
from tests.engine.conftest import MakeNight
from tests.engine.night import Night
from tests.engine.scenery import BEN, CARA, PENDANT, WATER, home, plan_of

PLAN = plan_of(PENDANT, WATER)
AT_ONCE = Pauses(retry=(0.0,), settle=(0.0, 0.0, 0.0))
PATIENCE_SECONDS = 10.0


def takes(message: Outgoing) -> Sent:
    """The provider takes a message."""
    return Sent(f"SM-{message.notification}", NotificationState.SENT)


def busy(message: Outgoing) -> Sent:
    """The provider takes nothing now."""
    raise GatewayError("the provider is busy", permanent=False)


def refuses(code: str) -> Callable[[Outgoing], Sent]:
    """The provider will never take this message."""

    def refusing(message: Outgoing) -> Sent:
        raise GatewayError("refused", permanent=True, code=code)

    return refusing


def loses_the_answer(message: Outgoing) -> Sent:
    """The request may have arrived; nobody knows."""
    raise GatewayError("no answer", permanent=False, sent_unknown=True)


def finds_nothing(message: Outgoing) -> Sent | None:
    """The provider has no such message."""
    return None


def cannot_be_asked(message: Outgoing) -> Sent | None:
    """The provider does not answer questions."""
    raise GatewayError("no answer", permanent=False)


class Provider:
    """A provider (ports.Gateway) that does what a story says, in order; the last one repeats."""

    name = "first"

    def __init__(self, *sends: Callable[[Outgoing], Sent]) -> None:
        self.sends = list(sends) or [takes]
        self.finds: list[Callable[[Outgoing], Sent | None]] = [finds_nothing]
        self.asked: list[str] = []
        self.taken: list[Outgoing] = []
        self.windows: list[float] = []
        self.owner_of: OwnerOf
        self.on_send: Callable[[Outgoing], None] = lambda _: None

    async def send(self, message: Outgoing) -> Sent:
        """Do the next thing."""
        self.asked.append(f"send {message.notification}")
        self.on_send(message)
        sent = (self.sends.pop(0) if len(self.sends) > 1 else self.sends[0])(message)
        self.taken.append(message)
        return sent

    async def find(
        self, message: Outgoing, *, since_seconds: float, owner_of: OwnerOf
    ) -> Sent | None:
        """Answer a question."""
        self.windows.append(since_seconds)
        self.owner_of = owner_of
        self.asked.append(f"find {message.notification}")
        return (self.finds.pop(0) if len(self.finds) > 1 else self.finds[0])(message)

    async def receipts(self, provider_ids: Sequence[str]) -> list[Receipt]:
        """No receipts."""
        return []

    async def inbound(self, *, since_seconds: float) -> list[InboundSms]:
        """Nobody writes."""
        return []

    async def close(self) -> None:
        """Nothing to close."""


class Office:
    """An outbox beside a night: the engine turns while it sends."""

    def __init__(
        self,
        night: Night,
        provider: Provider | None,
        *,
        gateways: Mapping[Channel, Sequence[Provider]] | None = None,
        pauses: Pauses = AT_ONCE,
        **more: object,
    ) -> None:
        self._night = night
        self.wall: Instant = night.clock.at
        self.outbox = Outbox(
            night.store,
            gateways or ({} if provider is None else {Channel.SMS: [provider]}),
            tell=night.engine.tell,
            wall=lambda: self.wall,
            pauses=pauses,
            **more,  # type: ignore[arg-type]
        )

    async def until(self, condition: Callable[[], bool]) -> None:
        """Let both work until something holds."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not condition():
                await self._night.turn()
                await asyncio.sleep(0)

    async def until_state(self, to: str, *states: NotificationState) -> None:
        """Let both work until the newest message to somebody is in one of these states."""
        await self.until(lambda: state_of(self._night, to) in states)


def state_of(night: Night, to: str) -> NotificationState | None:
    """The state of the newest page to somebody, as decisions see it."""
    for alert in night.engine.homes.states["h001"].alerts.values():
        for told in reversed(alert.told):
            if told.to == to:
                return told.state
    return None


@asynccontextmanager
async def office(night: Night, provider: Provider | None, **more: object) -> AsyncIterator[Office]:
    """Run an outbox on what the night owes from now on."""
    made = Office(night, provider, **more)  # type: ignore[arg-type]
    committed = night.engine._committing._committed

    def both(batch: object) -> None:
        committed(batch)  # type: ignore[arg-type]
        made.outbox.committed(batch)  # type: ignore[arg-type]

    night.engine._committing._committed = both
    await made.outbox.recover()
    running = asyncio.create_task(made.outbox.run())
    try:
        yield made
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        night.engine._committing._committed = committed


async def test_the_attempt_is_on_record_before_the_message_leaves(night: MakeNight) -> None:
    """P4: whoever dies in between finds that it had been begun."""
    async with night(plan=PLAN, delivers=False) as it:
        provider, begun = Provider(), list[int]()

        def look(message: Outgoing) -> None:
            with it.store._connection as connection:  # the writer is idle while we send
                found = connection.execute(
                    "SELECT attempts FROM notifications WHERE id = ? AND attempted_at IS NOT NULL",
                    (message.notification,),
                )
                begun.extend(row[0] for row in found.fetchall())

        provider.on_send = look
        async with office(it, provider) as desk:
            await it.press()
            await desk.until_state("ben", NotificationState.SENT)

        assert begun == [1]
        assert [one.number for one in provider.taken] == [BEN]
        assert len(it.inputs("result")) == 1


async def test_the_most_dangerous_leaves_first(night: MakeNight) -> None:
    """P4: a queue of lesser messages never stands before life safety."""
    async with night(plan=PLAN, homes=[home(n) for n in range(1, 5)], delivers=False) as it:
        provider = Provider()
        for number in (1, 2, 3):
            await it.hears(it.message("water", number, water="wet"))
        await it.press(4)
        async with office(it, provider) as desk:
            await desk.until(lambda: len(provider.taken) == 4)

        assert provider.taken[0].text.startswith("Pendant at 4")


async def test_messages_that_wait_for_their_next_try_hold_nobody_up(night: MakeNight) -> None:
    """P4: more messages than senders are stuck, and an alarm still leaves at once."""
    stuck = SENDERS + 2
    async with night(plan=PLAN, homes=[home(n) for n in range(1, stuck + 2)], delivers=False) as it:
        provider = Provider(*[busy] * stuck, takes)
        async with office(it, provider) as desk:
            desk.outbox._delivery._pauses = Pauses(retry=(3600.0,), settle=(3600.0,))
            for number in range(1, stuck + 1):
                await it.hears(it.message("water", number, water="wet"))
            await desk.until(lambda: len(provider.asked) == stuck)
            await it.press(stuck + 1)
            await desk.until(lambda: len(provider.taken) == 1)

        assert provider.taken[0].text.startswith("Pendant")


async def test_a_refused_number_is_failed_and_the_next_is_told(night: MakeNight) -> None:
    """P5: the provider's no is final, and moves on at once."""
    async with night(plan=PLAN, delivers=False) as it:
        provider = Provider(refuses("21612"), takes)
        async with office(it, provider) as desk:
            await it.press()
            await desk.until_state("cara", NotificationState.SENT)

        assert [one.number for one in provider.taken] == [CARA]
        [failed] = it.records("notification.failed")
        assert failed.record.to == "ben"


@pytest.mark.parametrize("code", ["21610", "21211"])
async def test_a_number_that_takes_nothing_opens_an_alert(night: MakeNight, code: str) -> None:
    """P5: opted out or no number at all: the contact is unreachable, for people to see."""
    async with night(plan=PLAN, delivers=False) as it:
        async with office(it, Provider(refuses(code), takes)) as desk:
            await it.press()
            await desk.until_state("cara", NotificationState.SENT)

        assert it.alert("contact-unreachable").state is AlertState.OPEN
        assert "ben" in it.engine.homes.states["h001"].unreachable


async def test_an_unknown_fate_is_asked_about_before_anything_is_sent_again(
    night: MakeNight,
) -> None:
    """P4: the provider has it: one message, not two."""
    async with night(plan=PLAN, delivers=False) as it:
        provider = Provider(loses_the_answer)
        provider.finds = [takes]
        async with office(it, provider) as desk:
            await it.press()
            await desk.until_state("ben", NotificationState.SENT)

        assert provider.asked == ["send h001/1-1", "find h001/1-1"]


async def test_what_the_provider_never_had_is_sent_again(night: MakeNight) -> None:
    """P4: lost on the way, looked up, and sent a second time."""
    async with night(plan=PLAN, delivers=False) as it:
        provider = Provider(loses_the_answer, takes)
        async with office(it, provider) as desk:
            await it.press()
            await desk.until_state("ben", NotificationState.SENT)

        assert provider.asked == ["send h001/1-1", "find h001/1-1", "send h001/1-1"]


async def test_life_safety_is_doubled_rather_than_lost(night: MakeNight) -> None:
    """P4: when the provider cannot be asked, an alarm is sent again; a lesser one is not."""
    async with night(plan=PLAN, homes=(home(1), home(2)), delivers=False) as it:
        provider = Provider(loses_the_answer, takes)
        provider.finds = [cannot_be_asked]
        async with office(it, provider) as desk:
            await it.press()
            await desk.until_state("ben", NotificationState.SENT)
        assert provider.asked == ["send h001/1-1", "find h001/1-1", "send h001/1-1"]

        lesser = Provider(loses_the_answer, takes)
        lesser.finds = [cannot_be_asked]
        async with office(it, lesser) as desk:
            await it.hears(it.message("water", 2, water="wet"))
            await desk.until(lambda: len(it.texts_to(CARA)) == 1)
            await desk.until(lambda: len(lesser.taken) == 1)
        assert lesser.asked == ["send h002/1-1", *["find h002/1-1"] * 3, "send h002/1-2"]
        assert lesser.taken[0].number == CARA


async def test_people_hear_that_the_provider_fails_and_that_it_works_again(
    night: MakeNight,
) -> None:
    """P8: after three messages that were not taken, for a minute; and its end is noted."""
    async with night(plan=PLAN, delivers=False) as it:
        provider = Provider(*[busy] * 5, takes)
        async with office(it, provider) as desk:
            await it.press()
            await desk.until(lambda: len(provider.taken) == 1)
            await desk.until_state("ben", NotificationState.SENT)
            await desk.until(lambda: len(it.inputs("finding")) == 2)
        assert it.alerts("sms-failing") == []  # it ended within its minute

        down = Provider(busy)
        async with office(it, down) as desk:
            await it.press()
            await it.passes(minutes=3)
            await desk.until(lambda: len(it.inputs("finding")) == 3)
            await it.passes(minutes=1)
            assert it.alert("sms-failing").home == "@site"
            down.sends = [takes]
            await desk.until(lambda: len(it.inputs("finding")) == 4)


async def test_a_message_that_was_never_taken_is_given_up_in_the_end(
    night: MakeNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P5: after a quarter of an hour of trying it counts as failed, by no clock that is put."""
    async with night(plan=PLAN, delivers=False) as it:
        provider = Provider(busy)
        async with office(it, provider) as desk:
            await it.hears(it.message("water", water="wet"))
            await desk.until(lambda: len(provider.asked) > 3)
            desk.wall += int((GIVE_UP_SECONDS + 1) * SECOND)
            asked = len(provider.asked)
            await desk.until(lambda: len(provider.asked) > asked + 3)
            assert it.records("notification.failed") == []
            monkeypatch.setattr("telecared.delivery.GIVE_UP_SECONDS", 0.0)
            await desk.until_state("ben", NotificationState.FAILED)
            await it.texts(CARA, "NO")

        [failed, *_] = it.records("notification.failed")
        assert "given-up" in failed.record.reason


async def test_what_is_taken_back_is_not_sent(night: MakeNight) -> None:
    """P2: a page that still waits when somebody takes the alert never leaves."""
    async with night(plan=PLAN, delivers=False) as it:
        provider = Provider()
        await it.press()
        page = it.open_notification("ben")
        await it.orders(Acknowledged(input=0, at=0, alert=1, by="Olu"))
        async with office(it, provider) as desk:
            await it.hears(it.message("water", water="wet"))
            await desk.until(lambda: len(provider.taken) >= 1)

        assert f"send {page}" not in provider.asked


async def test_pilot_mode_sends_to_nobody_else(night: MakeNight) -> None:
    """Design 6: outside the allowed numbers a message counts as failed, and escalation goes on."""
    async with night(plan=PLAN, delivers=False) as it:
        provider = Provider()
        async with office(it, provider, allowed=frozenset({CARA})) as desk:
            await it.press()
            await desk.until_state("cara", NotificationState.SENT)

        assert [one.number for one in provider.taken] == [CARA]


async def test_without_a_provider_the_alert_stands_at_the_centre(night: MakeNight) -> None:
    """P2: nobody can be told, and nobody is forgotten."""
    async with night(plan=PLAN, delivers=False) as it:
        async with office(it, None) as desk:
            await it.press()
            await desk.until_state("monitoring_centre", NotificationState.FAILED)

        assert it.alert("pendant-pressed").state is AlertState.OPEN
        assert it.alert("pendant-pressed").next_at is not None


@pytest.mark.parametrize("had_it", [True, False])
async def test_an_attempt_cut_off_by_a_crash_is_looked_up_first(
    night: MakeNight, had_it: bool
) -> None:
    """P4: the next process asks the provider before it repeats what the last one had begun."""
    async with night(plan=PLAN, delivers=False) as it:
        await it.press()
        page = it.open_notification("ben")
        await it.store.begin_attempt(page, it.clock.at)
        await it.restarts(clean=False)
        provider = Provider()
        provider.finds = [takes] if had_it else [finds_nothing]
        async with office(it, provider) as desk:
            await desk.until_state("ben", NotificationState.SENT)
            assert desk.outbox.awaiting() == (f"SM-{page}",)
            desk.outbox.settled(f"SM-{page}")
            assert desk.outbox.awaiting() == ()

        assert provider.asked == [f"find {page}", *([] if had_it else [f"send {page}"])]


async def test_receipts_that_were_awaited_are_awaited_after_a_restart(night: MakeNight) -> None:
    """P5: without a webhook the provider is asked about what an earlier process had sent."""
    async with night(plan=PLAN, delivers=False) as it:
        async with office(it, Provider()) as desk:
            await it.press()
            await desk.until_state("ben", NotificationState.SENT)
        await it.restarts(clean=False)
        async with office(it, Provider()) as desk:
            assert desk.outbox.awaiting() == ("SM-h001/1-1",)
