"""Whatever happens in whatever order: the store is sound and decides the same once more (P9)."""

import random
from collections.abc import Awaitable, Callable

import msgspec
import pytest
from msgspec.structs import replace

from telecared.core.alert_commands import Acknowledged, Declined, Resolved, Snoozed
from telecared.core.events import Silenced, SilenceEnded, StoredEvent, Suspended, SuspensionEnded
from telecared.core.plan import Rule
from telecared.core.vocabulary import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    NotificationState,
    Outcome,
    SuspensionKind,
)
from telecared.core.windows import rfc3339
from telecared.engine import Limits
from telecared.orders import StatedOrder
from tests.engine.conftest import MakeNight
from tests.engine.night import Night
from tests.engine.rich import HOLIDAYS, LEEDS, RICH_RULES, rich_home
from tests.engine.scenery import (
    BEN,
    CARA,
    DOOR_AT_NIGHT,
    DOOR_OPEN,
    NO_MOVEMENT,
    PENDANT,
    SCHEME,
    SMOKE,
    UNIT_SILENT,
    WATER,
    plan_of,
    with_downtime,
)
from tests.engine.soundness import assert_restartable

MOVES = 40
HOMES = 3
RULES: tuple[Rule, ...] = (
    PENDANT,
    SMOKE,
    replace(WATER, cooldown=10 * MINUTE),
    with_downtime(NO_MOVEMENT, "grace", 30 * MINUTE),
    replace(with_downtime(NO_MOVEMENT, "pause"), name="no-movement-paused"),
    UNIT_SILENT,
    DOOR_OPEN,
    DOOR_AT_NIGHT,
    *RICH_RULES,
)


class Fate:
    """Chooses what happens next."""

    def __init__(self, night: Night, seed: int) -> None:
        self.night = night
        self.chance = random.Random(seed)
        self.moves: tuple[Callable[[], Awaitable[object]], ...] = (
            *(self.devices,) * 6,
            *(self.time,) * 5,
            *(self.people,) * 3,
            *(self.statements,) * 3,
            *(self.visit,) * 2,
            self.outage,
            self.crash,
            self.stop,
            self.sleep,
            self.clock,
            self.rules,
            self.registry,
            self.receipt,
        )

    async def devices(self) -> None:
        """Some devices speak, one soon after the other, sometimes oddly."""
        for _ in range(self.chance.randrange(1, 6)):
            self.night.clock.at += self.chance.choice([0, SECOND, 20 * SECOND, 3 * MINUTE])
            await self.device()

    async def device(self) -> None:
        """A device speaks."""
        pick, chance = self.chance.choice, self.chance.random
        spoken: list[tuple[str, str, object]] = [
            ("pendant", "trigger", "pressed"),
            ("unit", "cancel", "pressed"),
            *[("pir", "motion", pick(["detected", "clear"]))] * 3,
            *[("door", "contact", pick(["open", "closed"]))] * 3,
            ("water", "water", pick(["wet", "dry"])),
            ("smoke", "smoke", pick(["alarm", "clear"])),
            *[("bed", "occupancy", pick(["occupied", "vacant"]))] * 2,
            *[("thermo", "temperature", pick([3, 15.5, 16.5, 21, 27]))] * 2,
            ("tracker", "location", [LEEDS[0] + pick([0, 0.1]), LEEDS[1]]),
            ("unit", "heartbeat", "seen"),
            ("pir", "nonsense", 1),
        ]
        device, name, value = pick(spoken)
        values = {name: value}
        if device == "unit":
            values["seq"] = self.chance.randrange(5)
        if chance() < 0.1:
            late = self.chance.randrange(-MINUTE, 3 * HOUR)
            values["at"] = rfc3339(self.night.clock.at + self.night.clock.offset - late)
        one = self.night.message(
            device,
            self.chance.randrange(1, HOMES + 1) if chance() < 0.95 else HOMES + 1,
            qos=pick([0, 1, 1, 1]),
            retained=chance() < 0.1,
            redelivered=chance() < 0.2,
            packet=self.chance.randrange(1, 9),
            **values,  # type: ignore[arg-type] # whatever a device tells
        )
        await self.night.hears(one)

    async def time(self) -> None:
        """Time passes, with or without turns."""
        seconds = self.chance.choice([1, 30, 125, 600, 3_700])
        await self.night.passes(seconds=seconds)

    async def people(self) -> None:
        """Somebody replies or commands."""
        pick = self.chance.choice
        name = f"h{self.chance.randrange(1, HOMES + 1):03d}"
        alerts = self.night.engine.homes.states[name].alerts
        n = pick([*alerts, 99])
        if self.chance.random() < 0.5:
            code = alerts[n].code if n in alerts else "0000"
            text = pick([code, f"NO {code}", "ACK", "no", "STOP", "START", "what?"])
            await self.night.texts(pick([BEN, CARA]), text)
            return
        events: list[StoredEvent] = [
            Acknowledged(input=0, at=0, alert=n, by="Olu"),
            Snoozed(input=0, at=0, alert=n, by="Olu", duration=7 * MINUTE),
            Declined(input=0, at=0, alert=n, by="Ben Hall", contact="ben"),
            Resolved(input=0, at=0, alert=n, by="Olu", outcome=Outcome.TEST),
            Resolved(input=0, at=0, alert=n, by="Olu", outcome=Outcome.NO_CONTACT),
        ]
        await self.night.orders(pick(events), name)

    async def statements(self) -> None:
        """Somebody states that a home is not as usual, wants silence, or ends either."""
        pick, chance = self.chance.choice, self.chance.random
        kind, number = pick([*SuspensionKind]), self.chance.randrange(3) if chance() < 0.3 else 0
        rule = pick(["", "", *(one.name for one in RULES), "not-decoded", "device-lost"])
        statements: list[Suspended | SuspensionEnded | Silenced | SilenceEnded] = [
            Suspended(input=0, at=0, by="Ann Lee", kind=kind, until=0, extends=number),
            Silenced(input=0, at=0, by="Ann Lee", until=0, rule=rule, device=pick(["", "", "pir"])),
            SuspensionEnded(input=0, at=0, by="Ann Lee", suspension=number),
            SilenceEnded(input=0, at=0, by="Ann Lee", silence=number),
        ]
        stated = pick([*statements[:2], *statements])
        lasts = pick([20 * MINUTE, 3 * HOUR, 3 * HOUR, 2 * DAY, 2 * DAY, 100 * DAY, -MINUTE])
        order = StatedOrder(event=stated, lasts=lasts)
        home_id: str | None = f"h{self.chance.randrange(1, HOMES + 1):03d}"
        if chance() < 0.2:
            order, home_id = replace(order, scheme=SCHEME), pick([None, f"h{HOMES + 1:03d}"])
        what = "suspend" if isinstance(stated, Suspended | SuspensionEnded) else "silence"
        await self.night.command(what, home_id, msgspec.json.encode(order))

    async def visit(self) -> None:
        """Somebody sees to everything that is open in a home."""
        name = f"h{self.chance.randrange(1, HOMES + 1):03d}"
        for n in tuple(self.night.engine.homes.states[name].alerts):
            resolved = Resolved(input=0, at=0, alert=n, by="Olu", outcome=Outcome.ASSISTANCE_GIVEN)
            await self.night.orders(resolved, name)

    async def outage(self) -> None:
        """The link is lost for a while."""
        await self.night.disconnects()
        await self.night.passes(seconds=self.chance.choice([5, 90, 9_000]))
        await self.night.connects(
            resumed=self.chance.random() < 0.8, drained=self.chance.random() < 0.7
        )

    async def crash(self) -> None:
        """The daemon dies, sometimes amid its work."""
        if self.chance.random() < 0.5:
            self.night.clock.at += self.chance.randrange(2 * HOUR)
            await self.night.turn()
        await self.night.restarts(
            clean=False,
            down=self.chance.randrange(3 * HOUR),
            last_words=self.chance.random() < 0.5,
        )

    async def stop(self) -> None:
        """The daemon is stopped and started."""
        await self.night.restarts(down=self.chance.randrange(20 * SECOND))

    async def sleep(self) -> None:
        """The machine is suspended."""
        await self.night.suspends(self.chance.randrange(MINUTE, 6 * HOUR))

    async def clock(self) -> None:
        """The wall clock is put."""
        await self.night.wall_clock_is_put(self.chance.choice([-HOUR, HOUR, 90 * SECOND]))

    async def rules(self) -> None:
        """Somebody edits the rules."""
        chosen = [rule for rule in RULES if self.chance.random() < 0.8]
        await self.night.replans(plan_of(*chosen, holidays=HOLIDAYS))

    async def registry(self) -> None:
        """Homes come, change and go."""
        number = self.chance.randrange(1, HOMES + 1)
        if self.chance.random() < 0.3:
            await self.night.imports(delete=(f"h{number:03d}",))
        else:
            address = f"{self.chance.randrange(99)} Elm Row"
            exits = self.chance.choice([("door",), ()])
            await self.night.imports(rich_home(number, address=address, exits=exits))

    async def receipt(self) -> None:
        """The provider reports something late, twice, or out of order."""
        if self.night.told:
            one = self.chance.choice(self.night.told)
            state = self.chance.choice([each for each in NotificationState if each != "queued"])
            await self.night.reports(one.notify.id, state)


@pytest.mark.parametrize("seed", [2, 6, 9])
async def test_any_night(night: MakeNight, seed: int) -> None:
    """P2, P3, P9: after every kind of event in any order, with crashes between, all is sound."""
    homes = [rich_home(n) for n in range(1, HOMES + 1)]
    made = night(
        plan=plan_of(*RULES, holidays=HOLIDAYS),
        homes=homes,
        start="2026-03-28T20:00:00Z",
        delivers=seed % 2 == 0,
        limits=Limits(hold_seconds=0),
    )
    async with made as it:
        fate = Fate(it, seed)
        for _ in range(MOVES):
            await fate.chance.choice(fate.moves)()
        it.assert_sound()
        assert_restartable(it.path)
