"""What an SMS means, given who sent it and what is open for them: the resolver of replies.

It turns one text into events for single homes; each home's core checks again when it folds them.
Looking up the candidates is the engine's part.
"""

from collections.abc import Sequence
from typing import NamedTuple

from telecared.core.alert_commands import Acknowledged, Declined
from telecared.core.events import (
    SITE,
    ContactReachable,
    ContactUnreachable,
    ReplyNotUnderstood,
    StoredEvent,
)
from telecared.core.messages import Help, Meaning, parse_reply, stand_in


class Candidate(NamedTuple):
    """An unresolved alert of which the sender's number was told.

    Attributes:
        contact: under which id the number was told.
        name: the person's name.
    """

    home: str
    n: int
    code: str
    contact: str
    name: str


class Meant(NamedTuple):
    """One event for one home."""

    home: str
    event: StoredEvent


def resolve_reply(
    text: str, number: str, candidates: Sequence[Candidate], contacts: Sequence[tuple[str, str]]
) -> list[Meant]:
    """Return what a text asks for.

    Args:
        text: as written.
        number: the sender's. It is kept only where help is sent to it.
        candidates: unresolved alerts that this number was told.
        contacts: (home, contact) of every contact with this number.
    """
    reply = parse_reply(text)
    match reply.meaning:
        case Meaning.STOP:
            reason = "they replied STOP: the provider delivers nothing more to this number"
            stopped = [Meant(home, _unreachable(one, reason)) for home, one in contacts]
            return stopped or [_help(Help.STRANGER, number, candidates)]
        case Meaning.START:
            started = [
                Meant(home, ContactReachable(input=0, at=0, contact=one)) for home, one in contacts
            ]
            return started or [_help(Help.STRANGER, number, candidates)]
    if not candidates:
        stranger = not contacts
        return [_help(Help.STRANGER if stranger else Help.NOTHING_OPEN, number, candidates)]
    match reply.meaning:
        case Meaning.ACCEPT | Meaning.DECLINE:
            named = [one for one in candidates if one.code == reply.code]
            problem = Help.UNKNOWN_CODE
        case Meaning.ACCEPT_ONLY_ONE | Meaning.DECLINE_ONLY_ONE:
            named = list(candidates)
            problem = Help.WHICH_ONE
        case _:
            return [_help(Help.NOT_UNDERSTOOD, number, candidates)]
    alerts = {(one.home, one.n) for one in named}
    if len(alerts) != 1:
        # Two alerts may share a code by chance: guessing could take the wrong one.
        return [_help(Help.WHICH_ONE if alerts else problem, number, candidates)]
    accepts = reply.meaning in (Meaning.ACCEPT, Meaning.ACCEPT_ONLY_ONE)
    return [_taken(named[0]) if accepts else _declined(named[0])]


def _taken(one: Candidate) -> Meant:
    return Meant(
        one.home, Acknowledged(input=0, at=0, alert=one.n, by=one.name, contact=one.contact)
    )


def _declined(one: Candidate) -> Meant:
    return Meant(one.home, Declined(input=0, at=0, alert=one.n, by=one.name, contact=one.contact))


def _unreachable(contact: str, reason: str) -> ContactUnreachable:
    return ContactUnreachable(input=0, at=0, contact=contact, reason=reason)


def _help(why: Help, number: str, candidates: Sequence[Candidate]) -> Meant:
    codes = tuple(dict.fromkeys(one.code for one in candidates))
    return Meant(
        SITE,
        ReplyNotUnderstood(
            input=0, at=0, sender=stand_in(number), number=number, help=why, codes=codes
        ),
    )


def refused_help(number: str, why: str) -> Meant:
    """Return the event that answers a reply which the home's own core refused."""
    return Meant(
        SITE,
        ReplyNotUnderstood(input=0, at=0, sender=stand_in(number), number=number, help=why),
    )
