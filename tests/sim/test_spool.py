"""Stream files of many homes: in exact order, in bounded memory, readable line by line."""

import io
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from telecared.core.streams import parse_stamp, parse_stream_line
from telecared.core.vocabulary import DAY, SECOND
from telecared.sim import spool
from telecared.sim.habits import Told
from telecared.sim.residents import home_told, street_stream
from telecared.sim.spool import Lines, write_street
from telecared.sim.street import make_street

START = parse_stamp("2026-03-02T06:30:00Z")


def test_a_line_is_what_a_recording_holds() -> None:
    """Accents, quotes and the last microsecond of a second come back as they were."""
    told = Told(START + 999_999, 'a/Extérieur "b"', b'{"motion":"detected"}', True)
    message = parse_stream_line(Lines().line(told).decode())
    assert (message.tst, message.topic, message.payload) == told[:3]
    assert (message.retain, message.qos) == (True, 1)


@pytest.mark.parametrize("waiting", [10_000, 1 << 30])
def test_a_file_holds_what_is_published_in_the_same_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waiting: int
) -> None:
    """Whether slices waited on disk or in memory; nothing stays beside the file."""
    monkeypatch.setattr(spool, "MOST_WAITING_BYTES", waiting)
    monkeypatch.setattr(spool, "SLICE_LINES", 1_000)
    residents = [household.resident for household in make_street(6)]
    end = START + DAY
    out = io.BytesIO()
    told: list[int] = []
    count = write_street(
        (home_told(each, (), start=START, end=end, seed=1) for each in residents),
        out,
        homes=6,
        start=START,
        end=end,
        folder=tmp_path,
        progress=told.append,
    )
    written = [parse_stream_line(line) for line in out.getvalue().decode().splitlines()]
    published = list(street_stream(residents, lambda _: (), start=START, end=end, seed=1))
    assert written == published
    assert count == len(written)
    assert told == [1, 2, 3, 4, 5, 6]
    assert list(tmp_path.iterdir()) == []


def test_memory_does_not_grow_with_the_homes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three megabytes of lines pass through a little more than what may wait in memory."""
    monkeypatch.setattr(spool, "MOST_WAITING_BYTES", 200_000)
    monkeypatch.setattr(spool, "SLICE_LINES", 1_000)
    homes, each = 200, 100

    def home(number: int) -> Iterator[Told]:
        for minute in range(each):
            at = START + minute * 600 * SECOND + number
            yield Told(at, f"telecare/n/{number}/hall", b'{"motion":"detected"}' * 3, False)

    with (tmp_path / "out.jsonl").open("wb") as out:
        tracemalloc.start()
        count = write_street(
            (home(number) for number in range(homes)),
            out,
            homes=homes,
            start=START,
            end=START + DAY,
            folder=tmp_path,
        )
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    size = (tmp_path / "out.jsonl").stat().st_size
    assert count == homes * each
    assert size > 3_000_000
    assert peak < size / 2
