"""Calls against the contract of every gateway: the real client, a fake provider over HTTP."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from telecared.adapters.twilio_voice import TwilioVoice
from telecared.serving import running
from telecared.sim.behaviour import Behaviour
from telecared.sim.phones import FakeTwilio
from telecared.twilio_wire import CALL_PATH
from tests.adapters.gateway_contract import ADDRESS, SHORT_SECONDS, Bench, FindingContract
from tests.adapters.http_box import free_port
from tests.adapters.provider import ACCOUNT, OUR_NUMBER, PUBLIC_URL, fake_twilio
from tests.adapters.test_twilio_contract import FAULTS


class VoiceBench(Bench):
    """A fake Twilio and the real client that places calls.

    Whose call it is is on record by the report that it rings, as the daemon keeps it.
    """

    retry_after = None

    def __init__(self, fake: FakeTwilio) -> None:
        super().__init__()
        self.fake = fake
        self.owner_of = self._owner_of
        self.will("take")

    def taken(self) -> int:
        """How many calls it has placed."""
        return sum(call.to == ADDRESS for call in self.fake.calls.all)

    def will(self, behave: str) -> None:
        """What it does from now on."""
        self.fake.set_behaviour(ADDRESS, Behaviour(fault=FAULTS[behave]))
        url = self.fake.base_url
        if behave == "not-there":
            url = f"http://127.0.0.1:{free_port()}"
        self.use(
            TwilioVoice(
                ACCOUNT,
                "a-made-up-token",
                OUR_NUMBER,
                PUBLIC_URL,
                base_url=url,
                timeout_seconds=SHORT_SECONDS,
            )
        )

    async def _owner_of(self, provider_id: str) -> str | None:
        for call in self.fake.calls.all:
            if call.sid == provider_id:
                return urlsplit(call.callback).path.removeprefix(CALL_PATH)
        return None


class TestTwilioVoice(FindingContract):
    """The contract."""

    @pytest.fixture
    async def bench(self) -> AsyncIterator[Bench]:
        """A provider that cannot reach us, and its gateway."""
        reach = {PUBLIC_URL: "http://127.0.0.1:9"}
        fake = fake_twilio(auth_token="a-made-up-token", reach=reach)
        async with running(fake):
            made = VoiceBench(fake)
            yield made
            await made.close()
