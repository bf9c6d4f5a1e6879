"""`promise`, `promise-kept`, `promises`: what somebody said they would do, until it is done.

The words become a durable order; whether it may be is the core's. The list reads the store.
"""

from typing import Annotated

import msgspec
from cyclopts import Parameter

from telecared.cli.acting import LONGEST_NOTE, Note, alert_of, checked, named
from telecared.cli.common import (
    By,
    Config,
    Exit,
    Json,
    ReadBy,
    UsageError,
    Wait,
    duration_of,
    name_of,
    reader_of,
    require_config,
)
from telecared.cli.output import put, say, table
from telecared.cli.promise_lines import PromiseLine
from telecared.cli.store import hand_in, log_read, reader_at
from telecared.cli.suspending import ending_of
from telecared.config.deployment import load_deployment
from telecared.core.events import Promised, PromiseKept, encode_event
from telecared.core.state import decode_state
from telecared.core.windows import rfc3339
from telecared.orders import StatedOrder

Home = Annotated[str, Parameter(name="HOME", help="The home, like larch-12.")]


def promise(
    home: Home,
    what: Annotated[str, Parameter(name="WHAT", help='What is promised: "to ring her back".')],
    /,
    *,
    by: By,
    after: Annotated[
        str | None, Parameter(name="--in", help="After how long it is due, like 30m.")
    ] = None,
    due: Annotated[
        str | None,
        Parameter(
            name="--at",
            help="When it is due: 2026-12-03T12:00 by the clocks of the home, or with Z.",
        ),
    ] = None,
    alert: Annotated[
        str | None, Parameter(name="--alert", help="The alert that it is about, like larch-12/3.")
    ] = None,
    wait: Wait = "10s",
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Note what somebody promised and by when; others are told when nobody has kept it."""
    ending = ending_of(due, after, what="it is due", names=("--at", "--in"))
    if not what.strip() or len(what) > LONGEST_NOTE:
        raise UsageError("say in a line what is promised")
    n = None
    if alert is not None:
        there, n = alert_of(alert)
        if there != home:
            raise UsageError(f"--alert: {alert} is not of {home}")
    event = Promised(input=0, at=0, by=name_of(by), what=what.strip(), due_at=0, alert=n)
    return hand_in(
        load_deployment(require_config(config)),
        kind="promise",
        by=event.by,
        home=named(home, "HOME"),
        body=msgspec.json.encode(StatedOrder(event=event, **ending._asdict())),
        wait=duration_of(wait, "--wait"),
        as_json=as_json,
    )


def promise_kept(
    home: Home,
    number: Annotated[
        int, Parameter(name="NUMBER", help="Which one; `telecared promises` shows the numbers.")
    ],
    /,
    *,
    by: By,
    note: Note = "",
    wait: Wait = "10s",
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Note that what was promised is done, or why it is needed no more."""
    event = PromiseKept(input=0, at=0, by=name_of(by), number=number, note=checked(note))
    return hand_in(
        load_deployment(require_config(config)),
        kind="promise-kept",
        by=event.by,
        home=named(home, "HOME"),
        body=encode_event(event),
        wait=duration_of(wait, "--wait"),
        as_json=as_json,
    )


def promises(
    home: Annotated[
        str | None, Parameter(name="HOME", show_default=False, help="One home only.")
    ] = None,
    /,
    *,
    by: ReadBy = None,
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """List what was promised and is not done yet, what is due first at the top."""
    path = load_deployment(require_config(config)).store_path
    log_read(path, by=reader_of(by), what="promises", home=home)
    states = [decode_state(blob) for _, blob in reader_at(path).home_states(home=home)]
    found = sorted(
        ((one, state.home) for state in states for one in state.promises.values()),
        key=lambda each: (each[0].due_at, each[1], each[0].n),
    )
    lines = [
        PromiseLine(
            home=where,
            promise=one.n,
            what=one.what,
            by=one.by,
            since=rfc3339(one.since),
            due=rfc3339(one.due_at),
            alert=None if one.alert is None else f"{where}/{one.alert}",
            missed=one.missed,
        )
        for one, where in found
    ]
    if as_json:
        for line in lines:
            put(line)
    elif not lines:
        say("nothing is promised")
    else:
        _show(lines)
    return Exit.FINE


def _show(lines: list[PromiseLine]) -> None:
    rows = [
        (
            one.home,
            one.promise,
            one.due[:19].replace("T", " "),
            one.what,
            one.by,
            one.alert,
            "not kept in time" if one.missed else None,
        )
        for one in lines
    ]
    table(("home", "number", "due", "what", "promised by", "alert", ""), rows)
    say("Times are UTC.")
