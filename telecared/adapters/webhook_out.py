"""Telling another system by webhook: one signed POST of JSON for each notification.

The receiver checks the signature and keeps the idempotency key: a repeat of what it has taken
already, after an answer that was lost, has the same key. When to repeat is decided elsewhere.
"""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from telecared.core.vocabulary import SECOND, Instant, NotificationState
from telecared.core.windows import rfc3339
from telecared.http_out import HttpOut
from telecared.ports import InboundSms, Outgoing, OwnerOf, Receipt, Sent

SIGNATURE_HEADER: Final = "Telecared-Signature"
TIMESTAMP_HEADER: Final = "Telecared-Timestamp"
IDEMPOTENCY_HEADER: Final = "Idempotency-Key"


class WebhookGateway:
    """One system that takes notifications by webhook. Implements Gateway.

    Args:
        system: its id in the deployment.
        url: where it listens.
        secret: both sides know it; it signs.
        wall: the machine's wall clock, for the timestamp that is signed too.
        timeout_seconds: for one request, in real time.
    """

    def __init__(
        self,
        system: str,
        url: str,
        secret: str,
        *,
        wall: Callable[[], Instant],
        timeout_seconds: float = 10,
    ) -> None:
        self.name = f"webhook-{system}"
        self.system = system
        self._url = url
        self._secret = secret
        self._wall = wall
        self._http = HttpOut(self.name, timeout_seconds=timeout_seconds)

    async def send(self, message: Outgoing) -> Sent:
        """Post one notification, once; `delivered` when the system has taken it."""
        at = self._wall()
        body = msgspec.json.encode(
            {
                "id": message.notification,
                "alert": message.notification.rpartition("-")[0],
                "at": rfc3339(at),
                "priority": message.priority.value,
                "language": message.language,
                "text": message.text,
            }
        )
        stamp = str(at // SECOND)
        headers = {
            "Content-Type": "application/json",
            IDEMPOTENCY_HEADER: message.notification,
            TIMESTAMP_HEADER: stamp,
            SIGNATURE_HEADER: sign(self._secret, stamp, body),
        }
        answer = await self._http.request(
            "POST", self._url, headers=headers, body=body, sending=True
        )
        if 200 <= answer.status < 300:
            return Sent(message.notification, NotificationState.DELIVERED)
        raise self._http.refusal(answer, sending=True)

    async def find(
        self, message: Outgoing, *, since_seconds: float, owner_of: OwnerOf
    ) -> Sent | None:
        """Find nothing: the receiver knows a repeat by its key, so sending again does no harm."""
        return None

    async def receipts(self, provider_ids: Sequence[str]) -> list[Receipt]:
        """Return none: the answer to the post says it all."""
        return []

    async def inbound(self, *, since_seconds: float) -> list[InboundSms]:
        """Return none: systems do not answer by this way."""
        return []

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature: `v1=` and the hex HMAC-SHA256 of timestamp, a full stop and body."""
    signed = timestamp.encode() + b"." + body
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
