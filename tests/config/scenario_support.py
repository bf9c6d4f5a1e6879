"""A home, some rules, and scenario files that are read beside them."""

from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import pytest

from telecared.config.scenario_format import ScenarioFile
from telecared.config.scenarios import Setting, load_scenarios
from telecared.errors import ConfigError
from tests.config.support import written

RULES = """
rules:
  pendant-pressed:
    when: {property: trigger, is: pressed}
    priority: life_safety
  flood:
    when: {property: water, is: wet}
"""

HOMES = """
homes:
  - id: larch-12
    scheme: northside
    timezone: Europe/London
    devices:
      - {id: pendant, kind: personal_trigger}
      - {id: hall, kind: activity_detector, location: hall}
      - {id: room, kind: temperature_sensor}
      - {id: tracker, kind: tracker}
    contacts:
      - {id: ben, name: Ben Hall, phone: "+447700900123", roles: [carer]}
"""

HEAD = """\
- scenario: a day
  home: larch-12
  start: 2026-03-02T10:00
"""


def phone(value: object) -> object:
    """Knows one behaviour."""
    if value != "silent":
        raise ConfigError(["write silent"])
    return value


@cache
def setting() -> Setting:
    """The homes and rules that every file here is read with: they are read once for all tests."""
    folder = Path(mkdtemp(prefix="scenarios-"))
    rules, homes = written(folder, rules=RULES, homes=HOMES)
    found = Setting(homes=[homes], rules=[rules])
    loaded = found.plan((), shipped=False)
    found.homes((), loaded, shipped=False)
    rmtree(folder)
    return found


def read(folder: Path, text: str) -> ScenarioFile:
    """Read a scenario file."""
    file = folder / "a.scenarios.yaml"
    file.write_text(text, encoding="utf-8")
    return load_scenarios(file, setting(), phone)


def refused(folder: Path, text: str) -> list[str]:
    """Return why a scenario file is refused, without its folder and name."""
    with pytest.raises(ConfigError) as caught:
        read(folder, text)
    return [one.replace(f"{folder}/a.scenarios.yaml:", "") for one in caught.value.problems]


def one_entry(folder: Path, key: str, entry: str) -> list[str]:
    """Return why a scenario with this one entry in its list is refused."""
    text = f"{HEAD}  {key}:\n    - {entry}\n"
    return [one.partition(": ")[2] for one in refused(folder, text)]
