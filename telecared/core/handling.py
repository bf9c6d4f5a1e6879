"""What people and time do to an alert: which helper takes up which command, and which deadline.

Each change leaves a line in the record. What opens an alert, joins it or ends it by recovery is
`alerts`; who is told is `escalation`.
"""

from telecared.core import grouping
from telecared.core.ageing import grow_old, plan_for
from telecared.core.alert_commands import (
    Acknowledged,
    AlertCommand,
    Called,
    Declined,
    EscalatedNow,
    HandedOver,
    Linked,
    MessageSent,
    Resolved,
    Snoozed,
    Updated,
)
from telecared.core.calls import called
from telecared.core.escalation import begin_step
from telecared.core.goers import expired
from telecared.core.going import Word, accept, decline, update
from telecared.core.handing import escalate_now, hand_over
from telecared.core.leases import lease_due, snooze, word_due
from telecared.core.linking import link
from telecared.core.outcomes import ask_outcome, end
from telecared.core.reading_replies import Help
from telecared.core.receipts import open_due
from telecared.core.state import Alert, Answer
from telecared.core.vocabulary import AlertState
from telecared.core.work import Work
from telecared.core.writing import write


def command(work: Work, event: AlertCommand) -> Answer:
    """Do what a person wants with an alert and what was told with it, or refuse it."""
    alert = work.state.alerts.get(event.alert)
    if alert is None:
        return _no_such_alert(work, event.alert)
    answer = _do(work, grouping.leave(work, alert), event)
    grouping.follow(work, event.alert)
    return answer


def _do(work: Work, alert: Alert, event: AlertCommand) -> Answer:
    match event:
        case Acknowledged(by=by, contact=contact, lease=lease):
            return accept(work, alert, Word(by, contact, lease))
        case Snoozed(by=by, duration=duration):
            return snooze(work, alert, by=by, duration=duration)
        case Declined(by=by, contact=contact):
            return decline(work, alert, by=by, contact=contact)
        case HandedOver():
            return hand_over(work, alert, event)
        case Updated():
            return update(work, alert, event)
        case EscalatedNow():
            return escalate_now(work, alert, event)
        case Resolved():
            return end(work, alert, event)
        case Called():
            return called(work, alert, event)
        case MessageSent():
            return write(work, alert, event)
        case Linked():
            return link(work, alert, event)
    # What is left; a command without its helper would not pass the type checker here.
    return plan_for(work, alert, event)


def _no_such_alert(work: Work, n: int) -> Answer:
    if 0 < n < work.state.next_alert:
        return Answer(False, f"{work.home.home}/{n} is already resolved", Help.OVER)
    return Answer(False, f"there is no alert {work.home.home}/{n}: `telecared alerts` lists them")


def alert_due(work: Work, alert: Alert) -> None:
    """Do what an alert's deadline asks for: a lapse, a missing receipt, the next step."""
    if alert.ages_at is not None and alert.ages_at <= work.at:
        grow_old(work, alert)
    elif grouping.due(work, alert):
        pass  # done by the alert that stands for it
    elif alert.handled.ask_at is not None and alert.handled.ask_at <= work.at:
        ask_outcome(work, alert)
    elif alert.state is AlertState.ACKNOWLEDGED:
        lease_due(work, alert)
    elif alert.begins_at is not None or not alert.turn:
        begin_step(work, alert, 0, "")
    elif expired(alert, work.at):
        word_due(work, alert)
    else:
        open_due(work, alert)
