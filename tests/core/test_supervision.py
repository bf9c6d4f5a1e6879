"""A whole alarm unit that falls silent is one fault: what stands behind it waits for its return."""

import pytest
from msgspec.structs import replace

from telecared.core.conditions.behind import MAX_RETURNS, UNIT_PAUSE, spells, with_return
from telecared.core.plan import Ageing, Downtime, Rule
from telecared.core.site import LinkDown
from telecared.core.vocabulary import DAY, HOUR, MINUTE, DeviceKind, Duration, Mode, Priority
from telecared.core.when import AllOf, HeldFor, Not, ReadingIs, Silent
from tests.core.conftest import Story
from tests.core.world import World, device, record_of

UNIT_RULE = Rule(
    name="unit-silent", when=Silent(at=("alarm_unit",), every=15 * MINUTE, misses=2),
    priority=Priority.TECHNICAL, policy="technical",
)  # fmt: skip
TWELVE = tuple(device(f"pir-{n}", DeviceKind.ACTIVITY_DETECTOR, f"room-{n}") for n in range(12))
HUB = device("hub", DeviceKind.ALARM_UNIT)
SCHEME = record_of(devices=(HUB, *TWELVE))


def behind(limit: Duration = 26 * HOUR, *at: str, mode: Mode = Mode.PAGE) -> Rule:
    """What stands behind the unit may be silent for so long."""
    return Rule(
        name="sensor-silent", mode=mode, priority=Priority.TECHNICAL, policy="technical",
        when=Silent(at=at or ("activity_detector", "alarm_unit"), duration=limit,
                    behind="alarm_unit"),
    )  # fmt: skip


def speaks(world: World, name: str, hours: float, every: float = 0.5) -> None:
    """A device says something every so many hours, for so long."""
    for _ in range(int(hours / every)):
        world.advance(hours=every)
        world.hears(name, heartbeat="seen")


def rules_of(world: World) -> list[str]:
    """Which rules opened an alert, in order."""
    return [rule for _, rule in world.opened()]


def test_a_unit_that_is_silent_for_three_days_is_one_fault_and_its_return_ends_it(
    story: Story,
) -> None:
    """Twelve sensors fall silent with it; nobody is told of them, nor after it has come back."""
    world = story(rules=[UNIT_RULE, behind()], record=SCHEME)
    for one in TWELVE:
        world.hears(one.id, motion="clear")
    speaks(world, "hub", hours=1)
    world.advance(days=3)
    assert rules_of(world) == ["unit-silent"]
    world.hears("hub", heartbeat="seen")
    assert world.state.alerts == {}
    speaks(world, "hub", hours=25)
    assert rules_of(world) == ["unit-silent"]
    for one in TWELVE[1:]:
        world.hears(one.id, motion="clear")
    speaks(world, "hub", hours=2)
    assert rules_of(world) == ["unit-silent", "sensor-silent"]
    reason = world.records("alert.opened")[1].reason
    assert reason == (
        "pir-0 (room-0) has sent nothing for 1d2h; last heard at 08:00, before the alarm unit was"
        " back at 09:00"
    )
    world.forget_messages()


def test_a_sensor_that_died_before_the_unit_is_told(story: Story) -> None:
    """Its time was over before the unit had been silent for too long."""
    world = story(rules=[UNIT_RULE, behind(2 * HOUR)], record=SCHEME)
    speaks(world, "hub", hours=1.5)
    for one in TWELVE[1:]:
        world.hears(one.id, motion="clear")
    world.advance(minutes=40)
    assert rules_of(world) == ["sensor-silent"]
    assert world.alert().key == "sensor-silent|pir-0"
    world.advance(hours=6)
    assert rules_of(world) == ["sensor-silent", "unit-silent"]
    world.forget_messages()


def test_a_sensor_that_speaks_while_the_unit_is_silent_does_not_stand_behind_it(
    story: Story,
) -> None:
    """With two hubs in a home, the death of one must not hide what hangs on the other."""
    world = story(rules=[UNIT_RULE, behind(3 * HOUR)], record=SCHEME)
    world.advance(hours=1)
    world.hears("pir-3", motion="clear")
    world.advance(hours=3)
    assert rules_of(world) == ["unit-silent", "sensor-silent"]
    assert world.alert(2).key == "sensor-silent|pir-3"
    world.hears("hub", heartbeat="seen")
    speaks(world, "hub", hours=2.5)
    assert rules_of(world) == ["unit-silent", "sensor-silent"]
    world.forget_messages()


@pytest.mark.parametrize(
    "unit",
    [
        None,
        Rule(name="unit-silent", when=UNIT_RULE.when, mode=Mode.WATCH),
        Rule(name="unit-silent", when=AllOf(of=(UNIT_RULE.when,))),
    ],
)
def test_a_unit_whose_silence_pages_nobody_stands_for_nothing(
    story: Story, unit: Rule | None
) -> None:
    """Twelve alerts are better than none at all."""
    world = story(rules=[behind(HOUR), *([unit] if unit else [])], record=SCHEME)
    world.advance(hours=2)
    assert rules_of(world).count("sensor-silent") == 12
    world.forget_messages()


def test_a_unit_whose_rule_is_set_aside_stands_for_nothing(story: Story) -> None:
    """A defective rule tells nobody of the unit."""
    world = story(rules=[UNIT_RULE, behind(2 * HOUR, "pir-0")], record=SCHEME)
    world.state.broken = ("unit-silent|hub",)
    world.advance(hours=3)
    assert "sensor-silent" in rules_of(world)
    world.forget_messages()


def test_a_unit_that_was_taken_away_stands_for_nothing(story: Story) -> None:
    """From the moment it is registered it may be silent for its own time, not before."""
    world = story(rules=[UNIT_RULE, behind(2 * HOUR, "pir-0")], record=SCHEME)
    world.is_replanned(record=record_of(devices=TWELVE))
    assert world.state.returned == {}
    world.advance(hours=3)
    assert rules_of(world) == ["sensor-silent"]
    world.is_replanned(record=SCHEME)
    world.state.known = {one: at for one, at in world.state.known.items() if one != "hub"}
    assert spells(world.home.view(world.state, world.site)) == []
    world.forget_messages()


def test_a_silent_unit_that_is_removed_on_a_day_stands_for_nothing_after_it(story: Story) -> None:
    """What stood behind it has its whole time from then, and is told when it is over."""
    world = story(rules=[UNIT_RULE, behind(2 * HOUR, "pir-0")], record=SCHEME)
    removed = replace(HUB, until=world.at + 3 * HOUR)
    world.is_replanned(record=record_of(devices=(removed, *TWELVE)))
    world.advance(hours=4, minutes=59)
    assert rules_of(world) == ["unit-silent"]
    world.advance(minutes=1)
    assert rules_of(world) == ["unit-silent", "sensor-silent"]
    world.forget_messages()


def test_the_silence_of_a_unit_that_was_removed_hides_nothing(story: Story) -> None:
    """It spoke to the end, and is not heard again because it is not there."""
    world = story(rules=[UNIT_RULE, behind(2 * HOUR, "pir-0")], record=SCHEME)
    removed = replace(HUB, until=world.at + 90 * MINUTE)
    world.is_replanned(record=record_of(devices=(removed, *TWELVE)))
    speaks(world, "hub", hours=1)
    world.advance(hours=1)
    assert rules_of(world) == ["sensor-silent"]
    world.forget_messages()


def test_a_unit_that_is_yet_to_be_installed_stands_for_nothing(story: Story) -> None:
    """It is registered for next week, and nobody is told that it is silent: the sensor is."""
    world = story(rules=[UNIT_RULE, behind(2 * HOUR, "pir-0")], record=SCHEME)
    coming = replace(HUB, since=world.at + 7 * DAY)
    world.is_replanned(record=record_of(devices=(coming, *TWELVE)))
    world.advance(hours=3)
    assert rules_of(world) == ["sensor-silent"]
    world.forget_messages()


def test_the_last_will_of_a_unit_is_its_silence_at_once(story: Story) -> None:
    """Sensors wait from the moment at which the broker says that the unit is gone."""
    world = story(rules=[UNIT_RULE, behind(2 * HOUR, "pir-0")], record=SCHEME)
    speaks(world, "hub", hours=1.75, every=0.25)
    world.hears("hub", link="online")
    world.hears("hub", link="offline")
    world.advance(minutes=30)
    assert rules_of(world) == []
    world.hears("hub", link="online", retained=True)
    assert rules_of(world) == ["sensor-silent"]
    world.forget_messages()


def test_a_unit_that_was_offline_for_long_gives_what_stands_behind_it_its_whole_time(
    story: Story,
) -> None:
    """The broker says that it is back after a night without broadband."""
    world = story(rules=[UNIT_RULE, behind(2 * HOUR, "pir-0")], record=SCHEME)
    world.advance(minutes=1)
    world.hears("hub", link="offline")
    world.advance(hours=9)
    world.hears("hub", link="online")
    speaks(world, "hub", hours=1.75, every=0.25)
    assert rules_of(world) == ["unit-silent"]
    speaks(world, "hub", hours=0.5, every=0.25)
    assert rules_of(world) == ["unit-silent", "sensor-silent"]
    world.forget_messages()


def test_a_unit_that_speaks_after_its_last_will_is_there(story: Story) -> None:
    """Some never say `online` again: what they say otherwise is proof enough."""
    world = story(rules=[UNIT_RULE, behind(2 * HOUR, "pir-0")], record=SCHEME)
    world.hears("hub", link="offline")
    world.advance(minutes=5)
    speaks(world, "hub", hours=2, every=0.25)
    assert rules_of(world) == ["sensor-silent"]
    world.forget_messages()


def test_a_unit_that_was_never_heard_is_silent_from_its_registration(story: Story) -> None:
    """What the broker had kept of it is no word of its own."""
    world = story(rules=[UNIT_RULE, behind(HOUR)], record=SCHEME)
    world.advance(minutes=30)
    world.hears("hub", link="online", retained=True)
    world.advance(hours=9)
    assert rules_of(world) == ["unit-silent"]
    world.hears("hub", heartbeat="seen")
    assert world.state.returned["hub"] == ((world.at - 9 * HOUR - 30 * MINUTE, world.at),)
    world.forget_messages()


def test_while_the_link_is_lost_no_unit_is_silent(story: Story) -> None:
    """Nobody can say how long it was silent before an outage is over that its rule waits for."""
    paused = Rule(name="unit-silent", when=UNIT_RULE.when, downtime=Downtime(kind="pause"))
    world = story(rules=[paused, behind(2 * HOUR, "pir-0")], record=SCHEME)
    world.advance(minutes=10)
    world.site_hears(LinkDown(at=world.at))
    world.advance(hours=3)
    assert spells(world.home.view(world.state, world.site)) == []


def test_a_limit_of_seconds_is_no_silence_for_what_stands_behind(story: Story) -> None:
    """A pause so short is not remembered, and must not hide a sensor either."""
    quick = Rule(name="unit-silent", when=Silent(at=("hub",), duration=MINUTE))
    world = story(rules=[quick, behind(HOUR, "pir-0")], record=SCHEME)
    speaks(world, "hub", hours=1.25, every=0.125)
    assert UNIT_PAUSE == 10 * MINUTE
    assert "sensor-silent" in rules_of(world)
    world.forget_messages()


def test_in_a_combination_a_silent_unit_explains_silence_too(story: Story) -> None:
    """`all` with a sensor behind the unit does not hold while the unit is silent."""
    joined = AllOf(of=(
        Silent(at=("pir-0",), duration=2 * HOUR, behind="alarm_unit"),
        Not(of=HeldFor(property="motion", values=("detected",), duration=MINUTE)),
    ))  # fmt: skip
    rules = [UNIT_RULE, Rule(name="blind", when=joined, priority=Priority.ROUTINE)]
    world = story(rules=rules, record=SCHEME)
    world.advance(hours=5)
    assert rules_of(world) == ["unit-silent"]
    speaks(world, "hub", hours=3)
    assert rules_of(world) == ["unit-silent", "blind"]
    world.forget_messages()


def test_a_radio_with_a_number_is_weak_at_a_fifth_of_a_good_signal(story: Story) -> None:
    """As a battery is low: makers tell words or numbers, and rules ask for one."""
    when = ReadingIs(property="radio", values=("weak", "jammed"))
    world = story(rules=[Rule(name="radio", when=when, priority=Priority.TECHNICAL)])
    for value in (55.0, 21.0, 20.0, 64.0, "jammed"):
        world.hears("unit", radio=value)
        world.advance(minutes=1)
    assert rules_of(world) == ["radio", "radio"]
    world.forget_messages()


def test_of_two_silences_only_a_longer_one_outlives_a_later() -> None:
    """What is remembered of a unit that comes and goes stays short, and says the same."""
    known = with_return((), 0, 3 * HOUR)
    known = with_return(known, 4 * HOUR, 5 * HOUR)
    assert known == ((0, 3 * HOUR), (4 * HOUR, 5 * HOUR))
    known = with_return(known, 6 * HOUR, 8 * HOUR)
    assert known == ((0, 3 * HOUR), (6 * HOUR, 8 * HOUR))
    assert with_return(known, DAY, 2 * DAY) == ((DAY, 2 * DAY),)
    for n in range(20):
        known = with_return(known, 10 * DAY + n * DAY, 10 * DAY + n * DAY + (60 - n) * MINUTE)
    assert len(known) == MAX_RETURNS


GONE = Rule(
    name="link-offline", priority=Priority.TECHNICAL, policy="technical",
    when=HeldFor(property="link", values=("offline",), duration=10 * MINUTE),
)  # fmt: skip


def test_a_unit_that_is_gone_is_one_fault_by_its_last_will_and_by_its_silence(
    story: Story,
) -> None:
    """The broker says so first; the silence after it joins, and its first word ends both."""
    world = story(rules=[UNIT_RULE, GONE], record=SCHEME)
    world.hears("hub", link="online")
    world.hears("hub", link="offline")
    world.advance(hours=3)
    assert rules_of(world) == ["link-offline"]
    (joined,) = world.records("alert.updated")
    assert joined.reason.startswith("the same fault: hub has sent nothing for 45m")
    world.hears("hub", link="online")
    assert world.state.alerts == {}
    world.advance(hours=1)
    assert rules_of(world) == ["link-offline", "unit-silent"]
    world.forget_messages()


def test_a_last_will_that_comes_late_joins_the_silence(story: Story) -> None:
    """And what goes on after somebody has resolved it is told again, once."""
    world = story(rules=[UNIT_RULE, GONE], record=SCHEME)
    world.advance(minutes=46)
    world.hears("hub", link="offline", retained=True)
    world.advance(hours=1)
    assert rules_of(world) == ["unit-silent"]
    world.resolves("An Operator")
    world.advance(hours=2)
    assert rules_of(world) == ["unit-silent", "link-offline"]
    world.forget_messages()


@pytest.mark.parametrize(
    "silent",
    [
        {"priority": Priority.URGENT},
        {"policy": "family-then-centre"},
        {"mode": Mode.WATCH},
        {"ages": Ageing(every=DAY)},
        {"when": Silent(at=("activity_detector",), duration=HOUR)},
    ],
)
def test_what_would_be_told_otherwise_does_not_join(
    story: Story, silent: dict[str, object]
) -> None:
    """More dangerous, to other people, on trial, again every day, or of another device."""
    told = replace(UNIT_RULE, **silent)
    world = story(rules=[told, GONE], record=record_of(devices=(HUB, TWELVE[0])))
    world.hears("hub", link="offline")
    world.advance(hours=2)
    assert sorted(rules_of(world)) == ["link-offline", "unit-silent"]
    world.forget_messages()
