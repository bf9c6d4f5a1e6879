"""The state of one home: facts, findings, alerts. Everything that must outlive a crash.

State holds facts; deadlines are derived from them, so that an edited rule takes over at once.
Here are the values, their stored form and its version. How they change is `step` and its helpers.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from telecared.core.plan import Absence, Ageing
from telecared.core.policy import Policy
from telecared.core.stated import Going, Handled, Promise, Silence, Suspension, WalkTest
from telecared.core.storms import NO_STORMS, Burst, Storms
from telecared.core.vocabulary import (
    AlertState,
    Cause,
    Channel,
    Instant,
    NotificationState,
    Outcome,
    Priority,
    Value,
)

STATE_VERSION: Final = 1
"""Raised whenever a field changes its meaning; `decode_state` upgrades older blobs."""

MAX_OPEN_ALERTS: Final = 100
"""Open alerts per home; what comes after joins the most dangerous open one instead."""

MAX_REST_SPANS: Final = 48
"""Stretches in bed or chair that are remembered, oldest dropped first."""


class Fact(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The last known value of one property of one device.

    Attributes:
        value: a word, a number or a location.
        since: when it took this value (the device's time where plausible); for a momentary
            property, the last act that was news.
        told_at: the last time at which it was told, by the device's time.
        received_at: the engine time of the last message that was news, of an alarm of the last
            that told it.
        active_at: the last sign of life it gave, 0 for none.
        expires_at: from then on a level counts as cleared although nobody said so.
        act: the device's own number of the act, or None.
    """

    value: Value
    since: Instant
    told_at: Instant
    received_at: Instant
    active_at: Instant = 0
    expires_at: Instant | None = None
    act: int | None = None


class Mark(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One entry of a trace: something that happened, or since when something holds.

    Attributes:
        at: when, by the device's time where plausible.
        device: which device told it, "" where it is about the home.
        value: the number it told, 0 where there is none.
    """

    at: Instant
    device: str = ""
    value: float = 0.0


class Outing(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the doors and the silence after them say about who is at home.

    Attributes:
        door_at: the last act of a door through which people leave, 0 for none.
        out_since: since when everybody seems to be out, 0 when somebody is at home.
        device: the door.
        leaving: the last acts of the door began while somebody was at home.
    """

    door_at: Instant = 0
    out_since: Instant = 0
    device: str = ""
    leaving: bool = False


class Gap(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A stretch in which the home was not as usual, and how that is known.

    Attributes:
        kind: what rules may name in `unless`.
        until: its end; while it lasts, the end that was stated or is assumed.
        declared: a person stated it; otherwise the doors and the silence after them say so.
        why: a few words for people: `hospital`, `front-door, then silence`.
    """

    kind: Absence
    since: Instant
    until: Instant
    declared: bool
    why: str


class Finding(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a rule has found about one subject, and which alert carries it.

    Attributes:
        alert: the alert's number while it is unresolved, else None.
        since: the start of the stretch it was found for, so that one stretch fires once.
        last_at: the last time it was found.
        resolved_at: when its last alert was resolved, 0 for never.
        held_until: it was held back, at the latest until then; 0 when it was not.
        over_at: when it was last noted that it has ended although its alert stays, 0 for never.
    """

    alert: int | None
    since: Instant
    last_at: Instant
    resolved_at: Instant = 0
    held_until: Instant = 0
    over_at: Instant = 0


class Told(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One notification of an alert, as far as decisions need it.

    Attributes:
        k: its number within the alert.
        pages: asks somebody to go; false for thanks and news, which decide nothing.
        turn: the count of step beginnings at which it was sent.
        receipt_by: when no receipt by then counts as failed, or None.
    """

    k: int
    to: str
    channel: Channel
    turn: int
    pages: bool
    state: NotificationState
    receipt_by: Instant | None = None


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """An unresolved alert with the policy it opened with.

    Attributes:
        n: its number within the home.
        key: of its finding.
        text: what people are told, frozen at opening.
        about: the few words by which later messages name it.
        step: index of the running step; `turn` counts step beginnings, repeats included.
        told: every notification so far.
        declined: contacts who cannot go.
        next_at: when the running step ends, while open.
        lease_until: when the acknowledgement lapses, while acknowledged.
        update_by: after a life-safety repeat the lease ends then, without an update (promise P6).
        owner_contact: the owner's contact id, None for an operator.
        begins_at: until then the resident may cancel and nobody is told; None once it has begun.
        confirm_by: until then a second sensor is asked (`Rule.confirm`); None when it is not.
        cancelled_at: when the resident cancelled what must be looked at all the same.
        ages: how it is told again while nobody mends it, frozen at opening.
        ages_at: when that happens next; the end of an interim plan (`planned_until`), if any.
        aged_from: its priority before it aged, which it has again once it is mended.
        age_note: what stands before `text` since it has aged.
        part_of: its incident, the cause first: `power northside#1`; group: whose message tells it.
        waiting: who is told next in the running step, one after another, in order.
        round: how often the running step has been told, for one that repeats.
        centre_at: since when it stands unacknowledged at the monitoring centre.
        page_at: when the supervisor is paged for it; `paged` counts how often that was.
        going: who goes; an open alert may need more of them (`Policy.needed`).
        texts, abouts, age_notes: other language -> `text`, `about` and `age_note` in it.
        cause: of a false activation; linked_to: the alert of which it was a duplicate.
    """

    n: int
    rule: str
    key: str
    priority: Priority
    opened_at: Instant
    text: str
    about: str
    code: str
    policy: Policy
    watch: bool = False
    state: AlertState = AlertState.OPEN
    step: int = 0
    turn: int = 0
    told: tuple[Told, ...] = ()
    declined: tuple[str, ...] = ()
    next_at: Instant | None = None
    owner: str | None = None
    owner_contact: str | None = None
    lease_until: Instant | None = None
    update_by: Instant | None = None
    repeats: int = 0
    notified: int = 0
    resolved_at: Instant | None = None
    resolved_by: str | None = None
    outcome: Outcome | None = None
    begins_at: Instant | None = None
    confirm_by: Instant | None = None
    cancelled_at: Instant | None = None
    ages: Ageing | None = None
    ages_at: Instant | None = None
    planned_until: Instant | None = None
    aged_from: Priority | None = None
    age_note: str = ""
    part_of: str = ""
    group: int = 0
    waiting: tuple[str, ...] = ()
    round: int = 1
    centre_at: Instant | None = None
    page_at: Instant | None = None
    paged: int = 0
    going: tuple[Going, ...] = ()
    handled: Handled = Handled()
    texts: Mapping[str, str] = {}
    abouts: Mapping[str, str] = {}
    age_notes: Mapping[str, str] = {}
    cause: Cause | None = None
    linked_to: str = ""


class Pending(msgspec.Struct, frozen=True, array_like=True):
    """A technical finding that is given some time to end by itself before anybody is told."""

    due_at: Instant
    name: str
    subject: str
    detail: str
    priority: Priority | None


class HomeState(msgspec.Struct, kw_only=True):
    """Everything remembered about one home. Only `step` changes it, on a copy of its own.

    Attributes:
        at: engine time up to which it has been stepped.
        facts: device -> property -> fact. This and the next five mappings, and those inside them,
            are replaced, never changed in place.
        heard: device -> engine time of its last message of any kind.
        known: device -> engine time since which it is registered.
        seqs, missed: device -> its last counter, and how many messages its gaps show missing.
        returned: alarm unit -> (quiet since, back at) of silences that it has come back from, as
            far as none later was as long.
        traces: pattern -> what has happened to it lately, as far as rules need it.
        suspensions, silences: number -> what a person stated and what has not ended.
        promises: number -> what somebody promised and nobody has done yet.
        forgotten: suspensions that ran out without a person having ended them.
        gaps: past stretches in which the home was not as usual, closed ones only.
        outing: what the doors say about who is at home.
        opened_today: rule -> (local day, alerts that it opened on it), for capped rules only.
        rest: stretches during which a bed or chair was occupied, closed ones only.
        findings, alerts, pending: what was found, and what is unresolved.
        unreachable: contact -> stand-in of the number that takes no messages; another number of
            the same contact does.
        helped: stand-in of a sender -> (local day, helps sent that day).
        stirred_at: the last sign of life in the home while it was stated as empty.
        walk_test: the test that runs, if any.
        tested: device -> engine time at which it was last proven by a test.
        broken: keys of deadlines that failed and are set aside until the plan changes.
        storms: of `@scheme/ID`; bursts: key of a finding -> how fast it repeats itself.
        alerts_due, conditions_due, absences_due: lower bounds of the next deadlines of each
            class; the first is exact.
    """

    home: str
    version: int = STATE_VERSION
    at: Instant = 0
    next_alert: int = 1
    next_help: int = 1
    facts: Mapping[str, Mapping[str, Fact]] = {}
    heard: Mapping[str, Instant] = {}
    known: Mapping[str, Instant] = {}
    seqs: Mapping[str, int] = {}
    missed: Mapping[str, int] = {}
    returned: Mapping[str, tuple[tuple[Instant, Instant], ...]] = {}
    rest: tuple[tuple[Instant, Instant], ...] = ()
    traces: dict[str, tuple[Mark, ...]] = {}
    next_suspension: int = 1
    suspensions: dict[int, Suspension] = {}
    silences: dict[int, Silence] = {}
    next_promise: int = 1
    promises: dict[int, Promise] = {}
    forgotten: int = 0
    gaps: tuple[Gap, ...] = ()
    outing: Outing = Outing()
    opened_today: dict[str, tuple[str, int]] = {}
    findings: dict[str, Finding] = {}
    alerts: dict[int, Alert] = {}
    pending: dict[str, Pending] = {}
    unreachable: dict[str, str] = {}
    helped: dict[str, tuple[str, int]] = {}
    broken: tuple[str, ...] = ()
    stirred_at: Instant = 0
    walk_test: WalkTest | None = None
    tested: Mapping[str, Instant] = {}
    storms: Storms = NO_STORMS
    bursts: Mapping[str, Burst] = {}
    alerts_due: Instant | None = None
    conditions_due: Instant | None = None
    absences_due: Instant | None = None

    def share(self) -> "HomeState":
        """Return a copy of which only the fields themselves may be set: all mappings are shared."""
        # Every struct has it, and it costs a third of `copy.copy`; the stubs do not know.
        copy: HomeState = self.__copy__()  # type: ignore[attr-defined]
        return copy

    def clone(self) -> "HomeState":
        """Return a copy that may be changed without touching this one.

        What every message changes (`facts` to `returned`) is replaced, never changed in place: it
        needs no copy.
        """
        copy = self.share()
        copy.traces = self.traces.copy()
        copy.suspensions = self.suspensions.copy()
        copy.silences = self.silences.copy()
        copy.promises = self.promises.copy()
        copy.opened_today = self.opened_today.copy()
        copy.findings = self.findings.copy()
        copy.alerts = self.alerts.copy()
        copy.pending = self.pending.copy()
        copy.unreachable = self.unreachable.copy()
        copy.helped = self.helped.copy()
        return copy


def earliest(*instants: Instant | None) -> Instant | None:
    """Return the smallest instant given, or None when all are None."""
    first: Instant | None = None
    for instant in instants:  # asked several times a message: a list and `min` cost twice as much
        if instant is not None and (first is None or instant < first):
            first = instant
    return first


def next_deadline(state: HomeState) -> Instant | None:
    """Return a lower bound of the home's next deadline, in microseconds UTC.

    Stored and indexed as `due_at`. It may be too early, never too late: activity that only moves
    a deadline later rewrites nothing; when the bound comes due the home is looked at again.
    """
    return earliest(state.alerts_due, state.conditions_due, state.absences_due)


def wake_at(state: HomeState, *, held: bool) -> Instant | None:
    """Return when to look at the home, leaving absences out while their judgement is held."""
    due, conditions = state.alerts_due, state.conditions_due  # asked twice a message: no `earliest`
    if conditions is not None and (due is None or conditions < due):
        due = conditions
    if held:
        return due
    absences = state.absences_due
    return due if absences is None or (due is not None and due <= absences) else absences


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(HomeState)


def encode_state(state: HomeState) -> bytes:
    """Return the stored form of a home's state."""
    return _encoder.encode(state)


def decode_state(blob: bytes) -> HomeState:
    """Return the state that any released version wrote.

    Raises:
        ValueError: the blob is of a newer version, or is no state at all.
    """
    try:
        version = msgspec.msgpack.decode(blob, type=_Versioned).version
        if version != STATE_VERSION:
            raise ValueError(
                f"a home's state has version {version}, this telecared knows up to "
                f"{STATE_VERSION}: install the newer version or restore a backup"
            )
        return _decoder.decode(blob)
    except msgspec.DecodeError as error:
        raise ValueError("a home's state cannot be read: run `telecared verify`") from error


class _Versioned(msgspec.Struct):
    version: int


class Answer(msgspec.Struct, frozen=True):
    """What a person hears of a command; by SMS by one of `Help`, where `who` is who has it."""

    done: bool
    reason: str = ""
    help: str = ""
    who: str = ""
