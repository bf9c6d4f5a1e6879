"""Recordings as commands are given them: a file, a gzipped file, or stdin, line by line.

What a line means is `core.streams`.
"""

import gzip
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from telecared.errors import ReplayError

STDIN: Final = Path("-")
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
            return
        with file.open("rb") as raw:
            packed = raw.read(len(GZIP_MAGIC)) == GZIP_MAGIC
            raw.seek(0)
            yield _text(gzip.GzipFile(fileobj=raw) if packed else raw)
    except (gzip.BadGzipFile, EOFError):
        raise ReplayError(f"{file}: the gzip file is damaged or cut off; record it again") from None
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ReplayError(f"{file}: cannot be read ({error.strerror}); check the name") from None


def _text(raw: IO[bytes] | gzip.GzipFile) -> Iterator[str]:
    # Unreadable bytes become lone surrogates, which the reader of lines refuses with a sentence.
    return io.TextIOWrapper(raw, encoding="utf-8", errors="surrogateescape")
