"""Our own message to ourselves: it shows that the path works and that a backlog is through.

The broker hands it over behind everything that it had kept for the session. Here is only what
was sent and what came back; sending and hanging up are the connection's part.
"""

from typing import Final

MISSING_LIMIT: Final = 3
"""Periods without any sign of life from the broker after which the path counts as dead."""

OUTSTANDING_LIMIT: Final = 3
"""Canaries under way at once: a blocked window must not fill the broker's queue with them."""


def canary_topic(client_id: str) -> str:
    """Return the topic that this client publishes to and hears itself on."""
    return f"telecared/{client_id}/canary"


class Canary:
    """The canaries of one connection.

    Args:
        token: unlike that of any other connection, of this process or an earlier one: the session
            may still hold canaries of those, and they prove nothing about this one.
    """

    def __init__(self, token: str) -> None:
        self._prefix = f"{token}/".encode()
        self._sent = 0
        self._returned = 0
        self._silent_periods = 0

    @property
    def returned(self) -> bool:
        """Whether any canary of this connection has come back."""
        return self._returned > 0

    def next_payload(self) -> bytes | None:
        """Return what to publish now, or None while enough are under way."""
        if self._sent - self._returned >= OUTSTANDING_LIMIT:
            return None
        self._sent += 1
        return self._prefix + str(self._sent).encode()

    def came_back(self, payload: bytes) -> bool:
        """Take a message from the canary's topic; False when it is an earlier connection's."""
        if not payload.startswith(self._prefix):
            return False
        # A canary that the broker had dropped (a full queue) is not waited for for ever.
        number = payload[len(self._prefix) :]
        self._returned = max(self._returned, int(number)) if number.isdigit() else self._returned
        return True

    def period_passed(self, *, alive: bool) -> bool:
        """Count a keepalive period; return True when the path is to be given up.

        Args:
            alive: something came from the broker in this period, or we owe it acknowledgements:
                a broker whose window is full sends nothing more, and is not dead.
        """
        self._silent_periods = 0 if alive else self._silent_periods + 1
        return self._silent_periods >= MISSING_LIMIT
