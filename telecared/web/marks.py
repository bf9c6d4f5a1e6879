"""How far somebody has seen the queue, in the words of a stream's `id` and a page's `data-mark`.

What has changed since a mark is told by `open_alerts`.
"""

from typing import Final, NamedTuple

LONGEST_MARK: Final = 80


class Mark(NamedTuple):
    """How far somebody has seen the queue.

    Attributes:
        record: the newest line of the record that is in it; known to every console.
        epoch: the process that counted the versions.
        version: of the newest change.
    """

    record: int
    epoch: str
    version: int

    def __str__(self) -> str:
        return f"{self.record}-{self.epoch}-{self.version}"


def parse_mark(text: str) -> Mark | None:
    """Return the mark that somebody brings back; None for what is none."""
    record, _, rest = text.partition("-")
    epoch, _, version = rest.partition("-")
    if len(text) > LONGEST_MARK or not text.isascii():
        return None
    if not (record.isdecimal() and version.isdecimal() and epoch.isalnum()):
        return None
    return Mark(int(record), epoch, int(version))
