"""What `step` asks the shell to do: keep a line, tell a person, take a message back.

Imperative values, few of them. There is no effect for a timer: the next deadline is derived from
the state.
"""

import msgspec

from telecared.core.storm_events import StormJoined, StormOver
from telecared.core.vocabulary import Channel, Duration, Instant, Priority


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Keep one line of the record; the same fields as a line of `replay` (design, section 7).

    Attributes:
        at: the instant of the decision; for a deadline, the instant it was due.
        event: `alert.opened`, `notification.queued`, ...
        alert: the alert's number within its home, or None.
        to: the recipient's id (a contact, `monitoring_centre`), never a number.
        text: what is sent. Personal data.
        reason: one sentence that explains the decision. Personal data.
        late: how long after its due instant the decision was taken.
        input: the id of the input that caused it, 0 for a deadline.
    """

    at: Instant
    event: str
    rule: str | None = None
    alert: int | None = None
    priority: Priority | None = None
    to: str | None = None
    channel: Channel | None = None
    text: str | None = None
    reason: str = ""
    late: Duration = 0
    input: int = 0


class Notify(msgspec.Struct, frozen=True, kw_only=True):
    """Put one message to one person into the outbox.

    Attributes:
        id: `{home}/{alert}-{k}`: comes from content, so a replay gives the same.
        alert: the alert's number, or 0 for help that belongs to none.
        k: counts within the alert.
        number: where it goes: a number, an e-mail address, a system's id. Personal data.
        text: personal data.
        language: in which it is put, for a voice that reads it.
    """

    id: str
    at: Instant
    alert: int
    k: int
    priority: Priority
    to: str
    channel: Channel
    number: str
    text: str
    language: str = "en"


class Withdraw(msgspec.Struct, frozen=True, kw_only=True):
    """Take back a notification that has not been attempted yet: somebody has the alert."""

    id: str


class Relay(msgspec.Struct, frozen=True, kw_only=True):
    """Have another home hear what was decided for its scheme, in the same transaction."""

    home: str
    event: StormJoined | StormOver


Effect = Record | Notify | Withdraw | Relay
