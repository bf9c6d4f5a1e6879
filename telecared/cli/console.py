"""`console`: the web console in a process of its own, beside a daemon that serves none.

Reads the deployment and hands over to `web.serve`. It changes alerts and homes by commands only,
so that it may stop, start and be updated while the daemon goes on.
"""

import asyncio
import contextlib
import signal

from telecared.adapters.logs import set_up_logs
from telecared.adapters.systemd import Notifier
from telecared.cli.common import Config, Exit, require_config
from telecared.cli.output import warn
from telecared.cli.store import group_umask
from telecared.config.deployment import Deployment, load_deployment
from telecared.web.serve import ConsoleServer


def console(*, config: Config = None) -> Exit:
    """Serve the console alone until it is told to stop; it waits for a store that is not there."""
    deployment = load_deployment(require_config(config))
    if deployment.console.with_daemon:
        warn(
            "telecared run serves the console, too; with console: {with_daemon: false} in"
            " telecared.yaml it leaves the address to this one."
        )
    set_up_logs()
    with group_umask():
        asyncio.run(_serve(deployment))
    return Exit.FINE


async def _serve(deployment: Deployment) -> None:
    """Serve until SIGTERM or SIGINT."""
    systemd = Notifier()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    serving = asyncio.create_task(ConsoleServer(deployment).run(), name="console")
    # Also while it waits for the store: what it waits for is the daemon's to make.
    systemd.tell("READY=1")
    try:
        await stop.wait()
    finally:
        systemd.tell("STOPPING=1")
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving
