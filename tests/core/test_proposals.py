"""What a stream tells about devices that could be registered, and the command that does it."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from telecared.config.profiles import load_profiles
from telecared.core import proposals
from telecared.core.decode import compile_profile
from telecared.core.directory import Directory
from telecared.core.discovery import MAX_LIST_BYTES
from telecared.core.profiles import DeviceBinding, FieldMap, MessageShape, Profile
from telecared.core.proposals import Heard, Proposal, adopt_line, propose
from telecared.core.vocabulary import DeviceKind

NAMES = ("zigbee2mqtt", "homeassistant", "chirpstack", "native")
DEVICES = Path(__file__).parents[2] / "devices"
PROFILES = {
    name: loaded.compiled
    for name, loaded in load_profiles([DEVICES / f"{name}.yaml" for name in NAMES]).items()
}
BASE = "northside/larch-12/zigbee2mqtt"


def heard(topic: str, payload: object) -> Heard:
    """One message, its payload as text or as JSON."""
    text = payload if isinstance(payload, str) else json.dumps(payload)
    return Heard(topic, text.encode())


def proposed(*messages: Heard, known: tuple[DeviceBinding, ...] = ()) -> tuple[Proposal, ...]:
    """What these messages tell of devices that are not `known`."""
    return propose(messages, Directory(known, PROFILES))


def listed(
    name: str, *exposes: dict[str, Any], model: str = "MCCGQ11LM", **more: object
) -> dict[str, Any]:
    """A device in zigbee2mqtt's list."""
    return {
        "friendly_name": name,
        "ieee_address": "0x00158d0001a2b3c4",
        "type": "EndDevice",
        "definition": {"model": model, "description": "a device", "exposes": list(exposes)},
        **more,
    }


CONTACT = {"type": "binary", "property": "contact", "value_on": False, "value_off": True}
ACTION = {"type": "enum", "property": "action", "values": ["single", "double"]}
OCCUPANCY = {"type": "binary", "property": "occupancy", "value_on": True, "value_off": False}


def test_a_door_in_the_list_of_a_bridge_becomes_a_line_to_run() -> None:
    """Kind, profile, model, address in the world and place come from the list and the name."""
    (found,) = proposed(
        heard(f"{BASE}/bridge/devices", [listed("Front door", CONTACT, {"property": "battery"})])
    )
    assert found == Proposal(
        id="front-door",
        kind=DeviceKind.DOOR_SENSOR,
        profile="zigbee2mqtt",
        topic=f"{BASE}/Front door",
        model="MCCGQ11LM",
        serial="0x00158d0001a2b3c4",
        location="front-door",
        scheme="northside",
        home="larch-12",
        tells=("contact", "battery"),
        why=(
            "Zigbee2mqtt lists it as MCCGQ11LM. It tells contact and battery. Its name speaks of"
            " a door sensor. Its name or area speaks of the front door."
        ),
    )
    line = adopt_line(found, "larch-12")
    assert line == (
        f"telecared adopt larch-12 '{BASE}/Front door' --id front-door --kind door_sensor"
        " --profile zigbee2mqtt --location front-door --model MCCGQ11LM"
        " --serial 0x00158d0001a2b3c4 --by NAME"
    )
    assert shlex.split(line)[3] == f"{BASE}/Front door"


def test_a_door_that_tells_the_opposite_is_proposed_with_invert() -> None:
    """Where true means open, and the profile reads it as closed, the entry must invert it."""
    wrong_way = {**CONTACT, "value_on": True, "value_off": False}
    (found,) = proposed(heard(f"{BASE}/bridge/devices", [listed("gate", wrong_way, model="X-1")]))
    assert found.invert == ("contact",)
    assert "the other way round" in found.why
    assert "--invert contact" in adopt_line(found, "larch-12")


def test_a_leak_sensor_that_is_true_when_dry_is_proposed_with_invert() -> None:
    """Wet is what the bridge calls on."""
    dry = {"type": "binary", "property": "water_leak", "value_on": False, "value_off": True}
    (found,) = proposed(heard(f"{BASE}/bridge/devices", [listed("sink", dry)]))
    assert (found.kind, found.invert) == (DeviceKind.FLOOD_DETECTOR, ("water",))


def test_a_model_that_the_profile_knows_is_not_inverted_twice() -> None:
    """What the profile does for a model is what the proposal counts with."""
    right = {**CONTACT, "value_on": True, "value_off": False}
    (found,) = proposed(
        heard(f"{BASE}/bridge/devices", [listed("gate", right, model="TERNCY-DC01")])
    )
    known = PROFILES["zigbee2mqtt"].model("TERNCY-DC01")
    turned = known is not None and "contact" in known.invert
    assert found.invert == (() if turned else ("contact",))


def test_words_for_a_switch_are_not_judged() -> None:
    """PushOk writes ON and OFF: the profile knows them, the list says nothing of open."""
    words = {**CONTACT, "value_on": "ON", "value_off": "OFF"}
    (found,) = proposed(heard(f"{BASE}/bridge/devices", [listed("cistern", words)]))
    assert found.invert == ()


@pytest.mark.parametrize(
    ("name", "exposes", "kind"),
    [
        ("bed", [OCCUPANCY], DeviceKind.BED_MONITOR),
        ("hall", [OCCUPANCY], DeviceKind.ACTIVITY_DETECTOR),
        ("Ada's pendant", [ACTION], DeviceKind.PERSONAL_TRIGGER),
        ("button", [ACTION], DeviceKind.OTHER),
        ("fob", [{**ACTION, "values": ["emergency", 3]}], DeviceKind.PERSONAL_TRIGGER),
        ("pull cord", [{**ACTION, "values": ["sos"]}], DeviceKind.FIXED_TRIGGER),
        ("kettle", [{"features": [{"property": "state"}, "?"]}, {"name": "power"}],
         DeviceKind.APPLIANCE_MONITOR),
        ("boiler", [{"property": "gas", "type": "binary"}, {"property": "temperature"}],
         DeviceKind.GAS_DETECTOR),
        ("meter", [{"property": "gas", "type": "numeric"}, {"property": "battery"}],
         DeviceKind.OTHER),
    ],
)  # fmt: skip
def test_the_kind_is_what_it_tells_or_else_its_name(
    name: str, exposes: list[dict[str, Any]], kind: DeviceKind
) -> None:
    """Where what a device tells leaves its kind open, its name decides."""
    (found,) = proposed(heard(f"{BASE}/bridge/devices", [listed(name, *exposes)]))
    assert found.kind is kind


def test_what_is_no_sensor_is_not_proposed() -> None:
    """Lamps, the coordinator, what is switched off, and what the bridge does not know."""
    lamp = listed("lamp", {"type": "light", "features": [{"property": "brightness"}]})
    found = proposed(
        heard(
            "zigbee2mqtt/bridge/devices",
            [
                lamp,
                listed("Coordinator", CONTACT, type="Coordinator"),
                listed("drawer", CONTACT, disabled=True),
                {"friendly_name": "new", "definition": None},
                {"definition": {}},
                listed("odd", *[]) | {"definition": {"exposes": "none"}},
                "?",
            ],
        )
    )
    assert found == ()


def test_a_registered_device_is_not_proposed_again() -> None:
    """Neither from the list of its bridge nor from what it says."""
    door = DeviceBinding(
        "larch-12", "door", DeviceKind.DOOR_SENSOR, "zigbee2mqtt", f"{BASE}/Front door"
    )
    found = proposed(
        heard(f"{BASE}/bridge/devices", [listed("Front door", CONTACT)]),
        heard(f"{BASE}/Front door", {"contact": False}),
        known=(door,),
    )
    assert found == ()


def test_a_message_alone_is_enough_for_a_proposal() -> None:
    """Topic, profile, what it told, and the identity that it carries."""
    topic = "northside/larch-12/application/6b1e/device/24e124136b502217"
    payload = {"deviceInfo": {"devEui": "24e124136b502217"}, "object": {"leakage_status": "leak"}}
    (found,) = proposed(
        heard(f"{topic}/event/up", payload), heard(f"{topic}/event/join", {"devAddr": "1"})
    )
    assert found == Proposal(
        id="flood-detector",
        kind=DeviceKind.FLOOD_DETECTOR,
        profile="chirpstack",
        topic=topic,
        serial="24e124136b502217",
        scheme="northside",
        home="larch-12",
        tells=("water", "heartbeat"),
        why="It speaks on this topic. It tells water and heartbeat.",
    )


def test_a_device_of_a_shared_topic_is_proposed_with_its_address() -> None:
    """Where one topic carries many devices, the address tells them apart."""
    shape = MessageShape(
        fields=(FieldMap(property="contact", paths=(("open",),), words=(("1", "open"),)),),
        address=("{model}/{id}",),
    )
    radio = Profile(name="radio", topics=("rtl/events",), messages=(shape,))
    found = propose(
        [
            heard("rtl/events", {"model": "Door", "id": 7, "open": 1}),
            heard("rtl/events", {"model": "Door", "id": 8, "open": 1}),
        ],
        Directory((), {"radio": compile_profile(radio)}),
    )
    assert [(each.topic, each.address, each.id) for each in found] == [
        ("rtl/events", "door/7", "door-7"),
        ("rtl/events", "door/8", "door-8"),
    ]
    assert "--address door/7" in adopt_line(found[0], "larch-12")


def test_the_list_and_the_messages_of_a_device_make_one_proposal() -> None:
    """Its message comes first, the list adds what it knows."""
    (found,) = proposed(
        heard("zigbee2mqtt/hall", {"occupancy": True, "battery": 80}),
        heard("zigbee2mqtt/bridge/devices", [listed("hall", OCCUPANCY, model="RTCGQ11LM")]),
    )
    assert (found.model, found.location) == ("RTCGQ11LM", "hall")
    assert found.why.startswith("It speaks on this topic. Zigbee2mqtt lists it as RTCGQ11LM.")


def test_discovery_of_one_entity_a_message() -> None:
    """Abbreviated keys, a base topic for `~`, and an area for the place."""
    config = {
        "~": "larch-12/homeassistant/binary_sensor/leak",
        "stat_t": "~/state",
        "dev_cla": "moisture",
        "name": "Leak",
        "dev": {
            "ids": ["x", 7, "zigbee2mqtt_0x00158d0001a2b3c4"],
            "mdl": "WL-1",
            "name": "Sink",
            "sa": "Kitchen",
        },
    }
    (found,) = proposed(heard("homeassistant/binary_sensor/node/leak/config", config))
    assert found.topic == "larch-12/homeassistant/binary_sensor/leak"
    assert (found.kind, found.profile) == (DeviceKind.FLOOD_DETECTOR, "homeassistant")
    assert (found.model, found.serial) == ("WL-1", "0x00158d0001a2b3c4")
    assert (found.location, found.tells) == ("kitchen", ("water",))


def test_discovery_of_a_whole_device() -> None:
    """One message announces all entities; those of one topic are one device."""
    config = {
        "state_topic": "zigbee2mqtt/front door",
        "dev": {"name": "front door", "model": "long name", "mdl_id": "MCCGQ11LM", "sn": "0x1"},
        "cmps": {
            "contact": {"p": "binary_sensor", "dev_cla": "door"},
            "battery": {"p": "sensor", "device_class": "battery"},
            "meter": {"p": "sensor", "dev_cla": "gas"},
            "lock": {"p": "lock"},
            "odd": "?",
            "light": {},
        },
    }
    (found,) = proposed(heard("homeassistant/device/0x00158d0001a2b3c4/config", config))
    assert found.topic == "zigbee2mqtt/front door"
    assert found.tells == ("contact", "battery")
    assert (found.profile, found.model, found.serial) == ("zigbee2mqtt", "MCCGQ11LM", "0x1")


def test_a_bare_state_on_any_topic_is_read_as_home_assistant_writes_it() -> None:
    """Unless a template takes it out of something, or it has words of its own."""
    leak = {"stat_t": "larch-12/sink/leaking", "dev_cla": "moisture", "name": "Sink"}
    topic = "homeassistant/binary_sensor/x/config"
    (found,) = proposed(heard(topic, leak))
    assert (found.profile, found.id) == ("homeassistant", "sink")
    assert proposed(heard(topic, {**leak, "val_tpl": "{{ value_json.leak }}"})) == ()
    assert proposed(heard(topic, {**leak, "pl_on": "wet"})) == ()


def test_a_button_and_a_phone_in_discovery() -> None:
    """A trigger of an automation has a topic; a tracker may have attributes only."""
    found = proposed(
        heard(
            "homeassistant/device_automation/0x1/single/config",
            {"t": "zigbee2mqtt/necklace/action", "dev": {"name": "necklace"}},
        ),
        heard(
            "homeassistant/device_tracker/ada/config",
            {"~": "device_tracker/ada", "json_attr_t": "homeassistant/~", "dev": {"ids": "phone"}},
        ),
    )
    assert [(each.kind, each.topic) for each in found] == [
        (DeviceKind.PERSONAL_TRIGGER, "zigbee2mqtt/necklace/action"),
        (DeviceKind.TRACKER, "homeassistant/device_tracker/ada"),
    ]


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("homeassistant/binary_sensor/x/config", ""),
        ("homeassistant/binary_sensor/x/config", "[1]"),
        ("homeassistant/binary_sensor/x/config", "{"),
        ("homeassistant/binary_sensor/x/config", '{"dev_cla": "door"}'),
        ("homeassistant/binary_sensor/x/config", '{"stat_t": "nobody/knows/this"}'),
        ("homeassistant/device/x/config", '{"cmps": []}'),
        ("homeassistant/light/x/config", '{"stat_t": "zigbee2mqtt/x"}'),
        ("zigbee2mqtt/bridge/devices", '{"a": 1}'),
        ("zigbee2mqtt/bridge/devices", " " * (MAX_LIST_BYTES + 1)),
        ("zigbee2mqtt/bridge/state", "online"),
        ("zigbee2mqtt/lamp", '{"brightness": 254}'),
        ("nobody/knows/this", "1"),
        ("", ""),
    ],
)
def test_what_means_nothing_proposes_nothing(topic: str, payload: str) -> None:
    """No message, however broken, makes a proposal out of nothing, or stops the others."""
    assert proposed(heard(topic, payload)) == ()


def test_two_devices_of_one_name_get_two_ids() -> None:
    """An id is unlike every other of the list; accents go, numbers alone are no name."""
    found = proposed(
        heard("a/zigbee2mqtt/Extérieur", {"contact": True}),
        heard("b/zigbee2mqtt/exterieur!", {"contact": True}),
        heard("zigbee2mqtt/0x00158d0001a2b3c4", {"contact": True}),
        heard("zigbee2mqtt/0x00158d0001a2b3c5", {"contact": True}),
    )
    assert [each.id for each in found] == [
        "exterieur",
        "exterieur-2",
        "door-sensor",
        "door-sensor-2",
    ]


def test_no_more_than_so_many_are_proposed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream of nonsense does not grow the list without end."""
    monkeypatch.setattr(proposals, "MAX_PROPOSALS", 2)
    messages = [heard(f"zigbee2mqtt/{name} door", {"contact": True}) for name in "abc"]
    assert [each.id for each in proposed(*messages)] == ["a-door", "b-door"]


def test_alarms_come_first_and_a_full_list_leaves_out_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However many speak, who pressed a button is proposed."""
    monkeypatch.setattr(proposals, "MAX_PROPOSALS", 2)
    doors = [heard(f"telecare/n/h/door-{number}", {"contact": "open"}) for number in range(3)]
    found = proposed(*doors, heard("telecare/n/h/x", {"trigger": "pressed"}))

    assert [one.topic for one in found] == ["telecare/n/h/x", "telecare/n/h/door-0"]
    assert not any(one.is_neighbour for one in found)


def test_a_device_that_left_the_list_is_proposed_no_more() -> None:
    """The newest list of a bridge counts: the one before may hold an old name."""
    found = proposed(
        heard(f"{BASE}/bridge/devices", [listed("Old door", CONTACT)]),
        heard(f"{BASE}/bridge/devices", [listed("Front door", CONTACT)]),
    )
    assert [one.id for one in found] == ["front-door"]


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_a_list_that_was_cut_off_still_proposes_what_stands_in_it(kept: int) -> None:
    """A home's list is longer than what is kept of a payload."""
    entries = [json.dumps(listed(f"door {number}", CONTACT)) for number in range(3)]
    text = "[" + ", ".join(entries)
    end = len("[" + ", ".join(entries[: kept + 1])) - 5
    found = proposed(heard(f"{BASE}/bridge/devices", text[:end]))
    assert [one.id for one in found] == [f"door-{number}" for number in range(kept)]


def test_what_looks_like_a_cut_list_and_is_none_proposes_nothing() -> None:
    """Whatever the bytes."""
    for text in ("", "[", "{", "[1,", "x[", "[" * 5000):
        assert proposed(heard(f"{BASE}/bridge/devices", text)) == ()
