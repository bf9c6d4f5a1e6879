"""A day of a simulated resident: what the sensors of the home see of it, by local time.

Pure and seeded: the same resident, day and seed give the same acts. Life events that break the
routine are `happenings`; turning acts into messages is `residents`.
"""

import random
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from telecared.core.vocabulary import SECOND, Instant

EARLIEST_WAKE: Final = 5 * 60 + 45
"""Minutes after midnight. Nights end before it: a day's acts never reach into the next day's."""

LATEST_BED: Final = 23 * 60 + 30
NIGHT_ENDS: Final = 24 * 60 + 5 * 60
"""Minutes after the midnight before: no way to the bathroom begins later."""


class Resident(msgspec.Struct, frozen=True, kw_only=True):
    """Who lives in a simulated home, as far as sensors notice.

    Attributes:
        wake, bedtime: usual local time, in minutes after midnight.
        outings, naps: how likely one is on a day, 0 to 1.
        nights: how many ways to the bathroom a night has at most.
    """

    home: str
    scheme: str
    zone: str = "Europe/London"
    wake: int = 7 * 60
    bedtime: int = 22 * 60 + 30
    outings: float = 0.6
    naps: float = 0.5
    nights: int = 2


class Act(NamedTuple):
    """One message of one device, before it has a topic.

    Attributes:
        at: when it is sent.
        device: the device's id in the home.
        readings: property -> word or number.
    """

    at: Instant
    device: str
    readings: Mapping[str, str | float]


def acts_of_day(resident: Resident, day: date, seed: int) -> list[Act]:
    """Return what the sensors see from getting up on `day` to the end of the night, in order."""
    told = _Day(resident, day, random.Random(f"{seed}/{resident.home}/{day.isoformat()}"))
    up, bedtime = told.get_up()
    told.live(up, bedtime)
    told.sleep(bedtime)
    return sorted(told.acts, key=lambda act: act.at)


class _Day:
    """Gathers the acts of one day. Times are minutes after the day's local midnight."""

    def __init__(self, resident: Resident, day: date, chance: random.Random) -> None:
        self._resident = resident
        self._midnight = datetime.combine(day, time(), ZoneInfo(resident.zone))
        self._chance = chance
        self.acts: list[Act] = []

    def _tell(self, minute: float, device: str, name: str, word: str, *, after: float = 0) -> None:
        moment = self._midnight + timedelta(minutes=minute)
        at = int(moment.timestamp() * SECOND) + int(after * SECOND)
        self.acts.append(Act(at, device, {name: word}))

    def _visit(self, room: str, minute: float, minutes: float) -> float:
        """Move about in a room; return when the resident leaves it."""
        chance, end = self._chance, minute + minutes
        while minute < end:
            self._tell(minute, room, "motion", "detected")
            clear = chance.uniform(35, 80)
            self._tell(minute, room, "motion", "clear", after=clear)
            minute += clear / 60 + chance.uniform(1.5, 9)
        return end

    def _brew(self, minute: float) -> None:
        self._tell(minute, "kettle", "appliance", "on")
        self._tell(minute, "kettle", "appliance", "off", after=self._chance.uniform(120, 260))

    def _pass_the_door(self, minute: float) -> None:
        self._visit("hall", minute, 0.5)
        self._tell(minute, "front-door", "contact", "open", after=20)
        self._tell(minute, "front-door", "contact", "closed", after=self._chance.uniform(30, 70))

    def get_up(self) -> tuple[float, float]:
        """Get up, wash, have breakfast; return when that is over, and when the day ends."""
        chance, resident = self._chance, self._resident
        wake = max(EARLIEST_WAKE, resident.wake + max(-40.0, min(40.0, chance.gauss(0, 9))))
        bedtime = min(LATEST_BED, resident.bedtime + max(-45.0, min(45.0, chance.gauss(0, 15))))
        self._tell(wake, "bed", "occupancy", "vacant")
        self._visit("bedroom", wake + 0.3, 2)
        left = self._visit("bathroom", wake + 4, chance.uniform(8, 16))
        self._visit("hall", left + 0.4, 0.5)
        self._brew(left + 4)
        return self._visit("kitchen", left + 2, chance.uniform(18, 30)), bedtime

    def live(self, minute: float, bedtime: float) -> None:
        """Spend the day until it is time for bed."""
        chance, resident = self._chance, self._resident
        outing = chance.gauss(10.5 * 60, 40) if chance.random() < resident.outings else None
        nap = chance.gauss(13.8 * 60, 20) if chance.random() < resident.naps else None
        while minute < bedtime - 30:
            if outing is not None and minute >= outing:
                outing = None
                self._pass_the_door(minute)
                minute += min(chance.uniform(45, 120), bedtime - 30 - minute)
                self._pass_the_door(minute)
                minute += 2
            elif nap is not None and minute >= nap:
                nap = None
                self._tell(minute, "bed", "occupancy", "occupied")
                minute += min(chance.uniform(40, 80), bedtime - 30 - minute)
                self._tell(minute, "bed", "occupancy", "vacant")
                minute += 1
            else:
                minute = self._pastime(minute, bedtime - 16)

    def _pastime(self, minute: float, until: float) -> float:
        chance = self._chance
        drawn = chance.random()
        room, most = "living-room", chance.uniform(12, 45)
        if drawn < 0.2:
            room, most = "bathroom", chance.uniform(3, 8)
        elif drawn < 0.45:
            room, most = "kitchen", chance.uniform(6, 25)
            self._brew(minute + 1)
        return self._visit(room, minute, min(most, until - minute)) + 1

    def sleep(self, bedtime: float) -> None:
        """Go to bed, and perhaps to the bathroom in the night."""
        chance = self._chance
        self._visit("bathroom", bedtime - 14, 6)
        self._visit("bedroom", bedtime - 5, 4)
        self._tell(bedtime, "bed", "occupancy", "occupied")
        minute = bedtime
        for _ in range(chance.randint(0, self._resident.nights)):
            minute += chance.uniform(60, 170)
            if minute > NIGHT_ENDS:
                return
            self._tell(minute, "bed", "occupancy", "vacant")
            back = self._visit("bathroom", minute + 1, chance.uniform(2, 5))
            minute = back + 2
            self._tell(minute, "bed", "occupancy", "occupied")
