"""One mapping of a file taken apart key by key, for forms that have no fixed set of keys.

Each key is read once; what is wrong with it, what is missing, and what nobody asked for become
sentences with their line and column. What the keys mean is known to the caller.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from telecared.config.positions import Document, Path, nearest, sentence
from telecared.errors import ConfigError

T = TypeVar("T")
D = TypeVar("D")


class Part:
    """A mapping at `path` of a document.

    Attributes:
        problems: the list that every problem of the file is added to.
        raw: the mapping.
    """

    def __init__(
        self, document: Document, path: Path, raw: Mapping[Any, Any], problems: list[str]
    ) -> None:
        self.document = document
        self.path = path
        self.raw = raw
        self.problems = problems
        self._asked: dict[str, None] = {}

    @property
    def position(self) -> tuple[int, int]:
        """The line and column at which it begins."""
        return self.document.position(self.path)

    def has(self, key: str) -> bool:
        """Whether the key is there; it counts as known."""
        self._asked[key] = None
        return key in self.raw

    def get(self, key: str, read: Callable[[object], T], otherwise: D) -> T | D:
        """Return the value of a key as `read` makes it; `otherwise` when it is absent or wrong.

        `read` raises ValueError, or ConfigError with sentences, for what it cannot read.
        """
        if not self.has(key):
            return otherwise
        try:
            return read(self.raw[key])
        except ConfigError as error:
            for problem in error.problems:
                self.wrong(problem, key)
        except ValueError as error:
            self.wrong(str(error), key)
        return otherwise

    def need(self, key: str, read: Callable[[object], T], example: str) -> T | None:
        """As `get`, for a key that must be there; None when it is absent or wrong."""
        if not self.has(key):
            self.wrong(f'"{key}" is missing; write {example}')
        return self.get(key, read, None)

    def wrong(self, message: str, *inside: str | int, key: bool = False) -> None:
        """Note a problem with this mapping, or with what stands at `inside` of it."""
        self.problems.append(sentence(self.document, (*self.path, *inside), message, key=key))

    def close(self) -> None:
        """Note every key that nobody asked for."""
        for key in self.raw:
            if key not in self._asked:
                hint = nearest(str(key), self._asked)
                self.wrong(f'"{key}" is not known here; {hint}', key, key=True)


def text(value: object) -> str:
    """Return a text. Raises ValueError."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a text; write it in quotes")
    return value.strip()


def word(value: object) -> str:
    """Return a word; a number becomes its digits, as in `ack: 1`. Raises ValueError."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return text(value)


def flag(value: object) -> bool:
    """Return a switch. Raises ValueError."""
    if not isinstance(value, bool):
        raise ValueError("must be true or false; write it without quotes")
    return value


def only_true(value: object) -> bool:
    """Return True for `true`, which is all that may stand there. Raises ValueError."""
    if value is not True:
        raise ValueError("must be true; write true, or remove the key")
    return True


def whole_number(least: int, most: int) -> Callable[[object], int]:
    """Return what reads a whole number within bounds, and raises ValueError."""

    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return value

    return read


def one_of(*words: str) -> Callable[[object], str]:
    """Return what reads one of some words, and raises ValueError with the nearest."""

    def read(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise ValueError(f"'{value}' is not known here; {nearest(str(value), words)}")
        return value

    return read


def words(value: object) -> tuple[str, ...]:
    """Return a word or a list of words as a tuple. Raises ValueError."""
    return tuple(text(one) for one in value) if isinstance(value, list) else (text(value),)
