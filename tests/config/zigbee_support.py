"""What a Zigbee frame holds, in this project's words, for a model that exposes certain properties.

The truth that `test_zigbee2mqtt_shared` holds the profile against. It is derived from the Zigbee
cluster library's meaning of each frame and never looks at what a converter published.
"""

import fnmatch
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from ruamel.yaml import YAML

ROOT: Final = Path(__file__).parents[2]
SHARED: Final = ROOT.parent / "shared" / "data" / "devices"
MESSAGES: Final = SHARED / "zigbee2mqtt.jsonl"
DEFINITIONS: Final = SHARED / "zigbee2mqtt_definitions.jsonl"
EXCEPTIONS: Final = Path(__file__).parent / "zigbee2mqtt_exceptions.yaml"

Wanted = dict[str, str | float]

ZONES: Final[Mapping[str, tuple[str, str, str | None, bool]]] = {
    "contact": ("contact", "open", "closed", True),
    "contact_alarm_1": ("contact", "open", "closed", True),
    "contact_alarm_2": ("contact", "open", "closed", True),
    "occupancy": ("motion", "detected", "clear", True),
    "occupancy_alarm_1": ("motion", "detected", "clear", True),
    "occupancy_alarm_2": ("motion", "detected", "clear", True),
    "vibration": ("vibration", "detected", "clear", True),
    "sos": ("trigger", "pressed", None, True),
    "smoke": ("smoke", "alarm", "clear", False),
    "heat": ("heat", "alarm", "clear", False),
    "carbon_monoxide": ("co", "alarm", "clear", False),
    "gas": ("gas", "alarm", "clear", False),
    "water_leak": ("water", "wet", "dry", False),
    "active_water_leak": ("water", "wet", "dry", False),
}
"""Exposed property -> ours, our word for an alarm and for none, and whether alarm2 is one as well.

The cluster library gives both alarm bits of a zone a meaning for doors (two portals), motion,
vibration and whoever calls for help; for fire, gas and water the second is reserved.
"""


class Excuse(msgspec.Struct, frozen=True):
    """One entry of the list of exceptions.

    Attributes:
        models: of which models.
        frame: pattern of the frames.
        instead: what is read there instead; null where nothing is.
        reason: why, in a sentence.
    """

    models: list[str]
    frame: str
    instead: dict[str, str | float | None]
    reason: str

    def fits(self, model: str, frame: str) -> bool:
        """Whether this entry speaks of that model's frame."""
        return model in self.models and fnmatch.fnmatchcase(frame, self.frame)


def rows(path: Path) -> list[dict[str, Any]]:  # JSON of others, of any shape
    """Return the JSON lines of a file."""
    return [msgspec.json.decode(line) for line in path.read_bytes().splitlines()]


def exceptions() -> list[Excuse]:
    """Return the list of exceptions."""
    data = YAML(typ="safe").load(EXCEPTIONS.read_text(encoding="utf-8"))
    return msgspec.convert(data["exceptions"], list[Excuse])


def held_by(frame: str, exposes: list[dict[str, Any]], kinds: list[str]) -> Wanted:
    """Return exactly the readings that `frame` holds for a model with these exposes."""
    by_name = {each["property"]: each for each in exposes}
    if frame.startswith("battery 50%"):
        return {"battery": 50.0}
    if frame.startswith("ACE "):
        return {"trigger": "pressed"}
    if frame.startswith("occupancy="):
        return {"motion": "detected" if frame.startswith("occupancy=1") else "clear"}
    if frame.startswith("onOff="):
        relay = any(name.startswith("state") for name in by_name)
        if "contact" not in by_name or relay:
            return {}
        return {"contact": "open" if frame.startswith("onOff=1") else "closed"}
    return _zone(frame, by_name, kinds)


def _zone(frame: str, by_name: dict[str, dict[str, Any]], kinds: list[str]) -> Wanted:
    first, second = "alarm1" in frame, "alarm2" in frame
    wanted: Wanted = {}
    for name, (ours, alarm, clear, both) in ZONES.items():
        if name not in by_name or by_name[name]["type"] != "binary":
            continue
        if first or (second and both):
            wanted[ours] = alarm
        elif clear is not None:
            wanted.setdefault(ours, clear)
    if kinds == ["sos"] and (first or second):
        wanted["trigger"] = "pressed"
    for name, ours, bit, clear in (
        ("tamper", "tamper", "open" if "tamper" in frame else None, "closed"),
        ("battery_low", "battery", "low" if "battery low" in frame else None, "ok"),
    ):
        if bit is not None:
            wanted[ours] = bit
        elif name in by_name:
            wanted[ours] = clear
    return wanted
