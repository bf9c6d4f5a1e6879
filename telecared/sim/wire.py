"""Encoding: readings of a device turned into the messages that its profile decodes to them.

The inverse of decoding, found by decoding: of all that `sayings` proposes the first is kept that
the profile itself reads back, and nothing else with it. Found once, filled in for each message.
When a device speaks, and how often, is not here.
"""

import math
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Final, Literal, NamedTuple

import msgspec

from telecared.core.decode import CompiledProfile
from telecared.core.directory import Directory
from telecared.core.profiles import DeviceBinding, FieldMap
from telecared.core.vocabulary import Instant, Value
from telecared.errors import TelecaredError
from telecared.sim.sayings import ADDRESS, LAST, SERIAL, Saying, of_model, sayings
from telecared.sim.templates import Template, number_text, template_of, time_text

MOST_TRIED: Final = 200
"""Candidates tried for one value of one property before it counts as unsayable."""

MOST_KEPT: Final = 4_096
"""Encoders that `encode` keeps for devices that were asked for last."""

_SAMPLES: Final = (20.0, 80.0, 1.0, 300.0)
"""Numbers with which a candidate is tried: one of them lies in any sensible bounds."""

_WHEN: Final = 1_772_348_649_000_000
"""The time with which a candidate is tried."""

_UNSCALED: Final = (1.0, 0.0)

_NAMES: Final = (ADDRESS, LAST, SERIAL)

Words = tuple[tuple[str, str | None], ...]
Key = tuple[Words, bool, bool, bool]
"""Which words and numbers a message tells, and whether with time, counter and act."""

_Scale = tuple[float, float]


class EncodeError(TelecaredError):
    """A profile has no words for something; the sentence names profile, kind and property."""


class WireMessage(NamedTuple):
    """One message as it leaves a device.

    Attributes:
        retain: the maker's devices ask the broker to keep it (what tells of the link).
        counted: it carries the counter that was given.
    """

    topic: str
    payload: bytes
    retain: bool = False
    counted: bool = False


class _Shared(msgspec.Struct):
    """What encoders of devices that differ in topic and number only have in common."""

    sayings: dict[tuple[str, str | None], Saying | None] = {}
    scales: dict[str, _Scale] = {}
    plans: dict[Key, tuple[Template, ...]] = {}


class Encoders:
    """Makes encoders, and keeps what they found out for devices of the same sort."""

    def __init__(self, profiles: Mapping[str, CompiledProfile]) -> None:
        self._profiles = profiles
        self._shared: dict[object, _Shared] = {}

    def of(self, binding: DeviceBinding) -> "Encoder":
        """Return what encodes for this device.

        Raises:
            EncodeError: there is no such profile.
        """
        compiled = self._profiles.get(binding.profile)
        if compiled is None:
            message = f'There is no profile "{binding.profile}": add its file or correct it.'
            raise EncodeError(message)
        address = binding.address
        sort = (
            binding.profile,
            binding.kind,
            binding.invert,
            binding.model,
            binding.codes,
            None if address is None else address.rpartition("/")[0],
            binding.serial is None,
        )
        return Encoder(compiled, binding, self._shared.setdefault(sort, _Shared()))


class Encoder:
    """Encodes for one device. What was found for its sort is shared between devices."""

    def __init__(
        self, compiled: CompiledProfile, binding: DeviceBinding, shared: _Shared | None = None
    ) -> None:
        self._compiled = compiled
        self._binding = binding
        self._shared = shared or _Shared()
        self._directory: Directory | None = None
        address, serial = binding.address or "", binding.serial or ""
        named = {"address": address, "last": address.rpartition("/")[2], "serial": serial}
        self._named = {key: msgspec.json.encode(text)[1:-1] for key, text in named.items()}
        self._address = address

    def can_say(self, name: str, value: Value) -> bool:
        """Whether the device can tell this value of this property."""
        return self._saying(name, value) is not None

    def unsayable(self, readings: Mapping[str, Value]) -> tuple[str, ...]:
        """Return the properties whose values the device has no words for."""
        return tuple(name for name, value in readings.items() if not self.can_say(name, value))

    def may_quote(self, name: str) -> bool:
        """Return whether a number of this property may stand in quotes."""
        saying = self._saying(name, _SAMPLES[0])
        if saying is None:
            return False
        readings = {name: _SAMPLES[0]}
        message = self._message(_bare(saying), readings, None, None, None, as_text=True)
        told = self._read_back(message)
        return told is not None and _equal(told.get(name), _SAMPLES[0])

    def encode(
        self,
        readings: Mapping[str, Value],
        *,
        at: Instant | None = None,
        seq: int | None = None,
        act: int | None = None,
        as_text: bool = False,
    ) -> tuple[WireMessage, ...]:
        """Return the messages that tell `readings`: one, or several where one cannot hold them.

        Args:
            readings: property -> word, number or place.
            at: the device's own time, where its messages carry one.
            seq: its counter for the first of the messages; each further one takes the next.
            act: its counter of acts.
            as_text: numbers stand in quotes, as some firmware writes them.

        Raises:
            EncodeError: the profile has no words for one of the readings.
        """
        words = tuple(
            [(name, value if value.__class__ is str else None) for name, value in readings.items()]
        )
        key = (words, at is not None, seq is not None, act is not None)
        templates = self._shared.plans.get(key)
        if templates is None:
            templates = self._shared.plans[key] = self._planned(readings, key)
        if len(templates) == 1:
            return (self._message(templates[0], readings, at, seq, act, as_text=as_text),)
        messages: list[WireMessage] = []
        for template in templates:
            message = self._message(template, readings, at, seq, act, as_text=as_text)
            messages.append(message)
            if seq is not None:
                seq += template.counted
        return tuple(messages)

    def blank(self, name: str, word: str, filler: Literal["", "null"]) -> WireMessage | None:
        """Return a message with the field of `word` in it, empty or null: it must mean nothing.

        None where the device's messages have no such field, or would mean something.
        """
        saying = self._saying(name, word)
        if saying is None or saying.puts is None:
            return None
        fields = [place for place, put in saying.puts.items() if put not in _NAMES]
        if len(fields) != 1:
            return None
        empty = saying._replace(puts={**saying.puts, fields[0]: "" if filler == "" else None})
        message = self._message(_bare(empty), {}, None, None, None)
        return message if self._read_back(message) == {} else None

    # --- filling in ---------------------------------------------------------------------------

    def _message(
        self,
        template: Template,
        readings: Mapping[str, Value],
        at: Instant | None,
        seq: int | None,
        act: int | None,
        *,
        as_text: bool = False,
    ) -> WireMessage:
        payload = template.parts
        if template.fills:
            payload = self._filled(template, readings, at, seq, act, as_text=as_text)
        if not template.below:
            return WireMessage(self._binding.topic, payload, template.retain, template.counted)
        below = template.below.replace(ADDRESS, self._address)
        topic = f"{self._binding.topic}/{below}"
        return WireMessage(topic, payload, template.retain, template.counted)

    def _filled(
        self,
        template: Template,
        readings: Mapping[str, Value],
        at: Instant | None,
        seq: int | None,
        act: int | None,
        *,
        as_text: bool,
    ) -> bytes:
        values: list[bytes] = []
        for sort, name, part in template.fills:
            if sort == "number":
                value = readings[name]
                number = value[part] if isinstance(value, tuple) else value
                scale, offset = self._shared.scales.get(name, _UNSCALED)
                values.append(number_text(float(number), scale, offset, as_text=as_text))
            elif sort == "sequence":
                values.append(b"%d" % (seq or 0))
            elif sort == "time":
                values.append(time_text(at or 0, name))
            elif sort == "acts":
                values.append(b"%d" % (act or 0))
            else:
                values.append(self._named[sort])
        return template.parts % tuple(values)

    # --- finding out --------------------------------------------------------------------------

    def _saying(self, name: str, value: Value) -> Saying | None:
        known = self._shared.sayings
        key = (name, value if isinstance(value, str) else None)
        if key not in known:
            known[key] = self._first_that_works(name, value)
        return known[key]

    def _first_that_works(self, name: str, value: Value) -> Saying | None:
        """Return the first candidate that is read back alone, else one that says a little more."""
        more: Saying | None = None
        found = sayings(self._compiled.profile, self._binding, name, value)
        for saying in islice(found, MOST_TRIED):
            for scale in self._scales(name, value):
                self._shared.scales[name] = scale
                for wanted in _samples(value):
                    told = self._told(saying, {name: wanted})
                    if told is None or not _equal(told.get(name), wanted):
                        continue
                    if len(told) == 1:
                        return saying
                    more = more or saying
        return more

    def _scales(self, name: str, value: Value) -> list[_Scale]:
        """Return how makers' numbers of this property are scaled, plain ones first."""
        if isinstance(value, str | tuple):
            return [self._shared.scales.get(name, _UNSCALED)]
        profile = self._compiled.profile
        fields: list[FieldMap] = list(of_model(profile, self._binding))
        for shape in profile.messages:
            fields += [*shape.fields, *shape.text]
            for section in shape.sections:
                fields += section.fields
        found = {(each.scale, each.offset) for each in fields if each.property == name}
        return sorted(found, key=lambda pair: (pair != _UNSCALED, pair))

    def _told(self, saying: Saying, readings: Mapping[str, Value]) -> dict[str, Value] | None:
        try:
            message = self._message(_bare(saying), readings, None, None, None)
        except ValueError:
            return None
        return self._read_back(message)

    def _read_back(self, message: WireMessage) -> dict[str, Value] | None:
        """Return what is heard of our device, or None: it is another's, of the past or broken."""
        if self._directory is None:
            profiles = {self._compiled.profile.name: self._compiled}
            self._directory = Directory([self._binding], profiles)
        resolved = self._directory.resolve(message.topic, message.payload)
        decoded, device = resolved.decoded, self._binding.device
        if resolved.binding is None or decoded.error is not None:
            return None
        if any(each.history or each.device != device for each in decoded.readings):
            return None
        return {each.property: each.value for each in decoded.readings}

    def _planned(self, readings: Mapping[str, Value], key: Key) -> tuple[Template, ...]:
        single: list[tuple[str, Saying]] = []
        # A link has a topic of its own: in the midst it would part what fits into one message.
        for name, value in sorted(readings.items(), key=lambda told: told[0] == "link"):
            saying = self._saying(name, value)
            if saying is None:
                binding = self._binding
                what = f"{name} {value}" if isinstance(value, str) else name
                raise EncodeError(
                    f"Profile {binding.profile} cannot say {what} for a {binding.kind.value}:"
                    " leave it out, or give the device another profile."
                )
            single.append((name, saying))
        return tuple(
            self._stamped(saying, {name: readings[name] for name in names}, key)
            for names, saying in self._merged(single, readings)
        )

    def _stamped(self, saying: Saying, readings: Mapping[str, Value], key: Key) -> Template:
        """Return the template with time and counters, without those that would spoil it."""
        _, time, sequence, acts = key
        retain = tuple(readings) == ("link",)
        wanted = self._told(saying, readings)
        for with_time, with_sequence in ((time, sequence), (False, sequence)):
            tried = template_of(
                saying, time=with_time, sequence=with_sequence, acts=acts, retain=retain
            )
            if self._read_back(self._message(tried, readings, _WHEN, 7, 7)) == wanted:
                return tried
        return template_of(saying, time=False, sequence=False, acts=False, retain=retain)

    def _merged(
        self, single: list[tuple[str, Saying]], readings: Mapping[str, Value]
    ) -> Iterator[tuple[list[str], Saying]]:
        """Yield as few messages as hold all the readings and still mean each of them."""
        names: list[str] = []
        whole: Saying | None = None
        for name, saying in single:
            joined = None if whole is None else _joined(whole, saying)
            if joined is not None:
                wanted = {each: readings[each] for each in (*names, name)}
                told = self._told(joined, wanted) or {}
                if all(_equal(told.get(each), value) for each, value in wanted.items()):
                    names, whole = [*names, name], joined
                    continue
            if whole is not None:
                yield names, whole
            names, whole = [name], saying
        if whole is not None:
            yield names, whole


@lru_cache(maxsize=MOST_KEPT)
def _kept(profile: CompiledProfile, binding: DeviceBinding) -> Encoder:
    return Encoder(profile, binding)


def encode(
    profile: CompiledProfile,
    binding: DeviceBinding,
    readings: Mapping[str, Value],
    *,
    at: Instant | None = None,
    seq: int | None = None,
    act: int | None = None,
) -> tuple[WireMessage, ...]:
    """Return the messages that tell `readings` of one device, as `Encoder.encode`.

    Raises:
        EncodeError: the profile has no words for one of the readings.
    """
    return _kept(profile, binding).encode(readings, at=at, seq=seq, act=act)


def _bare(saying: Saying) -> Template:
    return template_of(saying, time=False, sequence=False, acts=False)


def _joined(one: Saying, other: Saying) -> Saying | None:
    """Return both in one message, or None when they do not fit into one."""
    if one.puts is None or other.puts is None or one[2:] != other[2:] or one.below != other.below:
        return None
    if any(one.puts.get(place, put) != put for place, put in other.puts.items()):
        return None
    return one._replace(puts={**one.puts, **other.puts})


def _samples(value: Value) -> tuple[Value, ...]:
    return (value,) if isinstance(value, str | tuple) else (value, *_SAMPLES)


def _equal(told: Value | None, wanted: Value) -> bool:
    if isinstance(told, float) and isinstance(wanted, float | int):
        return math.isclose(told, wanted, rel_tol=1e-9, abs_tol=1e-6)
    return told == wanted
