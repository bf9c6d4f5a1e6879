"""The table of evidence: every moment of a notification's life, appended and never changed.

Each row is in the chain by a salted commitment, since a provider's id leads to a person: erasing a
home empties it, and `verify` then says which command did. Reading it is `life_of`.
"""

import sqlite3
from collections.abc import Callable, Iterable
from typing import Final

from telecared.adapters.sqlite.chain import Links, canonical, commit_to
from telecared.core.vocabulary import Channel, Instant, NotificationState, Priority, Stage
from telecared.reader_port import NotificationLife
from telecared.store_port import EvidenceRow

TABLE: Final = "notification_evidence"

MAX_MOMENTS: Final = 500
"""Moments kept of one notification: a provider that repeats itself for ever fills no disk."""

_INSERT: Final = f"INSERT INTO {TABLE} VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)"  # noqa: S608 - a constant

_OF: Final = f"""
    SELECT n.seq, n.state, (SELECT count(*) FROM {TABLE} e WHERE e.notification = n.seq),
        (SELECT c.removed_by FROM contents c WHERE c.id = n.content_id)
    FROM notifications n WHERE n.id = ?"""  # noqa: S608 - a constant

_LIVES: Final = """
    SELECT n.seq, n.id, h.name || '/' || n.alert, n.recipient, n.channel, n.priority, n.queued_at,
        n.state, n.withdrawn, n.attempts, n.provider
    FROM notifications n JOIN homes h ON h.id = n.home_id
    WHERE h.name = ? AND n.alert = ? AND (? IS NULL OR n.id = ?) ORDER BY n.seq"""

_MOMENTS: Final = f"""
    SELECT at, stage, provider, provider_id, code FROM {TABLE}
    WHERE notification = ? ORDER BY id"""  # noqa: S608 - a constant


def evidence_content(  # the one form of a row that the chain commits to
    row_id: int, seq: int, at: Instant, stage: str, provider: str, provider_id: str, code: str
) -> bytes:
    """Return what the chain commits to."""
    return canonical(("evidence", row_id, seq, at, stage, provider, provider_id, code))


def append_evidence(
    connection: sqlite3.Connection,
    links: Links,
    number: Callable[[str], int],
    salt: Callable[[], bytes],
    evidence: Iterable[EvidenceRow],
) -> list[EvidenceRow]:
    """Append moments in the running transaction; return those of notifications not stored yet."""
    too_early = []
    for row in evidence:
        found = connection.execute(_OF, (row.notification,)).fetchone()
        if found is None:
            too_early.append(row)
            continue
        seq, state, count, erased_by = found
        if count >= MAX_MOMENTS or erased_by is not None:
            continue
        if row.stage is Stage.WITHDRAWN and state != NotificationState.QUEUED:
            continue  # it had left already: nothing was taken back
        columns = (
            number(TABLE),
            seq,
            row.at,
            row.stage.value,
            row.provider,
            row.provider_id,
            row.code,
        )
        own = salt()
        connection.execute(_INSERT, (*columns, own))
        links.add(row.at, "evidence", str(columns[0]), commit_to(own, evidence_content(*columns)))
    return too_early


def life_of(
    connection: sqlite3.Connection, home: str, alert: int, notification: str | None = None
) -> list[NotificationLife]:
    """Return what is known of the notifications of an alert, or of one of them, oldest first."""
    found = []
    for seq, *columns in connection.execute(
        _LIVES, (home, alert, notification, notification)
    ).fetchall():
        name, of, to, channel, priority, queued_at, state, withdrawn, attempts, provider = columns
        moments = [
            EvidenceRow(
                notification=name,
                at=at,
                stage=Stage(stage),
                provider=by,
                provider_id=provider_id,
                code=code,
            )
            for at, stage, by, provider_id, code in connection.execute(_MOMENTS, (seq,)).fetchall()
        ]
        found.append(
            NotificationLife(
                id=name,
                alert=of,
                to=to,
                channel=Channel(channel),
                priority=Priority(priority),
                queued_at=queued_at,
                state=NotificationState(state),
                withdrawn=bool(withdrawn),
                attempts=attempts,
                provider=provider or "",
                moments=tuple(moments),
            )
        )
    return found
