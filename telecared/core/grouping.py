"""What is routine or technical and opens within a policy's `group` is told in one message.

The first waits for the others; one alert then stands for all, and what people do to it is done to
all. Each is resolved on its own. What is more dangerous never waits and is never in a group.
"""

from typing import Final

from msgspec.structs import replace

from telecared.core.escalation import SHORTEST_WAIT, begin_step
from telecared.core.gaps import moment_text
from telecared.core.grouped import members
from telecared.core.state import Alert
from telecared.core.vocabulary import HOUR, AlertState, Duration, Priority
from telecared.core.work import Work

LONGEST_GROUP: Final[Duration] = HOUR
"""Nothing waits longer for others, whatever a policy says."""


def may_wait(alert: Alert) -> bool:
    """Whether an alert that opens now is told together with others."""
    calm = alert.priority in (Priority.ROUTINE, Priority.TECHNICAL)
    return calm and bool(alert.policy.group) and not alert.watch and alert.confirm_by is None


def wait(work: Work, alert: Alert) -> None:
    """Let an alert wait for others, or join those that wait already."""
    first = next(
        (
            one
            for one in work.state.alerts.values()
            if one.group == one.n and _waits(one) and one.policy == alert.policy
        ),
        None,
    )
    until = work.told_at + min(alert.policy.group, LONGEST_GROUP)
    if first is not None and first.next_at is not None:
        until = min(until, first.next_at)
    alert = replace(alert, group=alert.n if first is None else first.n, next_at=until)
    told = moment_text(until, work.zone, work.offset, work.at)
    work.record("alert.updated", alert, f"held back: told with what else opens until {told}")
    work.put(alert)


def due(work: Work, alert: Alert) -> bool:
    """Do what the deadline of an alert in a group asks for; False for one that stands alone."""
    if not alert.group or alert.state is AlertState.RESOLVED:
        return False
    leader = work.state.alerts.get(alert.group)
    if leader is not None and leader.group != leader.n:
        leader = None  # it stands for nobody now: an incident holds it, or it is graver
    if _waits(alert) and (leader is None or _waits(leader)):
        _begin(work, alert.group)
        return True
    if alert.n == alert.group or alert.turn:
        return False
    if leader is None:
        return False
    _follow(work, alert, leader)
    return True


def _waits(alert: Alert) -> bool:
    return not alert.turn and alert.state is AlertState.OPEN


def _begin(work: Work, group: int) -> None:
    """Tell a group whose time has come, or what is left of it, by its most dangerous alert."""
    rest = [one for one in members(work.state, group) if _waits(one)]
    leader = min(rest, key=lambda one: (one.priority.rank, one.n))
    step = max(one.step for one in rest)
    for one in rest:
        work.put(replace(one, group=leader.n if len(rest) > 1 else 0))
    begun = begin_step(work, work.state.alerts[leader.n], step, "")
    for one in rest:
        if one.n != leader.n:
            name = f"{work.home.home}/{leader.n}"
            work.record("alert.updated", one, f"told together with {name}")
            _follow(work, work.state.alerts[one.n], begun)


def leave(work: Work, alert: Alert) -> Alert:
    """Return an alert that somebody means by itself: it follows no other any more.

    One that was told in the other's message goes on from there; one that waited begins by itself.
    """
    if alert.group in (0, alert.n):
        return alert
    leader = work.state.alerts.get(alert.group)
    was_told = leader is not None and not _waits(leader)
    return work.put(replace(alert, group=0, turn=max(alert.turn, int(was_told))))


def follow(work: Work, n: int) -> None:
    """Do to a group what was just done to the alert that stands for it."""
    leader = work.state.alerts.get(n)
    if leader is not None and leader.group == n:
        for one in members(work.state, n):
            if one.n != n:
                _follow(work, one, leader)


def _follow(work: Work, alert: Alert, leader: Alert) -> None:
    """Have an alert stand as the one does in whose message it was told."""
    soon = work.at + SHORTEST_WAIT
    held = leader.state is AlertState.ACKNOWLEDGED
    newer = replace(
        alert,
        state=leader.state,
        step=leader.step,
        owner=leader.owner,
        owner_contact=leader.owner_contact,
        # A word that has lapsed falls due at once; the one that stands for all lets go of it.
        going=tuple(one for one in leader.going if one.until > work.at),
        declined=leader.declined,
        lease_until=max(leader.lease_until or soon, soon) if held else None,
        next_at=None if held else max(leader.next_at or soon, soon),
        centre_at=leader.centre_at,
    )
    name = f"with {work.home.home}/{leader.n}, in whose message it was told"
    if held and (alert.state is AlertState.OPEN or alert.owner != leader.owner):
        work.record("alert.acknowledged", newer, f"{leader.owner} has it {name}")
    elif not held and alert.state is AlertState.ACKNOWLEDGED:
        work.record("alert.lapsed", newer, f"it goes on {name}")
    work.put(newer)
