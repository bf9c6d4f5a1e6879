"""What lasts while a trace says so: the common part of `compare`, `changes` and `geofence`.

Each device by itself: its stretch begins and ends by its mark in a trace. What the mark means, and
the sentence about it, is the kind's own.
"""

from collections.abc import Iterator
from typing import NamedTuple

from telecared.core.conditions.base import Change, Due, Ended, Started, Tracer, Verdict, View
from telecared.core.conditions.latches import latch_marks
from telecared.core.conditions.stretches import Lasting, ending_due, stretch_due
from telecared.core.plan import Device, Rule
from telecared.core.state import earliest
from telecared.core.vocabulary import Duration, Instant
from telecared.core.when import Window


class Stretch(NamedTuple):
    """How long it must last, and when that counts."""

    rule: Rule
    duration: Duration
    between: tuple[Window, ...]


class Latched(Lasting):
    """A condition that holds for a device while its mark in a trace is beyond.

    Args:
        devices: those that it is about.
        property_: what it reads of them.
        stretch: how long it must last.
        tracers: what is kept for it; the last of them is the trace that decides.
    """

    absence = False
    hears: frozenset[str] = frozenset()

    def __init__(
        self,
        devices: tuple[Device, ...],
        property_: str,
        stretch: Stretch,
        tracers: tuple[Tracer, ...],
    ) -> None:
        super().__init__(*stretch)
        self.reads = frozenset((device.id, property_) for device in devices)
        self.tracers = tracers
        self._stretch = stretch
        self._devices = {device.id: device for device in devices}

    def on_change(self, view: View, change: Change) -> Verdict:
        """Say that a stretch has begun or ended; what is due is a deadline."""
        due = earliest(*(due.at for due in self.deadlines(view)))
        ends = (one for one in self.deadlines(view) if one.ends and one.device == change.device)
        return Ended() if next(ends, None) else Started(due)

    def deadlines(self, view: View) -> Iterator[Due]:
        """Yield when stretches are met, and what has ended though nothing was told."""
        rule, duration, between = self._stretch
        for device, since, beyond in self._marks(view):
            if beyond:
                due = stretch_due(view, rule, device, since, duration, between)
            else:
                due = ending_due(view, rule, device, since)
            if due is not None:
                yield due

    def running(self, view: View) -> Iterator[tuple[Device, Instant]]:
        """Yield the devices that are beyond, and since when."""
        return ((device, since) for device, since, beyond in self._marks(view) if beyond)

    def _marks(self, view: View) -> Iterator[tuple[Device, Instant, bool]]:
        for device, since, beyond in latch_marks(view, self.tracers[-1].key):
            if device in self._devices:
                yield self._devices[device], since, beyond
