"""Durations and daily windows as people write them: `90s`, `1h30m`, `Mon-Fri 17:00-08:00, Sat-Sun`.

Text to microseconds and to `plan.Window`, and back. What a duration or a window means to a rule
is not known here; local time and daylight saving are `core.windows`.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from telecared.core.vocabulary import DAY, HOUR, MINUTE, SECOND, Duration
from telecared.core.when import EVERY_DAY, Holidays, Window

MAX_DURATION: Final[Duration] = 3660 * DAY
"""Ten years: the longest that anything may last; a longer one is a slip of the pen."""

MAX_WINDOWS: Final = 28
"""Daily windows in one list; more cannot be overseen."""

MINUTES_A_DAY: Final = 24 * 60
MINUTES_A_WEEK: Final = 7 * MINUTES_A_DAY

_UNITS: Final = (("d", DAY), ("h", HOUR), ("m", MINUTE), ("s", SECOND))
_DURATION: Final = re.compile(
    r"(?:(?P<d>[0-9]{1,9})d)?(?:(?P<h>[0-9]{1,9})h)?(?:(?P<m>[0-9]{1,9})m)?(?:(?P<s>[0-9]{1,9})s)?"
)
_IN_WORDS: Final = re.compile(
    r"([0-9]{1,9})\s*(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)", re.ASCII
)
_TIMES: Final = re.compile(r"([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})")
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LONG_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOLIDAYS: Final = {Holidays.AS_DAYS: "", Holidays.TOO: "holidays", Holidays.NEVER: "not holidays"}
_DAY_NUMBERS: Final = {
    name.lower(): number for names in (_DAYS, _LONG_DAYS) for number, name in enumerate(names)
}


def parse_duration(value: object) -> Duration:
    """Return the microseconds of `90s`, `15m`, `12h`, `1h30m` or `2d`; units fall, none repeats.

    Raises:
        ValueError: with a sentence, when it is none, or longer than `MAX_DURATION`.
    """
    text = value.strip() if isinstance(value, str) else ""
    match = _DURATION.fullmatch(text)
    if match is None or not text:
        raise ValueError(_no_duration(value, text))
    total = sum(int(match[letter] or 0) * unit for letter, unit in _UNITS)
    if total > MAX_DURATION:
        raise ValueError(f"longer than {format_duration(MAX_DURATION)}; write a shorter duration")
    return total


def _no_duration(value: object, text: str) -> str:
    """Return the sentence for what is no duration, with what was probably meant.

    A bare number has lost its unit: people leave it out, and YAML 1.1 makes 90 of `1:30`.
    """
    shown = text if isinstance(value, str) else value
    number = str(value) if isinstance(value, int) and not isinstance(value, bool) else text
    if number.isdecimal() and number.isascii():
        return f"'{shown}' has no unit; write {number}s for seconds or {number}m for minutes"
    words = _IN_WORDS.fullmatch(text.lower())
    if words is not None:
        return f"not a duration: '{shown}'; write {words[1]}{words[2][0]}"
    return f"not a duration: '{shown}'; write 90s, 15m, 12h or 1h30m"


def format_duration(duration: Duration) -> str:
    """Return the shortest text that `parse_duration` reads as `duration`, to the whole second.

    Raises:
        ValueError: it is negative, which no text means.
    """
    if duration < 0:
        raise ValueError("a duration is never negative")
    parts = []
    rest = duration
    for letter, unit in _UNITS:
        count, rest = divmod(rest, unit)
        if count:
            parts.append(f"{count}{letter}")
    return "".join(parts) or "0s"


def parse_windows(value: object) -> tuple[Window, ...]:
    """Return the windows of a comma list of days, of time spans, or of days with a time span.

    `22:00-06:00` is every night, `Sat-Sun` two whole days, `Mon Wed 09:00-17:00` two mornings;
    `holidays` is a day like `Sat`, and `Mon-Fri not holidays 09:00-17:00` leaves them out. A list
    of such texts is read as if it were joined by commas.

    Raises:
        ValueError: with a sentence that says which part cannot be read and what to write.
    """
    texts = value if isinstance(value, list) else [value]
    entries: list[str] = []
    for text in texts:
        if not isinstance(text, str) or not text.strip():
            raise ValueError(_no_window(text))
        entries += [entry.strip() for entry in text.split(",")]
    if not 0 < len(entries) <= MAX_WINDOWS:
        raise ValueError(f"write 1 to {MAX_WINDOWS} windows, like 22:00-06:00")
    windows = []
    whole_days_before = False
    for entry in entries:
        days, holidays, span = _entry(entry)
        if days is not None and span is not None and whole_days_before:
            raise ValueError(
                f"the days before '{entry}' may mean whole days or these hours;"
                " write 'Mon Wed 09:00-17:00' for the same hours, or whole days last"
            )
        whole_days_before = whole_days_before or span is None
        start, end = span if span is not None else (0, 0)
        windows.append(
            Window(
                start=start,
                end=end,
                days=days if days is not None else EVERY_DAY,
                holidays=holidays,
            )
        )
    return tuple(windows)


def parse_window(value: object) -> Window:
    """Return the one window that `value` says, for places that take no list.

    Raises:
        ValueError: with a sentence, when it is none or more than one.
    """
    windows = parse_windows(value)
    if len(windows) != 1:
        raise ValueError("one window is possible here; write it like 22:00-06:00")
    return windows[0]


def format_windows(windows: Sequence[Window]) -> str:
    """Return the text that `parse_windows` reads as `windows`; "" for none.

    Whole days are told with their hours where they stand before days with hours, since
    `Mon, Wed 09:00-17:00` can be misread and is refused.
    """
    texts = []
    for place, window in enumerate(windows):
        later = windows[place + 1 :]
        plain = not any(_has_days(other) and not _is_whole_day(other) for other in later)
        texts.append(_format_window(window, whole_day_bare=plain))
    return ", ".join(texts)


def longest_opening(windows: Iterable[Window]) -> Duration | None:
    """Return the longest uninterrupted stretch that `windows` leave open in a week.

    None when there is no window, or the whole week is open: nothing bounds a duration then.
    Adjacent and overlapping windows are one stretch. A public holiday may be any day of the week;
    dates are not looked at.
    """
    week = bytearray(MINUTES_A_WEEK)
    given = False
    for window in windows:
        given = True
        length = (window.end - window.start) % MINUTES_A_DAY or MINUTES_A_DAY
        for day in EVERY_DAY if window.holidays is Holidays.TOO else window.days:
            first = day * MINUTES_A_DAY + window.start
            for minute in range(first, first + length):
                week[minute % MINUTES_A_WEEK] = 1
    if not given or all(week):
        return None
    # The week is a ring: beginning after a closed minute keeps a stretch over Sunday night whole.
    first_closed = week.index(0)
    ring = bytes(week[first_closed:] + week[:first_closed])
    return max(len(stretch) for stretch in ring.split(b"\0")) * MINUTE


class _Entry(NamedTuple):
    """What one entry of a list of windows says; days and span may be absent, not both."""

    days: tuple[int, ...] | None
    holidays: Holidays
    span: tuple[int, int] | None


def _entry(entry: str) -> _Entry:
    words = re.sub(r"\s*[-\u2013]\s*", "-", entry).split()
    span = None
    if words and ":" in words[-1]:
        span = _span(words.pop(), entry)
    found = days_of(words)
    if found is None or (not words and span is None):
        raise ValueError(_no_window(entry))
    days, holidays = found
    if not days and holidays is Holidays.NEVER:
        if span is None:
            raise ValueError(
                f"'{entry}' is not said of any days or hours;"
                " write 'Mon-Fri not holidays' or 'not holidays 09:00-17:00'"
            )
        days = EVERY_DAY
    return _Entry(days if words else None, holidays, span)


def _span(word: str, entry: str) -> tuple[int, int]:
    match = _TIMES.fullmatch(word)
    if match is None:
        raise ValueError(_no_window(entry))
    hour, minute, end_hour, end_minute = (int(part) for part in match.groups())
    start, end = hour * 60 + minute, end_hour * 60 + end_minute
    if max(minute, end_minute) > 59 or start >= MINUTES_A_DAY or end > MINUTES_A_DAY:
        raise ValueError(
            f"no such time of day in '{entry}'; hours begin at 00:00 to 23:59, and end at 24:00 at"
            " the latest"
        )
    return start, end % MINUTES_A_DAY


def days_of(words: Sequence[str]) -> tuple[tuple[int, ...], Holidays] | None:
    """Return the weekdays that words name, Monday is 0, and what public holidays are to them.

    The words are `Sat`, `saturday` or `Fri-Mon`, and at their end `holidays` or `not holidays`.
    None when one of them is no day.
    """
    rest, holidays = list(words), Holidays.AS_DAYS
    if rest and rest[-1].lower() == "holidays":
        holidays = Holidays.TOO
        rest.pop()
        if rest and rest[-1].lower() == "not":
            holidays = Holidays.NEVER
            rest.pop()
    days: set[int] = set()
    for word in rest:
        numbers = [_DAY_NUMBERS.get(name.lower()) for name in word.split("-")]
        first, last = numbers[0], numbers[-1]
        if first is None or last is None or len(numbers) > 2:
            return None
        days.update((first + step) % 7 for step in range((last - first) % 7 + 1))
    return tuple(sorted(days)), holidays


def _no_window(entry: object) -> str:
    return f"not a window: '{entry}'; write 22:00-06:00, Sat-Sun or Mon-Fri 17:00-08:00"


def _is_whole_day(window: Window) -> bool:
    return window.start == window.end == 0


def _has_days(window: Window) -> bool:
    return window.days != EVERY_DAY or window.holidays is not Holidays.AS_DAYS


def _format_window(window: Window, *, whole_day_bare: bool) -> str:
    bare = whole_day_bare and _is_whole_day(window) and _has_days(window)
    end = window.end or MINUTES_A_DAY
    span = f"{format_time(window.start)}-{format_time(end)}"
    if not _has_days(window):
        return span
    understood = window.days == EVERY_DAY and window.holidays is Holidays.NEVER and not bare
    days = "" if understood else format_weekdays(window.days)
    words = [days, _HOLIDAYS[window.holidays], "" if bare else span]
    return " ".join(word for word in words if word)


def format_time(minutes: int) -> str:
    """Return `HH:MM` for minutes after midnight."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def format_weekdays(days: Sequence[int]) -> str:
    """Return days as runs of the week: `Mon-Wed Fri`."""
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return " ".join(
        _DAYS[run[0]] if len(run) == 1 else f"{_DAYS[run[0]]}-{_DAYS[run[-1]]}" for run in runs
    )
