"""A home written back as people write it reads as the same home."""

import json
from pathlib import Path

import pytest

from telecared.config.home_spelling import spell_home
from telecared.config.homes import Surroundings, read_homes
from telecared.core.plan import HomeRecord

EVERYTHING = """
people:
  - {id: resp-1, name: Rosa Night, phone: "+447700900150", language: de, by: [sms]}
homes:
  - id: larch-12
    scheme: northside
    address: 12 Larch Close
    timezone: Europe/London
    tags: [dementia, oxygen]
    exits: [patio]
    resident: {name: Mrs Ada Hall, phone: "+447700900012", language: cy, born: 1938-02-11,
      notes: "Hard of hearing", tell: voice}
    access: {key_safe: left of the door, code: "4711"}
    policy: family
    devices:
      - {id: pendant, kind: personal_trigger}
      - {id: hall, kind: activity_detector, profile: zigbee2mqtt, topic: northside/larch-12/hall,
         location: hall, invert: [contact], model: M1, serial: "0x1", installed: 2026-01-05,
         removed: 2026-06-01}
      - {id: bed, kind: bed_monitor, profile: rtl_433, topic: northside/larch-12/rtl, address: "7",
         codes: {"0a": {occupancy: occupied}, "0e": {occupancy: vacant}}}
    contacts:
      - {id: ben, name: Ben Hall, phone: "+447700900123", email: ben@example.org, roles: [carer],
         reachable: "Mon-Fri 17:00-08:00, Sat-Sun"}
      - {person: resp-1, roles: [responders]}
    consent:
      - {what: location, given_by: Mrs Ada Hall, given_on: 2026-01-02, until: 2027-01-02,
         document: "folder 7"}
  - {id: oak-1, scheme: southside}
"""


def homes() -> tuple[HomeRecord, ...]:
    """Return a home with everything, and one with nothing."""
    return read_homes(EVERYTHING, "homes.yaml", Surroundings()).homes


@pytest.mark.parametrize("home", homes(), ids=lambda home: home.id)
def test_a_home_that_is_written_back_reads_as_the_same_home(home: HomeRecord) -> None:
    """What a form shows and sends back unchanged changes nothing."""
    text = json.dumps({"homes": [spell_home(home)]})

    (again,) = read_homes(text, "again.yaml", Surroundings()).homes

    assert again == home


def test_the_example_that_ships_reads_as_the_same_homes() -> None:
    """The homes that newcomers begin with."""
    text = Path("homes.example.yaml").read_text(encoding="utf-8")
    for home in read_homes(text, "homes.yaml", Surroundings()).homes:
        spelled = json.dumps({"homes": [spell_home(home)]})
        (again,) = read_homes(spelled, "again.yaml", Surroundings()).homes
        assert again == home
