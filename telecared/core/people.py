"""What becomes of people's messages: receipts, numbers that take no more, help for odd replies.

What people decide about an alert is `alerts`; whom it is told to is `escalation`.
"""

from telecared.core import messages
from telecared.core.effects import Notify
from telecared.core.events import (
    ContactReachable,
    ContactUnreachable,
    NotificationReported,
    ReplyNotUnderstood,
)
from telecared.core.machinery import is_over, raise_technical
from telecared.core.policy import MONITORING_CENTRE
from telecared.core.receipts import report
from telecared.core.state import Answer
from telecared.core.telling import notification_id, takes_messages
from telecared.core.vocabulary import Channel, Priority
from telecared.core.windows import local
from telecared.core.work import Work


def fold_report(work: Work, event: NotificationReported) -> None:
    """Fold what became of a message; one that is no part of an open alert decides nothing."""
    number, _, k = event.notification.rpartition("/")[2].partition("-")
    alert = work.state.alerts.get(int(number)) if number.isdecimal() and k.isdecimal() else None
    if alert is None:
        return
    told = next((told for told in alert.told if told.k == int(k)), None)
    if event.number_refused and told is not None:
        refused = f"the provider takes no message to this number (code {event.code or 'none'})"
        if told.to in work.home.contacts:
            _mark_unreachable(work, told.to, refused)
        elif told.to == MONITORING_CENTRE:
            # It is told all the same, again and again; that it hears nothing must be seen.
            raise_technical(work, "contact-unreachable", MONITORING_CENTRE, refused)
    reason = f"provider's code {event.code}" if event.code else ""
    report(work, work.state.alerts[alert.n], int(k), event.state, reason)


def fold_unreachable(work: Work, event: ContactUnreachable) -> None:
    """Note that a contact takes no more messages: passed over, and an alert of its own."""
    if event.contact not in work.home.contacts:
        work.answer = Answer(False, f"{work.home.home} has no contact {event.contact}")
        return
    _mark_unreachable(work, event.contact, event.reason)
    work.answer = Answer(True)


def _mark_unreachable(work: Work, contact: str, reason: str) -> None:
    if not takes_messages(work, contact):
        return
    work.state.unreachable[contact] = messages.stand_in(work.home.contacts[contact].phone)
    raise_technical(work, "contact-unreachable", contact, reason)


def forget_old_numbers(work: Work) -> None:
    """After a change of the home's record: who has another number now, or is gone, begins anew."""
    for contact in list(work.state.unreachable):
        if contact not in work.home.contacts or takes_messages(work, contact):
            del work.state.unreachable[contact]
            is_over(work, "contact-unreachable", contact, "the number was changed")


def fold_reachable(work: Work, event: ContactReachable) -> None:
    """Note that a contact takes messages again."""
    work.state.unreachable.pop(event.contact, None)
    is_over(work, "contact-unreachable", event.contact, "takes messages again")
    work.answer = Answer(True)


def help_sender(work: Work, event: ReplyNotUnderstood) -> None:
    """Answer a reply that could not be carried out, a few times a day for each number."""
    state = work.state
    today = local(work.at, work.zone, work.offset).date().isoformat()
    day, helps = state.helped.get(event.sender, (today, 0))
    helps = helps if day == today else 0
    if helps >= messages.MAX_HELPS_A_DAY:
        return
    state.helped = {sender: kept for sender, kept in state.helped.items() if kept[0] == today}
    state.helped[event.sender] = (today, helps + 1)
    k = state.next_help
    state.next_help = k + 1
    text = messages.help_text(event.help, event.codes)
    work.effects.append(
        Notify(
            id=notification_id(work.home.home, 0, k),
            at=work.at,
            alert=0,
            k=k,
            priority=Priority.ROUTINE,
            to="sender",
            channel=Channel.SMS,
            number=event.number,
            text=text,
        )
    )
    work.record(
        "notification.queued", None, event.help, to="sender", channel=Channel.SMS, text=text
    )
