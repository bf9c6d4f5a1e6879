"""The promises of the design, held against a night after every step of it.

Each is judged from what the file holds and from what left the machine, with rules of its own: what
the core thinks of its deadlines is not asked. What noticed a failure is named by its promise.
"""

from typing import Final

from telecared.core.prompts import Prompt
from telecared.core.state import Alert, HomeState, Told
from telecared.core.vocabulary import MINUTE, SECOND, AlertState, Duration, Instant, Priority
from telecared.ports import Outgoing, PressedKey, Receipt
from telecared.sim.nights.broker import Message
from telecared.sim.nights.faults import Faults
from telecared.sim.nights.looking import (
    Looking,
    SeenInput,
    SeenNotification,
    SeenRecord,
)
from telecared.sim.nights.paging import Paging
from telecared.sim.nights.provider import Attempt
from telecared.sim.nights.world import World

LATE_AT_MOST: Final[Duration] = 30 * SECOND
"""A deadline fires within this, while the daemon runs; the slowest disk takes some seconds."""

UNSENT_AT_MOST: Final[Duration] = 10 * MINUTE
"""What is owed for life safety is tried within this, while the daemon runs."""

RETRY_AT_MOST: Final[Duration] = 60 * SECOND
"""When all messages of the last step failed, it is told again within this."""

PRESSING: Final = (Priority.LIFE_SAFETY, Priority.URGENT)
RANKS: Final = {"queued": 0, "sent": 1, "delivered": 2, "undelivered": 2, "failed": 2}
FAILURES: Final = ("failed", "undelivered")
TAKEN: Final = ("sent", "delivered", "undelivered")
FINAL: Final = ("delivered", "undelivered", "failed")
ALARM_RULES: Final = {"pendant": "pendant-pressed", "smoke": "smoke"}


class Checkers:
    """Watches one night.

    Attributes:
        stored: topic and payload of every message that the file holds.
        attempts: notification -> its sends, oldest first.
    """

    def __init__(self, world: World, looking: Looking, faults: Faults, paging: Paging) -> None:
        self._world = world
        self._looking = looking
        self._faults = faults
        self._paging = paging
        self._mistaken: set[str] = set()
        self._dirty = True
        self._alarms: list[tuple[str, str]] = []
        self._alarmed: set[tuple[str, str]] = set()
        self._texts: dict[str, tuple[str, str]] = {}
        self._due: dict[str, tuple[Instant, str]] = {}
        self._unsent: dict[str, Instant] = {}
        self._out_since: dict[tuple[str, int, int], Instant] = {}
        self.stored: set[tuple[str, bytes]] = set()
        self.attempts: dict[str, list[Attempt]] = {}
        looking.on_input = self._input
        looking.on_home = self._home
        looking.on_record = self._record
        looking.on_notification = self._notification

    # --- when -----------------------------------------------------------------------------------

    def durable(self) -> None:
        """A transaction is on disk."""
        self._dirty = True

    def step(self) -> None:
        """After every step: look at what is new in the file."""
        if self._dirty:
            self._dirty = False
            self._looking.refresh()
            self._alarms_have_alerts()
        self._world.stop_if_broken()

    def jump(self, _: float) -> None:
        """Before time passes: nothing that is due may wait."""
        life = self._faults.life
        if not life.ready or life.shard.engine.is_degraded or self._faults.was_full:
            return
        now = life.clock.now()
        if self._world.now() - life.since > LATE_AT_MOST:
            for home, (due, what) in self._due.items():
                if now - due > LATE_AT_MOST:
                    late = (now - due) // SECOND
                    self._world.fail("P3 timers outlive us", f"{home}: {what} is {late} s late")
            self._paging.look(now)
        if self._world.now() - life.since > UNSENT_AT_MOST:
            for one, since in self._unsent.items():
                if now - since > UNSENT_AT_MOST:
                    self._world.fail("P4 none is lost", f"{one} was never tried")
        self._world.stop_if_broken()

    # --- P1, P6: what was heard -----------------------------------------------------------------

    def acknowledged(self, message: Message) -> None:
        """The broker was told that a message is safe."""
        self.step()
        if (message.topic, message.payload) not in self.stored:
            self._world.fail("P1 acknowledged is stored", f"message {message.number} is not")

    def _input(self, seen: SeenInput) -> None:
        if seen.kind != "message" or seen.topic is None or seen.payload is None:
            return
        self.stored.add((seen.topic, seen.payload))
        home, device = seen.topic.split("/")[-2:]
        if device in ALARM_RULES and (b"pressed" in seen.payload or b"alarm" in seen.payload):
            # A press is news every time; of a level that nobody has said to be clear, the first is.
            if device == "pendant" or (home, device) not in self._alarmed:
                self._alarms.append((home, ALARM_RULES[device]))
            self._alarmed.add((home, device))

    def _alarms_have_alerts(self) -> None:
        """A committed alarm has an unresolved alert in the same transaction: never muted."""
        for home, rule in self._alarms:
            state = self._looking.states.get(home)
            if state is None or all(alert.rule != rule for alert in state.alerts.values()):
                self._world.fail("P6 never muted", f"{home} said {rule}, and no alert carries it")
        self._alarms.clear()

    # --- P2, P3, P5: how alerts stand -----------------------------------------------------------

    def _home(self, home: str, state: HomeState) -> None:
        self._paging.home(home, state, self._faults.life.clock.now())
        deadlines = []
        for alert in state.alerts.values():
            due = self._deadline(home, alert)
            if due is not None:
                deadlines.append((due, f"{home}/{alert.n}"))
            self._failure_moves_on(home, alert)
        self._due.pop(home, None)
        if not deadlines:
            return
        due, what = self._due[home] = min(deadlines)
        stored = self._looking.due.get(home)
        if stored is None or stored > due:
            self._world.fail("P3 timers outlive us", f"{what} is due, but not on record")

    def _deadline(self, home: str, alert: Alert) -> Instant | None:
        """Return when something must happen to an alert at the latest (promise P2)."""
        name = f"{home}/{alert.n}"
        if alert.watch:
            return None
        if alert.state is AlertState.ACKNOWLEDGED:
            if alert.owner is None or alert.lease_until is None:
                self._world.fail("P2 nobody is forgotten", f"{name} is held without an end")
                return None
            if alert.update_by is None:
                return alert.lease_until
            return min(alert.lease_until, alert.update_by)
        if alert.next_at is None:
            self._world.fail("P2 nobody is forgotten", f"{name} is open without a deadline")
        return alert.next_at

    def _failure_moves_on(self, home: str, alert: Alert) -> None:
        """When nobody of a step can be reached or can go, the next begins (promise P5)."""
        key = (home, alert.n, alert.turn)
        told = [one for one in alert.told if one.turn == alert.turn and one.pages]
        open_ = alert.state is AlertState.OPEN and alert.begins_at is None and alert.next_at
        if not open_ or not told or not all(_is_out(alert, one) for one in told):
            return
        if alert.step < len(alert.policy.steps) - 1:
            self._world.fail("P5 failure moves on", f"{home}/{alert.n} rests at step {alert.step}")
        elif alert.priority in PRESSING and all(one.state in FAILURES for one in told):
            since = self._out_since.setdefault(key, self._looking.states[home].at)
            if alert.next_at is not None and alert.next_at > since + RETRY_AT_MOST:
                self._world.fail("P5 failure moves on", f"{home}/{alert.n} is told too late")

    def _record(self, seen: SeenRecord) -> None:
        self._world.trace(f"record: {seen.home}/{seen.alert} {seen.event} {seen.rule}")
        self._paging.record(seen.home, seen.alert, seen.event)

    # --- P4, P5: notifications ------------------------------------------------------------------

    def _notification(self, before: SeenNotification | None, after: SeenNotification) -> None:
        self._world.trace(f"notification: {after.id} {after.state} {after.attempts}")
        if before is not None:
            older, newer = RANKS[before.state], RANKS[after.state]
            if newer < older or (older == 2 and before.state != after.state):
                what = f"{after.id} was {before.state}, is {after.state}"
                self._world.fail("P5 never backwards", what)
            if before.withdrawn and not after.withdrawn:
                self._world.fail("P5 never backwards", f"{after.id} is owed again")
        if after.state in TAKEN:
            self._was_taken(after.id)
        owed = after.state == "queued" and not after.withdrawn and after.id not in self.attempts
        if owed and after.priority == Priority.LIFE_SAFETY:
            self._unsent.setdefault(after.id, after.queued_at)
        else:
            self._unsent.pop(after.id, None)

    def _was_taken(self, one: str) -> None:
        """What counts as sent, some provider has taken (promise P4)."""
        made = self.attempts.get(one, [])
        excused = self._faults.was_full or one in self._mistaken or any(a.excused for a in made)
        if not excused and not any(attempt.taken for attempt in made):
            self._world.fail("P4 sent is taken", f"{one} counts as sent, and no provider has it")

    def sending(self, provider: str, message: Outgoing) -> Attempt:
        """The daemon sends; return the attempt, which is told what becomes of it."""
        one = message.notification
        self._unsent.pop(one, None)
        attempt = Attempt(
            provider, life=self._faults.life.number, clock=self._world.clock_is_off_by
        )
        made = self.attempts.setdefault(one, [])
        if self._faults.was_full:
            # What memory decided on a full disk, a crash forgets: a double is better than a miss.
            self._texts.pop(one, None)
            attempt.excused = True
        else:
            known = self._texts.setdefault(one, (message.number, message.text))
            if known != (message.number, message.text):
                self._world.fail("P4 one id, one text", f"{one} has two texts")
            for before in made:
                self._may_send_again(one, before)
        made.append(attempt)
        return attempt

    def _may_send_again(self, one: str, before: Attempt) -> None:
        if before.ending == "refused" or before.excused:
            return
        if not before.asked:
            what = f"{one} is sent again, and nobody asked {before.provider}"
            self._world.fail("P4 looked up before it is sent again", what)
        elif before.answered and before.taken:
            what = f"{one} is sent again, although {before.provider} has it and could be asked"
            self._world.fail("P4 doubles only in doubt", what)

    def asking(self, provider: str, message: Outgoing, answers: bool) -> None:
        """A provider was asked about a message."""
        for attempt in self.attempts.get(message.notification, ()):
            if attempt.provider == provider:
                attempt.asked = True
                attempt.answered = answers and not self._is_hidden(attempt)

    def found(self, provider: str, asked: Outgoing, found: Outgoing) -> None:
        """What was found counts for whom it was found: pages with one text are as good."""
        if found.notification == asked.notification:
            return
        self._mistaken |= {found.notification, asked.notification}
        for one, taken in ((found, False), (asked, True)):
            for attempt in reversed(self.attempts.get(one.notification, [])):
                if attempt.provider == provider and attempt.taken is not taken:
                    attempt.taken = taken
                    break

    def _is_hidden(self, attempt: Attempt) -> bool:
        """Whether nobody can know how long ago an attempt was.

        Its process has died, and the clock on the wall, all that is left, was put back.
        """
        died = self._faults.life.number != attempt.life
        return died and self._world.clock_is_off_by < attempt.clock

    def _is_forgotten(self, notification: str) -> bool:
        """Whether an open alert has sent so many that it remembers this one no more.

        Its receipt is kept as evidence; the table stays as it was.
        """
        home, _, rest = notification.rpartition("/")
        number, _, k = rest.partition("-")
        state = self._looking.states.get(home)
        alert = state.alerts.get(int(number)) if state is not None else None
        return alert is not None and all(one.k != int(k) for one in alert.told)

    def pressed(self, key: PressedKey, came_to: Prompt) -> None:
        """Whoever pressed a key was thanked for it: it is on record."""
        self.step()
        thanked = came_to in (Prompt.YOURS, Prompt.REFUSED) and not self._faults.was_full
        if thanked and not self._looking.has_key(key.provider_id, key.key):
            self._world.fail("P1 a key is stored", f"{key.notification}: its key {key.key} is not")

    def receipt(self, receipt: Receipt) -> None:
        """The daemon keeps a receipt; of attempts that were repeated only one counts."""
        self.step()
        made = self.attempts.get(receipt.notification, ())
        if len(made) != 1 or made[0].excused or self._faults.was_full:
            return
        if receipt.notification in self._mistaken or self._is_forgotten(receipt.notification):
            return
        found = self._looking.notifications.get(receipt.notification)
        if found is not None and receipt.state in FINAL and found.state not in FINAL:
            what = f"{found.id} was told {receipt.state}, is {found.state}"
            self._world.fail("P5 delivery is evidence", what)


def _is_out(alert: Alert, told: Told) -> bool:
    return told.state in FAILURES or told.to in (*alert.declined, *alert.handled.unanswered)
