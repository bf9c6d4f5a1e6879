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
from telecared.core.messages import Reader
from telecared.core.policy import MONITORING_CENTRE
from telecared.core.reading_replies import help_text
from telecared.core.receipts import report
from telecared.core.state import Answer
from telecared.core.telling import (
    address_of,
    notification_id,
    person_of,
    refusal_key,
    takes_messages,
)
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
        if person_of(work, told.to) is not None:
            _mark_unreachable(work, told.to, told.channel, refused)
        elif told.to == MONITORING_CENTRE:
            # It is told all the same, again and again; that it hears nothing must be seen.
            raise_technical(work, "contact-unreachable", MONITORING_CENTRE, refused)
    reason = f"provider's code {event.code}" if event.code else ""
    report(work, work.state.alerts[alert.n], int(k), event.state, reason)


def fold_unreachable(work: Work, event: ContactUnreachable) -> None:
    """Note that a contact takes no more messages: passed over, and an alert of its own."""
    if person_of(work, event.contact) is None:
        work.answer = Answer(False, f"{work.home.home} has no contact {event.contact}")
        return
    _mark_unreachable(work, event.contact, Channel.SMS, event.reason)
    work.answer = Answer(True)


def _mark_unreachable(work: Work, to: str, channel: Channel, reason: str) -> None:
    """Note that an address takes nothing by a channel; by others the person can still be told."""
    number = address_of(work, to, channel)
    if number is None or not takes_messages(work, to, channel):
        return
    key = refusal_key(to, channel)
    work.state.unreachable[key] = messages.stand_in(number)
    raise_technical(work, "contact-unreachable", key, reason)


def forget_old_numbers(work: Work) -> None:
    """After a change of the home's record: who has another number now, or is gone, begins anew."""
    for key, refused in list(work.state.unreachable.items()):
        to, _, channel = key.partition(" by ")
        number = address_of(work, to, Channel(channel) if channel else Channel.SMS)
        if number is None or messages.stand_in(number) != refused:
            del work.state.unreachable[key]
            is_over(work, "contact-unreachable", key, "the number was changed")


def fold_reachable(work: Work, event: ContactReachable) -> None:
    """Note that somebody takes messages again, by whatever channel they were refused."""
    for channel in Channel:
        key = refusal_key(event.contact, channel)
        if work.state.unreachable.pop(key, None) is not None or channel is Channel.SMS:
            is_over(work, "contact-unreachable", key, "takes messages again")
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
    plan = work.home.plan
    reader = Reader(event.language or plan.language, own=plan.words)
    text = help_text(event.help, event.codes, reader, who=event.who)
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
            language=reader.language,
        )
    )
    work.record(
        "notification.queued", None, event.help, to="sender", channel=Channel.SMS, text=text
    )
