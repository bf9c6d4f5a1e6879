"""Walk tests and user tests: triggers that call nobody, and alarms beside them that do."""

import pytest

from telecared.core.events import WalkTestBegun, WalkTestEnded
from telecared.core.plan import Rule
from telecared.core.state import Answer
from telecared.core.stated import SAME_TRIGGER
from telecared.core.tested import USER_TEST_EVERY, next_test_by
from telecared.core.vocabulary import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    DeviceKind,
    Duration,
    Outcome,
    Priority,
    Value,
)
from telecared.core.walking import LONGEST_WALK_TEST
from telecared.core.when import HeldFor, InactiveFor, ReadingIs
from tests.core.conftest import Story
from tests.core.world import DEVICES, World, device, record_of

PENDANT = Rule(
    name="pendant-pressed",
    when=ReadingIs(property="trigger", values=("pressed",)),
    priority=Priority.LIFE_SAFETY,
)
SMOKE = Rule(
    name="smoke",
    when=ReadingIs(property="smoke", values=("alarm",)),
    priority=Priority.LIFE_SAFETY,
)
DOOR = Rule(
    name="door-open",
    when=HeldFor(property="contact", values=("open",), duration=5 * MINUTE),
)
QUIET = Rule(name="no-movement", when=InactiveFor(duration=HOUR, of=("motion",)))


def begins(world: World, lasts: Duration = HOUR, by: str = "Ivy Installer") -> Answer:
    """An installer begins a walk test."""
    return world.commands(WalkTestBegun(input=world.next_input(), at=world.at, by=by, lasts=lasts))


def ends(world: World, by: str = "Ivy Installer") -> Answer:
    """An installer is done."""
    return world.commands(WalkTestEnded(input=world.next_input(), at=world.at, by=by))


def lines(world: World, event: str) -> list[str]:
    """Why, of every line of one kind."""
    return [line.reason for line in world.records(event)]


def seen(world: World) -> set[str]:
    """The devices that the running test has seen."""
    assert world.state.walk_test is not None
    return set(world.state.walk_test.tested)


def test_an_installer_presses_the_pendant_and_nobody_is_called(story: Story) -> None:
    """It is ticked off and on record; ended, the record says what was left out."""
    world = story(rules=(PENDANT, SMOKE))
    answer = begins(world)
    assert answer == Answer(True, "walk test until 09:00, 7 devices")
    world.advance(minutes=3)
    world.hears("pendant", trigger="pressed")
    world.hears("hall-pir", motion="detected")
    world.hears("unit", heartbeat="seen")
    assert seen(world) == {"pendant", "hall-pir", "unit"}
    assert lines(world, "walk_test.device") == [
        "pendant told trigger: pressed, taken as a test",
        "hall-pir told motion: detected, taken as a test",
        "unit told heartbeat: seen, taken as a test",
    ]
    answer = ends(world)
    left = "kitchen-pir, front-door, bed, smoke"
    assert answer.reason == f"walk test: 3 of 7 devices tested, not tested: {left}"
    assert world.opened() == []
    assert world.state.walk_test is not None
    assert world.state.walk_test.ended


def test_a_press_after_the_devices_own_test_is_real(story: Story) -> None:
    """The resident may fall while the installer is in the kitchen."""
    world = story(rules=(PENDANT,))
    begins(world)
    world.hears("pendant", trigger="pressed")
    world.advance(seconds=SAME_TRIGGER / SECOND - 10)
    world.hears("pendant", trigger="pressed")
    assert world.opened() == []
    world.advance(seconds=10)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.hears("pendant", trigger="pressed")  # its own alert: a repeat within the burst
    world.advance(seconds=10)
    world.hears("pendant", trigger="pressed")
    assert world.alert().repeats == 1


def test_an_alert_that_was_open_before_is_no_test(story: Story) -> None:
    """Somebody really called; that an installer is at the door must not hide the next press."""
    world = story(rules=(PENDANT,))
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    begins(world)
    world.advance(seconds=30)
    world.hears("pendant", trigger="pressed")
    assert world.alert().repeats == 1
    assert lines(world, "walk_test.device") == [
        "pendant told trigger: pressed, and its alert goes on"
    ]
    world.advance(seconds=30)
    world.hears("pendant", trigger="pressed")
    assert world.alert().repeats == 2


def test_what_was_buffered_before_the_test_is_real(story: Story) -> None:
    """A press of ten minutes ago comes when the hub is back; and what the broker kept is no act."""
    world = story(rules=(PENDANT, SMOKE))
    begins(world)
    world.advance(minutes=1)
    world.hears("pendant", trigger="pressed", stamp=world.at - 10 * MINUTE)
    world.expect_sms("ben")
    world.hears("smoke", smoke="alarm", retained=True)
    world.expect_sms("ben", "found at connect")
    assert seen(world) == set()


@pytest.mark.parametrize(
    ("name", "told", "proves"),
    [
        ("smoke", {"smoke": "clear"}, False),
        ("smoke", {"battery": 80.0}, False),
        ("smoke", {"test": "pressed"}, True),
        ("smoke", {"smoke": "alarm"}, True),
        ("smoke", {"temperature": 21.0}, False),
        ("pendant", {"heartbeat": "seen"}, False),
        ("bed", {"occupancy": "vacant"}, False),
        ("bed", {"occupancy": "occupied"}, True),
        ("hall-pir", {"contact": "open"}, False),
        ("thermometer", {"temperature": 18.5}, True),
    ],
)
def test_only_a_trigger_proves_a_device(
    story: Story, name: str, told: dict[str, Value], proves: bool
) -> None:
    """A detector that reports at its usual hour that all is well was not triggered."""
    thermometer = device("thermometer", DeviceKind.TEMPERATURE_SENSOR, "kitchen")
    world = story(record=record_of(devices=(*DEVICES, thermometer)))
    begins(world)
    for key, value in told.items():
        world.hears(name, **{key: value})  # type: ignore[arg-type]  # one property, no option
    assert (name in seen(world)) is proves


def test_a_change_to_rest_proves_that_it_was_triggered(story: Story) -> None:
    """The door stood open when the test began; closing it shows that the sensor works."""
    world = story()
    world.hears("front-door", contact="open")
    begins(world)
    world.hears("front-door", contact="closed")
    assert seen(world) == {"front-door"}


def test_deadlines_wait_for_the_end_of_the_test(story: Story) -> None:
    """A door that the installer left open is told when the test has ended and it still is."""
    world = story(rules=(DOOR, QUIET))
    begins(world, lasts=30 * MINUTE)
    world.hears("front-door", contact="open")
    world.advance(minutes=20)
    assert world.opened() == []
    assert lines(world, "alert.updated")[0].startswith("held back: a walk test runs until 08:30")
    world.advance(minutes=10)
    world.expect_sms("ben", "door")
    (ended,) = lines(world, "walk_test.ended")
    assert ended.startswith("walk test: 1 of 7 devices tested, not tested: pendant, hall-pir,")
    assert ended.endswith("smoke, unit; its time was over, begun by Ivy Installer")


def test_a_test_is_extended_and_keeps_what_it_has_seen(story: Story) -> None:
    """Begun again while it runs, it only gets another end."""
    world = story(rules=(DOOR,))
    begins(world, lasts=10 * MINUTE)
    world.hears("front-door", contact="open")
    world.advance(minutes=9)
    begins(world, lasts=20 * MINUTE)
    world.advance(minutes=19)
    assert seen(world) == {"front-door"}
    assert world.opened() == []
    ends(world)
    world.expect_sms("ben")


@pytest.mark.parametrize(
    ("lasts", "by", "says"),
    [
        (0, "Ivy", "a walk test lasts some minutes, and four hours at most"),
        (LONGEST_WALK_TEST + 1, "Ivy", "a walk test lasts some minutes, and four hours at most"),
        (HOUR, " ", "it names nobody who tests: say who, with --by"),
    ],
)
def test_what_cannot_begin_is_refused(story: Story, lasts: int, by: str, says: str) -> None:
    """With a sentence, and nothing begins."""
    world = story()
    assert begins(world, lasts, by) == Answer(False, says)
    assert world.state.walk_test is None


def test_a_home_without_devices_has_nothing_to_test(story: Story) -> None:
    """Nor has one that is not tested anything to end."""
    world = story(record=record_of(devices=()))
    assert begins(world).reason == "larch-12 has no devices to test: register them first"
    assert ends(world) == Answer(False, "no walk test runs in larch-12")


def test_a_device_that_is_taken_away_is_forgotten(story: Story) -> None:
    """And the test of a home that is deleted ends."""
    world = story()
    begins(world)
    world.hears("pendant", trigger="pressed")
    world.hears("hall-pir", motion="detected")
    left = tuple(one for one in DEVICES if one.id != "pendant")
    world.is_replanned(record=record_of(devices=left))
    assert seen(world) == {"hall-pir"}
    assert set(world.state.tested) == {"hall-pir"}
    world.is_replanned(deleted=True)
    assert world.state.walk_test is None
    assert "the home has no devices any more" in lines(world, "walk_test.ended")[0]


# --- user tests ---------------------------------------------------------------------------------


def test_a_press_that_was_a_test_counts_as_the_monthly_one(story: Story) -> None:
    """The operator asked, and resolved it as a test: the pendant is proven."""
    world = story(rules=(PENDANT,))
    pendant = DEVICES[0]
    begun = world.at
    assert next_test_by(world.state, pendant) == begun + USER_TEST_EVERY
    world.advance(days=3)
    world.hears("pendant", trigger="pressed")
    pressed = world.at
    world.resolves("Olu Operator", outcome=Outcome.TEST)
    assert next_test_by(world.state, pendant) == pressed + 35 * DAY
    world.forget_messages()


def test_a_false_activation_is_no_test(story: Story) -> None:
    """Nor is a finding about the home; and what nobody tests by hand is never due."""
    world = story(rules=(PENDANT, QUIET))
    world.hears("pendant", trigger="pressed")
    world.resolves("Olu Operator", outcome=Outcome.FALSE_ACTIVATION)
    world.advance(hours=2)
    world.resolves("Olu Operator", alert=2, outcome=Outcome.TEST)
    assert world.state.tested == {}
    assert next_test_by(world.state, DEVICES[1]) is None
    assert next_test_by(world.state, device("new", DeviceKind.PERSONAL_TRIGGER)) is None
    world.forget_messages()


def test_a_fault_that_somebody_calls_a_test_proves_nothing(story: Story) -> None:
    """The pendant is offline: nobody has pressed it."""
    gone = Rule(
        name="gone", when=ReadingIs(property="link", values=("offline",)),
        priority=Priority.TECHNICAL,
    )  # fmt: skip
    world = story(rules=(gone,))
    world.hears("pendant", link="offline")
    world.resolves("Olu Operator", outcome=Outcome.TEST)
    assert world.state.tested == {}
    world.forget_messages()


def test_a_test_button_proves_the_detector(story: Story) -> None:
    """Without a walk test too; what the broker had kept does not."""
    world = story()
    world.hears("smoke", test="pressed", retained=True)
    assert world.state.tested == {}
    world.hears("smoke", test="pressed", battery=80.0)
    assert world.state.tested == {"smoke": world.at}
