"""What people do to one alert, as past-tense events of its home.

What else can happen to a home is `events`.
"""

import msgspec

from telecared.core.vocabulary import Duration, Instant, Outcome, Progress


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
    """

    input: int
    at: Instant
    alert: int
    by: str
    outcome: Outcome
    note: str = ""
    contact: str | None = None


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


AlertCommand = (
    Acknowledged
    | Snoozed
    | Declined
    | Resolved
    | HandedOver
    | Updated
    | EscalatedNow
    | InterimPlanned
)
"""What a person does to one alert."""
