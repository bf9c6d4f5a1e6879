"""A recorded home through a real broker into the running daemon, and the same once more (P1, P9).

One day at 3,600 times the speed of life in the suite, all fourteen at 600 times in
`make acceptance`. The recording lies beside the checkout; without it these tests are skipped.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from telecared.adapters.sqlite import SqliteReader, verify
from telecared.sim.broker import MosquittoBroker, find_mosquitto
from tests.conftest import REPOSITORY

# On the day of the suite no silence lasts between 21 and 62 minutes, so that a machine which
# stumbles for half a second (30 minutes of that day) changes no alert.
RULES = """
rules:
  no-movement:
    when: {inactive_for: 55m, of: [motion, contact, occupancy, appliance], between: "07:00-22:00"}
    priority: routine
policies:
  family-then-centre:
    steps:
      - {notify: monitoring_centre}
"""

CONFIG = """
broker: {{url: "mqtt://127.0.0.1:{port}"}}
store: {{url: "sqlite:telecared.db"}}
rules: [rules.yaml]
console: {{with_daemon: false}}
"""

PATIENCE_SECONDS = 30.0
HEAD_START_SECONDS = 7
IMPORT_SECONDS = 2.5
Alert = tuple[str, str, str]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[MosquittoBroker]:
    """A mosquitto of this test's own."""
    if find_mosquitto() is None:
        pytest.skip("mosquitto is not installed")
    with MosquittoBroker(tmp_path / "broker", persistence=False) as running:
        yield running


def telecared(folder: Path, *arguments: object) -> list[str]:
    """Run a command to its end and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "telecared", *map(str, arguments)],
        cwd=folder,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def _environment() -> dict[str, str]:
    return {"PYTHONPATH": str(REPOSITORY), "PATH": "/usr/bin:/bin:/usr/sbin"}


def _recording(folder: Path, shared: Path, day: str | None) -> tuple[Path, datetime]:
    """Cut one day (UTC) out of the recording, or take it whole; return it with its first time."""
    lines = (shared / "data/streams/ordonez-a.jsonl").read_text().splitlines()
    kept = [line for line in lines if day is None or json.loads(line)["tst"].startswith(day)]
    cut = folder / "recording.jsonl"
    cut.write_text("\n".join(kept) + "\n")
    return cut, datetime.fromisoformat(json.loads(kept[0])["tst"])


def _opened(lines: Sequence[str]) -> list[Alert]:
    rows = [json.loads(line) for line in lines]
    kinds = ("alert.opened", "alert.resolved")
    return [(row["event"], row["rule"], row["alert"]) for row in rows if row["event"] in kinds]


def _live_through(
    folder: Path, shared: Path, broker: MosquittoBroker, *, day: str | None, speed: int
) -> None:
    (folder / "rules.yaml").write_text(RULES)
    (folder / "telecared.yaml").write_text(CONFIG.format(port=broker.port))
    homes = shared / "data/streams/ordonez-a.homes.yaml"
    recording, first = _recording(folder, shared, day)
    # The daemon is up, and has heard of the home, before the first message is due.
    epoch = datetime.now(UTC)
    head_start = timedelta(seconds=HEAD_START_SECONDS)
    begin = first - head_start * speed
    log = (folder / "daemon.log").open("w")
    daemon = subprocess.Popen(
        [sys.executable, "-m", "telecared", "run", *_clock(begin, speed, epoch)],
        cwd=folder,
        env=_environment(),
        stdout=log,
        stderr=log,
    )
    try:
        _until(lambda: '"ready"' in (folder / "daemon.log").read_text(), "the start")
        # Known only shortly before: a replay of the file knows the home from its first message.
        due = epoch + head_start - timedelta(seconds=IMPORT_SECONDS)
        time.sleep(max(0.0, (due - datetime.now(UTC)).total_seconds()))
        telecared(folder, "import", homes, "--by", "Test Operator")
        url = f"mqtt://127.0.0.1:{broker.port}"
        clock = _clock(first, speed, epoch + head_start)
        telecared(folder, "simulate", "--stream", recording, *clock, "--broker", url)
        count = len(recording.read_text().splitlines())
        _until(lambda: len(_messages(folder)) >= count, "the last message")
        daemon.terminate()
        assert daemon.wait(10) == 0
    finally:
        daemon.kill()
        daemon.wait()
        log.close()


def _clock(start: datetime, speed: int, epoch: datetime) -> list[str]:
    return [
        *("--start", start.isoformat()),
        *("--speed", str(speed)),
        *("--epoch", epoch.isoformat()),
    ]


def _until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, f"waited for {what}"
        time.sleep(0.1)


def _messages(folder: Path) -> list[int | None]:
    rows = SqliteReader(folder / "telecared.db").events(home=None, since=None, limit=1_000_000)
    return [row.seq for row in rows]


def _holds(folder: Path, shared: Path) -> None:
    """Every message once; the store decides the same again; the file sets off the same alerts."""
    recording = folder / "recording.jsonl"
    sent = [json.loads(line)["payload"]["seq"] for line in recording.read_text().splitlines()]
    assert _messages(folder) == sent
    assert verify(folder / "telecared.db").problems == []
    telecared(folder, "replay", "--from-store", "--verify")
    live = _opened(telecared(folder, "replay", "--from-store", "--json"))
    homes = shared / "data/streams/ordonez-a.homes.yaml"
    replayed = _opened(
        telecared(folder, "replay", recording, "--homes", homes, "--rules", "rules.yaml", "--json")
    )
    assert replayed, "a quiet recording would prove nothing"
    assert [one for one in live if one[1] == "no-movement"] == replayed


def test_a_recorded_day_is_stored_once_and_decided_the_same_again(
    tmp_path: Path, shared_folder: Path, broker: MosquittoBroker
) -> None:
    """P1, P9: one day at 3,600 times the speed of life."""
    _live_through(tmp_path, shared_folder, broker, day="2011-12-01", speed=3_600)
    _holds(tmp_path, shared_folder)


@pytest.mark.acceptance
def test_a_recorded_fortnight_is_stored_once_and_decided_the_same_again(
    tmp_path: Path, shared_folder: Path, broker: MosquittoBroker
) -> None:
    """P1, P9: the whole recording at 600 times the speed of life, some 34 minutes."""
    _live_through(tmp_path, shared_folder, broker, day=None, speed=600)
    _holds(tmp_path, shared_folder)
