"""Whether people can be reached: when each contact last was, what failed, whose number is stale.

A pure fold over the messages to each contact. Marking a number as taking no messages at all is
`people`, which decides; here is only how things stand.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

import msgspec

from telecared.core.messages import stand_in
from telecared.core.policy import Contact
from telecared.core.vocabulary import DAY, Channel, Duration, Instant, NotificationState, Stage

STALE_AFTER: Final[Duration] = 180 * DAY
"""A number over which nobody was reached for so long is stale, where nobody says otherwise."""

_REACHED: Final = frozenset({Stage.DELIVERED, Stage.REPLIED, Stage.KEY_PRESSED})
"""What proves that a message arrived; that somebody picked up proves only that the phone rang."""

_FAILED: Final = frozenset({Stage.FAILED, Stage.UNDELIVERED})

BY_HAND: Final = "by_hand"
"""Stands for the provider's code of a call that an operator made and nobody answered."""


class Standing(StrEnum):
    """How a contact's number stands, the worst word that fits.

    `stopped`: it takes no messages. `failed`: the last message to it failed. `stale`: nobody was
    reached over it for too long. `new`: nothing was sent to it yet, and it is not old. `ok`: else.
    """

    STOPPED = "stopped"
    FAILED = "failed"
    STALE = "stale"
    NEW = "new"
    OK = "ok"


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """One message to a contact, as the store tells it.

    Attributes:
        number: where it went; only messages to the present number tell of it. Personal data.
        changed_at: when its state was last told; `code` the provider's, "" for none.
        moments: what is known of its life, with when and the code.
    """

    to: str
    channel: Channel
    number: str
    queued_at: Instant
    state: NotificationState
    changed_at: Instant
    code: str = ""
    moments: tuple[tuple[Stage, Instant, str], ...] = ()


class Rung(msgspec.Struct, frozen=True):
    """A call that an operator made by hand, to the number of that time."""

    to: str
    at: Instant
    answered: bool


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """How one contact can be reached.

    Attributes:
        since: since when number and address have been the same.
        reached_at, reached_by: the last proof that a message arrived, and its channel.
        failed_at, failed_by, code: the last failure after which no message arrived by that
            channel, and the provider's code for it; `BY_HAND` where an operator rang.
        why: a few words for people, "" where all is well.
    """

    contact: str
    standing: Standing
    since: Instant
    reached_at: Instant | None = None
    reached_by: Channel | None = None
    failed_at: Instant | None = None
    failed_by: Channel | None = None
    code: str = ""
    why: str = ""

    @property
    def is_well(self) -> bool:
        """Whether there is nothing to look after."""
        return self.standing in (Standing.OK, Standing.NEW)


def unchanged_since(
    versions: Iterable[tuple[Instant, Mapping[str, Contact]]],
) -> dict[str, Instant]:
    """Return contact -> since when their number and address have been what they are now.

    Args:
        versions: (since when, contacts) of each version of a home's record, oldest first.
    """
    known: dict[str, tuple[str, str | None]] = {}
    since: dict[str, Instant] = {}
    for at, contacts in versions:
        for name in list(known):
            if name not in contacts:
                del known[name], since[name]
        for name, contact in contacts.items():
            where = (contact.phone, contact.email)
            if known.get(name) != where:
                known[name], since[name] = where, at
    return since


def reach_of(
    contact: Contact,
    sent: Iterable[Sent],
    *,
    since: Instant,
    unreachable: Mapping[str, str],
    now: Instant,
    stale_after: Duration = STALE_AFTER,
    calls: Iterable[Rung] = (),
) -> Reach:
    """Return how a contact can be reached.

    Args:
        contact: as registered now.
        sent: messages to them, oldest first; those to another number or address are passed over.
        since: since when number and address have been the same.
        unreachable: contact -> stand-in of a number that takes no messages (`HomeState`).
        now: the present instant.
        stale_after: without proof for so long a number is stale.
        calls: that operators made by hand; those from before `since` are passed over.
    """
    reached: tuple[Instant, Channel] | None = None
    failed: dict[Channel, tuple[Instant, str]] = {}
    known = [
        (one.queued_at, one.channel, _told(one))
        for one in sent
        if one.to == contact.id and one.number in (contact.phone, contact.email)
    ]
    known += [
        (one.at, Channel.VOICE, [(one.at, one.answered, "" if one.answered else BY_HAND)])
        for one in calls
        if one.to == contact.id and one.at >= since
    ]
    # What was begun later says more, whenever the word of it came.
    for _, channel, told in sorted(known, key=lambda each: each[0]):
        for happened, arrived, code in told:
            if arrived:
                reached = max(reached or (0, channel), (happened, channel))
                failed.pop(channel, None)
            else:
                failed[channel] = (happened, code)
    last = max(((at, by, code) for by, (at, code) in failed.items()), default=None)
    standing, why = _standing(
        contact, unreachable, len(known), last, reached, since, now, stale_after
    )
    return Reach(
        contact=contact.id,
        standing=standing,
        since=since,
        reached_at=None if reached is None else reached[0],
        reached_by=None if reached is None else reached[1],
        failed_at=None if last is None else last[0],
        failed_by=None if last is None else last[1],
        code="" if last is None else last[2],
        why=why,
    )


def _told(one: Sent) -> list[tuple[Instant, bool, str]]:
    """Return (when, it arrived, code) of what a message proves, in order of time.

    Its evidence where there is some; else the state in which it stands.
    """
    told = [
        (at, stage in _REACHED, code)
        for stage, at, code in one.moments
        if stage in _REACHED or stage in _FAILED
    ]
    if not told and one.state is NotificationState.DELIVERED:
        told = [(one.changed_at, True, "")]
    elif not told and one.state in (NotificationState.FAILED, NotificationState.UNDELIVERED):
        told = [(one.changed_at, False, one.code)]
    return sorted(told)


def _standing(
    contact: Contact,
    unreachable: Mapping[str, str],
    sent: int,
    failed: tuple[Instant, Channel, str] | None,
    reached: tuple[Instant, Channel] | None,
    since: Instant,
    now: Instant,
    stale_after: Duration,
) -> tuple[Standing, str]:
    refused = unreachable.get(contact.id)
    if refused is not None and refused == stand_in(contact.phone):
        return Standing.STOPPED, "the number takes no messages (STOP, or the provider refuses it)"
    if failed is not None and failed[2] == BY_HAND:
        return Standing.FAILED, "nobody answered when an operator rang"
    if failed is not None:
        code = f", provider's code {failed[2]}" if failed[2] else ""
        return Standing.FAILED, f"the last {failed[1]} failed{code}"
    last = since if reached is None else reached[0]
    if now - last >= stale_after:
        return Standing.STALE, f"nobody was reached for {(now - last) // DAY} days"
    return (Standing.OK if sent else Standing.NEW), ""
