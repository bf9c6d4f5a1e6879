"""What the homes of a scheme have to do with each other: who must hear what follows from a step.

Pairs of a home and an event, for `stepping` to fold in the same transaction. What the events mean
is the core's; nothing is decided here. It costs a home that nobody waits for one look-up.
"""

from collections.abc import Iterator, Mapping

from telecared.core.compile import HomePlan
from telecared.core.effects import Record, Relay
from telecared.core.events import ConditionFound, Event, MessageHeard
from telecared.core.incidents import SCHEME
from telecared.core.machinery import technical_key
from telecared.core.outages import Gap, awaited, lives_of, risk_of
from telecared.core.state import Alert, HomeState
from telecared.core.step import Stepped
from telecared.core.storm_events import (
    AtRisk,
    GapEnded,
    HomeHeard,
    StormEvent,
    UnitBack,
    UnitSilent,
)
from telecared.core.storms import Cause
from telecared.core.vocabulary import DeviceKind
from telecared.store_port import InputRow

PROVIDER_FAILS = "sms-failing"
"""The finding of the site whose end is the end of a gap."""

Told = tuple[str, StormEvent]


class Schemes:
    """Watches for what a home's scheme must hear.

    Attributes:
        unheard: homes on an outage list that were not heard since.
    """

    def __init__(self) -> None:
        self._units: dict[str, int] = {}
        self._awaited: dict[str, dict[str, None]] = {}
        self.unheard: dict[str, None] = {}

    # --- who is in which scheme -----------------------------------------------------------------

    def note_home(self, home: str, state: HomeState) -> None:
        """Take in that a home is new, or has another record."""
        self._units.clear()
        if home.startswith(SCHEME):
            self.note_lists(home, state)

    def note_lists(self, home: str, state: HomeState) -> None:
        """Take in which homes of a scheme wait to be heard."""
        wanted = awaited(state)
        if wanted != self._awaited.get(home, {}):
            self._awaited[home] = wanted
            self.unheard = {one: None for homes in self._awaited.values() for one in homes}

    def units_of(self, scheme: str, plans: Mapping[str, HomePlan]) -> int:
        """Return how many homes of a scheme have an alarm unit."""
        if scheme not in self._units:
            self._units[scheme] = sum(
                plan.record is not None
                and plan.record.scheme == scheme
                and any(one.kind is DeviceKind.ALARM_UNIT for one in plan.devices.values())
                for plan in plans.values()
            )
        return self._units[scheme]

    # --- what follows from a step ---------------------------------------------------------------

    def after(
        self, before: HomeState, event: Event, stepped: Stepped, plans: Mapping[str, HomePlan]
    ) -> Iterator[Told]:
        """Yield who must hear of what came of a step."""
        home = before.home
        lists = stepped.state.storms.lists
        if lists is not before.storms.lists and not isinstance(event, HomeHeard):
            self.note_lists(home, stepped.state)
        if home in self.unheard and self._is_own_word(event, plans[home]):
            del self.unheard[home]
            # A home that has moved may stand on the lists of two schemes.
            for scheme, homes in list(self._awaited.items()):
                if home in homes:
                    del homes[home]
                    yield scheme, HomeHeard(input=0, at=stepped.state.at, home=home)
        for effect in stepped.effects:
            if isinstance(effect, Relay):
                if effect.home in plans:
                    yield effect.home, effect.event
            elif isinstance(effect, Record) and effect.alert is not None:
                yield from self._of_unit(home, effect, stepped, plans)

    def _is_own_word(self, event: Event, plan: HomePlan) -> bool:
        """Whether a device spoke just now by which its home is heard again."""
        if not isinstance(event, MessageHeard) or event.retained:
            return False
        return event.device in plan.speaking

    def _of_unit(
        self, home: str, line: Record, stepped: Stepped, plans: Mapping[str, HomePlan]
    ) -> Iterator[Told]:
        plan, alert = plans[home], stepped.changed.get(line.alert or 0)
        if alert is None:
            return
        resolved = line.event == "alert.resolved"
        if resolved and alert.part_of:
            # To the scheme that waits for it, wherever the home belongs now, if it is there at all.
            incident = alert.part_of.partition(" ")[2]
            told = SCHEME + incident.rpartition("#")[0]
            yield told, UnitBack(input=line.input, at=line.at, home=home, alert=alert.n)
            return
        if alert.key not in plan.gone or plan.record is None:
            return
        scheme = plan.record.scheme
        if resolved:
            back = UnitBack(input=line.input, at=line.at, home=home, alert=alert.n)
            yield SCHEME + scheme, back
        elif line.event == "alert.opened":
            yield SCHEME + scheme, self._silent(alert, line, stepped.state, plans, scheme)

    def _silent(
        self,
        alert: Alert,
        line: Record,
        state: HomeState,
        plans: Mapping[str, HomePlan],
        scheme: str,
    ) -> UnitSilent:
        known = (facts.get("mains") for facts in state.facts.values())
        return UnitSilent(
            input=line.input,
            at=line.at,
            home=state.home,
            alert=alert.n,
            units=self.units_of(scheme, plans),
            mains_lost=any(one is not None and one.value == "lost" for one in known),
            lives=lives_of(plans[state.home]),
        )


# --- gaps -----------------------------------------------------------------------------------------


def ends_trouble(event: Event) -> bool:
    """Whether a provider takes messages again: every home is judged by how it stands then."""
    return isinstance(event, ConditionFound) and event.over and event.name == PROVIDER_FAILS


def provider_gap(site: HomeState, event: Event) -> Gap | None:
    """Return the gap that ends when the provider takes messages again; None when none was told."""
    if not (isinstance(event, ConditionFound) and ends_trouble(event)):
        return None
    finding = site.findings.get(technical_key(event.name, event.subject))
    if finding is None or finding.alert is None:
        return None
    return Gap(Cause.PROVIDER, finding.since, lossy=True)


def tell_of_gap(
    gap: Gap | None,
    row: InputRow,
    plans: Mapping[str, HomePlan],
    states: Mapping[str, HomeState],
) -> list[Told]:
    """Return what each scheme hears of the gap that a row has ended; nothing without one."""
    schemes: dict[str, list[AtRisk]] = {}
    for home, plan in sorted(plans.items()) if gap is not None else ():
        risk = risk_of(plan, states[home], gap) if gap is not None else None
        if risk is not None and plan.record is not None:
            schemes.setdefault(plan.record.scheme, []).append(risk)
    return [
        (
            SCHEME + scheme,
            GapEnded(input=row.id, at=row.at, cause=gap.cause, since=gap.since, homes=tuple(homes)),
        )
        for scheme, homes in sorted(schemes.items())
        if gap is not None
    ]
