"""What an operator of a night may do about an alert, sensible or not. Values only, drawn by chance.

Who does it, and when, is `operators`.
"""

from random import Random
from typing import Final

from telecared.core.alert_commands import (
    Acknowledged,
    Called,
    Declined,
    EscalatedNow,
    HandedOver,
    Linked,
    MessageSent,
    Resolved,
    Snoozed,
    Updated,
)
from telecared.core.events import Promised, PromiseKept, StoredEvent
from telecared.core.policy import RESIDENT
from telecared.core.state import Alert, HomeState
from telecared.core.vocabulary import MINUTE, CallResult, Cause, Outcome, Progress
from telecared.sim.nights.scenery import OPERATORS

OUTCOMES: Final = tuple(one for one in Outcome if one.stated)

UNKNOWN: Final = 7
"""So far from an alert's number stands one that nobody knows."""


def deed(chance: Random, state: HomeState, alert: Alert, by: str) -> StoredEvent:
    """Return something that an operator may do about an alert of a home."""
    n = alert.n if chance.random() < 0.95 else alert.n + UNKNOWN
    match chance.randrange(15):
        case 0 | 1 | 2:
            return Acknowledged(input=0, at=0, alert=n, by=by)
        case 3:
            return Snoozed(input=0, at=0, alert=n, by=by, duration=chance.choice((1, 20)) * MINUTE)
        case 4:
            other = chance.choice(OPERATORS)
            return HandedOver(input=0, at=0, alert=n, by=by, to=other, note="end of shift")
        case 5:
            progress = chance.choice(tuple(Progress))
            minutes = 10 if progress is Progress.ON_THE_WAY else None
            return Updated(
                input=0, at=0, alert=n, by=by, progress=progress, minutes=minutes, note="x"
            )
        case 6:
            return EscalatedNow(input=0, at=0, alert=n, by=by)
        case 7:
            return Declined(input=0, at=0, alert=n, by=by, contact=_somebody(chance, alert))
        case 8 | 9:
            result = chance.choice(tuple(CallResult))
            contact = _somebody(chance, alert)
            return Called(input=0, at=0, alert=n, by=by, contact=contact, result=result)
        case 10:
            to = _somebody(chance, alert)
            return MessageSent(input=0, at=0, alert=n, by=by, to=to, text="Ring me, please.")
        case 11:
            other_n = chance.choice(tuple(state.alerts))
            return Linked(input=0, at=0, alert=n, by=by, to=other_n)
        case 12:
            return _promise(chance, state, n, by)
        case _:
            return _end(chance, n, by)


def _somebody(chance: Random, alert: Alert) -> str:
    """Return somebody who was told; now and then the resident, or somebody whom nobody knows."""
    told = [one.to for one in alert.told] or ["carer-0"]
    return chance.choice((*told, RESIDENT, "nobody")) if chance.random() < 0.2 else told[-1]


def _promise(chance: Random, state: HomeState, n: int, by: str) -> StoredEvent:
    if state.promises and chance.random() < 0.5:
        number = chance.choice(tuple(state.promises))
        return PromiseKept(input=0, at=0, by=by, number=number, note="done")
    return Promised(input=0, at=0, by=by, what="to ring back", due_at=0, alert=n)


def _end(chance: Random, n: int, by: str) -> StoredEvent:
    outcome = chance.choice(OUTCOMES)
    cause = chance.choice((None, *Cause)) if outcome is Outcome.FALSE_ACTIVATION else None
    return Resolved(input=0, at=0, alert=n, by=by, outcome=outcome, cause=cause)
