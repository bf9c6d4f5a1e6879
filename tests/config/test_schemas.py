"""What the schemas accept and refuse, held against the readers and against the files that ship."""

from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from telecared.config.conditions import KINDS
from telecared.config.deployment import load_deployment
from telecared.config.homes import Surroundings, read_homes
from telecared.config.positions import read_document
from telecared.config.profiles import load_profiles
from telecared.config.rulefiles import is_scenarios
from telecared.config.schemas import FILE_KINDS, schema_of
from telecared.errors import ConfigError
from tests.config.support import rules_of
from tests.conftest import REPOSITORY

Refusals = Callable[[str, str], list[str]]


@pytest.fixture(scope="module")
def validators() -> dict[str, Draft202012Validator]:
    """A validator of each kind of file."""
    return {kind: Draft202012Validator(schema_of(kind)) for kind in FILE_KINDS}


@pytest.fixture
def complaints(validators: dict[str, Draft202012Validator]) -> Refusals:
    """What a schema says of a YAML text."""

    def judge(kind: str, text: str) -> list[str]:
        data = read_document(text, "a.yaml").data
        return [
            f"{list(one.absolute_path)}: {one.message}"
            for one in validators[kind].iter_errors(data)
        ]

    return judge


def shipped_files() -> list[tuple[str, Path]]:
    """Every YAML file that ships or stands as an example, with its kind."""
    found = [("config", REPOSITORY / "telecared.example.yaml")]
    found += [("homes", REPOSITORY / "homes.example.yaml")]
    found += [("devices", path) for path in sorted((REPOSITORY / "devices").rglob("*.yaml"))]
    for path in sorted((REPOSITORY / "rules").rglob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        if not is_scenarios(read_document(text, str(path)).data):
            found.append(("policies" if path.name == "policies.yaml" else "rules", path))
    return found


@pytest.mark.parametrize(
    ("kind", "path"), shipped_files(), ids=lambda one: getattr(one, "name", one)
)
def test_what_ships_fits_its_schema_and_names_it(
    complaints: Refusals, kind: str, path: Path
) -> None:
    """An editor finds the schema by the first line, and has nothing to complain about."""
    text = path.read_text(encoding="utf-8")

    assert complaints(kind, text) == []
    first = text.splitlines()[0]
    assert first.startswith("# yaml-language-server: $schema=")
    named = (path.parent / first.partition("=")[2]).resolve()
    assert named == REPOSITORY / "schemas" / f"{kind}.json"


RULE = "rules: {{r: {{when: {{property: contact, is: open}}, {0}}}}}\n"
WHEN = "rules: {{r: {{when: {{{0}}}}}}}\n"

GOOD_CONDITIONS = [
    "property: fall, is: [detected, suspected]",
    "property: contact, is: open, for: 5m, at: [a, b], between: 'Mon-Fri 17:00-08:00, Sat-Sun'",
    "property: contact, is: open, between: [22:00-06:00, 'Sat holidays 09:00-17:00']",
    "inactive_for: 4h, of: [motion, contact], never: pir, at_least: 2, within: 15m",
    "none_of: {property: motion}, from: '5:00', by: '11:00'",
    "none_of: [{property: motion}, {property: medication, is: taken}], from: '05:00', by: '11:00'",
    "property: occupancy, is: vacant, without: {property: occupancy, is: occupied}, within: 30m",
    "property: seizure, is: detected, then: {property: motion}, within: 5m",
    (
        "property: seizure, is: detected, within: 5m,"
        " then: {property: motion, within: 1m, then: {property: contact, is: open}}"
    ),
    "count: {property: motion, apart: 10m}, at_least: 8, within: 12h",
    "property: temperature, above: 28, clear_below: 26.5, for: 4h",
    "property: battery, below: 15",
    "property: temperature, falls_by: 5, within: 1h",
    "property: humidity, rises_by: 20.5, within: 1h, at: bathroom",
    "property: location, outside: {centre: [51.5, -0.1], radius: 300}, for: 5m",
    "property: location, inside: {points: [[51, 0], [52, 0], [52, 1]]}",
    "silent: alarm_unit, for: 45m",
    "silent: [alarm_unit, pir], every: 15m, misses: 3",
    (
        "all: [{property: contact, is: open}, {any: [{property: mains, is: lost},"
        " {not: {inactive_for: 1h, of: motion}}]}], for: 5m"
    ),
]

BAD_CONDITIONS = [
    "property: fall, is: gone",
    "property: fall, iz: detected",
    "property: fal, is: detected",
    "property: trigger, is: pressed, for: 5m",
    "property: temperature, is: warm",
    "property: contact, is: open, for: 5 minutes",
    "property: contact, is: open, for: 0m",
    "property: contact, is: open, for: 300",
    "property: contact, is: open, between: 22:00",
    "property: contact, is: open, between: 1320",
    "property: contact, is: open, at: []",
    "inactive_for: 4h",
    "inactive_for: 4h, of: smoke",
    "inactive_for: 4h, of: motion, at_least: 2",
    "inactive_for: 4h, of: motion, within: 15m",
    "none_of: {property: motion}, from: '05:00'",
    "none_of: {property: motion}, from: '25:00', by: '11:00'",
    "none_of: {property: motion}, from: 300, by: '11:00'",
    "none_of: [], from: '05:00', by: '11:00'",
    "none_of: {property: smoke}, from: '05:00', by: '11:00'",
    "property: contact, is: open, without: {property: motion}",
    "property: contact, is: open, then: {property: motion, within: 5m}, within: 5m",
    "property: contact, is: open, then: {property: motion, then: {property: motion}}, within: 5m",
    "count: {property: motion}, at_least: 1, within: 12h",
    "count: {property: motion}, at_least: 8",
    "count: motion, at_least: 8, within: 1h",
    "property: temperature, above: 28, below: 10",
    "property: temperature, above: warm",
    "property: temperature, above: 28, clear_above: 20",
    "property: contact, above: 28",
    "property: temperature, rises_by: 0, within: 1h",
    "property: temperature, rises_by: 5",
    "property: contact, inside: {centre: [51.5, -0.1], radius: 300}",
    "property: location, inside: {centre: [51.5, -0.1]}",
    "property: location, inside: {centre: [151.5, -0.1], radius: 3}",
    "property: location, inside: {points: [[51, 0], [52, 0]]}",
    "silent: alarm_unit",
    "silent: alarm_unit, for: 1h, every: 5m",
    "silent: alarm_unit, for: 1h, misses: 3",
    "all: []",
    "all: {property: contact, is: open}",
    "all: [{property: trigger, is: pressed}, {property: contact, is: open}]",
    "all: [{property: contact, is: open, then: {property: motion}, within: 5m}]",
    "not: [{property: contact, is: open}]",
    "not: {property: trigger, is: pressed}",
    "",
]


@pytest.mark.parametrize("when", GOOD_CONDITIONS)
def test_reader_and_schema_take_the_same_conditions(
    tmp_path: Path, complaints: Refusals, when: str
) -> None:
    """Every kind of condition, with the keys that it may have."""
    text = WHEN.format(when)

    assert rules_of(tmp_path, text).problems == []
    assert complaints("rules", text) == []


@pytest.mark.parametrize("when", BAD_CONDITIONS)
def test_reader_and_schema_refuse_the_same_conditions(
    tmp_path: Path, complaints: Refusals, when: str
) -> None:
    """An editor underlines what the daemon would refuse."""
    text = WHEN.format(when)

    assert rules_of(tmp_path, text).problems
    assert complaints("rules", text)


def test_every_kind_of_condition_is_tried() -> None:
    """A new kind has its lines above."""
    for kind in KINDS:
        for mark in kind.marks:
            assert any(f"{mark}:" in when for when in GOOD_CONDITIONS), mark


GOOD_RULES = [
    "priority: routine, max_per_day: 3, cooldown: 1h, split_after: 2h",
    "unless: away, mode: watch",
    "unless: [away, visitor], mode: 'off', downtime: grace 30m, policy: technical",
    "days: Mon-Fri, dates: ['12-24..01-02', '2026-12-25']",
    "days: [Mon, Tue]",
    "days: 'Sat-Sun, holidays'",
    "days: 'Mon-Fri, not holidays'",
    "applies_to: {tags: dementia, homes: [larch-12]}",
    "cancel_within: 30s, confirm: {none_of: {property: motion}, within: 90s}",
    "confirm: {any_of: [{property: fall, is: detected}], within: 2m, priority: life_safety}",
    "clear: auto",
    "clear: {property: contact, is: closed, at: hall}",
    "priority: life_safety, clear: person",
    "say: 'Door of {home.address}: {minutes} {{min}}. Reply {code}.'",
    "values: [{tags: dementia, mode: watch}, {schemes: [northside], when.at: hall}]",
]

BAD_RULES = [
    "priority: high",
    "mode: loud",
    "say: 'Hello {nobody}'",
    "say: 'Hello {home.address'",
    "unless: asleep",
    "days: someday soon 3",
    "dates: ['Christmas']",
    "cooldown: 60",
    "priority: life_safety, cooldown: 1h",
    "priority: life_safety, unless: away",
    "priority: life_safety, max_per_day: 3",
    "priority: life_safety, clear: auto",
    "max_per_day: 3",
    "priority: routine, max_per_day: 0",
    "confirm: {within: 90s}",
    "confirm: {none_of: {property: motion}}",
    "confirm: {none_of: {property: smoke}, within: 90s}",
    "clear: never",
    "clear: {property: contact, is: shut}",
    "downtime: grace",
    "downtime: skip",
    "applies_to: {tag: dementia}",
    "values: [{mode: watch}]",
    "values: [{tags: dementia}]",
    "values: [{homes: larch-12, tags: x, mode: watch}]",
    "policy: two words",
    "replaces: 'yes'",
    "wen: {}",
]


@pytest.mark.parametrize("keys", GOOD_RULES)
def test_reader_and_schema_take_the_same_rules(
    tmp_path: Path, complaints: Refusals, keys: str
) -> None:
    """The keys beside `when`."""
    text = RULE.format(keys)

    assert rules_of(tmp_path, text).problems == []
    assert complaints("rules", text) == []


@pytest.mark.parametrize("keys", BAD_RULES)
def test_reader_and_schema_refuse_the_same_rules(
    tmp_path: Path, complaints: Refusals, keys: str
) -> None:
    """Life safety is never muted, in an editor either."""
    text = RULE.format(keys)

    assert rules_of(tmp_path, text).problems
    assert complaints("rules", text)


BAD_POLICIES = [
    "policies: {p: {steps: []}}",
    "policies: {p: {}}",
    "policies: {p: {steps: [{notify: monitoring_centre, by: [fax]}]}}",
    "policies: {p: {steps: [{notify: monitoring_centre, wait: 3}]}}",
    "policies: {'two words': {steps: [{notify: monitoring_centre}]}}",
    "policies: {p: {steps: [{notify: monitoring_centre, repeat: 0}]}}",
    "policies: {p: {steps: [{notify: monitoring_centre, apart: soon}]}}",
    "policies: {p: {steps: [{notify: monitoring_centre}], acknowledge: {needed: 0}}}",
    "policies: {p: {steps: [{notify: monitoring_centre}], detail: some}}",
    "policies: {p: {choose: []}}",
    "policies: {p: {choose: [{priority: grave, policy: q}, {policy: q}]}}",
    "policies: {p: {choose: [{between: late, policy: q}, {policy: q}]}}",
    "policies: {p: {steps: [{notify: monitoring_centre}], choose: [{policy: q}]}}",
    "policies: [1]",
    "polices: {}",
    "rotas: {r: {layers: []}}",
]


@pytest.mark.parametrize("text", BAD_POLICIES)
def test_reader_and_schema_refuse_the_same_policies(
    tmp_path: Path, complaints: Refusals, text: str
) -> None:
    """In a file of policies alone and beside rules."""
    assert rules_of(tmp_path, text).problems
    assert complaints("policies", text)
    assert complaints("rules", text)


HOME = "homes: [{{id: larch-12, scheme: northside, {0}}}]"
BAD_HOMES = [
    "homes: {}",
    "people: []",
    "homes: [{id: larch-12}]",
    "homes: [{id: larch 12, scheme: northside}]",
    HOME.format("devices: [{id: a, kind: falls}]"),
    HOME.format("devices: [{id: a, kind: other, profile: zigbee2mqtt}]"),
    HOME.format("devices: [{id: a, kind: other, topic: 'a/#'}]"),
    HOME.format("contacts: [{id: ben, name: Ben Hall}]"),
    HOME.format("contacts: [{person: resp-1, name: Ben Hall}]"),
    HOME.format("contacts: [{name: Ben Hall, phone: '+447700900123', reachable: late}]"),
    HOME.format("resident: {born: yesterday}"),
    HOME.format("rules: {not-up: 11}"),
    HOME.format("adress: 12 Larch Close"),
]


@pytest.mark.parametrize("text", BAD_HOMES)
def test_reader_and_schema_refuse_the_same_homes(complaints: Refusals, text: str) -> None:
    """What can be seen without knowing the rules, the profiles and the other homes."""
    with pytest.raises(ConfigError):
        read_homes(text, "h.yaml", Surroundings())
    assert complaints("homes", text)


BAD_DEPLOYMENTS = [
    "broker: {url: 'http://127.0.0.1'}",
    "broker: {password: secret}",
    "broker: {password: {env: A, file: b}}",
    "broker: {protocol: 4}",
    "store: {url: telecared.db}",
    "mode: pilot",
    "allow: ['+447700900123']",
    "limits: {in_flight: 0}",
    "retention: {alerts: 7}",
    "webhooks: {listen: 8081}",
    (
        "sms: [{provider: pigeon, account_sid: AC00000000000000000000000000000000,"
        " from: '+447700900000', auth_token: {env: A}}]"
    ),
    "sms: [{account_sid: '1', from: '+447700900000', auth_token: {env: A}}]",
    "brokr: {}",
]


@pytest.mark.parametrize("text", BAD_DEPLOYMENTS)
def test_reader_and_schema_refuse_the_same_deployments(
    tmp_path: Path, complaints: Refusals, text: str
) -> None:
    """No secret in the file, no live mode with a list of numbers."""
    (tmp_path / "t.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError):
        load_deployment(tmp_path / "t.yaml")
    assert complaints("config", text)


def test_a_whole_number_names_a_version_of_mqtt(tmp_path: Path, complaints: Refusals) -> None:
    """`protocol: 5` needs no quotes."""
    text = "broker: {protocol: 5}\nrules: rules/\n"
    (tmp_path / "t.yaml").write_text(text, encoding="utf-8")

    assert load_deployment(tmp_path / "t.yaml").broker.protocol == "5"
    assert complaints("config", text) == []


@pytest.mark.parametrize(
    "text",
    [
        "profile: Two Words",
        "profile: x\nreadings: [{from: a, on: detected}]",
        "profile: x\nreadings: [{property: movement, from: a, on: detected}]",
        "profile: x\ntopicz: []",
        "profile: x\npayload: xml",
    ],
)
def test_reader_and_schema_refuse_the_same_profiles(
    tmp_path: Path, complaints: Refusals, text: str
) -> None:
    """Unknown keys and properties."""
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError):
        load_profiles([tmp_path / "x.yaml"])
    assert complaints("devices", text)
