"""What a home's devices, doors and contacts make of the rules, and the one walk through them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from telecared.config.homecheck import doubts_of_home
from telecared.config.lint import Doubt
from telecared.config.walk import every_part, lacks, patterns_of, places_of, properties_of
from telecared.core.plan import Device, HomeRecord, Plan, Values
from telecared.core.policy import AppliesTo, Contact
from telecared.core.vocabulary import HOUR, DeviceKind
from telecared.core.when import Condition
from tests.config.support import plan_of

POLICIES = """\
policies:
  technical: {steps: [{notify: monitoring_centre}]}
  family-then-centre: {steps: [{notify: carers}, {notify: monitoring_centre}]}
  slow: {steps: [{notify: carers, wait: 20m}, {notify: monitoring_centre}]}
"""

Plans = Callable[[str], Plan]

BEN = Contact(id="ben", name="Ben Hall", phone="+447700900123", roles=("carer",))


@pytest.fixture
def plans(tmp_path: Path) -> Plans:
    """Read a plan from rules as they stand in a file."""
    return lambda rules: plan_of(tmp_path, f"rules:\n{rules}{POLICIES}").plan


def device(name: str, kind: DeviceKind, location: str | None = None) -> Device:
    """A device that speaks on a topic of its own."""
    return Device(id=name, kind=kind, profile="native", topic=f"t/{name}", location=location)


def home(*devices: Device, exits: tuple[str, ...] | None = None) -> HomeRecord:
    """A home with one carer."""
    record = HomeRecord(
        id="larch-12", scheme="northside", timezone="UTC", devices=devices, contacts=(BEN,)
    )
    return record if exits is None else replace(record, exits=exits)


DOOR = device("front-door", DeviceKind.DOOR_SENSOR, "hall")
SIDE = device("side", DeviceKind.DOOR_SENSOR, "utility")
PIR = device("hall-pir", DeviceKind.ACTIVITY_DETECTOR, "hall")
BED = device("bed", DeviceKind.BED_MONITOR, "bedroom")
HUB = device("hub", DeviceKind.ALARM_UNIT)


def told(plan: Plan, record: HomeRecord) -> list[tuple[str, str]]:
    """Code and sentence of each doubt."""
    return [(doubt.code, doubt.message) for doubt in doubts_of_home(plan, record)]


def codes(plan: Plan, record: HomeRecord) -> list[str]:
    """The codes of the doubts."""
    return [doubt.code for doubt in doubts_of_home(plan, record)]


# --- the walk ---------------------------------------------------------------------------------

NESTED = """\
  r:
    when:
      all:
        - {property: contact, is: open, at: hall}
        - any:
            - {inactive_for: 1h, of: [motion, presence], never: hall-pir}
            - not: {silent: alarm_unit, for: 1h}
            - {none_of: {property: medication, is: taken}, from: "05:00", by: "09:00"}
            - {property: occupancy, is: vacant, at: bed, without: {property: appliance, at: lamp},
               within: 5m}
            - {count: {property: vibration}, at_least: 3, within: 1h}
            - {property: temperature, below: 16}
            - {property: humidity, rises_by: 20, within: 1h}
            - {property: location, inside: {centre: [51.5, -0.1], radius: 300}}
"""


def condition_of(plan: Plan) -> Condition:
    """The condition of a plan's only rule."""
    (rule,) = plan.rules
    return rule.when


def test_everything_that_a_condition_reads_is_found(plans: Plans) -> None:
    """However deep it stands; `silent` hears everything and names no property."""
    when = condition_of(plans(NESTED))

    assert properties_of(when) == {
        "contact", "motion", "presence", "medication", "occupancy", "appliance", "vibration",
        "temperature", "humidity", "location",
    }  # fmt: skip
    assert places_of(when) == {"hall", "hall-pir", "alarm_unit", "bed", "lamp"}
    assert {act.property for act in patterns_of(when)} == {
        "contact", "medication", "occupancy", "appliance", "vibration",
    }  # fmt: skip


def test_each_part_has_its_place_in_the_file(plans: Plans) -> None:
    """A finding points at the part that it is about."""
    paths = [path for path, _ in every_part(condition_of(plans(NESTED)), ("when",))]

    assert paths[:5] == [
        ("when",),
        ("when", "all", 0),
        ("when", "all", 1),
        ("when", "all", 1, "any", 0),
        ("when", "all", 1, "any", 1),
    ]
    assert ("when", "all", 1, "any", 1, "not") in paths


@pytest.mark.parametrize(
    ("when", "devices", "missing"),
    [
        ("{property: contact, is: open}", (DOOR,), []),
        ("{property: contact, is: open}", (PIR,), [(("contact",), False)]),
        ("{property: contact, is: open, at: attic}", (DOOR,), [(("contact",), True)]),
        ("{inactive_for: 1h, of: motion, never: hall}", (PIR,), [(("motion",), True)]),
        ("{inactive_for: 1h, of: [motion, occupancy], never: hall}", (PIR, BED), []),
        ("{silent: alarm_unit, for: 1h}", (HUB,), []),
        ("{silent: alarm_unit, for: 1h}", (PIR,), [((), False)]),
        (
            "{property: seizure, is: detected, then: {property: motion}, within: 5m}",
            (PIR,),
            [(("seizure",), False)],
        ),
        (
            "{property: contact, is: open, without: {property: motion}, within: 5m}",
            (DOOR,),
            [],
        ),
        ("{property: location, outside: {centre: [51.5, -0.1], radius: 300}}", (DOOR,),
         [(("location",), False)]),
        ("{count: {property: motion}, at_least: 3, within: 1h}", (PIR,), []),
        (
            "{none_of: [{property: motion}, {property: contact}], from: '05:00', by: '11:00'}",
            (DOOR,),
            [],
        ),
        (
            "{all: [{property: contact, is: open}, {property: occupancy, is: vacant}]}",
            (DOOR,),
            [(("occupancy",), False)],
        ),
        ("{any: [{property: contact, is: open}, {property: occupancy, is: vacant}]}", (DOOR,), []),
        (
            "{any: [{property: contact, is: open}, {property: occupancy, is: vacant}]}",
            (PIR,),
            [(("contact",), False), (("occupancy",), False)],
        ),
        ("{not: {property: contact, is: open}}", (), []),
    ],
)  # fmt: skip
def test_what_a_home_lacks_for_a_rule(
    plans: Plans, when: str, devices: tuple[Device, ...], missing: list[tuple[object, bool]]
) -> None:
    """All parts of `all` are needed, any of `any`, and `not` needs nothing."""
    condition = condition_of(plans(f"  r: {{when: {when}}}\n"))

    assert [(lack.properties, lack.elsewhere) for lack in lacks(condition, devices)] == missing


# --- rules in a home --------------------------------------------------------------------------


def test_each_missing_place_of_a_combination_is_named(plans: Plans) -> None:
    """The right kinds are there, and none is called as the rule wants."""
    plan = plans(
        "  r: {when: {all: [{property: contact, is: open, at: attic},"
        " {property: occupancy, is: vacant, at: sofa}]}}\n"
    )

    found = told(plan, home(DOOR, BED))

    assert [code for code, _ in found] == ["no-device-at", "no-device-at"]
    assert found[0][1].startswith("r watches attic, and")
    assert found[1][1].startswith("r watches sofa, and")


def test_a_wait_that_nothing_can_answer_fires_each_time(plans: Plans) -> None:
    """A door without any sensor indoors alarms at every errand."""
    plan = plans(
        "  r: {when: {property: contact, is: open,"
        " without: [{property: motion, at: hall}, {property: presence}], within: 5m}}\n"
    )

    ((code, message),) = told(plan, home(DOOR))

    assert code == "never-answered"
    assert "no device here can tell motion at hall or presence" in message
    assert told(plan, home(DOOR, PIR)) == []


def test_a_part_under_not_that_nothing_tells_always_holds(plans: Plans) -> None:
    """`not` a silent unit is fine without a unit; `not` a presence without a sensor is a slip."""
    presence = plans(
        "  r: {when: {all: [{property: contact, is: open},"
        " {not: {property: occupancy, is: occupied}}]}}\n"
    )
    silence = plans(
        "  r: {when: {all: [{property: contact, is: open},"
        " {not: {silent: alarm_unit, for: 1h}}]}}\n"
    )

    assert codes(presence, home(DOOR)) == ["not-without-device"]
    assert codes(presence, home(DOOR, BED)) == []
    assert codes(silence, home(DOOR)) == []


@pytest.mark.parametrize(("key", "outcome"), [("none_of", "always"), ("any_of", "never")])
def test_a_second_sensor_that_is_not_there_confirms_nothing(
    plans: Plans, key: str, outcome: str
) -> None:
    """Without it an alert is always raised, or never."""
    plan = plans(
        "  r: {when: {property: contact, is: open},"
        f" confirm: {{{key}: {{property: motion}}, within: 90s}}}}\n"
    )

    ((code, message),) = told(plan, home(DOOR))

    assert code == "confirm-without-device"
    assert message.startswith(f"r is {outcome} raised: no device here can tell motion")
    assert told(plan, home(DOOR, PIR)) == []


AWAY = "  r: {when: {inactive_for: 4h, of: [motion, contact]}, unless: away}\n"


@pytest.mark.parametrize(
    ("record", "found"),
    [
        (home(DOOR), []),
        (home(PIR), []),
        (home(SIDE), [Doubt(("devices",), "no-exit", "no door sensor here is known as a way out, so"
         " that rules (r) alarm while the resident is out; name the door: exits: [side]")]),
        (home(SIDE, exits=("utility",)), []),
        (home(SIDE, exits=()), []),
        (home(SIDE, exits=("porch",)), [Doubt(("exits",), "no-exit", "no door sensor here is called"
         " porch, so that nobody is ever seen to leave; name the id or location of the door under"
         " exits")]),
    ],
)  # fmt: skip
def test_doors_by_which_nobody_leaves_are_told(
    plans: Plans, record: HomeRecord, found: list[Doubt]
) -> None:
    """Who is at home is known by the doors, where a rule asks for it."""
    assert doubts_of_home(plans(AWAY), record) == found
    assert doubts_of_home(plans(AWAY.replace("away", "visitor")), record) == []


def test_values_of_a_tag_are_judged_like_a_homes_own(plans: Plans) -> None:
    """What they make impossible is told for the homes that have the tag."""
    plan = plans(
        "  r:\n    when: {property: contact, is: open, for: 5m, between: '22:00-06:00'}\n"
        "    values: [{tags: frail, for: 9h}]\n"
    )
    frail = replace(home(DOOR), tags=("frail",))

    (doubt,) = doubts_of_home(plan, frail)

    assert (doubt.path, doubt.code, doubt.level) == (("rules", "r"), "never-fires", "error")
    assert doubts_of_home(plan, home(DOOR)) == []
    off = replace(frail, rule_values={"r": {"mode": "off"}})
    assert doubts_of_home(plan, off) == []


def test_what_is_doubtful_of_a_rule_is_not_told_of_each_home(plans: Plans) -> None:
    """A hundred homes with a value of their own do not repeat one slip of the rule."""
    plan = plans(
        "  r: {when: {property: contact, is: open}, clear: {property: contact, is: open}}\n"
    )
    record = replace(home(DOOR), rule_values={"r": {"say": "The door is open."}})

    assert doubts_of_home(plan, record) == []


def test_a_value_that_fits_no_more_is_an_error(plans: Plans) -> None:
    """The rule changed its kind after the value was stored."""
    plan = plans("  r: {when: {property: contact, is: open}}\n")
    record = replace(home(DOOR), rule_values={"r": {"when.duration": HOUR}})

    (doubt,) = doubts_of_home(plan, record)

    assert (doubt.code, doubt.level) == ("value-does-not-fit", "error")


def test_a_rule_for_other_homes_is_nobodys_concern_here(plans: Plans) -> None:
    """Neither it nor its values are judged."""
    (rule,) = plans("  r: {when: {property: contact, is: open}}\n").rules
    only = replace(
        rule,
        applies_to=AppliesTo(schemes=("southside",)),
        values=(Values(applies_to=AppliesTo(), values={"when.duration": HOUR}),),
    )

    assert doubts_of_home(Plan(rules=(only,)), replace(home(PIR), contacts=())) == []


# --- people -----------------------------------------------------------------------------------


def test_a_home_that_chose_a_slow_policy_is_told(plans: Plans) -> None:
    """The rules of life safety that name no policy use the home's own."""
    plan = plans("  fall: {when: {property: fall, is: detected}, priority: life_safety}\n")
    bed = device("watch", DeviceKind.FALL_DETECTOR)

    (doubt,) = doubts_of_home(plan, replace(home(bed), policy="slow"))

    assert (doubt.path, doubt.code) == (("policy",), "slow-policy")
    assert doubts_of_home(plan, replace(home(bed), policy="family-then-centre")) == []


def test_a_stored_contact_with_the_id_of_somebody_else_is_an_error(plans: Plans) -> None:
    """On duty on a rota they would be told by the contact's number in this home."""
    (contact, *_) = home(PIR).contacts
    same = replace(plans(""), people=(contact,))
    other = replace(plans(""), people=(replace(contact, phone="+447700900199"),))

    assert "contact-with-another-number" not in codes(same, home(PIR))
    (doubt,) = (
        one for one in doubts_of_home(other, home(PIR)) if one.code.startswith("contact-with")
    )
    assert (doubt.path, doubt.level) == (("contacts", 0), "error")


def test_values_that_leave_an_alarm_unanswered_are_told(plans: Plans) -> None:
    """A place, a word or hours of a home's own can mute life safety as well as mode: off."""
    plan = plans("  call: {when: {property: trigger, is: pressed}, priority: life_safety}\n")
    pendant = device("pendant", DeviceKind.PERSONAL_TRIGGER)
    cord = device("cord", DeviceKind.FIXED_TRIGGER, "hall")
    record = home(pendant, cord)

    narrowed = replace(record, rule_values={"call": {"when.at": ["hall"]}})
    asleep = replace(record, rule_values={"call": {"when.between": [{"start": 0, "end": 60}]}})

    assert told(plan, record) == []
    assert told(plan, narrowed) == [
        (
            "life-safety-narrowed",
            (
                "call is life safety, and with the values for this home it does not answer when"
                " pendant says pressed; remove the value, or watch for this by a rule of its own"
            ),
        )
    ]
    assert codes(plan, asleep) == ["life-safety-sleeps"]
