"""What is doubtful about escalation policies and the rules that use them: help that comes late.

Pure: a plan in, doubts out, each about a policy or about a rule. That a policy exists and ends at
the monitoring centre is an error that its reader tells (`policies`, `rulefiles`).
"""

from collections.abc import Iterator, Sequence
from typing import Final

from telecared.config.durations import format_duration
from telecared.config.lint import Doubt
from telecared.core.plan import Plan, Rule
from telecared.core.policy import MONITORING_CENTRE, Policy
from telecared.core.vocabulary import MINUTE, Duration, Mode, Priority

LONGEST_FOR_LIFE_SAFETY: Final[Duration] = 15 * MINUTE
"""How long a life-safety alert may take until the monitoring centre hears of it."""

LONGEST_CANCEL: Final[Duration] = 5 * MINUTE
"""How long a resident may be given to cancel without a question."""


def time_to_centre(policy: Policy) -> Duration:
    """Return how long after its opening the monitoring centre hears of an unanswered alert."""
    waited = 0
    for step in policy.steps:
        if MONITORING_CENTRE in step.notify:
            break
        waited += step.wait
    return waited


def may_be_life_safety(rule: Rule) -> bool:
    """Whether an alert of a rule is, or may become, one of life safety that pages people."""
    raised = rule.confirm is not None and rule.confirm.priority is Priority.LIFE_SAFETY
    return rule.mode is Mode.PAGE and (raised or rule.priority is Priority.LIFE_SAFETY)


def slow_for_life_safety(policy: Policy, rules: Sequence[Rule]) -> Doubt | None:
    """Return the doubt about a policy that takes long, when any of its rules is life safety."""
    waited = time_to_centre(policy)
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
    """Yield the policies that are slow for the life-safety rules that use them."""
    for policy in plan.policies:
        using = [rule for rule in plan.rules if (rule.policy or plan.default_policy) == policy.name]
        doubt = slow_for_life_safety(policy, using)
        if doubt is not None:
            yield policy, doubt


def doubts_of_cancelling(plan: Plan) -> Iterator[tuple[Rule, Doubt]]:
    """Yield rules whose resident may cancel for longer than the policy takes to reach the end."""
    policies = {policy.name: policy for policy in plan.policies}
    for rule in plan.rules:
        policy = policies.get(rule.policy or plan.default_policy)
        if policy is None or rule.priority is Priority.LIFE_SAFETY:
            continue
        if rule.cancel_within > max(LONGEST_CANCEL, time_to_centre(policy)):
            message = (
                f"{rule.name} tells nobody for {format_duration(rule.cancel_within)}, longer than"
                f" {policy.name} takes to reach the monitoring centre; write a shorter"
                " cancel_within"
            )
            yield rule, Doubt(("cancel_within",), "long-cancel", message)
