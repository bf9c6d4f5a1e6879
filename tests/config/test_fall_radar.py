"""Radar that sees a fall: what the examples in the profile cannot show."""

from itertools import permutations

import pytest

from telecared.core.vocabulary import DeviceKind
from tests.config.device_stories import DeviceStory

TOPIC = "/devices/id_ODQ6MDQ"
OF_THE_FALL = 1772352000000  # 2026-03-01T08:00:00Z, when each story begins
STEPS = ("fall_confirmed", "calling", "fall_exit", "finished")


def story() -> DeviceStory:
    """A bathroom with a radar."""
    return DeviceStory("fall-radar", {"radar": (DeviceKind.FALL_DETECTOR, TOPIC)})


def says(one: DeviceStory, status: str, timestamp: int = OF_THE_FALL) -> None:
    """The radar tells a step of a fall."""
    payload = {"status": status, "timestamp": timestamp, "statusUpdateTimestamp": timestamp + 1}
    one.hears(f"{TOPIC}/events", {"type": 5, "payload": payload})


def test_four_messages_of_one_fall_are_one_alert() -> None:
    """Confirmed, calling, exit and finished carry one time and are one fall."""
    one = story()
    for status in STEPS:
        says(one, status)
        one.world.advance(seconds=10)
    assert (one.opened(), one.repeats()) == (["fall"], 0)


def test_a_fall_that_was_only_thought_of_and_then_confirmed_is_one_alert() -> None:
    """Suspected opens it; confirmed joins it."""
    one = story()
    for status in ("fall_detected", *STEPS):
        says(one, status)
        one.world.advance(seconds=10)
    assert one.opened() == ["fall"]


def test_somebody_who_got_up_again_still_had_a_fall() -> None:
    """Life safety is closed by a person only: the end of a fall closes nothing."""
    one = story()
    says(one, "fall_confirmed")
    says(one, "finished")
    assert one.world.records("alert.resolved") == []
    assert one.world.alert().state == "open"


@pytest.mark.parametrize("order", list(permutations(STEPS)), ids=lambda each: each[0])
def test_in_whatever_order_they_arrive_there_is_one_alert(order: tuple[str, ...]) -> None:
    """Messages of one second have no order: none of them opens a second alert, one opens it."""
    one = story()
    for status in order:
        says(one, status)
    assert one.opened() == ["fall"]


def test_the_next_fall_after_one_that_ended_is_another_message_of_it() -> None:
    """A fall an hour later repeats the open alert; after it was resolved it opens another."""
    one = story()
    says(one, "fall_confirmed")
    says(one, "finished")
    one.world.advance(hours=1)
    says(one, "fall_confirmed", OF_THE_FALL + 3_600_000)
    assert (one.opened(), one.repeats()) == (["fall"], 1)

    one.world.resolves("An Operator")
    says(one, "finished", OF_THE_FALL + 3_600_000)
    one.world.advance(hours=1)
    says(one, "fall_confirmed", OF_THE_FALL + 7_200_000)
    assert one.opened() == ["fall", "fall"]


def test_a_radar_without_a_clock_is_heard_at_once() -> None:
    """Its time counts from its start: the fall is now, not in 1970."""
    one = story()
    says(one, "fall_confirmed", 86_400_000)
    assert one.opened() == ["fall"]


def test_a_switch_that_reports_every_minute_is_one_fall() -> None:
    """Radar of before 2022 repeats true as long as somebody lies there."""
    one = DeviceStory("fall-radar", {"radar": (DeviceKind.FALL_DETECTOR, "radar/lounge")})
    for _ in range(8):
        one.hears("radar/lounge", {"fall_down_status": True, "presence": True})
        one.world.advance(seconds=30)
    assert (one.opened(), one.repeats()) == (["fall"], 0)
