"""The life of an alert: held by a named person, lapsed, repeated, resolved, and its limits."""

from typing import Any

import pytest

from telecared.core.alert_commands import Acknowledged, Declined, Resolved, Snoozed
from telecared.core.events import NotificationReported
from telecared.core.plan import Clear, Plan, Rule
from telecared.core.policy import Centre, Policy, Step
from telecared.core.vocabulary import (
    DAY,
    HOUR,
    MINUTE,
    AlertState,
    DeviceKind,
    NotificationState,
    Outcome,
    Priority,
)
from telecared.core.when import HeldFor, ReadingIs
from tests.core.conftest import Story
from tests.core.world import BEN, CARA, CENTRE, FAMILY, World, device, plan_of, record_of

PRESSED = Rule(
    name="pendant-pressed",
    when=ReadingIs(property="trigger", values=("pressed",)),
    priority=Priority.LIFE_SAFETY,
    say="Pendant at {home.address}. Reply {code}.",
)
CANCELLED = Rule(
    name="asks", when=ReadingIs(property="cancel", values=("pressed",)), priority=Priority.ROUTINE
)


def held_by_ben(story: Story, rule: Rule = PRESSED, **arguments: object) -> World:
    """Ben was told, and has it."""
    world = story(**{"rules": [rule], **arguments})
    world.hears("pendant", trigger="pressed", cancel="pressed")
    world.expect_sms("ben")
    assert world.accepts("ben").done
    world.expect_sms("ben", "Thank you")
    return world


def test_a_lease_lapses_and_the_running_step_is_told_again(story: Story) -> None:
    """The owner is asked once, and the escalation goes on where it stood."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=2)
    world.forget_messages()
    world.accepts("cara")
    world.expect_sms("cara", "Thank you. You have it until 08:32")
    world.expect_sms("ben", "Cara Singh is going")
    world.advance(minutes=30)
    world.expect_sms("cara", "Are you still there?")
    world.expect_sms("cara", "Pendant at 12 Larch Close")
    assert world.records("alert.lapsed")[0].reason == "the acknowledgement lapsed"
    assert world.alert().owner is None
    assert world.alert().step == 1
    world.advance(minutes=3)
    world.expect_sms(CENTRE)


def test_the_owner_may_extend_and_nobody_else_is_bothered(story: Story) -> None:
    """A second reply of the same person holds it anew from then on."""
    world = held_by_ben(story)
    world.advance(minutes=20)
    assert world.accepts("ben").done
    world.expect_sms("ben", "until 08:50")
    assert world.records("alert.updated")[0].reason == "Ben Hall still has it, until 08:50"
    world.advance(minutes=29)


def test_a_second_person_hears_who_already_has_it(story: Story) -> None:
    """One alert has one owner."""
    world = held_by_ben(story)
    assert world.accepts("cara").reason.startswith("Ben Hall already has it since ")
    snooze = Snoozed(input=9, at=world.at, alert=1, by="An Operator", duration=HOUR)
    assert world.commands(snooze).reason.startswith("Ben Hall already has it since ")
    answer = world.declines("cara")
    assert (answer.done, answer.reason) == (True, "Ben Hall has it")
    operator = Acknowledged(input=9, at=world.at, alert=1, by="Ben Hall")
    assert not world.commands(operator).done


@pytest.mark.parametrize("lease", [0, -MINUTE, DAY + 1])
def test_nobody_holds_an_alert_for_ever(story: Story, lease: int) -> None:
    """A lease or a snooze has an end within a day."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    assert world.accepts("ben", lease=lease).reason == "an acknowledgement holds for at most 1d"
    snooze = Snoozed(input=9, at=world.at, alert=1, by="An Operator", duration=lease)
    assert world.commands(snooze).reason == "a snooze lasts for at most 1d"


def test_a_policy_with_a_lease_of_a_week_still_lets_people_accept(story: Story) -> None:
    """The policy's own lease is cut to a day, not refused: somebody is going."""
    long = Policy(name="family-then-centre", steps=FAMILY.steps, lease=7 * DAY)
    world = held_by_ben(story, plan=plan_of([PRESSED], policies=[long]))
    assert world.alert().lease_until == world.at + DAY


def test_an_operator_acknowledges_without_a_phone(story: Story) -> None:
    """Those who were told hear who has it; the operator needs no thanks."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    ack = Acknowledged(input=9, at=world.at, alert=1, by="An Operator")
    assert world.commands(ack).done
    world.expect_sms("ben", "An Operator is going")
    world.advance(minutes=30)
    world.expect_sms("ben", "Pendant")


def test_a_snooze_ends_and_the_alert_goes_on(story: Story) -> None:
    """Held until a stated time, then told again."""
    world = story(rules=[PRESSED], delivers=None)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    snooze = Snoozed(input=9, at=world.at, alert=1, by="An Operator", duration=HOUR)
    assert world.commands(snooze).done
    assert world.withdrawn() == ["ben"]
    assert world.records("alert.snoozed")[0].reason == "An Operator holds it until 09:00"
    world.advance(hours=1)
    world.expect_sms("ben")


def test_who_cannot_go_after_all_hands_it_back(story: Story) -> None:
    """NO from the owner ends the lease at once; the next are told, the owner is not."""
    world = held_by_ben(story)
    assert world.declines("ben").done
    world.expect_sms("cara")
    assert world.records("alert.lapsed")[0].reason == "Ben Hall cannot go after all"


def test_who_declined_may_still_change_their_mind(story: Story) -> None:
    """An acceptance takes a decline back."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    world.declines("ben")
    world.forget_messages()
    world.accepts("ben")
    assert world.alert().declined == ()
    world.forget_messages()


@pytest.mark.parametrize("state", [AlertState.OPEN, AlertState.ACKNOWLEDGED])
def test_a_named_person_ends_it_with_an_outcome(story: Story, state: AlertState) -> None:
    """Whoever was told hears that it is over, and who has it: they may be on the way."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    if state is AlertState.ACKNOWLEDGED:
        world.accepts("ben")
        world.expect_sms("ben", "Thank you")
    assert world.resolves("An Operator", outcome=Outcome.FALSE_ACTIVATION, note="leant on it").done
    world.expect_sms("ben", "An Operator has dealt with it")
    line = world.records("alert.resolved")[0]
    assert line.reason == "An Operator: false_activation, leant on it"
    assert world.state.alerts == {}
    world.advance(days=1)


def test_life_safety_again_pages_the_owner_and_ends_the_lease(story: Story) -> None:
    """Promise P6: two minutes without an update, and the others are told."""
    world = held_by_ben(story)
    world.advance(minutes=10)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben", "AGAIN: Pendant at 12 Larch Close")
    world.advance(minutes=1)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben", "AGAIN")
    world.advance(minutes=1)
    world.expect_sms("ben", "Pendant")
    assert world.records("alert.lapsed")[0].reason == "no update after it happened again"
    world.advance(minutes=2)
    world.expect_sms("cara")


def test_an_answer_to_the_repeat_keeps_the_lease(story: Story) -> None:
    """The owner says that they are there."""
    world = held_by_ben(story)
    world.advance(minutes=10)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben", "AGAIN")
    world.accepts("ben")
    world.expect_sms("ben", "until 08:40")
    world.advance(minutes=29)


def test_a_snoozed_alert_that_happens_again_pages_the_centre(story: Story) -> None:
    """An operator has no phone of their own here: the centre is paged in their place (P6)."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.happens(Snoozed(input=9, at=world.at, alert=1, by="An Operator", duration=HOUR))
    world.advance(minutes=10)
    world.hears("pendant", trigger="pressed")
    world.expect_sms(CENTRE, "AGAIN")
    world.advance(minutes=2)
    world.expect_sms("ben")


def test_a_repeat_that_cannot_reach_its_owner_ends_the_lease_at_once(story: Story) -> None:
    """A page that failed is no page: nobody waits two minutes for it (promises P5 and P6)."""
    world = held_by_ben(story, delivers=None)
    world.reports("ben", NotificationState.FAILED)
    assert world.alert().state is AlertState.ACKNOWLEDGED
    world.advance(minutes=10)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben", "AGAIN")
    world.reports("ben", NotificationState.FAILED)
    world.expect_sms("ben", "Pendant")
    assert world.alert().state is AlertState.OPEN


def test_an_old_receipt_does_not_end_the_lease(story: Story) -> None:
    """Only the newest page says whether the owner can be reached."""
    world = held_by_ben(story, delivers=None)
    world.advance(minutes=10)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben", "AGAIN")
    first = world.notifications()[0].id
    failed = NotificationState.FAILED
    world.happens(NotificationReported(input=9, at=world.at, notification=first, state=failed))
    assert world.alert().state is AlertState.ACKNOWLEDGED


def test_an_owner_without_a_phone_is_replaced_by_the_centres_queue(story: Story) -> None:
    """The owner was deleted and the centre has no number: the record shows it in the queue."""
    world = held_by_ben(story, plan=plan_of([PRESSED], centre=None))
    world.is_replanned(record=record_of(contacts=(CARA,)))
    world.advance(minutes=10)
    world.hears("pendant", trigger="pressed")
    assert world.records("alert.updated")[0].reason == "stands in the centre's queue again"
    world.advance(minutes=2)
    world.expect_sms("cara")


def test_other_repeats_only_join(story: Story) -> None:
    """A routine repeat on a held alert is counted and wakes nobody."""
    world = held_by_ben(story, CANCELLED)
    world.advance(minutes=1)
    world.hears("pendant", cancel="pressed")
    assert world.alert().repeats == 1
    assert len(world.records("alert.repeated")) == 1


@pytest.mark.parametrize(
    "command",
    [
        Acknowledged(input=9, at=0, alert=1, by="An Operator"),
        Snoozed(input=9, at=0, alert=1, by="An Operator", duration=HOUR),
        Declined(input=9, at=0, alert=1, by="Ben Hall", contact="ben"),
        Resolved(input=9, at=0, alert=1, by="An Operator", outcome=Outcome.TEST),
    ],
)
def test_an_answer_for_what_is_not_open_says_so(
    story: Story, command: Acknowledged | Snoozed | Declined | Resolved
) -> None:
    """Unknown and already resolved are told apart."""
    world = story(rules=[PRESSED])
    missing = "there is no alert larch-12/1: `telecared alerts` lists them"
    assert world.commands(command).reason == missing
    world.hears("pendant", trigger="pressed")
    world.forget_messages()
    world.resolves("An Operator")
    world.forget_messages()
    assert world.commands(command).reason == "larch-12/1 is already resolved"


# --- what is over by itself ---------------------------------------------------------------------

OPEN_DOOR = HeldFor(property="contact", values=("open",), duration=5 * MINUTE)


@pytest.mark.parametrize("priority", list(Priority))
def test_recovery_closes_routine_and_technical_alone(story: Story, priority: Priority) -> None:
    """Life safety and urgent alerts are closed only by a named person (promise P2)."""
    world = story(rules=[Rule(name="door-open", when=OPEN_DOOR, priority=priority)])
    world.hears("front-door", contact="open")
    world.advance(minutes=5)
    world.expect_sms("ben")
    world.advance(minutes=1)
    world.hears("front-door", contact="closed")
    if priority.closed_only_by_a_person:
        assert world.alert().state is AlertState.OPEN
        assert "still needs a person" in world.records("alert.updated")[0].reason
    else:
        world.expect_sms("ben", "It is over")
        assert world.state.alerts == {}


def test_a_rule_may_ask_for_a_person(story: Story) -> None:
    """`clear: person` closes nothing by itself."""
    rule = Rule(name="door", when=OPEN_DOOR, priority=Priority.ROUTINE, clear=Clear(kind="person"))
    world = story(rules=[rule], plan=Plan(rules=(rule,), policies=(FAMILY,), centre=Centre()))
    world.hears("front-door", contact="open")
    world.advance(minutes=5)
    world.hears("front-door", contact="closed")
    assert world.alert().state is AlertState.OPEN
    world.forget_messages()


@pytest.mark.parametrize(
    ("at", "teller", "value", "closes"),
    [
        ((), "pendant", {"cancel": "pressed"}, False),
        (("front-door",), "front-door", {"tamper": "closed"}, True),
        (("kitchen",), "kitchen-pir", {"tamper": "closed"}, True),
        ((), "front-door", {"tamper": "open"}, False),
        ((), "front-door", {"contact": "closed"}, False),
    ],
)
def test_a_rule_may_name_the_reading_that_ends_it(
    story: Story, at: tuple[str, ...], teller: str, value: dict[str, Any], closes: bool
) -> None:
    """`clear` with a reading: that reading ends it, and nothing else does."""
    clear = Clear(kind="reading", condition=ReadingIs(property="tamper", values=("closed",), at=at))
    rule = Rule(name="door", when=OPEN_DOOR, priority=Priority.ROUTINE, clear=clear)
    other = device("back-door", DeviceKind.DOOR_SENSOR)
    devices = (*record_of().devices, other)
    world = story(rules=[rule], record=record_of(devices=devices, contacts=(BEN,)))
    world.hears("front-door", contact="open")
    world.advance(minutes=5)
    world.hears(teller, **value)
    assert (world.state.alerts == {}) is closes
    world.forget_messages()


def test_the_clearing_reading_ends_the_finding_of_its_own_device_first(story: Story) -> None:
    """Two doors are two alerts; closing the lid of one ends that one."""
    clear = Clear(kind="reading", condition=ReadingIs(property="tamper", values=("closed",)))
    rule = Rule(name="door", when=OPEN_DOOR, priority=Priority.ROUTINE, clear=clear)
    devices = (*record_of().devices, device("back-door", DeviceKind.DOOR_SENSOR))
    world = story(rules=[rule], record=record_of(devices=devices))
    world.hears("front-door", contact="open")
    world.hears("back-door", contact="open")
    world.advance(minutes=5)
    world.hears("back-door", tamper="closed")
    assert [alert.key for alert in world.state.alerts.values()] == ["door|front-door"]
    world.forget_messages()


def test_a_step_for_the_technical_rules_of_a_home_may_be_its_own() -> None:
    """A policy of one step repeats that step."""
    policy = Policy(name="family-then-centre", steps=(Step(notify=(CENTRE,)),))
    world = World(plan=plan_of([CANCELLED], policies=[policy]))
    world.hears("pendant", cancel="pressed")
    world.advance(hours=1)
    assert [one.to for one in world.notifications()] == [CENTRE, CENTRE]
