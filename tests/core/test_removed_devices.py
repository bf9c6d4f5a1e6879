"""Devices with days: installed later, or taken down. Nobody misses what does not hang there."""

import msgspec
import pytest

from telecared.config.coverage import coverage_of
from telecared.core.compile import HomePlan
from telecared.core.equipment import equipment
from telecared.core.events import WalkTestBegun, WalkTestEnded
from telecared.core.plan import Clear, HomeRecord, Rule
from telecared.core.state import Answer
from telecared.core.vocabulary import DAY, HOUR, MINUTE, Instant, Priority
from telecared.core.when import Silent
from tests.core.conftest import Story
from tests.core.world import DEVICES, World, instant, record_of

SILENT = Rule(
    name="silent",
    when=Silent(at=("hall-pir",), duration=HOUR),
    priority=Priority.TECHNICAL,
    clear=Clear(kind="auto"),
)
START = instant("2026-03-01T08:00Z")


def with_days(since: Instant | None = None, until: Instant | None = None) -> HomeRecord:
    """The home, where the sensor of the hall has days."""
    return record_of(
        devices=tuple(
            msgspec.structs.replace(one, since=since, until=until) if one.id == "hall-pir" else one
            for one in DEVICES
        )
    )


def opens(world: World) -> list[str]:
    """Local times at which an alert was opened; who was told is another story."""
    world.forget_messages()
    return [at for at, _ in world.opened()]


@pytest.mark.parametrize(("stands", "told"), [(2 * HOUR, ["09:00:00"]), (HOUR, []), (MINUTE, [])])
def test_a_sensor_that_was_taken_down_is_not_missed(
    story: Story, stands: int, told: list[str]
) -> None:
    """Up to its last day silence is told; at its end, and afterwards, it is as it should be."""
    world = story(rules=[SILENT], record=with_days(until=START + stands))
    world.advance(hours=12)
    assert opens(world) == told


def test_a_sensor_that_comes_next_week_is_not_missed_before(story: Story) -> None:
    """Whoever registers early is not punished with faults; its time begins on its first day."""
    world = story(rules=[SILENT], record=with_days(since=START + 3 * HOUR))
    world.advance(hours=3, minutes=59)
    assert opens(world) == []
    world.advance(minutes=2)
    assert opens(world) == ["12:00:00"]


def test_a_walk_test_counts_what_hangs_there(story: Story) -> None:
    """Neither what was taken down nor what is yet to come can be triggered."""
    world = story(record=with_days(until=START))
    begun = WalkTestBegun(input=world.next_input(), at=world.at, by="Ivy", lasts=HOUR)
    assert str(world.commands(begun).reason).endswith(f"{len(DEVICES) - 1} devices")
    ended = world.commands(WalkTestEnded(input=world.next_input(), at=world.at, by="Ivy"))
    assert str(ended.reason).startswith(f"walk test: 0 of {len(DEVICES) - 1} devices tested")
    assert "hall-pir" not in str(ended.reason)


def test_a_home_whose_devices_are_all_gone_has_nothing_to_test(story: Story) -> None:
    """As one that never had any."""
    (gone,) = (one for one in with_days(until=START).devices if one.id == "hall-pir")
    world = story(record=record_of(devices=(gone,)))
    begun = WalkTestBegun(input=world.next_input(), at=world.at, by="Ivy", lasts=HOUR)
    assert world.commands(begun) == Answer(
        False, "larch-12 has no devices to test: register them first"
    )


def test_the_list_of_devices_has_those_that_are_there_or_will_be(story: Story) -> None:
    """A removed one is history; one that comes tomorrow is not overdue."""
    world = story(rules=[SILENT], record=with_days(until=START + HOUR))
    before = equipment(world.home, world.state, world.at)
    after = equipment(world.home, world.state, world.at + HOUR)
    assert "hall-pir" in {one.device.id for one in before}
    assert "hall-pir" not in {one.device.id for one in after}
    later = HomePlan(world.plan, world.home.home, with_days(since=START + 5 * DAY))
    (hall,) = (
        one for one in equipment(later, world.state, world.at + DAY) if one.device.id == "hall-pir"
    )
    assert not hall.silent_too_long


def test_a_detector_that_was_taken_down_covers_nothing() -> None:
    """The smoke detector left with the old tenant: the home has none."""
    smoke = tuple(msgspec.structs.replace(one, until=START) for one in DEVICES if one.id == "smoke")
    plan = World().plan
    for at, sensor in ((START - 1, "smoke"), (START, None)):
        rows = coverage_of(plan, record_of(devices=smoke), at=at, state=None)
        (fire,) = (row for row in rows if row.hazard == "fire")
        assert fire.sensor == sensor
