"""Whatever alarm device is wired to a plain switch, its alarm is told, under every profile.

One switch, one code or one bit means what the device's kind says: a kind that a profile forgot
would lose every alarm of such a device without a word.
"""

import json

import pytest

from telecared.config.load import LoadedPlan
from telecared.core.directory import Directory
from telecared.core.profiles import DeviceBinding
from telecared.core.vocabulary import DeviceKind

HOME = "northside/larch-12"
TELE = f"{HOME}/x/tele"
OMG = f"{HOME}/home/OpenMQTTGateway"

TRIGGERS = {
    DeviceKind.PERSONAL_TRIGGER: ("trigger", "pressed"),
    DeviceKind.FIXED_TRIGGER: ("trigger", "pressed"),
    DeviceKind.BOGUS_CALLER_BUTTON: ("trigger", "pressed"),
}
LEVELS = {
    DeviceKind.FALL_DETECTOR: ("fall", "detected"),
    DeviceKind.SMOKE_DETECTOR: ("smoke", "alarm"),
    DeviceKind.CARBON_MONOXIDE_DETECTOR: ("co", "alarm"),
    DeviceKind.GAS_DETECTOR: ("gas", "alarm"),
    DeviceKind.HEAT_DETECTOR: ("heat", "alarm"),
    DeviceKind.FLOOD_DETECTOR: ("water", "wet"),
    DeviceKind.EPILEPSY_MONITOR: ("seizure", "detected"),
    DeviceKind.ENURESIS_MONITOR: ("enuresis", "wet"),
}
ALL = {**TRIGGERS, **LEVELS}

ZONE = {"ZbReceived": {"0x1234": {"Device": "0x1234", "ZoneStatusChange": 1}}}
STATE = {"params": {"input:0": {"id": 0, "state": True}}}

Switch = tuple[str, str, str, object, str | None, bool]

SWITCHES: list[Switch] = [
    ("tasmota", TELE, f"{HOME}/x/stat/SWITCH1", "ON", None, True),
    ("tasmota", TELE, f"{HOME}/x/stat/SWITCH1", {"STATE": "ON"}, None, True),
    ("tasmota", TELE, f"{HOME}/x/stat/RESULT", {"Switch1": {"Action": "ON"}}, None, True),
    ("tasmota", TELE, f"{TELE}/SENSOR", {"Switch1": "ON"}, None, False),
    ("tasmota", TELE, f"{HOME}/x/stat/STATUS10", {"StatusSNS": {"Switch1": "ON"}}, None, False),
    ("tasmota", TELE, f"{TELE}/SENSOR", ZONE, "0x1234", True),
    ("tasmota", TELE, f"{TELE}/RESULT", {"RfReceived": {"Data": "0x1234"}}, "0x1234", True),
    ("shelly-gen1", f"{HOME}/shellies/x", f"{HOME}/shellies/x/input/0", "1", None, True),
    ("shelly-gen2", f"{HOME}/x", f"{HOME}/x/status/input:0", {"state": True}, None, True),
    ("shelly-gen2", f"{HOME}/x", f"{HOME}/x/events/rpc", STATE, None, True),
    ("openmqttgateway", OMG, f"{OMG}/433toMQTT", {"value": 4660}, "4660", True),
    ("openmqttgateway", OMG, f"{OMG}/RF2toMQTT", {"address": 9, "switchType": 1}, "9", True),
    ("lifesos", f"{HOME}/lifesos/x", f"{HOME}/lifesos/x", "On", None, True),
    ("lifesos", f"{HOME}/lifesos/x", f"{HOME}/lifesos/x/event_code", "Trigger", None, True),
    ("esphome", f"{HOME}/binary_sensor/x", f"{HOME}/binary_sensor/x/state", "ON", None, True),
    ("homeassistant", f"{HOME}/x", f"{HOME}/x/state", "on", None, True),
    *(
        (profile, own, topic, message, "9", True)
        for profile, own, topic in (
            ("rtl_433", "rtl_433/events", "rtl_433/events"),
            ("openmqttgateway", OMG, f"{OMG}/RTL_433toMQTT"),
        )
        for message in (
            {"model": "Honeywell-Security", "id": 9, "contact_open": 1, "state": "open"},
            {"model": "Honeywell", "id": 9, "state": "open"},
            {"model": "DSC-Security", "id": 9, "closed": 0, "event": 1},
            {"model": "Visonic-Powercode", "id": 9, "alarm": 1},
        )
    ),
]


@pytest.mark.parametrize("kind", list(ALL))
def test_the_one_switch_of_an_alarm_device_is_its_alarm(
    shipped: LoadedPlan, kind: DeviceKind
) -> None:
    """Eleven kinds of alarm at every plain switch that the profiles know."""
    profiles = {name: each.compiled for name, each in shipped.profiles.items()}
    lost = []
    for profile, own, topic, payload, address, for_triggers in SWITCHES:
        if kind in TRIGGERS and not for_triggers:
            continue  # a level that is reported again and again is no press
        binding = DeviceBinding("larch-12", "device", kind, profile, own, address)
        text = payload if isinstance(payload, str) else json.dumps(payload)
        found = Directory([binding], profiles).resolve(topic, text.encode())
        told = {
            (one.property, one.value)
            for each in (found, *found.more)
            if each.binding is not None
            for one in each.decoded.readings
        }
        if ALL[kind] not in told:
            lost.append((profile, topic))
    assert lost == []


def test_either_input_of_a_pendant_is_its_button(shipped: LoadedPlan) -> None:
    """Of a transmitter with several inputs nobody knows which one the maker took."""
    profiles = {name: each.compiled for name, each in shipped.profiles.items()}
    pendant = DeviceBinding(
        "larch-12", "pendant", DeviceKind.PERSONAL_TRIGGER, "rtl_433", "rtl_433/events", "9"
    )
    known = Directory([pendant], profiles)
    rest = {"model": "Honeywell-Security", "id": 9, "contact_open": 0, "reed_open": 0, "alarm": 0}
    for pressed, heartbeat, told in [
        ("reed_open", 0, True), ("alarm", 0, True), ("reed_open", 1, False), ("id", 0, False),
    ]:  # fmt: skip
        message = {**rest, "heartbeat": heartbeat, **({} if pressed == "id" else {pressed: 1})}
        found = known.resolve("rtl_433/events", json.dumps(message).encode())
        assert found.decoded.life_safety is told
