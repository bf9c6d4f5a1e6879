"""What becomes of a message to a person: receipts fold in, failures move an alert on early.

Late, repeated and disordered reports do no harm. Which step follows is `escalation`.
"""

from typing import Final

import msgspec

from telecared.core.escalation import advance
from telecared.core.state import Alert, Told, earliest
from telecared.core.telling import FAILED, ON_ITS_WAY, is_given_up, presses
from telecared.core.vocabulary import MINUTE, SECOND, AlertState, Duration, NotificationState
from telecared.core.work import Work

CENTRE_RETRY: Final[Duration] = 30 * SECOND
"""When every message to the last step failed, it is told again after this, not after its wait."""

UNHURRIED_RETRY: Final[Duration] = 15 * MINUTE
"""The same for what is routine or technical: a wrong number is not paid for every half minute."""


def report(work: Work, alert: Alert, k: int, state: NotificationState, reason: str) -> Alert:
    """Fold a report on one notification; late, repeated and disordered ones do no harm."""
    told = next((told for told in alert.told if told.k == k), None)
    if told is None or not _is_progress(told, state):
        return alert
    receipt_by = told.receipt_by if state in ON_ITS_WAY else None
    newer = msgspec.structs.replace(told, state=state, receipt_by=receipt_by)
    alert = _replace_told(alert, newer)
    work.record(f"notification.{state}", alert, reason, to=told.to, channel=told.channel)
    work.put(alert)
    if state in FAILED and told.pages:
        return after_failure(work, alert)
    return alert


def _is_progress(told: Told, state: NotificationState) -> bool:
    if told.state in ON_ITS_WAY:
        return not (told.state is state or state is NotificationState.QUEUED)
    # A message given up for lack of a receipt may still turn out to have arrived: that is worth
    # knowing, although nothing follows from it.
    return is_given_up(told) and state is NotificationState.DELIVERED


def _replace_told(alert: Alert, newer: Told) -> Alert:
    told = tuple(newer if one.k == newer.k else one for one in alert.told)
    return msgspec.structs.replace(alert, told=told)


def after_failure(work: Work, alert: Alert) -> Alert:
    """Move on early when everybody in the running step has failed or declined (promise P5).

    Of an alert that somebody holds, and whose repeat did not reach them, the lease ends at once.
    """
    if alert.state is AlertState.ACKNOWLEDGED and alert.update_by is not None:
        pages = [told for told in alert.told if told.pages]
        if pages and pages[-1].state in FAILED:
            return work.put(msgspec.structs.replace(alert, update_by=work.at))
    if alert.state is not AlertState.OPEN or not everyone_is_out(alert):
        return alert
    if alert.step == len(alert.policy.steps) - 1:
        retry = CENTRE_RETRY if presses(alert) else UNHURRIED_RETRY
        sooner = earliest(alert.next_at, work.at + retry)
        return work.put(msgspec.structs.replace(alert, next_at=sooner))
    return advance(work, alert, "nobody of the step before can be reached or can go")


def everyone_is_out(alert: Alert) -> bool:
    """Whether each person told in the running step has declined, or every message failed."""
    present = [told for told in alert.told if told.turn == alert.turn and told.pages]
    return bool(present) and all(
        told.state in FAILED or told.to in alert.declined for told in present
    )


def give_up_receipts(work: Work, alert: Alert) -> Alert:
    """Count notifications without a receipt in time as failed; the state keeps `receipt_by`."""
    for told in alert.told:
        overdue = told.receipt_by is not None and told.receipt_by <= work.at
        if overdue and told.state in ON_ITS_WAY:
            given_up = msgspec.structs.replace(told, state=NotificationState.FAILED)
            alert = _replace_told(alert, given_up)
            work.record(
                "notification.failed",
                alert,
                "no receipt in time",
                to=told.to,
                channel=told.channel,
            )
    return work.put(alert)
