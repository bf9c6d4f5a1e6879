"""Rehearsals of policies: one person after another, repeats, choosers, and the supervisor."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from telecared.config.deployment import default_deployment
from telecared.config.load import LoadedPlan, load_plan
from telecared.core.compile import HomePlan
from telecared.core.plan import Device, HomeRecord
from telecared.core.policy import Centre, Contact
from telecared.core.vocabulary import SECOND, DeviceKind
from telecared.sim.preview import Rehearsal, instant_of, parse_asked, rehearse, rule_asked
from tests.engine.scenery import instant

RULES = """
rules:
  fall: {when: {property: fall, is: detected}, priority: life_safety}
policies:
  day:
    steps:
      - {notify: carers, by: [sms, voice], apart: 30s, wait: 1m, repeat: 2}
      - {notify: monitoring_centre}
  night: {steps: [{notify: duty, wait: 1m}, {notify: monitoring_centre}]}
  family-then-centre:
    choose:
      - {between: "22:00-07:00", policy: night}
      - {policy: day}
people:
  - {id: ann, name: Ann Lee, phone: "+447700900150"}
  - {id: sue, name: Sue Vale, phone: "+447700900160", email: sue@example.org, by: email}
rotas:
  duty: {layers: [{people: [ann]}]}
"""
NOW = instant("2026-03-02T10:00:00Z")
LARCH = HomeRecord(
    id="larch-12",
    scheme="n",
    timezone="Europe/London",
    devices=(
        Device(id="watch", kind=DeviceKind.FALL_DETECTOR, profile="native", topic="t/n/l/watch"),
    ),
    contacts=(
        Contact(id="ben", name="Ben Hall", phone="+447700900123", roles=("carer",)),
        Contact(id="cara", name="Cara Singh", phone="+447700900124", roles=("carer",)),
    ),
)


@pytest.fixture
def loaded(tmp_path: Path) -> LoadedPlan:
    """The policies of these stories, with a supervisor."""
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    found = load_plan(default_deployment(tmp_path), rules=[tmp_path / "rules.yaml"])
    centre = Centre(sms="+447700900900", supervisor="sue")
    return replace(found, plan=replace(found.plan, centre=centre))


def preview(loaded: LoadedPlan, asked: str) -> Rehearsal:
    """What would happen if nobody answered."""
    wanted = parse_asked(asked)
    home = HomePlan(loaded.plan, LARCH.id, LARCH)
    rule = rule_asked(home, wanted.what)
    return rehearse(loaded, LARCH, rule, instant_of(wanted, home, NOW), now=NOW)


def told(rehearsal: Rehearsal) -> list[tuple[int, str | None, str | None]]:
    """(seconds after, who, how) of each message."""
    return [
        ((instant(line.at) - rehearsal.at) // SECOND, line.to, line.channel)
        for line in rehearsal.lines
        if line.event == "notification.queued"
    ]


def test_a_rehearsal_shows_people_told_apart_and_again_and_the_supervisor(
    loaded: LoadedPlan,
) -> None:
    """By day: each carer by two channels, 30 s apart, twice; the centre; who is responsible."""
    rehearsal = preview(loaded, "fall at 14:00")
    family = [
        (at, to, how)
        for at, to in ((0, "ben"), (30, "cara"), (90, "ben"), (120, "cara"))
        for how in ("sms", "voice")
    ]
    assert told(rehearsal) == [
        *family,
        (180, "monitoring_centre", "sms"),
        (240, "sue", "email"),
        (360, "sue", "email"),
        (360, "monitoring_centre", "sms"),
    ]
    assert rehearsal.at_the_centre == rehearsal.at + 180 * SECOND
    step = rehearsal.duty[0]
    assert (step.to, step.apart, step.repeat) == (("ben", "cara"), 30 * SECOND, 2)


def test_a_rehearsal_follows_the_policy_that_the_hour_chooses(loaded: LoadedPlan) -> None:
    """At night whoever is on duty, and then the centre."""
    rehearsal = preview(loaded, "fall at 23:30")
    assert told(rehearsal)[:2] == [(0, "ann", "sms"), (60, "monitoring_centre", "sms")]
    assert [(one.policy, one.to) for one in rehearsal.duty] == [
        ("night", ("ann",)),
        ("night", ("monitoring_centre",)),
    ]
