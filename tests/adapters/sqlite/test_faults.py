"""What happens when statements fail, processes die, disks fill up and two processes write."""

import functools
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from telecared.adapters.sqlite import CommandDesk, SqliteReader, engine_lock
from telecared.adapters.sqlite.ballast import Ballast
from telecared.adapters.sqlite.connection import store_error
from telecared.errors import StoreError, StoreFull
from telecared.store_port import Batch, CommandResult
from tests.adapters.sqlite import samples
from tests.adapters.sqlite.samples import MIDNIGHT, open_store, problems_of
from tests.conftest import REPOSITORY

FAULTS_MAX = 500
KILLS = 4


class FailingConnection(sqlite3.Connection):
    """Fails one statement: the one that `left` counts down to."""

    left = -1

    def _count(self) -> None:
        FailingConnection.left -= 1
        if FailingConnection.left == 0:
            raise sqlite3.OperationalError("injected fault")

    def execute(self, *arguments: Any) -> sqlite3.Cursor:  # noqa: ANN401  # SQLite's own
        """Count, then run."""
        self._count()
        return super().execute(*arguments)

    def executemany(self, *arguments: Any) -> sqlite3.Cursor:  # noqa: ANN401  # SQLite's own
        """Count, then run."""
        self._count()
        return super().executemany(*arguments)


def dump(path: Path) -> list[str]:
    """Every row of a database."""
    with sqlite3.connect(path) as connection:
        rows = list(connection.iterdump())
    connection.close()
    return rows


async def test_whichever_statement_fails_nothing_is_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each statement of a full batch fails once; the same batch then passes, and all verifies."""
    path = tmp_path / "telecared.db"
    failing = functools.partial(sqlite3.connect, factory=FailingConnection)
    monkeypatch.setattr(sqlite3, "connect", failing)
    store = open_store(path)
    await store.commit(samples.setting_up())
    number = await store.add_command(samples.command())
    monkeypatch.undo()
    batch = samples.opening()
    end = samples.ending(number)
    batch.inputs += end.inputs
    batch.command_results, batch.forget_packets = end.command_results, True
    batch.home_records = [samples.home_record("Elsewhere")]
    batch.plans = samples.setting_up().plans
    batch.site = b"more"
    before = dump(path)

    failures = 0
    for statement in range(1, FAULTS_MAX):
        FailingConnection.left = statement
        try:
            await store.commit(batch)
        except StoreError:
            failures += 1
            FailingConnection.left = -1
            assert dump(path) == before, f"statement {statement} left something behind"
        else:
            break
    FailingConnection.left = -1
    await store.close()

    assert failures > 20
    assert problems_of(path) == []
    assert SqliteReader(path).load().last_input == 8


@pytest.mark.parametrize("lines", range(KILLS))
def test_a_killed_writer_leaves_a_sound_database(tmp_path: Path, lines: int) -> None:
    """What a process said it had committed is there after kill -9, and the chain is whole."""
    path = tmp_path / "telecared.db"
    with subprocess.Popen(
        [sys.executable, "-m", "tests.adapters.sqlite.endless_writer", str(path)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = 0
        for _ in range(3 + lines * 7):
            said = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().split()
    said = int(rest[-1]) if rest else said

    assert problems_of(path) == []
    assert SqliteReader(path).load().last_input >= said


async def test_commands_are_taken_while_the_writer_commits(tmp_path: Path) -> None:
    """Another process hands in commands between commits; each is carried out exactly once."""
    path = tmp_path / "telecared.db"
    store = open_store(path)
    await store.commit(samples.setting_up())
    code = (
        "import sys, time; from pathlib import Path;"
        "from telecared.adapters.sqlite import CommandDesk;"
        "from tests.adapters.sqlite import samples;"
        "desk = CommandDesk(Path(sys.argv[1]), sleep=time.sleep, seconds=time.monotonic);"
        "[desk.add(samples.command()) for _ in range(50)]"
    )
    carried: list[int] = []
    number = 3
    with subprocess.Popen([sys.executable, "-c", code, str(path)], cwd=REPOSITORY) as process:
        while process.poll() is None or store.commands_may_wait():
            commands = await store.waiting_commands(7)
            first, number = number + 1, number + 1 + len(commands)
            await store.commit(
                Batch(
                    at=MIDNIGHT + number,
                    inputs=[samples.event(each, "alive") for each in range(first, number + 1)],
                    command_results=[
                        CommandResult(command.id, "done", "", number) for command in commands
                    ],
                )
            )
            carried += [command.id for command in commands]
    await store.close()

    assert process.returncode == 0
    assert carried == list(range(1, 51))
    assert problems_of(path) == []


async def test_a_full_disk_frees_the_ballast_and_the_next_commit_passes(tmp_path: Path) -> None:
    """Nothing is half-written; what is not critical waits until there is room again."""
    path = tmp_path / "telecared.db"
    store = open_store(path, ballast=65_536)
    await store.commit(samples.setting_up())
    ballast = Ballast(path, 65_536)
    held = ballast.is_held()
    pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
    store._connection.execute(f"PRAGMA max_page_count = {pages}").fetchall()
    batch = samples.opening()
    batch.plans = samples.setting_up().plans
    batch.plans[0] = type(batch.plans[0])("large", b"x" * 100_000)

    with pytest.raises(StoreFull, match="full"):
        await store.commit(batch)
    with pytest.raises(StoreFull):
        await store.snapshot("2026-03-01")
    freed = not ballast.is_held()
    store._connection.execute("PRAGMA max_page_count = 100000").fetchall()
    batch.critical_only = True
    await store.commit(batch)

    assert (held, freed) == (True, True)
    assert await store.restore_ballast()
    assert ballast.is_held()
    await store.snapshot("2026-03-01")
    await store.close()
    assert problems_of(path) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few MiB, where the tests may mount one."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small file system can only be mounted by root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


async def test_a_disk_that_really_fills_up_is_survived(small_disk: Path) -> None:
    """Commits fail with StoreFull, the ballast makes room for more, and all of it verifies."""
    path = small_disk / "telecared.db"
    store = open_store(path, ballast=512 * 1024)
    number, committed, refused = 0, 0, 0
    while refused < 2 and number < 20_000:
        inputs = [samples.message(number + each) for each in range(1, 101)]
        try:
            await store.commit(Batch(at=MIDNIGHT, inputs=inputs, critical_only=refused > 0))
        except StoreFull:
            refused += 1
        else:
            number += 100
            committed += refused
    await store.close()

    assert refused == 2
    assert committed > 0, "the ballast bought no commit"
    assert problems_of(path) == []
    assert SqliteReader(path).load().last_input == number


def test_an_error_of_a_full_disk_is_told_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An input/output error without any room is a full disk; with room it is not."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
    with_room = store_error(error, tmp_path / "telecared.db", "write to")
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 0}))
    without = store_error(error, tmp_path / "telecared.db", "write to")

    assert not isinstance(with_room, StoreFull)
    assert isinstance(without, StoreFull)


def test_only_one_engine_works_on_a_database(tmp_path: Path) -> None:
    """The second engine hears a sentence; when the first has gone, the next may start."""
    path = tmp_path / "telecared.db"
    first = engine_lock(path)
    first.__enter__()
    with pytest.raises(StoreError, match="another telecared is running"), engine_lock(path):
        pass
    first.__exit__(None, None, None)
    with engine_lock(path):
        pass


@pytest.mark.parametrize(
    "opening",
    [
        SqliteReader,
        open_store,
        lambda path: CommandDesk(path, sleep=lambda _: None, seconds=lambda: 0),
    ],
)
def test_a_path_that_leads_nowhere_is_told(
    tmp_path: Path, opening: Callable[[Path], object]
) -> None:
    """A database that cannot be opened is a sentence with its path, not a traceback."""
    with pytest.raises(StoreError, match="cannot be opened"):
        opening(tmp_path / "nowhere" / "telecared.db")


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    """Somebody else's file is refused and left alone."""
    path = tmp_path / "telecared.db"
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(StoreError, match="damaged"):
        open_store(path)
    assert path.read_bytes() == b"no database" * 1000
