"""An outward heartbeat for a watcher elsewhere: an HTTP ping and a retained MQTT message.

Sent only while the engine turns and commits: a daemon that is stuck says nothing, and the watcher
raises the alarm. It tells how things stand and nothing about anybody.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import aiohttp
import msgspec
import structlog

from telecared.core.vocabulary import Instant
from telecared.core.windows import rfc3339
from telecared.pulse import Beat

FAIL: Final = "/fail"
"""Added to the address when we are degraded, as Healthchecks and those like it take it."""

PING_SECONDS: Final = 10.0
"""How long the watcher may take to answer."""

TRIES: Final = 3
"""Of one ping: a packet lost on the way must wake nobody."""

TRY_AGAIN_SECONDS: Final = 2.0

log = structlog.get_logger(__name__)

Publish = Callable[[bytes], Awaitable[None]]
"""Publishes the heartbeat's message, retained. Raises OSError or a TelecaredError's kin."""


class Heartbeat:
    """Pings at an interval.

    Args:
        beat: how the daemon stands.
        wall: the machine's wall clock.
        every_seconds: the interval, in real time.
        url: what is pinged; personal enough to stay out of the log. None for none.
        publish: publishes the message; None for none.
        try_again_seconds: between two tries of one ping.

    Attributes:
        sent: pings that were answered so far.
        failed: pings in a row that were not; it is logged when that begins and when it ends.
    """

    def __init__(
        self,
        beat: Callable[[], Beat],
        wall: Callable[[], Instant],
        every_seconds: float,
        *,
        url: str | None = None,
        publish: Publish | None = None,
        try_again_seconds: float = TRY_AGAIN_SECONDS,
    ) -> None:
        self._beat = beat
        self._wall = wall
        self._every = every_seconds
        self._url = url.rstrip("/") if url else None
        self._publish = publish
        self._try_again = try_again_seconds
        self.sent = 0
        self.failed = 0

    async def run(self) -> None:
        """Beat until cancelled."""
        timeout = aiohttp.ClientTimeout(total=PING_SECONDS)
        async with aiohttp.ClientSession(
            timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
        ) as session:
            while True:
                begun = asyncio.get_running_loop().time()
                await self.once(session)
                passed = asyncio.get_running_loop().time() - begun
                await asyncio.sleep(max(0.0, self._every - passed))

    async def once(self, session: aiohttp.ClientSession) -> None:
        """Beat once, by both ways, unless the daemon is stuck."""
        beat = self._beat()
        if beat is Beat.STUCK:
            log.error("heartbeat.withheld")
            return
        ways = []
        if self._url is not None:
            url = failing(self._url) if beat is Beat.DEGRADED else self._url
            ways.append(self._ping(session, url))
        if self._publish is not None:
            ways.append(self._tell(self._publish, beat))
        well = all(await asyncio.gather(*ways))
        if well:
            self.sent += 1
            if self.failed:
                log.info("heartbeat.recovered", after=self.failed)
            self.failed = 0
        else:
            self.failed += 1
            if self.failed == 1:
                log.warning("heartbeat.not_taken")

    async def _ping(self, session: aiohttp.ClientSession, url: str) -> bool:
        for number in range(TRIES):
            if number:
                await asyncio.sleep(self._try_again)
            try:
                async with session.get(url, allow_redirects=False) as response:
                    if response.status < 300:
                        return True
            except (aiohttp.ClientError, TimeoutError):
                continue
        return False

    async def _tell(self, publish: Publish, beat: Beat) -> bool:
        told = {"state": beat.value, "at": rfc3339(self._wall())}
        try:
            await publish(msgspec.json.encode(told))
        except Exception as error:  # noqa: BLE001 - whatever a broker does, the ping goes on
            log.warning("heartbeat.not_published", error=type(error).__name__)
            return False
        return True


def failing(url: str) -> str:
    """Return where a failure is told: behind the path, since a query would swallow it."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + FAIL))
