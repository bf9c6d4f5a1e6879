"""An operator rings people by hand, and says what came of it."""

import pytest

from telecared.core.alert_commands import Called
from telecared.core.events import ConditionFound
from telecared.core.state import Answer
from telecared.core.vocabulary import AlertState, CallResult, Channel, Priority
from tests.core.conftest import Story
from tests.core.handlers import (
    PRESSED,
    arrives,
    escalates,
    family,
    pressed,
    reasons,
    takes,
    two_needed,
)
from tests.core.world import CENTRE, World, plan_of


def rings(
    world: World,
    contact: str,
    result: CallResult,
    *,
    by: str = "Ann Lee",
    note: str = "",
    alert: int = 1,
) -> Answer:
    """An operator rang somebody."""
    return world.commands(
        Called(
            input=world.next_input(), at=world.at, alert=alert, by=by, contact=contact,
            result=result, note=note,
        )
    )  # fmt: skip


def begun(story: Story, *, two: bool = False) -> World:
    """A pressed pendant of which Ben was told half a minute ago."""
    if two:
        world = story(plan=two_needed(), record=family())
    else:
        world = story(rules=[PRESSED], record=family())
    world.hears("pendant", trigger="pressed")
    world.advance(seconds=30)
    world.forget_messages()
    return world


def test_a_call_that_was_answered_is_on_record_and_changes_nothing(story: Story) -> None:
    """Somebody talked to him: that he goes is another matter."""
    world = begun(story)
    before = world.alert()
    assert rings(world, "ben", CallResult.ANSWERED, note="he rings back") == Answer(True)
    assert world.alert() == before
    [line] = world.records("call.answered")
    assert line.reason == "Ann Lee rang Ben Hall: they answered, he rings back"
    assert (line.to, line.channel, line.alert) == ("ben", Channel.VOICE, 1)


def test_who_says_on_the_phone_that_they_go_has_it(story: Story) -> None:
    """As if they had replied themselves; the record says whom we have it from."""
    world = begun(story)
    assert rings(world, "ben", CallResult.GOING).done
    alert = world.alert()
    assert (alert.state, alert.owner, alert.owner_contact) == (
        AlertState.ACKNOWLEDGED, "Ben Hall", "ben",
    )  # fmt: skip
    assert reasons(world, "call.going") == ["Ann Lee rang Ben Hall: they are going"]
    assert reasons(world, "alert.acknowledged") == ["Ben Hall has it until 08:30"]
    world.expect_sms("ben", "Thank you. You have it until 08:30")


def test_it_passes_from_the_operator_who_rang_to_whoever_goes(story: Story) -> None:
    """Ann took it in order to ring round; what she has to do is done."""
    world = begun(story)
    takes(world, "Ann Lee")
    world.forget_messages()
    assert rings(world, "cara", CallResult.GOING) == Answer(True)
    assert [one.by for one in world.alert().going] == ["Cara Singh"]
    assert reasons(world, "alert.handed_over") == [
        "Ann Lee handed it to Cara Singh, who has it until 08:30"
    ]
    world.expect_sms("cara", "Thank you")
    world.expect_sms("ben", "Cara Singh is going")


def test_what_somebody_else_has_stays_theirs_and_one_more_goes(story: Story) -> None:
    """Bob rings Cara although Ann has it: a true word is not refused, and Bob hears who has it."""
    world = begun(story)
    takes(world, "Ann Lee")
    world.forget_messages()
    answer = rings(world, "cara", CallResult.GOING, by="Bob Ray")
    assert answer == Answer(True, "Ann Lee has it since 08:00; Cara Singh goes too")
    assert world.alert().owner == "Ann Lee"
    assert [one.by for one in world.alert().going] == ["Ann Lee", "Cara Singh"]
    assert reasons(world, "alert.updated")[-1] == "Cara Singh goes too: Ann Lee has it until 08:30"
    world.forget_messages()
    # Once more, by the one who has it: now it is Cara's.
    assert rings(world, "cara", CallResult.GOING).done
    assert [one.by for one in world.alert().going] == ["Cara Singh"]
    world.forget_messages()
    world.advance(minutes=20)


def test_another_who_goes_too_does_not_answer_for_the_owner(story: Story) -> None:
    """Promise P6: it happened again, and it is Ben's word that is waited for."""
    world = begun(story)
    world.accepts("ben")
    world.advance(minutes=5)
    world.hears("pendant", trigger="pressed")
    due = world.alert().update_by
    assert due is not None
    assert rings(world, "cara", CallResult.GOING, by="Bob Ray").done
    assert world.alert().update_by == due
    world.forget_messages()
    world.advance(minutes=2)
    assert world.alert().state is AlertState.OPEN
    world.forget_messages()


def test_whoever_goes_already_is_only_noted_again(story: Story) -> None:
    """Ben had replied; he says the same on the phone."""
    world = begun(story)
    world.accepts("ben")
    arrives(world, "ben")
    world.forget_messages()
    assert rings(world, "ben", CallResult.GOING).done
    assert len(world.alert().going) == 1
    world.expect_sms("ben", "Thank you")


def test_the_search_goes_on_when_two_must_go(story: Story) -> None:
    """The operator counted for all; the carer who takes her place does not."""
    world = begun(story, two=True)
    takes(world, "Ann Lee")
    world.forget_messages()
    assert rings(world, "ben", CallResult.GOING).done
    assert world.alert().state is AlertState.OPEN
    assert [one.by for one in world.alert().going] == ["Ben Hall"]
    world.expect_sms("cara", "Pendant at")
    world.forget_messages()


def test_the_next_step_is_told_at_once_when_nobody_of_this_one_answers(story: Story) -> None:
    """Ben was told and rung in vain: waiting for him any longer helps nobody."""
    world = begun(story)
    assert rings(world, "ben", CallResult.NO_ANSWER).done
    assert reasons(world, "call.no_answer") == ["Ann Lee rang Ben Hall: no answer"]
    assert world.alert().step == 1
    world.expect_sms("cara", "Pendant at")
    # It counted for the step that ran: he is told of the next telling like anybody else.
    assert world.alert().handled.unanswered == ()
    assert "ben" not in world.alert().declined
    assert world.accepts("ben").done
    world.forget_messages()


def test_a_call_in_vain_keeps_nobody_from_being_told(story: Story) -> None:
    """Who was rung before their turn, and slept, is told all the same when their step comes."""
    world = begun(story)
    assert rings(world, "cara", CallResult.NO_ANSWER).done
    assert world.alert().step == 0
    world.advance(minutes=2)
    world.expect_sms("cara", "Pendant at")
    assert rings(world, "resident", CallResult.NO_ANSWER).done
    assert world.alert().step == 1
    escalates(world, "Ann Lee")
    world.forget_messages()


def test_a_call_in_vain_changes_nothing_of_what_somebody_has(story: Story) -> None:
    """Ann has it and rings round."""
    world = begun(story)
    takes(world, "Ann Lee")
    world.forget_messages()
    assert rings(world, "ben", CallResult.NO_ANSWER).done
    assert world.alert().owner == "Ann Lee"
    assert world.alert().handled.unanswered == ()


def test_the_resident_is_rung_too_but_goes_nowhere(story: Story) -> None:
    """What she said is on record."""
    world = begun(story)
    assert rings(world, "resident", CallResult.ANSWERED, note="she is in bed").done
    assert reasons(world, "call.answered") == [
        "Ann Lee rang Mrs Ada Hall: they answered, she is in bed"
    ]
    assert rings(world, "resident", CallResult.GOING).reason.startswith("the resident goes")


@pytest.mark.parametrize(
    ("contact", "note", "says"),
    [
        ("zoe", "", "larch-12 has no contact zoe"),
        (CENTRE, "", "larch-12 has no contact monitoring_centre"),
        ("ben", "x" * 2001, "the note is longer than 2000 characters"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    story: Story, contact: str, note: str, says: str
) -> None:
    """And nothing of it is on record."""
    world = begun(story)
    answer = rings(world, contact, CallResult.GOING, note=note)
    assert not answer.done
    assert says in answer.reason
    assert world.records("call.going") == []


def test_it_is_the_same_for_an_alert_without_a_home(story: Story) -> None:
    """Of a site that has no resident, only its people can be rung."""
    world = story(plan=plan_of([pressed(Priority.URGENT)]))
    world.is_replanned(deleted=True)
    world.happens(ConditionFound(input=90, at=world.at, name="clock-stepped"))
    world.forget_messages()
    answer = rings(world, "resident", CallResult.ANSWERED)
    assert answer.reason == "larch-12 has no contact resident"
