"""How a device of a profile might say one value: every message that its fields allow, in order.

Decoding read backwards, without deciding: a candidate may still be wrong (another field of the
same key wins, a pattern claims the message). `wire` tries them and keeps the first that decodes.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Final, NamedTuple

from telecared.core.fields import spelled
from telecared.core.profiles import (
    OPPOSITES,
    DeviceBinding,
    FieldMap,
    MessageShape,
    Path,
    Profile,
    Section,
    TimeField,
)
from telecared.core.vocabulary import PROPERTIES, Value

Step = str | int
"""A key of an object, or 0 for the only element of an array."""

Place = tuple[Step, ...]
Puts = dict[Place, object]

MOST_COMPANIONS: Final = 16
"""Ways to fill the other fields that one field asks for; more are not tried."""

ADDRESS: Final = "@@address@@"
LAST: Final = "@@last@@"
SERIAL: Final = "@@serial@@"
TIME: Final = "@@time@@"
SEQUENCE: Final = "@@sequence@@"
ACTS: Final = "@@acts@@"
"""Places in a message that are filled when it is sent; LAST is the address from its last / on."""

_FIELD: Final = re.compile(r"\{([^{}]+)\}")
_ANY_LEVEL: Final = "1"
_PRESENT: Final = 1
"""What stands in a field of which only the presence counts."""


class Saying(NamedTuple):
    """One candidate.

    Attributes:
        below: topic levels under the device's own, "" for its own.
        puts: the leaves of a JSON message; None for bare text.
        text: the bare text where there is no JSON.
        time: where the device's own time may stand, and how it is written.
        sequence: where its counter may stand.
        acts: where its counter of acts may stand.
    """

    below: str
    puts: Puts | None
    text: object = None
    time: tuple[Place, TimeField] | None = None
    sequence: Place | None = None
    acts: Place | None = None


def number_place(name: str, part: int = 0) -> str:
    """Return what holds the place of a number of this property in a candidate."""
    return f"@@number:{name}:{part}@@"


def sayings(profile: Profile, binding: DeviceBinding, name: str, value: Value) -> Iterator[Saying]:
    """Yield candidates for a property and a value, the likeliest first.

    A number stands as `number_place`, so that one candidate serves all numbers.
    """
    # A link is told on a topic of its own, as text and by the broker, wherever there is one.
    by_link = name == "link"
    shapes = sorted(profile.messages, key=lambda each: not each.below) if by_link else None
    for shape in shapes or profile.messages:
        below = _below(shape, binding.address)
        if by_link:
            yield from _texts(shape, below, binding, name, value)
        yield from _coded(shape, below, binding, name, value)
        for field in (*of_model(profile, binding), *shape.fields):
            if _tells(field, name, binding) and shape.payload != "text":
                yield from _objects(shape, None, below, field, binding, value)
        for section in shape.sections:
            if not section.history:
                for field in (*of_model(profile, binding), *section.fields):
                    if _tells(field, name, binding):
                        yield from _objects(shape, section, below, field, binding, value)
        if not by_link:
            yield from _texts(shape, below, binding, name, value)


def _tells(field: FieldMap, name: str, binding: DeviceBinding) -> bool:
    """Whether a field may tell a property of this kind of device, now and not of the past."""
    kind = binding.kind
    return (
        field.property == name
        and not field.history
        and (not field.kinds or kind in field.kinds)
        and kind not in field.except_kinds
    )


def _below(shape: MessageShape, address: str | None) -> str:
    return shape.below.replace("{any}", _ANY_LEVEL).replace(
        "{address}", ADDRESS if address is not None else _ANY_LEVEL
    )


def of_model(profile: Profile, binding: DeviceBinding) -> tuple[FieldMap, ...]:
    """Return the fields that this device's model has beside the profile's."""
    model = profile.models.get((binding.model or "").strip().casefold())
    return () if model is None else model.fields


def _texts(
    shape: MessageShape, below: str, binding: DeviceBinding, name: str, value: Value
) -> Iterator[Saying]:
    for field in shape.text:
        if _tells(field, name, binding):
            for raw in _raw(field, value):
                yield Saying(below, None, _PRESENT if raw is None else raw)


def _coded(
    shape: MessageShape, below: str, binding: DeviceBinding, name: str, value: Value
) -> Iterator[Saying]:
    """Yield messages that are nothing but a code of the device."""
    for code, prop, word in binding.codes:
        if (prop, word) == (name, value):
            for puts in _named(shape.address, code, code):
                yield _surrounded(shape, None, below, binding, puts)


def _objects(
    shape: MessageShape,
    section: Section | None,
    below: str,
    field: FieldMap,
    binding: DeviceBinding,
    value: Value,
) -> Iterator[Saying]:
    for base, named in _where_it_stands(shape, section, binding):
        for raw in _raw(field, value):
            leaves: list[tuple[Path, object]]
            if field.pair is not None:
                leaves = [
                    (path, number_place(field.property, part))
                    for part, path in enumerate(field.pair)
                ]
                choices = [leaves]
            elif not field.paths:
                choices = [[]]
            else:
                choices = [[(path, _PRESENT if raw is None else raw)] for path in field.paths]
            for leaves, companions in product(choices, _companions(field)):
                puts = dict(named)
                if _put_all(puts, base, [*leaves, *companions]):
                    yield _surrounded(shape, section, below, binding, puts, base)


def _where_it_stands(
    shape: MessageShape, section: Section | None, binding: DeviceBinding
) -> Iterator[tuple[Place, Puts]]:
    """Yield the place of the message's fields, and the leaves that name the device."""
    address, shown = binding.address, ADDRESS
    if section is None:
        for named in _named(shape.address, address, shown):
            yield (), named
        return
    path: Place = tuple(step for step in section.path if step)
    if not section.by_key:
        for outer in _named(shape.address, address, shown):
            for inner in _named(section.address, address, shown, section.match):
                yield (*path, 0), {**outer, **{(*path, 0, *at): put for at, put in inner.items()}}
        return
    keys = [section.match.replace("*", "0") or "0"]
    if address is not None:
        keys.insert(0, ADDRESS)
    for key in keys:
        for outer in _named(shape.address, address, shown):
            yield (*path, key), outer
        if address is not None:
            yield (*path, key), {}


def _named(
    templates: Sequence[str], address: str | None, shown: str, match: str = ""
) -> Iterator[Puts]:
    """Yield the fields that make one of the templates tell the address, then none at all."""
    if address is None:
        address = shown = match.replace("*", "0") if match else ""
    for template in templates if address else ():
        names = _FIELD.findall(template)
        if not names:
            yield {tuple(template.split(".")): shown}
            continue
        found = re.fullmatch(_FIELD.sub(lambda _: "(.+?)", _quoted(template)), address)
        if found is not None:
            pieces = list(found.groups())
            last = address.rpartition("/")[2]
            puts: Puts = {
                tuple(name.split(".")): piece for name, piece in zip(names, pieces, strict=True)
            }
            if shown == ADDRESS and pieces[-1] == last:
                # Only the last piece tells one device from another of its sort.
                puts[tuple(names[-1].split("."))] = LAST
            yield puts
    yield {}


def _quoted(template: str) -> str:
    """Quote what is literal in a template; braces and the fields in them stay."""
    return "".join(
        part if part.startswith("{") else re.escape(part)
        for part in re.split(r"(\{.*?\})", template)
    )


def _surrounded(
    shape: MessageShape,
    section: Section | None,
    below: str,
    binding: DeviceBinding,
    puts: Puts,
    base: Place = (),
) -> Saying:
    """Add where time, counters and the serial number stand."""
    if binding.serial is not None:
        for named in _named(shape.identity[:1], binding.serial, SERIAL):
            puts.update({at: put for at, put in named.items() if at not in puts})
    time: tuple[Place, TimeField] | None = None
    if shape.time is not None:
        time = (shape.time.path, shape.time)
    acts: Place | None = shape.acts
    if section is not None:
        if section.time is not None:
            time = ((*base, *section.time.path), section.time)
        if section.acts is not None:
            acts = (*base, *section.acts)
    return Saying(below, puts, None, time, shape.sequence, acts)


def _companions(field: FieldMap) -> Iterator[list[tuple[Path, object]]]:
    """Yield what other fields have to hold, so that this one counts."""
    choices = [
        [(path, _PRESENT if word == "*" else of_word(word)) for word in words]
        for path, words in field.where
    ]
    for chosen in islice(product(*choices), MOST_COMPANIONS):
        yield list(chosen)


def _put_all(puts: Puts, base: Place, leaves: Sequence[tuple[Path, object]]) -> bool:
    """Add leaves; False when one of them says something else already."""
    for path, value in leaves:
        place = (*base, *path)
        if puts.setdefault(place, value) != value and not _same(puts[place], value):
            return False
    return True


def _same(one: object, other: object) -> bool:
    if one in (ADDRESS, LAST):
        return other == _PRESENT
    return spelled(one) is not None and spelled(one) == spelled(other)


# --- what a field may hold ----------------------------------------------------------------------


def _raw(field: FieldMap, value: Value) -> Iterator[object]:
    """Yield the maker's values for ours; None where the presence of the message tells it."""
    if field.constant is not None:
        if field.constant == value:
            yield None
        return
    if isinstance(value, str):
        yield from _raw_words(field, value)
    elif isinstance(value, tuple):
        if field.pair is not None:
            yield None
        elif field.as_is and field.property == "location":
            yield [number_place(field.property, 0), number_place(field.property, 1)]
    elif field.number:
        yield number_place(field.property)


def _raw_words(field: FieldMap, value: str) -> Iterator[object]:
    words = dict(field.words)
    if field.as_is:
        words = {word: word for word in PROPERTIES[field.property].values} | words
    opposite = _opposite(field.property, value)
    # A device or a model may turn words round: which of the two it is, the decoder says.
    for wanted in (value, opposite):
        for theirs, ours in words.items():
            if ours != wanted:
                continue
            raw = of_word(theirs)
            if field.bit is None and field.threshold is None:
                yield raw
            elif isinstance(raw, bool) and field.bit is not None:
                yield 1 << field.bit if raw else 0
            elif isinstance(raw, bool) and field.threshold is not None:
                below = min(field.threshold / 2, field.threshold - 1)
                yield field.threshold if raw else below


def _opposite(name: str, value: str) -> str | None:
    pair = OPPOSITES.get(name, ())
    return next((word for word in pair if value in pair and word != value), None)


_SWITCHES: Final[Mapping[str, bool]] = {"true": True, "false": False}


def of_word(word: str) -> object:
    """Return a word of a profile as JSON has it: a switch, a whole number or text."""
    if word in _SWITCHES:
        return _SWITCHES[word]
    if word.lstrip("-").isdecimal() and word.isascii() and len(word) < 16:
        return int(word)
    return word
