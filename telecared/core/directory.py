"""Who sent a message: from a topic to home, device and compiled profile by dict lookup.

Built once from all registered devices. An unregistered device is guessed by its neighbours and by
the profiles' topic patterns, so that its SOS is still heard; what is done about it is decided
elsewhere.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from telecared.core.decode import (
    CompiledProfile,
    Decoded,
    Variant,
    address_of,
    decode,
    decode_below,
)
from telecared.core.profiles import DeviceBinding
from telecared.core.vocabulary import DeviceKind

MAX_LEVELS_BELOW: Final = 4
"""How far below a device's own topic its messages are looked for."""


class Resolved(msgspec.Struct, frozen=True, gc=False):
    """What a message is and whose.

    Attributes:
        home: id of the registered device's home, or None.
        binding: the registered device, or None when nobody registered it.
        decoded: what the message says; for an unregistered device as far as it could be guessed.
        ignored: the topic carries no device's message (a bridge's own state, a command).
        profile: the profile that decoded it, or None when none fits.
    """

    home: str | None
    binding: DeviceBinding | None
    decoded: Decoded
    ignored: bool = False
    profile: str | None = None


class _Entry(msgspec.Struct):
    """The devices of one topic: one that needs no address, and those that have one."""

    profile: CompiledProfile
    alone: DeviceBinding | None = None
    variant: Variant | None = None
    addressed: dict[str, tuple[DeviceBinding, Variant]] = {}


class _Neighbours(msgspec.Struct):
    """What the registered devices beside a topic have in common; None when they differ."""

    profile: CompiledProfile
    home: str | None


_IGNORED: Final = Resolved(None, None, Decoded(), ignored=True)
_UNKNOWN: Final = Decoded(error="no profile knows this topic")


class Directory:
    """The index of all registered devices.

    Attributes:
        conflicts: one sentence for each binding that was left out, naming home and device.
    """

    def __init__(
        self, bindings: Iterable[DeviceBinding], profiles: Mapping[str, CompiledProfile]
    ) -> None:
        self._profiles = profiles
        self._entries: dict[str, _Entry] = {}
        self._beside: dict[str, _Neighbours | None] = {}
        conflicts: list[str] = []
        for binding in bindings:
            problem = self._add(binding)
            if problem is not None:
                conflicts.append(f"{binding.home}/{binding.device}: {problem}")
        self.conflicts = tuple(conflicts)
        self._depth = min(
            MAX_LEVELS_BELOW, max((each.depth for each in profiles.values()), default=0)
        )

    def _add(self, binding: DeviceBinding) -> str | None:
        """Index one device; return why it cannot be."""
        profile = self._profiles.get(binding.profile)
        if profile is None:
            return f'profile "{binding.profile}" does not exist; correct it or add its file'
        try:
            variant = profile.variant(binding.kind, binding.invert)
        except ValueError as error:
            return str(error)
        entry = self._entries.get(binding.topic)
        if entry is None:
            entry = self._entries[binding.topic] = _Entry(profile)
        elif entry.profile is not profile:
            return "its topic belongs to a device of another profile; give each its own topic"
        if binding.address is None:
            if entry.alone is not None:
                return "its topic belongs to another device; give each an address or its own topic"
            entry.alone, entry.variant = binding, variant
        else:
            address = binding.address.strip().casefold()
            if address in entry.addressed:
                return "topic and address belong to another device; correct one of the two"
            entry.addressed = {**entry.addressed, address: (binding, variant)}
        self._note_neighbour(binding, profile)
        return None

    def _note_neighbour(self, binding: DeviceBinding, profile: CompiledProfile) -> None:
        parent = binding.topic.rpartition("/")[0]
        if not parent:
            return
        known = self._beside.get(parent)
        if parent not in self._beside:
            self._beside[parent] = _Neighbours(profile, binding.home)
        elif known is not None and known.profile is not profile:
            self._beside[parent] = None
        elif known is not None and known.home != binding.home:
            known.home = None

    def resolve(self, topic: str, payload: bytes) -> Resolved:
        """Return whose message this is and what it says. Never raises.

        The device's own topic costs one lookup, a topic below it one for each level.
        """
        entry, below = self._entries.get(topic), ""
        if entry is not None:
            return self._of(entry, below, payload)
        own = topic
        for _ in range(self._depth):
            own, slash, _last = own.rpartition("/")
            if not slash:
                break
            entry = self._entries.get(own)
            if entry is not None and self._knows(entry, topic[len(own) + 1 :]):
                return self._of(entry, topic[len(own) + 1 :], payload)
        return self.guess(topic, payload)

    def guess(self, topic: str, payload: bytes) -> Resolved:
        """Decode the message of an unregistered device as far as possible. Never raises.

        Profiles are asked in the order of their names, after the one that the registered
        neighbours speak. A life-safety reading is preferred to any other, and any reading to none.
        """
        if any(
            pattern.match(topic) for each in self._profiles.values() for pattern in each.ignored
        ):
            return _IGNORED
        best: Resolved | None = None
        beside = self._beside.get(topic.rpartition("/")[0])
        if beside is not None:
            variant = beside.profile.variant(DeviceKind.OTHER)
            decoded = decode_below(variant, "", payload, topic.rpartition("/")[2])
            decoded = msgspec.structs.replace(decoded, home=beside.home)
            best = Resolved(None, None, decoded, profile=variant.profile)
        for name in sorted(self._profiles):
            profile = self._profiles[name]
            if profile.matches(topic):
                found = Resolved(None, None, decode(profile, topic, payload), profile=name)
                if best is None or _worth(found.decoded) > _worth(best.decoded):
                    best = found
        return best if best is not None else Resolved(None, None, _UNKNOWN)

    @staticmethod
    def _knows(entry: _Entry, below: str) -> bool:
        variant = entry.variant or next(iter(entry.addressed.values()))[1]
        own = variant.shapes.get("")
        return below in variant.shapes or (
            own is not None and own.source.attributes and "/" not in below
        )

    @staticmethod
    def _of(entry: _Entry, below: str, payload: bytes) -> Resolved:
        binding, variant = entry.alone, entry.variant
        if entry.addressed:
            shape = next(iter(entry.addressed.values()))[1].shapes.get(below)
            address = None if shape is None else address_of(shape, payload)
            found = None if address is None else entry.addressed.get(address)
            if found is not None:
                binding, variant = found
        if binding is None or variant is None:
            stranger = entry.profile.variant(DeviceKind.OTHER)
            decoded = decode_below(stranger, below, payload, None)
            return Resolved(None, None, decoded, profile=stranger.profile)
        decoded = decode_below(variant, below, payload, binding.device)
        return Resolved(binding.home, binding, decoded, profile=variant.profile)


def _worth(decoded: Decoded) -> int:
    """How much a guess tells: a danger, a reading, a device without one, or nothing."""
    if decoded.life_safety:
        return 3
    return 2 if decoded.readings else 1 if decoded.error is None else 0
