"""A message whose fate is unknown: how far back it is looked for, whose it is, what settles it."""

import pytest

from telecared.adapters.sqlite import verify
from telecared.core.plan import Ageing, Rule
from telecared.core.vocabulary import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Instant,
    NotificationState,
    Priority,
)
from telecared.core.when import HeldFor
from telecared.delivery import LOOK_BACK_SECONDS, Owed, Pauses
from telecared.errors import StoreError
from telecared.ports import Outgoing
from tests.engine.conftest import MakeNight
from tests.engine.scenery import PENDANT, plan_of
from tests.engine.soundness import alerts_of_state
from tests.engine.test_outbox import (
    Provider,
    cannot_be_asked,
    finds_nothing,
    loses_the_answer,
    office,
    takes,
)

PLAN = plan_of(PENDANT)
BATTERY_LOW = Rule(
    name="battery-low",
    when=HeldFor(property="battery", values=("low",), duration=10 * MINUTE),
    priority=Priority.TECHNICAL,
    policy="technical",
    ages=Ageing(every=DAY, between=()),
)


@pytest.mark.parametrize("step", [-2 * HOUR, 2 * HOUR])
async def test_a_clock_put_back_or_forward_does_not_change_how_far_back_is_looked(
    night: MakeNight, step: int
) -> None:
    """P3, P4: engine time says how long ago we sent; a step of the wall clock says nothing."""
    async with night(plan=PLAN, delivers=False) as it:
        passed: list[Instant] = [it.clock.at]
        provider = Provider(loses_the_answer)
        provider.finds = [takes]
        async with office(it, provider, now=lambda: passed[0]) as desk:

            def is_put(_: Outgoing) -> None:
                passed[0] += 3 * SECOND
                desk.wall += step

            provider.on_send = is_put
            await it.press()
            await desk.until_state("ben", NotificationState.SENT)

        assert provider.windows == [3.0 + LOOK_BACK_SECONDS]


@pytest.mark.parametrize(("put_back", "expected"), [(0, 60.0), (2 * MINUTE, 30.0)])
async def test_an_earlier_process_s_attempt_is_looked_for_by_the_larger_of_both_times(
    night: MakeNight, put_back: int, expected: float
) -> None:
    """P4: by the wall clock, or since it was queued: only the last attempt is on record."""
    async with night(plan=PLAN, delivers=False) as it:
        await it.press()
        page = it.open_notification("ben")
        await it.passes(seconds=30)
        await it.restarts(clean=False)
        began = it.clock.at
        await it.store.begin_attempt(page, began - MINUTE + put_back)
        provider = Provider()
        provider.finds = [takes]
        async with office(it, provider, now=lambda: began) as desk:
            desk.wall = began
            await desk.until_state("ben", NotificationState.SENT)

        assert provider.windows == [expected + LOOK_BACK_SECONDS]


async def test_after_a_failed_look_up_the_next_one_goes_back_to_the_first_attempt(
    night: MakeNight,
) -> None:
    """P4: the provider may have the first, of which it could not be asked, and not the second."""
    async with night(plan=PLAN, delivers=False) as it:
        passed: list[Instant] = [it.clock.at]
        provider = Provider(loses_the_answer, loses_the_answer, takes)
        provider.finds = [cannot_be_asked, finds_nothing]

        def time_passes(_: Outgoing) -> None:
            passed[0] += 100 * SECOND

        provider.on_send = time_passes
        async with office(it, provider, now=lambda: passed[0]) as desk:
            await it.press()
            await desk.until_state("ben", NotificationState.SENT)

        assert provider.windows == [100.0 + LOOK_BACK_SECONDS, 200.0 + LOOK_BACK_SECONDS]


async def test_what_a_provider_has_of_another_notification_is_known_as_that_one_s(
    night: MakeNight,
) -> None:
    """P4: a repeat has the same text; whose each is stands in memory, and in the store later."""
    async with night(plan=PLAN, delivers=False) as it:
        provider = Provider(loses_the_answer)
        provider.finds = [takes]
        async with office(it, provider) as desk:
            await it.press()
            await desk.until_state("ben", NotificationState.SENT)
        assert await provider.owner_of("SM-h001/1-1") == "h001/1-1"
        assert await provider.owner_of("SM-nobody-s") is None

        provider = Provider(loses_the_answer, takes)
        await it.restarts(clean=False)
        async with office(it, provider) as desk:
            await it.passes(minutes=2)
            await desk.until(lambda: len(provider.windows) == 1)
            assert await provider.owner_of("SM-h001/1-1") == "h001/1-1"

            async def fails(_provider_id: str, _provider: str) -> str | None:
                raise StoreError("the disk is in trouble")

            desk.outbox._delivery._owner_of = fails
            assert await provider.owner_of("SM-h001/1-1") is None


async def test_a_receipt_settles_what_became_of_an_attempt(night: MakeNight) -> None:
    """P4, P5: the provider has told that it has it: nobody asks, and nothing is sent again."""
    async with night(plan=PLAN, delivers=False) as it:
        provider = Provider(loses_the_answer, takes)
        async with office(it, provider, pauses=Pauses(settle=(HOUR / SECOND,))) as desk:
            held: list[Owed] = []
            desk.outbox._later = lambda owed, _: held.append(owed)  # type: ignore[method-assign,assignment]
            await it.press()
            await desk.until(lambda: len(held) == 1)
            await it.reports("h001/1-1", NotificationState.DELIVERED)
            desk.outbox._queue_up(held[0])
            await desk.until(lambda: "h001/1-1" not in desk.outbox._known)

        assert provider.asked == ["send h001/1-1"]


async def test_the_books_balance_when_a_fault_that_had_aged_is_mended(night: MakeNight) -> None:
    """Its age had made it urgent; mended it is technical again, in the table and in the record."""
    async with night(plan=plan_of(BATTERY_LOW)) as it:
        await it.hears(it.message("smoke", battery=9.0))
        await it.passes(minutes=10)
        await it.skips(DAY)
        await it.settle()
        assert it.alert("battery-low").priority is Priority.URGENT
        await it.hears(it.message("smoke", battery=98.0))
        assert it.alert("battery-low").priority is Priority.TECHNICAL
        assert len(it.records("alert.updated")) == 1
        assert verify(it.path, alerts_of_state=alerts_of_state).problems == []
