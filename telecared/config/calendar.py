"""Days, dates and times of day as people write them: `Sat-Sun, holidays`, `12-24..01-02`, `05:00`.

Text to the values of `core.when`, and back. Which days are public holidays is `holidays`; what a
day or a date means to a window is `core.windows`.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from msgspec.structs import replace

from telecared.config.durations import (
    MINUTES_A_DAY,
    days_of,
    format_time,
    format_weekdays,
    format_windows,
)
from telecared.core.when import EVERY_DAY, DateRange, Holidays, Window

MAX_DATES: Final = 100
"""Dates and ranges of dates in one list; more belong in `holidays` of the deployment file."""

WHOLE_DAY: Final = Window(start=0, end=0)
"""The window that `days` or `dates` gate where a rule says no `between`."""

_TIME: Final = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_ONCE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEARLY: Final = re.compile(r"[0-9]{2}-[0-9]{2}")
_LEAP_YEAR: Final = "2024"
"""29 February is a day of the calendar, though not of every year's."""

_DAYS_REMEDY: Final = "write Mon-Fri, [Sat, Sun], 'Sat-Sun, holidays' or 'Mon-Fri, not holidays'"
_DATES_REMEDY: Final = "write 12-24..01-02 for every year, or 2026-12-25 for once"
_TIME_REMEDY: Final = 'write it in quotes, like "05:00"'


def parse_days(value: object) -> tuple[tuple[int, ...], Holidays]:
    """Return the weekdays (Monday is 0) and what a public holiday is to them.

    `Mon-Fri`, `Mon Wed`, `[Mon, Tue]`, `Sat-Sun, holidays` (on holidays too), `holidays` (on no
    other day), `Mon-Fri, not holidays`, `not holidays`.

    Raises:
        ValueError: with a sentence, when it cannot be read or says no day at all.
    """
    days: set[int] = set()
    told: set[Holidays] = set()
    for entry in _entries(value, _DAYS_REMEDY, "days"):
        found, holidays = days_of(entry.split()) or (None, None)
        if found is None or holidays is None:
            raise ValueError(f"not days: '{entry}'; {_DAYS_REMEDY}")
        days.update(found)
        told.update({holidays} - {Holidays.AS_DAYS})
    if len(told) > 1:
        raise ValueError("holidays and not holidays contradict each other; remove one of them")
    holidays = told.pop() if told else Holidays.AS_DAYS
    if not days and holidays is Holidays.NEVER:
        days.update(EVERY_DAY)
    if len(days) == len(EVERY_DAY) and holidays is Holidays.TOO:
        holidays = Holidays.AS_DAYS  # every day is every day; one form of it
    return tuple(sorted(days)), holidays


def format_days(days: Sequence[int], holidays: Holidays = Holidays.AS_DAYS) -> str:
    """Return the text that `parse_days` reads as these; "" for every day, whatever it is."""
    told = "" if tuple(days) == EVERY_DAY else format_weekdays(days)
    if holidays is Holidays.TOO:
        return f"{told}, holidays" if told else "holidays"
    if holidays is Holidays.NEVER:
        return f"{told}, not holidays" if told else "not holidays"
    return told


def parse_dates(value: object) -> tuple[DateRange, ...]:
    """Return the dates and ranges of dates of a text, of a comma list, or of a list of texts.

    `12-24..01-02` is every year and may cross the turn of the year, `2026-12-24..2027-01-02` is
    once; both ends are inside. `02-29` exists in leap years only.

    Raises:
        ValueError: with a sentence, when one cannot be read, does not exist, or ends before it
            begins.
    """
    entries = _entries(value, _DATES_REMEDY, "dates")
    if len(entries) > MAX_DATES:
        raise ValueError(f"more than {MAX_DATES} dates; write ranges, like 12-24..01-02")
    return tuple(dict.fromkeys(_date_range(entry) for entry in entries))


def format_dates(dates: Iterable[DateRange]) -> str:
    """Return the text that `parse_dates` reads as `dates`."""
    return ", ".join(
        one.first if one.first == one.last else f"{one.first}..{one.last}" for one in dates
    )


def with_days(
    windows: Sequence[Window],
    days: tuple[int, ...] = EVERY_DAY,
    holidays: Holidays = Holidays.AS_DAYS,
    dates: tuple[DateRange, ...] = (),
) -> tuple[Window, ...]:
    """Return `windows` opening on these days only; a window of whole days where there is none.

    Nothing is put into windows when nothing is said. A window that names days of its own keeps
    them when `days` only says what holidays or dates are.

    Raises:
        ValueError: with a sentence, when both a window and `days` name days.
    """
    if days == EVERY_DAY and holidays is Holidays.AS_DAYS and not dates:
        return tuple(windows)
    gated = []
    says_days = days != EVERY_DAY
    for window in windows or (WHOLE_DAY,):
        has_days = window.days != EVERY_DAY or window.holidays is not Holidays.AS_DAYS
        contrary = holidays is Holidays.NEVER and window.holidays is Holidays.TOO
        if contrary or (has_days and says_days):
            raise ValueError(
                f"the hours '{format_windows([window])}' name days already;"
                " name the days there or in days, not in both"
            )
        gated.append(
            replace(
                window,
                days=days if says_days else window.days,
                holidays=window.holidays if holidays is Holidays.AS_DAYS else holidays,
                dates=dates,
            )
        )
    return tuple(gated)


def parse_time(value: object) -> int:
    """Return the minutes after midnight of `05:00` or `5:00`, 0 to 1439.

    Raises:
        ValueError: with a sentence. A number is what programs that read YAML 1.1 make of an
            unquoted time (1350 of 22:30): the sentence says which time that was.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        raise ValueError(f"{value} is a number and no time of day; {_meant(value)}")
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"not a time of day: '{value}'; {_TIME_REMEDY}")
    hour, minute = int(match[1]), int(match[2])
    if hour > 23 or minute > 59:
        raise ValueError(f"no such time of day: '{value}'; write 00:00 to 23:59")
    return hour * 60 + minute


def _entries(value: object, remedy: str, what: str) -> list[str]:
    """Return the entries of a text, a comma list, or a list of either; none is empty."""
    entries: list[str] = []
    for text in value if isinstance(value, list) else [value]:
        if not isinstance(text, str):
            shown = "nothing" if text is None else f"'{text}'"
            raise ValueError(f"not {what}: {shown}; {remedy}")
        entries += [
            re.sub(r"\s*(-|\u2013|\.\.)\s*", r"\1", part.strip()) for part in text.split(",")
        ]
    if not entries or not all(entries):
        raise ValueError(f"not {what}: an entry is empty; {remedy}")
    return [entry.replace("\u2013", "-") for entry in entries]


def _date_range(entry: str) -> DateRange:
    first, dots, last = entry.partition("..")
    found = DateRange(first, last if dots else first)
    for end in (found.first, found.last):
        _check_date(end, entry)
    if len(found.first) != len(found.last):
        raise ValueError(f"one end of '{entry}' has a year and the other has none; {_DATES_REMEDY}")
    if _ONCE.fullmatch(found.first) and found.last < found.first:
        raise ValueError(f"'{entry}' ends before it begins; put the earlier date first")
    return found


def _check_date(text: str, entry: str) -> None:
    if _YEARLY.fullmatch(text):
        text = f"{_LEAP_YEAR}-{text}"
    elif not _ONCE.fullmatch(text):
        raise ValueError(f"not a date: '{entry}'; {_DATES_REMEDY}")
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"there is no such day: '{entry}'; {_DATES_REMEDY}") from None


def _meant(number: int) -> str:
    """Return the remedy for a number: the times that somebody may have meant by it."""
    hour, minute = divmod(number, 100)
    plain = f'"{hour:02d}:{minute:02d}"' if 0 <= hour < 24 and minute < 60 else ""
    mangled = f'"{format_time(number)}"' if 0 <= number < MINUTES_A_DAY else ""
    if 0 <= number < 24:
        return f'write "{number:02d}:00" in quotes'  # an hour, as people say it
    if plain and mangled and number >= 100:
        return f"write {mangled} in quotes, or {plain} if that was meant"
    if mangled:
        return f"write {mangled} in quotes"
    return f"write {plain} in quotes" if plain else _TIME_REMEDY
