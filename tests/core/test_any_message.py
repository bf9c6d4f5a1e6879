"""Ten thousand messages to devices of every sort at once: codes, parts, bits, places, days."""

import json

import msgspec
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from telecared.core.addresses import MAX_NAME_CHARS
from telecared.core.decode import compile_profile
from telecared.core.directory import Directory
from telecared.core.profiles import (
    DeviceBinding,
    FieldMap,
    MessageShape,
    ModelSpec,
    Profile,
    Section,
    TimeField,
)
from telecared.core.readings import accepted_value
from telecared.core.resolved import Resolved
from telecared.core.sections import MAX_PARTS
from telecared.core.sharing import MAX_STRANGERS
from telecared.core.vocabulary import DeviceKind, Instant

SWITCH = (("true", "open"), ("false", "closed"))
FIELDS = (
    FieldMap(property="contact", paths=(("state",), ("open",)), words=SWITCH, bit=2),
    FieldMap(property="tamper", paths=(("state",),), words=SWITCH, bit=63),
    FieldMap(
        property="battery", paths=(("v",),), words=(("true", "ok"), ("false", "low")), threshold=2.6
    ),
    FieldMap(property="temperature", paths=(("t",), ("in", "t")), number=True, scale=0.1, low=-40),
    FieldMap(property="location", pair=(("lat",), ("in", "lon"))),
    FieldMap(property="smoke", constant="alarm", where=((("model",), ("*",)),)),
    FieldMap(
        property="trigger",
        paths=(("action",),),
        words=(("sos", "pressed"),),
        unless=((("test",), ("true",)),),
    ),
)
VALUE = FieldMap(property="temperature", paths=(("value",),), number=True)
TIME = TimeField(("time",), ("rfc3339", "epoch_s", "epoch_ms"), ignore_unknown=True)
PROFILE = compile_profile(
    Profile(
        name="p",
        topics=("{home}/p/{device}",),
        messages=(
            MessageShape(
                fields=FIELDS,
                text=FIELDS[6:],
                attributes=True,
                time=TIME,
                sequence=("n",),
                acts=("n",),
                address=("{model}/{id}", "id", "in.id"),
                identity=("{model}/{id}",),
                unpack=((("text",), "in"),),
                sections=(
                    Section(path=("each",), fields=(*FIELDS, VALUE), address=("id",), time=TIME),
                    Section(path=("named",), by_key=True, fields=FIELDS, named_only=True),
                    Section(path=(), by_key=True, match="in*", fields=FIELDS, acts=("n",)),
                    Section(path=("old",), fields=(VALUE,), history=True, fills_in=True),
                ),
            ),
            MessageShape(below="about", fields=FIELDS, speaks_of=("id",)),
            MessageShape(below="{address}/{any}", payload="json_or_text", fields=FIELDS),
        ),
        models={"odd": ModelSpec(invert=("contact",), fields=(VALUE,))},
        burst=3_000_000,
        strangers=False,
    )
)
OTHER = compile_profile(
    Profile(name="q", topics=("{home}/q/{device}",), messages=(MessageShape(fields=FIELDS),))
)
CODES = (("0xa1", "contact", "open"), ("161", "tamper", "open"), ("b", "trigger", "pressed"))


def device(name: str, topic: str, **more: object) -> DeviceBinding:
    """A device of the first home, unless something else is said."""
    fields: dict[str, object] = {"home": "h1", "kind": DeviceKind.OTHER, "profile": "p", **more}
    return DeviceBinding(device=name, topic=topic, **fields)  # type: ignore[arg-type]


DIRECTORY = Directory(
    [
        device("hub", "h1/p/box", model="odd"),
        device("one", "h1/p/box", address="1", until=100),
        device("two", "h1/p/box", address="1", since=100, home="h2"),
        device("coded", "h1/p/box", address="0x2", codes=CODES, serial="m/1"),
        device("in", "h1/p/box", address="in", invert=("contact",)),
        device("far", "h1/p/far", kind=DeviceKind.PERSONAL_TRIGGER),
        device("before", "h1/p/moved", until=100),
        device("after", "h1/p/moved", since=100, profile="q"),
    ],
    {"p": PROFILE, "q": OTHER},
)

NAMES = st.sampled_from(["1", "2", "0x2", "0XA1", "161", "b", "in", "in:0", "far", "box", "\ud800"])
KEYS = st.sampled_from(
    ["state", "open", "v", "t", "in", "lat", "lon", "model", "action", "test", "id", "n", "time",
     "text", "each", "named", "old", "value"]
) | NAMES  # fmt: skip
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(width=64)
    | st.sampled_from(["sos", "true", "0x24", "-0x1", "1e999", "2.59", "²", '{"t": "1e400"}', ""])
    | NAMES
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=14,
)
OBJECTS = st.dictionaries(KEYS, JSON, max_size=7)
PAYLOADS = (
    OBJECTS.map(lambda data: json.dumps(data).encode())
    | JSON.map(lambda data: json.dumps(data).encode())
    | OBJECTS.map(lambda data: json.dumps(data)[:-1].encode())
    | st.sampled_from(
        [b"", b"sos", b"ON", b"0x24", b"1e999", b"NaN", b'{"id": 1, "id": 2}', b"\xff"]
    )
)
PLACES: tuple[tuple[str, Instant | None], ...] = (
    ("h1/p/box", 99),
    ("h1/p/box", 100),
    ("h1/p/box/about", None),
    ("h1/p/box/1/x", 0),
    ("h1/p/box/action", None),
    ("h1/p/far", None),
    ("h1/p/moved", 99),
    ("h1/p/moved", 2**62),
    ("h2/p/box", None),
    ("h1/p/new", None),
)
"""Where each of a thousand messages is said to come from, and when."""


def is_sound(found: Resolved) -> None:
    """Hold what was made of a message against what the engine relies on."""
    shares = (found, *found.more)
    owners = [(one.binding.home, one.binding.device) for one in shares if one.binding is not None]
    strangers = [one.stranger for one in shares if one.binding is None]
    assert len(owners) == len(set(owners))
    assert len(strangers) == len(set(strangers)) <= MAX_STRANGERS
    for one in shares:
        assert one.more == () or one is found
        assert one.decoded.error is None or one.decoded.error.startswith(("profile ", "no profile"))
        for reading in one.decoded.readings:
            assert accepted_value(reading.property, reading.value) == reading.value
            if one.binding is not None:
                assert reading.device == one.binding.device
        for name in (one.decoded.device, one.decoded.identity):
            assert name is None or len(name) <= MAX_NAME_CHARS
    msgspec.json.encode([(one.decoded, one.stranger) for one in shares])


@settings(
    max_examples=1_000,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(PAYLOADS)
def test_ten_thousand_messages_to_devices_of_every_sort(payload: bytes) -> None:
    """Nothing raises, no device is told twice, no word but ours, and the store can hold it."""
    assert DIRECTORY.conflicts == ()
    for topic, at in PLACES:
        is_sound(DIRECTORY.resolve(topic, payload, at))


def test_a_message_of_ten_thousand_parts_costs_a_bounded_number_of_devices() -> None:
    """A receiver gone mad, or somebody who tries: it is heard, and the rest goes on."""
    many = {f"x{number}": {"action": "sos", "n": number} for number in range(10_000)}
    found = DIRECTORY.resolve("h1/p/box", json.dumps({"named": many}).encode())
    is_sound(found)
    assert len(found.more) <= MAX_STRANGERS
    told = [reading for one in (found, *found.more) for reading in one.decoded.readings]
    assert len(told) == MAX_PARTS
    assert found.decoded.error is not None
    each = json.dumps({"each": [{"id": 1, "t": 5}] * 10_000}).encode()
    assert len(DIRECTORY.resolve("h1/p/box", each, 0).more) == 1


def test_deep_wide_and_doubled_json_is_no_obstacle() -> None:
    """The second of two equal keys counts, as JSON readers have it; depth and width are borne."""
    twice = DIRECTORY.resolve("h1/p/far", b'{"t": 5, "t": 7, "action": "dim", "action": "sos"}')
    assert [reading.value for reading in twice.decoded.readings] == [0.7000000000000001, "pressed"]
    for payload in (
        b'{"action": "sos", "x": ' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"action": "sos", "x": [' + b"1," * 100_000 + b"1]}",
        b'{"action": "sos", "x": 1e999}',
        b'{"action": "sos", "x": -Infinity}',
        json.dumps({"action": "sos", **{f"k{number}": 1 for number in range(20_000)}}).encode(),
    ):
        found = DIRECTORY.resolve("h1/p/far", payload)
        assert found.decoded.life_safety, payload[:40]
