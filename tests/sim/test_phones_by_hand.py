"""Phones that somebody holds: calls ring until a hand answers, and keys are pressed by hand."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from starlette.requests import Request
from starlette.responses import Response

from telecared.sim.behaviour import Fault
from telecared.sim.phone_calls import ANSWER, HANG_UP, PhoneCall, PhoneCalls
from telecared.sim.phone_calls import Lent as Provider
from telecared.sim.phone_network import PhoneNetwork

HELD = "+447700900114"
DOCUMENT = (
    '<Response><Gather action="https://x.example/key"><Say>Press 1.</Say></Gather>'
    "<Redirect>https://x.example/again</Redirect></Response>"
)
THANKS = "<Response><Say>Thank you.</Say></Response>"


async def _fails(request: Request, fault: Fault, to: str) -> Response:
    raise AssertionError("nothing fails here")


class Line:
    """A provider that lends its calls a line on which time passes only when a test says so."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.told: list[str] = []
        self.over = asyncio.Event()
        self.calls = PhoneCalls(
            Provider(
                network=PhoneNetwork(),
                account_sid="AC0",
                now=lambda: datetime(2026, 3, 1, tzinfo=UTC),
                wait=self._wait,
                call_back=self._call_back,
                ask=self._ask,
                spawn=lambda work: work.close(),
                refuse=lambda request: None,
                fail=_fails,
            )
        )
        self.calls.by_hand.add(HELD)

    async def _wait(self, duration: int) -> None:
        await self.over.wait()

    async def _call_back(self, url: str, fields: Mapping[str, str]) -> None:
        self.told.append(fields["CallStatus"])

    async def _ask(self, url: str, fields: Mapping[str, str]) -> tuple[int, str]:
        digits = fields.get("Digits", "")
        self.asked.append((url, digits))
        return 200, THANKS if digits else DOCUMENT

    async def ring(self) -> "tuple[PhoneCall, asyncio.Task[None]]":
        """A call begins to ring."""
        fields = {
            "To": HELD,
            "From": "+447700900000",
            "Url": "https://x.example/say",
            "StatusCallback": "https://x.example/status",
        }
        call = self.calls._take(fields, ("ringing", "answered", "completed"))
        task = asyncio.create_task(self.calls._ring(call))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return call, task


async def test_a_hand_answers_hears_and_presses_a_key() -> None:
    """What is said is heard, the key reaches us, and the call ends with our thanks."""
    line = Line()
    call, task = await line.ring()
    assert line.calls.touch(call.sid, ANSWER)
    assert line.calls.touch(call.sid, "1")
    await task
    assert (call.status, call.pressed) == ("completed", "1")
    assert call.heard == ["Press 1.", "Thank you."]
    assert line.asked == [("https://x.example/say", ""), ("https://x.example/key", "1")]
    assert line.told == ["ringing", "in-progress", "completed"]
    assert not line.calls.touch(call.sid, "2"), "it is over"


@pytest.mark.parametrize(
    ("deeds", "status", "heard"),
    [
        ([HANG_UP], "busy", 0),
        ([ANSWER, HANG_UP], "completed", 1),
    ],
)
async def test_a_hand_hangs_up_before_or_after_it_has_listened(
    deeds: list[str], status: str, heard: int
) -> None:
    """Nobody is taken to have pressed anything."""
    line = Line()
    call, task = await line.ring()
    for deed in deeds:
        line.calls.touch(call.sid, deed)
    await task
    assert (call.status, call.pressed, len(call.heard)) == (status, "", heard)


async def test_a_phone_that_nobody_touches_stops_ringing() -> None:
    """As if nobody were there."""
    line = Line()
    call, task = await line.ring()
    line.over.set()
    await task
    assert call.status == "no-answer"


async def test_who_answers_and_presses_nothing_hears_it_again_until_we_hang_up() -> None:
    """The text is said again and again, and no key is made up."""
    line = Line()
    call, task = await line.ring()
    line.calls.touch(call.sid, ANSWER)
    await asyncio.sleep(0)
    line.over.set()
    await task
    assert call.pressed == ""
    assert {url for url, _ in line.asked[1:]} == {"https://x.example/again"}
