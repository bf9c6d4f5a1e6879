"""A monitoring centre at work: real engine, real store, the real console on a free port.

History is played in virtual time; from then on engine time runs with the clock, in a thread of its
own, and every message is delivered at once. Nothing here decides.
"""

import asyncio
import os
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Self, TypeVar

import msgspec
from argon2 import PasswordHasher

from telecared.accounts_port import Draft
from telecared.adapters.console_db import ConsoleDb, console_path
from telecared.adapters.entropy import salt
from telecared.adapters.sqlite import CommandDesk, SqliteReader, SqliteStore
from telecared.core.events import StoredEvent
from telecared.core.links import SECRET_KEY
from telecared.core.operators import Role
from telecared.core.vocabulary import SECOND, Instant
from telecared.engine import Engine
from telecared.pulse_file import PulseFacts, path_of
from telecared.reader_port import AlertFilter
from telecared.serving import EmbeddedServer
from telecared.shard import directory_of
from telecared.store_port import AlertRow, CommandResult
from telecared.web.console import Console, Settings, build_app
from telecared.web.entries import all_entries
from telecared.web.routes import Entry
from tests.engine.night import Night
from tests.web.town import NORTH, SITE_TITLE, SOUTH, town

_T = TypeVar("_T")

STARTS = "2026-03-09T17:30:00Z"
TURN_SECONDS = 0.01
PULSE_SECONDS = 0.5
WAIT_SECONDS = 20
PASSWORD = "correct horse battery staple"

SECRET = bytes(range(32))
"""With which the links in SMS are signed."""

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""What proves a password well is slow on purpose, which is another test's subject."""

OPERATORS: tuple[tuple[str, Role, tuple[str, ...] | None], ...] = (
    ("Olive Operator", Role.OPERATOR, None),
    ("Omar Operator", Role.OPERATOR, None),
    ("Nell Northside", Role.OPERATOR, (NORTH,)),
    ("Saul Southside", Role.OPERATOR, (SOUTH,)),
    ("Sue Supervisor", Role.SUPERVISOR, None),
    ("Sol Southside", Role.SUPERVISOR, (SOUTH,)),
    ("Ada Administrator", Role.ADMINISTRATOR, None),
    ("Ines Installer", Role.INSTALLER, None),
    ("Aud Auditor", Role.AUDITOR, None),
)
"""One of every role; two operators who see everything, to race; and some of one scheme only."""

OLIVE, OMAR, NELL, SAUL, SUE, SOL, ADA, INES, AUD = (name for name, _, __ in OPERATORS)


class TownNight(Night):
    """A night of the town's homes, with messages by home and device."""

    async def _start(self) -> None:
        self.store = SqliteStore(self.path, salt=self._salts, ballast_bytes=0)
        loaded = await self.store.load()
        self.clock.at = max(self.clock.at, loaded.last_at)
        self.engine = Engine(
            self.store,
            loaded,
            clock=self.clock,
            directory_of=directory_of(town()[0].profiles),
            committed=self._committed,
            schemes={NORTH: (), SOUTH: ()},
            limits=self._limits,
        )
        self.engine.attach(self.session)
        await self.engine.start(self.plan)

    async def says(self, home: str, device: str, **values: object) -> None:
        """A device of a home says something."""
        scheme = next(one.scheme for one in self._homes if one.id == home)
        await self.hears(self.message(topic=f"telecare/{scheme}/{home}/{device}", **values))  # type: ignore[arg-type]


class Centre:
    """A centre that runs until it is closed. Make it with `opened`.

    Attributes:
        url: of the console, without a slash at the end.
        path: of the store.
        accounts: who may sign in.
        served, served_on: the console, and the event loop that serves it.
        pulses: while false the daemon gives no sign of life.
        turns: while false the engine does nothing: commands wait.
    """

    def __init__(self, folder: Path, *, more: Sequence[Entry] = ()) -> None:
        loaded, homes = town()
        self.night = TownNight(folder, plan=loaded.plan, homes=homes, start=STARTS)
        self.night.sound_in_the_end = False
        self.path = folder / "telecared.db"
        self.url = ""
        self.pulses = True
        self.turns = True
        self.linked = True
        self.accounts: ConsoleDb
        self.served: Console
        self.served_on: asyncio.AbstractEventLoop
        self._more = tuple(more)
        self._base: Instant = 0
        self._began = 0.0
        self._over = False
        self._lock: asyncio.Lock
        self._loop: asyncio.AbstractEventLoop
        self._ready: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name="centre", daemon=True)

    # --- its life -------------------------------------------------------------------------------

    def opened(self, history: Callable[[TownNight], Awaitable[None]] | None = None) -> Self:
        """Play the history, then serve and let time run."""
        self._history = history
        self._thread.start()
        self._ready.result(60)
        return self

    def close(self) -> None:
        """Stop serving, then the engine."""
        self._over = True
        self._thread.join(WAIT_SECONDS)

    def _run(self) -> None:
        try:
            asyncio.run(self._live())
        except BaseException as error:
            if self._ready.done():
                raise
            self._ready.set_exception(error)

    async def _live(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._lock = asyncio.Lock()
        async with self.night as night:
            if self._history is not None:
                await self._history(night)
            await night.store.remember(SECRET_KEY, SECRET.hex())
            self._base, self._began = night.clock.at, time.monotonic()
            self.accounts = ConsoleDb(console_path(self.path), chance=salt, hasher=CHEAP)
            for name, role, schemes in OPERATORS:
                draft = Draft(name=name, role=role, schemes=schemes)
                self.accounts.add(draft, PASSWORD, must_change=False, by=None, now=self.now())
            console = self.served = self.console()
            self.served_on = self._loop
            server = EmbeddedServer(build_app(console), "127.0.0.1:0", max_connections=400)
            serving = asyncio.create_task(server.run())
            await server.started.wait()
            self.url = f"http://127.0.0.1:{server.port}"
            self._pulse()
            self._ready.set_result(None)
            await self._time_runs()
            console.hub.close()
            serving.cancel()
            await asyncio.wait({serving})
            self.accounts.close()

    def console(self) -> Console:
        """The console of this centre, as it is served."""
        return Console(
            self.path,
            desk=CommandDesk(self.path, sleep=time.sleep, seconds=time.monotonic),
            accounts=self.accounts,
            wall=self.now,
            settings=Settings(title=SITE_TITLE),
            entries=(*all_entries(), *self._more),
        )

    async def _time_runs(self) -> None:
        told = 0.0
        while not self._over:
            if self.turns:
                async with self._lock:
                    await self._catches_up()
            if self.pulses and self.turns and time.monotonic() - told >= PULSE_SECONDS:
                told = time.monotonic()
                self._pulse()
            await asyncio.sleep(TURN_SECONDS)

    async def _catches_up(self) -> None:
        now = self.now()
        wake = self.night.engine.homes.next_wake()
        while wake is not None and self.night.clock.at < wake <= now:
            self.night.clock.at = wake
            await self.night.settle()
            wake = self.night.engine.homes.next_wake()
        self.night.clock.at = max(self.night.clock.at, now)
        await self.night.settle()

    def _pulse(self) -> None:
        facts = PulseFacts(
            at=self.now(),
            wall=self.now(),
            speed=1.0,
            beat="fine",
            linked=self.linked,
            held=False,
            full=False,
            pid=os.getpid(),
        )
        path = path_of(self.path)
        written = path.with_name(f"{path.name}.new")
        written.write_bytes(msgspec.json.encode(facts))
        written.replace(path)

    # --- what happens, asked from a test's thread ------------------------------------------------

    def now(self) -> Instant:
        """Engine time, which is the wall's here."""
        return self._base + int((time.monotonic() - self._began) * SECOND)

    def leaps(self, seconds: float) -> None:
        """Have all clocks go forward at once, as after a time in which nobody did anything."""
        self._base += int(seconds * SECOND)
        if self.pulses:
            self._pulse()

    def does(self, act: Callable[[TownNight], Coroutine[Any, Any, _T]]) -> _T:
        """Have something happen between two turns of the engine, and wait for it."""

        async def between() -> _T:
            async with self._lock:
                await self._catches_up()
                return await act(self.night)

        return asyncio.run_coroutine_threadsafe(between(), self._loop).result(WAIT_SECONDS)

    def says(self, home: str, device: str, **values: object) -> None:
        """A device says something, which is committed when this returns."""
        self.does(lambda night: night.says(home, device, **values))

    def presses(self, home: str) -> AlertRow:
        """Somebody presses their pendant; return the newest alert of it."""
        self.says(home, "pendant", trigger="pressed")
        return self.alerts(home)[0]

    def orders(self, event: StoredEvent, home: str) -> CommandResult:
        """Somebody at a terminal commands something about an alert."""
        return self.does(lambda night: night.orders(event, home))

    def restarts(self) -> None:
        """The daemon stops and starts again."""
        self.does(lambda night: night.restarts())

    # --- what is on record ------------------------------------------------------------------------

    def alerts(self, home: str | None = None, rule: str = "") -> list[AlertRow]:
        """Alerts, newest first, of one home or one rule."""
        found = SqliteReader(self.path).alerts(AlertFilter(limit=10_000, home=home))
        return [row for row in found if not rule or row.rule == rule]

    def alert(self, home: str, number: int) -> AlertRow:
        """One alert."""
        return next(row for row in self.alerts(home) if row.n == number)

    def cookie(self, name: str) -> str:
        """Sign somebody in beside the pages, and return the session's cookie."""
        tried = self.accounts.sign_in(
            name, PASSWORD, address="127.0.0.1", browser="", now=self.now()
        )
        assert tried.token, tried
        return tried.token
