"""How many alerts the centre has answered in time since midnight, scheme by scheme.

What an answer in time is, is `core.answers` and `core.queue`; here a store is asked, now and then.
"""

import threading
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from zoneinfo import ZoneInfo

from telecared.adapters.sqlite import History
from telecared.core.answers import AlertSeen, Answered, answers
from telecared.core.queue import HELD_TO_TARGETS, LATE_AFTER, OVERDUE_AFTER
from telecared.core.vocabulary import MINUTE, Duration, Instant
from telecared.core.windows import local, to_instant
from telecared.web.faces import scheme_of

if TYPE_CHECKING:
    from telecared.web.registry import Registry

KEPT_FOR: Final[Duration] = MINUTE
"""Figures are at most this old, by the engine's clock or the wall's, whichever runs faster."""


class Score(NamedTuple):
    """Alerts of life safety and urgency that the centre had to answer today.

    Attributes:
        asked: answered, or waiting for longer than the first target.
        in_first, in_second: of these, answered within each target.
    """

    asked: int = 0
    in_first: int = 0
    in_second: int = 0

    def __add__(self, other: object) -> "Score":
        """Add up two scores."""
        if not isinstance(other, Score):
            return NotImplemented
        return Score(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


class Today:
    """The day's score, remembered for a minute.

    Args:
        path: the store.
        registry: what is registered.
    """

    def __init__(self, path: Path, registry: "Registry") -> None:
        self._path = path
        self._registry = registry
        self._lock = threading.Lock()
        self._scores: dict[str | None, Score] = {}
        self._wall: Instant | None = None
        self._day = ""

    def refresh(self, now: Instant, wall: Instant) -> None:
        """Count again unless that was done lately; may take a second. Raises StoreError.

        Args:
            now: engine time.
            wall: wall time.
        """
        zone = ZoneInfo(self._registry.plan().site_timezone)
        offset = self._registry.site().offset(now)
        midnight = local(now, zone, offset).replace(hour=0, minute=0, second=0, microsecond=0)
        day = midnight.date().isoformat()
        with self._lock:
            # Not by a clock that was put back: it would be an hour until the next count.
            if day == self._day and self._wall is not None and 0 <= wall - self._wall < KEPT_FOR:
                return
            since = to_instant(midnight) - offset
            scores: dict[str | None, Score] = defaultdict(Score)
            records = self._registry.records()
            for one in _answered(self._path, since, now):
                scheme = scheme_of(one.seen.home, records.get(one.seen.home))
                scores[scheme] += score_of(one, now)
            self._scores, self._day, self._wall = dict(scores), day, wall

    def score(self, schemes: tuple[str, ...] | None) -> Score:
        """Return the score of some schemes, None for all, as of the last count."""
        found = Score()
        for scheme, score in self._scores.items():
            if schemes is None or scheme in schemes:
                found += score
        return found


def score_of(one: Answered, now: Instant) -> Score:
    """Return what one alert counts for."""
    if one.seen.priority not in HELD_TO_TARGETS or one.seen.watch or not one.was_at_the_centre:
        return Score()
    took = one.from_centre
    if took is None:
        waits = one.centre_at is not None and now - one.centre_at > LATE_AFTER
        return Score(asked=1) if waits else Score()
    return Score(1, int(took <= LATE_AFTER), int(took <= OVERDUE_AFTER))


def _answered(path: Path, since: Instant, until: Instant) -> list[Answered]:
    history = History(path)
    opened = [row for row in history.alerts(since, until) if row.opened_at >= since]
    seen = [
        AlertSeen(
            home=row.home,
            n=row.n,
            rule=row.rule,
            priority=row.priority,
            state=row.state,
            opened_at=row.opened_at,
            sensed_at=row.opened_at,
            watch=row.watch,
            resolved_at=row.resolved_at,
            by_person=row.resolved_by is not None or row.outcome is not None,
            outcome=row.outcome,
        )
        for row in opened
    ]
    return answers(seen, [(one.home, one.record) for one in history.records(since)], [])
