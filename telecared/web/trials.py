"""Trials of changes that run: started, watched, ended in time, kept for a while.

Each is a process (`trial_process`) whose life is followed by a thread. What is tried and what is
made of the outcome is the views'; nothing of it is stored.
"""

import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Final

import msgspec
import structlog

from telecared.adapters.entropy import salt
from telecared.core.plan import HomeRecord, Plan
from telecared.core.vocabulary import HOUR, Duration, Instant
from telecared.web.trial_process import Difference, Told, TrialOrder

log = structlog.get_logger(__name__)

LONGEST_SECONDS: Final = 600.0
"""A trial is ended after this: two times sixty days of a busy home take a minute or two."""

MAX_RUNNING: Final = 2
"""Trials that run at once; one more is refused with a sentence."""

MAX_KEPT: Final = 40
"""Trials that are remembered; the oldest that has ended makes room."""

KEPT: Final[Duration] = HOUR
"""How long an outcome may be saved: later the past is another."""


class Trial:
    """One trial; read from any thread.

    Attributes:
        id: unguessable.
        home, rule: what is changed; `before` and `after` the records, under `plan`.
        operator: id of the account that began it; nobody else sees it.
        began: wall time.
        part: how far it is, 0 to 1.
        found: the outcome, once there is one.
        error: why there is none, one sentence.
        shown: somebody was shown the outcome: only then may it be saved.
        logged: at which stages its page is on record as read; it asks again each second.
    """

    def __init__(
        self,
        *,
        operator: int,
        rule: str,
        plan: Plan,
        before: HomeRecord,
        after: HomeRecord,
        began: Instant,
    ) -> None:
        self.id = salt().hex()
        self.operator = operator
        self.home = before.id
        self.rule = rule
        self.plan = plan
        self.before = before
        self.after = after
        self.began = began
        self.part = 0.0
        self.found: Difference | None = None
        self.error = ""
        self.shown = False
        self.logged: set[bool] = set()

    @property
    def running(self) -> bool:
        """Whether it goes on."""
        return self.found is None and not self.error


class TooMany(Exception):
    """As many trials run as may."""


class Trials:
    """The trials of one console.

    Args:
        wall: wall time.
        seconds: how long a trial may take.
    """

    def __init__(self, wall: Callable[[], Instant], *, seconds: float = LONGEST_SECONDS) -> None:
        self._wall = wall
        self._seconds = seconds
        self._lock = threading.Lock()
        self._trials: dict[str, Trial] = {}

    def begin(self, trial: Trial, order: TrialOrder) -> None:
        """Start one. Raises TooMany."""
        with self._lock:
            running = [one for one in self._trials.values() if one.running]
            if len(running) >= MAX_RUNNING:
                raise TooMany
            self._forget()
            self._trials[trial.id] = trial
        body = msgspec.json.encode(order)
        threading.Thread(target=self._follow, args=(trial, body), daemon=True).start()

    def find(self, name: str, *, operator: int, home: str) -> Trial | None:
        """Return a trial that somebody began about a home; None for anybody else's."""
        with self._lock:
            self._forget()
            trial = self._trials.get(name)
        if trial is None or (trial.operator, trial.home) != (operator, home):
            return None
        return trial

    def _forget(self) -> None:
        """Drop what is too old, and the oldest that has ended when there are too many."""
        now = self._wall()
        ended = [one for one in self._trials.values() if not one.running]
        old = [one for one in ended if one.began + KEPT < now]
        spare = len(self._trials) - len(old) - MAX_KEPT + 1
        fresh = [one for one in ended if one not in old]
        for trial in (*old, *fresh[: max(0, spare)]):
            del self._trials[trial.id]

    def _follow(self, trial: Trial, body: bytes) -> None:
        """Run a trial's process to its end, or to the end of its time."""
        try:
            self._run(trial, body)
        except (OSError, msgspec.DecodeError):
            # It could not begin, or went before it had read its order.
            log.warning("console.trial-lost", trial=trial.id)
        if trial.running:
            minutes = int(self._seconds // 60)
            trial.error = (
                f"The replay was ended after {minutes} minutes or failed: try it on the command"
                " line with telecared replay --from-store --compare."
            )

    def _run(self, trial: Trial, body: bytes) -> None:
        with subprocess.Popen(
            [sys.executable, "-m", "telecared.web.trial_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            late = threading.Timer(self._seconds, process.kill)
            late.start()
            try:
                process.stdin.write(body)
                process.stdin.close()
                for line in process.stdout:
                    self._hear(trial, msgspec.json.decode(line, type=Told))
            finally:
                late.cancel()
                process.kill()

    def _hear(self, trial: Trial, told: Told) -> None:
        trial.part = max(trial.part, told.part)
        if told.error:
            trial.error = told.error
        if told.found is not None:
            trial.found = told.found
