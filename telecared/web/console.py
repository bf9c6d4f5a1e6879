"""The console put together: what its pages share, and the application that serves them.

Reads are read-only, changes are command rows: no page touches the engine. What a page shows is
its view's, who may see it the guard's.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec
import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from telecared.accounts_port import IdentityProvider, People
from telecared.adapters.sqlite import CommandDesk
from telecared.adapters.sqlite.console_feed import ConsoleFeed
from telecared.aside import place_of
from telecared.core.vocabulary import DAY, MINUTE, SECOND, Duration, Instant
from telecared.pulse_file import age_of, now_of, path_of, read_pulse
from telecared.web.guard import SECURE_SESSION_COOKIE, SESSION_COOKIE, guarded
from telecared.web.headers import Headers, strict
from telecared.web.home_texts import Around, around_plan
from telecared.web.hub import Hub
from telecared.web.open_alerts import OpenAlerts
from telecared.web.pages import Pages
from telecared.web.pulses import SILENT_AFTER, EnginePulse
from telecared.web.registry import Registry
from telecared.web.routes import Entry
from telecared.web.today import Today
from telecared.web.trials import Trials
from telecared.web.tries import Tries

log = structlog.get_logger(__name__)

STATIC: Final = Path(__file__).parent / "static"

CLOCKS_APART: Final[Duration] = 2 * SECOND
"""A daemon's pulse from further in the future than this comes from another clock."""

MISSED_LINKS: Final = 30
"""Links that open nothing, from one address in a minute; a whole estate may stand behind one."""

USED_LINKS: Final = 60
"""How often one link is opened or used in a minute."""

API_USES: Final = 600
"""Requests of one token in a minute."""

COMPRESSED_FROM: Final = 1_000
"""Bytes from which an answer is compressed."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How the console is set up.

    Attributes:
        public_url: how people reach it from outside, None where they do not; with https, cookies
            go over TLS only.
        title: what it is called in the head of every page.
        link_expires: how long a link in an SMS opens its alert.
        sms_price: of one SMS, None where nobody has said; in `currency`.
        idle: after so long without a hand on it a session is locked.
        proxies: addresses of servers in front of it, whose word for who comes is believed.
    """

    public_url: str | None = None
    title: str = "telecared"
    link_expires: Duration = DAY
    idle: Duration = 15 * MINUTE
    proxies: tuple[str, ...] = ()
    sms_price: float | None = None
    currency: str = "GBP"

    @property
    def is_secure(self) -> bool:
        """Whether it is reached by TLS only."""
        return self.public_url is not None and self.public_url.startswith("https:")


class Console:
    """What the pages share.

    Args:
        store: the database; it must exist and be of this version.
        desk: takes commands and the log of reads.
        accounts: who may sign in.
        wall: wall time.
        entries: what is served.
        provider: an identity provider, where there is one.

    Attributes:
        names: of the entries.
        open_alerts: the queue of the whole site; hub: tells it to open streams.
        trials: changes of homes' values that are tried on the past.
        today: how well the centre has answered since midnight.
        around: what homes that somebody writes may refer to; what the plan tells, unless whoever
            made it knows better.

    Raises:
        StoreError: the database cannot be used.
    """

    def __init__(
        self,
        store: Path,
        *,
        desk: CommandDesk,
        accounts: People,
        wall: Callable[[], Instant],
        settings: Settings,
        entries: Sequence[Entry],
        provider: IdentityProvider | None = None,
    ) -> None:
        self.store_path = store
        self.desk = desk
        self.accounts = accounts
        self.provider = provider
        self.wall = wall
        self.settings = settings
        self.entries = tuple(entries)
        self.names = frozenset(entry.name for entry in entries)
        self.registry = Registry(store)
        self.trials = Trials(wall)
        self.around: Callable[[], Around] = lambda: around_plan(self.registry.plan())
        self.pages = Pages(title=settings.title, secure=settings.is_secure)
        self.open_alerts = OpenAlerts(ConsoleFeed(store), self.registry, epoch=f"{wall():x}")
        self.today = Today(store, self.registry)
        self.hub = Hub(self)
        self.missed_links = Tries(MISSED_LINKS, wall)
        self.used_links = Tries(USED_LINKS, wall)
        self.api_uses = Tries(API_USES, wall)
        self.session_cookie = SECURE_SESSION_COOKIE if settings.is_secure else SESSION_COOKIE

    def pulse(self) -> EnginePulse:
        """Return how the engine stands, and engine time."""
        wall = self.wall()
        facts = read_pulse(path_of(self.store_path))
        if facts is None:
            return EnginePulse(engine_now=wall, wall=wall)
        age = age_of(facts, wall)
        return EnginePulse(
            engine_now=now_of(facts, wall),
            wall=wall,
            runs=age <= SILENT_AFTER,
            speed=facts.speed,
            stuck=facts.beat == "stuck",
            linked=facts.linked,
            held=facts.held,
            full=facts.full,
            clock_off=age if age < -CLOCKS_APART else 0,
        )


def build_app(console: Console) -> Starlette:
    """Return the application that serves the console."""
    routes = [
        Route(entry.path, guarded(console, entry), methods=list(entry.methods), name=entry.name)
        for entry in console.entries
    ]

    async def not_there(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        headers = error.headers if isinstance(error, HTTPException) else None
        what = "There is nothing here." if status == 404 else "This cannot be asked here like that."
        if request.url.path.startswith("/api/"):
            return JSONResponse({"error": what, "problems": {}}, status, headers)
        page = console.pages.render_open("error.html", status=status, what=what, problems={})
        return HTMLResponse(page, status_code=status, headers=headers)

    async def broken(request: Request, error: Exception) -> Response:
        log.error("console.defect", error=place_of(error))
        what = "This page could not be made: it is on record, and alarms go on."
        if request.url.path.startswith("/api/"):
            return JSONResponse({"error": what, "problems": {}}, 500, strict(secure=secure))
        page = console.pages.render_open("error.html", status=500, what=what, problems={})
        # Answered outside of all middleware, which adds them to everything else.
        return HTMLResponse(page, status_code=500, headers=strict(secure=secure))

    secure = console.settings.is_secure
    return Starlette(
        routes=[*routes, Mount("/static", StaticFiles(directory=STATIC), name="static")],
        middleware=[
            Middleware(Headers, secure=secure),
            Middleware(GZipMiddleware, minimum_size=COMPRESSED_FROM),
        ],
        exception_handlers={404: not_there, 405: not_there, 500: broken},
    )
