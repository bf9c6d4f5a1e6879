"""The ledger of a demo: what the log of alerts adds up to, held against the table and the states.

Promise P2 as a sum: opened = closed by a person + closed by recovery + acknowledged + escalating.
Reads a store that nobody writes to any more.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from telecared.adapters.sqlite import SqliteReader
from telecared.core.state import decode_state
from telecared.core.vocabulary import AlertState, NotificationState
from telecared.reader_port import AlertFilter, StoredRecord
from telecared.store_port import AlertRow

MOST_ALERTS: Final = 10_000_000
"""More than any demo opens: the ledger must see every alert."""

_STATE_AFTER: Final = {
    "alert.opened": AlertState.OPEN,
    "alert.acknowledged": AlertState.ACKNOWLEDGED,
    "alert.snoozed": AlertState.ACKNOWLEDGED,
    "alert.handed_over": AlertState.ACKNOWLEDGED,
    "alert.lapsed": AlertState.OPEN,
    "alert.resolved": AlertState.RESOLVED,
}


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """How a demo ended.

    Attributes:
        events: messages of devices on record.
        opened: alerts that the log says were opened.
        by_person, by_recovery, acknowledged, escalating: where they stand.
        notifications: how many messages to people stand in which state.
        problems: sentences about what does not add up; empty when the ledger balances.
    """

    homes: int
    events: int
    opened: int
    by_person: int
    by_recovery: int
    acknowledged: int
    escalating: int
    notifications: dict[NotificationState, int]
    problems: list[str]

    @property
    def balances(self) -> bool:
        """Whether every alert is accounted for."""
        return not self.problems


def read_ledger(path: Path) -> Ledger:
    """Add up the ledger of a store.

    Raises:
        StoreError: it cannot be read.
    """
    reader = SqliteReader(path)
    rows = reader.alerts(AlertFilter(limit=MOST_ALERTS))
    table = [row for row in rows if not row.watch]
    folded = _fold(reader.records(), {row.alert for row in rows if row.watch})
    homes = reader.load().homes
    unresolved: dict[str, AlertState] = {
        f"{stored.home}/{alert.n}": alert.state
        for stored in homes
        if stored.state is not None
        for alert in decode_state(stored.state).alerts.values()
        if not alert.watch and alert.state is not AlertState.RESOLVED
    }
    states = Counter(folded.values())
    by_person = sum(row.resolved_by is not None for row in table if _is_resolved(row))
    return Ledger(
        homes=sum(stored.record is not None for stored in homes),
        events=sum(row.kind == "message" for row in reader.each_input()),
        opened=len(folded),
        by_person=by_person,
        by_recovery=states[AlertState.RESOLVED] - by_person,
        acknowledged=states[AlertState.ACKNOWLEDGED],
        escalating=states[AlertState.OPEN],
        notifications={
            NotificationState(state): count
            for state, count in sorted(reader.notification_states().items())
        },
        problems=_problems(folded, table, unresolved),
    )


def _is_resolved(row: AlertRow) -> bool:
    return row.state is AlertState.RESOLVED


def _fold(records: Iterable[StoredRecord], watched: set[str]) -> dict[str, AlertState]:
    """Return where each alert stands by the log alone, leaving out those that page nobody."""
    states: dict[str, AlertState] = {}
    for stored in records:
        state = _STATE_AFTER.get(stored.record.event)
        name = f"{stored.home}/{stored.record.alert}"
        if state is not None and name not in watched:
            states[name] = state
    return states


def _problems(
    folded: dict[str, AlertState], table: list[AlertRow], unresolved: dict[str, AlertState]
) -> list[str]:
    """Return where the log, the table and the states tell different stories."""
    problems = []
    rows = {row.alert: row.state for row in table}
    for name in sorted(folded.keys() | rows.keys()):
        if folded.get(name) is not rows.get(name):
            problems.append(f"{name}: the log and the table of alerts disagree")
        elif rows[name] is not AlertState.RESOLVED and unresolved.get(name) is not rows[name]:
            problems.append(f"{name}: the table of alerts and the home's state disagree")
    for name in sorted(unresolved.keys() - rows.keys()):
        problems.append(f"{name}: the home's state holds an alert that the table does not")
    return problems
