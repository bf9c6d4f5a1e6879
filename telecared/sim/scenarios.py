"""Scenarios played in virtual time: what happens in them happens, and what comes of it is kept.

Rules, escalation, delivery and people together, in a `world`. Reading the files is
`config.scenarios`; `sim.judging` says whether what came was expected, `sim.timelines` shows it.
"""

from collections.abc import Sequence

from telecared.config.load import LoadedPlan
from telecared.config.scenario_format import (
    Happening,
    Ordered,
    PhoneChanged,
    Scenario,
    Told,
    Trouble,
)
from telecared.config.scenario_orders import with_number
from telecared.core.streams import parse_stamp
from telecared.core.vocabulary import Mode
from telecared.errors import ConfigError
from telecared.sim.behaviour import Behaviour, Fault, parse_behaviour
from telecared.sim.judging import Got, Mismatch, Outcome, judge
from telecared.sim.lines import ReplayLine
from telecared.sim.world import CompiledHomes, SimWorld


def read_phone(value: object) -> Behaviour:
    """Return how a phone behaves in a scenario.

    Raises:
        ConfigError: with a sentence for each mistake.
    """
    behaviour = parse_behaviour(value)
    if behaviour.fault is not Fault.NONE:
        message = (
            "what goes wrong at the provider is not played in scenarios; write undelivered, failed"
            " or no_receipt"
        )
        raise ConfigError([message])
    return behaviour


def run_scenario(scenario: Scenario, loaded: LoadedPlan, compiled: CompiledHomes) -> Outcome:
    """Play one scenario and return what came of it.

    Args:
        scenario: as it was read.
        loaded: its rules.
        compiled: shared by all scenarios, so that a home is compiled once for each plan.
    """
    world = SimWorld(
        loaded,
        (scenario.home,),
        {contact: read_phone(value) for contact, value in scenario.phones.items()},
        start=scenario.start,
        compiled=compiled,
    )
    player = _Player(scenario, world)
    for happening in scenario.happenings:
        if happening.at > scenario.until:
            break
        player.play(happening)
    player.note(world.advance(scenario.until))
    rules = world.plans[scenario.home.id].rules
    watching = {each.name for each in rules if each.rule.mode is Mode.WATCH}
    return judge(scenario, player.got, watching, player.refused)


class _Player:
    """Makes things happen in a world, and keeps the lines about the scenario's home."""

    def __init__(self, scenario: Scenario, world: SimWorld) -> None:
        self._home = scenario.home.id
        self._world = world
        self.got: list[Got] = []
        self.refused: list[Mismatch] = []

    def note(self, lines: Sequence[ReplayLine]) -> None:
        """Keep what is about the home; faults of the site are another story."""
        for line in lines:
            if line.home == self._home:
                self.got.append(Got(parse_stamp(line.at), line))

    def play(self, happening: Happening) -> None:
        """Let time pass until something happens, and make it happen."""
        world, at = self._world, happening.at
        match happening.what:
            case Told(device=device, readings=readings, retained=retained, seq=seq):
                told = world.tell(self._home, device, readings, at, retained=retained, seq=seq)
                self.note(told)
            case Ordered() as ordered:
                self.note(world.advance(at))
                self._order(happening, ordered)
            case PhoneChanged(contact=contact, behaviour=behaviour):
                self.note(world.advance(at))
                world.phones[contact] = read_phone(behaviour)
            case Trouble.LINK_LOST:
                self.note(world.lose_link(at))
            case Trouble.LINK_BACK:
                self.note(world.restore_link(at))
            case Trouble.STOPPED:
                self.note(world.stop(at))
            case Trouble.STARTED:
                self.note(world.start(at))

    def _order(self, happening: Happening, ordered: Ordered) -> None:
        event = ordered.event
        if ordered.about:
            alert = self._alert(ordered.about)
            if alert is None:
                message = f"no alert of {ordered.about} was unresolved, so that nothing was done"
                self.refused.append(Mismatch(happening.place, message))
                return
            event = with_number(event, alert)
        answer, lines = self._world.command(self._home, event, happening.at)
        self.note(lines)
        if not answer.done:
            why = answer.reason or "no reason was given"
            self.refused.append(Mismatch(happening.place, f"the command was refused: {why}"))

    def _alert(self, about: str) -> int | None:
        """Return the unresolved alert that is meant: by number, or the newest of a rule."""
        alerts = self._world.states[self._home].alerts
        number = about.removeprefix(f"{self._home}/")
        if number.isdecimal():
            return int(number) if int(number) in alerts else None
        return max((n for n, alert in alerts.items() if alert.rule == about), default=None)
