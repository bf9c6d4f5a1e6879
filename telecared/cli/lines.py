"""The objects that commands print with `--json`, as values: what `schema` describes.

Names, order and types of the fields are what scripts rely on (design, section 7). Filling them is
the commands' part.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from telecared.core.plan import Absence
from telecared.core.standings import Standing
from telecared.core.vocabulary import (
    AlertState,
    Channel,
    Mode,
    NotificationState,
    Outcome,
    Priority,
    SuspensionKind,
    Value,
)
from telecared.sim.lines import ReplayLine

Time = Annotated[
    str,
    Meta(
        pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$",
        description="A time in UTC, to the microsecond.",
    ),
]


class DecodedReading(msgspec.Struct, frozen=True):
    """One reading of a decoded message; `at` is the device's own time, or null."""

    home: str | None
    device: str | None
    property: str
    value: Value
    at: Time | None


class DecodeLine(msgspec.Struct, frozen=True):
    """What one message says; `error` is one sentence, or null.

    With `--profile auto` also which profile was chosen, or null, and why.
    """

    topic: str | None
    readings: list[DecodedReading]
    error: str | None
    profile: str | UnsetType | None = UNSET
    why: str | UnsetType = UNSET


class CheckLine(msgspec.Struct, frozen=True):
    """One finding of `check`; `code` is a stable word, `message` may be reworded."""

    file: str
    line: int
    col: int
    level: Literal["error", "warning"]
    code: str
    message: str
    home: str | None


class CoverageLine(msgspec.Struct, frozen=True):
    """One danger in one home, of `check --coverage`.

    `sensor` is the live device that would notice it and `rule` the rule in mode page that would
    fire; `responder` is the first who can be told now, a contact's id or `monitoring_centre`.
    """

    home: str
    hazard: str
    sensor: str | None
    rule: str | None
    responder: str
    holes: list[str]


class AlertLine(msgspec.Struct, frozen=True):
    """One alert.

    `step` counts from 0; `next_at` is when the running step ends, `lease_until` when an
    acknowledgement lapses.
    """

    alert: str
    home: str
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


class EventReading(msgspec.Struct, frozen=True):
    """One reading of a stored message; `at` is the device's own time, or null."""

    property: str
    value: Value
    at: Time | None


class EventLine(msgspec.Struct, frozen=True):
    """One stored message of a device.

    `payload` is its text. A payload that is not UTF-8 has null there and stands in base64 under
    `payload_b64`, a key that is there for such payloads only.
    """

    id: int
    home: str | None
    device: str | None
    topic: str | None
    qos: int
    received_at: Time
    readings: list[EventReading]
    payload: str | None
    redelivered: bool
    error: str | None
    payload_b64: str | UnsetType = UNSET


class TimelineLine(msgspec.Struct, frozen=True):
    """One row of a scenario's timeline; `fits` is false where expected and got differ.

    `when` and `expected` are as the file has them, null for what nobody expected; `since_start`
    (`+2m5s`), `local_time` (what clocks in the home show) and `got` are null for what did not come.
    """

    when: str | None
    expected: str | None
    since_start: str | None
    local_time: str | None
    got: str | None
    fits: bool


class ScenarioLine(msgspec.Struct, frozen=True):
    """What came of one scenario; `problems` are sentences that begin with `file:line:col`."""

    file: str
    line: int
    col: int
    scenario: str
    home: str
    passed: bool
    problems: list[str]
    timeline: list[TimelineLine]


class CommandLine(msgspec.Struct, frozen=True):
    """How far a command has come; `command` is its number, `reason` says why it was refused."""

    command: int
    state: Literal["accepted", "done", "refused"]
    reason: str


class RunningSuspension(msgspec.Struct, frozen=True):
    """A suspension that runs; `by` is who stated it or moved its end."""

    suspension: int
    kind: SuspensionKind
    since: Time
    until: Time
    by: str
    note: str


class SuspensionsLine(msgspec.Struct, frozen=True):
    """What is stated about a home; `ran_out` counts suspensions that nobody has ended in time."""

    home: str
    suspensions: list[RunningSuspension]
    ran_out: int


class SilenceLine(msgspec.Struct, frozen=True):
    """A silence that runs; `rule` and `device` are null for every one, `held` is how often."""

    home: str
    silence: int
    rule: str | None
    device: str | None
    since: Time
    until: Time
    by: str
    note: str
    held: int


class ExplainPart(msgspec.Struct, frozen=True):
    """One condition of a rule; `depth` 0 is the whole, 1 the parts of a combination.

    `what` is what it waits for. `holds` is null where it is met only in the moment in which
    something happens; `since` is when it was met, `due` when that may change by itself.
    """

    depth: int
    name: str
    what: str
    holds: bool | None
    since: Time | None
    due: Time | None
    would_change: str


class ExplainReading(msgspec.Struct, frozen=True):
    """What a device told last of something that the rule reads; null when it never did."""

    device: str
    property: str
    value: Value | None
    since: Time | None


class ExplainAbsence(msgspec.Struct, frozen=True):
    """Why the home was not as usual; `declared` by a person, or by doors and silence."""

    kind: Absence
    since: Time
    until: Time | None
    declared: bool
    why: str


class ExplainDuty(msgspec.Struct, frozen=True):
    """Who one step of the rule's policy would tell now, and who is meant and cannot be told."""

    policy: str
    step: int
    to: list[str]
    not_now: list[str]
    by: list[Channel]


class ExplainLine(msgspec.Struct, frozen=True):
    """Why one rule did or did not fire in a home at an instant.

    `record` holds the last lines before it that are about the rule or its alert, as `replay`
    prints them; it is empty for a recording.
    """

    home: str
    at: Time
    rule: str
    version: str
    source: str
    priority: Priority
    mode: Mode
    standing: Standing
    why: str
    since: Time | None
    due: Time | None
    alert: str | None
    parts: list[ExplainPart]
    readings: list[ExplainReading]
    absences: list[ExplainAbsence]
    duty: list[ExplainDuty]
    record: list[ReplayLine]


class CompareAlert(msgspec.Struct, frozen=True):
    """An alert that only one of two replays opens; `watch` when it pages nobody."""

    at: Time
    rule: str
    priority: Priority
    alert: str
    watch: bool


class CompareMoved(msgspec.Struct, frozen=True):
    """An alert that both replays open, at different times."""

    rule: str
    before: Time
    after: Time


class CompareChanged(msgspec.Struct, frozen=True):
    """An alert that both replays open at one time, as another kind: `urgent`, `urgent, watched`."""

    at: Time
    rule: str
    before: str
    after: str


class CompareLine(msgspec.Struct, frozen=True):
    """What other rules would have changed in one home (`replay --compare`).

    `before` and `after` count alerts, also by month; wakings count each person whom an alert woke
    between 22:00 and 07:00 local time.
    """

    home: str
    days: float
    same: int
    new: list[CompareAlert]
    gone: list[CompareAlert]
    moved: list[CompareMoved]
    changed: list[CompareChanged]
    before: int
    after: int
    before_a_month: float
    after_a_month: float
    night_wakings_before: int
    night_wakings_after: int


class RuleValue(msgspec.Struct, frozen=True):
    """One value of a rule in a home, by its path in the rule's YAML, and where it comes from.

    `source` is `default`, a file with its line, or `the home`.
    """

    path: str
    value: str
    source: str


class RuleLine(msgspec.Struct, frozen=True):
    """What a rule does, in plain English; with a home, as it is there and why."""

    home: str | None
    rule: str
    priority: Priority
    mode: Mode
    source: str
    words: str
    values: list[RuleValue]


class LedgerLine(msgspec.Struct, frozen=True):
    """The ledger: opened = closed by a person + closed by recovery + acknowledged + escalating."""

    opened: int
    closed_by_person: int
    closed_by_recovery: int
    acknowledged: int
    escalating: int
    balances: bool


class VerifyLine(msgspec.Struct, frozen=True):
    """What `verify` found.

    `problems` are sentences; `explained` counts what is rightly gone, by reason; `counts` is how
    many of each kind were looked at; `head` is the hash of the newest entry of the chain.
    `ledger` is null when the database is too broken to read it.
    """

    sound: bool
    problems: list[str]
    explained: dict[str, int]
    counts: dict[str, int]
    head: str
    ledger: LedgerLine | None


class CopyLine(msgspec.Struct, frozen=True):
    """Where a copy was put; `replaced` is where `restore` put what stood there before, or null."""

    file: str
    replaced: str | None = None


class SimulateLine(msgspec.Struct, frozen=True):
    """What a run of the simulator came to; `late_seconds` is real time, null for a file."""

    messages: int
    late_seconds: float | None


class DemoLine(msgspec.Struct, frozen=True):
    """What a run of the demo came to."""

    homes: int
    events: int
    alerts_opened: int
    alerts_acknowledged: int
    alerts_resolved: int
    alerts_escalating: int
    notifications: dict[NotificationState, int]
    ledger_balances: bool
