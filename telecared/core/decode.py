"""A message turned into readings by a compiled profile. No exception leaves `decode`.

A profile is compiled once per device kind and set of inversions into tables; a message then costs
a little more than parsing its JSON. Finding the device is `directory`'s part, judging what a
reading means is `step`'s.
"""

from collections.abc import Iterable
from typing import Any, Final, Literal, TypeAlias

import msgspec

from telecared.core.envelope import name_in, parse, sequence_in, time_in
from telecared.core.fields import UNKNOWN, FieldPlan, Unknown, find, holds, plan, read, wins
from telecared.core.profiles import DeviceBinding, MessageShape, Path, Profile
from telecared.core.readings import Reading, is_life_safety
from telecared.core.topics import NOTHING, Captures, TopicPattern
from telecared.core.vocabulary import DeviceKind, Instant, Value

MAX_PAYLOAD_BYTES: Final = 1024 * 1024
"""A longer payload is on record but not looked into: no device says so much."""


_NUMBERS: Final = frozenset({int, float})

Told: TypeAlias = Value | Literal[Unknown.UNKNOWN] | None

Found: TypeAlias = dict[str, tuple[Value, FieldPlan]]
"""Per property what a message tells and by which field."""


class Decoded(msgspec.Struct, frozen=True, gc=False):
    """What one message says.

    Attributes:
        readings: at most one per property; empty is normal (a message of settings, say).
        seq: the device's own counter, or None.
        error: a sentence without any part of the payload, or None. Readings may stand beside it.
        device: the registered device's id, or what topic or payload name.
        scheme: what the topic of an unregistered device names.
        home: likewise.
    """

    readings: tuple[Reading, ...] = ()
    seq: int | None = None
    error: str | None = None
    device: str | None = None
    scheme: str | None = None
    home: str | None = None

    @property
    def life_safety(self) -> bool:
        """Whether any reading is an alarm of life safety by its words alone."""
        return any(is_life_safety(reading) for reading in self.readings)


class Shape(msgspec.Struct, frozen=True):
    """A compiled `MessageShape`."""

    source: MessageShape
    keys: dict[str, tuple[FieldPlan, ...]]
    deep: tuple[tuple[Path, FieldPlan], ...]
    constant: tuple[FieldPlan, ...]
    text: tuple[FieldPlan, ...]
    meta: frozenset[str]


class Variant(msgspec.Struct, frozen=True):
    """A profile compiled for one device kind and one set of inversions."""

    profile: str
    shapes: dict[str, Shape]


class CompiledProfile:
    """A profile ready for use. Variants are compiled when first asked for and kept."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.patterns = tuple(
            (TopicPattern(topic + (f"/{message.below}" if message.below else "")), message.below)
            for message in sorted(profile.messages, key=lambda each: -len(each.below))
            for topic in profile.topics
        )
        self.ignored = tuple(TopicPattern(topic) for topic in profile.ignored)
        self.depth = max(
            (each.below.count("/") + 1 for each in profile.messages if each.below),
            default=int(any(each.attributes for each in profile.messages)),
        )
        self._variants: dict[tuple[DeviceKind, tuple[str, ...]], Variant] = {}

    def matches(self, topic: str) -> bool:
        """Whether one of the patterns fits `topic`."""
        return any(pattern.match(topic) is not None for pattern, _ in self.patterns)

    def ignores(self, topic: str) -> bool:
        """Whether the profile says that `topic` carries no device's message."""
        return any(pattern.match(topic) is not None for pattern in self.ignored)

    def split(self, topic: str) -> tuple[str, str]:
        """Return the device's own topic and what stands below it, judged by the ending alone."""
        for below in sorted((each.below for each in self.profile.messages), key=len, reverse=True):
            if below and topic.endswith(f"/{below}"):
                return topic[: -len(below) - 1], below
        return topic, ""

    def variant(self, kind: DeviceKind, invert: tuple[str, ...] = ()) -> Variant:
        """Return the tables for a device of `kind` with these properties inverted.

        Raises:
            ValueError: a property in `invert` has no opposites.
        """
        found = self._variants.get((kind, invert))
        if found is None:
            shapes = {each.below: _shape(each, kind, invert) for each in self.profile.messages}
            found = self._variants[kind, invert] = Variant(self.profile.name, shapes)
        return found


def compile_profile(profile: Profile) -> CompiledProfile:
    """Compile `profile`, including the variant for a device of unknown kind.

    Raises:
        ValueError: a pattern, a word or an inversion that cannot be used.
    """
    compiled = CompiledProfile(profile)
    for kind in DeviceKind:
        compiled.variant(kind)
    return compiled


def decode(
    compiled: CompiledProfile, topic: str, payload: bytes, binding: DeviceBinding | None = None
) -> Decoded:
    """Return what `payload` on `topic` says. Never raises, whatever the bytes and the topic.

    With `binding` the topic is the device's own or one below it. Without, the profile's patterns
    find what the topic names, and where none fits its last level is the device; fields that are
    only for certain kinds are then passed over.
    """
    if binding is not None:
        variant = compiled.variant(binding.kind, binding.invert)
        below = topic[len(binding.topic) + 1 :] if topic != binding.topic else ""
        return decode_below(variant, below, payload, binding.device)
    if compiled.ignores(topic):
        return Decoded()
    variant = compiled.variant(DeviceKind.OTHER)
    for pattern, below in compiled.patterns:
        captures = pattern.match(topic)
        if captures is not None:
            shape = variant.shapes[below]
            if shape.source.attributes and not payload.lstrip().startswith(b"{"):
                own, _, key = (captures.device or "").rpartition("/")
                if own and key in shape.keys:
                    named = Captures(captures.scheme, captures.home, own)
                    return _decode_text(variant, shape.keys[key], payload, own, named)
            return decode_shape(variant, shape, payload, captures.device, captures)
    own, below = compiled.split(topic)
    return decode_below(variant, below, payload, own.rpartition("/")[2] or None)


def decode_below(variant: Variant, below: str, payload: bytes, device: str | None) -> Decoded:
    """As `decode`, with the topic given as what stands below the device's own."""
    shape = variant.shapes.get(below)
    if shape is not None:
        return decode_shape(variant, shape, payload, device)
    own = variant.shapes.get("")
    if own is not None and own.source.attributes:
        plans = own.keys.get(below)
        if plans is None:
            return Decoded(device=device)
        return _decode_text(variant, plans, payload, device)
    return Decoded(device=device, error=_say(variant, "it knows no message on this topic"))


def decode_shape(
    variant: Variant,
    shape: Shape,
    payload: bytes,
    device: str | None,
    captures: Captures = NOTHING,
) -> Decoded:
    """As `decode`, for a message whose shape is known."""
    if not payload:  # removes a retained message
        return Decoded((), None, None, device, captures.scheme, captures.home)
    if len(payload) > MAX_PAYLOAD_BYTES:
        return Decoded(device=device, error=_say(variant, "the payload is too long for a device"))
    if shape.source.payload == "text":
        return _decode_text(variant, shape.text, payload, device, captures)
    data, problem = parse(payload)
    if isinstance(data, dict):
        return _decode_object(variant, shape, data, device, captures, problem)
    if shape.text:
        return _decode_text(variant, shape.text, payload, device, captures)
    if problem is None:
        problem = "the payload is not a JSON object"
    return Decoded((), None, _say(variant, problem), device, captures.scheme, captures.home)


def address_of(shape: Shape, payload: bytes) -> str | None:
    """Return what the payload names as its device, as folded text, or None."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        return None
    return name_in(shape.source.address, parse(payload)[0])


# --- objects ----------------------------------------------------------------------------------


def _decode_object(
    variant: Variant,
    shape: Shape,
    data: dict[str, object],
    device: str | None,
    captures: Captures,
    problem: str | None,
) -> Decoded:
    found, complaint = _told(shape, data)
    problem = complaint or problem
    if shape.deep or shape.constant:
        problem = _rare(shape, data, found) or problem
    at: Instant | None = None
    seq: int | None = None
    source = shape.source
    if source.time is not None:
        at, complaint = time_in(source.time, data)
        problem = complaint or problem
    if source.sequence is not None:
        seq, complaint = sequence_in(find(data, source.sequence))
        problem = complaint or problem
    if device is None and source.address:
        device = name_in(source.address, data)
    name = device or ""
    readings = [
        Reading(name, prop, value, at, how.clears_after, how.burst, how.history)
        for prop, (value, how) in found.items()
    ]
    error = None if problem is None else _say(variant, problem)
    return Decoded(tuple(readings), seq, error, device, captures.scheme, captures.home)


def _told(shape: Shape, data: dict[str, Any]) -> tuple[Found, str | None]:
    """Return what the top level of an object tells, and a problem. The hot loop of decoding.

    The values are whatever JSON holds: their class is looked at before anything is done with them.
    """
    found: Found = {}
    problem: str | None = None
    plans_of = shape.keys.get
    for key, value in data.items():
        plans = plans_of(key)
        if plans is None or value is None:
            if plans is None and shape.source.strict_keys and key not in shape.meta:
                problem = "a key is not one of its properties"
            continue
        kind = value.__class__
        for how in plans:
            told: Told = None
            if kind is bool or kind is str:  # nearly always spelled as the profile has it
                told = how.table.get(value)
            elif kind in _NUMBERS and how.low <= value <= how.high:
                told = float(value)
            told = read(how, value) if told is None else told
            if told is None or not (how.plain or holds(how.map, data)):
                continue
            if told is UNKNOWN:
                problem = f'it does not know the value of "{key}"'
            elif how.property not in found or wins(how, told, found[how.property][0]):
                found[how.property] = (told, how)
    return found, problem


def _rare(shape: Shape, data: dict[str, object], found: Found) -> str | None:
    """Add what nested fields and the message's mere presence tell; return a problem."""
    problem: str | None = None
    for path, how in shape.deep:
        told = read(how, find(data, path))
        if told is UNKNOWN:
            problem = f'it does not know the value of "{".".join(path)}"'
        elif told is not None and holds(how.map, data):
            _keep(found, how, told)
    for how in shape.constant:
        if how.map.constant is not None and holds(how.map, data):
            _keep(found, how, how.map.constant)
    return problem


def _keep(found: Found, how: FieldPlan, value: Value) -> None:
    if how.property not in found or wins(how, value, found[how.property][0]):
        found[how.property] = (value, how)


def _decode_text(
    variant: Variant,
    plans: Iterable[FieldPlan],
    payload: bytes,
    device: str | None,
    captures: Captures = NOTHING,
) -> Decoded:
    """Read a bare value: text, or a JSON scalar."""
    text = payload.decode("utf-8", "replace").strip("\0 \t\r\n")
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    readings: list[Reading] = []
    problem: str | None = None
    if text and text != "null":
        for how in plans:
            told = read(how, text)
            if told is UNKNOWN:
                problem = "it does not know this text"
            elif told is not None:
                readings.append(
                    Reading(
                        device or "",
                        how.property,
                        told,
                        None,
                        how.clears_after,
                        how.burst,
                        how.history,
                    )
                )
    error = None if problem is None else _say(variant, problem)
    return Decoded(tuple(readings), None, error, device, captures.scheme, captures.home)


# --- parts ------------------------------------------------------------------------------------


def _shape(message: MessageShape, kind: DeviceKind, invert: tuple[str, ...]) -> Shape:
    keys: dict[str, list[FieldPlan]] = {}
    deep: list[tuple[Path, FieldPlan]] = []
    constant: list[FieldPlan] = []
    for field in message.fields:
        how = plan(field, kind, invert)
        if how is None:
            continue
        if not field.paths:
            constant.append(how)
        for path in field.paths:
            if len(path) == 1:
                keys.setdefault(path[0], []).append(how)
            else:
                deep.append((path, how))
    texts = [plan(field, kind, invert) for field in message.text]
    meta = {path[0] for path in message.address}
    meta.update({message.time.path[0]} if message.time is not None else ())
    meta.update({message.sequence[0]} if message.sequence is not None else ())
    return Shape(
        source=message,
        keys={key: tuple(plans) for key, plans in keys.items()},
        deep=tuple(deep),
        constant=tuple(constant),
        text=tuple(how for how in texts if how is not None),
        meta=frozenset(meta),
    )


def _say(variant: Variant, problem: str) -> str:
    return f"profile {variant.profile}: {problem}"
