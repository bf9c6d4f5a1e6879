"""`erase` and `hold`: nothing personal of a home is left, or nothing of it may go.

Both are durable commands that the engine carries out; what is removed is the store's.
"""

from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from telecared.adapters.sqlite import SqliteReader
from telecared.adapters.system_clock import wall_now
from telecared.cli.common import (
    By,
    Config,
    Exit,
    Json,
    UsageError,
    Wait,
    duration_of,
    instant_of,
    name_of,
    require_config,
)
from telecared.cli.output import put, say, short_time, table, time_text, warn
from telecared.cli.record_lines import HoldLine
from telecared.cli.store import hand_in, reader_at
from telecared.config.deployment import Deployment, load_deployment
from telecared.core.vocabulary import Duration, Instant
from telecared.core.windows import to_instant
from telecared.forgetting import LONGEST_REASON, EraseOrder, HoldOrder

Reason = Annotated[
    str | None, Parameter(name="--reason", help="Why, in a sentence without names; it is kept.")
]


def erase(
    home: Annotated[str, Parameter(name="HOME", help="The home's id, like larch-12.")],
    /,
    *,
    by: By,
    reason: Reason = None,
    wait: Wait = "30s",
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Remove everything personal of a home and its people, for good."""
    name, why, waited = name_of(by), _reason(reason), duration_of(wait, "--wait")
    deployment = load_deployment(require_config(config))
    reader_at(deployment.store_path)
    ended = hand_in(
        deployment,
        kind="erase",
        by=name,
        home=home,
        body=msgspec.json.encode(EraseOrder(why)),
        wait=waited,
        as_json=as_json,
    )
    if ended is Exit.FINE:
        _tell_what_is_left(deployment, home)
    return ended


def _tell_what_is_left(deployment: Deployment, home: str) -> None:
    """Say, on stderr, where copies may stand that this program cannot or must not reach."""
    backup = deployment.backup
    warn(
        f"nightly backups in {deployment.backup_path} that hold {home} expire after"
        f" {backup.keep} nights; copies that were made by hand must be removed by hand"
    )
    path = deployment.store_path
    for aside in sorted(path.absolute().parent.glob(f"{path.name}.replaced-*")):
        warn(f"{aside.name}, which a restore put aside, may hold {home}: remove it")


def hold(
    home: Annotated[
        str | None,
        Parameter(name="HOME", help="The home's id. Left out: list every home that is held."),
    ] = None,
    /,
    *,
    by: Annotated[
        str | None, Parameter(name="--by", help="Who does this: a person's name.")
    ] = None,
    reason: Reason = None,
    until: Annotated[
        str | None,
        Parameter(name="--until", help="Its end: 2027-03-01, a time, or 90d. Left out: none."),
    ] = None,
    release: Annotated[
        bool, Parameter(name="--release", negative=(), help="End every hold on the home.")
    ] = False,
    wait: Wait = "10s",
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Keep everything of a home, whatever its term, until the hold ends; erasing is refused."""
    deployment = load_deployment(require_config(config))
    if home is None:
        return _list(deployment.store_path, as_json=as_json)
    if by is None:
        raise UsageError("--by: write the name of the person who does this")
    name, waited = name_of(by), duration_of(wait, "--wait")
    zone = deployment.site.timezone
    order = HoldOrder(
        reason="" if release else _reason(reason),
        until=None if until is None else _end(until, zone),
        release=release,
    )
    reader_at(deployment.store_path)
    return hand_in(
        deployment,
        kind="hold",
        by=name,
        home=home,
        body=msgspec.json.encode(order),
        wait=waited,
        as_json=as_json,
    )


def _reason(reason: str | None) -> str:
    text = " ".join((reason or "").split())
    if not text or len(text) > LONGEST_REASON:
        raise UsageError("--reason: write in a sentence why this is done; leave names out")
    return text


def _end(text: str, zone: str) -> Instant:
    """Return the end that is meant: the end of a day, an instant, or so long from now."""
    from datetime import date, datetime, timedelta
    from zoneinfo import ZoneInfo

    now = wall_now()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        pass
    else:
        after = day + timedelta(days=1)
        return to_instant(datetime(after.year, after.month, after.day, tzinfo=ZoneInfo(zone)))
    lasts: Duration
    try:
        lasts = duration_of(text, "--until")
    except UsageError:
        return instant_of(text, "--until")
    return now + lasts


def _list(path: Path, *, as_json: bool) -> Exit:
    reader: SqliteReader = reader_at(path)
    now = wall_now()
    found = [one for one in reader.holds() if one.stands(now)]
    if as_json:
        for one in found:
            put(
                HoldLine(
                    home=one.home,
                    command=one.command,
                    since=time_text(one.at) or "",
                    until=time_text(one.until),
                )
            )
    elif not found:
        say("no home is under legal hold")
    else:
        rows = [(one.home, short_time(one.at), short_time(one.until), one.command) for one in found]
        table(("home", "since", "until", "command"), rows)
    return Exit.FINE
