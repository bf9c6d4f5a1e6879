"""Suspensions and silences are stated, shown and ended from the command line."""

from pathlib import Path

import msgspec
import pytest

from telecared.adapters.sqlite import CommandDesk
from telecared.adapters.system_clock import EngineClock, monotonic_seconds, pause, wall_now
from telecared.cli.lines import SuspensionsLine
from telecared.core.vocabulary import DAY, HOUR
from telecared.core.windows import rfc3339
from telecared.store_port import CommandRow
from tests.cli.conftest import Call, Hear

FALL = ("telecare/northside/larch-12/watch", b'{"fall": "detected"}')
MOTION = ("telecare/northside/larch-12/hall", b'{"motion": "detected"}')
BY = ("--by", "Ann Lee")


def local(at: int) -> str:
    """A time as a person writes it, by the clocks of a home in UTC."""
    return rfc3339(at)[:16]


def test_a_stay_in_hospital_is_stated_shown_moved_and_ended(
    registered: Path, call: Call, hear: Hear
) -> None:
    """The whole life of a suspension, each field as scripts read it; leaving is no activity."""
    end = wall_now() + 2 * DAY
    stated = call(
        "suspend", "larch-12", "--kind", "hospital", "--until", local(end), "--note", "Ward 7", *BY
    )
    hear(*MOTION)
    shown = call("suspend", "--list", "--json").objects
    moved = call("suspend", "larch-12", "--kind", "hospital", "--for", "3d", "--number", "1", *BY)
    table = call("suspend", "--list", "larch-12", *BY).out
    other = call("suspend", "larch-14", "--list")
    ended = call("suspend", "larch-12", "--end", *BY)
    again = call("suspend", "larch-12", "--end", "--number", "1", *BY)

    assert stated.code == 0
    assert stated.out.startswith("done: suspension 1, hospital until ")
    line = msgspec.convert(shown[0], SuspensionsLine)
    (running,) = line.suspensions
    assert (len(shown), line.home, line.ran_out) == (1, "larch-12", 0)
    assert running.until[:16] == local(end)
    assert (running.suspension, running.kind) == (1, "hospital")
    assert (running.by, running.note) == ("Ann Lee", "Ward 7")
    assert "now until" in moved.out
    assert "hospital" in table
    assert other.out == "no suspension runs\n"
    assert (ended.code, again.code) == (0, 1)
    assert "no suspension 1 runs in larch-12" in again.err
    assert call("alerts", "--json").objects == []
    assert call("verify").code == 0
    assert call("replay", "--from-store", "--verify").code == 0


class ADayLater(EngineClock):
    """The clock of this machine, a day later."""

    def now(self) -> int:
        """Return the engine time."""
        return super().now() + DAY


def test_what_ran_out_unnoticed_is_counted_and_shown(
    registered: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody had ended it: the list says so, also when nothing runs any more."""
    assert call("suspend", "larch-14", "--kind", "away", "--for", "3h", *BY).code == 0
    monkeypatch.setattr("telecared.cli.store.EngineClock", ADayLater)
    assert call("suspend", "larch-12", "--kind", "visitor", "--for", "2h", *BY).code == 0
    assert call("suspend", "larch-14", "--end", *BY).code == 1

    told = call("suspend", "--list").out
    objects = call("suspend", "--list", "--json").objects

    assert "larch-14: 1 suspension ran out so far without anybody having ended it" in told
    assert [(one["home"], one["ran_out"]) for one in objects] == [("larch-12", 0), ("larch-14", 1)]
    (alert,) = call("alerts", "--home", "larch-14", "--json").objects
    assert alert["rule"] == "suspension-ran-out"


def test_a_silence_for_a_scheme_is_one_for_each_of_its_homes(
    registered: Path, call: Call, hear: Hear
) -> None:
    """In one transaction; life safety is told all the same, and each home can be ended alone."""
    stated = call("silence", "--scheme", "northside", "--for", "2h", *BY, "--json")
    hear(*FALL)
    shown = call("silence", "--list", "--json").objects
    one = call("silence", "larch-12", "--end", "--number", "1", *BY)
    table = call("silence", "--list").out
    rest = call("silence", "--scheme", "northside", "--end", *BY)
    none = call("silence", "--scheme", "northside", "--end", *BY)

    assert stated.objects[0]["state"] == "done"
    assert stated.objects[0]["reason"] == "in 2 homes"
    assert [line["home"] for line in shown] == ["larch-12", "larch-14"]
    assert shown[0]["rule"] is None
    assert shown[0]["device"] is None
    assert shown[0]["held"] == 0
    assert [row["rule"] for row in call("alerts", "--json").objects] == ["fall"]
    assert one.code == 0
    assert "every rule" in table
    assert "larch-12" not in table
    assert rest.code == 0
    assert "in 1 homes; refused in 1 homes, the first is larch-12: no silence runs" in rest.out
    assert none.code == 1
    assert call("silence", "--list").out == "no silence runs\n"
    assert call("verify").code == 0
    assert call("replay", "--from-store", "--verify").code == 0


def test_one_rule_of_one_device_is_silenced(registered: Path, call: Call) -> None:
    """The list names both; an end may be written with its offset."""
    end = rfc3339(wall_now() + HOUR)
    said = call(
        "silence", "larch-12", "--rule", "no-movement", "--device", "hall", "--until", end, *BY
    )
    (line,) = call("silence", "larch-12", "--list", "--json").objects

    assert said.code == 0
    assert (line["rule"], line["device"]) == ("no-movement", "hall")
    assert str(line["until"])[:19] == end[:19]


def test_local_times_are_those_of_each_home(site: Path, call: Call) -> None:
    """One word for a scheme whose homes lie in two zones ends at two instants."""
    (site / "two.yaml").write_text(
        "homes:\n"
        "  - {id: a, scheme: s, timezone: Europe/London}\n"
        "  - {id: b, scheme: s, timezone: America/New_York}\n",
        encoding="utf-8",
    )
    assert call("import", "two.yaml", *BY).code == 0
    said = call("silence", "--scheme", "s", "--until", local(wall_now() + DAY), *BY)
    lines = call("silence", "--list", "--json").objects

    assert said.code == 0
    assert lines[0]["until"] != lines[1]["until"]


def test_what_cannot_be_is_refused_with_exit_1(registered: Path, call: Call) -> None:
    """An end in the past, one too far ahead, a home or a scheme that nobody registered."""
    past = call("suspend", "larch-12", "--kind", "away", "--until", "2020-01-01T12:00", *BY)
    far = call("suspend", "larch-12", "--kind", "away", "--for", "91d", *BY)
    fall = call("silence", "larch-12", "--rule", "fall", "--for", "2h", *BY)
    nowhere = call("suspend", "elm-1", "--kind", "away", "--until", "2099-01-01T12:00", *BY)
    nobody = call("silence", "--scheme", "elms", "--for", "2h", *BY)
    all_of_it = call("silence", "--scheme", "northside", "--rule", "fall", "--for", "2h", *BY)

    said = [past, far, fall, nowhere, nobody, all_of_it]
    assert [one.code for one in said] == [1] * 6
    told = [one.err.splitlines()[-1] for one in said]
    assert told[0].startswith("refused: a suspension needs an end that is still to come, not 2020-")
    assert told[1].startswith("refused: a suspension lasts 90d at most")
    assert told[2] == "refused: fall is life safety, which nothing silences"
    assert told[3].startswith("refused: there is no home elm-1")
    assert told[4].startswith("refused: there is no home in a scheme elms")
    assert told[5].startswith("refused: refused in 2 homes, the first is larch-12: fall is")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("suspend",), "--by: write the name"),
        (("suspend", *BY), "write the home"),
        (("suspend", "larch-12", "--for", "3d", *BY), "--kind: write one of away, hospital"),
        (("suspend", "larch-12", "--kind", "ill", "--for", "3d", *BY), "--kind: write one of"),
        (("suspend", "larch-12", "--kind", "away", *BY), "write when it ends"),
        (("suspend", "larch-12", "--kind", "away", "--for", "soon", *BY), "--for: not a duration"),
        (
            ("suspend", "larch-12", "--kind", "away", "--until", "2026-12-03", *BY),
            "--until: '2026-12-03' is no time",
        ),
        (
            ("suspend", "larch-12", "--kind", "away", "--until", "2026-02-30T12:00", *BY),
            "--until: '2026-02-30T12:00' is no time",
        ),
        (
            ("suspend", "x", "--kind", "away", "--until", "2026-02-30T12:00:00", *BY),
            "--until: '2026-02-30T12:00:00' is no time",
        ),
        (
            ("suspend", "x", "--kind", "away", "--for", "1d", "--note", "n" * 2001, *BY),
            "--note: longer",
        ),
        (("suspend", "larch-12", "--end", "--for", "3d", *BY), "--end ends it now"),
        (("suspend", "larch-12", "--end", "--number", "0", *BY), "--number: 0"),
        (("suspend", "--list", "--kind", "away"), "--list shows what runs"),
        (("silence", "larch-12"), "--by: write the name"),
        (("silence", "--for", "2h", *BY), "write one home"),
        (("silence", "larch-12", "--scheme", "s", "--for", "2h", *BY), "write one home"),
        (("silence", "larch-12", *BY), "write when it ends"),
        (("silence", "larch-12", "--number", "1", "--for", "2h", *BY), "--number goes with --end"),
        (("silence", "larch-12", "--end", "--until", "2026-12-03T12:00", *BY), "--end ends it"),
        (("silence", "--list", "--end"), "--list shows what runs"),
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


@pytest.mark.parametrize("command", ["suspend", "suspend --list", "silence", "silence --list"])
def test_every_printed_object_has_a_schema(call: Call, command: str) -> None:
    """What scripts rely on is told by the program that prints it."""
    said = call("schema", "--output", command)

    assert said.code == 0
    assert "$defs" in said.objects[0]


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"event": {"type": "SilenceEnded", "input": 0, "at": 0, "by": "Ann Lee"}}',
        b'{"event": {"type": "SilenceEnded", "input": 0, "at": 0, "by": "A"}, "local_until": "x"}',
    ],
    ids=["no order", "no home", "no time"],
)
def test_an_order_that_cannot_be_read_is_refused(registered: Path, call: Call, body: bytes) -> None:
    """Whatever wrote it: it stays on record, and the next one is carried out."""
    path = registered / "telecared.db"
    desk = CommandDesk(path, sleep=pause, seconds=monotonic_seconds)
    row = CommandRow(id=0, kind="silence", by="Ann Lee", via="cli", given_at=wall_now(), body=body)
    command = desk.add(row)
    assert call("silence", "larch-12", "--for", "2h", *BY).code == 0
    result = desk.wait(command, 0.0)
    assert result is not None
    assert result.state == "refused"


TAMPERED = ("telecare/northside/larch-12/pendant", b'{"tamper": "open"}')


def test_a_fault_rests_while_somebody_has_planned_for_it(
    registered: Path, call: Call, hear: Hear
) -> None:
    """The plan stands beside the alert as its owner, and is refused without words or far away."""
    hear(*TAMPERED)
    note = ("--note", "A neighbour looks in.")
    planned = call("plan-for", "larch-12/1", "--for", "14d", *note, *BY, "--json")
    shown = call("alerts", "--json").objects
    later = call("plan-for", "larch-12/1", "--until", local(wall_now() + DAY), *note, *BY)
    too_long = call("plan-for", "larch-12/1", "--for", "91d", *note, *BY)
    unknown = call("plan-for", "larch-12/9", "--for", "1d", *note, *BY)
    wordless = call("plan-for", "larch-12/1", "--for", "1d", *BY)
    endless = call("plan-for", "larch-12/1", *note, *BY)

    assert planned.objects[0]["state"] == "done"
    assert (shown[0]["state"], shown[0]["owner"]) == ("acknowledged", "Ann Lee")
    assert str(shown[0]["lease_until"])[:10] == rfc3339(wall_now() + 14 * DAY)[:10]
    assert later.code == 0
    assert too_long.code == 1
    assert "an interim plan lasts for at most 90d" in too_long.err
    assert unknown.code == 1
    assert wordless.code == 2
    assert "--note: say what keeps the resident safe" in wordless.err
    assert endless.code == 2
    assert call("verify").code == 0
    assert call("replay", "--from-store", "--verify").code == 0
