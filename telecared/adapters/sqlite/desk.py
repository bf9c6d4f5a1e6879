"""The counter for other processes: hand in a command, hear how it ended, log a read.

One statement a transaction, beside a running engine, whose writer thread takes it from there into
the chain. Carrying a command out is the engine's work.
"""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final, TypeVar

from telecared.adapters.sqlite.connection import open_desk, reading, telling
from telecared.adapters.sqlite.schema import require_current
from telecared.adapters.sqlite.writer import INSERT_COMMAND, command_columns
from telecared.core.vocabulary import Instant
from telecared.store_port import CommandResult, CommandRow

LOOK_SECONDS: Final = 0.05
"""How often a waiting caller looks."""


_Answer = TypeVar("_Answer")


class CommandDesk:
    """Commands and read logs from a process that is not the engine.

    Args:
        path: the database; it must exist and be of this version.
        sleep: waits for some seconds.
        seconds: a clock that only ever rises, in seconds.

    Raises:
        StoreError: from every method, when the database cannot be used.
    """

    def __init__(
        self, path: Path, *, sleep: Callable[[float], None], seconds: Callable[[], float]
    ) -> None:
        self._path = path
        self._sleep = sleep
        self._seconds = seconds
        with reading(path) as connection:
            require_current(connection, path)

    def add(self, command: CommandRow) -> int:
        """Make a command durable and return its id; the row's own id is not used."""
        return self._insert(INSERT_COMMAND, command_columns(command))

    def log_read(self, *, by: str, what: str, home: str | None, at: Instant) -> int:
        """Make durable that somebody is about to be shown personal data; call it before showing.

        Args:
            by: the named person.
            what: which data, in words without the data itself.
            home: the home, or None for the whole site.
            at: engine time.
        """
        return self._insert(
            "INSERT INTO reads(at, by, what, home) VALUES (?, ?, ?, ?)", (at, by, what, home)
        )

    def _insert(self, statement: str, values: tuple[str | int | None, ...]) -> int:
        with telling(self._path, "write to"), closing(open_desk(self._path)) as connection:
            return connection.execute(statement, values).lastrowid or 0

    def state_of(self, command: int) -> CommandResult | None:
        """Return how far a command has come (`input` 0 while none carries it), None if unknown."""
        with reading(self._path) as connection:
            found = connection.execute(
                "SELECT id, state, reason, coalesce(input_id, 0) FROM commands WHERE id = ?",
                (command,),
            ).fetchall()
        return CommandResult(*found[0]) if found else None

    def wait(self, command: int, seconds: float) -> CommandResult | None:
        """Return how a command ended, or how far it has come when `seconds` are over."""

        def ended() -> tuple[CommandResult | None] | None:
            result = self.state_of(command)
            return None if result is not None and result.state == "accepted" else (result,)

        found = self.until(ended, seconds)
        return self.state_of(command) if found is None else found[0]

    def until(self, answer: Callable[[], _Answer | None], seconds: float) -> _Answer | None:
        """Ask until there is an answer, and return it; None when `seconds` are over without."""
        until = self._seconds() + seconds
        while True:
            found = answer()
            if found is not None or self._seconds() >= until:
                return found
            self._sleep(LOOK_SECONDS)
