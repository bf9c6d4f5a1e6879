"""An operator rings somebody by hand about an alert, and says what came of it.

What people answer by themselves is `going`; calls that the machinery makes are notifications.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from telecared.core.alert_commands import Called
from telecared.core.goers import among
from telecared.core.going import LONGEST_NOTE, Word, accept
from telecared.core.leases import who_has
from telecared.core.policy import RESIDENT, Contact
from telecared.core.receipts import after_failure
from telecared.core.state import Alert, Answer
from telecared.core.telling import person_of, same_phone
from telecared.core.vocabulary import AlertState, CallResult, Channel
from telecared.core.work import Work

CALLED: Final = "call."
"""How the names of these lines of the record begin; the result follows."""

NO_ANSWER: Final = f"{CALLED}{CallResult.NO_ANSWER}"
"""The line of the record that says that nobody answered."""

_CAME_TO: Final[Mapping[CallResult, str]] = {
    CallResult.ANSWERED: "they answered",
    CallResult.NO_ANSWER: "no answer",
    CallResult.GOING: "they are going",
}


def called(work: Work, alert: Alert, event: Called) -> Answer:
    """Put a call on record and do what follows from it.

    Whoever goes has it, as if they had said so themselves. Whoever does not answer is told of the
    next step like anybody else, and the running one ends early only when nobody is left in it.
    """
    person = person_of(work, event.contact)
    problem = _problem_of(work, person, event)
    if problem:
        return Answer(False, problem)
    name = work.home.text_values["resident.name"] if person is None else person.name
    note = f", {event.note.strip()}" if event.note.strip() else ""
    reason = f"{event.by} rang {name}: {_CAME_TO[event.result]}{note}"
    work.record(f"{CALLED}{event.result}", alert, reason, to=event.contact, channel=Channel.VOICE)
    if event.result is CallResult.GOING and person is not None:
        return _goes(work, alert, event, person)
    if event.result is CallResult.NO_ANSWER and alert.state is AlertState.OPEN:
        _does_not_answer(work, alert, event.contact)
    return Answer(True)


def _problem_of(work: Work, person: Contact | None, event: Called) -> str:
    if person is None and (event.contact != RESIDENT or work.home.record is None):
        return f"{work.home.home} has no contact {event.contact}"
    if person is None and event.result is CallResult.GOING:
        return "the resident goes to nobody: say that they answered, and what they said in a note"
    if len(event.note) > LONGEST_NOTE:
        return f"the note is longer than {LONGEST_NOTE} characters: shorten it"
    return ""


def _goes(work: Work, alert: Alert, event: Called, person: Contact) -> Answer:
    """Let somebody go who said so on the phone: in the caller's place, if they had it."""
    had_it = who_has(work, alert) if alert.state is AlertState.ACKNOWLEDGED else ""
    instead = next((one for one in alert.going if one.contact is None and one.by == event.by), None)
    went = among(work, alert, person.name, event.contact) is not None
    answer = accept(work, alert, Word(person.name, event.contact, stated=True, instead=instead))
    if answer.done and had_it and instead is None and not went:
        return msgspec.structs.replace(answer, reason=f"{had_it}; {person.name} goes too")
    return answer


def _does_not_answer(work: Work, alert: Alert, contact: str) -> None:
    sharing = [one for one in work.home.contacts if same_phone(work, one, contact)]
    unanswered = dict.fromkeys((*alert.handled.unanswered, contact, *sharing))
    handled = msgspec.structs.replace(alert.handled, unanswered=tuple(unanswered))
    after_failure(work, work.put(msgspec.structs.replace(alert, handled=handled)))
