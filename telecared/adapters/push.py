"""Push to a phone or a screen: ntfy over plain HTTP, and whatever Apprise knows, as an extra.

Neither tells whether anybody saw it, so a push never stands alone in a step. Apprise is imported
when it is used; `pip install telecared[push]` installs it.
"""

import importlib
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import msgspec

from telecared.core.vocabulary import NotificationState, Priority
from telecared.errors import ConfigError, GatewayError
from telecared.http_out import HttpOut
from telecared.ports import InboundSms, Outgoing, OwnerOf, Receipt, Sent

NTFY_PRIORITIES: Final[Mapping[Priority, str]] = {
    Priority.LIFE_SAFETY: "5",
    Priority.URGENT: "4",
    Priority.ROUTINE: "3",
    Priority.TECHNICAL: "3",
}
"""Five rings through the quiet hours of a phone."""

TITLE: Final = "telecared"


class _Pushed(msgspec.Struct):
    id: str = ""
    event: str = ""
    tags: list[str] = []


class NtfyGateway:
    """One topic of an ntfy server. Implements Gateway.

    Args:
        system: its id in the deployment.
        url: of the topic.
        token: lets us publish there; "" for none.
        timeout_seconds: for one request, in real time.
    """

    def __init__(
        self, system: str, url: str, token: str = "", *, timeout_seconds: float = 10
    ) -> None:
        self.name = f"push-{system}"
        self.system = system
        self._url = url.rstrip("/")
        self._login = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = HttpOut(self.name, timeout_seconds=timeout_seconds)

    async def send(self, message: Outgoing) -> Sent:
        """Publish one message, once; `delivered` when the server has taken it."""
        headers = {
            **self._login,
            "Title": TITLE,
            "Priority": NTFY_PRIORITIES[message.priority],
            "Tags": _tag(message),
        }
        answer = await self._http.request(
            "POST", self._url, headers=headers, body=message.text.encode(), sending=True
        )
        if answer.status != 200:
            raise self._http.refusal(answer, sending=True)
        pushed = _read(answer.body)
        return Sent(pushed.id or message.notification, NotificationState.DELIVERED)

    async def find(
        self, message: Outgoing, *, since_seconds: float, owner_of: OwnerOf
    ) -> Sent | None:
        """Look among what the server has kept for the tag that our message carries."""
        url = f"{self._url}/json?poll=1&since={int(since_seconds) + 1}s"
        answer = await self._http.request("GET", url, headers=self._login, sending=False)
        if answer.status != 200:
            raise self._http.refusal(answer, sending=False)
        for line in answer.body.splitlines():
            pushed = _read(line)
            if pushed.event == "message" and _tag(message) in pushed.tags:
                return Sent(pushed.id or message.notification, NotificationState.DELIVERED)
        return None

    async def receipts(self, provider_ids: Sequence[str]) -> list[Receipt]:
        """Return none: nobody tells who saw it."""
        return []

    async def inbound(self, *, since_seconds: float) -> list[InboundSms]:
        """Return none: nobody answers by this way."""
        return []

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()


def _tag(message: Outgoing) -> str:
    """Return a tag that names the notification; a comma would part two tags."""
    return message.notification.replace(",", "_")


def _read(line: bytes) -> _Pushed:
    try:
        return msgspec.json.decode(line, type=_Pushed)
    except msgspec.DecodeError:
        return _Pushed()


class Notifier(Protocol):
    """What of Apprise is used."""

    def add(self, servers: str) -> bool:
        """Take an address; False when it is none."""
        ...

    async def async_notify(self, body: str, title: str) -> bool | None:
        """Notify; False when a service did not take it, None when there is none."""
        ...


def apprise_of(address: str) -> Notifier:
    """Return Apprise with one address.

    Raises:
        ConfigError: it is not installed, or does not know the address.
    """
    try:
        found: Notifier = importlib.import_module("apprise").Apprise()
    except ImportError:
        raise ConfigError(
            ["push by apprise needs another package; run pip install telecared[push]"]
        ) from None
    if not found.add(address):
        raise ConfigError(["apprise knows no such address; look it up in Apprise's list"])
    return found


class AppriseGateway:
    """One address of Apprise. Implements Gateway.

    Args:
        system: its id in the deployment.
        notifier: takes messages.
    """

    def __init__(self, system: str, notifier: Notifier) -> None:
        self.name = f"push-{system}"
        self.system = system
        self._notifier = notifier

    async def send(self, message: Outgoing) -> Sent:
        """Hand one message over, once; `delivered` when the service has taken it."""
        try:
            taken = await self._notifier.async_notify(body=message.text, title=TITLE)
            why = "did not take a message"
        except Exception as failure:  # noqa: BLE001 - the edge to a hundred services, each with its own errors
            # Its type only: whatever else it says may quote the text, or a secret address.
            taken, why = False, f"stumbled over a message ({type(failure).__name__})"
        if taken:
            return Sent(message.notification, NotificationState.DELIVERED)
        raise GatewayError(f"{self.name} {why}.", permanent=False)

    async def find(
        self, message: Outgoing, *, since_seconds: float, owner_of: OwnerOf
    ) -> Sent | None:
        """Raise GatewayError: these services cannot be asked."""
        raise GatewayError(f"{self.name} cannot be asked what it has sent.", permanent=False)

    async def receipts(self, provider_ids: Sequence[str]) -> list[Receipt]:
        """Return none: nobody tells who saw it."""
        return []

    async def inbound(self, *, since_seconds: float) -> list[InboundSms]:
        """Return none: nobody answers by this way."""
        return []

    async def close(self) -> None:
        """Let go of nothing: each message had a connection of its own."""
