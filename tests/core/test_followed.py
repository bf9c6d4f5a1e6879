"""Acts that follow each other in time, in whatever order they are told."""

import pytest

from telecared.core.plan import Rule
from telecared.core.state import decode_state, encode_state
from telecared.core.vocabulary import MINUTE, SECOND, Duration, Priority
from telecared.core.when import Follow, Followed, ReadingIs, Window
from tests.core.conftest import Story
from tests.core.world import World, plan_of

NIGHT = Window(start=22 * 60, end=6 * 60)
LEFT = ReadingIs(property="occupancy", values=("vacant",), at=("bed",), between=(NIGHT,))
OPENED = ReadingIs(property="contact", values=("open",), at=("front-door",))
SEEN = ReadingIs(property="motion", values=("detected",))
PRESSED = ReadingIs(property="trigger", values=("pressed",))


def sequence(*acts: ReadingIs, within: Duration = 10 * MINUTE, **more: object) -> Rule:
    """Acts, each at most `within` after the one before."""
    then = tuple(Follow(act=act, within=within) for act in acts[1:])
    condition = Followed(first=acts[0], then=then)
    return Rule(name="sequence", when=condition, **more)  # type: ignore[arg-type] # fields of a rule


def opens(world: World) -> list[str]:
    """Local times at which an alert was opened; who was told is another story."""
    world.forget_messages()
    return [at for at, _ in world.opened()]


def test_bed_left_and_front_door_opened_at_night_is_told(story: Story) -> None:
    """Wandering: with both acts, who told them and when."""
    world = story(rules=[sequence(LEFT, OPENED)], start="2026-03-01T23:00Z")
    world.hears("bed", occupancy="vacant")
    world.advance(minutes=4)
    world.hears("front-door", contact="open")
    assert opens(world) == ["23:04:00"]
    assert world.records("alert.opened")[0].reason == (
        "bed (bedroom) told occupancy: vacant at 23:00, "
        "then front-door (hall) told contact: open at 23:04"
    )


def test_too_late_or_the_other_way_round_is_no_sequence(story: Story) -> None:
    """Each step has its bound, and its place."""
    world = story(rules=[sequence(LEFT, OPENED)], start="2026-03-01T23:00Z")
    world.hears("front-door", contact="open")
    world.advance(seconds=1)
    world.hears("bed", occupancy="vacant")
    world.advance(minutes=10, seconds=1)
    world.hears("front-door", contact="closed")
    world.hears("front-door", contact="open")
    assert opens(world) == []


def test_the_window_gates_the_first_act_only(story: Story) -> None:
    """Left bed at 05:58, out at 06:03."""
    world = story(rules=[sequence(LEFT, OPENED)], start="2026-03-01T05:58Z")
    world.hears("bed", occupancy="vacant")
    world.advance(minutes=5)
    world.hears("front-door", contact="open")
    assert opens(world) == ["06:03:00"]


def test_three_acts_need_each_its_bound(story: Story) -> None:
    """Of several first acts that one is taken from which the others follow."""
    world = story(rules=[sequence(LEFT, SEEN, OPENED)], start="2026-03-01T23:00Z")
    world.hears("bed", occupancy="vacant")
    world.advance(minutes=9)
    world.hears("hall-pir", motion="detected")
    world.advance(minutes=5)
    world.hears("kitchen-pir", motion="detected")
    world.advance(minutes=4)
    world.hears("front-door", contact="open")
    assert opens(world) == ["23:18:00"]
    assert "hall-pir (hall) told motion: detected at 23:09" in (
        world.records("alert.opened")[0].reason
    )


def test_a_sequence_is_met_in_whatever_order_it_is_told(story: Story) -> None:
    """The bed's message was held up; its time says that it came first."""
    world = story(rules=[sequence(LEFT, OPENED)], start="2026-03-01T23:00Z")
    world.advance(minutes=5)
    world.hears("front-door", contact="open")
    world.advance(minutes=2)
    world.hears("bed", occupancy="vacant", stamp=world.at - 6 * MINUTE)
    assert opens(world) == ["23:07:00"]


def test_an_act_that_is_told_out_of_order_confirms(story: Story) -> None:
    """The door is known to be closed again when we hear that it was opened."""
    world = story(rules=[sequence(LEFT, OPENED)], start="2026-03-01T23:00Z")
    world.hears("bed", occupancy="vacant")
    world.advance(minutes=5)
    world.hears("front-door", contact="closed")
    world.hears("front-door", contact="open", stamp=world.at - MINUTE)
    assert opens(world) == ["23:05:00"]


@pytest.mark.parametrize(
    ("priority", "opened"), [(Priority.URGENT, []), (Priority.LIFE_SAFETY, ["23:05:00"])]
)
def test_only_acts_out_of_order_open_only_life_safety(
    story: Story, priority: Priority, opened: list[str]
) -> None:
    """All of it was over when we heard of it."""
    world = story(rules=[sequence(LEFT, OPENED, priority=priority)], start="2026-03-01T23:00Z")
    world.advance(minutes=5)
    world.hears("bed", occupancy="occupied")
    world.hears("front-door", contact="closed")
    world.hears("bed", occupancy="vacant", stamp=world.at - 3 * MINUTE)
    world.hears("front-door", contact="open", stamp=world.at - 2 * MINUTE)
    assert opens(world) == opened


def test_an_act_does_not_follow_itself(story: Story) -> None:
    """Two presses of one pendant within ten seconds are two."""
    world = story(rules=[sequence(PRESSED, PRESSED, within=10 * SECOND)])
    world.hears("pendant", trigger="pressed")
    assert opens(world) == []
    world.advance(seconds=6)
    world.hears("pendant", trigger="pressed")
    assert opens(world) == ["08:00:06"]


def test_acts_of_two_devices_in_one_instant_follow_each_other(story: Story) -> None:
    """A hub that stamps whole seconds."""
    world = story(rules=[sequence(LEFT, OPENED)], start="2026-03-01T23:00Z")
    world.hears("bed", occupancy="vacant")
    world.hears("front-door", contact="open")
    assert opens(world) == ["23:00:00"]


def test_a_sequence_is_told_once_and_the_next_one_joins(story: Story) -> None:
    """The door opened twice after one leaving is one sequence; a new leaving begins another."""
    world = story(rules=[sequence(LEFT, OPENED)], start="2026-03-01T23:00Z")
    world.hears("bed", occupancy="vacant")
    for _ in range(2):
        world.advance(minutes=1)
        world.hears("front-door", contact="open")
        world.hears("front-door", contact="closed")
    assert opens(world) == ["23:01:00"]
    assert world.records("alert.repeated") == []
    world.hears("bed", occupancy="occupied")
    world.hears("bed", occupancy="vacant")
    world.advance(minutes=1)
    world.hears("front-door", contact="open")
    assert len(world.records("alert.repeated")) == 1
    assert opens(world) == ["23:01:00"]


def test_what_the_broker_had_kept_completes_nothing(story: Story) -> None:
    """Nobody knows when it was."""
    world = story(rules=[sequence(LEFT, OPENED)], start="2026-03-01T23:00Z")
    world.hears("bed", occupancy="vacant")
    world.hears("front-door", contact="open", retained=True)
    assert opens(world) == []


def test_a_restart_and_an_outage_change_nothing(story: Story) -> None:
    """What was told before is remembered."""
    world = story(rules=[sequence(LEFT, OPENED)], start="2026-03-01T23:00Z")
    world.hears("bed", occupancy="vacant")
    world.outage(minutes=5)
    world.state = decode_state(encode_state(world.state))
    world.hears("front-door", contact="open")
    assert opens(world) == ["23:05:00"]


def test_an_edited_rule_takes_over_at_once(story: Story) -> None:
    """The first act is known from the facts; a longer bound counts for what happened before."""
    world = story(rules=[], start="2026-03-01T23:00Z")
    world.hears("bed", occupancy="vacant")
    world.advance(minutes=5)
    world.is_replanned(plan_of([sequence(LEFT, OPENED, within=2 * MINUTE)]))
    world.hears("front-door", contact="open")
    world.hears("front-door", contact="closed")
    world.is_replanned(plan_of([sequence(LEFT, OPENED, within=20 * MINUTE)]))
    world.advance(minutes=5)
    world.hears("front-door", contact="open")
    assert opens(world) == ["23:10:00"]


def test_a_sequence_lasts_no_time(story: Story) -> None:
    """Inside a combination it never holds, and without its acts it is still explained."""
    world = story(rules=[sequence(LEFT, OPENED)])
    view = world.home.view(world.state, world.site)
    (compiled,) = world.home.rules
    assert compiled.condition.holds(view) is None
    assert list(compiled.condition.turns(view)) == []
    assert compiled.condition.reason(view, None, world.at) == (
        "occupancy: vacant at bed, then contact: open at front-door"
    )
