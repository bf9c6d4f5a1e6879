"""What would happen if a rule found something: who is told, by what channel, in what order, when.

A rehearsal in virtual time on one home, with its suspensions, silences and reachable hours. Only
the rule that is asked about is in force, and it is met by decree: whether it would be met is
`explain`.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple

import msgspec

from telecared.config.load import LoadedPlan
from telecared.config.positions import nearest
from telecared.core.compile import HomePlan
from telecared.core.conditions import compile_condition
from telecared.core.conditions.base import place
from telecared.core.conditions.spoken import spoken
from telecared.core.explain import Duty, duty_of
from telecared.core.plan import Clear, Device, HomeRecord, Rule
from telecared.core.readings import Reading
from telecared.core.site import ALWAYS_ON, SiteFacts
from telecared.core.standings import why_not_in_force
from telecared.core.state import HomeState
from telecared.core.vocabulary import (
    DAY,
    MINUTE,
    PROPERTIES,
    DeviceKind,
    Duration,
    Instant,
    Mode,
    may_tell,
)
from telecared.core.when import (
    AllOf,
    AnyOf,
    Compare,
    Geofence,
    HeldFor,
    InactiveFor,
    Not,
    ReadingIs,
    Silent,
    Without,
)
from telecared.core.windows import local, to_instant
from telecared.errors import ReplayError
from telecared.sim.behaviour import Behaviour
from telecared.sim.lines import ReplayLine
from telecared.sim.world import SimWorld

SHOWN_AT_MOST: Final[Duration] = DAY
"""A rehearsal is cut off after this, answered or not."""

_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_RELATIVE: Final = {"today": 0, "tonight": 0, "tomorrow": 1}
_AT: Final = re.compile(r"(?:^|\s)at\s+(\S+)", re.IGNORECASE)
_ON: Final = re.compile(r"(?:^|\s)on\s+(\S+)|(?:^|\s)(today|tonight|tomorrow)\b", re.IGNORECASE)
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2})")
_PRETENDED: Final = "rehearsal"
_TELLING: Final = frozenset({"alert.opened", "alert.repeated"})
"""What a finding does to an alert: opens one, or joins one that is open already."""


class Asked(NamedTuple):
    """What is asked: something that happens, and when; None for now.

    Attributes:
        minute: minutes after local midnight.
        day: a weekday (`sunday`), `today`, `tomorrow`, or a date (`2026-03-01`).
    """

    what: str
    minute: int | None
    day: str | None


class Rehearsal(NamedTuple):
    """What would happen.

    Attributes:
        rule: that is asked about, as in force in the home.
        at: the instant at which it finds something.
        lines: of the record from then on, those of its alert only.
        duty: who each step of its policy would tell at that instant.
        at_the_centre: when the alert reaches the monitoring centre, or the last step of a policy
            that names none; None when it does not.
    """

    rule: Rule
    at: Instant
    lines: tuple[ReplayLine, ...]
    duty: tuple[Duty, ...]
    at_the_centre: Instant | None


def parse_asked(text: str) -> Asked:
    """Read `fall at 02:10 on Sunday`, `no-movement tomorrow`, `smoke at 14:00 on 2026-12-25`.

    Raises:
        ReplayError: with a sentence, when it cannot be read.
    """
    remedy = 'write it like "fall at 02:10 on Sunday"'
    clocks, days = _AT.findall(text), _ON.findall(text)
    what = _ON.sub("", _AT.sub("", text)).strip()
    if not what:
        raise ReplayError(f"'{text}' does not say what happens; {remedy}")
    if len(clocks) > 1 or len(days) > 1:
        raise ReplayError(f"'{text}' names more than one time; {remedy}")
    minute = _minute(clocks[0], remedy) if clocks else None
    return Asked(what, minute, _day("".join(days[0])) if days else None)


def _minute(text: str, remedy: str) -> int:
    match = _CLOCK.fullmatch(text)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise ReplayError(f"there is no {text} on a clock; {remedy}")
    return 60 * int(match[1]) + int(match[2])


def _day(text: str) -> str:
    day = text.lower()
    if day in _RELATIVE or day[0].isdigit():
        return "today" if day == "tonight" else day
    found = [one for one in _DAYS if day in (one, one[:3])]
    if not found:
        raise ReplayError(f"'{text}' is no day; write Sunday, today or 2026-12-25")
    return found[0]


def instant_of(asked: Asked, home: HomePlan, now: Instant) -> Instant:
    """Return when the home's clocks show for the next time what is asked.

    In the night in which an hour comes twice that is the first of both still to come; a time that
    is skipped counts on from before: 01:30 is 02:30 then.

    Raises:
        ReplayError: the day is past, or is no date.
    """
    if asked.minute is None and asked.day is None:
        return now
    here = local(now, home.zone)
    minute = asked.minute if asked.minute is not None else 60 * here.hour + here.minute
    first = _date_asked(asked.day, here.date())
    # Of a day that comes again every week, or any day, the next one to come.
    again = 1 if asked.day is None else 7 if asked.day in _DAYS else 0
    for day in (first, first + timedelta(days=again)):
        shown = datetime.combine(day, time(minute // 60, minute % 60), home.zone)
        early, late = to_instant(shown), to_instant(shown.replace(fold=1))
        for instant in (early, late) if early <= late else (early,):
            if instant >= now or (asked.minute is None and instant + MINUTE > now):
                return max(instant, now)
    raise ReplayError(
        f"{first.isoformat()} {minute // 60:02}:{minute % 60:02} is past in this home;"
        " name a time to come"
    )


def _date_asked(day: str | None, today: date) -> date:
    if day is None:
        return today
    if day in _RELATIVE:
        return today + timedelta(days=_RELATIVE[day])
    if day in _DAYS:
        return today + timedelta(days=(_DAYS.index(day) - today.weekday()) % 7)
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise ReplayError(f"{day} is no date; write it like 2026-12-25") from None


def rule_asked(home: HomePlan, what: str) -> Rule:
    """Return the rule that is meant: by its name, a part of it, or a property that it reads.

    Raises:
        ReplayError: no rule of this home is meant, or more than one.
    """
    rules = {one.name: one.rule for one in home.rules}
    name = "-".join(what.lower().split())
    if name in rules:
        return rules[name]
    named = [one for one in rules if name in one.split("-") or name in one]
    if not named and name in PROPERTIES:
        named = [
            one.name for one in home.rules if name in {each for _, each in one.condition.reads}
        ]
    if len(named) == 1:
        return rules[named[0]]
    if named:
        raise ReplayError(f"'{what}' may mean {', '.join(sorted(named))}; write one of them")
    for rule in home.plan.rules:
        if rule.name == name:
            raise ReplayError(
                f"{name} is not in force in {home.home}: {why_not_in_force(home, rule)}"
            )
    raise ReplayError(f"no rule in force in this home is called '{what}'; {nearest(name, rules)}")


def rehearse(
    loaded: LoadedPlan,
    record: HomeRecord,
    rule: Rule,
    at: Instant,
    *,
    now: Instant,
    state: HomeState | None = None,
    site: SiteFacts = ALWAYS_ON,
    phones: Mapping[str, Behaviour] | None = None,
    until: Duration | None = None,
) -> Rehearsal:
    """Play what a rule sets off when it finds something at an instant.

    Args:
        loaded: rules, policies and profiles.
        record: the home.
        rule: as in force in this home (`rule_asked`).
        at: when it finds something, not before `now`.
        now: from when on the home is as `state` says.
        state: of the home; None for one of which nothing is known.
        site: what all homes share: who stands in on a rota.
        phones: contact -> behaviour; nobody answers where it is None.
        until: how long to go on; None until the policy's last step has been repeated once.
    """
    device = _told_by(record, rule, state)
    pretended = Device(
        id=device.id if device else _PRETENDED,
        kind=device.kind if device else DeviceKind.OTHER,
        profile="native",
        topic=device.topic if device else _PRETENDED,
        location=device.location if device else None,
    )
    others = tuple(one for one in record.devices if device is None or one.id != device.id)
    decreed = msgspec.structs.replace(
        rule,
        when=ReadingIs(property="heartbeat", values=("seen",), at=(pretended.id,)),
        say=_said(rule),
        clear=Clear(kind="person"),
        values=(),
    )
    plan = msgspec.structs.replace(loaded.plan, rules=(decreed,))
    rehearsed = msgspec.structs.replace(record, devices=(*others, pretended), rule_values={})
    known = None if state is None else _as_told_by(state, rule, pretended.id)
    world = SimWorld(
        msgspec.structs.replace(loaded, plan=plan),
        [rehearsed],
        phones or {},
        start=now,
        states={record.id: known} if known is not None else None,
        site=site,
    )
    world.advance(at)
    then = world.states[record.id].clone()
    then.at = world.now
    duty = duty_of(world.plans[record.id], then, site, rule)
    happened = world.tell(record.id, pretended.id, [_seen(pretended.id)], at)
    lines, reached = _played(world, record.id, rule, happened, at, until)
    pretence = f"{place(pretended)} told heartbeat: seen"
    told = tuple(
        msgspec.structs.replace(
            line, reason=line.reason.replace(pretence, f"as asked: {spoken(rule.when)}")
        )
        for line in lines
    )
    return Rehearsal(rule, at, told, duty, reached)


def _as_told_by(state: HomeState, rule: Rule, device: str) -> HomeState:
    """Return a state in which what the rule has found was about one device, which is quiet."""
    known = state.clone()
    facts = known.facts.get(device, {})
    # A heartbeat of a moment ago would make the pretended one no news.
    quiet = {name: one for name, one in facts.items() if name != "heartbeat"}
    known.facts = {**known.facts, device: quiet}
    found = known.findings.get(rule.name)
    if found is not None:
        known.findings[f"{rule.name}|{device}"] = found
    return known


def _seen(device: str) -> Reading:
    return Reading(device=device, property="heartbeat", value="seen")


def _told_by(record: HomeRecord, rule: Rule, state: HomeState | None) -> Device | None:
    """Return a device that could have set the rule off: one that did tell such a thing, if any."""
    condition = compile_condition(rule, record.devices)
    told = {} if state is None else state.facts

    def rank(device: Device) -> int:
        names = [name for one, name in condition.reads if one == device.id]
        if any(name in told.get(device.id, {}) for name in names):
            return 0
        return 1 if any(may_tell(device.kind, name) for name in names) else 2

    read = {device for device, _ in condition.reads} | condition.hears
    able = [device for device in record.devices if device.id in read]
    return min(able, key=rank, default=None)


def _said(rule: Rule) -> str | None:
    """Return the text of a rule with the minutes that it takes to be met."""
    match rule.when:
        case (
            HeldFor(duration=lasts)
            | InactiveFor(duration=lasts)
            | Compare(duration=lasts)
            | Geofence(duration=lasts)
            | AllOf(duration=lasts)
            | AnyOf(duration=lasts)
            | Not(duration=lasts)
            | Silent(limit=lasts)
            | Without(within=lasts)
        ):
            minutes = str(lasts // MINUTE)
        case _:
            minutes = "0"
    return rule.say.replace("{minutes}", minutes) if rule.say else rule.say


def _played(
    world: SimWorld,
    home: str,
    rule: Rule,
    happened: list[ReplayLine],
    at: Instant,
    until: Duration | None,
) -> tuple[list[ReplayLine], Instant | None]:
    """Return the lines of the rule's new alert, and when it reached its policy's last step."""
    told = [one for one in happened if one.event in _TELLING and one.rule == rule.name]
    if not told:
        return [one for one in happened if one.rule == rule.name], None
    name = told[-1].alert
    number = int((name or "").rpartition("/")[2])
    lines = [one for one in happened if one.alert == name]
    last = len(world.states[home].alerts[number].policy.steps) - 1
    told_last: int | None = None
    reached: Instant | None = None
    end = at + (SHOWN_AT_MOST if until is None else until)
    while world.now < end:
        alert = world.states[home].alerts.get(number)
        if alert is None:
            break
        if reached is None:
            reached = alert.centre_at
        if told_last is None and alert.turn and alert.step == last:
            told_last = alert.turn
        if until is None and told_last is not None and alert.turn > told_last:
            break
        wake = world.next_event()
        if wake is None or (until is None and rule.mode is Mode.WATCH):
            break
        lines += [one for one in world.advance(min(wake, end)) if one.alert == name]
    return lines, reached
