"""Whole nights in virtual time, one for each seed: no promise is broken in any of them.

What is simulated and what is checked stands in docs/proving.md. A failure names the command that
plays its night again.
"""

import pytest

from telecared.sim.nights.night import play
from tests.faults.nights import play_many, played_elsewhere

SEEDS = range(250)
CHUNK = 25
MANY_SEEDS = range(5_000)
MANY_IN_A_CHUNK = 250


@pytest.mark.parametrize("first", SEEDS[::CHUNK])
def test_no_promise_is_broken_in_any_of_these_nights(first: int) -> None:
    """P1 to P7, P9, P11: whatever is lost, doubled, late, full, dead or put wrong."""
    for seed in range(first, first + CHUNK):
        play(seed)


@pytest.mark.acceptance
@pytest.mark.parametrize("first", MANY_SEEDS[::MANY_IN_A_CHUNK])
def test_no_promise_is_broken_in_the_first_five_thousand_nights(first: int) -> None:
    """The same for far more seeds; `test_more_seeds` plays as many on another core."""
    play_many(range(first, first + MANY_IN_A_CHUNK))


@pytest.mark.parametrize("seed", [3, 6])
def test_a_seed_is_one_night_and_no_other(seed: int) -> None:
    """The same seed plays the same night in another process, whose hashes are others."""
    here = play(seed).lines

    there = [played_elsewhere(seed, hashes) for hashes in ("1", "2")]

    assert there == [here, here]


def test_other_seeds_are_other_nights() -> None:
    """Seeds differ in more than their number."""
    nights = {"\n".join(play(seed).lines) for seed in range(5)}

    assert len(nights) == 5
