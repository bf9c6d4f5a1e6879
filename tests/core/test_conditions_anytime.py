"""Whatever numbers and combinations live through: when somebody looks decides nothing.

Three homes live the same life: one is looked at whenever something is due and at odd moments, one
only when something happens, one is restarted before every input. Their records must be the same.
"""

import random

import pytest

from telecared.core.conditions.base import CompiledCondition, View
from telecared.core.events import MessageHeard, Ticked
from telecared.core.plan import Absence, Downtime, Plan, Rule
from telecared.core.policy import Policy, Step
from telecared.core.readings import Reading
from telecared.core.site import LinkDown, LinkDrained, LinkUp, Started
from telecared.core.state import decode_state, encode_state, next_deadline
from telecared.core.vocabulary import HOUR, MINUTE, DeviceKind, Priority, Value
from telecared.core.when import (
    AllOf,
    AnyOf,
    Area,
    Changes,
    Compare,
    Condition,
    Count,
    Follow,
    Followed,
    Geofence,
    HeldFor,
    InactiveFor,
    Not,
    ReadingIs,
    Silent,
    Window,
    Without,
)
from tests.core.world import CENTRE, DEVICES, FAMILY, World, device, plan_of, record_of

MEASURES = device("hall-t", DeviceKind.TEMPERATURE_SENSOR, "hall")
OTHER = device("bed-t", DeviceKind.TEMPERATURE_SENSOR, "bedroom")
TRACKER = device("tracker", DeviceKind.TRACKER)
HOMES = (
    record_of(devices=(*DEVICES, MEASURES, OTHER, TRACKER)),
    record_of(devices=(*DEVICES, MEASURES)),
)
NIGHT = (Window(start=22 * 60, end=6 * 60),)
WEEK = (Window(start=9 * 60, end=17 * 60, days=(0, 1, 2, 3, 4)),)

OPEN = ReadingIs(property="contact", values=("open",))
OPEN_BY_NIGHT = ReadingIs(property="contact", values=("open",), between=NIGHT)
VACANT = ReadingIs(property="occupancy", values=("vacant",))
PRESSED = ReadingIs(property="trigger", values=("pressed",))
MOVED = ReadingIs(property="motion", values=("detected",))
COLD = Compare(property="temperature", below=16.0, clear=17.0)
COLD_LONG = Compare(property="temperature", below=16.0, duration=20 * MINUTE, between=NIGHT)
RISES = Changes(property="temperature", rises_by=4.0, within=HOUR)
FALLS = Changes(property="temperature", falls_by=4.0, within=40 * MINUTE, between=WEEK)
OUT = Geofence(outside=Area(centre=(54.0, -1.5), radius=300.0), duration=15 * MINUTE)
QUIET = InactiveFor(duration=HOUR, of=("motion",))
DEAD = Silent(at=("unit",), every=15 * MINUTE, misses=1)
WET = HeldFor(property="water", values=("wet",), duration=5 * MINUTE)
WANDER = Followed(first=VACANT, then=(Follow(act=OPEN, within=30 * MINUTE),))
OFTEN = Count(of=MOVED, at_least=3, within=2 * HOUR)
LEFT = Without(first=VACANT, without=(MOVED,), within=20 * MINUTE)


def every(*of: Condition, minutes: int = 0, between: tuple[Window, ...] = ()) -> AllOf:
    """All of them."""
    return AllOf(of=of, duration=minutes * MINUTE, between=between)


def either(*of: Condition, minutes: int = 0, between: tuple[Window, ...] = ()) -> AnyOf:
    """Any of them."""
    return AnyOf(of=of, duration=minutes * MINUTE, between=between)


WHENS: tuple[Condition, ...] = (
    COLD,
    COLD_LONG,
    RISES,
    FALLS,
    OUT,
    every(OPEN, COLD, minutes=10),
    every(OPEN_BY_NIGHT, either(RISES, OUT)),
    every(VACANT, QUIET, Not(of=OPEN), minutes=5),
    either(PRESSED, every(QUIET, COLD), minutes=7, between=NIGHT),
    every(PRESSED, either(QUIET, DEAD)),
    every(DEAD, Not(of=COLD_LONG, duration=30 * MINUTE)),
    every(WET, either(OPEN, WANDER)),
    every(Not(of=either(OPEN, VACANT)), Not(of=OFTEN), minutes=45),
    either(LEFT, every(OFTEN, OPEN), FALLS, minutes=3),
)
HOW: tuple[dict[str, object], ...] = (
    {"priority": Priority.ROUTINE},
    {"priority": Priority.TECHNICAL, "downtime": Downtime(kind="pause")},
    {"priority": Priority.URGENT, "cooldown": 20 * MINUTE},
    {"priority": Priority.ROUTINE, "downtime": Downtime(kind="grace", grace=10 * MINUTE)},
    {"priority": Priority.ROUTINE, "unless": (Absence.AWAY,)},
)
SELDOM = (Step(notify=(CENTRE,), wait=12 * HOUR),)
RULES = tuple(
    Rule(name=f"rule-{n:02}", when=when, **HOW[n % len(HOW)])  # type: ignore[arg-type] # fields of a rule
    for n, when in enumerate(WHENS)
)
PLANS = tuple(
    # The queue is the centre, and hears twice a day: this is not about who is told.
    plan_of(rules, policies=[Policy(name=FAMILY.name, steps=SELDOM)], centre=None)
    for rules in (RULES, RULES[4:], (*RULES[:6], *RULES[9:]))
)
SAYS: tuple[tuple[str, str, tuple[Value, ...]], ...] = (
    ("hall-t", "temperature", (12.0, 16.5, 15.9, 20.0, 24.0)),
    ("bed-t", "temperature", (11.0, 15.0, 19.0)),
    ("tracker", "location", ((54.0, -1.5), (54.1, -1.5))),
    ("front-door", "contact", ("open", "closed", "open")),
    ("bed", "occupancy", ("vacant", "occupied")),
    ("hall-pir", "motion", ("detected", "clear")),
    ("pendant", "trigger", ("pressed",)),
    ("unit", "water", ("wet", "dry")),
    ("unit", "heartbeat", ("seen",)),
)


class Lives:
    """Three homes and one life."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.worlds = [World(plan=PLANS[0], record=HOMES[0], delivers=None) for _ in range(3)]
        self.eager, self.lazy, self.restarted = self.worlds

    def each(self) -> list[World]:
        """All of them; the third is started anew."""
        self.restarted.state = decode_state(encode_state(self.restarted.state))
        return self.worlds

    def time_passes(self) -> None:
        """Minutes, seldom hours; only the first is looked at meanwhile."""
        minutes = self.chance.choice([0, 0, 1, 3, 7, 12, 25, 60, 200])
        target = self.eager.at + minutes * MINUTE
        for part in sorted(self.chance.random() for _ in range(2)):
            self.eager.until_instant(self.eager.at + int(part * (target - self.eager.at)))
        self.eager.until_instant(target)
        self.lazy.at = self.restarted.at = target

    def speaks(self) -> None:
        """A device says something, now or late, clearing by itself or not."""
        name, property_, values = self.chance.choice(SAYS)
        value = self.chance.choice(values)
        late = self.chance.choice([0, 0, 0, 0, 2, 30])
        stamp = self.eager.at - late * MINUTE
        clears = 8 * MINUTE if property_ == "water" else None
        retained = self.chance.random() < 0.03
        for world in self.each():
            reading = Reading(name, property_, value, stamp, clears)
            world.happens(
                MessageHeard(
                    input=world.next_input(), at=world.at, device=name, readings=(reading,),
                    retained=retained,
                )
            )  # fmt: skip

    def link(self) -> None:
        """The link is lost, comes back, is drained; or nothing ran for a while."""
        now = self.eager.at
        what = self.chance.choice(["down", "up", "drained", "drained", "stop"])
        if what == "stop":
            for world in self.each():
                world.at = now + 40 * MINUTE
                world.site_hears(Started(at=world.at, last_at=now, clean=True))
            return
        for world in self.each():
            match what:
                case "down":
                    world.site_hears(LinkDown(at=now))
                case "up":
                    world.site_hears(LinkUp(at=now, resumed=True, protocol=4))
                case _:
                    world.site_hears(LinkDrained(at=now, canary=True))

    def changes(self) -> None:
        """New rules, or other devices."""
        plan: Plan = self.chance.choice(PLANS)
        record = self.chance.choice(HOMES)
        for world in self.each():
            world.happens(Ticked(at=world.at))
            world.is_replanned(plan, record)

    def is_resolved(self) -> None:
        """Somebody ends an alert."""
        n = self.chance.choice([*self.eager.state.alerts, 1])
        for world in self.each():
            world.resolves("An Operator", n)

    def check(self) -> None:
        """Nothing that is due waits, and the stored bound is never too late."""
        state, site = self.eager.state, self.eager.site
        dues = self.eager.home.rule_deadlines(state, site)
        bound = next_deadline(state)
        for due in dues:
            assert due.at > state.at or (due.compiled.condition.absence and site.held), due.key
            assert bound is not None
            assert bound <= due.at

    def ends(self) -> None:
        """The three are held against each other."""
        for world in self.each():
            world.happens(Ticked(at=self.eager.at))
        assert self.lazy.effects == self.eager.effects
        assert self.restarted.effects == self.eager.effects


@pytest.mark.parametrize("seed", range(2))
def test_when_somebody_looks_decides_nothing(seed: int) -> None:
    """Hundreds of messages, outages, edits and resolves, looked at in three ways."""
    lives = Lives(seed)
    acts = {lives.time_passes: 30, lives.speaks: 60, lives.link: 4, lives.changes: 2,
            lives.is_resolved: 8}  # fmt: skip
    for act in lives.chance.choices(list(acts), list(acts.values()), k=60):
        act()
        lives.check()
    lives.ends()
    assert len(lives.eager.records("alert.opened")) > 2


def test_every_turn_lies_ahead() -> None:
    """A look that does not go forward would be a loop."""
    lives = Lives(99)
    for _ in range(40):
        lives.speaks()
        lives.time_passes()
        view = View(lives.eager.state, lives.eager.site, lives.eager.home.zone)
        for rule in lives.eager.home.rules:
            condition: CompiledCondition = rule.condition
            assert all(turn > view.state.at for turn in condition.turns(view)), rule.name
