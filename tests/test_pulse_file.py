"""The pulse beside the store: written whole, read with its age, gone after a clean stop."""

import errno
import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from telecared.adapters.system_clock import EngineClock, FastClock
from telecared.core.site import SiteFacts
from telecared.core.vocabulary import HOUR, SECOND
from telecared.pulse import Beat
from telecared.pulse_file import PulseFile, age_of, now_of, path_of, read_pulse, speed_of
from tests.engine.stage import StageClock

WALL = 1_700_000_000 * SECOND
AT = WALL - HOUR


def pulse_of(store: Path) -> PulseFile:
    """What a daemon on a store writes, whose engine time is an hour behind the wall clock."""
    return PulseFile(store, StageClock(AT), lambda: WALL)


def test_others_see_when_it_was_written_and_how_the_daemon_stood(tmp_path: Path) -> None:
    """Engine time is reckoned on from it; a clean stop takes it away."""
    store = tmp_path / "telecared.db"
    with pulse_of(store) as pulse:
        pulse.write(Beat.DEGRADED, SiteFacts(held=True, connected=True), full=True)
        facts = read_pulse(path_of(store))
        assert facts is not None
        assert (facts.at, facts.wall, facts.beat, facts.pid) == (AT, WALL, "degraded", os.getpid())
        assert (facts.linked, facts.held, facts.full) == (True, True, True)
        assert age_of(facts, WALL + 5 * SECOND) == 5 * SECOND
        assert now_of(facts, WALL + 5 * SECOND) == AT + 5 * SECOND
        assert now_of(facts, WALL - HOUR) == AT
        assert [one.name for one in tmp_path.iterdir()] == ["telecared.db.pulse"]
    assert read_pulse(path_of(store)) is None


def test_a_pulse_that_nobody_can_read_is_none(tmp_path: Path) -> None:
    """Half a file, another program's file: no sign of life."""
    path_of(tmp_path / "telecared.db").write_text("{}")
    assert read_pulse(path_of(tmp_path / "telecared.db")) is None
    path_of(tmp_path / "telecared.db").write_bytes(b'{"beat":"\xff"}')
    assert read_pulse(path_of(tmp_path / "telecared.db")) is None


def test_on_a_full_disk_the_pulse_goes_on_in_the_file_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No second file can be made: the console must read `full`, not that the engine is silent."""

    def no_room(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with capture_logs() as lines, pulse_of(tmp_path / "telecared.db") as pulse:
        pulse.write(Beat.DEGRADED, SiteFacts(), full=False)
        monkeypatch.setattr(Path, "write_bytes", no_room)
        pulse.write(Beat.FINE, SiteFacts(), full=True)
        facts = read_pulse(path_of(tmp_path / "telecared.db"))
        assert facts is not None
        assert (facts.beat, facts.full) == ("fine", True)
    assert lines == []


def test_a_pulse_that_cannot_be_written_is_logged_once(tmp_path: Path) -> None:
    """The daemon lives on; when it can write again and fails again, that is news."""
    store = tmp_path / "gone" / "telecared.db"
    with capture_logs() as lines, pulse_of(store) as pulse:
        for _ in range(3):
            pulse.write(Beat.FINE, SiteFacts(), full=False)
        store.parent.mkdir()
        pulse.write(Beat.FINE, SiteFacts(), full=False)
        assert read_pulse(path_of(store)) is not None
        path_of(store).unlink()
        path_of(store).mkdir()
        pulse.write(Beat.FINE, SiteFacts(), full=False)
    assert [line["event"] for line in lines] == ["pulse.not_written"] * 2


@pytest.mark.parametrize("speed", [0.5, 60.0, 1_000.0])
def test_a_fast_clock_says_how_fast_it_is(speed: float) -> None:
    """Pages that show ages tick as fast as the demo does."""
    assert speed_of(FastClock(start=WALL, speed=speed)) == pytest.approx(speed)
    assert speed_of(EngineClock()) == 1.0
