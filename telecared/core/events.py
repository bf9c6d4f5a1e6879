"""What can happen to one home: past-tense facts that `step` folds into its state.

Events carry their engine time `at` and the id of the input they come from. What happens to the
whole site (the link to the broker, the clock, the plan) is `site`, not here.
"""

from typing import Final

import msgspec

from telecared.core.alert_commands import (
    Acknowledged,
    Called,
    Declined,
    EscalatedNow,
    HandedOver,
    InterimPlanned,
    Linked,
    MessageSent,
    Resolved,
    Snoozed,
    Updated,
)
from telecared.core.readings import Reading
from telecared.core.storm_events import HomeChecked, StormEvent
from telecared.core.vocabulary import (
    Duration,
    Instant,
    NotificationState,
    Priority,
    SuspensionKind,
)

SITE: Final = "@site"
"""The home of alerts that belong to no home."""


class MessageHeard(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag=True):
    """A device of this home sent a message.

    Attributes:
        input: id in the sequence of inputs.
        at: when we received it, engine time.
        device: the registered device's id.
        readings: what it told; empty for a message without care meaning.
        seq: the device's own counter, if it has one.
        retained: the broker had kept it: a state, not something that just happened.
        redelivered: the broker sent it again and we could not tell that it was already stored.
        qos: as delivered.
    """

    input: int
    at: Instant
    device: str
    readings: tuple[Reading, ...]
    seq: int | None = None
    retained: bool = False
    redelivered: bool = False
    qos: int = 1


class Ticked(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Engine time reached `at`: whatever of this home was due is decided.

    Attributes:
        look: work out every deadline anew, because an outage ended or the clock was stepped.
    """

    at: Instant
    look: bool = False


class HomeRegistered(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The home's record, or the plan over it, is new or changed from `at` on.

    Attributes:
        again: it was tried and a deadline failed: what is set aside by now stays so.
    """

    input: int
    at: Instant
    again: bool = False


# --- commands of people -----------------------------------------------------------------------


class ContactUnreachable(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A contact's number takes no more messages from us (STOP, or the provider refuses it)."""

    input: int
    at: Instant
    contact: str
    reason: str


class ContactReachable(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The contact's number takes messages again."""

    input: int
    at: Instant
    contact: str


class ReplyNotUnderstood(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An SMS that is no answer to one open alert; the sender is helped, within a daily cap.

    Attributes:
        sender: a stand-in for the number (never the number itself) that the cap counts by.
        number: where the help goes. Personal data.
        help: which help text, see `reading_replies.Help`.
        codes: the codes of the sender's open alerts, for the text that asks back.
        language: the sender's, "" for the site's.
        who: has the alert, where it is taken. Personal data.
    """

    input: int
    at: Instant
    sender: str
    number: str
    help: str
    codes: tuple[str, ...] = ()
    language: str = ""
    who: str = ""


# --- the life of a notification ---------------------------------------------------------------


class NotificationReported(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The outbox or the provider told what became of one notification.

    Attributes:
        notification: its id, `{home}/{alert}-{k}`.
        state: sent, delivered, undelivered or failed. Late and repeated reports do no harm.
        code: the provider's error code, or "".
        number_refused: the provider takes no message to this number, now or later: its owner said
            STOP, or it is no number that takes SMS.
    """

    input: int
    at: Instant
    notification: str
    state: NotificationState
    code: str = ""
    number_refused: bool = False


class Suspended(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A named person stated that the home is not as usual until `until` (engine time).

    `extends` is the number of a running suspension that gets the new end, 0 for a new one.
    """

    input: int
    at: Instant
    by: str
    kind: SuspensionKind
    until: Instant
    note: str = ""
    extends: int = 0


class SuspensionEnded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A named person ended a suspension before its time; 0 ends every running one."""

    input: int
    at: Instant
    by: str
    suspension: int = 0


class Silenced(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A named person asked that findings page nobody until `until`; life safety always does."""

    input: int
    at: Instant
    by: str
    until: Instant
    rule: str = ""
    device: str = ""
    note: str = ""


class SilenceEnded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A named person ended a silence before its time; 0 ends every running one."""

    input: int
    at: Instant
    by: str
    silence: int = 0


class WalkTestBegun(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A named person begins to trigger each device, for `lasts`; a running test is extended."""

    input: int
    at: Instant
    by: str
    lasts: Duration


class WalkTestEnded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A named person is done with the walk test."""

    input: int
    at: Instant
    by: str


class Promised(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A named person promised something: to call back, to look in again.

    Attributes:
        what: was promised. Personal data.
        due_at: by when, engine time.
        alert: the number of the alert that it is about, if any.
    """

    input: int
    at: Instant
    by: str
    what: str
    due_at: Instant
    alert: int | None = None


class PromiseKept(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A named person did what was promised, or says why it is needed no more."""

    input: int
    at: Instant
    by: str
    number: int
    note: str = ""


# --- findings of the machinery itself ---------------------------------------------------------


class ConditionFound(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The machinery found something that people must know: broker lost, unknown device, poison.

    Attributes:
        name: a key of `technical.FINDINGS`, shown as the rule.
        subject: what it is about, so that two devices are two alerts; "" for one of its kind.
        over: true when it has ended, which resolves a technical alert.
        detail: one sentence without personal data.
        priority: overrides the finding's own (an SOS of an unregistered device).
    """

    input: int
    at: Instant
    name: str
    subject: str = ""
    over: bool = False
    detail: str = ""
    priority: Priority | None = None


class Quarantined(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An input of this home made `step` fail and was set aside (design 3.1, decision 13).

    Attributes:
        what: `message`, `command` or `deadline`.
        key: for a deadline, its key, which stays set aside until the plan changes.
        readings: what the message told; life safety among it alerts the centre without rules.
    """

    input: int
    at: Instant
    what: str
    key: str = ""
    device: str = ""
    readings: tuple[Reading, ...] = ()


Event = (
    MessageHeard
    | Ticked
    | HomeRegistered
    | Acknowledged
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
    | Suspended
    | SuspensionEnded
    | Silenced
    | SilenceEnded
    | WalkTestBegun
    | WalkTestEnded
    | Promised
    | PromiseKept
    | ContactUnreachable
    | ContactReachable
    | ReplyNotUnderstood
    | NotificationReported
    | ConditionFound
    | Quarantined
    | StormEvent
)

StoredEvent = (
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
    | Suspended
    | SuspensionEnded
    | Silenced
    | SilenceEnded
    | WalkTestBegun
    | WalkTestEnded
    | Promised
    | PromiseKept
    | ContactUnreachable
    | ContactReachable
    | ReplyNotUnderstood
    | NotificationReported
    | ConditionFound
    | HomeChecked
)
"""Events that are kept as JSON in the body of their input; `input` and `at` are the row's."""

_decoder: Final[msgspec.json.Decoder[StoredEvent]] = msgspec.json.Decoder(StoredEvent)


def encode_event(event: StoredEvent) -> bytes:
    """Return the stored form of an event, without the input id and time that its row holds."""
    return msgspec.json.encode(msgspec.structs.replace(event, input=0, at=0))


def decode_event(body: bytes, *, input: int, at: Instant) -> StoredEvent:
    """Return the event that `encode_event` wrote, as the input `input` at `at`.

    Raises:
        msgspec.DecodeError: the body is no event; the caller quarantines it.
    """
    return msgspec.structs.replace(_decoder.decode(body), input=input, at=at)
