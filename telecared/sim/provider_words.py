"""How the fake provider answers: errors, pages of a list, a connection that breaks.

Shared by its messages and its calls. What it knows is `phone_network`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

DEFAULT_PAGE_SIZE: Final = 50
MOST_PAGE_SIZE: Final = 1000


def error(status: int, code: int, message: str) -> Response:
    """Refuse a request as Twilio does, the number in its words included."""
    return JSONResponse(
        {
            "code": code,
            "message": message,
            "more_info": f"https://www.twilio.com/docs/errors/{code}",
            "status": status,
        },
        status_code=status,
    )


def page(
    name: str, wanted: Sequence[Mapping[str, Any]], query: Mapping[str, str], path: str
) -> Response:
    """Return one page of a list; `name` is the key under which its entries stand."""
    size = min(int(query.get("PageSize", DEFAULT_PAGE_SIZE)), MOST_PAGE_SIZE)
    number = int(query.get("Page", 0))
    shown = wanted[number * size : (number + 1) * size]
    following = urlencode({**query, "Page": number + 1, "PageSize": size})
    more = len(wanted) > (number + 1) * size
    return JSONResponse(
        {
            name: list(shown),
            "page": number,
            "page_size": size,
            "start": number * size,
            "end": number * size + len(shown),
            "uri": path,
            "first_page_uri": f"{path}?PageSize={size}&Page=0",
            "previous_page_uri": None,
            "next_page_uri": f"{path}?{following}" if more else None,
        }
    )


class CutResponse(Response):
    """Begins an answer and breaks the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer half, and no more."""
        headers = [(b"content-type", b"application/json"), (b"content-length", b"400")]
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"sid":', "more_body": True})
