"""What the shipped rules find in simulated homes, and how often they ring for nothing."""

import pytest

from telecared.cli.scoring import show_score
from telecared.sim.happenings import What
from telecared.sim.occurring import Kind
from telecared.sim.score import Score
from tests.scenarios.score_homes import Trial, score_homes

UNSEEN_SEED = 20_261_123
"""Never run while rules, residents or the score were built; the small trials use others. Two seeds
that were kept for this showed defects and so became seen ones: 20260331 of the simulator, 20261122
of the truth about dead sensors."""


def of_class(score: Score, kind: Kind) -> tuple[int, int, int]:
    """How much of a class happened, was found, and was found in time."""
    share = next(one for one in score.by_class if one.name == kind)
    return share.happened, share.found, share.in_time


def test_three_homes_of_many_makers_are_scored() -> None:
    """Lives, wire formats, devices' habits, rules and the score, together in small."""
    kinds = (What.PENDANT, What.FALL, What.SMOKE, What.LEFT_BED, What.POWER_CUT)
    score, messages = score_homes(Trial(2, 0, 3, 3, 1.0, kinds))
    assert messages > 3 * 3 * 300
    happened, found, in_time = of_class(score, Kind.LIFE_SAFETY)
    assert happened == found == in_time > 0
    assert score.false_urgent == 0.0
    assert score.homes == 3


@pytest.mark.acceptance
def test_a_month_of_two_hundred_homes(capsys: pytest.CaptureFixture[str]) -> None:
    """Life safety is all found, inactivity within its rule's limit, and few ring falsely."""
    score, _ = score_homes(Trial(UNSEEN_SEED, 0, 200, 30, 0.25), processes=2)
    with capsys.disabled():
        show_score(score)
    happened, found, in_time = of_class(score, Kind.LIFE_SAFETY)
    assert happened == found == in_time > 100
    happened, _, in_time = of_class(score, Kind.INACTIVITY)
    assert happened == in_time > 50
    assert score.false_urgent <= 0.1
