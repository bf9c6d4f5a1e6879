"""The phones of a simulated street and the messages between them and us.

What the provider would know, kept in memory. It answers at once; delays, HTTP and callbacks belong
to the fake provider in `phones`, behaviours to `behaviour`.
"""

import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from telecared.core.vocabulary import NotificationState
from telecared.sim.behaviour import Behaviour, Fault, fault_for

MOST_MESSAGES: Final = 100_000
"""The oldest messages are forgotten beyond this."""

_STOP_WORDS: Final = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit"})
_START_WORDS: Final = frozenset({"start", "unstop", "yes"})


class PhoneMessage(msgspec.Struct):
    """One SMS as the provider keeps it.

    Attributes:
        sid: the provider's id.
        inbound: whether a person sent it to us.
        sender: E.164.
        to: E.164.
        body: the text.
        status: Twilio's word.
        created: when the provider took it.
        sent: when it went on its way; None while it has not.
        updated: when `status` last changed.
        error_code: why it did not arrive, or "".
        callback: where its status is reported, or "".
    """

    sid: str
    inbound: bool
    sender: str
    to: str
    body: str
    status: str
    created: datetime
    sent: datetime | None
    updated: datetime
    error_code: str = ""
    callback: str = ""


class PhoneNetwork:
    """Phones by number, each with a behaviour, and all messages so far.

    Args:
        default: the behaviour of numbers that were given none.
        seed: of the messages' ids, so that a run can be repeated.
        on_message: told (number, text) when a phone receives a message.
    """

    def __init__(
        self,
        *,
        default: Behaviour | None = None,
        seed: int = 0,
        on_message: Callable[[str, str], None] | None = None,
    ) -> None:
        self._default = default or Behaviour()
        self._chance = random.Random(seed)
        self._on_message = on_message
        self._behaviours: dict[str, Behaviour] = {}
        self._handed_over: Counter[str] = Counter()
        self._opted_out: set[str] = set()
        self._messages: dict[str, PhoneMessage] = {}

    @property
    def messages(self) -> list[PhoneMessage]:
        """All messages both ways, oldest first."""
        return list(self._messages.values())

    def set_behaviour(self, number: str, behaviour: Behaviour) -> None:
        """Give a phone a behaviour, from its next message on; its faults count afresh."""
        self._behaviours[number] = behaviour
        self._handed_over[number] = 0

    def behaviour_of(self, number: str) -> Behaviour:
        """Return how a phone behaves."""
        return self._behaviours.get(number, self._default)

    def has_opted_out(self, number: str) -> bool:
        """Return whether the owner sent STOP and has not sent START since."""
        return number in self._opted_out

    def next_fault(self, number: str) -> Fault:
        """Count one more message handed over for `number` and return what befalls it."""
        earlier = self._handed_over[number]
        self._handed_over[number] += 1
        return fault_for(self.behaviour_of(number), earlier)

    def take(
        self, *, sender: str, to: str, body: str, now: datetime, callback: str = ""
    ) -> PhoneMessage:
        """Take a message from us to a phone."""
        message = PhoneMessage(
            self._sid(), False, sender, to, body, "queued", now, None, now, callback=callback
        )
        self._keep(message)
        if (
            self._on_message is not None
            and self.behaviour_of(to).state is NotificationState.DELIVERED
        ):
            self._on_message(to, body)
        return message

    def receive(self, *, sender: str, to: str, body: str, now: datetime) -> PhoneMessage:
        """Take a message from a phone to us. STOP and START count as at the provider."""
        word = body.strip().lower()
        if word in _STOP_WORDS:
            self._opted_out.add(sender)
        elif word in _START_WORDS:
            self._opted_out.discard(sender)
        message = PhoneMessage(self._sid(), True, sender, to, body, "received", now, now, now)
        self._keep(message)
        return message

    def settle(self, message: PhoneMessage, status: str, error_code: str, now: datetime) -> None:
        """Note what became of a message; what is final stays."""
        if message.status in {"delivered", "undelivered", "failed"}:
            return
        message.status = status
        message.error_code = error_code
        message.updated = now
        message.sent = message.sent or now

    def find(self, sid: str) -> PhoneMessage | None:
        """Return one message by its id."""
        return self._messages.get(sid)

    def _keep(self, message: PhoneMessage) -> None:
        self._messages[message.sid] = message
        if len(self._messages) > MOST_MESSAGES:
            del self._messages[next(iter(self._messages))]

    def _sid(self) -> str:
        return f"SM{self._chance.getrandbits(128):032x}"
