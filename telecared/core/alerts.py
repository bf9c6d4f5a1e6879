"""The life of an alert: found, opened, repeated, acknowledged, lapsed, resolved.

Each change leaves a line in the record. Who is told is `escalation`; when a rule finds something
is `conditions`.
"""

from typing import Final, NamedTuple

import msgspec

from telecared.core import messages
from telecared.core.escalation import (
    advance,
    after_failure,
    begin_step,
    give_up_receipts,
    same_phone,
    takes_messages,
    tell,
    told_contacts,
    withdraw_unsent,
)
from telecared.core.plan import MONITORING_CENTRE, Device, Policy
from telecared.core.state import MAX_OPEN_ALERTS, Alert, Answer, Finding, HomeState
from telecared.core.vocabulary import (
    DAY,
    HOUR,
    MINUTE,
    AlertState,
    Channel,
    Duration,
    Instant,
    Outcome,
    Priority,
)
from telecared.core.windows import clock_text, duration_text
from telecared.core.work import Work

UPDATE_WITHIN: Final[Duration] = 2 * MINUTE
"""After a life-safety repeat the owner must answer within this (promise P6)."""

LONGEST_HOLD: Final[Duration] = DAY
"""No acknowledgement and no snooze holds an alert for longer."""

QUIET_REPEATS: Final[Duration] = HOUR
"""Repeats of a technical finding are counted, and recorded at most once in this."""

MAX_FINDINGS: Final = 500
"""Findings a home remembers; the oldest without an alert are forgotten first."""

LATE_FROM: Final[Duration] = MINUTE
"""A finding that is older than this when it opens says so in its text."""


class Opening(NamedTuple):
    """What was found, and how it is to be told.

    Attributes:
        key: repeats with the same key join the alert.
        subject: what it is about, where that is no registered device.
        since: the start of the stretch or the time of the act.
        reason: one sentence with the evidence.
        mark: what the text adds, such as "found at connect".
    """

    rule: str
    key: str
    priority: Priority
    say: str
    policy: Policy
    device: Device | None
    subject: str
    since: Instant
    reason: str
    watch: bool = False
    cooldown: Duration = 0
    mark: str = ""


def found(work: Work, opening: Opening) -> None:
    """Open an alert for a finding, or join the one that is already unresolved."""
    state = work.state
    finding = state.findings.get(opening.key)
    running = state.alerts.get(finding.alert) if finding and finding.alert else None
    if running is not None:
        _repeat(work, running, opening)
        return
    resolved_at = finding.resolved_at if finding else 0
    cooling = resolved_at and work.at < resolved_at + opening.cooldown
    if cooling and opening.priority is not Priority.LIFE_SAFETY:
        _keep_finding(work, opening, None, resolved_at)
        work.record("alert.updated", None, f"within its cooldown: {opening.reason}",
                    rule=opening.rule)  # fmt: skip
        return
    crowd = _crowd(state, opening)
    if crowd is not None:
        _repeat(work, crowd, opening)
        return
    _keep_finding(work, opening, state.next_alert, resolved_at)
    _open(work, opening)


def _crowd(state: HomeState, opening: Opening) -> Alert | None:
    """Return the alert that a finding joins because too many are open, or None.

    Never a watched one where people would be paged, and life safety joins only life safety: a
    limit must not mute it (promise P6).
    """
    alike = [alert for alert in state.alerts.values() if alert.watch == opening.watch]
    if len(alike) < MAX_OPEN_ALERTS:
        return None
    most_dangerous = min(alike, key=lambda alert: (alert.priority.rank, alert.n))
    muted = opening.priority is Priority.LIFE_SAFETY is not most_dangerous.priority
    return None if muted else most_dangerous


def _keep_finding(work: Work, opening: Opening, alert: int | None, resolved_at: Instant) -> None:
    findings, kept_alerts = work.state.findings, work.state.alerts
    findings[opening.key] = Finding(alert, opening.since, work.at, resolved_at)
    if len(findings) > MAX_FINDINGS:
        # A rule's finding that only joined an alert must stay, or its deadline fires for ever.
        idle = [
            (kept.alert is not None, kept.last_at, key)
            for key, kept in findings.items()
            if kept.alert is None or (key.startswith("!") and kept_alerts[kept.alert].key != key)
        ]
        for _, _, key in sorted(idle)[: len(findings) - MAX_FINDINGS]:
            del findings[key]


def _open(work: Work, opening: Opening) -> None:
    state = work.state
    n = state.next_alert
    state.next_alert = n + 1
    code = messages.reply_code(f"{work.home.home}/{n}")
    values = work.values(opening.device, opening.subject, opening.rule, code)
    values["minutes"] = str((work.at - opening.since) // MINUTE)
    text = messages.render(opening.say, values)
    late = _late_text(work, opening) + opening.mark
    alert = Alert(
        n=n,
        rule=opening.rule,
        key=opening.key,
        priority=opening.priority,
        opened_at=work.at,
        text=messages.with_note(text, late, code),
        about=messages.about(opening.rule, values["home.address"]),
        code=code,
        policy=opening.policy,
        watch=opening.watch,
    )
    pages = "watched, pages nobody: " if opening.watch else ""
    work.record("alert.opened", alert, f"{pages}{opening.reason}{late}", text=alert.text)
    if opening.watch:
        work.put(alert)
    else:
        begin_step(work, alert, 0, "")


def _late_text(work: Work, opening: Opening) -> str:
    """Say how late an act is told that happened long before we heard of it."""
    late = work.late
    if work.input and opening.device is not None:
        late = max(late, work.at - opening.since)
    return f" (late by {duration_text(late)})" if late >= LATE_FROM else ""


def _repeat(work: Work, alert: Alert, opening: Opening) -> None:
    finding = work.state.findings.get(opening.key)
    last_at = finding.last_at if finding else 0
    alert = work.put(msgspec.structs.replace(alert, repeats=alert.repeats + 1))
    quiet = opening.priority is Priority.TECHNICAL and work.at < last_at + QUIET_REPEATS
    if quiet and finding is not None:
        resolved = finding.resolved_at
        work.state.findings[opening.key] = Finding(alert.n, opening.since, last_at, resolved)
        return
    resolved_at = finding.resolved_at if finding else 0
    _keep_finding(work, opening, alert.n, resolved_at)
    work.record("alert.repeated", alert, f"again: {opening.reason}")
    held = alert.state is AlertState.ACKNOWLEDGED and not alert.watch
    if held and Priority.LIFE_SAFETY in (alert.priority, opening.priority):
        _page_owner(work, alert)


def _page_owner(work: Work, alert: Alert) -> None:
    """Promise P6: whoever holds it hears at once, and has two minutes to answer."""
    if alert.update_by is None:
        alert = msgspec.structs.replace(alert, update_by=work.at + UPDATE_WITHIN)
    to = alert.owner_contact or MONITORING_CENTRE
    if not takes_messages(work, to):
        # Gone, or opted out: the centre hears in the owner's place.
        to = MONITORING_CENTRE
    if to == MONITORING_CENTRE and work.home.plan.centre.sms is None:
        work.record("alert.updated", alert, "stands in the centre's queue again", to=to)
    text = messages.again(alert.text, alert.code)
    work.put(tell(work, alert, to, Channel.SMS, text, pages=True))


# --- what people do -----------------------------------------------------------------------------


def acknowledge(
    work: Work, alert: Alert, *, by: str, contact: str | None, lease: Duration | None
) -> Answer:
    """Give the alert to a named person for a time; others hear who is going."""
    held = alert.state is AlertState.ACKNOWLEDGED
    if held and not _owns(work, alert, by, contact):
        return Answer(False, f"{alert.owner} already has it")
    lasts = min(alert.policy.lease, LONGEST_HOLD) if lease is None else lease
    if not 0 < lasts <= LONGEST_HOLD:
        return Answer(False, f"an acknowledgement holds for at most {duration_text(LONGEST_HOLD)}")
    if not held:
        alert = withdraw_unsent(work, alert)
    alert = msgspec.structs.replace(
        alert,
        state=AlertState.ACKNOWLEDGED,
        owner=by,
        owner_contact=contact,
        lease_until=work.at + lasts,
        update_by=None,
        next_at=None,
        declined=tuple(one for one in alert.declined if not same_phone(work, one, contact)),
    )
    until = clock_text(work.at + lasts, work.zone, work.offset)
    if held:
        work.record("alert.updated", alert, f"{by} still has it, until {until}")
    else:
        work.record("alert.acknowledged", alert, f"{by} has it until {until}", to=contact)
        for other in told_contacts(alert, but=contact):
            if not same_phone(work, other, contact):
                text = messages.going(by, alert.about)
                alert = tell(work, alert, other, Channel.SMS, text, pages=False)
    if contact is not None:
        text = messages.thanks(until, alert.code)
        alert = tell(work, alert, contact, Channel.SMS, text, pages=False)
    work.put(alert)
    return Answer(True)


def _owns(work: Work, alert: Alert, by: str, contact: str | None) -> bool:
    """Whether the owner answers: whoever shares the owner's phone answers for the owner."""
    if contact is None or alert.owner_contact is None:
        return alert.owner == by and alert.owner_contact == contact
    return same_phone(work, alert.owner_contact, contact)


def snooze(work: Work, alert: Alert, *, by: str, duration: Duration) -> Answer:
    """Hold the alert for a named person until a stated time, then go on as before."""
    if alert.state is AlertState.ACKNOWLEDGED and alert.owner != by:
        return Answer(False, f"{alert.owner} already has it")
    if not 0 < duration <= LONGEST_HOLD:
        return Answer(False, f"a snooze lasts for at most {duration_text(LONGEST_HOLD)}")
    alert = msgspec.structs.replace(
        withdraw_unsent(work, alert),
        state=AlertState.ACKNOWLEDGED,
        owner=by,
        lease_until=work.at + duration,
        update_by=None,
        next_at=None,
    )
    until = clock_text(work.at + duration, work.zone, work.offset)
    work.record("alert.snoozed", alert, f"{by} holds it until {until}")
    work.put(alert)
    return Answer(True)


def decline(work: Work, alert: Alert, *, by: str, contact: str) -> Answer:
    """Note that somebody cannot go; the next is told at once when nobody is left in the step."""
    handing_back = alert.state is AlertState.ACKNOWLEDGED
    if handing_back and not same_phone(work, alert.owner_contact, contact):
        return Answer(True, f"{alert.owner} has it")
    # One phone gives one answer: nobody waits for another contact behind it.
    sharing = [one for one in work.home.contacts if same_phone(work, one, contact)]
    declined = dict.fromkeys((*alert.declined, contact, *sharing))
    alert = msgspec.structs.replace(alert, declined=tuple(declined))
    if handing_back:
        _lapse(work, alert, f"{by} cannot go after all", ask=False)
        return Answer(True)
    work.record("alert.updated", alert, f"{by} cannot go", to=contact)
    after_failure(work, work.put(alert))
    return Answer(True)


def resolve(
    work: Work, alert: Alert, *, by: str | None, outcome: Outcome | None, reason: str
) -> None:
    """End an alert: by a named person with an outcome, or (`by` None) by a recorded recovery."""
    was_open = alert.state is AlertState.OPEN
    alert = withdraw_unsent(work, alert)
    text = messages.dealt_with(by, alert.about) if by else messages.recovered(alert.about)
    if was_open:
        concerned = told_contacts(alert)
    else:
        # The others know that somebody has it; the owner may still be on the way.
        owner = alert.owner_contact
        concerned = [] if owner is None or alert.owner == by else [owner]
    for other in concerned:
        alert = tell(work, alert, other, Channel.SMS, text, pages=False)
    alert = msgspec.structs.replace(
        alert,
        state=AlertState.RESOLVED,
        resolved_at=work.at,
        resolved_by=by,
        outcome=outcome,
        next_at=None,
        lease_until=None,
        update_by=None,
    )
    work.record("alert.resolved", alert, reason)
    work.put(alert)
    for key, finding in work.state.findings.items():
        if finding.alert == alert.n:
            work.state.findings[key] = Finding(None, finding.since, finding.last_at, work.at)
    work.look_again()


def recovered(work: Work, key: str, reason: str) -> None:
    """Note that what was found has ended; it closes only what may close by itself (promise P2)."""
    finding = work.state.findings.get(key)
    alert = work.state.alerts.get(finding.alert) if finding and finding.alert else None
    if finding is None or alert is None:
        return
    if alert.key != key:
        # It had only joined: the alert is about something else, which has not ended.
        work.state.findings[key] = msgspec.structs.replace(finding, alert=None)
        work.record("alert.updated", alert, f"a part of it recovered: {reason}")
        return
    if alert.watch or not alert.priority.closed_only_by_a_person:
        resolve(work, alert, by=None, outcome=None, reason=f"recovered: {reason}")
    else:
        work.record("alert.updated", alert, f"recovered, still needs a person: {reason}")


# --- what time does -----------------------------------------------------------------------------


def alert_due(work: Work, alert: Alert) -> None:
    """Do what an alert's deadline asks for: a lapse, a missing receipt, the next step."""
    if alert.state is AlertState.ACKNOWLEDGED:
        unanswered = alert.update_by is not None and alert.update_by <= work.at
        why = "no update after it happened again" if unanswered else "the acknowledgement lapsed"
        _lapse(work, alert, why, ask=not unanswered)
        return
    turn = alert.turn
    alert = give_up_receipts(work, alert)
    alert = after_failure(work, alert)
    if alert.turn == turn and alert.next_at is not None and alert.next_at <= work.at:
        advance(work, alert, "nobody has acknowledged it in time")


def _lapse(work: Work, alert: Alert, why: str, *, ask: bool) -> None:
    owner = alert.owner_contact
    alert = msgspec.structs.replace(
        alert,
        state=AlertState.OPEN,
        owner=None,
        owner_contact=None,
        lease_until=None,
        update_by=None,
    )
    work.record("alert.lapsed", alert, why, to=owner)
    if ask and owner is not None:
        text = messages.lapsed(alert.about, alert.code)
        alert = tell(work, alert, owner, Channel.SMS, text, pages=False)
    begin_step(work, alert, alert.step, why)
