"""Simulated homes as a stream of messages, in order of time.

Pure and seeded: what lives tell, in each device's own wire format and with its habits. Of many
homes a slice of time is drawn at once, so that memory does not grow with the length of a stream.
Lives are `lives`, files `spool`, pacing and publishing `publish`.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from heapq import heappop, heappush
from typing import Final

import msgspec

from telecared.core.profiles import DeviceBinding
from telecared.core.streams import StreamMessage
from telecared.core.vocabulary import HOUR, SECOND, Duration, Instant
from telecared.sim.furnishing import DEVICES, Furnisher, shipped_furnisher
from telecared.sim.habits import AHEAD, REAL, Habits, Speaker, Told, said_otherwise
from telecared.sim.lives import HEARTBEAT, home_acts
from telecared.sim.occurring import Happening
from telecared.sim.routine import Act, Resident

__all__ = ["DEVICES", "HEARTBEAT", "QOS", "Outfit", "home_stream", "street_stream"]

QOS: Final = 1

SLICE_MESSAGES: Final = 2_000
"""Messages of all homes drawn at once, about: a pause no longer than a breath."""

_A_SECOND: Final = 0.006
"""Messages that a home sends a second, about; only the size of slices depends on it."""


class Outfit(msgspec.Struct, frozen=True):
    """What stands in simulated homes, and how it behaves.

    Attributes:
        furnisher: gives homes their devices.
        devices: home -> its devices; homes that are not in it have the native twelve.
        real: devices have the habits of real ones.
    """

    furnisher: Furnisher
    devices: dict[str, tuple[DeviceBinding, ...]] = {}
    real: bool = False

    def habits_of(self, profile: str) -> Habits | None:
        """Return the habits of a profile's devices, or None for clean ones."""
        return REAL.get(profile, Habits()) if self.real else None

    def bindings(self, resident: Resident) -> tuple[DeviceBinding, ...]:
        """Return the devices of somebody's home."""
        known = self.devices.get(resident.home)
        if known is None:
            return self.furnisher.furnish(resident.scheme, resident.home)
        return known

    def heard(self, resident: Resident, acts: Iterable[Act]) -> list[Act]:
        """Return what of some acts the home's devices have words for."""
        encoders = {one.device: self.furnisher.encoder(one) for one in self.bindings(resident)}
        found = []
        for act in acts:
            encoder = encoders.get(act.device)
            told = {} if encoder is None else said_otherwise(encoder, act.readings)
            if told:
                found.append(act._replace(readings=told))
        return found


@lru_cache(maxsize=1)
def plain_outfit() -> Outfit:
    """Return what the demo's street has: the native profile, told once and in time."""
    return Outfit(shipped_furnisher())


def street_stream(
    residents: Sequence[Resident],
    happenings: Callable[[Resident], Iterable[Happening]],
    *,
    start: Instant,
    end: Instant,
    seed: int,
    outfit: Outfit | None = None,
) -> Iterator[StreamMessage]:
    """Yield the messages of all homes from `start` to before `end`, in order of `tst`.

    Args:
        residents: of the homes.
        happenings: returns what happens in a home.
        start: when every home first tells how it stands.
        end: before which the last message is.
        seed: the same seed gives the same messages.
        outfit: what stands in the homes; the native twelve if left out.
    """
    streams = [
        home_told(resident, happenings(resident), start=start, end=end, seed=seed, outfit=outfit)
        for resident in residents
    ]
    width = int(SLICE_MESSAGES / (_A_SECOND * max(len(streams), 1))) * SECOND
    for told in _in_order(streams, start, max(SECOND, min(width, HOUR))):
        yield StreamMessage(told.at, told.topic, QOS, told.retain, told.payload)


def home_stream(
    resident: Resident,
    happenings: Iterable[Happening],
    *,
    start: Instant,
    end: Instant,
    seed: int,
    outfit: Outfit | None = None,
) -> Iterator[StreamMessage]:
    """Yield the messages of one home: first how everything stands, then what happens."""
    for told in home_told(resident, happenings, start=start, end=end, seed=seed, outfit=outfit):
        yield StreamMessage(told.at, told.topic, QOS, told.retain, told.payload)


def home_told(
    resident: Resident,
    happenings: Iterable[Happening],
    *,
    start: Instant,
    end: Instant,
    seed: int,
    outfit: Outfit | None = None,
) -> Iterator[Told]:
    """Yield what `home_stream` does, in its smallest form."""
    outfit = outfit or plain_outfit()
    bindings = outfit.bindings(resident)
    speakers = {
        binding.device: Speaker(
            binding,
            outfit.furnisher.encoder(binding),
            outfit.habits_of(binding.profile),
            f"{seed}/{resident.home}",
        )
        for binding in bindings
    }
    if not outfit.real:
        for act in home_acts(resident, happenings, start=start, end=end, seed=seed):
            speaker = speakers.get(act.device)
            if speaker is not None:
                yield from speaker.tell(act, act.at)
        return
    # A little further than is told: habits look ahead, and a longer stream must begin the same.
    acts = home_acts(resident, happenings, start=start, end=end + AHEAD, seed=seed)
    yield from _with_habits(acts, speakers, start, end)


def _with_habits(
    acts: Iterable[Act], speakers: dict[str, Speaker], start: Instant, end: Instant
) -> Iterator[Told]:
    later: list[tuple[Instant, int, Told]] = []
    count = 0
    opened: set[str] = set()
    for act, until in _with_next(acts):
        while later and later[0][0] < act.at:
            told = heappop(later)[2]
            if told.at >= end:
                return
            yield told
        if act.at >= end:
            break
        speaker = speakers.get(act.device)
        if speaker is None:
            continue
        opening = act.at == start and act.device not in opened
        if opening and not act.retained:
            opened.add(act.device)
        for told in speaker.tell(act, until, opening=opening):
            count += 1
            heappush(later, (told.at, count, told))
    while later and later[0][0] < end:
        yield heappop(later)[2]


def _with_next(acts: Iterable[Act]) -> Iterator[tuple[Act, Instant]]:
    """Yield each act and when the same device acts again, as far as habits look ahead."""
    window: deque[Act] = deque()
    for act in acts:
        while window and window[0].at + AHEAD <= act.at:
            first = window.popleft()
            yield first, _next_of(first, window)
        window.append(act)
    while window:
        first = window.popleft()
        yield first, _next_of(first, window)


def _next_of(act: Act, window: Iterable[Act]) -> Instant:
    for other in window:
        if other.device == act.device:
            return other.at
    return act.at + AHEAD


def _in_order(streams: Sequence[Iterator[Told]], start: Instant, width: Duration) -> Iterator[Told]:
    """Merge the homes' streams slice by slice: in order of time, then of homes."""
    waiting: dict[int, list[tuple[int, Told]]] = {}
    for index, stream in enumerate(streams):
        _wait(waiting, index, next(stream, None), start, width)
    number = 0
    while waiting:
        number += 1
        limit = start + number * width
        entries: list[tuple[Instant, int, int, Told]] = []
        for index, first in waiting.pop(number - 1, ()):
            head: Told | None = first
            stream = streams[index]
            while head is not None and head.at < limit:
                entries.append((head.at, index, len(entries), head))
                head = next(stream, None)
            _wait(waiting, index, head, start, width)
        entries.sort()
        for entry in entries:
            yield entry[3]


def _wait(
    waiting: dict[int, list[tuple[int, Told]]],
    index: int,
    head: Told | None,
    start: Instant,
    width: Duration,
) -> None:
    if head is not None:
        waiting.setdefault((head.at - start) // width, []).append((index, head))
