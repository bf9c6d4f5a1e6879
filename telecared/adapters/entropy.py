"""The one place that takes chance: salts that make a commitment useless without its salt.

Whoever needs a salt is handed this function. Ids, codes and decisions never come from here.
"""

import os
from typing import Final

SALT_BYTES: Final = 32


def salt() -> bytes:
    """Return 32 unpredictable bytes."""
    return os.urandom(SALT_BYTES)
