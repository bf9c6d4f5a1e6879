"""`suspend`, `silence`, `plan-for`: what people state for a time, and what runs now.

The words become a durable order; whether it may be is the core's. Lists read the store.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import msgspec
from cyclopts import Parameter

from telecared.cli.acting import LONGEST_NOTE, Alert, alert_of
from telecared.cli.common import (
    Config,
    Exit,
    Json,
    UsageError,
    Wait,
    duration_of,
    instant_of,
    name_of,
    reader_of,
    require_config,
)
from telecared.cli.lines import RunningSuspension, SilenceLine, SuspensionsLine
from telecared.cli.output import count_of, put, say, table
from telecared.cli.store import hand_in, log_read, reader_at
from telecared.config.deployment import load_deployment
from telecared.core.alert_commands import InterimPlanned
from telecared.core.events import Silenced, SilenceEnded, Suspended, SuspensionEnded
from telecared.core.state import HomeState, decode_state
from telecared.core.vocabulary import Duration, Instant, SuspensionKind
from telecared.core.windows import rfc3339
from telecared.orders import StatedOrder

_LOCAL: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?", re.ASCII)

Home = Annotated[
    str | None, Parameter(name="HOME", show_default=False, help="The home, like larch-12.")
]
Until = Annotated[
    str | None,
    Parameter(
        name="--until",
        help="When it ends: 2026-12-03T12:00 by the clocks of the home, or with Z or an offset.",
    ),
]
Lasts = Annotated[str | None, Parameter(name="--for", help="For how long, like 2h or 3d.")]
By = Annotated[
    str | None, Parameter(name="--by", help="Who states it: a person's name. Compulsory.")
]
Note = Annotated[str, Parameter(name="--note", help="A sentence for the record.")]
Names = tuple[str, str]
_NAMES: Final = ("--until", "--for")
"""The options that name an end: as a time, and as how long it lasts."""

End = Annotated[bool, Parameter(name="--end", negative=(), show_default=False, help="End it now.")]
ListThem = Annotated[
    bool, Parameter(name="--list", negative=(), show_default=False, help="Show what runs now.")
]
Number = Annotated[
    int | None, Parameter(name="--number", help="Which one; `--list` shows the numbers.")
]


class Ending(NamedTuple):
    """When something is to end: one of the three is given."""

    lasts: Duration = 0
    until: Instant = 0
    local_until: str = ""


def suspend(  # noqa: PLR0913 - one option each
    home: Home = None,
    /,
    *,
    kind: Annotated[
        str | None, Parameter(name="--kind", help=f"Why: {', '.join(SuspensionKind)}.")
    ] = None,
    until: Until = None,
    lasts: Lasts = None,
    by: By = None,
    note: Note = "",
    end: End = False,
    number: Number = None,
    list_them: ListThem = False,
    wait: Wait = "10s",
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """State that a home is not as usual until a time, end that early, or show what runs."""
    if list_them:
        _nothing_beside_list(until, lasts, kind, number, "--end" if end else None)
        return _list_suspensions(home, by, config, as_json=as_json)
    name, which = _named(by), _number_of(number)
    if home is None:
        raise UsageError("write the home that is meant, like larch-12")
    event: Suspended | SuspensionEnded
    if end:
        _no_end_beside_end(until, lasts)
        ending = Ending()
        event = SuspensionEnded(input=0, at=0, by=name, suspension=which)
    else:
        ending = ending_of(until, lasts)
        event = Suspended(
            input=0,
            at=0,
            by=name,
            kind=_kind_of(kind),
            until=0,
            note=_note_of(note),
            extends=which,
        )
    order = StatedOrder(event=event, **ending._asdict())
    return _hand_in("suspend", home, order, wait, config, as_json=as_json)


def silence(  # noqa: PLR0913 - one option each
    home: Home = None,
    /,
    *,
    scheme: Annotated[
        str | None, Parameter(name="--scheme", help="Every home of a scheme, instead of one home.")
    ] = None,
    rule: Annotated[
        str | None, Parameter(name="--rule", help="This rule only; left out: every rule.")
    ] = None,
    device: Annotated[
        str | None, Parameter(name="--device", help="What is about this device only.")
    ] = None,
    until: Until = None,
    lasts: Lasts = None,
    by: By = None,
    note: Note = "",
    end: End = False,
    number: Number = None,
    list_them: ListThem = False,
    wait: Wait = "10s",
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Have findings page nobody until a time, end that early, or show what runs."""
    if list_them:
        _nothing_beside_list(until, lasts, rule, device, scheme, number, "--end" if end else None)
        return _list_silences(home, by, config, as_json=as_json)
    name, which = _named(by), _number_of(number)
    if (home is None) == (scheme is None):
        raise UsageError("write one home, like larch-12, or --scheme and its name")
    event: Silenced | SilenceEnded
    if end:
        _no_end_beside_end(until, lasts)
        ending = Ending()
        event = SilenceEnded(input=0, at=0, by=name, silence=which)
    else:
        if which:
            raise UsageError("--number goes with --end; state the same again to move its end")
        ending = ending_of(until, lasts)
        event = Silenced(
            input=0,
            at=0,
            by=name,
            until=0,
            rule=rule or "",
            device=device or "",
            note=_note_of(note),
        )
    order = StatedOrder(event=event, scheme=scheme or "", **ending._asdict())
    return _hand_in("silence", home, order, wait, config, as_json=as_json)


def plan_for(
    alert: Alert,
    /,
    *,
    until: Until = None,
    lasts: Lasts = None,
    by: By = None,
    note: Annotated[
        str, Parameter(name="--note", help="What keeps the resident safe until then. Compulsory.")
    ] = "",
    wait: Wait = "10s",
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """State what is done until a fault is mended: it is not told again before that has ended."""
    home, n = alert_of(alert)
    if not note.strip():
        raise UsageError('--note: say what keeps the resident safe, like "A neighbour looks in."')
    ending = ending_of(until, lasts)
    event = InterimPlanned(input=0, at=0, alert=n, by=_named(by), until=0, note=_note_of(note))
    order = StatedOrder(event=event, **ending._asdict())
    return _hand_in("plan-for", home, order, wait, config, as_json=as_json)


# --- words --------------------------------------------------------------------------------------


def _nothing_beside_list(*given: object) -> None:
    if any(given):
        raise UsageError("--list shows what runs, for a home or for all; leave the rest out")


def _no_end_beside_end(until: str | None, lasts: str | None) -> None:
    if until is not None or lasts is not None:
        raise UsageError("--end ends it now; leave --until and --for out")


def _named(by: str | None) -> str:
    return name_of(by or "")


def _number_of(number: int | None) -> int:
    """Return the number that is meant, 0 for none. Raises UsageError."""
    if number is not None and number < 1:
        raise UsageError(f"--number: {number} is no number; `--list` shows them")
    return number or 0


def _note_of(note: str) -> str:
    if len(note) > LONGEST_NOTE:
        raise UsageError(f"--note: longer than {LONGEST_NOTE} characters; shorten it")
    return note


def _kind_of(kind: str | None) -> SuspensionKind:
    try:
        return SuspensionKind(kind or "")
    except ValueError:
        raise UsageError(f"--kind: write one of {', '.join(SuspensionKind)}") from None


def ending_of(
    until: str | None, lasts: str | None, *, what: str = "it ends", names: Names = _NAMES
) -> Ending:
    """Return when it is to end: an end is compulsory. Raises UsageError."""
    at, after = names
    if (until is None) == (lasts is None):
        raise UsageError(f"write when {what}: {at} 2026-12-03T12:00, or {after} 3d")
    if lasts is not None:
        return Ending(lasts=duration_of(lasts, after))
    text = (until or "").strip()
    try:
        if not _LOCAL.fullmatch(text):
            return Ending(until=instant_of(text, at))
        datetime.fromisoformat(text)
    except (UsageError, ValueError):
        raise UsageError(
            f"{at}: '{text}' is no time; write it like 2026-12-03T12:00 for the clocks of the"
            " home, or like 2026-12-03T12:00:00Z"
        ) from None
    return Ending(local_until=text)


def _hand_in(
    kind: str,
    home: str | None,
    order: StatedOrder,
    wait: str,
    config: Path | None,
    *,
    as_json: bool,
) -> Exit:
    waited = duration_of(wait, "--wait")
    return hand_in(
        load_deployment(require_config(config)),
        kind=kind,
        by=order.event.by,
        home=home,
        body=msgspec.json.encode(order),
        wait=waited,
        as_json=as_json,
    )


# --- lists --------------------------------------------------------------------------------------


def _list_suspensions(
    home: str | None, by: str | None, config: Path | None, *, as_json: bool
) -> Exit:
    lines = [
        SuspensionsLine(
            home=state.home,
            suspensions=[
                RunningSuspension(
                    suspension=one.n,
                    kind=one.kind,
                    since=rfc3339(one.since),
                    until=rfc3339(one.until),
                    by=one.by,
                    note=one.note,
                )
                for one in state.suspensions.values()
            ],
            ran_out=state.forgotten,
        )
        for state in _states("suspensions", home, by, config)
        if state.suspensions or state.forgotten
    ]
    if as_json:
        for line in lines:
            put(line)
        return Exit.FINE
    rows = [
        (
            line.home,
            one.suspension,
            one.kind,
            _short(one.since),
            _short(one.until),
            one.by,
            one.note,
        )
        for line in lines
        for one in line.suspensions
    ]
    columns = ("home", "number", "kind", "since", "until", "stated by", "note")
    _show(columns, rows, "no suspension runs")
    for line in lines:
        if line.ran_out:
            ran_out = count_of(line.ran_out, "suspension")
            say(f"{line.home}: {ran_out} ran out so far without anybody having ended it in time.")
    return Exit.FINE


def _list_silences(home: str | None, by: str | None, config: Path | None, *, as_json: bool) -> Exit:
    lines = [
        SilenceLine(
            home=state.home,
            silence=one.n,
            rule=one.rule or None,
            device=one.device or None,
            since=rfc3339(one.since),
            until=rfc3339(one.until),
            by=one.by,
            note=one.note,
            held=one.held,
        )
        for state in _states("silences", home, by, config)
        for one in state.silences.values()
    ]
    if as_json:
        for line in lines:
            put(line)
        return Exit.FINE
    rows = [
        (
            line.home,
            line.silence,
            line.rule or "every rule",
            line.device or "every device",
            _short(line.until),
            line.held,
            line.by,
            line.note,
        )
        for line in lines
    ]
    columns = ("home", "number", "rule", "device", "until", "held back", "stated by", "note")
    _show(columns, rows, "no silence runs")
    return Exit.FINE


def _states(what: str, home: str | None, by: str | None, config: Path | None) -> list[HomeState]:
    """Return how homes stand; that somebody looks is on record first."""
    path = load_deployment(require_config(config)).store_path
    log_read(path, by=reader_of(by), what=what, home=home)
    found = reader_at(path).home_states(home=home)
    return [decode_state(state) for _, state in found]


def _short(at: str) -> str:
    return at[:19].replace("T", " ")


def _show(columns: Sequence[str], rows: Sequence[Sequence[object]], none: str) -> None:
    if not rows:
        say(none)
        return
    table(columns, rows)
    say("Times are UTC.")
