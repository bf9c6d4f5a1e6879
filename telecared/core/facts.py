"""How a message becomes facts: which readings are news, in what order, and at what time.

Implements the meaning of momentary and level properties, bursts, retained values, late and early
stamps (design 3.1, decisions 1 and 6). What the news means is the rules' business.
"""

from typing import Final

from telecared.core.conditions.base import Change
from telecared.core.events import MessageHeard
from telecared.core.plan import Device
from telecared.core.readings import Reading, is_life_safety
from telecared.core.state import Fact, lasting
from telecared.core.vocabulary import (
    DAY,
    MINUTE,
    PROPERTIES,
    SECOND,
    DeviceKind,
    Duration,
    Instant,
    Value,
)
from telecared.core.work import Work

PLAUSIBLE_PAST: Final[Duration] = 7 * DAY
"""A stamp older than this is a broken clock: hubs buffer hours, not weeks."""

PLAUSIBLE_FUTURE: Final[Duration] = 2 * MINUTE
"""A stamp further ahead than this is a broken clock."""

BURST: Final[Duration] = 3 * SECOND
"""One press, many messages: radio devices repeat a frame for up to three seconds."""

ALARM_AGAIN: Final[Duration] = 10 * MINUTE
"""An alarm that is told again after this much silence is news, though its last word was the same:
many detectors never say that it is over, and a second fall must not be taken for the first."""

LIFE_SAFETY_KINDS: Final = frozenset(
    {
        DeviceKind.PERSONAL_TRIGGER,
        DeviceKind.FIXED_TRIGGER,
        DeviceKind.FALL_DETECTOR,
        DeviceKind.SMOKE_DETECTOR,
        DeviceKind.CARBON_MONOXIDE_DETECTOR,
        DeviceKind.GAS_DETECTOR,
        DeviceKind.HEAT_DETECTOR,
        DeviceKind.EPILEPSY_MONITOR,
    }
)
"""Kinds whose messages must not be published at QoS 0: nothing guarantees their delivery."""


def note_message(work: Work, event: MessageHeard, device: Device) -> list[Change]:
    """Fold a message into the facts and return what changed, in the message's own order.

    What the broker had kept is no proof that the device still works.
    """
    if not event.retained:
        work.state.heard[device.id] = event.at
    if event.seq is not None:
        _note_sequence(work, device.id, event.seq)
    changes = []
    for reading in event.readings:
        if reading.history:
            continue
        change = _note_reading(work, event, device, reading)
        if change is not None:
            changes.append(change)
    return changes


def needs_delivery(device: Device, event: MessageHeard) -> bool:
    """Whether a message of life safety came without any delivery guarantee."""
    if event.qos > 0:
        return False
    return device.kind in LIFE_SAFETY_KINDS or any(map(is_life_safety, event.readings))


def _note_sequence(work: Work, device: str, seq: int) -> None:
    last = work.state.seqs.get(device)
    if last is not None and seq > last + 1:
        work.state.missed[device] = work.state.missed.get(device, 0) + seq - last - 1
    if last is None or seq > last or seq == 0:
        work.state.seqs[device] = seq


def plausible_at(stamp: Instant | None, received_at: Instant, offset: Duration) -> Instant:
    """Return the device's stamp in engine time when it is plausible, else when we received it.

    A clock that runs a little ahead counts as now: nothing happens after we hear of it, and facts
    from the future would make what follows look out of order.
    """
    if stamp is None:
        return received_at
    at = stamp - offset
    if received_at - PLAUSIBLE_PAST <= at <= received_at + PLAUSIBLE_FUTURE:
        return min(at, received_at)
    return received_at


def _note_reading(
    work: Work, event: MessageHeard, device: Device, reading: Reading
) -> Change | None:
    at = plausible_at(reading.at, event.at, work.offset)
    known = work.state.facts.get(device.id, {})
    fact = known.get(reading.property)
    if PROPERTIES[reading.property].momentary:
        return _note_momentary(work, event, device, reading, at, fact)
    return _note_level(work, event, device, reading, at, fact)


def _note_momentary(
    work: Work,
    event: MessageHeard,
    device: Device,
    reading: Reading,
    at: Instant,
    fact: Fact | None,
) -> Change | None:
    if event.retained:
        # What the broker kept may be weeks old: a momentary act is never read from it.
        return None
    burst = BURST if reading.burst is None else reading.burst
    if fact is not None and fact.value == reading.value:
        # Both clocks must agree that it is the same act: a stuck device clock must not mute it.
        same_act = abs(at - fact.since) < burst and event.at - fact.received_at < burst
        if same_act:
            return None
    active = at if reading.value in PROPERTIES[reading.property].activity else 0
    since = at if fact is None else max(at, fact.since)
    active_at = max(active, fact.active_at if fact else 0)
    _keep(work, device, reading.property, Fact(reading.value, since, since, event.at, active_at))
    late_order = fact is not None and at < fact.since
    before = fact.value if fact else None
    return Change(device, reading.property, before, reading.value, at, True, late_order)


def _note_level(
    work: Work,
    event: MessageHeard,
    device: Device,
    reading: Reading,
    at: Instant,
    fact: Fact | None,
) -> Change | None:
    value = reading.value
    shows_life = value in PROPERTIES[reading.property].activity
    expires = None if reading.clears_after is None else at + reading.clears_after
    if fact is None:
        active = at if shows_life and not event.retained else 0
        _keep(work, device, reading.property, Fact(value, at, at, event.at, active, expires))
        return Change(device, reading.property, None, value, at, False, False, event.retained)
    if at < fact.told_at:
        return _note_the_past(work, event, device, reading, at, fact)
    before = current(fact, at)
    if _is_alarm_again(event, reading, fact, at):
        before = None
    if value == before:
        told = Fact(value, fact.since, at, fact.received_at, fact.active_at, expires)
        _keep(work, device, reading.property, told)
        if expires is not None and (device.id, reading.property) in work.home.watchers:
            # It clears later than thought, so that a count may now reach its end before that.
            work.state.conditions_due = work.at
        return None
    active = at if shows_life and not event.retained else fact.active_at
    _keep(work, device, reading.property, Fact(value, at, at, event.at, active, expires))
    if reading.property == "occupancy":
        _note_rest(work, fact, at)
    return Change(device, reading.property, before, value, at, False, False, event.retained)


def _is_alarm_again(event: MessageHeard, reading: Reading, fact: Fact, at: Instant) -> bool:
    """Whether an alarm that never cleared is told anew; what the broker kept never is."""
    quiet = at - fact.told_at >= ALARM_AGAIN
    return quiet and is_life_safety(reading) and not event.retained


def _note_the_past(
    work: Work, event: MessageHeard, device: Device, reading: Reading, at: Instant, fact: Fact
) -> Change | None:
    """A reading from before what is known: a sign of life then, and news only to life safety."""
    shows_life = reading.value in PROPERTIES[reading.property].activity
    if shows_life and not event.retained and at > fact.active_at:
        older = Fact(fact.value, fact.since, fact.told_at, fact.received_at, at, fact.expires_at)
        _keep(work, device, reading.property, older)
    if reading.value == fact.value and at >= fact.since:
        return None
    before = fact.value
    return Change(device, reading.property, before, reading.value, at, False, True, event.retained)


def _note_rest(work: Work, fact: Fact, at: Instant) -> None:
    if fact.value == "occupied":
        ended = at if fact.expires_at is None else min(at, fact.expires_at)
        work.state.rest = lasting((*work.state.rest, (fact.since, ended)))


def note_registered(work: Work, at: Instant) -> None:
    """Watch new devices from `at` on, and forget devices that are gone.

    A device that comes back later begins anew: what it told long ago says nothing about now.
    """
    state, present = work.state, work.home.devices
    for kept in (state.facts, state.heard, state.known, state.seqs, state.missed):
        for gone in [name for name in kept if name not in present]:
            del kept[gone]
    for device in present:
        state.known.setdefault(device, at)


def current(fact: Fact, at: Instant) -> Value | None:
    """Return a level's value at `at`; None once it has cleared by itself."""
    if fact.expires_at is not None and at >= fact.expires_at:
        return None
    return fact.value


def _keep(work: Work, device: Device, name: str, fact: Fact) -> None:
    facts = work.state.facts
    facts[device.id] = {**facts.get(device.id, {}), name: fact}
