"""`ack`, `snooze`, `resolve`: what a named person does to one alert.

The words become an event of the core and a durable command; whether it may be is the core's.
"""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from telecared.cli.common import (
    By,
    Config,
    Exit,
    Json,
    UsageError,
    Wait,
    duration_of,
    name_of,
    require_config,
)
from telecared.cli.store import hand_in
from telecared.config.deployment import load_deployment
from telecared.core.alert_commands import Acknowledged, AlertCommand, Resolved, Snoozed
from telecared.core.events import encode_event
from telecared.core.vocabulary import Outcome

LONGEST_NOTE = 2_000

Alert = Annotated[str, Parameter(help="The alert, like larch-12/3; `telecared alerts` lists them.")]


def ack(
    alert: Alert,
    /,
    *,
    by: By,
    lease: Annotated[
        str | None,
        Parameter(name="--lease", help="For how long, like 30m. Left out: the policy's lease."),
    ] = None,
    wait: Wait = "10s",
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Take an alert: a named person has it, for a time."""
    home, n = alert_of(alert)
    held = duration_of(lease, "--lease") if lease is not None else None
    event = Acknowledged(input=0, at=0, alert=n, by=name_of(by), lease=held)
    return _act("ack", home, event, wait, config, as_json=as_json)


def snooze(
    alert: Alert,
    /,
    *,
    by: By,
    lasts: Annotated[str, Parameter(name="--for", help="For how long, like 20m.")],
    wait: Wait = "10s",
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Hold an alert for a stated time; after it the escalation goes on."""
    home, n = alert_of(alert)
    event = Snoozed(input=0, at=0, alert=n, by=name_of(by), duration=duration_of(lasts, "--for"))
    return _act("snooze", home, event, wait, config, as_json=as_json)


def resolve(
    alert: Alert,
    /,
    *,
    by: By,
    outcome: Annotated[
        str, Parameter(name="--outcome", help=f"How it ended: {', '.join(Outcome)}.")
    ],
    note: Annotated[str, Parameter(name="--note", help="A sentence for the record.")] = "",
    wait: Wait = "10s",
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """End an alert, and say how it ended."""
    home, n = alert_of(alert)
    if len(note) > LONGEST_NOTE:
        raise UsageError(f"--note: longer than {LONGEST_NOTE} characters; shorten it")
    event = Resolved(input=0, at=0, alert=n, by=name_of(by), outcome=outcome_of(outcome), note=note)
    return _act("resolve", home, event, wait, config, as_json=as_json)


def alert_of(text: str) -> tuple[str, int]:
    """Return home and number of an alert's id. Raises UsageError."""
    home, _, number = text.rpartition("/")
    if not home or not (number.isascii() and number.isdecimal()) or len(number) > 9:
        raise UsageError(
            f"'{text}' is no alert; write home and number, like larch-12/3"
            " (`telecared alerts` lists them)"
        )
    return home, int(number)


def outcome_of(text: str) -> Outcome:
    """Return the outcome that a word names. Raises UsageError with the list."""
    try:
        return Outcome(text.replace("-", "_"))
    except ValueError:
        raise UsageError(
            f"--outcome: '{text}' is no outcome; write one of {', '.join(Outcome)}"
        ) from None


def _act(
    kind: str, home: str, event: AlertCommand, wait: str, config: Path | None, *, as_json: bool
) -> Exit:
    waited = duration_of(wait, "--wait")
    return hand_in(
        load_deployment(require_config(config)),
        kind=kind,
        by=event.by,
        home=home,
        body=encode_event(event),
        wait=waited,
        as_json=as_json,
    )
