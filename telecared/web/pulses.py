"""What the console knows of the engine and of time: its pulse, and engine time reckoned from it.

Reading the file that the daemon writes is `pulse_file`'s; what a page says of it, the views'.
"""

from typing import Final

import msgspec

from telecared.core.vocabulary import SECOND, Duration, Instant

SILENT_AFTER: Final[Duration] = 4 * SECOND
"""A daemon whose last pulse is older than this does not answer."""


class EnginePulse(msgspec.Struct, frozen=True, kw_only=True):
    """How the engine stands, as far as the console can tell.

    Attributes:
        engine_now: engine time now; the wall's where no daemon has run yet.
        wall: the console's own wall time now.
        runs: the daemon has told of itself lately.
        speed: how fast engine time runs; 1 but in a demo.
        stuck: it turns or commits no more.
        linked: it has a link to the broker; held: it waits for the backlog after an outage.
        full: its disk is full.
        clock_off: how far the console's clock is from the daemon's, where they differ.
    """

    engine_now: Instant
    wall: Instant
    runs: bool = False
    speed: float = 1.0
    stuck: bool = False
    linked: bool = False
    held: bool = False
    full: bool = False
    clock_off: Duration = 0

    @property
    def is_well(self) -> bool:
        """Whether what a page shows can be trusted to be of now."""
        return self.runs and not self.stuck

    @property
    def says(self) -> str:
        """What is wrong, as a sentence for whoever looks at a page; "" while all is well."""
        if not self.runs:
            return "The engine does not answer: what you see may be out of date."
        if self.stuck:
            return "The engine is stuck: nothing new is stored."
        if self.full:
            return "The disk is full: alerts go out, and little is stored."
        if not self.linked:
            return "There is no link to the broker: homes are not heard."
        if self.clock_off:
            return "The clocks of the console and of the engine differ: times shown may be wrong."
        return ""

    def as_wall(self, at: Instant) -> Instant:
        """Return the wall time at which engine time was, or will be, `at`."""
        return self.wall + int((at - self.engine_now) / self.speed)
