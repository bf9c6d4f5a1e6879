"""Cancelled in time, or confirmed by a second sensor: over a real store, a restart in the middle.

Each night ends with `verify`, a replay of its inputs, the ledger and the homes' deadlines.
"""

from telecared.core.plan import Confirm, Rule
from telecared.core.vocabulary import MINUTE, SECOND, AlertState, Priority
from telecared.core.when import ReadingIs
from tests.engine.conftest import MakeNight
from tests.engine.scenery import BEN, plan_of

MOTION = ReadingIs(property="motion", values=("detected",))
CALL = Rule(
    name="call",
    when=ReadingIs(property="trigger", values=("pressed",)),
    cancel_within=30 * SECOND,
    split_after=10 * MINUTE,
    confirm=Confirm(within=2 * MINUTE, none_of=(MOTION,)),
)


async def test_a_confirmed_call_is_life_safety_in_every_table(night: MakeNight) -> None:
    """P2, P3: killed while it waits and while it is asked; the table and the record agree."""
    async with night(plan=plan_of(CALL)) as it:
        await it.press()
        assert it.alert("call").next_at == it.alert("call").opened_at + 30 * SECOND
        await it.restarts(clean=False)
        await it.passes(seconds=31)
        assert len(it.texts_to(BEN)) == 1
        await it.restarts(clean=False)
        await it.passes(minutes=2)
        alert = it.alert("call")
        assert (alert.priority, alert.state) == (Priority.LIFE_SAFETY, AlertState.OPEN)
        assert it.texts_to(BEN)[-1].startswith("CONFIRMED: ")


async def test_a_cancelled_call_is_closed_by_the_resident(night: MakeNight) -> None:
    """The ledger counts it as closed by a person; nobody was told."""
    async with night(plan=plan_of(CALL)) as it:
        await it.press()
        await it.restarts(clean=False)
        await it.hears(it.message("pendant", cancel="pressed"))
        alert = it.alert("call")
        assert (alert.state, alert.resolved_by) == (AlertState.RESOLVED, "the resident")
        assert it.texts_to(BEN) == []
        assert it.ledger().closed_by_person == 1


async def test_a_call_that_was_split_is_two_in_the_ledger(night: MakeNight) -> None:
    """Both are open, and both are told."""
    async with night(plan=plan_of(CALL)) as it:
        await it.press()
        await it.moves()
        await it.passes(minutes=15)
        await it.press()
        await it.moves()
        await it.passes(minutes=5)
        assert len(it.alerts("call")) == 2
        assert it.ledger().escalating == 2
