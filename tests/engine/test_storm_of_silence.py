"""A power cut in a scheme of 200 homes: one incident and not 200 messages, and nobody forgotten."""

from msgspec.structs import replace

from telecared.core.events import ConditionFound, encode_event
from telecared.core.plan import HomeRecord
from telecared.core.storm_events import HomeChecked
from telecared.core.vocabulary import MINUTE, SECOND, AlertState, Priority
from telecared.engine import MAX_DUE
from tests.engine.conftest import MakeNight
from tests.engine.night import Night
from tests.engine.scenery import CENTRE, PENDANT, UNIT_SILENT, home, plan_of
from tests.engine.soundness import assert_restartable

HOMES = 200
PLAN = plan_of(PENDANT, UNIT_SILENT)
SCHEME_HOME = "@scheme/north"


def street(homes: int = HOMES) -> list[HomeRecord]:
    """Homes of one scheme."""
    return [home(n) for n in range(1, homes + 1)]


async def everybody_says(it: Night, homes: int, mains: str) -> None:
    """Each alarm unit tells how its mains is."""
    for n in range(1, homes + 1):
        await it.hears(it.message("unit", n, mains=mains))


def sent(it: Night) -> set[str]:
    """The homes of which somebody was really told."""
    return {one.home for one in it.records("notification.sent")}


async def test_a_power_cut_of_a_scheme_is_told_once(night: MakeNight) -> None:
    """Each home is listed; the centre hears of one incident; when the power is back it is over."""
    async with night(plan=PLAN, homes=street()) as it:
        await everybody_says(it, HOMES, "lost")
        await it.passes(minutes=46)
        opened = it.records("incident.opened")
        assert len(opened) == 1
        assert "200 of 200 alarm units" in opened[0].record.reason
        assert "likely power" in opened[0].record.reason
        assert len(it.alerts("unit-silent")) == HOMES
        texts = it.texts_to(CENTRE)
        assert [text for text in texts if "200 of 200 homes of north are silent" in text]
        assert sent(it) == {SCHEME_HOME}
        storms = it.engine.homes.states[SCHEME_HOME].storms
        assert len(storms.incidents[0].members) == HOMES
        await it.hears(it.message("pendant", 7, trigger="pressed"))
        assert it.alert("pendant-pressed").priority is Priority.LIFE_SAFETY
        assert sent(it) == {SCHEME_HOME, "h007"}
        await everybody_says(it, HOMES, "ok")
        await it.passes(minutes=1)
        assert len(it.records("incident.closed")) == 1
        assert {row.state for row in it.alerts("unit-silent")} == {AlertState.RESOLVED}
        assert sent(it) == {SCHEME_HOME, "h007"}
        (listed,) = it.engine.homes.states[SCHEME_HOME].storms.lists
        assert listed.closed_at
        assert listed.left == 0


async def test_more_homes_than_are_looked_at_in_one_turn(night: MakeNight) -> None:
    """A turn takes the most dangerous; the incident is told before anybody hears of one home."""
    homes = MAX_DUE + 60
    async with night(plan=PLAN, homes=street(homes)) as it:
        it.engine.arrived([it.message("unit", n, mains="lost") for n in range(1, homes + 1)])
        await it.settle()
        await it.passes(minutes=46)
        assert len(it.records("incident.opened")) == 1
        (incident,) = it.engine.homes.states[SCHEME_HOME].storms.incidents
        assert len(incident.members) == homes
        assert sent(it) == {SCHEME_HOME}


def listed(it: Night) -> dict[str, bool]:
    """Home -> whether nobody needs to look after it any more, of the newest outage list."""
    newest = it.engine.homes.states[SCHEME_HOME].storms.lists[-1]
    return {one.home: one.is_done for one in newest.homes}


async def checks(it: Night, home_id: str, outcome: str = "ok") -> str:
    """Somebody has looked after a home; how the command ended."""
    event = HomeChecked(input=0, at=0, home=home_id, outcome=outcome, by="Ann Lee")
    return (await it.command("outage-check", SCHEME_HOME, encode_event(event))).state


async def test_after_we_were_down_each_home_is_heard_or_looked_after(night: MakeNight) -> None:
    """Two speak again, one does not: it is told, and a person ticks it off, over a crash."""
    async with night(plan=PLAN, homes=street(3)) as it:
        await everybody_says(it, 3, "ok")
        await it.restarts(down=20 * MINUTE)
        assert listed(it) == {"h001": False, "h002": False, "h003": False}
        await it.hears(it.message("pir", 1, motion="detected"))
        await it.hears(it.message("unit", 1, mains="ok"), it.message("unit", 2, mains="ok"))
        assert listed(it) == {"h001": True, "h002": True, "h003": False}
        await it.restarts(clean=False, down=MINUTE)
        await it.hears(it.message("unit", 2, mains="ok"))
        await it.passes(minutes=16)
        assert it.alert("outage-list").home == SCHEME_HOME
        assert await checks(it, "h009") == "refused"
        assert await checks(it, "h003", "called") == "done"
        assert it.alert("outage-list").state is AlertState.RESOLVED
        assert it.alert("outage-list").resolved_by is None


async def test_a_forgotten_session_asks_for_a_look_at_each_home(night: MakeNight) -> None:
    """What the broker lost nobody can tell: to be heard again is not enough."""
    async with night(plan=PLAN, homes=street(2)) as it:
        await everybody_says(it, 2, "ok")
        await it.disconnects()
        await it.passes(minutes=2)
        await it.connects(resumed=False)
        await everybody_says(it, 2, "ok")
        assert listed(it) == {"h001": False, "h002": False}
        await it.passes(minutes=20)
        for home_id in ("h001", "h002"):
            assert await checks(it, home_id) == "done"
        assert it.alert("outage-list").state is AlertState.RESOLVED


async def test_who_had_called_while_the_provider_failed_is_listed(night: MakeNight) -> None:
    """Their alert may have reached nobody for an hour; a person looks."""
    async with night(plan=PLAN, homes=street(3)) as it:
        failing = ConditionFound(input=0, at=0, name="sms-failing")
        await it.tells(replace(failing, over=True))
        await it.tells(failing)
        await it.passes(minutes=2)
        await it.press(2)
        await it.tells(replace(failing, over=True))
        await it.settle()
        assert listed(it) == {"h002": False}
        assert await checks(it, "h002", "visited") == "done"
        assert listed(it) == {"h002": True}


async def test_a_storm_outlives_a_crash_at_any_instant(night: MakeNight) -> None:
    """Promises P1 and P3: between any two inputs everything may be forgotten but the store."""
    async with night(plan=PLAN, homes=street(8)) as it:
        await everybody_says(it, 8, "lost")
        await it.passes(minutes=44)
        await it.hears(it.message("unit", 8, mains="lost"))
        await it.passes(minutes=3)
        await it.restarts(clean=False, down=30 * SECOND)
        assert len(it.records("incident.opened")) == 1
        await it.passes(hours=1)
        await everybody_says(it, 8, "ok")
        await it.passes(minutes=15)
        assert len(it.records("incident.closed")) == 1
        assert_restartable(it.path)
