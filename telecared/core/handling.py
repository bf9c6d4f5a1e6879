"""What people and time do to an alert: acknowledge, snooze, decline, resolve; leases and steps.

Each change leaves a line in the record. What opens an alert, joins it or ends it by recovery is
`alerts`; who is told is `escalation`.
"""

from typing import Final

import msgspec

from telecared.core import messages
from telecared.core.ageing import grow_old, plan_for
from telecared.core.alert_commands import (
    Acknowledged,
    AlertCommand,
    Declined,
    InterimPlanned,
    Resolved,
    Snoozed,
)
from telecared.core.escalation import advance, begin_step
from telecared.core.gaps import moment_text
from telecared.core.policy import MONITORING_CENTRE
from telecared.core.receipts import after_failure, give_up_receipts
from telecared.core.state import Alert, Answer, Finding, HomeState
from telecared.core.telling import same_phone, takes_messages, tell, told_contacts, withdraw_unsent
from telecared.core.tested import note_user_test
from telecared.core.vocabulary import (
    DAY,
    MINUTE,
    AlertState,
    Channel,
    Duration,
    Instant,
    Outcome,
)
from telecared.core.windows import clock_text, duration_text
from telecared.core.work import Work

UPDATE_WITHIN: Final[Duration] = 2 * MINUTE
"""After a life-safety repeat the owner must answer within this (promise P6)."""

LONGEST_HOLD: Final[Duration] = DAY
"""No acknowledgement and no snooze holds an alert for longer."""


def command(work: Work, event: AlertCommand) -> Answer:
    """Do what a person wants with an alert, or refuse it with a sentence."""
    alert = work.state.alerts.get(event.alert)
    if alert is None:
        return Answer(False, _no_such_alert(work, event.alert))
    match event:
        case Acknowledged(by=by, contact=contact, lease=lease):
            return acknowledge(work, alert, by=by, contact=contact, lease=lease)
        case Snoozed(by=by, duration=duration):
            return snooze(work, alert, by=by, duration=duration)
        case Declined(by=by, contact=contact):
            return decline(work, alert, by=by, contact=contact)
        case InterimPlanned():
            return plan_for(work, alert, event)
        case Resolved(by=by, outcome=outcome, note=note):
            reason = f"{by}: {outcome}" + (f", {note}" if note else "")
            resolve(work, alert, by=by, outcome=outcome, reason=reason)
            return Answer(True)
    return Answer(False, "this cannot be asked yet")


def _no_such_alert(work: Work, n: int) -> str:
    if 0 < n < work.state.next_alert:
        return f"{work.home.home}/{n} is already resolved"
    return f"there is no alert {work.home.home}/{n}: `telecared alerts` lists them"


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
    lease_until = _not_before_plan(alert, work.at + lasts)
    alert = msgspec.structs.replace(
        alert,
        state=AlertState.ACKNOWLEDGED,
        owner=by,
        owner_contact=contact,
        lease_until=lease_until,
        update_by=None,
        next_at=None,
        begins_at=None,
        declined=tuple(one for one in alert.declined if not same_phone(work, one, contact)),
    )
    until = _moment(work, alert, lease_until)
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
        lease_until=_not_before_plan(alert, work.at + duration),
        update_by=None,
        next_at=None,
        begins_at=None,
    )
    until = _moment(work, alert, alert.lease_until or work.at)
    work.record("alert.snoozed", alert, f"{by} holds it until {until}")
    work.put(alert)
    return Answer(True)


def _not_before_plan(alert: Alert, until: Instant) -> Instant:
    """Return until when somebody has an alert: whoever has planned for it has it until then."""
    return until if alert.planned_until is None else max(until, alert.planned_until)


def _moment(work: Work, alert: Alert, until: Instant) -> str:
    """Return the end of a lease for people; only one that holds for days needs its date."""
    if alert.planned_until is None:
        return clock_text(until, work.zone, work.offset)
    return moment_text(until, work.zone, work.offset, work.at)


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
    alert = withdraw_unsent(work, alert)
    text = messages.dealt_with(by, alert.about) if by else messages.recovered(alert.about)
    for other in concerned(alert, but=by):
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
        begins_at=None,
        confirm_by=None,
        ages_at=None,
        planned_until=None,
    )
    work.record("alert.resolved", alert, reason)
    work.put(alert)
    if outcome is Outcome.TEST:
        note_user_test(work, alert)
    for key, finding in work.state.findings.items():
        if finding.alert == alert.n:
            older = max((one.n for one in alerts_of(work.state, key)), default=None)
            work.state.findings[key] = Finding(older, finding.since, finding.last_at, work.at)
    work.look_again()


def alerts_of(state: HomeState, key: str) -> list[Alert]:
    """Return the unresolved alerts of one finding, oldest first: several when it was split."""
    return [alert for alert in state.alerts.values() if alert.key == key]


def concerned(alert: Alert, *, but: str | None = None) -> list[str]:
    """Return who must hear what becomes of an alert, without the person named `but`.

    Of an alert that somebody holds, its owner: the others know who has it.
    """
    if alert.state is AlertState.OPEN:
        return told_contacts(alert)
    owner = alert.owner_contact
    return [] if owner is None or alert.owner == but else [owner]


# --- telling again ------------------------------------------------------------------------------


def page_owner(work: Work, alert: Alert, text: messages.Wording) -> Alert:
    """Promise P6: whoever holds it hears at once, and has two minutes to answer."""
    if alert.update_by is None:
        alert = msgspec.structs.replace(alert, update_by=work.at + UPDATE_WITHIN)
    to = alert.owner_contact or MONITORING_CENTRE
    if not takes_messages(work, to):
        # Gone, or opted out: the centre hears in the owner's place.
        to = MONITORING_CENTRE
    if to == MONITORING_CENTRE and work.home.plan.centre.sms is None:
        work.record("alert.updated", alert, "stands in the centre's queue again", to=to)
    return work.put(tell(work, alert, to, Channel.SMS, text, pages=True))


# --- what time does -----------------------------------------------------------------------------


def alert_due(work: Work, alert: Alert) -> None:
    """Do what an alert's deadline asks for: a lapse, a missing receipt, the next step."""
    if alert.ages_at is not None and alert.ages_at <= work.at:
        grow_old(work, alert)
        return
    if alert.state is AlertState.ACKNOWLEDGED:
        unanswered = alert.update_by is not None and alert.update_by <= work.at
        why = "no update after it happened again" if unanswered else "the acknowledgement lapsed"
        _lapse(work, alert, why, ask=not unanswered)
        return
    if alert.begins_at is not None:
        begin_step(work, alert, 0, "")
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
