"""Where storms, groups and caps meet: what one of them holds is not forgotten by another."""

from msgspec.structs import replace

from telecared.core.alert_commands import Resolved
from telecared.core.plan import Ageing, Rule
from telecared.core.runaway import AT_ONCE
from telecared.core.storm_events import StormJoined, StormOver
from telecared.core.vocabulary import DAY, AlertState, Outcome, Priority
from telecared.core.when import ReadingIs
from tests.core.conftest import Story
from tests.core.test_grouping import PLAN, TAMPER, three_faults
from tests.core.world import World


def joins(world: World, alert: int) -> None:
    """An alert of the home is part of an incident."""
    world.happens(
        StormJoined(
            input=0,
            at=world.at,
            alert=alert,
            incident="north#1",
            cause="power",
            until=world.at + DAY,
        )
    )


def test_an_incident_takes_one_of_a_group_and_the_others_are_told(story: Story) -> None:
    """The alert that stands for the group is held for a day; what waits with it is not."""
    world = three_faults(story)
    joins(world, 1)
    world.advance(minutes=3)
    world.expect_sms("ben", "2 things at 12 Larch Close: mains lost, battery low")
    world.expect_nothing()
    assert world.alert(1).state is AlertState.OPEN


def test_an_incident_takes_a_group_that_was_told_and_the_others_go_on(story: Story) -> None:
    """Their message was taken back or stands under a code that is held: they are told anew."""
    world = three_faults(story)
    world.advance(minutes=3)
    world.expect_sms("ben", "3 things")
    joins(world, 1)
    world.forget_messages()
    world.advance(minutes=15)
    world.expect_sms("ben", "2 things at 12 Larch Close: mains lost, battery low")
    world.forget_messages()


def test_the_first_of_a_group_that_is_graver_is_told_by_itself_and_the_others_too(
    story: Story,
) -> None:
    """Its rule is edited and it happens again: its own words at once; the others are not lost."""
    world = three_faults(story)
    graver = replace(TAMPER, priority=Priority.LIFE_SAFETY, policy=None)
    world.is_replanned(replace(PLAN, rules=(graver, *PLAN.rules[1:])))
    world.hears("smoke", tamper="closed")
    world.hears("smoke", tamper="open")
    told = world.expect_sms("ben", "tamper")
    assert "things" not in told.text
    assert told.priority is Priority.LIFE_SAFETY
    world.advance(minutes=3)
    world.expect_sms("ben", "2 things at 12 Larch Close: mains lost, battery low")
    world.forget_messages()


def test_the_first_of_a_group_that_grows_old_says_so(story: Story) -> None:
    """A day later it is told in its own words, as urgent; the others go on together."""
    old = replace(TAMPER, ages=Ageing(every=DAY, of="all", between=()))
    world = story(plan=replace(PLAN, rules=(old, *PLAN.rules[1:])))
    world.hears("smoke", tamper="open")
    world.hears("unit", mains="lost")
    world.hears("bed", battery="low")
    world.advance(minutes=5)
    world.expect_sms("ben", "3 things")
    world.accepts("ben", 1)
    world.forget_messages()
    world.advance(hours=23, minutes=55)
    world.expect_sms("ben", "NOT MENDED for 1 day")
    assert all(one.next_at or one.lease_until for one in world.state.alerts.values())
    world.forget_messages()


def test_a_device_that_has_run_away_says_something_else(story: Story) -> None:
    """A hundred suspected falls, and then a detected one: that is told at once, and once."""
    fall = Rule(
        name="fall",
        when=ReadingIs(property="fall", values=("suspected", "detected")),
        priority=Priority.LIFE_SAFETY,
    )
    world = story(rules=(fall,))
    for _ in range(100):
        world.hears("smoke", fall="suspected")
        world.hears("smoke", fall="clear")
        world.advance(seconds=4)
    before = len(world.records("alert.repeated"))
    for _ in range(10):
        world.hears("smoke", fall="detected")
        world.hears("smoke", fall="clear")
    again = world.records("alert.repeated")[before:]
    assert [line.reason for line in again][:1] == ["again: smoke (kitchen) told fall: detected"]
    assert len(again) <= 2
    world.forget_messages()


def test_what_an_incident_held_is_told_once_it_is_over(story: Story) -> None:
    """Held for as long as it runs, and then the very first step."""
    world = story(plan=PLAN)
    world.hears("smoke", tamper="open")
    joins(world, 1)
    world.advance(hours=2)
    world.expect_nothing()
    world.happens(StormOver(input=0, at=world.at, alert=1, incident="north#1"))
    world.expect_sms("ben", "tamper")


def test_a_device_that_runs_away_again_after_its_fault_was_closed(story: Story) -> None:
    """A person has closed its fault while it goes on: no deadline fires without end."""
    tamper = Rule(
        name="tamper",
        when=ReadingIs(property="tamper", values=("open",)),
        priority=Priority.TECHNICAL,
    )
    world = story(rules=(tamper,))
    for n in range(6 * AT_ONCE):
        world.hears("smoke", tamper="open")
        world.hears("smoke", tamper="closed")
        for alert in [one.n for one in world.state.alerts.values() if n > AT_ONCE + 10]:
            world.happens(
                Resolved(
                    input=9, at=world.at, alert=alert, by="Olu", outcome=Outcome.TECHNICAL_FIXED
                )
            )
    assert "runaway-device" in [line.rule for line in world.records("alert.opened")]
    assert len(world.records("alert.opened")) < 3 * AT_ONCE
    assert world.state.broken == ()
    world.forget_messages()
