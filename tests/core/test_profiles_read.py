"""Corners of profiles: fields for some kinds only, words in any case, guesses worth less."""

import pytest

from telecared.core.decode import MAX_PAYLOAD_BYTES, CompiledProfile, compile_profile, decode
from telecared.core.directory import Directory
from telecared.core.profiles import DeviceBinding, FieldMap, MessageShape, Profile
from telecared.core.vocabulary import DeviceKind, Value
from tests.core.test_directory import BRIDGE, PROFILES

OTHER = DeviceKind.OTHER


def profile(*fields: FieldMap, text: tuple[FieldMap, ...] = ()) -> CompiledProfile:
    """A profile of one message."""
    shape = MessageShape(fields=fields, text=text)
    return compile_profile(Profile(name="test", topics=("t/{device}",), messages=(shape,)))


def told(by: CompiledProfile, payload: bytes) -> list[tuple[str, Value]]:
    """What a message tells."""
    return [(one.property, one.value) for one in decode(by, "t/x", payload).readings]


def test_a_field_may_be_for_some_kinds_of_device_only() -> None:
    """The same key means something else on another device."""
    water = FieldMap(
        property="water",
        paths=(("state",),),
        words=(("ON", "wet"), ("0", "dry")),
        kinds=(DeviceKind.FLOOD_DETECTOR,),
    )
    flood = DeviceBinding("h", "d", DeviceKind.FLOOD_DETECTOR, "test", "t/x")
    by = profile(water, FieldMap(property="power", paths=(("w",),), number=True))
    assert told(by, b'{"state": "ON", "w": 5}') == [("power", 5.0)]
    for payload, value in ((b'{"state": "on"}', "wet"), (b'{"state": 0}', "dry")):
        assert decode(by, "t/x", payload, flood).readings[0].value == value


def test_of_two_fields_for_one_property_the_less_grave_word_does_not_win() -> None:
    """An alarm stays one beside a neighbour that is well; of two numbers the first is kept."""
    words = (("true", "alarm"), ("false", "clear"))
    fields = [FieldMap(property="smoke", paths=((name,),), words=words) for name in "ab"]
    numbers = [FieldMap(property="power", paths=((name,),), number=True) for name in "cd"]
    deep = [
        FieldMap(property="gas", paths=(("in", name),), words=words, ignore_unknown=True)
        for name in "ef"
    ]
    by = profile(*fields, *numbers, *deep)
    assert told(by, b'{"in": {"e": true, "f": false}}') == [("gas", "alarm")]
    assert told(by, b'{"a": true, "b": false}') == [("smoke", "alarm")]
    assert told(by, b'{"c": 4, "d": 5}') == [("power", 4.0)]


@pytest.mark.parametrize("number", [b'"1-2"', b'"1e999"', b"1" + b"0" * 400])
def test_a_text_that_only_looks_like_a_number_is_none(number: bytes) -> None:
    """Its characters would do."""
    by = profile(FieldMap(property="power", paths=(("w",),), number=True))
    assert told(by, b'{"w": ' + number + b"}") == []


def test_a_bare_text_may_mean_nothing() -> None:
    """A profile says which words it leaves out."""
    link = FieldMap(property="link", words=(("offline", "offline"),), ignore_unknown=True)
    assert decode(profile(text=(link,)), "t/x", b"rebooting").readings == ()


def test_a_word_that_is_none_of_ours_is_refused() -> None:
    """A profile that says what nobody knows is a slip."""
    field = FieldMap(property="smoke", paths=(("smoke",),), words=(("yes", "burning"),))
    with pytest.raises(ValueError, match="is not a word of"):
        profile(field).variant(OTHER)


def test_a_topic_that_the_profile_ignores_says_nothing() -> None:
    """A bridge talks about itself."""
    decoded = decode(PROFILES["bridge"], "bridge/log/level", b"debug")
    assert (decoded.readings, decoded.error) == ((), None)
    assert PROFILES["bridge"].split("bridge/x/status/link") == ("bridge/x", "status/link")
    assert BRIDGE.ignored


def test_a_payload_that_is_too_long_names_no_device() -> None:
    """It is not searched for an address."""
    first = DeviceBinding("h1", "kitchen", OTHER, "radio", "radio/events", address="77")
    huge = b'{"id": 77, "x": "' + b"x" * MAX_PAYLOAD_BYTES + b'"}'
    resolved = Directory([first], PROFILES).resolve("radio/events", huge)
    assert resolved.binding is None


def test_neighbours_of_two_profiles_or_homes_lend_nothing() -> None:
    """A stranger beside them may be anybody's."""

    def device(name: str, home: str, by: str, topic: str) -> DeviceBinding:
        return DeviceBinding(home, name, OTHER, by, topic)

    mixed = [device("a", "h1", "bridge", "x/a"), device("b", "h1", "native", "x/b")]
    homes = [device("c", "h1", "bridge", "y/c"), device("d", "h2", "bridge", "y/d")]
    alike = [device("e", "h1", "bridge", "z/e"), device("f", "h1", "bridge", "z/f")]
    more = [device("g", "h1", "native", "x/g"), device("top", "h1", "bridge", "top")]
    directory = Directory([*mixed, *homes, *alike, *more], PROFILES)
    assert directory.resolve("x/new", b'{"leak": true}').decoded.home is None
    assert directory.resolve("y/new", b'{"leak": true}').decoded.home is None
    assert directory.resolve("z/new", b'{"leak": true}').decoded.home == "h1"


def test_of_several_guesses_the_one_that_tells_most_is_taken() -> None:
    """Two profiles may fit a topic; one of them understands the message."""
    words = (("true", "wet"),)
    profiles = {
        name: compile_profile(
            Profile(
                name=name,
                topics=("t/{device+}",),
                messages=(MessageShape(fields=(field,)),),
            )
        )
        for name, field in (
            ("a-water", FieldMap(property="water", paths=(("leak",),), words=words)),
            ("b-smoke", FieldMap(property="smoke", paths=(("s",),), words=(("true", "alarm"),))),
            ("c-link", FieldMap(property="link", paths=(("l",),), words=(("up", "online"),))),
        )
    }
    directory = Directory([], profiles)
    assert directory.resolve("t/x", b'{"leak": true}').profile == "a-water"
    assert directory.resolve("t/x", b'{"leak": true, "s": true}').profile == "b-smoke"
    assert directory.resolve("t/x", b'{"l": "up"}').profile == "c-link"
    assert directory.resolve("t/x", b"\xff").decoded.error is not None
