"""The closed vocabulary of telecare: properties, device kinds, priorities, states, outcomes.

Words follow SCAIP, CEN/TS 17470 and EN 50134; every other module takes its words from here.
Nothing here knows how a maker spells them: that is what device profiles are for.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

Instant: TypeAlias = int
"""Microseconds since 1970-01-01T00:00:00Z, always UTC. An integer cannot be naive."""

Duration: TypeAlias = int
"""Microseconds."""

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR


class Priority(StrEnum):
    """How much an alert matters. Life safety is never muted, capped or closed by itself."""

    LIFE_SAFETY = "life_safety"
    URGENT = "urgent"
    ROUTINE = "routine"
    TECHNICAL = "technical"

    @property
    def rank(self) -> int:
        """0 for the most dangerous: what is overdue is caught up in this order."""
        return _RANKS[self]

    @property
    def closed_only_by_a_person(self) -> bool:
        """Whether a recorded recovery is not enough to close such an alert (promise P2)."""
        return self in (Priority.LIFE_SAFETY, Priority.URGENT)


_RANKS: Final[Mapping[Priority, int]] = {priority: rank for rank, priority in enumerate(Priority)}


class AlertState(StrEnum):
    """Where an alert stands. A snooze is an acknowledgement until a stated time."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class NotificationState(StrEnum):
    """What is known of one message to one person. Sent is not delivered."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"


class Outcome(StrEnum):
    """How an alert ended, as a monitoring centre reports it."""

    ASSISTANCE_GIVEN = "assistance_given"
    FALSE_ACTIVATION = "false_activation"
    TEST = "test"
    EMERGENCY_SERVICES = "emergency_services"
    NO_CONTACT = "no_contact"
    TECHNICAL_FIXED = "technical_fixed"
    DUPLICATE = "duplicate"

    @property
    def stated(self) -> bool:
        """Whether a person may end an alert with it: a duplicate needs the other (`Linked`)."""
        return self is not Outcome.DUPLICATE


class Cause(StrEnum):
    """Why an alert was a false activation, so that it does not come again.

    `everyday_life`: the sensor was right and nothing was wrong; `settings`: the rule does not fit
    this person; `installation`: the device hangs or is aligned wrongly; `equipment`: it is broken.
    """

    PRESSED_BY_MISTAKE = "pressed_by_mistake"
    EVERYDAY_LIFE = "everyday_life"
    COOKING_OR_STEAM = "cooking_or_steam"
    PET = "pet"
    VISITOR = "visitor"
    EQUIPMENT = "equipment"
    INSTALLATION = "installation"
    SETTINGS = "settings"
    TEST_NOT_ANNOUNCED = "test_not_announced"
    UNKNOWN = "unknown"


class CallResult(StrEnum):
    """What came of a call that an operator made by hand."""

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    GOING = "going"


class Mode(StrEnum):
    """What a rule may do: page people, only be logged and shown, or nothing."""

    PAGE = "page"
    WATCH = "watch"
    OFF = "off"


class SuspensionKind(StrEnum):
    """Why a home is not as usual for a time; always with an end."""

    AWAY = "away"
    HOSPITAL = "hospital"
    HOLIDAY = "holiday"
    VISITOR = "visitor"
    MAINTENANCE = "maintenance"

    @property
    def empties_the_home(self) -> bool:
        """Whether the resident is declared to be elsewhere."""
        return self in (SuspensionKind.AWAY, SuspensionKind.HOSPITAL, SuspensionKind.HOLIDAY)


class Channel(StrEnum):
    """How a person is told."""

    SMS = "sms"
    VOICE = "voice"
    EMAIL = "email"
    WEBHOOK = "webhook"
    PUSH = "push"


class Stage(StrEnum):
    """One moment in the life of a notification, as evidence; its state is made of them.

    `accepted` means that the provider took it, `answered` that somebody picked up: neither is an
    acknowledgement, only a key, a reply or an operator's word is.
    """

    QUEUED = "queued"
    ATTEMPT = "attempt"
    ACCEPTED = "accepted"
    SENT = "sent"
    CALLED = "called"
    ANSWERED = "answered"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    REPLIED = "replied"
    KEY_PRESSED = "key_pressed"
    WITHDRAWN = "withdrawn"


class Detail(StrEnum):
    """How much a text may tell: everything, where to go, or only that there is something."""

    FULL = "full"
    PLACE = "place"
    NONE = "none"


class Progress(StrEnum):
    """What whoever has an alert says on the way."""

    ON_THE_WAY = "on_the_way"
    ARRIVED = "arrived"
    NOTE = "note"


class DeviceKind(StrEnum):
    """The closed list of device kinds, after SCAIP's device table."""

    ALARM_UNIT = "alarm_unit"
    PERSONAL_TRIGGER = "personal_trigger"
    FIXED_TRIGGER = "fixed_trigger"
    FALL_DETECTOR = "fall_detector"
    ACTIVITY_DETECTOR = "activity_detector"
    OCCUPANCY_DETECTOR = "occupancy_detector"
    DOOR_SENSOR = "door_sensor"
    BED_MONITOR = "bed_monitor"
    CHAIR_MONITOR = "chair_monitor"
    SMOKE_DETECTOR = "smoke_detector"
    CARBON_MONOXIDE_DETECTOR = "carbon_monoxide_detector"
    GAS_DETECTOR = "gas_detector"
    HEAT_DETECTOR = "heat_detector"
    FLOOD_DETECTOR = "flood_detector"
    TEMPERATURE_SENSOR = "temperature_sensor"
    APPLIANCE_MONITOR = "appliance_monitor"
    MEDICATION_DISPENSER = "medication_dispenser"
    EPILEPSY_MONITOR = "epilepsy_monitor"
    ENURESIS_MONITOR = "enuresis_monitor"
    BOGUS_CALLER_BUTTON = "bogus_caller_button"
    TRACKER = "tracker"
    VIBRATION_SENSOR = "vibration_sensor"
    OTHER = "other"


class PropertySpec(NamedTuple):
    """What one property may be and how it is read.

    Attributes:
        values: the words it may take; empty for a pure number or a location.
        numeric: a finite number is allowed (beside the words, for `battery`).
        momentary: every message is news; otherwise a level, of which only edges are news.
        activity: the words that show somebody moved; empty when it never shows that.
        alarm: the words that decode to life safety without any rule (the fallback path).
    """

    values: frozenset[str] = frozenset()
    numeric: bool = False
    momentary: bool = False
    activity: frozenset[str] = frozenset()
    alarm: frozenset[str] = frozenset()


def _spec(values: str = "", *, activity: str = "", alarm: str = "", **flags: bool) -> PropertySpec:
    words = [frozenset(text.split()) for text in (values, activity, alarm)]
    return PropertySpec(values=words[0], activity=words[1], alarm=words[2], **flags)


PROPERTIES: Final[Mapping[str, PropertySpec]] = {
    "trigger": _spec("pressed", momentary=True, activity="pressed", alarm="pressed"),
    "fall": _spec("detected suspected clear", alarm="detected suspected"),
    "cancel": _spec("pressed", momentary=True, activity="pressed"),
    "contact": _spec("open closed", activity="open closed"),
    "motion": _spec("detected clear", activity="detected"),
    "presence": _spec("present absent", activity="present"),
    "occupancy": _spec("occupied vacant", activity="occupied vacant"),
    "vibration": _spec("detected clear", activity="detected"),
    "battery": _spec("low ok", numeric=True),
    "tamper": _spec("open closed"),
    "test": _spec("pressed", momentary=True),
    "smoke": _spec("alarm clear", alarm="alarm"),
    "co": _spec("alarm clear", alarm="alarm"),
    "gas": _spec("alarm clear", alarm="alarm"),
    "heat": _spec("alarm clear", alarm="alarm"),
    "water": _spec("wet dry"),
    "temperature": _spec(numeric=True),
    "humidity": _spec(numeric=True),
    "power": _spec(numeric=True),
    "illuminance": _spec(numeric=True),
    "appliance": _spec("on off", activity="on off"),
    "medication": _spec("due taken missed", momentary=True, activity="taken"),
    "seizure": _spec("detected clear", alarm="detected"),
    "enuresis": _spec("wet dry"),
    "location": _spec(),
    "mains": _spec("lost ok"),
    "link": _spec("online offline"),
    "radio": _spec("jammed weak ok", numeric=True),
    "heartbeat": _spec("seen", momentary=True),
}
"""Every property a reading may have, with its words (design, section 5)."""

Value: TypeAlias = str | float | tuple[float, float]
"""A word of the table, a number in °C, %, W or lx, or a [latitude, longitude] pair."""

ANY_DEVICE: Final = frozenset({"battery", "tamper", "link", "radio", "mains", "test", "heartbeat"})
"""Properties that a device of any kind may tell."""

_TOLD_BY: Final[Mapping[str, str]] = {
    "trigger": "personal_trigger fixed_trigger alarm_unit bogus_caller_button fall_detector",
    "fall": "fall_detector personal_trigger occupancy_detector bed_monitor",
    "cancel": "alarm_unit personal_trigger fixed_trigger",
    "contact": "door_sensor",
    "motion": "activity_detector occupancy_detector",
    "presence": "occupancy_detector activity_detector",
    "occupancy": "bed_monitor chair_monitor occupancy_detector",
    "vibration": "vibration_sensor",
    "smoke": "smoke_detector",
    "co": "carbon_monoxide_detector",
    "gas": "gas_detector",
    "heat": "heat_detector smoke_detector",
    "water": "flood_detector",
    "appliance": "appliance_monitor",
    "medication": "medication_dispenser",
    "seizure": "epilepsy_monitor",
    "enuresis": "enuresis_monitor",
    "location": "tracker",
}
"""Property -> the kinds of device that tell it; a property that is not here may be told by any."""

_PROVIDERS: Final[Mapping[str, frozenset[DeviceKind]]] = {
    name: frozenset(DeviceKind(word) for word in words.split()) for name, words in _TOLD_BY.items()
}


def may_tell(kind: DeviceKind, name: str) -> bool:
    """Whether a device of this kind may tell a property; of kind `other` anything is possible."""
    if kind is DeviceKind.OTHER or name in ANY_DEVICE or name not in _PROVIDERS:
        return True
    return kind in _PROVIDERS[name]
