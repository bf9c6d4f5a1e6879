"""What real devices do, line by line, second half: what they do over time.

Repeats, bursts, old events, sleep, and what is no activity: through the shipped profiles and the
shipped rules. What single messages mean stands in `test_data_facts`.
"""

import pytest

from telecared.config.load import LoadedPlan
from telecared.core.vocabulary import DeviceKind, SuspensionKind
from tests.config.facts_support import Lived, one
from tests.core.stating import suspends

HOME = "northside/larch-12"
Z2M = f"{HOME}/zigbee2mqtt"
RTL = f"{HOME}/rtl_433/events"
OMG = f"{HOME}/home/OpenMQTTGateway"
SHELLY = f"{HOME}/shellies/button"


def test_cached_values_with_every_update_are_no_news(shipped: LoadedPlan) -> None:
    """294 of 354 contact messages of one home repeated the last value."""
    home = Lived(shipped, one("zigbee2mqtt", f"{Z2M}/sink", DeviceKind.FLOOD_DETECTOR))
    for minute in range(60):
        home.hears(f"{Z2M}/sink", {"water_leak": True, "battery": 90 - minute / 60}, after=60)
    assert home.opened() == ["flood"]
    assert home.repeats() == 0


@pytest.mark.parametrize("copies", [1, 2, 8])
def test_one_press_is_one_to_eight_copies(shipped: LoadedPlan, copies: int) -> None:
    """rtl_433 prints each copy of a frame, within three seconds."""
    home = Lived(shipped, one("rtl_433", RTL, DeviceKind.PERSONAL_TRIGGER, address="49374"))
    for _ in range(copies):
        home.hears(RTL, {"model": "Honeywell-Security", "id": 49374, "contact_open": 1}, after=0.35)
    assert home.opened() == ["pendant-pressed"]
    assert home.repeats() == 0
    home.hears(RTL, {"model": "Honeywell-Security", "id": 49374, "contact_open": 1}, after=30)
    assert home.repeats() == 1


def test_twenty_raw_copies_with_other_timing_bytes_are_one_press(shipped: LoadedPlan) -> None:
    """Tasmota's RfRaw never says the same twice."""
    topic = f"{HOME}/rf/tele"
    home = Lived(shipped, one("tasmota", topic, DeviceKind.PERSONAL_TRIGGER))
    for copy in range(20):
        raw = f"AA B0 2103 08 01{copy:02X} 0424 2A1C 28190A5500 55"
        home.hears(f"{topic}/RESULT", {"RfRaw": {"Data": raw}}, after=0.1)
    assert home.opened() == ["pendant-pressed"]
    assert home.repeats() == 0


def test_wet_and_dry_within_a_second_each_twice_is_one_flood(shipped: LoadedPlan) -> None:
    """A SmartThings leak sensor flutters."""
    home = Lived(shipped, one("zigbee2mqtt", f"{Z2M}/sink", DeviceKind.FLOOD_DETECTOR))
    for wet in (True, True, False, False):
        home.hears(f"{Z2M}/sink", {"water_leak": wet}, after=0.2)
    assert home.opened() == ["flood"]


def test_keep_alives_around_a_press_are_nothing(shipped: LoadedPlan) -> None:
    """Action null, then emergency, then an empty action: one call for help."""
    home = Lived(shipped, one("zigbee2mqtt", f"{Z2M}/sos", DeviceKind.PERSONAL_TRIGGER))
    for action in (None, None, "emergency", "", None):
        home.hears(f"{Z2M}/sos", {"action": action}, after=20)
    assert home.opened() == ["pendant-pressed"]
    assert home.repeats() == 0


def test_codes_that_never_clear_are_news_again(shipped: LoadedPlan) -> None:
    """An EV1527 smoke detector sends its code at every fire, and nothing in between."""
    home = Lived(
        shipped, one("openmqttgateway", OMG, DeviceKind.SMOKE_DETECTOR, address="0xA1B2C7")
    )
    for _ in range(3):
        home.hears(f"{OMG}/433toMQTT", {"value": 10597063}, after=1)
    assert home.opened() == ["smoke"]
    home.hears(f"{OMG}/433toMQTT", {"value": 10597063}, after=3600)
    assert home.repeats() == 1


def test_smoke_from_a_detector_that_woke_without_a_clock_is_now(shipped: LoadedPlan) -> None:
    """A Plus Smoke wakes with `ts: 1.33`."""
    topic = f"{HOME}/shellyplussmoke-08b61fcb1a2c"
    home = Lived(shipped, one("shelly-gen2", topic, DeviceKind.SMOKE_DETECTOR))
    params = {"ts": 1.33, "smoke:0": {"id": 0, "alarm": True, "mute": False}}
    home.hears(f"{topic}/events/rpc", {"method": "NotifyFullStatus", "params": params})
    home.hears(f"{topic}/online", "false", after=10)
    assert home.opened() == ["smoke"]
    assert home.errors == []


def test_one_press_on_several_topics_and_the_count_that_tells_presses_apart(
    shipped: LoadedPlan,
) -> None:
    """Gen1: input, input_event and longpush of one press; the next press has another count."""
    home = Lived(shipped, one("shelly-gen1", SHELLY, DeviceKind.PERSONAL_TRIGGER))
    home.hears(f"{SHELLY}/input/0", "1")
    home.hears(f"{SHELLY}/input_event/0", {"event": "S", "event_cnt": 7}, after=0.4)
    home.hears(f"{SHELLY}/input/0", "0")
    home.hears(f"{SHELLY}/longpush/0", "0")
    assert home.opened() == ["pendant-pressed"]
    assert home.repeats() == 0
    home.hears(f"{SHELLY}/input_event/0", {"event": "S", "event_cnt": 8}, after=1)
    assert home.repeats() == 1


def test_what_an_input_says_beside_a_press_is_no_press(shipped: LoadedPlan) -> None:
    """`input:0` sends config_changed and btn_up too."""
    topic = f"{HOME}/shellyplusi4"
    home = Lived(shipped, one("shelly-gen2", topic, DeviceKind.FIXED_TRIGGER))
    for event in ("config_changed", "btn_up"):
        params = {"ts": 1772446000.5, "events": [{"component": "input:0", "event": event}]}
        home.hears(f"{topic}/events/rpc", {"method": "NotifyEvent", "params": params})
    assert home.opened() == []
    params = {"ts": 1772446000.5, "events": [{"component": "input:0", "event": "btn_down"}]}
    home.hears(f"{topic}/events/rpc", {"method": "NotifyEvent", "params": params})
    assert home.opened() == ["pendant-pressed"]


@pytest.mark.parametrize(
    ("profile", "own", "topic", "payload"),
    [
        ("zigbee2mqtt", f"{Z2M}/sos", f"{Z2M}/sos", {"action": "emergency", "battery": 80}),
        ("shelly-gen1", SHELLY, f"{SHELLY}/input_event/0", {"event": "S", "event_cnt": 3}),
        ("esphome", f"{HOME}/n/binary_sensor/s", f"{HOME}/n/binary_sensor/s/state", "ON"),
        ("lifesos", f"{HOME}/lifesos/p", f"{HOME}/lifesos/p", "On"),
        ("homeassistant", f"{HOME}/homeassistant/event/s",
         f"{HOME}/homeassistant/event/s/state", "2026-03-01T07:04:09+00:00"),
        ("native", f"telecare/{HOME}/p", f"telecare/{HOME}/p", {"trigger": "pressed"}),
    ],
)  # fmt: skip
def test_a_press_that_the_broker_kept_calls_nobody_at_a_reconnect(
    shipped: LoadedPlan, profile: str, own: str, topic: str, payload: object
) -> None:
    """Retained, it may be a year old; pressed now, it is a call for help."""
    home = Lived(shipped, one(profile, own, DeviceKind.PERSONAL_TRIGGER))
    home.hears(topic, payload, retained=True)
    assert home.opened() == []
    home.hears(topic, payload, after=60)
    assert home.opened() == ["pendant-pressed"]


@pytest.mark.parametrize(
    ("profile", "own", "topic", "payload"),
    [
        ("shelly-gen1", SHELLY, f"{SHELLY}/info",
         {"inputs": [{"input": 0, "event": "S", "event_cnt": 4}], "bat": {"value": 80}}),
        ("shelly-gen1", SHELLY, f"{SHELLY}/longpush/0", "1"),
        ("shelly-gen2", f"{HOME}/blu", f"{HOME}/blu/events/rpc",
         {"method": "NotifyFullStatus", "params": {"ts": 1.2, "input:0": {"id": 0, "state": None},
          "bthomedevice:200": {"id": 200, "packet_id": 9, "battery": 90}}}),
        ("tasmota", f"{HOME}/cord/tele", f"{HOME}/cord/tele/SENSOR", {"Switch1": "ON"}),
        ("tasmota", f"{HOME}/cord/tele", f"{HOME}/cord/stat/STATUS10",
         {"StatusSNS": {"Switch1": "ON"}}),
        ("homeassistant", f"{HOME}/homeassistant/event/s",
         f"{HOME}/homeassistant/event/s/state", "unknown"),
        ("openmqttgateway", OMG, f"{OMG}/SYStoMQTT", {"uptime": 3, "rssi": -60}),
    ],
)  # fmt: skip
def test_a_dump_of_the_state_at_a_reconnect_holds_no_press(
    shipped: LoadedPlan, profile: str, own: str, topic: str, payload: object
) -> None:
    """What was pressed at any time in the past is not pressed now, though the message is live."""
    home = Lived(shipped, one(profile, own, DeviceKind.PERSONAL_TRIGGER))
    home.hears(topic, payload)
    assert home.opened() == []


def test_records_of_the_past_raise_nothing_live(shipped: LoadedPlan) -> None:
    """A LoRaWAN uplink may carry hours that nobody heard."""
    topic = f"{HOME}/application/7/device/24e124"
    home = Lived(shipped, one("chirpstack", topic, DeviceKind.FLOOD_DETECTOR))
    record = {"timestamp": 1772348649, "leakage_status": "leak"}
    home.hears(f"{topic}/event/up", {"object": {"history": [record]}})
    assert home.opened() == []
    home.hears(f"{topic}/event/up", {"object": {"leakage_status": "leak"}})
    assert home.opened() == ["flood"]


def test_four_messages_of_one_fall_are_one_alert(shipped: LoadedPlan) -> None:
    """Confirmed, calling, exit, finished, with one time stamp."""
    home = Lived(shipped, one("fall-radar", "/devices/id_1", DeviceKind.FALL_DETECTOR))
    for status in ("fall_confirmed", "calling", "fall_exit", "finished"):
        told = {"status": status, "timestamp": 1772445600000}
        home.hears("/devices/id_1/events", {"type": 5, "payload": told}, after=12)
    assert home.opened() == ["fall"]
    assert home.repeats() == 0


def test_a_door_that_stands_open_is_no_activity(shipped: LoadedPlan) -> None:
    """58 hours open, with its cache repeated every half hour: nobody has moved."""
    home = Lived(
        shipped,
        one("zigbee2mqtt", f"{Z2M}/bedroom", DeviceKind.DOOR_SENSOR, "bedroom"),
        one("zigbee2mqtt", f"{Z2M}/hall", DeviceKind.ACTIVITY_DETECTOR, "hall"),
    )
    home.hears(f"{Z2M}/hall", {"occupancy": True})
    home.hears(f"{Z2M}/bedroom", {"contact": False}, after=4)
    for half_hour in range(9):
        home.hears(f"{Z2M}/bedroom", {"contact": False, "battery": 90 - half_hour}, after=1800)
    assert "no-movement" in home.opened()


def test_a_motion_sensor_that_stays_on_is_no_activity(shipped: LoadedPlan) -> None:
    """One that hangs at ON, and repeats it, does not say that somebody moves."""
    home = Lived(shipped, one("zigbee2mqtt", f"{Z2M}/hall", DeviceKind.ACTIVITY_DETECTOR))
    for _ in range(10):
        home.hears(f"{Z2M}/hall", {"occupancy": True}, after=1800)
    assert "no-movement" in home.opened()


def test_ten_hours_in_bed_is_a_night(shipped: LoadedPlan) -> None:
    """The mat holds its pressure, and no movement is no alarm while it does."""
    home = Lived(
        shipped,
        one("rtl_433", RTL, DeviceKind.BED_MONITOR, "bed", address="0x5f2a"),
        one("zigbee2mqtt", f"{Z2M}/hall", DeviceKind.ACTIVITY_DETECTOR, "hall"),
        start="2026-03-02T21:00Z",
    )
    home.hears(f"{Z2M}/hall", {"occupancy": True})
    home.hears(RTL, {"model": "Honeywell-Security", "id": 24362, "contact_open": 0}, after=5)
    home.world.advance(hours=10)
    assert home.opened() == []


@pytest.mark.parametrize("seconds", [2.3, 4.0, 399.0])
def test_a_movement_lasts_seconds(shipped: LoadedPlan, seconds: float) -> None:
    """A PIR is ON for 2.3 to 4.0 s in the median, 399 s at most: no alarm of any sort."""
    home = Lived(shipped, one("zigbee2mqtt", f"{Z2M}/hall", DeviceKind.ACTIVITY_DETECTOR))
    for _ in range(5):
        home.hears(f"{Z2M}/hall", {"occupancy": True}, after=600)
        home.hears(f"{Z2M}/hall", {"occupancy": False}, after=seconds)
    assert home.opened() == []


def test_sensors_that_fire_in_an_empty_home_end_no_absence(shipped: LoadedPlan) -> None:
    """13 lone pairs of motion in 82 hours: nobody came back, and nobody is told."""
    home = Lived(shipped, one("zigbee2mqtt", f"{Z2M}/hall", DeviceKind.ACTIVITY_DETECTOR))
    suspends(home.world, SuspensionKind.AWAY, days=4)
    for _ in range(13):
        home.hears(f"{Z2M}/hall", {"occupancy": True}, after=82 * 3600 / 13 - 4)
        home.hears(f"{Z2M}/hall", {"occupancy": False}, after=4)
    assert home.opened() == []
    assert home.world.state.suspensions


@pytest.mark.parametrize(
    "order", [("fall_confirmed", "fall_exit"), ("fall_exit", "fall_confirmed")]
)
def test_within_one_second_order_means_nothing(shipped: LoadedPlan, order: tuple[str, str]) -> None:
    """Two messages with one stamp come in either order, and the fall is told either way."""
    home = Lived(shipped, one("fall-radar", "/devices/id_1", DeviceKind.FALL_DETECTOR))
    for status in order:
        told = {"status": status, "timestamp": 1772445600000}
        home.hears("/devices/id_1/events", {"type": 5, "payload": told})
    assert home.opened() == ["fall"]
