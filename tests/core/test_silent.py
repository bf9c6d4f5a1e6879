"""A device that says nothing at all: each by itself, whatever it used to say."""

import pytest

from telecared.core.conditions.base import Change, View
from telecared.core.plan import Clear, Downtime, Rule
from telecared.core.state import HomeState
from telecared.core.vocabulary import MINUTE, Priority
from telecared.core.when import Silent
from tests.core.conftest import Story
from tests.core.world import AT_CONNECT, World


def silent(*at: str, minutes: int = 45, **more: object) -> Rule:
    """A device that has sent nothing for a while."""
    condition = Silent(at=at, duration=minutes * MINUTE)
    priority = more.pop("priority", Priority.TECHNICAL)
    return Rule(name="silent", when=condition, priority=priority, **more)  # type: ignore[arg-type] # fields of a rule


def opens(world: World) -> list[str]:
    """Local times at which an alert was opened; who was told is another story."""
    world.forget_messages()
    return [at for at, _ in world.opened()]


def test_a_unit_that_sends_nothing_is_told(story: Story) -> None:
    """Any message keeps it alive, also one that means nothing."""
    world = story(rules=[silent("alarm_unit")])
    world.advance(minutes=30)
    world.hears("unit", heartbeat="seen")
    world.advance(minutes=30)
    world.hears("unit")
    world.advance(hours=1)
    assert opens(world) == ["09:45:00"]
    reason = world.records("alert.opened")[0].reason
    assert reason == "unit has sent nothing for 45m; last heard at 09:00"


def test_a_unit_that_never_spoke_counts_from_registration(story: Story) -> None:
    """A device that was never plugged in is noticed (promise P8)."""
    world = story(rules=[silent("unit")])
    world.advance(hours=1)
    assert opens(world) == ["08:45:00"]


def test_each_device_is_silent_by_itself(story: Story) -> None:
    """Two sensors, two alerts."""
    world = story(rules=[silent("hall-pir", "kitchen-pir")])
    world.advance(minutes=10)
    world.hears("kitchen-pir", motion="clear")
    world.advance(hours=1)
    assert opens(world) == ["08:45:00", "08:55:00"]


def test_being_heard_again_ends_it(story: Story) -> None:
    """A recorded recovery, told to those who were told."""
    world = story(rules=[silent("unit")])
    world.advance(minutes=45)
    world.expect_sms("ben")
    world.hears("unit")
    world.expect_sms("ben", "It is over")
    assert "unit is heard again" in world.records("alert.resolved")[0].reason


def test_what_the_broker_kept_does_not_end_it(story: Story) -> None:
    """A retained "online" of a dead unit comes at every connect: it is still silent."""
    world = story(rules=[silent("unit")])
    world.advance(minutes=30)
    world.hears("unit", link="online", retained=True)
    world.advance(minutes=15)
    world.hears("unit", link="online", retained=True)
    assert opens(world) == ["08:45:00"]
    assert 1 in world.state.alerts


def test_a_person_may_be_asked_for(story: Story) -> None:
    """`clear: person`: being heard again is not enough."""
    world = story(rules=[silent("unit", clear=Clear(kind="person"))])
    world.advance(minutes=45)
    world.hears("unit")
    assert opens(world) == ["08:45:00"]
    assert 1 in world.state.alerts


@pytest.mark.parametrize(
    ("downtime", "opened"), [("count", "08:50:00"), ("pause", "09:15:00"), ("grace", "09:10:00")]
)
def test_an_outage_means_what_the_rule_says(story: Story, downtime: str, opened: str) -> None:
    """Half an hour without a link, during which the unit could not be heard."""
    rule = silent("unit", downtime=Downtime(kind=downtime, grace=20 * MINUTE))
    world = story(rules=[rule])
    world.advance(minutes=20)
    world.outage(minutes=30)
    world.advance(hours=2)
    assert opens(world) == [opened]


def test_a_device_that_is_not_registered_yet_has_no_deadline() -> None:
    """The state of a home is stepped for the first time when it is registered."""
    world = World(rules=[silent("unit")])
    assert world.home.rule_deadlines(HomeState(home="larch-12"), AT_CONNECT) == []
    assert len(world.home.rule_deadlines(world.state, AT_CONNECT)) == 1


def test_what_a_device_says_is_never_judged() -> None:
    """Only that it says something."""
    world = World(rules=[silent("unit")])
    condition = world.home.rules[0].condition
    unit = world.home.devices["unit"]
    change = Change(unit, "heartbeat", None, "seen", world.at, True, False)
    assert condition.reads == frozenset()
    assert condition.on_change(View(world.state, world.site, world.home.zone), change) is None


def test_silence_after_a_resolve_is_told_again_and_a_word_ends_the_stretch(story: Story) -> None:
    """A dead unit stays a fault after somebody ticked it off."""
    world = story(rules=[silent("unit", priority=Priority.URGENT)])
    world.advance(minutes=50)
    world.resolves("An Operator")
    world.advance(minutes=50)
    assert opens(world) == ["08:45:00", "09:35:00"]
    world.resolves("An Operator", 2)
    world.hears("unit")
    world.advance(minutes=50)
    assert opens(world)[2] == "10:25:00"
