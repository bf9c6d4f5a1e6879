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

LAST_COLUMN: Final = 20
"""What a table leaves its last column at least, which may wrap."""

TABLE_GAP: Final = 3
"""What rich puts between two columns."""

UNNAMED_CELLS: Final = 4
"""Cells at the beginning of a row that are plain without the name of their column."""


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
    """Write a table for people; only its last column wraps.

    On a terminal too narrow for that each row becomes a short paragraph, so that no word is cut.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    cells = [[NONE if cell is None else str(cell) for cell in row] for row in rows]
    # In a pipe nothing has to fit a window, and one row is one line.
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else PIPE_WIDTH)
    if _needed_width(columns, cells) > console.width:
        for row in cells:
            console.print(Text(_paragraph(columns, row, console.width)))
        return
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns[:-1]:
        drawn.add_column(column, no_wrap=True)
    drawn.add_column(columns[-1], overflow="fold")
    for row in cells:
        # As text: what a device or a person wrote must never be taken for markup.
        drawn.add_row(*(Text(cell) for cell in row))
    console.print(drawn)


def _needed_width(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Return how wide a table must be in which all columns but the last stay whole."""
    from rich.cells import cell_len

    widths = [max(cell_len(cell) for cell in column) for column in zip(columns, *rows, strict=True)]
    return sum(widths[:-1]) + min(widths[-1], LAST_COLUMN) + TABLE_GAP * len(columns)


def _paragraph(columns: Sequence[str], row: Sequence[str], width: int) -> str:
    """Return a row as lines: its first cells, then the others after the names of their columns."""
    import textwrap

    lines = [
        ", ".join(cell for cell in row[:UNNAMED_CELLS] if cell != NONE),
        ", ".join(
            f"{column} {cell}"
            for column, cell in zip(columns[UNNAMED_CELLS:], row[UNNAMED_CELLS:], strict=True)
            if cell != NONE
        ),
    ]
    indented = "    "
    return "\n".join(
        textwrap.fill(line, width, initial_indent=lead, subsequent_indent=indented)
        for lead, line in zip(("", indented), lines, strict=True)
        if line
    )


def time_text(at: Instant | None) -> str | None:
    """Return a time as JSON carries it."""
    return None if at is None else rfc3339(at)


def short_time(at: Instant | None) -> str | None:
    """Return a time as people read it in a table: UTC, to the second."""
    return None if at is None else rfc3339(at)[:19].replace("T", " ")


def count_of(number: int, one: str, many: str = "") -> str:
    """Return `1 home`, `2 homes`."""
    return f"{number} {one if number == 1 else many or one + 's'}"
