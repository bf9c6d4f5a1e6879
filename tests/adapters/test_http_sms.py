"""SMS by plain HTTP: the contract, and the habits of several providers' APIs."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from telecared.adapters.http_sms import HttpSms, HttpSmsGateway, Status, basic_login
from telecared.core.vocabulary import NotificationState
from telecared.errors import GatewayError
from telecared.ports import Receipt
from tests.adapters.gateway_contract import (
    ADDRESS,
    ALARM,
    SHORT_SECONDS,
    TEXT,
    Bench,
    GatewayContract,
    nobody,
)
from tests.adapters.http_box import HttpBox

DELIVERED = NotificationState.DELIVERED
WORDS = {"delivered": DELIVERED, "expired": NotificationState.UNDELIVERED}
BODY = {"to": "{to}", "text": "{text}", "ref": "{id}", "from": "{from}"}


class SmsBench(Bench):
    """A provider that is asked by our own id."""

    def __init__(self, box: HttpBox, **more: object) -> None:
        super().__init__()
        self.box = box
        self.use(self.make(**more))

    def make(self, **more: object) -> HttpSmsGateway:
        """A gateway to the box."""
        settings: dict[str, object] = {
            "url": self.box.url + "/send",
            "headers": {"Authorization": basic_login("us", "a-made-up-token")},
            "sender": "+447700900000",
            "body": BODY,
            "status": Status(url=self.box.url + "/state/{id}", field="state", words=WORDS),
            **more,
        }
        made = HttpSms(**settings)  # type: ignore[arg-type]
        return HttpSmsGateway("modem", made, timeout_seconds=SHORT_SECONDS)

    def taken(self) -> int:
        """How many messages the box has taken."""
        return len(self.box.sent)

    def will(self, behave: str) -> None:
        """What the box does from now on; it knows what it has taken."""
        self.box.behave = behave
        self.use(self.make())
        self.box.states = {"/state/larch-12/3-2": (200, {"state": "queued"})}


@pytest.fixture
async def box() -> AsyncIterator[HttpBox]:
    """A running box."""
    async with HttpBox().running() as running:
        yield running


class TestHttpSms(GatewayContract):
    """The contract."""

    @pytest.fixture
    async def bench(self, box: HttpBox) -> AsyncIterator[Bench]:
        """A box and its gateway."""
        made = SmsBench(box)
        yield made
        await made.close()


async def test_a_gsm_modem_is_posted_json_with_its_login(box: HttpBox) -> None:
    """The template is filled in, the login is sent, and the text's own braces stay."""
    bench = SmsBench(box)
    sent = await bench.gateway.send(bench.message(text="Code {id} {to} ä"))
    assert box.sent[0].json == {
        "to": ADDRESS, "text": "Code {id} {to} ä", "ref": ALARM, "from": "+447700900000",
    }  # fmt: skip
    assert box.sent[0].headers["authorization"].startswith("Basic ")
    assert sent.provider_id == ALARM
    await bench.close()


async def test_a_nested_body_and_a_nested_id(box: HttpBox) -> None:
    """As smsmode takes it, and as Vonage tells the id."""
    box.answer = {"messages": [{"message-id": "0A1", "status": "0"}]}
    bench = SmsBench(
        box,
        body={"recipient": {"to": "{to_digits}"}, "body": {"text": "{text}", "parts": [1, True]}},
        id_field="messages.0.message-id",
        accepted=("messages.0.status", ("0",)),
        status=None,
    )
    sent = await bench.gateway.send(bench.message())
    assert sent.provider_id == "0A1"
    assert box.sent[0].json["recipient"] == {"to": ADDRESS[1:]}
    assert box.sent[0].json["body"] == {"text": TEXT, "parts": [1, True]}
    assert await bench.gateway.receipts(["0A1"]) == []
    with pytest.raises(GatewayError):
        await bench.gateway.find(bench.message(), since_seconds=9, owner_of=nobody)
    box.answer = {"messages": [{"status": "4", "error-text": "Bad credentials for +447700900123"}]}
    with pytest.raises(GatewayError) as caught:
        await bench.gateway.send(bench.message())
    assert (caught.value.code, caught.value.sent_unknown) == ("4", False)
    await bench.close()


async def test_forms_and_addresses_carry_fields_too(box: HttpBox) -> None:
    """What an old modem's box understands."""
    old = SmsBench(box, encoding="form")
    await old.gateway.send(old.message())
    await old.close()
    assert b"to=%2B447700900123&text=Fall" in box.sent[0].body
    box.sends_by = {"GET"}
    bench = SmsBench(box, encoding="query", method="GET")
    bench.use(bench.make(encoding="query", method="GET", url=box.url + "/send?key=1"))
    await bench.gateway.send(bench.message())
    assert box.sent[1].query["key"] == "1"
    assert box.sent[1].query["to"] == ADDRESS
    await bench.close()


async def test_an_answer_without_its_id_is_of_unknown_fate(box: HttpBox) -> None:
    """It was taken, and nobody can be asked for it: a double is better than a miss."""
    bench = SmsBench(box, id_field="nowhere.0")
    with pytest.raises(GatewayError) as caught:
        await bench.gateway.send(bench.message())
    assert caught.value.sent_unknown
    await bench.close()


async def test_the_providers_words_become_our_states(box: HttpBox) -> None:
    """A word that nobody configured says nothing new; what is not known is not told."""
    bench = SmsBench(
        box,
        id_field="id",
        status=Status(url=box.url + "/m/{provider_id}", field="s", words=WORDS, code="why"),
    )
    box.states = {
        "/m/a": (200, {"s": "Delivered"}),
        "/m/b": (200, {"s": "EXPIRED", "why": 27}),
        "/m/c": (200, {"s": "thinking"}),
        "/m/e": (500, {}),
    }
    told = await bench.gateway.receipts(["a", "b", "c", "d", "e"])
    assert told == [
        Receipt("", "a", DELIVERED),
        Receipt("", "b", NotificationState.UNDELIVERED, "27"),
        Receipt("", "c", NotificationState.SENT),
    ]
    with pytest.raises(GatewayError):
        await bench.gateway.receipts(["e"])
    await bench.close()


def test_settings_do_not_show_their_secrets() -> None:
    """P11: a crash that prints them tells nobody the password."""
    settings = HttpSms(url="https://x.example", body={}, headers={"Key": "a-made-up-token"})
    assert "token" not in repr(settings)
    assert msgspec.structs.asdict(settings)["headers"]


async def test_a_success_that_nobody_named_may_have_been_taken(box: HttpBox) -> None:
    """P4: a 204 where 200 was expected is no reason to send the same text thirty times."""
    bench = SmsBench(box, ok=(200,))
    box.status = 204
    error = await bench.failure()
    assert (error.permanent, error.sent_unknown, error.code) == (False, True, "http-204")
    await bench.close()
