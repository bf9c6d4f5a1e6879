"""One look at the change feed for every open stream: who is told what, and when nobody is.

A thread of its own looks while at least one stream is open. What a row looks like is `rows`; what
a stream does with what it is given, `streams`.
"""

import asyncio
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

import msgspec
import structlog

from telecared.adapters.system_clock import monotonic_seconds
from telecared.errors import StoreError
from telecared.web.board_figures import board_event
from telecared.web.faces import Key, is_for
from telecared.web.marks import Mark
from telecared.web.open_alerts import News, Row
from telecared.web.pulses import EnginePulse
from telecared.web.rows import Drawer, clock_of, event, gone_event, look_of
from telecared.web.streams import Stream

if TYPE_CHECKING:
    from telecared.web.console import Console

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 0.05
"""How often the feed is looked at."""

BEAT_SECONDS: Final = 0.5
"""How often the engine's pulse is looked at."""

PULSE_SECONDS: Final = 2.0
"""How often every stream is told that it is alive; sooner when the engine's pulse changes."""

SESSIONS_SECONDS: Final = 3.0
"""How often it is asked whether the sessions of the streams still hold."""

FAILED_SECONDS: Final = 1.0
"""Pause after a look that failed."""

MAX_STREAMS: Final = 600
"""Open streams; whoever comes after is asked to come again later."""

MAX_TABS: Final = 20
"""Open streams of one session: nobody takes those of all the others."""

CANNOT_READ: Final = "The database cannot be read: what you see may be out of date."


class Hub:
    """Tells open streams what is new.

    Args:
        console: whose queue, pages, accounts and pulse.

    It begins to look when the first stream joins, and stops when the last one leaves.
    """

    def __init__(self, console: "Console") -> None:
        self._console = console
        self._drawer = Drawer(console.pages)
        self._audience: tuple[Stream, ...] = ()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._looking: threading.Thread | None = None
        self._leaving = threading.Lock()
        self._asking: asyncio.Task[None] | None = None
        self._wake = threading.Event()
        self._is_closed = False
        self._beat_at = 0.0
        self._pulse_at = 0.0
        self._said: tuple[object, ...] = ()

    # --- on the event loop ----------------------------------------------------------------------

    @property
    def streams(self) -> int:
        """How many streams are open."""
        return len(self._audience)

    def join(self, stream: Stream) -> bool:
        """Tell a stream what is new from now on; False when there are too many, or no more."""
        tabs = sum(one.token == stream.token for one in self._audience)
        if self._is_closed or len(self._audience) >= MAX_STREAMS or tabs >= MAX_TABS:
            return False
        self._loop = asyncio.get_running_loop()
        self._audience = (*self._audience, stream)
        with self._leaving:
            if self._looking is None or not self._looking.is_alive():
                thread = threading.Thread(target=self._look, name="console-feed", daemon=True)
                self._looking = thread
                thread.start()
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_sessions(), name="console-sessions")
        self._wake.set()
        return True

    def leave(self, stream: Stream) -> None:
        """Tell a stream nothing any more."""
        self._audience = tuple(one for one in self._audience if one is not stream)

    def close(self) -> None:
        """End every stream, so that the server can stop at once; nobody joins any more."""
        self._is_closed = True
        for stream in self._audience:
            stream.end()
        self._audience = ()
        self._wake.set()
        if self._asking is not None:
            self._asking.cancel()

    async def _ask_sessions(self) -> None:
        """End streams whose session has ended; lock those that are locked."""
        while True:
            await asyncio.sleep(SESSIONS_SECONDS)
            audience = self._audience
            try:
                locked = await asyncio.to_thread(self._sessions, audience)
                if any(stream.view == "board" for stream in audience):
                    await asyncio.to_thread(self._count_today)
            except Exception as error:  # noqa: BLE001 - else nobody was asked any more
                log.error("console.sessions", error=type(error).__name__)
                continue
            for stream, is_locked in zip(audience, locked, strict=True):
                if is_locked is None or (stream.locked and not is_locked):
                    stream.put(event("over", b"{}"))
                    stream.end()
                elif is_locked and not stream.locked:
                    stream.locked = True
                    stream.put(event("locked", b"{}"))

    def _sessions(self, audience: Iterable[Stream]) -> list[bool | None]:
        """Return whether each session is locked; None when it has ended."""
        found: list[bool | None] = []
        now = self._console.wall()
        for stream in audience:
            visitor = self._console.accounts.visitor(stream.token, now, acts=False)
            found.append(
                None if visitor is None or visitor.operator != stream.operator
                else visitor.locked or visitor.must_change_password
            )  # fmt: skip
        return found

    def _count_today(self) -> None:
        self._console.today.refresh(self._console.pulse().engine_now, self._console.wall())

    def _deliver(self, chunks: Sequence[tuple[Stream, bytes]]) -> None:
        for stream, chunk in chunks:
            stream.put(chunk)

    # --- in the thread --------------------------------------------------------------------------

    def _look(self) -> None:
        """Look until nobody is there; whatever fails is tried again."""
        while self._goes_on():
            self._wake.wait(LOOK_SECONDS)
            self._wake.clear()
            says = ""
            try:
                self._tell(self._audience)
            except StoreError:
                says = CANNOT_READ
            except Exception as error:  # noqa: BLE001 - a stream that is silent says nothing wrong
                log.error("console.feed", error=type(error).__name__)
                says = CANNOT_READ
            try:
                self._pulse(self._audience, says)
            except RuntimeError:
                self._audience = ()  # the loop has gone, and everybody with it
            if says:
                threading.Event().wait(FAILED_SECONDS)

    def _goes_on(self) -> bool:
        """Whether anybody is there. Who joins after the last has left has a new thread begin."""
        with self._leaving:
            if not self._audience:
                self._looking = None
            return bool(self._audience)

    def _tell(self, audience: Sequence[Stream]) -> None:
        """Tell each stream what has changed since it was last told."""
        alerts = self._console.open_alerts
        mark = alerts.refresh(often=True)
        touched = alerts.take_touched()
        behind = [one for one in audience if one.seen != mark or not one.told or touched]
        if not behind:
            return
        telling = _Telling(self._console, self._drawer, mark, touched)
        chunks: list[tuple[Stream, bytes]] = []
        try:
            chunks += ((stream, telling.to(stream)) for stream in behind)
        except BaseException:
            alerts.touch_again(touched)  # who was not told yet is told by the next look
            raise
        finally:
            self._send([(stream, chunk) for stream, chunk in chunks if chunk])

    def _pulse(self, audience: Sequence[Stream], says: str) -> None:
        """Tell all that they are connected, and how the engine stands."""
        seconds = monotonic_seconds()
        if seconds < self._beat_at + BEAT_SECONDS and not says:
            return
        self._beat_at = seconds
        pulse = self._console.pulse()
        said = (pulse.is_well and not says, says or pulse.says)
        new = [one for one in audience if "pulse" not in one.told]
        if said == self._said and seconds < self._pulse_at + PULSE_SECONDS and not new:
            return
        self._said, self._pulse_at = said, seconds
        beat = event("pulse", _pulse_data(pulse, *said))
        for stream in new:
            stream.told["pulse"] = b""
        self._send([(stream, beat) for stream in audience])

    def _send(self, chunks: Sequence[tuple[Stream, bytes]]) -> None:
        if self._loop is not None and chunks:
            self._loop.call_soon_threadsafe(self._deliver, chunks)


class _Telling:
    """What is new, for one stream after the other; what is the same for several is made once."""

    def __init__(
        self, console: "Console", drawer: Drawer, mark: Mark, touched: Sequence[Key]
    ) -> None:
        self._console = console
        self._alerts = console.open_alerts
        self._drawer = drawer
        self._mark = mark
        self._touched = [(key, self._alerts.scheme_of(key[0])) for key in touched]
        self._now = console.pulse().engine_now
        self._clock: Callable[..., str] = clock_of(
            self._alerts.clock_offset(self._now), self._alerts.site_zone
        )
        self._news: dict[Mark | None, News] = {}
        self._made: dict[tuple[object, ...], bytes] = {}

    def to(self, stream: Stream) -> bytes:
        """Return what one stream is sent now."""
        parts: list[bytes] = []
        if stream.reads:
            if stream.view == "queue":
                parts += self._rows(stream)
            elif stream.view == "bell":
                parts.append(self._waiting(stream))
            if self._touched:
                parts.append(self._ids(stream))
        if stream.counts:
            parts.append(self._if_new(stream, "bell", self._bell))
            if stream.view == "board":
                parts.append(self._if_new(stream, "board", self._board))
        stream.seen = self._mark
        stream.told.setdefault("", b"")
        # Whoever is told counts only has not seen what the mark stands for.
        if stream.reads and any(parts):
            parts.append(b"id: %s\n\n" % str(self._mark).encode())
        return b"".join(parts)

    def _news_for(self, seen: Mark | None) -> News:
        news = self._news.get(seen)
        if news is None:
            news = self._news[seen] = self._alerts.news(seen)
        return news

    def _waiting(self, stream: Stream) -> bytes:
        """Return what has come to the centre, for pages that do not show the queue."""
        news = self._news_for(stream.seen)
        is_ours = stream.seen is not None and stream.seen.epoch == self._mark.epoch
        since = stream.seen.version if stream.seen is not None and is_ours else -1
        new = [
            {
                "id": row.face.alert,
                "priority": row.face.priority.value,
                "words": f"{row.face.why}, {row.face.address}",
            }
            for row in news.rows
            if row.face.waits and row.came > since and is_for(stream.operator, row.face.scheme)
        ]
        return event("new", msgspec.json.encode(new)) if new and not news.whole else b""

    def _rows(self, stream: Stream) -> list[bytes]:
        """Return the rows that are new to a stream, and those that have left it."""
        # What a console before this one had shown may have moved since, which is on no record.
        is_ours = stream.seen is not None and stream.seen.epoch == self._mark.epoch
        news = self._news_for(stream.seen if is_ours else None)
        operator, wanted = stream.operator, stream.wanted
        seen = [row for row in news.rows if is_for(operator, row.face.scheme)]
        theirs = [row for row in seen if wanted.has(row.face)]
        if news.whole:
            listed = b",".join(self._drawn(stream, row) for row in theirs)
            return [event("list", b'{"rows":[%s]}' % listed)]
        left = [
            event("gone", msgspec.json.encode({"id": row.face.alert}))
            for row in seen
            if not wanted.has(row.face)
        ]
        there = {row.face.alert for row in seen}
        left += [
            gone_event(one)
            for one in news.gone
            if is_for(operator, one.scheme) and f"{one.home}/{one.n}" not in there
        ]
        return [*(event("row", self._drawn(stream, row)) for row in theirs), *left]

    def _drawn(self, stream: Stream, row: Row) -> bytes:
        look = look_of(stream.operator, row.face)
        return self._drawer.row(row, look, now=self._now, clock=self._clock)

    def _ids(self, stream: Stream) -> bytes:
        """Return the ids of alerts of which something is new: pages about one look again."""
        ids = [
            f"{home}/{n}" for (home, n), scheme in self._touched if is_for(stream.operator, scheme)
        ]
        return event("alert", msgspec.json.encode({"ids": ids})) if ids else b""

    def _if_new(
        self, stream: Stream, name: str, make: Callable[[tuple[str, ...] | None], bytes]
    ) -> bytes:
        """Return an event that is the same for all who see the same schemes, when it is new."""
        schemes = stream.operator.schemes
        made = self._made.get((name, schemes))
        if made is None:
            made = self._made[name, schemes] = event(name, make(schemes))
        if stream.told.get(name) == made:
            return b""
        stream.told[name] = made
        return made

    def _bell(self, schemes: tuple[str, ...] | None) -> bytes:
        return msgspec.json.encode(dict(self._alerts.tally(schemes)))

    def _board(self, schemes: tuple[str, ...] | None) -> bytes:
        return board_event(self._console, schemes)


def _pulse_data(pulse: EnginePulse, well: bool, says: str) -> bytes:
    return msgspec.json.encode(
        {
            "now": pulse.engine_now // 1000,
            "speed": pulse.speed,
            "well": well,
            "says": says,
        }
    )
