"""The engine: collects what is waiting into a batch, steps it, commits once, then acknowledges.

It owns the order of things only: what an input means is `stepping` and the core, how it is kept
the store. What people and providers say goes before telemetry; deadlines wait for neither.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec
import structlog

from telecared.bodies import Partly
from telecared.committing import Committed, Committing
from telecared.core.directory import Directory
from telecared.core.events import SITE, ConditionFound
from telecared.core.filters import topic_filters
from telecared.core.plan import HomeRecord, Plan, encode_plan
from telecared.core.site import Started
from telecared.core.vocabulary import Instant
from telecared.core.windows import local
from telecared.errors import StoreError, StoreFull
from telecared.hearing import Hearing, Said, came_from_outside
from telecared.inbox import Inbox
from telecared.intake import MAX_PAYLOAD, Intake, Taken
from telecared.orders import Orders
from telecared.ports import Arrival, Clock, LinkEvent, Subscriber
from telecared.restoring import restore_homes
from telecared.store_port import Batch, Loaded, Store
from telecared.watching import Watching

log = structlog.get_logger(__name__)

MAX_PEOPLE: Final = 500
"""Commands, receipts and replies of one transaction."""

MAX_DUE: Final = 500
"""Homes whose deadlines are fired in one turn when many are overdue."""

HOLD_SECONDS: Final = 0.005
"""A small batch without an alarm waits this long for company: a commit costs more than the wait."""

SMALL_BATCH: Final = 200

POLL_SECONDS: Final = 0.05
"""How often other processes' commands are looked for (design 3.1, decision 11)."""

LEAST_IN_FLIGHT: Final = 200


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a deployment may set.

    Attributes:
        inbox_messages: messages in memory; only QoS 0 can exceed it, and is then dropped.
        batch_messages: messages of one transaction.
        in_flight: unacknowledged messages that the broker may hand over before any measurement.
        payload_bytes: of one message; what is longer is kept cut off.
        hold_seconds: how long a small batch without an alarm waits for company.
        poll_seconds: how often other processes' commands are looked for at the least.
    """

    inbox_messages: int = 100_000
    batch_messages: int = 1_000
    in_flight: int = 2_000
    payload_bytes: int = MAX_PAYLOAD
    hold_seconds: float = HOLD_SECONDS
    poll_seconds: float = POLL_SECONDS


class _Asked(msgspec.Struct):
    """Something of the people's lane, and whom to tell when it is durable."""

    what: Said
    done: asyncio.Future[None]


DirectoryOf = Callable[[Sequence[HomeRecord]], Directory]


class Engine:
    """One shard's engine; also the inbox of the MQTT adapter (ports.Inbox).

    Args:
        store: the opened store, and `loaded` what it holds.
        clock: engine time; must not be behind `loaded.last_at`.
        directory_of: builds the directory of devices from the homes' records.
        committed: is told every batch once it is durable.
        schemes: scheme -> the topics that the deployment states for it.

    Attributes:
        homes: the homes as they stand now; for reading only.
        turned_at: when the engine last showed that it moves on, on the event loop's clock.
    """

    def __init__(
        self,
        store: Store,
        loaded: Loaded,
        *,
        clock: Clock,
        directory_of: DirectoryOf,
        committed: Committed,
        schemes: Mapping[str, tuple[str, ...]],
        limits: Limits = Limits(),  # noqa: B008 - frozen
    ) -> None:
        self._store = store
        self._loaded = loaded
        self._clock = clock
        self._directory_of = directory_of
        self._schemes = schemes
        self._limits = limits
        contents: dict[str, bytes] = {}
        self.homes = restore_homes(loaded, contents)
        self._hearing = Hearing(self.homes, store, contents, loaded.last_input)
        self._orders = Orders(self.homes, contents, self._hearing.number, loaded)
        self._intake = Intake(
            self._directory(),
            self._known_schemes(),
            loaded.packets,
            max_payload=limits.payload_bytes,
        )
        self._committing = Committing(
            store, committed=committed, acknowledge=self._acknowledge, seconds=loaded.commit_seconds
        )
        self._subscriber: Subscriber | None = None
        self._watching = Watching(self.homes, self._hearing, self._intake, clock)
        self._inbox = Inbox(limits.inbox_messages, lambda one: self._intake.look(one).is_alarm)
        self._people: deque[_Asked] = deque()
        self._wake = asyncio.Event()
        self._stopping = False
        self._rate_at = 0.0
        self._rate = 0.0
        self._snapshot_day = ""
        self._carried_out: set[int] = set()
        self._filters = list(loaded.filters)
        self.turned_at = 0.0

    # --- what the world says --------------------------------------------------------------------

    def attach(self, subscriber: Subscriber) -> None:
        """Name the session whose messages are acknowledged after the commit."""
        self._subscriber = subscriber

    def arrived(self, messages: Sequence[Arrival]) -> None:
        """Take messages in the order in which the broker delivered them."""
        self._inbox.add(messages, only_guaranteed=self._committing.holds_too_much)
        self._wake.set()

    def link(self, event: LinkEvent) -> None:
        """Take a change of the link, in order with the messages around it."""
        self._inbox.link(event)
        self._wake.set()

    async def tell(self, what: Said) -> None:
        """Take a receipt, a reply, a key, a finding or a plan; return once it is durable."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._people.append(_Asked(what, done))
        self._wake.set()
        await done

    def use_profiles(self, directory_of: DirectoryOf) -> None:
        """Decode from now on with other device profiles."""
        self._directory_of = directory_of
        self._intake.directory = self._directory()

    # --- what others may know -------------------------------------------------------------------

    @property
    def dropped(self) -> int:
        """QoS 0 messages for which there was no room."""
        return self._inbox.dropped

    @property
    def is_degraded(self) -> bool:
        """Whether the disk is full: alerts go out from memory, nothing is acknowledged."""
        return self._committing.is_degraded

    def receive_maximum(self) -> int:
        """Return how many unacknowledged messages to allow: rate x commit time x 2.

        Asked at each connect. Twice keeps the broker busy on a slow disk (80,000/s, not 26,000/s).
        """
        wanted = int(self._rate * self._committing.seconds * 2)
        return max(LEAST_IN_FLIGHT, self._limits.in_flight, min(wanted, 65_535))

    def filters(self) -> list[str]:
        """Return the topic filters to subscribe to."""
        return topic_filters(self.homes.records(), self._schemes)

    # --- the loop -------------------------------------------------------------------------------

    async def start(self, plan: Plan) -> None:
        """Put the start on record, take the plan over, and carry out commands that waited."""
        self.turned_at = asyncio.get_running_loop().time()
        now = self._clock.now()
        loaded = self._loaded
        started = Started(
            at=now, last_at=loaded.last_at, clean=loaded.clean_stop, offset=self._watching.offset
        )
        self._hearing.site(started, "start")
        if loaded.plan != encode_plan(plan):
            self._hearing.use_plan(plan, now)
        await self._commit(now)
        while await self._take_commands(now):
            await self._commit(now)

    async def run(self) -> None:
        """Turn until `stop` is called."""
        while not self._stopping:
            await self._wait()
            await self.turn()

    def stop(self) -> None:
        """End `run` after the present turn; what is not committed by then is sent again."""
        self._stopping = True
        self._wake.set()

    async def finish(self) -> None:
        """Put a clean stop on record. Call once, after `run` has returned."""
        now = self._clock.now()
        self.homes.apply(self._hearing.row("stop", now))
        await self._commit(now)
        try:
            await self._store.remember("commit_seconds", f"{self._committing.seconds:.6f}")
        except StoreFull:
            log.error("stopped.on_a_full_disk")

    async def _wait(self) -> None:
        if not (self._inbox or self._people):
            due = self.homes.next_wake()
            pause = self._limits.poll_seconds
            if due is not None:
                pause = min(pause, self._clock.real_seconds_until(due))
            if pause > 0:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._wake.wait()
        self._wake.clear()
        await asyncio.sleep(0)

    async def turn(self) -> None:
        """Step and commit everything that is waiting now."""
        loop_now = asyncio.get_running_loop().time()
        self.turned_at = loop_now
        now = self._clock.now()
        self._watching.clock(now)
        await self._hear_people(now)
        if self._store.commands_may_wait():
            await self._take_commands(now)
        taken = self._take_arrivals(self._limits.batch_messages, now)
        if self._may_hold(taken):
            await asyncio.sleep(self._limits.hold_seconds)
            now = self._clock.now()
            taken += self._take_arrivals(self._limits.batch_messages - len(taken), now)
        self._hear_devices(taken, now)
        self._let_time_pass(now, loop_now)
        self._measure_rate(len(taken), loop_now)
        await self._commit(now)
        await self._mind_the_disk(now)

    # --- building the batch ---------------------------------------------------------------------

    async def _hear_people(self, now: Instant) -> None:
        for _ in range(min(len(self._people), MAX_PEOPLE)):
            asked = self._people.popleft()
            await self._hearing.hear(asked.what, now)
            self._committing.owe_answer(asked.done, even_if_full=not came_from_outside(asked.what))

    async def _take_commands(self, now: Instant) -> bool:
        waiting = await self._store.waiting_commands(MAX_PEOPLE)
        # On a full disk what was carried out already still waits in the store.
        commands = [command for command in waiting if command.id not in self._carried_out]
        changed = False
        for command in commands:
            self._carried_out.add(command.id)
            changed |= await self._orders.carry_out(command, now, self._breathe)
            log.info("command", kind=command.kind, via=command.via, home=command.home)
        if changed:
            await self._homes_changed()
            self._hearing.strangers_registered(now)
        return bool(commands)

    async def _breathe(self) -> None:
        self.turned_at = asyncio.get_running_loop().time()
        await asyncio.sleep(0)

    def _take_arrivals(self, most: int, now: Instant) -> list[Taken | LinkEvent]:
        wall = now + self._watching.offset
        return [
            self._intake.look(one, wall) if isinstance(one, Arrival) else one
            for one in self._inbox.take(most)
        ]

    def _may_hold(self, taken: list[Taken | LinkEvent]) -> bool:
        if not taken or len(taken) >= SMALL_BATCH or not self.homes.batch.is_empty():
            return False
        return all(isinstance(one, Taken) and not one.is_alarm for one in taken)

    def _hear_devices(self, taken: list[Taken | LinkEvent], now: Instant) -> None:
        for one in taken:
            if not isinstance(one, Taken):
                self._watching.link(one, now)
                continue
            self._committing.owe_acknowledgement(one.arrival)
            if self._intake.already_stored(one.arrival):
                continue
            rows = self._intake.rows(one, self._hearing.number, now)
            self.homes.batch.packets += self._intake.remember(rows, one.arrival)
            for row in rows:
                self.homes.apply(row)

    def _let_time_pass(self, now: Instant, loop_now: float) -> None:
        self._watching.time(now, loop_now, disk_is_low=self._committing.disk_is_low)
        whole = self.homes.whole
        if self.homes.tick(now, limit=MAX_DUE):
            self._wake.set()
            body = msgspec.json.encode(Partly(whole, MAX_DUE))
            self.homes.note(self._hearing.row("advance", now, body=body))
            return
        batch = self.homes.batch
        told = bool(batch.inputs) and batch.inputs[-1].at == now and not self.homes.judged
        if batch.records and not told:
            # What deadlines decided needs the time on record to which they had advanced.
            self.homes.note(self._hearing.row("advance", now))

    def _measure_rate(self, count: int, loop_now: float) -> None:
        passed = loop_now - self._rate_at
        if passed > 0:
            self._rate += min(1.0, passed) * (count / passed - self._rate)
            self._rate_at = loop_now

    # --- committing -----------------------------------------------------------------------------

    async def _commit(self, now: Instant) -> None:
        was_low = self._committing.disk_is_low
        await self._committing.commit(self._batch(now))
        if self._committing.disk_is_low and not was_low:
            await self._tell_of_the_disk(now)
        if not self._committing.is_degraded:
            self._carried_out.clear()

    def _batch(self, now: Instant) -> Batch:
        batch = self.homes.take_batch(now)
        batch.critical_only = self._committing.disk_is_low
        return batch

    async def _tell_of_the_disk(self, now: Instant) -> None:
        self._hearing.found(ConditionFound(input=0, at=0, name="disk-full"), now)
        await self._committing.commit(self._batch(now))

    async def _mind_the_disk(self, now: Instant) -> None:
        if self._committing.disk_is_low:
            if await self._committing.is_disk_well_again():
                log.info("disk.recovered")
                over = ConditionFound(input=0, at=0, name="disk-full", over=True)
                self._hearing.found(over, now)
            return
        zone = self.homes.plans[SITE].zone
        day = local(now, zone, self._watching.offset).date().isoformat()
        if day != self._snapshot_day:
            try:
                await self._store.snapshot(day)
            except StoreFull:
                self._committing.disk_is_low = True
                await self._tell_of_the_disk(now)
            else:
                self._snapshot_day = day

    def _acknowledge(self, messages: Sequence[Arrival]) -> None:
        if self._subscriber is not None:
            self._subscriber.acknowledge(messages)

    # --- devices --------------------------------------------------------------------------------

    async def _homes_changed(self) -> None:
        self._intake.directory = self._directory()
        self._intake.schemes = self._known_schemes()
        if self._subscriber is not None:
            filters = self.filters()
            self._subscriber.subscribe_to(filters)
            # What the session is subscribed to, so that the next start can give up what is stale.
            both = sorted({*self._filters, *filters})
            with contextlib.suppress(StoreError):
                await self._store.remember("filters", msgspec.json.encode(both).decode())
            self._filters = both

    def _directory(self) -> Directory:
        directory = self._directory_of(list(self.homes.records()))
        for number, _ in enumerate(directory.conflicts):
            log.warning("directory.conflict", number=number + 1)
        return directory

    def _known_schemes(self) -> frozenset[str]:
        return frozenset(record.scheme for record in self.homes.records()) | set(self._schemes)
