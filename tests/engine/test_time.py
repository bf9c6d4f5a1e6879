"""Timers outlive crashes, clock steps and both daylight-saving changes (promise P3, decision 4)."""

import pytest
from msgspec.structs import replace

from telecared.core.plan import Downtime
from telecared.core.vocabulary import HOUR, MINUTE, SECOND, AlertState
from telecared.core.when import HeldFor, Window
from tests.engine.conftest import MakeNight
from tests.engine.night import Night
from tests.engine.scenery import (
    DOOR_AT_NIGHT,
    DOOR_OPEN,
    NO_MOVEMENT,
    PENDANT,
    instant,
    plan_of,
    with_downtime,
)


def opened_at(night: Night, rule: str) -> int:
    """When the one alert of a rule was opened."""
    return night.alert(rule).opened_at


@pytest.mark.parametrize("clean", [True, False])
async def test_a_running_timer_survives_a_restart(night: MakeNight, clean: bool) -> None:
    """P3: a door opened before a crash is told at the very instant it would have been."""
    async with night(plan=plan_of(DOOR_OPEN)) as it:
        await it.hears(it.message("door", contact="open"))
        began = it.clock.at
        await it.passes(minutes=2)
        await it.restarts(clean=clean, down=MINUTE)
        await it.passes(minutes=3)

        assert opened_at(it, "door-open") == began + 5 * MINUTE


async def test_an_escalation_goes_on_where_a_crash_cut_it_off(night: MakeNight) -> None:
    """P3: the step that came due while we were down is taken at the start, once, and noted late."""
    async with night(plan=plan_of(PENDANT)) as it:
        await it.press()
        await it.passes(minutes=1)
        await it.restarts(clean=False, down=10 * MINUTE)

        told = [one.record.to for one in it.records("notification.queued", "h001")]
        assert told == ["ben", "cara"]
        [step] = it.records("alert.escalated", "h001")
        assert step.record.late == 9 * MINUTE
        await it.passes(minutes=3, seconds=1)
        assert len(it.records("alert.escalated", "h001")) == 2


@pytest.mark.parametrize(
    ("downtime", "after_start"),
    [
        (Downtime(kind="count"), 0),
        (Downtime(kind="pause"), 2 * HOUR),
        (Downtime(kind="grace", grace=30 * MINUTE), 30 * MINUTE),
    ],
)
async def test_downtime_means_what_the_rule_says(
    night: MakeNight, downtime: Downtime, after_start: int
) -> None:
    """P3: two hours watched, three hours down, of four that the rule wants."""
    rule = with_downtime(NO_MOVEMENT, downtime.kind, downtime.grace)
    async with night(plan=plan_of(rule)) as it:
        await it.moves()
        await it.passes(hours=2)
        await it.restarts(clean=False, down=3 * HOUR)
        started = it.clock.at
        if after_start:
            await it.skips(after_start - SECOND)
            assert it.alerts("no-movement") == []
            await it.skips(SECOND)

        assert opened_at(it, "no-movement") == started + after_start


@pytest.mark.parametrize("step", [HOUR, -HOUR])
async def test_a_step_of_the_wall_clock_leaves_durations_alone(night: MakeNight, step: int) -> None:
    """Decision 4: the step is an input and an alert; what runs keeps its remainder."""
    async with night(plan=plan_of(DOOR_OPEN)) as it:
        await it.hears(it.message("door", contact="open"))
        began = it.clock.at
        await it.passes(minutes=2)
        await it.wall_clock_is_put(step)
        await it.passes(minutes=3)

        assert opened_at(it, "door-open") == began + 5 * MINUTE
        assert len(it.inputs("clock")) == 1
        assert it.alert("clock-stepped").home == "@site"


@pytest.mark.parametrize(("step", "opens"), [(HOUR, "21:05"), (-HOUR, "23:05")])
async def test_windows_follow_the_wall_clock_when_it_is_put(
    night: MakeNight, step: int, opens: str
) -> None:
    """Decision 4: the night begins when clocks show 22:00, whenever that is in engine time."""
    async with night(plan=plan_of(DOOR_AT_NIGHT), start="2026-03-01T20:00:00Z") as it:
        await it.hears(it.message("door", contact="open"))
        await it.wall_clock_is_put(step)
        await it.passes(hours=4)

        assert opened_at(it, "door-at-night") == instant(f"2026-03-01T{opens}:00Z")


async def test_a_clock_put_back_again_and_a_restart_between_keep_the_record_in_order(
    night: MakeNight,
) -> None:
    """Decision 4: engine time never falls, also at a start with a wall clock behind the record."""
    async with night(plan=plan_of(DOOR_OPEN, PENDANT)) as it:
        await it.hears(it.message("door", contact="open"))
        await it.passes(minutes=2)
        before = it.clock.at
        await it.wall_clock_is_put(-HOUR)
        await it.restarts(clean=False)

        assert it.clock.at == before
        alert = it.alert("clock-behind")
        assert (alert.home, alert.state) == ("@site", AlertState.OPEN)
        await it.passes(minutes=3)
        assert len(it.alerts("door-open")) == 1
        await it.wall_clock_is_put(HOUR)
        await it.press()
        assert it.clock.offset == 0


@pytest.mark.parametrize(
    ("start", "began", "window_opens"),
    [
        # Clocks go forward at 01:00Z: 01:30 does not exist, so the window opens with the gap's end.
        ("2026-03-28T23:50:00Z", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z"),
        # Clocks go back at 01:00Z: 01:30 comes twice, and the window opens with the first.
        ("2026-10-24T23:50:00Z", "2026-10-25T00:20:00Z", "2026-10-25T00:30:00Z"),
    ],
)
async def test_both_changes_of_the_clocks_are_lived_through(
    night: MakeNight, start: str, began: str, window_opens: str
) -> None:
    """P3: windows follow local time, durations count real hours, with a crash in the middle."""
    in_the_window = replace(
        DOOR_AT_NIGHT,
        when=HeldFor(
            property="contact",
            values=("open",),
            duration=5 * MINUTE,
            between=(Window(start=90, end=6 * 60),),
        ),
    )
    three_hours = replace(
        DOOR_OPEN, when=HeldFor(property="contact", values=("open",), duration=3 * HOUR)
    )
    async with night(plan=plan_of(in_the_window, three_hours), start=start) as it:
        await it.until(began)
        await it.hears(it.message("door", contact="open"))
        await it.passes(minutes=20)
        await it.restarts(clean=False, down=30 * SECOND)
        await it.passes(minutes=40)
        await it.restarts(clean=True, down=30 * SECOND)
        await it.passes(hours=4)

        assert (
            opened_at(it, "door-at-night")
            == max(instant(window_opens), instant(began)) + 5 * MINUTE
        )
        assert opened_at(it, "door-open") == instant(began) + 3 * HOUR


async def test_the_time_to_which_deadlines_advanced_is_on_record(night: MakeNight) -> None:
    """Decision 2: a night without any message still says when it decided what."""
    async with night(plan=plan_of(DOOR_OPEN), delivers=False) as it:
        await it.hears(it.message("door", contact="open"))
        await it.passes(minutes=5)

        [advance] = it.inputs("advance")
        assert advance.at == opened_at(it, "door-open")


async def test_a_machine_that_slept_catches_up_without_a_storm(night: MakeNight) -> None:
    """P3: who came due meanwhile is told once, and then at the pace of the policy."""
    async with night(plan=plan_of(PENDANT)) as it:
        await it.press()
        await it.passes(minutes=1)
        await it.suspends(8 * HOUR)

        assert [one.record.to for one in it.records("notification.queued", "h001")] == [
            "ben", "cara",
        ]  # fmt: skip
        assert len(it.inputs("stall")) == 1


async def test_a_machine_that_slept_reads_its_backlog_before_it_judges(night: MakeNight) -> None:
    """Decision 3: while it slept nobody could be heard, so absence waits for the link."""
    async with night(plan=plan_of(NO_MOVEMENT)) as it:
        await it.moves()
        await it.suspends(8 * HOUR)
        assert it.alerts("no-movement") == []
        await it.moves()
        await it.passes(minutes=2)
        assert it.alerts("no-movement") == []
        await it.suspends(5 * HOUR)
        await it.passes(minutes=1)
        await it.disconnects()
        await it.passes(minutes=5)
        assert it.alerts("no-movement") == []
        await it.connects()

        assert len(it.alerts("no-movement")) == 1
