"""Somebody says that they go, how far they are, or that they cannot.

One person's word, or that of as many as the policy asks for. When it lapses is `leases`; whom the
alert is passed to `handing`; how it ends `outcomes`.
"""

from typing import Final, NamedTuple

import msgspec

from telecared.core import going_texts, messages
from telecared.core.alert_commands import Updated
from telecared.core.comfort import comfort
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
from telecared.core.leases import LONGEST_HOLD, held, lease_of, moment, reopen, who_has
from telecared.core.messages import Wording
from telecared.core.reading_replies import LONGEST_WAY, Help
from telecared.core.receipts import after_failure
from telecared.core.state import Alert, Answer
from telecared.core.stated import Going
from telecared.core.telling import inform, person_of, same_phone, told_contacts, withdraw_unsent
from telecared.core.vocabulary import MINUTE, AlertState, Duration, Instant, Progress
from telecared.core.windows import duration_text
from telecared.core.work import Work

SPARE: Final[Duration] = 10 * MINUTE
"""How much longer than they say somebody has an alert who is on the way."""

ASK_AFTER: Final[Duration] = 20 * MINUTE
"""How long after their arrival somebody is asked how it ended."""

ANSWER_WITHIN: Final[Duration] = 10 * MINUTE
"""How long they have it after that question, without an answer."""

LONGEST_NOTE: Final = 2_000


class Word(NamedTuple):
    """What somebody says of themselves.

    Attributes:
        lasts: for how long they take it, None for the policy's lease.
        minutes: until they arrive, None where they do not say.
        arrived: they are there.
        stated: somebody else states it of them: it is no race, and where the alert is held they
            go too.
        instead: whose place they take, an operator's who rang them.
    """

    by: str
    contact: str | None
    lasts: Duration | None = None
    minutes: int | None = None
    arrived: bool = False
    stated: bool = False
    instead: Going | None = None


def accept(work: Work, alert: Alert, word: Word) -> Answer:
    """Take up that a named person goes, or still does; others hear who is going.

    Until as many go as are needed, the others go on being told.
    """
    was_held = alert.state is AlertState.ACKNOWLEDGED
    mine = among(work, alert, word.by, word.contact)
    if mine is not None and mine.contact is None:
        word = word._replace(by=mine.by, contact=None)  # their centre's phone speaks for them
    if was_held and mine is None and not word.stated:
        who = who_has(work, alert, already=True)
        return Answer(False, who, Help.TAKEN, alert.owner or "")
    if word.lasts is not None and not 0 < word.lasts <= LONGEST_HOLD:
        return Answer(False, f"an acknowledgement holds for at most {duration_text(LONGEST_HOLD)}")
    if word.minutes is not None and not 0 < word.minutes <= LONGEST_WAY:
        return Answer(False, f"who is on the way arrives within {LONGEST_WAY} minutes")
    newer = _goer(work, alert, word, mine)
    # Whoever has it still owes what they owed, although somebody else goes too.
    too = was_held and mine is None and word.instead is None
    if too:
        newer = msgspec.structs.replace(newer, for_all=False)
    if word.instead is not None:
        alert, mine = _in_place(alert, mine, word.instead, newer), None
    else:
        alert = with_goer(alert, mine, newer)
    handled = alert.handled
    alert = msgspec.structs.replace(
        alert,
        update_by=alert.update_by if too else None,
        declined=tuple(one for one in alert.declined if not same_phone(work, one, word.contact)),
        handled=msgspec.structs.replace(
            handled,
            handover=handled.handover if too else 0,
            asked=tuple(one for one in handled.asked if not same_phone(work, one, word.contact)),
            ask_at=handled.ask_at if newer.arrived is None else work.at + ASK_AFTER,
        ),
    )
    if enough(alert):
        alert = _taken(work, alert, mine, newer, was_held=was_held, instead=word.instead)
    else:
        alert = _one_of_several(work, alert, mine, newer)
    alert = comfort(work, _tell_others(work, alert, mine, newer), newer)
    alert = work.put(_thank(work, alert, newer))
    if not enough(alert):
        if was_held:
            reopen(work, alert, f"{needed(alert)} are needed now")
        else:
            after_failure(work, alert)
    return Answer(True)


def _in_place(alert: Alert, mine: Going | None, leaving: Going, newer: Going) -> Alert:
    """Return an alert to which somebody goes as the first, in place of who had it."""
    alert = without_goers(alert, [leaving] if mine is None else [leaving, mine])
    return msgspec.structs.replace(alert, going=(newer, *alert.going))


def _goer(work: Work, alert: Alert, word: Word, mine: Going | None) -> Going:
    minutes = word.minutes if word.minutes is not None or mine is None else mine.minutes
    arrived = mine.arrived if mine is not None else None
    if word.arrived and arrived is None:
        arrived = work.at
    return Going(
        word.contact,
        word.by,
        work.at if mine is None else mine.at,
        _until(work, alert, word, mine),
        minutes,
        arrived,
        counts_for_all(work, alert, word.contact),
    )


def _until(work: Work, alert: Alert, word: Word, mine: Going | None) -> Instant:
    """Return until when somebody has it: what they asked for, and never less than they need."""
    lasts = min(alert.policy.lease, LONGEST_HOLD) if word.lasts is None else word.lasts
    until = work.at + lasts
    if mine is not None and (word.minutes is not None or word.arrived):
        until = mine.until  # an update extends what they have, it never shortens it
    if word.minutes is not None:
        until = max(until, work.at + word.minutes * MINUTE + SPARE)
    if word.arrived or (mine is not None and mine.arrived is not None):
        until = max(until, work.at + ASK_AFTER + ANSWER_WITHIN)
    return lease_of(alert, until)


def _how_far(goer: Going, mine: Going | None) -> str:
    """Return what is new of how far somebody is, for the record."""
    if goer.arrived is not None and (mine is None or mine.arrived is None):
        return ", has arrived"
    if goer.minutes is not None and goer.arrived is None:
        return f", {goer.minutes} minutes away"
    return ""


def _taken(
    work: Work,
    alert: Alert,
    mine: Going | None,
    newer: Going,
    *,
    was_held: bool,
    instead: Going | None,
) -> Alert:
    """Give the alert to whoever goes, as enough of them do."""
    alert = held(alert if was_held else withdraw_unsent(work, alert))
    until = moment(work, alert, newer.until)
    far = _how_far(newer, mine)
    if was_held and instead is not None:
        reason = f"{instead.by} handed it to {newer.by}, who has it until {until}{far}"
        work.record("alert.handed_over", alert, reason, to=newer.contact)
        return alert
    if was_held and mine is None:
        until = moment(work, alert, alert.lease_until or newer.until)
        reason = f"{newer.by} goes too{far}: {alert.owner} has it until {until}"
        work.record("alert.updated", alert, reason, to=newer.contact)
        return alert
    if was_held:
        still = f"{newer.by} still has it, until {until}{far}"
        work.record("alert.updated", alert, still, to=newer.contact if far else None)
        return alert
    owner = first_of(alert.going)
    if newer == owner:
        reason = f"{newer.by} has it until {until}{far}"
    else:
        until = moment(work, alert, alert.lease_until or newer.until)
        count = f"{len(alert.going)} of {needed(alert)}"
        reason = f"{newer.by} goes too, {count}{far}: {owner.by} has it until {until}"
    work.record("alert.acknowledged", alert, reason, to=newer.contact)
    return alert


def _one_of_several(work: Work, alert: Alert, mine: Going | None, newer: Going) -> Alert:
    count = f"{len(alert.going)} of {needed(alert)}"
    goes_ = "goes" if mine is None else "still goes"
    until = moment(work, alert, newer.until)
    reason = f"{newer.by} {goes_}, {count}, until {until}{_how_far(newer, mine)}"
    work.record("alert.updated", alert, reason, to=newer.contact)
    return alert


def _tell_others(work: Work, alert: Alert, mine: Going | None, newer: Going) -> Alert:
    """Tell those who were told what is new: who goes, or that they are there."""
    there = newer.arrived is not None and (mine is None or mine.arrived is None)
    if mine is not None and not there:
        return alert
    for other in told_contacts(alert, but=newer.contact):
        if same_phone(work, other, newer.contact):
            continue
        alert = inform(work, alert, other, _news_of(work, alert, newer, other, there=there))
    return alert


def _news_of(work: Work, alert: Alert, newer: Going, other: str, *, there: bool) -> Wording:
    """Return what somebody hears of another: that they need do nothing only where that is so."""
    count, most = len(alert.going), needed(alert)
    if goes(work, alert, other):
        told = going_texts.arrived_too if there else going_texts.going_too
        return told(newer.by, alert)
    if enough(alert):
        if there:
            return going_texts.arrived(newer.by, alert)
        return messages.going(newer.by, alert, newer.minutes)
    of = going_texts.arrived_of if there else going_texts.going_of
    return of(newer.by, count, most, alert)


def _thank(work: Work, alert: Alert, goer: Going) -> Alert:
    if goer.contact is None:
        return alert
    if enough(alert):
        text = messages.thanks(moment(work, alert, goer.until), alert)
    else:
        text = going_texts.thanks_of(len(alert.going), needed(alert), alert)
    return inform(work, alert, goer.contact, text)


def update(work: Work, alert: Alert, event: Updated) -> Answer:
    """Take up how far somebody is, or a note of theirs.

    Who was told of an alert that nobody has, and says that they are on the way, takes it.
    """
    if len(event.note) > LONGEST_NOTE:
        return Answer(False, f"the note is longer than {LONGEST_NOTE} characters: shorten it")
    if event.progress is Progress.NOTE:
        if not event.note.strip():
            return Answer(False, "say in a note what is new: --note")
        reason = f"{event.by}: {event.note.strip()}"
        work.record("alert.updated", alert, reason, to=event.contact)
        return Answer(True)
    if event.contact is None and among(work, alert, event.by, None) is None:
        has = "nobody has it" if alert.owner is None else who_has(work, alert)
        return Answer(False, f"{has}: acknowledge it first, or take it over")
    arrived = event.progress is Progress.ARRIVED
    return accept(
        work,
        alert,
        Word(
            event.by,
            event.contact,
            minutes=None if arrived else event.minutes,
            arrived=arrived,
        ),
    )


def decline(work: Work, alert: Alert, *, by: str, contact: str) -> Answer:
    """Note that somebody cannot go; the next is told at once when nobody is left in the step."""
    mine = among(work, alert, by, contact)
    person = person_of(work, contact)
    if person is None and all(one.to != contact for one in alert.told):
        return Answer(False, f"{work.home.home} has no contact {contact}")
    was_held = alert.state is AlertState.ACKNOWLEDGED
    # One phone gives one answer: nobody waits for another contact behind it.
    sharing = [one for one in work.home.contacts if same_phone(work, one, contact)]
    declined = dict.fromkeys((*alert.declined, contact, *sharing))
    alert = msgspec.structs.replace(alert, declined=tuple(declined))
    who = by if person is None else person.name
    cannot = f"{who} cannot go{'' if mine is None else ' after all'}"
    cannot += "" if who == by else f", says {by}"
    if was_held and mine is None:
        # Should its owner not be heard of, they are not asked again.
        work.record("alert.updated", alert, cannot, to=contact)
        work.put(alert)
        return Answer(True, f"{alert.owner} has it")
    if mine is not None:
        alert = without_goers(alert, [mine])
    if was_held and not (alert.going and enough(alert)):
        reopen(work, alert, cannot, to=None if mine is None else mine.contact)
        return Answer(True)
    alert = held(alert) if was_held else alert
    work.record("alert.updated", alert, cannot, to=contact)
    after_failure(work, work.put(alert))
    return Answer(True)
