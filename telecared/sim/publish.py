"""Publishing a stream at its own pace: never before its time, never reordered, and how late.

Works on any clock that the daemon may run on too. What is published is a recording or a
simulation; where it comes from is the caller's.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import Final, Protocol

import msgspec

from telecared.core.streams import StreamMessage
from telecared.core.vocabulary import Instant
from telecared.ports import Clock

BREATH: Final = 200
"""Messages published without a pause before other tasks get their turn."""


class Pace(msgspec.Struct):
    """How publishing went.

    Attributes:
        messages: handed to the broker.
        late_seconds: how long after its time the latest one was, in real seconds.
    """

    messages: int = 0
    late_seconds: float = 0.0


def shifted(messages: Iterable[StreamMessage], start: Instant | None) -> Iterator[StreamMessage]:
    """Move a recording in time so that its first message is at `start`; None leaves it.

    A message without a time, or with one that falls behind the message before, follows at once:
    the order of a recording is never changed.
    """
    shift: int | None = None
    last = start or 0
    for message in messages:
        at = last
        if message.tst is not None:
            if shift is None:
                shift = 0 if start is None else start - message.tst
            at = max(last, message.tst + shift)
        last = at
        yield msgspec.structs.replace(message, tst=at)


class Publisher(Protocol):
    """What messages are handed to: order is kept, and it waits when it must."""

    async def publish(
        self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False
    ) -> None:
        """Take a message."""
        ...


async def publish_stream(
    messages: Iterable[StreamMessage],
    publisher: Publisher,
    clock: Clock,
    *,
    pace: Pace,
    published: Callable[[StreamMessage], None] = lambda _: None,
    push: Callable[[], None] = lambda: None,
) -> None:
    """Publish every message at its `tst` or later, in the order given, with QoS 1.

    Args:
        messages: in order of `tst`.
        publisher: connected.
        clock: the daemon's, or one that shares its epoch.
        pace: is kept up to date, so that whoever cancels this knows how far it came.
        published: is told every message once it is on its way.
        push: is called before it waits for the next message's time: what a publisher holds back
            for a fuller batch has to leave.

    Raises:
        PublishError: the broker is gone.
    """
    now = clock.now()
    for message in messages:
        at = message.tst or 0
        if at > now:
            if clock.real_seconds_until(at) > 0:
                push()
                await _until(clock, at)
            now = clock.now()
        await publisher.publish(message.topic, message.payload, qos=1, retain=message.retain)
        pace.messages += 1
        pace.late_seconds = max(pace.late_seconds, -clock.real_seconds_until(at))
        published(message)
        if pace.messages % BREATH == 0:
            push()
            await asyncio.sleep(0)
    push()


async def _until(clock: Clock, at: Instant) -> None:
    # A timer may go off a little early.
    wait = clock.real_seconds_until(at)
    while wait > 0:
        await asyncio.sleep(wait)
        wait = clock.real_seconds_until(at)
