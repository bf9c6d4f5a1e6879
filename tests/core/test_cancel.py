"""The resident cancels in time: what is not told at all, and what is told all the same."""

from typing import Any

import pytest

from telecared.core.alert_commands import Acknowledged, Resolved, Snoozed
from telecared.core.plan import Rule
from telecared.core.site import LinkDown
from telecared.core.state import decode_state, encode_state
from telecared.core.vocabulary import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    AlertState,
    Mode,
    Outcome,
    Priority,
)
from telecared.core.when import HeldFor, ReadingIs
from tests.core.conftest import Story
from tests.core.world import CENTRE, World, plan_of, record_of

PRESSED = ReadingIs(property="trigger", values=("pressed",))


def rule(**changes: Any) -> Rule:  # noqa: ANN401 - any field of a rule
    """A call that the resident may cancel for half a minute."""
    fields: dict[str, Any] = {
        "name": "call", "when": PRESSED, "say": "Call at {home.address}. Reply {code}.",
        "cancel_within": 30 * SECOND,
    }  # fmt: skip
    return Rule(**{**fields, **changes})


def reasons(world: World, event: str) -> list[str]:
    """What the record says of one kind of event."""
    return [line.reason for line in world.records(event)]


def test_nobody_is_told_of_a_call_that_the_resident_cancels(story: Story) -> None:
    """It opens and is resolved by the resident, from any device of the home."""
    world = story(rules=[rule()])
    world.hears("pendant", trigger="pressed")
    assert world.opened() == [("08:00:00", "call")]
    assert reasons(world, "alert.opened") == [
        "pendant told trigger: pressed; the resident may cancel for 30s"
    ]
    world.advance(seconds=29)
    world.hears("unit", cancel="pressed")
    assert world.state.alerts == {}
    line = world.records("alert.resolved")[0]
    assert line.reason == "the resident cancelled it with unit"
    world.advance(minutes=10)


def test_a_call_that_is_not_cancelled_is_told_when_its_time_is_over(story: Story) -> None:
    """The first step begins then, and its wait counts from then."""
    world = story(rules=[rule()])
    world.hears("pendant", trigger="pressed")
    assert world.alert().next_at == world.alert().begins_at == world.at + 30 * SECOND
    world.advance(seconds=29)
    world.expect_nothing()
    world.advance(seconds=1)
    world.expect_sms("ben", "Call at 12 Larch Close")
    assert world.alert().begins_at is None
    assert world.records("alert.escalated") == []
    world.hears("pendant", cancel="pressed")
    assert reasons(world, "alert.updated") == []
    world.advance(minutes=2)
    world.expect_sms("cara")


def test_a_restart_while_it_waits_loses_nothing(story: Story) -> None:
    """Promise P3: what waits for a cancel is in the stored state."""
    world = story(rules=[rule()])
    world.hears("pendant", trigger="pressed")
    world.state = decode_state(encode_state(world.state))
    world.advance(seconds=30)
    world.expect_sms("ben")


def test_what_was_found_while_we_were_down_may_still_be_cancelled(story: Story) -> None:
    """The half minute counts from when we run again: the cancel may stand in the broker's queue."""
    door = HeldFor(property="contact", values=("open",), duration=10 * MINUTE)
    world = story(rules=[rule(when=door)])
    world.hears("front-door", contact="open")
    world.stopped_for(hours=1)
    assert world.alert().opened_at == world.at - 50 * MINUTE
    world.advance(seconds=29)
    world.hears("unit", cancel="pressed")
    assert world.state.alerts == {}
    world.advance(minutes=5)


def test_life_safety_does_not_wait_for_a_cancel(story: Story) -> None:
    """It is told at once; a cancel is told to those who were told, and a person must look."""
    world = story(rules=[rule(priority=Priority.LIFE_SAFETY)])
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben", "Call at")
    world.advance(seconds=10)
    world.hears("pendant", cancel="pressed")
    world.expect_sms("ben", "The resident has cancelled: call at 12 Larch Close. Please make sure")
    assert reasons(world, "alert.updated") == [
        "the resident cancelled with pendant, still needs a person"
    ]
    assert world.alert().state is AlertState.OPEN
    world.advance(seconds=10)
    world.hears("pendant", cancel="pressed")
    assert len(reasons(world, "alert.updated")) == 1
    world.advance(seconds=100)
    world.expect_sms("cara", "Call at")


def test_a_cancel_that_comes_late_changes_nothing(story: Story) -> None:
    """After its time the escalation knows no cancel."""
    world = story(rules=[rule(priority=Priority.LIFE_SAFETY)])
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.advance(seconds=30)
    world.hears("pendant", cancel="pressed")
    assert world.alert().cancelled_at is None


def test_an_old_cancel_from_a_buffer_cancels_nothing(story: Story) -> None:
    """A hub that hands over what it kept tells of a cancel from before the call."""
    world = story(rules=[rule()])
    world.hears("pendant", trigger="pressed")
    world.hears("unit", stamp=world.at - HOUR, cancel="pressed")
    assert 1 in world.state.alerts
    world.advance(seconds=30)
    world.expect_sms("ben")


def test_a_call_and_its_cancel_that_come_late_together_cancel_out(story: Story) -> None:
    """The device's clock says that the cancel came after the call."""
    world = story(rules=[rule()])
    world.hears("pendant", stamp=world.at - 5 * MINUTE, trigger="pressed")
    world.hears("pendant", stamp=world.at - 4 * MINUTE, cancel="pressed")
    assert world.state.alerts == {}


def test_pressing_again_after_a_cancel_pages_again(story: Story) -> None:
    """P6: those who read that it was cancelled hear that it happened again."""
    world = story(rules=[rule(priority=Priority.LIFE_SAFETY, cancel_within=5 * MINUTE)])
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.advance(minutes=2)
    world.expect_sms("cara")
    world.hears("pendant", cancel="pressed")
    world.expect_sms("ben", "has cancelled")
    world.expect_sms("cara", "has cancelled")
    world.advance(seconds=20)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("cara", "Call at")
    world.expect_sms("ben", "Call at")
    assert world.alert().cancelled_at is None
    assert reasons(world, "alert.escalated")[-1] == (
        "step 2 of 3: it happened again after the resident had cancelled"
    )
    world.advance(seconds=20)
    world.hears("pendant", cancel="pressed")
    world.expect_sms("ben", "has cancelled")
    world.expect_sms("cara", "has cancelled")


def test_who_cannot_go_is_not_asked_again_when_it_happens_again(story: Story) -> None:
    """A no stays a no within one alert."""
    world = story(rules=[rule(priority=Priority.LIFE_SAFETY, cancel_within=5 * MINUTE)])
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.declines("ben")
    world.expect_sms("cara")
    world.hears("pendant", cancel="pressed")
    world.expect_sms("ben", "has cancelled")
    world.expect_sms("cara", "has cancelled")
    world.advance(seconds=20)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("cara", "Call at")


def test_the_owner_hears_of_a_cancel_and_of_the_next_press(story: Story) -> None:
    """Of an alert that somebody holds only the owner is told, who may be on the way."""
    world = story(rules=[rule(priority=Priority.LIFE_SAFETY, cancel_within=5 * MINUTE)])
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.accepts("ben")
    world.expect_sms("ben", "Thank you")
    world.hears("pendant", cancel="pressed")
    world.expect_sms("ben", "has cancelled")
    world.advance(seconds=20)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben", "AGAIN")
    assert world.alert().cancelled_at is None


@pytest.mark.parametrize("how", ["acknowledge", "snooze"])
def test_an_operator_may_take_it_before_it_is_told(story: Story, how: str) -> None:
    """Nobody is told while it is held; then it begins as if it had waited."""
    world = story(rules=[rule()])
    world.hears("pendant", trigger="pressed")
    common: dict[str, Any] = {"input": 9, "at": world.at, "alert": 1, "by": "An Operator"}
    taken = Acknowledged(**common, lease=10 * MINUTE)
    snoozed = Snoozed(**common, duration=10 * MINUTE)
    assert world.commands(taken if how == "acknowledge" else snoozed).done
    assert world.alert().begins_at is None
    world.hears("unit", cancel="pressed")
    assert reasons(world, "alert.updated") == [
        "the resident cancelled with unit, still needs a person"
    ]
    world.advance(minutes=10)
    assert world.records("alert.lapsed")[0].at == world.at
    world.expect_sms("ben", "Call at")
    assert world.records("alert.escalated") == []


def test_an_operator_may_resolve_it_before_it_is_told(story: Story) -> None:
    """Then it is over."""
    world = story(rules=[rule()])
    world.hears("pendant", trigger="pressed")
    world.commands(Resolved(input=9, at=world.at, alert=1, by="An Operator", outcome=Outcome.TEST))
    assert world.state.alerts == {}
    world.advance(minutes=5)


def test_who_says_no_before_it_is_told_is_passed_over(story: Story) -> None:
    """It still waits for its time: nobody has failed yet."""
    world = story(rules=[rule()])
    world.hears("pendant", trigger="pressed")
    world.declines("ben")
    world.expect_nothing()
    world.advance(seconds=30)
    world.expect_sms("cara")
    assert world.alert().step == 1


def test_a_rule_on_trial_shows_what_the_resident_would_have_cancelled(story: Story) -> None:
    """Beside the live rule, a watched one waits, is cancelled, and pages nobody."""
    trial = rule(name="trial", mode=Mode.WATCH)
    strict = rule(name="strict", mode=Mode.WATCH, priority=Priority.LIFE_SAFETY)
    world = story(rules=[rule(), trial, strict])
    world.hears("pendant", trigger="pressed")
    assert reasons(world, "alert.opened")[1] == (
        "watched, pages nobody: pendant told trigger: pressed; the resident may cancel for 30s"
    )
    assert world.alert(2).next_at is None
    world.advance(seconds=10)
    world.hears("pendant", cancel="pressed")
    assert [line.rule for line in world.records("alert.resolved")] == ["call", "trial"]
    assert world.alert(3).cancelled_at == world.at
    world.hears("pendant", trigger="pressed")
    world.advance(seconds=30)
    world.expect_sms("ben")
    world.hears("unit", cancel="pressed")
    assert world.alert(3).cancelled_at is not None
    assert [alert.rule for alert in world.state.alerts.values()] == ["strict", "call", "trial"]


def test_a_cancel_ends_only_what_waits_for_it(story: Story) -> None:
    """A rule without a time to cancel, and a finding of the machinery, know no cancel."""
    other = rule(name="other", cancel_within=0)
    world = story(rules=[rule(), other])
    world.hears("ghost", motion="detected")
    world.expect_sms(CENTRE)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.hears("pendant", cancel="pressed")
    assert [alert.rule for alert in world.state.alerts.values()] == ["unknown-device", "other"]
    assert reasons(world, "alert.updated") == []


def test_a_rule_about_the_cancel_button_is_not_cancelled_by_its_own_act(story: Story) -> None:
    """The press that opens an alert cannot mean that alert."""
    asks = rule(when=ReadingIs(property="cancel", values=("pressed",)))
    world = story(rules=[asks])
    world.hears("unit", cancel="pressed")
    assert 1 in world.state.alerts
    world.advance(seconds=30)
    world.expect_sms("ben")


def test_what_something_else_has_joined_is_told(story: Story) -> None:
    """Above the limit of open alerts a finding joins another, which the resident cannot mean."""
    many = [rule(name=f"call-{n:03}") for n in range(100)]
    late = rule(name="late", when=ReadingIs(property="motion", values=("detected",)))
    world = story(rules=[*many, late])
    world.hears("pendant", trigger="pressed")
    world.hears("hall-pir", motion="detected")
    assert world.state.findings["late|hall-pir"].alert == 1
    world.hears("pendant", cancel="pressed")
    assert list(world.state.alerts) == [1]
    assert world.alert().cancelled_at == world.at
    world.advance(seconds=30)
    world.expect_sms("ben", "Call at")


def test_what_becomes_life_safety_while_it_waits_is_told_at_once(story: Story) -> None:
    """P6: the rule was changed in the meantime, and it happens again."""
    world = story(rules=[rule()])
    world.hears("pendant", trigger="pressed")
    world.advance(seconds=10)
    world.is_replanned(plan_of([rule(priority=Priority.LIFE_SAFETY)]))
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben", "Call at")
    world.advance(seconds=25)


@pytest.mark.parametrize("deleted", [False, True])
def test_what_waits_outlives_its_rule_and_its_home(story: Story, deleted: bool) -> None:
    """Decision 5: it is told when its time is over, by the policy it opened with."""
    world = story(rules=[rule()])
    world.hears("pendant", trigger="pressed")
    world.is_replanned(plan_of([]), deleted=deleted)
    world.advance(seconds=30)
    world.expect_sms(CENTRE if deleted else "ben")


def test_a_frozen_alert_may_still_be_cancelled(story: Story) -> None:
    """The rule is gone, the half minute that it opened with is not."""
    world = story(rules=[rule()])
    world.hears("pendant", trigger="pressed")
    world.is_replanned(plan_of([]), record_of(contacts=()))
    world.hears("pendant", cancel="pressed")
    assert world.state.alerts == {}


def test_a_lost_link_does_not_make_it_wait(story: Story) -> None:
    """Escalation deadlines never hold (design 3.1, decision 3)."""
    world = story(rules=[rule()])
    world.hears("pendant", trigger="pressed")
    world.site_hears(LinkDown(at=world.at))
    world.advance(seconds=30)
    world.expect_sms("ben")


def test_looking_more_often_decides_nothing_else(story: Story) -> None:
    """Promise P9: one world looks every second, the other when something happens."""
    worlds = [story(rules=[rule()]) for _ in range(2)]
    for world in worlds:
        world.hears("pendant", trigger="pressed")
    for _ in range(60):
        worlds[0].advance(seconds=1)
    worlds[1].advance(minutes=1)
    assert worlds[0].effects == worlds[1].effects
    for world in worlds:
        world.forget_messages()
        assert world.alert().lease_until is None
        assert world.at < world.alert().opened_at + DAY
