"""`decode --profile auto`: which profile was chosen, and why."""

import json

from telecared.config.decoding import AUTO, decode_line
from telecared.config.profiles import load_profiles
from telecared.config.shipped import devices_folder
from telecared.core.directory import Directory
from telecared.core.profiles import DeviceBinding
from telecared.core.vocabulary import DeviceKind

COMPILED = {
    name: each.compiled
    for name, each in load_profiles(
        [devices_folder() / "native.yaml", devices_folder() / "zigbee2mqtt.yaml"]
    ).items()
}


def line(topic: str, payload: object) -> str:
    """A line of a stream."""
    return json.dumps({"topic": topic, "payload": payload})


def test_a_guess_names_its_profile_and_the_reason() -> None:
    """Without any home: the profile whose pattern fits and that reads most."""
    told = decode_line(COMPILED, AUTO, None, line("zigbee2mqtt/hall", {"occupancy": True}))

    assert told["profile"] == "zigbee2mqtt"
    assert told["why"] == "profile zigbee2mqtt has a pattern that fits the topic"


def test_a_registered_device_speaks_what_its_entry_says() -> None:
    """With homes the entry decides, and the line says whose it is."""
    hall = DeviceBinding("h1", "hall", DeviceKind.ACTIVITY_DETECTOR, "zigbee2mqtt", "a/hall")
    directory = Directory([hall], COMPILED)
    told = decode_line(COMPILED, AUTO, directory, line("a/hall", {"occupancy": True}))

    assert (told["profile"], told["why"]) == ("zigbee2mqtt", "h1/hall is registered with it")
    assert told["readings"] == [
        {"home": "h1", "device": "hall", "property": "motion", "value": "detected", "at": None}
    ]


def test_what_no_profile_reads_says_so() -> None:
    """A line that is none, and a topic that nobody knows, have a reason too."""
    odd = decode_line(COMPILED, AUTO, None, line("foo/bar", "1"))
    broken = decode_line(COMPILED, AUTO, None, "x")

    assert (odd["profile"], odd["why"]) == (None, "no profile knows this topic")
    assert (broken["profile"], broken["why"]) == (None, "the line is no message")
    assert "profile" not in decode_line(COMPILED, None, None, "x")
