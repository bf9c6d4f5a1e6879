"""What really happened in simulated homes: written beside the stream, read by whoever scores.

One line about the simulation, then one for each happening, with the rules that are there to find
it and by when. Holding alerts against it is `score`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import msgspec

from telecared.core.compile import HomePlan
from telecared.core.plan import HomeRecord, Plan
from telecared.core.streams import parse_stamp
from telecared.core.vocabulary import DAY, HOUR, SECOND, Instant
from telecared.core.windows import rfc3339
from telecared.errors import ReplayError
from telecared.sim.courses import acts_of
from telecared.sim.days import Resident
from telecared.sim.limits import limit_of
from telecared.sim.lives import home_acts
from telecared.sim.occurring import DEAD_SENSORS, STATED, Happening, Kind, Nature, What
from telecared.sim.routine import Act

PARAMETERS: Final = 1
"""Version of the residents' parameters (`characters`): raised whenever one of them is changed."""

LOOK_BACK: Final = 30 * HOUR
"""What devices told before a happening that its rules may need, such as the night before."""

UNHEARD: Final = "no sensor of this home can tell it"

Heard = Callable[[Resident, Sequence[Act]], list[Act]]
"""Returns what of somebody's acts the home's devices have words for."""

LONGEST_LOOK: Final = 12 * DAY
"""Of what goes on for longer no limit is worked out."""


class SimulationLine(msgspec.Struct, frozen=True):
    """The first line of a truth file: what was simulated."""

    seed: int
    start: str
    end: str
    homes: int
    parameters: int = PARAMETERS


class TruthLine(msgspec.Struct, frozen=True):
    """What happened in one home (a further line of a truth file).

    Attributes:
        home, what, at, until, device: as in `Happening`; times in UTC.
        kind: how much depends on it (`class` in the file).
        found_by: the rules that find it; one is enough.
        explains: further rules that may speak of it.
        within: seconds after `at` in which one of `found_by` must have spoken; null where none of
            them has to.
        stated: somebody told the monitoring centre that the home is empty.
        note: a sentence.
    """

    home: str
    what: What
    at: str
    until: str
    device: str | None
    kind: Kind = msgspec.field(name="class")
    found_by: tuple[str, ...]
    within: float | None
    note: str
    explains: tuple[str, ...] = ()
    stated: bool = False

    @property
    def begins(self) -> Instant:
        """When it begins."""
        return parse_stamp(self.at)

    @property
    def ends(self) -> Instant:
        """When it is over."""
        return parse_stamp(self.until)


class Truth(msgspec.Struct, frozen=True):
    """A truth file."""

    simulation: SimulationLine
    lines: tuple[TruthLine, ...]


def truth_lines(
    residents: Sequence[Resident],
    happenings: Callable[[Resident], Iterable[Happening]],
    *,
    records: Iterable[HomeRecord],
    plan: Plan,
    start: Instant,
    end: Instant,
    seed: int,
    heard: Heard | None = None,
) -> Iterator[str]:
    """Yield the lines of a truth file, without line ends.

    Args:
        residents: of the simulated homes.
        happenings: returns what happens in a home, as it was given to the simulation.
        records: the same homes as they are registered; without one no limit is worked out.
        plan: the rules whose limits are meant, such as the shipped ones.
        start: of the simulation.
        end: of the simulation.
        seed: of the simulation.
        heard: returns what of a home's acts its devices have words for; all of them if left out.
    """
    first = SimulationLine(seed, rfc3339(start), rfc3339(end), len(residents))
    yield msgspec.json.encode(first).decode()
    known = {record.id: record for record in records}
    for resident in residents:
        told = sorted(happenings(resident), key=lambda one: one.at)
        record = known.get(resident.home)
        home = None if record is None else HomePlan(plan, record.id, record)
        for one in told:
            if start <= one.at < end:
                within = None
                if home is not None:
                    within = within_of(one, told, resident, home, start, seed, heard)
                nature = one.nature
                if home is not None and within is None and is_unheard(one, resident, home, heard):
                    nature = nature._replace(
                        found_by=(),
                        explains=(*nature.found_by, *nature.explains),
                        note=f"{nature.note}; {UNHEARD}",
                    )
                yield msgspec.json.encode(_line(one, nature, within)).decode()


def _line(one: Happening, nature: Nature, within: float | None) -> TruthLine:
    return TruthLine(
        home=one.home,
        what=one.what,
        at=rfc3339(one.at),
        until=rfc3339(one.end),
        device=one.whose or None,
        kind=nature.kind,
        found_by=nature.found_by,
        within=within,
        note=nature.note,
        explains=(*nature.explains, *_as_a_dead_sensor(one)),
        stated=one.what in STATED,
    )


def _as_a_dead_sensor(one: Happening) -> tuple[str, ...]:
    """Return the rules that may believe what a sensor said last before its battery died."""
    return DEAD_SENSORS.get(one.whose, ()) if one.what is What.DYING_BATTERY else ()


def within_of(
    one: Happening,
    told: Sequence[Happening],
    resident: Resident,
    home: HomePlan,
    start: Instant,
    seed: int,
    heard: Heard | None = None,
) -> float | None:
    """Return how many seconds the quickest of its rules may take to find a happening."""
    if not one.nature.found_by or one.end - one.at > LONGEST_LOOK:
        return None
    record = home.record
    if record is None:
        return None
    acts = acts_around(one, told, resident, start, seed)
    if heard is not None:
        acts = heard(resident, acts)
    limits = [
        limit
        for rule in home.rules
        if rule.name in one.nature.found_by
        and (limit := limit_of(rule.rule, one, record, acts)) is not None
    ]
    return (min(limits) - one.at) / SECOND if limits else None


def is_unheard(
    one: Happening, resident: Resident, home: HomePlan, heard: Heard | None = None
) -> bool:
    """Whether a happening is all in what devices tell, and none of the home's can tell it."""
    record = home.record
    own = acts_of(one)
    if not own or record is None:
        return False
    known = {device.id for device in record.devices}
    told = [act for act in own if act.device in known]
    return not (told if heard is None else heard(resident, told))


def acts_around(
    one: Happening, told: Sequence[Happening], resident: Resident, start: Instant, seed: int
) -> list[Act]:
    """Return what the devices tell from some hours before a happening until it is over."""
    since = max(start, one.at - LOOK_BACK)
    near = [other for other in told if other.at < one.end and since - DAY < other.end]
    return list(home_acts(resident, near, start=since, end=one.end + HOUR, seed=seed))


def read_truth(lines: Iterable[str]) -> Truth:
    """Read a truth file.

    Raises:
        ReplayError: a line cannot be read; the sentence says which one.
    """
    simulation: SimulationLine | None = None
    found: list[TruthLine] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            if simulation is None:
                simulation = msgspec.json.decode(line, type=SimulationLine)
                times = (simulation.start, simulation.end)
            else:
                found.append(msgspec.json.decode(line, type=TruthLine))
                times = (found[-1].at, found[-1].until)
            ordered = parse_stamp(times[0]) <= parse_stamp(times[1])
        except msgspec.DecodeError as error:
            raise ReplayError(
                f"line {number} of the truth cannot be read ({error}); simulate writes such files"
            ) from None
        except ReplayError:
            raise ReplayError(
                f"line {number} of the truth has a time that is none; write one such as"
                " 2026-03-01T07:04:09Z"
            ) from None
        if not ordered:
            raise ReplayError(f"line {number} of the truth ends before it begins; correct it")
    if simulation is None:
        raise ReplayError("the truth is empty: its first line tells about the simulation")
    return Truth(simulation, tuple(found))
