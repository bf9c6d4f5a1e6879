"""A named person says that two alerts of one home tell of the same: one ends, the other goes on.

Only within a home, which is what is decided about at once; one cause in many homes is an incident
(`storming`). What ends otherwise is `outcomes`.
"""

import msgspec

from telecared.core import grouping, messages
from telecared.core.alert_commands import Linked
from telecared.core.escalation import begin_step
from telecared.core.goers import among, first_of
from telecared.core.going import LONGEST_NOTE, Word, accept
from telecared.core.leases import LONGEST_HOLD
from telecared.core.outcomes import concerned, resolve
from telecared.core.state import Alert, Answer
from telecared.core.stated import Going
from telecared.core.telling import inform
from telecared.core.vocabulary import AlertState, Instant, Outcome
from telecared.core.work import Work


def link(work: Work, alert: Alert, event: Linked) -> Answer:
    """End an alert as the duplicate of another, which whoever goes to it goes to from now on.

    Refused where the other matters less, or pages nobody yet: nothing is hushed by it (promise P6).
    """
    other = work.state.alerts.get(event.to)
    problem = _problem_of(work, alert, other, event)
    if other is None or problem:
        return Answer(False, problem)
    duplicate, stays = f"{work.home.home}/{alert.n}", f"{work.home.home}/{other.n}"
    note = f", {event.note.strip()}" if event.note.strip() else ""
    other = _told_of(work, alert, grouping.leave(work, other))
    work.record("alert.linked", other, f"{event.by}: {duplicate} tells of the same{note}")
    work.put(other)
    ended = msgspec.structs.replace(alert, linked_to=stays)
    reason = f"{event.by}: {Outcome.DUPLICATE} of {stays}{note}"
    resolve(work, ended, by=event.by, outcome=Outcome.DUPLICATE, reason=reason)
    for one in alert.going:
        if not _owes_an_answer(alert, one, event.by):
            _goes_there(work, other.n, one)
    _stands_at_the_centre(work, other.n, alert)
    grouping.follow(work, other.n)
    return Answer(True)


def _problem_of(work: Work, alert: Alert, other: Alert | None, event: Linked) -> str:
    """Return why an alert cannot be linked like this, or ""."""
    home = work.home.home
    if event.to == alert.n:
        return "name the other alert, of which this one is a duplicate"
    if other is None:
        known = 0 < event.to < work.state.next_alert
        why = "is resolved" if known else "is no alert of this home"
        return f"{home}/{event.to} {why}: link to one that is not resolved"
    if len(event.note) > LONGEST_NOTE:
        return f"the note is longer than {LONGEST_NOTE} characters: shorten it"
    if other.priority.rank > alert.priority.rank:
        return (
            f"{home}/{alert.n} is {alert.priority} and {home}/{other.n} is {other.priority}:"
            f" link {home}/{other.n} to it"
        )
    if other.watch and not alert.watch:
        return f"the rule of {home}/{other.n} is on trial and pages nobody: link that one to this"
    if not alert.watch and _told_from(work, other) > _told_from(work, alert):
        return f"nobody was told of {home}/{other.n} yet: link that one to this"
    return ""


def _told_from(work: Work, alert: Alert) -> Instant:
    """Return from when people are told of an alert: 0 where they were already."""
    if alert.state is not AlertState.OPEN:
        return 0
    leader = work.state.alerts.get(alert.group, alert)
    waits_for_others = not (alert.turn or leader.turn)
    waits = alert.begins_at is not None or alert.part_of or waits_for_others
    return alert.next_at if waits and alert.next_at is not None else 0


def _told_of(work: Work, alert: Alert, other: Alert) -> Alert:
    """Tell everybody who must hear what becomes of the one that they answer for the other."""
    for contact in concerned(alert):
        other = inform(work, other, contact, messages.linked(alert, other))
    comforted = dict.fromkeys((*other.handled.comforted, *alert.handled.comforted))
    asked = dict.fromkeys((*other.handled.asked, *alert.handled.asked))
    handled = msgspec.structs.replace(other.handled, comforted=tuple(comforted), asked=tuple(asked))
    return msgspec.structs.replace(other, handled=handled)


def _owes_an_answer(alert: Alert, one: Going, by: str) -> bool:
    """Whether somebody was asked whether they really go, and has not said so (promises P5, P6)."""
    asked = alert.update_by is not None or alert.handled.handover > 0
    answers_now = one.contact is None and one.by == by
    return asked and one == first_of(alert.going) and not answers_now


def _stands_at_the_centre(work: Work, n: int, alert: Alert) -> None:
    """Have what goes on stand at the centre, where the duplicate stood: nobody waits anew."""
    other = work.state.alerts[n]
    stood_there = alert.state is AlertState.OPEN and alert.centre_at is not None
    if stood_there and other.state is AlertState.OPEN and other.centre_at is None:
        last = len(other.policy.steps) - 1
        begin_step(work, other, last, f"{work.home.home}/{alert.n} stood there already")


def _goes_there(work: Work, n: int, one: Going) -> None:
    """Let whoever went to the one go to the other; an operator has it where nobody else does.

    For as long as they said: who was asked to answer soon must answer as soon.
    """
    other = work.state.alerts[n]
    is_held = other.state is AlertState.ACKNOWLEDGED
    if among(work, other, one.by, one.contact) is None and not (is_held and one.contact is None):
        lasts = min(one.until - work.at, LONGEST_HOLD)
        there = one.arrived is not None
        accept(work, other, Word(one.by, one.contact, lasts, arrived=there, stated=True))
