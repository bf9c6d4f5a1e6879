"""A month day by day, for plots, and what its SMS cost: folds of what a report is made of.

The month's own figures are `report`. A day is a local day of the period's time zone.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import msgspec

from telecared.core.answers import Answered
from telecared.core.report_parts import Period
from telecared.core.timing import percentile
from telecared.core.vocabulary import SECOND, Duration, Instant, Priority
from telecared.core.windows import local

PRESSING = (Priority.LIFE_SAFETY, Priority.URGENT)


class TextSent(msgspec.Struct, frozen=True, kw_only=True):
    """One SMS that left. `rule` is "" where it was about no alert of the period."""

    at: Instant
    rule: str
    segments: int


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """One local day.

    Attributes:
        opened: priority -> alerts that opened; those on watch are not counted.
        answered: alerts of life safety or urgency that are measured from the sensor.
        within_60, within_180: of these, taken within so many seconds; who nobody took was not.
        median, slowest: from the sensor to a named person, None where nobody took any.
    """

    day: date
    opened: dict[Priority, int]
    answered: int = 0
    within_60: int = 0
    within_180: int = 0
    median: Duration | None = None
    slowest: Duration | None = None


class TextCost(msgspec.Struct, frozen=True, kw_only=True):
    """What the SMS of one rule's alerts cost; `cost` None where no price is known.

    Attributes:
        segments: SMS that are paid for: a long text is several.
    """

    rule: str
    texts: int
    segments: int
    cost: float | None


def days_of(period: Period, answered: Iterable[Answered]) -> list[Day]:
    """Return every local day of a period, those without any alert among them."""
    zone = ZoneInfo(period.timezone)
    by_day: dict[date, list[Answered]] = {}
    for one in answered:
        if period.holds(one.seen.opened_at) and not one.seen.watch:
            by_day.setdefault(local(one.seen.opened_at, zone, 0).date(), []).append(one)
    day = local(period.since, zone, 0).date()
    last = local(max(period.since, period.until - 1), zone, 0).date()
    found = []
    while day <= last:
        found.append(_day(day, by_day.get(day, [])))
        day += timedelta(days=1)
    return found


def _day(day: date, answered: Sequence[Answered]) -> Day:
    counts = Counter(one.seen.priority for one in answered)
    pressing = [one for one in answered if one.seen.priority in PRESSING]
    took = sorted(one.from_sensor for one in pressing if one.from_sensor is not None)
    return Day(
        day=day,
        opened={priority: counts[priority] for priority in Priority},
        answered=len(pressing),
        within_60=sum(one <= 60 * SECOND for one in took),
        within_180=sum(one <= 180 * SECOND for one in took),
        median=percentile(took, 50) if took else None,
        slowest=took[-1] if took else None,
    )


def text_costs(texts: Iterable[TextSent], period: Period, price: float | None) -> list[TextCost]:
    """Return what the SMS of a period cost, rule by rule, the dearest first.

    Args:
        texts: what left.
        period: those outside it are not counted.
        price: of one segment, in whatever money; None where it is not known.
    """
    sent: Counter[str] = Counter()
    paid: Counter[str] = Counter()
    for one in texts:
        if period.holds(one.at):
            sent[one.rule] += 1
            paid[one.rule] += one.segments
    return [
        TextCost(
            rule=rule,
            texts=sent[rule],
            segments=count,
            cost=None if price is None else round(count * price, 4),
        )
        for rule, count in sorted(paid.items(), key=lambda item: (-item[1], item[0]))
    ]
