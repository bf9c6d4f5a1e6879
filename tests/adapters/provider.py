"""A fake provider and what it takes to talk to it, for every test that sends or receives SMS."""

import asyncio
from collections.abc import Callable

from telecared.adapters.twilio import TwilioGateway
from telecared.ports import InboundSms, Outgoing, Receipt
from telecared.sim.phone_network import PhoneNetwork
from telecared.sim.phones import FakeTwilio

ACCOUNT = "AC" + "0" * 32
TOKEN = "a-made-up-token"
OUR_NUMBER = "+447700900000"
BEN = "+447700900123"
CARA = "+447700900124"
PUBLIC_URL = "https://care.example.org"
SPEED = 200.0
"""Five seconds until delivery become 25 ms."""

DEADLINE_SECONDS = 5.0


def fake_twilio(**more: object) -> FakeTwilio:
    """A provider with phones that nobody answers, in fast time."""
    settings: dict[str, object] = {
        "account_sid": ACCOUNT,
        "auth_token": TOKEN,
        "our_number": OUR_NUMBER,
        "speed": SPEED,
        **more,
    }
    return FakeTwilio(PhoneNetwork(), **settings)  # type: ignore[arg-type]


def gateway_to(
    base_url: str,
    *,
    auth_token: str = TOKEN,
    timeout_seconds: float = 2.0,
    status_callback: Callable[[str], str] | None = None,
) -> TwilioGateway:
    """A gateway to a provider on this machine."""
    return TwilioGateway(
        ACCOUNT,
        auth_token,
        OUR_NUMBER,
        base_url=base_url,
        status_callback=status_callback,
        timeout_seconds=timeout_seconds,
    )


def sms(
    text: str = "Fall at 12 Larch Close. Reply 4711 if you are going.", to: str = BEN
) -> Outgoing:
    """A message as the outbox hands it over."""
    return Outgoing(notification="larch-12/3-2", number=to, text=text)


async def eventually(condition: Callable[[], bool]) -> None:
    """Wait until `condition` holds; fails after a deadline."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not condition():
            await asyncio.sleep(0.005)


class Ledger:
    """Keeps what a listener or a poller hands over; `failing` makes storing fail that often."""

    def __init__(self) -> None:
        self.receipts: list[Receipt] = []
        self.inbound: list[InboundSms] = []
        self.failing = 0

    async def on_receipt(self, receipt: Receipt) -> None:
        """Store a receipt."""
        self._fail_if_asked()
        self.receipts.append(receipt)

    async def on_inbound(self, message: InboundSms) -> None:
        """Store a message."""
        self._fail_if_asked()
        self.inbound.append(message)

    def _fail_if_asked(self) -> None:
        if self.failing:
            self.failing -= 1
            raise RuntimeError(f"the disk is full, said {BEN}")
