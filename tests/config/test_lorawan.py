"""LoRaWAN devices behind two network servers: what the examples in their profiles cannot show."""

import json
import re

import pytest

from telecared.config.profiles import load_profiles
from telecared.core.decode import decode
from telecared.core.profiles import DeviceBinding, FieldMap, MessageShape, Section
from telecared.core.vocabulary import DeviceKind, Value
from tests.config.device_stories import DEVICES, SHARED, DeviceStory

LEAK_TOPIC = "application/6b1e/device/24e124136b502217"
PROFILES = load_profiles([DEVICES / "chirpstack.yaml", DEVICES / "thethingsstack.yaml"])


def up(**told: object) -> dict[str, object]:
    """An uplink of a device as ChirpStack tells it."""
    return {"time": "2026-03-01T08:00:00.123456789Z", "object": told}


def test_records_of_the_past_raise_nothing_live() -> None:
    """A leak that was over before anybody heard of it is stored, and wakes nobody."""
    story = DeviceStory("chirpstack", {"sink": (DeviceKind.FLOOD_DETECTOR, LEAK_TOPIC)})
    wet_then = {"timestamp": 1772323449, "leakage_status": "leak", "temperature": 18.2}

    found = story.hears(f"{LEAK_TOPIC}/event/up", up(leakage_status="normal", history=[wet_then]))

    assert [each.history for each in found.decoded.readings] == [False, True, True]
    assert story.opened() == []
    assert story.world.state.facts["sink"]["water"].value == "dry"


def test_what_is_wet_now_is_told_beside_records_of_the_past() -> None:
    """The live part of the same message counts as ever."""
    story = DeviceStory("chirpstack", {"sink": (DeviceKind.FLOOD_DETECTOR, LEAK_TOPIC)})
    dry_then = {"timestamp": 1772323449, "leakage_status": "normal"}
    story.hears(f"{LEAK_TOPIC}/event/up", up(leakage_status="leak", history=[dry_then]))
    assert story.opened() == ["leak"]


def test_a_fall_in_a_record_of_the_past_raises_nothing_live() -> None:
    """Not even life safety: only what a profile declares as history is history."""
    topic = "application/6b1e/device/24e124796d190002"
    story = DeviceStory("chirpstack", {"radar": (DeviceKind.FALL_DETECTOR, topic)})
    past = {"id": 9, "event_type": "fall", "event_status": "alarm triggered"}

    story.hears(f"{topic}/event/up", up(history=[past]))
    assert story.opened() == []

    story.hears(f"{topic}/event/up", up(detection_status="fall"))
    assert story.opened() == ["fall"]


def test_an_uplink_that_could_not_be_decoded_is_a_sign_of_life() -> None:
    """No object, no reading, no error: the device is alive and that is all one knows."""
    story = DeviceStory("chirpstack", {"sink": (DeviceKind.FLOOD_DETECTOR, LEAK_TOPIC)})
    found = story.hears(f"{LEAK_TOPIC}/event/up", {"data": "AXVk", "fCnt": 3})
    assert (found.decoded.readings, found.decoded.error) == ((), None)
    assert story.opened() == []


def test_two_presses_of_a_button_are_two_calls_for_help() -> None:
    """The same press on two uplinks within two seconds is one, the next one is a repeat."""
    topic = "v3/care@northside/devices/pendant"
    story = DeviceStory("thethingsstack", {"pendant": (DeviceKind.PERSONAL_TRIGGER, topic)})
    press = {"uplink_message": {"f_port": 147, "decoded_payload": {"status": 1}}}
    story.hears(f"{topic}/up", press)
    story.world.advance(seconds=1)
    story.hears(f"{topic}/up", press)
    assert (story.opened(), story.repeats()) == (["pendant-pressed"], 0)
    story.world.advance(seconds=30)
    story.hears(f"{topic}/up", press)
    assert (story.opened(), story.repeats()) == (["pendant-pressed"], 1)


def test_a_device_is_known_in_the_world_by_its_number() -> None:
    """The DevEUI of either server is the same identity, in whichever case it is written."""
    eui = "24E124136B502217"
    for profile, topic, payload in (
        ("chirpstack", f"{LEAK_TOPIC}/event/up", {"deviceInfo": {"devEui": eui.lower()}}),
        ("thethingsstack", "v3/a@b/devices/x/up", {"end_device_ids": {"dev_eui": eui}}),
    ):
        told = decode(PROFILES[profile].compiled, topic, json.dumps(payload).encode())
        assert told.identity == eui.lower()


# --- both servers -----------------------------------------------------------------------------

OBJECT = {"chirpstack": ("object",), "thethingsstack": ("uplink_message", "decoded_payload")}
PORT = {"chirpstack": ("fPort",), "thethingsstack": ("uplink_message", "f_port")}
OF_THE_SERVER = ("uplink_message", "last_battery_percentage")


def _shape(profile: str, below: str) -> MessageShape:
    shapes = PROFILES[profile].profile.messages
    return next(each for each in shapes if each.below == below)


def _makers(profile: str, found: object) -> str:
    """A field or a section as text, without where the server puts the decoded object."""
    text = repr(found)
    for place, name in ((OBJECT[profile], "OBJECT"), (PORT[profile], "PORT")):
        text = text.replace(repr(place)[1:-1].rstrip(","), f"'{name}'")
    return text.replace("('PORT')", "('PORT',)")


def test_both_network_servers_read_the_same_makers_alike() -> None:
    """Whoever moves from one server to the other loses no device: the two lists are one."""
    uplinks = {"chirpstack": _shape("chirpstack", "event/up"),
               "thethingsstack": _shape("thethingsstack", "up")}  # fmt: skip
    fields: dict[str, list[str]] = {}
    sections: dict[str, list[str]] = {}
    for profile, shape in uplinks.items():
        own: list[FieldMap] = [
            each for each in shape.fields if not each.paths or each.paths[0][:2] != OF_THE_SERVER
        ]
        parts: list[Section] = [
            each for each in shape.sections if each.path[-1] != "normalized_payload"
        ]
        fields[profile] = [_makers(profile, each) for each in own]
        sections[profile] = [_makers(profile, each) for each in parts]
    assert len(fields["chirpstack"]) >= 40
    assert fields["chirpstack"] == fields["thethingsstack"]
    assert sections["chirpstack"] == sections["thethingsstack"]
    assert not any(re.search(r"uplink_message|'object'", each) for each in fields["chirpstack"])


# --- messages of others -----------------------------------------------------------------------


def _rows(name: str) -> list[dict[str, object]]:
    path = SHARED / name
    if not path.exists():
        pytest.skip("the messages of others are not here: ../shared is no part of the project")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_servers_own_examples_are_read() -> None:
    """An uplink without a codec, a status, a join and a log line, as ChirpStack documents them."""
    told: list[tuple[dict[str, Value], str | None]] = []
    for row in _rows("chirpstack_events.jsonl"):
        found = decode(
            PROFILES["chirpstack"].compiled, str(row["topic"]), json.dumps(row["payload"]).encode()
        )
        told.append(({each.property: each.value for each in found.readings}, found.error))
    assert told == [
        ({}, None),
        ({"battery": 88.3, "radio": "ok"}, None),
        ({"heartbeat": "seen"}, None),
        ({}, None),
    ]


@pytest.mark.parametrize("profile", ["chirpstack", "thethingsstack"])
def test_browan_devices_mean_what_their_maker_says(profile: str) -> None:
    """A button, a PIR, a door and an uplink that their decoder refuses."""
    kinds = (DeviceKind.PERSONAL_TRIGGER, DeviceKind.ACTIVITY_DETECTOR, DeviceKind.DOOR_SENSOR)
    own, below = {
        "chirpstack": ("application/1/device/e8e1e10001060a01", "event/up"),
        "thethingsstack": ("v3/a@b/devices/browan", "up"),
    }[profile]
    told: list[dict[str, Value]] = []
    for row, kind in zip(_rows("ttn_browan.jsonl"), (*kinds, DeviceKind.OTHER), strict=True):
        payload: dict[str, object] = {"fPort": row["fPort"], "object": row["decoded"]}
        if profile == "thethingsstack":
            payload = {
                "uplink_message": {"f_port": row["fPort"], "decoded_payload": row["decoded"]}
            }
        binding = DeviceBinding("home", "device", kind, profile, own)
        found = decode(
            PROFILES[profile].compiled, f"{own}/{below}", json.dumps(payload).encode(), binding
        )
        assert found.error is None
        told.append({each.property: each.value for each in found.readings})
    assert told == [
        {"trigger": "pressed", "battery": "ok"},
        {"motion": "detected", "battery": "ok"},
        {"contact": "closed", "battery": "ok"},
        {},
    ]
