"""Local time: which stretches of engine time lie inside daily windows, and when a count is full.

The only module of the core that knows time zones. Windows follow the wall clock, across both
daylight-saving nights and steps of the clock; durations never do.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from telecared.core.site import FAR
from telecared.core.vocabulary import MINUTE, SECOND, Duration, Instant
from telecared.core.when import DateRange, Holidays, Window

Span = tuple[Instant, Instant]
Clock = tuple[tuple[Instant, Duration], ...]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS_AHEAD: Final = 400
"""How many local days are searched, from the first on which a window opens: a year and a month."""

_DAYS_A_BLOCK: Final = 4
"""How many days are worked out and remembered together: those from two before an instant on."""

_YEARS_AHEAD: Final = 9
"""How many years are searched for that first day: between two of 29 February may lie eight."""


def to_datetime(at: Instant) -> datetime:
    """Return an instant as an aware UTC datetime."""
    return _EPOCH + timedelta(microseconds=at)


def to_instant(moment: datetime) -> Instant:
    """Return an aware datetime as microseconds UTC.

    Raises:
        ValueError: the datetime is naive.
    """
    if moment.tzinfo is None:
        raise ValueError("a time without a zone names no instant: add Z or an offset")
    return (moment - _EPOCH) // timedelta(microseconds=1)


def rfc3339(at: Instant) -> str:
    """Return `YYYY-MM-DDTHH:MM:SS.ffffffZ`, the one form in which times leave the program."""
    return to_datetime(at).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def local(at: Instant, zone: ZoneInfo, offset: Duration = 0) -> datetime:
    """Return the local time that a clock in the home shows at engine time `at`."""
    return to_datetime(at + offset).astimezone(zone)


def opens_on(window: Window, day: date, holidays: frozenset[int]) -> bool:
    """Whether a window opens on a day: by its dates, its weekdays and the public holidays."""
    if window.dates and not any(_in_range(dates, day) for dates in window.dates):
        return False
    if window.holidays is not Holidays.AS_DAYS and day.toordinal() in holidays:
        return window.holidays is Holidays.TOO
    return day.weekday() in window.days


def _in_range(dates: DateRange, day: date) -> bool:
    """Whether a day lies in a range; a yearly one may cross the turn of the year."""
    told = day.isoformat()[-len(dates.first) :]
    if dates.first <= dates.last:
        return dates.first <= told <= dates.last
    return told >= dates.first or told <= dates.last


def _rare_opening_days(
    windows: Sequence[Window], first: date, holidays: frozenset[int]
) -> Iterator[date]:
    """Yield the days from `first` on which any of `windows` opens, for `_DAYS_AHEAD` days.

    For windows of which each opens on some dates or on holidays only: the days between are passed
    over.
    """
    last = date.max
    for year in range(first.year, first.year + _YEARS_AHEAD):
        rare = {day for window in windows for day in _rare_days(window, year, holidays)}
        for day in sorted(rare):
            if first <= day <= last:
                last = min(last, day + timedelta(days=_DAYS_AHEAD))
                yield day


@lru_cache(maxsize=1024)
def _rare_days(window: Window, year: int, holidays: frozenset[int]) -> tuple[date, ...]:
    """Return the days of a year on which a window opens that seldom does."""
    days = range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1)
    return tuple(day for day in map(date.fromordinal, days) if opens_on(window, day, holidays))


def _wall_openings(
    windows: tuple[Window, ...], zone: ZoneInfo, first: date, holidays: frozenset[int]
) -> Iterator[Span]:
    """Yield the spans that open from `first` on, day by day, in wall time UTC."""
    if all(window.dates or not window.days for window in windows):
        for day in _rare_opening_days(windows, first, holidays):
            yield from _wall_spans(windows, zone, day, holidays)
        return
    today = first.toordinal()
    for start in range(today, today + _DAYS_AHEAD, _DAYS_A_BLOCK):
        yield from _wall_block(windows, zone, start, holidays)


@lru_cache(maxsize=8192)
def _wall_block(
    windows: tuple[Window, ...], zone: ZoneInfo, first: int, holidays: frozenset[int]
) -> tuple[Span, ...]:
    """Return the spans that open on `_DAYS_A_BLOCK` days, in wall time UTC.

    Every deadline asks for those of today and of the days around it, again and again.
    """
    days = map(date.fromordinal, range(first, first + _DAYS_A_BLOCK))
    return tuple(span for day in days for span in _wall_spans(windows, zone, day, holidays))


def _wall_spans(
    windows: tuple[Window, ...], zone: ZoneInfo, day: date, holidays: frozenset[int]
) -> list[Span]:
    """Return the spans that open on `day`, in order, in wall time UTC."""
    opening = (window for window in windows if opens_on(window, day, holidays))
    return sorted(_wall_span(window, zone, day) for window in opening)


@lru_cache(maxsize=16384)
def _wall_span(window: Window, zone: ZoneInfo, day: date) -> Span:
    """Return the span that opens on `day`, in wall time UTC.

    In the hour that comes twice the opening is the first and the closing the second, so that no
    minute inside is lost.
    """
    opens = wall_instant(day, window.start, zone, last=False)
    later = day + timedelta(days=1) if window.end <= window.start else day
    return opens, wall_instant(later, window.end, zone, last=window.end != window.start)


def wall_instant(day: date, minutes: int, zone: ZoneInfo, *, last: bool) -> Instant:
    """Return when clocks in `zone` show a minute of a day, the first or the `last` time.

    A minute that is skipped is the instant at which the clocks are put forward.
    """
    shown = datetime.combine(day, time(minutes // 60, minutes % 60), zone)
    first, second = to_instant(shown), to_instant(shown.replace(fold=1))
    if first <= second:
        return second if last else first
    # Skipped: `fold` 0 counts on from before the gap and lies behind it, `fold` 1 before it.
    before, behind = second, first
    offset = local(behind, zone).utcoffset()
    while behind - before > 1:
        middle = (before + behind) // 2
        if local(middle, zone).utcoffset() == offset:
            behind = middle
        else:
            before = middle
    return behind


def _stretches(clock: Clock) -> Iterator[tuple[Instant, Instant, Duration]]:
    """Yield (since, until, offset) of each stretch of engine time with one wall clock."""
    since, offset = -FAR, 0
    for stepped_at, newer in clock:
        if since < stepped_at:
            yield since, stepped_at, offset
        since, offset = stepped_at, newer
    yield since, FAR, offset


def pieces(
    windows: Sequence[Window],
    zone: ZoneInfo,
    clock: Clock,
    start: Instant,
    holidays: frozenset[int] = frozenset(),
) -> Iterator[Span]:
    """Yield each opening of each of `windows` that ends after `start`, in engine time, in order.

    Openings may touch and overlap; `spans` merges them, `reach` counts through them. They are
    worked out one after the other, for a year and more ahead: take no more than are needed.
    Without windows, one stretch without end.
    """
    if not windows:
        return iter(((start, FAR),))
    found = _openings(windows, zone, clock, start, holidays)
    return (piece for piece in found if piece[1] > start)


def _openings(
    windows: Sequence[Window],
    zone: ZoneInfo,
    clock: Clock,
    start: Instant,
    holidays: frozenset[int],
) -> Iterator[Span]:
    """Yield the openings from up to two days before `start`, so that no stretch is cut."""
    for since, until, offset in _stretches(clock):
        if until <= start:
            continue
        first = local(max(start, since), zone, offset).date() - timedelta(days=2)
        for opens, closes in _wall_openings(tuple(windows), zone, first, holidays):
            if opens - offset >= until:
                break
            opened, closed = max(opens - offset, since), min(closes - offset, until)
            if opened < closed:
                yield opened, closed


def spans(
    windows: Sequence[Window],
    zone: ZoneInfo,
    clock: Clock,
    start: Instant,
    holidays: frozenset[int] = frozenset(),
) -> Iterator[Span]:
    """Yield the stretches of engine time inside any of `windows` that end after `start`.

    In order, merged where they touch or overlap; `pieces` says how far ahead. Without windows,
    one stretch without end.
    """
    if not windows:
        yield (start, FAR)
        return
    held = (-FAR, -FAR)
    for opens, closes in _openings(windows, zone, clock, start, holidays):
        if opens <= held[1]:
            held = held[0], max(held[1], closes)
        else:
            if held[1] > start:
                yield held
            held = opens, closes
    if held[1] > start:
        yield held


def inside(
    windows: Sequence[Window],
    zone: ZoneInfo,
    clock: Clock,
    at: Instant,
    holidays: frozenset[int] = frozenset(),
) -> bool:
    """Whether `at` lies inside any of the windows; always, when there are none."""
    first = next(pieces(windows, zone, clock, at, holidays), None)
    return first is not None and first[0] <= at


def reach(
    start: Instant, needed: Duration, within: Iterator[Span], pauses: Sequence[Span]
) -> Instant | None:
    """Return when a count that runs from `start` has lasted `needed`.

    The count restarts where a stretch of `within` opens (`pieces` or `spans`, sorted; those that
    touch are one stretch) and stands still during `pauses` (sorted by start). None when no stretch
    is long enough, or when a pause has no end.
    """
    done, end = FAR, -FAR
    for opens, closes in within:
        if opens > end:
            done = _counted(max(start, opens), needed, pauses)
            if done >= FAR:
                return None
        end = max(end, closes)
        if done <= end:
            return done
    return None


def _counted(at: Instant, needed: Duration, pauses: Sequence[Span]) -> Instant:
    """Return when a count that runs from `at` has lasted `needed`, but for `pauses`."""
    left = needed
    for pause_start, pause_end in pauses:
        if pause_end <= at:
            continue
        if pause_start - at >= left:
            break
        left -= max(0, pause_start - at)
        at = pause_end
    return at + left


def merged(pauses: Sequence[Span]) -> list[Span]:
    """Return spans sorted by start and merged where they overlap."""
    result: list[Span] = []
    for start, end in sorted(pauses):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return result


def clock_text(at: Instant, zone: ZoneInfo, offset: Duration) -> str:
    """Return local `HH:MM` for texts that people read."""
    return local(at, zone, offset).strftime("%H:%M")


def duration_text(duration: Duration) -> str:
    """Return a duration as people write it in rules: `90s`, `15m`, `1h30m`, `2d`."""
    seconds = duration // SECOND
    if seconds < 60 or (seconds < 600 and seconds % 60):
        return f"{seconds}s"
    minutes = duration // MINUTE
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "m")]
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0s"
