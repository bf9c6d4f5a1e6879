"""How messages become facts, and facts become alerts: edges, bursts, retained values, stamps."""

import pytest

from telecared.core.facts import BURST, PLAUSIBLE_PAST
from telecared.core.plan import Rule
from telecared.core.state import MAX_REST_SPANS
from telecared.core.vocabulary import DAY, HOUR, MINUTE, SECOND, Priority
from telecared.core.when import HeldFor, ReadingIs, Window
from tests.core.conftest import Story
from tests.core.world import CENTRE, instant


def when(name: str, property: str, *values: str, **more: object) -> Rule:
    """A rule on one reading."""
    condition = ReadingIs(property=property, values=values)
    return Rule(name=name, when=condition, **more)  # type: ignore[arg-type] # fields of a rule


PENDANT = when("pendant", "trigger", "pressed", priority=Priority.LIFE_SAFETY)
SMOKE = when("smoke", "smoke", "alarm", priority=Priority.LIFE_SAFETY)
DOOR = when("door", "contact", "open")


def test_of_a_level_only_edges_are_news(story: Story) -> None:
    """A door that says "open" ten times has been opened once."""
    world = story(rules=[DOOR])
    world.hears("front-door", contact="closed")
    for _ in range(10):
        world.advance(seconds=30)
        world.hears("front-door", contact="open")
    world.expect_sms("ben")
    world.forget_messages()
    assert world.alert().repeats == 0
    world.hears("front-door", contact="closed")
    world.hears("front-door", contact="open")
    assert world.alert().repeats == 1


def test_a_level_first_told_as_an_alarm_is_news(story: Story) -> None:
    """A smoke alarm that nobody heard before is an alarm."""
    world = story(rules=[SMOKE])
    world.hears("smoke", smoke="alarm")
    world.expect_sms("ben")


def test_every_press_outside_the_burst_is_news(story: Story) -> None:
    """A radio repeats one press for three seconds; the next press is another."""
    world = story(rules=[PENDANT])
    for seconds in (0, 1, 1.9, 0.1, 1):
        world.advance(seconds=seconds)
        world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    assert BURST == 3 * SECOND
    assert world.alert().repeats == 1


def test_a_profile_may_name_its_own_burst(story: Story) -> None:
    """A device that repeats for half a minute says so."""
    world = story(rules=[PENDANT])
    for _ in range(3):
        world.hears("pendant", trigger="pressed", burst=30 * SECOND)
        world.advance(seconds=15)
    world.expect_sms("ben")
    assert world.alert().repeats == 1


def test_a_stuck_device_clock_does_not_mute_a_second_press(story: Story) -> None:
    """The same stamp minutes later is another press: our own clock tells them apart."""
    world = story(rules=[PENDANT])
    stamp = world.at
    world.hears("pendant", trigger="pressed", stamp=stamp)
    world.advance(minutes=1)
    world.hears("pendant", trigger="pressed", stamp=stamp)
    world.expect_sms("ben")
    assert world.alert().repeats == 1


def test_two_presses_that_a_hub_kept_are_two(story: Story) -> None:
    """They arrive together, and their stamps tell them apart."""
    world = story(rules=[PENDANT])
    world.hears("pendant", trigger="pressed", stamp=world.at - 60 * SECOND)
    world.hears("pendant", trigger="pressed", stamp=world.at - 10 * SECOND)
    world.expect_sms("ben")
    assert world.alert().repeats == 1


def test_different_momentary_words_are_no_burst(story: Story) -> None:
    """Due and missed within a second are two facts."""
    world = story(rules=[when("missed", "medication", "missed")])
    world.hears("unit", medication="due")
    world.hears("unit", medication="missed")
    world.expect_sms("ben")


# --- retained -----------------------------------------------------------------------------------


def test_a_retained_alarm_with_no_earlier_reading_opens_and_says_so(story: Story) -> None:
    """Found at connect: nobody knows since when it burns."""
    world = story(rules=[SMOKE])
    world.hears("smoke", smoke="alarm", retained=True)
    world.expect_sms("ben", "(found at connect)")
    assert "(found at connect)" in world.records("alert.opened")[0].reason


def test_a_retained_alarm_that_we_know_is_no_news(story: Story) -> None:
    """The broker tells it again at every connect."""
    world = story(rules=[SMOKE])
    world.hears("smoke", smoke="alarm")
    world.expect_sms("ben")
    world.hears("smoke", smoke="alarm", retained=True)
    assert world.alert().repeats == 0


def test_a_retained_press_is_never_news(story: Story) -> None:
    """It may be weeks old."""
    world = story(rules=[PENDANT])
    world.hears("pendant", trigger="pressed", retained=True)
    assert world.state.alerts == {}
    assert world.state.facts == {}


def test_what_the_broker_kept_is_no_sign_of_life(story: Story) -> None:
    """Neither of the resident nor of the device, whether it is new to us or not."""
    world = story()
    world.hears("hall-pir", motion="detected", retained=True)
    assert world.state.heard == {}
    assert world.state.facts["hall-pir"]["motion"].active_at == 0
    world.advance(minutes=1)
    world.hears("hall-pir", motion="clear")
    world.hears("hall-pir", motion="detected", retained=True)
    assert world.state.facts["hall-pir"]["motion"].active_at == 0
    world.hears("hall-pir", motion="detected", retained=True, stamp=world.at - SECOND)
    assert world.state.facts["hall-pir"]["motion"].active_at == 0


# --- levels that never clear by themselves ------------------------------------------------------


def test_a_level_that_clears_by_itself_is_news_again(story: Story) -> None:
    """A flood sensor without "dry" counts as dry ten minutes after it last said "wet"."""
    world = story(rules=[when("flood", "water", "wet")])
    for minutes in (0, 9, 9, 10):
        world.advance(minutes=minutes)
        world.hears("unit", water="wet", clears_after=10 * MINUTE)
    world.forget_messages()
    assert world.alert().repeats == 1


def test_a_level_kept_alive_reaches_a_count_that_looked_out_of_reach(story: Story) -> None:
    """Each message moves its end; twenty minutes are reached although each lasts ten."""
    rule = Rule(name="wet", when=HeldFor(property="water", values=("wet",), duration=20 * MINUTE))
    world = story(rules=[rule])
    for number in range(3):
        world.hears("unit", water="wet", clears_after=10 * MINUTE)
        assert world.opened() == []
        if number == 0:
            world.hears("bed", occupancy="vacant")  # every deadline is worked out anew
            assert world.state.conditions_due is None
        world.advance(minutes=9)
    assert world.opened() == [("08:20:00", "wet")]
    world.forget_messages()


def test_rest_in_a_bed_that_never_says_vacant_ends_by_itself(story: Story) -> None:
    """The stretch in bed that is remembered ends when the reading did."""
    world = story()
    start = world.at
    world.hears("bed", occupancy="occupied", clears_after=HOUR)
    world.advance(hours=3)
    world.hears("bed", occupancy="vacant")
    assert world.state.rest == ((start, start + HOUR),)


def test_stretches_of_rest_are_remembered_up_to_a_limit(story: Story) -> None:
    """The oldest are forgotten first."""
    world = story()
    for _ in range(MAX_REST_SPANS + 2):
        world.hears("bed", occupancy="occupied")
        world.advance(minutes=1)
        world.hears("bed", occupancy="vacant")
        world.advance(minutes=1)
    assert len(world.state.rest) == MAX_REST_SPANS
    assert world.state.rest[0][0] == instant("2026-03-01T08:04Z")


# --- stamps -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shift", "counts_as"),
    [
        (0, 0),
        (-HOUR, -HOUR),
        (-PLAUSIBLE_PAST, -PLAUSIBLE_PAST),
        (-PLAUSIBLE_PAST - 1, 0),
        (2 * MINUTE, 0),
        (MINUTE, 0),
        (DAY, 0),
        (-instant("2026-03-01T08:00Z"), 0),
    ],
    ids=["now", "late", "a-week", "older", "ahead", "a-minute-ahead", "a-day-ahead", "1970"],
)
def test_only_a_plausible_stamp_counts(story: Story, shift: int, counts_as: int) -> None:
    """A hub buffers hours; weeks, 1970 and tomorrow are broken clocks. Nothing comes from ahead."""
    world = story()
    world.hears("front-door", contact="open", stamp=world.at + shift)
    assert world.state.facts["front-door"]["contact"].since == world.at + counts_as


def test_a_stamp_is_read_by_the_wall_clock_that_the_home_shares(story: Story) -> None:
    """After our own clock was put, stamps are turned into engine time."""
    world = story()
    world.clock_is_put(HOUR)
    world.hears("front-door", contact="open", stamp=world.at + HOUR)
    assert world.state.facts["front-door"]["contact"].since == world.at


def test_a_clock_that_ran_ahead_and_was_corrected_mutes_nothing(story: Story) -> None:
    """A reading stamped ninety seconds ahead does not make the next ones look old."""
    world = story(rules=[DOOR])
    world.hears("front-door", contact="closed", stamp=world.at + 90 * SECOND)
    world.advance(seconds=10)
    world.hears("front-door", contact="open", stamp=world.at)
    world.expect_sms("ben")


def test_life_safety_with_an_old_stamp_opens_and_says_how_late(story: Story) -> None:
    """A buffered alarm is told, with its age (decision 1)."""
    world = story(rules=[SMOKE])
    world.hears("smoke", smoke="alarm", stamp=world.at - 45 * MINUTE)
    world.expect_sms("ben", "(late by 45m)")


def test_life_safety_out_of_order_opens_although_it_looks_over(story: Story) -> None:
    """The end overtook the alarm: somebody has to look. A door in the same case is history."""
    world = story(rules=[SMOKE, DOOR])
    world.hears("smoke", smoke="clear")
    world.hears("front-door", contact="closed")
    world.hears("smoke", smoke="alarm", stamp=world.at - MINUTE)
    world.hears("front-door", contact="open", stamp=world.at - MINUTE)
    world.expect_sms("ben", "(late by 1m)")
    assert world.state.facts["smoke"]["smoke"].value == "clear"
    assert world.opened() == [("08:00:00", "smoke")]


def test_an_old_press_opens_and_leaves_the_newer_one_in_place(story: Story) -> None:
    """Momentary readings out of order are each news to life safety."""
    world = story(rules=[PENDANT, when("seen", "heartbeat", "seen")])
    now = world.at
    world.hears("pendant", trigger="pressed", heartbeat="seen")
    world.advance(minutes=1)
    world.hears("pendant", trigger="pressed", heartbeat="seen", stamp=now - HOUR)
    world.forget_messages()
    assert [alert.repeats for alert in world.state.alerts.values()] == [1, 0]
    assert world.state.facts["pendant"]["trigger"].since == now


def test_an_older_reading_of_the_same_value_is_no_news(story: Story) -> None:
    """What is already known since longer adds nothing; from before it, it is no edge either."""
    world = story(rules=[SMOKE])
    world.hears("smoke", smoke="alarm")
    world.expect_sms("ben")
    world.advance(seconds=90)
    world.hears("smoke", smoke="alarm")
    world.hears("smoke", smoke="alarm", stamp=world.at - MINUTE)
    world.hears("smoke", smoke="alarm", stamp=world.at - 10 * MINUTE)
    assert world.alert().repeats == 0


def test_an_older_edge_back_ends_nothing(story: Story) -> None:
    """A late "closed" from before "open" does not close the alert."""
    rule = when("door", "contact", "open", priority=Priority.ROUTINE)
    world = story(rules=[rule])
    world.hears("front-door", contact="open")
    world.expect_sms("ben")
    world.hears("front-door", contact="closed", stamp=world.at - MINUTE)
    assert 1 in world.state.alerts


def test_an_older_sign_of_life_counts_from_its_time(story: Story) -> None:
    """A buffered motion tells that somebody lived then; an older one adds nothing."""
    world = story()
    start = world.at
    world.hears("hall-pir", motion="clear", stamp=start - HOUR)
    world.advance(minutes=10)
    world.hears("hall-pir", motion="clear")
    world.hears("hall-pir", motion="detected", stamp=start)
    assert world.state.facts["hall-pir"]["motion"].active_at == start
    world.hears("hall-pir", motion="detected", stamp=start - MINUTE)
    assert world.state.facts["hall-pir"]["motion"].active_at == start
    assert world.state.facts["hall-pir"]["motion"].value == "clear"


def test_history_raises_nothing(story: Story) -> None:
    """What a profile declares a record of the past changes no fact."""
    world = story(rules=[SMOKE, PENDANT])
    world.hears("smoke", smoke="alarm", history=True)
    world.hears("pendant", trigger="pressed", history=True)
    assert world.state.facts == {}


# --- counters, QoS, values, places --------------------------------------------------------------


def test_gaps_of_a_device_counter_are_counted(story: Story) -> None:
    """1, 2, 5 miss two; a repeat or an old number misses none; a restart begins anew."""
    world = story()
    for seq in (1, 2, 5, 5, 4, 0, 1, None, 3):
        world.hears("unit", seq=seq)
    assert world.state.missed == {"unit": 3}
    assert world.state.seqs == {"unit": 3}


def test_life_safety_at_qos_0_is_a_fault_of_its_own(story: Story) -> None:
    """Nothing guarantees its delivery: somebody has to set the device right."""
    world = story(rules=[])
    world.hears("hall-pir", motion="detected", qos=0)
    world.expect_nothing()
    world.hears("pendant", battery=80.0, qos=0)
    world.expect_sms(CENTRE, "without delivery guarantee (QoS 0): pendant")
    world.hears("hall-pir", fall="detected", qos=0)
    world.expect_sms(CENTRE, "hall-pir")


def test_a_battery_in_percent_counts_as_low(story: Story) -> None:
    """At 15 % and below; every further percent is no news."""
    world = story(rules=[when("battery", "battery", "low", priority=Priority.TECHNICAL)])
    for percent in (80.0, 16.0, 15.0, 14.0, 3.0):
        world.hears("pendant", battery=percent)
    world.expect_sms("ben")
    assert world.alert().repeats == 0
    world.hears("pendant", battery="ok")
    world.expect_sms("ben", "It is over")


def test_a_location_is_told_and_matches_no_word(story: Story) -> None:
    """A pair of numbers is a value like any other."""
    world = story(rules=[when("where", "location", "home")])
    world.hears("unit", location=(51.5, -0.1))
    assert world.state.facts["unit"]["location"].value == (51.5, -0.1)


def test_a_reading_counts_only_inside_its_window(story: Story) -> None:
    """The door at night, by local time."""
    rule = Rule(
        name="night-door",
        when=ReadingIs(
            property="contact", values=("open",), at=("front-door",),
            between=(Window(start=22 * 60, end=6 * 60),),
        ),
    )  # fmt: skip
    world = story(rules=[rule])
    world.hears("front-door", contact="open")
    world.hears("front-door", contact="closed")
    world.until("2026-03-01T22:00Z")
    world.hears("front-door", contact="open")
    world.expect_sms("ben")
    world.forget_messages()
    assert world.opened() == [("22:00:00", "night-door")]
    reason = world.records("alert.opened")[0].reason
    assert reason == "front-door (hall) told contact: open"


def test_a_message_of_a_device_that_is_not_in_the_home_is_a_fault(story: Story) -> None:
    """Registered elsewhere or just deleted: an unknown device that speaks is an alert (P7)."""
    world = story(rules=[])
    world.hears("ghost", motion="detected")
    world.expect_sms(CENTRE, "nobody registered is speaking: ghost")
    world.hears("ghost", trigger="pressed")
    world.expect_sms("ben", "ALARM from a device that nobody registered: ghost")


def test_a_device_that_comes_back_begins_anew(story: Story) -> None:
    """What it told before it was taken out of the home says nothing about now."""
    world = story()
    world.hears("front-door", contact="open", seq=1)
    record = world.home.record
    assert record is not None
    gone = tuple(one for one in record.devices if one.id != "front-door")
    world.is_replanned(record=type(record)(id=record.id, scheme="", timezone="UTC", devices=gone))
    assert "front-door" not in {**world.state.facts, **world.state.heard, **world.state.seqs}
    world.advance(days=1)
    world.is_replanned(record=record)
    assert world.state.known["front-door"] == world.at
