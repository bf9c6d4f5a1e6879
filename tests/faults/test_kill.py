"""`kill -9` at each arrow of the data path: nothing acknowledged is lost (promise P1, P4)."""

from pathlib import Path

import pytest

from telecared.core.vocabulary import AlertState
from tests.faults.story import BEN, Site


@pytest.mark.parametrize(
    "point", ["after-receive", "before-commit", "after-commit", "after-attempt", "after-send"]
)
async def test_a_pressed_pendant_outlives_a_kill_at(point: str, tmp_path: Path) -> None:
    """P1, P4: whatever instant the daemon dies at, one press is one alert and one message."""
    async with Site(tmp_path) as site:
        site.start(point)
        await site.until(lambda: site.count("connected") >= 1, "the link")
        await site.press(seq=1)
        await site.died()

        site.start()
        await site.until(lambda: bool(site.sent_to(BEN)), "the message")
        await site.until(lambda: _delivered(site) >= 1, "the receipt")
        code = await site.stop()

        assert code == 0
        presses = [row for row in site.inputs("message") if row.readings]
        assert len(presses) == 1
        alerts = site.alerts("pendant-pressed")
        assert [(row.state, row.repeats) for row in alerts] == [(AlertState.OPEN, 0)]
        assert len(site.sent_to(BEN)) == 1
        site.assert_sound()


def _delivered(site: Site) -> int:
    records = site.records("h001")
    return sum(1 for row in records if row.record.event == "notification.delivered")
