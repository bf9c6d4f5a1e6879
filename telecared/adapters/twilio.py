"""SMS by Twilio: the `twilio` package's async client behind the Gateway port.

The only module that imports `twilio`, which carries no types. It sends once and reports honestly
what is known of a failure; whether and when to send again is decided elsewhere. Neither its
errors nor its log lines hold a number or a text.
"""

import asyncio
import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
import structlog
from twilio.base.exceptions import TwilioException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from telecared.core.vocabulary import NotificationState
from telecared.errors import GatewayError
from telecared.ports import InboundSms, Outgoing, Receipt, Sent
from telecared.twilio_wire import state_of

INBOUND_LIMIT: Final = 1000
"""Inbound messages read in one look; older ones beyond it are logged as not read."""

FIND_LIMIT: Final = 200
"""Messages to one number read when one is looked for."""

PAGE_SIZE: Final = 50

RECEIPTS_AT_ONCE: Final = 8
"""Look-ups under way at the same time."""

CONNECT_SHARE: Final = 0.5
"""The part of the time limit that connecting may take. What fails while connecting was certainly
not sent, so connecting must run out of time before the request as a whole does."""

STAMP_SLACK: Final = timedelta(seconds=2)
"""Twilio's stamps are whole seconds, and its Date header may be a second old."""

ORDER_SLACK: Final = timedelta(minutes=1)
"""Lists are newest first, but only nearly so."""

_UNKNOWN_MESSAGE: Final = "20404"

_REMEDIES: Final[Mapping[str, str]] = {
    "20003": "check account_sid and auth_token",
    "21211": "this is not a phone number; correct the contact",
    "21212": "`from` is not a number of this account; correct it in telecared.yaml",
    "21408": "allow this country in Twilio's geographic permissions",
    "21606": "`from` cannot send SMS to this number; choose another in telecared.yaml",
    "21610": "this person has opted out; ask them to text START to our number",
    "21612": "Twilio has no route to this number; use another channel",
    "21614": "this is not a mobile number; use another channel",
    "21617": "the text is too long; shorten the rule's `say`",
}

# What the library and the network raise, and what reading a malformed answer raises.
_FAILURES: Final = (
    aiohttp.ClientError,
    TwilioException,
    OSError,  # TimeoutError included
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
)

_log = structlog.get_logger(__name__)


class TwilioGateway:
    """One Twilio account and one number to send from. Implements Gateway.

    Args:
        account_sid: names the account.
        auth_token: proves that it is ours.
        from_number: our number, E.164; people reply to it.
        base_url: replaces `https://api.twilio.com`, for tests and demos; None keeps it.
        status_callback: gives the address at which Twilio reports on a notification; None when
            receipts are asked for instead.
        timeout_seconds: for one request, in real time, connecting included.
    """

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        from_number: str,
        *,
        base_url: str | None = None,
        status_callback: Callable[[str], str] | None = None,
        timeout_seconds: float = 10,
    ) -> None:
        self.name = "twilio"
        self._http = _TwilioHttp(account_sid, auth_token, base_url, timeout_seconds)
        self._client = Client(account_sid, auth_token, http_client=self._http)
        self._from_number = from_number
        self._status_callback = status_callback

    async def send(self, message: Outgoing) -> Sent:
        """Send one SMS, once. Raises GatewayError, which says whether it may have gone."""
        fields = {"to": message.number, "from_": self._from_number, "body": message.text}
        if self._status_callback is not None:
            fields["status_callback"] = self._status_callback(message.notification)
        try:
            sent = await self._client.messages.create_async(**fields)
            return Sent(provider_id=_text(sent.sid), state=state_of(_text(sent.status)))
        except _FAILURES as failure:
            explained = _explain(failure, sending=True)
        # Raised out here so that it drags no library exception along, which quotes the number.
        raise explained

    async def find(self, message: Outgoing, *, since_seconds: float) -> Sent | None:
        """Look for this number and exact text among what was sent in the last `since_seconds`.

        The newest is returned. Ages are told by Twilio's own clock. Raises GatewayError.
        """
        explained = None
        try:
            for found in await self._recent(message.number, since_seconds, FIND_LIMIT):
                if _text(found.direction).startswith("outbound") and found.body == message.text:
                    return Sent(_text(found.sid), state_of(_text(found.status)))
        except _FAILURES as failure:
            explained = _explain(failure, sending=False)
        if explained is not None:
            raise explained
        return None

    async def receipts(self, provider_ids: Sequence[str]) -> list[Receipt]:
        """Ask for the state of each message.

        Those that could be asked for are returned; GatewayError only when none could. A message
        that Twilio does not know (deleted) counts as failed, so that somebody else is told.
        """
        turns = asyncio.Semaphore(RECEIPTS_AT_ONCE)

        async def ask(provider_id: str) -> Receipt | GatewayError:
            async with turns:
                return await self._receipt(provider_id)

        answers = await asyncio.gather(*(ask(provider_id) for provider_id in provider_ids))
        receipts = [answer for answer in answers if isinstance(answer, Receipt)]
        failures = [answer for answer in answers if isinstance(answer, GatewayError)]
        if failures and not receipts:
            raise failures[0]
        if failures:
            _log.warning("sms_receipts_missing", missing=len(failures), error=str(failures[0]))
        return receipts

    async def inbound(self, *, since_seconds: float) -> list[InboundSms]:
        """List what was sent to our number in the last `since_seconds`, oldest first.

        Ages are told by Twilio's own clock. Raises GatewayError.
        """
        try:
            recent = await self._recent(self._from_number, since_seconds, INBOUND_LIMIT)
            received = [
                InboundSms(_text(one.sid), _text(one.from_), one.body or "")
                for one in recent
                if one.direction == "inbound"
            ]
            return received[::-1]
        except _FAILURES as failure:
            explained = _explain(failure, sending=False)
        raise explained

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()

    async def _recent(self, to: str, since_seconds: float, limit: int) -> list[Any]:
        """List messages to a number, newest first, of the last `since_seconds`.

        Not filtered by DateSent at the provider: a message still queued has none.
        """
        recent: list[Any] = []
        read = 0
        stream = await self._client.messages.stream_async(to=to, page_size=PAGE_SIZE, limit=limit)
        oldest = self._http.server_time() - timedelta(seconds=since_seconds) - STAMP_SLACK
        async for message in stream:
            read += 1
            if message.date_created >= oldest:
                recent.append(message)
            elif message.date_created < oldest - ORDER_SLACK:
                break
        if read >= limit and len(recent) == read:
            _log.warning("sms_list_cut", limit=limit)
        return recent

    async def _receipt(self, provider_id: str) -> Receipt | GatewayError:
        try:
            message = await self._client.messages(provider_id).fetch_async()
            code = "" if message.error_code is None else str(message.error_code)
            return Receipt("", provider_id, state_of(_text(message.status)), code)
        except _FAILURES as failure:
            if getattr(failure, "status", None) == 404:
                return Receipt("", provider_id, NotificationState.FAILED, _UNKNOWN_MESSAGE)
            return _explain(failure, sending=False)


class _TwilioHttp(AsyncTwilioHttpClient):  # type: ignore[misc]  # the library carries no types
    """The library's HTTP client with our address, time limits and silence.

    The library's own `request` cannot be used: it switches every time limit off, logs numbers,
    and hands over credentials in a way that aiohttp is about to drop. It also keeps connections,
    and one that the provider has meanwhile closed makes a send look as if it might have gone;
    here each request has its own.
    """

    def __init__(
        self, account_sid: str, auth_token: str, base_url: str | None, timeout_seconds: float
    ) -> None:
        super().__init__(pool_connections=False)
        # Made with the first request, because it needs a running event loop.
        self.session: aiohttp.ClientSession | None = None
        self._base_url = base_url.rstrip("/") if base_url else None
        self._limits = aiohttp.ClientTimeout(
            total=timeout_seconds, connect=timeout_seconds * CONNECT_SHARE
        )
        login = base64.b64encode(f"{account_sid}:{auth_token}".encode()).decode()
        self._login = {"Authorization": "Basic " + login}
        self._date = ""

    async def request(
        self,
        method: str,
        url: str,
        params: dict[str, str] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        **_ours_to_say: object,  # auth, timeout and redirects
    ) -> Response:
        """Make one request, without any retry. Raises what aiohttp raises."""
        if self.session is None:
            self.session = aiohttp.ClientSession(
                timeout=self._limits,
                connector=aiohttp.TCPConnector(force_close=True),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        async with self.session.request(
            method,
            self._rewritten(url),
            params=params,
            data=data,
            headers={**(headers or {}), **self._login},
            allow_redirects=False,
        ) as response:
            text = await response.text()
            self._date = response.headers.get("Date", "")
            return Response(response.status, text, response.headers)

    def server_time(self) -> datetime:
        """Return when the provider gave its last answer, by its own clock.

        Our wall clock may be wrong, and a wrong one would overlook the message that is looked for.
        """
        return parsedate_to_datetime(self._date)

    def _rewritten(self, url: str) -> str:
        if self._base_url is None:
            return url
        parts = urlsplit(url)
        return self._base_url + parts.path + (f"?{parts.query}" if parts.query else "")


def _text(value: object) -> str:
    """Return a field that must be there; a ValueError means that this is not Twilio's answer."""
    if not isinstance(value, str) or not value:
        raise ValueError("a field is missing")
    return value


def _explain(failure: BaseException, *, sending: bool) -> GatewayError:
    """Say what a failure means. Never quotes it: the library's words hold the number."""
    status = getattr(failure, "status", None)
    if isinstance(failure, TwilioException) and isinstance(status, int):
        return _refusal(status, getattr(failure, "code", None), sending=sending)
    if isinstance(failure, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return GatewayError(
            "Twilio cannot be reached; check the network, the name service and base_url.",
            permanent=False,
        )
    if isinstance(failure, aiohttp.InvalidURL):
        return GatewayError(
            "base_url is not an address; correct it in telecared.yaml.",
            permanent=True,
        )
    if isinstance(failure, TimeoutError):
        what = "Twilio did not answer in time"
    elif isinstance(failure, aiohttp.ClientError | OSError):
        what = "The connection to Twilio broke off"
    else:
        what = f"Twilio's answer cannot be read ({type(failure).__name__})"
    return _doubtful(what, sending=sending, code="")


def _refusal(status: int, code: object, *, sending: bool) -> GatewayError:
    # The library repeats the HTTP status where Twilio gave no code.
    named = "" if code is None or code == status else str(code)
    told = f"HTTP {status}" + (f", code {named}" if named else "")
    if status == 408 or status >= 500:
        return _doubtful(f"Twilio failed ({told})", sending=sending, code=named)
    if status == 429:
        return GatewayError(
            f"Twilio takes no more at this rate ({told}); it is tried again.",
            permanent=False,
            code=named,
        )
    if status < 400:
        return GatewayError(
            f"Something between us and Twilio redirects ({told}); check proxies and base_url.",
            permanent=False,
            code=named,
        )
    remedy = _REMEDIES.get(named, "look the code up in Twilio's error list")
    return GatewayError(f"Twilio refused ({told}); {remedy}.", permanent=True, code=named)


def _doubtful(what: str, *, sending: bool, code: str) -> GatewayError:
    """Build the error for a request of which nobody knows whether it was carried out."""
    if not sending:
        return GatewayError(f"{what}; it is asked again.", permanent=False, code=code)
    return GatewayError(
        f"{what}; the message may have gone, so Twilio is asked before it is sent again.",
        permanent=False,
        sent_unknown=True,
        code=code,
    )
