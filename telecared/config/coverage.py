"""Which dangers a home is guarded against: sensor, rule and responder for each, and the holes.

Pure: a plan, a home's record and, where it is at hand, its state in; rows out. Whether a rule by
itself makes sense is `lint`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from telecared.config.durations import format_duration
from telecared.config.lint import never_fires
from telecared.config.walk import LOCATION, Reads, devices_of, every_part, lacks
from telecared.core.compile import HomePlan
from telecared.core.conditions.base import matching
from telecared.core.effective import applies, rule_in
from telecared.core.plan import Device, HomeRecord, Plan, Rule
from telecared.core.policy import MONITORING_CENTRE
from telecared.core.site import ALWAYS_ON
from telecared.core.state import HomeState
from telecared.core.telling import channels_of, person_of, recipients
from telecared.core.vocabulary import (
    HOUR,
    MINUTE,
    PROPERTIES,
    DeviceKind,
    Duration,
    Instant,
    Mode,
    Priority,
)
from telecared.core.when import (
    Changes,
    Compare,
    Condition,
    Count,
    Followed,
    Geofence,
    HeldFor,
    InactiveFor,
    NoneOf,
    ReadingIs,
    Silent,
    Without,
)
from telecared.core.work import Work

HEARD_WITHIN: Final[Duration] = 26 * HOUR
"""How long a sensor may be silent where no rule says it: battery sensors report once a day."""

NOT_UP_BY: Final = 15 * 60
"""Minutes after midnight: what is expected by a later time of day is not getting up."""

_NO_PROOF: Final = frozenset({"medication", "trigger", "cancel"})
"""Signs of life that nobody gives merely by getting up."""


class CoverageRow(msgspec.Struct, frozen=True, kw_only=True):
    """One danger in one home.

    Attributes:
        hazard: the danger's word, for scripts.
        sensor: the device that would notice it, or None.
        rule: the rule in mode page that would fire on it, or None.
        responder: the first who can be told now: a contact's id or `monitoring_centre`.
        holes: what is missing, as sentences without personal data.
    """

    home: str
    hazard: str
    sensor: str | None
    rule: str | None
    responder: str
    holes: tuple[str, ...]


class Hazard(NamedTuple):
    """A danger that homes are guarded against.

    Attributes:
        word, title: for scripts and for people.
        kinds: the devices that are made for it, the first of which the title of a hole names.
        properties: a device that has told one of these is a sensor too, whatever its kind.
        notices: what a condition reads when it waits for this danger; nothing when it does not.
    """

    word: str
    title: str
    kinds: tuple[DeviceKind, ...]
    properties: tuple[str, ...]
    notices: Callable[[Condition], tuple[Reads, ...]]


def coverage_of(
    plan: Plan, home: HomeRecord, *, at: Instant, state: HomeState | None = None
) -> list[CoverageRow]:
    """Return one row for each danger, in the order of `HAZARDS`.

    Args:
        plan: rules and policies.
        home: what is registered.
        at: the instant at which sensors must have been heard and people be within their hours.
        state: of the home; without it a registered sensor counts as live.
    """
    able = (rule for rule in _rules(plan, home) if _can_fire(rule, home))
    rules = sorted(able, key=lambda rule: rule.priority.rank)
    work = _looking(plan, home, at, state)
    ground = _Ground(plan, home, tuple(rules), at, state, work)
    return [_row(hazard, ground) for hazard in HAZARDS]


class _Ground(NamedTuple):
    """What all rows of a home are judged by: rules that can fire, the most dangerous first."""

    plan: Plan
    home: HomeRecord
    rules: tuple[Rule, ...]
    at: Instant
    state: HomeState | None
    work: Work


def _rules(plan: Plan, home: HomeRecord) -> Iterator[Rule]:
    for rule in plan.rules:
        effective = rule_in(rule, home).rule
        if applies(rule.applies_to, home):
            yield effective


def _can_fire(rule: Rule, home: HomeRecord) -> bool:
    return not lacks(rule.when, home.devices) and not never_fires(rule)


def _row(hazard: Hazard, ground: _Ground) -> CoverageRow:
    sensors = _sensors(hazard, ground)
    dead = {device.id: why for device in sensors if (why := _silence(device, ground))}
    live = [device for device in sensors if device.id not in dead]
    holes = list(dead.values())
    if not sensors:
        kinds = " or ".join(kind.value.replace("_", " ") for kind in hazard.kinds)
        holes.append(f"no {kinds} is registered")
    sensor, rule = _watched(hazard, live or sensors, ground, Mode.PAGE)
    if sensors and rule is None:
        sensor, watching = _watched(hazard, live or sensors, ground, Mode.WATCH)
        told = f"; {watching.name} is in mode watch and pages nobody" if watching else ""
        if watching is None:
            _, idle = _watched(hazard, live or sensors, ground, Mode.OFF)
            told = f"; {idle.name} is turned off here" if idle else ""
        sensor = sensor or (live or sensors)[0]
        holes.append(f"no rule in mode page would fire on {sensor.id}{told}")
    responder, missing = _responder(rule, ground)
    return CoverageRow(
        home=ground.home.id,
        hazard=hazard.word,
        sensor=None if sensor is None or sensor.id in dead else sensor.id,
        rule=None if rule is None else rule.name,
        responder=responder,
        holes=tuple(holes + missing),
    )


# --- sensors ----------------------------------------------------------------------------------


def _sensors(hazard: Hazard, ground: _Ground) -> list[Device]:
    """Return the devices of a home that can notice a danger: made for it, or known to tell it."""
    facts = ground.state.facts if ground.state is not None else {}
    found = [
        device
        for device in ground.home.devices
        if device.is_there(ground.at)
        and (
            device.kind in hazard.kinds or facts.get(device.id, {}).keys() & set(hazard.properties)
        )
    ]
    exits = {device.id for device in matching(ground.home.devices, ground.home.exits)}
    # Of several doors those count through which people leave.
    return sorted(found, key=lambda device: device.id not in exits)


def _silence(device: Device, ground: _Ground) -> str:
    """Return what to say of a device that was not heard in time; "" when it was."""
    if ground.state is None:
        return ""
    heard = ground.state.heard.get(device.id)
    if heard is None:
        return f"{device.id} has never been heard"
    limit = _limit(device, ground)
    silent = ground.at - heard
    if silent <= limit:
        return ""
    return (
        f"{device.id} was last heard {format_duration(silent // MINUTE * MINUTE)} ago, and should"
        f" be every {format_duration(limit)}"
    )


def _limit(device: Device, ground: _Ground) -> Duration:
    limits = [
        part.limit
        for rule in ground.rules
        if rule.mode is not Mode.OFF
        for _, part in every_part(rule.when)
        if isinstance(part, Silent) and device in matching(ground.home.devices, part.at)
    ]
    return min(limits, default=HEARD_WITHIN)


# --- rules ------------------------------------------------------------------------------------


def _watched(
    hazard: Hazard, sensors: Sequence[Device], ground: _Ground, mode: Mode
) -> tuple[Device | None, Rule | None]:
    """Return the first of the sensors on which a rule of a mode would fire, and the rule."""
    devices = ground.home.devices
    for rule in ground.rules:
        if rule.mode is not mode:
            continue
        for path, part in every_part(rule.when):
            if "not" in path:
                continue
            for reads in hazard.notices(part):
                heard = devices_of(reads, devices)
                for device in sensors:
                    if device in heard:
                        return device, rule
    return None, None


# --- people -----------------------------------------------------------------------------------


def _responder(rule: Rule | None, ground: _Ground) -> tuple[str, list[str]]:
    """Return the first who can be told at the instant, and what is missing."""
    # An alert that no rule is about is as dangerous as any.
    priority = Priority.LIFE_SAFETY if rule is None else rule.priority
    policy = ground.work.policy(rule, priority)
    asked = False
    for step in policy.steps:
        asked = asked or set(step.notify) != {MONITORING_CENTRE}
        for to in recipients(ground.work, step.notify):
            is_person = person_of(ground.work, to) is not None
            if is_person and channels_of(ground.work, step.by, to):
                return to, []
    missing = f"of {policy.name} only the monitoring centre can be told at this hour"
    return MONITORING_CENTRE, [missing] if asked else []


def _looking(plan: Plan, home: HomeRecord, at: Instant, state: HomeState | None) -> Work:
    """Return what the core looks through when it asks who can be told; of no rule's conditions."""
    known = HomeState(home=home.id) if state is None else state.clone()
    known.at = at
    return Work(known, HomePlan(replace(plan, rules=()), home.id, home), ALWAYS_ON)


# --- what notices a danger --------------------------------------------------------------------


def _acts(part: Condition) -> tuple[ReadingIs | HeldFor, ...]:
    """Return the acts for which a condition waits; what must not happen is none of them."""
    match part:
        case ReadingIs() | HeldFor():
            return (part,)
        case Without():
            return (part.first,)
        case Followed():
            return (part.first, *(follow.act for follow in part.then))
        case Count():
            return (part.of,)
        case _:
            return ()


def _words(**wanted: str) -> Callable[[Condition], tuple[Reads, ...]]:
    """Return what finds acts in which a property takes a word."""

    def notices(part: Condition) -> tuple[Reads, ...]:
        return tuple(
            Reads((act.property,), act.at)
            for act in _acts(part)
            if wanted.get(act.property) in act.values
        )

    return notices


def _cold(part: Condition) -> tuple[Reads, ...]:
    if isinstance(part, Compare) and part.below is not None and part.property == "temperature":
        return (Reads((part.property,), part.at),)
    if isinstance(part, Changes) and part.falls_by is not None and part.property == "temperature":
        return (Reads((part.property,), part.at),)
    return ()


def _wandering(part: Condition) -> tuple[Reads, ...]:
    if isinstance(part, Geofence):
        return (Reads((LOCATION,), part.at),)
    return _words(contact="open")(part)


def _inactivity(part: Condition) -> tuple[Reads, ...]:
    return (Reads(part.of, part.at, part.never),) if isinstance(part, InactiveFor) else ()


def _not_up(part: Condition) -> tuple[Reads, ...]:
    if not isinstance(part, NoneOf) or part.by > NOT_UP_BY:
        return ()
    return tuple(
        Reads((act.property,), act.at)
        for act in part.of
        if PROPERTIES[act.property].activity and act.property not in _NO_PROOF
    )


def _silent(part: Condition) -> tuple[Reads, ...]:
    return (Reads((), part.at),) if isinstance(part, Silent) else ()


_LIFE: Final = (
    DeviceKind.ACTIVITY_DETECTOR,
    DeviceKind.OCCUPANCY_DETECTOR,
    DeviceKind.BED_MONITOR,
    DeviceKind.CHAIR_MONITOR,
    DeviceKind.APPLIANCE_MONITOR,
)

HAZARDS: Final[tuple[Hazard, ...]] = (
    Hazard(
        "fall",
        "fall",
        (DeviceKind.FALL_DETECTOR,),
        ("fall",),
        _words(fall="detected"),
    ),
    Hazard(
        "fire",
        "fire",
        (DeviceKind.SMOKE_DETECTOR, DeviceKind.HEAT_DETECTOR),
        ("smoke", "heat"),
        _words(smoke="alarm", heat="alarm"),
    ),
    Hazard(
        "gas_co",
        "gas/CO",
        (DeviceKind.GAS_DETECTOR, DeviceKind.CARBON_MONOXIDE_DETECTOR),
        ("gas", "co"),
        _words(gas="alarm", co="alarm"),
    ),
    Hazard("flood", "flood", (DeviceKind.FLOOD_DETECTOR,), ("water",), _words(water="wet")),
    Hazard("cold", "cold", (DeviceKind.TEMPERATURE_SENSOR,), ("temperature",), _cold),
    Hazard(
        "wandering",
        "wandering",
        (DeviceKind.DOOR_SENSOR, DeviceKind.TRACKER),
        ("contact", LOCATION),
        _wandering,
    ),
    Hazard("inactivity", "inactivity", _LIFE, ("motion", "presence"), _inactivity),
    Hazard("not_up", "not up", _LIFE, ("motion", "presence"), _not_up),
    Hazard("alarm_unit_silent", "alarm unit silent", (DeviceKind.ALARM_UNIT,), (), _silent),
)
"""The dangers of the report, in its order."""

TITLES: Final[Mapping[str, str]] = {hazard.word: hazard.title for hazard in HAZARDS}
