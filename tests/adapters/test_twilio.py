"""The gateway, through the real `twilio` client, against a fake provider on this machine."""

import asyncio
import logging
import socket
import traceback
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from telecared.adapters.twilio import TwilioGateway
from telecared.core.vocabulary import NotificationState
from telecared.errors import GatewayError
from telecared.ports import Receipt
from telecared.serving import running
from telecared.sim.behaviour import Behaviour, Fault
from telecared.sim.phones import FakeTwilio
from tests.adapters.gateway_contract import nobody
from tests.adapters.provider import (
    BEN,
    CARA,
    OUR_NUMBER,
    eventually,
    fake_twilio,
    gateway_to,
    sms,
)

SHORT_SECONDS = 0.15


@pytest.fixture
async def provider() -> AsyncIterator[FakeTwilio]:
    """A running provider."""
    fake = fake_twilio()
    async with running(fake):
        yield fake


@pytest.fixture
async def gateway(provider: FakeTwilio) -> AsyncIterator[TwilioGateway]:
    """A gateway to it."""
    made = gateway_to(provider.base_url)
    yield made
    await made.close()


async def failure_of(gateway: TwilioGateway) -> GatewayError:
    """Send to Ben and return how it failed."""
    with pytest.raises(GatewayError) as caught:
        await gateway.send(sms())
    return caught.value


async def failure_with(fake: FakeTwilio, fault: Fault) -> GatewayError:
    """Send to Ben through a gateway with little patience while `fault` is in the way."""
    fake.set_behaviour(BEN, Behaviour(fault=fault, fault_times=1))
    impatient = gateway_to(fake.base_url, timeout_seconds=SHORT_SECONDS)
    try:
        return await failure_of(impatient)
    finally:
        await impatient.close()


async def test_a_message_is_sent_and_its_delivery_can_be_asked_for(
    provider: FakeTwilio, gateway: TwilioGateway
) -> None:
    """Sent is not delivered: the provider's own word tells them apart."""
    sent = await gateway.send(sms())

    assert sent.state is NotificationState.SENT
    (message,) = provider.messages
    assert (message.to, message.sender, message.body) == (BEN, OUR_NUMBER, sms().text)
    await eventually(lambda: provider.messages[0].status == "delivered")
    assert await gateway.receipts([sent.provider_id]) == [
        Receipt("", sent.provider_id, NotificationState.DELIVERED)
    ]


async def test_an_undelivered_message_tells_why(
    provider: FakeTwilio, gateway: TwilioGateway
) -> None:
    """The provider's error code comes with the state."""
    behaviour = Behaviour(state=NotificationState.UNDELIVERED, code="30003")
    provider.set_behaviour(BEN, behaviour)

    sent = await gateway.send(sms())
    await eventually(lambda: provider.messages[0].status == "undelivered")

    assert await gateway.receipts([sent.provider_id]) == [
        Receipt("", sent.provider_id, NotificationState.UNDELIVERED, "30003")
    ]


async def test_a_message_that_the_provider_has_forgotten_counts_as_failed(
    gateway: TwilioGateway,
) -> None:
    """Nobody waits for ever for a receipt that can never come; the others are still told."""
    sent = await gateway.send(sms())

    receipts = await gateway.receipts(["SM" + "f" * 32, sent.provider_id])

    assert [one.state for one in receipts] == [NotificationState.FAILED, NotificationState.SENT]
    assert receipts[0].code == "20404"


async def test_a_refused_connection_means_that_nothing_was_sent() -> None:
    """The outbox may try again at once without asking."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        gateway = gateway_to(f"http://127.0.0.1:{taken.getsockname()[1]}")
        failure = await failure_of(gateway)
        await gateway.close()

    assert (failure.permanent, failure.sent_unknown) == (False, False)


async def test_a_name_that_does_not_resolve_means_that_nothing_was_sent() -> None:
    """A broken name service is the network's fault, not the message's."""
    gateway = gateway_to("http://provider.invalid")
    failure = await failure_of(gateway)
    await gateway.close()

    assert (failure.permanent, failure.sent_unknown) == (False, False)


async def test_a_provider_that_does_not_take_the_connection_was_told_nothing() -> None:
    """Running out of time while connecting is known to have sent nothing."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(address)
        gateway = gateway_to(f"http://127.0.0.1:{address[1]}", timeout_seconds=SHORT_SECONDS)
        failure = await failure_of(gateway)
        await gateway.close()
        for filler in fillers:
            filler.close()

    assert (failure.permanent, failure.sent_unknown) == (False, False)


@pytest.mark.parametrize(
    "fault",
    [Fault.TIMEOUT_BEFORE, Fault.TIMEOUT_AFTER, Fault.CUT_AFTER, Fault.SERVER_ERROR_BEFORE,
     Fault.SERVER_ERROR_AFTER],
)  # fmt: skip
async def test_a_message_whose_fate_is_unknown_is_found_exactly_when_it_went(
    provider: FakeTwilio, gateway: TwilioGateway, fault: Fault
) -> None:
    """P4: the provider is asked before anything is sent again, and knows."""
    failure = await failure_with(provider, fault)

    assert (failure.permanent, failure.sent_unknown) == (False, True)
    found = await gateway.find(sms(), since_seconds=60, owner_of=nobody)
    assert (found is not None) == fault.taken
    assert len(provider.messages) == (1 if fault.taken else 0)


async def test_too_many_messages_at_once_are_not_sent_and_may_be_tried_again(
    provider: FakeTwilio,
) -> None:
    """A rate limit says for certain that the message was not taken."""
    failure = await failure_with(provider, Fault.RATE_LIMITED)

    assert (failure.permanent, failure.sent_unknown, failure.code) == (False, False, "20429")


async def test_a_wrong_number_is_not_tried_again(provider: FakeTwilio) -> None:
    """The person's next channel is due at once."""
    failure = await failure_with(provider, Fault.INVALID_NUMBER)

    assert (failure.permanent, failure.sent_unknown, failure.code) == (True, False, "21211")


async def test_somebody_who_texted_stop_is_not_tried_again(
    provider: FakeTwilio, gateway: TwilioGateway
) -> None:
    """Opting out is learnt with the next message, with the remedy in the sentence."""
    provider.set_behaviour(BEN, Behaviour(opt_out=True, after=0))
    await gateway.send(sms())
    await eventually(lambda: provider.network.has_opted_out(BEN))

    failure = await failure_of(gateway)

    assert (failure.permanent, failure.code) == (True, "21610")
    assert "START" in str(failure)


async def test_a_wrong_token_says_what_to_check(provider: FakeTwilio) -> None:
    """The person who installs it reads which setting is wrong."""
    gateway = gateway_to(provider.base_url, auth_token="another")
    failure = await failure_of(gateway)
    await gateway.close()

    assert (failure.permanent, failure.code) == (True, "20003")
    assert "auth_token" in str(failure)


async def test_a_send_is_never_repeated_by_itself(
    provider: FakeTwilio, gateway: TwilioGateway
) -> None:
    """Whatever fails, one call is one request."""
    provider.set_behaviour(BEN, Behaviour(fault=Fault.SERVER_ERROR_AFTER, fault_times=1))

    await failure_of(gateway)

    assert len(provider.messages) == 1


async def test_only_the_same_text_to_the_same_number_is_found(gateway: TwilioGateway) -> None:
    """Another message to Ben, or the same one to Cara, is no proof that this one went."""
    await gateway.send(sms("Another text. Reply 1234."))
    await gateway.send(sms(to=CARA))

    assert await gateway.find(sms(), since_seconds=60, owner_of=nobody) is None


async def test_the_same_text_of_an_hour_ago_does_not_count_as_sent(
    provider: FakeTwilio, gateway: TwilioGateway
) -> None:
    """A repeated alert has the same words; only what is recent enough is this attempt."""
    await gateway.send(sms())
    provider.messages[0].created -= timedelta(hours=1)

    assert await gateway.find(sms(), since_seconds=600, owner_of=nobody) is None
    assert await gateway.find(sms(), since_seconds=4000, owner_of=nobody) is not None


async def test_a_found_message_tells_how_far_it_has_come(
    provider: FakeTwilio, gateway: TwilioGateway
) -> None:
    """After a crash the outbox learns id and state in one question."""
    sent = await gateway.send(sms())
    await eventually(lambda: provider.messages[0].status == "delivered")

    found = await gateway.find(sms(), since_seconds=60, owner_of=nobody)

    assert found is not None
    assert (found.provider_id, found.state) == (sent.provider_id, NotificationState.DELIVERED)


async def test_replies_are_listed_oldest_first_however_many_pages_they_fill(
    provider: FakeTwilio, gateway: TwilioGateway
) -> None:
    """More than one page of replies, ours left out, old ones left out."""
    await gateway.send(sms())
    provider.reply(CARA, "too old")
    provider.messages[-1].created -= timedelta(hours=3)
    for number in range(60):
        provider.reply(BEN, f" {number}\n")

    received = await gateway.inbound(since_seconds=600)

    assert [one.text for one in received] == [f" {number}\n" for number in range(60)]
    assert {one.number for one in received} == {BEN}


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

    for secret in (BEN, BEN.removeprefix("+"), "Larch", "a-made-up-token"):
        assert secret not in told


async def test_an_answer_that_is_not_the_providers_leaves_the_fate_open() -> None:
    """A proxy that answers 201 with a page of its own proves nothing."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 6\r\n\r\n<html>")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        gateway = gateway_to(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        failure = await failure_of(gateway)
        await gateway.close()

    assert (failure.permanent, failure.sent_unknown) == (False, True)


async def test_when_no_receipt_can_be_asked_for_the_poller_is_told() -> None:
    """An unreachable provider is an error, not an empty list."""
    gateway = gateway_to("http://127.0.0.1:9", timeout_seconds=SHORT_SECONDS)
    for asking in (
        gateway.receipts(["SM" + "1" * 32]),
        gateway.inbound(since_seconds=60),
        gateway.find(sms(), since_seconds=60, owner_of=nobody),
    ):
        with pytest.raises(GatewayError) as caught:
            await asking
        assert not caught.value.permanent
    await gateway.close()
