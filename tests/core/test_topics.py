"""Topic patterns of profiles: what they capture, and which are refused with a sentence."""

import pytest

from telecared.core.topics import MAX_GUESSED_TOPIC_CHARS, TopicPattern


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a/{device}/{device}", "captures one name twice"),
        ("a/{devic e}", "a brace that is no capture"),
        ("a/#", "an MQTT wildcard"),
    ],
)
def test_a_pattern_that_makes_no_sense_is_refused(text: str, says: str) -> None:
    """A profile is read by people, who are told what to write instead."""
    with pytest.raises(ValueError, match=says):
        TopicPattern(text)


def test_a_topic_that_is_too_long_fits_no_pattern() -> None:
    """What no broker should hand over is not searched."""
    pattern = TopicPattern("{device+}")
    assert pattern.match("a" * MAX_GUESSED_TOPIC_CHARS) is not None
    assert pattern.match("a" * (MAX_GUESSED_TOPIC_CHARS + 1)) is None
