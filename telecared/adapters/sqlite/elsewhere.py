"""What stands about a home under other names, and goes when the home is erased.

Strangers' messages on its topics, texts of its people, what the site and its scheme were told about
it. Each removed row is named in `erased_rows`, in the chain. The home's own rows are `erase`.
"""

import sqlite3
from collections.abc import Iterable
from typing import Final

import msgspec

from telecared.adapters.sqlite.chain import plain_digest
from telecared.adapters.sqlite.holds import ChainedTables
from telecared.adapters.sqlite.personal import Personal, teach
from telecared.adapters.sqlite.retention import bury_inputs
from telecared.core.vocabulary import Instant

MEANT_WITHIN: Final = 5
"""A reply's meaning follows within so many inputs."""

# One look at every input: while it lasts, the engine waits. The plus signs keep SQLite from going
# to and fro between an index and the table.
_ABOUT: Final = f"""
    SELECT i.id FROM inputs i WHERE i.kind NOT IN ('alive', 'advance', 'plan', 'erased')
    AND (+i.home_id IS NULL OR +i.home_id IN (SELECT id FROM homes WHERE name GLOB '@*'))
    AND (tells_of(i.body) OR tells_of(i.payload)
        OR i.topic_id IN (SELECT id FROM topics WHERE tells_of(name))
        OR i.device_id IN (SELECT id FROM devices WHERE tells_of(name))
        OR (i.kind = 'message' AND json_valid(i.body)
            AND ?1 IN (json_extract(i.body, '$.home'), json_extract(i.body, '$.elsewhere[0]')))
        OR (i.kind = 'sms' AND tells_of_shared(i.body) AND EXISTS (
            -- Somebody of several homes wrote; what it meant was carried out in this one.
            SELECT 1 FROM inputs c WHERE c.kind = 'command' AND c.home_id = ?2 AND c.at = i.at
            AND c.id > i.id AND c.id <= i.id + {MEANT_WITHIN})))"""  # noqa: S608 - constants

_CONTENTS: Final = """
    SELECT id FROM contents WHERE removed_by IS NULL
    AND home_id IN (SELECT id FROM homes WHERE name GLOB '@*') AND tells_of(body)"""

# All that was said about an alert that one of the removed inputs opened or joined.
_OF_ALERTS: Final = """
    SELECT content_id FROM records r WHERE EXISTS (SELECT 1 FROM records f
        JOIN erased_rows e ON e.kind = 'inputs' AND e.ref = f.input_id AND e.command_id = ?1
        WHERE f.home_id = r.home_id AND f.alert = r.alert)
    UNION SELECT content_id FROM notifications n WHERE EXISTS (SELECT 1 FROM records f
        JOIN erased_rows e ON e.kind = 'inputs' AND e.ref = f.input_id AND e.command_id = ?1
        WHERE f.home_id = n.home_id AND f.alert = n.alert)
    UNION SELECT f.content_id FROM records f
        JOIN erased_rows e ON e.kind = 'inputs' AND e.ref = f.input_id AND e.command_id = ?1"""


def erase_elsewhere(
    connection: sqlite3.Connection,
    tables: ChainedTables,
    home: tuple[int, str],
    personal: Personal,
    command: int,
    now: Instant,
) -> None:
    """Remove what stands about a home under other names, in the running transaction.

    Must come before the home's own rows go: by them a reply is found to have meant this home.
    """
    home_id, name = home
    teach(connection, "tells_of", personal.needles)
    teach(connection, "tells_of_shared", personal.shared)
    try:
        found = [row[0] for row in connection.execute(_ABOUT, (name, home_id)).fetchall()]
        _note(connection, tables, command, "inputs", found, now)
        every = msgspec.json.encode(found).decode()
        bury_inputs(connection, "i.id IN (SELECT value FROM json_each(?))", (every,), command)
        contents = {row[0] for row in connection.execute(_CONTENTS).fetchall()}
        contents |= {row[0] for row in connection.execute(_OF_ALERTS, (command,)).fetchall()}
        _empty(connection, tables, command, sorted(contents), now)
        _forget_commands(connection, tables, command, now)
        connection.execute(
            "DELETE FROM snapshots WHERE home_id IN (SELECT id FROM homes WHERE name GLOB '@*')"
            " AND tells_of(state)"
        )
    finally:
        for function in ("tells_of", "tells_of_shared"):
            teach(connection, function, None)


def _forget_commands(
    connection: sqlite3.Connection, tables: ChainedTables, command: int, now: Instant
) -> None:
    """Empty what was asked of many homes, the site or a scheme about it, once it was carried out.

    What came of it for other homes stands in their own inputs and records.
    """
    found = [
        row[0]
        for row in connection.execute(
            "SELECT id FROM commands WHERE (home IS NULL OR home GLOB '@*')"
            " AND state <> 'accepted' AND id <> ?"
            " AND removed_by IS NULL AND tells_of(coalesce(body, '') || reason)",
            (command,),
        ).fetchall()
    ]
    connection.executemany(
        "UPDATE commands SET body = NULL, reason = '', salt = NULL, removed_by = ? WHERE id = ?",
        [(command, number) for number in found],
    )
    _note(connection, tables, command, "commands", found, now)


def _empty(
    connection: sqlite3.Connection,
    tables: ChainedTables,
    command: int,
    contents: list[int],
    now: Instant,
) -> None:
    emptied = [
        number
        for number in contents
        if connection.execute(
            "UPDATE contents SET body = NULL, salt = NULL, removed_by = ?"
            " WHERE id = ? AND removed_by IS NULL",
            (command, number),
        ).rowcount
    ]
    _note(connection, tables, command, "contents", emptied, now)


def _note(
    connection: sqlite3.Connection,
    tables: ChainedTables,
    command: int,
    kind: str,
    refs: Iterable[int],
    now: Instant,
) -> None:
    """Say for good, in the chain, which rows a command removed beyond the home's own."""
    for ref in refs:
        columns = (tables.number("erased_rows"), command, kind, ref)
        connection.execute("INSERT INTO erased_rows VALUES (?, ?, ?, ?)", columns)
        digest = plain_digest(("erased_row", *columns))
        tables.links.add(now, "erased_row", str(columns[0]), digest)
