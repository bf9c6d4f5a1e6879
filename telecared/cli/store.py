"""Ways to the database for commands: look, log the look, hand in a command, and wait for its end.

Where no engine runs, a command is carried out here under the engine lock (design 3.1, decision
10). What a command means is decided by the core.
"""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal, cast

from telecared.adapters.entropy import salt
from telecared.adapters.logs import set_up_logs
from telecared.adapters.sqlite import (
    CommandDesk,
    EngineRuns,
    SqliteReader,
    SqliteStore,
    engine_lock,
)
from telecared.adapters.system_clock import EngineClock, monotonic_seconds, pause, wall_now
from telecared.cli.common import GROUP_UMASK, Exit
from telecared.cli.lines import CommandLine
from telecared.cli.output import put, say, warn
from telecared.config.deployment import Deployment
from telecared.config.load import LoadedPlan
from telecared.core.vocabulary import SECOND, Duration
from telecared.errors import StoreError, TelecaredError
from telecared.store_port import CommandResult, CommandRow

LOCK_LOOK_SECONDS: Final = 1.0
"""How often a waiting command looks whether the engine is still there."""

LATER: Final = "it is carried out when the daemon runs"
_EXITS: Final = {"done": Exit.FINE, "refused": Exit.FINDINGS, "accepted": Exit.ACCEPTED}


def require_store(path: Path) -> None:
    """Raise StoreError when there is no database yet, with what to do."""
    if not path.exists():
        raise StoreError(
            f"there is no database {path} yet; `telecared import homes.yaml` makes it, and so"
            " does the first `telecared run`"
        )


def reader_at(path: Path) -> SqliteReader:
    """Return what answers questions about a database."""
    require_store(path)
    return SqliteReader(path)


def desk_at(path: Path) -> CommandDesk:
    """Return the counter at which commands and looks are handed in."""
    require_store(path)
    return CommandDesk(path, sleep=pause, seconds=monotonic_seconds)


def log_read(path: Path, *, by: str, what: str, home: str | None) -> None:
    """Make durable that somebody is about to be shown personal data."""
    desk_at(path).log_read(by=by, what=what, home=home, at=wall_now())


@contextmanager
def group_umask() -> Iterator[None]:
    """Files made within are for the daemon's group and nobody else."""
    before = os.umask(GROUP_UMASK)
    try:
        yield
    finally:
        os.umask(before)


def make_store(path: Path) -> None:
    """Make the database when it is missing, or bring it up to date.

    Raises:
        EngineRuns: an engine works on it, so that it is there and up to date.
        StoreError: it cannot be made.
    """

    async def make() -> None:
        await SqliteStore(path, salt=salt).close()

    path.parent.mkdir(parents=True, exist_ok=True)
    with group_umask(), engine_lock(path):
        asyncio.run(make())


def hand_in(
    deployment: Deployment,
    *,
    kind: str,
    by: str,
    via: str = "cli",
    home: str | None = None,
    body: bytes,
    wait: Duration,
    as_json: bool,
    loaded: LoadedPlan | None = None,
    quiet: bool = False,
) -> Exit:
    """Make a command durable, see to it that it is carried out, and tell how it ended.

    `quiet` tells only what went wrong. With an engine running this waits for it; otherwise the
    command is carried out here.

    Returns:
        0 done, 1 refused, 3 not carried out within `wait`.
    """
    path = deployment.store_path
    desk = desk_at(path)
    command = desk.add(
        CommandRow(id=0, kind=kind, by=by, via=via, given_at=wall_now(), home=home, body=body)
    )
    result, note = _see_it_through(deployment, desk, command, wait, loaded)
    state = result.state if result is not None else "accepted"
    reason = (result.reason if result is not None else "") or (note if state == "accepted" else "")
    told = CommandLine(command, _state(state), reason)
    if as_json:
        put(told)
    elif not (quiet and state == "done"):
        _tell(told, wait)
    return _EXITS[state]


def _see_it_through(
    deployment: Deployment,
    desk: CommandDesk,
    command: int,
    wait: Duration,
    loaded: LoadedPlan | None,
) -> tuple[CommandResult | None, str]:
    """Return how a command ended or how far it has come, and why it was not carried out here."""
    until = monotonic_seconds() + wait / SECOND
    note = ""
    while True:
        runs = engine_runs(deployment.store_path)
        if not runs:
            note = _carry_out(deployment, loaded)
        left = until - monotonic_seconds()
        # In turns: another command that was carried out here may have held the lock meanwhile.
        result = desk.wait(command, 0.0 if note else max(0.0, min(left, LOCK_LOOK_SECONDS)))
        if result is None or result.state != "accepted" or note or left <= 0:
            return result, note


def engine_runs(path: Path) -> bool:
    """Whether an engine works on a database now."""
    try:
        with engine_lock(path):
            return False
    except EngineRuns:
        return True


def _carry_out(deployment: Deployment, loaded: LoadedPlan | None) -> str:
    """Carry out what waits, unless an engine does; return why it could not be, or ""."""
    from telecared.shard import apply_waiting

    set_up_logs(quiet=True)
    try:
        with group_umask():
            asyncio.run(apply_waiting(deployment, clock_from=EngineClock, loaded=loaded))
    except EngineRuns:
        return ""
    except TelecaredError as error:
        # It is on record all the same: to say less would have it handed in twice.
        warn(str(error))
        return LATER
    warn("no daemon is running: messages to people go out when `telecared run` does")
    return ""


def _state(state: str) -> Literal["accepted", "done", "refused"]:
    return cast("Literal['accepted', 'done', 'refused']", state)


def _tell(told: CommandLine, wait: Duration) -> None:
    reason = f": {told.reason}" if told.reason else ""
    match told.state:
        case "done":
            say(f"done{reason}")
        case "refused":
            warn(f"refused{reason}")
        case "accepted":
            waited = reason or f": not carried out within {wait / SECOND:g} s; it stays on record"
            say(f"accepted as command {told.command}{waited}")
