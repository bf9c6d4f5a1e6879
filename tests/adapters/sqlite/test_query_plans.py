"""Questions about one home look at its own rows, however many the others have."""

import sqlite3
from pathlib import Path

import pytest

from telecared.adapters.sqlite.connection import open_writer
from telecared.adapters.sqlite.console_api import GIVEN_UNDER
from telecared.adapters.sqlite.schema import MIGRATIONS, migrate


@pytest.mark.parametrize("table", ["commands", "reads"])
def test_the_history_of_a_home_does_not_look_through_that_of_all_others(
    tmp_path: Path, table: str
) -> None:
    """Commands and reads of one home are found by it, newest first, without sorting."""
    path = tmp_path / "telecared.db"
    connection = open_writer(path)
    migrate(path, connection, MIGRATIONS)
    told = plan_of(
        connection, f"SELECT id FROM {table} WHERE home = 'a' AND id < 9 ORDER BY id DESC LIMIT 5"
    )
    connection.close()

    assert told == [f"SEARCH {table} USING COVERING INDEX {table}_home (home=? AND rowid<?)"]


def test_a_command_is_found_by_the_key_under_which_it_was_given(tmp_path: Path) -> None:
    """Whoever asks again does not hold up the next behind a look at a year of commands."""
    path = tmp_path / "telecared.db"
    connection = open_writer(path)
    migrate(path, connection, MIGRATIONS)
    told = plan_of(connection, GIVEN_UNDER.replace("?", "'api 4711'"))
    connection.close()

    assert told == ["SEARCH commands USING INDEX commands_by_key (via=?)"]


def plan_of(connection: sqlite3.Connection, question: str) -> list[str]:
    """How SQLite answers a question."""
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {question}")]
