"""A number has risen or fallen by an amount within a time; each device by itself.

Compared with the lowest (or highest) number that was in force within the time, so that what was
known just before it counts; it ends when that has become too old, or the number went back.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from telecared.core.conditions.base import Change, Due, View, matching, place
from telecared.core.conditions.compare import number_text
from telecared.core.conditions.latched import Latched, Stretch
from telecared.core.conditions.latches import (
    BEYOND,
    Numbers,
    latched,
    numbers_of,
    with_mark,
)
from telecared.core.conditions.traces import marks_of
from telecared.core.plan import Device, Rule
from telecared.core.state import Mark
from telecared.core.vocabulary import Duration, Instant
from telecared.core.when import Changes
from telecared.core.windows import clock_text, duration_text

DIGITS: Final = 6
"""Digits after the point to which differences are compared: 22.4 is 5 more than 17.4."""


class Moved(NamedTuple):
    """How far a number has moved: from what, to what, and until when that can count."""

    start: Mark
    latest: Mark
    until: Instant


class Movement:
    """Keeps since when each device's number has moved far enough; looks at a trace of numbers.

    Args:
        numbers: the trace that it looks at; it must be noted before this one.
        within: how far back it looks.
        up: by how much the number must rise; negative where it must fall.
    """

    keep: Duration = 0

    def __init__(self, numbers: Numbers, within: Duration, up: float) -> None:
        self.key = f"moved:{up:g} in {within} of {numbers.key}"
        self.reads = numbers.reads
        self._numbers = numbers.key
        self._within = within
        self._up = up

    def begin(self, view: View) -> tuple[Mark, ...]:
        """Return the marks that the known numbers give."""
        return self.note((), view, None)

    def note(self, marks: tuple[Mark, ...], view: View, change: Change | None) -> tuple[Mark, ...]:
        """Return the marks as of `state.at`; unchanged ones keep their instant."""
        for device in sorted({device for device, _ in self.reads}):
            moved = self.moved(view, device)
            beyond = moved is not None and moved.until > view.state.at
            known = any(mark.device == device for mark in marks)
            if known and beyond == (latched(marks, device) is not None):
                continue
            told = change is not None and change.device.id == device and not change.late_order
            at = change.at if change is not None and told and beyond else view.state.at
            marks = with_mark(marks, Mark(at, device, BEYOND * beyond))
        return marks

    def moved(self, view: View, device: str) -> Moved | None:
        """Return how a device's number has moved far enough, newest first; None when it has not.

        Whether that still counts says `until`.
        """
        told = numbers_of(marks_of(view, self._numbers), device)
        for start, after in reversed(list(pairwise(told))):
            risen = round(told[-1].value - start.value, DIGITS)
            if risen >= self._up if self._up > 0 else risen <= self._up:
                return Moved(start, told[-1], after.at + self._within)
        return None


class _Changes(Latched):
    def __init__(self, condition: Changes, rule: Rule, devices: tuple[Device, ...]) -> None:
        named = matching(devices, condition.at)
        reads = frozenset((device.id, condition.property) for device in named)
        key = f"{condition.property}@{','.join(condition.at)}"
        numbers = Numbers(key, reads, keep=condition.within)
        up = condition.rises_by or -(condition.falls_by or 0.0)
        self._movement = Movement(numbers, condition.within, up)
        stretch = Stretch(rule, 0, condition.between)
        super().__init__(named, condition.property, stretch, (numbers, self._movement))
        self._condition = condition
        self._says = f"{'up' if up > 0 else 'down'} by {abs(up):g} or more"

    def deadlines(self, view: View) -> Iterator[Due]:
        """Yield besides when what it is compared with has become too old."""
        yield from super().deadlines(view)
        for device, since, beyond in self._marks(view):
            if beyond:
                moved = self._movement.moved(view, device.id)
                yield Due(moved.until if moved else since, device, since, look=True)

    def turns(self, view: View) -> Iterator[Instant]:
        """Yield besides when what it is compared with has become too old."""
        yield from super().turns(view)
        for device, _ in sorted(self.reads):
            moved = self._movement.moved(view, device)
            if moved is not None and moved.until > view.state.at:
                yield moved.until

    def reason(self, view: View, device: Device | None, since: Instant) -> str:
        """Return from what to what the number moved, and when."""
        within = f"{self._says} within {duration_text(self._condition.within)}"
        moved = self._movement.moved(view, device.id) if device else None
        if device is None or moved is None:
            return f"{self._condition.property} went {within}"
        began = clock_text(moved.start.at, view.zone, view.site.offset(moved.start.at))
        told = number_text(moved.latest.value)
        start = number_text(moved.start.value)
        where = place(device)
        return f"{where} told {self._condition.property}: {told}, from {start} at {began}: {within}"


def compile_changes(condition: Changes, rule: Rule, devices: tuple[Device, ...]) -> _Changes:
    """Compile a `changes` condition for a home with these devices."""
    return _Changes(condition, rule, devices)
