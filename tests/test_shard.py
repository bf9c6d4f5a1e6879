"""A shard put together: what a provider's receipt becomes."""

from types import SimpleNamespace
from typing import cast

import pytest

from telecared.core.vocabulary import NotificationState
from telecared.hearing import Reported
from telecared.ports import Receipt
from telecared.shard import Shard


@pytest.mark.parametrize(
    ("code", "number_refused"), [("21610", True), ("21211", True), ("30003", False)]
)
async def test_an_opt_out_may_come_as_a_receipt(code: str, number_refused: bool) -> None:
    """The provider may take a message first and tell later that its owner has said STOP."""
    told: list[Reported] = []

    async def tell(reported: Reported) -> None:
        told.append(reported)

    shard = cast(
        Shard,
        SimpleNamespace(
            engine=SimpleNamespace(tell=tell), outbox=SimpleNamespace(settled=lambda _: None)
        ),
    )
    await Shard.on_receipt(shard, Receipt("h001/1-1", "SM1", NotificationState.FAILED, code))
    assert [one.event.number_refused for one in told] == [number_refused]
