"""Life events of simulated residents: falls, calls for help, smoke, equipment that fails.

Pure and seeded. A happening adds acts to the routine and silences a part of it for a time. Who
comes to help, and how the alert ends, is `street`.
"""

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from telecared.core.vocabulary import HOUR, MINUTE, SECOND, Duration, Instant
from telecared.core.windows import local
from telecared.sim.routine import Act, Resident

APART: Final = 3 * HOUR
"""Between two happenings of one home."""

DAY_FROM, DAY_UNTIL = 7 * 60 + 30, 21 * 60 + 30
"""Minutes after local midnight between which most things happen."""


class What(StrEnum):
    """What can happen."""

    PENDANT = "pendant"
    MISTAKE = "mistake"
    FALL = "fall"
    UNSEEN_FALL = "unseen_fall"
    SMOKE = "smoke"
    DOOR_AT_NIGHT = "door_at_night"
    UNIT_SILENT = "unit_silent"
    MAINS_LOST = "mains_lost"
    BATTERY_LOW = "battery_low"


_WEIGHTS: Final = {
    What.PENDANT: 6,
    What.MISTAKE: 5,
    What.FALL: 4,
    What.UNSEEN_FALL: 1,
    What.SMOKE: 2,
    What.DOOR_AT_NIGHT: 1,
    What.UNIT_SILENT: 1,
    What.MAINS_LOST: 2,
    What.BATTERY_LOW: 1,
}


class Happening(msgspec.Struct, frozen=True):
    """Something that happens in one home.

    Attributes:
        at: when it begins.
    """

    at: Instant
    home: str
    what: What


class Quiet(msgspec.Struct, frozen=True):
    """A stretch of silence.

    Attributes:
        device: the device that says nothing at all, or None: nobody moves in the home.
    """

    start: Instant
    end: Instant
    device: str | None = None


def acts_of(happening: Happening) -> list[Act]:
    """Return what the home's devices tell of it, in order."""

    def act(after: Duration, device: str, name: str, word: str | float) -> Act:
        return Act(happening.at + after, device, {name: word})

    match happening.what:
        case What.PENDANT | What.MISTAKE:
            return [act(0, "pendant", "trigger", "pressed")]
        case What.FALL:
            return [
                act(0, "fall-detector", "fall", "detected"),
                act(40 * SECOND, "pendant", "trigger", "pressed"),
                act(30 * MINUTE, "fall-detector", "fall", "clear"),
            ]
        case What.UNSEEN_FALL:
            return [
                act(-2 * MINUTE, "bed", "occupancy", "vacant"),
                act(0, "bathroom", "motion", "detected"),
                act(50 * SECOND, "bathroom", "motion", "clear"),
            ]
        case What.SMOKE:
            return [
                act(0, "kitchen-smoke", "smoke", "alarm"),
                act(9 * MINUTE, "kitchen-smoke", "smoke", "clear"),
            ]
        case What.DOOR_AT_NIGHT:
            return [
                act(-20 * SECOND, "hall", "motion", "detected"),
                act(0, "front-door", "contact", "open"),
                act(25 * SECOND, "hall", "motion", "clear"),
                act(14 * MINUTE, "front-door", "contact", "closed"),
            ]
        case What.UNIT_SILENT:
            return []
        case What.MAINS_LOST:
            return [act(0, "hub", "mains", "lost"), act(24 * MINUTE, "hub", "mains", "ok")]
        case What.BATTERY_LOW:
            return [act(0, "kitchen-smoke", "battery", "low")]


def quiet_of(happening: Happening) -> list[Quiet]:
    """Return what falls silent."""
    at = happening.at
    match happening.what:
        case What.PENDANT:
            return [Quiet(at, at + 12 * MINUTE)]
        case What.FALL:
            return [Quiet(at, at + 30 * MINUTE)]
        case What.UNSEEN_FALL:
            return [Quiet(at + SECOND, at + 3 * HOUR)]
        case What.UNIT_SILENT:
            return [Quiet(at, at + 85 * MINUTE, "hub")]
        case What.BATTERY_LOW:
            # Its daily report would tell another level and take the word back.
            return [Quiet(at, at + 20 * HOUR, "kitchen-smoke")]
        case _:
            return []


def happenings_of(
    resident: Resident, *, start: Instant, days: int, seed: int, a_day: float
) -> Iterator[Happening]:
    """Yield what happens in one home, in order of time.

    Args:
        resident: whose home.
        start: nothing happens before.
        days: local days from that of `start` on.
        seed: the same seed plans the same.
        a_day: how much happens on one day, on average; about 4 fit.
    """
    first = local(start, ZoneInfo(resident.zone)).date()
    last = start - APART
    for number in range(days):
        for one in _of_day(resident, first + timedelta(days=number), seed, a_day):
            if one.at >= start and one.at - last >= APART:
                last = one.at
                yield one


def _of_day(resident: Resident, day: date, seed: int, a_day: float) -> list[Happening]:
    chance = random.Random(f"{seed}/{resident.home}/{day.isoformat()}/happenings")
    midnight = datetime.combine(day, time(), ZoneInfo(resident.zone))
    count = int(a_day) + (chance.random() < a_day % 1)
    found = []
    for _ in range(count):
        what = chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
        minute = chance.uniform(DAY_FROM, DAY_UNTIL)
        if what is What.DOOR_AT_NIGHT:
            minute = chance.uniform(22.5 * 60, 28.5 * 60)
        moment = midnight + timedelta(minutes=minute)
        found.append(Happening(int(moment.timestamp()) * SECOND, resident.home, what))
    return sorted(found, key=lambda one: one.at)
