"""From the core's values to the rows of one transaction.

Nothing is decided here and nothing is written.
"""

from collections.abc import Iterable

from telecared.core.effects import Effect, Notify, Record, Relay, Withdraw
from telecared.core.ledger import Standing
from telecared.core.state import Alert
from telecared.core.vocabulary import AlertState, Instant, Stage
from telecared.store_port import (
    AlertRow,
    Batch,
    EvidenceRow,
    NotificationUpdate,
    NotifyRow,
    RecordRow,
)


def alert_row(home: str, alert: Alert) -> AlertRow:
    """Return an alert as the table of alerts holds it."""
    held = alert.state is AlertState.ACKNOWLEDGED
    return AlertRow(
        alert=f"{home}/{alert.n}",
        home=home,
        n=alert.n,
        rule=alert.rule,
        priority=alert.priority,
        state=alert.state,
        opened_at=alert.opened_at,
        code=alert.code,
        watch=alert.watch,
        owner=alert.owner,
        lease_until=alert.lease_until if held else None,
        step=alert.step,
        next_at=alert.next_at,
        repeats=alert.repeats,
        resolved_at=alert.resolved_at,
        resolved_by=alert.resolved_by,
        outcome=alert.outcome,
        cause=alert.cause,
        linked_to=alert.linked_to,
    )


def standing_of(row: AlertRow) -> Standing:
    """Return how a row of the table says that an alert stands, for the ledger."""
    return Standing(
        alert=row.alert,
        state=row.state,
        # Of an erased person the name is gone; the outcome, which only people give, is not.
        by_person=row.resolved_by is not None or row.outcome is not None,
        watch=row.watch,
    )


def add_effects(batch: Batch, home: str, effects: Iterable[Effect], at: Instant) -> None:
    """Add what a step asks for to the transaction that also keeps its state."""
    for effect in effects:
        match effect:
            case Record():
                batch.records.append(RecordRow(home, effect))
            case Notify():
                batch.notifications.append(NotifyRow(home, effect))
                queued = EvidenceRow(notification=effect.id, at=at, stage=Stage.QUEUED)
                batch.evidence.append(queued)
            case Withdraw(id=notification):
                taken_back = EvidenceRow(notification=notification, at=at, stage=Stage.WITHDRAWN)
                batch.evidence.append(taken_back)
                update = NotificationUpdate(id=notification, at=at, withdrawn=True)
                batch.notification_updates.append(update)
            case Relay():
                pass  # of the homes' own concern: it is stepped, not stored
