"""Nothing is acknowledged to the broker before it is safe (promise P1, decision 7)."""

import pytest

from telecared.errors import StoreError
from telecared.store_port import Batch
from tests.engine.conftest import MakeNight
from tests.engine.scenery import PENDANT, plan_of


async def test_a_press_is_acknowledged_only_once_it_is_on_disk(
    night: MakeNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P1: during the commit nothing is acknowledged; after it, everything in the order received."""
    async with night(plan=plan_of(PENDANT)) as it:
        seen: list[int] = []
        commit = it.store.commit

        async def looking(batch: Batch) -> int:
            took = await commit(batch)
            seen.append(len(it.session.acknowledged))
            return took

        monkeypatch.setattr(it.store, "commit", looking)
        messages = [it.message("pir", motion="detected", seq=n) for n in range(5)]
        messages.append(it.message("pendant", trigger="pressed"))
        it.engine.arrived(messages)
        await it.turn()

        assert seen == [0]
        assert it.session.acknowledged == messages
        assert len(it.inputs("message")) == 6
        await it.settle()


async def test_a_commit_that_fails_acknowledges_nothing(
    night: MakeNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P1: the engine dies on a broken store, and the broker still holds what it had sent."""
    async with night(plan=plan_of(PENDANT)) as it:

        async def broken(batch: Batch) -> int:
            raise StoreError("the disk is broken")

        with monkeypatch.context() as patched:
            patched.setattr(it.store, "commit", broken)
            it.engine.arrived([it.message(trigger="pressed")])
            with pytest.raises(StoreError):
                await it.turn()

        assert it.session.acknowledged == []
        assert it.inputs("message") == []
        await it.restarts(clean=False, last_words=False)
