"""More nights, in a file of their own so that another worker plays them; see `test_seeds`."""

import pytest

from telecared.sim.nights.night import play
from tests.faults.nights import play_many

SEEDS = range(250, 500)
CHUNK = 25
MANY_SEEDS = range(5_000, 10_000)
MANY_IN_A_CHUNK = 250


@pytest.mark.parametrize("first", SEEDS[::CHUNK])
def test_no_promise_is_broken_in_any_of_these_nights_either(first: int) -> None:
    """P1 to P7, P9, P11: whatever is lost, doubled, late, full, dead or put wrong."""
    for seed in range(first, first + CHUNK):
        play(seed)


@pytest.mark.acceptance
@pytest.mark.parametrize("first", MANY_SEEDS[::MANY_IN_A_CHUNK])
def test_no_promise_is_broken_in_the_second_five_thousand_nights(first: int) -> None:
    """The other half of ten thousand."""
    play_many(range(first, first + MANY_IN_A_CHUNK))
