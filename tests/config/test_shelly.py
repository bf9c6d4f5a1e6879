"""Shelly devices: one press that is told several times, wake-ups, and the map of their topics.

What a single message decodes to stands in the profiles' own examples; here are stories of several.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from telecared.core.decode import decode
from telecared.core.directory import Directory
from telecared.core.plan import Device
from telecared.core.readings import Reading
from telecared.core.vocabulary import MINUTE, SECOND, DeviceKind, Value
from tests.config.wire_support import Wire, binding, payload_of, profile

TOPIC_MAP = Path(__file__).parents[3] / "shared" / "data" / "devices" / "shelly_topic_map.jsonl"

BUTTON = "northside/larch-12/shellies/shelly1-b1a2c3"
PLUS = "northside/larch-12/shellyplus1-a8032ab11cf8"


def _button(profile_name: str, topic: str, **more: str) -> Device:
    return Device(
        id="pendant",
        kind=DeviceKind.PERSONAL_TRIGGER,
        profile=profile_name,
        topic=topic,
        address=more.get("address"),
    )


def test_one_press_on_three_topics_is_one_alert() -> None:
    """`input`, `longpush` and `input_event` of one press tell nobody twice."""
    wire = Wire(_button("shelly-gen1", BUTTON))
    wire.sends(f"{BUTTON}/input/0", "1")
    wire.sends(f"{BUTTON}/input/0", "0", after=SECOND // 2)
    wire.sends(f"{BUTTON}/longpush/0", "0", after=SECOND // 10)
    wire.sends(f"{BUTTON}/input_event/0", {"event": "S", "event_cnt": 5})
    assert wire.opened() == ["pressed"]
    assert wire.counts() == [0]


def test_two_quick_presses_are_told_apart_by_their_count() -> None:
    """A second press within the burst is another act, also when the first was heard elsewhere."""
    wire = Wire(_button("shelly-gen1", BUTTON))
    wire.sends(f"{BUTTON}/input/0", "1")
    wire.sends(f"{BUTTON}/input_event/0", {"event": "S", "event_cnt": 5}, after=SECOND // 2)
    wire.sends(f"{BUTTON}/input_event/0", {"event": "S", "event_cnt": 5}, after=SECOND // 10)
    wire.sends(f"{BUTTON}/input/0", "1", after=SECOND // 2)
    wire.sends(f"{BUTTON}/input_event/0", {"event": "S", "event_cnt": 6}, after=SECOND // 2)
    wire.sends(f"{BUTTON}/input_event/0", {"event": "S", "event_cnt": 6}, after=SECOND // 10)
    assert wire.opened() == ["pressed"]
    assert wire.counts() == [1]


def test_the_last_press_that_is_published_for_ever_stays_one_press() -> None:
    """Every half minute the device says once more what was pressed last; a new count is news."""
    wire = Wire(_button("shelly-gen1", BUTTON))
    for _ in range(50):
        wire.sends(f"{BUTTON}/input_event/0", {"event": "L", "event_cnt": 8}, after=30 * SECOND)
    assert wire.counts() == [0]
    wire.sends(f"{BUTTON}/input_event/0", {"event": "L", "event_cnt": 9}, after=30 * SECOND)
    assert wire.counts() == [1]


def test_a_count_that_comes_again_after_a_pause_is_another_press() -> None:
    """A button that restarted counts from one again, and must be heard."""
    wire = Wire(_button("shelly-gen1", BUTTON))
    press = {"event": "S", "event_cnt": 1}
    wire.sends(f"{BUTTON}/input_event/0", press)
    wire.sends(f"{BUTTON}/input_event/0", press, after=9 * MINUTE)
    assert wire.counts() == [0]
    wire.sends(f"{BUTTON}/input_event/0", press, after=2 * MINUTE)
    assert wire.counts() == [1]


def test_a_wake_up_that_repeats_an_old_press_opens_nothing() -> None:
    """The whole state of a button that woke to report its battery holds the last press."""
    wire = Wire(_button("shelly-gen1", BUTTON))
    state = {"inputs": [{"input": 0, "event": "S", "event_cnt": 5}], "act_reasons": ["periodic"]}
    wire.sends(f"{BUTTON}/info", state)
    assert wire.opened() == []


def test_a_bluetooth_press_that_is_passed_on_twice_is_one_act() -> None:
    """Two packets of one number are copies, another number within the second is another press."""
    mac = "b4:35:22:fe:56:e5"
    wire = Wire(_button("shelly-gen2", PLUS, address=mac))
    for number in (118, 118, 119):
        data = {"pid": number, "battery": 98, "button": 1, "rssi": -67, "address": mac}
        event = {"component": "script:1", "event": "shelly-blu", "data": data}
        message = {"src": "shellyplus1", "method": "NotifyEvent", "params": {"events": [event]}}
        wire.sends(f"{PLUS}/events/rpc", message, after=SECOND // 2)
    assert wire.opened() == ["pressed"]
    assert wire.counts() == [1]


def test_smoke_from_a_detector_that_does_not_know_the_time_is_an_alarm_of_now() -> None:
    """A Plus Smoke wakes with a clock at 1.33 seconds: the time of receipt counts, no error."""
    detector = Device(id="smoke", kind=DeviceKind.SMOKE_DETECTOR, profile="shelly-gen2", topic=PLUS)
    wire = Wire(detector)
    started = wire.world.at
    wire.sends(
        f"{PLUS}/events/rpc",
        {"method": "NotifyFullStatus", "params": {"ts": 1.33, "smoke:0": {"alarm": True}}},
        after=MINUTE,
    )
    assert wire.opened() == ["smoke"]
    assert wire.world.state.facts["smoke"]["smoke"].since == started + MINUTE


def test_each_input_is_a_device_of_its_own() -> None:
    """Two cords at one Shelly; what neither claims belongs to the Shelly itself."""
    profiles = {"shelly-gen2": profile("shelly-gen2")}
    devices = [
        binding("shelly-gen2", DeviceKind.FIXED_TRIGGER, PLUS, address="input:0"),
        binding("shelly-gen2", DeviceKind.DOOR_SENSOR, PLUS, address="input:1"),
        binding("shelly-gen2", DeviceKind.ALARM_UNIT, PLUS),
    ]
    params = {
        "ts": 1772348649.5,
        "input:0": {"id": 0, "state": True},
        "input:1": {"id": 1, "state": False},
        "wifi": {"rssi": -90},
    }
    found = Directory(devices, profiles).resolve(
        f"{PLUS}/events/rpc", payload_of({"method": "NotifyFullStatus", "params": params})
    )
    told = {
        (one.binding.kind, reading.property, reading.value)
        for one in (found, *found.more)
        if one.binding is not None
        for reading in one.decoded.readings
    }
    assert told == {
        (DeviceKind.FIXED_TRIGGER, "trigger", "pressed"),
        (DeviceKind.DOOR_SENSOR, "contact", "open"),
        (DeviceKind.ALARM_UNIT, "radio", "weak"),
    }


@pytest.mark.parametrize(
    ("topic", "payload", "alarm"),
    [
        ("kitchen/events/rpc", {"params": {"smoke:0": {"id": 0, "alarm": True}}}, "smoke"),
        ("elsewhere/shellies/shellysmoke-7B01F2/sensor/smoke", "true", "smoke"),
        ("shellies/custom-gas/sensor/gas", "heavy", "gas"),
    ],
)
def test_an_alarm_of_a_shelly_that_nobody_registered_is_heard(
    topic: str, payload: object, alarm: str
) -> None:
    """Whatever its topic was renamed to: the ending says what speaks there."""
    profiles = {name: profile(name) for name in ("shelly-gen1", "shelly-gen2")}
    found = Directory((), profiles).resolve(topic, payload_of(payload))
    assert found.binding is None
    assert found.decoded.life_safety
    assert [reading.property for reading in found.decoded.readings] == [alarm]
    assert found.stranger is not None


def test_a_pattern_without_a_word_of_its_own_claims_no_topic() -> None:
    """A profile whose topics may be anything does not take the messages of others for its own."""
    profiles = {name: profile(name) for name in ("shelly-gen1", "shelly-gen2", "esphome")}
    found = Directory((), profiles).resolve("some/other/thing", b'{"temperature": 20}')
    assert found.profile is None
    assert profiles["shelly-gen2"].closeness("some/other/thing") == 0
    motion = Directory((), profiles).resolve("shellies/shellymotion-1/status", b'{"motion": true}')
    assert motion.profile == "shelly-gen1"


# --- the topics of the makers' devices, listed by others ---------------------------------------

Expected = dict[str, Value]

READ: dict[str, tuple[str, Expected]] = {
    "bat.value": ("87", {"battery": 87.0}),
    "sensor.battery": ("87", {"battery": 87.0}),
    "Button.Event": ('{"event": "S", "event_cnt": 2}', {"trigger": "pressed"}),
    "Button.EventCount": ('{"event": "S", "event_cnt": 2}', {"trigger": "pressed"}),
    "sensor.door": ("open", {"contact": "open"}),
    "sensor.lux": ("120", {"illuminance": 120.0}),
    "sensor.vibration": ("1", {"vibration": "detected"}),
    "sensor.temperatureC": ("17.5", {"temperature": 17.5}),
    "sensor.temperatureF": ("17.5", {"temperature": 17.5}),
    "tmp.temperatureC": ("17.5", {"temperature": 17.5}),
    "hum.value": ("55", {"humidity": 55.0}),
    "sensor.humidity": ("55", {"humidity": 55.0}),
    "sensor.flood": ("true", {"water": "wet"}),
    "sensor.motion": ("true", {"motion": "detected"}),
    "smoke.value": ("true", {"smoke": "alarm"}),
    "Gas.AlarmState": ("heavy", {"gas": "alarm"}),
    "Gas.SelfTestState": ("running", {"test": "pressed"}),
    "Smoke0.Alarm": ('{"id": 0, "alarm": true, "mute": false}', {"smoke": "alarm"}),
    "Smoke0.Event": (
        '{"params": {"events": [{"component": "smoke:0", "event": "alarm"}]}}',
        {"smoke": "alarm"},
    ),
}
"""For each data point with a care meaning: what the device publishes, and what it must tell."""

NOT_READ = {
    "sensor.wakeupevent": "why a device woke up is nothing that happened in the home",
    "sensor.illuminantion": "a word for the light; the number of lux is read",
    "sensor.tilt": "the angle of a window is no property",
    "sensor.charger": "a button on its charger is neither on the mains nor off it",
    "Gas.SensorState": "warming up and fault are no property",
    "Gas.Concentration": "parts per million; the alarm is told as such",
    "Smoke0.Muted": "a muted alarm is still an alarm",
}
"""Data points that tell nothing, each with its reason."""

MOTION_STATUS = {"motion": True, "vibration": True, "lux": 120, "bat": 87}
"""The one message in which a Motion tells everything."""


def _rows() -> Iterator[dict[str, str]]:
    if not TOPIC_MAP.is_file():
        pytest.skip("the map of Shelly topics is not here (../shared/data/devices)")
    for line in TOPIC_MAP.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def _tells(row: dict[str, str], payload: bytes) -> tuple[Reading, ...]:
    topic = row["topic"].replace("<mqttprefix>", f"{row['device']}-A1B2C3")
    own = "/".join(topic.split("/")[: 2 if row["gen"] == "gen1" else 1])
    name = "shelly-gen1" if row["gen"] == "gen1" else "shelly-gen2"
    is_button = "button" in row["device"]
    kind = DeviceKind.PERSONAL_TRIGGER if is_button else DeviceKind.OTHER
    decoded = decode(profile(name), topic, payload, binding(name, kind, own))
    assert decoded.error is None, row
    return decoded.readings


def test_every_data_point_of_the_topic_map_is_read_or_left_out_with_a_reason() -> None:
    """49 rows of the makers' topics: what means something to care is a reading."""
    seen = 0
    for row in _rows():
        seen += 1
        point = row["datapoint"]
        if point in NOT_READ:
            assert point not in READ
            assert _tells(row, b"unknown" if "status" not in row["topic"] else b"{}") == ()
            continue
        payload, expected = READ[point]
        if row["topic"].endswith("/status"):
            payload = json.dumps({**MOTION_STATUS, "tmp": {"value": 17.5, "units": "C"}})
        told = {reading.property: reading.value for reading in _tells(row, payload.encode())}
        assert expected.items() <= told.items(), row
    assert seen == 49
