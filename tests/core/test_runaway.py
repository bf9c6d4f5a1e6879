"""Devices that repeat themselves without end: told at once, then now and then, never muted."""

from telecared.core.plan import Rule
from telecared.core.runaway import AT_ONCE, MAX_BURSTS, TOLD_EVERY
from telecared.core.vocabulary import MINUTE, AlertState, Priority
from telecared.core.when import ReadingIs
from tests.core.conftest import Story

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
TAMPER = Rule(
    name="tamper",
    when=ReadingIs(property="tamper", values=("open",)),
    priority=Priority.TECHNICAL,
    policy="technical",
)


def test_a_stuck_pendant_sends_a_thousand_messages(story: Story) -> None:
    """The first press pages at once; record and messages are bounded; one fault is told."""
    world = story(rules=(PRESSED,))
    for _ in range(1_000):
        world.hears("pendant", trigger="pressed")
        world.advance(seconds=4)
    assert world.alert(1).repeats == 999
    assert len(world.records("alert.repeated")) < AT_ONCE * 3 + 60
    assert [line.rule for line in world.records("alert.opened")] == ["pressed", "runaway-device"]
    assert len(world.notifications()) < 100
    assert world.notifications()[0].to == "ben"
    world.forget_messages()


def test_the_owner_of_a_stuck_pendant_is_paged_every_two_minutes(story: Story) -> None:
    """Promise P6 goes on: who has it hears, and must answer, but not of each of 300 presses."""
    world = story(rules=(PRESSED,))
    world.hears("pendant", trigger="pressed")
    world.accepts("ben")
    for _ in range(40):
        world.hears("pendant", trigger="pressed")
        world.advance(seconds=4)
        world.accepts("ben")
    pages = [one for one in world.notifications() if "AGAIN" in one.text]
    assert AT_ONCE - 3 < len(pages) <= AT_ONCE + 5
    before = len(world.notifications())
    told = world.at
    for _ in range(120):
        world.hears("pendant", trigger="pressed")
        world.advance(seconds=4)
        world.accepts("ben")
    paged = [one for one in world.notifications()[before:] if "AGAIN" in one.text]
    assert len(paged) <= (world.at - told) // TOLD_EVERY + 1
    assert paged
    assert world.alert(1).state is AlertState.ACKNOWLEDGED
    world.forget_messages()


def test_another_alarm_of_a_home_with_a_stuck_pendant_is_told_at_once(story: Story) -> None:
    """Only what repeats itself is capped."""
    world = story(rules=(PRESSED, SMOKE))
    for _ in range(100):
        world.hears("pendant", trigger="pressed")
        world.advance(seconds=4)
    world.forget_messages()
    world.hears("smoke", smoke="alarm")
    world.expect_sms("ben", "smoke")
    world.forget_messages()


def test_a_cancelled_alarm_that_goes_on_is_told_again(story: Story) -> None:
    """The resident cancelled, and the next press is no repeat of what everybody knows."""
    world = story(rules=(PRESSED,))
    for _ in range(100):
        world.hears("pendant", trigger="pressed")
        world.advance(seconds=4)
    world.forget_messages()
    world.state.alerts[1] = type(world.alert(1))(
        **{name: getattr(world.alert(1), name) for name in world.alert(1).__struct_fields__}
        | {"cancelled_at": world.at}
    )
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.forget_messages()


def test_what_comes_and_goes_without_end_opens_no_more_alerts(story: Story) -> None:
    """A loose contact is told twenty times, then rests, and is told again when it lasts."""
    world = story(rules=(TAMPER,))
    for _ in range(200):
        world.hears("smoke", tamper="open")
        world.hears("smoke", tamper="closed")
    opened = [line for line in world.records("alert.opened") if line.rule == "tamper"]
    assert len(opened) == AT_ONCE
    held = [line for line in world.records() if line.reason.startswith("held back")]
    assert len(held) == 1
    world.forget_messages()
    world.advance(minutes=30)
    world.forget_messages()
    world.hears("smoke", tamper="open")
    world.expect_sms("monitoring_centre", "tamper")


def test_a_press_every_minute_is_no_fault_of_the_pendant(story: Story) -> None:
    """Somebody who is afraid presses again and again; each is on record."""
    world = story(rules=(PRESSED,))
    for _ in range(60):
        world.hears("pendant", trigger="pressed")
        world.advance(minutes=1)
    assert len(world.records("alert.repeated")) == 59
    assert world.at == world.records("alert.opened")[0].at + 60 * MINUTE
    assert [line.rule for line in world.records("alert.opened")] == ["pressed"]
    world.forget_messages()


def test_very_many_findings_forget_the_rate_of_the_slowest(story: Story) -> None:
    """The memory of a home is bounded."""
    from telecared.core import runaway
    from telecared.core.work import Work

    world = story()
    work = Work(world.state.clone(), world.home, world.site)
    for n in range(MAX_BURSTS + 5):
        work.at += 1
        runaway.note(work, f"rule|{n}", None, "found")
    assert len(work.state.bursts) == MAX_BURSTS
    assert "rule|0" not in work.state.bursts
