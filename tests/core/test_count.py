"""An act that happens too often within a time: how it is met, joined, ended and met again."""

import pytest

from telecared.core.plan import Clear, Rule
from telecared.core.state import decode_state, encode_state
from telecared.core.vocabulary import HOUR, MINUTE, Duration, Priority
from telecared.core.when import Count, ReadingIs, Window
from tests.core.conftest import Story
from tests.core.world import World, plan_of

SEEN = ReadingIs(property="motion", values=("detected",), at=("hall",))
NIGHT = Window(start=22 * 60, end=6 * 60)


def often(
    at_least: int = 3,
    within: Duration = HOUR,
    *,
    of: ReadingIs = SEEN,
    apart: Duration = 0,
    priority: Priority = Priority.ROUTINE,
    **more: object,
) -> Rule:
    """Movement in the hall, so many times."""
    condition = Count(of=of, at_least=at_least, within=within, apart=apart)
    return Rule(name="often", when=condition, priority=priority, **more)  # type: ignore[arg-type] # fields of a rule


def move(world: World, *, then: float = 0, name: str = "hall-pir") -> None:
    """Somebody is seen, and some minutes pass."""
    world.hears(name, motion="detected")
    world.hears(name, motion="clear")
    world.advance(minutes=then)


def opens(world: World) -> list[str]:
    """Local times at which an alert was opened; who was told is another story."""
    world.forget_messages()
    return [at for at, _ in world.opened()]


def closes(world: World) -> list[int]:
    """Minutes after eight in the morning at which an alert was resolved."""
    return [line.at // MINUTE % (24 * 60) - 8 * 60 for line in world.records("alert.resolved")]


def test_the_act_that_makes_it_so_many_is_told(story: Story) -> None:
    """With how often, since when, and who told the last."""
    world = story(rules=[often()])
    for _ in range(3):
        move(world, then=10)
    assert opens(world) == ["08:20:00"]
    assert world.records("alert.opened")[0].reason == (
        "motion: detected 3 times within 1h, first at 08:00, last told by hall-pir (hall) at 08:20"
    )


def test_acts_that_lie_further_apart_than_the_time_are_not_counted_together(story: Story) -> None:
    """Every half hour is never three within the hour."""
    world = story(rules=[often()])
    for _ in range(10):
        move(world, then=30)
    assert opens(world) == []


def test_acts_close_together_are_one(story: Story) -> None:
    """`apart`: ten minutes of movement are one visit."""
    world = story(rules=[often(apart=10 * MINUTE)])
    for _ in range(5):
        move(world, then=4)
    assert opens(world) == []
    world.advance(minutes=4)
    move(world)
    assert opens(world) == ["08:24:00"]


def test_only_acts_inside_the_window_count(story: Story) -> None:
    """Two in the evening and one at night are one at night."""
    of = ReadingIs(property="motion", values=("detected",), between=(NIGHT,))
    world = story(rules=[often(of=of)], start="2026-03-01T21:45Z")
    for _ in range(4):
        move(world, then=10)
    assert opens(world) == []
    move(world)
    assert opens(world) == ["22:25:00"]


def test_acts_of_several_devices_are_one_count_and_one_finding(story: Story) -> None:
    """Whoever tells the next one, it joins."""
    of = ReadingIs(property="motion", values=("detected",))
    world = story(rules=[often(of=of)])
    move(world, then=5)
    move(world, name="kitchen-pir", then=5)
    move(world, then=5)
    move(world, name="kitchen-pir")
    assert opens(world) == ["08:10:00"]
    (line,) = world.records("alert.repeated")
    assert line.reason.startswith("again: motion: detected 4 times within 1h")
    assert world.alert().repeats == 1


def test_it_ends_when_time_has_passed(story: Story) -> None:
    """No message tells it: an hour after the third last it is over."""
    world = story(rules=[often()])
    for _ in range(4):
        move(world, then=5)
    world.forget_messages()
    world.advance(hours=3)
    assert closes(world) == [65]
    assert world.records("alert.resolved")[0].reason == "recovered: it has not gone on"
    world.forget_messages()


def test_what_a_person_must_close_ends_on_the_record_once(story: Story) -> None:
    """An urgent alert stays; that it is over is noted, and noted again after it was met again."""
    world = story(rules=[often(priority=Priority.URGENT)])
    for _ in range(3):
        move(world, then=5)
    world.accepts("ben", lease=20 * HOUR)
    world.advance(hours=5)
    over = [line for line in world.records("alert.updated") if "recovered" in line.reason]
    assert [line.at // MINUTE % (24 * 60) for line in over] == [9 * 60]
    for _ in range(3):
        move(world, then=5)
    world.advance(hours=5)
    over = [line for line in world.records("alert.updated") if "recovered" in line.reason]
    assert len(over) == 2
    assert opens(world) == ["08:10:00"]


def test_a_rule_that_only_a_person_ends_does_not_end_with_time(story: Story) -> None:
    """`clear: person`."""
    world = story(rules=[often(clear=Clear(kind="person"))])
    for _ in range(3):
        move(world, then=5)
    world.advance(hours=5)
    world.forget_messages()
    assert world.alert().key == "often"


def test_acts_before_the_resolve_do_not_count_again(story: Story) -> None:
    """Three more after it."""
    world = story(rules=[often()])
    for _ in range(3):
        move(world, then=1)
    world.resolves("An Operator")
    world.advance(minutes=1)
    move(world, then=1)
    move(world, then=1)
    assert opens(world) == ["08:02:00"]
    move(world)
    assert opens(world) == ["08:02:00", "08:06:00"]


def test_a_cooldown_is_waited_for_while_it_still_holds(story: Story) -> None:
    """Met within the cooldown: told at its end if there are still enough."""
    world = story(rules=[often(cooldown=30 * MINUTE)])
    for _ in range(3):
        move(world, then=1)
    world.resolves("An Operator")
    for _ in range(3):
        world.advance(minutes=5)
        move(world)
    assert opens(world) == ["08:02:00"]
    world.advance(minutes=20)
    assert opens(world) == ["08:02:00", "08:33:00"]

    short = story(rules=[often(within=20 * MINUTE, cooldown=HOUR)])
    for _ in range(3):
        move(short, then=1)
    short.resolves("An Operator")
    for _ in range(3):
        short.advance(minutes=5)
        move(short)
    short.advance(hours=2)
    assert opens(short) == ["08:02:00"]


def test_what_is_told_out_of_order_counts_but_opens_nothing_alone(story: Story) -> None:
    """The next act that is told in order finds all of them."""
    world = story(rules=[often()])
    move(world, then=5)
    move(world, then=5)
    world.hears("hall-pir", motion="clear")
    world.hears("hall-pir", motion="detected", stamp=world.at - 2 * MINUTE)
    assert opens(world) == []
    world.advance(minutes=1)
    move(world)
    assert opens(world) == ["08:11:00"]
    assert "4 times" in world.records("alert.opened")[0].reason
    world.hears("hall-pir", motion="detected", stamp=world.at - MINUTE)
    assert world.records("alert.repeated") == []


def test_life_safety_hears_the_past(story: Story) -> None:
    """Three seizures within the hour, whenever the third is told."""
    of = ReadingIs(property="motion", values=("detected",))
    world = story(rules=[often(of=of, priority=Priority.LIFE_SAFETY)])
    move(world, then=5)
    move(world, then=5)
    world.hears("hall-pir", motion="clear")
    world.hears("hall-pir", motion="detected", stamp=world.at - 2 * MINUTE)
    assert opens(world) == ["08:10:00"]


def test_a_restart_and_an_outage_change_nothing(story: Story) -> None:
    """Acts told before and after make three."""
    world = story(rules=[often()])
    move(world, then=5)
    world.outage(minutes=20)
    move(world, then=5)
    world.state = decode_state(encode_state(world.state))
    move(world)
    assert opens(world) == ["08:30:00"]


def test_an_edited_rule_takes_over_at_once(story: Story) -> None:
    """Fewer are enough now: told without another act. More are needed: it is over."""
    world = story(rules=[often(5)])
    for _ in range(3):
        move(world, then=5)
    world.is_replanned(plan_of([often(3)]))
    assert opens(world) == ["08:15:00"]
    world.is_replanned(plan_of([often(4)]))
    assert closes(world) == [15]
    world.forget_messages()

    new = story(rules=[])
    move(new, then=5)
    new.is_replanned(plan_of([often(2)]))
    move(new)
    assert opens(new) == ["08:05:00"]


def test_what_other_conditions_hear_of_it(story: Story) -> None:
    """Since when there are enough, and until when."""
    world = story(rules=[often(priority=Priority.URGENT)])
    (compiled,) = world.home.rules

    def holds() -> int | None:
        return compiled.condition.holds(world.home.view(world.state, world.site))

    def turns() -> list[int]:
        return list(compiled.condition.turns(world.home.view(world.state, world.site)))

    assert holds() is None
    assert turns() == []
    start = world.at
    for _ in range(5):
        move(world, then=10)
    assert holds() == start + 20 * MINUTE
    assert turns() == [start + 80 * MINUTE]
    world.advance(minutes=30)
    assert holds() is None
    for _ in range(3):
        move(world, then=10)
    assert holds() == start + 100 * MINUTE
    world.forget_messages()


def test_an_act_that_is_one_with_the_last_is_no_repeat(story: Story) -> None:
    """`apart` holds for repeats too."""
    world = story(rules=[often(2, apart=5 * MINUTE)])
    move(world, then=5)
    move(world, then=1)
    move(world)
    assert opens(world) == ["08:05:00"]
    assert world.records("alert.repeated") == []


@pytest.mark.parametrize("retained", [True, False])
def test_what_the_broker_had_kept_is_no_act(story: Story, retained: bool) -> None:
    """It may be a week old."""
    world = story(rules=[often(1)])
    world.hears("hall-pir", motion="detected", retained=retained)
    assert bool(opens(world)) is not retained


def test_a_reason_can_be_given_before_anything_happened(story: Story) -> None:
    """`explain` asks at any time."""
    world = story(rules=[often()])
    (compiled,) = world.home.rules
    view = world.home.view(world.state, world.site)
    assert compiled.condition.reason(view, None, world.at) == (
        "motion: detected at least 3 times within 1h"
    )
