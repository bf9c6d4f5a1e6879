"""`alerts` and `events`: what stands in the store, for people and for scripts.

Owners' names and payloads are personal data: that somebody looks is on record before it is shown.
"""

import base64
from typing import Annotated, Literal

from cyclopts import Parameter
from msgspec import UNSET

from telecared.cli.common import (
    Config,
    Exit,
    Home,
    Json,
    Limit,
    ReadBy,
    Since,
    limit_of,
    reader_of,
    require_config,
    since_of,
)
from telecared.cli.lines import AlertLine, EventLine, EventReading
from telecared.cli.output import put, say, short_time, table, time_text
from telecared.cli.store import log_read, reader_at
from telecared.config.deployment import load_deployment
from telecared.core.vocabulary import AlertState
from telecared.core.windows import rfc3339
from telecared.reader_port import AlertFilter
from telecared.store_port import AlertRow, InputRow


def alerts(
    *,
    home: Home = None,
    state: Annotated[
        Literal["open", "acknowledged", "resolved"] | None,
        Parameter(name="--state", help="In this state only."),
    ] = None,
    since: Since = None,
    limit: Limit = 1000,
    by: ReadBy = None,
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """List alerts, newest first."""
    wanted = AlertFilter(
        home=home,
        state=AlertState(state) if state is not None else None,
        since=since_of(since),
        limit=limit_of(limit),
    )
    path = load_deployment(require_config(config)).store_path
    log_read(path, by=reader_of(by), what="alerts", home=home)
    found = reader_at(path).alerts(wanted)
    if as_json:
        for row in found:
            put(alert_line(row))
    elif not found:
        say("no alerts")
    else:
        _show_alerts(found)
    return Exit.FINE


def events(
    *,
    home: Home = None,
    since: Since = None,
    limit: Limit = 1000,
    by: ReadBy = None,
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """List what devices sent, newest last."""
    first, most = since_of(since), limit_of(limit)
    path = load_deployment(require_config(config)).store_path
    log_read(path, by=reader_of(by), what="events", home=home)
    found = reader_at(path).events(home=home, since=first, limit=most)
    if as_json:
        for row in found:
            put(event_line(row))
    elif not found:
        say("no events")
    else:
        _show_events(found)
    return Exit.FINE


def alert_line(row: AlertRow) -> AlertLine:
    """Return an alert as `alerts --json` prints it."""
    return AlertLine(
        alert=row.alert,
        home=row.home,
        rule=row.rule,
        priority=row.priority,
        state=row.state,
        opened_at=rfc3339(row.opened_at),
        owner=row.owner,
        lease_until=time_text(row.lease_until),
        step=row.step,
        next_at=time_text(row.next_at),
        repeats=row.repeats,
        resolved_at=time_text(row.resolved_at),
        resolved_by=row.resolved_by,
        outcome=row.outcome,
    )


def event_line(row: InputRow) -> EventLine:
    """Return a stored message as `events --json` prints it."""
    readings = [EventReading(one.property, one.value, time_text(one.at)) for one in row.readings]
    text, binary = _payload(row.payload)
    return EventLine(
        id=row.id,
        home=row.home,
        device=row.device,
        topic=row.topic,
        qos=row.qos,
        received_at=rfc3339(row.at),
        readings=readings,
        payload=text,
        redelivered=row.redelivered,
        error=row.error,
        payload_b64=UNSET if binary is None else binary,
    )


def _payload(payload: bytes | None) -> tuple[str | None, str | None]:
    """Return a payload as text, or else as base64; neither when retention has dropped it."""
    if payload is None:
        return None, None
    try:
        return payload.decode(), None
    except UnicodeDecodeError:
        return None, base64.b64encode(payload).decode()


def _show_alerts(found: list[AlertRow]) -> None:
    columns = ("alert", "priority", "state", "rule", "opened", "who has it", "until")
    rows = []
    for row in found:
        if row.state is AlertState.RESOLVED:
            until = row.resolved_at
        else:
            until = row.lease_until or row.next_at
        rows.append(
            (
                row.alert,
                row.priority,
                f"{row.state}: {row.outcome}" if row.outcome else row.state,
                row.rule,
                short_time(row.opened_at),
                row.owner if row.resolved_at is None else row.resolved_by,
                short_time(until),
            )
        )
    table(columns, rows)
    say("Times are UTC. Open alerts go on to the next step at the time under `until`.")


def _show_events(found: list[InputRow]) -> None:
    rows = [
        (
            row.id,
            short_time(row.at),
            row.home,
            row.device,
            ", ".join(f"{one.property} {one.value}" for one in row.readings) or row.error,
        )
        for row in found
    ]
    table(("id", "received", "home", "device", "what it told"), rows)
