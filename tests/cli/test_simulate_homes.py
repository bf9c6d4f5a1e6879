"""`simulate` with makers' sensors, habits, events on demand and the truth beside the stream."""

from pathlib import Path

import msgspec
import pytest

from telecared.cli.main import main
from telecared.cli.streams import open_lines
from telecared.core.streams import read_stream
from telecared.sim.happenings import STREET_KINDS

START = "2026-03-02T06:30:00Z"


def simulate(*arguments: object) -> int:
    """Run the command as a shell would."""
    return main(["simulate", *map(str, arguments)])


def test_an_event_on_demand_is_in_the_stream_and_in_the_truth(tmp_path: Path) -> None:
    """A fall of one home at a stated time, and nothing else that was drawn."""
    out, truth = tmp_path / "day.jsonl", tmp_path / "truth.jsonl"
    asked = ["--homes", 3, "--start", START, "--event", "fall@2026-03-02T10:15:00Z"]
    assert simulate(*asked, "--home", "larch-14", "--out", out, "--truth", truth) == 0

    with open_lines(out) as lines:
        falls = [
            message.topic
            for message in read_stream(lines)
            if b'"fall":"detected"' in message.payload
        ]
    assert set(falls) == {"telecare/northside/larch-14/fall-detector"}
    told = truth.read_text(encoding="utf-8").splitlines()
    assert msgspec.json.decode(told[0])["homes"] == 3
    assert [msgspec.json.decode(line)["home"] for line in told[1:]] == ["larch-14"]


def test_the_truth_does_not_change_the_stream(tmp_path: Path) -> None:
    """Asked for later by its seed, it is the truth about the same days; all kinds are drawn."""
    asked = ["--homes", 3, "--start", START, "--days", 4, "--events-a-day", 4]
    alone, beside, truth = (tmp_path / name for name in ("a.jsonl", "b.jsonl", "truth.jsonl"))
    assert simulate(*asked, "--out", alone) == 0
    assert simulate(*asked, "--out", beside, "--truth", truth) == 0
    assert alone.read_bytes() == beside.read_bytes()
    lines = truth.read_text(encoding="utf-8").splitlines()[1:]
    kinds = {msgspec.json.decode(line)["what"] for line in lines}
    assert kinds - {str(what) for what in STREET_KINDS}
    assert len(kinds) > 6


def test_homes_of_one_maker_speak_its_language(tmp_path: Path) -> None:
    """zigbee2mqtt where it can, native where it cannot; twice the same, byte for byte."""
    files = [tmp_path / name for name in ("one.jsonl", "two.jsonl")]
    for file in files:
        asked = ["--homes", 2, "--start", START, "--profiles", "zigbee2mqtt", "--events-a-day", 0]
        assert simulate(*asked, "--out", file) == 0
    assert files[0].read_bytes() == files[1].read_bytes()
    with open_lines(files[0]) as lines:
        topics = {message.topic for message in read_stream(lines)}
    assert "northside/larch-12/zigbee2mqtt/front-door" in topics
    assert "telecare/northside/larch-12/hub" in topics


@pytest.mark.parametrize(
    "arguments",
    [
        ["--habits", "odd"],
        ["--events-a-day", "9"],
        ["--event", "flying@2026-03-02T10:15"],
        ["--event", "stuck-sensor:attic@2026-03-02T10:15", "--start", START],
        ["--event", "fall@2026-03-09T10:15", "--start", START, "--days", "2"],
        ["--event", "fall@2026-03-02T05:15", "--start", START, "--out", "x"],
        ["--event", "holiday@2026-03-02T10:15/99999d", "--start", START],
        ["--home", "nowhere", "--event", "fall@2026-03-02T10:15"],
        ["--truth", "x", "--homes", "1"],
        ["--stream", "x", "--profiles", "mixed"],
    ],
)
def test_wishes_that_make_no_sense_are_refused_in_a_sentence(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, the option by its name, nothing on stdout."""
    assert simulate(*arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert arguments[0] in said.err
