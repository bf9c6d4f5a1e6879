"""What the engine asks the store, as plain functions over a connection.

Each runs to its end at once and leaves no transaction open. Writing is in `batch`, questions of
people in `reader`.
"""

import sqlite3
from typing import Final

import msgspec

from telecared.adapters.sqlite import rows
from telecared.adapters.sqlite.batch import PLAN_KEY
from telecared.adapters.sqlite.holds import standing_holds
from telecared.core.links import SECRET_KEY
from telecared.core.policy import RESIDENT
from telecared.core.vocabulary import DAY, Duration
from telecared.store_port import (
    CommandRow,
    Loaded,
    OpenNotified,
    OutboxRow,
    PacketMemory,
    StoredHome,
)

FILTERS_KEY: Final = "filters"
"""`remember` keeps the session's topic filters under this key, as a JSON array of texts."""

COMMIT_SECONDS_KEY: Final = "commit_seconds"
"""`remember` keeps the measured commit time under this key, as a decimal number."""

RECEIPTS_WITHIN: Final[Duration] = DAY
"""Receipts of older messages are not waited for after a start; networks give up within hours."""

LAST_INPUT: Final = """
    SELECT max(coalesce((SELECT max(id) FROM inputs), 0),
        coalesce((SELECT max(input_id) FROM buried_inputs), 0),
        coalesce((SELECT max(last) FROM dropped WHERE kind = 'inputs'), 0))"""

_OUTBOX: Final = """
    SELECT n.id, h.name, n.priority, n.queued_at, n.recipient, n.channel, c.body, n.state,
        n.provider_id, n.attempted_at, n.attempts, coalesce(n.provider, ''),
        coalesce(n.language, 'en')
    FROM notifications n JOIN homes h ON h.id = n.home_id
        LEFT JOIN contents c ON c.id = n.content_id
    WHERE n.state = 'queued' AND n.withdrawn = 0 ORDER BY n.seq"""

_TOLD: Final = """
    SELECT h.name, a.n, a.code, n.recipient, c.body
    FROM alerts a INDEXED BY alerts_unresolved
        CROSS JOIN notifications n ON n.home_id = a.home_id AND n.alert = a.n
        JOIN homes h ON h.id = a.home_id JOIN contents c ON c.id = n.content_id
    WHERE a.state <> 'resolved' AND (n.attempts > 0 OR n.state <> 'queued')
    ORDER BY a.opened_at DESC, a.home_id, a.n DESC, n.seq DESC"""

_ERASED: Final = """
    SELECT h.name, e.command_id FROM erasures e JOIN homes h ON h.id = e.home_id ORDER BY e.id"""


def load(connection: sqlite3.Connection) -> Loaded:
    """Read everything the engine starts from."""
    meta = dict(connection.execute("SELECT key, value FROM meta").fetchall())
    site = connection.execute("SELECT facts FROM site").fetchone()
    plan = connection.execute(
        "SELECT content FROM plans WHERE hash = ?", (meta.get(PLAN_KEY),)
    ).fetchone()
    last = connection.execute("SELECT kind, at FROM inputs ORDER BY id DESC LIMIT 1").fetchone()
    chained = connection.execute("SELECT at FROM chain WHERE kind = 'inputs' ORDER BY id DESC")
    last_chained = chained.fetchone()
    chained.close()
    homes = connection.execute(
        "SELECT h.name, h.state, h.due_at, r.hash, r.content FROM homes h"
        " LEFT JOIN home_records r ON r.id = h.record_id"
        " WHERE h.state IS NOT NULL OR r.content IS NOT NULL ORDER BY h.id"
    ).fetchall()
    packets = connection.execute(
        "SELECT packet_id, digest, skip, input_id FROM packets ORDER BY input_id, packet_id"
    ).fetchall()
    return Loaded(
        last_input=connection.execute(LAST_INPUT).fetchall()[0][0],
        last_at=max(last[1] if last else 0, last_chained[0] if last_chained else 0),
        clean_stop=last is not None and last[0] == "stop",
        site=site[0] if site else None,
        plan=plan[0] if plan else None,
        homes=[StoredHome(*row) for row in homes],
        packets=[PacketMemory(row[0], row[1], bool(row[2]), row[3]) for row in packets],
        commit_seconds=float(meta.get(COMMIT_SECONDS_KEY, "0")),
        filters=msgspec.json.decode(meta.get(FILTERS_KEY, "[]"), type=tuple[str, ...]),
        holds=tuple(standing_holds(connection)),
        link_secret=bytes.fromhex(meta.get(SECRET_KEY, "")),
        erased=dict(connection.execute(_ERASED).fetchall()),
    )


def remembered(connection: sqlite3.Connection, key: str) -> str | None:
    """Return a small setting that `remember` keeps, or None."""
    found = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if found is None else found[0]


def waiting_commands(connection: sqlite3.Connection, limit: int) -> list[CommandRow]:
    """Return the oldest commands that no input carries yet."""
    found = connection.execute(
        rows.SELECT_COMMANDS + "WHERE input_id IS NULL ORDER BY id LIMIT ?", (limit,)
    )
    return [rows.command_row(row) for row in found.fetchall()]


def outbox(connection: sqlite3.Connection) -> list[OutboxRow]:
    """Return what is owed to people, oldest first."""
    return [rows.outbox_row(row) for row in connection.execute(_OUTBOX).fetchall()]


def awaiting_receipts(connection: sqlite3.Connection) -> list[tuple[str, str, str]]:
    """Return (notification, provider, provider id) of what was sent lately and is not final.

    Lately means before the newest notification by at most `RECEIPTS_WITHIN`: what has no receipt
    after that will never have one.
    """
    return connection.execute(
        "SELECT id, coalesce(provider, ''), provider_id FROM notifications WHERE state = 'sent'"
        " AND provider_id IS NOT NULL"
        " AND queued_at >= (SELECT max(queued_at) FROM notifications) - ? ORDER BY seq",
        (RECEIPTS_WITHIN,),
    ).fetchall()


def notification_of(connection: sqlite3.Connection, provider_id: str, provider: str) -> str | None:
    """Return the notification that a provider's id belongs to, also by an earlier attempt.

    A provider may have told by a callback of what it never answered for: that is evidence too.
    """
    found = connection.execute(
        "SELECT id FROM notifications WHERE provider_id = ?"
        " AND (? = '' OR provider IS NULL OR provider = ?) ORDER BY seq DESC LIMIT 1",
        (provider_id, provider, provider),
    ).fetchall()
    if not found and provider_id:
        found = connection.execute(
            "SELECT n.id FROM notification_evidence e"
            " JOIN notifications n ON n.seq = e.notification"
            " WHERE e.provider_id = ? AND e.provider_id <> '' AND e.stage <> 'replied'"
            " AND (? = '' OR e.provider = ?) ORDER BY e.id DESC LIMIT 1",
            (provider_id, provider, provider),
        ).fetchall()
    return found[0][0] if found else None


def attempt_of(connection: sqlite3.Connection, notification: str) -> tuple[str, str]:
    """Return (provider, provider id) of a notification as it stands; "" for what is unknown."""
    found = connection.execute(
        "SELECT coalesce(provider, ''), coalesce(provider_id, '') FROM notifications WHERE id = ?",
        (notification,),
    ).fetchall()
    return found[0] if found else ("", "")


def home_of_notification(connection: sqlite3.Connection, notification: str) -> str | None:
    """Return the home that a notification belongs to."""
    found = connection.execute(
        "SELECT h.name FROM notifications n JOIN homes h ON h.id = n.home_id WHERE n.id = ?",
        (notification,),
    ).fetchall()
    return found[0][0] if found else None


def recipient_of(connection: sqlite3.Connection, notification: str) -> str | None:
    """Return whom a notification was for."""
    found = connection.execute(
        "SELECT recipient FROM notifications WHERE id = ?", (notification,)
    ).fetchall()
    return found[0][0] if found else None


def spoken(connection: sqlite3.Connection, notification: str) -> tuple[str, str] | None:
    """Return text and language of a call; None when it is unknown, erased, or no call."""
    found = connection.execute(
        "SELECT c.body, n.language FROM notifications n JOIN contents c ON c.id = n.content_id"
        " WHERE n.id = ? AND n.channel = 'voice' AND c.body IS NOT NULL",
        (notification,),
    ).fetchall()
    return (rows.text_of(found[0][0]), found[0][1] or "en") if found else None


def open_alerts_told_to(connection: sqlite3.Connection, number: str) -> list[OpenNotified]:
    """Return the unresolved alerts of which this number was told, newest first, each once."""
    found: dict[tuple[str, int], OpenNotified] = {}
    for home, n, code, contact, body in connection.execute(_TOLD).fetchall():
        if contact != RESIDENT and rows.number_of(body) == number:
            found.setdefault((home, n), OpenNotified(home, n, code, contact))
    return list(found.values())


def contacts_with(connection: sqlite3.Connection, number: str) -> list[tuple[str, str]]:
    """Return (home, contact id) of every registered contact with this number."""
    return connection.execute(
        "SELECT h.name, c.contact FROM contact_numbers c JOIN homes h ON h.id = c.home_id"
        " WHERE c.number = ? ORDER BY h.name, c.contact",
        (number,),
    ).fetchall()


def seen_inbound(connection: sqlite3.Connection, provider_id: str) -> bool:
    """Whether an SMS with this provider id is already an input."""
    found = connection.execute(
        "SELECT 1 FROM inputs WHERE kind = 'sms' AND CASE WHEN json_valid(body)"
        " THEN json_extract(body, '$.provider_id') END = ? LIMIT 1",
        (provider_id,),
    )
    return bool(found.fetchall())


def snapshot(connection: sqlite3.Connection, day: str) -> None:
    """Keep every home's state under the name of a day; a day that is kept already stays."""
    last_input = connection.execute(LAST_INPUT).fetchall()[0][0]
    taken = connection.execute(
        "INSERT INTO snapshot_days SELECT ?, ?,"
        " coalesce((SELECT at FROM inputs ORDER BY id DESC LIMIT 1), 0),"
        " (SELECT facts FROM site), (SELECT value FROM meta WHERE key = ?)"
        " WHERE NOT EXISTS (SELECT 1 FROM snapshot_days WHERE day = ?)",
        (day, last_input, PLAN_KEY, day),
    )
    if taken.rowcount:
        connection.execute(
            "INSERT INTO snapshots SELECT ?, id, state, due_at, record_id FROM homes"
            " WHERE state IS NOT NULL",
            (day,),
        )
