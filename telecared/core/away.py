"""Whether somebody is at home: by what people stated, and by doors and the silence after them.

A door through which people leave, then silence, says that everybody is out; any sign of life says
at once that somebody is in. What rules make of it is `unless`; stating it is `suspensions`.
"""

from typing import Final

from telecared.core import holding
from telecared.core.conditions.base import Change
from telecared.core.facts import current
from telecared.core.gaps import remember
from telecared.core.machinery import is_over, raise_technical, technical_key
from telecared.core.plan import DEFAULT_OUT_AT_MOST, Absence
from telecared.core.state import Gap, Outing
from telecared.core.vocabulary import (
    HOUR,
    MINUTE,
    PROPERTIES,
    SECOND,
    DeviceKind,
    Duration,
    Instant,
)
from telecared.core.work import Work

ONE_LEAVING: Final[Duration] = 30 * SECOND
"""A door that opens again this soon is still the same leaving. Longer would take somebody who was
out for a minute and came back for somebody who is still out, and nobody would look for them."""

ONE_COMING_IN: Final[Duration] = 2 * MINUTE
"""A door that opens again this soon after somebody came in is still the same coming in."""

TIME_TO_LEAVE: Final[Duration] = 30 * MINUTE
"""Activity this soon after an absence was stated is somebody who is about to go."""

QUIET_ACTIVITY: Final[Duration] = HOUR
"""Activity in a home that is stated as empty is told again after this at the earliest."""

LONE_SIGN: Final[Duration] = 10 * MINUTE
"""Movement with no other sign so close to it is a sensor's own: one real home told thirteen lone
pairs of motion within 82 hours while nobody was in it."""

FELT: Final = frozenset({"motion", "presence", "vibration"})
"""What sensors feel by themselves now and then; a door or a switch needs a hand."""

_RESTING: Final = (DeviceKind.BED_MONITOR, DeviceKind.CHAIR_MONITOR)


def note_change(work: Work, change: Change) -> None:
    """Fold a change of a fact into what is known about who is at home."""
    state, home = work.state, work.home
    if not (home.watches_exits or state.suspensions or state.forgotten):
        return
    life = not change.retained and change.after in PROPERTIES[change.property].activity
    if not life:
        return
    if home.watches_exits:
        if change.device.id in home.exits:
            _note_door(work, change)
        elif state.outing.out_since and change.at > state.outing.door_at:
            _somebody_is_in(work, change.at)
    if state.forgotten:
        is_over(work, "suspension-ran-out", "", f"{change.device.id} shows life")
    if state.suspensions:
        _note_activity(work, change)


def note_registered(work: Work) -> None:
    """Begin anew where no rule asks any more, or where the door is no exit any more."""
    outing = work.state.outing
    if not work.home.watches_exits or (outing.out_since and outing.device not in work.home.exits):
        work.state.outing = Outing()


# --- by evidence --------------------------------------------------------------------------------


def _note_door(work: Work, change: Change) -> None:
    outing = work.state.outing
    first_word = change.before is None and change.after == "closed"
    if first_word or change.late_order or change.at < outing.door_at:
        # No act, or one that other doors have overtaken.
        return
    # However long a door was held open, its closing belongs to its opening.
    soon = change.at - outing.door_at <= (ONE_LEAVING if outing.leaving else ONE_COMING_IN)
    one_passage = outing.door_at and (soon or change.after == "closed")
    leaving = outing.leaving if one_passage else not outing.out_since
    if leaving and not _is_seen_inside(work, change.at):
        work.state.outing = Outing(change.at, change.at, change.device.id, True)
        if outing.out_since:
            # The time between two acts of one passage counts after all.
            work.look_again()
        return
    if outing.out_since:
        _somebody_is_in(work, change.at)
    work.state.outing = Outing(change.at, leaving=leaving)


def _is_seen_inside(work: Work, at: Instant) -> bool:
    """Whether somebody is in although a door moved: in bed or chair, or seen afterwards."""
    for device, facts in work.state.facts.items():
        if device in work.home.exits:
            continue
        if any(fact.active_at > at for fact in facts.values()):
            return True
        rest = facts.get("occupancy")
        if rest is not None and current(rest, at) == "occupied":
            known = work.home.devices.get(device)
            if known is not None and known.kind in _RESTING:
                return True
    return False


def _somebody_is_in(work: Work, at: Instant) -> None:
    """End an outing: the gap is remembered, and what it held back is looked at again."""
    outing = work.state.outing
    until = min(at, outing.out_since + DEFAULT_OUT_AT_MOST)
    why = f"{outing.device}, then silence"
    remember(work.state, Gap(Absence.AWAY, outing.out_since, until, False, why))
    work.state.outing = Outing(outing.door_at, leaving=outing.leaving)
    holding.release(work)


# --- against what was stated --------------------------------------------------------------------


def _note_activity(work: Work, change: Change) -> None:
    """Tell of life in a home that is stated as empty, unless a visit explains it."""
    running = [one for one in work.state.suspensions.values() if one.since <= change.at < one.until]
    empty = next((one for one in running if one.kind.empties_the_home), None)
    if empty is None or not all(one.kind.empties_the_home for one in running):
        return
    if change.at < empty.since + TIME_TO_LEAVE or _is_lone(work, change):
        return
    subject = f"{empty.kind}, suspension {empty.n}"
    finding = work.state.findings.get(technical_key("activity-while-away", subject))
    if finding is not None:
        told_at = max(finding.last_at, finding.resolved_at)
        if work.at < told_at + QUIET_ACTIVITY:
            return
    detail = f"{change.device.id} told {change.property}: {change.after}"
    raise_technical(work, "activity-while-away", subject, detail)


def _is_lone(work: Work, change: Change) -> bool:
    """Whether a movement stands alone: the next one within ten minutes does not."""
    before = work.state.stirred_at
    work.state.stirred_at = change.at
    return change.property in FELT and abs(change.at - before) > LONE_SIGN
