"""An alert is passed on: to another person, or to the next step at once.

Who takes one by themselves is `going`; what lapses `leases`.
"""

from typing import Final

import msgspec

from telecared.core import going_texts, messages
from telecared.core.ageing import without_plan
from telecared.core.alert_commands import EscalatedNow, HandedOver
from telecared.core.comfort import comfort
from telecared.core.escalation import advance, begin_step
from telecared.core.goers import (
    among,
    counts_for_all,
    enough,
    first_of,
    goes,
    needed,
    with_goer,
    without_goers,
)
from telecared.core.leases import (
    LONGEST_HOLD,
    UPDATE_WITHIN,
    held,
    lease_of,
    moment,
    opened,
    reopen,
    who_has,
)
from telecared.core.receipts import after_failure
from telecared.core.state import Alert, Answer
from telecared.core.stated import Going
from telecared.core.telling import (
    inform,
    person_of,
    presses,
    same_phone,
    takes_messages,
    tell,
    told_contacts,
    withdraw_unsent,
)
from telecared.core.vocabulary import AlertState, Channel
from telecared.core.work import Work

_IN_WRITING: Final = (Channel.SMS, Channel.EMAIL, Channel.VOICE)


def hand_over(work: Work, alert: Alert, event: HandedOver) -> Answer:
    """Give the alert to a named person, who has it from then on; everybody told hears of it.

    Only whoever has it hands it over; anybody else must say that they take it over.
    """
    to = event.to
    if event.contact is not None:
        person = person_of(work, event.contact)
        if person is None:
            return Answer(False, f"{work.home.home} has no contact {event.contact}")
        if _way_to(work, person.id) is None:
            return Answer(False, f"{person.name} takes no messages: call them, or choose another")
        to = person.name
    was_held = alert.state is AlertState.ACKNOWLEDGED
    giver = next((one for one in alert.going if one.by == event.by), None)
    receiver = among(work, alert, to, event.contact)
    if receiver is not None:
        if was_held and receiver == first_of(alert.going):
            return Answer(True, f"{to} has it already")
        return Answer(False, f"{to} goes already")
    if was_held and giver is None and not event.take_over:
        return Answer(
            False, f"{who_has(work, alert)}: only they hand it over, or you take it over by force"
        )
    leaving = first_of(alert.going) if was_held and giver is None and alert.going else giver
    newer = Going(
        event.contact,
        to,
        work.at,
        lease_of(alert, work.at + min(alert.policy.lease, LONGEST_HOLD)),
        for_all=counts_for_all(work, alert, event.contact),
    )
    _pass_on(work, alert, event, leaving, newer)
    return Answer(True)


def _way_to(work: Work, to: str) -> Channel | None:
    """Return by which channel somebody is told what they must answer, None for by none."""
    senders = work.home.plan.channels
    usable = (one for one in _IN_WRITING if one in senders and takes_messages(work, to, one))
    return next(usable, None)


def _pass_on(
    work: Work, alert: Alert, event: HandedOver, leaving: Going | None, newer: Going
) -> None:
    was_held = alert.state is AlertState.ACKNOWLEDGED
    alert = without_goers(alert, () if leaving is None else (leaving,))
    alert = msgspec.structs.replace(
        alert,
        going=(newer, *alert.going),
        update_by=None,
        declined=tuple(one for one in alert.declined if not same_phone(work, one, newer.contact)),
        handled=msgspec.structs.replace(alert.handled, handover=0),
    )
    why = _why(event, newer, leaving)
    until = moment(work, alert, newer.until)
    if enough(alert):
        alert = held(alert if was_held else withdraw_unsent(work, alert))
        work.record(
            "alert.handed_over", alert, f"{why} until {until}{_note(event)}", to=newer.contact
        )
    else:
        count = f"{len(alert.going)} of {needed(alert)}"
        work.record("alert.updated", alert, f"{why}, {count}{_note(event)}", to=newer.contact)
        # A contact of what is of life safety, for all else one is enough: they must answer soon.
        asked = msgspec.structs.replace(newer, until=work.at + UPDATE_WITHIN)
        alert = with_goer(alert, newer, asked)
    alert = _tell_of(work, alert, event, leaving, newer)
    if newer.contact is None:
        # Whoever is asked to go has not said yet that they do.
        alert = comfort(work, alert, newer)
    work.put(alert)
    if not enough(alert):
        if was_held:
            reopen(work, alert, f"{needed(alert)} are needed")
        else:
            after_failure(work, alert)


def _must_answer(alert: Alert, newer: Going) -> bool:
    """Whether somebody has what they are handed only once they answer.

    Who sleeps through the message must not hold for a whole lease what is urgent.
    """
    return newer.contact is not None and presses(alert)


def _why(event: HandedOver, newer: Going, leaving: Going | None) -> str:
    if newer.by != event.by:
        taken = f", taken from {leaving.by}," if leaving and leaving.by != event.by else ""
        return f"{event.by} handed it to {newer.by}{taken}"
    return f"{event.by} took it over{f' from {leaving.by}' if leaving else ''}"


def _note(event: HandedOver | EscalatedNow) -> str:
    return f": {event.note.strip()}" if event.note.strip() else ""


def _tell_of(
    work: Work, alert: Alert, event: HandedOver, leaving: Going | None, newer: Going
) -> Alert:
    """Page whoever has it now; tell whoever had it, and those who were told, who that is."""
    others = dict.fromkeys(told_contacts(alert))
    if leaving is not None and leaving.contact is not None:
        others[leaving.contact] = None
    for other in others:
        if not same_phone(work, other, newer.contact):
            alert = inform(work, alert, other, _news_of(work, alert, leaving, newer, other))
    by = None if newer.contact is None else _way_to(work, newer.contact)
    if newer.contact is None or by is None:
        return alert
    until = moment(work, alert, newer.until)
    has_it, soon = alert.state is AlertState.ACKNOWLEDGED, _must_answer(alert, newer)
    text = messages.handed_to(event.by, until, alert, soon=soon)
    alert = tell(work, alert, newer.contact, by, text, pages=True)
    handover = alert.notified if has_it else 0
    return msgspec.structs.replace(
        alert,
        update_by=work.at + UPDATE_WITHIN if has_it and soon else None,
        handled=msgspec.structs.replace(alert.handled, handover=handover),
    )


def _news_of(
    work: Work, alert: Alert, leaving: Going | None, newer: Going, other: str
) -> messages.Wording:
    """Return what somebody hears: that they need do nothing only where that is so."""
    if goes(work, alert, other):
        return going_texts.going_too(newer.by, alert)
    if enough(alert) or (leaving is not None and same_phone(work, leaving.contact, other)):
        return going_texts.handed_on(newer.by, alert)
    return going_texts.going_of(newer.by, len(alert.going), needed(alert), alert)


def escalate_now(work: Work, alert: Alert, event: EscalatedNow) -> Answer:
    """Tell the next step at once, whoever has it: one more is wanted than goes already."""
    if alert.watch:
        return Answer(False, "its rule is on trial and pages nobody")
    why = f"{event.by} asks for more help{_note(event)}"
    if alert.begins_at is not None:
        begin_step(work, alert, 0, why)
    elif alert.state is AlertState.OPEN:
        advance(work, alert, why)
    else:
        _want_more(work, alert, event, why)
    return Answer(True)


def _want_more(work: Work, alert: Alert, event: EscalatedNow, why: str) -> None:
    owner = alert.owner_contact
    alert = without_goers(alert, [one for one in alert.going if one.contact is None])
    rest = tuple(msgspec.structs.replace(one, for_all=False) for one in alert.going)
    alert = msgspec.structs.replace(
        without_plan(work, alert),
        going=rest,
        handled=msgspec.structs.replace(alert.handled, wanted=len(rest) + 1 if rest else 0),
    )
    alert = opened(work, alert, why, to=owner)
    for contact in [one.contact for one in rest if one.contact is not None]:
        alert = inform(work, alert, contact, going_texts.more_help(event.by, alert))
    advance(work, alert, why)
