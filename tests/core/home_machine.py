"""The life of one home as a machine: what may happen to it, and what must be true after each step.

Two worlds live through the same events. One looks at its deadlines whenever it likes; the other
only when something happens, is started anew before that and takes no short cut: both must leave
the same record, or a replay would decide otherwise. Long lives are among the acceptance tests.
"""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from telecared.core import promises, resident, suspensions
from telecared.core.alert_commands import Acknowledged, Declined, InterimPlanned, Resolved, Snoozed
from telecared.core.effects import Notify, Record
from telecared.core.escalation import alert_deadline
from telecared.core.events import (
    ConditionFound,
    ContactReachable,
    ContactUnreachable,
    Event,
    HomeRegistered,
    MessageHeard,
    NotificationReported,
    Quarantined,
    ReplyNotUnderstood,
    Silenced,
    SilenceEnded,
    Suspended,
    SuspensionEnded,
    Ticked,
)
from telecared.core.plan import Plan
from telecared.core.readings import Reading
from telecared.core.site import ClockStepped, LinkDown, LinkDrained, LinkUp, SiteEvent, Started
from telecared.core.state import decode_state, earliest, encode_state, next_deadline
from telecared.core.vocabulary import (
    HOUR,
    MINUTE,
    SECOND,
    AlertState,
    Instant,
    Mode,
    NotificationState,
    Outcome,
    Priority,
    SuspensionKind,
    Value,
)
from telecared.core.work import Work
from tests.core.lives import PLANS, RECORDS, WORDS
from tests.core.machine_calls import Calls
from tests.core.machine_people import People
from tests.core.machine_walks import Walks
from tests.core.promises import enough_go, no_fault_is_forgotten
from tests.core.world import HOME, World

told: st.SearchStrategy[tuple[str, tuple[str, Value]]] = st.sampled_from(
    [(name, word) for name, words in WORDS.items() for word in words]
)
stamps = st.sampled_from([None, None, 0, -MINUTE, -3 * HOUR, MINUTE, -300 * HOUR])
spans = st.sampled_from(
    [0, SECOND, 4 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 7 * MINUTE, 31 * MINUTE, 3 * HOUR]
)
numbers = st.integers(1, 4)
ends = st.sampled_from([10 * MINUTE, HOUR, 9 * HOUR, -MINUTE])
PEOPLE = st.sampled_from([("Ben Hall", "ben"), ("Cara Singh", "cara"), ("An Operator", None)])


class HomeMachine(People, Calls, Walks, RuleBasedStateMachine):
    """One home, two ways of looking at its deadlines."""

    @initialize(plan=st.sampled_from(PLANS), calm=st.booleans())
    def begin(self, plan: Plan, calm: bool) -> None:
        """A home is registered; in a calm life nothing but devices, people and time happens."""
        self.calm = calm
        self.eager = World(plan=plan, delivers=None)
        self.lazy = World(plan=plan, delivers=None)
        self.takes_no_short_cut()
        self.seen = 0
        self.held_by: dict[int, bool] = {}
        self.opened: dict[int, Record] = {}
        self.ids: set[str] = set()
        self.last_at: Instant = 0

    # --- what may happen --------------------------------------------------------------------

    def both(self, event: Event) -> None:
        """The same happens to both."""
        self.eager.happens(event)
        self.is_restarted()
        self.lazy.happens(event)

    def is_restarted(self) -> None:
        """The second world forgets everything that was not stored."""
        self.lazy.state = decode_state(encode_state(self.lazy.state))

    def takes_no_short_cut(self) -> None:
        """The second world folds even what nobody asks as it folds everything."""
        self.lazy.home.unasked = {}

    def both_sites(self, event: SiteEvent) -> None:
        """The same happens to both sites."""
        self.eager.site_hears(event)
        self.is_restarted()
        self.lazy.site_hears(event)

    @property
    def at(self) -> Instant:
        """Now."""
        return self.eager.at

    def input(self) -> int:
        """The next input's id."""
        self.lazy.next_input()
        return self.eager.next_input()

    @rule(
        device=st.sampled_from(["front-door", "unit", "bed"]),
        back=st.booleans(),
        minutes=st.sampled_from([0, 2, 6, 150]),
    )
    def a_level_changes(self, device: str, back: bool, minutes: int) -> None:
        """A door is opened or closed, and a while passes: what most deadlines live by."""
        name, value = WORDS[device][-1 if back else -2]
        clears = 10 * MINUTE if name == "water" else None
        reading = Reading(device, name, value, None, clears)
        self.both(MessageHeard(input=self.input(), at=self.at, device=device, readings=(reading,)))
        self.time_passes(minutes * MINUTE, [700] if back else [])

    @rule(span=spans, ticks=st.lists(st.integers(0, 1000), max_size=3))
    def time_passes(self, span: int, ticks: list[int]) -> None:
        """One world looks at every deadline and at odd instants between; the other sleeps."""
        start = self.at
        for thousandth in sorted(ticks):
            self.eager.until_instant(start + span * thousandth // 1000)
        self.eager.until_instant(start + span)
        self.lazy.at = start + span

    @rule(what=told, stamp=stamps, more=st.sampled_from(["", "", "", "retained", "qos", "clears"]))
    def message(self, what: tuple[str, tuple[str, Value]], stamp: int | None, more: str) -> None:
        """A device speaks."""
        device, (name, value) = what
        at = None if stamp is None else self.at + stamp
        clears = 10 * MINUTE if more == "clears" else None
        self.both(
            MessageHeard(
                input=self.input(), at=self.at, device=device, retained=more == "retained",
                qos=0 if more == "qos" else 1,
                readings=(Reading(device, name, value, at, clears),),
            )
        )  # fmt: skip

    @rule(n=numbers, who=PEOPLE, what=st.sampled_from(["take", "take", "snooze", "decline"]))
    def answer(self, n: int, who: tuple[str, str | None], what: str) -> None:
        """Somebody answers."""
        by, contact = who
        common: dict[str, Any] = {"input": self.input(), "at": self.at, "alert": n, "by": by}
        if what == "snooze":
            self.both(Snoozed(**common, duration=10 * MINUTE))
        elif what == "decline" and contact is not None:
            self.both(Declined(**common, contact=contact))
        else:
            self.both(Acknowledged(**common, contact=contact, lease=15 * MINUTE))

    @rule(n=numbers, lasts=st.sampled_from([HOUR, 9 * HOUR, 30 * HOUR, 100 * 24 * HOUR]))
    def plan_for(self, n: int, lasts: int) -> None:
        """Somebody has an interim plan for a fault."""
        self.both(
            InterimPlanned(
                input=self.input(), at=self.at, alert=n, by="An Operator", until=self.at + lasts,
                note="A neighbour looks in.",
            )
        )  # fmt: skip

    @rule(n=numbers)
    def resolve(self, n: int) -> None:
        """Somebody ends an alert."""
        self.both(
            Resolved(
                input=self.input(), at=self.at, alert=n, by="An Operator", outcome=Outcome.TEST
            )
        )

    @rule(
        kind=st.sampled_from(SuspensionKind),
        lasts=ends,
        what=st.sampled_from(["begin", "begin", "move", "end"]),
        n=st.integers(0, 4),
    )
    def stay(self, kind: SuspensionKind, lasts: int, what: str, n: int) -> None:
        """Somebody states that the home is not as usual, states it otherwise, or ends it."""
        common: dict[str, Any] = {"input": self.input(), "at": self.at, "by": "Ann Lee"}
        if what == "end":
            self.both(SuspensionEnded(**common, suspension=n))
        else:
            extends = n if what == "move" else 0
            until = self.at + lasts
            self.both(Suspended(**common, kind=kind, until=until, extends=extends))

    @rule(
        name=st.sampled_from(["", "", "smoke", "door", "quiet", "leaks", "silent", "stirs"]),
        lasts=ends,
        end=st.booleans(),
        n=st.integers(0, 4),
    )
    def silence(self, name: str, lasts: int, end: bool, n: int) -> None:
        """Somebody asks for silence, or ends it."""
        common: dict[str, Any] = {"input": self.input(), "at": self.at, "by": "Ann Lee"}
        if end:
            self.both(SilenceEnded(**common, silence=n))
        else:
            self.both(Silenced(**common, until=self.at + lasts, rule=name))

    @rule(back=st.integers(0, 6), state=st.sampled_from(NotificationState), out=st.booleans())
    def receipt(self, back: int, state: NotificationState, out: bool) -> None:
        """The provider tells something, in order or not, once or twice."""
        known = self.eager.notifications()[-1 - back : None if back == 0 else -back]
        for one in known:
            failed = state is NotificationState.FAILED
            self.both(
                NotificationReported(
                    input=self.input(), at=self.at, notification=one.id, state=state,
                    number_refused=out and failed,
                )
            )  # fmt: skip

    @precondition(lambda self: not self.calm)
    @rule(what=st.sampled_from(["stop", "start", "strange", "poison", "deadline", "fault", "end"]))
    def other(self, what: str) -> None:
        """What else happens to a home."""
        common: dict[str, Any] = {"input": self.input(), "at": self.at}
        events: dict[str, Event] = {
            "stop": ContactUnreachable(**common, contact="ben", reason="STOP"),
            "start": ContactReachable(**common, contact="ben"),
            "strange": ReplyNotUnderstood(
                **common, sender="one", number="+447700900200", help="stranger"
            ),
            "poison": Quarantined(
                **common, what="message", device="smoke", readings=(Reading("", "co", "alarm"),)
            ),
            "deadline": Quarantined(**common, what="deadline", key="door|front-door"),
            "fault": ConditionFound(**common, name="broker-lost"),
            "end": ConditionFound(**common, name="broker-lost", over=True),
        }
        if what == "deadline":
            # It fails when it is due, and not before: what was due until now has been decided.
            self.both(Ticked(at=self.at))
        self.both(events[what])

    @precondition(lambda self: not self.calm)
    @rule(plan=st.sampled_from(PLANS), record=st.sampled_from(RECORDS))
    def replan(self, plan: Plan, record: Any) -> None:  # noqa: ANN401 - one of RECORDS
        """The rules or the home's record change."""
        for world in (self.eager, self.lazy):
            # As the engine does: what was due before still saw the old plan.
            world.happens(Ticked(at=self.at))
            world.is_replanned(plan, record)
        self.takes_no_short_cut()

    @precondition(lambda self: not self.calm)
    @rule(what=st.sampled_from(["down", "up", "drained", "forward", "back", "stop"]), span=spans)
    def site(self, what: str, span: int) -> None:
        """The link, the clock or the daemon itself."""
        now = self.at
        if what == "stop":
            self.eager.at = self.lazy.at = now + span
            self.both_sites(Started(at=now + span, last_at=now, clean=False))
            return
        events: dict[str, SiteEvent] = {
            "down": LinkDown(at=now),
            "up": LinkUp(at=now, resumed=True, protocol=4),
            "drained": LinkDrained(at=now, canary=True),
            "forward": ClockStepped(at=now, offset=HOUR),
            "back": ClockStepped(at=now, offset=-HOUR),
        }
        self.both_sites(events[what])

    # --- what must be true ------------------------------------------------------------------

    @invariant()
    def nobody_is_forgotten(self) -> None:
        """Promise P2: a deadline or a lease for everybody who is not only watched."""
        for alert in self.eager.state.alerts.values():
            due = alert_deadline(alert)
            assert (due is None) == alert.watch
            assert due is None or due > self.at
            if alert.state is AlertState.ACKNOWLEDGED and not alert.watch:
                assert alert.lease_until is not None
                assert alert.owner
            no_fault_is_forgotten(alert, self.at)
            enough_go(alert, self.at)
            if alert.begins_at is not None:
                assert alert.state is AlertState.OPEN
                assert alert.watch or alert.next_at == alert.begins_at
                assert not any(one.pages for one in alert.told)

    @invariant()
    def life_safety_is_never_muted(self) -> None:
        """Promise P6: begun or held by somebody at once; no trial carries what pages."""
        state, paging = self.eager.state, set()
        for one in self.eager.home.rules:
            if one.rule.mode is Mode.PAGE:
                paging.add(one.name)
            if one.rule.priority is Priority.LIFE_SAFETY:
                rule_says = (one.rule.unless, one.rule.cooldown, one.rule.max_per_day)
                assert rule_says == ((), 0, 0)
        for alert in state.alerts.values():
            if alert.priority is Priority.LIFE_SAFETY and not alert.watch:
                assert alert.begins_at is None
                assert alert.turn or alert.state is AlertState.ACKNOWLEDGED
        for key, finding in state.findings.items():
            if key.partition("|")[0] in paging and finding.alert:
                assert not state.alerts[finding.alert].watch

    @invariant()
    def the_stored_bound_is_never_too_late(self) -> None:
        """Decision 5: stored `due_at` ≤ true next deadline; what is due has been decided."""
        state, home, site = self.eager.state, self.eager.home, self.eager.site
        rules = [due for due in home.rule_deadlines(state, site) if due.key not in state.broken]
        asked_now = list(resident.questions(Work(state, home, site)))
        true = earliest(
            *(alert_deadline(alert) for alert in state.alerts.values()),
            *(pending.due_at for pending in state.pending.values()),
            *(due.at for due in rules),
            *(asked.at for asked in asked_now),
            *(expiry.at for expiry in suspensions.expiries(state)),
            *(late.at for late in promises.overdue(state)),
            None if state.walk_test is None else state.walk_test.until,
        )
        bound = next_deadline(state)
        if true is not None:
            assert bound is not None
            assert bound <= true
        for due in rules:
            assert due.at > self.at or (due.compiled.condition.absence and site.held)
        for asked in asked_now:
            assert asked.at > self.at or (asked.absence and site.held)

    @invariant()
    def a_state_is_what_was_stored(self) -> None:
        """What is read is what was written."""
        state = self.eager.state
        assert encode_state(decode_state(encode_state(state))) == encode_state(state)

    @invariant()
    def the_record_tells_one_story(self) -> None:
        """Time never falls, ids rise, nobody is paged about what somebody holds."""
        fresh, self.seen = self.eager.effects[self.seen :], len(self.eager.effects)
        for effect in fresh:
            if isinstance(effect, Notify):
                assert effect.id not in self.ids
                self.ids.add(effect.id)
            elif isinstance(effect, Record):
                assert effect.at >= self.last_at
                self.last_at = effect.at
                self._line(effect)

    def _line(self, line: Record) -> None:
        n = line.alert or 0
        if line.reason.startswith(
            ("held back: ", "within its cooldown: ", "its 1 alerts", "its 2 ")
        ):
            rules = {one.name: one.rule for one in self.eager.home.rules}
            known = rules.get(line.rule or "")
            assert known is None or known.priority is not Priority.LIFE_SAFETY
        match line.event:
            case "alert.opened":
                assert n > max(self.opened, default=0)
                self.opened[n] = line
            case "alert.acknowledged" | "alert.snoozed" | "alert.planned" | "alert.handed_over":
                self.held_by[n] = True
            case "alert.lapsed":
                self.held_by[n] = False
            case "alert.resolved":
                if line.reason.startswith(("recovered: ", "its rule is on trial")):
                    watched = self.opened[n].reason.startswith("watched")
                    dangerous = line.priority in (Priority.LIFE_SAFETY, Priority.URGENT)
                    assert watched or not dangerous
                del self.opened[n]
            case "notification.queued" if n:
                text = self.opened[n].text if n in self.opened else None
                # What a second sensor has confirmed says so before the same words.
                page = bool(text and line.text and line.text.endswith(text))
                assert not (page and self.held_by.get(n)), "paged although somebody has it"
                watched = n in self.opened and self.opened[n].reason.startswith("watched")
                assert not (page and watched), "a rule on trial paged somebody"

    def teardown(self) -> None:
        """Promise P9: looking more often decides nothing else, and the same is the same."""
        if not hasattr(self, "eager"):
            return
        self.lazy.happens(Ticked(at=self.at))
        assert self.eager.effects == self.lazy.effects
        # Only the bounds may differ: they are tightened when somebody looks.
        self.both(HomeRegistered(input=self.input(), at=self.at))
        assert encode_state(self.eager.state) == encode_state(self.lazy.state)
        assert self.eager.state.home == HOME
