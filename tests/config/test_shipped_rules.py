"""The packs that ship, lived through: nobody is alarmed for nothing, and nothing is missed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from telecared.config.load import load_plan
from telecared.core.vocabulary import DeviceKind
from tests.config.support import bare_deployment
from tests.core.world import World, device, record_of

Begin = Callable[..., World]


@pytest.fixture
def begin(tmp_path: Path) -> Begin:
    """A home under the rules that ship."""
    plan = load_plan(bare_deployment(tmp_path)).plan

    def at(start: str, *kinds: DeviceKind) -> World:
        devices = tuple(device(kind.value, kind) for kind in kinds)
        return World(plan=plan, record=record_of(devices=devices), start=start)

    return at


def rules_of(world: World) -> list[str]:
    """The rules that opened an alert."""
    return [rule for _, rule in world.opened()]


def test_a_battery_that_wavers_around_its_limit_is_told_once_a_day(begin: Begin) -> None:
    """15, 16, 15, 16 per cent, hour after hour: one alert, and another when it is still low."""
    world = begin("2026-03-02T08:00Z", DeviceKind.SMOKE_DETECTOR)
    for hour in range(24):
        world.hears("smoke_detector", battery=15.0 if hour % 2 else 16.0)
        world.advance(hours=1)
    assert rules_of(world) == ["battery-low"]
    world.hears("smoke_detector", battery=9.0)
    world.advance(hours=12)
    assert rules_of(world) == ["battery-low", "battery-low"]


def test_who_is_seen_by_a_room_radar_alone_is_no_alarm(begin: Begin) -> None:
    """A resident in the armchair before the radar passes no motion sensor for hours."""
    world = begin("2026-03-02T07:30Z", DeviceKind.ACTIVITY_DETECTOR, DeviceKind.OCCUPANCY_DETECTOR)
    world.hears("activity_detector", motion="detected")
    for _ in range(6):
        world.hears("occupancy_detector", presence="present")
        world.advance(minutes=30)
        world.hears("occupancy_detector", presence="absent")
        world.advance(minutes=30)
    assert rules_of(world) == []
    world.advance(hours=4)
    assert rules_of(world) == ["no-movement"]


def test_a_pendant_that_nobody_tests_is_shown_and_rings_nobody(begin: Begin) -> None:
    """A dead pendant says nothing: after five weeks it stands in the list, and no phone rings."""
    world = begin("2026-03-02T08:00Z", DeviceKind.PERSONAL_TRIGGER)
    world.advance(days=34)
    world.hears("personal_trigger", test="pressed")
    world.advance(days=34)
    assert rules_of(world) == []
    world.advance(days=2)
    assert rules_of(world) == ["trigger-not-tested"]
    world.expect_nothing()
    world.hears("personal_trigger", test="pressed")
    assert world.state.alerts == {}


def test_a_detector_under_test_wakes_nobody(begin: Begin) -> None:
    """The test button of a smoke detector is no fire; a fire beside it is."""
    world = begin("2026-03-02T08:00Z", DeviceKind.SMOKE_DETECTOR, DeviceKind.EPILEPSY_MONITOR)
    world.hears("smoke_detector", smoke="clear", test="pressed")
    assert rules_of(world) == []
    world.hears("smoke_detector", smoke="alarm", test="pressed")
    world.hears("epilepsy_monitor", seizure="detected")
    assert rules_of(world) == ["smoke", "seizure"]


def test_a_home_with_a_pendant_alone_is_not_alarmed_for_stillness(begin: Begin) -> None:
    """Nothing there could show that somebody moves: no daily alarm that teaches not to look."""
    world = begin("2026-03-02T08:00Z", DeviceKind.PERSONAL_TRIGGER, DeviceKind.SMOKE_DETECTOR)
    world.advance(hours=20)
    assert rules_of(world) == []
    seeing = begin("2026-03-02T08:00Z", DeviceKind.PERSONAL_TRIGGER, DeviceKind.ACTIVITY_DETECTOR)
    seeing.advance(hours=4)
    assert rules_of(seeing) == ["no-movement"]
