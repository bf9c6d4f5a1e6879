"""Two operators of a night, at work on the same alerts at the same time, each at their own desk.

They see what the store shows and hand in commands as another process does. What each does is
`deeds`; whether it can be carried out is the core's matter; that each is answered is `checkers`'.
"""

from collections.abc import Callable

import msgspec

from telecared.adapters.sqlite import CommandDesk
from telecared.core.events import Promised, StoredEvent, encode_event
from telecared.core.state import Alert, HomeState
from telecared.core.vocabulary import MINUTE
from telecared.orders import StatedOrder
from telecared.sim.nights.deeds import deed
from telecared.sim.nights.looking import Looking
from telecared.sim.nights.world import World
from telecared.store_port import CommandRow


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
        """Hand in what somebody does to an alert, or promises about it."""
        if isinstance(event, Promised):
            order = msgspec.json.encode(StatedOrder(event=event, lasts=5 * MINUTE))
            self.hand_in(by, home, "promise", order)
            return
        self.hand_in(by, home, type(event).__name__.lower(), encode_event(event))

    def state_of(self, home: str) -> HomeState:
        """Return how a home stands, as a desk shows it."""
        return self._looking.states[home]

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
            event = deed(self._chance, self._desk.state_of(home), alert, self._name)
            self._desk.order(home, event, self._name)
        self._world.loop.call_later(self._pause(), self._work)
