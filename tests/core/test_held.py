"""A level that lasts: counted from its edge, inside its window, through outages, once a stretch."""

import pytest

from telecared.core.plan import Downtime, Rule
from telecared.core.policy import AppliesTo
from telecared.core.vocabulary import HOUR, MINUTE, DeviceKind, Mode, Priority
from telecared.core.when import HeldFor, ReadingIs, Window
from tests.core.conftest import Story
from tests.core.world import HOME, World, device, plan_of, record_of

NIGHT = Window(start=22 * 60, end=6 * 60)


def door(
    *, minutes: int = 5, between: tuple[Window, ...] = (), at: tuple[str, ...] = (), **more: object
) -> Rule:
    """A door open for some minutes."""
    condition = HeldFor(
        property="contact", values=("open",), duration=minutes * MINUTE, at=at, between=between
    )
    return Rule(name="door", when=condition, **more)  # type: ignore[arg-type] # fields of a rule


def opens(world: World) -> list[str]:
    """Local times at which an alert was opened; who was told is another story."""
    world.forget_messages()
    return [at for at, _ in world.opened()]


def test_a_door_open_for_five_minutes_is_told_once(story: Story) -> None:
    """At five minutes, to the second, with the reason; and not again while it stays open."""
    world = story(rules=[door()])
    world.hears("front-door", contact="open")
    world.advance(minutes=3)
    world.hears("front-door", contact="open")
    world.advance(hours=3)
    assert opens(world) == ["08:05:00"]
    reason = world.records("alert.opened")[0].reason
    assert reason == "front-door (hall) has been contact: open for 5m"


def test_a_door_closed_in_time_is_nothing(story: Story) -> None:
    """Each stretch counts for itself."""
    world = story(rules=[door()])
    for _ in range(3):
        world.hears("front-door", contact="open")
        world.advance(minutes=4, seconds=59)
        world.hears("front-door", contact="closed")
    world.advance(hours=1)
    assert opens(world) == []


def test_two_doors_are_two_alerts(story: Story) -> None:
    """One finding for each device, in the order in which they were due."""
    devices = (*record_of().devices, device("back-door", DeviceKind.DOOR_SENSOR))
    world = story(rules=[door()], record=record_of(devices=devices))
    world.hears("back-door", contact="open")
    world.advance(minutes=1)
    world.hears("front-door", contact="open")
    world.advance(minutes=5)
    assert opens(world) == ["08:05:00", "08:06:00"]
    assert sorted(world.state.findings) == ["door|back-door", "door|front-door"]


def test_of_two_that_are_due_at_once_the_more_dangerous_is_told_first(story: Story) -> None:
    """Whatever the names of the rules and their order in the file."""
    calm = Rule(name="a-draught", when=door().when, priority=Priority.ROUTINE)
    grave = Rule(name="wandering", when=door().when, priority=Priority.LIFE_SAFETY)
    world = story(rules=[calm, grave])
    world.hears("front-door", contact="open")
    world.advance(minutes=5)
    assert [rule for _, rule in world.opened()] == ["wandering", "a-draught"]
    world.forget_messages()


def test_only_time_inside_the_window_counts_from_its_opening(story: Story) -> None:
    """Open since the afternoon: five minutes after ten at night, across midnight too."""
    world = story(rules=[door(between=(NIGHT,))])
    world.hears("front-door", contact="open")
    world.advance(hours=20)
    assert opens(world) == ["22:05:00"]


def test_a_count_that_does_not_fit_before_the_window_closes_begins_anew(story: Story) -> None:
    """Opened at 05:58: two minutes are left, and the next window begins at zero."""
    world = story(rules=[door(between=(NIGHT,))], start="2026-03-01T05:58Z")
    world.hears("front-door", contact="open")
    world.advance(hours=20)
    assert opens(world) == ["22:05:00"]


def test_a_window_that_never_is_long_enough_never_fires(story: Story) -> None:
    """Ten hours do not fit into eight, whatever an outage means."""
    graceful = door(minutes=600, between=(NIGHT,), downtime=Downtime(kind="grace", grace=HOUR))
    world = story(rules=[door(minutes=600, between=(NIGHT,))])
    world.hears("front-door", contact="open")
    world.advance(days=3)
    world.is_replanned(plan_of([graceful]))
    world.outage(minutes=1)
    world.advance(days=1)
    assert opens(world) == []


def test_what_goes_on_after_a_resolve_is_told_again(story: Story) -> None:
    """The count begins anew at the resolve."""
    world = story(rules=[door()])
    world.hears("front-door", contact="open")
    world.advance(minutes=6)
    world.resolves("An Operator")
    world.advance(minutes=6)
    assert opens(world) == ["08:05:00", "08:11:00"]


def test_a_cooldown_holds_the_next_alert_back(story: Story) -> None:
    """Not before an hour after the resolve, although the door stood open all the time."""
    world = story(rules=[door(cooldown=HOUR)])
    world.hears("front-door", contact="open")
    world.advance(minutes=10)
    world.resolves("An Operator")
    world.advance(hours=2)
    assert opens(world) == ["08:05:00", "09:10:00"]


def test_no_cooldown_mutes_life_safety(story: Story) -> None:
    """A plan that nobody checked asks for one: it is not heard (promise P6)."""
    world = story(rules=[door(cooldown=HOUR, priority=Priority.LIFE_SAFETY)])
    world.hears("front-door", contact="open")
    world.advance(minutes=10)
    world.resolves("An Operator")
    world.advance(minutes=5)
    assert opens(world) == ["08:05:00", "08:15:00"]


def test_within_a_cooldown_a_reading_is_noted_and_opens_nothing(story: Story) -> None:
    """Except life safety, which no cooldown mutes."""
    pressed = ReadingIs(property="trigger", values=("pressed",))
    calm = Rule(name="calm", when=pressed, cooldown=HOUR, priority=Priority.ROUTINE)
    alarm = Rule(name="alarm", when=pressed, cooldown=HOUR, priority=Priority.LIFE_SAFETY)
    world = story(rules=[calm, alarm])
    world.hears("pendant", trigger="pressed")
    world.resolves("An Operator", 1)
    world.resolves("An Operator", 2)
    world.advance(minutes=1)
    world.hears("pendant", trigger="pressed")
    world.forget_messages()
    assert [rule for _, rule in world.opened()] == ["calm", "alarm", "alarm"]
    assert world.records("alert.updated")[0].rule == "calm"


def test_a_rule_on_trial_is_recorded_and_pages_nobody(story: Story) -> None:
    """Mode `watch`; and its alert ends by itself when the door is closed."""
    world = story(rules=[door(mode=Mode.WATCH)])
    world.hears("front-door", contact="open")
    world.advance(hours=1)
    assert world.opened() == [("08:05:00", "door")]
    world.hears("front-door", contact="closed")
    assert world.state.alerts == {}


def test_a_rule_that_is_off_does_nothing(story: Story) -> None:
    """Mode `off`, in the plan or in one home."""
    record = record_of(rule_values={"door": {"mode": "off"}})
    for world in (story(rules=[door(mode=Mode.OFF)]), story(rules=[door()], record=record)):
        world.hears("front-door", contact="open")
        world.advance(hours=1)
        assert opens(world) == []


def test_a_home_waits_longer_by_its_own_value(story: Story) -> None:
    """This person is slow at the door."""
    record = record_of(rule_values={"door": {"when.duration": 10 * MINUTE}})
    world = story(rules=[door()], record=record)
    world.hears("front-door", contact="open")
    world.advance(hours=1)
    assert opens(world) == ["08:10:00"]


@pytest.mark.parametrize(
    ("applies", "told"),
    [
        (AppliesTo(), True),
        (AppliesTo(tags=("dementia",)), True),
        (AppliesTo(tags=("deaf",)), False),
        (AppliesTo(schemes=("northside",), homes=(HOME,)), True),
        (AppliesTo(schemes=("southside",)), False),
        (AppliesTo(homes=("oak-1",)), False),
        (AppliesTo(tags=("dementia",), homes=("oak-1",)), False),
    ],
)
def test_a_rule_applies_to_the_homes_that_match_every_list(
    story: Story, applies: AppliesTo, told: bool
) -> None:
    """One name of each list that is given."""
    world = story(rules=[door(applies_to=applies)], record=record_of(tags=("dementia", "blind")))
    world.hears("front-door", contact="open")
    world.advance(minutes=5)
    assert bool(opens(world)) is told


def test_an_edited_rule_takes_over_at_once(story: Story) -> None:
    """Shorter than what has passed: now. Longer: later. The fact stays what it is."""
    world = story(rules=[door(minutes=30)])
    world.hears("front-door", contact="open")
    world.advance(minutes=10)
    world.is_replanned(plan_of([door(minutes=15)]))
    world.advance(minutes=4)
    assert opens(world) == []
    world.is_replanned(plan_of([door(minutes=5)]))
    assert opens(world) == ["08:14:00"]


def test_a_rule_that_is_new_reads_old_facts(story: Story) -> None:
    """The door has stood open since before the rule was written."""
    world = story(rules=[])
    world.hears("front-door", contact="open")
    world.advance(minutes=3)
    world.is_replanned(plan_of([door()]))
    world.advance(minutes=2)
    assert opens(world) == ["08:05:00"]


@pytest.mark.parametrize(
    ("downtime", "opened"),
    [
        (Downtime(kind="count"), "08:20:00"),
        (Downtime(kind="pause"), "08:30:00"),
        (Downtime(kind="grace", grace=30 * MINUTE), "08:50:00"),
    ],
)
def test_an_outage_means_what_the_rule_says(story: Story, downtime: Downtime, opened: str) -> None:
    """Ten minutes without a link, in the middle of a count of twenty."""
    world = story(rules=[door(minutes=20, downtime=downtime)])
    world.hears("front-door", contact="open")
    world.advance(minutes=10)
    world.outage(minutes=10)
    world.advance(hours=1)
    assert opens(world) == [opened]


@pytest.mark.parametrize("kind", ["pause", "grace"])
def test_during_an_outage_a_paused_count_has_no_end(story: Story, kind: str) -> None:
    """It is worked out again when the session was drained, also for what began meanwhile."""
    world = story(rules=[door(downtime=Downtime(kind=kind, grace=MINUTE))])
    world.hears("front-door", contact="open")
    world.outage(hours=3)
    world.advance(hours=1)
    assert opens(world) == ["11:05:00" if kind == "pause" else "11:01:00"]


def test_an_outage_before_the_count_means_nothing(story: Story) -> None:
    """Grace is for counts that ran through it."""
    world = story(rules=[door(downtime=Downtime(kind="grace", grace=HOUR))])
    world.outage(minutes=10)
    world.hears("front-door", contact="open")
    world.advance(minutes=6)
    assert opens(world) == ["08:15:00"]


def test_grace_that_ends_outside_the_window_counts_anew_in_the_next(story: Story) -> None:
    """Due at 05:55 in an outage until 05:50 with an hour's grace: the next night."""
    rule = door(between=(NIGHT,), downtime=Downtime(kind="grace", grace=HOUR))
    world = story(rules=[rule], start="2026-03-01T05:49Z")
    world.hears("front-door", contact="open")
    world.outage(minutes=1)
    world.advance(minutes=10)
    world.outage(minutes=1)
    world.advance(days=1)
    assert opens(world) == ["22:05:00"]


def test_grace_after_which_no_window_is_left_never_fires(story: Story) -> None:
    """Two outages, and a count that fits no window after the first."""
    rule = door(
        minutes=5, between=(Window(start=300, end=306, days=(6,)),),
        downtime=Downtime(kind="grace", grace=HOUR),
    )  # fmt: skip
    world = story(rules=[rule], start="2026-03-01T05:00Z")
    world.hears("front-door", contact="open")
    world.outage(minutes=1)
    world.outage(minutes=1)
    world.advance(days=1)
    assert opens(world) == []


def test_a_level_that_clears_by_itself_ends_its_count(story: Story) -> None:
    """Wet for twenty minutes cannot be when wet lasts ten."""
    condition = HeldFor(property="water", values=("wet",), duration=20 * MINUTE)
    world = story(rules=[Rule(name="wet", when=condition)])
    world.hears("unit", water="wet", clears_after=10 * MINUTE)
    world.advance(hours=1)
    assert opens(world) == []


def test_a_rule_without_matching_devices_never_fires(story: Story) -> None:
    """No such place in this home: a finding for the linter, not an error."""
    world = story(rules=[door(at=("garage", "attic"))])
    world.hears("front-door", contact="open")
    world.advance(hours=1)
    assert opens(world) == []


@pytest.mark.parametrize("name", ["front-door", "hall", "door_sensor"])
def test_at_names_a_device_a_place_or_a_kind(story: Story, name: str) -> None:
    """In this order; a name that matches an id is not looked up as a place."""
    world = story(rules=[door(at=(name,))])
    world.hears("front-door", contact="open")
    world.advance(minutes=5)
    assert opens(world) == ["08:05:00"]


def test_a_late_edge_counts_from_its_own_time(story: Story) -> None:
    """The hub kept "open" for ten minutes: it is overdue the moment we hear of it."""
    world = story(rules=[door()])
    world.hears("front-door", contact="open", stamp=world.at - 10 * MINUTE)
    assert opens(world) == ["08:00:00"]


def test_what_no_longer_clears_by_itself_reaches_its_end(story: Story) -> None:
    """Told first as clearing after ten minutes, then as lasting: the quarter of an hour counts."""
    wet = HeldFor(property="water", values=("wet",), duration=15 * MINUTE)
    world = story(rules=[Rule(name="wet", when=wet)])
    world.hears("unit", water="wet", clears_after=10 * MINUTE)
    world.advance(minutes=8)
    world.hears("unit", water="wet")
    world.advance(minutes=7)
    world.forget_messages()
    assert world.opened() == [("08:15:00", "wet")]
