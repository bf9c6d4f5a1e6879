"""What every gateway owes to the outbox, whichever way it sends: one story, many channels.

A channel gives a `Bench`: its real gateway before a real server on this machine, which takes,
refuses, hesitates or breaks off as a story asks.
"""

import asyncio
import logging
import traceback
from abc import ABC, abstractmethod

import pytest

from telecared.core.vocabulary import NotificationState, Priority
from telecared.errors import GatewayError
from telecared.ports import Gateway, Outgoing, OwnerOf

TEXT = "Fall at 12 Larch Close, says Ada Hall. Reply 4711 if you are going."
ADDRESS = "+447700900123"
ALARM = "larch-12/3-2"
SHORT_SECONDS = 0.3
"""The gateway's patience in these stories."""


async def nobody(_provider_id: str) -> str | None:
    """Return the owner of a message: it is not known."""
    return None


class Bench(ABC):
    """A gateway and the server that it talks to.

    Attributes:
        gateway: the real one, with a patience of SHORT_SECONDS.
        address: where its messages go.
        can_be_asked: whether it finds what it has sent; None where a repeat is known as one by
            the receiver, so that nothing needs to be found; False where nobody can be asked.
        owner_of: whose a message of the other side is, as the store would know it.
        is_personal: whether the address is somebody's, and not a system's id.
        says_too_fast: whether the other side can ask us to slow down.
        retry_after: for how long it then does; None where it does not say.
    """

    gateway: Gateway
    address: str = ADDRESS
    is_personal: bool = True
    can_be_asked: bool | None = True
    says_too_fast: bool = True
    retry_after: float | None = 7.0

    def __init__(self) -> None:
        self._made: list[Gateway] = []
        self.owner_of: OwnerOf = nobody

    def use(self, gateway: Gateway) -> None:
        """Talk through this gateway from now on."""
        self._made.append(gateway)
        self.gateway = gateway

    async def close(self) -> None:
        """Close every gateway that was used."""
        for gateway in self._made:
            await gateway.close()

    @abstractmethod
    def taken(self) -> int:
        """How many messages the other side has taken."""

    @abstractmethod
    def will(self, behave: str) -> None:
        """What the other side does from now on.

        `take`, `refuse` for good, `fail` without taking, `be-busy` (too fast), `break` off after
        it has taken a message, `hang` after it has taken one, `not-there`.
        """

    def message(self, *, text: str = TEXT, notification: str = ALARM) -> Outgoing:
        """A message as the outbox hands it over."""
        return Outgoing(notification, self.address, text, "en", Priority.LIFE_SAFETY)

    async def failure(self) -> GatewayError:
        """Send and return how it failed."""
        with pytest.raises(GatewayError) as caught:
            await self.gateway.send(self.message())
        return caught.value


class GatewayContract:
    """The stories. A test module of a channel gives the fixture `bench` and inherits them."""

    async def test_a_message_is_sent_once(self, bench: Bench) -> None:
        """One call, one message; the other side's name for it comes back."""
        sent = await bench.gateway.send(bench.message())
        assert bench.taken() == 1
        assert sent.provider_id
        assert sent.state in (
            NotificationState.QUEUED,
            NotificationState.SENT,
            NotificationState.DELIVERED,
        )

    async def test_a_refusal_is_for_good_and_certain(self, bench: Bench) -> None:
        """P5: what will never be taken is not tried again, and has not gone."""
        bench.will("refuse")
        error = await bench.failure()
        assert (error.permanent, error.sent_unknown) == (True, False)
        assert error.code
        assert bench.taken() == 0

    async def test_a_server_that_is_not_there_has_not_sent(self, bench: Bench) -> None:
        """P4: nobody was reached, so the message can go by another way without a double."""
        bench.will("not-there")
        error = await bench.failure()
        assert (error.permanent, error.sent_unknown) == (False, False)

    async def test_too_fast_is_said_with_the_time_to_wait(self, bench: Bench) -> None:
        """Rate limits of providers are respected for as long as they say."""
        bench.will("be-busy")
        error = await bench.failure()
        # A channel that cannot tell a rate from other trouble says that it may be tried later.
        assert (error.permanent, error.sent_unknown) == (False, False)
        assert error.too_fast is bench.says_too_fast
        assert error.retry_after == (bench.retry_after if bench.says_too_fast else None)
        assert bench.taken() == 0

    @pytest.mark.parametrize("how", ["break", "hang"])
    async def test_what_may_have_gone_is_said_so(self, bench: Bench, how: str) -> None:
        """P4: the other side has it, and its answer never came."""
        bench.will(how)
        async with asyncio.timeout(SHORT_SECONDS * 10):
            error = await bench.failure()
        assert (error.permanent, error.sent_unknown) == (False, True)
        assert bench.taken() == 1

    async def test_a_message_of_unknown_fate_is_found_or_known_by_its_id(
        self, bench: Bench
    ) -> None:
        """P4: after a crash the provider is asked before anything is sent again."""
        bench.will("break")
        await bench.failure()
        bench.will("take")
        if bench.can_be_asked is False:
            with pytest.raises(GatewayError):
                await bench.gateway.find(bench.message(), since_seconds=60, owner_of=bench.owner_of)
            return
        found = await bench.gateway.find(bench.message(), since_seconds=60, owner_of=bench.owner_of)
        assert (found is not None) is (bench.can_be_asked is True)
        other = bench.message(text="Another text.", notification="larch-12/3-9")
        assert await bench.gateway.find(other, since_seconds=60, owner_of=bench.owner_of) is None

    async def test_receipts_are_of_what_was_asked(self, bench: Bench) -> None:
        """P5: each provider is asked for its own ids only; nobody is asked for none."""
        assert await bench.gateway.receipts([]) == []
        sent = await bench.gateway.send(bench.message())
        told = await bench.gateway.receipts([sent.provider_id])
        assert all(one.provider_id == sent.provider_id for one in told)

    async def test_nobody_is_named_in_a_log_or_an_error(
        self, bench: Bench, caplog: pytest.LogCaptureFixture
    ) -> None:
        """P11: neither address nor text nor secret is in what an error or a log line says."""
        caplog.set_level(logging.DEBUG)
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # the test's own server
        for how in ("refuse", "break", "hang", "not-there"):
            bench.will(how)
            error = await bench.failure()
            told = "".join(traceback.format_exception(error)) + repr(vars(error))
            assert not leaks(told, bench), told
        ours = [line for line in caplog.text.splitlines() if "asyncio" not in line]
        assert not leaks("\n".join(ours), bench), ours

    async def test_it_lets_go(self, bench: Bench) -> None:
        """Closing twice does no harm, and closing what was never used neither."""
        await bench.gateway.close()
        await bench.gateway.close()
        assert bench.taken() == 0


def leaks(told: str, bench: Bench) -> list[str]:
    """What of a message stands in a text."""
    secrets = [
        *([bench.address] if bench.is_personal else []),
        "Larch Close",
        "Ada Hall",
        "a-made-up-token",
        "4711",
    ]
    return [one for one in secrets if one in told]


class FindingContract(GatewayContract):
    """What holds besides of a channel that finds a message by its address or its text."""

    async def test_what_another_notification_sent_is_not_taken_for_this_one(
        self, bench: Bench
    ) -> None:
        """P4: a repeat to the same address has the same text; who owns which is known at home."""
        earlier = await bench.gateway.send(bench.message(notification="larch-12/3-1"))

        async def owner_of(provider_id: str) -> str | None:
            return "larch-12/3-1" if provider_id == earlier.provider_id else None

        found = await bench.gateway.find(bench.message(), since_seconds=60, owner_of=owner_of)
        assert found is None
        own = await bench.gateway.send(bench.message())
        found = await bench.gateway.find(bench.message(), since_seconds=60, owner_of=owner_of)
        assert found is not None
        assert found.provider_id == own.provider_id
