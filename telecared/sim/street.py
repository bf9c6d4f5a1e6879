"""The people of a simulated street: who lives where, who is told, and how each of them behaves.

Made-up names and numbers that are set aside for drama. Homes leave as the YAML that users import.
What residents do is `routine` and `happenings`; nothing is sent and no time passes here.
"""

import io
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from ruamel.yaml import YAML

from telecared.core.profiles import DeviceBinding
from telecared.core.vocabulary import (
    HOUR,
    MINUTE,
    SECOND,
    Duration,
    NotificationState,
    Outcome,
)
from telecared.errors import ConfigError
from telecared.sim.behaviour import Behaviour
from telecared.sim.characters import drawn_resident, tags_of
from telecared.sim.furnishing import ALL_DEVICES, DEVICES, Furnisher, as_written
from telecared.sim.happenings import What
from telecared.sim.routine import Resident

SCHEME: Final = "northside"
ZONE: Final = "Europe/London"

MOST_HOMES: Final = 100_000
"""Homes that one simulation may have."""

OUR_NUMBER: Final = "+447700900000"
CENTRE_NAME: Final = "Riverside Centre"
CENTRE_NUMBER: Final = "+447700900900"
CENTRE_PHONE: Final = Behaviour(reply="{code}", after=45 * SECOND)

_PEOPLE_FROM: Final = 100
_PEOPLE_NUMBERS: Final = 800
"""Numbers +447700900100 to +447700900899 are the contacts'; very large streets share them."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is told about a home, and what their phone does."""

    id: str
    name: str
    roles: tuple[str, ...]
    behaviour: Behaviour = Behaviour()
    number: str = ""


class Household(msgspec.Struct, frozen=True, kw_only=True):
    """A simulated home with everybody who belongs to it.

    Attributes:
        rules: the home's own values, as they are written in the homes' file.
        devices: what stands there; none for the native twelve.
        key_safe: where it hangs, and its code; two times "" where there is none.
    """

    resident: Resident
    name: str
    address: str
    phone: str
    contacts: tuple[Person, ...]
    tags: tuple[str, ...] = ()
    rules: Mapping[str, Mapping[str, Any]] = {}
    devices: tuple[DeviceBinding, ...] = ()
    key_safe: tuple[str, str] = ("", "")

    @property
    def home(self) -> str:
        """The home's id."""
        return self.resident.home


class Ending(NamedTuple):
    """How an alert ends once somebody has it: after how long, and with which outcome."""

    after: Duration
    outcome: Outcome


def _answers(seconds: int, text: str = "{code}") -> Behaviour:
    return Behaviour(reply=text, after=seconds * SECOND)


_OFF: Final = Behaviour(state=NotificationState.UNDELIVERED, code="30003")
_DEAD: Final = Behaviour(state=NotificationState.FAILED, code="30008")
_SILENT: Final = Behaviour()


class _Sketch(NamedTuple):
    """What tells a home of the street from the others; each person is (name, roles, behaviour)."""

    home: str
    name: str
    address: str
    wake: int
    people: tuple[tuple[str, str, Behaviour], ...]
    tags: tuple[str, ...] = ()
    rules: Mapping[str, Mapping[str, Any]] = {}


# Each home has its own story: who answers at once, whose phone is off, where nobody answers.
_STREET: Final = (
    _Sketch("larch-12", "Mrs Ada Hall", "12 Larch Close", 405, (
        ("Ben Hall", "carer", _answers(40)), ("Cara Singh", "key_holder", _answers(60)))),
    _Sketch("larch-14", "Mr Tom Reed", "14 Larch Close", 400, (
        ("Lucy Reed", "carer", _OFF), ("Omar Aziz", "key_holder", _answers(50)))),
    _Sketch("larch-16", "Mrs Edith Moss", "16 Larch Close", 410, (
        ("Paul Moss", "carer", _SILENT), ("Joan Frost", "key_holder", _SILENT))),
    _Sketch("larch-18", "Mr Samuel Okoro", "18 Larch Close", 425, (
        ("Grace Okoro", "carer", _answers(25)), ("Cara Singh", "key_holder", _answers(60)))),
    _Sketch("birch-3", "Miss Ivy Lane", "3 Birch Row", 430, (
        ("Neil Lane", "carer", _answers(35, "NO {code}")),
        ("Asha Patel", "key_holder", _answers(45)))),
    _Sketch("birch-5", "Mr Walter Finch", "5 Birch Row", 415, (
        ("Rose Finch", "carer", _answers(55)), ("Asha Patel", "key_holder", _answers(45)))),
    _Sketch("birch-7", "Mrs Olive Grant", "7 Birch Row", 435, (
        ("Hugh Grantham", "carer", _answers(50)), ("Mia Doyle", "key_holder", _answers(70)))),
    _Sketch("birch-9", "Mr Henry Cole", "9 Birch Row", 440, (
        ("Dan Cole", "carer", _SILENT), ("Mia Doyle", "key_holder", _answers(70))),
        rules={"no-movement": {"inactive_for": "1h30m"}}),
    _Sketch("rowan-1", "Mrs Nora Price", "1 Rowan Court", 450, (
        ("Elin Price", "carer", _answers(30)), ("Joan Frost", "key_holder", _SILENT)),
        tags=("dementia",), rules={"front-door-at-night": {"between": "21:00-07:30"}}),
    _Sketch("rowan-2", "Mr George Bell", "2 Rowan Court", 420, (
        ("Kate Bell", "carer", _answers(45)), ("Omar Aziz", "key_holder", _answers(50)))),
    _Sketch("rowan-4", "Mrs Vera Shaw", "4 Rowan Court", 455, (
        ("Ian Shaw", "carer", _DEAD), ("Leo Marsh", "key_holder", _answers(80)))),
    _Sketch("rowan-6", "Mr Alfred West", "6 Rowan Court", 445, (
        ("Amy West", "carer", _answers(50)), ("Jack West", "carer", _answers(75)),
        ("Leo Marsh", "key_holder", _answers(80)))),
)  # fmt: skip

STREET_HOMES: Final = len(_STREET)

_KEY_SAFES: Final = ("left of the front door", "in the porch", "behind the bin store")

_ROADS: Final = ("Alder Way", "Ash Grove", "Cedar Drive", "Elm Street", "Hazel Walk", "Maple Road")
_LAST_NAMES: Final = (
    "Archer", "Baker", "Carter", "Dyer", "Ellis", "Fowler", "Gardner", "Hunter", "Irving",
    "Joyner", "Knight", "Lister", "Miller", "Naylor", "Oakes", "Potter", "Quinn", "Ryder",
)  # fmt: skip
_ENDINGS: Final[Mapping[What | None, Ending]] = {
    What.PENDANT: Ending(16 * MINUTE, Outcome.ASSISTANCE_GIVEN),
    What.MISTAKE: Ending(4 * MINUTE, Outcome.FALSE_ACTIVATION),
    What.FALL: Ending(26 * MINUTE, Outcome.EMERGENCY_SERVICES),
    What.UNSEEN_FALL: Ending(28 * MINUTE, Outcome.EMERGENCY_SERVICES),
    What.SMOKE: Ending(20 * MINUTE, Outcome.ASSISTANCE_GIVEN),
    What.DOOR_AT_NIGHT: Ending(9 * MINUTE, Outcome.ASSISTANCE_GIVEN),
    What.BATTERY_LOW: Ending(7 * HOUR, Outcome.TECHNICAL_FIXED),
    # Equipment that comes back by itself is given the time to do so.
    What.UNIT_SILENT: Ending(6 * HOUR, Outcome.TECHNICAL_FIXED),
    What.MAINS_LOST: Ending(6 * HOUR, Outcome.TECHNICAL_FIXED),
    None: Ending(10 * MINUTE, Outcome.ASSISTANCE_GIVEN),
}


def ending_of(what: What | None) -> Ending:
    """Return how an alert ends that somebody has taken; None when nobody knows why it rang."""
    return _ENDINGS.get(what, _ENDINGS[None])


def make_street(
    homes: int, *, furnisher: Furnisher | None = None, seed: int | None = None
) -> list[Household]:
    """Return so many homes: first the twelve of the street, then plainer ones beside it.

    Args:
        homes: how many.
        furnisher: gives every home all that a life may speak of; None for the native twelve.
        seed: the people beside the street are drawn, each with a life of their own; None for
            people who differ in little but the hour at which they get up.

    Raises:
        ConfigError: there are none, or more than a simulation may have.
    """
    if not 1 <= homes <= MOST_HOMES:
        raise ConfigError([f"--homes {homes}: a simulation has 1 to {MOST_HOMES} homes"])
    numbers = _Numbers()
    street = [
        msgspec.structs.replace(_household(sketch, numbers), key_safe=_key_safe(index))
        for index, sketch in enumerate(_STREET[:homes])
    ]
    if seed is not None:
        street = [_assessed(household) for household in street]
    for index in range(STREET_HOMES, homes):
        household = _household(_plain(index), numbers)
        if seed is not None:
            drawn = drawn_resident(household.home, SCHEME, ZONE, seed=seed)
            household = _assessed(msgspec.structs.replace(household, resident=drawn))
        street.append(household)
    if furnisher is None:
        return street
    return [_furnished(household, furnisher) for household in street]


def _key_safe(index: int) -> tuple[str, str]:
    """Return where the key safe of a home hangs, and its made-up code."""
    return _KEY_SAFES[index % len(_KEY_SAFES)], f"{4_201 + 137 * index}"


def _assessed(household: Household) -> Household:
    """Return a home with the tags that whoever visited it before would have given it."""
    tags = tuple(dict.fromkeys((*household.tags, *tags_of(household.resident))))
    return msgspec.structs.replace(household, tags=tags)


def _furnished(household: Household, furnisher: Furnisher) -> Household:
    resident = household.resident
    devices = {
        device: kept
        for device, kept in ALL_DEVICES.items()
        if (device != "chair" or resident.chair) and (device != "pills" or resident.doses)
    }
    furnished = furnisher.furnish(resident.scheme, resident.home, devices)
    return msgspec.structs.replace(household, devices=furnished)


class _Numbers:
    """Gives people and residents numbers; a person who belongs to several homes keeps theirs."""

    def __init__(self) -> None:
        self._people: dict[str, str] = {}
        self._residents = 0

    def of_person(self, name: str, home: str, *, shared: bool) -> str:
        key = name if shared else f"{home}/{name}"
        if key not in self._people:
            number = _PEOPLE_FROM + len(self._people) % _PEOPLE_NUMBERS
            self._people[key] = f"+447700900{number:03}"
        return self._people[key]

    def of_resident(self) -> str:
        self._residents += 1
        return f"+441632960{self._residents % 1000:03}"


def _plain(index: int) -> _Sketch:
    number = index + 1
    last = _LAST_NAMES[index % len(_LAST_NAMES)]
    title = "Mrs" if index % 2 else "Mr"
    address = f"{number} {_ROADS[index % len(_ROADS)]}"
    people = (
        (f"Alex {last}", "carer", _answers(30 + index % 50)),
        (f"Sam {last}", "key_holder", _answers(60)),
    )
    return _Sketch(f"home-{number:05}", f"{title} {last}", address, 390 + index % 90, people)


def _household(sketch: _Sketch, numbers: _Numbers) -> Household:
    # Key-holders of the street are neighbours who look after several homes.
    contacts = tuple(
        Person(
            id=name.split()[0].lower(),
            name=name,
            roles=(role,),
            behaviour=behaviour,
            number=numbers.of_person(name, sketch.home, shared=role == "key_holder"),
        )
        for name, role, behaviour in sketch.people
    )
    bedtime = 22 * 60 + sketch.wake % 60
    return Household(
        resident=Resident(
            home=sketch.home, scheme=SCHEME, zone=ZONE, wake=sketch.wake, bedtime=bedtime
        ),
        name=sketch.name,
        address=sketch.address,
        phone=numbers.of_resident(),
        contacts=contacts,
        tags=sketch.tags,
        rules=sketch.rules,
    )


def behaviours(street: Sequence[Household]) -> dict[str, Behaviour]:
    """Return number -> behaviour of every phone that may ring, the centre's among them."""
    found = {
        person.number: person.behaviour for household in street for person in household.contacts
    }
    return {**found, CENTRE_NUMBER: CENTRE_PHONE}


def homes_yaml(street: Sequence[Household]) -> str:
    """Return the street as a homes' file, which `telecared import` takes."""
    out = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = None
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 140
    yaml.dump({"homes": [_as_written(household) for household in street]}, out)
    return out.getvalue()


def _as_written(household: Household) -> dict[str, Any]:
    written: dict[str, Any] = {
        "id": household.home,
        "scheme": household.resident.scheme,
        "address": household.address,
        "timezone": household.resident.zone,
        "resident": {"name": household.name, "phone": household.phone},
        "devices": _devices(household),
        "contacts": [
            {
                "id": person.id,
                "name": person.name,
                "phone": person.number,
                "roles": list(person.roles),
            }
            for person in household.contacts
        ],
    }
    where, code = household.key_safe
    if where:
        written["access"] = {"key_safe": where, "code": code}
    if household.tags:
        written["tags"] = list(household.tags)
    if household.rules:
        written["rules"] = {name: dict(values) for name, values in household.rules.items()}
    return written


def _devices(household: Household) -> list[dict[str, Any]]:
    if household.devices:
        return [
            as_written(binding, ALL_DEVICES[binding.device][1]) for binding in household.devices
        ]
    return [
        {"id": device, "kind": kind.value}
        if location is None
        else {"id": device, "kind": kind.value, "location": location}
        for device, (kind, location) in DEVICES.items()
    ]
