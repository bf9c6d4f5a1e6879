"""What is doubtful about escalation policies and the rules that use them: help that comes late.

Pure: a plan in, doubts out, each about a policy or about a rule. That a policy exists and ends at
the monitoring centre is an error that its reader tells (`policies`, `rulefiles`).
"""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Final

from telecared.config.durations import format_duration
from telecared.config.lint import Doubt
from telecared.config.policies import FOR_PROGRAMS, KNOWN_ROLES, ROLES
from telecared.core.plan import Plan, Rule
from telecared.core.policy import MONITORING_CENTRE, Policy
from telecared.core.vocabulary import MINUTE, Duration, Mode, Priority

LONGEST_FOR_LIFE_SAFETY: Final[Duration] = 15 * MINUTE
"""How long a life-safety alert may take until the monitoring centre hears of it."""

_A_SLIP: Final = 0.8
"""How alike two names are of which one is probably a slip for the other."""

LONGEST_CANCEL: Final[Duration] = 5 * MINUTE
"""How long a resident may be given to cancel without a question."""


def time_to_centre(policy: Policy, people: int = 1) -> Duration:
    """Return how long after its opening the end of a policy hears of an unanswered alert.

    Args:
        policy: it ends at the monitoring centre or at a rota.
        people: how many each name of a step stands for, where they are told one after another.
    """
    waited = 0
    for index, step in enumerate(policy.steps):
        told_before = (
            step.notify.index(MONITORING_CENTRE) if MONITORING_CENTRE in step.notify else None
        )
        if told_before is not None:
            return waited + step.apart * told_before * people
        if index == len(policy.steps) - 1:
            break
        others = max(len(step.notify) * people - 1, 0)
        waited += step.repeat * (step.wait + step.apart * others)
    return waited


def policies_named(plan: Plan, name: str, rule: Rule | None = None) -> list[Policy]:
    """Return every policy that a name may stand for; of a chooser those that a rule may get."""
    policies = {policy.name: policy for policy in plan.policies}
    chooser = next((one for one in plan.choosers if one.name == name), None)
    if chooser is None:
        return [policies[name]] if name in policies else []
    found = []
    for choice in chooser.choices:
        if rule is None or not choice.priorities or _may_have(rule) & set(choice.priorities):
            found.append(choice.policy)
    return [policies[one] for one in dict.fromkeys(found) if one in policies]


def _may_have(rule: Rule) -> set[Priority]:
    """Return the priorities that an alert of a rule may have."""
    raised = {one.priority for one in (rule.confirm, rule.ages) if one is not None}
    return {rule.priority, *raised}


def may_be_life_safety(rule: Rule) -> bool:
    """Whether an alert of a rule is, or may become, one of life safety that pages people."""
    raised = rule.confirm is not None and rule.confirm.priority is Priority.LIFE_SAFETY
    return rule.mode is Mode.PAGE and (raised or rule.priority is Priority.LIFE_SAFETY)


def slow_for_life_safety(policy: Policy, rules: Sequence[Rule], people: int = 1) -> Doubt | None:
    """Return the doubt about a policy that takes long, when any of its rules is life safety.

    `people` is how many a name of a step stands for, see `time_to_centre`.
    """
    waited = time_to_centre(policy, people)
    urgent = sorted(rule.name for rule in rules if may_be_life_safety(rule))
    if waited <= LONGEST_FOR_LIFE_SAFETY or not urgent:
        return None
    message = (
        f"{policy.name} reaches the monitoring centre after {format_duration(waited)}, which is"
        f" long for life safety ({', '.join(urgent)}); shorten its waits to"
        f" {format_duration(LONGEST_FOR_LIFE_SAFETY)} in all, or give these rules another policy"
    )
    return Doubt(("steps",), "slow-policy", message)


def doubts_of_policies(plan: Plan) -> Iterator[tuple[Policy, Doubt]]:
    """Yield the policies that are too little for the life-safety rules that use them."""
    for policy in plan.policies:
        using = [
            rule
            for rule in plan.rules
            if policy in policies_named(plan, rule.policy or plan.default_policy, rule)
        ]
        for doubt in (slow_for_life_safety(policy, using), _one_channel(plan, policy, using)):
            if doubt is not None:
                yield policy, doubt
        for doubt in _slips(plan, policy):
            yield policy, doubt


def _slips(plan: Plan, policy: Policy) -> Iterator[Doubt]:
    """Yield the names that are probably meant for others: no step may tell nobody for a slip.

    What is like nothing that is known may be the id or a role of some home's contact.
    """
    people = {word for one in plan.people for word in (one.id, *one.roles)}
    others = {*(one.name for one in plan.rotas), *(one.id for one in plan.systems)}
    known = {MONITORING_CENTRE, *KNOWN_ROLES, *ROLES, *people, *others}
    for index, step in enumerate(policy.steps):
        for name in step.notify:
            close = get_close_matches(name, sorted(known), n=1, cutoff=_A_SLIP)
            if name not in known and close:
                message = (
                    f'nobody here is called {name}; did you mean "{close[0]}"? Only a contact of a'
                    " home may have that id or role"
                )
                yield Doubt(("steps", index, "notify"), "unknown-recipient", message)


def _one_channel(plan: Plan, policy: Policy, rules: Sequence[Rule]) -> Doubt | None:
    """Return the doubt about a policy of life safety all of whose steps use the same channel.

    Where only one has a sender, that is told of the deployment.
    """
    able = [channel for channel in plan.channels if channel not in FOR_PROGRAMS]
    used = {channel for step in policy.steps for channel in step.by} - FOR_PROGRAMS
    urgent = sorted(rule.name for rule in rules if may_be_life_safety(rule))
    if len(used) > 1 or len(able) < 2 or not urgent:
        return None
    only = next(iter(used)).value
    message = (
        f"{policy.name} tells by {only} alone, which is little for life safety"
        f" ({', '.join(urgent)}): while that fails, nobody hears; give its last steps a second"
        " channel, like by: [sms, voice]"
    )
    return Doubt(("steps",), "one-channel", message)


def doubts_of_cancelling(plan: Plan) -> Iterator[tuple[Rule, Doubt]]:
    """Yield rules whose resident may cancel for longer than the policy takes to reach the end."""
    for rule in plan.rules:
        named = policies_named(plan, rule.policy or plan.default_policy, rule)
        if not named or rule.priority is Priority.LIFE_SAFETY:
            continue
        policy = min(named, key=time_to_centre)
        if rule.cancel_within > max(LONGEST_CANCEL, time_to_centre(policy)):
            message = (
                f"{rule.name} tells nobody for {format_duration(rule.cancel_within)}, longer than"
                f" {policy.name} takes to reach the monitoring centre; write a shorter"
                " cancel_within"
            )
            yield rule, Doubt(("cancel_within",), "long-cancel", message)
