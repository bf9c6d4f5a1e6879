"""Webhooks to other systems and push by ntfy: the contract, signatures, priorities, Apprise."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator

import pytest

from telecared.adapters.push import AppriseGateway, NtfyGateway, apprise_of
from telecared.adapters.webhook_out import WebhookGateway
from telecared.core.vocabulary import SECOND, NotificationState
from telecared.errors import ConfigError, GatewayError
from tests.adapters.gateway_contract import (
    ALARM,
    SHORT_SECONDS,
    TEXT,
    Bench,
    GatewayContract,
    nobody,
)
from tests.adapters.http_box import HttpBox

AT = 1_772_323_200 * SECOND


@pytest.fixture
async def box() -> AsyncIterator[HttpBox]:
    """A running server."""
    async with HttpBox().running() as running:
        yield running


class WebhookBench(Bench):
    """Another system."""

    address = "nurse-screen"
    can_be_asked = None
    is_personal = False

    def __init__(self, box: HttpBox) -> None:
        super().__init__()
        self.box = box
        self.will("take")

    def taken(self) -> int:
        """How many messages it has taken."""
        return len(self.box.sent)

    def will(self, behave: str) -> None:
        """What it does from now on."""
        self.box.behave = behave
        self.use(
            WebhookGateway(
                "nurse-screen",
                self.box.url + "/alerts",
                "a-made-up-token",
                wall=lambda: AT,
                timeout_seconds=SHORT_SECONDS,
            )
        )


class TestWebhook(GatewayContract):
    """The contract."""

    @pytest.fixture
    async def bench(self, box: HttpBox) -> AsyncIterator[Bench]:
        """A system and its gateway."""
        made = WebhookBench(box)
        yield made
        await made.close()


class NtfyBench(Bench):
    """An ntfy server that keeps what it has taken."""

    address = "night-phone"
    is_personal = False

    def __init__(self, box: HttpBox) -> None:
        super().__init__()
        self.box = box
        box.answer = {"id": "nX1", "event": "message"}
        kept = {"id": "nX1", "event": "message", "tags": [ALARM]}
        lines = ['{"id":"nX0","event":"open"}', "no JSON", json.dumps(kept)]
        box.states["/topic/json"] = (200, "\n".join(lines))
        self.will("take")

    def taken(self) -> int:
        """How many messages it has taken."""
        return len(self.box.sent)

    def will(self, behave: str) -> None:
        """What it does from now on."""
        self.box.behave = behave
        self.use(
            NtfyGateway(
                "night-phone",
                self.box.url + "/topic",
                "a-made-up-token",
                timeout_seconds=SHORT_SECONDS,
            )
        )


class TestNtfy(GatewayContract):
    """The contract."""

    @pytest.fixture
    async def bench(self, box: HttpBox) -> AsyncIterator[Bench]:
        """A server and its gateway."""
        made = NtfyBench(box)
        yield made
        await made.close()


async def test_a_webhook_is_signed_and_repeats_are_known(box: HttpBox) -> None:
    """The receiver can check who sent it, when, and whether it had it already."""
    bench = WebhookBench(box)
    await bench.gateway.send(bench.message())
    await bench.gateway.send(bench.message())
    first, again = box.sent
    assert first.json == {
        "id": ALARM,
        "alert": "larch-12/3",
        "at": "2026-03-01T00:00:00.000000Z",
        "priority": "life_safety",
        "language": "en",
        "text": TEXT,
    }
    stamp = first.headers["telecared-timestamp"]
    signed = hmac.new(b"a-made-up-token", f"{stamp}.".encode() + first.body, hashlib.sha256)
    assert first.headers["telecared-signature"] == "v1=" + signed.hexdigest()
    assert first.headers["idempotency-key"] == again.headers["idempotency-key"] == ALARM
    await bench.close()


async def test_an_alarm_rings_through_a_quiet_phone(box: HttpBox) -> None:
    """Life safety has ntfy's highest priority, and a tag by which it is found again."""
    bench = NtfyBench(box)
    sent = await bench.gateway.send(bench.message())
    asked = box.sent[0]
    assert (sent.provider_id, sent.state) == ("nX1", NotificationState.DELIVERED)
    assert (asked.headers["priority"], asked.headers["tags"]) == ("5", ALARM)
    assert asked.headers["authorization"] == "Bearer a-made-up-token"
    assert asked.body.decode() == TEXT
    await bench.gateway.find(bench.message(), since_seconds=30, owner_of=nobody)
    assert box.asked[0].query == {"poll": "1", "since": "31s"}
    box.states = {}
    with pytest.raises(GatewayError):
        await bench.gateway.find(bench.message(), since_seconds=30, owner_of=nobody)
    await bench.close()


class Services:
    """Apprise with one address."""

    def __init__(self, *answers: bool | Exception | None) -> None:
        self.answers = list(answers)
        self.told: list[str] = []

    def add(self, servers: str) -> bool:
        """Know every address."""
        return True

    async def async_notify(self, body: str, title: str) -> bool | None:
        """Do what the story asks."""
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        self.told.append(body)
        return answer


async def test_apprise_takes_or_does_not() -> None:
    """Whatever a service does, a message is taken or it is not; none says who saw it."""
    services = Services(True, False, None, RuntimeError("+447700900123"))
    gateway = AppriseGateway("matrix", services)
    bench = WebhookBench.__new__(WebhookBench)
    sent = await gateway.send(bench.message())
    assert sent.state is NotificationState.DELIVERED
    for _ in range(3):
        with pytest.raises(GatewayError) as caught:
            await gateway.send(bench.message())
        assert "+44" not in str(caught.value)
    with pytest.raises(GatewayError):
        await gateway.find(bench.message(), since_seconds=9, owner_of=nobody)
    assert await gateway.receipts(["x"]) == []
    assert await gateway.inbound(since_seconds=9) == []
    await gateway.close()


def test_apprise_is_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package a sentence says what to install."""
    monkeypatch.setitem(__import__("sys").modules, "apprise", None)
    with pytest.raises(ConfigError, match=r"telecared\[push\]"):
        apprise_of("mailto://x")
