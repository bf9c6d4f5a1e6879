"""`check` and `decode` look at files and messages offline, with or without a deployment."""

import io
import sys
from pathlib import Path

import msgspec
import pytest

from telecared.cli import lines
from telecared.cli.main import main
from tests.cli.conftest import HOMES, Call, Hear

HALL = '{"topic": "northside/larch-12/zigbee2mqtt/hall", "payload": {"occupancy": true}}'
NATIVE = '{"topic": "telecare/northside/larch-12/hall", "payload": {"motion": "detected"}}'


# --- check --------------------------------------------------------------------------------------


def test_what_ships_has_nothing_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call
) -> None:
    """Without any file the shipped rules and profiles are checked, and no error is found."""
    monkeypatch.chdir(tmp_path)

    said = call("check")

    assert said.code == 0
    assert "there is no telecared.yaml in" in said.out
    assert call("check", "--json").out == ""


def test_everything_wrong_comes_at_once_with_its_place(site: Path, call: Call) -> None:
    """Mistakes in homes and rules, each with file, line and column, and exit 1."""
    (site / "homes.yaml").write_text(HOMES.replace("fall_detector", "falls"), encoding="utf-8")
    (site / "rules.yaml").write_text(
        "rules:\n  cold: {when: {property: temprature, below: 16}}\n",
        encoding="utf-8",
    )

    people = call("check", "homes.yaml", "--rules", "rules.yaml")
    scripts = call("check", "homes.yaml", "rules.yaml", "--json")

    assert (people.code, scripts.code) == (1, 1)
    assert "homes.yaml:9:27: error: " in people.out
    assert "rules.yaml:2:" in people.out
    assert people.lines[-1].startswith("2 errors")
    errors = [one for one in scripts.objects if one["level"] == "error"]
    assert {one["file"] for one in errors} == {"homes.yaml", "rules.yaml"}
    assert all(list(one) == list(lines.CheckLine.__struct_fields__) for one in errors)
    assert all(isinstance(one["line"], int) and isinstance(one["col"], int) for one in errors)


def test_a_deployment_that_names_its_rules_is_no_rule_file(site: Path, call: Call) -> None:
    """Both have rules: at the top; what only a deployment has beside it tells."""
    (site / "other.yaml").write_text(
        "store: {url: 'sqlite:x.db'}\nrules: [nowhere/]\n", encoding="utf-8"
    )

    said = call("check", "other.yaml")

    assert said.code == 1
    assert "nowhere:1:1: error: no such file" in said.out
    assert "is not known here" not in said.out


def test_warnings_alone_are_fine(site: Path, call: Call) -> None:
    """What is doubtful is told, and the exit code stays 0."""
    said = call("check", "--homes", "homes.yaml", "--json")

    assert said.code == 0
    assert {one["level"] for one in said.objects} == {"warning"}


def test_files_are_told_from_their_content(site: Path, call: Call) -> None:
    """Profiles, deployments and tables are checked by name too; what is none of them is told."""
    (site / "profile.yaml").write_text("profile: x\ntopicz: []\n", encoding="utf-8")
    (site / "other.yaml").write_text("brokr: {url: 1}\n", encoding="utf-8")
    (site / "homes.csv").write_text("home,shceme\n", encoding="utf-8")
    (site / "list.yaml").write_text("- 1\n", encoding="utf-8")
    (site / "torn.yaml").write_text("homes: [\n", encoding="utf-8")

    for name in ("profile.yaml", "other.yaml", "homes.csv", "list.yaml", "torn.yaml", "gone.yaml"):
        said = call("check", name)
        assert said.code == 1, name
        assert f"\n{name}:" in f"\n{said.out}", name
    assert call("check", "other.yaml", "telecared.yaml").code == 2


# --- coverage -----------------------------------------------------------------------------------

NOON = "2026-03-02T12:00:00Z"


def test_each_home_has_a_table_of_its_dangers(site: Path, call: Call) -> None:
    """For people: a table a home, and each hole as a warning, which is no failure."""
    said = call("check", "--homes", "homes.yaml", "--coverage", "--at", NOON)

    assert said.code == 0
    assert "homes.yaml:8:7: warning: flood: no flood detector is registered" in said.out
    tables = said.out.partition("\nlarch-12\n")[2]
    (fall,) = [line for line in tables.splitlines() if line.startswith(" fall ")][:1]
    assert fall.split() == ["fall", "watch", "fall", "ben", "-"]
    assert "\nlarch-14\n" in tables


def test_scripts_get_one_object_for_each_danger_of_each_home(site: Path, call: Call) -> None:
    """Nothing else is on stdout; the fields are those of the schema."""
    said = call("check", "--homes", "homes.yaml", "--coverage", "--at", NOON, "--json")

    assert said.code == 0
    assert len(said.objects) == 18
    assert all(list(one) == list(lines.CoverageLine.__struct_fields__) for one in said.objects)
    assert said.objects[0] == {
        "home": "larch-12",
        "hazard": "fall",
        "sensor": "watch",
        "rule": "fall",
        "responder": "ben",
        "holes": [],
    }


def test_errors_beside_a_coverage_for_scripts_go_to_stderr(site: Path, call: Call) -> None:
    """They are not lost, and stdout stays of one kind."""
    (site / "homes.yaml").write_text(HOMES.replace("fall_detector", "falls"), encoding="utf-8")

    said = call("check", "--homes", "homes.yaml", "--coverage", "--json")

    assert (said.code, said.out) == (1, "")
    assert "homes.yaml:9:27: error: " in said.err
    assert "warning" not in said.err


def test_registered_homes_are_covered_by_what_was_heard(
    registered: Path, hear: Hear, call: Call
) -> None:
    """Without a file the homes in the store are meant, and a silent sensor is a hole."""
    hear("telecare/northside/larch-12/watch", b'{"battery": 90}')

    rows = {
        (str(one["home"]), str(one["hazard"])): one
        for one in call("check", "--coverage", "--json").objects
    }
    late = call("check", "--coverage", "--json", "--at", "2100-01-01T00:00:00Z").objects

    assert {home for home, _ in rows} == {"larch-12", "larch-14"}
    assert rows["larch-12", "fall"]["sensor"] == "watch"
    assert rows["larch-12", "inactivity"]["holes"] == ["hall has never been heard"]
    assert "watch was last heard" in str(late[0]["holes"])


def test_a_time_means_something_only_for_the_coverage(site: Path, call: Call) -> None:
    """Slips on the command line are told with the remedy."""
    assert "add it" in call("check", "--at", NOON).err
    assert call("check", "--at", NOON).code == 2
    assert call("check", "--coverage", "--at", "noon").code == 2


def test_scenarios_beside_rules_are_passed_over(site: Path, call: Call) -> None:
    """A folder of rules may hold the tests of the rules."""
    (site / "pack").mkdir()
    (site / "pack" / "a.yaml").write_text("- scenario: a story\n", encoding="utf-8")
    (site / "pack" / "b.yaml").write_text(
        "rules: {r: {when: {property: contact, is: open}}}\n", encoding="utf-8"
    )

    assert call("check", "pack").code == 0


# --- schema -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["rules", "homes", "policies", "devices", "config"])
def test_each_kind_of_file_has_a_schema(call: Call, kind: str) -> None:
    """`telecared schema rules > rules.json` is a whole JSON document."""
    said = call("schema", kind)

    assert said.code == 0
    assert msgspec.json.decode(said.out, type=dict[str, object])["$schema"] == (
        "https://json-schema.org/draft/2020-12/schema"
    )


@pytest.mark.parametrize("words", [(), ("rules", "--output", "alerts"), ("rule",)])
def test_a_schema_of_nothing_names_what_there_is(call: Call, words: tuple[str, ...]) -> None:
    """Exit 2, with the kinds of file."""
    said = call("schema", *words)

    assert said.code == 2
    assert "rules, homes, policies, devices, config" in said.err


# --- decode -------------------------------------------------------------------------------------


def test_messages_are_decoded_without_any_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call
) -> None:
    """With a profile's name the device is what the message names, and home is null."""
    monkeypatch.chdir(tmp_path)
    Path("messages").write_text(HALL + "\n\nnonsense\n", encoding="utf-8")

    said = call("decode", "--profile", "zigbee2mqtt", "messages")

    first, second = said.objects
    assert said.code == 0
    assert first == {
        "topic": "northside/larch-12/zigbee2mqtt/hall",
        "readings": [
            {"home": None, "device": "hall", "property": "motion", "value": "detected", "at": None}
        ],
        "error": None,
    }
    assert (second["topic"], second["readings"]) == (None, [])
    assert "not a JSON object" in str(second["error"])


def test_registered_devices_are_named(site: Path, call: Call) -> None:
    """With a file of homes each reading says whose it is."""
    (site / "messages").write_text(NATIVE + "\n", encoding="utf-8")

    (line,) = call("decode", "--homes", "homes.yaml", "messages").objects

    assert line["readings"] == [
        {
            "home": "larch-12",
            "device": "hall",
            "property": "motion",
            "value": "detected",
            "at": None,
        }
    ]


@pytest.mark.parametrize("named", [(), ("-",)])
def test_messages_come_from_stdin(
    site: Path, monkeypatch: pytest.MonkeyPatch, call: Call, named: tuple[str, ...]
) -> None:
    """Without a file, or with -, stdin is read, bytes that are no text included."""
    data = NATIVE.encode() + b'\n{"topic": "\xff"}\n'
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    said = call("decode", *named)

    assert said.code == 0
    assert said.objects[0]["error"] is None
    assert said.objects[1]["error"]


def test_an_unknown_profile_is_a_slip_with_a_hint(site: Path, call: Call) -> None:
    """The nearest name is offered."""
    said = call("decode", "--profile", "nativ")

    assert said.code == 2
    assert "native" in said.err


def test_a_reader_that_leaves_early_is_no_error(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`telecared decode | head` ends quietly."""

    class Gone(io.StringIO):
        """A pipe that nobody reads any more."""

        def write(self, text: str) -> int:
            raise BrokenPipeError

        def fileno(self) -> int:
            return spare.fileno()

    with (site / "spare").open("wb") as spare:
        monkeypatch.setattr(sys, "stdout", Gone())
        assert main(["schema", "--output", "alerts"]) == 0
