"""A home that was part of an incident, alone: its scheme decided, and is stepped along with it."""

import msgspec
import pytest

from telecared.core.events import ConditionFound
from telecared.core.vocabulary import MINUTE
from telecared.errors import ReplayError
from telecared.forgetting import EraseOrder
from telecared.sim.past import home_at
from telecared.sim.replay import hangs_on_scheme, replay_store
from tests.engine.conftest import MakeNight
from tests.engine.scenery import PENDANT, UNIT_SILENT, home, plan_of

PLAN = plan_of(PENDANT, UNIT_SILENT)
HOMES = 8


async def test_one_home_of_an_incident_is_replayed_as_it_was(night: MakeNight) -> None:
    """Promise P9: what the scheme decided for it is decided again; nothing else is shown."""
    streets = [home(n) for n in range(1, HOMES + 1)]
    elsewhere = home(9, scheme="south")
    async with night(plan=PLAN, homes=[*streets, elsewhere]) as it:
        for n in range(1, HOMES + 1):
            await it.hears(it.message("unit", n, mains="lost"))
        await it.hears(it.message("unit", 9, mains="ok"))
        await it.passes(minutes=30)
        await it.hears(it.message("unit", 9, mains="ok"))
        await it.passes(minutes=20)
        assert len(it.records("incident.opened")) == 1

        again = replay_store(it.path, home="h003")
        assert again.agrees
        assert {line.home for line in again.lines} == {"h003"}
        assert hangs_on_scheme(it.reader, "h003", after=0)
        assert not hangs_on_scheme(it.reader, "h009", after=0)
        assert replay_store(it.path, home="h009").agrees

        past = home_at(it.path, "h003")
        (alert,) = past.state.alerts.values()
        assert alert.part_of == "power north#1"
        assert alert.next_at == it.engine.homes.states["h003"].alerts[alert.n].next_at


async def test_a_home_of_the_scheme_was_erased_since(night: MakeNight) -> None:
    """What hung on it cannot be decided again, and that is no disagreement of the store."""
    async with night(plan=PLAN, homes=[home(n) for n in range(1, HOMES + 1)]) as it:
        for n in range(1, HOMES + 1):
            await it.hears(it.message("unit", n, mains="lost"))
        await it.passes(minutes=40)
        await it.hears(it.message("unit", 8, mains="ok"))
        await it.passes(minutes=10)
        for n in range(1, HOMES + 1):
            await it.hears(it.message("unit", n, mains="ok"))
        await it.passes(minutes=1)
        erased = await it.command("erase", "h008", msgspec.json.encode(EraseOrder("asked")))
        assert erased.state == "done", erased
        assert replay_store(it.path).agrees
        with pytest.raises(ReplayError, match="was part of an incident"):
            replay_store(it.path, home="h003")


async def test_a_gap_is_judged_by_what_was_due_before_it_ended(night: MakeNight) -> None:
    """Promise P9: an alert that fell due a moment before the provider took messages again."""
    async with night(plan=PLAN, homes=[home(n) for n in range(1, 4)]) as it:
        await it.hears(it.message("unit", 1, mains="ok"))
        await it.passes(minutes=1)
        await it.tells(ConditionFound(input=0, at=0, name="sms-failing"))
        await it.passes(minutes=2)
        assert it.alert("sms-failing").home == "@site"
        await it.passes(minutes=15)
        it.clock.at += 45 * MINUTE  # and nothing has had its turn since
        await it.tells(ConditionFound(input=0, at=0, name="sms-failing", over=True))
        await it.settle()
        (made,) = it.engine.homes.states["@scheme/north"].storms.lists
        assert made.cause == "provider"
        assert "h001" in {one.home for one in made.homes}
        assert replay_store(it.path).agrees
