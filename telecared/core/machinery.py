"""Findings of the machinery itself in one home: opened, given time, ended; what was set aside.

What may be found stands in `technical`; who notices it is the engine. Alerts for it are opened
like any rule's.
"""

from telecared.core import alerts, holding
from telecared.core.alerts import Opening
from telecared.core.compile import STRAIGHT_TO_THE_CENTRE
from telecared.core.events import ConditionFound, Quarantined
from telecared.core.readings import is_life_safety
from telecared.core.state import Pending, earliest
from telecared.core.technical import FINDINGS
from telecared.core.vocabulary import Instant, Priority
from telecared.core.work import Work


def technical_key(name: str, subject: str) -> str:
    """Return the key of a finding of the machinery, which no rule can have."""
    return f"!{name}|{subject}"


def raise_technical(work: Work, name: str, subject: str, detail: str) -> None:
    """Open an alert for what the machinery found just now, or join it."""
    open_technical(work, Pending(work.at, name, subject, detail, None), since=work.at)


def fold_condition(work: Work, event: ConditionFound) -> None:
    """Note that a finding of the machinery has begun, after the time it is given, or ended."""
    key = technical_key(event.name, event.subject)
    if event.over:
        is_over(work, event.name, event.subject, event.detail or "it has ended")
        work.look_again()
        return
    due_at = work.at + FINDINGS[event.name].after
    pending = Pending(due_at, event.name, event.subject, event.detail, event.priority)
    if due_at == work.at:
        open_technical(work, pending, since=work.at)
    elif key not in work.state.pending:
        work.state.pending[key] = pending
        work.state.conditions_due = earliest(work.state.conditions_due, due_at)


def is_over(work: Work, name: str, subject: str, reason: str) -> None:
    """Note that a finding of the machinery has ended, told or not; nothing when there is none."""
    key = technical_key(name, subject)
    work.state.pending.pop(key, None)
    alerts.recovered(work, key, reason)


def open_technical(work: Work, pending: Pending, *, since: Instant) -> None:
    """Open an alert for a finding whose time to end by itself is over."""
    finding = FINDINGS[pending.name]
    priority = pending.priority or finding.priority
    if holding.hold_technical(
        work, technical_key(pending.name, pending.subject), pending, priority
    ):
        return
    about_people = finding.about_people or priority is Priority.LIFE_SAFETY
    policy = work.home.policy(None) if about_people else work.home.technical_policy
    if pending.name == "quarantined-alarm":
        # Nothing that may be defective stands between such an alarm and the centre.
        policy = STRAIGHT_TO_THE_CENTRE
    alerts.found(
        work,
        Opening(
            rule=pending.name,
            key=technical_key(pending.name, pending.subject),
            priority=priority,
            say=finding.say,
            policy=policy,
            device=work.home.devices.get(pending.subject),
            subject=pending.subject,
            since=since,
            reason=pending.detail or pending.name,
        ),
    )


def fold_quarantined(work: Work, event: Quarantined) -> None:
    """Raise what is known without rules, and an alarm straight at the monitoring centre."""
    live = [reading for reading in event.readings if not reading.history]
    alarm = is_about_alert(event.key) or any(map(is_life_safety, live))
    name = "quarantined-alarm" if alarm else "quarantined"
    raise_technical(
        work, name, event.device or event.key or event.what, f"a {event.what} was set aside"
    )


def is_about_alert(key: str) -> bool:
    """Whether a deadline is one by which an alert goes on, so that without it nobody may come."""
    return key.startswith(("alert:", "confirm:"))


def set_aside(work: Work, key: str) -> None:
    """Let a failing deadline be until the plan or the home's record changes."""
    if key and key not in work.state.broken:
        work.state.broken = (*work.state.broken, key)
        work.look_again()
