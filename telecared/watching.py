"""What the engine notices beside messages: the link to the broker, the clock, that time passes.

Each becomes a row of the sequence of inputs. What an outage or a step of the clock means to a
rule is the core's matter.
"""

from typing import Final

import structlog

from telecared.core.site import (
    DRAINED_AT_LATEST,
    ClockStepped,
    LinkDown,
    LinkDrained,
    LinkUp,
    Stalled,
)
from telecared.core.vocabulary import SECOND, Duration, Instant
from telecared.hearing import Hearing
from telecared.intake import Intake
from telecared.ports import Clock, Connected, Disconnected, Drained, LinkEvent
from telecared.stepping import Homes

log = structlog.get_logger(__name__)

ALIVE_SECONDS: Final = 10.0

STALL_SECONDS: Final = 30.0
"""Real seconds between two turns from which on we count as not having run."""

CLOCK_STEP: Final[Duration] = SECOND
"""The wall clock moving against the monotonic one by more than this is a step."""


class Watching:
    """Turns changes of the link, of the clock, and the mere passing of time into rows.

    Attributes:
        offset: wall clock minus engine time, as of the last look.
    """

    def __init__(self, homes: Homes, hearing: Hearing, intake: Intake, clock: Clock) -> None:
        self._homes = homes
        self._hearing = hearing
        self._intake = intake
        self._clock = clock
        self._connection = 0
        self._drain_by: Instant | None = None
        self._alive_at = float("-inf")
        self._ran_at = clock.now()
        self.offset = clock.wall_offset()

    def clock(self, now: Instant) -> None:
        """Note that the machine was suspended, and steps of the wall clock."""
        stalled = -self._clock.real_seconds_until(self._ran_at)
        if stalled > STALL_SECONDS:
            log.warning("engine.stalled", seconds=round(stalled))
            self._hearing.site(Stalled(at=now, last_at=self._ran_at), "stall")
            if self._homes.site.connected:
                # The link may have outlived it: then nothing else says that the backlog is read.
                self._drain_by = now + DRAINED_AT_LATEST
        self._ran_at = now
        offset = self._clock.wall_offset()
        if abs(offset - self.offset) > CLOCK_STEP:
            self._hearing.site(ClockStepped(at=now, offset=offset), "clock")
            log.warning("clock.stepped", seconds=round((offset - self.offset) / SECOND, 1))
            self.offset = offset

    def link(self, event: LinkEvent, now: Instant) -> None:
        """Note a change of the link, in order with the messages around it."""
        match event:
            case Connected(connection=number, session_present=resumed, protocol=protocol):
                self._connection = number
                self._intake.connected(number, resumed=resumed)
                if not resumed:
                    self._homes.batch.forget_packets = True
                    self._homes.batch.packets.clear()
                self._drain_by = now + DRAINED_AT_LATEST
                link_up = LinkUp(at=now, resumed=resumed, protocol=protocol)
                self._hearing.site(link_up, "connected")
            case Disconnected(reason=reason):
                self._drain_by = None
                self._hearing.site(LinkDown(at=now, reason=reason), "disconnected")
            case Drained(connection=number) if number == self._connection:
                self._drained(now, canary=True)
        change = type(event).__name__.lower()
        if isinstance(event, Disconnected):
            # Whoever mends it reads it here: what to look at is in the sentence.
            log.warning("link", change=change, connection=event.connection, reason=event.reason)
        else:
            log.info("link", change=change, connection=event.connection)

    def _drained(self, now: Instant, *, canary: bool) -> None:
        if self._drain_by is not None:
            self._drain_by = None
            self._hearing.site(LinkDrained(at=now, canary=canary), "drained")

    def time(self, now: Instant, loop_now: float, *, disk_is_low: bool) -> None:
        """Let a session count as drained in the end, and leave a sign of life every 10 s."""
        if self._drain_by is not None and now >= self._drain_by:
            self._drained(now, canary=False)
        # Rows that only say "still here" are the first that a full disk does without.
        if loop_now - self._alive_at >= ALIVE_SECONDS and not disk_is_low:
            self._alive_at = loop_now
            self._homes.note(self._hearing.row("alive", now))
