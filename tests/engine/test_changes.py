"""Rules, plans and homes that change while alerts run (5), and what is found at connect (6)."""

import asyncio

import msgspec
from msgspec.structs import replace

from telecared.core.alert_commands import Acknowledged
from telecared.core.vocabulary import MINUTE, AlertState
from telecared.core.when import HeldFor
from telecared.orders import HOMES_IN_ONE_GO, ImportOrder
from tests.engine.conftest import MakeNight
from tests.engine.scenery import (
    CARA,
    DOOR_OPEN,
    NO_MOVEMENT,
    PENDANT,
    SMOKE,
    TECHNICAL,
    home,
    plan_of,
)


async def test_an_edited_rule_takes_over_at_once(night: MakeNight) -> None:
    """Decision 5: a door that has stood open for three minutes is told when two are enough."""
    async with night(plan=plan_of(DOOR_OPEN)) as it:
        await it.hears(it.message("door", contact="open"))
        await it.passes(minutes=3)
        assert it.alerts("door-open") == []

        two = HeldFor(property="contact", values=("open",), duration=2 * MINUTE)
        await it.replans(plan_of(replace(DOOR_OPEN, when=two)))

        assert it.alert("door-open").state is AlertState.OPEN
        assert len(it.inputs("plan")) == 2


async def test_a_rule_made_slower_before_its_time_waits_longer(night: MakeNight) -> None:
    """Decision 5: the stretch counts from when it began, by the rule that holds now."""
    async with night(plan=plan_of(DOOR_OPEN)) as it:
        await it.hears(it.message("door", contact="open"))
        began = it.clock.at
        await it.passes(minutes=4)
        ten = HeldFor(property="contact", values=("open",), duration=10 * MINUTE)
        await it.replans(plan_of(replace(DOOR_OPEN, when=ten)))
        await it.restarts(clean=False)
        await it.passes(minutes=10)

        assert it.alert("door-open").opened_at == began + 10 * MINUTE


async def test_a_running_alert_keeps_the_policy_and_text_it_opened_with(night: MakeNight) -> None:
    """Decision 5: a new policy and a deleted rule change nothing about who is told next."""
    async with night(plan=plan_of(PENDANT)) as it:
        await it.press()
        straight = replace(TECHNICAL, name="family-then-centre")
        await it.replans(plan_of(NO_MOVEMENT, policies=(straight, TECHNICAL)))
        await it.restarts(clean=False)
        await it.passes(minutes=2)

        assert len(it.texts_to(CARA)) == 1
        assert it.texts_to(CARA)[0].startswith("Pendant at 1 Larch Close")


async def test_an_alert_outlives_its_home(night: MakeNight) -> None:
    """Decision 5: with nobody left to ask it goes to the centre, and closes only by a person."""
    async with night(plan=plan_of(PENDANT, NO_MOVEMENT)) as it:
        await it.press()
        deleted = await it.imports(delete=("h001",))
        assert deleted.state == "done"
        await it.restarts(clean=False)
        await it.passes(minutes=6)

        alert = it.alert("pendant-pressed")
        assert alert.state is AlertState.OPEN
        told = [one.record.to for one in it.records("notification.queued", "h001")]
        assert told[-1] == "monitoring_centre"
        event = Acknowledged(input=0, at=0, alert=alert.n, by="Olu Operator")
        assert (await it.orders(event)).state == "done"
        await it.passes(minutes=5)


async def test_a_home_that_moves_in_again_is_watched_from_now(night: MakeNight) -> None:
    """Decision 5: what a deleted home's devices told long ago says nothing about now."""
    async with night(plan=plan_of(NO_MOVEMENT)) as it:
        await it.moves()
        await it.imports(delete=("h001",))
        await it.passes(hours=10)
        assert it.alerts("no-movement") == []
        await it.imports(home())
        registered = it.clock.at
        await it.passes(hours=5)

        assert it.alert("no-movement").opened_at == registered + 4 * 60 * MINUTE


async def test_a_retained_alarm_found_at_connect_opens(night: MakeNight) -> None:
    """Decision 6: smoke that the broker had kept is an alarm, and says that it was found."""
    async with night(plan=plan_of(SMOKE)) as it:
        await it.hears(it.message("smoke", smoke="alarm", retained=True))

        assert it.alert("smoke").state is AlertState.OPEN
        [opened] = it.records("alert.opened")
        assert "found at connect" in (opened.record.text or "")


async def test_a_retained_press_never_opens(night: MakeNight) -> None:
    """Decision 6: what the broker kept may be weeks old; a press is never read from it."""
    async with night(plan=plan_of(PENDANT)) as it:
        await it.hears(it.message("pendant", trigger="pressed", retained=True))

        assert it.alerts() == []
        assert len(it.inputs("message")) == 1


async def test_an_import_of_many_homes_is_a_row_for_each_or_nothing(night: MakeNight) -> None:
    """Decision 10: one row per home in one transaction; one bad record refuses all of it."""
    async with night(plan=plan_of(PENDANT), homes=()) as it:
        done = await it.imports(*(home(n) for n in range(1, 31)))
        rows = it.inputs("home")
        assert done.state == "done"
        assert [row.home for row in rows] == [f"h{n:03d}" for n in range(1, 31)]
        assert it.session.filters == ["telecare/north/#"]

        bad = home(33, timezone="Europe/Atlantis")
        refused = await it.imports(home(31), home(32), bad)

        assert refused.state == "refused"
        assert "h033" in refused.reason
        assert len(it.inputs("home")) == 30
        await it.restarts()
        assert len(list(it.engine.homes.records())) == 30


async def test_a_long_import_leaves_the_rest_of_the_daemon_its_turn(night: MakeNight) -> None:
    """The watchdog is fed amid thousands of homes, and only because the engine moves on."""
    async with night(plan=plan_of(PENDANT), homes=()) as it:
        homes_seen: set[int] = set()
        signs_of_life: set[float] = set()

        async def others() -> None:
            while True:
                homes_seen.add(len(it.engine.homes.plans))
                signs_of_life.add(it.engine.turned_at)
                await asyncio.sleep(0)

        watching = asyncio.create_task(others())
        done = await it.imports(*(home(n) for n in range(1, 4 * HOMES_IN_ONE_GO)))
        watching.cancel()
        assert done.state == "done"
        assert len(homes_seen) > 3
        assert len(signs_of_life) > 3


async def test_an_import_that_names_nothing_or_too_much_is_refused(night: MakeNight) -> None:
    """Decision 10: an empty import, an unknown home to delete, and the site's own name."""
    async with night() as it:
        empty = await it.imports()
        unknown = await it.imports(delete=("h404",))
        site = await it.imports(home(2), home(3, id="@site"))

        assert [one.state for one in (empty, unknown, site)] == ["refused"] * 3
        assert len(list(it.engine.homes.records())) == 1


async def test_a_new_device_is_known_from_the_next_message_on(night: MakeNight) -> None:
    """Decision 10: an import changes whose messages are whose, in the turn that carries it out."""
    async with night(plan=plan_of(PENDANT), homes=(home(1),)) as it:
        body_of = it.message("pendant", 2, trigger="pressed")
        it.hand_in("import", None, msgspec.json.encode(ImportOrder((home(2),))))
        await it.hears(body_of)

        assert it.alert("pendant-pressed").home == "h002"
