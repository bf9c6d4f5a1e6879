"""The home in which the oracle's stories happen: its devices, where they are, what they may say."""

from telecared.core.plan import Rule
from telecared.core.vocabulary import DeviceKind, Value
from telecared.core.when import Silent
from tests.core.oracle import UNIT, UNIT_LIMIT
from tests.core.oracle_day import TICK
from tests.core.world import device

DEVICES = (
    device("hall-pir", DeviceKind.ACTIVITY_DETECTOR, "hall"),
    device("bath-pir", DeviceKind.ACTIVITY_DETECTOR, "bath"),
    device("front-door", DeviceKind.DOOR_SENSOR, "hall"),
    device("bed", DeviceKind.BED_MONITOR, "bedroom"),
    device("meter", DeviceKind.TEMPERATURE_SENSOR, "bath"),
    device("tracker", DeviceKind.TRACKER, "hall"),
    device(UNIT, DeviceKind.ALARM_UNIT, "cupboard"),
)
UNIT_SILENT = Rule(name="unit-silent", when=Silent(at=(UNIT,), duration=UNIT_LIMIT * TICK))
PLACES = {one.id: one.location or "" for one in DEVICES}
IN, OUT = (54.0, -1.5), (56.0, -1.5)
WORDS: dict[str, tuple[tuple[str, str], tuple[Value, ...]]] = {
    "motion": (("hall-pir", "bath-pir"), ("detected", "clear")),
    "contact": (("front-door", "front-door"), ("open", "closed")),
    "occupancy": (("bed", "bed"), ("occupied", "vacant")),
    "temperature": (("meter", "meter"), (12.0, 15.0, 16.0, 16.5, 18.0, 22.0)),
    "location": (("tracker", "tracker"), (IN, OUT)),
    "heartbeat": ((UNIT, UNIT), ("seen",)),
    "link": ((UNIT, UNIT), ("online", "offline")),
}
