"""Readings that come late, early, doubled, out of order, from broken clocks, kept or as history.

One story for each row of the table in `docs/time.md`; a test of its own holds the two together.
"""

import re
from pathlib import Path

import pytest

from telecared.core.plan import Rule
from telecared.core.vocabulary import DAY, HOUR, MINUTE, SECOND, Priority
from telecared.core.when import HeldFor, InactiveFor, ReadingIs, Silent, Window
from tests.core.conftest import Story
from tests.core.world import World, instant

PRESSED = Rule(
    name="pressed",
    when=ReadingIs(property="trigger", values=("pressed",)),
    priority=Priority.LIFE_SAFETY,
)
SMOKE = Rule(
    name="smoke",
    when=ReadingIs(property="smoke", values=("alarm",)),
    priority=Priority.LIFE_SAFETY,
)
VISIT = Rule(name="visit", when=ReadingIs(property="contact", values=("open",)))
LEFT_OPEN = Rule(
    name="left-open", when=HeldFor(property="contact", values=("open",), duration=30 * MINUTE)
)
NO_MOVEMENT = Rule(name="no-movement", when=InactiveFor(duration=4 * HOUR, of=("motion",)))
START = instant("2026-03-01T08:00Z")


def opened(world: World) -> list[tuple[str | None, str]]:
    """(rule, local time) of every alert that was opened."""
    world.forget_messages()
    return [(rule, at[:5]) for at, rule in world.opened()]


# --- late ---------------------------------------------------------------------------------------


def test_a_late_reading_counts_from_when_it_happened(story: Story) -> None:
    """The hub kept "open" for ten minutes: twenty more, and the door has been open for thirty."""
    world = story(rules=[LEFT_OPEN])
    world.hears("front-door", contact="open", stamp=START - 10 * MINUTE)
    world.advance(hours=1)
    assert opened(world) == [("left-open", "08:20")]


def test_a_late_sign_of_life_counts_from_when_it_happened(story: Story) -> None:
    """Movement at nine, heard at ten: four hours of silence are over at one."""
    world = story(rules=[NO_MOVEMENT])
    world.advance(hours=2)
    world.hears("hall-pir", motion="detected", stamp=START + HOUR)
    world.advance(hours=4)
    assert opened(world) == [("no-movement", "13:00")]


def test_a_late_alarm_opens_and_says_how_late(story: Story) -> None:
    """An hour in a buffer is no reason not to go; whoever goes is told of it."""
    world = story(rules=[PRESSED, SMOKE])
    world.hears("pendant", trigger="pressed", stamp=START - HOUR)
    world.hears("smoke", smoke="alarm", stamp=START - 3 * DAY)
    world.expect_sms("ben", "(late by 1h)")
    world.expect_sms("ben", "(late by 3d)")


@pytest.mark.parametrize(
    ("priority", "told"),
    [(Priority.LIFE_SAFETY, ["pressed-at-night"]), (Priority.URGENT, [])],
)
def test_an_old_stamp_never_takes_an_alarm_out_of_its_window(
    story: Story, priority: Priority, told: list[str]
) -> None:
    """Heard by night, stamped by day: a clock may be wrong, and a life-safety rule goes."""
    rule = Rule(
        name="pressed-at-night",
        when=ReadingIs(
            property="trigger",
            values=("pressed",),
            between=(Window(start=22 * 60, end=6 * 60),),
        ),
        priority=priority,
    )
    world = story(rules=[rule], start="2026-03-01T23:00Z")
    world.hears("pendant", trigger="pressed", stamp=world.at - 3 * HOUR)
    assert [name for name, _ in opened(world)] == told


def test_what_happened_in_the_window_counts_when_it_is_heard_after_it(story: Story) -> None:
    """A door opened at three, heard at seven: a rule about nights wants to know."""
    by_night = ReadingIs(
        property="contact", values=("open",), between=(Window(start=22 * 60, end=6 * 60),)
    )
    world = story(rules=[Rule(name="visit", when=by_night)], start="2026-03-01T07:00Z")
    world.hears("front-door", contact="open", stamp=world.at - 4 * HOUR)
    assert opened(world) == [("visit", "07:00")]


# --- early, and clocks that are broken ----------------------------------------------------------


def test_a_reading_from_a_little_ahead_counts_as_now(story: Story) -> None:
    """A minute fast: nothing has happened after we heard of it, and what follows is not old."""
    world = story(rules=[LEFT_OPEN, VISIT])
    world.hears("front-door", contact="closed", stamp=START + 60 * SECOND)
    world.advance(seconds=10)
    world.hears("front-door", contact="open", stamp=world.at)
    world.advance(hours=1)
    assert opened(world) == [("visit", "08:00"), ("left-open", "08:30")]


@pytest.mark.parametrize(
    "stamp",
    [
        pytest.param(0, id="1970"),
        pytest.param(instant("2000-01-01T00:00Z"), id="2000"),
        pytest.param(START - 8 * DAY, id="a-week-ago"),
        pytest.param(START + DAY, id="a-day-ahead"),
        pytest.param(START + 3 * MINUTE, id="three-minutes-ahead"),
    ],
)
def test_a_broken_device_clock_counts_as_no_clock(story: Story, stamp: int) -> None:
    """1970, last week, tomorrow: the reading happened when we heard of it, and is not late."""
    world = story(rules=[PRESSED, LEFT_OPEN, NO_MOVEMENT])
    world.hears("pendant", trigger="pressed", stamp=stamp)
    assert "late" not in world.expect_sms("ben").text
    world.hears("front-door", contact="open", stamp=stamp)
    world.hears("hall-pir", motion="detected", stamp=stamp)
    world.advance(hours=5)
    assert opened(world) == [("pressed", "08:00"), ("left-open", "08:30"), ("no-movement", "12:00")]


def test_a_device_clock_that_stands_still_mutes_no_second_press(story: Story) -> None:
    """Two presses with one stamp, a minute apart by our clock, are two."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed", stamp=START)
    world.advance(minutes=1)
    world.hears("pendant", trigger="pressed", stamp=START)
    world.forget_messages()
    assert world.alert().repeats == 1


# --- doubled ------------------------------------------------------------------------------------


def test_one_press_told_four_times_is_one_press(story: Story) -> None:
    """A radio repeats its frame for up to three seconds."""
    world = story(rules=[PRESSED])
    for _ in range(4):
        world.hears("pendant", trigger="pressed")
        world.advance(seconds=0.5)
    world.expect_sms("ben")
    assert world.alert().repeats == 0


def test_a_level_told_twice_is_told_once(story: Story) -> None:
    """The same word again is no edge, and starts no count anew."""
    world = story(rules=[VISIT, LEFT_OPEN])
    world.hears("front-door", contact="open")
    world.advance(minutes=20)
    world.hears("front-door", contact="open")
    world.advance(minutes=30)
    assert opened(world) == [("visit", "08:00"), ("left-open", "08:30")]


# --- out of order -------------------------------------------------------------------------------


def test_an_overtaken_reading_is_history_to_every_rule_but_life_safety(story: Story) -> None:
    """The door is closed, we know it later than it was open: nobody is told of a door."""
    world = story(rules=[VISIT, LEFT_OPEN])
    world.hears("front-door", contact="closed")
    world.hears("front-door", contact="open", stamp=START - MINUTE)
    world.advance(hours=1)
    assert opened(world) == []


def test_an_overtaken_alarm_opens_all_the_same(story: Story) -> None:
    """The smoke is said to be over; that there was some is told."""
    world = story(rules=[SMOKE])
    world.hears("smoke", smoke="clear")
    world.hears("smoke", smoke="alarm", stamp=START - 2 * MINUTE)
    world.expect_sms("ben", "(late by 2m)")
    assert world.state.facts["smoke"]["smoke"].value == "clear"


def test_an_overtaken_end_ends_nothing(story: Story) -> None:
    """What closed it before it was opened does not stop the count that runs since."""
    world = story(rules=[LEFT_OPEN])
    world.hears("front-door", contact="open")
    world.advance(minutes=10)
    world.hears("front-door", contact="closed", stamp=START - MINUTE)
    world.advance(hours=1)
    assert opened(world) == [("left-open", "08:30")]


def test_an_overtaken_sign_of_life_is_one_then(story: Story) -> None:
    """Nobody moves now; that somebody moved at nine moves the end of the silence to one."""
    world = story(rules=[NO_MOVEMENT])
    world.hears("hall-pir", motion="detected")
    world.advance(hours=2)
    world.hears("hall-pir", motion="clear")
    world.hears("hall-pir", motion="detected", stamp=START + HOUR)
    world.advance(hours=4)
    assert opened(world) == [("no-movement", "13:00")]


# --- kept by the broker -------------------------------------------------------------------------


def test_a_kept_alarm_that_nobody_knew_opens_and_says_so(story: Story) -> None:
    """The first thing we hear of the kitchen is that it burns, or burned."""
    world = story(rules=[SMOKE])
    world.hears("smoke", smoke="alarm", retained=True)
    world.expect_sms("ben", "(found at connect)")


def test_a_kept_alarm_that_is_known_is_no_news(story: Story) -> None:
    """Each connect brings it again."""
    world = story(rules=[SMOKE])
    world.hears("smoke", smoke="alarm")
    world.expect_sms("ben")
    world.advance(seconds=90)
    world.hears("smoke", smoke="alarm", retained=True)
    assert world.alert().repeats == 0


def test_a_kept_press_is_never_a_press(story: Story) -> None:
    """It may be weeks old; a pendant whose messages are kept is set up wrongly."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed", retained=True)
    assert opened(world) == []


def test_what_the_broker_kept_shows_neither_life_nor_a_working_device(story: Story) -> None:
    """It proves only that the broker works."""
    silent = Rule(name="silent", when=Silent(at=("hall-pir",), duration=5 * HOUR))
    world = story(rules=[NO_MOVEMENT, silent])
    world.advance(hours=2)
    world.hears("hall-pir", motion="detected", retained=True)
    world.advance(hours=4)
    assert opened(world) == [("no-movement", "12:00"), ("silent", "13:00")]


# --- history ------------------------------------------------------------------------------------


def test_history_is_stored_and_raises_nothing_live(story: Story) -> None:
    """A wearable uploads its day: no alarm, no sign of life, no fact, not even of life safety."""
    world = story(rules=[PRESSED, SMOKE, VISIT, NO_MOVEMENT])
    world.advance(hours=2)
    world.hears("smoke", smoke="alarm", history=True)
    world.hears("pendant", trigger="pressed", history=True, stamp=START)
    world.hears("front-door", contact="open", history=True, stamp=START)
    world.hears("hall-pir", motion="detected", history=True, stamp=START + HOUR)
    assert world.state.facts == {}
    world.advance(hours=3)
    assert opened(world) == [("no-movement", "12:00")]


def test_an_upload_of_history_shows_that_the_device_works(story: Story) -> None:
    """Somebody sent it just now."""
    silent = Rule(name="silent", when=Silent(at=("hall-pir",), duration=2 * HOUR))
    world = story(rules=[silent])
    world.advance(hours=1)
    world.hears("hall-pir", motion="detected", history=True, stamp=START - DAY)
    world.advance(hours=3)
    assert opened(world) == [("silent", "11:00")]


# --- the document -------------------------------------------------------------------------------


def test_every_row_of_the_document_names_a_test_that_exists(repository: Path) -> None:
    """What `docs/time.md` says is held by the tests that it names, and every test is named."""
    named = set(re.findall(r"`(test_\w+)`", (repository / "docs/time.md").read_text("utf-8")))
    written = {
        name
        for path in (repository / "tests").rglob("test_*.py")
        for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
    }
    assert named - written == set()
    here = {name for name in globals() if name.startswith("test_")}
    assert here - named == {"test_every_row_of_the_document_names_a_test_that_exists"}
