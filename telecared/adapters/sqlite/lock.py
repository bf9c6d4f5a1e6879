"""The engine lock: at most one engine works on a database.

A lock of the operating system on a file beside the database; it goes with the process that held
it, however that ended. Readers and command desks do not need it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from telecared.errors import StoreError


class EngineRuns(StoreError):
    """Another engine holds the lock."""


def lock_path(path: Path) -> Path:
    """Return the lock file of a database."""
    return path.with_name(path.name + ".lock")


@contextmanager
def engine_lock(path: Path) -> Iterator[None]:
    """Hold the engine lock of the database at `path`.

    Raises:
        EngineRuns: another engine holds it.
        StoreError: the lock file cannot be made.
    """
    lock = lock_path(path)
    try:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o660)
    except OSError as error:
        raise StoreError(f"the lock file {lock} cannot be opened: {error.strerror}") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise EngineRuns(
                f"another telecared is running on {path.name}; stop it first"
            ) from error
        yield
    finally:
        os.close(handle)
