"""What is overdue after a stop is caught up in order of danger (promise P3)."""

from msgspec.structs import replace

from telecared.core.policy import AppliesTo
from telecared.core.vocabulary import HOUR, MINUTE, Priority
from tests.engine.conftest import MakeNight
from tests.engine.scenery import DOOR_OPEN, NO_MOVEMENT, WATER, home, plan_of
from tests.engine.test_outbox import Provider, office

DEADLY = replace(
    NO_MOVEMENT,
    name="no-movement-at-risk",
    priority=Priority.LIFE_SAFETY,
    say="Nobody moves at {home.address}. {code}",
    applies_to=AppliesTo(tags=("at-risk",)),
)


async def test_a_home_with_a_small_alert_due_is_not_passed_over_for_its_deadly_one(
    night: MakeNight,
) -> None:
    """Whose step is overdue may have worse overdue: the worst of everything ranks the home."""
    flooded = replace(WATER, applies_to=AppliesTo(tags=("at-risk",)), priority=Priority.ROUTINE)
    ordinary = replace(NO_MOVEMENT, applies_to=AppliesTo(tags=("ordinary",)))
    homes = [home(n, tags=("at-risk" if n == 9 else "ordinary",)) for n in range(1, 10)]
    async with night(plan=plan_of(DEADLY, flooded, ordinary), homes=homes, delivers=False) as it:
        await it.passes(minutes=1)
        await it.hears(it.message("water", 9, water="wet"))
        await it.disconnects()
        it.clock.at += 6 * HOUR
        await it.connects(drained=False)
        fold = it.engine.homes
        it.engine._watching._drained(it.clock.at, canary=True)  # no turn yet

        fold.tick(it.clock.at, limit=2)

        opened = [row.home for row in fold.batch.records if row.record.event == "alert.opened"]
        assert opened[0] == "h009"
        await it.settle()


async def test_in_one_home_life_safety_leaves_first_though_it_was_due_later(
    night: MakeNight,
) -> None:
    """The door was due at 08:05, the silence at noon: decided in that order, sent in the other."""
    homes = [home(1, tags=("at-risk",))]
    async with night(plan=plan_of(DEADLY, DOOR_OPEN), homes=homes, delivers=False) as it:
        await it.moves()
        await it.hears(it.message("door", contact="open"))
        await it.restarts(clean=False, down=6 * HOUR)

        opened = [(one.record.rule, one.record.late) for one in it.records("alert.opened", "h001")]
        assert [rule for rule, _ in opened] == ["door-open", "no-movement-at-risk"]
        assert opened[0][1] == 6 * HOUR - 5 * MINUTE
        assert opened[1][1] == 2 * HOUR
        provider = Provider()
        async with office(it, provider) as desk:
            await desk.until(lambda: len(provider.taken) == 2)
        assert provider.taken[0].text.startswith("Nobody moves")
