"""The HTTP server inside the process: whoever only holds a connection open harms nobody else."""

import asyncio
import contextlib
import resource
from collections.abc import AsyncIterator

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from telecared import serving
from telecared.serving import OPEN_FILES, EmbeddedServer, running

ASKED = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers once the whole request is there."""
    while (await receive()).get("more_body"):
        pass
    await PlainTextResponse("well")(scope, receive, send)


class Callers:
    """Those who open connections to a server."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.writers: list[asyncio.StreamWriter] = []

    async def comes(self, says: bytes = b"") -> asyncio.StreamReader:
        """Somebody opens a connection and says something."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        self.writers.append(writer)
        writer.write(says)
        return reader

    async def go(self) -> None:
        """All close their connections."""
        for writer in self.writers:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        self.writers.clear()


@contextlib.asynccontextmanager
async def called(most: int = 9, app: ASGIApp = app) -> AsyncIterator[Callers]:
    """A server of so many connections, and those who come to it."""
    server = EmbeddedServer(app, "127.0.0.1:0", max_connections=most)
    async with running(server):
        callers = Callers(server.port)
        try:
            yield callers
        finally:
            await callers.go()


async def rest_of(reader: asyncio.StreamReader) -> bytes:
    """What else is said until the connection is closed, as it must be."""
    try:
        return await asyncio.wait_for(reader.read(), 4)
    except ConnectionError:
        return b""


async def test_connections_that_say_nothing_do_not_use_up_the_process() -> None:
    """The console lives beside the engine, which must reach whoever sends its messages."""
    async with called(most=3) as callers:
        for _ in range(3):
            await callers.comes()
        assert await rest_of(await callers.comes(ASKED)) == b""

        await callers.go()
        while b"200" not in await (await callers.comes(ASKED)).readline():
            await callers.go()


@pytest.mark.parametrize(
    "begun",
    [b"", b"GET / HT", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf"],
)
async def test_who_does_not_finish_a_request_is_let_go(
    begun: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing, half a head, half a body."""
    monkeypatch.setattr(serving, "ASKING_SECONDS", 0.05)
    async with called() as callers:
        assert await rest_of(await callers.comes(begun)) == b""


async def test_who_does_not_finish_a_second_request_is_let_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One answer is no right to a connection."""
    monkeypatch.setattr(serving, "ASKING_SECONDS", 0.05)
    async with called() as callers:
        reader = await callers.comes(ASKED)
        assert b"200" in await reader.readline()
        await reader.readuntil(b"well")
        callers.writers[0].write(b"GET / HT")

        assert await rest_of(reader) == b""


async def test_who_has_asked_may_wait_for_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream stays open for a whole night."""
    monkeypatch.setattr(serving, "ASKING_SECONDS", 0.05)
    over = asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await over.wait()
        await app(scope, receive, send)

    async with called(app=slow) as callers:
        reader = await callers.comes(ASKED)
        asyncio.get_running_loop().call_later(0.15, over.set)

        assert b"200" in await asyncio.wait_for(reader.readline(), 4)


async def test_a_process_that_may_not_ask_for_more_serves_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The units that ship forbid it, and give as many themselves."""

    def forbidden(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(resource, "getrlimit", lambda _: (512, OPEN_FILES))
    monkeypatch.setattr(resource, "setrlimit", forbidden)
    async with called() as callers:
        assert b"200" in await (await callers.comes(ASKED)).readline()


async def test_the_process_may_hold_more_than_its_connections() -> None:
    """Beneath a service manager a process has 1,024, which browsers alone could use up."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))
    try:
        async with called():
            assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == wanted
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
