"""Many homes into one stream file: home after home is drawn, slices of time are sorted.

So memory depends neither on the number of homes nor on the days: what does not fit waits in
temporary files beside the stream. What the homes tell is `residents`.
"""

from collections.abc import Callable, Iterable, Iterator
from gzip import GzipFile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Final

import msgspec

from telecared.core.streams import stamp
from telecared.core.vocabulary import DAY, SECOND, Duration, Instant
from telecared.sim.habits import Told

SLICE_LINES: Final = 100_000
"""Lines that are sorted at once, about."""

LINES_A_DAY: Final = 600
"""Lines of a home on a day, about; only the size of slices depends on it."""

MOST_WAITING_BYTES: Final = 48 * 1024 * 1024
"""Lines kept in memory before they wait in files."""

_STAMP_AT: Final = slice(8, 35)
"""Where `tst` stands in a line: its text sorts as the time does."""

_SECONDS_KEPT: Final = 100_000
_QOS: Final = 1


class Lines:
    """Writes stream lines, and remembers stamps and topics that come again."""

    def __init__(self) -> None:
        self._seconds: dict[int, str] = {}
        self._topics: dict[str, str] = {}

    def line(self, told: Told) -> bytes:
        """Return the line of a message, as `mosquitto_sub -F %j` would write it."""
        second, rest = divmod(told.at, SECOND)
        whole = self._seconds.get(second)
        if whole is None:
            if len(self._seconds) > _SECONDS_KEPT:
                self._seconds.clear()
            whole = self._seconds[second] = stamp(second * SECOND)[:20]
        topic = self._topics.get(told.topic)
        if topic is None:
            if len(self._topics) > _SECONDS_KEPT:
                self._topics.clear()
            topic = self._topics[told.topic] = msgspec.json.encode(told.topic).decode()
        payload = msgspec.json.encode(told.payload.decode()).decode()
        return (
            f'{{"tst":"{whole}{rest:06d}Z","topic":{topic},"qos":{_QOS},'
            f'"retain":{int(told.retain)},"payload":{payload}}}\n'
        ).encode()


def write_street(
    streams: Iterable[Iterator[Told]],
    out: IO[bytes] | GzipFile,
    *,
    homes: int,
    start: Instant,
    end: Instant,
    folder: Path,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write the messages of all homes in order of time, then of homes; return how many.

    Args:
        streams: one for each home, each in order of time; drawn one after another.
        out: takes the lines.
        homes: how many there are.
        start: no message is before.
        end: no message is at it or after.
        folder: where temporary files may stand.
        progress: is told how many homes have been drawn.

    Raises:
        OSError: nothing can be written.
    """
    expected = homes * max(1, (end - start) // DAY) * LINES_A_DAY
    width = (end - start) // max(1, expected // SLICE_LINES) + 1
    with TemporaryDirectory(prefix=".simulate-", dir=folder) as place:
        spool = _Spool(Path(place), start, width)
        for number, stream in enumerate(streams, 1):
            spool.add(stream)
            if progress is not None:
                progress(number)
        return spool.pour(out)


class _Spool:
    """Slices of time, in memory and in files."""

    def __init__(self, folder: Path, start: Instant, width: Duration) -> None:
        self._folder = folder
        self._start = start
        self._width = width
        self._lines = Lines()
        self._slices: dict[int, list[bytes]] = {}
        self._waiting = 0
        self._on_disk: set[int] = set()

    def add(self, stream: Iterator[Told]) -> None:
        """Take all messages of one home."""
        line_of, start, width, slices = self._lines.line, self._start, self._width, self._slices
        size = 0
        for told in stream:
            line = line_of(told)
            size += len(line)
            number = (told.at - start) // width
            try:
                slices[number].append(line)
            except KeyError:
                slices[number] = [line]
        self._waiting += size
        if self._waiting > MOST_WAITING_BYTES:
            self._spill()

    def _spill(self) -> None:
        for number, lines in self._slices.items():
            with self._file(number).open("ab") as file:
                file.writelines(lines)
        self._on_disk.update(self._slices)
        self._slices.clear()
        self._waiting = 0

    def pour(self, out: IO[bytes] | GzipFile) -> int:
        """Write all slices, one after another, each in order; return the number of lines."""
        count = 0
        for number in sorted(self._on_disk | self._slices.keys()):
            lines: list[bytes] = []
            if number in self._on_disk:
                file = self._file(number)
                lines = file.read_bytes().splitlines(keepends=True)
                file.unlink()
            lines += self._slices.pop(number, [])
            # Lines of one instant stay in the order of homes, in which they were added.
            lines.sort(key=_stamp_of)
            out.writelines(lines)
            count += len(lines)
        return count

    def _file(self, number: int) -> Path:
        return self._folder / str(number)


def _stamp_of(line: bytes) -> bytes:
    return line[_STAMP_AT]
