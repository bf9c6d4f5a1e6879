"""What the API answers with: one struct for each object, from which its description is made, too.

Times are texts as everywhere outside, durations seconds. What is answered to whom is `views.api`.
"""

from collections.abc import Mapping
from typing import Annotated

import msgspec

from telecared.core.vocabulary import (
    AlertState,
    Cause,
    Channel,
    DeviceKind,
    Instant,
    Outcome,
    Priority,
)
from telecared.core.windows import rfc3339
from telecared.store_port import AlertRow, CommandResult

Time = Annotated[
    str,
    msgspec.Meta(
        description="UTC, microseconds.",
        pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$",
        examples=["2026-03-01T02:11:09.000000Z"],
    ),
]


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """An alert. `owner` and `resolved_by` are people's names."""

    alert: str
    home: str
    n: int
    rule: str
    priority: Priority
    state: AlertState
    opened_at: Time
    owner: str | None
    lease_until: Time | None
    step: int
    next_at: Time | None
    repeats: int
    resolved_at: Time | None
    resolved_by: str | None
    outcome: Outcome | None
    cause: Cause | None
    linked_to: str | None


class Alerts(msgspec.Struct, frozen=True, kw_only=True):
    """A page of alerts, newest first; `next` is what `before` takes to go on, null at the end."""

    alerts: tuple[Alert, ...]
    next: str | None


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """One moment in the life of a message."""

    at: Time
    what: str


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message about an alert to one person."""

    id: str
    to: str
    channel: Channel
    state: str
    text: str
    moments: tuple[Moment, ...]


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """One telling of a step, and why it began."""

    at: Time
    why: str
    messages: tuple[Message, ...]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the escalation: done, now, or next."""

    number: int
    state: str
    names: tuple[str, ...]
    by: tuple[Channel, ...]
    at: Time | None
    tellings: tuple[Telling, ...]


class Coming(msgspec.Struct, frozen=True, kw_only=True):
    """What happens unless somebody does something before."""

    at: Time
    what: str


class Goer(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who has said that they go."""

    name: str
    contact: str | None
    since: Time
    until: Time
    minutes: int | None
    arrived: Time | None


class AlertWithLadder(msgspec.Struct, frozen=True, kw_only=True):
    """An alert, why it opened, who goes, what was sent and what comes next."""

    alert: Alert
    text: str
    why: str
    going: tuple[Goer, ...]
    ladder: tuple[Step, ...]
    coming: tuple[Coming, ...]
    at_centre: Time | None


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """How far an act has come; `done` only when the engine has carried it out.

    `said` is a sentence for whoever acted, with a refusal its reason.
    """

    command: int
    state: str
    said: str


class HomeInList(msgspec.Struct, frozen=True, kw_only=True):
    """A home as it is listed."""

    home: str
    scheme: str
    address: str
    resident: str


class Homes(msgspec.Struct, frozen=True, kw_only=True):
    """Homes in the order of their ids; `next` is what `after` takes to go on, null at the end."""

    homes: tuple[HomeInList, ...]
    next: str | None


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may be told about a home."""

    id: str
    name: str
    phone: str
    email: str | None
    roles: tuple[str, ...]
    language: str


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A device of a home."""

    id: str
    kind: DeviceKind
    location: str | None
    model: str | None


class Home(msgspec.Struct, frozen=True, kw_only=True):
    """What is registered of a home, but for how to get in."""

    home: str
    scheme: str
    address: str
    timezone: str
    tags: tuple[str, ...]
    resident: str
    phone: str | None
    language: str
    born: str | None
    notes: str
    policy: str | None
    contacts: tuple[Contact, ...]
    devices: tuple[Device, ...]


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """How to get into a home."""

    home: str
    access: Mapping[str, str]


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the record, without its words: what happened, to which alert, about whom."""

    id: int
    at: Time
    event: str
    home: str
    alert: str | None
    rule: str | None
    priority: str | None
    to: str | None
    channel: str | None


class Events(msgspec.Struct, frozen=True, kw_only=True):
    """What is new, oldest first; `last` is what `after` takes to go on."""

    events: tuple[Event, ...]
    last: int


class Pulse(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the engine lives: nothing else here can be trusted to be of now when it does not."""

    at: Time
    runs: bool
    stuck: bool
    linked: bool
    held: bool
    full: bool
    speed: float
    clock_off: float


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why something was not done: a sentence, and for each field what is wrong with it."""

    error: str
    problems: Mapping[str, str]


def time_of(at: Instant | None) -> str | None:
    """Return a time as it is told; None for none."""
    return None if at is None else rfc3339(at)


def alert_of(row: AlertRow) -> Alert:
    """Return an alert as it is told."""
    return Alert(
        alert=row.alert,
        home=row.home,
        n=row.n,
        rule=row.rule,
        priority=row.priority,
        state=row.state,
        opened_at=rfc3339(row.opened_at),
        owner=row.owner,
        lease_until=time_of(row.lease_until),
        step=row.step,
        next_at=time_of(row.next_at),
        repeats=row.repeats,
        resolved_at=time_of(row.resolved_at),
        resolved_by=row.resolved_by,
        outcome=row.outcome,
        cause=row.cause,
        linked_to=row.linked_to or None,
    )


def command_of(result: CommandResult, done: str) -> Command:
    """Return how far a command has come, in a sentence where the engine gave none."""
    said = result.reason
    if result.state == "accepted":
        said = "It is kept; the engine has not carried it out yet."
    return Command(command=result.id, state=result.state, said=said or done)
