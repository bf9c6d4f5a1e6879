"""What happens on the street in the demo: a planned opening, then whatever the seed brings.

Instants and happenings only. How it is played is `stage`.
"""

from collections.abc import Sequence
from typing import Final

from telecared.core.streams import parse_stamp
from telecared.core.vocabulary import HOUR, MINUTE, Duration, Instant
from telecared.sim.happenings import Happening, What, happenings_of
from telecared.sim.street import Household

START: Final[Instant] = parse_stamp("2026-03-02T06:30:00Z")
"""A Monday in London, when the street gets up."""

DAYS: Final = 365
"""The street goes on for so long; at 60 times the speed of life that is six days."""

A_DAY: Final = 3.0
"""Happenings of one home on one day: a bad day for the street, a good one for its audience."""

PENDANT_HOME: Final = "rowan-2"
"""The home whose pendant the audience is invited to press; little else happens there."""

_OPENING: Final = (
    (1, "larch-12", What.PENDANT),  # the first carer goes
    (3, "rowan-1", What.DOOR_AT_NIGHT),  # out of the door in the dark, still in her nightgown
    (5, "birch-3", What.BATTERY_LOW),  # the centre notes it down for the engineer
    (8, "larch-14", What.FALL),  # the carer's phone is off, the key-holder goes
    (12, "birch-7", What.UNIT_SILENT),  # told 45 minutes later, back before anybody came
    (16, "birch-9", What.UNSEEN_FALL),  # only the silence tells of it
    (19, "larch-18", What.MISTAKE),  # a slip of the hand
    (24, "larch-16", What.SMOKE),  # nobody answers until the centre does
    (31, "birch-5", What.MAINS_LOST),  # recovers by itself
    (40, "rowan-6", What.PENDANT),  # two carers answer, one of them first
    (52, "birch-3", What.PENDANT),  # the carer cannot go
    (66, "rowan-4", What.PENDANT),  # the carer's number does not exist any more
)
"""Minutes after the start, home, what."""

OPENING_LASTS: Final[Duration] = 2 * HOUR

HURRY: Final = 4
"""For somebody who watches at the speed of life, the opening comes so many times as soon."""


def script(street: Sequence[Household], seed: int, *, watched: bool = False) -> list[Happening]:
    """Return everything that happens on the street, in order of time.

    Args:
        street: the homes.
        seed: another number is another day.
        watched: somebody watches who cannot wait for minutes: the opening is shorter.
    """
    hurry = HURRY if watched else 1
    homes = {household.home for household in street}
    opening = [
        Happening(START + minutes * MINUTE // hurry, home, what)
        for minutes, home, what in _OPENING
        if home in homes
    ]
    later = START + OPENING_LASTS // hurry
    after = [
        one
        for household in street
        for one in happenings_of(household.resident, start=later, days=DAYS, seed=seed, a_day=A_DAY)
    ]
    return [*opening, *sorted(after, key=lambda one: (one.at, one.home))]
