"""What can happen in a simulated home, and which rules are there to find it.

Values only: what the devices tell of it is `courses`, when it happens is `happenings`, and what is
written down of it as truth is `truth`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from telecared.core.vocabulary import DAY, HOUR, MINUTE, Duration, Instant

EVERYTHING: Final = "*"
"""Stands for all devices of a home where something is silent."""


class What(StrEnum):
    """What can happen."""

    PENDANT = "pendant"
    MISTAKE = "mistake"
    PULL_CORD = "pull_cord"
    FALL = "fall"
    FALL_PENDANT = "fall_pendant"
    UNSEEN_FALL = "unseen_fall"
    NIGHT_FALL = "night_fall"
    NOT_UP = "not_up"
    LEFT_BED = "left_bed"
    DOOR_AT_NIGHT = "door_at_night"
    RESTLESS_NIGHT = "restless_night"
    SMOKE = "smoke"
    CARBON_MONOXIDE = "carbon_monoxide"
    FLOOD = "flood"
    COLD_HOME = "cold_home"
    MISSED_MEDICINE = "missed_medicine"
    DECLINE = "decline"
    HOLIDAY = "holiday"
    GONE_AWAY = "gone_away"
    HOSPITAL = "hospital"
    UNIT_SILENT = "unit_silent"
    MAINS_LOST = "mains_lost"
    POWER_CUT = "power_cut"
    OUTAGE = "outage"
    OUTAGE_LOST = "outage_lost"
    BATTERY_LOW = "battery_low"
    DYING_BATTERY = "dying_battery"
    STUCK_SENSOR = "stuck_sensor"


class Kind(StrEnum):
    """How much depends on something being found."""

    LIFE_SAFETY = "life_safety"
    INACTIVITY = "inactivity"
    URGENT = "urgent"
    TECHNICAL = "technical"
    ROUTINE = "routine"
    NONE = "none"


class Nature(NamedTuple):
    """What is true of everything that happens by one name.

    Attributes:
        kind: how much depends on it.
        found_by: rules that find it.
        explains: further rules that may speak of it; an alert of them is no false one.
        lasts: how long it usually goes on.
        at_home: the resident is at home, alone and up or in bed when it happens.
        device: whose trouble it is, where nothing else is said.
        beside: other things may happen meanwhile.
        note: a sentence for whoever reads the truth.
    """

    kind: Kind
    found_by: tuple[str, ...]
    lasts: Duration
    note: str
    explains: tuple[str, ...] = ()
    at_home: bool = False
    device: str = ""
    beside: bool = False


# Rules that also speak when somebody is helpless for hours, or nobody is there.
_SILENCE: Final = (
    "no-movement", "no-movement-at-night", "no-movement-trial", "not-up", "left-bed-not-back",
    "resting-too-long", "bathroom-long", "bathroom-not-used", "no-medicine", "dose-unanswered",
    "medication-missed", "gone-out-at-night", "out-too-long",
)  # fmt: skip

DEAD_SENSORS: Final[Mapping[str, tuple[str, ...]]] = {
    "bed": ("resting-too-long", "left-bed-not-back", "no-movement-at-night"),
    "front-door": ("front-door-at-night", "gone-out-at-night", "out-too-long"),
}
"""Rules that believe the last word of a sensor whose battery has died, until it is replaced: such
an alert comes of that battery, and is not one of nothing."""

_NIGHT: Final = ("up-often-at-night", "bathroom-often", "left-bed-not-back", "no-movement-at-night")
_GONE: Final = (
    *_SILENCE, "sensor-silent", "battery-sensor-silent", "activity-while-away",
    "suspension-ran-out", "door-left-open", "front-door-at-night",
)  # fmt: skip
_DEAD: Final = (
    "alarm-unit-silent",
    "sensor-silent",
    "battery-sensor-silent",
    "safety-sensor-silent",
    "mains-device-silent",
    "link-offline",
)

HELPLESS: Final = 24 * HOUR
"""How long somebody lies whom no alert brings help: found next day (a coroner's report of 2024)."""

NATURES: Final[Mapping[What, Nature]] = {
    What.PENDANT: Nature(
        Kind.LIFE_SAFETY, ("pendant-pressed",), 12 * MINUTE, "called for help", at_home=True
    ),
    What.MISTAKE: Nature(
        Kind.LIFE_SAFETY,
        ("pendant-pressed",),
        MINUTE,
        "pressed by mistake: must be answered",
        at_home=True,
    ),
    What.PULL_CORD: Nature(
        Kind.LIFE_SAFETY,
        ("pendant-pressed",),
        15 * MINUTE,
        "pulled the cord in the bathroom",
        at_home=True,
    ),
    What.FALL: Nature(
        Kind.LIFE_SAFETY,
        ("fall", "pendant-pressed"),
        30 * MINUTE,
        "fell; the detector noticed",
        device="fall-detector",
        at_home=True,
    ),
    What.FALL_PENDANT: Nature(
        Kind.LIFE_SAFETY,
        ("pendant-pressed",),
        30 * MINUTE,
        "fell, and could press the pendant",
        explains=("bathroom-long",),
        at_home=True,
    ),
    What.UNSEEN_FALL: Nature(
        Kind.INACTIVITY,
        ("no-movement", "no-movement-at-night"),
        3 * HOUR,
        "fell by day with nothing worn; only silence tells",
        explains=_SILENCE,
        at_home=True,
    ),
    What.NIGHT_FALL: Nature(
        Kind.INACTIVITY,
        ("left-bed-not-back", "no-movement-at-night", "no-movement"),
        HELPLESS,
        "fell at night on the way to the bathroom, nothing worn",
        explains=_SILENCE,
        at_home=True,
    ),
    What.NOT_UP: Nature(
        Kind.INACTIVITY,
        ("not-up", "resting-too-long"),
        HELPLESS,
        "taken ill in bed, not up",
        explains=_SILENCE,
        at_home=True,
    ),
    What.LEFT_BED: Nature(
        Kind.INACTIVITY,
        ("left-bed-not-back",),
        100 * MINUTE,
        "left the bed and did not return",
        explains=_NIGHT,
        at_home=True,
    ),
    What.DOOR_AT_NIGHT: Nature(
        Kind.URGENT,
        ("front-door-at-night", "gone-out-at-night"),
        14 * MINUTE,
        "went to the front door at night and left it open",
        explains=_NIGHT,
        device="front-door",
        at_home=True,
    ),
    What.RESTLESS_NIGHT: Nature(
        Kind.ROUTINE,
        ("up-often-at-night",),
        6 * HOUR,
        "walked about again and again",
        explains=_NIGHT,
        at_home=True,
    ),
    What.SMOKE: Nature(
        Kind.LIFE_SAFETY, ("smoke",), 9 * MINUTE, "smoke in the kitchen", device="kitchen-smoke"
    ),
    What.CARBON_MONOXIDE: Nature(
        Kind.LIFE_SAFETY,
        ("carbon-monoxide",),
        20 * MINUTE,
        "carbon monoxide",
        device="carbon-monoxide",
    ),
    What.FLOOD: Nature(
        Kind.URGENT,
        ("flood",),
        2 * HOUR,
        "water on the bathroom floor",
        device="bathroom-flood",
    ),
    What.COLD_HOME: Nature(
        Kind.ROUTINE,
        ("cold-home", "heating-failed", "freezing-home"),
        20 * HOUR,
        "the heating failed",
        device="thermometer",
    ),
    What.MISSED_MEDICINE: Nature(
        Kind.URGENT,
        ("medication-missed", "dose-unanswered"),
        5 * HOUR,
        "a dose was not taken",
        explains=("no-medicine",),
        device="pills",
    ),
    # What a care team wants of it is a comparison of weeks. Shipped rules hold a night or half a
    # day against a limit, and whether one is ever reached depends on where the resident began.
    What.DECLINE: Nature(
        Kind.NONE,
        (),
        21 * DAY,
        "slower, up later, more ways to the bathroom, week by week; no shipped rule claims it",
        explains=("bathroom-often", *_NIGHT, "not-up"),
        beside=True,
    ),
    What.HOLIDAY: Nature(
        Kind.NONE, (), 7 * DAY, "on holiday, and said so", explains=_GONE, device="pills"
    ),
    What.GONE_AWAY: Nature(
        Kind.NONE, (), 3 * DAY, "away without a word", explains=_GONE, device="pills"
    ),
    What.HOSPITAL: Nature(
        Kind.NONE, (), 4 * DAY, "in hospital, and it was said", explains=_GONE, device="pills"
    ),
    What.UNIT_SILENT: Nature(
        Kind.TECHNICAL,
        ("alarm-unit-silent",),
        85 * MINUTE,
        "the alarm unit fell silent",
        device="hub",
    ),
    What.MAINS_LOST: Nature(
        Kind.TECHNICAL, ("mains-lost",), 24 * MINUTE, "mains lost for a while", device="hub"
    ),
    What.POWER_CUT: Nature(
        Kind.TECHNICAL,
        ("mains-lost",),
        5 * HOUR,
        "power cut: the hub runs on its battery",
        explains=_DEAD,
        device="hub",
    ),
    What.OUTAGE: Nature(
        Kind.TECHNICAL,
        ("alarm-unit-silent", "link-offline"),
        4 * HOUR,
        "broadband outage of the scheme; the hubs deliver late",
        explains=(*_DEAD, *_SILENCE),
        device="hub",
    ),
    What.OUTAGE_LOST: Nature(
        Kind.TECHNICAL,
        ("alarm-unit-silent", "link-offline"),
        4 * HOUR,
        "broadband outage of the scheme; what was said meanwhile is lost",
        explains=(*_DEAD, *_SILENCE),
        device="hub",
    ),
    What.BATTERY_LOW: Nature(
        Kind.TECHNICAL, ("battery-low",), 20 * HOUR, "a battery is low", device="kitchen-smoke"
    ),
    What.DYING_BATTERY: Nature(
        Kind.TECHNICAL,
        ("battery-low", "sensor-silent", "battery-sensor-silent", "safety-sensor-silent"),
        9 * DAY,
        "a battery runs down, then its device is silent",
        device="kitchen",
        beside=True,
    ),
    What.STUCK_SENSOR: Nature(
        Kind.TECHNICAL,
        ("sensor-stuck",),
        20 * HOUR,
        "a motion sensor is stuck",
        explains=("sensor-silent",),
        device="hall",
        beside=True,
    ),
}

SCHEME_WIDE: Final = frozenset({What.OUTAGE, What.OUTAGE_LOST})
EMPTY: Final = frozenset({What.HOLIDAY, What.GONE_AWAY, What.HOSPITAL})
STATED: Final = frozenset({What.HOLIDAY, What.HOSPITAL})
"""Absences that somebody tells the monitoring centre of beforehand."""


class Happening(msgspec.Struct, frozen=True):
    """Something that happens in one home.

    Attributes:
        at: when it begins.
        until: when it is over; 0 for after as long as it usually lasts.
        device: whose trouble it is; empty for the usual one.
    """

    at: Instant
    home: str
    what: What
    until: Instant = 0
    device: str = ""

    @property
    def nature(self) -> Nature:
        """What is true of everything by this name."""
        return NATURES[self.what]

    @property
    def end(self) -> Instant:
        """When it is over."""
        return self.until or self.at + self.nature.lasts

    @property
    def whose(self) -> str:
        """The device whose trouble it is, or empty."""
        return self.device or self.nature.device


class Quiet(msgspec.Struct, frozen=True):
    """A stretch of silence.

    Attributes:
        device: the device that says nothing at all, `EVERYTHING` for all of them, or None: nobody
            moves in the home.
        name: the one property that is silent; empty for all.
        late: how many of the last messages are delivered at the end.
    """

    start: Instant
    end: Instant
    device: str | None = None
    name: str = ""
    late: int = 0
