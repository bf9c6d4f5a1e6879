"""What rules make of a change of a fact: found, begun, ended, cleared by another reading.

The conditions judge; here is what follows from their verdicts. What a finding becomes (an alert, a
repeat, nothing) is `alerts`, why nobody is told is `holding`, deadlines are `step`.
"""

from typing import NamedTuple

from telecared.core import alerts, holding, tracing, walking
from telecared.core.ageing import ages_with
from telecared.core.alerts import Opening
from telecared.core.compile import CompiledRule
from telecared.core.conditions.base import Change, Ended, FoundNow, Started
from telecared.core.plan import Device
from telecared.core.state import earliest
from telecared.core.vocabulary import Instant, Mode
from telecared.core.work import Work


def judge(work: Work, change: Change, *, is_test: bool) -> None:
    """Ask every rule that reads it what a change means; the facts and traces hold it already.

    What is taken for a walk test (`is_test`) is found by no rule.
    """
    if change.property == "occupancy":
        # Rest that ends may bring a deadline forward; every other activity only delays one.
        work.look_again()
    watching = work.home.watchers.get((change.device.id, change.property), ())
    view = work.view
    for compiled in watching:
        match compiled.condition.on_change(view, change):
            case FoundNow() if is_test:
                walking.put_off(work, compiled, change)
            case FoundNow(since=since, whole=whole):
                mark = " (found at connect)" if change.retained else ""
                told = Told(change.at, mark, whole)
                found(work, compiled, change.device, since, told)
                tracing.note_found(work, compiled)
            case Started(due=due):
                _may_be_due(work, compiled, due)
            case Ended(about=about, due=due):
                _ended(work, compiled, change, about)
                _may_be_due(work, compiled, due)
            case _:
                pass
    for compiled in work.home.clearers.get((change.device.id, change.property), ()):
        if compiled.clearing and isinstance(compiled.clearing.on_change(view, change), FoundNow):
            _cleared(work, compiled, change)


def _may_be_due(work: Work, compiled: CompiledRule, due: Instant | None) -> None:
    """Keep the stored bound at or before a deadline that has come into being."""
    state = work.state
    if compiled.condition.absence:
        state.absences_due = earliest(state.absences_due, due)
    else:
        state.conditions_due = earliest(state.conditions_due, due)


class Told(NamedTuple):
    """What a change or a deadline that meets a condition adds to its finding.

    Attributes:
        at: when it happened, by the device's time; for a deadline, when it was due.
        mark: what the text adds.
        whole: it is about the home, whichever device told it.
    """

    at: Instant
    mark: str
    whole: bool


def found(
    work: Work,
    compiled: CompiledRule,
    device: Device | None,
    since: Instant,
    told: Told,
) -> None:
    """Open what a rule has found about a device (None: the home), unless it is held back."""
    rule = compiled.rule
    view = work.view
    opening = Opening(
        rule=rule.name,
        key=compiled.key(None if told.whole else device),
        priority=rule.priority,
        say=rule.say or "",
        says=rule.says,
        policy=work.policy(rule, rule.priority),
        device=device,
        subject="",
        since=since,
        reason=compiled.condition.reason(view, device, since),
        watch=rule.mode is Mode.WATCH,
        cooldown=rule.cooldown,
        mark=told.mark,
        split_after=rule.split_after,
        max_per_day=rule.max_per_day,
        cancel_within=rule.cancel_within,
        confirm_within=compiled.second.within if compiled.second else 0,
        ages=ages_with(rule, device),
        alike=work.home.alike(compiled, device),
    )
    if not holding.hold_back(work, opening, rule, told.at):
        alerts.found(work, opening)


def _ended(
    work: Work, compiled: CompiledRule, change: Change, about: tuple[Device | None, ...] | None
) -> None:
    if compiled.rule.clear.kind != "auto":
        return
    absence = compiled.condition.absence
    subjects = about if about is not None else (None if absence else change.device,)
    reason = f"{change.device.id} told {change.property}: {change.after}"
    for subject in subjects:
        alerts.recovered(work, compiled.key(subject), reason)


def _cleared(work: Work, compiled: CompiledRule, change: Change) -> None:
    """End what a rule found, because the reading that it names has come.

    About the device that told it, where the rule has found something about it; else about all.
    """
    own = compiled.key(change.device)
    keys = [key for key in work.state.findings if key.partition("|")[0] == compiled.name]
    for key in [own] if own in keys else keys:
        alerts.recovered(work, key, f"{change.device.id} told {change.property}: {change.after}")
