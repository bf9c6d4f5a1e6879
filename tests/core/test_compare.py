"""A number above or below a limit: from when it passed it until it is clearly back."""

import pytest

from telecared.core.conditions.base import Change, View
from telecared.core.conditions.compare import number_text
from telecared.core.plan import Clear, Downtime, Rule
from telecared.core.state import decode_state, encode_state
from telecared.core.vocabulary import HOUR, MINUTE, DeviceKind, Priority
from telecared.core.when import Compare, Window
from tests.core.conftest import Story
from tests.core.world import DEVICES, World, device, plan_of, record_of

KITCHEN = device("kitchen-t", DeviceKind.TEMPERATURE_SENSOR, "kitchen")
BEDROOM = device("bed-t", DeviceKind.TEMPERATURE_SENSOR, "bedroom")
HOME = record_of(devices=(*DEVICES, KITCHEN, BEDROOM))
NIGHT = Window(start=22 * 60, end=6 * 60)


def cold(*, below: float = 16, between: tuple[Window, ...] = (), **more: object) -> Rule:
    """Below 16 degrees for two hours, over when it is above 17."""
    condition = Compare(
        property="temperature", below=below, clear=17.0, duration=2 * HOUR, between=between
    )
    return Rule(name="cold", when=condition, priority=Priority.ROUTINE, **more)  # type: ignore[arg-type] # fields of a rule


def hot(limit: float, *, between: tuple[Window, ...] = (), **more: object) -> Rule:
    """Above a limit, at once."""
    condition = Compare(property="temperature", above=limit, between=between)
    return Rule(name="hot", when=condition, **{"priority": Priority.ROUTINE, **more})  # type: ignore[arg-type] # fields of a rule


def opens(world: World) -> list[str]:
    """Local times at which an alert was opened; who was told is another story."""
    world.forget_messages()
    return [at for at, _ in world.opened()]


def restarts(world: World) -> None:
    """The daemon is killed and started again between two inputs."""
    world.state = decode_state(encode_state(world.state))


def test_a_home_that_stays_cold_for_two_hours_is_told_with_the_evidence(story: Story) -> None:
    """The degrees may change meanwhile: it is one stretch, from when the limit was passed."""
    world = story(rules=[cold()], record=HOME)
    for degrees in (15.5, 14.0, 15.9):
        world.hears("kitchen-t", temperature=degrees)
        world.advance(minutes=35)
        restarts(world)
    world.advance(hours=3)
    assert opens(world) == ["10:00:00"]
    reason = world.records("alert.opened")[0].reason
    assert reason == "kitchen-t (kitchen) told temperature: 15.9, below 16 for 2h, since 08:00"


def test_a_temperature_that_wavers_is_one_stretch(story: Story) -> None:
    """16.5 is not back yet, 17 is not above 17: only 17.1 ends it, and it begins anew."""
    world = story(rules=[cold()], record=HOME)
    for degrees in (15.0, 16.5, 15.5, 17.0, 16.9):
        world.hears("kitchen-t", temperature=degrees)
        world.advance(minutes=24)
    assert opens(world) == ["10:00:00"]
    world.hears("kitchen-t", temperature=17.1)
    assert "told temperature: 17.1" in world.records("alert.resolved")[0].reason
    world.hears("kitchen-t", temperature=16.5)
    world.advance(hours=5)
    world.hears("kitchen-t", temperature=15.9)
    world.advance(hours=5)
    assert opens(world) == ["10:00:00", "17:00:00"]


def test_without_a_clear_the_limit_itself_ends_it(story: Story) -> None:
    """28.1 is above 28, 28 is neither: it is over."""
    world = story(rules=[hot(28.0)], record=HOME)
    world.hears("kitchen-t", temperature=28.0)
    world.advance(minutes=1)
    world.hears("kitchen-t", temperature=28.1)
    world.advance(minutes=1)
    assert opens(world) == ["08:01:00"]
    assert "28.1, above 28, since 08:01" in world.records("alert.opened")[0].reason
    world.hears("kitchen-t", temperature=28.0)
    assert len(world.records("alert.resolved")) == 1
    world.forget_messages()


def test_each_room_is_cold_by_itself(story: Story) -> None:
    """One alert for each, and a warm kitchen says nothing about the bedroom."""
    world = story(rules=[cold()], record=HOME)
    world.hears("kitchen-t", temperature=12.0)
    world.advance(minutes=10)
    world.hears("bed-t", temperature=13.0)
    world.advance(hours=1)
    world.hears("kitchen-t", temperature=20.0)
    world.advance(hours=3)
    assert opens(world) == ["10:10:00"]
    assert sorted(world.state.findings) == ["cold|bed-t"]


def test_only_the_night_counts_from_its_beginning(story: Story) -> None:
    """Cold since noon: two hours after ten at night; at once when no time is asked for."""
    world = story(
        rules=[cold(between=(NIGHT,)), hot(3.0, between=(NIGHT,))], record=HOME,
        start="2026-03-01T12:00Z",
    )  # fmt: skip
    world.hears("kitchen-t", temperature=5.0)
    world.advance(days=1)
    assert world.opened() == [("22:00:00", "hot"), ("00:00:00", "cold")]
    world.forget_messages()


def test_an_edited_limit_takes_over_from_what_is_known(story: Story) -> None:
    """The last word was 16.4 since 08:30: below the new limit since then."""
    world = story(rules=[cold()], record=HOME)
    world.hears("kitchen-t", temperature=18.0)
    world.advance(minutes=30)
    world.hears("kitchen-t", temperature=16.4)
    world.advance(minutes=60)
    world.is_replanned(plan_of([cold(below=16.5)]))
    world.advance(hours=2)
    assert opens(world) == ["10:30:00"]
    world.is_replanned(plan_of([cold(below=10.0)]))
    assert "it has not gone on" in world.records("alert.resolved")[0].reason
    world.forget_messages()


@pytest.mark.parametrize(
    ("downtime", "opened"), [("count", "10:00:00"), ("pause", "10:30:00"), ("grace", "10:00:00")]
)
def test_an_outage_means_what_the_rule_says(story: Story, downtime: str, opened: str) -> None:
    """Half an hour without a link while it is cold."""
    rule = cold(downtime=Downtime(kind=downtime, grace=10 * MINUTE))
    world = story(rules=[rule], record=HOME)
    world.hears("kitchen-t", temperature=12.0)
    world.advance(minutes=30)
    world.outage(minutes=30)
    world.advance(hours=2)
    assert opens(world) == [opened]


def test_what_goes_on_after_a_resolve_is_told_again_but_not_at_once(story: Story) -> None:
    """Told in the instant of the resolve, nobody could ever resolve it."""
    world = story(rules=[hot(28.0)], record=HOME)
    world.hears("kitchen-t", temperature=30.0)
    world.advance(minutes=5)
    world.resolves("An Operator")
    world.advance(minutes=30)
    assert opens(world) == ["08:00:00", "08:15:00"]


def test_what_needs_a_person_is_said_to_be_over_once(story: Story) -> None:
    """Urgent: every further warm reading is no news."""
    world = story(rules=[hot(28.0, priority=Priority.URGENT)], record=HOME)
    for degrees in (30.0, 27.0, 26.0, 25.0):
        world.hears("kitchen-t", temperature=degrees)
        world.advance(minutes=1)
    assert opens(world) == ["08:00:00"]
    over = [one for one in world.records("alert.updated") if "still needs a person" in one.reason]
    assert len(over) == 1
    world.hears("kitchen-t", temperature=30.0)
    world.hears("kitchen-t", temperature=20.0)
    over = [one for one in world.records("alert.updated") if "still needs a person" in one.reason]
    assert len(over) == 2
    world.forget_messages()


def test_a_person_may_be_asked_for(story: Story) -> None:
    """`clear: person`: being warm again is not enough."""
    world = story(rules=[hot(28.0, clear=Clear(kind="person"))], record=HOME)
    world.hears("kitchen-t", temperature=30.0)
    world.hears("kitchen-t", temperature=20.0)
    world.is_replanned()
    assert 1 in world.state.alerts
    world.forget_messages()


def test_what_is_told_late_is_counted_from_its_own_time_and_in_its_order(story: Story) -> None:
    """A hub kept 12 degrees for three hours; an older 20 that comes later changes nothing."""
    world = story(rules=[cold()], record=HOME)
    world.hears("kitchen-t", temperature=12.0, stamp=world.at - 3 * HOUR)
    assert opens(world) == ["08:00:00"]
    world.hears("kitchen-t", temperature=20.0, stamp=world.at - 4 * HOUR)
    assert 1 in world.state.alerts


def test_a_battery_that_tells_words_is_no_number(story: Story) -> None:
    """`ok` neither passes a limit nor comes back from it."""
    condition = Compare(property="battery", below=20.0, at=("pendant",))
    world = story(rules=[Rule(name="weak", when=condition, priority=Priority.TECHNICAL)])
    world.hears("pendant", battery="ok")
    world.hears("pendant", battery=12.0)
    world.hears("pendant", battery="ok")
    world.hears("unit", battery=3.0)
    assert opens(world) == ["08:00:00"]
    assert 1 in world.state.alerts


def test_a_reason_can_be_given_without_a_device() -> None:
    """`explain` asks for reasons of rules that have found nothing."""
    world = World(rules=[cold(), hot(28.0)], record=HOME)
    view = View(world.state, world.site, world.home.zone)
    first, second = (rule.condition for rule in world.home.rules)
    assert first.reason(view, None, 0) == "temperature is below 16 for 2h"
    assert second.reason(view, KITCHEN, 0) == "temperature is above 28"
    assert second.holds(view) is None
    assert number_text("ok") == "ok"
    change = Change(KITCHEN, "temperature", None, 12.0, world.at, False, True)
    assert first.tracers[0].note((), view, change) == ()
