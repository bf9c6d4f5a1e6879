"""Two schemes, their homes, people and rules: what the tests of the console stand on. Values only.

The rules are packs that ship. `northside` looks after Larch Close and Elm Road, `southside` after
Oak Street; nobody of the one may ever see the other.
"""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from telecared.config.deployment import load_deployment
from telecared.config.homes import Surroundings, load_homes
from telecared.config.load import LoadedPlan, load_plan
from telecared.config.shipped import devices_folder, rules_folder
from telecared.core.plan import HomeRecord
from telecared.core.vocabulary import Channel

NORTH = "northside"
SOUTH = "southside"
ZONE = "Europe/London"
SITE_TITLE = "Riverside Centre"

PACKS = ("life-safety", "environment", "doors", "inactivity", "supervision", "policies")
"""Fewer than ship: each takes its time to read."""

DEPLOYMENT = """
broker: {url: "mqtt://127.0.0.1:1883"}
store: {url: "sqlite:telecared.db"}
console: {listen: "127.0.0.1:0", public_url: "http://127.0.0.1:8080"}
monitoring_centre: {name: Riverside Centre, sms: "+447700900900"}
site: {timezone: Europe/London}
schemes: [{id: northside}, {id: southside}]
devices: ["{native}"]
"""

PEOPLE = """
people:
  - {id: resp-1, name: Rosa Night, phone: "+447700900150"}
homes:
"""

HOME = """
  - id: {id}
    scheme: {scheme}
    address: {address}
    tags: [{tags}]
    exits: [front-door]
    resident: {{name: {resident}, phone: "{phone}", born: 1938-02-11, notes: "{notes}"}}
    access: {{key_safe: "left of the door", code: "{code}"}}
    devices:
      - {{id: hub, kind: alarm_unit, profile: native, location: hall}}
      - {{id: pendant, kind: personal_trigger, profile: native}}
      - {{id: fall, kind: fall_detector, profile: native}}
      - {{id: hall-pir, kind: activity_detector, profile: native, location: hall}}
      - {{id: kitchen-pir, kind: activity_detector, profile: native, location: kitchen}}
      - {{id: bathroom-pir, kind: activity_detector, profile: native, location: bathroom}}
      - {{id: front-door, kind: door_sensor, profile: native, location: entrance}}
      - {{id: bed, kind: bed_monitor, profile: native, location: bedroom}}
      - {{id: kettle, kind: appliance_monitor, profile: native, location: kitchen}}
      - {{id: smoke, kind: smoke_detector, profile: native, location: kitchen}}
      - {{id: water, kind: flood_detector, profile: native, location: bathroom}}
      - {{id: thermo, kind: temperature_sensor, profile: native, location: living-room}}
    contacts:
      - {{id: ben, name: {carer}, phone: "{carer_phone}", roles: [carer]}}
      - {{id: cara, name: Cara Singh, phone: "+447700900124", roles: [key_holder]}}
      - {{person: resp-1, roles: [responder]}}
    policy: {policy}
"""

LARCH_12, LARCH_14, LARCH_16, ELM_3, ELM_5 = "larch-12", "larch-14", "larch-16", "elm-3", "elm-5"
OAK_1, OAK_2, OAK_7 = "oak-1", "oak-2", "oak-7"

_FAMILY, _CENTRE = "family-then-centre", "centre-first"
_HOMES: tuple[tuple[str, ...], ...] = (
    (LARCH_12, NORTH, "12 Larch Close", "Mrs Ada Hall", "Ben Hall", _FAMILY, "dementia"),
    (LARCH_14, NORTH, "14 Larch Close", "Mr Tom Reed", "Joan Reed", _CENTRE, ""),
    (LARCH_16, NORTH, "16 Larch Close", "Miss Edith Cole", "Peter Cole", _CENTRE, ""),
    (ELM_3, NORTH, "3 Elm Road", "Mrs Vera Long", "Susan Long", _CENTRE, ""),
    (ELM_5, NORTH, "5 Elm Road", "Mr Arthur Pike", "Dora Pike", _FAMILY, "bathroom-watch"),
    (OAK_1, SOUTH, "1 Oak Street", "Mrs Grace Mbeki", "Paul Mbeki", _CENTRE, ""),
    (OAK_2, SOUTH, "2 Oak Street", "Mr Ivor Price", "Nia Price", _FAMILY, ""),
    (OAK_7, SOUTH, "7 Oak Street", "Mrs Nora Quill", "Max Quill", _CENTRE, ""),
)


def homes_yaml() -> str:
    """The homes' file."""
    told = [
        HOME.format(
            id=home,
            scheme=scheme,
            address=address,
            resident=resident,
            phone=f"+4477009002{number:02d}",
            notes="Hard of hearing; ring twice." if number == 0 else "",
            code=f"471{number}",
            carer=carer,
            carer_phone=f"+4477009003{number:02d}",
            policy=policy,
            tags=tags,
        )
        for number, (home, scheme, address, resident, carer, policy, tags) in enumerate(_HOMES)
    ]
    return PEOPLE + "".join(told)


@cache
def town() -> tuple[LoadedPlan, tuple[HomeRecord, ...]]:
    """The plan with the rules that ship, and the homes, both read from files as any user's."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "telecared.yaml").write_text(
            DEPLOYMENT.replace("{native}", str(devices_folder() / "native.yaml")), encoding="utf-8"
        )
        (folder / "homes.yaml").write_text(homes_yaml(), encoding="utf-8")
        deployment = load_deployment(folder / "telecared.yaml")
        rules = [rules_folder() / f"{pack}.yaml" for pack in PACKS]
        loaded = load_plan(deployment, rules=rules, channels=(Channel.SMS, Channel.VOICE))
        around = Surroundings(
            sources=loaded.sources,
            profiles=loaded.profiles.keys(),
            policies=loaded.plan.policy_names,
            timezone=ZONE,
        )
        return loaded, load_homes(folder / "homes.yaml", around).homes
