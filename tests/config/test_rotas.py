"""Rotas and the people on them, as files say them: read whole, and every slip at its place."""

from pathlib import Path
from typing import Final

import pytest

from telecared.config.deployment import load_deployment
from telecared.config.load import LoadedPlan, examine_plan, load_plan
from telecared.config.rotas import MAX_STATED
from telecared.core.policy import Contact
from telecared.core.rota import Layer, Leave, Override, Rota
from telecared.core.rota_duty import on_duty
from telecared.core.streams import parse_stamp
from telecared.core.vocabulary import Channel
from telecared.core.when import Holidays, Window
from tests.config.support import POLICIES, bare_deployment, plain, plan_of, written
from tests.conftest import REPOSITORY

PEOPLE = """\
people:
  - {id: ann, name: Ann Lee, phone: "+447700900150", email: ann@example.org, language: cy,
     by: [voice, sms], roles: [supervisors], reachable: "Mon-Fri"}
  - {id: bob, name: Bob Roe, phone: "+447700900151"}
"""

NIGHTS = """\
rotas:
  supervisors:
    timezone: Europe/London
    layers:
      - {people: [ann, bob], turn: weekly, handover: "Tue 07:30", start: 2026-03-18,
         hours: "00:00-24:00"}
      - {people: bob, turn: 9d, handover: "06:00",
         hours: "Sat-Sun 22:00-06:00, not holidays 12:00-13:00"}
      - {people: ann, turn: monthly, hours: ["10:00-11:00"]}
    overrides:
      - {from: 2026-12-24T09:00, to: 2026-12-27, person: bob}
      - {from: 2026-03-29T01:30, to: 2026-03-29T05:00, person: nobody}
    leave:
      - {person: ann, from: 2026-08-01, to: 2026-08-14}
    staffed: false
"""


def at(stamp: str) -> int:
    """Return the instant of a stamp in UTC."""
    return parse_stamp(stamp + ":00Z")


def sentences(folder: Path, text: str) -> list[str]:
    """Return every finding about a text, with the level before it."""
    _, findings = examine_plan(bare_deployment(folder), rules=written(folder, a=text))
    return [
        f"{each.level} {each.code} {told}"
        for each, told in zip(
            findings, plain(folder, [each.sentence for each in findings]), strict=True
        )
    ]


ALWAYS: Final = PEOPLE.replace(', reachable: "Mon-Fri"', "")


def with_rota(folder: Path, rota: str, people: str = ALWAYS) -> list[str]:
    """Return every finding about a rota `r` of Ann and Bob, behind the places of the file."""
    return sentences(folder, f"{POLICIES}{people}rotas:\n  r: {rota}\n")


def test_everything_about_a_rota_is_read(tmp_path: Path) -> None:
    """Layers, turns, hours, overrides and leave in local time, and days that are whole."""
    loaded: LoadedPlan = plan_of(tmp_path, POLICIES + PEOPLE + NIGHTS)
    assert loaded.plan.people == (
        Contact(
            id="ann",
            name="Ann Lee",
            phone="+447700900150",
            email="ann@example.org",
            language="cy",
            by=(Channel.VOICE, Channel.SMS),
            roles=("supervisor",),
            reachable=(Window(start=0, end=0, days=(0, 1, 2, 3, 4)),),
        ),
        Contact(id="bob", name="Bob Roe", phone="+447700900151"),
    )
    assert loaded.plan.rotas == (
        Rota(
            name="supervisors",
            timezone="Europe/London",
            layers=(
                Layer(people=("ann", "bob"), handover=(1, 450), start="2026-03-18"),
                Layer(
                    people=("bob",),
                    turn="9d",
                    handover=(0, 360),
                    hours=(
                        Window(start=1320, end=360, days=(5, 6)),
                        Window(start=720, end=780, holidays=Holidays.NEVER),
                    ),
                ),
                Layer(
                    people=("ann",),
                    turn="monthly",
                    start="2026-01-01",
                    hours=(Window(start=600, end=660),),
                ),
            ),
            overrides=(
                Override(since=at("2026-12-24T09:00"), until=at("2026-12-28T00:00"), person="bob"),
                Override(since=at("2026-03-29T01:00"), until=at("2026-03-29T04:00"), person=""),
            ),
            leave=(
                Leave(person="ann", since=at("2026-07-31T23:00"), until=at("2026-08-14T23:00")),
            ),
            staffed=False,
        ),
    )


def test_a_rota_without_a_zone_lives_in_the_sites_and_knows_its_holidays(tmp_path: Path) -> None:
    """What the deployment says of the site holds for its rotas."""
    (tmp_path / "t.yaml").write_text(
        "site: {timezone: Europe/Paris}\nholidays: {country: GB, except: []}\n", encoding="utf-8"
    )
    text = "rotas: {r: {layers: [{people: bob}, {people: ann, hours: not holidays 09:00-17:00}]}}"
    deployment = load_deployment(tmp_path / "t.yaml")
    loaded = load_plan(deployment, rules=written(tmp_path, a=POLICIES + PEOPLE + text))
    (rota,) = loaded.plan.rotas
    assert rota.timezone == "Europe/Paris"
    assert "2026-12-25" in rota.holidays
    assert on_duty(rota, at("2026-12-24T12:00")) == ("ann",)
    assert on_duty(rota, at("2026-12-25T12:00")) == ("bob",)


def test_a_rota_that_a_later_file_replaces_stands_once(tmp_path: Path) -> None:
    """The same name twice is an error unless the later says that it replaces the first."""
    first = "rotas: {r: {layers: [{people: ann}]}}\n"
    again = "rotas: {r: {layers: [{people: bob}], replaces: true}}\n"
    rules = written(tmp_path, a=POLICIES + PEOPLE + first, b=again)
    loaded = load_plan(bare_deployment(tmp_path), rules=rules)
    assert [rota.layers[0].people for rota in loaded.plan.rotas] == [("bob",)]
    rules = written(tmp_path, b=again.replace(", replaces: true", ""))
    _, findings = examine_plan(bare_deployment(tmp_path), rules=[tmp_path / "a.yaml", *rules])
    (told,) = [each.message for each in findings if each.level == "error"]
    assert "the rota r is already in" in told


@pytest.mark.parametrize(
    ("rota", "told"),
    [
        ("{layers: []}", "write 1 to 20 of them in this list"),
        ("{layers: [{people: ann, turn: fortnightly}]}", "must be daily, weekly, monthly or a"),
        ("{layers: [{people: ann, turn: 400d}]}", "must be daily, weekly, monthly or a"),
        ("{layers: [{people: ann, turn: 7}]}", "must be daily, weekly, monthly or a"),
        ("{layers: [{people: ann, handover: Mon}]}", "must be a time, or a weekday and a time"),
        ("{layers: [{people: ann, handover: Foo 09:00}]}", "must be a time, or a weekday"),
        ("{layers: [{people: ann, handover: 9}]}", "must be a time, or a weekday"),
        ("{layers: [{people: ann, start: Monday}]}", "must be a day with its year first"),
        ("{layers: [{people: ann, hours: late}]}", "not a window"),
        ("{layers: [{people: ann}], staffed: perhaps}", "true or false"),
        (
            "{layers: [{people: ann}], overrides: [{from: noon, to: 2026-01-02, person: bob}]}",
            "must be a local time of the rota",
        ),
        ("{layers: [{people: ann, start: 0001-01-01}]}", "of the years 1970 to 2199"),
        (
            "{layers: [{people: ann}], leave: [{from: 2026-01-02, to: 9999-12-31, person: ann}]}",
            "must be a day of the years 1970 to 2199",
        ),
        (
            "{layers: [{people: ann}], overrides: [{from: 2026-02-30, to: 2026-03-02, person: x}]}",
            "must be a local time of the rota",
        ),
        (
            "{layers: [{people: ann}], leave: [{from: 2026-01-02, to: 2026-01-01, person: ann}]}",
            "it ends before it begins",
        ),
        (
            (
                "{layers: [{people: ann}], overrides: [{from: 2026-01-02T09:00,"
                " to: 2026-01-02T09:00, person: bob}]}"
            ),
            "it ends before it begins",
        ),
        ("{layers: [{people: zoe}]}", "there is no person zoe in people:"),
        (
            (
                "{layers: [{people: ann}], overrides: [{from: 2026-01-02, to: 2026-01-02,"
                " person: zoe}]}"
            ),
            "there is no person zoe",
        ),
        (
            "{layers: [{people: ann}], leave: [{from: 2026-01-02, to: 2026-01-02, person: zoe}]}",
            "there is no person zoe",
        ),
    ],
)
def test_a_slip_in_a_rota_is_told_at_its_place(tmp_path: Path, rota: str, told: str) -> None:
    """A sentence with file, line and column, and what to write instead."""
    found = with_rota(tmp_path, rota)
    assert any(told in each and each.startswith("error invalid-rules a.yaml:") for each in found)


def test_all_that_is_wrong_with_rotas_comes_at_once(tmp_path: Path) -> None:
    """People whom nobody knows, ids that come twice, and a name that is a person's."""
    text = (
        f"{POLICIES}people:\n"
        '  - {id: ann, name: Ann Lee, phone: "+447700900150"}\n'
        '  - {id: ann, name: Ann Loe, phone: "+447700900151"}\n'
        "rotas:\n"
        "  ann: {layers: [{people: [ann, anna]}]}\n"
        "  monitoring_centre: {layers: [{people: ann}]}\n"
    )
    assert sentences(tmp_path, text) == [
        "error invalid-rules a.yaml:8:10: this id is already at a.yaml:7:10; rename one",
        "error invalid-rules a.yaml:10:3: ann is the id of a person too; rename one of the two",
        (
            "error invalid-rules a.yaml:10:33: there is no person anna in people: of the rule"
            ' files; did you mean "ann"?'
        ),
        (
            "error invalid-rules a.yaml:11:3: this name means the monitoring centre in policies;"
            " rename the rota"
        ),
    ]


def test_without_any_people_the_remedy_is_the_section(tmp_path: Path) -> None:
    """Whoever begins with rotas learns where the people stand."""
    (found,) = with_rota(tmp_path, "{layers: [{people: ann}]}", people="")
    assert found.endswith("add people: to this file")


@pytest.mark.parametrize(
    ("people", "told"),
    [
        ("people: {}", "must be a list of at most 1000"),
        ("people: [{id: x, name: X}]", '"phone" is missing'),
        ("people: [{id: carers, name: X, phone: '+447700900150'}]", "means somebody else"),
        ("people: [{id: nobody, name: X, phone: '+447700900150'}]", "means somebody else"),
        (
            "people: [{id: x, name: X, phone: '+447700900150', email: nowhere}]",
            "must be one e-mail address",
        ),
        (
            "people: [{id: x, name: X, phone: '+447700900150', by: [webhook]}]",
            "must be a list of sms, voice and email",
        ),
        ("people: [{id: x, name: X, phone: '+447700900150', by: []}]", "must be a list of sms"),
    ],
)
def test_a_slip_in_people_is_told_without_what_is_theirs(
    tmp_path: Path, people: str, told: str
) -> None:
    """No number, name or address is repeated."""
    found = sentences(tmp_path, f"{POLICIES}{people}\n")
    assert any(told in each for each in found)
    assert not any("nowhere" in each or "7700900150" in each for each in found)


def test_no_people_are_no_slip(tmp_path: Path) -> None:
    """An empty section is one that somebody has yet to fill."""
    assert sentences(tmp_path, f"{POLICIES}people:\n") == []


def test_a_staffed_rota_with_a_hole_is_doubtful(tmp_path: Path) -> None:
    """The first stretch without anybody is named in local time."""
    (found,) = with_rota(
        tmp_path, "{timezone: Europe/London, layers: [{people: ann, hours: Mon-Sat}]}"
    )
    assert found.startswith("warning rota-hole a.yaml:11:3: nobody is on duty from Sun 20")
    assert found.endswith("add a layer, or write staffed: false if that is meant")
    assert with_rota(tmp_path, "{staffed: false, layers: [{people: ann, hours: Mon-Sat}]}") == []
    assert with_rota(tmp_path, "{layers: [{people: ann, hours: 'Mon-Sat, Sun'}]}") == []


def test_an_override_over_nobody_and_leave_of_nobody_are_doubtful(tmp_path: Path) -> None:
    """What makes a gap on purpose, and what does nothing, is told."""
    found = with_rota(
        tmp_path,
        "{layers: [{people: ann, handover: Mon 09:00, turn: daily}],"
        " overrides: [{from: 2026-12-25T09:00, to: 2026-12-25T10:00, person: nobody}],"
        " leave: [{person: bob, from: 2026-12-25, to: 2026-12-25}]}",
    )
    assert [each.split()[1] for each in found] == [
        "rota-hole",
        "handover-day-ignored",
        "override-over-nobody",
        "idle-leave",
    ]


def test_who_is_on_duty_when_nobody_can_reach_them_is_doubtful(tmp_path: Path) -> None:
    """Ann can be reached on weekdays only, and has the weekend too."""
    (found,) = with_rota(tmp_path, "{layers: [{people: [bob, ann]}]}", PEOPLE)
    assert found.startswith("warning on-duty-out-of-reach a.yaml:11:3: ann is on duty from Mon")
    mine = "{layers: [{people: bob}, {people: ann, hours: Mon-Fri}]}"
    assert with_rota(tmp_path, mine, PEOPLE) == []
    assert with_rota(tmp_path, "{layers: [{people: bob}]}", PEOPLE) == []


def test_leave_of_all_is_a_hole(tmp_path: Path) -> None:
    """In August both are away."""
    (found,) = with_rota(
        tmp_path,
        "{layers: [{people: [ann, bob]}], leave: [{person: ann, from: 2026-08-01, to: 2026-08-14},"
        " {person: bob, from: 2026-08-14, to: 2026-08-20}]}",
    )
    assert "from Fri 2026-08-14 00:00 to Sat 2026-08-15 00:00 (UTC)" in found


def test_the_page_for_people_who_write_rotas_is_right(tmp_path: Path) -> None:
    """Its example is read, ends a policy at its rota, and has no hole."""
    page = (REPOSITORY / "docs" / "rotas.md").read_text(encoding="utf-8")
    example = page.split("```yaml\n")[1].split("```")[0]
    rules = written(tmp_path, a=POLICIES, b=example)
    loaded, found = examine_plan(bare_deployment(tmp_path), rules=rules)
    assert [each for each in found if each.level == "error" or "rota" in each.code] == []
    assert loaded is not None
    assert [rota.name for rota in loaded.plan.rotas] == ["supervisors"]


def test_a_policy_that_ends_at_a_rota_with_a_hole_is_refused(tmp_path: Path) -> None:
    """An alert must end at somebody, on a Sunday too; beside the centre the rota may rest."""
    rota = f"{PEOPLE}rotas: {{r: {{staffed: false, layers: [{{people: ann, hours: Mon-Sat}}]}}}}\n"
    policy = "  last: {steps: [{notify: carers}, {notify: r}]}\n"
    found = sentences(tmp_path, POLICIES + policy + rota)
    assert [each for each in found if "the policy last ends at this rota, and nobody is on" in each]
    both = policy.replace("notify: r}", "notify: [r, monitoring_centre]}")
    assert not [each for each in sentences(tmp_path, POLICIES + both + rota) if "ends at" in each]


def test_no_more_is_stated_in_a_file_than_somebody_can_oversee(tmp_path: Path) -> None:
    """Old overrides are removed some day."""
    one = "{from: 2026-12-25, to: 2026-12-25, person: bob}"
    several = ", ".join([one] * (MAX_STATED + 1))
    found = with_rota(tmp_path, f"{{layers: [{{people: ann}}], overrides: [{several}]}}")
    assert "write 0 to 500 of them" in found[0]
