"""Every decision explains itself in one sentence with its evidence (promise P10)."""

from telecared.core.plan import Rule
from telecared.core.vocabulary import HOUR, MINUTE, Outcome, Priority
from telecared.core.when import HeldFor, InactiveFor, ReadingIs, Silent
from tests.core.conftest import Story
from tests.core.world import World

PRESSED = Rule(
    name="pressed",
    when=ReadingIs(property="trigger", values=("pressed",)),
    priority=Priority.LIFE_SAFETY,
)
DOOR = Rule(name="door", when=HeldFor(property="contact", values=("open",), duration=5 * MINUTE))
QUIET = Rule(name="quiet", when=InactiveFor(duration=4 * HOUR, of=("motion",)))
DEAD = Rule(name="dead", when=Silent(at=("alarm_unit",), duration=HOUR))


def _reason(world: World, event: str) -> str:
    return world.records(event)[-1].reason


def test_an_opened_alert_names_the_device_and_what_it_told(story: Story) -> None:
    """P10: a reading."""
    world = story(rules=(PRESSED,))

    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")

    assert _reason(world, "alert.opened") == "pendant told trigger: pressed"


def test_a_held_state_says_how_long_it_was_held(story: Story) -> None:
    """P10: a state held for a time."""
    world = story(rules=(DOOR,))

    world.hears("front-door", contact="open")
    world.advance(minutes=5)
    world.expect_sms("ben")

    assert "has been contact: open for 5m" in _reason(world, "alert.opened")


def test_an_absence_says_when_the_last_sign_was(story: Story) -> None:
    """P10: inactivity and silence, by the home's own clock."""
    world = story(rules=(QUIET, DEAD), start="2026-03-01T08:00Z")

    world.hears("hall-pir", motion="detected")
    world.hears("unit", heartbeat="seen")
    world.advance(hours=1)
    world.expect_sms("ben")
    assert "has sent nothing for 1h; last heard at 08:00" in _reason(world, "alert.opened")

    world.forget_messages()
    world.until("2026-03-01T12:00Z")
    world.forget_messages()
    assert _reason(world, "alert.opened") == "no sign of life for 4h; the last was at 08:00"


def test_each_step_of_an_alert_says_why_it_was_taken(story: Story) -> None:
    """P10: escalated, taken, closed."""
    world = story(rules=(PRESSED,))

    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.advance(minutes=2)
    world.expect_sms("cara")
    assert _reason(world, "alert.escalated") == "step 2 of 3: nobody has acknowledged it in time"

    world.accepts("cara")
    world.forget_messages()
    assert _reason(world, "alert.acknowledged").startswith("Cara Singh has it until ")

    world.resolves(by="Cara Singh", outcome=Outcome.ASSISTANCE_GIVEN)
    assert _reason(world, "alert.resolved") == "Cara Singh: assistance_given"
