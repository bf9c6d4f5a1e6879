"""Rules and policies: what people write becomes the plan, and every slip is told with its place."""

from pathlib import Path

import pytest

from telecared.config.policies import role
from telecared.core import plan, policy, when
from telecared.core.vocabulary import HOUR, MINUTE, SECOND, Mode, Priority
from telecared.errors import ConfigError
from tests.config.support import plain, plan_of, rules_of

DESIGN = """\
rules:
  fall:
    when: {property: fall, is: [detected, suspected]}
    priority: life_safety
    say: "Possible fall at {home.address}. Reply {code} if you are going."
  no-movement:
    when: {inactive_for: 4h, of: [motion, contact], between: "07:00-22:00", occupied_at_most: 10h}
    downtime: grace 30m
  front-door-at-night:
    when: {property: contact, is: open, at: front-door, for: 5m, between: "22:00-06:00"}
    applies_to: {tags: [dementia], schemes: northside}
    mode: off
    cooldown: 1h
    clear: {property: contact, is: closed, at: front-door}
    policy: quick
  alarm-unit-silent:
    when: {silent: alarm_unit, for: 45m}
    priority: technical
    clear: person
    downtime: pause
policies:
  quick:
    steps:
      - {notify: [carers, ben], by: [sms], wait: 2m}
      - {notify: key_holders, wait: 90s}
      - {notify: monitoring_centre}
    acknowledge: {lease: 20m}
    receipt: 45s
"""


def test_rules_of_every_kind_become_the_plan(tmp_path: Path) -> None:
    """Four kinds of condition, with the keys that rules have most."""
    rules = {rule.name: rule for rule in plan_of(tmp_path, DESIGN).plan.rules}
    folder = tmp_path.name
    assert rules["fall"] == plan.Rule(
        name="fall",
        when=when.ReadingIs(property="fall", values=("detected", "suspected")),
        priority=Priority.LIFE_SAFETY,
        say="Possible fall at {home.address}. Reply {code} if you are going.",
        clear=plan.Clear(kind="person"),
        source=f"{folder}/a.yaml:2",
    )
    assert rules["no-movement"] == plan.Rule(
        name="no-movement",
        when=when.InactiveFor(
            duration=4 * HOUR,
            of=("motion", "contact"),
            between=(when.Window(start=420, end=1320),),
            occupied_at_most=10 * HOUR,
        ),
        downtime=plan.Downtime(kind="grace", grace=30 * MINUTE),
        source=f"{folder}/a.yaml:6",
    )
    assert rules["front-door-at-night"] == plan.Rule(
        name="front-door-at-night",
        when=when.HeldFor(
            property="contact",
            values=("open",),
            duration=5 * MINUTE,
            at=("front-door",),
            between=(when.Window(start=1320, end=360),),
        ),
        mode=Mode.OFF,
        applies_to=policy.AppliesTo(tags=("dementia",), schemes=("northside",)),
        cooldown=HOUR,
        clear=plan.Clear(
            kind="reading",
            condition=when.ReadingIs(property="contact", values=("closed",), at=("front-door",)),
        ),
        policy="quick",
        source=f"{folder}/a.yaml:9",
    )
    assert rules["alarm-unit-silent"] == plan.Rule(
        name="alarm-unit-silent",
        when=when.Silent(at=("alarm_unit",), duration=45 * MINUTE),
        priority=Priority.TECHNICAL,
        clear=plan.Clear(kind="person"),
        downtime=plan.Downtime(kind="pause"),
        source=f"{folder}/a.yaml:16",
    )


def test_roles_of_a_policy_become_singular(tmp_path: Path) -> None:
    """Steps name roles in either number; ids of contacts stay, whatever letter they end in."""
    policies = {each.name: each for each in plan_of(tmp_path, DESIGN).plan.policies}
    assert policies["quick"] == policy.Policy(
        name="quick",
        steps=(
            policy.Step(notify=("carer", "ben"), wait=2 * MINUTE),
            policy.Step(notify=("key_holder",), wait=90 * SECOND),
            policy.Step(notify=("monitoring_centre",)),
        ),
        lease=20 * MINUTE,
        receipt=45 * SECOND,
    )
    assert [role(word) for word in ("key-holders", "responders", "james")] == [
        "key_holder",
        "responder",
        "james",
    ]


def test_the_same_rules_in_another_folder_are_the_same_plan(tmp_path: Path) -> None:
    """The plan's hash depends on what was written, not on where the machine keeps it."""
    plans = []
    for parent in ("one", "two"):
        folder = tmp_path / parent / "rules"
        folder.mkdir(parents=True)
        plans.append(plan.encode_plan(plan_of(folder, DESIGN).plan))
    assert plans[0] == plans[1]
    assert plan.decode_plan(plans[0]).rules[0].source == "rules/a.yaml:2"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (
            "{when: {property: motionn, is: detected}}",
            'a.yaml:2:24: "motionn" is no property; did you mean "motion"?',
        ),
        (
            "{when: {property: motion, is: detcted}}",
            'a.yaml:2:36: "detcted" is no value of motion; write one of: clear, detected',
        ),
        (
            "{when: {property: motion, is: [detected, gone]}}",
            'a.yaml:2:47: "gone" is no value of motion; write one of: clear, detected',
        ),
        ("{when: {property: motion}}", 'a.yaml:2:13: "is" is missing; add it'),
        (
            "{when: {property: temperature, is: cold}}",
            (
                'a.yaml:2:24: "temperature" has no words; write above: or below: and a number in'
                " place of is"
            ),
        ),
        (
            "{when: {property: contact, is: open, for: 12 parsecs}}",
            "a.yaml:2:48: not a duration: '12 parsecs'; write 90s, 15m, 12h or 1h30m",
        ),
        (
            "{when: {property: contact, is: open, for: 0s}}",
            "a.yaml:2:48: must be longer than nothing; write 90s, 15m, 12h or 1h30m",
        ),
        (
            '{when: {property: contact, is: open, between: "22-06"}}',
            "a.yaml:2:52: not a window: '22-06'; write 22:00-06:00, Sat-Sun or Mon-Fri 17:00-08:00",
        ),
        (
            "{when: {property: contact, is: open, att: hall}}",
            'a.yaml:2:43: "att" is not known here; did you mean "at"?',
        ),
        (
            "{when: {property: trigger, is: pressed, for: 5m}}",
            'a.yaml:2:46: "trigger" happens in a moment and lasts no time; remove "for"',
        ),
        (
            "{when: {inactive_for: 4h, of: [temperature]}}",
            (
                'a.yaml:2:37: "temperature" never shows that somebody moved; known here: appliance,'
                " cancel, contact, medication, motion, occupancy, presence, trigger, vibration"
            ),
        ),
        (
            "{when: {inactive_for: 4h, of: motoin}}",
            'a.yaml:2:36: "motoin" is no property; did you mean "motion"?',
        ),
        (
            "{when: {silent: alarm_unit}}",
            'a.yaml:2:7: "for" is missing; add it, or every: 15m with misses: 3',
        ),
        (
            "{when: {inactive_for: 4h, of: []}}",
            "a.yaml:2:36: the list is empty; write at least one word or remove the key",
        ),
        (
            "{when: {propety: open}}",
            'a.yaml:2:14: "propety" is not known here; did you mean "property"?',
        ),
        (
            "{when: [{property: fall, is: detected}]}",
            (
                "a.yaml:2:13: several conditions are joined; write when: {all: [...]}, or any in"
                " place of all"
            ),
        ),
        (
            "{when: {property: fall, is: detected}, applies_to: dementia}",
            (
                "a.yaml:2:57: homes are named by a tag, a scheme or an id; write applies_to:"
                " {tags: [dementia]}"
            ),
        ),
        (
            "{when: 3}",
            ("a.yaml:2:13: a condition has keys of its own; write when: {property: ..., is: ...}"),
        ),
        ("{priority: urgent}", 'a.yaml:2:6: "when" is missing; add it'),
        ("always", "a.yaml:2:3: a rule has keys of its own; write when: {...} below it"),
        (
            "{when: {property: fall, is: detected}, prioritty: urgent}",
            'a.yaml:2:45: "prioritty" is not known here; did you mean "priority"?',
        ),
        (
            "{when: {property: fall, is: detected}, priority: high}",
            (
                "a.yaml:2:55: not a word that is known here; write 'life_safety', 'urgent',"
                " 'routine' or 'technical'"
            ),
        ),
        (
            "{when: {property: fall, is: detected}, priority: life_safety, cooldown: 1h}",
            "a.yaml:2:68: life safety is never muted; remove cooldown, or choose another priority",
        ),
        (
            "{when: {property: fall, is: detected}, priority: life_safety, clear: auto}",
            (
                "a.yaml:2:68: only a person ends a life-safety alert; remove clear, or write:"
                " clear: person"
            ),
        ),
        (
            "{when: {property: fall, is: detected}, clear: never}",
            "a.yaml:2:52: must be auto, person or a reading; write clear: {property: ..., is: ...}",
        ),
        (
            "{when: {property: fall, is: detected}, clear: {property: fall, is: gone}}",
            'a.yaml:2:73: "gone" is no value of fall; write one of: clear, detected, suspected',
        ),
        (
            "{when: {property: fall, is: detected}, downtime: wait}",
            "a.yaml:2:55: must be count, pause or grace with a duration; write downtime: grace 30m",
        ),
        (
            "{when: {property: fall, is: detected}, downtime: grace soon}",
            "a.yaml:2:55: not a duration: 'soon'; write 90s, 15m, 12h or 1h30m",
        ),
        (
            '{when: {property: fall, is: detected}, say: "At {home.adress}"}',
            'a.yaml:2:50: "{home.adress}" is no field of a text; did you mean "home.address"?',
        ),
        (
            '{when: {property: fall, is: detected}, say: "At {home.address"}',
            "a.yaml:2:50: the braces do not match; write fields like {home.address}",
        ),
        (
            "{when: {property: fall, is: detected}, policy: family-then-center}",
            (
                "a.yaml:2:53: there is no policy family-then-center; did you mean"
                ' "family-then-centre"?'
            ),
        ),
    ],
)
def test_a_slip_in_a_rule_is_told_with_its_place(tmp_path: Path, rule: str, expected: str) -> None:
    """Every sentence names line, column and what to write instead."""
    with pytest.raises(ConfigError) as caught:
        plan_of(tmp_path, f"rules:\n  x: {rule}\n")
    assert expected in plain(tmp_path, caught.value.problems)


def test_two_braces_are_a_brace(tmp_path: Path) -> None:
    """A text may contain braces; they are written twice."""
    text = 'rules:\n  x: {when: {property: fall, is: detected}, say: "{{sic}} {code}"}\n'
    assert plan_of(tmp_path, text).plan.rules[0].say == "{{sic}} {code}"


def test_a_text_of_many_messages_is_refused(tmp_path: Path) -> None:
    """Nobody reads a book on a phone at night, and every message costs."""
    text = "rules:\n  x: {when: {property: fall, is: detected}, say: " + "x" * 460 + "}\n"
    expected = ["a.yaml:2:50: the text is longer than 306 characters; write a shorter one"]
    assert plain(tmp_path, rules_of(tmp_path, text).problems) == expected


def test_a_rule_may_not_take_the_name_of_a_finding_of_the_machinery(tmp_path: Path) -> None:
    """`broker-lost` in the record must mean one thing."""
    text = "rules:\n  broker-lost: {when: {property: fall, is: detected}}\n"
    assert plain(tmp_path, rules_of(tmp_path, text).problems) == [
        'a.yaml:2:3: "broker-lost" is the name of a finding of telecared itself; choose another'
    ]


def test_life_safety_on_trial_is_allowed_and_said_aloud(tmp_path: Path) -> None:
    """A rule may be tried without paging anybody, and `check` keeps reminding of it."""
    text = "rules:\n  x: {when: {property: fall, is: detected}, priority: life_safety, mode: watch}"
    found = rules_of(tmp_path, text)
    assert found.problems == []
    assert [(each.line, each.col, each.code) for each in found.warnings] == [
        (2, 74, "life-safety-not-paged")
    ]
