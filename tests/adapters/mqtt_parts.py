"""What MQTT tests are built from: an inbox that remembers, a link that can break, an old broker.

Nothing here tests anything. Everything waits for what it waits for, with a deadline.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final

from telecared.ports import (
    Arrival,
    BrokerSettings,
    Connected,
    Disconnected,
    Drained,
    LinkEvent,
    Subscriber,
)

DEADLINE_SECONDS: Final = 10.0


async def until(condition: Callable[[], object], *, seconds: float = DEADLINE_SECONDS) -> None:
    """Wait until the condition holds; fail the test when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "what the test waits for did not happen"
        await asyncio.sleep(0.005)


class RecordingInbox:
    """Remembers messages and changes of the link in the order in which they came."""

    def __init__(self) -> None:
        self.everything: list[Arrival | LinkEvent] = []
        self.acknowledge_with: Subscriber | None = None

    def arrived(self, messages: Sequence[Arrival]) -> None:
        """Remember, and acknowledge at once when asked to."""
        self.everything.extend(messages)
        if self.acknowledge_with is not None:
            self.acknowledge_with.acknowledge(messages)

    def link(self, event: LinkEvent) -> None:
        """Remember."""
        self.everything.append(event)

    @property
    def messages(self) -> list[Arrival]:
        """All messages so far."""
        return [each for each in self.everything if isinstance(each, Arrival)]

    def of_connection(self, number: int) -> list[Arrival]:
        """The messages that one connection brought."""
        return [each for each in self.messages if each.connection == number]

    @property
    def connected(self) -> list[Connected]:
        """All connects so far."""
        return [each for each in self.everything if isinstance(each, Connected)]

    @property
    def disconnected(self) -> list[Disconnected]:
        """All outages so far."""
        return [each for each in self.everything if isinstance(each, Disconnected)]

    def drained(self, connection: int) -> bool:
        """Whether a connection's backlog is through."""
        return Drained(connection) in self.everything


@contextlib.asynccontextmanager
async def running(subscriber: Subscriber) -> AsyncIterator[asyncio.Task[None]]:
    """Run a subscriber and stop it cleanly at the end."""
    task = asyncio.create_task(subscriber.run())
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


class Proxy:
    """A TCP link to a broker that can be cut, or go silent without anybody noticing."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._passing = asyncio.Event()
        self._passing.set()
        self.port = 0

    async def __aenter__(self) -> "Proxy":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers += [writer, up_writer]
        for source, sink in ((reader, up_writer), (up_reader, writer)):
            task = asyncio.create_task(self._pump(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await source.read(65536):
                await self._passing.wait()
                sink.write(data)
                await sink.drain()
        sink.close()

    def cut(self) -> None:
        """Break all connections at once, without a goodbye to either side."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def go_silent(self) -> None:
        """Pass nothing on any more, and keep the connections open."""
        self._passing.clear()

    def pass_on(self) -> None:
        """Pass on again."""
        self._passing.set()


class OldBroker:
    """Just enough of a broker that speaks MQTT 3.1.1 only, and that shows what it was told.

    Args:
        refuse_politely: answer MQTT 5 with "unacceptable protocol version"; else just hang up.
        grant: what a SUBACK says to each filter.
        bring_back: hand what a client publishes back to it, as a broker would.
    """

    def __init__(
        self, *, refuse_politely: bool = True, grant: int = 1, bring_back: bool = True
    ) -> None:
        self._refuse_politely = refuse_politely
        self._grant = grant
        self._bring_back = bring_back
        self._server: asyncio.Server | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._last_id = 0
        self.port = 0
        self.connects: list[int] = []
        self.acknowledged: list[int] = []

    async def __aenter__(self) -> "OldBroker":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        if self._writer is not None:
            self._writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                kind = (await reader.readexactly(1))[0]
                length, shift = 0, 0
                while True:
                    part = (await reader.readexactly(1))[0]
                    length |= (part & 0x7F) << shift
                    shift += 7
                    if part < 0x80:
                        break
                if not self._answer(kind, await reader.readexactly(length), writer):
                    break
        writer.close()

    def _answer(self, kind: int, body: bytes, writer: asyncio.StreamWriter) -> bool:
        packet = kind & 0xF0
        if packet == 0x10:
            level = body[6]
            self.connects.append(level)
            if level != 4:
                writer.write(b"\x20\x02\x00\x01" if self._refuse_politely else b"")
                return False
            writer.write(b"\x20\x02\x00\x00")
        elif packet == 0x80:
            count = len(_filters(body))
            writer.write(bytes([0x90, 2 + count]) + body[:2] + bytes([self._grant]) * count)
        elif packet == 0x30:
            end = 2 + int.from_bytes(body[:2], "big")
            writer.write(b"\x40\x02" + body[end : end + 2])
            if self._bring_back:
                self.send(body[2:end].decode(), body[end + 2 :])
        elif packet == 0x40:
            self.acknowledged.append(int.from_bytes(body, "big"))
        elif packet == 0xC0:
            writer.write(b"\xd0\x00")
        return packet != 0xE0

    def send(self, topic: str | bytes, payload: bytes) -> int:
        """Hand over a message of QoS 1 and return its packet id."""
        assert self._writer is not None
        self._last_id += 1
        name = topic.encode() if isinstance(topic, str) else topic
        body = len(name).to_bytes(2, "big") + name + self._last_id.to_bytes(2, "big") + payload
        assert len(body) < 128, "this broker writes short packets only"
        self._writer.write(bytes([0x32, len(body)]) + body)
        return self._last_id


def _filters(body: bytes) -> list[bytes]:
    found, at = [], 2
    while at < len(body):
        size = int.from_bytes(body[at : at + 2], "big")
        found.append(body[at + 2 : at + 2 + size])
        at += 3 + size
    return found


def to(port: int, client_id: str, **changes: object) -> BrokerSettings:
    """Return settings for a broker on this machine."""
    return BrokerSettings(host="127.0.0.1", port=port, client_id=client_id, **changes)  # type: ignore[arg-type]
