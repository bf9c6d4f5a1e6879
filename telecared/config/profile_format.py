"""The keys of a device profile file, `devices/*.yaml`, as pydantic models.

What may be written and what contradicts itself is decided here; `profiles` reads the files and
turns them into core values.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from telecared.config.fields import PositiveDuration
from telecared.config.positions import nearest
from telecared.core.profiles import inverted
from telecared.core.readings import accepted_value
from telecared.core.streams import parse_stamp
from telecared.core.topics import TopicPattern
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


PropertyName = Annotated[str, AfterValidator(_property)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Names = str | list[str]
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
    between: tuple[float, float] | None = None
    value: str | float | None = None
    where: dict[str, Scalar | list[Scalar]] = {}
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
        if self.number and not PROPERTIES[self.property].numeric:
            raise ValueError(f'"{self.property}" is no number; list its words under values')
        if not told and not self.number and self.value is None:
            raise ValueError("tells nothing; add on and off, values, number: true or value")
        return self


class TimePart(_Part):
    """Where the device's own time stands, and how it may be written."""

    from_: str = Field(alias="from")
    format: list[Literal["rfc3339", "epoch_s", "epoch_ms"]]


class MessagePart(_Part):
    """One sort of message: of the device's own topic, or of one below it."""

    payload: Literal["json", "text", "json_or_text"] = "json"
    vocabulary: bool = False
    unknown_keys: Literal["error", "ignore"] = "ignore"
    attributes: bool = False
    time: TimePart | None = None
    sequence: str | None = None
    address: Names = []
    readings: list[ReadingPart] = []
    text: list[ReadingPart] = []


class ExamplePart(_Part):
    """A message and what it must decode to; `telecared check` and the tests run it."""

    about: str | None = None
    topic: str
    own_topic: str | None = None
    payload: Any = None  # whatever JSON the device sends
    payload_b64: str | None = None
    kind: DeviceKind | None = None
    invert: list[PropertyName] = []
    device: str | None = None
    at: Annotated[str, AfterValidator(_instant)] | None = None
    seq: int | None = None
    error: bool = False
    readings: dict[PropertyName, str | float | list[float]] = {}


class ProfilePart(MessagePart):
    """A whole file."""

    profile: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    about: str = ""
    topics: list[Pattern] = []
    ignored: list[Pattern] = []
    below: dict[str, MessagePart] = {}
    examples: list[ExamplePart] = []
