"""Steps that tell people one after another, again, by several channels, and by what they accept."""

from typing import Any

import msgspec

from telecared.core.compile import HomePlan
from telecared.core.events import ContactReachable, ContactUnreachable, NotificationReported
from telecared.core.plan import Plan, Rule
from telecared.core.policy import Centre, Contact, Policy, Step, System
from telecared.core.rota import Layer, Rota
from telecared.core.vocabulary import (
    HOUR,
    MINUTE,
    SECOND,
    Channel,
    NotificationState,
    Priority,
)
from telecared.core.when import ReadingIs, Window
from tests.core.conftest import Story
from tests.core.world import BEN, CARA, CENTRE, HOME, TECHNICAL, World, plan_of, record_of

PRESSED = Rule(
    name="pendant-pressed",
    when=ReadingIs(property="trigger", values=("pressed",)),
    priority=Priority.LIFE_SAFETY,
    say="Pendant at {home.address}. Reply {code} if you are going.",
)
DAN = Contact(id="dan", name="Dan Moss", phone="+447700900125", roles=("carer",))
EVE = Contact(id="eve", name="Eve Lund", phone="+447700900126", roles=("carer",))
FAILED = NotificationState.FAILED
BOTH = (Channel.SMS, Channel.VOICE)


def world_of(
    story: Story,
    *steps: Step,
    contacts: tuple[Contact, ...] = (BEN, DAN, EVE, CARA),
    channels: tuple[Channel, ...] = (Channel.SMS, Channel.VOICE, Channel.EMAIL),
    **more: Any,  # noqa: ANN401 - fields of a plan
) -> World:
    """A home whose policy has these steps, and ends at the centre."""
    plan = plan_of(
        [PRESSED],
        policies=(
            Policy(name="family-then-centre", steps=(*steps, Step(notify=(CENTRE,))), receipt=HOUR),
            TECHNICAL,
        ),
        channels=channels,
    )
    plan = msgspec.structs.replace(plan, **more)
    return story(plan=plan, record=record_of(contacts=contacts))


def told(world: World) -> list[tuple[str, str]]:
    """(who, how) of every message so far, which the story then forgets."""
    found = [(one.to, one.channel.value) for one in world.notifications()]
    world.forget_messages()
    return found


CARERS = Step(notify=("carer",), apart=30 * SECOND, wait=2 * MINUTE)


def test_carers_are_told_one_after_another_and_the_wait_counts_from_the_last(story: Story) -> None:
    """Ben, 30 s later Dan, 30 s later Eve, two minutes after her the centre."""
    world = world_of(story, CARERS)
    world.hears("pendant", trigger="pressed")
    assert told(world) == [("ben", "sms")]
    world.advance(seconds=29)
    world.expect_nothing()
    world.advance(seconds=1)
    world.expect_sms("dan")
    assert world.alert().waiting == ("eve",)
    world.advance(seconds=30)
    world.expect_sms("eve")
    world.advance(minutes=2, seconds=-1)
    world.expect_nothing()
    world.advance(seconds=1)
    world.expect_sms(CENTRE)
    assert len(world.records("alert.escalated")) == 1


def test_the_next_is_told_at_once_when_the_one_before_declines_or_fails(story: Story) -> None:
    """Nobody waits half a minute for a person who has said no, or whose phone is off."""
    world = world_of(story, CARERS, contacts=(BEN, DAN, EVE))
    world.hears("pendant", trigger="pressed")
    world.advance(seconds=6)
    world.expect_sms("ben")
    world.declines("ben")
    world.expect_sms("dan")
    world.reports("dan", FAILED)
    world.expect_sms("eve")
    world.declines("eve")
    world.expect_sms(CENTRE)


def test_an_earlier_failure_does_not_hurry_whoever_is_being_waited_for(story: Story) -> None:
    """Dan is told; that Ben's message failed meanwhile changes nothing for Eve."""
    world = world_of(story, CARERS)
    world.delivers = None
    world.hears("pendant", trigger="pressed")
    world.advance(seconds=30)
    world.forget_messages()
    world.reports("ben", FAILED)
    world.expect_nothing()
    world.advance(seconds=30)
    world.expect_sms("eve")
    world.advance(minutes=2)
    world.expect_sms(CENTRE)


def test_a_person_is_out_only_when_every_channel_has_failed(story: Story) -> None:
    """A failed SMS while the phone still rings moves nothing."""
    step = Step(notify=("carer",), by=BOTH, apart=MINUTE)
    world = world_of(story, step, contacts=(BEN, DAN))
    world.delivers = None
    world.hears("pendant", trigger="pressed")
    assert told(world) == [("ben", "sms"), ("ben", "voice")]
    world.reports("ben", FAILED)
    world.expect_nothing()
    first = world.notifications()[0]
    world.happens(reported(world, first.id))
    world.expect_sms("dan")
    world.expect_sms("dan", channel=Channel.VOICE)


def reported(world: World, notification: str) -> NotificationReported:
    """The provider says that a message failed."""
    return NotificationReported(
        input=world.next_input(), at=world.at, notification=notification, state=FAILED
    )


def test_who_declines_while_waiting_is_passed_over_without_time_lost(story: Story) -> None:
    """Dan says no before it is his turn: Eve is told at his time."""
    world = world_of(story, CARERS)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.declines("dan")
    world.expect_nothing()
    world.advance(seconds=30)
    world.expect_sms("eve")


def test_when_the_rest_cannot_be_told_the_wait_counts_from_the_last_who_was(story: Story) -> None:
    """Dan and Eve have said no: two minutes after Ben the centre hears, not after half a minute."""
    world = world_of(story, CARERS)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.declines("dan")
    world.declines("eve")
    world.advance(minutes=2, seconds=-1)
    world.expect_nothing()
    world.advance(seconds=1)
    world.expect_sms(CENTRE)


def test_a_wait_that_is_shorter_than_apart_does_not_hold_the_end_up(story: Story) -> None:
    """The last of them has said no, and the step's own wait is over by then."""
    step = Step(notify=("carer",), apart=MINUTE, wait=10 * SECOND)
    world = world_of(story, step, contacts=(BEN, DAN))
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.declines("dan")
    world.advance(minutes=1)
    world.expect_sms(CENTRE)


def test_the_rest_is_tried_at_once_when_nobody_is_left_to_wait_for(story: Story) -> None:
    """Ben is out, Dan's number is gone by now: the centre, without a pause."""
    world = world_of(story, CARERS, contacts=(BEN, DAN))
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.is_replanned(record=record_of(contacts=(BEN,)))
    world.declines("ben")
    world.expect_sms(CENTRE)


def test_a_step_is_told_as_often_as_it_says_before_the_next_begins(story: Story) -> None:
    """Twice two minutes for the family, then the centre."""
    step = Step(notify=("key_holder",), wait=2 * MINUTE, repeat=2)
    world = world_of(story, step)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("cara")
    world.advance(minutes=2)
    world.expect_sms("cara")
    world.advance(minutes=2)
    world.expect_sms(CENTRE)
    assert [line.reason for line in world.records("alert.escalated")] == [
        "step 1 of 2: nobody has acknowledged it in time",
        "step 2 of 2: nobody has acknowledged it in time",
    ]


def test_a_step_of_which_everybody_is_out_is_not_repeated(story: Story) -> None:
    """Asking again whoever has said no is time lost."""
    world = world_of(story, Step(notify=("key_holder",), repeat=5))
    world.hears("pendant", trigger="pressed")
    world.expect_sms("cara")
    world.declines("cara")
    world.expect_sms(CENTRE)


def test_one_phone_is_told_once_by_each_channel_however_many_names_it_has(story: Story) -> None:
    """A couple shares a phone: it rings once, and is not told the same twice."""
    wife = msgspec.structs.replace(BEN, id="bea", name="Bea Hall")
    world = world_of(story, Step(notify=("carer",), by=BOTH), contacts=(BEN, wife))
    world.hears("pendant", trigger="pressed")
    assert told(world) == [("ben", "sms"), ("ben", "voice")]


def test_a_person_is_told_only_by_the_channels_that_they_accept(story: Story) -> None:
    """Ben only by voice, Dan by e-mail; Eve, who has no e-mail address, by neither."""
    ben = msgspec.structs.replace(BEN, by=(Channel.VOICE,))
    dan = msgspec.structs.replace(DAN, by=(Channel.EMAIL,), email="dan@example.org")
    eve = msgspec.structs.replace(EVE, by=(Channel.EMAIL,))
    step = Step(notify=("carer",), by=(Channel.SMS, Channel.VOICE, Channel.EMAIL))
    world = world_of(story, step, contacts=(ben, dan, eve))
    world.hears("pendant", trigger="pressed")
    assert told(world) == [("ben", "voice"), ("dan", "email")]
    assert world.notifications()[1].number == "dan@example.org"


def test_whom_no_channel_of_a_step_reaches_is_passed_over(story: Story) -> None:
    """Ben accepts calls only, and the step writes: the centre at once."""
    ben = msgspec.structs.replace(BEN, by=(Channel.VOICE,))
    world = world_of(story, Step(notify=("carer",)), contacts=(ben,))
    world.hears("pendant", trigger="pressed")
    world.expect_sms(CENTRE)


def test_whoever_takes_no_sms_any_more_can_still_be_called(story: Story) -> None:
    """A STOP by SMS says nothing of calls; a refused call says nothing of SMS."""
    world = world_of(story, Step(notify=("carer",), by=BOTH), contacts=(BEN, CARA))
    world.happens(ContactUnreachable(input=2, at=world.at, contact="ben", reason="STOP"))
    world.forget_messages()
    world.effects.clear()
    world.hears("pendant", trigger="pressed")
    assert told(world) == [("ben", "voice")]
    world.reports("ben", FAILED, number_refused=True)
    assert sorted(world.state.unreachable) == ["ben", "ben by voice"]
    world.happens(ContactReachable(input=3, at=world.at, contact="ben"))
    assert world.state.unreachable == {}
    world.forget_messages()


def test_another_number_of_the_same_person_is_tried_again_by_every_channel(story: Story) -> None:
    """What was refused was the number."""
    world = world_of(story, Step(notify=("carer",), by=BOTH), contacts=(BEN,))
    world.delivers = None
    world.hears("pendant", trigger="pressed")
    for one in list(world.notifications()):
        event = reported(world, one.id)
        world.happens(msgspec.structs.replace(event, number_refused=True))
    assert sorted(world.state.unreachable) == ["ben", "ben by voice"]
    newer = msgspec.structs.replace(BEN, phone="+447700900199")
    world.is_replanned(record=record_of(contacts=(newer,)))
    assert world.state.unreachable == {}
    world.forget_messages()


PEOPLE = (
    Contact(id="resp-1", name="Rae One", phone="+447700900151", roles=("responder",)),
    Contact(
        id="resp-2", name="Rob Two", phone="+447700900152", roles=("responder",),
        reachable=(Window(start=20 * 60, end=6 * 60),), language="cy",
    ),
)  # fmt: skip
ROTA = Rota(
    name="night-team",
    timezone="Europe/London",
    layers=(
        Layer(people=("resp-1", "stranger"), turn="daily", start="2026-03-01", handover=(0, 0)),
    ),
)


def test_a_rota_means_whoever_is_on_duty_when_it_is_told(story: Story) -> None:
    """Rae today; tomorrow it is nobody's turn whom the plan knows, and the centre hears at once."""
    world = world_of(story, Step(notify=("night-team",)), people=PEOPLE, rotas=(ROTA,))
    world.hears("pendant", trigger="pressed")
    assert told(world) == [("resp-1", "sms")]
    assert world.notifications()[0].number == "+447700900151"
    world.resolves("Ann")
    world.advance(days=1)
    world.forget_messages()
    world.effects.clear()
    world.hears("pendant", trigger="pressed")
    assert told(world) == [(CENTRE, "sms")]


def test_people_of_many_homes_are_named_by_id_and_by_role_within_their_hours(story: Story) -> None:
    """At eight in the morning Rob, who is reachable at night, is passed over."""
    world = world_of(story, Step(notify=("responder", "resp-1")), people=PEOPLE)
    world.hears("pendant", trigger="pressed")
    assert told(world) == [("resp-1", "sms")]


def test_a_contact_of_the_home_stands_before_a_person_of_the_same_id(story: Story) -> None:
    """The home may register the same responder with a number of its own."""
    own = msgspec.structs.replace(PEOPLE[0], phone="+447700900159")
    world = world_of(story, Step(notify=("responder",)), people=PEOPLE, contacts=(own,))
    world.hears("pendant", trigger="pressed")
    assert [one.number for one in world.notifications()] == ["+447700900159"]
    world.forget_messages()


def test_another_system_is_told_by_its_own_channel_and_is_no_person(story: Story) -> None:
    """The lamp lights, and as nobody else is in the step, the centre hears in the same moment."""
    systems = (System(id="lamp", channel=Channel.PUSH), System(id="hub", channel=Channel.WEBHOOK))
    world = world_of(
        story, Step(notify=("lamp", "hub")), systems=systems, channels=(Channel.SMS, Channel.PUSH)
    )
    world.hears("pendant", trigger="pressed")
    assert told(world) == [("lamp", "push"), (CENTRE, "sms")]
    assert world.notifications()[0].number == "lamp"


def test_a_system_beside_people_holds_nothing_up(story: Story) -> None:
    """Ben declines: that the lamp has been told is nobody who goes."""
    systems = (System(id="lamp", channel=Channel.PUSH),)
    world = world_of(
        story, Step(notify=("carer", "lamp")), systems=systems, contacts=(BEN,),
        channels=(Channel.SMS, Channel.PUSH),
    )  # fmt: skip
    world.hears("pendant", trigger="pressed")
    assert told(world) == [("ben", "sms"), ("lamp", "push")]
    world.declines("ben")
    world.expect_sms(CENTRE)


def test_another_system_hears_what_becomes_of_it_by_its_own_channel(story: Story) -> None:
    """The lamp goes out when the alert has been dealt with; whom e-mail alone reaches reads it."""
    dan = msgspec.structs.replace(DAN, by=(Channel.EMAIL,), email="dan@example.org")
    systems = (System(id="lamp", channel=Channel.PUSH),)
    world = world_of(
        story, Step(notify=("lamp", "carer"), by=(Channel.SMS, Channel.EMAIL)),
        systems=systems, contacts=(BEN, dan), channels=(Channel.SMS, Channel.EMAIL, Channel.PUSH),
    )  # fmt: skip
    world.hears("pendant", trigger="pressed")
    world.forget_messages()
    world.resolves("Ann Lee")
    world.expect_sms("lamp", "Ann Lee has dealt with it", channel=Channel.PUSH)
    world.expect_sms("ben", "Ann Lee has dealt with it")
    world.expect_sms("dan", "Ann Lee has dealt with it", channel=Channel.EMAIL)


def test_without_any_sender_what_the_centre_is_owed_is_there_to_see(story: Story) -> None:
    """It waits in the outbox until a provider is configured."""
    world = world_of(story, contacts=(), channels=())
    world.hears("pendant", trigger="pressed")
    world.expect_sms(CENTRE)


def test_the_centre_is_told_by_whatever_number_it_has(story: Story) -> None:
    """Only a phone that rings: it is called, although the step says nothing of voice."""
    centre = Centre(voice="+447700900901")
    world = world_of(story, contacts=(), centre=centre)
    world.hears("pendant", trigger="pressed")
    assert told(world) == [(CENTRE, "voice")]


def test_the_centre_is_told_by_every_channel_that_the_step_names(story: Story) -> None:
    """SMS and a call at once, where both have a sender and a number."""
    centre = Centre(sms="+447700900900", voice="+447700900901", email="centre@example.org")
    policy = Policy(name="family-then-centre", steps=(Step(notify=(CENTRE,), by=BOTH),))
    plan = Plan(rules=(PRESSED,), policies=(policy, TECHNICAL), centre=centre, channels=BOTH)
    world = story(plan=plan)
    world.hears("pendant", trigger="pressed")
    assert told(world) == [(CENTRE, "sms"), (CENTRE, "voice")]


def test_who_may_be_told_is_asked_of_the_site_for_its_people() -> None:
    """Their hours are local to the site, whichever zone the home lies in."""
    plan = msgspec.structs.replace(plan_of([]), people=PEOPLE, site_timezone="Europe/Paris")
    home = HomePlan(plan, HOME, record_of())
    assert home.site_zone.key == "Europe/Paris"
    assert list(home.people) == ["resp-1", "resp-2"]
