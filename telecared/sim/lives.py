"""The whole life of one simulated home: routine, reports and happenings, in order of time.

Pure and seeded, a local day at a time, so that ten thousand homes cost little memory. What a day
holds is `routine`, what breaks it `courses`; topics and wire formats are not here.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from math import cos, log, pi
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from telecared.core.vocabulary import DAY, HOUR, MINUTE, SECOND, Instant
from telecared.core.windows import local
from telecared.sim.courses import acts_of, at_home_of, quiet_of
from telecared.sim.days import Outing, Resident, plan_of_day
from telecared.sim.occurring import EVERYTHING, Happening, Quiet, What
from telecared.sim.routine import Act, acts_of_day, when

HEARTBEAT: Final = 15 * MINUTE
WARMTH_TOLD: Final = 30 * MINUTE

PLUG_TOLD: Final = HOUR
"""How often a plug says what it does; those in homes say so every minute to every few hours."""

OFTEN: Final = {"pills": 3 * HOUR}
"""Devices whose battery only bridges a power cut, so that they tell it more than once a day."""

_BREWS: Final = 5 * MINUTE

ON_MAINS: Final = frozenset({"hub", "kettle"})
DEVICES: Final = (
    "hub", "pendant", "fall-detector", "bedroom", "bathroom", "kitchen", "living-room", "hall",
    "front-door", "back-door", "fridge", "bed", "chair", "kettle", "kitchen-smoke",
    "carbon-monoxide", "bathroom-flood", "thermometer", "pills", "pull-cord",
)  # fmt: skip
"""Every device that a simulated life may speak of; a home may have fewer."""

_STATUS: Final[Mapping[str, Mapping[str, str | float]]] = {
    "hub": {"heartbeat": "seen", "mains": "ok"},
    "front-door": {"contact": "closed"},
    "back-door": {"contact": "closed"},
    "fridge": {"contact": "closed"},
    "chair": {"occupancy": "vacant"},
    "kettle": {"appliance": "off"},
    "kitchen-smoke": {"smoke": "clear"},
    "carbon-monoxide": {"co": "clear"},
    "bathroom-flood": {"water": "dry"},
    "fall-detector": {"fall": "clear"},
}
"""What devices tell when the stream begins, beside what the day before has left them in."""

_DAILY: Final = {
    device: _STATUS[device]
    for device in (
        "kitchen-smoke", "carbon-monoxide", "bathroom-flood", "fall-detector", "front-door",
        "back-door",
    )
}  # fmt: skip
"""What guards in silence tells daily that all is well, whether it knows its battery or not."""

_MOVES: Final = frozenset(
    {("motion", "detected"), ("contact", "open"), ("appliance", "on"), ("medication", "taken"),
     ("occupancy", "occupied"), ("occupancy", "vacant")}
)  # fmt: skip
"""What nobody does who cannot move; that a sensor calms down goes on."""

_CLOSES_BY_ITSELF: Final = 2 * MINUTE
"""A door that was opened just before still falls shut; later it takes somebody to close it."""

_DAY_TURNS: Final = 3 * HOUR + 30 * MINUTE
"""After local midnight: no act of the day that begins then is told before, also in spring."""

_LATE_APART: Final = SECOND // 50
"""Between two messages that a hub delivers late."""

_MORE_WAYS, _MORE_NIGHTS, _LATER_UP, _SLOWER = 0.8, 3, 60, 0.6
"""What a decline adds by its end (chosen): ways by day, by night, minutes in bed, slowness."""

_WAITS: Final = 35 * MINUTE
_MISSED: Final = {"medication": "missed"}
_LASTS: Final = frozenset({"occupancy", "contact"})
_CLOSED: Final = ("contact", "closed")
_OFF: Final = {"appliance": "off"}
_BEAT: Final = {"heartbeat": "seen"}
_MOTION: Final = {"motion": "detected"}
_STILL: Final = {"motion": "clear"}
_ROOMS: Final = ("living-room", "hall", "kitchen", "bedroom")


def home_acts(
    resident: Resident,
    happenings: Iterable[Happening],
    *,
    start: Instant,
    end: Instant,
    seed: int,
) -> Iterator[Act]:
    """Yield all acts of a home from `start` to before `end`, in order of `at`.

    First how everything stands at `start`, the hub's retained link before all else; then routine,
    heartbeats, battery and temperature reports, and what happenings add and silence.

    Args:
        resident: who lives there.
        happenings: what happens, in any order.
        start: when the first acts are told.
        end: before which the last one is.
        seed: the same seed gives the same life.
    """
    life = _Life(resident, happenings, start, end, seed)
    day = local(start, ZoneInfo(resident.zone)).date()
    # From the day before, whose night this morning may still belong to.
    pending = life.routine(day - timedelta(days=1)) + life.routine(day)
    yield from life.opening(pending)
    pending = [act for act in pending if act.at >= start]
    low = start
    while low < end:
        day += timedelta(days=1)
        high = max(low, min(end, _turn(resident, day, seed)))
        pending += life.reports(low, high, pending)
        pending.sort(key=when)
        cut = bisect_left(pending, high, key=when)
        yield from life.told(pending[:cut], low, high)
        del pending[:cut]
        pending += life.routine(day)
        low = high


def noise_of(resident: Resident, low: Instant, high: Instant, seed: int) -> list[Instant]:
    """Return when the home's sensors see a motion that nobody made, if nobody moves at all."""
    if resident.noise <= 0:
        return []
    found = []
    # By whole days of the calendar, so that the same stretch asked for in parts is the same.
    for number in range(low // DAY, high // DAY + 1):
        chance = Random(f"{seed}/{resident.home}/{number}/noise")
        at: float = number * DAY
        while (at := at - log(1.0 - chance.random()) * HOUR / resident.noise) < (number + 1) * DAY:
            if low <= at < high:
                found.append(int(at))
    return found


def _turn(resident: Resident, day: date, seed: int) -> Instant:
    return plan_of_day(resident, day, seed).midnight + _DAY_TURNS


class _Life:
    """One home's residents, happenings and devices; remembers what silence holds back."""

    def __init__(
        self,
        resident: Resident,
        happenings: Iterable[Happening],
        start: Instant,
        end: Instant,
        seed: int,
    ) -> None:
        told = sorted(happenings, key=lambda one: one.at)
        self._resident, self._start, self._end, self._seed = resident, start, end, seed
        self._declines = [one for one in told if one.what is What.DECLINE]
        self._alone = [span for one in told if (span := at_home_of(one)) is not None]
        self._quiet = [quiet for one in told for quiet in quiet_of(one)]
        self._extra = sorted((act for one in told for act in acts_of(one)), key=when)
        self._outings: deque[tuple[Instant, Instant]] = deque(maxlen=16)
        self._held: dict[tuple[str, Quiet], Act] = {}
        self._late: dict[Quiet, deque[Act]] = {}
        self._asked = False
        chance = Random(f"{seed}/{resident.home}/reports")
        # The devices' clocks know nothing of when somebody begins to listen.
        self._beat = chance.randrange(HEARTBEAT)
        self._warm = chance.randrange(WARMTH_TOLD)
        # A sensor tells its battery once a day, and it does not fall in a simulation by itself.
        self._batteries = {
            device: (
                chance.randrange(DAY),
                {**_DAILY.get(device, {}), "battery": float(chance.randint(35, 100))},
            )
            for device in DEVICES
            if device not in ON_MAINS
        }

    # --- what would be told ---------------------------------------------------------------------

    def routine(self, day: date) -> list[Act]:
        """Return the acts of a day as they would be if nothing happened that keeps people still."""
        resident = self._declined(day)
        plan = plan_of_day(resident, day, self._seed)
        if self._alone:
            plan = plan.without(self._alone)
        self._outings.extend(
            (plan.at(part.start), plan.at(part.end))
            for part in plan.parts
            if isinstance(part, Outing)
        )
        return acts_of_day(resident, day, self._seed, plan)

    def _declined(self, day: date) -> Resident:
        resident = self._resident
        for one in self._declines:
            at = plan_of_day(resident, day, self._seed).midnight
            if one.at <= at < one.end:
                share = (at - one.at) / (one.end - one.at)
                return msgspec.structs.replace(
                    resident,
                    toilet=resident.toilet * (1 + _MORE_WAYS * share),
                    nights=resident.nights + round(_MORE_NIGHTS * share),
                    wake=resident.wake + round(_LATER_UP * share),
                    pace=resident.pace * (1 + _SLOWER * share),
                    outings=resident.outings * (1 - share),
                )
        return resident

    def opening(self, before: Sequence[Act]) -> Iterator[Act]:
        """Yield how everything stands at the start."""
        start = self._start
        status = {device: dict(readings) for device, readings in _STATUS.items()}
        for act in before:
            if act.at < start:
                status.setdefault(act.device, {}).update(act.readings)
        status["thermometer"] = {"temperature": self._warmth(start, 0.0)}
        yield Act(start, "hub", {"link": "online"}, retained=True)
        for device in DEVICES:
            readings = dict(status.get(device, {}))
            readings.pop("medication", None)
            if "motion" in readings:
                readings["motion"] = "clear"
            if device in self._batteries:
                readings.update(self._batteries[device][1])
            yield Act(start, device, readings)

    def reports(self, low: Instant, high: Instant, usual: Sequence[Act]) -> list[Act]:
        """Return what devices tell by the clock, beside what they usually do."""
        acts = []
        brews = [act.at for act in usual if act.device == "kettle"]
        for at in range(_first(self._beat, PLUG_TOLD, low), high, PLUG_TOLD):
            if not any(brew <= at < brew + _BREWS for brew in brews):
                acts.append(Act(at, "kettle", _OFF))
        for at in range(_first(self._beat, HEARTBEAT, low), high, HEARTBEAT):
            acts.append(Act(at, "hub", _BEAT))
        chance = Random(f"{self._seed}/{self._resident.home}/{low}/warmth")
        for at in range(_first(self._warm, WARMTH_TOLD, low), high, WARMTH_TOLD):
            warmth = {"temperature": self._warmth(at, chance.random() - 0.5)}
            acts.append(Act(at, "thermometer", warmth))
        for device, (first, battery) in self._batteries.items():
            often = OFTEN.get(device, DAY)
            for at in range(_first(first % often, often, low), high, often):
                acts.append(Act(at, device, battery))
        return acts

    def _warmth(self, at: Instant, wavers: float) -> float:
        """Warmest in the afternoon, two degrees less at the end of the night."""
        wave = cos(2 * pi * (at % DAY / DAY - 16 / 24))
        return round(self._resident.warmth - 1.0 + wave + 0.3 * wavers, 1)

    # --- what is told ---------------------------------------------------------------------------

    def told(self, usual: Sequence[Act], low: Instant, high: Instant) -> Iterator[Act]:
        """Yield what is left of some acts, and what happens beside them, in order."""
        # Acts of a happening may begin a little before it.
        near = [one for one in self._quiet if one.start < high and low <= one.end]
        first = bisect_left(self._extra, low, key=when)
        extra = self._extra[first : bisect_left(self._extra, high, key=when)]
        noise = self._noise(near, low, high)
        if not near:
            acts = usual
        else:
            acts = self._left(usual, near)
            acts += self._brought(near, high)
            if any(one.device == EVERYTHING for one in near):
                extra = [act for act in extra if act.retained or not _covers(act, near)]
        yield from sorted([*acts, *extra, *noise], key=when) if extra or noise or near else acts

    def _noise(self, near: Sequence[Quiet], low: Instant, high: Instant) -> list[Act]:
        if self._resident.noise <= 0:
            return []
        still = [(one.start, one.end) for one in near if one.device is None]
        lost = [(one.start, one.end) for one in near if one.device == EVERYTHING]
        empty = [*still, *self._outings]
        acts = []
        for at in noise_of(self._resident, low, high, self._seed):
            if _within(at, empty) and not _within(at, lost):
                room = _ROOMS[at // SECOND % len(_ROOMS)]
                acts += [Act(at, room, _MOTION), Act(at + 3 * SECOND, room, _STILL)]
        return [act for act in acts if act.at < high]

    def _left(self, usual: Sequence[Act], near: Sequence[Quiet]) -> list[Act]:
        """Return the acts that no silence takes, and remember what is wanted when it ends."""
        acts = []
        for act in usual:
            takers = [one for one in near if _takes(one, act)]
            # Of a device that is silent as a whole, nothing is told.
            taker = next((one for one in takers if not one.name), takers[0] if takers else None)
            dose = act.readings.get("medication")
            if taker is None:
                acts.append(act)
                if not _LASTS.isdisjoint(act.readings):
                    self._forget(act)
                if dose is not None:
                    self._asked = dose == "due"
            elif dose == "taken" and taker.device != EVERYTHING:
                if self._asked:
                    # The dispenser has asked, waits, and gives up.
                    acts.append(Act(act.at + _WAITS, act.device, _MISSED))
                self._asked = False
            elif taker.name and (rest := _but(act.readings, takers)):
                # Only the one property is silent: what else the message holds is told.
                acts.append(act._replace(readings=rest))
            elif taker.device is None and "battery" in act.readings:
                # A report is nobody's doing: a door of an empty home goes on telling its battery.
                acts.append(act._replace(readings={"battery": act.readings["battery"]}))
            elif taker.late:
                self._late.setdefault(taker, deque(maxlen=taker.late)).append(act)
            elif taker.device is None and not _LASTS.isdisjoint(act.readings):
                self._held[act.device, taker] = act
        return acts

    def _forget(self, told: Act) -> None:
        """Nothing is owed any more of a device that tells how it stands within a silence."""
        device, at = told.device, told.at
        for key in [key for key in self._held if key[0] == device and at < key[1].end]:
            del self._held[key]

    def _brought(self, near: Sequence[Quiet], high: Instant) -> list[Act]:
        """Return what comes at the end of a silence: what a hub kept, how bed and chair stand."""
        acts = []
        for quiet in near:
            if quiet.end >= high:
                continue
            for number, act in enumerate(self._late.pop(quiet, ())):
                at = quiet.end + number * _LATE_APART
                acts.append(Act(at, act.device, act.readings, stated=act.at))
            if quiet.device is None:
                # Bed, chair and doors are then as the routine goes on from there.
                for key in [key for key in self._held if key[1] == quiet]:
                    acts.append(Act(quiet.end, key[0], self._held.pop(key).readings))
        return [act for act in acts if act.at < high]


def _first(first: Instant, every: int, low: Instant) -> Instant:
    """Return the first of a row of instants that is not before `low`."""
    return first + max(0, -((first - low) // every)) * every


def _within(at: Instant, stretches: Iterable[tuple[Instant, Instant]]) -> bool:
    return any(start <= at < end for start, end in stretches)


def _takes(quiet: Quiet, act: Act) -> bool:
    """Whether a stretch of silence takes an act."""
    if not quiet.start <= act.at < quiet.end:
        return False
    if quiet.device is None:
        if _CLOSED in act.readings.items():
            return act.at >= quiet.start + _CLOSES_BY_ITSELF
        return not _MOVES.isdisjoint(act.readings.items())
    if quiet.device not in (EVERYTHING, act.device):
        return False
    return not quiet.name or quiet.name in act.readings


def _but(readings: Mapping[str, str | float], takers: Iterable[Quiet]) -> Mapping[str, str | float]:
    names = {one.name for one in takers}
    return {each: told for each, told in readings.items() if each not in names}


def _covers(act: Act, near: Iterable[Quiet]) -> bool:
    return any(one.device == EVERYTHING and one.start <= act.at < one.end for one in near)
