"""`ages` and `behind` in rule files: what they become, how they are told, what is refused."""

from pathlib import Path

import pytest

from telecared.config.homecheck import doubts_of_home
from telecared.config.implied import implies
from telecared.config.in_words import in_words
from telecared.config.positions import read_document
from telecared.config.spelling import spell_rule
from telecared.config.values import resolve_values, values_of
from telecared.core.effective import HOME, rule_in
from telecared.core.plan import Ageing, Device, HomeRecord
from telecared.core.vocabulary import DAY, HOUR, MINUTE, DeviceKind, Priority
from telecared.core.when import Silent, Window
from tests.config.support import plain, plan_of, rules_of

LOW = "when: {property: battery, is: low}"
POLICIES = """\
policies:
  technical: {steps: [{notify: monitoring_centre}]}
  family-then-centre: {steps: [{notify: monitoring_centre}]}
"""


def test_a_fault_ages_daily_for_what_a_life_depends_on(tmp_path: Path) -> None:
    """The least that is written, and all of it; both are told in words and written back."""
    text = (
        f"rules:\n  low: {{{LOW}, priority: technical, ages: {{every: 1d}}}}\n"
        f"  all: {{{LOW}, priority: technical,"
        ' ages: {every: 2h, priority: routine, of: all, between: "00:00-24:00"}}\n'
    )
    rules = {one.name: one for one in plan_of(tmp_path, text + POLICIES).plan.rules}
    assert rules["low"].ages == Ageing(every=DAY)
    assert rules["all"].ages == Ageing(
        every=2 * HOUR, priority=Priority.ROUTINE, of="all", between=(Window(start=0, end=0),)
    )
    assert spell_rule(rules["low"])["ages"] == {"every": "1d"}
    assert spell_rule(rules["all"])["ages"] == {
        "every": "2h", "priority": "routine", "of": "all", "between": "00:00-24:00"
    }  # fmt: skip
    assert "a life depends on the device, it is told anew every" in in_words(rules["low"])
    assert "is a routine alert at least" in in_words(rules["all"])


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("ages: {every: 1d}", "only a fault ages; remove it, or write: priority: technical"),
        ("priority: technical, ages: daily", "ages has keys of its own; write ages: {every: 1d"),
        ("priority: technical, ages: {}", '"every" is missing'),
        ("priority: technical, ages: {every: 5m}", "a fault that is told more than hourly"),
        (
            "priority: technical, ages: {every: 1d, priority: life_safety}",
            "a fault is no alarm, however old it is; write priority: urgent",
        ),
        (
            "priority: technical, ages: {every: 1d}, cancel_within: 30s",
            "a resident cancels alarms, and ages is for faults; remove one of the two",
        ),
        (
            "priority: technical, ages: {every: 1d}, confirm: {none_of: {property: motion}}",
            "a second sensor confirms alarms, and ages is for faults",
        ),
    ],
)
def test_an_ageing_that_helps_nobody_is_refused_with_its_place(
    tmp_path: Path, keys: str, expected: str
) -> None:
    """Each sentence names the key and what to write instead."""
    files = rules_of(tmp_path, f"rules:\n  low: {{{LOW}, {keys}}}\n")
    problems = plain(tmp_path, files.problems)
    assert any(expected in problem for problem in problems), problems
    assert all(problem.startswith("a.yaml:2:") for problem in problems)


def test_ages_may_be_taken_back(tmp_path: Path) -> None:
    """`ages: null` beside another priority is no slip."""
    text = f"rules:\n  low: {{{LOW}, ages: null}}\n"
    (rule,) = plan_of(tmp_path, text + POLICIES).plan.rules
    assert rule.ages is None


def test_ages_of_what_is_only_watched_is_doubted(tmp_path: Path) -> None:
    """It pages nobody, so that nothing of it can become louder."""
    keys = "priority: technical, mode: watch, ages: {every: 1d}"
    files = rules_of(tmp_path, f"rules:\n  low: {{{LOW}, {keys}}}\n")
    assert [one.code for one in files.warnings] == ["ages-unheard"]


def test_behind_names_an_alarm_unit_only(tmp_path: Path) -> None:
    """It is read, told and written back; anything else is refused."""
    text = "rules:\n  mute: {when: {silent: bed, for: 26h, behind: alarm_unit}}\n"
    (rule,) = plan_of(tmp_path, text + POLICIES).plan.rules
    assert rule.when == Silent(at=("bed",), duration=26 * HOUR, behind="alarm_unit")
    assert spell_rule(rule)["when"]["behind"] == "alarm_unit"
    assert "and the alarm unit it stands behind is not silent too" in in_words(rule)
    problems = plain(tmp_path, rules_of(tmp_path, text.replace("alarm_unit", "router")).problems)
    assert len(problems) == 1
    assert problems[0].startswith("a.yaml:2:")


@pytest.mark.parametrize(
    ("when", "value", "limit"),
    [
        ("every: 15m, misses: 2", "for: 90m", 90 * MINUTE),
        ("every: 15m, misses: 2", "when.every: 30m", 90 * MINUTE),
        ("every: 15m, misses: 2", "when.every: 20m, misses: 0", 20 * MINUTE),
        ("every: 15m, misses: 2", "every: 30m", 90 * MINUTE),
        ("for: 45m", "for: 90m", 90 * MINUTE),
        ("for: 45m", "when.every: 20m", 20 * MINUTE),
        ("for: 45m", "when.every: 20m, misses: 1", 40 * MINUTE),
    ],
)
def test_a_home_says_in_either_way_how_long_its_hub_may_be_silent(
    tmp_path: Path, when: str, value: str, limit: int
) -> None:
    """Whichever way the pack says it: homes that say `for: 90m` keep working."""
    keys = "priority: technical, ages: {every: 1d}"
    text = f"rules:\n  hub: {{when: {{silent: alarm_unit, {when}}}, {keys}}}\n"
    source = rules_of(tmp_path, text).rules["hub"]
    document = read_document(f"{{{value}}}", "h.yaml")
    values, problems = resolve_values(source, document.data, document, ())
    assert problems == []
    record = HomeRecord(
        id="larch-12", scheme="north", timezone="UTC", devices=(), rule_values={"hub": values}
    )
    effective = rule_in(source.rule, record)
    assert effective.dropped == ()
    assert isinstance(effective.rule.when, Silent)
    assert effective.rule.when.limit == limit
    spelled = spell_rule(effective.rule)["when"]
    assert ("for" in spelled) is not ("every" in spelled)
    assert any(one.source == HOME for one in values_of(source.rule, record))


def test_a_home_that_says_it_in_both_ways_is_refused(tmp_path: Path) -> None:
    """As in a rule."""
    text = "rules:\n  hub: {when: {silent: alarm_unit, for: 45m}}\n"
    source = rules_of(tmp_path, text).rules["hub"]
    for value in ("{for: 90m, when.every: 30m}", "{when.every: 30m, for: 90m}"):
        document = read_document(value, "h.yaml")
        values, problems = resolve_values(source, document.data, document, ())
        assert values == {}
        assert problems


def test_one_silence_is_not_told_by_a_rule_that_waits_for_the_unit() -> None:
    """A rule that waits finds less than one that does not."""
    free = Silent(at=("bed",), duration=HOUR)
    waiting = Silent(at=("bed",), duration=HOUR, behind="alarm_unit")
    assert implies(waiting, free)
    assert not implies(free, waiting)


@pytest.mark.parametrize(
    ("unit", "codes"),
    [
        ("", ["unit-silence-untold"]),
        ("  hub: {when: {silent: alarm_unit, for: 45m}, mode: watch}\n", ["unit-silence-untold"]),
        ("  hub: {when: {silent: alarm_unit, for: 45m}}\n", []),
    ],
)
def test_a_unit_that_no_rule_tells_of_explains_nothing(
    tmp_path: Path, unit: str, codes: list[str]
) -> None:
    """All that stands behind it alarms by itself: the check says so for the home."""
    text = "rules:\n  mute: {when: {silent: bed, for: 26h, behind: alarm_unit}}\n"
    found = plan_of(tmp_path, text + unit + POLICIES).plan
    devices = tuple(
        Device(id=name, kind=kind, profile="native", topic=f"t/{name}")
        for name, kind in (("hub", DeviceKind.ALARM_UNIT), ("bed", DeviceKind.BED_MONITOR))
    )
    record = HomeRecord(id="larch-12", scheme="north", timezone="UTC", devices=devices)
    doubts = [one for one in doubts_of_home(found, record) if one.path == ("devices",)]
    assert [one.code for one in doubts] == codes
