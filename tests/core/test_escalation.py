"""Whom an alert is told to, in what order, and what a failure, a decline or a silence changes."""

import pytest

from telecared.core.events import ContactUnreachable
from telecared.core.plan import Rule
from telecared.core.policy import Contact, Policy, Step
from telecared.core.vocabulary import (
    HOUR,
    MINUTE,
    SECOND,
    AlertState,
    Channel,
    Mode,
    NotificationState,
    Priority,
)
from telecared.core.when import ReadingIs, Window
from tests.core.conftest import Story
from tests.core.world import BEN, CARA, CENTRE, FAMILY, TECHNICAL, plan_of, record_of

PRESSED = Rule(
    name="pendant-pressed",
    when=ReadingIs(property="trigger", values=("pressed",)),
    priority=Priority.LIFE_SAFETY,
    say="Pendant at {home.address}. Reply {code} if you are going.",
)
DAN = Contact(id="dan", name="Dan Moss", phone="+447700900125", roles=("carer",))


def rule(priority: Priority, **changes: object) -> Rule:
    """The pendant's rule with another priority."""
    return Rule(name="press", when=PRESSED.when, priority=priority, **changes)  # type: ignore[arg-type] # fields of a rule


def test_each_step_is_told_after_the_wait_of_the_one_before(story: Story) -> None:
    """The carer, two minutes later the key-holder, three later the centre, then again and again."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben", "12 Larch Close")
    world.advance(minutes=2, seconds=-1)
    world.expect_nothing()
    world.advance(seconds=1)
    world.expect_sms("cara")
    world.advance(minutes=3)
    world.expect_sms(CENTRE)
    world.advance(minutes=3)
    world.expect_sms(CENTRE)
    world.advance(minutes=3)
    world.expect_sms(CENTRE)
    reasons = [line.reason for line in world.records("alert.escalated")]
    assert reasons[0] == "step 2 of 3: nobody has acknowledged it in time"
    assert len(reasons) == 4


def test_a_step_means_everybody_in_its_role_once_however_often_named(story: Story) -> None:
    """A contact that is named by id and by role is told once."""
    policy = Policy(
        name="family-then-centre",
        steps=(Step(notify=("dan", "carer", CENTRE)), Step(notify=(CENTRE,))),
    )
    world = story(plan=plan_of([PRESSED], policies=[policy]), record=record_of(contacts=(BEN, DAN)))
    world.hears("pendant", trigger="pressed")
    told = [one.to for one in world.notifications()]
    assert told == ["dan", "ben", CENTRE]
    world.forget_messages()


def test_a_step_uses_every_channel_that_has_a_sender(story: Story) -> None:
    """SMS and voice at once, where both can be sent."""
    policy = Policy(
        name="family-then-centre",
        steps=(Step(notify=("carer",), by=(Channel.SMS, Channel.VOICE)), Step(notify=(CENTRE,))),
    )
    plan = plan_of([PRESSED], policies=[policy], channels=(Channel.SMS, Channel.VOICE))
    world = story(plan=plan)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.expect_sms("ben", channel=Channel.VOICE)


def test_a_channel_without_a_sender_reaches_nobody_but_the_centre(story: Story) -> None:
    """A voice-only step passes on at once; the centre is told by SMS whatever its step says."""
    policy = Policy(
        name="family-then-centre",
        steps=(Step(notify=("carer",), by=(Channel.VOICE,)),
               Step(notify=(CENTRE,), by=(Channel.VOICE,))),
    )  # fmt: skip
    world = story(plan=plan_of([PRESSED], policies=[policy]))
    world.hears("pendant", trigger="pressed")
    world.expect_sms(CENTRE)
    assert "step 1 reaches nobody now" in world.records("alert.escalated")[0].reason


def test_who_is_at_work_is_passed_over_at_once(story: Story) -> None:
    """A carer reachable in the evening is not waited for in the morning."""
    evening = Contact(
        id="ben", name="Ben Hall", phone=BEN.phone, roles=("carer",),
        reachable=(Window(start=17 * 60, end=8 * 60),),
    )  # fmt: skip
    world = story(rules=[PRESSED], record=record_of(contacts=(evening, CARA)))
    world.advance(hours=1)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("cara")


def test_a_contact_named_by_id_who_takes_no_messages_is_passed_over(story: Story) -> None:
    """By id as by role."""
    policy = Policy(
        name="family-then-centre", steps=(Step(notify=("ben", "cara")), Step(notify=(CENTRE,)))
    )
    world = story(plan=plan_of([PRESSED], policies=[policy]))
    world.happens(ContactUnreachable(input=2, at=world.at, contact="ben", reason="STOP"))
    world.expect_sms(CENTRE)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("cara")


def test_nobody_registered_means_the_centre_at_once(story: Story) -> None:
    """A home without contacts still has somebody: the centre."""
    world = story(rules=[PRESSED], record=record_of(contacts=()))
    world.hears("pendant", trigger="pressed")
    world.expect_sms(CENTRE)


def test_a_decline_moves_on_at_once_and_is_not_asked_again(story: Story) -> None:
    """Who cannot go is not told that step again, also not when a lease lapses."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.declines("ben")
    world.declines("ben")
    assert world.alert().declined == ("ben",)
    world.expect_sms("cara")
    world.accepts("cara", lease=MINUTE)
    world.expect_sms("cara", "Thank you")
    world.expect_sms("ben", "Cara Singh is going")
    world.advance(minutes=1)
    world.expect_sms("cara", "Are you still there?")
    world.expect_sms("cara", "Reply")


def test_everybody_who_was_told_hears_who_is_going(story: Story) -> None:
    """The name stands first; what was not sent yet is taken back."""
    world = story(rules=[PRESSED], delivers=None)
    world.hears("pendant", trigger="pressed")
    world.reports("ben", NotificationState.DELIVERED)
    world.advance(minutes=2)
    world.forget_messages()
    world.accepts("ben")
    world.expect_sms("ben", "Thank you. You have it until 08:32")
    world.expect_sms("cara", "Ben Hall is going")
    assert world.withdrawn() == ["cara"]
    assert world.alert().state is AlertState.ACKNOWLEDGED


def test_a_centre_without_a_number_is_told_by_its_queue(story: Story) -> None:
    """Nothing is sent; every repeat is a line in the record."""
    world = story(plan=plan_of([PRESSED], centre=None), record=record_of(contacts=()))
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=6)
    lines = world.records("alert.escalated")
    assert [line.reason for line in lines[2:]] == [
        "step 3 of 3: nobody has acknowledged it in time"
    ] * 2


@pytest.mark.parametrize("priority", [Priority.ROUTINE, Priority.TECHNICAL])
def test_the_centre_is_not_pestered_with_what_can_wait(story: Story, priority: Priority) -> None:
    """A low battery is told again every hour, not every three minutes."""
    world = story(rules=[rule(priority)], record=record_of(contacts=()))
    world.hears("pendant", trigger="pressed")
    world.expect_sms(CENTRE)
    world.advance(minutes=59)
    world.expect_nothing()
    world.advance(minutes=1)
    world.expect_sms(CENTRE)


def test_the_policy_is_frozen_when_the_alert_opens(story: Story) -> None:
    """A running alert keeps its steps when the policy is rewritten under it."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.is_replanned(plan_of([PRESSED], policies=[TECHNICAL]))
    world.advance(minutes=2)
    world.expect_sms("cara")


@pytest.mark.parametrize("policies", [[], [Policy(name="family-then-centre", steps=())]])
def test_a_policy_that_is_missing_or_empty_goes_straight_to_the_centre(
    story: Story, policies: list[Policy]
) -> None:
    """Never nobody."""
    world = story(plan=plan_of([PRESSED], policies=policies))
    world.hears("pendant", trigger="pressed")
    world.expect_sms(CENTRE)


def test_a_rule_may_name_its_own_policy(story: Story) -> None:
    """The rule's policy stands before the home's, the home's before the default."""
    own = Policy(name="own", steps=(Step(notify=("cara",)), Step(notify=(CENTRE,))))
    plan = plan_of([rule(Priority.URGENT, policy="own")], policies=[FAMILY, own])
    world = story(plan=plan)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("cara")


def test_a_rule_deleted_while_its_alert_runs_leaves_the_alert(story: Story) -> None:
    """The alert lives on with its frozen text, and a person ends it."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.is_replanned(plan_of([]))
    world.advance(minutes=2)
    world.expect_sms("cara", "Pendant at 12 Larch Close")


def test_a_home_deleted_while_its_alert_runs_ends_at_the_centre(story: Story) -> None:
    """Nobody of the family is left to tell; the centre is."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.is_replanned(deleted=True)
    world.advance(minutes=2)
    world.expect_sms(CENTRE, "Pendant at 12 Larch Close")
    assert world.state.known == {}


def test_a_contact_deleted_while_holding_is_passed_over(story: Story) -> None:
    """The lease lapses; who has no number any more is not asked."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.accepts("ben")
    world.expect_sms("ben", "Thank you")
    world.is_replanned(record=record_of(contacts=(CARA,)))
    world.advance(minutes=30)
    world.expect_sms("cara")


def test_a_policy_without_waits_does_not_spin(story: Story) -> None:
    """No step is shorter than five seconds, and no receipt is expected in no time."""
    policy = Policy(
        name="family-then-centre", receipt=HOUR,
        steps=(Step(notify=("carer",), wait=0), Step(notify=(CENTRE,), wait=0)),
    )  # fmt: skip
    world = story(plan=plan_of([PRESSED], policies=[policy]))
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.expect_nothing()
    world.advance(seconds=5)
    world.expect_sms(CENTRE)


def test_what_is_only_watched_pages_nobody_whatever_happens(story: Story) -> None:
    """A rule on trial opens, repeats, is held, handed back and declined, and no phone rings."""
    world = story(rules=[rule(Priority.LIFE_SAFETY, mode=Mode.WATCH)])
    world.hears("pendant", trigger="pressed")
    assert world.records("alert.opened")[0].reason.startswith("watched, pages nobody")
    world.declines("ben")
    world.accepts("ben")
    world.expect_sms("ben", "Thank you")
    world.advance(minutes=1)
    world.hears("pendant", trigger="pressed")
    world.declines("ben")
    world.advance(hours=3)
    assert world.alert().next_at is None


def test_centre_in_the_middle_of_a_policy_is_given_its_time(story: Story) -> None:
    """A late failure of an earlier step does not cut short a step that stands in the queue."""
    policy = Policy(
        name="family-then-centre",
        steps=(Step(notify=("carer",), wait=30 * SECOND), Step(notify=(CENTRE,), wait=HOUR),
               Step(notify=("key_holder",))),
    )  # fmt: skip
    plan = plan_of([rule(Priority.ROUTINE)], policies=[policy], centre=None)
    world = story(plan=plan, delivers=None)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.advance(seconds=30)
    world.reports("ben", NotificationState.FAILED)
    world.advance(minutes=59)
    world.expect_nothing()
    world.advance(minutes=1)
    world.expect_sms("cara")


def test_what_came_due_while_we_were_down_is_told_once(story: Story) -> None:
    """After eight hours down the next step is told, marked late, and given its own time."""
    world = story(rules=[PRESSED], record=record_of(contacts=(BEN, CARA)))
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.advance(minutes=1)
    world.stopped_for(hours=8)
    world.expect_sms("cara")
    world.expect_nothing()
    line = world.records("alert.escalated")[0]
    assert line.at == world.alert().opened_at + 2 * MINUTE
    assert line.late == 8 * HOUR - MINUTE
    world.advance(minutes=3)
    world.expect_sms(CENTRE)
