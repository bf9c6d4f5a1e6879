"""What must hold of the file when a night is over: sound, balanced, and the same once more (P9)."""

from pathlib import Path

from telecared.adapters.sqlite import SqliteReader, verify
from telecared.core.ledger import Standing, add_up
from telecared.core.state import decode_state
from telecared.reader_port import AlertFilter
from telecared.rows import alert_row
from telecared.sim.nights.world import World
from telecared.sim.replay import replay_store
from telecared.store_port import AlertRow

MOST_ALERTS = 100_000


def check_file(world: World, path: Path) -> None:
    """Note what is wrong with a store that is closed."""
    problems = verify(path, alerts_of_state=_alerts_of_state).problems
    if problems:
        world.fail("verify", problems[0])
    reader = SqliteReader(path)
    standings = [
        Standing(
            alert=row.alert, state=row.state, by_person=row.resolved_by is not None, watch=row.watch
        )
        for row in reader.alerts(AlertFilter(limit=MOST_ALERTS))
    ]
    ledger = add_up(((row.home, row.record) for row in reader.records()), standings)
    if not ledger.balances:
        world.fail("the ledger balances", "; ".join(ledger.differences) or repr(ledger))
    again = replay_store(path)
    if not again.agrees:
        pairs = zip(again.lines, again.live, strict=False)
        other = next((k for k, (one, two) in enumerate(pairs) if one != two), len(again.live))
        world.fail("P9 same inputs, same decisions", f"line {other} is another when replayed")


def _alerts_of_state(blob: bytes) -> list[AlertRow]:
    state = decode_state(blob)
    return [alert_row(state.home, alert) for alert in state.alerts.values()]
