"""What a scheme hears of its homes, and a home of its scheme: silence, storms, gaps, checks.

All but `HomeChecked` follow from inputs and are none themselves: a replay derives them again, in
the same transaction. What they come to is `incidents` and `outages`.
"""

import msgspec

from telecared.core.vocabulary import Instant


class UnitSilent(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A home of the scheme opened an alert that its alarm unit is silent or offline.

    Attributes:
        alert: the alert's number in its home.
        units: how many homes of the scheme have an alarm unit.
        mains_lost: the home had told that its mains was lost, and not that it is back.
        lives: devices of the home on which a life depends.
    """

    input: int
    at: Instant
    home: str
    alert: int
    units: int
    mains_lost: bool
    lives: int


class UnitBack(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The alert that a home's alarm unit is silent was resolved."""

    input: int
    at: Instant
    home: str
    alert: int


class StormJoined(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An alert of this home is part of an incident: it is not told by itself while that runs.

    Attributes:
        incident: `{scheme}#{n}`.
        cause: one of `storms.Cause`.
        until: at the latest it is told then.
    """

    input: int
    at: Instant
    alert: int
    incident: str
    cause: str
    until: Instant


class StormOver(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The incident that an alert of this home was part of is over; the alert is told by itself."""

    input: int
    at: Instant
    alert: int
    incident: str


class AtRisk(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How much a gap may have meant to one home.

    Attributes:
        lives: devices on which a life depends.
        tags: how many tags it has: each tells of a need.
        heard_at: when it was last heard before the gap, 0 for never.
        open_alerts: unresolved alerts that page people.
        contacts: how many people may be told about it.
        lossy: a message of such a device may be lost for good: only a person can tell.
    """

    home: str
    lives: int
    tags: int = 0
    heard_at: Instant = 0
    open_alerts: int = 0
    contacts: int = 0
    lossy: bool = False


class GapEnded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """For a time alarms of the scheme's homes may not have come through, or were not told.

    Attributes:
        cause: one of `storms.Cause`.
        since: when it began.
        homes: whose alarm could have been missed.
    """

    input: int
    at: Instant
    cause: str
    since: Instant
    homes: tuple[AtRisk, ...]


class HomeHeard(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A home that stands on an outage list was heard again, by its alarm unit's own message."""

    input: int
    at: Instant
    home: str


class HomeChecked(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A named person has looked after a home that stands on outage lists.

    Attributes:
        outcome: one of `storms.CheckOutcome`.
        note: a sentence. Personal data, as is `by`.
    """

    input: int
    at: Instant
    home: str
    outcome: str
    by: str
    note: str = ""


StormEvent = UnitSilent | UnitBack | StormJoined | StormOver | GapEnded | HomeHeard | HomeChecked
"""Everything above."""
