"""What cannot be worked out is set aside and told, and never takes an alarm with it."""

from collections.abc import Iterator

import pytest

from telecared.core import handling
from telecared.core.conditions.base import Change, Due, Tracer, Verdict, View
from telecared.core.events import ConditionFound, HomeRegistered, MessageHeard, Quarantined, Ticked
from telecared.core.plan import Device, Rule
from telecared.core.readings import Reading
from telecared.core.state import Alert, encode_state, next_deadline
from telecared.core.step import DeadlineFailed, step
from telecared.core.vocabulary import HOUR, MINUTE, Instant, NotificationState, Priority
from telecared.core.when import HeldFor, InactiveFor, ReadingIs
from telecared.core.work import Work
from tests.core.conftest import Story
from tests.core.world import CENTRE, World, plan_of

DOOR = Rule(
    name="door",
    when=HeldFor(property="contact", values=("open",), duration=5 * MINUTE),
    priority=Priority.LIFE_SAFETY,
)
PRESSED = Rule(
    name="pressed",
    when=ReadingIs(property="trigger", values=("pressed",)),
    priority=Priority.LIFE_SAFETY,
)


class Broken:
    """A rule with a defect in one place; elsewhere it is due at once, for ever."""

    absence = False
    hears: frozenset[str] = frozenset()
    tracers: tuple[Tracer, ...] = ()
    reads = frozenset({("front-door", "contact"), ("pendant", "trigger")})

    def __init__(self, where: str) -> None:
        self.where = where

    def on_change(self, view: View, change: Change) -> Verdict:
        """Judge a change."""
        if self.where == "on_change":
            raise ZeroDivisionError
        return None

    def deadlines(self, view: View) -> Iterator[Due]:
        """Be due now."""
        if self.where == "deadlines":
            raise ZeroDivisionError
        if self.where in ("reason", "loop") and "contact" in view.state.facts.get("front-door", {}):
            yield Due(view.state.at, None, view.state.at)

    def holds(self, view: View) -> Instant | None:
        """Never hold."""
        return None

    def turns(self, view: View) -> Iterator[Instant]:
        """Never turn."""
        yield from ()

    def reason(self, view: View, device: Device | None, since: Instant) -> str:
        """Say why."""
        if self.where == "reason":
            raise ZeroDivisionError
        return "for ever"


def breaks(world: World, where: str, name: str = "door") -> None:
    """A rule of the home turns out to be defective."""
    compiled = next(rule for rule in world.home.rules if rule.name == name)
    compiled.condition = Broken(where)


def fails(world: World, event: MessageHeard | Ticked) -> BaseException:
    """Step the home, which must fail and leave the old state as it was."""
    before = encode_state(world.state)
    with pytest.raises((DeadlineFailed, ZeroDivisionError)) as caught:
        step(world.state, event, world.home, world.site)
    assert encode_state(world.state) == before
    return caught.value


def message(world: World, device: str, **values: str) -> MessageHeard:
    """A message that is not stepped yet."""
    readings = tuple(Reading(device, key, value) for key, value in values.items())
    return MessageHeard(input=9, at=world.at, device=device, readings=readings)


def test_a_message_that_a_rule_cannot_bear_leaves_the_old_state(story: Story) -> None:
    """It is told as a fault of this home, to the site's own people."""
    world = story(rules=[DOOR])
    breaks(world, "on_change")
    bad = message(world, "front-door", contact="open")
    assert isinstance(fails(world, bad), ZeroDivisionError)
    world.happens(
        Quarantined(
            input=9, at=world.at, what="message", device="front-door", readings=bad.readings
        )
    )
    world.expect_sms(CENTRE, "could not work out a message, command or deadline")


def test_an_alarm_that_a_rule_cannot_bear_goes_straight_to_the_centre(story: Story) -> None:
    """Life safety has a path without rules, and without the home's policy (decision 13)."""
    world = story(rules=[PRESSED])
    breaks(world, "on_change", "pressed")
    bad = message(world, "pendant", trigger="pressed")
    fails(world, bad)
    world.happens(
        Quarantined(input=9, at=world.at, what="message", device="pendant", readings=bad.readings)
    )
    world.expect_sms(CENTRE, "ALARM at 12 Larch Close (pendant). Its rules failed: treat as real.")
    assert world.alert().priority is Priority.LIFE_SAFETY


def test_an_alarm_of_the_past_that_fails_is_a_fault_alone(story: Story) -> None:
    """History raises nothing live, not even when it is poison."""
    world = story(rules=[])
    old = (Reading("smoke", "smoke", "alarm", history=True),)
    world.happens(Quarantined(input=9, at=world.at, what="message", device="smoke", readings=old))
    world.expect_sms(CENTRE, "it was set aside")
    assert world.alert().priority is Priority.TECHNICAL


@pytest.mark.parametrize(("where", "key"), [("deadlines", "door"), ("reason", "door")])
def test_a_deadline_that_cannot_be_worked_out_is_named_and_set_aside(
    story: Story, where: str, key: str
) -> None:
    """The home goes on without it, until somebody mends the rule or the home's record."""
    world = story(rules=[DOOR, PRESSED])
    world.hears("front-door", contact="open")
    breaks(world, where)
    world.advance(minutes=1)
    failure = fails(world, Ticked(at=world.at + 5 * MINUTE))
    assert isinstance(failure, DeadlineFailed)
    assert failure.key == key
    assert isinstance(failure.__cause__, ZeroDivisionError)
    world.happens(Quarantined(input=9, at=failure.at, what="deadline", key=key))
    world.expect_sms(CENTRE, "it was set aside")
    assert list(world.state.broken) == [key]
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.happens(Quarantined(input=10, at=world.at, what="deadline", key=key))
    assert list(world.state.broken) == [key]
    world.is_replanned()
    world.advance(minutes=5)
    assert next_deadline(world.state) is not None
    assert not world.state.broken
    assert "door" in [rule for _, rule in world.opened()]
    world.forget_messages()


def test_a_rule_about_one_device_is_set_aside_for_that_device(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other door is still watched."""
    world = story(rules=[DOOR])
    world.hears("front-door", contact="open")
    kind = type(world.home.rules[0].condition)

    def raises(*_: object) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr(kind, "reason", raises)
    failure = fails(world, Ticked(at=world.at + 5 * MINUTE))
    assert isinstance(failure, DeadlineFailed)
    assert (failure.key, failure.at) == ("door|front-door", world.at + 5 * MINUTE)
    assert str(failure) == "the deadline door|front-door could not be worked out"
    world.happens(Quarantined(input=9, at=failure.at, what="deadline", key=failure.key))
    assert next_deadline(world.state) == world.alert().next_at
    world.forget_messages()


def test_a_deadline_that_never_ends_is_set_aside(story: Story) -> None:
    """Firing thousands of times at one instant is a loop, not a decision."""
    world = story(rules=[DOOR])
    world.hears("front-door", contact="open")
    breaks(world, "loop")
    failure = fails(world, Ticked(at=world.at + 5 * MINUTE))
    assert isinstance(failure, DeadlineFailed)
    assert failure.key == "door"


def test_many_deadlines_one_after_the_other_are_no_loop(story: Story) -> None:
    """A week in one step: the centre is told three thousand times, each at its own instant."""
    world = story(rules=[PRESSED], plan=plan_of([PRESSED], centre=None))
    world.hears("pendant", trigger="pressed")
    stepped = step(world.state, Ticked(at=world.at + 7 * 24 * HOUR), world.home, world.site)
    assert len(stepped.effects) > 3_000
    world.forget_messages()


def test_an_alert_whose_deadline_fails_is_an_alarm_of_its_own(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is forgotten: the centre takes it over until the alert can be worked out again."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    plain = handling.alert_due

    def raises(work: Work, alert: Alert) -> None:
        if alert.n == 1:
            raise ZeroDivisionError
        plain(work, alert)

    monkeypatch.setattr(handling, "alert_due", raises)
    due = world.at + 2 * MINUTE
    world.reports("ben", NotificationState.DELIVERED)
    failure = fails(world, Ticked(at=due))
    assert isinstance(failure, DeadlineFailed)
    assert failure.key == "alert:1"
    world.at = due
    world.happens(Quarantined(input=9, at=due, what="deadline", key="alert:1"))
    world.expect_sms(CENTRE, "ALARM at 12 Larch Close (alert:1)")
    assert next_deadline(world.state) == due + MINUTE
    monkeypatch.undo()
    world.happens(HomeRegistered(input=10, at=world.at))
    world.expect_sms("cara")


def test_a_finding_that_is_given_time_and_fails_is_set_aside(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also what waits for its minute; its deadline does not keep the engine awake."""
    world = story(rules=[], start="2026-03-01T08:00Z")
    world.happens(ConditionFound(input=9, at=world.at, name="broker-lost"))
    assert next_deadline(world.state) == world.at + MINUTE

    def raises(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("telecared.core.step.open_technical", raises)
        failure = fails(world, Ticked(at=world.at + MINUTE))
    assert isinstance(failure, DeadlineFailed)
    assert failure.key == "pending:!broker-lost|"
    world.at = failure.at
    world.happens(Quarantined(input=9, at=world.at, what="deadline", key=failure.key))
    world.expect_sms(CENTRE, "it was set aside")
    assert next_deadline(world.state) == world.alert().next_at
    world.is_replanned()
    world.expect_sms(CENTRE, "no link to the MQTT broker")


# --- findings of the machinery ------------------------------------------------------------------


def test_a_finding_that_ends_in_its_minute_is_told_to_nobody(story: Story) -> None:
    """A broker that restarts is no alert."""
    world = story(rules=[])
    for _ in range(2):
        world.happens(ConditionFound(input=9, at=world.at, name="broker-lost"))
        world.advance(seconds=30)
    world.expect_sms(CENTRE)
    world.resolves("An Operator")
    world.forget_messages()
    world.happens(ConditionFound(input=9, at=world.at, name="broker-lost"))
    world.advance(seconds=59)
    world.happens(ConditionFound(input=9, at=world.at, name="broker-lost", over=True))
    world.advance(minutes=5)
    assert len(world.records("alert.opened")) == 1


def test_a_finding_may_be_more_dangerous_than_usual(story: Story) -> None:
    """An SOS of a device that nobody registered is an alarm."""
    world = story(rules=[])
    event = ConditionFound(
        input=9, at=world.at, name="unknown-device", subject="sos-1", detail="it told trigger",
        priority=Priority.LIFE_SAFETY,
    )  # fmt: skip
    world.happens(event)
    world.expect_sms("ben", "sos-1")
    assert world.records("alert.opened")[0].reason == "it told trigger"


def test_absence_that_is_broken_during_an_outage_stays_quiet(story: Story) -> None:
    """A rule that was set aside has no deadline at all."""
    quiet = Rule(name="quiet", when=InactiveFor(duration=HOUR, of=("motion",)))
    world = story(rules=[quiet])
    world.happens(Quarantined(input=9, at=world.at, what="deadline", key="quiet"))
    world.expect_sms(CENTRE)
    world.resolves("An Operator")
    world.forget_messages()
    world.advance(hours=5)
    assert world.state.absences_due is None
