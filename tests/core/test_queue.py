"""A centre's queue: who is asked about an alert, what comes first, how late an answer is."""

from telecared.core.plan import Rule
from telecared.core.queue import Standing, Target, ages_of, sort_key, standing_of
from telecared.core.vocabulary import MINUTE, SECOND, Mode, Priority
from telecared.core.when import ReadingIs
from tests.core.conftest import Story
from tests.core.world import CENTRE

PRESSED = ReadingIs(property="trigger", values=("pressed",))
ALARM = Rule(name="pressed", when=PRESSED, priority=Priority.LIFE_SAFETY)


def test_an_alert_is_with_the_family_then_at_the_centre_then_with_whoever_took_it(
    story: Story,
) -> None:
    """Its targets run from the sensor at once, from the centre once it is there, and then stop."""
    world = story(rules=[ALARM])
    world.hears("pendant", trigger="pressed")
    assert standing_of(world.alert()) is Standing.WITH_FAMILY
    world.advance(minutes=2)
    ages = ages_of(world.alert(), world.at)
    assert (ages.centre, ages.by_centre) == (None, Target.NONE)
    assert (ages.sensor, ages.by_sensor) == (2 * MINUTE, Target.LATE)
    world.advance(minutes=3, seconds=60)
    assert standing_of(world.alert()) is Standing.AT_CENTRE
    ages = ages_of(world.alert(), world.at)
    assert (ages.centre, ages.by_centre) == (MINUTE, Target.OK)
    assert ages.by_sensor is Target.OVERDUE
    world.advance(seconds=1)
    assert ages_of(world.alert(), world.at).by_centre is Target.LATE
    world.accepts("ben")
    assert standing_of(world.alert()) is Standing.HELD
    ages = ages_of(world.alert(), world.at)
    assert (ages.centre, ages.by_centre, ages.by_sensor) == (None, Target.NONE, Target.NONE)
    assert ages.sensor == 6 * MINUTE + SECOND
    world.forget_messages()


def test_what_is_watched_waits_for_nobody(story: Story) -> None:
    """A rule on trial pages nobody: its alert has no target and stands apart."""
    trial = Rule(name="trial", when=PRESSED, mode=Mode.WATCH, priority=Priority.LIFE_SAFETY)
    world = story(rules=[trial])
    world.hears("pendant", trigger="pressed")
    assert standing_of(world.alert()) is Standing.WATCHED
    assert ages_of(world.alert(), world.at + 10 * MINUTE).by_sensor is Target.NONE


def test_a_fault_has_no_target_of_seconds(story: Story) -> None:
    """A low battery at night is not shown as overdue after three minutes."""
    fault = Rule(name="fault", when=PRESSED, priority=Priority.TECHNICAL)
    world = story(rules=[fault])
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=5)
    assert standing_of(world.alert()) is Standing.AT_CENTRE
    assert ages_of(world.alert(), world.at).by_centre is Target.NONE
    world.forget_messages()


def test_a_clock_behind_the_engine_shows_no_negative_age(story: Story) -> None:
    """A page that is asked about an instant before the opening shows nothing below zero."""
    world = story(rules=[ALARM])
    world.hears("pendant", trigger="pressed")
    assert ages_of(world.alert(), world.at - MINUTE).sensor == 0
    world.forget_messages()


def test_life_safety_comes_first_then_priority_then_age(story: Story) -> None:
    """A new fall stands before an old door, an old door before a new one, homes by their names."""
    door = Rule(
        name="door",
        when=ReadingIs(property="contact", values=("open",), at=("front-door",)),
        priority=Priority.ROUTINE,
    )
    wet = Rule(
        name="wet",
        when=ReadingIs(property="water", values=("wet",)),
        priority=Priority.ROUTINE,
    )
    world = story(rules=[ALARM, door, wet])
    world.hears("front-door", contact="open")
    world.advance(seconds=5)
    world.hears("unit", water="wet")
    world.hears("pendant", trigger="pressed")
    alerts = sorted(world.state.alerts.values(), key=lambda one: sort_key("larch-12", one))
    assert [one.rule for one in alerts] == ["pressed", "door", "wet"]
    assert sort_key("ash-1", alerts[0]) < sort_key("larch-12", alerts[0])
    world.forget_messages()
    assert CENTRE not in {one.to for one in world.notifications()[-1:]}
