"""Two replays of the same past held against each other: which alerts would be new, which gone.

Counts by home and month and how often somebody would be woken at night. Where the lines come from
(a recording, a store) is `replay`.
"""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from telecared.core.alerts import WATCHED
from telecared.core.policy import MONITORING_CENTRE
from telecared.core.streams import parse_stamp
from telecared.core.vocabulary import DAY, HOUR, Duration, Instant
from telecared.core.windows import local
from telecared.sim.lines import ReplayLine

MOVED_WITHIN: Final[Duration] = 6 * HOUR
"""An alert of the same rule in the same home this close to another is the same one, moved."""

MONTH_DAYS: Final = 30.44
"""Days of a mean month (365.25 / 12)."""

NIGHT_FROM, NIGHT_UNTIL = 22, 7
"""Hours of local time between which a message wakes somebody."""


class Opened(NamedTuple):
    """An alert that was opened; `watch` when it pages nobody."""

    at: Instant
    rule: str
    priority: str
    alert: str
    watch: bool = False


class HomeOutcome(NamedTuple):
    """What a replay led to in one home.

    Attributes:
        alerts: those that were opened, in order of time.
        wakings: (alert, who) of each person who was woken by an alert; never the centre.
    """

    alerts: tuple[Opened, ...]
    wakings: frozenset[tuple[str, str]]


class Moved(NamedTuple):
    """An alert that both replays open: at different times, or otherwise urgent."""

    before: Opened
    after: Opened


class HomeComparison(NamedTuple):
    """What changes in one home.

    Attributes:
        days: how long a past was replayed.
        same: how many alerts both open at the same instant with the same priority and mode.
        changed: those of one instant with another priority, or watched in one and not the other.
    """

    home: str
    days: float
    before: HomeOutcome
    after: HomeOutcome
    same: int
    new: tuple[Opened, ...]
    gone: tuple[Opened, ...]
    moved: tuple[Moved, ...]
    changed: tuple[Moved, ...]

    @property
    def differs(self) -> bool:
        """Whether anybody would be told anything else, or woken otherwise."""
        alerts = self.new or self.gone or self.moved or self.changed
        return bool(alerts) or len(self.before.wakings) != len(self.after.wakings)

    def a_month(self, count: int) -> float:
        """Return how many of something that is a month."""
        return count * MONTH_DAYS / self.days


class Outcomes:
    """Gathers what a replay leads to, home by home, while its lines go by.

    Args:
        zones: home -> its time zone; homes that are not among them are left out.
    """

    def __init__(self, zones: Mapping[str, ZoneInfo]) -> None:
        self._zones = zones
        self._alerts: dict[str, list[Opened]] = {home: [] for home in zones}
        self._wakings: dict[str, set[tuple[str, str]]] = {home: set() for home in zones}

    def take(self, line: ReplayLine) -> None:
        """Take one line of a replay."""
        zone = self._zones.get(line.home)
        if zone is None or line.alert is None:
            return
        at = parse_stamp(line.at)
        if line.event == "alert.opened":
            watch = line.reason.startswith(WATCHED)
            opened = Opened(at, line.rule or "", line.priority or "", line.alert, watch)
            self._alerts[line.home].append(opened)
        elif line.event == "notification.queued" and line.to not in (None, MONITORING_CENTRE):
            hour = local(at, zone).hour
            if hour >= NIGHT_FROM or hour < NIGHT_UNTIL:
                self._wakings[line.home].add((line.alert, line.to or ""))

    def of(self, home: str) -> HomeOutcome:
        """Return what the replay led to in a home so far."""
        return HomeOutcome(tuple(self._alerts[home]), frozenset(self._wakings[home]))


def compare(
    home: str, before: HomeOutcome, after: HomeOutcome, *, lasted: Duration
) -> HomeComparison:
    """Hold two outcomes of one home against each other.

    An alert of the same rule at the same instant is the same, or the same one changed; else the
    nearest of the same rule within `MOVED_WITHIN` is it, moved; what is left is new or gone.

    Args:
        home: its id.
        before: the outcome under the rules in force.
        after: the outcome under the others.
        lasted: how long the past is; less than a day counts as a day.
    """
    same, left, right = _paired(before.alerts, after.alerts, lambda one: one[:3] + one[4:])
    changed, left, right = _paired(left, right, lambda one: one[:2])
    moved = []
    for rule in sorted({one.rule for one in left} & {one.rule for one in right}):
        moved += _nearest(
            [one for one in left if one.rule == rule], [one for one in right if one.rule == rule]
        )
    gone_from, come_to = {one.before for one in moved}, {one.after for one in moved}
    return HomeComparison(
        home=home,
        days=max(lasted, DAY) / DAY,
        before=before,
        after=after,
        same=len(same),
        new=tuple(one for one in right if one not in come_to),
        gone=tuple(one for one in left if one not in gone_from),
        moved=tuple(sorted(moved)),
        changed=tuple(changed),
    )


def _paired(
    left: Sequence[Opened], right: Sequence[Opened], key: Callable[[Opened], object]
) -> tuple[list[Moved], list[Opened], list[Opened]]:
    """Return the pairs with equal keys, one to one, and what is left on both sides, in order."""
    waiting: dict[object, deque[Opened]] = {}
    for one in left:
        waiting.setdefault(key(one), deque()).append(one)
    pairs, alone = [], []
    for other in right:
        if same := waiting.get(key(other)):
            pairs.append(Moved(same.popleft(), other))
        else:
            alone.append(other)
    paired = {pair.before for pair in pairs}
    return pairs, [one for one in left if one not in paired], alone


def _nearest(left: Sequence[Opened], right: Sequence[Opened]) -> list[Moved]:
    """Return the pairs of one rule's alerts that lie closest together, one to one.

    Both are in order of time, so that of each only its neighbours within the bound are looked at.
    """
    times = [other.at for other in right]
    close = [
        (abs(one.at - other.at), one, other)
        for one in left
        for other in right[
            bisect_left(times, one.at - MOVED_WITHIN) : bisect_right(times, one.at + MOVED_WITHIN)
        ]
    ]
    free = {*left, *right}
    found = []
    for _, one, other in sorted(close):
        if one in free and other in free:
            free -= {one, other}
            found.append(Moved(one, other))
    return found
