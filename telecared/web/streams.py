"""One open stream to a browser: what waits to be sent, and the answer that sends it.

A browser that does not read is let go, and comes back for what it missed. What is put into a
stream is the hub's.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from telecared.core.operators import Act, Operator
from telecared.web.marks import Mark
from telecared.web.rows import Wanted

MAX_BEHIND: Final = 1024 * 1024
"""Bytes that may wait behind what is being sent; a browser that is further behind is let go."""

AGAIN_MILLISECONDS: Final = 1_000
"""When a browser tries again after its stream has ended."""

HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


class Stream:
    """A stream and who looks. Its methods are called on the event loop only.

    Attributes:
        view: what the page shows: `queue`, `board`, or `bell` for all others.
        token: of the session, which is asked for again and again.
        locked: nobody is there: counts, and nothing else.
        seen: how far the hub has told it; None for nothing yet.
        told: the last event of a kind that is sent only when it changes.
    """

    def __init__(
        self,
        operator: Operator,
        token: str,
        *,
        view: str,
        wanted: Wanted,
        seen: Mark | None,
        locked: bool = False,
    ) -> None:
        self.operator = operator
        self.token = token
        self.view = view
        self.wanted = wanted
        self.seen = seen
        self.locked = locked
        self.told: dict[str, bytes] = {}
        self.is_over = False
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._stirred = asyncio.Event()
        self._cut: Callable[[], object] = lambda: None

    @property
    def counts(self) -> bool:
        """Whether they may know how many alerts there are."""
        return self.operator.may(Act.SEE_ALERTS)

    @property
    def reads(self) -> bool:
        """Whether they may know which alerts there are, and where."""
        return self.counts and not self.locked

    def put(self, chunk: bytes) -> None:
        """Have something sent; a stream that is too far behind is cut off instead."""
        if self.is_over:
            return
        if self._size > MAX_BEHIND:
            self.end()
            self._cut()
            return
        # The first is not counted: the whole list of a large site may be longer than the limit.
        if self._waiting:
            self._size += len(chunk)
        self._waiting.append(chunk)
        self._stirred.set()

    def end(self) -> None:
        """Send nothing more: the browser comes back by itself."""
        self.is_over = True
        self._stirred.set()

    async def take(self) -> bytes:
        """Wait for what is to be sent, and return it; nothing once the stream is over."""
        while not self._waiting and not self.is_over:
            self._stirred.clear()
            await self._stirred.wait()
        chunk = b"".join(self._waiting)
        self._waiting.clear()
        self._size = 0
        return chunk

    def cut_by(self, cut: Callable[[], object]) -> None:
        """Say what stops a write that the browser does not take."""
        self._cut = cut


class StreamAnswer(Response):
    """Sends a stream until it is over or the browser has gone.

    Args:
        stream: what is sent.
        leave: called when it has ended, however it did.
    """

    def __init__(self, stream: Stream, leave: Callable[[], None]) -> None:
        super().__init__()
        self._stream = stream
        self._leave = leave

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        sending = asyncio.create_task(self._send(send))
        leaving = asyncio.create_task(_gone(receive))
        self._stream.cut_by(sending.cancel)
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._leave()
            sending.cancel()
            leaving.cancel()
            await asyncio.wait({sending, leaving})
        if not sending.cancelled():
            sending.result()

    async def _send(self, send: Send) -> None:
        start: Message = {"type": "http.response.start", "status": 200, "headers": list(HEADERS)}
        await send(start)
        await _put(send, b"retry: %d\n\n" % AGAIN_MILLISECONDS)
        while not self._stream.is_over:
            await _put(send, await self._stream.take())
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _put(send: Send, chunk: bytes) -> None:
    if chunk:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})


async def _gone(receive: Receive) -> None:
    """Return when the browser has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
