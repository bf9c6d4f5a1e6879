"""A second sensor is asked: what confirms an alert raises it, and everybody is told so."""

from typing import Any

import pytest

from telecared.core.alert_commands import Acknowledged
from telecared.core.plan import Confirm, Rule
from telecared.core.site import LinkDown, LinkDrained, LinkUp, Started
from telecared.core.state import decode_state, encode_state
from telecared.core.vocabulary import MINUTE, SECOND, AlertState, Mode, Priority
from telecared.core.when import ReadingIs
from tests.core.conftest import Story
from tests.core.world import BEN, CENTRE, DEVICES, World, plan_of, record_of

PRESSED = ReadingIs(property="trigger", values=("pressed",))
MOVED = ReadingIs(property="motion", values=("detected",), at=("hall", "kitchen"))
SMOKE = ReadingIs(property="smoke", values=("alarm",))
STILL = Confirm(within=90 * SECOND, none_of=(MOVED,))
BURNS = Confirm(within=90 * SECOND, any_of=(SMOKE,))
SILENCE = "no motion: detected at hall or kitchen within 90s"
RAISED = "confirmed, raised from urgent to life_safety: "


def rule(confirm: Confirm | None = STILL, **changes: Any) -> Rule:  # noqa: ANN401 - any field
    """A call, urgent until a second sensor confirms it."""
    fields: dict[str, Any] = {
        "name": "call", "when": PRESSED, "say": "Call at {home.address}. Reply {code}.",
    }  # fmt: skip
    return Rule(**{**fields, "confirm": confirm, **changes})


def pressed(story: Story, *rules: Rule, **arguments: Any) -> World:  # noqa: ANN401 - of `World`
    """The pendant was pressed and Ben was told."""
    world = story(rules=rules or [rule()], **arguments)
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben", "Call at 12 Larch Close")
    return world


def updates(world: World) -> list[str]:
    """What the record says beside openings and steps."""
    return [line.reason for line in world.records("alert.updated")]


def test_a_call_after_which_nobody_moves_becomes_life_safety(story: Story) -> None:
    """The first step begins again, and its text says that it is confirmed."""
    world = pressed(story)
    assert world.alert().confirm_by == world.at + 90 * SECOND
    world.advance(seconds=89)
    world.expect_nothing()
    world.advance(seconds=1)
    told = world.expect_sms("ben", "CONFIRMED: Call at 12 Larch Close")
    assert told.priority is Priority.LIFE_SAFETY
    line = world.records("alert.escalated")[0]
    assert (line.reason, line.priority) == (f"step 1 of 3: {RAISED}{SILENCE}", "life_safety")
    alert = world.alert()
    assert (alert.priority, alert.confirm_by) == (Priority.LIFE_SAFETY, None)
    world.advance(minutes=2)
    world.expect_sms("cara", "CONFIRMED")


def test_a_sign_of_life_leaves_it_as_it_was(story: Story) -> None:
    """Somebody walks through the hall: that is on record, and nothing is raised."""
    world = pressed(story)
    world.advance(seconds=40)
    world.hears("bed", occupancy="vacant")
    world.hears("kitchen-pir", motion="detected")
    assert updates(world) == ["not confirmed: kitchen-pir (kitchen) told motion: detected"]
    world.advance(seconds=60)
    assert world.alert().priority is Priority.URGENT


def test_what_was_told_together_with_the_call_is_no_sign_of_life_after_it(story: Story) -> None:
    """Nor is motion from before it that a hub hands over late."""
    world = pressed(story)
    world.hears("hall-pir", motion="detected")
    world.hears("kitchen-pir", stamp=world.at - MINUTE, motion="detected")
    world.advance(seconds=90)
    world.expect_sms("ben", "CONFIRMED")


def test_a_restart_while_it_is_asked_loses_nothing(story: Story) -> None:
    """Promise P3: the question is in the stored state."""
    world = pressed(story)
    world.advance(seconds=5)
    world.state = decode_state(encode_state(world.state))
    world.advance(seconds=85)
    world.expect_sms("ben", "CONFIRMED")


def test_an_act_that_confirms_raises_it_at_once(story: Story) -> None:
    """Smoke after the call: nobody waits for the time to be over."""
    world = pressed(story, rule(BURNS))
    world.advance(seconds=30)
    world.hears("smoke", smoke="alarm")
    world.expect_sms("ben", "CONFIRMED")
    reason = world.records("alert.escalated")[0].reason
    assert reason == f"step 1 of 3: {RAISED}smoke (kitchen) told smoke: alarm"
    world.advance(seconds=70)
    world.hears("smoke", smoke="clear")


def test_an_act_of_the_same_instant_confirms_too(story: Story) -> None:
    """What raises is believed where the order cannot be known."""
    world = pressed(story, rule(BURNS))
    world.hears("smoke", smoke="alarm")
    world.expect_sms("ben", "CONFIRMED")


def test_an_act_from_before_the_call_confirms_nothing(story: Story) -> None:
    """The smoke was before it."""
    world = pressed(story, rule(BURNS))
    world.hears("smoke", stamp=world.at - MINUTE, smoke="alarm")
    world.advance(seconds=90)
    assert updates(world) == ["not confirmed: no smoke: alarm within 90s"]
    assert world.alert().priority is Priority.URGENT


def test_the_act_that_opens_an_alert_does_not_confirm_it(story: Story) -> None:
    """A second press does."""
    twice = rule(Confirm(within=90 * SECOND, any_of=(PRESSED,)))
    world = pressed(story, twice)
    world.advance(seconds=10)
    world.hears("unit", trigger="pressed")
    world.expect_sms("ben", "CONFIRMED")
    world.expect_sms("ben", "Call at")
    assert [alert.confirm_by is None for alert in world.state.alerts.values()] == [True, False]
    world.advance(seconds=85)
    world.forget_messages()


def test_those_told_in_other_steps_hear_that_it_is_confirmed(story: Story) -> None:
    """Step 0 begins again; whoever was told later is not left with the old text."""
    world = pressed(story, rule(Confirm(within=5 * MINUTE, none_of=(MOVED,))))
    world.declines("ben")
    world.expect_sms("cara", "Call at")
    world.advance(minutes=3)
    world.expect_sms(CENTRE, "Call at")
    world.advance(minutes=2)
    world.expect_sms("ben", "CONFIRMED")
    world.expect_sms("cara", "CONFIRMED")
    world.expect_sms(CENTRE, "CONFIRMED")
    assert world.alert().step == 0
    world.advance(minutes=2)
    world.expect_sms("cara", "CONFIRMED")


def test_whoever_holds_it_must_answer_again(story: Story) -> None:
    """P6: the owner is paged, and without an update the first step begins again."""
    world = pressed(story)
    world.accepts("ben")
    world.expect_sms("ben", "Thank you")
    world.advance(seconds=90)
    world.expect_sms("ben", "within 2 minutes or others are told")
    assert world.records("alert.escalated")[0].reason == f"{RAISED}{SILENCE}"
    assert world.alert().state is AlertState.ACKNOWLEDGED
    world.advance(minutes=2)
    world.expect_sms("ben", "CONFIRMED")
    assert world.records("alert.lapsed")[0].reason == "no update after it happened again"


def test_a_snoozed_one_is_told_to_the_centre(story: Story) -> None:
    """The operator who holds it has no phone: the centre hears."""
    world = pressed(story)
    taken = Acknowledged(input=9, at=world.at, alert=1, by="An Operator", lease=30 * MINUTE)
    world.commands(taken)
    world.expect_sms("ben", "An Operator is going")
    world.advance(seconds=90)
    world.expect_sms(CENTRE, "CONFIRMED")


def test_a_resolved_alert_is_not_asked_about(story: Story) -> None:
    """It is over."""
    world = pressed(story)
    world.resolves("Ben Hall")
    world.expect_sms("ben", "dealt with")
    world.advance(minutes=5)


def test_a_confirmed_call_does_not_wait_for_a_cancel(story: Story) -> None:
    """Confirmed before anybody was told: it begins at once, as life safety."""
    world = story(rules=[rule(BURNS, cancel_within=60 * SECOND)])
    world.hears("pendant", trigger="pressed")
    world.advance(seconds=10)
    world.hears("smoke", smoke="alarm")
    world.expect_sms("ben", "CONFIRMED")
    assert world.records("alert.escalated")[0].reason.startswith(RAISED)
    world.hears("unit", cancel="pressed")
    world.expect_sms("ben", "The resident has cancelled")
    assert world.alert().state is AlertState.OPEN


def test_a_cancelled_call_is_not_asked_about(story: Story) -> None:
    """The resident answered it."""
    world = story(rules=[rule(cancel_within=60 * SECOND)])
    world.hears("pendant", trigger="pressed")
    world.hears("unit", cancel="pressed")
    world.advance(minutes=5)
    assert world.state.alerts == {}


def test_a_rule_on_trial_is_raised_on_record_only(story: Story) -> None:
    """Beside the live rule: what it would have done is shown, and nobody is paged."""
    world = pressed(story, rule(None), rule(name="trial", mode=Mode.WATCH))
    world.advance(seconds=90)
    line = world.records("alert.escalated")[0]
    assert (line.rule, line.reason) == ("trial", f"{RAISED}{SILENCE}")
    assert world.alert(2).priority is Priority.LIFE_SAFETY


def test_life_safety_is_confirmed_as_what_it_is(story: Story) -> None:
    """Nothing is above it: it is told again, and says that it is confirmed."""
    world = pressed(story, rule(priority=Priority.LIFE_SAFETY))
    world.advance(seconds=90)
    world.expect_sms("ben", "CONFIRMED")
    reason = world.records("alert.escalated")[0].reason
    assert reason == f"step 1 of 3: confirmed: {SILENCE}"


def test_a_home_without_such_a_sensor_is_not_asked(story: Story) -> None:
    """Silence says nothing where nobody can speak; a pendant never tells motion."""
    few = record_of(devices=DEVICES[:1])
    anywhere = ReadingIs(property="motion", values=("detected",))
    world = pressed(story, rule(Confirm(within=MINUTE, none_of=(anywhere,))), record=few)
    assert world.alert().confirm_by is None
    world.advance(seconds=90)


@pytest.mark.parametrize("heard", ["", "smoke"])
def test_a_rule_that_is_gone_asks_no_more(story: Story, heard: str) -> None:
    """Decision 5: the alert lives on as it was told."""
    world = pressed(story, rule(BURNS))
    world.is_replanned(plan_of([]))
    if heard:
        world.hears("smoke", smoke="alarm")
    world.advance(seconds=90)
    assert updates(world) == ["not confirmed: its rule asks no second sensor of this home any more"]
    assert world.alert().priority is Priority.URGENT


def test_a_home_that_is_deleted_is_not_raised(story: Story) -> None:
    """Its sensors are silent because it has none any more."""
    world = pressed(story)
    world.is_replanned(deleted=True)
    world.advance(minutes=2)
    world.forget_messages()
    assert world.alert().priority is Priority.URGENT


def test_a_change_of_the_homes_record_does_not_end_the_question(story: Story) -> None:
    """The rule still asks."""
    world = pressed(story)
    world.is_replanned(record=record_of(contacts=(BEN,)))
    world.advance(seconds=90)
    world.expect_sms("ben", "CONFIRMED")


# --- outages ------------------------------------------------------------------------------------


def test_a_short_outage_raises_nothing_falsely(story: Story) -> None:
    """Motion that the broker kept for us is read before silence is judged."""
    world = pressed(story)
    world.advance(seconds=30)
    world.site_hears(LinkDown(at=world.at))
    world.advance(seconds=90)
    world.expect_sms("cara")
    world.site_hears(LinkUp(at=world.at, resumed=True, protocol=4))
    world.hears("hall-pir", motion="detected")
    world.site_hears(LinkDrained(at=world.at, canary=True))
    assert updates(world) == ["not confirmed: hall-pir (hall) told motion: detected"]
    world.advance(seconds=30)


def test_silence_is_judged_when_the_session_is_drained(story: Story) -> None:
    """And the record says how late that is."""
    world = pressed(story)
    world.advance(seconds=30)
    world.outage(minutes=1.5, drains=20)
    world.expect_sms("ben", "CONFIRMED")
    world.expect_sms("cara", "Call at")
    world.expect_sms("cara", "CONFIRMED")
    line = world.records("alert.escalated")[-1]
    assert (line.at, line.late) == (world.at, 50 * SECOND)


def test_a_life_in_danger_does_not_wait_for_ever_for_the_link(story: Story) -> None:
    """Five minutes after its time it is raised, and says that nothing can be heard."""
    world = pressed(story)
    world.site_hears(LinkDown(at=world.at))
    world.advance(seconds=90 + 299)
    world.expect_sms("cara")
    world.expect_sms(CENTRE)
    world.advance(seconds=1)
    for to in ("ben", "cara", CENTRE):
        world.expect_sms(to, "CONFIRMED")
    reason = world.records("alert.escalated")[-1].reason
    assert reason == f"step 1 of 3: {RAISED}{SILENCE}, and nothing can be heard now"


def test_what_is_no_matter_of_life_waits_for_the_link(story: Story) -> None:
    """A look in the morning is not made urgent by an outage."""
    mild = Confirm(within=90 * SECOND, none_of=(MOVED,), priority=Priority.URGENT)
    world = pressed(story, rule(mild, priority=Priority.ROUTINE))
    world.site_hears(LinkDown(at=world.at))
    world.advance(hours=2)
    world.forget_messages()
    assert world.alert().priority is Priority.ROUTINE
    world.site_hears(LinkUp(at=world.at, resumed=True, protocol=4))
    world.site_hears(LinkDrained(at=world.at, canary=True))
    world.expect_sms("ben", "CONFIRMED")
    world.expect_sms("cara", "CONFIRMED")
    world.expect_sms(CENTRE, "CONFIRMED")
    assert world.alert().priority is Priority.URGENT


def test_after_a_start_what_was_kept_for_us_is_read_first(story: Story) -> None:
    """The five minutes begin with the start, and end no earlier than the session is drained."""
    world = pressed(story)
    world.advance(seconds=10)
    last_at, world.at = world.at, world.at + 60 * MINUTE
    world.site_hears(Started(at=world.at, last_at=last_at, clean=False))
    world.forget_messages()
    assert world.alert().priority is Priority.URGENT
    world.advance(minutes=4)
    world.site_hears(LinkUp(at=world.at, resumed=True, protocol=4))
    world.advance(seconds=119)
    world.forget_messages()
    world.hears("hall-pir", motion="detected")
    assert world.alert().priority is Priority.URGENT
    assert updates(world)[-1].startswith("not confirmed: hall-pir")


def test_an_act_that_confirms_is_heard_after_an_outage_too(story: Story) -> None:
    """It is asked for until silence is judged."""
    world = pressed(story, rule(BURNS))
    world.site_hears(LinkDown(at=world.at))
    world.advance(minutes=10)
    world.forget_messages()
    world.site_hears(LinkUp(at=world.at, resumed=True, protocol=4))
    world.hears("smoke", smoke="alarm")
    world.expect_sms("ben", "CONFIRMED")
    world.forget_messages()


@pytest.mark.parametrize("link", ["up", "down"])
def test_looking_more_often_decides_nothing_else(story: Story, link: str) -> None:
    """Promise P9: one world looks every few seconds, the other when something happens."""
    worlds = [pressed(story) for _ in range(2)]
    for world in worlds:
        if link == "down":
            world.site_hears(LinkDown(at=world.at))
    for _ in range(100):
        worlds[0].advance(seconds=7)
    for world in worlds:
        world.until("2026-03-01T08:11:40Z")
        world.site_hears(LinkUp(at=world.at, resumed=True, protocol=4))
        world.site_hears(LinkDrained(at=world.at, canary=True))
        world.forget_messages()
    assert worlds[0].effects == worlds[1].effects
    assert encode_state(worlds[0].state) == encode_state(worlds[1].state)
