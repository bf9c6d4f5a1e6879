"""One home, one event: the decision. Pure: the same state, event, plan and site give the same.

Before an event at T is folded, the home's own deadlines at or before T fire, in order; after it,
whatever the event itself has made due. Everything else is in the helpers that this module calls.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, NamedTuple

import msgspec

from telecared.core import (
    alerts,
    away,
    handling,
    judging,
    promises,
    resident,
    storming,
    suspensions,
    tracing,
    walking,
)
from telecared.core.alert_commands import (
    Acknowledged,
    Called,
    Declined,
    EscalatedNow,
    HandedOver,
    InterimPlanned,
    Linked,
    MessageSent,
    Resolved,
    Snoozed,
    Updated,
)
from telecared.core.compile import HomePlan, RuleDue, RuleFailed, lateness
from telecared.core.effects import Effect
from telecared.core.escalation import alert_deadline
from telecared.core.events import (
    ConditionFound,
    ContactReachable,
    ContactUnreachable,
    Event,
    HomeRegistered,
    MessageHeard,
    NotificationReported,
    Promised,
    PromiseKept,
    Quarantined,
    ReplyNotUnderstood,
    Silenced,
    SilenceEnded,
    StoredEvent,
    Suspended,
    SuspensionEnded,
    Ticked,
    WalkTestBegun,
    WalkTestEnded,
)
from telecared.core.facts import needs_delivery, note_message, note_registered
from telecared.core.machinery import (
    fold_condition,
    fold_quarantined,
    open_technical,
    raise_technical,
    set_aside,
)
from telecared.core.people import (
    fold_reachable,
    fold_report,
    fold_unreachable,
    forget_old_numbers,
    help_sender,
)
from telecared.core.quick import quick
from telecared.core.readings import is_live_alarm
from telecared.core.site import SiteFacts
from telecared.core.state import Alert, Answer, HomeState, earliest, wake_at
from telecared.core.storm_events import StormEvent, StormJoined, StormOver, UnitBack, UnitSilent
from telecared.core.vocabulary import Instant, Priority
from telecared.core.work import Work

MAX_FIRED: Final = 2_000
"""Deadlines that one instant may fire; more is a loop: set aside rather than run for ever."""


class Stepped(msgspec.Struct, frozen=True, gc=False):
    """What came of one step.

    Attributes:
        state: the new state.
        effects: what the shell has to do, in order.
        changed: alerts whose row changed, resolved ones included.
        answer: for a command, what its giver hears.
    """

    state: HomeState
    effects: list[Effect]
    changed: dict[int, Alert]
    answer: Answer | None


class DeadlineFailed(Exception):
    """A deadline could not be worked out.

    Attributes:
        key: names it so that it can be set aside.
        at: the instant it was due.
    """

    def __init__(self, key: str, at: Instant) -> None:
        self.key = key
        self.at = at
        super().__init__(f"the deadline {key} could not be worked out")


def step(state: HomeState, event: Event, home: HomePlan, site: SiteFacts) -> Stepped:
    """Fold one event into one home.

    Raises whatever a defective rule raises: the caller quarantines the event and keeps the old
    state, which this function never touches.
    """
    if isinstance(event, MessageHeard):
        unasked = home.unasked.get(event.device)
        after = None if unasked is None else quick(state, event, unasked, site)
        if after is not None:
            return Stepped(after, [], {}, None)
    return fold(state, event, home, site)


def fold(state: HomeState, event: Event, home: HomePlan, site: SiteFacts) -> Stepped:
    """Do what `step` does the full way, which any event may go."""
    work = Work(state.clone(), home, site)
    if isinstance(event, Quarantined):
        set_aside(work, event.key)
    gathers = isinstance(event, UnitSilent | UnitBack)
    # What a scheme hears of one instant is judged together, whichever home was visited first.
    _fire_until(work, event.at - 1 if gathers else event.at)
    work.at = work.state.at = max(event.at, work.state.at)
    if isinstance(event, StormJoined | StormOver):
        work.at = event.at  # when it was decided, however far this home has come
    work.late = 0
    work.input = 0 if isinstance(event, Ticked) else event.input
    if not isinstance(event, Ticked):
        _fold(work, event)
        _refresh_alerts_due(work)
        if not gathers:
            _fire_until(work, work.at)
    elif event.look:
        work.look_again()
        _fire_until(work, work.at)
    return Stepped(work.state, work.effects, work.changed, work.answer)


# --- deadlines ----------------------------------------------------------------------------------


class _Due(NamedTuple):
    order: tuple[Instant, int, str]
    fire: Callable[[], None]


def _fire_until(work: Work, until: Instant) -> None:
    """Fire every deadline at or before `until`, each stamped with the instant it was due."""
    fired, last = 0, ""
    while fired < MAX_FIRED:
        bound = wake_at(work.state, held=work.site.held)
        if bound is None or bound > until:
            return
        due = _next_due(work)
        if due is None or due.order[0] > until:
            return
        fired = fired + 1 if due.order[0] <= work.at else 0
        work.at = work.state.at = max(due.order[0], work.state.at)
        work.input = 0
        work.late = work.site.late(due.order[0])
        last = due.order[2]
        try:
            due.fire()
        except Exception as error:
            # Whatever a rule raises, the caller must learn which deadline it was.
            raise DeadlineFailed(last, work.at) from error
        _refresh_alerts_due(work)
    raise DeadlineFailed(last, work.at)


def _next_due(work: Work) -> _Due | None:
    """Return the earliest true deadline, and tighten the bounds of the state on the way."""
    state = work.state
    found: list[_Due] = []
    for alert in state.alerts.values():
        at = alert_deadline(alert)
        key = f"alert:{alert.n}"
        if at is not None and key not in state.broken:
            found.append(_Due((at, alert.priority.rank, key), _alert_firing(work, alert.n)))
    state.alerts_due = min((due.order[0] for due in found), default=None)
    conditions: list[Instant] = []
    absences: list[Instant] = []
    stated = [due for due in _stated_deadlines(work) if due.order[2] not in state.broken]
    conditions += [due.order[0] for due in stated]
    found += stated
    for key, pending in state.pending.items():
        order = (pending.due_at, 1, f"pending:{key}")
        if order[2] not in state.broken:
            conditions.append(pending.due_at)
            found.append(_Due(order, _pending_firing(work, key)))
    storm_at = storming.deadline(state)
    if storm_at is not None and "storms" not in state.broken:
        conditions.append(storm_at)
        order = (storm_at, Priority.TECHNICAL.rank, "storms")
        found.append(_Due(order, partial(storming.judge, work)))
    for asked in resident.questions(work):
        if asked.key not in state.broken:
            (absences if asked.absence else conditions).append(asked.at)
            if not (asked.absence and work.site.held):
                order = (asked.at, asked.rank, asked.key)
                found.append(_Due(order, _answer_firing(work, asked)))
    rules = _rule_deadlines(work)
    conditions += [due.at for due in rules if not due.compiled.condition.absence]
    absences += [due.at for due in rules if due.compiled.condition.absence]
    found += _first_of(work, rules)
    state.conditions_due = min(conditions, default=None)
    state.absences_due = min(absences, default=None)
    return min(found, key=lambda due: due.order, default=None)


def _stated_deadlines(work: Work) -> Iterator[_Due]:
    """Yield when what people stated runs out, or has not been kept."""
    state, rank = work.state, Priority.TECHNICAL.rank
    for expiry in suspensions.expiries(state):
        order = (expiry.at, rank, expiry.key)
        yield _Due(order, partial(suspensions.expire, work, expiry))
    for late in promises.overdue(state):
        yield _Due((late.at, rank, late.key), partial(promises.tell_overdue, work, late))
    if state.walk_test is not None:
        order = (state.walk_test.until, rank, "walk-test")
        yield _Due(order, partial(walking.run_out, work))


def _rule_deadlines(work: Work) -> list[RuleDue]:
    try:
        found = work.home.rule_deadlines(work.state, work.site)
    except RuleFailed as failure:
        raise DeadlineFailed(failure.name, work.at) from failure.__cause__
    broken = work.state.broken
    return [due for due in found if due.key not in broken] if broken else found


def _first_of(work: Work, rules: list[RuleDue]) -> list[_Due]:
    """Return the earliest deadlines of rules; only of these the order is asked, by their names."""
    held = work.site.held
    may_fire = [due for due in rules if not (held and due.compiled.condition.absence)]
    at = min((due.at for due in may_fire), default=0)
    return [_Due(due.order, _rule_firing(work, due)) for due in may_fire if due.at == at]


def _alert_firing(work: Work, n: int) -> Callable[[], None]:
    return lambda: handling.alert_due(work, work.state.alerts[n])


def _answer_firing(work: Work, asked: resident.Question) -> Callable[[], None]:
    return lambda: resident.judge_silence(work, asked)


def _rule_firing(work: Work, due: RuleDue) -> Callable[[], None]:
    def fire() -> None:
        work.late = max(work.late, lateness(due))
        if due.due.look:
            tracing.note(work, due.compiled.condition.tracers, None)
        elif due.due.ends:
            alerts.recovered(work, due.compiled.key(due.device), "it has not gone on")
        elif not walking.puts_off(work, due.compiled, due.device, due.due.since):
            told = judging.Told(due.due.at, "", whole=False)
            judging.found(work, due.compiled, due.device, due.due.since, told)

    return fire


def _pending_firing(work: Work, key: str) -> Callable[[], None]:
    def fire() -> None:
        pending = work.state.pending.pop(key)
        open_technical(work, pending, since=work.at)

    return fire


def _refresh_alerts_due(work: Work) -> None:
    if work.changed:
        alive = work.state.alerts.values()
        broken = work.state.broken
        work.state.alerts_due = earliest(
            *(alert_deadline(alert) for alert in alive if f"alert:{alert.n}" not in broken)
        )


# --- events -------------------------------------------------------------------------------------


def _fold(
    work: Work, event: MessageHeard | HomeRegistered | StoredEvent | Quarantined | StormEvent
) -> None:
    match event:
        case MessageHeard():
            _message(work, event)
        case NotificationReported():
            fold_report(work, event)
        case (
            Acknowledged()
            | Snoozed()
            | Declined()
            | Resolved()
            | HandedOver()
            | Updated()
            | EscalatedNow()
            | InterimPlanned()
            | Called()
            | MessageSent()
            | Linked()
        ):
            work.answer = handling.command(work, event)
        case Suspended() | SuspensionEnded() | Silenced() | SilenceEnded():
            work.answer = suspensions.fold(work, event)
        case WalkTestBegun() | WalkTestEnded() | Promised() | PromiseKept():
            work.answer = _done_or_promised(work, event)
        case ContactUnreachable():
            fold_unreachable(work, event)
        case ContactReachable():
            fold_reachable(work, event)
        case ReplyNotUnderstood():
            help_sender(work, event)
        case ConditionFound():
            fold_condition(work, event)
        case Quarantined():
            fold_quarantined(work, event)
        case HomeRegistered():
            _registered(work, event)
        case _:
            storming.fold(work, event)


def _done_or_promised(
    work: Work, event: WalkTestBegun | WalkTestEnded | Promised | PromiseKept
) -> Answer:
    if isinstance(event, Promised | PromiseKept):
        return promises.fold(work, event)
    return walking.fold(work, event)


def _message(work: Work, event: MessageHeard) -> None:
    device = work.home.devices.get(event.device)
    if device is None:
        alarm = any(is_live_alarm(one, retained=event.retained) for one in event.readings)
        name = "unknown-device-alarm" if alarm else "unknown-device"
        raise_technical(work, name, event.device, "it is not registered in this home")
        return
    for listener in work.home.listeners.get(device.id, ()) if not event.retained else ():
        if listener.rule.clear.kind == "auto":
            alerts.recovered(work, listener.key(device), f"{device.id} is heard again")
    before = work.state.heard.get(device.id)
    changes = note_message(work, event, device)
    tracing.note_heard(work, event, before)
    for change in changes:
        is_test = walking.take(work, change)
        away.note_change(work, change)
        tracers = work.home.tracers.get((device.id, change.property), ())
        tracing.note(work, tracers, change, is_test=is_test)
        resident.note_change(work, change)
        judging.judge(work, change, is_test=is_test)
    if needs_delivery(device, event):
        raise_technical(work, "qos-zero", device.id, "published at QoS 0")


def _registered(work: Work, event: HomeRegistered) -> None:
    """Take over a new plan or record: watch new devices from now on, try broken deadlines again."""
    note_registered(work, event.at)
    tracing.begin(work)
    forget_old_numbers(work)
    if not event.again:
        work.state.broken = ()
    alerts.end_trials(work)
    away.note_registered(work)
    walking.note_registered(work)
    suspensions.note_registered(work)
    promises.note_registered(work)
    work.look_again()
    work.answer = Answer(True)
