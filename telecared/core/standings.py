"""How a rule stands in a home at an instant: what stops it first, else how far it is.

Says it in a word and one sentence, by the very decisions that the machinery takes. The parts of
its condition are `parts`, the whole explanation `explain`.
"""

from collections.abc import Sequence
from enum import StrEnum

from telecared.core.alerts import Opening
from telecared.core.compile import CompiledRule, HomePlan
from telecared.core.conditions.base import Due, View
from telecared.core.effective import applies, rule_in
from telecared.core.holding import held_back
from telecared.core.parts import happens_in_a_moment
from telecared.core.plan import Rule
from telecared.core.state import Finding, HomeState
from telecared.core.vocabulary import Instant, Priority
from telecared.core.windows import local
from telecared.core.work import Work


class Standing(StrEnum):
    """How a rule stands in a home at an instant.

    `met` is told already or began unseen; `waiting` has a deadline; `not_judged` waits for the link
    to the broker; `capped` has opened its alerts of the day.
    """

    OPEN = "open"
    MET = "met"
    WAITING = "waiting"
    NOT_MET = "not_met"
    HELD_BACK = "held_back"
    COOLDOWN = "cooldown"
    CAPPED = "capped"
    NOT_JUDGED = "not_judged"
    SET_ASIDE = "set_aside"
    NO_DEVICE = "no_device"
    NOT_IN_FORCE = "not_in_force"


def why_not_in_force(home: HomePlan, rule: Rule) -> str:
    """Return in one sentence why a rule of the plan is not in force in a home."""
    record = home.record
    if record is None:
        return f"{home.home} is not registered: no rule is in force"
    wanted = rule.applies_to
    if not applies(wanted, record):
        lists = (
            ("homes", wanted.homes, (record.id,)),
            ("schemes", wanted.schemes, (record.scheme,)),
            ("tags", wanted.tags, record.tags),
        )
        told = [
            f"{name} {', '.join(names)}; of these this home has"
            f" {', '.join(name for name in has if name in names) or 'none'}"
            for name, names, has in lists
            if names
        ]
        return f"it applies to {', and to '.join(told)}"
    source = rule_in(rule, record).sources.get("mode") or rule.source
    return f"its mode is off, set by {source}" if source else "its mode is off"


def is_set_aside(state: HomeState, rule: str) -> bool:
    """Whether any deadline of a rule has failed and is not tried again."""
    return any(key.partition("|")[0].removesuffix("~look") == rule for key in state.broken)


def carried_text(home: HomePlan, view: View, carried: Sequence[Finding]) -> str:
    """Return which unresolved alerts carry what a rule has found."""
    told = []
    for n in sorted({finding.alert for finding in carried if finding.alert is not None}):
        alert = view.state.alerts[n]
        taken = "" if alert.owner is None else ", and somebody has it"
        at = clock_of(view, alert.opened_at)
        told.append(f"alert {home.home}/{n} carries it, which opened at {at}{taken}")
    return ", and ".join(told)


def standing_of(
    home: HomePlan,
    view: View,
    compiled: CompiledRule,
    findings: Sequence[Finding],
    due: Due | None,
    since: Instant | None,
) -> tuple[Standing, str]:
    """Return how a rule stands that has no alert: what stops it first, then how far it is."""
    rule, state = compiled.rule, view.state
    if not compiled.condition.reads and not compiled.condition.hears:
        return Standing.NO_DEVICE, "no device of this home tells what it reads"
    stopped = _stopped(home, view, compiled, findings, due)
    found = any(finding.held_until > state.at for finding in findings)
    quiet = due is None and since is None and not found
    if stopped is not None and not (quiet and stopped[0] is Standing.HELD_BACK):
        return stopped
    if compiled.condition.absence and view.site.held:
        down = view.site.down_since
        lost = "" if down is None else f" since {clock_of(view, down)}"
        return Standing.NOT_JUDGED, f"silence is not judged: the link to the broker is lost{lost}"
    if due is not None:
        about = f" for {due.device.id}" if due.device else ""
        return (
            Standing.WAITING,
            f"it fires at {clock_of(view, due.at)}{about} unless something ends it",
        )
    if since is not None:
        told = [finding.resolved_at for finding in findings if finding.resolved_at]
        after = (
            f"was told: its alert was resolved at {clock_of(view, max(told))}"
            if told
            else "began when the rule did not look: it fires when that begins anew"
        )
        return Standing.MET, f"it has been met since {clock_of(view, since)} and {after}"
    held = "" if stopped is None else f"; {stopped[1]}"
    if happens_in_a_moment(rule.when):
        return Standing.NOT_MET, f"it is met only in the moment in which it happens; not now{held}"
    return Standing.NOT_MET, f"it is not met at {clock_of(view, state.at)}{held}"


def _stopped(
    home: HomePlan,
    view: View,
    compiled: CompiledRule,
    findings: Sequence[Finding],
    due: Due | None,
) -> tuple[Standing, str] | None:
    """Return what would keep the rule from telling anybody at this instant, or None."""
    rule, state = compiled.rule, view.state
    device = due.device if due else None
    opening = Opening(
        rule=rule.name,
        key=compiled.key(device),
        priority=rule.priority,
        say="",
        policy=home.policy(rule, rule.priority, state.at, view.site.clock),
        device=device,
        subject="",
        since=state.at,
        reason="",
    )
    held = held_back(Work(state, home, view.site), opening, rule, state.at)
    if held is not None:
        found = any(finding.held_until > state.at for finding in findings)
        what = "what it found" if found else "whatever it finds"
        return Standing.HELD_BACK, f"{what} is held back: {held.why}"
    day, opened = state.opened_today.get(rule.name, ("", 0))
    today = local(state.at, view.zone, view.site.offset(state.at)).date().isoformat()
    capped = rule.max_per_day if rule.priority is Priority.ROUTINE else 0
    if capped and day == today and opened >= capped:
        return Standing.CAPPED, f"it has opened as many alerts as it may on one day: {capped}"
    cooled = max((one.resolved_at for one in findings if one.resolved_at), default=0)
    if cooled and state.at < cooled + rule.cooldown:
        until = clock_of(view, cooled + rule.cooldown)
        return (
            Standing.COOLDOWN,
            f"within its cooldown until {until}: its alert ended at {clock_of(view, cooled)}",
        )
    return None


def clock_of(view: View, at: Instant) -> str:
    """Return what clocks in the home show at an instant, with the day."""
    return local(at, view.zone, view.site.offset(at)).strftime("%H:%M:%S on %a %d %b")
