"""Local time: windows across both nights on which clocks change, steps of the clock, counts."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telecared.core.plan import Rule
from telecared.core.site import FAR
from telecared.core.vocabulary import DAY, HOUR, MINUTE, SECOND
from telecared.core.when import HeldFor, Window
from telecared.core.windows import (
    Clock,
    Span,
    clock_text,
    duration_text,
    inside,
    local,
    merged,
    reach,
    rfc3339,
    spans,
    to_datetime,
    to_instant,
)
from tests.core.conftest import Story
from tests.core.world import instant, record_of

LONDON = ZoneInfo("Europe/London")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
KOLKATA = ZoneInfo("Asia/Kolkata")
ZONES = (LONDON, NEW_YORK, LORD_HOWE, KOLKATA)

# What each zone does in 2026: the last instant before, and how the clocks are put.
CHANGES = [
    (LONDON, "2026-03-29T01:00Z", HOUR),
    (LONDON, "2026-10-25T01:00Z", -HOUR),
    (NEW_YORK, "2026-03-08T07:00Z", HOUR),
    (NEW_YORK, "2026-11-01T06:00Z", -HOUR),
    (LORD_HOWE, "2026-04-04T15:00Z", -30 * MINUTE),
    (LORD_HOWE, "2026-10-03T15:30Z", 30 * MINUTE),
]


def window(text: str, *days: int) -> Window:
    """`22:00-06:00` as a window."""
    start, end = (int(part[:2]) * 60 + int(part[3:]) for part in text.split("-"))
    return Window(start=start, end=end, days=days or (0, 1, 2, 3, 4, 5, 6))


def first(text: str, zone: ZoneInfo, start: str, clock: Clock = (), *days: int) -> list[str]:
    """The first stretch inside a window after an instant, as UTC times."""
    found = next(spans([window(text, *days)], zone, clock, instant(start)))
    return [rfc3339(edge)[5:16] for edge in found]


def shown_inside(one: Window, zone: ZoneInfo, at: int) -> bool:
    """Whether the time that clocks show lies in a window: no calendar, just the two hands."""
    shown = local(at, zone)
    minute = shown.hour * 60 + shown.minute
    if one.start < one.end:
        return one.start <= minute < one.end and shown.weekday() in one.days
    if minute >= one.start:
        return shown.weekday() in one.days
    return minute < one.end and (shown.weekday() - 1) % 7 in one.days


@pytest.mark.parametrize(
    ("text", "zone", "start", "expected"),
    [
        # London goes forward at 01:00Z: a window over the gap is an hour shorter.
        ("22:00-06:00", LONDON, "2026-03-28T20:00Z", ["03-28T22:00", "03-29T05:00"]),
        # A minute that is skipped is the minute at which the clocks are put forward.
        ("01:30-06:00", LONDON, "2026-03-28T20:00Z", ["03-29T01:00", "03-29T05:00"]),
        ("22:00-01:30", LONDON, "2026-03-28T20:00Z", ["03-28T22:00", "03-29T01:00"]),
        ("01:00-02:00", LONDON, "2026-03-28T20:00Z", ["03-30T00:00", "03-30T01:00"]),
        # Back at 01:00Z: an hour longer; the hour that comes twice opens first, closes last.
        ("22:00-06:00", LONDON, "2026-10-24T20:00Z", ["10-24T21:00", "10-25T06:00"]),
        ("01:30-06:00", LONDON, "2026-10-24T20:00Z", ["10-25T00:30", "10-25T06:00"]),
        ("22:00-01:30", LONDON, "2026-10-24T20:00Z", ["10-24T21:00", "10-25T01:30"]),
        ("22:00-06:00", NEW_YORK, "2026-03-08T00:00Z", ["03-08T03:00", "03-08T10:00"]),
        ("02:30-06:00", NEW_YORK, "2026-03-08T00:00Z", ["03-08T07:00", "03-08T10:00"]),
        ("22:00-06:00", NEW_YORK, "2026-11-01T00:00Z", ["11-01T02:00", "11-01T11:00"]),
        # Lord Howe puts its clocks by half an hour.
        ("22:00-06:00", LORD_HOWE, "2026-04-04T08:00Z", ["04-04T11:00", "04-04T19:30"]),
        ("22:00-06:00", LORD_HOWE, "2026-10-03T08:00Z", ["10-03T11:30", "10-03T19:00"]),
        ("02:15-06:00", LORD_HOWE, "2026-10-03T12:00Z", ["10-03T15:30", "10-03T19:00"]),
        ("22:00-06:00", KOLKATA, "2026-03-28T12:00Z", ["03-28T16:30", "03-29T00:30"]),
    ],
)
def test_windows_follow_the_wall_clock_through_both_nights(
    text: str, zone: ZoneInfo, start: str, expected: list[str]
) -> None:
    """Each boundary is what people in the home would read off their clock."""
    assert first(text, zone, start) == expected


def test_a_window_of_a_whole_day_has_no_seam() -> None:
    """From noon to noon, through both nights: one stretch."""
    for start in ("2026-03-28T00:00Z", "2026-10-24T00:00Z"):
        opens, closes = next(spans([window("12:00-12:00")], LONDON, (), instant(start)))
        assert closes - opens > 14 * DAY
    assert first("01:30-01:30", LONDON, "2026-03-29T00:00Z")[0] == "03-27T01:30"


def test_a_window_belongs_to_the_day_on_which_it_opens() -> None:
    """Friday night lasts into Saturday; Saturday night does not come."""
    assert first("22:00-06:00", LONDON, "2026-03-07T03:00Z", (), 4) == [
        "03-06T22:00",
        "03-07T06:00",
    ]
    assert first("22:00-06:00", LONDON, "2026-03-07T07:00Z", (), 4) == [
        "03-13T22:00",
        "03-14T06:00",
    ]


def test_windows_that_touch_are_one() -> None:
    """Three in the afternoon to six, and six to nine: a count runs through."""
    both = [window("18:00-21:00"), window("15:00-18:00")]
    found = next(spans(both, LONDON, (), instant("2026-03-01T00:00Z")))
    assert found == (instant("2026-03-01T15:00Z"), instant("2026-03-01T21:00Z"))


def test_without_windows_everything_is_inside() -> None:
    """One stretch without end."""
    assert list(spans([], LONDON, (), 5)) == [(5, FAR)]
    assert inside([], LONDON, (), 5)


@pytest.mark.parametrize(("zone", "change", "by"), CHANGES)
def test_no_minute_that_a_clock_shows_inside_is_outside(
    zone: ZoneInfo, change: str, by: int
) -> None:
    """Around each change of clocks, minute by minute, for windows with every quarter as an edge."""
    middle = instant(change)
    assert local(middle, zone).utcoffset() != local(middle - 1, zone).utcoffset()
    for quarter in range(0, 24 * 60, 45):
        one = Window(start=quarter, end=(quarter + 90) % (24 * 60))
        for at in range(middle - 3 * HOUR, middle + 3 * HOUR, 5 * MINUTE):
            if shown_inside(one, zone, at):
                assert inside([one], zone, (), at), (one, rfc3339(at))
            elif inside([one], zone, (), at):
                assert by < 0
                assert abs(at - middle) <= HOUR


@settings(derandomize=True, deadline=None, max_examples=150)
@given(
    zone=st.sampled_from(ZONES),
    at=st.integers(instant("2026-01-01T00:00Z"), instant("2026-12-31T00:00Z")),
    start=st.integers(0, 1439),
    end=st.integers(0, 1439),
    days=st.sets(st.integers(0, 6)),
)
def test_inside_is_what_the_clock_on_the_wall_says(
    zone: ZoneInfo, at: int, start: int, end: int, days: set[int]
) -> None:
    """Away from the nights on which clocks change, against nothing but the hands of a clock."""
    if any(zone is one and abs(at - instant(change)) < 2 * DAY for one, change, _ in CHANGES):
        return
    one = Window(start=start, end=end, days=tuple(sorted(days)))
    assert inside([one], zone, (), at) is shown_inside(one, zone, at)


# --- steps of the clock -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        (HOUR, ["03-01T21:00", "03-02T05:00"]),
        (-HOUR, ["03-01T23:00", "03-02T07:00"]),
        (200 * DAY, ["03-01T21:00", "03-02T05:00"]),
        (-200 * DAY, ["03-01T21:00", "03-02T05:00"]),
    ],
)
def test_a_step_of_the_clock_moves_windows(offset: int, expected: list[str]) -> None:
    """From then on, the wall clock is engine time plus the offset, also by half a year."""
    clock = ((instant("2026-03-01T12:00Z"), offset),)
    assert first("22:00-06:00", LONDON, "2026-03-01T13:00Z", clock) == expected


def test_a_step_inside_a_window_keeps_it_open() -> None:
    """The clock is put from 23:00 to midnight: one stretch, an hour shorter."""
    clock = ((instant("2026-03-01T23:00Z"), HOUR),)
    assert first("22:00-06:00", LONDON, "2026-03-01T12:00Z", clock) == [
        "03-01T22:00", "03-02T05:00",
    ]  # fmt: skip


def test_a_step_may_jump_over_a_window_or_into_one_again() -> None:
    """From 21:00 to 07:00 there is no night; from 07:00 back to 21:00 there are two."""
    over = ((instant("2026-03-01T21:00Z"), 10 * HOUR),)
    assert first("22:00-06:00", LONDON, "2026-03-01T12:00Z", over)[0] == "03-02T12:00"
    back = ((instant("2026-03-02T07:00Z"), -10 * HOUR),)
    assert first("22:00-06:00", LONDON, "2026-03-02T06:30Z", back)[0] == "03-02T08:00"


def test_a_first_clock_from_the_beginning_and_two_at_one_instant() -> None:
    """Stretches of no length are none."""
    at = instant("2026-03-01T12:00Z")
    twice = ((-FAR, HOUR), (at, 0), (at, -HOUR))
    assert first("22:00-06:00", LONDON, "2026-03-01T13:00Z", twice)[0] == "03-01T23:00"
    assert first("22:00-06:00", LONDON, "2026-03-01T02:00Z", twice)[0] == "02-28T21:00"


def test_a_step_of_the_clock_far_ahead_is_not_looked_for_yet() -> None:
    """Two weeks are searched; a clock that is put later is found when it is near."""
    clock = ((instant("2026-06-01T00:00Z"), HOUR),)
    assert first("22:00-06:00", LONDON, "2026-03-01T12:00Z", clock)[0] == "03-01T22:00"


@pytest.mark.parametrize("step", [HOUR, -HOUR])
def test_a_running_duration_keeps_its_remainder(story: Story, step: int) -> None:
    """The clock is put in the middle of a count: it ends when it would have ended."""
    rule = Rule(name="door", when=HeldFor(property="contact", values=("open",), duration=HOUR))
    world = story(rules=[rule])
    world.hears("front-door", contact="open")
    world.advance(minutes=30)
    world.clock_is_put(step)
    world.advance(minutes=30)
    assert [line.at for line in world.records("alert.opened")] == [instant("2026-03-01T09:00Z")]
    world.forget_messages()


def test_a_window_is_judged_anew_when_the_clock_is_put(story: Story) -> None:
    """It was outside its window and is now inside it: the count begins."""
    condition = HeldFor(
        property="contact", values=("open",), duration=10 * MINUTE, between=(window("22:00-06:00"),)
    )
    world = story(rules=[Rule(name="door", when=condition)], start="2026-03-01T20:30Z")
    world.hears("front-door", contact="open")
    world.clock_is_put(2 * HOUR)
    world.advance(minutes=10)
    assert [line.at for line in world.records("alert.opened")] == [instant("2026-03-01T20:40Z")]
    world.forget_messages()


@pytest.mark.parametrize(
    ("start", "fires"),
    [("2026-03-28T23:00Z", "2026-03-29T03:00Z"), ("2026-10-24T23:00Z", "2026-10-25T03:00Z")],
)
def test_a_duration_is_as_long_on_both_nights(story: Story, start: str, fires: str) -> None:
    """Four hours are four hours, whatever the clocks show (promise P3)."""
    condition = HeldFor(
        property="contact", values=("open",), duration=4 * HOUR, between=(window("22:00-06:00"),)
    )
    world = story(
        rules=[Rule(name="door", when=condition)], record=record_of(contacts=()), start=start
    )
    world.hears("front-door", contact="open")
    world.advance(hours=4)
    assert [line.at for line in world.records("alert.opened")] == [instant(fires)]
    world.forget_messages()


# --- counting -----------------------------------------------------------------------------------

_edges = st.lists(st.integers(0, 400), min_size=0, max_size=8, unique=True).map(sorted)


def _pairs(edges: list[int]) -> list[Span]:
    return [(edges[n] * MINUTE, edges[n + 1] * MINUTE) for n in range(0, len(edges) - 1, 2)]


def slow_reach(start: int, needed: int, within: list[Span], pauses: list[Span]) -> int | None:
    """Minute by minute: the count starts anew outside, and stands still in a pause."""
    count = 0
    for at in range(start, 401 * MINUTE, MINUTE):
        if count >= needed and any(opens < at <= closes for opens, closes in within):
            return at
        if not any(opens <= at < closes for opens, closes in within):
            count = 0
        elif not any(begins <= at < ends for begins, ends in pauses):
            count += MINUTE
    return None


@settings(derandomize=True, deadline=None, max_examples=250)
@given(start=st.integers(0, 300), needed=st.integers(1, 120), windows=_edges, pauses=_edges)
def test_reach_agrees_with_counting_minute_by_minute(
    start: int, needed: int, windows: list[int], pauses: list[int]
) -> None:
    """Against a count that knows nothing but one minute after the other."""
    within = _pairs(windows)
    found = reach(start * MINUTE, needed * MINUTE, iter(within), _pairs(pauses))
    assert found == slow_reach(start * MINUTE, needed * MINUTE, within, _pairs(pauses))


def test_a_pause_without_end_has_no_answer() -> None:
    """Nobody can say when."""
    assert reach(0, MINUTE, iter([(0, FAR)]), [(10, FAR)]) is None
    assert reach(0, MINUTE, iter([]), []) is None


@given(pairs=st.lists(st.tuples(st.integers(0, 50), st.integers(1, 10)), max_size=10))
@settings(derandomize=True, deadline=None, max_examples=100)
def test_merged_spans_cover_the_same_and_never_touch(pairs: list[tuple[int, int]]) -> None:
    """Every point is covered as before."""
    raw = [(start, start + length) for start, length in pairs]
    result = merged(raw)
    assert all(one[1] < other[0] for one, other in pairwise(result))
    for point in range(62):
        before = any(start <= point < end for start, end in raw)
        assert before is any(start <= point < end for start, end in result)


# --- instants and texts -------------------------------------------------------------------------


def test_instants_are_exact_and_never_naive() -> None:
    """A microsecond is kept; a time without a zone is refused."""
    moment = datetime(2026, 3, 1, 8, 0, 0, 1, tzinfo=UTC)
    assert to_datetime(to_instant(moment)) == moment
    assert rfc3339(to_instant(moment)) == "2026-03-01T08:00:00.000001Z"
    assert to_instant(moment.astimezone(NEW_YORK) + timedelta()) == to_instant(moment)
    with pytest.raises(ValueError, match="names no instant"):
        to_instant(datetime(2026, 3, 1))  # noqa: DTZ001 - that is what is refused


def test_times_in_texts_are_local() -> None:
    """By the clock that hangs in the home, wrong or not."""
    at = instant("2026-07-01T08:00Z")
    assert clock_text(at, LONDON, 0) == "09:00"
    assert clock_text(at, LONDON, HOUR) == "10:00"


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (0, "0s"), (SECOND - 1, "0s"), (59 * SECOND, "59s"), (60 * SECOND, "1m"),
        (90 * SECOND, "90s"), (599 * SECOND, "599s"), (601 * SECOND, "10m"), (HOUR, "1h"),
        (90 * MINUTE, "1h30m"), (2 * DAY, "2d"), (DAY + HOUR + MINUTE, "1d1h1m"),
    ],
)  # fmt: skip
def test_durations_are_written_as_people_write_them(duration: int, text: str) -> None:
    """Seconds where they matter, else the two or three largest units."""
    assert duration_text(duration) == text
