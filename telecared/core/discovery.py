"""What bridges say of their devices: zigbee2mqtt's list, and MQTT discovery of Home Assistant.

One announcement becomes plain values; whether it is worth registering, and as what, is
`proposals`' part. Nothing here raises, whatever the bytes.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from telecared.core.envelope import parse
from telecared.core.vocabulary import DeviceKind

MAX_LIST_BYTES: Final = 16 * 1024 * 1024
"""A longer list of devices is not read: one of 200 devices takes two megabytes."""

MAX_ENTRIES: Final = 2_000
"""Devices, entities or exposed properties of one message that are looked at."""

TELLING: Final[Mapping[str, tuple[str, DeviceKind | None]]] = {
    # What bridges call it: our property, and the kind of device that it makes one. The most
    # dangerous first: the kind of the first that a device has is the device's.
    **dict.fromkeys(
        ("sos", "sos_alarm", "emergency", "panic"), ("trigger", DeviceKind.PERSONAL_TRIGGER)
    ),
    **dict.fromkeys(
        ("fall_status", "fall_down_status", "fall", "detection_status"),
        ("fall", DeviceKind.FALL_DETECTOR),
    ),
    **dict.fromkeys(("smoke", "smoke_state"), ("smoke", DeviceKind.SMOKE_DETECTOR)),
    **dict.fromkeys(("carbon_monoxide", "co_state"), ("co", DeviceKind.CARBON_MONOXIDE_DETECTOR)),
    **dict.fromkeys(("gas", "gas_sensor_state"), ("gas", DeviceKind.GAS_DETECTOR)),
    "heat": ("heat", DeviceKind.HEAT_DETECTOR),
    **dict.fromkeys(("water_leak", "moisture"), ("water", DeviceKind.FLOOD_DETECTOR)),
    **dict.fromkeys(
        ("contact", "door", "window", "opening", "garage_door"),
        ("contact", DeviceKind.DOOR_SENSOR),
    ),
    "presence": ("presence", DeviceKind.OCCUPANCY_DETECTOR),
    **dict.fromkeys(
        ("occupancy", "pir_detection", "motion"), ("motion", DeviceKind.ACTIVITY_DETECTOR)
    ),
    **dict.fromkeys(("vibration",), ("vibration", DeviceKind.VIBRATION_SENSOR)),
    "device_tracker": ("location", DeviceKind.TRACKER),
    **dict.fromkeys(("power", "plug"), ("power", DeviceKind.APPLIANCE_MONITOR)),
    "temperature": ("temperature", DeviceKind.TEMPERATURE_SENSOR),
    "humidity": ("humidity", None),
    **dict.fromkeys(("illuminance", "illuminance_lux"), ("illuminance", None)),
    **dict.fromkeys(("battery", "battery_low"), ("battery", None)),
    "tamper": ("tamper", None),
}

_CALLS_FOR_HELP: Final = frozenset({"emergency", "sos", "panic"})
_USUAL_ON: Final = (None, "ON", "on", "true", "1")
_LIST: Final = "/bridge/devices"
_JSON: Final = json.JSONDecoder()
_COMPONENTS: Final = frozenset(
    {
        "binary_sensor",
        "button",
        "device",
        "device_automation",
        "device_tracker",
        "event",
        "sensor",
        "switch",
    }
)
_SHORT: Final[Mapping[str, str]] = {
    "stat_t": "state_topic",
    "t": "topic",
    "json_attr_t": "json_attributes_topic",
    "dev_cla": "device_class",
    "dev": "device",
    "cmps": "components",
    "p": "platform",
    "ids": "identifiers",
    "mdl": "model",
    "mdl_id": "model_id",
    "sn": "serial_number",
    "sa": "suggested_area",
    "val_tpl": "value_template",
    "pl_on": "payload_on",
}
"""Discovery's abbreviations, as far as they are read here."""


class Announced(msgspec.Struct, frozen=True, kw_only=True):
    """What a bridge says of one of its devices.

    Attributes:
        by: who says so, for people.
        topic: where the device will speak.
        name: what people called it, and what its maker calls it.
        says: the properties that it has, as the bridge calls them.
        alarms: such a property and the JSON value that means open or wet.
        is_button: it is pressed, and no word of it says for what.
        is_bare: its topic carries a state as Home Assistant writes one, and nothing else.
        profile: the device profile that must be meant; None where its topic tells.
    """

    by: str
    topic: str
    name: str
    says: tuple[str, ...] = ()
    alarms: tuple[tuple[str, bool], ...] = ()
    is_button: bool = False
    is_bare: bool = False
    model: str | None = None
    serial: str | None = None
    area: str | None = None
    profile: str | None = None


def announced(topic: str, payload: bytes) -> tuple[Announced, ...] | None:
    """Return what a message announces; None when it is no announcement at all."""
    levels = topic.split("/")
    is_config = levels[-1] == "config" and not _COMPONENTS.isdisjoint(levels[-4:-2])
    if not (is_config or topic.endswith(_LIST)) or len(payload) > MAX_LIST_BYTES:
        return None
    data = parse(payload)[0]
    if data is None and not is_config:
        data = _whole_entries(payload)
    if isinstance(data, dict) and is_config:
        component = next(each for each in reversed(levels[-4:-2]) if each in _COMPONENTS)
        return tuple(_discovered(component, _long(data)))
    if isinstance(data, list) and not is_config:
        base = topic.removesuffix(_LIST)
        entries = (each for each in data[:MAX_ENTRIES] if isinstance(each, dict))
        return tuple(found for each in entries if (found := _listed(base, each)) is not None)
    return ()


# --- zigbee2mqtt ------------------------------------------------------------------------------


def _whole_entries(payload: bytes) -> list[object]:
    """Return the entries that stand whole in a list which was cut off: the record keeps so much."""
    text = payload.decode("utf-8", "replace").lstrip()
    found: list[object] = []
    start = 1
    while text.startswith("[") and start < len(text) and len(found) < MAX_ENTRIES:
        try:
            entry, start = _JSON.raw_decode(text, start)
        except (ValueError, RecursionError):
            break
        found.append(entry)
        while start < len(text) and text[start] in ", \r\n\t":
            start += 1
    return found


def _listed(base: str, entry: dict[str, object]) -> Announced | None:
    name = _text(entry, "friendly_name")
    definition = entry.get("definition")
    is_gone = entry.get("disabled") is True or entry.get("type") == "Coordinator"
    if name is None or is_gone or not isinstance(definition, dict):
        return None
    says: list[str] = []
    alarms: list[tuple[str, bool]] = []
    is_button = False
    for expose in _exposed(definition.get("exposes"), 0):
        told = _text(expose, "property") or _text(expose, "name") or ""
        if told == "action":
            values = expose.get("values")
            helps = _CALLS_FOR_HELP.intersection(
                each for each in (values if isinstance(values, list) else ()) if _is_text(each)
            )
            says += sorted(helps)
            is_button = is_button or not helps
        elif told in TELLING and not (told == "gas" and expose.get("type") == "numeric"):
            says.append(told)
            on = expose.get("value_on")
            if isinstance(on, bool):
                alarms.append((told, on))
    model = _text(definition, "model")
    words = (name, model, _text(definition, "description"))
    return Announced(
        by="zigbee2mqtt",
        topic=f"{base}/{name}",
        name=" / ".join(word for word in words if word),
        says=tuple(dict.fromkeys(says)),
        alarms=tuple(alarms),
        is_button=is_button,
        model=model,
        serial=_text(entry, "ieee_address"),
        profile="zigbee2mqtt",
    )


def _exposed(exposes: object, depth: int) -> Iterator[dict[str, object]]:
    """Yield exposed properties, and those inside a lamp, a lock or a switch."""
    for each in exposes[:MAX_ENTRIES] if isinstance(exposes, list) else ():
        if isinstance(each, dict):
            yield each
            if depth == 0:
                yield from _exposed(each.get("features"), 1)


# --- Home Assistant ---------------------------------------------------------------------------


def _discovered(component: str, config: dict[str, object]) -> Iterator[Announced]:
    """Yield the entities of a discovery message: one, or those of a whole device."""
    if component != "device":
        yield from _entity(component, config, config)
        return
    components = config.get("components")
    for each in list(components.values())[:MAX_ENTRIES] if isinstance(components, dict) else ():
        if isinstance(each, dict):
            own = _long(each)
            yield from _entity(_text(own, "platform") or "", own, config)


def _entity(
    component: str, config: dict[str, object], whole: dict[str, object]
) -> Iterator[Announced]:
    """Yield one entity, when it has a topic to speak on and may mean something to care."""
    if component not in _COMPONENTS:
        return
    topic = (
        _topic(config, "state_topic", whole)
        or _topic(config, "topic", whole)
        or _topic(config, "json_attributes_topic", whole)
    )
    if topic is None:
        return
    device = whole.get("device")
    about = _long(device) if isinstance(device, dict) else {}
    told = "device_tracker" if component == "device_tracker" else _text(config, "device_class")
    if told == "gas" and component == "sensor":  # a meter
        told = None
    model = _text(about, "model_id") or _text(about, "model")
    words = (_text(about, "name"), _text(config, "name"), model)
    yield Announced(
        by="Home Assistant's discovery",
        topic=topic,
        name=" / ".join(word for word in words if word),
        says=(told,) if told is not None and told in TELLING else (),
        is_button=component in ("button", "device_automation", "event"),
        is_bare=_text(config, "value_template") is None
        and _text(config, "payload_on") in _USUAL_ON,
        model=model,
        serial=_text(about, "serial_number") or _identifier(about.get("identifiers")),
        area=_text(about, "suggested_area"),
    )


def _topic(config: dict[str, object], key: str, whole: dict[str, object]) -> str | None:
    """Return a topic of an entity, or of its whole device, with the base for its `~`."""
    for source in (config, whole):
        topic = _text(source, key)
        if topic is not None:
            base = _text(source, "~") or _text(whole, "~") or ""
            if topic.startswith("~"):
                return base + topic[1:]
            return topic[:-1] + base if topic.endswith("~") else topic
    return None


def _identifier(found: object) -> str | None:
    """Return the address inside an identifier such as zigbee2mqtt_0x00124b0021a4f6c2, or None."""
    for each in found if isinstance(found, list) else [found]:
        if _is_text(each):
            _, mark, digits = str(each).rpartition("0x")
            if mark and digits.isalnum() and len(digits) == 16:
                return mark + digits
    return None


def _long(config: dict[str, object]) -> dict[str, object]:
    """Return `config` with the names that its abbreviations stand for."""
    return {_SHORT.get(key, key): value for key, value in config.items()}


def _text(data: dict[str, object], key: str) -> str | None:
    value = data.get(key)
    return value if isinstance(value, str) and value else None


def _is_text(value: object) -> bool:
    return isinstance(value, str)
