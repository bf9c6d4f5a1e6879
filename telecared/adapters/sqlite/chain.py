"""The audit chain as arithmetic: what is committed to, and how one entry holds the one before.

An entry holds no content, only a salted commitment to it; salts stand with the content, so that
removing both leaves the chain whole and the commitment empty. No table is read or written here.
"""

import hashlib
from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

from telecared.core.vocabulary import Instant

GENESIS: Final = bytes(32)
"""What the first entry holds as the one before."""

_sha256 = hashlib.sha256
_encode = msgspec.msgpack.Encoder().encode

Field = str | int | bytes | None


class ChainEntry(NamedTuple):
    """One row of the chain, in the order of its columns.

    Attributes:
        kind: what `ref` names: `inputs` (first and last id), `record`, `notification`,
            `evidence` (a moment of one), `command`, `result`, `read`, `plan`, `home_record`,
            `dropped`, `erasure`.
            `dropped`, `erasure`, `erased_row`, `hold`, `hold_end`.
    """

    id: int
    at: Instant
    kind: str
    ref: str
    commitment: bytes
    previous: bytes
    hash: bytes


def canonical(fields: tuple[Field, ...]) -> bytes:
    """Return the one form of a row: framed, so that no two rows share it."""
    return _encode(fields)


def commit_to(salt: bytes, content: bytes) -> bytes:
    """Return the commitment to content: it binds to it, and tells nothing without the salt.

    The salt has a fixed length and comes first; the content is framed. SHA-256 over both is all a
    commitment needs, and costs a third of an HMAC on the path of every message.
    """
    return _sha256(salt + content).digest()


def digest_of(commitments: Iterable[bytes]) -> bytes:
    """Return the one digest that stands for a batch of inputs."""
    return hashlib.sha256(b"".join(commitments)).digest()


def plain_digest(fields: tuple[Field, ...]) -> bytes:
    """Return a digest over columns that name nobody, or that hold a salted digest already."""
    return hashlib.sha256(canonical(fields)).digest()


def entry_hash(at: Instant, kind: str, ref: str, commitment: bytes, previous: bytes) -> bytes:
    """Return the hash that ties an entry to the one before it."""
    return hashlib.sha256(previous + canonical((kind, ref, at, commitment))).digest()


class Links:
    """Builds entries on a head; the head moves only when `settle` is called.

    Args:
        last_id: the id of the newest entry, 0 for an empty chain.
        head: its hash, `GENESIS` for an empty chain.
    """

    def __init__(self, last_id: int, head: bytes) -> None:
        self._last_id = last_id
        self._head = head
        self._written = 0
        self.entries: list[ChainEntry] = []

    def add(self, at: Instant, kind: str, ref: str, commitment: bytes) -> None:
        """Append an entry to what is being built."""
        previous = self.entries[-1].hash if self.entries else self._head
        entry_id = self._last_id + len(self.entries) + 1
        linked = entry_hash(at, kind, ref, commitment, previous)
        self.entries.append(ChainEntry(entry_id, at, kind, ref, commitment, previous, linked))

    def unwritten(self) -> list[ChainEntry]:
        """Return what was built since the last call, to be written now."""
        found = self.entries[self._written :]
        self._written = len(self.entries)
        return found

    def settle(self) -> None:
        """What was built is on disk: build on it from now on."""
        self._written = 0
        if self.entries:
            self._last_id, self._head = self.entries[-1].id, self.entries[-1].hash
            self.entries = []
