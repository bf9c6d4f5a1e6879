"""One seed, one night: everybody is set up, and for hours everything goes wrong that can.

In the end all is calm, people answer, and it must come to rest.
"""

import asyncio
import gc
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Final

import msgspec
import structlog

from telecared.core.alert_commands import Resolved
from telecared.core.prompts import Prompt
from telecared.core.vocabulary import MINUTE, AlertState, Channel, Instant, Outcome
from telecared.orders import ImportOrder
from telecared.ports import InboundSms, PressedKey, Receipt, Spoken
from telecared.sim.nights.broker import Broker, Message
from telecared.sim.nights.calls import Caller
from telecared.sim.nights.checkers import Checkers
from telecared.sim.nights.devices import Saying, sayings
from telecared.sim.nights.disk import folder_in_memory
from telecared.sim.nights.ending import check_file
from telecared.sim.nights.faults import Faults
from telecared.sim.nights.life import Setting
from telecared.sim.nights.looking import Looking
from telecared.sim.nights.operators import Desk, Operator
from telecared.sim.nights.paging import Paging
from telecared.sim.nights.people import People
from telecared.sim.nights.provider import Heard, Provider, some_trouble
from telecared.sim.nights.scenery import OPERATORS, home_of, plan_of, secrets_of
from telecared.sim.nights.template import empty_store
from telecared.sim.nights.world import World, chance_of
from telecared.sim.virtual_loop import Circle, Deadlock, VirtualLoop

START: Final[Instant] = 1_772_352_000_000_000
"""2026-03-01T08:00:00Z."""

SHORT_HOURS: Final = (0.05, 0.1, 0.1, 0.15, 0.2, 0.3, 0.5)
LONG_HOURS: Final = (1.0, 2.0, 4.0, 12.0)
LONG_ONES: Final = 0.01
"""The part of nights that are long. Most of what can go wrong goes wrong within minutes, and many
short nights find more than few long ones."""

IN_ANY_ORDER: Final = 0.8
"""The part of nights in which what is ready together runs in any order."""

HOMES: Final = (2, 2, 2, 2, 3, 4, 6)
CALM_SECONDS: Final = 240.0
"""How long the night may take to come to rest when nothing fails any more."""

ROUNDS: Final = 12
"""How often operators go through everything that is open, in the end."""

ROUND_SECONDS: Final = 45.0
LOOK_SECONDS: Final = 5.0
"""How often it is looked whether all is at rest."""

MOST_WAITS: Final = 200
MOST_FAREWELLS: Final = 50


class Night:
    """One night.

    Args:
        seed: makes it what it is.
        folder: where its store lies.
    """

    def __init__(self, seed: int, folder: Path) -> None:
        order = chance_of(seed, "order")
        self.loop = VirtualLoop(order if order.random() < IN_ANY_ORDER else None)
        self.world = world = World(seed, self.loop, START)
        chance = world.chance("night")
        self._hours = chance.choice(LONG_HOURS if chance.random() < LONG_ONES else SHORT_HOURS)
        plan = plan_of(chance)
        homes = tuple(home_of(n, chance) for n in range(1, chance.choice(HOMES) + 1))
        self.secrets = secrets_of(homes)
        path = empty_store(folder)
        self._looking = Looking(path)
        names = ["first", "second"] if chance.random() < 0.5 else ["first"]
        self._providers = [Provider(world, name, some_trouble(chance)) for name in names]
        self._people = People(world, self._providers)
        calls = Channel.VOICE in plan.channels
        self._callers = [Caller(world, "calls", some_trouble(chance))] if calls else []
        self._broker = Broker(world)
        setting = Setting(world, path, plan, self._broker, self._providers, self._callers)
        setting.polls = chance.choice((5.0, 30.0, 30.0))
        setting.asks = chance.random() < 0.3
        self._faults = Faults(setting, self._hours * 3600.0)
        self._checkers = Checkers(
            world,
            self._looking,
            self._faults,
            Paging(world, plan, self._people, homes, self._looking.notifications),
        )
        self._setting = setting
        self._desk = Desk(world, self._looking, lambda: setting.disk.is_full)
        self._sayings = sayings(
            world.chance("devices"), [one.id for one in homes], self._hours * 3600.0
        )
        body = msgspec.json.encode(ImportOrder(homes))
        self._desk.hand_in(OPERATORS[0], None, "import", body)
        self._operators_every = chance.choice((20.0, 60.0, 600.0, 1e9))
        self._alarms: list[Message] = []

    # --- the story ------------------------------------------------------------------------------

    def play(self) -> World:
        """Play it to its end; raise `Broken` for the first promise that was not kept."""
        self._wire()
        try:
            with _logs_watched(self.world, self.secrets):
                self.loop.run_until_complete(self._story())
                self.world.stop_if_broken()
                check_file(self.world, self._setting.path)
                self.world.stop_if_broken()
        except (Deadlock, Circle) as error:
            self.world.fail(type(error).__name__.lower(), str(error))
            self.world.stop_if_broken()
        finally:
            self._end()
        return self.world

    def _wire(self) -> None:
        self.loop.after_step = self._step
        self.loop.before_jump = self._checkers.jump
        self._setting.durable = self._durable
        self._broker.acknowledged = self._acknowledged
        checkers = self._checkers
        heard = Heard(checkers.sending, checkers.asking, checkers.found, self._people.arrived)
        for provider in (*self._providers, *self._callers):
            provider.heard = heard
            provider.on_receipt = self._on_receipt
            provider.on_inbound = self._on_inbound
        for caller in self._callers:
            caller.on_text = self._on_text
            caller.on_key = self._on_key
            caller.pressed = self._people.pressed

    async def _story(self) -> None:
        self._faults.begin()
        for number, name in enumerate(OPERATORS):
            Operator(self.world, self._desk, name, self._operators_every * (1 + number % 2))
        for saying in self._sayings:
            # The first minutes belong to the start: nobody promised anything before it.
            self.loop.call_later(60.0 + saying.at, self._say, saying)
        await asyncio.sleep(60.0 + self._hours * 3600.0)
        await self._comes_to_rest()

    def _say(self, saying: Saying) -> None:
        message = self._broker.publish(
            saying.topic, saying.payload, qos=saying.qos, delay=saying.delay
        )
        self.world.trace(f"device: {saying.home} {saying.device} {saying.what} qos {saying.qos}")
        if saying.is_alarm and saying.qos:
            self._alarms.append(message)

    # --- who hears what -------------------------------------------------------------------------

    def _step(self) -> None:
        self._checkers.step()
        self._faults.step()

    def _durable(self) -> None:
        self.world.counts["transactions"] += 1
        self._checkers.durable()
        self._faults.moment()

    def _acknowledged(self, message: Message) -> None:
        self._checkers.acknowledged(message)
        self._faults.moment()

    async def _on_receipt(self, receipt: Receipt) -> None:
        life = self._faults.life
        await life.receipt(receipt)
        self._checkers.receipt(receipt)

    async def _on_inbound(self, message: InboundSms) -> None:
        await self._faults.life.inbound(message)

    async def _on_text(self, notification: str) -> Spoken | None:
        return await self._faults.life.text(notification)

    async def _on_key(self, key: PressedKey) -> Prompt:
        came_to = await self._faults.life.press(key)
        self._checkers.pressed(key, came_to)
        return came_to

    # --- the end --------------------------------------------------------------------------------

    async def _comes_to_rest(self) -> None:
        """Nothing fails any more: everything that was owed is done, and nobody is forgotten."""
        world = self.world
        world.calm = True
        world.trace("night: calm")
        self._faults.end()
        self._people.takes_again()
        for _ in range(MOST_WAITS):
            if self._faults.life.ready and self._broker.is_linked:
                break
            await asyncio.sleep(5.0)
        self._broker.hurry()
        await asyncio.sleep(LOOK_SECONDS)
        await self._settles(CALM_SECONDS)
        self._everything_is_heard()
        for _ in range(ROUNDS):
            for home, alert in self._desk.open_alerts():
                event = Resolved(
                    input=0, at=0, alert=alert.n, by=OPERATORS[0], outcome=Outcome.FALSE_ACTIVATION
                )
                self._desk.order(home, event, OPERATORS[0])
            await asyncio.sleep(LOOK_SECONDS)
            await self._settles(ROUND_SECONDS)
            if not self._desk.open_alerts():
                break
        self._everything_rests()
        life = self._faults.life
        await life.stop()
        self._looking.refresh()

    async def _settles(self, at_most: float) -> None:
        """Wait until nothing is under way any more; what does not end in time is found there."""
        for _ in range(round(at_most / LOOK_SECONDS)):
            if not self._something_moves():
                break
            await asyncio.sleep(LOOK_SECONDS)

    def _something_moves(self) -> bool:
        looking = self._looking
        owed = (
            one.state == "queued" and not one.withdrawn for one in looking.notifications.values()
        )
        return self._broker.waits or any(owed) or bool(looking.unanswered_commands())

    def _everything_is_heard(self) -> None:
        for message in self._alarms:
            kept = (message.topic, message.payload) in self._checkers.stored
            if not kept and not message.lost:
                self.world.fail("P1 every alarm arrives", f"message {message.number} did not")

    def _everything_rests(self) -> None:
        world, looking = self.world, self._looking
        now = self._faults.life.clock.now()
        for home, alert in self._desk.open_alerts():
            is_new = now - alert.opened_at < 30 * MINUTE
            at_the_end = alert.step == len(alert.policy.steps) - 1
            if not (is_new or at_the_end or alert.state is AlertState.ACKNOWLEDGED):
                world.fail("it comes to rest", f"{home}/{alert.n} hangs at step {alert.step}")
        for one in looking.notifications.values():
            if one.state == "queued" and not one.withdrawn and now - one.queued_at > 5 * MINUTE:
                world.fail("it comes to rest", f"{one.id} is still owed")
        for number in looking.unanswered_commands():
            world.fail("it comes to rest", f"command {number} was never answered")
        for alert_id in looking.closed_by_nobody():
            world.fail("P2 closed by a named person only", f"{alert_id} was not")
        for what in looking.quarantined():
            world.fail("P7 nothing was set aside", what)

    def _end(self) -> None:
        """Let go of everything, whatever became of the night."""
        self.loop.after_step = lambda: None
        self.loop.before_jump = lambda _: None
        self._faults.life.die()
        self.world.calm = True
        for _ in range(MOST_FAREWELLS):
            left = asyncio.all_tasks(self.loop)
            for task in left:
                task.cancel()
            self.loop.run_until_complete(asyncio.sleep(0))
            if not left:
                break
        self._looking.close()
        self.loop.close()


@contextmanager
def _logs_watched(world: World, secrets: list[str]) -> Iterator[None]:
    """Read every log line: no name, number or address may stand in one (promise P11)."""

    def look(_: object, __: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
        told = repr(line)
        for secret in secrets:
            if secret in told:
                world.fail("P11 people's data stays where it belongs", f"{line.get('event')} tells")
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(
        processors=[look],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        cache_logger_on_first_use=False,
    )
    try:
        yield
    finally:
        structlog.configure(**before)


@cache
def _set_apart() -> None:
    """Have what is there before the first night never looked at again for what may go."""
    gc.collect()
    gc.freeze()


def play(seed: int) -> World:
    """Play the night of a seed in a folder of its own.

    Raises:
        Broken: a promise was not kept; it names the command that repeats the night.
    """
    _set_apart()
    try:
        with folder_in_memory() as folder:
            return Night(seed, folder).play()
    finally:
        # Thousands of tasks in circles, which each later night would have to walk past.
        gc.collect()


def play_traced(seed: int) -> tuple[World, Exception | None]:
    """Play the night of a seed; return its world, with the trace, and what was broken."""
    with folder_in_memory() as folder:
        night = Night(seed, folder)
        with suppress(Exception):
            night.play()
        return night.world, night.world.broken
