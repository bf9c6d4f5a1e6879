"""Moments as scenarios write them: `+2m5s` from the start, `02:10` on the home's clocks, or whole.

Text to instants. Local times are read in the home's own zone, also in the two nights in which the
clocks change; what happens at a moment is `scenarios`.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from telecared.config.durations import parse_duration
from telecared.core.vocabulary import DAY, Instant
from telecared.core.windows import local, to_instant

LATEST: Final = 366 * DAY
"""How far from its start a scenario may reach; more is a slip of the pen."""

_RANGE: Final = ".."
_CLOCK: Final = re.compile(r"(?:([A-Za-z]{3}) )?([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
_WHOLE: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2})(?::([0-9]{2}))?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WRITE: Final = "write +2m5s from the start, 02:10 or Sun 02:10 local time, or 2026-03-29T02:10"


class Origin(NamedTuple):
    """From where a scenario's moments are counted.

    Attributes:
        start: its first instant.
        zone: of its home.
    """

    start: Instant
    zone: ZoneInfo


class Span(NamedTuple):
    """From one instant to another, both included."""

    first: Instant
    last: Instant


def parse_start(value: object, zone: ZoneInfo) -> Instant:
    """Return a scenario's first instant: `2026-03-28T23:50` in the home's zone, or with an offset.

    Raises:
        ValueError: with a sentence, also when the clocks skip that time.
    """
    match = _WHOLE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"not a time: '{value}'; write local time like 2026-03-28T23:50")
    return _whole(match, zone)


def parse_moment(value: object, origin: Origin) -> Instant:
    """Return the instant that a word for a moment means.

    `02:10` is the first 02:10 at or after the start, `Sun 02:10` the first one on a Sunday. In the
    hour that comes twice the first is meant; with an offset the other can be written.

    Raises:
        ValueError: with a sentence; also for what lies before the start or more than `LATEST`
            after it, and for a local time that the clocks skip.
    """
    at = _moment(value, origin)
    if at < origin.start:
        raise ValueError(f"'{value}' lies before the start of the scenario; move the start")
    if at - origin.start > LATEST:
        raise ValueError(f"'{value}' is more than 366 days after the start; write a nearer moment")
    return at


def parse_span(value: object, origin: Origin) -> Span:
    """Return what `+2m..+2m5s` means, or one moment; both ends belong to it.

    Raises:
        ValueError: as `parse_moment`, and when the end lies before the beginning.
    """
    text = value.strip() if isinstance(value, str) else value
    if not isinstance(text, str) or _RANGE not in text:
        at = parse_moment(text, origin)
        return Span(at, at)
    first, _, last = (part.strip() for part in text.partition(_RANGE))
    span = Span(parse_moment(first, origin), parse_moment(last, origin))
    if span.last < span.first:
        raise ValueError(f"'{value}' ends before it begins; write the earlier moment first")
    return span


def parse_stamp_of_device(value: object, at: Instant, origin: Origin) -> Instant:
    """Return a device's own time: `-2h` or `+1d` against the message's, or a whole time.

    It may be anything, 1970 too: broken clocks are what scenarios are for.

    Raises:
        ValueError: with a sentence.
    """
    text = value.strip() if isinstance(value, str) else ""
    if text[:1] in ("+", "-"):
        shift = parse_duration(text[1:])
        return at + shift if text[0] == "+" else at - shift
    match = _WHOLE.fullmatch(text)
    if match is None:
        raise ValueError(f"not a device's time: '{value}'; write -2h, +1d or 1970-01-01T00:00:00Z")
    return _whole(match, origin.zone)


def _moment(value: object, origin: Origin) -> Instant:
    text = value.strip() if isinstance(value, str) else ""
    if text.startswith("+"):
        return origin.start + parse_duration(text[1:])
    clock = _CLOCK.fullmatch(text)
    if clock is not None:
        return _next_clock(clock, text, origin)
    match = _WHOLE.fullmatch(text)
    if match is None:
        raise ValueError(f"not a moment: '{value}'; {_WRITE}")
    return _whole(match, origin.zone)


def _next_clock(match: re.Match[str], text: str, origin: Origin) -> Instant:
    weekday, hour, minute, second = match.groups()
    try:
        shown = time(int(hour), int(minute), int(second or 0))
    except ValueError:
        raise ValueError(f"no such time of day: '{text}'; {_WRITE}") from None
    if weekday is not None and weekday.lower() not in _DAYS:
        raise ValueError(f"'{weekday}' is no day; write Mon, Tue, Wed, Thu, Fri, Sat or Sun")
    first = local(origin.start, origin.zone).date()
    for number in range(9):
        day = first + timedelta(days=number)
        if weekday is not None and _DAYS[day.weekday()] != weekday.lower():
            continue
        at = _shown(day, shown, origin.zone)
        if at >= origin.start:
            return at
    raise AssertionError("nine days hold every weekday behind any start")


def _whole(match: re.Match[str], zone: ZoneInfo) -> Instant:
    day, clock, second, offset = match.groups()
    try:
        told = datetime.fromisoformat(f"{day}T{clock}:{second or '00'}{offset or ''}")
    except ValueError:
        raise ValueError(f"no such day or time: '{match[0]}'; look it up in a calendar") from None
    if told.tzinfo is not None:
        return to_instant(told)
    return _shown(told.date(), told.time(), zone)


def _shown(day: date, shown: time, zone: ZoneInfo) -> Instant:
    """Return when clocks in `zone` first show a time of a day."""
    told = datetime.combine(day, shown, zone)
    at = to_instant(told)
    if told.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != told.replace(tzinfo=None):
        raise ValueError(
            f"{day.isoformat()} has no {shown.isoformat()} in {zone.key}: the clocks skip it;"
            " write a time before or after the gap"
        )
    return at
