"""What people do to one alert, as past-tense events of its home.

What else can happen to a home is `events`.
"""

import msgspec

from telecared.core.vocabulary import (
    CallResult,
    Cause,
    Channel,
    Duration,
    Instant,
    Outcome,
    Progress,
)


class Acknowledged(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A named person said "I have it", for the policy's lease or for `lease`."""

    input: int
    at: Instant
    alert: int
    by: str
    contact: str | None = None
    lease: Duration | None = None


class Snoozed(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A named person holds the alert until a stated time."""

    input: int
    at: Instant
    alert: int
    by: str
    duration: Duration


class Declined(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Somebody who was told cannot go: the next is told at once."""

    input: int
    at: Instant
    alert: int
    by: str
    contact: str


class Resolved(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A named person ended the alert and said how it ended.

    Attributes:
        contact: under which id they were told, None for an operator.
        cause: of a false activation, None where it was not said.
    """

    input: int
    at: Instant
    alert: int
    by: str
    outcome: Outcome
    note: str = ""
    contact: str | None = None
    cause: Cause | None = None


class HandedOver(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A named person gives the alert to another, who has it from then on for the policy's lease.

    Attributes:
        to: the name of the new owner; `contact` their id where they are a contact.
        take_over: whoever has it is not asked: without it only they hand it over.
    """

    input: int
    at: Instant
    alert: int
    by: str
    to: str
    contact: str | None = None
    note: str = ""
    take_over: bool = False


class Updated(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Whoever has an alert says how far they are, which extends the lease.

    Attributes:
        minutes: until they arrive, with `on_the_way`; None where they do not say.
        contact: under which id they were told, None for an operator.
        note: of a `note`; personal data.
    """

    input: int
    at: Instant
    alert: int
    by: str
    progress: Progress
    contact: str | None = None
    minutes: int | None = None
    note: str = ""


class EscalatedNow(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A named person asks for the next step at once, whoever has it."""

    input: int
    at: Instant
    alert: int
    by: str
    note: str = ""


class InterimPlanned(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A named person says what is done until a fault is mended; it rests until then.

    Attributes:
        until: engine time.
        note: what is done meanwhile; compulsory. Personal data.
    """

    input: int
    at: Instant
    alert: int
    by: str
    until: Instant
    note: str


class Called(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An operator rang somebody by hand about an alert.

    Attributes:
        contact: who was rung: a contact of the home, a person of the site, or `resident`.
        result: what came of it. With `going` they have the alert, as the operator was told.
        note: what was said. Personal data.
    """

    input: int
    at: Instant
    alert: int
    by: str
    contact: str
    result: CallResult
    note: str = ""


class MessageSent(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An operator writes to somebody about an alert, in words of their own.

    Attributes:
        to: a contact of the home, a person of the site, or `resident`.
        channel: by which it goes; None for the first by which they can be told in writing.
        text: without the reply code, which is put before it. Personal data.
    """

    input: int
    at: Instant
    alert: int
    by: str
    to: str
    text: str
    channel: Channel | None = None


class Linked(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A named person says that an alert tells of the same as another, which stays.

    Attributes:
        to: the number of the other, unresolved one of the same home.
        note: personal data.
    """

    input: int
    at: Instant
    alert: int
    by: str
    to: int
    note: str = ""


AlertCommand = (
    Acknowledged
    | Snoozed
    | Declined
    | Resolved
    | HandedOver
    | Updated
    | EscalatedNow
    | InterimPlanned
    | Called
    | MessageSent
    | Linked
)
"""What a person does to one alert."""
