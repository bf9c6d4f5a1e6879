"""Doors that lie: what a wrong guess about who is at home may cost, and never more than that.

Whoever is out is a guess of at most eight hours; what a rule says about silence comes on top.
"""

import pytest

from telecared.core.plan import Absence, Rule
from telecared.core.vocabulary import HOUR, MINUTE, DeviceKind, Priority, SuspensionKind
from telecared.core.when import HeldFor, InactiveFor
from tests.core.conftest import Story
from tests.core.stating import ends, silences, suspends
from tests.core.test_away import at_home, goes_through
from tests.core.world import DEVICES, device, instant, plan_of, record_of

LIMIT = 4 * HOUR
QUIET = Rule(
    name="no-movement", when=InactiveFor(duration=LIMIT, of=("motion",)), unless=(Absence.AWAY,)
)
DOORS_TOO = Rule(
    name="no-sign",
    when=InactiveFor(duration=LIMIT, of=("motion", "contact")),
    unless=(Absence.AWAY,),
)
LONG_LIE = Rule(
    name="long-lie",
    when=InactiveFor(duration=LIMIT, of=("motion", "contact")),
    priority=Priority.LIFE_SAFETY,
    unless=(Absence.AWAY,),
)
MOST_GUESSED = 8 * HOUR


@pytest.mark.parametrize("rule", [QUIET, DOORS_TOO])
@pytest.mark.parametrize("out_for", [10 * MINUTE, 3 * HOUR, 10 * HOUR])
def test_who_collapses_in_the_hall_on_coming_home_is_found_in_time(
    story: Story, rule: Rule, out_for: int
) -> None:
    """Nothing from the closing of the door on: found within the rule's own limit."""
    world = at_home(story, rule)
    goes_through(world)
    world.advance(seconds=out_for / 1_000_000)
    goes_through(world)
    home_at = world.at
    world.advance(hours=4)
    opened = [line.at for line in world.records("alert.opened")]
    assert opened
    assert opened[-1] <= home_at + LIMIT
    world.forget_messages()


@pytest.mark.parametrize("rule", [QUIET, DOORS_TOO])
def test_a_carer_who_looks_in_on_somebody_on_the_floor_costs_eight_hours_at_most(
    story: Story, rule: Rule
) -> None:
    """They rang, opened, called and left again: the doors say that everybody is out."""
    world = at_home(story, rule)
    world.advance(hours=1)
    goes_through(world)
    world.advance(minutes=1)
    goes_through(world)
    left_at = world.at
    world.advance(hours=13)
    (opened,) = world.records("alert.opened")
    assert opened.at <= left_at + MOST_GUESSED + LIMIT
    world.forget_messages()


def test_visits_that_the_doors_count_wrongly_do_not_add_up(story: Story) -> None:
    """Whoever rings every nine hours: each guess ends after eight, and what is left counts."""
    world = at_home(story)
    fell_at = world.at
    for _ in range(4):
        goes_through(world)
        world.advance(hours=9)
    opened = world.records("alert.opened")
    assert opened
    # Every second passage is a coming in, after which all of the time counts.
    assert opened[0].at <= fell_at + MOST_GUESSED + LIMIT + HOUR
    world.forget_messages()


@pytest.mark.parametrize("apart", [MINUTE, 3 * MINUTE, 40 * MINUTE])
def test_a_door_sensor_that_chatters_hides_nobody(story: Story, apart: int) -> None:
    """A loose contact, all day: one long passage, or one guess that takes back the other."""
    world = at_home(story)
    fell_at = world.at
    while world.at < fell_at + 12 * HOUR:
        world.hears("front-door", contact="open")
        world.advance(seconds=apart / 1_000_000)
        world.hears("front-door", contact="closed")
        world.advance(seconds=apart / 1_000_000)
    opened = world.records("alert.opened")
    assert opened
    assert opened[0].at <= fell_at + 2 * LIMIT + HOUR
    world.forget_messages()


def test_who_leaves_by_one_door_and_comes_back_by_the_other_is_in(story: Story) -> None:
    """Two exits are one way in and out."""
    back = device("back-door", DeviceKind.DOOR_SENSOR, "kitchen")
    world = at_home(story, record=record_of(devices=(*DEVICES, back)))
    world.hears("back-door", contact="closed")
    goes_through(world)
    assert world.state.outing.out_since
    world.advance(hours=2)
    goes_through(world, "back-door")
    assert not world.state.outing.out_since
    world.advance(hours=4)
    assert world.opened()
    world.forget_messages()


def test_a_visitor_who_leaves_while_the_resident_naps_leaves_nobody_out(story: Story) -> None:
    """The bed is occupied; when it is left and nothing moves, the count runs at once."""
    world = at_home(story)
    world.hears("bed", occupancy="occupied")
    world.advance(minutes=30)
    goes_through(world)
    assert not world.state.outing.out_since
    world.advance(minutes=30)
    world.hears("bed", occupancy="vacant")
    up_at = world.at
    world.advance(hours=5)
    (opened,) = world.records("alert.opened")
    assert opened.at <= up_at + LIMIT
    world.forget_messages()


def test_a_home_whose_doors_are_no_exits_never_guesses(story: Story) -> None:
    """Nobody said by which door people leave: silence counts."""
    world = at_home(story, record=record_of(exits=("garden-gate",)))
    seen_at = world.at
    goes_through(world)
    world.advance(hours=4)
    (opened,) = world.records("alert.opened")
    assert opened.at <= seen_at + LIMIT
    world.forget_messages()


def test_p6_a_long_lie_is_found_whatever_the_doors_say(story: Story) -> None:
    """An unchecked plan says `unless`: life safety neither pauses nor waits."""
    world = at_home(story, LONG_LIE)
    suspends(world, SuspensionKind.HOSPITAL, days=2)
    goes_through(world)
    left_at = world.at
    world.advance(hours=4)
    opened = {line.rule: line.at for line in world.records("alert.opened")}
    assert opened["long-lie"] == left_at + LIMIT
    world.forget_messages()


# --- what is stated -----------------------------------------------------------------------------


def test_two_stays_that_overlap_end_each_by_itself(story: Story) -> None:
    """From the hospital to the daughter's: the silence of both is explained, no minute twice."""
    world = story(rules=[QUIET], record=record_of(exits=()))
    world.hears("hall-pir", motion="detected")
    suspends(world, SuspensionKind.HOSPITAL, hours=10)
    world.advance(hours=6)
    suspends(world, SuspensionKind.HOLIDAY, hours=10)
    world.advance(hours=4)
    assert [rule for _, rule in world.opened()] == ["suspension-ran-out"]
    assert world.state.forgotten == 1
    world.advance(hours=5, minutes=30)
    assert ends(world).done
    assert world.state.forgotten == 1
    world.advance(hours=4)
    assert [rule for _, rule in world.opened()] == ["suspension-ran-out", "no-movement"]
    assert world.records("alert.opened")[-1].at == instant("2026-03-01T08:00Z") + 19.5 * HOUR
    world.forget_messages()


def test_it_runs_out_on_engine_time_whatever_the_clock_is_put_to(story: Story) -> None:
    """A step of the wall clock lengthens and shortens no stay, and no silence."""
    world = story(rules=[QUIET])
    suspends(world, hours=6)
    world.advance(hours=1)
    world.clock_is_put(-3 * HOUR)
    world.advance(hours=4, minutes=59)
    assert world.state.suspensions
    world.clock_is_put(5 * HOUR)
    assert world.state.suspensions
    world.advance(minutes=1)
    assert world.state.suspensions == {}
    world.forget_messages()


def test_a_stay_that_ran_out_while_nothing_ran_is_counted_once(story: Story) -> None:
    """Stamped with the instant at which it ran out, however late that is noticed."""
    world = story(rules=[QUIET])
    suspends(world, hours=2)
    until = world.at + 2 * HOUR
    world.stopped_for(hours=5)
    world.stopped_for(hours=5)
    (ended,) = world.records("suspension.ended")
    assert (ended.at, world.state.forgotten) == (until, 1)
    world.forget_messages()


def test_a_silence_of_a_rule_that_becomes_life_safety_holds_nothing_back(story: Story) -> None:
    """The rule is edited while it is silenced, and what lasts is told at once."""
    door = Rule(
        name="door",
        when=HeldFor(property="contact", values=("open",), duration=5 * MINUTE),
    )
    world = story(rules=[door])
    assert silences(world, "door", hours=5).done
    world.hears("front-door", contact="open")
    world.advance(minutes=6)
    world.expect_nothing()
    grave = Rule(name="door", when=door.when, priority=Priority.LIFE_SAFETY)
    world.is_replanned(plan_of([grave]))
    world.expect_sms("ben")


def test_a_silence_of_a_rule_that_is_deleted_runs_out_quietly(story: Story) -> None:
    """It holds back nothing any more, and its end is on record."""
    world = story(rules=[QUIET])
    assert silences(world, "no-movement", hours=5).done
    world.is_replanned(plan_of([]))
    world.advance(hours=6)
    assert world.state.silences == {}
    assert len(world.records("silence.ended")) == 1
