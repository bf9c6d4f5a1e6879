"""One message, several devices: which registered device each part of it belongs to.

The whole message has one owner; its sections go to the devices that their addresses find, and to
the owner where they find none. What nobody registered is a stranger, whose alarm is never lost.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from telecared.core.addresses import as_name, canonical, first_text, texts_of
from telecared.core.decode import (
    MAX_PAYLOAD_BYTES,
    Decoded,
    Told,
    decode_shape,
    say,
    tell_whole,
)
from telecared.core.envelope import parse, unpacked
from telecared.core.fields import find
from telecared.core.hints import is_about_itself, kind_of_name
from telecared.core.profiles import Path
from telecared.core.readings import Reading
from telecared.core.registered import Entry, Registered
from telecared.core.resolved import Resolved
from telecared.core.sections import Part, parts_in, tell_part
from telecared.core.shapes import CompiledProfile, Shape, Variant
from telecared.core.vocabulary import PROPERTIES, DeviceKind, Instant

HINT_LEVELS: Final = 3
"""The last levels of a topic whose words may say what kind of device it is. What stands before
them names a home or a scheme, and an `emergency-housing` scheme is no call for help."""

MAX_STRANGERS: Final = 32
"""What one message tells of further unknown devices is told as if the last of these said it."""


class Message(msgspec.Struct, frozen=True):
    """A message on a topic with registered devices.

    Attributes:
        own: the topic of those devices.
        shape: the name of its shape in every variant of the profile.
        captured: what the levels below the topic name, or None.
    """

    own: str
    shape: str
    captured: str | None
    payload: bytes
    at: Instant | None = None


class _Share:
    """What a message tells of one device, or of one stranger."""

    __slots__ = ("device", "name", "problem", "readings", "variant")

    def __init__(self, device: Registered | None, name: str | None, variant: Variant) -> None:
        self.device = device
        self.name = name
        self.variant = variant
        self.readings: list[Reading] = []
        self.problem: str | None = None

    @property
    def called(self) -> str | None:
        """How its readings name the device."""
        return self.name if self.device is None else self.device.binding.device


def resolve_shared(entry: Entry, message: Message) -> Resolved:
    """Return whose a message is, and what it tells of each device. Never raises.

    What is named as a call for help or a danger is not lost in the device without address (a node,
    a bridge) that it would belong to: where that one tells no alarm of it, a stranger does.
    """
    found = _shared(entry, message, entry.without_address(message.at))
    if found.binding is None or found.more or found.decoded.life_safety:
        return found
    if found.binding.address is not None or message.captured is None:
        return found
    if kind_hint("", message.captured) is DeviceKind.OTHER:
        return found
    named = _shared(entry, message, None)
    return named if named.decoded.life_safety else found


def _shared(entry: Entry, message: Message, host: Registered | None) -> Resolved:
    """As `resolve_shared`; `host` has what no addressed device claims."""
    profile = entry.profile
    general = profile.variant(DeviceKind.OTHER)
    shape = general.shapes[message.shape]
    data, problem = _data(shape, message.payload)
    names = texts_of(shape.address, data)
    if message.captured is not None:
        names.append(message.captured)
    owner, code = _claimant(entry, names, message.at)
    if owner is None and not (names and shape.source.named_only):
        owner = host
    name = names[0] if names else None
    if not isinstance(data, dict) and not (shape.sections and isinstance(data, list)):
        return _bare(profile, owner, code, names, message)
    variant = _variant(profile, owner, message, names)
    whole = _Share(owner, name, variant)
    told = tell_whole(variant.shapes[message.shape], data, whole.called or "")
    whole.readings, whole.problem = told.readings, told.problem or problem
    if owner is not None and code is not None:
        whole.readings = _coded(profile, owner, code, told)
        whole.problem = problem
    shares = [whole]
    if shape.sections:
        parts, complaint = parts_in(shape.sections, data)
        whole.problem = complaint or whole.problem
        for part in parts:
            _share_part(entry, message, shares, part, told)
    identity = first_text(shape.identity, data)
    return _combine(profile, message, shares, told.seq, identity)


def _data(shape: Shape, payload: bytes) -> tuple[object, str | None]:
    if not payload or len(payload) > MAX_PAYLOAD_BYTES or shape.source.payload == "text":
        return None, None
    data, problem = parse(payload)
    return unpacked(data, shape.source.unpack), problem


def _claimant(
    entry: Entry, names: list[str] | tuple[str, ...], at: Instant | None
) -> tuple[Registered | None, str | None]:
    """Return the device that has the first of the names, and its code if that was one."""
    for name in names:
        found = entry.find(name, at)
        if found is not None:
            key = canonical(name)
            return found, key if key in found.codes else None
    return None, None


def _variant(
    profile: CompiledProfile, owner: Registered | None, message: Message, names: Sequence[str]
) -> Variant:
    if owner is not None and owner.variant.profile == profile.profile.name:
        return owner.variant
    heard = hears_others(profile, message.shape)
    return profile.variant(kind_hint(message.own, *names, heard=heard))


def hears_others(profile: CompiledProfile, shape: str) -> bool:
    """Whether the topic of such messages is that of a receiver, and says nothing of who spoke."""
    source = profile.variant(DeviceKind.OTHER).shapes[shape].source
    return source.named_only or not profile.profile.strangers


def kind_hint(topic: str, *names: str, heard: bool = False) -> DeviceKind:
    """Return what kind an unregistered device seems to be, by what names it, or by its topic.

    A topic says nothing where a receiver only `heard` the device, and a name of what a device
    tells of itself (`pendant_battery`) is none of a pendant.
    """
    topics = () if heard and names else ("/".join(topic.split("/")[-HINT_LEVELS:]),)
    for words in (*names, *topics):
        if is_about_itself(words):
            break
        kind = kind_of_name(words)
        if kind is not None:
            return kind
    return DeviceKind.OTHER


def _bare(
    profile: CompiledProfile,
    owner: Registered | None,
    code: str | None,
    names: Sequence[str],
    message: Message,
) -> Resolved:
    """Resolve a message that is no JSON object: a text, an empty one, a broken one."""
    variant = _variant(profile, owner, message, names)
    share = _Share(owner, names[0] if names else None, variant)
    decoded = decode_shape(variant, variant.shapes[message.shape], message.payload, share.called)
    if owner is not None and code is not None and message.payload:
        told = Told([], None, None, None, None)
        decoded = msgspec.structs.replace(
            decoded, readings=tuple(_coded(profile, owner, code, told)), error=None
        )
    return _resolved(profile, message, share, decoded)


def _coded(profile: CompiledProfile, owner: Registered, code: str, told: Told) -> list[Reading]:
    """Return what the table of a device's codes makes of one of them."""
    return [
        Reading(
            owner.binding.device,
            name,
            word,
            told.at,
            None,
            profile.profile.burst if PROPERTIES[name].momentary else None,
            False,
            told.act if PROPERTIES[name].momentary else None,
        )
        for name, word in owner.codes[code]
    ]


def _share_part(
    entry: Entry, message: Message, shares: list[_Share], part: Part, told: Told
) -> None:
    """Give a part to the device that claims it, to the message's owner, or to a stranger."""
    claimant, code = _claimant(entry, part.names, message.at)
    host = shares[0].device
    general = entry.profile.variant(DeviceKind.OTHER)
    named_only = general.shapes[message.shape].sections[part.section].source.named_only
    if named_only and part.names and host in entry.alone:
        host = None
    owner = claimant or host
    name = part.names[0] if part.names else shares[0].name
    share = next(
        (
            each
            for each in shares
            if each.device is owner and (owner is not None or each.name == name)
        ),
        None,
    )
    if share is None and owner is None:
        strangers = [each for each in shares if each.device is None]
        share = strangers[-1] if len(strangers) >= MAX_STRANGERS else None
    if share is None:
        names = part.names or ((name,) if name else ())
        share = _Share(owner, name, _variant(entry.profile, owner, message, names))
        shares.append(share)
    section = share.variant.shapes[message.shape].sections[part.section]
    readings, problem = tell_part(
        section, part, share.called or "", told.at, told.act, told.readings
    )
    if owner is not None and code is not None:
        readings, problem = _coded(entry.profile, owner, code, told), None
    share.readings += readings
    share.problem = problem or share.problem


def _combine(
    profile: CompiledProfile,
    message: Message,
    shares: list[_Share],
    seq: int | None,
    identity: str | None,
) -> Resolved:
    """Join the shares: those that tell something, but for at least one."""
    claimed = any(each.device is not None for each in shares[1:])
    kept = [each for each in shares if each.readings or each.problem] or shares[:1]
    if claimed and shares[0].device is None and shares[0] in kept:
        # Nobody is registered for the whole; what matters of it is with those who are.
        decoded = Decoded(tuple(shares[0].readings))
        if not decoded.life_safety and len(kept) > 1:
            kept.remove(shares[0])
    found: list[Resolved] = []
    for number, share in enumerate(kept):
        error = None if share.problem is None else say(share.variant, share.problem)
        decoded = Decoded(
            tuple(share.readings),
            seq if number == 0 else None,
            error,
            share.called,
            identity=identity if share is shares[0] else None,
        )
        found.append(_resolved(profile, message, share, decoded))
    first = found[0]
    return first if len(found) == 1 else msgspec.structs.replace(first, more=tuple(found[1:]))


def _resolved(
    profile: CompiledProfile, message: Message, share: _Share, decoded: Decoded
) -> Resolved:
    name = profile.profile.name
    if share.device is not None:
        binding = share.device.binding
        return Resolved(binding.home, binding, decoded, profile=name)
    return stranger(profile, message.own, share.name, decoded)


def stranger(profile: CompiledProfile, own: str, address: str | None, decoded: Decoded) -> Resolved:
    """Return what an unregistered device of a known profile tells."""
    return Resolved(
        None,
        None,
        decoded,
        profile=profile.profile.name,
        stranger=own if address is None else f"{own} {address}",
        quiet=not (profile.profile.strangers or decoded.life_safety),
    )


def spoken_of(path: Path, payload: bytes) -> str | None:
    """Return the name of the device that a message is about, exactly as it stands there."""
    value = find(parse(payload)[0], path) if len(payload) <= MAX_PAYLOAD_BYTES else None
    return as_name(value) if isinstance(value, str) else None
