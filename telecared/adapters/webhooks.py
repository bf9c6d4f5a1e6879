"""Where Twilio reports: receipts, messages that people send, how calls go and which key is pressed.

A listener of its own, so that the console need not be public. It checks the signature against the
configured public address, passes on what it was told, and answers only once that is durable.
Repeats and disorder are passed on as they come.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, NamedTuple
from urllib.parse import quote

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from telecared.core.prompts import Prompt
from telecared.ports import (
    CallText,
    InboundHandler,
    InboundSms,
    KeyHandler,
    PressedKey,
    Receipt,
    ReceiptHandler,
    Spoken,
)
from telecared.receiving import FORM, body_of, form_fields, kind_of, until_durable
from telecared.serving import EmbeddedServer
from telecared.twilio_wire import (
    CALL_PATH,
    INBOUND_PATH,
    KEY_PATH,
    RETRY_FRAGMENT,
    ROUND_FIELD,
    STATUS_PATH,
    VOICE_PATH,
    call_state_of,
    call_url,
    inbound_url,
    is_signed,
    key_url,
    state_of,
    status_url,
    voice_url,
)
from telecared.twiml import MOST_ROUNDS, ROUNDS, CallUrls, ask, end, news

MAX_CONNECTIONS: Final = 64

AGAIN: Final = "3"
"""The key that asks to hear the text again: no answer, so nothing is stored."""

_EMPTY_TWIML: Final = '<?xml version="1.0" encoding="UTF-8"?><Response/>'

_log = structlog.get_logger(__name__)


class Calls(NamedTuple):
    """What the listener needs for calls.

    Attributes:
        tokens: name of a provider -> what Twilio signs with for its account.
        text: what a call says.
        on_key: awaited until the key is durable; answers what it came to.
        on_receipt: the same of how a call goes, with the provider's name.
    """

    tokens: Mapping[str, str]
    text: CallText
    on_key: KeyHandler
    on_receipt: Callable[[Receipt, str], Awaitable[None]]


class WebhookListener:
    """Listens for Twilio's callbacks.

    Args:
        listen: `host:port` to bind; port 0 takes a free one.
        public_url: how Twilio reaches this listener, for example behind a proxy that ends TLS.
            The proxy forwards its paths below `/twilio/` unchanged.
        auth_token: what Twilio signs with for SMS; "" where no SMS goes by Twilio, and then
            nothing is taken for one.
        on_receipt: awaited until the receipt is durable.
        on_inbound: awaited until the message is durable.
        calls: None where nobody is called.
        more: what other providers report at.

    Attributes:
        started: set once connections are accepted.
    """

    def __init__(
        self,
        listen: str,
        public_url: str,
        auth_token: str,
        on_receipt: ReceiptHandler,
        on_inbound: InboundHandler,
        calls: Calls | None = None,
        more: Sequence[BaseRoute] = (),
    ) -> None:
        self._public_url = public_url.rstrip("/")
        self._auth_token = auth_token
        self._on_receipt = on_receipt
        self._on_inbound = on_inbound
        named = "{notification:path}"
        routes = [Route("/healthz", _health, methods=["GET"]), *more]
        if auth_token:
            routes += [
                Route(STATUS_PATH + named, self._status, methods=["POST"]),
                Route(INBOUND_PATH, self._inbound, methods=["POST"]),
            ]
        if calls is not None:
            self._calls = calls
            routes += [
                Route(VOICE_PATH + named, self._voice, methods=["POST"]),
                Route(KEY_PATH + named, self._key, methods=["POST"]),
                Route(CALL_PATH + named, self._call, methods=["POST"]),
            ]
        app = Starlette(routes=routes)
        self._server = EmbeddedServer(app, listen, max_connections=MAX_CONNECTIONS)
        self.started = self._server.started

    @property
    def port(self) -> int:
        """The port in use; 0 before the start."""
        return self._server.port

    async def run(self) -> None:
        """Serve until cancelled. Raises ConfigError when the address cannot be used."""
        await self._server.run()

    async def _status(self, request: Request) -> Response:
        notification: str = request.path_params["notification"]
        form = await self._signed_form(request, status_url(self._public_url, notification))
        receipt = Receipt(
            notification=notification,
            provider_id=_field(form, "MessageSid"),
            state=state_of(_field(form, "MessageStatus")),
            code=form.get("ErrorCode", ""),
        )
        await until_durable("receipt", self._on_receipt(receipt))
        return Response(status_code=204)

    async def _inbound(self, request: Request) -> Response:
        form = await self._signed_form(request, inbound_url(self._public_url))
        message = InboundSms(
            provider_id=_field(form, "MessageSid"),
            number=_field(form, "From"),
            text=form.get("Body", ""),
        )
        await until_durable("inbound", self._on_inbound(message))
        return Response(_EMPTY_TWIML, media_type="text/xml")

    # --- calls ----------------------------------------------------------------------------------

    async def _call(self, request: Request) -> Response:
        """Take how a call goes: picked up, over, busy, nobody there."""
        notification: str = request.path_params["notification"]
        provider, form = await self._signed_call(request, call_url(self._public_url, notification))
        found = call_state_of(_field(form, "CallStatus"))
        receipt = Receipt(
            notification=notification,
            provider_id=_field(form, "CallSid"),
            state=found.state,
            code=found.code or form.get("ErrorCode", ""),
            stage=found.stage,
        )
        await until_durable("receipt", self._calls.on_receipt(receipt, provider))
        return Response(status_code=204)

    async def _voice(self, request: Request) -> Response:
        """Say the text and ask for a key, a few times over."""
        notification: str = request.path_params["notification"]
        said = _said(request)
        await self._signed_call(request, voice_url(self._public_url, notification, said))
        spoken = await self._text_of(notification)
        if spoken is None:
            return _markup(end(Prompt.OVER, Spoken("").language))
        if not spoken.asks:
            return _markup(news(spoken.text, spoken.language))
        return _markup(self._ask(notification, spoken, said, most=ROUNDS))

    async def _key(self, request: Request) -> Response:
        """Take a key, and say what it came to once that is durable."""
        notification: str = request.path_params["notification"]
        said = _said(request)
        _, form = await self._signed_call(request, key_url(self._public_url, notification, said))
        key = _field(form, "Digits")[:1]
        spoken = await self._text_of(notification) or Spoken("")
        if key == AGAIN:
            return _markup(self._ask(notification, spoken, said, most=MOST_ROUNDS))
        pressed = PressedKey(notification, _field(form, "CallSid"), key)
        came_to = await until_durable("key", self._calls.on_key(pressed))
        if came_to is Prompt.NOTHING and spoken.text:
            asked = self._ask(notification, spoken, said, most=MOST_ROUNDS, before=came_to)
            return _markup(asked)
        return _markup(end(came_to, spoken.language))

    def _ask(
        self,
        notification: str,
        spoken: Spoken,
        said: int,
        *,
        most: int,
        before: Prompt | None = None,
    ) -> str:
        said += 1
        again = voice_url(self._public_url, notification, said) if said < most else None
        urls = CallUrls(key_url(self._public_url, notification, said), again)
        return ask(spoken.text, spoken.language, urls, before=before)

    async def _text_of(self, notification: str) -> Spoken | None:
        return await until_durable("call", self._calls.text(notification))

    async def _signed_call(self, request: Request, expected: str) -> tuple[str, dict[str, str]]:
        """Return whose request about a call it is, and its fields, or answer 403, 413 or 415."""
        return await self._signed(request, expected, self._calls.tokens)

    async def _signed_form(self, request: Request, expected: str) -> dict[str, str]:
        """Return the form's fields, or answer 403, 413 or 415."""
        return (await self._signed(request, expected, {"": self._auth_token}))[1]

    async def _signed(
        self, request: Request, expected_url: str, tokens: Mapping[str, str]
    ) -> tuple[str, dict[str, str]]:
        if kind_of(request) != FORM:
            raise HTTPException(415, "Send a form.")
        fields = form_fields(await body_of(request))
        given = request.headers.get("x-twilio-signature", "")
        urls = self._public_urls(request, expected_url)
        for provider, token in tokens.items():
            if is_signed(token, urls, fields, given):
                return provider, dict(fields)
        _log.warning("webhook_signature_wrong", path=request.url.path.split("/")[2])
        raise HTTPException(403, "The signature does not fit the configured public address.")

    def _public_urls(self, request: Request, expected_url: str) -> tuple[str, ...]:
        """Return the addresses that Twilio may have signed, never taken from the Host header.

        The path as it arrived comes first. A proxy may have re-encoded it, so the address that we
        gave Twilio counts as well, with its fragment and without.
        """
        raw = request.scope.get("raw_path")
        path = raw.decode("latin-1") if raw else quote(request.url.path)
        query = request.scope.get("query_string", b"").decode("latin-1")
        arrived = self._public_url + path + ("?" + query if query else "")
        return (
            arrived,
            arrived + RETRY_FRAGMENT,
            expected_url,
            expected_url.removesuffix(RETRY_FRAGMENT),
        )


def _field(form: dict[str, str], name: str) -> str:
    value = form.get(name, "")
    if not value:
        raise HTTPException(400, f"The field {name} is missing.")
    return value


def _said(request: Request) -> int:
    """Return how often the text has been said in this call."""
    given = request.query_params.get(ROUND_FIELD, "0")
    return min(int(given), MOST_ROUNDS) if given.isdecimal() and len(given) < 4 else 0


def _markup(said: str) -> Response:
    return Response(said, media_type="text/xml")


async def _health(request: Request) -> Response:  # noqa: ARG001 - what a route must accept
    return PlainTextResponse("ok")
