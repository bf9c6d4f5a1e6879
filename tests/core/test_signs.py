"""No sign of life, further: lone signs, devices that never count, what combinations hear of it."""

from telecared.core.plan import Rule
from telecared.core.state import decode_state, encode_state
from telecared.core.vocabulary import HOUR, MINUTE, Priority
from telecared.core.when import DateRange, InactiveFor, Window
from tests.core.conftest import Story
from tests.core.test_inactive import DAYTIME, opens, quiet
from tests.core.world import World, plan_of, record_of


def in_pairs(*, of: tuple[str, ...] = ("motion",), at_least: int = 2, **more: object) -> Rule:
    """A sign counts when it is the second within a quarter of an hour."""
    condition = InactiveFor(duration=4 * HOUR, of=of, at_least=at_least, within=15 * MINUTE)
    return Rule(name="quiet", when=condition, **more)  # type: ignore[arg-type] # fields of a rule


def move(world: World, name: str = "hall-pir") -> None:
    """Somebody is seen."""
    world.hears(name, motion="detected")
    world.hears(name, motion="clear")


def test_a_lone_sign_in_an_empty_home_is_none(story: Story) -> None:
    """Sunlight on a sensor once an hour keeps nobody alive."""
    world = story(rules=[in_pairs()])
    move(world)
    world.advance(minutes=5)
    move(world, "kitchen-pir")
    for _ in range(6):
        world.advance(hours=1)
        move(world)
    assert opens(world) == ["12:05:00"]
    assert world.records("alert.opened")[0].reason.endswith("the last was at 08:05")


def test_signs_close_together_count(story: Story) -> None:
    """The second of them, and each further one."""
    world = story(rules=[in_pairs()])
    for _ in range(20):
        world.advance(minutes=60)
        for _ in range(3):
            world.advance(minutes=5)
            move(world)
    assert opens(world) == []
    world.advance(hours=4)
    assert len(opens(world)) == 1
    assert world.alert().opened_at == world.at


def test_a_sign_that_is_told_late_confirms_a_lone_one(story: Story) -> None:
    """The second of the pair was held up."""
    world = story(rules=[in_pairs()])
    world.advance(hours=1)
    move(world)
    world.advance(hours=1)
    world.hears("hall-pir", motion="detected", stamp=world.at - 50 * MINUTE)
    world.advance(hours=4)
    assert opens(world) == ["13:10:00"]


def test_only_a_sign_that_counts_closes_the_alert(story: Story) -> None:
    """A lone one leaves it open, a pair closes it."""
    world = story(rules=[in_pairs(priority=Priority.ROUTINE)])
    world.advance(hours=4)
    move(world)
    assert 1 in world.state.alerts
    world.advance(minutes=1)
    move(world)
    world.forget_messages()
    assert world.state.alerts == {}


def test_before_the_first_pair_the_count_runs_from_registration(story: Story) -> None:
    """As it does before the first sign."""
    world = story(rules=[in_pairs()])
    for _ in range(5):
        world.advance(hours=1)
        move(world)
    assert opens(world) == ["12:00:00"]


def test_a_rule_that_begins_to_ask_for_pairs_trusts_the_last_sign(story: Story) -> None:
    """Edited in the middle of a day: nobody is alarmed because of what was not remembered."""
    world = story(rules=[quiet(of=("motion",))])
    for _ in range(10):
        world.advance(hours=1)
        move(world)
    world.is_replanned(plan_of([in_pairs()]))
    world.advance(hours=5)
    assert opens(world) == ["22:00:00"]

    fresh = story(rules=[quiet(of=("motion",))])
    fresh.is_replanned(plan_of([in_pairs()]))
    fresh.advance(hours=4)
    assert opens(fresh) == ["12:00:00"]


def test_a_restart_in_the_middle_of_a_pair_changes_nothing(story: Story) -> None:
    """The first before it, the second after; a doubled message is no pair."""
    world = story(rules=[in_pairs()])
    world.advance(hours=1)
    world.hears("hall-pir", motion="detected")
    world.state = decode_state(encode_state(world.state))
    world.hears("hall-pir", motion="clear")
    world.hears("hall-pir", motion="detected")
    world.advance(minutes=5)
    world.hears("hall-pir", motion="clear")
    world.hears("hall-pir", motion="detected")
    world.advance(hours=4)
    assert opens(world) == ["13:05:00"]


def test_devices_that_never_count_are_passed_over(story: Story) -> None:
    """`never`: the cat's sensor, by id or by kind."""
    condition = InactiveFor(duration=4 * HOUR, of=("motion", "contact"), never=("hall-pir",))
    world = story(rules=[Rule(name="quiet", when=condition)])
    world.advance(hours=1)
    move(world)
    world.advance(hours=1)
    world.hears("front-door", contact="open")
    world.advance(hours=1)
    move(world)
    world.advance(hours=3)
    assert opens(world) == ["14:00:00"]

    kind = InactiveFor(
        duration=4 * HOUR, of=("motion",), never=("activity_detector",), at_least=2, within=HOUR
    )
    nobody = story(rules=[Rule(name="quiet", when=kind)])
    nobody.advance(days=1)
    assert opens(nobody) == []


def test_a_sign_from_before_the_resolve_brings_the_deadline_forward(story: Story) -> None:
    """Told late: the new silence began before somebody closed the alert of the old one."""
    world = story(rules=[quiet()])
    world.hears("hall-pir", motion="clear")
    world.advance(hours=5)
    world.resolves("An Operator")
    world.advance(minutes=10)
    world.hears("hall-pir", motion="detected", stamp=world.at - 30 * MINUTE)
    world.advance(minutes=1)
    world.hears("hall-pir", motion="clear")
    world.advance(hours=4)
    assert opens(world) == ["12:00:00", "16:40:00"]
    world.resolves("An Operator", 2)
    world.forget_messages()
    world.advance(minutes=1)
    world.hears("kitchen-pir", motion="detected")
    world.advance(minutes=1)
    assert len(opens(world)) == 2


def test_what_other_conditions_hear_of_it(story: Story) -> None:
    """It holds from when it is due until a sign, only while its window is open."""
    rule = quiet(between=(DAYTIME,))
    world = story(rules=[rule])
    (compiled,) = world.home.rules

    def holds() -> int | None:
        return compiled.condition.holds(world.home.view(world.state, world.site))

    def turns() -> list[int]:
        return list(compiled.condition.turns(world.home.view(world.state, world.site)))

    eight = world.at
    assert (holds(), turns()) == (None, [eight + 4 * HOUR, eight + 14 * HOUR])
    world.advance(hours=5)
    assert (holds(), turns()) == (eight + 4 * HOUR, [eight + 14 * HOUR])
    world.advance(hours=12)
    assert (holds(), turns()) == (None, [eight + 27 * HOUR, eight + 23 * HOUR, eight + 38 * HOUR])
    world.advance(hours=8)
    assert holds() is None
    world.advance(hours=2)
    assert holds() == eight + 27 * HOUR
    world.forget_messages()

    always = story(rules=[quiet()])
    (compiled,) = always.home.rules
    world = always
    assert (holds(), turns()) == (None, [eight + 4 * HOUR])
    nobody = story(rules=[quiet()], record=record_of(devices=()))
    (compiled,) = nobody.home.rules
    world = nobody
    assert (holds(), turns()) == (None, [])


def test_windows_that_touch_are_one(story: Story) -> None:
    """Every day the whole day: nothing restarts at midnight."""
    always = Window(start=0, end=0)
    world = story(rules=[quiet(between=(always,))], start="2026-03-01T22:00Z")
    (compiled,) = world.home.rules
    since = world.at
    world.advance(hours=5)
    view = world.home.view(world.state, world.site)
    assert compiled.condition.holds(view) == since + 4 * HOUR
    assert opens(world) == ["02:00:00"]


def test_a_day_without_a_window_has_no_count(story: Story) -> None:
    """A window of a single Christmas Day that is over."""
    christmas = Window(start=0, end=0, dates=(DateRange("2020-12-25", "2020-12-25"),))
    world = story(rules=[quiet(between=(christmas,))])
    (compiled,) = world.home.rules
    view = world.home.view(world.state, world.site)
    assert compiled.condition.holds(view) is None
    assert list(compiled.condition.turns(view)) == []
