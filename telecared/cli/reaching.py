"""`contacts`: when each contact was last reached, what failed, and whose number is stale.

How a number stands is the core's; names are shown, so that the look is on record first.
"""

from collections import defaultdict
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from telecared.adapters.sqlite import History, SqliteReader
from telecared.adapters.system_clock import wall_now
from telecared.cli.common import (
    Config,
    Exit,
    Home,
    Json,
    ReadBy,
    UsageError,
    reader_of,
    require_config,
)
from telecared.cli.output import count_of, put, say, short_time, table, time_text
from telecared.cli.record_lines import ContactLine
from telecared.cli.store import log_read, require_store
from telecared.config.deployment import load_deployment
from telecared.core.plan import SYNTHETIC_TAG, HomeRecord, decode_home
from telecared.core.reach import Reach, Rung, Sent, Standing, reach_of, unchanged_since
from telecared.core.state import HomeState, decode_state
from telecared.core.vocabulary import DAY, Duration, Instant
from telecared.errors import Refused, StoreError

STALE_DAYS: Final = 180


def contacts(
    *,
    home: Home = None,
    stale: Annotated[
        bool, Parameter(name="--stale", negative=(), help="Only those not reached for long.")
    ] = False,
    failed: Annotated[
        bool,
        Parameter(name="--failed", negative=(), help="Only those whose number failed or stopped."),
    ] = False,
    days: Annotated[
        int, Parameter(name="--days", help="Not reached for so many days is stale.")
    ] = STALE_DAYS,
    by: ReadBy = None,
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """List contacts and how each can be reached; exits 1 when one of those shown cannot."""
    if days < 1:
        raise UsageError(f"--days: {days} is less than one; write a number of days")
    path = load_deployment(require_config(config)).store_path
    require_store(path)
    log_read(path, by=reader_of(by), what="contacts", home=home)
    found = reaches(path, home=home, stale_after=days * DAY)
    if home is not None and home not in found:
        raise Refused(f"there is no home {home}: `telecared import` registers one")
    wanted = {Standing.STALE} if stale else set[Standing]()
    wanted |= {Standing.FAILED, Standing.STOPPED} if failed else set[Standing]()
    shown = [
        (record, one)
        for record, several in found.values()
        for one in several
        if not wanted or one.standing in wanted
    ]
    if as_json:
        for record, one in shown:
            put(_line(record, one))
    elif not shown:
        say("no contacts" if not wanted else "no such contacts")
    else:
        _show(shown)
    return Exit.FINE if all(one.is_well for _, one in shown) else Exit.FINDINGS


def reaches(
    path: Path, *, home: str | None = None, stale_after: Duration, now: Instant | None = None
) -> dict[str, tuple[HomeRecord, list[Reach]]]:
    """Return home -> its record, and how each of its contacts can be reached.

    Raises:
        StoreError: the store cannot be read.
    """
    reader, history = SqliteReader(path), History(path)
    sent: dict[str, list[Sent]] = defaultdict(list)
    for one in history.messages(0, home=home):
        if one.number is not None:
            sent[one.home].append(
                Sent(
                    to=one.to,
                    channel=one.channel,
                    number=one.number,
                    queued_at=one.queued_at,
                    state=one.state,
                    changed_at=one.changed_at,
                    code=one.code,
                    moments=tuple((each.stage, each.at, each.code) for each in one.moments),
                )
            )
    rung: dict[str, list[Rung]] = defaultdict(list)
    for name, call in history.calls(home=home):
        rung[name].append(call)
    found = {}
    for stored in sorted(reader.load().homes, key=lambda each: each.home):
        if stored.record is None or home not in (None, stored.home):
            continue
        record = decode_home(stored.record)
        if SYNTHETIC_TAG in record.tags:
            continue  # its number belongs to nobody
        state = _state(stored.state, stored.home)
        since = _since(history, stored.home)
        found[stored.home] = (
            record,
            [
                reach_of(
                    contact,
                    sent[stored.home],
                    since=since.get(contact.id, 0),
                    unreachable=state.unreachable,
                    now=wall_now() if now is None else now,
                    stale_after=stale_after,
                    calls=rung[stored.home],
                )
                for contact in record.contacts
            ],
        )
    return found


def _state(blob: bytes | None, home: str) -> HomeState:
    if blob is None:
        return HomeState(home=home)
    try:
        return decode_state(blob)
    except ValueError as error:
        raise StoreError(str(error)) from None


def _since(history: History, home: str) -> dict[str, Instant]:
    versions = []
    for at, content in history.record_times(home):
        known = () if content is None else decode_home(content).contacts
        versions.append((at, {contact.id: contact for contact in known}))
    return unchanged_since(versions)


def _line(record: HomeRecord, one: Reach) -> ContactLine:
    contact = next(each for each in record.contacts if each.id == one.contact)
    return ContactLine(
        home=record.id,
        contact=one.contact,
        name=contact.name,
        roles=list(contact.roles),
        standing=one.standing.value,
        why=one.why,
        since=time_text(one.since),
        reached_at=time_text(one.reached_at),
        reached_by=one.reached_by,
        failed_at=time_text(one.failed_at),
        failed_by=one.failed_by,
        code=one.code,
    )


def _show(shown: list[tuple[HomeRecord, Reach]]) -> None:
    rows = []
    for record, one in shown:
        line = _line(record, one)
        rows.append(
            (
                line.home,
                line.contact,
                line.name,
                line.standing,
                short_time(one.reached_at),
                one.reached_by,
                short_time(one.since),
                one.why or None,
            )
        )
    table(("home", "contact", "name", "standing", "reached", "by", "same since", "why"), rows)
    bad = sum(not one.is_well for _, one in shown)
    say(f"{count_of(bad, 'contact')} of {len(shown)} cannot be reached or was not for too long.")
