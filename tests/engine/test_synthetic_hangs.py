"""The synthetic resident when the store itself hangs: rounds go on, and each failure is paged."""

import asyncio

import pytest

from telecared.pulse import Beat
from telecared.store_port import CommandRow
from tests.engine.test_synthetic import Stage


async def test_a_disk_that_hangs_does_not_keep_the_failure_from_being_paged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """P8: closing the last round's alert waits for a disk that never answers, and gives up."""
    monkeypatch.setattr("telecared.synthetic.TOLD_SECONDS", 0.01)
    stage = Stage()

    async def hangs(command: CommandRow) -> int:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(stage, "add_command", hangs)
    resident = stage.make()
    resident.restored({1: None})
    stage.beat = Beat.STUCK
    async with asyncio.timeout(5):
        for _ in range(2):
            assert (await resident.once()).failed
    assert len(stage.pages) == 2
