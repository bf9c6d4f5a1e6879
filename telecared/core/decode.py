"""A message turned into readings by a compiled profile. No exception leaves `decode`.

A profile is compiled once per device kind and set of inversions into tables; a message then costs
about as much as parsing its JSON. Finding the device is `directory`'s part, judging what a
reading means is `step`'s.
"""

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from telecared.core.addresses import first_text
from telecared.core.envelope import (
    act_in,
    decode_json,
    instant_of,
    parse_broken,
    sequence_in,
    time_in,
    unpacked,
)
from telecared.core.fields import UNKNOWN, FieldPlan, find, holds, read
from telecared.core.profiles import DeviceBinding
from telecared.core.readings import Reading, is_life_safety
from telecared.core.sections import parts_in, tell_part
from telecared.core.shapes import CompiledProfile, Shape, Variant, compile_profile
from telecared.core.tables import layout_of, numbered, reading_of, tell
from telecared.core.topics import NOTHING, Captures
from telecared.core.vocabulary import DeviceKind, Instant

__all__ = [
    "MAX_PAYLOAD_BYTES",
    "CompiledProfile",
    "Decoded",
    "compile_profile",
    "decode",
    "decode_below",
    "decode_own",
    "decode_shape",
]

MAX_PAYLOAD_BYTES: Final = 1024 * 1024
"""A longer payload is on record but not looked into: no device says so much."""


class Decoded(msgspec.Struct, frozen=True, gc=False):
    """What one message says.

    Attributes:
        readings: at most one per property, device and time; empty is normal (a message of
            settings, say). The device of a reading is the registered one's id, or what the
            message names.
        seq: the device's own counter, or None.
        error: a sentence without any part of the payload, or None. Readings may stand beside it.
        device: the registered device's id, or what topic or payload name.
        scheme: what the topic of an unregistered device names.
        home: likewise.
        identity: what names the device in the whole world, as the message has it, or None.
    """

    readings: tuple[Reading, ...] = ()
    seq: int | None = None
    error: str | None = None
    device: str | None = None
    scheme: str | None = None
    home: str | None = None
    identity: str | None = None

    @property
    def life_safety(self) -> bool:
        """Whether any reading is an alarm of life safety by its words alone."""
        return any(is_life_safety(reading) for reading in self.readings)


class Told(msgspec.Struct, gc=False):
    """What a JSON object tells as a whole, beside its sections.

    Attributes:
        at, act: for sections without their own.
    """

    readings: list[Reading]
    at: Instant | None
    act: int | None
    seq: int | None
    problem: str | None


def decode(
    compiled: CompiledProfile, topic: str, payload: bytes, binding: DeviceBinding | None = None
) -> Decoded:
    """Return what `payload` on `topic` says. Never raises, whatever the bytes and the topic.

    With `binding` the topic is the device's own or one below it, and the message is taken as its
    own. Without, the profile's patterns find what the topic names, and where none fits its last
    level is the device; fields that are only for certain kinds are then passed over.
    """
    if binding is not None:
        variant = compiled.variant_of(binding)
        below = topic[len(binding.topic) + 1 :] if topic != binding.topic else ""
        return decode_below(variant, below, payload, binding.device)
    if compiled.ignores(topic):
        return Decoded()
    return decode_unregistered(compiled, topic, payload, DeviceKind.OTHER)


def decode_unregistered(
    compiled: CompiledProfile, topic: str, payload: bytes, kind: DeviceKind
) -> Decoded:
    """As `decode`, for a device that nobody registered and that is taken to be of `kind`."""
    variant = compiled.variant(kind)
    topic = compiled.aliased(topic)
    matched = compiled.match(topic)
    if matched is None:
        own, below = compiled.split(topic)
        return decode_below(variant, below, payload, own.rpartition("/")[2] or None)
    captures, below = matched
    shape = variant.shapes[below]
    if shape.source.attributes and not payload.lstrip().startswith(b"{"):
        own, _, key = (captures.device or "").rpartition("/")
        if own and key in shape.table.keys:
            named = Captures(captures.scheme, captures.home, own)
            return decode_text(variant, shape.table.keys[key], payload, own, named)
    device = captures.address or captures.device
    return decode_shape(variant, shape, payload, device, captures, name_it=True)


def decode_below(variant: Variant, below: str, payload: bytes, device: str | None) -> Decoded:
    """As `decode`, with the topic given as what stands below the device's own."""
    shape, address = variant.shape_of(below)
    if shape is not None:
        name = address if device is None else device
        return decode_shape(variant, shape, payload, name)
    own = variant.shapes.get("")
    if own is not None and own.source.attributes:
        plans = own.table.keys.get(below)
        if plans is None:
            return Decoded(device=device)
        return decode_text(variant, plans, payload, device)
    return Decoded(device=device, error=say(variant, "it knows no message on this topic"))


def decode_own(variant: Variant, shape: Shape, payload: bytes, device: str) -> Decoded:
    """As `decode_shape`, for a registered device: written out for what nearly every message is.

    That is an object of fields, and at most a time. Any other goes the general way.
    """
    if not shape.is_simple or len(payload) > MAX_PAYLOAD_BYTES:
        return decode_shape(variant, shape, payload, device)
    try:
        data = decode_json(payload)
    except (ValueError, RecursionError):
        data = None
    if data.__class__ is not dict:
        return decode_shape(variant, shape, payload, device)
    table = shape.table
    layout = table.layouts.get(tuple(data)) or layout_of(table, data)
    at = problem = None
    time = shape.time
    if time is not None and shape.time_key in data:
        try:
            at = instant_of(data[shape.time_key])
        except (KeyError, TypeError):
            at, problem = time_in(time, data)
    readings, complaint = tell(layout, data, device, at)
    if not (problem or complaint or layout.names_device):
        return Decoded(tuple(readings), None, None, device)
    error = say(variant, problem or complaint or "") if problem or complaint else None
    identity = first_text(shape.identity, data)
    return Decoded(tuple(readings), None, error, device, None, None, identity)


def decode_shape(
    variant: Variant,
    shape: Shape,
    payload: bytes,
    device: str | None,
    captures: Captures = NOTHING,
    *,
    name_it: bool = False,
) -> Decoded:
    """As `decode`, for a message whose shape is known.

    With `name_it` a device that the payload names goes by that name, as do its parts.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        return Decoded(device=device, error=say(variant, "the payload is too long for a device"))
    if shape.is_text:
        return decode_text(variant, shape.text, payload, device, captures)
    problem: str | None = None
    try:
        data = decode_json(payload)
    except (ValueError, RecursionError):
        if not payload:  # removes a retained message
            return Decoded((), None, None, device, captures.scheme, captures.home)
        data, problem = parse_broken(payload)
    if shape.source.unpack:
        data = unpacked(data, shape.source.unpack)
    if data.__class__ is dict or (shape.sections and data.__class__ is list):
        return _decode_object(variant, shape, data, device, captures, problem, name_it=name_it)
    # A bare value that is for devices of other kinds only is nothing; half an object is broken.
    bare = shape.source.text and not payload.lstrip().startswith(b"{")
    if shape.text or bare:
        return decode_text(variant, shape.text, payload, device, captures)
    if problem is None:
        problem = "the payload is not a JSON object"
    return Decoded((), None, say(variant, problem), device, captures.scheme, captures.home)


def say(variant: Variant, problem: str) -> str:
    """Return a problem as the sentence of an error."""
    return f"profile {variant.profile}: {problem}"


# --- objects ----------------------------------------------------------------------------------


def _decode_object(
    variant: Variant,
    shape: Shape,
    data: Any,  # noqa: ANN401 - whatever a device sends
    device: str | None,
    captures: Captures,
    problem: str | None,
    *,
    name_it: bool,
) -> Decoded:
    if shape.address and (name_it or device is None):
        device = first_text(shape.address, data) or device
    told = tell_whole(shape, data, device or "")
    problem = told.problem or problem
    readings = told.readings
    if shape.sections:
        parts, complaint = parts_in(shape.sections, data)
        problem = complaint or problem
        for part in parts:
            name = (part.names[0] if part.names and name_it else device) or ""
            more, complaint = tell_part(
                shape.sections[part.section], part, name, told.at, told.act, told.readings
            )
            readings += more
            problem = complaint or problem
    identity = first_text(shape.identity, data) if shape.identity else None
    error = None if problem is None else say(variant, problem)
    return Decoded(
        tuple(readings), told.seq, error, device, captures.scheme, captures.home, identity
    )


def tell_whole(shape: Shape, data: Any, device: str) -> Told:  # noqa: ANN401 - any JSON
    """Return what a JSON message tells as a whole; an array tells nothing so."""
    if data.__class__ is not dict:
        return Told([], None, None, None, None)
    source, problem = shape.source, None
    at: Instant | None = None
    seq: int | None = None
    act: int | None = None
    if source.time is not None:
        at, problem = time_in(source.time, data)
    if source.sequence is not None:
        seq, complaint = sequence_in(find(data, source.sequence))
        problem = complaint or problem
    if source.acts is not None:
        act = act_in(find(data, source.acts))
    readings, complaint = tell(layout_of(shape.table, data), data, device, at)
    if act is not None:
        readings = numbered(readings, act)
    return Told(readings, at, act, seq, problem or complaint)


def decode_text(
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
            told = read(how, text) if how.map.constant is None else how.map.constant
            if not (how.plain or holds(how.map, {"value": text})):
                continue
            if told is UNKNOWN:
                problem = "it does not know this text"
            elif told is not None:
                readings.append(reading_of(how, told, device or ""))
    error = None if problem is None else say(variant, problem)
    return Decoded(tuple(readings), None, error, device, captures.scheme, captures.home)
