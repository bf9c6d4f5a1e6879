"""SMS by Twilio: the `twilio` package's async client behind the Gateway port.

It sends once and reports honestly what is known of a failure; whether and when to send again is
decided elsewhere. Neither its errors nor its log lines hold a number or a text.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from telecared.ports import InboundSms, Outgoing, OwnerOf, Receipt, Sent
from telecared.twilio_client import (
    FAILURES,
    TwilioHttp,
    ask_each,
    client_of,
    explain,
    recent,
    required,
)
from telecared.twilio_wire import state_of

INBOUND_LIMIT: Final = 1000
"""Inbound messages read in one look; older ones beyond it are logged as not read."""

FIND_LIMIT: Final = 200
"""Messages to one number read when one is looked for."""

PAGE_SIZE: Final = 50


class TwilioGateway:
    """One Twilio account and one number to send from. Implements Gateway.

    Args:
        account_sid: names the account.
        auth_token: proves that it is ours.
        from_number: our number, E.164; people reply to it.
        base_url: replaces `https://api.twilio.com`, for tests and demos; None keeps it.
        status_callback: gives the address at which Twilio reports on a notification; None when
            receipts are asked for instead.
        timeout_seconds: for one request, in real time, connecting included.
    """

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        from_number: str,
        *,
        base_url: str | None = None,
        status_callback: Callable[[str], str] | None = None,
        timeout_seconds: float = 10,
    ) -> None:
        self.name = "twilio"
        self._http = TwilioHttp(account_sid, auth_token, base_url, timeout_seconds)
        self._client = client_of(account_sid, auth_token, self._http)
        self._from_number = from_number
        self._status_callback = status_callback

    async def send(self, message: Outgoing) -> Sent:
        """Send one SMS, once. Raises GatewayError, which says whether it may have gone."""
        fields = {"to": message.number, "from_": self._from_number, "body": message.text}
        if self._status_callback is not None:
            fields["status_callback"] = self._status_callback(message.notification)
        try:
            sent = await self._client.messages.create_async(**fields)
            return Sent(provider_id=required(sent.sid), state=state_of(required(sent.status)))
        except FAILURES as failure:
            explained = explain(failure, sending=True)
        # Raised out here so that it drags no library exception along, which quotes the number.
        raise explained

    async def find(
        self, message: Outgoing, *, since_seconds: float, owner_of: OwnerOf
    ) -> Sent | None:
        """Look for this number and exact text among what was sent in the last `since_seconds`.

        The newest that is no other notification's is returned. Ages are told by Twilio's own
        clock. Raises GatewayError.
        """
        explained = None
        same: list[Sent] = []
        try:
            for found in await self._recent(message.number, since_seconds, FIND_LIMIT):
                if required(found.direction).startswith("outbound") and found.body == message.text:
                    same.append(Sent(required(found.sid), state_of(required(found.status))))
        except FAILURES as failure:
            explained = explain(failure, sending=False)
        if explained is not None:
            raise explained
        for sent in same:
            if await owner_of(sent.provider_id) in (None, message.notification):
                return sent
        return None

    async def receipts(self, provider_ids: Sequence[str]) -> list[Receipt]:
        """Ask for the state of each message, as `ask_each` does."""
        return await ask_each(provider_ids, self._receipt, what="sms")

    async def inbound(self, *, since_seconds: float) -> list[InboundSms]:
        """List what was sent to our number in the last `since_seconds`, oldest first.

        Ages are told by Twilio's own clock. Raises GatewayError.
        """
        try:
            listed = await self._recent(self._from_number, since_seconds, INBOUND_LIMIT)
            received = [
                InboundSms(required(one.sid), required(one.from_), one.body or "")
                for one in listed
                if one.direction == "inbound"
            ]
            return received[::-1]
        except FAILURES as failure:
            explained = explain(failure, sending=False)
        raise explained

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()

    async def _recent(self, to: str, since_seconds: float, limit: int) -> list[Any]:
        """List messages to a number, newest first, of the last `since_seconds`."""
        stream = await self._client.messages.stream_async(to=to, page_size=PAGE_SIZE, limit=limit)
        return await recent(stream, self._http, since_seconds, limit=limit, what="sms")

    async def _receipt(self, provider_id: str) -> Receipt:
        message = await self._client.messages(provider_id).fetch_async()
        code = "" if message.error_code is None else str(message.error_code)
        return Receipt("", provider_id, state_of(required(message.status)), code)
