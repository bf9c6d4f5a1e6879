"""The console of a deployment as one part of a process: made, served, tried again when it fails.

Beside a daemon or alone; nothing that happens here ends whoever runs it. What is served is
`entries`, what listens `serving`.
"""

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import structlog
from starlette.applications import Starlette

from telecared.adapters.console_db import ConsoleDb, console_path
from telecared.adapters.entropy import salt
from telecared.adapters.sqlite import CommandDesk
from telecared.adapters.system_clock import monotonic_seconds, wall_now
from telecared.aside import place_of
from telecared.config.deployment import Deployment
from telecared.core.events import SITE, ConditionFound
from telecared.core.machinery import technical_key
from telecared.errors import StoreError, TelecaredError
from telecared.outside import Part
from telecared.serving import EmbeddedServer
from telecared.shard import Shard
from telecared.web.around import DeploymentAround
from telecared.web.console import Console, Settings, build_app
from telecared.web.entries import all_entries
from telecared.web.hub import Hub
from telecared.web.providing import provider_of
from telecared.web.routes import Entry

log = structlog.get_logger(__name__)

AGAIN_SECONDS: Final = 3.0
"""Pause before a console that could not be served is tried again."""

MAX_CONNECTIONS: Final = 1_000
"""Fifty consoles, of which each holds a stream and a handful of other connections open."""

DOWN: Final = "console-down"
"""The finding of the machinery while the daemon's own console cannot be served."""

Told = Callable[[bool], Awaitable[None]]
"""Is told that the console cannot be served (true), or that it is again."""


class Patience:
    """Lets pages wait for the engine, and wakes them all when the console stops."""

    def __init__(self) -> None:
        self._over = threading.Event()

    def sleep(self, seconds: float) -> None:
        """Wait, unless the console stops."""
        self._over.wait(seconds)

    def seconds(self) -> float:
        """Return a clock that only rises; it stands at the end of time once the console stops."""
        return float("inf") if self._over.is_set() else monotonic_seconds()

    def end(self) -> None:
        """Let nobody wait any longer."""
        self._over.set()


class ConsoleServer:
    """Serves a console until cancelled.

    Args:
        deployment: whose store, and where to listen.
        more: entries beside those of every console; the demo's phones.
        told: is told when it cannot be served, and when it is again; each of them once.

    Attributes:
        started: set once connections were accepted for the first time.
    """

    def __init__(
        self, deployment: Deployment, *, more: Sequence[Entry] = (), told: Told | None = None
    ) -> None:
        self._deployment = deployment
        self._more = tuple(more)
        self._told = told
        self._fails = False
        self._server: EmbeddedServer | None = None
        self.started = asyncio.Event()

    @property
    def port(self) -> int:
        """The port in use; 0 before the start."""
        return 0 if self._server is None else self._server.port

    async def run(self) -> None:
        """Serve until cancelled; whatever fails is logged, told, and tried again."""
        while True:
            try:
                await self._serve()
            except TelecaredError as error:
                await self._failed(str(error))
            except Exception as error:  # noqa: BLE001 - alarms go on whatever a page does
                await self._failed(place_of(error))
            await asyncio.sleep(AGAIN_SECONDS)

    async def _serve(self) -> None:
        """Serve once. Raises ConfigError, StoreError: it cannot be."""
        patience = Patience()
        accounts = await asyncio.to_thread(_accounts, self._deployment)
        try:
            console = await asyncio.to_thread(
                open_console, self._deployment, accounts, patience, self._more
            )
            await self._listen(build_app(console), patience, console.hub)
        finally:
            patience.end()
            accounts.close()

    async def _listen(self, app: Starlette, patience: Patience, hub: Hub) -> None:
        server = EmbeddedServer(
            app, self._deployment.console.listen, max_connections=MAX_CONNECTIONS
        )
        self._server = server
        serving = asyncio.create_task(server.run(), name="console-server")
        ready = asyncio.create_task(server.started.wait())
        try:
            await asyncio.wait({serving, ready}, return_when=asyncio.FIRST_COMPLETED)
            if not serving.done():
                await self._well(server.port)
            await asyncio.shield(serving)
        finally:
            # Whoever waits for the engine, and every stream, is let go first, so that the server
            # stops at once.
            patience.end()
            hub.close()
            ready.cancel()
            serving.cancel()
            await asyncio.wait({serving})

    async def _well(self, port: int) -> None:
        self.started.set()
        log.info("console.ready", port=port)
        self._fails = False
        await self._tell(fails=False)

    async def _failed(self, why: str) -> None:
        """Say once that it fails; it is tried again without a word."""
        if self._fails:
            return
        self._fails = True
        log.error("console.failed", reason=why)
        await self._tell(fails=True)

    async def _tell(self, *, fails: bool) -> None:
        if self._told is not None:
            with contextlib.suppress(TelecaredError):  # the engine's own trouble is told by itself
                await self._told(fails)


def open_console(
    deployment: Deployment, accounts: ConsoleDb, patience: Patience, more: Sequence[Entry] = ()
) -> Console:
    """Return the console of a deployment.

    Raises:
        StoreError: there is no store yet, or it cannot be used.
    """
    store = deployment.store_path
    told = deployment.console
    console = Console(
        store,
        desk=CommandDesk(store, sleep=patience.sleep, seconds=patience.seconds),
        accounts=accounts,
        wall=wall_now,
        settings=Settings(
            public_url=told.public_url,
            link_expires=told.link_expires,
            idle=told.idle,
            proxies=told.proxies,
            sms_price=told.sms_price,
            currency=told.currency,
        ),
        entries=(*all_entries(), *more),
        provider=provider_of(deployment),
    )
    console.around = DeploymentAround(deployment, console.registry)
    return console


def _accounts(deployment: Deployment) -> ConsoleDb:
    """Return the accounts beside a store. Raises StoreError."""
    store = deployment.store_path
    if not store.exists():
        # Never the first to make a file: the console must not found a site of its own by mistake.
        raise StoreError(
            f"{store} does not exist; start `telecared run`, or name another store in store.url"
        )
    told = deployment.console
    return ConsoleDb(console_path(store), chance=salt, idle=told.idle, session=told.session)


def console_parts(deployment: Deployment, shard: Shard) -> list[Part]:
    """Return the console as a task of a daemon; none where the deployment says so."""
    if not deployment.console.with_daemon:
        return []
    return [("console", console_beside(deployment, shard).run)]


def console_beside(
    deployment: Deployment, shard: Shard, more: Sequence[Entry] = ()
) -> ConsoleServer:
    """Return the console of a daemon, which hears when it cannot be served."""

    async def told(fails: bool) -> None:
        site = shard.engine.homes.states[SITE]
        key = technical_key(DOWN, "")
        if fails or key in site.findings or key in site.pending:
            await shard.engine.tell(ConditionFound(input=0, at=0, name=DOWN, over=not fails))

    return ConsoleServer(deployment, more=more, told=told)
