"""What it costs to look at a home's deadlines, beside taking in one reading the full way.

Under forty rules of seven kinds, some combined. A figure to compare with the last release: what a
home is looked at for, and how often, is the core's own business.
"""

from pathlib import Path

import pytest

from telecared.core.events import HomeRegistered, MessageHeard
from telecared.core.readings import Reading
from telecared.core.site import ALWAYS_ON
from telecared.core.state import HomeState
from telecared.core.step import fold, step
from telecared.core.vocabulary import MINUTE
from tests.bench.test_step_ratio import AT, RULES, best_us, home_of

pytestmark = pytest.mark.bench

RATIO_LIMIT = 200
"""Only catches what has become silly; the ratio is printed."""


def test_what_a_look_at_all_deadlines_costs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Some life in the home first, so that there is something to be due."""
    home, _ = home_of(tmp_path, "native")
    state = step(HomeState(home="h1"), HomeRegistered(input=1, at=AT), home, ALWAYS_ON).state
    told = [("d0", "motion", "detected"), ("d1", "contact", "open"), ("d2", "occupancy", "vacant")]
    for number, (device, name, word) in enumerate(told * 3):
        event = MessageHeard(
            input=2, at=AT + number * MINUTE, device=device, readings=(Reading(device, name, word),)
        )
        state = step(state, event, home, ALWAYS_ON).state
    heard = MessageHeard(
        input=3, at=state.at + 1, device="d0", readings=(Reading("d0", "humidity", 61.5),), qos=1
    )
    looking, taking = best_us(
        lambda: home.rule_deadlines(state, ALWAYS_ON),
        lambda: fold(state, heard, home, ALWAYS_ON),
        rounds=40,
        calls=20,
    )
    ratio = looking / taking
    with capsys.disabled():
        print(f"\n  {RULES} rules: a look {looking:.0f} us, {ratio:.0f} full readings")
    assert ratio < RATIO_LIMIT
