"""Simulated homes as a stream of messages of the native profile, in order of time.

Pure and seeded: routine, heartbeats, battery reports and happenings of each home, merged lazily,
so that ten thousand homes cost no memory. Pacing and publishing are not here.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from heapq import merge
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from telecared.core.streams import StreamMessage
from telecared.core.vocabulary import DAY, MINUTE, DeviceKind, Instant
from telecared.core.windows import local
from telecared.sim.happenings import APART, Happening, Quiet, acts_of, quiet_of
from telecared.sim.routine import Act, Resident, acts_of_day

HEARTBEAT: Final = 15 * MINUTE
QOS: Final = 1

DEVICES: Final[Mapping[str, tuple[DeviceKind, str | None]]] = {
    "hub": (DeviceKind.ALARM_UNIT, "hall"),
    "pendant": (DeviceKind.PERSONAL_TRIGGER, None),
    "fall-detector": (DeviceKind.FALL_DETECTOR, None),
    "bedroom": (DeviceKind.ACTIVITY_DETECTOR, "bedroom"),
    "bathroom": (DeviceKind.ACTIVITY_DETECTOR, "bathroom"),
    "kitchen": (DeviceKind.ACTIVITY_DETECTOR, "kitchen"),
    "living-room": (DeviceKind.ACTIVITY_DETECTOR, "living-room"),
    "hall": (DeviceKind.ACTIVITY_DETECTOR, "hall"),
    "front-door": (DeviceKind.DOOR_SENSOR, "entrance"),
    "bed": (DeviceKind.BED_MONITOR, "bedroom"),
    "kettle": (DeviceKind.APPLIANCE_MONITOR, "kitchen"),
    "kitchen-smoke": (DeviceKind.SMOKE_DETECTOR, "kitchen"),
}
"""What stands in every simulated home: device -> kind and location."""

_ON_MAINS: Final = frozenset({"hub", "kettle"})
_STATUS: Final[Mapping[str, Mapping[str, str | float]]] = {
    "hub": {"heartbeat": "seen", "mains": "ok"},
    "front-door": {"contact": "closed"},
    "kettle": {"appliance": "off"},
    "kitchen-smoke": {"smoke": "clear"},
    "fall-detector": {"fall": "clear"},
}
"""What devices tell when the stream begins, beside what the day before has left them in."""

_MOVES: Final = frozenset(
    {("motion", "detected"), ("contact", "open"), ("appliance", "on"),
     ("occupancy", "occupied"), ("occupancy", "vacant")}
)  # fmt: skip
"""What nobody does who cannot move; that a sensor calms down goes on."""


def street_stream(
    residents: Sequence[Resident],
    happenings: Callable[[Resident], Iterable[Happening]],
    *,
    start: Instant,
    end: Instant,
    seed: int,
) -> Iterator[StreamMessage]:
    """Yield the messages of all homes from `start` to before `end`, in order of `tst`.

    Args:
        residents: of the homes.
        happenings: returns what happens in a home, in order of time.
        start: when every home first tells how it stands.
        end: before which the last message is.
        seed: the same seed gives the same messages.
    """
    streams = (
        home_stream(resident, happenings(resident), start=start, end=end, seed=seed)
        for resident in residents
    )
    yield from merge(*streams, key=_when)


def home_stream(
    resident: Resident,
    happenings: Iterable[Happening],
    *,
    start: Instant,
    end: Instant,
    seed: int,
) -> Iterator[StreamMessage]:
    """Yield the messages of one home: first how everything stands, then what happens."""
    wire = _Wire(resident)
    status = {device: dict(readings) for device, readings in _STATUS.items()}
    quiet: list[Quiet] = []
    usual = merge(_routine(resident, start, seed), *_reports(resident, start, end, seed), key=_at)
    begun = False
    for act, is_extra in merge(
        ((act, False) for act in usual), _extra(happenings, quiet), key=_at_of_pair
    ):
        if act.at < start:
            status.setdefault(act.device, {}).update(act.readings)
            continue
        if not begun:
            begun = True
            yield from wire.opening(status, start, seed)
        if act.at >= end:
            return
        if is_extra or not _is_quiet(act, quiet):
            yield wire.message(act)


def _extra(happenings: Iterable[Happening], quiet: list[Quiet]) -> Iterator[tuple[Act, bool]]:
    """Yield the acts of happenings, and note in `quiet` what they silence before it begins.

    Merging looks one act ahead, so that the next happening is known when the last act of this one
    has been taken: long before its own time.
    """
    for one in happenings:
        quiet[:] = [stretch for stretch in quiet if stretch.end > one.at - APART]
        quiet += quiet_of(one)
        for act in acts_of(one):
            yield act, True


def _routine(resident: Resident, start: Instant, seed: int) -> Iterator[Act]:
    # From the day before, whose night this morning may still belong to.
    day = local(start, ZoneInfo(resident.zone)).date() - timedelta(days=1)
    while True:
        yield from acts_of_day(resident, day, seed)
        day += timedelta(days=1)


def _reports(
    resident: Resident, start: Instant, end: Instant, seed: int
) -> Iterator[Iterator[Act]]:
    chance = random.Random(f"{seed}/{resident.home}/reports")
    yield _every(HEARTBEAT, start + chance.randrange(HEARTBEAT), end, "hub", {"heartbeat": "seen"})
    for device in DEVICES:
        if device not in _ON_MAINS:
            first = start + chance.randrange(DAY)
            yield _every(DAY, first, end, device, {"battery": _battery(resident, device, seed)})


def _battery(resident: Resident, device: str, seed: int) -> float:
    """Return a battery's level in %: far from empty, and it does not move in a simulation."""
    return float(random.Random(f"{seed}/{resident.home}/{device}/battery").randint(35, 100))


def _every(
    pause: int, first: Instant, end: Instant, device: str, readings: Mapping[str, str | float]
) -> Iterator[Act]:
    return (Act(at, device, readings) for at in range(first, end, pause))


def _is_quiet(act: Act, quiet: Sequence[Quiet]) -> bool:
    for stretch in quiet:
        if not stretch.start <= act.at < stretch.end:
            continue
        if stretch.device == act.device:
            return True
        if stretch.device is None and not _MOVES.isdisjoint(act.readings.items()):
            return True
    return False


class _Wire:
    """Gives one home's acts their topics and counters."""

    def __init__(self, resident: Resident) -> None:
        self._resident = resident
        self._prefix = f"telecare/{resident.scheme}/{resident.home}"
        self._counts: dict[str, int] = {}

    def message(self, act: Act) -> StreamMessage:
        count = self._counts.get(act.device, 0) + 1
        self._counts[act.device] = count
        payload = msgspec.json.encode({**act.readings, "seq": count})
        return StreamMessage(act.at, f"{self._prefix}/{act.device}", QOS, False, payload)

    def opening(
        self, status: Mapping[str, Mapping[str, str | float]], start: Instant, seed: int
    ) -> Iterator[StreamMessage]:
        """Tell at `start` how things stand: the hub's retained link first, then each device."""
        yield StreamMessage(start, f"{self._prefix}/hub/link", QOS, True, b"online")
        for device in DEVICES:
            readings = dict(status.get(device, {}))
            if readings.get("motion") == "detected":
                readings["motion"] = "clear"
            if device not in _ON_MAINS:
                readings["battery"] = _battery(self._resident, device, seed)
            yield self.message(Act(start, device, readings))


def _when(message: StreamMessage) -> Instant:
    return message.tst or 0


def _at(act: Act) -> Instant:
    return act.at


def _at_of_pair(pair: tuple[Act, bool]) -> Instant:
    return pair[0].at
