"""Activity in a home that somebody stated as empty, and absences beside outings."""

from telecared.core.plan import Absence
from telecared.core.state import Gap
from telecared.core.vocabulary import HOUR, MINUTE, Priority, SuspensionKind
from tests.core.conftest import Story
from tests.core.stating import ends, suspends
from tests.core.test_away import at_home
from tests.core.world import instant


def test_somebody_who_moves_in_a_home_that_is_stated_as_empty_is_told(story: Story) -> None:
    """One alert for the carers, urgent; further signs join it, on record once an hour."""
    world = story()
    suspends(world, SuspensionKind.HOSPITAL, days=3)
    world.advance(hours=5)
    world.hears("hall-pir", motion="detected")
    assert world.opened() == []
    world.advance(minutes=5)
    world.hears("hall-pir", motion="clear")
    world.hears("hall-pir", motion="detected")
    alert = world.alert()
    assert (alert.rule, alert.priority) == ("activity-while-away", Priority.URGENT)
    world.expect_sms("ben", "nobody should be (hospital, suspension 1)")
    assert world.records("alert.opened")[0].reason == "hall-pir told motion: detected"
    world.accepts("ben", lease=6 * HOUR)
    world.expect_sms("ben")
    for _ in range(20):
        world.advance(minutes=6)
        world.hears("hall-pir", motion="clear")
        world.hears("hall-pir", motion="detected")
    assert len(world.records("alert.repeated")) == 2
    assert len(world.opened()) == 1


def test_after_a_resolve_it_is_quiet_for_an_hour_and_then_told_again(story: Story) -> None:
    """A cleaner on Monday must not hide a burglar on Tuesday."""
    world = story()
    suspends(world, SuspensionKind.AWAY, days=3)
    world.advance(minutes=30)
    world.hears("hall-pir", motion="detected")
    world.hears("kitchen-pir", motion="detected")
    world.advance(minutes=10)
    world.resolves("Ben Hall")
    world.advance(minutes=59)
    world.hears("kitchen-pir", motion="clear")
    world.hears("kitchen-pir", motion="detected")
    assert len(world.opened()) == 1
    world.advance(minutes=1)
    world.hears("front-door", contact="open")
    assert len(world.opened()) == 2
    world.forget_messages()


def test_who_states_an_absence_has_half_an_hour_to_leave(story: Story) -> None:
    """The way to the door is no burglar; what moves after it is one."""
    world = story()
    suspends(world, SuspensionKind.HOLIDAY, days=3)
    world.advance(minutes=29)
    world.hears("front-door", contact="open")
    assert world.opened() == []
    world.advance(minutes=1)
    world.hears("front-door", contact="closed")
    assert [rule for _, rule in world.opened()] == ["activity-while-away"]
    world.forget_messages()


def test_a_visit_that_is_stated_explains_who_moves(story: Story) -> None:
    """Somebody waters the plants while the resident is on holiday."""
    world = story()
    suspends(world, SuspensionKind.HOLIDAY, days=3)
    suspends(world, SuspensionKind.VISITOR, hours=2)
    world.advance(hours=1)
    world.hears("hall-pir", motion="detected")
    assert world.opened() == []
    world.advance(hours=2)
    world.hears("hall-pir", motion="clear")
    world.hears("hall-pir", motion="detected")
    world.hears("kitchen-pir", motion="detected")
    assert [rule for _, rule in world.opened()] == ["suspension-ran-out", "activity-while-away"]
    world.forget_messages()


def test_lone_movements_of_an_empty_home_are_a_sensors_own(story: Story) -> None:
    """Thirteen within 82 hours, as one real home told them; two within ten minutes are somebody."""
    world = story()
    suspends(world, SuspensionKind.HOLIDAY, days=7)
    for _ in range(13):
        world.advance(hours=6)
        world.hears("hall-pir", motion="detected")
        world.advance(seconds=4)
        world.hears("hall-pir", motion="clear")
    assert world.opened() == []
    world.advance(minutes=9)
    world.hears("kitchen-pir", motion="detected", stamp=world.at - 30 * MINUTE)
    assert world.opened() == []
    world.advance(minutes=2)
    world.hears("hall-pir", motion="detected")
    world.advance(seconds=4)
    world.hears("front-door", contact="open")
    world.expect_sms("ben", "nobody should be")


def test_what_is_no_life_or_from_another_time_is_no_activity(story: Story) -> None:
    """A kept value, a history, a temperature, and the motion of the minute before they left."""
    world = story()
    world.advance(hours=1)
    suspends(world, SuspensionKind.AWAY, hours=2)
    world.advance(minutes=5)
    world.hears("hall-pir", motion="detected", retained=True)
    world.hears("kitchen-pir", motion="detected", history=True)
    world.hears("unit", temperature=18.0)
    world.hears("kitchen-pir", motion="detected", stamp=world.at - 6 * MINUTE)
    assert world.opened() == []
    assert ends(world).done
    world.hears("kitchen-pir", motion="clear")
    world.hears("kitchen-pir", motion="detected")
    assert world.opened() == []


def test_a_stated_absence_and_an_outing_are_two_gaps(story: Story) -> None:
    """Both are kept, and each says how it is known."""
    world = at_home(story)
    world.until("2026-03-01T09:00Z")
    suspends(world, SuspensionKind.AWAY, hours=2)
    world.until("2026-03-01T10:00Z")
    ends(world)
    assert world.state.gaps == (
        Gap(
            Absence.AWAY,
            instant("2026-03-01T09:00Z"),
            instant("2026-03-01T10:00Z"),
            True,
            "away",
        ),
    )
