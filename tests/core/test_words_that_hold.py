"""What people are told stays true: of who is needed, of who has it, of where to answer."""

import msgspec

from telecared.core.alert_commands import Acknowledged, Declined, Resolved
from telecared.core.going_texts import answered, coming
from telecared.core.messages import Reader, render
from telecared.core.messages_storms import incident_say, list_say, together
from telecared.core.policy import Centre, Contact, Policy, Step
from telecared.core.segments import is_wide, segments
from telecared.core.vocabulary import AlertState, Channel, Detail, Outcome, Priority
from tests.core.conftest import Story
from tests.core.handlers import (
    PRESSED,
    arrives,
    escalates,
    family,
    hands,
    is_on_the_way,
    pressed,
    reasons,
    takes,
    told,
    two_needed,
)
from tests.core.scheme import Scheme
from tests.core.test_messages import an_alert
from tests.core.world import CENTRE, World, plan_of, record_of


def by_the_centre(world: World, alert: int = 1) -> Acknowledged:
    """The centre's own phone replies the code."""
    return Acknowledged(
        input=world.next_input(), at=world.at, alert=alert, by="Riverside Centre", contact=CENTRE
    )


def test_nobody_is_sent_home_while_a_second_person_is_needed(story: Story) -> None:
    """The first arrives; whoever was told hears that one more is needed, and how to answer."""
    world = story(plan=two_needed(), record=family())
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=2)
    world.forget_messages()
    arrives(world, "ben")
    text = world.expect_sms("cara", "Ben Hall is there now, 1 of 2 needed").text
    assert f"Reply {world.alert().code}" in text
    assert "need not" not in text
    world.accepts("cara")
    world.forget_messages()
    arrives(world, "cara")
    assert "need not" not in world.expect_sms("ben", "Cara Singh is there now").text
    world.expect_sms("cara", "Thank you")


def test_a_hand_over_to_one_of_two_sends_nobody_home(story: Story) -> None:
    """Who goes too hears that, who was told is still asked."""
    world = story(plan=two_needed(), record=family())
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=2)
    world.forget_messages()
    hands(world, "Olu", "Dan Moss", contact="dan")
    world.expect_sms("ben", "Dan Moss is going, 1 of 2 needed")
    world.expect_sms("cara", "Dan Moss is going, 1 of 2 needed")
    world.expect_sms("dan", "Olu has handed this to you: Pendant")
    world.accepts("dan")
    world.accepts("ben")
    world.forget_messages()
    hands(world, "Dan Moss", "Cara Singh", contact="cara")
    world.expect_sms("ben", "Cara Singh is going too")
    world.expect_sms("dan", "Cara Singh has it now")
    world.forget_messages()


def test_whoever_sleeps_through_a_hand_over_does_not_hold_an_alarm(story: Story) -> None:
    """Delivered is not answered: after two minutes others are told, and the record says why."""
    world = story(rules=[PRESSED], record=family())
    world.hears("pendant", trigger="pressed")
    takes(world, "Olu")
    hands(world, "Olu", "Dan Moss", contact="dan")
    world.forget_messages()
    world.advance(minutes=2)
    assert world.alert().state is AlertState.OPEN
    assert reasons(world, "alert.lapsed") == ["it was handed over, and they have not answered"]
    world.expect_sms("ben", "Pendant at 12 Larch Close")
    world.accepts("dan")
    assert world.alert().owner == "Dan Moss"
    world.forget_messages()


def test_what_is_not_urgent_may_be_handed_over_without_a_word(story: Story) -> None:
    """It is theirs for the lease, as they are told."""
    world = story(rules=[pressed(Priority.ROUTINE)], record=family())
    world.hears("pendant", trigger="pressed")
    takes(world, "Olu")
    world.forget_messages()
    hands(world, "Olu", "Dan Moss", contact="dan")
    world.expect_sms("dan", "Olu has handed this to you until 08:30")
    world.forget_messages()
    world.advance(minutes=29)
    assert world.alert().owner == "Dan Moss"


def test_the_centres_phone_answers_for_its_operator(story: Story) -> None:
    """Olu took it at the console; the repeat was told to the centre's number, which replies."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    takes(world, "Olu")
    world.forget_messages()
    world.advance(minutes=5)
    world.hears("pendant", trigger="pressed")
    world.expect_sms(CENTRE, "within 2 minutes or others are told")
    assert world.commands(by_the_centre(world)).done
    assert (world.alert().owner, world.alert().owner_contact) == ("Olu", None)
    assert world.alert().update_by is None
    world.advance(minutes=10)
    world.expect_nothing()
    ended = Resolved(
        input=world.next_input(), at=world.at, alert=1, by="Riverside Centre", contact=CENTRE,
        outcome=Outcome.ASSISTANCE_GIVEN,
    )  # fmt: skip
    assert world.commands(ended).done
    world.forget_messages()


def test_an_owner_who_is_silent_after_a_second_press_loses_it_although_others_go(
    story: Story,
) -> None:
    """P6: nobody has answered what happened again, so that escalation goes on."""
    world = story(plan=two_needed(), record=family())
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=2)
    world.accepts("ben")
    world.accepts("cara")
    takes(world, "Olu", alert=1)
    assert not takes(world, "Olu").done
    hands(world, "Olu", "Olu", take_over=True)
    world.hears("pendant", trigger="pressed")
    world.forget_messages()
    world.advance(minutes=2)
    assert world.alert().state is AlertState.OPEN
    assert reasons(world, "alert.lapsed") == ["no update after it happened again"]
    world.forget_messages()


def test_the_resident_is_not_promised_a_supervisor_at_the_door(story: Story) -> None:
    """Whoever answers from a desk takes care of it; whoever goes is on the way."""
    sue = Contact(id="sue", name="Sue Dean", phone="+447700900199")
    plan = msgspec.structs.replace(
        plan_of([PRESSED]), people=(sue,), centre=Centre(sms="+447700900900", supervisor="sue")
    )
    home = record_of(resident_tell=Channel.SMS, resident_phone="+447700900777")
    world = story(plan=plan, record=home)
    world.hears("pendant", trigger="pressed")
    world.commands(
        Acknowledged(input=world.next_input(), at=world.at, alert=1, by="Sue Dean", contact="sue")
    )
    world.expect_sms("resident", "Sue Dean is taking care of it")
    world.forget_messages()


def test_several_faults_in_one_message_tell_no_more_than_the_policy_allows(story: Story) -> None:
    """Neither what nor where, where the policy says so; in the language of its reader."""
    welsh = msgspec.structs.replace(family().contacts[0], language="cy")
    for detail, said, unsaid in (
        (Detail.NONE, "Mae angen eich help gyda 2 tasg", "Larch"),
        (Detail.PLACE, "2 peth i'w wirio: 12 Larch Close", "tamper"),
        (Detail.FULL, "2 peth yn 12 Larch Close", "things"),
    ):
        policy = Policy(
            name="technical",
            steps=(Step(notify=("carer",)), Step(notify=(CENTRE,))),
            group=300_000_000,
            detail=detail,
        )
        rules = [
            msgspec.structs.replace(
                pressed(Priority.TECHNICAL), name=name, policy="technical",
                when=msgspec.structs.replace(PRESSED.when, property=name, values=(value,)),
            )
            for name, value in (("tamper", "open"), ("battery", "low"))
        ]  # fmt: skip
        world = story(plan=plan_of(rules, policies=[policy]), record=family(contacts=(welsh,)))
        world.hears("smoke", tamper="open")
        world.hears("bed", battery="low")
        world.advance(minutes=5)
        text = world.expect_sms("ben", said).text
        assert unsaid not in text
        assert world.alert().code in text
        assert segments(text) == 1
        assert not is_wide(text)


def test_who_is_on_the_way_is_counted_once_on_each_phone(story: Story) -> None:
    """Saying it twice, by minutes and by the code, is one of two."""
    world = story(plan=two_needed(), record=family())
    world.hears("pendant", trigger="pressed")
    is_on_the_way(world, "ben", 10)
    world.accepts("ben")
    assert len(world.alert().going) == 1
    assert world.alert().state is AlertState.OPEN
    world.forget_messages()


def test_an_incident_is_told_in_the_language_of_its_reader() -> None:
    """As it opens and as it grows; a brace in a name is no field."""
    ann = Contact(id="ann", name="Ann Lee", phone="+447700900180", language="cy")
    policy = Policy(name="technical", steps=(Step(notify=("ann",)), Step(notify=(CENTRE,))))
    plan = msgspec.structs.replace(plan_of(policies=[policy]), people=(ann,))
    scheme = Scheme(plan)
    scheme.many_are_silent(5)
    scheme.advance(minutes=1)
    alert = scheme.alert("incident")
    assert "Mae 5 o 20 cartref north yn dawel ar unwaith" in alert.texts["cy"]
    scheme.silent("later")
    scheme.advance(minutes=1)
    alert = scheme.alert("incident")
    assert "Mae 6 o 20 cartref north yn dawel" in alert.texts["cy"]
    assert "6 of 20 homes of north are silent" in alert.text
    assert alert.code in alert.texts["cy"]


def test_names_in_braces_are_no_fields() -> None:
    """A scheme may be called as it likes; the code alone is put in later."""
    site = Reader("de")
    for says in (
        incident_say("{north}", 5, 20, "power", site, ("en",)),
        list_say("{code}", 1, "us", site, ("en",)),
        list_say("{code}", 2, "us", site, ("en",)),
    ):
        for template in (says.say, says.says["en"]):
            text = render(template, {"code": "4711"}, site)
            assert "{" in text
            assert text.count("4711") == 1


def test_several_faults_are_called_without_a_code() -> None:
    """Whoever is called has keys."""
    alerts = [an_alert("x"), an_alert("y")]
    assert "4711" not in together(alerts, "12 Larch Close", "4711")(Reader("en", Channel.VOICE))


def test_a_decline_by_telephone_names_who_cannot_go(story: Story) -> None:
    """The operator who notes it can; a name that is not known is a slip, not a decline."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    event = Declined(input=world.next_input(), at=world.at, alert=1, by="Olu", contact="bne")
    assert world.commands(event).reason == "larch-12 has no contact bne"
    assert world.alert().declined == ()
    assert world.commands(msgspec.structs.replace(event, contact="ben")).done
    assert reasons(world, "alert.updated") == ["Ben Hall cannot go, says Olu"]
    world.expect_sms("ben")
    world.expect_sms("cara", "12 Larch Close")


def test_what_the_resident_hears_costs_two_messages_at_most() -> None:
    """Whatever name comes, in whatever letters."""
    name = "\u0141ukasz " * 40
    for wording in (coming(name, None), coming(name, 10), answered(name)):
        assert segments(wording(Reader("pl"))) <= 2


def test_an_operator_whose_time_is_over_leaves_it_to_another(story: Story) -> None:
    """Enough are left: it stays theirs, and nobody is asked."""
    world = story(plan=two_needed(), record=family())
    world.hears("pendant", trigger="pressed")
    world.accepts("ben")
    takes(world, "Olu")
    world.advance(minutes=10)
    hands(world, "Ben Hall", "Pat")
    world.forget_messages()
    world.advance(minutes=21)
    assert (world.alert().state, world.alert().owner) == (AlertState.ACKNOWLEDGED, "Pat")
    assert reasons(world, "alert.updated")[-1] == "Olu has it no more: the acknowledgement lapsed"


def test_one_of_two_who_was_only_asked_is_not_counted_for_long(story: Story) -> None:
    """Dan has not answered: after two minutes the search begins again for one more."""
    world = story(plan=two_needed(), record=family())
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=2)
    hands(world, "Olu", "Dan Moss", contact="dan")
    world.accepts("cara")
    assert world.alert().state is AlertState.ACKNOWLEDGED
    world.advance(minutes=2)
    assert world.alert().state is AlertState.OPEN
    assert [one.by for one in world.alert().going] == ["Cara Singh"]
    world.forget_messages()


def test_the_resident_hears_of_a_hand_over_once_it_is_answered(story: Story) -> None:
    """That somebody was asked is no help yet."""
    home = family(resident_tell=Channel.SMS, resident_phone="+447700900777")
    world = story(rules=[PRESSED], record=home)
    world.hears("pendant", trigger="pressed")
    takes(world, "Olu")
    world.forget_messages()
    hands(world, "Olu", "Dan Moss", contact="dan")
    assert len(told(world, "resident")) == 1
    world.accepts("dan")
    world.expect_sms("resident", "Help is coming: Dan Moss")
    world.forget_messages()


def test_who_declines_what_another_has_is_not_woken_when_that_lapses(story: Story) -> None:
    """They have said that they cannot go."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=2)
    world.accepts("cara")
    assert world.declines("ben").reason == "Cara Singh has it"
    world.forget_messages()
    world.advance(minutes=30)
    assert world.alert().state is AlertState.OPEN
    world.expect_sms("cara", "Are you still there?")
    assert "Pendant" not in " ".join(told(world, "ben")[2:])
    world.forget_messages()


def test_more_help_with_what_is_not_urgent_may_be_handed_on_for_the_lease(story: Story) -> None:
    """Who was asked for it has it as long as they are told."""
    world = story(rules=[pressed(Priority.ROUTINE)], record=family())
    world.hears("pendant", trigger="pressed")
    world.accepts("ben")
    escalates(world, "Olu")
    hands(world, "Ben Hall", "Dan Moss", contact="dan")
    world.advance(minutes=20)
    assert [one.by for one in world.alert().going] == ["Dan Moss"]
    world.forget_messages()
