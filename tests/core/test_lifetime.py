"""How long a finding is one alert: splits, at most so many a day, cooldowns, and rules on trial."""

from typing import Any

import pytest

from telecared.core.plan import Clear, Rule
from telecared.core.state import MAX_OPEN_ALERTS, decode_state, encode_state
from telecared.core.vocabulary import DAY, HOUR, MINUTE, SECOND, Mode, Priority
from telecared.core.when import HeldFor, InactiveFor, ReadingIs, Silent
from tests.core.conftest import Story
from tests.core.world import World, plan_of

PRESSED = ReadingIs(property="trigger", values=("pressed",))
OPEN = HeldFor(property="contact", values=("open",), duration=10 * MINUTE)


def rule(**changes: Any) -> Rule:  # noqa: ANN401 - any field of a rule
    """A press on the pendant, as a matter for the morning."""
    fields: dict[str, Any] = {"name": "call", "when": PRESSED, "priority": Priority.ROUTINE}
    return Rule(**{**fields, **changes})


def presses(world: World, *, after: int = 0) -> None:
    """The pendant is pressed; this story is not about who is told."""
    world.advance(seconds=after // SECOND)
    world.hears("pendant", trigger="pressed")
    world.forget_messages()


def updates(world: World) -> list[str]:
    """What the record says beside openings and repeats."""
    return [line.reason for line in world.records("alert.updated")]


# --- splits -------------------------------------------------------------------------------------


@pytest.mark.parametrize("priority", [Priority.ROUTINE, Priority.LIFE_SAFETY, Priority.TECHNICAL])
def test_a_repeat_long_after_the_last_is_an_alert_of_its_own(
    story: Story, priority: Priority
) -> None:
    """Measured from the last repeat, although the older is unresolved."""
    world = story(rules=[rule(priority=priority, split_after=2 * HOUR)])
    for after in (0, 90 * MINUTE, 90 * MINUTE, 2 * HOUR, MINUTE):
        presses(world, after=after)
    assert world.opened() == [("08:00:00", "call"), ("13:00:00", "call")]
    assert [alert.repeats for alert in world.state.alerts.values()] == [2, 1]


def test_without_it_repeats_join_for_ever(story: Story) -> None:
    """One alert until somebody has resolved it."""
    world = story(rules=[rule()])
    presses(world)
    presses(world, after=2 * DAY)
    assert world.alert().repeats == 1
    world.forget_messages()


def test_while_somebody_holds_the_older_the_newer_is_told(story: Story) -> None:
    """It is an alert of its own."""
    world = story(rules=[rule(split_after=HOUR)])
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.accepts("ben", lease=DAY)
    world.expect_sms("ben", "Thank you")
    world.advance(hours=2)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben", "call at")


def test_a_recovery_ends_every_alert_of_the_finding(story: Story) -> None:
    """What has ended has ended for the older too; what needs a person still does."""
    for priority, left in ((Priority.ROUTINE, []), (Priority.URGENT, [1, 2])):
        door = ReadingIs(property="contact", values=("open",))
        stays = rule(when=door, split_after=HOUR, priority=priority, clear=Clear(kind="person"))
        world = story(rules=[stays])
        world.hears("front-door", contact="open")
        world.hears("front-door", contact="closed")
        world.advance(hours=2)
        world.hears("front-door", contact="open")
        assert list(world.state.alerts) == [1, 2]
        world.is_replanned(plan_of([rule(when=door, split_after=HOUR, priority=priority)]))
        world.hears("front-door", contact="closed")
        assert list(world.state.alerts) == left
        world.forget_messages()


def test_after_the_newer_is_resolved_repeats_join_the_older(story: Story) -> None:
    """It is still there: nothing is opened beside it before the time is over."""
    world = story(rules=[rule(split_after=HOUR)])
    presses(world)
    presses(world, after=HOUR)
    world.resolves("Ben Hall", alert=2)
    presses(world, after=MINUTE)
    assert [(n, alert.repeats) for n, alert in world.state.alerts.items()] == [(1, 1)]
    world.resolves("Ben Hall", alert=1)
    presses(world, after=MINUTE)
    assert list(world.state.alerts) == [3]


def test_the_older_may_be_resolved_first(story: Story) -> None:
    """The newer stays as it is."""
    world = story(rules=[rule(split_after=HOUR)])
    presses(world)
    presses(world, after=HOUR)
    world.resolves("Ben Hall", alert=1)
    presses(world, after=MINUTE)
    assert world.alert(2).repeats == 1
    world.forget_messages()


def test_a_door_that_opens_again_at_night_is_an_alert_of_its_own(story: Story) -> None:
    """A stretch of its own, long after the first one was found, with the first unresolved."""
    world = story(rules=[rule(when=OPEN, priority=Priority.URGENT, split_after=2 * HOUR)])
    world.hears("front-door", contact="open")
    world.advance(minutes=20)
    world.hears("front-door", contact="closed")
    world.advance(hours=4)
    world.hears("front-door", contact="open")
    world.advance(minutes=20)
    world.forget_messages()
    assert [at for at, _ in world.opened()] == ["08:10:00", "12:30:00"]


def test_a_door_that_soon_opens_again_is_told_when_it_stays_open(story: Story) -> None:
    """Within the time it is the same matter; what still lasts after it is not."""
    world = story(rules=[rule(when=OPEN, priority=Priority.URGENT, split_after=2 * HOUR)])
    world.hears("front-door", contact="open")
    world.advance(minutes=20)
    world.hears("front-door", contact="closed")
    world.hears("front-door", contact="open")
    world.advance(hours=5)
    world.forget_messages()
    assert [at for at, _ in world.opened()] == ["08:10:00", "10:10:00"]


def test_silence_and_stillness_split_too(story: Story) -> None:
    """Every stretch of its own, also where the whole home or one device is silent."""
    still = rule(name="still", when=InactiveFor(duration=HOUR, of=("motion",)),
                 priority=Priority.URGENT, split_after=2 * HOUR)  # fmt: skip
    dead = rule(name="dead", when=Silent(at=("unit",), duration=HOUR), split_after=2 * HOUR,
                priority=Priority.URGENT)  # fmt: skip
    world = story(rules=[still, dead])
    world.advance(hours=2)
    world.hears("unit", heartbeat="seen")
    world.hears("hall-pir", motion="detected")
    world.advance(hours=3)
    world.forget_messages()
    assert world.opened() == [
        ("09:00:00", "dead"), ("09:00:00", "still"), ("11:00:00", "dead"), ("11:00:00", "still"),
    ]  # fmt: skip


def test_the_limit_of_open_alerts_holds_for_splits(story: Story) -> None:
    """With very many open a repeat joins its own older alert."""
    world = story(rules=[rule(split_after=MINUTE)])
    for _ in range(MAX_OPEN_ALERTS + 2):
        presses(world, after=MINUTE)
    assert len(world.state.alerts) == MAX_OPEN_ALERTS
    assert world.alert(MAX_OPEN_ALERTS).repeats == 2
    assert world.state.findings["call|pendant"].alert == MAX_OPEN_ALERTS
    world.forget_messages()


# --- at most so many a day ----------------------------------------------------------------------


def test_more_than_the_day_holds_is_on_record_only(story: Story) -> None:
    """Once for each finding; on the next local day it opens again."""
    world = story(rules=[rule(max_per_day=2)], start="2026-07-01T08:00Z")
    for n in range(1, 6):
        presses(world, after=HOUR)
        if n < 3:
            world.resolves("Ben Hall", alert=n)
    assert len(world.opened()) == 2
    told = "its 2 alerts of the day are opened: pendant told trigger: pressed"
    assert updates(world) == [told]
    world.until("2026-07-01T22:59Z")
    presses(world)
    assert updates(world) == [told]
    presses(world, after=MINUTE)
    assert len(world.opened()) == 3
    assert world.state.opened_today == {"call": ("2026-07-02", 1)}
    world.forget_messages()


def test_what_lasts_beyond_midnight_is_an_alert_of_the_new_day(story: Story) -> None:
    """The door is still open when the day changes, by the home's own clock."""
    door = rule(when=OPEN, max_per_day=1)
    world = story(rules=[door], start="2026-07-01T20:00Z")
    world.hears("front-door", contact="open")
    world.advance(minutes=15)
    world.hears("front-door", contact="closed")
    world.hears("front-door", contact="open")
    world.state = decode_state(encode_state(world.state))
    world.advance(hours=5)
    world.forget_messages()
    assert [at for at, _ in world.opened()] == ["21:10:00", "00:00:00"]
    assert updates(world) == [
        "its 1 alerts of the day are opened: front-door (hall) has been contact: open for 10m"
    ]


def test_repeats_are_no_alerts_of_the_day(story: Story) -> None:
    """They join the one that is open; a split beyond the day joins it as well."""
    world = story(rules=[rule(max_per_day=1, split_after=HOUR)])
    for _ in range(3):
        presses(world, after=HOUR)
    assert world.alert().repeats == 2
    assert updates(world) == []
    world.forget_messages()


def test_each_rule_counts_for_itself(story: Story) -> None:
    """Of yesterday nothing is kept."""
    other = rule(name="other", when=ReadingIs(property="motion", values=("detected",)),
                 max_per_day=5)  # fmt: skip
    world = story(rules=[rule(max_per_day=1), other])
    presses(world)
    world.hears("hall-pir", motion="detected")
    assert world.state.opened_today == {"call": ("2026-03-01", 1), "other": ("2026-03-01", 1)}
    world.advance(days=1)
    world.hears("kitchen-pir", motion="detected")
    assert world.state.opened_today == {"other": ("2026-03-02", 1)}
    world.forget_messages()


@pytest.mark.parametrize("priority", [Priority.URGENT, Priority.TECHNICAL, Priority.LIFE_SAFETY])
def test_only_what_is_routine_has_its_fill(story: Story, priority: Priority) -> None:
    """A cap never mutes what is more than routine, whatever a plan says."""
    world = story(rules=[rule(max_per_day=1, priority=priority)])
    for n in (1, 2, 3):
        presses(world, after=MINUTE)
        world.resolves("Ben Hall", alert=n)
    assert len(world.opened()) == 3
    world.forget_messages()


# --- cooldown, and rules on trial ---------------------------------------------------------------


def test_a_cooldown_and_a_split_do_not_hide_each_other(story: Story) -> None:
    """While the newer one's cooldown runs, a repeat joins the older, however late."""
    world = story(rules=[rule(split_after=HOUR, cooldown=3 * HOUR)])
    presses(world)
    presses(world, after=HOUR)
    world.resolves("Ben Hall", alert=2)
    presses(world, after=2 * HOUR)
    assert list(world.state.alerts) == [1]
    assert world.alert().repeats == 1
    world.resolves("Ben Hall", alert=1)
    presses(world, after=HOUR)
    assert updates(world) == ["within its cooldown: pendant told trigger: pressed"]
    world.forget_messages()


def test_a_rule_on_trial_splits_and_has_its_fill_beside_the_live_one(story: Story) -> None:
    """What it would do is shown; the live rule does not notice."""
    trial = rule(name="trial", mode=Mode.WATCH, split_after=HOUR, max_per_day=2)
    world = story(rules=[rule(), trial])
    for _ in range(4):
        presses(world, after=2 * HOUR)
    watched = [alert for alert in world.state.alerts.values() if alert.watch]
    assert [(alert.n, alert.repeats) for alert in watched] == [(2, 0), (3, 2)]
    assert world.alert(1).repeats == 3
    world.forget_messages()


def test_looking_more_often_decides_nothing_else(story: Story) -> None:
    """Promise P9: over two midnights, with a split and a cap."""
    rules = [rule(when=OPEN, max_per_day=2, split_after=HOUR), rule(name="other")]
    worlds = [story(rules=rules) for _ in range(2)]
    for often, world in zip((True, False), worlds, strict=True):
        for hours in (1, 3, 2, 12, 1, 20, 3):
            world.hears("front-door", contact="open")
            for _ in range(9 if often else 0):
                world.advance(minutes=hours * 6)
            world.until_instant(world.at + hours * (6 if often else 60) * MINUTE)
            world.hears("front-door", contact="closed")
    assert worlds[0].effects == worlds[1].effects
    assert encode_state(worlds[0].state) == encode_state(worlds[1].state)
    assert len(worlds[0].opened()) > 3
    for world in worlds:
        world.forget_messages()
