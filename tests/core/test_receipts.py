"""What becomes of messages: failed, late, out of order, refused; delivery is evidence (P5)."""

import msgspec
import pytest

from telecared.core.events import ContactReachable, ContactUnreachable, NotificationReported
from telecared.core.plan import Rule
from telecared.core.policy import Contact, Policy
from telecared.core.vocabulary import (
    DAY,
    NotificationState,
    Priority,
)
from telecared.core.when import ReadingIs
from tests.core.conftest import Story
from tests.core.world import BEN, CARA, CENTRE, HOME, TECHNICAL, plan_of, record_of

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


@pytest.mark.parametrize("state", [NotificationState.FAILED, NotificationState.UNDELIVERED])
@pytest.mark.parametrize("priority", list(Priority))
def test_a_message_that_failed_moves_on_at_once(
    story: Story, state: NotificationState, priority: Priority
) -> None:
    """Whatever the priority, nobody waits for a person who was not reached (promise P5)."""
    world = story(rules=[rule(priority)], delivers=None)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.reports("ben", NotificationState.SENT)
    world.reports("ben", state, code="30003")
    world.expect_sms("cara")
    assert world.records(f"notification.{state}")[0].reason == "provider's code 30003"


def test_one_failure_of_two_waits_for_the_other(story: Story) -> None:
    """While one carer may still answer, the key-holder is left to sleep."""
    world = story(rules=[PRESSED], record=record_of(contacts=(BEN, DAN, CARA)), delivers=None)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.expect_sms("dan")
    world.reports("ben", NotificationState.FAILED)
    world.expect_nothing()
    world.declines("dan")
    world.expect_sms("cara")


@pytest.mark.parametrize(
    ("priority", "moves_on"),
    [(Priority.LIFE_SAFETY, True), (Priority.URGENT, True), (Priority.ROUTINE, False),
     (Priority.TECHNICAL, False)],
)  # fmt: skip
def test_no_receipt_in_time_counts_as_failed_where_it_matters(
    story: Story, priority: Priority, moves_on: bool
) -> None:
    """Life safety and urgent alerts do not wait for a phone that is switched off (promise P5)."""
    world = story(rules=[rule(priority)], delivers=None)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.advance(seconds=60)
    assert bool(world.records("notification.failed")) is moves_on
    if moves_on:
        world.expect_sms("cara")


def test_receipts_out_of_order_late_and_repeated_do_no_harm(story: Story) -> None:
    """Delivered before sent, twice, and a failure after that: it was delivered."""
    world = story(rules=[PRESSED], delivers=None)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    for state in ("delivered", "sent", "queued", "delivered", "failed", "undelivered"):
        world.reports("ben", NotificationState(state))
    assert [line.event for line in world.records()[2:]] == ["notification.delivered"]
    world.advance(seconds=90)
    world.expect_nothing()


def test_a_receipt_after_the_time_was_up_is_noted_and_changes_nothing(story: Story) -> None:
    """Ben was given up; that he got it after all is worth a line, once."""
    world = story(rules=[PRESSED], delivers=None)
    world.hears("pendant", trigger="pressed")
    world.advance(seconds=60)
    world.forget_messages()
    world.reports("ben", NotificationState.SENT)
    world.reports("ben", NotificationState.DELIVERED)
    world.reports("ben", NotificationState.DELIVERED)
    assert len(world.records("notification.delivered")) == 1
    world.accepts("ben")
    world.expect_sms("ben", "Thank you")
    world.expect_sms("cara", "Ben Hall is going")


@pytest.mark.parametrize(
    "notification", ["larch-12/9-1", "larch-12/1-9", "larch-12/0-1", "nonsense", "larch-12/x-²"]
)
def test_a_receipt_for_what_we_do_not_know_changes_nothing(story: Story, notification: str) -> None:
    """Providers repeat old receipts for days."""
    world = story(rules=[PRESSED], delivers=None)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    before = world.alert()
    world.happens(
        NotificationReported(
            input=9, at=world.at, notification=notification, state=NotificationState.FAILED
        )
    )
    assert world.alert() == before


def test_news_is_remembered_beside_the_pages(story: Story) -> None:
    """Thanks to the owner displace no page, however many there are."""
    world = story(rules=[PRESSED], record=record_of(contacts=()))
    world.hears("pendant", trigger="pressed")
    world.advance(hours=12)
    world.is_replanned(record=record_of())
    world.accepts("ben")
    world.declines("ben")
    world.expect_sms("ben", "Thank you")
    world.advance(minutes=3)
    assert len(world.alert().told) == 202
    world.forget_messages()


def test_a_failed_message_to_the_centre_is_repeated_soon(story: Story) -> None:
    """The last step has nowhere to go: it is told again after half a minute."""
    world = story(rules=[PRESSED], record=record_of(contacts=()), delivers=None)
    world.hears("pendant", trigger="pressed")
    world.expect_sms(CENTRE)
    world.reports(CENTRE, NotificationState.FAILED)
    world.advance(seconds=30)
    world.expect_sms(CENTRE)


def test_who_opted_out_is_an_alert_of_its_own_and_passed_over(story: Story) -> None:
    """A family that can no longer be told is a fault that somebody must mend."""
    world = story(rules=[PRESSED], delivers=None)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.reports("ben", NotificationState.FAILED, code="21610", number_refused=True)
    world.expect_sms(CENTRE, "takes no messages from us any more: ben")
    world.expect_sms("cara")
    world.reports("ben", NotificationState.FAILED, code="21610", number_refused=True)
    assert [alert.rule for alert in world.state.alerts.values()] == [
        "pendant-pressed", "contact-unreachable",
    ]  # fmt: skip
    world.resolves("An Operator", 1)
    world.expect_sms("cara", "An Operator has dealt with it")


def test_a_contact_who_comes_back_is_told_again(story: Story) -> None:
    """START ends the fault by itself."""
    world = story(rules=[PRESSED])
    stop = ContactUnreachable(input=2, at=world.at, contact="ben", reason="STOP")
    assert world.commands(stop).done
    world.expect_sms(CENTRE)
    stranger = ContactUnreachable(input=3, at=world.at, contact="eve", reason="STOP")
    assert world.commands(stranger).reason == f"{HOME} has no contact eve"
    world.hears("pendant", trigger="pressed")
    world.expect_sms("cara")
    assert world.commands(ContactReachable(input=4, at=world.at, contact="ben")).done
    world.expect_sms(CENTRE, "It is over")
    assert world.state.unreachable == {}
    world.advance(seconds=4)
    world.hears("pendant", trigger="pressed")
    assert len(world.records("alert.repeated")) == 1


def test_a_contact_who_is_deleted_is_no_longer_unreachable(story: Story) -> None:
    """Somebody who comes back years later with a new phone begins anew."""
    world = story(rules=[PRESSED])
    world.happens(ContactUnreachable(input=2, at=world.at, contact="ben", reason="STOP"))
    world.expect_sms(CENTRE)
    world.is_replanned(record=record_of(contacts=(CARA,)))
    world.expect_sms(CENTRE, "It is over")
    assert world.state.unreachable == {}


def test_a_corrected_number_is_told_again_at_once(story: Story) -> None:
    """A wrong number is a fault of its own; when somebody mends it, the fault is over."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.reports("ben", NotificationState.FAILED, code="21211", number_refused=True)
    world.expect_sms("cara")
    world.expect_sms(CENTRE)
    mended = msgspec.structs.replace(BEN, phone="+447700900777")
    world.is_replanned(record=record_of(contacts=(mended, CARA)))
    world.expect_sms(CENTRE, "It is over")
    assert world.state.unreachable == {}
    world.resolves("An Operator", 1)
    world.forget_messages()
    world.advance(minutes=1)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")


def test_an_alert_that_nobody_answers_for_days_stays_small(story: Story) -> None:
    """The centre is told again and again; what it was told first is forgotten."""
    world = story(rules=[PRESSED], record=record_of(contacts=()))
    world.hears("pendant", trigger="pressed")
    world.advance(days=1)
    assert len(world.alert().told) == 200
    assert world.alert().notified == 481
    world.forget_messages()


def test_a_repeat_displaces_the_page_that_still_waits_to_be_sent(story: Story) -> None:
    """With the provider down for a day, the queue does not grow without end."""
    patient = Policy(name="family-then-centre", steps=TECHNICAL.steps, receipt=DAY)
    world = story(plan=plan_of([PRESSED], policies=[patient]), delivers=None)
    world.hears("pendant", trigger="pressed")
    world.advance(hours=12)
    assert len(world.notifications()) - len(world.withdrawn()) == 1
    world.forget_messages()


def test_a_number_of_somebody_who_is_gone_meanwhile_marks_nobody(story: Story) -> None:
    """The refusal comes after the contact was removed; the message has failed all the same."""
    world = story(rules=[PRESSED], delivers=None)
    world.hears("pendant", trigger="pressed")
    world.is_replanned(record=record_of(contacts=(CARA,)))
    world.reports("ben", NotificationState.FAILED, number_refused=True)
    assert world.state.unreachable == {}
    assert "contact-unreachable" not in [rule for _, rule in world.opened()]
    world.forget_messages()
