"""The keys of each kind of condition as pydantic models, their numbers and their limits.

A field's name is the struct's where the struct has it; its alias is the word in the file. What
stands inside another condition (patterns, areas, parts of a combination) is read by `conditions`,
and arrives here as it was read. What several keys must say together is `condition_checks`.
"""

import math
from typing import Annotated, Any, Final, Literal, TypeGuard

from pydantic import BeforeValidator, Field

from telecared.config.calendar import parse_time
from telecared.config.fields import Body, DurationField, PositiveDuration, Windows, Words
from telecared.core import when

MIN_TIMES: Final = 2
MAX_TIMES: Final = 200
"""How often an act may have to happen; what is kept of one is `traces.MAX_MARKS`."""

MAX_MISSES: Final = 100
MAX_NUMBER: Final = 1_000_000.0
"""The largest number that a reading is compared with."""

MAX_RADIUS: Final = 100_000.0
"""Metres; a larger circle is a slip between metres and kilometres."""

MIN_POINTS: Final = 3
MAX_PATTERNS: Final = 16
"""Patterns in one list, and steps of one sequence."""

LATITUDES: Final = 90.0
LONGITUDES: Final = 180.0

Read = Any
"""Something nested, which `conditions` has read already; pydantic only sees whether it is there."""


def is_number(value: object) -> TypeGuard[int | float]:
    """Return whether a value of a file is a finite number; true and text are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _number(value: object) -> float:
    if not is_number(value):
        raise ValueError("must be a number; write it without quotes and without a unit")
    number = float(value)
    if abs(number) > MAX_NUMBER:
        raise ValueError(f"farther from 0 than {MAX_NUMBER:,.0f}; write a smaller number")
    return number


def _amount(value: object) -> float:
    number = _number(value)
    if number <= 0:
        raise ValueError("must be more than 0; falls_by and rises_by say the direction")
    return number


def _whole(value: object, least: int, most: int, otherwise: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("must be a whole number; write it without quotes")
    if not least <= value <= most:
        raise ValueError(f"must be {least} to {most}; {otherwise}")
    return value


def _times(value: object) -> int:
    return _whole(value, MIN_TIMES, MAX_TIMES, "for a single time write the reading without it")


def _misses(value: object) -> int:
    return _whole(value, 0, MAX_MISSES, "a longer every needs fewer misses")


Number = Annotated[float, BeforeValidator(_number)]
Amount = Annotated[float, BeforeValidator(_amount)]
Times = Annotated[int, BeforeValidator(_times)]
Misses = Annotated[int, BeforeValidator(_misses)]
Time = Annotated[int, BeforeValidator(parse_time)]


class PatternBody(Body):
    """`property`, `is`, `at`, `between`: an act; without `is`, one that shows life."""

    property: str
    values: Words = Field(default=(), alias="is")
    at: Words = ()
    between: Windows = ()


class ReadingBody(PatternBody):
    """`property`, `is`, `at`, `between`: a reading arrives."""

    values: Words = Field(alias="is")


class HeldBody(ReadingBody):
    """A reading that has kept its word `for` a duration."""

    duration: PositiveDuration = Field(alias="for")


class InactiveBody(Body):
    """`inactive_for`, `of`: no sign of life."""

    duration: PositiveDuration = Field(alias="inactive_for")
    of: Words
    at: Words = ()
    never: Words = ()
    at_least: Times = 1
    within: PositiveDuration = 0
    between: Windows = ()
    occupied_at_most: PositiveDuration = when.DEFAULT_OCCUPIED_AT_MOST


class NoneOfBody(Body):
    """`none_of`, `from`, `by`: none of some acts between two times of a day."""

    of: Read = Field(alias="none_of")
    start: Time = Field(alias="from")
    by: Time


class WithoutBody(ReadingBody):
    """An act `without` another `within` a duration."""

    without: Read
    within: PositiveDuration


class FollowedBody(ReadingBody):
    """An act and what happens `then`, `within` a duration."""

    then: Read
    within: PositiveDuration


class StepBody(PatternBody):
    """A further act of a sequence; its own `then` and `within` lead to the next."""

    then: Read = None
    within: PositiveDuration = 0


class CountedBody(PatternBody):
    """The act that a `count` counts."""

    apart: DurationField = 0


class CountBody(Body):
    """`count`, `at_least`, `within`: how often an act happened."""

    of: Read = Field(alias="count")
    at_least: Times
    within: PositiveDuration


class CompareBody(Body):
    """`property` with `above` or `below`: a number beyond a limit."""

    property: str
    above: Number | None = None
    below: Number | None = None
    clear_below: Number | None = None
    clear_above: Number | None = None
    duration: PositiveDuration = Field(default=0, alias="for")
    at: Words = ()
    between: Windows = ()


class ChangesBody(Body):
    """`property` with `rises_by` or `falls_by` and `within`: how much a number changed."""

    property: str
    rises_by: Amount | None = None
    falls_by: Amount | None = None
    within: PositiveDuration
    at: Words = ()
    between: Windows = ()


class GeofenceBody(Body):
    """`property: location` with `inside` or `outside`: where a tracker is."""

    property: str
    inside: Read = None
    outside: Read = None
    duration: PositiveDuration = Field(default=0, alias="for")
    at: Words = ()
    between: Windows = ()


class SilentBody(Body):
    """`silent` with `for`, or with `every` and `misses`: a device sends nothing at all."""

    at: Words = Field(alias="silent")
    duration: PositiveDuration = Field(default=0, alias="for")
    every: PositiveDuration = 0
    misses: Misses = 0
    behind: Literal["alarm_unit"] | None = None


class AllBody(Body):
    """`all`: conditions that hold at once."""

    of: Read = Field(alias="all")
    duration: PositiveDuration = Field(default=0, alias="for")
    between: Windows = ()


class AnyBody(AllBody):
    """`any`: conditions of which one holds."""

    of: Read = Field(alias="any")


class NotBody(AllBody):
    """`not`: a condition that does not hold."""

    of: Read = Field(alias="not")


class ClearBody(Body):
    """`property`, `is`, `at`: the reading that ends a finding."""

    property: str
    values: Words = Field(alias="is")
    at: Words = ()
