"""One home as it stood at an instant of the past, worked out from the stored inputs.

Begins with the youngest daily snapshot before the instant, so that yesterday costs a day and not a
year. What a replay of everything prints is `replay`.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from telecared.adapters.sqlite import SqliteReader
from telecared.config.load import LoadedPlan
from telecared.core.compile import HomePlan
from telecared.core.events import SITE
from telecared.core.plan import HomeRecord, Plan, decode_home, decode_plan
from telecared.core.site import ALWAYS_ON, SiteFacts, decode_site
from telecared.core.state import HomeState, decode_state
from telecared.core.streams import StreamMessage
from telecared.core.vocabulary import Instant
from telecared.core.windows import rfc3339
from telecared.errors import ReplayError
from telecared.sim.replay import contents_of, hangs_on_scheme
from telecared.sim.world import SimWorld
from telecared.stepping import Homes


class Past(NamedTuple):
    """A home as it stood: its compiled plan, its state stepped to `state.at`, and the site."""

    home: HomePlan
    state: HomeState
    site: SiteFacts


def home_at(path: Path, home: str, at: Instant | None = None) -> Past:
    """Return a home as it stood at an instant.

    Args:
        path: the store.
        home: its id.
        at: engine time; None, and any instant after the last stored input, mean that input.

    Raises:
        ReplayError: there is no such home at that time, its past was erased, or retention has
            dropped what is needed.
    """
    reader = SqliteReader(path)
    if (command := reader.is_erased(home)) is not None:
        raise ReplayError(f"the past of {home} was removed by command {command}: nothing to show")
    return _past_of(*_homes_at(reader, home, at), home)


def homes_at(path: Path, names: Sequence[str], at: Instant) -> dict[str, Past]:
    """Return some homes as they stood at an instant; those that were not registered are left out.

    Raises:
        ReplayError: retention has dropped what is needed.
    """
    homes, reached = _homes_at(SqliteReader(path), names[0] if len(names) == 1 else None, at)
    registered = [
        name for name in names if name in homes.plans and homes.plans[name].record is not None
    ]
    return {name: _past_of(homes, reached, name) for name in registered}


def zone_of(path: Path, home: str) -> ZoneInfo:
    """Return a home's time zone as it is registered, or was last.

    Raises:
        ReplayError: there never was such a home, or nothing is kept of it.
    """
    kept = [one.content for one in SqliteReader(path).home_records(home) if one.content]
    if not kept:
        raise ReplayError(f"there is no home {home} in the store: check the id, or import it")
    return ZoneInfo(decode_home(kept[-1]).timezone)


def _homes_at(reader: SqliteReader, home: str | None, at: Instant | None) -> tuple[Homes, Instant]:
    """Return homes stepped to an instant, and that instant."""
    homes, after = _beginning(reader, home, at)
    if home is not None and hangs_on_scheme(reader, home, after=after):
        home = None
        homes, after = _beginning(reader, home, at)
    reached = 0
    for row in reader.each_input(after=after, home=home):
        if at is not None and row.at > at:
            reached = at
            break
        homes.apply(row)
        homes.take_batch(row.at, stored=False)
        reached = row.at
    homes.tick(reached)
    return homes, reached


def _past_of(homes: Homes, reached: Instant, home: str) -> Past:
    plan, state = homes.plans.get(home), homes.states.get(home)
    if plan is None or state is None or plan.record is None:
        remedy = "check the id, and that it was registered then"
        raise ReplayError(f"there is no home {home} at {rfc3339(reached)}: {remedy}")
    return Past(plan, _as_of(state, reached), homes.site)


def _as_of(state: HomeState, at: Instant) -> HomeState:
    """Return a state with another now; nothing was due until then, or the home would be there."""
    moved = state.clone()
    moved.at = max(state.at, at)
    return moved


def _beginning(reader: SqliteReader, home: str | None, at: Instant | None) -> tuple[Homes, int]:
    """Return homes to begin with, and the last input that they hold."""
    dropped = reader.last_dropped_input()
    contents = contents_of(reader)
    latest = None if at is None else reader.last_input_before(at + 1)
    for day, last in reversed(reader.snapshot_days()):
        if last < dropped:
            break
        if latest is not None and last > latest:
            continue
        site, plan, stored = reader.snapshot(day)
        own = [one for one in stored if home in (None, one.home) or one.home == SITE]
        states = {one.home: decode_state(one.state) for one in own if one.state}
        if at is not None and any(state.at > at for state in states.values()):
            continue
        homes = Homes(
            decode_plan(contents(plan)) if plan else Plan(),
            decode_site(site) if site else SiteFacts(),
            contents,
        )
        for one in own:
            record = decode_home(one.record) if one.record else None
            homes.add(one.home, record, states.get(one.home))
        return homes, last
    if dropped:
        raise ReplayError(
            f"inputs up to {dropped} were dropped by retention and no snapshot stands between"
            " them and that time: choose a later time"
        )
    return Homes(Plan(), SiteFacts(), contents), 0


# --- a recording --------------------------------------------------------------------------------


def home_in_recording(
    messages: Iterable[StreamMessage],
    home: str,
    *,
    loaded: LoadedPlan,
    homes: Sequence[HomeRecord],
    at: Callable[[Past], Instant | None],
) -> Past:
    """Return a home as it stands at an instant of a recording, nobody answering.

    Args:
        messages: in order of time.
        home: one of `homes`.
        loaded: rules and profiles.
        homes: the homes that the recording is about.
        at: given the home at the recording's beginning, returns the instant; None for its end.

    Raises:
        ReplayError: the recording holds no message, or does not tell when it begins.
    """
    world: SimWorld | None = None
    until: Instant | None = None
    for message in messages:
        if world is None:
            if message.tst is None:
                raise ReplayError("the first message has no tst: it must tell when it begins")
            world = SimWorld(loaded, homes, {}, start=message.tst)
            until = at(_past_in(world, home))
        now = world.now if message.tst is None else max(message.tst, world.now)
        if until is not None and now > until:
            break
        world.hear(message, now)
    if world is None:
        raise ReplayError("the recording holds no message")
    if until is not None:
        world.advance(until)
    return _past_in(world, home)


def _past_in(world: SimWorld, home: str) -> Past:
    return Past(world.plans[home], _as_of(world.states[home], world.now), ALWAYS_ON)
