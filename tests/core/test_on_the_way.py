"""Somebody on the way says how far they are, and that they are there; those told hear of it."""

import msgspec

from telecared.core.alert_commands import Updated
from telecared.core.policy import Policy, Step
from telecared.core.vocabulary import (
    DAY,
    HOUR,
    MINUTE,
    Channel,
    NotificationState,
    Progress,
)
from tests.core.conftest import Story
from tests.core.handlers import (
    PRESSED,
    STEPS,
    arrives,
    family,
    is_on_the_way,
    notes,
    reasons,
    takes,
    two_needed,
)
from tests.core.world import BEN, CARA, World, plan_of, record_of


def test_who_says_ten_minutes_takes_it_and_has_it_so_long(story: Story) -> None:
    """`4711 10` of an alert that nobody has is yes; the others hear when help is there."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=2)
    world.forget_messages()
    is_on_the_way(world, "cara", 10)
    assert reasons(world, "alert.acknowledged") == [
        "Cara Singh has it until 08:32, 10 minutes away"
    ]
    world.expect_sms("ben", "Cara Singh is going, there in 10 minutes")
    world.expect_sms("cara", "Thank you. You have it until 08:32")


def test_an_update_extends_the_lease_and_never_shortens_it(story: Story) -> None:
    """Fifty minutes need more than the policy's half hour; ten do not end it earlier."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    world.accepts("ben")
    assert is_on_the_way(world, "ben", 50).done
    assert world.alert().lease_until == world.at + HOUR
    is_on_the_way(world, "ben", 5)
    assert world.alert().lease_until == world.at + HOUR
    is_on_the_way(world, "ben")
    assert world.alert().going[0].minutes == 5
    assert (
        reasons(world, "alert.updated")[-1] == "Ben Hall still has it, until 08:30, 5 minutes away"
    )
    world.forget_messages()


def test_who_needs_longer_is_not_on_the_way(story: Story) -> None:
    """At most four hours; nothing is taken."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    assert "within 240 minutes" in is_on_the_way(world, "ben", 241).reason
    assert not is_on_the_way(world, "ben", 0).done
    world.forget_messages()


def test_everybody_hears_that_somebody_is_there_once(story: Story) -> None:
    """And the resident's neighbours need not go any more."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=2)
    world.accepts("cara")
    world.forget_messages()
    arrives(world, "cara")
    world.expect_sms("ben", "Cara Singh is there now")
    world.expect_sms("cara", "Thank you")
    arrives(world, "cara")
    world.expect_sms("cara", "Thank you")
    assert "has arrived" in reasons(world, "alert.updated")[0]
    assert world.alert().lease_until == world.at + 30 * MINUTE


def test_who_is_there_first_takes_it(story: Story) -> None:
    """HERE of an alert that nobody has is an acknowledgement."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    world.forget_messages()
    assert arrives(world, "ben").done
    assert world.alert().owner == "Ben Hall"
    world.forget_messages()


def test_an_operator_who_has_it_updates_it_and_nobody_else_does(story: Story) -> None:
    """Nor does an operator take it by mistake."""
    world = story(rules=[PRESSED])

    def update(by: str) -> str:
        return world.commands(
            Updated(input=world.next_input(), at=world.at, alert=1, by=by, minutes=5,
                    progress=Progress.ON_THE_WAY)
        ).reason  # fmt: skip

    world.hears("pendant", trigger="pressed")
    assert update("Olu") == "nobody has it: acknowledge it first, or take it over"
    takes(world, "Olu")
    assert update("Olu") == ""
    assert update("Pat") == "Olu has it since 08:00: acknowledge it first, or take it over"
    assert is_on_the_way(world, "ben", 5).reason.startswith("Olu already has it since ")
    world.forget_messages()


def test_a_note_is_kept_and_changes_nothing(story: Story) -> None:
    """Anybody may note what is new; an empty one, or a novel, is refused."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    assert notes(world, "Olu", "rang, no answer").done
    assert reasons(world, "alert.updated") == ["Olu: rang, no answer"]
    assert not notes(world, "Olu", " ").done
    assert not notes(world, "Olu", "x" * 2_001).done
    world.forget_messages()


def test_late_going_is_not_told_to_whom_no_page_reached(story: Story) -> None:
    """A failed page was read by nobody; news of it would only confuse."""
    world = story(rules=[PRESSED], delivers=None)
    world.hears("pendant", trigger="pressed")
    world.reports("ben", NotificationState.FAILED)
    world.forget_messages()
    world.accepts("cara")
    world.expect_sms("cara", "Thank you")


def test_a_lease_is_between_a_moment_and_a_day(story: Story) -> None:
    """However many are needed."""
    world = story(plan=two_needed(), record=family())
    world.hears("pendant", trigger="pressed")
    assert "at most 1d" in world.accepts("ben", lease=2 * DAY).reason
    assert not world.accepts("ben", lease=0).done
    world.forget_messages()


def test_everybody_by_email_hears_by_email(story: Story) -> None:
    """News goes where its reader can read it."""
    mailed = msgspec.structs.replace(CARA, email="cara@example.org", by=(Channel.EMAIL,))
    plan = plan_of(
        [PRESSED],
        policies=[
            Policy(name="family-then-centre", steps=(
                Step(notify=("carer", "key_holder"), by=(Channel.SMS, Channel.EMAIL)), *STEPS[3:],
            )),
        ],
        channels=(Channel.SMS, Channel.EMAIL),
    )  # fmt: skip
    world = story(plan=plan, record=record_of(contacts=(BEN, mailed)))
    world.hears("pendant", trigger="pressed")
    world.forget_messages()
    world.accepts("ben")
    world.expect_sms("ben", "Thank you")
    world.expect_sms("cara", "Ben Hall is going", channel=Channel.EMAIL)


def test_the_state_keeps_who_goes(story: Story) -> None:
    """A restart in the middle of it changes nothing."""
    world: World = story(plan=two_needed(), record=family())
    world.hears("pendant", trigger="pressed")
    is_on_the_way(world, "ben", 10)
    [one] = world.alert().going
    assert (one.contact, one.by, one.minutes, one.arrived, one.for_all) == (
        "ben", "Ben Hall", 10, None, False,
    )  # fmt: skip
    world.forget_messages()
