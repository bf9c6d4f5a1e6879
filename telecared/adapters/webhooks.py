"""Where Twilio reports: delivery receipts and messages that people send to us.

A listener of its own, so that the console need not be public. It checks the signature against the
configured public address, passes on what it was told, and answers only once that is durable.
Repeats and disorder are passed on as they come.
"""

import asyncio
from collections.abc import Awaitable
from typing import Final
from urllib.parse import parse_qsl, quote

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from telecared.ports import InboundHandler, InboundSms, Receipt, ReceiptHandler
from telecared.serving import EmbeddedServer
from telecared.twilio_wire import (
    INBOUND_PATH,
    RETRY_FRAGMENT,
    STATUS_PATH,
    inbound_url,
    is_signed,
    state_of,
    status_url,
)

BODY_LIMIT: Final = 64 * 1024
"""Bytes. An SMS callback has less than 4 KiB; ten parts of text in the widest encoding fit."""

FIELD_LIMIT: Final = 200
"""Form fields. Twilio sends about thirty."""

BODY_SECONDS: Final = 5.0
"""A sender slower than this is cut off."""

HANDLER_SECONDS: Final = 10.0
"""Shorter than Twilio's own fifteen, so that it hears 503 from us and not nothing."""

MAX_CONNECTIONS: Final = 64

_FORM: Final = "application/x-www-form-urlencoded"
_EMPTY_TWIML: Final = '<?xml version="1.0" encoding="UTF-8"?><Response/>'

_log = structlog.get_logger(__name__)


class WebhookListener:
    """Listens for Twilio's callbacks.

    Args:
        listen: `host:port` to bind; port 0 takes a free one.
        public_url: how Twilio reaches this listener, for example behind a proxy that ends TLS.
            The proxy forwards its paths below `/twilio/` unchanged.
        auth_token: what Twilio signs with.
        on_receipt: awaited until the receipt is durable.
        on_inbound: awaited until the message is durable.

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
    ) -> None:
        self._public_url = public_url.rstrip("/")
        self._auth_token = auth_token
        self._on_receipt = on_receipt
        self._on_inbound = on_inbound
        app = Starlette(
            routes=[
                Route(STATUS_PATH + "{notification:path}", self._status, methods=["POST"]),
                Route(INBOUND_PATH, self._inbound, methods=["POST"]),
                Route("/healthz", _health, methods=["GET"]),
            ]
        )
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
        await _until_durable("receipt", self._on_receipt(receipt))
        return Response(status_code=204)

    async def _inbound(self, request: Request) -> Response:
        form = await self._signed_form(request, inbound_url(self._public_url))
        message = InboundSms(
            provider_id=_field(form, "MessageSid"),
            number=_field(form, "From"),
            text=form.get("Body", ""),
        )
        await _until_durable("inbound", self._on_inbound(message))
        return Response(_EMPTY_TWIML, media_type="text/xml")

    async def _signed_form(self, request: Request, expected_url: str) -> dict[str, str]:
        """Return the form's fields, or answer 403, 413 or 415."""
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
            raise HTTPException(415, "Send a form.")
        fields = _parse(await _body(request))
        given = request.headers.get("x-twilio-signature", "")
        if not is_signed(self._auth_token, self._public_urls(request, expected_url), fields, given):
            _log.warning("webhook_signature_wrong", path=request.url.path.split("/")[2])
            raise HTTPException(403, "The signature does not fit the configured public address.")
        return dict(fields)

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


def _parse(body: bytes) -> list[tuple[str, str]]:
    """Return the fields exactly as sent: blanks, newlines and empty values are signed as well."""
    try:
        text = body.decode("utf-8")
        return parse_qsl(text, keep_blank_values=True, max_num_fields=FIELD_LIMIT)
    except ValueError:
        raise HTTPException(400, "The form cannot be read.") from None


async def _body(request: Request) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > BODY_LIMIT:
                    raise HTTPException(413, f"The body is longer than {BODY_LIMIT} bytes.")
    except TimeoutError:
        raise HTTPException(408, "The body took too long.") from None
    except ClientDisconnect:
        raise HTTPException(400, "The body is incomplete.") from None
    return bytes(body)


def _field(form: dict[str, str], name: str) -> str:
    value = form.get(name, "")
    if not value:
        raise HTTPException(400, f"The field {name} is missing.")
    return value


async def _until_durable(what: str, handing_over: Awaitable[None]) -> None:
    """Wait until it is stored; otherwise answer 503, so that the provider comes again."""
    try:
        async with asyncio.timeout(HANDLER_SECONDS):
            await handing_over
    except Exception as failure:  # noqa: BLE001 - whatever went wrong, the provider must come again
        # Only the kind: a message could quote what was being stored.
        _log.error("webhook_not_stored", what=what, error=type(failure).__name__)
        raise HTTPException(503, "Not stored yet; send it again.") from None


async def _health(request: Request) -> Response:  # noqa: ARG001 - what a route must accept
    return PlainTextResponse("ok")
