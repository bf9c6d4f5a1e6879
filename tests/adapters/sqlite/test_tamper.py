"""Whoever changes, deletes or adds a row of any table that the chain covers is found out."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from telecared.adapters.sqlite import RetentionClass, verify
from telecared.core.legal_holds import ErasureWrite, HoldWrite
from telecared.core.vocabulary import DAY, SECOND, Stage
from telecared.store_port import Batch, EvidenceRow
from tests.adapters.sqlite import samples
from tests.adapters.sqlite.samples import HOME, MIDNIGHT, open_store, problems_of

NOT_CHAINED = {
    "meta": "settings of the engine",
    "site": "facts that the site's inputs give again",
    "homes": "states: held against the table of alerts",
    "devices": "names, which the inputs' digests hold",
    "topics": "names, which the inputs' digests hold",
    "contact_numbers": "made of the homes' records, and held against them",
    "packets": "memory of what may be handed over again",
    "quarantine": "what was set aside, also an alert and its record",
    "snapshot_days": "copies of states",
    "snapshots": "copies of states",
    "sqlite_sequence": "SQLite's own",
    "_sqlite_migrations": "sqlite-utils' own",
}
"""Table -> why no entry of the chain stands for its rows."""

UNCOVERED = {
    "inputs": (),
    "notifications": ("state", "withdrawn", "provider_id", "code", "attempted_at", "attempts",
                      "changed_at", "provider", "language"),
    "commands": ("removed_by",),
    "contents": ("removed_by",),
    "home_records": ("removed_by", "at"),
    "plans": ("at",),
    "notification_evidence": ("removed_by",),
    "alerts": ("alert", "code", "watch", "owner", "lease_until", "step", "next_at",
               "repeats", "resolved_by", "outcome", "cause", "linked_to", "home_id", "n"),
}  # fmt: skip
"""Columns that change with time, or that say the same as a covered one; the record holds them."""


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which every chained table has a row."""
    import asyncio

    path = tmp_path_factory.mktemp("night") / "telecared.db"
    asyncio.run(_write(path))
    assert problems_of(path) == []
    return path


async def _write(path: Path) -> None:
    await samples.written_night(path)
    store = open_store(path)
    stranger = samples.event(10, "message", b'{"home":"elm-1","topic":"x"}', "@scheme/northside")
    await store.commit(
        Batch(
            at=MIDNIGHT + DAY,
            inputs=[stranger, samples.message(11, home="elm-1")],
            evidence=[
                EvidenceRow(notification=f"{HOME}/1-1", at=MIDNIGHT, stage=Stage.SENT, code="0")
            ],
            holds=[HoldWrite(home=HOME, command=1), HoldWrite(home="elm-2", command=1)],
        )
    )
    await store.commit(
        Batch(
            at=MIDNIGHT + DAY + SECOND,
            inputs=[samples.event(12, "alive")],
            holds=[HoldWrite(home=HOME, command=1, released=True)],
            erasures=[ErasureWrite("elm-1", 1)],
        )
    )
    await store.apply_retention({RetentionClass.ALIVE: SECOND}, MIDNIGHT + 9 * DAY)
    await store.commit(Batch(at=MIDNIGHT + 9 * DAY, inputs=[samples.event(13, "alive")]))
    await store.apply_retention({RetentionClass.ALIVE: SECOND}, MIDNIGHT + 19 * DAY)
    await store.close()
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO reads(at, by, what) VALUES (?, 'Ann', 'alerts')", (MIDNIGHT,)
        )
    connection.close()
    await open_store(path).close()


def tables_of(path: Path) -> list[str]:
    """Every table of a database."""
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    connection.close()
    return sorted(row[0] for row in found)


CHAINED = (
    "alerts", "batches", "buried_inputs", "chain", "commands", "contents", "dropped",
    "erased_rows", "erasures", "holds", "home_records", "home_salts", "inputs",
    "notification_evidence", "notifications", "plans", "reads", "records",
)  # fmt: skip


def test_every_table_is_either_covered_or_has_a_reason(night: Path) -> None:
    """A table that somebody adds must be brought into the chain, or named here with its reason."""
    assert sorted({*CHAINED, *NOT_CHAINED}) == tables_of(night)


def columns_of(path: Path, table: str) -> list[tuple[str, str]]:
    """Name and type of each column of a table."""
    with sqlite3.connect(path) as connection:
        found = connection.execute(f"PRAGMA table_info({table})").fetchall()
    connection.close()
    return [(row[1], row[2]) for row in found]


def tampered(night: Path, folder: Path, statement: str) -> list[str]:
    """What verifying finds after a statement that must have changed something; "" kept it out."""
    path = folder / "telecared.db"
    shutil.copy(night, path)
    with sqlite3.connect(path) as connection:
        try:
            changed = connection.execute(statement).rowcount
        except sqlite3.IntegrityError:
            return ["the table itself refuses it"]
        assert changed, statement
    connection.close()
    return verify(path).problems


@pytest.mark.parametrize("table", CHAINED)
def test_a_row_that_was_deleted_is_missed(night: Path, tmp_path: Path, table: str) -> None:
    """The first row of each table is taken out behind the program's back."""
    kept = "id" if table == "chain" else "rowid"
    # The end of a chain cannot be missed from within: that is why its head leaves the machine.
    statement = f"DELETE FROM {table} WHERE rowid = (SELECT min({kept}) FROM {table})"

    assert tampered(night, tmp_path, statement)


@pytest.mark.parametrize("table", [one for one in CHAINED if one != "home_salts"])
def test_a_row_that_was_added_is_noticed(night: Path, tmp_path: Path, table: str) -> None:
    """A copy of a row under another number stands for nothing that was ever committed to."""
    columns = columns_of(night, table)
    keys = {
        "alerts": {"n": "n + 70", "alert": "'larch-12/71'"},
        "batches": {"last": "last + 70", "first": "last + 70"},
        "buried_inputs": {"input_id": "input_id + 70"},
        "inputs": {"id": "id + 70"},
        "notifications": {"seq": "seq + 70", "id": "id || 'x'"},
        "plans": {"hash": "hash || 'x'"},
    }.get(table, {"id": "id + 70"})
    chosen = ", ".join(keys.get(name, name) for name, _ in columns)
    names = ", ".join(name for name, _ in columns)
    statement = f"INSERT INTO {table}({names}) SELECT {chosen} FROM {table} LIMIT 1"

    assert tampered(night, tmp_path, statement)


@pytest.mark.parametrize("table", CHAINED)
def test_a_row_that_was_changed_is_noticed(night: Path, tmp_path: Path, table: str) -> None:
    """Each column of each table in turn gets another value."""
    overlooked = []
    # The salt of the last home stands for nothing any more: all that it hid was erased.
    which = "min" if table == "home_salts" else "max"
    for name, kind in columns_of(night, table):
        if name in UNCOVERED.get(table, ()):
            continue
        other = {
            "INTEGER": f"coalesce({name}, 0) + 70",
            "TEXT": f"coalesce({name}, '') || 'x'",
            "BLOB": f"CAST(coalesce({name}, x'00') || 'x' AS BLOB)",
        }[kind]
        row = f"(SELECT {which}(rowid) FROM {table})"
        statement = f"UPDATE {table} SET {name} = {other} WHERE rowid = {row}"
        if not tampered(night, tmp_path, statement):
            overlooked.append(name)

    assert overlooked == []


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE alerts SET opened_at = opened_at - 1", "at another time"),
        ("UPDATE contact_numbers SET number = '+447700900666'", "contact_numbers"),
        ("DELETE FROM contact_numbers", "contact_numbers"),
        ("UPDATE homes SET record_id = NULL WHERE record_id IS NOT NULL", "the newest"),
        (
            "INSERT INTO contact_numbers SELECT '1', id, 'eve' FROM homes WHERE record_id IS NULL",
            "contact_numbers",
        ),
    ],
)
def test_who_is_told_and_when_it_was_are_held_against_the_record(
    night: Path, tmp_path: Path, statement: str, told: str
) -> None:
    """A home put back on an old record, or another number for Ben, would send alarms astray."""
    assert any(told in problem for problem in tampered(night, tmp_path, statement))
