"""Daily work runs at its local time, late rather than never, and apart from alarms."""

import asyncio
from datetime import timedelta

import pytest

from telecared.adapters.entropy import SALT_BYTES, salt
from telecared.adapters.housekeeping import Housekeeping
from telecared.errors import ConfigError


async def test_a_daily_job_runs_and_is_due_again_at_its_local_time() -> None:
    """After a turn the next one is at the same local time."""
    ran = asyncio.Event()

    async def job() -> None:
        ran.set()

    housekeeping = Housekeeping("Europe/London")
    housekeeping.daily("02:30", "retention", job)
    housekeeping.daily("02:30", "retention", job)
    housekeeping.start()
    due = housekeeping.next_run("retention")
    housekeeping.run_now("retention")
    await asyncio.wait_for(ran.wait(), 5)
    housekeeping.stop()
    housekeeping.stop()

    assert due is not None
    assert (due.hour, due.minute) == (2, 30)
    assert due.utcoffset() in (timedelta(0), timedelta(hours=1))
    assert housekeeping.next_run("nothing") is None


@pytest.mark.parametrize("at", ["24:00", "2.30", "", "12:60", "-1:00"])
def test_what_is_no_time_of_day_is_refused(at: str) -> None:
    """The sentence says what to write instead."""

    async def job() -> None:
        """Never runs."""

    with pytest.raises(ConfigError, match="write HH:MM"):
        Housekeeping("UTC").daily(at, "backup", job)


def test_salts_are_long_and_never_the_same() -> None:
    """Two salts differ, and each has the length that commitments count on."""
    assert len(salt()) == SALT_BYTES
    assert salt() != salt()
