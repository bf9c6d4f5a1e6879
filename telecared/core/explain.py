"""Why a rule did or did not fire at an instant: what held, since when, what comes next.

Reads a home's state as it was then and decides nothing. Getting that state is the caller's part;
putting it on a screen is `cli`.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec

from telecared.core.compile import CompiledRule, HomePlan
from telecared.core.conditions.base import Due, View, fact_of
from telecared.core.gaps import gaps_of
from telecared.core.parts import Part, parts_explained
from telecared.core.plan import Rule, content_hash
from telecared.core.policy import MONITORING_CENTRE, Policy
from telecared.core.site import SiteFacts
from telecared.core.standings import (
    Standing,
    carried_text,
    is_set_aside,
    standing_of,
    why_not_in_force,
)
from telecared.core.state import Gap, HomeState
from telecared.core.stated import Silence
from telecared.core.telling import channels_of, meant_by, recipients
from telecared.core.vocabulary import Channel, Duration, Instant, Mode, Priority, Value, may_tell
from telecared.core.work import Work

VERSION_DIGITS: Final = 12
"""Hex digits of the hash that names a rule's version; enough to tell any two apart."""


class Evidence(NamedTuple):
    """The last known value of something that a rule reads; `value` None when never told."""

    device: str
    property: str
    value: Value | None
    since: Instant | None


class RuleExplained(NamedTuple):
    """One rule in one home at one instant.

    Attributes:
        version: of the rule as it is in force in this home.
        policy: the escalation policy that an alert of it would follow.
        alert: number of the unresolved alert that carries its finding.
        due: the next instant at which it fires unless something is heard.
        why: one sentence.
    """

    rule: str
    version: str
    policy: str
    source: str
    priority: Priority
    mode: Mode
    standing: Standing
    since: Instant | None
    due: Instant | None
    alert: int | None
    why: str
    parts: tuple[Part, ...]
    evidence: tuple[Evidence, ...]


class Duty(NamedTuple):
    """Who would be told at one step of a policy, if it began at the instant that is explained.

    Attributes:
        step: 1 for the first.
        to: ids of people, systems and `monitoring_centre`: those who can be told now, by any of
            the step's channels.
        not_now: who is meant too and cannot be told now.
        wait, apart, repeat: as in the policy.
    """

    policy: str
    step: int
    to: tuple[str, ...]
    not_now: tuple[str, ...]
    by: tuple[Channel, ...]
    wait: Duration = 0
    apart: Duration = 0
    repeat: int = 1


class Explanation(NamedTuple):
    """Everything about one home at one instant. Holds ids, never names or numbers."""

    home: str
    at: Instant
    rules: tuple[RuleExplained, ...]
    gaps: tuple[Gap, ...]
    silences: tuple[Silence, ...]
    duty: tuple[Duty, ...]


def explain(
    home: HomePlan, state: HomeState, site: SiteFacts, *, rule: str | None = None
) -> Explanation:
    """Return why each rule did or did not fire as of `state.at`.

    Args:
        home: the compiled plan that was in force.
        state: stepped up to the instant.
        site: as it was.
        rule: only this one.

    Raises:
        ValueError: the plan has no such rule; the sentence names those that it has.
    """
    wanted = [one for one in home.rules if rule in (None, one.name)]
    idle = [one for one in _not_in_force(home, state.at, site) if rule in (None, one.rule)]
    if rule is not None and not (wanted or idle):
        known = ", ".join(sorted(one.name for one in home.plan.rules)) or "none"
        raise ValueError(f"there is no rule {rule}; there are: {known}")
    view = home.view(state, site)
    used = [home.policy(one.rule, one.rule.priority, state.at, site.clock) for one in wanted]
    policies = {policy.name: policy for policy in used}
    return Explanation(
        home=home.home,
        at=state.at,
        rules=(*(_rule(home, view, one) for one in wanted), *idle),
        gaps=tuple(gap for gap in gaps_of(state) if gap.since <= state.at < gap.until),
        silences=tuple(state.silences.values()),
        duty=tuple(
            duty
            for name in sorted(policies)
            for duty in _duty(_looking(state, home, site), policies[name])
        ),
    )


def version_of(rule: Rule) -> str:
    """Return what names a rule as it is in force: the same rule has the same version."""
    return content_hash(msgspec.json.encode(rule, order="deterministic"))[:VERSION_DIGITS]


# --- rules that are not in force ----------------------------------------------------------------


def _not_in_force(home: HomePlan, at: Instant, site: SiteFacts) -> Iterator[RuleExplained]:
    known = {one.name for one in home.rules}
    for rule in home.plan.rules:
        if rule.name in known:
            continue
        yield RuleExplained(
            rule=rule.name,
            version=version_of(rule),
            policy=home.policy(rule, rule.priority, at, site.clock).name,
            source=rule.source,
            priority=rule.priority,
            mode=rule.mode,
            standing=Standing.NOT_IN_FORCE,
            since=None,
            due=None,
            alert=None,
            why=why_not_in_force(home, rule),
            parts=(),
            evidence=(),
        )


# --- one rule -----------------------------------------------------------------------------------


def _rule(home: HomePlan, view: View, compiled: CompiledRule) -> RuleExplained:
    rule, state = compiled.rule, view.state
    findings = [
        finding
        for key, finding in sorted(state.findings.items())
        if key.partition("|")[0] == rule.name
    ]
    carried = [finding for finding in findings if finding.alert in state.alerts]
    set_aside = is_set_aside(state, rule.name)
    # What failed once may fail again: a rule that is set aside is not asked.
    due = None if set_aside else _next_due(view, compiled)
    since = None if set_aside else compiled.condition.holds(view)
    if set_aside:
        found = (
            Standing.SET_ASIDE,
            "it failed and is set aside until the rules or the home change",
        )
    elif carried:
        found = Standing.OPEN, carried_text(home, view, carried)
    else:
        found = standing_of(home, view, compiled, findings, due, since)
    watched = "; in mode watch it pages nobody" if rule.mode is Mode.WATCH else ""
    return RuleExplained(
        rule=rule.name,
        version=version_of(rule),
        policy=home.policy(rule, rule.priority, state.at, view.site.clock).name,
        source=rule.source,
        priority=rule.priority,
        mode=rule.mode,
        standing=found[0],
        since=carried[0].since if carried else since,
        due=due.at if due else None,
        alert=carried[0].alert if carried else None,
        why=found[1] + watched,
        parts=() if set_aside else tuple(parts_explained(home, view, rule, rule.when, 0)),
        evidence=tuple(_evidence(home, view, compiled)),
    )


def _next_due(view: View, compiled: CompiledRule) -> Due | None:
    """Return the deadline at which the rule fires next unless something is heard."""
    released = view.site.released_at if compiled.condition.absence else 0
    dues = [
        due._replace(at=max(due.at, released))
        for due in compiled.condition.deadlines(view)
        if not (due.look or due.ends)
    ]
    return min(dues, key=lambda one: one.at, default=None)


def _evidence(home: HomePlan, view: View, compiled: CompiledRule) -> Iterator[Evidence]:
    for device, name in sorted(compiled.condition.reads):
        fact = fact_of(view.state, device, name)
        if fact is not None:
            yield Evidence(device, name, fact.value, fact.since)
        elif may_tell(home.devices[device].kind, name):
            yield Evidence(device, name, None, None)
    for device in sorted(compiled.condition.hears):
        yield Evidence(device, "any message", None, view.state.heard.get(device))


# --- who was on duty ------------------------------------------------------------------------------


def duty_of(home: HomePlan, state: HomeState, site: SiteFacts, rule: Rule) -> tuple[Duty, ...]:
    """Return whom each step of a rule's policy would tell as of `state.at`."""
    policy = home.policy(rule, rule.priority, state.at, site.clock)
    return tuple(_duty(_looking(state, home, site), policy))


def _looking(state: HomeState, home: HomePlan, site: SiteFacts) -> Work:
    return Work(state.clone(), home, site)


def _duty(work: Work, policy: Policy) -> Iterator[Duty]:
    for number, step in enumerate(policy.steps, start=1):
        told = recipients(work, step.notify)
        now = [one for one in told if one == MONITORING_CENTRE or channels_of(work, step.by, one)]
        meant = meant_by(work, step.notify)
        yield Duty(
            policy=policy.name,
            step=number,
            to=tuple(now),
            not_now=tuple(one for one in meant if one not in now),
            by=step.by,
            wait=step.wait,
            apart=step.apart,
            repeat=step.repeat,
        )
