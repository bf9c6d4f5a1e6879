"""Twilio against the contract of every gateway: the real client, a fake provider over HTTP."""

from collections.abc import AsyncIterator

import pytest

from telecared.serving import running
from telecared.sim.behaviour import Behaviour, Fault
from telecared.sim.phones import FakeTwilio
from tests.adapters.gateway_contract import ADDRESS, SHORT_SECONDS, Bench, FindingContract
from tests.adapters.http_box import free_port
from tests.adapters.provider import fake_twilio, gateway_to

FAULTS = {
    "take": Fault.NONE,
    "not-there": Fault.NONE,
    "refuse": Fault.INVALID_NUMBER,
    "be-busy": Fault.RATE_LIMITED,
    "break": Fault.CUT_AFTER,
    "hang": Fault.TIMEOUT_AFTER,
}


class TwilioBench(Bench):
    """A fake Twilio and the real client."""

    retry_after = None

    def __init__(self, fake: FakeTwilio) -> None:
        super().__init__()
        self.fake = fake
        self.will("take")

    def taken(self) -> int:
        """How many messages it has taken."""
        return sum(message.to == ADDRESS for message in self.fake.messages)

    def will(self, behave: str) -> None:
        """What it does from now on."""
        self.fake.set_behaviour(ADDRESS, Behaviour(fault=FAULTS[behave]))
        url = self.fake.base_url
        if behave == "not-there":
            url = f"http://127.0.0.1:{free_port()}"
        self.use(gateway_to(url, auth_token="a-made-up-token", timeout_seconds=SHORT_SECONDS))


class TestTwilio(FindingContract):
    """The contract."""

    @pytest.fixture
    async def bench(self) -> AsyncIterator[Bench]:
        """A provider and its gateway."""
        fake = fake_twilio(auth_token="a-made-up-token")
        async with running(fake):
            made = TwilioBench(fake)
            yield made
            await made.close()
