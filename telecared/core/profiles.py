"""What a device profile says, as plain values: topics, payload, and which field means what.

A profile is data (`devices/*.yaml`); `telecared.config.profiles` reads it, `decode` compiles and
applies it. Nothing here reads a message.
"""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from telecared.core.vocabulary import PROPERTIES, DeviceKind, Duration, Instant, Value

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
        where: other fields that must hold one of the given words (case-folded); `*` is any value.
        kinds: only for devices of these kinds; empty for all.
        except_kinds: not for devices of these kinds.
        invert: exchange the two words of the property.
        clears_after: microseconds after which the level counts as cleared.
        burst: microseconds within which a repeat is the same act.
        history: a record of the past, which raises nothing live.
        ignore_unknown: a value that is not listed means nothing; otherwise it is an error.
        unless: other fields that must not hold one of the given words; `*` is any value.
        bit: the value is a whole number (or hexadecimal text) of which this bit is the switch;
            `words` then hold what `true` and `false` mean.
        threshold: a number from here on is `true`, a smaller one `false`, as `words` have them.
        pair: the two fields that hold latitude and longitude; `paths` is then empty.
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
    unless: tuple[tuple[Path, tuple[str, ...]], ...] = ()
    bit: int | None = None
    threshold: float | None = None
    pair: tuple[Path, Path] | None = None


class TimeField(msgspec.Struct, frozen=True):
    """Where a message carries the device's own time, and how it may be written.

    Attributes:
        path: the field.
        formats: tried in this order; numbers may stand in strings.
        ignore_unknown: what is written otherwise (a local time without offset) is no time and no
            error; the time of receipt then counts.
    """

    path: Path
    formats: tuple[TimeFormat, ...]
    ignore_unknown: bool = False


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a JSON message that may tell of a device, or of an hour, of its own.

    Attributes:
        path: leads to an array (`each`) or to an object (`keys`).
        by_key: each entry of the object is one part, and its key names the device.
        match: only keys, or values of `address`, that fit this pattern (`input:*`); "" for all.
        fields: read inside the part; a scalar part is read under the name `value`.
        time: the part's own time; without one the message's.
        address: what names the device inside the part, as in `MessageShape`.
        acts: a counter of acts inside the part, as in `MessageShape`.
        named_only: as in `MessageShape`.
        history: records of the past, which raise nothing live.
        fills_in: the same told again: only what the message itself does not tell counts.
    """

    path: Path
    by_key: bool = False
    match: str = ""
    fields: tuple[FieldMap, ...] = ()
    time: TimeField | None = None
    address: tuple[str, ...] = ()
    acts: Path | None = None
    history: bool = False
    fills_in: bool = False
    named_only: bool = False


class MessageShape(msgspec.Struct, frozen=True, kw_only=True):
    """One sort of message of a device.

    Attributes:
        below: the levels under the device's own topic, such as `availability`; "" for its own.
            `{address}` stands for one level that names one of several devices of the topic,
            `{any}` for one level that names nothing.
        payload: how the bytes are read.
        fields: readings of a JSON object.
        text: readings of a bare value (the whole payload, or a JSON scalar); a last will may be
            one on a JSON topic.
        attributes: one more topic level may name a field, whose bare value is the payload.
        strict_keys: a key that means nothing is an error.
        time: the device's own time.
        sequence: a counter that rises by one with every message.
        address: what names the device where several share the topic, most telling first: a field
            (`id`) or a text with fields in braces (`{model}/{id}`). The first that a registered
            device has as its `address` finds it; the first that is there names an unknown one.
        identity: what names the device in the whole world (IEEE address, DevEUI, serial number),
            written like `address`: by it a device is recognised in another home.
        sections: parts that are read by themselves.
        acts: a counter that rises with each act: the same number is the same act, another one is
            another act even within the burst window.
        named_only: what names a device that nobody registered is a stranger's, and never of the
            topic's device without address: that one only hears it.
        speaks_of: a field that names another device, by the last levels of its topic beside this
            one's: what is told is about that one.
        unpack: a field that holds JSON as text, and the name under which its content is read.
    """

    below: str = ""
    payload: PayloadKind = "json"
    fields: tuple[FieldMap, ...] = ()
    text: tuple[FieldMap, ...] = ()
    attributes: bool = False
    strict_keys: bool = False
    time: TimeField | None = None
    sequence: Path | None = None
    address: tuple[str, ...] = ()
    identity: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    acts: Path | None = None
    speaks_of: Path | None = None
    named_only: bool = False
    unpack: tuple[tuple[Path, str], ...] = ()


class ModelSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What is different about one model of a profile.

    Attributes:
        kind: what it is, for whoever registers one.
        invert: properties whose two words it exchanges.
        fields: read in place of every general field that reads one of the same keys.
    """

    kind: DeviceKind | None = None
    invert: tuple[str, ...] = ()
    fields: tuple[FieldMap, ...] = ()


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """How the devices of one maker or bridge speak.

    Attributes:
        name: what a home's device entry says in `profile`.
        topics: patterns by which a device that nobody registered is recognised. `{name}` stands
            for one level and `{name+}` for one or more; `scheme`, `home` and `device` are kept.
        ignored: patterns of topics that carry no device's message.
        messages: the device's own message first, then those below its topic.
        models: by the name that a home's device entry says in `model`, case-folded.
        burst: for momentary fields that have none of their own; None for the core's.
        strangers: whether a device that nobody registered is told to people when it speaks; its
            alarms always are. Off where a receiver hears the whole neighbourhood.
        aliases: a topic level -> the one in whose place it may stand in a device's own topic, for
            makers who spread a device over several (`stat/kitchen/...` beside `tele/kitchen`).
    """

    name: str
    topics: tuple[str, ...]
    ignored: tuple[str, ...] = ()
    messages: tuple[MessageShape, ...] = ()
    models: Mapping[str, ModelSpec] = {}
    burst: Duration | None = None
    strangers: bool = True
    aliases: Mapping[str, str] = {}


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
        model: as in `Profile.models`; a model that the profile does not know changes nothing.
        serial: what names it in the whole world, as its messages carry it (`identity`).
        codes: a code that a radio receiver hears -> property and word, for devices that send bare
            codes (EV1527): each code is an address of the device.
        since, until: it stands in this home from, and before; None for always. Outside them its
            messages are those of an unknown device.
    """

    home: str
    device: str
    kind: DeviceKind
    profile: str
    topic: str
    address: str | None = None
    invert: tuple[str, ...] = ()
    model: str | None = None
    serial: str | None = None
    codes: tuple[tuple[str, str, str], ...] = ()
    since: Instant | None = None
    until: Instant | None = None


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
