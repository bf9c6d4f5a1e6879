"""Routine and technical alerts of one home that open together are told in one message."""

from msgspec.structs import replace

from telecared.core.alert_commands import Acknowledged, Resolved, Snoozed
from telecared.core.plan import Rule
from telecared.core.policy import Policy, Step
from telecared.core.vocabulary import HOUR, MINUTE, AlertState, Outcome, Priority
from telecared.core.when import ReadingIs
from tests.core.conftest import Story
from tests.core.world import CENTRE, FAMILY, World, plan_of

GROUPS = Policy(
    name="technical",
    steps=(Step(notify=("carer",), wait=10 * MINUTE), Step(notify=(CENTRE,))),
    group=5 * MINUTE,
)


def fault(name: str, property_: str, value: str, **more: object) -> Rule:
    """A technical rule about a level."""
    fields: dict[str, object] = {
        "name": name,
        "when": ReadingIs(property=property_, values=(value,)),
        "priority": Priority.TECHNICAL,
        "policy": "technical",
    }
    return Rule(**{**fields, **more})  # type: ignore[arg-type] # fields of a rule


TAMPER = fault("tamper", "tamper", "open")
MAINS = fault("mains-lost", "mains", "lost")
BATTERY = fault("battery-low", "battery", "low")
FLOOD = fault("flood", "water", "wet", priority=Priority.URGENT)
PLAN = plan_of((TAMPER, MAINS, BATTERY, FLOOD), policies=(FAMILY, GROUPS))


def three_faults(story: Story) -> World:
    """Three things break within five minutes."""
    world = story(plan=PLAN)
    world.hears("smoke", tamper="open")
    world.advance(minutes=1)
    world.hears("unit", mains="lost")
    world.advance(minutes=1)
    world.hears("bed", battery="low")
    return world


def test_three_faults_are_one_message(story: Story) -> None:
    """It waits for the first one's five minutes, names all three, and has one code."""
    world = three_faults(story)
    world.expect_nothing()
    world.advance(minutes=2, seconds=59)
    world.expect_nothing()
    world.advance(seconds=1)
    told = world.expect_sms("ben", "3 things at 12 Larch Close: tamper, mains lost, battery low")
    assert world.alert(1).code in told.text
    world.expect_nothing()
    held = [one for one in world.records("alert.updated") if one.reason.startswith("held back")]
    assert len(held) == 3


def test_what_is_dangerous_waits_for_nothing(story: Story) -> None:
    """A flood is told at once, and is not in the group."""
    world = three_faults(story)
    world.hears("kitchen-pir", water="wet")
    world.expect_sms("ben", "flood")
    world.advance(minutes=3)
    world.expect_sms("ben", "3 things")
    world.forget_messages()


def test_one_answer_takes_all_and_each_ends_by_itself(story: Story) -> None:
    """Ben has all three; the mains comes back, and that one is over."""
    world = three_faults(story)
    world.advance(minutes=3)
    world.expect_sms("ben", "3 things")
    world.accepts("ben", 1)
    world.expect_sms("ben", "Thank you")
    assert {one.state for one in world.state.alerts.values()} == {AlertState.ACKNOWLEDGED}
    assert {one.owner for one in world.state.alerts.values()} == {"Ben Hall"}
    world.hears("unit", mains="ok")
    assert sorted(world.state.alerts) == [1, 3]
    world.forget_messages()


def test_nobody_answers_and_the_group_goes_on_as_one(story: Story) -> None:
    """The next step hears one message as well, hours later still."""
    world = three_faults(story)
    world.advance(minutes=3)
    world.expect_sms("ben", "3 things")
    world.advance(minutes=10)
    world.expect_sms(CENTRE, "3 things")
    world.advance(hours=1)
    world.expect_sms(CENTRE, "3 things")
    world.expect_nothing()
    assert all(one.next_at for one in world.state.alerts.values())


def test_a_lease_that_lapses_lapses_for_all(story: Story) -> None:
    """Nothing of a group is let go of (promise P2)."""
    world = three_faults(story)
    world.advance(minutes=3)
    world.accepts("ben", 1)
    world.advance(minutes=31)
    assert {one.state for one in world.state.alerts.values()} == {AlertState.OPEN}
    assert len(world.records("alert.lapsed")) == 3
    world.forget_messages()


def test_the_alert_that_stood_for_a_group_ends_and_the_rest_goes_on(story: Story) -> None:
    """Its code is gone; what is left is told under another."""
    world = three_faults(story)
    world.advance(minutes=3)
    world.forget_messages()
    world.hears("smoke", tamper="closed")
    world.expect_sms("ben", "over by itself")
    world.advance(minutes=11)
    world.expect_sms("ben", "2 things")
    world.advance(minutes=10)
    world.expect_sms(CENTRE, "2 things")


def test_one_alone_is_told_in_its_own_words(story: Story) -> None:
    """Of a group of one there is nothing to add up."""
    world = story(plan=PLAN)
    world.hears("smoke", tamper="open")
    world.advance(minutes=5)
    assert "things" not in world.expect_sms("ben", "tamper").text
    assert world.alert(1).group == 0


def test_the_first_recovers_before_it_is_told(story: Story) -> None:
    """The others keep its time, and nobody hears of what never was told."""
    world = three_faults(story)
    world.hears("smoke", tamper="closed")
    world.advance(minutes=3)
    world.expect_sms("ben", "2 things")


def test_an_operator_takes_one_of_them_only(story: Story) -> None:
    """By its own name, at the console: it leaves the group."""
    world = three_faults(story)
    world.advance(minutes=3)
    world.forget_messages()
    world.commands(Acknowledged(input=50, at=world.at, alert=2, by="Olu"))
    assert world.alert(2).owner == "Olu"
    assert world.alert(2).group == 0
    assert world.alert(3).state is AlertState.OPEN
    world.commands(Snoozed(input=51, at=world.at, alert=1, by="Ann", duration=HOUR))
    assert world.alert(3).owner == "Ann"
    assert world.alert(2).owner == "Olu"
    world.commands(
        Resolved(input=52, at=world.at, alert=1, by="Ann", outcome=Outcome.TECHNICAL_FIXED)
    )
    assert world.alert(3).state is AlertState.ACKNOWLEDGED
    world.advance(hours=2)
    assert world.alert(3).state is AlertState.OPEN
    world.forget_messages()


def test_different_policies_are_different_messages(story: Story) -> None:
    """Who is told one is not who is told the other."""
    other = replace(GROUPS, name="other")
    battery = replace(BATTERY, policy="other")
    world = story(plan=plan_of((TAMPER, battery), policies=(FAMILY, GROUPS, other)))
    world.hears("smoke", tamper="open")
    world.hears("bed", battery="low")
    world.advance(minutes=5)
    world.expect_sms("ben", "tamper")
    world.expect_sms("ben", "battery low")
