"""A progress bar on stderr for what takes more than a moment; nothing where nobody looks.

Only on a terminal, so that scripts and files see the same output with and without it.
"""

import sys
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from telecared.core.vocabulary import Instant

EVERY: Final = 500
"""Steps between two looks of the bar."""


class Progress:
    """One bar while a block runs."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        if sys.stderr.isatty():
            columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
            self._bar = Bar(*columns, console=Console(stderr=True), transient=True)

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
            self._task = self._bar.add_task(self._what, total=None)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def lines(self, lines: Iterator[str], *, of: int | None) -> Iterator[str]:
        """Yield the lines of a file and show how much of `of` bytes was read, all files together.

        Of what is packed or comes through a pipe the size is not known: the bar only moves.
        """
        bar, task = self._bar, self._task or TaskID(0)
        if bar is None:
            yield from lines
            return
        bar.update(task, total=of)
        read = 0
        for number, line in enumerate(lines, start=1):
            read += len(line)
            if number % EVERY == 0:
                bar.advance(task, read)
                read = 0
            yield line

    def counts(self, of: int) -> Callable[[int], None] | None:
        """Return what is told how many of `of` parts are done; None where nobody looks."""
        bar, task = self._bar, self._task or TaskID(0)
        if bar is None:
            return None
        bar.update(task, total=of)
        return lambda done: bar.update(task, completed=done)

    def between(self, since: Instant, until: Instant) -> Callable[[Instant], None] | None:
        """Return what is told each instant of a stretch of time; None where nobody looks."""
        bar, task, count = self._bar, self._task or TaskID(0), 0
        if bar is None:
            return None
        bar.update(task, total=max(until - since, 1))

        def at(instant: Instant) -> None:
            nonlocal count
            count += 1
            if count % EVERY == 0:
                bar.update(task, completed=instant - since)

        return at
