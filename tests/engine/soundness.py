"""What must hold after every story: store, replay, ledger, deadlines, and the order of inputs."""

from pathlib import Path

from telecared.adapters.sqlite import SqliteReader, verify
from telecared.core.compile import HomePlan
from telecared.core.escalation import alert_deadline
from telecared.core.ledger import Ledger, Standing, add_up
from telecared.core.plan import HomeRecord, Plan
from telecared.core.site import SiteFacts, decode_site
from telecared.core.state import decode_state
from telecared.core.vocabulary import Instant
from telecared.reader_port import AlertFilter
from telecared.rows import alert_row
from telecared.sim.lines import line_of
from telecared.sim.replay import contents_of, replay_store
from telecared.stepping import Homes
from telecared.store_port import AlertRow, HomeWrite, RecordRow


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


def assert_restartable(path: Path) -> None:
    """P1, P3: forgetting between any two inputs all that is not stored changes nothing.

    After every input the homes are made anew from what its transaction stored.
    """
    lines = replay_store(path).live
    reader = SqliteReader(path)
    contents = contents_of(reader)
    compiled: dict[tuple[int, str, int], tuple[HomePlan, Plan, HomeRecord | None]] = {}

    def compile_home(plan: Plan, home: str, record: HomeRecord | None) -> HomePlan:
        key = (id(plan), home, id(record))
        if key not in compiled:
            # Kept with what its ids name: an id is an object's own only while that lives.
            compiled[key] = (HomePlan(plan, home, record), plan, record)
        return compiled[key][0]

    homes = Homes(Plan(), SiteFacts(), contents, compile_home)
    stored: dict[str, HomeWrite] = {}
    decided: dict[str, list[RecordRow]] = {}
    last_at = 0
    for row in reader.inputs():
        homes.apply(row)
        batch = homes.take_batch(row.at)
        for line in batch.records:
            decided.setdefault(line.home, []).append(line)
        stored.update({write.home: write for write in batch.homes})
        records = {home: plan.record for home, plan in homes.plans.items()}
        site = homes.site if batch.site is None else decode_site(batch.site)
        homes = Homes(homes.plan, site, contents, compile_home)
        for home, record in records.items():
            write = stored.get(home)
            homes.add(home, record, decode_state(write.state) if write else None)
        last_at = max(last_at, row.at)
    homes.tick(last_at)
    for line in homes.take_batch(last_at).records:
        decided.setdefault(line.home, []).append(line)
    stepped_to = {one.home: one.state for one in reader.load().homes}
    told = [
        line_of(one)
        for home in sorted(decided)
        for one in decided[home]
        if one.record.input or one.record.at <= _stepped_to(stepped_to.get(home))
    ]
    for one, other in zip(told, lines, strict=False):
        assert one == other
    assert told == lines


def _stepped_to(state: bytes | None) -> Instant:
    return decode_state(state).at if state is not None else 0


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
