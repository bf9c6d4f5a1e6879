"""Stretches of time in which something holds: when one is due, when it ends, how it stands now.

What conditions that last have in common. When a stretch begins is each condition's own business;
windows, pauses and outages are `base.due_after`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Final, Protocol, runtime_checkable

from telecared.core.conditions.base import (
    Due,
    View,
    due_after,
    fact_of,
    finding_key,
    running_since,
)
from telecared.core.plan import Device, Rule
from telecared.core.site import FAR
from telecared.core.state import Fact
from telecared.core.vocabulary import DAY, MINUTE, Duration, Instant
from telecared.core.when import Window

AGAIN_AFTER: Final[Duration] = 10 * MINUTE
"""What needs no time to be met and goes on after a resolve is told again after this: told at once,
nobody could ever resolve it."""

LONGEST_SPAN: Final[Duration] = 11 * DAY
"""A window that stays open for longer counts as opened this long ago."""


@runtime_checkable
class Evident(Protocol):
    """A condition that can say what its `reason` asks for, inside combinations."""

    def evidence(self, view: View) -> tuple[Device | None, Instant] | None:
        """Return the device and the start of the stretch for which it is met now, or None."""
        ...


class Lasting(ABC):
    """The part of a condition that combinations ask, where each device has a stretch of its own.

    Args:
        rule: it belongs to.
        needed: how long a stretch must last.
        windows: when that counts.
    """

    def __init__(self, rule: Rule, needed: Duration, windows: Sequence[Window]) -> None:
        self._counted = (rule, needed, windows)

    @abstractmethod
    def running(self, view: View) -> Iterator[tuple[Device, Instant]]:
        """Yield each device whose stretch runs as of `state.at`, and since when."""

    def holds(self, view: View) -> Instant | None:
        """Return since when the first device has met it."""
        return min((met for met, _, _ in self._met(view)), default=None)

    def turns(self, view: View) -> Iterator[Instant]:
        """Yield when a stretch has lasted long enough, and when windows open or close."""
        rule, needed, windows = self._counted
        for _, began in self.running(view):
            yield from stretch_turns(view, rule, began, needed, windows)

    def evidence(self, view: View) -> tuple[Device | None, Instant] | None:
        """Return the device that has met it longest, and when its stretch began."""
        first = min(self._met(view), key=lambda one: (one[0], one[1].id), default=None)
        return None if first is None else (first[1], first[2])

    def _met(self, view: View) -> Iterator[tuple[Instant, Device, Instant]]:
        rule, needed, windows = self._counted
        for device, began in self.running(view):
            met = met_since(view, rule, began, needed, windows)
            if met is not None:
                yield met, device, began


def stretch_due(
    view: View,
    rule: Rule,
    device: Device | None,
    since: Instant,
    needed: Duration,
    windows: Sequence[Window],
) -> Due | None:
    """Return the deadline of a stretch that began at `since` and must last `needed`.

    None while its alert is unresolved, or when it cannot be said.
    """
    finding = view.state.findings.get(finding_key(rule.name, device))
    running = running_since(finding, since, rule)
    if running is None:
        return None
    start, not_before = running
    if not needed and finding is not None and finding.resolved_at >= since == finding.since:
        start += AGAIN_AFTER
    at = due_after(start, needed, windows=windows, rule=rule, view=view)
    return None if at is None else Due(max(at, not_before), device, since)


def ending_due(view: View, rule: Rule, device: Device | None, ended_at: Instant) -> Due | None:
    """Return the deadline that ends what was found, because it no longer holds since `ended_at`.

    None when nothing is open, when that was noted already, or when the rule asks for more.
    """
    finding = view.state.findings.get(finding_key(rule.name, device))
    if rule.clear.kind != "auto" or finding is None or finding.alert not in view.state.alerts:
        return None
    if finding.over_at >= ended_at:
        return None
    return Due(ended_at, device, finding.since, ends=True)


def met_since(
    view: View, rule: Rule, since: Instant, needed: Duration, windows: Sequence[Window]
) -> Instant | None:
    """Return when a stretch that began at `since` was met, if it still is as of `state.at`.

    It counts anew from each opening of a window, and is not met outside of them.
    """
    opened = _opened_at(view, needed, windows)
    if opened is None:
        return None
    start = max(since, opened)
    if needed:
        met = due_after(start, needed, windows=windows, rule=rule, view=view)
    else:
        met = start
    return met if met is not None and met <= view.state.at else None


def stretch_turns(
    view: View, rule: Rule, since: Instant, needed: Duration, windows: Sequence[Window]
) -> Iterator[Instant]:
    """Yield the instants after `state.at` at which `met_since` of the same may change."""
    yield from window_turns(view, windows)
    opened = _opened_at(view, needed, windows)
    if opened is None:
        return
    due = due_after(max(since, opened), needed, windows=windows, rule=rule, view=view)
    if due is not None and due > view.state.at:
        yield due


def window_turns(view: View, windows: Sequence[Window]) -> Iterator[Instant]:
    """Yield the next instants after `state.at` at which windows may open or close."""
    for opens, closes in view.pieces(windows, view.state.at) if windows else ():
        if opens > view.state.at:
            yield opens
            return
        yield closes


def _opened_at(view: View, needed: Duration, windows: Sequence[Window]) -> Instant | None:
    """Return since when `state.at` is inside the windows, or None; openings that touch are one."""
    if not windows:
        return -FAR
    at, opened, closed = view.state.at, -FAR, -FAR
    for opens, closes in view.pieces(windows, at - min(needed, LONGEST_SPAN)):
        if opens > at:
            break
        if opens > closed:
            opened = opens
        closed = max(closed, closes)
    return opened if closed > at else None


def current_fact(view: View, device: str, name: str) -> Fact | None:
    """Return the fact of one property as of `state.at`; None once it has cleared by itself."""
    fact = fact_of(view.state, device, name)
    if fact is None or (fact.expires_at is not None and fact.expires_at <= view.state.at):
        return None
    return fact


def fact_turns(view: View, device: str, name: str) -> Iterator[Instant]:
    """Yield the instant after `state.at` at which a fact clears by itself."""
    fact = fact_of(view.state, device, name)
    if fact is not None and fact.expires_at is not None and fact.expires_at > view.state.at:
        yield fact.expires_at
