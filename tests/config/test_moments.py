"""Moments in scenarios: from the start, on the home's clocks, in both nights that change them."""

from zoneinfo import ZoneInfo

import pytest

from telecared.config.moments import (
    Origin,
    Span,
    parse_moment,
    parse_span,
    parse_stamp_of_device,
    parse_start,
)
from telecared.core.vocabulary import DAY, HOUR, MINUTE, SECOND, Instant
from telecared.core.windows import rfc3339

LONDON = ZoneInfo("Europe/London")


def _at(text: str, zone: ZoneInfo = LONDON) -> Instant:
    return parse_start(text, zone)


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("+2m5s", "2026-03-02T10:02:05"),
        ("+0s", "2026-03-02T10:00:00"),
        ("10:00", "2026-03-02T10:00:00"),
        ("10:00:30", "2026-03-02T10:00:30"),
        ("02:10", "2026-03-03T02:10:00"),
        ("Sun 02:10", "2026-03-08T02:10:00"),
        ("Mon 09:00", "2026-03-09T09:00:00"),
        ("2026-03-04T02:10", "2026-03-04T02:10:00"),
        ("2026-03-04 02:10:07", "2026-03-04T02:10:07"),
        ("2026-03-04T02:10:00+01:00", "2026-03-04T01:10:00"),
    ],
)
def test_a_moment_is_written_in_three_ways(written: str, at: str) -> None:
    """From the start, on the home's clocks, or whole."""
    origin = Origin(_at("2026-03-02T10:00"), LONDON)

    assert rfc3339(parse_moment(written, origin))[:19] == at


@pytest.mark.parametrize(
    "written",
    ["10s", "25:00", "2026-02-30T10:00", "Son 10:00", "soon", "", 5, None, "+2x", "+367d"],
)
def test_what_is_no_moment_is_answered_with_a_sentence(written: object) -> None:
    """Also what lies before the start, or more than a year after it."""
    origin = Origin(_at("2026-03-02T10:00"), LONDON)

    with pytest.raises(ValueError, match=r"; (write|look|move)"):
        parse_moment(written, origin)
    with pytest.raises(ValueError, match="before the start"):
        parse_moment("2026-03-02T09:59", origin)


def test_local_time_is_right_in_both_nights_in_which_the_clocks_change() -> None:
    """The skipped hour is refused, of the doubled one the first is meant."""
    spring = Origin(_at("2026-03-28T23:50"), LONDON)
    autumn = Origin(_at("2026-10-24T23:50"), LONDON)

    assert rfc3339(parse_moment("02:10", spring))[:16] == "2026-03-29T01:10"
    with pytest.raises(ValueError, match="2026-03-29 has no 01:30:00 in Europe/London"):
        parse_moment("01:30", spring)
    assert rfc3339(parse_moment("01:30", autumn))[:16] == "2026-10-25T00:30"
    assert rfc3339(parse_moment("2026-10-25T01:30:00Z", autumn))[:16] == "2026-10-25T01:30"


def test_a_span_has_both_its_ends() -> None:
    """Or it is one moment; it never ends before it begins."""
    start = _at("2026-03-02T10:00")
    origin = Origin(start, LONDON)

    assert parse_span("+2m..+2m5s", origin) == Span(start + 2 * MINUTE, start + 125 * SECOND)
    assert parse_span("+0s .. 10:05", origin) == Span(start, start + 5 * MINUTE)
    assert parse_span("+2m", origin) == Span(start + 2 * MINUTE, start + 2 * MINUTE)
    with pytest.raises(ValueError, match="ends before it begins"):
        parse_span("+2m..+1m", origin)
    with pytest.raises(ValueError, match="not a moment: '7'"):
        parse_span(7, origin)


def test_a_device_may_have_any_clock() -> None:
    """1970, a day ahead, two hours behind: what scenarios are for."""
    at = _at("2026-03-02T10:00")
    origin = Origin(at, LONDON)

    assert parse_stamp_of_device("-2h", at, origin) == at - 2 * HOUR
    assert parse_stamp_of_device("+1d", at, origin) == at + DAY
    assert parse_stamp_of_device("1970-01-01T00:00:00Z", at, origin) == 0
    for wrong in ("yesterday", 4, "-x"):
        with pytest.raises(ValueError, match="; write "):
            parse_stamp_of_device(wrong, at, origin)
