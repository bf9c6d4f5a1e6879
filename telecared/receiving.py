"""Taking requests from outside: bounded bodies, forms as sent, and answers only when it is stored.

Shared by whoever listens to a provider. Who may say what, and what it means, is theirs.
"""

import asyncio
from collections.abc import Awaitable
from typing import Final, TypeVar
from urllib.parse import parse_qsl

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

FORM: Final = "application/x-www-form-urlencoded"

BODY_LIMIT: Final = 64 * 1024
"""Bytes. An SMS callback has less than 4 KiB; ten parts of text in the widest encoding fit."""

FIELD_LIMIT: Final = 200
"""Form fields. Twilio sends about thirty."""

BODY_SECONDS: Final = 5.0
"""A sender slower than this is cut off."""

HANDLER_SECONDS: Final = 10.0
"""Shorter than Twilio's own fifteen, so that it hears 503 from us and not nothing."""

_log = structlog.get_logger(__name__)

T = TypeVar("T")


def kind_of(request: Request) -> str:
    """Return the content type of a request's body, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def form_fields(body: bytes) -> list[tuple[str, str]]:
    """Return the fields exactly as sent: blanks, newlines and empty values are signed as well."""
    try:
        text = body.decode("utf-8")
        return parse_qsl(text, keep_blank_values=True, max_num_fields=FIELD_LIMIT)
    except ValueError:
        raise HTTPException(400, "The form cannot be read.") from None


async def body_of(request: Request) -> bytes:
    """Return a request's body, or answer 400, 408 or 413."""
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


async def until_durable(what: str, handing_over: Awaitable[T]) -> T:
    """Wait until it is stored; otherwise answer 503, so that the provider comes again."""
    try:
        async with asyncio.timeout(HANDLER_SECONDS):
            return await handing_over
    except Exception as failure:  # noqa: BLE001 - whatever went wrong, the provider must come again
        # Only the kind: a message could quote what was being stored.
        _log.error("webhook_not_stored", what=what, error=type(failure).__name__)
        raise HTTPException(503, "Not stored yet; send it again.") from None
