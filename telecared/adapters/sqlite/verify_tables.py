"""How the tables agree: rows that the chain does not know, the ledger, alerts against states.

Each check returns sentences that name table and id. The chain itself is checked elsewhere.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from telecared.adapters.sqlite import rows
from telecared.core.plan import decode_home
from telecared.core.vocabulary import AlertState, NotificationState
from telecared.store_port import AlertRow

NAMED_MAX: Final = 20
"""Rows that are named for one finding."""

_WITHOUT_ENTRY: Final = {
    "inputs": "SELECT id FROM inputs WHERE NOT EXISTS"
    " (SELECT 1 FROM batches WHERE last >= inputs.id AND first <= inputs.id) LIMIT ?",
    "batches": "SELECT last FROM batches WHERE first || '-' || last NOT IN"
    " (SELECT ref FROM chain WHERE kind = 'inputs') LIMIT ?",
    "records": "SELECT id FROM records WHERE CAST(id AS TEXT) NOT IN"
    " (SELECT ref FROM chain WHERE kind = 'record') LIMIT ?",
    "notifications": "SELECT seq FROM notifications WHERE CAST(seq AS TEXT) NOT IN"
    " (SELECT ref FROM chain WHERE kind = 'notification') LIMIT ?",
    "commands": "SELECT id FROM commands WHERE (salt IS NOT NULL OR removed_by IS NOT NULL)"
    " AND CAST(id AS TEXT) NOT IN (SELECT ref FROM chain WHERE kind = 'command') LIMIT ?",
    "reads": "SELECT id FROM reads WHERE salt IS NOT NULL AND CAST(id AS TEXT) NOT IN"
    " (SELECT ref FROM chain WHERE kind = 'read') LIMIT ?",
    "plans": "SELECT hash FROM plans WHERE hash NOT IN"
    " (SELECT ref FROM chain WHERE kind = 'plan') LIMIT ?",
    "home_records": "SELECT id FROM home_records WHERE CAST(id AS TEXT) NOT IN"
    " (SELECT ref FROM chain WHERE kind = 'home_record') LIMIT ?",
    "dropped": "SELECT id FROM dropped WHERE CAST(id AS TEXT) NOT IN"
    " (SELECT ref FROM chain WHERE kind = 'dropped') LIMIT ?",
    "erasures": "SELECT id FROM erasures WHERE CAST(id AS TEXT) NOT IN"
    " (SELECT ref FROM chain WHERE kind = 'erasure') LIMIT ?",
    "notification_evidence": "SELECT id FROM notification_evidence WHERE CAST(id AS TEXT)"
    " NOT IN (SELECT ref FROM chain WHERE kind = 'evidence') LIMIT ?",
    "erased_rows": "SELECT id FROM erased_rows WHERE CAST(id AS TEXT) NOT IN"
    " (SELECT ref FROM chain WHERE kind = 'erased_row') LIMIT ?",
    "holds": "SELECT id FROM holds WHERE CAST(id AS TEXT) NOT IN"
    " (SELECT ref FROM chain WHERE kind = 'hold')"
    " OR coalesce(released_by, released_at) IS NOT NULL"
    " AND CAST(id AS TEXT) NOT IN (SELECT ref FROM chain WHERE kind = 'hold_end') LIMIT ?",
}

_DANGLING: Final = {
    "inputs": """SELECT id FROM inputs
        WHERE home_id IS NOT NULL AND home_id NOT IN (SELECT id FROM homes)
        OR device_id IS NOT NULL AND device_id NOT IN (SELECT id FROM devices)
        OR topic_id IS NOT NULL AND topic_id NOT IN (SELECT id FROM topics) LIMIT ?""",
    "buried_inputs": """SELECT input_id FROM buried_inputs b WHERE NOT EXISTS
        (SELECT 1 FROM batches WHERE last >= b.input_id AND first <= b.input_id) LIMIT ?""",
    "contents": """SELECT id FROM contents WHERE (id, home_id) NOT IN (
        SELECT content_id, home_id FROM records
        UNION ALL SELECT content_id, home_id FROM notifications) LIMIT ?""",
}
"""Rows that name, or are named by, what is not there."""

_ENTERED_TWICE: Final = """
    SELECT kind, ref FROM chain WHERE kind NOT IN ('plan', 'result')
    GROUP BY kind, ref HAVING count(*) > 1 LIMIT ?"""

_ENDED_UNKNOWN: Final = """
    SELECT id FROM commands WHERE state <> 'accepted' AND removed_by IS NULL
    AND CAST(id AS TEXT) NOT IN (SELECT ref FROM chain WHERE kind = 'result') LIMIT ?"""

_STATE_AFTER: Final = {
    "alert.opened": AlertState.OPEN,
    "alert.acknowledged": AlertState.ACKNOWLEDGED,
    "alert.handed_over": AlertState.ACKNOWLEDGED,
    "alert.snoozed": AlertState.ACKNOWLEDGED,
    "alert.planned": AlertState.ACKNOWLEDGED,
    "alert.lapsed": AlertState.OPEN,
    "alert.resolved": AlertState.RESOLVED,
}


# Receipts of help texts (alert 0), and of an alert that is over, decide nothing: no record tells of
# them.
_TOLD_IN_TIME: Final = """
    SELECT home_id, alert, recipient, channel, state, count(*) FROM notifications n
    WHERE alert <> 0 AND NOT EXISTS (
        SELECT 1 FROM alerts a WHERE a.home_id = n.home_id AND a.n = n.alert
        AND a.resolved_at <= n.changed_at)
    GROUP BY 1, 2, 3, 4, 5"""


_OTHER_TIMES: Final = """
    SELECT a.alert FROM alerts a
    WHERE NOT EXISTS (SELECT 1 FROM records r WHERE r.home_id = a.home_id AND r.alert = a.n
        AND r.event = 'alert.opened' AND r.at = a.opened_at)
    OR a.resolved_at IS NOT (SELECT max(at) FROM records r WHERE r.home_id = a.home_id
        AND r.alert = a.n AND r.event = 'alert.resolved') LIMIT ?"""

_RECORDS_OF_HOMES: Final = """
    SELECT h.id, h.name, h.record_id, r.id, r.content FROM homes h
    LEFT JOIN home_records r ON r.id = (
        SELECT max(id) FROM home_records WHERE home_id = h.id)"""


def rows_without_entry(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield rows that no chain entry stands for: somebody else wrote them."""
    for table, statement in _WITHOUT_ENTRY.items():
        for row in connection.execute(statement, (NAMED_MAX,)):
            yield f"{table}: {row[0]} is in no entry of the chain"
    for table, statement in _DANGLING.items():
        for row in connection.execute(statement, (NAMED_MAX,)):
            yield f"{table}: {row[0]} belongs to nothing"
    for kind, ref in connection.execute(_ENTERED_TWICE, (NAMED_MAX,)):
        yield f"chain: {kind} {ref} has been entered twice"
    for row in connection.execute(_ENDED_UNKNOWN, (NAMED_MAX,)):
        yield f"commands: the end of {row[0]} is in no entry of the chain"


def alerts_against_records(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield where the table of alerts is not what the record adds up to (promise P2)."""
    folded: dict[tuple[int, int], tuple[AlertState, str | None, str | None]] = {}
    for home_id, alert, event, rule, priority in connection.execute(
        "SELECT home_id, alert, event, rule, priority FROM records WHERE alert IS NOT NULL"
        " AND event LIKE 'alert.%' ORDER BY id"
    ):
        state = _STATE_AFTER.get(event)
        if state is AlertState.OPEN and event == "alert.opened":
            folded[home_id, alert] = (state, rule, priority)
        elif state is not None and (home_id, alert) in folded:
            folded[home_id, alert] = (state, *folded[home_id, alert][1:])
        elif event in ("alert.escalated", "alert.updated") and (home_id, alert) in folded:
            # A second sensor or its age may have raised it, and what was mended is as it was.
            folded[home_id, alert] = (*folded[home_id, alert][:2], priority)
    erased = {row[0] for row in connection.execute("SELECT home_id FROM erasures")}
    for home_id, n, alert, state, rule, priority, owner in connection.execute(
        "SELECT home_id, n, alert, state, rule, priority, owner FROM alerts"
    ):
        told = folded.pop((home_id, n), None)
        if told is None:
            yield f"alerts: {alert} was never opened in records"
        elif told[0] != state:
            yield f"alerts: {alert} is {state}, but records end with {told[0].value}"
        elif told[1:] != (rule, priority):
            yield f"alerts: {alert} has another rule or priority in records"
        if state == AlertState.ACKNOWLEDGED and owner is None and home_id not in erased:
            yield f"alerts: {alert} is acknowledged and names no owner"
    for home_id, n in folded:
        yield f"alerts: alert {n} of home {home_id} is in records and not in the table"


def times_against_records(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield alerts that opened or ended at another time in the record: they tell of its month."""
    for row in connection.execute(_OTHER_TIMES, (NAMED_MAX,)):
        yield f"alerts: {row[0]} opened or was resolved at another time in records"


def homes_against_records(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield where a home stands on another record than its newest, or is known by other numbers."""
    numbers: dict[int, list[tuple[str, str]]] = {}
    for home_id, number, contact in connection.execute(
        "SELECT home_id, number, contact FROM contact_numbers"
    ):
        numbers.setdefault(home_id, []).append((number, contact))
    for home_id, name, stands_on, newest, content in connection.execute(_RECORDS_OF_HOMES):
        if stands_on != (None if content is None else newest):
            yield f"homes: {name} does not stand on the newest of its home_records"
            continue
        contacts = () if content is None else decode_home(content).contacts
        if sorted(numbers.pop(home_id, [])) != sorted((one.phone, one.id) for one in contacts):
            yield f"contact_numbers: those of {name} are not what its home_records say"
    for home_id in numbers:
        yield f"contact_numbers: those of home {home_id} are of no home_records"


def notifications_against_records(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield where notifications are not what the record tells of them."""
    told: Counter[tuple[int, int, str, str, str]] = Counter()
    for home_id, alert, to, channel, event, count in connection.execute(
        "SELECT home_id, coalesce(alert, 0), recipient, channel, event, count(*) FROM records"
        " WHERE event LIKE 'notification.%' GROUP BY 1, 2, 3, 4, 5"
    ):
        told[home_id, alert, to, channel, event] = count
    kept: Counter[tuple[int, int, str, str]] = Counter()
    in_state: Counter[tuple[int, int, str, str, str]] = Counter()
    for home_id, alert, to, channel, count in connection.execute(
        "SELECT home_id, alert, recipient, channel, count(*) FROM notifications GROUP BY 1, 2, 3, 4"
    ):
        kept[home_id, alert, to, channel] = count
    for home_id, alert, to, channel, state, count in connection.execute(_TOLD_IN_TIME):
        in_state[home_id, alert, to, channel, f"notification.{state}"] = count
    queued = {
        key[:4]: count
        for key, count in told.items()
        if key[4] == f"notification.{NotificationState.QUEUED.value}"
    }
    for key in sorted(kept.keys() | queued.keys()):
        if kept[key] != queued.get(key, 0):
            yield (
                f"notifications: alert {key[1]} of home {key[0]} has {kept[key]} by {key[3]} for"
                f" one recipient, records tell of {queued.get(key, 0)}"
            )
    for whole, count in sorted(in_state.items()):
        if count > told[whole] and not whole[4].endswith(".queued"):
            yield (
                f"notifications: alert {whole[1]} of home {whole[0]} has more in a final state"
                f" than records tell of as {whole[4]}"
            )


def alerts_against_states(
    connection: sqlite3.Connection, alerts_of_state: Callable[[bytes], list[AlertRow]]
) -> Iterator[str]:
    """Yield where a home's state, the truth, and the table of unresolved alerts differ."""
    for home_id, name, state in connection.execute("SELECT id, name, state FROM homes"):
        kept = {
            row[0]: rows.alert_row(row)
            for row in connection.execute(
                rows.SELECT_ALERTS + "WHERE a.home_id = ? AND a.state <> 'resolved'", (home_id,)
            ).fetchall()
        }
        held = [] if state is None else alerts_of_state(state)
        for alert in held:
            if alert.state is AlertState.RESOLVED:
                continue
            if kept.pop(alert.alert, None) != alert:
                yield f"alerts: {alert.alert} differs from the state of its home"
        for left in kept:
            yield f"alerts: {left} is unresolved, but not in the state of home {name}"
