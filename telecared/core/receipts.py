"""What becomes of a message to a person: receipts fold in, failures move an alert on early.

Late, repeated and disordered reports do no harm. Which step follows is `escalation`.
"""

from typing import Final

import msgspec

from telecared.core.centre import page_supervisor
from telecared.core.escalation import advance, go_on, tell_centre_instead, tell_next
from telecared.core.state import Alert, Told, earliest
from telecared.core.telling import ANY_CHANNEL, FAILED, ON_ITS_WAY, is_given_up, presses
from telecared.core.vocabulary import (
    MINUTE,
    SECOND,
    AlertState,
    Channel,
    Duration,
    NotificationState,
)
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
    if told.pages and comes_to_nothing(alert, newer):
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

    Where people are told one after another, the next is told when the one before is out.
    Of an alert that somebody holds, and whose repeat did not reach them, the lease ends at once.
    """
    if alert.state is AlertState.ACKNOWLEDGED:
        last = next((told for told in reversed(alert.told) if told.pages), None)
        if last is None or not comes_to_nothing(alert, last):
            return alert
        if alert.update_by is not None or last.k == alert.handled.handover:
            return work.put(msgspec.structs.replace(alert, update_by=work.at))
    while alert.state is AlertState.OPEN and alert.waiting and _last_is_out(alert):
        alert = tell_next(work, alert)
    if alert.state is not AlertState.OPEN or alert.waiting or not everyone_is_out(alert):
        return alert
    if alert.step == len(alert.policy.steps) - 1:
        before = alert.notified
        alert = work.put(tell_centre_instead(work, alert))
        if alert.notified > before:
            return alert
        retry = CENTRE_RETRY if presses(alert) else UNHURRIED_RETRY
        sooner = earliest(alert.next_at, work.at + retry)
        return work.put(msgspec.structs.replace(alert, next_at=sooner))
    return advance(work, alert, "nobody of the step before can be reached or can go")


def everyone_is_out(alert: Alert) -> bool:
    """Whether each person told in the running step has declined, or every message failed.

    So has whoever was rung by hand and did not answer: they are told again like anybody else. What
    another program is told says nothing of anybody who could go.
    """
    return _are_out(alert, _present(alert))


def _last_is_out(alert: Alert) -> bool:
    """Whether the person told last in the running step has declined, or every message failed."""
    present = _present(alert)
    return _are_out(alert, [told for told in present if told.to == present[-1].to])


def _present(alert: Alert) -> list[Told]:
    return [
        told
        for told in alert.told
        if told.turn == alert.turn and told.pages and told.channel in ANY_CHANNEL
    ]


def _are_out(alert: Alert, present: list[Told]) -> bool:
    going = (one.contact for one in alert.going)
    asked_no_more = {*alert.declined, *alert.handled.unanswered, *going}
    return bool(present) and all(
        comes_to_nothing(alert, told) or told.to in asked_no_more for told in present
    )


def comes_to_nothing(alert: Alert, told: Told) -> bool:
    """Whether a message brings nobody: it failed, or a call went through and no key was pressed.

    A key would have taken the alert, or declined it; a voicemail presses none. Where a missing
    receipt does not count as a failure, neither does such a call: the step's wait runs on.
    """
    unanswered = told.channel is Channel.VOICE and told.state is NotificationState.DELIVERED
    return told.state in FAILED or (unanswered and presses(alert))


def open_due(work: Work, alert: Alert) -> None:
    """Do what the deadline of an open alert asks for: a page, a missing receipt, the next step."""
    if alert.page_at is not None and alert.page_at <= work.at:
        alert = page_supervisor(work, alert)
    alert = give_up_receipts(work, alert)
    alert = after_failure(work, alert)
    if alert.next_at is not None and alert.next_at <= work.at:
        go_on(work, alert, "nobody has acknowledged it in time")


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
