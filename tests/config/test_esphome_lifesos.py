"""ESPHome and LifeSOS: bare words whose meaning is the device's kind, or its name."""

import pytest

from telecared.core.decode import decode
from telecared.core.directory import Directory
from telecared.core.plan import Device
from telecared.core.vocabulary import PROPERTIES, SECOND, DeviceKind
from tests.config.wire_support import Wire, binding, payload_of, profile

NODE = "northside/larch-12/bathroom"
BASE = "northside/larch-12/lifesos"
PROFILES = ("esphome", "lifesos", "shelly-gen1", "shelly-gen2")

ON_MEANS = {
    DeviceKind.PERSONAL_TRIGGER: ("trigger", "pressed"),
    DeviceKind.FIXED_TRIGGER: ("trigger", "pressed"),
    DeviceKind.BOGUS_CALLER_BUTTON: ("trigger", "pressed"),
    DeviceKind.FALL_DETECTOR: ("fall", "detected"),
    DeviceKind.ACTIVITY_DETECTOR: ("motion", "detected"),
    DeviceKind.OCCUPANCY_DETECTOR: ("presence", "present"),
    DeviceKind.DOOR_SENSOR: ("contact", "open"),
    DeviceKind.BED_MONITOR: ("occupancy", "occupied"),
    DeviceKind.CHAIR_MONITOR: ("occupancy", "occupied"),
    DeviceKind.SMOKE_DETECTOR: ("smoke", "alarm"),
    DeviceKind.CARBON_MONOXIDE_DETECTOR: ("co", "alarm"),
    DeviceKind.GAS_DETECTOR: ("gas", "alarm"),
    DeviceKind.HEAT_DETECTOR: ("heat", "alarm"),
    DeviceKind.FLOOD_DETECTOR: ("water", "wet"),
    DeviceKind.APPLIANCE_MONITOR: ("appliance", "on"),
    DeviceKind.EPILEPSY_MONITOR: ("seizure", "detected"),
    DeviceKind.ENURESIS_MONITOR: ("enuresis", "wet"),
    DeviceKind.VIBRATION_SENSOR: ("vibration", "detected"),
}
"""What a bare ON says of each kind of device; of the other kinds it says nothing."""


@pytest.mark.parametrize("kind", DeviceKind)
@pytest.mark.parametrize(
    ("name", "topic"),
    [("esphome", f"{NODE}/binary_sensor/thing/state"), ("lifesos", f"{BASE}/thing")],
)
def test_on_means_what_the_kind_says_and_nothing_else(
    kind: DeviceKind, name: str, topic: str
) -> None:
    """One word for every device; ON of an unknown kind is nothing, and no error."""
    own = topic.removesuffix("/state")
    device = binding(name, kind, own)
    expected = ON_MEANS.get(kind)
    if name == "lifesos" and kind is DeviceKind.DOOR_SENSOR:
        expected = None  # its magnets say Open and Closed
    for payload in (b"ON", b"True"):
        decoded = decode(profile(name), topic, payload, device)
        assert decoded.error is None
        told = [(one.property, one.value) for one in decoded.readings]
        assert told == ([] if expected is None else [expected])
    off = decode(profile(name), topic, b"OFF", device)
    assert off.error is None
    assert not off.life_safety
    momentary = [one for one in off.readings if PROPERTIES[one.property].momentary]
    assert momentary == []


@pytest.mark.parametrize("word", ["nan", "unknown", "unavailable", "", "null", "inf"])
@pytest.mark.parametrize("kind", [DeviceKind.TEMPERATURE_SENSOR, DeviceKind.DOOR_SENSOR])
def test_what_is_not_known_is_nothing(word: str, kind: DeviceKind) -> None:
    """After a restart an entity has no value yet."""
    own = f"{NODE}/sensor/room"
    decoded = decode(
        profile("esphome"), f"{own}/state", word.encode(), binding("esphome", kind, own)
    )
    assert (decoded.readings, decoded.error) == ((), None)


@pytest.mark.parametrize(
    "topic",
    [
        "bathroom/binary_sensor/sos_button/state",
        "northside/larch-12/bathroom/binary_sensor/sos_button/state",
        "northside/larch-12/bathroom/switch/pull_cord/state",
        "northside/larch-12/lifesos/pendant",
        "northside/larch-12/lifesos/panic",
    ],
)
def test_a_call_for_help_of_a_device_that_nobody_registered_is_heard(topic: str) -> None:
    """Its name says that it is a button for help, and ON is then a press of it."""
    directory = Directory((), {name: profile(name) for name in PROFILES})
    found = directory.guess(topic, b"ON")
    assert found.binding is None
    assert found.decoded.life_safety
    assert found.stranger is not None


@pytest.mark.parametrize(
    "topic", ["bathroom/binary_sensor/relay_1/state", "hall/switch/lamp/state"]
)
def test_a_switch_whose_name_says_nothing_is_no_call_for_help(topic: str) -> None:
    """Unknown, and no alarm."""
    found = Directory((), {name: profile(name) for name in PROFILES}).guess(topic, b"ON")
    assert found.profile == "esphome"
    assert found.decoded.readings == ()


def test_entities_are_devices_and_the_node_is_their_alarm_unit() -> None:
    """An entity has its own topic; what nobody registered by itself is the node's."""
    devices = [
        binding("esphome", DeviceKind.DOOR_SENSOR, f"{NODE}/binary_sensor/door"),
        binding("esphome", DeviceKind.FIXED_TRIGGER, NODE, address="cord"),
        binding("esphome", DeviceKind.ALARM_UNIT, NODE),
    ]
    directory = Directory(devices, {"esphome": profile("esphome")})
    told = {
        topic: [
            (found.binding.kind, one.property, one.value)
            for found in [directory.resolve(f"{NODE}/{topic}", payload.encode())]
            if found.binding is not None
            for one in found.decoded.readings
        ]
        for topic, payload in {
            "binary_sensor/door/state": "ON",
            "binary_sensor/cord/state": "ON",
            "sensor/temperature/state": "19.5",
            "status": "offline",
            "debug": "[D] sending state ON",
        }.items()
    }
    assert told == {
        "binary_sensor/door/state": [(DeviceKind.DOOR_SENSOR, "contact", "open")],
        "binary_sensor/cord/state": [(DeviceKind.FIXED_TRIGGER, "trigger", "pressed")],
        "sensor/temperature/state": [(DeviceKind.ALARM_UNIT, "temperature", 19.5)],
        "status": [(DeviceKind.ALARM_UNIT, "link", "offline")],
        "debug": [],
    }


def test_a_model_says_which_number_it_is() -> None:
    """A thermometer's humidity is no temperature, though its kind would say so."""
    own = f"{NODE}/sensor/air"
    for model, expected in {None: "temperature", "Humidity": "humidity", "power": "power"}.items():
        device = binding("esphome", DeviceKind.TEMPERATURE_SENSOR, own, model=model)
        decoded = decode(profile("esphome"), f"{own}/state", b"55.5", device)
        assert [(one.property, one.value) for one in decoded.readings] == [(expected, 55.5)]


def test_a_press_that_lifesos_tells_twice_is_one_act() -> None:
    """On and the event code Trigger of one press, and the Off that the bridge sends by itself."""
    pendant = Device(
        id="pendant", kind=DeviceKind.PERSONAL_TRIGGER, profile="lifesos", topic=f"{BASE}/pendant"
    )
    wire = Wire(pendant)
    wire.sends(f"{BASE}/pendant/event_code", "Trigger")
    wire.sends(f"{BASE}/pendant", "On", after=SECOND // 10)
    wire.sends(f"{BASE}/pendant", "Off", after=30 * SECOND)
    assert wire.opened() == ["pressed"]
    assert wire.counts() == [0]


def test_an_alarm_that_a_base_unit_tells_of_a_zone_finds_its_device() -> None:
    """A registered zone is that device; any other is the base unit's own, and never lost."""
    base = f"{BASE}/base"
    devices = [
        binding("lifesos", DeviceKind.SMOKE_DETECTOR, base, address="03-01"),
        binding("lifesos", DeviceKind.ALARM_UNIT, base),
    ]
    directory = Directory(devices, {"lifesos": profile("lifesos")})
    event = {"event_qualifier": "Event", "event_category": "Alarm", "event_code": "SmokeAlarm"}
    known, unknown = (
        directory.resolve(f"{base}/event", payload_of({**event, "zone": zone}))
        for zone in ("03-01", "03-02")
    )
    assert known.binding is not None
    assert known.binding.kind is DeviceKind.SMOKE_DETECTOR
    assert unknown.binding is not None
    assert unknown.binding.kind is DeviceKind.ALARM_UNIT
    assert known.decoded.life_safety
    assert unknown.decoded.life_safety
