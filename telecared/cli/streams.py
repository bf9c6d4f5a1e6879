"""Recordings as commands are given them: a file, a gzipped file, or stdin, line by line.

What a line means is `core.streams`.
"""

import gzip
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from telecared.errors import ReplayError

STDIN: Final = Path("/dev/stdin")
"""What `main` makes of `-`, which would be read as an option otherwise."""

GZIP_MAGIC: Final = b"\x1f\x8b"


@contextmanager
def open_lines(file: Path) -> Iterator[Iterator[str]]:
    """Open a recording; what is not UTF-8 in it is passed on so that its line is refused.

    Raises:
        ReplayError: it cannot be read; the sentence says why.
    """
    try:
        if file == STDIN:
            yield _text(sys.stdin.buffer)
        else:
            with file.open("rb") as raw:
                yield _text(raw)
    except (gzip.BadGzipFile, EOFError):
        raise ReplayError(f"{file}: the gzip file is damaged or cut off; record it again") from None
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ReplayError(f"{file}: cannot be read ({error.strerror}); check the name") from None


def _text(raw: io.BufferedReader | BinaryIO) -> Iterator[str]:
    # Peeked at, since a pipe cannot be wound back. A test's stdin may be no BufferedReader.
    peekable = raw if isinstance(raw, io.BufferedReader) else io.BufferedReader(cast("Any", raw))
    packed = peekable.peek(len(GZIP_MAGIC)).startswith(GZIP_MAGIC)
    # Unreadable bytes become lone surrogates, which the reader of lines refuses with a sentence.
    return io.TextIOWrapper(
        gzip.GzipFile(fileobj=peekable) if packed else peekable,
        encoding="utf-8",
        errors="surrogateescape",
    )
