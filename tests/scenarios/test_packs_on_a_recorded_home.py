"""The shipped packs on a fortnight of a real home: nobody alarmed in vain, every collapse found.

A collapse is put into the recording by ending it: from one instant on nothing is heard any more.
"""

import csv
import random
from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest

from telecared.config.check import surroundings
from telecared.config.deployment import default_deployment
from telecared.config.homes import load_homes
from telecared.config.load import load_plan
from telecared.core.compile import HomePlan
from telecared.core.effects import Record
from telecared.core.events import Ticked
from telecared.core.site import ALWAYS_ON
from telecared.core.state import HomeState
from telecared.core.step import step
from telecared.core.streams import read_stream
from telecared.core.vocabulary import HOUR, Instant
from telecared.core.windows import local, rfc3339, to_instant
from telecared.sim.lines import ReplayLine
from telecared.sim.world import SimWorld

STREAMS = Path(__file__).parents[3] / "shared" / "data" / "streams"
HOME = "ordonez-a"
ZONE = ZoneInfo("Europe/Madrid")
INACTIVITY = frozenset(
    {
        "no-movement",
        "no-movement-at-night",
        "resting-too-long",
        "not-up",
        "left-bed-not-back",
        "gone-out-at-night",
        "bathroom-long",
        "no-medicine",
    }
)
COLLAPSES = 500
NO_MOVEMENT = 4 * HOUR
RESTING = 14 * HOUR
RESTING_RULES = frozenset({"no-movement", "not-up", "resting-too-long"})

pytestmark = pytest.mark.skipif(
    not (STREAMS / f"{HOME}.jsonl").exists(), reason="the recorded home is not at hand"
)


class Fortnight(NamedTuple):
    """The recording played once, with the home's state after each message.

    Attributes:
        times: of the messages.
        states: as each message left it.
        lines: everything that was set off.
        away: labelled absences.
    """

    plan: HomePlan
    times: list[Instant]
    states: list[HomeState]
    lines: list[ReplayLine]
    away: list[tuple[Instant, Instant]]


@pytest.fixture(scope="module")
def fortnight(tmp_path_factory: pytest.TempPathFactory) -> Fortnight:
    """The fortnight under everything that ships, at its defaults."""
    deployment = default_deployment(tmp_path_factory.mktemp("nothing"))
    loaded = load_plan(deployment)
    homes = load_homes(STREAMS / f"{HOME}.homes.yaml", surroundings(deployment, loaded)).homes
    messages = list(read_stream((STREAMS / f"{HOME}.jsonl").read_text().splitlines()))
    assert messages[0].tst is not None
    world = SimWorld(loaded, homes, {}, start=messages[0].tst)
    times, states, lines = [], [], []
    for message in messages:
        assert message.tst is not None
        lines += world.hear(message, message.tst)
        times.append(message.tst)
        states.append(world.states[HOME])
    return Fortnight(world.plans[HOME], times, states, lines, _away())


def _away() -> list[tuple[Instant, Instant]]:
    with (STREAMS / f"{HOME}.away.csv").open() as file:
        return [
            (_local_instant(row["start"]), _local_instant(row["end"]))
            for row in csv.DictReader(file)
        ]


def _local_instant(text: str) -> Instant:
    return to_instant(datetime.fromisoformat(text).replace(tzinfo=ZONE))


def test_nobody_is_alarmed_in_vain_in_a_fortnight(fortnight: Fortnight) -> None:
    """At their defaults the packs find no inactivity in a home where nothing happened."""
    false = [
        (line.rule, line.at)
        for line in fortnight.lines
        if line.event == "alert.opened" and line.home == HOME and line.rule in INACTIVITY
    ]
    assert false == []


def test_every_collapse_by_day_is_found_within_the_rules_own_limit(fortnight: Fortnight) -> None:
    """500 random instants at home, off bed and chair, between 07:00 and 18:00."""
    missed = []
    for at in _random_instants(fortnight, resting=False, count=COLLAPSES):
        found = _found_after(fortnight, at, frozenset({"no-movement"}), NO_MOVEMENT)
        if found is None:
            missed.append(rfc3339(at))
    assert missed == []


def test_who_collapses_in_bed_or_chair_is_found_too(fortnight: Fortnight) -> None:
    """By not-up, or when a bed or chair is occupied for longer than anybody rests."""
    missed = []
    for at in _random_instants(fortnight, resting=True, count=COLLAPSES // 5):
        if _found_after(fortnight, at, RESTING_RULES, RESTING) is None:
            missed.append(rfc3339(at))
    assert missed == []


def _random_instants(fortnight: Fortnight, *, resting: bool, count: int) -> Iterator[Instant]:
    chance = random.Random(20111128)
    first, last = fortnight.times[0], fortnight.times[-1]
    given = 0
    while given < count:
        at = chance.randrange(first, last)
        if any(start <= at <= end for start, end in fortnight.away):
            continue
        if not resting and not 7 <= local(at, ZONE).hour < 18:
            continue
        if _rests(_state_at(fortnight, at)) is resting:
            given += 1
            yield at


def _state_at(fortnight: Fortnight, at: Instant) -> HomeState:
    return fortnight.states[bisect_right(fortnight.times, at) - 1]


def _rests(state: HomeState) -> bool:
    return any(
        fact.value == "occupied"
        for facts in state.facts.values()
        for name, fact in facts.items()
        if name == "occupancy"
    )


def _found_after(
    fortnight: Fortnight, at: Instant, rules: frozenset[str], within: int
) -> Instant | None:
    """Let time pass with nothing heard from `at` on; return when one of the rules finds it."""
    stepped = step(_state_at(fortnight, at), Ticked(at=at + within), fortnight.plan, ALWAYS_ON)
    return next(
        (
            effect.at
            for effect in stepped.effects
            if isinstance(effect, Record)
            and effect.event == "alert.opened"
            and effect.rule in rules
            and effect.at > at
        ),
        None,
    )
