"""How fast the SQLite store commits, beside a bare `executemany` in the same run.

The ratio is what counts: absolute figures belong to the machine.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import pytest

from telecared.adapters.sqlite.rows import input_parts
from telecared.store_port import Batch, HomeWrite
from tests.adapters.sqlite import samples

BATCHES = 60
BATCH_INPUTS = 1_000
HOMES = 300
ALL_HOMES = 1_000
COLUMNS = (
    "kind, at, home, device, topic, qos, retained, redelivered, seq, payload, readings, error, body"
)
STATE = b"s" * 1_024
RATIO_MIN = 0.3
"""The store interns names, commits to every row, keeps an index, and runs in a thread."""

pytestmark = pytest.mark.bench


def batches(*, states: bool) -> Iterator[Batch]:
    """Batches of messages of a thousand homes, with the states of those that spoke."""
    number = 0
    for batch in range(BATCHES):
        homes = [f"home-{(batch * 37 + each) % ALL_HOMES}" for each in range(HOMES)]
        inputs = [
            samples.message(number + each + 1, home=homes[each % HOMES])
            for each in range(BATCH_INPUTS)
        ]
        number += BATCH_INPUTS
        writes = [HomeWrite(home, STATE, number // 10_000) for home in homes]
        yield Batch(at=inputs[-1].at, inputs=inputs, homes=writes if states else [])


def bare(path: Path, prepared: list[Batch]) -> float:
    """Rows a second of plain SQLite: the same columns in one table without an index or a chain."""
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"CREATE TABLE t(id INTEGER PRIMARY KEY, {COLUMNS})")
        connection.execute("CREATE TABLE s(home TEXT PRIMARY KEY, state BLOB)")
        written = [[input_parts(row) for row in batch.inputs] for batch in prepared]
        begun = perf_counter()
        for batch, rows in zip(prepared, written, strict=True):
            connection.execute("BEGIN")
            connection.executemany(f"INSERT INTO t VALUES (?{', ?' * 13})", rows)
            connection.executemany(
                "INSERT INTO s VALUES (?, ?)"
                " ON CONFLICT (home) DO UPDATE SET state = excluded.state",
                [(write.home, write.state) for write in batch.homes],
            )
            connection.execute("COMMIT")
        seconds = perf_counter() - begun
    connection.close()
    return BATCHES * BATCH_INPUTS / seconds


async def stored(path: Path, prepared: list[Batch]) -> float:
    """Rows a second of the store."""
    store = samples.open_store(path)
    begun = perf_counter()
    for batch in prepared:
        await store.commit(batch)
    seconds = perf_counter() - begun
    await store.close()
    return BATCHES * BATCH_INPUTS / seconds


@pytest.mark.parametrize("states", [False, True], ids=["messages", "messages and states"])
async def test_the_store_beside_a_bare_insert(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, states: bool
) -> None:
    """Interleaved rounds of the same batches; the best of each is compared."""
    prepared = list(batches(states=states))
    plain, ours = [], []
    for turn in range(3):
        plain.append(bare(tmp_path / f"bare-{turn}.db", prepared))
        ours.append(await stored(tmp_path / f"store-{turn}.db", prepared))
    ratio = max(ours) / max(plain)
    with capsys.disabled():
        print(f"\nbare {max(plain):,.0f} rows/s, store {max(ours):,.0f} rows/s, ratio {ratio:.2f}")

    assert ratio >= RATIO_MIN
