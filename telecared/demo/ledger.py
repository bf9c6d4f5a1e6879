"""How a demo ended: the core's ledger, beside what was counted on the way.

Promise P2 as a sum: opened = closed by a person + closed by recovery + acknowledged + escalating.
Reads a store that nobody writes to any more.
"""

from pathlib import Path
from typing import Final

import msgspec

from telecared.adapters.sqlite import SqliteReader
from telecared.core import ledger
from telecared.core.state import HomeState, decode_state
from telecared.core.vocabulary import AlertState, NotificationState
from telecared.reader_port import AlertFilter
from telecared.rows import standing_of
from telecared.store_port import AlertRow

MOST_ALERTS: Final = 10_000_000
"""More than any demo opens: the ledger must see every alert."""


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How a demo ended.

    Attributes:
        events: messages of devices on record.
        alerts: the ledger.
        notifications: how many messages to people stand in which state.
        problems: sentences about what does not add up; empty when the ledger balances.
    """

    homes: int
    events: int
    alerts: ledger.Ledger
    notifications: dict[NotificationState, int]
    problems: list[str]

    @property
    def balances(self) -> bool:
        """Whether every alert is accounted for."""
        return self.alerts.balances and not self.problems


def read_ending(path: Path) -> Ending:
    """Add up the ledger of a store, and hold it against the homes' states.

    Raises:
        StoreError: it cannot be read.
    """
    reader = SqliteReader(path)
    rows = reader.alerts(AlertFilter(limit=MOST_ALERTS))
    records = ((stored.home, stored.record) for stored in reader.records())
    added = ledger.add_up(records, map(standing_of, rows))
    homes = reader.load().homes
    states = [decode_state(stored.state) for stored in homes if stored.state is not None]
    return Ending(
        homes=sum(stored.record is not None for stored in homes),
        events=sum(row.kind == "message" for row in reader.each_input()),
        alerts=added,
        notifications={
            NotificationState(state): count
            for state, count in sorted(reader.notification_states().items())
        },
        problems=[*added.differences, *_forgotten(rows, states)],
    )


def _forgotten(rows: list[AlertRow], states: list[HomeState]) -> list[str]:
    """Return where the table of alerts and the homes' states tell different stories."""
    table = {row.alert: row.state for row in rows if row.state is not AlertState.RESOLVED}
    held = {
        f"{state.home}/{alert.n}": alert.state
        for state in states
        for alert in state.alerts.values()
    }
    return [
        f"{alert}: the table of alerts and the home's state disagree"
        for alert in sorted(table.keys() | held.keys())
        if table.get(alert) is not held.get(alert)
    ]
