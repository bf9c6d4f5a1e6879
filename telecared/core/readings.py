"""A reading: one fact that a device told, in the project's own words.

Here is the value type and the check that a value belongs to the vocabulary; turning a maker's
message into readings is `decode`, deciding what a reading means is `step`.
"""

import math

import msgspec

from telecared.core.vocabulary import PROPERTIES, Duration, Instant, Value


class Reading(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One fact that a device told.

    Attributes:
        device: the device's id within its home, or what the message names where no home is known.
        property: a key of `vocabulary.PROPERTIES`.
        value: a word of that property, a number, or a location.
        at: the device's own time in microseconds UTC, or None when it gave none. Whether it is
            plausible is decided by `step`, never here.
        clears_after: a level that never clears by itself counts as cleared this long after it
            was last told; None for levels that do clear.
        burst: a repeat of a momentary value within this long is the same act.
        history: the profile declared this a record of the past: stored, raises nothing live.
        act: the device's own number of a momentary act: a message with the same number is a copy
            of it, one with another number is another act, however soon it follows.
    """

    device: str
    property: str
    value: Value
    at: Instant | None = None
    clears_after: Duration | None = None
    burst: Duration | None = None
    history: bool = False
    act: int | None = None


def is_life_safety(reading: Reading) -> bool:
    """Whether a reading is an alarm of life safety by its words alone, without any rule."""
    return reading.value in PROPERTIES[reading.property].alarm


def is_live_alarm(reading: Reading, *, retained: bool) -> bool:
    """Whether it is an alarm of life safety now: no history, and no press that the broker kept."""
    was_kept = retained and PROPERTIES[reading.property].momentary
    return is_life_safety(reading) and not (reading.history or was_kept)


def accepted_value(name: str, value: object) -> Value | None:
    """Return `value` as the vocabulary holds it for property `name`, or None when it is not one.

    Numbers must be finite. A bool is never a number here: a profile has to name its words.
    """
    spec = PROPERTIES.get(name)
    if spec is None:
        return None
    if isinstance(value, str):
        return value if value in spec.values else None
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if spec.numeric and math.isfinite(value) else None
    if name == "location":
        return _location(value)
    return None


def _location(value: object) -> tuple[float, float] | None:
    if not isinstance(value, list | tuple) or len(value) != 2:
        return None
    latitude, longitude = value
    for number, limit in ((latitude, 90), (longitude, 180)):
        if isinstance(number, bool) or not isinstance(number, int | float):
            return None
        if not math.isfinite(number) or abs(number) > limit:
            return None
    return float(latitude), float(longitude)
