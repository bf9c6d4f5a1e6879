"""What people promise about a home (to call back, to look in again), until somebody has done it.

Each leaves a line in the record. What nobody keeps in time is told once, as a fault of the home.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec

from telecared.core.events import Promised, PromiseKept
from telecared.core.gaps import moment_text
from telecared.core.machinery import is_over, raise_technical
from telecared.core.state import Answer, HomeState, earliest
from telecared.core.stated import Promise
from telecared.core.vocabulary import DAY, MINUTE, Duration, Instant
from telecared.core.windows import duration_text
from telecared.core.work import Work

GRACE: Final[Duration] = 15 * MINUTE
"""So long after it was due others are told of a promise that nobody has kept."""

LONGEST_PROMISE: Final[Duration] = 30 * DAY
"""What is due later belongs into a diary."""

MAX_PROMISES: Final = 32
"""Promises about one home that nobody has kept yet."""

LONGEST_WHAT: Final = 200
"""Characters of what was promised: one line of a list."""

LONGEST_NOTE: Final = 2_000

NOT_KEPT: Final = "promise-not-kept"


class Overdue(NamedTuple):
    """The instant at which a promise is told as not kept; `key` names it."""

    at: Instant
    key: str
    n: int


def overdue(state: HomeState) -> Iterator[Overdue]:
    """Yield when each promise that nobody was told of yet is told as not kept."""
    for promise in state.promises.values():
        if not promise.missed:
            yield Overdue(promise.due_at + GRACE, f"promise:{promise.n}", promise.n)


def tell_overdue(work: Work, due: Overdue) -> None:
    """Tell that nobody has kept a promise; it stays until somebody does."""
    promise = work.state.promises[due.n]
    work.state.promises[due.n] = msgspec.structs.replace(promise, missed=True)
    was_due = moment_text(promise.due_at, work.zone, work.offset, work.at)
    detail = f"promise {promise.n} of {promise.by} was due at {was_due}: {promise.what}"
    work.record("promise.missed", None, detail)
    raise_technical(work, NOT_KEPT, _subject(promise), detail)


def fold(work: Work, event: Promised | PromiseKept) -> Answer:
    """Note a promise, or that it was kept, or refuse it with a sentence."""
    if not event.by.strip():
        return Answer(False, "it names nobody: say who, with --by")
    return _promise(work, event) if isinstance(event, Promised) else _kept(work, event)


def note_registered(work: Work) -> None:
    """Drop, on record, what was promised to a home that is deleted."""
    if work.home.record is None and not work.home.home.startswith("@"):
        for promise in list(work.state.promises.values()):
            del work.state.promises[promise.n]
            work.record("promise.ended", None, f"{_told(promise)}: the home was deleted")
            is_over(work, NOT_KEPT, _subject(promise), "the home was deleted")


def _promise(work: Work, event: Promised) -> Answer:
    state = work.state
    problem = _problem_of(work, event)
    if problem:
        return Answer(False, problem)
    promise = Promise(
        n=state.next_promise,
        by=event.by.strip(),
        what=event.what.strip(),
        since=work.at,
        due_at=event.due_at,
        alert=event.alert,
    )
    state.next_promise += 1
    state.promises[promise.n] = promise
    state.conditions_due = earliest(state.conditions_due, event.due_at + GRACE)
    until = moment_text(event.due_at, work.zone, work.offset, work.at)
    about = "" if event.alert is None else f", about {work.home.home}/{event.alert}"
    work.record("promise.made", None, f"{_told(promise)}, by {until}{about}: {promise.what}")
    return Answer(True, f"promise {promise.n}, by {until}")


def _problem_of(work: Work, event: Promised) -> str:
    """Return why nothing can be promised like this, or ""."""
    if work.home.record is None and not work.home.home.startswith("@"):
        return f"there is no home {work.home.home}: `telecared import` registers one"
    if not event.what.strip():
        return "say what is promised"
    if len(event.what.strip()) > LONGEST_WHAT:
        return f"what is promised is longer than {LONGEST_WHAT} characters: shorten it"
    if event.due_at <= work.at:
        return "a promise is due at a time that is still to come"
    if event.due_at > work.at + LONGEST_PROMISE:
        return f"a promise is due within {duration_text(LONGEST_PROMISE)}: name an earlier time"
    if event.alert is not None and not 0 < event.alert < work.state.next_alert:
        return f"there is no alert {work.home.home}/{event.alert}: `telecared alerts` lists them"
    if len(work.state.promises) >= MAX_PROMISES:
        return f"{MAX_PROMISES} promises about {work.home.home} are not kept yet: keep some first"
    return ""


def _kept(work: Work, event: PromiseKept) -> Answer:
    promise = work.state.promises.get(event.number)
    home = work.home.home
    if promise is None:
        if 0 < event.number < work.state.next_promise:
            return Answer(False, f"promise {event.number} of {home} is kept already")
        return Answer(
            False, f"there is no promise {event.number} of {home}: `telecared promises` lists them"
        )
    if len(event.note) > LONGEST_NOTE:
        return Answer(False, f"the note is longer than {LONGEST_NOTE} characters: shorten it")
    del work.state.promises[promise.n]
    note = f": {event.note.strip()}" if event.note.strip() else ""
    work.record("promise.kept", None, f"{_told(promise)}, kept by {event.by.strip()}{note}")
    is_over(work, NOT_KEPT, _subject(promise), f"{event.by.strip()} has kept it")
    return Answer(True)


def _told(promise: Promise) -> str:
    return f"promise {promise.n} of {promise.by}"


def _subject(promise: Promise) -> str:
    return f"promise {promise.n}"
