"""How many scenarios of one simulated day each are played in a second.

A thousand days of about a hundred readings in one home under ordinary rules, read from YAML once
as `telecared test` does, then played one after another.
"""

from pathlib import Path
from time import perf_counter

import pytest

from telecared.config.scenario_format import ScenarioFile
from telecared.config.scenarios import Setting, load_scenarios
from telecared.sim.scenarios import read_phone, run_scenario
from telecared.sim.world import CompiledHomes

SCENARIOS = 1_000
LEAST_PER_SECOND = 10

RULES = """
rules:
  pendant-pressed:
    when: {property: trigger, is: pressed}
    priority: life_safety
  fall:
    when: {property: fall, is: [detected, suspected]}
    priority: life_safety
  smoke:
    when: {property: smoke, is: alarm}
    priority: life_safety
  flood:
    when: {property: water, is: wet}
  front-door-at-night:
    when: {property: contact, is: open, at: front-door, for: 5m, between: "22:00-06:00"}
  no-movement:
    when: {inactive_for: 4h, of: [motion, contact, occupancy], between: "07:00-22:00"}
    downtime: grace 30m
  alarm-unit-silent:
    when: {silent: alarm_unit, for: 45m}
    priority: technical
    policy: technical
  sensor-silent:
    when: {silent: [activity_detector, door_sensor, bed_monitor], for: 26h}
    priority: technical
    policy: technical
"""

HOME = """
homes:
  - id: larch-12
    scheme: northside
    address: 12 Larch Close
    timezone: Europe/London
    devices:
      - {id: hub, kind: alarm_unit}
      - {id: pendant, kind: personal_trigger}
      - {id: watch, kind: fall_detector}
      - {id: kitchen-smoke, kind: smoke_detector, location: kitchen}
      - {id: hall, kind: activity_detector, location: hall}
      - {id: kitchen, kind: activity_detector, location: kitchen}
      - {id: front-door, kind: door_sensor, location: front-door}
      - {id: bed, kind: bed_monitor, location: bedroom}
    contacts:
      - {id: ben, name: Ben Hall, phone: "+447700900123", roles: [carer]}
      - {id: cara, name: Cara Singh, phone: "+447700900124", roles: [key_holder]}
scenarios:
"""

DAY = """
  - scenario: day {number}
    home: larch-12
    start: 2026-03-02T06:00
    stream:
      - {{at: +0s, device: hub, heartbeat: seen, every: 30m, times: 48}}
      - {{at: "07:00", device: bed, occupancy: vacant}}
      - {{at: "07:05", device: hall, motion: detected, for: 2m, every: 1h, times: 15}}
      - {{at: "07:20", device: kitchen, motion: detected, for: 1m, every: 2h, times: 8}}
      - {{at: "11:00", device: front-door, contact: open, for: 30s, every: 3h, times: 3}}
      - {{at: "15:{minute:02}", device: pendant, trigger: pressed}}
      - {{at: "22:10", device: bed, occupancy: occupied}}
      - {{at: "15:28", resolve: pendant-pressed, by: Ann Lee, outcome: assistance_given}}
    phones: {{ben: {{reply: "{{code}}", after: 40s}}}}
    expect:
      - {{at: "15:{minute:02}", opened: pendant-pressed}}
      - {{at: "15:{minute:02}", sms: ben, says: "Reply {{code}}"}}
      - {{at: "15:{minute:02}..15:{after:02}", acknowledged_by: ben}}
      - {{at: "15:28", sms: ben, says: "Ann Lee has dealt with it"}}
    until: "+1d"
"""


def days(folder: Path) -> ScenarioFile:
    """A file of many days."""
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    file = folder / "days.scenarios.yaml"
    text = "".join(
        DAY.format(number=number, minute=number % 25, after=number % 25 + 1)
        for number in range(SCENARIOS)
    )
    file.write_text(HOME + text, encoding="utf-8")
    return load_scenarios(file, Setting(rules=[folder / "rules.yaml"]), read_phone)


@pytest.mark.bench
def test_scenarios_of_one_day_each_a_second(tmp_path: Path) -> None:
    """Prints the figure; the bound only catches what has become silly."""
    began = perf_counter()
    file = days(tmp_path)
    reading = perf_counter() - began
    compiled = CompiledHomes()
    readings = sum(len(one.happenings) for one in file.scenarios) / SCENARIOS
    began = perf_counter()
    outcomes = [run_scenario(one, file.loaded, compiled) for one in file.scenarios]
    playing = perf_counter() - began
    print(
        f"\n{SCENARIOS / playing:,.0f} scenarios a second, of one simulated day and"
        f" {readings:.0f} happenings each ({playing:.1f} s; reading them took {reading:.1f} s)"
    )
    assert all(outcome.passed for outcome in outcomes)
    assert SCENARIOS / playing > LEAST_PER_SECOND
