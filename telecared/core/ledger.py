"""The ledger of alerts: whatever was opened is closed, held by somebody, or still escalating.

A pure fold of the record, held against how the alerts stand (promise P2). Where either is read
from is the caller's part.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from telecared.core.effects import Record
from telecared.core.vocabulary import AlertState

_STATE_AFTER: Final = {
    "alert.opened": AlertState.OPEN,
    "alert.acknowledged": AlertState.ACKNOWLEDGED,
    "alert.handed_over": AlertState.ACKNOWLEDGED,
    "alert.snoozed": AlertState.ACKNOWLEDGED,
    "alert.planned": AlertState.ACKNOWLEDGED,
    "alert.lapsed": AlertState.OPEN,
    "alert.resolved": AlertState.RESOLVED,
}


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How one alert stands now.

    Attributes:
        alert: `{home}/{n}`.
        by_person: a named person resolved it.
        watch: it pages nobody, so that nobody has to answer for it: not in the ledger.
    """

    alert: str
    state: AlertState
    by_person: bool = False
    watch: bool = False


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """The counts, and every alert of which the record tells something else than its standing.

    Attributes:
        opened: by the record.
        closed_by_person, closed_by_recovery, acknowledged, escalating: as the alerts stand.
        differences: one sentence for each alert that the two tell differently.
    """

    opened: int = 0
    closed_by_person: int = 0
    closed_by_recovery: int = 0
    acknowledged: int = 0
    escalating: int = 0
    differences: tuple[str, ...] = ()

    @property
    def balances(self) -> bool:
        """Whether every opened alert is accounted for, each by itself and in the sum."""
        parts = self.closed_by_person + self.closed_by_recovery + self.acknowledged
        return not self.differences and self.opened == parts + self.escalating


def add_up(records: Iterable[tuple[str, Record]], standings: Iterable[Standing]) -> Ledger:
    """Return the ledger.

    Args:
        records: (home, line of the record), in the order in which they were written.
        standings: every alert as it stands, in any order.
    """
    told = _fold(records)
    counts = {"closed_by_person": 0, "closed_by_recovery": 0, "acknowledged": 0, "escalating": 0}
    differences: list[str] = []
    opened = len(told)
    for standing in standings:
        by_record = told.pop(standing.alert, None)
        if standing.watch:
            opened -= by_record is not None
            continue
        counts[_part(standing)] += 1
        if by_record is None:
            differences.append(f"{standing.alert} is {standing.state}, but was never opened")
        elif by_record is not standing.state:
            differences.append(
                f"{standing.alert} is {standing.state}, but the record leaves it {by_record}"
            )
    differences += [f"{alert} was opened, but nothing is known of it any more" for alert in told]
    return Ledger(opened=opened, differences=tuple(differences), **counts)


def _fold(records: Iterable[tuple[str, Record]]) -> dict[str, AlertState]:
    told: dict[str, AlertState] = {}
    for home, record in records:
        state = _STATE_AFTER.get(record.event)
        if state is None or record.alert is None:
            continue
        alert = f"{home}/{record.alert}"
        if alert in told or record.event == "alert.opened":
            told[alert] = state
    return told


def _part(standing: Standing) -> str:
    if standing.state is AlertState.OPEN:
        return "escalating"
    if standing.state is AlertState.ACKNOWLEDGED:
        return "acknowledged"
    return "closed_by_person" if standing.by_person else "closed_by_recovery"
