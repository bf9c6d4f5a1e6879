"""What stands in a simulated home and which maker's language each device speaks.

Seeded: a home keeps its sensors. Whether a profile suits a device is tried, not listed: it must be
able to say what a life makes such a device tell. How devices misbehave is `habits`.
"""

import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from telecared.config.profiles import load_profiles
from telecared.config.shipped import devices_folder
from telecared.core.decode import CompiledProfile
from telecared.core.profiles import DeviceBinding
from telecared.core.vocabulary import DeviceKind, Value
from telecared.errors import ConfigError
from telecared.sim.wire import Encoder, Encoders

NATIVE: Final = "native"
MIXED: Final = "mixed"

MOST_NUMBERS: Final = 0xFFFF
"""Addresses of devices lie below, as 16 bits on the air have them."""

MOST_MODELS: Final = 4
"""Models of a profile that are tried for one kind of device."""

DEVICES: Final[Mapping[str, tuple[DeviceKind, str | None]]] = {
    "hub": (DeviceKind.ALARM_UNIT, "hall"),
    "pendant": (DeviceKind.PERSONAL_TRIGGER, None),
    "fall-detector": (DeviceKind.FALL_DETECTOR, None),
    "bedroom": (DeviceKind.ACTIVITY_DETECTOR, "bedroom"),
    "bathroom": (DeviceKind.ACTIVITY_DETECTOR, "bathroom"),
    "kitchen": (DeviceKind.ACTIVITY_DETECTOR, "kitchen"),
    "living-room": (DeviceKind.ACTIVITY_DETECTOR, "living-room"),
    "hall": (DeviceKind.ACTIVITY_DETECTOR, "hall"),
    "front-door": (DeviceKind.DOOR_SENSOR, "entrance"),
    "bed": (DeviceKind.BED_MONITOR, "bedroom"),
    "kettle": (DeviceKind.APPLIANCE_MONITOR, "kitchen"),
    "kitchen-smoke": (DeviceKind.SMOKE_DETECTOR, "kitchen"),
}
"""What stands in every home of the demo's street: device -> kind and location."""

ALL_DEVICES: Final[Mapping[str, tuple[DeviceKind, str | None]]] = {
    **DEVICES,
    "fridge": (DeviceKind.DOOR_SENSOR, "fridge"),
    "back-door": (DeviceKind.DOOR_SENSOR, "garden"),
    "chair": (DeviceKind.CHAIR_MONITOR, "living-room"),
    "carbon-monoxide": (DeviceKind.CARBON_MONOXIDE_DETECTOR, "kitchen"),
    "bathroom-flood": (DeviceKind.FLOOD_DETECTOR, "bathroom"),
    "thermometer": (DeviceKind.TEMPERATURE_SENSOR, "living-room"),
    "pills": (DeviceKind.MEDICATION_DISPENSER, "kitchen"),
    "pull-cord": (DeviceKind.FIXED_TRIGGER, "bathroom"),
}
"""Everything that a simulated life may speak of."""

NEEDS: Final[Mapping[DeviceKind, tuple[tuple[str, Value], ...]]] = {
    DeviceKind.ALARM_UNIT: (("heartbeat", "seen"), ("mains", "lost"), ("mains", "ok")),
    DeviceKind.PERSONAL_TRIGGER: (("trigger", "pressed"),),
    DeviceKind.FIXED_TRIGGER: (("trigger", "pressed"),),
    DeviceKind.FALL_DETECTOR: (("fall", "detected"),),
    DeviceKind.ACTIVITY_DETECTOR: (("motion", "detected"), ("motion", "clear")),
    DeviceKind.DOOR_SENSOR: (("contact", "open"), ("contact", "closed")),
    DeviceKind.BED_MONITOR: (("occupancy", "occupied"), ("occupancy", "vacant")),
    DeviceKind.CHAIR_MONITOR: (("occupancy", "occupied"), ("occupancy", "vacant")),
    DeviceKind.SMOKE_DETECTOR: (("smoke", "alarm"),),
    DeviceKind.CARBON_MONOXIDE_DETECTOR: (("co", "alarm"),),
    DeviceKind.FLOOD_DETECTOR: (("water", "wet"), ("water", "dry")),
    DeviceKind.TEMPERATURE_SENSOR: (("temperature", 20.0),),
    DeviceKind.APPLIANCE_MONITOR: (("appliance", "on"), ("appliance", "off")),
    DeviceKind.MEDICATION_DISPENSER: (
        ("medication", "due"), ("medication", "taken"), ("medication", "missed")),
}  # fmt: skip
"""What a device must be able to say. A detector that never says that it is over is a real one."""

BY_CODES: Final = frozenset(
    {
        DeviceKind.PERSONAL_TRIGGER,
        DeviceKind.FIXED_TRIGGER,
        DeviceKind.DOOR_SENSOR,
        DeviceKind.SMOKE_DETECTOR,
        DeviceKind.FLOOD_DETECTOR,
    }
)
"""Kinds of which there are radio devices that send bare codes."""

_CAPTURE: Final = re.compile(r"\{([a-z_]+)\+?\}")
_OWN: Final = re.compile(r"\{device\+?\}")


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """How devices of one profile are named and told apart, before a home gives them names.

    Attributes:
        pattern: the topic, with `{scheme}`, `{home}` and `{device}`.
        address: a pattern with `{id}`; None for devices that have a topic of their own.
        by_codes: each word is a radio code of its own.
    """

    pattern: str
    address: str | None = None
    model: str | None = None
    by_codes: bool = False
    serial: bool = False


class Furnisher:
    """Furnishes homes, and remembers which profile suits which kind of device.

    Args:
        profiles: those that may be spoken, by name.
        choice: `native`, `mixed`, or names with commas between; what they cannot say is native.
        seed: the same seed furnishes the same.

    Raises:
        ConfigError: a name is none of a profile.
    """

    def __init__(
        self, profiles: Mapping[str, CompiledProfile], choice: str = NATIVE, seed: int = 1
    ) -> None:
        known = sorted(profiles)
        wanted = [name.strip() for name in choice.split(",")]
        if choice == MIXED:
            wanted = [name for name in known if name != NATIVE]
        for name in wanted:
            if name not in profiles:
                raise ConfigError([_no_profile(name, known)])
        self.encoders = Encoders(profiles)
        self._profiles = profiles
        self._wanted = wanted
        self._seed = seed
        self._forms: dict[tuple[str, DeviceKind], Form | None] = {}

    def furnish(
        self,
        scheme: str,
        home: str,
        devices: Mapping[str, tuple[DeviceKind, str | None]] = DEVICES,
    ) -> tuple[DeviceBinding, ...]:
        """Return the devices of a home, in the order of `devices`."""
        if self._wanted == [NATIVE]:
            return tuple(
                _native(scheme, home, device, kind) for device, (kind, _) in devices.items()
            )
        chance = random.Random(f"{self._seed}/{home}/furnishing")
        names = list(self._wanted)
        chance.shuffle(names)
        numbers = chance.sample(range(1, MOST_NUMBERS), len(devices))
        return tuple(
            self._device(scheme, home, device, kind, names, number)
            for number, (device, (kind, _)) in zip(numbers, devices.items(), strict=True)
        )

    def encoder(self, binding: DeviceBinding) -> Encoder:
        """Return what encodes for a device."""
        return self.encoders.of(binding)

    def _device(
        self,
        scheme: str,
        home: str,
        device: str,
        kind: DeviceKind,
        names: Sequence[str],
        number: int,
    ) -> DeviceBinding:
        # The alarm unit is the one device that speaks for telecared itself.
        for name in names if kind is not DeviceKind.ALARM_UNIT else ():
            form = self.form(name, kind)
            if form is not None:
                return bound(form, name, scheme, home, device, kind, number)
        return _native(scheme, home, device, kind)

    def form(self, profile: str, kind: DeviceKind) -> Form | None:
        """Return how devices of this kind speak a profile, or None when they cannot."""
        key = (profile, kind)
        if key not in self._forms:
            forms = forms_of(self._profiles[profile], kind)
            found = (form for form in forms if self._suits(form, profile, kind))
            self._forms[key] = next(found, None)
        return self._forms[key]

    def _suits(self, form: Form, profile: str, kind: DeviceKind) -> bool:
        encoder = self.encoders.of(bound(form, profile, "s", "h", "d", kind, 0x5F2A))
        return all(encoder.can_say(name, value) for name, value in NEEDS.get(kind, ()))


def shipped_furnisher(choice: str = NATIVE, seed: int = 1) -> Furnisher:
    """Return a furnisher with the profiles that ship, of which only the chosen are read.

    Raises:
        ConfigError: a name is none of a profile.
    """
    files = {path.stem: path for path in sorted(devices_folder().glob("*.yaml"))}
    wanted = {name.strip() for name in choice.split(",")}
    for name in () if choice == MIXED else sorted(wanted):
        if name not in files:
            raise ConfigError([_no_profile(name, files)])
    paths = [path for name, path in files.items() if choice == MIXED or name in {*wanted, NATIVE}]
    loaded = {name: each.compiled for name, each in load_profiles(paths).items()}
    return Furnisher(loaded, choice, seed)


def _no_profile(name: str, known: Iterable[str]) -> str:
    return (
        f"--profiles: {name!r} is no profile; write {MIXED} or some of {', '.join(sorted(known))}"
    )


def _native(scheme: str, home: str, device: str, kind: DeviceKind) -> DeviceBinding:
    return DeviceBinding(home, device, kind, NATIVE, f"telecare/{scheme}/{home}/{device}")


def forms_of(compiled: CompiledProfile, kind: DeviceKind) -> Iterator[Form]:
    """Yield ways to register such a device, the plainest first."""
    profile = compiled.profile
    if profile.name == NATIVE:
        yield Form(pattern="telecare/{scheme}/{home}/{device}")
        return
    models = [name for name, spec in sorted(profile.models.items()) if spec.kind is kind]
    serial = any(shape.identity for shape in profile.messages)
    for pattern in _patterns(profile.topics, profile.name):
        own = _OWN.search(pattern) is not None
        for model in (None, *models[:MOST_MODELS]):
            for address in (*((None,) if own else ()), *_addresses(compiled)):
                for with_serial in (serial, False) if serial else (False,):
                    yield Form(pattern=pattern, address=address, model=model, serial=with_serial)
        if kind in BY_CODES:
            yield Form(pattern=pattern, by_codes=True)


def _patterns(topics: Sequence[str], name: str) -> list[str]:
    """Return topic patterns inside a home, those first that name scheme and home themselves."""
    found = []
    for topic in topics:
        if "{scheme}" in topic and "{home}" in topic:
            found.append(topic)
        elif "{base+}" in topic:
            found.append(topic.replace("{base+}", "{scheme}/{home}"))
        else:
            found.append("{scheme}/{home}/" + topic.lstrip("/"))
    found = found or ["{scheme}/{home}/" + name + "/{device}"]
    return sorted(dict.fromkeys(found), key=lambda each: each.count("{"))


def _addresses(compiled: CompiledProfile) -> Iterator[str]:
    """Yield patterns of addresses that the profile's messages may carry."""
    yield "0x{id:04x}"
    for shape in compiled.profile.messages:
        for section in shape.sections:
            if section.match:
                yield section.match.replace("*", "0").replace("?", "0")


def bound(
    form: Form, profile: str, scheme: str, home: str, device: str, kind: DeviceKind, number: int
) -> DeviceBinding:
    """Return a device of that form, with the names of a home and a number of its own."""
    named = {"scheme": scheme, "home": home}
    topic = _CAPTURE.sub(lambda found: named.get(found[1], device), form.pattern)
    codes: tuple[tuple[str, str, str], ...] = ()
    if form.by_codes:
        # EV1527: twenty bits of the device, four of what it tells.
        codes = tuple(
            (f"0x{number:05x}{button:x}", name, word)
            for button, (name, word) in enumerate(NEEDS.get(kind, ()), 1)
            if isinstance(word, str)
        )
    return DeviceBinding(
        home,
        device,
        kind,
        profile,
        topic,
        address=None if form.address is None else form.address.format(id=number),
        model=form.model,
        serial=_serial(home, device) if form.serial else None,
        codes=codes,
    )


def _serial(home: str, device: str) -> str:
    # Unique in the whole world: the same serial number in two homes would be a moved device.
    return f"0x00124b{random.Random(f'{home}/{device}/serial').randrange(1 << 40):010x}"


def as_written(binding: DeviceBinding, location: str | None) -> dict[str, Any]:
    """Return a device's entry in a homes' file."""
    written: dict[str, Any] = {"id": binding.device, "kind": binding.kind.value}
    if location is not None:
        written["location"] = location
    if binding.profile != NATIVE:
        written |= {"profile": binding.profile, "topic": binding.topic}
        for key in ("address", "model", "serial"):
            if getattr(binding, key) is not None:
                written[key] = getattr(binding, key)
        if binding.codes:
            written["codes"] = {code: {name: word} for code, name, word in binding.codes}
    return written
