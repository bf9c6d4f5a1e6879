"""Rules that can never fire, that always do, that shadow or contradict each other."""

from collections.abc import Callable
from pathlib import Path

import pytest

from telecared.config.lint import Doubt, doubts_of_rule, never_fires
from telecared.config.load import LoadedPlan
from telecared.config.policycheck import doubts_of_cancelling, doubts_of_policies, time_to_centre
from telecared.config.rulepairs import doubts_of_rules
from telecared.core.plan import Plan, Rule
from telecared.core.policy import MONITORING_CENTRE, Policy, Step
from telecared.core.vocabulary import HOUR, MINUTE, Priority
from telecared.core.when import (
    Count,
    ReadingIs,
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


def codes(rule: Rule) -> list[tuple[str, str]]:
    """How bad and which code, of the doubts about a rule."""
    return [(doubt.level, doubt.code) for doubt in doubts_of_rule(rule)]


NEVER = [("error", "never-fires")]


@pytest.mark.parametrize(
    "when",
    [
        '{property: contact, is: open, for: 9h, between: "22:00-06:00"}',
        "{inactive_for: 9h, of: motion, at: hall, never: [hall, attic]}",
        '{inactive_for: 9h, of: motion, between: "22:00-06:00"}',
        '{property: temperature, below: 16, for: 9h, between: "22:00-06:00"}',
        (
            "{all: [{property: occupancy, is: vacant}, {property: contact, is: open}], for: 9h,"
            ' between: "22:00-06:00"}'
        ),
        "{count: {property: motion, apart: 1h}, at_least: 8, within: 6h}",
        (
            "{all: [{property: contact, is: open, at: hall}, {property: contact, is: closed,"
            " at: hall}]}"
        ),
        (
            "{all: [{property: temperature, above: 20, at: hall},"
            " {property: temperature, below: 18, at: hall}]}"
        ),
        (
            "{all: [{property: temperature, below: 18, at: hall},"
            " {property: temperature, above: 18, at: hall}]}"
        ),
        "{all: [{property: contact, is: open}, {not: {property: contact, is: open}}]}",
        (
            "{all: [{not: {property: contact, is: [open, closed]}}, {property: contact, is: open,"
            " for: 5m}]}"
        ),
        (
            "{all: [{property: contact, is: open, at: hall}, {all: [{property: contact, is: closed,"
            " at: hall}, {property: mains, is: lost}]}]}"
        ),
        (
            '{all: [{property: contact, is: open, for: 5m, between: "08:00-10:00"},'
            ' {property: mains, is: lost, for: 5m, between: "20:00-22:00"}]}'
        ),
        "{property: battery, below: 0}",
        "{property: humidity, above: 100}",
        "{property: humidity, rises_by: 101, within: 1h}",
    ],
)
def test_a_rule_that_can_never_fire_is_an_error(rules: Rules, when: str) -> None:
    """Somebody believes that it protects a person, and it never will."""
    (rule,) = rules(f"  r: {{when: {when}}}\n")

    assert codes(rule) == NEVER
    assert never_fires(rule)


@pytest.mark.parametrize(
    "when",
    [
        '{property: contact, is: open, for: 8h, between: "22:00-06:00"}',
        '{inactive_for: 30h, of: motion, between: "Sat-Sun"}',
        "{count: {property: motion, apart: 1h}, at_least: 7, within: 6h}",
        (
            "{all: [{property: contact, is: open, at: hall}, {property: contact, is: closed,"
            " at: attic}]}"
        ),
        (
            "{all: [{property: temperature, above: 18, at: hall},"
            " {property: temperature, below: 20, at: hall}]}"
        ),
        (
            "{all: [{property: temperature, above: 20, clear_below: 15, at: hall},"
            " {property: temperature, below: 18, at: hall}]}"
        ),
        (
            "{all: [{property: contact, is: open, for: 5m}, {not: {property: contact, is: open,"
            " for: 10m}}]}"
        ),
        "{all: [{not: {property: contact, is: open}}, {not: {property: mains, is: lost}}]}",
        "{all: [{property: mains, is: lost}, {property: mains, is: lost, for: 5m}]}",
        (
            '{all: [{property: contact, is: open, for: 5m, between: "08:00-10:00"},'
            ' {property: mains, is: lost, for: 5m, between: "09:00-22:00"}]}'
        ),
        (
            "{any: [{property: contact, is: open, at: hall}, {property: contact, is: closed,"
            " at: hall}]}"
        ),
        "{property: battery, below: 15}",
        "{property: humidity, falls_by: 20, within: 1h}",
        "{property: temperature, rises_by: 10, within: 1h}",
        "{property: location, outside: {centre: [51.5, -0.1], radius: 300}, for: 5m}",
        "{property: seizure, is: detected, then: {property: occupancy, is: vacant}, within: 15m}",
        "{property: contact, is: open, without: {property: motion}, within: 10m}",
        '{none_of: {property: motion, between: "06:00-09:00"}, from: "05:00", by: "11:00"}',
        "{silent: alarm_unit, every: 15m, misses: 3}",
    ],
)
def test_a_sound_rule_is_left_alone(rules: Rules, when: str) -> None:
    """A linter that cries wolf is turned off."""
    (rule,) = rules(f"  r: {{when: {when}}}\n")

    assert codes(rule) == []


def test_the_sentence_says_why_and_what_to_write(rules: Rules) -> None:
    """The doubt points at the part of the condition that it is about."""
    (rule,) = rules(
        "  r: {when: {any: [{property: mains, is: lost},"
        " {property: contact, is: open, for: 2h, between: '22:00-23:00'}]}}\n"
    )

    (doubt,) = doubts_of_rule(rule)

    assert doubt == Doubt(
        ("when", "any", 1),
        "never-fires",
        "a part of r can never hold: it waits 2h and 22:00-23:00 is open for 1h at most; write a"
        " shorter duration or a longer window",
    )


def test_days_that_never_meet_their_dates_open_nothing(rules: Rules) -> None:
    """Christmas Day of 2026 is a Friday."""
    never, friday, yearly, holiday = rules(
        "  a: {when: {property: contact, is: open}, days: Mon, dates: ['2026-12-25']}\n"
        "  b: {when: {property: contact, is: open}, days: Fri, dates: ['2026-12-25']}\n"
        "  c: {when: {property: contact, is: open}, days: Mon, dates: ['12-25']}\n"
        "  d: {when: {property: contact, is: open}, days: 'Mon, holidays', dates: ['2026-12-25']}\n"
    )

    assert codes(never) == NEVER
    assert codes(friday) == codes(yearly) == codes(holiday) == []


@pytest.mark.parametrize(
    ("when", "code"),
    [
        ('{none_of: {property: motion}, from: "05:00", by: "05:00"}', "whole-day"),
        (
            '{none_of: {property: motion, between: "12:00-14:00"}, from: "05:00", by: "11:00"}',
            "never-answered",
        ),
        (
            "{property: contact, is: open, without: {property: contact}, within: 5m}",
            "answers-itself",
        ),
        ("{property: contact, is: open, without: {property: motion}, within: 8d}", "long-within"),
        (
            "{property: contact, is: open, then: {property: motion}, within: 8d}",
            "long-within",
        ),
        ("{count: {property: motion}, at_least: 2, within: 8d}", "long-within"),
        ("{property: temperature, falls_by: 5, within: 8d}", "long-within"),
        ("{property: battery, above: -1}", "always-holds"),
        ("{property: humidity, below: 101}", "always-holds"),
        (
            "{all: [{property: contact, is: open}, {property: contact, is: closed}]}",
            "contradiction",
        ),
        (
            (
                "{all: [{property: contact, is: open, at: door_sensor},"
                " {property: contact, is: closed, at: door_sensor}]}"
            ),
            "contradiction",
        ),
    ],
)
def test_what_is_probably_not_meant_is_a_warning(rules: Rules, when: str, code: str) -> None:
    """It may be right, and somebody should look."""
    (rule,) = rules(f"  r: {{when: {when}}}\n")

    assert codes(rule) == [("warning", code)]
    assert not never_fires(rule)


def test_more_acts_than_are_remembered_are_never_counted() -> None:
    """A rule that a program made may ask for more than a file can."""
    act = ReadingIs(property="motion", values=("detected",))
    rule = Rule(name="r", when=Count(of=act, at_least=1000, within=HOUR))

    assert codes(rule) == NEVER


@pytest.mark.parametrize(
    ("rest", "found"),
    [
        ("{when: {property: contact, is: open}, clear: {property: contact, is: open}}", True),
        (
            (
                "{when: {property: contact, is: open, for: 5m, at: hall},"
                " clear: {property: contact, is: [open, closed], at: [hall, attic]}}"
            ),
            True,
        ),
        ("{when: {property: contact, is: open}, clear: {property: contact, is: closed}}", False),
        (
            (
                "{when: {property: contact, is: open, at: hall},"
                " clear: {property: contact, is: open, at: attic}}"
            ),
            False,
        ),
        (
            "{when: {inactive_for: 4h, of: motion}, clear: {property: motion, is: detected}}",
            False,
        ),
    ],
)
def test_a_finding_does_not_end_by_what_began_it(rules: Rules, rest: str, found: bool) -> None:
    """`clear` names another reading than the condition."""
    (rule,) = rules(f"  r: {rest}\n")

    assert codes(rule) == ([("warning", "clear-is-condition")] if found else [])


@pytest.mark.parametrize(
    ("when", "found"),
    [
        ("{silent: fall_detector, for: 1h}", True),
        ("{any: [{silent: fall_detector, for: 1h}, {property: contact, is: open}]}", True),
        ("{all: [{silent: fall_detector, for: 1h}, {property: contact, is: open}]}", False),
        ("{inactive_for: 4h, of: motion}", False),
    ],
)
def test_life_safety_does_not_rest_on_silence(rules: Rules, when: str, found: bool) -> None:
    """A flat battery is no fall."""
    (rule,) = rules(f"  r: {{when: {when}, priority: life_safety}}\n")

    assert (("warning", "life-safety-on-silence") in codes(rule)) is found


# --- policies ---------------------------------------------------------------------------------


def plan_with(rule: Rule, *waits: int) -> Plan:
    """A plan with one rule and one policy, which is the default."""
    steps = tuple(Step(notify=("carer",), wait=wait * MINUTE) for wait in waits)
    policy = Policy(name="slow", steps=(*steps, Step(notify=(MONITORING_CENTRE,))))
    return Plan(rules=(rule,), policies=(policy,), default_policy="slow")


def test_a_policy_that_takes_long_is_no_policy_for_life_safety(rules: Rules) -> None:
    """Twenty minutes of waits before anybody at the centre hears of a fall are too many."""
    fall, door, doubtful = rules(
        "  fall: {when: {property: fall, is: detected}, priority: life_safety}\n"
        "  door: {when: {property: contact, is: open}}\n"
        "  maybe: {when: {property: fall, is: suspected},"
        " confirm: {none_of: {property: motion}, within: 90s}}\n"
    )

    assert time_to_centre(plan_with(fall, 10, 10).policies[0]) == 20 * MINUTE
    ((policy, doubt),) = doubts_of_policies(plan_with(fall, 10, 10))
    assert (policy.name, doubt.code) == ("slow", "slow-policy")
    assert "reaches the monitoring centre after 20m" in doubt.message
    assert list(doubts_of_policies(plan_with(fall, 10, 5))) == []
    assert list(doubts_of_policies(plan_with(door, 10, 10))) == []
    assert len(list(doubts_of_policies(plan_with(doubtful, 10, 10)))) == 1


def test_nobody_gets_longer_to_cancel_than_help_takes_to_come(rules: Rules) -> None:
    """Life safety is told at once whatever it says, so that it is left alone."""
    (door,) = rules("  door: {when: {property: contact, is: open}, cancel_within: 20m}\n")
    (fall,) = rules(
        "  fall: {when: {property: fall, is: detected}, priority: life_safety,"
        " cancel_within: 20m}\n"
    )

    ((rule, doubt),) = doubts_of_cancelling(plan_with(door, 10))
    assert (rule.name, doubt.code, doubt.path) == ("door", "long-cancel", ("cancel_within",))
    assert list(doubts_of_cancelling(plan_with(door, 10, 10))) == []
    assert list(doubts_of_cancelling(plan_with(fall, 10))) == []
    assert list(doubts_of_cancelling(Plan(rules=(door,), default_policy="none"))) == []


# --- what ships -------------------------------------------------------------------------------


def test_the_packs_that_ship_are_sound(shipped: LoadedPlan) -> None:
    """No doubt of any kind about our own rules and policies."""
    plan = shipped.plan

    assert [doubt for rule in plan.rules for doubt in doubts_of_rule(rule)] == []
    assert list(doubts_of_rules(plan.rules)) == []
    assert list(doubts_of_policies(plan)) == []
    assert list(doubts_of_cancelling(plan)) == []
    assert any(rule.priority is Priority.LIFE_SAFETY for rule in plan.rules)
