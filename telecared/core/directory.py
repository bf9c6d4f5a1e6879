"""Who sent a message: from a topic to home, device and compiled profile by dict lookup.

Built once from all registered devices. An unregistered device is guessed by its neighbours and by
the profiles' topic patterns, so that its SOS is still heard; what is done about it is decided
elsewhere.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeAlias

import msgspec

from telecared.core.addresses import canonical
from telecared.core.decode import Decoded, decode_below, decode_own, decode_unregistered
from telecared.core.profiles import DeviceBinding
from telecared.core.registered import Entry, Registered, registered
from telecared.core.resolved import Resolved
from telecared.core.shapes import MAX_LEVELS_BELOW, CompiledProfile, Shape, Variant
from telecared.core.sharing import (
    Message,
    hears_others,
    kind_hint,
    resolve_shared,
    spoken_of,
    stranger,
)
from telecared.core.vocabulary import DeviceKind, Instant

__all__ = ["MAX_LEVELS_BELOW", "Directory", "Resolved"]

_IGNORED: Final = Resolved(None, None, Decoded(), ignored=True)
_UNKNOWN: Final = Decoded(error="no profile knows this topic")


class _Neighbours(msgspec.Struct):
    """What the registered devices beside a topic have in common; None when they differ."""

    profile: CompiledProfile
    home: str | None


_Only: TypeAlias = tuple[DeviceBinding, Variant, Shape, str, str, str]
"""The one device of a topic, its tables, and its home, id and profile."""


class Directory:
    """The index of all registered devices.

    Attributes:
        conflicts: one sentence for each binding that was left out, naming home and device.
    """

    def __init__(
        self, bindings: Iterable[DeviceBinding], profiles: Mapping[str, CompiledProfile]
    ) -> None:
        self._profiles = profiles
        self._entries: dict[str, tuple[Entry, ...]] = {}
        self._only: dict[str, _Only] = {}
        self._beside: dict[str, _Neighbours | None] = {}
        self._identities: dict[str, list[Registered]] = {}
        conflicts: list[str] = []
        for binding in bindings:
            problem = self._add(binding)
            if problem is not None:
                conflicts.append(f"{binding.home}/{binding.device}: {problem}")
        self.conflicts = tuple(conflicts)
        self._depth = max((each.depth for each in profiles.values()), default=0)
        self._aliasing = tuple(each for each in profiles.values() if each.profile.aliases)

    def _add(self, binding: DeviceBinding) -> str | None:
        """Index one device; return why it cannot be."""
        profile = self._profiles.get(binding.profile)
        if profile is None:
            return f'profile "{binding.profile}" does not exist; correct it or add its file'
        try:
            new = registered(binding, profile)
        except ValueError as error:
            return str(error)
        entries = self._entries.get(binding.topic, ())
        own: Entry | None = None
        for entry in entries:
            if entry.profile is profile:
                own = entry
            elif any(map(new.meets, entry.all())):
                return "its topic belongs to a device of another profile; give each its own topic"
        if own is None:
            own = Entry(profile)
        problem = own.add(new)
        if problem is not None:
            return problem
        if own not in entries:
            entries = self._entries[binding.topic] = (*entries, own)
        only = own.only
        shape = None if only is None else only.variant.shapes.get("")
        if len(entries) > 1 or only is None or shape is None or not shape.all_own:
            self._only.pop(binding.topic, None)
        else:
            one, profile_name = only.binding, only.variant.profile
            facts = (one, only.variant, shape, one.home, one.device, profile_name)
            self._only[binding.topic] = facts
        for name in _identities(new):
            self._identities.setdefault(name, []).append(new)
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

    def alone(self, binding: DeviceBinding) -> "Directory":
        """Return a directory of the same profiles that knows this one device."""
        return Directory((binding,), self._profiles)

    def resolve(self, topic: str, payload: bytes, at: Instant | None = None) -> Resolved:
        """Return whose this message is and what it says. Never raises.

        `at` chooses between devices that stood there one after the other; None is for whoever
        still does. The device's own topic costs one lookup, a topic below it one for each level.
        """
        only = self._only.get(topic)
        if only is not None:  # nearly every message
            binding, variant, shape, home, device, profile = only
            decoded = decode_own(variant, shape, payload, device)
            found = Resolved(home, binding, decoded, False, profile)
            return found if decoded.identity is None else self._placed(found, topic, at)
        entries = self._entries.get(topic)
        if entries is not None:
            return self._of(entries, topic, "", payload, at)
        for each in (topic, *self._aliased(topic)):
            own = each if each in self._entries else self._own(each)
            if own is not None:
                return self._of(self._entries[own], own, each[len(own) + 1 :], payload, at)
        return self.guess(topic, payload, at)

    def _own(self, topic: str) -> str | None:
        """Return the topic of the registered device below which `topic` stands, or None."""
        own = topic
        for _ in range(self._depth):
            own, slash, _last = own.rpartition("/")
            if not slash:
                break
            entries = self._entries.get(own)
            if entries is not None and any(
                _knows(entry, topic[len(own) + 1 :]) for entry in entries
            ):
                return own
        return None

    def _aliased(self, topic: str) -> Iterator[str]:
        """Yield what else `topic` may be called, once the topic itself is nobody's."""
        for profile in self._aliasing:
            other = profile.aliased(topic)
            if other != topic:
                yield other

    def _of(
        self, entries: tuple[Entry, ...], own: str, below: str, payload: bytes, at: Instant | None
    ) -> Resolved:
        entry = entries[0]
        if len(entries) > 1:
            entry = next(
                (one for one in entries if any(each.is_there(at) for each in one.all())), entry
            )
        general = next(entry.all()).variant
        shape, captured = general.shape_of(below)
        only = entry.only
        if only is not None and (shape is None or (shape.all_own and captured is None)):
            decoded = decode_below(only.variant, below, payload, only.binding.device)
            found = Resolved(only.binding.home, only.binding, decoded, False, decoded_by(entry))
            return found if decoded.identity is None else self._placed(found, own, at)
        if shape is None:
            owner = entry.without_address(at)
            if owner is None:
                decoded = decode_below(general, below, payload, None)
                return stranger(entry.profile, own, None, decoded)
            decoded = decode_below(owner.variant, below, payload, owner.binding.device)
            return Resolved(owner.binding.home, owner.binding, decoded, False, decoded_by(entry))
        if shape.source.speaks_of is not None:
            told = self._spoken_of(entry, shape, own, payload, at)
            if told is not None:
                return told
        message = Message(own, shape.source.below, captured, payload, at)
        return self._placed(resolve_shared(entry, message), own, at)

    def _spoken_of(
        self, entry: Entry, shape: Shape, own: str, payload: bytes, at: Instant | None
    ) -> Resolved | None:
        """Resolve what a bridge tells of another device; None when it names none."""
        path = shape.source.speaks_of
        name = None if path is None else spoken_of(path, payload)
        if name is None:
            return None
        parent, slash, _ = own.rpartition("/")
        topic = f"{parent}{slash}{name}"
        owner = next(
            (
                found
                for each in self._entries.get(topic, ())
                if (found := each.without_address(at)) is not None
            ),
            None,
        )
        profile = entry.profile
        below = shape.source.below
        if owner is None:
            variant = profile.variant(kind_hint(topic))
            decoded = decode_below(variant, below, payload, name)
            return self._placed(stranger(profile, topic, None, decoded), topic, at)
        binding = owner.binding
        decoded = decode_below(profile.variant_of(binding), below, payload, binding.device)
        about = Resolved(binding.home, binding, decoded, profile=profile.profile.name)
        return self._placed(about, topic, at)

    def _placed(self, found: Resolved, own: str, at: Instant | None) -> Resolved:
        """Add who is registered in another home under the identity that a message carries."""
        name = found.decoded.identity
        if name is None:
            return found
        home = found.home or found.decoded.home or self._home_beside(own)
        known = next(
            (
                each.binding
                for each in self._identities.get(canonical(name), ())
                if each.is_there(at) and each.binding.home != home
            ),
            None,
        )
        if known is None:
            return found
        return msgspec.structs.replace(found, elsewhere=(known.home, known.device))

    def _home_beside(self, topic: str) -> str | None:
        beside = self._beside.get(topic.rpartition("/")[0])
        return None if beside is None else beside.home

    def guess(self, topic: str, payload: bytes, at: Instant | None = None) -> Resolved:
        """Decode the message of an unregistered device as far as possible. Never raises.

        The profile that the registered neighbours speak is asked first, then those whose pattern
        names most of the topic. A life-safety reading is preferred to any other, any to none.
        """
        return self.choose(topic, payload, at)[0]

    def stands(self, binding: DeviceBinding, at: Instant | None) -> bool:
        """Whether a device is still registered in that home, on that topic, at an instant."""
        return any(
            each.binding.home == binding.home
            and each.binding.device == binding.device
            and each.is_there(at)
            for entry in self._entries.get(binding.topic, ())
            for each in entry.all()
        )

    def hears_neighbours(self, profile: str | None) -> bool:
        """Whether a profile's receivers hear devices of other homes as a matter of course."""
        compiled = self._profiles.get(profile or "")
        return compiled is not None and not compiled.profile.strangers

    def choose(self, topic: str, payload: bytes, at: Instant | None = None) -> tuple[Resolved, str]:
        """Return a guess, and one sentence that says why this profile. Never raises."""
        for name, profile in self._profiles.items():
            if profile.ignores(topic):
                return _IGNORED, f"profile {name} says that this topic carries no device's message"
        best: Resolved | None = None
        why = "no profile knows this topic"
        beside = self._beside.get(topic.rpartition("/")[0])
        if beside is not None:
            best = self._as_neighbour(beside, topic, payload)
            why = f"its registered neighbours speak profile {best.profile}"
        for name in sorted(self._profiles, key=lambda each: (-self._closeness(each, topic), each)):
            found = self._as_pattern(self._profiles[name], topic, payload)
            if found is not None and (best is None or _worth(found) > _worth(best)):
                best, why = found, f"profile {name} has a pattern that fits the topic"
        if best is None:
            return Resolved(None, None, _UNKNOWN, stranger=topic), why
        return self._placed(best, topic, at), why

    def _closeness(self, name: str, topic: str) -> int:
        return self._profiles[name].closeness(topic)

    @staticmethod
    def _as_neighbour(beside: _Neighbours, topic: str, payload: bytes) -> Resolved:
        profile, device = beside.profile, topic.rpartition("/")[2]
        decoded = max(
            (
                decode_below(profile.variant(kind), "", payload, device)
                for kind in (DeviceKind.OTHER, kind_hint(topic))
            ),
            key=_tells,
        )
        decoded = msgspec.structs.replace(decoded, home=beside.home)
        return stranger(profile, topic, None, decoded)

    @staticmethod
    def _as_pattern(profile: CompiledProfile, topic: str, payload: bytes) -> Resolved | None:
        topic = profile.aliased(topic)
        matched = profile.match(topic)
        if matched is None:
            return None
        captures, below = matched
        levels = below.count("/") + 1 if below else 0
        own = "/".join(topic.split("/")[:-levels]) if levels else topic
        decoded = decode_unregistered(profile, topic, payload, DeviceKind.OTHER)
        shape = profile.variant(DeviceKind.OTHER).shapes[below]
        named = None
        if bool(shape.address) or captures.address is not None:
            named = decoded.device if decoded.device != captures.device else None
        place = "" if captures.scheme is None else f"{captures.scheme}/{captures.home}/"
        names = () if named is None else (named,)
        hint = kind_hint(own.removeprefix(place), *names, heard=hears_others(profile, below))
        if hint is not DeviceKind.OTHER:
            hinted = decode_unregistered(profile, topic, payload, hint)
            decoded = max(decoded, hinted, key=_tells)
        found = stranger(profile, own, named, decoded)
        if shape.sections and not decoded.life_safety:
            parts = resolve_shared(Entry(profile), Message(own, below, captures.address, payload))
            found = max((found, parts, *parts.more), key=_worth)
        return found


def decoded_by(entry: Entry) -> str:
    """Return the name of the profile that an entry's devices speak."""
    return entry.profile.profile.name


def _knows(entry: Entry, below: str) -> bool:
    variant = next(entry.all()).variant
    own = variant.shapes.get("")
    return variant.shape_of(below)[0] is not None or (
        own is not None and own.source.attributes and "/" not in below
    )


def _identities(new: Registered) -> list[str]:
    """Return the canonical names by which a device is known in the whole world."""
    binding = new.binding
    names = [] if binding.serial is None else [canonical(binding.serial)]
    if binding.address is not None and any(
        not set(shape.identity).isdisjoint(shape.address) for shape in new.variant.shapes.values()
    ):
        names.append(canonical(binding.address))
    return names


def _worth(found: Resolved) -> int:
    return _tells(found.decoded)


def _tells(decoded: Decoded) -> int:
    """How much a guess tells: a danger, a reading, a device without one, or nothing."""
    if decoded.life_safety:
        return 3
    return 2 if decoded.readings else 1 if decoded.error is None else 0
