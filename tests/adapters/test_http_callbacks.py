"""What a provider over plain HTTP reports by itself: receipts and replies, over real HTTP."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
import structlog

from telecared.adapters.http_callbacks import (
    MAX_AT_ONCE,
    HttpCallback,
    HttpCallbacks,
    InboundFields,
    phone_number,
)
from telecared.adapters.webhooks import WebhookListener
from telecared.core.vocabulary import NotificationState
from telecared.ports import InboundSms, Receipt
from telecared.serving import running
from tests.adapters.provider import BEN, Ledger

SECRET = "a-made-up-secret-level"
WORDS = {"delivrd": NotificationState.DELIVERED, "expired": NotificationState.UNDELIVERED}
TOLD = HttpCallback(
    name="modem",
    secret=SECRET,
    id_field="id",
    status_field="report.state",
    code_field="err",
    words=WORDS,
    inbound=InboundFields("from", "text", "id"),
)
STATUS = f"/sms/modem/{SECRET}/status"
INBOUND = f"/sms/modem/{SECRET}/inbound"


class Box:
    """A modem's box that reports to a listener."""

    def __init__(self, session: aiohttp.ClientSession, told: HttpCallback) -> None:
        self.ledger = Ledger()
        self._session = session
        more = HttpCallbacks(told, self.ledger.on_receipt, self.ledger.on_inbound).routes()
        self.listener = WebhookListener(
            "127.0.0.1:0", "", "", self.ledger.on_receipt, self.ledger.on_inbound, more=more
        )

    async def tell(self, path: str, method: str = "POST", **request: object) -> int:
        """Report, and return what was answered."""
        url = f"http://127.0.0.1:{self.listener.port}{path}"
        async with self._session.request(method, url, **request) as response:  # type: ignore[arg-type]
            return response.status


@pytest.fixture
async def box() -> AsyncIterator[Box]:
    """A running listener and a box that knows the secret."""
    async with aiohttp.ClientSession() as session:
        made = Box(session, TOLD)
        async with running(made.listener):
            yield made


async def test_receipts_come_as_json_as_a_form_and_in_the_address(box: Box) -> None:
    """P5: each way that providers have, and a list of several at once."""
    state = {"report": {"state": "EXPIRED"}, "err": 27}
    assert await box.tell(STATUS, json={"id": "M1", **state}) == 204
    assert await box.tell(STATUS, data={"id": "M2", "report.state": "DELIVRD", "err": "0"}) == 204
    assert await box.tell(STATUS, "GET", params={"id": "M3", "report.state": "odd"}) == 204
    assert await box.tell(STATUS, json=[{"id": "M4", **state}, {"id": 5, **state}]) == 204
    undelivered = NotificationState.UNDELIVERED
    assert box.ledger.receipts == [
        Receipt("", "M1", undelivered, "27"),
        Receipt("", "M2", NotificationState.DELIVERED, "0"),
        Receipt("", "M3", NotificationState.SENT),
        Receipt("", "M4", undelivered, "27"),
        Receipt("", "5", undelivered, "27"),
    ]


async def test_a_reply_is_from_the_number_that_contacts_have(box: Box) -> None:
    """The id bears the provider's name: another provider counts from 1 as well."""
    said = {"id": 1, "from": BEN.removeprefix("+"), "text": " 4711 yes\n"}
    assert await box.tell(INBOUND, json=said) == 204
    assert box.ledger.inbound == [InboundSms("modem:1", BEN, " 4711 yes\n")]


@pytest.mark.parametrize(
    ("told", "number"),
    [
        ("+44 7700 900123", BEN),
        ("00447700900123", BEN),
        ("447700900123", BEN),
        ("(+44) 7700-900.123", BEN),
        ("07700900123", "07700900123"),
        ("60123", "60123"),
        ("Bank", "Bank"),
    ],
)
def test_numbers_are_written_in_many_ways(told: str, number: str) -> None:
    """What cannot be told is left as it is: nobody's name is guessed."""
    assert phone_number(told) == number


@pytest.mark.parametrize(
    "path",
    ["/sms/modem/wrong/status", f"/sms/other/{SECRET}/status", "/sms/modem/wr%C3%B6ng/inbound"],
)
async def test_who_does_not_know_the_secret_is_told_nothing(box: Box, path: str) -> None:
    """Nobody answers in other people's names; the log holds no part of the address."""
    with structlog.testing.capture_logs() as logs:
        assert await box.tell(path, json={"id": "M1", "report": {"state": "DELIVRD"}}) == 404
    assert box.ledger.receipts == []
    assert SECRET not in str(logs)
    assert "wrong" not in str([line.get("path", "") for line in logs])


async def test_what_cannot_be_stored_is_asked_for_again(box: Box) -> None:
    """Nothing is answered well before it is durable."""
    box.ledger.failing = 1
    said = {"id": "1", "from": BEN, "text": "4711"}
    with structlog.testing.capture_logs() as logs:
        assert await box.tell(INBOUND, json=said) == 503
    assert await box.tell(INBOUND, json=said) == 204
    assert BEN not in str(logs)
    assert len(box.ledger.inbound) == 1


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"data": b"\xff\xff{"}, 400),
        ({"json": {"id": "M1"}}, 400),
        ({"json": ["M1"]}, 400),
        ({"json": {"id": "M" * 300, "report": {"state": "x"}}}, 400),
        ({"data": b"[" * 20_000}, 400),
        ({"json": [{"id": "M1", "report": {"state": "x"}}] * (MAX_AT_ONCE + 1)}, 413),
        ({"data": b"x" * 70_000}, 413),
    ],
)
async def test_what_is_no_report_is_refused(
    box: Box, request_: dict[str, object], status: int
) -> None:
    """P7: whatever comes, the listener goes on."""
    assert await box.tell(STATUS, "POST", **request_) == status
    assert box.ledger.receipts == []


async def test_only_what_is_configured_is_listened_to() -> None:
    """A provider that only sends receipts has no address for replies; secrets are not shown."""
    assert "secret" not in repr(TOLD)
    receipts = HttpCallback(
        name="modem", secret=SECRET, id_field="id", status_field="s", words=WORDS
    )
    replies = HttpCallback(
        name="modem",
        secret=SECRET,
        id_field="id",
        status_field="s",
        inbound=InboundFields("from", "text", "id"),
    )
    ledger = Ledger()
    paths = [
        [route.path for route in HttpCallbacks(one, ledger.on_receipt, ledger.on_inbound).routes()]
        for one in (receipts, replies)
    ]
    assert paths == [["/sms/modem/{secret}/status"], ["/sms/modem/{secret}/inbound"]]
