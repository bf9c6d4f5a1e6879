"""The fake provider as its clients see it: plain HTTP in, signed callbacks out."""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from twilio.request_validator import RequestValidator

from telecared.adapters.webhooks import WebhookListener
from telecared.core.vocabulary import NotificationState
from telecared.serving import running
from telecared.sim.behaviour import Behaviour
from telecared.sim.phone_network import PhoneNetwork
from telecared.sim.phones import FakeTwilio, sign
from telecared.twilio_wire import inbound_url, status_url
from tests.adapters.provider import (
    ACCOUNT,
    BEN,
    CARA,
    OUR_NUMBER,
    PUBLIC_URL,
    TOKEN,
    Ledger,
    eventually,
    fake_twilio,
)

LOGIN = {"Authorization": "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()}
FORM = {"To": BEN, "From": OUR_NUMBER, "Body": "Reply 4711."}


class Client:
    """Speaks to the provider as any HTTP client would."""

    def __init__(self, fake: FakeTwilio, session: aiohttp.ClientSession) -> None:
        self._account = f"{fake.base_url}/2010-04-01/Accounts/{ACCOUNT}"
        self._session = session

    async def post(
        self, form: Mapping[str, str], headers: Mapping[str, str] = LOGIN
    ) -> tuple[int, dict[str, Any]]:
        """Hand over a message."""
        url = f"{self._account}/Messages.json"
        async with self._session.post(url, data=form, headers=headers) as response:
            return response.status, await response.json()

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Ask for something below the account."""
        url = f"{self._account}/{path}"
        async with self._session.get(url, params=query, headers=LOGIN) as response:
            answer: dict[str, Any] = await response.json()
            return answer


@pytest.fixture
async def fake() -> AsyncIterator[FakeTwilio]:
    """A running provider."""
    made = fake_twilio()
    async with running(made):
        yield made


@pytest.fixture
async def client(fake: FakeTwilio) -> AsyncIterator[Client]:
    """Somebody who talks to it."""
    async with aiohttp.ClientSession() as session:
        yield Client(fake, session)


@contextlib.asynccontextmanager
async def with_webhooks(ledger: Ledger, **more: object) -> AsyncIterator[FakeTwilio]:
    """A provider that calls telecared's own listener back, under its public name."""
    listener = WebhookListener(
        "127.0.0.1:0", PUBLIC_URL, TOKEN, ledger.on_receipt, ledger.on_inbound
    )
    async with running(listener):
        made = fake_twilio(
            inbound_url=inbound_url(PUBLIC_URL),
            reach={PUBLIC_URL: f"http://127.0.0.1:{listener.port}"},
            **more,
        )
        async with running(made):
            yield made


async def hand_over(fake: FakeTwilio, to: str = BEN) -> None:
    """Send a message that reports its status."""
    async with aiohttp.ClientSession() as session:
        callback = status_url(PUBLIC_URL, "larch-12/3-2")
        status, _ = await Client(fake, session).post({**FORM, "To": to, "StatusCallback": callback})
    assert status == 201


async def test_a_message_is_shown_as_the_provider_shows_it(client: Client) -> None:
    """The fields that clients read, with the provider's kinds of values."""
    status, message = await client.post(FORM)

    assert status == 201
    assert message["sid"].startswith("SM")
    assert len(message["sid"]) == 34
    told = {key: message[key] for key in ("to", "from", "body", "status", "direction")}
    assert told == {
        "to": BEN, "from": OUR_NUMBER, "body": "Reply 4711.", "status": "queued",
        "direction": "outbound-api",
    }  # fmt: skip
    assert message["date_created"].endswith("+0000")
    assert (message["date_sent"], message["error_code"]) == (None, None)
    assert (await client.get(f"Messages/{message['sid']}.json"))["sid"] == message["sid"]


@pytest.mark.parametrize(
    ("form", "code"),
    [({**FORM, "To": ""}, 21604), ({**FORM, "Body": ""}, 21602), ({**FORM, "From": ""}, 21603)],
)
async def test_an_incomplete_message_is_refused(
    client: Client, form: dict[str, str], code: int
) -> None:
    """With the provider's code."""
    status, answer = await client.post(form)

    assert (status, answer["code"]) == (400, code)


async def test_a_wrong_login_is_refused(client: Client) -> None:
    """Nothing is taken from strangers."""
    assert (await client.post(FORM, {"Authorization": "Basic eA=="}))[0] == 401


async def test_messages_are_listed_newest_first_by_page_and_by_number(
    fake: FakeTwilio, client: Client
) -> None:
    """What clients page through."""
    for to in (BEN, CARA, BEN, BEN):
        await client.post({**FORM, "To": to})
    fake.reply(CARA, "hello")

    page = await client.get("Messages.json", {"To": BEN, "PageSize": "2"})
    assert [one["to"] for one in page["messages"]] == [BEN, BEN]
    assert "Page=1" in page["next_page_uri"]
    rest = await client.get("Messages.json", {"To": BEN, "PageSize": "2", "Page": "1"})
    assert (len(rest["messages"]), rest["next_page_uri"]) == (1, None)
    inbound = await client.get("Messages.json", {"To": OUR_NUMBER, "From": CARA})
    assert [(one["direction"], one["body"]) for one in inbound["messages"]] == [
        ("inbound", "hello")
    ]
    later = await client.get("Messages.json", {"DateSent>": "2999-01-01"})
    assert later["messages"] == []


async def test_receipts_and_the_reply_reach_telecareds_own_listener() -> None:
    """The whole circle under a public name, signatures included."""
    ledger = Ledger()
    async with with_webhooks(ledger) as fake:
        fake.set_behaviour(BEN, Behaviour(reply="{code}"))
        await hand_over(fake)
        await eventually(lambda: bool(ledger.inbound))

    assert [(one.notification, one.state) for one in ledger.receipts] == [
        ("larch-12/3-2", NotificationState.SENT),
        ("larch-12/3-2", NotificationState.DELIVERED),
    ]
    assert (ledger.inbound[0].number, ledger.inbound[0].text) == (BEN, "4711")
    assert {call.answered for call in fake.callbacks} == {204, 200}


async def test_a_callback_that_was_not_stored_is_made_again() -> None:
    """The address asks the provider to come back after a 503."""
    ledger = Ledger()
    ledger.failing = 1
    async with with_webhooks(ledger) as fake:
        fake.reply(BEN, "4711")
        await eventually(lambda: bool(ledger.inbound))

    assert [call.answered for call in fake.callbacks] == [503, 200]


async def test_receipts_come_twice_and_in_the_wrong_order_when_asked_to() -> None:
    """The final state stays at the provider whatever is told later."""
    ledger = Ledger()
    async with with_webhooks(ledger) as fake:
        fake.set_behaviour(BEN, Behaviour(copies=2, reordered=True))
        await hand_over(fake)
        await eventually(lambda: len(ledger.receipts) == 4)

    assert [one.state.value for one in ledger.receipts] == ["delivered"] * 2 + ["sent"] * 2
    assert fake.messages[0].status == "delivered"


async def test_whoever_texted_stop_gets_nothing_more_until_start(
    fake: FakeTwilio, client: Client
) -> None:
    """As the provider does by law."""
    fake.reply(BEN, " Stop ")
    status, answer = await client.post(FORM)
    assert (status, answer["code"]) == (400, 21610)

    fake.reply(BEN, "START")
    assert (await client.post(FORM))[0] == 201


async def test_delays_pass_as_fast_as_the_demo_asks() -> None:
    """Thirty seconds at 600 times the speed are 50 ms, by the sleep that was passed in."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(0)

    fake = fake_twilio(speed=600.0, sleep=sleep)
    async with running(fake), aiohttp.ClientSession() as session:
        fake.set_behaviour(BEN, Behaviour(reply="yes"))
        await Client(fake, session).post(FORM)
        await eventually(lambda: len(fake.messages) == 2)

    assert sorted(slept) == pytest.approx([1 / 600, 5 / 600, 30 / 600])


def test_a_phone_shows_what_reaches_it() -> None:
    """The demo prints phones; what is not delivered is not shown."""
    shown: list[tuple[str, str]] = []
    network = PhoneNetwork(on_message=lambda number, text: shown.append((number, text)))
    network.set_behaviour(CARA, Behaviour(state=NotificationState.FAILED))
    now = datetime(2026, 3, 1, tzinfo=UTC)
    for to in (BEN, CARA):
        network.take(sender=OUR_NUMBER, to=to, body="hello", now=now)

    assert shown == [(BEN, "hello")]


def test_the_same_seed_gives_the_same_ids() -> None:
    """A run can be repeated."""
    now = datetime(2026, 3, 1, tzinfo=UTC)
    first, second = (
        PhoneNetwork(seed=7).receive(sender=BEN, to=OUR_NUMBER, body="x", now=now).sid
        for _ in range(2)
    )

    assert first == second


def test_its_signatures_are_the_providers() -> None:
    """Checked by the provider's own library."""
    fields = {"Body": " a\nb ", "From": BEN, "Empty": ""}

    assert RequestValidator(TOKEN).validate(PUBLIC_URL, fields, sign(TOKEN, PUBLIC_URL, fields))
