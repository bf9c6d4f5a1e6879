"""Calls of the fake provider: phones ring, somebody picks up or does not, a key is pressed.

It asks us what to say, as the real one does, hears it, and posts keys back, all signed. How a
phone behaves is `behaviour`; HTTP, delays and signatures are lent by `phones`.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs
from xml.etree import ElementTree

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from telecared.core.vocabulary import SECOND, Duration
from telecared.sim.behaviour import (
    PRESSES_NOTHING,
    RINGS_FOR,
    VOICEMAIL,
    Behaviour,
    Fault,
    Reaction,
    ReactionKind,
    call_reactions,
)
from telecared.sim.phone_network import PhoneNetwork
from telecared.sim.provider_words import error, page

MOST_CALLS: Final = 10_000
"""The oldest calls are forgotten beyond this."""

MOST_DOCUMENTS: Final = 50
"""Times that we are asked what to say in one call."""

SPEAKING: Final = 10 * SECOND
"""How long one saying of the text takes."""

ANSWER: Final = "answer"
HANG_UP: Final = "hang up"
"""What a hand does to a phone that rings, besides pressing a key."""

_ENDED: Final = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})


class PhoneCall(msgspec.Struct):
    """One call as the provider keeps it.

    Attributes:
        status: Twilio's word.
        url: where we are asked what to say.
        callback: where its status is reported, or "".
        events: which changes are reported.
        heard: what was said to whoever picked up, in order.
        pressed: the keys that were pressed.
    """

    sid: str
    sender: str
    to: str
    status: str
    created: datetime
    updated: datetime
    url: str
    callback: str = ""
    events: tuple[str, ...] = ("completed",)
    heard: list[str] = []
    pressed: str = ""


class Lent(NamedTuple):
    """What the provider lends its calls.

    Attributes:
        network: the phones.
        account_sid: names the account.
        now: the provider's clock.
        wait: lets a time pass.
        call_back: posts a signed form, again when the address asks for it.
        ask: posts a signed form and returns status and answer; 0 for none.
        spawn: runs something beside.
        refuse: an answer where a request is not allowed, else None.
        fail: the answer to a request that a fault befalls.
    """

    network: PhoneNetwork
    account_sid: str
    now: Callable[[], datetime]
    wait: Callable[[Duration], Awaitable[None]]
    call_back: Callable[[str, Mapping[str, str]], Awaitable[None]]
    ask: Callable[[str, Mapping[str, str]], Awaitable[tuple[int, str]]]
    spawn: Callable[[Coroutine[Any, Any, None]], None]
    refuse: Callable[[Request], Response | None]
    fail: Callable[[Request, Fault, str], Awaitable[Response]]


class PhoneCalls:
    """All calls of one provider.

    Attributes:
        by_hand: the numbers of phones that somebody holds, who answers and presses by `touch`.
    """

    def __init__(self, lent: Lent) -> None:
        self._lent = lent
        self._chance = random.Random(1)
        self._calls: dict[str, PhoneCall] = {}
        self._hands: dict[str, asyncio.Queue[str]] = {}
        self.by_hand: set[str] = set()

    def touch(self, sid: str, deed: str) -> bool:
        """Answer, hang up or press a key in a call to a phone of `by_hand`; whether it goes on."""
        hand = self._hands.get(sid)
        if hand is None:
            return False
        hand.put_nowait(deed)
        return True

    @property
    def all(self) -> list[PhoneCall]:
        """All calls, oldest first."""
        return list(self._calls.values())

    # --- the API --------------------------------------------------------------------------------

    async def create(self, request: Request) -> Response:
        """Place a call."""
        refused = self._lent.refuse(request)
        if refused is not None:
            return refused
        form = parse_qs((await request.body()).decode(), keep_blank_values=True)
        fields = {name: values[-1] for name, values in form.items()}
        to = fields.get("To", "")
        for field, code in (("To", 21201), ("From", 21213), ("Url", 21205)):
            if not fields.get(field):
                return error(400, code, f"A '{field}' is required.")
        fault = self._lent.network.next_fault(to)
        if not fault.taken:
            return await self._lent.fail(request, fault, to)
        call = self._take(fields, tuple(form.get("StatusCallbackEvent", ["completed"])))
        self._lent.spawn(self._ring(call))
        if fault is not Fault.NONE:
            return await self._lent.fail(request, fault, to)
        return JSONResponse(self._resource(call), status_code=201)

    def _take(self, fields: Mapping[str, str], events: tuple[str, ...]) -> PhoneCall:
        now = self._lent.now()
        call = PhoneCall(
            sid=f"CA{self._chance.getrandbits(128):032x}",
            sender=fields["From"],
            to=fields["To"],
            status="queued",
            created=now,
            updated=now,
            url=fields["Url"],
            callback=fields.get("StatusCallback", ""),
            events=events,
        )
        self._calls[call.sid] = call
        if len(self._calls) > MOST_CALLS:
            del self._calls[next(iter(self._calls))]
        return call

    async def list(self, request: Request) -> Response:
        """List calls, newest first."""
        refused = self._lent.refuse(request)
        if refused is not None:
            return refused
        query = request.query_params
        wanted = [
            self._resource(one)
            for one in reversed(self.all)
            if query.get("To") in (None, one.to) and query.get("From") in (None, one.sender)
        ]
        return page("calls", wanted, query, request.url.path)

    async def fetch(self, request: Request) -> Response:
        """Return one call."""
        refused = self._lent.refuse(request)
        if refused is not None:
            return refused
        call = self._calls.get(request.path_params["sid"])
        if call is None:
            return error(404, 20404, "The requested resource was not found")
        return JSONResponse(self._resource(call))

    def _resource(self, call: PhoneCall) -> dict[str, Any]:
        return {
            "sid": call.sid,
            "account_sid": self._lent.account_sid,
            "api_version": "2010-04-01",
            "status": call.status,
            "to": call.to,
            "from": call.sender,
            "direction": "outbound-api",
            "answered_by": None,
            "date_created": format_datetime(call.created),
            "date_updated": format_datetime(call.updated),
            "start_time": None,
            "end_time": None,
            "duration": None,
            "price": None,
            "price_unit": "GBP",
            "subresource_uris": {},
            "uri": f"/2010-04-01/Accounts/{self._lent.account_sid}/Calls/{call.sid}.json",
        }

    # --- what happens ---------------------------------------------------------------------------

    async def _ring(self, call: PhoneCall) -> None:
        if call.to in self.by_hand:
            self._hands[call.sid] = asyncio.Queue()
            try:
                await self._ring_by_hand(call, self._hands[call.sid])
            finally:
                del self._hands[call.sid]
            return
        behaviour = self._lent.network.behaviour_of(call.to)
        passed = 0
        for reaction in call_reactions(behaviour):
            if reaction.kind is ReactionKind.KEY:
                continue
            await self._lent.wait(max(0, reaction.delay - passed))
            passed = max(passed, reaction.delay)
            if reaction.payload == "completed":
                return
            await self._goes(call, reaction)
            if reaction.payload == "in-progress":
                await self._talk(call, behaviour, passed)
                await self._goes(call, Reaction(0, ReactionKind.CALL, "completed"))
                return

    async def _goes(self, call: PhoneCall, reaction: Reaction) -> None:
        if call.status in _ENDED:
            return
        call.status, call.updated = reaction.payload, self._lent.now()
        event = {"in-progress": "answered"}.get(call.status, call.status)
        if call.callback and (event if call.status not in _ENDED else "completed") in call.events:
            fields = {**self._common(call), "CallStatus": call.status}
            if reaction.code:
                fields["ErrorCode"] = reaction.code
            await self._lent.call_back(call.callback, fields)

    async def _ring_by_hand(self, call: PhoneCall, hand: "asyncio.Queue[str]") -> None:
        await self._goes(call, Reaction(0, ReactionKind.CALL, "ringing"))
        deed = await self._deed(hand, RINGS_FOR)
        if deed != ANSWER:
            ended = "no-answer" if deed is None else "busy"
            await self._goes(call, Reaction(0, ReactionKind.CALL, ended))
            return
        await self._goes(call, Reaction(0, ReactionKind.CALL, "in-progress"))
        await self._talk_by_hand(call, hand)
        await self._goes(call, Reaction(0, ReactionKind.CALL, "completed"))

    async def _talk_by_hand(self, call: PhoneCall, hand: "asyncio.Queue[str]") -> None:
        """Hear what we say, and wait after each saying for a key."""
        url, more = call.url, {"CallStatus": "in-progress"}
        for _ in range(MOST_DOCUMENTS):
            document = await self._heard(call, url, more)
            if document is None:
                return
            gather, redirect = document.find("Gather"), document.find("Redirect")
            deed = await self._deed(hand, SPEAKING) if gather is not None else None
            if deed == HANG_UP:
                return
            if gather is not None and deed is not None:
                call.pressed += deed
                url, more = gather.get("action", ""), {"Digits": deed}
            elif redirect is not None:
                url, more = redirect.text or "", {}
            else:
                return

    async def _deed(self, hand: "asyncio.Queue[str]", within: Duration) -> str | None:
        """Return what the hand does next, or None when it does nothing for so long."""
        deed = asyncio.ensure_future(hand.get())
        over = asyncio.ensure_future(self._lent.wait(within))
        try:
            await asyncio.wait({deed, over}, return_when=asyncio.FIRST_COMPLETED)
            return deed.result() if deed.done() else None
        finally:
            deed.cancel()
            over.cancel()

    async def _heard(
        self, call: PhoneCall, url: str, more: Mapping[str, str]
    ) -> ElementTree.Element | None:
        """Ask us what to say, and hear it; None where there is no answer."""
        status, said = await self._lent.ask(url, {**self._common(call), **more})
        if status != 200:
            return None
        document = ElementTree.fromstring(said)  # noqa: S314 - our own markup
        redirect = document.find("Redirect")
        words = " ".join(" ".join(document.itertext()).split())
        if redirect is not None:
            words = words.replace(redirect.text or "", "").strip()
        call.heard.append(words)
        return document

    async def _talk(self, call: PhoneCall, behaviour: Behaviour, passed: Duration) -> None:
        """Hear what we say, and press the keys, until we hang up or say nothing more."""
        answer = behaviour.answer or ""
        keys = "" if answer in (PRESSES_NOTHING, VOICEMAIL) else answer
        url, more = call.url, {"CallStatus": "in-progress"}
        for _ in range(MOST_DOCUMENTS):
            document = await self._heard(call, url, more)
            if document is None:
                return
            gather = document.find("Gather")
            if gather is not None and keys:
                await self._lent.wait(max(0, behaviour.after - passed) or SECOND)
                passed = behaviour.after
                call.pressed += keys[0]
                url, more = gather.get("action", ""), {"Digits": keys[0]}
                keys = keys[1:]
                continue
            redirect = document.find("Redirect")
            if redirect is None:
                return
            await self._lent.wait(SPEAKING)
            url, more = redirect.text or "", {}

    def _common(self, call: PhoneCall) -> dict[str, str]:
        return {
            "AccountSid": self._lent.account_sid,
            "ApiVersion": "2010-04-01",
            "CallSid": call.sid,
            "Direction": "outbound-api",
            "From": call.sender,
            "To": call.to,
        }
