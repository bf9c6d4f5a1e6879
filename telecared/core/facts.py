"""How a message becomes facts: which readings are news, in what order, and at what time.

Implements the meaning of momentary and level properties, bursts, retained values, late and early
stamps (design 3.1, decisions 1 and 6). What the news means is the rules' business.
"""

from collections.abc import Collection, Mapping
from typing import Final, TypeVar

from telecared.core.conditions.base import Change
from telecared.core.conditions.behind import UNIT_PAUSE, offline_since, with_return
from telecared.core.events import MessageHeard
from telecared.core.plan import Device
from telecared.core.readings import Reading, is_life_safety
from telecared.core.state import MAX_REST_SPANS, Fact, Finding, HomeState
from telecared.core.vocabulary import (
    DAY,
    MINUTE,
    PROPERTIES,
    SECOND,
    DeviceKind,
    Duration,
    Instant,
    PropertySpec,
    Value,
)
from telecared.core.work import Work

_Kept = TypeVar("_Kept")

PLAUSIBLE_PAST: Final[Duration] = 7 * DAY
"""A stamp older than this is a broken clock: hubs buffer hours, not weeks."""

BURST: Final[Duration] = 3 * SECOND
"""One press, many messages: radio devices repeat a frame for up to three seconds."""

ALARM_AGAIN: Final[Duration] = 10 * MINUTE
"""An alarm that is told again after this much silence is news, though its last word was the same:
many detectors never say that it is over, and a second fall must not be taken for the first."""

REPEATED: Final[Duration] = 2 * MINUTE
"""Some devices publish the number of their last act every half minute for ever: as long as no gap
is as long as this, it stays the same act."""

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
    """Fold a message into the facts and return what changed, in the message's own order."""
    if comes_back(work.state, event, device):
        _note_return(work, event)
    note_heard(work.state, event)
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


def note_heard(state: HomeState, event: MessageHeard) -> None:
    """Note that a device spoke, and what its counter tells.

    What the broker had kept is no proof that the device still works.
    """
    device, seq = event.device, event.seq
    if not event.retained:
        heard = dict(state.heard)  # each message comes here: written out, not called
        heard[device] = event.at
        state.heard = heard
    if seq is None:
        return
    last = state.seqs.get(device)
    if last is not None and seq > last + 1:
        lost = state.missed.get(device, 0) + seq - last - 1
        state.missed = put(state.missed, device, lost)
    if last is None or seq > last or seq == 0:
        seqs = dict(state.seqs)
        seqs[device] = seq
        state.seqs = seqs


def comes_back(state: HomeState, event: MessageHeard, device: Device) -> bool:
    """Whether an alarm unit speaks after a silence that what stands behind it may have waited for.

    Such a message makes those devices due anew, and must not go the short way.
    """
    if device.kind is not DeviceKind.ALARM_UNIT:
        return False
    if offline_since(state, device.id) is not None:
        return True
    return not event.retained and event.at - _quiet_since(state, event) >= UNIT_PAUSE


def _quiet_since(state: HomeState, event: MessageHeard) -> Instant:
    known = state.known.get(event.device, event.at)
    return max(known, state.heard.get(event.device, known))


def _note_return(work: Work, event: MessageHeard) -> None:
    """Remember from when to when a unit was quiet, and have what stands behind it looked at."""
    state, since = work.state, _quiet_since(work.state, event)
    if not event.retained and event.at - since >= UNIT_PAUSE:
        known = state.returned.get(event.device, ())
        newer = with_return(known, since, event.at)
        state.returned = put(state.returned, event.device, newer)
    work.look_again()


def is_first_since(finding: Finding, heard_before: Instant | None) -> bool:
    """Whether a message is the device's first since the silence that was found.

    From then on it may be found silent once more; what it says afterwards only delays that.
    """
    return heard_before is None or heard_before <= finding.since


def put(known: Mapping[str, _Kept], name: str, value: _Kept) -> Mapping[str, _Kept]:
    """Return a mapping with one more or another value; the one that is given stays as it is."""
    newer = dict(known)  # a third of what `{**known, name: value}` costs
    newer[name] = value
    return newer


def plausible_at(stamp: Instant, received_at: Instant, offset: Duration) -> Instant:
    """Return the device's stamp in engine time when it is plausible, else when we received it.

    A clock that runs a little ahead counts as now: nothing happens after we hear of it, and facts
    from the future would make what follows look out of order.
    """
    at = stamp - offset
    if at >= received_at:  # at once, or a clock that is ahead, by little or by much
        return received_at
    return at if received_at - PLAUSIBLE_PAST <= at else received_at


def _note_reading(
    work: Work, event: MessageHeard, device: Device, reading: Reading
) -> Change | None:
    state, name = work.state, reading.property
    known: Mapping[str, Fact] = state.facts.get(device.id, {})
    fact = known.get(name)
    kept, change = told(event, device, reading, fact, work.offset, work.site.started_at)
    if kept is not None:
        state.facts = put(state.facts, device.id, put(known, name, kept))
    clears_at = None if kept is None else kept.expires_at
    known_clears_at = None if fact is None else fact.expires_at
    moved = kept is not None and clears_at != known_clears_at
    if moved and (device.id, name) in work.home.watchers:
        # A count may now reach its end before it clears, or what was found ends by itself.
        state.conditions_due = work.at
    if fact is None or change is None:
        return change
    if name == "occupancy" and not change.late_order:
        _note_rest(work, fact, change.at)
    return change


def told(
    event: MessageHeard,
    device: Device,
    reading: Reading,
    fact: Fact | None,
    offset: Duration,
    started_at: Instant,
) -> tuple[Fact | None, Change | None]:
    """Return the fact that a reading makes (None: the known one stays), and what it changes.

    `fact` is what is known of that property of that device; `offset` wall clock minus engine time;
    `started_at` when we last started.
    """
    at = event.at if reading.at is None else plausible_at(reading.at, event.at, offset)
    spec = PROPERTIES[reading.property]
    if spec.momentary:
        return _momentary(event, device, reading, at, fact, started_at)
    return _level(event, device, reading, at, fact, spec)


def _momentary(
    event: MessageHeard,
    device: Device,
    reading: Reading,
    at: Instant,
    fact: Fact | None,
    started_at: Instant,
) -> tuple[Fact | None, Change | None]:
    if event.retained:
        # What the broker kept may be weeks old: a momentary act is never read from it.
        return None, None
    known = fact is not None and fact.value == reading.value
    if fact is not None and known and _same_act(event, reading, at, fact, started_at):
        return _after_copy(event, reading, fact), None
    active = at if reading.value in PROPERTIES[reading.property].activity else 0
    since = at if fact is None else max(at, fact.since)
    active_at = max(active, fact.active_at if fact else 0)
    late_order = fact is not None and at < fact.since
    before = fact.value if fact else None
    change = Change(device, reading.property, before, reading.value, at, True, late_order)
    return Fact(reading.value, since, since, event.at, active_at, None, reading.act), change


def _same_act(
    event: MessageHeard, reading: Reading, at: Instant, fact: Fact, started_at: Instant
) -> bool:
    """Whether a momentary value is a copy of the act that is known, not another one.

    The same number is a copy for ten minutes from the act, whatever came in between, and then as
    long as the device goes on publishing it. After any pause it is another act: the counter began
    anew when the device did. A pause that was none tells once too often, which loses nothing.
    What cannot be told apart is a counter that comes to the very same number within `REPEATED` of
    its last copy.
    """
    if reading.act is not None and fact.act is not None:
        is_recent = event.at - fact.since < ALARM_AGAIN
        is_repeated = event.at - fact.received_at < REPEATED
        return reading.act == fact.act and (is_recent or is_repeated)
    if fact.received_at <= started_at and not event.redelivered:
        # How long we were down nobody knows where the clock was put back meanwhile: engine time
        # goes on where it stood, and a press of hours later must not pass for a copy.
        return False
    burst = BURST if reading.burst is None else reading.burst
    # Both clocks must agree that it is the same act: a stuck device clock must not mute it.
    return abs(at - fact.since) < burst and event.at - fact.received_at < burst


def _after_copy(event: MessageHeard, reading: Reading, fact: Fact) -> Fact | None:
    """Return what a copy of an act adds to its fact: its number, or that it is still repeated."""
    if reading.act is None:
        return None
    received_at = fact.received_at if fact.act is None else event.at
    return Fact(
        fact.value, fact.since, fact.told_at, received_at, fact.active_at, None, reading.act
    )


def _level(
    event: MessageHeard,
    device: Device,
    reading: Reading,
    at: Instant,
    fact: Fact | None,
    spec: PropertySpec,
) -> tuple[Fact | None, Change | None]:
    name, value = reading.property, reading.value
    expires = None if reading.clears_after is None else at + reading.clears_after
    before: Value | None = None
    known_active, again = 0, False
    if fact is not None:
        if at < fact.told_at:
            return _past(event, device, reading, at, fact)
        expires_at, received_at = fact.expires_at, fact.received_at
        before = fact.value if expires_at is None or at < expires_at else None
        if spec.alarm and value == before:
            again, received_at = _alarm_again(event, reading, fact, at)
            before = None if again else before
        if value == before:
            return Fact(value, fact.since, at, received_at, fact.active_at, expires), None
        known_active = fact.active_at
    shows_life = not event.retained and value in spec.activity
    kept = Fact(value, at, at, event.at, at if shows_life else known_active, expires)
    return kept, Change(device, name, before, value, at, False, False, event.retained, again)


def _alarm_again(
    event: MessageHeard, reading: Reading, fact: Fact, at: Instant
) -> tuple[bool, Instant]:
    """Return whether an alarm that never cleared is told anew, and when it was heard last.

    Either clock may say that it was quiet: a device's clock that stands still or was put back
    mutes nothing. What the broker kept is never told anew.
    """
    if event.retained or reading.value != fact.value or not is_life_safety(reading):
        return False, fact.received_at
    quiet = max(at - fact.told_at, event.at - fact.received_at)
    return quiet >= ALARM_AGAIN, event.at


def _past(
    event: MessageHeard, device: Device, reading: Reading, at: Instant, fact: Fact
) -> tuple[Fact | None, Change | None]:
    """A reading from before what is known: a sign of life then, and news only to life safety."""
    again, received_at = _alarm_again(event, reading, fact, at)
    # What it told since then already is no sign of life: it merely stays so.
    stays = reading.value == fact.value and at >= fact.since
    shows_life = reading.value in PROPERTIES[reading.property].activity and not event.retained
    active_at = max(at, fact.active_at) if shows_life and not stays else fact.active_at
    kept = Fact(fact.value, fact.since, fact.told_at, received_at, active_at, fact.expires_at)
    if stays and not again:
        return kept, None
    name, before = reading.property, None if again else fact.value
    return kept, Change(device, name, before, reading.value, at, False, True, event.retained, again)


def _note_rest(work: Work, fact: Fact, at: Instant) -> None:
    if fact.value == "occupied":
        ended = at if fact.expires_at is None else min(at, fact.expires_at)
        work.state.rest = (*work.state.rest, (fact.since, ended))[-MAX_REST_SPANS:]


def note_registered(work: Work, at: Instant) -> None:
    """Watch new devices from `at` on, and forget devices that are gone.

    A device that comes back later begins anew: what it told long ago says nothing about now.
    """
    state, present = work.state, work.home.devices
    state.facts = _of_those(state.facts, present)
    state.heard = _of_those(state.heard, present)
    state.seqs = _of_those(state.seqs, present)
    state.missed = _of_those(state.missed, present)
    state.returned = _of_those(state.returned, present)
    known = _of_those(state.known, present)
    state.known = {**known, **{device: at for device in present if device not in known}}


def _of_those(kept: Mapping[str, _Kept], devices: Collection[str]) -> dict[str, _Kept]:
    return {device: one for device, one in kept.items() if device in devices}


def current(fact: Fact, at: Instant) -> Value | None:
    """Return a level's value at `at`; None once it has cleared by itself."""
    if fact.expires_at is not None and at >= fact.expires_at:
        return None
    return fact.value
