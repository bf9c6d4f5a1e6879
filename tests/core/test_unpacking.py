"""JSON inside JSON, and bare texts that are told by what they are not."""

import json

import pytest

from telecared.core.decode import compile_profile, decode
from telecared.core.directory import Directory
from telecared.core.envelope import unpacked
from telecared.core.profiles import DeviceBinding, FieldMap, MessageShape, Profile, Section
from telecared.core.readings import Reading
from telecared.core.vocabulary import DeviceKind

UNPACK = ((("text",), "object"),)
LEAK = FieldMap(property="water", paths=(("object", "leak"),), words=(("true", "wet"),))
AGAIN = FieldMap(property="water", paths=(("leak",),), words=(("true", "wet"), ("false", "dry")))
HEAT = FieldMap(property="heat", paths=(("heat",),), words=(("true", "alarm"),))
PRESS = FieldMap(property="trigger", constant="pressed", unless=((("value",), ("off", "unknown")),))
ONLY = FieldMap(property="contact", words=(("on", "open"),), where=((("value",), ("on",)),))
BINDINGS = [
    DeviceBinding("home", name, DeviceKind.FLOOD_DETECTOR, "p", "p/sink", address=address)
    for name, address in (("sink", None), ("bath", "2"))
]
PROFILE = compile_profile(
    Profile(
        name="p",
        topics=("p/{device}",),
        messages=(
            MessageShape(
                fields=(LEAK,),
                unpack=UNPACK,
                sections=(Section(path=("again",), fields=(AGAIN, HEAT), fills_in=True),),
            ),
            MessageShape(below="state", payload="text", text=(PRESS, ONLY)),
        ),
    )
)


def test_json_that_a_field_holds_as_text_is_read() -> None:
    """An older server wraps what the device said once more."""
    payload = json.dumps({"text": json.dumps({"leak": True})}).encode()
    assert decode(PROFILE, "p/sink", payload).readings == (Reading("sink", "water", "wet"),)


def test_a_device_among_others_on_its_topic_is_read_likewise() -> None:
    """The directory's way through the same message unpacks it too."""
    payload = json.dumps({"text": json.dumps({"leak": True})}).encode()
    found = Directory(BINDINGS, {"p": PROFILE}).resolve("p/sink", payload)
    assert [each.value for each in found.decoded.readings] == ["wet"]


def test_what_cannot_be_unpacked_adds_nothing() -> None:
    """Broken text, text that is no object, no text, and no message at all."""
    assert unpacked({"text": "{"}, UNPACK) == {"text": "{"}
    assert unpacked({"text": "[1]"}, UNPACK) == {"text": "[1]"}
    assert unpacked({"text": 7}, UNPACK) == {"text": 7}
    assert unpacked([1], UNPACK) == [1]


def test_what_stands_there_already_is_not_replaced() -> None:
    """The object itself is truer than a copy of it as text."""
    data = {"text": '{"leak": true}', "object": {"leak": False}}
    assert unpacked(data, UNPACK) == data


@pytest.mark.parametrize("bindings", [BINDINGS[:1], BINDINGS])
def test_another_telling_of_the_same_fills_in_what_is_missing(
    bindings: list[DeviceBinding],
) -> None:
    """A server's own words count where the device's own tell nothing, and only there."""
    directory = Directory(bindings, {"p": PROFILE})
    again = [{"leak": False, "heat": True}]
    told = directory.resolve("p/sink", json.dumps({"again": again}).encode()).decoded.readings
    assert [(each.property, each.value) for each in told] == [("water", "dry"), ("heat", "alarm")]
    both = {"object": {"leak": True}, "again": again}
    told = directory.resolve("p/sink", json.dumps(both).encode()).decoded.readings
    assert [(each.property, each.value) for each in told] == [("water", "wet"), ("heat", "alarm")]


def test_any_text_but_the_listed_ones_is_a_press() -> None:
    """An event's state is the time of the press; what it says without a press is listed."""
    pressed = (Reading("fob", "trigger", "pressed"),)
    assert decode(PROFILE, "p/fob/state", b"2026-03-01T07:04:09+00:00").readings == pressed
    assert decode(PROFILE, "p/fob/state", b"Unknown").readings == ()
    assert decode(PROFILE, "p/fob/state", b"off").error is None
    assert len(decode(PROFILE, "p/fob/state", b"on").readings) == 2
