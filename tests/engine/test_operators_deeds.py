"""What operators ring, write, link and promise goes through the store, outlives it and replays."""

from datetime import datetime

import msgspec

from telecared.adapters.sqlite import History
from telecared.core.alert_commands import Called, Linked, MessageSent, Resolved
from telecared.core.events import Promised, PromiseKept
from telecared.core.vocabulary import HOUR, MINUTE, AlertState, CallResult, Cause, Outcome
from telecared.core.windows import local
from telecared.orders import StatedOrder
from telecared.store_port import CommandResult
from tests.engine.conftest import MakeNight
from tests.engine.night import Night
from tests.engine.scenery import BEN, DOOR_OPEN, PENDANT, plan_of

PLAN = plan_of(PENDANT, DOOR_OPEN)


async def promises(night: Night, due_at: int = 0, **ending: int | str) -> CommandResult:
    """Ann promises to ring back; when it is due is the order's, where that says it."""
    event = Promised(input=0, at=0, by="Ann Lee", what="to ring her back", due_at=due_at)
    order = StatedOrder(event=event, **ending)  # type: ignore[arg-type] # fields of the order
    return await night.command("promise", "h001", msgspec.json.encode(order))


async def test_a_call_a_message_and_a_duplicate_are_kept(night: MakeNight) -> None:
    """The ledger balances, the store verifies, and the stored inputs decide the same again."""
    async with night(plan=PLAN) as it:
        await it.press()
        rang = Called(
            input=0, at=0, alert=1, by="Ann Lee", contact="ben", result=CallResult.NO_ANSWER
        )
        assert (await it.orders(rang)).state == "done"
        wrote = MessageSent(input=0, at=0, alert=1, by="Ann Lee", to="ben", text="Bring the key.")
        assert (await it.orders(wrote)).state == "done"
        await it.passes(seconds=5)
        assert it.texts_to(BEN)[-1] == f"{it.alert('pendant-pressed').code}: Bring the key."
        await it.hears(it.message("door", contact="open"))
        await it.passes(minutes=20)
        await it.orders(
            Resolved(
                input=0, at=0, alert=1, by="Ann Lee", outcome=Outcome.FALSE_ACTIVATION,
                cause=Cause.PRESSED_BY_MISTAKE,
            )
        )  # fmt: skip
        await it.press()
        link = Linked(input=0, at=0, alert=2, by="Ann Lee", to=3, note="the same visit")
        assert (await it.orders(link)).state == "done"
        rows = {row.n: row for row in it.alerts()}
        assert rows[1].cause is Cause.PRESSED_BY_MISTAKE
        assert (rows[2].state, rows[2].linked_to) == (AlertState.RESOLVED, "h001/3")
        assert rows[2].outcome is Outcome.DUPLICATE
        [(home, call)] = History(it.path).calls()
        assert (home, call.to, call.answered) == ("h001", "ben", False)
        assert History(it.path).calls(home="h002") == []


async def test_a_promise_is_due_by_the_clocks_of_its_home(night: MakeNight) -> None:
    """After a time, at a time of day, or at an instant; it outlives the daemon."""
    async with night(plan=PLAN) as it:
        soon = await promises(it, lasts=30 * MINUTE)
        there = local(it.clock.at + 2 * HOUR, it.engine.homes.plans["h001"].zone)
        shown = there.strftime("%Y-%m-%dT%H:%M")
        later = await promises(it, local_until=shown)
        exact = await promises(it, it.clock.at + 3 * HOUR)
        wall = await promises(it, until=it.clock.at + 4 * HOUR)
        nowhere = await promises(it, it.clock.at - HOUR)
        assert [one.state for one in (soon, later, exact, wall)] == ["done"] * 4
        assert nowhere.reason == "a promise is due at a time that is still to come"
        assert later.reason == f"promise 2, by {datetime.fromisoformat(shown):%H:%M}"
        kept = PromiseKept(input=0, at=0, by="Bob Ray", number=2)
        assert (await it.orders(kept)).state == "done"
        await it.restarts(clean=False, down=20 * MINUTE)
        await it.passes(minutes=26)
        assert [row.rule for row in it.alerts("promise-not-kept")] == ["promise-not-kept"]
        await it.orders(msgspec.structs.replace(kept, number=1))
        assert it.alert("promise-not-kept").state is AlertState.RESOLVED
