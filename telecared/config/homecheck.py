"""What is doubtful about a home under a plan: rules that cannot fire, people who are never told.

Pure: a plan and a home's record in, doubts out, each with the place in the record that it is
about. Rules by themselves are `lint`, dangers and who watches for them `coverage`, files and
positions `check`.
"""

from collections.abc import Iterator, Sequence

from telecared.config.lint import Doubt, doubts_of_rule
from telecared.config.policies import KNOWN_ROLES
from telecared.config.policycheck import policies_named, slow_for_life_safety
from telecared.config.positions import nearest
from telecared.config.rule_checks import alarms_of, doubts
from telecared.config.walk import (
    Lack,
    Reads,
    devices_of,
    every_part,
    lack_of,
    lacks,
    needs_of,
    reads_of,
)
from telecared.core.conditions.base import matching
from telecared.core.effective import Effective, applies, rule_in
from telecared.core.plan import DEFAULT_EXITS, Absence, Device, HomeRecord, Plan, Rule
from telecared.core.policy import Policy
from telecared.core.vocabulary import PROPERTIES, DeviceKind, Mode, Priority
from telecared.core.when import Not, ReadingIs, Silent, Without


def doubts_of_home(plan: Plan, home: HomeRecord) -> list[Doubt]:
    """Return what is doubtful about a home under a plan; paths are within the home's entry."""
    known = [rule for rule in plan.rules if applies(rule.applies_to, home)]
    found: list[Doubt] = []
    rules = []
    for rule in known:
        effective = rule_in(rule, home)
        found += _doubts_of_values(rule, effective)
        found += _unheard(rule, effective, home)
        if effective.rule.mode is not Mode.OFF:
            rules.append(effective.rule)
    found += [*_coverage(rules, home), *_doubts_of_units(rules, home)]
    found += _doubts_of_exits(rules, home)
    return found + _doubts_of_contacts(plan, rules, home)


def _doubts_of_values(plain: Rule, effective: Effective) -> Iterator[Doubt]:
    """Yield what a home's values make of a rule; what was doubtful before is told of the rule."""
    where = ("rules", plain.name)
    for message in effective.dropped:
        # Possible for stored homes only: the rule changed after the value was stored.
        yield Doubt(where, "value-does-not-fit", message, "error")
    if effective.rule == plain or effective.rule.mode is Mode.OFF:
        return
    before = {(doubt.code, doubt.message) for doubt in doubts_of_rule(plain)}
    for doubt in doubts_of_rule(effective.rule):
        if (doubt.code, doubt.message) not in before:
            yield doubt._replace(path=where)


def _unheard(plain: Rule, effective: Effective, home: HomeRecord) -> Iterator[Doubt]:
    """Yield what a life-safety rule answers to in general and not with a home's own values."""
    if Priority.LIFE_SAFETY not in (plain.priority, effective.rule.priority):
        return
    lost = _alarms(plain, home.devices) - _alarms(effective.rule, home.devices)
    if lost:
        told = "; ".join(f"{device} says {value}" for device, value in sorted(lost))
        message = (
            f"{plain.name} is life safety, and with the values for this home it does not answer"
            f" when {told}; remove the value, or watch for this by a rule of its own"
        )
        yield Doubt(("rules", plain.name), "life-safety-narrowed", message)
    sleeps = {doubt.message for doubt in doubts(plain)}
    for doubt in doubts(effective.rule):
        if doubt.message not in sleeps:
            yield Doubt(("rules", plain.name), doubt.code, doubt.message)


def _alarms(rule: Rule, devices: Sequence[Device]) -> set[tuple[str, str]]:
    """Return each device and alarm word that a rule answers to."""
    return {
        (device.id, str(value))
        for act in alarms_of(rule.when)
        for value in act.values
        if value in PROPERTIES[act.property].alarm
        for device in devices_of(Reads((act.property,), act.at), devices)
    }


# --- devices ----------------------------------------------------------------------------------


def _coverage(rules: Sequence[Rule], home: HomeRecord) -> Iterator[Doubt]:
    """Yield rules that no device of the home can trigger.

    Those that would need another kind of device come as one doubt, since few homes have every
    kind; a name in `at` that fits nothing while the right kind is there is probably a slip.
    """
    absent = []
    for rule in rules:
        missing = lacks(rule.when, home.devices)
        if not missing:
            yield from _doubts_of_parts(rule, home)
        elif not all(lack.elsewhere for lack in missing):
            absent.append(rule.name)
        else:
            for lack in missing:
                yield Doubt(("devices",), "no-device-at", _no_device_at(rule, lack))
    if absent:
        message = (
            f"no device here can trigger these rules: {', '.join(sorted(absent))};"
            " add the devices, or expect nothing from these rules"
        )
        yield Doubt(("devices",), "no-device", message)


def _no_device_at(rule: Rule, lack: Lack) -> str:
    return (
        f"{rule.name} watches {', '.join(lack.at)}, and no fitting device here has that id,"
        " location or kind; name one so, or give this home its own value for at"
    )


def _doubts_of_parts(rule: Rule, home: HomeRecord) -> Iterator[Doubt]:
    """Yield what the devices make of a rule that can fire: it fires more often than was meant."""
    for _, part in every_part(rule.when):
        if isinstance(part, Without) and lack_of(reads_of(part.without), home.devices):
            message = (
                f"{rule.name} fires each time: no device here can tell"
                f" {_acts(part.without)}, which would answer it; add the device, or turn the rule"
                " off in this home"
            )
            yield Doubt(("devices",), "never-answered", message)
        if isinstance(part, Not) and not isinstance(part.of, Silent):
            needs = [need for _, inner in every_part(part.of) for need in needs_of(inner)]
            if needs and all(lack_of(need, home.devices) for need in needs):
                message = (
                    f"what {rule.name} has under not can never happen here, so that it always"
                    " holds: no device tells it; add the device, or turn the rule off in this home"
                )
                yield Doubt(("devices",), "not-without-device", message)
    confirm = rule.confirm
    if confirm is None:
        return
    for acts, outcome in ((confirm.none_of, "always"), (confirm.any_of, "never")):
        if acts and lack_of(reads_of(acts), home.devices):
            message = (
                f"{rule.name} is {outcome} raised: no device here can tell {_acts(acts)}, which"
                " confirm asks for; add the device, or expect that"
            )
            yield Doubt(("devices",), "confirm-without-device", message)


def _doubts_of_units(rules: Sequence[Rule], home: HomeRecord) -> Iterator[Doubt]:
    """Yield alarm units whose silence is to explain that of others, and that pages nobody."""
    waiting = sorted(
        rule.name
        for rule in rules
        if any(isinstance(part, Silent) and part.behind for _, part in every_part(rule.when))
    )
    told = {
        device.id
        for rule in rules
        if rule.mode is Mode.PAGE and isinstance(rule.when, Silent) and not rule.when.behind
        for device in matching(home.devices, rule.when.at)
    }
    for device in home.devices if waiting else ():
        if device.kind is DeviceKind.ALARM_UNIT and device.id not in told:
            message = (
                f"no rule tells people that {device.id} is silent, so that all that stands behind"
                f" it alarms by itself ({', '.join(waiting)}); turn the rule of the unit on here"
            )
            yield Doubt(("devices",), "unit-silence-untold", message)


def _acts(acts: Sequence[ReadingIs]) -> str:
    """Return acts in a few words."""
    told = [act.property + (f" at {' or '.join(act.at)}" if act.at else "") for act in acts]
    return " or ".join(dict.fromkeys(told))


def _doubts_of_exits(rules: Sequence[Rule], home: HomeRecord) -> Iterator[Doubt]:
    """Yield doors that are none, where the doors say whether somebody is at home."""
    asking = [rule.name for rule in rules if Absence.AWAY in rule.unless]
    doors = [device for device in home.devices if device.kind is DeviceKind.DOOR_SENSOR]
    named = home.exits != DEFAULT_EXITS
    if not asking or set(matching(home.devices, home.exits or ("",))) & set(doors):
        return
    if named and home.exits:
        message = (
            f"no door sensor here is called {', '.join(home.exits)}, so that nobody is ever seen"
            " to leave; name the id or location of the door under exits"
        )
        yield Doubt(("exits",), "no-exit", message)
    elif doors and not named:
        message = (
            "no door sensor here is known as a way out, so that rules"
            f" ({', '.join(sorted(asking))}) alarm while the resident is out; name the door:"
            f" exits: [{doors[0].id}]"
        )
        yield Doubt(("devices",), "no-exit", message)


# --- people -----------------------------------------------------------------------------------


def _doubts_of_contacts(plan: Plan, rules: Sequence[Rule], home: HomeRecord) -> list[Doubt]:
    own_name = home.policy or plan.default_policy
    own = policies_named(plan, own_name)
    named = {rule.policy or own_name for rule in rules} | {own_name}
    told: set[str] = set()
    for name in named:
        for policy in policies_named(plan, name):
            told |= _targets(policy)
    staff = {person.id: person for person in plan.people}
    found = []
    for index, contact in enumerate(home.contacts):
        where = ("contacts", index)
        same = staff.get(contact.id)
        if same is not None and same.phone != contact.phone:
            # Read from files it is refused; what is stored may be older than the rule files.
            message = (
                f"contact {contact.id} has another number than that person of the rule files, and"
                " here rotas that name them tell the contact; import this home again"
            )
            found.append(Doubt(where, "contact-with-another-number", message, "error"))
        for word in contact.roles:
            if word not in KNOWN_ROLES and word not in told:
                hint = nearest(word, KNOWN_ROLES)
                message = f'"{word}" is a role that no policy of this home knows; {hint}'
                found.append(Doubt((*where, "roles"), "unknown-role", message))
        if not told & {contact.id, *contact.roles}:
            message = (
                f"contact {contact.id} is never told: no step of"
                f" {', '.join(sorted(named))} names the id or a role of theirs; give them a role"
            )
            found.append(Doubt(where, "contact-never-told", message))
    if own and not any(_reaches_somebody(policy, plan, home) for policy in own):
        message = (
            f"the policy {own_name} tells nobody of this home before the monitoring centre;"
            " add a contact with a role that it names, or choose another policy"
        )
        found.append(Doubt(("contacts",), "nobody-but-centre", message))
    chosen = home.policy is not None and own_name != plan.default_policy
    unnamed = [rule for rule in rules if rule.policy is None]
    for policy in own:
        using = [rule for rule in unnamed if policy in policies_named(plan, own_name, rule)]
        doubt = slow_for_life_safety(policy, using, _people_of_a_name(policy, plan, home))
        # What one person for each name makes of the default policy is told of the policy itself.
        if doubt is not None and (chosen or slow_for_life_safety(policy, using) is None):
            found.append(Doubt(("policy",) if chosen else ("contacts",), doubt.code, doubt.message))
    return found


def _people_of_a_name(policy: Policy, plan: Plan, home: HomeRecord) -> int:
    """Return how many of this home one name of a policy stands for at most."""
    people = (*home.contacts, *plan.people)
    roles = [{one.id for one in people if name in one.roles} for name in _targets(policy)]
    return max(1, *map(len, roles))


def _targets(policy: Policy) -> set[str]:
    return {target for step in policy.steps for target in step.notify}


def _reaches_somebody(policy: Policy, plan: Plan, home: HomeRecord) -> bool:
    targets = _targets(policy)
    if targets & {rota.name for rota in plan.rotas}:
        return True
    people = (*home.contacts, *plan.people)
    return any(targets & {contact.id, *contact.roles} for contact in people)
