"""Presses that a device numbers itself: copies of one, and two that follow at once."""

import pytest

from telecared.core.events import MessageHeard
from telecared.core.facts import ALARM_AGAIN, REPEATED, told
from telecared.core.plan import Device, Rule
from telecared.core.readings import Reading
from telecared.core.site import Started
from telecared.core.state import Fact
from telecared.core.vocabulary import HOUR, MINUTE, SECOND, DeviceKind, Instant, Priority
from telecared.core.when import ReadingIs
from tests.core.conftest import Story

AT = 1_700_000_000_000_000
PRESSED = Rule(
    name="pendant-pressed",
    when=ReadingIs(property="trigger", values=("pressed",)),
    priority=Priority.LIFE_SAFETY,
)
PENDANT = Device(id="p", kind=DeviceKind.PERSONAL_TRIGGER, profile="native", topic="t")


def _press(at: Instant, act: int | None, fact: Fact | None) -> tuple[Fact | None, bool]:
    """The fact after a press, and whether it was news."""
    reading = Reading("p", "trigger", "pressed", None, None, None, False, act)
    event = MessageHeard(input=1, at=at, device="p", readings=(reading,), qos=1)
    kept, change = told(event, PENDANT, reading, fact, 0, 0)
    return kept or fact, change is not None


def test_the_same_number_is_a_copy_even_after_the_burst_window() -> None:
    """A repeater sends the press again after a minute: it is still one press."""
    fact, news = _press(AT, 7, None)
    assert news
    assert fact is not None
    assert fact.act == 7
    assert not _press(AT + MINUTE, 7, fact)[1]


def test_another_number_is_another_press_within_the_burst_window() -> None:
    """Somebody presses twice within a second, and both count."""
    fact, _ = _press(AT, 7, None)
    later, news = _press(AT + SECOND, 8, fact)
    assert news
    assert later is not None
    assert later.act == 8


def test_a_counter_that_began_anew_mutes_nothing() -> None:
    """After a change of its battery the device counts from one again."""
    fact, _ = _press(AT, 1, None)
    assert _press(AT + ALARM_AGAIN, 1, fact)[1]


def _republished(fact: Fact | None, since: Instant, until: Instant) -> Fact | None:
    """A device publishes the number of its last press every half minute; none of it is news."""
    for at in range(since, until, 30 * SECOND):
        fact, news = _press(at, 1, fact)
        assert not news
    return fact


def test_an_old_press_that_is_published_for_ever_pages_nobody_again() -> None:
    """A switch publishes its state every half minute, all night."""
    fact, _ = _press(AT, 1, None)
    _republished(fact, AT + 30 * SECOND, AT + 8 * HOUR)


def test_a_press_with_the_old_number_is_heard_after_the_switch_began_anew() -> None:
    """It had published its first press all night; it restarts, and its first press is number 1."""
    fact, _ = _press(AT, 1, None)
    fact = _republished(fact, AT + 30 * SECOND, AT + 8 * HOUR)
    assert _press(AT + 8 * HOUR + REPEATED, 1, fact)[1]


def test_copies_by_the_way_do_not_make_the_ten_minutes_longer() -> None:
    """A repeater sends a press again; ten minutes after it the same number is another one."""
    fact, _ = _press(AT, 1, None)
    fact, news = _press(AT + 5 * MINUTE, 1, fact)
    assert not news
    assert _press(AT + ALARM_AGAIN, 1, fact)[1]


def test_without_numbers_the_burst_window_decides() -> None:
    """A message with a number after one without is judged by time alone."""
    fact, _ = _press(AT, None, None)
    assert not _press(AT + SECOND, 4, fact)[1]
    assert _press(AT + MINUTE, None, fact)[1]


@pytest.mark.parametrize("redelivered", [False, True])
def test_a_press_after_a_start_is_no_copy_of_one_before_it(
    story: Story, *, redelivered: bool
) -> None:
    """P6: the clock was put back while we were down, so that hours look like a second.

    Only what the broker itself says to be the same message is a copy over a start.
    """
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.resolves("Olu")
    world.forget_messages()
    world.site_hears(Started(at=world.at, last_at=world.at, clean=False, offset=-2 * HOUR))
    world.advance(seconds=1)
    world.hears("pendant", trigger="pressed", redelivered=redelivered)
    assert (2 in world.state.alerts) is not redelivered
    world.forget_messages()
