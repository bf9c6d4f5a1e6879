"""An alarm from a detector that never says that it is over: the next one must be heard too."""

from telecared.core.plan import Rule
from telecared.core.vocabulary import Priority
from telecared.core.when import ReadingIs
from tests.core.conftest import Story

FALLEN = Rule(
    name="fall",
    when=ReadingIs(property="fall", values=("detected",)),
    priority=Priority.LIFE_SAFETY,
)


def test_a_second_fall_is_heard_from_a_detector_that_never_clears(story: Story) -> None:
    """An alarm told again after ten quiet minutes is news; told again at once it is the same."""
    world = story(rules=[FALLEN])
    world.hears("pendant", fall="detected")
    world.expect_sms("ben")
    world.resolves("An Operator")
    world.forget_messages()
    world.advance(minutes=9)
    world.hears("pendant", fall="detected")
    assert len(world.records("alert.opened")) == 1

    world.advance(minutes=10)
    world.hears("pendant", fall="detected")
    world.expect_sms("ben")

    assert len(world.records("alert.opened")) == 2


def test_what_the_broker_kept_of_an_alarm_is_not_the_alarm_again(story: Story) -> None:
    """Each reconnect hands the retained word over anew: the same word tells nothing new."""
    world = story(rules=[FALLEN])
    world.hears("pendant", fall="detected")
    world.expect_sms("ben")
    world.resolves("An Operator")
    world.forget_messages()
    world.advance(hours=1)

    world.hears("pendant", fall="detected", retained=True)

    assert len(world.records("alert.opened")) == 1
