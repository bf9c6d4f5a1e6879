"""Receipts in any order, doubled, hours late: all kept, and one end (promise P5)."""

from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from telecared.core.vocabulary import NotificationState, Stage
from telecared.shard import FINAL
from tests.engine.conftest import MakeNight
from tests.engine.night import Night
from tests.engine.scenery import PENDANT, plan_of

PLAN = plan_of(PENDANT)
SENT = NotificationState.SENT
_NUMBERS = count()


def histories() -> st.SearchStrategy[tuple[NotificationState, list[NotificationState]]]:
    """What became of a message, and its receipts in any order with repeats."""

    def told(end: NotificationState) -> st.SearchStrategy[list[NotificationState]]:
        some = st.lists(st.sampled_from([SENT, end]), max_size=6)
        return some.flatmap(lambda more: st.permutations([end, *more]))

    return st.sampled_from(FINAL).flatmap(lambda end: st.tuples(st.just(end), told(end)))


def ends_of(it: Night, page: str) -> tuple[str, NotificationState]:
    """The state in the table and in the decisions."""
    [(stored,)] = it.store._connection.execute(
        "SELECT state FROM notifications WHERE id = ?", (page,)
    ).fetchall()
    [alert] = it.engine.homes.states["h001"].alerts.values()
    [told] = [one for one in alert.told if one.to == "ben" and one.k == 1]
    return stored, told.state


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(histories())
async def test_any_order_of_receipts_has_one_end(
    night: MakeNight, folder: Path, history: tuple[NotificationState, list[NotificationState]]
) -> None:
    """Whatever arrives first, second or twice, nothing goes back, and nothing is thrown away."""
    end, receipts = history
    place = folder / str(next(_NUMBERS))
    place.mkdir()
    async with night(plan=PLAN, delivers=False, folder=place) as it:
        await it.press()
        page = it.open_notification("ben")
        for state in receipts:
            await it.reports(page, state)
        assert ends_of(it, page) == (end, end)
        kept = it.store._connection.execute(
            "SELECT stage FROM notification_evidence ORDER BY id"
        ).fetchall()
        stages = [stage for (stage,) in kept if stage in [state.value for state in (SENT, *FINAL)]]
        assert [Stage(one) for one in stages][: len(receipts)] == [Stage(one) for one in receipts]


@pytest.mark.parametrize("late", [1, 30])
async def test_a_receipt_hours_late_is_kept_and_changes_nothing(
    night: MakeNight, late: int
) -> None:
    """The alert went on long ago; that the message did arrive is worth knowing."""
    async with night(plan=PLAN, delivers=False) as it:
        await it.press()
        page = it.open_notification("ben")
        await it.reports(page, SENT)
        await it.reports(page, NotificationState.UNDELIVERED)
        await it.passes(minutes=late)
        await it.reports(page, SENT)
        assert ends_of(it, page) == ("undelivered", NotificationState.UNDELIVERED)
