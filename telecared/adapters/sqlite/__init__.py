"""The SQLite store: one file, one writer thread, one transaction per batch, a chain over it all.

What a row means is decided in `core` and told by `store_port`; here is only how it is kept. This
module names what the rest of the program may use.
"""

from telecared.adapters.sqlite.backup import back_up, back_up_nightly, restore
from telecared.adapters.sqlite.desk import CommandDesk
from telecared.adapters.sqlite.history import History, KeptMessage
from telecared.adapters.sqlite.lock import EngineRuns, engine_lock
from telecared.adapters.sqlite.reader import SqliteReader
from telecared.adapters.sqlite.retention import RetentionClass
from telecared.adapters.sqlite.verify import Verification, verify
from telecared.adapters.sqlite.writer import SqliteStore

__all__ = [
    "CommandDesk",
    "EngineRuns",
    "History",
    "KeptMessage",
    "RetentionClass",
    "SqliteReader",
    "SqliteStore",
    "Verification",
    "back_up",
    "back_up_nightly",
    "engine_lock",
    "restore",
    "verify",
]
