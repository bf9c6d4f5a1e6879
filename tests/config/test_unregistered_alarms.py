"""Devices that nobody registered, under every shipped profile: what calls for help and what not.

No call for help is lost because nobody wrote a line into the homes file, and nothing is taken for
one because of a name. Whose topic a pattern claims is held here for all profiles against all.
"""

import json

import pytest

from telecared.config.load import LoadedPlan
from telecared.core.directory import Directory
from telecared.core.profiles import DeviceBinding
from telecared.core.resolved import Resolved
from telecared.core.vocabulary import DeviceKind

HOME = "northside/larch-12"


def directory(shipped: LoadedPlan, *devices: DeviceBinding) -> Directory:
    """All shipped profiles, and these devices."""
    profiles = {name: each.compiled for name, each in shipped.profiles.items()}
    return Directory(devices, profiles)


def alarms(known: Directory, topic: str, payload: object) -> list[Resolved]:
    """What of a message is an alarm of life safety."""
    text = payload if isinstance(payload, str) else json.dumps(payload)
    found = known.resolve(topic, text.encode())
    return [each for each in (found, *found.more) if each.decoded.life_safety]


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        (f"{HOME}/zigbee2mqtt/sos", {"action": "single"}),
        (f"{HOME}/zigbee2mqtt/x", {"action": "emergency"}),
        (f"{HOME}/zigbee2mqtt/x/action", "emergency"),
        (f"{HOME}/zb/tele/SENSOR", {"ZbReceived": {"sos": {"Power": 1}}}),
        (f"{HOME}/zb/tele/SENSOR", {"ZbReceived": {"0x1": {"Name": "SOS", "ZoneStatusChange": 2}}}),
        (f"{HOME}/zb/tele/SENSOR", {"ZbReceived": {"0x1": {"PersonalAlarm": 1}}}),
        (f"{HOME}/sos/stat/RESULT", {"Button1": {"Action": "SINGLE"}}),
        (f"{HOME}/shellies/sos-button/input_event/0", {"event": "S", "event_cnt": 2}),
        (f"{HOME}/shellies/pull-cord/input/0", "1"),
        (f"{HOME}/shelly-blu/sos", {"button": 1, "address": "aa:bb", "pid": 1}),
        ("rtl_433/events", {"model": "X10-Security", "id": "2b", "event": "KR18 PANIC"}),
        (f"{HOME}/lifesos/x/event_code", "Panic"),
        (f"{HOME}/n/event/sos/state", {"event_type": "single"}),
        (f"{HOME}/bath/binary_sensor/notruf/state", "ON"),
        (f"{HOME}/homeassistant/event/lifeline/state", "2026-03-01T07:04:09+00:00"),
        (f"{HOME}/home/OpenMQTTGateway/BTtoMQTT/AABB", {"id": "AA:BB", "sos": True}),
        ("application/a/device/d/event/up", {"object": {"sos": 1}}),
        ("v3/a@b/devices/x/up", {"uplink_message": {"decoded_payload": {"ALARM_status": "TRUE"}}}),
        ("radar/x", {"fall": True}),
        (f"telecare/{HOME}/x", {"trigger": "pressed"}),
    ],
)
def test_a_call_for_help_is_heard_under_every_profile(
    shipped: LoadedPlan, topic: str, payload: object
) -> None:
    """By its word, by the device's name, or by that of its topic."""
    assert len(alarms(directory(shipped), topic, payload)) == 1


@pytest.mark.parametrize(
    ("entity", "payload"),
    [
        ("sensor/pendant_battery", "87"),
        ("sensor/sos_button_last_seen", "2026-03-01T07:04:09+00:00"),
        ("sensor/help_button_voltage", "3.1"),
        ("sensor/sos_button_signal_strength", "-70"),
        ("binary_sensor/sos_button_battery_low", "on"),
        ("binary_sensor/smoke_alarm_battery", "on"),
        ("binary_sensor/smoke_detector_tamper", "on"),
        ("binary_sensor/smoke_detector_status", "on"),
        ("binary_sensor/emergency_exit", "on"),
        ("switch/smoke_alarm_test", "on"),
        ("switch/emergency_siren", "on"),
        ("button/sos_button_identify", "2026-03-01T07:04:09+00:00"),
    ],
)
@pytest.mark.parametrize("bridge", ["homeassistant", "node"])
def test_what_a_device_tells_of_itself_is_no_alarm(
    shipped: LoadedPlan, bridge: str, entity: str, payload: str
) -> None:
    """A bridge makes an entity of a pendant's battery: 87 per cent is no call for help."""
    assert alarms(directory(shipped), f"{HOME}/{bridge}/{entity}/state", payload) == []


@pytest.mark.parametrize("scheme", ["emergency-housing/larch-12", "northside/fire-station-3"])
@pytest.mark.parametrize(
    ("below", "payload"),
    [
        ("home/OpenMQTTGateway/433toMQTT", {"value": 7001}),
        ("zigbee2mqtt/lamp", {"action": "single"}),
        ("kitchen/binary_sensor/lamp/state", "ON"),
        ("homeassistant/binary_sensor/lamp/state", "on"),
        ("rtl_433/events", {"model": "Generic-Remote", "id": 9, "cmd": 1}),
    ],
)
def test_the_name_of_a_home_makes_nothing_an_alarm(
    shipped: LoadedPlan, scheme: str, below: str, payload: object
) -> None:
    """Emergency housing is a scheme, and the remote control of its lamp calls nobody."""
    assert alarms(directory(shipped), f"{scheme}/{below}", payload) == []


def test_a_button_for_help_on_a_registered_node_is_not_lost_in_the_node(
    shipped: LoadedPlan,
) -> None:
    """The node is registered, its new entity is not: a call for help is told as a stranger's."""
    topic = f"{HOME}/bathroom"
    node = DeviceBinding("larch-12", "node", DeviceKind.ALARM_UNIT, "esphome", topic)
    known = directory(shipped, node)
    (found,) = alarms(known, f"{topic}/binary_sensor/sos_button/state", "ON")
    assert found.binding is None
    assert found.stranger == f"{topic} sos_button"
    for entity, word in [("sos_button", "OFF"), ("sos_button_battery", "ON"), ("lamp", "ON")]:
        message = f"{topic}/binary_sensor/{entity}/state"
        assert alarms(known, message, word) == []
        assert known.resolve(message, word.encode()).binding == node


def test_no_profile_claims_the_message_of_another(shipped: LoadedPlan) -> None:
    """Every example of every profile, guessed by all: its own reads it, or nobody does."""
    known = directory(shipped)
    wrong = []
    for name, loaded in shipped.profiles.items():
        for example in loaded.examples:
            payload = example.payload
            text = payload if isinstance(payload, str) else json.dumps(payload)
            found = known.choose(example.topic, text.encode())[0]
            if found.profile not in (name, None):
                wrong.append((name, found.profile, example.about))
    assert wrong == []
