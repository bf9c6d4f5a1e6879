"""What other systems ask of the store: alerts and changes page by page, and commands given before.

Read-only. Who may see which homes is decided by the caller, who names them.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from telecared.adapters.sqlite import rows
from telecared.adapters.sqlite.connection import reading
from telecared.core.vocabulary import AlertState, Instant, Priority
from telecared.store_port import AlertRow

Place = tuple[Instant, int, int]
"""Of an alert among all: when it opened, and what tells those of one instant apart."""

# The second condition is that of the index, without which every command would be looked at.
GIVEN_UNDER: Final = """
    SELECT id, kind, home, body FROM commands WHERE via = ? AND via GLOB 'api *'
    ORDER BY id LIMIT 1"""

FIRST: Final[Place] = (2**62, 2**62, 2**62)
"""Where the first page of alerts begins: after everything."""


class AlertsWanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which alerts are asked for; None for every one.

    Attributes:
        homes: only of these.
        before: the place of the last one of the page before.
    """

    homes: Sequence[str] | None = None
    state: AlertState | None = None
    priority: Priority | None = None
    rule: str | None = None
    since: Instant | None = None
    before: Place = FIRST
    limit: int


class AlertPage(NamedTuple):
    """Alerts, newest first, and where the next page begins; None when there is none."""

    alerts: list[AlertRow]
    next: Place | None


class FeedLine(NamedTuple):
    """One line of the record, without its words."""

    id: int
    home: str
    at: Instant
    event: str
    alert: int | None
    rule: str | None
    priority: str | None
    to: str | None
    channel: str | None


class GivenBefore(NamedTuple):
    """A command that was given under a key."""

    id: int
    kind: str
    home: str | None
    body: str | None


def alert_page(path: Path, wanted: AlertsWanted) -> AlertPage:
    """Return a page of alerts, those that page nobody left out. Raises StoreError."""
    asked: list[str | int] = [*wanted.before]
    where = ["NOT a.watch", "(a.opened_at, a.home_id, a.n) < (?, ?, ?)"]
    for condition, value in (
        ("h.name IN (SELECT value FROM json_each(?))", wanted.homes),
        ("a.state = ?", wanted.state),
        ("a.priority = ?", wanted.priority),
        ("a.rule = ?", wanted.rule),
        ("a.opened_at >= ?", wanted.since),
    ):
        if value is not None:
            where.append(condition)
            asked.append(value if isinstance(value, str | int) else json.dumps(list(value)))
    with reading(path) as connection:
        found = connection.execute(
            f"{rows.SELECT_ALERTS} WHERE {' AND '.join(where)}"
            " ORDER BY a.opened_at DESC, a.home_id DESC, a.n DESC LIMIT ?",
            (*asked, wanted.limit + 1),
        ).fetchall()
        alerts = [rows.alert_row(row) for row in found[: wanted.limit]]
        if len(found) <= wanted.limit:
            return AlertPage(alerts, None)
        last = alerts[-1]
        [(home,)] = connection.execute("SELECT id FROM homes WHERE name = ?", (last.home,))
    return AlertPage(alerts, (last.opened_at, home, last.n))


def feed(path: Path, after: int, limit: int) -> list[FeedLine]:
    """Return lines of the record after one, in order. Raises StoreError."""
    with reading(path) as connection:
        found = connection.execute(
            "SELECT r.id, h.name, r.at, r.event, r.alert, r.rule, r.priority, r.recipient,"
            " r.channel FROM records r JOIN homes h ON h.id = r.home_id"
            " WHERE r.id > ? ORDER BY r.id LIMIT ?",
            (after, limit),
        ).fetchall()
    return [FeedLine(*row) for row in found]


def newest_line(path: Path) -> int:
    """Return the id of the newest line of the record, 0 for none. Raises StoreError."""
    with reading(path) as connection:
        return connection.execute("SELECT max(id) FROM records").fetchone()[0] or 0


def given_before(path: Path, via: str) -> GivenBefore | None:
    """Return the command that was given by a way that names its key, `api KEY`.

    Raises:
        StoreError: the database cannot be read.
    """
    with reading(path) as connection:
        found = connection.execute(GIVEN_UNDER, (via,)).fetchall()
    return GivenBefore(*found[0]) if found else None
