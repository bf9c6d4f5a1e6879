"""An alert is handed over, taken over, or sent on to the next step whoever has it."""

import msgspec
import pytest

from telecared.core.alert_commands import Acknowledged, InterimPlanned
from telecared.core.events import ContactUnreachable
from telecared.core.plan import Ageing, Rule
from telecared.core.vocabulary import (
    DAY,
    MINUTE,
    AlertState,
    Channel,
    Mode,
    NotificationState,
    Priority,
)
from telecared.core.when import ReadingIs
from tests.core.conftest import Story
from tests.core.handlers import (
    PRESSED,
    escalates,
    family,
    hands,
    holds,
    pressed,
    reasons,
    takes,
    two_needed,
)
from tests.core.world import BEN, CARA, CENTRE, World, plan_of, record_of

WEAK = Rule(
    name="weak", when=ReadingIs(property="battery", values=("low",)), mode=Mode.PAGE,
    priority=Priority.TECHNICAL, ages=Ageing(every=DAY),
)  # fmt: skip


def begun(story: Story, *, two: bool = False) -> World:
    """A pressed pendant of which Ben and Cara were told."""
    world = (
        story(plan=two_needed(), record=family())
        if two
        else story(rules=[PRESSED], record=family())
    )
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=2)
    world.forget_messages()
    return world


def test_an_operator_hands_it_to_a_carer_and_everybody_hears(story: Story) -> None:
    """The new owner is told what it is and until when; those told hear who has it."""
    world = begun(story)
    takes(world, "Olu")
    world.forget_messages()
    assert hands(world, "Olu", "Cara Singh", contact="cara", note="she is near").done
    page = world.expect_sms("cara", "Olu has handed this to you: Pendant at 12")
    assert page.text.endswith(f"NO {world.alert().code} if you cannot go.")
    world.expect_sms("ben", "Cara Singh has it now")
    assert (world.alert().owner, world.alert().owner_contact) == ("Cara Singh", "cara")
    assert reasons(world, "alert.handed_over") == [
        "Olu handed it to Cara Singh until 08:32: she is near"
    ]
    world.accepts("cara")
    world.expect_sms("cara", "Thank you")


def test_the_old_owner_hears_that_somebody_else_has_it(story: Story) -> None:
    """A carer whom an operator relieves does not go for nothing."""
    world = begun(story)
    world.accepts("ben")
    world.forget_messages()
    assert hands(world, "Ben Hall", "Olu").done
    world.expect_sms("ben", "Olu has it now")
    world.expect_sms("cara", "Olu has it now")
    assert world.alert().owner_contact is None
    assert [one.by for one in world.alert().going] == ["Olu"]


def test_only_who_has_it_hands_it_over_and_a_take_over_is_recorded(story: Story) -> None:
    """Two operators: the second hears who has it, and takes it over only by saying so."""
    world = begun(story)
    takes(world, "Olu")
    world.forget_messages()
    assert takes(world, "Pat").reason.startswith("Olu already has it since ")
    assert hands(world, "Pat", "Pat").reason.startswith("Olu has it since 08:02: only they")
    assert hands(world, "Pat", "Pat", take_over=True).done
    assert reasons(world, "alert.handed_over") == ["Pat took it over from Olu until 08:32"]
    assert hands(world, "Olu", "Cara Singh", contact="cara").reason.startswith("Pat has it")
    world.expect_sms("ben", "Pat has it now")
    world.expect_sms("cara", "Pat has it now")


def test_a_supervisor_gives_it_to_somebody_else(story: Story) -> None:
    """From whom it was taken stands in the record."""
    world = begun(story)
    takes(world, "Olu")
    world.forget_messages()
    hands(world, "Sue", "Pat", take_over=True)
    assert reasons(world, "alert.handed_over") == [
        "Sue handed it to Pat, taken from Olu, until 08:32"
    ]
    world.forget_messages()


def test_the_same_hand_over_twice_is_one(story: Story) -> None:
    """A command that came twice wakes nobody a second time."""
    world = begun(story)
    takes(world, "Olu")
    hands(world, "Olu", "Pat")
    world.forget_messages()
    again = hands(world, "Olu", "Pat")
    assert (again.done, again.reason) == (True, "Pat has it already")


def test_an_open_alert_can_be_given_to_somebody(story: Story) -> None:
    """An operator who has reached the neighbour by phone; what waits for others is taken back."""
    world = begun(story)
    assert hands(world, "Olu", "Dan Moss", contact="dan").done
    assert world.alert().state is AlertState.ACKNOWLEDGED
    assert reasons(world, "alert.handed_over") == ["Olu handed it to Dan Moss until 08:32"]
    world.accepts("dan")
    world.forget_messages()
    world.advance(minutes=20)


def test_nobody_is_given_what_they_cannot_be_told(story: Story) -> None:
    """Nor somebody who is not known in this home."""
    world = begun(story)
    assert hands(world, "Olu", "Eve", contact="eve").reason == "larch-12 has no contact eve"
    world.happens(ContactUnreachable(input=90, at=world.at, contact="dan", reason="STOP"))
    world.forget_messages()
    assert "takes no messages" in hands(world, "Olu", "Dan Moss", contact="dan").reason


def test_a_hand_over_that_does_not_arrive_goes_back_into_escalation(story: Story) -> None:
    """At once, and not at the end of a lease of which nobody knows."""
    world = story(rules=[PRESSED], record=family(), delivers=None)
    world.hears("pendant", trigger="pressed")
    takes(world, "Olu")
    hands(world, "Olu", "Dan Moss", contact="dan")
    world.reports("dan", NotificationState.FAILED)
    world.advance(seconds=0)
    assert world.alert().state is AlertState.OPEN
    assert reasons(world, "alert.lapsed") == ["it was handed over, and the message did not arrive"]
    world.forget_messages()


def test_a_late_failure_of_another_page_takes_it_from_nobody(story: Story) -> None:
    """Once they have answered, what became of the message does not matter."""
    world = story(rules=[PRESSED], record=family(), delivers=None)
    world.hears("pendant", trigger="pressed")
    takes(world, "Olu")
    hands(world, "Olu", "Dan Moss", contact="dan")
    page = world.notifications()[-1].id
    world.accepts("dan")
    world.reports("dan", NotificationState.FAILED)
    assert page in {one.id for one in world.notifications()}
    world.advance(minutes=1)
    assert world.alert().owner == "Dan Moss"
    world.forget_messages()


def test_whoever_is_told_by_email_is_handed_it_by_email(story: Story) -> None:
    """By the way by which they can be told."""
    mailed = msgspec.structs.replace(CARA, email="cara@example.org", by=(Channel.EMAIL,))
    plan = plan_of([PRESSED], channels=(Channel.SMS, Channel.EMAIL))
    world = story(plan=plan, record=record_of(contacts=(BEN, mailed)))
    world.hears("pendant", trigger="pressed")
    world.forget_messages()
    assert hands(world, "Olu", "Cara Singh", contact="cara").done
    world.expect_sms("cara", "has handed this to you", channel=Channel.EMAIL)
    world.expect_sms("ben", "Cara Singh has it now")


def test_one_of_two_hands_their_part_to_somebody_else(story: Story) -> None:
    """The other goes as before; who goes already cannot be given it again."""
    world = begun(story, two=True)
    world.accepts("ben")
    world.accepts("cara")
    world.forget_messages()
    assert (
        hands(world, "Ben Hall", "Cara Singh", contact="cara").reason == "Cara Singh goes already"
    )
    assert hands(world, "Ben Hall", "Dan Moss", contact="dan").done
    assert [one.by for one in world.alert().going] == ["Dan Moss", "Cara Singh"]
    assert world.alert().owner == "Dan Moss"
    world.forget_messages()


def test_where_two_are_needed_one_is_not_enough(story: Story) -> None:
    """Who is asked to go is one of two; an operator who hands it to one lets the search go on."""
    world = begun(story, two=True)
    assert hands(world, "Olu", "Dan Moss", contact="dan").done
    assert world.alert().state is AlertState.OPEN
    assert reasons(world, "alert.updated") == ["Olu handed it to Dan Moss, 1 of 2"]
    world.accepts("cara")
    assert world.alert().state is AlertState.ACKNOWLEDGED
    takes(world, "Olu")
    world.forget_messages()
    other = begun(story, two=True)
    takes(other, "Olu")
    hands(other, "Olu", "Dan Moss", contact="dan")
    assert other.alert().state is AlertState.OPEN
    assert reasons(other, "alert.lapsed") == ["2 are needed"]
    other.forget_messages()


def test_who_declined_may_be_given_it_all_the_same(story: Story) -> None:
    """They said yes on the phone."""
    world = begun(story)
    world.declines("ben")
    hands(world, "Olu", "Ben Hall", contact="ben")
    assert world.alert().declined == ()
    world.forget_messages()


def test_a_snooze_belongs_to_its_operator(story: Story) -> None:
    """Two operators: the first holds it, the second hears who."""
    world = begun(story)
    assert holds(world, "Olu").done
    assert holds(world, "Pat").reason.startswith("Olu already has it since ")
    assert holds(world, "Olu").done
    world.advance(minutes=10)
    assert world.alert().state is AlertState.OPEN
    world.forget_messages()


# --- the next step at once ----------------------------------------------------------------------


def test_an_open_alert_goes_on_at_once_when_somebody_asks(story: Story) -> None:
    """An operator who has seen enough does not wait for the step to end."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    assert escalates(world, "Olu", "she sounds weak").done
    world.expect_sms("cara", "12 Larch Close")
    assert reasons(world, "alert.escalated") == [
        "step 2 of 3: Olu asks for more help: she sounds weak"
    ]


def test_more_help_is_sent_to_whoever_has_it(story: Story) -> None:
    """The carer who goes still goes, and is not paged again; one more is looked for."""
    world = story(rules=[pressed(Priority.URGENT)])
    world.hears("pendant", trigger="pressed")
    world.accepts("ben")
    world.forget_messages()
    assert escalates(world, "Olu").done
    world.expect_sms("ben", "Olu has asked for more help")
    world.expect_sms("cara")
    assert reasons(world, "alert.lapsed") == ["Olu asks for more help"]
    world.accepts("cara")
    world.expect_sms("cara", "Thank you. You have it")
    world.expect_sms("ben", "Cara Singh is going too")
    assert world.alert().owner == "Ben Hall"
    world.advance(minutes=30)
    assert world.alert().state is AlertState.OPEN
    assert world.alert().handled.wanted == 0
    world.forget_messages()


def test_an_operator_who_asks_for_more_help_lets_it_go(story: Story) -> None:
    """They do not go themselves: whoever comes next has it."""
    world = begun(story)
    takes(world, "Olu")
    world.forget_messages()
    escalates(world, "Olu")
    assert (world.alert().state, world.alert().going) == (AlertState.OPEN, ())
    world.expect_sms(CENTRE)


def test_the_centre_that_has_it_by_sms_is_told_again(story: Story) -> None:
    """Its number is a recipient as any other."""
    world = begun(story)
    world.advance(minutes=3)
    world.commands(
        Acknowledged(input=world.next_input(), at=world.at, alert=1, by="Riverside", contact=CENTRE)
    )
    escalates(world, "Sue")
    assert world.alert().state is AlertState.OPEN
    world.forget_messages()


def test_what_the_resident_may_still_cancel_is_told_at_once(story: Story) -> None:
    """Somebody who asks for help does not wait for the pause."""
    rule = Rule(name="press", when=PRESSED.when, priority=Priority.URGENT, cancel_within=MINUTE)
    world = story(rules=[rule])
    world.hears("pendant", trigger="pressed")
    world.expect_nothing()
    escalates(world, "Olu")
    world.expect_sms("ben")


def test_a_rule_on_trial_pages_nobody_whoever_asks(story: Story) -> None:
    """It is watched only."""
    world = story(rules=[Rule(name="press", when=PRESSED.when, mode=Mode.WATCH)])
    world.hears("pendant", trigger="pressed")
    assert "on trial" in escalates(world, "Olu").reason


@pytest.mark.parametrize("handed", [False, True])
def test_an_interim_plan_ends_when_more_help_is_asked_for(story: Story, *, handed: bool) -> None:
    """The fault is told as it ages again; handed over, the plan goes on for its new owner."""
    world = story(rules=[WEAK])
    world.hears("smoke", battery="low")
    world.commands(
        InterimPlanned(input=world.next_input(), at=world.at, alert=1, by="Olu",
                       until=world.at + 9 * DAY, note="A neighbour looks in.")
    )  # fmt: skip
    if handed:
        hands(world, "Olu", "Pat")
        assert world.alert().lease_until == world.alert().planned_until == world.at + 9 * DAY
        assert "Pat until 2026-03-10 08:00" in reasons(world, "alert.handed_over")[0]
    else:
        escalates(world, "Olu")
        assert world.alert().planned_until is None
        ages_at = world.alert().ages_at
        assert ages_at is not None
        assert ages_at <= world.at + 2 * DAY
    world.advance(hours=1)
    world.forget_messages()
