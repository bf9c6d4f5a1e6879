"""Who goes: one person or as many as a fall needs, how far they are, and that they may not come."""

import msgspec

from telecared.core.alert_commands import Updated
from telecared.core.policy import Centre, Policy, Step
from telecared.core.vocabulary import (
    AlertState,
    Priority,
    Progress,
)
from tests.core.conftest import Story
from tests.core.handlers import (
    DAN,
    PRESSED,
    family,
    pressed,
    reasons,
    takes,
    told,
    two_needed,
)
from tests.core.world import BEN, CARA, CENTRE, TECHNICAL, plan_of, record_of


def test_a_fall_that_needs_two_goes_on_until_two_go(story: Story) -> None:
    """The first is not paged again, the others are; with the second nobody else is woken."""
    world = story(plan=two_needed(), record=family())
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben", "12 Larch Close")
    world.accepts("ben")
    world.expect_sms("ben", "You are 1 of 2 needed")
    world.expect_sms("cara", "12 Larch Close")
    assert world.alert().state is AlertState.OPEN
    assert world.alert().owner is None
    assert reasons(world, "alert.updated") == ["Ben Hall goes, 1 of 2, until 08:30"]
    world.advance(minutes=1)
    world.accepts("cara")
    world.expect_sms("ben", "Cara Singh is going too")
    world.expect_sms("cara", "Thank you. You have it until 08:31")
    assert reasons(world, "alert.acknowledged") == [
        "Cara Singh goes too, 2 of 2: Ben Hall has it until 08:30"
    ]
    assert (world.alert().owner, world.alert().owner_contact) == ("Ben Hall", "ben")
    world.advance(minutes=20)
    world.expect_nothing()


def test_who_was_told_hears_that_one_goes_and_more_are_needed(story: Story) -> None:
    """They are asked to go too, by the same code."""
    world = story(plan=two_needed(), record=family())
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=2)
    world.forget_messages()
    world.accepts("cara")
    world.expect_sms("ben", "Cara Singh is going, 1 of 2 needed")
    world.expect_sms("cara", "You are 1 of 2")
    world.expect_sms("dan", "12 Larch Close")
    world.accepts("cara")
    world.expect_sms("cara", "You are 1 of 2")
    assert reasons(world, "alert.updated")[-1].startswith("Cara Singh still goes, 1 of 2")


def test_two_contacts_with_one_phone_are_one_person(story: Story) -> None:
    """A couple's phone answers once; a second person is still looked for."""
    wife = msgspec.structs.replace(BEN, id="bea", name="Bea Hall", roles=())
    world = story(plan=two_needed(), record=family(contacts=(BEN, wife, CARA, DAN)))
    world.hears("pendant", trigger="pressed")
    world.accepts("ben")
    world.accepts("bea")
    assert world.alert().state is AlertState.OPEN
    assert len(world.alert().going) == 1
    world.forget_messages()


def test_whoever_reads_the_same_phone_is_not_told_of_themselves(story: Story) -> None:
    """She was told in another step, on the phone on which she answers."""
    wife = msgspec.structs.replace(BEN, id="bea", name="Bea Hall", roles=("key_holder",))
    world = story(rules=[PRESSED], record=family(contacts=(BEN, wife, DAN)))
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=2)
    world.forget_messages()
    world.accepts("bea")
    world.expect_sms("bea", "Thank you")


def test_an_operator_counts_for_all(story: Story) -> None:
    """The centre has it: nobody else is paged, who goes hears that it is known."""
    world = story(plan=two_needed(), record=family())
    world.hears("pendant", trigger="pressed")
    world.accepts("ben")
    world.forget_messages()
    takes(world, "Olu")
    assert (world.alert().state, world.alert().owner) == (AlertState.ACKNOWLEDGED, "Olu")
    assert [one.by for one in world.alert().going] == ["Ben Hall", "Olu"]
    world.expect_sms("ben", "Olu is going too")
    world.expect_sms("cara", "Olu is going")


def test_the_centre_by_sms_counts_for_all(story: Story) -> None:
    """Its number replies the code, and nobody else is needed."""
    world = story(plan=two_needed(), record=record_of(contacts=()))
    world.hears("pendant", trigger="pressed")
    world.forget_messages()
    answer = world.commands(
        Updated(input=world.next_input(), at=world.at, alert=1, by="Riverside", contact=CENTRE,
                progress=Progress.ON_THE_WAY)
    )  # fmt: skip
    assert answer.done
    assert world.alert().state is AlertState.ACKNOWLEDGED
    world.forget_messages()


def test_the_staff_at_the_end_of_a_policy_and_a_supervisor_count_for_all(story: Story) -> None:
    """Where no centre stands at the end, whoever does answers for everybody."""
    policy = Policy(name="family-then-centre", needed=2, steps=(Step(notify=("carer",)),))
    world = story(plan=plan_of([PRESSED], policies=[policy, TECHNICAL]), record=family())
    world.hears("pendant", trigger="pressed")
    world.accepts("ben")
    assert world.alert().state is AlertState.ACKNOWLEDGED
    supervised = msgspec.structs.replace(two_needed(), centre=Centre(supervisor="dan"))
    other = story(plan=supervised, record=family())
    other.hears("pendant", trigger="pressed")
    other.accepts("dan")
    assert other.alert().state is AlertState.ACKNOWLEDGED
    world.forget_messages()
    other.forget_messages()


def test_only_life_safety_needs_several(story: Story) -> None:
    """A door that was left open is for one."""
    world = story(plan=two_needed(pressed(Priority.URGENT)), record=family())
    world.hears("pendant", trigger="pressed")
    world.accepts("ben")
    assert world.alert().state is AlertState.ACKNOWLEDGED
    world.forget_messages()


def test_one_of_two_who_cannot_go_after_all_reopens_the_search(story: Story) -> None:
    """The other still goes, and is not paged again."""
    world = story(plan=two_needed(), record=family())
    world.hears("pendant", trigger="pressed")
    world.accepts("ben")
    world.accepts("cara")
    world.forget_messages()
    world.declines("ben")
    assert world.alert().state is AlertState.OPEN
    assert [one.by for one in world.alert().going] == ["Cara Singh"]
    assert reasons(world, "alert.lapsed") == ["Ben Hall cannot go after all"]
    world.expect_sms("dan", "12 Larch Close")
    world.accepts("dan")
    assert world.alert().owner == "Cara Singh"
    world.forget_messages()


def test_who_goes_first_and_then_cannot_is_followed_at_once(story: Story) -> None:
    """Of an alert that nobody has yet, the next is told."""
    world = story(plan=two_needed(), record=family())
    world.hears("pendant", trigger="pressed")
    world.accepts("ben")
    world.forget_messages()
    world.declines("ben")
    assert world.alert().going == ()
    assert reasons(world, "alert.updated")[-1] == "Ben Hall cannot go after all"
    world.advance(minutes=3)
    world.expect_sms("dan", "12 Larch Close")


def test_an_operator_keeps_it_when_one_who_goes_cannot(story: Story) -> None:
    """The centre's word is enough."""
    world = story(plan=two_needed(), record=family())
    world.hears("pendant", trigger="pressed")
    world.accepts("ben")
    takes(world, "Olu")
    world.forget_messages()
    world.declines("ben")
    assert world.alert().owner == "Olu"
    assert world.declines("dan").reason == "Olu has it"


def test_nothing_heard_of_one_of_two_reopens_the_search(story: Story) -> None:
    """Their word lapses as a lease does; they are asked, and paged again with the others."""
    world = story(plan=two_needed(), record=family())
    world.hears("pendant", trigger="pressed")
    world.accepts("ben")
    world.advance(minutes=10)
    world.accepts("cara")
    world.forget_messages()
    world.advance(minutes=20)
    assert reasons(world, "alert.lapsed") == ["the acknowledgement lapsed"]
    world.expect_sms("ben", "Are you still there?")
    assert [one.by for one in world.alert().going] == ["Cara Singh"]
    world.forget_messages()


def test_nothing_heard_of_the_only_one_who_goes_is_noted(story: Story) -> None:
    """The alert is open all the time; they are paged again with the rest."""
    world = story(plan=two_needed(), record=record_of(contacts=(BEN,)))
    world.hears("pendant", trigger="pressed")
    world.accepts("ben")
    world.advance(minutes=30)
    assert "nothing was heard of Ben Hall since" in reasons(world, "alert.updated")
    assert world.alert().going == ()
    assert any("Are you still there?" in text for text in told(world, "ben"))
    world.forget_messages()


def test_enough_may_be_left_when_one_lapses(story: Story) -> None:
    """An operator's lease outlasts that of the carer who goes: it stays theirs."""
    world = story(plan=two_needed(), record=family())
    world.hears("pendant", trigger="pressed")
    world.accepts("ben")
    world.advance(minutes=10)
    takes(world, "Olu")
    world.forget_messages()
    world.advance(minutes=20)
    assert world.alert().owner == "Olu"
    assert (
        reasons(world, "alert.updated")[-1] == "Ben Hall has it no more: the acknowledgement lapsed"
    )
    world.expect_sms("ben", "Olu has it now")
    world.advance(minutes=10)
    assert world.alert().state is AlertState.OPEN
    world.forget_messages()


def test_more_are_needed_when_it_becomes_more_dangerous(story: Story) -> None:
    """An urgent alert that one has becomes life safety: their next word is one of two."""
    world = story(plan=two_needed(pressed(Priority.URGENT)), record=family())
    world.hears("pendant", trigger="pressed")
    world.accepts("ben")
    world.is_replanned(two_needed(pressed(Priority.LIFE_SAFETY)))
    world.advance(minutes=1)
    world.hears("pendant", trigger="pressed")
    world.forget_messages()
    world.accepts("ben")
    assert world.alert().state is AlertState.OPEN
    assert "2 are needed now" in reasons(world, "alert.lapsed")
    world.forget_messages()


def test_a_repeat_reaches_everybody_who_goes(story: Story) -> None:
    """Promise P6: the owner has two minutes, the other hears it too; the other may answer."""
    world = story(plan=two_needed(), record=family())
    world.hears("pendant", trigger="pressed")
    world.accepts("ben")
    world.accepts("cara")
    world.advance(minutes=1)
    world.forget_messages()
    world.hears("pendant", trigger="pressed")
    world.expect_sms("cara", "AGAIN")
    world.expect_sms("ben", "AGAIN")
    world.advance(minutes=2)
    assert world.alert().state is AlertState.OPEN
    assert [one.by for one in world.alert().going] == ["Cara Singh"]
    world.forget_messages()
