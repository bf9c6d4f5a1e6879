"""Whatever happens in whatever order: the store is sound and decides the same once more (P9)."""

import random
from collections.abc import Awaitable, Callable

import pytest
from msgspec.structs import replace

from telecared.core.events import Acknowledged, Declined, Resolved, Snoozed, StoredEvent
from telecared.core.plan import Rule
from telecared.core.vocabulary import HOUR, MINUTE, SECOND, NotificationState, Outcome
from telecared.engine import Limits
from tests.engine.conftest import MakeNight
from tests.engine.night import Night
from tests.engine.scenery import (
    BEN,
    CARA,
    DOOR_AT_NIGHT,
    DOOR_OPEN,
    NO_MOVEMENT,
    PENDANT,
    SMOKE,
    UNIT_SILENT,
    WATER,
    home,
    plan_of,
    with_downtime,
)

MOVES = 50
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
        """Some devices speak, sometimes oddly."""
        pick = self.chance.choice
        number = self.chance.randrange(1, HOMES + 2)
        values = pick(
            [
                ("pendant", {"trigger": "pressed"}),
                ("pir", {"motion": pick(["detected", "clear"])}),
                ("door", {"contact": pick(["open", "closed"])}),
                ("water", {"water": pick(["wet", "dry"])}),
                ("smoke", {"smoke": pick(["alarm", "clear"])}),
                ("unit", {"heartbeat": "seen", "seq": self.chance.randrange(5)}),
                ("pir", {"nonsense": 1}),
            ]
        )
        again = self.chance.random() < 0.2
        await self.night.hears(
            self.night.message(
                values[0],
                number,
                qos=pick([0, 1, 1, 1]),
                retained=self.chance.random() < 0.1,
                redelivered=again,
                packet=self.chance.randrange(1, 9),
                **values[1],  # type: ignore[arg-type]
            )
        )

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
        await self.night.replans(plan_of(*chosen))

    async def registry(self) -> None:
        """Homes come, change and go."""
        number = self.chance.randrange(1, HOMES + 1)
        if self.chance.random() < 0.3:
            await self.night.imports(delete=(f"h{number:03d}",))
        else:
            await self.night.imports(home(number, address=f"{self.chance.randrange(99)} Elm Row"))

    async def receipt(self) -> None:
        """The provider reports something late, twice, or out of order."""
        if self.night.told:
            one = self.chance.choice(self.night.told)
            state = self.chance.choice([each for each in NotificationState if each != "queued"])
            await self.night.reports(one.notify.id, state)


@pytest.mark.parametrize("seed", range(3))
async def test_any_night(night: MakeNight, seed: int) -> None:
    """P2, P3, P9: after every kind of event in any order, with crashes between, all is sound."""
    homes = [home(n) for n in range(1, HOMES + 1)]
    made = night(
        plan=plan_of(*RULES),
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
