"""One HTTP server inside our own event loop: quick to stop, quiet, and without signal handlers.

For every part that listens (webhooks, console, fake phones). What is served is not known here.
"""

import asyncio
import contextlib
import resource
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Final, Protocol

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from telecared.errors import ConfigError

GRACE_SECONDS: Final = 1
"""How long requests under way may take when the server stops."""

CLOSE_SECONDS: Final = 2.0
"""After this long a server that was told to stop is cut off."""

BACKLOG: Final = 128
"""Connections that may wait to be accepted."""

MAX_CONNECTIONS: Final = 256
"""More connections than this at once are closed unread."""

ASKING_SECONDS: Final = 60.0
"""How long somebody may take to say what they want: a file of homes over a slow line."""

OPEN_FILES: Final = 8_192
"""Files and connections a process may have open, where the system lets it have so many."""

KEEP_ALIVE_SECONDS: Final = 5
TICK_SECONDS: Final = 1.0
HIGHEST_PORT: Final = 65_535


class Service(Protocol):
    """Something that runs until it is cancelled and says when it is ready."""

    started: asyncio.Event

    async def run(self) -> None:
        """Serve until cancelled."""
        ...


@contextlib.asynccontextmanager
async def running(service: Service) -> AsyncIterator[None]:
    """Run `service` in the background while the block runs; raises what kept it from starting."""
    task = asyncio.create_task(service.run())
    ready = asyncio.create_task(service.started.wait())
    try:
        await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        yield
    finally:
        ready.cancel()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


class EmbeddedServer:
    """Serves one ASGI application.

    Args:
        app: what is served.
        listen: `host:port`; port 0 takes a free one. `[::1]:port` for IPv6.
        max_connections: more at once are closed unread: what else the process must reach, such as
            whoever sends its messages, needs connections, too.

    Attributes:
        started: set once connections are accepted.
    """

    def __init__(
        self, app: ASGIApp, listen: str, *, max_connections: int = MAX_CONNECTIONS
    ) -> None:
        self._app = app
        self._listen = listen
        self._max_connections = max_connections
        self._port = 0
        self.started = asyncio.Event()

    @property
    def port(self) -> int:
        """The port in use; 0 before the start."""
        return self._port

    async def run(self) -> None:
        """Serve until cancelled. Raises ConfigError when the address cannot be used."""
        _make_room()
        listener = _bind(self._listen)
        self._port = listener.getsockname()[1]
        server = _Server(self._config(), self.started)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            # Shielded: a cancelled uvicorn leaves its connections open and prints a traceback.
            await asyncio.shield(serving)
        finally:
            server.stop()
            try:
                await asyncio.wait({serving}, timeout=CLOSE_SECONDS)
            finally:
                serving.cancel()
                listener.close()

    def _config(self) -> uvicorn.Config:
        return uvicorn.Config(
            self._app,
            http=_Patient,
            ws="none",
            lifespan="off",
            interface="asgi3",
            # Its tracebacks may quote requests, which are personal data; ours do not.
            log_config=None,
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            backlog=BACKLOG,
            limit_concurrency=self._max_connections,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )


class _Patient(H11Protocol):
    """A connection to somebody who says in time what they want, one of not too many."""

    _asks: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        most = self.config.limit_concurrency
        # uvicorn answers requests that are too many, and holds on to whoever says nothing.
        if most is not None and len(self.connections) > most:
            transport.abort()
        else:
            self._asks = self.loop.call_later(ASKING_SECONDS, transport.abort)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._asked()
        elif self._asks is None and not self.transport.is_closing():
            self._asks = self.loop.call_later(ASKING_SECONDS, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        self._asked()
        super().connection_lost(exc)

    def _asked(self) -> None:
        if self._asks is not None:
            self._asks.cancel()
            self._asks = None


class _Server(uvicorn.Server):
    """Leaves signals to the daemon, tells when it accepts connections, and stops without delay."""

    def __init__(self, config: uvicorn.Config, started: asyncio.Event) -> None:
        super().__init__(config)
        self._accepting = started
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Accept nothing more and finish what is under way."""
        self.should_exit = True
        self._stop.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._accepting.set()

    async def main_loop(self) -> None:
        # Instead of ten looks a second: one, which keeps the Date header right, and none to stop.
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), TICK_SECONDS)


def _make_room() -> None:
    """Let the process have as many files open as its connections and its work need."""
    # A service manager may forbid it, and then says itself how many there are.
    with contextlib.suppress(OSError, ValueError):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _bind(listen: str) -> socket.socket:
    host, _, port = listen.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdecimal() or int(port) > HIGHEST_PORT:
        raise ConfigError([f"listen: {listen!r} is not an address; write host:port"])
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, int(port)), family=family, backlog=BACKLOG)
    except OSError as failure:
        why = failure.strerror or "unknown host"
        raise ConfigError(
            [f"listen: cannot listen on {listen} ({why}); choose a free address of this machine"]
        ) from None
    listener.setblocking(False)
    return listener
