"""A plan and a home's record as `step` asks them: which rules, which policy, which texts."""

import pytest

from telecared.core.choosing import STRAIGHT_TO_THE_CENTRE
from telecared.core.compile import HomePlan, lateness
from telecared.core.conditions import KINDS
from telecared.core.conditions.base import View, finding_key, matching, place, value_test
from telecared.core.plan import (
    Clear,
    Plan,
    Rule,
    content_hash,
    decode_home,
    decode_plan,
    encode_home,
    encode_plan,
)
from telecared.core.policy import AppliesTo, Policy, Step
from telecared.core.site import ALWAYS_ON, SiteFacts
from telecared.core.state import HomeState
from telecared.core.vocabulary import HOUR, MINUTE, DeviceKind, Mode, Priority
from telecared.core.when import Condition, HeldFor, InactiveFor, ReadingIs, Silent
from tests.core.world import CENTRE, DEVICES, FAMILY, HOME, TECHNICAL, device, plan_of, record_of

PRESSED = Rule(name="pressed", when=ReadingIs(property="trigger", values=("pressed",)))
SILENT = Rule(name="silent", when=Silent(at=("unit",), duration=HOUR))
DOOR = Rule(
    name="door",
    when=HeldFor(property="contact", values=("open",), duration=MINUTE),
    clear=Clear(kind="reading", condition=ReadingIs(property="cancel", values=("pressed",))),
)


def test_every_kind_of_condition_can_be_compiled() -> None:
    """A new kind of condition has a line in each table that names them."""
    assert set(KINDS) == set(Condition.__args__)


def test_rules_are_indexed_by_what_they_read() -> None:
    """A reading that no rule cares about finds no rule."""
    home = HomePlan(plan_of([PRESSED, SILENT, DOOR]), HOME, record_of())
    assert [rule.name for rule in home.watchers["pendant", "trigger"]] == ["pressed"]
    assert ("pendant", "battery") not in home.watchers
    assert [rule.name for rule in home.listeners["unit"]] == ["silent"]
    assert [rule.name for rule in home.clearers["pendant", "cancel"]] == ["door"]
    assert "pendant" not in home.listeners


def test_rules_that_are_off_or_elsewhere_are_left_out() -> None:
    """By the rule itself, by the home, by whom it applies to."""
    off = Rule(name="off", when=PRESSED.when, mode=Mode.OFF)
    elsewhere = Rule(name="elsewhere", when=PRESSED.when, applies_to=AppliesTo(tags=("deaf",)))
    record = record_of(rule_values={"silent": {"mode": "off"}})
    home = HomePlan(plan_of([off, elsewhere, SILENT, PRESSED]), HOME, record)
    assert [rule.name for rule in home.rules] == ["pressed"]


def test_a_value_that_no_longer_fits_does_not_cost_the_rule() -> None:
    """The rule was rewritten since the home stored its value: the rule as written holds."""
    record = record_of(rule_values={"pressed": {"when.duration": HOUR}})
    home = HomePlan(plan_of([PRESSED]), HOME, record)
    assert home.rules[0].rule is PRESSED


def test_a_home_of_the_site_has_no_rules_and_the_sites_policy() -> None:
    """`@site` is nobody's home: its zone, its policy, its name in texts."""
    plan = Plan(rules=(PRESSED,), policies=(FAMILY, TECHNICAL), site_timezone="Europe/Paris")
    home = HomePlan(plan, "@site", None)
    assert home.rules == ()
    assert home.zone.key == "Europe/Paris"
    assert home.policy(None, Priority.TECHNICAL, 0) is TECHNICAL
    assert home.policy(PRESSED, PRESSED.priority, 0) is TECHNICAL
    assert home.technical_policy(Priority.TECHNICAL, 0) is TECHNICAL
    assert home.text_values["home.address"] == "@site"
    assert home.text_values["resident.name"] == "the resident"


def test_the_policy_is_the_rules_the_homes_or_the_default() -> None:
    """In this order; a name that means nothing goes straight to the centre."""
    own = Policy(name="own", steps=(Step(notify=(CENTRE,)),))
    plan = plan_of([], policies=[FAMILY, own])
    named = Rule(name="named", when=PRESSED.when, policy="own")
    lost = Rule(name="lost", when=PRESSED.when, policy="nowhere")
    home = HomePlan(plan, HOME, record_of())
    assert home.policy(named, named.priority, 0) is own
    assert home.policy(PRESSED, PRESSED.priority, 0) is FAMILY
    assert home.policy(lost, lost.priority, 0) is STRAIGHT_TO_THE_CENTRE
    assert home.technical_policy(Priority.TECHNICAL, 0) is STRAIGHT_TO_THE_CENTRE
    assert HomePlan(plan, HOME, record_of(policy="own")).policy(PRESSED, PRESSED.priority, 0) is own


def test_texts_know_the_home_without_an_address_by_its_id() -> None:
    """A text never has a hole."""
    home = HomePlan(plan_of([]), HOME, record_of(address="", resident_name=""))
    assert home.text_values == {
        "home.id": HOME, "home.address": HOME, "resident.name": "the resident",
    }  # fmt: skip


def test_an_absence_due_in_an_outage_is_due_when_it_was_drained() -> None:
    """And knows how late that is; what is no absence stays where it was."""
    home = HomePlan(plan_of([SILENT]), HOME, record_of())
    state = HomeState(home=HOME, known={"unit": 0})
    (due,) = home.rule_deadlines(state, SiteFacts(held=False, released_at=3 * HOUR))
    assert (due.at, due.due.at, lateness(due)) == (3 * HOUR, HOUR, 2 * HOUR)
    assert due.order == (3 * HOUR, Priority.URGENT.rank, "silent|unit")
    (due,) = home.rule_deadlines(state, ALWAYS_ON)
    assert lateness(due) == 0


# --- what conditions share ----------------------------------------------------------------------


def test_a_name_is_an_id_before_a_place_before_a_kind() -> None:
    """A device called `hall` hides the place; each device is meant once."""
    hall = device("hall", DeviceKind.OTHER)
    assert [one.id for one in matching((*DEVICES, hall), ["hall"])] == ["hall"]
    assert [one.id for one in matching(DEVICES, ["hall", "front-door"])] == [
        "hall-pir", "front-door",
    ]  # fmt: skip
    assert [one.id for one in matching(DEVICES, ["bed_monitor", "attic"])] == ["bed"]
    assert matching(DEVICES, []) == DEVICES


@pytest.mark.parametrize(
    ("values", "value", "met"),
    [
        (("low",), 15.0, True),
        (("low",), 15.1, False),
        (("low",), "low", True),
        (("low",), "ok", False),
        (("ok",), 80.0, False),
        ((21.0,), 21.0, True),
        (((51.5, -0.1),), (51.5, -0.1), False),
        (("open",), None, False),
    ],
)
def test_which_values_are_meant(values: tuple[str], value: str | float | None, met: bool) -> None:
    """A low battery may be a word or a number; a place is never a value to wait for."""
    assert value_test(values)(value) is met


def test_findings_and_places_have_names() -> None:
    """One finding for each device; a device is named with where it is."""
    assert finding_key("door", None) == "door"
    assert finding_key("door", DEVICES[3]) == "door|front-door"
    assert place(DEVICES[3]) == "front-door (hall)"
    assert place(DEVICES[0]) == "pendant"


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (PRESSED, "trigger"),
        (DOOR, "has been contact: open for 1m"),
        (SILENT, "has sent nothing for 1h; last heard at 01:00"),
        (
            Rule(name="quiet", when=InactiveFor(duration=HOUR, of=("motion",))),
            "no sign of life for 1h; the last was at 01:00",
        ),
    ],
)
def test_a_reason_can_be_given_without_a_device(rule: Rule, says: str) -> None:
    """`explain` asks for reasons of rules that have found nothing."""
    home = HomePlan(plan_of([rule]), HOME, record_of())
    view = View(HomeState(home=HOME), ALWAYS_ON, home.zone)
    assert home.rules[0].condition.reason(view, None, 0).strip() == says


def test_a_reason_for_what_is_over_names_the_value_that_was_meant() -> None:
    """The fact has changed since; the sentence is about the rule."""
    home = HomePlan(plan_of([PRESSED]), HOME, record_of())
    view = View(HomeState(home=HOME), ALWAYS_ON, home.zone)
    condition = home.rules[0].condition
    assert condition.reason(view, DEVICES[0], 0) == "pendant told trigger: pressed"
    assert list(condition.deadlines(view)) == []


def test_plans_and_records_have_one_form_and_one_name() -> None:
    """The same content gives the same bytes, and comes back the same."""
    plan = plan_of([PRESSED, SILENT, DOOR])
    assert decode_plan(encode_plan(plan)) == plan
    record = record_of(rule_values={"b": {"x": 1}, "a": {}}, access={"code": "1", "at": "2"})
    other = record_of(rule_values={"a": {}, "b": {"x": 1}}, access={"at": "2", "code": "1"})
    assert decode_home(encode_home(record)) == record
    assert content_hash(encode_home(record)) == content_hash(encode_home(other))
    assert content_hash(encode_plan(plan)) != content_hash(encode_plan(plan_of([])))
