"""The synthetic resident: presses a pendant at intervals and follows the alarm to its receipt.

It goes the whole way that a resident's alarm goes: broker, rule, transaction, outbox, provider,
receipt. When the alarm stops anywhere, people are told by another way than the one that failed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import Final

import msgspec
import structlog

from telecared.core.alert_commands import Resolved
from telecared.core.events import ConditionFound, encode_event
from telecared.core.plan import SYNTHETIC_HOME, HomeRecord
from telecared.core.selftest import NAME, home_of
from telecared.core.vocabulary import AlertState, NotificationState, Outcome
from telecared.errors import TelecaredError
from telecared.orders import ImportOrder
from telecared.pulse import Beat
from telecared.store_port import Batch, CommandRow

FAILED: Final = "synthetic-failed"
"""The finding of the site when a round failed."""

REGISTER_SECONDS: Final = 30.0
"""How long the engine may take to register the home before the first round."""

TOLD_SECONDS: Final = 10.0
"""How long the engine may take to put a failure on record before it is told without it."""

log = structlog.get_logger(__name__)


class Leg(StrEnum):
    """A stretch of the way, named by where it ends."""

    PUBLISHED = "published"
    HEARD = "heard"
    OPENED = "opened"
    SENT = "sent"
    DELIVERED = "delivered"


_ENDS_AT: Final[Mapping[Leg, str]] = {
    Leg.PUBLISHED: "the broker did not take the press",
    Leg.HEARD: "the press did not come back from the broker",
    Leg.OPENED: "no alert was opened",
    Leg.SENT: "the provider did not take the message",
    Leg.DELIVERED: "no receipt came for the message",
}
"""The leg that is missing -> what that means."""

WITHOUT_ALERT: Final = frozenset(_ENDS_AT[leg] for leg in (Leg.PUBLISHED, Leg.HEARD, Leg.OPENED))
"""Failures of a round of which no alert tells: only the finding does."""


class Round(msgspec.Struct, frozen=True):
    """One round: seconds from the press until each leg's end, and why it failed, or ""."""

    legs: Mapping[Leg, float]
    failed: str = ""


class Around(msgspec.Struct, frozen=True):
    """What the synthetic resident is given to act with.

    Attributes:
        press: publishes a payload on `TOPIC` by a client of its own; raises TelecaredError.
        add_command: makes a command durable, as another process does.
        registered: the home's record as the engine has it, or None.
        tell: puts a finding on record; returns once it is durable.
        page: tells people of a failure without the engine; None where nowhere is named.
        beat: how the daemon stands.
        now: engine time, for commands.
        seconds: the event loop's clock.
    """

    press: Callable[[bytes], Awaitable[None]]
    add_command: Callable[[CommandRow], Awaitable[int]]
    registered: Callable[[], HomeRecord | None]
    tell: Callable[[ConditionFound], Awaitable[object]]
    page: Callable[[str], Awaitable[None]] | None
    beat: Callable[[], Beat]
    now: Callable[[], int]
    seconds: Callable[[], float]


class Synthetic:
    """Goes round after round.

    Args:
        around: what it acts with.
        number: a phone of nobody.
        every_seconds, within_seconds: between two rounds, and for one; real time.

    Attributes:
        last: the last round, None before the first.
        failures: failed rounds in a row.
    """

    def __init__(
        self, around: Around, number: str, every_seconds: float, within_seconds: float
    ) -> None:
        self._around = around
        self._home = home_of(number)
        self._every = every_seconds
        self._within = within_seconds
        self._begun: float | None = None
        self._legs: dict[Leg, float] = {}
        self._alerts: dict[int, None] = {}
        self._notifications: set[str] = set()
        self._moved = asyncio.Event()
        self.last: Round | None = None
        self.failures = 0

    async def run(self) -> None:
        """Go until cancelled."""
        while True:
            begun = self._around.seconds()
            await self.once()
            await asyncio.sleep(max(0.0, self._every - (self._around.seconds() - begun)))

    async def once(self) -> Round:
        """Go one round, tell what came of it, and clear up."""
        self._legs = {}
        self._notifications = set()
        self._begun = None
        failed = await self._go()
        self._begun = None
        self.last = Round(dict(self._legs), failed)
        if failed:
            self.failures += 1
            log.error("synthetic.failed", why=failed, **_milliseconds(self._legs))
            await self._tell_failure(failed)
        else:
            self.failures = 0
            log.info("synthetic.fine", **_milliseconds(self._legs))
            await self._tell(ConditionFound(input=0, at=0, name=FAILED, over=True))
        await self._clear_up()
        return self.last

    async def _go(self) -> str:
        """Press, and wait for the receipt; return why that failed, or ""."""
        try:
            async with asyncio.timeout(REGISTER_SECONDS):
                await self._register()
        except TimeoutError:
            return "its home could not be registered: the engine takes no commands"
        except TelecaredError:
            return "its home could not be registered: the store takes no commands"
        await self._clear_up()
        self._begun = self._around.seconds()
        try:
            async with asyncio.timeout(self._within):
                await self._around.press(msgspec.json.encode({"trigger": "pressed"}))
                self._reached(Leg.PUBLISHED)
                while Leg.DELIVERED not in self._legs:
                    self._moved.clear()
                    await self._moved.wait()
        except (TimeoutError, TelecaredError):
            missing = next(leg for leg in Leg if leg not in self._legs)
            return _ENDS_AT[missing]
        return ""

    async def _register(self) -> None:
        if self._around.registered() == self._home:
            return
        order = ImportOrder(homes=(self._home,))
        await self._command("import", None, msgspec.json.encode(order))
        while self._around.registered() != self._home:
            self._moved.clear()
            await self._moved.wait()

    async def _command(self, kind: str, home: str | None, body: bytes) -> None:
        row = CommandRow(
            id=0, kind=kind, by=NAME, via="synthetic", given_at=self._around.now(), home=home,
            body=body,
        )  # fmt: skip
        # A disk that hangs must not keep the next round, and its page, from coming.
        async with asyncio.timeout(TOLD_SECONDS):
            await self._around.add_command(row)

    async def _clear_up(self) -> None:
        """Close what a round opened: it was a test, and nobody is needed."""
        for n in list(self._alerts):
            done = Resolved(input=0, at=0, alert=n, by=NAME, outcome=Outcome.TEST)
            try:
                await self._command("resolve", SYNTHETIC_HOME, encode_event(done))
            except (TimeoutError, TelecaredError) as error:
                log.error("synthetic.not_closed", error=type(error).__name__)
                return
            self._alerts.pop(n, None)

    # --- what is seen on the way ----------------------------------------------------------------

    def committed(self, batch: Batch) -> None:
        """Take in a durable batch. Never waits."""
        for row in batch.alerts:
            if row.home == SYNTHETIC_HOME:
                if row.state is AlertState.RESOLVED:
                    self._alerts.pop(row.n, None)
                else:
                    self._alerts[row.n] = None
                    self._reached(Leg.OPENED)
        if any(row.kind == "message" and row.home == SYNTHETIC_HOME for row in batch.inputs):
            self._reached(Leg.HEARD)
        self._notifications |= {
            row.notify.id
            for row in batch.notifications
            if row.home == SYNTHETIC_HOME and row.notify.alert
        }
        for update in batch.notification_updates:
            if update.id in self._notifications:
                if update.state is NotificationState.SENT:
                    self._reached(Leg.SENT)
                if update.state is NotificationState.DELIVERED:
                    self._reached(Leg.SENT)
                    self._reached(Leg.DELIVERED)
        self._moved.set()

    def restored(self, alerts: Mapping[int, object]) -> None:
        """Take in alerts that an earlier process left open."""
        self._alerts.update(dict.fromkeys(alerts))

    def _reached(self, leg: Leg) -> None:
        if self._begun is not None:
            self._legs.setdefault(leg, self._around.seconds() - self._begun)

    # --- telling --------------------------------------------------------------------------------

    async def _tell_failure(self, failed: str) -> None:
        """Tell of a failure on record; and directly when it is the first, or nobody would hear."""
        on_record = await self._tell(ConditionFound(input=0, at=0, name=FAILED, detail=failed))
        heard = on_record and self._around.beat() is Beat.FINE
        if self._around.page is None or (heard and self.failures > 1):
            return
        try:
            await self._around.page(f"telecared: the self-test failed: {failed}.")
        except Exception as error:  # noqa: BLE001 - the last way there is; the next round tries again
            log.error("synthetic.not_paged", error=type(error).__name__)

    async def _tell(self, finding: ConditionFound) -> bool:
        """Return whether a finding came on record."""
        if self._around.beat() is Beat.STUCK:
            return False
        try:
            async with asyncio.timeout(TOLD_SECONDS):
                await self._around.tell(finding)
        except (TimeoutError, TelecaredError):
            return False
        return True


def _milliseconds(legs: Mapping[Leg, float]) -> dict[str, int]:
    """Return the legs as figures for the log."""
    return {leg.value: round(seconds * 1000) for leg, seconds in legs.items()}
