"""Erasing a home: what people said, did and registered goes; the chain over it stays whole.

Content and salts are removed and overwritten (`secure_delete`); commitments stay, so that
`verify` can say which command removed it. Whether it may be erased is decided elsewhere.
"""

import sqlite3
from typing import Final

from telecared.adapters.sqlite.batch import BatchTables
from telecared.adapters.sqlite.chain import plain_digest
from telecared.adapters.sqlite.elsewhere import erase_elsewhere
from telecared.adapters.sqlite.personal import personal_of
from telecared.adapters.sqlite.retention import bury_inputs
from telecared.core.vocabulary import Instant

_REMOVE: Final = (
    """UPDATE contents SET body = NULL, salt = NULL, removed_by = :command
        WHERE home_id = :home AND removed_by IS NULL""",
    """UPDATE home_records SET content = NULL, salt = NULL, removed_by = :command
        WHERE home_id = :home AND removed_by IS NULL""",
    # By a provider's id the provider knows whom it was sent to.
    """UPDATE notification_evidence SET provider_id = '', code = '', salt = NULL,
            removed_by = :command
        WHERE removed_by IS NULL
        AND notification IN (SELECT seq FROM notifications WHERE home_id = :home)""",
    "UPDATE notifications SET provider_id = NULL, language = NULL WHERE home_id = :home",
    "UPDATE notifications SET withdrawn = 1 WHERE home_id = :home AND state = 'queued'",
    # The command that erases is not finished: its own end still has to be committed to.
    """UPDATE commands SET body = NULL, reason = '', salt = NULL, removed_by = :command
        WHERE home = :name AND id <> :command AND removed_by IS NULL""",
    "UPDATE alerts SET owner = NULL, resolved_by = NULL WHERE home_id = :home",
    "UPDATE homes SET state = NULL, due_at = NULL, record_id = NULL WHERE id = :home",
    "DELETE FROM contact_numbers WHERE home_id = :home",
    "DELETE FROM snapshots WHERE home_id = :home",
    "DELETE FROM quarantine WHERE home_id = :home",
    "DELETE FROM home_salts WHERE home_id = :home",
)

_UNUSED: Final = (
    "DELETE FROM topics WHERE id NOT IN (SELECT topic_id FROM inputs WHERE topic_id IS NOT NULL)",
    """DELETE FROM devices
        WHERE id NOT IN (SELECT device_id FROM inputs WHERE device_id IS NOT NULL)""",
)


def erase_home(
    connection: sqlite3.Connection,
    tables: BatchTables,
    home: str,
    command: int,
    now: Instant,
) -> bool:
    """Remove a home's personal data in the running transaction; False for an unknown home.

    The id of the home, and who gave which kind of command when, stay. So does the log of who
    read about it: it protects the resident.
    """
    found = connection.execute("SELECT id FROM homes WHERE name = ?", (home,)).fetchone()
    if found is None:
        return False
    home_id = found[0]
    tables.chain_commands()
    personal = personal_of(connection, home_id, home)
    erase_elsewhere(connection, tables, (home_id, home), personal, command, now)
    bury_inputs(connection, "i.home_id = ?", (home_id,), command)
    values = {"home": home_id, "name": home, "command": command}
    for statement in _REMOVE:
        connection.execute(statement, values)
    # Their salts are gone with their bodies: what was given by whom is on record no more.
    connection.executemany(
        "UPDATE commands SET by = '' WHERE by = ? AND home = ? AND removed_by = ?",
        [(name, home, command) for name in personal.names],
    )
    # A stranger is named by its topic: both go with the last message that was theirs.
    for statement in _UNUSED:
        connection.execute(statement)
    columns = (tables.number("erasures"), now, command, home_id)
    connection.execute("INSERT INTO erasures VALUES (?, ?, ?, ?)", columns)
    tables.links.add(now, "erasure", str(columns[0]), plain_digest(("erasure", *columns)))
    tables.write_chain()
    return True
