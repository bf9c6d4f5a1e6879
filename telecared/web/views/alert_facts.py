"""Everything that the page of one alert is made of, read once: its row, its home, state and record.

Also for alerts of a scheme, of the site, of homes that are registered no more, and of the past.
What is made of it is told in `alert_why`, `alert_people` and `alert_ladder`.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Final

from telecared.adapters.sqlite.console_alert import ConsoleAlert
from telecared.core.compile import HomePlan
from telecared.core.effects import Record
from telecared.core.plan import Ask, HomeRecord, Rule
from telecared.core.site import SiteFacts
from telecared.core.state import Alert, HomeState
from telecared.core.stated import Going
from telecared.core.vocabulary import AlertState, Instant
from telecared.core.work import Work
from telecared.store_port import AlertRow
from telecared.web.errors import NotThere
from telecared.web.visit import Visit

HIGHEST_NUMBER: Final = 999_999_999
"""No home has as many alerts; what is more fits no database."""


GRAVE: Final = frozenset({"oxygen", "dog", "infection", "violence", "firearm", "fire-risk"})
"""Tags of a home that are a danger to whoever goes there; shown as such, like every tag."""


class AlertFacts:
    """One alert, and what is known around it.

    Attributes:
        row: as listed, resolved or not.
        record: of the home; None for what is registered no more, a scheme, and the site.
        plan: of the home, compiled; without rules where there is no record.
        state: of the home as stored.
        alert: its own state, None once it is resolved.
        lines: what is on record about it, oldest first. Personal data.
        site: the facts of the site.
        ask: what asks the store more.

    Raises:
        NotThere: there is no such alert for their eyes.
    """

    GRAVE = GRAVE

    def __init__(self, visit: Visit, home: str, n: int) -> None:
        if n > HIGHEST_NUMBER:
            raise NotThere(f"There is no alert {home}/{n}.")
        self.visit = visit
        self.home = home
        self.n = n
        self.row: AlertRow = visit.sight.alert(home, n)
        self.record: HomeRecord | None = visit.sight.known(home)
        self.state: HomeState = visit.sight.state(home) or HomeState(home=home)
        self.alert: Alert | None = self.state.alerts.get(n)
        self.site: SiteFacts = visit.sight.site
        self.ask = ConsoleAlert(visit.console.store_path)
        self.lines: Sequence[Record] = self.ask.record(home, n)
        self.plan: HomePlan = (
            HomePlan(visit.sight.plan, home, None)
            if self.record is None
            else visit.sight.home_plan(home)
        )

    @property
    def id(self) -> str:
        """How people name it."""
        return self.row.alert

    @property
    def now(self) -> Instant:
        """Engine time."""
        return self.visit.now

    @property
    def zone(self) -> str:
        """The zone in which its times are shown."""
        return self.plan.zone.key

    @property
    def is_resolved(self) -> bool:
        """Whether it has ended: then it is read only."""
        return self.row.state is AlertState.RESOLVED

    @property
    def is_mine(self) -> bool:
        """Whether whoever looks has it."""
        held = self.row.state is AlertState.ACKNOWLEDGED
        return held and self.row.owner == self.visit.operator.name

    @cached_property
    def opened(self) -> Record | None:
        """The line by which it opened, None where it is on record no more."""
        return next((line for line in self.lines if line.event == "alert.opened"), None)

    @cached_property
    def rule(self) -> Rule | None:
        """The rule as it is in force in the home now; None for the machinery's, and without one."""
        found = (one.rule for one in self.plan.rules if one.name == self.row.rule)
        return next(found, None)

    @property
    def asked(self) -> tuple[Ask, ...]:
        """The questions that its rule has for whoever answers it."""
        return () if self.rule is None else self.rule.ask

    @cached_property
    def work(self) -> Work:
        """What the core's own questions about people are asked of, as of now."""
        work = Work(self.state.clone(), self.plan, self.site)
        work.at = max(self.now, self.state.at)
        return work

    @property
    def goers(self) -> tuple[Going, ...]:
        """Who has said that they go there; an operator who has it stays at the desk."""
        going = () if self.alert is None else self.alert.going
        said = (one for one in going if one.contact or one.minutes or one.arrived)
        return tuple(said)

    @property
    def snoozed(self) -> bool:
        """Whether it rests until a stated time rather than being worked on."""
        taken = ("alert.acknowledged", "alert.snoozed", "alert.handed_over", "alert.lapsed")
        last = next((one.event for one in reversed(self.lines) if one.event in taken), "")
        return self.row.state is AlertState.ACKNOWLEDGED and last == "alert.snoozed"
