"""Simulated homes of all makers' devices, lived, replayed under the shipped rules, and scored."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from typing import Final, NamedTuple

from telecared.config.homes import Surroundings, read_homes
from telecared.core.plan import HomeRecord
from telecared.core.streams import parse_stamp
from telecared.core.vocabulary import DAY
from telecared.sim.furnishing import MIXED, shipped_furnisher
from telecared.sim.happenings import ALL_KINDS, Happening, What, happenings_of
from telecared.sim.residents import Outfit, home_stream
from telecared.sim.score import Alert, Score, score_of
from telecared.sim.street import STREET_HOMES, Household, homes_yaml, make_street
from telecared.sim.truth import read_truth, truth_lines
from telecared.sim.trying import tried
from tests.sim.shipping import shipped_plan

START: Final = parse_stamp("2026-03-16T06:00:00Z")
"""Two weeks before the clocks go forward."""


class Trial(NamedTuple):
    """Which homes are tried, and how.

    Attributes:
        first, last: numbers of homes; those of the demo's street, whose people are no drawn ones,
            do not count.
        a_day: how much happens in a home on a day.
    """

    seed: int
    first: int
    last: int
    days: int
    a_day: float
    kinds: tuple[What, ...] = ALL_KINDS


class Found(NamedTuple):
    """What came of it: lines of a truth file, and alerts."""

    truth: list[str]
    alerts: list[Alert]
    messages: int


def try_homes(trial: Trial) -> Found:
    """Live and replay some homes, each in a world of its own."""
    furnisher = shipped_furnisher(MIXED, trial.seed)
    street = make_street(STREET_HOMES + trial.last, furnisher=furnisher, seed=trial.seed)
    street = street[STREET_HOMES + trial.first :]
    outfit = Outfit(furnisher, {one.home: one.devices for one in street}, real=True)
    records = _records(street)
    end = START + trial.days * DAY
    plans = {one.home: list(_happenings(one, trial)) for one in street}
    lines = list(
        truth_lines(
            [one.resident for one in street],
            lambda resident: plans[resident.home],
            records=records.values(),
            plan=shipped_plan().plan,
            start=START,
            end=end,
            seed=trial.seed,
            heard=outfit.heard,
        )
    )
    truth = read_truth(lines).lines
    alerts: list[Alert] = []
    count = 0
    for one in street:
        stream = list(
            home_stream(
                one.resident, plans[one.home], start=START, end=end, seed=trial.seed, outfit=outfit
            )
        )
        count += len(stream)
        alerts += tried(
            stream, homes=[records[one.home]], loaded=shipped_plan(), truth=truth, end=end
        )
    return Found(lines, alerts, count)


def _happenings(one: Household, trial: Trial) -> Iterator[Happening]:
    # The last day is left for the rules to find what happened on the day before.
    return happenings_of(one.resident, START, trial.days - 1, trial.seed, trial.a_day, trial.kinds)


def _records(street: Sequence[Household]) -> dict[str, HomeRecord]:
    loaded = shipped_plan()
    around = Surroundings(sources=loaded.sources, profiles=loaded.profiles.keys())
    return {one.id: one for one in read_homes(homes_yaml(street), "homes", around).homes}


def score_homes(trial: Trial, *, processes: int = 1) -> tuple[Score, int]:
    """Return the score of some homes, worked out in several processes, and their messages."""
    edges = [
        trial.first + (trial.last - trial.first) * number // processes
        for number in range(processes + 1)
    ]
    parts = [trial._replace(first=first, last=last) for first, last in pairwise(edges)]
    if processes == 1:
        found = [try_homes(trial)]
    else:
        with ProcessPoolExecutor(processes) as pool:
            found = list(pool.map(try_homes, parts))
    truths = [read_truth(one.truth) for one in found]
    homes = trial.last - trial.first
    simulation = truths[0].simulation
    whole = read_truth(
        [
            found[0].truth[0].replace(f'"homes":{simulation.homes}', f'"homes":{homes}'),
            *(line for one in found for line in one.truth[1:]),
        ]
    )
    alerts = [alert for one in found for alert in one.alerts]
    return score_of(whole, alerts), sum(one.messages for one in found)
