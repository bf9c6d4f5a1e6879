"""The ledger counts every alert once, and shows any that the record and the tables tell apart."""

from telecared.core.effects import Record
from telecared.core.ledger import Standing, add_up
from telecared.core.vocabulary import AlertState


def line(event: str, alert: int | None = 1) -> tuple[str, Record]:
    """A line of the record of one home."""
    return "larch-12", Record(at=0, event=event, alert=alert)


def standing(
    n: int, state: AlertState, *, by_person: bool = False, watch: bool = False
) -> Standing:
    """How an alert of that home stands."""
    return Standing(alert=f"larch-12/{n}", state=state, by_person=by_person, watch=watch)


def test_every_opened_alert_is_closed_held_or_escalating() -> None:
    """A night with each kind of end adds up."""
    records = [line("alert.opened", n) for n in (1, 2, 3, 4)]
    records += [
        line("alert.acknowledged", 1),
        line("alert.resolved", 1),
        line("alert.resolved", 2),
        line("alert.snoozed", 3),
        line("alert.acknowledged", 4),
        line("alert.lapsed", 4),
        line("notification.queued", 4),
        line("alert.updated", None),
    ]
    ledger = add_up(
        records,
        [
            standing(1, AlertState.RESOLVED, by_person=True),
            standing(2, AlertState.RESOLVED),
            standing(3, AlertState.ACKNOWLEDGED),
            standing(4, AlertState.OPEN),
        ],
    )

    assert ledger.balances
    assert (ledger.opened, ledger.escalating, ledger.acknowledged) == (4, 1, 1)
    assert (ledger.closed_by_person, ledger.closed_by_recovery) == (1, 1)


def test_a_watched_alert_is_nobodys_debt() -> None:
    """What only watches is left out on both sides."""
    ledger = add_up([line("alert.opened")], [standing(1, AlertState.OPEN, watch=True)])

    assert ledger.balances
    assert ledger.opened == 0


def test_one_lost_and_one_invented_alert_do_not_cancel_out() -> None:
    """Equal sums are not enough: each alert is held against its own record."""
    ledger = add_up([line("alert.opened", 1)], [standing(2, AlertState.OPEN)])

    assert ledger.opened == ledger.escalating == 1
    assert not ledger.balances
    assert len(ledger.differences) == 2


def test_an_alert_that_stands_otherwise_than_recorded_is_named() -> None:
    """A forged acknowledgement shows."""
    ledger = add_up([line("alert.opened")], [standing(1, AlertState.ACKNOWLEDGED)])

    assert ledger.differences == ("larch-12/1 is acknowledged, but the record leaves it open",)


def test_a_line_about_what_was_never_opened_opens_nothing() -> None:
    """The record begins in the middle, after a retention: what stands is told as a difference."""
    ledger = add_up([line("alert.acknowledged")], [standing(1, AlertState.ACKNOWLEDGED)])
    assert ledger.opened == 0
    assert ledger.differences == ("larch-12/1 is acknowledged, but was never opened",)
