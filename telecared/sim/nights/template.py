"""An empty store with every migration applied, made once in a process and copied for each night."""

from functools import cache
from pathlib import Path
from typing import Final

from telecared.adapters.sqlite.connection import open_writer
from telecared.adapters.sqlite.schema import MIGRATIONS, migrate
from telecared.sim.nights.disk import folder_in_memory

NAME: Final = "telecared.db"


@cache
def _empty() -> bytes:
    with folder_in_memory() as folder:
        path = folder / NAME
        connection = open_writer(path)
        migrate(path, connection, MIGRATIONS)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        connection.close()
        return path.read_bytes()


def empty_store(folder: Path) -> Path:
    """Return the path of a new, empty store in a folder."""
    path = folder / NAME
    path.write_bytes(_empty())
    return path
