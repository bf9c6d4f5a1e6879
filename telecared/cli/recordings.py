"""Recordings that are played: several at once by their times, with a bar that shows how far.

Opening one file is `streams`, playing is `sim.replay`.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from telecared.cli.progress import Progress
from telecared.cli.streams import open_lines
from telecared.core.streams import StreamMessage
from telecared.core.vocabulary import Instant
from telecared.sim.replay import merged


@contextmanager
def open_messages(
    files: Sequence[Path], start: Instant | None = None
) -> Iterator[Iterator[StreamMessage]]:
    """Open recordings that are played together, and show on a terminal how far they are.

    Args:
        files: one or more.
        start: the time of a first message that has none.

    Raises:
        ReplayError: one cannot be read, or a line of it.
    """
    with ExitStack() as opened:
        names = ", ".join(file.name for file in files)
        progress = opened.enter_context(Progress(names))
        streams = {str(file): opened.enter_context(open_lines(file)) for file in files}
        size = size_of(files)
        told = {name: progress.lines(lines, of=size) for name, lines in streams.items()}
        messages = merged(told)
        yield messages if start is None else _begin_at(messages, start)


def _begin_at(messages: Iterator[StreamMessage], start: Instant) -> Iterator[StreamMessage]:
    """Give the first message a time where it has none; the others follow on it."""
    first = next(messages, None)
    if first is not None:
        yield first if first.tst is not None else msgspec.structs.replace(first, tst=start)
    yield from messages


def size_of(files: Sequence[Path]) -> int | None:
    """Return the bytes of some recordings; None where one is packed or comes through a pipe."""
    plain = all(file.is_file() and file.suffix != ".gz" for file in files)
    return sum(file.stat().st_size for file in files) if plain else None
