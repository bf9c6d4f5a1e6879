"""A home, its rules, and what came of scenarios that are played in it."""

from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from telecared.config.scenarios import Setting, load_scenarios
from telecared.sim.judging import Outcome
from telecared.sim.scenarios import read_phone, run_scenario
from telecared.sim.world import CompiledHomes

HEAD = """
homes:
  - id: larch-12
    scheme: northside
    address: 12 Larch Close
    timezone: Europe/London
    resident: {name: Mrs Ada Hall}
    devices:
      - {id: pendant, kind: personal_trigger}
      - {id: hall, kind: activity_detector, location: hall}
      - {id: bath, kind: flood_detector, location: bathroom}
      - {id: hub, kind: alarm_unit}
    contacts:
      - {id: ben, name: Ben Hall, phone: "+447700900123", roles: [carer]}
      - {id: cara, name: Cara Singh, phone: "+447700900124", roles: [key_holder]}
scenarios:
"""

RULES = """
rules:
  pendant-pressed:
    when: {property: trigger, is: pressed}
    priority: life_safety
    say: "Help wanted at {home.address}. Reply {code} if you are going."
  flood:
    when: {property: water, is: wet}
    mode: watch
  no-movement:
    when: {inactive_for: 4h, of: motion, between: "07:00-22:00"}
    unless: away
  door:
    when: {property: contact, is: open}
    unless: away
  hub-silent:
    when: {silent: alarm_unit, for: 45m}
    priority: technical
    policy: technical
policies:
  family-then-centre:
    steps:
      - {notify: carers, wait: 2m}
      - {notify: key_holders, wait: 3m}
      - {notify: monitoring_centre}
"""

PRESSED = """
  - scenario: the pendant is pressed
    home: larch-12
    start: 2026-03-02T10:00
    stream:
      - {at: +0s, device: hub, heartbeat: seen, every: 30m, times: 10}
      - {at: +10s, device: pendant, trigger: pressed}
"""


@cache
def setting() -> Setting:
    """The rules that every scenario here is played under: they are read once for all tests."""
    folder = Path(mkdtemp(prefix="scenarios-"))
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    found = Setting(rules=[folder / "rules.yaml"])
    found.plan((), shipped=False)
    rmtree(folder)
    return found


def outcomes_of(folder: Path, text: str) -> list[Outcome]:
    """Play every scenario of a text."""
    file = folder / "a.scenarios.yaml"
    file.write_text(HEAD + text, encoding="utf-8")
    read = load_scenarios(file, setting(), read_phone)
    compiled = CompiledHomes()
    return [run_scenario(one, read.loaded, compiled) for one in read.scenarios]


def problems_of(folder: Path, text: str) -> list[str]:
    """Return why the one scenario of a text failed, without the folder."""
    (outcome,) = outcomes_of(folder, text)
    return [f"{one.place}: {one.message}".replace(f"{folder}/", "") for one in outcome.mismatches]


def messages_of(folder: Path, text: str) -> list[str]:
    """Return why the one scenario of a text failed, without places."""
    return [one.split(": ", 1)[1] for one in problems_of(folder, text)]
