"""Corners of a profile: bits, places, unequal neighbours, dated devices, and what is refused."""

import json

import pytest

from telecared.core.decode import CompiledProfile, compile_profile, decode
from telecared.core.directory import Directory
from telecared.core.envelope import MAX_SECONDS
from telecared.core.profiles import (
    DeviceBinding,
    FieldMap,
    MessageShape,
    ModelSpec,
    Profile,
    Section,
    TimeField,
)
from telecared.core.shapes import MAX_LEVELS_BELOW
from telecared.core.tables import MAX_LAYOUTS, MAX_SEEN
from telecared.core.topics import below_pattern
from telecared.core.vocabulary import DeviceKind, Instant, Value

OTHER = DeviceKind.OTHER
TRUE = (("true", "open"), ("false", "closed"))
OPEN = FieldMap(property="contact", paths=(("open",),), words=TRUE)
PRESS = FieldMap(property="trigger", paths=(("action",),), words=(("sos", "pressed"),))
WORDS = (("sos", "pressed"), ("help", "pressed"))
LINK = FieldMap(property="link", words=(("online", "online"), ("offline", "offline")))


def profile(*fields: FieldMap, **more: object) -> CompiledProfile:
    """A profile of one message, and of what else a story needs."""
    shape = MessageShape(fields=fields, **more)  # type: ignore[arg-type]
    return compile_profile(Profile(name="p", topics=("p/{device}",), messages=(shape,)))


def told(by: CompiledProfile, data: object) -> list[tuple[str, Value]]:
    """What a message tells."""
    payload = data if isinstance(data, bytes) else json.dumps(data).encode()
    return [(one.property, one.value) for one in decode(by, "p/x", payload).readings]


def error(by: CompiledProfile, data: object) -> bool:
    """Whether it is said that something could not be read."""
    return decode(by, "p/x", json.dumps(data).encode()).error is not None


def binding(device: str, topic: str = "p/x", by: str = "p", **more: object) -> DeviceBinding:
    """A device that speaks a profile."""
    return DeviceBinding("h1", device, OTHER, by, topic, **more)  # type: ignore[arg-type]


# --- values -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "word"),
    [(4, "open"), (4.0, "open"), ("0x24", "open"), (" 0X24 ", "open"), ("36", "open"),
     (3, "closed"), (-1, "open"), (["0x04"], "open"), (2**80, "closed")],
)  # fmt: skip
def test_a_bit_is_read_of_a_number_however_it_is_written(state: object, word: str) -> None:
    """Radio sensors pack their switches into one number, bridges write it as they like."""
    by = profile(FieldMap(property="contact", paths=(("state",),), words=TRUE, bit=2))
    assert told(by, {"state": state}) == [("contact", word)]


@pytest.mark.parametrize("state", [True, 4.5, "0x", "1_0", "four", "٤", {"a": 4}, "9" * 60])
def test_what_is_no_whole_number_has_no_bits(state: object) -> None:
    """It is on record; nothing is guessed."""
    by = profile(FieldMap(property="contact", paths=(("state",),), words=TRUE, bit=2))
    assert told(by, {"state": state}) == []
    assert error(by, {"state": state})


@pytest.mark.parametrize(
    ("volt", "word"), [(2.6, "ok"), ("2.59", "low"), (0, "low"), (1e300, "ok")]
)
def test_a_threshold_makes_a_word_of_a_number(volt: object, word: str) -> None:
    """A battery's voltage means low from some point on."""
    words = (("true", "ok"), ("false", "low"))
    by = profile(FieldMap(property="battery", paths=(("v",),), words=words, threshold=2.6))
    assert told(by, {"v": volt}) == [("battery", word)]
    wrongs: list[object] = [True, {}, "full"]
    for wrong in wrongs:
        assert told(by, {"v": wrong}) == []
        assert error(by, {"v": wrong})


def test_of_the_buttons_that_a_remote_lists_the_one_that_matters_counts() -> None:
    """A list of words is read word by word; what cannot be read beside it is no obstacle."""
    by = profile(FieldMap(property="trigger", paths=(("action",),), words=WORDS))
    assert told(by, {"action": ["dim", "sos"]}) == [("trigger", "pressed")]
    assert told(by, {"action": ["sos", "dim", "help"]}) == [("trigger", "pressed")]
    assert told(by, {"action": [["sos"], None]}) == []
    assert error(by, {"action": ["dim"]})
    both = profile(FieldMap(property="contact", paths=(("doors",),), words=TRUE))
    assert told(both, {"doors": [False, True, False]}) == [("contact", "open")]
    assert told(both, {"doors": [False] * 10_000}) == [("contact", "closed")]


def test_half_a_place_is_nothing_and_an_impossible_one_is_on_record() -> None:
    """Latitude and longitude come together, and on this planet."""
    by = profile(FieldMap(property="location", pair=(("lat",), ("lon",))))
    assert told(by, {"lat": 53.8, "lon": "-1.5"}) == [("location", (53.8, -1.5))]
    assert not error(by, {"lat": 53.8, "lon": None})
    assert told(by, {"lat": 153.8, "lon": 1}) == []
    assert error(by, {"lat": 153.8, "lon": 1})
    assert error(by, {"lat": [1], "lon": 1})


def test_two_fields_of_one_property_are_both_heard_over_and_over() -> None:
    """Two contacts of one window: whichever is open, in every order, also once it is routine."""
    second = FieldMap(property="contact", paths=(("tilt",),), words=TRUE)
    by = profile(OPEN, second)
    for _ in range(3):
        for open_, tilt, word in (
            (True, False, "open"), (False, True, "open"), (False, False, "closed"),
            (None, True, "open"), (True, None, "open"),
        ):  # fmt: skip
            assert told(by, {"open": open_, "tilt": tilt}) == [("contact", word)]


def test_a_device_that_never_says_the_same_twice_does_not_fill_the_memory() -> None:
    """What is remembered is bounded, and what is forgotten is read again."""
    by = profile(OPEN, FieldMap(property="temperature", paths=(("t",),), number=True))
    for turn in range(2):
        for number in range(2, MAX_SEEN + 50):
            expected = [("contact", "open"), ("temperature", float(number))]
            assert told(by, {"open": True, "t": number}) == expected, turn
    for number in range(MAX_LAYOUTS + 10):
        assert told(by, {"open": True, f"extra{number}": 1}) == [("contact", "open")]
    assert told(by, {"open": True, "x" * 5_000: 1}) == [("contact", "open")]


def test_the_times_of_a_whole_day_are_read_right_though_few_are_remembered() -> None:
    """Each minute of more than a day, and the first one again."""
    by = profile(OPEN, time=TimeField(("at",), ("rfc3339",)))
    for minute in (*range(MAX_SECONDS + 2), 0):
        text = f"2026-03-{1 + minute // 1440:02}T{minute // 60 % 24:02}:{minute % 60:02}:07.250Z"
        found = decode(by, "p/x", json.dumps({"open": True, "at": text}).encode())
        assert found.readings[0].at == 1_772_323_207_250_000 + minute * 60_000_000


def test_a_thermometer_that_has_said_much_is_still_held_to_its_range() -> None:
    """Nothing is remembered any more, and nothing is taken that was not taken before."""
    by = profile(FieldMap(property="temperature", paths=(("t",),), number=True, low=-40, high=5000))
    for number in range(2, MAX_SEEN + 50):
        assert told(by, {"t": number}) == [("temperature", float(number))]
    for wrong in (-41, 5001, -41.5, 10**400, float("nan"), True):
        assert told(by, {"t": wrong}) == []
    assert told(by, {"t": 4999}) == [("temperature", 4999.0)]


def test_a_field_inside_another_says_nothing_when_it_is_empty_or_not_meant() -> None:
    """Depth changes nothing about null, about empty text, or about conditions."""
    leak = FieldMap(
        property="water",
        paths=(("zone", "leak"),),
        words=(("true", "wet"),),
        unless=((("test",), ("true",)),),
    )
    by = profile(leak)
    assert told(by, {"zone": {"leak": True}}) == [("water", "wet")]
    for zone in ({"leak": None}, {"leak": ""}, {}, None):
        assert told(by, {"zone": zone}) == []
    assert told(by, {"zone": {"leak": True}, "test": True}) == []


# --- devices ----------------------------------------------------------------------------------


def test_a_topic_belongs_to_one_maker_after_the_other() -> None:
    """The hub was exchanged for one of another maker, which took over its topic."""
    other = compile_profile(
        Profile(
            name="q",
            topics=("q/{device}",),
            messages=(
                MessageShape(
                    fields=(
                        FieldMap(property="smoke", paths=(("open",),), words=(("true", "alarm"),)),
                    )
                ),
            ),
        )
    )
    profiles = {"p": profile(OPEN), "q": other}
    old, new = binding("old", until=100), binding("new", by="q", since=100)
    directory = Directory([old, new], profiles)
    assert directory.conflicts == ()
    when: Instant | None
    for when, device, name in (
        (99, "old", "contact"),
        (100, "new", "smoke"),
        (None, "new", "smoke"),
    ):
        found = directory.resolve("p/x", b'{"open": true}', when)
        assert [(one.device, one.property) for one in found.decoded.readings] == [(device, name)]
    late = binding("late", by="q", since=50)
    assert "another profile" in Directory([old, late], profiles).conflicts[0]
    gone = Directory([old, binding("gone", by="q", since=100, until=200)], profiles)
    assert gone.resolve("p/x", b'{"open": true}', 300).binding is None
    addressed = binding("far", by="q", address="1")
    assert "another profile" in Directory([old, addressed], profiles).conflicts[0]


def test_a_bare_value_below_the_topic_of_several_devices_is_the_ones_without_address() -> None:
    """In attribute mode a level names a field, and says nothing of an address."""
    by = profile(OPEN, attributes=True, address=("id",))
    one, hub = binding("one", address="1"), binding("hub")
    with_hub = Directory([one, hub], {"p": by})
    found = with_hub.resolve("p/x/open", b"true")
    assert [(each.device, each.value) for each in found.decoded.readings] == [("hub", "open")]
    alone = Directory([one], {"p": by})
    stranger = alone.resolve("p/x/open", b"true")
    assert (stranger.binding, stranger.stranger) == (None, "p/x")
    assert [each.value for each in stranger.decoded.readings] == ["open"]


def test_a_message_on_a_topic_that_the_profile_does_not_know_is_on_record() -> None:
    """Whatever stands below a device's topic is its own; what it means may be unknown."""
    by = profile(OPEN)
    found = decode(by, "p/x/firmware", b"1.2", binding("door"))
    assert (found.readings, found.device) == ((), "door")
    assert found.error == "profile p: it knows no message on this topic"


def test_a_call_for_help_is_not_lost_in_the_node_that_carries_it() -> None:
    """A node has a button that nobody registered; only for a button does ON mean a press."""
    press = FieldMap(
        property="trigger",
        words=(("on", "pressed"),),
        kinds=(DeviceKind.PERSONAL_TRIGGER,),
        ignore_unknown=True,
    )
    shapes = (
        MessageShape(fields=(OPEN,)),
        MessageShape(below="switch/{address}", payload="text", text=(press,)),
    )
    by = compile_profile(Profile(name="p", topics=("p/{device}",), messages=shapes))
    directory = Directory([binding("node")], {"p": by})
    alarm = directory.resolve("p/x/switch/sos_button", b"ON")
    assert (alarm.binding, alarm.decoded.life_safety) == (None, True)
    assert alarm.stranger == "p/x sos_button"
    for name, payload in (("sos_button", b"OFF"), ("relay", b"ON")):
        found = directory.resolve(f"p/x/switch/{name}", payload)
        assert found.binding is not None
        assert found.binding.device == "node"


def test_what_nobody_registered_on_a_shared_box_yields_to_the_part_that_somebody_did() -> None:
    """The box's own temperature is no stranger worth a word; its alarm is."""
    press = FieldMap(property="trigger", paths=(("event",),), words=(("S", "pressed"),))
    warm = FieldMap(property="temperature", paths=(("t",),), number=True)
    sos = FieldMap(property="trigger", paths=(("sos",),), words=(("true", "pressed"),))
    inputs = Section(path=(), by_key=True, match="input:*", fields=(press,))
    directory = Directory(
        [binding("cord", address="input:0")], {"p": profile(warm, sos, sections=(inputs,))}
    )
    quiet = directory.resolve("p/x", b'{"t": 20, "input:0": {"event": "S"}}')
    assert (quiet.home, quiet.more) == ("h1", ())
    loud = directory.resolve("p/x", b'{"sos": true, "input:0": {"event": "S"}}')
    assert (loud.home, loud.decoded.life_safety) == (None, True)
    assert [one.home for one in loud.more] == ["h1"]


def test_a_bridge_that_speaks_of_itself_is_itself() -> None:
    """Nothing turns in a circle, whatever name stands there."""
    by = compile_profile(
        Profile(
            name="p",
            topics=("p/{device}",),
            messages=(
                MessageShape(fields=(OPEN,)),
                MessageShape(below="event", fields=(OPEN,), speaks_of=("name",)),
            ),
        )
    )
    bridge, far = binding("bridge", "p/bridge"), binding("far", "p/far")
    elsewhere = DeviceBinding("h2", "next", OTHER, "p", "p/next")
    directory = Directory([bridge, far, elsewhere], {"p": by})
    for name, home, device in (("bridge", "h1", "bridge"), ("next", "h2", "next")):
        payload = json.dumps({"name": name, "open": True}).encode()
        found = directory.resolve("p/bridge/event", payload)
        assert (found.home, [one.device for one in found.decoded.readings]) == (home, [device])
    for odd in ("bridge/event", "../x", "#", "", " ", "a" * 70_000, "\ud800", 7, None, ["far"]):
        payload = json.dumps({"name": odd, "open": True}).encode()
        assert directory.resolve("p/bridge/event", payload).profile == "p"


def test_a_receiver_that_hears_the_street_is_known_as_such() -> None:
    """Its strangers are neighbours; those of a profile that nobody wrote are not."""
    shapes = (MessageShape(fields=(OPEN,)),)
    quiet = Profile(name="r", topics=("r/{device}",), messages=shapes, strangers=False)
    directory = Directory([], {"p": profile(OPEN), "r": compile_profile(quiet)})
    heard = [directory.hears_neighbours(name) for name in ("r", "p", "nobody", None)]
    assert heard == [True, False, False, False]


def test_the_name_of_a_stranger_says_what_its_switch_may_mean() -> None:
    """An unregistered button that is called one presses; a lamp of the same make does not."""
    field = FieldMap(
        property="trigger",
        paths=(("state",),),
        words=(("on", "pressed"),),
        kinds=(DeviceKind.PERSONAL_TRIGGER,),
    )
    directory = Directory([], {"p": profile(field)})
    assert directory.resolve("p/sos_button", b'{"state": "ON"}').decoded.life_safety
    assert not directory.resolve("p/lamp", b'{"state": "ON"}').decoded.life_safety


def test_one_device_is_judged_by_itself() -> None:
    """Whoever proposes a registration tries it alone, beside nobody."""
    directory = Directory([binding("mine")], {"p": profile(OPEN)})
    other = directory.alone(binding("other"))
    found = other.resolve("p/x", b'{"open": true}')
    assert [one.device for one in found.decoded.readings] == ["other"]


def test_a_device_that_is_spread_over_two_trees_is_one() -> None:
    """Its answers come beside its reports, on a topic with another first level."""
    shapes = (MessageShape(fields=(OPEN,)), MessageShape(below="POWER", payload="text"))
    spread = Profile(name="p", topics=("tele/{device}",), messages=shapes, aliases={"stat": "tele"})
    by = compile_profile(spread)
    directory = Directory([binding("door", "tele/x")], {"p": by})
    for topic in ("tele/x", "stat/x", "stat/x/POWER"):
        found = directory.resolve(topic, b'{"open": true}')
        assert found.binding is not None, topic
        assert found.binding.device == "door"
    assert directory.resolve("stat/new", b'{"open": true}').stranger == "tele/new"
    assert directory.resolve("cmnd/x", b'{"open": true}').binding is None


def test_a_registered_device_is_read_in_full_whatever_surrounds_its_fields() -> None:
    """A time of any spelling or none, a serial number, broken JSON, a text, a word unknown."""
    by = profile(OPEN, time=TimeField(("at",), ("rfc3339", "epoch_s")), identity=("sn",))
    moved = DeviceBinding("h2", "far", OTHER, "p", "p/far", serial="7")
    directory = Directory([binding("door"), moved], {"p": by})
    noon = 1_772_366_400_000_000
    for at, expected, fails in (
        ("2026-03-01T12:00:00Z", noon, False), ("2026-03-01T12:00:00Z", noon, False),
        ("2026-03-01T13:00:00+01:00", noon, False), (1_772_366_400, noon, False),
        ([1], None, True), ("noon", None, True), (None, None, False),
    ):  # fmt: skip
        payload = json.dumps({"open": True, "at": at}).encode()
        decoded = directory.resolve("p/x", payload).decoded
        assert [(one.value, one.at) for one in decoded.readings] == [("open", expected)]
        assert (decoded.error is not None) == fails
    named = directory.resolve("p/x", b'{"open": true, "sn": 7}')
    assert (named.decoded.identity, named.elsewhere) == ("7", ("h2", "far"))
    for payload, words in (
        (b'{"open": true, "t": NaN}', ["open"]), (b"[1]", []), (b"ON", []), (b"", []),
        (b'{"open": "ajar"}', []), (b"x" * 1_100_000, []),
    ):  # fmt: skip
        decoded = directory.resolve("p/x", payload).decoded
        assert [one.value for one in decoded.readings] == words
        assert (decoded.error is None) == (payload == b"")


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("below", "says"),
    [
        ("{address}/x/{address}", "twice"),
        ("{addres}/x", "cannot be matched"),
        ("a/+", "cannot be matched"),
        ("{any}/b#", "cannot be matched"),
    ],
)
def test_a_level_that_cannot_be_matched_is_refused(below: str, says: str) -> None:
    """With a sentence that says what a level may be."""
    with pytest.raises(ValueError, match=says):
        below_pattern(below)


def test_a_profile_that_looks_too_far_below_is_refused() -> None:
    """Every message of an unknown topic would pay for it."""
    shape = MessageShape(below="/".join("x" * (MAX_LEVELS_BELOW + 1)), fields=(OPEN,))
    with pytest.raises(ValueError, match="more than 8 levels"):
        compile_profile(Profile(name="p", topics=("p/{device}",), messages=(shape,)))


AJAR = FieldMap(property="contact", paths=(("a",),), words=(("x", "ajar"),))


@pytest.mark.parametrize("model", [ModelSpec(invert=("trigger",)), ModelSpec(fields=(AJAR,))])
def test_a_model_that_says_what_cannot_be_is_refused_at_once(model: ModelSpec) -> None:
    """Not only when the first device of that model is registered."""
    shapes = (MessageShape(fields=(OPEN, PRESS)),)
    with pytest.raises(ValueError, match=r"inverted|not a word"):
        compile_profile(
            Profile(name="p", topics=("p/{device}",), messages=shapes, models={"m": model})
        )
