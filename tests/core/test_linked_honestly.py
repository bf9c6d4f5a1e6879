"""Linking two alerts takes nobody's word for granted, and nothing waits longer for it."""

from msgspec.structs import replace

from telecared.core.plan import Rule
from telecared.core.storm_events import StormJoined
from telecared.core.storms import Cause
from telecared.core.vocabulary import HOUR, MINUTE, AlertState, CallResult, Priority
from telecared.core.when import ReadingIs
from tests.core.conftest import Story
from tests.core.handlers import PRESSED, TWO, family, hands, notes, reasons, takes
from tests.core.test_called import rings
from tests.core.test_linked import FALLEN, begun, links
from tests.core.world import FAMILY, TECHNICAL, World, plan_of

OPEN_DOOR = Rule(
    name="door", when=ReadingIs(property="contact", values=("open",)), priority=Priority.ROUTINE
)
COLD = Rule(name="lost", when=ReadingIs(property="mains", values=("lost",)),
            priority=Priority.ROUTINE)  # fmt: skip


def test_who_sleeps_through_a_repeat_does_not_get_the_other_too(story: Story) -> None:
    """Promise P6: Ben must answer within two minutes; a link must not hold the fall for him."""
    world = begun(story)
    world.accepts("ben", alert=2)
    world.advance(minutes=1)
    world.hears("pendant", trigger="pressed")
    assert world.alert(2).update_by is not None
    world.forget_messages()
    assert links(world, 2, 1).done
    assert world.alert(1).state is AlertState.OPEN
    assert world.alert(1).going == ()
    world.expect_sms("ben", "are one alert now. Reply")
    world.advance(minutes=2)
    world.expect_sms("cara")
    world.forget_messages()


def test_who_was_handed_the_one_and_has_not_answered_has_not_got_the_other(story: Story) -> None:
    """Promise P5: what was handed over is theirs once they answer."""
    world = begun(story)
    takes(world, "Ann Lee", alert=2)
    hands(world, "Ann Lee", "Ben Hall", contact="ben", alert=2)
    world.forget_messages()
    assert links(world, 2, 1).done
    assert world.alert(1).state is AlertState.OPEN
    world.forget_messages()


def test_the_operator_who_links_answers_by_it(story: Story) -> None:
    """It happened again on Ann's watch, and here she is."""
    world = begun(story)
    takes(world, "Ann Lee", alert=2)
    world.advance(minutes=1)
    world.hears("pendant", trigger="pressed")
    assert world.alert(2).update_by is not None
    assert links(world, 2, 1).done
    assert world.alert(1).owner == "Ann Lee"
    world.forget_messages()


def test_whoever_goes_has_the_other_for_as_long_as_the_one(story: Story) -> None:
    """Two were needed and Dan was asked to answer within two minutes: he still is."""
    plan = plan_of([PRESSED, FALLEN], policies=[TWO, TECHNICAL])
    world = story(plan=plan, record=family())
    world.hears("pendant", fall="detected")
    world.hears("pendant", trigger="pressed")
    hands(world, "Ann Lee", "Dan Moss", contact="dan", alert=2)
    world.forget_messages()
    until = world.at + 2 * MINUTE
    assert [one.until for one in world.alert(2).going] == [until]
    assert links(world, 2, 1).done
    assert [one.until for one in world.alert(1).going] == [until]
    world.forget_messages()


def test_what_stood_at_the_centre_still_does_after_it_was_linked(story: Story) -> None:
    """The press stood there; the fall, which goes on, must not begin with the family again."""
    world = story(rules=[PRESSED, FALLEN], record=family())
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=20)
    assert world.alert(1).centre_at is not None
    world.hears("pendant", fall="detected")
    world.advance(seconds=1)
    world.forget_messages()
    assert links(world, 1, 2).done
    assert world.alert(2).centre_at == world.at
    world.expect_sms("monitoring_centre")
    assert reasons(world, "alert.escalated")[-1].endswith("larch-12/1 stood there already")
    world.forget_messages()


def test_who_has_the_other_keeps_it_although_the_one_stood_at_the_centre(story: Story) -> None:
    """Cara goes to the fall: nobody is paged because of a link."""
    world = story(rules=[PRESSED, FALLEN], record=family())
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=20)
    world.hears("pendant", fall="detected")
    world.accepts("ben", alert=2)
    world.forget_messages()
    assert links(world, 1, 2).done
    assert world.alert(2).owner_contact == "ben"
    assert world.alert(2).centre_at is None
    world.forget_messages()


def together(story: Story) -> World:
    """Two routine alerts that are told in one message, in ten minutes."""
    grouped = replace(FAMILY, group=10 * MINUTE)
    plan = plan_of([OPEN_DOOR, COLD], policies=[grouped, TECHNICAL])
    world = story(plan=plan, record=family())
    world.hears("front-door", contact="open")
    world.advance(minutes=1)
    world.hears("unit", mains="lost")
    return world


def test_two_that_wait_to_be_told_together_can_be_linked_either_way(story: Story) -> None:
    """Nobody was told of either: none of them is told later for it."""
    for n, to in ((1, 2), (2, 1)):
        world = together(story)
        assert links(world, n, to).done, n
        world.advance(minutes=9)
        world.expect_sms("ben")


def test_a_note_on_what_waits_to_be_told_passes_nobody_over(story: Story) -> None:
    """It is told by itself now, and to Ben first; it was Cara who was told, and Ben never."""
    world = together(story)
    assert notes(world, "Ann Lee", "seen", alert=2).done
    world.advance(minutes=9)
    told = [one.to for one in world.notifications()]
    assert told == ["ben", "ben"]
    world.forget_messages()


def test_a_note_on_what_was_told_with_others_lets_it_go_on_from_there(story: Story) -> None:
    """Ben has read of it: Cara is next."""
    world = together(story)
    world.advance(minutes=9)
    world.forget_messages()
    assert notes(world, "Ann Lee", "seen", alert=2).done
    world.advance(minutes=2, seconds=30)
    assert [one.to for one in world.notifications()] == ["ben", "cara", "cara"]
    world.forget_messages()


def test_what_was_told_is_not_linked_to_what_waits_to_be_told(story: Story) -> None:
    """The door was told already; the mains would be told with others in ten minutes."""
    world = together(story)
    world.advance(minutes=10)
    world.hears("front-door", contact="closed")
    world.resolves("Ann Lee", alert=1)
    world.hears("front-door", contact="open")
    world.forget_messages()
    assert "nobody was told" in links(world, 2, 3).reason
    assert links(world, 3, 2).done
    world.forget_messages()


def test_what_was_told_in_one_message_can_be_linked(story: Story) -> None:
    """The second was told in the message of the first."""
    world = together(story)
    world.advance(minutes=9)
    world.forget_messages()
    assert links(world, 1, 2).done
    world.advance(minutes=2)
    world.expect_sms("cara")
    world.forget_messages()


def test_nothing_is_linked_to_what_an_incident_holds_back(story: Story) -> None:
    """Its message was taken back until the incident is over; the other one's was not."""
    world = story(rules=[OPEN_DOOR, COLD], record=family())
    world.hears("front-door", contact="open")
    world.hears("unit", mains="lost")
    world.advance(seconds=10)
    world.happens(
        StormJoined(
            input=world.next_input(), at=world.at, alert=2, incident="northside#1",
            cause=Cause.POWER, until=world.at + HOUR,
        )
    )  # fmt: skip
    world.forget_messages()
    assert "nobody was told" in links(world, 1, 2).reason
    assert links(world, 2, 1).done
    world.forget_messages()


def test_who_goes_already_does_not_go_too(story: Story) -> None:
    """Ben has it and says on the phone that he goes: the operator reads no nonsense."""
    world = begun(story)
    world.accepts("ben", alert=1)
    world.forget_messages()
    assert rings(world, "ben", CallResult.GOING).reason == ""
    world.forget_messages()
