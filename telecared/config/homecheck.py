"""What is doubtful about a home under a plan: rules that cannot fire, people who are never told.

Pure: a plan and a home's record in, doubts out, each with the place in the record that it is
about. Files and positions are `check`.
"""

from collections.abc import Iterator
from typing import NamedTuple

from telecared.config.durations import format_duration, format_windows, longest_opening
from telecared.config.policies import KNOWN_ROLES
from telecared.config.positions import Path
from telecared.core.conditions.base import matching
from telecared.core.effective import effective_rule
from telecared.core.plan import (
    AppliesTo,
    Device,
    HeldFor,
    HomeRecord,
    InactiveFor,
    Plan,
    Policy,
    ReadingIs,
    Rule,
    Silent,
)
from telecared.core.vocabulary import Mode, may_tell


class Doubt(NamedTuple):
    """One doubt: where in the home's entry, which code, the sentence."""

    path: Path
    code: str
    message: str


def doubts_of_rule(rule: Rule) -> Iterator[Doubt]:
    """Yield what is doubtful about a rule wherever it applies; the path is within the rule."""
    when = rule.when
    if not isinstance(when, HeldFor | InactiveFor):
        return
    longest = longest_opening(when.between)
    if longest is not None and when.duration > longest:
        message = (
            f"{rule.name} can never fire: it waits {format_duration(when.duration)} and"
            f" {format_windows(when.between)} is open for {format_duration(longest)} at most;"
            " write a shorter duration or a longer window"
        )
        yield Doubt(("when",), "never-fires", message)


def doubts_of_home(plan: Plan, home: HomeRecord) -> list[Doubt]:
    """Return what is doubtful about a home under a plan; paths are within the home's entry."""
    rules = [
        effective_rule(rule, home.rule_values.get(rule.name, {}))
        for rule in plan.rules
        if _applies(rule.applies_to, home)
    ]
    rules = [rule for rule in rules if rule.mode is not Mode.OFF]
    found = [*_coverage(rules, home)]
    for rule in rules:
        if rule.name in home.rule_values:
            found += [
                Doubt(("rules", rule.name), doubt.code, doubt.message)
                for doubt in doubts_of_rule(rule)
            ]
    return found + _doubts_of_contacts(plan, rules, home)


def _applies(wanted: AppliesTo, home: HomeRecord) -> bool:
    return (
        (not wanted.homes or home.id in wanted.homes)
        and (not wanted.schemes or home.scheme in wanted.schemes)
        and (not wanted.tags or bool(set(wanted.tags) & set(home.tags)))
    )


# --- devices ----------------------------------------------------------------------------------


def _coverage(rules: list[Rule], home: HomeRecord) -> Iterator[Doubt]:
    """Yield rules that no device of the home can trigger.

    Those that would need another kind of device come as one doubt, since few homes have every
    kind; a name in `at` that fits nothing while the right kind is there is probably a slip.
    """
    absent = []
    for rule in rules:
        at = rule.when.at
        able = [device for device in home.devices if _may_tell(device, rule)]
        if not able:
            absent.append(rule.name)
        elif at and not matching(tuple(able), at):
            message = (
                f"{rule.name} watches {', '.join(at)}, and no fitting device here has that id,"
                " location or kind; name one so, or give this home its own value for at"
            )
            yield Doubt(("devices",), "no-device-at", message)
    if absent:
        message = (
            f"no device here can trigger these rules: {', '.join(sorted(absent))};"
            " add the devices, or expect nothing from these rules"
        )
        yield Doubt(("devices",), "no-device", message)


def _may_tell(device: Device, rule: Rule) -> bool:
    when = rule.when
    if isinstance(when, Silent):
        return bool(matching((device,), when.at))
    names = (when.property,) if isinstance(when, ReadingIs | HeldFor) else when.of
    return any(may_tell(device.kind, name) for name in names)


# --- people -----------------------------------------------------------------------------------


def _doubts_of_contacts(plan: Plan, rules: list[Rule], home: HomeRecord) -> list[Doubt]:
    policies = {policy.name: policy for policy in plan.policies}
    own_name = home.policy or plan.default_policy
    own = policies.get(own_name)
    named = {rule.policy or own_name for rule in rules} | {own_name}
    told: set[str] = set()
    for name in named:
        if name in policies:
            told |= _targets(policies[name])
    found = []
    for index, contact in enumerate(home.contacts):
        where = ("contacts", index)
        for word in contact.roles:
            if word not in KNOWN_ROLES and word not in told:
                known = ", ".join(sorted(KNOWN_ROLES))
                message = f'"{word}" is a role that no policy of this home knows; known: {known}'
                found.append(Doubt((*where, "roles"), "unknown-role", message))
        if not told & {contact.id, *contact.roles}:
            message = (
                f"contact {contact.id} is never told: no step of"
                f" {', '.join(sorted(named))} names the id or a role of theirs; give them a role"
            )
            found.append(Doubt(where, "contact-never-told", message))
    if own is not None and not _reaches_somebody(own, home):
        message = (
            f"the policy {own_name} tells nobody of this home before the monitoring centre;"
            " add a contact with a role that it names, or choose another policy"
        )
        found.append(Doubt(("contacts",), "nobody-but-centre", message))
    return found


def _targets(policy: Policy) -> set[str]:
    return {target for step in policy.steps for target in step.notify}


def _reaches_somebody(policy: Policy, home: HomeRecord) -> bool:
    targets = _targets(policy)
    return any(targets & {contact.id, *contact.roles} for contact in home.contacts)
