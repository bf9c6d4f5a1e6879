"""`run`: the daemon, at the speed of life or, for rehearsals, on a fast clock.

Reads the deployment, picks the clock, and hands over to `app`.
"""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from telecared.adapters.logs import set_up_logs
from telecared.adapters.sqlite import EngineRuns
from telecared.adapters.system_clock import EngineClock, FastClock, monotonic_seconds, wall_now
from telecared.app import Daemon
from telecared.cli.common import Config, Exit, UsageError, instant_of, require_config
from telecared.cli.output import warn
from telecared.cli.store import group_umask
from telecared.config.channels import Mail, Sms, SystemBody, Voice, is_loopback, reached_by
from telecared.config.deployment import Deployment, load_deployment
from telecared.config.load import LoadedPlan, load_plan
from telecared.core.vocabulary import Instant
from telecared.core.windows import rfc3339
from telecared.errors import Refused, TelecaredError
from telecared.ports import Clock

MAX_SPEED: Final = 100_000.0

LOCK_SECONDS: Final = 2.0
"""A command may be carrying out what it was given: the lock is waited for this long."""

LOCK_LOOK_SECONDS: Final = 0.1

REAL_PROVIDERS: Final = ("twilio.com",)
"""Hosts at which messages reach people."""


def run(
    *,
    start: Annotated[
        str | None,
        Parameter(name="--start", help="A rehearsal: engine time begins here, RFC 3339."),
    ] = None,
    speed: Annotated[
        float | None,
        Parameter(name="--speed", help="A rehearsal: how many times as fast time runs."),
    ] = None,
    epoch: Annotated[
        str | None,
        Parameter(
            name="--epoch",
            help="The real time at which --start was, for processes that share one fast clock.",
        ),
    ] = None,
    config: Config = None,
) -> Exit:
    """Run the daemon until it is told to stop."""
    path = require_config(config)
    deployment, loaded = _read(path)
    clock_from = _clock(deployment, start, speed, epoch)
    set_up_logs()
    from telecared.web.serve import console_parts

    daemon = Daemon(
        deployment,
        loaded,
        clock_from=clock_from,
        reload=lambda: _read(path),
        beside=lambda shard: console_parts(deployment, shard),
    )
    with group_umask():
        asyncio.run(_run(daemon))
    return Exit.FINE


def _read(path: Path) -> tuple[Deployment, LoadedPlan]:
    deployment = load_deployment(path)
    return deployment, load_plan(deployment)


async def _run(daemon: Daemon) -> None:
    """Run, waiting for a command that holds the engine lock for a moment."""
    until = monotonic_seconds() + LOCK_SECONDS
    while True:
        try:
            await daemon.run()
        except EngineRuns:
            if monotonic_seconds() > until:
                raise
            await asyncio.sleep(LOCK_LOOK_SECONDS)
        except ExceptionGroup as group:
            raise _told(group) from None
        else:
            return


def _told(group: ExceptionGroup) -> Exception:
    """Return the sentences of a group of errors; the group itself when one is no sentence."""
    _, others = group.split(TelecaredError)
    if others is not None:
        return group
    found: list[str] = []
    groups: list[Exception] = [group]
    while groups:
        error = groups.pop(0)
        if isinstance(error, ExceptionGroup):
            groups.extend(error.exceptions)
        else:
            found.append(str(error))
    return TelecaredError("\n".join(dict.fromkeys(found)))


# --- the clock ----------------------------------------------------------------------------------


def _clock(
    deployment: Deployment, start: str | None, speed: float | None, epoch: str | None
) -> Callable[[Instant], Clock]:
    if start is None and speed is None:
        if epoch is not None:
            raise UsageError("--epoch means something only with --start; add it")
        return EngineClock
    if epoch is not None and start is None:
        raise UsageError("--epoch is the real time at which --start was; add --start")
    times = 1.0 if speed is None else speed
    if not 0 < times <= MAX_SPEED:
        raise UsageError(f"--speed: write a number above 0 and up to {MAX_SPEED:g}")
    began = instant_of(start, "--start") if start is not None else wall_now()
    shared = instant_of(epoch, "--epoch") if epoch is not None else None
    _refuse_real_provider(deployment)
    warn(
        f"REHEARSAL: engine time runs {times:g} times as fast, from {rfc3339(began)} or, if that"
        " is later, from where the store ends."
        " This daemon watches over nobody."
    )

    def clock_from(last_at: Instant) -> Clock:
        clock = FastClock(start=began, speed=times, epoch=shared)
        if shared is not None and last_at > clock.now():
            raise Refused(
                f"the store already holds times up to {rfc3339(last_at)}, later than --start and"
                " --epoch make it now; engine time never falls. Give the rehearsal a store of its"
                " own, and import its homes while it runs"
            )
        return FastClock(start=began, speed=times, epoch=shared, last_at=last_at)

    return clock_from


def _refuse_real_provider(deployment: Deployment) -> None:
    sections: dict[str, Sequence[Sms | Voice | Mail | SystemBody]] = {
        "sms": deployment.sms,
        "voice": deployment.voice,
        "email": deployment.email,
        "systems": deployment.systems,
    }
    for key, several in sections.items():
        for number, told in enumerate(several, 1):
            host = reached_by(told) or REAL_PROVIDERS[0]
            simulated = isinstance(told, Sms | Voice) and told.base_url is not None
            if _is_real(host) if simulated else not is_loopback(host):
                raise Refused(
                    f"{key}, number {number}, may reach real people, and a rehearsal on a fast"
                    " clock would page them; name a simulated provider on this machine, or leave"
                    " out --start and --speed"
                )


def _is_real(host: str) -> bool:
    return any(host == real or host.endswith("." + real) for real in REAL_PROVIDERS)
