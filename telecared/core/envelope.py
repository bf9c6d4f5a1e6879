"""What surrounds the readings of a message: its JSON, the device's time, counter and name.

Pure parts of `decode`, each of which takes whatever a device may send and never raises.
"""

import json
from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec

from telecared.core.fields import find, spelled
from telecared.core.profiles import Path, TimeField
from telecared.core.vocabulary import Instant

MAX_EXACT_DIGITS: Final = 300
"""A longer whole number in broken JSON is taken as endless instead of being computed."""

MAX_SEQUENCE: Final = 2**63 - 1
"""What the store can hold; a larger sequence number is an error."""

MAX_NAME_CHARS: Final = 256
"""A longer text in a payload names no device."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_SECOND: Final = 253_402_300_800  # the year 10000, which no clock text can name
_AWARE: Final = Annotated[datetime, msgspec.Meta(tz=True)]
_decode: Final = msgspec.json.Decoder().decode


def parse(payload: bytes) -> tuple[object, str | None]:
    """Return decoded JSON and None, or what could be read (None at worst) and the problem."""
    try:
        return _decode(payload), None
    except (ValueError, RecursionError):  # msgspec's errors are ValueErrors, as are those of text
        return parse_broken(payload)


def parse_broken(payload: bytes) -> tuple[object, str | None]:
    """Read what is nearly JSON: NaN, a NUL at the end, a letter of another character set.

    One broken field must not hide an alarm in the next. Returns the value and the problem.
    """
    text = payload.decode("utf-8-sig", "replace").strip("\0 \t\r\n")
    try:
        data: object = json.loads(text, parse_int=_whole)
    except (ValueError, RecursionError):
        return None, "the payload is not JSON"
    return data, "the payload is not quite JSON; what could be read was read"


def _whole(text: str) -> int | float:
    return int(text) if len(text) <= MAX_EXACT_DIGITS else float(text)


def name_in(paths: tuple[Path, ...], data: object) -> str | None:
    """Return the first of the fields that is there, as folded text, or None."""
    for path in paths:
        name = spelled(find(data, path))
        if name and len(name) <= MAX_NAME_CHARS:
            return name.encode("utf-8", "replace").decode()
    return None


def time_in(field: TimeField, data: dict[str, object]) -> tuple[Instant | None, str | None]:
    """Return the device's time in microseconds UTC, or None and why not."""
    value = find(data, field.path)
    if value is None:
        return None, None
    if isinstance(value, str) and "rfc3339" in field.formats:
        try:
            moment = msgspec.convert(value, _AWARE)
            since = moment - _EPOCH
            return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds, None
        except (ValueError, OverflowError):  # not a time, or not even text that can be encoded
            return None, "its time is not RFC 3339 with an offset"
    if isinstance(value, int | float) and not isinstance(value, bool):
        for form, scale in (("epoch_s", 1_000_000), ("epoch_ms", 1000)):
            if form in field.formats and 0 <= value < _LAST_SECOND * 1_000_000 // scale:
                return round(value * scale), None
    return None, "its time cannot be read"


def sequence_in(value: object) -> tuple[int | None, str | None]:
    """Return the device's counter, or None and why not."""
    if value is None:
        return None, None
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_SEQUENCE:
        return value, None
    return None, "its sequence number is not a whole number"
