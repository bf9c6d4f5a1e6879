"""The providers of each channel: who is asked first, who next, and what a refusal means.

A provider is a gateway with its pace and its circuit. One attempt at one provider is made here,
within its time limit; what follows from it for the message is the outbox's.
"""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, Protocol, runtime_checkable

import msgspec

from telecared.core.vocabulary import Channel, Duration, Instant, Priority
from telecared.errors import GatewayError
from telecared.pacing import Circuit, Pace, Proof
from telecared.ports import Gateway, Outgoing, OwnerOf, Sent

TAKE_SECONDS: Final[Mapping[Priority, float]] = {
    Priority.LIFE_SAFETY: 8.0,
    Priority.URGENT: 10.0,
    Priority.ROUTINE: 20.0,
    Priority.TECHNICAL: 20.0,
}
"""How long a provider may take to take a message before the next one is asked. Real seconds."""

FIND_SECONDS: Final[Mapping[Priority, float]] = {
    Priority.LIFE_SAFETY: 3.0,
    Priority.URGENT: 10.0,
    Priority.ROUTINE: 20.0,
    Priority.TECHNICAL: 20.0,
}
"""How long a provider may take to say whether it has a message. Real seconds."""

LONGEST_WAIT: Final = 1.0
"""Seconds that somebody in danger waits for a turn at a provider while another one is free."""

PRESSING: Final = (Priority.LIFE_SAFETY, Priority.URGENT)
"""Whose messages go by the next provider while the first pauses; others wait for it."""

SLOW: Final = "slow"
"""The code of an attempt that took longer than `TAKE_SECONDS`."""

BROKEN: Final = "broken"
"""The code of an attempt at which our own side stumbled; what became of it nobody knows."""

NUMBER_REFUSED: Final = frozenset({"21610", "21211", "21614"})
"""Twilio's codes for a number whose owner said STOP, that does not exist, that takes no SMS."""

_ABOUT_ONE_NUMBER: Final = NUMBER_REFUSED | {"21265", "21408", "21612", "21617"}
"""Refusals that say nothing about the provider: this number, its country, this text. Any other
(a wrong password, a closed account, a wrong sender) refuses everybody's messages."""


def refuses_the_number(error: GatewayError) -> bool:
    """Whether the address takes no messages at all, whoever sends them."""
    return error.recipient_refuses or (error.permanent and error.code in NUMBER_REFUSED)


def is_about_one_number(error: GatewayError) -> bool:
    """Whether a failure says nothing about the provider."""
    return error.about_recipient or (error.permanent and error.code in _ABOUT_ONE_NUMBER)


@runtime_checkable
class ToOneSystem(Protocol):
    """A gateway behind which there is one system, whose id its messages are addressed to."""

    system: str


class Provider:
    """One way to send by one channel, with what is known of how it works now.

    Args:
        channel: by which it sends.
        gateway: does the sending.
        rate: messages a second that it takes; None for any number.
    """

    def __init__(self, channel: Channel, gateway: Gateway, rate: float | None = None) -> None:
        self.channel = channel
        self.gateway = gateway
        self.name = gateway.name
        # A gateway to one system takes nothing for another.
        self.system = gateway.system if isinstance(gateway, ToOneSystem) else None
        self.pace = Pace(rate)
        self.circuit = Circuit()
        self.proof = Proof()

    async def send(self, message: Outgoing) -> Sent:
        """Make one attempt within its time limit. Raises GatewayError."""
        try:
            async with asyncio.timeout(TAKE_SECONDS[message.priority]):
                return await self.gateway.send(message)
        except GatewayError:
            raise
        except TimeoutError:
            # Raised out here so that it drags no exception along that quotes the message.
            code, told = SLOW, "did not take a message in time"
        except Exception as failure:  # noqa: BLE001 - one message that a library chokes on must not stop all others
            code, told = BROKEN, f"stumbled over a message ({type(failure).__name__})"
        raise GatewayError(
            f"{self.name} {told}; it may have gone.",
            permanent=False,
            sent_unknown=True,
            code=code,
        )

    async def find(
        self, message: Outgoing, *, since_seconds: float, owner_of: OwnerOf
    ) -> Sent | None:
        """Look for a message that may have been sent. Raises GatewayError when it stays unknown."""
        try:
            async with asyncio.timeout(FIND_SECONDS[message.priority]):
                return await self.gateway.find(
                    message, since_seconds=since_seconds, owner_of=owner_of
                )
        except GatewayError:
            raise
        except TimeoutError:
            code, told = SLOW, "did not say in time what became of a message"
        except Exception as failure:  # noqa: BLE001 - as above: its answer told nothing
            code, told = BROKEN, f"stumbled over a question ({type(failure).__name__})"
        raise GatewayError(f"{self.name} {told}.", permanent=False, code=code)


class Providers:
    """All of them, by channel, in the order in which people chose them.

    Args:
        gateways: channel -> its gateways, first choice first.
        rates: name of a gateway -> messages a second.
    """

    def __init__(
        self, gateways: Mapping[Channel, Sequence[Gateway]], rates: Mapping[str, float]
    ) -> None:
        self._of: dict[Channel, tuple[Provider, ...]] = {
            channel: tuple(Provider(channel, one, rates.get(one.name)) for one in several)
            for channel, several in gateways.items()
            if several
        }

    def __iter__(self) -> Iterator[Provider]:
        """Yield every provider, by channel."""
        for several in self._of.values():
            yield from several

    def of(self, channel: Channel, number: str | None = None) -> tuple[Provider, ...]:
        """Return the providers of a channel in the order of choice; those for one address."""
        several = self._of.get(channel, ())
        if number is None:
            return several
        return tuple(one for one in several if one.system in (None, number))

    def named(self, channel: Channel, number: str, name: str) -> Provider | None:
        """Return the provider of an earlier attempt; None when it is not configured any more.

        Without a name, as an older version kept it, the first of the channel.
        """
        several = self.of(channel, number)
        if not name:
            return several[0] if several else None
        return next((one for one in several if one.name == name), None)

    def next(
        self, channel: Channel, number: str, priority: Priority, without: Collection[str]
    ) -> Provider | None:
        """Return who is asked next; None when all of the channel are among `without`.

        In the order of choice; one that fails is asked last, except by a message that probes it.
        What presses goes by one that proves what it does with messages, where there is one.
        Life safety never probes where another provider works.
        """
        left = [one for one in self.of(channel, number) if one.name not in without]
        if not left:
            return None
        works = [one for one in left if not one.circuit.is_open]
        if priority is not Priority.LIFE_SAFETY or not works:
            for one in left:
                if one.circuit.may_be_probed():
                    return one
        candidates = works or left
        if priority in PRESSING:
            candidates = [one for one in candidates if not one.proof.is_missing] or candidates
            for one in candidates:
                if one.pace.delay(priority) <= LONGEST_WAIT:
                    return one
            return min(candidates, key=lambda one: one.pace.delay(priority))
        return candidates[0]

    def all_fail(self, channel: Channel) -> bool:
        """Whether no provider of a channel works any more."""
        return all(one.circuit.is_open for one in self.of(channel))


class Attempt(msgspec.Struct, frozen=True):
    """An attempt whose fate is unknown.

    Attributes:
        provider: at which it was made.
        since: engine time when it began. Of an earlier process only the last attempt is on record,
            and an earlier one may be in doubt too: then it is when the notification was queued.
        wall: of an attempt of an earlier process, when it began by the wall clock.
    """

    provider: str
    since: Instant
    wall: Instant | None = None

    def age(self, now: Instant, wall: Instant) -> Duration:
        """Return how long ago it began, by engine time and the wall clock.

        A step of the wall clock changes nothing of what we began ourselves: engine time knows
        none. Of an earlier process's attempt there is the wall clock too, and the larger counts.
        """
        elapsed = now - self.since
        return elapsed if self.wall is None else max(elapsed, wall - self.wall)
