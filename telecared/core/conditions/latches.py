"""Traces of values: since when one stands beyond a limit, and what was measured lately.

Facts about the home, shared by the rules that ask for the same. Traces of acts are `traces`.
"""

from collections.abc import Callable, Iterator
from typing import Final

from telecared.core.conditions.base import Change, View, fact_of
from telecared.core.conditions.traces import MAX_MARKS, marks_of, time_of
from telecared.core.state import Mark
from telecared.core.vocabulary import Duration, Instant, Value

NUMBERS_A_SPAN: Final = 64
"""Where more numbers come than are kept, each part of the span keeps its extremes and its last."""

BEYOND: Final = 1.0
"""A device's value is beyond the limit since the mark's instant; 0 when it is back since then."""


class Latch:
    """Keeps since when each device's value is beyond a limit, or back from it (hysteresis).

    Args:
        key: names the property and its limits.
        reads: the (device, property) pairs.
        enters: whether a value is beyond the limit.
        leaves: whether a value is back; what is neither changes nothing.
    """

    keep: Duration = 0

    def __init__(
        self,
        key: str,
        reads: frozenset[tuple[str, str]],
        *,
        enters: Callable[[Value], bool],
        leaves: Callable[[Value], bool],
    ) -> None:
        self.key = f"latch:{key}"
        self.reads = reads
        self._enters = enters
        self._leaves = leaves

    def begin(self, view: View) -> tuple[Mark, ...]:
        """Return the marks that the known facts give."""
        return _begun(view, self.reads, self._enters)

    def note(self, marks: tuple[Mark, ...], view: View, change: Change | None) -> tuple[Mark, ...]:
        """Return the marks after a change of a fact; the past changes nothing."""
        if change is None or change.late_order:
            return marks
        beyond = latched(marks, change.device.id) is not None
        test = self._leaves if beyond else self._enters
        if not test(change.after):
            return marks
        return with_mark(marks, Mark(change.at, change.device.id, BEYOND * (not beyond)))


def _begun(
    view: View, reads: frozenset[tuple[str, str]], beyond: Callable[[Value], bool]
) -> tuple[Mark, ...]:
    """Return since when each device stands where it does, by the facts that are known."""
    found = []
    for device, name in sorted(reads):
        fact = fact_of(view.state, device, name)
        if fact is not None:
            found.append(Mark(fact.since, device, BEYOND * beyond(fact.value)))
    return tuple(found)


class Stays:
    """Keeps since when each device has told one of some values, whichever of them.

    A battery that falls from 14 to 13 percent stays low, and an alarm that is told again stays one.

    Args:
        key: names the property, the values and the places.
        reads: the (device, property) pairs.
        matches: whether a value is one of them; None is not.
    """

    keep: Duration = 0

    def __init__(
        self,
        key: str,
        reads: frozenset[tuple[str, str]],
        matches: Callable[[Value | None], bool],
    ) -> None:
        self.key = f"stays:{key}"
        self.reads = reads
        self._matches = matches

    def begin(self, view: View) -> tuple[Mark, ...]:
        """Return the marks that the known facts give."""
        return _begun(view, self.reads, self._matches)

    def note(self, marks: tuple[Mark, ...], view: View, change: Change | None) -> tuple[Mark, ...]:
        """Return the marks after a change of a fact; the past changes nothing."""
        if change is None or change.late_order:
            return marks
        matches = self._matches(change.after)
        stays = change.again or self._matches(change.before)
        if matches and stays and latched(marks, change.device.id) is not None:
            return marks
        return with_mark(marks, Mark(change.at, change.device.id, BEYOND * matches))


class OldStamps:
    """Keeps since when a device tells one of some values with a stamp from before what is known.

    By when it was heard: its clock was put back, or it is told late. Until it tells another value,
    or what it tells is in order again.

    Args:
        key: names the property, the values and the places.
        reads: the (device, property) pairs.
        matches: whether a value is one of them; None is not.
    """

    keep: Duration = 0

    def __init__(
        self,
        key: str,
        reads: frozenset[tuple[str, str]],
        matches: Callable[[Value | None], bool],
    ) -> None:
        self.key = f"old:{key}"
        self.reads = reads
        self._matches = matches

    def begin(self, view: View) -> tuple[Mark, ...]:
        """Return no marks: facts tell nothing of it."""
        return ()

    def note(self, marks: tuple[Mark, ...], view: View, change: Change | None) -> tuple[Mark, ...]:
        """Return the marks after a change of a fact."""
        if change is None or change.retained:
            return marks
        old = change.late_order and self._matches(change.after)
        if old == (latched(marks, change.device.id) is not None):
            return marks
        if old:
            return with_mark(marks, Mark(view.state.at, change.device.id, BEYOND))
        return tuple(mark for mark in marks if mark.device != change.device.id)


class Numbers:
    """Keeps what a number was: all that was told lately, and what was known just before.

    Args:
        key: names the property and the places.
        reads: the (device, property) pairs.
        keep: how far back.
    """

    def __init__(self, key: str, reads: frozenset[tuple[str, str]], *, keep: Duration) -> None:
        self.key = f"numbers:{key}"
        self.reads = reads
        self.keep = keep

    def begin(self, view: View) -> tuple[Mark, ...]:
        """Return the marks that the known facts give."""
        found = []
        for device, name in sorted(self.reads):
            fact = fact_of(view.state, device, name)
            if fact is not None and not isinstance(fact.value, str | tuple):
                found.append(Mark(fact.since, device, fact.value))
        return tuple(sorted(found, key=time_of))

    def note(self, marks: tuple[Mark, ...], view: View, change: Change | None) -> tuple[Mark, ...]:
        """Return the marks after a change of a fact; what is told late takes its place in time."""
        if change is None or isinstance(change.after, str | tuple):
            return marks
        mark = Mark(change.at, change.device.id, change.after)
        if mark in marks:
            return marks
        own = sorted((*numbers_of(marks, mark.device), mark), key=time_of)
        before = [one for one in own if one.at <= own[-1].at - self.keep]
        own = own[max(0, len(before) - 1) :]
        if len(own) > MAX_MARKS:
            own = _thinned(own, self.keep // NUMBERS_A_SPAN)
        others = (one for one in marks if one.device != mark.device)
        return tuple(sorted((*others, *own), key=time_of))


def _thinned(marks: list[Mark], grain: Duration) -> list[Mark]:
    """Keep the lowest, the highest and the last number of each part of the span, and the first.

    No extreme is lost; when one ended may be told later than it did, by `grain` at most.
    """
    parts: dict[Instant, list[Mark]] = {}
    for mark in marks:
        parts.setdefault(mark.at // max(grain, 1), []).append(mark)
    kept = {id(marks[0])}
    for part in parts.values():
        extremes = min(part, key=_value), max(part, key=_value)
        kept |= {id(one) for one in (*extremes, part[-1])}
    return [mark for mark in marks if id(mark) in kept]


def _value(mark: Mark) -> float:
    return mark.value


def numbers_of(marks: tuple[Mark, ...], device: str) -> list[Mark]:
    """Return what one device told, oldest first."""
    return [mark for mark in marks if mark.device == device]


def with_mark(marks: tuple[Mark, ...], mark: Mark) -> tuple[Mark, ...]:
    """Return the marks with a device's one mark put in the place of its last."""
    return (*(one for one in marks if one.device != mark.device), mark)


def latched(marks: tuple[Mark, ...], device: str) -> Mark | None:
    """Return a device's mark when it is beyond the limit, or None."""
    return next((one for one in marks if one.device == device and one.value == BEYOND), None)


def latch_marks(view: View, key: str) -> Iterator[tuple[str, Instant, bool]]:
    """Yield (device, since, whether beyond) of every device whose value a latch knows."""
    for mark in marks_of(view, key):
        yield mark.device, mark.at, mark.value == BEYOND
