"""How it ended: who may say so, who is asked, and what the resident hears of those who come."""

from typing import Any

import msgspec
import pytest

from telecared.core.alert_commands import Resolved, Updated
from telecared.core.events import ConditionFound
from telecared.core.plan import Ageing, Plan, Rule
from telecared.core.vocabulary import (
    DAY,
    MINUTE,
    AlertState,
    Cause,
    Channel,
    DeviceKind,
    Mode,
    Outcome,
    Priority,
    Progress,
)
from telecared.core.when import ReadingIs
from tests.core.conftest import Story
from tests.core.handlers import (
    DAN,
    PRESSED,
    arrives,
    escalates,
    family,
    hands,
    is_on_the_way,
    pressed,
    reasons,
    replies_ended,
    takes,
    told,
    two_needed,
)
from tests.core.world import BEN, CARA, CENTRE, DEVICES, World, device, plan_of, record_of

ADA = "+441632960012"


def begun(story: Story, priority: Priority = Priority.LIFE_SAFETY) -> World:
    """A pressed pendant of which Ben and Cara were told."""
    world = story(rules=[pressed(priority)], record=family())
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=2)
    world.forget_messages()
    return world


def test_who_went_replies_how_it_ended(story: Story) -> None:
    """It is closed by their name, they hear that it is, and nobody else is bothered."""
    world = begun(story)
    world.accepts("cara")
    world.forget_messages()
    assert replies_ended(world, "cara", Outcome.FALSE_ACTIVATION).done
    world.expect_sms("cara", "Thank you. It is over")
    assert world.state.alerts == {}
    assert reasons(world, "alert.resolved") == ["Cara Singh: false_activation"]


def test_who_does_not_have_it_cannot_end_it(story: Story) -> None:
    """They were told that somebody else goes."""
    world = begun(story)
    world.accepts("cara")
    assert replies_ended(world, "ben").reason == "Cara Singh has it"
    assert world.alert().state is AlertState.ACKNOWLEDGED
    world.forget_messages()


def test_nobody_ends_life_safety_from_afar(story: Story) -> None:
    """Somebody must have gone; an operator speaks with the resident and can."""
    world = begun(story)
    assert "only who goes" in replies_ended(world, "ben").reason
    assert world.resolves("Olu").done
    world.forget_messages()


def test_what_nobody_has_is_ended_by_whoever_was_told(story: Story) -> None:
    """A door that was left open: the carer has rung, and all is well."""
    world = begun(story, Priority.URGENT)
    assert "only who goes" in replies_ended(world, "dan").reason
    assert replies_ended(world, "ben").done
    world.expect_sms("ben", "It is over")
    world.expect_sms("cara", "Ben Hall has dealt with it")


def test_what_others_go_to_is_theirs_to_end(story: Story) -> None:
    """Also while more are looked for."""
    world = begun(story, Priority.URGENT)
    world.accepts("ben")
    escalates(world, "Olu")
    world.forget_messages()
    assert "only who goes" in replies_ended(world, "cara").reason
    assert replies_ended(world, "ben").done
    world.forget_messages()


def test_one_of_two_who_is_there_first_can_end_it(story: Story) -> None:
    """A false alarm does not need the second; who was told hears that it is over."""
    world = story(plan=two_needed(), record=family())
    world.hears("pendant", trigger="pressed")
    arrives(world, "ben")
    world.forget_messages()
    assert replies_ended(world, "ben", Outcome.FALSE_ACTIVATION).done
    world.expect_sms("ben", "It is over")
    world.expect_sms("cara", "Ben Hall has dealt with it")


def test_both_who_go_hear_that_it_is_over(story: Story) -> None:
    """The one who is still on the way can turn round."""
    world = story(plan=two_needed(), record=family())
    world.hears("pendant", trigger="pressed")
    world.accepts("ben")
    world.accepts("cara")
    world.forget_messages()
    replies_ended(world, "ben")
    world.expect_sms("ben", "It is over")
    world.expect_sms("cara", "Ben Hall has dealt with it")


def test_who_has_arrived_is_asked_how_it_ended_and_nothing_is_assumed(story: Story) -> None:
    """Twenty minutes later; without an answer it goes back into escalation after ten more."""
    world = begun(story)
    arrives(world, "cara")
    world.forget_messages()
    world.advance(minutes=20)
    asked = world.expect_sms("cara", "How did it end?")
    assert f"HELPED {world.alert().code}" in asked.text
    assert world.alert().state is AlertState.ACKNOWLEDGED
    world.advance(minutes=10)
    assert world.alert().state is AlertState.OPEN
    assert any("Are you still there?" in text for text in told(world, "cara"))
    world.forget_messages()


def test_who_was_asked_may_answer_late(story: Story) -> None:
    """Their lease has lapsed, nobody else has it: their word ends it, of life safety too."""
    world = begun(story)
    world.accepts("cara")
    world.advance(minutes=31)
    world.forget_messages()
    assert world.alert().handled.asked == ("cara",)
    assert replies_ended(world, "cara").done
    world.forget_messages()


def test_who_stays_is_asked_again(story: Story) -> None:
    """Who extends what they have is asked later, not never."""
    world = begun(story)
    arrives(world, "cara")
    world.advance(minutes=20)
    world.accepts("cara")
    world.forget_messages()
    world.advance(minutes=20)
    world.expect_sms("cara", "How did it end?")
    world.accepts("cara")
    hands(world, "Cara Singh", "Olu")
    assert world.alert().handled.ask_at is None
    world.forget_messages()


def test_an_operator_who_is_there_is_not_written_to(story: Story) -> None:
    """They see it on their screen."""
    world = begun(story)
    takes(world, "Olu")
    world.commands(
        Updated(input=world.next_input(), at=world.at, alert=1, by="Olu", progress=Progress.ARRIVED)
    )
    world.forget_messages()
    world.advance(minutes=20)
    assert world.alert().handled.ask_at is None


# --- what the resident hears --------------------------------------------------------------------


def heard(story: Story, *, plan: Plan | None = None, **changes: Any) -> World:  # noqa: ANN401 - fields of a record
    """A home whose resident hears that help is coming by SMS."""
    fields = {"resident_tell": Channel.SMS, "resident_phone": ADA, **changes}
    return story(plan=plan or plan_of([PRESSED]), record=family(**fields))


def test_the_resident_hears_that_help_is_coming_once(story: Story) -> None:
    """By their own phone, in their language; not again when the same person has it longer."""
    world = heard(story, resident_language="de")
    world.hears("pendant", trigger="pressed")
    world.accepts("ben")
    [told_ada] = [one for one in world.notifications() if one.to == "resident"]
    assert (told_ada.number, told_ada.text) == (
        ADA,
        "Hilfe kommt: Ben Hall ist auf dem Weg zu Ihnen.",
    )
    world.accepts("ben")
    world.advance(minutes=1)
    is_on_the_way(world, "ben", 10)
    is_on_the_way(world, "ben", 10)
    arrives(world, "ben")
    replies_ended(world, "ben")
    assert told(world, "resident")[1:] == ["Hilfe kommt: Ben Hall ist in etwa 10 Minuten da."]
    world.forget_messages()


def test_the_resident_hears_each_who_comes_and_that_the_centre_has_it(story: Story) -> None:
    """Handed over and taken, it is somebody else who comes."""
    world = heard(story)
    world.hears("pendant", trigger="pressed")
    takes(world, "Olu")
    hands(world, "Olu", "Cara Singh", contact="cara")
    world.accepts("cara")
    assert told(world, "resident") == [
        "Your alarm has been heard. Olu is taking care of it.",
        "Help is coming: Cara Singh is on the way to you.",
    ]
    world.forget_messages()


def test_a_call_needs_a_phone_and_nothing_is_sent_without_one(story: Story) -> None:
    """By voice where that is what they can hear; nobody is made up."""
    plan = plan_of([PRESSED], channels=(Channel.SMS, Channel.VOICE))
    world = heard(story, plan=plan, resident_tell=Channel.VOICE)
    world.hears("pendant", trigger="pressed")
    world.accepts("ben")
    assert told(world, "resident", Channel.VOICE) == [
        "Help is coming: Ben Hall is on the way to you."
    ]
    mute = heard(story, resident_phone=None)
    mute.hears("pendant", trigger="pressed")
    mute.accepts("ben")
    mailed = heard(story, resident_tell=Channel.EMAIL)
    mailed.hears("pendant", trigger="pressed")
    mailed.accepts("ben")
    assert told(mute, "resident") == told(mailed, "resident", Channel.EMAIL) == []
    for one in (world, mute, mailed):
        one.forget_messages()


def test_a_husband_on_the_same_phone_is_not_told_of_himself(story: Story) -> None:
    """He has answered on it."""
    shared = msgspec.structs.replace(BEN, phone=ADA)
    world = heard(story, contacts=(shared, CARA))
    world.hears("pendant", trigger="pressed")
    world.accepts("ben")
    assert told(world, "resident") == []
    world.forget_messages()


@pytest.mark.parametrize("mode", ["routine", "technical", "aged", "watch", "unknown"])
def test_what_is_not_about_the_resident_does_not_trouble_them(story: Story, mode: str) -> None:
    """A flat battery at night, however urgent its age has made it, is nobody's help that comes."""
    when = ReadingIs(property="battery", values=("low",))
    priorities = {"routine": Priority.ROUTINE, "watch": Priority.URGENT}
    rule = Rule(
        name="weak",
        when=when,
        priority=priorities.get(mode, Priority.TECHNICAL),
        mode=Mode.WATCH if mode == "watch" else Mode.PAGE,
        ages=Ageing(every=DAY) if mode == "aged" else None,
    )
    world = heard(story, plan=plan_of([rule]))
    if mode == "unknown":
        world.happens(
            ConditionFound(input=90, at=world.at, name="unknown-device-alarm", subject="x",
                           priority=Priority.LIFE_SAFETY)
        )  # fmt: skip
    else:
        world.hears("smoke", battery="low")
    world.advance(days=2)
    assert takes(world, "Olu").done
    assert told(world, "resident") == []
    world.forget_messages()


def test_whoever_stands_at_the_door_does_not_hear_it(story: Story) -> None:
    """A call of a bogus caller's victim would warn the caller."""
    button = device("doorbell", DeviceKind.BOGUS_CALLER_BUTTON)
    world = heard(story, devices=(*DEVICES, button))
    world.hears("doorbell", trigger="pressed")
    world.accepts("ben")
    assert told(world, "resident") == []
    world.forget_messages()


def test_a_deleted_home_has_nobody_to_comfort(story: Story) -> None:
    """Its alert goes on without it."""
    world = heard(story)
    world.hears("pendant", trigger="pressed")
    world.is_replanned(deleted=True)
    assert takes(world, "Olu").done
    assert told(world, "resident") == []
    world.forget_messages()


def test_the_centre_and_a_snooze_are_no_reason_to_write_twice(story: Story) -> None:
    """Its queue has it: one message."""
    world = heard(story, contacts=(DAN,))
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=10)
    takes(world, "Olu")
    takes(world, "Olu")
    assert len(told(world, "resident")) == 1
    assert CENTRE in {one.to for one in world.notifications()}
    assert world.alert().lease_until == world.at + 30 * MINUTE
    assert record_of().resident_tell is None
    world.forget_messages()


def test_why_it_was_a_false_activation_is_kept(story: Story) -> None:
    """So that it does not come again; of another outcome no cause is taken."""
    world = heard(story)
    world.hears("pendant", trigger="pressed")
    world.forget_messages()
    common: dict[str, Any] = {"input": 90, "at": world.at, "alert": 1, "by": "Ann Lee"}
    wrong = Resolved(**common, outcome=Outcome.TEST, cause=Cause.PET)
    assert world.commands(wrong).reason == "a cause is of a false activation, not of test"
    alone = world.commands(Resolved(**common, outcome=Outcome.DUPLICATE))
    assert alone.reason == "say of which alert it is a duplicate: `telecared link`"
    right = Resolved(**common, outcome=Outcome.FALSE_ACTIVATION, cause=Cause.PET, note="the cat")
    ended = world.happens(right).changed[1]
    assert (ended.cause, ended.outcome) == (Cause.PET, Outcome.FALSE_ACTIVATION)
    assert reasons(world, "alert.resolved") == ["Ann Lee: false_activation, pet, the cat"]
    world.forget_messages()
