"""Findings of the machinery itself in one home: opened, given time, ended; what was set aside.

What may be found stands in `technical`; who notices it is the engine. Alerts for it are opened
like any rule's.
"""

from typing import Final

from telecared.core import alerts, holding, messages
from telecared.core.alerts import Opening
from telecared.core.choosing import STRAIGHT_TO_THE_CENTRE
from telecared.core.events import ConditionFound, Quarantined
from telecared.core.readings import is_life_safety
from telecared.core.state import Finding, Pending, earliest
from telecared.core.technical import FINDINGS
from telecared.core.vocabulary import Instant, Priority
from telecared.core.words import FALLBACK
from telecared.core.work import Work

UNKNOWN_DEVICE: Final = "unknown-device"
UNKNOWN_DEVICES: Final = "unknown-devices"

MAX_STRANGERS: Final = 50
"""Unresolved alerts of unknown devices in one place; one more alert counts the rest. Alarms are
never among them."""

MAX_COUNTED: Final = 200
"""Devices that a place remembers to have counted; one that is forgotten is counted again."""


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
        if event.name == UNKNOWN_DEVICE:
            _leave_the_rest(work)
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
    if pending.name == UNKNOWN_DEVICE and _is_one_of_many(work, pending):
        return
    about_people = finding.about_people or priority is Priority.LIFE_SAFETY
    policy = work.policy(None, priority)
    if not about_people:
        policy = work.home.technical_policy(priority, work.told_at, work.site.clock)
    if pending.name == "quarantined-alarm":
        # Nothing that may be defective stands between such an alarm and the centre.
        policy = STRAIGHT_TO_THE_CENTRE
    plan = work.home.plan
    alerts.found(
        work,
        Opening(
            rule=pending.name,
            key=technical_key(pending.name, pending.subject),
            priority=priority,
            say=finding.say if plan.language == FALLBACK else "",
            says=messages.says_of(plan.words, pending.name),
            policy=policy,
            device=work.home.devices.get(pending.subject),
            subject=pending.subject,
            since=since,
            reason=pending.detail or pending.name,
        ),
    )


def _is_one_of_many(work: Work, pending: Pending) -> bool:
    """Count an unknown device on the one alert for those that are too many for one each."""
    state = work.state
    key = technical_key(UNKNOWN_DEVICE, pending.subject)
    known = state.findings.get(key)
    running = state.alerts.get(known.alert) if known and known.alert else None
    if running is not None:
        return running.rule == UNKNOWN_DEVICES
    if sum(alert.rule == UNKNOWN_DEVICE for alert in state.alerts.values()) < MAX_STRANGERS:
        return False
    detail = f"more than {MAX_STRANGERS} unknown devices speak; one more: {pending.detail}"
    rest = Pending(work.at, UNKNOWN_DEVICES, "", detail, None)
    open_technical(work, rest, since=work.at)
    told = state.findings.get(technical_key(UNKNOWN_DEVICES, ""))
    if told is not None and told.alert is not None:
        counted = _counted(work, told.alert)
        if len(counted) >= MAX_COUNTED:
            del state.findings[min(counted)[1]]
        state.findings[key] = Finding(told.alert, work.at, work.at)
    return True


def _counted(work: Work, alert: int) -> list[tuple[Instant, str]]:
    """Return when each device was counted that an alert counts, and its key."""
    prefix = technical_key(UNKNOWN_DEVICE, "")
    return [
        (finding.last_at, key)
        for key, finding in work.state.findings.items()
        if finding.alert == alert and key.startswith(prefix)
    ]


def _leave_the_rest(work: Work) -> None:
    """End the alert that counts unknown devices when none of them is unknown any more."""
    told = work.state.findings.get(technical_key(UNKNOWN_DEVICES, ""))
    if told is not None and told.alert is not None and not _counted(work, told.alert):
        is_over(work, UNKNOWN_DEVICES, "", "none of the devices that it counts is unknown now")


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
