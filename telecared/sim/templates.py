"""Messages with places to fill: built once from a saying, then filled for a microsecond each.

Nothing here knows whether a message means what was meant; that is `wire`'s part.
"""

import re
from functools import lru_cache
from itertools import pairwise
from typing import Final

import msgspec

from telecared.core.profiles import TimeField
from telecared.core.streams import stamp
from telecared.core.vocabulary import SECOND, Instant
from telecared.sim.sayings import ACTS, SEQUENCE, TIME, Place, Puts, Saying, Step

_QUOTED: Final = r'"@@(?P<sort>number|time|sequence|acts):?(?P<name>[a-z_]*):?(?P<part>\d?)@@"'
_SLOT: Final = re.compile(_QUOTED + r"|@@(?P<named>address|last|serial)@@")

SECONDS_KEPT: Final = 4_096
"""Seconds whose text is remembered: the homes of a street speak in the same ones."""

DIGITS: Final = 9
"""After the point, of a number that a maker scales; more would be the noise of dividing."""

Fill = tuple[str, str, int]
"""What one place takes: sort (`number`, `time`, `address` …), property or format, part."""


class Template(msgspec.Struct, frozen=True):
    """A message with places to fill.

    Attributes:
        below: topic levels under the device's own, perhaps with an address to fill in.
        parts: `parts % values` makes the payload; the payload itself when nothing is to fill.
        fills: what the values are, in order.
        retain: whether the broker is asked to keep it.
        counted: whether it carries the device's counter.
    """

    below: str
    parts: bytes
    fills: tuple[Fill, ...]
    retain: bool
    counted: bool


def template_of(
    saying: Saying, *, time: bool, sequence: bool, acts: bool, retain: bool = False
) -> Template:
    """Return the message of a saying, with those of time and counters that are asked for.

    Raises:
        ValueError: its fields contradict each other.
    """
    formats = ""
    if saying.puts is None:
        text = _text_of(saying.text)
    else:
        puts = dict(saying.puts)
        if time and saying.time is not None:
            place, field = saying.time
            formats = _format_of(field)
            puts[place] = TIME
        if sequence and saying.sequence is not None:
            puts[saying.sequence] = SEQUENCE
        if acts and saying.acts is not None:
            puts[saying.acts] = ACTS
        text = msgspec.json.encode(_built(puts)).decode()
    fills: list[Fill] = []
    parts: list[str] = []
    end = 0
    for found in _SLOT.finditer(text):
        parts += [text[end : found.start()], "\0"]
        end = found.end()
        sort = found["sort"] or found["named"]
        name = formats if sort == "time" else found["name"] or ""
        fills.append((sort, name, int(found["part"] or 0)))
    parts.append(text[end:])
    whole = "".join(parts)
    if fills:
        whole = whole.replace("%", "%%").replace("\0", "%b")
    counted = any(sort == "sequence" for sort, _, _ in fills)
    return Template(saying.below, whole.encode(), tuple(fills), retain, counted)


def _text_of(raw: object) -> str:
    if isinstance(raw, str):
        # A number's place is quoted as in JSON, so that both are found in the same way.
        return f'"{raw}"' if raw.startswith("@@number") else raw
    return msgspec.json.encode(raw).decode()


def _format_of(field: TimeField) -> str:
    return field.formats[0] if field.formats else "rfc3339"


def _built(puts: Puts) -> object:
    """Return the JSON value whose leaves these are."""
    holder: dict[Step, object] = {"": {}}
    for place, value in puts.items():
        _put(holder, ("", *place), value)
    return holder[""]


def _put(holder: dict[Step, object], place: Place, value: object) -> None:
    here: object = holder
    for step, following in pairwise(place):
        fresh: object = [] if following == 0 else {}
        if isinstance(here, list):
            if not here:
                here.append(fresh)
            here = here[0]
        elif isinstance(here, dict):
            there = here.get(step)
            if there is None or (there == {} and fresh == []):
                here[step] = there = fresh
            here = there
        else:
            raise ValueError("a field is a value and an object at once")
    if isinstance(here, dict) and not isinstance(here.get(place[-1]), dict | list):
        here[place[-1]] = value
    elif isinstance(here, list) and not here:
        here.append(value)
    else:
        raise ValueError("a field is a value and an object at once")


def number_text(value: float, scale: float, offset: float, *, as_text: bool) -> bytes:
    """Return a number as the maker writes it: before scale and offset, in quotes if asked for."""
    if scale != 1 or offset:
        value = round((value - offset) / scale, DIGITS)
    whole = value.is_integer() and abs(value) < 2**53
    if as_text:
        return b'"%d.00"' % int(value) if whole else b'"%b"' % repr(value).encode()
    return b"%d" % int(value) if whole else repr(value).encode()


def time_text(at: Instant, form: str) -> bytes:
    """Return an instant in one of the formats of `profiles.TimeFormat`."""
    if form == "epoch_s":
        return b"%d.%06d" % divmod(at, SECOND)
    if form == "epoch_ms":
        return b"%d" % (at // 1000)
    second, rest = divmod(at, SECOND)
    return b'"%b%06dZ"' % (_to_the_second(second), rest)


@lru_cache(maxsize=SECONDS_KEPT)
def _to_the_second(second: int) -> bytes:
    return stamp(second * SECOND)[:20].encode()
