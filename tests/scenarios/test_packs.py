"""The scenarios that ship with the rule packs, each a test of its own, and what they must cover.

Every shipped rule is seen to find what it is for, and to keep quiet where it was tempted.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from telecared.cli.testing import play_scenarios
from telecared.config.load import LoadedPlan
from telecared.config.rulefiles import SCENARIO_SUFFIXES, read_rule_files
from telecared.config.scenario_expect import ACKNOWLEDGED
from telecared.config.scenario_format import Scenario, Told
from telecared.config.scenarios import Setting, load_scenarios, scenario_files
from telecared.config.shipped import rules_folder
from telecared.core.policy import MONITORING_CENTRE
from telecared.core.vocabulary import Mode
from telecared.sim.judging import OPENED, Outcome
from telecared.sim.scenarios import read_phone, run_scenario
from telecared.sim.world import CompiledHomes
from tests.conftest import REPOSITORY

POLICIES = "policies"


class Shipped(NamedTuple):
    """One scenario, and what it is played under."""

    pack: str
    scenario: Scenario
    loaded: LoadedPlan


def _shipped() -> list[Shipped]:
    setting = Setting()
    return [
        Shipped(file.name.removesuffix(SCENARIO_SUFFIXES[0]), one, read.loaded)
        for file in scenario_files(rules_folder())
        for read in [load_scenarios(file, setting, read_phone)]
        for one in read.scenarios
    ]


SHIPPED = _shipped()
COMPILED = CompiledHomes()


@cache
def _outcome(number: int) -> Outcome:
    """Play a scenario, once for all tests."""
    return run_scenario(SHIPPED[number].scenario, SHIPPED[number].loaded, COMPILED)


def _rules_by_pack() -> dict[str, list[str]]:
    files = [file for file in rules_folder().glob("*.yaml") if not _is_scenarios(file)]
    return {file.stem: sorted(read_rule_files([file]).rules) for file in files}


def _is_scenarios(file: Path) -> bool:
    return file.name.endswith(SCENARIO_SUFFIXES)


RULES = sorted((pack, rule) for pack, rules in _rules_by_pack().items() for rule in rules)
each_rule = pytest.mark.parametrize(("pack", "rule"), RULES, ids=[rule for _, rule in RULES])


@pytest.mark.parametrize(
    "number", range(len(SHIPPED)), ids=[f"{one.pack}: {one.scenario.name}" for one in SHIPPED]
)
def test_scenario(number: int) -> None:
    """Everything comes as the scenario says, at its time and in its words, and nothing else."""
    outcome = _outcome(number)

    assert [f"{wrong.place}: {wrong.message}" for wrong in outcome.mismatches] == []


def test_every_pack_has_scenarios_and_every_name_tells_one_story() -> None:
    """A pack without scenarios is a guess; two scenarios of one name hide each other."""
    packs = {pack for pack, rules in _rules_by_pack().items() if rules}
    names = [one.scenario.name for one in SHIPPED]

    assert packs == {one.pack for one in SHIPPED} == packs - {POLICIES}
    assert sorted(set(names)) == sorted(names)


@each_rule
def test_rule_is_seen_to_find_what_it_is_for(pack: str, rule: str) -> None:
    """Some scenario of its pack expects the alert, and that a person answers or closes it."""
    stories = [
        one.scenario
        for one in SHIPPED
        if one.pack == pack
        and any(each.event == OPENED and each.rule == rule for each in one.scenario.expect)
    ]

    assert stories
    assert any(_is_followed_to_its_end(one) for one in stories) or _watches(rule)


def _is_followed_to_its_end(scenario: Scenario) -> bool:
    return any(
        each.event == ACKNOWLEDGED or each.to == MONITORING_CENTRE for each in scenario.expect
    )


def _watches(rule: str) -> bool:
    """Whether a rule is only shown, so that there is nobody to answer."""
    return any(
        each.name == rule and each.mode is Mode.WATCH for each in SHIPPED[0].loaded.plan.rules
    )


@each_rule
def test_rule_is_seen_to_keep_quiet(pack: str, rule: str) -> None:
    """Some scenario of its pack tells it what it looks at, and it opens nothing."""
    tempted = [
        number
        for number, one in enumerate(SHIPPED)
        if one.pack == pack and _is_tempted(rule, one.scenario, one.loaded)
    ]

    assert [number for number in tempted if rule not in _opened(_outcome(number))]


def _is_tempted(rule: str, scenario: Scenario, loaded: LoadedPlan) -> bool:
    """Whether something that the rule reads or hears happens in a home that it applies to."""
    told = [one.what for one in scenario.happenings if isinstance(one.what, Told)]
    for compiled in COMPILED(loaded.plan, scenario.home.id, scenario.home).rules:
        if compiled.name != rule:
            continue
        reads, hears = compiled.condition.reads, compiled.condition.hears
        return any(
            one.device in hears
            or any((one.device, each.property) in reads for each in one.readings)
            for one in told
        )
    return False


def _opened(outcome: Outcome) -> set[str]:
    return {one.line.rule for one in outcome.got if one.line.event == OPENED and one.line.rule}


@each_rule
def test_rule_stands_in_the_table_for_care_teams(pack: str, rule: str) -> None:
    """Whoever reads docs/rule-packs.md reads of every rule that ships."""
    table = (REPOSITORY / "docs" / "rule-packs.md").read_text(encoding="utf-8")

    assert f"`{rule}`" in table
    assert f"| {pack} |" in table


def test_the_command_without_arguments_plays_all_of_them(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where there is no deployment, `telecared test` is the proof of what ships."""
    monkeypatch.chdir(tmp_path)
    play: Callable[[], int] = play_scenarios

    assert play() == 0
    assert capsys.readouterr().out == f"{len(SHIPPED)} scenarios passed\n"


def test_scenarios_beside_the_rules_are_no_rules() -> None:
    """The folder yields the same rules with them and without; a slip in their name is forgiven."""
    alone = [file for file in sorted(rules_folder().glob("*.yaml")) if not _is_scenarios(file)]
    whole, without = read_rule_files([rules_folder()]), read_rule_files(alone)

    assert whole.problems == []
    assert list(whole.rules) == list(without.rules)
    assert [one.name for one in whole.documents] == [one.name for one in without.documents]


def test_rules_in_a_file_that_is_named_like_scenarios_are_not_lost(tmp_path: Path) -> None:
    """What stands in a file counts, not what it is called."""
    file = tmp_path / "night.scenarios.yaml"
    file.write_text("rules:\n  flood:\n    when: {property: water, is: wet}\n", encoding="utf-8")

    assert list(read_rule_files([tmp_path]).rules) == ["flood"]
