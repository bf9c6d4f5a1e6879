"""`telecared.yaml`: where the broker, the store and the files are, who sends, how long is kept.

Keys and their defaults, and paths made relative to the file. Rules and homes are other files;
secrets are followed only when they are needed (`secrets`).
"""

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainValidator,
    PrivateAttr,
    ValidationError,
    model_validator,
)

from telecared.config.channels import (
    MAX_PROVIDERS,
    MAX_SYSTEMS,
    Allowed,
    Mail,
    Sms,
    SystemBody,
    Voice,
    check_channels,
    mail_servers,
    split_url,
)
from telecared.config.durations import format_duration, parse_duration
from telecared.config.fields import (
    Between,
    Body,
    Email,
    Identifier,
    Language,
    Phone,
    PositiveDuration,
    Text,
    TimeZone,
    ToldBy,
    Words,
)
from telecared.config.files import read_text
from telecared.config.holidays import HolidaysBody
from telecared.config.outward import AlertTopicsBody, HeartbeatBody, SyntheticBody
from telecared.config.positions import Document, describe, read_document
from telecared.config.secrets import Secret
from telecared.config.served import Console, Webhooks
from telecared.config.shipped import devices_folder, rules_folder
from telecared.config.storms import StormBody
from telecared.core.policy import (
    DEFAULT_CENTRE_REPEAT,
    DEFAULT_PAGE_AFTER,
    DEFAULT_PAGE_BY,
    Centre,
)
from telecared.core.vocabulary import DAY, MINUTE, Channel, Duration
from telecared.errors import ConfigError

SQLITE: Final = "sqlite:"
MAX_PATHS: Final = 100
"""Files and folders of one kind."""

LONGEST_UNANSWERED: Final[Duration] = 15 * MINUTE
"""Nobody can be told more seldom than this of an alarm that stands at the centre."""

MAX_PAGES: Final = 20
"""Stated times at which a supervisor is paged; from then on at each repeat."""

BROKER_SCHEMES: Final = ("mqtt", "mqtts")


def _broker_url(value: str) -> str:
    parts = split_url(value)
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


def _paths(value: object) -> object:
    return [value] if isinstance(value, str) else Between(1, MAX_PATHS)(value)


BrokerUrl = Annotated[str, AfterValidator(_broker_url)]
StoreUrl = Annotated[str, AfterValidator(_store_url)]
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


def _page_after(value: object) -> tuple[Duration, ...]:
    items = value if isinstance(value, list) else [value]
    times = tuple(parse_duration(item) for item in items)
    rising = all(one < other for one, other in zip((0, *times), times, strict=False))
    if not rising or not 0 < len(times) <= MAX_PAGES:
        raise ValueError(f"must be 1 to {MAX_PAGES} rising times; write page_after: [60s, 180s]")
    return (*times[:-1], _at_most(times[-1]))


def _at_most(value: Duration) -> Duration:
    if value > LONGEST_UNANSWERED:
        most = format_duration(LONGEST_UNANSWERED)
        raise ValueError(f"nobody hears of an alarm for more than {most}; write {most} or less")
    return value


class MonitoringCentre(Body):
    """The staffed place at which every policy ends.

    Attributes:
        supervisor: a person, a rota or a role of `people:` in rule files.
        page_after: how long after an alarm has reached the centre the supervisor is paged, by
            `page_by`, while nobody there acknowledges it.
    """

    name: Text = "Monitoring centre"
    sms: Phone | None = None
    voice: Phone | None = None
    email: Email | None = None
    repeat: Annotated[PositiveDuration, AfterValidator(_at_most)] = DEFAULT_CENTRE_REPEAT
    supervisor: Identifier | None = None
    page_after: Annotated[tuple[Duration, ...], PlainValidator(_page_after)] = DEFAULT_PAGE_AFTER
    page_by: ToldBy = DEFAULT_PAGE_BY


class Site(Body):
    """What holds where a home or an alert says nothing of its own.

    Attributes:
        policy: for alerts that belong to no home.
        home_policy: for homes that name none.
        timezone: for schemes that name none.
        language: of texts to people who have none of their own, and in which rules say theirs.
    """

    policy: Identifier = "technical"
    home_policy: Identifier = "family-then-centre"
    timezone: TimeZone = "UTC"
    language: Language = "en"


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
    sms: Annotated[tuple[Sms, ...], BeforeValidator(Between(0, MAX_PROVIDERS))] = ()
    voice: Annotated[tuple[Voice, ...], BeforeValidator(Between(0, MAX_PROVIDERS))] = ()
    email: Annotated[tuple[Mail, ...], BeforeValidator(mail_servers)] = ()
    systems: Annotated[tuple[SystemBody, ...], BeforeValidator(Between(0, MAX_SYSTEMS))] = ()
    webhooks: Webhooks = Webhooks()
    alert_topics: AlertTopicsBody | None = None
    heartbeat: HeartbeatBody | None = None
    synthetic: SyntheticBody | None = None
    console: Console = Console()
    monitoring_centre: MonitoringCentre | None = None
    site: Site = Site()
    storm: StormBody = StormBody()
    holidays: HolidaysBody | None = None
    schemes: tuple[Scheme, ...] = ()
    mode: Literal["live", "pilot"] = "live"
    allow: tuple[Allowed, ...] = ()
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
        check_channels(
            (*self.sms, *self.voice, *self.email),
            self.systems,
            self.allow,
            can_be_called=self.webhooks.public_url is not None or not self.voice,
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
    def channels(self) -> tuple[Channel, ...]:
        """The channels for which a sender is configured."""
        told = [system.system.channel for system in self.systems]
        usable = {
            Channel.SMS: self.sms,
            Channel.VOICE: self.voice,
            Channel.EMAIL: self.email,
            Channel.WEBHOOK: Channel.WEBHOOK in told,
            Channel.PUSH: Channel.PUSH in told,
        }
        return tuple(channel for channel, by in usable.items() if by)

    @property
    def centre(self) -> Centre:
        """The monitoring centre as the plan holds it."""
        told = self.monitoring_centre
        if told is None:
            return Centre()
        return Centre(
            name=told.name,
            sms=told.sms,
            voice=told.voice,
            email=told.email,
            repeat=told.repeat,
            supervisor=told.supervisor,
            page_after=told.page_after,
            page_by=told.page_by,
        )

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
