"""The course of a happening: what a home's devices tell of it, and what falls silent for it.

Pure and seeded by the happening itself. The everyday acts around it are `routine`; putting both
together is `lives`.
"""

from collections.abc import Callable, Mapping
from math import exp
from random import Random
from typing import Final

from telecared.core.vocabulary import DAY, HOUR, MINUTE, SECOND, Duration
from telecared.sim.occurring import EMPTY, EVERYTHING, SCHEME_WIDE, Happening, Quiet, What
from telecared.sim.routine import Act, when

KEPT_BY_A_HUB: Final = 200
"""Messages that a hub keeps while its broadband is gone (chosen); older ones are lost."""

OUTSIDE: Final = 4.0
"""°C outside when a heating fails: a winter's day."""

TIME_CONSTANT: Final = (12.0, 30.0)
"""Hours in which a home loses most of its warmth: little and well insulated (chosen)."""

WARMS_UP: Final = 4 * HOUR
"""How long a mended heating takes until the home is warm again (chosen)."""

SAYS: Final = 30 * MINUTE
"""How often a thermometer speaks."""

_STILL_AFTER: Final[Mapping[What, Duration]] = {
    **dict.fromkeys((What.PENDANT, What.FALL, What.FALL_PENDANT, What.PULL_CORD), 0),
    **dict.fromkeys((What.UNSEEN_FALL, What.NIGHT_FALL), SECOND),
    **dict.fromkeys(
        (What.NOT_UP, What.LEFT_BED, What.RESTLESS_NIGHT, What.DOOR_AT_NIGHT), -2 * MINUTE
    ),
    **dict.fromkeys(EMPTY, 0),
}
"""After how long nobody does anymore what the day had in store."""

_PROPERTY: Final[Mapping[What, tuple[str, Duration]]] = {
    What.COLD_HOME: ("temperature", 0),
    What.MISSED_MEDICINE: ("medication", MINUTE),
    **dict.fromkeys(EMPTY, ("medication", 0)),
    What.DOOR_AT_NIGHT: ("contact", 0),
    What.SMOKE: ("smoke", 0),
    What.CARBON_MONOXIDE: ("co", 0),
    What.FLOOD: ("water", 0),
    What.FALL: ("fall", 0),
    What.BATTERY_LOW: ("battery", 0),
    What.DYING_BATTERY: ("battery", 0),
    What.STUCK_SENSOR: ("motion", 0),
}
"""The one property that is silent, of the device that is meant, and from how long before on."""


class _Course:
    """One happening as it unfolds: gathers what is told of it.

    Attributes:
        lasts: how long it goes on.
        whose: the device whose trouble it is.
        chance: seeded by the happening.
    """

    def __init__(self, happening: Happening) -> None:
        self.lasts: Duration = happening.end - happening.at
        self.whose = happening.whose
        self.chance = Random(f"{happening.home}/{happening.at}/{happening.what}")
        self.acts: list[Act] = []
        self._at = happening.at

    def tell(
        self,
        after: Duration,
        device: str,
        name: str,
        word: str | float,
        *,
        retained: bool = False,
    ) -> None:
        """Have a device tell one thing so long after the beginning."""
        self.acts.append(Act(self._at + after, device, {name: word}, retained))


def acts_of(happening: Happening) -> list[Act]:
    """Return what the home's devices tell of it, in order."""
    course = _Course(happening)
    unfold = _COURSES.get(happening.what)
    if unfold is not None:
        unfold(course)
    course.acts.sort(key=when)
    return course.acts


def quiet_of(happening: Happening) -> list[Quiet]:
    """Return what falls silent."""
    at, end, whose, what = happening.at, happening.end, happening.whose, happening.what
    found = []
    if what in _STILL_AFTER:
        found.append(Quiet(at + _STILL_AFTER[what], end))
    if what in _PROPERTY:
        # What the routine would tell meanwhile would take the word back.
        name, before = _PROPERTY[what]
        found.append(Quiet(at - before, end, whose, name))
    if what in (What.UNIT_SILENT, What.POWER_CUT):
        found.append(Quiet(at, end, "hub" if what is What.UNIT_SILENT else "kettle"))
    if what in SCHEME_WIDE:
        late = KEPT_BY_A_HUB if what is What.OUTAGE else 0
        found.append(Quiet(at, end, EVERYTHING, late=late))
    if what is What.DYING_BATTERY:
        found.append(Quiet(at + _death(end - at), end, whose))
    return found


def at_home_of(happening: Happening) -> tuple[int, int] | None:
    """Return when the resident must be at home and alone for it; None when it does not matter."""
    if happening.what in EMPTY or not happening.nature.at_home:
        return None
    return happening.at - 20 * MINUTE, max(happening.end, happening.at + 30 * MINUTE)


# --- people -------------------------------------------------------------------------------------


def _pendant(course: _Course) -> None:
    course.tell(0, "pendant", "trigger", "pressed")


def _pull_cord(course: _Course) -> None:
    course.tell(-30 * SECOND, "bathroom", "motion", "detected")
    course.tell(0, "pull-cord", "trigger", "pressed")
    course.tell(30 * SECOND, "bathroom", "motion", "clear")


def _fall(course: _Course) -> None:
    course.tell(0, "fall-detector", "fall", "detected")
    course.tell(40 * SECOND, "pendant", "trigger", "pressed")
    course.tell(30 * MINUTE, "fall-detector", "fall", "clear")


def _fall_pendant(course: _Course) -> None:
    course.tell(0, "bathroom", "motion", "detected")
    course.tell(45 * SECOND, "bathroom", "motion", "clear")
    # On the floor it takes a moment to find it.
    course.tell(int(course.chance.uniform(10, 50) * SECOND), "pendant", "trigger", "pressed")


def _unseen_fall(course: _Course) -> None:
    course.tell(-2 * MINUTE, "bed", "occupancy", "vacant")
    course.tell(-2 * MINUTE, "chair", "occupancy", "vacant")
    course.tell(0, "bathroom", "motion", "detected")
    course.tell(50 * SECOND, "bathroom", "motion", "clear")
    _found(course)


def _night_fall(course: _Course) -> None:
    course.tell(-4 * MINUTE, "bed", "occupancy", "occupied")
    _unseen_fall(course)


def _not_up(course: _Course) -> None:
    course.tell(-90 * SECOND, "bed", "occupancy", "occupied")
    _found(course)
    # Who is found is helped up; what the day has in store then goes on from there.
    course.tell(course.lasts - 20 * SECOND, "bed", "occupancy", "vacant")


def _found(course: _Course) -> None:
    """Somebody finds the resident at the end, whatever the alerts have done."""
    over = course.lasts
    course.tell(over - 60 * SECOND, "front-door", "contact", "open")
    course.tell(over - 30 * SECOND, "front-door", "contact", "closed")
    course.tell(over - 25 * SECOND, "hall", "motion", "detected")
    course.tell(over + 20 * SECOND, "hall", "motion", "clear")


def _wander(course: _Course, after: Duration, until: Duration) -> None:
    while after < until:
        room = course.chance.choice(("hall", "living-room", "kitchen"))
        course.tell(after, room, "motion", "detected")
        course.tell(after + 40 * SECOND, room, "motion", "clear")
        after += int(course.chance.uniform(2, 9) * MINUTE)


def _left_bed(course: _Course) -> None:
    over = course.lasts
    course.tell(-90 * SECOND, "bed", "occupancy", "occupied")
    course.tell(0, "bed", "occupancy", "vacant")
    _wander(course, MINUTE, min(over - 2 * MINUTE, 40 * MINUTE))
    course.tell(over, "bed", "occupancy", "occupied")


def _door_at_night(course: _Course) -> None:
    over = course.lasts
    course.tell(-90 * SECOND, "bed", "occupancy", "vacant")
    course.tell(-20 * SECOND, "hall", "motion", "detected")
    course.tell(0, "front-door", "contact", "open")
    course.tell(25 * SECOND, "hall", "motion", "clear")
    course.tell(over, "front-door", "contact", "closed")
    course.tell(over + 10 * SECOND, "hall", "motion", "detected")
    course.tell(over + 50 * SECOND, "hall", "motion", "clear")
    course.tell(over + 3 * MINUTE, "bed", "occupancy", "occupied")


def _restless_night(course: _Course) -> None:
    over = course.lasts
    course.tell(-90 * SECOND, "bed", "occupancy", "occupied")
    after = 0
    while after < over - 30 * MINUTE:
        course.tell(after, "bed", "occupancy", "vacant")
        back = after + int(course.chance.uniform(6, 18) * MINUTE)
        _wander(course, after + 30 * SECOND, back - 90 * SECOND)
        course.tell(back, "bed", "occupancy", "occupied")
        after = back + int(course.chance.uniform(20, 45) * MINUTE)


def _missed_medicine(course: _Course) -> None:
    course.tell(0, "pills", "medication", "due")
    course.tell(HOUR, "pills", "medication", "missed")


def _empty(course: _Course) -> None:
    over = course.lasts
    course.tell(-3 * MINUTE, "bed", "occupancy", "vacant")
    course.tell(-3 * MINUTE, "chair", "occupancy", "vacant")
    course.tell(-40 * SECOND, "hall", "motion", "detected")
    course.tell(0, "front-door", "contact", "open")
    course.tell(20 * SECOND, "front-door", "contact", "closed")
    course.tell(30 * SECOND, "hall", "motion", "clear")
    course.tell(over, "front-door", "contact", "open")
    course.tell(over + 8 * SECOND, "hall", "motion", "detected")
    course.tell(over + 25 * SECOND, "front-door", "contact", "closed")
    course.tell(over + 50 * SECOND, "hall", "motion", "clear")


# --- the home and its equipment -----------------------------------------------------------------


def _smoke(course: _Course) -> None:
    course.tell(0, "kitchen-smoke", "smoke", "alarm")
    course.tell(course.lasts, "kitchen-smoke", "smoke", "clear")


def _carbon_monoxide(course: _Course) -> None:
    course.tell(0, "carbon-monoxide", "co", "alarm")
    course.tell(course.lasts, "carbon-monoxide", "co", "clear")


def _flood(course: _Course) -> None:
    course.tell(0, "bathroom-flood", "water", "wet")
    course.tell(course.lasts, "bathroom-flood", "water", "dry")


def _cold_home(course: _Course) -> None:
    """Cool down to the outside with one time constant; mended, warm up until it is over."""
    inside = course.chance.uniform(19, 21)
    constant = course.chance.uniform(*TIME_CONSTANT) * HOUR
    mended = max(0, course.lasts - WARMS_UP)
    lowest = OUTSIDE + (inside - OUTSIDE) * exp(-mended / constant)
    for after in range(0, course.lasts, SAYS):
        warmth = OUTSIDE + (inside - OUTSIDE) * exp(-after / constant)
        if after > mended:
            warmth = lowest + (inside - lowest) * (after - mended) / WARMS_UP
        course.tell(after, "thermometer", "temperature", round(warmth, 1))
    course.tell(course.lasts, "thermometer", "temperature", round(inside, 1))


def _mains(course: _Course) -> None:
    course.tell(0, "hub", "mains", "lost")
    course.tell(course.lasts, "hub", "mains", "ok")


def _outage(course: _Course) -> None:
    # The broker publishes the hub's last will when it misses one and a half keep-alives.
    course.tell(90 * SECOND, "hub", "link", "offline", retained=True)
    course.tell(course.lasts, "hub", "link", "online", retained=True)


def _battery_low(course: _Course) -> None:
    for after in range(0, course.lasts, 6 * HOUR):
        course.tell(after, course.whose, "battery", "low")
    course.tell(course.lasts, course.whose, "battery", 100.0)


def _death(lasts: Duration) -> Duration:
    """Return after how long a dying battery is dead."""
    return 2 * lasts // 3


def _dying_battery(course: _Course) -> None:
    """Fall day by day; in the last third of the time nothing comes until it is replaced."""
    lives = _death(course.lasts)
    for after in range(0, lives, DAY):
        left = 18.0 - 16.0 * after / lives
        course.tell(after, course.whose, "battery", round(left, 1))
    course.tell(course.lasts, course.whose, "battery", 100.0)


def _stuck_sensor(course: _Course) -> None:
    over = course.lasts
    for after in range(0, over, HOUR):
        course.tell(after, course.whose, "motion", "detected")
    course.tell(over, course.whose, "motion", "clear")


_COURSES: Final[Mapping[What, Callable[[_Course], None]]] = {
    What.PENDANT: _pendant,
    What.MISTAKE: _pendant,
    What.PULL_CORD: _pull_cord,
    What.FALL: _fall,
    What.FALL_PENDANT: _fall_pendant,
    What.UNSEEN_FALL: _unseen_fall,
    What.NIGHT_FALL: _night_fall,
    What.NOT_UP: _not_up,
    What.LEFT_BED: _left_bed,
    What.DOOR_AT_NIGHT: _door_at_night,
    What.RESTLESS_NIGHT: _restless_night,
    What.SMOKE: _smoke,
    What.CARBON_MONOXIDE: _carbon_monoxide,
    What.FLOOD: _flood,
    What.COLD_HOME: _cold_home,
    What.MISSED_MEDICINE: _missed_medicine,
    **dict.fromkeys(EMPTY, _empty),
    What.MAINS_LOST: _mains,
    What.POWER_CUT: _mains,
    **dict.fromkeys(SCHEME_WIDE, _outage),
    What.BATTERY_LOW: _battery_low,
    What.DYING_BATTERY: _dying_battery,
    What.STUCK_SENSOR: _stuck_sensor,
}
