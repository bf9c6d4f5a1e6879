"""Calls by Twilio, as a Gateway: the phone rings, a voice says the text, one key is gathered.

It places a call once and reports honestly what is known of a failure. What the voice says, and
the key, come in by `webhooks`: without a public address nobody could answer, so there is none
without it. Neither its errors nor its log lines hold a number or a text.
"""

from collections.abc import Sequence
from typing import Final

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
from telecared.twilio_wire import CALL_EVENTS, call_state_of, call_url, voice_url

FIND_LIMIT: Final = 100
"""Calls to one number read when one is looked for."""

PAGE_SIZE: Final = 50

RING_SECONDS: Final = 30
"""How long a phone rings. Most voicemails answer after 20 to 30 seconds; ringing on would only
delay whoever is called next."""


class TwilioVoice:
    """One Twilio account and one number to call from. Implements Gateway.

    Args:
        account_sid: names the account.
        auth_token: proves that it is ours.
        from_number: our number, E.164; people see it ringing.
        public_url: how Twilio reaches our listener.
        base_url: replaces `https://api.twilio.com`, for tests and demos; None keeps it.
        ring_seconds: how long a phone rings.
        timeout_seconds: for one request, in real time, connecting included.
    """

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        from_number: str,
        public_url: str,
        *,
        base_url: str | None = None,
        ring_seconds: int = RING_SECONDS,
        timeout_seconds: float = 10,
    ) -> None:
        self.name = "twilio-voice"
        self._http = TwilioHttp(account_sid, auth_token, base_url, timeout_seconds)
        self._client = client_of(account_sid, auth_token, self._http)
        self._from_number = from_number
        self._public_url = public_url
        self._ring_seconds = ring_seconds

    async def send(self, message: Outgoing) -> Sent:
        """Place one call, once. Raises GatewayError, which says whether it may ring all the same.

        The text does not leave with it: Twilio asks for it when somebody picks up.
        """
        try:
            call = await self._client.calls.create_async(
                to=message.number,
                from_=self._from_number,
                url=voice_url(self._public_url, message.notification),
                method="POST",
                status_callback=call_url(self._public_url, message.notification),
                status_callback_method="POST",
                status_callback_event=list(CALL_EVENTS),
                timeout=self._ring_seconds,
            )
            found = call_state_of(required(call.status))
            return Sent(provider_id=required(call.sid), state=found.state)
        except FAILURES as failure:
            explained = explain(failure, sending=True)
        # Raised out here so that it drags no library exception along, which quotes the number.
        raise explained

    async def find(
        self, message: Outgoing, *, since_seconds: float, owner_of: OwnerOf
    ) -> Sent | None:
        """Look for a call to this number in the last `since_seconds` that is nobody else's.

        A list of calls does not say what was said in them: only who owns them is known. The newest
        is returned. Ages are told by Twilio's own clock. Raises GatewayError.
        """
        explained = None
        listed: list[tuple[str, str]] = []
        try:
            listed = await self._recent(message.number, since_seconds)
        except FAILURES as failure:
            explained = explain(failure, sending=False)
        if explained is not None:
            raise explained
        for sid, status in listed:
            if await owner_of(sid) in (None, message.notification):
                return Sent(sid, call_state_of(status).state)
        return None

    async def _recent(self, to: str, since_seconds: float) -> list[tuple[str, str]]:
        """List (id, status) of our calls to a number, newest first, of the last `since_seconds`."""
        stream = await self._client.calls.stream_async(to=to, page_size=PAGE_SIZE, limit=FIND_LIMIT)
        listed = await recent(stream, self._http, since_seconds, limit=FIND_LIMIT, what="calls")
        return [
            (required(call.sid), required(call.status))
            for call in listed
            if required(call.direction).startswith("outbound")
        ]

    async def receipts(self, provider_ids: Sequence[str]) -> list[Receipt]:
        """Ask for the state of each call, as `ask_each` does."""
        return await ask_each(provider_ids, self._receipt, what="calls")

    async def _receipt(self, provider_id: str) -> Receipt:
        call = await self._client.calls(provider_id).fetch_async()
        found = call_state_of(required(call.status))
        return Receipt("", provider_id, found.state, found.code, found.stage)

    async def inbound(self, *, since_seconds: float) -> list[InboundSms]:
        """Return nothing: people answer a call by a key, which comes by the webhook."""
        return []

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()
