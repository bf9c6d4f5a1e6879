"""How devices stand: what they told of themselves, and which of them somebody must look after."""

from telecared.core.equipment import equipment
from telecared.core.plan import Rule
from telecared.core.vocabulary import HOUR, MINUTE, Priority
from telecared.core.when import Silent
from tests.core.conftest import Story

SILENT = Rule(
    name="sensor-silent",
    when=Silent(at=("activity_detector",), duration=26 * HOUR),
    priority=Priority.TECHNICAL,
)


def test_a_jammed_radio_that_cleared_by_itself_is_told_no_more(story: Story) -> None:
    """A level of a device's own lasts as long as its profile says; then nothing is known of it."""
    world = story()
    world.hears("hall-pir", radio="jammed", battery=81.0, clears_after=10 * MINUTE)
    hall = next(
        one for one in equipment(world.home, world.state, world.at) if one.device.id == "hall-pir"
    )
    later = next(
        one
        for one in equipment(world.home, world.state, world.at + 10 * MINUTE)
        if one.device.id == "hall-pir"
    )
    assert hall.told == {"battery": 81.0, "radio": "jammed"}
    assert "radio" not in later.told


def test_who_is_silent_for_too_long_needs_attention(story: Story) -> None:
    """A day and two hours after it was registered, and not before."""
    world = story(rules=(SILENT,))
    now = equipment(world.home, world.state, world.at + 26 * HOUR)
    then = equipment(world.home, world.state, world.at + 26 * HOUR + 1)
    assert not any(one.needs_attention for one in now)
    assert {one.device.id for one in then if one.needs_attention} == {"hall-pir", "kitchen-pir"}
