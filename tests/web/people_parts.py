"""A console without an engine: its accounts, its guard and its pages, asked without a socket."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

import httpx
import jinja2
from starlette.responses import JSONResponse
from starlette.types import ASGIApp

from telecared.accounts_port import Draft, IdentityProvider
from telecared.adapters.console_db import ConsoleDb, console_path
from telecared.adapters.entropy import salt
from telecared.adapters.sqlite import CommandDesk, SqliteStore
from telecared.core.operators import Role
from telecared.web.console import Console, Settings, build_app
from telecared.web.entries import all_entries
from telecared.web.pages import Pages
from telecared.web.routes import Entry, Kind
from tests.adapters.console_db_parts import CHEAP, NOW, PASSWORD

BASE = "https://console.test"
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
NAMES = {
    Role.OPERATOR: "Olive Operator",
    Role.SUPERVISOR: "Sue Supervisor",
    Role.ADMINISTRATOR: "Ada Administrator",
    Role.INSTALLER: "Ines Installer",
    Role.AUDITOR: "Aud Auditor",
}
IDS = {name: number for number, name in enumerate(NAMES.values(), 1)}


ASKED = Entry(
    path="/asked",
    name="asked",
    endpoint=lambda visit: JSONResponse({"by": visit.operator.name}),
    kind=Kind.API,
)
"""Something of the API that asks for nothing but a token."""


class Browser:
    """A browser without scripts: it keeps cookies, follows nothing, and opens no socket."""

    def __init__(self, runner: asyncio.Runner, app: ASGIApp, base: str, address: str) -> None:
        self._runner = runner
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app, client=(address, 50_000)),
            base_url=base,
            headers=SAME_SITE,
        )

    @property
    def cookies(self) -> httpx.Cookies:
        """What it keeps."""
        return self._client.cookies

    @property
    def headers(self) -> httpx.Headers:
        """What it sends with every request."""
        return self._client.headers

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401 - as httpx takes them
        """Ask for something."""
        return self._runner.run(self._client.request(method, path, **more))

    def get(self, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401 - as httpx takes them
        """Ask for a page."""
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401 - as httpx takes them
        """Send a form."""
        return self.request("POST", path, **more)


def _paths(store: Path) -> tuple[Path, Path]:
    return store, console_path(store)


@cache
def _founded() -> tuple[bytes, bytes]:
    """An empty store and the accounts of one operator of each role, made once."""
    with TemporaryDirectory() as name:
        store = Path(name) / "telecared.db"

        async def made() -> None:
            await SqliteStore(store, salt=salt, ballast_bytes=0).close()

        asyncio.run(made())
        accounts = ConsoleDb(console_path(store), chance=salt, hasher=CHEAP)
        for role, operator in NAMES.items():
            draft = Draft(name=operator, role=role)
            accounts.add(draft, PASSWORD, must_change=False, by=None, now=NOW)
        accounts.close()
        first, second = (path.read_bytes() for path in _paths(store))
        return first, second


@cache
def _templates() -> jinja2.Environment:
    """Templates that are compiled once for all sites."""
    return Pages(title="", secure=True)._templates


class Site:
    """A console that is served to test clients; time stands until it is moved."""

    def __init__(
        self,
        folder: Path,
        *,
        public_url: str | None = BASE,
        provider: IdentityProvider | None = None,
        proxies: tuple[str, ...] = (),
    ) -> None:
        self.store = folder / "telecared.db"
        if not self.store.exists():
            for path, content in zip(_paths(self.store), _founded(), strict=True):
                path.write_bytes(content)
        self.now = NOW
        self.accounts = ConsoleDb(console_path(self.store), chance=salt, hasher=CHEAP)
        self.console = Console(
            self.store,
            desk=CommandDesk(self.store, sleep=time.sleep, seconds=time.monotonic),
            accounts=self.accounts,
            wall=lambda: self.now,
            settings=Settings(public_url=public_url, title="Riverside Centre", proxies=proxies),
            entries=(*all_entries(), ASKED),
            provider=provider,
        )
        self.console.pages._templates = _templates()
        self.app = build_app(self.console)
        self._runner = asyncio.Runner()

    def client(self, *, address: str = "192.0.2.10", base: str = BASE) -> Browser:
        """A browser that nobody has used."""
        return Browser(self._runner, self.app, base, address)

    def close(self) -> None:
        """Stop."""
        self.accounts.close()
        self._runner.close()

    def signed_in(self, name: str, *, base: str = BASE) -> Browser:
        """A browser in which somebody has signed in beside the pages."""
        client = self.client(base=base)
        tried = self.accounts.sign_in(
            name, PASSWORD, address="192.0.2.10", browser="", now=self.now
        )
        client.cookies.set(self.console.session_cookie, tried.token)
        return client

    def csrf(self, client: Browser) -> str:
        """What the forms of a browser's session carry."""
        token = client.cookies[self.console.session_cookie]
        visitor = self.accounts.visitor(token, self.now, acts=False)
        assert visitor is not None
        return visitor.csrf


@contextmanager
def opened(folder: Path, **kinds: object) -> Iterator[Site]:
    """A site that is closed in the end."""
    site = Site(folder, **kinds)  # type: ignore[arg-type]
    yield site
    site.close()


def enter(
    client: Browser, name: str = "Olive Operator", password: str = PASSWORD, **more: str
) -> int:
    """Type a name and a password into the form; return the status of the answer."""
    return client.post("/sign-in", data={"name": name, "password": password, **more}).status_code


def send(site: Site, client: Browser, path: str, **fields: str | list[str]) -> tuple[int, str]:
    """Send a form of a session; return the answer's status and its text, or where it leads."""
    body = urlencode({"csrf": site.csrf(client), **fields}, doseq=True)
    answer = client.post(
        path, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    return answer.status_code, answer.headers.get("location") or answer.text
