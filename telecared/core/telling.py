"""One message to one person: who is meant, by which channels, and what is owed or taken back.

Which step runs, and when the next begins, is `escalation`; what becomes of a message `receipts`;
the words `messages`.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from telecared.core.effects import Notify, Withdraw
from telecared.core.links import with_link
from telecared.core.messages import Reader, Wording, stand_in
from telecared.core.policy import MONITORING_CENTRE, RESIDENT, Contact
from telecared.core.rota_duty import on_duty
from telecared.core.state import Alert, Told
from telecared.core.vocabulary import Channel, NotificationState, Priority
from telecared.core.windows import inside
from telecared.core.work import Work

MAX_TOLD: Final = 200
"""Notifications that an alert remembers; from then on a repeat displaces the one it repeats."""

FAILED: Final = frozenset({NotificationState.FAILED, NotificationState.UNDELIVERED})
ON_ITS_WAY: Final = frozenset({NotificationState.QUEUED, NotificationState.SENT})

ANY_CHANNEL: Final = (Channel.SMS, Channel.VOICE, Channel.EMAIL)
"""The channels by which people are told; the others are for other programs."""

_IN_WRITING: Final = (Channel.SMS, Channel.EMAIL, Channel.VOICE)
"""How news is told: what can be read first."""


def notification_id(home: str, alert: int, k: int) -> str:
    """Return the id of a notification, which is also its key at the provider."""
    return f"{home}/{alert}-{k}"


def person_of(work: Work, to: str) -> Contact | None:
    """Return the person of an id: a contact of the home, else one who works for many homes."""
    return work.home.contacts.get(to) or work.home.people.get(to)


def recipients(work: Work, names: Iterable[str], *, at_any_hour: bool = False) -> list[str]:
    """Return whom names mean now, each once and in their order.

    A name is the monitoring centre, a person's id, a rota (whoever is on duty), another system's
    id, or a role: of the home's contacts first, then of those who work for many homes. Left out is
    whoever is not reachable at this hour, and whoever takes no messages by any channel.
    """
    return [
        to
        for to in meant_by(work, names)
        if person_of(work, to) is None or _can_be_told(work, to, at_any_hour=at_any_hour)
    ]


def meant_by(work: Work, names: Iterable[str]) -> list[str]:
    """Return whom names mean now, each once, whether they can be told or not."""
    return list(dict.fromkeys(to for name in names for to in _meant_by(work, name)))


def _meant_by(work: Work, name: str) -> list[str]:
    home = work.home
    if name == MONITORING_CENTRE or name in home.systems or person_of(work, name) is not None:
        return [name]
    if name in home.rotas:
        on = on_duty(
            home.rotas[name], work.told_at + work.offset, work.site.rota_overrides_of(name)
        )
        return [one for one in on if person_of(work, one) is not None]
    others = (one for one in home.people.values() if one.id not in home.contacts)
    return [one.id for one in (*home.contacts.values(), *others) if name in one.roles]


def _can_be_told(work: Work, to: str, *, at_any_hour: bool) -> bool:
    if not any(takes_messages(work, to, channel) for channel in ANY_CHANNEL):
        return False
    return at_any_hour or is_reachable(work, to)


def is_reachable(work: Work, person: str) -> bool:
    """Whether a person may be told at this hour: of the home, or of the site for its people."""
    home = work.home
    contact = home.contacts.get(person)
    if contact is not None:
        hours, zone, holidays = contact.reachable, work.zone, home.holidays
    else:
        hours, zone, holidays = home.people[person].reachable, home.site_zone, home.site_holidays
    return inside(hours, zone, work.site.clock, work.told_at, holidays)


def address_of(work: Work, to: str, channel: Channel = Channel.SMS) -> str | None:
    """Return where a recipient is told by a channel: a number, an address; None for nowhere."""
    if to == MONITORING_CENTRE:
        centre = work.home.plan.centre
        at = {Channel.SMS: centre.sms, Channel.VOICE: centre.voice, Channel.EMAIL: centre.email}
        return at.get(channel)
    system = work.home.systems.get(to)
    if system is not None:
        return system.id if system.channel is channel else None
    contact = person_of(work, to)
    if contact is None and to == RESIDENT and work.home.record is not None:
        phone = work.home.record.resident_phone
        return phone if channel in (Channel.SMS, Channel.VOICE) else None
    if contact is None or (contact.by and channel not in contact.by):
        return None
    return {
        Channel.SMS: contact.phone, Channel.VOICE: contact.phone, Channel.EMAIL: contact.email
    }.get(channel) or None  # fmt: skip


def language_of(work: Work, to: str) -> str:
    """Return the language in which a recipient is told."""
    contact = person_of(work, to)
    if contact is None and to == RESIDENT and work.home.record is not None:
        return work.home.record.resident_language
    return (contact.language if contact else "") or work.home.plan.language


def same_phone(work: Work, one: str | None, other: str | None) -> bool:
    """Whether two recipients read the same phone: one person or a couple, one answer."""
    if one is None or other is None:
        return False
    return one == other or _phone_of(work, one) == _phone_of(work, other) is not None


def _phone_of(work: Work, to: str) -> str | None:
    """Return a recipient's phone, also of somebody who is told by e-mail only."""
    contact = person_of(work, to)
    return (contact.phone or None) if contact is not None else address_of(work, to)


def refusal_key(to: str, channel: Channel) -> str:
    """Return under which key `HomeState.unreachable` keeps that somebody takes no messages.

    By SMS it is the recipient's id; a phone that takes no SMS can still be called.
    """
    return to if channel is Channel.SMS else f"{to} by {channel}"


def takes_messages(work: Work, to: str, channel: Channel = Channel.SMS) -> bool:
    """Whether a message by a channel can arrive at all: an address that is not refused."""
    number = address_of(work, to, channel)
    if number is None:
        return False
    refused = work.state.unreachable.get(refusal_key(to, channel))
    return refused is None or refused != stand_in(number)


def channels_of(work: Work, by: Iterable[Channel], to: str) -> tuple[Channel, ...]:
    """Return by which of some channels a recipient can be told now.

    Only those for which there is a sender, and an address that is not refused. The centre is told
    by any other of its channels when it is by none of these; another system by its own, always.
    """
    senders = work.home.plan.channels
    if to in work.home.systems:
        return tuple(one for one in (work.home.systems[to].channel,) if one in senders)
    usable = tuple(one for one in by if one in senders and takes_messages(work, to, one))
    if usable or to != MONITORING_CENTRE:
        return usable
    others = [one for one in ANY_CHANNEL if one in senders and takes_messages(work, to, one)]
    if not others and takes_messages(work, to):
        # No sender at all: what is owed stands in the outbox, for everybody to see.
        return (Channel.SMS,)
    return tuple(others[:1])


def inform(work: Work, alert: Alert, to: str, wording: Wording) -> Alert:
    """Owe news to somebody, which asks for nothing: in writing where they can read it.

    A voice call only to whom nothing can be written; other systems by their own channel. Somebody
    who cannot be told at all is passed over.
    """
    if to in work.home.systems:
        by = channels_of(work, (), to)
    else:
        by = tuple(one for one in _IN_WRITING if takes_messages(work, to, one))
        by = tuple(one for one in by if one in work.home.plan.channels) or by
    return tell(work, alert, to, by[0], wording, pages=False) if by else alert


def tell(
    work: Work, alert: Alert, to: str, channel: Channel, wording: Wording, *, pages: bool,
    turn: int | None = None,
) -> Alert:  # fmt: skip
    """Owe one message to one person; `pages` when it asks them to go.

    Somebody who has no address for this channel any more, or takes no messages by it, is passed
    over. `turn` is 0 for whoever is told beside the steps, None for the running step.
    """
    number = address_of(work, to, channel)
    if number is None or not takes_messages(work, to, channel):
        return alert
    reader = Reader(language_of(work, to), channel, work.home.plan.words)
    text = wording(reader)
    if pages and channel is Channel.SMS and person_of(work, to) is not None:
        text = with_link(text, alert.code, work.home.plan.link_url)
    k = alert.notified + 1
    told = Told(
        k=k,
        to=to,
        channel=channel,
        turn=alert.turn if turn is None else turn,
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
    """Take back what has not been attempted yet; what is on its way cannot be.

    With it goes whoever would have been told next, and the supervisor's clock.
    """
    kept = []
    for told in alert.told:
        if told.pages and may_wait(told):
            work.effects.append(Withdraw(id=notification_id(work.home.home, alert.n, told.k)))
        # What was given up stays so: whether it arrived nobody knows.
        kept.append(told if is_given_up(told) else msgspec.structs.replace(told, receipt_by=None))
    return msgspec.structs.replace(
        alert, told=tuple(kept), waiting=(), centre_at=None, page_at=None, paged=0
    )


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
