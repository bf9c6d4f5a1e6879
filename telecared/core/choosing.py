"""Which policy a name stands for: itself, or what a chooser picks for an alert at an hour.

Resolved when an alert opens or becomes more dangerous; from then on the alert keeps its policy.
"""

from typing import Final
from zoneinfo import ZoneInfo

from telecared.core.effective import applies
from telecared.core.plan import HomeRecord, Plan
from telecared.core.policy import MONITORING_CENTRE, AppliesTo, Choice, Policy, Step
from telecared.core.vocabulary import Instant, Priority
from telecared.core.windows import Clock, inside

STRAIGHT_TO_THE_CENTRE: Final = Policy(
    name="straight-to-the-centre", steps=(Step(notify=(MONITORING_CENTRE,)),)
)
"""What stands in for a policy that is named but does not exist: never nobody."""


class Policies:
    """The policies of one home, by the names under which rules and homes ask for them."""

    def __init__(
        self, plan: Plan, record: HomeRecord | None, zone: ZoneInfo, holidays: frozenset[int]
    ) -> None:
        self._policies = {policy.name: policy for policy in plan.policies if policy.steps}
        self._choosers = {chooser.name: chooser for chooser in plan.choosers}
        self._record = record
        self._zone = zone
        self._holidays = holidays

    def named(self, name: str, priority: Priority, at: Instant, clock: Clock) -> Policy:
        """Return the policy that a name stands for.

        Args:
            name: of a policy or of a chooser.
            priority: of the alert.
            at: engine time at which people are told.
            clock: the steps of the wall clock (`SiteFacts.clock`).
        """
        chooser = self._choosers.get(name)
        for choice in chooser.choices if chooser is not None else ():
            if self._fits(choice, priority, at, clock):
                return self._policies.get(choice.policy, STRAIGHT_TO_THE_CENTRE)
        return self._policies.get(name, STRAIGHT_TO_THE_CENTRE)

    def _fits(self, choice: Choice, priority: Priority, at: Instant, clock: Clock) -> bool:
        if choice.priorities and priority not in choice.priorities:
            return False
        whose = choice.applies_to
        # What belongs to no home has no tag, no scheme and no id that could be named.
        ours = whose == AppliesTo() if self._record is None else applies(whose, self._record)
        return ours and inside(choice.between, self._zone, clock, at, self._holidays)
