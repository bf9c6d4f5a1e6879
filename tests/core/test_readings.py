"""Which values belong to the vocabulary, and which are an alarm by their words alone."""

import math

import pytest

from telecared.core.readings import Reading, accepted_value, is_life_safety
from telecared.core.vocabulary import PROPERTIES, Priority, Value


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("motion", "detected", "detected"),
        ("motion", "DETECTED", None),
        ("motion", True, None),
        ("motion", 1, None),
        ("motion", None, None),
        ("colour", "red", None),
        ("battery", "low", "low"),
        ("battery", 81, 81.0),
        ("battery", True, None),
        ("temperature", -3.5, -3.5),
        ("temperature", math.nan, None),
        ("temperature", math.inf, None),
        ("temperature", "warm", None),
        ("location", [51.5, -0.1], (51.5, -0.1)),
        ("location", (90, 180), (90.0, 180.0)),
        ("location", [91, 0], None),
        ("location", [0, 181], None),
        ("location", [0, math.nan], None),
        ("location", [True, 0], None),
        ("location", ["51", "0"], None),
        ("location", [51.5], None),
        ("location", "home", None),
        ("location", {"lat": 1}, None),
    ],
)
def test_a_value_is_a_word_of_its_property_or_a_finite_number(
    name: str, value: object, accepted: Value | None
) -> None:
    """A bool is never a number, a number never a word, and a place has two finite numbers."""
    assert accepted_value(name, value) == accepted


def test_every_number_becomes_one_kind_of_number() -> None:
    """81 and 81.0 are the same reading, and are stored the same."""
    assert isinstance(accepted_value("battery", 81), float)


def test_an_alarm_is_known_by_its_words_alone() -> None:
    """The path without rules reads nothing else."""
    assert is_life_safety(Reading("pendant", "trigger", "pressed"))
    assert is_life_safety(Reading("hall", "smoke", "alarm"))
    assert not is_life_safety(Reading("hall", "smoke", "clear"))
    assert not is_life_safety(Reading("tracker", "location", (51.5, -0.1)))


def test_every_word_that_means_something_is_a_word_of_its_property() -> None:
    """The table does not contradict itself."""
    for name, spec in PROPERTIES.items():
        assert spec.activity <= spec.values, name
        assert spec.alarm <= spec.values, name


def test_the_more_dangerous_comes_first() -> None:
    """And only the two most dangerous need a person to close them."""
    assert sorted(Priority, key=lambda one: one.rank) == list(Priority)
    closed = [one for one in Priority if one.closed_only_by_a_person]
    assert closed == [Priority.LIFE_SAFETY, Priority.URGENT]
