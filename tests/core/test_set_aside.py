"""Deadlines that failed and are set aside: they wait for new rules, and nothing else waits."""

from telecared.core.events import HomeRegistered, Quarantined
from telecared.core.plan import Confirm, Rule
from telecared.core.suspensions import expiries
from telecared.core.vocabulary import MINUTE, SECOND, Priority
from telecared.core.when import HeldFor, ReadingIs
from tests.core.conftest import Story
from tests.core.stating import suspends
from tests.core.world import World

MOVED = ReadingIs(property="motion", values=("detected",))
FALL = Rule(
    name="fall",
    when=ReadingIs(property="fall", values=("suspected",)),
    confirm=Confirm(within=90 * SECOND, none_of=(MOVED,)),
)


def is_set_aside(world: World, key: str) -> None:
    """A deadline could not be worked out."""
    world.happens(Quarantined(input=0, at=world.at, what="deadline", key=key))
    world.forget_messages()


def test_a_suspension_whose_end_was_set_aside_ends_under_new_rules(story: Story) -> None:
    """It stands as long as it failed, and runs out as soon as it is tried again."""
    world = story()
    suspends(world, hours=1)
    is_set_aside(world, next(iter(expiries(world.state))).key)
    world.advance(hours=2)
    assert world.state.suspensions
    world.is_replanned()
    assert not world.state.suspensions
    world.forget_messages()


def test_a_question_that_was_set_aside_raises_nothing(story: Story) -> None:
    """The alert is being told all the while."""
    world = story(rules=[FALL])
    world.hears("bed", fall="suspected")
    is_set_aside(world, "confirm:1")
    world.advance(minutes=10)
    assert world.alert().priority is Priority.URGENT
    world.forget_messages()


def test_what_fails_again_under_new_rules_stays_set_aside(story: Story) -> None:
    """The second try of the same rules must not try for ever."""
    world = story(rules=[FALL])
    is_set_aside(world, "gone|front-door")
    broken = world.state.broken
    world.happens(HomeRegistered(input=world.next_input(), at=world.at, again=True))
    assert world.state.broken == broken
    world.happens(HomeRegistered(input=world.next_input(), at=world.at))
    assert world.state.broken == ()


def test_what_the_broker_kept_begins_no_count_of_old_stamps(story: Story) -> None:
    """Smoke that lasts is judged by what is told, not by what was kept."""
    lasting = HeldFor(property="smoke", values=("alarm",), duration=5 * MINUTE)
    world = story(rules=[Rule(name="smoke", when=lasting, priority=Priority.LIFE_SAFETY)])
    world.hears("smoke", smoke="clear")
    world.hears("smoke", smoke="alarm", stamp=world.at - 60 * MINUTE, retained=True)
    world.advance(minutes=10)
    assert world.opened() == []
