"""`check`: what is wrong and what is doubtful, in every file, with codes for scripts."""

from pathlib import Path

import msgspec
import pytest

from telecared.config import check as check_module
from telecared.config.check import Coverage, check, examine
from telecared.config.findings import Finding
from telecared.core.plan import HomeRecord
from tests.config.support import bare_deployment, written

RULES = """\
rules:
  fall: {when: {property: fall, is: detected}, priority: life_safety}
  door: {when: {property: contact, is: open, at: front-door, for: 5m}}
policies:
  quick: {steps: [{notify: ben}, {notify: monitoring_centre}]}
"""

HOMES = """\
homes:
  - id: larch-12
    scheme: northside
    devices:
      - {id: pendant, kind: fall_detector}
      - {id: front-door, kind: door_sensor}
    contacts:
      - {id: ben, name: Ben Hall, phone: "+447700900123", roles: [carer]}
"""


def told(folder: Path, rules: str = RULES, homes: str = HOMES) -> list[Finding]:
    """The findings about one file of rules and one of homes."""
    files = written(folder, rules=rules, homes=homes)
    return check(bare_deployment(folder), rules=files[:1], homes=files[1:])


def brief(findings: list[Finding]) -> list[tuple[str, int, int, str]]:
    """File, line, column and code of findings."""
    return [(Path(each.file).name, each.line, each.col, each.code) for each in findings]


def test_files_in_order_give_no_finding(tmp_path: Path) -> None:
    """Silence means that everything fits."""
    assert told(tmp_path) == []


def test_the_examples_that_ship_give_no_error(repository: Path) -> None:
    """What a newcomer copies is sound; what it lacks is told in warnings."""
    found = check(repository / "telecared.example.yaml", homes=[repository / "homes.example.yaml"])
    assert [each for each in found if each.level == "error"] == []
    lacks = {"no-device", "no-device-at", "no-supervisor", "one-channel"}
    assert {each.code for each in found} <= lacks


def test_a_finding_has_the_fields_that_scripts_read(tmp_path: Path) -> None:
    """The JSON form of a line of `check --json`."""
    finding = told(tmp_path, RULES.replace("is: detected", "is: gone"))[0]
    assert msgspec.json.decode(msgspec.json.encode(finding)) == {
        "file": str(tmp_path / "rules.yaml"),
        "line": 2,
        "col": 37,
        "level": "error",
        "code": "invalid-rules",
        "message": '"gone" is no value of fall; write one of: clear, detected, suspected',
        "home": None,
    }


def test_a_broken_deployment_is_told_and_nothing_is_guessed(tmp_path: Path) -> None:
    """Without it nobody knows which rules are meant."""
    written(tmp_path, telecared="mode: loud\n")
    found = check(tmp_path / "telecared.yaml", homes=[tmp_path / "gone.yaml"])
    assert brief(found) == [("telecared.yaml", 1, 7, "invalid-deployment")]


def test_homes_are_checked_even_when_a_rule_is_wrong(tmp_path: Path) -> None:
    """All errors come at once; doubts wait until the plan stands."""
    found = told(tmp_path, RULES.replace("fall, is", "fal, is"), HOMES.replace("northside", "a b"))
    assert brief(found) == [
        ("homes.yaml", 3, 13, "invalid-homes"),
        ("rules.yaml", 2, 27, "invalid-rules"),
    ]


def test_a_rule_that_no_device_can_trigger_is_told_once_for_the_home(tmp_path: Path) -> None:
    """Few homes have every kind of device: one line names all rules that nothing feeds."""
    homes = HOMES.replace("fall_detector", "smoke_detector").replace("door_sensor", "bed_monitor")
    found = [each for each in told(tmp_path, homes=homes) if each.code == "no-device"]
    assert brief(found) == [("homes.yaml", 5, 7, "no-device")]
    assert found[0].home == "larch-12"
    assert found[0].message.startswith("no device here can trigger these rules: door; add")


def test_a_name_that_fits_no_device_is_a_probable_slip(tmp_path: Path) -> None:
    """A door sensor is there, and none is called as the rule wants."""
    found = told(tmp_path, homes=HOMES.replace("id: front-door", "id: frontdoor"))
    assert brief(found) == [("homes.yaml", 5, 7, "no-device-at")]
    assert found[0].message.startswith("door watches front-door, and no fitting device here")


def test_what_a_home_turned_off_or_is_not_for_is_not_missing(tmp_path: Path) -> None:
    """Coverage is about the rules that apply."""
    homes = HOMES.replace("id: front-door", "id: frontdoor")
    off = homes + "    rules: {door: {mode: off}}\n"
    assert told(tmp_path, homes=off) == []
    elsewhere = RULES.replace("for: 5m}", "for: 5m}, applies_to: {schemes: southside}")
    assert told(tmp_path, elsewhere, homes) == []


def test_a_window_shorter_than_the_duration_can_never_fire(tmp_path: Path) -> None:
    """Nine hours do not fit into eight; a week-long window takes any duration."""
    long = RULES.replace("for: 5m", 'for: 9h, between: "22:00-06:00"')
    found = told(tmp_path, long)
    assert brief(found) == [("rules.yaml", 3, 16, "never-fires")]
    assert found[0].message == (
        "door can never fire: it waits 9h and 22:00-06:00 is open for 8h at most; write a shorter"
        " duration or a longer window"
    )
    assert told(tmp_path, RULES.replace("for: 5m", 'for: 9h, between: "00:00-24:00"')) == []


def test_a_home_of_its_own_hours_can_make_a_rule_mute(tmp_path: Path) -> None:
    """The home's value is blamed, at its place."""
    homes = HOMES + "    rules: {door: {for: 2h, between: '22:00-23:00'}}\n"
    found = told(tmp_path, homes=homes)
    assert brief(found) == [("homes.yaml", 9, 19, "never-fires")]
    assert found[0].home == "larch-12"


def test_a_contact_who_is_never_told_is_found(tmp_path: Path) -> None:
    """A name in the list is no help at night if no step rings it."""
    homes = HOMES + '      - {id: dan, name: Dan Lee, phone: "+447700900125", roles: [friend]}\n'
    found = told(tmp_path, homes=homes)
    assert brief(found) == [
        ("homes.yaml", 9, 9, "contact-never-told"),
        ("homes.yaml", 9, 65, "unknown-role"),
    ]
    assert "Dan" not in found[0].message


def test_a_home_that_only_the_centre_hears_of_is_found(tmp_path: Path) -> None:
    """The policy's first steps go nowhere."""
    homes = HOMES.replace("[carer]", "[responder]")
    found = told(tmp_path, homes=homes)
    assert [each.code for each in found] == ["nobody-but-centre", "contact-never-told"]
    assert "family-then-centre tells nobody of this home" in found[0].message


def test_a_step_may_name_a_contact(tmp_path: Path) -> None:
    """An id in a step reaches its contact, whatever the roles."""
    homes = HOMES.replace("[carer]", "[]") + "    policy: quick\n"
    assert told(tmp_path, homes=homes) == []


def test_a_scheme_that_the_deployment_does_not_list_is_told(tmp_path: Path) -> None:
    """Nobody may be listening to its topics."""
    written(
        tmp_path,
        telecared="rules: rules.yaml\nschemes: [{id: southside}]\n",
        rules=RULES,
        homes=HOMES,
    )
    found = check(tmp_path / "telecared.yaml", homes=[tmp_path / "homes.yaml"])
    assert brief(found) == [
        ("homes.yaml", 3, 13, "unknown-scheme"),
        ("telecared.yaml", 1, 1, "centre-without-number"),
        ("telecared.yaml", 1, 1, "no-sms-provider"),
        ("telecared.yaml", 1, 1, "no-supervisor"),
    ]


def test_a_number_of_the_centre_without_a_sender_is_told(tmp_path: Path) -> None:
    """Nobody may believe that the centre's phone rings."""
    written(
        tmp_path,
        telecared="monitoring_centre:\n  sms: '+447700900900'\n  voice: '+447700900901'\n",
    )
    found = check(tmp_path / "telecared.yaml")
    assert brief(found) == [
        ("telecared.yaml", 1, 1, "no-sms-provider"),
        ("telecared.yaml", 2, 3, "no-supervisor"),
        ("telecared.yaml", 3, 3, "channel-without-sender"),
    ]


def test_an_example_in_a_profile_that_differs_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A profile proves itself by its own messages, here as in the tests."""
    sentences = ["devices/native.yaml:9:5: differs"]
    seen: list[object] = []

    def run(profile: object) -> list[str]:
        seen.append(profile)
        return sentences if len(seen) == 1 else []

    monkeypatch.setattr(check_module, "run_examples", run)
    found = told(tmp_path)
    assert [each.sentence for each in found] == sentences
    assert (found[0].level, found[0].code) == ("error", "example-differs")
    assert len(seen) >= 1


def test_homes_of_the_store_are_checked_without_a_line(tmp_path: Path) -> None:
    """A rule that changed after a home's own value was stored is found, not stumbled upon."""
    record = HomeRecord(
        id="larch-12",
        scheme="northside",
        timezone="UTC",
        rule_values={"fall": {"when.duration": 60_000_000}},
    )
    files = written(tmp_path, rules=RULES)
    found = check(bare_deployment(tmp_path), rules=files, records=[record])
    assert {(each.file, each.line, each.col, each.home) for each in found} == {
        ("homes in the store", 1, 1, "larch-12")
    }
    assert [each.code for each in found if each.level == "error"] == ["value-does-not-fit"]


def test_a_slip_in_the_rules_hides_no_unknown_profile_of_a_home(tmp_path: Path) -> None:
    """Which profiles there are does not hang on the rules: both slips come at once."""
    homes = HOMES.replace("kind: door_sensor", "kind: door_sensor, profile: zigbee, topic: a/b")

    found = told(tmp_path, RULES.replace("detected", "detectd"), homes)

    assert {one.code for one in found if one.level == "error"} == {"invalid-rules", "invalid-homes"}
    assert any("there is no profile zigbee" in one.message for one in found)


def test_everything_wrong_in_several_files_comes_at_once_and_in_order(tmp_path: Path) -> None:
    """By file, line and column as numbers: line 10 comes after line 9, and nothing hides another.

    What programs that read YAML 1.1 make of times, switches and durations is told with the rest.
    """
    first = """\
rules:
  a: {when: {property: contact, is: open, for: 300}, prio: urgent}
  b: {when: {none_of: {property: motion}, from: 300, by: "11:00"}}
  c: {when: {property: contact, is: open, between: 1320}, mode: false}
  d: {when: {propertty: contact, is: open}}
  e: {when: {property: contact, is: opne}}
  f: {when: {property: fall, is: detected}, priority: life_safety, cooldown: 1h, unless: away}
  g: {when: {property: temperature, above: 28, below: 10}}
  h: {when: {all: []}}
  i: {when: {count: {property: motion}, at_least: 1, within: 12}}
"""
    second = """\
policies:
  p: {steps: [{notify: carers, wait: 3}]}
  q: {steps: [{notify: monitoring_centre, bye: sms}]}
"""
    homes = HOMES.replace("fall_detector", "falls").replace("reachable", "reach")
    files = written(tmp_path, a=first, b=second, homes=homes)

    found = check(bare_deployment(tmp_path), rules=files[:2], homes=files[2:])

    wrong = [each for each in found if each.level == "error"]
    places = [(Path(each.file).name, each.line, each.col) for each in wrong]
    assert places == sorted(places)
    assert {(name, line) for name, line, _ in places} == {
        *(("a.yaml", line) for line in range(2, 11)),
        ("b.yaml", 2),
        ("b.yaml", 3),
        ("homes.yaml", 5),
    }
    on_line = {
        line: [each.message for each in wrong if (Path(each.file).name, each.line) == line]
        for line in places_of_lines(places)
    }
    assert len(on_line["a.yaml", 2]) == len(on_line["a.yaml", 7]) == 2
    assert any('did you mean "priority"' in text for text in on_line["a.yaml", 2])
    assert any("05:00" in text for text in on_line["a.yaml", 3])
    assert any('did you mean "property"' in text for text in on_line["a.yaml", 5])


def places_of_lines(places: list[tuple[str, int, int]]) -> set[tuple[str, int]]:
    """The files and lines of some places."""
    return {(name, line) for name, line, _ in places}


def test_rules_that_shadow_each_other_and_slow_policies_are_told(tmp_path: Path) -> None:
    """Each at the place in the file that it is about."""
    rules = """\
rules:
  door: {when: {property: contact, is: open, at: front-door}}
  door-long: {when: {property: contact, is: open, at: front-door, for: 5m}}
  fall: {when: {property: fall, is: detected}, priority: life_safety, policy: slow}
  bell: {when: {property: contact, is: closed}, cancel_within: 1h}
policies:
  slow: {steps: [{notify: carers, wait: 30m}, {notify: monitoring_centre}]}
"""
    assert brief(told(tmp_path, rules)) == [
        ("rules.yaml", 3, 21, "shadowed-rule"),
        ("rules.yaml", 5, 64, "long-cancel"),
        ("rules.yaml", 7, 17, "one-channel"),
        ("rules.yaml", 7, 17, "slow-policy"),
    ]


def test_holes_are_counted_only_when_the_coverage_is_asked_for(tmp_path: Path) -> None:
    """A small home is not wrong; whoever asks is told what it lacks."""
    files = written(tmp_path, rules=RULES, homes=HOMES)
    asked = Coverage(at=0)

    plain = examine(bare_deployment(tmp_path), rules=files[:1], homes=files[1:])
    report = examine(bare_deployment(tmp_path), rules=files[:1], homes=files[1:], coverage=asked)

    assert plain == ([], [])
    assert {each.code for each in report.findings} == {"coverage-hole"}
    assert {(each.level, each.home) for each in report.findings} == {("warning", "larch-12")}
    assert [row.hazard for row in report.coverage if not row.holes] == ["fall", "wandering"]
    assert "flood: no flood detector is registered" in {each.message for each in report.findings}


def test_there_is_no_coverage_while_a_rule_is_wrong(tmp_path: Path) -> None:
    """Nobody knows which rules would hold."""
    files = written(tmp_path, rules=RULES.replace("detected", "gone"), homes=HOMES)

    report = examine(
        bare_deployment(tmp_path), rules=files[:1], homes=files[1:], coverage=Coverage(at=0)
    )

    assert report.coverage == []
    assert [each.code for each in report.findings] == ["invalid-rules"]
