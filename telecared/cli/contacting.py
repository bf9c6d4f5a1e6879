"""`call`, `message`, `link`: an operator rings somebody, writes to them, links two alerts.

The words become an event of the core and a durable command; whether it may be is the core's.
"""

from typing import Annotated, Final

from cyclopts import Parameter

from telecared.cli.acting import Alert, Note, act, alert_of, checked, named
from telecared.cli.common import By, Config, Exit, Json, UsageError, Wait, name_of
from telecared.core.alert_commands import Called, Linked, MessageSent
from telecared.core.telling import ANY_CHANNEL
from telecared.core.vocabulary import CallResult, Channel

RESULTS: Final = tuple(one.value.replace("_", "-") for one in CallResult)


def call(
    alert: Alert,
    /,
    *,
    by: By,
    contact: Annotated[
        str, Parameter(name="--contact", help="The id of whom you rang; `resident` is one too.")
    ],
    result: Annotated[
        str, Parameter(name="--result", help=f"What came of it: {', '.join(RESULTS)}.")
    ],
    note: Note = "",
    wait: Wait = "10s",
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Note that you rang somebody about an alert, and what came of it."""
    home, n = alert_of(alert)
    try:
        came_to = CallResult(result.replace("-", "_"))
    except ValueError:
        raise UsageError(
            f"--result: '{result}' is no result; write one of {', '.join(RESULTS)}"
        ) from None
    event = Called(
        input=0,
        at=0,
        alert=n,
        by=name_of(by),
        contact=named(contact, "--contact"),
        result=came_to,
        note=checked(note),
    )
    return act("call", home, event, wait, config, as_json=as_json)


def message(
    alert: Alert,
    /,
    *,
    by: By,
    to: Annotated[
        str, Parameter(name="--to", help="The id of who reads it; `resident` is one too.")
    ],
    text: Annotated[
        str, Parameter(name="--text", help="At most two SMS, with the reply code before it.")
    ],
    channel: Annotated[
        str | None,
        Parameter(
            name="--channel",
            help=f"One of {', '.join(ANY_CHANNEL)}. Left out: the first by which they can be told.",
        ),
    ] = None,
    wait: Wait = "10s",
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Write to somebody about an alert, in your own words."""
    home, n = alert_of(alert)
    if channel is not None and channel not in ANY_CHANNEL:
        raise UsageError(f"--channel: write one of {', '.join(ANY_CHANNEL)}")
    event = MessageSent(
        input=0,
        at=0,
        alert=n,
        by=name_of(by),
        to=named(to, "--to"),
        text=checked(text, "--text"),
        channel=None if channel is None else Channel(channel),
    )
    return act("message", home, event, wait, config, as_json=as_json)


def link(
    alert: Alert,
    /,
    *,
    by: By,
    to: Annotated[
        str,
        Parameter(name="--to", help="The alert that stays, of the same home, like larch-12/2."),
    ],
    note: Note = "",
    wait: Wait = "10s",
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """End an alert as a duplicate of another, which goes on."""
    home, n = alert_of(alert)
    there, other = alert_of(to)
    if there != home:
        raise UsageError(f"--to: {to} is not of {home}; only alerts of one home can be the same")
    event = Linked(input=0, at=0, alert=n, by=name_of(by), to=other, note=checked(note))
    return act("link", home, event, wait, config, as_json=as_json)
