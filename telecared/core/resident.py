"""The resident first: cancelling an alert in time, and asking a second sensor about it.

What a `cancel` means to alerts that wait for it, and what confirms and raises one. Which acts
answer is `second`; the life of an alert besides is `alerts` and `handling`.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec

from telecared.core import messages
from telecared.core.compile import CompiledRule
from telecared.core.conditions.base import Change, place
from telecared.core.escalation import begin_again
from telecared.core.leases import page_owner
from telecared.core.outcomes import concerned, resolve
from telecared.core.plan import Rule
from telecared.core.second import SecondSensor
from telecared.core.site import DRAINED_AT_LATEST
from telecared.core.state import Alert
from telecared.core.telling import inform
from telecared.core.vocabulary import (
    MINUTE,
    AlertState,
    Duration,
    Instant,
    Outcome,
    Priority,
)
from telecared.core.work import Work

RESIDENT: Final = "the resident"
"""By whom an alert is resolved that was cancelled in time."""

HELD_AT_MOST: Final[Duration] = 5 * MINUTE
"""Silence that may mean a life in danger waits no longer than this for a link that is down.

Other silence is judged when the link is back and what was kept for us has been read. The alert is
open and being told all the while: only its being raised waits.
"""


class Question(NamedTuple):
    """An alert whose second sensor's time is over at `at`.

    Attributes:
        asked_until: when it would have been over without an outage.
        absence: it judges silence, and is held until the session is drained.
    """

    at: Instant
    n: int
    rank: int
    asked_until: Instant
    absence: bool

    @property
    def key(self) -> str:
        """Names the deadline so that it can be set aside."""
        return f"confirm:{self.n}"


def note_change(work: Work, change: Change) -> None:
    """Let a change of a fact cancel or confirm alerts that wait for it.

    Called before the rules judge the change: what opens an alert neither cancels nor confirms it.
    """
    if change.property == "cancel":
        _cancel(work, change)
    for alert in tuple(work.state.alerts.values()):
        if alert.confirm_by is not None:
            _hear_answer(work, alert, change)


def _rule_of(work: Work, alert: Alert) -> CompiledRule | None:
    """Return an alert's rule as it is now; None when it is gone, or the machinery found it."""
    rules = (one for one in work.home.rules if one.name == alert.rule)
    return None if alert.key.startswith("!") else next(rules, None)


def _found_since(work: Work, alert: Alert) -> Instant:
    """Return when what the alert is about began: an act before it says nothing about it."""
    finding = work.state.findings.get(alert.key)
    known = finding is not None and finding.alert == alert.n
    return finding.since if finding is not None and known else alert.opened_at


# --- cancelling ---------------------------------------------------------------------------------


def _cancel(work: Work, change: Change) -> None:
    for alert in tuple(work.state.alerts.values()):
        if change.at < _found_since(work, alert):
            continue
        if alert.begins_at is not None and work.at < alert.begins_at and not _joined(work, alert):
            reason = f"{RESIDENT} cancelled it with {place(change.device)}"
            outcome = Outcome.FALSE_ACTIVATION
            resolve(work, alert, by=RESIDENT, outcome=outcome, reason=reason)
        elif alert.cancelled_at is None and _may_be_cancelled(work, alert):
            _note_cancelled(work, alert, change)


def _joined(work: Work, alert: Alert) -> bool:
    """Whether something else has joined the alert, which the resident cannot mean."""
    findings = work.state.findings.items()
    return any(one.alert == alert.n and key != alert.key for key, one in findings)


def _may_be_cancelled(work: Work, alert: Alert) -> bool:
    compiled = _rule_of(work, alert)
    return compiled is not None and work.at < alert.opened_at + compiled.rule.cancel_within


def _note_cancelled(work: Work, alert: Alert, change: Change) -> None:
    """Tell those who were told; the alert stays open for a person (promise P6)."""
    alert = msgspec.structs.replace(alert, cancelled_at=work.at)
    reason = f"{RESIDENT} cancelled with {place(change.device)}, still needs a person"
    work.record("alert.updated", alert, reason)
    for other in concerned(alert):
        text = messages.cancelled(alert)
        alert = inform(work, alert, other, text)
    work.put(alert)


# --- asking a second sensor ---------------------------------------------------------------------


def questions(work: Work) -> Iterator[Question]:
    """Yield when the second sensor's time is over, for every alert that waits for it."""
    site = work.site
    for alert in work.state.alerts.values():
        until = alert.confirm_by
        if until is None:
            continue
        rank = alert.priority.rank
        yield Question(max(until, site.released_at), alert.n, rank, until, absence=True)
        asked = _asked_by(work, alert)
        urgent = asked is not None and asked.second.priority is Priority.LIFE_SAFETY
        if asked is not None and urgent and asked.second.silence_confirms:
            # Both only ever move later, so that a bound on this deadline stays one.
            started = site.stops[-1][1] if site.stops else 0
            drained = site.connected_at + DRAINED_AT_LATEST
            latest = max(max(until, started) + HELD_AT_MOST, drained)
            yield Question(latest, alert.n, rank, until, absence=False)


def judge_silence(work: Work, question: Question) -> None:
    """Decide what it means that a second sensor has not been heard."""
    work.late = max(work.late, question.at - question.asked_until)
    alert = work.state.alerts[question.n]
    asked = _asked_by(work, alert)
    if asked is None:
        _not_confirmed(work, alert, "its rule asks no second sensor of this home any more")
    elif not asked.second.silence_confirms:
        _not_confirmed(work, alert, asked.second.silence)
    else:
        unheard = ", and nothing can be heard now" if work.site.held else ""
        _raise(work, alert, asked, f"{asked.second.silence}{unheard}")


class _Asked(NamedTuple):
    rule: Rule
    second: SecondSensor


def _asked_by(work: Work, alert: Alert) -> _Asked | None:
    """Return what an alert's rule, as it is now, asks; an edited rule takes over at once."""
    compiled = _rule_of(work, alert)
    if compiled is None or compiled.second is None:
        return None
    return _Asked(compiled.rule, compiled.second)


def _hear_answer(work: Work, alert: Alert, change: Change) -> None:
    """Take an act as the answer; of one in the same instant, what raises is believed."""
    asked = _asked_by(work, alert)
    if asked is None:
        return
    told = f"{place(change.device)} told {change.property}: {change.after}"
    if change.at >= _found_since(work, alert) and asked.second.confirms(work.view, change):
        _raise(work, alert, asked, told)
    elif change.at > alert.opened_at and asked.second.refutes(work.view, change):
        _not_confirmed(work, alert, told)


def _not_confirmed(work: Work, alert: Alert, why: str) -> None:
    alert = work.put(msgspec.structs.replace(alert, confirm_by=None))
    work.record("alert.updated", alert, f"not confirmed: {why}")


def _raise(work: Work, alert: Alert, asked: _Asked, why: str) -> None:
    """Raise a confirmed alert and tell it anew; whoever holds it must answer for it again."""
    before = alert.priority
    priority = min(before, asked.second.priority, key=lambda one: one.rank)
    alert = msgspec.structs.replace(
        messages.confirmed(alert, work.reader),
        priority=priority,
        policy=work.policy(asked.rule, priority),
        step=0,
        declined=(),
        confirm_by=None,
    )
    changed = "" if priority is before else f", raised from {before} to {priority}"
    reason = f"confirmed{changed}: {why}"
    held = alert.state is AlertState.ACKNOWLEDGED
    if alert.watch or held or not alert.turn:
        work.record("alert.escalated", alert, reason)
    if alert.watch:
        work.put(alert)
    elif held:
        page_owner(work, alert, messages.answer_soon(alert))
    else:
        begin_again(work, alert, 0, reason)
