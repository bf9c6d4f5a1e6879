"""The route table: what is served where, what it asks of whoever comes, and which reads it logs.

Everything that guards a page is said here, so that tests can be made of the table. Endpoints are
the views'.
"""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from telecared.core.operators import Act

if TYPE_CHECKING:
    from telecared.web.console import Console
    from telecared.web.visit import Visit

Page = Callable[["Visit"], Response]
"""Answers one request, in a worker thread: it may read files and wait."""

Stream = Callable[["Visit", Request], Awaitable[Response]]
"""Answers one request on the event loop: for streams that stay open. It must not block."""

Open = Callable[["Console", Request], Awaitable[Response]]
"""Answers whoever comes, signed in or not, on the event loop; it guards itself."""


class Kind(StrEnum):
    """Who may come, and what the answer is.

    `page` asks for a session and answers with a page; `api` asks for a token and answers with
    JSON; `stream` asks for a session and stays open; `open` guards itself.
    """

    PAGE = "page"
    API = "api"
    STREAM = "stream"
    OPEN = "open"


UNSAFE: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
"""Methods that change something: they ask for proof that the form is ours."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One route.

    Attributes:
        path: as starlette writes it. `{home:path}` is a home, `@scheme/ID` or `@site`, and
            `{scheme}` a scheme: the guard lets through only whoever may see it.
        name: unique; other pages link to it.
        act: what whoever comes must be allowed.
        reads: which personal data the answer shows, in words without the data itself; the guard
            makes durable that it is read before the answer leaves. "" for none.
        locked: also served while the session is locked, and before a password must be changed.
    """

    path: str
    name: str
    endpoint: Page | Stream | Open
    act: Act = Act.SEE_ALERTS
    methods: tuple[str, ...] = ("GET",)
    kind: Kind = Kind.PAGE
    reads: str = ""
    locked: bool = False
