"""One line of a replay: what scripts read, made of a line of the record.

Deciding what happens is `world` and `replay`; showing it is `cli`.
"""

import msgspec

from telecared.core.windows import rfc3339
from telecared.reader_port import StoredRecord
from telecared.store_port import RecordRow


class ReplayLine(msgspec.Struct, frozen=True):
    """One line of a replay (design, section 7). Text and reason are personal data."""

    at: str
    home: str
    event: str
    rule: str | None
    alert: str | None
    priority: str | None
    to: str | None
    channel: str | None
    text: str | None
    reason: str


def line_of(row: RecordRow | StoredRecord) -> ReplayLine:
    """Return a line of the record as `replay` prints it."""
    record = row.record
    return ReplayLine(
        at=rfc3339(record.at),
        home=row.home,
        event=record.event,
        rule=record.rule,
        alert=None if record.alert is None else f"{row.home}/{record.alert}",
        priority=record.priority,
        to=record.to,
        channel=record.channel,
        text=record.text,
        reason=record.reason,
    )
