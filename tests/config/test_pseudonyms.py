"""Recordings that others may see: nobody is named, and every reading is still there."""

import json
from functools import cache

import pytest

from telecared.config.decoding import decode_line
from telecared.config.profiles import LoadedProfile, load_profiles
from telecared.config.pseudonyms import MANY_DIGITS, Pseudonyms
from telecared.config.shipped import devices_folder
from telecared.core.decode import decode
from telecared.core.hints import kind_of_name, place_of_name
from telecared.core.profiles import DeviceBinding
from telecared.core.streams import StreamMessage
from telecared.core.vocabulary import DeviceKind

SALT = bytes(range(32))
NAMES = sorted(path.stem for path in devices_folder().glob("*.yaml"))


@cache
def shipped() -> dict[str, LoadedProfile]:
    """The profiles that ship."""
    return load_profiles([devices_folder()])


def pseudonyms(salt: bytes = SALT) -> Pseudonyms:
    """A recording of its own."""
    return Pseudonyms([each.profile for each in shipped().values()], salt)


def message(topic: str, payload: object) -> StreamMessage:
    """A message, its payload as bytes, text or JSON."""
    if isinstance(payload, bytes):
        return StreamMessage(0, topic, 1, False, payload)
    text = payload if isinstance(payload, str) else json.dumps(payload)
    return StreamMessage(0, topic, 1, False, text.encode())


def replaced(names: Pseudonyms, topic: str, payload: object) -> tuple[str, str]:
    """Topic and payload with names replaced."""
    told = names.message(message(topic, payload))
    assert told is not None
    return told.topic, told.payload.decode()


def readings(profile: str, told: StreamMessage) -> list[object]:
    """What a message says, but whose it is and where."""
    text = told.payload.decode("utf-8", "surrogateescape")
    line = json.dumps({"topic": told.topic, "payload": text})
    compiled = {name: each.compiled for name, each in shipped().items()}
    decoded = decode_line(compiled, profile, None, line)
    found = decoded["readings"]
    assert isinstance(found, list)
    return [
        *((one["property"], one["at"], _shown(one["property"], one["value"])) for one in found),
        decoded["error"] is None,
    ]


def _shown(name: str, value: object) -> object:
    return None if name == "location" else value


@pytest.mark.parametrize("profile", NAMES)
def test_every_example_that_ships_says_the_same_afterwards(profile: str) -> None:
    """Words that profiles read and keys stay, whatever else is replaced."""
    names = pseudonyms()
    for example in shipped()[profile].examples:
        payload = example.payload if example.payload is not None else b""
        before = message(example.topic, payload)
        after = names.message(before)
        assert after is not None, example.topic
        assert readings(profile, after) == readings(profile, before), example.topic


@pytest.mark.parametrize("profile", NAMES)
def test_registered_devices_read_the_same_afterwards(profile: str) -> None:
    """Somebody who registers the stand-ins in a home sees what the device's own home saw."""
    names = pseudonyms()
    compiled = shipped()[profile].compiled
    for example in shipped()[profile].examples:
        if example.kind is None or example.payload is None:
            continue
        before = message(example.topic, example.payload)
        after = names.message(before)
        assert after is not None
        own = example.own_topic or compiled.split(example.topic)[0]
        told = [
            [
                (one.property, _shown(one.property, one.value))
                for one in decode(compiled, each.topic, each.payload, binding).readings
            ]
            for each, binding in (
                (before, _binding(profile, example.kind, own)),
                (after, _binding(profile, example.kind, names.topic(own))),
            )
        ]
        assert told[0] == told[1], example.topic


def _binding(profile: str, kind: DeviceKind, own: str) -> DeviceBinding:
    return DeviceBinding("home", "device", kind, profile, own)


def test_one_name_has_one_stand_in_wherever_it_stands() -> None:
    """In topics, in keys and in values: a recording stays one story."""
    names = pseudonyms()
    topic, payload = replaced(
        names,
        "northside/larch-12/zigbee2mqtt/Ada's room/0x00124b0021a4b5c6",
        {"friendly_name": "Ada's room/0x00124b0021a4b5c6", "Ada's room": 1, "area": "larch-12"},
    )

    assert not {"northside", "larch", "Ada", "00124b"} & set(topic.replace("-", "/").split("/"))
    assert "Ada" not in payload
    assert "00124b" not in payload
    told = json.loads(payload)
    assert told["friendly_name"] == "/".join(topic.split("/")[3:])
    assert told["area"] == topic.split("/")[1]
    assert names.topic("northside") == topic.split("/")[0]


def test_another_recording_has_other_stand_ins() -> None:
    """Two recordings cannot be laid side by side to learn who is who."""
    one, other = pseudonyms(), pseudonyms(bytes(32))

    assert one.topic("northside/x") != other.topic("northside/x")
    assert pseudonyms().topic("northside/x") == one.topic("northside/x")


@pytest.mark.parametrize(
    "name", ["Ada's SOS pendant", "hall_pir", "pull cord bath", "emergency light", "Ben", "co2"]
)
def test_a_stand_in_speaks_of_the_same_kind_and_place(name: str) -> None:
    """What is guessed from a device's name is guessed from its stand-in."""
    stand_in = pseudonyms().topic(name)

    assert kind_of_name(stand_in) == kind_of_name(name)
    assert place_of_name(stand_in) == place_of_name(name)
    assert "Ada" not in stand_in


def test_serials_keep_their_form_and_codes_stay_one_number() -> None:
    """`0x5f2a` and 24362 are one address before, and one address afterwards."""
    names = pseudonyms()
    _, payload = replaced(
        names,
        "rtl/x",
        {"id": "0x5f2a", "mac": "AA:BB:CC:0D:EE:FF", "serial": "00124b0021a4b5c6", "uid": 77},
    )
    number = json.loads(replaced(names, "rtl/x", {"id": 24362})[1])["id"]

    told = json.loads(payload)
    assert int(told["id"], 16) == number != 24362
    assert len(told["mac"]) == 17
    assert told["mac"].count(":") == 5
    assert told["mac"].upper() == told["mac"] != "AA:BB:CC:0D:EE:FF"
    assert len(told["serial"]) == 16
    assert told["uid"] == 77
    assert names.topic("x/24362") == f"{names.topic('x')}/{number}"


def test_places_are_moved_together_and_a_missing_fix_stays_one() -> None:
    """Where somebody lives cannot be read; how far two points are apart can."""
    names = pseudonyms()
    _, payload = replaced(
        names,
        "x/y",
        {
            "latitude": 51.5, "longitude": -0.12, "altitude": 35,
            "location": [51.6, -0.13], "coordinates": [-0.12, 51.5], "gps": {"lat": 0, "lon": 0},
            "lat": "51.5", "lon": None, "long": {"a": 1}, "lng": ["51.5,-0.12", "far"],
        },
    )  # fmt: skip

    told = json.loads(payload)
    assert abs(told["latitude"] - 51.5) > 1
    assert told["location"][0] - told["latitude"] == pytest.approx(0.1, abs=1e-5)
    assert told["coordinates"] == [told["longitude"], told["latitude"]]
    assert told["altitude"] == 0
    assert told["gps"] == {"lat": 0.0, "lon": 0.0}
    assert float(told["lat"]) == told["latitude"]
    assert (told["lon"], told["long"]) == (None, {"a": 1})
    assert told["lng"][0] == f"{told['latitude']},{told['longitude']}"
    assert told["lng"][1] != "far"
    assert "51.5" not in payload


def test_free_text_is_replaced_and_numbers_and_times_stay() -> None:
    """What nobody can judge is no reading."""
    names = pseudonyms()
    _, payload = replaced(
        names,
        "x/y",
        {
            "note": "Ada fell, ring Ben", "battery": "80.00", "last_seen": "2026-03-01T07:04:09Z",
            "since": 1772348649000, "model": "TS0203", "inner": '{"name": "Ada"}', "broken": "{Ada",
            "url": "http://ada.example/x", "yes": True, "nothing": None, "list": ["Ada"],
        },
    )  # fmt: skip

    told = json.loads(payload)
    assert "Ada" not in payload
    assert "ada" not in payload
    assert (told["battery"], told["since"]) == ("80.00", 1772348649000)
    assert (told["last_seen"], told["model"]) == ("2026-03-01T07:04:09Z", "TS0203")
    assert (told["yes"], told["nothing"], told["broken"]) == (True, None, "{")
    assert names.replaced["names"] > 0


def test_what_cannot_be_judged_is_left_out_or_told() -> None:
    """Binary payloads go, long numbers in strange fields are named, deep nests are refused."""
    names = pseudonyms()
    deep: object = "Ada"
    for _ in range(60):
        deep = [deep]
    for _ in range(60):
        deep = {"a": deep}

    assert names.message(message("x/y", b"\xff\xfe")) is None
    assert names.message(message("x/y", deep)) is None
    assert names.left_out == 2
    replaced(names, "x/y", {"odd": MANY_DIGITS + 1, "uid": MANY_DIGITS + 1, "power": 10**7})
    assert list(names.doubtful) == ["odd"]


def test_a_topic_that_a_profile_reads_otherwise_afterwards_is_counted() -> None:
    """A home that is called like a maker's level makes a topic look like another."""
    names = pseudonyms()
    names.topic("zigbee2mqtt/hall")

    assert names.unlike == 0


@pytest.mark.parametrize("name", ["Ada Hall pendant", "Hall necklace", "bed Mrs Hall", "ada_hall"])
def test_a_surname_that_is_a_word_for_a_place_is_replaced_too(name: str) -> None:
    """Mrs Hall's pendant is no device of the hall; the hall's own sensor still speaks of it."""
    stand_in = replaced(pseudonyms(), f"zigbee2mqtt/{name}", "x")[0]
    assert "hall" not in stand_in
    assert kind_of_name(stand_in) is kind_of_name(name)
    assert "hall" in replaced(pseudonyms(), "zigbee2mqtt/hall motion sensor 2", "x")[0]


def test_what_discovery_abbreviates_about_a_make_stays() -> None:
    """A recording of it still proposes the same kinds."""
    told = {"dev_cla": "moisture", "dev": {"mdl": "LEAK1", "name": "Ada's kitchen"}}
    _, payload = replaced(pseudonyms(), "homeassistant/binary_sensor/x1/config", told)
    read = json.loads(payload)
    assert (read["dev_cla"], read["dev"]["mdl"]) == ("moisture", "LEAK1")
    assert "Ada" not in payload
