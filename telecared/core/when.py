"""What a rule waits for, as values: daily windows and one struct per kind of condition.

Structs only, as they are stored and hashed. What a rule is besides its condition is `plan`; when
a condition holds is `conditions`.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec

from telecared.core.vocabulary import HOUR, Duration, Value

DEFAULT_OCCUPIED_AT_MOST: Final[Duration] = 14 * HOUR

EVERY_DAY: Final = (0, 1, 2, 3, 4, 5, 6)


class Holidays(StrEnum):
    """What a public holiday means to a daily span of time."""

    AS_DAYS = "as_days"
    TOO = "too"
    NEVER = "never"


class DateRange(msgspec.Struct, frozen=True):
    """Days of the calendar: `12-24..01-02` every year, `2026-12-24..2027-01-02` once.

    Both ends are inside. Each is `MM-DD` or `YYYY-MM-DD`, and both of one form.
    """

    first: str
    last: str


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """A daily span of local time: `22:00-06:00` crosses midnight and belongs to its first day.

    Attributes:
        start: minutes after local midnight, 0 to 1439.
        end: minutes after local midnight; equal to `start` means the whole day round.
        days: weekdays on which the span opens, Monday is 0.
        holidays: `as_days` a public holiday is a weekday like any other, `too` the span opens on
            it whatever weekday it is, `never` it does not open on it.
        dates: when given, the span opens on these dates only.
    """

    start: int
    end: int
    days: tuple[int, ...] = EVERY_DAY
    holidays: Holidays = Holidays.AS_DAYS
    dates: tuple[DateRange, ...] = ()


# --- conditions -------------------------------------------------------------------------------
# One struct per kind of condition. A new kind is a struct here, a module in `conditions/` and a
# line in each of the two tables that name them (`Condition` below, `conditions.KINDS`).


class ReadingIs(msgspec.Struct, frozen=True, kw_only=True, tag="reading"):
    """A reading arrives: an edge of a level, or any message of a momentary property.

    `at` names device ids, else locations, else kinds; empty means every device of the home. Inside
    `AllOf`, `AnyOf` and `Not` a level property means that it has that value now.
    """

    property: str
    values: tuple[Value, ...]
    at: tuple[str, ...] = ()
    between: tuple[Window, ...] = ()


class HeldFor(msgspec.Struct, frozen=True, kw_only=True, tag="held"):
    """A level has kept one of `values` for `duration`; only time inside `between` counts."""

    property: str
    values: tuple[Value, ...]
    duration: Duration
    at: tuple[str, ...] = ()
    between: tuple[Window, ...] = ()


class InactiveFor(msgspec.Struct, frozen=True, kw_only=True, tag="inactive"):
    """No sign of life in the home for `duration`.

    The count pauses while a bed or chair is occupied, for at most `occupied_at_most` a stretch,
    and restarts when `between` opens.

    Attributes:
        of: the properties that count as life.
        at: the places whose signs count; empty means every device of the home.
        never: ids, locations or kinds of devices whose signs never count.
        at_least, within: a sign counts when it is the `at_least`th within `within`, so that the
            lone motion of an empty home is none; 1 means that each counts.
    """

    duration: Duration
    of: tuple[str, ...]
    at: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    at_least: int = 1
    within: Duration = 0
    between: tuple[Window, ...] = ()
    occupied_at_most: Duration = DEFAULT_OCCUPIED_AT_MOST


class NoneOf(msgspec.Struct, frozen=True, kw_only=True, tag="none_of"):
    """None of some acts has happened between two times of a day: not up by eleven.

    It is due at `by`, once for each day on which the span from `start` to `by` opens; `start`
    after `by` means the day before.

    Attributes:
        of: the acts, any of which will do.
        start, by: minutes after local midnight.
        days, holidays, dates: as in `Window`, of the day on which the span opens.
    """

    of: tuple[ReadingIs, ...]
    start: int
    by: int
    days: tuple[int, ...] = EVERY_DAY
    holidays: Holidays = Holidays.AS_DAYS
    dates: tuple[DateRange, ...] = ()

    @property
    def window(self) -> Window:
        """The span in which one of the acts is expected."""
        return Window(
            start=self.start,
            end=self.by,
            days=self.days,
            holidays=self.holidays,
            dates=self.dates,
        )


class Without(msgspec.Struct, frozen=True, kw_only=True, tag="without"):
    """An act that none of some others follows in time: left bed, not back within 30 minutes.

    The count runs from the first act that is still unanswered. `first.between` gates that act
    only; whether it was answered is looked at by day and night.
    """

    first: ReadingIs
    without: tuple[ReadingIs, ...]
    within: Duration


class Follow(msgspec.Struct, frozen=True, kw_only=True):
    """One further act of a sequence, at most `within` after the act before it."""

    act: ReadingIs
    within: Duration


class Followed(msgspec.Struct, frozen=True, kw_only=True, tag="then"):
    """Acts that follow each other in time; met by the last of them."""

    first: ReadingIs
    then: tuple[Follow, ...]


class Count(msgspec.Struct, frozen=True, kw_only=True, tag="count"):
    """An act has happened `at_least` times within `within`.

    Attributes:
        of: the act; its `between` says which acts count.
        apart: acts closer than this to the last one counted are the same act.
    """

    of: ReadingIs
    at_least: int
    within: Duration
    apart: Duration = 0


class Compare(msgspec.Struct, frozen=True, kw_only=True, tag="compare"):
    """A number stands above or below a limit, for `duration`; each device by itself.

    It counts from when the number passed the limit until it passes `clear` on the way back, so
    that a number that wavers around the limit is one stretch (hysteresis).

    Attributes:
        above, below: the limit; exactly one of them. The limit itself is neither.
        clear: from then on it no longer holds; None for the limit itself.
    """

    property: str
    above: float | None = None
    below: float | None = None
    clear: float | None = None
    duration: Duration = 0
    at: tuple[str, ...] = ()
    between: tuple[Window, ...] = ()


class Changes(msgspec.Struct, frozen=True, kw_only=True, tag="changes"):
    """A number has risen or fallen by an amount within a time; each device by itself."""

    property: str
    within: Duration
    rises_by: float | None = None
    falls_by: float | None = None
    at: tuple[str, ...] = ()
    between: tuple[Window, ...] = ()


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """A circle (`centre`, `radius` in metres) or a polygon of at least three `points`.

    Points are [latitude, longitude] in degrees (WGS 84).
    """

    centre: tuple[float, float] | None = None
    radius: float = 0.0
    points: tuple[tuple[float, float], ...] = ()


class Geofence(msgspec.Struct, frozen=True, kw_only=True, tag="geofence"):
    """A tracker is inside or outside an area, for `duration`; exactly one of the two is given."""

    inside: Area | None = None
    outside: Area | None = None
    duration: Duration = 0
    at: tuple[str, ...] = ()
    between: tuple[Window, ...] = ()


class Silent(msgspec.Struct, frozen=True, kw_only=True, tag="silent"):
    """A device that matches `at` has sent nothing at all, each device by itself.

    Attributes:
        duration: how long it may be silent; 0 when `every` says it.
        every: how often it speaks when it is well.
        misses: how many times in a row it may fail to.
        behind: `alarm_unit`: it waits while an alarm unit of the home is silent.
    """

    at: tuple[str, ...]
    duration: Duration = 0
    every: Duration = 0
    misses: int = 0
    behind: str | None = None

    @property
    def limit(self) -> Duration:
        """How long a device may say nothing."""
        return self.every * (self.misses + 1) if self.every else self.duration


class AllOf(msgspec.Struct, frozen=True, kw_only=True, tag="all"):
    """All of some conditions hold at once, for `duration`; only time inside `between` counts."""

    of: tuple["Condition", ...]
    duration: Duration = 0
    between: tuple[Window, ...] = ()


class AnyOf(msgspec.Struct, frozen=True, kw_only=True, tag="any"):
    """At least one of some conditions holds, for `duration`; only time inside `between` counts."""

    of: tuple["Condition", ...]
    duration: Duration = 0
    between: tuple[Window, ...] = ()


class Not(msgspec.Struct, frozen=True, kw_only=True, tag="not"):
    """A condition does not hold, for `duration`; only inside `AllOf` and `AnyOf`, or with one."""

    of: "Condition"
    duration: Duration = 0
    between: tuple[Window, ...] = ()


Condition = (
    ReadingIs
    | HeldFor
    | InactiveFor
    | NoneOf
    | Without
    | Followed
    | Count
    | Compare
    | Changes
    | Geofence
    | Silent
    | AllOf
    | AnyOf
    | Not
)

MAX_CONDITIONS: Final = 24
"""Conditions inside one rule, however they are combined."""


def parts_of(condition: Condition) -> Sequence[Condition]:
    """Return the conditions that a combination joins; none for every other kind."""
    if isinstance(condition, AllOf | AnyOf):
        return condition.of
    return (condition.of,) if isinstance(condition, Not) else ()
