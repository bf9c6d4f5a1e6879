"""Whether the people whom an alert needs are paged in time: the supervisor, and its owner (P6).

Held against a night as `checkers` does it, by the stored states and the record: when the core means
to page whom is not asked, and neither is whether it did.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from telecared.core.calls import CALLED
from telecared.core.plan import HomeRecord, Plan
from telecared.core.policy import MONITORING_CENTRE
from telecared.core.state import Alert, HomeState
from telecared.core.vocabulary import (
    DAY,
    MINUTE,
    SECOND,
    AlertState,
    CallResult,
    Duration,
    Instant,
    Priority,
)
from telecared.sim.nights.looking import SeenNotification
from telecared.sim.nights.people import People
from telecared.sim.nights.scenery import ON_ROTA, ROTA
from telecared.sim.nights.world import World

UPDATE_WITHIN: Final[Duration] = 2 * MINUTE
"""How long whoever holds an alert may say nothing after it happened again (promise P6)."""

FIRST_DAY: Final[Instant] = 1_767_571_200_000_000
"""2026-01-05T00:00:00Z, the day on which the turns of a rota begin; no clock is changed since."""

LATE_AT_MOST: Final[Duration] = 30 * SECOND
PRESSING: Final = (Priority.LIFE_SAFETY, Priority.URGENT)
SAY_SOMETHING: Final = frozenset(
    {
        "alert.acknowledged",
        "alert.updated",
        "alert.handed_over",
        "alert.snoozed",
        "alert.planned",
        "alert.lapsed",
        "alert.resolved",
    }
)

SAID_BY_PHONE: Final = f"{CALLED}{CallResult.GOING}"

TAKEN: Final = frozenset({"alert.acknowledged", "alert.handed_over", "alert.snoozed"})

Key = tuple[str, int]
"""A home, and the number of an alert of it."""


class Paging:
    """Watches who is paged.

    Args:
        world: of the night.
        plan: names the supervisor, and after how long they are paged.
        people: know who has said that they go.
        homes: say whose phone it is.
        notifications: as the file holds them.
    """

    def __init__(
        self,
        world: World,
        plan: Plan,
        people: People,
        homes: Sequence[HomeRecord],
        notifications: Mapping[str, SeenNotification],
    ) -> None:
        self._world = world
        self._centre = plan.centre
        self._people = people
        self._notifications = notifications
        self._phones = {
            (home.id, one.id): one.phone for home in homes for one in (*home.contacts, *plan.people)
        }
        handover = plan.rotas[0].layers[0].handover[1]
        self._first_turn = FIRST_DAY + handover * MINUTE
        self._before: dict[Key, Alert] = {}
        self._events: dict[Key, list[str]] = {}
        self._at_centre: dict[Key, Instant] = {}
        self._paged: dict[
            Key, tuple[int, int]
        ] = {}  # the newest page; how many since it stands there
        self._in_their_place: set[Key] = set()
        self._update_by: dict[Key, Instant] = {}

    def record(self, home: str, alert: int | None, event: str) -> None:
        """A line of the record, before the state that it led to."""
        if alert is not None:
            self._events.setdefault((home, alert), []).append(event)

    def home(self, home: str, state: HomeState, now: Instant) -> None:
        """A home stands otherwise than before, at `now` in engine time."""
        gone = [key for key in self._before if key[0] == home and key[1] not in state.alerts]
        for key in gone:
            for known in (self._before, self._at_centre, self._paged, self._update_by):
                known.pop(key, None)
            self._in_their_place.discard(key)
        for alert in state.alerts.values():
            key = (home, alert.n)
            events = self._events.pop(key, [])
            if TAKEN & set(events):
                # Somebody had it in between, be it for the same instant: it stands there anew.
                self._at_centre.pop(key, None)
                self._in_their_place.discard(key)
            self._stands_at_the_centre(key, state, alert, now)
            self._happened_again(key, state, alert, events, now)
            self._has_said_so(key, alert, events)
            self._is_on_duty(key, alert)
            self._before[key] = alert

    # --- the supervisor -------------------------------------------------------------------------

    def _stands_at_the_centre(self, key: Key, state: HomeState, alert: Alert, now: Instant) -> None:
        """Note when the supervisor must be paged for it, after which there is a next time."""
        supervisor = self._centre.supervisor
        stands = (
            alert.state is AlertState.OPEN
            and alert.priority in PRESSING
            and not alert.watch
            and alert.begins_at is None
            and alert.step == len(alert.policy.steps) - 1
        )
        if not stands or supervisor is None or supervisor in state.unreachable:
            self._at_centre.pop(key, None)
            self._paged.pop(key, None)
            self._in_their_place.discard(key)
            if stands:
                # Who takes no messages cannot be paged: the centre hears in their place.
                self._in_their_place.add(key)
            return
        # Its number and not their count: of very many the oldest are forgotten.
        pages = max((one.k for one in alert.told if one.to == supervisor and one.pages), default=0)
        after = self._centre.page_after
        # Some of its pages went on to the centre: how many of the stated times are over cannot be
        # told from the supervisor's, so that each may be as far off as the longest.
        longest = max(*after, self._centre.repeat) if key in self._in_their_place else None
        if key not in self._at_centre:
            self._at_centre[key] = now + (longest or after[0])
            self._paged[key] = (pages, 0)
        elif pages > self._paged[key][0]:
            made = self._paged[key][1] + 1
            wait = after[made] - after[made - 1] if made < len(after) else self._centre.repeat
            self._at_centre[key] = now + (longest or wait)
            self._paged[key] = (pages, made)

    # --- whoever holds it -----------------------------------------------------------------------

    def _happened_again(
        self, key: Key, state: HomeState, alert: Alert, events: list[str], now: Instant
    ) -> None:
        """A life-safety repeat pages whoever holds the alert, and they must say something."""
        before = self._before.get(key)
        held = alert.state is AlertState.ACKNOWLEDGED
        if not held or (alert.update_by is None and SAY_SOMETHING & set(events)):
            self._update_by.pop(key, None)
        if before is None or "alert.repeated" not in events or SAY_SOMETHING & set(events):
            return
        was_held = before.state is AlertState.ACKNOWLEDGED and before.owner == alert.owner
        if not (held and was_held) or alert.priority is not Priority.LIFE_SAFETY or alert.watch:
            return
        self._update_by.setdefault(key, now + UPDATE_WITHIN)
        owner = alert.owner_contact or MONITORING_CENTRE
        if state.unreachable or (owner == MONITORING_CENTRE and self._centre.sms is None):
            return
        if not any(one.pages and one.to == owner and one.k > before.notified for one in alert.told):
            self._world.fail(
                "P6 its owner is paged", f"{key[0]}/{key[1]} happened again, and {owner} is not"
            )

    # --- whoever has it, and whoever is told -----------------------------------------------------

    def _has_said_so(self, key: Key, alert: Alert, events: list[str]) -> None:
        """Nobody has an alert who has neither written, nor pressed the key that says yes.

        Or said so to an operator who rang them.
        """
        if SAID_BY_PHONE in events:
            rung = (self._phones.get((key[0], one.contact or "")) for one in alert.going)
            self._people.said_yes |= {phone for phone in rung if phone is not None}
        contact = alert.owner_contact
        before = self._before.get(key)
        if contact is None or (before is not None and before.owner_contact == contact):
            return
        phone = self._phones.get((key[0], contact))
        if phone is not None and phone not in self._people.said_yes:
            what = f"{key[0]}/{key[1]} is held by {contact}, who has not said so"
            self._world.fail("P5 only an answer is one", what)

    def _is_on_duty(self, key: Key, alert: Alert) -> None:
        """A step for a rota tells whoever is on duty by the clock on the wall."""
        before = self._before.get(key)
        begins = before is not None and before.turn != alert.turn
        if not begins or self._world.clock_was_put or alert.state is not AlertState.OPEN:
            return
        if alert.policy.steps[alert.step].notify != (ROTA,):
            return
        wall = self._world.wall()
        for one in alert.told:
            if one.turn != alert.turn or not one.pages:
                continue
            # On a full disk it was decided long before it could be seen.
            queued_at = self._notifications[f"{key[0]}/{key[1]}-{one.k}"].queued_at
            on_duty = {
                ON_ROTA[(at - self._first_turn) // DAY % len(ON_ROTA)]
                for at in (wall, wall - LATE_AT_MOST, queued_at)
            }
            if one.to not in on_duty:
                what = f"{key[0]}/{key[1]} is told to {one.to}, who is not on duty"
                self._world.fail("the rota is kept", what)

    # --- as time passes -------------------------------------------------------------------------

    def look(self, now: Instant) -> None:
        """What is due has been done, some seconds later at the latest. The daemon runs."""
        for (home, n), due in self._at_centre.items():
            if now - due > LATE_AT_MOST:
                late = (now - due) // SECOND
                what = f"{home}/{n} stands at the centre, and the supervisor is {late} s late"
                self._world.fail("the supervisor is paged", what)
        for (home, n), due in self._update_by.items():
            if now - due > LATE_AT_MOST:
                what = f"{home}/{n} happened again, and its silent owner still has it"
                self._world.fail("P6 a silent owner loses it", what)
