"""A world in virtual time: homes under their rules, people with phones, a link that may be lost.

The same fold over homes as the live engine's, without a broker, a store or a clock. What happens
in it is told by the caller (`replay`, `scenarios`); what phones do of themselves is `behaviour`.
"""

from collections.abc import Mapping, Sequence
from heapq import heappop, heappush
from typing import Final, NamedTuple

import msgspec

from telecared.bodies import encode_site_event
from telecared.config.load import LoadedPlan
from telecared.core.compile import HomePlan
from telecared.core.events import NotificationReported, StoredEvent, encode_event
from telecared.core.plan import HomeRecord, Plan
from telecared.core.policy import MONITORING_CENTRE, RESIDENT
from telecared.core.pressed import resolve_key
from telecared.core.readings import Reading
from telecared.core.replies import Candidate, refused_help, resolve_reply
from telecared.core.site import (
    ALWAYS_ON,
    LinkDown,
    LinkDrained,
    LinkUp,
    SiteEvent,
    SiteFacts,
    Started,
)
from telecared.core.state import Answer, HomeState
from telecared.core.streams import StreamMessage
from telecared.core.vocabulary import Instant
from telecared.intake import Intake
from telecared.orders import Orders
from telecared.ports import Arrival
from telecared.shard import directory_of
from telecared.sim.answering import reactions_to, reported
from telecared.sim.behaviour import Behaviour, Reaction, ReactionKind
from telecared.sim.lines import ReplayLine, line_of
from telecared.stepping import Homes
from telecared.store_port import Batch, InputRow, NotifyRow

USUAL_PHONE: Final = Behaviour()
"""Every message is delivered after five seconds, and nobody answers."""

_MQTT: Final = 5


class CompiledHomes:
    """Compiled homes that several worlds share, so that each is compiled once.

    Sound because a compiled home never changes; what changes is its state, which each world keeps
    for itself.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[Plan, HomeRecord | None, HomePlan]] = {}

    def __call__(self, plan: Plan, home: str, record: HomeRecord | None) -> HomePlan:
        """Return a home compiled; anew only when its plan or its record is another."""
        known = self._known.get(home)
        if known is not None and known[0] is plan and known[1] == record:
            return known[2]
        compiled = HomePlan(plan, home, record)
        self._known[home] = (plan, record, compiled)
        return compiled


class _Owed(NamedTuple):
    at: Instant
    order: int
    notification: str
    number: str
    reaction: Reaction


class SimWorld:
    """Homes, rules, phones and a virtual clock.

    Every call that takes an instant first lets time pass until then (deadlines fire and phones
    answer, each at its own instant), does what it is for, and returns the lines that all of it
    left in the record, in order. Instants are engine time, microseconds UTC; one that lies before
    `now` counts as `now`. Nothing is sent, stored or awaited.

    Lines of `@site` (the link, strangers) are among them: leave out what you do not want.

    Attributes:
        now: up to when time has passed.
        phones: contact id or number -> how that phone behaves from now on; may be changed.
    """

    def __init__(
        self,
        loaded: LoadedPlan,
        homes: Sequence[HomeRecord],
        phones: Mapping[str, Behaviour],
        *,
        start: Instant,
        compiled: CompiledHomes | None = None,
        states: Mapping[str, HomeState] | None = None,
        site: SiteFacts = ALWAYS_ON,
    ) -> None:
        """Make a world in which `homes` are registered at `start` and nothing is known of them.

        Args:
            loaded: rules, policies and device profiles.
            homes: what is registered; messages of other devices are strangers'.
            phones: contact id or number -> behaviour; `USUAL_PHONE` for everybody else.
            start: the first instant.
            states: home -> what is known of it at `start`; nothing for the others.
            site: what all homes share at `start`: who stands in on a rota.
            compiled: shared with other worlds of the same plan and homes; makes the second cheap.
        """
        self.now = start
        self.phones: dict[str, Behaviour] = dict(phones)
        self._next = 0
        self._owed: list[_Owed] = []
        self._told: dict[str, dict[tuple[str, int], str]] = {}
        self._kept: list[InputRow] | None = None
        self._stopped_at: Instant | None = None
        contents: dict[str, bytes] = {}
        self._homes = Homes(
            loaded.plan, site, contents.__getitem__, compile_home=compiled or HomePlan
        )
        for record in homes:
            if states is not None and record.id in states:
                self._homes.add(record.id, record, states[record.id])
        Orders(self._homes, contents, self._number).change_homes(homes, (), start)
        self._records = homes
        self._loaded = loaded
        self._intake: Intake | None = None
        # Of what is known already something may be overdue at once.
        self._begun = self._settle()

    @property
    def states(self) -> Mapping[str, HomeState]:
        """Every home's state as of `now`; read it, never change it."""
        return self._homes.states

    @property
    def plans(self) -> Mapping[str, HomePlan]:
        """Every home's compiled plan."""
        return self._homes.plans

    def _number(self) -> int:
        self._next += 1
        return self._next

    # --- time -----------------------------------------------------------------------------------

    def advance(self, until: Instant) -> list[ReplayLine]:
        """Let time pass: deadlines and phones, each at its own instant, none after `until`.

        While the daemon is stopped nothing happens; what comes back meanwhile waits for it.
        """
        lines, self._begun = self._begun, []
        while self._stopped_at is None:
            wake = self._homes.next_wake()
            phone = self._owed[0].at if self._owed else None
            instants = [one for one in (wake, phone) if one is not None]
            if not instants or min(instants) > until:
                break
            self.now = max(self.now, min(instants))
            if wake is not None and wake <= self.now:
                self._homes.tick(self.now)
            else:
                self._react(heappop(self._owed))
            lines += self._settle()
        self.now = max(self.now, until)
        return lines

    def next_event(self) -> Instant | None:
        """Return when something happens next by itself, or None: a deadline or a phone."""
        wake = self._homes.next_wake()
        phone = self._owed[0].at if self._owed else None
        return min((one for one in (wake, phone) if one is not None), default=None)

    # --- what devices and people do -------------------------------------------------------------

    def hear(self, message: StreamMessage, at: Instant) -> list[ReplayLine]:
        """Take one message as it stands on the wire; the device's profile decodes it.

        While the link is lost or the daemon stopped, the broker keeps it.
        """
        lines = self.advance(at)
        if self._intake is None:
            schemes = frozenset(record.scheme for record in self._records)
            directory = directory_of(self._loaded.profiles)(self._records)
            self._intake = Intake(directory, schemes, ())
        arrival = Arrival(
            topic=message.topic,
            payload=message.payload,
            qos=message.qos,
            retained=message.retain,
            redelivered=False,
            packet_id=0,
            connection=0,
        )
        wall = self.now + self._homes.site.offset(self.now)
        taken = self._intake.look(arrival, wall)
        for row in self._intake.rows(taken, self._number, self.now):
            lines += self._take(row)
        return lines

    def tell(
        self, home: str, device: str, readings: Sequence[Reading], at: Instant,
        *, retained: bool = False, seq: int | None = None,
    ) -> list[ReplayLine]:  # fmt: skip
        """Take readings that need no decoding, as one message of a device of a home.

        Args:
            home: a registered home.
            device: one of its devices; of any other id it is a stranger in that home.
            readings: what the message tells; `Reading.at` is the device's own time.
            at: when it is published. While the link is lost or the daemon stopped, the broker
                keeps it, so that it is received later.
            retained: it was kept by the broker from before: a state, no act.
            seq: the device's own counter.
        """
        lines = self.advance(at)
        row = InputRow(
            id=self._number(),
            kind="message",
            at=self.now,
            home=home,
            device=device,
            qos=1,
            retained=retained,
            seq=seq,
            readings=tuple(readings),
        )
        return lines + self._take(row)

    def command(
        self, home: str, event: StoredEvent, at: Instant
    ) -> tuple[Answer, list[ReplayLine]]:
        """Have a person do something to a home: acknowledge, resolve, suspend, silence, ...

        Args:
            home: a registered home.
            event: what is done; its `input` and `at` are set here.
            at: when. While the daemon is stopped it is not carried out.

        Returns:
            what the person hears, and the lines.
        """
        lines = self.advance(at)
        if self._stopped_at is not None:
            return Answer(False, "the daemon is stopped"), lines
        answer = self._apply(home, event, "command") or Answer(True)
        return answer, lines + self._settle()

    # --- the link and the daemon ----------------------------------------------------------------

    def lose_link(self, at: Instant) -> list[ReplayLine]:
        """Lose the link to the broker: messages wait there, absence is not judged."""
        lines = self.advance(at)
        if self._kept is None:
            self._kept = []
        self._site(LinkDown(at=self.now), "disconnected")
        return lines + self._settle()

    def row(self, row: InputRow) -> list[ReplayLine]:
        """Take a stored row at its own instant: a message, the link, the clock, the daemon."""
        lines = self.advance(row.at)
        self._homes.apply(msgspec.structs.replace(row, id=self._number()))
        return lines + self._settle()

    def restore_link(self, at: Instant) -> list[ReplayLine]:
        """Have the link back with the session that the broker kept, and drain it at once."""
        lines = self.advance(at)
        self._site(LinkUp(at=self.now, resumed=True, protocol=_MQTT), "connected")
        kept, self._kept = self._kept or [], None
        for row in kept:
            self._homes.apply(msgspec.structs.replace(row, id=self._number(), at=self.now))
            lines += self._settle()
        self._site(LinkDrained(at=self.now, canary=True), "drained")
        return lines + self._settle() + self.advance(self.now)

    def stop(self, at: Instant) -> list[ReplayLine]:
        """Stop the daemon: no deadline fires, nobody is told, messages and replies wait."""
        lines = self.advance(at)
        self._stopped_at = self.now
        if self._kept is None:
            self._kept = []
        return lines

    def start(self, at: Instant) -> list[ReplayLine]:
        """Start the daemon again: what came due is caught up, then the session is drained."""
        lines = self.advance(at)
        if self._stopped_at is None:
            return lines
        started = Started(at=self.now, last_at=self._stopped_at, clean=False)
        self._stopped_at = None
        self._site(started, "start")
        lines += self._settle()
        lines += self.advance(self.now)
        return lines + self.restore_link(self.now)

    def _site(self, event: SiteEvent, kind: str) -> None:
        row = InputRow(id=self._number(), kind=kind, at=self.now, body=encode_site_event(event))
        self._homes.apply(row)

    # --- rows in, lines out ---------------------------------------------------------------------

    def _take(self, row: InputRow) -> list[ReplayLine]:
        if self._kept is not None:
            self._kept.append(row)
            return []
        self._homes.apply(row)
        return self._settle()

    def _apply(self, home: str, event: StoredEvent, kind: str) -> Answer | None:
        row = InputRow(
            id=self._number(), kind=kind, at=self.now, home=home, body=encode_event(event)
        )
        return self._homes.apply(row)

    def _settle(self) -> list[ReplayLine]:
        batch = self._homes.take_batch(self.now, stored=False)
        self._post(batch)
        return [line_of(row) for row in batch.records]

    # --- phones ---------------------------------------------------------------------------------

    def _post(self, batch: Batch) -> None:
        withdrawn = {one.id for one in batch.notification_updates if one.withdrawn}
        for row in batch.notifications:
            notify = row.notify
            if notify.id in withdrawn:
                continue
            self._remember(row)
            for reaction in reactions_to(self._phone(row), notify):
                owed = _Owed(
                    self.now + reaction.delay, self._number(), notify.id, notify.number, reaction
                )
                heappush(self._owed, owed)

    def _phone(self, row: NotifyRow) -> Behaviour:
        notify = row.notify
        return self.phones.get(notify.to, self.phones.get(notify.number, USUAL_PHONE))

    def _remember(self, row: NotifyRow) -> None:
        notify = row.notify
        if notify.alert and notify.to != RESIDENT:
            self._told.setdefault(notify.number, {})[row.home, notify.alert] = notify.to

    def _react(self, owed: _Owed) -> None:
        home = owed.notification.rpartition("/")[0]
        if owed.reaction.kind is ReactionKind.KEY:
            self._press(home, owed)
            return
        if owed.reaction.kind is not ReactionKind.REPLY:
            report = NotificationReported(
                input=0,
                at=0,
                notification=owed.notification,
                state=reported(owed.reaction),
                code=owed.reaction.code,
            )
            self._apply(home, report, "receipt")
            return
        candidates = self._candidates(owed.number)
        contacts = [
            (plan.home, contact.id)
            for plan in self._homes.plans.values()
            for contact in (*plan.contacts.values(), *plan.people.values())
            if contact.phone == owed.number
        ]
        for meant in resolve_reply(owed.reaction.payload, owed.number, candidates, contacts):
            answer = self._apply(meant.home, meant.event, "command")
            if answer is not None and not answer.done:
                help_ = refused_help(owed.number, answer)
                self._apply(help_.home, help_.event, "command")

    def _press(self, home: str, owed: _Owed) -> None:
        number, _, k = owed.notification.rpartition("/")[2].partition("-")
        alert = self._homes.states[home].alerts.get(int(number))
        to = next((one.to for one in alert.told if one.k == int(k)), None) if alert else None
        if alert is None or to is None:
            return
        event = resolve_key(owed.reaction.payload, alert, to, self._name(home, to))
        if event is not None:
            self._apply(home, event, "command")

    def _candidates(self, number: str) -> list[Candidate]:
        found = []
        for (home, n), to in self._told.get(number, {}).items():
            alert = self._homes.states[home].alerts.get(n)
            if alert is not None:
                found.append(Candidate(home, n, alert.code, to, self._name(home, to)))
        return found

    def _name(self, home: str, to: str) -> str:
        if to == MONITORING_CENTRE:
            return self._homes.plan.centre.name
        plan = self._homes.plans[home]
        person = plan.contacts.get(to) or plan.people.get(to)
        return person.name if person else to
