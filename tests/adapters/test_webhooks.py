"""The listener for callbacks, over real HTTP, signed as the provider signs."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from functools import partial
from urllib.parse import urlencode

import aiohttp
import pytest
import structlog
from twilio.request_validator import RequestValidator

from telecared.adapters.webhooks import WebhookListener
from telecared.core.vocabulary import NotificationState
from telecared.errors import ConfigError
from telecared.ports import InboundSms, Receipt
from telecared.receiving import BODY_LIMIT
from telecared.serving import running
from telecared.sim.phones import sign
from telecared.twilio_wire import is_signed, status_url
from tests.adapters.provider import (
    BEN,
    PUBLIC_URL,
    TOKEN,
    Ledger,
    eventually,
    fake_twilio,
    gateway_to,
    sms,
)

STATUS = "/twilio/status/larch-12/3-2"
INBOUND = "/twilio/inbound"
DELIVERED = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": BEN}


class Caller:
    """Calls one listener as the provider would."""

    def __init__(self, ledger: Ledger, session: aiohttp.ClientSession) -> None:
        self.ledger = ledger
        self.session = session
        self.listener = WebhookListener(
            "127.0.0.1:0", PUBLIC_URL, TOKEN, ledger.on_receipt, ledger.on_inbound
        )

    async def post(
        self,
        path: str,
        fields: Mapping[str, str],
        *,
        signed_for: str | None = None,
        signature: str | None = None,
    ) -> tuple[int, str]:
        """Post a form; signed for the public address unless told otherwise."""
        given = signature or sign(TOKEN, signed_for or PUBLIC_URL + path, fields)
        headers = {
            "X-Twilio-Signature": given,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        url = f"http://127.0.0.1:{self.listener.port}{path}"
        async with self.session.post(url, data=urlencode(fields), headers=headers) as response:
            return response.status, await response.text()


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    """A running listener and somebody who calls it."""
    async with aiohttp.ClientSession() as session:
        made = Caller(Ledger(), session)
        async with running(made.listener):
            yield made


async def test_a_signed_receipt_is_passed_on_with_our_own_id(caller: Caller) -> None:
    """The notification's id, slash included, comes back from the address."""
    status, _ = await caller.post(STATUS, {**DELIVERED, "ErrorCode": "30003"})

    assert status == 204
    assert caller.ledger.receipts == [
        Receipt("larch-12/3-2", "SM1", NotificationState.DELIVERED, "30003")
    ]


@pytest.mark.parametrize("notification", ["@site/1-1", "@scheme/nörd süd/4-12", "a%2Fb/c?d#e/1-1"])
async def test_any_notification_id_survives_the_way_there_and_back(
    caller: Caller, notification: str
) -> None:
    """Homes may be called anything."""
    address = status_url(PUBLIC_URL, notification).partition("#")[0]

    status, _ = await caller.post(address.removeprefix(PUBLIC_URL), DELIVERED)

    assert status == 204
    assert caller.ledger.receipts[0].notification == notification


@pytest.mark.parametrize(
    "signed_for",
    [
        "https://care.example.org:443" + STATUS,
        PUBLIC_URL + STATUS + "#rc=5&rp=all",
    ],
)
async def test_a_signature_counts_with_and_without_default_port_and_fragment(
    caller: Caller, signed_for: str
) -> None:
    """Twilio is not consistent about either."""
    assert (await caller.post(STATUS, DELIVERED, signed_for=signed_for))[0] == 204


@pytest.mark.parametrize(
    "signed_for",
    [
        "http://care.example.org" + STATUS,
        "https://evil.example.org" + STATUS,
        PUBLIC_URL + "/twilio/status/larch-12/3-3",
    ],
)
async def test_a_signature_for_another_address_is_refused(caller: Caller, signed_for: str) -> None:
    """A receipt for one notification cannot be replayed at another's address."""
    assert (await caller.post(STATUS, DELIVERED, signed_for=signed_for))[0] == 403
    assert caller.ledger.receipts == []


async def test_the_callers_own_host_name_is_not_believed(caller: Caller) -> None:
    """A signature for the address of the listener itself is worth nothing."""
    own = f"http://127.0.0.1:{caller.listener.port}{STATUS}"

    assert (await caller.post(STATUS, DELIVERED, signed_for=own))[0] == 403


@pytest.mark.parametrize("signature", ["x", "ä", "A" * 28])
async def test_a_wrong_signature_is_refused_and_logged_without_a_number(
    caller: Caller, signature: str
) -> None:
    """Nothing reaches the engine, nothing personal reaches the log."""
    with structlog.testing.capture_logs() as logs:
        assert (await caller.post(INBOUND, DELIVERED, signature=signature))[0] == 403

    assert logs[0]["event"] == "webhook_signature_wrong"
    assert BEN not in str(logs)
    assert caller.ledger.inbound == []


async def test_a_changed_body_is_refused(caller: Caller) -> None:
    """The signature covers every field."""
    signature = sign(TOKEN, PUBLIC_URL + STATUS, {**DELIVERED, "MessageStatus": "failed"})

    assert (await caller.post(STATUS, DELIVERED, signature=signature))[0] == 403


async def test_a_query_is_part_of_the_address(caller: Caller) -> None:
    """A query is signed as it was called."""
    assert (await caller.post(STATUS + "?a=1%202&b", DELIVERED))[0] == 204


async def test_a_reply_keeps_its_blanks_and_newlines(caller: Caller) -> None:
    """What was signed is what is checked, and what is stored."""
    fields = {"MessageSid": "SM2", "From": BEN, "Body": "  4711 \r\n\n yes + ä & = %", "Empty": ""}

    status, text = await caller.post(INBOUND, fields)

    assert (status, text.endswith("<Response/>")) == (200, True)
    assert caller.ledger.inbound == [InboundSms("SM2", BEN, fields["Body"])]


async def test_the_provider_is_asked_to_come_again_when_storing_fails(caller: Caller) -> None:
    """Nothing is answered well before it is durable."""
    caller.ledger.failing = 1
    with structlog.testing.capture_logs() as logs:
        assert (await caller.post(STATUS, DELIVERED))[0] == 503
    assert (await caller.post(STATUS, DELIVERED))[0] == 204

    assert len(caller.ledger.receipts) == 1
    assert [(line["event"], line["error"]) for line in logs] == [
        ("webhook_not_stored", "RuntimeError")
    ]
    assert BEN not in str(logs)


async def test_repeats_and_disorder_are_passed_on_as_they_come(caller: Caller) -> None:
    """The core knows what to do with them; the listener decides nothing."""
    for word in ("delivered", "sent", "delivered", "a-word-of-tomorrow"):
        await caller.post(STATUS, {**DELIVERED, "MessageStatus": word})

    assert [receipt.state for receipt in caller.ledger.receipts] == [
        NotificationState.DELIVERED,
        NotificationState.SENT,
        NotificationState.DELIVERED,
        NotificationState.SENT,
    ]


async def test_the_answer_waits_until_the_handler_is_done(caller: Caller) -> None:
    """While the transaction is open the provider waits."""
    commit = asyncio.Event()

    async def slow(receipt: Receipt) -> None:
        await commit.wait()

    caller.listener._on_receipt = slow
    calling = asyncio.create_task(caller.post(STATUS, DELIVERED))
    done, _ = await asyncio.wait({calling}, timeout=0.05)
    assert not done

    commit.set()
    assert (await calling)[0] == 204


async def test_what_is_not_a_callback_is_refused_with_a_reason(caller: Caller) -> None:
    """Missing fields, other bodies, endless bodies, other methods."""
    assert (await caller.post(STATUS, {"MessageStatus": "sent"}))[0] == 400
    assert (await caller.post(INBOUND, {"MessageSid": "SM2"}))[0] == 400
    assert (await caller.post(STATUS, {"Body": "x" * BODY_LIMIT}))[0] == 413
    base = f"http://127.0.0.1:{caller.listener.port}"
    async with caller.session.post(base + STATUS, json={}) as response:
        assert response.status == 415
    async with caller.session.get(base + STATUS) as response:
        assert response.status == 405
    assert caller.ledger.receipts == []


async def test_a_message_sent_by_the_gateway_reports_back_under_the_public_name(
    caller: Caller,
) -> None:
    """From the send to the receipt, with the addresses that telecared itself hands out."""
    fake = fake_twilio(reach={PUBLIC_URL: f"http://127.0.0.1:{caller.listener.port}"})
    async with running(fake):
        gateway = gateway_to(fake.base_url, status_callback=partial(status_url, PUBLIC_URL))
        sent = await gateway.send(sms())
        await eventually(lambda: len(caller.ledger.receipts) == 2)
        await gateway.close()

    assert caller.ledger.receipts[-1] == Receipt(
        sms().notification, sent.provider_id, NotificationState.DELIVERED
    )


async def test_health_is_answered_without_a_signature(caller: Caller) -> None:
    """A load balancer may ask."""
    async with caller.session.get(f"http://127.0.0.1:{caller.listener.port}/healthz") as response:
        assert (response.status, await response.text()) == (200, "ok")


async def test_the_listener_stops_fast_and_quietly(
    caller: Caller, capfd: pytest.CaptureFixture[str]
) -> None:
    """With an open connection and a handler that never ends; another may then take its port."""

    async def never(receipt: Receipt) -> None:
        await asyncio.Event().wait()

    other = WebhookListener("127.0.0.1:0", PUBLIC_URL, TOKEN, never, caller.ledger.on_inbound)
    calls = Caller(caller.ledger, caller.session)
    calls.listener = other
    begun = asyncio.get_running_loop().time()
    async with running(other):
        calling = asyncio.create_task(calls.post(STATUS, DELIVERED))
        await asyncio.wait({calling}, timeout=0.05)
    assert (await calling)[0] >= 500  # so that the provider comes again

    assert asyncio.get_running_loop().time() - begun < 2.0
    assert capfd.readouterr() == ("", "")
    again = WebhookListener(
        f"127.0.0.1:{other.port}", PUBLIC_URL, TOKEN, never, caller.ledger.on_inbound
    )
    async with running(again):
        pass


@pytest.mark.parametrize("listen", ["8081", "127.0.0.1:http", "192.0.2.1:1", "127.0.0.1:99999"])
async def test_an_address_that_cannot_be_used_is_a_sentence(listen: str) -> None:
    """Not an exit, not a traceback of the web server."""
    ledger = Ledger()
    listener = WebhookListener(listen, PUBLIC_URL, TOKEN, ledger.on_receipt, ledger.on_inbound)

    with pytest.raises(ConfigError, match="listen: "):
        await listener.run()


@pytest.mark.parametrize(
    "url", ["https://a.example/x?y=1&z=%20", "http://a.example:8080/", "https://a.example:443/b"]
)
@pytest.mark.parametrize("fields", [{}, {"b": " x\n", "a": "", "A": "ü"}])
def test_signatures_agree_with_the_providers_own_library(url: str, fields: dict[str, str]) -> None:
    """Three implementations, one signature."""
    validator = RequestValidator(TOKEN)
    theirs = validator.compute_signature(url, fields)

    assert sign(TOKEN, url, fields) == theirs
    assert is_signed(TOKEN, [url], list(fields.items()), theirs)
    assert validator.validate(url, fields, sign(TOKEN, url, fields))
