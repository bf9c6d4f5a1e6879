"""Homes are imported and alerts handled from the command line, on a real database."""

import sqlite3
from pathlib import Path

import pytest

from telecared.adapters.sqlite import SqliteReader, engine_lock
from telecared.cli.acting import OUTCOMES
from telecared.cli.lines import AlertLine
from tests.cli.conftest import HOMES, Call, Hear

FALL = ("telecare/northside/larch-12/watch", b'{"fall": "detected"}')


def homes_in(site: Path) -> list[str]:
    """The homes that are registered."""
    return [one.home for one in SqliteReader(site / "telecared.db").load().homes if one.record]


def test_the_first_import_makes_the_database_and_is_carried_out_at_once(
    site: Path, call: Call
) -> None:
    """Nobody has to start anything before homes can be registered."""
    said = call("import", "homes.yaml", "--by", "Ann Lee", "--json")

    assert said.code == 0
    assert said.objects == [{"command": 1, "state": "done", "reason": ""}]
    assert "no daemon is running" in said.err
    assert homes_in(site) == ["larch-12", "larch-14"]


def test_one_wrong_home_keeps_every_home_out_and_all_mistakes_are_told(
    site: Path, call: Call
) -> None:
    """Three mistakes in two files come in one go, and nothing is half imported."""
    wrong = HOMES.replace("fall_detector", "fall_detectr").replace('"+447700900124"', '"07"')
    (site / "wrong.yaml").write_text(wrong, encoding="utf-8")
    (site / "more.yaml").write_text("homes: [{id: elm-1}]\n", encoding="utf-8")

    said = call("import", "homes.yaml", "wrong.yaml", "more.yaml", "--by", "Ann Lee")

    assert said.code == 1
    assert said.out == ""
    files = [line.split(":")[0] for line in said.err.splitlines()]
    assert files == ["more.yaml", "wrong.yaml", "wrong.yaml"]
    assert not (site / "telecared.db").exists()


def test_a_home_in_two_files_is_refused(site: Path, call: Call) -> None:
    """Which of two records is meant is for a person to say."""
    (site / "again.yaml").write_text(HOMES, encoding="utf-8")

    said = call("import", "homes.yaml", "again.yaml", "--by", "Ann Lee")

    assert said.code == 1
    assert "again.yaml:3:9: the home larch-12 is already in homes.yaml" in said.err


def test_a_device_on_a_topic_of_a_stored_home_is_refused(registered: Path, call: Call) -> None:
    """A pendant whose message could be of two homes must not come in quietly."""
    (registered / "new.yaml").write_text(
        "homes: [{id: elm-1, scheme: northside, devices: [{id: p, kind: personal_trigger,"
        " topic: telecare/northside/larch-12/pendant}]}]\n",
        encoding="utf-8",
    )

    said = call("import", "new.yaml", "--by", "Ann Lee")

    assert said.code == 1
    assert said.err.startswith("elm-1/p: ")
    assert homes_in(registered) == ["larch-12", "larch-14"]


def test_replace_asks_before_it_deletes(registered: Path, call: Call) -> None:
    """Without --yes it says how many homes would go, and changes nothing."""
    one = HOMES[: HOMES.index("  - id: larch-14")]
    (registered / "one.yaml").write_text(one, encoding="utf-8")

    asked = call("import", "one.yaml", "--replace", "--by", "Ann Lee")
    before = homes_in(registered)
    done = call("import", "one.yaml", "--replace", "--yes", "--by", "Ann Lee")

    assert asked.code == 1
    assert "would delete 1 home: larch-14" in asked.err
    assert before == ["larch-12", "larch-14"]
    assert done.code == 0
    assert homes_in(registered) == ["larch-12"]


def test_a_table_is_imported_as_well(site: Path, call: Call) -> None:
    """CSV says the same as YAML."""
    (site / "homes.csv").write_text(
        "home,scheme,device_id,device_kind\nelm-1,southside,pendant,personal_trigger\n",
        encoding="utf-8",
    )

    assert call("import", "homes.csv", "--by", "Ann Lee").code == 0
    assert homes_in(site) == ["elm-1"]


def test_an_import_needs_no_secret_of_the_provider(site: Path, call: Call) -> None:
    """Staff who register homes may not read the token that the service sends with."""
    (site / "token").unlink()

    assert call("import", "homes.yaml", "--by", "Ann Lee").code == 0


def test_an_alert_is_taken_held_and_ended(registered: Path, call: Call, hear: Hear) -> None:
    """The whole life of an alert from the command line, each field as scripts read it."""
    hear(*FALL)
    opened = call("alerts", "--json").objects
    assert call("ack", "larch-12/1", "--by", "Ben Hall", "--lease", "15m").code == 0
    taken = call("alerts", "--json").objects
    second = call("ack", "larch-12/1", "--by", "Cara Singh")
    assert call("snooze", "larch-12/1", "--for", "5m", "--by", "Ben Hall").code == 0
    done = call(
        "resolve", "larch-12/1", "--outcome", "assistance_given", "--note", "up again",
        "--by", "Ben Hall", "--json",
    )  # fmt: skip
    ended = call("alerts", "--home", "larch-12", "--state", "resolved", "--json").objects

    assert list(opened[0]) == list(AlertLine.__struct_fields__)
    fields = ("alert", "home", "rule", "priority", "state", "owner", "repeats", "step", "outcome")
    expected = ["larch-12/1", "larch-12", "fall", "life_safety", "open", None, 0, 0, None]
    assert [opened[0][name] for name in fields] == expected
    assert (taken[0]["state"], taken[0]["owner"]) == ("acknowledged", "Ben Hall")
    assert str(taken[0]["lease_until"]) > str(taken[0]["opened_at"])
    assert second.code == 1
    assert second.err.splitlines()[-1].startswith("refused: Ben Hall already has it since ")
    assert done.objects[0]["state"] == "done"
    assert (ended[0]["resolved_by"], ended[0]["outcome"]) == ("Ben Hall", "assistance_given")
    assert call("verify").code == 0


def test_what_cannot_be_is_refused_with_exit_1(registered: Path, call: Call, hear: Hear) -> None:
    """A refusal carries its reason, for people and for scripts."""
    hear(*FALL)
    unknown = call("ack", "larch-12/9", "--by", "Ben Hall", "--json")
    nowhere = call("ack", "elm-1/1", "--by", "Ben Hall", "--json")
    too_long = call("snooze", "larch-12/1", "--for", "3d", "--by", "Ben Hall")

    assert (unknown.code, nowhere.code, too_long.code) == (1, 1, 1)
    assert unknown.objects[0]["state"] == "refused"
    assert "no alert larch-12/9" in str(unknown.objects[0]["reason"])
    assert "no home elm-1" in str(nowhere.objects[0]["reason"])
    assert "at most" in too_long.err


def test_a_command_that_nobody_carries_out_in_time_stays_accepted(
    registered: Path, call: Call, hear: Hear
) -> None:
    """With an engine that does not answer the exit code is 3; once there is one it is done."""
    hear(*FALL)
    with engine_lock(registered / "telecared.db"):
        said = call("ack", "larch-12/1", "--by", "Ben Hall", "--wait", "0s", "--json")
    later = call("resolve", "larch-12/1", "--outcome", "test", "--by", "Ben Hall", "--json")

    assert said.code == 3
    assert said.objects[0]["state"] == "accepted"
    assert later.objects[0]["state"] == "done"


def test_a_broken_configuration_leaves_the_command_on_record(
    registered: Path, call: Call, hear: Hear
) -> None:
    """Who takes an alert is on record even when the rules cannot be read at that moment."""
    hear(*FALL)
    good = (registered / "telecared.yaml").read_text(encoding="utf-8")
    (registered / "telecared.yaml").write_text(good + "rules: [gone/]\n", encoding="utf-8")
    said = call("ack", "larch-12/1", "--by", "Ben Hall", "--json")

    assert said.code == 3
    assert said.objects[0]["reason"] == "it is carried out when the daemon runs"
    assert "gone" in said.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("ack", "larch-12/1"), "--by"),
        (("ack", "larch-12/1", "--by", " "), "--by: write the name"),
        (("ack", "larch-12", "--by", "Ben"), "'larch-12' is no alert"),
        (("ack", "larch-12/1", "--by", "Ben", "--lease", "soon"), "--lease: not a duration"),
        (("snooze", "larch-12/1", "--by", "Ben"), "--for"),
        (("resolve", "larch-12/1", "--by", "Ben", "--outcome", "ok"), ", ".join(OUTCOMES)),
        (("alerts", "--state", "lost"), "lost"),
        (("alerts", "--since", "yesterday"), "--since: 'yesterday' is no time"),
        (("alerts", "--since", "2026-03-01T07:00:00"), "with its offset"),
        (("alerts", "--limit", "0"), "--limit"),
        (("import", "--by", "Ann"), "FILE"),
        (("frobnicate",), "frobnicate"),
        (("alerts", "--frobnicate"), "--frobnicate"),
        (("schema", "--output", "run"), "alerts, backup"),
        (("replay",), "replay STREAM --homes FILE"),
        (("replay", "--verify"), "--from-store"),
    ],
)
def test_a_slip_of_the_command_line_is_told_with_exit_2(
    registered: Path, call: Call, arguments: tuple[str, ...], told: str
) -> None:
    """Usage errors are one sentence on stderr, name what is wrong, and change nothing."""
    said = call(*arguments)

    assert said.code == 2
    assert said.out == ""
    assert told in said.err
    assert "Traceback" not in said.err


def test_without_a_file_a_command_says_where_it_looked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call
) -> None:
    """The sentence names the folder, the file and what to do."""
    monkeypatch.chdir(tmp_path)

    said = call("alerts")

    assert said.code == 1
    assert f"no telecared.yaml in {tmp_path}" in said.err
    assert "telecared.example.yaml" in said.err


def test_without_a_database_a_command_says_how_to_get_one(site: Path, call: Call) -> None:
    """Looking before anything was registered is told, not a traceback."""
    said = call("alerts")

    assert said.code == 1
    assert "telecared import" in said.err


def test_looking_is_on_record_before_anything_is_shown(
    registered: Path, call: Call, hear: Hear
) -> None:
    """Who saw personal data, when and which, can be told later (promise P11)."""
    hear(*FALL)
    call("alerts", "--by", "Ann Lee")
    call("events", "--home", "larch-12")

    with sqlite3.connect(registered / "telecared.db") as database:
        looks = database.execute("SELECT by, what, home FROM reads ORDER BY id").fetchall()
    assert looks[0] == ("Ann Lee", "alerts", None)
    assert looks[1][1:] == ("events", "larch-12")
    assert looks[1][0]
