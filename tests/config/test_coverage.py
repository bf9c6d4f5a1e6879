"""The coverage report: sensor, rule and responder for each danger, and the holes."""

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from telecared.config.coverage import HAZARDS, CoverageRow, coverage_of
from telecared.config.durations import parse_windows
from telecared.config.load import LoadedPlan
from telecared.core.messages import stand_in
from telecared.core.plan import Device, HomeRecord, Plan, Rule
from telecared.core.policy import MONITORING_CENTRE, Contact, Policy, Step
from telecared.core.state import Fact, HomeState
from telecared.core.vocabulary import DAY, HOUR, MINUTE, Channel, DeviceKind, Instant, Mode
from telecared.core.when import (
    AllOf,
    Area,
    Changes,
    Condition,
    Count,
    Follow,
    Followed,
    Geofence,
    HeldFor,
    NoneOf,
    Not,
    ReadingIs,
    Without,
)

NIGHT = 20_000 * DAY + 2 * HOUR
"""Two o'clock at night, UTC, on a Wednesday."""

BEN = Contact(
    id="ben",
    name="Ben Hall",
    phone="+447700900123",
    roles=("carer",),
    reachable=parse_windows("08:00-20:00"),
)
CARA = Contact(id="cara", name="Cara Singh", phone="+447700900124", roles=("key_holder",))

KINDS: Mapping[str, DeviceKind] = {
    "watch": DeviceKind.FALL_DETECTOR,
    "smoke": DeviceKind.SMOKE_DETECTOR,
    "co": DeviceKind.CARBON_MONOXIDE_DETECTOR,
    "leak": DeviceKind.FLOOD_DETECTOR,
    "thermo": DeviceKind.TEMPERATURE_SENSOR,
    "front-door": DeviceKind.DOOR_SENSOR,
    "pir": DeviceKind.ACTIVITY_DETECTOR,
    "hub": DeviceKind.ALARM_UNIT,
}


def home(*names: str, contacts: tuple[Contact, ...] = (BEN, CARA)) -> HomeRecord:
    """A home with some of the devices above."""
    devices = tuple(
        Device(id=name, kind=KINDS.get(name, DeviceKind.OTHER), profile="native", topic=name)
        for name in names
    )
    return HomeRecord(
        id="larch-12", scheme="northside", timezone="UTC", devices=devices, contacts=contacts
    )


def heard(at: Instant = NIGHT - MINUTE, **others: Instant) -> HomeState:
    """The state of a home whose devices were all heard at a time, but for some."""
    known = dict.fromkeys(KINDS, at) | {
        name.replace("_", "-"): when for name, when in others.items()
    }
    return HomeState(home="larch-12", heard=known)


def rows(
    plan: Plan, record: HomeRecord, state: HomeState | None = None, at: Instant = NIGHT
) -> dict[str, CoverageRow]:
    """The rows of a home by danger."""
    return {row.hazard: row for row in coverage_of(plan, record, at=at, state=state)}


def test_a_well_equipped_home_has_no_hole(shipped: LoadedPlan) -> None:
    """With the rules that ship, every danger has its sensor, its rule and somebody to tell."""
    found = rows(shipped.plan, home(*KINDS), heard())

    assert [row.hazard for row in coverage_of(shipped.plan, home(), at=NIGHT)] == [
        "fall", "fire", "gas_co", "flood", "cold", "wandering", "inactivity", "not_up",
        "alarm_unit_silent",
    ]  # fmt: skip
    assert {word: row.holes for word, row in found.items()} == dict.fromkeys(found, ())
    assert {word: (row.sensor, row.rule) for word, row in found.items()} == {
        "fall": ("watch", "fall"),
        "fire": ("smoke", "smoke"),
        "gas_co": ("co", "carbon-monoxide"),
        "flood": ("leak", "flood"),
        "cold": ("thermo", "freezing-home"),
        "wandering": ("front-door", "front-door-at-night"),
        "inactivity": ("pir", "no-movement"),
        "not_up": ("pir", "not-up"),
        "alarm_unit_silent": ("hub", "alarm-unit-silent"),
    }
    assert {row.responder for word, row in found.items() if word != "alarm_unit_silent"} == {"cara"}
    assert found["alarm_unit_silent"].responder == MONITORING_CENTRE


def test_an_empty_home_is_all_holes(shipped: LoadedPlan) -> None:
    """Each says which device is missing; of people there is none but the centre."""
    found = rows(shipped.plan, home(contacts=()))

    assert found["fire"].holes == (
        "no smoke detector or heat detector is registered",
        "of family-then-centre only the monitoring centre can be told at this hour",
    )
    assert all(row.sensor is None and row.rule is None for row in found.values())


def test_a_sensor_that_fell_silent_is_no_sensor(shipped: LoadedPlan) -> None:
    """Heard within the limit of its own rule, or 26 hours where no rule says it."""
    state = heard(smoke=NIGHT - 3 * DAY, hub=NIGHT - HOUR)
    state.heard = {device: at for device, at in state.heard.items() if device != "watch"}

    found = rows(shipped.plan, home(*KINDS), state)

    assert found["fire"].holes == ("smoke was last heard 3d ago, and should be every 1d2h",)
    assert (found["fire"].sensor, found["fire"].rule) == (None, "smoke")
    assert found["alarm_unit_silent"].holes == (
        "hub was last heard 1h ago, and should be every 45m",
    )
    assert found["fall"].holes == ("watch has never been heard",)


def test_a_dead_sensor_beside_a_live_one_is_told_all_the_same() -> None:
    """The danger is watched, and somebody should change a battery."""
    record = home("watch")
    record = replace(record, devices=(*record.devices, replace(record.devices[0], id="spare")))
    state = HomeState(home="larch-12", heard={"spare": NIGHT, "watch": NIGHT - 2 * DAY})

    row = rows(plan_of(act("fall", "detected")), record, state)["fall"]

    assert (row.sensor, row.rule) == ("spare", "r")
    assert row.holes == ("watch was last heard 2d ago, and should be every 1d2h",)


def test_what_a_device_has_told_makes_it_a_sensor() -> None:
    """A hub of kind `other` that has told a temperature is a thermometer."""
    plan = plan_of(Changes(property="temperature", falls_by=5.0, within=HOUR))
    state = heard()
    state.facts = {"box": {"temperature": Fact(21.0, NIGHT, NIGHT, NIGHT)}}
    state.heard = {**state.heard, "box": NIGHT}

    assert rows(plan, home("box"), state)["cold"].sensor == "box"
    assert rows(plan, home("box"))["cold"].sensor is None


# --- rules ------------------------------------------------------------------------------------


def act(name: str, word: str, *at: str) -> ReadingIs:
    """An act of a property."""
    return ReadingIs(property=name, values=(word,), at=at)


def plan_of(when: Condition, mode: Mode = Mode.PAGE) -> Plan:
    """A plan with one rule, and a policy that knows Cara and the centre."""
    steps = (Step(notify=("cara",)), Step(notify=(MONITORING_CENTRE,)))
    return Plan(
        rules=(Rule(name="r", when=when, mode=mode),),
        policies=(Policy(name="p", steps=steps),),
        default_policy="p",
    )


OPEN = act("contact", "open")
MOTION = act("motion", "detected")


@pytest.mark.parametrize(
    ("when", "hazard"),
    [
        (act("fall", "detected"), "fall"),
        (HeldFor(property="contact", values=("open",), duration=MINUTE), "wandering"),
        (Without(first=OPEN, without=(MOTION,), within=MINUTE), "wandering"),
        (Followed(first=OPEN, then=(Follow(act=MOTION, within=MINUTE),)), "wandering"),
        (Count(of=OPEN, at_least=3, within=HOUR), "wandering"),
        (AllOf(of=(act("water", "wet"), act("mains", "lost"))), "flood"),
        (NoneOf(of=(MOTION,), start=300, by=660), "not_up"),
    ],
)
def test_a_rule_is_found_wherever_the_danger_stands_in_it(when: Condition, hazard: str) -> None:
    """Beside other conditions, as the first act of a wait, in a sequence or counted."""
    row = rows(plan_of(when), home(*KINDS))[hazard]

    assert (row.rule, row.holes) == ("r", ())


@pytest.mark.parametrize(
    ("when", "hazard"),
    [
        (act("fall", "suspected"), "fall"),
        (act("contact", "closed"), "wandering"),
        (AllOf(of=(Not(of=act("water", "wet")), act("mains", "lost"))), "flood"),
        (act("fall", "detected", "attic"), "fall"),
        (AllOf(of=(act("fall", "detected"), act("seizure", "detected"))), "fall"),
        (NoneOf(of=(MOTION,), start=300, by=1380), "not_up"),
        (NoneOf(of=(act("medication", "taken"), act("trigger", "pressed")), start=300, by=660),
         "not_up"),
        (HeldFor(property="contact", values=("open",), duration=9 * HOUR,
                 between=parse_windows("22:00-06:00")), "wandering"),
        (Changes(property="humidity", falls_by=5.0, within=HOUR), "cold"),
        (Changes(property="temperature", rises_by=5.0, within=HOUR), "cold"),
    ],
)  # fmt: skip
def test_a_rule_that_would_not_fire_on_the_danger_is_none(when: Condition, hazard: str) -> None:
    """Another word, another place, under `not`, impossible, or about another danger."""
    row = rows(plan_of(when), home(*KINDS))[hazard]

    assert row.rule is None
    assert any(hole.startswith("no rule in mode page would fire on") for hole in row.holes)


def test_a_tracker_that_leaves_an_area_is_wandering() -> None:
    """The door is not the only one who tells."""
    plan = plan_of(Geofence(outside=Area(centre=(51.5, -0.1), radius=300.0)))
    record = home("front-door")
    tracker = Device(id="tag", kind=DeviceKind.TRACKER, profile="native", topic="tag")

    row = rows(plan, replace(record, devices=(*record.devices, tracker)))["wandering"]

    assert (row.sensor, row.rule) == ("tag", "r")


def test_a_rule_that_is_only_watched_is_named_in_the_hole() -> None:
    """Somebody forgot to switch it on."""
    row = rows(plan_of(act("fall", "detected"), Mode.WATCH), home("watch"))["fall"]

    assert (row.sensor, row.rule) == ("watch", None)
    assert row.holes == (
        "no rule in mode page would fire on watch; r is in mode watch and pages nobody",
    )


def test_values_of_the_home_decide() -> None:
    """What it turned off protects it no more; what fits no longer is passed over."""
    plan = plan_of(act("contact", "open"))
    off = replace(home("front-door"), rule_values={"r": {"mode": "off"}})
    odd = replace(home("front-door"), rule_values={"r": {"when.duration": HOUR}})

    assert rows(plan, off)["wandering"].rule is None
    assert rows(plan, off)["wandering"].holes == (
        "no rule in mode page would fire on front-door; r is turned off here",
    )
    assert rows(plan, odd)["wandering"].rule == "r"


# --- people -----------------------------------------------------------------------------------

FALL = plan_of(act("fall", "detected"))


def with_policy(*steps: Step) -> Plan:
    """The plan with other steps."""
    return replace(FALL, policies=(Policy(name="p", steps=steps),))


def responder(
    plan: Plan, *, at: Instant = NIGHT, state: HomeState | None = None
) -> tuple[str, tuple[str, ...]]:
    """Who is told first of a fall, and the holes."""
    row = rows(plan, home("watch"), state, at)["fall"]
    return row.responder, row.holes


def test_who_is_asleep_is_passed_over_and_reached_by_day() -> None:
    """Ben is reachable from eight to eight."""
    plan = with_policy(Step(notify=("carer",)), Step(notify=(MONITORING_CENTRE,)))
    only_centre = ("of p only the monitoring centre can be told at this hour",)

    assert responder(plan) == (MONITORING_CENTRE, only_centre)
    assert responder(plan, at=NIGHT + 8 * HOUR) == ("ben", ())


def test_a_step_by_a_channel_that_nobody_sends_reaches_nobody() -> None:
    """A voice call of a later version wakes nobody up."""
    by_voice = Step(notify=("cara",), by=(Channel.VOICE,))

    assert responder(with_policy(by_voice, Step(notify=(MONITORING_CENTRE,)))) == (
        MONITORING_CENTRE,
        ("of p only the monitoring centre can be told at this hour",),
    )


def test_a_number_that_takes_no_messages_is_passed_over() -> None:
    """Until the contact has another number."""
    state = heard()
    state.unreachable = {"cara": stand_in(CARA.phone)}
    assert responder(FALL, state=state)[0] == MONITORING_CENTRE
    state.unreachable = {"cara": stand_in("+447700900999")}
    assert responder(FALL, state=state)[0] == "cara"


def test_a_policy_of_the_centre_alone_is_no_hole() -> None:
    """Faults go there and nowhere else; so does a rule whose policy is gone."""
    assert responder(with_policy(Step(notify=(MONITORING_CENTRE,)))) == (MONITORING_CENTRE, ())
    assert responder(replace(FALL, policies=())) == (MONITORING_CENTRE, ())


def test_every_danger_has_a_title_of_its_own() -> None:
    """The tables are read by people."""
    assert len({hazard.title for hazard in HAZARDS}) == len(HAZARDS)
