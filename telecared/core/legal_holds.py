"""Legal holds and erasures as values: what is to be kept whatever its term, and what is to go.

Who may ask for either is `orders`; how it is kept, the store's.
"""

import msgspec

from telecared.core.vocabulary import Instant


class HoldWrite(msgspec.Struct, frozen=True, kw_only=True):
    """A legal hold that a command places on a home, or the end of those that stand on it.

    Attributes:
        until: the end that was stated, None for none.
    """

    home: str
    command: int
    until: Instant | None = None
    released: bool = False


class HoldRow(msgspec.Struct, frozen=True):
    """A legal hold that nobody has released."""

    home: str
    command: int
    at: Instant
    until: Instant | None

    def stands(self, at: Instant) -> bool:
        """Whether it has not run out."""
        return self.until is None or at < self.until


class ErasureWrite(msgspec.Struct, frozen=True):
    """A home of which nothing personal is to be left, and the command that says so."""

    home: str
    command: int
