"""Two operators of a night, at work on the same alerts at the same time, each at their own desk.

They see what the store shows and hand in commands as another process does. Whether a command can
be carried out is the core's matter; that each is answered is `checkers`'.
"""

from collections.abc import Callable
from random import Random
from typing import Final

from telecared.adapters.sqlite import CommandDesk
from telecared.core.alert_commands import (
    Acknowledged,
    Declined,
    EscalatedNow,
    HandedOver,
    Resolved,
    Snoozed,
    Updated,
)
from telecared.core.events import StoredEvent, encode_event
from telecared.core.state import Alert
from telecared.core.vocabulary import MINUTE, Outcome, Progress
from telecared.sim.nights.looking import Looking
from telecared.sim.nights.scenery import OPERATORS
from telecared.sim.nights.world import World
from telecared.store_port import CommandRow

OUTCOMES: Final = tuple(Outcome)


class Desk:
    """Where commands are handed in."""

    def __init__(self, world: World, looking: Looking, full: Callable[[], bool]) -> None:
        self._world = world
        self._looking = looking
        self._full = full
        self._desk = CommandDesk(looking.path, sleep=lambda _: None, seconds=world.loop.time)

    def hand_in(self, by: str, home: str | None, kind: str, body: bytes) -> None:
        """Make a command durable; on a full disk nobody can."""
        if self._full():
            return
        row = CommandRow(
            id=0,
            kind=kind,
            by=by,
            via="cli",
            given_at=self._world.wall(),
            home=home,
            body=body,
        )
        number = self._desk.add(row)
        self._world.trace(f"desk: {number} {kind} {home}")

    def order(self, home: str, event: StoredEvent, by: str) -> None:
        """Hand in what somebody does to an alert."""
        self.hand_in(by, home, type(event).__name__.lower(), encode_event(event))

    def open_alerts(self) -> list[tuple[str, Alert]]:
        """Return the unresolved alerts as a desk shows them."""
        return [
            (home, alert)
            for home, state in self._looking.states.items()
            for alert in state.alerts.values()
        ]


class Operator:
    """One operator, who looks up now and then and does something about an alert."""

    def __init__(self, world: World, desk: Desk, name: str, every: float) -> None:
        self._world = world
        self._desk = desk
        self._name = name
        self._every = every
        # One chance for both: often they reach for the same alert in the same moment.
        self._chance = world.chance("operators")
        self._world.loop.call_later(self._pause(), self._work)

    def _pause(self) -> float:
        return self._every * self._chance.choice((0.5, 1.0, 1.0))

    def _work(self) -> None:
        if self._world.calm:
            return
        found = self._desk.open_alerts()
        if found:
            home, alert = self._chance.choice(found)
            self._desk.order(home, action(self._chance, alert, self._name), self._name)
        self._world.loop.call_later(self._pause(), self._work)


def action(chance: Random, alert: Alert, by: str) -> StoredEvent:
    """Return something that an operator may do, sensible or not."""
    n = alert.n if chance.random() < 0.95 else alert.n + 7
    match chance.randrange(10):
        case 0 | 1 | 2:
            return Acknowledged(input=0, at=0, alert=n, by=by)
        case 3:
            return Snoozed(input=0, at=0, alert=n, by=by, duration=chance.choice((1, 20)) * MINUTE)
        case 4:
            other = chance.choice(OPERATORS)
            return HandedOver(input=0, at=0, alert=n, by=by, to=other, note="end of shift")
        case 5:
            progress = chance.choice(tuple(Progress))
            minutes = 10 if progress is Progress.ON_THE_WAY else None
            return Updated(
                input=0, at=0, alert=n, by=by, progress=progress, minutes=minutes, note="x"
            )
        case 6:
            return EscalatedNow(input=0, at=0, alert=n, by=by)
        case 7:
            told = [one.to for one in alert.told]
            contact = chance.choice(told) if told else "carer-0"
            return Declined(input=0, at=0, alert=n, by=by, contact=contact)
        case _:
            return Resolved(input=0, at=0, alert=n, by=by, outcome=chance.choice(OUTCOMES))
