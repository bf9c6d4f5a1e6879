"""Where a provider over plain HTTP reports by itself: receipts, and messages that people send.

The address that was entered at the provider holds a secret; who does not know it hears 404. What
stands where in a request is configured. Repeats and disorder are passed on as they come.
"""

import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from telecared.core.vocabulary import NotificationState
from telecared.http_fields import at_path, plain_code
from telecared.ports import InboundHandler, InboundSms, Receipt, ReceiptHandler
from telecared.receiving import FORM, body_of, form_fields, kind_of, until_durable

MAX_ID_CHARS: Final = 200
MAX_TEXT_CHARS: Final = 5_000
MAX_AT_ONCE: Final = 100
"""Receipts or messages of one request."""

_NOT_IN_A_NUMBER: Final = re.compile(r"[\s().-]")

_log = structlog.get_logger(__name__)


class InboundFields(NamedTuple):
    """Paths of the parts of a message that somebody sent."""

    number: str
    text: str
    id: str


class HttpCallback(msgspec.Struct, frozen=True, kw_only=True):
    """How one provider reports, with its secret resolved. Never shown by `repr`.

    Attributes:
        name: of the provider.
        secret: the level of the address that proves who asks.
        id_field, status_field, code_field: paths in a receipt; no code where it is None.
        words: the provider's words in lower case -> our states; empty where it sends no receipts.
        inbound: paths in a message that somebody sent; None where it passes none on.
    """

    name: str
    secret: str
    id_field: str
    status_field: str
    code_field: str | None = None
    words: Mapping[str, NotificationState] = {}
    inbound: InboundFields | None = None

    def __repr__(self) -> str:
        return f"HttpCallback({self.name})"


class HttpCallbacks:
    """Takes what one provider reports.

    Args:
        told: how it does.
        on_receipt: awaited until the receipt is durable.
        on_inbound: awaited until the message is durable.
    """

    def __init__(
        self, told: HttpCallback, on_receipt: ReceiptHandler, on_inbound: InboundHandler
    ) -> None:
        self._told = told
        self._on_receipt = on_receipt
        self._on_inbound = on_inbound

    def routes(self) -> list[Route]:
        """Return what is listened to."""
        below = f"/sms/{self._told.name}/{{secret}}"
        methods = ["GET", "POST"]  # old boxes put everything into the address
        found = []
        if self._told.words:
            found.append(Route(below + "/status", self._status, methods=methods))
        if self._told.inbound is not None:
            found.append(Route(below + "/inbound", self._inbound, methods=methods))
        return found

    async def _status(self, request: Request) -> Response:
        for said in await self._said(request):
            code = self._told.code_field
            word = _field(said, self._told.status_field, MAX_ID_CHARS).lower()
            receipt = Receipt(
                notification="",
                provider_id=_field(said, self._told.id_field, MAX_ID_CHARS),
                state=self._told.words.get(word, NotificationState.SENT),
                code=plain_code(at_path(said, code)) if code else "",
            )
            await until_durable("receipt", self._on_receipt(receipt))
        return Response(status_code=204)

    async def _inbound(self, request: Request) -> Response:
        fields = self._told.inbound
        assert fields is not None  # there is no route without
        for said in await self._said(request):
            message = InboundSms(
                # Other providers count from 1 as well.
                provider_id=f"{self._told.name}:{_field(said, fields.id, MAX_ID_CHARS)}",
                number=phone_number(_field(said, fields.number, MAX_ID_CHARS)),
                text=(at_path(said, fields.text) or "")[:MAX_TEXT_CHARS],
            )
            await until_durable("inbound", self._on_inbound(message))
        return Response(status_code=204)

    async def _said(self, request: Request) -> Sequence[Any]:
        """Return what a request tells, one after another, or answer 400, 404 or 413."""
        given: str = request.path_params["secret"]
        if not hmac.compare_digest(given.encode(), self._told.secret.encode()):
            _log.warning("callback_secret_wrong", provider=self._told.name)
            raise HTTPException(404)
        if request.method == "GET":
            return [dict(request.query_params)]
        body = await body_of(request)
        if kind_of(request) == FORM:
            return [dict(form_fields(body))]
        told = list(_each(body))
        if len(told) > MAX_AT_ONCE:
            raise HTTPException(413, f"At most {MAX_AT_ONCE} at once.")
        return told


def _each(body: bytes) -> Iterator[Any]:
    """Yield the objects of a JSON body: one, or a list of them."""
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise HTTPException(400, "Send a form or JSON.") from None
    yield from told if isinstance(told, list) else [told]


def _field(said: Any, path: str, most: int) -> str:  # noqa: ANN401 - what JSON can say
    value = at_path(said, path)
    if not value or len(value) > most:
        raise HTTPException(400, f"The field {path} is missing or too long.")
    return value


def phone_number(told: str) -> str:
    """Return a number as contacts have it: many providers leave out the + or write 00."""
    plain = _NOT_IN_A_NUMBER.sub("", told)
    if plain.startswith("00") and plain.isdecimal():
        return "+" + plain[2:]
    if plain.isdecimal() and not plain.startswith("0") and len(plain) > 7:  # shorter: a short code
        return "+" + plain
    return plain
