"""Rules on the nights on which clocks change: the skipped hour, the doubled hour, in four zones.

Each story happens to a home in its own zone: two that change by an hour, one by half an hour, one
never. Instants are UTC, so that nothing in the tests depends on what is tested.
"""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from telecared.config.calendar import parse_dates, parse_days, with_days
from telecared.config.durations import parse_windows
from telecared.core.plan import Rule
from telecared.core.vocabulary import HOUR, MINUTE, Duration
from telecared.core.when import (
    EVERY_DAY,
    Condition,
    DateRange,
    HeldFor,
    Holidays,
    InactiveFor,
    ReadingIs,
    Window,
)
from telecared.core.windows import rfc3339
from tests.core.world import World, instant, plan_of, record_of

LONDON = "Europe/London"
NEW_YORK = "America/New_York"
LORD_HOWE = "Australia/Lord_Howe"
KOLKATA = "Asia/Kolkata"


def home_in(zone: str, condition: Condition, start: str, holidays: Sequence[str] = ()) -> World:
    """A home in a zone, with one rule."""
    plan = plan_of([Rule(name="watched", when=condition)])
    if holidays:
        plan = replace(plan, holidays={"": tuple(holidays)})
    return World(plan=plan, record=record_of(timezone=zone, contacts=()), start=start)


def opened(world: World) -> list[str]:
    """When alerts were opened, UTC to the minute."""
    world.forget_messages()
    return [rfc3339(line.at)[5:16] for line in world.records("alert.opened")]


def open_door(duration: Duration, between: str) -> HeldFor:
    """The front door stands open for a time, by night."""
    windows = parse_windows(between)
    return HeldFor(property="contact", values=("open",), duration=duration, between=windows)


# --- how long a night is ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "start", "fires"),
    [
        # Seven hours of night are too short for eight; the next night is long enough.
        pytest.param(LONDON, "2026-03-28T12:00Z", "03-30T05:00", id="london-forward"),
        pytest.param(NEW_YORK, "2026-03-07T18:00Z", "03-09T10:00", id="new-york-forward"),
        pytest.param(LORD_HOWE, "2026-10-03T06:00Z", "10-04T19:00", id="lord-howe-forward"),
        # Nine hours, or eight and a half, are long enough before they end.
        pytest.param(LONDON, "2026-10-24T12:00Z", "10-25T05:00", id="london-back"),
        pytest.param(NEW_YORK, "2026-10-31T18:00Z", "11-01T10:00", id="new-york-back"),
        pytest.param(LORD_HOWE, "2026-04-04T06:00Z", "04-04T19:00", id="lord-howe-back"),
        pytest.param(KOLKATA, "2026-03-28T12:00Z", "03-29T00:30", id="kolkata"),
    ],
)
def test_a_night_is_as_long_as_it_really_is(zone: str, start: str, fires: str) -> None:
    """Eight hours between ten and six: on the clock always, in truth not on one night."""
    world = home_in(zone, open_door(8 * HOUR, "22:00-06:00"), start)
    world.hears("front-door", contact="open")
    world.advance(days=3)
    assert opened(world) == [fires]


@pytest.mark.parametrize(
    ("zone", "start", "fires"),
    [
        pytest.param(LONDON, "2026-03-28T12:00Z", "03-29T01:10", id="london"),
        pytest.param(NEW_YORK, "2026-03-07T18:00Z", "03-08T07:10", id="new-york"),
        pytest.param(LORD_HOWE, "2026-10-03T06:00Z", "10-03T15:40", id="lord-howe"),
        pytest.param(KOLKATA, "2026-03-28T12:00Z", "03-28T20:55", id="kolkata"),
    ],
)
def test_a_window_that_opens_in_the_skipped_hour_opens_when_clocks_are_put(
    zone: str, start: str, fires: str
) -> None:
    """No clock shows a quarter past; the rule is not lost for that night."""
    skipped = {LONDON: "01:15", NEW_YORK: "02:15", LORD_HOWE: "02:15", KOLKATA: "02:15"}[zone]
    world = home_in(zone, open_door(10 * MINUTE, f"{skipped}-05:00"), start)
    world.hears("front-door", contact="open")
    world.advance(hours=20)
    assert opened(world) == [fires]


@pytest.mark.parametrize(
    ("zone", "between", "start", "duration", "fires"),
    [
        # From the first 01:15 to the second 01:45 are ninety minutes, and one stretch.
        pytest.param(LONDON, "01:15-01:45", "2026-10-24T12:00Z", 80, "10-25T01:35", id="london"),
        pytest.param(
            NEW_YORK, "01:15-01:45", "2026-10-31T18:00Z", 80, "11-01T06:35", id="new-york"
        ),
        # From the first 01:40 to the second 01:50 are forty.
        pytest.param(
            LORD_HOWE, "01:40-01:50", "2026-04-04T06:00Z", 35, "04-04T15:15", id="lord-howe"
        ),
        pytest.param(KOLKATA, "01:15-01:45", "2026-10-24T12:00Z", 30, "10-24T20:15", id="kolkata"),
    ],
)
def test_the_doubled_hour_is_inside_both_times(
    zone: str, between: str, start: str, duration: int, fires: str
) -> None:
    """The window opens the first time and closes the second: nothing inside is lost or twice."""
    world = home_in(zone, open_door(duration * MINUTE, between), start)
    world.hears("front-door", contact="open")
    world.advance(hours=20)
    assert opened(world) == [fires]


@pytest.mark.parametrize(
    ("zone", "inside", "outside"),
    [
        pytest.param(
            LONDON,
            ["2026-10-25T00:10Z", "2026-10-25T01:10Z", "2026-10-25T01:50Z"],
            ["2026-10-24T23:50Z", "2026-10-25T02:10Z"],
            id="london",
        ),
        pytest.param(
            NEW_YORK,
            ["2026-11-01T05:10Z", "2026-11-01T06:10Z", "2026-11-01T06:50Z"],
            ["2026-11-01T04:50Z", "2026-11-01T07:10Z"],
            id="new-york",
        ),
        pytest.param(
            LORD_HOWE,
            ["2026-04-04T14:10Z", "2026-04-04T14:40Z", "2026-04-04T15:20Z"],
            ["2026-04-04T13:50Z", "2026-04-04T15:40Z"],
            id="lord-howe",
        ),
        pytest.param(
            KOLKATA,
            ["2026-10-24T19:40Z", "2026-10-24T20:20Z"],
            ["2026-10-24T19:20Z", "2026-10-24T20:40Z"],
            id="kolkata",
        ),
    ],
)
def test_an_edge_in_the_doubled_hour_counts_both_times(
    zone: str, inside: list[str], outside: list[str]
) -> None:
    """Between one and two: whichever of the two the door opens in."""
    condition = ReadingIs(
        property="contact", values=("open",), between=parse_windows("01:00-02:00")
    )
    for at in inside + outside:
        world = home_in(zone, condition, at)
        world.hears("front-door", contact="open")
        assert bool(opened(world)) is (at in inside), at


# --- the morning after --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "start", "fires"),
    [
        pytest.param(LONDON, "2026-03-28T23:00Z", "03-29T10:00", id="london-forward"),
        pytest.param(LONDON, "2026-10-24T23:00Z", "10-25T11:00", id="london-back"),
        pytest.param(NEW_YORK, "2026-03-08T04:00Z", "03-08T15:00", id="new-york-forward"),
        pytest.param(NEW_YORK, "2026-11-01T04:00Z", "11-01T16:00", id="new-york-back"),
        pytest.param(LORD_HOWE, "2026-10-03T13:00Z", "10-04T00:00", id="lord-howe-forward"),
        pytest.param(LORD_HOWE, "2026-04-04T13:00Z", "04-05T00:30", id="lord-howe-back"),
        pytest.param(KOLKATA, "2026-03-28T18:00Z", "03-29T05:30", id="kolkata"),
    ],
)
def test_silence_by_day_is_told_at_eleven_on_the_morning_after(
    zone: str, start: str, fires: str
) -> None:
    """Four hours from seven, by the clock in the home."""
    condition = InactiveFor(duration=4 * HOUR, of=("motion",), between=parse_windows("07:00-22:00"))
    world = home_in(zone, condition, start)
    world.hears("hall-pir", motion="detected")
    world.advance(hours=16)
    assert opened(world) == [fires]


@pytest.mark.parametrize("zone", [LONDON, NEW_YORK, LORD_HOWE, KOLKATA])
@pytest.mark.parametrize(
    "start",
    [
        "2026-03-28T23:30Z", "2026-10-24T23:30Z", "2026-03-08T05:30Z", "2026-11-01T04:30Z",
        "2026-04-04T13:30Z", "2026-10-03T14:30Z",
    ],
)  # fmt: skip
def test_four_hours_without_a_window_are_four_hours(zone: str, start: str) -> None:
    """Durations never follow the wall clock (promise P3)."""
    world = home_in(zone, InactiveFor(duration=4 * HOUR, of=("motion",)), start)
    world.hears("hall-pir", motion="detected")
    world.advance(hours=6)
    assert opened(world) == [rfc3339(instant(start) + 4 * HOUR)[5:16]]


# --- days, dates and holidays on those nights ---------------------------------------------------

_NIGHTS = [
    # zone, the local date on which the night begins, its first and its last minute
    pytest.param(
        LONDON, "2026-03-28", "2026-03-28T22:00Z", "2026-03-29T04:59Z", id="london-forward"
    ),
    pytest.param(LONDON, "2026-10-24", "2026-10-24T21:00Z", "2026-10-25T05:59Z", id="london-back"),
    pytest.param(
        NEW_YORK, "2026-03-07", "2026-03-08T03:00Z", "2026-03-08T09:59Z", id="new-york-forward"
    ),
    pytest.param(
        NEW_YORK, "2026-10-31", "2026-11-01T02:00Z", "2026-11-01T10:59Z", id="new-york-back"
    ),
    pytest.param(
        LORD_HOWE, "2026-10-03", "2026-10-03T11:30Z", "2026-10-03T18:59Z", id="lord-howe-forward"
    ),
    pytest.param(
        LORD_HOWE, "2026-04-04", "2026-04-04T11:00Z", "2026-04-04T19:29Z", id="lord-howe-back"
    ),
    pytest.param(KOLKATA, "2026-03-28", "2026-03-28T16:30Z", "2026-03-29T00:29Z", id="kolkata"),
]


def _gates(day: str) -> dict[str, tuple[Window, ...]]:
    """Three ways to say the one night that begins on a Saturday."""
    night = parse_windows("22:00-06:00")
    return {
        "days": with_days(night, *parse_days("Sat")),
        "yearly": with_days(night, dates=parse_dates(day[5:])),
        "once": with_days(night, EVERY_DAY, Holidays.AS_DAYS, (DateRange(day, day),)),
        "holidays": with_days(night, *parse_days("holidays")),
    }


@pytest.mark.parametrize(("zone", "day", "first", "last"), _NIGHTS)
@pytest.mark.parametrize("said", ["days", "yearly", "once", "holidays"])
def test_a_night_belongs_to_the_day_on_which_it_begins(
    zone: str, day: str, first: str, last: str, said: str
) -> None:
    """From ten on Saturday to six on Sunday by the home's clock, and not a minute more."""
    condition = ReadingIs(property="contact", values=("open",), between=_gates(day)[said])
    minutes = [instant(first), instant(last), instant(first) - MINUTE, instant(last) + MINUTE]
    told = []
    for at in minutes:
        world = home_in(zone, condition, rfc3339(at), [day])
        world.hears("front-door", contact="open")
        told.append(bool(opened(world)))
    assert told == [True, True, False, False]


@pytest.mark.parametrize(("zone", "day", "first", "last"), _NIGHTS)
def test_a_count_that_waits_for_a_date_begins_with_the_night(
    zone: str, day: str, first: str, last: str
) -> None:
    """The door has stood open for weeks; on the one night of the rule it is told after an hour."""
    condition = HeldFor(
        property="contact",
        values=("open",),
        duration=HOUR,
        between=_gates(day)["once"],
    )
    world = home_in(zone, condition, "2026-02-10T12:00Z")
    world.hears("front-door", contact="open")
    world.until(last)
    assert opened(world) == [rfc3339(instant(first) + HOUR)[5:16]]


def test_one_rule_is_read_by_each_home_in_its_own_zone() -> None:
    """Two homes of a scheme, five time zones apart: ten in the evening is not one instant."""
    told = {}
    for zone in (LONDON, KOLKATA, NEW_YORK):
        world = home_in(zone, open_door(30 * MINUTE, "22:00-06:00"), "2026-06-01T10:00Z")
        world.hears("front-door", contact="open")
        world.advance(hours=30)
        told[zone] = opened(world)
    assert told == {
        LONDON: ["06-01T21:30"],
        KOLKATA: ["06-01T17:00"],
        NEW_YORK: ["06-02T02:30"],
    }
