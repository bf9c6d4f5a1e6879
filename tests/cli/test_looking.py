"""What commands print for scripts and for people: events, copies, verify, schemas, replays."""

import base64
import gzip
import io
import re
import shutil
import sqlite3
import sys
from pathlib import Path

import msgspec
import pytest

from telecared import __version__
from telecared.cli import lines
from telecared.cli.main import main
from telecared.sim.lines import ReplayLine
from tests.cli.conftest import Call, Hear

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
HALL = "telecare/northside/larch-12/hall"
FALL = ("telecare/northside/larch-12/watch", b'{"fall": "detected", "at": "2026-03-01T07:04:09Z"}')

RECORDING = """\
{"tst": "2026-03-01T07:00:00.000000Z", "topic": "telecare/northside/larch-12/hall", "qos": 1, \
"retain": 0, "payload": {"motion": "detected"}}

{"tst": "2026-03-01T07:10:00.000000Z", "topic": "telecare/northside/larch-12/watch", "qos": 1, \
"retain": 0, "payload": "{\\"fall\\": \\"detected\\"}"}
{"tst": "2026-03-01T07:40:00.000000Z", "topic": "telecare/northside/larch-12/hall", "qos": 1, \
"retain": 0, "payload": {"motion": "clear"}}
"""


# --- events -----------------------------------------------------------------------------------


def test_an_event_has_every_field_that_scripts_read(
    registered: Path, call: Call, hear: Hear
) -> None:
    """A message is shown whole, with its readings and the device's own time."""
    hear(*FALL)

    (event,) = call("events", "--json").objects

    fields = [name for name in lines.EventLine.__struct_fields__ if name != "payload_b64"]
    assert list(event) == fields
    assert isinstance(event["id"], int)
    assert TIME.fullmatch(str(event["received_at"]))
    assert event["readings"] == [
        {"property": "fall", "value": "detected", "at": "2026-03-01T07:04:09.000000Z"}
    ]
    assert (event["home"], event["device"], event["qos"]) == ("larch-12", "watch", 1)
    assert (event["topic"], event["payload"]) == (FALL[0], FALL[1].decode())
    assert (event["redelivered"], event["error"]) == (False, None)


def test_a_payload_that_is_no_text_is_shown_in_base64(
    registered: Path, call: Call, hear: Hear
) -> None:
    """Nothing that a device sent is hidden, and nothing breaks the JSON."""
    hear(HALL, b"\xff\x00\x7f")

    (event,) = call("events", "--json").objects

    assert event["payload"] is None
    assert base64.b64decode(str(event["payload_b64"])) == b"\xff\x00\x7f"
    assert event["error"]


def test_events_can_be_narrowed(registered: Path, call: Call, hear: Hear) -> None:
    """By home, by time and by number, the newest last."""
    hear(HALL, b'{"motion": "detected"}')
    hear(HALL, b'{"motion": "clear"}')

    def payloads(*arguments: str) -> list[object]:
        return [one["payload"] for one in call("events", "--json", *arguments).objects]

    assert payloads("--limit", "1") == ['{"motion": "clear"}']
    assert payloads("--home", "larch-14") == []
    assert len(payloads("--since", "1h")) == 2
    assert payloads("--since", "2200-01-01T00:00:00Z") == []


def test_people_get_tables(registered: Path, call: Call, hear: Hear) -> None:
    """Without --json there are words and columns, even of what looks like markup."""
    assert call("alerts").out == "no alerts\n"
    assert call("events").out == "no events\n"
    hear(*FALL)
    hear("telecare/northside/larch-12/[bold]x", b'{"trigger": "pressed"}')

    alerts, events = call("alerts").out, call("events").out

    assert "larch-12/1" in alerts
    assert "life_safety" in alerts
    assert "fall detected" in events
    assert "[bold]x" in events


class _Terminal(io.StringIO):
    """What commands write to, as a terminal."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def test_on_a_small_terminal_no_word_is_cut(
    registered: Path, call: Call, hear: Hear, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 80 columns an alert is a short paragraph whose words can be read and copied."""
    hear(*FALL)
    monkeypatch.setenv("COLUMNS", "80")
    terminal = _Terminal()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", terminal)
        assert main(["alerts"]) == 0
    shown = terminal.getvalue()

    assert shown.startswith("larch-12/1, life_safety, open, fall\n    opened ")
    assert max(len(line) for line in shown.splitlines()) <= 80


# --- copies and verify --------------------------------------------------------------------------


def test_a_copy_replaces_no_file_that_is_no_copy(registered: Path, call: Call) -> None:
    """A slip in the name does not cost the deployment file; an older copy may be replaced."""
    before = (registered / "telecared.yaml").read_bytes()

    refused = call("backup", "telecared.yaml", "--json")

    assert (refused.code, refused.out) == (1, "")
    assert "name another file" in refused.err
    assert (registered / "telecared.yaml").read_bytes() == before
    assert call("backup", "copy.db").code == call("backup", "copy.db").code == 0
    assert "who may sign in" in call("backup", "telecared-console.db").err


@pytest.mark.parametrize("command", ["verify", "restore"])
def test_a_file_that_is_not_there_is_a_slip_in_its_name(
    registered: Path, call: Call, command: str
) -> None:
    """Nobody is told to import homes, or asked whether to go on, because of a slip."""
    said = call(command, "gone.db", "--json")

    assert (said.code, said.out) == (1, "")
    assert said.err == "there is no file gone.db; check the name\n"


def test_a_recording_that_sets_nothing_off_is_told_so(site: Path, call: Call) -> None:
    """Silence could be a mistake; for scripts there is no line."""
    line = RECORDING.splitlines()[0] + "\n"
    (site / "calm.jsonl").write_text(line, encoding="utf-8")
    replay = ("replay", "calm.jsonl", "--homes", "homes.yaml")

    assert call(*replay).out == "no rule was set off\n"
    assert call(*replay, "--json").out == ""


def test_a_copy_is_made_put_back_and_what_it_replaces_is_kept(
    registered: Path, call: Call, hear: Hear
) -> None:
    """After a restore the alert that came later is gone from the store, not from the disk."""
    copied = call("backup", "copies/copy.db", "--json")
    hear(*FALL)
    asked = call("restore", "copies/copy.db")
    still = call("alerts", "--json").objects
    restored = call("restore", "copies/copy.db", "--yes", "--json")

    assert copied.objects == [{"file": "copies/copy.db", "replaced": None}]
    assert asked.code == 1
    assert len(still) == 1
    assert call("alerts", "--json").objects == []
    assert Path(str(restored.objects[0]["replaced"])).is_file()
    assert call("verify", "copies/copy.db").code == 0
    assert call("backup").code == 0
    assert len(list((registered / "backups").glob("telecared.*.db"))) == 1


def test_verify_tells_that_all_is_well(registered: Path, call: Call, hear: Hear) -> None:
    """The chain, the tables, the states and the ledger, in one object."""
    hear(*FALL)
    call("resolve", "larch-12/1", "--outcome", "test", "--by", "Ben Hall")
    hear("telecare/northside/larch-14/pendant", b'{"trigger": "pressed"}')

    said = call("verify", "--json")

    (found,) = said.objects
    assert said.code == 0
    assert list(found) == list(lines.VerifyLine.__struct_fields__)
    assert (found["sound"], found["problems"]) == (True, [])
    assert found["ledger"] == {
        "opened": 2,
        "closed_by_person": 1,
        "closed_by_recovery": 0,
        "acknowledged": 0,
        "escalating": 1,
        "balances": True,
    }


def test_verify_finds_what_somebody_changed(registered: Path, call: Call, hear: Hear) -> None:
    """An alert that was quietly marked as resolved is one sentence and exit 1."""
    hear(*FALL)
    with sqlite3.connect(registered / "telecared.db") as database:
        database.execute("UPDATE alerts SET state = 'resolved', outcome = 'test'")

    said = call("verify")

    assert said.code == 1
    assert "larch-12/1" in said.out
    assert "Traceback" not in said.err


def test_verify_reads_a_damaged_file_without_falling_over(registered: Path, call: Call) -> None:
    """A file that is no database any more is a sentence."""
    shutil.copy("homes.yaml", "damaged.db")

    said = call("verify", "damaged.db", "--json")

    assert said.code == 1
    assert said.objects[0]["ledger"] is None


# --- replay -------------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [False, True])
def test_a_recording_is_replayed(site: Path, call: Call, packed: bool) -> None:
    """Plain or gzipped, each decision is a line with every field."""
    data = RECORDING.encode()
    (site / "night").write_bytes(gzip.compress(data) if packed else data)

    said = call("replay", "night", "--homes", "homes.yaml", "--json")

    assert said.code == 0
    names = list(ReplayLine.__struct_fields__)
    assert all(list(line) == names for line in said.objects)
    opened = said.objects[0]
    assert opened["event"] == "alert.opened"
    assert opened["at"] == "2026-03-01T07:10:00.000000Z"
    assert (opened["alert"], opened["rule"]) == ("larch-12/1", "fall")
    assert {line["to"] for line in said.objects} >= {"ben", "monitoring_centre"}


def test_phones_answer_in_a_replay(site: Path, call: Call) -> None:
    """With --phones a carer takes the alert, and the centre is left alone."""
    (site / "night").write_text(RECORDING, encoding="utf-8")
    (site / "phones.yaml").write_text('ben: {reply: "{code}", after: 40s}\n', encoding="utf-8")

    said = call("replay", "night", "--homes", "homes.yaml", "--phones", "phones.yaml", "--json")

    taken = [line for line in said.objects if line["event"] == "alert.acknowledged"]
    assert [line["to"] for line in taken] == ["ben"]
    assert (
        "2026-03-01T07:10:40"
        in call("replay", "night", "--homes", "homes.yaml", "--phones", "phones.yaml").out
    )


def test_mistakes_in_a_replay_name_their_place(site: Path, call: Call) -> None:
    """The line of the recording, and the line of the file of phones."""
    (site / "night").write_text(RECORDING + "not json\n", encoding="utf-8")
    (site / "phones.yaml").write_text("ben: asleep\ncara: {reply: 1}\n", encoding="utf-8")
    (site / "torn.gz").write_bytes(gzip.compress(RECORDING.encode())[:-9])
    (site / "timeless").write_text('{"topic": "a", "payload": ""}\n', encoding="utf-8")

    line = call("replay", "night", "--homes", "homes.yaml")
    phones = call("replay", "night", "--homes", "homes.yaml", "--phones", "phones.yaml")
    torn = call("replay", "torn.gz", "--homes", "homes.yaml")
    timeless = call("replay", "timeless", "--homes", "homes.yaml")
    started = call("replay", "timeless", "--homes", "homes.yaml", "--start", "2026-03-01T07:00:00Z")

    assert (line.code, phones.code, torn.code, timeless.code, started.code) == (1, 1, 1, 1, 0)
    assert "line 5: " in line.err
    assert [each[:14] for each in phones.err.splitlines()] == ["phones.yaml:1:", "phones.yaml:2:"]
    assert "torn.gz: the gzip file is damaged" in torn.err


def test_stored_inputs_are_decided_again_as_they_were(
    registered: Path, call: Call, hear: Hear
) -> None:
    """A fall and its acknowledgement, replayed, give the same lines (promise P9)."""
    hear(*FALL)
    call("ack", "larch-12/1", "--by", "Ben Hall")

    again = call("replay", "--from-store", "--home", "larch-12", "--json")
    compared = call("replay", "--from-store", "--verify")

    assert [line["event"] for line in again.objects][:2] == [
        "alert.opened",
        "notification.queued",
    ]
    assert compared.code == 0, compared.err
    assert "agree with what was decided live" in compared.out


def test_a_replay_that_decides_otherwise_shows_where(
    registered: Path, call: Call, hear: Hear
) -> None:
    """The first differences come with both sides, and exit 1."""
    hear(*FALL)
    with sqlite3.connect(registered / "telecared.db") as database:
        database.execute("UPDATE records SET rule = 'something-else'")

    said = call("replay", "--from-store", "--verify")

    assert said.code == 1
    assert "live:" in said.err
    assert "something-else" in said.err


# --- the program itself -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        *("ack", "alerts", "backup", "check", "decode", "demo", "events", "import", "replay"),
        *("resolve", "restore", "snooze", "verify"),
    ],
)
def test_every_printed_object_has_a_schema(call: Call, command: str) -> None:
    """What scripts rely on is told by the program that prints it."""
    said = call("schema", "--output", command)

    (schema,) = said.objects
    assert said.code == 0
    assert "$defs" in schema


def test_the_program_tells_its_version_and_its_commands(call: Call) -> None:
    """Each command is listed, and each has a help with an example."""
    listed = call("--help").out

    assert call("--version").out.strip() == __version__
    for command in ("run", "check", "import", "alerts", "ack", "events", "decode", "replay"):
        assert f" {command} " in listed
        said = call(command, "--help")
        assert said.code == 0
        assert "Example: " in said.out
        assert f"telecared {command}" in said.out


def test_json_of_the_lines_can_be_read_back(registered: Path, call: Call, hear: Hear) -> None:
    """The schema and the output are one: every line fits the value that it was made from."""
    hear(*FALL)

    for text in call("alerts", "--json").lines:
        msgspec.json.decode(text, type=lines.AlertLine)
    for text in call("events", "--json").lines:
        msgspec.json.decode(text, type=lines.EventLine)
