"""Rules held against each other: shadows, duplicates, disagreements, and what implies what."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from telecared.config.implied import covers, implies, open_minutes
from telecared.config.rulepairs import doubts_of_rules
from telecared.core.plan import Rule
from telecared.core.vocabulary import HOUR, MINUTE
from telecared.core.when import (
    EVERY_DAY,
    DateRange,
    HeldFor,
    Holidays,
    ReadingIs,
    Window,
)
from tests.config.support import rules_of

Rules = Callable[[str], list[Rule]]


@pytest.fixture
def rules(tmp_path: Path) -> Rules:
    """Read rules as they stand in a file; they must have no errors."""

    def read(text: str) -> list[Rule]:
        found = rules_of(tmp_path, f"rules:\n{text}")
        assert found.problems == []
        return [source.rule for source in found.rules.values()]

    return read


def pairs(found: list[Rule]) -> list[tuple[str, str]]:
    """Which rule is doubted, and the code."""
    return [(rule.name, doubt.code) for rule, doubt in doubts_of_rules(found)]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("property: contact, is: open", "property: contact, is: open", [("b", "duplicate-rule")]),
        (
            "property: contact, is: open",
            "property: contact, is: open, for: 10m",
            [("b", "shadowed-rule")],
        ),
        (
            "property: contact, is: open, for: 10m, at: hall, between: '23:00-02:00'",
            "property: contact, is: open, for: 5m, at: [hall, attic], between: '22:00-06:00'",
            [("a", "shadowed-rule")],
        ),
        (
            "property: fall, is: [detected, suspected]",
            "property: fall, is: detected, at: hall",
            [("b", "shadowed-rule")],
        ),
        ("property: temperature, below: 16", "property: temperature, below: 12, for: 1h",
         [("b", "shadowed-rule")]),
        ("property: temperature, above: 28, clear_below: 26", ("property: temperature, above: 30,"
         " clear_below: 27"), [("b", "shadowed-rule")]),
        ("silent: [alarm_unit, tracker], for: 45m", "silent: alarm_unit, every: 1h, misses: 2",
         [("b", "shadowed-rule")]),
        ("inactive_for: 4h, of: motion", "inactive_for: 6h, of: [motion, contact]",
         [("b", "shadowed-rule")]),
        ("none_of: {property: motion}, from: '06:00', by: '10:00'",
         "none_of: [{property: motion}, {property: contact}], from: '05:00', by: '11:00'",
         [("b", "shadowed-rule")]),
        ("count: {property: motion}, at_least: 5, within: 6h",
         "count: {property: motion, at: bathroom}, at_least: 8, within: 5h",
         [("b", "shadowed-rule")]),
        ("property: contact, is: open", ("all: [{property: contact, is: open}, {property: mains,"
         " is: lost}]"), [("b", "shadowed-rule")]),
        ("any: [{property: contact, is: open}, {property: mains, is: lost}]",
         "any: [{property: contact, is: open, for: 5m}, {property: mains, is: lost, for: 5m}]",
         [("b", "shadowed-rule")]),
        # What adds something, or is somewhere else.
        ("property: contact, is: open, between: '22:00-06:00'", ("property: contact, is: open,"
         " for: 10m"), []),
        ("property: contact, is: open, at: hall", "property: contact, is: open, for: 10m", []),
        ("property: contact, is: open", ("property: contact, is: open, without: {property: motion},"
         " within: 10m"), []),
        ("property: seizure, is: detected", ("property: seizure, is: detected, then: {property:"
         " occupancy, is: vacant}, within: 10m"), []),
        ("property: temperature, below: 16, for: 2h", "property: temperature, below: 12", []),
        ("property: temperature, above: 28", "property: temperature, below: 12", []),
        ("property: temperature, above: 28", "property: humidity, above: 80", []),
        ("property: temperature, falls_by: 5, within: 1h", ("property: temperature, falls_by: 6,"
         " within: 1h"), []),
        ("inactive_for: 4h, of: [motion, contact]", "inactive_for: 6h, of: motion", []),
        ("count: {property: motion}, at_least: 5, within: 6h", "property: motion, is: detected",
         []),
    ],
)  # fmt: skip
def test_a_rule_that_adds_nothing_to_another_is_told(
    rules: Rules, first: str, second: str, expected: list[tuple[str, str]]
) -> None:
    """Whoever is told twice of one thing stops to read."""
    assert pairs(rules(f"  a: {{when: {{{first}}}}}\n  b: {{when: {{{second}}}}}\n")) == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("", "priority: life_safety", []),
        ("priority: life_safety", "", [("b", "shadowed-rule")]),
        ("", "mode: watch", []),
        ("", "policy: technical", []),
        ("applies_to: {tags: dementia}", "", []),
        ("", "applies_to: {tags: dementia}", [("b", "shadowed-rule")]),
        (
            "applies_to: {tags: [dementia, frail]}",
            "applies_to: {tags: dementia, schemes: northside}",
            [("b", "shadowed-rule")],
        ),
        ("unless: away", "", []),
        ("cooldown: 1h", "", []),
        ("priority: routine, max_per_day: 1", "priority: routine", []),
        ("values: [{tags: frail, mode: watch}]", "", []),
    ],
)
def test_a_shadow_falls_only_on_the_same_people_and_homes(
    rules: Rules, first: str, second: str, expected: list[tuple[str, str]]
) -> None:
    """A longer wait with a higher priority or another policy is an escalation, not a slip."""
    found = rules(
        f"  a: {{when: {{property: contact, is: open}}, {first}}}\n"
        f"  b: {{when: {{property: contact, is: open, for: 10m}}, {second}}}\n"
    )

    assert pairs(found) == expected


def test_two_rules_that_disagree_about_the_same_are_told_once(rules: Rules) -> None:
    """The one that says less is named, wherever it stands."""
    found = rules(
        "  a: {when: {property: contact, is: open}, priority: routine}\n"
        "  b: {when: {property: contact, is: open}}\n"
    )

    ((rule, doubt),) = doubts_of_rules(found)

    assert (rule.name, doubt.code, doubt.path) == ("a", "rules-disagree", ("priority",))
    assert "a and b wait for the same and disagree how bad it is: routine and urgent" in (
        doubt.message
    )


def test_a_rule_that_never_fires_shadows_nothing(rules: Rules) -> None:
    """It is told of itself; whoever mends it hears of the rest."""
    found = rules(
        "  a: {when: {property: contact, is: open, for: 9h, between: '22:00-06:00'}}\n"
        "  b: {when: {property: contact, is: open, for: 9h, between: '22:00-06:00'}}\n"
    )

    assert pairs(found) == []


def test_windows_with_dates_or_holidays_cover_only_themselves() -> None:
    """What cannot be shown is not claimed."""
    night = Window(start=22 * 60, end=6 * 60)
    dated = replace(night, dates=(DateRange("12-24", "01-02"),))
    free = replace(night, holidays=Holidays.TOO, days=())

    assert covers((dated,), (dated,))
    assert covers((), (dated,))
    assert not covers((night,), (dated,))
    assert not covers((free,), (night,))
    assert sum(open_minutes((free,))) == len(EVERY_DAY) * 8 * 60


ACTS = st.builds(
    ReadingIs,
    property=st.just("contact"),
    values=st.sampled_from([("open",), ("closed",), ("open", "closed")]),
    at=st.sampled_from([(), ("hall",), ("hall", "attic")]),
)
HELD = st.builds(
    HeldFor,
    property=st.just("contact"),
    values=st.sampled_from([("open",), ("open", "closed")]),
    duration=st.sampled_from([MINUTE, HOUR]),
    at=st.sampled_from([(), ("hall",)]),
)


@given(st.lists(ACTS | HELD, min_size=3, max_size=3))
def test_implication_is_reflexive_and_transitive(three: list[ReadingIs | HeldFor]) -> None:
    """What follows from what follows, follows; anything follows from itself."""
    first, second, third = three

    assert implies(first, first)
    if implies(first, second) and implies(second, third):
        assert implies(first, third)
