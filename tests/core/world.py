"""Stories about one home, told over the pure core: a virtual clock, people with phones, an outage.

Time stands still between two sentences of a story. Every message that a story does not expect
makes it fail at its end. Nothing here decides anything about care.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from telecared.core.alert_commands import Acknowledged, Declined, Resolved
from telecared.core.compile import HomePlan
from telecared.core.effects import Effect, Notify, Record, Withdraw
from telecared.core.events import Event, HomeRegistered, MessageHeard, NotificationReported, Ticked
from telecared.core.plan import Device, HomeRecord, Plan, Rule
from telecared.core.policy import Centre, Contact, Policy, Step
from telecared.core.readings import Reading
from telecared.core.site import (
    ClockStepped,
    LinkDown,
    LinkDrained,
    LinkUp,
    SiteEvent,
    SiteFacts,
    Started,
    site_step,
)
from telecared.core.state import Alert, Answer, HomeState, encode_state, wake_at
from telecared.core.step import Stepped, fold, step
from telecared.core.vocabulary import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Channel,
    DeviceKind,
    Duration,
    Instant,
    NotificationState,
    Outcome,
    Value,
)
from telecared.core.windows import local, to_instant

HOME = "larch-12"
CENTRE = "monitoring_centre"
AT_CONNECT: SiteFacts = SiteFacts(held=False, connected=True)


def device(name: str, kind: DeviceKind, location: str | None = None) -> Device:
    """A device of the home, on a topic of its own."""
    topic = f"telecare/northside/{HOME}/{name}"
    return Device(id=name, kind=kind, profile="native", topic=topic, location=location)


DEVICES = (
    device("pendant", DeviceKind.PERSONAL_TRIGGER),
    device("hall-pir", DeviceKind.ACTIVITY_DETECTOR, "hall"),
    device("kitchen-pir", DeviceKind.ACTIVITY_DETECTOR, "kitchen"),
    device("front-door", DeviceKind.DOOR_SENSOR, "hall"),
    device("bed", DeviceKind.BED_MONITOR, "bedroom"),
    device("smoke", DeviceKind.SMOKE_DETECTOR, "kitchen"),
    device("unit", DeviceKind.ALARM_UNIT),
)
BEN = Contact(id="ben", name="Ben Hall", phone="+447700900123", roles=("carer",))
CARA = Contact(id="cara", name="Cara Singh", phone="+447700900124", roles=("key_holder",))
FAMILY = Policy(
    name="family-then-centre",
    steps=(
        Step(notify=("carer",), wait=2 * MINUTE),
        Step(notify=("key_holder",), wait=3 * MINUTE),
        Step(notify=(CENTRE,)),
    ),
)
TECHNICAL = Policy(name="technical", steps=(Step(notify=(CENTRE,)),))


def instant(text: str) -> Instant:
    """An RFC 3339 time as microseconds UTC."""
    return to_instant(datetime.fromisoformat(text))


def record_of(**changes: Any) -> HomeRecord:  # noqa: ANN401 - any field of a home's record
    """The home of the stories, changed where a story needs it."""
    fields: dict[str, Any] = {
        "id": HOME, "scheme": "northside", "timezone": "Europe/London",
        "address": "12 Larch Close", "resident_name": "Mrs Ada Hall",
        "devices": DEVICES, "contacts": (BEN, CARA),
    }  # fmt: skip
    return HomeRecord(**{**fields, **changes})


def plan_of(
    rules: Sequence[Rule] = (),
    *,
    policies: Sequence[Policy] = (FAMILY, TECHNICAL),
    centre: str | None = "+447700900900",
    channels: tuple[Channel, ...] = (Channel.SMS,),
) -> Plan:
    """Rules and policies, with a monitoring centre that has a number."""
    return Plan(
        rules=tuple(rules), policies=tuple(policies), centre=Centre(sms=centre), channels=channels
    )


class World:
    """One home that a story happens to.

    `delivers` is how long after it was queued each message is delivered; None when the story
    reports receipts by itself.
    """

    def __init__(
        self,
        *,
        rules: Sequence[Rule] = (),
        plan: Plan | None = None,
        record: HomeRecord | None = None,
        start: str = "2026-03-01T08:00Z",
        delivers: Duration | None = 5 * SECOND,
        site: SiteFacts = AT_CONNECT,
    ) -> None:
        self.at = instant(start)
        self.site = site
        self.plan = plan_of(rules) if plan is None else plan
        self.home = HomePlan(self.plan, HOME, record or record_of())
        self.state = HomeState(home=HOME)
        self.delivers = delivers
        self.effects: list[Effect] = []
        self.answer: Answer | None = None
        self._input = 0
        self._unexpected: list[Notify] = []
        self._coming: list[tuple[Instant, NotificationReported]] = []
        self.happens(HomeRegistered(input=self.next_input(), at=self.at))

    # --- time -------------------------------------------------------------------------------

    def next_input(self) -> int:
        """The id of the next input."""
        self._input += 1
        return self._input

    def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> None:
        """Let time pass; deadlines fire and receipts come in on their way."""
        passed = days * DAY + hours * HOUR + minutes * MINUTE + seconds * SECOND
        self.until_instant(self.at + int(passed))

    def until(self, text: str) -> None:
        """Let time pass until a time of day."""
        self.until_instant(instant(text))

    def until_instant(self, target: Instant) -> None:
        """Let time pass until an instant."""
        while True:
            due = wake_at(self.state, held=self.site.held)
            receipt = min((at for at, _ in self._coming), default=None)
            if receipt is not None and receipt <= target and (due is None or receipt <= due):
                self.at = max(self.at, receipt)
                event = next(event for at, event in self._coming if at == receipt)
                self._coming.remove((receipt, event))
                self.happens(msgspec.structs.replace(event, input=self.next_input(), at=self.at))
            elif due is not None and due <= target:
                self.at = max(self.at, due)
                self.happens(Ticked(at=self.at))
            else:
                break
        self.at = target
        self.happens(Ticked(at=target))

    def happens(self, event: Event) -> Stepped:
        """Step the home; the state that went in must come out of it unchanged."""
        before = encode_state(self.state)
        stepped = step(self.state, event, self.home, self.site)
        if isinstance(event, MessageHeard):
            whole = fold(self.state, event, self.home, self.site)
            assert whole == stepped, "the short way comes to something else than the full way"
        assert encode_state(self.state) == before, "step changed the state that it was given"
        self.state = stepped.state
        self.answer = stepped.answer
        self.effects.extend(stepped.effects)
        for effect in stepped.effects:
            if isinstance(effect, Notify):
                self._owe(effect)
            elif isinstance(effect, Withdraw):
                self._coming = [one for one in self._coming if one[1].notification != effect.id]
        return stepped

    def _owe(self, notify: Notify) -> None:
        self._unexpected.append(notify)
        if self.delivers is not None and notify.alert:
            report = NotificationReported(
                input=0, at=0, notification=notify.id, state=NotificationState.DELIVERED
            )
            self._coming.append((self.at + self.delivers, report))

    # --- devices ----------------------------------------------------------------------------

    def hears(
        self,
        name: str,
        *,
        stamp: Instant | None = None,
        seq: int | None = None,
        retained: bool = False,
        qos: int = 1,
        clears_after: Duration | None = None,
        burst: Duration | None = None,
        history: bool = False,
        redelivered: bool = False,
        **values: Value,
    ) -> None:
        """A device sends one message with these properties."""
        readings = tuple(
            Reading(name, key, value, stamp, clears_after, burst, history)
            for key, value in values.items()
        )
        self.happens(
            MessageHeard(
                input=self.next_input(), at=self.at, device=name, readings=readings,
                seq=seq, retained=retained, redelivered=redelivered, qos=qos,
            )
        )  # fmt: skip

    # --- the site ---------------------------------------------------------------------------

    def site_hears(self, event: SiteEvent) -> None:
        """Something happens to every home at once; what was due before still saw the old site."""
        self.happens(Ticked(at=event.last_at if isinstance(event, Started) else self.at))
        self.site = site_step(self.site, event)
        self.happens(Ticked(at=self.at, look=True))

    def outage(self, *, hours: float = 0, minutes: float = 0, drains: float = 0) -> None:
        """The link to the broker is lost for a while; after `drains` seconds it is drained."""
        self.site_hears(LinkDown(at=self.at))
        self.advance(hours=hours, minutes=minutes)
        self.site_hears(LinkUp(at=self.at, resumed=True, protocol=4))
        self.advance(seconds=drains)
        self.site_hears(LinkDrained(at=self.at, canary=True))

    def stopped_for(self, *, hours: float = 0, minutes: float = 0) -> None:
        """The daemon does not run for a while, starts, and connects at once."""
        last_at = self.at
        self.at += int(hours * HOUR + minutes * MINUTE)
        self.site_hears(Started(at=self.at, last_at=last_at, clean=True))
        self.site_hears(LinkUp(at=self.at, resumed=True, protocol=4))
        self.site_hears(LinkDrained(at=self.at, canary=True))

    def clock_is_put(self, offset: Duration) -> None:
        """Somebody puts the wall clock; it now shows engine time plus `offset`."""
        self.site_hears(ClockStepped(at=self.at, offset=offset))

    def is_replanned(
        self, plan: Plan | None = None, record: HomeRecord | None = None, *, deleted: bool = False
    ) -> None:
        """A new plan or a new record of the home comes into force."""
        self.plan = plan or self.plan
        self.home = HomePlan(self.plan, HOME, None if deleted else record or self.home.record)
        self.happens(HomeRegistered(input=self.next_input(), at=self.at))

    # --- people -----------------------------------------------------------------------------

    def accepts(self, contact: str, alert: int = 1, lease: Duration | None = None) -> Answer:
        """A contact replies that they are going."""
        name = self.home.contacts[contact].name
        event = Acknowledged(
            input=self.next_input(), at=self.at, alert=alert, by=name, contact=contact, lease=lease
        )
        return self.commands(event)

    def declines(self, contact: str, alert: int = 1) -> Answer:
        """A contact replies that they cannot go."""
        name = self.home.contacts[contact].name
        return self.commands(
            Declined(input=self.next_input(), at=self.at, alert=alert, by=name, contact=contact)
        )

    def resolves(
        self, by: str, alert: int = 1, outcome: Outcome = Outcome.ASSISTANCE_GIVEN, note: str = ""
    ) -> Answer:
        """A person ends an alert."""
        return self.commands(
            Resolved(
                input=self.next_input(), at=self.at, alert=alert, by=by, outcome=outcome, note=note
            )
        )

    def commands(self, event: Event) -> Answer:
        """A person commands something, and hears an answer."""
        self.happens(event)
        assert self.answer is not None
        return self.answer

    def reports(self, to: str, state: NotificationState, **more: Any) -> None:  # noqa: ANN401 - `code`, `number_refused`
        """The provider tells what became of the newest message to somebody."""
        newest = [one for one in self.notifications() if one.to == to][-1]
        self.happens(
            NotificationReported(
                input=self.next_input(), at=self.at, notification=newest.id, state=state, **more
            )
        )

    # --- what came of it --------------------------------------------------------------------

    def notifications(self) -> list[Notify]:
        """Every message that was owed so far."""
        return [effect for effect in self.effects if isinstance(effect, Notify)]

    def withdrawn(self) -> list[str]:
        """Who was not told after all, in order."""
        ids = [effect.id for effect in self.effects if isinstance(effect, Withdraw)]
        told = {one.id: one.to for one in self.notifications()}
        return [told[one] for one in ids]

    def records(self, event: str = "") -> list[Record]:
        """The lines of the record, of one kind of event or of all."""
        lines = [effect for effect in self.effects if isinstance(effect, Record)]
        return [line for line in lines if not event or line.event == event]

    def opened(self) -> list[tuple[str, str]]:
        """(local time, rule) of every alert that was opened."""
        return [
            (local(line.at, self.home.zone).strftime("%H:%M:%S"), line.rule or "")
            for line in self.records("alert.opened")
        ]

    def alert(self, n: int = 1) -> Alert:
        """An unresolved alert."""
        return self.state.alerts[n]

    def expect_sms(self, to: str, says: str = "", channel: Channel = Channel.SMS) -> Notify:
        """Somebody was told, and the text says so."""
        waiting = [f"{one.to}: {one.text}" for one in self._unexpected]
        for one in self._unexpected:
            if one.to == to and one.channel is channel and says in one.text:
                self._unexpected.remove(one)
                return one
        raise AssertionError(f"{to} was not told {says!r}; waiting: {waiting}")

    def expect_nothing(self) -> None:
        """Nobody was told anything that the story has not expected."""
        assert [f"{one.to}: {one.text}" for one in self._unexpected] == []

    def forget_messages(self) -> None:
        """This story is not about who is told."""
        self._unexpected.clear()
