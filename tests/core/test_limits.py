"""Limits of a home: alerts that join, findings that are forgotten, and what no limit mutes."""

from telecared.core.alerts import MAX_FINDINGS
from telecared.core.events import (
    ConditionFound,
)
from telecared.core.plan import Rule
from telecared.core.state import MAX_OPEN_ALERTS
from telecared.core.vocabulary import (
    HOUR,
    DeviceKind,
    Mode,
    Priority,
)
from telecared.core.when import ReadingIs, Silent
from tests.core.conftest import Story
from tests.core.world import World, device, plan_of, record_of

PRESSED = Rule(
    name="pendant-pressed",
    when=ReadingIs(property="trigger", values=("pressed",)),
    priority=Priority.LIFE_SAFETY,
    say="Pendant at {home.address}. Reply {code}.",
)
CANCELLED = Rule(
    name="asks", when=ReadingIs(property="cancel", values=("pressed",)), priority=Priority.ROUTINE
)


def many(world: World, count: int, name: str = "not-decoded") -> None:
    """So many findings of the machinery, each about something else."""
    for number in range(count):
        world.happens(ConditionFound(input=1, at=world.at, name=name, subject=f"thing-{number}"))


def test_too_many_open_alerts_join_the_most_dangerous(story: Story) -> None:
    """What comes after the hundredth is a repeat, and says so in the record."""
    world = story(rules=[CANCELLED])
    many(world, MAX_OPEN_ALERTS - 1)
    world.hears("pendant", cancel="pressed")
    world.happens(ConditionFound(input=1, at=world.at, name="not-decoded", subject="last"))
    assert len(world.state.alerts) == MAX_OPEN_ALERTS
    assert world.alert(MAX_OPEN_ALERTS).repeats == 1
    assert world.records("alert.repeated")[-1].rule == "asks"
    world.forget_messages()


def test_life_safety_never_joins_what_is_less_dangerous(story: Story) -> None:
    """No limit mutes it: the hundred-and-first opens, and only later ones join that one (P6)."""
    world = story(rules=[PRESSED])
    many(world, MAX_OPEN_ALERTS)
    world.forget_messages()
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben", "Pendant at 12 Larch Close")
    world.happens(
        ConditionFound(input=1, at=world.at, name="unknown-device-alarm", subject="stranger")
    )
    assert len(world.state.alerts) == MAX_OPEN_ALERTS + 1
    assert world.alert(MAX_OPEN_ALERTS + 1).repeats == 1


def test_a_crowd_of_watched_alerts_hides_nothing(story: Story) -> None:
    """A rule on trial that finds too much must not swallow what pages people."""
    kinds = [device(f"door-{n}", DeviceKind.DOOR_SENSOR) for n in range(MAX_OPEN_ALERTS)]
    trial = Rule(
        name="trial", mode=Mode.WATCH, when=ReadingIs(property="contact", values=("open",))
    )
    world = story(
        rules=[trial, CANCELLED], record=record_of(devices=(*kinds, *record_of().devices))
    )
    for one in kinds:
        world.hears(one.id, contact="open")
    world.hears("front-door", contact="open")
    assert len(world.state.alerts) == MAX_OPEN_ALERTS
    world.hears("pendant", cancel="pressed")
    world.expect_sms("ben")


def test_a_finding_that_joined_does_not_close_what_it_joined(story: Story) -> None:
    """The recovery of one device says nothing about another's alert."""
    world = story(rules=[])
    many(world, MAX_OPEN_ALERTS)
    world.happens(ConditionFound(input=1, at=world.at, name="backup-failed"))
    world.happens(ConditionFound(input=1, at=world.at, name="backup-failed", over=True))
    assert len(world.state.alerts) == MAX_OPEN_ALERTS
    assert world.records("alert.updated")[-1].reason == "a part of it recovered: it has ended"
    world.forget_messages()


def test_a_deadline_that_joins_a_crowd_fires_once(story: Story) -> None:
    """A silent unit among a hundred faults is told once an hour, not in a loop."""
    silent = Rule(
        name="silent", when=Silent(at=("unit",), duration=HOUR), priority=Priority.TECHNICAL
    )
    world = story(rules=[silent])
    world.hears("unit", heartbeat="seen")
    world.advance(hours=1)
    world.resolves("An Operator")
    many(world, MAX_OPEN_ALERTS)
    world.advance(hours=1)
    world.advance(minutes=1)
    assert world.state.findings["silent|unit"].alert == 2
    world.forget_messages()


def test_findings_are_remembered_up_to_a_limit(story: Story) -> None:
    """The oldest without an alert of its own are forgotten first, a rule's own never."""
    world = story(rules=[PRESSED], plan=plan_of([PRESSED], centre=None))
    world.hears("pendant", trigger="pressed")
    world.forget_messages()
    world.resolves("An Operator")
    many(world, MAX_FINDINGS + 50)
    assert len(world.state.findings) == MAX_FINDINGS
    assert "pendant-pressed|pendant" not in world.state.findings
    assert "!not-decoded|thing-99" in world.state.findings
    assert "!not-decoded|thing-100" not in world.state.findings
    world.forget_messages()


def test_a_fault_that_repeats_is_told_at_most_once_an_hour(story: Story) -> None:
    """Repeats are counted; the record is not filled with them."""
    world = story(rules=[])
    found = ConditionFound(input=1, at=world.at, name="unknown-device", subject="stranger")
    for _ in range(3):
        world.happens(found)
    world.forget_messages()
    assert world.alert().repeats == 2
    assert world.records("alert.repeated") == []
    world.advance(hours=1)
    world.happens(ConditionFound(input=1, at=world.at, name="unknown-device", subject="stranger"))
    assert len(world.records("alert.repeated")) == 1
    world.forget_messages()
