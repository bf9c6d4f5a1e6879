"""What every answer says to the browser: what it may load, keep, and send on.

Pages show personal data: nothing is cached, framed, or loaded from anywhere else.
"""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

STATIC_PREFIX: Final = "/static/"

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; media-src 'self'; manifest-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not `no-referrer`: with it a browser sends `Origin: null` with our own forms, and without TLS
    # the origin is all that tells where a form comes from.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

STRICT_TRANSPORT: Final = "max-age=31536000"


def strict(*, secure: bool, cached: str = "no-store") -> dict[str, str]:
    """Return the headers of an answer.

    Args:
        secure: the site is reached by TLS only.
        cached: whether browsers may keep it.
    """
    transport = {"Strict-Transport-Security": STRICT_TRANSPORT} if secure else {}
    return {**HEADERS, "Cache-Control": cached, **transport}


class Headers:
    """Adds the headers to every answer.

    Args:
        app: what answers.
        secure: the site is reached by TLS only.
    """

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the headers added."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_static = scope["path"].startswith(STATIC_PREFIX)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                cached = "no-cache" if is_static else "no-store"
                for name, value in strict(secure=self._secure, cached=cached).items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)
