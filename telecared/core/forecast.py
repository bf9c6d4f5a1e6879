"""What becomes of an alert by itself: who is told next, and when it reaches the monitoring centre.

The core's own escalation, walked on a copy of the home's state until then. It supposes that nobody
answers and that what is written arrives: the times are the latest ones. The rules are not asked.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from telecared.core import handling, resident
from telecared.core.compile import HomePlan
from telecared.core.escalation import alert_deadline
from telecared.core.goers import expired
from telecared.core.policy import MONITORING_CENTRE
from telecared.core.site import SiteFacts
from telecared.core.state import Alert, HomeState, Told
from telecared.core.telling import ON_ITS_WAY
from telecared.core.vocabulary import AlertState, Channel, Instant, NotificationState
from telecared.core.work import Work

MAX_WALK: Final = 300
"""Deadlines that a forecast looks ahead at most."""

DEFAULT_MOST: Final = 8
"""Things to come that are listed unless somebody asks for more."""


class What(StrEnum):
    """What happens to an alert at a deadline.

    First what ends, then who is told because of it.
    """

    CANCEL_ENDS = "cancel_ends"
    TOLD_TOGETHER = "told_together"
    CONFIRM_DUE = "confirm_due"
    LEASE_LAPSES = "lease_lapses"
    ANSWER_DUE = "answer_due"
    WORD_LAPSES = "word_lapses"
    ASKS_OUTCOME = "asks_outcome"
    RECEIPT_DUE = "receipt_due"
    AGES = "ages"
    NEXT_PERSON = "next_person"
    TOLD_AGAIN = "told_again"
    NEXT_STEP = "next_step"
    CENTRE = "centre"
    CENTRE_AGAIN = "centre_again"
    SUPERVISOR = "supervisor"


class Coming(NamedTuple):
    """One thing that happens to an alert unless somebody does something before.

    Attributes:
        at: engine time, microseconds UTC; past where the engine has not come to it yet.
        to: ids of those who are told; of what lapses, whose it is.
        names: their names, in the same order. Personal data.
        channels: by which they are told; none where nothing is sent.
        step: of its policy, 1 for the first.
    """

    at: Instant
    what: What
    to: tuple[str, ...]
    names: tuple[str, ...]
    channels: tuple[Channel, ...]
    step: int


class Forecast(NamedTuple):
    """What becomes of an alert by itself.

    Attributes:
        at_centre: when it reaches the centre at the latest, or since when it stands there; None
            when it never does, or nobody can foresee it.
    """

    coming: tuple[Coming, ...]
    at_centre: Instant | None


def forecast(
    home: HomePlan, state: HomeState, site: SiteFacts, n: int, *, most: int = DEFAULT_MOST
) -> Forecast:
    """Return what comes next for an unresolved alert, in order, and when it reaches the centre.

    Args:
        home: the compiled plan in force.
        state: of the home, which is not changed.
        site: what all homes share.
        n: the alert's number in the home.
        most: how many things to come are listed.

    Raises:
        KeyError: the home has no such unresolved alert.
    """
    walk = _Walk(home, state, site, n)
    steps = walk.steps()
    coming: list[Coming] = []
    at_centre = walk.at_centre
    while at_centre is None or len(coming) < most:
        found = next(steps, None)
        if found is None:
            break
        coming += found
        at_centre = walk.at_centre if at_centre is None else at_centre
    return Forecast(tuple(coming[:most]), at_centre)


def reaches_centre(home: HomePlan, state: HomeState, site: SiteFacts, n: int) -> Instant | None:
    """Return when an unresolved alert reaches the centre at the latest (`Forecast.at_centre`).

    Raises:
        KeyError: the home has no such unresolved alert.
    """
    return forecast(home, state, site, n, most=0).at_centre


def name_of(home: HomePlan, to: str) -> str:
    """Return the name by which people know a recipient; the id of what has none."""
    if to == MONITORING_CENTRE:
        return home.plan.centre.name
    person = home.contacts.get(to) or home.people.get(to)
    return to if person is None else person.name


class _Due(NamedTuple):
    """A deadline: as `step` orders them; `asked` where a second sensor's time is over."""

    at: Instant
    rank: int
    key: str
    n: int
    asked: resident.Question | None = None


def _order(due: _Due) -> tuple[Instant, int, str]:
    return due.at, due.rank, due.key


class _Walk:
    """An alert, and what is told with it, on its way through its deadlines."""

    def __init__(self, home: HomePlan, state: HomeState, site: SiteFacts, n: int) -> None:
        alert = state.alerts[n]
        own = state.clone()
        own.alerts = {
            one.n: one
            for one in state.alerts.values()
            if one.n == n or (alert.group and one.group == alert.group)
        }
        self._n = n
        self._work = Work(own, home, site)
        self._suppose_delivered()

    @property
    def at_centre(self) -> Instant | None:
        """Since when it stands at the centre, as far as the walk has come."""
        alerts = self._work.state.alerts
        alert = alerts[self._n]
        leader = alerts.get(alert.group, alert)
        return leader.centre_at if alert.centre_at is None else alert.centre_at

    def steps(self) -> Iterator[list[Coming]]:
        """Yield what each deadline brings, until there is none any more."""
        for _ in range(MAX_WALK):
            due = min(self._dues(), key=_order, default=None)
            if due is None:
                return
            yield self._fired(due)

    def _dues(self) -> Iterator[_Due]:
        work = self._work
        for alert in work.state.alerts.values():
            at = alert_deadline(alert)
            if at is not None and f"alert:{alert.n}" not in work.state.broken:
                yield _Due(at, alert.priority.rank, f"alert:{alert.n}", alert.n)
        for asked in resident.questions(work):
            if not (asked.absence and work.site.held) and asked.key not in work.state.broken:
                yield _Due(asked.at, asked.rank, asked.key, asked.n, asked)

    def _fired(self, due: _Due) -> list[Coming]:
        """Let a deadline come, and return what people notice of it."""
        work = self._work
        work.at = work.state.at = max(due.at, work.state.at)
        work.late = work.site.late(due.at)
        known = dict(work.state.alerts)
        if due.asked is None:
            ends = _ends(known[due.n], work.at)
            handling.alert_due(work, known[due.n])
        else:
            ends = What.CONFIRM_DUE
            resident.judge_silence(work, due.asked)
        # Of what was told together, one alert stands for all.
        own = work.state.alerts[self._n]
        after = work.state.alerts.get(own.group, own)
        before = known[after.n]
        if due.n not in (own.n, after.n):
            ends = None
        if ends is None and known[own.n].group and after.turn > before.turn == 0:
            ends = What.TOLD_TOGETHER
        pages = [page for page in after.told if page.k > before.notified and page.pages]
        self._suppose_delivered()
        found = list(self._told(due.at, before, after, pages))
        if ends is not None and (found or ends is not What.RECEIPT_DUE):
            whose = _whose(known[due.n], ends, work.at)
            to, names = tuple(to for to, _ in whose), tuple(name for _, name in whose)
            found.insert(0, Coming(due.at, ends, to, names, (), after.step + 1))
        return found

    def _told(
        self, at: Instant, before: Alert, after: Alert, pages: Sequence[Told]
    ) -> Iterator[Coming]:
        """Yield who is paged: the supervisor, and those of a step."""
        if after.paged > before.paged:
            supervisors = [page for page in pages if not page.turn]
            yield self._coming(at, What.SUPERVISOR, after, supervisors)
        others = [page for page in pages if page.turn]
        reached = after.centre_at is not None and before.centre_at is None
        if others or reached or after.turn > before.turn:
            yield self._coming(at, _telling(before, after, reached=reached), after, others)

    def _coming(self, at: Instant, what: What, alert: Alert, pages: Sequence[Told]) -> Coming:
        to = tuple(dict.fromkeys(page.to for page in pages)) or (MONITORING_CENTRE,)
        names = tuple(name_of(self._work.home, one) for one in to)
        channels = tuple(dict.fromkeys(page.channel for page in pages))
        return Coming(at, what, to, names, channels, alert.step + 1)

    def _suppose_delivered(self) -> None:
        """Have everything arrive that is written; of a call nothing is known until its receipt."""
        alerts = self._work.state.alerts
        for alert in alerts.values():
            if any(map(_will_arrive, alert.told)):
                told = tuple(_arrived(one) if _will_arrive(one) else one for one in alert.told)
                alerts[alert.n] = msgspec.structs.replace(alert, told=told)


def _will_arrive(told: Told) -> bool:
    return told.state in ON_ITS_WAY and told.channel is not Channel.VOICE


def _arrived(told: Told) -> Told:
    return msgspec.structs.replace(told, state=NotificationState.DELIVERED, receipt_by=None)


def _ends(alert: Alert, at: Instant) -> What | None:
    """Return what it is that ends at an alert's deadline, in the order in which it is looked at."""
    held = alert.state is AlertState.ACKNOWLEDGED
    ends = (
        (What.AGES, alert.ages_at),
        (What.ASKS_OUTCOME, alert.handled.ask_at),
        (What.ANSWER_DUE, alert.update_by if held else None),
        (What.LEASE_LAPSES, alert.lease_until if held else None),
        (What.CANCEL_ENDS, alert.begins_at),
        (What.WORD_LAPSES, min((one.until for one in alert.going), default=None)),
        (What.RECEIPT_DUE, min((one.receipt_by for one in alert.told
                                if one.receipt_by and one.state in ON_ITS_WAY), default=None)),
    )  # fmt: skip
    return next((what for what, by in ends if by is not None and by <= at), None)


def _whose(alert: Alert, ends: What, at: Instant) -> Sequence[tuple[str, str]]:
    """Return id and name of those whose word, call or hold it is that ends."""
    if ends in (What.LEASE_LAPSES, What.ANSWER_DUE):
        return [(alert.owner_contact or "", alert.owner or "")]
    if ends is What.WORD_LAPSES:
        return [(one.contact or "", one.by) for one in expired(alert, at)]
    if ends is What.ASKS_OUTCOME:
        arrived = (one for one in alert.going if one.arrived is not None)
        return [(one.contact or "", one.by) for one in arrived]
    return ()


def _telling(before: Alert, after: Alert, *, reached: bool) -> What:
    """Return as what people are told who are paged for an alert."""
    if reached:
        return What.CENTRE
    if after.turn == before.turn:
        return What.NEXT_PERSON if after.state is AlertState.OPEN else What.TOLD_AGAIN
    if after.step != before.step or not before.turn:
        return What.NEXT_STEP
    is_last = after.step == len(after.policy.steps) - 1
    return What.CENTRE_AGAIN if is_last else What.TOLD_AGAIN
