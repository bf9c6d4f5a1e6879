"""Rows and the values of the store port, both ways, and the canonical bytes of each row.

The writer commits to these bytes and `verify` computes them again from the tables, so both take
them from here. Nothing is executed here.
"""

from typing import Final

import msgspec

from telecared.adapters.sqlite.chain import Field, canonical
from telecared.core.effects import Notify, Record
from telecared.core.readings import Reading
from telecared.core.vocabulary import (
    AlertState,
    Cause,
    Channel,
    Instant,
    NotificationState,
    Outcome,
    Priority,
)
from telecared.reader_port import StoredRecord
from telecared.store_port import AlertRow, CommandRow, InputRow, OutboxRow

INTEGER_MAX: Final = 2**63 - 1
"""SQLite's largest integer; a device's counter beyond it is not kept."""

InputParts = tuple[
    int, str, int, str | None, str | None, str | None, int, int, int, int | None,
    bytes | None, str | None, str | None, str | None,
]  # fmt: skip
"""An input with names in place of ids: what the chain commits to."""

SELECT_INPUTS: Final = """
    SELECT i.id, i.kind, i.at, h.name, d.name, t.name, i.qos, i.retained, i.redelivered, i.seq,
        i.payload, i.readings, i.error, i.body
    FROM inputs i LEFT JOIN homes h ON h.id = i.home_id LEFT JOIN devices d ON d.id = i.device_id
        LEFT JOIN topics t ON t.id = i.topic_id """

SELECT_ALERTS: Final = """
    SELECT a.alert, h.name, a.n, a.rule, a.priority, a.state, a.opened_at, a.code, a.watch,
        a.owner, a.lease_until, a.step, a.next_at, a.repeats, a.resolved_at, a.resolved_by,
        a.outcome, a.cause, a.linked_to
    FROM alerts a JOIN homes h ON h.id = a.home_id """

SELECT_COMMANDS: Final = """
    SELECT id, kind, by, via, given_at, home, body, state, reason FROM commands """

_encode_readings = msgspec.json.Encoder().encode
_decode_readings = msgspec.json.Decoder(tuple[Reading, ...]).decode
_decode_pair = msgspec.json.Decoder(tuple[str | None, str, str]).decode


def clean(text: str) -> str:
    """Return text that SQLite can keep: what is no Unicode text is spelled out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def input_parts(row: InputRow) -> InputParts:
    """Return an input as its table has it, with names in place of ids."""
    device, topic, seq, body = row.device, row.topic, row.seq, row.body
    if device is not None and not device.isascii():
        device = clean(device)
    if topic is not None and not topic.isascii():
        topic = clean(topic)
    if seq is not None and not -INTEGER_MAX <= seq <= INTEGER_MAX:
        seq = None
    return (
        row.id,
        row.kind,
        row.at,
        row.home,
        device,
        topic,
        row.qos,
        1 if row.retained else 0,
        1 if row.redelivered else 0,
        seq,
        row.payload,
        _encode_readings(row.readings).decode() if row.readings else None,
        row.error,
        None if body is None else body.decode("utf-8", "backslashreplace"),
    )


def input_row(parts: InputParts) -> InputRow:
    """Return the input that `input_parts` took apart."""
    return InputRow(
        id=parts[0],
        kind=parts[1],
        at=parts[2],
        home=parts[3],
        device=parts[4],
        topic=parts[5],
        qos=parts[6],
        retained=bool(parts[7]),
        redelivered=bool(parts[8]),
        seq=parts[9],
        payload=parts[10],
        readings=() if parts[11] is None else _decode_readings(parts[11]),
        error=parts[12],
        body=None if parts[13] is None else parts[13].encode(),
    )


def alert_columns(alert: AlertRow, home_id: int) -> tuple[Field, ...]:
    """Return an alert in the order of its table's columns."""
    return (
        home_id,
        alert.n,
        alert.alert,
        alert.rule,
        alert.priority.value,
        alert.state.value,
        alert.opened_at,
        alert.code,
        int(alert.watch),
        alert.owner,
        alert.lease_until,
        alert.step,
        alert.next_at,
        alert.repeats,
        alert.resolved_at,
        alert.resolved_by,
        None if alert.outcome is None else alert.outcome.value,
        None if alert.cause is None else alert.cause.value,
        alert.linked_to or None,
    )


def alert_row(row: tuple) -> AlertRow:  # type: ignore[type-arg]  # a row of SELECT_ALERTS
    """Return an alert from a row of SELECT_ALERTS."""
    return AlertRow(
        alert=row[0],
        home=row[1],
        n=row[2],
        rule=row[3],
        priority=Priority(row[4]),
        state=AlertState(row[5]),
        opened_at=row[6],
        code=row[7],
        watch=bool(row[8]),
        owner=row[9],
        lease_until=row[10],
        step=row[11],
        next_at=row[12],
        repeats=row[13],
        resolved_at=row[14],
        resolved_by=row[15],
        outcome=None if row[16] is None else Outcome(row[16]),
        cause=None if row[17] is None else Cause(row[17]),
        linked_to=row[18] or "",
    )


def personal(first: str | None, second: str, home: str) -> bytes:
    """Return the content of a record (text, reason) or a notification (number, text)."""
    return msgspec.json.encode((first, second, home))


def record_columns(record: Record, row_id: int, home_id: int) -> tuple[Field, ...]:
    """Return the columns of a record that name nobody; its content stands apart."""
    return (
        row_id,
        home_id,
        record.at,
        record.event,
        record.rule,
        record.alert,
        None if record.priority is None else record.priority.value,
        record.to,
        None if record.channel is None else record.channel.value,
        record.late,
        record.input,
    )


def stored_record(row: tuple) -> StoredRecord:  # type: ignore[type-arg]  # any row shape
    """Return a record from (home, the columns after home_id, body of its content)."""
    home, at, event, rule, alert, priority, to, channel, late, input_id, body = row
    text, reason, _ = (None, "", "") if body is None else _decode_pair(body)
    return StoredRecord(
        home,
        Record(
            at=at,
            event=event,
            rule=rule,
            alert=alert,
            priority=None if priority is None else Priority(priority),
            to=to,
            channel=None if channel is None else Channel(channel),
            text=text,
            reason=reason,
            late=late,
            input=input_id,
        ),
    )


def notification_columns(notify: Notify, seq: int, home_id: int) -> tuple[Field, ...]:
    """Return the columns of a notification that never change and name nobody."""
    return (
        seq,
        notify.id,
        home_id,
        notify.at,
        notify.alert,
        notify.k,
        notify.priority.value,
        notify.to,
        notify.channel.value,
    )


def outbox_row(row: tuple) -> OutboxRow:  # type: ignore[type-arg]  # any row shape
    """Return what the outbox needs; number and text are empty once they have been erased."""
    body = row[6]
    number, text, _ = ("", "", "") if body is None else _decode_pair(body)
    return OutboxRow(
        id=row[0],
        home=row[1],
        priority=Priority(row[2]),
        queued_at=row[3],
        to=row[4],
        channel=row[5],
        number=number or "",
        text=text,
        state=NotificationState(row[7]),
        provider_id=row[8],
        attempted_at=row[9],
        attempts=row[10],
        provider=row[11],
        language=row[12],
    )


def number_of(body: str | None) -> str | None:
    """Return the number in a notification's content, None once it has been erased."""
    return None if body is None else _decode_pair(body)[0]


def text_of(body: str) -> str:
    """Return the text in a notification's content."""
    return _decode_pair(body)[1]


def command_row(row: tuple) -> CommandRow:  # type: ignore[type-arg]  # a row of SELECT_COMMANDS
    """Return a command from a row of SELECT_COMMANDS."""
    return CommandRow(
        id=row[0],
        kind=row[1],
        by=row[2],
        via=row[3],
        given_at=row[4],
        home=row[5],
        body=b"{}" if row[6] is None else row[6].encode(),
        state=row[7],
        reason=row[8],
    )


def command_content(
    row_id: int, kind: str, by: str, via: str, at: Instant, home: str | None, body: str | None
) -> bytes:
    """Return what the chain commits to when a command is given; its end is a row of its own."""
    return canonical(("command", row_id, kind, by, via, at, home, body))


def result_content(row_id: int, state: str, reason: str, input_id: int | None) -> bytes:
    """Return what the chain commits to when a command has ended."""
    return canonical(("result", row_id, state, reason, input_id))
