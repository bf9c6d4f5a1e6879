"""Failures to sign in, counted by place, and how long each place has to wait.

An attempt is counted as a failure before it is looked at and taken back when it succeeds, so that
many at once do not slip through. How long a pause is, `core.sign_in` decides.
"""

import sqlite3
from collections.abc import Sequence
from typing import Final, NamedTuple

from telecared.adapters.console_db.hashing import digest
from telecared.core.sign_in import LIMITS, QUIET, address_group, is_quiet, pause_after
from telecared.core.vocabulary import Duration, Instant

MAX_PLACES: Final = 50_000
"""Places whose failures are remembered; the oldest are forgotten first."""


class Place(NamedTuple):
    """Where an attempt comes from, in one of the ways of counting.

    Attributes:
        kind: a key of `core.sign_in.LIMITS`.
        which: is kept as a digest only.
    """

    kind: str
    which: str

    @property
    def kept(self) -> bytes:
        """What stands for it in the table."""
        return digest(f"{self.kind}:{self.which}")


def places_of_name(key: str, address: str) -> list[Place]:
    """Return how an attempt with a name is counted where the browser is not known."""
    group = address_group(address)
    return [
        Place("name", f"{key}\n{group}"),
        Place("everywhere", key),
        Place("address", group),
    ]


def begin(connection: sqlite3.Connection, places: Sequence[Place], now: Instant) -> Duration:
    """Count an attempt as a failure, or return how long to wait until one is looked at."""
    known = {place: _failures(connection, place) for place in places}
    wait = max(
        pause_after(LIMITS[place.kind], failures, last, now)
        for place, (failures, last) in known.items()
    )
    if wait:
        return wait
    connection.execute("DELETE FROM failures WHERE last_at <= ?", (now - QUIET,))
    for place, (failures, last) in known.items():
        count = 1 if is_quiet(last, now) else failures + 1
        connection.execute(
            "INSERT OR REPLACE INTO failures(place, failures, last_at) VALUES (?, ?, ?)",
            (place.kept, count, now),
        )
    connection.execute(
        """DELETE FROM failures WHERE place IN (
            SELECT place FROM failures ORDER BY last_at DESC, place LIMIT -1 OFFSET ?)""",
        (MAX_PLACES,),
    )
    return 0


def succeed(connection: sqlite3.Connection, places: Sequence[Place]) -> None:
    """Forget the failures of one person at one desk; of a shared place only this attempt."""
    for place in places:
        if place.kind in ("everywhere", "address"):
            connection.execute(
                "UPDATE failures SET failures = max(0, failures - 1) WHERE place = ?",
                (place.kept,),
            )
        else:
            connection.execute("DELETE FROM failures WHERE place = ?", (place.kept,))


def _failures(connection: sqlite3.Connection, place: Place) -> tuple[int, Instant]:
    row = connection.execute(
        "SELECT failures, last_at FROM failures WHERE place = ?", (place.kept,)
    ).fetchone()
    return (0, 0) if row is None else (int(row["failures"]), int(row["last_at"]))
