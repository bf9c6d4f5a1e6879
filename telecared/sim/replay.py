"""Recordings through the rules in virtual time, and the stored inputs of a night once more.

Both drive the same fold over homes as the live engine, without a broker, a store or a clock. What
the phones of a replayed recording do is `behaviour`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from telecared.adapters.sqlite import SqliteReader
from telecared.config.load import LoadedPlan
from telecared.core.events import NotificationReported, StoredEvent, encode_event
from telecared.core.plan import MONITORING_CENTRE, HomeRecord, Plan, decode_home, decode_plan
from telecared.core.replies import Candidate, refused_help, resolve_reply
from telecared.core.site import ALWAYS_ON, SiteFacts, decode_site
from telecared.core.state import Answer, HomeState, decode_state
from telecared.core.streams import StreamMessage, read_stream
from telecared.core.vocabulary import Instant, NotificationState
from telecared.core.windows import rfc3339
from telecared.errors import ReplayError
from telecared.intake import Intake
from telecared.orders import Orders
from telecared.ports import Arrival
from telecared.reader_port import StoredRecord
from telecared.shard import directory_of
from telecared.sim.behaviour import Behaviour, Reaction, ReactionKind, reactions
from telecared.stepping import Homes
from telecared.store_port import Batch, InputRow, NotifyRow, RecordRow

USUAL_PHONE: Final = Behaviour()
"""Every message is delivered after five seconds, and nobody answers."""


class ReplayLine(msgspec.Struct, frozen=True):
    """One line of a replay (design, section 7). Text and reason are personal data."""

    at: str
    home: str
    event: str
    rule: str | None
    alert: str | None
    priority: str | None
    to: str | None
    channel: str | None
    text: str | None
    reason: str


def line_of(row: RecordRow | StoredRecord) -> ReplayLine:
    """Return a line of the record as `replay` prints it."""
    record = row.record
    return ReplayLine(
        at=rfc3339(record.at),
        home=row.home,
        event=record.event,
        rule=record.rule,
        alert=None if record.alert is None else f"{row.home}/{record.alert}",
        priority=record.priority,
        to=record.to,
        channel=record.channel,
        text=record.text,
        reason=record.reason,
    )


# --- a recording --------------------------------------------------------------------------------


def replay_stream(
    lines: Iterable[str],
    *,
    homes: Sequence[HomeRecord],
    loaded: LoadedPlan,
    phones: Mapping[str, Behaviour],
) -> Iterator[ReplayLine]:
    """Yield what a recording sets off, in order of time.

    The clock is the recording's own: it begins with the first message and ends with the last one.

    Args:
        lines: of the stream, in order of time; a message from before its predecessor counts as
            received together with it.
        homes: the homes that it is about.
        loaded: rules and profiles.
        phones: contact id or number -> how that phone behaves; `USUAL_PHONE` for others.

    Raises:
        ReplayError: a line cannot be read; the sentence names it.
    """
    world: _World | None = None
    for message in read_stream(lines):
        if world is None:
            if message.tst is None:
                raise ReplayError("the first message has no tst: a replay needs its time")
            world = _World(loaded, homes, phones, start=message.tst)
        at = world.now if message.tst is None else max(message.tst, world.now)
        yield from world.advance(at)
        yield from world.hear(message, at)


class _Owed(NamedTuple):
    at: Instant
    order: int
    notification: str
    number: str
    reaction: Reaction


class _World:
    """Homes, phones and a virtual clock."""

    def __init__(
        self,
        loaded: LoadedPlan,
        homes: Sequence[HomeRecord],
        phones: Mapping[str, Behaviour],
        *,
        start: Instant,
    ) -> None:
        contents: dict[str, bytes] = {}
        self.now = start
        self._phones = phones
        self._next = 0
        self._owed: list[_Owed] = []
        self._told: dict[str, dict[tuple[str, int], str]] = {}
        self._homes = Homes(loaded.plan, ALWAYS_ON, contents.__getitem__)
        orders = Orders(self._homes, contents, self._number)
        orders.change_homes(homes, (), start)
        schemes = frozenset(record.scheme for record in homes)
        self._intake = Intake(directory_of(loaded.profiles)(homes), schemes, ())
        self._homes.take_batch(start)

    def _number(self) -> int:
        self._next += 1
        return self._next

    def advance(self, until: Instant) -> Iterator[ReplayLine]:
        """Let time pass: deadlines and phones, each at its own instant."""
        while True:
            wake = self._homes.next_wake()
            phone = self._owed[0].at if self._owed else None
            instants = [one for one in (wake, phone) if one is not None]
            if not instants or min(instants) > until:
                break
            self.now = max(self.now, min(instants))
            if wake is not None and wake <= self.now:
                self._homes.tick(self.now)
            else:
                self._react(heappop(self._owed))
            yield from self._settle()
        self.now = until

    def hear(self, message: StreamMessage, at: Instant) -> Iterator[ReplayLine]:
        """Take one message of the recording."""
        arrival = Arrival(
            topic=message.topic,
            payload=message.payload,
            qos=message.qos,
            retained=message.retain,
            redelivered=False,
            packet_id=0,
            connection=0,
        )
        row = self._intake.row(self._intake.look(arrival), self._number(), at)
        self._homes.apply(row)
        yield from self._settle()

    def _settle(self) -> Iterator[ReplayLine]:
        batch = self._homes.take_batch(self.now)
        for row in batch.records:
            yield line_of(row)
        self._post(batch)

    def _post(self, batch: Batch) -> None:
        withdrawn = {one.id for one in batch.notification_updates if one.withdrawn}
        for row in batch.notifications:
            notify = row.notify
            if notify.id in withdrawn:
                continue
            self._remember(row)
            for reaction in reactions(self._phone(row), notify.text):
                owed = _Owed(
                    self.now + reaction.delay, self._number(), notify.id, notify.number, reaction
                )
                heappush(self._owed, owed)

    def _phone(self, row: NotifyRow) -> Behaviour:
        notify = row.notify
        return self._phones.get(notify.to, self._phones.get(notify.number, USUAL_PHONE))

    def _remember(self, row: NotifyRow) -> None:
        notify = row.notify
        if notify.alert:
            self._told.setdefault(notify.number, {})[row.home, notify.alert] = notify.to

    # --- what comes back ------------------------------------------------------------------------

    def _react(self, owed: _Owed) -> None:
        home = owed.notification.rpartition("/")[0]
        if owed.reaction.kind is ReactionKind.RECEIPT:
            report = NotificationReported(
                input=0,
                at=0,
                notification=owed.notification,
                state=NotificationState(owed.reaction.payload),
                code=owed.reaction.code,
            )
            self._apply(home, report, "receipt")
            return
        candidates = self._candidates(owed.number)
        contacts = [
            (plan.home, contact.id)
            for plan in self._homes.plans.values()
            for contact in plan.contacts.values()
            if contact.phone == owed.number
        ]
        for meant in resolve_reply(owed.reaction.payload, owed.number, candidates, contacts):
            answer = self._apply(meant.home, meant.event, "command")
            if answer is not None and not answer.done:
                help_ = refused_help(owed.number, answer.reason)
                self._apply(help_.home, help_.event, "command")

    def _apply(self, home: str, event: StoredEvent, kind: str) -> Answer | None:
        row = InputRow(
            id=self._number(), kind=kind, at=self.now, home=home, body=encode_event(event)
        )
        return self._homes.apply(row)

    def _candidates(self, number: str) -> list[Candidate]:
        found = []
        for (home, n), to in self._told.get(number, {}).items():
            alert = self._homes.states[home].alerts.get(n)
            if alert is not None:
                found.append(Candidate(home, n, alert.code, to, self._name(home, to)))
        return found

    def _name(self, home: str, to: str) -> str:
        if to == MONITORING_CENTRE:
            return self._homes.plan.centre.name
        contact = self._homes.plans[home].contacts.get(to)
        return contact.name if contact else to


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
    Deadlines that the live engine had not come to yet when it stopped are left out.

    Raises:
        ReplayError: the home's past was erased, or inputs are missing behind every snapshot.
    """
    reader = SqliteReader(path)
    if home is not None and (command := reader.is_erased(home)) is not None:
        raise ReplayError(f"the past of {home} was removed by command {command}: nothing to replay")
    homes, after, known = _beginning(reader)
    again: dict[str, list[RecordRow]] = {}
    last_at = 0
    for row in reader.each_input(after=after, home=home):
        homes.apply(row)
        last_at = max(last_at, row.at)
        _collect(homes.take_batch(row.at), again)
    homes.tick(last_at)
    _collect(homes.take_batch(last_at), again)
    stepped_to = {one.home: _stepped_to(one.state) for one in reader.load().homes}
    live: dict[str, list[StoredRecord]] = {}
    for stored in reader.records(home=home):
        if _is_after(stored, known.get(stored.home), after):
            live.setdefault(stored.home, []).append(stored)
    names = sorted({*again, *live} if home is None else {home})
    lines = [
        line_of(row)
        for name in names
        for row in again.get(name, ())
        if row.record.input or row.record.at <= stepped_to.get(name, 0)
    ]
    return StoreReplay(lines, [line_of(row) for name in names for row in live.get(name, ())], [])


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
    contents = _contents(reader)
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


def _contents(reader: SqliteReader) -> Callable[[str], bytes]:
    def content(name: str) -> bytes:
        found = reader.plan(name) or reader.home_record(name)
        if found is None:
            raise ReplayError(f"the plan or home's record {name[:12]} is not kept any more")
        return found

    return content
