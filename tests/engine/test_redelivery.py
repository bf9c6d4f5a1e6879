"""What the broker sends again is recognised where it can be, and never lost (decision 7)."""

import pytest

from telecared.engine import Limits
from tests.engine.conftest import MakeNight
from tests.engine.scenery import NO_MOVEMENT, PENDANT, SMOKE, WATER, plan_of

PLAN = plan_of(PENDANT, SMOKE, WATER)

PLAIN: dict[str, object] = {"motion": "detected"}
MOMENTARY: dict[str, object] = {"test": "pressed"}
ALARM: dict[str, object] = {"smoke": "alarm"}
PRESS: dict[str, object] = {"trigger": "pressed"}


@pytest.mark.parametrize("resumed", [True, False])
@pytest.mark.parametrize("same", [True, False])
@pytest.mark.parametrize("seq", [True, False])
@pytest.mark.parametrize(
    ("device", "values", "once"),
    [
        ("pir", PLAIN, False),
        ("pendant", MOMENTARY, True),
        ("smoke", ALARM, True),
        ("pendant", PRESS, True),
    ],
)
@pytest.mark.parametrize("restart", [True, False])
async def test_redelivery(
    night: MakeNight,
    device: str,
    values: dict[str, object],
    *,
    once: bool,
    seq: bool,
    same: bool,
    resumed: bool,
    restart: bool,
) -> None:
    """Decision 7: skipped only when it is surely the same; else stored and joined to its alert."""
    async with night(plan=PLAN) as it:
        content = {**values, **({"seq": 7} if seq else {})}
        await it.hears(it.message(device, packet=5, **content))  # type: ignore[arg-type]
        if restart:
            await it.store.close()
            await it._start()
            it.connection = 0
        else:
            await it.disconnects()
        before = len(it.session.acknowledged)
        await it.connects(resumed=resumed)
        other = {} if same else {"battery": 50}
        again = it.message(device, packet=5, redelivered=True, **content, **other)  # type: ignore[arg-type]
        await it.hears(again)

        skipped = resumed and same and (seq or not once)
        stored = it.inputs("message")
        assert it.session.acknowledged[before:] == [again]
        assert len(stored) == (1 if skipped else 2)
        assert stored[-1].redelivered is not skipped
        assert len([row for row in it.alerts() if row.home == "h001"]) <= 1


async def test_a_new_message_on_an_id_replaces_the_memory(night: MakeNight) -> None:
    """Decision 7: an id that the broker has used anew says nothing about its old message."""
    async with night(plan=PLAN) as it:
        first = it.message("pir", packet=5, motion="detected")
        await it.hears(first)
        await it.hears(it.message("pir", packet=5, motion="clear"))
        await it.disconnects()
        await it.connects()
        await it.hears(it.message("pir", packet=5, redelivered=True, motion="detected"))

        assert [row.redelivered for row in it.inputs("message")] == [False, False, True]


async def test_a_lost_session_is_an_alert_with_its_span(night: MakeNight) -> None:
    """Decision 7: a session that should have been resumed and was not may have lost messages."""
    async with night(plan=PLAN) as it:
        assert it.alerts("session-lost") == []
        await it.passes(minutes=5)
        await it.disconnects()
        await it.passes(seconds=30)
        await it.connects(resumed=False)

        [opened] = [row for row in it.records("alert.opened") if row.record.rule == "session-lost"]
        assert "2026-03-01T08:05:00" in opened.record.reason


async def test_what_a_dead_connection_left_unread_is_left_to_the_broker(night: MakeNight) -> None:
    """Decision 7: it comes again on the resumed session, and is stored once."""
    async with night(plan=plan_of(NO_MOVEMENT)) as it:
        left = [it.message("pir", packet=n, test="pressed") for n in (1, 2)]
        it.engine.arrived(left)
        await it.disconnects()
        assert it.inputs("message") == []

        await it.connects()
        again = [it.message("pir", packet=n, redelivered=True, test="pressed") for n in (1, 2)]
        await it.hears(*again)

        assert len(it.inputs("message")) == 2
        assert it.session.acknowledged == again


async def test_an_alarm_of_a_dead_connection_does_not_wait(night: MakeNight) -> None:
    """P6, decision 7: it opens at once; when it comes again it joins its alert."""
    async with night(plan=PLAN) as it:
        it.engine.arrived([it.message("pendant", packet=1, trigger="pressed")])
        await it.disconnects()
        assert len(it.alerts("pendant-pressed")) == 1
        await it.passes(seconds=10)
        await it.connects()
        await it.hears(it.message("pendant", packet=1, redelivered=True, trigger="pressed"))

        assert it.alert("pendant-pressed").repeats == 1


async def test_what_a_lost_session_would_lose_is_taken_after_all(night: MakeNight) -> None:
    """P1: unread messages in our hands are worth more than the memory of a broker without one."""
    async with night(plan=PLAN) as it:
        it.engine.arrived([it.message("pir", packet=1, motion="detected")])
        await it.disconnects()
        await it.connects(resumed=False)

        assert len(it.inputs("message")) == 1


async def test_the_inbox_lets_go_only_of_what_has_no_guarantee(night: MakeNight) -> None:
    """P1: beyond the bound QoS 0 is dropped and counted; QoS 1 is never."""
    async with night(plan=PLAN, limits=Limits(inbox_messages=10, hold_seconds=0)) as it:
        it.engine.arrived([it.message("pir", qos=0, motion="detected") for _ in range(15)])
        it.engine.arrived([it.message("pir", motion="clear") for _ in range(15)])
        await it.settle()

        assert it.engine.dropped == 5
        rows = it.inputs("message")
        assert [row.qos for row in rows] == [0] * 10 + [1] * 15
