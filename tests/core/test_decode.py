"""Messages of devices as they come: words, numbers in strings, broken JSON, times and counters."""

import json

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from telecared.core.decode import MAX_PAYLOAD_BYTES, CompiledProfile, compile_profile, decode
from telecared.core.profiles import (
    DeviceBinding,
    FieldMap,
    MessageShape,
    Profile,
    TimeField,
    every_property,
)
from telecared.core.readings import accepted_value
from telecared.core.vocabulary import PROPERTIES, DeviceKind, Value

CONTACT = FieldMap(
    property="contact",
    paths=(("contact",), ("contact_2",)),
    words=(("true", "closed"), ("on", "closed"), ("false", "open"), ("off", "open")),
)
FIELDS = (
    CONTACT,
    FieldMap(property="smoke", paths=(("smoke",),), words=(("true", "alarm"), ("false", "clear"))),
    FieldMap(property="battery", paths=(("battery",),), number=True, low=0, high=100),
    FieldMap(property="battery", paths=(("weak",),), words=(("true", "low"), ("false", "ok"))),
    FieldMap(property="temperature", paths=(("air", "celsius"),), number=True, scale=0.1),
    FieldMap(
        property="trigger",
        paths=(("action",),),
        words=(("sos", "pressed"),),
        ignore_unknown=True,
        burst=2_000_000,
    ),
    FieldMap(property="heat", constant="alarm", where=((("model",), ("hot-1",)),)),
)


def _profile(*messages: MessageShape) -> CompiledProfile:
    shapes = messages or (
        MessageShape(
            fields=FIELDS,
            text=(FieldMap(property="link", words=(("offline", "offline"),)),),
            attributes=True,
            time=TimeField(("seen",), ("rfc3339", "epoch_s", "epoch_ms")),
            sequence=("n",),
            address=("id",),
        ),
    )
    return compile_profile(Profile(name="test", topics=("t/{device+}",), messages=shapes))


PROFILE = _profile()
NATIVE = _profile(MessageShape(fields=every_property(), strict_keys=True))


def _told(payload: object, topic: str = "t/x") -> dict[str, Value]:
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return {each.property: each.value for each in decode(PROFILE, topic, raw).readings}


@pytest.mark.parametrize("word", [True, "true", "True", "TRUE", " on ", "ON"])
def test_a_switch_is_understood_however_it_is_written(word: object) -> None:
    """JSON's own true and the words that makers put in its place are one."""
    assert _told({"contact": word}) == {"contact": "closed"}


@pytest.mark.parametrize("nothing", [{}, {"contact": None}, {"contact": ""}, {"action": ""}])
def test_null_empty_text_and_missing_keys_are_nothing(nothing: object) -> None:
    """A missing key is not an event and null is not false; neither is an error."""
    decoded = decode(PROFILE, "t/x", json.dumps(nothing).encode())
    assert decoded.readings == ()
    assert decoded.error is None


def test_an_empty_payload_removes_a_retained_message_and_says_nothing() -> None:
    """MQTT's way to forget a retained message is not an error of the device."""
    decoded = decode(PROFILE, "t/x", b"")
    assert (decoded.readings, decoded.error, decoded.device) == ((), None, "x")


@pytest.mark.parametrize(("text", "number"), [("80.00", 80.0), (" 7 ", 7.0), (80, 80.0)])
def test_a_number_in_a_string_is_a_number(text: object, number: float) -> None:
    """Some bridges write "80.00" where they mean 80."""
    assert _told({"battery": text}) == {"battery": number}


@pytest.mark.parametrize("text", ["nan", "inf", "1_0", "0x1f", "", "8" * 60, True, [[1]], 101, -1])
def test_what_is_no_measurement_is_not_taken_for_one(text: object) -> None:
    """NaN, endless, out of range or a switch where a number belongs gives no reading."""
    assert _told({"battery": text}) == {}


def test_the_word_not_to_be_missed_wins_when_two_fields_tell_one_property() -> None:
    """Of two contacts one open is open; a weak battery is told before its number."""
    assert _told({"contact": True, "contact_2": False}) == {"contact": "open"}
    assert _told({"contact": False, "contact_2": True}) == {"contact": "open"}
    assert _told({"battery": 5, "weak": True}) == {"battery": "low"}
    assert _told({"weak": False, "battery": 90}) == {"battery": 90.0}


def test_an_alarm_survives_a_broken_neighbour_in_the_same_payload() -> None:
    """NaN, Latin-1, a lone surrogate, a final NUL or endless digits do not hide the smoke."""
    for broken in (
        b'{"smoke": true, "t": NaN}',
        b'{"smoke": true, "room": "k\xfcche"}',
        b'{"smoke": true, "room": "\\ud800"}',
        b'{"smoke": true}\x00',
        b'\xef\xbb\xbf{"smoke": true}',
        b'{"smoke": true, "n": ' + b"9" * 5000 + b"}",
    ):
        decoded = decode(PROFILE, "t/x", broken)
        assert [each.value for each in decoded.readings] == ["alarm"], broken[:40]
        assert decoded.life_safety
        assert decoded.error is not None


def test_a_value_that_the_profile_does_not_know_is_an_error_beside_the_readings() -> None:
    """The rest of the message still counts, and the sentence names the field, not the value."""
    decoded = decode(PROFILE, "t/x", b'{"contact": "ajar-4711", "smoke": true}')
    assert [each.property for each in decoded.readings] == ["smoke"]
    assert decoded.error == 'profile test: it does not know the value of "contact"'


def test_a_last_will_of_bare_text_is_read_on_a_json_topic() -> None:
    """A broker publishes a will as it was left: often one word where JSON is usual."""
    assert _told(b"offline") == {"link": "offline"}
    assert _told(b'"offline"') == {"link": "offline"}


def test_a_topic_below_the_device_may_carry_one_bare_value() -> None:
    """With one value per topic the last level is the key; a name with slashes stays a name."""
    assert _told(b"true", "t/hall/smoke") == {"smoke": "alarm"}
    assert decode(PROFILE, "t/hall/smoke", b"true").device == "hall"
    assert decode(PROFILE, "t/hall/smoke", b'{"smoke": true}').device == "hall/smoke"
    pir = DeviceBinding("h", "pir", DeviceKind.OTHER, "test", "t/hall")
    assert decode(PROFILE, "t/hall/smoke", b"true", pir).readings[0].device == "pir"
    assert decode(PROFILE, "t/hall/colour", b"red", pir).error is None


def test_nested_fields_and_the_mere_presence_of_a_message_tell_something() -> None:
    """A path leads into the object; an alarm without a field is recognised by its model."""
    assert _told({"air": {"celsius": "192"}}) == {"temperature": pytest.approx(19.2)}
    assert _told({"model": "HOT-1"}) == {"heat": "alarm"}
    assert _told({"model": "cold"}) == {}


@pytest.mark.parametrize(
    ("seen", "at"),
    [
        ("2026-03-01T07:04:09Z", 1_772_348_649_000_000),
        ("2026-03-01T08:04:09.25+01:00", 1_772_348_649_250_000),
        (1_772_348_649, 1_772_348_649_000_000),
        (1_772_348_649_250, 1_772_348_649_250_000),
        (1.5, 1_500_000),
    ],
)
def test_the_devices_own_time_is_read_as_the_profile_says(seen: object, at: int) -> None:
    """RFC 3339 with an offset, seconds or milliseconds since 1970."""
    decoded = decode(PROFILE, "t/x", json.dumps({"smoke": True, "seen": seen}).encode())
    assert decoded.readings[0].at == at
    assert decoded.error is None


@pytest.mark.parametrize("seen", ["2026-03-01T07:04:09", "noon", -5, 1e300, True, [1], ""])
def test_a_time_that_cannot_be_read_costs_the_time_and_not_the_alarm(seen: object) -> None:
    """The reading comes without a time, and the error says so."""
    decoded = decode(PROFILE, "t/x", json.dumps({"smoke": True, "seen": seen}).encode())
    assert decoded.readings[0].at is None
    assert decoded.error is not None


def test_the_counter_is_kept_when_it_is_a_whole_number() -> None:
    """A gap is somebody else's to find; nonsense is an error."""
    assert decode(PROFILE, "t/x", b'{"n": 1204}').seq == 1204
    for bad in (b'{"n": -1}', b'{"n": true}', b'{"n": "7"}', b'{"n": 99999999999999999999}'):
        assert decode(PROFILE, "t/x", bad).seq is None
        assert decode(PROFILE, "t/x", bad).error is not None


def test_the_native_profile_knows_every_word_of_the_vocabulary_and_no_other_key() -> None:
    """Each property takes each of its words; a misspelt key is an error."""
    for name, spec in PROPERTIES.items():
        for word in spec.values:
            decoded = decode(NATIVE, "t/x", json.dumps({name: word}).encode())
            assert [(each.property, each.value) for each in decoded.readings] == [(name, word)]
    assert decode(NATIVE, "t/x", b'{"location": [53.8, -1.5]}').readings[0].value == (53.8, -1.5)
    assert decode(NATIVE, "t/x", b'{"triger": "pressed"}').error is not None
    assert decode(NATIVE, "t/x", b'{"location": [99, 0]}').readings == ()


def test_a_device_that_tells_the_opposite_is_inverted() -> None:
    """`invert` at the device exchanges the two words; what has no opposite is refused."""
    device = DeviceBinding("h", "d", DeviceKind.DOOR_SENSOR, "test", "t/x", invert=("contact",))
    assert decode(PROFILE, "t/x", b'{"contact": true}', device).readings[0].value == "open"
    with pytest.raises(ValueError, match="cannot be inverted"):
        PROFILE.variant(DeviceKind.OTHER, ("trigger",))


def test_a_momentary_reading_carries_the_burst_window_of_its_profile() -> None:
    """What counts as the same press is said where the maker's habits are known."""
    assert decode(PROFILE, "t/x", b'{"action": "sos"}').readings[0].burst == 2_000_000


def test_a_topic_that_no_pattern_fits_names_the_device_in_its_last_level() -> None:
    """Whoever names the profile knows better than its patterns, whatever the bridge is called."""
    decoded = decode(PROFILE, "northside/larch-12/bridge/sink", b'{"smoke": true}')
    assert (decoded.device, decoded.readings[0].value) == ("sink", "alarm")


# --- whatever comes ---------------------------------------------------------------------------

KEYS = st.sampled_from(
    [
        "contact",
        "contact_2",
        "smoke",
        "battery",
        "weak",
        "air",
        "action",
        "seen",
        "n",
        "id",
        "model",
    ]
) | st.text(max_size=4)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats(width=64)
    | st.text(st.characters(), max_size=6)
    | st.sampled_from(["true", "NaN", "1e999", "\ud800", "\0", "9" * 400, "²", "٣"])
)
SHAPES = st.sampled_from(
    [
        lambda key, one, other: {key: one, "battery": other},
        lambda key, one, other: {key: [one, {key: other}], "smoke": True},
        lambda key, one, other: {"air": {"celsius": one, key: other}},
        lambda key, one, other: {"seen": one, "n": other, key: {}},
        lambda key, one, other: {"id": one, "contact": other, key: {key: {key: one}}},
        lambda key, one, other: [one, other, key],
        lambda key, one, other: one,
    ]
)
JSON_LIKE = st.builds(lambda shape, *parts: shape(*parts), SHAPES, KEYS, SCALARS, SCALARS)
HOSTILE = st.sampled_from(
    [
        b"[" * 100_000,
        b'{"contact":' * 20_000,
        b"9" * 10_000,
        b'{"battery": 1e400, "smoke": -Infinity}',
        b"\xff\xfe{\x00}\x00",
        b'{"n": ' + b"9" * 6000 + b"}",
        b"x" * (MAX_PAYLOAD_BYTES + 1),
        b'{"\\ud800": "\\udfff", "id": "\\ud800"}',
    ]
)
PAYLOADS = (
    JSON_LIKE.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass"))
    | JSON_LIKE.map(lambda value: json.dumps(value).encode()[:-1])
    | st.binary(max_size=60)
    | HOSTILE
)
TOPICS = (
    st.sampled_from(["t/x", "t/x/smoke", "t/x/seen", "", "/", "t/" + "a/" * 2000, "t/\ud800"])
    | st.text(max_size=12)
    | st.text(max_size=8).map(lambda name: "t/" + name)
)
BINDINGS = st.none() | st.builds(
    DeviceBinding,
    home=st.just("h"),
    device=st.just("d"),
    kind=st.sampled_from(DeviceKind),
    profile=st.just("test"),
    topic=st.sampled_from(["t/x", ""]),
    invert=st.sampled_from([(), ("contact",)]),
)


@settings(
    max_examples=10_000,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(PAYLOADS, TOPICS, BINDINGS, st.sampled_from([PROFILE, NATIVE]))
def test_ten_thousand_random_messages_never_raise(
    payload: bytes, topic: str, binding: DeviceBinding | None, profile: CompiledProfile
) -> None:
    """Random bytes, nesting, numbers, surrogates: no exception, only values of the vocabulary."""
    decoded = decode(profile, topic, payload, binding)
    for reading in decoded.readings:
        assert accepted_value(reading.property, reading.value) == reading.value
    assert decoded.error is None or decoded.error.startswith("profile test: ")
    if "\ud800" not in topic:
        msgspec.json.encode(decoded)


def test_profiles_can_be_stored_and_read_again() -> None:
    """A plan version is stored whole: its profiles survive the way through JSON."""
    profile = PROFILE.profile
    assert msgspec.json.decode(msgspec.json.encode(profile), type=Profile) == profile
