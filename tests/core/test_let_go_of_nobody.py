"""Whoever stands alone at the end: dead phones on rotas, senders that are missing, pages unread."""

from typing import Any

import msgspec

from telecared.core.alert_commands import EscalatedNow, HandedOver
from telecared.core.plan import Plan, Rule
from telecared.core.policy import Centre, Contact, Policy, Step
from telecared.core.rota import Layer, Rota
from telecared.core.vocabulary import (
    MINUTE,
    AlertState,
    Channel,
    NotificationState,
    Priority,
)
from telecared.core.when import ReadingIs, Window
from tests.core.conftest import Story
from tests.core.world import BEN, CARA, CENTRE, TECHNICAL, World, plan_of, record_of

PRESSED = Rule(
    name="pendant-pressed",
    when=ReadingIs(property="trigger", values=("pressed",)),
    priority=Priority.LIFE_SAFETY,
    say="Pendant at {home.address}. Reply {code} if you are going.",
)
SUE = Contact(id="sue", name="Sue Vale", phone="+447700900160")
DUTY = Rota(name="duty", timezone="Europe/London", layers=(Layer(people=("sue",)),))
WITH_A_NUMBER = Centre(sms="+447700900900")
BY_EMAIL = msgspec.structs.replace(SUE, by=(Channel.EMAIL,), email="sue@example.org")


def ends_at(*names: str, **more: Any) -> Plan:  # noqa: ANN401 - fields of a plan
    """A plan whose one policy for people ends here."""
    policy = Policy(name="family-then-centre", steps=(Step(notify=names),))
    plan = plan_of([PRESSED], policies=(policy, TECHNICAL))
    fields: dict[str, Any] = {"people": (SUE,), "rotas": (DUTY,), "centre": WITH_A_NUMBER}
    return msgspec.structs.replace(plan, **{**fields, **more})


# --- a policy that ends at a rota -----------------------------------------------------------------


def test_the_centre_is_told_when_nobody_on_the_rota_at_the_end_can_be(story: Story) -> None:
    """Sue is on duty and outside her hours: somebody hears all the same, again and again."""
    night = msgspec.structs.replace(SUE, reachable=(Window(start=22 * 60, end=23 * 60),))
    world = story(plan=ends_at("duty", people=(night,)), record=record_of(contacts=()))
    world.hears("pendant", trigger="pressed")
    world.expect_sms(CENTRE, "Pendant at 12 Larch Close")
    world.advance(minutes=3)
    world.expect_sms(CENTRE, "Pendant at 12 Larch Close")


def test_the_centre_is_told_when_every_message_to_the_rota_at_the_end_fails(story: Story) -> None:
    """Sue's phone is dead: the centre hears at once, and both at the usual pace from then on."""
    world = story(plan=ends_at("duty"), record=record_of(contacts=()), delivers=None)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("sue")
    world.reports("sue", NotificationState.FAILED)
    world.expect_sms(CENTRE, "Pendant at 12 Larch Close")
    world.reports(CENTRE, NotificationState.DELIVERED)
    world.advance(minutes=3, seconds=-1)
    world.expect_nothing()
    world.advance(seconds=1)
    world.expect_sms("sue")


def test_when_the_centre_fails_too_both_are_told_again_soon(story: Story) -> None:
    """Nothing is left but to try again after half a minute."""
    world = story(plan=ends_at("duty"), record=record_of(contacts=()), delivers=None)
    world.hears("pendant", trigger="pressed")
    world.reports("sue", NotificationState.FAILED)
    world.reports(CENTRE, NotificationState.FAILED)
    world.forget_messages()
    world.advance(seconds=30)
    world.expect_sms("sue")


def test_a_centre_without_a_number_is_only_the_queue(story: Story) -> None:
    """Sue's phone fails and nobody else can be told: hers is tried every half minute."""
    plan = ends_at("duty", centre=Centre())
    world = story(plan=plan, record=record_of(contacts=()), delivers=None)
    world.hears("pendant", trigger="pressed")
    for _ in range(3):
        world.expect_sms("sue")
        world.reports("sue", NotificationState.FAILED)
        world.advance(seconds=30)
    world.expect_sms("sue")


# --- the supervisor -------------------------------------------------------------------------------


def test_a_supervisor_without_a_sender_is_not_taken_for_paged(story: Story) -> None:
    """Sue takes only e-mail and none can be sent: the centre's phone rings instead of nobody's."""
    centre = msgspec.structs.replace(WITH_A_NUMBER, supervisor="sue")
    plan = ends_at(CENTRE, people=(BY_EMAIL,), centre=centre)
    world = story(plan=plan, record=record_of(contacts=()))
    world.hears("pendant", trigger="pressed")
    world.expect_sms(CENTRE)
    world.advance(minutes=1)
    world.expect_sms(CENTRE, "NOT ANSWERED")
    assert world.records("alert.escalated")[-1].reason.startswith("sue has nobody who can be paged")


def test_all_of_the_rota_are_paged_when_who_is_on_duty_has_no_sender(story: Story) -> None:
    """Sue is on duty and cannot be told: Tom is woken."""
    tom = Contact(id="tom", name="Tom West", phone="+447700900161")
    centre = msgspec.structs.replace(WITH_A_NUMBER, supervisor="duty")
    rota = msgspec.structs.replace(DUTY, layers=(Layer(people=("tom",)), Layer(people=("sue",))))
    plan = ends_at(CENTRE, people=(BY_EMAIL, tom), rotas=(rota,), centre=centre)
    world = story(plan=plan, record=record_of(contacts=()))
    world.hears("pendant", trigger="pressed")
    world.expect_sms(CENTRE)
    world.advance(minutes=1)
    world.expect_sms("tom", "NOT ANSWERED")


def test_all_of_the_rota_are_paged_when_no_page_has_reached_who_is_on_duty(story: Story) -> None:
    """Sue's phone is dead at 60 s: at 180 s Tom is woken, and Sue tried again."""
    tom = Contact(id="tom", name="Tom West", phone="+447700900161")
    centre = msgspec.structs.replace(WITH_A_NUMBER, supervisor="duty")
    rota = msgspec.structs.replace(DUTY, layers=(Layer(people=("tom",)), Layer(people=("sue",))))
    plan = ends_at(CENTRE, people=(SUE, tom), rotas=(rota,), centre=centre)
    world = story(plan=plan, record=record_of(contacts=()))
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=1)
    world.expect_sms("sue", "NOT ANSWERED")
    world.reports("sue", NotificationState.UNDELIVERED)
    world.advance(minutes=2)
    world.expect_sms("tom", "NOT ANSWERED")
    world.expect_sms("sue", "NOT ANSWERED")
    assert "duty could not be reached so far, so that all of them are paged" in (
        line.reason.partition(":")[0] for line in world.records("alert.escalated")
    )
    world.forget_messages()


def test_the_only_supervisor_is_tried_again_and_again(story: Story) -> None:
    """There is nobody else to wake."""
    centre = msgspec.structs.replace(WITH_A_NUMBER, supervisor="sue")
    world = story(plan=ends_at(CENTRE, centre=centre), record=record_of(contacts=()))
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=1)
    world.reports("sue", NotificationState.FAILED)
    world.forget_messages()
    world.advance(minutes=2)
    world.expect_sms("sue", "NOT ANSWERED")
    reasons = [line.reason for line in world.records("alert.escalated") if line.to == "sue"]
    assert [one.partition(":")[0] for one in reasons] == ["sue is paged"] * 2
    world.forget_messages()


# --- whoever has it -------------------------------------------------------------------------------


def test_an_owner_who_is_only_called_is_called_when_it_happens_again(story: Story) -> None:
    """Ben takes no SMS: promise P6 rings his phone instead of telling nobody."""
    ben = msgspec.structs.replace(BEN, by=(Channel.VOICE,))
    policy = Policy(
        name="family-then-centre",
        steps=(Step(notify=("carer",), by=(Channel.VOICE,)), Step(notify=(CENTRE,))),
    )
    both = (Channel.SMS, Channel.VOICE)
    plan = plan_of([PRESSED], policies=(policy, TECHNICAL), channels=both)
    world = story(plan=plan, record=record_of(contacts=(ben,)), delivers=None)
    world.hears("pendant", trigger="pressed")
    world.accepts("ben")
    world.forget_messages()
    world.advance(minutes=5)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben", "AGAIN", channel=Channel.VOICE)


def test_the_centre_that_is_only_called_is_called_when_an_operators_alarm_comes_again(
    story: Story,
) -> None:
    """It has no number for SMS: its phone rings."""
    plan = msgspec.structs.replace(
        plan_of([PRESSED], channels=(Channel.VOICE,)), centre=Centre(voice="+447700900901")
    )
    world = story(plan=plan, record=record_of(contacts=()), delivers=None)
    world.hears("pendant", trigger="pressed")
    world.forget_messages()
    hold = HandedOver(
        input=world.next_input(), at=world.at, alert=1, by="Olu", to="Olu", take_over=True
    )
    assert world.commands(hold).done
    world.forget_messages()
    world.advance(minutes=1)
    world.hears("pendant", trigger="pressed")
    world.expect_sms(CENTRE, "AGAIN", channel=Channel.VOICE)


def given_to_cara(story: Story) -> World:
    """Ben had it and gave it to Cara, who has not answered; nothing was delivered yet."""
    world = story(rules=[PRESSED], delivers=None)
    world.hears("pendant", trigger="pressed")
    world.accepts("ben")
    hand_to_cara(world)
    return world


def hand_to_cara(world: World) -> None:
    """Ben gives what he has to Cara."""
    give = HandedOver(
        input=world.next_input(), at=world.at, alert=1, by="Ben Hall", to="", contact=CARA.id
    )
    assert world.commands(give).done
    world.forget_messages()


def test_a_hand_over_without_a_receipt_in_time_goes_back_into_escalation(story: Story) -> None:
    """Cara's phone is off: nobody waits half an hour to find out (promise P5)."""
    world = given_to_cara(story)
    world.advance(seconds=59)
    world.expect_nothing()
    world.advance(seconds=1)
    world.expect_sms("ben", "Pendant at 12 Larch Close")
    assert world.records("alert.lapsed")[-1].reason == (
        "it was handed over, and the message did not arrive"
    )


def test_who_answers_a_hand_over_needs_no_receipt(story: Story) -> None:
    """Some networks never give one; her word is better."""
    world = given_to_cara(story)
    world.advance(seconds=30)
    world.accepts("cara")
    world.forget_messages()
    world.advance(minutes=20)
    assert world.alert().state is AlertState.ACKNOWLEDGED


def test_an_older_page_without_a_receipt_takes_it_from_nobody(story: Story) -> None:
    """What Ben was told when it happened again is overdue; Cara, who has it now, was reached."""
    world = story(rules=[PRESSED], delivers=None)
    world.hears("pendant", trigger="pressed")
    world.accepts("ben")
    world.advance(minutes=5)
    world.hears("pendant", trigger="pressed")
    world.forget_messages()
    hand_to_cara(world)
    world.reports("cara", NotificationState.DELIVERED)
    world.advance(seconds=90)
    assert world.alert().state is AlertState.ACKNOWLEDGED
    assert world.alert().owner == "Cara Singh"


# --- a group --------------------------------------------------------------------------------------


def grouped(story: Story, first: int) -> World:
    """Two things at the front door, told in one message; the alerts count from `first`."""
    when = ReadingIs(property="contact", values=("open",))
    rules = [Rule(name=name, when=when, priority=Priority.ROUTINE) for name in ("a", "b")]
    steps = (Step(notify=("carer",)), Step(notify=(CENTRE,)))
    policy = Policy(name="family-then-centre", steps=steps, group=10 * MINUTE)
    world = story(plan=plan_of(rules, policies=(policy, TECHNICAL)))
    world.state.next_alert = first
    world.hears("front-door", contact="open")
    world.advance(minutes=10)
    return world


def test_a_word_that_lapses_in_a_group_lapses_for_all(story: Story) -> None:
    """More help is wanted for alerts 9 and 10, and nothing is heard of Ben since."""
    world = grouped(story, first=9)
    world.accepts("ben", alert=9)
    more = EscalatedNow(input=world.next_input(), at=world.at, alert=9, by="Olu")
    assert world.commands(more).done
    assert world.alert(10).going
    world.advance(hours=1)
    assert not world.alert(9).going
    assert not world.alert(10).going
    world.forget_messages()


def test_what_opens_under_a_rewritten_policy_is_told_by_itself(story: Story) -> None:
    """The step at which the first stands may not exist in the policy of the second."""
    when = ReadingIs(property="contact", values=("open",))
    other = ReadingIs(property="motion", values=("detected",))
    rules = [
        Rule(name="a", when=when, priority=Priority.ROUTINE),
        Rule(name="b", when=other, priority=Priority.ROUTINE),
    ]
    policy = Policy(
        name="family-then-centre",
        steps=(Step(notify=("carer",)), Step(notify=(CENTRE,))),
        group=10 * MINUTE,
    )
    shorter = msgspec.structs.replace(policy, steps=(Step(notify=(CENTRE,)),))
    world = story(plan=plan_of(rules, policies=(policy, TECHNICAL)))
    world.hears("front-door", contact="open")
    world.is_replanned(plan_of(rules, policies=(shorter, TECHNICAL)))
    world.hears("hall-pir", motion="detected")
    world.advance(minutes=10)
    world.expect_sms("ben", "12 Larch Close")
    world.expect_sms(CENTRE, "12 Larch Close")
