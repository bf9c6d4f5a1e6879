"""Faults that nobody mends: told again and louder day by day, until mended or planned for.

People have died of equipment that was known to be dead. What a rule says of it is `plan.Ageing`;
here is what time does to an open fault, and the interim plan that lets it rest for a while.
"""

from typing import Final

import msgspec

from telecared.core import messages
from telecared.core.alert_commands import InterimPlanned
from telecared.core.escalation import begin_again
from telecared.core.facts import LIFE_SAFETY_KINDS
from telecared.core.gaps import moment_text
from telecared.core.plan import Ageing, Device, Rule
from telecared.core.state import Alert, Answer
from telecared.core.stated import Going, Handled
from telecared.core.telling import inform, told_contacts, withdraw_unsent
from telecared.core.vocabulary import DAY, AlertState, DeviceKind, Duration, Instant, Mode
from telecared.core.windows import duration_text
from telecared.core.work import Work

LONGEST_PLAN: Final[Duration] = 90 * DAY
"""No interim plan lets a fault rest for longer: what takes a quarter of a year is no interim."""

LONGEST_PLAN_NOTE: Final = 2_000
"""Characters of what is done meanwhile."""

_LIVES_DEPEND_ON: Final = LIFE_SAFETY_KINDS | {DeviceKind.ALARM_UNIT}


def ages_with(rule: Rule, device: Device | None) -> Ageing | None:
    """Return how what a rule finds about a device ages, or None when it does not.

    What is found about the home as a whole is about no device on which a life depends.
    """
    ages = rule.ages
    if ages is None or rule.mode is not Mode.PAGE:
        return None
    if ages.of == "life_safety" and (device is None or device.kind not in _LIVES_DEPEND_ON):
        return None
    return ages


def first_at(work: Work, ages: Ageing | None) -> Instant | None:
    """Return when an alert that opens now is told again for its age."""
    return None if ages is None else _by_day(work, ages, work.at + ages.every)


def _by_day(work: Work, ages: Ageing, due: Instant) -> Instant:
    """Return the first instant from `due` on at which the home's clock lets an old fault be told.

    Hours that never come hold nothing back.
    """
    opens, _ = next(work.view.pieces(ages.between, due), (due, due))
    return max(opens, due)


def grow_old(work: Work, alert: Alert) -> Alert:
    """Tell a fault anew that is not mended: whoever holds it, whoever has planned for it.

    From the first time on it has at least the stated priority, and the home's own policy. What was
    missed while we did not run is told once, and by day.
    """
    ages = alert.ages
    assert ages is not None  # without it there is no `ages_at`
    by_day = _by_day(work, ages, work.told_at)
    if by_day > work.told_at and alert.planned_until is None:
        # We did not run, or the clock was changed: it is night now. A plan ends when it was said.
        return work.put(msgspec.structs.replace(alert, ages_at=by_day))
    age = work.told_at - alert.opened_at
    lasted = _days(age)
    why = f"not mended for {lasted}"
    if alert.planned_until is not None:
        why = f"{alert.owner}'s interim plan has ended, and it is {why}"
    held, owner = alert.state is AlertState.ACKNOWLEDGED, alert.owner_contact
    raised = ages.priority.rank < alert.priority.rank
    priority = ages.priority if raised else alert.priority
    older = msgspec.structs.replace(
        messages.aged(alert, work.reader, lasted),
        priority=priority,
        aged_from=alert.priority if raised else alert.aged_from,
        policy=work.policy(None, priority),
        ages_at=_by_day(work, ages, alert.opened_at + (age // ages.every + 1) * ages.every),
        planned_until=None,
        declined=(),
        group=0,  # it is told by itself from now on
        state=AlertState.OPEN,
        owner=None,
        owner_contact=None,
        lease_until=None,
        update_by=None,
        going=(),
        handled=Handled(),
    )
    if held:
        work.record("alert.lapsed", older, why, to=owner)
    now = f"; now {older.priority} instead of {alert.priority}" if raised else ""
    work.record("alert.aged", older, f"{why}{now}", text=older.text)
    return begin_again(work, older, 0, why)


def plan_for(work: Work, alert: Alert, event: InterimPlanned) -> Answer:
    """Let a fault rest that somebody has planned for; they have it until the plan ends."""
    problem = _problem_of(work, alert, event)
    if problem is not None:
        return Answer(False, problem)
    others = told_contacts(alert) if alert.state is AlertState.OPEN else [alert.owner_contact or ""]
    alert = msgspec.structs.replace(
        withdraw_unsent(work, alert),
        state=AlertState.ACKNOWLEDGED,
        owner=event.by,
        owner_contact=None,
        going=(Going(None, event.by, work.at, event.until, for_all=True),),
        handled=Handled(),
        lease_until=event.until,
        ages_at=event.until,
        planned_until=event.until,
        next_at=None,
        begins_at=None,
        update_by=None,
    )
    until = moment_text(event.until, work.zone, work.offset, work.at)
    work.record("alert.planned", alert, f"{event.by}, until {until}: {event.note.strip()}")
    for other in filter(None, others):
        text = messages.planned(event.by, until, alert)
        alert = inform(work, alert, other, text)
    work.put(alert)
    return Answer(True)


def _problem_of(work: Work, alert: Alert, event: InterimPlanned) -> str | None:
    if alert.ages is None:
        return (
            f"{work.home.home}/{alert.n} does not age, and an interim plan is for a fault that is"
            " told every day: acknowledge, snooze or resolve it"
        )
    if not event.note.strip():
        return "say in a note what keeps the resident safe until then: --note"
    if len(event.note) > LONGEST_PLAN_NOTE:
        return f"the note is longer than {LONGEST_PLAN_NOTE} characters: shorten it"
    if event.until <= work.at:
        return "its end is not in the future: name a later one"
    if event.until > work.at + LONGEST_PLAN:
        return f"an interim plan lasts for at most {duration_text(LONGEST_PLAN)}"
    return None


def young_again(work: Work, alert: Alert) -> Alert:
    """Give a fault that is over the priority that it had before it aged.

    Only its age was urgent: what is mended may close by itself as its rule says (promise P2).
    """
    if alert.aged_from is None:
        return alert
    younger = msgspec.structs.replace(alert, priority=alert.aged_from, aged_from=None)
    work.record("alert.updated", younger, f"mended: {younger.priority} again")
    return work.put(younger)


def without_age(alert: Alert, latest: Instant) -> Alert:
    """Return an alert whose rule has become more dangerous than a fault: it ages no more.

    Whoever planned for the fault has it at most until `latest`.
    """
    planned = alert.planned_until is not None and alert.lease_until is not None
    lease = min(alert.lease_until or latest, latest) if planned else alert.lease_until
    return msgspec.structs.replace(
        alert, ages=None, ages_at=None, planned_until=None, aged_from=None, lease_until=lease
    )


def without_plan(work: Work, alert: Alert) -> Alert:
    """Return an alert whose interim plan has ended early: a fault is told again as it ages."""
    if alert.planned_until is None or alert.ages is None:
        return alert
    every = alert.ages.every
    due = alert.opened_at + ((work.told_at - alert.opened_at) // every + 1) * every
    ages_at = _by_day(work, alert.ages, due)
    return msgspec.structs.replace(alert, planned_until=None, ages_at=ages_at)


def _days(age: Duration) -> str:
    days = age // DAY
    return f"{days} day{'s' if days > 1 else ''}" if days else duration_text(age)
