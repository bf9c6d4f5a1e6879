"""Who is on duty at any instant, exactly: turns, hours, leave and overrides in local time.

Pure arithmetic on a `rota.Rota`, across both daylight saving changes. All instants here are of the
wall clock (UTC); turning engine time into them, and names into phones, is `telling`.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from telecared.core.rota import Layer, Leave, Override, Rota
from telecared.core.vocabulary import DAY, Duration, Instant
from telecared.core.when import Holidays
from telecared.core.windows import Span, inside, local, merged, spans, wall_instant

MAX_SPAN: Final[Duration] = 30 * 366 * DAY
"""The longest time of which the shifts can be asked."""

_A_LOOK: Final[Duration] = 300 * DAY
"""How much of a layer's hours is worked out in one go: less than `windows.spans` looks ahead."""

_DAYS_OF_TURN: Final = {"daily": 1, "weekly": 7}

_PROOF_YEARS: Final = 2
"""Years after which hours without dates have met every weekday and both changes of the clocks."""

_PROOF_YEARS_OF_DATES: Final = 29
"""Years after which every date has met every weekday, 29 February too."""


class Shift(NamedTuple):
    """A stretch in which one person is on duty without a break; `person` None: nobody is."""

    since: Instant
    until: Instant
    person: str | None


class Handover(NamedTuple):
    """The instant at which one person leaves and another comes; None is nobody."""

    at: Instant
    leaves: str | None
    comes: str | None


def turn_days(turn: str) -> int | None:
    """Return the days of a turn, None for a monthly one.

    Raises:
        ValueError: it is no turn.
    """
    if turn == "monthly":
        return None
    return _DAYS_OF_TURN.get(turn) or int(turn.removesuffix("d"))


def on_duty(rota: Rota, at: Instant, overrides: Sequence[Override] = ()) -> tuple[str, ...]:
    """Return who is on duty at an instant of the wall clock; nobody, or one person.

    Of the rota's own overrides and `overrides` the last one that holds wins over every layer; of
    the layers the last one that has somebody. The first in the order of turns who is not on leave
    stands in for a person who is.
    """
    person = _person(rota, at, overrides)
    return () if person is None else (person,)


def _person(rota: Rota, at: Instant, overrides: Sequence[Override]) -> str | None:
    for override in reversed((*rota.overrides, *overrides)):
        if override.since <= at < override.until:
            return override.person or None
    zone = ZoneInfo(rota.timezone)
    for layer in reversed(rota.layers):
        if inside(layer.hours, zone, (), at, ordinals(rota.holidays)):
            person = _in_turn(layer, zone, at, rota.leave)
            if person is not None:
                return person
    return None


def _in_turn(layer: Layer, zone: ZoneInfo, at: Instant, leave: Sequence[Leave]) -> str | None:
    """Return whose turn it is, or who stands in; None when everybody is on leave."""
    away = {one.person for one in leave if one.since <= at < one.until}
    first = turn_number(layer, zone, at)
    for after in range(len(layer.people)):
        person = layer.people[(first + after) % len(layer.people)]
        if person not in away:
            return person
    return None


def turn_number(layer: Layer, zone: ZoneInfo, at: Instant) -> int:
    """Return the number of the turn that an instant lies in; 0 is that of `layer.start`."""
    days = turn_days(layer.turn)
    today = local(at, zone).date()
    first = date.fromisoformat(layer.start)
    if days is None:
        number = (today.year - first.year) * 12 + today.month - first.month
    else:
        number = (today - _first_day(layer, days)).days // days
    while turn_begins(layer, zone, number) > at:
        number -= 1
    while turn_begins(layer, zone, number + 1) <= at:
        number += 1
    return number


def _first_day(layer: Layer, days: int) -> date:
    """Return the local day on which turn 0 begins: for whole weeks the weekday of the handover."""
    start = date.fromisoformat(layer.start)
    if days % 7:
        return start
    return start - timedelta(days=(start.weekday() - layer.handover[0]) % 7)


def turn_begins(layer: Layer, zone: ZoneInfo, number: int) -> Instant:
    """Return the instant of the wall clock at which a turn begins.

    A minute that does not exist on that day is the instant at which the clocks are put forward;
    of one that exists twice it is the first.
    """
    return _begins(layer.turn, layer.handover, layer.start, zone, number)


@lru_cache(maxsize=16384)
def _begins(
    turn: str, handover: tuple[int, int], start: str, zone: ZoneInfo, number: int
) -> Instant:
    layer = Layer(people=(), turn=turn, handover=handover, start=start)
    days = turn_days(turn)
    if days is None:
        first = date.fromisoformat(start)
        year, month = divmod(first.year * 12 + first.month - 1 + number, 12)
        day = date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))
    else:
        day = _first_day(layer, days) + timedelta(days=days * number)
    return wall_instant(day, handover[1], zone, last=False)


# --- stretches of time ------------------------------------------------------------------------


def shifts(
    rota: Rota, since: Instant, until: Instant, overrides: Sequence[Override] = ()
) -> list[Shift]:
    """Return who is on duty from `since` to `until`, without a gap and in order.

    The first and the last are cut off at the ends of the time that is asked for.

    Raises:
        ValueError: it is longer than `MAX_SPAN`.
    """
    if until - since > MAX_SPAN:
        raise ValueError("ask for at most thirty years of a rota")
    found: list[Shift] = []
    edges = sorted({edge for edge in _edges(rota, since, until, overrides) if since < edge < until})
    for begins, ends in zip((since, *edges), (*edges, until), strict=True):
        person = _person(rota, begins, overrides)
        if found and found[-1].person == person:
            found[-1] = found[-1]._replace(until=ends)
        elif begins < ends:
            found.append(Shift(begins, ends, person))
    return found


def handovers(
    rota: Rota, since: Instant, until: Instant, overrides: Sequence[Override] = ()
) -> list[Handover]:
    """Return every instant after `since` and before `until` at which somebody else comes."""
    found = shifts(rota, since, until, overrides)
    return [Handover(after.since, before.person, after.person) for before, after in pairwise(found)]


def holes(
    rota: Rota, since: Instant, until: Instant, overrides: Sequence[Override] = ()
) -> list[Span]:
    """Return the stretches between `since` and `until` in which nobody is on duty."""
    found = shifts(rota, since, until, overrides)
    return [(one.since, one.until) for one in found if one.person is None]


def _edges(
    rota: Rota, since: Instant, until: Instant, overrides: Sequence[Override]
) -> Iterator[Instant]:
    """Yield every instant at which it may begin to be somebody else."""
    for stated in (rota.overrides, overrides, rota.leave):
        for span in _spans_of(stated):
            yield from span
    zone = ZoneInfo(rota.timezone)
    for layer in rota.layers:
        if layer.people:
            yield from _turns(layer, zone, since, until)
        for opens, closes in _hours(layer, zone, since, until, ordinals(rota.holidays)):
            yield from (opens, closes)


def _spans_of(stated: Iterable[Override] | Iterable[Leave]) -> list[Span]:
    return [(one.since, one.until) for one in stated]


def _turns(layer: Layer, zone: ZoneInfo, since: Instant, until: Instant) -> Iterator[Instant]:
    number = turn_number(layer, zone, since)
    while True:
        number += 1
        begins = turn_begins(layer, zone, number)
        if begins >= until:
            return
        yield begins


def _hours(
    layer: Layer, zone: ZoneInfo, since: Instant, until: Instant, holidays: frozenset[int]
) -> Iterator[Span]:
    """Yield the stretches of a layer's hours that touch the time from `since` to `until`."""
    for start in range(since, until, _A_LOOK) if layer.hours else ():
        for opens, closes in spans(layer.hours, zone, (), start, holidays):
            if opens >= min(start + _A_LOOK, until):
                break
            yield opens, closes


@lru_cache(maxsize=256)
def ordinals(days: tuple[str, ...]) -> frozenset[int]:
    """Return dates as `windows` knows public holidays."""
    return frozenset(date.fromisoformat(day).toordinal() for day in days)


# --- for the linter ---------------------------------------------------------------------------


def proved_without_hole(rota: Rota) -> bool:
    """Whether somebody is on duty at every instant, as far as the file tells.

    Proved over the whole cycle: every weekday and date, both changes of the clocks, whatever day
    may become a public holiday, and all leave and overrides of the rota.
    """
    return first_hole(rota) is None


def first_hole(rota: Rota) -> Span | None:
    """Return a stretch in which nobody is on duty, or None; see `proved_without_hole`."""
    for since, until in merged([*_spans_of(rota.leave), *_spans_of(rota.overrides)]):
        for begins in range(since, until, MAX_SPAN):
            found = holes(rota, begins, min(until, begins + MAX_SPAN))
            if found:
                return found[0]
    zone = ZoneInfo(rota.timezone)
    if any(layer.people and not layer.hours for layer in rota.layers):
        return None
    since, until = _cycle(rota, zone)
    for holidays in _patterns(rota, since, until, zone):
        hole = _uncovered(rota, zone, since, until, holidays)
        if hole is not None:
            return hole
    return None


def _cycle(rota: Rota, zone: ZoneInfo) -> Span:
    """Return a stretch after which the hours of all layers have been through all they know."""
    dates = [
        told
        for layer in rota.layers
        for window in layer.hours
        for each in window.dates
        for told in (each.first, each.last)
    ]
    years = [int(day[:4]) for day in (*(one for one in dates if len(one) == 10), *rota.holidays)]
    begun = [date.fromisoformat(layer.start).year for layer in rota.layers]
    first, last = min(begun + years), max(begun + years)
    last += _PROOF_YEARS_OF_DATES if dates else _PROOF_YEARS
    return (
        wall_instant(date(first, 1, 1), 0, zone, last=False),
        wall_instant(date(last, 1, 1), 0, zone, last=False),
    )


def _patterns(
    rota: Rota, since: Instant, until: Instant, zone: ZoneInfo
) -> Iterable[frozenset[int]]:
    """Return which days may be public holidays: with these any two days that follow each other.

    A holiday that is not yet known must find somebody on duty too.
    """
    windows = [window for layer in rota.layers for window in layer.hours]
    if all(window.holidays is Holidays.AS_DAYS for window in windows):
        return (frozenset(),)
    first, last = (local(at, zone).toordinal() for at in (since, until))
    days = range(first - 3, last + 3)
    return (
        ordinals(rota.holidays),
        frozenset(),
        frozenset(days),
        frozenset(day for day in days if day % 2),
        frozenset(day for day in days if not day % 2),
    )


def _uncovered(
    rota: Rota, zone: ZoneInfo, since: Instant, until: Instant, holidays: frozenset[int]
) -> Span | None:
    """Return the first stretch in which no layer has its hours, or None."""
    covered = merged(
        [
            span
            for layer in rota.layers
            if layer.people
            for span in _hours(layer, zone, since, until, holidays)
        ]
    )
    at = since
    for opens, closes in covered:
        if opens > at:
            return at, opens
        at = closes
    return None if at >= until else (at, until)
