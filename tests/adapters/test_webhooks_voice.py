"""Calls from ringing to the key, over real HTTP both ways: real client, fake phones, listener."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlencode
from xml.etree import ElementTree

import aiohttp
import pytest

from telecared.adapters.webhooks import Calls, WebhookListener
from telecared.core.prompts import Prompt, spoken
from telecared.core.vocabulary import NotificationState, Stage
from telecared.ports import PressedKey, Receipt, Spoken
from telecared.serving import running
from telecared.sim.behaviour import Behaviour
from telecared.sim.phone_calls import PhoneCall
from telecared.sim.phones import FakeTwilio, sign
from telecared.twiml import MOST_ROUNDS, ROUNDS
from tests.adapters.provider import (
    BEN,
    PUBLIC_URL,
    TOKEN,
    Ledger,
    eventually,
    fake_twilio,
)
from tests.adapters.test_twilio_voice import call, voice_to

TEXT = "Fall at 12 Larch Close <kitchen>. Mrs Hall & son."
VOICE = "/twilio/voice/larch-12/3-2"
KEY = "/twilio/key/larch-12/3-2"
CALL = "/twilio/call/larch-12/3-2"
CALLING = {"CallSid": "CA1", "CallStatus": "in-progress"}


class House:
    """A listener, what it was told, and what it says."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session
        self.ledger = Ledger()
        self.keys: list[PressedKey] = []
        self.text: Spoken | None = Spoken(TEXT)
        self.came_to = Prompt.YOURS
        self.failing = False
        calls = Calls(
            {"other": "another-token", "twilio-voice": TOKEN},
            self.spoken,
            self.on_key,
            self.on_receipt,
        )
        self.listener = WebhookListener(
            "127.0.0.1:0", PUBLIC_URL, "", self.ledger.on_receipt, self.ledger.on_inbound, calls
        )

    async def spoken(self, notification: str) -> Spoken | None:
        """What a call says."""
        return self.text if notification == "larch-12/3-2" else None

    async def on_key(self, key: PressedKey) -> Prompt:
        """Store a key."""
        if self.failing:
            raise RuntimeError(f"the disk is full, said {BEN}")
        self.keys.append(key)
        return Prompt.NOTHING if key.key not in "12" else self.came_to

    async def on_receipt(self, receipt: Receipt, provider: str) -> None:
        """Store how a call goes."""
        assert provider == "twilio-voice"
        await self.ledger.on_receipt(receipt)

    async def post(
        self, path: str, fields: dict[str, str], signature: str | None = None
    ) -> tuple[int, str]:
        """Post a form as the provider would."""
        headers = {
            "X-Twilio-Signature": signature or sign(TOKEN, PUBLIC_URL + path, fields),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        url = f"http://127.0.0.1:{self.listener.port}{path}"
        async with self.session.post(url, data=urlencode(fields), headers=headers) as response:
            return response.status, await response.text()


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A running listener."""
    async with aiohttp.ClientSession() as session:
        made = House(session)
        async with running(made.listener):
            yield made


@pytest.fixture
async def provider(house: House) -> AsyncIterator[FakeTwilio]:
    """A provider with phones, which reaches the listener by its public address."""
    fake = fake_twilio(reach={PUBLIC_URL: f"http://127.0.0.1:{house.listener.port}"})
    async with running(fake):
        yield fake


async def ring(provider: FakeTwilio, behaviour: Behaviour) -> PhoneCall:
    """Call Ben, and return the call once it is over."""
    provider.set_behaviour(BEN, behaviour)
    voice = voice_to(provider.base_url)
    await voice.send(call())
    await voice.close()
    [placed] = provider.calls.all
    ends = ("completed", "busy", "no-answer", "failed")
    await eventually(lambda: placed.status in ends)
    return placed


async def test_ben_hears_the_text_presses_one_and_hears_that_he_has_it(
    house: House, provider: FakeTwilio
) -> None:
    """The whole way: ringing, picked up, the text, the key on record, the thanks."""
    placed = await ring(provider, Behaviour(answer="1", after=20_000_000))

    assert "Fall at 12 Larch Close <kitchen>" in placed.heard[0]
    assert "Press 1 if you are going" in placed.heard[0]
    assert placed.heard[1] == spoken(Prompt.YOURS, "en")
    assert house.keys == [PressedKey("larch-12/3-2", placed.sid, "1")]
    await eventually(lambda: len(house.ledger.receipts) == 3)
    assert [(one.state, one.stage) for one in house.ledger.receipts] == [
        (NotificationState.SENT, Stage.CALLED),
        (NotificationState.SENT, Stage.ANSWERED),
        (NotificationState.DELIVERED, None),
    ]


async def test_key_two_refuses(house: House, provider: FakeTwilio) -> None:
    """Ben cannot go, says so with one key, and hears that others are asked."""
    house.came_to = Prompt.REFUSED

    placed = await ring(provider, Behaviour(answer="2", after=20_000_000))

    assert [key.key for key in house.keys] == ["2"]
    assert placed.heard[-1] == spoken(Prompt.REFUSED, "en")


async def test_key_three_says_it_again_and_is_no_answer(house: House, provider: FakeTwilio) -> None:
    """Who did not understand hears it once more; only the key after it counts."""
    placed = await ring(provider, Behaviour(answer="31", after=20_000_000))

    assert [key.key for key in house.keys] == ["1"]
    assert sum("Larch Close" in said for said in placed.heard) == 2


async def test_another_key_is_explained_and_asked_again(house: House, provider: FakeTwilio) -> None:
    """A finger that slips takes nothing and refuses nothing."""
    placed = await ring(provider, Behaviour(answer="71", after=20_000_000))

    assert placed.heard[1].startswith(spoken(Prompt.NOTHING, "en"))
    assert "Larch Close" in placed.heard[1]
    assert placed.heard[-1] == spoken(Prompt.YOURS, "en")


@pytest.mark.parametrize("picked_up_by", ["none", "voicemail"])
async def test_picking_up_is_no_answer_nor_is_a_voicemail(
    house: House, provider: FakeTwilio, picked_up_by: str
) -> None:
    """The text is said a few times, then the call ends: delivered, and nobody has answered."""
    placed = await ring(provider, Behaviour(answer=picked_up_by))

    assert house.keys == []
    assert sum("Larch Close" in said for said in placed.heard) == ROUNDS
    assert placed.heard[-1].endswith(spoken(Prompt.GOODBYE, "en"))
    await eventually(lambda: house.ledger.receipts[-1].state is NotificationState.DELIVERED)


async def test_nobody_is_reached_by_a_busy_phone(house: House, provider: FakeTwilio) -> None:
    """Busy is told at once, with the provider's word for it."""
    await ring(provider, Behaviour(answer="busy"))

    await eventually(lambda: len(house.ledger.receipts) == 1)
    [receipt] = house.ledger.receipts
    assert (receipt.state, receipt.code) == (NotificationState.UNDELIVERED, "busy")


async def test_who_is_too_late_hears_that_somebody_else_has_it(house: House) -> None:
    """A late key is put on record like any other, and the voice says what it came to."""
    house.came_to = Prompt.TAKEN

    status, said = await house.post(f"{KEY}?round=1", {**CALLING, "Digits": "1"})

    assert status == 200
    assert "Somebody else already has it" in said


async def test_the_voice_says_nothing_before_the_key_is_durable(house: House) -> None:
    """P1: a store that fails answers 503, so that the provider tells the key again."""
    house.failing = True
    assert (await house.post(f"{KEY}?round=1", {**CALLING, "Digits": "1"}))[0] == 503

    house.failing = False
    assert (await house.post(f"{KEY}?round=1", {**CALLING, "Digits": "1"}))[0] == 200
    assert len(house.keys) == 1


@pytest.mark.parametrize("path", [VOICE, f"{KEY}?round=1", CALL])
async def test_nothing_is_told_to_whom_the_signature_does_not_fit(house: House, path: str) -> None:
    """P11: the text is personal, and a key from anybody would take an alarm off everybody."""
    fields = {**CALLING, "Digits": "1"}
    for signature in ("x", sign("", PUBLIC_URL + path, fields), sign("other", path, fields)):
        status, said = await house.post(path, fields, signature)
        assert status == 403
        assert "Larch" not in said
    assert house.keys == []


async def test_sms_callbacks_are_not_served_where_no_sms_goes_by_twilio(house: House) -> None:
    """An empty token would be one that everybody knows."""
    fields = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    path = "/twilio/status/larch-12/3-2"

    assert (await house.post(path, fields, sign("", PUBLIC_URL + path, fields)))[0] == 404


async def test_a_call_whose_text_is_gone_says_so_and_ends(house: House) -> None:
    """Erased, or never ours: there is nothing to say, and nothing is guessed."""
    house.text = None

    _, said = await house.post(VOICE, CALLING)

    assert "It is over already" in said
    assert "Gather" not in said


async def test_the_text_is_said_in_the_readers_language_slowly(house: House) -> None:
    """German text, German voice, German keys; slower than usual, sentence by sentence."""
    house.text = Spoken("Sturz bei Frau Hall. Bitte gehen Sie hin.", "de")

    _, said = await house.post(VOICE, CALLING)

    document = ElementTree.fromstring(said)  # noqa: S314 - our own markup
    says = document.findall("Gather/Say")
    assert {one.get("language") for one in says} == {"de-DE"}
    assert {one.get("rate") for one in document.iter("prosody")} == {"85%"}
    assert len(document.findall("Gather/Pause")) == len(says)
    assert "Drücken Sie die 1" in said


async def test_a_language_without_a_voice_is_left_to_the_account(house: House) -> None:
    """Asking for a voice that the provider has not would end the call."""
    house.text = Spoken("Gevallen.", "xx")

    _, said = await house.post(VOICE, CALLING)

    assert "<Say>Gevallen.</Say>" in said
    assert "Press 1" in said


@pytest.mark.parametrize("rounds", ["99", "-1", "x", "99999"])
async def test_a_strange_count_of_rounds_neither_fails_nor_goes_on_for_ever(
    house: House, rounds: str
) -> None:
    """What stands in an address is data of somebody else, although it is signed."""
    status, said = await house.post(f"{KEY}?round={rounds}", {**CALLING, "Digits": "3"})

    assert status == 200
    counted = int(rounds) if rounds == "99" else 0
    assert ("Redirect" in said) == (counted < MOST_ROUNDS - 1)


async def test_a_slow_store_does_not_hold_the_line(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The provider hears 503 before its own patience ends, and comes again."""
    monkeypatch.setattr("telecared.receiving.HANDLER_SECONDS", 0.05)

    async def never(_: PressedKey) -> Prompt:
        await asyncio.Event().wait()
        raise AssertionError

    house.listener._calls = Calls({"": TOKEN}, house.spoken, never, house.on_receipt)
    assert (await house.post(f"{KEY}?round=1", {**CALLING, "Digits": "1"}))[0] == 503


async def test_news_is_said_twice_and_asks_for_no_key(house: House) -> None:
    """Who hears that somebody else is going has nothing to press."""
    house.text = Spoken("Cara Singh is going.", asks=False)

    _, said = await house.post(VOICE, CALLING)

    assert said.count("Cara Singh is going.") == 2
    assert "Gather" not in said
    assert "Press 1" not in said
