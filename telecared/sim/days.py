"""Who lives in a simulated home, and what is meant to happen there on one day.

Pure and seeded. A day is drawn as a whole before its acts are: when the resident wakes, goes out,
rests and goes to bed. What sensors see of it is `routine`; where the values of many residents come
from is `characters`.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from random import Random
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from telecared.core.vocabulary import SECOND, Instant

EARLIEST_WAKE: Final = 5 * 60
"""Minutes after midnight, local time."""

LATEST_BED: Final = 23 * 60 + 30

_SATURDAY: Final = 5
_SUNDAY: Final = 6
_DAYS_KEPT: Final = 512


class Resident(msgspec.Struct, frozen=True, kw_only=True):
    """Who lives in a simulated home, as far as sensors notice.

    Attributes:
        wake, bedtime: usual local time, in minutes after midnight.
        outings, naps: how likely one is on a day, 0 to 1.
        nights: how many ways to the bathroom a night has at most.
        toilet: ways to the bathroom on a day, beside those on getting up and going to bed.
        restless: how likely it is that a night has a walk about the home, 0 to 1.
        late: minutes later up on Saturdays and Sundays.
        sunday: how likely a long outing is on a Sunday.
        still: minutes between two movements that a sensor sees of somebody who sits, on average.
        pulse: "long" or "short": how long the home's motion sensors stay ON.
        chair: whether a chair knows that it is occupied.
        carers: how often a day home carers come, 0 to 4.
        garden: how likely a while in the garden is on a day, through the back door.
        visitors: how likely a visit of friends or family is on a day.
        doses: when the dispenser asks, in minutes after midnight.
        warmth: what the thermostat is set to, in °C.
        noise: lone motions an hour in an empty home.
        pace: how long things take, against the usual; 1 is the usual.
    """

    home: str
    scheme: str
    zone: str = "Europe/London"
    wake: int = 7 * 60
    bedtime: int = 22 * 60 + 30
    outings: float = 0.6
    naps: float = 0.5
    nights: int = 2
    toilet: float = 5.0
    restless: float = 0.0
    late: float = 0.0
    sunday: float = 0.0
    still: float = 6.0
    pulse: str = "long"
    chair: bool = True
    carers: int = 0
    garden: float = 0.0
    visitors: float = 0.0
    doses: tuple[int, ...] = (8 * 60 + 30, 19 * 60)
    warmth: float = 20.5
    noise: float = 0.0
    pace: float = 1.0


class Outing(NamedTuple):
    """Out of the home, from door to door; seconds after local midnight."""

    start: float
    end: float


class Visit(NamedTuple):
    """Somebody is there beside the resident; seconds after local midnight."""

    start: float
    end: float


class Rest(NamedTuple):
    """A stretch in one place: `bed`, `chair`, `meal`, `garden`; at night `walk`, `toilet`."""

    start: float
    end: float
    device: str


Part = Outing | Visit | Rest


class DayPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What one day has in store. Seconds that have passed since its local midnight.

    Attributes:
        midnight: when the day begins.
        turn, shift: wall clock minutes at and after `turn` come `shift` seconds later than on a
            usual day; negative in spring.
        wake, bed: up for good, and in bed.
        evening: from when on little moves.
        parts: of the day, in order, none within another.
        nights: ways out of bed before the next morning.
    """

    midnight: Instant
    turn: int
    shift: int
    wake: float
    bed: float
    evening: float
    parts: tuple[Part, ...]
    nights: tuple[Rest, ...]

    def second_of(self, minute: float) -> float:
        """Return when the wall clock shows a minute of the day."""
        return minute * 60.0 + (self.shift if minute >= self.turn else 0)

    def at(self, second: float) -> Instant:
        """Return the instant of a second of the day."""
        return self.midnight + int(second * SECOND)

    def without(self, stretches: Sequence[tuple[Instant, Instant]]) -> "DayPlan":
        """Return the same day on which nobody is out, or there as a guest, in some stretches."""
        kept = tuple(
            part
            for part in self.parts
            if isinstance(part, Rest)
            or not any(
                self.at(part.start) < end and start < self.at(part.end) for start, end in stretches
            )
        )
        return self if kept == self.parts else msgspec.structs.replace(self, parts=kept)


@lru_cache(maxsize=_DAYS_KEPT)
def _midnight(day: date, zone: str) -> tuple[Instant, int, int]:
    """Return when a local day begins, and from which minute on its wall clock is shifted."""
    place = ZoneInfo(zone)
    begin = datetime.combine(day, time(), place)
    noon = datetime.combine(day, time(12), place)
    # Every zone that changes its clocks does so in the hours before noon.
    shift = int(begin.timestamp()) + 12 * 3_600 - int(noon.timestamp())
    turn = 24 * 60
    if shift:
        turn = next(
            hour * 60
            for hour in range(1, 13)
            if datetime.combine(day, time(hour), place).utcoffset() != begin.utcoffset()
        )
    return int(begin.timestamp()) * SECOND, turn, -shift


def wake_of(resident: Resident, day: date, seed: int) -> float:
    """Return at which minute of the wall clock the resident gets up for good."""
    chance = Random(f"{seed}/{resident.home}/{day.isoformat()}/wake")
    later = resident.late if day.weekday() >= _SATURDAY else 0.0
    drawn = resident.wake + later + max(-40.0, min(40.0, chance.gauss(0, 9)))
    return max(float(EARLIEST_WAKE), drawn)


def plan_of_day(resident: Resident, day: date, seed: int) -> DayPlan:
    """Return what a day has in store, from getting up to the next morning."""
    chance = Random(f"{seed}/{resident.home}/{day.isoformat()}/plan")
    midnight, turn, shift = _midnight(day, resident.zone)
    empty = DayPlan(
        midnight=midnight, turn=turn, shift=shift, wake=0, bed=0, evening=0, parts=(), nights=()
    )
    wake = empty.second_of(wake_of(resident, day, seed))
    bedtime = min(LATEST_BED, resident.bedtime + max(-45.0, min(45.0, chance.gauss(0, 15))))
    bed = empty.second_of(bedtime)
    return msgspec.structs.replace(
        empty,
        wake=wake,
        bed=bed,
        evening=empty.second_of(18 * 60 + 30),
        parts=_parts(resident, empty, chance, day, wake, bed),
        nights=_nights(resident, empty, chance, day, seed),
    )


def _parts(
    resident: Resident, plan: DayPlan, chance: Random, day: date, wake: float, bed: float
) -> tuple[Part, ...]:
    drawn: list[Part] = []
    second = plan.second_of

    def at(minute: float, spread: float) -> float:
        return second(minute + max(-2.5, min(2.5, chance.gauss(0, 1))) * spread)

    for visit in range(resident.carers):
        begin = at((8.25 * 60, 12.5 * 60, 17 * 60, 20 * 60)[visit], 20)
        drawn.append(Visit(begin, begin + chance.uniform(15, 40) * 60))
    if chance.random() < resident.visitors:
        begin = at(15.25 * 60, 60)
        drawn.append(Visit(begin, begin + chance.uniform(45, 150) * 60))
    if day.weekday() == _SUNDAY and chance.random() < resident.sunday:
        begin = at(11.0 * 60, 30)
        drawn.append(Outing(begin, begin + chance.uniform(150, 330) * 60))
    elif chance.random() < resident.outings:
        begin = at(10.5 * 60, 40)
        drawn.append(Outing(begin, begin + chance.uniform(45, 120) * 60))
    if chance.random() < resident.naps:
        begin = at(13.9 * 60, 20)
        place = "bed" if chance.random() < 0.6 else "chair"
        drawn.append(Rest(begin, begin + chance.uniform(35, 80) * 60, place))
    if chance.random() < resident.garden:
        begin = at(14.5 * 60, 60)
        drawn.append(Rest(begin, begin + chance.uniform(10, 45) * 60, "garden"))
    for meal in (12.4 * 60, 17.9 * 60):
        begin = at(meal, 18)
        drawn.append(Rest(begin, begin + chance.uniform(20, 45) * 60, "meal"))
    return _apart(drawn, wake + 4_200, bed - 2_400)


def _apart(drawn: list[Part], first: float, last: float) -> tuple[Part, ...]:
    """Return the parts in order, without those that overlap an earlier drawn one."""
    taken: list[Part] = []
    for part in drawn:
        fits = first <= part.start and part.end <= last
        if fits and all(part.end + 300 < one.start or one.end + 300 < part.start for one in taken):
            taken.append(part)
    return tuple(sorted(taken, key=lambda part: part.start))


def _nights(
    resident: Resident, plan: DayPlan, chance: Random, day: date, seed: int
) -> tuple[Rest, ...]:
    tomorrow = day + timedelta(days=1)
    midnight, turn, shift = _midnight(tomorrow, resident.zone)
    minute = wake_of(resident, tomorrow, seed)
    morning = (midnight - plan.midnight) / SECOND + minute * 60.0 + (shift if minute >= turn else 0)
    last = morning - 45 * 60
    bed = plan.second_of(min(LATEST_BED, resident.bedtime + 45))
    found = []
    second = bed
    restless = chance.random() < resident.restless
    for number in range(chance.randint(0, resident.nights) + restless):
        second += chance.uniform(60, 170) * 60
        lasts, place = chance.uniform(4, 9) * 60 * resident.pace, "toilet"
        if restless and number == 0:
            lasts, place = chance.triangular(8, 35, 15) * 60, "walk"
        if second + lasts > last:
            break
        found.append(Rest(second, second + lasts, place))
        second += lasts
    return tuple(found)
