"""Which step of its policy an alert is in, when the next begins, and that the last one repeats.

An alert is never let go of here: each path ends with a deadline, a lease, or the monitoring centre
that is told again and again. One message to one person is `telling`; what becomes of it `receipts`.
"""

from typing import Final

import msgspec

from telecared.core.messages import alarm
from telecared.core.policy import MONITORING_CENTRE, Step
from telecared.core.state import Alert, earliest
from telecared.core.telling import (
    ON_ITS_WAY,
    channels_of,
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


def begin_step(work: Work, alert: Alert, index: int, why: str) -> Alert:
    """Begin a step and tell its recipients; pass on at once where it reaches nobody.

    The last step always stands, reached or not: its alert is in the centre's queue. What is only
    watched pages nobody, whatever becomes of it.
    """
    if alert.watch:
        return work.put(msgspec.structs.replace(alert, state=AlertState.OPEN))
    last = len(alert.policy.steps) - 1
    index = min(index, last)
    while True:
        step = alert.policy.steps[index]
        wait = _wait(work, alert, step, is_last=index == last)
        alert = msgspec.structs.replace(
            alert,
            step=index,
            turn=alert.turn + 1,
            next_at=work.told_at + wait,
            begins_at=None,
            state=AlertState.OPEN,
        )
        if index or alert.turn > 1:
            work.record("alert.escalated", alert, f"step {index + 1} of {last + 1}: {why}")
        alert, reached = _tell_step(work, alert, step)
        if reached or index == last:
            return work.put(alert)
        why = f"step {index + 1} reaches nobody now"
        index += 1


def _wait(work: Work, alert: Alert, step: Step, *, is_last: bool) -> Duration:
    if not is_last:
        return max(step.wait, SHORTEST_WAIT)
    repeat = work.home.plan.centre.repeat
    return max(repeat, SHORTEST_WAIT if presses(alert) else UNHURRIED_REPEAT)


def _tell_step(work: Work, alert: Alert, step: Step) -> tuple[Alert, bool]:
    reached = False
    for to in recipients(work, step.notify):
        if to in alert.declined and to != MONITORING_CENTRE:
            continue
        if to == MONITORING_CENTRE and work.home.plan.centre.sms is None:
            # Its queue is the centre: nothing is sent, and the alert stands there.
            reached = True
            continue
        for channel in channels_of(work, step, to):
            alert = tell(work, alert, to, channel, alarm(alert), pages=True)
            reached = True
    return alert, reached


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
        if other not in paged and other not in alert.declined:
            alert = tell(work, alert, other, Channel.SMS, alarm(alert), pages=False)
    return work.put(alert)


def alert_deadline(alert: Alert) -> Instant | None:
    """Return the next instant at which something must happen to an alert by itself.

    Before it begins, `next_at` is the instant at which it does.
    """
    if alert.watch:
        return None
    if alert.state is AlertState.ACKNOWLEDGED:
        return earliest(alert.lease_until, alert.update_by, alert.ages_at)
    receipts = (told.receipt_by for told in alert.told if told.state in ON_ITS_WAY)
    return earliest(alert.next_at, alert.ages_at, *receipts)
