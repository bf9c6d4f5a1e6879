"""The keys of a device profile file, `devices/*.yaml`, as pydantic models.

What may be written and what contradicts itself is decided here; `profiles` reads the files and
turns them into core values.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from telecared.config.fields import PositiveDuration
from telecared.config.positions import nearest
from telecared.core.addresses import template
from telecared.core.profiles import inverted
from telecared.core.readings import accepted_value
from telecared.core.shapes import MAX_LEVELS_BELOW
from telecared.core.streams import parse_stamp
from telecared.core.topics import TopicPattern, below_pattern
from telecared.core.vocabulary import PROPERTIES, DeviceKind
from telecared.errors import ReplayError


def _property(text: str) -> str:
    if text not in PROPERTIES:
        raise ValueError(f"not a property; {nearest(text, PROPERTIES)}")
    return text


def _instant(text: str) -> str:
    try:
        parse_stamp(text)
    except ReplayError:
        raise ValueError("not a time; write one such as 2026-03-01T07:04:09Z") from None
    return text


def _pattern(text: str) -> str:
    TopicPattern(text)
    return text


def _addresses(written: str | list[str]) -> str | list[str]:
    for text in written if isinstance(written, list) else [written]:
        template(text)
    return written


def _below(text: str) -> str:
    below_pattern(text)
    if text.count("/") >= MAX_LEVELS_BELOW:
        raise ValueError(f"has more than {MAX_LEVELS_BELOW} levels; shorten it")
    return text


def _inverted(text: str) -> str:
    inverted(text, "")
    return text


def _two(written: object) -> object:
    if isinstance(written, list) and len(written) != 2:
        raise ValueError("has two values; write [first, second]")
    return written


PropertyName = Annotated[str, AfterValidator(_property)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Inverted = Annotated[PropertyName, AfterValidator(_inverted)]
Below = Annotated[str, AfterValidator(_below)]
Names = str | list[str]
Addresses = Annotated[Names, AfterValidator(_addresses)]
Scalar = str | int | float | bool


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReadingPart(_Part):
    """One entry of `readings` or `text`: which fields tell which property, and how."""

    property: PropertyName
    from_: Names = Field(default=[], alias="from")
    on: str | None = None
    off: str | None = None
    values: dict[Scalar, str] = {}
    number: bool = False
    scale: float = 1.0
    offset: float = 0.0
    between: Annotated[tuple[float, float], BeforeValidator(_two)] | None = None
    value: str | float | None = None
    where: dict[str, Scalar | list[Scalar]] = {}
    unless: dict[str, Scalar | list[Scalar]] = {}
    bit: Annotated[int, Field(ge=0, le=63)] | None = None
    threshold: float | None = None
    pair: Annotated[tuple[str, str], BeforeValidator(_two)] | None = None
    kinds: list[DeviceKind] = []
    except_kinds: list[DeviceKind] = []
    invert: bool = False
    clears_after: PositiveDuration | None = None
    burst: PositiveDuration | None = None
    history: bool = False
    unknown: Literal["error", "ignore"] = "error"

    @model_validator(mode="after")
    def _fits_the_property(self) -> "ReadingPart":
        told = [*self.values.values(), *(word for word in (self.on, self.off) if word)]
        for word in (*told, *((self.value,) if self.value is not None else ())):
            if accepted_value(self.property, word) is None:
                known = nearest(str(word), PROPERTIES[self.property].values)
                raise ValueError(f'"{word}" is not a word of "{self.property}"; {known}')
        if self.invert:
            inverted(self.property, "")
        for name in ("bit", "threshold"):
            if getattr(self, name) is not None and self.on is None and self.off is None:
                raise ValueError(f"{name} tells nothing by itself; add on, off or both")
        if self.bit is not None and self.threshold is not None:
            raise ValueError("has a bit and a threshold; remove one of them")
        if self.pair is not None and self.property != "location":
            raise ValueError(f'a pair is a place, "{self.property}" is none; write from instead')
        if self.number and not PROPERTIES[self.property].numeric:
            raise ValueError(f'"{self.property}" is no number; list its words under values')
        if not told and not self.number and self.value is None and self.pair is None:
            raise ValueError("tells nothing; add on and off, values, number: true or value")
        return self


class TimePart(_Part):
    """Where the device's own time stands, and how it may be written."""

    from_: str = Field(alias="from")
    format: list[Literal["rfc3339", "epoch_s", "epoch_ms"]]
    unknown: Literal["error", "ignore"] = "error"


class SectionPart(_Part):
    """A part of a JSON message that is read by itself: `each` of an array, or by `keys`."""

    each: str | None = None
    keys: str | None = None
    match: str = ""
    address: Addresses = []
    time: TimePart | None = None
    acts: str | None = None
    history: bool = False
    fills_in: bool = False
    named_only: bool = False
    readings: list[ReadingPart] = []

    @model_validator(mode="after")
    def _is_one_of_both(self) -> "SectionPart":
        if self.each is not None and self.keys is not None:
            raise ValueError("has both each and keys; each is for an array, keys for an object")
        if self.each is None and self.keys is None:
            raise ValueError("says of no part; add each (an array's path) or keys (an object's)")
        return self


class MessagePart(_Part):
    """One sort of message: of the device's own topic, or of one below it."""

    payload: Literal["json", "text", "json_or_text"] = "json"
    vocabulary: bool = False
    unknown_keys: Literal["error", "ignore"] = "ignore"
    attributes: bool = False
    time: TimePart | None = None
    sequence: str | None = None
    address: Addresses = []
    identity: Addresses = []
    acts: str | None = None
    speaks_of: str | None = None
    named_only: bool = False
    unpack: dict[str, str] = {}
    sections: list[SectionPart] = []
    readings: list[ReadingPart] = []
    text: list[ReadingPart] = []


class ModelPart(_Part):
    """What is different about one model."""

    kind: DeviceKind | None = None
    invert: list[Inverted] = []
    readings: list[ReadingPart] = []


class ExampleReading(_Part):
    """One reading that an example promises, where a message tells of several devices or times."""

    device: str | None = None
    property: PropertyName
    value: str | float | list[float]
    at: Annotated[str, AfterValidator(_instant)] | None = None
    act: int | None = None
    history: bool = False


class ExamplePart(_Part):
    """A message and what it must decode to; `telecared check` and the tests run it."""

    about: str | None = None
    topic: str
    own_topic: str | None = None
    payload: Any = None  # whatever JSON the device sends
    payload_b64: str | None = None
    kind: DeviceKind | None = None
    invert: list[Inverted] = []
    device: str | None = None
    at: Annotated[str, AfterValidator(_instant)] | None = None
    seq: int | None = None
    error: bool = False
    readings: dict[PropertyName, str | float | list[float]] | list[ExampleReading] = {}
    address: str | None = None
    model: str | None = None
    codes: dict[str, dict[PropertyName, str]] = {}
    identity: str | None = None

    @model_validator(mode="after")
    def _codes_are_words(self) -> "ExamplePart":
        for words in self.codes.values():
            for name, word in words.items():
                if accepted_value(name, word) is None:
                    known = nearest(word, PROPERTIES[name].values)
                    raise ValueError(f'"{word}" is not a word of "{name}"; {known}')
        return self


class ExamplesPart(_Part):
    """The end of a file: its examples, read apart from the rest."""

    examples: list[ExamplePart] = []


class ProfilePart(MessagePart):
    """A whole file."""

    profile: Annotated[str, Field(pattern=r"^[a-z0-9_-]+$")]
    about: str = ""
    topics: list[Pattern] = []
    ignored: list[Pattern] = []
    below: dict[Below, MessagePart] = {}
    models: dict[str, ModelPart] = {}
    burst: PositiveDuration | None = None
    strangers: Literal["tell", "alarms_only"] = "tell"
    aliases: dict[str, str] = {}
    examples: list[ExamplePart] = []
