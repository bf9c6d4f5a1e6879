"""`test`: scenarios through the rules in virtual time, and what differs from what was expected.

Files are found and results are shown here; playing is `sim.scenarios`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Annotated, Final, NamedTuple
from xml.etree import ElementTree

from cyclopts import Parameter

from telecared.cli.common import Config, Exit, Json, find_config
from telecared.cli.files import Homes, Rules
from telecared.cli.lines import ScenarioLine, TimelineLine
from telecared.cli.output import count_of, put, say, warn
from telecared.config.deployment import Deployment, load_deployment
from telecared.config.findings import sentences_in_order
from telecared.config.scenario_format import ScenarioFile
from telecared.config.scenarios import Setting, load_scenarios, scenario_files
from telecared.config.shipped import rules_folder
from telecared.errors import ConfigError
from telecared.sim.judging import Outcome
from telecared.sim.scenarios import read_phone, run_scenario
from telecared.sim.timelines import rows_of, text_of
from telecared.sim.world import CompiledHomes

INDENT: Final = "  "


class _Played(NamedTuple):
    """A scenario that was played, and how many real seconds that took."""

    outcome: Outcome
    seconds: float


def play_scenarios(
    files: Annotated[
        tuple[Path, ...],
        Parameter(
            name="FILE",
            show_default=False,
            help="Scenario files, or folders of them; left out: what ships and your rules' own.",
        ),
    ] = (),
    /,
    *,
    homes: Homes = (),
    rules: Rules = (),
    junit: Annotated[
        Path | None, Parameter(name="--junit", help="Also write the results as JUnit XML here.")
    ] = None,
    word: Annotated[
        str | None,
        Parameter(name="-k", help="Only scenarios with this word in their name, home or file."),
    ] = None,
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Play scenarios: rules, escalation, delivery and people in virtual time."""
    given = find_config(config)
    deployment = load_deployment(given) if given is not None else None
    setting = Setting(deployment, homes=homes, rules=rules)
    read = _read(_places(files, deployment), setting)
    results: dict[str, list[_Played]] = {}
    for one, played in _played(read, word):
        results.setdefault(one.name, []).append(played)
        _show(played, as_json=as_json)
    if junit is not None:
        _write_junit(junit, results)
    return _sum_up(results, as_json=as_json)


def _places(files: Sequence[Path], deployment: Deployment | None) -> list[Path]:
    """Return the scenario files that are meant.

    Raises:
        ConfigError: a folder that was named holds none.
    """
    found: list[Path] = []
    if files:
        for place in files:
            inside = scenario_files(place)
            if not inside:
                message = "no file *.scenarios.yaml in it; name a file or another folder"
                raise ConfigError([f"{place}:1:1: {message}"])
            found += inside
        return list(dict.fromkeys(found))
    beside = [] if deployment is None else deployment.rule_paths
    for place in (rules_folder(), *beside):
        found += scenario_files(place if place.is_dir() else place.parent)
    return list(dict.fromkeys(file.resolve() for file in found))


def _read(files: Sequence[Path], setting: Setting) -> list[ScenarioFile]:
    """Read every file before the first scenario is played: all slips of the pen come at once."""
    found: list[ScenarioFile] = []
    problems: list[str] = []
    for file in files:
        try:
            found.append(load_scenarios(file, setting, read_phone))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(sentences_in_order(problems))
    return found


def _played(
    files: Sequence[ScenarioFile], word: str | None
) -> Iterator[tuple[ScenarioFile, _Played]]:
    compiled = CompiledHomes()
    for file in files:
        for scenario in file.scenarios:
            told = f"{scenario.name} {scenario.home.id} {file.name}"
            if word is None or word.casefold() in told.casefold():
                began = perf_counter()
                outcome = run_scenario(scenario, file.loaded, compiled)
                yield file, _Played(outcome, perf_counter() - began)


# --- for people and for scripts -----------------------------------------------------------------


def _show(played: _Played, *, as_json: bool) -> None:
    outcome = played.outcome
    if as_json:
        put(scenario_line(outcome))
    elif not outcome.passed:
        say(f"FAILED {outcome.scenario.place}: {outcome.scenario.name}")
        for line in _explained(outcome):
            say(f"{INDENT}{line}".rstrip())
        say("")


def _explained(outcome: Outcome) -> list[str]:
    """Return why a scenario failed: a sentence for each difference, then the timeline."""
    sentences = [f"{wrong.place}: {wrong.message}" for wrong in outcome.mismatches]
    return [*sentences, "", *text_of(rows_of(outcome))]


def scenario_line(outcome: Outcome) -> ScenarioLine:
    """Return an outcome as `test --json` prints it."""
    scenario = outcome.scenario
    return ScenarioLine(
        file=scenario.place.file,
        line=scenario.place.line,
        col=scenario.place.col,
        scenario=scenario.name,
        home=scenario.home.id,
        passed=outcome.passed,
        problems=[f"{wrong.place}: {wrong.message}" for wrong in outcome.mismatches],
        timeline=[
            TimelineLine(
                when=row.when or None,
                expected=row.expected or None,
                since_start=row.since_start or None,
                local_time=row.local_time or None,
                got=row.got or None,
                fits=row.fits,
            )
            for row in rows_of(outcome)
        ],
    )


def _sum_up(results: dict[str, list[_Played]], *, as_json: bool) -> Exit:
    played = [one for several in results.values() for one in several]
    failed = sum(not one.outcome.passed for one in played)
    if not played:
        warn("no scenario was played; name a file, or write one *.scenarios.yaml beside your rules")
        return Exit.FINDINGS
    if not as_json:
        passed = count_of(len(played) - failed, "scenario")
        say(f"{passed} passed" + (f", {failed} failed" if failed else ""))
    return Exit.FINDINGS if failed else Exit.FINE


# --- JUnit --------------------------------------------------------------------------------------


def _write_junit(target: Path, results: dict[str, list[_Played]]) -> None:
    """Write the results as continuous integration reads them: a suite for each file.

    Raises:
        ConfigError: the file cannot be written.
    """
    root = ElementTree.Element("testsuites")
    for name, played in results.items():
        failed = sum(not one.outcome.passed for one in played)
        seconds = sum(one.seconds for one in played)
        attributes = {"name": name, "tests": len(played), "failures": failed, "errors": 0}
        told = {key: str(value) for key, value in attributes.items()}
        suite = ElementTree.SubElement(root, "testsuite", told, time=f"{seconds:.3f}")
        for one in played:
            _add_case(suite, one)
    ElementTree.indent(root)
    try:
        ElementTree.ElementTree(root).write(target, encoding="utf-8", xml_declaration=True)
    except OSError as error:
        message = f"cannot be written ({error.strerror}); name another file"
        raise ConfigError([f"{target}: {message}"]) from None


def _add_case(suite: ElementTree.Element, played: _Played) -> None:
    outcome = played.outcome
    scenario = outcome.scenario
    case = ElementTree.SubElement(
        suite,
        "testcase",
        name=scenario.name,
        classname=scenario.home.id,
        file=scenario.place.file,
        line=str(scenario.place.line),
        time=f"{played.seconds:.3f}",
    )
    if not outcome.passed:
        first = outcome.mismatches[0]
        failure = ElementTree.SubElement(case, "failure", message=f"{first.place}: {first.message}")
        failure.text = "\n".join(_explained(outcome))
