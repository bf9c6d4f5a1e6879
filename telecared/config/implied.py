"""Whether one condition always brings another: what is asked where rules shadow each other.

Answers are on the safe side: what cannot be shown is not implied. Nothing here knows rules; that
is `lint`.
"""

from collections.abc import Sequence
from functools import lru_cache

from telecared.config.durations import MINUTES_A_DAY, MINUTES_A_WEEK
from telecared.core.vocabulary import PROPERTIES, DeviceKind
from telecared.core.when import (
    EVERY_DAY,
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Count,
    HeldFor,
    Holidays,
    InactiveFor,
    NoneOf,
    ReadingIs,
    Silent,
    Window,
)

_KINDS = frozenset(kind.value for kind in DeviceKind)


def implies(narrow: Condition, wide: Condition) -> bool:
    """Whether `wide` is met, at the same time or before, whenever `narrow` is, and holds with it.

    A sequence, a count or an act without an answer tells more than the acts that it is made of,
    so that it implies none of them.
    """
    if narrow == wide:
        return True
    if isinstance(narrow, AnyOf):
        return all(implies(part, wide) for part in narrow.of)
    if isinstance(wide, AnyOf) and not wide.duration and not wide.between:
        return any(implies(narrow, part) for part in wide.of)
    match narrow:
        case AllOf():
            return any(implies(part, wide) for part in narrow.of)
        case Count():
            return _count_implies(narrow, wide)
        case _:
            return _leaf_implies(narrow, wide)


def _leaf_implies(narrow: Condition, wide: Condition) -> bool:
    match narrow, wide:
        case ReadingIs() | HeldFor(), ReadingIs():
            # A level that was held began with an edge, though perhaps before the window opened.
            edge = not wide.between or (
                isinstance(narrow, ReadingIs) and covers(wide.between, narrow.between)
            )
            return edge and _reads_less(narrow, wide)
        case HeldFor(), HeldFor():
            return (
                narrow.duration >= wide.duration
                and _reads_less(narrow, wide)
                and covers(wide.between, narrow.between)
            )
        case Silent(), Silent():
            waits = bool(narrow.behind) or not wide.behind
            return waits and narrow.limit >= wide.limit and _at_less(narrow.at, wide.at)
        case Compare(), Compare():
            return _compare_implies(narrow, wide)
        case NoneOf(), NoneOf():
            return _none_of_implies(narrow, wide)
        case InactiveFor(), InactiveFor():
            return _inactive_implies(narrow, wide)
        case _:
            return False


def _reads_less(narrow: ReadingIs | HeldFor, wide: ReadingIs | HeldFor) -> bool:
    return (
        narrow.property == wide.property
        and set(narrow.values) <= set(wide.values)
        and _at_less(narrow.at, wide.at)
    )


def _at_less(narrow: Sequence[str], wide: Sequence[str]) -> bool:
    """Whether every device that `narrow` names is named by `wide`; no name is every device."""
    return not wide or (bool(narrow) and set(narrow) <= set(wide))


def _count_implies(narrow: Count, wide: Condition) -> bool:
    return (
        isinstance(wide, Count)
        and implies(narrow.of, wide.of)
        and narrow.at_least >= wide.at_least
        and narrow.within <= wide.within
        and narrow.apart >= wide.apart
    )


def _compare_implies(narrow: Compare, wide: Compare) -> bool:
    if narrow.property != wide.property or not _at_less(narrow.at, wide.at):
        return False
    if narrow.duration < wide.duration or not covers(wide.between, narrow.between):
        return False
    if narrow.above is not None and wide.above is not None:
        return narrow.above >= wide.above and _end(narrow) >= _end(wide)
    if narrow.below is not None and wide.below is not None:
        return narrow.below <= wide.below and _end(narrow) <= _end(wide)
    return False


def _end(one: Compare) -> float:
    """Return the number at which a comparison no longer holds."""
    limit = one.above if one.above is not None else one.below
    return one.clear if one.clear is not None else limit or 0.0


def _none_of_implies(narrow: NoneOf, wide: NoneOf) -> bool:
    """Silence in a longer span, of more acts, is silence in a shorter one of fewer."""
    same_days = (narrow.days, narrow.holidays, narrow.dates) == (
        wide.days,
        wide.holidays,
        wide.dates,
    )
    inside = narrow.start <= wide.start < wide.by <= narrow.by
    return same_days and inside and set(wide.of) <= set(narrow.of)


def _inactive_implies(narrow: InactiveFor, wide: InactiveFor) -> bool:
    """A longer silence of more devices is a shorter one of fewer."""
    return (
        narrow.duration >= wide.duration
        and set(wide.of) <= set(narrow.of)
        and narrow.at == wide.at
        and narrow.never == wide.never
        and (narrow.at_least, narrow.within) == (wide.at_least, wide.within)
        and narrow.occupied_at_most == wide.occupied_at_most
        and narrow.between == wide.between
    )


# --- windows ----------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def open_minutes(windows: tuple[Window, ...]) -> bytes:
    """Return for each minute of a week whether it can lie inside `windows`, as 1 or 0.

    Dates are left out, and a window for public holidays may open on any day: too many minutes
    rather than too few.
    """
    week = bytearray(MINUTES_A_WEEK)
    for window in windows or (Window(start=0, end=0),):
        days = EVERY_DAY if window.holidays is Holidays.TOO else window.days
        length = (window.end - window.start) % MINUTES_A_DAY or MINUTES_A_DAY
        for day in days:
            first = day * MINUTES_A_DAY + window.start
            for minute in range(first, first + length):
                week[minute % MINUTES_A_WEEK] = 1
    return bytes(week)


def never_together(one: Sequence[Window], other: Sequence[Window]) -> bool:
    """Whether no minute of a week lies inside both."""
    return not any(
        a and b for a, b in zip(open_minutes(tuple(one)), open_minutes(tuple(other)), strict=True)
    )


def covers(wide: Sequence[Window], narrow: Sequence[Window]) -> bool:
    """Whether every minute of `narrow` is surely one of `wide`, in one unbroken stretch of it.

    Where holidays or dates are named, only equal windows are taken to cover each other.
    """
    if not wide or tuple(wide) == tuple(narrow):
        return True
    if any(window.dates or window.holidays is not Holidays.AS_DAYS for window in (*wide, *narrow)):
        return False
    return all(
        a or not b
        for a, b in zip(open_minutes(tuple(wide)), open_minutes(tuple(narrow)), strict=True)
    )


# --- contradictions ---------------------------------------------------------------------------


def one_place(at: Sequence[str]) -> bool:
    """Whether `at` is one name that is probably one device: an id or a location, not a kind."""
    return len(at) == 1 and at[0] not in _KINDS


def exclude_each_other(one: Condition, other: Condition) -> bool:
    """Whether one device cannot make both hold at once."""
    match one, other:
        case ReadingIs() | HeldFor(), ReadingIs() | HeldFor():
            return (
                one.property == other.property
                and not PROPERTIES[one.property].momentary
                and set(one.at) == set(other.at)
                and not set(one.values) & set(other.values)
            )
        case Compare(), Compare():
            if one.property != other.property or set(one.at) != set(other.at):
                return False
            if one.above is not None and other.below is not None:
                return _end(one) >= _end(other)
            return other.above is not None and one.below is not None and _end(other) >= _end(one)
        case _:
            return False
