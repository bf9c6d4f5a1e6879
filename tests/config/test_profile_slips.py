"""Slips in a profile file: each is refused at its own line and column, with what to write."""

import pytest

from telecared.config.profiles import read_profile
from telecared.errors import ConfigError

READING = "profile: p\nreadings:\n- {from: a, property: contact, on: open, %s}\n"
PLAIN = "profile: p\nreadings:\n- {property: %s}\n"
SECTION = "profile: p\nsections:\n- {readings: [], %s}\n"
TOP = "profile: p\n%s\n"
BELOW = "profile: p\nbelow:\n  %s: {payload: text}\n"
MODEL = "profile: p\nmodels:\n  M1: {%s}\n"


def told(text: str) -> list[str]:
    """The sentences with which a profile is refused."""
    with pytest.raises(ConfigError) as caught:
        read_profile(text, "p.yaml")
    return caught.value.problems


@pytest.mark.parametrize(
    ("form", "slip", "place", "says"),
    [
        (READING, "bit: -1", "3:47", "greater than or equal to 0"),
        (READING, "bit: 64", "3:47", "less than or equal to 63"),
        (READING, "bit: two", "3:47", "whole number"),
        (READING, "bit: 1, threshold: 2", "3:3", "remove one of them"),
        (READING, "threshold: high", "3:53", "a number"),
        (READING, "pair: [lat, lon]", "3:3", "a pair is a place"),
        (READING, "pair: [lat]", "3:48", "two values"),
        (READING, "where: model", "3:49", "keys of its own"),
        (READING, "where: {model: {a: 1}}", "3:57", ""),
        (READING, "unless: [x]", "3:50", "keys of its own"),
        (READING, "unles: {x: y}", "3:42", 'did you mean "unless"'),
        (READING, "kinds: [door]", "3:50", "not a word that is known here"),
        (READING, "except_kinds: all", "3:56", "must be a list"),
        (READING, "between: [1, 2, 3]", "3:51", "two values"),
        (READING, "number: true", "3:3", "is no number"),
        (READING, "values: {yes: ajar}", "3:3", "is not a word of"),
        (READING, "value: ajar", "3:3", "is not a word of"),
        (READING, "clears_after: 0s", "3:56", ""),
        (READING, "burst: soon", "3:49", ""),
        (READING, "unknown: skip", "3:51", "not a word that is known here"),
        (READING, "history: perhaps", "3:51", "true or false"),
        (READING, "off: shut", "3:3", "is not a word of"),
        (PLAIN, "contact, bit: 2, from: a", "3:3", "tells nothing by itself"),
        (PLAIN, "battery, threshold: 2, from: a", "3:3", "tells nothing by itself"),
        (PLAIN, "trigger, value: pressed, invert: true", "3:3", "cannot be inverted"),
        (PLAIN, "location, pair: [a, b], number: true", "3:3", "is no number"),
        (SECTION, "each: a, keys: b", "3:3", "has both each and keys"),
        (SECTION, "match: x", "3:3", "says of no part"),
        (SECTION, "each: a, address: ''", "3:36", "an address is empty"),
        (SECTION, "each: a, address: [id, '{id']", "3:36", "a brace that holds no field"),
        (SECTION, "each: a, time: {from: t, format: [iso]}", "3:52", "not a word that is known"),
        (SECTION, "each: a, time: {from: t}", "3:27", '"format" is missing'),
        (SECTION, "each: a, fill_in: true", "3:27", 'did you mean "fills_in"'),
        (SECTION, "each: a, named_only: 7", "3:39", "true or false"),
        (SECTION, "each: a, acts: [n]", "3:33", "single text"),
        (TOP, "address: '{}'", "2:10", "a brace that holds no field"),
        (TOP, "identity: [a, 'b}']", "2:11", "a brace that holds no field"),
        (TOP, "speaks_of: [a]", "2:12", "single text"),
        (TOP, "named_only: maybe", "2:13", "true or false"),
        (TOP, "unpack: [a]", "2:9", "keys of its own"),
        (TOP, "unpack: {a: [b]}", "2:13", "single text"),
        (TOP, "aliases: {a: {b: c}}", "2:14", "single text"),
        (TOP, "strangers: ignore", "2:12", "not a word that is known here"),
        (TOP, "burst: -3s", "2:8", ""),
        (TOP, "topics: [a/+/b]", "2:10", "an MQTT wildcard"),
        (TOP, "ignored: ['a/{b']", "2:11", "a brace that is no capture"),
        (TOP, "attributes: 2", "2:13", "true or false"),
        (TOP, "sequence: 4", "2:11", "must be text"),
        (BELOW, "'{addres}/x'", "3:3", "cannot be matched"),
        (BELOW, "'{address}/{address}'", "3:3", "twice"),
        (BELOW, "a/b/c/d/e/f/g/h/i", "3:3", "more than 8 levels"),
        (MODEL, "invert: [trigger]", "3:17", "cannot be inverted"),
        (MODEL, "kind: door", "3:14", "not a word that is known here"),
        (MODEL, "reading: []", "3:8", 'did you mean "readings"'),
        (MODEL, "readings: [{from: a, property: contact}]", "3:19", "tells nothing"),
    ],
)  # fmt: skip
def test_a_slip_is_told_at_its_place(form: str, slip: str, place: str, says: str) -> None:
    """One slip, one sentence or more of which the first names line and column."""
    found = told(form % slip)
    assert found[0].startswith(f"p.yaml:{place}: "), found
    assert says in found[0], found
    assert all(each.startswith("p.yaml:") for each in found)


def test_a_profile_without_a_usable_name_is_refused() -> None:
    """The name is what homes write."""
    assert told("topics: []\n")[0] == 'p.yaml:1:1: "profile" is missing; add it'
    assert told("profile: My Maker\n")[0].startswith("p.yaml:1:10: ")
