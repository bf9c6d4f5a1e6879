"""What a device profile says, as plain values: topics, payload, and which field means what.

A profile is data (`devices/*.yaml`); `telecared.config.profiles` reads it, `decode` compiles and
applies it. Nothing here reads a message.
"""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from telecared.core.vocabulary import PROPERTIES, DeviceKind, Duration, Value

Path = tuple[str, ...]
"""The keys that lead to a value inside a JSON object, outermost first."""

TRUTHY: Final = ("true", "on", "yes", "1")
"""What makers write, as JSON or as text in any case, for a switch that is on."""

FALSY: Final = ("false", "off", "no", "0")
"""What makers write, as JSON or as text in any case, for a switch that is off."""

OPPOSITES: Final[Mapping[str, tuple[str, str]]] = {
    "contact": ("open", "closed"),
    "motion": ("detected", "clear"),
    "presence": ("present", "absent"),
    "occupancy": ("occupied", "vacant"),
    "vibration": ("detected", "clear"),
    "tamper": ("open", "closed"),
    "smoke": ("alarm", "clear"),
    "co": ("alarm", "clear"),
    "gas": ("alarm", "clear"),
    "heat": ("alarm", "clear"),
    "water": ("wet", "dry"),
    "appliance": ("on", "off"),
    "seizure": ("detected", "clear"),
    "enuresis": ("wet", "dry"),
    "mains": ("lost", "ok"),
    "link": ("online", "offline"),
}
"""Properties of two words, which `invert` exchanges. The first is the one not to be missed."""

PRECEDENCE: Final[Mapping[str, tuple[str, ...]]] = {
    **OPPOSITES,
    "fall": ("detected", "suspected", "clear"),
}
"""When several fields of one message tell one property, the earlier word here is kept."""

TimeFormat = Literal["rfc3339", "epoch_s", "epoch_ms"]
PayloadKind = Literal["json", "text", "json_or_text"]


class FieldMap(msgspec.Struct, frozen=True, kw_only=True):
    """How one property is read from the fields of a message.

    Attributes:
        property: a key of `vocabulary.PROPERTIES`.
        paths: the fields that tell it; empty when the message itself does (`constant`).
        words: the maker's word, case-folded, and ours. `true` and `1` as JSON match their text.
        as_is: the value is one of our words already (native).
        number: a number, or a number in a string, is taken as `number * scale + offset`.
        low: smaller numbers (after scale and offset) are no measurement.
        high: larger numbers are no measurement.
        constant: the value that the presence of the message tells.
        where: other fields that must hold one of the given words (case-folded).
        kinds: only for devices of these kinds; empty for all.
        except_kinds: not for devices of these kinds.
        invert: exchange the two words of the property.
        clears_after: microseconds after which the level counts as cleared.
        burst: microseconds within which a repeat is the same act.
        history: a record of the past, which raises nothing live.
        ignore_unknown: a value that is not listed means nothing; otherwise it is an error.
    """

    property: str
    paths: tuple[Path, ...] = ()
    words: tuple[tuple[str, str], ...] = ()
    as_is: bool = False
    number: bool = False
    scale: float = 1.0
    offset: float = 0.0
    low: float | None = None
    high: float | None = None
    constant: Value | None = None
    where: tuple[tuple[Path, tuple[str, ...]], ...] = ()
    kinds: tuple[DeviceKind, ...] = ()
    except_kinds: tuple[DeviceKind, ...] = ()
    invert: bool = False
    clears_after: Duration | None = None
    burst: Duration | None = None
    history: bool = False
    ignore_unknown: bool = False


class TimeField(msgspec.Struct, frozen=True):
    """Where a message carries the device's own time, and how it may be written."""

    path: Path
    formats: tuple[TimeFormat, ...]


class MessageShape(msgspec.Struct, frozen=True, kw_only=True):
    """One sort of message of a device.

    Attributes:
        below: the levels under the device's own topic, such as `availability`; "" for its own.
        payload: how the bytes are read.
        fields: readings of a JSON object.
        text: readings of a bare value (the whole payload, or a JSON scalar); a last will may be
            one on a JSON topic.
        attributes: one more topic level may name a field, whose bare value is the payload.
        strict_keys: a key that means nothing is an error.
        time: the device's own time.
        sequence: a counter that rises by one with every message.
        address: fields that name the device where several share the topic; the first that is
            there counts.
    """

    below: str = ""
    payload: PayloadKind = "json"
    fields: tuple[FieldMap, ...] = ()
    text: tuple[FieldMap, ...] = ()
    attributes: bool = False
    strict_keys: bool = False
    time: TimeField | None = None
    sequence: Path | None = None
    address: tuple[Path, ...] = ()


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """How the devices of one maker or bridge speak.

    Attributes:
        name: what a home's device entry says in `profile`.
        topics: patterns by which a device that nobody registered is recognised. `{name}` stands
            for one level and `{name+}` for one or more; `scheme`, `home` and `device` are kept.
        ignored: patterns of topics that carry no device's message.
        messages: the device's own message first, then those below its topic.
    """

    name: str
    topics: tuple[str, ...]
    ignored: tuple[str, ...] = ()
    messages: tuple[MessageShape, ...] = ()


class DeviceBinding(msgspec.Struct, frozen=True):
    """A registered device, as far as decoding needs it.

    Attributes:
        home: id of the home.
        device: id of the device within the home.
        kind: decides what a field means where makers use one word for two things.
        profile: name of the profile it speaks.
        topic: its own topic, exactly.
        address: what its messages carry where several devices share the topic.
        invert: properties whose two words this device exchanges.
    """

    home: str
    device: str
    kind: DeviceKind
    profile: str
    topic: str
    address: str | None = None
    invert: tuple[str, ...] = ()


def every_property() -> tuple[FieldMap, ...]:
    """Return the fields of the native profile: each property under its own name."""
    return tuple(
        FieldMap(property=name, paths=((name,),), as_is=True, number=spec.numeric)
        for name, spec in PROPERTIES.items()
    )


def inverted(name: str, word: str) -> str:
    """Return the opposite of `word` for a property of two words.

    Raises:
        ValueError: the property has no opposites; the sentence names those that have.
    """
    pair = OPPOSITES.get(name)
    if pair is None:
        known = ", ".join(sorted(OPPOSITES))
        raise ValueError(f'"{name}" cannot be inverted; these can: {known}')
    first, second = pair
    return second if word == first else first if word == second else word
