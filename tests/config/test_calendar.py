"""Days, dates and times of day are read as people write them, and refused with a remedy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telecared.config.calendar import (
    MAX_DATES,
    format_dates,
    format_days,
    parse_dates,
    parse_days,
    parse_time,
    with_days,
)
from telecared.config.durations import format_time
from telecared.core.when import EVERY_DAY, DateRange, Holidays, Window

WORKING_DAYS = (0, 1, 2, 3, 4)
NIGHT = Window(start=1320, end=360)
CHRISTMAS = DateRange("12-24", "01-02")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Mon-Fri", (WORKING_DAYS, Holidays.AS_DAYS)),
        ("Mon \u2013 Fri", (WORKING_DAYS, Holidays.AS_DAYS)),
        (["Mon", "Tue"], ((0, 1), Holidays.AS_DAYS)),
        ("Mon Wed", ((0, 2), Holidays.AS_DAYS)),
        ("sunday", ((6,), Holidays.AS_DAYS)),
        ("Sat-Sun, holidays", ((5, 6), Holidays.TOO)),
        (["Sat", "Sun", "Holidays"], ((5, 6), Holidays.TOO)),
        ("holidays", ((), Holidays.TOO)),
        ("Mon-Fri, not holidays", (WORKING_DAYS, Holidays.NEVER)),
        ("not holidays", (EVERY_DAY, Holidays.NEVER)),
        ("Mon-Sun", (EVERY_DAY, Holidays.AS_DAYS)),
        ("Mon-Sun, holidays", (EVERY_DAY, Holidays.AS_DAYS)),
    ],
)
def test_days_are_read_as_people_write_them(
    written: object, expected: tuple[tuple[int, ...], Holidays]
) -> None:
    """Weekdays, runs of them, and what a public holiday is to them."""
    assert parse_days(written) == expected


@pytest.mark.parametrize(
    "written",
    ["", "Mo", "Mon,", "not", "not Mon", "bank holidays", "Mon-Wed-Fri", [], None, 3, ["Mon", 3]],
)
def test_what_is_no_day_is_refused_with_examples(written: object) -> None:
    """Nobody has to guess the spelling."""
    with pytest.raises(ValueError, match="write Mon-Fri,"):
        parse_days(written)


def test_holidays_cannot_be_both() -> None:
    """One of the two was meant."""
    with pytest.raises(ValueError, match="contradict each other; remove one"):
        parse_days("holidays, not holidays")


_DAYS = st.sets(st.integers(0, 6)).map(lambda days: tuple(sorted(days)))


@given(_DAYS, st.sampled_from(Holidays))
def test_days_read_back_what_they_wrote(days: tuple[int, ...], holidays: Holidays) -> None:
    """Whatever the days, the text means the same again; every day has no text."""
    text = format_days(days, holidays)
    if text:
        again = parse_days(text)
        assert parse_days(format_days(*again) or "Mon-Sun") == again
        if days and (days, holidays) != (EVERY_DAY, Holidays.TOO):
            assert again == (days, holidays)
    else:
        assert holidays is Holidays.AS_DAYS


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("12-24..01-02", [("12-24", "01-02")]),
        ("12-24 .. 01-02", [("12-24", "01-02")]),
        ("2026-12-25", [("2026-12-25", "2026-12-25")]),
        ("2026-12-24..2027-01-02", [("2026-12-24", "2027-01-02")]),
        ("02-29", [("02-29", "02-29")]),
        (["12-24..01-02", "2026-05-08"], [("12-24", "01-02"), ("2026-05-08", "2026-05-08")]),
        ("05-01, 05-08, 05-01", [("05-01", "05-01"), ("05-08", "05-08")]),
    ],
)
def test_dates_are_read_as_people_write_them(
    written: object, expected: list[tuple[str, str]]
) -> None:
    """Every year or once, days or ranges, in one text or in a list."""
    dates = parse_dates(written)
    assert dates == tuple(DateRange(first, last) for first, last in expected)
    assert parse_dates(format_dates(dates)) == dates


@pytest.mark.parametrize(
    ("written", "remedy"),
    [
        ("24.12.", "not a date: '24.12.'; write 12-24..01-02 for every year"),
        ("12/24", "not a date"),
        ("12-24..", "not a date"),
        ("12-24..01-02..03-04", "not a date"),
        ("13-01", "there is no such day: '13-01'"),
        ("02-30", "there is no such day"),
        ("2026-02-29", "there is no such day"),
        ("2026-12-24..01-02", "one end of '2026-12-24..01-02' has a year"),
        ("2027-01-02..2026-12-24", "ends before it begins; put the earlier date first"),
        ("", "an entry is empty"),
        ([], "an entry is empty"),
        (None, "not dates: nothing"),
        (20261225, "not dates: '20261225'"),
        ([f"2026-01-{day:02d}" for day in range(1, 29)] * 4, f"more than {MAX_DATES} dates"),
    ],
)
def test_what_is_no_date_is_refused_with_examples(written: object, remedy: str) -> None:
    """The sentence says which part and what to write instead."""
    with pytest.raises(ValueError, match=remedy):
        parse_dates(written)


def test_days_go_into_every_window_of_a_rule() -> None:
    """A rule's nights are its nights on those days."""
    days, holidays = parse_days("Mon-Fri, not holidays")
    assert with_days((NIGHT,), days, holidays, (CHRISTMAS,)) == (
        Window(start=1320, end=360, days=days, holidays=Holidays.NEVER, dates=(CHRISTMAS,)),
    )


def test_days_without_hours_are_whole_days() -> None:
    """A rule with `days` and no `between` holds from midnight to midnight."""
    assert with_days((), (5, 6), Holidays.TOO) == (
        Window(start=0, end=0, days=(5, 6), holidays=Holidays.TOO),
    )


def test_nothing_said_is_nothing_changed() -> None:
    """No window appears where there was none."""
    assert with_days(()) == ()
    assert with_days((NIGHT,)) == (NIGHT,)


def test_hours_with_days_of_their_own_keep_them_beside_dates_and_holidays() -> None:
    """`Sat-Sun 10:00-12:00` over Christmas is a Saturday or Sunday over Christmas."""
    weekend = Window(start=600, end=720, days=(5, 6), holidays=Holidays.TOO)
    (over_christmas,) = with_days((weekend,), dates=(CHRISTMAS,))
    assert (over_christmas.days, over_christmas.holidays) == ((5, 6), Holidays.TOO)
    working = Window(start=540, end=1020, days=WORKING_DAYS)
    (never,) = with_days((working,), *parse_days("not holidays"))
    assert (never.days, never.holidays) == (WORKING_DAYS, Holidays.NEVER)


@pytest.mark.parametrize("days", ["Mon-Fri", "holidays", "not holidays"])
def test_days_said_in_two_places_are_refused(days: str) -> None:
    """Which of the two was meant cannot be known."""
    weekend = Window(start=600, end=720, days=(5, 6), holidays=Holidays.TOO)
    with pytest.raises(ValueError, match="'Sat-Sun holidays 10:00-12:00' name days already"):
        with_days((weekend,), *parse_days(days))


@pytest.mark.parametrize(
    ("written", "minutes"), [("05:00", 300), ("5:00", 300), ("23:59", 1439), (" 00:00 ", 0)]
)
def test_a_time_of_day_is_read_as_people_write_it(written: str, minutes: int) -> None:
    """With or without the leading nought."""
    assert parse_time(written) == minutes


@pytest.mark.parametrize(
    ("written", "remedy"),
    [
        (1350, r'1350 is a number and no time of day; write "22:30" in quotes, or "13:50"'),
        (300, r'write "05:00" in quotes, or "03:00" if that was meant'),
        (7, r'write "07:00" in quotes$'),
        (660, r'write "11:00" in quotes$'),
        (2230, r'write "22:30" in quotes$'),
        (99999, r'write it in quotes, like "05:00"'),
        (-1, r'write it in quotes, like "05:00"'),
        (True, "not a time of day: 'True'"),
        ("noon", "not a time of day: 'noon'; write it in quotes"),
        ("24:00", "no such time of day: '24:00'; write 00:00 to 23:59"),
        ("11:60", "no such time of day"),
        (None, "not a time of day"),
    ],
)
def test_a_time_that_became_a_number_is_answered_with_the_time_that_was_meant(
    written: object, remedy: str
) -> None:
    """YAML 1.1 makes 1350 of 22:30; whoever exports from such a program finds out what to write."""
    with pytest.raises(ValueError, match=remedy):
        parse_time(written)


@given(st.integers(0, 1439))
def test_a_time_reads_back_what_it_wrote(minutes: int) -> None:
    """Every minute of a day."""
    assert parse_time(format_time(minutes)) == minutes
