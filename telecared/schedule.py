"""When each home has to be looked at: one entry per home, the earliest first.

A home that is put in again replaces its entry, so that a stream of messages leaves no trail. What
is done when a home is due is `stepping`.
"""

from collections.abc import Callable, Iterable
from heapq import heapify, heappop, heappush
from typing import Final

from telecared.core.vocabulary import Instant

SLACK: Final = 1_000
"""Replaced entries that are kept beyond as many as are valid, before all are sorted out."""


class Schedule:
    """An index of homes by the instant at which they want to be looked at.

    Args:
        wake_of: tells that instant for a home, None for never.
    """

    def __init__(self, wake_of: Callable[[str], Instant | None]) -> None:
        self._wake_of = wake_of
        self._heap: list[tuple[Instant, str]] = []
        self._listed: dict[str, Instant] = {}

    def put(self, home: str) -> None:
        """Take in a home as it stands now."""
        at = self._wake_of(home)
        if at is None:
            self._listed.pop(home, None)
        elif self._listed.get(home) != at:
            self._listed[home] = at
            heappush(self._heap, (at, home))
            if len(self._heap) > 2 * len(self._listed) + SLACK:
                self._heap = [(at, home) for home, at in self._listed.items()]
                heapify(self._heap)

    def refill(self, homes: Iterable[str]) -> None:
        """Forget everything and take in these homes as they stand now."""
        self._heap.clear()
        self._listed.clear()
        for home in homes:
            self.put(home)

    def next(self) -> Instant | None:
        """Return when the next home has to be looked at, or None."""
        while self._heap:
            at, home = self._heap[0]
            if self._listed.get(home) == at:
                return at
            heappop(self._heap)
        return None

    def take(self, until: Instant) -> list[str]:
        """Return the homes that are due at or before `until`, earliest first, and let them go."""
        due = []
        while (at := self.next()) is not None and at <= until:
            home = heappop(self._heap)[1]
            del self._listed[home]
            due.append(home)
        return due
