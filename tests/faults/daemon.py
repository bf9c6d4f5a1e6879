"""The real daemon in a process of its own that kills itself at a named instant, to the last gasp.

Run as `python -m tests.faults.daemon CONFIG [POINT [NTH]]`. The points are the arrows of the data
path; nothing is caught, flushed or closed: it is `kill -9` from within.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import ParamSpec, TypeVar

from telecared.adapters.logs import set_up_logs
from telecared.adapters.sqlite import SqliteStore
from telecared.adapters.system_clock import EngineClock
from telecared.adapters.twilio import TwilioGateway
from telecared.app import Daemon
from telecared.config.deployment import load_deployment
from telecared.config.load import load_plan
from telecared.engine import Engine
from telecared.ports import Arrival
from telecared.store_port import Batch

P = ParamSpec("P")
R = TypeVar("R")


class Countdown:
    """Dies on the nth call."""

    def __init__(self, nth: int) -> None:
        self._left = nth

    def reached(self) -> None:
        """Count one call."""
        self._left -= 1
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


def after(function: Callable[P, Awaitable[R]], countdown: Countdown) -> Callable[P, Awaitable[R]]:
    """Die when the call has been made and before its caller hears of it."""

    async def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        result = await function(*args, **kwargs)
        countdown.reached()
        return result

    return wrapped


def set_fault(point: str, nth: int) -> None:
    """Put the fault in place; `nth` counts messages of devices, or sends."""
    countdown = Countdown(nth)
    match point:
        case "after-receive":
            arrived = Engine.arrived

            def dying(self: Engine, messages: Sequence[Arrival]) -> None:
                arrived(self, messages)
                countdown.reached()

            Engine.arrived = dying  # type: ignore[method-assign]
        case "before-commit" | "after-commit":
            commit = SqliteStore.commit

            async def committing(self: SqliteStore, batch: Batch) -> int:
                heard = any(row.kind == "message" for row in batch.inputs)
                if heard and point == "before-commit":
                    countdown.reached()
                took = await commit(self, batch)
                if heard and point == "after-commit":
                    countdown.reached()
                return took

            SqliteStore.commit = committing  # type: ignore[method-assign]
        case "after-attempt":
            SqliteStore.begin_attempt = after(SqliteStore.begin_attempt, countdown)  # type: ignore[method-assign, assignment]
        case "after-send":
            TwilioGateway.send = after(TwilioGateway.send, countdown)  # type: ignore[method-assign, assignment]
        case _:
            raise SystemExit(f"there is no fault point {point}")


def main() -> None:
    """Run the daemon of the given configuration."""
    set_up_logs()
    config = Path(sys.argv[1])
    if len(sys.argv) > 2:
        set_fault(sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    deployment = load_deployment(config)
    daemon = Daemon(deployment, load_plan(deployment), clock_from=EngineClock)
    asyncio.run(daemon.run())


if __name__ == "__main__":
    main()
