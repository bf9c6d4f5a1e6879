"""The daemon's pulse beside its store: a small file by which others see that it lives.

Written every second while the daemon runs, replaced whole, never synced: it is worth nothing after
a crash. Whether the daemon is well is `pulse`; what a stale file means is said by who reads it.
"""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

import msgspec
import structlog

from telecared.core.site import SiteFacts
from telecared.core.vocabulary import SECOND, Duration, Instant
from telecared.ports import Clock

log = structlog.get_logger(__name__)

SUFFIX: Final = ".pulse"

STALE_AFTER: Final[Duration] = 4 * SECOND
"""A pulse older than this is no sign of life: three were missed."""

_FAR: Final[Duration] = 1_000_000 * SECOND
"""How far ahead a clock is asked, to learn how fast it runs."""


class PulseFacts(msgspec.Struct, frozen=True, kw_only=True):
    """How the daemon stood when it last said so.

    Attributes:
        at: engine time; wall: by the machine's wall clock.
        speed: of engine time, 1 but in a demo or a rehearsal.
        beat: `fine`, `degraded` or `stuck` (`pulse.Beat`).
        linked: the broker is connected.
        held: absence cannot be judged now.
        full: the disk is full, decisions go on in memory.
        pid: of the daemon's process.
    """

    at: Instant
    wall: Instant
    speed: float
    beat: str
    linked: bool
    held: bool
    full: bool
    pid: int


def path_of(store: Path) -> Path:
    """Return where the pulse of the daemon on a store is."""
    return store.with_name(store.name + SUFFIX)


def read_pulse(path: Path) -> PulseFacts | None:
    """Return the last pulse; None where there is none, or nobody can read it."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=PulseFacts)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def age_of(facts: PulseFacts, wall: Instant) -> Duration:
    """Return how old a pulse is by the machine's wall clock; negative when that was put back."""
    return wall - facts.wall


def now_of(facts: PulseFacts, wall: Instant) -> Instant:
    """Return the engine time now, reckoned on from a pulse; never before it."""
    return facts.at + int(max(age_of(facts, wall), 0) * facts.speed)


def speed_of(clock: Clock) -> float:
    """Return how many times as fast as life a clock runs."""
    seconds = clock.real_seconds_until(clock.now() + _FAR)
    return round(_FAR / SECOND / seconds, 3)


class PulseFile:
    """Writes the pulse, and takes it away when its block ends: who stops in order does not hang.

    What fails is logged once: the daemon lives on without it.

    Args:
        store: the database's file.
        clock: of the engine.
        wall: the machine's wall clock.
    """

    def __init__(self, store: Path, clock: Clock, wall: Callable[[], Instant]) -> None:
        self._path = path_of(store)
        self._clock = clock
        self._wall = wall
        self._failing = False

    def write(self, beat: str, site: SiteFacts, *, full: bool) -> None:
        """Replace the file whole; a reader sees the one before or this one.

        Args:
            beat: how the daemon stands (`pulse.Beat`).
            site: what all homes share.
            full: the disk is.
        """
        facts = PulseFacts(
            at=self._clock.now(),
            wall=self._wall(),
            speed=speed_of(self._clock),
            beat=str(beat),
            linked=site.connected,
            held=site.held,
            full=full,
            pid=os.getpid(),
        )
        try:
            self._keep(msgspec.json.encode(facts))
        except OSError as error:
            if not self._failing:
                log.warning("pulse.not_written", error=type(error).__name__)
            self._failing = True
        else:
            self._failing = False

    def _keep(self, told: bytes) -> None:
        fresh = self._path.with_name(self._path.name + ".new")
        try:
            fresh.write_bytes(told)
            os.replace(fresh, self._path)
        except OSError:
            # On a full disk the file that is there has room: it must go on saying that we live.
            with self._path.open("r+b") as kept:
                kept.write(told)
                kept.truncate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
