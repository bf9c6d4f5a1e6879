"""Which step of its policy an alert is in, who is next, and that the last step repeats.

An alert is never let go of here: each path ends with a deadline, a lease, or the monitoring centre
that is told again and again. One message to one person is `telling`; what becomes of it `receipts`;
what happens when the centre does not answer `centre`.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from telecared.core.centre import stands_there
from telecared.core.goers import goes
from telecared.core.grouped import wording
from telecared.core.messages import alarm
from telecared.core.policy import MONITORING_CENTRE, Step
from telecared.core.state import Alert, earliest
from telecared.core.telling import (
    ON_ITS_WAY,
    address_of,
    channels_of,
    inform,
    presses,
    recipients,
    tell,
    told_contacts,
)
from telecared.core.vocabulary import HOUR, SECOND, AlertState, Channel, Duration, Instant
from telecared.core.work import Work

SHORTEST_WAIT: Final[Duration] = 5 * SECOND
"""No step ends sooner, whatever a policy says: a policy without waits must not spin."""

UNHURRIED_REPEAT: Final[Duration] = HOUR
"""How often the last step is told again of what is routine or technical: a low battery that pages
a centre every three minutes teaches it not to look."""


def begin_step(work: Work, alert: Alert, index: int, why: str, *, told: int = 1) -> Alert:
    """Begin a step and tell its recipients; pass on at once where it reaches nobody.

    The last step always stands, reached or not: its alert is in the centre's queue. What is only
    watched pages nobody, whatever becomes of it. `told` is how often the step is told with this.
    """
    if alert.watch:
        return work.put(msgspec.structs.replace(alert, state=AlertState.OPEN))
    last = len(alert.policy.steps) - 1
    index = min(index, last)
    while True:
        step = alert.policy.steps[index]
        alert = msgspec.structs.replace(
            alert,
            step=index,
            turn=alert.turn + 1,
            round=told,
            waiting=tuple(recipients(work, step.notify)),
            next_at=work.told_at + _wait(work, alert, step, is_last=index == last),
            begins_at=None,
            state=AlertState.OPEN,
            handled=msgspec.structs.replace(alert.handled, unanswered=()),
        )
        if index or alert.turn > 1:
            work.record("alert.escalated", alert, f"step {index + 1} of {last + 1}: {why}")
        alert, reached = _tell_waiting(work, alert)
        if index == last:
            alert = stands_there(work, alert)
            alert = alert if reached else tell_centre_instead(work, alert)
        if reached or index == last:
            return work.put(alert)
        why = f"step {index + 1} reaches nobody now"
        index, told = index + 1, 1


def _wait(work: Work, alert: Alert, step: Step, *, is_last: bool) -> Duration:
    if not is_last:
        return max(step.wait, SHORTEST_WAIT)
    repeat = work.home.plan.centre.repeat
    return max(repeat, SHORTEST_WAIT if presses(alert) else UNHURRIED_REPEAT)


def _apart(step: Step) -> Duration:
    return max(step.apart, SHORTEST_WAIT) if step.apart else 0


def _tell_waiting(work: Work, alert: Alert) -> tuple[Alert, bool]:
    """Tell the next of the running step, or all of them where they are not told apart.

    Returns:
        the alert, and whether a person or the centre was reached: another program is no person.
    """
    step = alert.policy.steps[alert.step]
    is_last = alert.step == len(alert.policy.steps) - 1
    reached = False
    while alert.waiting and not (reached and step.apart):
        to, *others = alert.waiting
        alert = msgspec.structs.replace(alert, waiting=tuple(others))
        if to != MONITORING_CENTRE and (to in alert.declined or goes(work, alert, to)):
            continue
        before = alert.notified
        for channel in _new_channels(work, alert, step, to):
            alert = tell(work, alert, to, channel, wording(work, alert), pages=True)
        # Without a number its queue is the centre: nothing is sent, and the alert stands there.
        if to == MONITORING_CENTRE:
            alert = stands_there(work, alert)
            reached = True
        reached = reached or (alert.notified > before and to not in work.home.systems)
    if reached:
        # The step's time counts from the last person; until then it is the next one's turn.
        wait = _apart(step) if alert.waiting else _wait(work, alert, step, is_last=is_last)
        alert = msgspec.structs.replace(alert, next_at=work.told_at + wait)
    return alert, reached


def tell_centre_instead(work: Work, alert: Alert) -> Alert:
    """Tell the centre where a policy ends at others and none of them can be told.

    Whoever is on duty on a rota may have a dead phone: its hours are proved, its people are not.
    """
    step = alert.policy.steps[alert.step]
    for channel in _new_channels(work, alert, step, MONITORING_CENTRE):
        alert = tell(work, alert, MONITORING_CENTRE, channel, wording(work, alert), pages=True)
    return alert


def _new_channels(work: Work, alert: Alert, step: Step, to: str) -> Iterator[Channel]:
    """Yield the channels by which this telling of the step has not reached this address yet."""
    known = {
        (told.channel, address_of(work, told.to, told.channel))
        for told in alert.told
        if told.pages and told.turn == alert.turn
    }
    for channel in channels_of(work, step.by, to):
        if (channel, address_of(work, to, channel)) not in known:
            yield channel


def go_on(work: Work, alert: Alert, why: str) -> Alert:
    """Tell the next of the running step; when nobody is left, tell it again or go on to the next.

    For when the time of whoever was told last is over.
    """
    if alert.waiting:
        alert = tell_next(work, alert)
        if alert.next_at is not None and alert.next_at > work.told_at:
            return alert
    if alert.round < alert.policy.steps[alert.step].repeat:
        return begin_step(work, alert, alert.step, why, told=alert.round + 1)
    return advance(work, alert, why)


def tell_next(work: Work, alert: Alert) -> Alert:
    """Tell the next of the running step; nobody waits any more when none of them can be told."""
    alert, reached = _tell_waiting(work, alert)
    if not reached:
        # The step's wait counts from the person before, whose time was to be `apart`.
        step = alert.policy.steps[alert.step]
        is_last = alert.step == len(alert.policy.steps) - 1
        more = _wait(work, alert, step, is_last=is_last) - _apart(step)
        since = max(alert.next_at or work.told_at, work.told_at)
        alert = msgspec.structs.replace(alert, next_at=since + more)
    return work.put(alert)


def advance(work: Work, alert: Alert, why: str) -> Alert:
    """Go on to the next step, or tell the last one again."""
    return begin_step(work, alert, alert.step + 1, why)


def begin_again(work: Work, alert: Alert, index: int, why: str) -> Alert:
    """Begin a step anew, and tell those too who were told in other steps and can go.

    What they read last is no longer the whole truth.
    """
    before = told_contacts(alert)
    alert = begin_step(work, alert, index, why)
    paged = {told.to for told in alert.told if told.pages and told.turn == alert.turn}
    for other in before:
        if not ({other} & (paged | set(alert.declined) | set(alert.waiting))):
            alert = inform(work, alert, other, alarm(alert))
    return work.put(alert)


def alert_deadline(alert: Alert) -> Instant | None:
    """Return the next instant at which something must happen to an alert by itself.

    Before it begins, `next_at` is the instant at which it does.
    """
    if alert.watch:
        return None
    receipts = (told.receipt_by for told in alert.told if told.state in ON_ITS_WAY)
    if alert.state is AlertState.ACKNOWLEDGED:
        ends = earliest(alert.lease_until, alert.update_by, alert.ages_at, alert.handled.ask_at)
        # Whoever was handed it must be reached; who has answered needs no receipt any more.
        return earliest(ends, *(receipts if alert.handled.handover else ()))
    words = (one.until for one in alert.going)
    asks = (alert.page_at, alert.handled.ask_at)
    return earliest(alert.next_at, alert.ages_at, *asks, *words, *receipts)
