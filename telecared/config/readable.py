"""What the device profiles read of a message: words, keys, fields that name devices or places.

Gathered once for a recording that others may see: what stands here must stay as it is, or be
replaced with care. Replacing is `pseudonyms`.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from telecared.core.profiles import FALSY, TRUTHY, FieldMap, MessageShape, Path, Profile, Section
from telecared.core.vocabulary import PROPERTIES, DeviceKind

PARTS_OF_A_NAME: Final = frozenset(
    {"model", "type", "subtype", "channel", "device_type", "protocol", "component", "event"}
)
"""Fields that an address is made of beside the device's own number, and that name nobody."""

COMMON: Final = frozenset(
    {
        *TRUTHY, *FALSY, "", "null", "none", "unknown", "normal", "idle", "single", "double",
        "hold", "long", "short", "toggle", "low", "medium", "high", "good", "alarm", "clear",
        "open", "closed", "opened", "detected", "online", "offline", "available",
        "unavailable", "successful", "router", "enddevice", "battery", "mains", "device_joined",
        "device_announce", "device_leave", "device_interview", "homeassistant", "config",
    }
)  # fmt: skip
"""Words that say something about a device and nothing about a person."""

COMMON_LEVELS: Final = frozenset(
    {
        "bridge", "state", "states", "status", "devices", "device", "event", "events", "info",
        "rpc", "sensor", "binary_sensor", "switch", "button", "relay", "input", "config", "tele",
        "stat", "cmnd", "result", "lwt", "logging", "groups", "application", "up", "join", "v3",
        "command", "announce", "debug", "homeassistant", "telecare", "availability", "set", "get",
    }
)  # fmt: skip
"""Levels of topics that makers use, whether a profile names them or not."""


class Readable(NamedTuple):
    """What profiles read, all names case-folded but paths.

    Attributes:
        words: values and levels that stay.
        levels: levels of topics that stay.
        prefixes: what a level may begin with that stays (`shellyht-` of `shellyht-{id}`).
        keys: keys that profiles read.
        names: paths of fields that name a device; a key may be a pattern.
        places: last keys of fields that hold a location.
        keyed: paths, and the pattern of those of their keys that name a device.
        parts: what a key or a text begins with that names a part of a device (`input:`).
        read: last keys of fields whose numbers are readings or times.
    """

    words: frozenset[str]
    levels: frozenset[str]
    prefixes: tuple[str, ...]
    keys: frozenset[str]
    names: frozenset[Path]
    places: frozenset[str]
    keyed: frozenset[tuple[Path, str]]
    parts: tuple[str, ...]
    read: frozenset[str]


class _Gathering:
    def __init__(self) -> None:
        self.words: set[str] = set(COMMON) | {kind.value for kind in DeviceKind}
        self.levels: set[str] = set(COMMON_LEVELS)
        self.prefixes: set[str] = set()
        self.keys: set[str] = set(PROPERTIES)
        self.names: set[Path] = set()
        self.places: set[str] = set()
        self.keyed: set[tuple[Path, str]] = set()
        self.parts: set[str] = set()
        self.read: set[str] = set()

    def profile(self, profile: Profile) -> None:
        for pattern in (*profile.topics, *profile.ignored):
            self.pattern(pattern)
        for name, model in profile.models.items():
            self.words.add(name.casefold())
            self.fields(model.fields)
        for shape in profile.messages:
            self.pattern(shape.below)
            self.shape(shape)

    def pattern(self, pattern: str) -> None:
        for level in pattern.split("/"):
            literal, brace, _ = level.partition("{")
            if not brace:
                self.levels.add(level.casefold())
            elif literal:
                self.prefixes.add(literal.casefold())

    def shape(self, shape: MessageShape) -> None:
        self.fields((*shape.fields, *shape.text))
        self.addresses((*shape.address, *shape.identity), ())
        if shape.time is not None:
            self.path(shape.time.path, is_read=True)
        for one in (shape.sequence, shape.acts):
            if one is not None:
                self.path(one, is_read=True)
        if shape.speaks_of is not None:
            self.path(shape.speaks_of)
            self.names.add(_folded(shape.speaks_of))
        for section in shape.sections:
            self.section(section)

    def section(self, section: Section) -> None:
        self.path(section.path)
        self.fields(section.fields)
        pattern = section.match or "*"
        inside = (*section.path, pattern) if section.by_key else section.path
        self.addresses(section.address, inside)
        if section.match.endswith(":*"):
            self.parts.add(section.match[:-1])
        elif section.by_key:
            self.keyed.add((tuple(each for each in section.path if each), pattern))
        if section.time is not None:
            self.path(section.time.path, is_read=True)
        if section.acts is not None:
            self.path(section.acts, is_read=True)

    def fields(self, fields: Iterable[FieldMap]) -> None:
        for field in fields:
            is_place = field.property == "location"
            for path in field.paths:
                self.path(path, is_read=not is_place)
                if is_place:
                    self.places.add(path[-1].casefold())
            for path in field.pair or ():
                self.path(path)
                self.places.add(path[-1].casefold())
            for path, told in (*field.where, *field.unless):
                self.path(path, is_read=True)
                self.words.update(told)
            self.words.update(theirs for theirs, _ in field.words)
            if field.as_is:
                self.words.update(PROPERTIES[field.property].values)

    def addresses(self, templates: Iterable[str], inside: Path) -> None:
        for template in templates:
            parts = [part.partition("}")[0] for part in template.split("{")[1:]]
            for name in parts or [template]:
                path = tuple(name.split("."))
                self.path(path)
                if path[-1].casefold() not in PARTS_OF_A_NAME:
                    self.names.add(_folded((*inside, *path)))

    def path(self, path: Path, *, is_read: bool = False) -> None:
        self.keys.update(each.casefold() for each in path)
        if is_read and path:
            self.read.add(path[-1].casefold())


def _folded(path: Path) -> Path:
    return tuple(each.casefold() for each in path if each)


def readable(profiles: Iterable[Profile]) -> Readable:
    """Return what some profiles read of topics and payloads."""
    found = _Gathering()
    for profile in profiles:
        found.profile(profile)
    return Readable(
        words=frozenset(found.words) - {"*"},
        levels=frozenset(found.levels),
        prefixes=tuple(sorted(found.prefixes, key=len, reverse=True)),
        keys=frozenset(found.keys),
        names=frozenset(found.names),
        places=frozenset(found.places),
        keyed=frozenset(found.keyed),
        parts=tuple(sorted(found.parts, key=len, reverse=True)),
        read=frozenset(found.read) - found.places,
    )
