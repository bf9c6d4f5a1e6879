"""How an alert ends: by a named person with an outcome, or by a recorded recovery; who is asked.

Who goes to it meanwhile is `going`. What is unresolved stays unresolved: nobody is taken to have
answered what they were only asked.
"""

from typing import Final

import msgspec

from telecared.core import going_texts, messages
from telecared.core.alert_commands import Resolved
from telecared.core.goers import among
from telecared.core.inhibition import release_held
from telecared.core.leases import asked_too
from telecared.core.reading_replies import Help
from telecared.core.state import Alert, Answer, Finding, HomeState
from telecared.core.stated import Handled
from telecared.core.telling import inform, same_phone, told_contacts, withdraw_unsent
from telecared.core.tested import note_user_test
from telecared.core.vocabulary import AlertState, Outcome, Priority
from telecared.core.work import Work

_NOT_YOURS: Final = Answer(False, "only who goes to it can say how it ended", Help.NOT_YOURS)


def end(work: Work, alert: Alert, event: Resolved) -> Answer:
    """End an alert as a named person says that it ended, if it is theirs to say."""
    problem = _problem_of(work, alert, event)
    if problem is not None:
        return problem
    if event.contact is not None:
        alert = inform(work, alert, event.contact, going_texts.closed(alert))
    said = (event.outcome, event.cause, event.note)
    reason = f"{event.by}: {', '.join(one for one in said if one)}"
    alert = msgspec.structs.replace(alert, cause=event.cause)
    resolve(work, alert, by=event.by, contact=event.contact, outcome=event.outcome, reason=reason)
    return Answer(True)


def _problem_of(work: Work, alert: Alert, event: Resolved) -> Answer | None:
    """Return why somebody cannot end an alert like this, None where they can.

    An operator can end any. Who goes to it can, and who was asked while nobody else has it. So can
    whoever was told of what nobody has, except of life safety: there somebody must have gone.
    """
    if not event.outcome.stated:
        return Answer(False, "say of which alert it is a duplicate: `telecared link`")
    if event.cause is not None and event.outcome is not Outcome.FALSE_ACTIVATION:
        return Answer(False, f"a cause is of a false activation, not of {event.outcome}")
    contact = event.contact
    if contact is None or among(work, alert, event.by, contact) is not None:
        return None
    if alert.state is AlertState.ACKNOWLEDGED:
        return Answer(False, f"{alert.owner} has it", Help.TAKEN, alert.owner or "")
    if any(same_phone(work, one, contact) for one in alert.handled.asked):
        return None
    if alert.priority is Priority.LIFE_SAFETY or alert.going:
        return _NOT_YOURS
    told = told_contacts(alert)
    return None if any(same_phone(work, one, contact) for one in told) else _NOT_YOURS


def resolve(
    work: Work,
    alert: Alert,
    *,
    by: str | None,
    outcome: Outcome | None,
    reason: str,
    contact: str | None = None,
) -> None:
    """End an alert: by a named person with an outcome, or (`by` None) by a recorded recovery.

    Of a duplicate nobody hears that it is over: they were told where it goes on.
    """
    alert = withdraw_unsent(work, alert)
    text = messages.dealt_with(by, alert) if by else messages.recovered(alert)
    for other in concerned(alert, but=by) if not alert.linked_to else ():
        if not same_phone(work, other, contact):
            alert = inform(work, alert, other, text)
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
        going=(),
        handled=Handled(),
    )
    work.record("alert.resolved", alert, reason)
    work.put(alert)
    if outcome is Outcome.TEST:
        note_user_test(work, alert)
    for key, finding in work.state.findings.items():
        if finding.alert == alert.n:
            older = max((one.n for one in alerts_of(work.state, key)), default=None)
            work.state.findings[key] = Finding(older, finding.since, finding.last_at, work.at)
    release_held(work, alert)
    work.look_again()


def alerts_of(state: HomeState, key: str) -> list[Alert]:
    """Return the unresolved alerts of one finding, oldest first: several when it was split."""
    return [alert for alert in state.alerts.values() if alert.key == key]


def concerned(alert: Alert, *, but: str | None = None) -> list[str]:
    """Return who must hear what becomes of an alert, without the person named `but`.

    Of an alert that somebody holds, those who go to it: the others know who has it.
    """
    if alert.state is AlertState.OPEN:
        names = {one.contact for one in alert.going if one.by == but}
        return [one for one in told_contacts(alert) if one not in names]
    return [one.contact for one in alert.going if one.contact is not None and one.by != but]


def ask_outcome(work: Work, alert: Alert) -> None:
    """Ask whoever has arrived how it ended; without an answer it stays as it is."""
    for one in alert.going:
        if one.arrived is not None and one.contact is not None:
            alert = inform(work, alert, one.contact, going_texts.how_ended(alert))
            alert = asked_too(alert, one.contact)
    handled = msgspec.structs.replace(alert.handled, ask_at=None)
    work.put(msgspec.structs.replace(alert, handled=handled))
