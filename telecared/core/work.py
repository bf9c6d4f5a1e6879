"""The working context of one step: a private copy of the state and what has come of it so far.

Only the helpers of `step` see it. It decides nothing; it keeps the parts of one decision together
so that they need not be passed one by one.
"""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from telecared.core.compile import HomePlan
from telecared.core.conditions.base import View
from telecared.core.effects import Effect, Record
from telecared.core.messages import Reader
from telecared.core.plan import Device, Rule
from telecared.core.policy import Policy
from telecared.core.site import SiteFacts
from telecared.core.state import Alert, Answer, HomeState
from telecared.core.vocabulary import Channel, Duration, Instant, Priority


class Work:
    """One home during one step.

    Attributes:
        state: the private copy; changed in place.
        home: the compiled plan of this home.
        site: what is true for every home.
        at: the instant that is being decided; deadlines set it to when they were due.
        input: the input that causes what happens now, 0 for a deadline.
        late: how late the present decision is.
        effects: what came of it, in order.
        changed: alerts whose row must be written again.
        answer: for a command, what its giver hears.
    """

    __slots__ = ("answer", "at", "changed", "effects", "home", "input", "late", "site", "state")

    def __init__(self, state: HomeState, home: HomePlan, site: SiteFacts) -> None:
        self.state = state
        self.home = home
        self.site = site
        self.at: Instant = state.at
        self.input = 0
        self.late: Duration = 0
        self.effects: list[Effect] = []
        self.changed: dict[int, Alert] = {}
        self.answer: Answer | None = None

    @property
    def view(self) -> View:
        """What conditions may look at, as of now."""
        return self.home.view(self.state, self.site)

    @property
    def reader(self) -> Reader:
        """Whoever reads in the site's own language."""
        return Reader(self.home.plan.language, own=self.home.plan.words)

    @property
    def zone(self) -> ZoneInfo:
        """The home's own time zone."""
        return self.home.zone

    @property
    def told_at(self) -> Instant:
        """When people can really be told of what is decided: later only while we did not run.

        Waits and receipts count from here. What came due while we were down is told once, and then
        goes on at its pace, instead of running through every step in the instant of the start.
        """
        return self.at + self.site.late(self.at)

    @property
    def offset(self) -> Duration:
        """Wall clock minus engine time at the instant that is being decided."""
        return self.site.offset(self.at)

    def policy(self, rule: Rule | None, priority: Priority) -> Policy:
        """Return the policy for an alert of this priority that is told now (`HomePlan.policy`)."""
        return self.home.policy(rule, priority, self.told_at, self.site.clock)

    def put(self, alert: Alert) -> Alert:
        """Keep an alert in its new form; a resolved one leaves the state."""
        if alert.resolved_at is None:
            self.state.alerts[alert.n] = alert
        else:
            self.state.alerts.pop(alert.n, None)
        self.changed[alert.n] = alert
        return alert

    def record(
        self,
        event: str,
        alert: Alert | None,
        reason: str,
        *,
        rule: str | None = None,
        to: str | None = None,
        channel: Channel | None = None,
        text: str | None = None,
    ) -> None:
        """Add one line to the record, under the alert's own rule and priority if there is one."""
        self.effects.append(
            Record(
                at=self.at,
                event=event,
                rule=alert.rule if alert else rule,
                alert=alert.n if alert else None,
                priority=alert.priority if alert else None,
                to=to,
                channel=channel,
                text=text,
                reason=reason,
                late=self.late,
                input=self.input,
            )
        )

    def values(self, device: Device | None, subject: str, rule: str, code: str) -> dict[str, str]:
        """Return the fields that a text may name (`messages.FIELDS`)."""
        home: Mapping[str, str] = self.home.text_values
        return {
            **home,
            "device.id": device.id if device else subject,
            "device.location": (device.location or device.id) if device else subject,
            "rule": rule.replace("-", " "),
            "code": code,
        }

    def look_again(self) -> None:
        """Have every rule's deadline worked out anew at the end of this step."""
        self.state.conditions_due = self.at
        self.state.absences_due = self.at
