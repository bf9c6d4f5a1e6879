"""A number that rises or falls by much within a short time: a bath, a window left open."""

import pytest

from telecared.core.conditions.base import View
from telecared.core.plan import Rule
from telecared.core.state import decode_state, encode_state
from telecared.core.vocabulary import HOUR, MINUTE, DeviceKind, Priority
from telecared.core.when import AllOf, Changes, ReadingIs, Window
from tests.core.conftest import Story
from tests.core.world import DEVICES, World, device, instant, plan_of, record_of

BATH = device("bath-h", DeviceKind.TEMPERATURE_SENSOR, "bathroom")
HALL = device("hall-h", DeviceKind.TEMPERATURE_SENSOR, "hall")
HOME = record_of(devices=(*DEVICES, BATH, HALL))


def rises(amount: float = 15, *, between: tuple[Window, ...] = (), **more: object) -> Rule:
    """Humidity rises within an hour."""
    condition = Changes(property="humidity", rises_by=amount, within=HOUR, between=between)
    return Rule(name="rises", when=condition, **{"priority": Priority.ROUTINE, **more})  # type: ignore[arg-type] # fields of a rule


def opens(world: World) -> list[str]:
    """Local times at which an alert was opened; who was told is another story."""
    world.forget_messages()
    return [at for at, _ in world.opened()]


def ends(world: World) -> list[int]:
    """Minutes after eight at which an alert ended by itself."""
    begun = instant("2026-03-01T08:00Z")
    return [(one.at - begun) // MINUTE for one in world.records("alert.resolved")]


def test_a_rise_within_the_hour_is_told_with_the_evidence_and_ends_when_it_is_old(
    story: Story,
) -> None:
    """65 was in force until 08:20: an hour later it is no longer what to compare with."""
    world = story(rules=[rises()], record=HOME)
    for percent in (65.0, 70.0, 80.0, 81.0):
        world.hears("bath-h", humidity=percent)
        world.advance(minutes=20)
        world.state = decode_state(encode_state(world.state))
    assert opens(world) == ["08:40:00"]
    reason = world.records("alert.opened")[0].reason
    assert reason == (
        "bath-h (bathroom) told humidity: 80, from 65 at 08:00: up by 15 or more within 1h"
    )
    world.advance(hours=3)
    (line,) = world.records("alert.resolved")
    assert line.reason == "recovered: it has not gone on"
    assert line.at == world.at - 3 * HOUR
    assert opens(world) == ["08:40:00"]


def test_a_slow_rise_is_none(story: Story) -> None:
    """Ten percent an hour, all day: never fifteen within an hour."""
    world = story(rules=[rises()], record=HOME)
    for step in range(9):
        world.hears("bath-h", humidity=10.0 + 5 * step)
        world.advance(minutes=30, seconds=1)
    assert opens(world) == []


def test_what_was_known_just_before_counts(story: Story) -> None:
    """Nothing told for six hours, then 20 more at once: it was 50 until then."""
    world = story(rules=[rises()], record=HOME)
    world.hears("bath-h", humidity=50.0)
    world.advance(hours=6)
    world.hears("bath-h", humidity=70.0)
    assert opens(world) == ["14:00:00"]


def test_going_back_ends_it(story: Story) -> None:
    """The reading that ends it is the evidence."""
    world = story(rules=[rises()], record=HOME)
    for percent in (50.0, 66.0, 64.0, 67.0):
        world.hears("bath-h", humidity=percent)
        world.advance(minutes=5)
    assert "bath-h told humidity: 64" in world.records("alert.resolved")[0].reason
    assert opens(world) == ["08:05:00", "08:15:00"]


def test_a_fall_is_compared_with_the_highest_and_each_device_by_itself(story: Story) -> None:
    """22.4 is five more than 17.4, whatever the machine's arithmetic says."""
    condition = Changes(property="temperature", falls_by=5.0, within=30 * MINUTE)
    world = story(rules=[Rule(name="falls", when=condition)], record=HOME)
    world.hears("hall-h", temperature=10.0)
    world.hears("bath-h", temperature=22.4)
    world.advance(minutes=5)
    world.hears("hall-h", temperature=9.0)
    world.hears("bath-h", temperature=17.4)
    assert opens(world) == ["08:05:00"]
    reason = world.records("alert.opened")[0].reason
    assert reason.endswith("17.4, from 22.4 at 08:00: down by 5 or more within 30m")
    assert sorted(world.state.findings) == ["falls|bath-h"]


def test_it_is_told_when_the_window_opens(story: Story) -> None:
    """Risen at 21:50 and still up at ten: told at ten."""
    night = Window(start=22 * 60, end=6 * 60)
    world = story(rules=[rises(between=(night,))], record=HOME, start="2026-03-01T21:40Z")
    world.hears("bath-h", humidity=40.0)
    world.advance(minutes=10)
    world.hears("bath-h", humidity=60.0)
    world.advance(minutes=30)
    assert opens(world) == ["22:00:00"]


def test_an_edited_rule_begins_from_the_number_that_is_known(story: Story) -> None:
    """What lies further back than the old rule looked is not known; the last number is."""
    world = story(rules=[], record=HOME)
    world.hears("bath-h", humidity=40.0)
    world.advance(minutes=10)
    world.is_replanned(plan_of([rises(30)]))
    world.advance(minutes=5)
    world.hears("bath-h", humidity=60.0)
    world.is_replanned(plan_of([rises(20)]))
    assert opens(world) == ["08:15:00"]
    world.is_replanned(plan_of([rises(25)]))
    assert ends(world) == [15]
    world.forget_messages()


def test_the_past_takes_its_place_among_the_numbers(story: Story) -> None:
    """A 40 of half an hour ago, told late: the 60 is a rise from it, as of now."""
    world = story(rules=[rises()], record=HOME)
    world.hears("bath-h", humidity=60.0, stamp=world.at - 10 * MINUTE)
    world.hears("bath-h", humidity=40.0, stamp=world.at - 30 * MINUTE)
    world.hears("bath-h", battery="low")
    assert opens(world) == ["08:00:00"]
    world.advance(hours=2)
    assert ends(world) == [50]
    world.forget_messages()


def test_a_battery_that_tells_a_word_is_no_number(story: Story) -> None:
    """Neither at first nor later."""
    condition = Changes(property="battery", falls_by=20.0, within=HOUR)
    rule = Rule(name="drains", when=condition, priority=Priority.TECHNICAL)
    world = story(rules=[], record=HOME)
    world.hears("unit", battery="ok")
    world.is_replanned(plan_of([rule]))
    for told in (90.0, "ok", 60.0):
        world.hears("unit", battery=told)
        world.advance(minutes=1)
    assert opens(world) == ["08:02:00"]


def test_a_sensor_that_is_gone_takes_its_numbers_with_it(story: Story) -> None:
    """And one that moves to another room no longer counts for the old one."""
    condition = Changes(property="humidity", rises_by=15.0, within=HOUR, at=("bathroom",))
    world = story(rules=[Rule(name="bath", when=condition)], record=HOME)
    world.hears("bath-h", humidity=40.0)
    world.hears("bath-h", humidity=60.0, stamp=world.at + MINUTE)
    moved = device("bath-h", DeviceKind.TEMPERATURE_SENSOR, "kitchen")
    world.is_replanned(record=record_of(devices=(*DEVICES, moved, HALL)))
    world.advance(hours=3)
    world.is_replanned(record=record_of())
    world.advance(hours=3)
    assert opens(world) == ["08:00:00"]
    assert world.state.traces == {}


@pytest.mark.parametrize(("minutes", "opened"), [(59, ["08:59:00"]), (60, [])])
def test_together_with_something_else_it_holds_while_it_is_recent(
    story: Story, minutes: int, opened: list[str]
) -> None:
    """Steam and nobody in: the door closes an hour after the rise, or just before that."""
    closed = ReadingIs(property="contact", values=("closed",), at=("front-door",))
    changes = Changes(property="humidity", rises_by=15.0, within=HOUR)
    world = story(rules=[Rule(name="steam", when=AllOf(of=(changes, closed)))], record=HOME)
    world.hears("bath-h", humidity=40.0)
    world.hears("front-door", contact="open")
    world.hears("bath-h", humidity=60.0, stamp=world.at + MINUTE)
    world.advance(minutes=minutes)
    world.hears("front-door", contact="closed")
    assert opens(world) == opened
    world.advance(hours=2)
    world.forget_messages()


def test_a_reason_can_be_given_without_a_device() -> None:
    """`explain` asks for reasons of rules that have found nothing."""
    world = World(rules=[rises()], record=HOME)
    view = View(world.state, world.site, world.home.zone)
    condition = world.home.rules[0].condition
    assert condition.reason(view, None, 0) == "humidity went up by 15 or more within 1h"
    assert condition.reason(view, BATH, 0) == "humidity went up by 15 or more within 1h"
