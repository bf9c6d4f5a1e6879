"""Suspensions and silences: what people state for a time, always with an end.

Stated, extended, ended by a person, or run out: each leaves a line in the record, and what ran out
without a person is told and counted. Life safety knows nothing of them.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple, TypeVar

import msgspec

from telecared.core import holding
from telecared.core.events import Silenced, SilenceEnded, Suspended, SuspensionEnded
from telecared.core.gaps import gap_of, moment_text, remember
from telecared.core.machinery import is_over, raise_technical
from telecared.core.state import Answer, HomeState, earliest
from telecared.core.stated import Silence, Suspension
from telecared.core.technical import FINDINGS
from telecared.core.vocabulary import DAY, Duration, Instant, Priority
from telecared.core.windows import duration_text
from telecared.core.work import Work

LONGEST_SUSPENSION: Final[Duration] = 90 * DAY
"""A home that is suspended for longer is one that everybody has forgotten."""

LONGEST_SILENCE: Final[Duration] = 7 * DAY
"""What is wrong for longer is repaired, or its rule is changed."""

MAX_SILENCES: Final = 32
"""Silences of one home that run at once."""


_Stated = TypeVar("_Stated", Suspension, Silence)


class Expiry(NamedTuple):
    """The instant at which a suspension or a silence runs out; `key` names it."""

    at: Instant
    key: str
    n: int
    silence: bool


def expiries(state: HomeState) -> Iterator[Expiry]:
    """Yield when each running suspension and silence runs out."""
    for suspension in state.suspensions.values():
        yield Expiry(suspension.until, f"suspension:{suspension.n}", suspension.n, False)
    for silence in state.silences.values():
        yield Expiry(silence.until, f"silence:{silence.n}", silence.n, True)


def expire(work: Work, expiry: Expiry) -> None:
    """End what has run out, and tell it."""
    if expiry.silence:
        _end_silence(work, work.state.silences[expiry.n], "it ran out")
        return
    suspension = work.state.suspensions[expiry.n]
    work.state.forgotten += 1
    _end_suspension(work, suspension, "it ran out, nobody had ended it")
    detail = f"{suspension.kind} ran out as suspension {suspension.n}, nobody had ended it"
    raise_technical(work, "suspension-ran-out", "", detail)


def fold(work: Work, event: Suspended | SuspensionEnded | Silenced | SilenceEnded) -> Answer:
    """Do what a person stated, or refuse it with a sentence."""
    if not event.by.strip():
        return Answer(False, "it names nobody who states it: say who, with --by")
    match event:
        case Suspended():
            return _suspend(work, event)
        case SuspensionEnded(by=by, suspension=n):
            suspensions = _chosen(work.state.suspensions, n)
            for suspension in suspensions:
                _end_suspension(work, suspension, f"ended by {by}")
            return _ended(work, "suspension", n, len(suspensions))
        case Silenced():
            return _silence(work, event)
    silences = _chosen(work.state.silences, event.silence)
    for silence in silences:
        _end_silence(work, silence, f"ended by {event.by}")
    return _ended(work, "silence", event.silence, len(silences))


def note_registered(work: Work) -> None:
    """End what was stated about a home that is deleted; under a new plan, look again."""
    if work.home.record is None:
        for suspension in _chosen(work.state.suspensions, 0):
            _end_suspension(work, suspension, "the home was deleted")
        for silence in _chosen(work.state.silences, 0):
            if not work.home.home.startswith("@"):
                _end_silence(work, silence, "the home was deleted")
    holding.release(work)


# --- suspensions --------------------------------------------------------------------------------


def _suspend(work: Work, event: Suspended) -> Answer:
    state = work.state
    problem = _problem_of_end(work, event.until, LONGEST_SUSPENSION, "a suspension")
    if work.home.record is None:
        problem = f"nobody lives in {work.home.home}: name a home that is registered"
    if problem:
        return Answer(False, problem)
    running = next((one for one in state.suspensions.values() if one.kind is event.kind), None)
    if event.extends:
        running = state.suspensions.get(event.extends)
        if running is None:
            return Answer(False, _not_running(work, "suspension", event.extends))
        if running.kind is not event.kind:
            return Answer(
                False, f"suspension {running.n} is {running.kind}: end it, and state {event.kind}"
            )
    until = moment_text(event.until, work.zone, work.offset, work.at)
    if running is None:
        n = state.next_suspension
        state.next_suspension = n + 1
        state.suspensions[n] = Suspension(
            n=n, kind=event.kind, since=work.at, until=event.until, by=event.by, note=event.note
        )
        what = f"suspension {n}, {event.kind} until {until}"
        is_over(work, "suspension-ran-out", "", f"{event.by} stated a new one")
    else:
        n = running.n
        state.suspensions[n] = msgspec.structs.replace(
            running, until=event.until, by=event.by, note=event.note or running.note
        )
        what = f"suspension {n}, {event.kind} now until {until}"
    state.conditions_due = earliest(state.conditions_due, event.until)
    if running is not None:
        # What was held back until the old end is held back until the new one.
        holding.release(work)
    work.record("suspension.begun", None, _stated(what, event.by, event.note))
    return Answer(True, what)


def _end_suspension(work: Work, suspension: Suspension, why: str) -> None:
    del work.state.suspensions[suspension.n]
    remember(work.state, gap_of(suspension, work.at))
    holding.release(work)
    reason = f"suspension {suspension.n}, {suspension.kind}: {why}"
    work.record("suspension.ended", None, reason)


# --- silences -----------------------------------------------------------------------------------


def _silence(work: Work, event: Silenced) -> Answer:
    state = work.state
    problem = _problem_of_end(work, event.until, LONGEST_SILENCE, "a silence")
    problem = problem or _problem_of_silence(work, event)
    about = (event.rule, event.device)
    running = next(
        (one for one in state.silences.values() if (one.rule, one.device) == about), None
    )
    if running is None and len(state.silences) >= MAX_SILENCES:
        problem = f"{MAX_SILENCES} silences run already: end some, or silence everything"
    if problem:
        return Answer(False, problem)
    shorter_or_longer = running is not None
    if running is None:
        n = state.next_suspension
        state.next_suspension = n + 1
        running = Silence(
            n=n, since=work.at, until=event.until, by=event.by, rule=event.rule,
            device=event.device,
        )  # fmt: skip
    state.silences[running.n] = msgspec.structs.replace(
        running, until=event.until, by=event.by, note=event.note or running.note
    )
    state.conditions_due = earliest(state.conditions_due, event.until)
    if shorter_or_longer:
        holding.release(work)
    until = moment_text(event.until, work.zone, work.offset, work.at)
    what = f"silence {running.n}, {_about(event.rule, event.device)} until {until}"
    work.record("silence.begun", None, _stated(what, event.by, event.note), rule=event.rule or None)
    return Answer(True, f"{what}; life safety is told all the same")


def _problem_of_silence(work: Work, event: Silenced) -> str:
    """Return why something cannot be silenced, or ""."""
    rule = next((one.rule for one in work.home.rules if one.name == event.rule), None)
    finding = FINDINGS.get(event.rule)
    if not event.rule:
        if work.home.home.startswith("@"):
            return f"{work.home.home} cannot be silenced altogether: name one rule"
    elif rule is None and finding is None:
        return f"no rule {event.rule} applies to {work.home.home}: `telecared check` names them"
    elif rule is not None and rule.priority is Priority.LIFE_SAFETY:
        return f"{event.rule} is life safety, which nothing silences"
    elif rule is None and finding is not None and finding.priority is not Priority.TECHNICAL:
        return f"{event.rule} is {finding.priority} and told whatever is silenced"
    if event.device and finding is None and event.device not in work.home.devices:
        return f"{work.home.home} has no device {event.device}"
    return ""


def _end_silence(work: Work, silence: Silence, why: str) -> None:
    del work.state.silences[silence.n]
    holding.release(work)
    times = "once" if silence.held == 1 else f"{silence.held} times"
    held = f", it held back {times}" if silence.held else ", it held back nothing"
    what = f"silence {silence.n}, {_about(silence.rule, silence.device)}: {why}{held}"
    work.record("silence.ended", None, what, rule=silence.rule or None)


def _about(rule: str, device: str) -> str:
    return f"{rule or 'everything'} of {device}" if device else rule or "everything"


# --- both ---------------------------------------------------------------------------------------


def _problem_of_end(work: Work, until: Instant, longest: Duration, what: str) -> str:
    """Return why something cannot end then, or ""."""
    if until <= work.at:
        # What lies before the first hour of 1970 may have no date that can be shown.
        first = until <= DAY
        shown = "1970" if first else moment_text(until, work.zone, work.offset, work.at)
        return f"{what} needs an end that is still to come, not {shown}"
    if until > work.at + longest:
        return f"{what} lasts {duration_text(longest)} at most: state an earlier end, and extend it"
    return ""


def _chosen(running: dict[int, _Stated], n: int) -> list[_Stated]:
    """Return the one with the number `n`, or all for 0."""
    return [one for one in running.values() if n in (0, one.n)]


def _ended(work: Work, what: str, n: int, ended: int) -> Answer:
    if ended:
        return Answer(True, f"{ended} ended" if ended > 1 else "")
    return Answer(False, _not_running(work, what, n))


def _not_running(work: Work, what: str, n: int) -> str:
    which = f"{what} {n}" if n else what
    command = "suspend" if what == "suspension" else "silence"
    return f"no {which} runs in {work.home.home}: `telecared {command} --list` shows them"


def _stated(what: str, by: str, note: str) -> str:
    return f"{what}, stated by {by}" + (f": {note}" if note else "")
