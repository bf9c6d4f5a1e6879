"""Rotas as they are written in rule files, checked and turned into `rota.Rota`.

The keys, local times, and what is wrong with one rota by itself. Whom the files know, and what
rotas mean to policies, is `rotacheck`; who is on duty `core.rota_duty`.
"""

import re
from datetime import date, timedelta
from typing import Annotated, Final, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, ValidationError

from telecared.config.durations import format_weekdays
from telecared.config.fields import Between, Body, Identifier, TimeZone, Windows, Words
from telecared.config.findings import Finding, warning
from telecared.config.home_bodies import Day
from telecared.config.positions import Document, Path, describe, sentence
from telecared.core.rota import Layer, Leave, Override, Rota
from telecared.core.rota_duty import turn_days
from telecared.core.vocabulary import Instant
from telecared.core.when import EVERY_DAY, Holidays, Window
from telecared.core.windows import wall_instant

MAX_LAYERS: Final = 20
"""Layers of one rota."""

MAX_STATED: Final = 500
"""Overrides, and leaves, of one rota's file; those that are over may be removed."""

MAX_TURN_DAYS: Final = 366

FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2199
"""Years in which rotas have days: what is written beyond is a slip, or means for ever."""

NOBODY: Final = "nobody"
"""The person of an override that means a gap."""

_TURNS: Final = ("daily", "weekly", "monthly")
_TURN: Final = re.compile(r"([1-9][0-9]{0,2})d")
_DAY_NAMES: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HANDOVER: Final = re.compile(r"(?:([A-Za-z]{3}) +)?([01]?[0-9]|2[0-3]):([0-5][0-9])")
_MOMENT: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ]([01]\d|2[0-3]):([0-5]\d)(?::00)?)?", re.ASCII
)
_NINE: Final = 9 * 60
_FIRST_MONTH: Final = "2026-01-01"
"""In the first turn of monthly ones that name no start: they begin on the first of a month."""


class Handover(NamedTuple):
    """When a turn ends: a minute of the day, and the weekday of turns of whole weeks."""

    day: int | None
    minute: int


class Moment(NamedTuple):
    """A local time of a rota; a day alone has no minute."""

    day: date
    minute: int | None


def _turn(value: object) -> str:
    days = _TURN.fullmatch(value) if isinstance(value, str) else None
    if isinstance(value, str) and (value in _TURNS or (days and int(days[1]) <= MAX_TURN_DAYS)):
        return value
    raise ValueError("must be daily, weekly, monthly or a number of days; write one like 9d")


def _handover(value: object) -> Handover:
    match = _HANDOVER.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or (match[1] or "mon").lower() not in _DAY_NAMES:
        raise ValueError('must be a time, or a weekday and a time; write one like "Mon 09:00"')
    day = _DAY_NAMES.index(match[1].lower()) if match[1] else None
    return Handover(day, int(match[2]) * 60 + int(match[3]))


def _moment(value: object) -> Moment:
    match = _MOMENT.fullmatch(value.strip()) if isinstance(value, str) else None
    try:
        day = date.fromisoformat(match[1] if match is not None else "")
    except ValueError:
        message = "must be a local time of the rota; write one like 2026-12-24T09:00"
        raise ValueError(message) from None
    minute = None if match is None or match[2] is None else int(match[2]) * 60 + int(match[3])
    return Moment(_near(day), minute)


def _near(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"must be a day of the years {FIRST_YEAR} to {LAST_YEAR}")
    return day


LocalTime = Annotated[Moment, PlainValidator(_moment)]


class LayerBody(Body):
    """One layer of a rota."""

    people: Words
    turn: Annotated[str, BeforeValidator(_turn)] = "weekly"
    handover: Annotated[Handover, PlainValidator(_handover)] | None = None
    start: Annotated[Day, AfterValidator(_near)] | None = None
    hours: Windows = ()


class OverrideBody(Body):
    """One exception of a rota."""

    from_: LocalTime = Field(alias="from")
    to: LocalTime
    person: Identifier


class LeaveBody(Body):
    """When a person takes no turn."""

    person: Identifier
    from_: LocalTime = Field(alias="from")
    to: LocalTime


class RotaBody(Body):
    """The keys of a rota."""

    timezone: TimeZone | None = None
    layers: Annotated[list[LayerBody], BeforeValidator(Between(1, MAX_LAYERS))]
    overrides: Annotated[list[OverrideBody], BeforeValidator(Between(0, MAX_STATED))] = Field(
        default_factory=list
    )
    leave: Annotated[list[LeaveBody], BeforeValidator(Between(0, MAX_STATED))] = Field(
        default_factory=list
    )
    staffed: bool = Field(default=True, strict=True)
    replaces: bool = Field(default=False, strict=True)


class RotaSource(NamedTuple):
    """A rota and where it was written."""

    name: str
    body: RotaBody
    document: Document
    path: Path
    replaces: bool


class RotaReading(NamedTuple):
    """What came of reading one rota."""

    source: RotaSource | None
    problems: list[str]
    warnings: list[Finding]


def read_rota(document: Document, path: Path, name: str, raw: object) -> RotaReading:
    """Read one rota."""
    try:
        body = RotaBody.model_validate(raw)
    except ValidationError as error:
        return RotaReading(None, describe(document, error, path, model=RotaBody), [])
    problems: list[str] = []
    warnings: list[Finding] = []
    for index, layer in enumerate(body.layers):
        if layer.handover is not None and layer.handover.day is not None and not _is_weeks(layer):
            day = format_weekdays([layer.handover.day])
            message = (
                f"turns of {layer.turn} do not end on a weekday, so that {day} does nothing;"
                " write the time alone"
            )
            place = (*path, "layers", index, "handover")
            warnings.append(warning(document, place, "handover-day-ignored", message))
    for key in ("overrides", "leave"):
        stated: list[OverrideBody | LeaveBody] = getattr(body, key)
        for index, each in enumerate(stated):
            if _is_backwards(each):
                place = (*path, key, index, "to")
                problems.append(sentence(document, place, "it ends before it begins; correct one"))
    if problems:
        return RotaReading(None, problems, [])
    return RotaReading(RotaSource(name, body, document, path, body.replaces), [], warnings)


def _is_weeks(layer: LayerBody) -> bool:
    days = turn_days(layer.turn)
    return days is not None and days % 7 == 0


def _is_backwards(stated: OverrideBody | LeaveBody) -> bool:
    """Whether something ends before it begins, or lasts no time."""
    first, last = stated.from_, stated.to
    ends = (last.day, 24 * 60 if last.minute is None else last.minute)
    return ends <= (first.day, first.minute or 0)


def rota_of(source: RotaSource, timezone: str, holidays: tuple[str, ...]) -> Rota:
    """Return the rota that a file means.

    Args:
        source: as it was read.
        timezone: of rotas that name none.
        holidays: the public holidays that its hours know.
    """
    body = source.body
    name = body.timezone or timezone
    zone = ZoneInfo(name)
    layers = tuple(_layer(layer) for layer in body.layers)
    return Rota(
        name=source.name,
        timezone=name,
        layers=layers,
        overrides=tuple(
            Override(
                since=_instant(each.from_, zone, ends=False),
                until=_instant(each.to, zone, ends=True),
                person="" if each.person == NOBODY else each.person,
            )
            for each in body.overrides
        ),
        leave=tuple(
            Leave(
                person=each.person,
                since=_instant(each.from_, zone, ends=False),
                until=_instant(each.to, zone, ends=True),
            )
            for each in body.leave
        ),
        staffed=body.staffed,
        holidays=holidays if _knows_holidays(layers) else (),
    )


def local_time(text: str, zone: ZoneInfo, *, ends: bool = False) -> Instant:
    """Return the instant of a local time as rotas write it.

    Raises:
        ValueError: with a sentence.
    """
    return _instant(_moment(text), zone, ends=ends)


def _layer(body: LayerBody) -> Layer:
    day, minute = body.handover or Handover(None, _NINE)
    start = body.start.isoformat() if body.start is not None else Layer(people=()).start
    if body.start is None and body.turn == "monthly":
        start = _FIRST_MONTH
    return Layer(
        people=body.people,
        turn=body.turn,
        handover=(day or 0, minute),
        start=start,
        hours=() if any(map(_is_always, body.hours)) else body.hours,
    )


def _is_always(window: Window) -> bool:
    whole = window.start == window.end and window.days == EVERY_DAY
    return whole and window.holidays is not Holidays.NEVER


def _knows_holidays(layers: tuple[Layer, ...]) -> bool:
    hours = (window for layer in layers for window in layer.hours)
    return any(window.holidays is not Holidays.AS_DAYS for window in hours)


def _instant(moment: Moment, zone: ZoneInfo, *, ends: bool) -> Instant:
    """Return when a local time is; a day alone begins with it, or ends after it.

    A time that the clocks skip is the instant at which they are put forward; of one that comes
    twice it is the first, as for handovers.
    """
    day, minute = moment
    if minute is None:
        day, minute = (day + timedelta(days=1) if ends else day), 0
    return wall_instant(day, minute, zone, last=False)
