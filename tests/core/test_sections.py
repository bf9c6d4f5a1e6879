"""Messages that tell of several devices or hours: each part goes where it belongs."""

import json

from hypothesis import given
from hypothesis import strategies as st

from telecared.core.decode import compile_profile, decode
from telecared.core.directory import Directory
from telecared.core.profiles import (
    DeviceBinding,
    FieldMap,
    MessageShape,
    Profile,
    Section,
    TimeField,
)
from telecared.core.sections import MAX_PARTS
from telecared.core.vocabulary import DeviceKind

PRESS = FieldMap(property="trigger", paths=(("event",),), words=(("s", "pressed"),))
WARM = FieldMap(property="temperature", paths=(("value",), ("t",)), number=True)
LEAK = FieldMap(
    property="water", paths=(("zone",),), words=(("true", "wet"), ("false", "dry")), bit=2
)
PLACE = FieldMap(property="location", pair=(("lat",), ("lon",)), ignore_unknown=True)
PROFILE = compile_profile(
    Profile(
        name="box",
        topics=("{home}/box/{device}",),
        messages=(
            MessageShape(
                fields=(LEAK, PLACE),
                acts=("count",),
                time=TimeField(("time",), ("epoch_s",)),
                sections=(
                    Section(path=(), by_key=True, match="input:*", fields=(PRESS,), acts=("n",)),
                    Section(
                        path=("history",),
                        fields=(WARM,),
                        time=TimeField(("at",), ("epoch_s",), ignore_unknown=True),
                        history=True,
                    ),
                    Section(path=("parts",), fields=(WARM,), address=("id",)),
                ),
            ),
        ),
    )
)
PROFILES = {"box": PROFILE}
TOPIC = "h1/box/one"


def binding(device: str, address: str | None = None) -> DeviceBinding:
    """A device of the box."""
    return DeviceBinding("h1", device, DeviceKind.PERSONAL_TRIGGER, "box", TOPIC, address)


def test_each_input_belongs_to_the_device_that_is_wired_to_it() -> None:
    """Two cords on one box, pressed in one message; the box itself tells the leak."""
    directory = Directory([binding("box"), binding("cord", "input:0")], PROFILES)
    payload = b'{"input:0":{"event":"S","n":3},"zone":"0x4","other":{"event":"S"}}'
    found = directory.resolve(TOPIC, payload)
    assert [(each.device, each.property) for each in found.decoded.readings] == [("box", "water")]
    assert [one.binding.device for one in found.more if one.binding] == ["cord"]
    assert found.more[0].decoded.readings[0].act == 3


def test_parts_that_nobody_claims_belong_to_the_box() -> None:
    """Without devices for its inputs a box is one device."""
    found = Directory([binding("box")], PROFILES).resolve(TOPIC, b'{"input:1":{"event":"S"}}')
    assert [each.device for each in found.decoded.readings] == ["box"]
    assert found.more == ()


def test_the_alarm_of_an_input_that_nobody_registered_is_heard() -> None:
    """Only one cord is registered; the other one is pressed."""
    directory = Directory([binding("cord", "input:0")], PROFILES)
    found = directory.resolve(TOPIC, b'{"input:0":{"event":"S"},"input:1":{"event":"S"}}')
    assert found.binding is not None
    assert found.binding.device == "cord"
    assert [each.stranger for each in found.more] == [f"{TOPIC} input:1"]
    assert found.more[0].decoded.life_safety


def test_old_records_keep_their_own_times_and_raise_nothing() -> None:
    """Numbers and objects alike; one without a time has the message's."""
    payload = b'{"time":"9","history":[3,{"t":4,"at":5},null],"parts":[{"id":"x","t":1}]}'
    told = decode(PROFILE, TOPIC, payload).readings
    assert [(each.value, each.at, each.history, each.device) for each in told] == [
        (3.0, 9_000_000, True, "one"),
        (4.0, 5_000_000, True, "one"),
        (1.0, 9_000_000, False, "x"),
    ]


def test_a_place_needs_both_of_its_fields() -> None:
    """Numbers may be text; half a place, or one beyond the pole, is none."""
    for written, place in (
        (b'{"lat":"53.5","lon":-1}', (53.5, -1.0)),
        (b'{"lat":53.5}', None),
        (b'{"lat":99,"lon":1}', None),
        (b'{"lat":"north","lon":1}', None),
    ):
        told = decode(PROFILE, TOPIC, written)
        assert [each.value for each in told.readings] == ([place] if place else [])
        assert told.error is None


def test_a_message_of_too_many_parts_is_read_as_far_as_it_goes() -> None:
    """What is left out is on record."""
    told = decode(PROFILE, TOPIC, b'{"history":[%s1]}' % (b"1," * MAX_PARTS))
    assert len(told.readings) == MAX_PARTS
    assert told.error is not None
    assert "parts" in told.error


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["input:0", "zone", "history", "parts", "id", "event", "n", "lat", "time"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_nothing_that_a_box_sends_raises(data: object) -> None:
    """Registered, half registered or unknown."""
    payload = json.dumps(data).encode()
    for bindings in ([], [binding("box")], [binding("cord", "input:0")]):
        found = Directory(bindings, PROFILES).resolve(TOPIC, payload, 5)
        assert found.profile == "box"
