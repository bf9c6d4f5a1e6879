"""Scenario files as people write them: what happens, and what the file is about."""

from pathlib import Path

import pytest

from telecared.config.deployment import load_deployment
from telecared.config.rulefiles import read_rule_files
from telecared.config.scenario_format import Ordered, Told, Trouble
from telecared.config.scenarios import Setting, load_scenarios, scenario_files
from telecared.config.shipped import rules_folder
from telecared.core.alert_commands import Acknowledged
from telecared.core.events import Silenced, Suspended
from telecared.core.vocabulary import HOUR, MINUTE, SECOND
from telecared.core.windows import rfc3339
from telecared.errors import ConfigError
from tests.config.scenario_support import HEAD, HOMES, RULES, phone, read
from tests.config.support import written

# --- what happens -------------------------------------------------------------------------------


def test_an_entry_may_repeat_and_last(tmp_path: Path) -> None:
    """`for` tells the other word when it is over, `every` does it all again."""
    text = (
        HEAD
        + """\
  stream:
    - {at: +1m, device: hall, motion: detected, for: 30s, every: 10m, times: 2, seq: 7}
    - {at: +2m, device: room, temperature: 21.5, stamp: -1h}
    - {at: +3m, device: tracker, location: [53.79, -1.54]}
"""
    )
    (scenario,) = read(tmp_path, text).scenarios
    start = scenario.start
    told = [(one.at - start, one.what) for one in scenario.happenings]

    assert [at for at, _ in told] == [60 * SECOND, 90 * SECOND, 120 * SECOND, 180 * SECOND,
                                      660 * SECOND, 690 * SECOND]  # fmt: skip
    first, second, third, fourth, *_ = (what for _, what in told)
    assert isinstance(first, Told)
    assert isinstance(second, Told)
    assert isinstance(third, Told)
    assert isinstance(fourth, Told)
    assert (first.readings[0].value, first.seq) == ("detected", 7)
    assert second.readings[0].value == "clear"
    assert third.readings[0].at == start + 2 * MINUTE - HOUR
    assert fourth.readings[0].value == (53.79, -1.54)
    assert scenario.until == start + 4 * MINUTE


def test_people_and_troubles_become_happenings(tmp_path: Path) -> None:
    """Ends of suspensions are instants, contacts are known by id, an outage has an end."""
    text = (
        HEAD
        + """\
  stream:
    - {at: +1m, suspend: hospital, until: "Sun 18:00", by: Ann Lee, note: hip}
    - {at: +2m, silence: flood, of: hall, for: 2h, by: ben}
    - {at: +3m, silence: all, for: 2h, by: ben}
    - {at: +4m, end_suspension: true, by: ben}
    - {at: +5m, end_silence: true, by: ben}
    - {at: +6m, ack: flood, by: ben, lease: 5m}
    - {at: +7m, outage: 20m}
    - {at: +30m, stopped: 5m}
    - {at: +40m, phone: ben, does: silent}
"""
    )
    (scenario,) = read(tmp_path, text).scenarios
    what = [one.what for one in scenario.happenings]

    assert isinstance(what[0], Ordered)
    assert isinstance(what[0].event, Suspended)
    assert rfc3339(what[0].event.until)[:16] == "2026-03-08T18:00"
    assert isinstance(what[1], Ordered)
    assert isinstance(what[1].event, Silenced)
    assert (what[1].event.rule, what[1].event.device, what[1].event.by) == (
        "flood", "hall", "Ben Hall",
    )  # fmt: skip
    assert isinstance(what[2], Ordered)
    assert isinstance(what[2].event, Silenced)
    assert what[2].event.rule == ""
    assert isinstance(what[5], Ordered)
    assert isinstance(what[5].event, Acknowledged)
    assert (what[5].about, what[5].event.contact) == ("flood", "ben")
    assert what[6:10] == [
        Trouble.LINK_LOST, Trouble.LINK_BACK, Trouble.STOPPED, Trouble.STARTED,
    ]  # fmt: skip


# --- what a file is about -----------------------------------------------------------------------


def test_a_file_may_bring_its_homes_and_its_rules(tmp_path: Path) -> None:
    """Named relative to the file; `only` leaves some rules of a pack in force."""
    written(tmp_path, rules=RULES, homes=HOMES)
    file = tmp_path / "a.scenarios.yaml"
    scenarios = "scenarios:\n" + HEAD
    text = f"homes: homes.yaml\nrules: [rules.yaml]\nonly: [flood]\n{scenarios}"
    file.write_text(text, encoding="utf-8")

    found = load_scenarios(file, Setting(), phone)

    assert [rule.name for rule in found.loaded.plan.rules] == ["flood"]
    assert found.scenarios[0].home.id == "larch-12"
    file.write_text(text.replace("[flood]", "[flod]"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"yaml:3:8: there is no rule 'flod'; did you mean"):
        load_scenarios(file, Setting(), phone)


def test_homes_may_stand_in_the_file_itself(tmp_path: Path) -> None:
    """With the places of their slips in this file."""
    file = tmp_path / "a.scenarios.yaml"
    written(tmp_path, rules=RULES)
    text = f"rules: rules.yaml\n{HOMES}scenarios:\n{HEAD}"
    file.write_text(text, encoding="utf-8")

    assert load_scenarios(file, Setting(), phone).scenarios[0].home.timezone == "Europe/London"
    file.write_text(text.replace("personal_trigger", "personal_triger"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"yaml:8:29: not a kind of device"):
        load_scenarios(file, Setting(), phone)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    """The homes' file, the rules, and a home nobody named a file for."""
    file = tmp_path / "a.scenarios.yaml"
    written(tmp_path, rules=RULES)
    file.write_text(f"homes: none.yaml\nrules: rules.yaml\nscenarios:\n{HEAD}", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"none\.yaml:1:1: no such file"):
        load_scenarios(file, Setting(), phone)
    file.write_text(f"rules: [more.yaml]\nscenarios:\n{HEAD}", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"more\.yaml:1:1: no such file"):
        load_scenarios(file, Setting(), phone)
    file.write_text(f"rules: rules.yaml\nscenarios:\n{HEAD}", encoding="utf-8")
    with pytest.raises(ConfigError, match="no homes are known; name their file with --homes"):
        load_scenarios(file, Setting(), phone)


def test_the_deployment_gives_what_the_file_does_not(tmp_path: Path) -> None:
    """Its rules, and its monitoring centre as it is; without one the centre has a number."""
    written(tmp_path, rules=RULES, homes=HOMES)
    (tmp_path / "telecared.yaml").write_text("rules: [rules.yaml]\n", encoding="utf-8")
    file = tmp_path / "a.scenarios.yaml"
    file.write_text(f"homes: homes.yaml\nscenarios:\n{HEAD}", encoding="utf-8")
    setting = Setting(load_deployment(tmp_path / "telecared.yaml"))

    found = load_scenarios(file, setting, phone)

    assert {rule.name for rule in found.loaded.plan.rules} == {"pendant-pressed", "flood"}
    assert found.loaded.plan.centre.sms is None
    assert setting.plan((), shipped=True).plan.centre.sms == "+447700900900"
    assert load_scenarios(file, setting, phone).loaded is found.loaded


def test_scenario_files_are_no_rule_files(tmp_path: Path) -> None:
    """They may lie beside the rules, in either form."""
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    (tmp_path / "a.scenarios.yaml").write_text(HEAD, encoding="utf-8")
    (tmp_path / "b.scenarios.yml").write_text(f"scenarios:\n{HEAD}", encoding="utf-8")

    assert read_rule_files([tmp_path]).problems == []
    assert [file.name for file in scenario_files(tmp_path)] == [
        "a.scenarios.yaml", "b.scenarios.yml",
    ]  # fmt: skip
    assert scenario_files(tmp_path / "rules.yaml") == [tmp_path / "rules.yaml"]


def test_the_scenarios_that_ship_can_be_read() -> None:
    """Under what ships, whatever a deployment says."""
    for file in scenario_files(rules_folder()):
        assert load_scenarios(file, Setting(), lambda value: value).scenarios
