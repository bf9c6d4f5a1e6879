"""The keys of a rule beside its condition: what holds it back, how it repeats, when it sleeps."""

from pathlib import Path

import pytest

from telecared.config.conditions import OF_THE_RULE, keys_of
from telecared.config.rules import RuleBody
from telecared.core import plan, when
from telecared.core.vocabulary import HOUR, SECOND, Priority
from tests.config.support import plain, rules_of


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (
            "{when: {property: fall, is: detected}, unless: asleep}",
            ('a.yaml:2:53: "asleep" holds nothing back; known here: away, maintenance, visitor'),
        ),
        (
            "{when: {property: fall, is: detected}, unless: [awya, {}]}",
            'a.yaml:2:53: "awya" holds nothing back; did you mean "away"?',
        ),
        (
            "{when: {property: fall, is: detected}, priority: life_safety, unless: away}",
            (
                "a.yaml:2:68: life safety is never held back; remove unless, or choose another"
                " priority"
            ),
        ),
        (
            "{when: {property: fall, is: detected}, priority: life_safety, max_per_day: 3}",
            (
                "a.yaml:2:68: life safety is never capped; remove max_per_day, or choose another"
                " priority"
            ),
        ),
        (
            "{when: {property: fall, is: detected}, max_per_day: 3}",
            ("a.yaml:2:45: only routine alerts are capped; remove it, or write: priority: routine"),
        ),
        (
            "{when: {property: fall, is: detected}, priority: routine, max_per_day: '3'}",
            "a.yaml:2:77: must be a whole number, 1 to 100; write it without quotes",
        ),
        (
            "{when: {property: fall, is: detected}, priority: routine, max_per_day: 0}",
            "a.yaml:2:77: must be a whole number, 1 to 100; write it without quotes",
        ),
        (
            "{when: {property: fall, is: detected}, split_after: 2}",
            "a.yaml:2:58: '2' has no unit; write 2s for seconds or 2m for minutes",
        ),
        (
            "{when: {property: fall, is: detected}, cancel_within: soon}",
            "a.yaml:2:60: not a duration: 'soon'; write 90s, 15m, 12h or 1h30m",
        ),
        (
            "{when: {property: fall, is: detected}, days: Caturday}",
            (
                "a.yaml:2:51: not days: 'Caturday'; write Mon-Fri, [Sat, Sun], 'Sat-Sun, holidays'"
                " or 'Mon-Fri, not holidays'"
            ),
        ),
        (
            "{when: {property: fall, is: detected}, dates: tomorrow}",
            (
                "a.yaml:2:52: not a date: 'tomorrow'; write 12-24..01-02 for every year, or"
                " 2026-12-25 for once"
            ),
        ),
        (
            "{when: {silent: alarm_unit, for: 45m}, days: Mon}",
            (
                "a.yaml:2:45: nothing opens and closes with the days of a condition with silent: a"
                " device speaks on every day; remove this"
            ),
        ),
        (
            "{when: {silent: alarm_unit, for: 45m}, dates: 12-25}",
            (
                "a.yaml:2:45: nothing opens and closes with the days of a condition with silent: a"
                " device speaks on every day; remove this"
            ),
        ),
        (
            "{when: {property: fall, is: detected, between: Sat}, days: Mon}",
            (
                "a.yaml:2:59: the hours 'Sat' name days already; name the days there or in days,"
                " not in both"
            ),
        ),
        (
            "{when: {property: fall, is: detected}, confirm: 90s}",
            (
                "a.yaml:2:54: confirm has keys of its own; write confirm: {none_of: {property:"
                " motion}, within: 90s}"
            ),
        ),
        (
            "{when: {property: fall, is: detected}, confirm: {within: 90s}}",
            (
                "a.yaml:2:45: no second sensor is named; write confirm: {none_of: {property:"
                " motion}, within: 90s}, or any_of"
            ),
        ),
        (
            "{when: {property: fall, is: detected}, confirm: {none_of: {property: motion}}}",
            'a.yaml:2:54: "within" is missing; add it',
        ),
        (
            "{when: {property: fall, is: detected}, confirm: {nun_of: {property: motion}}}",
            'a.yaml:2:55: "nun_of" is not known here; did you mean "none_of"?',
        ),
        (
            (
                "{when: {property: fall, is: detected}, confirm: {any_of: {property: motion, is:"
                " x},"
                " within: 90s}}"
            ),
            'a.yaml:2:86: "x" is no value of motion; write one of: clear, detected',
        ),
        (
            (
                "{when: {property: fall, is: detected}, confirm: {any_of: {property: motion},"
                " within: 90s, priority: routine}}"
            ),
            (
                "a.yaml:2:106: confirm raises the priority, and routine is less than urgent; write"
                " a higher one"
            ),
        ),
        (
            "{when: {property: fall, is: detected}, applies_to: {tag: dementia}}",
            'a.yaml:2:58: "tag" is not known here; did you mean "tags"?',
        ),
    ],
)
def test_a_slip_in_a_key_is_told_with_its_place(tmp_path: Path, rule: str, expected: str) -> None:
    """Every sentence names line, column and what to write instead."""
    found = rules_of(tmp_path, f"rules:\n  x: {rule}\n")
    assert found.rules == {}
    assert expected in plain(tmp_path, found.problems)


def test_a_key_on_the_wrong_side_of_when_is_sent_to_the_other(tmp_path: Path) -> None:
    """`between` belongs to the condition, `unless` to the rule: the sentence says where to."""
    text = (
        "rules:\n  x: {when: {property: fall, is: suspected, unless: away}, between: Mon}\n"
        "  y: {when: {unless: away}}\n"
    )
    beside = "belongs to the rule; write it beside when, not in it"
    assert plain(tmp_path, rules_of(tmp_path, text).problems) == [
        f'a.yaml:2:45: "unless" {beside}',
        'a.yaml:2:60: "between" belongs to the condition; write it inside when: {...}',
        f'a.yaml:3:14: "unless" {beside}',
    ]
    assert frozenset(keys_of(RuleBody)) - {"when", "replaces"} == OF_THE_RULE


def warnings_of(folder: Path, rule: str) -> list[tuple[int, int, str]]:
    """Where the warnings of a rule stand, and what they are called."""
    found = rules_of(folder, f"rules:\n  x: {rule}\n")
    assert found.problems == []
    return [(each.line, each.col, each.code) for each in found.warnings]


def test_an_alarm_that_sleeps_is_said_aloud(tmp_path: Path) -> None:
    """A fall at noon is as dangerous as at night; leaving the house is not."""
    rule = '{{when: {{{}, between: "22:00-06:00"}}, priority: life_safety}}'
    sleeping = [(2, 13, "life-safety-sleeps")]
    assert warnings_of(tmp_path, rule.format("property: fall, is: detected")) == sleeping
    assert warnings_of(tmp_path, rule.format("property: fall, is: clear")) == []
    assert warnings_of(tmp_path, rule.format("property: contact, is: open, for: 5m")) == []
    joined = "all: [{property: smoke, is: alarm}, {inactive_for: 5m, of: motion}]"
    assert warnings_of(tmp_path, rule.format(joined)) == sleeping
    days = "{when: {property: smoke, is: alarm, without: {property: motion}, within: 1m},"
    assert warnings_of(tmp_path, f"{days} priority: life_safety, days: Mon}}") == sleeping
    often = "{when: {count: {property: fall, is: detected}, at_least: 2, within: 1h},"
    assert warnings_of(tmp_path, f"{often} priority: life_safety, days: Mon}}") == sleeping
    assert warnings_of(tmp_path, f"{often} priority: life_safety}}") == []


def test_a_confirmation_that_raises_nothing_is_said_aloud(tmp_path: Path) -> None:
    """What is life safety cannot become more."""
    rule = (
        "{when: {property: fall, is: detected}, priority: life_safety,"
        " confirm: {any_of: {property: motion}, within: 90s}}"
    )
    assert warnings_of(tmp_path, rule) == [(2, 77, "confirm-raises-nothing")]


def test_a_limit_on_what_may_become_life_safety_is_said_to_have_no_effect(tmp_path: Path) -> None:
    """What is never opened could never be confirmed (promise P6)."""
    rule = (
        "{{when: {{property: trigger, is: pressed}}, priority: routine, max_per_day: 2,"
        " cooldown: 1h,"
        " confirm: {{none_of: {{property: motion}}, within: 90s, priority: {}}}}}"
    )
    never = [code for *_, code in warnings_of(tmp_path, rule.format("life_safety"))]
    assert never == ["confirm-is-never-muted", "confirm-is-never-muted"]
    assert warnings_of(tmp_path, rule.format("urgent")) == []


def test_every_key_of_a_rule_becomes_part_of_it(tmp_path: Path) -> None:
    """What a finding is held back by, how it repeats, how it is confirmed, and on which days."""
    text = """\
rules:
  quiet:
    when: {inactive_for: 4h, of: motion, between: "07:00-22:00"}
    unless: [away, visitor]
    days: "Mon-Fri, not holidays"
    dates: ["12-24..01-02", "2026-12-25"]
    priority: routine
    split_after: 2h
    max_per_day: 3
    cancel_within: 30s
    confirm: {none_of: [{property: motion}], within: 90s, priority: urgent}
"""
    assert rules_of(tmp_path, text).rules["quiet"].rule == plan.Rule(
        name="quiet",
        when=when.InactiveFor(
            duration=4 * HOUR,
            of=("motion",),
            between=(
                when.Window(
                    start=420,
                    end=1320,
                    days=(0, 1, 2, 3, 4),
                    holidays=when.Holidays.NEVER,
                    dates=(
                        when.DateRange("12-24", "01-02"),
                        when.DateRange("2026-12-25", "2026-12-25"),
                    ),
                ),
            ),
        ),
        unless=(plan.Absence.AWAY, plan.Absence.VISITOR),
        priority=Priority.ROUTINE,
        split_after=2 * HOUR,
        max_per_day=3,
        cancel_within=30 * SECOND,
        confirm=plan.Confirm(
            within=90 * SECOND,
            priority=Priority.URGENT,
            none_of=(when.ReadingIs(property="motion", values=("detected",)),),
        ),
        source=f"{tmp_path.name}/a.yaml:2",
    )


MONDAY = when.Window(start=0, end=0, days=(0,))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("{property: motion, is: detected}", "between"),
        ("{property: contact, is: open, for: 5m}", "between"),
        (
            "{property: motion, is: detected, then: {property: contact}, within: 5m}",
            "first.between",
        ),
        (
            "{property: motion, is: detected, without: {property: contact}, within: 5m}",
            "first.between",
        ),
        ("{count: {property: motion}, at_least: 2, within: 1h}", "of.between"),
        ("{all: [{silent: alarm_unit, for: 45m}]}", "between"),
    ],
)
def test_days_are_put_where_a_condition_opens(tmp_path: Path, text: str, path: str) -> None:
    """The first act of a sequence, each act of a count, a combination as a whole."""
    found = rules_of(tmp_path, f"rules:\n  x: {{when: {text}, days: Mon}}\n")
    value: object = found.rules["x"].rule.when
    for part in path.split("."):
        value = getattr(value, part)
    assert value == (MONDAY,)


def test_the_days_of_a_span_are_those_on_which_it_opens(tmp_path: Path) -> None:
    """`none_of` has days of its own, since it has no `between`."""
    text = (
        "rules:\n  x: {when: {none_of: {property: motion}, from: '05:00', by: '11:00'},"
        " days: 'Mon, holidays', dates: 12-25}\n"
    )
    condition = rules_of(tmp_path, text).rules["x"].rule.when
    assert isinstance(condition, when.NoneOf)
    assert condition.window == when.Window(
        start=300,
        end=660,
        days=(0,),
        holidays=when.Holidays.TOO,
        dates=(when.DateRange("12-25", "12-25"),),
    )
