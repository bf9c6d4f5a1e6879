"""After an outage, proof of life is read before absence is judged (decision 3)."""

import pytest
from msgspec.structs import replace

from telecared.core.policy import MONITORING_CENTRE, AppliesTo
from telecared.core.vocabulary import HOUR, MINUTE, SECOND, AlertState, Priority
from telecared.ports import Drained
from tests.engine.conftest import MakeNight
from tests.engine.scenery import (
    NO_MOVEMENT,
    PENDANT,
    UNIT_SILENT,
    home,
    plan_of,
    with_downtime,
)


async def test_absence_is_not_judged_until_the_backlog_is_read(night: MakeNight) -> None:
    """Decision 3: movement in the backlog of a long outage means that nobody is alarmed."""
    async with night(plan=plan_of(NO_MOVEMENT)) as it:
        await it.moves()
        await it.disconnects()
        await it.passes(hours=6)
        assert it.alerts("no-movement") == []

        await it.connects(drained=False)
        assert it.alerts("no-movement") == []
        await it.moves()
        await it.drains()

        assert it.alerts("no-movement") == []


async def test_what_is_still_absent_after_the_backlog_is_told_with_its_lateness(
    night: MakeNight,
) -> None:
    """Decision 3: it fires when the session is drained, and how late that was stands beside it."""
    async with night(plan=plan_of(NO_MOVEMENT)) as it:
        await it.moves()
        await it.disconnects()
        await it.passes(hours=6)
        await it.connects(drained=False)
        await it.drains()

        assert it.alert("no-movement").opened_at == it.clock.at
        [opened] = it.records("alert.opened", "h001")
        assert opened.record.late == 2 * HOUR


async def test_without_a_canary_two_minutes_are_waited(night: MakeNight) -> None:
    """Decision 3: a broker that never brings our own message back does not silence absence."""
    async with night(plan=plan_of(NO_MOVEMENT)) as it:
        await it.moves()
        await it.disconnects()
        await it.passes(hours=6)
        await it.connects(drained=False)
        await it.passes(seconds=119)
        assert it.alerts("no-movement") == []

        await it.passes(seconds=1)

        assert len(it.alerts("no-movement")) == 1
        assert len(it.inputs("drained")) == 2


async def test_a_canary_of_an_earlier_connection_proves_nothing(night: MakeNight) -> None:
    """Decision 3: only the present connection's canary says that the backlog has been read."""
    async with night(plan=plan_of(NO_MOVEMENT)) as it:
        await it.moves()
        await it.disconnects()
        await it.passes(hours=6)
        old = it.connection
        await it.connects(drained=False)
        it.connection, new = old, it.connection
        await it.drains()
        assert it.alerts("no-movement") == []
        it.connection = new

        await it.drains()

        assert len(it.alerts("no-movement")) == 1


async def test_escalation_goes_on_during_an_outage(night: MakeNight) -> None:
    """Decision 3: who does not answer is passed over, whatever the broker does."""
    async with night(plan=plan_of(PENDANT)) as it:
        await it.press()
        await it.disconnects()
        await it.passes(minutes=6)

        queued = [one.record.to for one in it.records("notification.queued", "h001")]
        assert queued[:3] == ["ben", "cara", MONITORING_CENTRE]


async def test_overdue_homes_are_caught_up_most_dangerous_first(night: MakeNight) -> None:
    """P3: after an outage a few homes a turn are looked at, those with the worst danger first."""
    dangerous = replace(
        NO_MOVEMENT,
        name="no-movement-at-risk",
        priority=Priority.LIFE_SAFETY,
        applies_to=AppliesTo(tags=("at-risk",)),
    )
    ordinary = replace(
        NO_MOVEMENT, priority=Priority.ROUTINE, applies_to=AppliesTo(tags=("ordinary",))
    )
    homes = [home(n, tags=("at-risk" if n > 35 else "ordinary",)) for n in range(1, 41)]
    async with night(plan=plan_of(dangerous, ordinary), homes=homes, delivers=False) as it:
        await it.passes(minutes=1)
        await it.disconnects()
        await it.passes(hours=6)
        await it.connects(drained=False)
        fold = it.engine.homes
        it.engine._watching._drained(it.clock.at, canary=True)  # no turn yet

        left = fold.tick(it.clock.at, limit=6)

        opened = [row.home for row in fold.batch.records if row.record.event == "alert.opened"]
        assert left
        assert opened[:5] == ["h036", "h037", "h038", "h039", "h040"]
        assert len(opened) == 6
        await it.settle()
        assert len(it.alerts("no-movement")) == 35


async def test_a_home_that_speaks_while_others_are_caught_up_is_judged_in_order(
    night: MakeNight,
) -> None:
    """Decision 2: what an outage left overdue in a home is decided before its next message."""
    homes = [home(n) for n in range(1, 11)]
    async with night(plan=plan_of(NO_MOVEMENT), homes=homes) as it:
        await it.disconnects()
        await it.passes(hours=6)
        await it.connects(drained=False)
        it.engine.link(Drained(it.connection))
        it.engine.arrived([it.message("pir", 7, motion="detected")])
        await it.settle()

        [opened] = it.records("alert.opened", "h007")
        assert opened.record.late == 2 * HOUR
        assert it.records("alert.updated", "h007")


async def test_a_crash_amid_the_catching_up_loses_no_home(
    night: MakeNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P3: homes that had not been looked at when the daemon died are looked at by the next one."""
    homes = [home(n) for n in range(1, 21)]
    plan = plan_of(with_downtime(NO_MOVEMENT, "pause"))
    async with night(plan=plan, homes=homes) as it:
        await it.passes(hours=3)
        await it.disconnects()
        await it.passes(hours=6)
        await it.connects(drained=False)
        await it.drains()
        assert it.alerts("no-movement") == []
        with monkeypatch.context() as patched:
            patched.setattr("telecared.engine.MAX_DUE", 3)
            await it.disconnects()
            await it.passes(hours=1)
            await it.connects()
            it.clock.at += HOUR + MINUTE
            await it.turn()
            assert 0 < len(it.alerts("no-movement")) < 20
            await it.restarts(clean=False, down=SECOND)
        await it.settle()

        assert {row.home for row in it.alerts("no-movement")} == {one.id for one in homes}


async def test_a_silent_unit_is_told_to_the_site_policy_not_to_the_family(night: MakeNight) -> None:
    """P8: a unit that says nothing for its time is an alert, and ends by itself when it speaks."""
    async with night(plan=plan_of(UNIT_SILENT)) as it:
        await it.hears(it.message("unit", heartbeat="seen"))
        await it.passes(minutes=46)
        assert it.alert("unit-silent").state is AlertState.OPEN

        await it.hears(it.message("unit", heartbeat="seen"))

        assert it.alert("unit-silent").state is AlertState.RESOLVED
        assert it.ledger().closed_by_recovery == 1
