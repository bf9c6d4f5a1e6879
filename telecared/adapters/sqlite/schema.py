"""The tables, and how an older database becomes a newer one.

Migrations run through sqlite-utils, each in its own transaction with the record of it. A verified
copy is kept before each one, and a database that a newer program wrote is refused. Statements
that read or write rows live with the code that runs them.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlite_utils import Database, Migrations

from telecared.adapters.sqlite.connection import copy_database, store_error
from telecared.errors import StoreError

MIGRATIONS: Final = Migrations("telecared")

COPY_INFIX: Final = ".before-"
"""Stands between the database's name and a migration's in the name of a kept copy."""

SITE_SALT: Final = 0
"""The row of `home_salts` for inputs that belong to no home."""

_TABLES: Final = (
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE site(id INTEGER PRIMARY KEY CHECK (id = 1), facts BLOB NOT NULL) STRICT",
    """CREATE TABLE homes(
        id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, state BLOB, due_at INTEGER,
        record_id INTEGER) STRICT""",
    "CREATE TABLE devices(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT",
    "CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT",
    # No foreign keys and one narrow index: this is the table that a storm of messages fills.
    """CREATE TABLE inputs(
        id INTEGER PRIMARY KEY, kind TEXT NOT NULL, at INTEGER NOT NULL, home_id INTEGER,
        device_id INTEGER, topic_id INTEGER, qos INTEGER NOT NULL, retained INTEGER NOT NULL,
        redelivered INTEGER NOT NULL, seq INTEGER, payload BLOB, readings TEXT, error TEXT,
        body TEXT) STRICT""",
    "CREATE TABLE batches(last INTEGER PRIMARY KEY, first INTEGER NOT NULL) STRICT",
    """CREATE TABLE buried_inputs(
        input_id INTEGER PRIMARY KEY, commitment BLOB NOT NULL, home_id INTEGER,
        command_id INTEGER) STRICT""",
    "CREATE TABLE home_salts(home_id INTEGER PRIMARY KEY, salt BLOB NOT NULL) STRICT",
    """CREATE TABLE contents(
        id INTEGER PRIMARY KEY AUTOINCREMENT, home_id INTEGER NOT NULL REFERENCES homes(id),
        salt BLOB, body TEXT, digest BLOB NOT NULL, removed_by INTEGER) STRICT""",
    """CREATE TABLE home_records(
        id INTEGER PRIMARY KEY AUTOINCREMENT, home_id INTEGER NOT NULL REFERENCES homes(id),
        at INTEGER NOT NULL, hash TEXT NOT NULL, content BLOB, salt BLOB,
        removed_by INTEGER) STRICT""",
    """CREATE TABLE contact_numbers(
        number TEXT NOT NULL, home_id INTEGER NOT NULL REFERENCES homes(id),
        contact TEXT NOT NULL) STRICT""",
    """CREATE TABLE plans(
        hash TEXT PRIMARY KEY, at INTEGER NOT NULL, content BLOB NOT NULL,
        salt BLOB NOT NULL) STRICT""",
    """CREATE TABLE alerts(
        home_id INTEGER NOT NULL REFERENCES homes(id), n INTEGER NOT NULL, alert TEXT NOT NULL,
        rule TEXT NOT NULL, priority TEXT NOT NULL, state TEXT NOT NULL,
        opened_at INTEGER NOT NULL, code TEXT NOT NULL, watch INTEGER NOT NULL, owner TEXT,
        lease_until INTEGER, step INTEGER NOT NULL, next_at INTEGER, repeats INTEGER NOT NULL,
        resolved_at INTEGER, resolved_by TEXT, outcome TEXT, PRIMARY KEY (home_id, n)) STRICT""",
    """CREATE TABLE records(
        id INTEGER PRIMARY KEY AUTOINCREMENT, home_id INTEGER NOT NULL REFERENCES homes(id),
        at INTEGER NOT NULL, event TEXT NOT NULL, rule TEXT, alert INTEGER, priority TEXT,
        recipient TEXT, channel TEXT, late INTEGER NOT NULL, input_id INTEGER NOT NULL,
        content_id INTEGER NOT NULL) STRICT""",
    """CREATE TABLE notifications(
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
        home_id INTEGER NOT NULL REFERENCES homes(id), queued_at INTEGER NOT NULL,
        alert INTEGER NOT NULL, k INTEGER NOT NULL, priority TEXT NOT NULL,
        recipient TEXT NOT NULL, channel TEXT NOT NULL, content_id INTEGER NOT NULL,
        state TEXT NOT NULL, withdrawn INTEGER NOT NULL, provider_id TEXT,
        code TEXT NOT NULL, attempted_at INTEGER, attempts INTEGER NOT NULL,
        changed_at INTEGER NOT NULL) STRICT""",
    # Other processes insert here, one statement a transaction; salt and chain entry follow.
    """CREATE TABLE commands(
        id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, by TEXT NOT NULL,
        via TEXT NOT NULL, given_at INTEGER NOT NULL, home TEXT, body TEXT, state TEXT NOT NULL,
        reason TEXT NOT NULL, input_id INTEGER, salt BLOB, removed_by INTEGER) STRICT""",
    """CREATE TABLE reads(
        id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, by TEXT NOT NULL,
        what TEXT NOT NULL, home TEXT, salt BLOB) STRICT""",
    """CREATE TABLE packets(
        packet_id INTEGER PRIMARY KEY, digest BLOB NOT NULL, skip INTEGER NOT NULL,
        input_id INTEGER NOT NULL) STRICT""",
    """CREATE TABLE quarantine(
        id INTEGER PRIMARY KEY, input_id INTEGER NOT NULL, home_id INTEGER NOT NULL,
        what TEXT NOT NULL, key TEXT NOT NULL, error TEXT NOT NULL, at INTEGER NOT NULL) STRICT""",
    """CREATE TABLE snapshot_days(
        day TEXT PRIMARY KEY, input_id INTEGER NOT NULL, at INTEGER NOT NULL, site BLOB,
        plan_hash TEXT) STRICT""",
    """CREATE TABLE snapshots(
        day TEXT NOT NULL, home_id INTEGER NOT NULL, state BLOB NOT NULL, due_at INTEGER,
        record_id INTEGER, PRIMARY KEY (day, home_id)) STRICT""",
    """CREATE TABLE chain(
        id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, ref TEXT NOT NULL,
        commitment BLOB NOT NULL, previous BLOB NOT NULL, hash BLOB NOT NULL) STRICT""",
    """CREATE TABLE dropped(
        id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, kind TEXT NOT NULL,
        first INTEGER NOT NULL, last INTEGER NOT NULL) STRICT""",
    """CREATE TABLE erasures(
        id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, command_id INTEGER NOT NULL,
        home_id INTEGER NOT NULL) STRICT""",
)

# A text that is not JSON must not stop a commit, so the index looks only at what is valid.
_INDEXES: Final = (
    "CREATE INDEX homes_due ON homes(due_at) WHERE due_at IS NOT NULL",
    "CREATE INDEX inputs_home ON inputs(home_id)",
    """CREATE INDEX inputs_sms ON inputs(
        CASE WHEN json_valid(body) THEN json_extract(body, '$.provider_id') END)
        WHERE kind = 'sms'""",
    "CREATE INDEX contents_home ON contents(home_id)",
    "CREATE INDEX home_records_home ON home_records(home_id)",
    "CREATE INDEX contact_numbers_number ON contact_numbers(number)",
    "CREATE INDEX contact_numbers_home ON contact_numbers(home_id)",
    "CREATE INDEX alerts_opened ON alerts(opened_at)",
    "CREATE INDEX alerts_unresolved ON alerts(home_id) WHERE state <> 'resolved'",
    "CREATE INDEX alerts_resolved ON alerts(resolved_at) WHERE state = 'resolved'",
    "CREATE INDEX records_of_no_alert ON records(at) WHERE alert IS NULL",
    "CREATE INDEX notifications_of_no_alert ON notifications(queued_at) WHERE alert = 0",
    "CREATE INDEX records_home ON records(home_id, alert)",
    "CREATE INDEX notifications_home ON notifications(home_id, alert)",
    """CREATE INDEX notifications_owed ON notifications(seq)
        WHERE state = 'queued' AND withdrawn = 0""",
    "CREATE INDEX notifications_sent ON notifications(seq) WHERE state = 'sent'",
    """CREATE INDEX notifications_provider ON notifications(provider_id)
        WHERE provider_id IS NOT NULL""",
    "CREATE INDEX commands_waiting ON commands(id) WHERE input_id IS NULL",
    "CREATE INDEX commands_unchained ON commands(id) WHERE salt IS NULL AND removed_by IS NULL",
    "CREATE INDEX reads_unchained ON reads(id) WHERE salt IS NULL",
)


@MIGRATIONS()
def m001_first_tables(db: Database) -> None:
    """Create everything that the first release keeps."""
    for statement in (*_TABLES, *_INDEXES):
        db.execute(statement)


_EVIDENCE: Final = (
    # Which provider an attempt was begun at, and the language for a voice that reads the text.
    "ALTER TABLE notifications ADD COLUMN provider TEXT",
    "ALTER TABLE notifications ADD COLUMN language TEXT",
    """CREATE TABLE notification_evidence(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        notification INTEGER NOT NULL REFERENCES notifications(seq), at INTEGER NOT NULL,
        stage TEXT NOT NULL, provider TEXT NOT NULL, provider_id TEXT NOT NULL,
        code TEXT NOT NULL, salt BLOB, removed_by INTEGER) STRICT""",
    "CREATE INDEX notification_evidence_of ON notification_evidence(notification)",
    """CREATE INDEX notification_evidence_provider ON notification_evidence(provider_id)
        WHERE provider_id <> ''""",
)


@MIGRATIONS()
def m002_evidence(db: Database) -> None:
    """Keep every moment of a notification's life, and the provider of its attempt."""
    for statement in _EVIDENCE:
        db.execute(statement)


# `erased_rows` names what was removed with a home although it stood under another name: strangers'
# messages on its topics, texts of its people, what the site was told about it.
_HOLDS: Final = (
    """CREATE TABLE holds(
        id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, home_id INTEGER NOT NULL,
        command_id INTEGER NOT NULL, until INTEGER, released_by INTEGER,
        released_at INTEGER) STRICT""",
    "CREATE INDEX holds_home ON holds(home_id) WHERE released_by IS NULL",
    """CREATE TABLE erased_rows(
        id INTEGER PRIMARY KEY AUTOINCREMENT, command_id INTEGER NOT NULL, kind TEXT NOT NULL,
        ref INTEGER NOT NULL) STRICT""",
)


@MIGRATIONS()
def m003_holds(db: Database) -> None:
    """Create what legal holds and erasing beyond a home's own rows need."""
    for statement in _HOLDS:
        db.execute(statement)


@MIGRATIONS()
def m004_causes(db: Database) -> None:
    """Keep why an alert was a false activation, and of which other it was a duplicate."""
    for column in ("cause", "linked_to"):
        db.execute(f"ALTER TABLE alerts ADD COLUMN {column} TEXT")


_OF_HOMES: Final = (
    # A year of a hundred homes is a million reads: the history of one home finds its own.
    "CREATE INDEX commands_home ON commands(home) WHERE home IS NOT NULL",
    "CREATE INDEX reads_home ON reads(home) WHERE home IS NOT NULL",
    # A command that another system gives again under its key is found by it.
    "CREATE INDEX commands_by_key ON commands(via) WHERE via GLOB 'api *'",
)


@MIGRATIONS()
def m005_of_homes(db: Database) -> None:
    """Find commands and reads of a home, and a command by its key, without looking at all."""
    for statement in _OF_HOMES:
        db.execute(statement)


def _registered(migrations: Migrations) -> set[str]:
    """Return the names of a whole set: what is pending on an empty database."""
    with closing(sqlite3.connect(":memory:")) as empty:
        return {migration.name for migration in migrations.pending(Database(empty))}


def require_known(connection: sqlite3.Connection, path: Path, migrations: Migrations) -> None:
    """Raise StoreError when a newer program has written this database."""
    known = _registered(migrations)
    for migration in migrations.applied(Database(connection)):
        if migration.name not in known:
            raise StoreError(
                f"{path.name} was written by a newer telecared (migration {migration.name} is "
                "unknown); install that version or restore a backup"
            )


def require_current(connection: sqlite3.Connection, path: Path) -> None:
    """Raise StoreError unless every migration has run, and none that is unknown.

    For processes that must not migrate: readers, and commands beside a running engine.
    """
    require_known(connection, path, MIGRATIONS)
    if MIGRATIONS.pending(Database(connection)):
        raise StoreError(
            f"{path.name} has not been set up by this version; start telecared run once, "
            "which brings it up to date and keeps a copy"
        )


def remove_copies(path: Path) -> list[Path]:
    """Remove the copies that migrations kept, and return which; they hold personal data too."""
    copies = sorted(path.absolute().parent.glob(f"{path.name}{COPY_INFIX}*.db"))
    for copy in copies:
        copy.unlink(missing_ok=True)
    return copies


def migrate(path: Path, connection: sqlite3.Connection, migrations: Migrations) -> list[Path]:
    """Bring the database up to date and return the copies that were kept, oldest first.

    Before each pending migration of a database that is not new, a checked copy
    `NAME.before-MIGRATION.db` is put beside it; an older copy of that name is replaced.

    Raises:
        StoreError: a newer program wrote it, a copy could not be checked, or a migration failed;
            what had been migrated until then stays, with its copy.
    """
    require_known(connection, path, migrations)
    database = Database(connection)
    kept: list[Path] = []
    is_new = not migrations.applied(database)
    if is_new and database.table_names():
        raise StoreError(f"{path.name} is a database of another program; name another file")
    pending = [migration.name for migration in migrations.pending(database)]
    for done, name in enumerate(pending, 1):
        if not is_new:
            copy = path.with_name(f"{path.name}{COPY_INFIX}{name}.db")
            copy_database(path, copy)
            kept.append(copy)
        try:
            migrations.apply(database, stop_before=pending[done:])
        except sqlite3.Error as error:
            raise store_error(error, path, f"run migration {name}") from error
    return kept
