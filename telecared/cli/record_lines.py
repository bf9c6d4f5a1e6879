"""The objects that `report`, `latency`, `contacts`, `export` and `hold` print with `--json`.

Names, order and types of the fields are what scripts rely on. Filling them is the commands' part.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from telecared.cli.lines import Time
from telecared.core.vocabulary import Priority

Seconds = Annotated[float, Meta(description="Seconds, to the microsecond.")]


class ReportLine(msgspec.Struct, frozen=True):
    """One figure of a report; durations are seconds, times RFC 3339, the rest counts or words."""

    section: str
    name: str
    key: str
    value: str | float | None


class LatencyLine(msgspec.Struct, frozen=True):
    """How long it took from a sensor to a named human by one path."""

    priority: Priority
    channel: str
    who: str
    count: int
    p50: Seconds | None
    p95: Seconds | None
    p99: Seconds | None
    worst: Seconds | None


class ContactLine(msgspec.Struct, frozen=True):
    """How a contact's number stands; `standing` is `ok`, `failed`, `stale`, `stopped` or `new`.

    `since` is from when on the number, or the address, has been the same.
    """

    home: str
    contact: str
    name: str | None
    roles: list[str]
    standing: str
    why: str
    since: Time | None
    reached_at: Time | None
    reached_by: str | None
    failed_at: Time | None
    failed_by: str | None
    code: str


class ExportLine(msgspec.Struct, frozen=True):
    """Where an export was written, and how many rows of each kind it holds."""

    file: str
    home: str
    counts: dict[str, int]


class HoldLine(msgspec.Struct, frozen=True):
    """A home under legal hold; `until` is null where no end was stated."""

    home: str
    command: int
    since: Time
    until: Time | None
