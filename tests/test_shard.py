"""A shard put together: what a provider's receipt becomes."""

from functools import partial
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

    async def attempt_of(notification: str) -> tuple[str, str]:
        return "twilio", "SM1"

    shard = cast(
        Shard,
        SimpleNamespace(
            engine=SimpleNamespace(tell=tell),
            outbox=SimpleNamespace(settled=lambda _: None),
            store=SimpleNamespace(attempt_of=attempt_of),
        ),
    )
    await Shard.on_receipt(shard, Receipt("h001/1-1", "SM1", NotificationState.FAILED, code))
    assert [one.event.number_refused for one in told] == [number_refused]


@pytest.mark.parametrize(("latest", "folded"), [("SM2", False), ("SM1", True), ("", True)])
async def test_a_failure_of_an_attempt_that_was_replaced_is_evidence_only(
    latest: str, folded: bool
) -> None:
    """P5: the first provider's late `failed` says nothing of what the second one has taken."""
    told: list[Reported] = []

    async def tell(reported: Reported) -> None:
        told.append(reported)

    async def attempt_of(notification: str) -> tuple[str, str]:
        return "second", latest

    shard = cast(
        Shard,
        SimpleNamespace(
            engine=SimpleNamespace(tell=tell),
            outbox=SimpleNamespace(settled=lambda _: None),
            store=SimpleNamespace(attempt_of=attempt_of),
        ),
    )
    await Shard.on_receipt(
        shard, Receipt("h001/1-1", "SM1", NotificationState.FAILED, "30008"), "first"
    )
    assert [(one.folded, one.receipt_by, one.receipt_id) for one in told] == [
        (folded, "first", "SM1")
    ]


@pytest.mark.parametrize("known_after", [0, 2, 99])
async def test_a_receipt_may_come_before_the_answer_to_its_send(
    known_after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P5: a provider reports `expired` while we are still writing down the id that it gave."""
    monkeypatch.setattr("telecared.shard.OWNER_PAUSES", (0.0, 0.0, 0.0))
    told: list[Reported] = []
    looks: list[str] = []

    async def tell(reported: Reported) -> None:
        told.append(reported)

    async def notification_of(provider_id: str, provider: str) -> str | None:
        looks.append(provider)
        return "h001/1-1" if len(looks) > known_after else None

    async def attempt_of(notification: str) -> tuple[str, str]:
        return "modem", "M1"

    shard = cast(
        Shard,
        SimpleNamespace(
            engine=SimpleNamespace(tell=tell),
            outbox=SimpleNamespace(settled=lambda _: None),
            store=SimpleNamespace(attempt_of=attempt_of, notification_of=notification_of),
        ),
    )
    shard._owner = partial(Shard._owner, shard)  # type: ignore[method-assign]
    await Shard.on_receipt(shard, Receipt("", "M1", NotificationState.UNDELIVERED), "modem")
    assert [one.event.notification for one in told] == (["h001/1-1"] if known_after < 9 else [])
    assert set(looks) == {"modem"}
