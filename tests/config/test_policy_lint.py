"""What is doubtful about policies and choosers: help that comes late, or by one way only."""

from pathlib import Path

import pytest

from telecared.config.homecheck import doubts_of_home
from telecared.config.policycheck import (
    doubts_of_cancelling,
    doubts_of_policies,
    policies_named,
    time_to_centre,
)
from telecared.core.plan import HomeRecord, Plan, Rule
from telecared.core.policy import Contact, Policy, Step
from telecared.core.rota import Rota
from telecared.core.vocabulary import MINUTE, Channel, Priority
from telecared.core.when import ReadingIs
from tests.config.support import plan_of

CENTRE = "monitoring_centre"
BOTH = (Channel.SMS, Channel.VOICE)


@pytest.mark.parametrize(
    ("steps", "minutes"),
    [
        ((Step(notify=("a",), wait=2 * MINUTE), Step(notify=(CENTRE,))), 2),
        ((Step(notify=("a",), wait=2 * MINUTE, repeat=3), Step(notify=(CENTRE,))), 6),
        ((Step(notify=("a", "b", "c"), wait=MINUTE, apart=MINUTE), Step(notify=(CENTRE,))), 3),
        ((Step(notify=("a", CENTRE), apart=4 * MINUTE),), 4),
        ((Step(notify=("a",), wait=MINUTE), Step(notify=("rota",), wait=9 * MINUTE)), 1),
    ],
)
def test_the_time_to_the_end_counts_people_told_apart_and_repeats(
    steps: tuple[Step, ...], minutes: int
) -> None:
    """The end is the centre, or whatever the last step names."""
    assert time_to_centre(Policy(name="x", steps=steps)) == minutes * MINUTE


def test_a_role_that_stands_for_several_people_takes_longer() -> None:
    """Three carers, a minute apart: two minutes more."""
    step = Step(notify=("carer",), wait=MINUTE, apart=MINUTE)
    policy = Policy(name="x", steps=(step, Step(notify=(CENTRE,))))
    assert time_to_centre(policy, people=3) == 3 * MINUTE


@pytest.mark.parametrize(
    ("name", "meant"), [("carrers", "carers"), ("nigth", "night"), ("dora", ""), ("carol", "")]
)
def test_a_slip_in_whom_a_step_names_is_told(name: str, meant: str) -> None:
    """Such a step would tell nobody; somebody's contact may be called as they like."""
    steps = (Step(notify=(name, "carer"), by=BOTH), Step(notify=(CENTRE,)))
    night = Rota(name="night", timezone="UTC", layers=())
    plan = Plan(policies=(Policy(name="x", steps=steps),), rotas=(night,))
    told = [(one.path, one.code, one.message) for _, one in doubts_of_policies(plan)]
    expected = f'nobody here is called {name}; did you mean "{meant}"? Only a contact of a home may'
    assert (
        told
        == [(("steps", 0, "notify"), "unknown-recipient", f"{expected} have that id or role")][
            : bool(meant)
        ]
    )


def test_a_home_with_many_carers_told_apart_waits_long_for_the_centre() -> None:
    """Four carers, six minutes apart: the centre hears after 21 minutes."""
    steps = (Step(notify=("carer",), wait=3 * MINUTE, apart=6 * MINUTE), Step(notify=(CENTRE,)))
    fall = Rule(
        name="fall",
        when=ReadingIs(property="fall", values=("detected",)),
        priority=Priority.LIFE_SAFETY,
    )
    plan = Plan(rules=(fall,), policies=(Policy(name="family-then-centre", steps=steps),))
    carers = [Contact(id=f"c{n}", name="C", phone="", roles=("carer",)) for n in range(4)]
    few, many = (
        HomeRecord(id="oak-1", scheme="x", timezone="UTC", contacts=tuple(some))
        for some in (carers[:2], carers)
    )
    assert list(doubts_of_policies(plan)) == []
    codes = [[(one.path, one.code) for one in doubts_of_home(plan, home)] for home in (few, many)]
    assert (("contacts",), "slow-policy") not in codes[0]
    assert (("contacts",), "slow-policy") in codes[1]


PACK = """\
rules:
  fall: {when: {property: fall, is: detected}, priority: life_safety}
  bell: {when: {property: contact, is: closed}, cancel_within: 1h}
policies:
  fast: {steps: [{notify: monitoring_centre, by: [sms, voice]}]}
  slow: {steps: [{notify: carers, wait: 30m}, {notify: monitoring_centre}]}
  family-then-centre:
    choose:
      - {priority: life_safety, homes: oak-1, policy: %s}
      - {priority: [routine, technical], policy: slow}
      - {policy: fast}
"""


def pack(folder: Path, grave: str) -> Plan:
    """Rules whose policy is chosen; `grave` is that of life safety in one home."""
    return plan_of(folder, PACK % grave).plan


def test_a_chooser_is_judged_by_the_policies_that_a_rule_may_get(tmp_path: Path) -> None:
    """What only a routine alert may get is not slow for a fall."""
    plan = pack(tmp_path, "fast")
    fall = next(rule for rule in plan.rules if rule.name == "fall")
    name = "family-then-centre"
    assert [one.name for one in policies_named(plan, name, fall)] == ["fast"]
    assert [one.name for one in policies_named(plan, name)] == ["fast", "slow"]
    assert policies_named(plan, "nowhere") == []
    assert list(doubts_of_policies(plan)) == []
    assert [rule.name for rule, _ in doubts_of_cancelling(plan)] == ["bell"]


def test_a_slow_policy_of_one_channel_is_told_wherever_a_fall_may_get_it(tmp_path: Path) -> None:
    """Through a chooser too."""
    found = [
        (policy.name, doubt.code) for policy, doubt in doubts_of_policies(pack(tmp_path, "slow"))
    ]
    assert found == [("slow", "slow-policy"), ("slow", "one-channel")]


def test_a_home_is_judged_by_every_policy_that_its_chooser_may_choose(tmp_path: Path) -> None:
    """A contact whom one of them names is told; a rota is somebody before the centre."""
    plan = pack(tmp_path, "slow")
    ben = Contact(id="ben", name="Ben Hall", phone="+447700900123", roles=("carer",))
    home = HomeRecord(id="oak-1", scheme="s", timezone="UTC", contacts=(ben,))
    people = {"contact-never-told", "nobody-but-centre", "slow-policy"}
    assert not people & {doubt.code for doubt in doubts_of_home(plan, home)}
    text = """\
rules:
  fall: {when: {property: fall, is: detected}, priority: life_safety}
policies:
  own: {choose: [{priority: life_safety, policy: slow}, {policy: ours}]}
  slow: {steps: [{notify: duty, wait: 30m}, {notify: monitoring_centre}]}
  ours: {steps: [{notify: duty}, {notify: monitoring_centre}]}
people: [{id: ann, name: Ann Lee, phone: "+447700900150"}]
rotas: {duty: {layers: [{people: [ann]}]}}
"""
    alone = HomeRecord(id="oak-2", scheme="s", timezone="UTC", policy="own")
    found = [doubt.code for doubt in doubts_of_home(plan_of(tmp_path, text).plan, alone)]
    assert "nobody-but-centre" not in found
    assert found.count("slow-policy") == 1
