"""`incidents`, `outages`, `outage-check`, `held`: storms, what they left behind, what was not told.

Lists read the store, and that somebody looks is on record before they are shown. What a check
means is the core's.
"""

from collections.abc import Iterator
from typing import Annotated, Final

from cyclopts import Parameter

from telecared.adapters.sqlite import SqliteReader
from telecared.cli.common import (
    By,
    Config,
    Exit,
    Home,
    Json,
    Limit,
    ReadBy,
    Since,
    UsageError,
    Wait,
    duration_of,
    limit_of,
    name_of,
    reader_of,
    require_config,
    since_of,
)
from telecared.cli.output import put, say, table, time_text
from telecared.cli.store import hand_in, log_read, reader_at
from telecared.cli.storm_lines import (
    HeldLine,
    IncidentHome,
    IncidentLine,
    OutageHome,
    OutageLine,
)
from telecared.config.deployment import load_deployment
from telecared.core.events import encode_event
from telecared.core.held_back import held_kind
from telecared.core.incidents import SCHEME, scheme_of
from telecared.core.outages import LONGEST_CHECK_NOTE
from telecared.core.plan import decode_home
from telecared.core.state import HomeState, decode_state
from telecared.core.storm_events import HomeChecked
from telecared.core.storms import CheckOutcome, Incident, OutageList
from telecared.core.windows import rfc3339

SCHEME_OPTION: Final = Parameter(name="--scheme", help="One scheme only.")
Scheme = Annotated[str | None, SCHEME_OPTION]
Everything = Annotated[
    bool,
    Parameter(name="--all", negative=(), show_default=False, help="Those that are over, too."),
]


def incidents(
    *,
    scheme: Scheme = None,
    everything: Everything = False,
    by: ReadBy = None,
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """List incidents: many silent alarm units, one cause."""
    states = _schemes("incidents", scheme, by, config)
    lines = [
        _incident_line(scheme_of(state.home), state, one)
        for state in states
        for one in state.storms.incidents
        if everything or as_json or not one.closed_at
    ]
    if as_json:
        for line in lines:
            put(line)
        return Exit.FINE
    if not lines:
        say("no incident runs")
    for line in lines:
        ended = f", over at {_short(line.closed_at)}" if line.closed_at else ""
        say(
            f"{line.incident}: likely {line.cause}, since {_short(line.opened_at)}{ended};"
            f" {line.silent} of {len(line.homes)} homes are silent"
        )
        rows = [
            (one.home, one.life_safety_devices, _short(one.silent_at), _short(one.back_at))
            for one in line.homes
        ]
        table(("home", "life-safety devices", "silent since", "back at"), rows)
    return Exit.FINE


def outages(
    *,
    scheme: Scheme = None,
    everything: Everything = False,
    by: ReadBy = None,
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """List whose alarm could have been missed, in order of risk."""
    states = _schemes("outages", scheme, by, config)
    lines = [
        _outage_line(scheme_of(state.home), one)
        for state in states
        for one in state.storms.lists
        if everything or as_json or not one.closed_at
    ]
    if as_json:
        for line in lines:
            put(line)
        return Exit.FINE
    if not lines:
        say("no outage list is open")
    for line in lines:
        more = f", and {line.more} more that are not listed" if line.more else ""
        say(
            f"list {line.outage} of {line.scheme}: {line.cause}, since {_short(line.since)};"
            f" {line.left} of {len(line.homes)} homes to look after{more}"
        )
        rows = [
            (
                one.home,
                "done" if one.done else "LOOK",
                one.life_safety_devices,
                one.open_alerts,
                _short(one.unheard_since),
                f"heard again at {_short(one.heard_at)}" if one.heard_at else "",
                f"{one.outcome}, {one.by}" if one.outcome else "",
            )
            for one in line.homes
        ]
        columns = ("home", "", "life-safety", "alerts", "last heard", "since then", "outcome")
        table(columns, rows)
    if lines:
        say("Times are UTC. `telecared outage-check HOME --outcome ok --by NAME` ticks one off.")
    return Exit.FINE


def outage_check(
    home: Annotated[str, Parameter(help="The home that was looked after, like larch-12.")],
    /,
    *,
    outcome: Annotated[
        str, Parameter(name="--outcome", help=f"What was found: {', '.join(CheckOutcome)}.")
    ],
    by: By,
    note: Annotated[str, Parameter(name="--note", help="A sentence for the record.")] = "",
    wait: Wait = "10s",
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Say what was found in a home that stands on an outage list."""
    waited = duration_of(wait, "--wait")
    name = name_of(by)
    if len(note) > LONGEST_CHECK_NOTE:
        raise UsageError(f"--note: longer than {LONGEST_CHECK_NOTE} characters; shorten it")
    try:
        found = CheckOutcome(outcome.replace("-", "_"))
    except ValueError:
        raise UsageError(
            f"--outcome: '{outcome}' is no outcome; write one of {', '.join(CheckOutcome)}"
        ) from None
    deployment = load_deployment(require_config(config))
    reader = reader_at(deployment.store_path)
    place = _listed_at(reader, home)
    records = [one.content for one in reader.home_records(home) if one.content]
    if place is None and not records:
        raise UsageError(f"there is no home {home}: `telecared outages` names those on a list")
    event = HomeChecked(input=0, at=0, home=home, outcome=found, by=name, note=note)
    return hand_in(
        deployment,
        kind="outage-check",
        by=name,
        home=place or f"{SCHEME}{decode_home(records[-1]).scheme}",
        body=encode_event(event),
        wait=waited,
        as_json=as_json,
    )


def _listed_at(reader: SqliteReader, home: str) -> str | None:
    """Return the scheme on whose list a home stands: it may have moved, or be erased, since."""
    for name, blob in reader.home_states(home=None):
        lists = decode_state(blob).storms.lists if name.startswith(SCHEME) else ()
        for one in lists:
            if not one.closed_at and any(each.home == home for each in one.homes):
                return name
    return None


def held(
    *,
    home: Home = None,
    scheme: Scheme = None,
    since: Since = None,
    limit: Limit = 1000,
    by: ReadBy = None,
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """List what was held back, and why, newest last."""
    if home is not None and scheme is not None:
        raise UsageError("write --home or --scheme, not both")
    first, most = since_of(since) or 0, limit_of(limit)
    path = load_deployment(require_config(config)).store_path
    log_read(path, by=reader_of(by), what="held", home=home)
    reader = reader_at(path)
    wanted: set[str] | None = None
    if scheme is not None:
        wanted = {
            one.home
            for one in reader.load().homes
            if one.record and decode_home(one.record).scheme == scheme
        }
    lines = []
    for one in reader.updates(home=home, since=first):
        kind = held_kind(one.record)
        if kind is not None and (wanted is None or one.home in wanted):
            alert = f"{one.home}/{one.record.alert}" if one.record.alert else None
            at = rfc3339(one.record.at)
            line = HeldLine(at, one.home, alert, one.record.rule, kind, one.record.reason)
            lines.append(line)
    _show_held(lines[-most:], as_json=as_json)
    return Exit.FINE


def _show_held(lines: list[HeldLine], *, as_json: bool) -> None:
    if as_json:
        for line in lines:
            put(line)
    elif not lines:
        say("nothing was held back")
    else:
        rows = [(_short(one.at), one.home, one.rule, one.kind, one.reason) for one in lines]
        table(("at", "home", "rule", "by", "why"), rows)
        say("Times are UTC.")


# --- lines --------------------------------------------------------------------------------------


def _schemes(what: str, scheme: str | None, by: str | None, config: Config) -> Iterator[HomeState]:
    path = load_deployment(require_config(config)).store_path
    log_read(path, by=reader_of(by), what=what, home=None)
    home = None if scheme is None else f"{SCHEME}{scheme}"
    for name, blob in reader_at(path).home_states(home=home):
        if name.startswith(SCHEME):
            yield decode_state(blob)


def _incident_line(scheme: str, state: HomeState, incident: Incident) -> IncidentLine:
    now = {(one.home, one.alert): one for one in state.storms.silent}
    members = [
        one if incident.closed_at else now.get((one.home, one.alert), one)
        for one in incident.members
    ]
    return IncidentLine(
        incident=f"{scheme}#{incident.n}",
        scheme=scheme,
        cause=incident.cause,
        opened_at=rfc3339(incident.opened_at),
        closed_at=time_text(incident.closed_at or None),
        units=incident.units,
        silent=sum(not one.back_at for one in members),
        homes=[
            IncidentHome(
                home=one.home,
                alert=f"{one.home}/{one.alert}",
                silent_at=rfc3339(one.at),
                back_at=time_text(one.back_at or None),
                mains_lost=one.mains_lost,
                life_safety_devices=one.lives,
            )
            for one in members
        ],
    )


def _outage_line(scheme: str, one: OutageList) -> OutageLine:
    return OutageLine(
        outage=one.n,
        scheme=scheme,
        cause=one.cause,
        since=rfc3339(one.since),
        opened_at=rfc3339(one.opened_at),
        closed_at=time_text(one.closed_at or None),
        left=one.left,
        more=one.more,
        homes=[
            OutageHome(
                home=home.home,
                done=home.is_done,
                life_safety_devices=home.lives,
                tags=home.tags,
                unheard_since=time_text(home.unheard_since or None),
                open_alerts=home.open_alerts,
                contacts=home.contacts,
                may_be_lost=home.lossy,
                heard_at=time_text(home.heard_at or None),
                outcome=home.outcome or None,
                by=home.by or None,
                checked_at=time_text(home.checked_at or None),
                note=home.note,
            )
            for home in one.homes
        ],
    )


def _short(at: str | None) -> str:
    return "" if at is None else at[:19].replace("T", " ")
