"""Whatever happens, in whatever order: what must be true of a home after every single step.

Two worlds live through the same events. One looks at its deadlines whenever it likes, the other
only when something happens: both must leave the same record, or a replay would decide otherwise.
"""

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from telecared.core.effects import Notify, Record
from telecared.core.escalation import alert_deadline
from telecared.core.events import (
    Acknowledged,
    ConditionFound,
    ContactReachable,
    ContactUnreachable,
    Declined,
    Event,
    HomeRegistered,
    MessageHeard,
    NotificationReported,
    Quarantined,
    ReplyNotUnderstood,
    Resolved,
    Snoozed,
    Ticked,
)
from telecared.core.plan import (
    Clear,
    Downtime,
    HeldFor,
    InactiveFor,
    Plan,
    ReadingIs,
    Rule,
    Silent,
    Window,
)
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
    Value,
)
from tests.core.world import BEN, HOME, World, plan_of, record_of

NIGHT = (Window(start=22 * 60, end=6 * 60),)
DOOR = HeldFor(property="contact", values=("open",), duration=10 * MINUTE)
RULES = (
    Rule(name="pressed", when=ReadingIs(property="trigger", values=("pressed",)),
         priority=Priority.LIFE_SAFETY),
    Rule(name="smoke", when=ReadingIs(property="smoke", values=("alarm",)),
         priority=Priority.LIFE_SAFETY),
    Rule(name="door", when=DOOR, priority=Priority.ROUTINE, cooldown=20 * MINUTE),
    Rule(name="night-door", downtime=Downtime(kind="pause"),
         when=HeldFor(property="contact", values=("open",), duration=5 * MINUTE, between=NIGHT)),
    Rule(name="quiet", downtime=Downtime(kind="grace", grace=30 * MINUTE),
         when=InactiveFor(duration=2 * HOUR, of=("motion", "contact"), occupied_at_most=6 * HOUR)),
    Rule(name="silent", when=Silent(at=("unit", "hall"), duration=45 * MINUTE),
         priority=Priority.TECHNICAL),
    Rule(name="trial", mode=Mode.WATCH, when=ReadingIs(property="motion", values=("detected",)),
         priority=Priority.LIFE_SAFETY, clear=Clear(kind="person")),
    Rule(name="wet", when=HeldFor(property="water", values=("wet",), duration=15 * MINUTE),
         priority=Priority.TECHNICAL, clear=Clear(
             kind="reading", condition=ReadingIs(property="cancel", values=("pressed",)))),
)  # fmt: skip
PLANS = (
    plan_of(RULES),
    plan_of(RULES[:5]),
    plan_of(RULES, centre=None),
    plan_of([*RULES[3:], *RULES[:2]], policies=()),
)
RECORDS = (
    record_of(),
    record_of(contacts=(BEN,)),
    record_of(rule_values={"door": {"mode": "off"}}),
)

_words: dict[str, list[tuple[str, Value]]] = {
    "pendant": [("trigger", "pressed"), ("cancel", "pressed"), ("battery", 9.0)],
    "hall-pir": [("motion", "detected"), ("motion", "clear")],
    "front-door": [("contact", "open"), ("contact", "closed")],
    "bed": [("occupancy", "occupied"), ("occupancy", "vacant")],
    "smoke": [("smoke", "alarm"), ("smoke", "clear")],
    "unit": [("heartbeat", "seen"), ("water", "wet"), ("water", "dry")],
    "ghost": [("trigger", "pressed"), ("motion", "clear")],
}
told: st.SearchStrategy[tuple[str, tuple[str, Value]]] = st.sampled_from(
    [(name, word) for name, words in _words.items() for word in words]
)
stamps = st.sampled_from([None, None, 0, -MINUTE, -3 * HOUR, MINUTE, -300 * HOUR])
spans = st.sampled_from(
    [0, SECOND, 4 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 7 * MINUTE, 31 * MINUTE, 3 * HOUR]
)
numbers = st.integers(1, 4)
PEOPLE = st.sampled_from([("Ben Hall", "ben"), ("Cara Singh", "cara"), ("An Operator", None)])


class HomeMachine(RuleBasedStateMachine):
    """One home, two ways of looking at its deadlines."""

    @initialize(plan=st.sampled_from(PLANS), calm=st.booleans())
    def begin(self, plan: Plan, calm: bool) -> None:
        """A home is registered; in a calm life nothing but devices, people and time happens."""
        self.calm = calm
        self.eager = World(plan=plan, delivers=None)
        self.lazy = World(plan=plan, delivers=None)
        self.seen = 0
        self.held_by: dict[int, bool] = {}
        self.opened: dict[int, Record] = {}
        self.ids: set[str] = set()
        self.last_at: Instant = 0

    # --- what may happen --------------------------------------------------------------------

    def both(self, event: Event) -> None:
        """The same happens to both."""
        self.eager.happens(event)
        self.lazy.happens(event)

    def both_sites(self, event: SiteEvent) -> None:
        """The same happens to both sites."""
        self.eager.site_hears(event)
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
        name, value = _words[device][-1 if back else -2]
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

    @rule(n=numbers)
    def resolve(self, n: int) -> None:
        """Somebody ends an alert."""
        self.both(
            Resolved(
                input=self.input(), at=self.at, alert=n, by="An Operator", outcome=Outcome.TEST
            )
        )

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
        self.both(events[what])

    @precondition(lambda self: not self.calm)
    @rule(plan=st.sampled_from(PLANS), record=st.sampled_from(RECORDS))
    def replan(self, plan: Plan, record: Any) -> None:  # noqa: ANN401 - one of RECORDS
        """The rules or the home's record change."""
        for world in (self.eager, self.lazy):
            # As the engine does: what was due before still saw the old plan.
            world.happens(Ticked(at=self.at))
            world.is_replanned(plan, record)

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
            if alert.watch:
                assert alert_deadline(alert) is None
            elif alert.state is AlertState.ACKNOWLEDGED:
                assert alert.lease_until is not None
                assert alert.owner
            else:
                due = alert_deadline(alert)
                assert due is not None
                assert due > self.at

    @invariant()
    def the_stored_bound_is_never_too_late(self) -> None:
        """Decision 5: stored `due_at` ≤ true next deadline; what is due has been decided."""
        state, home, site = self.eager.state, self.eager.home, self.eager.site
        rules = [due for due in home.rule_deadlines(state, site) if due.key not in state.broken]
        true = earliest(
            *(alert_deadline(alert) for alert in state.alerts.values()),
            *(pending.due_at for pending in state.pending.values()),
            *(due.at for due in rules),
        )
        bound = next_deadline(state)
        if true is not None:
            assert bound is not None
            assert bound <= true
        for due in rules:
            assert due.at > self.at or (due.compiled.condition.absence and site.held)

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
        match line.event:
            case "alert.opened":
                assert n > max(self.opened, default=0)
                self.opened[n] = line
            case "alert.acknowledged" | "alert.snoozed":
                self.held_by[n] = True
            case "alert.lapsed":
                self.held_by[n] = False
            case "alert.resolved":
                if line.reason.startswith("recovered: "):
                    watched = self.opened[n].reason.startswith("watched")
                    dangerous = line.priority in (Priority.LIFE_SAFETY, Priority.URGENT)
                    assert watched or not dangerous
                del self.opened[n]
            case "notification.queued" if n:
                page = line.text == self.opened[n].text if n in self.opened else False
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


TestHome = HomeMachine.TestCase
TestHome.settings = settings(
    derandomize=True, deadline=None, max_examples=30, stateful_step_count=30
)


@pytest.mark.parametrize("seed", range(6))
def test_long_lives_keep_every_promise(seed: int) -> None:
    """Weeks of one home, as likely as life makes them: short examples rarely get that far."""
    chance = random.Random(seed)
    home = HomeMachine()
    home.begin(PLANS[seed % 2 * 2], calm=False)
    words = [(name, word) for name, words in _words.items() if name != "ghost" for word in words]
    whats = ["take", "snooze", "decline"]
    people = [("Ben Hall", "ben"), ("Cara Singh", "cara"), ("An Operator", None)]

    def alert() -> int:
        return chance.choice([*home.eager.state.alerts, 1])

    acts: list[tuple[int, Callable[[], object]]] = [
        (20, lambda: home.message(chance.choice(words), None, chance.choice(["", "", "clears"]))),
        (5, lambda: home.message(chance.choice(words), -30 * MINUTE, "retained")),
        (20, lambda: home.a_level_changes(
            chance.choice(["front-door", "unit", "bed"]), chance.random() < 0.4,
            chance.choice([0, 2, 6, 6, 100]))),
        (20, lambda: home.time_passes(chance.randrange(90) * MINUTE, [chance.randrange(1000)])),
        (8, lambda: home.answer(alert(), chance.choice(people), chance.choice(whats))),
        (8, lambda: home.receipt(0, chance.choice(list(NotificationState)), False)),
        (10, lambda: home.resolve(alert())),
        (3, lambda: home.site(chance.choice(["down", "forward", "back", "stop"]), HOUR)),
        (6, lambda: home.site("drained", 0)),
        (1, lambda: home.replan(home.eager.plan, RECORDS[0])),
        (1, lambda: home.other(chance.choice(["fault", "end", "poison", "deadline"]))),
    ]  # fmt: skip
    weights = [weight for weight, _ in acts]
    for _ in range(200):
        chance.choices([act for _, act in acts], weights)[0]()
        home.nobody_is_forgotten()
        home.the_stored_bound_is_never_too_late()
        home.the_record_tells_one_story()
    assert len(home.eager.records("alert.opened")) > 10
    home.teardown()
