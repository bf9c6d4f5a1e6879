"""A profile compiled into tables: once per device kind, set of inversions and model.

Applying the tables to a message is `decode`; finding the device is `directory`.
"""

from typing import Final

import msgspec

from telecared.core.addresses import Template, template
from telecared.core.fields import FieldPlan
from telecared.core.profiles import (
    DeviceBinding,
    FieldMap,
    MessageShape,
    ModelSpec,
    Profile,
    Section,
    TimeField,
)
from telecared.core.sections import SectionPlan, section_of
from telecared.core.tables import Table, plans_of, table_of
from telecared.core.topics import BelowPattern, Captures, TopicPattern, below_pattern
from telecared.core.vocabulary import DeviceKind

MAX_LEVELS_BELOW: Final = 8
"""How far below a device's own topic its messages are looked for."""


class Shape(msgspec.Struct, frozen=True):
    """A compiled `MessageShape`.

    Attributes:
        is_text: the payload is never JSON.
        all_own: whatever it says is of the topic's device, when that is the only one.
    """

    source: MessageShape
    time: TimeField | None
    time_key: str
    table: Table
    text: tuple[FieldPlan, ...]
    address: tuple[Template, ...]
    identity: tuple[Template, ...]
    sections: tuple[SectionPlan, ...]
    is_text: bool
    is_simple: bool
    all_own: bool


class Variant(msgspec.Struct, frozen=True):
    """A profile compiled for one device kind, one set of inversions and one model."""

    profile: str
    shapes: dict[str, Shape]
    patterns: tuple[BelowPattern, ...]

    def shape_of(self, below: str) -> tuple[Shape | None, str | None]:
        """Return the shape of what stands below the device's topic, and what that names."""
        shape = self.shapes.get(below)
        if shape is not None or not below:
            return shape, None
        for pattern in self.patterns:
            fits, address = pattern.match(below)
            if fits:
                return self.shapes[pattern.text], address
        return None, None


class CompiledProfile:
    """A profile ready for use. Variants are compiled when first asked for and kept."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        ordered = sorted(profile.messages, key=_most_literal_first)
        self.belows = tuple(
            found for found in (below_pattern(each.below) for each in ordered) if found is not None
        )
        every = (
            (TopicPattern(topic + (f"/{message.below}" if message.below else "")), message.below)
            for message in ordered
            for topic in profile.topics
        )
        # What names no letter of a topic would claim the topics of every other profile.
        self.patterns = tuple(one for one in every if one[0].literal)
        self._belows = tuple(each.below for each in ordered if each.below)
        self.ignored = tuple(TopicPattern(topic) for topic in profile.ignored)
        self.depth = max(
            (each.below.count("/") + 1 for each in profile.messages if each.below),
            default=int(any(each.attributes for each in profile.messages)),
        )
        if self.depth > MAX_LEVELS_BELOW:
            raise ValueError(f"a key of below has more than {MAX_LEVELS_BELOW} levels; shorten it")
        self._variants: dict[tuple[DeviceKind, tuple[str, ...], str | None], Variant] = {}

    def matches(self, topic: str) -> bool:
        """Whether one of the patterns fits `topic`."""
        return self.match(topic) is not None

    def match(self, topic: str) -> tuple[Captures, str] | None:
        """Return what the first pattern that fits finds in `topic`, and the name of the shape."""
        for pattern, below in self.patterns:
            captures = pattern.match(topic)
            if captures is not None:
                return captures, below
        return None

    def closeness(self, topic: str) -> int:
        """Return how many letters of `topic` the first pattern that fits names; 0 for none."""
        fits = (each.literal for each, _ in self.patterns if each.match(topic) is not None)
        return next(fits, 0)

    def aliased(self, topic: str) -> str:
        """Return `topic` with what its levels stand for in a device's own topic."""
        aliases = self.profile.aliases
        if not aliases:
            return topic
        return "/".join(aliases.get(level, level) for level in topic.split("/"))

    def ignores(self, topic: str) -> bool:
        """Whether the profile says that `topic` carries no device's message."""
        return any(pattern.match(topic) is not None for pattern in self.ignored)

    def split(self, topic: str) -> tuple[str, str]:
        """Return the device's own topic and what stands below it.

        Judged by the first pattern that fits, or by the ending alone where none does.
        """
        matched = self.match(topic)
        candidates = self._belows if matched is None else (matched[1],)
        levels = topic.split("/")
        for below in candidates:
            count = below.count("/") + 1 if below else 0
            ending = "/".join(levels[len(levels) - count :])
            if 0 < count < len(levels) and self._fits(below, ending):
                return "/".join(levels[:-count]), ending
        return topic, ""

    def _fits(self, below: str, ending: str) -> bool:
        pattern = next((each for each in self.belows if each.text == below), None)
        return below == ending if pattern is None else pattern.match(ending)[0]

    def model(self, name: str | None) -> ModelSpec | None:
        """Return what is different about a model, or None where nothing is."""
        return None if name is None else self.profile.models.get(name.strip().casefold())

    def variant_of(self, binding: DeviceBinding) -> Variant:
        """Return the tables for a registered device.

        Raises:
            ValueError: a property in its `invert` has no opposites.
        """
        return self.variant(binding.kind, binding.invert, binding.model)

    def variant(
        self, kind: DeviceKind, invert: tuple[str, ...] = (), model: str | None = None
    ) -> Variant:
        """Return the tables for a device of `kind` with these properties inverted.

        What a model inverts and the device inverts again is not inverted.

        Raises:
            ValueError: a property in `invert` has no opposites.
        """
        spec = self.model(model)
        name = None if spec is None or model is None else model.strip().casefold()
        found = self._variants.get((kind, invert, name))
        if found is None:
            turned = invert if spec is None else _either(spec.invert, invert)
            shapes = {
                each.below: _shape(each, kind, turned, self.profile, spec)
                for each in self.profile.messages
            }
            found = Variant(self.profile.name, shapes, self.belows)
            self._variants[kind, invert, name] = found
        return found


def compile_profile(profile: Profile) -> CompiledProfile:
    """Compile `profile`, including the variants for devices of every kind and model.

    Raises:
        ValueError: a pattern, a word or an inversion that cannot be used.
    """
    compiled = CompiledProfile(profile)
    for kind in DeviceKind:
        compiled.variant(kind)
    for name in profile.models:
        compiled.variant(DeviceKind.OTHER, (), name)
    return compiled


def _most_literal_first(message: MessageShape) -> tuple[int, int]:
    return message.below.count("{"), -len(message.below)


def _either(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(first) ^ set(second)))


def _fields(fields: tuple[FieldMap, ...], spec: ModelSpec | None) -> tuple[FieldMap, ...]:
    """Return the general fields, but for those in whose place a model's own stand."""
    if spec is None or not spec.fields:
        return fields
    replaced = {path for field in spec.fields for path in (*field.paths, *(field.pair or ()))}
    kept = [field for field in fields if replaced.isdisjoint((*field.paths, *(field.pair or ())))]
    return (*kept, *spec.fields)


def _texts(text: tuple[FieldMap, ...], spec: ModelSpec | None) -> tuple[FieldMap, ...]:
    """Return the readings of a bare value: with a model's own of `value`, no other numbers."""
    own = tuple(each for each in spec.fields if ("value",) in each.paths) if spec else ()
    return (*(each for each in text if not (own and each.number)), *own) if text else text


def _shape(
    message: MessageShape,
    kind: DeviceKind,
    invert: tuple[str, ...],
    profile: Profile,
    spec: ModelSpec | None,
) -> Shape:
    burst = profile.burst

    def section(source: Section) -> SectionPlan:
        plans = plans_of(_fields(source.fields, spec), kind, invert, burst)
        return section_of(source, table_of(plans))

    address = tuple(template(text) for text in message.address)
    identity = tuple(template(text) for text in message.identity)
    fields = message.fields if message.payload != "text" else ()
    return Shape(
        source=message,
        time=message.time,
        time_key="" if message.time is None else message.time.path[0],
        table=table_of(
            plans_of(_fields(fields, spec), kind, invert, burst),
            _known(message, address + identity) if message.strict_keys else None,
            frozenset(each.key for each in identity),
        ),
        text=tuple(plans_of(_texts(message.text, spec), kind, invert, burst)),
        address=address,
        identity=identity,
        sections=tuple(section(each) for each in message.sections),
        is_text=message.payload == "text",
        is_simple=not (
            message.sections
            or message.address
            or message.sequence
            or message.acts
            or message.unpack
            or message.payload == "text"
            or (message.time is not None and "rfc3339" not in message.time.formats)
        ),
        all_own=not (
            message.speaks_of
            or message.named_only
            or any(each.named_only for each in message.sections)
        ),
    )


def _known(message: MessageShape, templates: tuple[Template, ...]) -> frozenset[str]:
    """Return the keys that a strict message may have beside its fields."""
    paths = [path for each in templates for path in each.paths]
    paths += [each.path for each in message.sections]
    paths += [each for each in (message.sequence, message.acts, message.speaks_of) if each]
    if message.time is not None:
        paths.append(message.time.path)
    return frozenset(path[0] for path in paths if path)
