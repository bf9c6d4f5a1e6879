"""What must not hide a danger: an alert that somebody holds, a device's clock, a changing word."""

from telecared.core.plan import Absence, Clear, Downtime, Rule
from telecared.core.state import next_deadline
from telecared.core.vocabulary import HOUR, MINUTE, SECOND, DeviceKind, Duration, Priority
from telecared.core.when import Compare, HeldFor, InactiveFor, ReadingIs, Silent
from tests.core.conftest import Story
from tests.core.stating import silences
from tests.core.world import World, device, plan_of, record_of

PENDANT = device("pendant", DeviceKind.PERSONAL_TRIGGER)
FALLS = ("detected", "suspected")


def fallen(duration: Duration = 30 * SECOND, priority: Priority = Priority.LIFE_SAFETY) -> Rule:
    """A fall that is not taken back for a time."""
    when = HeldFor(property="fall", values=FALLS, duration=duration)
    return Rule(name="fall", when=when, priority=priority)


def opens(world: World) -> list[str]:
    """Local times at which an alert was opened; who was told is another story."""
    world.forget_messages()
    return [at for at, _ in world.opened()]


# --- an alert that somebody holds (promise P6) --------------------------------------------------


def test_a_second_fall_pages_whoever_holds_the_first(story: Story) -> None:
    """A fall that lasts is told again although Ben has said that he goes."""
    world = story(rules=[fallen()])
    world.hears("pendant", fall="detected")
    world.advance(seconds=30)
    world.accepts("ben")
    world.forget_messages()
    world.hears("pendant", fall="clear")
    world.advance(minutes=5)

    world.hears("pendant", fall="detected")
    world.advance(seconds=30)

    world.expect_sms("ben")
    assert world.alert().repeats == 1
    world.advance(seconds=30)
    assert world.alert().repeats == 1
    world.forget_messages()


def test_a_fall_is_told_again_by_a_detector_that_never_clears(story: Story) -> None:
    """The alarm again after ten quiet minutes pages whoever holds the first, at once."""
    world = story(rules=[fallen()])
    world.hears("pendant", fall="detected")
    world.advance(seconds=30)
    world.accepts("ben")
    world.forget_messages()
    world.advance(minutes=11)

    world.hears("pendant", fall="detected")

    world.expect_sms("ben")
    assert world.alert().repeats == 1
    world.advance(minutes=1)
    assert world.alert().repeats == 1
    world.forget_messages()


def test_a_cold_home_that_is_cold_again_pages_whoever_holds_it(story: Story) -> None:
    """The same for numbers: warm for a while, then dangerously cold once more."""
    cold = Compare(property="temperature", below=8.0, duration=10 * MINUTE)
    world = story(rules=[Rule(name="cold", when=cold, priority=Priority.LIFE_SAFETY)])
    world.hears("unit", temperature=6.0)
    world.advance(minutes=10)
    world.accepts("ben")
    world.hears("unit", temperature=18.0)
    world.advance(minutes=1)
    world.hears("unit", temperature=6.0)
    world.forget_messages()

    world.advance(minutes=10)

    world.expect_sms("ben")
    assert world.alert().repeats == 1
    world.forget_messages()


def test_an_urgent_level_that_comes_again_stays_one_alert(story: Story) -> None:
    """What endangers no life and is open already is not told again."""
    world = story(rules=[fallen(priority=Priority.URGENT)])
    for word in ("detected", "clear", "detected"):
        world.hears("pendant", fall=word)
        world.advance(minutes=1)
    assert world.alert().repeats == 0
    world.forget_messages()


def test_a_unit_that_is_silent_once_more_is_an_alert_of_its_own(story: Story) -> None:
    """It spoke, and is silent again two hours later: told when it is due, not when looked at."""
    rule = Rule(
        name="silent", when=Silent(at=("unit",), duration=45 * MINUTE), split_after=HOUR
    )  # fmt: skip
    world = story(rules=[rule])
    world.advance(minutes=50)
    world.hears("unit", heartbeat="seen")
    due = next_deadline(world.state)
    assert due is not None
    assert due <= world.at + 55 * MINUTE
    world.advance(hours=2)
    assert opens(world) == ["08:45:00", "09:45:00"]


# --- clocks of devices --------------------------------------------------------------------------


def test_a_lasting_fall_is_told_although_the_clock_was_put_back(story: Story) -> None:
    """A stamp of three hours ago is news to life safety: counted from when it is heard."""
    world = story(rules=[fallen()])
    world.hears("pendant", fall="clear")
    world.advance(minutes=1)
    world.hears("pendant", fall="detected", stamp=world.at - 3 * HOUR)
    world.advance(minutes=2)
    assert opens(world) == ["08:01:30"]
    world.resolves("An Operator")
    world.advance(minutes=5)
    assert opens(world) == ["08:01:30"]


def test_a_fall_with_an_old_stamp_that_is_taken_back_is_nothing(story: Story) -> None:
    """What the same clock tells next counts, too, and so does one that was put right."""
    world = story(rules=[fallen()])
    world.advance(hours=1)
    world.hears("pendant", fall="clear")
    world.advance(minutes=1)
    world.hears("pendant", fall="detected", stamp=world.at - 3 * HOUR)
    world.hears("pendant", fall="suspected", stamp=world.at - 3 * HOUR)
    world.advance(seconds=20)
    world.hears("pendant", fall="clear", stamp=world.at - 3 * HOUR)
    world.advance(minutes=5)
    assert opens(world) == []


def test_what_is_less_than_life_safety_waits_for_its_clock(story: Story) -> None:
    """An urgent level is not counted from a stamp that lies before what is known."""
    world = story(rules=[fallen(priority=Priority.URGENT)])
    world.hears("pendant", fall="clear")
    world.hears("pendant", fall="detected", stamp=world.at - 3 * HOUR)
    world.advance(minutes=5)
    assert opens(world) == []


def test_a_second_fall_is_heard_from_a_clock_that_stands_still(story: Story) -> None:
    """Every stamp is the same: by our own clock it has been quiet for half an hour."""
    when = ReadingIs(property="fall", values=("detected",))
    world = story(rules=[Rule(name="fall", when=when, priority=Priority.LIFE_SAFETY)])
    stamp = world.at
    for minutes, alerts in ((0, 1), (5, 1), (9, 1), (30, 2)):
        world.advance(minutes=minutes)
        world.hears("pendant", fall="detected", stamp=stamp)
        assert len(opens(world)) == alerts
        if world.state.alerts:
            world.resolves("An Operator", len(opens(world)))
    world.forget_messages()


def test_a_second_fall_is_heard_from_a_clock_that_was_put_back(story: Story) -> None:
    """A detector that never clears, and whose clock shows three hours ago since noon."""
    when = ReadingIs(property="fall", values=("detected",))
    world = story(rules=[Rule(name="fall", when=when, priority=Priority.LIFE_SAFETY)])
    world.hears("pendant", fall="detected")
    world.resolves("An Operator")
    world.advance(minutes=30)
    world.hears("pendant", fall="detected", stamp=world.at - 3 * HOUR)
    assert opens(world) == ["08:00:00", "08:30:00"]
    world.resolves("An Operator", 2)
    world.advance(minutes=2)
    world.hears("pendant", fall="detected", stamp=world.at - 3 * HOUR)
    assert len(opens(world)) == 2
    world.advance(minutes=20)
    world.hears("pendant", fall="detected", stamp=world.at - 10 * MINUTE)
    assert len(opens(world)) == 3


def test_what_merely_stays_is_no_sign_of_life_told_late(story: Story) -> None:
    """It says "detected" at eight, at ten and, late, at nine: it hung all along."""
    quiet = Rule(name="quiet", when=InactiveFor(duration=4 * HOUR, of=("motion",)))
    world = story(rules=[quiet])
    world.hears("hall-pir", motion="detected")
    world.advance(hours=2)
    world.hears("hall-pir", motion="detected")
    world.hears("hall-pir", motion="detected", stamp=world.at - HOUR)
    world.advance(hours=4)
    assert opens(world) == ["12:00:00"]


# --- words and numbers of one meaning -----------------------------------------------------------


def test_a_suspected_fall_that_becomes_a_detected_one_counts_on(story: Story) -> None:
    """One of the values is kept all the time, whichever of them it is."""
    world = story(rules=[fallen(5 * MINUTE)])
    for word in ("suspected", "detected", "suspected"):
        world.hears("pendant", fall=word)
        world.advance(minutes=2)
    assert opens(world) == ["08:05:00"]


def test_an_alarm_that_is_told_now_and_then_counts_on(story: Story) -> None:
    """Told every twelve minutes it is news each time, and still one stretch of half an hour."""
    when = HeldFor(property="smoke", values=("alarm",), duration=30 * MINUTE)
    world = story(rules=[Rule(name="smoke", when=when, priority=Priority.LIFE_SAFETY)])
    for _ in range(3):
        world.hears("smoke", smoke="alarm")
        world.advance(minutes=12)
    assert opens(world) == ["08:30:00"]


def test_a_battery_that_goes_on_falling_stays_low(story: Story) -> None:
    """Each percent is another number and the same low battery."""
    when = HeldFor(property="battery", values=("low",), duration=10 * MINUTE)
    world = story(rules=[Rule(name="low", when=when, priority=Priority.ROUTINE)])
    for percent in (14.0, 13.0, 12.0):
        world.hears("unit", battery=percent)
        world.advance(minutes=4)
    assert opens(world) == ["08:10:00"]
    world.hears("unit", battery=90.0)
    assert world.state.alerts == {}
    world.hears("unit", battery=11.0)
    world.advance(minutes=9)
    assert opens(world) == ["08:10:00"]


def test_a_low_battery_is_told_after_a_silence_though_it_fell_meanwhile(story: Story) -> None:
    """Held back at 14 percent, at 12 when the silence ends: it is still so."""
    when = ReadingIs(property="battery", values=("low",))
    world = story(rules=[Rule(name="low", when=when, priority=Priority.ROUTINE)])
    silences(world, hours=1)
    for percent in (14.0, 12.0):
        world.hears("unit", battery=percent)
        world.advance(minutes=10)
    world.advance(hours=1)
    assert opens(world) == ["09:00:00"]


def test_a_new_rule_counts_from_what_is_known(story: Story) -> None:
    """A rule that comes into force finds the level that stands, and goes on where it was."""
    world = story()
    world.hears("pendant", fall="suspected")
    world.advance(minutes=2)
    plan = plan_of([fallen(5 * MINUTE)])
    world.is_replanned(plan)
    world.hears("pendant", fall="detected")
    world.advance(minutes=1)
    world.is_replanned(plan)
    world.advance(minutes=5)
    assert opens(world) == ["08:05:00"]


# --- deadlines that come into being -------------------------------------------------------------


def test_a_device_that_shows_life_against_its_kind_is_watched_from_then_on(story: Story) -> None:
    """A home with a pendant only is not watched, until that pendant tells of motion."""
    quiet = Rule(name="quiet", when=InactiveFor(duration=2 * HOUR, of=("motion",)))
    world = story(rules=[quiet], record=record_of(devices=(PENDANT,)))
    world.advance(hours=5)
    assert opens(world) == []
    world.hears("pendant", motion="detected")
    world.advance(hours=3)
    assert opens(world) == ["15:00:00"]


def test_what_is_heard_after_an_outage_does_not_wait_for_its_grace(story: Story) -> None:
    """Silence and stillness that begin after the outage are counted without it."""
    grace = Downtime(kind="grace", grace=4 * HOUR)
    rules = [
        Rule(name="silent", when=Silent(at=("unit",), duration=30 * MINUTE), downtime=grace),
        Rule(name="quiet", when=InactiveFor(duration=HOUR, of=("motion",)), downtime=grace),
    ]
    world = story(rules=rules)
    world.advance(minutes=20)
    world.outage(minutes=5)
    world.advance(minutes=5)
    world.hears("unit", heartbeat="seen")
    world.hears("hall-pir", motion="detected")
    world.advance(hours=2)
    assert world.opened() == [("09:00:00", "silent"), ("09:30:00", "quiet")]
    world.forget_messages()


def test_a_home_without_exits_is_never_left_by_a_cupboard_door(story: Story) -> None:
    """`exits: []` says that no door tells who is in: silence after one is no absence."""
    quiet = InactiveFor(duration=HOUR, of=("motion", "contact"))
    rules = [Rule(name="quiet", when=quiet, unless=(Absence.AWAY,))]
    world = story(rules=rules, record=record_of(exits=()))
    world.hears("front-door", contact="open")
    world.advance(hours=2)
    assert opens(world) == ["09:00:00"]


# --- levels that clear by themselves ------------------------------------------------------------


def test_what_was_found_ends_when_its_level_clears_by_itself(story: Story) -> None:
    """A flood sensor without "dry": ten minutes after its last word it counts as dry."""
    rules = [
        Rule(name="wet", priority=Priority.ROUTINE,
             when=HeldFor(property="water", values=("wet",), duration=5 * MINUTE)),
        Rule(name="leak", when=ReadingIs(property="water", values=("wet",)),
             priority=Priority.ROUTINE),
        Rule(name="asked", when=ReadingIs(property="water", values=("wet",)),
             priority=Priority.ROUTINE, clear=Clear(kind="person")),
    ]  # fmt: skip
    world = story(rules=rules)
    for _ in range(2):
        world.hears("unit", water="wet", clears_after=10 * MINUTE)
        world.advance(minutes=6)
    world.advance(minutes=1)
    assert len(world.state.alerts) == 3
    world.advance(hours=1)
    assert [one.rule for one in world.state.alerts.values()] == ["asked"]
    world.forget_messages()
