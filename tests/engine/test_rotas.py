"""Rotas in a running daemon: gaps found ahead, overrides by command, the same in every replay."""

import pytest
from msgspec.structs import replace

from telecared.adapters.sqlite import SqliteReader
from telecared.bodies import encode_site_event
from telecared.core.plan import Plan
from telecared.core.policy import MONITORING_CENTRE, Contact, Policy, Step
from telecared.core.rota import Layer, Override, Rota
from telecared.core.site import RotaOverridden, RotaOverrideEnded, decode_site
from telecared.core.vocabulary import DAY, HOUR, MINUTE, Instant
from telecared.sim.replay import replay_store
from telecared.store_port import CommandResult
from tests.engine.conftest import MakeNight
from tests.engine.night import Night
from tests.engine.scenery import PENDANT, instant, plan_of
from tests.engine.soundness import assert_restartable

ANN, BOB = "+447700900150", "+447700900151"
PEOPLE = (
    Contact(id="ann", name="Ann Lee", phone=ANN),
    Contact(id="bob", name="Bob Roe", phone=BOB),
)
TO_NIGHT = Policy(
    name="to-night",
    steps=(Step(notify=("night",), wait=10 * MINUTE), Step(notify=(MONITORING_CENTRE,))),
)
START = instant("2026-03-24T12:00Z")


def planned(*gaps: Instant) -> Plan:
    """Ann is always on duty, but for an hour from each of some instants; her pendant is hers."""
    overrides = tuple(Override(since=gap, until=gap + HOUR, person="") for gap in gaps)
    rota = Rota(
        name="night",
        timezone="Europe/London",
        layers=(Layer(people=("ann",)),),
        overrides=overrides,
    )
    plan = plan_of(replace(PENDANT, policy="to-night"))
    policies = (*plan.policies, TO_NIGHT)
    return replace(plan, rotas=(rota,), people=PEOPLE, policies=policies)


async def lives(it: Night) -> None:
    """The daemon leaves its sign of life."""
    it.engine._watching._alive_at = float("-inf")
    await it.settle()


async def overrides(
    it: Night, person: str, since: Instant, until: Instant, rota: str = "night"
) -> CommandResult:
    """Somebody puts a person on duty from the command line."""
    event = RotaOverridden(at=0, rota=rota, person=person, since=since, until=until, by="")
    return await it.command("rota", None, encode_site_event(event))


@pytest.mark.parametrize("clean", [True, False], ids=["stopped", "died"])
async def test_a_gap_is_found_a_week_ahead_however_often_the_daemon_starts(
    night: MakeNight, *, clean: bool
) -> None:
    """Once a day is enough; it is told once, as urgent when it is near, and ended when filled."""
    gap = START + 7 * DAY + HOUR
    async with night(plan=planned(gap), start="2026-03-24T12:00Z") as it:
        assert it.alerts("rota-gap") == []
        await it.passes(hours=23)
        await lives(it)
        assert it.alerts("rota-gap") == []
        await it.passes(hours=1)
        await lives(it)
        found = it.alert("rota-gap")
        assert (found.home, found.priority) == ("@site", "technical")
        (line,) = [one for one in it.records("alert.opened") if one.record.rule == "rota-gap"]
        assert "from Tue 2026-03-31 14:00 to Tue 2026-03-31 15:00" in line.record.reason
        await it.restarts(clean=clean, down=5 * MINUTE)
        await lives(it)
        assert len(it.alerts("rota-gap")) == 1
        # Five days of its repeats would tell nothing more.
        await it.wall_clock_is_put(5 * DAY + 2 * HOUR)
        assert it.alert("rota-gap").resolved_at is not None
        assert it.alert("rota-gap-soon").resolved_at is None
        done = await overrides(it, "bob", gap - HOUR, gap + HOUR)
        assert (done.state, done.reason) == ("done", "override 1")
        assert it.engine.homes.site.rota_gaps == ()
        last = it.alert("rota-gap-soon")
        replayed = replay_store(it.path)
        assert_restartable(it.path)
    assert last.priority == "urgent"
    assert replayed.lines == replayed.live


async def test_every_home_sees_an_override_at_once_and_after_a_crash(night: MakeNight) -> None:
    """Bob is told while he stands in, also by a daemon that was killed meanwhile."""
    async with night(plan=planned(), start="2026-03-24T12:00Z") as it:
        assert (await overrides(it, "bob", START - HOUR, START + DAY)).state == "done"
        await it.press()
        assert (len(it.texts_to(ANN)), len(it.texts_to(BOB))) == (0, 1)
        await it.restarts(clean=False, last_words=False)
        await it.hears(it.message("pendant", trigger="pressed"))
        assert it.texts_to(ANN) == []
        end = RotaOverrideEnded(at=0, rota="night", n=1, by="")
        assert (await it.command("rota", None, encode_site_event(end))).state == "done"
        assert (await it.command("rota", None, encode_site_event(end))).state == "refused"
        stored = SqliteReader(it.path).site()
        assert stored is not None
        assert decode_site(stored).rota_overrides == ()
        assert_restartable(it.path)


async def test_who_gave_the_command_is_kept_with_the_override(night: MakeNight) -> None:
    """The name that the command carries, whatever its body says."""
    async with night(plan=planned(), start="2026-03-24T12:00Z") as it:
        await overrides(it, "bob", START, START + DAY)
        (kept,) = it.engine.homes.site.rota_overrides
        assert kept.override.by == "Test Operator"
        refused = await overrides(it, "bob", START, START + DAY, rota="day")
        assert refused.state == "refused"
        assert refused.reason == "there is no rota day; known rotas: night"


async def test_a_plan_that_fills_a_gap_ends_what_was_told(night: MakeNight) -> None:
    """An edited file counts at once, not a day later."""
    gap = START + 2 * DAY
    async with night(plan=planned(gap), start="2026-03-24T12:00Z") as it:
        assert it.alert("rota-gap").resolved_at is None
        await it.replans(planned())
        assert it.alert("rota-gap").resolved_at is not None
        await it.replans(planned(START + HOUR))
        assert it.alert("rota-gap-soon").resolved_at is None


async def test_a_wall_clock_that_is_put_brings_a_gap_near(night: MakeNight) -> None:
    """Rotas follow the wall clock."""
    async with night(plan=planned(START + 7 * DAY + 3 * HOUR), start="2026-03-24T12:00Z") as it:
        assert it.alerts("rota-gap") == []
        await it.wall_clock_is_put(6 * HOUR)
        assert it.alert("rota-gap").resolved_at is None
