"""Asking the provider for receipts and replies, at sites that no webhook can reach."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import TypeVar

import pytest
import structlog

from telecared.adapters.polling import (
    FIRST_LOOK_SECONDS,
    OVERLAP_SECONDS,
    RECEIPTS_A_ROUND,
    UNHEARD_AFTER,
    Poller,
)
from telecared.core.vocabulary import NotificationState
from telecared.errors import GatewayError
from telecared.ports import InboundSms, Outgoing, OwnerOf, Receipt, Sent
from telecared.serving import running
from telecared.sim.behaviour import Behaviour
from tests.adapters.provider import BEN, CARA, Ledger, eventually, fake_twilio, gateway_to, sms

Line = TypeVar("Line")

QUICK = 0.01
SENT = Receipt("", "SM1", NotificationState.SENT)
DELIVERED = Receipt("", "SM1", NotificationState.DELIVERED)


class ScriptedGateway:
    """Answers each question with the next line of a script, and with the last one from then on."""

    name = "first"

    def __init__(
        self,
        receipts: Sequence[list[Receipt] | Exception] = ([],),
        inbound: Sequence[list[InboundSms] | Exception] = ([],),
    ) -> None:
        self._receipts = list(receipts)
        self._inbound = list(inbound)
        self.rounds = 0
        self.asked: list[Sequence[str]] = []
        self.looked_back: list[float] = []

    async def receipts(self, provider_ids: Sequence[str]) -> list[Receipt]:
        """Answer by the script."""
        self.asked.append(provider_ids)
        return self._next(self._receipts)

    async def inbound(self, *, since_seconds: float) -> list[InboundSms]:
        """Answer by the script."""
        self.rounds += 1
        self.looked_back.append(since_seconds)
        return self._next(self._inbound)

    async def send(self, message: Outgoing) -> Sent:
        """A poller sends nothing."""
        raise AssertionError

    async def find(
        self, message: Outgoing, *, since_seconds: float, owner_of: OwnerOf
    ) -> Sent | None:
        """A poller looks for nothing."""
        raise AssertionError

    async def close(self) -> None:
        """A poller leaves the gateway to its owner."""
        raise AssertionError

    @staticmethod
    def _next(script: list[list[Line] | Exception]) -> list[Line]:
        line = script.pop(0) if len(script) > 1 else script[0]
        if isinstance(line, Exception):
            raise line
        return line


@contextlib.asynccontextmanager
async def polling(poller: Poller) -> AsyncIterator[None]:
    """Poll while the block runs."""
    task = asyncio.create_task(poller.run())
    try:
        yield
        assert not task.done()
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def poller_of(gateway: ScriptedGateway, ledger: Ledger, pending: Sequence[str] = ()) -> Poller:
    """A poller in a hurry."""
    return Poller(gateway, lambda: pending, ledger.on_receipt, ledger.on_inbound, QUICK)


async def test_receipts_and_replies_arrive_from_the_real_client() -> None:
    """The whole way without a webhook: sent, delivered, answered."""
    fake, ledger = fake_twilio(), Ledger()
    async with running(fake):
        fake.set_behaviour(BEN, Behaviour(reply="{code}"))
        gateway = gateway_to(fake.base_url)
        sent = await gateway.send(sms())
        poller = Poller(
            gateway, lambda: [sent.provider_id], ledger.on_receipt, ledger.on_inbound, QUICK
        )
        async with polling(poller):
            await eventually(lambda: bool(ledger.inbound))
            await eventually(lambda: bool(ledger.receipts))
            await eventually(lambda: ledger.receipts[-1].state is NotificationState.DELIVERED)
        await gateway.close()

    assert [(one.number, one.text) for one in ledger.inbound] == [(BEN, "4711")]
    assert fake.callbacks == []


async def test_only_news_is_told() -> None:
    """A state that stays the same is not stored again at every round."""
    gateway = ScriptedGateway(receipts=[[SENT], [SENT], [SENT], [DELIVERED]])
    ledger = Ledger()
    async with polling(poller_of(gateway, ledger, ["SM1"])):
        await eventually(lambda: gateway.rounds >= 8)

    assert ledger.receipts == [SENT, DELIVERED]


async def test_nothing_is_asked_when_nothing_is_awaited() -> None:
    """A quiet night costs one question a round, not two."""
    gateway, ledger = ScriptedGateway(), Ledger()
    async with polling(poller_of(gateway, ledger)):
        await eventually(lambda: gateway.rounds >= 3)

    assert gateway.asked == []


async def test_a_reply_that_is_listed_again_is_told_once() -> None:
    """Every look overlaps the one before."""
    ben, cara = InboundSms("SM1", BEN, "4711"), InboundSms("SM2", CARA, "NO 4711")
    gateway = ScriptedGateway(inbound=[[ben], [ben, cara]])
    ledger = Ledger()
    async with polling(poller_of(gateway, ledger)):
        await eventually(lambda: gateway.rounds >= 5)

    assert ledger.inbound == [ben, cara]


async def test_replies_sent_while_we_were_down_are_found() -> None:
    """The first look goes far back, later ones to the last good one and a little more."""
    gateway, ledger = ScriptedGateway(), Ledger()
    async with polling(poller_of(gateway, ledger)):
        await eventually(lambda: gateway.rounds >= 2)

    assert gateway.looked_back[0] == FIRST_LOOK_SECONDS
    assert OVERLAP_SECONDS < gateway.looked_back[1] < OVERLAP_SECONDS + 60


async def test_a_provider_that_fails_is_asked_again_and_looked_back_over() -> None:
    """What came in while it could not be asked is not lost; the recovery is told."""
    down = GatewayError("Twilio cannot be reached.", permanent=False)
    reply = InboundSms("SM1", BEN, "4711")
    gateway = ScriptedGateway(inbound=[down, down, [reply]], receipts=[down, [SENT]])
    ledger = Ledger()
    poller = poller_of(gateway, ledger, ["SM1"])
    with structlog.testing.capture_logs() as logs:
        async with polling(poller):
            await eventually(lambda: gateway.rounds >= 4 and poller.failures == 0)

    assert (ledger.inbound, ledger.receipts) == ([reply], [SENT])
    assert gateway.looked_back[:3] == [FIRST_LOOK_SECONDS] * 3
    assert [line["event"] for line in logs] == ["sms_polling_failed"] * 3 + [
        "sms_polling_recovered"
    ]


async def test_what_could_not_be_stored_is_handed_over_again() -> None:
    """A full disk loses no reply, holds up no other, and its words do not reach the log."""
    first, second = InboundSms("SM1", BEN, "4711"), InboundSms("SM2", CARA, "4712")
    gateway = ScriptedGateway(inbound=[[first, second]])
    ledger = Ledger()
    ledger.failing = 1
    with structlog.testing.capture_logs() as logs:
        async with polling(poller_of(gateway, ledger)):
            await eventually(lambda: len(ledger.inbound) == 2)
            await eventually(lambda: gateway.rounds >= 4)

    assert ledger.inbound == [second, first]
    assert logs[0]["error"] == "RuntimeError"
    assert BEN not in str(logs)


@pytest.mark.parametrize(
    ("interval", "failures", "pause"),
    [(5.0, 0, 5.0), (5.0, 1, 10.0), (5.0, 50, 60.0), (90.0, 3, 90.0)],
)
def test_pauses_grow_with_failures_up_to_a_minute(
    interval: float, failures: int, pause: float
) -> None:
    """A provider that is back is noticed within a minute."""
    ledger = Ledger()
    poller = Poller(ScriptedGateway(), list, ledger.on_receipt, ledger.on_inbound, interval)
    poller.failures = failures

    assert poller._pause() == pause


async def test_ten_thousand_receipts_do_not_stand_before_a_reply() -> None:
    """A round asks for the newest and for some of the rest in turn, so that rounds stay short."""
    pending = [f"SM{number}" for number in range(10_000)]
    gateway, ledger = ScriptedGateway(), Ledger()
    poller = poller_of(gateway, ledger, pending)
    for _ in range(99):
        await poller._receipt_round()

    assert {len(asked) for asked in gateway.asked} == {RECEIPTS_A_ROUND}
    assert all("SM9999" in asked for asked in gateway.asked)
    assert {key for asked in gateway.asked for key in asked} == set(pending)


async def test_people_are_told_that_replies_cannot_be_heard() -> None:
    """P8: a password that was changed would else be a line in a log, and every reply lost."""
    trouble = GatewayError("refused", permanent=True)
    gateway = ScriptedGateway(inbound=[[], *([trouble] * UNHEARD_AFTER), []])
    told: list[bool] = []

    async def unheard(failing: bool) -> None:
        told.append(failing)

    ledger = Ledger()
    poller = Poller(gateway, list, ledger.on_receipt, ledger.on_inbound, QUICK, unheard)
    async with polling(poller):
        await eventually(lambda: told == [False, True, False])
