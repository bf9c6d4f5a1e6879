"""The objects that commands print with `--json`, as values: what `schema` describes.

Names, order and types of the fields are what scripts rely on (design, section 7). Filling them is
the commands' part.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from telecared.core.vocabulary import AlertState, NotificationState, Outcome, Priority, Value

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
    """What one message says; `error` is one sentence, or null."""

    topic: str | None
    readings: list[DecodedReading]
    error: str | None


class CheckLine(msgspec.Struct, frozen=True):
    """One finding of `check`; `code` is a stable word, `message` may be reworded."""

    file: str
    line: int
    col: int
    level: Literal["error", "warning"]
    code: str
    message: str
    home: str | None


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


class CommandLine(msgspec.Struct, frozen=True):
    """How far a command has come; `command` is its number, `reason` says why it was refused."""

    command: int
    state: Literal["accepted", "done", "refused"]
    reason: str


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
