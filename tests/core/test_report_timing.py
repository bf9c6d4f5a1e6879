"""Percentiles by nearest rank: exact, and always a time that was measured."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telecared.core.timing import Timing, percentile, timing_of


def naive(values: list[int], percent: int) -> int:
    """The smallest value that at least so many of a hundred values do not exceed."""
    return min(
        value
        for value in values
        if 100 * sum(other <= value for other in values) >= percent * len(values)
    )


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=60), st.integers(1, 100))
def test_a_percentile_is_what_counting_by_hand_gives(values: list[int], percent: int) -> None:
    """Whatever was measured, the quick way and the naive one agree to the microsecond."""
    assert percentile(sorted(values), percent) == naive(values, percent)


@given(st.lists(st.integers(0, 10**12), max_size=60))
def test_a_timing_tells_the_same_whatever_the_order(values: list[int]) -> None:
    """Count, percentiles and the worst do not depend on who was measured first."""
    timing = timing_of(values)

    assert timing == timing_of(reversed(values))
    assert timing.count == len(values)
    if values:
        assert (timing.p50, timing.worst) == (naive(values, 50), max(values))
        assert (timing.p95, timing.p99) == (naive(values, 95), naive(values, 99))
    else:
        assert timing == Timing()


@pytest.mark.parametrize(("values", "percent"), [([], 50), ([1], 0), ([1], 101)])
def test_what_has_no_percentile_is_refused(values: list[int], percent: int) -> None:
    """Nothing measured has no median, and there is no hundred-and-first of a hundred."""
    with pytest.raises(ValueError, match="from 1 to 100"):
        percentile(values, percent)
