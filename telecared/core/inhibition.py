"""What explains a finding away for a time: an open alert of another rule, or an incident.

`held_by` of a rule names the rules, or the causes of incidents, that hold it back; never life
safety, and never for longer than `LONGEST_HELD_BY`. That it is done is `holding`.
"""

from typing import Final

from msgspec.structs import replace

from telecared.core.plan import Rule
from telecared.core.state import Alert, HomeState
from telecared.core.storms import Cause
from telecared.core.vocabulary import HOUR, Duration, Instant
from telecared.core.work import Work

LONGEST_HELD_BY: Final[Duration] = 12 * HOUR
"""A fault explains others for so long; then they are told although it still lasts."""

CAUSES: Final = frozenset(Cause)
"""What `held_by` may name beside rules: an incident of this cause that the home is part of."""


def explains(state: HomeState, rule: Rule, at: Instant) -> tuple[Alert, Instant] | None:
    """Return the alert that holds back what a rule finds, and until when; None for none."""
    for alert in state.alerts.values():
        named = alert.rule in rule.held_by or alert.part_of.partition(" ")[0] in rule.held_by
        until = alert.opened_at + LONGEST_HELD_BY
        if named and not alert.watch and at < until:
            return alert, until
    return None


def release_held(work: Work, alert: Alert) -> None:
    """Look again at what an alert has held back, which is over or no part of an incident now."""
    names = {alert.rule, alert.part_of.partition(" ")[0]}
    held = {one.name for one in work.home.rules if names.intersection(one.rule.held_by)}
    findings = work.state.findings
    for key, finding in findings.items():
        if finding.held_until > work.at and key.partition("|")[0] in held:
            findings[key] = replace(finding, held_until=work.at)
    if held:
        work.look_again()
