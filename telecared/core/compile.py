"""A plan and a home's record compiled into what `step` asks: rules indexed by device and property.

Compiling happens at start, at reload and when a home changes; nothing here looks at state.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from telecared.core.choosing import Policies
from telecared.core.conditions import CompiledCondition, compile_condition
from telecared.core.conditions.base import Due, Tracer, Unit, View, finding_key, matching
from telecared.core.effective import applies, rule_in
from telecared.core.gaps import gaps_of
from telecared.core.plan import SYNTHETIC_HOME, Absence, Device, HomeRecord, Plan, Rule
from telecared.core.policy import Policy
from telecared.core.second import SecondSensor, compile_confirm
from telecared.core.site import FAR, SiteFacts
from telecared.core.state import HomeState
from telecared.core.vocabulary import (
    PROPERTIES,
    DeviceKind,
    Duration,
    Instant,
    Mode,
    Priority,
)
from telecared.core.when import Condition, HeldFor, ReadingIs, Silent
from telecared.core.windows import Clock

SHOWING_LIFE: Final = frozenset(name for name, spec in PROPERTIES.items() if spec.activity)
"""Properties that show whether somebody is at home, where a door is asked about that."""

ALWAYS_ASKED: Final = frozenset({"cancel", "occupancy", "test"}).union(
    name for name, spec in PROPERTIES.items() if spec.alarm
)
"""Properties that concern every home, with or without a rule: alarms, cancelling, tests, rest."""


NO_GRACE: Final[Duration] = -1
"""No rule that hears a device waits after an outage."""


class RuleFailed(Exception):
    """A rule's deadlines could not be worked out; `name` is the rule's."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"the deadlines of rule {name} could not be worked out")


class CompiledRule:
    """One rule in one home.

    Attributes:
        clearing: for a rule that a reading ends, the compiled reading.
        second: the second sensor that confirms what it finds, where the home has one.
        tells_gone: it is a fault that a device is gone: silent, or offline as the broker says.
    """

    __slots__ = ("clearing", "condition", "name", "rule", "second", "tells_gone")

    def __init__(
        self,
        rule: Rule,
        condition: CompiledCondition,
        clearing: CompiledCondition | None = None,
        second: SecondSensor | None = None,
    ) -> None:
        self.name = rule.name
        self.rule = rule
        self.condition = condition
        self.clearing = clearing
        self.second = second
        self.tells_gone = rule.priority is Priority.TECHNICAL and _is_gone(rule.when)

    def key(self, device: Device | None) -> str:
        """Return the key of its finding about a device."""
        return finding_key(self.name, device)


class RuleDue:
    """A rule's deadline: when it fires, and what it will say then."""

    __slots__ = ("at", "compiled", "device", "due")

    def __init__(self, at: Instant, compiled: CompiledRule, due: Due) -> None:
        self.at = at
        self.compiled = compiled
        self.device = due.device
        self.due = due

    @property
    def key(self) -> str:
        """The key under which a failing deadline is set aside."""
        key = self.compiled.key(self.device)
        return f"{key}~look" if self.due.look else key

    @property
    def order(self) -> tuple[Instant, int, str]:
        """Earlier first; at the same instant the more dangerous first; then by name."""
        return self.at, self.compiled.rule.priority.rank, self.key


class Unasked(NamedTuple):
    """What nobody in a home asks of a device: a message of nothing else only becomes facts.

    Attributes:
        properties: those whose readings concern nobody, whatever they say.
        ends: the keys of the findings that any message of the device may end.
        grace: how long after an outage any message of it may make something due sooner, or
            `NO_GRACE`.
    """

    device: Device
    properties: frozenset[str]
    ends: tuple[str, ...]
    grace: Duration


class HomePlan:
    """Everything `step` needs to know about one home that is not its state.

    Attributes:
        home: the home's id.
        record: what people registered; None for `@site` and for deleted homes.
        rules: those that apply and are not off.
        watchers: (device, property) -> the rules that read it.
        clearers: (device, property) -> the rules that a reading of it may end.
        listeners: device -> the rules that any message of it concerns.
        tracers: (device, property) -> what must be kept of it beside its last value.
        exits: the sensors of doors through which people leave the home.
        watches_exits: some rule asks whether somebody is at home, and a door may tell.
        traced: the key of a trace -> what keeps it.
        units: the alarm units whose silence a rule tells people.
        unasked: device -> what nobody asks of it; without those of which any message concerns
            a combination.
        text_values: the fields of texts that do not depend on the alert.
        speaking: the devices by which the home is heard again: its alarm units, else all.
        gone: the keys of findings that one of its alarm units is silent or offline.
        people, rotas, systems: of the plan, by their names.
    """

    def __init__(self, plan: Plan, home: str, record: HomeRecord | None) -> None:
        self.plan = plan
        self.home = home
        self.record = record
        self.zone = ZoneInfo(record.timezone if record else plan.site_timezone)
        self.devices: Mapping[str, Device] = (
            {device.id: device for device in record.devices} if record else {}
        )
        self.contacts = {contact.id: contact for contact in record.contacts} if record else {}
        self.languages = _languages(plan, record)
        self.people = {person.id: person for person in plan.people}
        self.rotas = {rota.name: rota for rota in plan.rotas}
        self.systems = {system.id: system for system in plan.systems}
        self.site_zone = ZoneInfo(plan.site_timezone)
        self.rules = tuple(_rules_of(plan, record)) if record else ()
        self.watchers: dict[tuple[str, str], tuple[CompiledRule, ...]] = {}
        self.clearers: dict[tuple[str, str], tuple[CompiledRule, ...]] = {}
        self.listeners: dict[str, tuple[CompiledRule, ...]] = {}
        for rule in self.rules:
            for pair in rule.condition.reads:
                self.watchers[pair] = (*self.watchers.get(pair, ()), rule)
            for pair in rule.clearing.reads if rule.clearing else ():
                self.clearers[pair] = (*self.clearers.get(pair, ()), rule)
            for device in rule.condition.hears:
                self.listeners[device] = (*self.listeners.get(device, ()), rule)
        self.traced = _longest(rule.condition.tracers for rule in self.rules)
        self.tracers: dict[tuple[str, str], tuple[Tracer, ...]] = {}
        for tracer in self.traced.values():
            for pair in tracer.reads:
                self.tracers[pair] = (*self.tracers.get(pair, ()), tracer)
        self.units = tuple(_units_of(self.rules, record)) if record else ()
        self.holidays = holidays_of(plan, record)
        self.site_holidays = holidays_of(plan, None)
        self._policies = Policies(plan, record, self.zone, self.holidays)
        asked = {absence for rule in self.rules for absence in rule.rule.unless}
        self._asks_who_is_in = bool(asked)
        self.exits = frozenset(
            device.id
            for device in (
                matching(record.devices, record.exits) if record and record.exits else ()
            )
            if device.kind is DeviceKind.DOOR_SENSOR
        )
        self.watches_exits = bool(self.exits) and Absence.AWAY in asked
        self.unasked = self._unasked()
        units = [one for one in self.devices.values() if one.kind is DeviceKind.ALARM_UNIT]
        self.speaking = frozenset(one.id for one in units or self.devices.values())
        self.gone = frozenset(
            rule.key(unit)
            for rule in self.rules
            if rule.tells_gone and rule.rule.mode is Mode.PAGE
            for unit in units
        )
        self.text_values = {
            "home.id": home,
            "home.address": (record.address if record else "") or home,
            "resident.name": (record.resident_name if record else "") or "the resident",
        }

    def _unasked(self) -> dict[str, Unasked]:
        asked: dict[str, set[str]] = {}
        seconds = [pair for rule in self.rules if rule.second for pair in rule.second.reads]
        for device, name in (*self.watchers, *self.clearers, *self.tracers, *seconds):
            asked.setdefault(device, set()).add(name)
        everywhere = ALWAYS_ASKED | (SHOWING_LIFE if self.watches_exits else frozenset())
        found = {}
        for own in self.devices.values():
            listeners = self.listeners.get(own.id, ())
            if not any(listener.condition.tracers for listener in listeners):
                quiet = _but(everywhere.union(asked.get(own.id, ())))
                ends = tuple(listener.key(own) for listener in listeners)
                downtimes = [listener.rule.downtime for listener in listeners]
                graces = (one.grace for one in downtimes if one.kind == "grace")
                grace = max(graces, default=NO_GRACE)
                found[own.id] = Unasked(own, quiet, ends, grace)
        return found

    def alike(self, compiled: CompiledRule, device: Device | None) -> tuple[str, ...]:
        """Return the keys under which other rules tell of the same fault of a device.

        A device that is gone is one fault, whether its silence or the broker told of it first.
        """
        if not compiled.tells_gone:
            return ()
        others = (one for one in self.rules if one.tells_gone and one is not compiled)
        return tuple(one.key(device) for one in others)

    def view(self, state: HomeState, site: SiteFacts) -> View:
        """Return what conditions may look at."""
        gaps = gaps_of(state) if self._asks_who_is_in else ()
        return View(state, site, self.zone, self.holidays, gaps, self.units)

    def policy(
        self, rule: Rule | None, priority: Priority, at: Instant, clock: Clock = ()
    ) -> Policy:
        """Return the policy for an alert of `rule`; for the machinery's own without a rule.

        Args:
            rule: as in force in this home.
            priority: of the alert, which a chooser may ask about.
            at: engine time at which people are told.
            clock: the steps of the wall clock (`SiteFacts.clock`).
        """
        name = rule.policy if rule else None
        if name is None and self.record is None:
            name = self.plan.site_policy
        if name is None and self.record is not None:
            name = self.record.policy or self.plan.default_policy
        return self._policies.named(name or "", priority, at, clock)

    def technical_policy(self, priority: Priority, at: Instant, clock: Clock = ()) -> Policy:
        """Return the policy for what the machinery found in a home: the site's own."""
        return self._policies.named(self.plan.site_policy, priority, at, clock)

    def rule_deadlines(self, state: HomeState, site: SiteFacts) -> list[RuleDue]:
        """Return every deadline of every rule that runs now, in no order.

        An absence that came due during an outage is due when the session was drained; how late
        that is can be read from `raw`. A rule that was set aside has none.

        Raises:
            RuleFailed: a rule is defective; it names which.
        """
        view = self.view(state, site)
        found: list[RuleDue] = []
        for compiled in self.rules:
            if compiled.name in state.broken:
                continue
            try:
                dues = list(compiled.condition.deadlines(view))
            except Exception as error:
                # Whatever a rule raises, the caller must learn which rule it was.
                raise RuleFailed(compiled.name) from error
            for due in dues:
                at = max(due.at, site.released_at) if compiled.condition.absence else due.at
                found.append(RuleDue(at, compiled, due))
        return found


CompileHome = Callable[[Plan, str, HomeRecord | None], HomePlan]
"""Compiles one home; many small worlds of the same homes share what came of it."""


@lru_cache(maxsize=4096)
def _but(asked: frozenset[str]) -> frozenset[str]:
    """Return all properties but these: one set for all devices of which the same is asked."""
    return frozenset(PROPERTIES) - asked


def _longest(several: Iterable[tuple[Tracer, ...]]) -> dict[str, Tracer]:
    """Return one tracer for each key: of equal ones that which reaches back furthest."""
    kept: dict[str, Tracer] = {}
    for tracer in (one for tracers in several for one in tracers):
        known = kept.get(tracer.key)
        if known is None or known.keep < tracer.keep:
            kept[tracer.key] = tracer
    return kept


def _languages(plan: Plan, record: HomeRecord | None) -> tuple[str, ...]:
    """Return the languages of those who may be told, beside the site's own."""
    contacts = (*plan.people, *(record.contacts if record else ()))
    found = {one.language for one in contacts}
    if record is not None and record.resident_tell is not None:
        found.add(record.resident_language)
    return tuple(sorted(found - {"", plan.language}))


def holidays_of(plan: Plan, record: HomeRecord | None) -> frozenset[int]:
    """Return the public holidays of a home's scheme, as ordinals of dates."""
    scheme = record.scheme if record else ""
    return _ordinals(plan.holidays.get(scheme, plan.holidays.get("", ())))


@lru_cache(maxsize=256)
def _ordinals(days: tuple[str, ...]) -> frozenset[int]:
    """Return dates as ordinals: one set for all homes of a scheme."""
    return frozenset(date.fromisoformat(day).toordinal() for day in days)


def _rules_of(plan: Plan, record: HomeRecord) -> list[CompiledRule]:
    compiled = []
    for rule in plan.rules:
        if not applies(rule.applies_to, record):
            continue
        if record.id == SYNTHETIC_HOME and record.id not in rule.applies_to.homes:
            continue  # its presses must page nobody by a rule that is meant for people
        effective = rule_in(rule, record).rule
        if effective.priority is Priority.LIFE_SAFETY:
            # The linter refuses it; whatever reaches us unchecked must not mute it either (P6).
            effective = replace(effective, cooldown=0, max_per_day=0, unless=(), held_by=())
        if effective.priority is Priority.TECHNICAL:
            # Whoever maintains the equipment makes it tell faults.
            unless = (*effective.unless, Absence.MAINTENANCE)
            effective = replace(effective, unless=tuple(dict.fromkeys(unless)))
        fault = effective.priority is Priority.TECHNICAL and effective.confirm is None
        if effective.ages is not None and not fault:
            # The linter refuses it: only a fault can wait to be told louder for its age.
            effective = replace(effective, ages=None)
        if effective.mode is not Mode.OFF:
            second = compile_confirm(effective.confirm, record.devices)
            if second is not None and second.priority is Priority.LIFE_SAFETY:
                # What is never opened is never asked about: the same holds for what may become it.
                effective = replace(effective, cooldown=0, max_per_day=0)
            condition = compile_condition(effective, record.devices)
            clearing = _clearing(effective, record)
            compiled.append(CompiledRule(effective, condition, clearing, second))
    return compiled


def _units_of(rules: Iterable[CompiledRule], record: HomeRecord) -> Iterator[Unit]:
    """Yield the alarm units whose silence pages somebody: those stand for what is behind them."""
    for compiled in rules:
        when = compiled.rule.when
        if isinstance(when, Silent) and not when.behind and compiled.rule.mode is Mode.PAGE:
            for device in matching(record.devices, when.at):
                if device.kind is DeviceKind.ALARM_UNIT:
                    removed = FAR if device.until is None else device.until
                    yield Unit(device.id, compiled.rule, when.limit, device.since or 0, removed)


def _is_gone(when: Condition) -> bool:
    if isinstance(when, ReadingIs | HeldFor):
        return when.property == "link" and when.values == ("offline",)
    return isinstance(when, Silent)


def _clearing(rule: Rule, record: HomeRecord) -> CompiledCondition | None:
    if rule.clear.kind != "reading" or rule.clear.condition is None:
        return None
    return compile_condition(replace(rule, when=rule.clear.condition), record.devices)


def lateness(due: RuleDue) -> Duration:
    """Return how long after its own deadline an absence was judged."""
    return due.at - due.due.at
