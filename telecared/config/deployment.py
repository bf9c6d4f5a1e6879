"""`telecared.yaml`: where the broker, the store and the files are, who sends, how long is kept.

Keys and their defaults, and paths made relative to the file. Rules and homes are other files;
secrets are followed only when they are needed (`secrets`).
"""

import re
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PrivateAttr,
    ValidationError,
    model_validator,
)

from telecared.config.fields import (
    Between,
    Body,
    Identifier,
    Phone,
    PositiveDuration,
    Text,
    TimeZone,
    Words,
)
from telecared.config.files import read_text
from telecared.config.holidays import HolidaysBody
from telecared.config.positions import Document, describe, read_document
from telecared.config.secrets import Secret
from telecared.config.shipped import devices_folder, rules_folder
from telecared.core.policy import DEFAULT_CENTRE_REPEAT, Centre
from telecared.core.vocabulary import DAY
from telecared.errors import ConfigError

SQLITE: Final = "sqlite:"
MAX_PATHS: Final = 100
"""Files and folders of one kind."""

BROKER_SCHEMES: Final = ("mqtt", "mqtts")

_ACCOUNT_SID: Final = re.compile(r"AC[0-9a-fA-F]{32}")
_LISTEN: Final = re.compile(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})")


def _split(value: str) -> SplitResult:
    parts = urlsplit(value)
    try:
        missing = parts.port == 0
    except ValueError:
        missing = True
    if missing:
        raise ValueError("no port is called that; write a number from 1 to 65535")
    return parts


def _broker_url(value: str) -> str:
    parts = _split(value)
    if parts.username is not None or parts.password is not None:
        raise ValueError(
            "a secret does not stand in this file; write username: and password: {env: NAME}"
        )
    if parts.scheme not in BROKER_SCHEMES or not parts.hostname or parts.path not in ("", "/"):
        raise ValueError("not a broker; write mqtt://host:1883, or mqtts://host:8883 for TLS")
    return value


def _store_url(value: str) -> str:
    if value.startswith(("postgresql:", "postgres:")):
        raise ValueError("PostgreSQL is not in this version; write sqlite:telecared.db")
    if not value.startswith(SQLITE) or not value.removeprefix(SQLITE):
        raise ValueError("not a store; write sqlite:telecared.db")
    return value


def _listen(value: str) -> str:
    match = _LISTEN.fullmatch(value)
    if match is None or not 0 <= int(match[2]) < 65536:
        raise ValueError("not an address to listen at; write 127.0.0.1:8080")
    return value


def _http_url(value: str) -> str:
    parts = _split(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("not a web address; write https://example.org")
    return value.rstrip("/")


def _account_sid(value: str) -> str:
    if not _ACCOUNT_SID.fullmatch(value):
        raise ValueError("not an account SID; copy it from the console: AC and 32 digits")
    return value


def _paths(value: object) -> object:
    return [value] if isinstance(value, str) else Between(1, MAX_PATHS)(value)


BrokerUrl = Annotated[str, AfterValidator(_broker_url)]
StoreUrl = Annotated[str, AfterValidator(_store_url)]
Listen = Annotated[str, AfterValidator(_listen)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
AccountSid = Annotated[str, AfterValidator(_account_sid)]
Paths = Annotated[tuple[Path, ...], BeforeValidator(_paths)]


def _version(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Protocol = Annotated[Literal["auto", "5", "3.1.1"], BeforeValidator(_version)]


class Broker(Body):
    """The MQTT broker. `client_id` names the persistent session: never two daemons with one.

    Attributes:
        protocol: the version of MQTT; `auto` tries 5 first.
    """

    url: BrokerUrl = "mqtt://127.0.0.1:1883"
    client_id: Identifier = "telecared"
    protocol: Protocol = "auto"
    ca: Path | None = None
    username: Text | None = None
    password: Secret | None = None


class Store(Body):
    """Where everything is kept."""

    url: StoreUrl = "sqlite:telecared.db"


class Sms(Body):
    """One SMS provider; `base_url` is for one that speaks the same language elsewhere."""

    provider: Literal["twilio"] = "twilio"
    account_sid: AccountSid
    from_: Phone = Field(alias="from")
    auth_token: Secret
    base_url: HttpUrl | None = None


class Webhooks(Body):
    """Where the provider reports; without `public_url` it is asked instead."""

    listen: Listen = "127.0.0.1:8081"
    public_url: HttpUrl | None = None


class Console(Body):
    """Where the console and the metrics are served."""

    listen: Listen = "127.0.0.1:8080"


class MonitoringCentre(Body):
    """The staffed place at which every policy ends."""

    name: Text = "Monitoring centre"
    sms: Phone | None = None
    voice: Phone | None = None
    repeat: PositiveDuration = DEFAULT_CENTRE_REPEAT
    supervisor: Identifier | None = None


class Site(Body):
    """What holds where a home or an alert says nothing of its own.

    Attributes:
        policy: for alerts that belong to no home.
        home_policy: for homes that name none.
        timezone: for schemes that name none.
    """

    policy: Identifier = "technical"
    home_policy: Identifier = "family-then-centre"
    timezone: TimeZone = "UTC"


class Scheme(Body):
    """A group of homes. Without `topics` the daemon listens to `telecare/{id}/#` and `{id}/#`."""

    id: Identifier
    topics: Words | None = None
    timezone: TimeZone | None = None
    holidays: HolidaysBody | None = None


class Retention(Body):
    """How long each class of data is kept; alerts and the audit log are what inquests ask for."""

    inputs: PositiveDuration = 90 * DAY
    snapshots: PositiveDuration = 90 * DAY
    alerts: PositiveDuration = 2555 * DAY
    audit: PositiveDuration = 2555 * DAY


class Backup(Body):
    """Where verified nightly copies of the store go, and how many are kept."""

    folder: Path = Path("backups")
    keep: int = Field(default=14, ge=1, le=1000, strict=True)


class Limits(Body):
    """Caps that keep one broken device, or one broken night, from taking everything."""

    payload_bytes: int = Field(default=64 * 1024, ge=1024, le=16 * 1024 * 1024, strict=True)
    inbox_messages: int = Field(default=20_000, ge=100, le=10_000_000, strict=True)
    batch_messages: int = Field(default=1_000, ge=1, le=100_000, strict=True)
    in_flight: int = Field(default=1_000, ge=1, le=65_535, strict=True)


class Deployment(Body):
    """The whole file. `folder` is what its paths are relative to."""

    broker: Broker = Broker()
    store: Store = Store()
    rules: Paths | None = None
    devices: Paths | None = None
    sms: tuple[Sms, ...] = ()
    webhooks: Webhooks = Webhooks()
    console: Console = Console()
    monitoring_centre: MonitoringCentre | None = None
    site: Site = Site()
    holidays: HolidaysBody | None = None
    schemes: tuple[Scheme, ...] = ()
    mode: Literal["live", "pilot"] = "live"
    allow: tuple[Phone, ...] = ()
    retention: Retention = Retention()
    backup: Backup = Backup()
    limits: Limits = Limits()
    _folder: Path = PrivateAttr(default=Path())
    _document: Document | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _hangs_together(self) -> "Deployment":
        if self.mode == "pilot" and not self.allow:
            raise ValueError(
                "mode: pilot sends only to the numbers in allow, and there are none; add allow:"
            )
        if self.mode == "live" and self.allow:
            raise ValueError(
                "allow means something only with mode: pilot; write mode: pilot or remove allow"
            )
        ids = [scheme.id for scheme in self.schemes]
        if len(ids) != len(set(ids)):
            raise ValueError("two schemes have the same id; rename or remove one")
        return self

    @property
    def folder(self) -> Path:
        """The folder of the file."""
        return self._folder

    @property
    def document(self) -> Document | None:
        """The file as written, for positions; None when there is no file."""
        return self._document

    @property
    def rule_paths(self) -> list[Path]:
        """The files and folders of rules; the packs that ship when the file names none."""
        return [rules_folder()] if self.rules is None else [self._at(path) for path in self.rules]

    @property
    def device_paths(self) -> list[Path]:
        """The files and folders of profiles; those that ship when the file names none."""
        if self.devices is None:
            return [devices_folder()]
        return [self._at(path) for path in self.devices]

    @property
    def store_path(self) -> Path:
        """The database's file."""
        return self._at(Path(self.store.url.removeprefix(SQLITE)))

    @property
    def backup_path(self) -> Path:
        """The folder of backups."""
        return self._at(self.backup.folder)

    @property
    def ca_path(self) -> Path | None:
        """The file of the broker's certificate authority, or None for the system's."""
        return None if self.broker.ca is None else self._at(self.broker.ca)

    @property
    def centre(self) -> Centre:
        """The monitoring centre as the plan holds it."""
        told = self.monitoring_centre
        if told is None:
            return Centre()
        return Centre(name=told.name, sms=told.sms, repeat=told.repeat)

    @property
    def scheme_timezones(self) -> dict[str, str]:
        """Scheme -> time zone, for those that name one."""
        return {each.id: each.timezone for each in self.schemes if each.timezone is not None}

    @property
    def public_holidays(self) -> dict[str, tuple[str, ...]]:
        """Scheme -> its public holidays, as the plan holds them; "" for every other scheme."""
        own = {"": self.holidays, **{each.id: each.holidays for each in self.schemes}}
        return {scheme: told.days for scheme, told in own.items() if told is not None}

    def _at(self, path: Path) -> Path:
        return self._folder / path


def load_deployment(path: Path) -> Deployment:
    """Read `telecared.yaml`.

    Raises:
        ConfigError: with everything that is wrong in it.
    """
    document = read_document(read_text(path), str(path))
    data = {} if document.data is None else document.data
    try:
        deployment = Deployment.model_validate(data)
    except ValidationError as error:
        raise ConfigError(describe(document, error, model=Deployment)) from None
    return _placed(deployment, path.parent, document)


def default_deployment(folder: Path) -> Deployment:
    """Return what holds without any file: every default, with paths relative to `folder`."""
    return _placed(Deployment(), folder, None)


def _placed(deployment: Deployment, folder: Path, document: Document | None) -> Deployment:
    deployment._folder = folder  # noqa: SLF001 - the class's own module
    deployment._document = document  # noqa: SLF001 - the class's own module
    return deployment
