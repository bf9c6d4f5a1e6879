"""None of some acts, where the resident was away for a part of the time."""

from telecared.core.plan import Absence
from tests.core.conftest import Story
from tests.core.stating import ends, suspends
from tests.core.test_none_of import move, not_up
from tests.core.world import World

AWAY = (Absence.AWAY,)


def opens(world: World) -> list[str]:
    """Local times at which not-up was told; that a suspension ran out is another story."""
    world.forget_messages()
    return [at for at, rule in world.opened() if rule == "not-up"]


def test_who_is_away_at_the_time_is_not_expected_up(story: Story) -> None:
    """Back from hospital in the evening: nobody is told in the night that they did not get up."""
    world = story(rules=[not_up(unless=AWAY)], start="2026-03-01T20:00Z")
    move(world)
    suspends(world, days=1)
    world.until("2026-03-03T04:59Z")
    assert opens(world) == []


def test_who_comes_back_before_the_time_has_that_much_longer(story: Story) -> None:
    """Away until seven of a span that begins at five: two hours more."""
    world = story(rules=[not_up(unless=AWAY)], start="2026-03-01T20:00Z")
    move(world)
    suspends(world, hours=11)
    world.until("2026-03-02T14:00Z")
    assert opens(world) == ["13:00:00"]


def test_an_absence_that_is_ended_early_brings_the_expectation_back(story: Story) -> None:
    """Stated for a day and ended at six: that day counts after all, an hour later."""
    world = story(rules=[not_up(unless=AWAY)], start="2026-03-01T20:00Z")
    move(world)
    suspends(world, days=1)
    world.until("2026-03-02T06:00Z")
    ends(world)
    world.until("2026-03-02T14:00Z")
    assert opens(world) == ["12:00:00"]


def test_a_rule_that_does_not_ask_who_is_at_home_is_not_held_back(story: Story) -> None:
    """Without `unless` the time is the time."""
    world = story(rules=[not_up()], start="2026-03-01T20:00Z")
    move(world)
    suspends(world, days=1)
    world.until("2026-03-02T14:00Z")
    assert opens(world) == ["11:00:00"]
