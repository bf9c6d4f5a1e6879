"""Promise P6, against whatever an edit, a value or a crowd of alerts might do to life safety."""

from typing import Any

import pytest

from telecared.core.compile import HomePlan
from telecared.core.plan import Absence, Confirm, Rule, Values
from telecared.core.policy import AppliesTo
from telecared.core.state import MAX_OPEN_ALERTS
from telecared.core.vocabulary import HOUR, MINUTE, SECOND, Mode, Priority
from telecared.core.when import HeldFor, InactiveFor, ReadingIs
from tests.core.conftest import Story
from tests.core.world import CENTRE, HOME, World, plan_of, record_of

PRESSED = ReadingIs(property="trigger", values=("pressed",))
OPENED = ReadingIs(property="contact", values=("open",))
DOOR = HeldFor(property="contact", values=("open",), duration=5 * MINUTE)


def rule(**changes: Any) -> Rule:  # noqa: ANN401 - any field of a rule
    """A pendant that is pressed."""
    return Rule(**{"name": "call", "when": PRESSED, "priority": Priority.LIFE_SAFETY, **changes})


def presses(world: World) -> None:
    """The resident presses, long enough after the last time to be news."""
    world.advance(minutes=11)
    world.hears("pendant", trigger="pressed")


# --- rules that are edited while their alert is open --------------------------------------------


def test_a_rule_that_was_on_trial_pages_from_the_edit_on(story: Story) -> None:
    """What it had opened on trial would have swallowed every press after the trial was over."""
    world = story(rules=[rule(mode=Mode.WATCH)])
    world.hears("pendant", trigger="pressed")
    world.is_replanned(plan_of([rule()]))
    assert world.state.alerts == {}
    assert world.records("alert.resolved")[0].reason == "its rule is on trial no more"
    presses(world)
    world.expect_sms("ben")
    assert not world.alert(2).watch


def test_silence_that_lasts_is_told_when_its_rule_is_on_trial_no_more(story: Story) -> None:
    """Decision 5: the edited rule takes over at once, as if nothing had been on trial."""
    quiet = InactiveFor(duration=HOUR, of=("motion",))
    world = story(rules=[rule(when=quiet, mode=Mode.WATCH, cooldown=3 * HOUR)])
    world.advance(hours=2)
    assert world.alert().watch
    world.is_replanned(plan_of([rule(when=quiet, cooldown=3 * HOUR, priority=Priority.URGENT)]))
    world.expect_sms("ben")


def test_a_trial_that_goes_on_keeps_what_it_has_found(story: Story) -> None:
    """Its text was edited, or it is gone."""
    world = story(rules=[rule(mode=Mode.WATCH)])
    world.hears("pendant", trigger="pressed")
    world.is_replanned(plan_of([rule(mode=Mode.WATCH, say="Another text")]))
    world.is_replanned(plan_of([]))
    assert world.alert().watch


def test_what_had_only_joined_a_trial_is_told_when_its_own_rule_pages(story: Story) -> None:
    """Above the limit it was carried by another rule's watched alert, which goes on."""
    many = [rule(name=f"call-{n:03}", mode=Mode.WATCH) for n in range(MAX_OPEN_ALERTS)]
    world = story(rules=[*many, rule(name="door", when=DOOR, mode=Mode.WATCH)])
    world.hears("pendant", trigger="pressed")
    world.hears("front-door", contact="open")
    world.advance(minutes=6)
    assert world.state.findings["door|front-door"].alert == 1
    world.is_replanned(plan_of([*many, rule(name="door", when=DOOR)]))
    world.expect_sms("ben")
    assert len(world.state.alerts) == MAX_OPEN_ALERTS + 1


def test_an_act_that_is_life_safety_now_does_not_wait_in_a_routine_alert(story: Story) -> None:
    """The routine alert is told once an hour, and would have been closed by a recovery."""
    world = story(rules=[rule(priority=Priority.ROUTINE)])
    world.hears("pendant", trigger="pressed")
    world.declines("ben")
    world.advance(minutes=6)
    world.forget_messages()
    world.is_replanned(plan_of([rule()]))
    presses(world)
    world.expect_sms("ben")
    world.expect_sms("cara")
    world.expect_sms(CENTRE)
    assert (world.alert().priority, world.alert().step) == (Priority.LIFE_SAFETY, 0)
    assert "now life_safety instead of routine" in world.records("alert.repeated")[0].reason


def test_whoever_holds_what_is_life_safety_now_hears_it_at_once(story: Story) -> None:
    """It was routine when Ben took it."""
    world = story(rules=[rule(priority=Priority.ROUTINE)])
    world.hears("pendant", trigger="pressed")
    world.accepts("ben", lease=HOUR)
    world.forget_messages()
    world.is_replanned(plan_of([rule()]))
    presses(world)
    world.expect_sms("ben", "AGAIN")
    world.advance(minutes=2)
    assert world.alert().turn > 1
    world.forget_messages()


@pytest.mark.parametrize("waits", [False, True])
def test_what_is_urgent_now_is_told_as_such(story: Story, waits: bool) -> None:
    """From the first step on; a call that the resident may still cancel waits on."""
    cancel_within = MINUTE if waits else 0
    world = story(rules=[rule(priority=Priority.TECHNICAL, cancel_within=cancel_within)])
    world.hears("pendant", trigger="pressed")
    world.forget_messages()
    world.is_replanned(plan_of([rule(priority=Priority.URGENT)]))
    world.advance(seconds=20)
    world.hears("pendant", trigger="pressed")
    assert world.alert().priority is Priority.URGENT
    if waits:
        world.expect_nothing()
        world.advance(seconds=40)
    world.expect_sms("ben")


def test_in_a_crowd_nothing_joins_what_is_less_dangerous(story: Story) -> None:
    """A hundred routine alerts, each told once an hour, must not swallow an urgent one."""
    routine = [rule(name=f"call-{n:03}", priority=Priority.ROUTINE) for n in range(MAX_OPEN_ALERTS)]
    doors = [
        rule(name=name, priority=Priority.URGENT, when=OPENED) for name in ("door", "door-again")
    ]
    world = story(rules=[*routine, *doors])
    world.hears("pendant", trigger="pressed")
    world.forget_messages()
    world.hears("front-door", contact="open")
    assert len(world.state.alerts) == MAX_OPEN_ALERTS + 1
    assert world.state.findings["door|front-door"].alert == MAX_OPEN_ALERTS + 1
    assert world.state.findings["door-again|front-door"].alert == MAX_OPEN_ALERTS + 1
    world.expect_sms("ben")


# --- what a second sensor has raised ------------------------------------------------------------


def raised(story: Story, **changes: Any) -> World:  # noqa: ANN401 - any field of a rule
    """A press that nobody moved after; Ben has it."""
    still = Confirm(within=MINUTE, none_of=(ReadingIs(property="motion", values=("detected",)),))
    fields: dict[str, Any] = {"priority": Priority.URGENT, "confirm": still, **changes}
    world = story(rules=[rule(**fields)])
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=2)
    assert world.alert().priority is Priority.LIFE_SAFETY
    world.accepts("ben")
    world.forget_messages()
    return world


def test_a_repeat_of_a_raised_technical_alert_pages_its_owner(story: Story) -> None:
    """What is technical is recorded once an hour; what has become life safety is told."""
    world = raised(story, priority=Priority.TECHNICAL, policy="family-then-centre")
    presses(world)
    world.expect_sms("ben", "AGAIN")
    assert world.alert().update_by == world.at + 2 * MINUTE
    world.accepts("ben")
    world.forget_messages()


@pytest.mark.parametrize(
    "changes", [{"cooldown": HOUR}, {"priority": Priority.ROUTINE, "max_per_day": 1}]
)
def test_what_may_become_life_safety_is_neither_cooled_nor_capped(
    story: Story, changes: dict[str, Any]
) -> None:
    """Nobody would ask the second sensor about what was never opened."""
    world = raised(story, **changes)
    world.resolves("Ben Hall")
    world.forget_messages()
    presses(world)
    world.advance(minutes=1)
    assert world.alert(2).priority is Priority.LIFE_SAFETY
    world.forget_messages()


# --- values of tags and homes, and plans that nobody has checked --------------------------------


def values(of: dict[str, object], tag: str = "dementia") -> Values:
    """What a tag says."""
    return Values(applies_to=AppliesTo(tags=(tag,)), values=of, source="rules/x.yaml:9")


@pytest.mark.parametrize("mode", ["off", "watch"])
def test_what_is_raised_to_life_safety_later_is_not_off_by_an_earlier_value(mode: str) -> None:
    """Each value alone is allowed; together they would mute."""
    plain = rule(priority=Priority.URGENT, values=(values({"mode": mode}),))
    record = record_of(tags=("dementia",), rule_values={"call": {"priority": "life_safety"}})
    (compiled,) = HomePlan(plan_of([plain]), HOME, record).rules
    assert compiled.rule.mode is Mode.PAGE
    assert compiled.rule.priority is Priority.LIFE_SAFETY


def test_a_trial_in_the_rule_itself_stays_one_whatever_a_tag_adds() -> None:
    """A rule that is on trial everywhere was meant to be."""
    plain = rule(mode=Mode.WATCH, values=(values({"say": "Go there."}),))
    (compiled,) = HomePlan(plan_of([plain]), HOME, record_of(tags=("dementia",))).rules
    assert (compiled.rule.mode, compiled.rule.say) == (Mode.WATCH, "Go there.")


def test_a_plan_that_nobody_has_checked_mutes_no_life_safety(story: Story) -> None:
    """Every key that the linter refuses, at once."""
    everything = rule(
        cooldown=24 * HOUR,
        max_per_day=1,
        cancel_within=HOUR,
        split_after=SECOND,
        unless=tuple(Absence),
        policy="no-such-policy",
    )
    world = story(rules=[everything])
    for n in range(1, 4):
        presses(world)
        assert world.alert(n).turn == 1
        world.expect_sms(CENTRE)
        world.resolves("Ann Lee", n)
        world.forget_messages()
