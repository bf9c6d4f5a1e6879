"""The console's own database: operators, sessions, limits of signing in, API tokens, their log.

A file of its own beside the store, so that nothing a browser does can stand in the engine's way.
"""

from telecared.adapters.console_db.accounts import ConsoleDb
from telecared.adapters.console_db.codes import provisioning_address
from telecared.adapters.console_db.files import console_path
from telecared.adapters.console_db.hashing import HASHED_WELL, Hashing

__all__ = ["HASHED_WELL", "ConsoleDb", "Hashing", "console_path", "provisioning_address"]
