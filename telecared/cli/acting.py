"""`ack`, `snooze`, `hand-over`, `update`, `escalate`, `decline`, `resolve`: to one alert.

The words become an event of the core and a durable command; whether it may be is the core's.
"""

from pathlib import Path
from typing import Annotated, Final

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
from telecared.core.alert_commands import (
    Acknowledged,
    AlertCommand,
    Declined,
    EscalatedNow,
    HandedOver,
    Resolved,
    Snoozed,
    Updated,
)
from telecared.core.events import encode_event
from telecared.core.vocabulary import MINUTE, Cause, Outcome, Progress

LONGEST_NOTE: Final = 2_000
OUTCOMES: Final = tuple(one for one in Outcome if one.stated)
"""What may be said of how an alert ended; of a duplicate `link` says it."""

Alert = Annotated[str, Parameter(help="The alert, like larch-12/3; `telecared alerts` lists them.")]
Note = Annotated[str, Parameter(name="--note", help="A sentence for the record.")]


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
    return act("ack", home, event, wait, config, as_json=as_json)


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
    return act("snooze", home, event, wait, config, as_json=as_json)


def hand_over(
    alert: Alert,
    /,
    *,
    by: By,
    to: Annotated[str, Parameter(name="--to", help="The name of whoever has it from now on.")],
    contact: Annotated[
        str | None,
        Parameter(name="--contact", help="Their id, where they are a contact: they are told."),
    ] = None,
    take_over: Annotated[
        bool,
        Parameter(
            name="--take-over",
            negative="",
            help="Take it from whoever has it, without their word; that is recorded.",
        ),
    ] = False,
    note: Note = "",
    wait: Wait = "10s",
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Give an alert to somebody else, who has it from then on."""
    home, n = alert_of(alert)
    event = HandedOver(
        input=0,
        at=0,
        alert=n,
        by=name_of(by),
        to=named(to, "--to"),
        contact=None if contact is None else named(contact, "--contact"),
        note=checked(note),
        take_over=take_over,
    )
    return act("hand-over", home, event, wait, config, as_json=as_json)


def update(
    alert: Alert,
    /,
    *,
    by: By,
    on_the_way: Annotated[
        str | None,
        Parameter(name="--on-the-way", help="How long until they arrive, like 10m."),
    ] = None,
    arrived: Annotated[
        bool, Parameter(name="--arrived", negative="", help="They are there.")
    ] = False,
    note: Note = "",
    wait: Wait = "10s",
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Say how far you are with an alert that you have, or note what is new."""
    home, n = alert_of(alert)
    if (on_the_way is not None) + arrived + bool(note.strip()) != 1:
        raise UsageError("write one of --on-the-way 10m, --arrived or --note")
    minutes = None
    progress = Progress.ARRIVED if arrived else Progress.NOTE
    if on_the_way is not None:
        progress = Progress.ON_THE_WAY
        minutes = -(-duration_of(on_the_way, "--on-the-way") // MINUTE)
    event = Updated(
        input=0,
        at=0,
        alert=n,
        by=name_of(by),
        progress=progress,
        minutes=minutes,
        note=checked(note),
    )
    return act("update", home, event, wait, config, as_json=as_json)


def escalate(
    alert: Alert,
    /,
    *,
    by: By,
    note: Note = "",
    wait: Wait = "10s",
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Have the next step told at once, whoever has the alert."""
    home, n = alert_of(alert)
    event = EscalatedNow(input=0, at=0, alert=n, by=name_of(by), note=checked(note))
    return act("escalate", home, event, wait, config, as_json=as_json)


def decline(
    alert: Alert,
    /,
    *,
    by: By,
    contact: Annotated[
        str, Parameter(name="--contact", help="The id of the contact who cannot go.")
    ],
    wait: Wait = "10s",
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Note that a contact cannot go: the next is told at once."""
    home, n = alert_of(alert)
    event = Declined(input=0, at=0, alert=n, by=name_of(by), contact=named(contact, "--contact"))
    return act("decline", home, event, wait, config, as_json=as_json)


def resolve(
    alert: Alert,
    /,
    *,
    by: By,
    outcome: Annotated[
        str, Parameter(name="--outcome", help=f"How it ended: {', '.join(OUTCOMES)}.")
    ],
    cause: Annotated[
        str | None,
        Parameter(name="--cause", help=f"Of a false activation, why: {', '.join(Cause)}."),
    ] = None,
    note: Note = "",
    wait: Wait = "10s",
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """End an alert, and say how it ended."""
    home, n = alert_of(alert)
    event = Resolved(
        input=0,
        at=0,
        alert=n,
        by=name_of(by),
        outcome=outcome_of(outcome),
        note=checked(note),
        cause=None if cause is None else _cause_of(cause),
    )
    return act("resolve", home, event, wait, config, as_json=as_json)


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
        outcome = Outcome(text.replace("-", "_"))
    except ValueError:
        raise UsageError(
            f"--outcome: '{text}' is no outcome; write one of {', '.join(OUTCOMES)}"
        ) from None
    if not outcome.stated:
        raise UsageError(f"--outcome {text}: `telecared link` says of which alert it is one")
    return outcome


def _cause_of(text: str) -> Cause:
    try:
        return Cause(text.replace("-", "_"))
    except ValueError:
        raise UsageError(
            f"--cause: '{text}' is no cause; write one of {', '.join(Cause)}"
        ) from None


def named(text: str, option: str) -> str:
    """Return what an option names, without blanks around it. Raises UsageError."""
    if not text.strip():
        raise UsageError(f"{option}: write a name")
    return text.strip()


def checked(note: str, option: str = "--note") -> str:
    """Return a note as it is kept. Raises UsageError."""
    if len(note) > LONGEST_NOTE:
        raise UsageError(f"{option}: longer than {LONGEST_NOTE} characters; shorten it")
    return note


def act(
    kind: str, home: str, event: AlertCommand, wait: str, config: Path | None, *, as_json: bool
) -> Exit:
    """Hand in a command to an alert, and say what came of it."""
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
