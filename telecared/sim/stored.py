"""What devices really sent, as the store has it, through other rules in virtual time.

Suspensions are played as they were stated. Nobody's real answers are: what people did was an
answer to other alerts. What was decided live is `replay`.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from telecared.adapters.sqlite import SqliteReader
from telecared.config.load import LoadedPlan
from telecared.core.events import Suspended, SuspensionEnded, decode_event
from telecared.core.plan import HomeRecord, decode_home
from telecared.core.state import HomeState
from telecared.core.vocabulary import Duration, Instant
from telecared.errors import ReplayError
from telecared.sim.attended import Attended
from telecared.sim.behaviour import Behaviour
from telecared.sim.lines import ReplayLine
from telecared.sim.past import homes_at
from telecared.sim.world import SimWorld
from telecared.store_port import InputRow

_PLAYED: Final = frozenset(
    {
        "message",
        "finding",
        "start",
        "stall",
        "connected",
        "disconnected",
        "drained",
        "clock",
        "rota",
    }
)
"""Kinds of rows that happen whatever the rules say."""

_STATED: Final = (Suspended, SuspensionEnded)
"""Commands that tell who was at home, and answer no alert."""


class StoredPast(NamedTuple):
    """A stretch of what a store holds of one home or of all.

    Attributes:
        homes: the homes as they are registered now.
        first: the first stored input.
        since: from when on inputs are played; the home begins as it was known then.
        until: the last stored input.
    """

    path: Path
    home: str | None
    homes: tuple[HomeRecord, ...]
    first: Instant
    since: Instant
    until: Instant


def stored_past(path: Path, *, home: str | None, lasts: Duration | None) -> StoredPast:
    """Return what there is to play of a store.

    Args:
        path: the store.
        home: one home only.
        lasts: how far back from the last input; None for everything that is kept.

    Raises:
        ReplayError: there is no such home, its past was erased, or nothing is stored.
    """
    reader = SqliteReader(path)
    if home is not None and (command := reader.is_erased(home)) is not None:
        raise ReplayError(f"the past of {home} was removed by command {command}: nothing to replay")
    loaded = reader.load()
    homes = tuple(
        decode_home(one.record)
        for one in loaded.homes
        if one.record is not None and home in (None, one.home)
    )
    if not homes:
        raise ReplayError(f"there is no home {home or 'at all'} in the store: nothing to replay")
    span = reader.input_span()
    if span is None:
        raise ReplayError("the store holds no inputs: nothing to replay")
    first, last = span
    since = first if lasts is None else max(first, last - lasts)
    return StoredPast(path, home, homes, first, since, last)


def replay_past(
    past: StoredPast,
    *,
    loaded: LoadedPlan,
    phones: Mapping[str, Behaviour],
    seen_to: Duration | None = None,
    progress: Callable[[Instant], None] | None = None,
) -> Iterator[ReplayLine]:
    """Yield what a stored past sets off under some rules, in order of time.

    Args:
        past: what to play.
        loaded: rules and profiles.
        phones: contact id or number -> behaviour; the usual phone for others.
        seen_to: how long after its opening somebody ends each alert; None for nobody.
        progress: told the instant of each row.
    """
    reader = SqliteReader(past.path)
    names = {record.id for record in past.homes}
    world = SimWorld(loaded, past.homes, phones, start=past.since, states=_known(past))
    attended = Attended(world, seen_to)
    for row in reader.each_input(after=reader.last_input_before(past.since), home=past.home):
        if progress is not None:
            progress(row.at)
        if (row.home is None or row.home in names) and _is_played(row):
            yield from attended.until(row.at)
            yield from attended.taken(world.row(row))
    yield from attended.until(past.until)


def _is_played(row: InputRow) -> bool:
    if row.kind != "command":
        return row.kind in _PLAYED
    try:
        event = decode_event(row.body or b"", input=row.id, at=row.at)
    except msgspec.DecodeError:
        return False
    return isinstance(event, _STATED)


def _known(past: StoredPast) -> dict[str, HomeState]:
    """Return what was known of each home when the stretch begins, without what had been found."""
    if past.first >= past.since:
        return {}
    found = homes_at(past.path, [record.id for record in past.homes], past.since - 1)
    return {home: _unalarmed(one.state) for home, one in found.items()}


def _unalarmed(state: HomeState) -> HomeState:
    clean = state.clone()
    clean.alerts, clean.findings, clean.pending = {}, {}, {}
    clean.silences, clean.opened_today, clean.broken = {}, {}, ()
    clean.next_alert = 1
    clean.alerts_due = None
    return clean
