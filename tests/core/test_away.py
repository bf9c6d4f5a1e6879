"""Whether somebody is at home, by doors and silence: who is out, who came back, what that explains.

Also the finding that somebody moves where nobody should be.
"""

import pytest

from telecared.core.gaps import MAX_GAPS
from telecared.core.plan import Absence, HomeRecord, Rule
from telecared.core.state import Outing
from telecared.core.vocabulary import HOUR, MINUTE, DeviceKind, Priority
from telecared.core.when import HeldFor, InactiveFor, ReadingIs
from tests.core.conftest import Story
from tests.core.world import DEVICES, World, device, instant, plan_of, record_of

QUIET = Rule(
    name="no-movement",
    when=InactiveFor(duration=4 * HOUR, of=("motion",)),
    unless=(Absence.AWAY,),
)


def out_and_in(world: World) -> list[tuple[str, str]]:
    """(from, until) of every gap that is remembered, by the clock."""
    shown = []
    for gap in world.state.gaps:
        assert (gap.kind, gap.declared, gap.why) == (
            Absence.AWAY,
            False,
            "front-door, then silence",
        )
        shown.append((clock(world, gap.since), clock(world, gap.until)))
    return shown


def clock(world: World, at: int) -> str:
    """A time of the story's day, UTC."""
    minutes = (at - instant("2026-03-01T00:00Z")) // MINUTE
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def goes_through(world: World, name: str = "front-door") -> None:
    """Somebody opens a door and closes it after half a minute."""
    world.hears(name, contact="open")
    world.advance(seconds=30)
    world.hears(name, contact="closed")


def at_home(story: Story, *rules: Rule, **more: object) -> World:
    """Somebody who was seen moving at eight, in a home whose door is known to be closed."""
    world = story(rules=rules or (QUIET,), **more)
    world.hears("front-door", contact="closed")
    world.advance(minutes=5)
    world.hears("hall-pir", motion="detected")
    world.advance(seconds=30)
    world.hears("hall-pir", motion="clear")
    return world


def test_whoever_went_out_is_not_missed_until_hours_after_coming_back(story: Story) -> None:
    """Out from nine to two: the four hours stand still meanwhile, and go on from two."""
    world = at_home(story)
    world.until("2026-03-01T09:00Z")
    goes_through(world)
    world.until("2026-03-01T14:00Z")
    assert world.opened() == []
    goes_through(world)
    world.until("2026-03-01T16:00Z")
    world.hears("hall-pir", motion="detected")
    world.until("2026-03-01T21:00Z")
    assert world.opened() == [("20:00:00", "no-movement")]
    assert out_and_in(world) == [("09:00", "14:00")]
    world.forget_messages()


def test_a_sign_of_life_says_at_once_that_somebody_is_in(story: Story) -> None:
    """A visitor leaves at nine, the resident moves at half past: four hours count from there."""
    world = at_home(story)
    world.until("2026-03-01T09:00Z")
    goes_through(world)
    assert world.state.outing.out_since
    world.until("2026-03-01T09:30Z")
    world.hears("kitchen-pir", motion="detected")
    assert not world.state.outing.out_since
    world.until("2026-03-01T14:00Z")
    assert world.opened() == [("13:30:00", "no-movement")]
    assert out_and_in(world) == [("09:00", "09:30")]
    world.forget_messages()


def test_an_outing_explains_eight_hours_of_silence_and_no_more(story: Story) -> None:
    """Nobody's silence is explained by a guess without end."""
    world = at_home(story)
    world.until("2026-03-01T09:00Z")
    goes_through(world)
    world.until("2026-03-01T23:00Z")
    # Four hours from 08:05, of which the eight hours from 09:00:30 do not count.
    assert world.opened() == [("20:05:00", "no-movement")]
    world.until("2026-03-01T23:30Z")
    world.hears("hall-pir", motion="detected")
    assert out_and_in(world) == [("09:00", "17:00")]
    world.forget_messages()


def test_coming_back_within_a_passage_of_the_door_is_still_leaving(story: Story) -> None:
    """The door opens, the hall sees somebody walk to it, the door closes: they are out."""
    world = at_home(story)
    world.hears("front-door", contact="open")
    world.advance(seconds=5)
    world.hears("kitchen-pir", motion="detected")
    assert not world.state.outing.out_since
    world.advance(seconds=20)
    world.hears("front-door", contact="closed")
    assert world.state.outing.out_since == world.at


def test_who_comes_in_and_closes_the_door_is_in(story: Story) -> None:
    """The second passage is coming in, with both of its acts."""
    world = at_home(story)
    goes_through(world)
    world.advance(hours=1)
    goes_through(world)
    world.advance(minutes=1)
    world.hears("front-door", contact="open")
    assert world.state.outing == Outing(door_at=world.at)
    world.advance(minutes=5)
    world.hears("front-door", contact="closed")
    assert world.state.outing == Outing(door_at=world.at)
    world.advance(minutes=10)
    goes_through(world)
    assert world.state.outing.out_since == world.at


def test_who_was_out_for_a_minute_is_in_again(story: Story) -> None:
    """To the bins and back, and then nothing: that is missed after four hours, not after twelve."""
    world = at_home(story)
    goes_through(world)
    world.advance(minutes=1)
    goes_through(world)
    assert not world.state.outing.out_since
    world.advance(hours=4)
    world.forget_messages()
    assert [rule for _, rule in world.opened()] == [QUIET.name]


def test_a_door_that_moves_while_somebody_lies_in_bed_means_nothing(story: Story) -> None:
    """The carer has left; the resident is in bed, and is missed when not up in time."""
    world = at_home(story)
    world.hears("bed", occupancy="occupied")
    world.advance(minutes=5)
    goes_through(world)
    assert not world.state.outing.out_since
    world.hears("bed", occupancy="vacant")
    world.advance(minutes=5)
    goes_through(world)
    assert world.state.outing.out_since


def test_a_room_radar_that_has_not_let_go_yet_keeps_nobody_in(story: Story) -> None:
    """Only a bed or a chair shows that somebody has stayed."""
    radar = device("radar", DeviceKind.OCCUPANCY_DETECTOR, "hall")
    world = at_home(story, record=record_of(devices=(*DEVICES, radar)))
    world.hears("radar", occupancy="occupied")
    world.advance(minutes=1)
    goes_through(world)
    assert world.state.outing.out_since


def test_a_door_that_is_told_late_does_not_undo_what_was_seen_since(story: Story) -> None:
    """The door's word of nine comes at ten past, after the motion of five past."""
    world = at_home(story)
    world.until("2026-03-01T09:05Z")
    world.hears("hall-pir", motion="detected")
    world.until("2026-03-01T09:10Z")
    world.hears("front-door", contact="open", stamp=instant("2026-03-01T09:00Z"))
    assert not world.state.outing.out_since
    world.hears("front-door", contact="closed", stamp=instant("2026-03-01T08:50Z"))
    assert world.state.outing.door_at == instant("2026-03-01T09:00Z")


def test_motion_from_before_the_door_is_no_sign_that_somebody_is_in(story: Story) -> None:
    """What is told late of the time before they left leaves them out."""
    world = at_home(story)
    world.until("2026-03-01T09:00Z")
    goes_through(world)
    world.advance(minutes=5)
    world.hears("kitchen-pir", motion="detected", stamp=instant("2026-03-01T08:58Z"))
    assert world.state.outing.out_since


def test_another_door_that_is_told_late_changes_nothing(story: Story) -> None:
    """Of two doors the later act counts, whichever is told first."""
    back = device("back-door", DeviceKind.DOOR_SENSOR)
    world = at_home(story, record=record_of(devices=(*DEVICES, back)))
    world.hears("back-door", contact="closed")
    world.until("2026-03-01T09:00Z")
    goes_through(world)
    before = world.state.outing
    world.advance(minutes=1)
    world.hears("back-door", contact="open", stamp=instant("2026-03-01T08:55Z"))
    assert world.state.outing == before


def test_a_door_that_says_that_it_is_closed_for_the_first_time_was_not_used(story: Story) -> None:
    """Nor one that the broker had kept, nor one that sends its battery."""
    world = story(rules=[QUIET])
    world.hears("front-door", contact="open", retained=True)
    world.hears("front-door", battery=80.0)
    assert world.state.outing == Outing()
    fresh = story(rules=[QUIET])
    fresh.hears("front-door", contact="closed")
    assert fresh.state.outing == Outing()


@pytest.mark.parametrize(
    ("rule", "record"),
    [
        (Rule(name="q", when=QUIET.when), record_of()),
        (Rule(name="q", when=QUIET.when, priority=Priority.TECHNICAL), record_of()),
        (QUIET, record_of(exits=("garden-gate",))),
        (QUIET, record_of(exits=("hall-pir",))),
    ],
    ids=["no rule asks", "only about maintenance", "no such door", "no door at all"],
)
def test_where_nobody_asks_or_no_door_tells_nothing_is_kept(
    story: Story, rule: Rule, record: HomeRecord
) -> None:
    """Homes without a rule that asks, or without an exit, pay nothing for it."""
    world = story(rules=[rule], record=record)
    world.hears("front-door", contact="open")
    world.hears("front-door", contact="closed")
    assert world.state.outing == Outing()


def test_an_exit_may_be_named_by_its_place(story: Story) -> None:
    """The hall holds a door and a motion sensor: only the door is an exit."""
    world = at_home(story, record=record_of(exits=("hall",)))
    goes_through(world)
    assert world.state.outing.device == "front-door"


def test_a_door_that_is_no_exit_any_more_says_nothing_any_more(story: Story) -> None:
    """A new record of the home, or rules that no longer ask, begin anew."""
    world = at_home(story)
    goes_through(world)
    world.is_replanned(plan_of([QUIET]))
    assert world.state.outing.out_since
    world.is_replanned(record=record_of(exits=("back-door",)))
    assert world.state.outing == Outing()
    world.is_replanned(record=record_of(exits=("entrance", "front-door")))
    world.advance(minutes=10)
    goes_through(world)
    back = device("back-door", DeviceKind.DOOR_SENSOR)
    world.is_replanned(record=record_of(devices=(*DEVICES, back), exits=("back-door",)))
    assert world.state.outing == Outing()


def test_a_count_that_was_full_between_two_acts_of_a_passage_is_told(story: Story) -> None:
    """Out since the last act: what was due a moment before it is due, whoever looked meanwhile."""
    rule = Rule(
        name="lamp",
        when=HeldFor(property="appliance", values=("on",), duration=10 * MINUTE),
        unless=(Absence.AWAY,),
    )
    lamp = device("lamp", DeviceKind.APPLIANCE_MONITOR)
    told = []
    for looks in (False, True):
        world = story(rules=[rule], record=record_of(devices=(*DEVICES, lamp)))
        world.hears("lamp", appliance="on")
        world.advance(minutes=9, seconds=50)
        world.hears("front-door", contact="open")
        if looks:
            world.advance(seconds=20)
        else:
            world.at += 20_000_000
        world.hears("front-door", contact="closed")
        told.append(world.opened())
        world.forget_messages()
    assert told == [[("08:10:10", "lamp")], [("08:10:10", "lamp")]]


def test_only_so_many_outings_are_remembered(story: Story) -> None:
    """The oldest are forgotten first, and one without length is none."""
    world = at_home(story)
    for _ in range(MAX_GAPS + 3):
        world.advance(minutes=5)
        goes_through(world)
        world.advance(minutes=5)
        world.hears("kitchen-pir", motion="detected")
        world.hears("kitchen-pir", motion="clear")
    assert len(world.state.gaps) == MAX_GAPS
    assert all(gap.until > gap.since for gap in world.state.gaps)
    world.forget_messages()


def test_an_edge_while_everybody_is_out_is_held_back_and_says_why(story: Story) -> None:
    """The sentence names the door and the time."""
    rule = Rule(
        name="kettle",
        when=ReadingIs(property="water", values=("wet",)),
        unless=(Absence.AWAY,),
    )
    flood = device("flood", DeviceKind.FLOOD_DETECTOR, "kitchen")
    world = story(
        rules=[rule], record=record_of(devices=(*DEVICES, flood)), start="2026-03-01T13:03:30Z"
    )
    goes_through(world)
    world.advance(minutes=20)
    world.hears("flood", water="wet")
    (line,) = world.records("alert.updated")
    assert line.reason == (
        "held back: nobody is at home since 13:04 (front-door, then silence);"
        " flood (kitchen) told water: wet"
    )
    assert world.opened() == []


# --- where nobody should be ---------------------------------------------------------------------
