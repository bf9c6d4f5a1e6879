"""How people are told, as files say it: e-mail, language, channels; what editors know of rotas."""

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from telecared.config.homes import Surroundings, read_homes
from telecared.config.positions import read_document
from telecared.config.schemas import schema_of
from telecared.core.policy import Contact
from telecared.core.vocabulary import Channel
from tests.config.support import refusals, rules_of

HOMES = """\
people:
  - {id: resp-1, name: Night Responder, phone: "+447700900150", email: night@example.org, by: sms}
homes:
  - id: larch-12
    scheme: northside
    resident: {name: Mrs Ada Hall, phone: "+441632960012", tell: voice}
    contacts:
      - {id: ben, name: Ben Hall, phone: "+447700900123", email: ben@example.org, language: cy,
         by: [voice, email], roles: carer}
      - {person: resp-1, roles: responder}
"""

TABLE = """\
home,scheme,resident_name,resident_phone,resident_tell,contact_id,contact_name,contact_phone,\
contact_email,contact_language,contact_by,contact_roles
larch-12,northside,Mrs Ada Hall,+441632960012,voice,ben,Ben Hall,+447700900123,\
ben@example.org,cy,voice email,carer
"""

BEN = Contact(
    id="ben",
    name="Ben Hall",
    phone="+447700900123",
    roles=("carer",),
    email="ben@example.org",
    language="cy",
    by=(Channel.VOICE, Channel.EMAIL),
)


def test_a_contact_says_how_they_are_told(around: Surroundings) -> None:
    """In their own words of the file, or in those of the person whom several homes share."""
    (home,) = read_homes(HOMES, "h.yaml", around).homes
    assert home.contacts == (
        BEN,
        Contact(
            id="resp-1",
            name="Night Responder",
            phone="+447700900150",
            roles=("responder",),
            email="night@example.org",
            by=(Channel.SMS,),
        ),
    )
    assert home.resident_tell is Channel.VOICE


def test_a_contact_may_be_a_person_of_the_rule_files(around: Surroundings) -> None:
    """Whoever is on a rota need not be written twice; the homes' own people come first."""
    ann = Contact(id="ann", name="Ann Lee", phone="+447700900151", language="cy")
    same = Contact(id="resp-1", name="N. Responder", phone="+447700900150")
    known = replace(around, people={"ann": ann, "resp-1": same})
    text = HOMES + "      - {person: ann, roles: warden}\n"
    (home,) = read_homes(text, "h.yaml", known).homes
    assert home.contacts[1].name == "Night Responder"
    assert home.contacts[2] == replace(ann, roles=("warden",))
    assert "there is no person ann" in refusals(text, around)[0]


@pytest.mark.parametrize("own", ["ben", "resp-1"])
def test_nobody_has_the_id_of_somebody_else_on_a_rota(around: Surroundings, own: str) -> None:
    """The supervisor's page would go to the phone of a resident's son."""
    other = Contact(id=own, name="Somebody Else", phone="+447700900152")
    found = refusals(HOMES, replace(around, people={own: other}))
    assert [one.partition(": ")[2] for one in found] == [
        (
            f'"{own}" has another number in people: of the rule files; choose another id, or give'
            " both the same number"
        )
    ]


def test_a_table_says_the_same(around: Surroundings) -> None:
    """A column for each."""
    (home,) = read_homes(TABLE, "h.csv", around).homes
    assert home.contacts == (BEN,)
    assert home.resident_tell is Channel.VOICE


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("email: ben@example.org", "email: ben@", "must be one e-mail address"),
        ("language: cy", "language: Welsh", "not a language"),
        ("by: [voice, email]", "by: [push]", "must be a list of sms, voice and email"),
        ("by: [voice, email]", "by: []", "must be a list of sms, voice and email"),
        ("tell: voice", "tell: email", "must be sms or voice"),
        (', phone: "+441632960012", tell', ", tell", "the resident has no phone"),
        ("{person: resp-1", "{person: resp-1, email: x@example.org", "email comes from the person"),
        ("{person: resp-1", "{person: resp-1, by: sms", "by comes from the person"),
    ],
)
def test_a_slip_in_how_people_are_told_is_answered(
    around: Surroundings, was: str, now: str, told: str
) -> None:
    """With its place, and without an address of anybody."""
    found = refusals(HOMES.replace(was, now, 1), around)
    assert any(told in each for each in found)
    assert not any("ben@" in each or "x@" in each for each in found)


# --- schemas ------------------------------------------------------------------------------------


def complaints(kind: str, text: str) -> list[str]:
    """What the schema of a kind of file says of a text."""
    validator = Draft202012Validator(schema_of(kind))
    data = read_document(text, "a.yaml").data
    return [one.message for one in validator.iter_errors(data)]


GOOD = """\
people:
  - {id: ann, name: Ann Lee, phone: "+447700900150", by: [sms], reachable: "Mon-Fri"}
rotas:
  r:
    timezone: Europe/London
    layers:
      - {people: [ann], turn: 9d, handover: "09:00", start: 2026-03-01}
      - {people: ann, handover: "Mon 7:30", hours: "Sat-Sun"}
    overrides: [{from: 2026-12-24T09:00, to: 2026-12-27, person: ann}]
    leave: [{person: ann, from: 2026-12-24, to: "2026-12-27 10:00"}]
    staffed: false
"""

SLIPS = [
    ("turn: 9d", "turn: fortnightly"),
    ('handover: "09:00"', "handover: Mon"),
    ("start: 2026-03-01", "start: March"),
    ("from: 2026-12-24T09:00", "from: Christmas"),
    ("staffed: false", "staffed: perhaps"),
    ("by: [sms]", "by: [webhook]"),
    ("phone:", "telephone:"),
    ("people: [ann]", "people: []"),
    ("leave:", "leaves:"),
]


def test_an_editor_has_nothing_against_a_good_rota(tmp_path: Path) -> None:
    """The schemas of rule files know rotas and people."""
    assert rules_of(tmp_path, GOOD).problems == []
    assert complaints("policies", GOOD) == []
    assert complaints("rules", GOOD) == []
    assert complaints("homes", HOMES) == []


@pytest.mark.parametrize(("was", "now"), SLIPS)
def test_reader_and_schema_refuse_the_same_rotas(tmp_path: Path, was: str, now: str) -> None:
    """What can be seen in one place of the file."""
    text = GOOD.replace(was, now, 1)
    assert rules_of(tmp_path, text).problems
    assert complaints("policies", text)
