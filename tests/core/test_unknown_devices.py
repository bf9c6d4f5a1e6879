"""Unknown devices at a site: one alert each up to a limit, one more that counts the rest."""

import pytest

from telecared.core.compile import HomePlan
from telecared.core.events import ConditionFound, Event, Silenced, SilenceEnded
from telecared.core.machinery import (
    MAX_COUNTED,
    MAX_STRANGERS,
    UNKNOWN_DEVICE,
    UNKNOWN_DEVICES,
)
from telecared.core.plan import Plan
from telecared.core.site import ALWAYS_ON
from telecared.core.state import HomeState
from telecared.core.step import step
from telecared.core.vocabulary import HOUR, MINUTE
from tests.core.conftest import Story

HOME = HomePlan(Plan(), "@site", None)


def speaks(number: int, *, over: bool = False, at: int = MINUTE) -> ConditionFound:
    """A device that nobody registered speaks, or is registered."""
    return ConditionFound(
        input=1, at=at, name=UNKNOWN_DEVICE, subject=f"device {number}", over=over, detail="x"
    )


def after(*events: Event, state: HomeState | None = None) -> HomeState:
    """The site's state after some events."""
    state = HomeState(home="@site") if state is None else state
    for event in events:
        state = step(state, event, HOME, ALWAYS_ON).state
    return state


def open_rules(state: HomeState) -> dict[str, int]:
    """How many alerts of each rule are unresolved."""
    rules = [alert.rule for alert in state.alerts.values()]
    return {rule: rules.count(rule) for rule in rules}


def test_a_silence_of_the_counting_alert_hides_none_of_the_others() -> None:
    """What is silenced is not counted, and is told when it goes on after the silence."""
    many = [speaks(number) for number in range(MAX_STRANGERS)]
    silence = Silenced(
        input=1, at=MINUTE, by="Ann", until=HOUR, rule=UNKNOWN_DEVICES, note="a new gateway"
    )
    held = after(*many, silence, speaks(900))
    ended = after(SilenceEnded(input=2, at=2 * MINUTE, by="Ann"), state=held)
    told = after(speaks(901, at=3 * MINUTE), state=ended)

    assert open_rules(held) == {UNKNOWN_DEVICE: MAX_STRANGERS}
    assert open_rules(told)[UNKNOWN_DEVICES] == 1


def test_a_device_that_was_counted_is_counted_once() -> None:
    """The repeats of the counting alert are devices, not messages."""
    many = [speaks(number) for number in range(MAX_STRANGERS + 2)]
    state = after(*many, speaks(MAX_STRANGERS), speaks(MAX_STRANGERS + 1), speaks(0))

    [rest] = [alert for alert in state.alerts.values() if alert.rule == UNKNOWN_DEVICES]
    assert rest.repeats == 1
    first = next(alert for alert in state.alerts.values() if alert.n == 1)
    assert first.repeats == 1


def test_registering_one_of_the_first_leaves_the_rest_counted() -> None:
    """The counting alert ends with the last of its devices, and only then."""
    many = [speaks(number) for number in range(MAX_STRANGERS + 1)]
    state = after(*many, speaks(3, over=True, at=2 * MINUTE))
    empty = after(speaks(MAX_STRANGERS, over=True, at=3 * MINUTE), state=state)

    assert open_rules(state) == {UNKNOWN_DEVICE: MAX_STRANGERS - 1, UNKNOWN_DEVICES: 1}
    assert UNKNOWN_DEVICES not in open_rules(empty)


def test_an_end_of_what_was_never_found_is_nothing() -> None:
    """Registering a device that raised no alert changes no alert."""
    assert after(speaks(1, over=True)).alerts == {}


def test_what_is_remembered_of_a_flood_is_bounded() -> None:
    """A broken gateway that makes devices up fills no state."""
    state = after(*(speaks(number) for number in range(MAX_STRANGERS + MAX_COUNTED + 5)))

    assert len(state.findings) == MAX_STRANGERS + MAX_COUNTED + 1


@pytest.mark.parametrize(
    ("told", "rule"),
    [
        ({}, "unknown-device-alarm"),
        ({"retained": True}, "unknown-device"),
        ({"history": True}, "unknown-device"),
    ],
)
def test_a_press_of_a_device_that_left_its_home_is_an_alarm_when_it_is_one_now(
    story: Story, told: dict[str, bool], rule: str
) -> None:
    """What the broker had kept, and a record of the past, are no call for help."""
    world = story()
    world.hears("gone", trigger="pressed", **told)
    assert [name for _, name in world.opened()] == [rule]
    world.forget_messages()
