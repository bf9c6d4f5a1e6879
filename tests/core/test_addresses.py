"""Several devices on one topic: how they are told apart, from when until when, and strangers."""

import pytest

from telecared.core.addresses import canonical, template, text_of
from telecared.core.decode import CompiledProfile, compile_profile
from telecared.core.directory import Directory
from telecared.core.profiles import DeviceBinding, FieldMap, MessageShape, ModelSpec, Profile
from telecared.core.vocabulary import DeviceKind

SOS = FieldMap(property="trigger", paths=(("sos",),), words=(("true", "pressed"),))
OPEN = FieldMap(
    property="contact", paths=(("open",),), words=(("true", "open"), ("false", "closed"))
)
RADIO = compile_profile(
    Profile(
        name="radio",
        topics=("{scheme}/{home}/radio/{device}",),
        messages=(
            MessageShape(
                fields=(SOS, OPEN), address=("{model}/{id}", "id"), identity=("{model}/{id}",)
            ),
            MessageShape(below="{address}/state", payload="text", text=(OPEN,)),
            MessageShape(below="about", fields=(OPEN,), speaks_of=("name",)),
        ),
        models={"odd": ModelSpec(invert=("contact",))},
        strangers=False,
    )
)
PROFILES: dict[str, CompiledProfile] = {"radio": RADIO}
TOPIC = "n/h1/radio/events"


def binding(device: str, address: str | None = None, **more: object) -> DeviceBinding:
    """A door sensor behind the receiver of h1, unless something else is said."""
    told = {"home": "h1", "kind": DeviceKind.DOOR_SENSOR, "profile": "radio", "topic": TOPIC}
    return DeviceBinding(device=device, address=address, **{**told, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other"),
    [("0x5f2a", "24362"), (" Hall/0X5F2A ", "hall/24362"), ("A1:B2", "a1:b2")],
)
def test_addresses_are_equal_whatever_their_case_and_base(one: str, other: str) -> None:
    """A technician may copy the address from a log, a label or a screen."""
    assert canonical(one) == canonical(other)


def test_a_template_needs_all_its_fields() -> None:
    """Half an address names nothing."""
    how = template("{model}/{a.id}")
    assert text_of(how, {"model": "X", "a": {"id": 4}}) == "x/4"
    assert text_of(how, {"model": "X"}) is None
    assert text_of(template("id"), {"id": "x" * 300}) is None
    for wrong in ("", "{", "{}", "a}b"):
        with pytest.raises(ValueError, match=r"address|brace"):
            template(wrong)


def test_an_addressed_device_is_found_by_number_and_by_hexadecimal_text() -> None:
    """The same sensor, whichever version of the receiver's program speaks."""
    directory = Directory([binding("door", "0x5f2a"), binding("hub")], PROFILES)
    for payload in (b'{"id":24362,"open":true}', b'{"model":"m","id":"0x5F2A","open":true}'):
        found = directory.resolve(TOPIC, payload)
        assert found.binding is not None
        assert found.binding.device == "door"
    other = directory.resolve(TOPIC, b'{"id":1,"open":true}')
    assert other.binding is not None
    assert other.binding.device == "hub"


def test_the_level_below_the_topic_names_a_device() -> None:
    """`input/2` of a box with four inputs."""
    directory = Directory([binding("door", "2")], PROFILES)
    found = directory.resolve(f"{TOPIC}/2/state", b"true")
    assert [(each.device, each.value) for each in found.decoded.readings] == [("door", "open")]
    stranger = directory.resolve(f"{TOPIC}/3/state", b"true")
    assert stranger.stranger == f"{TOPIC} 3"
    assert stranger.quiet


def test_a_stranger_is_quiet_until_it_raises_an_alarm() -> None:
    """The neighbour's thermometer is nobody's business; the neighbour's pendant is."""
    directory = Directory([binding("door", "1")], PROFILES)
    assert directory.resolve(TOPIC, b'{"id":9,"open":true}').quiet
    alarm = directory.resolve(TOPIC, b'{"id":9,"sos":true}')
    assert not alarm.quiet
    assert alarm.stranger == f"{TOPIC} 9"
    assert alarm.decoded.life_safety


def test_two_homes_have_the_same_receiver_one_after_the_other() -> None:
    """A box moved: each message belongs to the home where it then stood."""
    before = binding("a", "1", home="h1", until=100)
    after = binding("b", "1", home="h2", since=100)
    directory = Directory([before, after], PROFILES)
    assert directory.conflicts == ()
    payload = b'{"id":1,"open":true}'
    assert directory.resolve(TOPIC, payload, 99).home == "h1"
    assert directory.resolve(TOPIC, payload, 100).home == "h2"
    assert directory.resolve(TOPIC, payload).home == "h2"
    assert Directory([before, binding("c", "1")], PROFILES).conflicts != ()


def test_a_bare_code_tells_what_the_homes_table_says() -> None:
    """An EV1527 door sensor has one code for open and one for closed."""
    codes = (("0xA1", "contact", "open"), ("0xA2", "contact", "closed"))
    directory = Directory([binding("door", codes=codes)], PROFILES)
    for payload, word in ((b'{"id":161}', "open"), (b'{"id":"0xa2","open":true}', "closed")):
        found = directory.resolve(TOPIC, payload)
        assert [(each.device, each.value) for each in found.decoded.readings] == [("door", word)]
    by_topic = directory.resolve(f"{TOPIC}/0xa1/state", b"whatever")
    assert [each.value for each in by_topic.decoded.readings] == ["open"]


def test_a_device_is_recognised_in_the_wrong_home() -> None:
    """A pendant that was carried next door still says whose it is."""
    mine = binding("pendant", "M/7", home="h1")
    serial = binding("watch", None, home="h3", topic="n/h3/radio/events", serial="M/9")
    directory = Directory([mine, serial], PROFILES)
    assert directory.resolve(TOPIC, b'{"model":"M","id":7,"sos":true}').elsewhere is None
    for number, whose in ((7, ("h1", "pendant")), (9, ("h3", "watch"))):
        payload = b'{"model":"M","id":%d,"sos":true}' % number
        assert directory.resolve("n/h2/radio/events", payload).elsewhere == whose


def test_a_model_speaks_the_other_way_round() -> None:
    """And a device of that model that is wired the other way is right again."""
    for invert, word in ((), "closed"), (("contact",), "open"):
        directory = Directory([binding("door", model=" ODD ", invert=invert)], PROFILES)
        told = directory.resolve(TOPIC, b'{"open":true}').decoded.readings
        assert [each.value for each in told] == [word]


def test_what_a_bridge_tells_of_another_device_is_about_that_one() -> None:
    """A device that nobody registered is named by the topic it will have."""
    bridge = binding("bridge", kind=DeviceKind.ALARM_UNIT, topic="n/h1/radio/bridge")
    directory = Directory([bridge, binding("hall", topic="n/h1/radio/hall")], PROFILES)
    topic = "n/h1/radio/bridge/about"
    about = directory.resolve(topic, b'{"name":"hall","open":true}')
    assert about.binding is not None
    assert about.binding.device == "hall"
    unknown = directory.resolve(topic, b'{"name":"new","open":true}')
    assert unknown.stranger == "n/h1/radio/new"
    own = directory.resolve(topic, b'{"open":true}')
    assert own.binding == bridge
