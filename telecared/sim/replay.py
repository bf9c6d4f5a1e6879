"""Recordings through the rules in virtual time, and the stored inputs of a night once more.

The first plays in a `world`; the second steps the rows of a store as they stand in it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import merge
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from telecared.adapters.sqlite import SqliteReader
from telecared.config.load import LoadedPlan
from telecared.core.incidents import FINDING, SCHEME
from telecared.core.plan import HomeRecord, Plan, decode_home, decode_plan
from telecared.core.site import SiteFacts, decode_site
from telecared.core.state import HomeState, decode_state
from telecared.core.streams import StreamMessage, read_stream
from telecared.core.vocabulary import Duration, Instant
from telecared.errors import ReplayError
from telecared.reader_port import StoredRecord
from telecared.sim.attended import Attended
from telecared.sim.behaviour import Behaviour
from telecared.sim.lines import ReplayLine, line_of
from telecared.sim.world import SimWorld
from telecared.stepping import Homes
from telecared.store_port import Batch, RecordRow

# --- a recording --------------------------------------------------------------------------------


def replay_stream(
    messages: Iterable[StreamMessage],
    *,
    homes: Sequence[HomeRecord],
    loaded: LoadedPlan,
    phones: Mapping[str, Behaviour],
    seen_to: Duration | None = None,
) -> Iterator[ReplayLine]:
    """Yield what a recording sets off, in order of time.

    The clock is the recording's own: it begins with the first message and ends with the last one.

    Args:
        messages: in order of time (`merged`); one from before its predecessor counts as received
            together with it.
        homes: the homes that it is about.
        loaded: rules and profiles.
        phones: contact id or number -> how that phone behaves; `USUAL_PHONE` for others.
        seen_to: how long after its opening somebody ends each alert; None for nobody.

    Raises:
        ReplayError: the first message does not tell when it was received.
    """
    world: SimWorld | None = None
    attended: Attended | None = None
    for message in messages:
        if world is None:
            if message.tst is None:
                raise ReplayError("the first message has no tst: a replay needs its time")
            world = SimWorld(loaded, homes, phones, start=message.tst)
        attended = attended or Attended(world, seen_to)
        at = world.now if message.tst is None else max(message.tst, world.now)
        yield from attended.until(at)
        yield from attended.taken(world.hear(message, at))


def merged(streams: Mapping[str, Iterable[str]]) -> Iterator[StreamMessage]:
    """Yield the messages of several recordings by their time; of one instant, in the given order.

    A message without a time goes with the one before it in its own recording.

    Args:
        streams: the recording's name, for sentences -> its lines.

    Raises:
        ReplayError: a line cannot be read; the sentence names it, and of several its recording.
    """
    if len(streams) == 1:
        (lines,) = streams.values()
        yield from read_stream(lines)
        return
    named = [_timed(name, lines) for name, lines in streams.items()]
    for _, message in merge(*named, key=itemgetter(0)):
        yield message


def _timed(name: str, lines: Iterable[str]) -> Iterator[tuple[Instant, StreamMessage]]:
    at: Instant = 0
    try:
        for message in read_stream(lines):
            at = at if message.tst is None else max(at, message.tst)
            yield at, message
    except ReplayError as error:
        raise ReplayError(f"{name}: {error}") from None


# --- a store ------------------------------------------------------------------------------------


class StoreReplay(NamedTuple):
    """The stored inputs decided once more.

    Attributes:
        lines: what they decide now, home by home.
        live: what was decided when they came, in the same order.
        problems: one sentence for each home that could not be compared.
    """

    lines: list[ReplayLine]
    live: list[ReplayLine]
    problems: list[str]

    @property
    def agrees(self) -> bool:
        """Whether both are the same, byte for byte (promise P9)."""
        return not self.problems and self.lines == self.live


def replay_store(path: Path, *, home: str | None = None) -> StoreReplay:
    """Step the stored inputs of a store again and return both outcomes.

    Begins with the first input, or with the oldest daily snapshot behind which retention has
    dropped none.
    Homes that were erased are left out, and places that lost what they were told of them, and the
    homes of incidents, which may have hung on theirs.
    What an incident meant to one home hung on its scheme: all are stepped then, and the one shown.
    Deadlines that the live engine had not come to yet when it stopped are left out.

    Raises:
        ReplayError: the home's past was erased, or that of an incident it was in, or inputs are
            missing behind every snapshot.
    """
    reader = SqliteReader(path)
    erased = reader.erased_homes()
    if home in erased:
        command = erased[home]
        raise ReplayError(f"the past of {home} was removed by command {command}: nothing to replay")
    homes, after, known = _beginning(reader)
    again: dict[str, list[RecordRow]] = {}
    last_at = 0
    alone = home is not None and not hangs_on_scheme(reader, home, after=after)
    for row in reader.each_input(after=after, home=home if alone else None):
        homes.apply(row)
        last_at = max(last_at, row.at)
        _collect(homes.take_batch(row.at), again)
    homes.tick(last_at)
    _collect(homes.take_batch(last_at), again)
    states = {one.home: one.state for one in reader.load().homes}
    stepped_to = {name: _stepped_to(blob) for name, blob in states.items()}
    live: dict[str, list[StoredRecord]] = {}
    for stored in reader.records(home=home):
        if _is_after(stored, known.get(stored.home), after):
            live.setdefault(stored.home, []).append(stored)
    # What was rightly removed is no disagreement.
    unsure = _of_incidents(states) if erased else set()
    if home in unsure and not alone:
        raise ReplayError(
            f"{home} was part of an incident that a home may have been in which was erased since:"
            " what was decided for it cannot be decided again"
        )
    names = sorted({*again, *live} - erased.keys() - unsure if home is None else {home})
    lines = [
        line_of(row)
        for name in names
        for row in again.get(name, ())
        if row.record.input or row.record.at <= stepped_to.get(name, 0)
    ]
    return StoreReplay(lines, [line_of(row) for name in names for row in live.get(name, ())], [])


def hangs_on_scheme(reader: SqliteReader, home: str, *, after: int) -> bool:
    """Return whether a scheme of a home had an incident behind an input: others decided then."""
    since = next((row.at for row in reader.each_input(after=max(after - 1, 0))), 0)
    kept = [decode_home(one.content) for one in reader.home_records(home) if one.content]
    return any(
        line.record.rule == FINDING and line.record.at >= since
        for scheme in sorted({SCHEME + record.scheme for record in kept})
        for line in reader.records(home=scheme)
    )


def _of_incidents(states: Mapping[str, bytes | None]) -> set[str]:
    """Return the schemes that had incidents, and the homes that were part of them."""
    found: set[str] = set()
    for name, blob in states.items():
        if blob is not None and name.startswith(SCHEME):
            for incident in decode_state(blob).storms.incidents:
                found |= {name, *(one.home for one in incident.members)}
    return found


def _collect(batch: Batch, into: dict[str, list[RecordRow]]) -> None:
    for row in batch.records:
        into.setdefault(row.home, []).append(row)


def _stepped_to(blob: bytes | None) -> Instant:
    return 0 if blob is None else decode_state(blob).at


def _is_after(stored: StoredRecord, known: HomeState | None, after: int) -> bool:
    """Whether a line was written after the snapshot that the replay begins with."""
    if known is None:
        return True
    record = stored.record
    return record.at > known.at or (record.at == known.at and record.input > after)


def _beginning(reader: SqliteReader) -> tuple[Homes, int, dict[str, HomeState]]:
    """Return the homes to begin with, the last input they hold, and their states."""
    # Behind the last hole: single inputs before it are kept for alerts that are still open.
    dropped = reader.last_dropped_input()
    contents = contents_of(reader)
    if not dropped:
        return Homes(Plan(), SiteFacts(), contents), 0, {}
    for day, last in reader.snapshot_days():
        if last >= dropped:
            site, plan, stored = reader.snapshot(day)
            facts = decode_site(site) if site else SiteFacts()
            rules = decode_plan(contents(plan)) if plan else Plan()
            homes = Homes(rules, facts, contents)
            known = {}
            for one in stored:
                state = decode_state(one.state) if one.state else None
                homes.add(one.home, decode_home(one.record) if one.record else None, state)
                if state is not None:
                    known[one.home] = state
            return homes, last, known
    raise ReplayError(
        f"inputs up to {dropped} were dropped by retention and no snapshot is younger than them"
    )


def contents_of(reader: SqliteReader) -> Callable[[str], bytes]:
    """Return what finds a stored plan or home's record by its hash; it raises ReplayError."""

    def content(name: str) -> bytes:
        found = reader.plan(name) or reader.home_record(name)
        if found is None:
            raise ReplayError(f"the plan or home's record {name[:12]} is not kept any more")
        return found

    return content
