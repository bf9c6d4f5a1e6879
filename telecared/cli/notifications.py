"""`notifications`: the life of every message about an alert, as evidence.

Who was told is personal data: that somebody looks is on record before it is shown. Numbers and
texts are never shown here.
"""

from typing import Annotated

from cyclopts import Parameter

from telecared.cli.common import Config, Exit, Json, ReadBy, UsageError, reader_of, require_config
from telecared.cli.notification_lines import MomentLine, NotificationLine
from telecared.cli.output import put, say, short_time, table
from telecared.cli.store import log_read, reader_at
from telecared.config.deployment import load_deployment
from telecared.core.vocabulary import NotificationState
from telecared.core.windows import rfc3339
from telecared.reader_port import NotificationLife


def notifications(
    alert: Annotated[str, Parameter(name="ALERT", help="Of this alert, like larch-12/3.")],
    /,
    *,
    by: ReadBy = None,
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Show every notification of an alert, and every moment of it, oldest first."""
    home, _, number = alert.rpartition("/")
    if not home or not number.isascii() or not number.isdecimal() or len(number) > 9:
        raise UsageError(f"'{alert}' is no alert; write one like larch-12/3")
    path = load_deployment(require_config(config)).store_path
    log_read(path, by=reader_of(by), what="notifications", home=home)
    found = reader_at(path).evidence_of(home, int(number))
    if as_json:
        for life in found:
            put(notification_line(life))
    elif not found:
        say(f"no notifications of {alert}")
    else:
        _show(found)
    return Exit.FINE


def notification_line(life: NotificationLife) -> NotificationLine:
    """Return a notification as `notifications --json` prints it."""
    return NotificationLine(
        notification=life.id,
        alert=life.alert,
        to=life.to,
        channel=life.channel,
        priority=life.priority,
        queued_at=rfc3339(life.queued_at),
        state=life.state,
        withdrawn=life.withdrawn,
        attempts=life.attempts,
        provider=life.provider,
        evidence=[
            MomentLine(rfc3339(one.at), one.stage, one.provider, one.provider_id, one.code)
            for one in life.moments
        ],
    )


def _show(found: list[NotificationLife]) -> None:
    rows: list[tuple[object, ...]] = []
    for life in found:
        taken_back = life.withdrawn and life.state is NotificationState.QUEUED
        state = "taken back" if taken_back else life.state
        rows.append((life.id, life.to, life.channel, state, short_time(life.queued_at), "", "", ""))
        for one in life.moments:
            told = (one.stage, short_time(one.at), one.provider, one.provider_id, one.code)
            rows.append(("", "", "", *told))
    table(("notification", "to", "by", "state", "at", "provider", "provider's id", "code"), rows)
    say("Times are UTC. `accepted`, `sent`, `delivered` and `answered` acknowledge nothing.")
