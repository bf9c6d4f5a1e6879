"""What the outbox must not do: send what is over, ask for ever, keep a dead provider to itself."""

import asyncio

from telecared.core.alert_commands import Acknowledged, Resolved
from telecared.core.policy import MONITORING_CENTRE
from telecared.core.vocabulary import SECOND, AlertState, NotificationState, Outcome
from telecared.outbox import RECEIPT_SECONDS
from telecared.ports import Outgoing, Sent
from tests.engine.conftest import MakeNight
from tests.engine.scenery import BEN, PENDANT, WATER, plan_of
from tests.engine.test_outbox import (
    PATIENCE_SECONDS,
    Provider,
    busy,
    office,
    refuses,
)

PLAN = plan_of(PENDANT, WATER)


async def test_a_provider_that_refuses_us_altogether_is_an_alert(night: MakeNight) -> None:
    """P8: a wrong password refuses everybody's messages; a wrong number is not held against it."""
    async with night(plan=PLAN, delivers=False) as it:
        async with office(it, Provider(refuses("21612"))) as desk:
            await it.press()
            await desk.until_state(MONITORING_CENTRE, NotificationState.FAILED)
            assert it.inputs("finding") == []
        async with office(it, Provider(refuses("20003"))) as desk:
            await it.hears(it.message("water", water="wet"))
            await desk.until(lambda: len(it.inputs("finding")) == 1)
            await it.passes(minutes=1)
            assert it.alert("sms-failing").home == "@site"


async def test_a_receipt_is_not_asked_for_for_ever(night: MakeNight) -> None:
    """Where a network gives none, old messages do not stand between us and people's replies."""
    async with (
        night(plan=PLAN, delivers=False) as it,
        office(it, Provider()) as desk,
    ):
        await it.press()
        await desk.until_state("ben", NotificationState.SENT)
        assert desk.outbox.awaiting() == ("SM-h001/1-1",)
        desk.wall += int((RECEIPT_SECONDS + 1) * SECOND)
        assert desk.outbox.awaiting() == ()


async def test_a_page_of_what_is_over_does_not_leave_after_a_restart(night: MakeNight) -> None:
    """P5: given up for its receipt, it still waited to be sent; resolved, it waits no more."""
    async with night(plan=PLAN, delivers=False) as it:
        await it.press()
        await it.passes(minutes=2, seconds=30)
        n = it.alert("pendant-pressed").n
        await it.orders(
            Resolved(input=0, at=0, alert=n, by="Olga", outcome=Outcome.FALSE_ACTIVATION)
        )
        assert it.alert("pendant-pressed").state is AlertState.RESOLVED
        await it.restarts(clean=False)
        provider = Provider()
        async with office(it, provider) as desk:
            await desk.until(lambda: len(provider.taken) == 3)
            await it.passes(minutes=5)
        assert all("dealt with" in one.text for one in provider.taken), provider.taken


async def test_a_page_taken_back_too_late_can_be_answered(night: MakeNight) -> None:
    """It had left already: whoever replies hears who has it, not that nothing is open."""
    async with night(plan=PLAN, delivers=False) as it:
        provider = Provider(busy)
        async with office(it, provider) as desk:
            await it.press()
            await desk.until(lambda: len(provider.asked) > 0)
            code = it.alert("pendant-pressed").code
            await it.orders(Acknowledged(input=0, at=0, alert=1, by="Olga", contact=None))
        await it.texts(BEN, code)
        assert it.texts_to(BEN)[-1].startswith("Olga already has it")


async def test_a_clean_stop_waits_for_what_is_just_being_sent(night: MakeNight) -> None:
    """P4: cut off amid it, a provider that cannot be asked would be sent it a second time."""
    answers = asyncio.Event()

    class Slow(Provider):
        async def send(self, message: Outgoing) -> Sent:
            await answers.wait()
            return await super().send(message)

    async with night(plan=PLAN, delivers=False) as it:
        provider = Slow()
        async with office(it, provider) as desk:
            await it.press()
            await desk.until(lambda: bool(desk.outbox._senders))
            resting = asyncio.create_task(desk.outbox.rest(PATIENCE_SECONDS))
            # What comes meanwhile stays on record for the next start.
            await it.hears(it.message("water", water="wet"))
            assert not resting.done()
            answers.set()
            await desk.until(resting.done)
            assert [one.notification for one in provider.taken] == ["h001/1-1"]
            sent = it.records("notification.sent")
            assert [(one.record.alert, one.record.to) for one in sent] == [(1, "ben")]
            waiting = it.engine.homes.states["h001"].alerts[2].told
            assert [one.state for one in waiting] == [NotificationState.QUEUED]


async def test_a_clean_stop_does_not_wait_for_ever(night: MakeNight) -> None:
    """A provider that hangs must not keep the daemon from being started again."""
    never = asyncio.Event()

    class Hangs(Provider):
        async def send(self, message: Outgoing) -> Sent:
            await never.wait()
            return await super().send(message)

    async with night(plan=PLAN, delivers=False) as it, office(it, Hangs()) as desk:
        await it.press()
        await desk.until(lambda: bool(desk.outbox._senders))
        await desk.outbox.rest(0.01)
        assert desk.outbox._senders
