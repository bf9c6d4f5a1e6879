"""What people do in a scenario: one entry of YAML becomes one command about a home or an alert.

What else happens in a stream is `scenario_stream`; whether a command is carried out is the core's.
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import msgspec

from telecared.config.durations import parse_duration
from telecared.config.moments import Origin, parse_moment
from telecared.config.parts import Part, one_of, only_true, text, whole_number, word
from telecared.config.scenario_format import Ordered
from telecared.core.alert_commands import (
    Acknowledged,
    Called,
    Declined,
    InterimPlanned,
    Linked,
    Resolved,
    Snoozed,
)
from telecared.core.events import (
    Promised,
    PromiseKept,
    Silenced,
    SilenceEnded,
    StoredEvent,
    Suspended,
    SuspensionEnded,
)
from telecared.core.vocabulary import CallResult, Duration, Instant, Outcome, SuspensionKind

MOST: Final = 100_000
"""The highest number of an alert or a promise that a scenario may name."""


def positive(value: object) -> Duration:
    """Return a span of time as it is written; raises ValueError with a sentence."""
    duration = parse_duration(value)
    if duration == 0:
        raise ValueError("must be longer than nothing; write 90s, 15m or 1h30m")
    return duration


class Person(NamedTuple):
    """Who gives a command and when, and the scenario's origin for the moments in it."""

    name: str
    contact: str | None
    at: Instant
    origin: Origin


Read = Callable[[Part, Person], Ordered | None]


def _end(part: Part, person: Person) -> Instant | None:
    """Return the end that `for` or `until` names."""
    lasts = part.get("for", positive, None)
    until = part.get("until", lambda value: parse_moment(value, person.origin), None)
    if ("for" in part.raw) == ("until" in part.raw):
        part.wrong("write how long, for: 2h, or until when, until: Sun 18:00")
        return None
    return person.at + lasts if lasts is not None else until


def _suspend(part: Part, person: Person) -> Ordered | None:
    kind = part.get("suspend", one_of(*SuspensionKind), None)
    note = part.get("note", text, "")
    until = _end(part, person)
    if kind is None or until is None:
        return None
    event = Suspended(
        input=0, at=0, by=person.name, kind=SuspensionKind(kind), until=until, note=note
    )
    return Ordered(event=event)


def _silence(part: Part, person: Person) -> Ordered | None:
    rule = part.get("silence", text, None)
    device = part.get("of", text, "")
    until = _end(part, person)
    if rule is None or until is None:
        return None
    rule = "" if rule == "all" else rule
    event = Silenced(input=0, at=0, by=person.name, until=until, rule=rule, device=device)
    return Ordered(event=event)


def _end_suspension(part: Part, person: Person) -> Ordered:
    part.get("end_suspension", only_true, True)
    return Ordered(event=SuspensionEnded(input=0, at=0, by=person.name))


def _end_silence(part: Part, person: Person) -> Ordered:
    part.get("end_silence", only_true, True)
    return Ordered(event=SilenceEnded(input=0, at=0, by=person.name))


def _about(part: Part, key: str, event: StoredEvent) -> Ordered | None:
    about = part.get(key, word, None)
    return None if about is None else Ordered(event=event, about=about)


def _ack(part: Part, person: Person) -> Ordered | None:
    lease = part.get("lease", positive, None)
    event = Acknowledged(
        input=0, at=0, alert=0, by=person.name, contact=person.contact, lease=lease
    )
    return _about(part, "ack", event)


def _snooze(part: Part, person: Person) -> Ordered | None:
    lasts = part.need("for", positive, "for: 20m") or 1
    event = Snoozed(input=0, at=0, alert=0, by=person.name, duration=lasts)
    return _about(part, "snooze", event)


def _plan_for(part: Part, person: Person) -> Ordered | None:
    note = part.need("note", text, "note: a neighbour looks in every day")
    until = _end(part, person)
    event = InterimPlanned(
        input=0, at=0, alert=0, by=person.name, until=until or person.at, note=note or ""
    )
    return _about(part, "plan_for", event)


def _decline(part: Part, person: Person) -> Ordered | None:
    if person.contact is None:
        part.wrong("only a contact of the home can decline; write a contact's id", "by")
    event = Declined(input=0, at=0, alert=0, by=person.name, contact=person.contact or "")
    return _about(part, "decline", event)


def _resolve(part: Part, person: Person) -> Ordered | None:
    outcome = part.need(
        "outcome", one_of(*(one for one in Outcome if one.stated)), "outcome: assistance_given"
    )
    note = part.get("note", text, "")
    event = Resolved(
        input=0,
        at=0,
        alert=0,
        by=person.name,
        outcome=Outcome(outcome or Outcome.TEST),
        note=note,
    )
    return _about(part, "resolve", event)


def _call(part: Part, person: Person) -> Ordered | None:
    contact = part.need("contact", word, "contact: ben, or contact: resident")
    result = part.need("result", one_of(*CallResult), "result: no_answer")
    came_to = CallResult(result or CallResult.ANSWERED)
    note = part.get("note", text, "")
    event = Called(
        input=0, at=0, alert=0, by=person.name, contact=contact or "", result=came_to, note=note
    )
    return _about(part, "call", event)


def _duplicate(part: Part, person: Person) -> Ordered | None:
    to = part.need("to", whole_number(1, MOST), "to: 1, the number of the other alert")
    event = Linked(input=0, at=0, alert=0, by=person.name, to=to or 0)
    return _about(part, "duplicate", event)


def _promise(part: Part, person: Person) -> Ordered | None:
    what = part.get("promise", text, None)
    due_at = _end(part, person)
    if what is None or due_at is None:
        return None
    return Ordered(event=Promised(input=0, at=0, by=person.name, what=what, due_at=due_at))


def _promise_kept(part: Part, person: Person) -> Ordered:
    number = part.get("promise_kept", whole_number(1, MOST), 1)
    return Ordered(event=PromiseKept(input=0, at=0, by=person.name, number=number))


COMMANDS: Final[Mapping[str, Read]] = {
    "suspend": _suspend,
    "end_suspension": _end_suspension,
    "silence": _silence,
    "end_silence": _end_silence,
    "ack": _ack,
    "snooze": _snooze,
    "plan_for": _plan_for,
    "decline": _decline,
    "resolve": _resolve,
    "call": _call,
    "duplicate": _duplicate,
    "promise": _promise,
    "promise_kept": _promise_kept,
}
"""The key of an entry -> what reads it."""


def with_number(event: StoredEvent, alert: int) -> StoredEvent:
    """Return a command with the number of the alert that it is about."""
    return msgspec.structs.replace(event, alert=alert)
