"""By what people and systems are told: the sections sms, voice, email and systems of a deployment.

Keys and what belongs together. The senders are made from them in `senders`; secrets are followed
only then. How a provider over plain HTTP is talked to is in `http_template`.
"""

import re
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from telecared.config.fields import (
    Between,
    Body,
    Email,
    Identifier,
    Phone,
    Text,
    is_identifier,
)
from telecared.config.http_template import (
    Answered,
    BasicLogin,
    CallbackBody,
    HeaderValue,
    StatusBody,
    TemplateField,
    check_http,
)
from telecared.config.phones import parse_phone
from telecared.config.secrets import Secret
from telecared.core.policy import System
from telecared.core.vocabulary import Channel

MAX_PROVIDERS: Final = 10
"""Providers of one channel."""

MAX_SYSTEMS: Final = 100

MAX_RATE: Final = 1000.0

_MAIL: Final = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+")
_SID_CHARS: Final = frozenset("0123456789abcdefABCDEF")


def split_url(value: str) -> SplitResult:
    """Return the parts of an address whose port, if any, is one.

    Raises:
        ValueError: no port is called that.
    """
    parts = urlsplit(value)
    try:
        missing = parts.port == 0
    except ValueError:
        missing = True
    if missing:
        raise ValueError("no port is called that; write a number from 1 to 65535")
    return parts


def http_url(value: str) -> str:
    """Return a web address without a slash at its end.

    Raises:
        ValueError: it is none.
    """
    parts = split_url(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("not a web address; write https://example.org")
    return value.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def safe_url(value: str) -> str:
    """Return a web address to which personal data may be sent.

    Raises:
        ValueError: it is none, holds a secret, or anybody on the way could read along.
    """
    parts = split_url(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("not a web address; write https://example.org/path")
    if parts.username is not None or parts.password is not None:
        raise ValueError("a secret does not stand in an address; write headers: or login:")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("anybody on the way could read along; write https://")
    return value


def _account_sid(value: str) -> str:
    if len(value) != 34 or not value.startswith("AC") or not set(value[2:]) <= _SID_CHARS:
        raise ValueError("not an account SID; copy it from the console: AC and 32 digits")
    return value


HttpUrl = Annotated[str, AfterValidator(http_url)]
SafeUrl = Annotated[str, AfterValidator(safe_url)]
AccountSid = Annotated[str, AfterValidator(_account_sid)]
Rate = Annotated[float, Field(gt=0, le=MAX_RATE)]

_TWILIO: Final = ("account_sid", "auth_token", "base_url")
_HTTP: Final = (
    "url",
    "method",
    "headers",
    "login",
    "encoding",
    "body",
    "ok",
    "id_field",
    "accepted",
    "status",
    "callback",
)


class Sms(Body):
    """One SMS provider; the first of the list is the first choice.

    Attributes:
        name: unique in the file; names it in records and findings.
        rate: messages a second that it takes.
        base_url: with `twilio`, for one that speaks the same language elsewhere.
        url: with `http`, where a message is posted.
        body: with `http`, what is posted: fields with {to}, {to_digits}, {text}, {id}, {from}.
        ok: with `http`, the status codes by which a message was taken.
        id_field: with `http`, where the provider's id stands in its answer, like messages.0.id;
            without it our own id is used.
        accepted: with `http`, a field of the answer that must have one of some values.
        status: with `http`, where it tells what became of a message when it is asked.
        callback: with `http`, how it tells that by itself, and what people send to its number.
    """

    provider: Literal["twilio", "http"] = "twilio"
    name: Identifier | None = None
    from_: Phone | None = Field(default=None, alias="from")
    rate: Rate | None = None
    account_sid: AccountSid | None = None
    auth_token: Secret | None = None
    base_url: HttpUrl | None = None
    url: SafeUrl | None = None
    method: Literal["POST", "PUT", "GET"] = "POST"
    headers: dict[str, HeaderValue] = Field(default={})
    login: BasicLogin | None = None
    encoding: Literal["json", "form", "query"] = "json"
    body: dict[str, TemplateField] = Field(default={})
    ok: tuple[Annotated[int, Field(ge=200, le=299, strict=True)], ...] = (200, 201, 202)
    id_field: Text | None = None
    accepted: Answered | None = None
    status: StatusBody | None = None
    callback: CallbackBody | None = None

    @model_validator(mode="after")
    def _fits_its_provider(self) -> "Sms":
        needed: tuple[str, ...] = ("account_sid", "from_", "auth_token")
        strange: tuple[str, ...] = _HTTP
        if self.provider == "http":
            needed, strange = ("url", "body"), _TWILIO
        for key in needed:
            if not getattr(self, key):
                raise ValueError(f"provider {self.provider} needs {key.rstrip('_')}; add it")
        for key in strange:
            if key in self.model_fields_set:
                raise ValueError(
                    f"{key} means nothing with provider {self.provider}; remove it, or write"
                    " another provider"
                )
        if self.provider == "http":
            has_id_field = self.id_field is not None
            check_http(self.body, self.status, self.callback, has_id_field=has_id_field)
            if self.method == "GET" and self.encoding != "query":
                raise ValueError("method GET has no body; write encoding: query, or method: POST")
        return self

    @property
    def label(self) -> str:
        """Its name, or what its provider is called."""
        return self.name or ("twilio" if self.provider == "twilio" else "http-sms")


class Voice(Body):
    """One provider of calls; its answers come in by webhook, so that `public_url` is needed."""

    provider: Literal["twilio"] = "twilio"
    name: Identifier | None = None
    account_sid: AccountSid
    from_: Phone = Field(alias="from")
    auth_token: Secret
    base_url: HttpUrl | None = None
    rate: Rate | None = None

    @property
    def label(self) -> str:
        """Its name, or what its provider is called."""
        return self.name or "twilio-voice"


class Mail(Body):
    """A mail server that sends for us.

    Attributes:
        security: `starttls` before anything is said, `tls` from the first byte, or `none`, which
            is for this machine and for networks that nobody else is on.
        port: left out, 587, 465 or 25 by what `security` says.
    """

    host: Text
    port: int | None = Field(default=None, ge=1, le=65535, strict=True)
    from_: Email = Field(alias="from")
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: Text | None = None
    password: Secret | None = None
    ca: Path | None = None
    name: Identifier | None = None
    rate: Rate | None = None

    @model_validator(mode="after")
    def _login_is_whole_and_safe(self) -> "Mail":
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password belong together; add the other one")
        if self.password is not None and self.security == "none" and not is_loopback(self.host):
            raise ValueError("anybody on the way could read the password; write security: starttls")
        return self

    @property
    def label(self) -> str:
        """Its name, or what its channel is called."""
        return self.name or "email"

    @property
    def port_used(self) -> int:
        """The port, or the one that `security` has by custom."""
        return self.port or {"starttls": 587, "tls": 465, "none": 25}[self.security]


class WebhookTarget(Body):
    """Where another system listens, and the secret by which it knows us."""

    url: SafeUrl
    secret: Secret


class PushTarget(Body):
    """A topic of an ntfy server, or an address of Apprise."""

    ntfy: SafeUrl | None = None
    token: Secret | None = None
    apprise: Secret | None = None

    @model_validator(mode="after")
    def _one_of_the_two(self) -> "PushTarget":
        if (self.ntfy is None) == (self.apprise is None):
            raise ValueError("write either ntfy: or apprise:")
        if self.token is not None and self.ntfy is None:
            raise ValueError("token belongs to ntfy; remove it")
        return self


class SystemBody(Body):
    """Another program that policies may tell, by its id."""

    id: Identifier
    webhook: WebhookTarget | None = None
    push: PushTarget | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "SystemBody":
        if (self.webhook is None) == (self.push is None):
            raise ValueError("write either webhook: or push:")
        return self

    @property
    def system(self) -> System:
        """It as the plan holds it: without where it is, and without its secret."""
        channel = Channel.WEBHOOK if self.webhook is not None else Channel.PUSH
        return System(id=self.id, channel=channel)


# --- what they have to do with each other ---------------------------------------------------------


def mail_servers(value: object) -> object:
    """Return one mail server as a list of one.

    Raises:
        ValueError: there are too many.
    """
    return [value] if isinstance(value, dict) else Between(0, MAX_PROVIDERS)(value)


def _allowed(value: object) -> str:
    """Return what may be sent to in pilot mode: a number, an e-mail address, a system's id."""
    if isinstance(value, str) and ("@" in value or is_identifier(value)):
        if "@" in value and not _MAIL.fullmatch(value):
            raise ValueError("not an e-mail address; write it like ann@example.org")
        return value
    return parse_phone(value)


Allowed = Annotated[str, BeforeValidator(_allowed)]


def reached_by(told: Sms | Voice | Mail | SystemBody) -> str | None:
    """Return the host over which a sender reaches people; None for what only a provider knows."""
    match told:
        case Sms(provider="http", url=str(url)) | SystemBody(webhook=WebhookTarget(url=url)):
            return urlsplit(url).hostname
        case SystemBody(push=PushTarget(ntfy=str(url))):
            return urlsplit(url).hostname
        case Sms(base_url=str(url)) | Voice(base_url=str(url)):
            return urlsplit(url).hostname
        case Mail():
            return told.host
    return None


def check_channels(
    providers: Sequence[Sms | Voice | Mail],
    systems: Sequence[SystemBody],
    allow: Sequence[str],
    *,
    can_be_called: bool,
) -> None:
    """Raise ValueError when two have one name, or something is missing that another needs."""
    if not can_be_called:
        raise ValueError(
            "voice needs webhooks: {public_url: ...}: a key that is pressed comes by it"
        )
    labels = [one.label for one in providers] + [
        f"{one.system.channel}-{one.id}" for one in systems
    ]
    twice = next((one for one in labels if labels.count(one) > 1), None)
    if twice is not None:
        raise ValueError(f"two senders are called {twice}; give one of them a name: of its own")
    ids = {one.id for one in systems}
    for one in allow:
        if not one.startswith("+") and "@" not in one and one not in ids:
            raise ValueError(
                "allow holds something that is no number, no e-mail address and no system;"
                " write numbers like +447700900123"
            )
