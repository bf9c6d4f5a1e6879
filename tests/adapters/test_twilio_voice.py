"""Calls, through the real `twilio` client, against a fake provider on this machine."""

import logging
import traceback
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from telecared.adapters.twilio_voice import TwilioVoice
from telecared.core.vocabulary import NotificationState, Stage
from telecared.errors import GatewayError
from telecared.ports import Outgoing, Receipt
from telecared.serving import running
from telecared.sim.behaviour import Behaviour, Fault
from telecared.sim.phones import FakeTwilio
from tests.adapters.provider import (
    ACCOUNT,
    BEN,
    CARA,
    OUR_NUMBER,
    PUBLIC_URL,
    TOKEN,
    eventually,
    fake_twilio,
)

SHORT_SECONDS = 0.15
OWNERS: dict[str, str] = {}


def call(to: str = BEN, notification: str = "larch-12/3-2") -> Outgoing:
    """A call as the outbox hands it over."""
    return Outgoing(notification=notification, number=to, text="Fall at 12 Larch Close.")


async def owner_of(provider_id: str) -> str | None:
    """Whose calls are known."""
    return OWNERS.get(provider_id)


def voice_to(base_url: str, *, timeout_seconds: float = 2.0) -> TwilioVoice:
    """A gateway to a provider on this machine."""
    return TwilioVoice(
        ACCOUNT,
        TOKEN,
        OUR_NUMBER,
        PUBLIC_URL,
        base_url=base_url,
        timeout_seconds=timeout_seconds,
    )


@pytest.fixture
async def provider() -> AsyncIterator[FakeTwilio]:
    """A running provider that cannot reach us: nobody is told anything in these stories."""
    OWNERS.clear()
    fake = fake_twilio(reach={PUBLIC_URL: "http://127.0.0.1:9"})
    async with running(fake):
        yield fake


@pytest.fixture
async def voice(provider: FakeTwilio) -> AsyncIterator[TwilioVoice]:
    """A gateway to it."""
    made = voice_to(provider.base_url)
    yield made
    await made.close()


async def failure_with(fake: FakeTwilio, fault: Fault) -> GatewayError:
    """Call Ben through a gateway with little patience while `fault` is in the way."""
    fake.set_behaviour(BEN, Behaviour(fault=fault, fault_times=1))
    impatient = voice_to(fake.base_url, timeout_seconds=SHORT_SECONDS)
    try:
        with pytest.raises(GatewayError) as caught:
            await impatient.send(call())
        return caught.value
    finally:
        await impatient.close()


async def test_a_placed_call_is_sent_and_the_text_stays_here(
    provider: FakeTwilio, voice: TwilioVoice
) -> None:
    """The provider is told where to ask, not what to say: the text waits until it is needed."""
    sent = await voice.send(call())

    assert sent.state is NotificationState.SENT
    (placed,) = provider.calls.all
    assert (placed.sid, placed.to, placed.sender) == (sent.provider_id, BEN, OUR_NUMBER)
    assert placed.url.startswith(f"{PUBLIC_URL}/twilio/voice/larch-12/3-2")
    assert placed.callback.startswith(f"{PUBLIC_URL}/twilio/call/larch-12/3-2")
    assert set(placed.events) == {"initiated", "ringing", "answered", "completed"}
    assert "Larch Close" not in repr(placed)


@pytest.mark.parametrize(
    ("behaviour", "status", "state", "code"),
    [
        (Behaviour(), "no-answer", NotificationState.UNDELIVERED, "no-answer"),
        (Behaviour(answer="busy"), "busy", NotificationState.UNDELIVERED, "busy"),
        (Behaviour(state=NotificationState.FAILED), "failed", NotificationState.UNDELIVERED,
         "failed"),
        (Behaviour(answer="none"), "completed", NotificationState.DELIVERED, ""),
    ],
)  # fmt: skip
async def test_how_a_call_ended_can_be_asked_for(
    provider: FakeTwilio,
    voice: TwilioVoice,
    behaviour: Behaviour,
    status: str,
    state: NotificationState,
    code: str,
) -> None:
    """Whoever was not reached is undelivered at once; one that went through proves no more."""
    provider.set_behaviour(BEN, behaviour)
    sent = await voice.send(call())
    await eventually(lambda: provider.calls.all[0].status == status)

    assert await voice.receipts([sent.provider_id]) == [Receipt("", sent.provider_id, state, code)]


async def test_a_call_that_goes_on_tells_that_somebody_picked_up(
    provider: FakeTwilio, voice: TwilioVoice
) -> None:
    """Picking up is evidence, and no more than that."""
    sent = await voice.send(call())
    await eventually(lambda: provider.calls.all[0].status == "no-answer")
    provider.calls.all[0].status = "in-progress"

    [receipt] = await voice.receipts([sent.provider_id])

    assert (receipt.state, receipt.stage) == (NotificationState.SENT, Stage.ANSWERED)


async def test_a_call_that_the_provider_has_forgotten_counts_as_failed(
    voice: TwilioVoice,
) -> None:
    """Nobody waits for ever for the end of a call that is not known any more."""
    [receipt] = await voice.receipts(["CA" + "f" * 32])

    assert (receipt.state, receipt.code) == (NotificationState.FAILED, "20404")


@pytest.mark.parametrize(
    "fault",
    [Fault.TIMEOUT_BEFORE, Fault.TIMEOUT_AFTER, Fault.CUT_AFTER, Fault.SERVER_ERROR_BEFORE,
     Fault.SERVER_ERROR_AFTER],
)  # fmt: skip
async def test_a_call_whose_fate_is_unknown_is_found_exactly_when_it_was_placed(
    provider: FakeTwilio, voice: TwilioVoice, fault: Fault
) -> None:
    """P4: the provider is asked before anybody is called a second time."""
    failure = await failure_with(provider, fault)

    assert (failure.permanent, failure.sent_unknown) == (False, True)
    found = await voice.find(call(), since_seconds=60, owner_of=owner_of)
    assert (found is not None) == fault.taken
    assert len(provider.calls.all) == (1 if fault.taken else 0)


async def test_a_call_that_belongs_to_another_alert_is_not_taken_for_this_one(
    provider: FakeTwilio, voice: TwilioVoice
) -> None:
    """A list of calls does not say what was said: who owns each is asked at home."""
    other = await voice.send(call(notification="larch-12/9-1"))
    OWNERS[other.provider_id] = "larch-12/9-1"

    assert await voice.find(call(), since_seconds=60, owner_of=owner_of) is None
    own = await voice.send(call())
    OWNERS[own.provider_id] = "larch-12/3-2"
    found = await voice.find(call(), since_seconds=60, owner_of=owner_of)
    assert found is not None
    assert found.provider_id == own.provider_id


async def test_only_calls_to_this_number_and_recent_enough_are_found(
    provider: FakeTwilio, voice: TwilioVoice
) -> None:
    """A call to Cara, or one of an hour ago, is no proof that Ben was called now."""
    await voice.send(call(CARA))
    await voice.send(call())
    provider.calls.all[-1].created -= timedelta(hours=1)

    assert await voice.find(call(), since_seconds=600, owner_of=owner_of) is None
    assert await voice.find(call(), since_seconds=4000, owner_of=owner_of) is not None


async def test_a_wrong_number_is_not_called_again(provider: FakeTwilio) -> None:
    """The person's next channel is due at once."""
    failure = await failure_with(provider, Fault.INVALID_NUMBER)

    assert (failure.permanent, failure.sent_unknown, failure.code) == (True, False, "21211")


async def test_nobody_answers_a_call_by_an_inbound_message(voice: TwilioVoice) -> None:
    """Keys come by the webhook; there is no list of them."""
    assert await voice.inbound(since_seconds=60) == []


async def test_when_the_provider_cannot_be_reached_whoever_asks_is_told() -> None:
    """An unreachable provider is an error, not an empty list; nothing was placed."""
    voice = voice_to("http://127.0.0.1:9", timeout_seconds=SHORT_SECONDS)
    for asking in (
        voice.send(call()),
        voice.receipts(["CA" + "1" * 32]),
        voice.find(call(), since_seconds=60, owner_of=owner_of),
    ):
        with pytest.raises(GatewayError) as caught:
            await asking
        assert (caught.value.permanent, caught.value.sent_unknown) == (False, False)
    await voice.close()


async def test_errors_and_logs_hold_neither_number_nor_text(
    provider: FakeTwilio, caplog: pytest.LogCaptureFixture
) -> None:
    """P11: the library quotes numbers in what it raises and logs; nothing of it gets out."""
    caplog.set_level(logging.DEBUG)
    told = ""
    for fault in Fault:
        if fault is not Fault.NONE:
            failure = await failure_with(provider, fault)
            told += "".join(traceback.format_exception(failure))
            assert failure.__cause__ is None
            assert failure.__context__ is None
    told += caplog.text

    for secret in (BEN, BEN.removeprefix("+"), "Larch", TOKEN):
        assert secret not in told
