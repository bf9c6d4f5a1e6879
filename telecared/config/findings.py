"""What is wrong or doubtful in the files that people write: one value for errors and warnings.

Also the reading of the sentences of `ConfigError` back into their parts, and their order. Finding
anything is the work of the modules of each kind of file.
"""

import re
from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from telecared.config.positions import Document, Path

Level = Literal["error", "warning"]

_SENTENCE: Final = re.compile(r"(?s)(?P<file>.+?):(?P<line>\d+):(?P<col>\d+): (?P<message>.*)")


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One line of `check`: where, how bad, what, and what to write instead.

    Attributes:
        file: the name as the person knows it.
        line, col: 1-based.
        code: a stable word for scripts; the message may be reworded, the code may not.
        message: a sentence without personal data.
        home: the home it is about, or None.
    """

    file: str
    line: int
    col: int
    level: Level
    code: str
    message: str
    home: str | None = None

    @property
    def sentence(self) -> str:
        """`file:line:col: message`, as errors are shown to people."""
        return f"{self.file}:{self.line}:{self.col}: {self.message}"


def warning(
    document: Document,
    path: Path,
    code: str,
    message: str,
    *,
    key: bool = False,
    home: str | None = None,
) -> Finding:
    """Return a warning at the value at `path` of `document`, or at its key."""
    line, col = document.position(path, key=key)
    return Finding(
        file=document.name,
        line=line,
        col=col,
        level="warning",
        code=code,
        message=message,
        home=home,
    )


def errors(sentences: Iterable[str], code: str) -> list[Finding]:
    """Return the findings that sentences of a `ConfigError` tell."""
    found = []
    for text in sentences:
        match = _SENTENCE.fullmatch(text)
        file, line, col, message = ("", "1", "1", text) if match is None else match.groups()
        found.append(
            Finding(
                file=file,
                line=int(line),
                col=int(col),
                level="error",
                code=code,
                message=message,
            )
        )
    return found


def in_order(found: Iterable[Finding]) -> list[Finding]:
    """Return findings by file, line and column, each once."""
    return sorted(
        set(found), key=lambda each: (each.file, each.line, each.col, each.code, each.message)
    )


def sentences_in_order(sentences: Iterable[str]) -> list[str]:
    """Return sentences by file, line and column (as numbers: line 10 comes after 9), each once."""
    unique = dict.fromkeys(sentences)
    return sorted(unique, key=_sentence_key)


def _sentence_key(text: str) -> tuple[str, int, int, str]:
    match = _SENTENCE.fullmatch(text)
    if match is None:
        return text, 0, 0, ""
    return match["file"], int(match["line"]), int(match["col"]), match["message"]
