"""A night of one engine: real engine, real store, virtual clock; every turn is made by hand.

When a story ends, what it left behind must be sound: the store verifies, its inputs decide the
same once more, the ledger balances, and no deadline is stored too late. Nothing here decides.
"""

import asyncio
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from telecared.adapters.sqlite import CommandDesk, SqliteReader, SqliteStore
from telecared.core.events import NotificationReported, StoredEvent, encode_event
from telecared.core.ledger import Ledger
from telecared.core.plan import HomeRecord, Plan
from telecared.core.vocabulary import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Duration,
    Instant,
    NotificationState,
)
from telecared.engine import MAX_PEOPLE, Engine, Limits
from telecared.hearing import Reported, Said
from telecared.orders import ImportOrder
from telecared.ports import Arrival, Connected, Disconnected, Drained, InboundSms
from telecared.reader_port import AlertFilter, StoredRecord
from telecared.store_port import AlertRow, Batch, CommandResult, CommandRow, InputRow, NotifyRow
from tests.engine.scenery import SCHEME, home, instant, plan_of, shipped_directory
from tests.engine.soundness import assert_sound, ledger_of
from tests.engine.stage import NotingSubscriber, Salts, StageClock

START = "2026-03-01T08:00:00Z"
MOST_TURNS = 10_000
"""A story that needs more turns than this for one stretch of time runs in circles."""


class Night:
    """Use as an async context; `delivers` False when a story reports receipts by itself."""

    def __init__(
        self,
        folder: Path,
        *,
        plan: Plan | None = None,
        homes: Sequence[HomeRecord] | None = None,
        start: str = START,
        delivers: bool = True,
        limits: Limits | None = None,
        ballast: int = 0,
    ) -> None:
        self.path = folder / "telecared.db"
        self.plan = plan_of() if plan is None else plan
        self.clock = StageClock(instant(start))
        self.delivers = delivers
        self.sound_in_the_end = True
        self.owed: list[NotifyRow] = []
        self.told: list[NotifyRow] = []
        self.session = NotingSubscriber()
        self.connection = 0
        self.store: SqliteStore
        self.engine: Engine
        self._homes = (home(),) if homes is None else tuple(homes)
        self._limits = limits or Limits(hold_seconds=0)
        self._ballast = ballast
        self._salts = Salts()
        self._packets = count(1)
        self._sms = count(1)

    async def __aenter__(self) -> Self:
        await self._start()
        if self._homes:
            await self.imports(*self._homes)
        await self.connects(resumed=False)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        if kind is None and self.sound_in_the_end:
            await self.settle()
            self.assert_sound()
        await self.store.close()

    # --- the daemon -----------------------------------------------------------------------------

    async def _start(self) -> None:
        self.store = SqliteStore(self.path, salt=self._salts, ballast_bytes=self._ballast)
        loaded = await self.store.load()
        # As the real clock does: it begins at the wall clock, or at the record if that is later.
        wall = self.clock.at + self.clock.offset
        self.clock.at = max(wall, loaded.last_at)
        self.clock.offset = wall - self.clock.at
        self.engine = Engine(
            self.store,
            loaded,
            clock=self.clock,
            directory_of=shipped_directory(),
            committed=self._committed,
            schemes={SCHEME: ()},
            limits=self._limits,
        )
        self.engine.attach(self.session)
        await self.engine.start(self.plan)

    def _committed(self, batch: Batch) -> None:
        self.owed.extend(batch.notifications)
        self.told.extend(batch.notifications)
        taken_back = {one.id for one in batch.notification_updates if one.withdrawn}
        self.owed = [one for one in self.owed if one.notify.id not in taken_back]

    async def restarts(
        self,
        *,
        clean: bool = True,
        down: Duration = 0,
        drained: bool = True,
        last_words: bool = True,
    ) -> None:
        """The daemon stops, or dies (just after a sign of life), and starts again after a time."""
        if last_words:
            self.engine._watching._alive_at = float("-inf")
            await self.turn()
        if clean:
            await self.engine.finish()
        await self.store.close()
        self.clock.at += down
        await self._start()
        self.connection = 0
        await self.connects(resumed=True, drained=drained)

    async def turn(self) -> None:
        """One turn of the engine."""
        await self.engine.turn()

    async def settle(self) -> None:
        """Turn until everything that is owed is delivered."""
        for _ in range(100):
            await self.turn()
            if not (self.delivers and self.owed):
                return
            owed, self.owed = self.owed, []
            for state in (NotificationState.SENT, NotificationState.DELIVERED):
                await self.tells(*(report_of(one.notify.id, state) for one in owed))
        raise AssertionError("messages beget messages without end")

    # --- time -----------------------------------------------------------------------------------

    async def passes(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> None:
        """Let time pass; the engine wakes whenever something is due."""
        passed = int(days * DAY + hours * HOUR + minutes * MINUTE + seconds * SECOND)
        await self._to(self.clock.at + passed)

    async def until(self, text: str) -> None:
        """Let time pass until a wall clock in Greenwich shows an instant."""
        await self._to(instant(text) - self.clock.offset)

    async def _to(self, target: Instant) -> None:
        await self.settle()
        for _ in range(MOST_TURNS):
            wake = self.engine.homes.next_wake()
            if wake is None or wake > target:
                self.clock.at = target
                await self.settle()
                return
            self.clock.at = max(self.clock.at, wake)
            await self.settle()
        raise AssertionError("the engine runs in circles")

    async def skips(self, passed: Duration) -> None:
        """Time passes without a turn in between."""
        self.clock.at += passed
        await self.settle()

    async def suspends(self, passed: Duration) -> None:
        """The machine sleeps and wakes up."""
        self.clock.at += passed
        self.clock.suspended = passed / SECOND
        await self.turn()
        self.clock.suspended = 0.0
        await self.settle()

    async def wall_clock_is_put(self, by: Duration) -> None:
        """Somebody puts the wall clock while we run."""
        self.clock.offset += by
        await self.settle()

    # --- the broker and the devices -------------------------------------------------------------

    async def connects(self, *, resumed: bool = True, drained: bool = True) -> None:
        """The link comes up; the session's backlog comes before `drains`."""
        self.connection += 1
        self.engine.link(Connected(self.connection, session_present=resumed, protocol=5))
        if drained:
            self.engine.link(Drained(self.connection))
        await self.settle()

    async def drains(self) -> None:
        """Our canary comes back."""
        self.engine.link(Drained(self.connection))
        await self.settle()

    async def disconnects(self) -> None:
        """The link is lost."""
        self.engine.link(Disconnected(self.connection, "the broker is gone"))
        await self.settle()

    def message(
        self,
        device: str = "pendant",
        number: int = 1,
        *,
        qos: int = 1,
        retained: bool = False,
        redelivered: bool = False,
        packet: int | None = None,
        raw: bytes | None = None,
        topic: str | None = None,
        **values: object,
    ) -> Arrival:
        """A message as it comes off the wire."""
        return Arrival(
            topic=topic or f"telecare/{SCHEME}/h{number:03d}/{device}",
            payload=msgspec.json.encode(values) if raw is None else raw,
            qos=qos,
            retained=retained,
            redelivered=redelivered,
            packet_id=(next(self._packets) if packet is None else packet) if qos else 0,
            connection=self.connection,
        )

    async def hears(self, *messages: Arrival) -> None:
        """Messages arrive together, and are worked out."""
        self.engine.arrived(messages)
        await self.settle()

    async def press(self, number: int = 1, **more: object) -> None:
        """Somebody presses a pendant."""
        await self.hears(self.message("pendant", number, trigger="pressed", **more))  # type: ignore[arg-type]

    async def moves(self, number: int = 1) -> None:
        """Somebody walks through the hall."""
        await self.hears(
            self.message("pir", number, motion="detected"),
            self.message("pir", number, motion="clear"),
        )

    # --- people and providers -------------------------------------------------------------------

    async def tells(self, *said: Said) -> None:
        """Tell the engine something, and wait until it is durable."""
        waiting = [asyncio.ensure_future(self.engine.tell(one)) for one in said]
        for _ in range(1 + len(said) // MAX_PEOPLE):
            await asyncio.sleep(0)
            await self.turn()
        await asyncio.sleep(0)
        for one in waiting:
            assert one.done(), "nobody was answered"
            one.result()

    async def reports(
        self,
        notification: str,
        state: NotificationState,
        code: str = "",
        *,
        number_refused: bool = False,
    ) -> None:
        """The outbox or the provider reports on a message."""
        await self.tells(report_of(notification, state, code, number_refused=number_refused))
        await self.settle()

    async def texts(self, number: str, text: str, *, sms: str | None = None) -> None:
        """Somebody sends us an SMS."""
        await self.tells(InboundSms(sms or f"SM-in-{next(self._sms)}", number, text))
        await self.settle()

    def desk(self) -> CommandDesk:
        """What another process hands commands in at."""
        return CommandDesk(self.path, sleep=time.sleep, seconds=time.monotonic)

    def hand_in(self, kind: str, home_id: str | None, body: bytes) -> int:
        """Hand in a command as another process does; return its id."""
        return self.desk().add(
            CommandRow(
                id=0,
                kind=kind,
                by="Test Operator",
                via="cli",
                given_at=self.clock.at,
                home=home_id,
                body=body,
            )
        )

    async def command(self, kind: str, home_id: str | None, body: bytes) -> CommandResult:
        """Hand in a command and return how it ended."""
        number = self.hand_in(kind, home_id, body)
        await self.settle()
        return self.result(number)

    def result(self, command: int) -> CommandResult:
        """How a command ended."""
        result = self.desk().state_of(command)
        assert result is not None
        return result

    async def orders(self, event: StoredEvent, home_id: str = "h001") -> CommandResult:
        """A person commands something about an alert."""
        return await self.command(type(event).__name__.lower(), home_id, encode_event(event))

    async def imports(self, *homes: HomeRecord, delete: tuple[str, ...] = ()) -> CommandResult:
        """Somebody imports homes."""
        body = msgspec.json.encode(ImportOrder(tuple(homes), delete))
        return await self.command("import", None, body)

    async def replans(self, plan: Plan) -> None:
        """An edited plan comes into force."""
        self.plan = plan
        await self.tells(plan)
        await self.settle()

    # --- what is on record ----------------------------------------------------------------------

    def open_notification(self, to: str, home_id: str = "h001") -> str:
        """The id of the newest message to somebody."""
        return [one.notify.id for one in self.told if one.home == home_id and one.notify.to == to][
            -1
        ]

    @property
    def reader(self) -> SqliteReader:
        """Looks at the store."""
        return SqliteReader(self.path)

    def inputs(self, kind: str = "") -> list[InputRow]:
        """The inputs of one kind, or all."""
        return [row for row in self.reader.inputs() if not kind or row.kind == kind]

    def alerts(self, rule: str = "", *, home_id: str | None = None) -> list[AlertRow]:
        """The alerts of a rule, oldest first."""
        found = self.reader.alerts(AlertFilter(limit=100_000, home=home_id))
        return [row for row in reversed(found) if not rule or row.rule == rule]

    def alert(self, rule: str) -> AlertRow:
        """The one alert of a rule."""
        [found] = self.alerts(rule)
        return found

    def records(self, event: str = "", home_id: str | None = None) -> list[StoredRecord]:
        """Lines of the record."""
        found = self.reader.records(home=home_id)
        return [row for row in found if not event or row.record.event == event]

    def texts_to(self, number: str) -> list[str]:
        """What a number was told so far."""
        return [one.notify.text for one in self.told if one.notify.number == number]

    def ledger(self) -> Ledger:
        """The ledger of alerts."""
        return ledger_of(self.path)

    def assert_sound(self) -> None:
        """What must hold after every story."""
        assert_sound(self.path, self.engine.homes)


def report_of(
    notification: str, state: NotificationState, code: str = "", *, number_refused: bool = False
) -> Reported:
    """What the outbox (sent, failed) or the provider (the rest) tells of a message."""
    event = NotificationReported(
        input=0,
        at=0,
        notification=notification,
        state=state,
        code=code,
        number_refused=number_refused,
    )
    ours = state in (NotificationState.SENT, NotificationState.FAILED)
    return Reported(event, f"SM-{notification}" if ours else None)
