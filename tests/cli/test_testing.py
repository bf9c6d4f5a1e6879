"""`telecared test`: exit codes, what people read, what scripts and continuous integration read."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import DEPLOYMENT, HOMES, Call
from tests.conftest import REPOSITORY

RULES = """
rules:
  pendant-pressed:
    when: {property: trigger, is: pressed}
    priority: life_safety
    say: "Help wanted at {home.address}. Reply {code}."
"""

PASSES = """
- scenario: the pendant is pressed
  home: larch-12
  start: 2026-03-02T10:00
  stream: [{at: +0s, device: pendant, trigger: pressed}]
  expect:
    - {at: +0s, opened: pendant-pressed}
    - {at: +0s, sms: ben, says: "12 Larch Close"}
"""

FAILS = """
- scenario: next door nobody is told
  home: larch-14
  start: 2026-03-02T10:00
  stream: [{at: +0s, device: pendant, trigger: pressed}]
  expect:
    - {at: +0s, opened: pendant-pressed}
"""


@pytest.fixture
def folder(site: Path) -> Path:
    """The site with rules of its own and two scenarios beside them, one of which fails."""
    (site / "telecared.yaml").write_text(f"{DEPLOYMENT}rules: [rules]\n", encoding="utf-8")
    rules = site / "rules"
    rules.mkdir()
    (rules / "rules.yaml").write_text(RULES, encoding="utf-8")
    (rules / "good.scenarios.yaml").write_text(PASSES, encoding="utf-8")
    (rules / "bad.scenarios.yaml").write_text(FAILS, encoding="utf-8")
    return site


def test_scenarios_that_come_true_pass(folder: Path, call: Call) -> None:
    """Exit code 0 and one line."""
    said = call("test", "rules/good.scenarios.yaml", "--homes", "homes.yaml")

    assert (said.code, said.lines, said.err) == (0, ["1 scenario passed"], "")


def test_a_failure_shows_where_why_and_both_timelines(folder: Path, call: Call) -> None:
    """In relative and in local time, with the line of the scenario."""
    said = call("test", "rules", "--homes", "homes.yaml")

    assert said.code == 1
    text = 'sms: cara, "Help wanted at 14 Larch Close. Reply 8018."'
    code = said.lines[1].partition("Reply ")[2][:4]
    text = text.replace("8018", code)
    assert said.lines == [
        "FAILED rules/bad.scenarios.yaml:2:3: next door nobody is told",
        f"  rules/bad.scenarios.yaml:2:3: not expected: {text}",
        "",
        "    expected                     | got",
        (
            "    +0s  opened: pendant-pressed | +0s  10:00:00  opened: pendant-pressed"
            " (pendant told trigger: pressed)"
        ),
        f"  !                              | +0s  10:00:00  {text}",
        "",
        "1 scenario passed, 1 failed",
    ]


def test_a_word_chooses_scenarios(folder: Path, call: Call) -> None:
    """Of the name, the home or the file; when none has it, nothing was shown to work."""
    chosen = call("test", "rules", "--homes", "homes.yaml", "-k", "PENDANT is")
    none = call("test", "rules", "--homes", "homes.yaml", "-k", "smoke")

    assert (chosen.code, chosen.lines) == (0, ["1 scenario passed"])
    assert none.code == 1
    assert none.err.startswith("no scenario was played; name a file, or write one")


def test_json_has_one_object_for_each_scenario(folder: Path, call: Call) -> None:
    """As `schema --output test` describes it."""
    said = call("test", "rules", "--homes", "homes.yaml", "--json")
    schema = call("schema", "--output", "test")

    bad, good = said.objects
    assert said.code == 1
    assert (good["passed"], good["problems"], good["home"]) == (True, [], "larch-12")
    assert (bad["file"], bad["line"], bad["col"]) == ("rules/bad.scenarios.yaml", 2, 3)
    assert bad["timeline"] == [
        {
            "when": "+0s",
            "expected": "opened: pendant-pressed",
            "since_start": "+0s",
            "local_time": "10:00:00",
            "got": "opened: pendant-pressed (pendant told trigger: pressed)",
            "fits": True,
        },
        {
            "when": None,
            "expected": None,
            "since_start": "+0s",
            "local_time": "10:00:00",
            "got": bad["problems"][0].partition("not expected: ")[2],  # type: ignore[index]
            "fits": False,
        },
    ]
    described = schema.objects[0]["$defs"]["ScenarioLine"]["properties"]  # type: ignore[index]
    assert set(described) == set(bad)


def test_junit_has_a_suite_for_each_file(folder: Path, call: Call) -> None:
    """With the timeline as the text of the failure."""
    call("test", "rules", "--homes", "homes.yaml", "--junit", "result.xml")

    root = ElementTree.parse(folder / "result.xml").getroot()  # noqa: S314 - our own
    bad, good = root.findall("testsuite")
    assert (bad.get("name"), bad.get("tests"), bad.get("failures")) == (
        "rules/bad.scenarios.yaml", "1", "1",
    )  # fmt: skip
    assert (good.get("failures"), good.find("testcase/failure")) == ("0", None)
    case = bad.find("testcase")
    failure = bad.find("testcase/failure")
    assert case is not None
    assert (case.get("name"), case.get("classname")) == ("next door nobody is told", "larch-14")
    assert failure is not None
    assert "not expected: sms: cara" in (failure.get("message") or "")
    assert "expected                     | got" in (failure.text or "")


def test_junit_that_cannot_be_written_is_told(folder: Path, call: Call) -> None:
    """The result is on the screen all the same."""
    said = call("test", "rules", "--homes", "homes.yaml", "--junit", "none/result.xml")

    assert said.code == 1
    assert said.err.startswith("none/result.xml: cannot be written (No such file or directory);")


def test_without_arguments_what_ships_and_the_deployments_own_are_played(
    folder: Path, call: Call
) -> None:
    """What ships is played under what ships, the others under the deployment's rules."""
    said = call("test", "--homes", "homes.yaml", "--json")
    names = [str(line["file"]) for line in said.objects]

    assert said.code == 1
    assert names[-2:] == [
        str(folder / "rules" / "bad.scenarios.yaml"),
        str(folder / "rules" / "good.scenarios.yaml"),
    ]
    assert all("rules" in name for name in names)


def test_every_slip_in_every_file_comes_before_anything_is_played(folder: Path, call: Call) -> None:
    """As `file:line:col`, and nothing else."""
    for name in ("bad", "good"):
        file = folder / "rules" / f"{name}.scenarios.yaml"
        file.write_text(file.read_text().replace("device: pendant", "device: pendent"))

    said = call("test", "rules", "--homes", "homes.yaml")

    assert (said.code, said.out) == (1, "")
    assert said.err.splitlines() == [
        (
            "rules/bad.scenarios.yaml:5:30: larch-14 has no device 'pendent'; did you mean"
            ' "pendant"?'
        ),
        (
            "rules/good.scenarios.yaml:5:30: larch-12 has no device 'pendent'; did you mean"
            ' "pendant"?'
        ),
    ]


def test_a_folder_without_scenarios_is_told(folder: Path, call: Call) -> None:
    """A folder that was named by mistake must not pass for a test."""
    (folder / "empty").mkdir()

    said = call("test", "empty")

    assert (said.code, said.err) == (
        1, "empty:1:1: no file *.scenarios.yaml in it; name a file or another folder\n",
    )  # fmt: skip


def test_rules_and_homes_are_named_without_a_deployment(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing but three files is needed."""
    monkeypatch.chdir(tmp_path)
    for name, text in (("r", RULES), ("h", HOMES), ("s", PASSES)):
        Path(f"{name}.yaml").write_text(text, encoding="utf-8")

    said = call("test", "s.yaml", "--homes", "h.yaml", "--rules", "r.yaml")

    assert (said.code, said.lines) == (0, ["1 scenario passed"])


def test_the_page_for_care_teams_shows_what_really_comes(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its example, played: the output on the page is the output of the command."""
    page = (REPOSITORY / "docs" / "testing-rules.md").read_text(encoding="utf-8")
    scenario = page.partition("```yaml\n")[2].partition("```")[0]
    output = page.partition("```text\n")[2].partition("```")[0]
    monkeypatch.chdir(tmp_path)
    Path("night.scenarios.yaml").write_text(scenario, encoding="utf-8")

    said = call("test", "night.scenarios.yaml")

    assert said.code == 1
    assert said.lines == output.splitlines()
