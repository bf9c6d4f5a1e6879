"""Small helpers of the tests of files that people write."""

from pathlib import Path

import pytest

from telecared.config.deployment import Deployment, default_deployment
from telecared.config.homes import Surroundings, read_homes
from telecared.config.load import LoadedPlan, load_plan
from telecared.config.rulefiles import RuleFiles, read_rule_files
from telecared.errors import ConfigError

POLICIES = """\
policies:
  technical:
    steps: [{notify: monitoring_centre}]
  family-then-centre:
    steps: [{notify: carers}, {notify: monitoring_centre}]
"""


def written(folder: Path, **files: str) -> list[Path]:
    """Write `name="text"` as `name.yaml` into a folder and return the paths in order."""
    paths = []
    for name, text in files.items():
        path = folder / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


def rules_of(folder: Path, text: str) -> RuleFiles:
    """Read one rule file with a text."""
    return read_rule_files(written(folder, a=text))


def plain(folder: Path, sentences: list[str]) -> list[str]:
    """Return sentences without the temporary folder."""
    return [sentence.replace(f"{folder}/", "") for sentence in sentences]


def plan_of(folder: Path, text: str) -> LoadedPlan:
    """Load a plan whose rules are one text."""
    return load_plan(bare_deployment(folder), rules=written(folder, a=text))


def bare_deployment(folder: Path) -> Deployment:
    """A deployment without a file."""
    return default_deployment(folder)


def refusals(text: str, around: Surroundings, name: str = "h.yaml") -> list[str]:
    """Return the sentences with which a text of homes is refused."""
    with pytest.raises(ConfigError) as caught:
        read_homes(text, name, around)
    return caught.value.problems
