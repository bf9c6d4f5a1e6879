"""Residents of many simulated homes: each value of a life drawn from a stated distribution.

FIXED BEFORE ANY SCORE WAS LOOKED AT. What may be repaired afterwards are mistakes of the simulator
or of matching; none of these ranges is moved to suit a rule. Where a range comes from:

- Waking: mean 07:15, spread 40 min between homes; bed: mean 22:30, spread 30 min; weekends 0 to 45
  minutes later (chosen).
- To the bathroom 4 to 7 times by day beside getting up and going to bed, 0 to 2 at night, one
  resident in six up to 3 (the rule packs' sources take eight in twelve hours as much).
- Restless nights: 0 to 8 % of all, with a walk of 8 to 35 minutes, mostly 15 (chosen).
- Out on 30 to 80 % of days for 45 to 120 minutes, on 10 to 50 % of Sundays for two and a half hours
  and more (chosen).
- A nap on 20 to 70 % of days (chosen). Sitting still, a sensor sees one movement in 3 to 15 minutes
  on average (chosen).
- Home carers: none in 60 % of homes, once a day in 20 %, twice in 12 %, four times in 8 % (chosen
  after UK home care plans); visits of family or friends on 5 to 40 % of days.
- Motion sensors: half report at once (2.3 to 4 s ON, the medians of a recorded home), half hold
  35 to 80 s (makers' usual).
- An empty home's lone motions: one home in four, up to 13 in 82 hours (one recorded home's count).
- Warmth 19 to 22.5 °C (WHO asks for 18 and more); doses once to three times a day in 70 % of homes.
"""

from random import Random
from typing import Final

from telecared.sim.days import Resident

EARLY: Final = 6 * 60 + 50
"""Who usually gets up before has the tag `early-riser`, as an assessment would find.

Twenty minutes after the end of the shipped night, the spread of ordinary mornings."""

LONE_MOTIONS: Final = 13 / 82
"""An hour, in the noisiest home."""


def drawn_resident(home: str, scheme: str, zone: str, *, seed: int) -> Resident:
    """Return who lives in a home; the same home and seed give the same person."""
    chance = Random(f"{seed}/{home}/character")
    draw = chance.uniform
    carers = chance.choices((0, 1, 2, 4), (60, 20, 12, 8))[0]
    times = chance.choices((0, 1, 2, 3), (30, 20, 35, 15))[0]
    return Resident(
        home=home,
        scheme=scheme,
        zone=zone,
        wake=round(max(330.0, min(560.0, chance.gauss(435, 40)))),
        bedtime=round(max(1_260.0, min(1_400.0, chance.gauss(1_350, 30)))),
        outings=draw(0.3, 0.8),
        naps=draw(0.2, 0.7),
        nights=chance.choices((0, 1, 2, 3), (17, 33, 33, 17))[0],
        toilet=draw(4, 7),
        restless=draw(0, 0.08),
        late=draw(0, 45),
        sunday=draw(0.1, 0.5),
        still=draw(3, 15),
        pulse=chance.choice(("short", "long")),
        chair=chance.random() < 0.5,
        carers=carers,
        garden=draw(0, 0.3),
        visitors=draw(0.05, 0.4),
        doses=((), (510,), (510, 1_140), (510, 780, 1_230))[times],
        warmth=draw(19, 22.5),
        noise=draw(0, LONE_MOTIONS) if chance.random() < 0.25 else 0.0,
    )


def tags_of(resident: Resident) -> tuple[str, ...]:
    """Return what an assessment would tag the home with."""
    return ("early-riser",) if resident.wake < EARLY else ()
