"""Who is on duty: turns, hours, leave and overrides, across both changes of the clocks."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telecared.core.rota import Layer, Leave, Override, Rota
from telecared.core.rota_duty import (
    MAX_SPAN,
    Handover,
    Shift,
    first_hole,
    handovers,
    holes,
    on_duty,
    proved_without_hole,
    shifts,
)
from telecared.core.streams import parse_stamp
from telecared.core.vocabulary import DAY, HOUR, MINUTE
from telecared.core.when import DateRange, Holidays, Window
from telecared.core.windows import rfc3339

LONDON = "Europe/London"
NIGHTS = (Window(start=20 * 60, end=8 * 60),)
WEEKDAYS = (0, 1, 2, 3, 4)


def at(stamp: str) -> int:
    """Return the instant of a stamp in UTC."""
    return parse_stamp(stamp + ":00Z")


def rota(*layers: Layer, **more: object) -> Rota:
    """Return a rota of London."""
    return Rota(name="nights", timezone=LONDON, layers=layers, **more)  # type: ignore[arg-type]


def days(turn: str, handover: int, start: str = "2026-03-23", *people: str) -> Layer:
    """Return a layer that hands over at a minute of the day."""
    return Layer(people=people or ("a", "b"), turn=turn, handover=(0, handover), start=start)


def told(found: list[Shift]) -> list[tuple[str, str | None]]:
    """Return when each shift begins, to the minute, and whose it is."""
    return [(rfc3339(one.since)[:16], one.person) for one in found]


def test_two_people_change_every_monday_at_nine_in_winter_and_in_summer() -> None:
    """Nine o'clock stays nine o'clock when the clocks go forward."""
    weekly = rota(Layer(people=("a", "b"), start="2026-03-16"))
    found = told(shifts(weekly, at("2026-03-16T09:00"), at("2026-04-06T12:00")))
    assert found == [
        ("2026-03-16T09:00", "a"),
        ("2026-03-23T09:00", "b"),
        ("2026-03-30T08:00", "a"),
        ("2026-04-06T08:00", "b"),
    ]


def test_the_first_turn_began_on_the_weekday_of_the_handover_before_the_start() -> None:
    """Whoever writes a Wednesday as the start means the week that it lies in."""
    weekly = rota(Layer(people=("a", "b"), start="2026-03-18"))
    assert on_duty(weekly, at("2026-03-16T09:00")) == ("a",)
    assert on_duty(weekly, at("2026-03-16T08:59")) == ("b",)


@pytest.mark.parametrize(
    ("day", "handover", "utc"),
    [
        ("2026-03-29", 90, "2026-03-29T01:00"),  # 01:30 is skipped: when the clocks go forward
        ("2026-03-29", 150, "2026-03-29T01:30"),
        ("2026-10-25", 90, "2026-10-25T00:30"),  # 01:30 comes twice: the first
        ("2026-10-25", 30, "2026-10-24T23:30"),
    ],
)
def test_a_handover_in_the_night_of_the_clocks_happens_once(
    day: str, handover: int, utc: str
) -> None:
    """A minute that is skipped or comes twice is one instant, and nobody is on duty twice."""
    nightly = rota(days("daily", handover, day))
    assert on_duty(nightly, at(utc) - 1) == ("b",)
    assert on_duty(nightly, at(utc)) == ("a",)
    assert on_duty(nightly, at(utc) + 2 * HOUR) == ("a",)


def test_monthly_turns_begin_on_the_day_of_the_start_or_the_last_of_the_month() -> None:
    """The 31st of a month that has none is its last day."""
    monthly = rota(days("monthly", 0, "2026-01-31", "a", "b", "c"))
    found = told(shifts(monthly, at("2026-02-01T00:00"), at("2026-05-01T00:00")))
    assert found == [
        ("2026-02-01T00:00", "a"),
        ("2026-02-28T00:00", "b"),
        ("2026-03-30T23:00", "c"),
        ("2026-04-29T23:00", "a"),
    ]
    assert on_duty(monthly, at("2026-01-30T12:00")) == ("c",)


def test_turns_of_nine_days_go_on_over_the_years() -> None:
    """A turn of any number of days is counted from its start, before it and long after it."""
    nine = rota(days("9d", 0, "2026-01-01", "a", "b", "c"))
    for number in range(-40, 400, 13):
        noon = at("2026-01-01T12:00") + number * 9 * DAY
        assert on_duty(nine, noon) == ("abc"[number % 3],)


def test_of_the_layers_the_last_that_has_somebody_counts() -> None:
    """The night layer stands above the week's, and by day the week's person is on duty."""
    both = rota(
        Layer(people=("day",)),
        Layer(people=("night",), hours=NIGHTS),
    )
    assert on_duty(both, at("2026-01-05T19:59")) == ("day",)
    assert on_duty(both, at("2026-01-05T20:00")) == ("night",)
    assert on_duty(both, at("2026-01-06T08:00")) == ("day",)
    assert proved_without_hole(both)


def test_who_is_on_leave_is_stood_in_for_by_the_next_and_by_nobody_at_last() -> None:
    """Leave of one is the next one's shift; leave of all is a hole unless a lower layer has one."""
    since, until = at("2026-01-06T00:00"), at("2026-01-08T00:00")
    leave = (Leave(person="a", since=since, until=until),)
    weekly = Layer(people=("a", "b"))
    assert on_duty(rota(weekly, leave=leave), since) == ("b",)
    assert on_duty(rota(weekly, leave=leave), since - 1) == ("a",)
    assert on_duty(rota(weekly, leave=leave), until) == ("a",)
    both = (*leave, Leave(person="b", since=since + HOUR, until=until))
    assert holes(rota(weekly, leave=both), since - DAY, until + DAY) == [(since + HOUR, until)]
    assert first_hole(rota(weekly, leave=both)) == (since + HOUR, until)
    assert on_duty(rota(Layer(people=("c",)), weekly, leave=both), since + HOUR) == ("c",)


def test_an_override_wins_and_the_later_of_two() -> None:
    """A stated exception stands above all layers, and a newer one above an older."""
    since, until = at("2026-01-06T00:00"), at("2026-01-08T00:00")
    old = Override(since=since, until=until, person="x")
    new = Override(since=since + HOUR, until=until - HOUR, person="y")
    weekly = rota(Layer(people=("a",)), overrides=(old,))
    assert [one.person for one in shifts(weekly, since - DAY, until + DAY, (new,))] == [
        *("a", "x", "y", "x", "a")
    ]
    assert on_duty(weekly, until, (new,)) == ("a",)


def test_an_override_with_nobody_is_a_gap_that_somebody_meant() -> None:
    """It is a hole, and the linter's proof does not pass over it."""
    since, until = at("2026-01-06T00:00"), at("2026-01-08T00:00")
    nobody = Override(since=since, until=until, person="")
    closed = rota(Layer(people=("a",)), overrides=(nobody,))
    assert on_duty(closed, since) == ()
    assert first_hole(closed) == (since, until)
    long = Override(since=since, until=since + MAX_SPAN + DAY, person="b")
    assert proved_without_hole(rota(Layer(people=("a",)), overrides=(long,)))


def test_handovers_tell_who_leaves_and_who_comes() -> None:
    """A hole has an instant at which nobody comes."""
    office = rota(Layer(people=("a",), hours=(Window(start=540, end=1020, days=WEEKDAYS),)))
    found = handovers(office, at("2026-01-05T00:00"), at("2026-01-06T00:00"))
    assert found == [
        Handover(at("2026-01-05T09:00"), None, "a"),
        Handover(at("2026-01-05T17:00"), "a", None),
    ]


def test_hours_that_leave_a_weekend_out_have_a_hole() -> None:
    """The proof finds what the calendar shows only at the end of the week."""
    week = Layer(people=("a",), hours=(Window(start=0, end=0, days=WEEKDAYS),))
    assert not proved_without_hole(rota(week))
    weekend = Layer(people=("b",), hours=(Window(start=0, end=0, days=(5, 6)),))
    assert proved_without_hole(rota(week, weekend))
    assert not proved_without_hole(rota(week, Layer(people=(), hours=weekend.hours)))
    assert not proved_without_hole(rota(Layer(people=())))


def test_hours_that_meet_in_the_hour_of_the_clocks_leave_no_hole() -> None:
    """One layer ends and the other begins at a minute that is skipped in spring."""
    night = Layer(people=("a",), hours=(Window(start=1200, end=90),))
    day = Layer(people=("b",), hours=(Window(start=90, end=1200),))
    assert proved_without_hole(rota(night, day))
    late = Layer(people=("b",), hours=(Window(start=91, end=1200),))
    assert not proved_without_hole(rota(night, late))


def test_a_day_that_may_become_a_holiday_is_covered_too() -> None:
    """A layer that rests on holidays needs another that does not, whichever days they are."""
    working = Layer(people=("a",), hours=(Window(start=540, end=540, holidays=Holidays.NEVER),))
    assert first_hole(rota(working)) is not None
    resting = Layer(
        people=("b",), hours=(Window(start=540, end=540, days=(), holidays=Holidays.TOO),)
    )
    assert proved_without_hole(rota(working, resting))
    known = rota(working, resting, holidays=("2026-12-25",))
    assert proved_without_hole(known)
    assert on_duty(known, at("2026-12-25T08:59")) == ("a",)
    assert on_duty(known, at("2026-12-25T09:00")) == ("b",)
    assert on_duty(known, at("2026-12-26T09:00")) == ("a",)


def test_a_hole_that_opens_on_one_date_only_is_found() -> None:
    """29 February and the turn of the year are in the cycle of the proof."""
    most = Window(start=0, end=0, dates=(DateRange("03-01", "02-28"),))
    leap = Window(start=0, end=0, dates=(DateRange("02-29", "02-29"),))
    assert first_hole(rota(Layer(people=("a",), hours=(most,)))) is not None
    assert proved_without_hole(rota(Layer(people=("a",), hours=(most, leap))))
    until = Window(start=0, end=0, dates=(DateRange("2020-01-01", "2027-12-31"),))
    found = first_hole(rota(Layer(people=("a",), hours=(until,))))
    assert found is not None
    assert rfc3339(found[0])[:10] == "2028-01-01"


def test_a_midnight_that_comes_twice_hands_over_the_first_time() -> None:
    """In Newfoundland clocks once went from 00:01 back to 23:01, into the day before."""
    daily = Rota(
        name="nights",
        timezone="America/St_Johns",
        layers=(days("daily", 0, "2010-11-06"),),
    )
    first_midnight = at("2010-11-07T02:30")
    assert on_duty(daily, first_midnight - 1) == ("a",)
    assert on_duty(daily, first_midnight) == ("b",)
    assert on_duty(daily, first_midnight + 30 * MINUTE) == ("b",)


def test_a_layer_without_people_has_nobody_on_duty() -> None:
    """It takes no turns, and is no shift."""
    empty = rota(Layer(people=()))
    assert holes(empty, 0, DAY) == [(0, DAY)]


def test_shifts_of_more_than_thirty_years_are_refused() -> None:
    """Nobody plans that far; the question is a slip."""
    with pytest.raises(ValueError, match="thirty years"):
        shifts(rota(Layer(people=("a",))), 0, MAX_SPAN + 1)


def test_of_no_time_there_is_no_shift() -> None:
    """From an instant until the same instant nobody is on duty, and nobody is missing."""
    assert shifts(rota(Layer(people=("a",))), DAY, DAY) == []


# --- any rota ----------------------------------------------------------------------------------

ZONES = st.sampled_from(
    [LONDON, "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kolkata"]
)
PEOPLE = st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True).map(tuple)
MINUTES = st.one_of(st.sampled_from([0, 60, 90, 120, 150, 180]), st.integers(0, 1439))
FIRST = at("2026-01-01T00:00")
INSTANTS = st.integers(FIRST, FIRST + 400 * DAY)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    """Some hours of some days."""
    return Window(
        start=draw(MINUTES),
        end=draw(MINUTES),
        days=tuple(sorted(draw(st.sets(st.integers(0, 6), min_size=1)))),
        holidays=draw(st.sampled_from(Holidays)),
    )


@st.composite
def layers(draw: st.DrawFn) -> Layer:
    """Some people with some turns."""
    return Layer(
        people=draw(PEOPLE),
        turn=draw(st.sampled_from(["daily", "weekly", "monthly", "3d", "14d", "9d"])),
        handover=(draw(st.integers(0, 6)), draw(MINUTES)),
        start=(date(2026, 1, 1) + timedelta(days=draw(st.integers(-60, 400)))).isoformat(),
        hours=tuple(draw(st.lists(windows(), max_size=2))),
    )


@st.composite
def stretches(draw: st.DrawFn) -> tuple[int, int]:
    """From one instant to a later one."""
    since = draw(INSTANTS)
    return since, since + draw(st.integers(1, 40 * DAY))


@st.composite
def rotas(draw: st.DrawFn) -> Rota:
    """Any rota."""
    leave = draw(st.lists(st.tuples(st.sampled_from("abcd"), stretches()), max_size=3))
    stated = draw(st.lists(st.tuples(st.sampled_from(["", "a", "x"]), stretches()), max_size=2))
    return Rota(
        name="any",
        timezone=draw(ZONES),
        layers=tuple(draw(st.lists(layers(), min_size=1, max_size=3))),
        leave=tuple(Leave(person=who, since=since, until=until) for who, (since, until) in leave),
        overrides=tuple(
            Override(person=who, since=since, until=until) for who, (since, until) in stated
        ),
        holidays=tuple(
            (date(2026, 1, 1) + timedelta(days=day)).isoformat()
            for day in sorted(draw(st.sets(st.integers(0, 400), max_size=5)))
        ),
    )


@settings(max_examples=150, deadline=None)
@given(rotas(), stretches(), st.lists(st.floats(0, 1), max_size=5))
def test_whoever_is_on_duty_is_whose_shift_it_is(
    any_rota: Rota, asked: tuple[int, int], parts: list[float]
) -> None:
    """At any instant, at each handover and a microsecond around it, both answers are one."""
    since, until = asked
    found = shifts(any_rota, since, until)
    assert (found[0].since, found[-1].until) == (since, until)
    assert all(one.until == other.since for one, other in pairwise(found))
    assert all(one.person != other.person for one, other in pairwise(found))
    edges = [one.since for one in found]
    asked_at = [edge + by for edge in edges for by in (-1, 0, 1)]
    asked_at += [since + int((until - since) * part) for part in parts]
    for moment in asked_at:
        if since <= moment < until:
            (shift,) = [one for one in found if one.since <= moment < one.until]
            assert on_duty(any_rota, moment) == (() if shift.person is None else (shift.person,))


@settings(max_examples=60, deadline=None)
@given(rotas(), stretches())
def test_what_is_proved_without_a_hole_has_none(any_rota: Rota, asked: tuple[int, int]) -> None:
    """The proof of the linter holds at every time that anybody may ask for."""
    if proved_without_hole(any_rota):
        assert holes(any_rota, *asked) == []


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([date(2026, 3, 29), date(2026, 10, 25), date(2026, 3, 8), date(2026, 11, 1)]),
    ZONES,
    st.integers(0, 1439),
    st.integers(-3 * 60, 27 * 60),
)
def test_a_daily_turn_lasts_about_a_day_in_the_nights_of_the_clocks(
    day: date, zone: str, minute: int, after: int
) -> None:
    """No turn is lost and none is worked twice: each lasts a day, an hour more or less at most."""
    layer = days("daily", minute, (day - timedelta(days=2)).isoformat(), "a", "b", "c")
    daily = Rota(name="daily", timezone=zone, layers=(layer,))
    moment = at(f"{day.isoformat()}T00:00") + after * MINUTE
    found = shifts(daily, moment - 2 * DAY, moment + 2 * DAY)
    for one in found[1:-1]:
        assert abs(one.until - one.since - DAY) <= HOUR
    people = [one.person for one in found]
    assert people == [
        ("a", "b", "c")[("abc".index(people[0] or "") + n) % 3] for n in range(len(people))
    ]
