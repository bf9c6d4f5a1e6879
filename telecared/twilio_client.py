"""Twilio's own client made honest and quiet: our time limits, no numbers in errors or logs.

What SMS and voice share, so that neither has to know the other; the only module that imports
`twilio`, which carries no types. It sends nothing by itself and repeats nothing.
"""

import asyncio
import base64
from collections.abc import AsyncIterable, Awaitable, Callable, Mapping, Sequence
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
from telecared.ports import Receipt
from telecared.retrying import retry_after

RECEIPTS_AT_ONCE: Final = 8
"""Look-ups under way at the same time."""

STAMP_SLACK: Final = timedelta(seconds=2)
"""Twilio's stamps are whole seconds, and its Date header may be a second old."""

ORDER_SLACK: Final = timedelta(minutes=1)
"""Lists are newest first, but only nearly so."""

UNKNOWN_HERE: Final = 404
UNKNOWN_CODE: Final = "20404"
"""How Twilio says that it knows no message or call of an id."""

CONNECT_SHARE: Final = 0.5
"""The part of the time limit that connecting may take. What fails while connecting was certainly
not sent, so connecting must run out of time before the request as a whole does."""

_REMEDIES: Final[Mapping[str, str]] = {
    "20003": "check account_sid and auth_token",
    "21211": "this is not a phone number; correct the contact",
    "21210": "`from` may not call from this account; correct it in telecared.yaml",
    "21215": "allow calls to this country in Twilio's geographic permissions",
    "21217": "this is not a phone number; correct the contact",
    "21212": "`from` is not a number of this account; correct it in telecared.yaml",
    "21408": "allow this country in Twilio's geographic permissions",
    "21606": "`from` cannot send SMS to this number; choose another in telecared.yaml",
    "21610": "this person has opted out; ask them to text START to our number",
    "21612": "Twilio has no route to this number; use another channel",
    "21614": "this is not a mobile number; use another channel",
    "21617": "the text is too long; shorten the rule's `say`",
}

_log = structlog.get_logger(__name__)

FAILURES: Final = (
    aiohttp.ClientError,
    TwilioException,
    OSError,  # TimeoutError included
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
)
"""What the library and the network raise, and what reading a malformed answer raises."""


class TwilioHttp(AsyncTwilioHttpClient):  # type: ignore[misc]  # the library carries no types
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
            if response.status == 429 and method.upper() == "POST":
                # Raised here, since the library's own error does not hold the headers.
                headers = {name.lower(): value for name, value in response.headers.items()}
                raise _too_fast(retry_after(headers))
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


def client_of(account_sid: str, auth_token: str, http: TwilioHttp) -> Any:  # noqa: ANN401 - the library carries no types
    """Return the library's client for one account, speaking through `http`."""
    return Client(account_sid, auth_token, http_client=http)


def required(value: object) -> str:
    """Return a field that must be there; a ValueError means that this is not Twilio's answer."""
    if not isinstance(value, str) or not value:
        raise ValueError("a field is missing")
    return value


def explain(failure: BaseException, *, sending: bool) -> GatewayError:
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
        return _too_fast(None)
    if status < 400:
        return GatewayError(
            f"Something between us and Twilio redirects ({told}); check proxies and base_url.",
            permanent=False,
            code=named,
        )
    remedy = _REMEDIES.get(named, "look the code up in Twilio's error list")
    return GatewayError(f"Twilio refused ({told}); {remedy}.", permanent=True, code=named)


def _too_fast(after: float | None) -> GatewayError:
    return GatewayError(
        "Twilio takes no more at this rate (HTTP 429); it is tried again.",
        permanent=False,
        code="20429",
        too_fast=True,
        retry_after=after,
    )


def _doubtful(what: str, *, sending: bool, code: str) -> GatewayError:
    """Build the error for a request of which nobody knows whether it was carried out."""
    if not sending:
        return GatewayError(f"{what}; it is asked again.", permanent=False, code=code)
    return GatewayError(
        f"{what}; it may have gone, so Twilio is asked before it is sent again.",
        permanent=False,
        sent_unknown=True,
        code=code,
    )


async def recent(
    stream: AsyncIterable[Any], http: TwilioHttp, since_seconds: float, *, limit: int, what: str
) -> list[Any]:
    """Return what of a list is of the last `since_seconds`, newest first, by Twilio's own clock.

    Args:
        stream: the list, newest first as Twilio gives it; not filtered by when something was sent,
            for what is still queued has no such time.
        http: knows Twilio's clock.
        since_seconds: how far back.
        limit: entries that the list has at most; one that is cut is logged.
        what: names the list in the log.
    """
    found: list[Any] = []
    read = 0
    oldest = http.server_time() - timedelta(seconds=since_seconds) - STAMP_SLACK
    async for one in stream:
        read += 1
        if one.date_created >= oldest:
            found.append(one)
        elif one.date_created < oldest - ORDER_SLACK:
            break
    if read >= limit and len(found) == read:
        _log.warning("provider.list_cut", what=what, limit=limit)
    return found


async def ask_each(
    provider_ids: Sequence[str], ask: Callable[[str], Awaitable[Receipt]], *, what: str
) -> list[Receipt]:
    """Ask for the state of each; return what could be asked for.

    What Twilio does not know (deleted) counts as failed, so that somebody else is told. Raises
    GatewayError only when none could be asked for.
    """
    turns = asyncio.Semaphore(RECEIPTS_AT_ONCE)

    async def one(provider_id: str) -> Receipt | GatewayError:
        async with turns:
            try:
                return await ask(provider_id)
            except FAILURES as failure:
                if getattr(failure, "status", None) == UNKNOWN_HERE:
                    return Receipt("", provider_id, NotificationState.FAILED, UNKNOWN_CODE)
                return explain(failure, sending=False)

    answers = await asyncio.gather(*(one(provider_id) for provider_id in provider_ids))
    receipts = [answer for answer in answers if isinstance(answer, Receipt)]
    failures = [answer for answer in answers if isinstance(answer, GatewayError)]
    if failures and not receipts:
        raise failures[0]
    if failures:
        _log.warning(
            "provider.receipts_missing", what=what, missing=len(failures), error=str(failures[0])
        )
    return receipts
