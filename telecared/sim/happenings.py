"""When life events happen in simulated homes: drawn for a home, or as somebody writes them down.

Pure and seeded. What can happen is `occurring`, what devices tell of it `courses`. Who comes to
help, and how the alert ends, is `street`.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from telecared.core.vocabulary import DAY, HOUR, MINUTE, SECOND, Duration, Instant
from telecared.core.windows import local, to_instant
from telecared.errors import ConfigError
from telecared.sim.courses import acts_of, quiet_of
from telecared.sim.days import Resident, plan_of_day
from telecared.sim.occurring import HELPLESS, SCHEME_WIDE, Happening, Quiet, What

__all__ = [
    "APART",
    "Happening",
    "Quiet",
    "What",
    "acts_of",
    "happenings_of",
    "parse_happening",
    "quiet_of",
]

APART: Final = 3 * HOUR
"""Between two happenings of one home."""

DAY_FROM, DAY_UNTIL = 7 * 60 + 30, 21 * 60 + 30
"""Minutes after local midnight between which most things happen."""

SCHEME_OUTAGES: Final = 1 / 30
"""Broadband outages of a scheme on one day (chosen: one a month, far more than in life)."""

STREET_KINDS: Final = {
    What.PENDANT: 6,
    What.MISTAKE: 5,
    What.FALL: 4,
    What.UNSEEN_FALL: 1,
    What.SMOKE: 2,
    What.DOOR_AT_NIGHT: 1,
    What.UNIT_SILENT: 1,
    What.MAINS_LOST: 2,
    What.BATTERY_LOW: 1,
}
"""What happens in a street that is watched for an hour, and how often against each other."""

ALL_KINDS: Final = tuple(What)

_AWAKE: Final = (9 * 60, 20 * 60 + 30)
_ASLEEP: Final = (24 * 60, 28 * 60 + 15)
_WHEN: Final = {
    What.DOOR_AT_NIGHT: (22.5 * 60, 28.5 * 60),
    What.UNSEEN_FALL: _AWAKE,
    What.FALL_PENDANT: _AWAKE,
    What.NIGHT_FALL: _ASLEEP,
    What.LEFT_BED: _ASLEEP,
    What.RESTLESS_NIGHT: (23.75 * 60, 24.5 * 60),
    What.HOLIDAY: (9 * 60, 15 * 60),
    What.GONE_AWAY: (9 * 60, 15 * 60),
    What.COLD_HOME: (0, 24 * 60),
    What.POWER_CUT: (0, 24 * 60),
    What.DYING_BATTERY: (0, 24 * 60),
}
"""Between which minutes after local midnight something happens; the rest by day."""

_DAYS: Final = {What.HOLIDAY: (2, 10), What.GONE_AWAY: (1, 4), What.HOSPITAL: (1, 8)}
_HOURS: Final = {What.POWER_CUT: (1, 8), What.COLD_HOME: (14, 30), What.OUTAGE: (2, 8)}
_SENSORS: Final = ("bedroom", "bathroom", "kitchen", "living-room", "hall")
_WITH_BATTERY: Final = (*_SENSORS, "front-door", "kitchen-smoke", "bed")


def happenings_of(
    resident: Resident,
    start: Instant,
    days: int,
    seed: int,
    a_day: float,
    kinds: Sequence[What] | None = None,
) -> Iterator[Happening]:
    """Yield what happens in one home, in order of time.

    Args:
        resident: whose home.
        start: nothing happens before.
        days: local days from that of `start` on.
        seed: the same seed plans the same.
        a_day: how much happens on one day, on average; about 4 fit.
        kinds: what may happen, each as often; None for what a street sees (`STREET_KINDS`). An
            outage among them is drawn for the whole scheme, whatever `a_day` is.
    """
    first = local(start, ZoneInfo(resident.zone)).date()
    free = start
    for number in range(days):
        day = first + timedelta(days=number)
        drawn = _of_day(resident, day, seed, a_day, kinds)
        if kinds is not None and (wide := SCHEME_WIDE.intersection(kinds)):
            drawn = sorted([*drawn, *_of_scheme(resident, day, seed, wide)], key=lambda one: one.at)
        for one in drawn:
            if one.at >= free:
                over = one.at if kinds is None or one.nature.beside else one.end
                free = over + APART
                yield one


def _of_day(
    resident: Resident, day: date, seed: int, a_day: float, kinds: Sequence[What] | None
) -> list[Happening]:
    chance = Random(f"{seed}/{resident.home}/{day.isoformat()}/happenings")
    count = int(a_day) + (chance.random() < a_day % 1)
    found = []
    for _ in range(count):
        if kinds is None:
            what = chance.choices(list(STREET_KINDS), list(STREET_KINDS.values()))[0]
            minute = chance.uniform(DAY_FROM, DAY_UNTIL)
            if what is What.DOOR_AT_NIGHT:
                minute = chance.uniform(*_WHEN[what])
            found.append(Happening(_at(resident, day, minute), resident.home, what))
            continue
        own = [what for what in kinds if what not in SCHEME_WIDE and _may(what, resident)]
        if own:
            found.append(_draw(resident, day, seed, chance, chance.choice(own)))
    return sorted(found, key=lambda one: one.at)


def _may(what: What, resident: Resident) -> bool:
    """Whether something can happen to somebody: no dose is missed where none is taken."""
    return what is not What.MISSED_MEDICINE or bool(resident.doses)


def _draw(resident: Resident, day: date, seed: int, chance: Random, what: What) -> Happening:
    """Return something that happens on a day at a time that suits it."""
    at = _at(resident, day, chance.uniform(*_WHEN.get(what, (DAY_FROM, DAY_UNTIL))))
    plan = plan_of_day(resident, day, seed)
    if what is What.NOT_UP:
        at = plan.at(plan.wake) - 20 * MINUTE
    elif what is What.MISSED_MEDICINE and resident.doses:
        at = plan.at(plan.second_of(chance.choice(resident.doses)))
    lasts: Duration = 0
    if what is What.UNSEEN_FALL:
        lasts = HELPLESS
    elif what in _DAYS:
        lasts = chance.randint(*_DAYS[what]) * DAY + int(chance.uniform(-3, 6) * HOUR)
    elif what in _HOURS:
        lasts = int(chance.uniform(*_HOURS[what]) * HOUR)
    device = ""
    if what is What.DYING_BATTERY:
        device = chance.choice(_WITH_BATTERY)
    elif what is What.STUCK_SENSOR:
        device = chance.choice(_SENSORS)
    return Happening(at, resident.home, what, at + lasts if lasts else 0, device)


def _of_scheme(
    resident: Resident, day: date, seed: int, wide: frozenset[What]
) -> Iterator[Happening]:
    """Yield an outage that all homes of the scheme have at the same time."""
    chance = Random(f"{seed}/{resident.scheme}/{day.isoformat()}/outage")
    if chance.random() < SCHEME_OUTAGES:
        what = chance.choice(sorted(wide))
        at = _at(resident, day, chance.uniform(0, 24 * 60))
        lasts = int(chance.uniform(2, 8) * HOUR)
        yield Happening(at, resident.home, what, at + lasts)


def _at(resident: Resident, day: date, minute: float) -> Instant:
    midnight = datetime.combine(day, time(), ZoneInfo(resident.zone))
    return int((midnight + timedelta(minutes=minute)).timestamp()) * SECOND


# --- as somebody writes it down -----------------------------------------------------------------

_WRITTEN: Final = re.compile(
    r"(?P<what>[a-z_-]+)(?::(?P<device>[A-Za-z0-9_.-]+))?@(?P<when>[0-9T:.+Z-]+)"
    r"(?:/(?P<lasts>(?:\d+[dhms])+))?"
)
MOST_LASTS: Final = 366 * DAY
"""How long something that somebody writes down may go on."""

_UNITS: Final = {"d": DAY, "h": HOUR, "m": MINUTE, "s": SECOND}


def parse_happening(text: str, resident: Resident) -> Happening:
    """Return what `what[:device]@when[/how long]` says happens in a home.

    Args:
        text: like `fall@2026-03-04T10:15`, `holiday@2026-03-04T09:00/5d` or
            `stuck-sensor:hall@2026-03-04T10:15Z`. A time without a zone is the home's own.
        resident: in whose home.

    Raises:
        ConfigError: it cannot be read; the sentence says what to write instead.
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise ConfigError([f"'{text}' is no event; write one like fall@2026-03-04T10:15"])
    name = found["what"].replace("-", "_")
    if name not in set(What):
        names = ", ".join(sorted(What))
        raise ConfigError([f"'{text}': nothing is called '{name}'; write one of {names}"])
    try:
        moment = datetime.fromisoformat(found["when"])
    except ValueError:
        raise ConfigError(
            [f"'{text}': '{found['when']}' is no time; write one like 2026-03-04T10:15"]
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(resident.zone))
    at = to_instant(moment)
    lasts = sum(
        int(number) * _UNITS[unit]
        for number, unit in re.findall(r"(\d+)([dhms])", found["lasts"] or "")
    )
    if lasts > MOST_LASTS:
        raise ConfigError(
            [f"'{text}': '{found['lasts']}' is too long; write at most {MOST_LASTS // DAY}d"]
        )
    return Happening(
        at, resident.home, What(name), at + lasts if lasts else 0, found["device"] or ""
    )
