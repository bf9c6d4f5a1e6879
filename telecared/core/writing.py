"""An operator writes to somebody about an alert, in words of their own.

What the machinery says by itself is `messages`; which message asks somebody to go is `escalation`.
"""

from typing import Final

from telecared.core.alert_commands import MessageSent
from telecared.core.messages import Reader, Wording
from telecared.core.policy import RESIDENT
from telecared.core.segments import MAX_SEGMENTS, plain, segments
from telecared.core.state import Alert, Answer
from telecared.core.telling import (
    ANY_CHANNEL,
    MAX_TOLD,
    address_of,
    person_of,
    takes_messages,
    tell,
)
from telecared.core.vocabulary import Channel
from telecared.core.work import Work

_IN_WRITING: Final = (Channel.SMS, Channel.EMAIL, Channel.VOICE)
"""Which is tried first where no channel is named: what can be read."""


def write(work: Work, alert: Alert, event: MessageSent) -> Answer:
    """Owe somebody an operator's own words; it is news, and pages nobody.

    A contact can answer with the code that stands before them. Nothing takes such a message back.
    """
    channel = event.channel or _first_way(work, event.to)
    problem = _problem_of(work, alert, event) or _problem_of_way(work, event.to, channel)
    if channel is None or problem:
        return Answer(False, problem)
    name = _name_of(work, event.to)
    reason = f"{event.by} wrote to {name}"
    work.record("message.written", alert, reason, to=event.to, channel=channel)
    wording = _wording("" if event.to == RESIDENT else alert.code, plain(event.text.strip()))
    work.put(tell(work, alert, event.to, channel, wording, pages=False))
    return Answer(True)


def _first_way(work: Work, to: str) -> Channel | None:
    senders = work.home.plan.channels
    usable = (one for one in _IN_WRITING if one in senders and takes_messages(work, to, one))
    return next(usable, None)


def _problem_of(work: Work, alert: Alert, event: MessageSent) -> str:
    """Return why such a message cannot be sent at all, or ""."""
    if person_of(work, event.to) is None and (event.to != RESIDENT or work.home.record is None):
        return f"{work.home.home} has no contact {event.to}"
    text = plain(event.text.strip())
    if not text:
        return "write what they are to read"
    cost = segments(f"{alert.code}: {text}")
    if cost > MAX_SEGMENTS:
        return f"the text takes {cost} SMS and may take {MAX_SEGMENTS}: shorten it"
    if len(alert.told) >= MAX_TOLD:
        return f"{MAX_TOLD} messages tell of this alert already: ring them"
    return ""


def _problem_of_way(work: Work, to: str, channel: Channel | None) -> str:
    """Return why somebody cannot be told by a channel (None for by none at all), or ""."""
    if channel is None:
        return f"{_name_of(work, to)} takes no messages: ring them, or choose somebody else"
    if channel not in ANY_CHANNEL:
        return f"people are written to by {', '.join(ANY_CHANNEL)}, not by {channel}"
    if channel not in work.home.plan.channels:
        return f"nothing is configured that sends by {channel}: choose another channel"
    if address_of(work, to, channel) is None:
        return f"{_name_of(work, to)} has no address for {channel}: choose another channel"
    if not takes_messages(work, to, channel):
        return f"{_name_of(work, to)} takes no messages by {channel}: ring them"
    return ""


def _name_of(work: Work, to: str) -> str:
    person = person_of(work, to)
    return work.home.text_values["resident.name"] if person is None else person.name


def _wording(code: str, text: str) -> Wording:
    """Return the text with its reply code; whoever is called has keys, and the resident neither."""

    def worded(reader: Reader) -> str:
        return f"{code}: {text}" if code and reader.channel is not Channel.VOICE else text

    return worded
