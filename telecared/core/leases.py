"""How long somebody has an alert, and what happens when that time ends or it happens again.

How people take an alert is `going`, how they pass it on `handing`, how they end it `outcomes`.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from telecared.core import going_texts, messages
from telecared.core.escalation import begin_step
from telecared.core.gaps import moment_text
from telecared.core.goers import among, enough, expired, first_of, with_goer, without_goers
from telecared.core.policy import MONITORING_CENTRE
from telecared.core.receipts import after_failure, give_up_receipts
from telecared.core.state import Alert, Answer, earliest
from telecared.core.stated import Going
from telecared.core.telling import ANY_CHANNEL, FAILED, channels_of, inform, tell, withdraw_unsent
from telecared.core.vocabulary import DAY, MINUTE, AlertState, Duration, Instant
from telecared.core.windows import clock_text, duration_text
from telecared.core.work import Work

UPDATE_WITHIN: Final[Duration] = 2 * MINUTE
"""After a life-safety repeat the owner must answer within this (promise P6), and whoever is handed
what is of life safety or urgent."""

LONGEST_HOLD: Final[Duration] = DAY
"""No acknowledgement and no snooze holds an alert for longer."""


def lease_of(alert: Alert, until: Instant) -> Instant:
    """Return until when somebody has an alert: whoever has planned for it has it until then."""
    return until if alert.planned_until is None else alert.planned_until


def moment(work: Work, alert: Alert, until: Instant) -> str:
    """Return the end of a lease for people; only one that holds for days needs its date."""
    if alert.planned_until is None:
        return clock_text(until, work.zone, work.offset)
    return moment_text(until, work.zone, work.offset, work.at)


def who_has(work: Work, alert: Alert, *, already: bool = False) -> str:
    """Return who has an alert and since when, for whoever wanted it too."""
    since = min((one.at for one in alert.going if one.by == alert.owner), default=None)
    told = "" if since is None else f" since {moment_text(since, work.zone, work.offset, work.at)}"
    return f"{alert.owner} {'already ' if already else ''}has it{told}"


def held(alert: Alert) -> Alert:
    """Return an alert as those who go to it have it: the first, until the first of them lapses."""
    first = first_of(alert.going)
    return msgspec.structs.replace(
        alert,
        state=AlertState.ACKNOWLEDGED,
        owner=first.by,
        owner_contact=first.contact,
        lease_until=lease_of(alert, min(one.until for one in alert.going)),
        next_at=None,
        begins_at=None,
    )


def snooze(work: Work, alert: Alert, *, by: str, duration: Duration) -> Answer:
    """Hold the alert for a named person until a stated time, then go on as before."""
    if alert.state is AlertState.ACKNOWLEDGED and alert.owner != by:
        return Answer(False, who_has(work, alert, already=True))
    if not 0 < duration <= LONGEST_HOLD:
        return Answer(False, f"a snooze lasts for at most {duration_text(LONGEST_HOLD)}")
    mine = next((one for one in alert.going if one.by == by), None)
    until = lease_of(alert, work.at + duration)
    alert = withdraw_unsent(work, alert)
    if mine is None:
        newer = Going(None, by, work.at, until, for_all=True)
    else:
        newer = msgspec.structs.replace(mine, until=until, for_all=True)
    alert = msgspec.structs.replace(held(with_goer(alert, mine, newer)), update_by=None)
    text = moment(work, alert, until)
    work.record("alert.snoozed", alert, f"{by} holds it until {text}")
    work.put(alert)
    return Answer(True)


# --- the end of a lease -------------------------------------------------------------------------


def lease_due(work: Work, alert: Alert) -> None:
    """End what has lapsed of an acknowledgement; the escalation goes on where too few are left.

    A hand-over of which no receipt came in time has not reached its new owner (promise P5).
    """
    if alert.handled.handover:
        alert = after_failure(work, give_up_receipts(work, alert))
    ends = earliest(alert.update_by, alert.lease_until)
    if ends is None or ends > work.at:
        return
    unanswered = alert.update_by is not None and alert.update_by <= work.at
    if unanswered:
        leaving = [first_of(alert.going)] if alert.going else []
        why = "no update after it happened again"
        if alert.handled.handover:
            page = next((one for one in alert.told if one.k == alert.handled.handover), None)
            lost = page is not None and page.state in FAILED
            end = "the message did not arrive" if lost else "they have not answered"
            why = f"it was handed over, and {end}"
    else:
        # A lease may end before the word of those who go, where it was shortened.
        leaving = expired(alert, work.at) or list(alert.going)
        why = "the acknowledgement lapsed"
    rest = without_goers(alert, leaving)
    happened_again = unanswered and not alert.handled.handover
    if happened_again or not rest.going or not enough(rest):
        asked: Sequence[Going] = () if unanswered else leaving
        reopen(work, rest, why, to=alert.owner_contact, asked=asked)
        return
    rest = msgspec.structs.replace(held(rest), update_by=None)
    for one in leaving:
        work.record("alert.updated", rest, f"{one.by} has it no more: {why}", to=one.contact)
        if one.contact is not None:
            rest = inform(work, rest, one.contact, going_texts.handed_on(rest.owner or "", rest))
    work.put(rest)


def word_due(work: Work, alert: Alert) -> None:
    """Note that somebody who goes to an alert that is still open has not been heard of since."""
    leaving = expired(alert, work.at)
    alert = without_goers(alert, leaving)
    for one in leaving:
        work.record("alert.updated", alert, f"nothing was heard of {one.by} since", to=one.contact)
    work.put(ask(work, alert, leaving))


def reopen(
    work: Work,
    alert: Alert,
    why: str,
    *,
    to: str | None = None,
    asked: Sequence[Going] = (),
) -> Alert:
    """Let the escalation go on where it stood; whoever else goes is not paged again."""
    alert = opened(work, alert, why, to=to)
    alert = ask(work, alert, asked)
    return begin_step(work, alert, alert.step, why)


def opened(work: Work, alert: Alert, why: str, *, to: str | None = None) -> Alert:
    """Return an alert that nobody has any more, with a line of the record that says so."""
    alert = msgspec.structs.replace(
        alert,
        state=AlertState.OPEN,
        owner=None,
        owner_contact=None,
        lease_until=None,
        update_by=None,
        handled=msgspec.structs.replace(alert.handled, handover=0),
    )
    work.record("alert.lapsed", alert, why, to=to)
    return alert


def ask(work: Work, alert: Alert, lapsed: Sequence[Going]) -> Alert:
    """Ask whose word has lapsed whether they are still there, or how it ended."""
    for one in lapsed:
        if one.contact is not None:
            alert = inform(work, alert, one.contact, messages.lapsed(alert))
            alert = asked_too(alert, one.contact)
    return alert


def asked_too(alert: Alert, contact: str) -> Alert:
    """Return an alert of which a contact may say how it ended, although they have it no more."""
    asked = dict.fromkeys((*alert.handled.asked, contact))
    return msgspec.structs.replace(
        alert, handled=msgspec.structs.replace(alert.handled, asked=tuple(asked))
    )


# --- telling again ------------------------------------------------------------------------------


def page_owner(work: Work, alert: Alert, text: messages.Wording) -> Alert:
    """Promise P6: whoever holds it hears at once, and has two minutes to answer."""
    if alert.update_by is None:
        alert = msgspec.structs.replace(alert, update_by=work.at + UPDATE_WITHIN)
    to = alert.owner_contact or MONITORING_CENTRE
    by = channels_of(work, ANY_CHANNEL, to)[:1]
    if not by:
        # Gone, or opted out: the centre hears in the owner's place.
        to = MONITORING_CENTRE
        by = channels_of(work, ANY_CHANNEL, to)[:1]
    owner = among(work, alert, alert.owner or "", alert.owner_contact)
    for one in alert.going:
        if one != owner and one.contact is not None:
            alert = inform(work, alert, one.contact, text)
    if not by:
        work.record("alert.updated", alert, "stands in the centre's queue again", to=to)
    for channel in by:
        alert = tell(work, alert, to, channel, text, pages=True)
    return work.put(alert)
