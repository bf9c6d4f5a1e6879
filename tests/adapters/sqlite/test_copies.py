"""Migrations with their copies, backups that are verified, and putting one back."""

import os
import re
import sqlite3
import stat
from pathlib import Path

import pytest
from sqlite_utils import Database, Migrations

from telecared.adapters.sqlite import (
    SqliteReader,
    back_up,
    back_up_nightly,
    engine_lock,
    restore,
    schema,
)
from telecared.adapters.sqlite.connection import open_writer
from telecared.adapters.sqlite.schema import MIGRATIONS, migrate
from telecared.errors import StoreError
from tests.adapters.sqlite import samples
from tests.adapters.sqlite.samples import open_store, problems_of

FIRST = [migration for name, migration in vars(schema).items() if re.match(r"m\d{3}_", name)]


def newer_program() -> Migrations:
    """The migrations of a later release."""
    later = Migrations("telecared")
    for migration in FIRST:
        later()(migration)

    @later()
    def m998_rooms(db: Database) -> None:
        db.execute("CREATE TABLE rooms(id INTEGER PRIMARY KEY) STRICT")

    @later()
    def m999_broken(db: Database) -> None:
        db.execute("ALTER TABLE rooms ADD COLUMN name TEXT")
        db.execute("INSERT INTO nowhere VALUES (1)")

    return later


async def test_a_copy_is_kept_before_each_migration_and_a_newer_database_is_refused(
    tmp_path: Path,
) -> None:
    """A failed migration leaves the one before it; the older program then refuses to start."""
    path = tmp_path / "telecared.db"
    await samples.written_night(path)
    connection = open_writer(path)

    with pytest.raises(StoreError, match="run migration m999_broken"):
        migrate(path, connection, newer_program())
    rooms = connection.execute("SELECT * FROM rooms").description
    connection.close()

    copies = sorted(tmp_path.glob("*.before-*.db"))
    assert [copy.name for copy in copies] == [
        "telecared.db.before-m998_rooms.db",
        "telecared.db.before-m999_broken.db",
    ]
    assert stat.S_IMODE(copies[0].stat().st_mode) == 0o600
    assert problems_of(copies[0]) == []
    assert [column[0] for column in rooms] == ["id"]
    sentence = r"telecared.db was written by a newer telecared \(migration m998_rooms is unknown\)"
    for opening in (open_store, SqliteReader):
        with pytest.raises(StoreError, match=sentence):
            opening(path)


def test_a_new_database_needs_no_copy(tmp_path: Path) -> None:
    """There is nothing to keep before the first tables are made."""
    path = tmp_path / "telecared.db"
    connection = open_writer(path)
    assert migrate(path, connection, MIGRATIONS) == []
    assert migrate(path, connection, MIGRATIONS) == []
    connection.close()


def test_a_database_that_was_never_set_up_is_not_read(tmp_path: Path) -> None:
    """A reader does not migrate; it says what does."""
    path = tmp_path / "telecared.db"
    open_writer(path).close()
    with pytest.raises(StoreError, match="start telecared run once"):
        SqliteReader(path)


async def test_a_backup_is_made_while_the_engine_writes_and_can_be_put_back(
    tmp_path: Path,
) -> None:
    """The copy verifies, is private, and holds what was committed; the replaced one is kept."""
    path, backup = tmp_path / "telecared.db", tmp_path / "backup.db"
    store = open_store(path)
    await store.commit(samples.setting_up())
    back_up(path, backup)
    await store.commit(samples.opening())
    await store.close()

    aside = restore(backup, path)

    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert SqliteReader(path).load().last_input == 3
    assert aside is not None
    assert SqliteReader(aside).load().last_input == 5
    assert (problems_of(path), problems_of(aside)) == ([], [])
    assert not list(tmp_path.glob(".*"))
    again = open_store(path)
    await again.commit(samples.opening())
    await again.close()


async def test_a_replaced_database_keeps_what_only_its_journal_holds(tmp_path: Path) -> None:
    """A database that a crash left with a journal is put aside together with it."""
    path, backup = tmp_path / "telecared.db", tmp_path / "backup.db"
    store = open_store(path)
    await store.commit(samples.setting_up())
    back_up(path, backup)
    await store.commit(samples.opening())

    aside = restore(backup, path)

    assert aside is not None
    assert SqliteReader(aside).load().last_input == 5
    assert SqliteReader(path).load().last_input == 3
    await store.close()


async def test_nothing_is_restored_over_a_running_engine_or_from_a_bad_backup(
    tmp_path: Path,
) -> None:
    """The database stays as it is, and the sentence says why."""
    path, backup = tmp_path / "telecared.db", tmp_path / "backup.db"
    await samples.written_night(path)
    back_up(path, backup)
    with engine_lock(path), pytest.raises(StoreError, match="another telecared is running"):
        restore(backup, path)
    with sqlite3.connect(backup) as connection:
        connection.execute("UPDATE records SET rule = 'other' WHERE id = 1")
    connection.close()

    with pytest.raises(StoreError, match="does not verify: records: 1 is not"):
        restore(backup, path)
    with pytest.raises(StoreError, match="no backup"):
        restore(tmp_path / "missing.db", path)

    assert SqliteReader(path).load().last_input == 9


async def test_a_backup_that_does_not_verify_replaces_nothing(tmp_path: Path) -> None:
    """Last night's good backup stays when tonight's is bad."""
    path, folder = tmp_path / "telecared.db", tmp_path / "backups"
    await samples.written_night(path)
    good = back_up_nightly(path, folder, "2026-03-01")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE chain SET at = at + 1 WHERE id = 2")
    connection.close()

    for stamp in ("2026-03-01", "2026-03-02"):
        with pytest.raises(StoreError, match="chain: entry 2 has been changed"):
            back_up_nightly(path, folder, stamp)

    assert list(folder.iterdir()) == [good]
    assert problems_of(good) == []


async def test_only_the_newest_backups_are_kept(tmp_path: Path) -> None:
    """The oldest night goes; a night that runs twice counts once."""
    path, folder = tmp_path / "telecared.db", tmp_path / "backups"
    await samples.written_night(path)
    for stamp in ("2026-03-28", "2026-03-29", "2026-03-29", "2026-03-30"):
        back_up_nightly(path, folder, stamp, keep=2)

    assert sorted(file.name for file in folder.iterdir()) == [
        "telecared-2026-03-29.db",
        "telecared-2026-03-30.db",
    ]


async def test_the_accounts_of_the_console_are_no_backup_of_a_night(tmp_path: Path) -> None:
    """They may stand in the folder of the backups: they neither go nor let tonight's go."""
    path = tmp_path / "telecared.db"
    await samples.written_night(path)
    (tmp_path / "telecared-console.db").write_bytes(b"accounts")

    for stamp in ("2026-03-28", "2026-03-29"):
        back_up_nightly(path, tmp_path, stamp, keep=1)

    kept = sorted(file.name for file in tmp_path.glob("telecared-*.db"))
    assert kept == ["telecared-2026-03-29.db", "telecared-console.db"]


async def test_an_erasure_takes_the_copies_of_migrations_with_it(tmp_path: Path) -> None:
    """A copy that a migration kept holds the same person's data."""
    path = tmp_path / "telecared.db"
    await samples.written_night(path)
    connection = open_writer(path)
    with pytest.raises(StoreError):
        migrate(path, connection, newer_program())
    connection.execute("DELETE FROM _sqlite_migrations WHERE name = 'm998_rooms'")
    connection.close()
    store = open_store(path)

    assert await store.erase(samples.HOME, 1, samples.MIDNIGHT)

    await store.close()
    assert not list(tmp_path.glob("*.before-*"))


def test_the_database_of_another_program_is_refused(tmp_path: Path) -> None:
    """A path that was mistyped does not get our tables."""
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs(id)")
    connection.close()
    with pytest.raises(StoreError, match="another program"):
        open_store(path)


async def test_the_umask_decides_who_may_hand_in_commands(tmp_path: Path) -> None:
    """With the service's umask the group may write, also the journal."""
    before = os.umask(0o007)
    try:
        path = tmp_path / "telecared.db"
        store = open_store(path)
        await store.commit(samples.setting_up())
        modes = {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.glob("telecared.db*")}
        await store.close()
    finally:
        os.umask(before)

    assert modes == {0o660}
