"""The homes, rules and people of a night. Values only, drawn from its chance."""

from collections.abc import Sequence
from functools import cache
from random import Random
from typing import Final

import msgspec

from telecared.config.profiles import read_profile
from telecared.config.shipped import devices_folder
from telecared.core.directory import Directory
from telecared.core.plan import Device, HomeRecord, Plan, Rule
from telecared.core.policy import MONITORING_CENTRE, Centre, Contact, Policy, Step
from telecared.core.registered import binding_of
from telecared.core.rota import Layer, Rota
from telecared.core.vocabulary import MINUTE, SECOND, Channel, DeviceKind, Duration, Priority
from telecared.core.when import HeldFor, InactiveFor, ReadingIs, Silent
from telecared.engine import DirectoryOf

SCHEME: Final = "north"
CENTRE_NUMBER: Final = "+447700900900"
SUPERVISOR: Final = Contact(id="sue", name="Sue Lane", phone="+447700900901")
_FIRST_NUMBER: Final = 447700900100
_NAMES: Final = ("Ben Hall", "Cara Singh", "Dai Evans", "Eve Moss", "Finn Rook", "Gia Lund")
ROTA: Final = "night"
ANN: Final = Contact(id="ann", name="Ann Pike", phone="+447700900903")
BOB: Final = Contact(id="bob", name="Bob Teal", phone="+447700900904")
ON_ROTA: Final = (ANN.id, BOB.id)
"""They take turns of a day."""

CENTRE_VOICE: Final = "+447700900902"
OPERATORS: Final = ("Olu Ade", "Pat Byrne")

_BY_CALL: Final = (Channel.VOICE,)
_BY_BOTH: Final = (Channel.SMS, Channel.VOICE)
_LIFE: Final = Priority.LIFE_SAFETY
_APART: Final[tuple[Duration, ...]] = (0, 0, 30 * SECOND)
_WAITS: Final[tuple[Duration, ...]] = (30 * SECOND, 2 * MINUTE, 5 * MINUTE)


def _rules(chance: Random) -> tuple[Rule, ...]:
    silence = chance.choice((5, 45)) * MINUTE
    return (
        Rule(
            name="pendant-pressed",
            when=ReadingIs(property="trigger", values=("pressed",)),
            priority=_LIFE,
        ),
        Rule(name="smoke", when=ReadingIs(property="smoke", values=("alarm",)), priority=_LIFE),
        Rule(name="flood", when=ReadingIs(property="water", values=("wet",))),
        Rule(name="no-movement", when=InactiveFor(duration=chance.choice((5, 40)) * MINUTE, of=())),
        Rule(
            name="unit-silent",
            when=Silent(at=("alarm_unit",), duration=silence),
            priority=Priority.TECHNICAL,
        ),
        Rule(
            name="door-open",
            when=HeldFor(property="contact", values=("open",), duration=5 * MINUTE),
            priority=Priority.ROUTINE,
        ),
    )


def _policy(chance: Random, *, calls: bool) -> Policy:
    by = chance.choice((_BY_CALL, _BY_BOTH)) if calls else Step(notify=()).by
    together = ("carer", "key_holder")
    first: tuple[Step, ...] = (
        (Step(notify=together, wait=chance.choice(_WAITS), apart=chance.choice(_APART)),)
        if chance.random() < 0.3
        else (
            Step(notify=("carer",), wait=chance.choice(_WAITS), repeat=chance.choice((1, 1, 2))),
            Step(notify=("key_holder",), wait=chance.choice(_WAITS)),
        )
    )
    if chance.random() < 0.3:
        first = (*first, Step(notify=(ROTA,), wait=chance.choice(_WAITS)))
    steps = tuple(msgspec.structs.replace(step, by=by) for step in first)
    return Policy(
        name="family-then-centre",
        steps=(*steps, Step(notify=(MONITORING_CENTRE,))),
        lease=chance.choice((2, 10, 30)) * MINUTE,
        receipt=chance.choice((30, 60)) * SECOND,
        needed=chance.choice((1, 1, 1, 2)),
    )


def plan_of(chance: Random) -> Plan:
    """Return the rules and policies of a night."""
    calls = chance.random() < 0.35
    return Plan(
        rules=_rules(chance),
        policies=(
            _policy(chance, calls=calls),
            Policy(name="technical", steps=(Step(notify=(MONITORING_CENTRE,)),)),
        ),
        centre=Centre(
            name="Riverside Centre",
            sms=None if chance.random() < 0.15 else CENTRE_NUMBER,
            repeat=chance.choice((1, 3)) * MINUTE,
            supervisor=chance.choice((SUPERVISOR.id, None)),
            voice=CENTRE_VOICE if calls else None,
            page_by=(Channel.VOICE,) if calls else (Channel.SMS,),
        ),
        people=(SUPERVISOR, ANN, BOB),
        rotas=(_rota(chance),),
        site_timezone="Europe/London",
        channels=_BY_BOTH if calls else (Channel.SMS,),
    )


def _rota(chance: Random) -> Rota:
    """Return who is on duty, with a hand-over soon after the night begins, or far from it."""
    minute = chance.choice((8 * 60 + 5, 8 * 60 + 12, 9 * 60, 20 * 60))
    layer = Layer(people=ON_ROTA, turn="daily", handover=(0, minute))
    return Rota(name=ROTA, timezone="Europe/London", layers=(layer,))


def home_of(number: int, chance: Random) -> HomeRecord:
    """Return a home, with two to four people around it; some look after several homes."""
    name = f"h{number:03d}"

    def device(one: str, kind: DeviceKind) -> Device:
        return Device(id=one, kind=kind, profile="native", topic=f"telecare/{SCHEME}/{name}/{one}")

    def contact(role: str, k: int) -> Contact:
        who = k if chance.random() < 0.3 else number * 4 + k
        return Contact(
            id=f"{role}-{k}",
            name=_NAMES[who % len(_NAMES)],
            phone=f"+{_FIRST_NUMBER + who}",
            roles=(role,),
        )

    roles = ["carer", "key_holder"] * chance.choice((1, 2))
    return HomeRecord(
        id=name,
        scheme=SCHEME,
        timezone="Europe/London",
        address=f"{number} Larch Close",
        devices=(
            device("pendant", DeviceKind.PERSONAL_TRIGGER),
            device("smoke", DeviceKind.SMOKE_DETECTOR),
            device("water", DeviceKind.FLOOD_DETECTOR),
            device("pir", DeviceKind.ACTIVITY_DETECTOR),
            device("door", DeviceKind.DOOR_SENSOR),
            device("unit", DeviceKind.ALARM_UNIT),
        ),
        contacts=tuple(contact(role, k) for k, role in enumerate(roles)),
    )


def secrets_of(homes: tuple[HomeRecord, ...]) -> list[str]:
    """Return what must never stand in a log line."""
    people = [*(one for home in homes for one in home.contacts), SUPERVISOR, ANN, BOB]
    found = {home.address for home in homes if home.address}
    found |= {one.name for one in people} | {one.phone for one in people}
    return sorted({*found, CENTRE_NUMBER, CENTRE_VOICE, *OPERATORS})


@cache
def directory_of() -> DirectoryOf:
    """Return what builds the directory of devices, with the native profile."""
    path = devices_folder() / "native.yaml"
    native = read_profile(path.read_text(encoding="utf-8"), str(path)).compiled

    def build(records: Sequence[HomeRecord]) -> Directory:
        return Directory(
            [binding_of(record.id, device) for record in records for device in record.devices],
            {"native": native},
        )

    return build
