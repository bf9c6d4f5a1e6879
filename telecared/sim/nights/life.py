"""One life of the daemon in a night: opened, running, and dead between any two awaits.

The parts are the real ones, put together as `app` does it. When it dies is `faults`.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Final, TypeVar

from telecared.adapters.polling import Poller
from telecared.calling import Calling
from telecared.config.deployment import Deployment
from telecared.config.load import LoadedPlan
from telecared.core.plan import Plan
from telecared.core.prompts import Prompt
from telecared.core.vocabulary import Channel
from telecared.engine import Engine, Limits
from telecared.errors import StoreError
from telecared.outbox import Outbox
from telecared.ports import InboundSms, PressedKey, Receipt, Spoken
from telecared.shard import Shard
from telecared.sim.nights.broker import Broker, Session
from telecared.sim.nights.calls import Caller
from telecared.sim.nights.disk import Disk, LateExecutor, NightStore
from telecared.sim.nights.provider import Line, Provider
from telecared.sim.nights.scenery import SCHEME, directory_of
from telecared.sim.nights.world import NightClock, World
from telecared.store_port import Batch

POLLING_SECONDS: Final = 120.0

Result = TypeVar("Result")


class Setting:
    """What every life of a night has in common.

    Attributes:
        polls: the engine looks for commands at least so often, in seconds.
        asks: the provider is asked for receipts and replies besides.
        durable: told after each transaction; `committed` of each batch.
    """

    def __init__(
        self,
        world: World,
        path: Path,
        plan: Plan,
        broker: Broker,
        providers: list[Provider],
        callers: list[Caller],
    ) -> None:
        self.world = world
        self.path = path
        self.plan = plan
        self.broker = broker
        self.providers = providers
        self.callers = callers
        self.disk = Disk()
        self.polls = 60.0
        self.asks = False
        self.durable: Callable[[], None] = lambda: None
        self.committed: Callable[[Batch], None] = lambda _: None
        self.salts = count(1)

    def salt(self) -> bytes:
        """Return a new salt."""
        return next(self.salts).to_bytes(32, "big")


@cache
def _deployment() -> Deployment:
    return Deployment()


class Life:
    """One process.

    Attributes:
        alive: it has not died yet.
        ready: it has started; its parts run.
        since: the true time at which it was ready.
    """

    def __init__(self, setting: Setting, number: int) -> None:
        self.number = number
        self.alive = True
        self.ready = False
        self.since = 0
        self._setting = setting
        self._world = setting.world
        chance = setting.world.chance(f"store {number}")
        self._executor = LateExecutor(setting.world.loop, chance)
        self._executor.is_slow = chance.random() < 0.1
        self._store: NightStore | None = None
        self._tasks: list[asyncio.Task[Any]] = []  # of any result
        self.shard: Shard
        self.calling: Calling
        self.clock: NightClock

    @property
    def inbox(self) -> Engine:
        """Where the broker's messages go."""
        return self.shard.engine

    # --- beginning ------------------------------------------------------------------------------

    def begin(self) -> None:
        """Start it."""
        self._spawn(self._start())

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        task = self._world.loop.create_task(self._part(work))
        self._tasks.append(task)

    async def _part(self, work: Coroutine[object, object, None]) -> None:
        """A part that ends or fails takes the daemon with it, which a night must never see."""
        try:
            await work
        except asyncio.CancelledError:
            if self.alive:
                raise
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is what the night looks for
            if self.alive:
                self._world.fail("P7 the daemon stays alive", f"it died of {error!r}")

    async def _start(self) -> None:
        setting = self._setting
        store = self._store = NightStore(
            setting.path,
            salt=setting.salt,
            executor=self._executor,
            disk=setting.disk,
            durable=setting.durable,
        )
        loaded = await store.load()
        self.clock = NightClock(self._world, loaded.last_at)
        plan = LoadedPlan(plan=setting.plan, profiles={}, warnings=(), sources={})
        self.shard = Shard(_deployment(), plan, store, self.clock)
        engine = self.shard.engine = Engine(
            store,
            loaded,
            clock=self.clock,
            directory_of=directory_of(),
            committed=self._committed,
            schemes={SCHEME: ()},
            limits=Limits(poll_seconds=setting.polls),
        )
        lines = [Line(provider, self) for provider in setting.providers]
        self.shard.outbox = Outbox(
            store,
            {
                Channel.SMS: lines,
                Channel.VOICE: [Line(caller, self) for caller in setting.callers],
            },
            tell=engine.tell,
            wall=self._world.wall,
            now=self.clock.now,
        )
        self.calling = Calling(engine, store)
        await engine.start(setting.plan)
        await self.shard.outbox.recover()
        engine.attach(Session(setting.broker, self))
        self._spawn(engine.run())
        self._spawn(self.shard.outbox.run())
        if setting.asks:
            for line in lines:
                self._spawn(self._poller(line).run())
        self.since = self._world.now()
        self.ready = True
        self._world.trace(f"life {self.number}: ready")

    def _committed(self, batch: Batch) -> None:
        if self.alive:
            self.shard.committed(batch)
            self.calling.committed(batch)
            self._setting.committed(batch)

    def _poller(self, line: Line) -> Poller:
        return Poller(
            line,
            lambda: self.shard.outbox.awaiting(line.name),
            self.receipt,
            self.inbound,
            POLLING_SECONDS,
        )

    # --- what providers tell --------------------------------------------------------------------

    async def receipt(self, receipt: Receipt) -> None:
        """Return once a receipt is durable; raises where nobody listens."""
        self._listens()
        await self._or_death(self.shard.on_receipt(receipt))

    async def inbound(self, message: InboundSms) -> None:
        """Return once an SMS is durable; raises where nobody listens."""
        self._listens()
        await self._or_death(self.shard.engine.tell(message))

    async def text(self, notification: str) -> Spoken | None:
        """Return what a call says; raises where nobody listens."""
        self._listens()
        return await self._or_death(self.calling.text(notification))

    async def press(self, key: PressedKey) -> Prompt:
        """Return what a key came to, once it is durable; raises where nobody listens."""
        self._listens()
        return await self._or_death(self.calling.press(key))

    def _listens(self) -> None:
        if not (self.alive and self.ready):
            raise StoreError("nobody listens")

    async def _or_death(self, work: Coroutine[object, object, Result]) -> Result:
        task = self._world.loop.create_task(work)
        self._tasks.append(task)
        result = await task
        self._listens()
        return result

    # --- the end --------------------------------------------------------------------------------

    def die(self) -> None:
        """End as `kill -9` does: nothing more is done, written or sent from here."""
        if not self.alive:
            return
        self._world.trace(f"life {self.number}: dies")
        self.alive = self.ready = False
        self._executor.die()
        self._setting.broker.forget(self)
        if self._store is not None:
            self._store.die()
        for task in self._tasks:
            task.cancel()

    async def stop(self) -> None:
        """End cleanly, in the order of `app`."""
        self._world.trace(f"life {self.number}: stops")
        engine = self.shard.engine
        for task in self._tasks[2:]:
            task.cancel()
        engine.stop()
        await asyncio.wait([self._tasks[1]])
        self.ready = False
        self._setting.broker.forget(self)
        if self.alive:
            with suppress(StoreError):  # it may be killed while it stops
                await engine.finish()
        if self._store is not None and self.alive:
            self.alive = False
            await self._store.close()
