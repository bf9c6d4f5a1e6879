"""Conditions that are joined, in time: windows, silence, outages, edits, and what goes on."""

import pytest

from telecared.core.events import Ticked
from telecared.core.plan import Clear, Downtime
from telecared.core.site import LinkDown, LinkDrained, LinkUp
from telecared.core.state import decode_state, encode_state
from telecared.core.vocabulary import HOUR, MINUTE
from telecared.core.when import (
    Compare,
    DateRange,
    HeldFor,
    ReadingIs,
    Window,
)
from tests.core.conftest import Story
from tests.core.test_combined import (
    COLD,
    DEAD,
    HOME,
    NIGHT,
    OPEN,
    PRESSED,
    QUIET,
    begins,
    either,
    every,
    never,
    opens,
    over,
    reason,
    rule,
)
from tests.core.world import World, plan_of, record_of

# --- time -------------------------------------------------------------------------------------


def test_only_the_night_counts(story: Story) -> None:
    """From ten o'clock, and again the next night after somebody has looked after it."""
    world = begins(story, every(OPEN, COLD, minutes=5, between=NIGHT))
    world.hears("hall-t", temperature=12.0)
    world.hears("front-door", contact="open")
    world.advance(hours=20)
    world.resolves("An Operator")
    world.advance(hours=24)
    assert opens(world) == ["22:05:00", "04:05:00"]


def test_windows_of_the_parts_are_looked_at_when_they_open_and_close(story: Story) -> None:
    """Open between ten and six, or cold between six and eight."""
    by_night = ReadingIs(property="contact", values=("open",), between=NIGHT)
    early = Compare(property="temperature", below=16.0, between=(Window(start=6 * 60, end=8 * 60),))
    world = begins(story, either(by_night, early))
    world.hears("hall-t", temperature=12.0)
    world.advance(minutes=1)
    world.hears("front-door", contact="open")
    world.advance(days=1)
    assert opens(world) == ["22:00:00"]
    (line,) = world.records("alert.resolved")
    assert (line.at - world.at) // MINUTE == -1


def test_a_device_that_is_heard_again_ends_it_at_once(story: Story) -> None:
    """The unit is silent and the home is cold: three misses of a quarter of an hour."""
    world = begins(story, every(DEAD, COLD))
    world.hears("hall-t", temperature=12.0)
    world.advance(minutes=20)
    world.hears("unit", heartbeat="seen")
    world.advance(hours=2)
    assert opens(world) == ["09:05:00"]
    assert reason(world).startswith("unit has sent nothing for 45m; last heard at 08:20, and")
    world.hears("unit", link="online", retained=True)
    assert over(world) == []
    world.hears("unit")
    assert over(world) == ["recovered: it has not gone on"]
    world.advance(minutes=45)
    assert opens(world) == ["09:05:00", "11:05:00"]


@pytest.mark.parametrize(
    ("downtime", "opened"), [("count", "09:30:00"), ("pause", "09:50:00"), ("grace", "09:50:00")]
)
def test_an_outage_means_what_the_rule_says(story: Story, downtime: str, opened: str) -> None:
    """An hour of silence, then half an hour together, and twenty minutes without a link."""
    when = every(OPEN, QUIET, minutes=30)
    rule_ = rule(when, downtime=Downtime(kind=downtime, grace=20 * MINUTE))
    world = story(rules=[rule_], record=HOME)
    world.hears("front-door", contact="open")
    world.advance(minutes=40 if downtime != "grace" else 70)
    world.outage(minutes=20)
    world.advance(hours=2)
    assert opens(world)[0] == opened


def test_proof_of_life_is_read_before_absence_is_judged(story: Story) -> None:
    """What the broker had kept says that somebody moved: nothing was quiet."""
    world = begins(story, every(OPEN, QUIET))
    world.hears("front-door", contact="open")
    moved = world.at + 50 * MINUTE
    with_the_backlog(world, minutes=100)
    world.hears("kitchen-pir", motion="detected", stamp=moved)
    drained(world)
    assert opens(world) == []
    world.advance(hours=2)
    assert opens(world) == ["09:50:00"]


def with_the_backlog(world: World, *, minutes: int) -> None:
    """The link was lost for a while; what the broker kept is still to come."""
    world.site_hears(LinkDown(at=world.at))
    world.advance(minutes=minutes)
    world.site_hears(LinkUp(at=world.at, resumed=True, protocol=4))


def drained(world: World) -> None:
    """All that the broker had kept has come."""
    world.site_hears(LinkDrained(at=world.at, canary=True))


@pytest.mark.parametrize("moves", [True, False])
def test_a_press_waits_until_absence_can_be_judged(story: Story, moves: bool) -> None:
    """Pressed while nobody seems to move: told once it is known that nobody did."""
    world = begins(story, every(PRESSED, QUIET))
    with_the_backlog(world, minutes=100)
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=1)
    if moves:
        world.hears("kitchen-pir", motion="detected", stamp=world.at - 5 * MINUTE)
    assert opens(world) == []
    world.state = decode_state(encode_state(world.state))
    drained(world)
    assert opens(world) == ([] if moves else ["09:41:00"])
    world.advance(hours=4)
    world.hears("kitchen-pir", motion="clear")
    world.resolves("An Operator")
    world.advance(hours=4)
    assert len(opens(world)) == (0 if moves else 1)


def test_a_press_that_needs_no_absence_never_waits(story: Story) -> None:
    """Any of a press and silence: the press is told during the outage's end."""
    world = begins(story, either(PRESSED, DEAD))
    with_the_backlog(world, minutes=30)
    world.hears("pendant", trigger="pressed")
    world.hears("unit", heartbeat="seen")
    assert opens(world) == ["08:30:00"]
    drained(world)
    assert opens(world) == ["08:30:00"]


def test_an_edited_combination_takes_over_from_the_facts(story: Story) -> None:
    """Open since 08:00 and cold since 08:20: fifteen minutes are over when the rule changes."""
    world = begins(story, every(OPEN, COLD, minutes=60))
    world.hears("front-door", contact="open")
    world.advance(minutes=20)
    world.hears("hall-t", temperature=12.0)
    world.advance(minutes=20)
    world.is_replanned(plan_of([rule(every(OPEN, COLD, minutes=15))]))
    assert opens(world) == ["08:40:00"]
    colder = Compare(property="temperature", below=5.0)
    world.is_replanned(plan_of([rule(every(OPEN, colder))]))
    assert over(world) == ["recovered: it has not gone on"]
    assert len(world.state.traces) == 2


def test_a_device_that_is_taken_away_no_longer_counts(story: Story) -> None:
    """The thermometer is gone: nothing says that it is cold."""
    world = begins(story, every(OPEN, COLD))
    world.hears("front-door", contact="open")
    world.hears("hall-t", temperature=12.0)
    assert opens(world) == ["08:00:00"]
    world.advance(minutes=1)
    world.is_replanned(record=record_of())
    assert over(world) == ["recovered: it has not gone on"]


def test_a_person_may_be_asked_for(story: Story) -> None:
    """`clear: person`: that it no longer holds is not enough."""
    world = begins(story, every(OPEN, COLD), clear=Clear(kind="person"))
    world.hears("front-door", contact="open")
    world.hears("hall-t", temperature=12.0)
    world.hears("hall-t", temperature=20.0)
    assert opens(world) == ["08:00:00"]
    assert over(world) == []


def test_what_goes_on_after_a_resolve_is_told_again(story: Story) -> None:
    """Not in the same instant, or nobody could ever resolve it."""
    world = begins(story, every(OPEN, COLD))
    world.hears("front-door", contact="open")
    world.hears("hall-t", temperature=12.0)
    world.advance(minutes=3)
    world.resolves("An Operator")
    world.advance(minutes=30)
    assert opens(world) == ["08:00:00", "08:13:00"]


def test_a_year_of_looks_is_no_loop(story: Story) -> None:
    """Windows open and close for months in one step, and nothing is found."""
    by_night = ReadingIs(property="contact", values=("open",), between=NIGHT)
    world = begins(story, every(by_night, never(by_night)))
    world.hears("front-door", contact="open")
    world.happens(Ticked(at=world.at + 120 * 24 * HOUR))
    assert opens(world) == []


def test_windows_that_touch_are_one_and_days_that_are_over_are_none(story: Story) -> None:
    """Open for three hours across midnight, on one evening of the calendar only."""
    once = (DateRange(first="2026-03-01", last="2026-03-01"),)
    evening = Window(start=22 * 60, end=0, dates=once)
    morning = Window(start=0, end=6 * 60, dates=(DateRange(first="2026-03-02", last="2026-03-02"),))
    held = HeldFor(
        property="contact", values=("open",), duration=3 * HOUR, between=(evening, morning)
    )
    world = begins(story, every(held, COLD))
    world.hears("hall-t", temperature=12.0)
    world.hears("front-door", contact="open")
    world.advance(days=3)
    assert opens(world) == ["01:00:00"]
    assert over(world) == ["recovered: it has not gone on"]
