"""Where the days and dates of a rule are put: the one place of its condition that opens and closes.

A condition's own hours gate it; of a sequence and of what is not followed the first act is gated,
of a count each act. What days and dates are is `calendar`.
"""

from typing import Final, NamedTuple

from msgspec.structs import replace

from telecared.config.calendar import with_days
from telecared.core import when
from telecared.core.when import DateRange, Holidays, Window

NOTHING_GATES: Final = (
    "nothing opens and closes with the days of a condition with silent: a device speaks on every"
    " day; remove this"
)


class Days(NamedTuple):
    """What `days` and `dates` of a rule say together."""

    days: tuple[int, ...] = when.EVERY_DAY
    holidays: Holidays = Holidays.AS_DAYS
    dates: tuple[DateRange, ...] = ()


def gate_of(condition: when.Condition) -> str | None:
    """Return the path of the windows that gate a condition; None where nothing does.

    Of `NoneOf` it is its span, which has no windows of its own: `""`.
    """
    if isinstance(condition, when.Silent):
        return None
    if isinstance(condition, when.NoneOf):
        return ""
    if isinstance(condition, when.Without | when.Followed):
        return "first.between"
    return "of.between" if isinstance(condition, when.Count) else "between"


def gate_windows(condition: when.Condition) -> tuple[Window, ...]:
    """Return the windows that gate a condition; none when it is always open."""
    if isinstance(condition, when.NoneOf):
        return (condition.window,)
    if isinstance(condition, when.Silent):
        return ()
    if isinstance(condition, when.Without | when.Followed):
        return condition.first.between
    return condition.of.between if isinstance(condition, when.Count) else condition.between


def put_days(condition: when.Condition, days: Days) -> when.Condition:
    """Return the condition open on these days only.

    Raises:
        ValueError: with a sentence: nothing gates it, or its hours name days already.
    """
    if days == Days():
        return condition
    if isinstance(condition, when.Silent):
        raise ValueError(NOTHING_GATES)
    if isinstance(condition, when.NoneOf):
        return replace(condition, days=days.days, holidays=days.holidays, dates=days.dates)
    windows = with_days(gate_windows(condition), *days)
    return with_windows(condition, windows)


def with_windows(condition: when.Condition, windows: tuple[Window, ...]) -> when.Condition:
    """Return the condition with other windows at its gate; one that has none stays as it is."""
    if isinstance(condition, when.Without | when.Followed):
        return replace(condition, first=replace(condition.first, between=windows))
    if isinstance(condition, when.Count):
        return replace(condition, of=replace(condition.of, between=windows))
    if isinstance(condition, when.NoneOf | when.Silent):
        return condition
    return replace(condition, between=windows)
