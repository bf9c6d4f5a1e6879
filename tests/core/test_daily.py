"""A month day by day, and what its SMS cost."""

from datetime import date

import pytest

from telecared.core.answers import AlertSeen, Answered
from telecared.core.daily import TextSent, days_of, text_costs
from telecared.core.months import month_period
from telecared.core.report_parts import Period
from telecared.core.streams import parse_stamp
from telecared.core.vocabulary import HOUR, MINUTE, SECOND, AlertState, Instant, Priority


def at(text: str) -> Instant:
    """Return an instant of the story."""
    return parse_stamp(text)


MARCH = month_period("2026-03", None, "Europe/London", at("2026-05-01T00:00:00Z"))


def an_answer(
    opened: str, took: int | None, priority: Priority = Priority.URGENT, *, watch: bool = False
) -> Answered:
    """Return an alert and how long it took until a named person had it."""
    opened_at = at(opened)
    seen = AlertSeen(
        home="larch-12",
        n=1,
        rule="fall",
        priority=priority,
        state=AlertState.OPEN,
        opened_at=opened_at,
        sensed_at=opened_at,
        watch=watch,
    )
    return Answered(seen=seen, answered_at=None if took is None else opened_at + took)


def test_every_local_day_is_told_also_those_without_alerts() -> None:
    """A plot with holes would hide the quiet days; the last day has one hour less this month."""
    days = days_of(MARCH, [])

    assert [days[0].day, days[-1].day, len(days)] == [date(2026, 3, 1), date(2026, 3, 31), 31]
    assert all(day.median is None and not day.answered for day in days)


def test_an_alert_belongs_to_the_day_that_the_clocks_show() -> None:
    """Half past eleven at night in summer is the next day in UTC, and not to whoever reads it."""
    answered = [an_answer("2026-03-30T23:30:00Z", SECOND)]

    days = {day.day: day for day in days_of(MARCH, answered)}

    assert days[date(2026, 3, 31)].opened[Priority.URGENT] == 1
    assert days[date(2026, 3, 30)].opened[Priority.URGENT] == 0


def test_who_was_taken_by_nobody_counts_as_not_in_time() -> None:
    """The share must not rise because an alarm was never answered."""
    answered = [
        an_answer("2026-03-02T10:00:00Z", 30 * SECOND),
        an_answer("2026-03-02T11:00:00Z", 2 * MINUTE, Priority.LIFE_SAFETY),
        an_answer("2026-03-02T12:00:00Z", None),
        an_answer("2026-03-02T13:00:00Z", HOUR, Priority.TECHNICAL),
        an_answer("2026-03-02T14:00:00Z", SECOND, watch=True),
        an_answer("2026-02-02T14:00:00Z", SECOND),
    ]

    day = {day.day: day for day in days_of(MARCH, answered)}[date(2026, 3, 2)]

    assert (day.answered, day.within_60, day.within_180) == (3, 1, 2)
    assert (day.median, day.slowest) == (30 * SECOND, 2 * MINUTE)
    assert sum(day.opened.values()) == 4


def test_an_empty_period_has_its_first_day() -> None:
    """A month that has just begun is one day without anything."""
    begun = Period(name="2026-03", since=at("2026-03-01T00:00:00Z"), until=0, timezone="UTC")
    assert [day.day for day in days_of(begun, [])] == [date(2026, 3, 1)]


def test_a_long_text_is_paid_for_as_often_as_it_has_parts() -> None:
    """Who chooses words wants to know what they cost."""
    texts = [
        TextSent(at=at("2026-03-02T10:00:00Z"), rule="fall", segments=2),
        TextSent(at=at("2026-03-02T10:00:00Z"), rule="fall", segments=1),
        TextSent(at=at("2026-03-02T10:00:00Z"), rule="", segments=1),
        TextSent(at=at("2026-04-02T10:00:00Z"), rule="fall", segments=9),
    ]

    told = [(one.rule, one.texts, one.segments, one.cost) for one in text_costs(texts, MARCH, 0.04)]

    assert told == [("fall", 2, 3, 0.12), ("", 1, 1, 0.04)]
    assert [one.cost for one in text_costs(texts, MARCH, None)] == [None, None]


@pytest.mark.parametrize(
    ("month", "says"),
    [("2026-13", "is no month"), ("october", "is no month"), ("2027-01", "has not begun")],
)
def test_a_month_that_cannot_be_told_says_why(month: str, says: str) -> None:
    """The sentence names what was written."""
    with pytest.raises(ValueError, match=says):
        month_period(month, None, "UTC", at("2026-11-22T00:00:00Z"))


def test_december_ends_with_the_year() -> None:
    """The month after it is in another year; of a running month nothing is told in advance."""
    whole = month_period("2025-12", "northside", "UTC", at("2026-11-22T00:00:00Z"))
    running = month_period("2026-11", None, "UTC", at("2026-11-22T00:00:00Z"))

    assert (whole.until, whole.scheme) == (at("2026-01-01T00:00:00Z"), "northside")
    assert running.until == at("2026-11-22T00:00:00Z")
