"""What makes a step fail is set aside, said, and never tried in a circle (decision 13)."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from msgspec.structs import replace

import telecared.core.handling as core_handling
import telecared.core.step as core_step
from telecared.core.alert_commands import Acknowledged
from telecared.core.conditions.base import Change, Due, View
from telecared.core.conditions.held import _Held
from telecared.core.conditions.reading import _Reading
from telecared.core.events import Event
from telecared.core.plan import Confirm
from telecared.core.state import Alert
from telecared.core.step import Stepped
from telecared.core.vocabulary import MINUTE, AlertState, Priority
from telecared.core.when import ReadingIs
from telecared.core.work import Work
from tests.engine.conftest import MakeNight
from tests.engine.night import Night
from tests.engine.scenery import CENTRE, DOOR_OPEN, NO_MOVEMENT, PENDANT, WATER, home, plan_of

PLAN = plan_of(PENDANT, WATER, DOOR_OPEN, NO_MOVEMENT)
HOMES = (home(1), home(2))


def set_aside(night: Night) -> list[tuple[str, str, str]]:
    """(home, what, key) of everything that was set aside."""
    with closing(sqlite3.connect(night.path)) as connection:
        return connection.execute(
            "SELECT h.name, q.what, q.key FROM quarantine q JOIN homes h ON h.id = q.home_id"
            " ORDER BY q.id"
        ).fetchall()


@pytest.fixture
def poisoned_readings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every rule about a reading fails in the first home."""
    sound = _Reading.on_change

    def on_change(self: _Reading, view: View, change: Change) -> object:
        if view.state.home == "h001":
            raise ZeroDivisionError("a defect")
        return sound(self, view, change)

    monkeypatch.setattr(_Reading, "on_change", on_change)


@pytest.fixture
def poisoned_deadlines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every rule about something that is held fails in the first home, whenever it is asked."""
    sound = _Held.deadlines

    def deadlines(self: _Held, view: View) -> Iterator[Due]:
        if view.state.home == "h001":
            raise KeyError("a defect")
        return sound(self, view)

    monkeypatch.setattr(_Held, "deadlines", deadlines)


async def test_an_alarm_reaches_the_centre_although_its_rule_fails(
    night: MakeNight, poisoned_readings: None
) -> None:
    """Decision 13: without any rule, and at once; the neighbour's rules work on."""
    async with night(plan=PLAN, homes=HOMES) as it:
        await it.press(1)
        await it.press(2)

        alarm = it.alert("quarantined-alarm")
        assert (alarm.home, alarm.priority) == ("h001", Priority.LIFE_SAFETY)
        assert "treat as real" in it.texts_to(CENTRE)[0]
        assert it.alert("pendant-pressed").home == "h002"
        assert set_aside(it) == [("h001", "message", "")]


async def test_a_poisoned_message_without_danger_is_a_fault(
    night: MakeNight, poisoned_readings: None
) -> None:
    """Decision 13: a technical alert for that home; it is acknowledged and not tried again."""
    async with night(plan=PLAN, homes=HOMES) as it:
        await it.hears(it.message("water", water="wet"))
        await it.restarts(clean=False)
        await it.passes(hours=1)

        assert it.alert("quarantined").priority is Priority.TECHNICAL
        assert len(it.session.acknowledged) == 1
        assert len(set_aside(it)) == 1


async def test_a_deadline_that_fails_is_set_aside_once(
    night: MakeNight, poisoned_deadlines: None
) -> None:
    """Decision 13: no loop; the home's other rules and the neighbour's timers go on."""
    async with night(plan=PLAN, homes=HOMES) as it:
        for number in (1, 2):
            await it.moves(number)
            await it.hears(it.message("door", number, contact="open"))
        await it.passes(hours=5)

        assert set_aside(it) == [("h001", "deadline", "door-open")]
        assert it.alert("door-open").home == "h002"
        assert {row.home for row in it.alerts("no-movement")} == {"h001", "h002"}
        await it.restarts(clean=False)
        await it.replans(PLAN)
        assert len(set_aside(it)) == 2  # a new plan is a new try
        assert it.alert("quarantined").repeats == 1


async def test_a_storm_with_a_failing_rule_in_it_is_survived(
    night: MakeNight, poisoned_deadlines: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 13, P3: sorting homes by danger asks rules too, and must not stop at a defect."""
    monkeypatch.setattr("telecared.engine.MAX_DUE", 2)
    homes = [home(n) for n in range(1, 7)]
    async with night(plan=PLAN, homes=homes) as it:
        await it.passes(minutes=1)
        await it.disconnects()
        await it.passes(hours=5)
        await it.connects()
        for _ in range(5):
            await it.settle()

        assert len(it.alerts("no-movement")) == 6


async def test_a_poisoned_command_is_refused(
    night: MakeNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 13: its giver hears that it was set aside; the alert stands as it was."""

    def defect(*_: object, **__: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(core_handling, "accept", defect)
    async with night(plan=PLAN) as it:
        await it.press()
        result = await it.orders(Acknowledged(input=0, at=0, alert=1, by="Olu"))

        assert result.state == "refused"
        assert "set aside" in result.reason
        assert it.alert("pendant-pressed").state is AlertState.OPEN
        assert it.alert("quarantined").home == "h001"
        assert set_aside(it) == [("h001", "command", "")]


async def test_an_alert_whose_deadline_fails_goes_to_the_centre(
    night: MakeNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 13: nobody is forgotten because the escalation itself is defective."""
    sound = core_handling.alert_due

    def alert_due(work: Work, alert: Alert) -> None:
        if alert.rule == "pendant-pressed":
            raise RuntimeError("a defect")
        sound(work, alert)

    monkeypatch.setattr(core_handling, "alert_due", alert_due)
    async with night(plan=PLAN, homes=HOMES) as it:
        await it.press(1)
        await it.passes(minutes=3)

        alarm = it.alert("quarantined-alarm")
        assert (alarm.home, alarm.priority) == ("h001", Priority.LIFE_SAFETY)
        assert len(it.texts_to(CENTRE)) >= 1
        assert set_aside(it) == [("h001", "deadline", "alert:1")]


async def test_a_home_that_cannot_be_stepped_at_all_is_the_sites_alert(
    night: MakeNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 13: when not even the quarantine can be worked out, the site hears of it."""
    sound = core_step.step

    def step(state: Any, event: Event, *rest: Any) -> Stepped:  # noqa: ANN401 - passed on
        if state.home == "h001":
            raise RuntimeError("a defect")
        return sound(state, event, *rest)

    async with night(plan=PLAN, homes=HOMES) as it:
        monkeypatch.setattr("telecared.stepping.step", step)
        await it.hears(it.message("pir", motion="detected"))
        await it.press(1)
        await it.press(2)

        assert it.alert("quarantined").home == "@site"
        alarm = it.alert("quarantined-alarm")
        assert (alarm.home, alarm.priority) == ("@site", Priority.LIFE_SAFETY)
        assert it.alert("pendant-pressed").home == "h002"
        it.sound_in_the_end = False  # what failed from some instant on cannot be decided again
        assert it.ledger().balances


async def test_more_broken_deadlines_than_can_be_set_aside_do_not_swallow_an_alarm(
    night: MakeNight, poisoned_deadlines: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 13: a press amid a home full of defects still reaches the centre."""
    monkeypatch.setattr("telecared.stepping.MAX_SET_ASIDE", 0)
    async with night(plan=PLAN, homes=()) as it:
        await it.imports(home(1))
        await it.press(1)

        alarms = [*it.alerts("quarantined-alarm"), *it.alerts("pendant-pressed")]
        assert alarms
        it.sound_in_the_end = False  # deadlines of a home that is given up are not kept


async def test_a_second_sensor_that_cannot_be_judged_is_an_alarm(
    night: MakeNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 13, P6: the silence that would have raised an alert to life safety is told."""

    def defect(*_: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr("telecared.core.resident.judge_silence", defect)
    motion = ReadingIs(property="motion", values=("detected",))
    asking = replace(WATER, confirm=Confirm(within=2 * MINUTE, none_of=(motion,)))
    async with night(plan=plan_of(asking)) as it:
        await it.hears(it.message("water", water="wet"))
        await it.passes(minutes=3)

        assert it.alert("quarantined-alarm").priority is Priority.LIFE_SAFETY
        assert set_aside(it) == [("h001", "deadline", "confirm:1")]
