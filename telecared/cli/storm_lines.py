"""What `incidents`, `outages` and `held` print with `--json`: one object a line."""

import msgspec

from telecared.core.held_back import HeldKind


class IncidentHome(msgspec.Struct, frozen=True):
    """A home of an incident; `back_at` is null while its alarm unit is silent."""

    home: str
    alert: str
    silent_at: str
    back_at: str | None
    mains_lost: bool
    life_safety_devices: int


class IncidentLine(msgspec.Struct, frozen=True):
    """Many alerts, one cause; the homes with most devices on which a life depends first.

    `cause` is the likeliest: `power`, `broadband`, `broker` or `us`.
    """

    incident: str
    scheme: str
    cause: str
    opened_at: str
    closed_at: str | None
    units: int
    silent: int
    homes: list[IncidentHome]


class OutageHome(msgspec.Struct, frozen=True):
    """A home on an outage list; `done` when nobody needs to look any more."""

    home: str
    done: bool
    life_safety_devices: int
    tags: int
    unheard_since: str | None
    open_alerts: int
    contacts: int
    may_be_lost: bool
    heard_at: str | None
    outcome: str | None
    by: str | None
    checked_at: str | None
    note: str


class OutageLine(msgspec.Struct, frozen=True):
    """Whose alarm could have been missed in one gap, in order of risk; `left` are to be checked."""

    outage: int
    scheme: str
    cause: str
    since: str
    opened_at: str
    closed_at: str | None
    left: int
    more: int
    homes: list[OutageHome]


class HeldLine(msgspec.Struct, frozen=True):
    """One thing that nobody was told, or not by itself, and why."""

    at: str
    home: str
    alert: str | None
    rule: str | None
    kind: HeldKind
    reason: str
