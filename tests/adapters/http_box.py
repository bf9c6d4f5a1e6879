"""A small HTTP server that behaves as a story asks, for every channel over HTTP."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web


class Asked:
    """One request as it came."""

    def __init__(self, request: web.Request, body: bytes) -> None:
        self.method = request.method
        self.path = request.path
        self.query = dict(request.query)
        self.headers = {name.lower(): value for name, value in request.headers.items()}
        self.body = body

    @property
    def json(self) -> dict[str, object]:
        """The body read as JSON."""
        found: dict[str, object] = json.loads(self.body)
        return found


class HttpBox:
    """Notes what is sent to it and answers.

    Attributes:
        behave: see `gateway_contract.Bench.will`.
        answer: the JSON of an answer to a message; with `plain` the text.
        sent: messages that were taken.
        states: path of a question -> its answer, for what is asked with GET.
    """

    def __init__(self) -> None:
        self.behave = "take"
        self.answer: object = {"id": "M1"}
        self.status = 200
        self.sent: list[Asked] = []
        self.asked: list[Asked] = []
        self.states: dict[str, tuple[int, object]] = {}
        self.sends_by = {"POST", "PUT"}
        self.port = 0
        self._let_go = asyncio.Event()

    @property
    def url(self) -> str:
        """Where it listens; nobody is there while it is away."""
        port = free_port() if self.behave == "not-there" else self.port
        return f"http://127.0.0.1:{port}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer as the story asks."""
        asked = Asked(request, await request.read())
        if request.method not in self.sends_by:
            self.asked.append(asked)
            status, body = self.states.get(request.path, (404, {}))
            return web.Response(
                status=status, text=body if isinstance(body, str) else json.dumps(body)
            )
        if self.behave == "refuse":
            return web.json_response({"error": "no"}, status=400)
        if self.behave == "be-busy":
            return web.json_response({}, status=429, headers={"Retry-After": "7"})
        self.sent.append(asked)
        if self.behave == "break":
            assert request.transport is not None
            request.transport.abort()
        if self.behave == "hang":
            await self._let_go.wait()
        return web.json_response(self.answer, status=self.status)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["HttpBox"]:
        """Listen on a free port."""
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self.handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = runner.addresses[0][1]
        try:
            yield self
        finally:
            self._let_go.set()
            await runner.cleanup()


def free_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port
