"""Who is on duty is shown, and somebody else is put on duty, from the command line."""

from pathlib import Path

import msgspec
import pytest

from telecared.adapters.sqlite import CommandDesk, SqliteReader
from telecared.adapters.system_clock import monotonic_seconds, pause, wall_now
from telecared.cli.rota_lines import RotaLine
from telecared.core.site import decode_site
from telecared.core.streams import parse_stamp
from telecared.core.vocabulary import DAY, HOUR
from telecared.core.windows import rfc3339
from telecared.store_port import CommandRow
from tests.cli.conftest import DEPLOYMENT, Call, Said
from tests.conftest import REPOSITORY

ROTAS = """
people:
  - {id: ann, name: Ann Lee, phone: "+447700900150"}
  - {id: bob, name: Bob Roe, phone: "+447700900151"}
rotas:
  supervisors:
    timezone: Europe/London
    layers: [{people: [ann, bob], turn: weekly, handover: "Mon 09:00", start: 2026-03-23}]
    overrides: [{from: 2026-04-04T09:00, to: 2026-04-04T12:00, person: bob}]
  office:
    layers: [{people: bob, hours: "Mon-Fri 09:00-17:00"}]
    staffed: false
"""
BY = ("--by", "Ivy Cole")


@pytest.fixture
def rotas(registered: Path) -> Path:
    """The site with people and two rotas."""
    folder = registered / "rules"
    folder.mkdir()
    (folder / "rotas.yaml").write_text(ROTAS, encoding="utf-8")
    rules = f"\nrules: [{REPOSITORY / 'rules' / 'policies.yaml'}, rules]\n"
    (registered / "telecared.yaml").write_text(DEPLOYMENT + rules, encoding="utf-8")
    return registered


def lines(said: Said) -> list[RotaLine]:
    """Return the objects of `rota show --json`."""
    return [msgspec.convert(one, RotaLine) for one in said.objects]


def test_who_is_on_duty_and_when_it_changes_is_shown(rotas: Path, call: Call) -> None:
    """Every field as scripts read it, over the week in which the clocks go forward."""
    said = call(
        *("rota", "show", "supervisors", "--at", "2026-03-29T12:00", "--days", "8", "--json")
    )
    (line,) = lines(said)
    assert (line.rota, line.timezone, line.staffed) == ("supervisors", "Europe/London", True)
    assert (line.at, line.on_duty, line.name) == ("2026-03-29T11:00:00.000000Z", "ann", "Ann Lee")
    assert [(one.since[:16], one.person) for one in line.shifts] == [
        ("2026-03-29T11:00", "ann"),
        ("2026-03-30T08:00", "bob"),
        ("2026-04-06T08:00", "ann"),
    ]
    assert [(one.at[:16], one.leaves, one.comes) for one in line.handovers] == [
        ("2026-03-30T08:00", "ann", "bob"),
        ("2026-04-06T08:00", "bob", "ann"),
    ]
    assert line.gaps == []
    assert [(one.number, one.person, one.by) for one in line.overrides] == [(None, "bob", None)]


def test_all_rotas_are_shown_to_people_with_names_and_gaps(rotas: Path, call: Call) -> None:
    """Local times, and a word where nobody is on duty."""
    told = call("rota", "show", "--at", "2026-04-03T15:00:00Z", "--days", "2").out
    assert "supervisors: Bob Roe (bob) is on duty at Fri 2026-04-03 16:00" in told
    assert "in the file: bob from 2026-04-04 08:00 to 2026-04-04 11:00 UTC" in told
    assert "NOBODY" in told
    assert "as is meant here" in told
    night = call("rota", "show", "office", "--at", "2026-04-04T12:00", "--days", "1")
    assert night.out.startswith("office: nobody is on duty")


def test_somebody_stands_in_for_a_time_and_that_is_ended(rotas: Path, call: Call) -> None:
    """Stated, shown with its author, ended; the store verifies and replays the same."""
    before = lines(call("rota", "show", "supervisors", "--json"))[0].on_duty
    other = "bob" if before == "ann" else "ann"
    now = wall_now()
    span = ("--from", rfc3339(now - HOUR), "--to", rfc3339(now + DAY))
    stated = call("rota", "override", "supervisors", "--person", other, *span, *BY)
    shown = lines(call("rota", "show", "supervisors", "--json"))[0]
    table = call("rota", "show", "supervisors").out
    wrong = call("rota", "override", "office", "--end", "1", *BY)
    ended = call("rota", "override", "supervisors", "--end", "1", *BY, "--json")
    after = lines(call("rota", "show", "supervisors", "--json"))[0]

    assert (stated.code, stated.out) == (0, "done: override 1\n")
    assert shown.on_duty == other
    assert [(one.number, one.by) for one in shown.overrides][-1] == (1, "Ivy Cole")
    assert "override 1" in table
    assert "stated by Ivy Cole" in table
    assert wrong.code == 1
    assert "office has no override 1" in wrong.err
    assert ended.objects[0]["state"] == "done"
    assert after.on_duty == before
    assert call("verify").code == 0
    assert call("replay", "--from-store", "--verify").code == 0


def test_a_gap_that_a_command_makes_is_told_and_ends_when_it_is_filled(
    rotas: Path, call: Call
) -> None:
    """A gap within a day is urgent; whoever fills it need not close the alert of a later one."""
    now = wall_now()

    def gap(since: int) -> Said:
        span = ("--from", rfc3339(since), "--to", rfc3339(since + HOUR))
        return call("rota", "override", "supervisors", "--person", "nobody", *span, *BY)

    assert gap(now + 3 * DAY).code == 0
    (open_alert,) = call("alerts", "--json").objects
    assert (open_alert["home"], open_alert["rule"]) == ("@site", "rota-gap")
    assert open_alert["priority"] == "technical"
    assert "names somebody" in call("rota", "show", "supervisors").out
    assert call("rota", "override", "supervisors", "--end", "1", *BY).code == 0
    (closed,) = call("alerts", "--json").objects
    assert closed["state"] == "resolved"
    assert gap(now + HOUR).code == 0
    newest = call("alerts", "--json").objects[0]
    assert (newest["rule"], newest["priority"]) == ("rota-gap-soon", "urgent")
    assert call("replay", "--from-store", "--verify").code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("show", "supervisor"), 1, 'there is no rota supervisor; did you mean "supervisors"?'),
        (("show", "--days", "0"), 2, "--days: write 1 to 366"),
        (("show", "--at", "noon"), 2, "--at: 'noon' is no time"),
        (("show", "--at", "9999-12-31T00:00:00Z"), 2, "--at: '9999-12-31T00:00:00Z' is no time"),
        (("override", "supervisors", *BY), 2, "write --person, --from and --to"),
        (
            ("override", "supervisors", "--end", "1", "--person", "ann", *BY),
            2,
            "--end ends an override",
        ),
        (("override", "supervisors", "--end", "9", *BY), 1, "supervisors has no override 9"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(
    rotas: Path, call: Call, arguments: tuple[str, ...], code: int, told: str
) -> None:
    """On the command line, or by the daemon."""
    said = call("rota", *arguments)
    assert said.code == code
    assert told in said.err


@pytest.mark.parametrize(
    ("person", "since", "until", "told"),
    [
        ("zoe", "2031-01-01T09:00", "2031-01-02T09:00", "there is no person zoe; known people"),
        ("ann", "2020-01-01T09:00", "2020-01-02T09:00", "it lies in the past"),
        ("ann", "2031-01-02T09:00", "2031-01-01T09:00", "it ends before it begins"),
        ("ann", "2031-01-02T09:00", "2033-01-01T09:00", "it lasts longer than 366 days"),
    ],
)
def test_an_override_that_makes_no_sense_is_refused(
    rotas: Path, call: Call, person: str, since: str, until: str, told: str
) -> None:
    """By the daemon, which knows who there is; nothing is changed."""
    span = ("--person", person, "--from", since, "--to", until)
    said = call("rota", "override", "supervisors", *span, *BY)
    assert said.code == 1
    assert told in said.err
    stated = lines(call("rota", "show", "supervisors", "--json"))[0].overrides
    assert not any(one.number for one in stated)


def test_an_order_that_cannot_be_read_is_refused(rotas: Path, call: Call) -> None:
    """Whatever another program hands in stops nothing."""
    desk = CommandDesk(rotas / "telecared.db", sleep=pause, seconds=monotonic_seconds)
    numbers = [
        desk.add(CommandRow(id=0, kind="rota", by="x", via="cli", given_at=wall_now(), body=body))
        for body in (b"{", b'{"type":"drained","at":0,"canary":true}')
    ]
    call("rota", "override", "supervisors", "--end", "9", *BY)
    for number in numbers:
        result = desk.wait(number, 0.0)
        assert result is not None
        assert (result.state, result.reason) == (
            "refused",
            "it could not be read and was set aside",
        )


def test_looking_at_a_rota_is_on_record_and_needs_no_store(
    site: Path, rotas: Path, call: Call
) -> None:
    """Names are personal data; before the first start there is nothing but the files."""
    assert call("rota", "show", "office", *BY).code == 0
    assert call("verify").code == 0
    (site / "telecared.db").rename(site / "elsewhere.db")
    assert lines(call("rota", "show", "office", "--json"))[0].rota == "office"
    assert not (site / "telecared.db").exists()


def test_a_site_without_rotas_says_so(registered: Path, call: Call) -> None:
    """The remedy is a section of a rule file."""
    assert call("rota", "show").out == "no rule file has rotas: yet\n"
    assert call("rota", "show", "--json").out == ""
    assert "write rotas: in a rule file" in call("rota", "show", "x").err


def test_an_override_reaches_the_site_as_it_was_stated(rotas: Path, call: Call) -> None:
    """By the clocks of the rota, not of the machine: nine o'clock is eight in summer."""
    span = ("--from", "2031-07-01T09:00", "--to", "2031-07-02T09:00")
    assert call("rota", "override", "supervisors", "--person", "ann", *span, *BY).code == 0
    stored = SqliteReader(rotas / "telecared.db").site()
    assert stored is not None
    (kept,) = decode_site(stored).rota_overrides
    assert kept.override.since == parse_stamp("2031-07-01T08:00:00Z")
    assert (kept.rota, kept.override.person, kept.override.by) == ("supervisors", "ann", "Ivy Cole")


def test_a_day_alone_is_meant_whole_as_in_the_files(rotas: Path, call: Call) -> None:
    """From the 24th to the 26th is until midnight after the 26th."""
    span = ("--from", "2030-12-24", "--to", "2030-12-26")
    assert call("rota", "override", "supervisors", "--person", "ann", *span, *BY).code == 0
    stored = SqliteReader(rotas / "telecared.db").site()
    assert stored is not None
    (kept,) = decode_site(stored).rota_overrides
    assert kept.override.until == parse_stamp("2030-12-27T00:00:00Z")


def test_a_preview_tells_whoever_stands_in(rotas: Path, call: Call) -> None:
    """The rehearsal asks the same rota as the daemon would, with what commands have said of it."""
    duty = """
policies:
  duty:
    steps: [{notify: supervisors, wait: 2m}, {notify: monitoring_centre}]
rules:
  fall: {when: {property: fall, is: detected}, priority: life_safety, policy: duty}
"""
    (rotas / "rules" / "duty.yaml").write_text(duty, encoding="utf-8")

    def told() -> set[str]:
        said = call("preview", "larch-12", "fall", "--json")
        return {str(one["to"]) for one in said.objects if one["event"] == "notification.queued"}

    (before,) = told() - {"monitoring_centre"}
    other = "bob" if before == "ann" else "ann"
    span = ("--from", rfc3339(wall_now() - HOUR), "--to", rfc3339(wall_now() + DAY))
    assert call("rota", "override", "supervisors", "--person", other, *span, *BY).code == 0
    assert told() - {"monitoring_centre"} == {other}
