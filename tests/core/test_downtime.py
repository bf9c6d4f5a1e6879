"""What came due while the daemon did not run: per rule, marked late by how much, and in what order.

In one home everything is decided in the order of time; which home comes first, and which message
leaves first, goes by danger (`tests/engine/test_downtime.py`).
"""

import pytest

from telecared.core.plan import Downtime, Rule
from telecared.core.vocabulary import HOUR, MINUTE, Duration, Priority
from telecared.core.when import HeldFor, InactiveFor, Window
from tests.core.conftest import Story
from tests.core.world import World, instant

COUNT = Downtime(kind="count")
PAUSE = Downtime(kind="pause")
GRACE = Downtime(kind="grace", grace=30 * MINUTE)


def door(duration: Duration, downtime: Downtime = COUNT) -> Rule:
    """The front door stands open for a time."""
    when = HeldFor(property="contact", values=("open",), duration=duration, at=("front-door",))
    return Rule(name="door", when=when, downtime=downtime)


def silence(downtime: Downtime) -> Rule:
    """Nobody moves for two hours."""
    when = InactiveFor(duration=2 * HOUR, of=("motion",))
    return Rule(name="no-movement", when=when, downtime=downtime)


def told(world: World) -> list[tuple[str | None, int, Duration]]:
    """(rule, when it was due, how late it was decided) of every alert that was opened."""
    world.forget_messages()
    return [(line.rule, line.at, line.late) for line in world.records("alert.opened")]


@pytest.mark.parametrize(
    ("downtime", "due", "late"),
    [
        # The clock ran on: due at nine, told when the daemon starts at half past eleven.
        pytest.param(COUNT, "09:00", 150 * MINUTE, id="count"),
        # Half an hour was over when the daemon stopped, half an hour is left after it starts.
        pytest.param(PAUSE, "12:00", 0, id="pause"),
        # Long over, but half an hour of grace is left after the start.
        pytest.param(GRACE, "12:00", 0, id="grace"),
    ],
)
def test_a_count_over_a_stop_of_the_daemon_is_what_the_rule_says(
    story: Story, downtime: Downtime, due: str, late: Duration
) -> None:
    """A door open from eight for an hour; the daemon stood still from 08:30 to 11:30."""
    world = story(rules=[door(HOUR, downtime)])
    world.hears("front-door", contact="open")
    world.advance(minutes=30)
    world.stopped_for(hours=3)
    world.advance(hours=1)
    assert told(world) == [("door", instant(f"2026-03-01T{due}Z"), late)]


@pytest.mark.parametrize(
    ("downtime", "due", "late"),
    [
        # Silence is judged when the backlog has been read, and says since when it was due.
        pytest.param(COUNT, "11:30", 90 * MINUTE, id="count"),
        pytest.param(PAUSE, "13:00", 0, id="pause"),
        pytest.param(GRACE, "12:00", 0, id="grace"),
    ],
)
def test_silence_over_a_stop_of_the_daemon_is_what_the_rule_says(
    story: Story, downtime: Downtime, due: str, late: Duration
) -> None:
    """Movement at eight, two hours of silence wanted; down from 08:30 to 11:30."""
    world = story(rules=[silence(downtime)])
    world.hears("hall-pir", motion="detected")
    world.advance(minutes=30)
    world.stopped_for(hours=3)
    world.advance(hours=2)
    assert told(world) == [("no-movement", instant(f"2026-03-01T{due}Z"), late)]


@pytest.mark.parametrize(
    ("downtime", "due"),
    [
        # A level needs no news to hold: while only the link is down, it is told in time.
        pytest.param(COUNT, "09:00", id="count"),
        pytest.param(PAUSE, "12:00", id="pause"),
        pytest.param(GRACE, "12:00", id="grace"),
    ],
)
def test_a_count_over_a_lost_link_is_what_the_rule_says(
    story: Story, downtime: Downtime, due: str
) -> None:
    """The daemon ran, the broker was away from 08:30 to 11:30: nothing is late."""
    world = story(rules=[door(HOUR, downtime)])
    world.hears("front-door", contact="open")
    world.advance(minutes=30)
    world.outage(hours=3)
    world.advance(hours=1)
    assert told(world) == [("door", instant(f"2026-03-01T{due}Z"), 0)]


def test_the_text_says_how_late_it_is(story: Story) -> None:
    """Whoever is told at half past eleven learns that it is two and a half hours old."""
    world = story(rules=[door(HOUR)])
    world.hears("front-door", contact="open")
    world.advance(minutes=30)
    world.stopped_for(hours=3)
    world.expect_sms("ben", says="(late by 2h30m)")


def test_less_than_a_minute_late_is_not_worth_a_word(story: Story) -> None:
    """A restart takes seconds; the record has them, the text does not."""
    world = story(rules=[door(HOUR)])
    world.hears("front-door", contact="open")
    world.advance(minutes=59.5)
    world.stopped_for(minutes=1)
    assert "late" not in world.expect_sms("ben").text
    assert [line.late for line in world.records("alert.opened")] == [30_000_000]


def test_in_one_home_what_is_overdue_is_decided_in_the_order_of_time(story: Story) -> None:
    """Routine at three, life safety at four, both overdue at five: the record keeps their order.

    Each says how late it is, and both are decided in the one turn of the start, so that the
    message about life safety (which leaves first) waits for nothing.
    """
    routine = Rule(
        name="bed-empty",
        when=HeldFor(property="occupancy", values=("vacant",), duration=HOUR),
        priority=Priority.ROUTINE,
    )
    deadly = Rule(
        name="door-at-night",
        when=HeldFor(property="contact", values=("open",), duration=2 * HOUR),
        priority=Priority.LIFE_SAFETY,
    )
    world = story(rules=[routine, deadly], start="2026-03-01T02:00Z")
    world.hears("bed", occupancy="vacant")
    world.hears("front-door", contact="open")
    world.stopped_for(hours=3)
    assert told(world) == [
        ("bed-empty", instant("2026-03-01T03:00Z"), 2 * HOUR),
        ("door-at-night", instant("2026-03-01T04:00Z"), HOUR),
    ]


def test_what_was_due_at_the_same_instant_is_decided_most_dangerous_first(story: Story) -> None:
    """Where time does not say which came first, danger does."""
    names = {"a-routine": Priority.ROUTINE, "z-deadly": Priority.LIFE_SAFETY}
    rules = [
        Rule(
            name=name,
            when=HeldFor(property="contact", values=("open",), duration=HOUR),
            priority=priority,
        )
        for name, priority in names.items()
    ]
    world = story(rules=rules)
    world.hears("front-door", contact="open")
    world.stopped_for(hours=2)
    assert [rule for rule, _, _ in told(world)] == ["z-deadly", "a-routine"]


def test_a_stop_inside_a_window_counts_only_the_window(story: Story) -> None:
    """From ten at night; down from nine to eleven: due at half past ten, half an hour late."""
    when = HeldFor(
        property="contact",
        values=("open",),
        duration=30 * MINUTE,
        between=(Window(start=22 * 60, end=6 * 60),),
    )
    world = story(rules=[Rule(name="door", when=when)], start="2026-03-01T21:00Z")
    world.hears("front-door", contact="open")
    world.stopped_for(hours=2)
    assert told(world) == [("door", instant("2026-03-01T22:30Z"), 30 * MINUTE)]
