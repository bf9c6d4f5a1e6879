"""What must hold after every story: store, replay, ledger, deadlines, and the order of inputs."""

from pathlib import Path

from telecared.adapters.sqlite import SqliteReader, verify
from telecared.core.escalation import alert_deadline
from telecared.core.ledger import Ledger, Standing, add_up
from telecared.core.state import decode_state
from telecared.reader_port import AlertFilter
from telecared.rows import alert_row
from telecared.sim.replay import replay_store
from telecared.stepping import Homes
from telecared.store_port import AlertRow


def assert_sound(path: Path, homes: Homes) -> None:
    """The store verifies, decides the same once more, and forgets nobody."""
    problems = verify(path, alerts_of_state=alerts_of_state).problems
    assert problems == [], problems
    again = replay_store(path)
    assert again.problems == []
    assert again.lines == again.live
    ledger = ledger_of(path)
    assert ledger.balances, ledger
    _assert_deadlines(path, homes)
    _assert_order(path)


def ledger_of(path: Path) -> Ledger:
    """The record held against the table of alerts (promise P2)."""
    reader = SqliteReader(path)
    standings = [
        Standing(
            alert=row.alert,
            state=row.state,
            by_person=row.resolved_by is not None,
            watch=row.watch,
        )
        for row in reader.alerts(AlertFilter(limit=100_000))
    ]
    return add_up(((row.home, row.record) for row in reader.records()), standings)


def alerts_of_state(blob: bytes) -> list[AlertRow]:
    """The unresolved alerts that a home's state holds."""
    state = decode_state(blob)
    return [alert_row(state.home, alert) for alert in state.alerts.values()]


def _assert_deadlines(path: Path, homes: Homes) -> None:
    """Decision 5: no home's deadline is stored later than it is."""
    for stored in SqliteReader(path).load().homes:
        state, plan = homes.states[stored.home], homes.plans[stored.home]
        due = [
            alert_deadline(alert)
            for alert in state.alerts.values()
            if f"alert:{alert.n}" not in state.broken
        ]
        due += [pending.due_at for pending in state.pending.values()]
        due += [
            one.at for one in plan.rule_deadlines(state, homes.site) if one.key not in state.broken
        ]
        true = min((at for at in due if at is not None), default=None)
        assert true is None or (stored.due_at is not None and stored.due_at <= true), (
            f"{stored.home} is due at {true}, stored is {stored.due_at}"
        )


def _assert_order(path: Path) -> None:
    """Decision 2: ids and times rise together, and every decision's time is on record."""
    rows = SqliteReader(path).inputs()
    assert [row.id for row in rows] == sorted(row.id for row in rows)
    assert [row.at for row in rows] == sorted(row.at for row in rows)
    latest = max((row.at for row in rows), default=0)
    for line in SqliteReader(path).records():
        assert line.record.at <= latest
