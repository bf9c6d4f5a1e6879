"""A world in which somebody deals with every alert after a while, as a staffed centre does.

Without it an urgent alert of the first day would stay open, and everything that its rule finds in
the weeks after would only join it: nobody could count what a rule would have asked of people.
"""

from heapq import heappop, heappush

from telecared.core.alert_commands import Resolved
from telecared.core.streams import parse_stamp
from telecared.core.vocabulary import Duration, Instant, Outcome
from telecared.sim.lines import ReplayLine
from telecared.sim.world import SimWorld

ATTENDANT = "the replay"
"""By whom alerts are resolved."""


class Attended:
    """Lets time pass in a world and resolves each alert some time after it was opened.

    Args:
        world: what is played.
        after: how long an alert stands; None leaves every alert as it is.
    """

    def __init__(self, world: SimWorld, after: Duration | None) -> None:
        self.world = world
        self._after = after
        self._open: list[tuple[Instant, str, int]] = []

    def until(self, until: Instant) -> list[ReplayLine]:
        """Let time pass; alerts whose time has come are resolved on the way."""
        lines: list[ReplayLine] = []
        while self._open and self._open[0][0] <= until:
            at, home, alert = heappop(self._open)
            # All alerts stand equally long, so that none that opens meanwhile is due before this.
            lines += self._noted(self.world.advance(at))
            if alert in self.world.states[home].alerts:
                event = Resolved(
                    input=0, at=0, alert=alert, by=ATTENDANT, outcome=Outcome.ASSISTANCE_GIVEN
                )
                lines += self._noted(self.world.command(home, event, at)[1])
        return lines + self._noted(self.world.advance(until))

    def taken(self, lines: list[ReplayLine]) -> list[ReplayLine]:
        """Take lines that the world left otherwise, and return them."""
        return self._noted(lines)

    def _noted(self, lines: list[ReplayLine]) -> list[ReplayLine]:
        for line in lines:
            if self._after is not None and line.event == "alert.opened" and line.alert is not None:
                number = int(line.alert.rpartition("/")[2])
                heappush(self._open, (parse_stamp(line.at) + self._after, line.home, number))
        return lines
