"""What real devices do, line by line, first half: values, words and shapes that makers send.

Each story is one fact, through the shipped profiles and, where people would hear of it, through
the shipped rules. Behaviour over time stands in `test_data_habits`.
"""

import msgspec
import pytest

from telecared.config.load import LoadedPlan
from telecared.core.vocabulary import DeviceKind, Value
from tests.config.facts_support import Lived, one

Z2M = "northside/larch-12/zigbee2mqtt/device"
RTL = "northside/larch-12/rtl_433/events"
OMG = "northside/larch-12/home/OpenMQTTGateway"
TELE = "northside/larch-12/bridge/tele"
RADAR = "northside/larch-12/radar/device"


def zigbee(shipped: LoadedPlan, kind: DeviceKind, **more: str) -> Lived:
    """A home with one Zigbee device."""
    return Lived(shipped, one("zigbee2mqtt", Z2M, kind, **more))


@pytest.mark.parametrize(
    ("model", "contact", "told"),
    [
        (None, False, "open"),
        (None, True, "closed"),
        ("TERNCY-DC01", True, "open"),
        ("TERNCY-DC01", False, "closed"),
        ("POK003", "OFF", "open"),
        ("POK010", "ON", "closed"),
    ],
)
def test_contact_false_is_open_but_for_the_three_that_say_otherwise(
    shipped: LoadedPlan, model: str | None, contact: Value, told: str
) -> None:
    """False means open; one model is the other way round, two write switch words."""
    home = zigbee(shipped, DeviceKind.DOOR_SENSOR, **({} if model is None else {"model": model}))
    home.hears(Z2M, {"contact": contact})
    assert home.says() == {"contact": told}
    assert home.errors == []


def test_a_leak_sensor_that_tells_the_opposite_is_put_right_at_the_device(
    shipped: LoadedPlan,
) -> None:
    """One firmware says wet when it is dry: that device has `invert`, its fellows have not."""
    turned = one("zigbee2mqtt", Z2M, DeviceKind.FLOOD_DETECTOR)
    home = Lived(shipped, msgspec.structs.replace(turned, invert=("water",)))
    home.hears(Z2M, {"water_leak": True})
    assert home.opened() == []
    home.hears(Z2M, {"water_leak": False})
    assert home.opened() == ["flood"]


@pytest.mark.parametrize("message", [{"battery": 80}, {"contact": None}, {"contact": ""}])
def test_a_missing_key_and_null_are_not_false(
    shipped: LoadedPlan, message: dict[str, Value]
) -> None:
    """After a restart the bridge publishes null: the door did not open by that."""
    home = zigbee(shipped, DeviceKind.DOOR_SENSOR)
    home.hears(Z2M, message)
    assert "contact" not in home.says()
    assert home.errors == []


@pytest.mark.parametrize(
    "message",
    [
        {"action": "emergency"},
        {"action": "sos"},
        {"action": "panic"},
        {"sos": True},
        {"sos_alarm": True},
    ],
)
def test_every_word_for_sos_calls_for_help(shipped: LoadedPlan, message: dict[str, Value]) -> None:
    """Whatever kind it was registered as."""
    home = zigbee(shipped, DeviceKind.OTHER)
    home.hears(Z2M, message)
    assert home.opened() == ["pendant-pressed"]


def test_an_empty_action_of_a_remote_is_no_call_for_help(shipped: LoadedPlan) -> None:
    """One remote once sent it for SOS; every other button sends it after each press."""
    home = zigbee(shipped, DeviceKind.PERSONAL_TRIGGER)
    home.hears(Z2M, {"action": ""})
    assert home.opened() == []


FALLS: list[tuple[dict[str, Value], str]] = [
    ({"fall_status": "normal"}, "clear"),
    ({"fall_status": "fall_warning"}, "suspected"),
    ({"fall_status": "fall_alarm"}, "detected"),
    ({"fall_down_status": "none"}, "clear"),
    ({"fall_down_status": "maybe_fall"}, "suspected"),
    ({"fall_down_status": "fall"}, "detected"),
    ({"fall_down_status": True}, "detected"),
    ({"fall_down_status": False}, "clear"),
    ({"detection_status": "normal"}, "clear"),
    ({"detection_status": "vacant"}, "clear"),
    ({"detection_status": "in_bed"}, "clear"),
    ({"detection_status": "out_of_bed"}, "clear"),
    ({"detection_status": "fall"}, "detected"),
]


@pytest.mark.parametrize(("message", "told"), FALLS)
@pytest.mark.parametrize("profile", ["zigbee2mqtt", "fall-radar", "chirpstack"])
def test_every_word_for_a_fall_is_known_whichever_bridge_carries_it(
    shipped: LoadedPlan, profile: str, message: dict[str, Value], told: str
) -> None:
    """Zigbee's HS2FD and MIR-HE200, LoRaWAN's VS373, a boolean before 2022."""
    lora = "application/northside/device/24e124"
    topic = {"zigbee2mqtt": Z2M, "fall-radar": RADAR, "chirpstack": lora}[profile]
    home = Lived(shipped, one(profile, topic, DeviceKind.FALL_DETECTOR))
    if profile == "chirpstack":
        home.hears(f"{topic}/event/up", {"object": message})
    else:
        home.hears(topic, message)
    assert home.says()["fall"] == told
    assert home.opened() == ([] if told == "clear" else ["fall"])


def test_types_lie(shipped: LoadedPlan) -> None:
    """Numbers and switches in strings, words and numbers for one thing."""
    home = Lived(
        shipped,
        one("zigbee2mqtt", Z2M, DeviceKind.DOOR_SENSOR, "door"),
        one("rtl_433", RTL, DeviceKind.ACTIVITY_DETECTOR, "pir", address="31"),
        one("openmqttgateway", OMG, DeviceKind.TEMPERATURE_SENSOR, "room", address="AA:01"),
        one("lifesos", "northside/larch-12/lifesos/p", DeviceKind.PERSONAL_TRIGGER, "pendant"),
    )
    home.hears(Z2M, {"battery": "80.00"})
    assert home.says("door") == {"battery": 80.0}
    home.hears(RTL, {"model": "X", "id": 31, "motion": "false", "heartbeat": "no", "battery": "OK"})
    assert home.says("pir") == {"motion": "clear", "battery": "ok"}
    home.hears(RTL, {"model": "X", "id": 31, "motion": "true", "battery_ok": 1})
    assert home.says("pir") == {"motion": "detected", "battery": "ok"}
    home.hears(f"{OMG}/BTtoMQTT/AA01", {"id": "AA:01", "tempc": "19.2"})
    assert home.says("room") == {"temperature": 19.2}
    home.hears("northside/larch-12/lifesos/p/is_connected", "True")
    home.hears("northside/larch-12/lifesos/p", "On")
    assert home.says("pendant") == {"link": "online", "trigger": "pressed"}


def test_a_number_where_others_have_a_switch_is_no_alarm(shipped: LoadedPlan) -> None:
    """JSON's 1 is not true: one cubic metre of gas, or one ppm, is a measurement."""
    lora = "application/northside/device/24e124"
    home = Lived(
        shipped,
        one("zigbee2mqtt", Z2M, DeviceKind.GAS_DETECTOR, "meter"),
        one("chirpstack", lora, DeviceKind.CARBON_MONOXIDE_DETECTOR, "air"),
        one("openmqttgateway", OMG, DeviceKind.SMOKE_DETECTOR, "dsc", address="7"),
    )
    for number in (0, 1, 1.0, 2):
        home.hears(Z2M, {"gas": number})
        home.hears(f"{lora}/event/up", {"object": {"gas": number, "carbon_monoxide": number}})
    dsc = {"model": "DSC-Security", "id": 7, "closed": 1, "event": 1, "tamper": 1}
    home.hears(f"{OMG}/RTL_433toMQTT", dsc)
    assert home.opened() == ["tamper"]
    home.hears(Z2M, {"gas": True})
    home.hears(f"{lora}/event/up", {"object": {"carbon_monoxide": True}})
    assert home.opened() == ["tamper", "gas", "carbon-monoxide"]


def test_the_same_model_before_and_after_a_new_decoder(shipped: LoadedPlan) -> None:
    """`Interlogix` with device_type became `Interlogix-Security` with subtype."""
    home = Lived(shipped, one("rtl_433", RTL, DeviceKind.DOOR_SENSOR, address="a105bb"))
    before = {"model": "Interlogix", "device_type": "contact", "id": "a105bb", "battery": "LOW"}
    home.hears(RTL, {**before, "switch1": "OPEN"})
    assert home.says() == {"contact": "open", "battery": "low"}
    since = {"model": "Interlogix-Security", "subtype": "contact", "id": "a105bb", "battery_ok": 1}
    home.hears(RTL, {**since, "switch1": "CLOSED"})
    assert home.says() == {"contact": "closed", "battery": "ok"}


@pytest.mark.parametrize("model", ["Kidde", "Kidde-RF-SM-DC"])
@pytest.mark.parametrize(
    ("profile", "own", "topic"),
    [("rtl_433", RTL, RTL), ("openmqttgateway", OMG, f"{OMG}/RTL_433toMQTT")],
)
def test_an_alarm_without_a_state_is_one_by_being_heard(
    shipped: LoadedPlan, profile: str, own: str, topic: str, model: str
) -> None:
    """A Kidde says who it is and nothing else, and never that the smoke is gone."""
    home = Lived(shipped, one(profile, own, DeviceKind.SMOKE_DETECTOR, address="148"))
    home.hears(topic, {"model": model, "id": 148})
    assert home.opened() == ["smoke"]
    home.world.advance(hours=1)
    home.hears(topic, {"model": model, "id": 148})
    assert home.repeats() >= 1


@pytest.mark.parametrize("switch4", ["OPEN", "CLOSED"])
def test_smoke_is_never_read_as_a_mere_test(shipped: LoadedPlan, switch4: str) -> None:
    """They differ in one switch, and nobody has written down which way: both are smoke."""
    home = Lived(shipped, one("rtl_433", RTL, DeviceKind.SMOKE_DETECTOR, address="2bd1a0"))
    rest = {"model": "Interlogix-Security", "subtype": "unknown", "id": "2bd1a0", "battery_ok": 1}
    closed = {"switch2": "CLOSED", "switch3": "CLOSED", "switch4": "CLOSED", "switch5": "CLOSED"}
    home.hears(RTL, {**rest, "switch1": "OPEN", **closed})
    assert home.opened() == []
    assert home.says()["smoke"] == "clear"
    home.hears(RTL, {**rest, "switch1": "OPEN", **closed, "switch2": "OPEN", "switch4": switch4})
    assert home.opened() == ["smoke"]


def test_a_test_button_that_says_smoke_false_is_no_alarm(shipped: LoadedPlan) -> None:
    """Xiaomi's does; so is a detector that names its test."""
    home = zigbee(shipped, DeviceKind.SMOKE_DETECTOR)
    home.hears(Z2M, {"smoke": False, "test": True})
    assert home.says() == {"smoke": "clear", "test": "pressed"}
    assert home.opened() == []


def test_one_topic_for_many_devices(shipped: LoadedPlan) -> None:
    """RF bridges and 433toMQTT name the device in the payload, Tasmota Zigbee as a JSON key."""
    home = Lived(
        shipped,
        one("openmqttgateway", OMG, DeviceKind.PERSONAL_TRIGGER, "pendant", address="10597063"),
        one("tasmota", TELE, DeviceKind.DOOR_SENSOR, "door", address="0x898E"),
        one("tasmota", TELE, DeviceKind.FLOOD_DETECTOR, "sink", address="Küche Spüle"),
    )
    home.hears(f"{OMG}/433toMQTT", {"value": 10597063, "protocol": 1})
    home.hears(f"{TELE}/SENSOR", {"ZbReceived": {"0x898E": {"Contact": 1}}})
    assert home.says("pendant") == {"trigger": "pressed"}
    assert home.says("door") == {"contact": "open"}
    home.hears(f"{TELE}/SENSOR", {"ZbReceived": {"Küche Spüle": {"ZoneStatusChange": 1}}})
    assert home.says("sink")["water"] == "wet"
    home.hears(f"{TELE}/SENSOR", {"ZbReceived": {"Küche Spüle": {"Water": 0}}})
    assert home.says("sink")["water"] == "dry"
    home.hears(f"{OMG}/433toMQTT", {"value": 4711, "protocol": 1})
    assert len(home.strangers) == 1
    assert home.opened() == ["pendant-pressed", "flood"]


def test_a_beacon_changes_its_mac_and_stays_itself(shipped: LoadedPlan) -> None:
    """uuid, major and minor name it."""
    uuid = "fda50693-a4e2-4fb1-afcf-c6eb07647825"
    home = Lived(shipped, one("openmqttgateway", OMG, DeviceKind.TRACKER, address=f"{uuid}/10/7"))
    for mac in ("51AA02FF3301", "6E0011223344"):
        home.hears(
            f"{OMG}/BTtoMQTT/{mac}", {"id": mac, "uuid": uuid, "major": 10, "minor": 7, "batt": 61}
        )
    assert home.told == [("device", "battery", 61.0)] * 2


@pytest.mark.parametrize(
    "name", ["Extérieur", "livingroom/window", "front door", "a/b/c d/é", "$porch"]
)
@pytest.mark.parametrize("base", ["zigbee2mqtt", "/zigbee2mqtt", "northside/larch-12/zigbee2mqtt"])
def test_topics_have_spaces_accents_and_slashes(shipped: LoadedPlan, base: str, name: str) -> None:
    """Some start with a slash; bare values stand on a topic below; all is the one device."""
    topic = f"{base}/{name}"
    home = Lived(shipped, one("zigbee2mqtt", topic, DeviceKind.DOOR_SENSOR))
    home.hears(topic, {"contact": False})
    home.hears(f"{topic}/contact", "true")
    home.hears(topic, "")
    home.hears(topic, "offline")
    home.hears(f"{topic}/availability", {"state": "online"})
    assert [told[1:] for told in home.told] == [
        ("contact", "open"), ("contact", "closed"), ("link", "offline"), ("link", "online"),
    ]  # fmt: skip
    assert (home.errors, home.strangers) == ([], [])


def test_esphome_says_bare_words_and_its_node_has_a_last_will(shipped: LoadedPlan) -> None:
    """ON and OFF for each entity, online and offline for the node."""
    node = "northside/larch-12/bathroom"
    home = Lived(
        shipped,
        one("esphome", node, DeviceKind.ALARM_UNIT, "node"),
        one("esphome", f"{node}/binary_sensor/cord", DeviceKind.FIXED_TRIGGER, "cord"),
    )
    home.hears(f"{node}/status", "online", retained=True)
    home.hears(f"{node}/binary_sensor/cord/state", "OFF")
    assert home.opened() == []
    home.hears(f"{node}/binary_sensor/cord/state", "ON")
    assert home.opened() == ["pendant-pressed"]
    home.hears(f"{node}/status", "offline")
    assert home.says("node") == {"link": "offline"}


@pytest.mark.parametrize("status", [0, 1, "triggered"])
def test_where_paper_and_decoder_differ_both_are_an_alarm(
    shipped: LoadedPlan, status: Value
) -> None:
    """Makers' documents are wrong now and then: whichever of the two tells a fall, it is one."""
    topic = "application/northside/device/24e124"
    home = Lived(shipped, one("chirpstack", topic, DeviceKind.FALL_DETECTOR))
    event = {"alarm_type": 0, "alarm_status": status}
    home.hears(f"{topic}/event/up", {"object": {"events": [event]}})
    assert home.opened() == ["fall"]


@pytest.mark.parametrize(
    "message",
    [
        {"model": "X10-Security", "id": 9, "event": "KR18 PANIC"},
        {"model": "SimpliSafe-Keypad", "id": 9, "extradata": "Keypad Panic Button"},
        {"model": "Interlogix-Security", "id": 9, "subtype": "keyfob", "switch5": "CLOSED"},
        {"model": "Akhan-100F14", "id": 9, "data": "0x8 (Alarm)"},
    ],
)
@pytest.mark.parametrize(
    ("profile", "own", "topic"),
    [("rtl_433", RTL, RTL), ("openmqttgateway", OMG, f"{OMG}/RTL_433toMQTT")],
)
def test_a_call_for_help_by_radio_is_one_through_either_receiver(
    shipped: LoadedPlan, profile: str, own: str, topic: str, message: dict[str, Value]
) -> None:
    """A gateway with rtl_433 inside says what rtl_433 says."""
    home = Lived(shipped, one(profile, own, DeviceKind.PERSONAL_TRIGGER, address="9"))
    home.hears(topic, message)
    assert home.opened() == ["pendant-pressed"]
