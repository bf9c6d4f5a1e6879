"""Local time: which stretches of engine time lie inside daily windows, and when a count is full.

The only module of the core that knows time zones. Windows follow the wall clock, across both
daylight-saving nights and steps of the clock; durations never do.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from telecared.core.plan import Window
from telecared.core.site import FAR
from telecared.core.vocabulary import DAY, MINUTE, SECOND, Duration, Instant

Span = tuple[Instant, Instant]
Clock = tuple[tuple[Instant, Duration], ...]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS_AHEAD: Final = 15
"""How many local days are searched for a window: two weeks and a day cover every weekday."""


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


@lru_cache(maxsize=4096)
def _wall_span(window: Window, zone: ZoneInfo, day: date) -> Span:
    """Return the span that opens on `day`, in wall time UTC.

    In the hour that comes twice the opening is the first and the closing the second, so that no
    minute inside is lost.
    """
    opens = _wall_instant(day, window.start, zone, last=False)
    later = day + timedelta(days=1) if window.end <= window.start else day
    return opens, _wall_instant(later, window.end, zone, last=window.end != window.start)


def _wall_instant(day: date, minutes: int, zone: ZoneInfo, *, last: bool) -> Instant:
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


def spans(
    windows: Sequence[Window], zone: ZoneInfo, clock: Clock, start: Instant
) -> Iterator[Span]:
    """Yield the stretches of engine time inside any of `windows` that end after `start`.

    In order, merged where they touch or overlap, for two weeks ahead. Without windows, one
    stretch without end.
    """
    if not windows:
        yield (start, FAR)
        return
    found: list[Span] = []
    for since, until, offset in _stretches(clock):
        begin = max(start, since)
        if until <= start or begin > start + _DAYS_AHEAD * DAY:
            continue
        first = local(begin, zone, offset).date() - timedelta(days=2)
        for number in range(_DAYS_AHEAD + 2):
            day = first + timedelta(days=number)
            for window in windows:
                if day.weekday() in window.days:
                    opens, closes = _wall_span(window, zone, day)
                    found.append((max(opens - offset, since), min(closes - offset, until)))
    yield from (span for span in merged([one for one in found if one[0] < one[1]])
                if span[1] > start)  # fmt: skip


def inside(windows: Sequence[Window], zone: ZoneInfo, clock: Clock, at: Instant) -> bool:
    """Whether `at` lies inside any of the windows; always, when there are none."""
    first = next(spans(windows, zone, clock, at), None)
    return first is not None and first[0] <= at < first[1]


def reach(
    start: Instant, needed: Duration, within: Iterator[Span], pauses: Sequence[Span]
) -> Instant | None:
    """Return when a count that runs from `start` has lasted `needed`.

    The count restarts at the opening of each span of `within` and stands still during `pauses`
    (sorted by start). None when no span is long enough, or when a pause has no end.
    """
    for opens, closes in within:
        at = max(start, opens)
        left = needed
        for pause_start, pause_end in pauses:
            if pause_end <= at:
                continue
            if pause_start - at >= left:
                break
            left -= max(0, pause_start - at)
            at = max(at, pause_end)
        if at + left <= closes and at < FAR:
            return at + left
    return None


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
