"""Storms and gaps as a state keeps them: silent units, incidents, outage lists, runaway findings.

Values and their limits. How they come about is `incidents` and `outages`.
"""

from collections.abc import Sequence
from enum import StrEnum
from operator import attrgetter
from typing import Final

import msgspec

from telecared.core.vocabulary import Duration, Instant

MAX_SILENT: Final = 20_000
"""Silent alarm units that a scheme remembers; one more is told by itself and joins no incident."""

MAX_INCIDENTS: Final = 20
"""Incidents and outage lists that are kept, the closed ones first forgotten."""

MAX_KEPT: Final = 20_000
"""Homes in the incidents that are kept, and in the lists: what is over goes beyond that, too."""

MAX_LISTED: Final = 20_000
"""Homes on one outage list, the riskiest; the rest are counted, and keep it from zero."""


class Cause(StrEnum):
    """Why many homes could not be heard, or could not be told, as far as is known."""

    POWER = "power"
    BROADBAND = "broadband"
    BROKER = "broker"
    US = "us"
    PROVIDER = "provider"


class CheckOutcome(StrEnum):
    """What came of looking after a home that stands on an outage list."""

    OK = "ok"
    VISITED = "visited"
    CALLED = "called"
    NO_ANSWER = "no_answer"
    NEEDS_HELP = "needs_help"
    NOT_NEEDED = "not_needed"

    @property
    def settles(self) -> bool:
        """Whether nobody has to look again: somebody knows how the resident is."""
        return self is not CheckOutcome.NO_ANSWER


class Silent(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An alarm unit of which a home told that it is silent.

    Attributes:
        alert: the home's alert, by its number.
        at: when that opened.
        mains_lost, lives: as in `storm_events.UnitSilent`.
        back_at: when the alert was resolved, 0 while it is not.
        judged: what it means to the scheme has been worked out since it last changed.
        incident: the number of the incident that it is part of, 0 for none.
    """

    home: str
    alert: int
    at: Instant
    mains_lost: bool
    lives: int
    back_at: Instant = 0
    judged: bool = False
    incident: int = 0


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """Many alerts, one cause.

    Attributes:
        cause: one of `Cause`.
        last_at: when the last unit joined.
        units: how many homes of the scheme had an alarm unit.
        until: at the latest it is over then, and what still lasts is told home by home.
        members: its homes, also those that are back.
        ebbs_at: when it is over if no more of its homes come back, 0 while many are silent.
        closed_at: when it was over, 0 while it runs.
    """

    n: int
    cause: str
    opened_at: Instant
    last_at: Instant
    units: int
    until: Instant
    members: tuple[Silent, ...]
    ebbs_at: Instant = 0
    closed_at: Instant = 0


class Listed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One home on an outage list.

    Attributes:
        lives, tags, unheard_since, open_alerts, contacts, lossy: why it stands where it stands.
        heard_at: when it was heard again, 0 for not yet.
        outcome, by, checked_at, note: what a person found; "" and 0 before. Personal data.
    """

    home: str
    lives: int
    tags: int
    unheard_since: Instant
    open_alerts: int
    contacts: int
    lossy: bool
    heard_at: Instant = 0
    outcome: str = ""
    by: str = ""
    checked_at: Instant = 0
    note: str = ""

    @property
    def is_done(self) -> bool:
        """Whether nobody needs to look any more."""
        if self.outcome:
            return CheckOutcome(self.outcome).settles
        return bool(self.heard_at) and not self.lossy

    @property
    def risk(self) -> tuple[int, int, int, Instant, int, str]:
        """Smaller for whom to look after first."""
        return (
            -self.lives,
            -self.tags,
            -self.open_alerts,
            self.unheard_since,
            self.contacts,
            self.home,
        )


class OutageList(msgspec.Struct, frozen=True, kw_only=True):
    """Whose alarm could have been missed in one gap.

    Attributes:
        since: when the gap began.
        opened_at: when the list was made.
        tell_at: from then on an alert stands for it while it is not at zero.
        homes: in order of risk.
        latest: when the latest of several gaps of one cause began that it is of.
        more: homes that are too many to be listed.
        incident: the incident that it is of, 0 for none.
        closed_at: when it came to zero, 0 before.
        done_before: so many homes at its beginning are done, so that nobody looks at them again.
    """

    n: int
    cause: str
    since: Instant
    opened_at: Instant
    tell_at: Instant
    homes: tuple[Listed, ...]
    latest: Instant = 0
    more: int = 0
    incident: int = 0
    told: bool = False
    closed_at: Instant = 0
    done_before: int = 0

    @property
    def left(self) -> int:
        """How many homes nobody has looked after yet."""
        return sum(not one.is_done for one in self.homes)


class Burst(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How fast one finding repeats itself: a level that rises with each and falls with time.

    Attributes:
        at: when it was last found.
        level: how full it was then, in microseconds of its falling.
        told_at: when a repeat was last told since it ran away, 0 for not yet.
        said: what it was found by, each sentence once, a few of them.
        news: the last finding said something else than all before.
    """

    at: Instant
    level: Duration
    told_at: Instant = 0
    said: tuple[str, ...] = ()
    news: bool = False


class Storms(msgspec.Struct, frozen=True, kw_only=True):
    """What a scheme remembers of storms and gaps; empty in every other home.

    Attributes:
        units: how many homes of the scheme have an alarm unit, as far as was last told.
        silent: alarm units that are silent or lately were, by time and home.
        incidents, lists: oldest first.
        judge_at: when the silent units are judged next, 0 for when more is heard.
    """

    units: int = 0
    silent: tuple[Silent, ...] = ()
    judge_at: Instant = 0
    next_incident: int = 1
    incidents: tuple[Incident, ...] = ()
    next_list: int = 1
    lists: tuple[OutageList, ...] = ()


NO_STORMS: Final = Storms()

_home_of = attrgetter("home")


def place_of(home: str, among: Sequence[Silent] | Sequence[Listed], start: int = 0) -> int | None:
    """Return where a home stands from `start` on, or None; thousands ask at once."""
    try:
        return list(map(_home_of, among)).index(home, start)
    except ValueError:
        return None


def too_many(kept: list[tuple[int, int, bool]]) -> set[int]:
    """Return which of what is kept has to go, the oldest that is over first.

    Args:
        kept: number, how many homes are in it, whether it is over; oldest first.
    """
    gone: set[int] = set()
    homes = sum(size for _, size, _ in kept)
    for n, size, over in kept[:-1]:
        if len(kept) - len(gone) <= MAX_INCIDENTS and homes <= MAX_KEPT:
            break
        if over:
            gone.add(n)
            homes -= size
    return gone
