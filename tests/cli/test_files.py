"""`check` and `decode` look at files and messages offline, with or without a deployment."""

import io
import sys
from pathlib import Path

import pytest

from telecared.cli import lines
from telecared.cli.main import main
from tests.cli.conftest import HOMES, Call

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
