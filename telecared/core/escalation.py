"""Whom an alert is told to, in what order, and when the next is told.

The running step, its recipients, receipts and failures. An alert is never let go of here: each
path ends with a deadline, a lease, or the monitoring centre that is told again and again.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from telecared.core.effects import Notify, Withdraw
from telecared.core.messages import stand_in
from telecared.core.plan import MONITORING_CENTRE, Step
from telecared.core.state import Alert, Told, earliest
from telecared.core.vocabulary import (
    HOUR,
    MINUTE,
    SECOND,
    AlertState,
    Channel,
    Duration,
    Instant,
    NotificationState,
    Priority,
)
from telecared.core.windows import inside
from telecared.core.work import Work

SHORTEST_WAIT: Final[Duration] = 5 * SECOND
"""No step ends sooner, whatever a policy says: a policy without waits must not spin."""

CENTRE_RETRY: Final[Duration] = 30 * SECOND
"""When every message to the last step failed, it is told again after this, not after its wait."""

UNHURRIED_RETRY: Final[Duration] = 15 * MINUTE
"""The same for what is routine or technical: a wrong number is not paid for every half minute."""

MAX_TOLD: Final = 200
"""Notifications that an alert remembers; from then on a repeat displaces the one it repeats."""

UNHURRIED_REPEAT: Final[Duration] = HOUR
"""How often the last step is told again of what is routine or technical: a low battery that pages
a centre every three minutes teaches it not to look."""

_FAILED: Final = frozenset({NotificationState.FAILED, NotificationState.UNDELIVERED})
_ON_ITS_WAY: Final = frozenset({NotificationState.QUEUED, NotificationState.SENT})


def notification_id(home: str, alert: int, k: int) -> str:
    """Return the id of a notification, which is also its key at the provider."""
    return f"{home}/{alert}-{k}"


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
    return max(repeat, SHORTEST_WAIT if _presses(alert) else UNHURRIED_REPEAT)


def _tell_step(work: Work, alert: Alert, step: Step) -> tuple[Alert, bool]:
    reached = False
    for to in recipients(work, step.notify):
        if to in alert.declined and to != MONITORING_CENTRE:
            continue
        if to == MONITORING_CENTRE and work.home.plan.centre.sms is None:
            # Its queue is the centre: nothing is sent, and the alert stands there.
            reached = True
            continue
        for channel in _channels(work, step, to):
            alert = tell(work, alert, to, channel, alert.text, pages=True)
            reached = True
    return alert, reached


def _channels(work: Work, step: Step, to: str) -> tuple[Channel, ...]:
    """Return the channels of a step for which there is a sender; the centre is never without."""
    usable = tuple(channel for channel in step.by if channel in work.home.plan.channels)
    if not usable and to == MONITORING_CENTRE:
        return (Channel.SMS,)
    return usable


def recipients(work: Work, notify: Iterable[str]) -> list[str]:
    """Return who a step means now: contacts by id, else by role if reachable; each once."""
    found: dict[str, None] = {}
    for name in notify:
        if name == MONITORING_CENTRE:
            found[name] = None
        elif name in work.home.contacts:
            if _can_be_told(work, name):
                found[name] = None
        else:
            for contact in work.home.contacts.values():
                if name in contact.roles and _can_be_told(work, contact.id):
                    found[contact.id] = None
    return list(found)


def _can_be_told(work: Work, contact: str) -> bool:
    if not takes_messages(work, contact):
        return False
    hours = work.home.contacts[contact].reachable
    return inside(hours, work.zone, work.site.clock, work.told_at, work.home.holidays)


def number_of(work: Work, to: str) -> str | None:
    """Return the number of a recipient, or None when there is none any more."""
    if to == MONITORING_CENTRE:
        return work.home.plan.centre.sms
    contact = work.home.contacts.get(to)
    return contact.phone if contact else None


def same_phone(work: Work, one: str | None, other: str | None) -> bool:
    """Whether two recipients read the same phone: one person or a couple, one answer."""
    if one is None or other is None:
        return False
    return one == other or number_of(work, one) == number_of(work, other) is not None


def takes_messages(work: Work, to: str) -> bool:
    """Whether a message to a recipient can arrive at all: a number that is not refused."""
    number = number_of(work, to)
    if number is None:
        return False
    refused = work.state.unreachable.get(to)
    return refused is None or refused != stand_in(number)


def tell(work: Work, alert: Alert, to: str, channel: Channel, text: str, *, pages: bool) -> Alert:
    """Owe one message to one person; `pages` when it asks them to go.

    Somebody who has no number any more, or takes no messages, is passed over.
    """
    number = number_of(work, to)
    if number is None or not takes_messages(work, to):
        return alert
    k = alert.notified + 1
    told = Told(
        k=k,
        to=to,
        channel=channel,
        turn=alert.turn,
        pages=pages,
        state=NotificationState.QUEUED,
        receipt_by=work.told_at + alert.policy.receipt if pages and _presses(alert) else None,
    )
    if pages:
        _supersede(work, alert, to, channel)
    work.effects.append(
        Notify(
            id=notification_id(work.home.home, alert.n, k),
            at=work.at,
            alert=alert.n,
            k=k,
            priority=alert.priority,
            to=to,
            channel=channel,
            number=number,
            text=text,
        )
    )
    work.record("notification.queued", alert, "", to=to, channel=channel, text=text)
    return msgspec.structs.replace(alert, notified=k, told=_lasting(alert, told))


def _supersede(work: Work, alert: Alert, to: str, channel: Channel) -> None:
    """Take back the page before, if it still waits: its repeat says the same.

    Otherwise a provider that comes back after an hour delivers an hour of repeats at once.
    """
    for told in reversed(alert.told):
        if told.pages and told.to == to and told.channel is channel:
            if _may_wait(told):
                work.effects.append(Withdraw(id=notification_id(work.home.home, alert.n, told.k)))
            return


def _may_wait(told: Told) -> bool:
    """Whether a page may still be unsent: given up for its receipt, the outbox tries on."""
    return told.state is NotificationState.QUEUED or _is_given_up(told)


def _is_given_up(told: Told) -> bool:
    return told.state is NotificationState.FAILED and told.receipt_by is not None


def _lasting(alert: Alert, newer: Told) -> tuple[Told, ...]:
    """Return an alert's notifications with one more, forgetting the oldest of very many.

    Only a page that the same person was sent again since is forgotten; it waits no more.
    """
    told = alert.told
    if len(told) >= MAX_TOLD and newer.pages:
        again = (
            one for one in told if one.pages and (one.to, one.channel) == (newer.to, newer.channel)
        )
        oldest = next(again, None)
        told = tuple(one for one in told if one is not oldest)
    return (*told, newer)


def _presses(alert: Alert) -> bool:
    """Whether a missing receipt counts as a failure (promise P5)."""
    return alert.priority in (Priority.LIFE_SAFETY, Priority.URGENT)


def advance(work: Work, alert: Alert, why: str) -> Alert:
    """Go on to the next step, or tell the last one again."""
    return begin_step(work, alert, alert.step + 1, why)


def withdraw_unsent(work: Work, alert: Alert) -> Alert:
    """Take back what has not been attempted yet; what is on its way cannot be."""
    kept = []
    for told in alert.told:
        if told.pages and _may_wait(told):
            work.effects.append(Withdraw(id=notification_id(work.home.home, alert.n, told.k)))
        # What was given up stays so: whether it arrived nobody knows.
        kept.append(told if _is_given_up(told) else msgspec.structs.replace(told, receipt_by=None))
    return msgspec.structs.replace(alert, told=tuple(kept))


def told_contacts(alert: Alert, *, but: str | None = None) -> list[str]:
    """Return everybody who was paged and may have read it, each once, without `but`.

    A page without a receipt may have been read: some networks never give one.
    """
    found: dict[str, None] = {}
    for told in alert.told:
        read = told.state not in _FAILED or _is_given_up(told)
        if told.pages and told.to != but and read:
            found[told.to] = None
    return list(found)


def begin_again(work: Work, alert: Alert, index: int, why: str) -> Alert:
    """Begin a step anew, and tell those too who were told in other steps and can go.

    What they read last is no longer the whole truth.
    """
    before = told_contacts(alert)
    alert = begin_step(work, alert, index, why)
    paged = {told.to for told in alert.told if told.pages and told.turn == alert.turn}
    for other in before:
        if other not in paged and other not in alert.declined:
            alert = tell(work, alert, other, Channel.SMS, alert.text, pages=False)
    return work.put(alert)


# --- what becomes of a notification -------------------------------------------------------------


def report(work: Work, alert: Alert, k: int, state: NotificationState, reason: str) -> Alert:
    """Fold a report on one notification; late, repeated and disordered ones do no harm."""
    told = next((told for told in alert.told if told.k == k), None)
    if told is None or not _is_progress(told, state):
        return alert
    receipt_by = told.receipt_by if state in _ON_ITS_WAY else None
    newer = msgspec.structs.replace(told, state=state, receipt_by=receipt_by)
    alert = _replace_told(alert, newer)
    work.record(f"notification.{state}", alert, reason, to=told.to, channel=told.channel)
    work.put(alert)
    if state in _FAILED and told.pages:
        return after_failure(work, alert)
    return alert


def _is_progress(told: Told, state: NotificationState) -> bool:
    if told.state in _ON_ITS_WAY:
        return not (told.state is state or state is NotificationState.QUEUED)
    # A message given up for lack of a receipt may still turn out to have arrived: that is worth
    # knowing, although nothing follows from it.
    return _is_given_up(told) and state is NotificationState.DELIVERED


def _replace_told(alert: Alert, newer: Told) -> Alert:
    told = tuple(newer if one.k == newer.k else one for one in alert.told)
    return msgspec.structs.replace(alert, told=told)


def after_failure(work: Work, alert: Alert) -> Alert:
    """Move on early when everybody in the running step has failed or declined (promise P5).

    Of an alert that somebody holds, and whose repeat did not reach them, the lease ends at once.
    """
    if alert.state is AlertState.ACKNOWLEDGED and alert.update_by is not None:
        pages = [told for told in alert.told if told.pages]
        if pages and pages[-1].state in _FAILED:
            return work.put(msgspec.structs.replace(alert, update_by=work.at))
    if alert.state is not AlertState.OPEN or not everyone_is_out(alert):
        return alert
    if alert.step == len(alert.policy.steps) - 1:
        retry = CENTRE_RETRY if _presses(alert) else UNHURRIED_RETRY
        sooner = earliest(alert.next_at, work.at + retry)
        return work.put(msgspec.structs.replace(alert, next_at=sooner))
    return advance(work, alert, "nobody of the step before can be reached or can go")


def everyone_is_out(alert: Alert) -> bool:
    """Whether each person told in the running step has declined, or every message failed."""
    present = [told for told in alert.told if told.turn == alert.turn and told.pages]
    return bool(present) and all(
        told.state in _FAILED or told.to in alert.declined for told in present
    )


def give_up_receipts(work: Work, alert: Alert) -> Alert:
    """Count notifications without a receipt in time as failed; the state keeps `receipt_by`."""
    for told in alert.told:
        overdue = told.receipt_by is not None and told.receipt_by <= work.at
        if overdue and told.state in _ON_ITS_WAY:
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


def alert_deadline(alert: Alert) -> Instant | None:
    """Return the next instant at which something must happen to an alert by itself.

    Before it begins, `next_at` is the instant at which it does.
    """
    if alert.watch:
        return None
    if alert.state is AlertState.ACKNOWLEDGED:
        return earliest(alert.lease_until, alert.update_by, alert.ages_at)
    receipts = (told.receipt_by for told in alert.told if told.state in _ON_ITS_WAY)
    return earliest(alert.next_at, alert.ages_at, *receipts)
