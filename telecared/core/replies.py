"""What an SMS means, given who sent it and what is open for them.

It turns one text into events for single homes; each home's core checks again when it folds them.
Looking up the candidates is the engine's part.
"""

from collections.abc import Sequence
from typing import NamedTuple

from telecared.core.alert_commands import Acknowledged, Declined, Resolved, Updated
from telecared.core.events import (
    SITE,
    ContactReachable,
    ContactUnreachable,
    ReplyNotUnderstood,
    StoredEvent,
)
from telecared.core.messages import stand_in
from telecared.core.reading_replies import (
    START_WORDS,
    Help,
    Meaning,
    Reply,
    folded,
    parse_reply,
)
from telecared.core.state import Answer
from telecared.core.vocabulary import Progress


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
    text: str,
    number: str,
    candidates: Sequence[Candidate],
    contacts: Sequence[tuple[str, str]],
    *,
    language: str = "",
) -> list[Meant]:
    """Return what a text asks for.

    Args:
        text: as written.
        number: the sender's. It is kept only where help is sent to it.
        candidates: unresolved alerts that this number was told.
        contacts: (home, contact) of every contact with this number.
        language: the sender's, in which they are helped; "" for the site's.
    """
    reply = parse_reply(text)
    match reply.meaning:
        case Meaning.STOP:
            reason = "they replied STOP: the provider delivers nothing more to this number"
            stopped = [Meant(home, _unreachable(one, reason)) for home, one in contacts]
            return stopped or [_help(Help.STRANGER, number, candidates, language)]
        case Meaning.START:
            started = [Meant(home, _reachable(one)) for home, one in contacts]
            return started or [_help(Help.STRANGER, number, candidates, language)]
    if not candidates:
        # With nothing to accept, YES is also a provider's word for START.
        again = reply == Reply(Meaning.ACCEPT) and folded(text).strip(" .!") in START_WORDS
        started = [Meant(home, _reachable(one)) for home, one in contacts if again]
        why = Help.NOTHING_OPEN if contacts else Help.STRANGER
        return [*started, _help(why, number, candidates, language)]
    if reply.meaning is Meaning.NOT_UNDERSTOOD:
        return [_help(Help.NOT_UNDERSTOOD, number, candidates, language)]
    named = [one for one in candidates if reply.code in ("", one.code)]
    alerts = {(one.home, one.n) for one in named}
    if len(alerts) != 1:
        if alerts and reply.code:
            # Two alerts share a code by chance: guessing could take the wrong one.
            return [_help(Help.SAME_CODE, number, named, language)]
        why = Help.WHICH_ONE if alerts else Help.UNKNOWN_CODE
        return [_help(why, number, candidates, language)]
    return [Meant(named[0].home, _event(reply, named[0]))]


def _event(reply: Reply, one: Candidate) -> StoredEvent:
    """Return what a reply asks of the one alert that it means."""
    n, by, contact = one.n, one.name, one.contact
    if reply.outcome is not None:
        return Resolved(input=0, at=0, alert=n, by=by, outcome=reply.outcome, contact=contact)
    match reply.meaning:
        case Meaning.DECLINE:
            return Declined(input=0, at=0, alert=n, by=by, contact=contact)
        case Meaning.ON_THE_WAY | Meaning.ARRIVED:
            return Updated(
                input=0,
                at=0,
                alert=n,
                by=by,
                contact=contact,
                progress=Progress(reply.meaning.value),
                minutes=reply.minutes,
            )
        case _:
            return Acknowledged(input=0, at=0, alert=n, by=by, contact=contact)


def _unreachable(contact: str, reason: str) -> ContactUnreachable:
    return ContactUnreachable(input=0, at=0, contact=contact, reason=reason)


def _reachable(contact: str) -> ContactReachable:
    return ContactReachable(input=0, at=0, contact=contact)


def _help(why: Help, number: str, candidates: Sequence[Candidate], language: str) -> Meant:
    codes = tuple(dict.fromkeys(one.code for one in candidates))
    return Meant(
        SITE,
        ReplyNotUnderstood(
            input=0,
            at=0,
            sender=stand_in(number),
            number=number,
            help=why,
            codes=codes,
            language=language,
        ),
    )


def refused_help(number: str, answer: Answer, language: str = "") -> Meant:
    """Return the event that answers a reply which the home's own core refused."""
    return Meant(
        SITE,
        ReplyNotUnderstood(
            input=0,
            at=0,
            sender=stand_in(number),
            number=number,
            help=answer.help or answer.reason,
            language=language,
            who=answer.who,
        ),
    )
