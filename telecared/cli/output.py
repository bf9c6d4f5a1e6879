"""What commands write: JSON lines for scripts, plain sentences and tables for people.

Nothing is read here. Sentences about what went wrong go to stderr, everything else to stdout.
"""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from telecared.core.vocabulary import Instant
from telecared.core.windows import rfc3339

NONE: Final = "-"
"""What a table shows where there is nothing."""

PIPE_WIDTH: Final = 1_000
"""Columns of a table that goes into a file or a pipe."""


def put(line: object) -> None:
    """Write one JSON object as one line."""
    text = msgspec.json.encode(line).decode()
    if not _takes_unicode():
        text = json.dumps(json.loads(text), separators=(",", ":"))
    sys.stdout.write(text + "\n")


def _takes_unicode() -> bool:
    return (sys.stdout.encoding or "utf-8").lower().replace("-", "") == "utf8"


def say(sentence: str) -> None:
    """Write one line for people."""
    sys.stdout.write(sentence + "\n")


def warn(sentence: str) -> None:
    """Write one line to stderr."""
    sys.stderr.write(sentence + "\n")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table for people; whole words are never cut, long ones wrap."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        # As text: what a device or a person wrote must never be taken for markup.
        drawn.add_row(*(Text(NONE if cell is None else str(cell)) for cell in row))
    # In a pipe nothing has to fit a window, and one row is one line.
    Console(file=sys.stdout, width=None if sys.stdout.isatty() else PIPE_WIDTH).print(drawn)


def time_text(at: Instant | None) -> str | None:
    """Return a time as JSON carries it."""
    return None if at is None else rfc3339(at)


def short_time(at: Instant | None) -> str | None:
    """Return a time as people read it in a table: UTC, to the second."""
    return None if at is None else rfc3339(at)[:19].replace("T", " ")


def count_of(number: int, one: str, many: str = "") -> str:
    """Return `1 home`, `2 homes`."""
    return f"{number} {one if number == 1 else many or one + 's'}"
