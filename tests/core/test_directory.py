"""From a topic to the device: exact, below, shared, and those that nobody registered."""

import pytest

from telecared.core.decode import compile_profile
from telecared.core.directory import Directory
from telecared.core.plan import Device
from telecared.core.profiles import (
    DeviceBinding,
    FieldMap,
    MessageShape,
    Profile,
    every_property,
)
from telecared.core.registered import binding_of
from telecared.core.vocabulary import DeviceKind

LINK = FieldMap(property="link", words=(("online", "online"), ("offline", "offline")))
NATIVE = Profile(
    name="native",
    topics=("telecare/{scheme}/{home}/{device}",),
    messages=(
        MessageShape(fields=every_property(), strict_keys=True),
        MessageShape(below="link", payload="text", text=(LINK,)),
    ),
)
BRIDGE = Profile(
    name="bridge",
    topics=("bridge/{device+}",),
    ignored=("bridge/log/{rest+}",),
    messages=(
        MessageShape(
            attributes=True,
            fields=(
                FieldMap(
                    property="trigger",
                    paths=(("action",),),
                    words=(("sos", "pressed"),),
                    ignore_unknown=True,
                ),
                FieldMap(property="water", paths=(("leak",),), words=(("true", "wet"),)),
            ),
        ),
        MessageShape(below="status/link", payload="text", text=(LINK,)),
    ),
)
RADIO = Profile(
    name="radio",
    topics=("radio/events",),
    messages=(
        MessageShape(
            fields=(FieldMap(property="smoke", constant="alarm"),),
            address=("id", "code"),
        ),
    ),
)
PROFILES = {each.name: compile_profile(each) for each in (NATIVE, BRIDGE, RADIO)}
OTHER = DeviceKind.OTHER


def _directory(*bindings: DeviceBinding) -> Directory:
    return Directory(bindings, PROFILES)


PENDANT = DeviceBinding("larch-12", "pendant", DeviceKind.PERSONAL_TRIGGER, "bridge", "a/b/x/Été 1")


@pytest.mark.parametrize(
    ("below", "payload", "expected"),
    [
        ("", b'{"action": "sos"}', ("trigger", "pressed")),
        ("/status/link", b"offline", ("link", "offline")),
        ("/action", b"sos", ("trigger", "pressed")),
    ],
)
def test_a_registered_device_is_found_by_its_topic_and_those_below(
    below: str, payload: bytes, expected: tuple[str, str]
) -> None:
    """The device's own topic, its link two levels below and a bare value per key."""
    resolved = _directory(PENDANT).resolve(PENDANT.topic + below, payload)
    assert (resolved.home, resolved.binding) == ("larch-12", PENDANT)
    [reading] = resolved.decoded.readings
    assert (reading.device, reading.property, reading.value) == ("pendant", *expected)


def test_a_device_below_the_topic_of_another_is_found_as_itself() -> None:
    """Names have slashes: `x` and `x/y` may both be devices, and the longer topic wins."""
    inner = DeviceBinding("larch-12", "inner", OTHER, "bridge", PENDANT.topic + "/action")
    resolved = _directory(PENDANT, inner).resolve(inner.topic, b'{"leak": true}')
    assert resolved.binding == inner


def test_devices_on_one_topic_are_told_apart_by_their_address() -> None:
    """An address is compared as text, whatever its case; a stranger's is nobody's."""
    first = DeviceBinding("h1", "kitchen", OTHER, "radio", "radio/events", address="0x5F2A")
    second = DeviceBinding("h2", "hall", OTHER, "radio", "radio/events", address="77")
    directory = _directory(first, second)
    assert directory.resolve("radio/events", b'{"id": "0x5f2a"}').binding == first
    assert directory.resolve("radio/events", b'{"code": 77}').binding == second
    stranger = directory.resolve("radio/events", b'{"id": 1}')
    assert (stranger.home, stranger.binding) == (None, None)
    assert stranger.decoded.device == "1"
    assert stranger.decoded.life_safety


def test_the_sos_of_a_device_that_nobody_registered_is_recognised() -> None:
    """The topic patterns of all profiles are tried, and name scheme, home and device."""
    resolved = _directory().resolve("telecare/northside/larch-12/new", b'{"trigger": "pressed"}')
    assert (resolved.home, resolved.binding, resolved.profile) == (None, None, "native")
    decoded = resolved.decoded
    assert (decoded.scheme, decoded.home, decoded.device) == ("northside", "larch-12", "new")
    assert decoded.life_safety


def test_a_new_device_beside_registered_ones_speaks_their_profile() -> None:
    """A bridge with a topic of its own is known by its neighbours, home included."""
    resolved = _directory(PENDANT).resolve("a/b/x/new", b'{"action": "sos"}')
    assert resolved.binding is None
    assert (resolved.decoded.home, resolved.decoded.device) == ("larch-12", "new")
    assert resolved.decoded.life_safety


def test_a_bridges_own_topics_are_no_unknown_device() -> None:
    """What a profile lists as ignored raises nothing."""
    resolved = _directory().resolve("bridge/log/info", b"{}")
    assert resolved.ignored
    assert resolved.decoded.error is None


def test_what_no_profile_knows_is_said_to_be_so() -> None:
    """An unknown topic decodes to an error and to nobody."""
    resolved = _directory(PENDANT).resolve("weather/today", b"sunny")
    assert (resolved.home, resolved.binding, resolved.ignored) == (None, None, False)
    assert resolved.decoded.error == "no profile knows this topic"


def test_bindings_that_cannot_both_hold_are_left_out_with_a_sentence() -> None:
    """Same topic twice, an unknown profile, an impossible inversion: the rest still works."""
    directory = _directory(
        PENDANT,
        DeviceBinding("larch-14", "copy", OTHER, "bridge", PENDANT.topic),
        DeviceBinding("larch-14", "odd", OTHER, "native", PENDANT.topic),
        DeviceBinding("larch-14", "lost", OTHER, "nobody", "q"),
        DeviceBinding("larch-14", "turned", OTHER, "native", "r", invert=("trigger",)),
        DeviceBinding("larch-14", "one", OTHER, "radio", "radio/events", address="1"),
        DeviceBinding("larch-14", "two", OTHER, "radio", "radio/events", address="1"),
    )
    assert [each.partition(":")[0] for each in directory.conflicts] == [
        "larch-14/copy",
        "larch-14/odd",
        "larch-14/lost",
        "larch-14/turned",
        "larch-14/two",
    ]
    assert directory.resolve(PENDANT.topic, b'{"action": "sos"}').binding == PENDANT


@pytest.mark.parametrize("topic", ["", "/", "//", "a/b/x/", "bridge/", "\ud800", "t/" * 30_000])
@pytest.mark.parametrize("payload", [b"", b"\xff", b"[" * 50_000, b"null", b"{}"])
def test_no_topic_and_no_payload_makes_it_raise(topic: str, payload: bytes) -> None:
    """Whatever arrives is resolved to something."""
    assert _directory(PENDANT).resolve(topic, payload).binding is None


def test_whether_a_device_still_stands_is_known() -> None:
    """Up to its last day, in its own home, as it was registered."""
    door = Device(
        id="door", kind=OTHER, profile="bridge", topic="a/b/x/door", address="7", until=100
    )
    binding = binding_of("larch-12", door)
    directory = _directory(PENDANT, binding)
    assert directory.stands(binding, 99)
    assert not directory.stands(binding, 100)
    assert directory.stands(PENDANT, None)
    assert not _directory(PENDANT).stands(binding, 99)
