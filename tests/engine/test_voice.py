"""What a call comes to: answered is not acknowledged, only the key is."""

import pytest

from telecared.core.alert_commands import Resolved
from telecared.core.plan import Plan
from telecared.core.policy import MONITORING_CENTRE, Policy, Step
from telecared.core.prompts import Prompt
from telecared.core.vocabulary import (
    MINUTE,
    SECOND,
    AlertState,
    Channel,
    NotificationState,
    Outcome,
)
from telecared.hearing import Pressing
from telecared.ports import PressedKey
from tests.engine.conftest import MakeNight
from tests.engine.night import Night
from tests.engine.scenery import BEN, CARA, DOOR_OPEN, PENDANT, TECHNICAL, plan_of

CALLED_FIRST = Policy(
    name="family-then-centre",
    steps=(
        Step(notify=("carer",), by=(Channel.VOICE,), wait=2 * MINUTE),
        Step(notify=("key_holder",), wait=3 * MINUTE),
        Step(notify=(MONITORING_CENTRE,)),
    ),
)


def plan(*, policy: Policy = CALLED_FIRST) -> Plan:
    """Ben is called, Cara gets an SMS."""
    return plan_of(
        PENDANT,
        DOOR_OPEN,
        policies=(policy, TECHNICAL),
        channels=(Channel.SMS, Channel.VOICE),
    )


async def presses(night: Night, notification: str, key: str, call: str = "CA1") -> Prompt:
    """Somebody who was called presses a key; return what the voice says."""
    pressing = Pressing(PressedKey(notification, call, key))
    await night.tells(pressing)
    await night.settle()
    return pressing.came_to


async def goes(night: Night, notification: str, state: NotificationState, code: str = "") -> None:
    """The provider reports how a call goes."""
    await night.reports(notification, state, code)


async def test_key_one_takes_the_alert_and_picking_up_does_not(night: MakeNight) -> None:
    """Answered leaves the alert open; the key names an owner, and is on record before thanks."""
    async with night(plan=plan(), delivers=False) as it:
        await it.press()
        calling = it.open_notification("ben")
        await goes(it, calling, NotificationState.SENT)
        assert it.alert("pendant-pressed").state is AlertState.OPEN

        assert await presses(it, calling, "1") is Prompt.YOURS

        alert = it.alert("pendant-pressed")
        assert (alert.state, alert.owner) == (AlertState.ACKNOWLEDGED, "Ben Hall")
        assert [row.home for row in it.inputs("key")] == ["h001"]
        assert BEN.encode() not in (it.inputs("key")[0].body or b"")


async def test_key_two_tells_the_next_at_once(night: MakeNight) -> None:
    """A refusal by key is a decline like any other."""
    async with night(plan=plan(), delivers=False) as it:
        await it.press()

        assert await presses(it, it.open_notification("ben"), "2") is Prompt.REFUSED

        assert it.alert("pendant-pressed").state is AlertState.OPEN
        assert len(it.texts_to(CARA)) == 1


async def test_a_call_that_ends_without_a_key_moves_on_at_once(night: MakeNight) -> None:
    """A voicemail answered: delivered, and for life safety that is like nobody there."""
    async with night(plan=plan(), delivers=False) as it:
        await it.press()
        await goes(it, it.open_notification("ben"), NotificationState.DELIVERED)

        assert it.alert("pendant-pressed").state is AlertState.OPEN
        assert len(it.texts_to(CARA)) == 1


async def test_a_call_about_a_routine_matter_leaves_time_to_think(night: MakeNight) -> None:
    """What does not press keeps the step's wait: the text was heard, or is on a voicemail."""
    async with night(plan=plan(), delivers=False) as it:
        await it.hears(it.message("door", contact="open"))
        await it.passes(minutes=5)
        await goes(it, it.open_notification("ben"), NotificationState.DELIVERED)
        assert it.texts_to(CARA) == []

        await it.passes(minutes=2)
        assert len(it.texts_to(CARA)) == 1


@pytest.mark.parametrize("code", ["busy", "no-answer", "failed", "canceled"])
async def test_who_cannot_be_reached_is_passed_over_at_once(night: MakeNight, code: str) -> None:
    """P5: undelivered moves on; the provider's word for it is on record."""
    async with night(plan=plan(), delivers=False) as it:
        await it.press()
        await goes(it, it.open_notification("ben"), NotificationState.UNDELIVERED, code)

        assert len(it.texts_to(CARA)) == 1
        [line] = it.records("notification.undelivered")
        assert code in line.record.reason


async def test_a_phone_that_rings_past_the_receipt_limit_moves_on(night: MakeNight) -> None:
    """P5: nobody waits for a call of which nothing more is heard; a key counts all the same."""
    async with night(plan=plan(), delivers=False) as it:
        await it.press()
        calling = it.open_notification("ben")
        await goes(it, calling, NotificationState.SENT)
        await it.passes(seconds=61)
        assert len(it.texts_to(CARA)) == 1

        assert await presses(it, calling, "1") is Prompt.YOURS
        assert it.alert("pendant-pressed").owner == "Ben Hall"


async def test_the_other_message_of_somebody_who_was_called_still_counts(
    night: MakeNight,
) -> None:
    """Ben has the SMS: that his phone was not picked up does not take him out of the step."""
    both = Policy(
        name="family-then-centre",
        steps=(
            Step(notify=("carer",), by=(Channel.SMS, Channel.VOICE), wait=2 * MINUTE),
            Step(notify=(MONITORING_CENTRE,)),
        ),
    )
    async with night(plan=plan(policy=both), delivers=False) as it:
        await it.press()
        sms, calling = (one.notify.id for one in it.told if one.notify.to == "ben")
        await goes(it, sms, NotificationState.DELIVERED)
        await goes(it, calling, NotificationState.UNDELIVERED, "busy")

        assert it.records("alert.escalated") == []


async def test_a_late_key_hears_that_somebody_else_has_it(night: MakeNight) -> None:
    """Cara took it by SMS while Ben's phone rang; nothing changes hands by a late key."""
    async with night(plan=plan(), delivers=False) as it:
        await it.press()
        calling = it.open_notification("ben")
        await goes(it, calling, NotificationState.UNDELIVERED, "busy")
        await goes(it, it.open_notification("cara"), NotificationState.SENT)
        await it.texts(CARA, it.alert("pendant-pressed").code)

        assert await presses(it, calling, "1") is Prompt.TAKEN
        assert it.alert("pendant-pressed").owner == "Cara Singh"


async def test_a_key_after_the_end_hears_that_it_is_over(night: MakeNight) -> None:
    """A call that was picked up after the alert was closed changes nothing."""
    async with night(plan=plan(), delivers=False) as it:
        await it.press()
        calling = it.open_notification("ben")
        await it.orders(Resolved(input=0, at=0, alert=1, by="Op", outcome=Outcome.FALSE_ACTIVATION))

        assert await presses(it, calling, "1") is Prompt.OVER


async def test_the_same_key_told_twice_counts_once(night: MakeNight) -> None:
    """The provider comes again when it did not hear us; Ben hears the same both times."""
    async with night(plan=plan(), delivers=False) as it:
        await it.press()
        calling = it.open_notification("ben")
        for _ in range(2):
            assert await presses(it, calling, "1") is Prompt.YOURS

        assert len(it.records("alert.acknowledged")) == 1
        assert len(it.inputs("key")) == 1


@pytest.mark.parametrize(("key", "heard"), [("1", Prompt.YOURS), ("2", Prompt.REFUSED)])
async def test_the_same_key_told_again_after_a_restart_counts_once(
    night: MakeNight, key: str, heard: Prompt
) -> None:
    """What memory has forgotten, the state still knows."""
    async with night(plan=plan(), delivers=False) as it:
        await it.press()
        calling = it.open_notification("ben")
        await presses(it, calling, key)
        commands = len(it.inputs("command"))
        await it.restarts(clean=False, down=SECOND)

        assert await presses(it, calling, key) is heard
        assert len(it.inputs("command")) == commands


@pytest.mark.parametrize(
    ("notification", "key", "heard"),
    [
        ("h001/1-1", "7", Prompt.NOTHING),
        ("h001/1-1", "#", Prompt.NOTHING),
        ("h999/1-1", "1", Prompt.OVER),
        ("h001/99-1", "1", Prompt.OVER),
        ("h001/x-y", "1", Prompt.OVER),
        ("nonsense", "1", Prompt.OVER),
    ],
)
async def test_a_key_of_nothing_changes_nothing(
    night: MakeNight, notification: str, key: str, heard: Prompt
) -> None:
    """A slip of the finger, a home that is gone, an address that never was."""
    async with night(plan=plan(), delivers=False) as it:
        await it.press()

        assert await presses(it, notification, key) is heard
        assert it.alert("pendant-pressed").state is AlertState.OPEN


async def test_the_key_is_evidence(night: MakeNight) -> None:
    """Whoever asks later sees which call brought which key, and when."""
    async with night(plan=plan(), delivers=False) as it:
        kept = []
        committed = it.engine._committing._committed

        def note(batch: object) -> None:
            kept.extend(batch.evidence)  # type: ignore[attr-defined]
            committed(batch)  # type: ignore[arg-type]

        it.engine._committing._committed = note
        await it.press()
        calling = it.open_notification("ben")
        await presses(it, calling, "1", call="CA77")

        [row] = [one for one in kept if one.stage == "key_pressed"]
        assert (row.notification, row.provider_id, row.code) == (calling, "CA77", "1")
        assert await it.store.spoken(calling) == (it.texts_to(BEN)[0], "en")
        assert await it.store.recipient_of(calling) == "ben"
