"""All homes of one shard in memory: folds the sequence of inputs, row by row, into one batch.

The engine feeds it live rows, a replay feeds it stored ones; both go through `apply`, which is
why a replay decides the same. No I/O, no clock: it knows the time only from the rows.
"""

from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from telecared.aside import (
    SET_ASIDE,
    aside_deadline,
    aside_event,
    aside_row,
    place_of,
    told_at_site,
)
from telecared.bodies import ContentChange, Partly, decode_site_event, stranger
from telecared.collecting import uncollected
from telecared.core.compile import CompileHome, HomePlan
from telecared.core.events import (
    SITE,
    ConditionFound,
    Event,
    HomeRegistered,
    MessageHeard,
    Quarantined,
    Ticked,
    decode_event,
)
from telecared.core.outages import gap_in
from telecared.core.plan import HomeRecord, Plan, decode_home, decode_plan
from telecared.core.rota_gaps import look_ahead
from telecared.core.site import (
    ClockStepped,
    LinkDrained,
    RotaOverridden,
    RotaOverrideEnded,
    SiteFacts,
    Stalled,
    Started,
    encode_site,
    site_step,
)
from telecared.core.state import (
    Alert,
    Answer,
    HomeState,
    earliest,
    encode_state,
    next_deadline,
    wake_at,
)
from telecared.core.step import DeadlineFailed, Stepped, step
from telecared.core.technical import site_findings
from telecared.core.vocabulary import Instant
from telecared.forgetting import Erased, places_without
from telecared.overdue import danger, in_turn, is_due_sooner
from telecared.rows import add_effects, alert_row
from telecared.schedule import Schedule
from telecared.schemes import Schemes, ends_trouble, provider_gap, tell_of_gap
from telecared.store_port import Batch, HomeWrite, InputRow

MAX_SET_ASIDE: Final = 64
"""Deadlines of one home that one step may set aside; beyond it the event itself is."""

Contents = Callable[[str], bytes]
"""Returns the plan or the home's record of a hash; raises KeyError when it is not kept."""


class Homes:
    """Every home of a shard with its state and compiled plan.

    Attributes:
        site: what all homes share.
        plan: the rules and policies in force.
        states: home -> its state as of the last row.
        plans: home -> its compiled plan.
        judged: the last `tick` decided something for a scheme.
        whole: until then every home was looked at.
    """

    def __init__(
        self, plan: Plan, site: SiteFacts, contents: Contents, compile_home: CompileHome = HomePlan
    ) -> None:
        self.site = site
        self.plan = plan
        self.states: dict[str, HomeState] = {}
        self.plans: dict[str, HomePlan] = {}
        self._contents = contents
        self._compile_home = compile_home
        self._schedule = Schedule(self._wake_of)
        self._schemes = Schemes()
        self.judged = False
        self.whole: Instant = 0
        self._looks: dict[str, Instant] = {}
        self._ranks: dict[str, int] = {}
        self._batch = Batch(at=0)
        self._touched: dict[str, None] = {}
        self._alerts: dict[tuple[str, int], Alert] = {}
        self._site_changed = False
        self.add(SITE, None, None)

    @property
    def batch(self) -> Batch:
        """The transaction that is being built, for rows that do not come from a step."""
        return self._batch

    # --- homes ----------------------------------------------------------------------------------

    def add(self, home: str, record: HomeRecord | None, state: HomeState | None) -> None:
        """Take in a home as it stands in the store, without deciding anything."""
        self.plans[home] = self._compile_home(self.plan, home, record)
        self.states[home] = state if state is not None else HomeState(home=home)
        if state is not None and state.at < self.site.looked_at:
            # The look that was owed then may have come to nothing, or a crash came before it.
            self._looks[home] = self.site.looked_at
        self._schemes.note_home(home, self.states[home])
        self._schedule.put(home)

    def records(self) -> Iterator[HomeRecord]:
        """Yield what people registered about each home that is not deleted."""
        return (plan.record for plan in self.plans.values() if plan.record is not None)

    def problem_of(self, record: HomeRecord) -> str | None:
        """Return why a record cannot be put in force, as a type and a place; None when it can."""
        try:
            HomePlan(self.plan, record.id, record)
        except Exception as error:  # noqa: BLE001 - whatever somebody wrote must not stop us
            return place_of(error)
        return None

    # --- time -----------------------------------------------------------------------------------

    def next_wake(self) -> Instant | None:
        """Return when the next home has to be looked at, or None."""
        return self._schedule.next()

    def tick(self, until: Instant, *, limit: int | None = None) -> bool:
        """Fire what is due at or before `until`; return whether `limit` left homes over.

        The most dangerous go first: what is overdue is caught up in order of danger.
        """

        def rank(home: str) -> int:
            return danger(self.states[home], self.plans[home], self.site, until)

        due, schemes, left = in_turn(self._schedule.take(until), limit, self._ranks, rank)
        for home in due:
            self._step(home, Ticked(at=until))
        before = len(self._batch.records)
        for home in dict.fromkeys((*schemes, *self._schedule.take(until))):
            self._step(home, Ticked(at=until))
        self.judged = len(self._batch.records) > before
        for home in left:
            self._schedule.put(home)
        self.whole = self.whole if left else max(self.whole, until)
        return bool(left)

    def _advance(self, row: InputRow) -> None:
        partly = msgspec.json.decode(row.body or b"{}", type=Partly)
        self.tick(partly.whole)
        self.tick(row.at, limit=partly.limit)

    def _wake_of(self, home: str) -> Instant | None:
        return earliest(wake_at(self.states[home], held=self.site.held), self._looks.get(home))

    # --- rows -----------------------------------------------------------------------------------

    def apply(self, row: InputRow) -> Answer | None:
        """Fold one row of the sequence of inputs; return a command's answer.

        Never raises for what a row holds: what cannot be worked out is set aside (decision 13).
        """
        self.note(row)
        match row.kind:
            case "message":
                self._message(row)
            case "command" | "receipt" | "result" | "finding":
                return self._event(row)
            case "start" | "stall" | "connected" | "disconnected" | "drained" | "clock" | "rota":
                self._site_event(row)
            case "plan":
                self._new_plan(row)
            case "home":
                return self._new_record(row)
            case "erased":
                self._erased(row)
            case "advance":
                self._advance(row)
            case _:
                pass  # sms, key, stop, alive: on record; nothing follows from them by themselves
        return None

    def note(self, row: InputRow) -> None:
        """Put a row on record that has been acted on already; only that time has passed follows."""
        self._batch.inputs.append(row)
        if row.kind == "alive" and row.at >= self.site.rotas_due:
            self._look_at_rotas(row)

    def _look_at_rotas(self, row: InputRow) -> None:
        """Tell of the gaps of the coming week: once a day, and when the plan or a rota changes."""
        self.site, found = look_ahead(self.plan, before := self.site, row.at, input=row.id)
        self._site_changed |= self.site != before
        for finding in found:
            self._step(SITE, finding)

    def _message(self, row: InputRow) -> None:
        if row.home is None or row.device is None:
            return
        if row.home.startswith("@"):
            found = stranger(row)
            if found is not None:
                self._step(row.home, found)
            return
        if row.error is not None:
            found = ConditionFound(
                input=row.id, at=row.at, name="not-decoded", subject=row.device, detail=row.error
            )
            self._step(row.home, found)
        self._step(
            row.home,
            MessageHeard(
                input=row.id,
                at=row.at,
                device=row.device,
                readings=row.readings,
                seq=row.seq,
                retained=row.retained,
                redelivered=row.redelivered,
                qos=row.qos,
            ),
        )

    def _event(self, row: InputRow) -> Answer | None:
        if row.home is None:
            return None
        if row.home not in self.plans:
            return Answer(False, f"there is no home {row.home}: `telecared import` registers one")
        try:
            event = decode_event(row.body or b"", input=row.id, at=row.at)
        except msgspec.DecodeError as error:
            kept, told = aside_row(row.home, row, error)
            self._batch.quarantined.append(kept)
            self._step(row.home, told)
            return Answer(False, "it could not be read and was set aside")
        if ends_trouble(event):
            self.tick(row.at)  # what the gap is judged by; a replay has not come to it yet
        gap = provider_gap(self.states[row.home], event)
        answer = self._step(row.home, event)
        for scheme, heard in tell_of_gap(gap, row, self.plans, self.states):
            self._step(scheme, heard)
        return answer

    def _site_event(self, row: InputRow) -> None:
        event = msgspec.structs.replace(decode_site_event(row.body or b""), at=row.at)
        # What was due before still saw the site as it was; what was due while we were down did not.
        self.tick(event.last_at if isinstance(event, Started | Stalled) else row.at)
        before = self.site
        self.site = site_step(before, event)
        self._site_changed = True
        if isinstance(event, LinkDrained | ClockStepped | Started | Stalled):
            # Owed to each home before anything else happens to it; the most dangerous come first.
            self._looks = dict.fromkeys(self.states, row.at)
        self._schedule.refill(self.states)
        for finding in site_findings(before, event, input=row.id):
            self._step(SITE, finding)
        for scheme, told in tell_of_gap(gap_in(before, event), row, self.plans, self.states):
            self._step(scheme, told)
        if isinstance(event, RotaOverridden | RotaOverrideEnded | ClockStepped | Started):
            self._look_at_rotas(row)

    def _new_plan(self, row: InputRow) -> None:
        self.tick(row.at)
        change = msgspec.json.decode(row.body or b"", type=ContentChange)
        self.plan = decode_plan(self._contents(change.hash or ""))
        with uncollected():
            for home, compiled in self.plans.items():
                self.plans[home] = self._compile_home(self.plan, home, compiled.record)
        for home in list(self.states):
            self._step(home, HomeRegistered(input=row.id, at=row.at))
        self._look_at_rotas(row)

    def _new_record(self, row: InputRow) -> Answer | None:
        home = row.home or ""
        change = msgspec.json.decode(row.body or b"", type=ContentChange)
        if home in self.plans:
            self._step(home, Ticked(at=row.at))
        record = decode_home(self._contents(change.hash)) if change.hash else None
        self.add(home, record, self.states.get(home))
        return self._step(home, HomeRegistered(input=row.id, at=row.at))

    def _erased(self, row: InputRow) -> None:
        """Know a home no more, nor what the places around it remember of it."""
        gone = msgspec.json.decode(row.body or b"", type=Erased)
        for known in (self.plans, self.states, self._looks, self._ranks, self._touched):
            known.pop(gone.home, None)
        for key in [key for key in self._alerts if key[0] == gone.home]:
            del self._alerts[key]
        for place, kept in places_without(self.states, gone.home).items():
            self.states[place] = kept
            self._touched[place] = None
        self._schedule.refill(self.states)

    # --- stepping, and what makes it fail -------------------------------------------------------

    def _step(self, home: str, event: Event) -> Answer | None:
        """Step a home; set aside what fails, and go on (design 3.1, decision 13)."""
        if home not in self.plans:
            self.add(home, None, None)
        owed = self._looks.pop(home, None)
        if owed is not None:
            self._step(home, Ticked(at=owed, look=True))
        self._ranks.pop(home, None)
        answer: Answer | None = None
        todo = [event]
        set_aside = 0
        while todo:
            current = todo[-1]
            try:
                stepped = step(self.states[home], current, self.plans[home], self.site)
            except DeadlineFailed as failure:
                set_aside += 1
                if isinstance(current, HomeRegistered) and not current.again:
                    # A new plan is a new try for what was set aside before, but not for this.
                    todo[-1] = event = msgspec.structs.replace(current, again=True)
                    self.states[home] = self.states[home].clone()
                    self.states[home].broken = ()
                todo.append(self._set_deadline_aside(home, current, failure))
                if set_aside > MAX_SET_ASIDE:
                    self._raise_at_site(home, event)
                    answer = SET_ASIDE
                    break
            except Exception as error:  # noqa: BLE001 - the supervised edge around every rule
                todo.pop()
                if isinstance(current, Quarantined):
                    self._raise_at_site(home, current)
                else:
                    kept, told = aside_event(home, current, error)
                    self._batch.quarantined.append(kept)
                    todo.append(told)
                    answer = SET_ASIDE
            else:
                todo.pop()
                self._adopt(home, current, stepped)
                if current is event:
                    answer = stepped.answer
        self._schedule.put(home)
        return answer

    def _adopt(self, home: str, event: Event, stepped: Stepped) -> None:
        before, self.states[home] = self.states[home], stepped.state
        if (
            not isinstance(event, Ticked)
            or stepped.effects
            or stepped.changed
            or is_due_sooner(before, stepped.state)
        ):
            # A tick that only tightened bounds leaves the stored ones low enough.
            self._touched[home] = None
        add_effects(self._batch, home, stepped.effects, event.at)
        for n, alert in stepped.changed.items():
            self._alerts[home, n] = alert
        if stepped.effects or stepped.state.storms is not before.storms or self._schemes.unheard:
            for other, hears in self._schemes.after(before, event, stepped, self.plans):
                self._step(other, hears)

    def _set_deadline_aside(self, home: str, event: Event, failure: DeadlineFailed) -> Quarantined:
        state = self.states[home].clone()
        state.broken = (*state.broken, failure.key)
        self.states[home] = state
        self._touched[home] = None
        row, told = aside_deadline(home, event, failure)
        self._batch.quarantined.append(row)
        return told

    def _raise_at_site(self, home: str, event: Event) -> None:
        """The home itself cannot be stepped any more: its alarm goes to the site's alerts."""
        if home != SITE:
            self._step(SITE, told_at_site(home, event))

    # --- the transaction ------------------------------------------------------------------------

    def take_batch(self, at: Instant, *, stored: bool = True) -> Batch:
        """Return all since the last call as one transaction; no states where none is `stored`."""
        batch, self._batch = self._batch, Batch(at=at)
        batch.at = at
        for home in self._touched if stored else ():
            state = self.states[home]
            batch.homes.append(HomeWrite(home, encode_state(state), next_deadline(state)))
        for (home, _), alert in self._alerts.items():
            batch.alerts.append(alert_row(home, alert))
        if self._site_changed:
            batch.site = encode_site(self.site)
        self._touched.clear()
        self._alerts.clear()
        self._site_changed = False
        return batch
