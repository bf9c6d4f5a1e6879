"""Windows on some days only: weekdays, dates of the year, one date, public holidays."""

from datetime import date, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from telecared.core.plan import Rule
from telecared.core.policy import Contact
from telecared.core.site import FAR
from telecared.core.vocabulary import DAY, HOUR, MINUTE, Duration
from telecared.core.when import EVERY_DAY, DateRange, HeldFor, Holidays, ReadingIs, Window
from telecared.core.windows import (
    inside,
    local,
    merged,
    opens_on,
    pieces,
    reach,
    spans,
    to_instant,
)
from tests.core.conftest import Story
from tests.core.world import BEN, CARA, World, instant, plan_of, record_of

LONDON = ZoneInfo("Europe/London")
CHRISTMAS = (DateRange("12-24", "01-02"),)
WORKING_DAYS = (0, 1, 2, 3, 4)


def days_of(*texts: str) -> frozenset[int]:
    """Public holidays as the core keeps them."""
    return frozenset(date.fromisoformat(text).toordinal() for text in texts)


ENGLAND_2026 = days_of(
    "2026-01-01", "2026-04-03", "2026-04-06", "2026-05-04", "2026-05-25", "2026-08-31",
    "2026-12-25", "2026-12-28",
)  # fmt: skip


def whole_days(
    days: tuple[int, ...] = EVERY_DAY,
    holidays: Holidays = Holidays.AS_DAYS,
    dates: tuple[DateRange, ...] = (),
) -> Window:
    """From midnight to midnight on some days."""
    return Window(start=0, end=0, days=days, holidays=holidays, dates=dates)


def opening_days(window: Window, start: str, holidays: frozenset[int], many: int) -> list[str]:
    """The local days on which a window opens next."""
    found = pieces([window], LONDON, (), instant(start), holidays)
    return [local(opens, LONDON).date().isoformat() for opens, _ in islice(found, many)]


# --- which days ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "is_in"),
    [
        ("2026-12-23", False), ("2026-12-24", True), ("2026-12-31", True), ("2027-01-02", True),
        ("2027-01-03", False), ("2026-07-01", False),
    ],
)  # fmt: skip
def test_a_yearly_range_crosses_the_turn_of_the_year(day: str, is_in: bool) -> None:
    """From Christmas Eve to the second of January, both inside, every year."""
    window = whole_days(dates=CHRISTMAS)
    assert opens_on(window, date.fromisoformat(day), frozenset()) is is_in


@pytest.mark.parametrize(
    ("dates", "inside_days", "outside_days"),
    [
        (DateRange("05-08", "05-08"), ["2026-05-08", "2031-05-08"], ["2026-05-07", "2026-05-09"]),
        (DateRange("06-01", "09-30"), ["2026-06-01", "2027-09-30"], ["2026-05-31", "2026-10-01"]),
        (DateRange("2026-05-08", "2026-05-08"), ["2026-05-08"], ["2025-05-08", "2027-05-08"]),
        (
            DateRange("2026-12-24", "2027-01-02"),
            ["2026-12-24", "2027-01-01"],
            ["2025-12-31", "2027-12-24"],
        ),
        (DateRange("02-29", "02-29"), ["2028-02-29"], ["2027-02-28", "2027-03-01"]),
        (DateRange("02-28", "02-29"), ["2027-02-28", "2028-02-29"], ["2027-03-01"]),
    ],
)
def test_dates_of_every_year_and_of_one(
    dates: DateRange, inside_days: list[str], outside_days: list[str]
) -> None:
    """`MM-DD` comes back, `YYYY-MM-DD` does not, and 29 February is there in leap years only."""
    window = whole_days(dates=(dates,))
    assert all(opens_on(window, date.fromisoformat(day), frozenset()) for day in inside_days)
    assert not any(opens_on(window, date.fromisoformat(day), frozenset()) for day in outside_days)


@pytest.mark.parametrize(
    ("holidays", "opens_on_holiday", "opens_on_monday", "opens_on_sunday"),
    [
        (Holidays.AS_DAYS, True, True, False),
        (Holidays.TOO, True, True, False),
        (Holidays.NEVER, False, True, False),
    ],
)
def test_a_public_holiday_is_a_day_like_any_other_or_too_or_never(
    holidays: Holidays, opens_on_holiday: bool, opens_on_monday: bool, opens_on_sunday: bool
) -> None:
    """Easter Monday, the Monday after it, and a Sunday, for a window of working days."""
    window = whole_days(WORKING_DAYS, holidays)
    told = [opens_on(window, date(2026, 4, day), ENGLAND_2026) for day in (6, 13, 19)]
    assert told == [opens_on_holiday, opens_on_monday, opens_on_sunday]


def test_a_holiday_opens_a_weekend_rule_on_a_friday() -> None:
    """Good Friday counts like the Saturday after it."""
    weekend = whole_days((5, 6), Holidays.TOO)
    assert opens_on(weekend, date(2026, 4, 3), ENGLAND_2026)
    assert not opens_on(weekend, date(2026, 4, 10), ENGLAND_2026)


def test_dates_and_holidays_must_both_be_met() -> None:
    """Holidays over Christmas are not the holidays of May."""
    window = whole_days((), Holidays.TOO, CHRISTMAS)
    assert opening_days(window, "2026-02-01T00:00Z", ENGLAND_2026, 3) == [
        "2026-12-25",
        "2026-12-28",
    ]


# --- the next opening, however far --------------------------------------------------------------


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (whole_days(dates=CHRISTMAS), ["2026-12-24", "2026-12-25"]),
        (whole_days((), Holidays.TOO), ["2026-04-03", "2026-04-06"]),
        (whole_days((6,), dates=(DateRange("08-01", "08-31"),)), ["2026-08-02", "2026-08-09"]),
        (whole_days(dates=(DateRange("03-01", "03-01"),)), ["2026-03-01", "2027-03-01"]),
        (whole_days(dates=(DateRange("02-29", "02-29"),)), ["2028-02-29"]),
        (whole_days(dates=(DateRange("2030-05-01", "2030-05-01"),)), ["2030-05-01"]),
        (whole_days(dates=(DateRange("2025-05-01", "2025-05-01"),)), []),
    ],
)
def test_the_next_opening_is_found_months_and_years_ahead(
    window: Window, expected: list[str]
) -> None:
    """A rule for Christmas knows in March when it comes."""
    assert opening_days(window, "2026-03-01T12:00Z", ENGLAND_2026, 2) == expected


def test_openings_are_found_for_a_year_after_the_first() -> None:
    """Every Christmas Eve would never end: from the first on, a year and a month are looked at."""
    window = whole_days(dates=(DateRange("12-24", "12-24"),))
    found = list(spans([window], LONDON, (), instant("2026-03-01T12:00Z")))
    assert [local(opens, LONDON).year for opens, _ in found] == [2026, 2027]


def test_an_everyday_window_beside_a_rare_one_is_looked_at_day_by_day() -> None:
    """A count too long for a night waits for the next holiday."""
    night = Window(start=1320, end=360)
    both = [night, whole_days((), Holidays.TOO)]
    start = instant("2026-01-10T12:00Z")
    done = reach(start, 20 * HOUR, pieces(both, LONDON, (), start, ENGLAND_2026), ())
    # Good Friday's own midnight lies in the night that began on Thursday at ten.
    assert done == instant("2026-04-02T21:00Z") + 20 * HOUR


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    windows=st.lists(
        st.builds(
            Window,
            start=st.sampled_from((0, 360, 1320)),
            end=st.sampled_from((0, 360, 1320)),
            days=st.sets(st.integers(0, 6)).map(lambda days: tuple(sorted(days))),
            holidays=st.sampled_from(Holidays),
            dates=st.sampled_from(
                (
                    (),
                    CHRISTMAS,
                    (DateRange("2026-05-01", "2026-05-09"), DateRange("10-20", "10-30")),
                )
            ),
        ),
        min_size=1,
        max_size=3,
    ),
    at=st.integers(instant("2026-01-01T00:00Z"), instant("2026-12-31T00:00Z")),
)
def test_a_year_day_by_day_agrees(windows: list[Window], at: int) -> None:
    """Against nothing but midnight after midnight of the local calendar."""
    expected = []
    first = local(at, LONDON).date() - timedelta(days=2)
    for number in range(300):
        day = first + timedelta(days=number)
        for window in windows:
            if opens_on(window, day, ENGLAND_2026):
                closing = day + timedelta(days=1) if window.end <= window.start else day
                ends = [(day, window.start), (closing, window.end)]
                opens, closes = (
                    to_instant(
                        local(instant(f"{one}T12:00Z"), LONDON).replace(
                            hour=minute // 60, minute=minute % 60
                        )
                    )
                    for one, minute in ends
                )
                expected.append((opens, closes))
    until = at + 200 * DAY
    found = [one for one in spans(windows, LONDON, (), at, ENGLAND_2026) if one[1] < until]
    assert found == [one for one in merged(expected) if at < one[1] < until]
    by_hand = any(opens <= at < closes for opens, closes in expected)
    assert inside(windows, LONDON, (), at, ENGLAND_2026) is by_hand


def test_a_long_pause_does_not_end_the_search() -> None:
    """Three weeks in hospital: the first full window after them is found."""
    day_time = [Window(start=420, end=1320)]
    start, back = instant("2026-03-01T12:00Z"), instant("2026-03-24T09:00Z")
    found = pieces(day_time, LONDON, (), start)
    assert reach(start, 4 * HOUR, found, [(start, back)]) == back + 4 * HOUR


def test_a_pause_without_end_ends_the_search_at_once() -> None:
    """Nobody can say when, and nobody looks through a year of nights for it."""
    taken = []
    for_ever = [(instant("2026-03-01T00:00Z"), FAR)]
    start = instant("2026-03-01T12:00Z")
    for piece in pieces([Window(start=1320, end=360)], LONDON, (), start):
        taken.append(piece)
        assert reach(start, HOUR, iter([piece]), for_ever) is None
        break
    assert len(taken) == 1


# --- in rules -----------------------------------------------------------------------------------


def door_rule(window: Window, duration: Duration = HOUR) -> Rule:
    """The front door stands open for a time inside a window."""
    return Rule(
        name="door-open",
        when=HeldFor(property="contact", values=("open",), duration=duration, between=(window,)),
    )


def in_england(rule: Rule, start: str) -> World:
    """The home of the stories, in a scheme with England's holidays of 2026."""
    holidays = tuple(date.fromordinal(day).isoformat() for day in sorted(ENGLAND_2026))
    plan = replace(plan_of([rule]), holidays={"northside": holidays, "": ()})
    return World(plan=plan, start=start)


def test_a_count_begins_months_later_when_its_dates_come() -> None:
    """A door that has stood open since March is told an hour into Christmas Eve."""
    world = in_england(door_rule(whole_days(dates=CHRISTMAS)), "2026-03-01T08:00Z")
    world.hears("front-door", contact="open")
    world.advance(days=330)
    assert [line.at for line in world.records("alert.opened")] == [instant("2026-12-24T01:00Z")]
    world.forget_messages()


def test_a_rule_for_holidays_knows_those_of_its_scheme() -> None:
    """Open since Maundy Thursday; in a scheme of its own list, Good Friday is the next holiday."""
    world = in_england(door_rule(whole_days((), Holidays.TOO)), "2026-04-02T08:00Z")
    world.hears("front-door", contact="open")
    world.advance(days=2)
    # Good Friday begins at midnight of British Summer Time.
    assert [line.at for line in world.records("alert.opened")] == [instant("2026-04-03T00:00Z")]
    world.forget_messages()


def test_a_window_over_midnight_belongs_to_the_holiday_on_which_it_opens() -> None:
    """The night of Christmas Day lasts into Boxing Day; the night before it is no holiday's."""
    night = Window(start=1320, end=360, days=(), holidays=Holidays.TOO)
    eve, day = instant("2026-12-24T23:00Z"), instant("2026-12-26T05:00Z")
    assert not inside([night], LONDON, (), eve, ENGLAND_2026)
    assert inside([night], LONDON, (), day, ENGLAND_2026)


def test_an_edge_on_a_working_day_is_not_judged_on_a_holiday() -> None:
    """`Mon-Fri, not holidays`: a visit on Easter Monday opens nothing, on Tuesday it does."""
    window = whole_days(WORKING_DAYS, Holidays.NEVER)
    rule = Rule(
        name="visit", when=ReadingIs(property="contact", values=("open",), between=(window,))
    )
    world = in_england(rule, "2026-04-06T10:00Z")
    world.hears("front-door", contact="open")
    world.hears("front-door", contact="closed")
    assert world.opened() == []
    world.advance(days=1)
    world.hears("front-door", contact="open")
    assert len(world.opened()) == 1
    world.forget_messages()


def test_a_carer_who_is_reachable_on_holidays_is_told_on_a_holiday(story: Story) -> None:
    """Ben can be reached on weekends and holidays: Easter Monday counts, Tuesday does not."""
    weekend = Window(start=0, end=0, days=(5, 6), holidays=Holidays.TOO)
    ben = Contact(id="ben", name=BEN.name, phone=BEN.phone, roles=("carer",), reachable=(weekend,))
    holidays = {"": ("2026-04-06",)}
    rule = Rule(name="pressed", when=ReadingIs(property="trigger", values=("pressed",)))
    for start, told in (("2026-04-06T10:00Z", "ben"), ("2026-04-07T10:00Z", "cara")):
        world = story(
            plan=replace(plan_of([rule]), holidays=holidays),
            record=record_of(contacts=(ben, CARA)),
            start=start,
        )
        world.hears("pendant", trigger="pressed")
        assert [one.to for one in world.notifications()] == [told]
        world.forget_messages()


def test_minutes_before_and_after_the_edge_of_a_date() -> None:
    """A date begins and ends at the home's own midnight, also in summer."""
    window = whole_days(dates=(DateRange("2026-07-01", "2026-07-01"),))
    midnight = instant("2026-06-30T23:00Z")
    for at, is_in in ((midnight - MINUTE, False), (midnight, True), (midnight + DAY, False)):
        assert inside([window], LONDON, (), at) is is_in
