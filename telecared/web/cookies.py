"""The cookies of signing in, and where a browser goes after it: set, taken away, never to others.

What a cookie stands for is the accounts'. None of them can be read by a script.
"""

from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import Response

from telecared.core.sign_in import CODE_TIME, KNOWN_BROWSER
from telecared.core.vocabulary import SECOND, Duration

if TYPE_CHECKING:
    from telecared.web.console import Console

SECURE_PREFIX: Final = "__Host-"
"""A browser takes a cookie of such a name only over TLS, from this very host."""

BROWSER: Final = "tc-browser"
HALF: Final = "tc-half"
PROVIDER: Final = "tc-provider"
FOUND_BY: Final = "tc-found-by"
"""By what homes were looked for last: names and numbers, which stand in no address."""

LONGEST_PATH: Final = 500
FORWARDED: Final = "x-forwarded-for"


def read(console: "Console", request: Request, name: str) -> str:
    """Return the value of a cookie, "" where there is none."""
    return request.cookies.get(_name(console, name), "")


def write(console: "Console", answer: Response, name: str, value: str, lasts: Duration) -> None:
    """Have a browser keep a cookie."""
    answer.set_cookie(
        _name(console, name),
        value,
        max_age=lasts // SECOND,
        path="/",
        httponly=True,
        samesite="lax",
        secure=console.settings.is_secure,
    )


def drop(console: "Console", answer: Response, name: str) -> None:
    """Have a browser forget a cookie."""
    answer.delete_cookie(
        _name(console, name),
        path="/",
        httponly=True,
        samesite="lax",
        secure=console.settings.is_secure,
    )


def begin_session(
    console: "Console", answer: Response, token: str, browser: str, lasts: Duration
) -> None:
    """Have a browser keep its session, and that it is known; what led there is forgotten."""
    write(console, answer, console.session_cookie, token, lasts)
    if browser:
        write(console, answer, BROWSER, browser, KNOWN_BROWSER)
    for name in (HALF, PROVIDER, FOUND_BY):
        drop(console, answer, name)


def begin_half(console: "Console", answer: Response, token: str) -> None:
    """Have a browser keep what stands between the password and the code."""
    write(console, answer, HALF, token, CODE_TIME)


def _name(console: "Console", name: str) -> str:
    if name.startswith(SECURE_PREFIX) or not console.settings.is_secure:
        return name
    return SECURE_PREFIX + name


def address_of(console: "Console", request: Request) -> str:
    """Return the address of whoever asks; a proxy of ours is believed about who is behind it."""
    peer = "" if request.client is None else request.client.host
    if peer in console.settings.proxies:
        # Some add a line of their own below the one that the browser may have sent.
        told = ",".join(request.headers.getlist(FORWARDED)).rpartition(",")[2].strip()
        return _without_port(told[:LONGEST_PATH]) or peer
    return peer


def _without_port(told: str) -> str:
    """Return an address as a proxy tells it: with a port, everybody would be new each time."""
    if told.startswith("["):
        return told[1:].partition("]")[0]
    host, _, port = told.rpartition(":")
    return host if port.isdecimal() and ":" not in host else told


def own_path(text: str) -> str:
    """Return where to go next: a path of ours, `/` where something else was written."""
    is_path = text.startswith("/") and not text.startswith("//") and "\\" not in text
    return text if is_path and len(text) <= LONGEST_PATH and text.isprintable() else "/"
