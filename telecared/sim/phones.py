"""A fake Twilio over HTTP, for tests and for the demo: it takes messages and calls, phones answer.

It speaks the part of Twilio's API that telecared uses and calls back with signatures. The phones
themselves are in `phone_network`, what each does is in `behaviour`.
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, parse_qsl, urlencode

import aiohttp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from telecared.core.vocabulary import SECOND, Duration
from telecared.serving import EmbeddedServer
from telecared.sim.behaviour import Behaviour, Fault, Reaction, ReactionKind, reactions
from telecared.sim.phone_calls import Lent, PhoneCalls
from telecared.sim.phone_network import PhoneMessage, PhoneNetwork
from telecared.sim.provider_words import CutResponse, error, page

CALLBACK_SECONDS: Final = 15.0
"""As long as Twilio waits for an answer, in real time."""

RETRY_DELAY: Final = SECOND
MOST_CALLBACKS: Final = 10_000
"""Callbacks remembered for whoever looks at them."""

_VERSION: Final = "2010-04-01"
_FORM: Final = "application/x-www-form-urlencoded"


class Callback(NamedTuple):
    """One callback as it went out: where to, what it said, and the answer (0: none)."""

    url: str
    fields: Mapping[str, str]
    answered: int


class FakeTwilio:
    """Serves Twilio's API for one account on this machine, and calls back.

    Args:
        network: the phones.
        account_sid: checked on every request.
        auth_token: checked on every request; callbacks are signed with it.
        our_number: replies go to it.
        listen: `host:port`; port 0 takes a free one.
        inbound_url: where replies are reported; None when they are only listed.
        reach: maps the start of a public address to the local one that stands for it, so that
            callbacks are signed for the public address and still arrive.
        speed: how much faster than in reality delays pass.
        sleep: what waits, in seconds, after `speed` was applied.
        now: the provider's clock for its stamps.

    Attributes:
        started: set once connections are accepted.
        callbacks: what was called back so far, oldest first.
        calls: the calls that were placed.
    """

    def __init__(
        self,
        network: PhoneNetwork,
        *,
        account_sid: str,
        auth_token: str,
        our_number: str,
        listen: str = "127.0.0.1:0",
        inbound_url: str | None = None,
        reach: Mapping[str, str] | None = None,
        speed: float = 1.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.network = network
        self._account_sid = account_sid
        self._auth_token = auth_token
        self._our_number = our_number
        self._inbound_url = inbound_url
        self._reach = dict(reach or {})
        self._speed = speed
        self._sleep = sleep
        self._now = now
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._session: aiohttp.ClientSession | None = None
        self.callbacks: list[Callback] = []
        self.calls = PhoneCalls(
            Lent(
                network=network,
                account_sid=account_sid,
                now=now,
                wait=self._wait,
                call_back=self._call_back,
                ask=self._ask,
                spawn=self._spawn,
                refuse=self._unauthorised,
                fail=self._fail,
            )
        )
        self._server = EmbeddedServer(self._app(), listen)
        self.started = self._server.started

    @property
    def base_url(self) -> str:
        """What stands for `https://api.twilio.com` once started."""
        return f"http://127.0.0.1:{self._server.port}"

    @property
    def messages(self) -> list[PhoneMessage]:
        """All messages both ways, oldest first."""
        return self.network.messages

    def set_behaviour(self, number: str, behaviour: Behaviour) -> None:
        """Give a phone a behaviour, from its next message on."""
        self.network.set_behaviour(number, behaviour)

    def reply(self, number: str, text: str) -> str:
        """Let the owner of a phone write to us now; returns the provider's id of the message."""
        message = self.network.receive(
            sender=number, to=self._our_number, body=text, now=self._now()
        )
        if self._inbound_url is not None:
            fields = {**self._common(message), "Body": text, "SmsStatus": "received"}
            self._spawn(self._call_back(self._inbound_url, fields))
        return message.sid

    async def run(self) -> None:
        """Serve until cancelled. What was still to come back is dropped."""
        self._stopping.clear()
        timeout = aiohttp.ClientTimeout(total=CALLBACK_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            self._session = session
            try:
                serving = asyncio.create_task(self._server.run())
                try:
                    await asyncio.shield(serving)
                finally:
                    # Requests that hang on purpose let go first, so that the server stops at once.
                    self._stopping.set()
                    serving.cancel()
                    await asyncio.wait({serving})
            finally:
                for task in list(self._tasks):
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)
                self._session = None

    # --- the API ------------------------------------------------------------------------------

    def _app(self) -> Starlette:
        account = f"/{_VERSION}/Accounts/{{account}}"
        return Starlette(
            routes=[
                Route(f"{account}/Messages.json", self._create, methods=["POST"]),
                Route(f"{account}/Messages.json", self._list, methods=["GET"]),
                Route(f"{account}/Messages/{{sid}}.json", self._fetch, methods=["GET"]),
                Route(f"{account}/Calls.json", self.calls.create, methods=["POST"]),
                Route(f"{account}/Calls.json", self.calls.list, methods=["GET"]),
                Route(f"{account}/Calls/{{sid}}.json", self.calls.fetch, methods=["GET"]),
            ]
        )

    async def _create(self, request: Request) -> Response:
        refused = self._unauthorised(request)
        if refused is not None:
            return refused
        if request.headers.get("content-type", "").partition(";")[0] != _FORM:
            return error(415, 20415, "Unsupported content type")
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        to = form.get("To", "")
        for field, code in (("To", 21604), ("Body", 21602)):
            if not form.get(field):
                return error(400, code, f"A '{field}' is required.")
        if not form.get("From") and not form.get("MessagingServiceSid"):
            return error(400, 21603, "A 'From' is required.")
        if self.network.has_opted_out(to):
            return error(400, 21610, f"Attempt to send to unsubscribed recipient {to}")
        fault = self.network.next_fault(to)
        if not fault.taken:
            return await self._fail(request, fault, to)
        message = self.network.take(
            sender=form.get("From", ""),
            to=to,
            body=form["Body"],
            now=self._now(),
            callback=form.get("StatusCallback", ""),
        )
        for reaction in reactions(self.network.behaviour_of(to), message.body):
            self._spawn(self._react(message, reaction))
        if fault is not Fault.NONE:
            return await self._fail(request, fault, to)
        return JSONResponse(self._resource(message), status_code=201)

    async def _fail(self, request: Request, fault: Fault, to: str) -> Response:
        match fault:
            case Fault.INVALID_NUMBER:
                return error(400, 21211, f"The 'To' number {to} is not a valid phone number.")
            case Fault.RATE_LIMITED:
                return error(429, 20429, "Too Many Requests")
            case Fault.CUT_AFTER:
                return CutResponse()
            case Fault.TIMEOUT_BEFORE | Fault.TIMEOUT_AFTER:
                await self._hang(request)
        return error(500, 20500, f"Internal Server Error while sending to {to}")

    async def _hang(self, request: Request) -> None:
        """Return when the client has given up or the server stops."""
        waiting = {
            asyncio.ensure_future(request.receive()),
            asyncio.ensure_future(self._stopping.wait()),
        }
        _, pending = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()

    async def _list(self, request: Request) -> Response:
        refused = self._unauthorised(request)
        if refused is not None:
            return refused
        query = request.query_params
        wanted = [one for one in reversed(self.messages) if _matches(one, query)]
        shown = [self._resource(message) for message in wanted]
        return page("messages", shown, query, request.url.path)

    async def _fetch(self, request: Request) -> Response:
        refused = self._unauthorised(request)
        if refused is not None:
            return refused
        message = self.network.find(request.path_params["sid"])
        if message is None:
            return error(404, 20404, "The requested resource was not found")
        return JSONResponse(self._resource(message))

    def _unauthorised(self, request: Request) -> Response | None:
        login = base64.b64encode(f"{self._account_sid}:{self._auth_token}".encode()).decode()
        allowed = request.headers.get("authorization") == f"Basic {login}"
        if allowed and request.path_params["account"] == self._account_sid:
            return None
        return error(401, 20003, "Authenticate")

    def _resource(self, message: PhoneMessage) -> dict[str, Any]:
        """Return a message as the API shows it."""
        return {
            "sid": message.sid,
            "account_sid": self._account_sid,
            "api_version": _VERSION,
            "status": message.status,
            "to": message.to,
            "from": message.sender,
            "body": message.body,
            "direction": "inbound" if message.inbound else "outbound-api",
            "date_created": format_datetime(message.created),
            "date_sent": format_datetime(message.sent) if message.sent else None,
            "date_updated": format_datetime(message.updated),
            "error_code": int(message.error_code) if message.error_code else None,
            "error_message": None,
            "messaging_service_sid": None,
            "num_media": "0",
            "num_segments": "1",
            "price": None,
            "price_unit": "GBP",
            "subresource_uris": {},
            "uri": f"/{_VERSION}/Accounts/{self._account_sid}/Messages/{message.sid}.json",
        }

    # --- what comes back ----------------------------------------------------------------------

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _wait(self, delay: Duration) -> None:
        await self._sleep(delay / SECOND / self._speed)

    async def _react(self, message: PhoneMessage, reaction: Reaction) -> None:
        await self._wait(reaction.delay)
        if reaction.kind is ReactionKind.REPLY:
            self.reply(message.to, reaction.payload)
            return
        self.network.settle(message, reaction.payload, reaction.code, self._now())
        if message.callback:
            fields = {**self._common(message), "MessageStatus": str(reaction.payload)}
            if reaction.code:
                fields["ErrorCode"] = reaction.code
            await self._call_back(message.callback, fields)

    def _common(self, message: PhoneMessage) -> dict[str, str]:
        return {
            "AccountSid": self._account_sid,
            "ApiVersion": _VERSION,
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "From": message.sender,
            "To": message.to,
        }

    async def _call_back(self, url: str, fields: Mapping[str, str]) -> None:
        """Post a form, signed; again after a failure when the address's overrides ask for it."""
        address, _, fragment = url.partition("#")
        overrides = {name: values[-1] for name, values in parse_qs(fragment).items()}
        retries = int(overrides.get("rc", "1"))
        policies = set(overrides.get("rp", "ct").split(","))
        for attempt in range(1 + retries):
            if attempt:
                await self._wait(RETRY_DELAY)
            answered, _ = await self._post(address, fields)
            self.callbacks.append(Callback(address, fields, answered))
            del self.callbacks[:-MOST_CALLBACKS]
            failed_as = "ct" if answered == 0 else f"{answered // 100}xx"
            if failed_as == "2xx" or not policies & {"all", failed_as}:
                return

    async def _ask(self, url: str, fields: Mapping[str, str]) -> tuple[int, str]:
        """Post a form, signed, and return status and answer; 0 for none."""
        return await self._post(url.partition("#")[0], fields)

    async def _post(self, address: str, fields: Mapping[str, str]) -> tuple[int, str]:
        if self._session is None:
            return 0, ""
        headers = {
            "Content-Type": f"{_FORM}; charset=UTF-8",
            "X-Twilio-Signature": sign(self._auth_token, address, fields),
        }
        try:
            async with self._session.post(
                self._local(address), data=urlencode(fields), headers=headers
            ) as response:
                return response.status, await response.text()
        except (aiohttp.ClientError, TimeoutError):
            return 0, ""

    def _local(self, address: str) -> str:
        for public, local in self._reach.items():
            if address.startswith(public):
                return local + address.removeprefix(public)
        return address


def sign(auth_token: str, url: str, fields: Mapping[str, str]) -> str:
    """Sign a callback as Twilio documents it: the URL, then each field's name and value.

    Written apart from what telecared checks signatures with, so that they test each other.
    """
    text = url
    for name in sorted(fields):
        text += f"{name}{fields[name]}"
    digest = hmac.digest(auth_token.encode("utf-8"), text.encode("utf-8"), hashlib.sha1)
    return base64.b64encode(digest).decode("ascii")


def _matches(message: PhoneMessage, query: Mapping[str, str]) -> bool:
    if "To" in query and message.to != query["To"]:
        return False
    if "From" in query and message.sender != query["From"]:
        return False
    if "DateSent>" in query:
        earliest = datetime.fromisoformat(query["DateSent>"])
        if earliest.tzinfo is None:
            earliest = earliest.replace(tzinfo=UTC)
        return message.sent is not None and message.sent >= earliest
    return True
