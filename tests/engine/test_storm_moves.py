"""Homes that move, are deleted, or come back by the hundred while their scheme has an incident."""

from msgspec.structs import replace

from telecared.core.alert_commands import Resolved
from telecared.core.events import encode_event
from telecared.core.incidents import GATHERED_FROM
from telecared.core.storm_events import HomeChecked
from telecared.core.vocabulary import AlertState, Outcome
from tests.engine.conftest import MakeNight
from tests.engine.night import Night
from tests.engine.scenery import PENDANT, UNIT_SILENT, home, plan_of
from tests.engine.soundness import assert_restartable
from tests.engine.test_storm_of_silence import everybody_says

PLAN = plan_of(PENDANT, UNIT_SILENT)
NORTH = "@scheme/north"


def is_over(it: Night) -> bool:
    """Whether the only incident is."""
    (incident,) = it.engine.homes.states[NORTH].storms.incidents
    return bool(incident.closed_at)


async def test_homes_that_leave_their_scheme_do_not_keep_its_incident_going(
    night: MakeNight,
) -> None:
    """Three of eight move to another scheme, one is deleted; all come back or are closed."""
    homes = [home(n) for n in range(1, 9)]
    async with night(plan=PLAN, homes=homes) as it:
        await everybody_says(it, 8, "lost")
        await it.passes(minutes=46)
        assert not is_over(it)
        await it.imports(*(replace(one, scheme="south") for one in homes[:3]))
        await it.imports(delete=("h004",))
        await everybody_says(it, 3, "ok")
        for n in range(5, 9):
            await it.hears(it.message("unit", n, mains="ok"))
        await it.passes(minutes=1)
        assert not is_over(it)
        (left,) = it.alerts("unit-silent", home_id="h004")[-1:]
        if left.state is not AlertState.RESOLVED:
            number = int(left.alert.rpartition("/")[2])
            closed = Resolved(
                input=0, at=0, alert=number, by="Olu", outcome=Outcome.TECHNICAL_FIXED
            )
            await it.orders(closed, "h004")
        await it.passes(minutes=1)
        assert is_over(it)
        (listed,) = it.engine.homes.states[NORTH].storms.lists
        assert [one.home for one in listed.homes if not one.is_done] == ["h004"]
        gone = HomeChecked(input=0, at=0, home="h004", outcome="not_needed", by="Ann Lee")
        assert (await it.command("outage-check", NORTH, encode_event(gone))).state == "done"
        (listed,) = it.engine.homes.states[NORTH].storms.lists
        assert listed.closed_at
        assert_restartable(it.path)


async def test_when_the_power_is_back_hundreds_are_judged_at_once(night: MakeNight) -> None:
    """They come back within seconds; a second later the incident is over, and nothing was slow."""
    homes = GATHERED_FROM + 20
    async with night(plan=PLAN, homes=[home(n) for n in range(1, homes + 1)]) as it:
        it.engine.arrived([it.message("unit", n, mains="lost") for n in range(1, homes + 1)])
        await it.settle()
        await it.passes(minutes=46)
        it.engine.arrived([it.message("unit", n, mains="ok") for n in range(1, homes + 1)])
        await it.settle()
        assert not is_over(it)
        await it.passes(minutes=1)
        assert is_over(it)
        storms = it.engine.homes.states[NORTH].storms
        assert storms.lists[0].closed_at
        assert storms.silent == ()


async def test_a_plan_that_changes_in_the_middle_changes_nothing_for_who_is_held(
    night: MakeNight,
) -> None:
    """The rule is gone, its alerts live on; they end by a person, and so does the incident."""
    async with night(plan=PLAN, homes=[home(n) for n in range(1, 7)]) as it:
        await everybody_says(it, 6, "lost")
        await it.passes(minutes=46)
        await it.replans(plan_of(PENDANT))
        assert not is_over(it)
        for row in it.alerts("unit-silent"):
            home_id, _, number = row.alert.rpartition("/")
            if row.state is not AlertState.RESOLVED:
                closed = Resolved(
                    input=0, at=0, alert=int(number), by="Olu", outcome=Outcome.TECHNICAL_FIXED
                )
                assert (await it.orders(closed, home_id)).state == "done"
        await it.passes(minutes=1)
        assert is_over(it)
        assert_restartable(it.path)
