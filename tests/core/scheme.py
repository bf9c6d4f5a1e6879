"""A scheme that hears of its homes: its state stepped alone, with what its homes would tell it."""

from typing import Any

from telecared.core.compile import HomePlan
from telecared.core.effects import Effect, Notify, Record, Relay
from telecared.core.events import Event, Ticked
from telecared.core.plan import Plan
from telecared.core.site import SiteFacts
from telecared.core.state import Alert, Answer, HomeState, decode_state, encode_state, wake_at
from telecared.core.step import step
from telecared.core.storm_events import (
    AtRisk,
    GapEnded,
    HomeChecked,
    HomeHeard,
    UnitBack,
    UnitSilent,
)
from telecared.core.storms import Cause, Incident, OutageList
from telecared.core.vocabulary import HOUR, MINUTE, SECOND, Instant
from tests.core.world import AT_CONNECT, instant, plan_of

SCHEME = "@scheme/north"


class Scheme:
    """`@scheme/north` in virtual time; it is stored and read back between any two events."""

    def __init__(self, plan: Plan | None = None, site: SiteFacts = AT_CONNECT) -> None:
        self.at: Instant = instant("2026-03-01T08:00Z")
        self.site = site
        self.home = HomePlan(plan or plan_of(), SCHEME, None)
        self.state = HomeState(home=SCHEME)
        self.effects: list[Effect] = []

    def happens(self, event: Event) -> Answer | None:
        """Step the scheme."""
        stepped = step(decode_state(encode_state(self.state)), event, self.home, self.site)
        self.state = stepped.state
        self.effects += stepped.effects
        return stepped.answer

    def advance(self, *, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Let time pass; what is due is decided at its own instant."""
        target = self.at + int(hours * HOUR + minutes * MINUTE + seconds * SECOND)
        while (due := wake_at(self.state, held=False)) is not None and due <= target:
            self.at = max(self.at, due)
            before = self.state
            self.happens(Ticked(at=self.at))
            if wake_at(self.state, held=False) == due and self.state == before:
                break
        self.at = target
        self.happens(Ticked(at=target))

    # --- what homes tell ------------------------------------------------------------------------

    def silent(
        self, home: str, *, units: int = 20, mains: bool = False, lives: int = 1, alert: int = 1
    ) -> None:
        """A home's alarm unit is silent."""
        self.happens(
            UnitSilent(
                input=1,
                at=self.at,
                home=home,
                alert=alert,
                units=units,
                mains_lost=mains,
                lives=lives,
            )
        )

    def back(self, home: str, alert: int = 1) -> None:
        """It speaks again."""
        self.happens(UnitBack(input=1, at=self.at, home=home, alert=alert))

    def many_are_silent(self, number: int, **more: Any) -> None:  # noqa: ANN401 - as `silent`
        """So many at once; what it means is judged when all are in."""
        for n in range(number):
            self.silent(f"h{n}", **more)
        self.happens(Ticked(at=self.at))

    def gap(
        self, *homes: AtRisk, cause: Cause = Cause.BROKER, since: Instant | None = None
    ) -> None:
        """A gap has ended."""
        began = self.at - 10 * MINUTE if since is None else since
        self.happens(GapEnded(input=1, at=self.at, cause=cause, since=began, homes=homes))

    def heard(self, home: str) -> None:
        """A home is heard again."""
        self.happens(HomeHeard(input=1, at=self.at, home=home))

    def checked(
        self, home: str, outcome: str = "ok", by: str = "Ann Lee", note: str = ""
    ) -> Answer:
        """Somebody has looked."""
        answer = self.happens(
            HomeChecked(input=1, at=self.at, home=home, outcome=outcome, by=by, note=note)
        )
        assert answer is not None
        return answer

    # --- what came of it ------------------------------------------------------------------------

    def incident(self, n: int = 1) -> Incident:
        """An incident."""
        return next(one for one in self.state.storms.incidents if one.n == n)

    def outage(self, n: int = 1) -> OutageList:
        """An outage list."""
        return next(one for one in self.state.storms.lists if one.n == n)

    def alert(self, rule: str) -> Alert:
        """The one unresolved alert of a rule."""
        [found] = [one for one in self.state.alerts.values() if one.rule == rule]
        return found

    def records(self, event: str) -> list[Record]:
        """Lines of the record."""
        return [one for one in self.effects if isinstance(one, Record) and one.event == event]

    def relays(self, kind: type) -> list[str]:
        """Which homes heard an event of a kind."""
        relays = [one for one in self.effects if isinstance(one, Relay)]
        return [one.home for one in relays if isinstance(one.event, kind)]

    def texts(self) -> list[str]:
        """What people were told."""
        return [one.text for one in self.effects if isinstance(one, Notify)]
