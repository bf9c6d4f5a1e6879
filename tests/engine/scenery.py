"""Homes, rules and people for the stories of the engine. Values only."""

from datetime import datetime
from functools import cache
from typing import Any

from msgspec.structs import replace

from telecared.config.profiles import load_profiles
from telecared.config.shipped import devices_folder
from telecared.core.plan import Device, Downtime, HomeRecord, Plan, Rule
from telecared.core.policy import MONITORING_CENTRE, Centre, Contact, Policy, Step
from telecared.core.vocabulary import HOUR, MINUTE, DeviceKind, Duration, Instant, Priority
from telecared.core.when import HeldFor, InactiveFor, ReadingIs, Silent, Window
from telecared.core.windows import to_instant
from telecared.engine import DirectoryOf
from telecared.shard import directory_of

SCHEME = "north"
BEN = "+447700900123"
CARA = "+447700900124"
CENTRE = "+447700900900"
STRANGER = "+447700900555"

PENDANT = Rule(
    name="pendant-pressed",
    when=ReadingIs(property="trigger", values=("pressed",)),
    priority=Priority.LIFE_SAFETY,
    say="Pendant at {home.address}. Reply {code} if you are going.",
)
SMOKE = Rule(
    name="smoke",
    when=ReadingIs(property="smoke", values=("alarm",)),
    priority=Priority.LIFE_SAFETY,
)
WATER = Rule(name="flood", when=ReadingIs(property="water", values=("wet",)))
NO_MOVEMENT = Rule(name="no-movement", when=InactiveFor(duration=4 * HOUR, of=("motion",)))
UNIT_SILENT = Rule(
    name="unit-silent",
    when=Silent(at=("alarm_unit",), duration=45 * MINUTE),
    priority=Priority.TECHNICAL,
)
DOOR_OPEN = Rule(
    name="door-open",
    when=HeldFor(property="contact", values=("open",), duration=5 * MINUTE),
    priority=Priority.ROUTINE,
)
DOOR_AT_NIGHT = Rule(
    name="door-at-night",
    when=HeldFor(
        property="contact",
        values=("open",),
        duration=5 * MINUTE,
        between=(Window(start=22 * 60, end=6 * 60),),
    ),
)

FAMILY = Policy(
    name="family-then-centre",
    steps=(
        Step(notify=("carer",), wait=2 * MINUTE),
        Step(notify=("key_holder",), wait=3 * MINUTE),
        Step(notify=(MONITORING_CENTRE,)),
    ),
)
TECHNICAL = Policy(name="technical", steps=(Step(notify=(MONITORING_CENTRE,)),))


def instant(text: str) -> Instant:
    """An RFC 3339 time as microseconds UTC."""
    return to_instant(datetime.fromisoformat(text))


def plan_of(*rules: Rule, **more: Any) -> Plan:  # noqa: ANN401 - any field of a plan
    """Rules, the family's policy, and a monitoring centre with a number."""
    fields: dict[str, Any] = {
        "rules": rules,
        "policies": (FAMILY, TECHNICAL),
        "centre": Centre(name="Riverside Centre", sms=CENTRE),
        "site_timezone": "Europe/London",
    }
    return Plan(**{**fields, **more})


def with_downtime(rule: Rule, kind: str, grace: Duration = 0) -> Rule:
    """The same rule, for which an outage means something else."""
    return replace(rule, downtime=Downtime(kind=kind, grace=grace))


def home(number: int = 1, **changes: Any) -> HomeRecord:  # noqa: ANN401 - any field of a record
    """A home with a device of each kind that the stories need; Ben and Cara look after it."""
    name = f"h{number:03d}"

    def device(one: str, kind: DeviceKind, location: str | None = None) -> Device:
        topic = f"telecare/{SCHEME}/{name}/{one}"
        return Device(id=one, kind=kind, profile="native", topic=topic, location=location)

    fields: dict[str, Any] = {
        "id": name,
        "scheme": SCHEME,
        "timezone": "Europe/London",
        "address": f"{number} Larch Close",
        "devices": (
            device("pendant", DeviceKind.PERSONAL_TRIGGER),
            device("smoke", DeviceKind.SMOKE_DETECTOR, "kitchen"),
            device("water", DeviceKind.FLOOD_DETECTOR, "bathroom"),
            device("pir", DeviceKind.ACTIVITY_DETECTOR, "hall"),
            device("door", DeviceKind.DOOR_SENSOR, "hall"),
            device("unit", DeviceKind.ALARM_UNIT),
        ),
        "contacts": (
            Contact(id="ben", name="Ben Hall", phone=BEN, roles=("carer",)),
            Contact(id="cara", name="Cara Singh", phone=CARA, roles=("key_holder",)),
        ),
    }
    return HomeRecord(**{**fields, **changes})


@cache
def shipped_directory() -> DirectoryOf:
    """What builds a directory with the profiles that ship."""
    return directory_of(load_profiles([devices_folder()]))
