"""What surrounds the readings of a message: its JSON, the device's time, counter and name.

Pure parts of `decode`, each of which takes whatever a device may send and never raises.
"""

import json
from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec

from telecared.core.fields import find, plain_number, whole_number
from telecared.core.profiles import Path, TimeField
from telecared.core.vocabulary import Instant

MAX_EXACT_DIGITS: Final = 300
"""A longer whole number in broken JSON is taken as endless instead of being computed."""

MAX_SEQUENCE: Final = 2**63 - 1
"""What the store can hold; a larger sequence number is an error."""

MAX_SECONDS: Final = 4_096
"""Seconds that are remembered as text; then all are forgotten. Many devices speak in each."""

_ENDS: Final = {"Z": 0} | {f".{part:03}Z": part * 1_000 for part in range(1_000)}
_SECONDS: Final[dict[str, Instant]] = {}

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_SECOND: Final = 253_402_300_800  # the year 10000, which no clock text can name
_AWARE: Final = Annotated[datetime, msgspec.Meta(tz=True)]
decode_json: Final = msgspec.json.Decoder().decode


def parse(payload: bytes) -> tuple[object, str | None]:
    """Return decoded JSON and None, or what could be read (None at worst) and the problem."""
    try:
        return decode_json(payload), None
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


def unpacked(data: object, unpack: tuple[tuple[Path, str], ...]) -> object:
    """Return `data` with what its fields hold as JSON text, each under its name beside them.

    What is there under that name already stays; text that is no JSON adds nothing.
    """
    if not isinstance(data, dict):
        return data
    found = {
        name: inside
        for path, name in unpack
        if isinstance(text := find(data, path), str)
        and isinstance(inside := parse(text.encode("utf-8", "replace"))[0], dict)
    }
    return found | data


def time_in(field: TimeField, data: dict[str, object]) -> tuple[Instant | None, str | None]:
    """Return the device's time in microseconds UTC, or None and why not."""
    path = field.path
    value = data.get(path[0]) if len(path) == 1 else find(data, path)
    if value is None:
        return None, None
    problem: str | None = "its time cannot be read"
    if isinstance(value, str):
        if "rfc3339" in field.formats:
            at = _written(value)
            if at is not None:
                return at, None
            problem = "its time is not RFC 3339 with an offset"
        value = plain_number(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        for form, scale in (("epoch_s", 1_000_000), ("epoch_ms", 1000)):
            if form in field.formats and 0 <= value < _LAST_SECOND * 1_000_000 // scale:
                return round(value * scale), None
    return None, None if field.ignore_unknown else problem


def instant_of(text: str) -> Instant:
    """Return what an RFC 3339 text in UTC names, quickly, where its second came before.

    Raises:
        KeyError: it did not, or the text is another one.
        TypeError: it is no text.
    """
    return _SECONDS[text[:19]] + _ENDS[text[19:]]


def _written(text: str) -> Instant | None:
    """Return the instant that an RFC 3339 text names, or None; remember a second in UTC."""
    try:
        since = msgspec.convert(text, _AWARE) - _EPOCH
    except (ValueError, OverflowError):  # not a time, or not even text that can be encoded
        return None
    at: Instant = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    if text[19:] in _ENDS:
        if len(_SECONDS) >= MAX_SECONDS:
            _SECONDS.clear()
        _SECONDS[text[:19]] = at // 1_000_000 * 1_000_000
    return at


def act_in(value: object) -> int | None:
    """Return the number of an act, as JSON or text has it, or None for anything else."""
    number = whole_number(value)
    return number if number is not None and 0 <= number <= MAX_SEQUENCE else None


def sequence_in(value: object) -> tuple[int | None, str | None]:
    """Return the device's counter, or None and why not."""
    if value is None:
        return None, None
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_SEQUENCE:
        return value, None
    return None, "its sequence number is not a whole number"
