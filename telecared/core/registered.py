"""The registered devices of one topic: who has which address, and from when until when.

The index is `Directory`; what a message says is `decode`.
"""

from collections.abc import Iterator

import msgspec

from telecared.core.addresses import canonical
from telecared.core.plan import Device
from telecared.core.profiles import DeviceBinding
from telecared.core.shapes import CompiledProfile, Variant
from telecared.core.vocabulary import Instant


class Registered(msgspec.Struct, frozen=True):
    """A registered device with its tables.

    Attributes:
        codes: canonical code -> the properties and words that it stands for.
    """

    binding: DeviceBinding
    variant: Variant
    codes: dict[str, tuple[tuple[str, str], ...]]

    def is_there(self, at: Instant | None) -> bool:
        """Whether it stands in its home at an instant; None is today, and it still stands."""
        since, until = self.binding.since, self.binding.until
        if at is None:
            return until is None
        return (since is None or since <= at) and (until is None or at < until)

    def meets(self, other: "Registered") -> bool:
        """Whether there is an instant at which both stand."""
        return same_time(self.binding, other.binding)


def binding_of(home: str, device: Device) -> DeviceBinding:
    """Return what decoding needs of a device of a home."""
    return DeviceBinding(
        home=home,
        device=device.id,
        kind=device.kind,
        profile=device.profile,
        topic=device.topic,
        address=device.address,
        invert=device.invert,
        model=device.model,
        serial=device.serial,
        codes=device.codes,
        since=device.since,
        until=device.until,
    )


def same_time(one: DeviceBinding | Device, other: DeviceBinding | Device) -> bool:
    """Whether there is an instant at which both stand in their homes."""
    return (one.until is None or other.since is None or other.since < one.until) and (
        other.until is None or one.since is None or one.since < other.until
    )


def registered(binding: DeviceBinding, profile: CompiledProfile) -> Registered:
    """Compile the tables of a device.

    Raises:
        ValueError: a property in its `invert` has no opposites.
    """
    codes: dict[str, tuple[tuple[str, str], ...]] = {}
    for code, name, word in binding.codes:
        key = canonical(code)
        codes[key] = (*codes.get(key, ()), (name, word))
    return Registered(binding, profile.variant_of(binding), codes)


class Entry:
    """The devices of one topic that speak one profile.

    Attributes:
        alone: those without address, at most one at a time.
        addressed: by canonical address or code, at most one at a time each.
        only: the device, where there is just one, without address and without dates.
    """

    __slots__ = ("addressed", "alone", "only", "profile")

    def __init__(self, profile: CompiledProfile) -> None:
        self.profile = profile
        self.alone: list[Registered] = []
        self.addressed: dict[str, list[Registered]] = {}
        self.only: Registered | None = None

    def add(self, new: Registered) -> str | None:
        """Add a device, or return why it cannot be."""
        binding = new.binding
        keys = [*new.codes]
        if binding.address is not None:
            keys.append(canonical(binding.address))
        if not keys and any(map(new.meets, self.alone)):
            return "its topic belongs to another device; give each an address or its own topic"
        for key in keys:
            if any(map(new.meets, self.addressed.get(key, ()))):
                return "topic and address belong to another device; correct one of the two"
        if not keys:
            self.alone.append(new)
        for key in keys:
            self.addressed.setdefault(key, []).append(new)
        undated = binding.since is None and binding.until is None
        is_only = undated and not self.addressed and len(self.alone) == 1
        self.only = new if is_only else None
        return None

    def all(self) -> Iterator[Registered]:
        """Yield every device of the topic; one with several codes comes several times."""
        yield from self.alone
        for each in self.addressed.values():
            yield from each

    def find(self, name: str, at: Instant | None) -> Registered | None:
        """Return the device that has an address at an instant."""
        return _there(self.addressed.get(canonical(name), []), at)

    def without_address(self, at: Instant | None) -> Registered | None:
        """Return the device that takes at an instant what no addressed one claims."""
        return _there(self.alone, at)


def _there(candidates: list[Registered], at: Instant | None) -> Registered | None:
    return next((each for each in candidates if each.is_there(at)), None)
