"""The kinds of value that keys of a file may have, as pydantic types with sentences for errors.

Durations, windows, words, ids, phone numbers, zones and secrets-by-reference are read here, once,
for every kind of file. Which keys exist is decided by the modules of each kind.
"""

import re
from functools import cache
from typing import Annotated, Final, NamedTuple
from zoneinfo import available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator

from telecared.config.durations import parse_duration, parse_windows
from telecared.config.phones import parse_phone
from telecared.config.positions import nearest
from telecared.core.vocabulary import Channel, Duration
from telecared.core.when import Window

MAX_ID_CHARS: Final = 64
MAX_TEXT_CHARS: Final = 1000
LANGUAGE: Final = r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*"
"""How the short name of a language is written."""

MAX_LANGUAGES: Final = 40
"""Languages of one text."""

"""A single text; a longer one belongs in another system."""

MAX_EMAIL_CHARS: Final = 254
"""As mail servers have it."""

PERSONAL_CHANNELS: Final = (Channel.SMS, Channel.VOICE, Channel.EMAIL)
"""How a person can be told; programs are told in other ways."""

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_EMAIL: Final = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+\.[^\s@<>,;\"]+")


class Body(BaseModel):
    """A mapping in a file: unknown keys are errors, and text is never taken for a number."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


def _duration(value: object) -> Duration:
    return parse_duration(value)


def _positive_duration(value: object) -> Duration:
    duration = parse_duration(value)
    if duration == 0:
        raise ValueError("must be longer than nothing; write 90s, 15m, 12h or 1h30m")
    return duration


def _word_list(value: object) -> tuple[str, ...]:
    return () if value == [] else _words(value)


def _words(value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    words = []
    for item in items:
        if not isinstance(item, str) or not item.strip():
            raise ValueError("must be a word or a list of words; write one or [one, two]")
        words.append(item.strip())
    if not words:
        raise ValueError("the list is empty; write at least one word or remove the key")
    return tuple(dict.fromkeys(words))


def is_identifier(text: str) -> bool:
    """Return whether `text` may name a home, a device, a contact, a rule or a policy."""
    return len(text) <= MAX_ID_CHARS and _ID.fullmatch(text) is not None


def _identifier(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("must be text; put it in quotes")
    if len(value) > MAX_ID_CHARS:
        raise ValueError(f"an id has at most {MAX_ID_CHARS} characters; write a shorter one")
    if not _ID.fullmatch(value):
        raise ValueError("an id has letters, digits, - _ and . only; write one like larch-12")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("must be text; put it in quotes")
    if len(value) > MAX_TEXT_CHARS:
        raise ValueError(f"longer than {MAX_TEXT_CHARS} characters; write a shorter text")
    return value


def _email(value: object) -> str:
    # Never quoted: it is somebody's.
    if isinstance(value, str) and len(value) <= MAX_EMAIL_CHARS and _EMAIL.fullmatch(value):
        return value
    raise ValueError("must be one e-mail address; write it like ann@example.org")


def _told_by(value: object) -> tuple[Channel, ...]:
    items = value if isinstance(value, list) else [value]
    known = {channel.value: channel for channel in PERSONAL_CHANNELS}
    channels = [known.get(item) for item in items if isinstance(item, str)]
    if not items or len(channels) != len(items) or None in channels:
        raise ValueError("must be a list of sms, voice and email; write by: [sms]")
    return tuple(dict.fromkeys(channel for channel in channels if channel is not None))


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


def _timezone(value: object) -> str:
    if isinstance(value, str) and value in _timezones():
        return value
    if not isinstance(value, str):
        raise ValueError("must be the name of a time zone; write one like Europe/London")
    hint = nearest(value, _timezones())
    wanted = hint if hint.startswith("did you mean") else "write one like Europe/London"
    raise ValueError(f"'{value}' is no time zone; {wanted}")


def is_language(name: object) -> bool:
    """Whether a name is that of a language as BCP 47 writes it: `cy`, `de-AT`."""
    return isinstance(name, str) and re.fullmatch(LANGUAGE, name) is not None


def _language(value: object) -> str:
    if not isinstance(value, str) or not is_language(value):
        raise ValueError("not a language; write its short name, like en, cy or de-AT")
    return value


class Between(NamedTuple):
    """A validator of lists: how many items one may have, told in a sentence."""

    least: int
    most: int

    def __call__(self, value: object) -> object:
        """Return the list as it is.

        Raises:
            ValueError: it has too few or too many items.
        """
        if isinstance(value, list) and not self.least <= len(value) <= self.most:
            raise ValueError(f"write {self.least} to {self.most} of them in this list")
        return value


DurationField = Annotated[Duration, BeforeValidator(_duration)]
PositiveDuration = Annotated[Duration, BeforeValidator(_positive_duration)]
Windows = Annotated[tuple[Window, ...], PlainValidator(parse_windows)]
Words = Annotated[tuple[str, ...], BeforeValidator(_words)]
WordList = Annotated[tuple[str, ...], BeforeValidator(_word_list)]
Identifier = Annotated[str, BeforeValidator(_identifier)]
Text = Annotated[str, BeforeValidator(_text)]
Language = Annotated[str, BeforeValidator(_language)]
TimeZone = Annotated[str, BeforeValidator(_timezone)]
Phone = Annotated[str, BeforeValidator(parse_phone)]
Email = Annotated[str, BeforeValidator(_email)]
ToldBy = Annotated[tuple[Channel, ...], PlainValidator(_told_by)]
