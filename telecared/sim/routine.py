"""A day of a simulated resident: what the sensors of the home see of it, by local time.

Pure and seeded: the same resident, day and seed give the same acts. What is meant to happen on
the day is `days`, life events that break the routine are `happenings`, a whole home with its
reports is `lives`; turning acts into messages is not here.
"""

from collections.abc import Mapping
from datetime import date
from math import log
from operator import itemgetter
from random import Random
from typing import Final, NamedTuple

from telecared.core.vocabulary import SECOND, Instant
from telecared.sim.days import DayPlan, Outing, Resident, Rest, Visit, plan_of_day

__all__ = ["Act", "Resident", "acts_of_day"]

LONG_PULSE: Final = (35.0, 80.0)
"""Seconds that a motion sensor stays ON after the last movement: makers' usual 30 to 90 s."""

SHORT_PULSE: Final = (2.3, 4.0)
"""The same of sensors that report at once: the medians of a recorded home."""

LEFT_OPEN: Final = 0.02
"""How often a door is left open when somebody passes (chosen), for ten minutes to an hour."""


LEAST_COOKING: Final = 180.0
"""Seconds in the kitchen that a way to the fridge and back takes; less is a glass of water."""


class Act(NamedTuple):
    """One message of one device, before it has a topic.

    Attributes:
        at: when it is sent.
        device: the device's id in the home.
        readings: property -> word or number; shared between acts, never changed.
        retained: the broker keeps it.
        stated: when it happened where the hub delivers it late; None for now.
    """

    at: Instant
    device: str
    readings: Mapping[str, str | float]
    retained: bool = False
    stated: Instant | None = None


_MOTION: Final = {"motion": "detected"}
_STILL: Final = {"motion": "clear"}
_OPEN: Final = {"contact": "open"}
_CLOSED: Final = {"contact": "closed"}
_ON: Final = {"appliance": "on"}
_OFF: Final = {"appliance": "off"}
OCCUPIED: Final = {"occupancy": "occupied"}
VACANT: Final = {"occupancy": "vacant"}
_DUE: Final = {"medication": "due"}
_TAKEN: Final = {"medication": "taken"}

when = itemgetter(0)
"""When an act is sent."""


def acts_of_day(resident: Resident, day: date, seed: int, plan: DayPlan | None = None) -> list[Act]:
    """Return what the sensors see from getting up on `day` to the end of the night, in order.

    Args:
        resident: who lives there.
        day: the local day on which they get up.
        seed: the same seed gives the same day.
        plan: what is meant to happen; None for what the day has in store.
    """
    plan = plan or plan_of_day(resident, day, seed)
    told = _Day(resident, plan, Random(f"{seed}/{resident.home}/{day.isoformat()}"))
    told.live(told.get_up())
    told.sleep()
    told.doses()
    told.acts.sort(key=when)
    return told.acts


class _Day:
    """Gathers the acts of one day. Times are seconds that have passed since its local midnight."""

    def __init__(self, resident: Resident, plan: DayPlan, chance: Random) -> None:
        self._resident = resident
        self._plan = plan
        self._chance = chance
        self._draw = chance.random
        self._midnight = plan.midnight
        self._pulse = SHORT_PULSE if resident.pulse == "short" else LONG_PULSE
        self._toilet = 0.0
        self.acts: list[Act] = []

    def _tell(self, second: float, device: str, readings: Mapping[str, str | float]) -> None:
        self.acts.append(Act(self._midnight + int(second * SECOND), device, readings))

    def _between(self, least: float, most: float) -> float:
        return least + (most - least) * self._draw()

    def _stay(self, room: str, second: float, seconds: float, pause: float) -> float:
        """Be in a room; return when it is left.

        Args:
            room: where.
            second: when it is entered, which its sensor sees.
            seconds: how long.
            pause: between two movements that the sensor sees, on average, after the least of half
                a minute.
        """
        draw, add, midnight = self._draw, self.acts.append, self._midnight
        shortest, spread = self._pulse[0], self._pulse[1] - self._pulse[0]
        end = second + seconds
        while second < end:
            on = shortest + spread * draw()
            add(Act(midnight + int(second * SECOND), room, _MOTION))
            add(Act(midnight + int((second + on) * SECOND), room, _STILL))
            second += on + 30.0 - pause * log(1.0 - draw())
        return end

    def _brew(self, second: float) -> None:
        self._tell(second, "kettle", _ON)
        self._tell(second + self._between(120, 260), "kettle", _OFF)

    def _fridge(self, second: float) -> None:
        self._tell(second, "fridge", _OPEN)
        self._tell(second + self._between(6, 40), "fridge", _CLOSED)

    def _door(self, second: float, *, left_open: bool = True) -> None:
        held = self._between(8, 40)
        if left_open and self._draw() < LEFT_OPEN:
            held = self._between(600, 3_600)
        self._tell(second, "front-door", _OPEN)
        self._tell(second + held, "front-door", _CLOSED)

    def _cook(self, second: float, seconds: float) -> float:
        # Who has but a moment takes nothing from the fridge: it would open behind their back.
        if seconds >= LEAST_COOKING:
            self._fridge(second + self._between(20, 120))
            if self._draw() < 0.5:
                self._brew(second + 60)
        return self._stay("kitchen", second, seconds, 100.0)

    # --- the day --------------------------------------------------------------------------------

    def get_up(self) -> float:
        """Get up, wash, have breakfast; return when that is over."""
        wake, slow = self._plan.wake, self._resident.pace
        self._tell(wake, "bed", VACANT)
        self._stay("bedroom", wake + 15, 120 * slow, 40.0)
        left = self._stay("bathroom", wake + 240 * slow, self._between(480, 960) * slow, 100.0)
        left = self._stay("hall", left + 15, 20, 30.0)
        self._brew(left + 200)
        self._toilet_again(left)
        breakfast = self._between(1_080, 1_800) * slow
        first = next((one.start for one in self._plan.parts), self._plan.bed)
        # Whoever must be out soon eats less.
        return self._cook(left + 60, max(60.0, min(breakfast, first - left - 300)))

    def _toilet_again(self, second: float) -> None:
        visits = max(1.0, self._resident.toilet)
        awake = max(6.0 * 3_600, self._plan.bed - self._plan.wake)
        self._toilet = second + awake / visits * self._between(0.6, 1.4)

    def live(self, second: float) -> None:
        """Spend the day until it is time for bed."""
        plan = self._plan
        end = plan.bed - 1_200
        for one in plan.parts:
            if isinstance(one, Outing):
                self._go_out(one)
            elif isinstance(one, Visit):
                self._receive(one)
        parts = [one for one in plan.parts if one.start > second - 3_600]
        while second < end:
            if parts and second >= parts[0].start:
                one = parts.pop(0)
                second = max(second, self._take_part(one, min(one.end, end)))
            else:
                until = min([end, *(one.start for one in parts[:1])])
                second = max(second + 20, self._pastime(second, until))

    def _take_part(self, one: Outing | Visit | Rest, end: float) -> float:
        if isinstance(one, Outing):
            return one.end + 120
        if isinstance(one, Visit):
            return end
        if one.device == "meal":
            return self._cook(one.start, max(60.0, end - one.start))
        if one.device == "bed":
            self._stay("bedroom", one.start - 60, 45, 40.0)
            self._tell(one.start, "bed", OCCUPIED)
            self._tell(end, "bed", VACANT)
            self._stay("bedroom", end + 10, 30, 40.0)
            return end + 60
        if one.device == "garden":
            for second in (one.start, end):
                self._tell(second, "back-door", _OPEN)
                self._tell(second + self._between(8, 40), "back-door", _CLOSED)
            return self._stay("kitchen", end + 15, 40, 60.0)
        return self._sit(one.start, end)

    def _go_out(self, one: Outing) -> None:
        self._stay("hall", one.start - 40, 20, 60.0)
        self._door(one.start)
        self._door(one.end, left_open=False)
        self._stay("hall", one.end + 8, 20, 60.0)

    def _receive(self, one: Visit) -> None:
        """Somebody comes: the door, and more movement than one person makes."""
        self._door(one.start)
        self._stay("hall", one.start + 8, 30, 30.0)
        self._stay("living-room", one.start + 60, one.end - one.start - 120, 150.0)
        if self._draw() < 0.6:
            self._stay("kitchen", one.start + 200, min(900.0, (one.end - one.start) / 3), 90.0)
        self._stay("hall", one.end - 45, 20, 60.0)
        self._door(one.end)
        # Whoever stays behind goes back to the chair, and is seen there.
        self._stay("living-room", one.end + self._between(60, 180), 60, 60.0)

    def _pastime(self, second: float, until: float) -> float:
        draw, resident = self._draw, self._resident
        if second >= self._toilet:
            self._toilet_again(second)
            stay = min(self._between(180, 480) * resident.pace, until - second)
            return self._stay("bathroom", second, stay, 100.0) + 30
        drawn = draw()
        evening = second > self._plan.evening
        if drawn < (0.1 if evening else 0.25):
            return self._cook(second, min(self._between(360, 1_200), until - second)) + 30
        if drawn < 0.35 and not evening:
            stay = min(self._between(300, 900), until - second)
            return self._stay("bedroom", second, stay, 150.0) + 30
        longest = 5_400 if evening else 2_700
        return self._sit(second, min(until, second + self._between(900, longest))) + 30

    def _sit(self, second: float, until: float) -> float:
        """Sit in the living room, little seen; in a chair that knows it where there is one."""
        if until - second > 600 and self._resident.chair:
            self._tell(second + 40, "chair", OCCUPIED)
            self._tell(until, "chair", VACANT)
        self._stay("living-room", second, until - second, self._resident.still * 60.0)
        return until

    # --- the night ------------------------------------------------------------------------------

    def sleep(self) -> None:
        """Go to bed, to the bathroom in the night, and lie awake on a restless one."""
        plan = self._plan
        self._stay("bathroom", plan.bed - 840, 360, 100.0)
        self._stay("bedroom", plan.bed - 300, 240, 60.0)
        self._tell(plan.bed, "bed", OCCUPIED)
        for one in plan.nights:
            self._tell(one.start, "bed", VACANT)
            self._stay("bedroom", one.start + 10, 20, 30.0)
            second = one.start + 60
            if one.device == "walk":
                while second < one.end - 120:
                    room = ("kitchen", "living-room", "hall")[int(self._draw() * 3)]
                    second = self._stay(room, second, self._between(90, 400), 90.0)
            else:
                self._stay("bathroom", second, max(30.0, one.end - second - 60), 80.0)
            self._tell(one.end, "bed", OCCUPIED)

    def doses(self) -> None:
        """Take the medicine when the dispenser asks, or as soon as at home and up."""
        plan = self._plan
        for minute in self._resident.doses:
            due = plan.second_of(minute)
            taken = max(due, plan.wake + 900) + self._between(60, 1_500)
            for one in plan.parts:
                if isinstance(one, Outing) and one.start < taken < one.end + 120:
                    taken = one.end + self._between(150, 900)
            self._tell(due, "pills", _DUE)
            self._tell(taken, "pills", _TAKEN)
