"""Conditions that are joined by all, any and not, what is an act among them, and their reasons."""

import pytest

from telecared.core.conditions.spoken import spoken
from telecared.core.plan import Rule
from telecared.core.state import decode_state, encode_state
from telecared.core.vocabulary import HOUR, MINUTE, DeviceKind, Priority
from telecared.core.when import (
    AllOf,
    AnyOf,
    Area,
    Changes,
    Compare,
    Condition,
    Count,
    Follow,
    Followed,
    Geofence,
    HeldFor,
    InactiveFor,
    NoneOf,
    Not,
    ReadingIs,
    Silent,
    Window,
    Without,
)
from tests.core.conftest import Story
from tests.core.world import DEVICES, World, device, record_of

THERMOMETER = device("hall-t", DeviceKind.TEMPERATURE_SENSOR, "hall")
HOME = record_of(devices=(*DEVICES, THERMOMETER))
NIGHT = (Window(start=22 * 60, end=6 * 60),)

OPEN = ReadingIs(property="contact", values=("open",), at=("front-door",))
VACANT = ReadingIs(property="occupancy", values=("vacant",), at=("bed",))
OCCUPIED = ReadingIs(property="occupancy", values=("occupied",), at=("bed",))
COLD = Compare(property="temperature", below=16.0)
QUIET = InactiveFor(duration=HOUR, of=("motion",))
PRESSED = ReadingIs(property="trigger", values=("pressed",), at=("pendant",))
AREA = Area(centre=(54.0, -1.5), radius=300.0)
DEAD = Silent(at=("unit",), every=15 * MINUTE, misses=2)


def rule(when: Condition, **more: object) -> Rule:
    """A rule about conditions that are joined."""
    return Rule(name="joined", when=when, **{"priority": Priority.ROUTINE, **more})  # type: ignore[arg-type] # fields of a rule


def every(*of: Condition, minutes: int = 0, between: tuple[Window, ...] = ()) -> AllOf:
    """All of them, for some minutes."""
    return AllOf(of=of, duration=minutes * MINUTE, between=between)


def either(*of: Condition, minutes: int = 0, between: tuple[Window, ...] = ()) -> AnyOf:
    """Any of them, for some minutes."""
    return AnyOf(of=of, duration=minutes * MINUTE, between=between)


def never(of: Condition, minutes: int = 0) -> Not:
    """It does not hold, for some minutes."""
    return Not(of=of, duration=minutes * MINUTE)


def begins(story: Story, when: Condition, **more: object) -> World:
    """A home with one rule."""
    return story(rules=[rule(when, **more)], record=HOME)


def opens(world: World) -> list[str]:
    """Local times at which an alert was opened; who was told is another story."""
    world.forget_messages()
    return [at for at, _ in world.opened()]


def reason(world: World) -> str:
    """Why the first alert was opened."""
    return world.records("alert.opened")[0].reason


def over(world: World) -> list[str]:
    """Why alerts ended by themselves."""
    world.forget_messages()
    return [line.reason for line in world.records("alert.resolved")]


# --- all --------------------------------------------------------------------------------------


def test_a_door_open_in_the_cold_is_told_when_both_are_so(story: Story) -> None:
    """In either order, once, with the evidence of both; the first that ends ends it."""
    world = begins(story, every(OPEN, COLD))
    world.hears("hall-t", temperature=12.0)
    world.advance(minutes=10)
    world.hears("front-door", contact="open")
    world.advance(minutes=5)
    world.hears("hall-t", temperature=11.0)
    world.advance(minutes=60)
    assert opens(world) == ["08:10:00"]
    assert reason(world) == (
        "front-door (hall) told contact: open, "
        "and hall-t (hall) told temperature: 12, below 16, since 08:00"
    )
    world.hears("hall-t", temperature=16.0)
    assert over(world) == ["recovered: hall-t told temperature: 16.0"]
    world.hears("hall-t", temperature=12.0)
    assert opens(world) == ["08:10:00", "09:15:00"]


def test_it_must_last_as_long_as_the_rule_says(story: Story) -> None:
    """Five minutes from the moment at which both were so; a pause begins anew."""
    world = begins(story, every(OPEN, COLD, minutes=5))
    world.hears("front-door", contact="open")
    world.advance(minutes=3)
    world.hears("hall-t", temperature=12.0)
    world.advance(minutes=4)
    world.hears("hall-t", temperature=18.0)
    world.advance(minutes=1)
    world.hears("hall-t", temperature=12.0)
    world.advance(minutes=30)
    assert opens(world) == ["08:13:00"]
    assert reason(world).startswith("for 5m: front-door (hall) told contact: open, and hall-t")


def test_a_door_reported_late_counts_from_its_own_time(story: Story) -> None:
    """The hub kept "open" for ten minutes: five of them are over the moment we hear of it."""
    world = begins(story, every(OPEN, COLD, minutes=5))
    world.hears("hall-t", temperature=12.0)
    world.advance(minutes=20)
    world.hears("front-door", contact="open", stamp=world.at - 10 * MINUTE)
    assert opens(world) == ["08:20:00"]


def test_up_at_night_and_nobody_moves(story: Story) -> None:
    """The bed is empty and nothing has moved for an hour: time alone makes it so."""
    world = begins(story, every(VACANT, QUIET), priority=Priority.URGENT)
    world.hears("bed", occupancy="vacant")
    world.hears("hall-pir", motion="detected")
    world.advance(minutes=30)
    world.hears("hall-pir", motion="clear")
    world.hears("kitchen-pir", motion="detected")
    world.advance(hours=3)
    assert opens(world) == ["09:30:00"]
    assert reason(world) == (
        "bed (bedroom) told occupancy: vacant, and no sign of life for 1h; the last was at 08:30"
    )
    world.hears("kitchen-pir", motion="clear")
    world.hears("hall-pir", motion="detected")
    lines = [line.reason for line in world.records("alert.updated")]
    assert lines == ["recovered, still needs a person: hall-pir told motion: detected"]


def test_a_rest_moves_the_moment_at_which_it_is_looked_at(story: Story) -> None:
    """Half an hour in bed does not count as silence, though no rule part reads the bed."""
    world = begins(story, every(OPEN, QUIET))
    world.hears("front-door", contact="open")
    world.advance(minutes=10)
    world.hears("bed", occupancy="occupied")
    world.advance(minutes=30)
    world.hears("bed", occupancy="vacant")
    world.advance(hours=2)
    assert opens(world) == ["09:30:00"]


def test_a_press_is_an_act_and_asks_what_else_is_so_at_that_moment(story: Story) -> None:
    """Pressed with the door open: told at once. Pressed with it shut: nothing, also later."""
    world = begins(story, every(PRESSED, OPEN))
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=1)
    world.hears("front-door", contact="open")
    world.advance(minutes=1)
    world.hears("pendant", trigger="pressed")
    assert opens(world) == ["08:02:00"]
    assert reason(world) == (
        "pendant told trigger: pressed, and front-door (hall) told contact: open"
    )
    world.advance(minutes=1)
    world.hears("pendant", trigger="pressed")
    world.hears("front-door", contact="closed")
    assert len(world.records("alert.repeated")) == 1
    assert over(world) == []


def test_an_act_counts_only_inside_the_window(story: Story) -> None:
    """By day the same press is another rule's business."""
    world = begins(story, every(PRESSED, OPEN, between=NIGHT))
    world.hears("front-door", contact="open")
    world.hears("pendant", trigger="pressed")
    world.until("2026-03-01T23:00Z")
    world.hears("pendant", trigger="pressed")
    assert opens(world) == ["23:00:00"]


def test_a_sequence_is_an_act_too(story: Story) -> None:
    """Bed left, then the door, while it is cold."""
    wander = Followed(first=VACANT, then=(Follow(act=OPEN, within=10 * MINUTE),))
    world = begins(story, every(wander, COLD))
    world.hears("hall-t", temperature=12.0)
    world.hears("bed", occupancy="vacant")
    world.advance(minutes=5)
    world.hears("front-door", contact="open")
    assert opens(world) == ["08:05:00"]


# --- any --------------------------------------------------------------------------------------


def test_any_of_several_levels_is_one_stretch(story: Story) -> None:
    """The second joins what the first began; it ends with the last."""
    world = begins(story, either(OPEN, COLD, minutes=10))
    world.hears("front-door", contact="open")
    world.advance(minutes=6)
    world.hears("hall-t", temperature=12.0)
    world.hears("front-door", contact="closed")
    world.advance(minutes=30)
    assert opens(world) == ["08:10:00"]
    assert reason(world).startswith("for 10m: hall-t (hall) told temperature: 12")
    world.hears("hall-t", temperature=20.0)
    assert over(world) == ["recovered: hall-t told temperature: 20.0"]


def test_any_of_a_press_and_a_level_is_told_for_each(story: Story) -> None:
    """The press at once, whatever the others must last for."""
    world = begins(story, either(PRESSED, OPEN, minutes=10))
    world.hears("pendant", trigger="pressed")
    world.hears("front-door", contact="open")
    world.advance(minutes=30)
    assert opens(world) == ["08:00:00", "08:10:00"]
    assert reason(world) == "for 10m: pendant told trigger: pressed"
    assert sorted(world.state.findings) == ["joined", "joined|pendant"]


def test_combinations_join_each_other(story: Story) -> None:
    """The bed is empty, the door open or the home cold, and nothing has moved for an hour."""
    when = every(VACANT, either(OPEN, COLD), QUIET, never(OCCUPIED))
    world = begins(story, when)
    world.hears("bed", occupancy="vacant")
    world.advance(minutes=30)
    world.hears("front-door", contact="open")
    world.advance(minutes=90)
    world.state = decode_state(encode_state(world.state))
    assert opens(world) == ["09:00:00"]
    assert reason(world) == (
        "bed (bedroom) told occupancy: vacant, and front-door (hall) told contact: open, "
        "and no sign of life for 1h; the last was at 08:00, "
        "and not so: occupancy: occupied at bed"
    )
    world.hears("front-door", contact="closed")
    assert len(over(world)) == 1
    world.hears("hall-t", temperature=10.0)
    assert opens(world) == ["09:00:00", "10:00:00"]


def test_a_press_inside_an_inner_combination_is_an_act_of_the_whole(story: Story) -> None:
    """(Pressed or cold) while the door is open."""
    world = begins(story, every(either(PRESSED, COLD), OPEN))
    world.hears("pendant", trigger="pressed")
    world.hears("front-door", contact="open")
    world.advance(minutes=1)
    world.hears("pendant", trigger="pressed")
    assert opens(world) == ["08:01:00"]
    assert reason(world).startswith("pendant told trigger: pressed, and front-door")
    world.advance(minutes=1)
    world.hears("hall-t", temperature=5.0)
    assert opens(world) == ["08:01:00", "08:02:00"]


def test_an_inner_time_is_counted_inside(story: Story) -> None:
    """Both for ten minutes, and then the bed."""
    world = begins(story, every(every(OPEN, COLD, minutes=10, between=NIGHT), VACANT))
    world.hears("hall-t", temperature=12.0)
    world.hears("bed", occupancy="vacant")
    world.hears("front-door", contact="open")
    world.advance(hours=15)
    assert opens(world) == ["22:10:00"]
    assert reason(world).startswith("for 10m: front-door (hall) told contact: open")
    world.advance(hours=8)
    assert over(world) == ["recovered: it has not gone on"]
    world.advance(hours=16)
    assert opens(world) == ["22:10:00", "22:10:00"]


# --- not --------------------------------------------------------------------------------------


def test_what_does_not_hold_for_a_time_is_told(story: Story) -> None:
    """The door has not been open for an hour: from when it was closed."""
    world = begins(story, never(OPEN, 60))
    world.hears("front-door", contact="open")
    world.advance(hours=2)
    world.hears("front-door", contact="closed", stamp=world.at - 10 * MINUTE)
    world.advance(hours=2)
    assert opens(world) == ["10:50:00"]
    assert reason(world) == "for 1h: not so: contact: open at front-door"
    world.hears("front-door", contact="open")
    assert len(over(world)) == 1


def test_not_of_an_act_holds_always(story: Story) -> None:
    """The linter refuses it; a rule that nobody checked is no loop."""
    world = begins(story, every(never(PRESSED), OPEN))
    world.hears("front-door", contact="open")
    world.advance(minutes=1)
    world.hears("pendant", trigger="pressed")
    assert opens(world) == ["08:00:00"]


def test_a_level_that_clears_by_itself_is_looked_at_then(story: Story) -> None:
    """Wet lasts ten minutes although nobody says dry."""
    wet = ReadingIs(property="water", values=("wet",))
    damp = HeldFor(property="water", values=("wet",), duration=5 * MINUTE)
    world = begins(story, every(OPEN, either(never(wet), damp), minutes=2))
    world.hears("unit", water="wet", clears_after=10 * MINUTE)
    world.hears("front-door", contact="open")
    world.advance(minutes=30)
    assert opens(world) == ["08:07:00"]
    assert "unit has been water: wet for 5m" in reason(world)
    assert over(world) == []


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        (every(OPEN, either(COLD, PRESSED)),
         "contact: open at front-door and (temperature below 16 or trigger: pressed at pendant)"),
        (never(QUIET), "not no sign of life for 1h"),
        (HeldFor(property="water", values=("wet",), duration=HOUR), "water: wet for 1h"),
        (Compare(property="power", above=9.5), "power above 9.5"),
        (Changes(property="humidity", rises_by=5.0, within=HOUR), "humidity up by 5"),
        (Changes(property="humidity", falls_by=5.0, within=HOUR), "humidity down by 5"),
        (Geofence(inside=AREA), "inside the area"),
        (Geofence(outside=AREA), "outside the area"),
        (DEAD, "unit silent for 45m"),
        (NoneOf(of=(OPEN, VACANT), start=0, by=60),
         "none of contact: open at front-door, occupancy: vacant at bed"),
        (Without(first=VACANT, without=(OPEN,), within=HOUR),
         "occupancy: vacant at bed without contact: open at front-door"),
        (Followed(first=VACANT, then=(Follow(act=OPEN, within=HOUR),)),
         "occupancy: vacant at bed, then contact: open at front-door"),
        (Count(of=PRESSED, at_least=3, within=HOUR), "trigger: pressed at pendant 3 times"),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_said_in_a_few_words(condition: Condition, says: str) -> None:
    """So that a reason can say what is not so."""
    assert spoken(condition) == says
