"""A month through the real engine and store, whose figures are known beforehand."""

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from telecared.core.alert_commands import Acknowledged, HandedOver, Resolved, Snoozed
from telecared.core.events import ConditionFound
from telecared.core.plan import SYNTHETIC_TAG
from telecared.core.report import make_report
from telecared.core.report_parts import Period, Report
from telecared.core.vocabulary import SECOND, AlertState, Mode, Outcome, Priority
from telecared.core.windows import to_instant
from telecared.gathering import gather
from tests.engine.conftest import MakeNight
from tests.engine.night import Night
from tests.engine.scenery import PENDANT, WATER, home, plan_of

ZONE = ZoneInfo("Europe/London")
WATCHED = msgspec.structs.replace(WATER, mode=Mode.WATCH)


def period(year: int, month: int) -> Period:
    """A month as the clocks in London show it."""
    begins = datetime(year, month, 1, tzinfo=ZONE)
    ends = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=ZONE)
    return Period(
        name=f"{begins:%Y-%m}",
        since=to_instant(begins),
        until=to_instant(ends),
        timezone="Europe/London",
    )


def told(it: Night, year: int, month: int) -> Report:
    """The report of a month."""
    of = period(year, month)
    return make_report(of, gather(it.path, of).facts, untested_days=35)


async def ends(it: Night, rule: str, outcome: Outcome, home_id: str = "h001") -> None:
    """Somebody ends the last alert of a rule."""
    last = max(it.alerts(rule, home_id=home_id), key=lambda one: one.n)
    done = await it.orders(
        Resolved(input=0, at=0, alert=last.n, by="Ann Lee", outcome=outcome), home_id
    )
    assert done.state == "done", done.reason


async def test_every_alert_is_counted_in_the_month_of_its_local_midnight(night: MakeNight) -> None:
    """October begins at 23:00 UTC and, the clocks having gone back, ends at midnight UTC."""
    presses = (
        (1, "2026-09-30T22:59:59Z"), (2, "2026-09-30T23:00:00Z"), (1, "2026-10-25T00:30:00Z"),
        (2, "2026-10-25T01:30:00Z"), (1, "2026-10-31T23:59:59Z"), (2, "2026-11-01T00:00:00Z"),
    )  # fmt: skip
    homes = (home(1), home(2))
    async with night(plan=plan_of(PENDANT), homes=homes, start="2026-09-30T20:00:00Z") as it:
        for number, at in presses:
            await it.until(at)
            await it.press(number)
            if number == 1 and "10-25" not in at:
                continue
            await it.passes(seconds=20)
            for one in it.alerts("pendant-pressed"):
                if one.state is AlertState.OPEN:
                    ben = Acknowledged(input=0, at=0, alert=one.n, by="Ben Hall", contact="ben")
                    assert (await it.orders(ben, one.home)).state == "done"
            await it.passes(minutes=5)
            for one in it.alerts("pendant-pressed"):
                if one.state is not AlertState.RESOLVED:
                    await ends(it, "pendant-pressed", Outcome.ASSISTANCE_GIVEN, one.home)
        september, october, november = (told(it, 2026, month) for month in (9, 10, 11))

    assert (september.alerts, october.alerts, november.alerts) == (1, 4, 1)
    sensor, *rest = october.answering
    assert (sensor.count, sensor.within_60, sensor.unanswered) == (4, 4, 0)
    assert rest == []
    (path,) = october.paths
    assert (path.path.channel, path.timing.worst) == ("sms", 21 * SECOND)
    (kind,) = october.types
    # The last was ended five minutes after the month.
    assert kind.outcomes == {"assistance_given": 3, "unresolved": 1}


async def test_watch_synthetic_and_handed_over_alerts_count_where_they_belong(
    night: MakeNight,
) -> None:
    """One alert on watch, one of the synthetic resident, one snoozed, one handed over."""
    rehearsed = home(9, tags=(SYNTHETIC_TAG,))
    start = "2026-10-05T08:00:00Z"
    async with night(plan=plan_of(PENDANT, WATCHED), homes=(home(1), home(2), rehearsed),
                     start=start) as it:  # fmt: skip
        await it.hears(it.message("water", 1, water="wet"))
        await it.press(9)
        await it.passes(seconds=10)
        await ends(it, "pendant-pressed", Outcome.TEST, "h009")
        await it.hears(
            it.message("pendant", 1, trigger="pressed", at="2026-10-05T07:59:50Z"),
            it.message("pendant", 2, trigger="pressed"),
        )
        await it.passes(seconds=30)
        await it.orders(Snoozed(input=0, at=0, alert=2, by="Ann Lee", duration=60 * 60 * SECOND))
        await it.passes(seconds=60)
        handed = await it.orders(
            HandedOver(input=0, at=0, alert=1, by="Ann Lee", to="Ben Hall", contact="ben"), "h002"
        )
        assert handed.state == "done", handed.reason
        await it.tells(ConditionFound(input=0, at=0, name="synthetic-failed",
                                      detail="no alert was opened"))  # fmt: skip
        await it.passes(seconds=30)
        report = told(it, 2026, 10)

    assert (report.alerts, report.watched) == (3, 1)
    life = [one for one in report.answering if one.priority is Priority.LIFE_SAFETY]
    assert [(one.count, one.within_60, one.within_180) for one in life] == [(2, 1, 2)]
    assert life[0].worst == 90 * SECOND
    assert (report.tests.synthetic, report.tests.synthetic_failed) == (2, 1)
    assert report.tests.user == 0


async def test_a_fault_that_spans_months_stands_in_each(night: MakeNight) -> None:
    """It opened in October, and was mended in December: its age is told at each month's end."""
    pendant = msgspec.structs.replace(PENDANT, priority=Priority.TECHNICAL)
    async with night(plan=plan_of(pendant), start="2026-10-20T08:00:00Z") as it:
        await it.press()
        await it.orders(Acknowledged(input=0, at=0, alert=1, by="Ann Lee"))
        await it.until("2026-12-02T08:00:00Z")
        await ends(it, "pendant-pressed", Outcome.TECHNICAL_FIXED)
        faults = [
            [one for one in told(it, 2026, month).faults if one.rule == "pendant-pressed"]
            for month in (9, 10, 11, 12)
        ]

    assert [len(one) for one in faults] == [0, 1, 1, 0]
    assert [one[0].age // (24 * 60 * 60 * SECOND) for one in faults[1:3]] == [11, 41]
