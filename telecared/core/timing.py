"""How long things took: exact percentiles by nearest rank, and the paths they are told for.

Arithmetic over durations only. What is measured from when to when is `answers`.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from telecared.core.vocabulary import Duration, Priority

PERCENTS: Final = (50, 95, 99)
"""What is told of every path."""


class Path(msgspec.Struct, frozen=True, order=True):
    """One way from a sensor to a named human.

    Attributes:
        rank: of the priority, so that the most dangerous comes first.
        channel: by which whoever answered had been told; `queue` where no message had been sent.
        who: `monitoring_centre`, `contact`, `operator` (a named person who is no contact), or a
            role where roles are known.
    """

    rank: int
    priority: Priority
    channel: str
    who: str


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """How long some things took, in microseconds; all None where nothing was measured."""

    count: int = 0
    p50: Duration | None = None
    p95: Duration | None = None
    p99: Duration | None = None
    worst: Duration | None = None


def percentile(ordered: Sequence[Duration], percent: int) -> Duration:
    """Return the nearest-rank percentile of durations in rising order.

    The smallest value that at least `percent` of a hundred values do not exceed: always one that
    was measured, never one in between.

    Raises:
        ValueError: there are no values, or `percent` is not from 1 to 100.
    """
    if not ordered or not 1 <= percent <= 100:
        raise ValueError("a percentile needs values, and a percentage from 1 to 100")
    return ordered[-(-percent * len(ordered) // 100) - 1]


def timing_of(durations: Iterable[Duration]) -> Timing:
    """Return how long some things took."""
    ordered = sorted(durations)
    if not ordered:
        return Timing()
    p50, p95, p99 = (percentile(ordered, each) for each in PERCENTS)
    return Timing(count=len(ordered), p50=p50, p95=p95, p99=p99, worst=ordered[-1])
