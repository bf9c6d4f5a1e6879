"""The keys of the homes' file as pydantic models: homes, residents, devices, contacts, people.

What they may refer to, and what they become, is `homes`. No complaint quotes a value that may be
somebody's name, number or birthday.
"""

from datetime import date
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, PlainValidator

from telecared.config.fields import (
    Between,
    Body,
    Email,
    Identifier,
    Language,
    Phone,
    Text,
    TimeZone,
    ToldBy,
    Windows,
    WordList,
)
from telecared.config.positions import nearest
from telecared.core.vocabulary import Channel, DeviceKind

MAX_TOPIC_BYTES: Final = 65_535
"""As MQTT itself has it."""

MAX_CONSENTS: Final = 50
"""Documents of consent of one home, old ones among them."""

NATIVE: Final = "native"
"""The profile of devices that name none."""


def _topic(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("must be a topic; write one like northside/larch-12/hall")
    if any(sign in value for sign in "+#\0") or value.startswith("$"):
        raise ValueError("a device speaks on one topic: no + or # in it, and no $ before it")
    if len(value.encode("utf-8", "surrogatepass")) > MAX_TOPIC_BYTES:
        raise ValueError(f"longer than the {MAX_TOPIC_BYTES} bytes of a topic; write a shorter one")
    return value


def _kind(value: object) -> DeviceKind:
    kinds = {kind.value: kind for kind in DeviceKind}
    if isinstance(value, str) and value in kinds:
        return kinds[value]
    raise ValueError(f"not a kind of device; {nearest(str(value), kinds)}")


def _born(value: object) -> str:
    # Never quoted: it is somebody's.
    try:
        if isinstance(value, str) and date.fromisoformat(value).isoformat() == value:
            return value
    except ValueError:
        pass
    raise ValueError("must be a day with its year first; write it like 1938-02-11")


def _day(value: object) -> date:
    try:
        if isinstance(value, str) and date.fromisoformat(value).isoformat() == value:
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError("must be a day with its year first; write it like 2026-03-01")


Day = Annotated[date, PlainValidator(_day)]


def _tell(value: object) -> Channel:
    channels = {channel.value: channel for channel in (Channel.SMS, Channel.VOICE)}
    if isinstance(value, str) and value in channels:
        return channels[value]
    raise ValueError("must be sms or voice: what the resident can hear; write tell: voice")


class PersonBody(Body):
    """A person whom several homes share."""

    id: Identifier
    name: Text
    phone: Phone
    email: Email | None = None
    language: Language | None = None
    by: ToldBy = ()


class StaffBody(PersonBody):
    """A person of a rule file, who works for many homes."""

    roles: WordList = ()
    reachable: Windows = ()


class ResidentBody(Body):
    """Who lives there."""

    name: Text = ""
    phone: Phone | None = None
    language: Text = "en"
    born: Annotated[str, BeforeValidator(_born)] | None = None
    notes: Text = ""
    tell: Annotated[Channel, PlainValidator(_tell)] | None = None


class AccessBody(Body):
    """How to get in; shown only through a logged reveal."""

    key_safe: Text | None = None
    code: Text | None = None


class DeviceBody(Body):
    """A device of a home."""

    id: Identifier
    kind: Annotated[DeviceKind, PlainValidator(_kind)]
    profile: Identifier = NATIVE
    topic: Annotated[str, PlainValidator(_topic)] | None = None
    location: Text | None = None
    address: Text | None = None
    invert: WordList = ()
    model: Text | None = None
    serial: Text | None = None
    codes: dict[Text, dict[Text, Text]] = Field(default_factory=dict)
    installed: Day | None = None
    removed: Day | None = None


class ContactBody(Body):
    """Somebody who may be told: with name and phone, or a `person` of the file."""

    id: Identifier | None = None
    name: Text | None = None
    phone: Phone | None = None
    email: Email | None = None
    language: Language | None = None
    by: ToldBy = ()
    person: Identifier | None = None
    roles: WordList = ()
    reachable: Windows = ()


class ConsentBody(Body):
    """A document of consent: what for, by whom, from which day, and where it is kept."""

    what: Text
    given_by: Text
    given_on: Day
    until: Day | None = None
    document: Text = ""


class HomeBody(Body):
    """The keys of a home."""

    id: Identifier
    scheme: Identifier
    address: Text = ""
    timezone: TimeZone | None = None
    tags: WordList = ()
    exits: WordList | None = None
    resident: ResidentBody = ResidentBody()
    access: AccessBody = AccessBody()
    devices: tuple[DeviceBody, ...] = ()
    contacts: tuple[ContactBody, ...] = ()
    policy: Identifier | None = None
    rules: dict[str, dict[str, Any]] = Field(default_factory=dict)
    consent: Annotated[tuple[ConsentBody, ...], BeforeValidator(Between(0, MAX_CONSENTS))] = ()
