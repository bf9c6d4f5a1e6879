"""A plan and a home's record compiled into what `step` asks: rules indexed by device and property.

Compiling happens at start, at reload and when a home changes; nothing here looks at state.
"""

from collections.abc import Mapping
from typing import Final
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from telecared.core.conditions import CompiledCondition, compile_condition
from telecared.core.conditions.base import View, finding_key
from telecared.core.effective import effective_rule
from telecared.core.plan import (
    MONITORING_CENTRE,
    AppliesTo,
    Device,
    HomeRecord,
    Plan,
    Policy,
    Rule,
    Step,
)
from telecared.core.site import SiteFacts
from telecared.core.state import HomeState
from telecared.core.vocabulary import Duration, Instant, Mode, Priority

STRAIGHT_TO_THE_CENTRE: Final = Policy(
    name="straight-to-the-centre", steps=(Step(notify=(MONITORING_CENTRE,)),)
)
"""What stands in for a policy that is named but does not exist: never nobody."""


class RuleFailed(Exception):
    """A rule's deadlines could not be worked out; `name` is the rule's."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"the deadlines of rule {name} could not be worked out")


class CompiledRule:
    """One rule in one home.

    Attributes:
        clearing: for a rule that a reading ends, the compiled reading.
    """

    __slots__ = ("clearing", "condition", "name", "rule")

    def __init__(
        self, rule: Rule, condition: CompiledCondition, clearing: CompiledCondition | None = None
    ) -> None:
        self.name = rule.name
        self.rule = rule
        self.condition = condition
        self.clearing = clearing

    def key(self, device: Device | None) -> str:
        """Return the key of its finding about a device."""
        return finding_key(self.name, device)


class RuleDue:
    """A rule's deadline: when it fires, and what it will say then."""

    __slots__ = ("at", "compiled", "device", "raw", "since")

    def __init__(
        self, at: Instant, raw: Instant, compiled: CompiledRule, device: Device | None, since: int
    ) -> None:
        self.at = at
        self.raw = raw
        self.compiled = compiled
        self.device = device
        self.since = since

    @property
    def key(self) -> str:
        """The key under which a failing deadline is set aside."""
        return self.compiled.key(self.device)

    @property
    def order(self) -> tuple[Instant, int, str]:
        """Earlier first; at the same instant the more dangerous first; then by name."""
        return self.at, self.compiled.rule.priority.rank, self.key


class HomePlan:
    """Everything `step` needs to know about one home that is not its state.

    Attributes:
        home: the home's id.
        record: what people registered; None for `@site` and for deleted homes.
        rules: those that apply and are not off.
        watchers: (device, property) -> the rules that read it.
        clearers: (device, property) -> the rules that a reading of it may end.
        listeners: device -> the rules that any message of it concerns.
        text_values: the fields of texts that do not depend on the alert.
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
        self._policies = {policy.name: policy for policy in plan.policies if policy.steps}
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
        self.text_values = {
            "home.id": home,
            "home.address": (record.address if record else "") or home,
            "resident.name": (record.resident_name if record else "") or "the resident",
        }

    def policy(self, rule: Rule | None) -> Policy:
        """Return the policy for an alert of `rule`; for the machinery's own without a rule."""
        name = rule.policy if rule else None
        if name is None and self.record is None:
            name = self.plan.site_policy
        if name is None and self.record is not None:
            name = self.record.policy or self.plan.default_policy
        return self._policies.get(name or "", STRAIGHT_TO_THE_CENTRE)

    @property
    def technical_policy(self) -> Policy:
        """The policy for what the machinery found in a home: the site's own."""
        return self._policies.get(self.plan.site_policy, STRAIGHT_TO_THE_CENTRE)

    def rule_deadlines(self, state: HomeState, site: SiteFacts) -> list[RuleDue]:
        """Return every deadline of every rule that runs now, in no order.

        An absence that came due during an outage is due when the session was drained; how late
        that is can be read from `raw`. A rule that was set aside has none.

        Raises:
            RuleFailed: a rule is defective; it names which.
        """
        view = View(state, site, self.zone)
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
                found.append(RuleDue(at, due.at, compiled, due.device, due.since))
        return found


def _rules_of(plan: Plan, record: HomeRecord) -> list[CompiledRule]:
    compiled = []
    for rule in plan.rules:
        if not _applies(rule.applies_to, record):
            continue
        effective = _with_values(rule, record)
        if effective.priority is Priority.LIFE_SAFETY and effective.cooldown:
            # The linter refuses it; whatever reaches us unchecked must not mute it either (P6).
            effective = replace(effective, cooldown=0)
        if effective.mode is not Mode.OFF:
            condition = compile_condition(effective, record.devices)
            compiled.append(CompiledRule(effective, condition, _clearing(effective, record)))
    return compiled


def _clearing(rule: Rule, record: HomeRecord) -> CompiledCondition | None:
    if rule.clear.kind != "reading" or rule.clear.condition is None:
        return None
    return compile_condition(replace(rule, when=rule.clear.condition), record.devices)


def _with_values(rule: Rule, record: HomeRecord) -> Rule:
    """Apply the home's own values; where they no longer fit the rule, the rule as written holds.

    A rule may change its kind after a home stored a value for it. Losing the value is a finding
    of `check`; losing the rule would be a resident without protection.
    """
    try:
        return effective_rule(rule, record.rule_values.get(rule.name, {}))
    except ValueError:
        return rule


def _applies(wanted: AppliesTo, record: HomeRecord) -> bool:
    if wanted.homes and record.id not in wanted.homes:
        return False
    if wanted.schemes and record.scheme not in wanted.schemes:
        return False
    return not wanted.tags or bool(set(wanted.tags) & set(record.tags))


def lateness(due: RuleDue) -> Duration:
    """Return how long after its own deadline an absence was judged."""
    return due.at - due.raw
