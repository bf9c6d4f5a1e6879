"""Fields that hold a list of words, models that read bare values, and how close a pattern is."""

import pytest

from telecared.core.decode import CompiledProfile, compile_profile, decode
from telecared.core.directory import Directory
from telecared.core.profiles import DeviceBinding, FieldMap, MessageShape, ModelSpec, Profile
from telecared.core.topics import TopicPattern
from telecared.core.vocabulary import DeviceKind, Value

BUTTONS = FieldMap(property="trigger", paths=(("button",),), words=(("1", "pressed"),))
DOORS = FieldMap(property="contact", paths=(("door",),), words=(("1", "open"), ("0", "closed")))
WARMTH = FieldMap(property="temperature", number=True, kinds=(DeviceKind.TEMPERATURE_SENSOR,))
DAMP = FieldMap(property="humidity", paths=(("value",),), number=True)
LINK = FieldMap(property="link", words=(("on", "online"),), kinds=(DeviceKind.ALARM_UNIT,))


def _profile(name: str = "p", topic: str = "p/{device}") -> CompiledProfile:
    message = MessageShape(payload="json_or_text", fields=(BUTTONS, DOORS), text=(WARMTH, LINK))
    models = {"damp": ModelSpec(fields=(DAMP,)), "plain": ModelSpec()}
    return compile_profile(Profile(name=name, topics=(topic,), messages=(message,), models=models))


@pytest.mark.parametrize(
    ("payload", "told", "complains"),
    [
        (b'{"button": [0, 0, 1]}', [("trigger", "pressed")], False),
        (b'{"button": [0, 7]}', [], True),
        (b'{"button": [[1]]}', [], False),
        (b'{"button": []}', [], False),
        (b'{"door": [0, 1, 0]}', [("contact", "open")], False),
        (b'{"door": ["?", 0]}', [("contact", "closed")], False),
        (b'{"door": [0, "?", null]}', [("contact", "closed")], False),
    ],
)
def test_of_a_list_of_words_the_one_that_must_not_be_missed_counts(
    payload: bytes, told: list[tuple[str, Value]], complains: bool
) -> None:
    """A remote has several buttons, a gate several contacts; what is not known hides nothing."""
    decoded = decode(_profile(), "p/remote", payload)
    assert [(one.property, one.value) for one in decoded.readings] == told
    assert (decoded.error is not None) is complains


@pytest.mark.parametrize(
    ("model", "told"),
    [(None, ["temperature"]), ("plain", ["temperature"]), ("DAMP", ["humidity"])],
)
def test_a_model_says_which_number_a_bare_value_is(model: str | None, told: list[str]) -> None:
    """Its own number stands in the place of those that the kind would read."""
    device = DeviceBinding(
        "larch-12", "air", DeviceKind.TEMPERATURE_SENSOR, "p", "p/air", model=model
    )
    decoded = decode(_profile(), "p/air", b"55", device)
    assert [one.property for one in decoded.readings] == told


def test_a_bare_value_for_other_kinds_is_nothing_and_half_an_object_is_an_error() -> None:
    """What only another kind could tell is no mistake of the device."""
    assert decode(_profile(), "p/air", b"on").error is None
    assert decode(_profile(), "p/air", b'{"button": ').error is not None


def test_the_pattern_that_names_most_of_a_topic_is_asked_first() -> None:
    """Of two profiles that make as much of a message, the closer one has it."""
    near, far = _profile("z", "home/lounge/{device}"), _profile("a", "home/{any}/{device}")
    directory = Directory((), {"z": near, "a": far})
    assert directory.guess("home/lounge/remote", b'{"door": 1}').profile == "z"
    assert directory.guess("home/kitchen/remote", b'{"door": 1}').profile == "a"
    assert near.closeness("home/kitchen/remote") == 0


def test_a_pattern_without_any_literal_text_is_none() -> None:
    """It would fit the topics of every other profile."""
    assert TopicPattern("{scheme}/{home}/{device+}").literal == 0
    assert not _profile(topic="{scheme}/{device}").matches("northside/remote")
