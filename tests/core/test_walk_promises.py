"""Walk tests and life safety: only a device's own first two minutes are taken for a test (P6)."""

import pytest

from telecared.core.plan import Confirm, Rule
from telecared.core.stated import SAME_TRIGGER
from telecared.core.vocabulary import MINUTE, SECOND, DeviceKind, Priority
from telecared.core.when import AnyOf, Compare, Count, Follow, Followed, HeldFor, ReadingIs
from tests.core.conftest import Story
from tests.core.test_walking import PENDANT, SMOKE, begins, ends, lines, seen
from tests.core.world import DEVICES, World, device, record_of

LEAK = Rule(name="leak", when=ReadingIs(property="water", values=("wet",)))
FALL = ReadingIs(property="fall", values=("detected",))
RADAR = device("radar", DeviceKind.FALL_DETECTOR, "bathroom")
FLOOD = device("flood", DeviceKind.FLOOD_DETECTOR, "kitchen")
MORE = record_of(devices=(*DEVICES, RADAR, FLOOD))


def test_p6_what_a_button_repeats_after_the_end_is_its_own_test(story: Story) -> None:
    """The last device ends the test; its second press is no alarm, another device's first is."""
    world = story(rules=(PENDANT, SMOKE))
    begins(world)
    world.hears("pendant", trigger="pressed")
    ends(world)
    world.advance(seconds=10)
    world.hears("pendant", trigger="pressed")
    assert world.opened() == []
    assert ends(world).reason == "no walk test runs in larch-12"
    world.hears("smoke", smoke="alarm")
    world.expect_sms("ben", "smoke")
    world.advance(seconds=SAME_TRIGGER / SECOND - 10)
    assert world.state.walk_test is None
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben", "pendant pressed")


def test_a_test_that_follows_another_begins_anew(story: Story) -> None:
    """Within the two minutes of the last device too."""
    world = story(rules=(PENDANT,))
    begins(world)
    world.hears("pendant", trigger="pressed")
    ends(world)
    begins(world)
    assert seen(world) == set()


def test_p6_a_hub_that_says_that_it_is_there_has_not_begun_the_test_of_its_button(
    story: Story,
) -> None:
    """Its heartbeat ticks it off; its button is tested whenever the installer comes to it."""
    world = story(rules=(PENDANT,))
    begins(world)
    world.hears("unit", heartbeat="seen")
    world.advance(minutes=10)
    world.hears("unit", trigger="pressed")
    assert world.opened() == []
    world.advance(minutes=2)
    world.hears("unit", trigger="pressed")
    world.expect_sms("ben")
    assert lines(world, "walk_test.device") == [
        "unit told heartbeat: seen, taken as a test",
        "unit told trigger: pressed, taken as a test",
    ]


def test_p6_movement_before_a_fall_radar_hides_no_fall(story: Story) -> None:
    """A radar that sees the installer walk has not shown that it sees a fall."""
    fall = Rule(name="fall", when=FALL, priority=Priority.LIFE_SAFETY)
    world = story(rules=(fall,), record=MORE)
    begins(world)
    world.hears("radar", motion="detected", temperature=21.0)
    assert seen(world) == set()
    world.hears("radar", fall="detected")
    world.hears("radar", fall="clear")
    assert world.opened() == []
    world.advance(minutes=2)
    world.hears("radar", fall="detected")
    world.expect_sms("ben", "fall")


@pytest.mark.parametrize("ended", [False, True])
def test_p6_smoke_that_lasts_longer_than_its_test_is_real(story: Story, ended: bool) -> None:
    """An alarm that is told once and never clears must not be taken for a test for ever."""
    world = story(rules=(SMOKE,))
    begins(world)
    world.hears("smoke", smoke="alarm")
    if ended:
        ends(world)
    world.advance(seconds=SAME_TRIGGER / SECOND - 1)
    assert world.opened() == []
    world.advance(seconds=1)
    world.expect_sms("ben", "smoke")
    world.forget_messages()


def test_a_detector_whose_button_is_let_go_is_no_fire(story: Story) -> None:
    """It clears, or nobody can say whether it lasts: its profile clears it after some minutes."""
    world = story(rules=(SMOKE,))
    begins(world)
    world.hears("smoke", smoke="alarm")
    world.advance(seconds=20)
    world.hears("smoke", smoke="clear")
    world.advance(minutes=5)
    assert world.opened() == []
    ends(world)
    begins(world)
    world.hears("smoke", smoke="alarm", clears_after=10 * MINUTE)
    world.advance(minutes=30)
    assert world.opened() == []


def test_a_leak_that_outlasts_the_walk_test_is_told_when_it_has_ended(story: Story) -> None:
    """The installer wetted it, it is still wet, and an alert that was open before stays."""
    world = story(rules=(LEAK,), record=MORE)
    begins(world, lasts=30 * MINUTE)
    world.hears("flood", water="wet")
    world.advance(minutes=29)
    assert world.opened() == []
    world.advance(minutes=1)
    world.expect_sms("ben", "leak")
    begins(world)
    world.hears("flood", water="dry")
    world.hears("flood", water="wet")
    assert world.alert().repeats == 0
    world.forget_messages()


def test_p6_what_a_second_sensor_may_raise_to_life_safety_is_not_held_back(story: Story) -> None:
    """A fall in another room during the test: urgent by itself, life safety where nobody moves."""
    still = Confirm(within=MINUTE, none_of=(ReadingIs(property="motion", values=("detected",)),))
    world = story(rules=(Rule(name="fall", when=FALL, confirm=still),), record=MORE)
    begins(world)
    world.hears("radar", fall="detected")
    world.hears("radar", fall="clear")
    assert world.opened() == []
    world.advance(minutes=3)
    world.hears("radar", fall="detected")
    world.expect_sms("ben", "fall")
    world.advance(minutes=1)
    assert world.alert().priority is Priority.LIFE_SAFETY
    world.forget_messages()


def pressed(world: World) -> None:
    """The pendant is pressed, three times within a minute."""
    for _ in range(3):
        world.hears("pendant", trigger="pressed")
        world.advance(seconds=20)


@pytest.mark.parametrize(
    "when",
    [
        Count(of=ReadingIs(property="trigger", values=("pressed",)), at_least=2, within=MINUTE),
        Followed(
            first=ReadingIs(property="trigger", values=("pressed",)),
            then=(Follow(act=ReadingIs(property="trigger", values=("pressed",)), within=MINUTE),),
        ),
    ],
)
def test_p6_a_rule_of_several_acts_is_muted_for_its_devices_test_only(
    story: Story, when: Count | Followed
) -> None:
    """The presses of the test alarm nobody; the same presses later do."""
    world = story(rules=(Rule(name="often", when=when, priority=Priority.LIFE_SAFETY),))
    begins(world)
    pressed(world)
    assert world.opened() == []
    world.advance(minutes=2)
    pressed(world)
    assert [rule for _, rule in world.opened()] == ["often"]
    world.forget_messages()


def test_p6_a_test_whose_end_failed_mutes_nothing_after_it(story: Story) -> None:
    """Its deadline was set aside as defective; its time is over all the same."""
    world = story(rules=(PENDANT,))
    begins(world, lasts=10 * MINUTE)
    world.state.broken = ("walk-test",)
    world.advance(minutes=10)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")


def test_a_test_goes_on_across_an_outage_and_a_plan(story: Story) -> None:
    """What the link held back was pressed before the outage was over, and belongs to the test."""
    world = story(rules=(PENDANT,))
    begins(world)
    world.outage(minutes=5)
    world.is_replanned()
    world.hears("pendant", trigger="pressed")
    assert seen(world) == {"pendant"}
    ends(world)
    world.is_replanned(deleted=True)
    assert world.state.walk_test is None
    assert len(lines(world, "walk_test.ended")) == 1


@pytest.mark.parametrize(
    "when",
    [
        HeldFor(property="smoke", values=("alarm",), duration=10 * SECOND),
        Compare(property="temperature", above=50.0),
    ],
)
def test_what_lasts_within_a_devices_own_test_calls_nobody(
    story: Story, when: HeldFor | Compare
) -> None:
    """The button is held for longer than the rule waits; whoever holds it longer is heard."""
    rule = Rule(name="lasts", when=when, priority=Priority.LIFE_SAFETY)
    world = story(rules=(rule,))
    begins(world)
    world.hears("smoke", smoke="alarm", temperature=60.0)
    world.advance(seconds=110)
    world.hears("smoke", smoke="clear", temperature=20.0)
    world.advance(minutes=5)
    assert world.opened() == []
    ends(world)
    begins(world)
    world.hears("smoke", smoke="alarm", temperature=60.0)
    world.advance(seconds=119)
    assert world.opened() == []
    world.advance(seconds=1)
    world.expect_sms("ben", "lasts")


def test_p6_a_combination_is_told_although_a_test_began_it(story: Story) -> None:
    """Nobody can say of which device it is the act: the other's alarm must not be lost."""
    either = AnyOf(of=(SMOKE.when, FALL))
    world = story(rules=(Rule(name="either", when=either, priority=Priority.LIFE_SAFETY),))
    begins(world)
    world.hears("smoke", smoke="alarm")
    world.expect_sms("ben", "either")
