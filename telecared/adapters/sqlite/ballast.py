"""The ballast: a file that only takes room, so that a full disk leaves some when it is let go.

Real blocks, not a hole. When it is let go and when it is filled again is the store's matter.
"""

import os
import shutil
from pathlib import Path
from typing import Final

BALLAST_BYTES: Final = 8 * 1024 * 1024
ROOM_FACTOR: Final = 2
"""It is filled again only when this many times its size is free."""


class Ballast:
    """The ballast file of one database.

    Args:
        path: the database.
        size: bytes; 0 keeps no ballast.
    """

    def __init__(self, path: Path, size: int = BALLAST_BYTES) -> None:
        self.path = path.with_name(path.name + ".ballast")
        self._size = size

    def is_held(self) -> bool:
        """Whether the file stands there in full size."""
        try:
            return self._size == 0 or self.path.stat().st_size == self._size
        except OSError:
            return False

    def fill(self) -> bool:
        """Make the file, if it is missing and there is room; return whether it stands there."""
        if self.is_held():
            return True
        try:
            if shutil.disk_usage(self.path.absolute().parent).free < ROOM_FACTOR * self._size:
                return False
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.posix_fallocate(handle, 0, self._size)
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError:
            self.free()
            return False
        return True

    def free(self) -> bool:
        """Let the room go; return whether there was any."""
        try:
            self.path.unlink()
        except OSError:
            return False
        return True
