"""The store of a night: the real one, its writer run inline a little later, its disk now full.

What a transaction holds is the store's; when its work is done, and that a crash forgets what was
not done yet, is decided here.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final, ParamSpec, TypeVar

from telecared.adapters.sqlite import SqliteStore
from telecared.errors import StoreFull
from telecared.sim.virtual_loop import VirtualLoop

MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
LATENCIES: Final = (0.0, 0.0, 0.0005, 0.002, 0.01)
"""Seconds that work of the store takes; of a slow disk a hundred times as much."""

P = ParamSpec("P")
Result = TypeVar("Result")


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """Make a folder, in memory where there is one: a crash is a process's, not the machine's."""
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as made:
        yield Path(made)


class LateExecutor(Executor):
    """Does the store's work on the loop's own thread, in order, each a moment after it was asked.

    Args:
        loop: whose time it takes.
        chance: draws how long.
    """

    def __init__(self, loop: VirtualLoop, chance: Random) -> None:
        self._loop = loop
        self._chance = chance
        self._waiting: deque[tuple[Callable[[], Any], Future[Any]]] = deque()  # any work's result
        self._dead = False
        self.is_slow = False

    def submit(
        self, fn: Callable[P, Result], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[Result]:
        """Take work; it is done after a moment, unless a crash comes first."""
        future: Future[Result] = Future()
        if not self._dead:
            self._waiting.append((lambda: fn(*args, **kwargs), future))
            if len(self._waiting) == 1:
                self._later()
        return future

    def _later(self) -> None:
        latency = self._chance.choice(LATENCIES) * (100 if self.is_slow else 1)
        self._loop.call_later(latency, self._work)

    def _work(self) -> None:
        if self._dead:
            return
        work, future = self._waiting.popleft()
        # Work that nobody waits for any more is done all the same, as in a thread that runs.
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - whoever asked for it gets it
            if not future.cancelled():
                future.set_exception(error)
        else:
            if not future.cancelled():
                future.set_result(result)
        if self._waiting:
            self._later()

    def die(self) -> None:
        """Forget what is not done yet."""
        self._dead = True
        self._waiting.clear()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Nothing to let go of."""


class Disk:
    """The disk that holds the store; a night makes it full for a while."""

    def __init__(self) -> None:
        self.is_full = False


class NightStore(SqliteStore):
    """The real store on a disk that may be full, which tells of each transaction that is durable.

    Args:
        path, salt, executor: as `SqliteStore` has them.
        disk: where it lies.
        durable: told after each transaction, before whoever asked for it hears.
    """

    def __init__(
        self,
        path: Path,
        *,
        salt: Callable[[], bytes],
        executor: Executor,
        disk: Disk,
        durable: Callable[[], None],
    ) -> None:
        super().__init__(path, salt=salt, ballast_bytes=0, executor=executor)
        self._disk = disk
        self._durable = durable

    def _transaction(self, work: Callable[[], Result]) -> Result:
        if self._disk.is_full:
            self._full.set()
            raise StoreFull(f"the disk that holds {self.path.name} is full")
        result = super()._transaction(work)
        self._durable()
        return result

    async def restore_ballast(self) -> bool:
        """Set the ballast aside again; no full disk has room for it."""
        return not self._disk.is_full and await super().restore_ballast()

    def die(self) -> None:
        """Let go of the file as a killed process does."""
        self._closed = True
        self._connection.close()
        self._watch.close()
