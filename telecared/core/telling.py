"""One message to one person: who is meant, by which channels, and what is owed or taken back.

Which step runs, and when the next begins, is `escalation`; what becomes of a message `receipts`;
the words `messages`.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from telecared.core.effects import Notify, Withdraw
from telecared.core.messages import Reader, Wording, stand_in
from telecared.core.policy import MONITORING_CENTRE, Step
from telecared.core.state import Alert, Told
from telecared.core.vocabulary import Channel, NotificationState, Priority
from telecared.core.windows import inside
from telecared.core.work import Work

MAX_TOLD: Final = 200
"""Notifications that an alert remembers; from then on a repeat displaces the one it repeats."""

FAILED: Final = frozenset({NotificationState.FAILED, NotificationState.UNDELIVERED})
ON_ITS_WAY: Final = frozenset({NotificationState.QUEUED, NotificationState.SENT})


def notification_id(home: str, alert: int, k: int) -> str:
    """Return the id of a notification, which is also its key at the provider."""
    return f"{home}/{alert}-{k}"


def recipients(work: Work, notify: Iterable[str]) -> list[str]:
    """Return who a step means now: contacts by id, else by role if reachable; each once."""
    found: dict[str, None] = {}
    for name in notify:
        if name == MONITORING_CENTRE:
            found[name] = None
        elif name in work.home.contacts:
            if _can_be_told(work, name):
                found[name] = None
        else:
            for contact in work.home.contacts.values():
                if name in contact.roles and _can_be_told(work, contact.id):
                    found[contact.id] = None
    return list(found)


def _can_be_told(work: Work, contact: str) -> bool:
    if not takes_messages(work, contact):
        return False
    hours = work.home.contacts[contact].reachable
    return inside(hours, work.zone, work.site.clock, work.told_at, work.home.holidays)


def address_of(work: Work, to: str, channel: Channel = Channel.SMS) -> str | None:
    """Return where a recipient is told by a channel: a number, an address; None for nowhere."""
    if to == MONITORING_CENTRE:
        centre = work.home.plan.centre
        at = {Channel.SMS: centre.sms, Channel.VOICE: centre.voice, Channel.EMAIL: centre.email}
        return at.get(channel)
    contact = work.home.contacts.get(to)
    if contact is None:
        return None
    return contact.email if channel is Channel.EMAIL else contact.phone


def language_of(work: Work, to: str) -> str:
    """Return the language in which a recipient is told."""
    contact = work.home.contacts.get(to)
    return (contact.language if contact else "") or work.home.plan.language


def same_phone(work: Work, one: str | None, other: str | None) -> bool:
    """Whether two recipients read the same phone: one person or a couple, one answer."""
    if one is None or other is None:
        return False
    return one == other or address_of(work, one) == address_of(work, other) is not None


def takes_messages(work: Work, to: str) -> bool:
    """Whether a message to a recipient can arrive at all: a number that is not refused."""
    number = address_of(work, to)
    if number is None:
        return False
    refused = work.state.unreachable.get(to)
    return refused is None or refused != stand_in(number)


def channels_of(work: Work, step: Step, to: str) -> tuple[Channel, ...]:
    """Return the channels of a step for which there is a sender; the centre is never without."""
    usable = tuple(channel for channel in step.by if channel in work.home.plan.channels)
    if not usable and to == MONITORING_CENTRE:
        return (Channel.SMS,)
    return usable


def tell(
    work: Work, alert: Alert, to: str, channel: Channel, wording: Wording, *, pages: bool
) -> Alert:
    """Owe one message to one person; `pages` when it asks them to go.

    Somebody who has no number any more, or takes no messages, is passed over.
    """
    number = address_of(work, to, channel)
    if number is None or not takes_messages(work, to):
        return alert
    reader = Reader(language_of(work, to), channel)
    text = wording(reader)
    k = alert.notified + 1
    told = Told(
        k=k,
        to=to,
        channel=channel,
        turn=alert.turn,
        pages=pages,
        state=NotificationState.QUEUED,
        receipt_by=work.told_at + alert.policy.receipt if pages and presses(alert) else None,
    )
    if pages:
        _supersede(work, alert, to, channel)
    work.effects.append(
        Notify(
            id=notification_id(work.home.home, alert.n, k),
            at=work.at,
            alert=alert.n,
            k=k,
            priority=alert.priority,
            to=to,
            channel=channel,
            number=number,
            text=text,
            language=reader.language,
        )
    )
    work.record("notification.queued", alert, "", to=to, channel=channel, text=text)
    return msgspec.structs.replace(alert, notified=k, told=_lasting(alert, told))


def _supersede(work: Work, alert: Alert, to: str, channel: Channel) -> None:
    """Take back the page before, if it still waits: its repeat says the same.

    Otherwise a provider that comes back after an hour delivers an hour of repeats at once.
    """
    for told in reversed(alert.told):
        if told.pages and told.to == to and told.channel is channel:
            if may_wait(told):
                work.effects.append(Withdraw(id=notification_id(work.home.home, alert.n, told.k)))
            return


def may_wait(told: Told) -> bool:
    """Whether a page may still be unsent: given up for its receipt, the outbox tries on."""
    return told.state is NotificationState.QUEUED or is_given_up(told)


def is_given_up(told: Told) -> bool:
    """Whether a page counts as failed only because no receipt came in time."""
    return told.state is NotificationState.FAILED and told.receipt_by is not None


def _lasting(alert: Alert, newer: Told) -> tuple[Told, ...]:
    """Return an alert's notifications with one more, forgetting the oldest of very many.

    Only a page that the same person was sent again since is forgotten; it waits no more.
    """
    told = alert.told
    if len(told) >= MAX_TOLD and newer.pages:
        again = (
            one for one in told if one.pages and (one.to, one.channel) == (newer.to, newer.channel)
        )
        oldest = next(again, None)
        told = tuple(one for one in told if one is not oldest)
    return (*told, newer)


def presses(alert: Alert) -> bool:
    """Whether a missing receipt counts as a failure (promise P5)."""
    return alert.priority in (Priority.LIFE_SAFETY, Priority.URGENT)


def withdraw_unsent(work: Work, alert: Alert) -> Alert:
    """Take back what has not been attempted yet; what is on its way cannot be."""
    kept = []
    for told in alert.told:
        if told.pages and may_wait(told):
            work.effects.append(Withdraw(id=notification_id(work.home.home, alert.n, told.k)))
        # What was given up stays so: whether it arrived nobody knows.
        kept.append(told if is_given_up(told) else msgspec.structs.replace(told, receipt_by=None))
    return msgspec.structs.replace(alert, told=tuple(kept))


def told_contacts(alert: Alert, *, but: str | None = None) -> list[str]:
    """Return everybody who was paged and may have read it, each once, without `but`.

    A page without a receipt may have been read: some networks never give one.
    """
    found: dict[str, None] = {}
    for told in alert.told:
        read = told.state not in FAILED or is_given_up(told)
        if told.pages and told.to != but and read:
            found[told.to] = None
    return list(found)
