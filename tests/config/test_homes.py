"""Homes from YAML and from a table: the same records, and every slip is told with its place."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telecared.config.homes import Surroundings, load_homes, read_homes
from telecared.core import plan, policy, when
from telecared.core.vocabulary import HOUR, DeviceKind
from tests.config.support import plan_of, refusals

LARCH = """\
people:
  - {id: resp-1, name: Night Responder, phone: "+44 7700 900150"}
homes:
  - id: larch-12
    scheme: northside
    address: 12 Larch Close
    tags: [dementia]
    resident: {name: Mrs Ada Hall, phone: "+441632960012", born: 1938-02-11, notes: "Ring twice."}
    access: {key_safe: "left of door", code: "0471"}
    devices:
      - {id: pendant, kind: personal_trigger}
      - {id: bed, kind: bed_monitor, location: bedroom, topic: n/rtl_433/events, address: "0x5f2a"}
    contacts:
      - {id: ben, name: Ben Hall, phone: "+447700900123", roles: [carers], reachable: "Sat-Sun"}
      - {name: Cara Singh, phone: "+447700900124", roles: [key-holder, carer]}
      - {person: resp-1, roles: responders}
    policy: family-then-centre
    rules: {no-movement: {inactive_for: 6h}, front-door-at-night: {mode: "off", between: "Sat-Sun"}}
"""


def test_everything_about_a_home_is_read(around: Surroundings) -> None:
    """Shared people, roles in either number, windows, own values, and defaults."""
    home = read_homes(LARCH, "h.yaml", around).homes[0]
    assert home == plan.HomeRecord(
        id="larch-12",
        scheme="northside",
        timezone="Europe/London",
        address="12 Larch Close",
        tags=("dementia",),
        resident_name="Mrs Ada Hall",
        resident_phone="+441632960012",
        resident_born="1938-02-11",
        resident_notes="Ring twice.",
        access={"key_safe": "left of door", "code": "0471"},
        devices=(
            plan.Device(
                id="pendant",
                kind=DeviceKind.PERSONAL_TRIGGER,
                profile="native",
                topic="telecare/northside/larch-12/pendant",
            ),
            plan.Device(
                id="bed",
                kind=DeviceKind.BED_MONITOR,
                profile="native",
                topic="n/rtl_433/events",
                location="bedroom",
                address="0x5f2a",
            ),
        ),
        contacts=(
            policy.Contact(
                id="ben",
                name="Ben Hall",
                phone="+447700900123",
                roles=("carer",),
                reachable=(when.Window(start=0, end=0, days=(5, 6)),),
            ),
            policy.Contact(
                id="contact-2",
                name="Cara Singh",
                phone="+447700900124",
                roles=("key_holder", "carer"),
            ),
            policy.Contact(
                id="resp-1", name="Night Responder", phone="+447700900150", roles=("responder",)
            ),
        ),
        policy="family-then-centre",
        rule_values={
            "no-movement": {"when.duration": 6 * HOUR},
            "front-door-at-night": {
                "mode": "off",
                "when.between": [
                    {"start": 0, "end": 0, "days": [5, 6], "holidays": "as_days", "dates": []}
                ],
            },
        },
    )
    assert plan.decode_home(plan.encode_home(home)) == home


HOME = "homes:\n  - {id: a, scheme: s, "


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("id2: 1}", 'h.yaml:2:24: "id2" is not known here; did you mean "id"?'),
        ("timezone: Europe/Londn}", "h.yaml:2:34: 'Europe/Londn' is no time zone; did you mean"),
        ("policy: nobody}", "h.yaml:2:32: there is no policy nobody; known here: centre-first,"),
        (
            "devices: [{id: p, kind: pendant}]}",
            "h.yaml:2:48: not a kind of device; known here:",
        ),
        (
            "devices: [{id: p, kind: tracker, profile: zigbee}]}",
            'h.yaml:2:66: there is no profile zigbee; did you mean "zigbee2mqtt"?',
        ),
        (
            "devices: [{id: p, kind: tracker, profile: zigbee2mqtt}]}",
            "h.yaml:2:34: a device of profile zigbee2mqtt needs a topic; add topic",
        ),
        (
            'devices: [{id: p, kind: tracker, topic: "a/+/b"}]}',
            "h.yaml:2:64: a device speaks on one topic: no + or # in it, and no $ before it",
        ),
        (
            "devices: [{id: p/q, kind: tracker}]}",
            "h.yaml:2:39: an id has letters, digits, - _ and . only; write one like larch-12",
        ),
        (
            "devices: [{id: p, kind: tracker, invert: [fall]}]}",
            'h.yaml:2:65: "fall" has no two words to swap; known here: appliance,',
        ),
        (
            "devices: [{id: p, kind: tracker}, {id: p, kind: tracker, topic: t}]}",
            "h.yaml:2:63: the device p is already in line 2; rename one",
        ),
        (
            "devices: [{id: p, kind: tracker, topic: t}, {id: q, kind: tracker, topic: t}]}",
            (
                "h.yaml:2:98: the device at h.yaml:2:64 has the same topic and address, so that its"
                " messages could be of either; give each an address"
            ),
        ),
        (
            'contacts: [{id: b, phone: "+447700900123"}]}',
            'h.yaml:2:35: "name" is missing; add it, or write person: and an id',
        ),
        (
            "contacts: [{person: resp-9}]}",
            "h.yaml:2:44: there is no person resp-9; remove it",
        ),
        (
            'contacts: [{id: carer, name: B, phone: "+447700900123"}]}',
            (
                'h.yaml:2:40: "carer" is a role, so that a policy could not tell them apart;'
                " choose another id"
            ),
        ),
        (
            'contacts: [{name: B, phone: "+447700900123", reachable: "nights"}]}',
            "h.yaml:2:80: not a window: 'nights'; write 22:00-06:00, Sat-Sun or",
        ),
        (
            "rules: {no-movement: {inactive_for: 12 parsecs}}}",
            "h.yaml:2:60: not a duration: '12 parsecs'; write 90s, 15m, 12h or 1h30m",
        ),
        (
            "rules: {no-movement: {of: [temperature]}}}",
            'h.yaml:2:51: "temperature" never shows that somebody moved;',
        ),
        (
            "rules: {no-movement: {by: '10:30'}}}",
            'h.yaml:2:46: "by" is no key of rule no-movement; known here: ages, at,',
        ),
        (
            "rules: {no-movement: {when.of: [mottion]}}}",
            'h.yaml:2:56: "mottion" is no property; did you mean "motion"?',
        ),
        (
            "rules: {front-door-at-night: {property: motion}}}",
            'h.yaml:2:54: "property" is the same in every home; write a rule of its own instead',
        ),
        (
            "rules: {fall: {mode: off}}}",
            "h.yaml:2:32: rule fall is life safety: no home may turn it off;",
        ),
        (
            "rules: {fall: {priority: routine}}}",
            "h.yaml:2:32: rule fall is life safety in every home; leave its priority",
        ),
        (
            "rules: {flood: {policy: nobody}}}",
            "h.yaml:2:48: there is no policy nobody; known here: centre-first,",
        ),
        (
            "resident: {born: 11.2.1938}}",
            "h.yaml:2:41: must be a day with its year first; write it like 1938-02-11",
        ),
    ],
)
def test_a_slip_in_a_home_is_told_with_its_place(
    around: Surroundings, rest: str, expected: str
) -> None:
    """Every sentence names line, column and what to write instead."""
    told = refusals(HOME + rest + "\n", around)
    assert any(sentence.startswith(expected) for sentence in told), told


def test_all_slips_of_a_file_are_told_at_once(around: Surroundings) -> None:
    """Nobody mends a file one sentence at a time."""
    text = (
        "homes:\n"
        "  - {id: a, scheme: s, rules: {no-movement: {of: x}}}\n"
        "  - {id: a, scheme: s}\n"
        "  - {id: c}\n"
        "hoems: []\n"
    )
    assert refusals(text, around) == [
        (
            'h.yaml:2:50: "x" is no property; known here: appliance, cancel, contact, medication,'
            " motion, occupancy, presence, trigger, vibration"
        ),
        "h.yaml:3:10: the home a is already in line 2; rename one",
        'h.yaml:4:5: "scheme" is missing; add it',
        'h.yaml:5:1: "hoems" is not known here; did you mean "homes"?',
    ]
    assert refusals("- x\n", around) == [
        "h.yaml:1:1: a file of homes has a list homes: at its top; write it"
    ]


# Numbers that are not for drama are put together here, so that no file holds one whole.
PREMIUM = "+44" + "9098" + "790123"


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("999", "an emergency number takes no messages"),
        ("112", "an emergency number takes no messages"),
        ("+44999", "an emergency number takes no messages"),
        ("+49112", "an emergency number takes no messages"),
        (PREMIUM, "a premium-rate number takes no alerts"),
        ("447700900123", "a phone number begins with + and the country code"),
        ("+4477009", "too long or too short for its country"),
        ("+44 7700 Ada", "not a phone number"),
        ("+", "not a phone number"),
    ],
)
def test_numbers_that_must_not_be_rung_are_refused_unsaid(
    around: Surroundings, number: str, expected: str
) -> None:
    """The sentence never repeats the number: it may stand in a log."""
    told = refusals(f'{HOME}contacts: [{{name: B, phone: "{number}"}}]}}\n', around)
    assert len(told) == 1
    assert told[0].startswith(f"h.yaml:2:52: {expected}")
    assert number not in told[0].partition("; write it like")[0].partition("h.yaml:2:52: ")[2]


@given(st.integers(0, 999), st.sampled_from(["+447700900", "+441632960", "+44 20 7946 0"]))
def test_every_number_set_aside_for_drama_is_taken(last: int, start: str) -> None:
    """Examples and rehearsals use these numbers, in whatever spacing."""
    text = f'{HOME}contacts: [{{name: B, phone: "{start}{last:03d}"}}]}}\n'
    phone = read_homes(text, "h.yaml", Surroundings()).homes[0].contacts[0].phone
    assert phone == (start + f"{last:03d}").replace(" ", "")


def test_values_for_a_rule_that_is_not_there_are_a_warning(around: Surroundings) -> None:
    """The same homes are replayed under a few rules of many, and a misspelling is still told."""
    text = f"{HOME}rules: {{no-movment: {{inactive_for: 6h}}}}}}\n"
    found = read_homes(text, "h.yaml", around)
    assert found.homes[0].rule_values == {}
    assert [(each.sentence, each.code, each.home) for each in found.warnings] == [
        (
            (
                "h.yaml:2:32: no rule is called no-movment, so that these values do nothing;"
                ' did you mean "no-movement"?'
            ),
            "unknown-rule",
            "a",
        )
    ]


def test_a_key_that_stands_twice_in_a_rule_needs_its_path(tmp_path: Path) -> None:
    """`is` of the condition and `is` of its clear are told apart by their paths."""
    rules = (
        "rules:\n  door:\n    when: {property: contact, is: open, for: 5m}\n"
        "    clear: {property: contact, is: closed}\n"
    )
    around = Surroundings(sources=plan_of(tmp_path, rules).sources)
    told = refusals(f"{HOME}rules: {{door: {{is: closed}}}}}}\n", around)
    assert told == ['h.yaml:2:39: "is" stands in several places of door; write when.is or clear.is']
    text = f"{HOME}rules: {{door: {{when.is: closed, clear.is: open}}}}}}\n"
    assert read_homes(text, "h.yaml", around).homes[0].rule_values == {
        "door": {"when.values": ["closed"], "clear.condition.values": ["open"]}
    }


@pytest.mark.parametrize("name", ["ordonez-a", "tm000-morning"])
def test_recorded_homes_load(shared_folder: Path, around: Surroundings, name: str) -> None:
    """The homes of real recordings are read as they are."""
    path = shared_folder / "data" / "streams" / f"{name}.homes.yaml"
    if not path.is_file():
        pytest.skip("this recording is not kept beside the checkout")
    loaded = load_homes(path, around)
    assert [home.id for home in loaded.homes] == [name]
    assert loaded.warnings == ()


def test_the_example_that_ships_loads(repository: Path, around: Surroundings) -> None:
    """What a newcomer copies works."""
    loaded = load_homes(repository / "homes.example.yaml", around)
    assert [home.id for home in loaded.homes] == ["larch-12", "larch-14"]
    assert loaded.warnings == ()


def test_a_slip_in_one_key_hides_no_slip_in_another(around: Surroundings) -> None:
    """An unknown key in a home, and its unknown person, its doubled device and its doubled id."""
    broken = """\
homes:
  - id: larch-12
    colour: red
    scheme: northside
    devices:
      - {id: pendant, kind: personal_trigger}
      - {id: pendant, kind: personal_trigger}
    contacts: [{person: nobody, roles: [carer]}]
    policy: family-than-centre
  - {id: larch-12, scheme: northside}
"""
    said = "\n".join(refusals(broken, around))

    for part in (
        'h.yaml:3:5: "colour"',
        "the device pendant is already",
        "no person nobody",
        "no policy family-than-centre",
        "the home larch-12 is already",
    ):
        assert part in said, said


def test_a_broken_device_hides_no_slip_in_the_others(around: Surroundings) -> None:
    """All slips of a home come at once, and a second home of an id is the one that is told."""
    text = """homes:
  - id: a
    scheme: s
    devices:
      - {id: hub, kind: alarm unit}
      - {id: pir, kind: activity_detector}
      - {id: pir, kind: activity_detector}
    contacts:
      - {phone: "1"}
      - {person: nobody}
  - {id: a, scheme: s}
"""
    assert [line.split(": ")[0] for line in refusals(text, around)] == [
        "h.yaml:5:25",
        "h.yaml:7:9",
        "h.yaml:7:14",
        "h.yaml:9:17",
        "h.yaml:10:18",
        "h.yaml:11:10",
    ]
