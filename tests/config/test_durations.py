"""Durations and windows are read as people write them, and refused with a remedy."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telecared.config.durations import (
    MAX_DURATION,
    format_duration,
    format_windows,
    longest_opening,
    parse_duration,
    parse_window,
    parse_windows,
)
from telecared.core.vocabulary import DAY, HOUR, MINUTE, SECOND
from telecared.core.when import Holidays, Window

WHOLE_WEEK = (0, 1, 2, 3, 4, 5, 6)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", 90 * SECOND),
        ("15m", 15 * MINUTE),
        ("12h", 12 * HOUR),
        ("1h30m", 90 * MINUTE),
        ("2d", 2 * DAY),
        ("1d2h3m4s", DAY + 2 * HOUR + 3 * MINUTE + 4 * SECOND),
        (" 5m ", 5 * MINUTE),
        ("0s", 0),
    ],
)
def test_a_duration_is_read_as_people_write_it(text: str, expected: int) -> None:
    """Days, hours, minutes and seconds, alone or together."""
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    "written", ["12 parsecs", "", "s", "1.5h", "30m1h", "1h1h", "-5m", "\u0663m", True, None]
)
def test_what_is_no_duration_is_refused_with_the_four_spellings(written: object) -> None:
    """A wrong order is a slip; nothing and nonsense get the same remedy."""
    with pytest.raises(ValueError, match="write 90s, 15m, 12h or 1h30m"):
        parse_duration(written)


@pytest.mark.parametrize(
    ("written", "remedy"),
    [
        (90, r"^'90' has no unit; write 90s for seconds or 90m for minutes$"),
        ("15", r"^'15' has no unit; write 15s for seconds or 15m for minutes$"),
        ("5 m", r"^not a duration: '5 m'; write 5m$"),
        ("4 Hours", r"^not a duration: '4 Hours'; write 4h$"),
        ("30 min", r"write 30m$"),
        ("2days", r"write 2d$"),
    ],
)
def test_a_duration_that_was_nearly_right_is_answered_with_the_right_one(
    written: object, remedy: str
) -> None:
    """`for: 90` may mean seconds or minutes; words are only spelt otherwise."""
    with pytest.raises(ValueError, match=remedy):
        parse_duration(written)


def test_the_refusal_quotes_what_was_written() -> None:
    """The sentence is the one that the design shows."""
    with pytest.raises(ValueError, match=r"^not a duration: '12 parsecs'; write 90s, 15m"):
        parse_duration("12 parsecs")


def test_a_duration_of_a_lifetime_is_a_slip_of_the_pen() -> None:
    """Ten years are possible, more is refused, however many digits."""
    assert parse_duration("3660d") == MAX_DURATION
    with pytest.raises(ValueError, match="longer than 3660d; write a shorter duration"):
        parse_duration("999999999d")


@given(st.integers(0, MAX_DURATION // SECOND))
def test_a_duration_reads_back_what_it_wrote(seconds: int) -> None:
    """Formatting and parsing are each other's inverse on whole seconds."""
    assert parse_duration(format_duration(seconds * SECOND)) == seconds * SECOND


def test_a_negative_duration_has_no_text() -> None:
    """Nobody may be told that something lasts less than nothing."""
    with pytest.raises(ValueError, match="never negative"):
        format_duration(-1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("22:00-06:00", [(1320, 360, WHOLE_WEEK)]),
        ("7:00 - 22:00", [(420, 1320, WHOLE_WEEK)]),
        ("00:00-24:00", [(0, 0, WHOLE_WEEK)]),
        ("17:00-24:00", [(1020, 0, WHOLE_WEEK)]),
        ("Sat-Sun", [(0, 0, (5, 6))]),
        ("fri-mon", [(0, 0, (0, 4, 5, 6))]),
        ("Monday", [(0, 0, (0,))]),
        ("Mon Wed 09:00-17:00", [(540, 1020, (0, 2))]),
        ("Mon-Fri 17:00-08:00, Sat-Sun", [(1020, 480, (0, 1, 2, 3, 4)), (0, 0, (5, 6))]),
        ("Sat, Sun", [(0, 0, (5,)), (0, 0, (6,))]),
        ("06:00-08:00, 20:00-22:00", [(360, 480, WHOLE_WEEK), (1200, 1320, WHOLE_WEEK)]),
    ],
)
def test_a_window_is_read_as_people_write_it(
    text: str, expected: list[tuple[int, int, tuple[int, ...]]]
) -> None:
    """Times over midnight, whole days, runs of days over Sunday, and lists of all of them."""
    assert parse_windows(text) == tuple(Window(start=s, end=e, days=d) for s, e, d in expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("holidays", (0, 0, (), Holidays.TOO)),
        ("Sat-Sun holidays 10:00-12:00", (600, 720, (5, 6), Holidays.TOO)),
        ("Mon-Fri not holidays 09:00-17:00", (540, 1020, (0, 1, 2, 3, 4), Holidays.NEVER)),
        ("not holidays 09:00-17:00", (540, 1020, WHOLE_WEEK, Holidays.NEVER)),
    ],
)
def test_a_window_may_name_public_holidays(
    text: str, expected: tuple[int, int, tuple[int, ...], Holidays]
) -> None:
    """`reachable: "Mon-Fri 17:00-08:00, Sat-Sun, holidays"`: a holiday is a day like Saturday."""
    start, end, days, holidays = expected
    assert parse_windows(text) == (Window(start=start, end=end, days=days, holidays=holidays),)


def test_no_holidays_must_be_said_of_some_days() -> None:
    """As an entry of its own it would open every other day of the year."""
    with pytest.raises(ValueError, match="write 'Mon-Fri not holidays'"):
        parse_windows("Mon-Fri 09:00-17:00, not holidays")


def test_a_yaml_list_of_windows_is_as_good_as_commas() -> None:
    """People write lists both ways."""
    assert parse_windows(["22:00-06:00", "Sat-Sun"]) == parse_windows("22:00-06:00, Sat-Sun")


@pytest.mark.parametrize(
    "written",
    ["", "night", "22-06", "22:00", "Mon-Fri-Sun", "Mon-Fri 22:00-", "Mo", ",", "22:00-06:00,", 22],
)
def test_what_is_no_window_is_refused_with_examples(written: object) -> None:
    """The sentence shows the three spellings that cover every case."""
    with pytest.raises(ValueError, match="write 22:00-06:00, Sat-Sun or Mon-Fri 17:00-08:00"):
        parse_windows(written)


@pytest.mark.parametrize("text", ["25:00-06:00", "22:60-06:00", "22:00-24:01", "24:00-06:00"])
def test_a_time_that_no_clock_shows_is_refused(text: str) -> None:
    """24:00 ends a day and begins none."""
    with pytest.raises(ValueError, match="no such time of day"):
        parse_windows(text)


def test_days_that_could_be_read_two_ways_are_refused() -> None:
    """`Mon, Wed 09:00-17:00` may mean a whole Monday: nobody's rota may rest on a guess."""
    with pytest.raises(ValueError, match="write 'Mon Wed 09:00-17:00' for the same hours"):
        parse_windows("Mon, Wed 09:00-17:00")


def test_more_windows_than_a_person_can_oversee_are_refused() -> None:
    """The limit is named in the sentence."""
    with pytest.raises(ValueError, match="write 1 to 28 windows"):
        parse_windows(["22:00-06:00"] * 29)


def test_one_window_where_one_is_possible() -> None:
    """A place that takes one window refuses two."""
    assert parse_window("22:00-06:00") == Window(start=1320, end=360)
    with pytest.raises(ValueError, match="one window is possible here"):
        parse_window("22:00-06:00, Sat-Sun")


_WINDOWS = st.lists(
    st.builds(
        Window,
        start=st.integers(0, 1439),
        end=st.integers(0, 1439),
        days=st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days))),
        holidays=st.sampled_from(Holidays),
    )
    | st.builds(
        Window,
        start=st.integers(0, 1439),
        end=st.integers(0, 1439),
        days=st.just(()),
        holidays=st.just(Holidays.TOO),
    ),
    min_size=1,
    max_size=4,
).map(tuple)


@given(_WINDOWS)
def test_windows_read_back_what_they_wrote(windows: tuple[Window, ...]) -> None:
    """Whatever the days and hours, the text means the same windows again."""
    assert parse_windows(format_windows(windows)) == windows


@settings(deadline=None)
@given(_WINDOWS)
def test_the_longest_opening_is_what_a_minute_by_minute_walk_finds(
    windows: tuple[Window, ...],
) -> None:
    """The stretch found on the ring of the week is that of a plain walk over two weeks."""

    def is_open(minute: int) -> bool:
        for window in windows:
            length = (window.end - window.start) % 1440 or 1440
            for day in range(7) if window.holidays is Holidays.TOO else window.days:
                if (minute - day * 1440 - window.start) % 10080 < length:
                    return True
        return False

    week = [is_open(minute) for minute in range(10080)]
    longest = run = 0
    for minute in range(2 * 10080):
        run = run + 1 if week[minute % 10080] else 0
        longest = max(longest, run)
    expected = None if all(week) else longest * MINUTE
    assert longest_opening(windows) == expected


def test_no_window_bounds_nothing() -> None:
    """A rule without a window may wait as long as it likes."""
    assert longest_opening(()) is None
    assert longest_opening(parse_windows("22:00-06:00")) == 8 * HOUR
    assert longest_opening(parse_windows("Sat-Sun")) == 2 * DAY
