"""Words to systemd over its notify socket: ready, status, watchdog, reloading, stopping.

Twelve lines of protocol instead of a library without wheels. Says nothing when systemd is not
there; when to say what is the daemon's.
"""

import os
import socket
from typing import Final

_SOCKET: Final = "NOTIFY_SOCKET"
_WATCHDOG: Final = "WATCHDOG_USEC"


class Notifier:
    """Sends states to the service manager that started this process."""

    def __init__(self, address: str | None = None) -> None:
        address = os.environ.get(_SOCKET, "") if address is None else address
        self._address = "\0" + address[1:] if address.startswith("@") else address

    def tell(self, *states: str) -> bool:
        """Send `READY=1`, `STATUS=…`, `WATCHDOG=1`; return whether somebody listens."""
        if not self._address:
            return False
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
                connection.sendto("\n".join(states).encode(), self._address)
        except OSError:
            return False
        return True


def watchdog_seconds() -> float | None:
    """Return how often systemd wants to be fed, halved for safety, or None when it does not."""
    given = os.environ.get(_WATCHDOG, "")
    return int(given) / 2_000_000 if given.isdigit() and int(given) else None
